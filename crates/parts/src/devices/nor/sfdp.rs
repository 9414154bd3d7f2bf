//! The serial flash discoverable parameters, computed from the part file.
//!
//! The header and the basic parameter table of nine double words, as JESD216 (April 2011) defines them.

use busproof_core::bus::spi::{Command, Phase, PhaseKind, Rate};

use super::Spec;
use crate::command::{Action, Commands};

/// Where the basic table begins.
const TABLE: usize = 0x80;
const DWORDS: u8 = 9;

/// Everything that the opcode 5Ah reads, from address 0 on; ones follow.
pub(super) fn build(spec: &Spec, commands: &Commands) -> Vec<u8> {
    let mut bytes = vec![0xff; TABLE];
    bytes[..8].copy_from_slice(&[b'S', b'F', b'D', b'P', 0, 1, 0, 0xff]);
    bytes[8..16].copy_from_slice(&[0, 0, 1, DWORDS, TABLE as u8, 0, 0, 0xff]);
    for dword in basic_table(spec, commands) {
        bytes.extend(dword.to_le_bytes());
    }
    bytes
}

fn basic_table(spec: &Spec, commands: &Commands) -> [u32; DWORDS as usize] {
    let fast = |instruction, address, data| fast_read(commands, [instruction, address, data]);
    let erases = erase_types(commands);
    [
        features(commands),
        u32::try_from(spec.size * 8 - 1).unwrap_or(u32::MAX),
        fast(1, 4, 4) | fast(1, 1, 4) << 16,
        fast(1, 1, 2) | fast(1, 2, 2) << 16,
        0xffff_ffee | u32::from(fast(4, 4, 4) != 0) << 4,
        0x0000_ffff,
        0xffff | fast(4, 4, 4) << 16,
        erases[0] | erases[1] << 16,
        erases[2] | erases[3] << 16,
    ]
}

/// Double word 1: what there is.
fn features(commands: &Commands) -> u32 {
    let erase_4k = commands.details.iter().position(|d| d.action == Action::Erase(4096));
    let opcode_4k = erase_4k.map_or(0xff, |row| commands.table.commands[row].opcode as u32 & 0xff);
    let has = |lanes| u32::from(fast_read(commands, lanes) != 0);
    let any = |test: fn(&Command) -> bool| u32::from(commands.table.commands.iter().any(test));
    let four_byte = u32::from(commands.details.iter().any(|d| d.action == Action::EnterFourByte));
    let double = any(|c| c.phases.iter().any(|p| p.lanes.rate == Rate::Double));
    0xff80_00e4
        | if erase_4k.is_some() { 0b01 } else { 0b11 }
        | opcode_4k << 8
        | has([1, 1, 2]) << 16
        | four_byte << 17
        | double << 19
        | has([1, 2, 2]) << 20
        | has([1, 4, 4]) << 21
        | has([1, 1, 4]) << 22
}

/// A fast read: wait states in bits 4-0, mode clocks in bits 7-5, the opcode above; 0 if there is none.
fn fast_read(commands: &Commands, [instruction, address, data]: [u8; 3]) -> u32 {
    let rows = commands.table.commands.iter().zip(&commands.details).enumerate();
    let reads = rows.filter(|(row, (_, detail))| {
        // Opcodes with addresses of 4 bytes have a table of their own, which this model lacks.
        let short = instruction == 4 || detail.address_grows;
        detail.action == Action::Read && short && commands.is_stated_on(*row, instruction)
    });
    let commands = reads.map(|(_, (command, _))| command);
    let mut fits = commands.filter(|command| travels_on(command.phases_on(instruction), address, data));
    fits.next().map_or(0, |command| clocks(command.phases_on(instruction)) | (command.opcode as u32) << 8)
}

/// True for phases whose address and data use that many lanes at single rate.
fn travels_on(phases: &[Phase], address: u8, data: u8) -> bool {
    let on = |kind, count| {
        phases.iter().any(|p| p.kind == kind && p.lanes.count == count && p.lanes.rate == Rate::Single)
    };
    on(PhaseKind::Address, address) && on(PhaseKind::Read, data)
}

/// Wait states in bits 4-0, mode clocks in bits 7-5.
fn clocks(phases: &[Phase]) -> u32 {
    let of = |kind| {
        phases.iter().find(|p| p.kind == kind).map_or((0, 1), |p| (p.length, u32::from(p.lanes.count)))
    };
    let ((wait, _), (mode, lanes)) = (of(PhaseKind::Dummy), of(PhaseKind::Mode));
    wait & 0x1f | ((mode / lanes) & 7) << 5
}

/// Up to four erases, smallest first: the binary logarithm of the size, the opcode above.
fn erase_types(commands: &Commands) -> [u32; 4] {
    let rows = commands.table.commands.iter().zip(&commands.details);
    let mut sizes: Vec<(u64, u32)> = rows
        .filter_map(|(command, detail)| match detail.action {
            Action::Erase(size) if detail.address_grows => Some((size, command.opcode as u32)),
            _ => None,
        })
        .collect();
    sizes.sort_unstable();
    let mut types = [0xff00; 4];
    for (slot, (size, opcode)) in types.iter_mut().zip(sizes) {
        *slot = size.ilog2() | opcode << 8;
    }
    types
}
