//! When a command may be issued: the rows of a standard, compiled for a channel.
//!
//! A command pushes the ready times of later commands forward, each where its row reaches: in the bank, the bank group, the
//! rank or other ranks. A row whose two ends are in one bank but of which one concerns a whole rank (PREA, REF) reaches the
//! rank. Ready times are exact for commands in the order of time: [`Earliest`](busproof_core::timing::Earliest) says the same,
//! row by row.

use busproof_core::bus::ddr::{Command, Level, SLOTS, Standard};
use busproof_core::timing::{Bound, Kind, Rule, Scope};
use busproof_parts::memory::Memory;

/// The most banks of a channel: sets of banks are masks.
pub(crate) const BANKS: usize = 64;
/// The entries of a table by command: the power of two above their number.
const ENTRIES: usize = SLOTS.next_power_of_two();

/// The most bank groups of a channel.
const GROUPS: usize = 64;
/// The most ranks of a channel.
const RANKS: usize = 64;

/// When everything above each bank allows a command.
#[derive(Clone, Debug)]
pub(crate) struct Floors {
    groups: [u64; GROUPS],
    bank_bits: u32,
}

impl Floors {
    pub(crate) fn new(shape: Shape) -> Floors {
        Floors { groups: [0; GROUPS], bank_bits: shape.bank_bits }
    }

    #[inline]
    pub(crate) fn of(&self, bank: usize) -> u64 {
        self.groups[(bank >> self.bank_bits) % GROUPS]
    }
}

/// The ready times of every command at one place.
type Times = [Stamp; ENTRIES];

/// A ready time and the number of the rule that demands it; ordered by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(u64);

impl Stamp {
    const RULE_BITS: u32 = 8;

    const fn new(clock: u64, rule: u8) -> Stamp {
        Stamp(clock << Stamp::RULE_BITS | rule as u64)
    }

    /// The first clock in which the command may be issued.
    #[inline]
    pub(crate) const fn clock(self) -> u64 {
        self.0 >> Stamp::RULE_BITS
    }

    /// The number of the rule; of no meaning at clock 0.
    pub(crate) const fn rule(self) -> usize {
        (self.0 & ((1 << Stamp::RULE_BITS) - 1)) as usize
    }
}

/// The shape of a channel: how bank numbers split.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    bank_bits: u32,
    group_bits: u32,
    pub(crate) banks: usize,
    pub(crate) ranks: usize,
}

impl Shape {
    pub(crate) fn of(memory: &Memory) -> Shape {
        let geometry = memory.geometry();
        Shape {
            bank_bits: geometry.banks.ilog2(),
            group_bits: geometry.bank_groups.ilog2(),
            banks: geometry.all_banks() as usize,
            ranks: geometry.ranks as usize,
        }
    }

    #[inline]
    pub(crate) const fn group(&self, bank: usize) -> usize {
        (bank >> self.bank_bits) % GROUPS
    }

    #[inline]
    pub(crate) const fn rank(&self, bank: usize) -> usize {
        (bank >> (self.bank_bits + self.group_bits)) % RANKS
    }

    /// The first bank of a rank.
    pub(crate) const fn first_bank(&self, rank: usize) -> usize {
        rank << (self.bank_bits + self.group_bits)
    }

    /// The banks of a rank, one bit each.
    pub(crate) const fn rank_mask(&self, rank: usize) -> u64 {
        let count = 1u32 << (self.bank_bits + self.group_bits);
        let ones = if count >= 64 { u64::MAX } else { (1 << count) - 1 };
        ones << self.first_bank(rank)
    }

    /// Rank, bank group and bank of a bank's number.
    pub(crate) const fn split(&self, bank: usize) -> [u8; 3] {
        let group = self.group(bank) & ((1 << self.group_bits) - 1);
        [self.rank(bank) as u8, group as u8, (bank & ((1 << self.bank_bits) - 1)) as u8]
    }
}

/// What a command makes wait.
#[derive(Clone, Copy, Debug)]
struct Push {
    to: u8,
    rule: u8,
    delay: u32,
}

/// What each command makes wait, by where the row reaches.
#[derive(Clone, Debug, Default)]
struct Pushes {
    bank: Vec<Push>,
    group: Vec<Push>,
    rank: Vec<Push>,
    other_ranks: Vec<Push>,
    /// The numbers of the windows that the command enters.
    windows: Vec<usize>,
}

/// A row that looks back further than one command: tFAW.
#[derive(Clone, Debug)]
struct Window {
    push: Push,
    /// Of each rank the last commands, the oldest at `next`.
    last: Vec<Vec<u64>>,
    next: Vec<usize>,
}

/// The ready times of a channel.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    shape: Shape,
    groups: usize,
    after: Vec<Pushes>,
    windows: Vec<Window>,
    /// The delay of each rule.
    delays: Vec<u64>,
    bank: Box<[Times; BANKS]>,
    group: Box<[Times; GROUPS]>,
    rank: Box<[Times; RANKS]>,
}

impl Ready {
    /// The rows of the memory's standard, as far as they concern `used` commands; the number of a rule is its place in the
    /// standard's table.
    pub(crate) fn new(memory: &Memory, used: &[Command]) -> Ready {
        let shape = Shape::of(memory);
        let groups = shape.group(shape.banks - 1) + 1;
        let mut ready = Ready {
            shape,
            groups,
            after: vec![Pushes::default(); SLOTS],
            windows: Vec::new(),
            delays: vec![0; memory.standard().rules().len()],
            bank: Box::new([[Stamp::default(); ENTRIES]; BANKS]),
            group: Box::new([[Stamp::default(); ENTRIES]; GROUPS]),
            rank: Box::new([[Stamp::default(); ENTRIES]; RANKS]),
        };
        let params = memory.params_in_clocks();
        for (number, rule) in memory.standard().rules().iter().enumerate() {
            let clocks = rule.bound().and_then(|bound| params.sum(bound.terms()));
            if let Some(delay) = clocks.filter(|&clocks| clocks > 0) {
                ready.delays[number] = delay as u64;
                ready.compile(rule, number as u8, delay, used, memory.standard());
            }
        }
        ready
    }

    fn compile(&mut self, rule: &Rule, number: u8, clocks: i64, used: &[Command], standard: Standard) {
        let Kind::Between { from, nth, to, scope, bound: Bound::Min(_), .. } = rule.kind else { return };
        let first: Vec<Command> = used.iter().copied().filter(|c| from.contains(c.kind())).collect();
        for &target in used.iter().filter(|c| to.contains(c.kind())) {
            let push = |command: Command| {
                // Rules count from the clock in which a command is received, the controller from its first.
                let lead = standard.lead(command).cast_signed() - standard.lead(target).cast_signed();
                let delay = u32::try_from(clocks + lead).ok().filter(|&delay| delay > 0)?;
                Some(Push { to: target.slot() as u8, rule: number, delay })
            };
            if nth > 1 {
                if let Some(push) = first.first().and_then(|&command| push(command)) {
                    self.add_window(&first, nth, push);
                }
                continue;
            }
            for (&command, push) in first.iter().filter_map(|command| Some((command, push(*command)?))) {
                let pushes = &mut self.after[command.slot()];
                add(pushes.reached(command, target, scope), push);
                if scope == Scope::Same(1) {
                    add(&mut pushes.other_ranks, push);
                }
            }
        }
    }

    fn add_window(&mut self, from: &[Command], nth: u8, push: Push) {
        let (ranks, depth) = (self.shape.ranks, nth as usize);
        // Before the first commands of the run nothing is that long ago.
        let last = vec![vec![u64::MAX; depth]; ranks];
        for command in from {
            self.after[command.slot()].windows.push(self.windows.len());
        }
        self.windows.push(Window { push, last, next: vec![0; ranks] });
    }

    /// When a command to a bank may be issued.
    #[inline]
    pub(crate) fn bank(&self, command: Command, bank: usize) -> Stamp {
        let slot = command.slot();
        let (group, rank) = (self.shape.group(bank), self.shape.rank(bank));
        self.bank[bank % BANKS][slot].max(self.group[group][slot]).max(self.rank[rank % RANKS][slot])
    }

    /// When the bank itself allows a command.
    #[inline]
    pub(crate) fn of_bank(&self, command: Command, bank: usize) -> u64 {
        self.bank[bank % BANKS][command.slot()].clock()
    }

    /// When everything above each bank allows a command, but not before `from`.
    #[inline]
    pub(crate) fn above_banks(&self, command: Command, from: u64, floors: &mut Floors) {
        let slot = command.slot();
        for (number, (group, floor)) in
            self.group.iter().zip(&mut floors.groups).take(self.groups).enumerate()
        {
            let rank = &self.rank[(number >> self.shape.group_bits) % RANKS];
            *floor = group[slot].max(rank[slot]).clock().max(from);
        }
    }

    /// When the first rank allows a command to any of its banks.
    #[inline]
    pub(crate) fn above_ranks(&self, command: Command) -> u64 {
        self.rank.iter().take(self.shape.ranks).map(|rank| rank[command.slot()].clock()).min().unwrap_or(0)
    }

    /// The delay of the rule that demands a ready time.
    pub(crate) fn delay(&self, stamp: Stamp) -> u64 {
        self.delays.get(stamp.rule()).copied().unwrap_or(0)
    }

    /// When a command to a rank may be issued.
    #[inline]
    pub(crate) fn rank(&self, command: Command, rank: usize) -> Stamp {
        self.rank[rank % RANKS][command.slot()]
    }

    /// The command is issued; one to a rank names any of its banks.
    #[inline]
    pub(crate) fn issue(&mut self, command: Command, bank: usize, clock: u64) {
        let (group, rank) = (self.shape.group(bank), self.shape.rank(bank));
        let pushes = &self.after[command.slot()];
        push(&mut self.bank[bank % BANKS], &pushes.bank, clock);
        push(&mut self.group[group], &pushes.group, clock);
        push(&mut self.rank[rank % RANKS], &pushes.rank, clock);
        if self.shape.ranks > 1 {
            let others =
                self.rank.iter_mut().take(self.shape.ranks).enumerate().filter(|&(other, _)| other != rank);
            others.for_each(|(_, ready)| push(ready, &pushes.other_ranks, clock));
        }
        for &window in &pushes.windows {
            self.windows[window].slide(rank, clock, &mut self.rank[rank % RANKS]);
        }
    }
}

impl Pushes {
    /// The pushes that a row between the two commands belongs to.
    fn reached(&mut self, from: Command, to: Command, scope: Scope) -> &mut Vec<Push> {
        let level = match scope {
            Scope::Other(_) => return &mut self.other_ranks,
            Scope::Same(4) => Level::Bank.min(from.level()).min(to.level()),
            Scope::Same(3) => Level::Group.min(from.level()).min(to.level()),
            Scope::Same(_) => Level::Rank,
        };
        match level {
            Level::Bank => &mut self.bank,
            Level::Group => &mut self.group,
            Level::Rank | Level::Channel => &mut self.rank,
        }
    }
}

/// Adds a push; of two on the same command the longer one is always the later, the first of equal ones is kept.
fn add(pushes: &mut Vec<Push>, push: Push) {
    match pushes.iter_mut().find(|there| there.to == push.to) {
        Some(there) if there.delay < push.delay => *there = push,
        Some(_) => {}
        None => pushes.push(push),
    }
}

#[inline]
fn push(ready: &mut Times, pushes: &[Push], clock: u64) {
    for push in pushes {
        let slot = &mut ready[push.to as usize % ENTRIES];
        *slot = (*slot).max(Stamp::new(clock + push.delay as u64, push.rule));
    }
}

impl Window {
    /// Enters a command; the next one waits for the oldest that is still remembered.
    fn slide(&mut self, rank: usize, clock: u64, ready: &mut Times) {
        let (last, next) = (&mut self.last[rank], &mut self.next[rank]);
        last[*next] = clock;
        *next = if *next + 1 == last.len() { 0 } else { *next + 1 };
        let oldest = last[*next];
        if oldest != u64::MAX {
            let slot = &mut ready[self.push.to as usize % ENTRIES];
            *slot = (*slot).max(Stamp::new(oldest + self.push.delay as u64, self.push.rule));
        }
    }
}
