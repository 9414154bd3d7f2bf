//! When an agent acts: after delays, or on a clock of its own; and how often it is willing to.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::cdc::{Chain, FlopError, FlopSpec};
use crate::log::Value;
use crate::sim::{Clock, ClockError, ClockSpec, Cx};
use crate::time::{Span, Time};

/// When an agent acts on what it sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Without a clock: a delay after it sees what it waits for, each time drawn anew and evenly from this range.
    ///
    /// In valid/ready: its outputs change that long after the clock edge.
    Delays {
        /// The shortest, at least 1 fs but in valid/ready.
        least: Span,
        /// The longest.
        most: Span,
    },
    /// At the rising edges of a clock of its own; inputs from the other end pass flops first.
    ///
    /// In valid/ready the clock is that of the pin; only the flop's clock-to-output time counts.
    Clocked {
        /// Its clock.
        clock: ClockSpec,
        /// Flops that inputs pass.
        stages: u8,
        /// The flops.
        flop: FlopSpec,
    },
}

impl Pace {
    /// Always the same delay.
    pub const fn after(delay: Span) -> Pace {
        Pace::Delays { least: delay, most: delay }
    }

    /// On a clock, behind two ideal flops.
    pub const fn clocked(clock: ClockSpec) -> Pace {
        Pace::Clocked { clock, stages: 2, flop: FlopSpec::IDEAL }
    }
}

/// Why an agent cannot act at a pace.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PaceError {
    /// Two agents that answer each other in no time never let time pass.
    #[error("a delay of 0; an agent without a clock needs 1 fs at least to answer")]
    NoDelay,
    /// The range is empty.
    #[error("delays of {least} at least and {most} at most; swap them")]
    Range {
        /// The shortest.
        least: Span,
        /// The longest.
        most: Span,
    },
    /// Of its clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// Of its flops.
    #[error(transparent)]
    Flop(#[from] FlopError),
    /// More wires than a receiver looks at.
    #[error("dual-rail words of {0} bits; a receiver takes up to 32")]
    Rails(u32),
    /// A pattern that is never open.
    #[error("a back-pressure pattern that is never open; let it be open once in a while")]
    NeverOpen,
}

/// How often an agent is willing: a sender to offer the next word, a receiver to take one. It counts opportunities:
/// clock edges, or delays that are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pattern {
    /// Always.
    #[default]
    Always,
    /// At every n-th opportunity.
    Every(u32),
    /// At random, with that many chances in 256.
    Random(u8),
    /// `open` opportunities in a row, then `shut` of refusal.
    Bursts {
        /// Willing.
        open: u32,
        /// Not willing.
        shut: u32,
    },
}

/// Where in a pattern an agent is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Willing {
    pattern: Pattern,
    at: u32,
}

impl Willing {
    pub(super) fn new(pattern: Pattern) -> Result<Willing, PaceError> {
        let never =
            matches!(pattern, Pattern::Every(0) | Pattern::Random(0) | Pattern::Bursts { open: 0, .. });
        if never { Err(PaceError::NeverOpen) } else { Ok(Willing { pattern, at: 0 }) }
    }

    /// Whether the agent is willing at this opportunity.
    #[inline]
    pub(super) fn is_open(&mut self, rng: &mut ChaCha8Rng) -> bool {
        let (round, open) = match self.pattern {
            Pattern::Always => return true,
            Pattern::Random(chances) => return (rng.next_u32() & 0xff) < chances as u32,
            Pattern::Every(n) => (n, 1),
            Pattern::Bursts { open, shut } => (open.saturating_add(shut), open),
        };
        let is_open = self.at < open;
        self.at = (self.at + 1) % round;
        is_open
    }
}

/// Opportunities to act, and what the agent sees of the other end at each.
#[derive(Clone, Debug)]
pub(super) struct Rhythm {
    kind: Kind,
    /// The inputs, each as it was when it was last known.
    held: u64,
}

#[derive(Clone, Debug)]
enum Kind {
    Delays { least: Span, most: Span, due: Option<Time> },
    Clocked(Box<Clocked>),
}

/// A clock of the agent's own.
#[derive(Clone, Debug)]
struct Clocked {
    clock: Clock,
    next: Time,
    chain: Chain,
}

impl Clocked {
    /// What the agent sees at a rising edge of its clock, if there is one now.
    fn edge(&mut self, inputs: Value, cx: &mut Cx<'_>) -> Option<u64> {
        let now = cx.now();
        self.chain.input(now, inputs, cx.rng());
        if cx.is_start() {
            self.await_rise(cx);
        }
        if self.next > now {
            return None;
        }
        let seen = self.chain.sees(now, cx.rng());
        self.chain.clock(now, cx.rng());
        self.await_rise(cx);
        Some(seen)
    }

    /// The next rising edge; the fall behind it is of no interest.
    fn await_rise(&mut self, cx: &mut Cx<'_>) {
        self.next = self.clock.edge(cx.rng());
        self.clock.edge(cx.rng());
        cx.set_alarm(self.next);
    }
}

impl Rhythm {
    /// For `width` input wires.
    pub(super) fn new(pace: &Pace, width: u32) -> Result<Rhythm, PaceError> {
        let kind = match *pace {
            Pace::Delays { least, most } if least > most => return Err(PaceError::Range { least, most }),
            Pace::Delays { least, .. } if least.is_zero() => return Err(PaceError::NoDelay),
            Pace::Delays { least, most } => Kind::Delays { least, most, due: None },
            Pace::Clocked { clock, stages, flop } => {
                let chain = Chain::new(flop, stages, width)?;
                Kind::Clocked(Box::new(Clocked { clock: Clock::new(&clock)?, next: Time::ZERO, chain }))
            }
        };
        Ok(Rhythm { kind, held: 0 })
    }

    /// From an opportunity to the outputs.
    pub(super) fn output_delay(&self) -> Span {
        match &self.kind {
            Kind::Delays { .. } => Span::ZERO,
            Kind::Clocked(clocked) => clocked.chain.spec().clk_to_q,
        }
    }

    /// Looks at the inputs as they are now. If this is an opportunity to act: what the agent sees of them.
    pub(super) fn wake(&mut self, inputs: Value, cx: &mut Cx<'_>) -> Option<u64> {
        self.held = self.held & inputs.unknown | inputs.bits & !inputs.unknown;
        match &mut self.kind {
            Kind::Delays { due, .. } => due.take_if(|due| *due <= cx.now()).map(|_| self.held),
            Kind::Clocked(clocked) => clocked.edge(inputs, cx),
        }
    }

    /// The inputs, each as it was when it was last known.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// There is something to do, not before `from`: without a clock, a delay begins unless one is under way.
    pub(super) fn expect(&mut self, from: Time, cx: &mut Cx<'_>) {
        let Kind::Delays { least, most, due } = &mut self.kind else { return };
        if due.is_none() {
            let at = cx.now().max(from).saturating_add(draw(*least, *most, cx.rng()));
            *due = Some(at);
            cx.set_alarm(at);
        }
    }

    /// How often a flop had to guess.
    pub(super) fn upsets(&self) -> u64 {
        match &self.kind {
            Kind::Delays { .. } => 0,
            Kind::Clocked(clocked) => clocked.chain.upsets(),
        }
    }
}

/// The delay of outputs after a clock edge that is not the agent's own.
pub(super) fn after_edge(pace: &Pace, rng: &mut ChaCha8Rng) -> Span {
    match *pace {
        Pace::Delays { least, most } => draw(least, most, rng),
        Pace::Clocked { flop, .. } => flop.clk_to_q,
    }
}

/// An even random span from `least` to `most`.
fn draw(least: Span, most: Span, rng: &mut ChaCha8Rng) -> Span {
    let range = most.saturating_sub(least).as_fs();
    if range == 0 {
        return least;
    }
    let part = (rng.next_u64() as u128 * (range as u128 + 1)) >> 64;
    least.saturating_add(Span::from_fs(part as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    fn opens(pattern: Pattern, count: usize) -> Vec<bool> {
        let (mut willing, mut rng) = (Willing::new(pattern).unwrap(), ChaCha8Rng::seed_from_u64(1));
        (0..count).map(|_| willing.is_open(&mut rng)).collect()
    }

    #[test]
    fn patterns_open_as_they_say() {
        assert_eq!(opens(Pattern::Always, 3), [true; 3]);
        assert_eq!(opens(Pattern::Every(3), 6), [true, false, false, true, false, false]);
        assert_eq!(opens(Pattern::Bursts { open: 2, shut: 1 }, 5), [true, true, false, true, true]);
        let random = opens(Pattern::Random(64), 4_000).into_iter().filter(|open| *open).count();
        assert!((900..1_100).contains(&random), "{random} of 4000 at a chance of a quarter");
    }

    #[test]
    fn what_never_opens_or_answers_in_no_time_is_refused() {
        for never in [Pattern::Every(0), Pattern::Random(0), Pattern::Bursts { open: 0, shut: 3 }] {
            assert_eq!(Willing::new(never).err(), Some(PaceError::NeverOpen));
        }
        let refused = |pace| Rhythm::new(&pace, 1).err();
        assert_eq!(refused(Pace::after(Span::ZERO)), Some(PaceError::NoDelay));
        assert_eq!(refused(Pace::after(Span::from_fs(1))), None);
        let (least, most) = (Span::from_ns(2), Span::from_ns(1));
        assert_eq!(refused(Pace::Delays { least, most }), Some(PaceError::Range { least, most }));
    }
}
