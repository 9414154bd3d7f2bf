//! Any waveform for the UART monitor: events and items come in order and lie within the waveform, and being told that time
//! passes changes nothing.
#![no_main]

use busproof_core::bus::uart::{
    Baud, DataBits, INFO, Monitor, Options, Packets, Parity, Sampling, StopBits, pin,
};
use busproof_core::{BitOrder, SignalId};
use busproof_fuzz::{Waveform, check};
use libfuzzer_sys::fuzz_target;

/// Mostly the data lines.
const PINS: [SignalId; 8] =
    [pin::TX, pin::RX, pin::TX, pin::RX, pin::RTS, pin::CTS, pin::DE, SignalId(pin::COUNT as u32)];

/// A unit of time in femtoseconds: a bit of the fastest rate has 16 of them.
const UNIT: u64 = 62_500;

fn options(seed: [u8; 4]) -> Options {
    let packets = [Packets::None, Packets::Delimiter(0x55), Packets::Length(2), Packets::Gap(3)];
    Options {
        baud: [None, Some(Baud::MAX), Baud::from_hertz(300_000_000)][(seed[0] as usize >> 2) % 3],
        data_bits: DataBits::new(5 + seed[1] as u32 % 5).unwrap_or_default(),
        parity: Parity::ALL[seed[1] as usize / 5 % 5],
        stop_bits: StopBits::ALL[seed[1] as usize / 25 % 3],
        bit_order: if seed[2] & 1 == 0 { BitOrder::Lsb } else { BitOrder::Msb },
        invert_tx: seed[2] & 2 != 0,
        invert_rx: seed[2] & 4 != 0,
        rs485: seed[2] & 8 != 0,
        lin: seed[2] & 16 != 0,
        packets: packets[seed[2] as usize >> 5 & 3],
        sampling: [Sampling::IDEAL, Sampling::X16, Sampling::X8][(seed[0] as usize >> 4) % 3],
        glitch: seed[3] as u16 * 2,
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some(waveform) = Waveform::read(bytes, &PINS, UNIT) else { return };
    let options = options(waveform.seed);
    check(&INFO, &waveform, || Monitor::new(&options, waveform.source), |item| (item.start(), item.end()));
});
