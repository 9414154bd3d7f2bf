//! A channel at work.

use std::collections::VecDeque;

use busproof_core::bus::ddr::{Command, SLOTS};

use super::front::{FrontEnd, Offer, Offered};
use super::pages::Pages;
use super::policy::{PagePolicy, Refresh, Scheduler, WriteDrain};
use super::power::Power;
use super::queue::{Queue, Waiting, bits};
use super::refresh::Refreshes;
use super::timing::{BANKS, Ready, Shape};
use super::{Controller, Issued, Observer, Options, Stepping, Times};
use crate::blame::{Ledger, Served};
use crate::map::{AddressMap, Location};
use crate::request::{Access, Request};
use crate::stats::Stats;

/// What the channel will do next, if nothing comes in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// In which clock.
    pub(super) clock: u64,
    pub(super) step: Step,
}

/// Something that issues a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The read or write of the active request at that place.
    Active(usize),
    /// The next command of the request at that position of the queue being served.
    Queued(usize),
    Upkeep(Upkeep),
}

/// A command that no request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upkeep {
    /// The next command of a rank's refresh.
    Refresh(usize),
    /// PRE of a bank whose row was not used for long.
    Close(usize),
    /// A rank enters power-down.
    Sleep(usize),
    /// A rank leaves power-down.
    Wake(usize),
}

/// A request whose row was opened for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Active {
    pub(super) access: Access,
    pub(super) waiting: Waiting,
}

/// A channel at work.
pub(super) struct Channel<'c> {
    map: &'c AddressMap,
    /// Its number.
    number: u32,
    stepping: Stepping,
    every: u64,
    pub(super) scheduler: Scheduler,
    pub(super) drain: WriteDrain,
    /// Something is to be done that no request asks for, besides refreshes as they fall due.
    pub(super) has_upkeep: bool,
    times: Times,
    /// Columns of a burst.
    burst: u32,
    pub(super) shape: Shape,
    pub(super) ready: Ready,
    pub(super) reads: Queue,
    pub(super) writes: Queue,
    /// By bank, the open row.
    pub(super) rows: Vec<Option<u32>>,
    /// Banks with an open row.
    pub(super) open: u64,
    /// In order of arrival; one for a bank.
    pub(super) active: Vec<Active>,
    /// Their banks.
    pub(super) active_banks: u64,
    pub(super) refreshes: Refreshes,
    /// Banks that wait for a refresh.
    pub(super) blocked: u64,
    pub(super) pages: Pages,
    pub(super) power: Power,
    /// By bank, how many row hits have overtaken an older request in a row.
    overtaken: Vec<u32>,
    /// Banks where that is as many as may.
    pub(super) capped: u64,
    /// The reads whose data are under way: when they end, and their latency.
    under_way: VecDeque<(u64, u64)>,
    /// By bank, its last refresh: since when it was due, and when it ends.
    refreshing: Vec<(u64, u64)>,
    ledger: Option<Ledger>,
    pub(super) writing: bool,
    pub(super) clock: u64,
    /// `None` if something has happened that may change it.
    plan: Option<Plan>,
    stats: Stats,
}

/// The commands that a controller of these options issues.
fn used(options: &Options, refresh: Command) -> Vec<Command> {
    let mut used = vec![Command::Act, Command::Pre, Command::PreAll, Command::Rd, Command::Wr, refresh];
    if matches!(options.page, PagePolicy::Closed | PagePolicy::Adaptive) {
        used.extend([Command::Rda, Command::Wra]);
    }
    if options.power_down.is_some() {
        used.extend([Command::Pde, Command::Pdx]);
    }
    used
}

impl<'c> Channel<'c> {
    pub(super) fn new(controller: &'c Controller, number: u32) -> Channel<'c> {
        let (memory, options) = (&controller.memory, &controller.options);
        let (shape, times) = (Shape::of(memory), controller.times);
        let refreshes = Refreshes::new(options.refresh, shape, times.refi, times.parts);
        let has_upkeep = matches!(options.page, PagePolicy::Timeout(_))
            || options.power_down.is_some()
            || options.refresh != Refresh { reach: options.refresh.reach, ..Refresh::default() };
        Channel {
            map: &controller.map,
            number,
            stepping: options.stepping,
            every: options.request_every,
            scheduler: options.scheduler,
            drain: options.drain,
            has_upkeep,
            times,
            burst: memory.geometry().burst,
            shape,
            ready: Ready::new(memory, &used(options, refreshes.command())),
            reads: Queue::new(options.read_queue),
            writes: Queue::new(options.write_queue),
            rows: vec![None; shape.banks],
            open: 0,
            active: Vec::with_capacity(shape.banks),
            active_banks: 0,
            refreshes,
            blocked: 0,
            pages: Pages::new(options.page),
            power: Power::new(options.power_down, shape.ranks),
            overtaken: vec![0; BANKS],
            capped: 0,
            under_way: VecDeque::new(),
            refreshing: vec![(0, 0); BANKS],
            ledger: options.blame.then(|| Ledger::new(memory.standard().rules())),
            writing: false,
            clock: 0,
            plan: None,
            stats: Stats {
                commands: vec![[0; SLOTS]; shape.banks],
                banks_of_rank: shape.banks / shape.ranks,
                ..Stats::default()
            },
        }
    }

    pub(super) fn run(
        mut self,
        requests: impl Iterator<Item = Request>,
        observer: &mut impl Observer,
    ) -> Stats {
        let mut front = FrontEnd::new(requests, self.every);
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
        self.stats.waiting[0] += self.reads.waited_until(self.clock);
        self.stats.waiting[1] += self.writes.waited_until(self.clock);
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

    pub(super) fn queue(&self, access: Access) -> &Queue {
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
            self.plan = None;
        } else {
            self.rekey_one(access, bank);
            self.plan = self.plan.and_then(|plan| self.think_again(plan, access, bank));
        }
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
        if clock == self.refreshes.next() {
            self.refreshes.fall_due();
            self.block();
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
        if self.refreshes.next() == next {
            return next;
        }
        self.clock = next;
        let plan = if let Some(plan) = self.plan { plan } else { self.think() };
        self.clock = next - 1;
        self.plan = Some(plan);
        plan.clock.min(self.refreshes.next()).min(self.next_offer(front))
    }

    /// When the front end may next offer a request that has a chance.
    fn next_offer<I>(&self, front: &FrontEnd<I>) -> u64 {
        let Some(offered) = &front.next else { return u64::MAX };
        if offered.needs_room && self.queue(offered.request.access).is_full() {
            return u64::MAX;
        }
        front.slot_from(offered.request.at.max(self.clock + 1))
    }

    /// How long a refresh takes.
    pub(super) const fn refresh_clocks(&self) -> u64 {
        self.times.rfc
    }

    /// Finds out which banks wait for a refresh.
    fn block(&mut self) {
        let blocked = self.refreshes.blocked();
        for bank in bits(blocked & !self.blocked) {
            let (since, done) = self.refreshing[bank];
            self.refreshing[bank] = (if done >= self.clock { since } else { self.clock }, u64::MAX);
        }
        self.blocked = blocked;
    }

    fn carry_out(&mut self, step: Step, observer: &mut impl Observer) {
        match step {
            Step::Active(place) => self.serve_active(place, observer),
            Step::Queued(position) => self.serve_queued(position, observer),
            Step::Upkeep(upkeep) => self.keep_up(upkeep, observer),
        }
    }

    fn keep_up(&mut self, upkeep: Upkeep, observer: &mut impl Observer) {
        match upkeep {
            Upkeep::Refresh(rank) => self.refresh(rank, observer),
            Upkeep::Close(bank) => {
                self.close(bank);
                self.issue(Command::Pre, bank, Location::default(), observer);
            }
            Upkeep::Sleep(rank) => self.turn(rank, Command::Pde, observer),
            Upkeep::Wake(rank) => self.turn(rank, Command::Pdx, observer),
        }
    }

    /// A rank enters or leaves power-down.
    fn turn(&mut self, rank: usize, command: Command, observer: &mut impl Observer) {
        self.power.turn(rank, command == Command::Pde, &self.shape);
        self.issue(command, self.shape.first_bank(rank), Location::default(), observer);
    }

    fn serve_active(&mut self, place: usize, observer: &mut impl Observer) {
        let active = self.active.remove(place);
        self.active_banks &= !(1 << active.waiting.at.bank);
        self.transfer(active.access, &active.waiting, observer);
    }

    fn refresh(&mut self, rank: usize, observer: &mut impl Observer) {
        let banks = self.refreshes.banks(rank);
        let bank = banks.trailing_zeros() as usize;
        match self.refresh_command(rank) {
            Command::Pre => {
                let bank = (self.open & banks).trailing_zeros() as usize;
                self.close(bank);
                self.issue(Command::Pre, bank, Location::default(), observer);
            }
            Command::PreAll => {
                bits(self.open & banks).for_each(|bank| {
                    self.close(bank);
                    self.rekey(bank);
                });
                self.issue(Command::PreAll, bank, Location::default(), observer);
            }
            command => {
                for bank in bits(banks) {
                    let is_blocked = self.blocked >> bank & 1 != 0;
                    let since = if is_blocked { self.refreshing[bank].0 } else { self.clock };
                    self.refreshing[bank] = (since, self.clock + self.times.rfc);
                }
                self.refreshes.pay(rank);
                self.blocked &= !banks;
                self.block();
                self.issue(command, bank, Location::default(), observer);
                bits(banks).for_each(|bank| self.rekey(bank));
            }
        }
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
            self.pages.learn(bank, row);
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
        if is_hit || !is_open {
            self.stats.waiting[access as usize] += self.clock - waiting.arrived;
        }
        if is_hit {
            queue.remove(position);
            if self.scheduler.cap() < u32::MAX {
                let overtakes = queue.oldest_other(bank) < position;
                self.count_overtaking(bank, overtakes);
            }
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

    /// A row hit is served, perhaps before an older request for another row of the bank.
    fn count_overtaking(&mut self, bank: usize, overtakes: bool) {
        let count = if overtakes { self.overtaken[bank % BANKS] + 1 } else { 0 };
        self.overtaken[bank % BANKS] = count;
        if count >= self.scheduler.cap() {
            self.capped |= 1 << bank;
        }
    }

    /// Says what the request has waited for since the last command issued for it.
    fn account(&mut self, command: Command, waiting: &Waiting) {
        let Some(ledger) = &mut self.ledger else { return };
        let (stamp, since, now) =
            (self.ready.bank(command, waiting.at.bank as usize), waiting.since, self.clock);
        let allowed = stamp.clock().clamp(since, now);
        // A rule is to blame from the command on from which it counts.
        let begun = stamp.clock().saturating_sub(self.ready.delay(stamp)).clamp(since, allowed);
        let (due, done) = self.refreshing[waiting.at.bank as usize % BANKS];
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
        self.stats.bursts.add(self.clock);
        if access == Access::Read {
            self.complete_reads();
            let end = self.clock + self.times.read;
            self.under_way.push_back((end, end - waiting.arrived));
        }
        let closes = self.pages.closes(bank) && !self.is_row_wanted(bank);
        if closes {
            self.close(bank);
        }
        self.issue(if closes { closing(access) } else { column(access) }, bank, waiting.at, observer);
    }

    /// Counts the reads whose data have arrived.
    fn complete_reads(&mut self) {
        while let Some(&(_, latency)) = self.under_way.front().filter(|(end, _)| *end <= self.clock) {
            self.under_way.pop_front();
            self.stats.read_latency.add(latency);
        }
    }

    /// True if a request waits for the open row of the bank.
    pub(super) fn is_row_wanted(&self, bank: usize) -> bool {
        (self.reads.hit_banks | self.writes.hit_banks | self.active_banks) >> bank & 1 != 0
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
        self.capped &= !(1 << bank);
        self.overtaken[bank % BANKS] = 0;
        self.reads.close(bank);
        self.writes.close(bank);
    }

    #[expect(
        clippy::inline_always,
        reason = "measured: where the command is known, its loops have constant lengths"
    )]
    #[inline(always)]
    fn issue(&mut self, command: Command, bank: usize, at: Location, observer: &mut impl Observer) {
        self.ready.issue(command, bank, self.clock);
        self.rekey(bank);
        self.stats.commands[bank][command.slot()] += 1;
        if self.has_upkeep {
            self.pages.touch(bank, self.clock);
            self.power.touch(self.shape.rank(bank), self.clock);
        }
        let [rank, bank_group, bank] = self.shape.split(bank);
        let (row, column, channel) = (at.row, at.column * self.burst, self.number as u8);
        observer.command(Issued { clock: self.clock, command, channel, rank, bank_group, bank, row, column });
    }
}

/// The command that moves the data.
pub(super) const fn column(access: Access) -> Command {
    match access {
        Access::Read => Command::Rd,
        Access::Write => Command::Wr,
    }
}

/// The command that moves the data and closes the row.
const fn closing(access: Access) -> Command {
    match access {
        Access::Read => Command::Rda,
        Access::Write => Command::Wra,
    }
}
