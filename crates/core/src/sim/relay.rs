//! Clocks on two open-drain wires that pass without waking those who take part in them.
//!
//! Within a byte, all on a bus of open-drain wires do the same few things in clock after clock. They may leave them to the
//! bench, each its own part:
//!
//! ```text
//! clock  \________________/‾‾‾‾‾‾‾‾‾‾\_______________
//! data   XX\______/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\_________
//!        |<- delay ->|    |<- high ->|<- delay ->|
//!        fell        set  rose, data is sampled
//!        |<----- low ---->|
//! ```
//!
//! The bench makes a clock only if all of it is plain: whoever watches the wires has left his part, nobody else drives
//! them or is due before the clock is over, and data has settled before the clock is let go. Then there is nothing to look up from
//! edge to edge, and the result is the same as by the way that all other events take; a property test of I2C's agents holds
//! the two equal. Else nothing of that clock is made, and the agents do it themselves.

use super::Bench;
use super::agent::{Cause, Near, Seat};
use super::analog::{Pull, Voltage};
use super::fabric::{NOBODY, Watcher};
use super::kernel::Core;
use crate::level::{Drive, Level, Resolution};
use crate::log::{Change, Observer, SignalId, Value};
use crate::time::{Span, Time};

/// An agent's part in the clocks ahead. The clock is low, and known to be so by the agent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// What it puts on the data wire: in the present low time the most significant bit, then the others; 1 lets go.
    pub(crate) out: u32,
    /// After how many clocks it is to be woken: one that makes the clock as the last of them falls, another when its filter
    /// lets that edge pass.
    pub(crate) left: u32,
    /// It pulls the data wire.
    pub(crate) pulls: bool,
    /// When that changes, in the present low time; [`Time::MAX`] for not.
    pub(crate) change: Time,
    /// From the clock's fall to a change of data in the low times that follow.
    pub(crate) delay: Span,
    /// Shorter than this is no edge to it.
    pub(crate) spike: Span,
    /// When it wants to be woken in any case.
    pub(crate) until: Time,
}

/// The part of the one that makes the clock and pulls it now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead {
    /// The bits of [`Part::out`] that nobody else may pull low: a clock in which one does is not made.
    pub(crate) own: u32,
    /// The bits of [`Part::out`] that are its last if the wire is high.
    pub(crate) asks: u32,
    /// When the clock fell.
    pub(crate) fell: Time,
    /// When it is let go.
    pub(crate) release: Time,
    /// From its fall to letting it go, from its rise to pulling it, and from changing data to letting it go, at least.
    pub(crate) low: Span,
    pub(crate) high: Span,
    pub(crate) setup: Span,
    /// How long it may take to fall when pulled, and to rise since it fell.
    pub(crate) patience: Span,
}

/// What has passed since an agent left its part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed {
    /// How many clocks; not 0.
    pub(crate) count: u32,
    /// The levels of the data wire at the clock's rises, the last least significant.
    pub(crate) bits: u32,
    /// When the clock rose last, was pulled, and was low.
    pub(crate) rose: Time,
    pub(crate) pulled: Time,
    pub(crate) fell: Time,
    /// When data changed last, if it did.
    pub(crate) changed: Option<Time>,
}

/// What an agent has left to the bench.
#[derive(Debug)]
pub(super) struct Relay {
    is_on: bool,
    part: Part,
    lead: Lead,
    passed: Passed,
    clock: Near,
    data: Near,
    /// The clock's pin as a bit.
    clock_pin: u64,
}

const PART: Part = Part {
    out: u32::MAX,
    left: u32::MAX,
    pulls: false,
    change: Time::MAX,
    delay: Span::ZERO,
    spike: Span::ZERO,
    until: Time::MAX,
};

const LEAD: Lead = Lead {
    own: 0,
    asks: 0,
    fell: Time::ZERO,
    release: Time::MAX,
    low: Span::ZERO,
    high: Span::ZERO,
    setup: Span::ZERO,
    patience: Span::ZERO,
};

const NOTHING: Passed =
    Passed { count: 0, bits: 0, rose: Time::ZERO, pulled: Time::ZERO, fell: Time::ZERO, changed: None };

impl Part {
    /// It takes part in any number of clocks without a word.
    pub(crate) const SILENT: Part = PART;

    fn talks(&self) -> bool {
        self.out != u32::MAX || self.pulls || self.change < Time::MAX
    }

    /// The bit of the present low time.
    fn bit(&self) -> bool {
        self.out >> 31 != 0
    }

    /// How many clocks ahead it does nothing in.
    #[inline(always)]
    fn rests(&self) -> u32 {
        if self.pulls { self.out.leading_zeros() } else { self.out.leading_ones() }
    }

    /// So many clocks have passed.
    #[inline(always)]
    fn advance(&mut self, clocks: u32) {
        self.out = shift_in_ones(self.out, clocks);
    }

    /// When it changes data, the clock having fallen.
    #[inline(always)]
    fn aim(&mut self, fell: Time) {
        self.change = if self.bit() == self.pulls { fell.saturating_add(self.delay) } else { Time::MAX };
    }
}

fn shift_in_ones(bits: u32, by: u32) -> u32 {
    !(!bits).unbounded_shl(by)
}

impl Relay {
    /// Nothing is left to the bench.
    pub(super) const fn new() -> Relay {
        let (clock, data) = (Near::NONE, Near::NONE);
        Relay { is_on: false, part: PART, lead: LEAD, passed: NOTHING, clock, data, clock_pin: 0 }
    }

    /// Takes a part over in the clocks of two wires, clock and data. Does nothing if the pins are no wires, or have flight time.
    #[inline]
    pub(super) fn load(&mut self, part: Part, pins: [SignalId; 2], near: &[Near]) {
        let [clock, data] = pins.map(|pin| near[pin.index()]);
        self.is_on = clock.driver != Near::NONE.driver && data.driver != Near::NONE.driver;
        self.part = part;
        (self.passed.count, self.passed.bits, self.passed.changed) = (0, 0, None);
        (self.clock, self.data, self.clock_pin) = (clock, data, 1 << pins[0].0);
    }

    #[inline]
    pub(super) fn lead(&mut self, lead: Lead) {
        self.lead = lead;
    }

    /// The agent does its part itself.
    #[inline]
    pub(super) fn stop(&mut self) {
        self.is_on = false;
    }

    /// What has passed, if any did, with the parts as they are now. The agent does its part itself from here on.
    #[inline]
    pub(super) fn take(&mut self) -> Option<(Passed, &Part, &Lead)> {
        if !self.is_on || self.passed.count == 0 {
            return None;
        }
        self.is_on = false;
        Some((self.passed, &self.part, &self.lead))
    }

    /// The agent's part in the clocks of those wires.
    #[inline]
    fn on(&self, nodes: [u32; 2]) -> bool {
        self.is_on && self.clock.node == nodes[0] && self.data.node == nodes[1]
    }

    #[inline]
    fn add(&mut self, passed: &Passed) {
        let Passed { count, bits, changed, .. } = self.passed;
        self.part.left = self.part.left.saturating_sub(passed.count);
        self.passed = Passed {
            count: count.saturating_add(passed.count),
            bits: bits.unbounded_shl(passed.count) | passed.bits,
            changed: passed.changed.or(changed),
            ..*passed
        };
    }
}

impl Bench {
    /// Makes clocks on open-drain wires while nothing else happens, and until somebody has to be woken. False if there are none;
    /// else the last of their instants may go on with more deltas.
    #[inline]
    pub(super) fn relay<O: Observer>(&mut self, next: Time, limit: Time, observer: &mut O) -> bool {
        // What is due first may be somebody who has had his clocks.
        self.core.conductor != NOBODY
            && next > self.core.had
            && !self.expectant
            && self.relay_clocks(limit, observer)
    }

    #[inline(never)]
    fn relay_clocks<O: Observer>(&mut self, limit: Time, observer: &mut O) -> bool {
        let Some(mut round) = Round::of(&self.seats, &self.core) else { return false };
        round.end = round.end.min(limit.saturating_add(Span::from_fs(1)));
        self.core.settle(observer);
        let Some(before) = round.run(&mut self.core, observer) else { return false };
        self.core.had = Time::ZERO;
        self.core.relayed += round.passed.count as u64;
        round.end(before, &mut self.seats, &mut self.core, observer);
        true
    }

    /// How many clocks have been made.
    #[cfg(test)]
    pub(crate) fn relayed(&self) -> u64 {
        self.core.relayed
    }
}

/// The clocks that are made in one go.
struct Round {
    /// Clock and data.
    nodes: [u32; 2],
    leader: usize,
    part: Part,
    lead: Lead,
    /// The only other that has something to say, if there is one.
    talker: usize,
    talk: Part,
    /// How many clocks may be made.
    most: u32,
    /// The longest filter.
    spike: Span,
    /// All must be over before.
    end: Time,
    passed: Passed,
}

/// A clock that has been made.
struct Made {
    rose: Time,
    pulled: Time,
    fell: Time,
    high: bool,
    /// Who pulls data: the leader, and the other.
    pulls: [bool; 2],
    changed: Option<Time>,
}

impl Round {
    /// The round that may begin now, if those on the wires have left their parts and nobody else has a say.
    fn of(seats: &[Seat], core: &Core) -> Option<Round> {
        let leader = core.conductor as usize;
        let Relay { is_on, part, lead, clock, data, .. } = seats.get(leader)?.place.relay;
        let nodes = [clock.node, data.node];
        let (talker, most) = (usize::MAX, part.left);
        let (spike, end) = (part.spike, part.until.min(core.next_due()));
        let mut round =
            Round { nodes, leader, part, lead, talker, talk: PART, most, spike, end, passed: NOTHING };
        let mut parties = 0;
        for (i, seat) in seats.iter().enumerate() {
            if !seat.place.relay.on(nodes) {
                round.end = round.end.min(seat.place.alarm);
                continue;
            }
            parties += 1;
            if i != leader && !round.add(i, &seat.place.relay.part) {
                return None;
            }
        }
        (is_on && lead.release < round.end && round.is_alone(core, parties)).then_some(round)
    }

    /// One more. False if he and another have something to say.
    #[inline(always)]
    fn add(&mut self, seat: usize, part: &Part) -> bool {
        self.most = self.most.min(part.left);
        self.spike = self.spike.max(part.spike);
        self.end = self.end.min(part.until);
        if part.talks() {
            if self.talker != usize::MAX {
                return false;
            }
            (self.talker, self.talk) = (seat, *part);
        }
        true
    }

    /// So many watch the wires and nobody else does, and none but these pull.
    fn is_alone(&self, core: &Core, parties: u32) -> bool {
        let [clock, data] = self.nodes;
        let pulls = self.part.pulls as u32 + self.talk.pulls as u32;
        core.woken.is_empty()
            && core.wires.waiting == 0
            && core.wires.nodes[clock as usize].state == Level::Low
            && core.is_pulled(clock, 1)
            && core.is_pulled(data, pulls)
            && self.nodes.into_iter().all(|node| core.watchers_of(node) == parties)
    }

    /// Makes clocks. Returns the level of the clock wire before it fell last; none if there was no clock.
    #[inline(always)]
    fn run<O: Observer>(&mut self, core: &mut Core, observer: &mut O) -> Option<Level> {
        let mut trail = Trail::of(core, self.nodes);
        let mut beat = core.beat;
        let [clock, data] = core.drains.pair(self.nodes)?;
        let mut wires = Wires {
            clock: Line { voltage: clock, is_data: false },
            data: Line { voltage: data, is_data: true },
        };
        while self.passed.count < self.most {
            let Some(made) = self.make::<O>(&mut wires, &mut beat, &mut trail) else { break };
            trail.show(observer);
            let is_last = self.lead.asks >> 31 != 0 && made.high;
            self.pass(&made);
            if is_last {
                self.part.left = self.passed.count;
                break;
            }
            self.repeat(made.high, &beat, &mut wires, &mut trail, observer);
            self.aim();
        }
        core.beat = beat;
        (self.passed.count > 0).then_some(trail.shown[0])
    }

    /// Makes a clock. If it finds on the way that the clock is not plain, all is as before.
    #[inline(always)]
    fn make<O: Observer>(&self, wires: &mut Wires<'_>, beat: &mut Beat, trail: &mut Trail) -> Option<Made> {
        trail.begin();
        let mut pulls = [self.part.pulls, self.talk.pulls];
        if self.part.change.min(self.talk.change) == Time::MAX {
            return self.make_clock::<O>(pulls, wires, beat, trail);
        }
        let mark = wires.data.voltage.mark();
        let made = self
            .make_data::<O>(&mut pulls, wires, trail)
            .then(|| self.make_clock::<O>(pulls, wires, beat, trail))
            .flatten();
        if made.is_none() {
            wires.data.voltage.reset(&mark);
        }
        made
    }

    /// The clock rises and falls, if it is plain.
    #[inline(always)]
    fn make_clock<O: Observer>(
        &self,
        pulls: [bool; 2],
        wires: &mut Wires<'_>,
        beat: &mut Beat,
        trail: &mut Trail,
    ) -> Option<Made> {
        let Lead { fell, release, high, patience, .. } = self.lead;
        let sampled = wires.data.voltage.level().is_high();
        let is_as_said = sampled != (pulls[0] | pulls[1]);
        let is_lost = self.lead.own >> 31 != 0 && !sampled && self.part.bit();
        if !is_as_said || is_lost {
            return None;
        }
        let is_known = beat.fits(self.nodes[0], &self.lead, wires.clock.voltage);
        let mark = (!is_known).then(|| wires.clock.voltage.mark());
        if !is_known {
            *beat = Beat::measure(self.nodes[0], &self.lead, wires.clock.voltage).unwrap_or(Beat::NONE);
        }
        let rose = release.saturating_add(beat.rise);
        let pulled = rose.saturating_add(high);
        let now = pulled.saturating_add(beat.fall);
        let is_plain = rose > fell.saturating_add(self.spike)
            && rose < fell.saturating_add(patience)
            && high >= self.spike
            && beat.fall < patience
            && now < self.end
            && trail.add_clock::<O>(release, pulled, beat);
        if is_plain {
            wires.clock.voltage.go_on_since(pulled);
            return Some(Made { rose, pulled, fell: now, high: sampled, pulls, changed: trail.news[0] });
        }
        if let Some(mark) = mark {
            wires.clock.voltage.reset(&mark);
        }
        None
    }

    /// Data changes, and settles before the clock is let go. False if it does not. It has settled before.
    #[inline(always)]
    fn make_data<O: Observer>(
        &self,
        pulls: &mut [bool; 2],
        wires: &mut Wires<'_>,
        trail: &mut Trail,
    ) -> bool {
        let Lead { fell, release, .. } = self.lead;
        let (own, other) = (self.part.change, self.talk.change);
        let is_first = (own, self.leader) < (other, self.talker);
        let (first, last) = if is_first { (own, other) } else { (other, own) };
        pulls[!is_first as usize] ^= true;
        wires.data.pull::<O>(first, pulls[0] as u32 + pulls[1] as u32, trail);
        if last < Time::MAX {
            if wires.data.drift::<O>(last, trail) == last || last >= release {
                return false;
            }
            pulls[is_first as usize] ^= true;
            wires.data.pull::<O>(last, pulls[0] as u32 + pulls[1] as u32, trail);
        }
        first > fell && first < release && wires.data.drift::<O>(release, trail) == Time::MAX
    }

    /// A clock has passed.
    #[inline(always)]
    fn pass(&mut self, made: &Made) {
        [self.part.pulls, self.talk.pulls] = made.pulls;
        self.passed.changed = made.changed.or(self.passed.changed);
        self.count(1, made.high, made.rose, made.pulled, made.fell);
    }

    /// Some clocks have passed, the last of which rose and fell then.
    #[inline(always)]
    fn count(&mut self, clocks: u32, high: bool, rose: Time, pulled: Time, fell: Time) {
        let Passed { count, bits, changed, .. } = self.passed;
        let bits = if high { shift_in_ones(bits, clocks) } else { bits.unbounded_shl(clocks) };
        self.passed = Passed { count: count + clocks, bits, rose, pulled, fell, changed };
        self.part.advance(clocks);
        self.lead.own = self.lead.own.unbounded_shl(clocks);
        self.lead.asks = self.lead.asks.unbounded_shl(clocks);
        self.lead.fell = fell;
        if self.talker != usize::MAX {
            self.talk.advance(clocks);
        }
    }

    /// When data changes and the clock is let go next.
    #[inline(always)]
    fn aim(&mut self) {
        let fell = self.lead.fell;
        self.part.aim(fell);
        self.lead.release = fell.saturating_add(self.lead.low);
        if self.part.change < Time::MAX {
            self.lead.release = self.lead.release.max(self.part.change.saturating_add(self.lead.setup));
        }
        if self.talker != usize::MAX {
            self.talk.aim(fell);
        }
    }

    /// Makes all clocks ahead in which nothing but the clock changes.
    #[inline(always)]
    fn repeat<O: Observer>(
        &mut self,
        high: bool,
        beat: &Beat,
        wires: &mut Wires<'_>,
        trail: &mut Trail,
        observer: &mut O,
    ) {
        let Lead { own, asks, fell, low, high: stay, .. } = self.lead;
        let may_be_lost = !high && !self.part.pulls;
        let clocks = (self.most - self.passed.count)
            .min(self.part.rests())
            .min(self.talk.rests())
            .min(asks.leading_zeros())
            .min(if may_be_lost { own.leading_zeros() } else { u32::MAX });
        let up = low.saturating_add(beat.rise);
        let period = up.saturating_add(stay).saturating_add(beat.fall);
        let Some(all) = period.checked_mul(clocks as u64) else { return };
        let end = fell.saturating_add(all);
        let is_alike = beat.goes_on(self.nodes[0], low, stay) && up > self.spike && end < self.end;
        if clocks == 0 || !is_alike {
            return;
        }
        if !O::BLIND {
            let mut release = fell.saturating_add(low);
            for _ in 0..clocks {
                trail.begin();
                trail.add_clock::<O>(release, release.saturating_add(beat.rise).saturating_add(stay), beat);
                trail.show(observer);
                release = release.saturating_add(period);
            }
        }
        let pulled = end.saturating_sub(beat.fall);
        wires.clock.voltage.go_on_since(pulled);
        self.count(clocks, high, pulled.saturating_sub(stay), pulled, end);
    }

    /// What those who left their parts find when they are woken, and when that is.
    fn end<O: Observer>(self, before: Level, seats: &mut [Seat], core: &mut Core, observer: &mut O) {
        self.leave(before, seats, core, observer);
        for (i, seat) in seats.iter_mut().enumerate() {
            if seat.place.relay.on(self.nodes) && i != self.leader {
                let relay = &mut seat.place.relay;
                if i == self.talker {
                    relay.part = Part { left: relay.part.left, ..self.talk };
                }
                relay.add(&self.passed);
                let heard = self.lead.fell.saturating_add(relay.part.spike);
                let is_due = relay.part.left == 0 || relay.part.change < Time::MAX;
                seat.place.alarm = if is_due { heard.min(relay.part.until) } else { relay.part.until };
                if relay.part.left == 0 {
                    core.had = core.had.max(heard);
                }
            }
        }
        let seat = &mut seats[self.leader];
        let relay = &mut seat.place.relay;
        (relay.part, relay.lead) = (self.part, self.lead);
        relay.add(&self.passed);
        if relay.part.left == 0 {
            seat.place.alarm = Time::MAX;
            let pin = relay.clock_pin;
            seat.wake(core, pin, Cause::Change);
        } else {
            seat.place.alarm = self.part.until.min(self.part.change).min(self.lead.release);
        }
    }

    /// The wires as they are when the clock fell last.
    fn leave<O: Observer>(&self, before: Level, seats: &[Seat], core: &mut Core, observer: &mut O) {
        let [clock, data] = self.nodes;
        let parts = [(self.leader, &self.part), (self.talker, &self.talk)];
        for (seat, part) in parts {
            if let Some(seat) = seats.get(seat) {
                let drive = if part.pulls { Drive::Strong(false) } else { Drive::Released };
                core.wires.leave_drive(seat.place.relay.data.driver, drive.into());
            }
        }
        core.wires.nodes[clock as usize].state = before;
        core.wires.nodes[data as usize].state = core.drains.level(data);
        core.move_to(self.lead.fell, observer);
        core.wires.set(clock, Level::Low, core.moment);
        core.begin_delta();
    }
}

/// The two wires.
struct Wires<'a> {
    clock: Line<'a>,
    data: Line<'a>,
}

/// One of them.
struct Line<'a> {
    voltage: &'a mut Voltage,
    is_data: bool,
}

impl Line<'_> {
    /// So many pull at it from `at` on.
    #[inline(always)]
    fn pull<O: Observer>(&mut self, at: Time, by: u32, trail: &mut Trail) {
        let was = self.voltage.level();
        self.voltage.pull(at, Pull::low_by(by));
        if self.voltage.level() != was {
            self.tell::<O>(at, trail);
        }
    }

    /// Its level changes by itself, until `end`. Returns when it would change next.
    #[inline(always)]
    fn drift<O: Observer>(&mut self, end: Time, trail: &mut Trail) -> Time {
        loop {
            let at = self.voltage.next_crossing();
            if at >= end {
                return at;
            }
            self.voltage.cross();
            self.tell::<O>(at, trail);
        }
    }

    #[inline(always)]
    fn tell<O: Observer>(&mut self, at: Time, trail: &mut Trail) {
        let level = self.voltage.level();
        if self.voltage.is_news(level) && self.is_data {
            trail.news(at);
        }
        if !O::BLIND {
            trail.add(at, self.is_data, level);
        }
    }
}

/// How the clock wire goes up and down. One clock is mostly like the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    /// The wire; none if the next clock will not be like this.
    node: u32,
    /// The curve by which the wire falls, and for how long it has fallen when it is low.
    curve: u32,
    /// From being low to being let go, and from high to being pulled.
    low: Span,
    high: Span,
    /// From being let go to high, and from being pulled to low.
    rise: Span,
    fall: Span,
    /// From the same to where it is neither, if that is seen.
    leaves: [Option<Span>; 2],
}

impl Beat {
    /// Like no clock.
    pub(super) const NONE: Beat = Beat {
        node: NOBODY,
        curve: 0,
        low: Span::ZERO,
        high: Span::ZERO,
        rise: Span::from_fs(u64::MAX),
        fall: Span::from_fs(u64::MAX),
        leaves: [None; 2],
    };

    /// The next clock is like this.
    #[inline(always)]
    fn fits(&self, node: u32, lead: &Lead, voltage: &Voltage) -> bool {
        self.node == node
            && (self.curve, self.fall) == voltage.curve_at(lead.fell)
            && self.low == lead.release.since(lead.fell)
            && self.high == lead.high
    }

    /// The next clock is like this if it is as long.
    #[inline(always)]
    fn goes_on(&self, node: u32, low: Span, high: Span) -> bool {
        self.node == node && self.low == low && self.high == high
    }

    /// Lets the wire go and pulls it; none if it does not go all the way.
    #[inline(never)]
    fn measure(node: u32, lead: &Lead, voltage: &mut Voltage) -> Option<Beat> {
        let &Lead { fell, release, high, .. } = lead;
        let before = voltage.curve_at(fell);
        let (up, rose) = swing(voltage, release, 0, Level::High)?;
        let pulled = rose.saturating_add(high);
        let (down, now) = swing(voltage, pulled, 1, Level::Low)?;
        let after = voltage.curve_at(now);
        Some(Beat {
            node: if before == after { node } else { NOBODY },
            curve: after.0,
            low: release.since(fell),
            high,
            rise: rose.since(release),
            fall: now.since(pulled),
            leaves: [up, down],
        })
    }
}

/// So many pull at a wire from `at` on: after which time it is at no level, if that is seen, and when it is at `level`.
fn swing(voltage: &mut Voltage, at: Time, by: u32, level: Level) -> Option<(Option<Span>, Time)> {
    voltage.pull(at, Pull::low_by(by));
    let (mut leaves, mut now) = (None, at);
    while voltage.level() != level {
        now = voltage.next_crossing();
        if now == Time::MAX {
            return None;
        }
        voltage.cross();
        if voltage.level() == Level::X {
            leaves = Some(now.since(at));
        }
    }
    voltage.is_news(level);
    Some((leaves, now))
}

/// What observers are to see of a clock once it is over.
struct Trail {
    signals: [SignalId; 2],
    /// The clock and data as shown last.
    shown: [Level; 2],
    notes: [(Time, bool, Level); MAX_NOTES],
    count: usize,
    /// When data became another bit last, and the time before.
    news: [Option<Time>; 2],
    /// The clock fell then, which has not been shown.
    owed: Option<Time>,
}

/// A clock takes four, each change of data as many at most.
const MAX_NOTES: usize = 16;

impl Trail {
    fn of(core: &Core, nodes: [u32; 2]) -> Trail {
        Trail {
            signals: nodes.map(|node| core.wire_info[node as usize].signal),
            shown: nodes.map(|node| core.wires.nodes[node as usize].state),
            notes: [(Time::ZERO, false, Level::X); MAX_NOTES],
            count: 0,
            news: [None; 2],
            owed: None,
        }
    }

    /// A clock begins.
    #[inline(always)]
    fn begin(&mut self) {
        (self.count, self.news) = (0, [None; 2]);
    }

    /// Data became another bit; what turns back in the same instant is nothing.
    #[inline(always)]
    fn news(&mut self, at: Time) {
        let [last, before] = self.news;
        self.news = if last == Some(at) { [before; 2] } else { [Some(at), last] };
    }

    #[inline(always)]
    fn add(&mut self, at: Time, is_data: bool, level: Level) {
        if let Some(note) = self.notes.get_mut(self.count) {
            *note = (at, is_data, level);
        }
        self.count += 1;
    }

    /// The clock is let go and pulled. False if that is too much to be kept.
    #[inline(always)]
    fn add_clock<O: Observer>(&mut self, release: Time, pulled: Time, beat: &Beat) -> bool {
        if O::BLIND {
            return true;
        }
        let edges = [
            (release, beat.leaves[0], beat.rise, Level::High),
            (pulled, beat.leaves[1], beat.fall, Level::Low),
        ];
        for (from, leaves, reaches, level) in edges {
            if let Some(leaves) = leaves {
                self.add(from.saturating_add(leaves), false, Level::X);
            }
            self.add(from.saturating_add(reaches), false, level);
        }
        self.count <= MAX_NOTES
    }

    /// Shows what came before the clock's last fall, which others may make something of in the same instant: that is shown when
    /// time moves on.
    #[inline(always)]
    fn show<O: Observer>(&mut self, observer: &mut O) {
        if O::BLIND {
            return self.shown[0] = Level::High;
        }
        if let Some(at) = self.owed.take() {
            self.shown[0] = Level::Low;
            observer.instant(at, &[Change { signal: self.signals[0], value: Value::wire(Level::Low) }]);
        }
        let Some((&(fell, ..), notes)) = self.notes[..self.count].split_last() else { return };
        self.owed = Some(fell);
        for (i, &(at, is_data, level)) in notes.iter().enumerate() {
            // The last word of an instant counts.
            let is_last = notes.get(i + 1).is_none_or(|next| next.0 > at);
            let wire = is_data as usize;
            if is_last && self.shown[wire] != level {
                self.shown[wire] = level;
                observer.instant(at, &[Change { signal: self.signals[wire], value: Value::wire(level) }]);
            }
        }
    }
}

impl Core {
    /// So many pull an open-drain wire low, and that is all that is done to it.
    #[inline(always)]
    fn is_pulled(&self, node: u32, by: u32) -> bool {
        const LOW: Resolution = Resolution::NONE.with(Drive::Strong(false));
        let mut low = 0;
        for drive in self.wires.drives(node) {
            match drive {
                LOW => low += 1,
                Resolution::NONE => {}
                _ => return false,
            }
        }
        low == by && self.wires.forced(node).is_none()
    }

    /// How many pins watch a wire.
    #[inline(always)]
    fn watchers_of(&self, node: u32) -> u32 {
        let Watcher { mut next, pin, .. } = self.wires.nodes[node as usize].watcher;
        let mut count = (pin != 0) as u32;
        while let Some(watcher) = self.watchers.get(next as usize) {
            next = watcher.next;
            count += 1;
        }
        count
    }
}
