//! Wires as a speed class allows them.

use busproof_core::bus::i2c::Speed;
use busproof_core::{Net, Rc, Span};
use proptest::prelude::*;

/// The longest rise of SDA and SCL that a speed class allows (tr; UM10204 tables 10 and 14, and trDA of table 12 for
/// 100 pF).
pub const fn longest_rise(speed: Speed) -> Span {
    Span::from_ns(match speed {
        Speed::Standard => 1_000,
        Speed::Fast => 300,
        Speed::FastPlus => 120,
        Speed::High => 80,
        Speed::UltraFast => 50,
    })
}

/// Both wires of a bus, SCL first.
///
/// In Ultra-fast mode they are push-pull; in High-speed mode a current source of 3 mA at 3.3 V helps SCL up.
pub fn nets(speed: Speed, wire: Rc) -> [(&'static str, Net); 2] {
    match speed {
        Speed::UltraFast => [("scl", Net::wire("scl")), ("sda", Net::wire("sda"))],
        Speed::High => [
            ("scl", Net::open_drain("scl", wire).with_current_source(3e-3, 3.3)),
            ("sda", Net::open_drain("sda", wire)),
        ],
        _ => [("scl", Net::open_drain("scl", wire)), ("sda", Net::open_drain("sda", wire))],
    }
}

/// Wires whose rise from 30 % to 70 % of the supply takes anything from no time up to what `speed` allows, with pull-ups of
/// 500 ohms to 10 kilohms; they shrink to ideal edges.
///
/// The capacitance is no more than the class allows: 400 pF, or 550 pF in Fast-mode Plus (UM10204 table 10). Drivers have 10 to 50 ohms, so that they win against any of these pull-ups, and their falling edges are as short as the
/// class asks for.
///
/// ```
/// use busproof_core::bus::i2c::Speed;
/// use busproof_testkit::i2c::electrical::{longest_rise, wires};
/// use proptest::prelude::*;
///
/// proptest!(|(wire in wires(Speed::Fast))| {
///     // V(t) = VDD (1 - exp(-t / RC)) goes from 30 % to 70 % in ln(7 / 3) RC.
///     let rise = (7.0f64 / 3.0).ln() * wire.pull_up_ohm * wire.farad;
///     prop_assert!(rise <= longest_rise(Speed::Fast).as_fs() as f64 * 1e-15);
///     prop_assert!(wire.on_ohm / (wire.on_ohm + wire.pull_up_ohm) < 0.3);
/// });
/// ```
pub fn wires(speed: Speed) -> impl Strategy<Value = Rc> {
    (0..=999u64, 500..=10_000u32, 10..=50u32).prop_map(move |(share, pull_up, on)| {
        let rise = longest_rise(speed).scale(share, 1_000).as_fs() as f64 * 1e-15;
        let pull_up_ohm = f64::from(pull_up);
        let most = if speed == Speed::FastPlus { 550e-12 } else { 400e-12 };
        // ln(7 / 3), from 30 % to 70 %.
        let farad = (rise / (0.847_298 * pull_up_ohm)).min(most);
        Rc { pull_up_ohm, farad, on_ohm: f64::from(on) }
    })
}
