//! Any waveform for the I2C monitor: events and items come in order and lie within the waveform, and being told that time
//! passes changes nothing.
#![no_main]

use busproof_core::bus::i2c::{INFO, Monitor, Options, Protocol, Speed, pin};
use busproof_core::{SignalId, Span};
use busproof_fuzz::{Waveform, check};
use libfuzzer_sys::fuzz_target;

/// SCL and SDA, and a pin that the bus does not have.
const PINS: [SignalId; 4] = [pin::SCL, pin::SDA, pin::SCL, SignalId(2)];

fn options(seed: [u8; 4]) -> Options {
    Options {
        speed: Speed::ALL.get(seed[1] as usize % 6).copied(),
        protocol: if seed[2] & 1 == 0 { Protocol::I2c } else { Protocol::SmBus },
        pec: seed[2] & 2 != 0,
        spike: (seed[2] & 4 != 0).then_some(Span::from_fs(seed[3] as u64)),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some(waveform) = Waveform::read(bytes, &PINS, 1) else { return };
    let options = options(waveform.seed);
    check(&INFO, &waveform, || Monitor::new(&options, waveform.source), |item| (item.start(), item.end()));
});
