//! A rank of memory: takes commands at the edges of CK, keeps what is written, and gives it back.
//!
//! ```text
//!  CK     ‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_
//!  command  WR      RD          | a command is what the pins were before CK rose
//!  DQS    ------\___/‾\_/‾\_/‾\_/‾\_--------    writes: from WL - 1/2 clock on, each edge takes what DQ was before it
//!  DQ     ---------<0><1><2><3><4><5>-------    reads: DQS and DQ change with CK, RL clocks after the command
//! ```
//! A rank is all memories on one chip select: they do the same. What a real one leaves undefined is refused and told as a remark;
//! times between commands are not its business: a monitor on the same pins has the rules.
//!
//! # Not modelled
//! Write levelling, reads of mode registers, multi-purpose registers, CRC, DBI, parity; termination; cells that forget when they are
//! not refreshed; strobes of one rank that differ.

use super::cells::{Cells, Place};
use super::power::{PowerUp, Seen};
use super::talk::{Arrival, Half, Lag, Listen, Talk};
use super::wires::{self, Channel, wire};
use super::{Beat, Decoder, Frame, Heard, Order, Preamble, remarks};
use crate::bus::ddr::Command;
use crate::bus::ddr::modes::{Modes, Setting};
use crate::bus::{Diagnostic, Severity};
use crate::level::Level;
use crate::log::{SignalId, Value};
use crate::net::GroupDrive;
use crate::sim::{Agent, Cx};
use crate::time::{Span, Time};

/// So many remarks are kept.
const MAX_REMARKS: usize = 1000;

/// What a rank is like.
#[derive(Clone, Copy, Debug)]
pub struct DeviceOptions {
    /// How it is wired.
    pub channel: Channel,
    /// Bank groups; 1 where the standard has none.
    pub groups: u32,
    /// Banks in each group.
    pub banks: u32,
    /// How it starts.
    pub start: Start,
    /// From CK to DQS of a read in femtoseconds: tDQSCK.
    pub dqsck: i64,
    /// From DQS to DQ of a read: tDQSQ. Meanwhile DQ is unknown.
    pub dqsq: Span,
}

/// How a memory starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Without power before: it wants to see the power-up sequence.
    PowerUp(PowerUp),
    /// Long after power-up, its mode registers set.
    Ready(Modes),
}

impl DeviceOptions {
    /// A rank whose data come out exactly when they should.
    pub const fn new(channel: Channel, groups: u32, banks: u32, start: Start) -> DeviceOptions {
        DeviceOptions { channel, groups, banks, start, dqsck: 0, dqsq: Span::ZERO }
    }
}

/// A rank of memory: an agent on the pins of [`wire`].
pub struct Device {
    options: DeviceOptions,
    decoder: Decoder,
    modes: Modes,
    seen: Option<Seen>,
    /// The open row of each bank.
    rows: Vec<Option<u32>>,
    cells: Cells,
    talk: Talk,
    writes: Listen<Place>,
    remarks: Vec<Diagnostic>,
    in_reset: bool,
    clock_high: bool,
    /// Rising edges of CK so far.
    clocks: u64,
    /// The last edge of CK, and how long the half clock before it was.
    edge: Time,
    half: Span,
    /// The last frame may have been the beginning of a command.
    selected: bool,
    cke: Level,
    shown: Half,
}

impl Device {
    /// A rank that holds nothing yet.
    pub fn new(options: DeviceOptions) -> Device {
        let standard = options.channel.standard;
        let (modes, seen) = match options.start {
            Start::PowerUp(times) => (Modes::new(standard), Some(Seen::new(standard, times))),
            Start::Ready(modes) => (modes, None),
        };
        Device {
            decoder: Decoder::new(standard),
            modes,
            seen,
            rows: vec![None; (options.groups * options.banks) as usize],
            cells: Cells::default(),
            talk: Talk::default(),
            writes: Listen::default(),
            remarks: Vec::new(),
            in_reset: false,
            clock_high: false,
            clocks: 0,
            edge: Time::ZERO,
            half: Span::ZERO,
            selected: false,
            cke: Level::X,
            shown: Half::default(),
            options,
        }
    }

    /// What its mode registers say.
    pub fn modes(&self) -> &Modes {
        &self.modes
    }

    /// Takes what it has refused or found odd since the last call.
    pub fn take_remarks(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.remarks)
    }

    /// What it holds, as a burst of `beats` from a column of a row would read it.
    ///
    /// `group` and `bank` count from 0; what it does not have holds nothing.
    pub fn peek(&self, group: u8, bank: u8, row: u32, column: u32, beats: u32) -> Vec<Beat> {
        let bank = self.number(group, bank);
        self.cells.read(Place::new(bank as u8, row, column, &self.modes), beats)
    }

    fn number(&self, group: u8, bank: u8) -> usize {
        group as usize * self.options.banks as usize + bank as usize
    }

    fn remark(&mut self, code: &'static str, now: Time, text: String) {
        if self.remarks.len() < MAX_REMARKS {
            self.remarks.push(Diagnostic { code, severity: Severity::Error, from: now, to: now, text });
        }
    }

    fn power_remark(&mut self, now: Time, wrong: Option<String>) {
        if let Some(text) = wrong {
            self.remark(remarks::POWER_UP.code, now, text);
        }
    }
}

impl Agent for Device {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.changed(wire::RESET) || cx.is_start() {
            self.follow_reset(cx);
        }
        if self.in_reset {
            return;
        }
        if cx.changed(wire::DQS) && self.writes.is_open() {
            self.strobe(cx);
        }
        if let Some(high) = cx.level(wire::CK).bit()
            && high != self.clock_high
        {
            self.clock_high = high;
            self.clock_edge(high, cx);
        }
    }

    fn watches(&self) -> u64 {
        [wire::CK, wire::RESET, wire::DQS].iter().fold(0, |pins, pin| pins | 1 << pin.0)
    }
}

// Clock and commands.

impl Device {
    fn follow_reset(&mut self, cx: &mut Cx<'_>) {
        let low = cx.level(wire::RESET).is_low();
        let now = cx.now();
        if low == self.in_reset {
            return;
        }
        self.in_reset = low;
        if low {
            self.forget(cx);
            if let Some(seen) = &mut self.seen {
                seen.reset_falls(now);
            }
        } else {
            self.clock_high = cx.level(wire::CK).is_high();
            let wrong = self.seen.as_mut().and_then(|seen| seen.reset_rises(now));
            self.power_remark(now, wrong);
        }
    }

    /// RESET# is low: all is as it was before.
    fn forget(&mut self, cx: &mut Cx<'_>) {
        self.decoder.reset();
        self.modes = Modes::new(self.options.channel.standard);
        self.rows.fill(None);
        self.cells.clear();
        self.talk.clear();
        self.writes.clear();
        self.show(Half::default(), Span::ZERO, cx);
    }

    fn clock_edge(&mut self, high: bool, cx: &mut Cx<'_>) {
        let now = cx.now();
        self.half = now.since(self.edge);
        self.edge = now;
        if high {
            self.clocks += 1;
        }
        let half = 2 * self.clocks + u64::from(!high);
        if let Some(arrival) = self.writes.half(half) {
            self.write(now, arrival);
        }
        if high {
            self.sample(cx);
        }
        if !self.talk.is_empty() || self.shown != Half::default() {
            let Lag { ahead, delay } = Lag::of(self.options.dqsck, self.half);
            let next = self.talk.half(half + ahead);
            self.show(next, delay, cx);
        }
    }

    /// CK rises. Edges at which nothing can be said are not looked at.
    fn sample(&mut self, cx: &Cx<'_>) {
        if let Some(seen) = &mut self.seen {
            seen.clock(self.clocks);
        }
        let has_cke = cx.is_connected(wire::cke(0));
        let cke = if has_cke { cx.sampled(wire::cke(0)) } else { Level::High };
        let selected = cx.sampled(wire::cs(0)) != Level::from_bit(!self.options.channel.selects_high());
        let was_selected = std::mem::replace(&mut self.selected, selected);
        if !(selected || was_selected || cke != self.cke) {
            return;
        }
        if has_cke && cke != self.cke && cke.is_high() {
            let wrong = self.seen.as_mut().and_then(|seen| seen.wakes(cx.now(), self.clocks));
            self.power_remark(cx.now(), wrong);
        }
        self.cke = cke;
        let frame = wires::sample(cx);
        self.hear(cx.now(), frame);
    }

    fn hear(&mut self, now: Time, frame: Frame) {
        match self.decoder.edge(frame) {
            Heard::Nothing => {}
            Heard::Order { order, whole: true } => self.take(now, &order),
            Heard::Order { order, whole: false } => {
                let text = format!("{} is ignored: its address is unknown", order.command);
                self.remark(remarks::UNKNOWN_PIN.code, now, text);
            }
            Heard::Unknown => {
                let text = "a pin that tells commands apart is unknown as CK rises".into();
                self.remark(remarks::UNKNOWN_PIN.code, now, text);
            }
            Heard::Other(name) => {
                let text = format!("{} is ignored: it is not modelled", name.unwrap_or("a reserved command"));
                self.remark(remarks::NO_SUCH_COMMAND, now, text);
            }
        }
    }

    fn take(&mut self, now: Time, order: &Order) {
        use Command::{
            Act, Mrr, Mrs, Pre, PreAll, PreSame, Rd, Rda, Ref, Ref2, Ref4, RefBank, RefSame, Sre, Wr, Wra,
        };
        let bank = self.number(order.group, order.bank);
        match order.command {
            Act => self.activate(now, order, bank),
            Rd | Rda => self.start_read(now, order, bank),
            Wr | Wra => self.expect_write(now, order, bank),
            Pre => self.close(bank),
            PreAll => self.rows.fill(None),
            PreSame => {
                (0..self.options.groups as u8).for_each(|group| self.close(self.number(group, order.bank)));
            }
            Mrs if self.is_idle(now, order) => self.set_mode(now, order),
            Ref | Ref2 | Ref4 | Sre => drop(self.is_idle(now, order)),
            RefBank => self.must_be_closed(now, order, bank),
            RefSame => {
                for group in 0..self.options.groups as u8 {
                    self.must_be_closed(now, order, self.number(group, order.bank));
                }
            }
            Mrr => {
                self.remark(remarks::NO_SUCH_COMMAND, now, "MRR is not answered: it is not modelled".into());
            }
            _ => {}
        }
        if let Some(seen) = &mut self.seen {
            let wrong = seen.command(now, self.clocks, order, &self.modes);
            self.power_remark(now, wrong);
        }
    }

    fn close(&mut self, bank: usize) {
        if let Some(row) = self.rows.get_mut(bank) {
            *row = None;
        }
    }

    fn activate(&mut self, now: Time, order: &Order, bank: usize) {
        match self.rows.get_mut(bank) {
            Some(row @ None) => *row = Some(order.address),
            Some(Some(row)) => {
                let text = format!("{order} is ignored: row {row:x} of that bank is open");
                self.remark(remarks::OPEN_BANK, now, text);
            }
            None => {
                self.remark(
                    remarks::NO_SUCH_PLACE,
                    now,
                    format!("{order} is ignored: there is no such bank"),
                );
            }
        }
    }

    /// True if all banks are closed.
    fn is_idle(&mut self, now: Time, order: &Order) -> bool {
        let is_idle = self.rows.iter().all(Option::is_none);
        if !is_idle {
            self.remark(remarks::BANKS_NOT_IDLE, now, format!("{order} is ignored: a bank has an open row"));
        }
        is_idle
    }

    fn must_be_closed(&mut self, now: Time, order: &Order, bank: usize) {
        if self.rows.get(bank).is_some_and(Option::is_some) {
            self.remark(
                remarks::BANKS_NOT_IDLE,
                now,
                format!("{order} is ignored: the bank has an open row"),
            );
        }
    }

    fn set_mode(&mut self, now: Time, order: &Order) {
        if let Err(error) = self.modes.load(order.register, order.address) {
            self.remark(remarks::RESERVED_MODE.code, now, error.to_string());
        }
    }

    /// Where a read or write goes; none, and a remark, if no row is open there.
    fn place(&mut self, now: Time, order: &Order, bank: usize) -> Option<Place> {
        let Some(row) = self.rows.get(bank).copied().flatten() else {
            let text = format!("{order} is ignored: no row of that bank is open");
            self.remark(remarks::CLOSED_BANK, now, text);
            return None;
        };
        if order.command.closes() {
            self.close(bank);
        }
        Some(Place::new(bank as u8, row, order.address, &self.modes))
    }

    fn start_read(&mut self, now: Time, order: &Order, bank: usize) {
        let Some(place) = self.place(now, order, bank) else { return };
        if self.modes.get(Setting::OutputsOff) == 1 {
            return;
        }
        let beats = self.cells.read(place, self.modes.beats(order.alternate));
        let first = 2 * (self.clocks + self.modes.read_latency());
        self.talk.push(first, Preamble::of(self.modes.read_preamble()), beats);
    }

    fn expect_write(&mut self, now: Time, order: &Order, bank: usize) {
        let Some(place) = self.place(now, order, bank) else { return };
        let first = 2 * (self.clocks + self.modes.write_latency());
        self.writes.expect(first, self.modes.beats(order.alternate) as usize, place);
    }
}

// Data.

impl Device {
    /// DQS changed while write data are expected.
    fn strobe(&mut self, cx: &Cx<'_>) {
        let Some(high) = wires::strobe(&self.options.channel, cx) else { return };
        let beat = self.written(cx);
        if let Some(arrival) = self.writes.edge(high, beat) {
            self.write(cx.now(), arrival);
        }
    }

    /// What DQ and DM were before the strobe.
    fn written(&self, cx: &Cx<'_>) -> Beat {
        let mut beat = wires::data(&self.options.channel, cx);
        if self.modes.masks() && cx.is_connected(wire::DM) {
            let masks = cx.sampled_value(wire::DM);
            let level = if masks_low(&self.modes) { !masks.bits } else { masks.bits };
            let width = self.options.channel.lanes();
            beat.mask = Value::known(level & !masks.unknown).masked(width).bits as u16;
            // Where nobody knows whether a byte is written, nobody knows what is written.
            let doubt = masks.unknown & masks.bits;
            beat.unknown |=
                (0..width).filter(|lane| doubt >> lane & 1 != 0).fold(0, |u, lane| u | 0xff << (8 * lane));
        }
        beat
    }

    /// A burst is written, or what has come of it: the rest is unknown.
    fn write(&mut self, now: Time, arrival: Arrival<Place>) {
        let Arrival { what, mut beats, expected } = arrival;
        if beats.len() < expected {
            let text = format!("{} beats of write data came, {expected} are expected", beats.len());
            self.remark(remarks::NO_WRITE_DATA.code, now, text);
            beats.resize(expected, Beat { unknown: u64::MAX, ..Beat::default() });
        }
        self.cells.write(what, &beats);
    }

    /// Drives DQS and DQ, `delay` after an edge of CK.
    fn show(&mut self, next: Half, delay: Span, cx: &mut Cx<'_>) {
        let last = std::mem::replace(&mut self.shown, next);
        if next.strobe != last.strobe {
            drive_strobes(next.strobe, delay, cx);
        }
        if next.beat != last.beat {
            let data = next.beat.map_or(GroupDrive::RELEASED, drive_of);
            let late = delay.saturating_add(self.options.dqsq);
            if late > delay && next.beat.is_some() {
                cx.drive_group_after(wire::DQ, delay, GroupDrive::UNKNOWN);
            }
            cx.drive_group_after(wire::DQ, late, data);
        }
    }
}

/// True if a low level masks.
pub(super) fn masks_low(modes: &Modes) -> bool {
    use crate::bus::ddr::Standard::{Ddr4, Ddr5};
    matches!(modes.standard(), Ddr4 | Ddr5)
}

/// What drives a beat's data.
pub(super) fn drive_of(beat: Beat) -> GroupDrive {
    GroupDrive::of_value(Value { bits: beat.data | beat.unknown, unknown: beat.unknown })
}

/// Drives all strobes and their complements alike.
pub(super) fn drive_strobes(level: Option<bool>, delay: Span, cx: &mut Cx<'_>) {
    let drive = |pin: SignalId, level: Option<bool>, cx: &mut Cx<'_>| {
        let strong = |high| GroupDrive::strong(if high { u64::MAX } else { 0 });
        cx.drive_group_after(pin, delay, level.map_or(GroupDrive::RELEASED, strong));
    };
    drive(wire::DQS, level, cx);
    drive(wire::DQS_C, level.map(|high| !high), cx);
}
