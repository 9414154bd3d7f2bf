//! One payload, one way, over one link.

use busproof_core::align::distance;
use busproof_core::sim::{Bench, Stop};
use busproof_core::{Span, Time};

use crate::link::{Conditions, Link, LinkError, MAX_PAYLOAD};
use crate::meter::{Count, Meter};
use crate::rig;

/// How far the two ends are apart in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// By how much the sender's clock is faster than the receiver's, in parts per million; negative: slower. Where the
    /// clock travels with the data there is only the sender's, and this is how much faster it is than it should be.
    pub ppm: i64,
    /// How far the receiver's clock is behind: one of [`Offset::PHASES`]. For a UART they span, ends included, the sixteenth of a
    /// bit in which the receiver may notice the first start bit; for a handshake they divide a period. Without meaning where
    /// the receiver has no clock.
    pub phase: u32,
}

impl Offset {
    /// How many phases are told apart.
    pub const PHASES: u32 = 16;
    /// Two clocks of the same frequency, half a period apart.
    pub const NONE: Offset = Offset { ppm: 0, phase: Offset::PHASES / 2 };

    /// All phases, for two clocks that differ by `ppm`.
    pub(crate) fn phases(ppm: i64) -> impl Iterator<Item = Offset> {
        (0..Offset::PHASES).map(move |phase| Offset { ppm, phase })
    }

    /// As parts per billion.
    pub(crate) const fn ppb(self) -> i64 {
        self.ppm.saturating_mul(1_000)
    }

    /// The phase as a part of `span`, whose end is its beginning.
    pub(crate) const fn of(self, span: Span) -> Span {
        span.scale(self.phase as u64, Self::PHASES as u64)
    }

    /// The phase as a part of `span`, the first at its beginning and the last at its end.
    pub(crate) const fn within(self, span: Span) -> Span {
        span.scale(self.phase as u64, Self::PHASES as u64 - 1)
    }

    /// When the payload is handed to a sender whose clock would have that period if it were not off.
    pub(crate) const fn submission(self, period: Span) -> Time {
        let own = period.scale(1_000_000, 1_000_000u64.saturating_add_signed(self.ppm));
        Time::ZERO.saturating_add(own.scale(REST, 2))
    }
}

/// A byte at the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When the receiver had it.
    pub at: Time,
    /// The byte.
    pub byte: u8,
    /// The receiver knows that it is no good: a framing error.
    pub flawed: bool,
}

/// What was seen of a payload on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// When it was handed to the sender, whose wires were at rest.
    pub submitted: Time,
    /// What arrived.
    pub arrivals: Vec<Arrival>,
    /// When the sender was through; `None` if it never was.
    pub done: Option<Time>,
    /// The wires of the link.
    pub wires: u32,
    /// Edges on all of them until the sender was through.
    pub edges: u64,
    /// The bits that the wires carried meanwhile: clocks of SPI and I2C, bit times of a UART; on handshakes each wire that
    /// belongs to a word, and each change of request, acknowledge, valid and ready.
    pub bits: u64,
    /// How long open-drain wires were held Low, added up over them; zero on others.
    pub held_low: Span,
}

impl Passage {
    /// From the submission until a byte arrived, counted from 0.
    pub fn time_to(&self, byte: usize) -> Option<Span> {
        self.arrivals.get(byte).map(|arrival| arrival.at.since(self.submitted))
    }

    /// What became of `payload`.
    pub fn fate(&self, payload: &[u8]) -> Fate {
        // A flawed byte is none of the payload's.
        let arrived: Vec<Option<u8>> =
            self.arrivals.iter().map(|arrival| Some(arrival.byte).filter(|_| !arrival.flawed)).collect();
        let sent: Vec<Option<u8>> = payload.iter().copied().map(Some).collect();
        let noticed = arrived.iter().filter(|byte| byte.is_none()).count();
        match self.done {
            Some(_) if arrived == sent => Fate::Intact,
            None if sent.starts_with(&arrived) => Fate::Stalls { after: arrived.len() },
            _ => Fate::Corrupts { wrong: distance(&sent, &arrived), noticed },
        }
    }
}

/// What became of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrived.
    Intact,
    /// Bytes were wrong, lost, or invented.
    Corrupts {
        /// How many: one that is lost or invented is one, whatever follows it.
        wrong: usize,
        /// How many the receiver knows of: their stop bits were not there.
        noticed: usize,
    },
    /// What arrived is right, but it is not all, and nothing moves any more.
    Stalls {
        /// How many bytes arrived.
        after: usize,
    },
}

/// Both ends of a link on a bench.
pub(crate) trait Rig {
    /// The bench.
    fn bench(&mut self) -> &mut Bench;
    /// Hands the sender its payload. The bench stops when it is through.
    fn submit(&mut self, payload: &[u8]) -> Result<(), LinkError>;
    /// When the sender was through.
    fn done(&mut self) -> Option<Time>;
    /// What the receiver has.
    fn arrivals(&mut self) -> Vec<Arrival>;
    /// The bits that the wires carried until the sender was through.
    fn bits(&self, meter: &Meter, done: Time) -> u64;
    /// Its wires are open-drain, and holding them Low takes a current.
    fn is_open_drain(&self) -> bool {
        false
    }
}

/// Sends `payload` over `link` and says what was seen.
pub fn send(
    link: Link,
    conditions: &Conditions,
    payload: &[u8],
    offset: Offset,
) -> Result<Passage, LinkError> {
    conditions.check()?;
    match payload.len() {
        0 => return Err(LinkError::Empty),
        n if n > MAX_PAYLOAD => return Err(LinkError::Long(n)),
        _ => {}
    }
    let mut rig = rig::build(link, conditions, offset)?;
    let period = conditions.period(link);
    run(&mut *rig, offset.submission(period), period, payload)
}

/// Half periods in which the wires come to rest before the payload and behind it: the payload comes midway between two
/// edges of the sender's clock.
const REST: u64 = 129;
/// A link on which nothing moves for so many periods has stalled.
pub const STILL: u64 = 4_096;
/// So many periods for each byte are enough for anything that moves at all.
const PATIENCE: u64 = 65_536;

fn run(rig: &mut dyn Rig, submitted: Time, period: Span, payload: &[u8]) -> Result<Passage, LinkError> {
    let mut meter = Meter::new(rig.bench());
    rig.bench().run_until(submitted, &mut meter)?;
    meter.restart(submitted);
    rig.submit(payload)?;
    let limit = submitted.saturating_add(period * PATIENCE * (payload.len() as u64 + 1));
    let stop = run_while_moving(rig.bench(), &mut meter, period * STILL, limit)?;
    rig.bench().finish(&mut meter);
    let done = if stop == Stop::Requested { rig.done() } else { None };
    let end = rig.bench().now();
    let bits = rig.bits(&meter, end);
    rig.bench().run_until(end.saturating_add(period * REST), &mut ())?;
    let Count { edges, low, .. } = meter.total();
    Ok(Passage {
        submitted,
        arrivals: rig.arrivals(),
        done,
        wires: meter.wires(),
        edges,
        bits,
        held_low: if rig.is_open_drain() { low } else { Span::ZERO },
    })
}

/// Runs until an agent asks to stop, no wire has changed for `still`, or `limit` is reached.
fn run_while_moving(
    bench: &mut Bench,
    meter: &mut Meter,
    still: Span,
    limit: Time,
) -> Result<Stop, LinkError> {
    loop {
        let before = meter.total().edges;
        let until = bench.now().saturating_add(still).min(limit);
        let stop = bench.run_until(until, meter)?;
        if stop == Stop::Requested || meter.total().edges == before || until == limit {
            return Ok(stop);
        }
    }
}
