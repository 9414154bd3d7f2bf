//! The voltage of an open-drain net.

use crate::level::Level;
use crate::net::Rc;
use crate::time::{Span, Time};

/// A net is Low below this fraction of its supply, High above [`HIGH`], and X between (UM10204 table 9: VIL, VIH).
pub const LOW: f64 = 0.3;
/// A net is High above this fraction of its supply.
pub const HIGH: f64 = 0.7;

/// The voltage moves from where it was towards where its drivers pull: `V = Vinf + (V0 - Vinf) e^(-t / tau)`, as a
/// fraction of the supply; it ends at the supply, even where a current source would drive it further.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voltage {
    circuit: Circuit,
    since: Time,
    start: f64,
    target: f64,
    /// In femtoseconds; 0 where edges are ideal.
    tau: f64,
    level: Level,
}

/// What an open-drain net has of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Circuit {
    pub(crate) rc: Rc,
    /// The current source beside the resistor, as the conductance that lets as much through at the full supply.
    pub(crate) source: f64,
    /// However many drivers pull it low, it falls as with one.
    pub(crate) controls_slope: bool,
}

impl Circuit {
    /// A resistor, a capacitance, and drivers that are plain switches.
    pub(crate) const fn of(rc: Rc) -> Circuit {
        Circuit { rc, source: 0.0, controls_slope: false }
    }
}

/// What pulls at a net, or at several that switches have joined: conductances in siemens, and what they have to move.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Load {
    up: f64,
    down: f64,
    source: f64,
    farad: f64,
}

/// Where there is nothing but a current source, its ramp is the beginning of a very long curve.
const LEAK: f64 = 1e-9;

impl Load {
    /// One net, with `low` drivers that pull down, `high` drivers that pull up, and its current source on or off.
    pub(crate) fn of(circuit: &Circuit, low: u32, high: u32, is_boosted: bool) -> Load {
        let Circuit { rc, source, controls_slope } = *circuit;
        let low = if controls_slope { low.min(1) } else { low };
        Load {
            up: conductance(rc.pull_up_ohm, 1) + conductance(rc.on_ohm, high),
            down: conductance(rc.on_ohm, low),
            source: if is_boosted { source } else { 0.0 },
            farad: rc.farad,
        }
    }

    /// Two nets joined.
    pub(crate) fn join(self, other: Load) -> Load {
        Load {
            up: self.up + other.up,
            down: self.down + other.down,
            source: self.source + other.source,
            farad: self.farad + other.farad,
        }
    }

    /// Where the voltage ends, and its time constant in femtoseconds; `None` where nothing pulls.
    fn end(&self) -> Option<(f64, f64)> {
        let total = self.up + self.down;
        if total.is_infinite() {
            Some((if self.down.is_infinite() { 0.0 } else { 1.0 }, 0.0))
        } else if total > 0.0 || self.source > 0.0 {
            let total = total.max(LEAK);
            Some(((self.up + self.source) / total, self.farad / total * 1e15))
        } else {
            None
        }
    }
}

impl Voltage {
    /// A net at rest, pulled up.
    pub(crate) fn new(circuit: Circuit) -> Voltage {
        Voltage { circuit, since: Time::ZERO, start: 1.0, target: 1.0, tau: 0.0, level: Level::High }
    }

    /// What the net has of its own.
    pub(crate) fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// As a fraction of the supply, at `t`.
    pub(crate) fn at(&self, t: Time) -> f64 {
        if self.tau <= 0.0 {
            return self.target.min(1.0);
        }
        let passed = t.since(self.since).as_fs() as f64;
        (self.target + (self.start - self.target) * libm::exp(-passed / self.tau)).min(1.0)
    }

    /// The level as of the last crossing.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// From `now` on this pulls.
    pub(crate) fn retarget(&mut self, now: Time, load: &Load) {
        self.start = self.at(now);
        self.since = now;
        (self.target, self.tau) = load.end().unwrap_or((self.start, 0.0));
        if self.tau <= 0.0 {
            self.level = level_of(self.target);
        }
    }

    /// Takes the voltage of another net, to which it has been joined.
    pub(crate) fn jump(&mut self, now: Time, to: f64) {
        (self.start, self.target, self.tau, self.since) = (to, to, 0.0, now);
        self.level = level_of(to);
    }

    /// When the level will next change if nothing else happens, and to what.
    pub(crate) fn next_crossing(&self, now: Time) -> Option<(Time, Level)> {
        let rising = self.target > self.start;
        let (threshold, to) = match (rising, self.level) {
            (true, Level::Low) => (LOW, Level::X),
            (true, Level::X) => (HIGH, Level::High),
            (false, Level::High) => (HIGH, Level::X),
            (false, Level::X) => (LOW, Level::Low),
            _ => return None,
        };
        let reached = if rising { self.target > threshold } else { self.target < threshold };
        if !reached {
            return None;
        }
        // The share of the way that is left at the threshold; 1 or more where the edge starts beyond it.
        let left = (threshold - self.target) / (self.start - self.target);
        let wait = if left >= 1.0 { 0.0 } else { -self.tau * libm::log(left) };
        let at = self.since.saturating_add(Span::from_fs(libm::ceil(wait) as u64));
        Some((at.max(now), to))
    }

    /// The level takes its next value.
    pub(crate) fn cross(&mut self, to: Level) {
        self.level = to;
    }
}

/// Of `n` equal resistors in parallel, in siemens.
fn conductance(ohm: f64, n: u32) -> f64 {
    if n == 0 { 0.0 } else { f64::from(n) / ohm }
}

fn level_of(fraction: f64) -> Level {
    if fraction < LOW {
        Level::Low
    } else if fraction > HIGH {
        Level::High
    } else {
        Level::X
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RC: Rc = Rc { pull_up_ohm: 4700.0, farad: 120e-12, on_ohm: 47.0 };

    fn plain(rc: Rc) -> Voltage {
        Voltage::new(Circuit::of(rc))
    }

    fn pull(v: &mut Voltage, now: Time, low: u32, high: u32) {
        let load = Load::of(v.circuit(), low, high, false);
        v.retarget(now, &load);
    }

    fn low() -> Voltage {
        let mut v = plain(RC);
        pull(&mut v, Time::ZERO, 1, 0);
        let (mut now, mut v2) = (Time::ZERO, v);
        while let Some((t, to)) = v2.next_crossing(now) {
            v2.cross(to);
            now = t;
        }
        assert_eq!(v2.level(), Level::Low);
        pull(&mut v2, Time::from_fs(1_000_000_000_000), 1, 0);
        v2
    }

    #[test]
    fn a_rise_takes_0_847_rc_between_the_thresholds() {
        let mut v = low();
        let start = Time::from_fs(2_000_000_000_000);
        pull(&mut v, start, 0, 0);
        let (leaves, to) = v.next_crossing(start).unwrap();
        assert_eq!(to, Level::X);
        v.cross(to);
        let (reaches, to) = v.next_crossing(leaves).unwrap();
        assert_eq!(to, Level::High);
        // ln(0.7 / 0.3) = 0.8473 (UM10204 section 7.1); 4.7 kOhm and 120 pF: 477.9 ns.
        let rise = (reaches - leaves).as_fs() as f64 / 1e6;
        assert!((rise - 0.847_297_86 * 564.0).abs() < 0.001, "{rise} ns");
        v.cross(to);
        assert_eq!(v.next_crossing(reaches), None);
    }

    #[test]
    fn an_interrupted_rise_falls_from_where_it_was() {
        let mut v = low();
        let start = Time::from_fs(2_000_000_000_000);
        pull(&mut v, start, 0, 0);
        let (leaves, to) = v.next_crossing(start).unwrap();
        v.cross(to);
        let half_way = leaves + Span::from_ns(100);
        let before = v.at(half_way);
        assert!(before > LOW && before < HIGH);
        pull(&mut v, half_way, 1, 0);
        assert!((v.at(half_way) - before).abs() < 1e-12);
        let (falls, to) = v.next_crossing(half_way).unwrap();
        assert_eq!(to, Level::Low);
        assert!((v.at(falls) - LOW).abs() < 1e-3);
    }

    #[test]
    fn two_drivers_pull_twice_as_hard() {
        let mut one = plain(RC);
        let mut two = plain(RC);
        pull(&mut one, Time::ZERO, 1, 0);
        pull(&mut two, Time::ZERO, 2, 0);
        assert!(two.target < one.target && two.tau < one.tau);
        assert!((one.target - 47.0 / 4747.0).abs() < 1e-9);
    }

    #[test]
    fn drivers_that_control_the_slope_pull_as_one() {
        let mut one = plain(RC);
        let mut three = Voltage::new(Circuit { controls_slope: true, ..Circuit::of(RC) });
        pull(&mut one, Time::ZERO, 1, 0);
        pull(&mut three, Time::ZERO, 3, 0);
        assert_eq!((three.target, three.tau), (one.target, one.tau));
        pull(&mut three, Time::ZERO, 0, 0);
        assert!((three.target - 1.0).abs() < 1e-12, "nobody pulls any more");
    }

    #[test]
    fn a_driver_too_weak_for_the_pull_up_never_reaches_low() {
        let mut v = plain(Rc { pull_up_ohm: 100.0, on_ohm: 50.0, ..RC });
        pull(&mut v, Time::ZERO, 1, 0);
        let (t, to) = v.next_crossing(Time::ZERO).unwrap();
        v.cross(to);
        assert_eq!((to, v.next_crossing(t)), (Level::X, None));
    }

    #[test]
    fn without_capacitance_edges_are_ideal() {
        let mut v = plain(Rc { farad: 0.0, ..RC });
        pull(&mut v, Time::from_fs(5), 1, 0);
        assert_eq!(v.level(), Level::Low);
        pull(&mut v, Time::from_fs(9), 0, 0);
        assert_eq!(v.level(), Level::High);
    }

    #[test]
    fn a_current_source_alone_makes_a_ramp_that_ends_at_the_supply() {
        // 3 mA into 100 pF at 3.3 V: 0.909 % each ns, so 44 ns from 30 % to 70 %.
        let rc = Rc { pull_up_ohm: f64::INFINITY, farad: 100e-12, on_ohm: 20.0 };
        let mut v = Voltage::new(Circuit { source: 3e-3 / 3.3, ..Circuit::of(rc) });
        pull(&mut v, Time::ZERO, 1, 0);
        let start = Time::from_fs(1_000_000_000);
        while let Some((_, to)) = v.next_crossing(start) {
            v.cross(to);
        }
        let load = Load::of(v.circuit(), 0, 0, true);
        v.retarget(start, &load);
        let (leaves, to) = v.next_crossing(start).unwrap();
        v.cross(to);
        let (reaches, _) = v.next_crossing(leaves).unwrap();
        let rise = (reaches - leaves).as_fs() as f64 / 1e6;
        assert!((rise - 44.0).abs() < 0.01, "{rise} ns");
        assert!((v.at(start + Span::from_us(1)) - 1.0).abs() < 1e-12);
    }
}
