//! The flash, driven through the `Device` contract.

use busproof_core::bus::LoadError;
use busproof_core::bus::Severity;
use busproof_core::bus::spi::{Device, PhaseKind, Rate};
use busproof_core::time::Span;
use proptest::prelude::*;

use super::Nor;
use crate::devices::testing::Player;
use crate::{DeviceOptions, Pick, Spec, catalog};

fn flash_of(name: &str, options: DeviceOptions) -> Player<Nor> {
    let part = catalog::find(name).unwrap();
    let Some(Spec::Nor(spec)) = part.spec() else { panic!("{name} is no flash") };
    Player::new(Nor::new(spec, part.command_rows().unwrap(), part.times(), &options))
}

/// Delivered with QE = 1.
fn flash() -> Player<Nor> {
    flash_of("w25q128jv", DeviceOptions::default())
}

/// Delivered with QE = 0; has QPI and double rate.
fn dtr() -> Player<Nor> {
    flash_of("w25q128jv-dtr", DeviceOptions::default())
}

const MS: Span = Span::from_ms(1);

impl Player<Nor> {
    fn status(&mut self) -> u8 {
        self.bytes(&[0x05, 0])[1]
    }

    /// Write enable, the command, and as long as anything but a chip erase takes.
    fn change(&mut self, command: &[u8]) {
        self.bytes(&[0x06]);
        self.bytes(command);
        self.wait(MS * 2000);
    }

    fn read(&mut self, address: u32, count: usize) -> Vec<u8> {
        let mut mosi = with_address(0x03, address);
        mosi.resize(4 + count, 0);
        self.bytes(&mosi).split_off(4)
    }

    fn peek(&self, address: u64) -> u8 {
        self.device.peek(address, 1).unwrap()[0]
    }
}

fn with_address(opcode: u8, address: u32) -> Vec<u8> {
    let mut bytes = address.to_be_bytes();
    bytes[0] = opcode;
    bytes.to_vec()
}

#[test]
fn identifications() {
    let mut p = flash();
    assert_eq!(p.bytes(&[0x9f, 0, 0, 0])[1..], [0xef, 0x40, 0x18]);
    assert_eq!(p.bytes(&[0x90, 0, 0, 0, 0, 0, 0])[4..], [0xef, 0x17, 0xef]);
    assert_eq!(p.bytes(&[0x90, 0, 0, 1, 0, 0])[4..], [0x17, 0xef]);
    assert_eq!(p.bytes(&[0xab, 0, 0, 0, 0])[4], 0x17);
    let unique = p.bytes(&[0x4b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let mut other = flash_of("w25q128jv", DeviceOptions { seed: 1, ..DeviceOptions::default() });
    assert_ne!(unique[5..], other.bytes(&[0x4b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])[5..]);
    assert_eq!(unique, flash().bytes(&[0x4b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    assert!(p.codes().is_empty());
}

#[test]
fn sfdp_is_what_the_family_reads_back() {
    let mut p = flash();
    let mut mosi = vec![0x5a, 0, 0, 0, 0];
    mosi.resize(5 + 0x80 + 36, 0);
    let table = p.bytes(&mosi).split_off(5);
    assert_eq!(table[..8], *b"SFDP\x00\x01\x00\xff");
    assert_eq!(table[8..16], [0, 0, 1, 9, 0x80, 0, 0, 0xff]);
    // The basic table that W25Q128 parts are known to return, without double rate (F1) and QPI (EE, no 4-4-4).
    let known = [
        0xe5, 0x20, 0xf1, 0xff, 0xff, 0xff, 0xff, 0x07, 0x44, 0xeb, 0x08, 0x6b, 0x08, 0x3b, 0x80, 0xbb, 0xee,
        0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x0c, 0x20, 0x0f, 0x52, 0x10, 0xd8,
        0x00, 0xff,
    ];
    assert_eq!(table[0x80..], known);
}

#[test]
fn sfdp_of_the_dtr_part_shows_double_rate_and_qpi() {
    let mut p = dtr();
    let mut mosi = vec![0x5a, 0, 0, 0x80, 0];
    mosi.resize(5 + 36, 0);
    let table = p.bytes(&mosi).split_off(5);
    assert_eq!((table[2], table[16]), (0xf9, 0xfe));
    assert_eq!(table[24..28], [0xff, 0xff, 0x02, 0x0b]);
}

#[test]
fn a_page_is_programmed_and_read_on_one_lane() {
    let mut p = flash();
    p.change(&[0x02, 0, 0x10, 0, 1, 2, 3]);
    assert_eq!(p.read(0x1000, 4), [1, 2, 3, 0xff]);
    assert_eq!(p.bytes(&[0x0b, 0, 0x10, 1, 0, 0, 0])[5..], [2, 3]);
    assert_eq!(p.read(0xff_ffff, 1), [0xff]);
    assert!(p.codes().is_empty());
}

#[test]
fn programs_and_erases_take_their_time() {
    for (times, busy, done) in [(Pick::Max, 2_999, 3_001), (Pick::Typical, 399, 401)] {
        let mut p = flash_of("w25q128jv", DeviceOptions { times, ..DeviceOptions::default() });
        p.bytes(&[0x06]);
        assert_eq!(p.status(), 0x02);
        p.bytes(&[0x02, 0, 0, 0, 0]);
        assert_eq!(p.status(), 0x03);
        p.wait(Span::from_us(busy - 1));
        assert_eq!(p.status(), 0x03, "busy just before tPP");
        p.wait(Span::from_us(done - busy));
        assert_eq!(p.status(), 0x00, "ready, and no longer write enabled, just after tPP");
        assert!(p.codes().is_empty());
    }
}

#[test]
fn status_is_polled_within_one_transfer() {
    let mut p = flash();
    p.bytes(&[0x06]);
    p.bytes(&[0x02, 0, 0, 0, 0]);
    let mut t = p.select();
    t.byte(0x05);
    assert_eq!(t.byte(0), 0x03);
    for _ in 0..3_000_000 / 80 {
        t.byte(0);
    }
    assert_eq!(t.byte(0), 0x00);
    t.end();
}

#[test]
fn erases_cover_their_blocks() {
    for (opcode, size) in [(0x20, 4096u64), (0x52, 32 << 10), (0xd8, 64 << 10)] {
        let mut p = flash();
        let block = 0x20_0000;
        for at in [block - 1, block, block + size - 1, block + size] {
            p.device.load(at, &[0]).unwrap();
        }
        p.change(&with_address(opcode, (block + size / 2 + 5) as u32));
        let bytes = [block - 1, block, block + size - 1, block + size].map(|at| p.peek(at));
        assert_eq!(bytes, [0, 0xff, 0xff, 0], "{opcode:02x}");
        assert!(p.codes().is_empty());
    }
}

#[test]
fn a_chip_erase_erases_all() {
    for opcode in [0xc7, 0x60] {
        let mut p = flash();
        p.device.load(0, &[0]).unwrap();
        p.device.load(0xff_ffff, &[0]).unwrap();
        p.change(&[opcode]);
        assert_eq!((p.peek(0), p.peek(0xff_ffff)), (0xff, 0xff));
        assert_eq!(p.status() & 1, 1, "200 s are not over");
        p.wait(MS * 200_000);
        assert_eq!(p.status(), 0);
    }
}

#[test]
fn without_write_enable_nothing_changes() {
    let refused: [&[u8]; 8] = [
        &[0x02, 0, 0, 0, 0],
        &[0x20, 0, 0, 0],
        &[0x52, 0, 0, 0],
        &[0xd8, 0, 0, 0],
        &[0xc7],
        &[0x01, 0x04],
        &[0x31, 0x00],
        &[0x11, 0x60],
    ];
    for command in refused {
        let mut p = flash();
        p.device.load(0, &[0x55]).unwrap();
        p.bytes(command);
        assert_eq!(p.codes(), ["spi-nor::not-write-enabled"], "{command:02x?}");
        assert_eq!((p.peek(0), p.status()), (0x55, 0));
    }
}

#[test]
fn write_disable_and_a_finished_program_clear_the_latch() {
    let mut p = flash();
    p.bytes(&[0x06]);
    p.bytes(&[0x04]);
    p.bytes(&[0x02, 0, 0, 0, 0]);
    assert_eq!(p.codes(), ["spi-nor::not-write-enabled"]);
    p.change(&[0x02, 0, 0, 0, 0]);
    p.bytes(&[0x02, 0, 0, 1, 0]);
    assert_eq!(p.codes(), ["spi-nor::not-write-enabled"]);
    assert_eq!(p.peek(1), 0xff);
}

#[test]
fn a_busy_flash_takes_status_reads_only() {
    let mut p = flash();
    p.bytes(&[0x06]);
    p.bytes(&[0x20, 0, 0, 0]);
    assert_eq!(p.bytes(&[0x9f, 0, 0, 0])[1..], [0, 0, 0]);
    let remarks = p.remarks();
    assert_eq!(remarks[0].code, "spi-nor::busy");
    assert_eq!(remarks[0].severity, Severity::Error);
    assert_eq!(remarks[0].text, "9f READ JEDEC ID comes while the flash is busy: ignored");
    assert!(remarks[0].from < remarks[0].to);
    for status in [0x05, 0x35, 0x15] {
        p.bytes(&[status, 0]);
    }
    assert!(p.codes().is_empty());
    p.bytes(&[0x06]);
    assert_eq!(p.codes(), ["spi-nor::busy"]);
}

#[test]
fn a_program_wraps_in_its_page() {
    let mut p = flash();
    p.change(&[0x02, 0, 0x10, 0xfe, 1, 2, 3]);
    assert_eq!(p.codes(), ["spi-nor::page-wrap"]);
    assert_eq!([0x10fe, 0x10ff, 0x1000, 0x1100].map(|at| p.peek(at)), [1, 2, 3, 0xff]);
}

#[test]
fn of_more_than_a_page_the_last_256_bytes_count() {
    let mut p = flash();
    let data: Vec<u8> = (0..=255).chain(0..10).map(|i: u8| i ^ 0x80).collect();
    let mut mosi = with_address(0x02, 0x40);
    mosi.extend(&data);
    p.change(&mosi);
    assert_eq!(p.codes(), ["spi-nor::page-wrap"]);
    for (i, byte) in data.iter().enumerate().skip(10) {
        assert_eq!(p.peek((0x40 + i as u64) % 256), *byte);
    }
}

#[test]
fn a_whole_page_from_its_start_is_no_wrap() {
    let mut p = flash();
    let mut mosi = with_address(0x02, 0x100);
    mosi.extend(0..=255);
    p.change(&mosi);
    assert!(p.codes().is_empty());
    assert_eq!(p.read(0x100, 256), (0..=255).collect::<Vec<u8>>());
}

#[test]
fn programming_clears_bits_only() {
    let mut p = flash();
    p.change(&[0x02, 0, 0, 0, 0xf0]);
    p.change(&[0x02, 0, 0, 0, 0x3c]);
    let remarks = p.remarks();
    assert_eq!(remarks[0].code, "spi-nor::not-erased");
    assert_eq!(remarks[0].text, "programming 3c over f0 at 000000 leaves 30");
    assert_eq!(p.peek(0), 0x30);
    p.change(&[0x02, 0, 0, 0, 0x10]);
    assert!(p.codes().is_empty(), "clearing more bits is fine");
}

#[test]
fn a_command_that_ends_inside_a_byte_is_not_executed() {
    for extra in 1..8 {
        let mut p = flash();
        p.bytes(&[0x06]);
        let mut t = p.select();
        for byte in [0x02, 0, 0, 0, 0x12] {
            t.byte(byte);
        }
        for _ in 0..extra {
            t.bit(0);
        }
        t.end();
        assert_eq!(p.codes(), ["spi-nor::mid-byte"]);
        assert_eq!(p.peek(0), 0xff);
        assert_eq!(p.status(), 0x02);
    }
    let mut p = flash();
    p.bits(&[0, 0, 0, 0, 0, 1, 1, 0, 1], 9);
    assert_eq!(p.codes(), ["spi-nor::mid-byte"]);
    assert_eq!(p.status(), 0, "06h with a ninth clock does not set the latch");
}

#[test]
fn short_and_long_commands_are_not_executed() {
    let cases: [(&[u8], &str); 8] = [
        (&[0x02, 0, 0, 0], "spi-nor::too-short"),
        (&[0x02, 0, 0], "spi-nor::too-short"),
        (&[0x20, 0, 0], "spi-nor::too-short"),
        (&[0x01], "spi-nor::too-short"),
        (&[0x20, 0, 0, 0, 0], "spi-nor::extra-bytes"),
        (&[0xc7, 0], "spi-nor::extra-bytes"),
        (&[0x01, 0, 0, 0], "spi-nor::extra-bytes"),
        (&[0x31, 0, 0], "spi-nor::extra-bytes"),
    ];
    for (command, code) in cases {
        let mut p = flash();
        p.device.load(0, &[0x55]).unwrap();
        p.bytes(&[0x06]);
        p.bytes(command);
        assert_eq!(p.codes(), [code], "{command:02x?}");
        assert_eq!((p.status(), p.peek(0)), (0x02, 0x55), "{command:02x?}");
    }
}

#[test]
fn part_of_an_opcode_is_remarked_and_a_bare_select_is_not() {
    let mut p = flash();
    p.bits(&[1, 0, 0], 3);
    assert_eq!(p.codes(), ["spi-nor::too-short"]);
    p.bits(&[], 0);
    assert!(p.codes().is_empty());
}

#[test]
fn a_read_may_end_anywhere() {
    let mut p = flash();
    p.bits(&[0, 0, 0, 0, 0, 0, 1, 1], 37);
    p.bits(&[0, 0, 0, 0, 0, 0, 1, 1], 20);
    assert!(p.codes().is_empty());
}

#[test]
fn unknown_opcodes_are_ignored() {
    let mut p = flash();
    assert_eq!(p.bytes(&[0x0d, 1, 2, 3, 4, 5])[1..], [0; 5]);
    assert_eq!(p.codes(), ["spi-nor::unknown-command"]);
}

#[test]
fn an_erase_is_suspended_and_resumed() {
    let mut p = flash();
    p.bytes(&[0x06]);
    p.bytes(&[0x20, 0, 0, 0]);
    p.wait(MS * 100);
    p.bytes(&[0x75]);
    assert_eq!(p.status() & 1, 1, "tSUS is not over");
    p.wait(Span::from_us(20));
    assert_eq!(p.status(), 0x02);
    assert_eq!(p.bytes(&[0x35, 0])[1], 0x82, "SUS");
    assert_eq!(p.read(0x1000, 1), [0xff]);
    p.bytes(&[0x20, 0, 0, 0]);
    p.bytes(&[0x01, 0]);
    assert_eq!(p.codes(), ["spi-nor::suspended"; 2]);
    p.change(&[0x02, 0, 0x20, 0, 0x12]);
    assert_eq!(p.peek(0x2000), 0x12);
    p.bytes(&[0x7a]);
    assert_eq!(p.status() & 1, 1);
    p.wait(MS * 299);
    assert_eq!(p.status() & 1, 1, "300 ms were left");
    p.wait(MS);
    assert_eq!(p.status(), 0);
    assert_eq!(p.bytes(&[0x35, 0])[1], 0x02);
    assert!(p.codes().is_empty());
}

#[test]
fn suspend_and_resume_need_something_to_work_on() {
    let mut p = flash();
    p.bytes(&[0x75]);
    p.bytes(&[0x7a]);
    assert_eq!(p.codes(), ["spi-nor::nothing-to-suspend"; 2]);
    p.bytes(&[0x06]);
    p.bytes(&[0x31, 0x02]);
    p.bytes(&[0x75]);
    assert_eq!(p.codes(), ["spi-nor::nothing-to-suspend"], "a register write runs to its end");
    assert_eq!(p.status() & 1, 1);
}

#[test]
fn a_powered_down_flash_takes_its_release_only() {
    let mut p = flash();
    p.bytes(&[0xb9]);
    p.bytes(&[0xab]);
    assert_eq!(p.codes(), ["spi-nor::recovering"], "tDP is not over");
    p.wait(Span::from_us(3));
    assert_eq!(p.bytes(&[0x9f, 0])[1], 0);
    assert_eq!(p.codes(), ["spi-nor::powered-down"]);
    p.bytes(&[0xab]);
    p.bytes(&[0x9f, 0]);
    assert_eq!(p.codes(), ["spi-nor::recovering"], "tRES1 is not over");
    p.wait(Span::from_us(3));
    assert_eq!(p.bytes(&[0x9f, 0])[1], 0xef);
    assert!(p.codes().is_empty());
}

#[test]
fn a_release_with_identification_takes_tres2() {
    let mut p = flash();
    p.bytes(&[0xb9]);
    p.wait(Span::from_us(4));
    assert_eq!(p.bytes(&[0xab, 0, 0, 0, 0])[4], 0x17);
    p.wait(Span::from_ns(1_600));
    p.bytes(&[0x9f, 0]);
    assert_eq!(p.codes(), ["spi-nor::recovering"]);
    p.wait(Span::from_ns(100));
    assert_eq!(p.bytes(&[0x9f, 0])[1], 0xef);
}

#[test]
fn reset_needs_both_commands_in_a_row() {
    let mut p = flash();
    p.bytes(&[0x99]);
    assert_eq!(p.codes(), ["spi-nor::reset-not-enabled"]);
    p.bytes(&[0x66]);
    p.bytes(&[0x05, 0]);
    p.bytes(&[0x99]);
    assert_eq!(p.codes(), ["spi-nor::reset-not-enabled"]);
    p.bytes(&[0x06]);
    p.bytes(&[0x66]);
    p.bytes(&[0x99]);
    p.bytes(&[0x05, 0]);
    assert_eq!(p.codes(), ["spi-nor::recovering"], "tRST is not over");
    p.wait(Span::from_us(30));
    assert_eq!(p.status(), 0, "the write enable latch is lost");
    assert!(p.codes().is_empty());
}

#[test]
fn a_reset_while_busy_warns() {
    let mut p = flash();
    p.bytes(&[0x06]);
    p.bytes(&[0x20, 0, 0, 0]);
    p.bytes(&[0x66]);
    p.bytes(&[0x99]);
    assert_eq!(p.codes(), ["spi-nor::reset-while-busy"]);
    p.wait(Span::from_us(30));
    assert_eq!(p.status(), 0);
}

#[test]
fn status_writes_are_kept_volatile_ones_are_lost_in_a_reset() {
    let mut p = dtr();
    p.change(&[0x31, 0x02]);
    p.bytes(&[0x50]);
    p.bytes(&[0x01, 0x1c]);
    assert_eq!(p.status(), 0x1c, "at once, without BUSY");
    assert_eq!(p.bytes(&[0x35, 0])[1], 0x02);
    p.bytes(&[0x66]);
    p.bytes(&[0x99]);
    p.wait(Span::from_us(30));
    assert_eq!(p.status(), 0);
    assert_eq!(p.bytes(&[0x35, 0])[1], 0x02);
    assert!(p.codes().is_empty());
    p.bytes(&[0x50]);
    p.bytes(&[0x02, 0, 0, 0, 0]);
    assert_eq!(p.codes(), ["spi-nor::not-write-enabled"], "50h is for status writes");
}

#[test]
fn one_command_writes_two_status_registers() {
    let mut p = dtr();
    p.change(&[0x01, 0x04, 0x02]);
    assert_eq!(p.status(), 0x04);
    assert_eq!(p.bytes(&[0x35, 0])[1], 0x02);
    p.change(&[0x01, 0x00]);
    assert_eq!(p.bytes(&[0x35, 0])[1], 0x02, "one byte leaves register 2 alone");
    p.change(&[0x11, 0xff]);
    assert_eq!(p.codes(), ["spi-nor::not-modelled"]);
    assert_eq!(p.bytes(&[0x15, 0])[1], 0xe4);
}

#[test]
fn protected_blocks_refuse() {
    let mut p = flash();
    p.change(&[0x01, 0x04]);
    let edge = (16u32 << 20) - (256 << 10);
    for command in [with_address(0xd8, edge), vec![0xc7], [with_address(0x02, edge), vec![0]].concat()] {
        p.change(&command);
        assert_eq!(p.codes(), ["spi-nor::protected"], "{command:02x?}");
    }
    p.change(&[with_address(0x02, edge - 256), vec![0x12]].concat());
    assert!(p.codes().is_empty());
    assert_eq!(p.peek(u64::from(edge) - 256), 0x12);
}

#[test]
fn quad_commands_need_qe() {
    for opcode in [0x6b, 0xeb, 0xed, 0x32, 0x38] {
        let mut p = dtr();
        p.bytes(&[opcode, 0, 0, 0, 0]);
        assert_eq!(p.codes(), ["spi-nor::quad-disabled"], "{opcode:02x}");
    }
    let mut p = flash();
    p.change(&[0x31, 0x00]);
    p.bytes(&[0x6b, 0, 0, 0, 0]);
    assert_eq!(p.codes(), ["spi-nor::quad-disabled"]);
}

#[test]
fn every_read_of_every_part_returns_memory_on_its_lanes() {
    for name in ["w25q128jv", "w25q128jv-dtr", "n25q128a", "mt25ql256", "m25p80"] {
        let part = catalog::find(name).unwrap();
        let rows = part.command_rows().unwrap();
        for (command, detail) in rows.table.commands.iter().zip(&rows.details) {
            if detail.action != crate::command::Action::Read {
                continue;
            }
            let mut p = flash_of(name, DeviceOptions::default());
            if name == "w25q128jv-dtr" {
                p.change(&[0x31, 0x02]);
            }
            p.device.load(0x1234, &[0xa5, 0x5a, 0x0f]).unwrap();
            let mut t = p.select();
            t.byte(command.opcode as u8);
            for phase in &command.phases {
                let double = phase.lanes.rate == Rate::Double;
                match phase.kind {
                    PhaseKind::Address => {
                        assert_eq!(t.lanes(), (phase.lanes.count, double), "{name} {}", command.name);
                        t.send(0x1234, phase.length);
                    }
                    PhaseKind::Mode => t.send(0xff, 8),
                    PhaseKind::Dummy => t.dummy(phase.length),
                    _ => {
                        assert_eq!(t.lanes(), (phase.lanes.count, double), "{name} {}", command.name);
                        assert_eq!(t.receive(3), [0xa5, 0x5a, 0x0f], "{name} {}", command.name);
                    }
                }
            }
            t.end();
            assert!(p.codes().is_empty(), "{name} {}", command.name);
        }
    }
}

#[test]
fn a_quad_program_takes_its_data_on_four_lanes() {
    let mut p = flash();
    p.bytes(&[0x06]);
    let mut t = p.select();
    for byte in [0x32, 0, 0, 0x20] {
        t.byte(byte);
    }
    assert_eq!(t.lanes(), (4, false));
    t.send(0xdead, 16);
    t.end();
    assert_eq!([0x20, 0x21, 0x22].map(|at| p.peek(at)), [0xde, 0xad, 0xff]);
}

#[test]
fn continuous_read_skips_the_opcode_until_other_mode_bits_come() {
    let mut p = flash();
    p.device.load(0x100, &[1, 2]).unwrap();
    let mut t = p.select();
    t.byte(0xeb);
    t.send(0x100, 24);
    t.send(0x20, 8);
    t.dummy(4);
    assert_eq!(t.receive(1), [1]);
    t.end();
    assert_eq!(p.codes(), ["spi-nor::continuous-read"]);
    let mut t = p.select();
    t.send(0x101, 24);
    t.send(0xff, 8);
    t.dummy(4);
    assert_eq!(t.receive(1), [2]);
    t.end();
    assert_eq!(p.read(0x100, 1), [1]);
    assert!(p.codes().is_empty());
}

#[test]
fn qpi_takes_everything_on_four_lanes() {
    let mut p = dtr();
    p.change(&[0x31, 0x02]);
    p.bytes(&[0x38]);
    let mut t = p.select();
    t.send(0x06, 8);
    t.end();
    let mut t = p.select();
    t.send(0x02, 8);
    t.send(0x300, 24);
    t.send(0xcafe, 16);
    t.end();
    p.wait(MS * 3);
    let mut t = p.select();
    t.send(0x0b, 8);
    t.send(0x300, 24);
    t.dummy(2);
    assert_eq!(t.receive(2), [0xca, 0xfe]);
    t.end();
    assert!(p.codes().is_empty());
    let mut t = p.select();
    t.send(0x03, 8);
    t.end();
    assert_eq!(p.codes(), ["spi-nor::unknown-command"], "03h does not exist in QPI");
    let mut t = p.select();
    t.send(0xff, 8);
    t.end();
    assert_eq!(p.read(0x300, 2), [0xca, 0xfe]);
}

#[test]
fn four_byte_mode_makes_addresses_longer() {
    let mut p = flash_of("mt25ql256", DeviceOptions::default());
    p.change(&[0x12, 0x01, 0, 0, 0x10, 0x77]);
    assert_eq!(p.peek(0x0100_0010), 0x77);
    p.bytes(&[0xb7]);
    assert_eq!(p.bytes(&[0x03, 0x01, 0, 0, 0x10, 0])[5], 0x77);
    assert_eq!(p.bytes(&[0x13, 0x01, 0, 0, 0x10, 0])[5], 0x77);
    p.bytes(&[0xe9]);
    assert_eq!(p.read(0x10, 1), [0xff]);
    p.bytes(&[0x06]);
    p.bytes(&[0x02, 0, 0, 0, 0]);
    assert_eq!(p.bytes(&[0x70, 0])[1], 0x00);
    p.wait(MS);
    assert_eq!(p.bytes(&[0x70, 0])[1], 0x80);
    assert!(p.codes().is_empty());
}

#[test]
fn memory_ends_at_its_size() {
    let mut p = flash();
    let past = LoadError::OutOfRange { address: 1 << 24, length: 1, size: 1 << 24 };
    assert_eq!(p.device.load(1 << 24, &[0]), Err(past));
    assert_eq!(p.device.peek(1 << 24, 1), Err(past));
}

#[test]
fn every_code_is_explained() {
    for remark in crate::remarks() {
        let on_a_bus = ["spi-", "i2c-", "uart-"].iter().any(|bus| remark.code.starts_with(bus));
        assert!(on_a_bus && remark.code.contains("::"), "{}", remark.code);
        assert!(!remark.summary.is_empty() && remark.explanation.ends_with('.'), "{}", remark.code);
    }
    let mut codes: Vec<&str> = crate::remarks().map(|remark| remark.code).collect();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count);
}

proptest! {
    /// The reference: bytes at page offset wrap, and what is there is ANDed.
    #[test]
    fn programs_read_back(
        writes in proptest::collection::vec(
            (0u32..0x400, proptest::collection::vec(any::<u8>(), 1..300)), 1..6),
    ) {
        let mut p = flash();
        let mut model = vec![0xffu8; 0x400];
        for (address, data) in &writes {
            let page = address & !0xff;
            let mut sent = [None; 256];
            for (i, byte) in (0u32..).zip(data) {
                sent[((address + i) & 0xff) as usize] = Some(*byte);
            }
            for (offset, byte) in sent.into_iter().enumerate() {
                model[page as usize + offset] &= byte.unwrap_or(0xff);
            }
            p.change(&[with_address(0x02, *address), data.clone()].concat());
        }
        prop_assert_eq!(p.read(0, 0x400), model);
    }

    #[test]
    fn no_sequence_of_transfers_panics(
        transfers in proptest::collection::vec(
            (prop_oneof![any::<u8>(), Just(0x06), Just(0x02), Just(0x01), Just(0x31), Just(0xab), Just(0xb9)],
             proptest::collection::vec(any::<u8>(), 0..12), 0..9usize), 0..24),
    ) {
        for name in ["w25q128jv-dtr", "mt25ql256"] {
            let mut device = catalog::find(name).unwrap().spi_device(&DeviceOptions::default()).unwrap();
            let mut now = busproof_core::time::Time::from_fs(1);
            for (opcode, bytes, cut) in &transfers {
                // Whatever the device wants, it gets the next bytes as they come.
                let input = std::iter::once(*opcode).chain(bytes.iter().copied());
                let mut step = device.select(now);
                for byte in input {
                    prop_assert!((1..=64).contains(&step.bits));
                    now += Span::from_ns(100);
                    step = device.step(now, u64::from(byte));
                }
                device.deselect(now, (*cut as u32).min(step.bits - 1));
                now += Span::from_us(50);
            }
        }
    }
}
