use proptest::prelude::*;

use super::*;
use crate::bus::ddr::{Command, Standard};
use crate::level::Level;
use crate::time::{Span, Time};

const STANDARDS: [Standard; 4] = [Standard::Ddr3, Standard::Ddr4, Standard::Ddr5, Standard::Lpddr4];

/// A decoder of a rank that is awake.
fn awake(standard: Standard) -> Decoder {
    let mut decoder = Decoder::new(standard);
    assert_eq!(decoder.edge(deselect(standard).unwrap()), Heard::Nothing);
    decoder
}

/// The one thing heard of `order`, at its last edge.
fn heard(decoder: &mut Decoder, standard: Standard, order: &Order) -> Heard {
    let frames = encode(standard, order).unwrap_or_else(|| panic!("{} {order}", standard.name()));
    let (last, first) = frames.split_last().unwrap();
    for frame in first {
        assert_eq!(decoder.edge(*frame), Heard::Nothing, "{} {order}", standard.name());
    }
    decoder.edge(*last)
}

fn whole(order: Order) -> Heard {
    Heard::Order { order, whole: true }
}

/// What one command of a standard can carry at most.
#[derive(Clone, Copy)]
struct Room {
    group: u8,
    bank: u8,
    row: u32,
    column: u32,
    register: u8,
    value: u32,
}

/// Facts of the standards, for columns the bits that a read or write carries.
fn room(standard: Standard, command: Command) -> Room {
    let write = matches!(command, Command::Wr | Command::Wra);
    match standard {
        Standard::Ddr3 => Room { group: 0, bank: 7, row: 0xffff, column: 0x7ff, register: 7, value: 0xffff },
        Standard::Ddr4 => {
            Room { group: 3, bank: 3, row: 0x3_ffff, column: 0x3ff, register: 7, value: 0x3fff }
        }
        Standard::Ddr5 => {
            let column = if write { 0x7f8 } else { 0x7fc };
            Room { group: 7, bank: 3, row: 0x3_ffff, column, register: 255, value: 0xff }
        }
        _ => Room { group: 0, bank: 7, row: 0x1_ffff, column: 0x3fc, register: 63, value: 0xff },
    }
}

/// `raw` cut to what the command carries.
fn fit(standard: Standard, raw: Order) -> Order {
    let Room { group, bank, row, column, register, value } = room(standard, raw.command);
    let order = Order::new(raw.command);
    let at_bank = Order { group: raw.group & group, bank: raw.bank & bank, ..order };
    match raw.command {
        Command::Act => Order { address: raw.address & row, ..at_bank },
        Command::Mwr | Command::Mwra => Order { address: raw.address & column, ..at_bank },
        command if command.is_column() => {
            Order { address: raw.address & column, alternate: raw.alternate, ..at_bank }
        }
        Command::Pre | Command::RefBank => at_bank,
        Command::PreSame | Command::RefSame => Order { group: 0, ..at_bank },
        Command::Mrs => Order { register: raw.register & register, address: raw.address & value, ..order },
        Command::Mrr => Order { register: raw.register & register, ..order },
        _ => order,
    }
}

/// Commands that have no row, though the standard has them: calibration of LPDDR4.
fn has_no_row(standard: Standard, command: Command) -> bool {
    standard == Standard::Lpddr4 && matches!(command, Command::ZqStart | Command::ZqLatch)
}

fn any_order() -> impl Strategy<Value = (Standard, Order)> {
    let commands: Vec<(Standard, Command)> = STANDARDS
        .into_iter()
        .flat_map(|standard| Command::ALL.iter().map(move |command| (standard, *command)))
        .filter(|&(standard, command)| standard.has(command) && !has_no_row(standard, command))
        .collect();
    let fields = any::<(u8, u8, u32, u8, bool)>();
    (proptest::sample::select(commands), fields).prop_map(
        |((standard, command), (group, bank, address, register, alternate))| {
            let raw = Order { command, group, bank, address, register, alternate };
            (standard, fit(standard, raw))
        },
    )
}

/// Puts a rank into the state in which `command` means what it says.
fn prepare(decoder: &mut Decoder, standard: Standard, command: Command) {
    let before = match command {
        Command::Pdx => Order::new(Command::Pde),
        Command::Srx => Order::new(Command::Sre),
        Command::Ref2 => Order::mode(3, 0b101 << 6),
        Command::Ref4 => Order::mode(3, 0b110 << 6),
        _ => return,
    };
    assert_eq!(heard(decoder, standard, &before), whole(before));
}

proptest! {
    #[test]
    fn every_command_of_every_standard_comes_back((standard, order) in any_order()) {
        let mut decoder = awake(standard);
        prepare(&mut decoder, standard, order.command);
        prop_assert_eq!(heard(&mut decoder, standard, &order), whole(order));
    }

    #[test]
    fn what_the_pins_cannot_carry_is_refused((standard, order) in any_order(), bit in 18u32..32) {
        let address = order.address | 1 << bit;
        prop_assert_eq!(encode(standard, &Order { address, ..order }), None);
    }

    #[test]
    fn no_levels_make_a_decoder_panic(
        standard in proptest::sample::select(STANDARDS.to_vec()),
        levels in proptest::collection::vec(any::<(u64, u64)>(), 1..30),
    ) {
        let mut decoder = Decoder::new(standard);
        for (bits, unknown) in levels {
            let frame = Frame::new(crate::log::Value { bits, unknown: unknown & unknown.rotate_left(7) });
            decoder.edge(frame);
        }
    }
}

#[test]
fn every_command_of_a_standard_has_a_row_and_no_other() {
    for standard in STANDARDS {
        for &command in Command::ALL {
            let has = standard.has(command) && !has_no_row(standard, command);
            let encoded = encode(standard, &Order::new(command));
            assert_eq!(encoded.is_some(), has, "{} {command}", standard.name());
            let Some(frames) = encoded else { continue };
            assert_eq!(frames.len() as u64, standard.length(command), "{} {command}", standard.name());
        }
    }
    assert_eq!(encode(Standard::Lpddr5, &Order::new(Command::Act)), None);
    assert_eq!(deselect(Standard::Lpddr5), None);
}

/// By hand from Alliance AS4C512M8D4 p.11: an activate of row 14321h, bank group 2, bank 1.
#[test]
fn an_activate_of_ddr4_looks_as_its_data_sheet_says() {
    let order = Order::new(Command::Act).at(2, 1).with(0x1_4321);
    let frame = encode(Standard::Ddr4, &order).unwrap()[0];
    let high = |pin| frame.at(pin) == Level::High;
    let address: u32 = (0..18).filter(|i| high(pin::a(*i))).map(|i| 1 << i).sum();
    assert_eq!(address, 0x0321, "A13-0 of the row");
    let shared = [pin::RAS, pin::CAS, pin::WE].map(high);
    assert_eq!(shared, [true, false, true], "A16, A15, A14");
    assert_eq!([pin::ACT, Frame::CS, Frame::CKE].map(high), [false, false, true]);
    assert_eq!([pin::bg(0), pin::bg(1), pin::ba(0), pin::ba(1)].map(high), [false, true, true, false]);
}

/// By hand from Micron's model: CS# low, RAS# high, CAS# low, WE# high, A10 high, column 7f8 with its bit 10 on A11.
#[test]
fn a_read_of_ddr3_leaves_out_a10_in_its_column() {
    let order = Order { alternate: true, ..Order::new(Command::Rda).at(0, 5).with(0x7f8) };
    let frame = encode(Standard::Ddr3, &order).unwrap()[0];
    let high = |pin| frame.at(pin) == Level::High;
    let address: u32 = (0..16).filter(|i| high(pin::a(*i))).map(|i| 1 << i).sum();
    assert_eq!(address, 0x3f8 | 1 << 10 | 1 << 11, "A12 low asks for the chopped burst");
    assert_eq!([Frame::CS, pin::RAS, pin::CAS, pin::WE].map(high), [false, true, false, true]);
}

#[test]
fn cke_tells_power_down_from_self_refresh_and_from_the_first_rise_after_reset() {
    for standard in [Standard::Ddr3, Standard::Ddr4] {
        let idle = deselect(standard).unwrap();
        let down = idle.with(Frame::CKE, Level::Low);
        let mut decoder = Decoder::new(standard);
        assert_eq!(decoder.edge(down), Heard::Nothing);
        assert_eq!(decoder.edge(idle), Heard::Nothing, "the first rise leaves no power-down");
        assert_eq!(decoder.edge(down), whole(Order::new(Command::Pde)));
        assert!(decoder.is_asleep());
        assert_eq!(decoder.edge(down), Heard::Nothing);
        assert_eq!(decoder.edge(idle), whole(Order::new(Command::Pdx)));
        let asleep = encode(standard, &Order::new(Command::Sre)).unwrap()[0];
        assert_eq!(decoder.edge(asleep), whole(Order::new(Command::Sre)));
        assert_eq!(decoder.edge(idle), whole(Order::new(Command::Srx)));
        assert!(!decoder.is_asleep());
    }
}

#[test]
fn a_sleeping_ddr5_hears_nothing_but_its_exit() {
    let mut decoder = awake(Standard::Ddr5);
    let nop = encode(Standard::Ddr5, &Order::new(Command::Pdx)).unwrap()[0];
    assert_eq!(decoder.edge(nop), Heard::Nothing, "a NOP");
    let entry = Order::new(Command::Sre);
    assert_eq!(heard(&mut decoder, Standard::Ddr5, &entry), whole(entry));
    let refresh = Order::new(Command::Ref);
    assert_eq!(heard(&mut decoder, Standard::Ddr5, &refresh), Heard::Nothing);
    assert_eq!(decoder.edge(nop), whole(Order::new(Command::Srx)));
}

#[test]
fn unknown_levels_are_told_from_wrong_ones() {
    let standard = Standard::Ddr4;
    let act = encode(standard, &Order::new(Command::Act).with(5)).unwrap()[0];
    let mut decoder = awake(standard);
    let order = Order::new(Command::Act).with(4);
    assert_eq!(decoder.edge(act.with(pin::a(0), Level::X)), Heard::Order { order, whole: false });
    assert_eq!(decoder.edge(act.with(pin::ACT, Level::Z)), Heard::Unknown);
    let reserved = act.with(pin::ACT, Level::High).with(pin::CAS, Level::High).with(pin::WE, Level::High);
    assert_eq!(decoder.edge(reserved), Heard::Other(Some("RFU")));
}

/// JESD79-5: a memory does not execute a command of two cycles if CS# is low in the second.
#[test]
fn the_second_half_of_a_command_has_cs_high() {
    let mut decoder = awake(Standard::Ddr5);
    let act = encode(Standard::Ddr5, &Order::new(Command::Act)).unwrap();
    assert_eq!(decoder.edge(act[0]), Heard::Nothing);
    assert_eq!(decoder.edge(act[1].with(Frame::CS, Level::Low)), Heard::Other(None));
}

#[test]
fn a_burst_is_on_the_wires_from_its_preamble_to_its_postamble() {
    let ns = |n: u64| Time::from_fs(n * 1_000_000);
    let shape = Shape { latency: 5, beats: 8, preamble: Preamble::One };
    let tck = Span::from_ns(2);
    assert_eq!(shape.first_edge(ns(100), tck), ns(110));
    assert_eq!(shape.edge(ns(100), tck, 7), ns(117));
    assert_eq!(shape.driven(ns(100), tck), (ns(108), ns(118)));
    let two = Shape { preamble: Preamble::Two, ..shape };
    assert_eq!(two.driven(ns(100), tck), (ns(106), ns(118)));
}
