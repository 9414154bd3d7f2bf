//! The voltage of an open-drain net.

use crate::level::{Drive, Level, Resolution};
use crate::net::Rc;
use crate::time::{Span, Time};

/// A net is Low below this fraction of its supply, High above [`HIGH`], and X between (UM10204 table 9: VIL, VIH).
pub const LOW: f64 = 0.3;
/// A net is High above this fraction of its supply.
pub const HIGH: f64 = 0.7;

/// The voltage of a net, and when its level will change.
///
/// It follows one curve after the other. The curves of a clock are all alike, so the last few are kept with what has been
/// computed of them, and with the curve that came after.
#[derive(Clone, Debug)]
pub(crate) struct Voltage {
    circuit: Circuit,
    settling: Span,
    memory: Span,
    /// Whoever watches the net holds its last level while it is X.
    pub(crate) is_held: bool,
    /// And no observer looks: it never becomes X.
    is_quiet: bool,
    level: Level,
    /// The last level that was news to those who hold it.
    told: Level,
    /// When the present curve began.
    since: Time,
    /// Which of `known` it is.
    present: usize,
    known: [Known; KEPT],
    /// How many places have been given to curves.
    computed: u32,
    /// A place that is not given away.
    marked: usize,
    /// All stretches so far, if somebody wants them.
    trail: Option<Vec<Stretch>>,
}

/// A stretch of the voltage of an open-drain net: from an instant on it moves towards where its drivers pull.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// When it begins.
    pub from: Time,
    curve: Curve,
}

impl Stretch {
    /// The voltage as a fraction of the supply at `t`, which is not before the stretch begins.
    pub fn at(&self, t: Time) -> f64 {
        self.curve.at(t.since(self.from).as_fs())
    }

    /// How long it takes for all but 1/e of the way; none where edges are ideal.
    pub fn time_constant(&self) -> Span {
        Span::from_fs(self.curve.end.tau.max(0.0) as u64)
    }
}

/// How many curves are kept: a data wire has one for each number of equal bits in a row.
const KEPT: usize = 16;

/// The voltage moves from where it was towards where its drivers pull: `V = Vinf + (V0 - Vinf) e^(-t / tau)`, as a
/// fraction of the supply; it ends at the supply, even where a current source would drive it further.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Curve {
    start: f64,
    end: End,
}

/// Where a curve ends, and how fast it goes there.
#[derive(Clone, Copy, Debug, PartialEq)]
struct End {
    target: f64,
    /// In femtoseconds; 0 where edges are ideal.
    tau: f64,
}

/// What is known of a curve.
#[derive(Clone, Copy, Debug)]
struct Known {
    curve: Curve,
    rises: bool,
    /// It is at its end from the start.
    is_steep: bool,
    /// When it crosses the nearer and the farther threshold, in femtoseconds after its start.
    waits: [u64; 2],
    /// It is at its end after so many femtoseconds, to the last bit of a number.
    lasting: u64,
    /// Which of all curves that were computed it is.
    number: u32,
    /// What came after it the last few times, and which of them is the oldest.
    after: [After; AFTERS],
    oldest: usize,
}

/// How many curves are remembered to have followed one: a data wire has one for each number of equal bits in a row.
const AFTERS: usize = 8;

/// What came after a curve.
#[derive(Clone, Copy, Debug)]
struct After {
    /// How long it had lasted, in femtoseconds, or until it was at its end.
    passed: u64,
    pull: Pull,
    /// The place of the curve that followed, and its number.
    place: usize,
    number: u32,
}

/// What agents do to a net: how many drivers pull low, how many drive high, and how many turn on the current source, added
/// up in one number, of which each has a third.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pull(u32);

impl Pull {
    const BITS: u32 = 10;
    const MASK: u32 = (1 << Self::BITS) - 1;

    /// So many drivers pull low, and that is all.
    #[inline]
    pub(crate) fn low_by(drivers: u32) -> Pull {
        Pull(drivers)
    }

    /// One driver.
    #[inline]
    pub(crate) fn of(drive: Resolution) -> Pull {
        const LOW: Resolution = Resolution::NONE.with(Drive::Strong(false));
        const HIGH: Resolution = Resolution::NONE.with(Drive::Strong(true));
        const BOOST: Resolution = Resolution::NONE.with(Drive::Pull(true));
        let [low, high, boost] = [LOW, HIGH, BOOST].map(|one| (drive == one) as u32);
        Pull(low | high << Self::BITS | boost << (2 * Self::BITS))
    }

    /// All drivers together.
    #[inline]
    pub(crate) fn and(self, other: Pull) -> Pull {
        Pull(self.0 + other.0)
    }

    fn low(self) -> u32 {
        self.0 & Self::MASK
    }

    /// How many drive high, beside the resistor.
    #[inline]
    pub(crate) fn high(self) -> u32 {
        self.0 >> Self::BITS & Self::MASK
    }

    fn is_boosted(self) -> bool {
        self.0 >> (2 * Self::BITS) != 0
    }
}

/// A voltage at a moment, to go back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    level: Level,
    told: Level,
    since: Time,
    present: usize,
}

/// After so many time constants e^(-t / tau) is less than half of the last bit of any voltage at which a curve starts.
const MEMORY: f64 = 60.0;

/// A wait for what never happens.
const NEVER: u64 = u64::MAX;

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
    /// One net.
    pub(crate) fn of(circuit: &Circuit, pull: Pull) -> Load {
        let Circuit { rc, source, controls_slope } = *circuit;
        let low = if controls_slope { pull.low().min(1) } else { pull.low() };
        Load {
            up: conductance(rc.pull_up_ohm, 1) + conductance(rc.on_ohm, pull.high()),
            down: conductance(rc.on_ohm, low),
            source: if pull.is_boosted() { source } else { 0.0 },
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

    /// Where the voltage ends; `None` where nothing pulls.
    fn end(&self) -> Option<End> {
        let total = self.up + self.down;
        if total.is_infinite() {
            Some(End { target: if self.down.is_infinite() { 0.0 } else { 1.0 }, tau: 0.0 })
        } else if total > 0.0 || self.source > 0.0 {
            let total = total.max(LEAK);
            Some(End { target: (self.up + self.source) / total, tau: self.farad / total * 1e15 })
        } else {
            None
        }
    }
}

impl End {
    /// There already.
    fn at(target: f64) -> End {
        End { target, tau: 0.0 }
    }
}

impl Curve {
    fn rises(&self) -> bool {
        self.end.target > self.start
    }

    /// The voltage `passed` femtoseconds after the start.
    fn at(&self, passed: u64) -> f64 {
        let Curve { start, end: End { target, tau } } = *self;
        if tau <= 0.0 {
            return target.min(1.0);
        }
        (target + (start - target) * libm::exp(-(passed as f64) / tau)).min(1.0)
    }

    /// When it crosses the nearer and the farther threshold, in femtoseconds after the start.
    fn waits(&self) -> [u64; 2] {
        let (nearer, farther) = if self.rises() { (LOW, HIGH) } else { (HIGH, LOW) };
        [self.wait(nearer), self.wait(farther)]
    }

    /// After so many femtoseconds it is at its end, to the last bit of a number.
    fn lasting(&self) -> u64 {
        (MEMORY * self.end.tau).max(0.0) as u64
    }

    /// When it has come from one end to beyond the farther threshold.
    fn swing(&self) -> u64 {
        if self.end.tau <= 0.0 && level_of(self.end.target) != Level::X { 0 } else { self.waits()[1] }
    }

    fn wait(&self, threshold: f64) -> u64 {
        let Curve { start, end: End { target, tau } } = *self;
        let reached = if self.rises() { target > threshold } else { target < threshold };
        if !reached {
            return NEVER;
        }
        // The share of the way that is left at the threshold; 1 or more where the curve starts beyond it.
        let left = (threshold - target) / (start - target);
        if left >= 1.0 { 0 } else { libm::ceil(-tau * libm::log(left)) as u64 }
    }
}

impl Known {
    fn of(curve: Curve, number: u32) -> Known {
        Known {
            curve,
            rises: curve.rises(),
            is_steep: curve.end.tau <= 0.0,
            waits: if curve.end.tau > 0.0 { curve.waits() } else { [NEVER; 2] },
            lasting: curve.lasting(),
            number,
            after: [After { passed: 0, pull: Pull::default(), place: 0, number: NO_NUMBER }; AFTERS],
            oldest: 0,
        }
    }
}

/// The number of no curve.
const NO_NUMBER: u32 = u32::MAX;

impl Voltage {
    /// A net at rest, pulled up.
    pub(crate) fn new(circuit: Circuit) -> Voltage {
        let rest = Known::of(Curve { start: 1.0, end: End::at(1.0) }, 0);
        let swings = [(0.0, 0), (1.0, 1)].map(|(start, drivers)| {
            let end = Load::of(&circuit, Pull::low_by(drivers)).end().unwrap_or(End::at(start));
            Curve { start, end }
        });
        let settling = swings.iter().map(Curve::swing).max().unwrap_or(NEVER);
        let memory = swings.iter().map(Curve::lasting).max().unwrap_or(NEVER);
        Voltage {
            circuit,
            settling: Span::from_fs(settling),
            memory: Span::from_fs(memory),
            is_held: false,
            is_quiet: false,
            level: Level::High,
            told: Level::High,
            since: Time::ZERO,
            present: 0,
            known: [rest; KEPT],
            computed: 1,
            marked: 0,
            trail: None,
        }
    }

    /// What the net has of its own.
    pub(crate) fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// As a fraction of the supply, at `t`.
    pub(crate) fn at(&self, t: Time) -> f64 {
        self.known[self.present].curve.at(t.since(self.since).as_fs())
    }

    /// The level as of the last crossing.
    #[inline]
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// Within this, wherever it is, it has become what one driver or the pull-up makes of it.
    #[inline]
    pub(crate) fn settling(&self) -> Span {
        self.settling
    }

    /// After this, nothing is left of what was before, to the last bit of a number.
    #[inline]
    pub(crate) fn memory(&self) -> Span {
        self.memory
    }

    /// It has been pulled so for long at `now`.
    pub(crate) fn rest(&mut self, now: Time, pull: Pull) {
        let end = Load::of(&self.circuit, pull).end().unwrap_or(End::at(1.0));
        let place = self.place_of(Curve { start: end.target.min(1.0), end });
        self.enter(place, now);
        self.level = level_of(end.target);
        self.told = self.level;
    }

    /// From `now` on agents pull so.
    #[inline]
    pub(crate) fn pull(&mut self, now: Time, pull: Pull) {
        let Known { lasting, after, .. } = &self.known[self.present % KEPT];
        let passed = now.since(self.since).as_fs().min(*lasting);
        let is_alike = |after: &&After| after.passed == passed && after.pull == pull;
        let next = match after.iter().find(is_alike) {
            Some(after) if self.known[after.place % KEPT].number == after.number => after.place,
            _ => self.follow(passed, pull),
        };
        self.enter(next, now);
    }

    /// From `now` on all this pulls at the net and those joined to it.
    pub(crate) fn retarget(&mut self, now: Time, load: &Load) {
        let start = self.at(now);
        let next = self.place_of(Curve { start, end: load.end().unwrap_or(End::at(start)) });
        self.enter(next, now);
    }

    /// Takes the voltage of other nets, to which it has been joined.
    pub(crate) fn jump(&mut self, now: Time, to: f64) {
        let next = self.place_of(Curve { start: to, end: End::at(to) });
        self.enter(next, now);
    }

    /// The place of the curve that follows if the net is pulled so now.
    #[inline(never)]
    fn follow(&mut self, passed: u64, pull: Pull) -> usize {
        let before = self.known[self.present];
        let start = before.curve.at(passed);
        let end = Load::of(&self.circuit, pull).end().unwrap_or(End::at(start));
        let place = self.place_of(Curve { start, end });
        let number = self.known[place].number;
        let known = &mut self.known[self.present];
        if known.number == before.number {
            let same = known.after.iter().position(|after| after.passed == passed && after.pull == pull);
            let i = same.unwrap_or(known.oldest % AFTERS);
            known.oldest += same.is_none() as usize;
            known.after[i] = After { passed, pull, place, number };
        }
        place
    }

    /// The place of a curve that is known, or gets to be known in place of the oldest.
    fn place_of(&mut self, curve: Curve) -> usize {
        if let Some(place) = self.known.iter().position(|known| known.curve == curve) {
            return place;
        }
        if self.computed as usize % KEPT == self.marked {
            self.computed += 1;
        }
        let place = self.computed as usize % KEPT;
        self.known[place] = Known::of(curve, self.computed);
        // Long before the numbers come round again, all that refers to them is forgotten.
        self.computed = (self.computed + 1) % NO_NUMBER;
        place
    }

    #[inline]
    fn enter(&mut self, place: usize, now: Time) {
        self.since = now;
        self.present = place;
        let Known { curve, is_steep, .. } = &self.known[place % KEPT];
        if *is_steep {
            self.level = level_of(curve.end.target);
        }
        if let Some(trail) = &mut self.trail {
            // Of several in one instant the last counts.
            trail.pop_if(|last| last.from == now);
            trail.push(Stretch { from: now, curve: *curve });
        }
    }

    /// From now on all stretches are kept.
    pub(crate) fn trace(&mut self) {
        let Known { curve, .. } = self.known[self.present % KEPT];
        self.trail = Some(vec![Stretch { from: self.since, curve }]);
    }

    /// Stretches are kept.
    pub(crate) fn is_traced(&self) -> bool {
        self.trail.is_some()
    }

    /// What has been kept.
    pub(crate) fn trail(&self) -> &[Stretch] {
        self.trail.as_deref().unwrap_or_default()
    }

    /// Which curve it follows, by its number, and for how long at `t`.
    #[inline]
    pub(crate) fn curve_at(&self, t: Time) -> (u32, Span) {
        (self.known[self.present % KEPT].number, t.since(self.since))
    }

    /// The present curve began at `t`.
    #[inline]
    pub(crate) fn go_on_since(&mut self, t: Time) {
        self.since = t;
    }

    /// How it is now. The present curve is kept until the next mark.
    #[inline]
    pub(crate) fn mark(&mut self) -> Mark {
        let &mut Voltage { level, told, since, present, .. } = self;
        self.marked = present;
        Mark { level, told, since, present }
    }

    /// Goes back to how it was at the last mark.
    pub(crate) fn reset(&mut self, mark: &Mark) {
        let &Mark { level, told, since, present } = mark;
        (self.level, self.told, self.since, self.present) = (level, told, since, present);
    }

    /// No observer looks, or one does.
    pub(crate) fn set_quiet(&mut self, is_blind: bool) {
        self.is_quiet = is_blind && self.is_held;
    }

    /// Whether those who watch the net are to be woken when it takes that level.
    #[inline]
    pub(crate) fn is_news(&mut self, level: Level) -> bool {
        if !self.is_held {
            return true;
        }
        level != Level::X && std::mem::replace(&mut self.told, level) != level
    }

    /// It is between the thresholds at `now`, or was so until then.
    pub(crate) fn is_between(&self, now: Time) -> bool {
        let passed = now.since(self.since).as_fs();
        let [leaves, reaches] = self.known[self.present % KEPT].waits;
        leaves < reaches && (leaves..=reaches).contains(&passed)
    }

    /// When the level will next change if nothing else happens; [`Time::MAX`] for never.
    #[inline]
    pub(crate) fn next_crossing(&self) -> Time {
        let Known { waits, rises, .. } = &self.known[self.present % KEPT];
        let wait = match self.level {
            Level::X => waits[1],
            level if level.is_low() == *rises => waits[self.is_quiet as usize],
            _ => NEVER,
        };
        self.since.saturating_add(Span::from_fs(wait))
    }

    /// The level takes its next value.
    #[inline]
    pub(crate) fn cross(&mut self) {
        self.level = match self.level {
            Level::Low | Level::High if !self.is_quiet => Level::X,
            _ => Level::from_bit(self.known[self.present % KEPT].rises),
        };
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
        let drives = |n, bit| (0..n).map(move |_| Pull::of(Drive::Strong(bit).into()));
        v.pull(now, drives(low, false).chain(drives(high, true)).fold(Pull::default(), Pull::and));
    }

    /// The next crossing, which has then happened.
    fn cross(v: &mut Voltage) -> (Time, Level) {
        let at = v.next_crossing();
        v.cross();
        (at, v.level())
    }

    fn low() -> Voltage {
        let mut v = plain(RC);
        pull(&mut v, Time::ZERO, 1, 0);
        assert_eq!([cross(&mut v).1, cross(&mut v).1], [Level::X, Level::Low]);
        assert_eq!(v.next_crossing(), Time::MAX);
        pull(&mut v, Time::from_fs(1_000_000_000_000), 1, 0);
        v
    }

    #[test]
    fn a_rise_takes_0_847_rc_between_the_thresholds() {
        let mut v = low();
        let start = Time::from_fs(2_000_000_000_000);
        pull(&mut v, start, 0, 0);
        let ((leaves, between), (reaches, high)) = (cross(&mut v), cross(&mut v));
        assert_eq!([between, high], [Level::X, Level::High]);
        // ln(0.7 / 0.3) = 0.8473 (UM10204 section 7.1); 4.7 kOhm and 120 pF: 477.9 ns.
        let rise = (reaches - leaves).as_fs() as f64 / 1e6;
        assert!((rise - 0.847_297_86 * 564.0).abs() < 0.001, "{rise} ns");
        assert_eq!(v.next_crossing(), Time::MAX);
    }

    #[test]
    fn an_interrupted_rise_falls_from_where_it_was() {
        let mut v = low();
        let start = Time::from_fs(2_000_000_000_000);
        pull(&mut v, start, 0, 0);
        let (leaves, _) = cross(&mut v);
        let half_way = leaves + Span::from_ns(100);
        let before = v.at(half_way);
        assert!(before > LOW && before < HIGH);
        pull(&mut v, half_way, 1, 0);
        assert!((v.at(half_way) - before).abs() < 1e-12);
        let (falls, to) = cross(&mut v);
        assert_eq!(to, Level::Low);
        assert!((v.at(falls) - LOW).abs() < 1e-3);
    }

    #[test]
    fn two_drivers_pull_twice_as_hard() {
        let mut one = plain(RC);
        let mut two = plain(RC);
        pull(&mut one, Time::ZERO, 1, 0);
        pull(&mut two, Time::ZERO, 2, 0);
        let [one, two] = [one, two].map(|v| v.known[v.present].curve.end);
        assert!(two.target < one.target && two.tau < one.tau);
        assert!((one.target - 47.0 / 4747.0).abs() < 1e-9);
    }

    #[test]
    fn drivers_that_control_the_slope_pull_as_one() {
        let mut one = plain(RC);
        let mut three = Voltage::new(Circuit { controls_slope: true, ..Circuit::of(RC) });
        pull(&mut one, Time::ZERO, 1, 0);
        pull(&mut three, Time::ZERO, 3, 0);
        let end = |v: &Voltage| v.known[v.present].curve.end;
        assert_eq!(end(&three), end(&one));
        pull(&mut three, Time::ZERO, 0, 0);
        assert!((end(&three).target - 1.0).abs() < 1e-12, "nobody pulls any more");
    }

    #[test]
    fn a_driver_too_weak_for_the_pull_up_never_reaches_low() {
        let mut v = plain(Rc { pull_up_ohm: 100.0, on_ohm: 50.0, ..RC });
        pull(&mut v, Time::ZERO, 1, 0);
        assert_eq!((cross(&mut v).1, v.next_crossing()), (Level::X, Time::MAX));
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
        assert_eq!([cross(&mut v).1, cross(&mut v).1], [Level::X, Level::Low]);
        let start = Time::from_fs(1_000_000_000);
        v.pull(start, Pull::of(Drive::Pull(true).into()));
        let ((leaves, _), (reaches, _)) = (cross(&mut v), cross(&mut v));
        let rise = (reaches - leaves).as_fs() as f64 / 1e6;
        assert!((rise - 44.0).abs() < 0.01, "{rise} ns");
        assert!((v.at(start + Span::from_us(1)) - 1.0).abs() < 1e-12);
    }

    /// Curves that are remembered are those that would be computed.
    #[test]
    fn what_is_remembered_is_what_would_be_computed() {
        let mut v = plain(RC);
        let mut fresh = plain(RC);
        let mut now = Time::ZERO;
        let mut state = 1u32;
        for _ in 0..2_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            now += Span::from_ns([50, 300, 300, 1_000][state as usize >> 30]);
            let is_low = state >> 20 & 1 != 0;
            for v in [&mut v, &mut fresh] {
                while v.next_crossing() <= now {
                    v.cross();
                }
                pull(v, now, is_low as u32, 0);
            }
            for known in &mut fresh.known {
                known.after.iter_mut().for_each(|after| after.number = NO_NUMBER);
            }
            assert_eq!((v.level(), v.next_crossing()), (fresh.level(), fresh.next_crossing()));
            assert!((v.at(now) - fresh.at(now)).abs() <= f64::EPSILON);
        }
    }

    #[test]
    fn a_clock_is_computed_once() {
        let mut v = plain(RC);
        let mut now = Time::ZERO;
        for i in 0..10_000 {
            now += Span::from_ns(if i % 2 == 0 { 900 } else { 1_600 });
            pull(&mut v, now, i % 2, 0);
        }
        // Until what is left of the rise before is lost in rounding.
        assert!(v.computed < 60, "{} curves were computed", v.computed);
    }
}
