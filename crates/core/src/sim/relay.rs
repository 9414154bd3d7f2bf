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
use super::analog::{Mark, Pull, Voltage};
use super::fabric::{NOBODY, Watcher};
use super::kernel::Core;
use crate::level::{Drive, Level, Resolution};
use crate::log::{Change, Observer, SignalId, Value};
use crate::time::{Span, Time};

/// An agent's part in the clocks ahead. The clock is low, and known to be so by the agent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// What it puts on the data wire: in the present low time the most significant bit, then the others; 1 lets go.
    pub(crate) out: u64,
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
    /// It is to be woken behind a clock that is not as long as those before: it asks [when](Passed::fall) each was over.
    pub(crate) counts_back: bool,
}

/// The part of the one that makes the clock and pulls it now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead {
    /// The bits of [`Part::out`] that nobody else may pull low: a clock in which one does is not made.
    pub(crate) own: u64,
    /// The bits of [`Part::out`] that are its last if the wire is high.
    pub(crate) asks: u64,
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
    pub(crate) bits: u64,
    /// When the clock rose last, was pulled, and was low.
    pub(crate) rose: Time,
    pub(crate) pulled: Time,
    pub(crate) fell: Time,
    /// When data changed last, if it did.
    pub(crate) changed: Option<Time>,
    /// When the last clock but one was over, and how long it and those before took.
    before: Time,
    period: Span,
}

impl Passed {
    /// When the clock was over that has so many behind it, to those who [count back](Part::counts_back).
    pub(crate) fn fall(&self, behind: u32) -> Time {
        match behind {
            0 => self.fell,
            n => self.before.saturating_sub(times(self.period, n - 1)),
        }
    }
}

/// So many of them.
#[inline(always)]
fn times(span: Span, count: u32) -> Span {
    Span::from_fs(span.as_fs().saturating_mul(count as u64))
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
    out: u64::MAX,
    left: u32::MAX,
    pulls: false,
    change: Time::MAX,
    delay: Span::ZERO,
    spike: Span::ZERO,
    until: Time::MAX,
    counts_back: false,
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

const NOTHING: Passed = Passed {
    count: 0,
    bits: 0,
    rose: Time::ZERO,
    pulled: Time::ZERO,
    fell: Time::ZERO,
    changed: None,
    before: Time::ZERO,
    period: Span::ZERO,
};

impl Part {
    /// It takes part in any number of clocks without a word.
    pub(crate) const SILENT: Part = PART;

    fn talks(&self) -> bool {
        self.out != u64::MAX || self.pulls || self.change < Time::MAX
    }

    /// The bit of the present low time.
    fn bit(&self) -> bool {
        self.out >> 63 != 0
    }

    /// How many clocks ahead, the next included, it says the same in.
    #[inline(always)]
    fn alike(&self) -> u32 {
        if self.bit() { self.out.leading_ones() } else { self.out.leading_zeros() }
    }

    /// So many clocks have passed, at least one, and the last fell then.
    #[inline(always)]
    fn pass(&mut self, clocks: u32, fell: Time) {
        self.pulls = self.out.unbounded_shl(clocks - 1) >> 63 == 0;
        self.out = shift_in_ones(self.out, clocks);
        self.change = if self.bit() == self.pulls { fell.saturating_add(self.delay) } else { Time::MAX };
    }
}

fn shift_in_ones(bits: u64, by: u32) -> u64 {
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
        let Passed { count, bits, changed, fell, .. } = self.passed;
        self.part.left = self.part.left.saturating_sub(passed.count);
        self.passed = Passed {
            count: count.saturating_add(passed.count),
            bits: bits.unbounded_shl(passed.count) | passed.bits,
            changed: passed.changed.or(changed),
            before: if passed.count > 1 { passed.before } else { fell },
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
        // Clocks that are made leave no trace of their voltages.
        if self.core.drains.is_traced() {
            return false;
        }
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
    /// The leader is to be woken though he has clocks left.
    is_over: bool,
    /// Somebody counts back.
    counts_back: bool,
    /// The last clock was not like those before: who counts back is to be woken.
    is_odd: bool,
}

impl Round {
    /// The round that may begin now, if those on the wires have left their parts and nobody else has a say.
    fn of(seats: &[Seat], core: &Core) -> Option<Round> {
        let leader = core.conductor as usize;
        let Relay { is_on, part, lead, clock, data, .. } = seats.get(leader)?.place.relay;
        let nodes = [clock.node, data.node];
        let (talker, most) = (usize::MAX, part.left);
        let (spike, end) = (part.spike, part.until.min(core.next_due()));
        let mut round = Round {
            nodes,
            leader,
            part,
            lead,
            talker,
            talk: PART,
            most,
            spike,
            end,
            passed: NOTHING,
            is_over: false,
            counts_back: part.counts_back,
            is_odd: false,
        };
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
        self.counts_back |= part.counts_back;
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
        let mut is_steady = beat.fits(self.nodes[0], &self.lead, wires.clock.voltage) && self.suits(&beat);
        while self.passed.count < self.most {
            let Lead { fell, release, low, .. } = self.lead;
            let is_alike = is_steady && release.since(fell) == low && beat.low == low;
            if is_alike && self.make_alike(&beat, &mut wires, &mut trail, observer) {
                continue;
            }
            if self.is_over || !self.make_one(&mut beat, &mut wires, &mut trail, observer) {
                break;
            }
            is_steady = beat.node == self.nodes[0];
            if self.counts_back {
                self.is_odd = true;
                break;
            }
        }
        core.beat = beat;
        let before = if O::BLIND { Level::High } else { trail.shown[0] };
        (self.passed.count > 0).then_some(before)
    }

    /// Clocks like that are plain.
    fn suits(&self, beat: &Beat) -> bool {
        let Lead { high, patience, .. } = self.lead;
        let up = beat.low.saturating_add(beat.rise);
        up > self.spike && up < patience && high >= self.spike && beat.fall < patience
    }

    /// Makes a clock, which may be unlike the last. If it is not plain, all is as before, and false.
    #[inline(never)]
    fn make_one<O: Observer>(
        &mut self,
        beat: &mut Beat,
        wires: &mut Wires<'_>,
        trail: &mut Trail,
        observer: &mut O,
    ) -> bool {
        let marks = [wires.clock.voltage.mark(), wires.data.voltage.mark()];
        let Lead { release, high, own, asks, .. } = self.lead;
        trail.begin();
        let set = self.set_data::<O>(&self.present(), wires, trail);
        let measured = Beat::measure(self.nodes[0], &self.lead, wires.clock.voltage);
        let (Some(level), Some(next)) = (set, measured) else {
            return wires.reset(&marks);
        };
        let pulled = release.saturating_add(next.rise).saturating_add(high);
        let now = pulled.saturating_add(next.fall);
        let is_lost = own >> 63 != 0 && !level && self.part.bit();
        if is_lost || now >= self.end || !self.suits(&next) {
            return wires.reset(&marks);
        }
        *beat = next;
        if !O::BLIND {
            trail.add_clock(release, pulled, beat);
            trail.show(observer);
        }
        self.pass(1, self.part.out & self.talk.out, trail.news[0], pulled, beat);
        self.is_over = asks >> 63 != 0 && level;
        !self.is_over
    }

    /// Makes a clock that is like the last, and all behind it that are so. False if there was none, or no more are to be made.
    #[inline(always)]
    fn make_alike<O: Observer>(
        &mut self,
        beat: &Beat,
        wires: &mut Wires<'_>,
        trail: &mut Trail,
        observer: &mut O,
    ) -> bool {
        let mark = wires.data.voltage.mark();
        trail.begin();
        let set = self.set_data::<O>(&self.present(), wires, trail);
        let bits = self.part.out & self.talk.out;
        let most = self.alike(beat, bits);
        if set.is_none() || most == 0 {
            wires.data.voltage.reset(&mark);
            return false;
        }
        let clocks = self.say::<O>(bits, most, beat, wires, trail, observer);
        let pulled = self.lead.fell.saturating_add(beat.times(clocks)).saturating_sub(beat.fall);
        wires.clock.voltage.go_on_since(pulled);
        self.is_over = (self.lead.asks & bits).leading_zeros() < clocks;
        self.pass(clocks, bits, trail.news[0], pulled, beat);
        !self.is_over
    }

    /// How many clocks may be made that are alike, with those bits on the data wire.
    #[inline(always)]
    fn alike(&self, beat: &Beat, bits: u64) -> u32 {
        let Lead { fell, own, asks, low, setup, .. } = self.lead;
        let is_regular = |delay: Span| !delay.is_zero() && delay < low && delay.saturating_add(setup) <= low;
        // Behind a change of data that comes at another time, the clocks are others.
        let in_step = if is_regular(self.part.delay) && is_regular(self.talk.delay) {
            u64::BITS
        } else {
            self.part.alike().min(self.talk.alike())
        };
        let lost = own & self.part.out & !bits;
        let asked = (asks & bits).leading_zeros() + 1;
        let most = in_step.min(self.most - self.passed.count).min(lost.leading_zeros()).min(asked);
        let left = self.end.since(fell);
        if beat.times(most) < left {
            most
        } else {
            (left.as_fs().saturating_sub(1) / beat.period.as_fs().max(1)) as u32
        }
    }

    /// So many clocks pass with those bits on the data wire, the first of which is there. Returns how many do: data has to settle
    /// in each before the clock is let go.
    #[inline(always)]
    fn say<O: Observer>(
        &self,
        bits: u64,
        most: u32,
        beat: &Beat,
        wires: &mut Wires<'_>,
        trail: &mut Trail,
        observer: &mut O,
    ) -> u32 {
        let turns = |bits: u64| (bits ^ bits >> 1) & u64::MAX >> 1 & !u64::MAX.unbounded_shr(most);
        let mut changes = turns(self.part.out) | turns(self.talk.out);
        if O::BLIND {
            changes = self.skip(changes, turns(bits), beat, wires.data.voltage);
        }
        let mut shown = 0;
        while changes != 0 {
            let clock = changes.leading_zeros();
            changes &= !(1 << 63 >> clock);
            if !O::BLIND {
                let fell = self.lead.fell.saturating_add(beat.times(shown));
                trail.show_clocks(fell, clock - shown, beat, observer);
                shown = clock;
            }
            let (mark, news) = (wires.data.voltage.mark(), trail.news);
            if self.set_data::<O>(&self.ahead(clock, beat), wires, trail).is_none() {
                wires.data.voltage.reset(&mark);
                (trail.count, trail.news) = (0, news);
                return clock;
            }
        }
        if !O::BLIND {
            let fell = self.lead.fell.saturating_add(beat.times(shown));
            trail.show_clocks(fell, most - shown, beat, observer);
        }
        most
    }

    /// Where nobody looks and data is sure to settle, only the last changes leave something behind. Returns those that are to be
    /// made of `changes`, `turns` being the ones by which the level turns.
    #[inline(always)]
    fn skip(&self, changes: u64, turns: u64, beat: &Beat, data: &mut Voltage) -> u64 {
        let last = u64::BITS - 1 - turns.trailing_zeros().min(u64::BITS - 1);
        let lasting = data.memory().as_fs() / beat.period.as_fs().max(1) + 1;
        let delay = self.part.delay.max(self.talk.delay);
        let from = (last as u64).saturating_sub(lasting);
        if from < 2 || delay.saturating_add(data.settling()) >= beat.low {
            return changes;
        }
        let Low { fell, pulls, .. } = self.ahead(from as u32, beat);
        data.rest(fell, Pull::low_by(pulls[0] as u32 + pulls[1] as u32));
        changes & u64::MAX >> from
    }

    /// The present low time.
    #[inline(always)]
    fn present(&self) -> Low {
        let Lead { fell, release, .. } = self.lead;
        let changes = [self.part.change, self.talk.change];
        Low { fell, release, changes, pulls: [self.part.pulls, self.talk.pulls] }
    }

    /// The low time so many clocks ahead.
    #[inline(always)]
    fn ahead(&self, clock: u32, beat: &Beat) -> Low {
        let fell = self.lead.fell.saturating_add(beat.times(clock));
        let [own, other] = [&self.part, &self.talk].map(|part| {
            let pulled = part.out << (clock - 1) >> 63 == 0;
            let pulls = part.out << clock >> 63 == 0;
            (if pulls == pulled { Time::MAX } else { fell.saturating_add(part.delay) }, pulled)
        });
        Low {
            fell,
            release: fell.saturating_add(beat.low),
            changes: [own.0, other.0],
            pulls: [own.1, other.1],
        }
    }

    /// Data changes if it has to, and settles before the clock is let go. Returns whether it is high then; none if it does not
    /// settle, or not at what it is to be.
    #[inline(always)]
    fn set_data<O: Observer>(&self, low: &Low, wires: &mut Wires<'_>, trail: &mut Trail) -> Option<bool> {
        let mut pulls = low.pulls;
        let is_set = match low.changes {
            [Time::MAX, Time::MAX] => true,
            [own, Time::MAX] => {
                pulls[0] ^= true;
                low.change::<O>(own, pulls, wires, trail)
            }
            [Time::MAX, other] => {
                pulls[1] ^= true;
                low.change::<O>(other, pulls, wires, trail)
            }
            _ => low.change_both::<O>(self.leader < self.talker, &mut pulls, wires, trail),
        };
        let level = wires.data.voltage.level().is_high();
        (is_set && level != (pulls[0] | pulls[1])).then_some(level)
    }

    /// Clocks have passed: as many, with those bits on data, and the last pulled and low then.
    #[inline(always)]
    fn pass(&mut self, clocks: u32, bits: u64, changed: Option<Time>, pulled: Time, beat: &Beat) {
        let fell = pulled.saturating_add(beat.fall);
        let passed = &mut self.passed;
        passed.before = if clocks > 1 { fell.saturating_sub(beat.period) } else { self.lead.fell };
        passed.period = beat.period;
        passed.bits = passed.bits.unbounded_shl(clocks) | bits.unbounded_shr(u64::BITS - clocks);
        passed.count += clocks;
        passed.changed = changed.or(passed.changed);
        (passed.rose, passed.pulled, passed.fell) = (pulled.saturating_sub(self.lead.high), pulled, fell);
        self.lead.own = self.lead.own.unbounded_shl(clocks);
        self.lead.asks = self.lead.asks.unbounded_shl(clocks);
        self.lead.fell = fell;
        self.part.pass(clocks, fell);
        self.lead.release = fell.saturating_add(self.lead.low);
        if self.part.change < Time::MAX {
            self.lead.release = self.lead.release.max(self.part.change.saturating_add(self.lead.setup));
        }
        if self.talker != usize::MAX {
            self.talk.pass(clocks, fell);
        }
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
                if self.is_odd && relay.part.counts_back {
                    relay.part.left = 0;
                }
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
        if self.is_over {
            relay.part.left = 0;
        }
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

/// A time in which the clock is low, and what becomes of data in it.
struct Low {
    fell: Time,
    release: Time,
    /// When the leader and the other change data, and whether they pull it before.
    changes: [Time; 2],
    pulls: [bool; 2],
}

impl Low {
    /// Data changes for the last time in this low time. False if it does not settle.
    #[inline(always)]
    fn change<O: Observer>(
        &self,
        at: Time,
        pulls: [bool; 2],
        wires: &mut Wires<'_>,
        trail: &mut Trail,
    ) -> bool {
        wires.data.pull::<O>(at, pulls[0] as u32 + pulls[1] as u32, trail);
        at > self.fell && at < self.release && wires.data.drift::<O>(self.release, trail) == Time::MAX
    }

    /// The leader and the other change data, one after the other or at once; `leads` says who is asked first then.
    fn change_both<O: Observer>(
        &self,
        leads: bool,
        pulls: &mut [bool; 2],
        wires: &mut Wires<'_>,
        trail: &mut Trail,
    ) -> bool {
        let [own, other] = self.changes;
        let is_first = own < other || (own == other && leads);
        let (first, last) = if is_first { (own, other) } else { (other, own) };
        pulls[!is_first as usize] ^= true;
        wires.data.pull::<O>(first, pulls[0] as u32 + pulls[1] as u32, trail);
        pulls[is_first as usize] ^= true;
        first > self.fell
            && wires.data.drift::<O>(last, trail) != last
            && self.change::<O>(last, *pulls, wires, trail)
    }
}

/// The two wires.
struct Wires<'a> {
    clock: Line<'a>,
    data: Line<'a>,
}

impl Wires<'_> {
    /// Both are as they were. Returns that it came to nothing.
    fn reset(&mut self, [clock, data]: &[Mark; 2]) -> bool {
        self.clock.voltage.reset(clock);
        self.data.voltage.reset(data);
        false
    }
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
    /// All of them together.
    period: Span,
    /// From being let go and from being pulled to where it is neither, if that is seen.
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
        period: Span::from_fs(u64::MAX),
        leaves: [None; 2],
    };

    /// The next clock is like this.
    #[inline(always)]
    fn fits(&self, node: u32, lead: &Lead, voltage: &Voltage) -> bool {
        self.node == node && (self.curve, self.fall) == voltage.curve_at(lead.fell) && self.high == lead.high
    }

    /// How long so many take.
    #[inline(always)]
    fn times(&self, clocks: u32) -> Span {
        times(self.period, clocks)
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
            period: now.since(fell),
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
        self.notes[self.count] = (at, is_data, level);
        self.count += 1;
    }

    /// The clock is let go and pulled.
    #[inline(always)]
    fn add_clock(&mut self, release: Time, pulled: Time, beat: &Beat) {
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
    }

    /// Shows clocks that are alike, the first with what has become of data before, the clock having fallen.
    #[inline(always)]
    fn show_clocks<O: Observer>(&mut self, fell: Time, clocks: u32, beat: &Beat, observer: &mut O) {
        let mut release = fell.saturating_add(beat.low);
        for _ in 0..clocks {
            let pulled = release.saturating_add(beat.rise).saturating_add(beat.high);
            self.add_clock(release, pulled, beat);
            self.show(observer);
            self.count = 0;
            release = release.saturating_add(beat.period);
        }
    }

    /// Shows what came before the clock's last fall, which others may make something of in the same instant: that is shown when
    /// time moves on.
    #[inline(always)]
    fn show<O: Observer>(&mut self, observer: &mut O) {
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
