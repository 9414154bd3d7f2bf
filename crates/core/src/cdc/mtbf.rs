//! Mean time between failures of a synchroniser: computed, and measured.
//!
//! ```text
//!                        e^((tr_1 + ... + tr_n) / tau)
//! MTBF = -------------------------------------------------,   tr = T_clk - t_clk2q - t_setup for each stage
//!                          T0 f_clk f_data
//! ```
//!
//! `f_data` counts transitions a second (some texts write toggles, which are half as many). The formula holds for
//! transitions of even phase; clocks that are related can be much worse. (University of Washington CSE 467; Actel AC312;
//! Harris and Harris, exercise 3.36; Beer, Ginosar et al., "MTBF estimation in coherent clock domains".)
//!
//! ```
//! use busproof_core::cdc::{FlopSpec, Metastability, Resolution, mtbf::Case};
//! use busproof_core::Span;
//!
//! // A worked example: tau 0.31 ns, T0 9.6 as, 2.3 ns to resolve, 100 MHz, 1 MHz: 20.1 days (mbedded.ninja).
//! let model = Metastability::Resolves(Resolution { tau: 0.31e-9, t0: 9.6e-18 });
//! let (setup, hold) = (Span::from_ps(7_700), Span::ZERO);
//! let flop = FlopSpec { setup, hold, clk_to_q: Span::ZERO, metastability: model };
//! let case = Case { flop, stages: 1, clock_hertz: 100_000_000, data_hertz: 1_000_000 };
//! assert!((case.computed()? / 86_400.0 - 20.1).abs() < 0.1);
//! # Ok::<(), busproof_core::cdc::mtbf::MtbfError>(())
//! ```

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::flop::{Chain, FlopError, FlopSpec, Metastability, Resolution};
use crate::log::Value;
use crate::time::{Span, Time};

/// A synchroniser and what it has to cope with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// Its flops, which resolve: [`Metastability::Resolves`].
    pub flop: FlopSpec,
    /// How many of them in a row, at least 1.
    pub stages: u8,
    /// The frequency of its clock, in hertz.
    pub clock_hertz: u64,
    /// Transitions of the input a second.
    pub data_hertz: u64,
}

/// What was measured, beside what the formula says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// How often the output was unresolved when the set-up time of a flop behind it began.
    pub failures: u64,
    /// How many transitions there were.
    pub transitions: u64,
    /// How long that took, in seconds of the simulated circuit.
    pub seconds: f64,
    /// Mean time between failures, in seconds, as measured.
    pub mtbf: f64,
    /// The standard error of that, as a fraction: failures are rare and independent, so it is 1/sqrt(failures).
    pub standard_error: f64,
    /// Mean time between failures, in seconds, as computed.
    pub computed: f64,
}

impl Measured {
    /// By how many standard errors measured and computed differ.
    pub fn deviation(&self) -> f64 {
        // In rates, where the number of failures is what varies.
        let expected = self.seconds / self.computed;
        (self.failures as f64 - expected) / libm::sqrt(expected)
    }
}

/// Why there is no mean time between failures.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum MtbfError {
    /// Of the flop.
    #[error(transparent)]
    Flop(#[from] FlopError),
    /// It never fails, or not in the way that is computed.
    #[error("a flop without tau and T0; use one that resolves")]
    NeverUnresolved,
    /// A wire is no synchroniser.
    #[error("a synchroniser without a stage has no time to resolve; use 1 stage or more")]
    NoStage,
    /// Not 1 Hz to 1 PHz.
    #[error("a clock of {0} Hz is out of range")]
    Clock(u64),
    /// The flop is slower than the clock.
    #[error("clock-to-output and set-up time exceed the period of {0}; use a slower clock")]
    NoTime(Span),
    /// Not measured: transitions would overlap.
    #[error("{data} transitions a second are too many to be told apart at {clock} Hz; use {most} at most")]
    TooManyTransitions {
        /// Transitions a second.
        data: u64,
        /// The clock.
        clock: u64,
        /// As many as can be told apart.
        most: u64,
    },
    /// The aperture left after the first stage's time is wider than the window that the model has.
    #[error("an aperture of {aperture} s is wider than the window of {window}; widen set-up and hold time")]
    Window {
        /// T0 as far as the window has to hold it.
        aperture: f64,
        /// Set-up and hold time.
        window: Span,
    },
    /// There would be too few failures.
    #[error("{0} failures ask for more than {MOST} transitions; use a longer tau, or ask for fewer")]
    TooRare(u64),
}

/// More transitions than anybody waits for.
const MOST: u64 = 2_000_000_000;

impl Case {
    /// Tau and T0.
    fn resolution(&self) -> Result<Resolution, MtbfError> {
        self.flop.check()?;
        match self.flop.metastability {
            Metastability::Resolves(resolution) => Ok(resolution),
            _ => Err(MtbfError::NeverUnresolved),
        }
    }

    fn period(&self) -> Result<Span, MtbfError> {
        Span::period_of(self.clock_hertz)
            .filter(|period| period.as_fs() > 0)
            .ok_or(MtbfError::Clock(self.clock_hertz))
    }

    /// The time that each stage has to resolve.
    pub fn resolving_time(&self) -> Result<Span, MtbfError> {
        let period = self.period()?;
        let used = self.flop.clk_to_q.saturating_add(self.flop.setup);
        if used > period { Err(MtbfError::NoTime(period)) } else { Ok(period.saturating_sub(used)) }
    }

    /// The mean time between failures by the formula, in seconds; infinite if it exceeds the range of floating point.
    pub fn computed(&self) -> Result<f64, MtbfError> {
        let Resolution { tau, t0 } = self.resolution()?;
        if self.stages == 0 {
            return Err(MtbfError::NoStage);
        }
        let tr = self.resolving_time()?.as_fs() as f64 * 1e-15;
        let gain = libm::exp(self.stages as f64 * tr / tau);
        Ok(gain / (t0 * self.clock_hertz as f64 * self.data_hertz as f64))
    }

    /// Simulates transitions of even phase until there are `failures`, and says how often that was.
    ///
    /// The flops are those of the agents. Only the clock edges that follow a transition are simulated, since the others
    /// change nothing.
    pub fn measure(&self, failures: u64, seed: u64) -> Result<Measured, MtbfError> {
        let computed = self.computed()?;
        self.check_measurable(failures, computed)?;
        let mut course = Course::new(self, seed)?;
        let mut seen = 0;
        while seen < failures && course.transitions < MOST {
            seen += course.transition()? as u64;
        }
        let seconds = course.transitions as f64 / self.data_hertz as f64;
        Ok(Measured {
            failures: seen,
            transitions: course.transitions,
            seconds,
            mtbf: seconds / seen as f64,
            standard_error: 1.0 / libm::sqrt(seen as f64),
            computed,
        })
    }

    fn check_measurable(&self, failures: u64, computed: f64) -> Result<(), MtbfError> {
        // One transition at a time: all stages and two edges more.
        let most = self.clock_hertz / (self.stages as u64 + 3);
        if self.data_hertz > most || self.data_hertz == 0 {
            let (data, clock) = (self.data_hertz, self.clock_hertz);
            return Err(MtbfError::TooManyTransitions { data, clock, most });
        }
        let Resolution { tau, t0 } = self.resolution()?;
        let tr = self.resolving_time()?.as_fs() as f64 * 1e-15;
        let (aperture, window) = (t0 * libm::exp(-tr / tau), self.flop.window());
        if aperture > window.as_fs() as f64 * 1e-15 {
            return Err(MtbfError::Window { aperture, window });
        }
        let expected = failures as f64 * computed * self.data_hertz as f64;
        if expected > MOST as f64 / 2.0 { Err(MtbfError::TooRare(failures)) } else { Ok(()) }
    }
}

/// A synchroniser that sees one transition after the other.
struct Course<'a> {
    case: &'a Case,
    chain: Chain,
    rng: ChaCha8Rng,
    period: Span,
    /// The last edge.
    edge: Time,
    level: bool,
    transitions: u64,
}

impl<'a> Course<'a> {
    fn new(case: &'a Case, seed: u64) -> Result<Course<'a>, MtbfError> {
        Ok(Course {
            case,
            chain: Chain::new(case.flop, case.stages, 1)?,
            rng: ChaCha8Rng::seed_from_u64(seed),
            period: case.period()?,
            edge: Time::ZERO,
            level: false,
            transitions: 0,
        })
    }

    /// A transition somewhere within a period, and the edges until it has passed. True if a flop behind the last stage
    /// would have sampled it unresolved.
    fn transition(&mut self) -> Result<bool, MtbfError> {
        self.turn_back()?;
        let phase = ((self.rng.next_u64() as u128 * self.period.as_fs() as u128) >> 64) as u64;
        self.tick();
        self.level = !self.level;
        self.transitions += 1;
        let at = self.edge + Span::from_fs(phase);
        self.chain.input(at, Value::known(self.level as u64), &mut self.rng);
        let mut fails = false;
        for _ in 0..self.chain.stages() + 2 {
            fails |= self.chain.is_unresolved(self.edge + self.period);
            self.tick();
        }
        Ok(fails)
    }

    fn tick(&mut self) {
        self.edge += self.period;
        self.chain.clock(self.edge, &mut self.rng);
    }

    /// Begins anew before time ends.
    fn turn_back(&mut self) -> Result<(), MtbfError> {
        if self.edge.as_fs() > u64::MAX / 2 {
            self.chain = Chain::new(self.case.flop, self.case.stages, 1)?;
            (self.edge, self.level) = (Time::ZERO, false);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flop(tau: f64, t0: f64) -> FlopSpec {
        FlopSpec {
            setup: Span::from_ps(200),
            hold: Span::from_ps(100),
            clk_to_q: Span::from_ps(500),
            metastability: Metastability::Resolves(Resolution { tau, t0 }),
        }
    }

    /// (name, tau, T0, resolving time in ps, clock, data, MTBF in seconds, relative tolerance)
    ///
    /// The tables of the facts: mbedded.ninja; Actel AC312 at no time to resolve, and for a year; the last three computed there.
    #[test]
    fn worked_examples_come_out() {
        const DAY: f64 = 86_400.0;
        let examples = [
            ("mbedded.ninja", 0.31e-9, 9.6e-18, 2_300, 100_000_000, 1_000_000, 20.1 * DAY, 2e-3),
            ("Actel, no time", 1.0 / 9.148e9, 1.56e-11, 0, 100_000_000, 12_500_000, 51.2e-6, 5e-3),
            ("Actel, a year", 1.0 / 9.148e9, 1.56e-11, 2_970, 100_000_000, 12_500_000, 3.156e7, 3e-2),
            ("tau 20 ps", 20e-12, 20e-12, 4_000, 200_000_000, 20_000_000, 9.03e81, 1e-2),
            ("tau 30 ps", 30e-12, 20e-12, 4_000, 200_000_000, 20_000_000, 1.01e53, 1e-2),
            ("tau 109 ps", 109e-12, 20e-12, 4_000, 200_000_000, 20_000_000, 1.08e11, 1e-2),
        ];
        for (name, tau, t0, tr, clock_hertz, data_hertz, want, tolerance) in examples {
            let period = Span::period_of(clock_hertz).unwrap();
            let setup = period.saturating_sub(Span::from_ps(tr));
            let metastability = Metastability::Resolves(Resolution { tau, t0 });
            let flop = FlopSpec { setup, hold: Span::ZERO, clk_to_q: Span::ZERO, metastability };
            let case = Case { flop, stages: 1, clock_hertz, data_hertz };
            let got = case.computed().unwrap();
            assert!((got / want - 1.0).abs() < tolerance, "{name}: {got} s instead of {want} s");
        }
    }

    /// Points 5 of the issue: at least 1,000 failures, within the stated statistical error of the formula.
    #[test]
    fn one_and_two_stages_fail_as_often_as_the_formula_says() {
        for (stages, tau, clock_hertz, failures) in [
            (1, 1.5e-9, 100_000_000, 4_000),
            (2, 3e-9, 100_000_000, 4_000),
            (3, 5e-9, 100_000_000, 1_000),
            (1, 0.8e-9, 250_000_000, 2_000),
        ] {
            for seed in 0..3 {
                let case = Case { flop: flop(tau, 0.2e-9), stages, clock_hertz, data_hertz: 3_000_000 };
                let seen = case.measure(failures, seed).unwrap();
                assert_eq!(seen.failures, failures);
                assert!(seen.deviation().abs() < 4.0, "{stages} stages, seed {seed}: {seen:?}");
            }
        }
    }

    /// The measurement can tell: a formula without the second stage, or without T0, is far off.
    #[test]
    fn the_measurement_tells_a_wrong_formula() {
        let case =
            Case { flop: flop(3e-9, 0.2e-9), stages: 2, clock_hertz: 100_000_000, data_hertz: 3_000_000 };
        let seen = case.measure(2_000, 9).unwrap();
        let one_stage = Case { stages: 1, ..case }.computed().unwrap();
        let wrong = Measured { computed: one_stage, ..seen };
        assert!(wrong.deviation().abs() > 20.0, "{wrong:?}");
    }

    #[test]
    fn cases_without_an_answer_are_refused() {
        let case =
            Case { flop: flop(1e-9, 0.1e-9), stages: 1, clock_hertz: 100_000_000, data_hertz: 1_000_000 };
        assert!(case.computed().is_ok());
        assert_eq!(Case { stages: 0, ..case }.computed(), Err(MtbfError::NoStage));
        assert_eq!(Case { flop: FlopSpec::IDEAL, ..case }.computed(), Err(MtbfError::NeverUnresolved));
        assert_eq!(Case { clock_hertz: 0, ..case }.computed(), Err(MtbfError::Clock(0)));
        assert!(matches!(Case { clock_hertz: 2_000_000_000, ..case }.computed(), Err(MtbfError::NoTime(_))));
        assert!(matches!(
            Case { data_hertz: 25_000_001, ..case }.measure(10, 1),
            Err(MtbfError::TooManyTransitions { most: 25_000_000, .. })
        ));
        let rare = Case { flop: flop(0.05e-9, 0.1e-9), ..case };
        assert_eq!(rare.measure(1_000, 1), Err(MtbfError::TooRare(1_000)));
        let wide = Case { flop: flop(1e-6, 1e-6), ..case };
        assert!(matches!(wide.measure(10, 1), Err(MtbfError::Window { .. })));
    }
}
