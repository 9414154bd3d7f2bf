//! What is done next: found by asking ready times, or by asking everyone anew.

use busproof_core::bus::ddr::Command;

use super::channel::{Active, Channel, Plan, Step, Upkeep, column};
use super::policy::{RefreshReach, Scheduler};
use super::queue::{POSITIONS, Queue, bits};
use super::timing::Stamp;
use crate::request::Access;

/// The tag of a request that is no row hit, besides its position.
const BEHIND_HITS: u8 = POSITIONS as u8;

/// No plan: a clock that does not come.
const NEVER: Plan = Plan { clock: u64::MAX, step: Step::Queued(0) };

impl Plan {
    /// The earlier one; of equal ones this.
    fn or(self, other: Plan) -> Plan {
        if other.clock < self.clock { other } else { self }
    }
}

impl Channel<'_> {
    /// The next command and its clock, from the present clock on.
    pub(super) fn think(&mut self) -> Plan {
        let active = self.next_active();
        if active.clock == self.clock {
            return active;
        }
        let mut plan = active;
        if self.blocked != 0 || self.power.sleeping_banks() != 0 {
            plan = plan.or(self.next_wake()).or(self.next_refresh());
        }
        if self.serves_queues() {
            self.choose_direction();
            plan = plan.or(self.next_of_queue());
        }
        if self.has_upkeep { plan.or(self.next_upkeep()) } else { plan }
    }

    /// A plan made before the youngest request of a queue came, which is for that bank. None if all have to be asked again.
    #[inline]
    pub(super) fn think_again(&mut self, plan: Plan, access: Access, bank: usize) -> Option<Plan> {
        if self.scheduler != Scheduler::Frfcfs || self.has_upkeep {
            return None;
        }
        if !self.serves_queues() {
            return Some(plan);
        }
        let was_writing = self.writing;
        self.choose_direction();
        if self.writing != was_writing {
            return None;
        }
        let (queue, _) = self.serving();
        let (position, is_served) = (queue.youngest(), self.writing == (access == Access::Write));
        if !is_served || !queue.is_first(bank, position) {
            return Some(plan);
        }
        let Some((command, bank)) = self.next_command(queue, position) else { return Some(plan) };
        // What is as early is older, or comes before requests.
        let clock = self.ready.bank(command, bank).clock().max(self.clock + 1);
        Some(plan.or(Plan { clock, step: Step::Queued(position) }))
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

    /// A command that no request asks for, from the clock on in which it may be issued.
    fn upkeep(&self, ready: Stamp, upkeep: Upkeep) -> Plan {
        Plan { clock: ready.clock().max(self.clock), step: Step::Upkeep(upkeep) }
    }

    /// A rank wakes when a request or a refresh needs it.
    fn next_wake(&self) -> Plan {
        let wanted = self.reads.banks | self.writes.banks | self.blocked;
        let needed = |&rank: &usize| self.power.is_asleep(rank) && wanted & self.shape.rank_mask(rank) != 0;
        let wake = |rank| self.upkeep(self.ready.rank(Command::Pdx, rank), Upkeep::Wake(rank));
        (0..self.shape.ranks).filter(needed).map(wake).fold(NEVER, Plan::or)
    }

    /// The refreshes that come before requests.
    fn next_refresh(&self) -> Plan {
        self.refreshes.forced().map(|rank| self.next_of_refresh(rank)).fold(NEVER, Plan::or)
    }

    fn next_of_refresh(&self, rank: usize) -> Plan {
        let banks = self.refreshes.banks(rank);
        if self.power.is_asleep(rank) || self.open & banks != 0 && self.active_banks & banks != 0 {
            return NEVER;
        }
        let ready = match self.refresh_command(rank) {
            command @ Command::Pre => self.ready.bank(command, (self.open & banks).trailing_zeros() as usize),
            command @ (Command::PreAll | Command::Ref) => self.ready.rank(command, rank),
            command => self.ready.banks(command, banks),
        };
        self.upkeep(ready, Upkeep::Refresh(rank))
    }

    /// The next command of a rank's refresh.
    pub(super) fn refresh_command(&self, rank: usize) -> Command {
        let is_open = self.open & self.refreshes.banks(rank) != 0;
        match (is_open, self.refreshes.reach()) {
            (false, _) => self.refreshes.command(),
            (true, RefreshReach::AllBanks) => Command::PreAll,
            (true, _) => Command::Pre,
        }
    }

    /// True unless all banks wait for a refresh.
    fn serves_queues(&self) -> bool {
        !self.blocked & self.shape.all_banks() != 0
    }

    /// Whether reads or writes are served.
    fn choose_direction(&mut self) {
        let (waiting, capacity) = (self.writes.len() * 100, self.writes.capacity());
        self.writing = if self.writing {
            waiting >= capacity * self.drain.low || self.reads.is_empty()
        } else {
            waiting > capacity * self.drain.high || self.reads.is_empty()
        };
    }

    pub(super) fn serving(&self) -> (&Queue, Command) {
        if self.writing { (&self.writes, Command::Wr) } else { (&self.reads, Command::Rd) }
    }

    /// The banks to which requests may send commands.
    fn usable(&self) -> u64 {
        !(self.blocked | self.power.sleeping_banks())
    }

    /// The banks whose row hits must wait for an older request of another row.
    fn held_back(&self, queue: &Queue) -> u64 {
        self.capped & queue.miss_banks
    }

    fn next_of_queue(&self) -> Plan {
        let best = if self.scheduler == Scheduler::Fcfs { self.oldest() } else { self.first() };
        if best == Stamp::NEVER {
            return NEVER;
        }
        Plan { clock: best.clock(), step: Step::Queued(best.tag() as usize % POSITIONS) }
    }

    /// The oldest request of the queue being served.
    fn oldest(&self) -> Stamp {
        let (queue, _) = self.serving();
        let Some(position) = queue.oldest() else { return Stamp::NEVER };
        match self.next_command(queue, position) {
            Some((command, bank)) => {
                self.ready.bank(command, bank).max(Stamp::new(self.clock, 0)).tagged(position as u8)
            }
            None => Stamp::NEVER,
        }
    }

    /// The request of the queue being served whose command comes first.
    fn first(&self) -> Stamp {
        let (queue, column) = self.serving();
        let now = Stamp::new(self.clock, 0);
        let class = if self.scheduler.prefers_hits() { BEHIND_HITS } else { 0 };
        let (usable, held_back) = (self.usable(), self.held_back(queue));
        let mut best = Stamp::NEVER;
        for rank in 0..self.shape.ranks {
            let mask = self.shape.rank_mask(rank) & usable;
            let first = |banks: u64, command, class, candidate: fn(&Queue, usize) -> Stamp, best: Stamp| {
                let floor = self.ready.rank(command, rank).max(now);
                // While its window of activates is full, no bank of a rank need be asked.
                if banks & mask == 0 || floor.clock() > best.clock() {
                    return best;
                }
                let floors = self.ready.of_groups(command);
                let floor = |bank| floors[self.shape.group(bank)].max(floor);
                let stamp = |bank| candidate(queue, bank).with(class).not_before(floor(bank));
                bits(banks & mask).fold(best, |best, bank| best.min(stamp(bank)))
            };
            let conflicts = queue.miss_banks & self.open & !self.active_banks;
            best = first(queue.hit_banks & !held_back, column, 0, Queue::hit, best);
            best = first(conflicts, Command::Pre, class, Queue::miss, best);
            best = first(queue.banks & !self.open, Command::Act, class, Queue::miss, best);
        }
        best
    }

    /// The least urgent: refreshes of idle banks, rows not used for long, power-down.
    fn next_upkeep(&self) -> Plan {
        let refreshes = (0..self.shape.ranks).map(|rank| self.next_of_idle_refresh(rank));
        let closing = bits(self.open).map(|bank| self.next_closing(bank));
        let sleeping = (0..self.shape.ranks).map(|rank| self.next_sleep(rank));
        refreshes.chain(closing).chain(sleeping).fold(NEVER, Plan::or)
    }

    /// The banks of `banks` that a request waits for.
    fn wanted(&self, banks: u64) -> u64 {
        (self.reads.banks | self.writes.banks | self.active_banks) & banks
    }

    fn next_of_idle_refresh(&self, rank: usize) -> Plan {
        let banks = self.refreshes.banks(rank);
        if self.refreshes.is_forced(rank) || self.wanted(banks) != 0 {
            return NEVER;
        }
        let plan = self.next_of_refresh(rank);
        let idle_for_long = self.power.touched(rank) + self.refresh_clocks();
        if self.refreshes.is_owed(rank) {
            plan
        } else if self.refreshes.may_pull_in(rank) {
            Plan { clock: plan.clock.max(idle_for_long), ..plan }
        } else {
            NEVER
        }
    }

    fn next_closing(&self, bank: usize) -> Plan {
        let may_close = !self.is_row_wanted(bank) && self.usable() >> bank & 1 != 0;
        let Some(time) = self.pages.closing_time(bank).filter(|_| may_close) else { return NEVER };
        self.upkeep(self.ready.bank(Command::Pre, bank).max(Stamp::new(time, 0)), Upkeep::Close(bank))
    }

    fn next_sleep(&self, rank: usize) -> Plan {
        let banks = self.shape.rank_mask(rank);
        let is_busy = self.wanted(banks) != 0 || self.blocked & banks != 0;
        let Some(time) = self.power.bedtime(rank).filter(|_| !is_busy && !self.power.is_asleep(rank)) else {
            return NEVER;
        };
        self.upkeep(self.ready.rank(Command::Pde, rank).max(Stamp::new(time, 0)), Upkeep::Sleep(rank))
    }

    /// What a controller without a plan does: asks everyone in this clock.
    pub(super) fn look_at_everything(&mut self) -> Plan {
        let is_now = |plan: &Plan| plan.clock == self.clock;
        let first = self.active.iter().position(|active| self.ready_of(active).clock() <= self.clock);
        if let Some(place) = first {
            return Plan { clock: self.clock, step: Step::Active(place) };
        }
        let urgent = [self.next_wake(), self.next_refresh()].into_iter().find(is_now);
        let serves_queues = self.serves_queues();
        if serves_queues {
            self.choose_direction();
        }
        let queued = || self.ask_queue().filter(|_| serves_queues);
        let upkeep = || Some(self.next_upkeep()).filter(|plan| plan.clock == self.clock);
        urgent.or_else(queued).or_else(upkeep).unwrap_or(NEVER)
    }

    /// Asks each request of the queue being served.
    fn ask_queue(&self) -> Option<Plan> {
        let (queue, _) = self.serving();
        let ready = |&position: &usize| {
            let command = self.next_command(queue, position);
            command.is_some_and(|(command, bank)| self.ready.bank(command, bank).clock() <= self.clock)
        };
        let position = match self.scheduler {
            Scheduler::Fcfs => queue.positions().next().filter(ready),
            Scheduler::Frfcfs => queue.positions().find(ready),
            Scheduler::RowHitFirst | Scheduler::Capped(_) => {
                queue.positions().filter(ready).min_by_key(|&position| !queue.is_hit(position))
            }
        };
        position.map(|position| Plan { clock: self.clock, step: Step::Queued(position) })
    }

    /// The command that a request needs next, and its bank, if the policies allow it.
    fn next_command(&self, queue: &Queue, position: usize) -> Option<(Command, usize)> {
        let at = &queue.entry(position).at;
        let bank = at.bank as usize;
        let is_in = |banks: u64| banks >> bank & 1 != 0;
        let (command, is_allowed) = match self.rows[bank] {
            None => (Command::Act, true),
            Some(row) if row != at.row => (Command::Pre, !is_in(self.active_banks)),
            Some(_) => (self.serving().1, !is_in(self.held_back(queue))),
        };
        (is_allowed && is_in(self.usable())).then_some((command, bank))
    }
}
