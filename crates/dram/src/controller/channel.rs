//! A channel at work.

use std::collections::VecDeque;

use busproof_core::bus::ddr::Command;

use super::queue::{Queue, Waiting, bits};
use super::timing::{Ready, Shape, Stamp};
use super::{Controller, Issued, Observer, Stepping, Times};
use crate::blame::{Ledger, Served};
use crate::map::{AddressMap, Location};
use crate::request::{Access, Request};
use crate::stats::Stats;

/// What the channel will do next, if nothing comes in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plan {
    /// In which clock.
    clock: u64,
    step: Step,
}

/// Something that issues a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The read or write of the active request at that place.
    Active(usize),
    /// The next command of the refresh that is due first.
    Refresh,
    /// The next command of the request at that position of the queue being served.
    Queued(usize),
}

/// A request whose row was opened for it.
#[derive(Clone, Copy, Debug)]
struct Active {
    access: Access,
    waiting: Waiting,
}

/// The front end's side: what is offered next, and when.
#[derive(Debug)]
struct FrontEnd<I> {
    requests: I,
    next: Option<Offered>,
    /// It has an opportunity each so many clocks.
    every: u64,
    /// The first opportunity that has not passed.
    slot: u64,
}

impl<I> FrontEnd<I> {
    /// True if the clock is an opportunity. Clocks come in ascending order.
    fn has_slot(&mut self, clock: u64) -> bool {
        let is_slot = self.slot_from(clock) == clock;
        if is_slot && self.every > 1 {
            self.slot = clock + self.every;
        }
        is_slot
    }

    /// The first opportunity from the clock on, which is not before `slot` less a period.
    fn slot_from(&self, clock: u64) -> u64 {
        if self.every == 1 {
            clock
        } else if clock <= self.slot {
            self.slot
        } else {
            clock.next_multiple_of(self.every)
        }
    }
}

/// A request on offer.
#[derive(Clone, Copy, Debug)]
struct Offered {
    request: Request,
    at: Location,
    /// No write waits for its address: room in its queue is all it needs, since nothing else is accepted before.
    needs_room: bool,
}

/// What came of an opportunity to offer a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    /// It was accepted, and there are more.
    Accepted,
    /// It was accepted, and was the last.
    Last,
    /// There was nothing to offer, or no room.
    None,
}

/// A channel at work.
pub(super) struct Channel<'c> {
    map: &'c AddressMap,
    stepping: Stepping,
    every: u64,
    times: Times,
    /// Columns of a burst.
    burst: u32,
    shape: Shape,
    ready: Ready,
    reads: Queue,
    writes: Queue,
    /// By bank, the open row.
    rows: Vec<Option<u32>>,
    /// Banks with an open row.
    open: u64,
    /// In order of arrival; one for a bank.
    active: Vec<Active>,
    /// Their banks.
    active_banks: u64,
    /// The ranks whose refresh is due, first come first.
    refreshes: VecDeque<usize>,
    next_refresh: u64,
    /// The reads whose data are under way: when they end, and their latency.
    under_way: VecDeque<(u64, u64)>,
    /// The last refresh: since when it was due, and when it ends.
    refresh_due: (u64, u64),
    ledger: Option<Ledger>,
    writing: bool,
    clock: u64,
    /// `None` if something has happened that may change it.
    plan: Option<Plan>,
    stats: Stats,
}

/// The commands that this controller issues.
const USED: &[Command] =
    &[Command::Act, Command::Pre, Command::PreAll, Command::Rd, Command::Wr, Command::Ref];

impl<'c> Channel<'c> {
    pub(super) fn new(controller: &'c Controller) -> Channel<'c> {
        let (memory, options) = (&controller.memory, &controller.options);
        let shape = Shape::of(memory);
        Channel {
            map: &controller.map,
            stepping: options.stepping,
            every: options.request_every,
            times: controller.times,
            burst: memory.geometry().burst,
            shape,
            ready: Ready::new(memory, USED),
            reads: Queue::new(options.read_queue),
            writes: Queue::new(options.write_queue),
            rows: vec![None; shape.banks],
            open: 0,
            active: Vec::with_capacity(shape.banks),
            active_banks: 0,
            refreshes: VecDeque::new(),
            next_refresh: controller.times.refi,
            under_way: VecDeque::new(),
            refresh_due: (0, 0),
            ledger: options.blame.then(|| Ledger::new(memory.standard().rules())),
            writing: false,
            clock: 0,
            plan: None,
            stats: Stats::default(),
        }
    }

    pub(super) fn run(
        mut self,
        requests: impl Iterator<Item = Request>,
        observer: &mut impl Observer,
    ) -> Stats {
        let mut front = FrontEnd { requests, next: None, every: self.every, slot: 0 };
        self.advance(&mut front);
        while front.next.is_some() && self.feed(&mut front) != Offer::Last {
            let next = match self.stepping {
                Stepping::Jump => self.next_instant(&front),
                Stepping::EveryClock => self.clock + 1,
            };
            self.tick(next, observer);
        }
        self.complete_reads();
        self.stats.cycles = self.clock;
        self.stats.blame = self.ledger.map_or_else(Vec::new, |ledger| ledger.totals());
        self.stats
    }

    /// To the next request of the trace.
    fn advance(&self, front: &mut FrontEnd<impl Iterator<Item = Request>>) {
        front.next = front.requests.next().map(|request| {
            let at = self.map.locate(request.address);
            let needs_room = !self.writes.holds(request.address, at.bank as usize);
            Offered { request, at, needs_room }
        });
    }

    /// Gives the front end its opportunity in the present clock.
    fn feed(&mut self, front: &mut FrontEnd<impl Iterator<Item = Request>>) -> Offer {
        let Some(offered) = &front.next else { return Offer::None };
        let offered = *offered;
        if offered.request.at > self.clock || !front.has_slot(self.clock) {
            return Offer::None;
        }
        if !self.accept(&offered) {
            return Offer::None;
        }
        self.stats.requests += 1;
        self.advance(front);
        if front.next.is_none() { Offer::Last } else { Offer::Accepted }
    }

    fn queue(&self, access: Access) -> &Queue {
        match access {
            Access::Read => &self.reads,
            Access::Write => &self.writes,
        }
    }

    /// Takes a request, or refuses it.
    fn accept(&mut self, offered: &Offered) -> bool {
        let Offered { request: Request { address, access, .. }, at, needs_room } = *offered;
        let bank = at.bank as usize;
        if !needs_room && self.writes.holds(address, bank) {
            match access {
                Access::Read => self.stats.forwarded += 1,
                Access::Write => self.stats.coalesced += 1,
            }
            return true;
        }
        if self.queue(access).is_full() {
            return false;
        }
        let (arrived, row) = (self.clock, self.rows[bank]);
        let account = self.ledger.as_mut().map_or(0, Ledger::open);
        let queue = match access {
            Access::Read => &mut self.reads,
            Access::Write => &mut self.writes,
        };
        let have_moved =
            queue.push(Waiting { address, at, arrived, since: arrived, account, begun: false }, row);
        if have_moved {
            (0..self.shape.banks).for_each(|bank| self.rekey(bank));
        } else {
            self.rekey_one(access, bank);
        }
        self.plan = None;
        true
    }

    /// The bank, or what waits for it, has changed.
    fn rekey(&mut self, bank: usize) {
        self.rekey_one(Access::Read, bank);
        self.rekey_one(Access::Write, bank);
    }

    /// What waits for the bank in one of the queues has changed.
    fn rekey_one(&mut self, access: Access, bank: usize) {
        let other = if self.open >> bank & 1 == 0 { Command::Act } else { Command::Pre };
        let queue = match access {
            Access::Read => &mut self.reads,
            Access::Write => &mut self.writes,
        };
        queue.rekey(bank, self.ready.of_bank(column(access), bank), self.ready.of_bank(other, bank));
    }

    /// One clock: what falls due, then at most one command.
    fn tick(&mut self, clock: u64, observer: &mut impl Observer) {
        self.clock = clock;
        self.stats.steps += 1;
        if clock == self.next_refresh {
            if self.refreshes.is_empty() {
                self.refresh_due = (clock, u64::MAX);
            }
            self.refreshes.extend(0..self.shape.ranks);
            self.next_refresh += self.times.refi;
            self.plan = None;
        }
        let plan = match (self.plan, self.stepping) {
            (Some(plan), Stepping::Jump) => plan,
            (None, Stepping::Jump) => self.think(),
            (_, Stepping::EveryClock) => self.look_at_everything(),
        };
        self.plan = Some(plan);
        if plan.clock == clock {
            self.carry_out(plan.step, observer);
            self.plan = None;
        }
    }

    /// The next clock in which anything can happen.
    fn next_instant<I>(&mut self, front: &FrontEnd<I>) -> u64 {
        let next = self.clock + 1;
        if self.next_refresh == next {
            return next;
        }
        self.clock = next;
        let plan = if let Some(plan) = self.plan { plan } else { self.think() };
        self.clock = next - 1;
        self.plan = Some(plan);
        plan.clock.min(self.next_refresh).min(self.next_offer(front))
    }

    /// When the front end may next offer a request that has a chance.
    fn next_offer<I>(&self, front: &FrontEnd<I>) -> u64 {
        let Some(offered) = &front.next else { return u64::MAX };
        if offered.needs_room && self.queue(offered.request.access).is_full() {
            return u64::MAX;
        }
        front.slot_from(offered.request.at.max(self.clock + 1))
    }

    /// The next command and its clock, from the present clock on.
    fn think(&mut self) -> Plan {
        let active = self.next_active();
        if active.clock == self.clock {
            return active;
        }
        let other = if let Some(&rank) = self.refreshes.front() {
            self.next_of_refresh(rank)
        } else {
            self.choose_direction();
            self.next_of_queue()
        };
        if other.clock < active.clock { other } else { active }
    }

    fn next_active(&self) -> Plan {
        let now = Stamp::new(self.clock, 0);
        let stamp = |(place, active): (usize, &Active)| self.ready_of(active).max(now).tagged(place as u8);
        let best = self.active.iter().enumerate().map(stamp).min();
        best.map_or(NEVER, |best| Plan { clock: best.clock(), step: Step::Active(best.tag() as usize) })
    }

    fn ready_of(&self, active: &Active) -> Stamp {
        self.ready.bank(column(active.access), active.waiting.at.bank as usize)
    }

    fn next_of_refresh(&self, rank: usize) -> Plan {
        let banks = self.shape.rank_mask(rank);
        if self.open & banks != 0 && self.active_banks & banks != 0 {
            return NEVER;
        }
        let command = self.refresh_command(rank);
        Plan { clock: self.ready.rank(command, rank).clock().max(self.clock), step: Step::Refresh }
    }

    fn refresh_command(&self, rank: usize) -> Command {
        if self.open & self.shape.rank_mask(rank) == 0 { Command::Ref } else { Command::PreAll }
    }

    /// Whether reads or writes are served.
    fn choose_direction(&mut self) {
        let (waiting, capacity) = (self.writes.len() * 5, self.writes.capacity());
        self.writing = if self.writing {
            waiting >= capacity || self.reads.is_empty()
        } else {
            waiting > capacity * 4 || self.reads.is_empty()
        };
    }

    fn serving(&self) -> (&Queue, Command) {
        if self.writing { (&self.writes, Command::Wr) } else { (&self.reads, Command::Rd) }
    }

    fn next_of_queue(&self) -> Plan {
        let (queue, column) = self.serving();
        let now = Stamp::new(self.clock, 0);
        let mut best = Stamp::NEVER;
        for rank in 0..self.shape.ranks {
            let mask = self.shape.rank_mask(rank);
            let first = |banks: u64, command: Command, candidate: fn(&Queue, usize) -> Stamp, best: Stamp| {
                let floor = self.ready.rank(command, rank).max(now);
                // While its window of activates is full, no bank of a rank need be asked.
                if banks & mask == 0 || floor.clock() > best.clock() {
                    return best;
                }
                let floors = self.ready.of_groups(command);
                let stamp =
                    |bank| candidate(queue, bank).not_before(floors[self.shape.group(bank)].max(floor));
                bits(banks & mask).fold(best, |best, bank| best.min(stamp(bank)))
            };
            best = first(queue.hit_banks, column, Queue::hit, best);
            best = first(queue.miss_banks & self.open & !self.active_banks, Command::Pre, Queue::miss, best);
            best = first(queue.banks & !self.open, Command::Act, Queue::miss, best);
        }
        if best == Stamp::NEVER {
            NEVER
        } else {
            Plan { clock: best.clock(), step: Step::Queued(best.tag() as usize) }
        }
    }

    /// What a controller without a plan does: asks everyone in this clock.
    fn look_at_everything(&mut self) -> Plan {
        let now = |step| Plan { clock: self.clock, step };
        let first = self.active.iter().position(|active| self.ready_of(active).clock() <= self.clock);
        if let Some(place) = first {
            return now(Step::Active(place));
        }
        if let Some(&rank) = self.refreshes.front() {
            let plan = self.next_of_refresh(rank);
            return if plan.clock == self.clock { plan } else { NEVER };
        }
        self.choose_direction();
        let (queue, _) = self.serving();
        let ready = |&position: &usize| {
            let command = self.next_command(queue, position);
            let bank = queue.entry(position).at.bank as usize;
            let allowed = command != Command::Pre || self.active_banks >> bank & 1 == 0;
            allowed && self.is_ready(command, bank)
        };
        let first = queue.positions().find(ready);
        first.map_or(NEVER, |position| Plan { clock: self.clock, step: Step::Queued(position) })
    }

    fn is_ready(&self, command: Command, bank: usize) -> bool {
        self.ready.bank(command, bank).clock() <= self.clock
    }

    fn next_command(&self, queue: &Queue, position: usize) -> Command {
        let at = &queue.entry(position).at;
        match self.rows[at.bank as usize] {
            None => Command::Act,
            Some(row) if row != at.row => Command::Pre,
            Some(_) => self.serving().1,
        }
    }

    fn carry_out(&mut self, step: Step, observer: &mut impl Observer) {
        match step {
            Step::Active(place) => self.serve_active(place, observer),
            Step::Refresh => self.refresh(observer),
            Step::Queued(position) => self.serve_queued(position, observer),
        }
    }

    fn serve_active(&mut self, place: usize, observer: &mut impl Observer) {
        let active = self.active.remove(place);
        self.active_banks &= !(1 << active.waiting.at.bank);
        self.transfer(active.access, &active.waiting, observer);
    }

    fn refresh(&mut self, observer: &mut impl Observer) {
        let Some(&rank) = self.refreshes.front() else { return };
        let command = self.refresh_command(rank);
        if command == Command::Ref {
            self.refreshes.pop_front();
            if self.refreshes.is_empty() {
                self.refresh_due.1 = self.clock + self.times.rfc;
            }
        } else {
            bits(self.open & self.shape.rank_mask(rank)).for_each(|bank| {
                self.close(bank);
                self.rekey(bank);
            });
        }
        self.issue(command, self.shape.first_bank(rank), Location::default(), observer);
    }

    fn serve_queued(&mut self, position: usize, observer: &mut impl Observer) {
        let (access, queue) =
            if self.writing { (Access::Write, &mut self.writes) } else { (Access::Read, &mut self.reads) };
        let is_hit = queue.is_hit(position);
        let waiting = queue.entry_mut(position);
        let (bank, row) = (waiting.at.bank as usize, waiting.at.row);
        let is_open = self.open >> bank & 1 != 0;
        if !waiting.begun {
            waiting.begun = true;
            let rows = &mut self.stats.rows;
            *(if is_hit {
                &mut rows.hit
            } else if is_open {
                &mut rows.conflict
            } else {
                &mut rows.miss
            }) += 1;
        }
        let before = *waiting;
        waiting.since = self.clock;
        if is_hit {
            queue.remove(position);
            self.transfer(access, &before, observer);
        } else if is_open {
            self.account(Command::Pre, &before);
            self.close(bank);
            self.issue(Command::Pre, bank, Location::default(), observer);
        } else {
            let waiting = queue.remove(position);
            self.account(Command::Act, &before);
            self.activate(Active { access, waiting });
            self.open_row(bank, row);
            self.issue(Command::Act, bank, Location { row, ..Location::default() }, observer);
        }
    }

    /// The row of a request is opened for it.
    fn activate(&mut self, active: Active) {
        let younger = self.active.iter().position(|there| there.waiting.arrived > active.waiting.arrived);
        self.active.insert(younger.unwrap_or(self.active.len()), active);
        self.active_banks |= 1 << active.waiting.at.bank;
    }

    /// Says what the request has waited for since the last command issued for it.
    fn account(&mut self, command: Command, waiting: &Waiting) {
        let Some(ledger) = &mut self.ledger else { return };
        let (stamp, since, now) =
            (self.ready.bank(command, waiting.at.bank as usize), waiting.since, self.clock);
        let allowed = stamp.clock().clamp(since, now);
        // A rule is to blame from the command on from which it counts.
        let begun = stamp.clock().saturating_sub(self.ready.delay(stamp)).clamp(since, allowed);
        let (due, done) = self.refresh_due;
        let refreshing = |from: u64, to: u64| done.min(to).saturating_sub(due.max(from));
        let refresh = refreshing(since, begun) + refreshing(allowed, now);
        ledger.charge_rule(waiting.account, stamp.tag() as usize, allowed - begun);
        ledger.charge_refresh(waiting.account, refresh);
        ledger.charge_queue(waiting.account, (begun - since) + (now - allowed) - refresh);
    }

    /// Closes the account of a request that is served.
    fn settle(&mut self, access: Access, waiting: &Waiting, observer: &mut impl Observer) {
        let Some(ledger) = &mut self.ledger else { return };
        let data = if access == Access::Read { self.times.read } else { 0 };
        ledger.charge_data(waiting.account, data);
        let Waiting { address, arrived, account, .. } = *waiting;
        let waits = ledger.waits(account);
        observer.served(Served { address, access, arrived, finished: self.clock + data, waits });
        ledger.close(account);
    }

    fn transfer(&mut self, access: Access, waiting: &Waiting, observer: &mut impl Observer) {
        let bank = waiting.at.bank as usize;
        self.account(column(access), waiting);
        self.settle(access, waiting, observer);
        if access == Access::Read {
            self.complete_reads();
            let end = self.clock + self.times.read;
            self.under_way.push_back((end, end - waiting.arrived));
        }
        self.issue(column(access), bank, waiting.at, observer);
    }

    /// Counts the reads whose data have arrived.
    fn complete_reads(&mut self) {
        while let Some(&(_, latency)) = self.under_way.front().filter(|(end, _)| *end <= self.clock) {
            self.under_way.pop_front();
            self.stats.read_latency.add(latency);
        }
    }

    fn open_row(&mut self, bank: usize, row: u32) {
        self.open |= 1 << bank;
        self.rows[bank] = Some(row);
        self.reads.open(bank, row);
        self.writes.open(bank, row);
    }

    fn close(&mut self, bank: usize) {
        self.open &= !(1 << bank);
        self.rows[bank] = None;
        self.reads.close(bank);
        self.writes.close(bank);
    }

    fn issue(&mut self, command: Command, bank: usize, at: Location, observer: &mut impl Observer) {
        self.ready.issue(command, bank, self.clock);
        self.rekey(bank);
        self.stats.commands[command.slot()] += 1;
        let [rank, bank_group, bank] = self.shape.split(bank);
        let (row, column) = (at.row, at.column * self.burst);
        observer.command(Issued { clock: self.clock, command, rank, bank_group, bank, row, column });
    }
}

/// No plan: a clock that does not come.
const NEVER: Plan = Plan { clock: u64::MAX, step: Step::Refresh };

/// The command that moves the data.
const fn column(access: Access) -> Command {
    match access {
        Access::Read => Command::Rd,
        Access::Write => Command::Wr,
    }
}
