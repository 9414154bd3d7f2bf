//! How far the rate of a UART's transmitter may be off for a given receiver: found by bisection, beside the closed form.
//!
//! The closed form and its derivation are those of [`Sampling::tolerance`]. Here the receiver and the transmitter are run, with
//! rates that come closer and closer to the limit, at the phases of the receiver's clock at which it fails first.
//!
//! ```
//! use busproof_core::bus::uart::{Goal, Sampling};
//! use busproof_links::uart::{Frame, STEP_PPM, find};
//!
//! let found = find(Frame::of_data_bits(8).unwrap(), Sampling::X16, Goal::Bytes)?;
//! let closed = found.closed_form();
//! assert_eq!((closed.slow_ppm, closed.fast_ppm), (-52_631, 45_751));
//! assert!(found.deviation_ppm() <= STEP_PPM);
//! # Ok::<(), busproof_links::LinkError>(())
//! ```

use busproof_core::bus::uart::{
    Baud, BaudClock, DataBits, Goal, Heard, Op, Options, Oversampling, Received, Receiver, ReceiverOptions,
    Sampling, Tolerance, Transmitter, TransmitterOptions, Votes, pin,
};
use busproof_core::sim::Bench;
use busproof_core::{Attach, Net, Span, Time};

use crate::link::LinkError;
use crate::tolerance::last_that_works;

/// How exactly a limit is found, in parts per million.
pub const STEP_PPM: i64 = 10;
/// How far is looked, in parts per million either way.
pub const RANGE_PPM: i64 = 200_000;

/// A frame without parity and with one stop bit. What a parity bit does to the tolerance, one more data bit does, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame(DataBits);

impl Frame {
    /// Frames of 7 to 11 bits: 5 to 9 data bits.
    pub fn all() -> impl Iterator<Item = Frame> {
        (5..=9).filter_map(Frame::of_data_bits)
    }

    /// `None` unless there are 5 to 9 data bits.
    pub fn of_data_bits(bits: u32) -> Option<Frame> {
        DataBits::new(bits).map(Frame)
    }

    /// The number of data bits.
    pub const fn data_bits(self) -> u32 {
        self.0.get()
    }

    /// All bits, from the start bit to the stop bit.
    pub const fn bits(self) -> u32 {
        self.0.get() + 2
    }

    /// Such as `8N1`.
    pub fn name(self) -> String {
        format!("{}N1", self.data_bits())
    }

    fn options(self, sampling: Sampling) -> Options {
        Options { baud: Baud::from_hertz(1_000_000), data_bits: self.0, sampling, ..Options::default() }
    }
}

/// The receivers of the table: one sample in the middle; 16 and 8 samples a bit, two of three.
pub const RECEIVERS: [(&str, Sampling); 3] =
    [("ideal", Sampling::IDEAL), ("16x, 2 of 3", Sampling::X16), ("8x, 2 of 3", Sampling::X8)];

/// Limits as found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The frames, which follow each other without a gap.
    pub frame: Frame,
    /// The receiver.
    pub sampling: Sampling,
    /// What is free of errors within the limits.
    pub goal: Goal,
    /// The limits of the transmitter's rate relative to the receiver's, to within [`STEP_PPM`] inside of the true ones.
    pub limits: Tolerance,
}

impl Found {
    /// What the closed form says.
    pub fn closed_form(&self) -> Tolerance {
        self.sampling.tolerance(&self.frame.options(self.sampling), self.goal)
    }

    /// The greater of the differences between both limits and the closed form, in parts per million.
    pub fn deviation_ppm(&self) -> i64 {
        let closed = self.closed_form();
        let slow = (self.limits.slow_ppm - closed.slow_ppm).abs();
        slow.max((self.limits.fast_ppm - closed.fast_ppm).abs())
    }
}

/// Finds both limits.
pub fn find(frame: Frame, sampling: Sampling, goal: Goal) -> Result<Found, LinkError> {
    let bus = frame.options(sampling);
    let limit = |end| {
        let found = last_that_works(end, STEP_PPM, |ppm| hears_all(&bus, ppm, goal))?;
        Ok::<i64, LinkError>(found.unwrap_or(end))
    };
    let limits = Tolerance { slow_ppm: limit(-RANGE_PPM)?, fast_ppm: limit(RANGE_PPM)? };
    Ok(Found { frame, sampling, goal, limits })
}

/// The table: all frames and all [`RECEIVERS`], free of byte errors and free of noise flags.
pub fn table() -> Result<Vec<[Found; 2]>, LinkError> {
    let mut rows = Vec::new();
    for (_, sampling) in RECEIVERS {
        for frame in Frame::all() {
            rows.push([find(frame, sampling, Goal::Bytes)?, find(frame, sampling, Goal::Samples)?]);
        }
    }
    Ok(rows)
}

/// What a frame of zeros shows first: its last data bit differs from the stop bit and from nothing else. The others are there to
/// follow without a gap.
const WORDS: [u16; 6] = [0x000, 0x155, 0x0aa, 0x000, 0x1ff, 0x03c];

/// How long after the fall of the start bit the receiver's clock ticks for the first time, in 64ths of its period: the ends and
/// some between.
const DELAYS: [u64; 9] = [0, 8, 16, 24, 32, 40, 48, 56, 64];

/// True if all words arrive as `goal` asks, from a transmitter that is off by `ppm`, whatever the phase of the receiver.
fn hears_all(bus: &Options, ppm: i64, goal: Goal) -> Result<bool, LinkError> {
    let words = WORDS.map(|word| word & bus.data_bits.mask());
    let is_alone = bus.sampling.oversampling == Oversampling::Ideal;
    for delay in DELAYS.into_iter().take(if is_alone { 1 } else { DELAYS.len() }) {
        let frames = receive(bus, ppm, delay, &words)?;
        let is_right = |(frame, word): (&Received, &u16)| {
            frame.data == *word && !frame.framing_error && (goal == Goal::Bytes || !frame.noise)
        };
        if frames.len() != words.len() || !frames.iter().zip(&words).all(is_right) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The frames that a receiver hears whose first tick comes `delay` 64ths of its period after the first start bit.
fn receive(bus: &Options, ppm: i64, delay: u64, words: &[u16]) -> Result<Vec<Received>, LinkError> {
    let bit = bus.baud.map_or(Span::ZERO, Baud::bit);
    let tick = bit.scale(1, bus.sampling.ticks());
    // The next tick behind the very instant of the fall is the earliest that sees it.
    let delay = tick.scale(delay, 64).max(Span::from_fs(1));
    let mut transmitter = TransmitterOptions::new(bus.clone());
    transmitter.clock = BaudClock::off_by_ppm(ppm);
    let mut receiver = ReceiverOptions::new(bus.clone());
    receiver.clock.clock.phase = delay;
    let mut bench = Bench::new(1);
    let wire = Some(Attach::to(bench.add_net(Net::wire("tx"))));
    let (mut near, mut far) = ([None; pin::COUNT], [None; pin::COUNT]);
    (near[pin::TX.index()], far[pin::RX.index()]) = (wire, wire);
    let near = bench.add_agent("transmitter", Transmitter::new(transmitter)?, &near);
    let far = bench.add_agent("receiver", Receiver::new(receiver)?, &far);
    // Idle for whole bits of the receiver, so that the start bit falls a `delay` before one of its ticks.
    bench.run_until(Time::ZERO + bit * 4, &mut ())?;
    bench.agent_mut(near).submit(&words.iter().map(|&word| Op::Send(word)).collect::<Vec<_>>())?;
    bench.run_until(Time::ZERO + bit * (4 + 16 * (words.len() as u64 + 1)), &mut ())?;
    bench.run_until(bench.now() + bit * 32, &mut ())?;
    let frame = |heard: &Heard| if let Heard::Frame(frame) = heard { Some(*frame) } else { None };
    Ok(bench.agent(far).heard().iter().filter_map(frame).collect())
}

/// As tables call it: `ideal`, `16x, 2 of 3`.
pub fn receiver_name(sampling: Sampling) -> String {
    let usual = RECEIVERS.iter().find(|(_, known)| *known == sampling);
    let votes = if sampling.votes == Votes::Three { "2 of 3" } else { "1 sample" };
    usual.map_or_else(|| format!("{}x, {votes}", sampling.ticks()), |(name, _)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Point 2 of what this has to show: bisection and closed form agree within the step, for frames of 7 to 11 bits.
    #[test]
    fn bisection_agrees_with_the_closed_form_within_its_step() {
        let rows = table().unwrap();
        assert_eq!(rows.len(), 15);
        for found in rows.into_iter().flatten() {
            let closed = found.closed_form();
            assert!(found.deviation_ppm() <= STEP_PPM, "{found:?}, {closed:?}");
        }
    }

    /// The figures themselves, worked out apart from the code: 8N1 at 16 samples a bit.
    #[test]
    fn the_limits_of_8n1_are_those_of_the_tables() {
        let percent = |goal| {
            let found = find(Frame::of_data_bits(8).unwrap(), Sampling::X16, goal).unwrap().limits;
            [found.slow_ppm, found.fast_ppm].map(|ppm| format!("{:.2}", ppm as f64 / 10_000.0))
        };
        assert_eq!(percent(Goal::Bytes), ["-5.26", "4.58"]);
        assert_eq!(percent(Goal::Samples), ["-4.64", "3.90"]);
    }

    /// A closed form that forgets that the receiver notices the start late would be found out.
    #[test]
    fn the_bisection_tells_one_receiver_from_another() {
        let frame = Frame::of_data_bits(8).unwrap();
        let found = find(frame, Sampling::X16, Goal::Bytes).unwrap();
        let other = Found { sampling: Sampling::IDEAL, ..found };
        assert!(other.deviation_ppm() > 500 * STEP_PPM, "{}", other.deviation_ppm());
    }

    #[test]
    fn receivers_have_names() {
        let one = Sampling { votes: Votes::One, ..Sampling::X8 };
        assert_eq!([Sampling::X16, one].map(receiver_name), ["16x, 2 of 3", "8x, 1 sample"]);
    }
}
