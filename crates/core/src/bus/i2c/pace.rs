//! The times a controller keeps.

use super::Speed;
use crate::net::Rc;
use crate::sim::{HIGH, LOW};
use crate::time::Span;

/// The times a controller counts itself, from what it sees at its pins: its low time begins when SCL is seen low, its
/// high time when SCL is seen high (UM10204 section 3.1.7).
///
/// ```text
/// SDA  ‾‾‾‾\_______________/‾‾‾‾‾‾‾‾‾\___
/// SCL  ‾‾‾‾‾‾‾‾\_________________/‾‾‾‾‾‾‾‾‾‾‾\___
///          |<->| start_hold
///              |<->| data_hold
///                      |<--->| data_setup, at least
///              |<----- low ----->|<-- high -->|
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long SCL is held low in each clock (tLOW), if no one holds it longer.
    pub low: Span,
    /// How long SCL stays high in each clock (tHIGH), if no one pulls it low before.
    pub high: Span,
    /// From SDA low to SCL falling in a START (tHD;STA).
    pub start_hold: Span,
    /// From SCL high to SDA falling in a repeated START (tSU;STA).
    pub start_setup: Span,
    /// From SCL high to SDA rising in a STOP (tSU;STO).
    pub stop_setup: Span,
    /// From SCL low to SDA changing (tHD;DAT).
    pub data_hold: Span,
    /// From SDA beginning to change to SCL being released, at least: tSU;DAT and the rise of SDA. It makes the low time
    /// longer where `data_hold` leaves no room. To change SDA late, lengthen `data_hold` and shorten this.
    pub data_setup: Span,
}

impl Timing {
    /// The minima of a speed class. High speed has those of 100 pF above 1.7 MHz, and of 400 pF up to there.
    ///
    /// From UM10204 table 10 (Sm, Fm, Fm+), table 12 (Hs) and table 14 (UFm). `data_hold` is above its minimum of 0, to
    /// bridge the falling edge of SCL: 300 ns (table 10, note 3), less where the class leaves no time for that.
    /// `data_setup` is tSU;DAT plus the longest rise of the class, as in table 10, note 5.
    pub fn minima(speed: Speed, hertz: u64) -> Timing {
        let [low, high, start_hold, start_setup, stop_setup, data_hold, data_setup] = match speed {
            Speed::Standard => [4700, 4000, 4000, 4700, 4000, 300, 250 + 1000],
            Speed::Fast => [1300, 600, 600, 600, 600, 300, 100 + 300],
            Speed::FastPlus => [500, 260, 260, 260, 260, 100, 50 + 120],
            Speed::High if hertz > 1_700_000 => [160, 60, 160, 160, 160, 10, 10 + 80],
            Speed::High => [320, 120, 160, 160, 160, 10, 10 + 160],
            Speed::UltraFast => [50, 50, 50, 50, 50, 10, 30],
        }
        .map(Span::from_ns);
        Timing { low, high, start_hold, start_setup, stop_setup, data_hold, data_setup }
    }

    /// With low and high time stretched in proportion, so that both with `edges` between them take a period of `hertz`;
    /// never shortened.
    #[must_use]
    pub fn at(self, hertz: u64, edges: Span) -> Timing {
        let period = Span::period_of(hertz).unwrap_or(Span::ZERO).saturating_sub(edges);
        let least = self.low.saturating_add(self.high);
        if period <= least {
            return self;
        }
        let low = period.scale(self.low.as_fs(), least.as_fs());
        Timing { low, high: period.saturating_sub(low), ..self }
    }
}

/// What the edges of SCL add to low and high time, at least: from being pulled to Low, and from being let go to High. It
/// may be pulled again as soon as it has reached High, so no more than that is counted on.
pub(super) fn edges(rc: Rc) -> Span {
    let pulled = parallel(rc.pull_up_ohm, rc.on_ohm);
    let lowest = if rc.pull_up_ohm.is_finite() { pulled / rc.pull_up_ohm } else { 0.0 };
    let seconds = rc.farad
        * (pulled * libm::log((HIGH - lowest) / (LOW - lowest))
            + rc.pull_up_ohm * libm::log((1.0 - lowest) / (1.0 - HIGH)));
    // A wire that never gets there has no such time.
    if seconds.is_finite() && seconds > 0.0 { Span::from_fs((seconds * 1e15) as u64) } else { Span::ZERO }
}

fn parallel(a: f64, b: f64) -> f64 {
    1.0 / (1.0 / a + 1.0 / b)
}

/// From a STOP to the next START (tBUF; UM10204 tables 10 and 14). High speed leaves by a STOP, so Fast mode's holds.
pub(super) const fn bus_free(speed: Speed) -> Span {
    Span::from_ns(match speed {
        Speed::Standard => 4700,
        Speed::Fast | Speed::High => 1300,
        Speed::FastPlus => 500,
        Speed::UltraFast => 80,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_mode_at_its_limit_leaves_just_the_edges_of_the_table() {
        // UM10204 section 7.2.1: 1 / (tLOW + tHIGH + tr + tf), with 300 ns each for tr and tf.
        let minima = Timing::minima(Speed::Fast, 400_000);
        assert_eq!(minima.at(400_000, Span::from_ns(600)), minima);
        let relaxed = minima.at(400_000, Span::ZERO);
        assert_eq!(relaxed.low + relaxed.high, Span::from_ns(2500));
        assert!(relaxed.low > minima.low && relaxed.high > minima.high);
    }

    #[test]
    fn edges_are_those_of_the_formulas() {
        // 2.2 kOhm, 100 pF: 1.204 RC up from 0; the driver of 22 Ohm leaves 1 % and makes that 1.194 RC. Down it takes
        // 0.867 times RC of the driver.
        let ns = edges(Rc { pull_up_ohm: 2200.0, farad: 100e-12, on_ohm: 22.0 }).as_fs() as f64 / 1e6;
        assert!((ns - (262.685 + 1.889)).abs() < 0.01, "{ns} ns");
        let ideal = edges(Rc { pull_up_ohm: 2200.0, farad: 0.0, on_ohm: 22.0 });
        assert_eq!(ideal, Span::ZERO);
    }
}
