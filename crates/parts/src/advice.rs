//! Pull-up advice: whether the resistors of an I2C bus fit its capacitance, its supply and its speed class.
//!
//! ```text
//! rise, 30 % to 70 %   tr      = ln(7/3) R C = 0.8473 R C     (UM10204 section 7.1)
//! weakest pull-up      Rp(max) = tr(max) / (0.8473 C)
//! strongest pull-up    Rp(min) = (VDD - VOL(max)) / IOL
//! ```
//! All functions are pure; what a speed class asks comes from its standard part ([`catalog::standard`]).
//!
//! ```
//! use busproof_core::bus::i2c::{Options, Speed};
//! use busproof_parts::advice::{Fit, Wires, assess};
//! use busproof_parts::catalog;
//!
//! let fast = Options { speed: Some(Speed::Fast), ..Options::default() };
//! let standard = catalog::standard(&fast).expect("Fast mode has its part");
//! let wires = Wires { pull_up_ohm: 4700.0, farad: 120e-12, vdd: 3.3 };
//! let found = assess(&standard, &wires).expect("Fast mode has pull-ups");
//! assert_eq!(found.fit, Fit::TooSlow);
//! assert_eq!(
//!     found.to_string(),
//!     "a pull-up of 4.7 kOhm on 120 pF rises in 478 ns, where i2c-fast allows 300 ns; 967 Ohm to 2.95 kOhm pass, the \
//!      nearest of series E12 is 2.7 kOhm"
//! );
//! ```
//!
//! [`catalog::standard`]: crate::catalog::standard

use std::fmt;

use busproof_core::bus::i2c::Speed;
use busproof_core::time::Span;
use busproof_core::timing::Side;

use crate::limits::Conditions;
use crate::options::PartOptions;
use crate::part::Part;

/// ln(0.7 / 0.3): the time from 30 % to 70 % of a supply, in units of RC (UM10204 section 7.1 rounds it to 0.8473).
const RISE: f64 = 0.847_297_860_387_203_6;
/// The femtoseconds of a second.
const SECOND: f64 = 1e15;

/// The values of a decade of resistors (IEC 60063).
const E12: [f64; 12] = [1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2];
const E24: [f64; 24] = [
    1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0, 3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8,
    7.5, 8.2, 9.1,
];

/// The seconds in which a wire rises from 30 % to 70 % of its supply.
pub fn rise_time(pull_up_ohm: f64, farad: f64) -> f64 {
    RISE * pull_up_ohm * farad
}

/// The weakest pull-up, in ohm, with which a wire of `farad` rises in `seconds`.
pub fn greatest_pull_up(seconds: f64, farad: f64) -> f64 {
    seconds / (RISE * farad)
}

/// The strongest pull-up, in ohm, that a driver which sinks `ampere` at `low_volt` can hold down.
pub fn least_pull_up(vdd: f64, low_volt: f64, ampere: f64) -> f64 {
    (vdd - low_volt).max(0.0) / ampere
}

/// The wires of a bus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wires {
    /// The pull-up resistor of each, in ohm.
    pub pull_up_ohm: f64,
    /// The capacitance of each, in farad.
    pub farad: f64,
    /// The supply, in volt.
    pub vdd: f64,
}

/// Whether a pull-up fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Fits,
    /// It is too weak for the capacitance: edges rise too slowly.
    TooSlow,
    /// It is too strong for the drivers: they need not reach a low level.
    TooStrong,
}

/// A resistor that one can buy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resistor {
    /// In ohm.
    pub ohm: f64,
    /// The series that has it: 12 or 24 values a decade.
    pub series: u8,
}

/// What was found about the wires of a bus.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// Whether the pull-up fits.
    pub fit: Fit,
    /// The wires.
    pub wires: Wires,
    /// The standard part whose numbers these are.
    pub standard: String,
    /// How long a rise takes from 30 % to 70 %.
    pub rise: Span,
    /// How long it may take.
    pub rise_max: Span,
    /// The strongest pull-up that the drivers can hold down, in ohm: Rp(min).
    pub least_ohm: f64,
    /// The weakest pull-up that is fast enough, in ohm: Rp(max). Below `least_ohm`, no resistor fits.
    pub greatest_ohm: f64,
    /// The resistor that fits and is nearest to the one there is; `None` if no resistor fits.
    pub nearest: Option<Resistor>,
    /// The greatest capacitance that the standard allows, if there is more.
    pub farad_max: Option<f64>,
    /// Where the limits are from.
    pub cite: String,
}

/// Judges the wires by a standard part; `None` if it states no rise time or no sink current, as Ultra Fast-mode, whose wires
/// are driven both ways.
///
/// In High-speed mode SCL is pulled up by a current source, so what is judged is SDA (trDA).
pub fn assess(standard: &Part, wires: &Wires) -> Option<Assessment> {
    let symbol = match standard.asks() {
        PartOptions::I2c { options } if options.speed == Some(Speed::High) => "trDA",
        _ => "tr",
    };
    let limit = standard.limit(symbol, Side::Max)?;
    let electrical = standard.electrical()?;
    let sink = electrical.sink_at(wires.vdd);
    let rise_max = limit.value_at(&Conditions { vdd: wires.vdd, farad: wires.farad });
    let greatest_ohm = greatest_pull_up(rise_max as f64 / SECOND, wires.farad);
    let least_ohm = least_pull_up(wires.vdd, sink.level.volt(wires.vdd), sink.ampere);
    let fit = match wires.pull_up_ohm {
        ohm if ohm > greatest_ohm => Fit::TooSlow,
        ohm if ohm < least_ohm => Fit::TooStrong,
        _ => Fit::Fits,
    };
    Some(Assessment {
        fit,
        wires: *wires,
        standard: standard.name().to_owned(),
        rise: Span::from_fs((rise_time(wires.pull_up_ohm, wires.farad) * SECOND).round() as u64),
        rise_max: Span::from_fs(rise_max.unsigned_abs()),
        least_ohm,
        greatest_ohm,
        nearest: nearest_resistor(wires.pull_up_ohm, least_ohm, greatest_ohm),
        farad_max: Some(electrical.farad_max).filter(|most| wires.farad > *most),
        cite: limit.cite,
    })
}

/// The resistor from `least` to `greatest` nearest to `ohm`: of series E12, or else of E24.
fn nearest_resistor(ohm: f64, least: f64, greatest: f64) -> Option<Resistor> {
    let nearest = |series: &[f64]| {
        let all = (0..8).flat_map(|decade| series.iter().map(move |value| value * 10f64.powi(decade)));
        let fitting = all.filter(|value| (least..=greatest).contains(value));
        fitting.min_by(|a, b| (a - ohm).abs().total_cmp(&(b - ohm).abs()))
    };
    let of = |series: u8| move |ohm| Resistor { ohm, series };
    nearest(&E12).map(of(12)).or_else(|| nearest(&E24).map(of(24)))
}

impl fmt::Display for Assessment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say_what_is(f)?;
        if self.fit != Fit::Fits {
            self.say_what_would_do(f)?;
        }
        match self.farad_max {
            Some(most) => write!(f, "; {} allows {} on a wire", self.standard, Si(most, "F")),
            None => Ok(()),
        }
    }
}

impl Assessment {
    fn say_what_is(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ohm, farad, standard) =
            (Si(self.wires.pull_up_ohm, "Ohm"), Si(self.wires.farad, "F"), &self.standard);
        let (rise, rise_max) = (seconds(self.rise), seconds(self.rise_max));
        match self.fit {
            Fit::Fits => {
                write!(f, "a pull-up of {ohm} on {farad} rises in {rise}; {standard} allows {rise_max}")
            }
            Fit::TooSlow => {
                write!(f, "a pull-up of {ohm} on {farad} rises in {rise}, where {standard} allows {rise_max}")
            }
            Fit::TooStrong => {
                let (vdd, least) = (Si(self.wires.vdd, "V"), Si(self.least_ohm, "Ohm"));
                write!(
                    f,
                    "a pull-up of {ohm} at {vdd} is stronger than the {least} that drivers of {standard} must be able to \
                     hold down"
                )
            }
        }
    }

    fn say_what_would_do(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, greatest) = (Si(self.least_ohm, "Ohm"), Si(self.greatest_ohm, "Ohm"));
        match self.nearest {
            Some(Resistor { ohm, series }) => {
                let ohm = Si(ohm, "Ohm");
                write!(f, "; {least} to {greatest} pass, the nearest of series E{series} is {ohm}")
            }
            None if self.least_ohm > self.greatest_ohm => write!(
                f,
                "; no resistor fits: at most {greatest} is fast enough, at least {least} can be held down; less \
                 capacitance helps"
            ),
            None => write!(f, "; {least} to {greatest} pass, which no resistor of series E24 has"),
        }
    }
}

fn seconds(span: Span) -> Si {
    Si(span.as_fs() as f64 / SECOND, "s")
}

/// Three digits, a prefix and a unit: `2.95 kOhm`.
#[derive(Clone, Copy)]
struct Si(f64, &'static str);

impl fmt::Display for Si {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scales = [(1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p")];
        // A value that rounds up to 1000 belongs to the next prefix.
        let fitting = scales.iter().find(|(scale, _)| self.0 >= scale * 0.9995);
        let (scale, prefix) = fitting.copied().unwrap_or((1e-12, "p"));
        let number = self.0 / scale;
        let digits = if number < 9.995 {
            2
        } else if number < 99.95 {
            1
        } else {
            0
        };
        let text = format!("{number:.digits$}");
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        write!(f, "{text} {prefix}{}", self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use proptest::prelude::*;

    fn assessed(standard: &str, pull_up_ohm: f64, pf: f64, vdd: f64) -> Assessment {
        let wires = Wires { pull_up_ohm, farad: pf * 1e-12, vdd };
        assess(&catalog::find(standard).unwrap(), &wires).unwrap()
    }

    /// Worked by hand from the formulas: Rp(max) at 50, 100, 200 and 400 pF; Rp(min) at 1.8, 3.3 and 5 V.
    #[test]
    fn the_range_of_pull_ups() {
        for (standard, greatest, least) in [
            ("i2c-standard", [23_604, 11_802, 5_901, 2_951], [720, 967, 1_533]),
            ("i2c-fast", [7_081, 3_541, 1_770, 885], [720, 967, 1_533]),
            ("i2c-fast-plus", [2_833, 1_416, 708, 354], [72, 145, 230]),
        ] {
            let found = [50.0, 100.0, 200.0, 400.0].map(|pf| assessed(standard, 1e3, pf, 3.3).greatest_ohm);
            assert_eq!(found.map(|ohm| ohm.round() as u32), greatest, "{standard}");
            let found = [1.8, 3.3, 5.0].map(|vdd| assessed(standard, 1e3, 100.0, vdd).least_ohm);
            assert_eq!(found.map(|ohm| ohm.round() as u32), least, "{standard}");
        }
    }

    #[test]
    fn both_sides_of_the_range() {
        let greatest = 300e-9 / (RISE * 120e-12);
        assert_eq!(assessed("i2c-fast", greatest * 0.9999, 120.0, 3.3).fit, Fit::Fits);
        assert_eq!(assessed("i2c-fast", greatest * 1.0001, 120.0, 3.3).fit, Fit::TooSlow);
        assert_eq!(assessed("i2c-fast", 967.0, 120.0, 3.3).fit, Fit::Fits);
        assert_eq!(assessed("i2c-fast", 966.0, 120.0, 3.3).fit, Fit::TooStrong);
    }

    #[test]
    fn advice_names_what_would_do() {
        assert_eq!(
            assessed("i2c-fast", 2200.0, 120.0, 3.3).to_string(),
            "a pull-up of 2.2 kOhm on 120 pF rises in 224 ns; i2c-fast allows 300 ns"
        );
        assert_eq!(
            assessed("i2c-fast", 470.0, 120.0, 3.3).to_string(),
            "a pull-up of 470 Ohm at 3.3 V is stronger than the 967 Ohm that drivers of i2c-fast must be able to hold \
             down; 967 Ohm to 2.95 kOhm pass, the nearest of series E12 is 1 kOhm"
        );
        assert_eq!(
            assessed("i2c-fast", 4700.0, 500.0, 3.3).to_string(),
            "a pull-up of 4.7 kOhm on 500 pF rises in 1.99 us, where i2c-fast allows 300 ns; no resistor fits: at most \
             708 Ohm is fast enough, at least 967 Ohm can be held down; less capacitance helps; i2c-fast allows 400 pF \
             on a wire"
        );
        let high = assessed("i2c-high", 1000.0, 100.0, 3.3);
        assert_eq!((high.fit, high.rise_max), (Fit::TooSlow, Span::from_ns(80)));
    }

    #[test]
    fn a_finer_series_helps_where_a_coarse_one_has_no_value() {
        assert_eq!(nearest_resistor(5000.0, 1000.0, 2950.0), Some(Resistor { ohm: 2700.0, series: 12 }));
        assert_eq!(nearest_resistor(5000.0, 1250.0, 1400.0), Some(Resistor { ohm: 1300.0, series: 24 }));
        assert_eq!(nearest_resistor(5000.0, 1310.0, 1400.0), None);
        assert_eq!(nearest_resistor(5000.0, 1400.0, 1310.0), None);
    }

    #[test]
    fn push_pull_needs_no_pull_up() {
        let wires = Wires { pull_up_ohm: 1e3, farad: 1e-10, vdd: 3.3 };
        assert_eq!(assess(&catalog::find("i2c-ultra-fast").unwrap(), &wires), None);
    }

    #[test]
    fn quantities_have_three_digits() {
        let text = |value| Si(value, "Ohm").to_string();
        assert_eq!(text(2950.6), "2.95 kOhm");
        assert_eq!(text(999.7), "1 kOhm");
        assert_eq!(text(47.0), "47 Ohm");
        assert_eq!(Si(478e-9, "s").to_string(), "478 ns");
        assert_eq!(Si(120e-12, "F").to_string(), "120 pF");
        assert_eq!(Si(0.0, "F").to_string(), "0 pF");
    }

    proptest! {
        /// What is proposed passes itself.
        #[test]
        fn advice_holds(ohm in 10.0..1e6f64, pf in 1.0..600.0f64, vdd in 1.0..5.5f64, fast in any::<bool>()) {
            let standard = if fast { "i2c-fast" } else { "i2c-standard" };
            let found = assessed(standard, ohm, pf, vdd);
            prop_assert!(!found.to_string().is_empty());
            if let Some(resistor) = found.nearest {
                prop_assert_eq!(assessed(standard, resistor.ohm, pf, vdd).fit, Fit::Fits);
            }
            prop_assert!(found.fit != Fit::Fits || found.least_ohm <= found.greatest_ohm);
        }
    }
}
