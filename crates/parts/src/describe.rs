//! Says in words what a transfer did: `9f READ JEDEC ID -> ef 40 18 (Winbond W25Q128JV)`.
//!
//! `<-` stands before what the controller sent, `->` before what it received.

use std::fmt::Write as _;

use busproof_core::bits::{BitOrder, Bits};
use busproof_core::bus::spi::{Direction, Payload, Phase, PhaseKind, Word};

use crate::command::{Action, Detail};
use crate::devices::{Spec, adc, register_file};
use crate::part::Part;

/// Longer data are cut to [`SHOWN`] bytes.
const WHOLE: usize = 16;
const SHOWN: usize = 8;

/// Whether the clocks of dummy phases are part of a transfer's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dummies {
    /// Each dummy clock has its bits: plain bytes, a monitor without command table.
    Included,
    /// A monitor with the part's command table has left them out.
    LeftOut,
}

/// What went over the wires between select and deselect.
#[derive(Clone, Debug)]
pub struct Transfer {
    bits: Vec<Bit>,
    /// The lanes of the first word, which begins with the opcode.
    lanes: u8,
    order: BitOrder,
    dummies: Dummies,
}

/// One bit in each direction; `None`: unknown, or there is no such line.
#[derive(Clone, Copy, Debug, Default)]
struct Bit {
    sent: Option<bool>,
    received: Option<bool>,
}

impl Transfer {
    /// From the bytes on MOSI and MISO, most significant bit first; the longer one counts.
    pub fn from_bytes(mosi: &[u8], miso: &[u8]) -> Transfer {
        let bit = |bytes: &[u8], i: usize| bytes.get(i / 8).map(|byte| byte >> (7 - i % 8) & 1 != 0);
        let count = mosi.len().max(miso.len()) * 8;
        let bits = (0..count).map(|i| Bit { sent: bit(mosi, i), received: bit(miso, i) }).collect();
        Transfer { bits, lanes: 1, order: BitOrder::Msb, dummies: Dummies::Included }
    }

    /// From the words between select and deselect, whole and incomplete, in the bus's bit order.
    pub fn from_words<'a>(
        words: impl IntoIterator<Item = &'a Word>,
        order: BitOrder,
        dummies: Dummies,
    ) -> Transfer {
        let mut words = words.into_iter().peekable();
        let lanes = words.peek().map_or(1, |word| match word.payload {
            Payload::Shared { lanes, .. } => lanes,
            Payload::Duplex { .. } => 1,
        });
        let bits = words.flat_map(|word| word_bits(&word.payload, order)).collect();
        Transfer { bits, lanes, order, dummies }
    }
}

fn word_bits(payload: &Payload, order: BitOrder) -> Vec<Bit> {
    let line =
        |bits: Option<&Bits>| -> Vec<Option<bool>> { bits.map_or(Vec::new(), |b| b.wire(order).collect()) };
    let (sent, received) = match payload {
        Payload::Duplex { mosi, miso } => (line(mosi.as_ref()), line(miso.as_ref())),
        Payload::Shared { direction: Direction::ToPeripheral, bits, .. } => (line(Some(bits)), Vec::new()),
        Payload::Shared { direction: Direction::ToController, bits, .. } => (Vec::new(), line(Some(bits))),
        Payload::Shared { direction: Direction::Unknown, bits, .. } => (line(Some(bits)), line(Some(bits))),
    };
    let at = |line: &[Option<bool>], i: usize| line.get(i).copied().flatten();
    (0..payload.len()).map(|i| Bit { sent: at(&sent, i), received: at(&received, i) }).collect()
}

/// The side of a transfer that a field is read from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Sent,
    Received,
}

/// Reads a transfer from its start.
struct Cursor<'a> {
    bits: &'a [Bit],
    order: BitOrder,
}

impl Cursor<'_> {
    /// The next `count` bits, at most 64, as a number; `None`, and nothing is taken, if there are fewer.
    fn take(&mut self, side: Side, count: u32) -> Option<Bits> {
        let (field, rest) = self.bits.split_at_checked(count as usize)?;
        self.bits = rest;
        let known = |bit: &Bit| if side == Side::Sent { bit.sent } else { bit.received };
        let number = |is_set: fn(Option<bool>) -> bool| match self.order {
            BitOrder::Msb => field.iter().fold(0, |n, bit| n << 1 | u64::from(is_set(known(bit)))),
            BitOrder::Lsb => field.iter().rev().fold(0, |n, bit| n << 1 | u64::from(is_set(known(bit)))),
        };
        let (value, unknown) = (number(|bit| bit == Some(true)), number(|bit| bit.is_none()));
        Some(Bits::with_unknown(value, unknown, count.min(64)))
    }

    fn skip(&mut self, count: u32) {
        self.bits = self.bits.get(count as usize..).unwrap_or_default();
    }

    /// All whole bytes that are left.
    fn bytes(&mut self, side: Side) -> Vec<Bits> {
        std::iter::from_fn(|| self.take(side, 8)).collect()
    }
}

impl Part {
    /// What the transfer did, in a line.
    ///
    /// The lanes of the first word tell whether opcodes travel on several (QPI, SDI, SQI). Addresses are taken to have 3
    /// bytes where the part can be told to use 4, and every transfer to begin with an opcode, also after mode bits that
    /// enter continuous read.
    pub fn describe(&self, transfer: &Transfer) -> String {
        let mut cursor = Cursor { bits: &transfer.bits, order: transfer.order };
        if transfer.bits.is_empty() {
            return "nothing: CS without clocks".into();
        }
        match self.spec() {
            Some(Spec::Adc(spec)) => describe_conversion(spec, &mut cursor),
            Some(Spec::RegisterFile(spec)) => describe_access(spec, &mut cursor, transfer.dummies),
            _ if self.command_rows().is_some() => self.describe_command(&mut cursor, transfer),
            _ => {
                let bits = self.spi_options().map_or(8, |options| options.word_bits.get());
                describe_words(bits.min(64), &mut cursor)
            }
        }
    }

    fn describe_command(&self, cursor: &mut Cursor<'_>, transfer: &Transfer) -> String {
        let Some(opcode) = cursor.take(Side::Sent, 8) else { return "less than an opcode".into() };
        let found = self.command_rows().and_then(|rows| {
            let row = rows.find(opcode.to_u64()?)?;
            Some((rows.table.commands.get(row)?, rows.details.get(row)?))
        });
        let Some((command, detail)) = found.filter(|_| opcode.is_known()) else {
            let data = cursor.bytes(Side::Sent);
            return format!("{opcode} UNKNOWN COMMAND{}", arrow(" <- ", &data));
        };
        let mut text = format!("{opcode} {}", command.name);
        let data =
            describe_phases(command.phases_on(transfer.lanes), detail, cursor, transfer.dummies, &mut text);
        text + &self.meaning(detail, &data)
    }

    /// What the data say, in brackets.
    fn meaning(&self, detail: &Detail, data: &[Bits]) -> String {
        let byte = |bits: &Bits| bits.to_u64().filter(|_| bits.is_known()).map(|n| n as u8);
        let (first, last) =
            (data.iter().take(3).map(byte).collect::<Option<Vec<u8>>>(), data.last().map(byte));
        let (Some(first), Some(Some(last))) = (first, last) else { return String::new() };
        match (self.spec(), detail.action, first.as_slice()) {
            (Some(Spec::Nor(spec)), Action::ReadJedecId, id) if id == spec.jedec_id => {
                format!(" ({} {})", spec.manufacturer, spec.marking)
            }
            (Some(Spec::Nor(spec)), Action::ReadJedecId, [_, _, _]) => format!(" (not {})", spec.marking),
            _ if detail.bits.is_empty() => String::new(),
            _ if data.len() == 1 => format!(" ({})", bit_names(detail, last)),
            _ if matches!(detail.action, Action::ReadStatus(_)) => {
                format!(" (finally {})", bit_names(detail, last))
            }
            _ => String::new(),
        }
    }
}

/// The names of the bits that are set; `-` if none is.
fn bit_names(detail: &Detail, byte: u8) -> String {
    let set = detail.bits.iter().enumerate().filter(|(i, name)| byte >> i & 1 != 0 && *name != "-");
    let names: Vec<&str> = set.map(|(_, name)| name.as_str()).collect();
    if names.is_empty() { "-".into() } else { names.join(" ") }
}

/// Appends address and data to `text` and returns the data.
fn describe_phases(
    phases: &[Phase],
    detail: &Detail,
    cursor: &mut Cursor<'_>,
    dummies: Dummies,
    text: &mut String,
) -> Vec<Bits> {
    for phase in phases {
        match phase.kind {
            PhaseKind::Address => {
                let Some(address) = cursor.take(Side::Sent, phase.length) else {
                    text.push_str(" (cut short)");
                    return Vec::new();
                };
                _ = write!(text, " @{address}");
            }
            PhaseKind::Mode => cursor.skip(phase.length),
            PhaseKind::Dummy => cursor.skip(dummy_bits(*phase, dummies)),
            PhaseKind::Read | PhaseKind::Exchange => {
                return data_of(Side::Received, " -> ", detail, cursor, text);
            }
            PhaseKind::Write => return data_of(Side::Sent, " <- ", detail, cursor, text),
        }
    }
    let extra = cursor.bytes(Side::Sent);
    text.push_str(&arrow(" and more <- ", &extra));
    Vec::new()
}

fn data_of(side: Side, sign: &str, detail: &Detail, cursor: &mut Cursor<'_>, text: &mut String) -> Vec<Bits> {
    let data = cursor.bytes(side);
    // A release from power-down has data only if they are clocked out.
    if data.is_empty() && detail.action != Action::Release {
        text.push_str(sign);
        text.push_str("nothing");
    }
    text.push_str(&arrow(sign, &data));
    data
}

/// How many bits of the transfer a dummy phase takes.
const fn dummy_bits(phase: Phase, dummies: Dummies) -> u32 {
    match dummies {
        Dummies::Included => phase.length * phase.lanes.count as u32,
        Dummies::LeftOut => 0,
    }
}

/// The bytes after `sign`, cut if there are many; nothing if there are none.
pub(crate) fn arrow(sign: &str, data: &[Bits]) -> String {
    if data.is_empty() {
        return String::new();
    }
    let shown = if data.len() > WHOLE { SHOWN } else { data.len() };
    let bytes: Vec<String> = data[..shown].iter().map(Bits::to_string).collect();
    let rest = if data.len() > WHOLE { format!(" ... ({} bytes)", data.len()) } else { String::new() };
    format!("{sign}{}{rest}", bytes.join(" "))
}

/// Words in both directions of a part without commands.
fn describe_words(bits: u32, cursor: &mut Cursor<'_>) -> String {
    let all = cursor.bits;
    let mut words = |side| -> Vec<Bits> {
        cursor.bits = all;
        std::iter::from_fn(|| cursor.take(side, bits)).collect()
    };
    let (sent, received) = (words(Side::Sent), words(Side::Received));
    format!("exchange{}{}", arrow(" <- ", &sent), arrow(" -> ", &received))
}

/// `CH3 single-ended -> 517`.
fn describe_conversion(spec: &adc::Spec, cursor: &mut Cursor<'_>) -> String {
    let Some(start) = cursor.bits.iter().position(|bit| bit.sent == Some(true)) else {
        return "no start bit".into();
    };
    cursor.skip(start as u32 + 1);
    let Some(selection) = cursor.take(Side::Sent, 4) else { return "cut short before the channel".into() };
    let number = selection.to_u64().unwrap_or(0);
    let channel = number & 7;
    let input = if number & 8 != 0 {
        format!("CH{channel} single-ended")
    } else {
        format!("CH{channel} - CH{} differential", channel ^ 1)
    };
    cursor.skip(1);
    let result = cursor.take(Side::Received, 1 + spec.bits);
    match result {
        Some(result) if result.is_known() => {
            let value = result.to_u64().unwrap_or(0);
            let odd = if value >> spec.bits != 0 { " (the null bit is not 0)" } else { "" };
            format!("{input} -> {}{odd}", value & ((1 << spec.bits) - 1))
        }
        Some(_) => format!("{input} -> unknown"),
        None => format!("{input} -> cut short"),
    }
}

/// `WRITE reg 0x10 <- 0xdeadbeef`.
fn describe_access(spec: &register_file::Spec, cursor: &mut Cursor<'_>, dummies: Dummies) -> String {
    let header = (cursor.take(Side::Sent, spec.command_bits), cursor.take(Side::Sent, spec.address_bits));
    let (Some(command), Some(address)) = header else { return "less than command and address".into() };
    let (name, side, sign) = match command.to_u64() {
        Some(code) if code == spec.read => ("READ", Side::Received, "->"),
        Some(code) if code == spec.write => ("WRITE", Side::Sent, "<-"),
        _ => return format!("UNKNOWN COMMAND 0x{command}"),
    };
    if side == Side::Received && dummies == Dummies::Included {
        cursor.skip(spec.read_latency);
    }
    let known =
        spec.register(address.to_u64().unwrap_or(0)).map_or(String::new(), |r| format!(" {}", r.name));
    let words = register_words(spec, cursor, side);
    let more = if words.len() > 4 { format!(" ... ({} words)", words.len()) } else { String::new() };
    let shown: Vec<String> = words.iter().take(4).map(|word| format!("0x{word}")).collect();
    let data = if shown.is_empty() { "nothing".to_owned() } else { shown.join(" ") };
    format!("{name} reg 0x{address}{known} {sign} {data}{more}")
}

/// The words of data, without CRC and status bytes.
fn register_words(spec: &register_file::Spec, cursor: &mut Cursor<'_>, side: Side) -> Vec<Bits> {
    let status = side == Side::Sent && spec.status == register_file::Status::AfterWrite;
    let trailing = 8 * (u32::from(spec.crc.is_some()) + u32::from(status));
    std::iter::from_fn(|| {
        let word = cursor.take(side, spec.data_bits);
        cursor.skip(trailing);
        word
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use busproof_core::bus::spi::Flags;
    use busproof_core::time::Time;
    use proptest::prelude::*;

    fn describe(part: &str, mosi: &[u8], miso: &[u8]) -> String {
        catalog::find(part).unwrap().describe(&Transfer::from_bytes(mosi, miso))
    }

    #[test]
    fn flash_commands_are_named_with_address_data_and_meaning() {
        let flash = |mosi: &[u8], miso: &[u8]| describe("w25q128jv", mosi, miso);
        let golden = [
            (
                flash(&[0x9f, 0, 0, 0], &[0, 0xef, 0x40, 0x18]),
                "9f READ JEDEC ID -> ef 40 18 (Winbond W25Q128JV)",
            ),
            (flash(&[0x9f, 0, 0, 0], &[0, 0xef, 0x30, 0x18]), "9f READ JEDEC ID -> ef 30 18 (not W25Q128JV)"),
            (flash(&[0x9f, 0, 0], &[0, 0xef, 0x40]), "9f READ JEDEC ID -> ef 40"),
            (flash(&[0x05, 0], &[0, 3]), "05 READ STATUS-1 -> 03 (BUSY WEL)"),
            (flash(&[0x05, 0], &[0, 0]), "05 READ STATUS-1 -> 00 (-)"),
            (flash(&[0x05, 0, 0], &[0, 3, 0]), "05 READ STATUS-1 -> 03 00 (finally -)"),
            (flash(&[0x31, 2], &[]), "31 WRITE STATUS-2 <- 02 (QE)"),
            (flash(&[0x06], &[0]), "06 WRITE ENABLE"),
            (flash(&[0x06, 0xff], &[0]), "06 WRITE ENABLE and more <- ff"),
            (flash(&[0x20, 0x01, 0x20, 0x00], &[]), "20 SECTOR ERASE 4K @012000"),
            (flash(&[0x20, 0x01], &[]), "20 SECTOR ERASE 4K (cut short)"),
            (flash(&[0x03, 0, 0x10, 0, 0, 0], &[0, 0, 0, 0, 0xab, 0xcd]), "03 READ DATA @001000 -> ab cd"),
            (flash(&[0x0b, 0, 0x10, 0, 0, 0], &[0, 0, 0, 0, 0, 0xcd]), "0b FAST READ @001000 -> cd"),
            (flash(&[0x02, 0, 0x10, 0], &[]), "02 PAGE PROGRAM @001000 <- nothing"),
            (flash(&[0xab], &[]), "ab RELEASE POWER-DOWN / DEVICE ID"),
            (flash(&[0xee, 1], &[]), "ee UNKNOWN COMMAND <- 01"),
            (flash(&[], &[]), "nothing: CS without clocks"),
        ];
        for (said, wanted) in golden {
            assert_eq!(said, wanted);
        }
    }

    #[test]
    fn long_data_are_cut() {
        let mosi: Vec<u8> = [0x02, 0, 0x10, 0].into_iter().chain(0..=255).collect();
        let wanted = "02 PAGE PROGRAM @001000 <- 00 01 02 03 04 05 06 07 ... (256 bytes)";
        assert_eq!(describe("w25q128jv", &mosi, &[]), wanted);
    }

    #[test]
    fn a_line_that_was_not_recorded_reads_as_unknown() {
        assert_eq!(describe("w25q128jv", &[0x9f, 0, 0, 0], &[]), "9f READ JEDEC ID -> xx xx xx");
    }

    #[test]
    fn conversions_are_named_by_their_inputs() {
        let adc = |mosi: &[u8], miso: &[u8]| describe("mcp3008", mosi, miso);
        assert_eq!(adc(&[1, 0xb0, 0], &[0, 2, 5]), "CH3 single-ended -> 517");
        assert_eq!(adc(&[1, 0x10, 0], &[0, 0, 9]), "CH1 - CH0 differential -> 9");
        assert_eq!(adc(&[1, 0xb0, 0], &[0, 6, 5]), "CH3 single-ended -> 517 (the null bit is not 0)");
        assert_eq!(adc(&[1, 0xb0], &[0, 2]), "CH3 single-ended -> cut short");
        assert_eq!(adc(&[1, 0xb0, 0], &[]), "CH3 single-ended -> unknown");
        assert_eq!(adc(&[0, 0], &[]), "no start bit");
        assert_eq!(adc(&[1], &[]), "cut short before the channel");
    }

    #[test]
    fn register_accesses_show_register_and_words() {
        let access = |mosi: &[u8], miso: &[u8]| describe("spi-register-file", mosi, miso);
        assert_eq!(access(&[2, 0x10, 0xde, 0xad, 0xbe, 0xef], &[]), "WRITE reg 0x10 <- 0xdeadbeef");
        assert_eq!(access(&[3, 0, 0, 0, 0, 0, 0], &[0, 0, 0, 0, 0, 0, 1]), "READ reg 0x00 ID -> 0x00000001");
        assert_eq!(access(&[7, 0], &[]), "UNKNOWN COMMAND 0x07");
        assert_eq!(access(&[7], &[]), "less than command and address");
        assert_eq!(access(&[2, 1], &[]), "WRITE reg 0x01 <- nothing");
        let burst: Vec<u8> = [2, 1].into_iter().chain([0, 0, 0, 9].repeat(5)).collect();
        let wanted = "WRITE reg 0x01 <- 0x00000009 0x00000009 0x00000009 0x00000009 ... (5 words)";
        assert_eq!(access(&burst, &[]), wanted);
    }

    #[test]
    fn an_echo_shows_both_directions() {
        assert_eq!(describe("spi-loopback", &[1, 2], &[0, 1]), "exchange <- 01 02 -> 00 01");
    }

    #[test]
    fn words_of_a_monitor_leave_dummy_clocks_out() {
        let word =
            |payload| Word { start: Time::ZERO, end: Time::ZERO, cs: 0, payload, flags: Flags::default() };
        let sent = |byte, bits| Payload::Duplex { mosi: Some(Bits::new(byte, bits)), miso: None };
        let read = Payload::Shared { lanes: 4, direction: Direction::ToController, bits: Bits::new(0xa5, 8) };
        let words = [word(sent(0x6b, 8)), word(sent(0x1000, 24)), word(read)];
        let transfer = Transfer::from_words(&words, BitOrder::Msb, Dummies::LeftOut);
        let part = catalog::find("w25q128jv").unwrap();
        assert_eq!(part.describe(&transfer), "6b FAST READ QUAD OUTPUT @001000 -> a5");
    }

    #[test]
    fn opcodes_on_four_lanes_have_other_phases() {
        let word = |direction, byte: u64, bits| Word {
            start: Time::ZERO,
            end: Time::ZERO,
            cs: 0,
            payload: Payload::Shared { lanes: 4, direction, bits: Bits::new(byte, bits) },
            flags: Flags::default(),
        };
        let words = [
            word(Direction::ToPeripheral, 0x03, 8),
            word(Direction::ToPeripheral, 0x1234, 24),
            word(Direction::ToController, 0xa5, 8),
        ];
        let transfer = Transfer::from_words(&words, BitOrder::Msb, Dummies::LeftOut);
        assert_eq!(catalog::find("23lc1024").unwrap().describe(&transfer), "03 READ @001234 -> a5");
    }

    proptest! {
        #[test]
        fn any_transfer_can_be_described(
            mosi in proptest::collection::vec(any::<u8>(), 0..40),
            miso in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            for part in catalog::list() {
                prop_assert!(!part.describe(&Transfer::from_bytes(&mosi, &miso)).is_empty());
            }
        }
    }
}
