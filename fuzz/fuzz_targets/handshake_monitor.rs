//! Any waveform for the handshake monitor: events and items come in order and lie within the waveform, and being told that
//! time passes changes nothing.
#![no_main]

use busproof_core::bus::handshake::{DataPhase, INFO, Monitor, Options, Protocol, Width, pin};
use busproof_core::{SignalId, Span};
use busproof_fuzz::{Waveform, check};
use libfuzzer_sys::fuzz_target;

const PINS: [SignalId; 16] = [
    pin::REQ,
    pin::ACK,
    pin::DATA,
    pin::TRUE,
    pin::FALSE,
    pin::CLK,
    pin::VALID,
    pin::READY,
    pin::data(0),
    pin::data(1),
    pin::true_rail(0),
    pin::true_rail(1),
    pin::false_rail(0),
    pin::false_rail(1),
    pin::data(15),
    SignalId(pin::COUNT as u32),
];

fn options(seed: [u8; 4]) -> Options {
    Options {
        protocol: Protocol::ALL[seed[1] as usize % 4],
        width: Width::new(1 + seed[2] as u32 % Width::MAX).unwrap_or_default(),
        data_phase: [DataPhase::Early, DataPhase::Broad, DataPhase::Late][seed[1] as usize / 4 % 3],
        stall: (seed[1] & 0x80 != 0).then_some(Span::from_fs(seed[3] as u64)),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some(waveform) = Waveform::read(bytes, &PINS, 1) else { return };
    let options = options(waveform.seed);
    check(&INFO, &waveform, || Monitor::new(&options, waveform.source), |item| (item.start(), item.end()));
});
