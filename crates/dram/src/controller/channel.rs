//! A channel at work.

use std::collections::VecDeque;

use busproof_core::bus::ddr::Command;

use super::queue::{Queue, Waiting, bits};
use super::timing::{Ready, Shape};
use super::{Controller, Issued, Stepping, Times};
use crate::map::AddressMap;
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
    /// The read or write of the bank's active request.
    Active(usize),
    /// The next command of the refresh that is due first.
    Refresh,
    /// The next command of the request at that position of the queue being served.
    Queued(usize),
    /// Nothing, whatever the clock.
    Nothing,
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
    next: Option<Request>,
    every: u64,
    /// The last offer was refused since its queue was full.
    blocked: bool,
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
    shape: Shape,
    ready: Ready,
    reads: Queue,
    writes: Queue,
    /// By bank, the open row.
    rows: Vec<Option<u32>>,
    /// Banks with an open row.
    open: u64,
    active: Vec<Option<Active>>,
    /// Banks with an active request.
    active_banks: u64,
    /// The ranks whose refresh is due, first come first.
    refreshes: VecDeque<usize>,
    next_refresh: u64,
    /// The reads whose data are under way: when they end, and their latency.
    under_way: VecDeque<(u64, u64)>,
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
            shape,
            ready: Ready::new(memory, USED),
            reads: Queue::new(options.read_queue, shape.banks),
            writes: Queue::new(options.write_queue, shape.banks),
            rows: vec![None; shape.banks],
            open: 0,
            active: vec![None; shape.banks],
            active_banks: 0,
            refreshes: VecDeque::new(),
            next_refresh: controller.times.refi,
            under_way: VecDeque::new(),
            writing: false,
            clock: 0,
            plan: None,
            stats: Stats::default(),
        }
    }

    pub(super) fn run(
        mut self,
        requests: impl Iterator<Item = Request>,
        issued: &mut impl FnMut(Issued),
    ) -> Stats {
        let mut front = FrontEnd { requests, next: None, every: self.every, blocked: false };
        front.next = front.requests.next();
        while front.next.is_some() && self.feed(&mut front) != Offer::Last {
            self.tick(self.clock + 1, issued);
            if self.stepping == Stepping::Jump {
                self.jump(&mut front);
            }
        }
        self.complete_reads();
        self.stats.cycles = self.clock;
        self.stats
    }

    /// Gives the front end its opportunity in the present clock.
    fn feed(&mut self, front: &mut FrontEnd<impl Iterator<Item = Request>>) -> Offer {
        let Some(request) = front.next.filter(|request| request.at <= self.clock) else { return Offer::None };
        if !self.clock.is_multiple_of(front.every) {
            return Offer::None;
        }
        front.blocked = !self.accept(request);
        if front.blocked {
            return Offer::None;
        }
        self.stats.requests += 1;
        front.next = front.requests.next();
        if front.next.is_none() { Offer::Last } else { Offer::Accepted }
    }

    /// Takes a request, or refuses it.
    fn accept(&mut self, request: Request) -> bool {
        let at = self.map.locate(request.address);
        let bank = at.bank as usize;
        if self.writes.holds(request.address, bank) {
            match request.access {
                Access::Read => self.stats.forwarded += 1,
                Access::Write => self.stats.coalesced += 1,
            }
            return true;
        }
        let queue = match request.access {
            Access::Read => &mut self.reads,
            Access::Write => &mut self.writes,
        };
        if queue.is_full() {
            return false;
        }
        let arrived = self.clock;
        let waiting = Waiting { address: request.address, at, arrived, since: arrived, begun: false };
        queue.push(waiting, self.rows[bank]);
        self.plan = None;
        true
    }

    /// One clock: what falls due, then at most one command.
    fn tick(&mut self, clock: u64, issued: &mut impl FnMut(Issued)) {
        self.clock = clock;
        self.stats.steps += 1;
        if clock == self.next_refresh {
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
            self.carry_out(plan.step, issued);
            self.plan = None;
        }
    }

    /// To the clock before the next one in which anything happens.
    fn jump(&mut self, front: &mut FrontEnd<impl Iterator<Item = Request>>) {
        let Some(Plan { clock: plan, .. }) = self.plan else {
            // A command was issued, so that there may be room again; what comes next is known once the front end had its turn.
            front.blocked = false;
            return;
        };
        let offer = match front.next {
            Some(request) if !front.blocked => request.at.max(self.clock).next_multiple_of(front.every),
            _ => u64::MAX,
        };
        let next = offer.min(plan.min(self.next_refresh) - 1);
        self.clock = self.clock.max(next);
    }

    /// The next command and its clock.
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
        let plans = bits(self.active_banks).filter_map(|bank| {
            let active = self.active[bank].as_ref()?;
            let clock = self.ready.bank(column(active.access), bank).clock().max(self.clock);
            Some((clock, active.waiting.arrived, bank))
        });
        plans.min().map_or(NEVER, |(clock, _, bank)| Plan { clock, step: Step::Active(bank) })
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
        let mut best = u64::MAX;
        let mut consider = |command, bank, position: usize| {
            let clock = self.ready.bank(command, bank).clock().max(self.clock);
            best = best.min(clock << 6 | position as u64);
        };
        for bank in bits(queue.banks & !self.open) {
            consider(Command::Act, bank, queue.oldest_miss(bank));
        }
        for bank in bits(queue.hit_banks) {
            consider(column, bank, queue.oldest_hit(bank));
        }
        for bank in bits(queue.miss_banks & self.open & !self.active_banks) {
            consider(Command::Pre, bank, queue.oldest_miss(bank));
        }
        if best == u64::MAX {
            return NEVER;
        }
        Plan { clock: best >> 6, step: Step::Queued((best & 63) as usize) }
    }

    /// What a controller without a plan does: asks everyone in this clock.
    fn look_at_everything(&mut self) -> Plan {
        let now = |step| Plan { clock: self.clock, step };
        let mut active: Vec<(u64, usize)> = bits(self.active_banks)
            .filter_map(|bank| Some((self.active[bank].as_ref()?, bank)))
            .filter(|(active, bank)| self.is_ready(column(active.access), *bank))
            .map(|(active, bank)| (active.waiting.arrived, bank))
            .collect();
        active.sort_unstable();
        if let Some(&(_, bank)) = active.first() {
            return now(Step::Active(bank));
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
            let allowed = command != Command::Pre || self.active[bank].is_none();
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

    fn carry_out(&mut self, step: Step, issued: &mut impl FnMut(Issued)) {
        match step {
            Step::Active(bank) => self.serve_active(bank, issued),
            Step::Refresh => self.refresh(issued),
            Step::Queued(position) => self.serve_queued(position, issued),
            Step::Nothing => {}
        }
    }

    fn serve_active(&mut self, bank: usize, issued: &mut impl FnMut(Issued)) {
        self.active_banks &= !(1 << bank);
        if let Some(active) = self.active[bank].take() {
            self.transfer(active.access, &active.waiting, issued);
        }
    }

    fn refresh(&mut self, issued: &mut impl FnMut(Issued)) {
        let Some(&rank) = self.refreshes.front() else { return };
        let command = self.refresh_command(rank);
        if command == Command::Ref {
            self.refreshes.pop_front();
        } else {
            bits(self.open & self.shape.rank_mask(rank)).for_each(|bank| self.close(bank));
        }
        self.issue(command, self.shape.first_bank(rank), 0, issued);
    }

    fn serve_queued(&mut self, position: usize, issued: &mut impl FnMut(Issued)) {
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
        waiting.since = self.clock;
        if is_hit {
            let waiting = queue.remove(position);
            self.transfer(access, &waiting, issued);
        } else if is_open {
            self.close(bank);
            self.issue(Command::Pre, bank, 0, issued);
        } else {
            let waiting = queue.remove(position);
            self.active[bank] = Some(Active { access, waiting });
            self.active_banks |= 1 << bank;
            self.open_row(bank, row);
            self.issue(Command::Act, bank, row, issued);
        }
    }

    fn transfer(&mut self, access: Access, waiting: &Waiting, issued: &mut impl FnMut(Issued)) {
        let bank = waiting.at.bank as usize;
        if access == Access::Read {
            self.complete_reads();
            let end = self.clock + self.times.read;
            self.under_way.push_back((end, end - waiting.arrived));
        }
        self.issue(column(access), bank, waiting.at.column, issued);
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

    fn issue(&mut self, command: Command, bank: usize, address: u32, issued: &mut impl FnMut(Issued)) {
        self.ready.issue(command, bank, self.clock);
        self.stats.commands[command.slot()] += 1;
        let [rank, bank_group, bank] = self.shape.split(bank);
        issued(Issued { clock: self.clock, command, rank, bank_group, bank, address });
    }
}

const NEVER: Plan = Plan { clock: u64::MAX, step: Step::Nothing };

/// The command that moves the data.
const fn column(access: Access) -> Command {
    match access {
        Access::Read => Command::Rd,
        Access::Write => Command::Wr,
    }
}
