//! What all who share the bus agree on.

use busproof_core::Span;
use busproof_core::bus::i2c::{Options, Protocol, Speed};
use proptest::prelude::*;
use proptest::sample::select;

/// Any options a monitor may have; they shrink to a speed that is guessed, without a packet error code.
///
/// The input filter swallows spikes of up to `spike`.
///
/// ```
/// use busproof_core::Span;
/// use busproof_testkit::i2c;
/// use proptest::prelude::*;
///
/// proptest!(|(options in i2c::options::any_options(Span::from_ns(60)))| {
///     prop_assert!(options.spike.is_none_or(|spike| spike <= Span::from_ns(60)));
/// });
/// ```
pub fn any_options(spike: Span) -> impl Strategy<Value = Options> {
    let speed = prop::option::of(speeds());
    let spike = prop::option::of((0..=spike.as_fs()).prop_map(Span::from_fs));
    let protocol = select(vec![Protocol::I2c, Protocol::SmBus]);
    (speed, protocol, any::<bool>(), spike).prop_map(|(speed, protocol, pec, spike)| Options {
        speed,
        protocol,
        pec,
        spike,
    })
}

/// The five speed classes; they shrink to Standard mode.
pub fn speeds() -> impl Strategy<Value = Speed> {
    select(Speed::ALL.to_vec())
}

/// The highest frequency of SCL that a speed class allows, in hertz (UM10204 tables 10, 12 and 14).
pub const fn fastest(speed: Speed) -> u64 {
    match speed {
        Speed::Standard => 100_000,
        Speed::Fast => 400_000,
        Speed::FastPlus => 1_000_000,
        Speed::High => 3_400_000,
        Speed::UltraFast => 5_000_000,
    }
}

/// Frequencies of SCL in hertz that a speed class allows, down to a tenth of its highest; they shrink to the slowest.
pub fn frequencies(speed: Speed) -> impl Strategy<Value = u64> {
    let most = fastest(speed);
    prop_oneof![2 => Just(most), 3 => most / 10..=most]
}
