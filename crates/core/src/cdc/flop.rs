//! Flip-flops that can become metastable, alone and in chains.
//!
//! ```text
//!              setup  hold
//!             |<--->|<-->|
//! CLK  _____________/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾      the window: where the input must not change
//! D    ________________/‾‾‾‾‾‾‾‾‾‾‾‾      it does
//! Q    ____________________xxxxxxx‾‾      `Resolves`: unknown from clk_to_q on, for a random time; then either level
//! Q    ____________________|‾‾‾‾‾‾‾‾      `OneCycle`: taken now, or one cycle later
//! ```
//!
//! **The law of `Resolves`.** A flop whose input changes in its window of width w is still unresolved t after
//! `clk_to_q` with probability min(1, T0/w e^(-t/tau)). For changes of uniform phase that is `T0 f_clk e^(-t/tau)` for each
//! change, so that the mean time between failures is the textbook's `e^(tr/tau) / (T0 f_clk f_data)` (University of
//! Washington, CSE 467, slides on metastability; Actel AC312), however wide the window is.
//!
//! **Chains.** A flop that samples an unresolved level becomes metastable itself. Resolution has no memory, so it is
//! still unresolved t later with probability e^(-t/tau), and the resolving times of the stages add. That is the common
//! form for two stages; others square the factor T0 f, and Beer et al. ("MTBF bounds for multistage synchronizers")
//! show the truth to lie between.
//!
//! `OneCycle` is the usual practice of simulation (`OpenTitan`, `prim_cdc_rand_delay.sv`: a change is randomly missed by
//! one edge, each bit on its own). With a set-up of a whole period every change is treated so, as `OpenTitan` does it; with
//! less only those in the window.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::log::Value;
use crate::time::{Span, Time};

/// A flip-flop, as far as its input and output timing go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlopSpec {
    /// How long before the clock edge the input must not change.
    pub setup: Span,
    /// How long after it.
    pub hold: Span,
    /// From the clock edge to the new output.
    pub clk_to_q: Span,
    /// What happens if the input changes all the same.
    pub metastability: Metastability,
}

/// What happens to a flop whose input changes in its window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Metastability {
    /// Nothing: it takes what was there before the edge.
    #[default]
    Never,
    /// It takes the change, or misses it by one edge, at random.
    OneCycle,
    /// It is unknown for a random time and then takes either level at random.
    Resolves(Resolution),
}

/// How fast a metastable flop resolves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resolution {
    /// The time constant of resolution, in seconds.
    pub tau: f64,
    /// T0, the width of the aperture extrapolated to no resolving time, in seconds.
    pub t0: f64,
}

/// Why a flop cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum FlopError {
    /// The output would change before it is known what the input did.
    #[error("a hold time of {hold} exceeds the clock-to-output time of {clk_to_q}; raise clk_to_q")]
    Hold {
        /// The hold time.
        hold: Span,
        /// The clock-to-output time.
        clk_to_q: Span,
    },
    /// Not positive, or no number at all.
    #[error("tau of {0} s is not a positive time")]
    Tau(f64),
    /// Not positive, or no number at all.
    #[error("T0 of {0} s is not a positive time")]
    T0(f64),
    /// Without a window no change would fall into it.
    #[error("a flop that becomes metastable needs a window; set its set-up or hold time")]
    NoWindow,
    /// More than the model holds.
    #[error("{0} wires; a chain of flops holds 1 to 64")]
    Width(u32),
}

impl FlopSpec {
    /// Takes what was there before the edge, and shows it at once.
    pub const IDEAL: FlopSpec = FlopSpec {
        setup: Span::ZERO,
        hold: Span::ZERO,
        clk_to_q: Span::ZERO,
        metastability: Metastability::Never,
    };

    /// The window: set-up and hold time together.
    pub const fn window(&self) -> Span {
        self.setup.saturating_add(self.hold)
    }

    /// Whether such a flop can be.
    pub fn check(&self) -> Result<(), FlopError> {
        let positive = |x: f64| x.is_finite() && x > 0.0;
        if self.metastability == Metastability::Never {
            return Ok(());
        }
        if self.window().is_zero() {
            return Err(FlopError::NoWindow);
        }
        if self.hold > self.clk_to_q {
            return Err(FlopError::Hold { hold: self.hold, clk_to_q: self.clk_to_q });
        }
        match self.metastability {
            Metastability::Resolves(r) if !positive(r.tau) => Err(FlopError::Tau(r.tau)),
            Metastability::Resolves(r) if !positive(r.t0) => Err(FlopError::T0(r.t0)),
            _ => Ok(()),
        }
    }

    /// How long a flop is unresolved, counted from `clk_to_q`, whose input changed in the window (`Inherited::No`) or
    /// was unresolved itself.
    fn lasts(&self, inherited: Inherited, rng: &mut ChaCha8Rng) -> Span {
        let Metastability::Resolves(Resolution { tau, t0 }) = self.metastability else { return Span::ZERO };
        let share = match inherited {
            Inherited::No => t0 * FS_PER_SECOND / self.window().as_fs() as f64,
            Inherited::Yes => 1.0,
        };
        let seconds = tau * libm::log(share / uniform(rng));
        Span::from_fs((seconds * FS_PER_SECOND).max(0.0) as u64)
    }
}

/// Where a flop's metastability comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inherited {
    No,
    Yes,
}

const FS_PER_SECOND: f64 = 1e15;

/// An even random number in (0, 1).
fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    ((rng.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// 0 or 1 for each wire of `mask`, at random.
fn coins(mask: u64, rng: &mut ChaCha8Rng) -> u64 {
    if mask == 0 { 0 } else { rng.next_u64() & mask }
}

/// The wires of a mask, one by one.
fn wires(mut mask: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let wire = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask - 1;
        Some(wire)
    })
}

/// `stages` flops in a row for each of 1 to 64 wires, all on one clock; each wire has its own luck.
///
/// It starts reset: an input that has never been known counts as Low, as an output does that has not been clocked.
///
/// Pure: told of its input's changes and its clock's edges, in order of time, it says what its outputs do. An agent
/// puts that on nets.
#[derive(Clone, Debug)]
pub struct Chain {
    spec: FlopSpec,
    mask: u64,
    input: Input,
    stages: Vec<Stage>,
    /// The last clock edge.
    edge: Option<Time>,
    upsets: u64,
}

#[derive(Clone, Debug)]
struct Input {
    now: Value,
    /// Wires that have been Low or High once.
    known: u64,
    /// As it was before the last change of each wire.
    before: u64,
    /// When each wire changed last.
    changed: Vec<Time>,
    /// When the last wire changed.
    last: Time,
}

impl Input {
    /// `value`, with Low for the wires that have never been known.
    fn since_reset(&mut self, value: Value) -> Value {
        self.known |= !value.unknown;
        Value { bits: value.bits & self.known, unknown: value.unknown & self.known }
    }
}

/// The outputs of the flops of one stage.
#[derive(Clone, Debug)]
struct Stage {
    /// What they are, or will be once resolved.
    bits: u64,
    /// Wires that are unresolved for a while.
    unsettled: u64,
    /// Until when.
    until: Vec<Time>,
}

impl Chain {
    /// A chain of `stages` flops, 0 for a plain wire, for each of `width` wires, all Low.
    pub fn new(spec: FlopSpec, stages: u8, width: u32) -> Result<Chain, FlopError> {
        spec.check()?;
        if !(1..=64).contains(&width) {
            return Err(FlopError::Width(width));
        }
        let never = vec![Time::ZERO; width as usize];
        let stage = Stage { bits: 0, unsettled: 0, until: never.clone() };
        Ok(Chain {
            spec,
            mask: u64::MAX >> (64 - width),
            input: Input { now: Value::known(0), known: 0, before: 0, changed: never, last: Time::ZERO },
            stages: vec![stage; stages as usize],
            edge: None,
            upsets: 0,
        })
    }

    /// The flop it is made of.
    pub fn spec(&self) -> &FlopSpec {
        &self.spec
    }

    /// How many flops there are in a row.
    pub fn stages(&self) -> usize {
        self.stages.len()
    }

    /// How often [`Chain::sees`] had to guess a wire: each is a failure of the synchroniser.
    pub fn upsets(&self) -> u64 {
        self.upsets
    }

    /// The input takes a new value. True if that falls into the hold time of the last edge and the first stage's output
    /// comes out differently: show it again.
    pub fn input(&mut self, t: Time, value: Value, rng: &mut ChaCha8Rng) -> bool {
        let was = self.input.now;
        let value = self.input.since_reset(value);
        let diff = (was.bits ^ value.bits | was.unknown ^ value.unknown) & self.mask;
        if diff == 0 {
            return false;
        }
        for wire in wires(diff) {
            self.input.changed[wire as usize] = t;
        }
        self.input.before = self.input.before & !diff | was.bits & diff;
        (self.input.now, self.input.last) = (value, t);
        self.holds_back(t, diff, rng)
    }

    /// A change of the wires `diff` right after an edge.
    fn holds_back(&mut self, t: Time, diff: u64, rng: &mut ChaCha8Rng) -> bool {
        let (Some(edge), false) = (self.edge, self.spec.metastability == Metastability::Never) else {
            return false;
        };
        let violated = t < edge.saturating_add(self.spec.hold) || t == edge;
        let Some(stage) = self.stages.first_mut().filter(|_| violated) else { return false };
        for wire in wires(diff) {
            stage.upset(wire, edge, &self.spec, Inherited::No, rng);
        }
        true
    }

    /// A clock edge: every stage takes what the one before it shows. Changes of the input in this instant come after it
    /// or before it, as you like.
    pub fn clock(&mut self, t: Time, rng: &mut ChaCha8Rng) {
        self.edge = Some(t);
        for i in (1..self.stages.len()).rev() {
            let (head, tail) = self.stages.split_at_mut(i);
            tail[0].take(&head[i - 1], t, &self.spec, rng);
        }
        if self.stages.is_empty() {
            return;
        }
        let (bits, uncertain) = self.sampled_input(t);
        let unknown = self.input.now.unknown & self.mask;
        let stage = &mut self.stages[0];
        (stage.bits, stage.unsettled) = (bits, 0);
        for wire in wires(uncertain | unknown) {
            let inherited = if unknown >> wire & 1 != 0 { Inherited::Yes } else { Inherited::No };
            stage.upset(wire, t, &self.spec, inherited, rng);
        }
    }

    /// What a flop takes at `t`, and the wires that change in its window up to now.
    fn sampled_input(&self, t: Time) -> (u64, u64) {
        let now = self.input.now.bits & self.mask;
        let since = t.saturating_sub(self.spec.setup);
        // Wires at rest are the rule.
        if self.input.last < since || self.input.last == Time::ZERO {
            return (now, 0);
        }
        let (mut at_once, mut late) = (0, 0);
        for (wire, &changed) in self.input.changed.iter().enumerate().filter(|(_, c)| **c > Time::ZERO) {
            at_once |= ((changed == t) as u64) << wire;
            late |= ((changed > since || changed == t) as u64) << wire;
        }
        let uncertain = if self.spec.metastability == Metastability::Never { 0 } else { late };
        (now & !at_once | self.input.before & at_once & self.mask, uncertain)
    }

    /// What logic sees that samples the output with a clock edge at `t`, before [`Chain::clock`] is told of it.
    ///
    /// A wire that is unresolved when the set-up time of that logic begins is seen at random; so is, without a stage, an
    /// input that changes in the window. Two calls stand for two flops fed by the same wire, which may see it differently.
    pub fn sees(&mut self, t: Time, rng: &mut ChaCha8Rng) -> u64 {
        let (bits, uncertain) = match self.stages.last() {
            Some(stage) if stage.unsettled == 0 => return stage.bits,
            Some(stage) => (stage.bits, stage.unresolved_at(t.saturating_sub(self.spec.setup))),
            None => {
                let (bits, uncertain) = self.sampled_input(t);
                (bits, uncertain | self.input.now.unknown & self.mask)
            }
        };
        self.upsets += uncertain.count_ones() as u64;
        bits & !uncertain | coins(uncertain, rng)
    }

    /// True if the output of the last stage is unresolved at `t` minus the set-up time.
    pub fn is_unresolved(&self, t: Time) -> bool {
        let from = t.saturating_sub(self.spec.setup);
        self.stages.last().is_some_and(|stage| stage.unresolved_at(from) != 0)
    }

    /// What the last stage shows once resolved; the input itself without a stage.
    pub fn settled(&self) -> u64 {
        self.stages.last().map_or(self.input.now.bits & self.mask, |stage| stage.bits)
    }

    /// What stage `i`, counted from 0, shows after the last edge: each instant with the value from then on.
    ///
    /// # Panics
    /// If there is no such stage.
    pub fn shows(&self, i: usize, mut each: impl FnMut(Time, Value)) {
        let (stage, Some(edge)) = (&self.stages[i], self.edge) else { return };
        let mut unknown = stage.unsettled;
        let shown = |unknown: u64| Value { bits: stage.bits | unknown, unknown };
        each(edge.saturating_add(self.spec.clk_to_q), shown(unknown));
        while let Some(next) = wires(unknown).map(|wire| stage.until[wire as usize]).min() {
            unknown = wires(unknown)
                .filter(|&wire| stage.until[wire as usize] > next)
                .fold(0, |mask, wire| mask | 1 << wire);
            each(next, shown(unknown));
        }
    }
}

impl Stage {
    /// A wire whose flop had its window violated at `edge`: either level, after a while.
    fn upset(&mut self, wire: u32, edge: Time, spec: &FlopSpec, inherited: Inherited, rng: &mut ChaCha8Rng) {
        let mask = 1 << wire;
        self.bits = self.bits & !mask | coins(mask, rng);
        let lasts = spec.lasts(inherited, rng);
        self.unsettled &= !mask;
        if !lasts.is_zero() {
            self.unsettled |= mask;
            self.until[wire as usize] = edge.saturating_add(spec.clk_to_q).saturating_add(lasts);
        }
    }

    /// Takes what the stage before it shows at `edge`.
    fn take(&mut self, before: &Stage, edge: Time, spec: &FlopSpec, rng: &mut ChaCha8Rng) {
        (self.bits, self.unsettled) = (before.bits, 0);
        if before.unsettled != 0 {
            for wire in wires(before.unresolved_at(edge.saturating_sub(spec.setup))) {
                self.upset(wire, edge, spec, Inherited::Yes, rng);
            }
        }
    }

    /// Wires that are unresolved at `t` still.
    fn unresolved_at(&self, t: Time) -> u64 {
        wires(self.unsettled)
            .filter(|&wire| self.until[wire as usize] > t)
            .fold(0, |mask, wire| mask | 1 << wire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    fn rng(seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(seed)
    }

    fn spec(metastability: Metastability) -> FlopSpec {
        let ps = Span::from_ps;
        FlopSpec { setup: ps(100), hold: ps(50), clk_to_q: ps(200), metastability }
    }

    fn ps(ps: u64) -> Time {
        Time::ZERO + Span::from_ps(ps)
    }

    const SLOW: Metastability = Metastability::Resolves(Resolution { tau: 1e-9, t0: 1e-9 });

    /// What a single flop takes whose input rises at `rise`, in picoseconds, with its edge at 10,000 ps; for many seeds.
    fn taken(model: Metastability, rise: u64) -> Vec<u64> {
        let mut seen: Vec<u64> = (0..64)
            .map(|seed| {
                let (mut chain, mut rng) = (Chain::new(spec(model), 1, 1).unwrap(), rng(seed));
                if rise <= 10_000 {
                    chain.input(ps(rise), Value::known(1), &mut rng);
                }
                chain.clock(ps(10_000), &mut rng);
                if rise > 10_000 {
                    chain.input(ps(rise), Value::known(1), &mut rng);
                }
                chain.settled()
            })
            .collect();
        seen.sort_unstable();
        seen.dedup();
        seen
    }

    #[test]
    fn the_window_begins_at_the_setup_time_and_ends_at_the_hold_time() {
        for model in [Metastability::OneCycle, SLOW] {
            assert_eq!(taken(model, 9_900), [1], "set-up kept exactly");
            assert_eq!(taken(model, 9_901), [0, 1], "set-up missed");
            assert_eq!(taken(model, 10_000), [0, 1], "at the edge");
            assert_eq!(taken(model, 10_049), [0, 1], "hold missed");
            assert_eq!(taken(model, 10_050), [0], "hold kept exactly");
        }
        assert_eq!(taken(Metastability::Never, 9_999), [1]);
        assert_eq!(taken(Metastability::Never, 10_000), [0], "what was there before the edge");
    }

    #[test]
    fn a_violated_flop_is_unknown_and_then_settles() {
        let (mut chain, mut rng) = (Chain::new(spec(SLOW), 1, 1).unwrap(), rng(3));
        chain.input(ps(9_950), Value::known(1), &mut rng);
        chain.clock(ps(10_000), &mut rng);
        let mut shown = Vec::new();
        chain.shows(0, |t, value| shown.push((t, value)));
        assert_eq!(shown.len(), 2, "{shown:?}");
        assert_eq!((shown[0].0, shown[0].1.level()), (ps(10_200), crate::Level::X));
        assert_eq!((shown[1].0, shown[1].1.unknown), (chain.stages[0].until[0], 0));
        assert!(shown[1].0 > shown[0].0);
    }

    #[test]
    fn resolving_takes_longer_than_t_as_often_as_the_law_says() {
        let model = Metastability::Resolves(Resolution { tau: 200e-12, t0: 60e-12 });
        let (spec, mut rng) = (spec(model), rng(5));
        let draws = 100_000;
        for (inherited, share) in [(Inherited::No, 60.0 / 150.0), (Inherited::Yes, 1.0)] {
            for t in [1.0, 100.0, 400.0] {
                let longer = |_: &u32| spec.lasts(inherited, &mut rng).as_fs() as f64 > t * 1e3;
                let count = (0..draws).filter(longer).count() as f64;
                let want = draws as f64 * share * libm::exp(-t / 200.0);
                assert!((count - want).abs() < 4.0 * libm::sqrt(want), "{count} of {want} at {t} ps");
            }
        }
    }

    #[test]
    fn an_input_that_was_never_known_is_low_and_one_that_is_lost_is_metastable() {
        let outcomes = |was_known: bool| {
            let one = |seed| {
                let (mut chain, mut rng) =
                    (Chain::new(spec(Metastability::OneCycle), 1, 1).unwrap(), rng(seed));
                if was_known {
                    chain.input(ps(1), Value::known(0), &mut rng);
                }
                chain.input(ps(2), Value::X, &mut rng);
                chain.clock(ps(10_000), &mut rng);
                chain.settled()
            };
            (0..64).map(one).sum::<u64>()
        };
        assert_eq!(outcomes(false), 0);
        assert!((10..54).contains(&outcomes(true)));
    }

    #[test]
    fn impossible_flops_are_refused() {
        let good = spec(SLOW);
        assert_eq!(good.check(), Ok(()));
        let resolves = |tau, t0| Metastability::Resolves(Resolution { tau, t0 });
        let refused = |spec: FlopSpec| spec.check().is_err();
        assert!(refused(FlopSpec { hold: Span::from_ps(201), ..good }));
        assert!(!refused(FlopSpec { hold: Span::from_ps(200), ..good }));
        assert!(refused(FlopSpec { metastability: resolves(0.0, 1e-9), ..good }));
        assert!(refused(FlopSpec { metastability: resolves(f64::NAN, 1e-9), ..good }));
        assert!(refused(FlopSpec { metastability: resolves(1e-9, -1.0), ..good }));
        assert!(refused(FlopSpec { setup: Span::ZERO, hold: Span::ZERO, ..good }));
        assert!(Chain::new(good, 2, 0).is_err() && Chain::new(good, 2, 65).is_err());
    }

    proptest! {
        /// A change far from every edge reaches the end of a chain of n flops at the n-th edge, whatever the model.
        #[test]
        fn a_chain_of_n_flops_takes_n_edges(
            n in 1..6u8, model in 0..3usize, value in any::<u64>(), width in 1..=64u32, seed in any::<u64>(),
        ) {
            let models = [Metastability::Never, Metastability::OneCycle, Metastability::Resolves(Resolution { tau: 1e-11, t0: 1e-11 })];
            let (mut chain, mut rng) = (Chain::new(spec(models[model]), n, width).unwrap(), rng(seed));
            let want = value & (u64::MAX >> (64 - width));
            chain.input(ps(5_000), Value::known(want), &mut rng);
            for edge in 1..=n as u64 {
                prop_assert_eq!(chain.settled(), 0);
                chain.clock(ps(10_000 * edge), &mut rng);
            }
            prop_assert_eq!(chain.settled(), want);
        }

        /// One cycle late at most, and never a level that the input did not have.
        #[test]
        fn one_cycle_misses_a_change_by_one_edge_at_most(seed in any::<u64>(), rise in 9_000..11_000u64) {
            let (mut chain, mut rng) = (Chain::new(spec(Metastability::OneCycle), 2, 1).unwrap(), rng(seed));
            let mut seen = Vec::new();
            for edge in 1..=4u64 {
                if edge == 1 && rise <= 10_000 || edge == 2 && rise > 10_000 {
                    chain.input(ps(rise), Value::known(1), &mut rng);
                }
                chain.clock(ps(10_000 * edge), &mut rng);
                prop_assert!(!chain.is_unresolved(ps(10_000 * (edge + 1))));
                seen.push(chain.settled());
            }
            prop_assert_eq!(&seen[..1], &[0]);
            prop_assert_eq!(&seen[3..], &[1]);
            prop_assert!(seen.windows(2).all(|w| w[0] <= w[1]), "{:?}", seen);
        }
    }
}
