//! What a logic analyser would have made of a waveform.

use busproof_core::log::Column;
use busproof_core::{ChangeLog, Level, Source, Time, Value};

use crate::SampleRate;

/// A logic analyser: one threshold, a sample every so often, and noise on its inputs.
///
/// ```text
/// voltage    ____--‾‾‾‾‾‾‾‾‾‾‾‾    a rising edge
/// run        __|xxxxxx|‾‾‾‾‾‾‾‾    X between the thresholds of an input, 30 % and 70 % of the supply
/// samples    |  |  |  |  |  |  |
/// analyser   ______|‾‾|__|‾‾‾‾‾    near its threshold noise decides: the edge is doubled
/// ```
///
/// Within an X the voltage is taken as going straight from where the wire was to where it gets. What is X and never gets
/// anywhere else reads as it was; what nobody drives (Z) reads High, as through a pull-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analyser {
    /// How often it samples.
    pub rate: SampleRate,
    /// Its threshold, in thousandths of the supply.
    pub threshold: u16,
    /// The peak of the noise, in thousandths of the supply.
    pub noise: u16,
    /// What the noise is drawn from.
    pub seed: u64,
}

/// Where an input leaves a level and reaches the other, in thousandths of the supply (UM10204 table 10: 0.3 and 0.7 VDD).
const THRESHOLDS: (i64, i64) = (300, 700);

impl Analyser {
    /// One with its threshold in the middle and no noise.
    pub const fn new(rate: SampleRate) -> Analyser {
        Analyser { rate, threshold: 500, noise: 0, seed: 0 }
    }

    /// The waveform as it would have been recorded, each wire of a group by itself.
    pub fn record(&self, log: &ChangeLog) -> ChangeLog {
        let mut seen = ChangeLog::new(Source::Recording { grid: Some(self.rate.period()) });
        let samples = self.sample_at(log.end());
        for column in log.columns() {
            for wire in 0..column.width() {
                let name = match column.width() {
                    1 => column.name().to_owned(),
                    _ => format!("{}[{wire}]", column.name()),
                };
                let signal = seen.add_wire(name);
                let lane = u64::from(signal.0);
                for (n, level) in self.samples(column, wire, samples, lane) {
                    let at = self.rate.time_of(n).unwrap_or(Time::MAX);
                    // Samples come in order of time.
                    let _ = seen.push(signal, at, Value::wire(level));
                }
            }
        }
        seen.extend_to(self.rate.time_of(samples).unwrap_or(Time::MAX));
        seen
    }

    /// The number of the first sample at or after `t`.
    fn sample_at(&self, t: Time) -> u64 {
        let n = u128::from(t.as_fs()) * u128::from(self.rate.hz());
        u64::try_from(n.div_ceil(1_000_000_000_000_000)).unwrap_or(u64::MAX)
    }

    /// The samples of a wire that differ from those before them, up to number `last`.
    fn samples(&self, column: &Column, wire: u32, last: u64, lane: u64) -> Vec<(u64, Level)> {
        let states: Vec<(Time, Level)> = states(column, wire);
        let mut seen: Vec<(u64, Level)> = Vec::new();
        let mut note = |n: u64, level: Level| {
            if seen.last().is_none_or(|last| last.1 != level) {
                seen.push((n, level));
            }
        };
        let mut before = Level::Low;
        for (i, &(from, level)) in states.iter().enumerate() {
            let first = if i == 0 { 0 } else { self.sample_at(from) };
            let next = states.get(i + 1);
            let end = next.map_or(last.saturating_add(1), |next| self.sample_at(next.0));
            match (level, next) {
                (Level::X, Some(&(to, after))) => {
                    let way = Way { from, to, before, after };
                    (first..end).for_each(|n| note(n, self.between(&way, n, lane)));
                }
                (Level::X, None) => {}
                (level, _) => {
                    before = level;
                    if first < end {
                        note(first, level);
                    }
                }
            }
        }
        seen
    }

    /// What sample `n` sees of a wire on its way between levels.
    fn between(&self, way: &Way, n: u64, lane: u64) -> Level {
        let at = self.rate.time_of(n).unwrap_or(Time::MAX);
        let peak = i64::from(self.noise);
        let noise = (noise(self.seed, lane, n) % (2 * self.noise as u64 + 1)) as i64 - peak;
        Level::from_bit(way.voltage(at) + noise >= i64::from(self.threshold))
    }
}

/// From a level through X to another.
struct Way {
    from: Time,
    to: Time,
    before: Level,
    after: Level,
}

impl Way {
    /// In thousandths of the supply.
    fn voltage(&self, at: Time) -> i64 {
        let (low, high) = THRESHOLDS;
        let edge = |level: Level| if level == Level::Low { low } else { high };
        let (start, end) = (edge(self.before), edge(self.after));
        let (passed, whole) = (at.since(self.from).as_fs(), self.to.since(self.from).as_fs().max(1));
        start + (i128::from(end - start) * i128::from(passed) / i128::from(whole)) as i64
    }
}

/// The levels of a wire; Z reads High.
fn states(column: &Column, wire: u32) -> Vec<(Time, Level)> {
    let level = |value: Value| match value.at(wire) {
        Level::Z => Level::High,
        level => level,
    };
    column.iter().map(|(t, value)| (t, level(value))).collect()
}

/// Evenly distributed bits for a sample: `splitmix64` of where it is (Steele, Lea, Flood 2014).
fn noise(seed: u64, lane: u64, n: u64) -> u64 {
    let mut z = seed ^ lane.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ n.wrapping_mul(0xd1b5_4a32_d192_ed03);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wire that rises from 100 ns to 900 ns and falls at 2,000 ns.
    fn slow() -> ChangeLog {
        let mut log = ChangeLog::default();
        let sda = log.add_wire("sda");
        for (ns, level) in [(0, Level::Low), (100, Level::X), (900, Level::High), (2_000, Level::Low)] {
            log.push(sda, Time::from_fs(ns * 1_000_000), Value::wire(level)).unwrap();
        }
        log.extend_to(Time::from_fs(3_000_000_000));
        log
    }

    fn edges(analyser: &Analyser) -> Vec<(u64, Level)> {
        let seen = analyser.record(&slow());
        assert_eq!(seen.end(), Time::from_fs(3_000_000_000));
        seen.columns()[0].iter().map(|(t, value)| (t.as_fs() / 1_000_000, value.level())).collect()
    }

    #[test]
    fn an_edge_is_seen_by_the_first_sample_behind_the_threshold() {
        let rate = SampleRate::from_hz(20_000_000).unwrap();
        // The middle is crossed at 500 ns, three quarters at none: 75 % lies above what an X spans.
        let half = Analyser::new(rate);
        assert_eq!(edges(&half), [(0, Level::Low), (500, Level::High), (2_000, Level::Low)]);
        let sixty = Analyser { threshold: 600, ..half };
        assert_eq!(edges(&sixty), [(0, Level::Low), (700, Level::High), (2_000, Level::Low)]);
        let slow = Analyser::new(SampleRate::from_hz(3_000_000).unwrap());
        assert_eq!(edges(&slow), [(0, Level::Low), (666, Level::High), (2_000, Level::Low)]);
    }

    #[test]
    fn noise_doubles_slow_edges_and_leaves_fast_ones() {
        let rate = SampleRate::from_hz(50_000_000).unwrap();
        let noisy = Analyser { noise: 100, seed: 7, ..Analyser::new(rate) };
        let seen = edges(&noisy);
        let rising = seen.iter().filter(|(ns, _)| (300..=700).contains(ns)).count();
        assert!(rising > 1 && rising % 2 == 1, "{seen:?}");
        assert_eq!(seen.iter().filter(|(ns, _)| *ns > 700).count(), 1, "{seen:?}");
        assert_eq!(seen, edges(&noisy), "the same seed gives the same samples");
    }
}
