//! Any waveform for the monitor of DDR pins: events and items come in order and lie within the waveform, and being told that time passes
//! changes nothing.
#![no_main]

use busproof_core::SignalId;
use busproof_core::bus::ddr::pins::pin;
use busproof_core::bus::ddr::{INFO, Latencies, Monitor, Options, Standard};
use busproof_fuzz::{Waveform, check};
use libfuzzer_sys::fuzz_target;

const PINS: [SignalId; 16] = [
    pin::CK,
    pin::CS,
    pin::CKE,
    pin::A,
    pin::BA,
    pin::BG,
    pin::ACT,
    pin::RAS,
    pin::CAS,
    pin::WE,
    pin::DQ,
    pin::DQS,
    pin::DM,
    pin::RESET,
    pin::dqs_c(3),
    SignalId(999),
];

fn options(seed: [u8; 4]) -> Options {
    let latencies = Latencies { read: 1 + u32::from(seed[2] & 7), write: 1 + u32::from(seed[2] >> 4 & 7) };
    Options {
        standard: Standard::ALL[seed[1] as usize % Standard::ALL.len()],
        ranks: u32::from(seed[1] >> 4 & 7),
        width: u32::from(seed[3]) % 70,
        lane: [4, 8, 16, 64][seed[3] as usize >> 6],
        assumed: (seed[2] & 8 != 0).then_some(latencies),
        ..Options::default()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some(waveform) = Waveform::read(bytes, &PINS, 1) else { return };
    let options = options(waveform.seed);
    check(&INFO, &waveform, || Monitor::new(&options, waveform.source), |item| (item.start(), item.end()));
});
