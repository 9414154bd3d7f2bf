//! The controller of a channel: makes the clock, plays commands at given clocks, sends and takes their data.
//!
//! ```text
//!  CK       /‾‾‾\___/‾‾‾\___/‾‾‾\___/‾‾‾\___/‾‾‾\___/‾‾‾\___
//!  command  ----<  n    >-----------------------------------      changes half a clock before CK rises
//!  DQS      ------------\_______/‾‾‾\___/‾‾‾\_______--------      writes: with CK, WL clocks after the command
//!  DQ       ------------------<   ><   ><   ><   >----------      a quarter of a clock before DQS
//! ```
//! A read's data are taken a quarter of a clock after each edge of DQS, from half a clock before RL on.

use std::collections::VecDeque;

use super::device::{drive_of, drive_strobes, masks_low};
use super::power::PowerUp;
use super::talk::{Arrival, Half, Lag, Listen, Talk};
use super::wires::{self, Channel, GROUPS, WIRES, wire};
use super::{Beat, Frame, Order, Preamble, coding};
use crate::bus::ddr::modes::Modes;
use crate::bus::ddr::{Command, Standard};
use crate::level::{Drive, Level};
use crate::log::Value;
use crate::net::GroupDrive;
use crate::sim::{Agent, Cx, Jitter};
use crate::time::{Span, Time};

/// How a controller works.
#[derive(Clone, Copy, Debug)]
pub struct ControllerOptions {
    /// How it is wired.
    pub channel: Channel,
    /// The clock period.
    pub tck: Span,
    /// How long CK is high; half a period unless said.
    pub high: Option<Span>,
    /// How far each edge of CK strays; at most an eighth of a clock.
    pub jitter: Jitter,
    /// What the mode registers say, or are set to.
    pub modes: Modes,
    /// The sequence it begins with; without, the memory is ready at once.
    pub power_up: Option<PowerUp>,
    /// From CK to DQS of a write in femtoseconds: tDQSS.
    pub dqss: i64,
    /// From DQ to DQS of a write; a quarter of a clock unless said.
    pub lead: Option<Span>,
}

impl ControllerOptions {
    /// An ideal controller for a memory that is ready.
    pub const fn new(channel: Channel, tck: Span, modes: Modes) -> ControllerOptions {
        let (high, lead, power_up) = (None, None, None);
        ControllerOptions { channel, tck, high, jitter: Jitter::None, modes, power_up, dqss: 0, lead }
    }
}

/// A command to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The clock in which the command is complete, as timing rules count it; clock 0 is the first rising edge of CK.
    pub clock: u64,
    /// To which rank; to all if none.
    pub rank: Option<u8>,
    /// The command.
    pub order: Order,
    /// What a write sends; empty for others.
    pub beats: Vec<Beat>,
}

/// A read, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The clock of its command.
    pub clock: u64,
    /// The rank.
    pub rank: Option<u8>,
    /// The command.
    pub order: Order,
    /// What came; fewer beats than asked for if edges of DQS were missing.
    pub beats: Vec<Beat>,
}

/// Why a command cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// The pins do not carry it.
    #[error("{order} cannot be put on the pins of {}", .standard.name())]
    NoPins {
        /// The command.
        order: Order,
        /// The standard.
        standard: Standard,
    },
    /// No such rank.
    #[error("there is no rank {rank}; this channel has {ranks}")]
    NoRank {
        /// The rank.
        rank: u8,
        /// How many there are.
        ranks: u32,
    },
    /// It begins before the command before it has ended, or before the controller is ready.
    #[error("{order} begins in clock {begin}, when the command pins are free from clock {free} on")]
    Busy {
        /// The command.
        order: Order,
        /// Its first clock.
        begin: i64,
        /// The first free clock.
        free: u64,
    },
    /// Not the data of one burst.
    #[error("{order} carries {expected} beats, not {given}")]
    Beats {
        /// The command.
        order: Order,
        /// What a burst has.
        expected: usize,
        /// What was given.
        given: usize,
    },
    /// Masked bytes without masks.
    #[error(
        "{order} masks bytes, but the memory takes no masks: set Setting::DataMask, on wires that have DM"
    )]
    Masked {
        /// The command.
        order: Order,
    },
}

/// What the command pins show in a clock.
#[derive(Clone, Copy, Debug)]
struct Play {
    clock: u64,
    rank: Option<u8>,
    frame: Frame,
}

/// The controller of a channel: an agent on the pins of [`wire`].
pub struct Controller {
    options: ControllerOptions,
    idle: Option<Frame>,
    plays: VecDeque<Play>,
    /// Commands that are not complete yet.
    due: VecDeque<Job>,
    /// The first clock whose command pins nobody has claimed.
    free: u64,
    ready: u64,
    /// When clock 0 rises.
    origin: Time,
    /// The half clock whose edge is next, and when it is.
    half: u64,
    next: Time,
    talk: Talk,
    shown: Half,
    reads: Listen<(u64, Option<u8>, Order)>,
    /// When DQ is to be taken, and what DQS was.
    take: Option<(Time, bool)>,
    readings: Vec<Reading>,
    selected: bool,
    cke: [Level; 4],
    odt_until: [u64; 4],
    /// The half clock in which all that was issued is over.
    over: u64,
    busy: bool,
}

impl Controller {
    /// A controller whose sequence of power-up, if any, is yet to come.
    pub fn new(options: ControllerOptions) -> Controller {
        let ControllerOptions { tck, power_up, modes, .. } = options;
        let origin = power_up.map_or(Time::ZERO + tck, |times| times.clock_starts(tck));
        let mut controller = Controller {
            idle: coding::deselect(modes.standard()).map(|frame| {
                // Strobes of commands rest high, as they do in most designs.
                WIRES.iter().fold(frame, |frame, (_, pin)| frame.with(*pin, Level::High))
            }),
            plays: VecDeque::new(),
            due: VecDeque::new(),
            free: 1,
            ready: 1,
            origin,
            half: 0,
            next: origin,
            talk: Talk::default(),
            shown: Half::default(),
            reads: Listen::default(),
            take: None,
            readings: Vec::new(),
            selected: false,
            cke: [if power_up.is_some() { Level::Low } else { Level::High }; 4],
            odt_until: [0; 4],
            over: 0,
            busy: false,
            options,
        };
        if let Some(times) = power_up {
            let (orders, ready) = times.sequence(&modes);
            for (clock, order) in orders {
                let job = Job { clock, rank: None, order, beats: Vec::new() };
                controller.submit(job).expect("the sequence is made of commands of the standard, in order");
            }
            controller.ready = ready;
        }
        controller
    }

    /// The clock from which on the memory takes commands: 1, or behind the power-up sequence.
    pub fn ready(&self) -> u64 {
        self.ready
    }

    /// When the edge of CK rises that begins `clock`, jitter left out.
    pub fn time(&self, clock: u64) -> Time {
        self.origin.saturating_add(Span::from_fs(self.options.tck.as_fs().saturating_mul(clock)))
    }

    /// A command to be played. Commands come in order of their clocks.
    pub fn submit(&mut self, job: Job) -> Result<(), JobError> {
        let Job { clock, rank, order, .. } = job;
        let standard = self.options.modes.standard();
        let frames = coding::encode(standard, &order).ok_or(JobError::NoPins { order, standard })?;
        let begin = clock.cast_signed() + 1 - frames.len() as i64;
        if begin < self.free.cast_signed() {
            return Err(JobError::Busy { order, begin, free: self.free });
        }
        self.check(&job)?;
        let plays = (begin.cast_unsigned()..).zip(frames.iter());
        self.plays.extend(plays.map(|(clock, frame)| Play { clock, rank, frame: *frame }));
        self.free = clock + 1;
        self.due.push_back(job);
        self.busy = true;
        Ok(())
    }

    fn check(&self, job: &Job) -> Result<(), JobError> {
        let Job { rank, order, .. } = *job;
        let ranks = self.options.channel.ranks;
        if let Some(rank) = rank.filter(|&rank| u32::from(rank) >= ranks) {
            return Err(JobError::NoRank { rank, ranks });
        }
        let writes = matches!(order.command, Command::Wr | Command::Wra);
        let expected = if writes { self.options.modes.beats(order.alternate) as usize } else { 0 };
        if job.beats.len() != expected {
            return Err(JobError::Beats { order, expected, given: job.beats.len() });
        }
        let can_mask = self.options.modes.masks() && self.options.channel.has_masks();
        if !can_mask && job.beats.iter().any(|beat| beat.mask != 0) {
            return Err(JobError::Masked { order });
        }
        Ok(())
    }

    /// Takes the reads that are complete, in order of their commands.
    pub fn take_readings(&mut self) -> Vec<Reading> {
        std::mem::take(&mut self.readings)
    }

    /// True if all commands are played and all their data are over. The bench is asked to stop when that comes true.
    pub fn is_done(&self) -> bool {
        self.due.is_empty() && self.reads.is_empty() && self.take.is_none() && self.half > self.over
    }
}

impl Agent for Controller {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            self.start(cx);
        }
        if self.options.power_up.is_some_and(|times| Time::ZERO + times.reset == cx.now()) {
            cx.drive(wire::RESET, Drive::Strong(true));
        }
        if cx.changed(wire::DQS) && self.reads.is_open() {
            self.strobe(cx);
        }
        if let Some((_, high)) = self.take.take_if(|(at, _)| *at <= cx.now()) {
            self.take_beat(high, cx);
        }
        if self.next <= cx.now() {
            self.clock_edge(cx);
        }
        self.set_alarm(cx);
    }

    fn watches(&self) -> u64 {
        1 << wire::DQS.0
    }
}

// Clock and commands.

impl Controller {
    fn start(&mut self, cx: &mut Cx<'_>) {
        cx.drive(wire::CK, Drive::Strong(false));
        cx.drive(wire::CK_C, Drive::Strong(true));
        cx.drive(wire::RESET, Drive::Strong(self.options.power_up.is_none()));
        for rank in 0..4 {
            cx.drive(wire::odt(rank), Drive::Strong(false));
        }
        if let Some(frame) = self.idle {
            self.put(frame, cx);
        }
    }

    fn set_alarm(&self, cx: &mut Cx<'_>) {
        let mut next = self.take.map_or(self.next, |(at, _)| at.min(self.next));
        if let Some(times) = self.options.power_up {
            let rises = Time::ZERO + times.reset;
            next = if rises > cx.now() { next.min(rises) } else { next };
        }
        cx.set_alarm(next);
    }

    /// When half clock `half` begins, jitter left out; those of strobes are half a clock each.
    fn begins(&self, half: u64, high: Span) -> Time {
        let late = if half.is_multiple_of(2) { Span::ZERO } else { high };
        self.time(half / 2).saturating_add(late)
    }

    fn clock_edge(&mut self, cx: &mut Cx<'_>) {
        let half = self.half;
        let rises = half.is_multiple_of(2);
        cx.drive(wire::CK, Drive::Strong(rises));
        cx.drive(wire::CK_C, Drive::Strong(!rises));
        if rises {
            self.issue(half / 2);
        } else {
            self.play(half / 2 + 1, cx);
        }
        self.data(half, cx);
        if let Some(arrival) = self.reads.half(half) {
            self.read(arrival);
        }
        self.half += 1;
        self.next = self.next_edge(cx);
        if self.busy && self.is_done() {
            self.busy = false;
            cx.stop();
        }
    }

    /// The edge of half clock `half`.
    fn next_edge(&self, cx: &mut Cx<'_>) -> Time {
        let ideal = self.begins(self.half, self.options.high.unwrap_or(self.half_clock()));
        if self.options.jitter == Jitter::None {
            return ideal;
        }
        let most = self.options.tck.as_fs().cast_signed() / 8;
        let strays = self.options.jitter.draw(cx.rng()).clamp(-most, most);
        Time::from_fs(ideal.as_fs().saturating_add_signed(strays))
    }

    fn half_clock(&self) -> Span {
        self.options.tck.scale(1, 2)
    }

    /// The pins of a clock, half a clock before.
    fn play(&mut self, clock: u64, cx: &mut Cx<'_>) {
        if let Some(Play { rank, frame, .. }) = self.plays.pop_front_if(|play| play.clock <= clock) {
            self.select(rank, frame, cx);
            self.selected = true;
        } else if std::mem::take(&mut self.selected)
            && let Some(idle) = self.idle
        {
            self.put(idle, cx);
        }
        let writing = self.due.front().filter(|job| job.clock == clock && !job.beats.is_empty());
        let written = writing.map(|job| (job.rank, job.beats.len() as u64));
        self.terminate(clock, written, cx);
    }

    /// ODT of the rank that is written is high for six clocks from a write on, for four from a short one (ODTH8, ODTH4: unverified).
    fn terminate(&mut self, clock: u64, written: Option<(Option<u8>, u64)>, cx: &mut Cx<'_>) {
        for rank in 0..self.options.channel.ranks {
            let until = &mut self.odt_until[rank as usize];
            let is_written = |(of, _): &(Option<u8>, u64)| of.is_none_or(|of| u32::from(of) == rank);
            if let Some((_, beats)) = written.filter(is_written) {
                *until = clock + 2 + beats / 2;
                cx.drive(wire::odt(rank), Drive::Strong(true));
            } else if *until == clock {
                cx.drive(wire::odt(rank), Drive::Strong(false));
            }
        }
    }

    /// Puts a frame of a command on the pins, for one rank or for all.
    fn select(&mut self, rank: Option<u8>, frame: Frame, cx: &mut Cx<'_>) {
        self.put(frame, cx);
        for own in 0..self.options.channel.ranks {
            if rank.is_none_or(|rank| u32::from(rank) == own) {
                self.cke[own as usize] = frame.at(Frame::CKE);
                cx.drive(wire::cs(own), strong(frame.at(Frame::CS)));
                cx.drive(wire::cke(own), strong(frame.at(Frame::CKE)));
            }
        }
    }

    /// Puts a frame on the pins of all ranks, none of which is selected.
    fn put(&self, frame: Frame, cx: &mut Cx<'_>) {
        for (to, from) in WIRES {
            cx.drive(to, strong(frame.at(from)));
        }
        for (group, first, width) in GROUPS {
            let bits = Value::known(frame.levels().bits >> first.0).masked(width).bits;
            cx.drive_group_after(group, Span::ZERO, GroupDrive::strong(bits));
        }
        let inactive = Level::from_bit(!self.options.channel.selects_high());
        for rank in 0..self.options.channel.ranks {
            cx.drive(wire::cs(rank), strong(inactive));
            cx.drive(wire::cke(rank), strong(self.cke[rank as usize]));
        }
    }

    /// CK rises: the command in this clock is complete, and its data are due.
    fn issue(&mut self, clock: u64) {
        let Some(job) = self.due.pop_front_if(|job| job.clock == clock) else { return };
        let Job { rank, order, beats, .. } = job;
        let modes = &self.options.modes;
        self.over = 2 * clock + 2;
        if matches!(order.command, Command::Rd | Command::Rda) {
            let flight = self.options.channel.flight.as_fs() * 2;
            let late = (flight + self.half_clock().as_fs() / 2) / self.half_clock().as_fs().max(1);
            let first = 2 * (clock + modes.read_latency()) + late;
            self.reads.expect(first, modes.beats(order.alternate) as usize, (clock, rank, order));
        } else if !beats.is_empty() {
            let first = 2 * (clock + modes.write_latency());
            self.over = first + beats.len() as u64 + 2;
            self.talk.push(first, Preamble::of(modes.write_preamble()), beats);
        }
    }
}

const fn strong(level: Level) -> Drive {
    match level.bit() {
        Some(bit) => Drive::Strong(bit),
        None => Drive::Unknown,
    }
}

// Data.

impl Controller {
    /// What is sent in a half clock to come, so far ahead that DQ, which is first, is not late.
    fn data(&mut self, half: u64, cx: &mut Cx<'_>) {
        if self.talk.is_empty() && self.shown == Half::default() {
            return;
        }
        let (tck, now) = (self.options.tck, cx.now());
        let lead = self.options.lead.unwrap_or(tck.scale(1, 4));
        let early = self.options.dqss.saturating_sub_unsigned(lead.as_fs());
        // An edge that strays late must still find its data ahead.
        let slack = self.options.jitter.peak().as_fs().cast_signed();
        let ahead = Lag::of(early - slack, self.half_clock()).ahead;
        let edge = self.begins(half + ahead, self.half_clock());
        let after = |fs: i64| Time::from_fs(edge.as_fs().saturating_add_signed(fs)).since(now);
        let (to_data, to_strobe) = (after(early), after(self.options.dqss));
        let next = self.talk.half(half + ahead);
        let last = std::mem::replace(&mut self.shown, next);
        if next.strobe != last.strobe {
            drive_strobes(next.strobe, to_strobe, cx);
        }
        if next.beat != last.beat {
            self.drive_beat(next.beat, last.beat, to_data, cx);
        }
    }

    fn drive_beat(&self, beat: Option<Beat>, last: Option<Beat>, delay: Span, cx: &mut Cx<'_>) {
        cx.drive_group_after(wire::DQ, delay, beat.map_or(GroupDrive::RELEASED, drive_of));
        if beat.map(|beat| beat.mask) != last.map(|beat| beat.mask) {
            let masks_low = masks_low(&self.options.modes);
            let levels = |beat: Beat| u64::from(if masks_low { !beat.mask } else { beat.mask });
            let drive = beat.map_or(GroupDrive::RELEASED, |beat| GroupDrive::strong(levels(beat)));
            cx.drive_group_after(wire::DM, delay, drive);
        }
    }

    /// DQS changed while a read is expected: DQ is taken in the middle of the beat.
    fn strobe(&mut self, cx: &Cx<'_>) {
        if let Some(high) = wires::strobe(&self.options.channel, cx) {
            self.take = Some((cx.now() + self.options.tck.scale(1, 4), high));
        }
    }

    fn take_beat(&mut self, high: bool, cx: &Cx<'_>) {
        let beat = wires::data(&self.options.channel, cx);
        if let Some(arrival) = self.reads.edge(high, beat) {
            self.read(arrival);
        }
    }

    fn read(&mut self, arrival: Arrival<(u64, Option<u8>, Order)>) {
        let Arrival { what: (clock, rank, order), beats, .. } = arrival;
        self.readings.push(Reading { clock, rank, order, beats });
    }
}
