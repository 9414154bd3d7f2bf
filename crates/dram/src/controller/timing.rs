//! When a command may be issued: the rows of a standard, compiled for a channel.
//!
//! A command pushes the ready times of later commands forward, each where its row reaches: in the bank, the bank group, the
//! rank or other ranks. A row whose two ends are in one bank but of which one concerns a whole rank (PREA, REF) reaches the
//! rank. Ready times are exact for commands in the order of time: [`Earliest`](busproof_core::timing::Earliest) says the same,
//! row by row.

use busproof_core::bus::ddr::{Command, Level, SLOTS, Standard};
use busproof_core::timing::{Bound, EventSet, Kind, Rule, Scope};
use busproof_parts::memory::Memory;

use super::queue::bits;

/// The most banks of a channel: sets of banks are masks.
pub(crate) const BANKS: usize = 64;
/// The entries of a table by command: the power of two above their number.
const ENTRIES: usize = SLOTS.next_power_of_two();

/// The most bank groups of a channel.
const GROUPS: usize = 64;
/// The most ranks of a channel.
const RANKS: usize = 64;

/// The first places of each level in a table of ready times by place: banks, bank groups, ranks.
const FIRST: [usize; 3] = [0, BANKS, BANKS + GROUPS];
/// The places of such a table: a power of two.
const PLACES: usize = (BANKS + GROUPS + RANKS).next_power_of_two();

/// Where a row reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Bank,
    Group,
    Rank,
    OtherRanks,
}

/// A clock with a tag: of a ready time the number of the rule that demands it, of a candidate its place in the order of a
/// scheduler. Ordered by clock, then by tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// After everything.
    pub(crate) const NEVER: Stamp = Stamp(u64::MAX);
    const TAG_BITS: u32 = u8::BITS;
    const TAG: u64 = u8::MAX as u64;

    pub(crate) const fn new(clock: u64, tag: u8) -> Stamp {
        Stamp(clock << Stamp::TAG_BITS | tag as u64)
    }

    /// The first clock in which something may happen.
    #[inline]
    pub(crate) const fn clock(self) -> u64 {
        self.0 >> Stamp::TAG_BITS
    }

    /// What it is tagged with; a rule has no meaning at clock 0.
    #[inline]
    pub(crate) const fn tag(self) -> u8 {
        (self.0 & Stamp::TAG) as u8
    }

    /// The same clock with another tag.
    #[inline]
    pub(crate) const fn tagged(self, tag: u8) -> Stamp {
        Stamp(self.0 & !Stamp::TAG | tag as u64)
    }

    /// With the bits of `tag` set, too.
    #[inline]
    pub(crate) const fn with(self, tag: u8) -> Stamp {
        Stamp(self.0 | tag as u64)
    }

    /// The same tag, but not before the clock of `floor`.
    #[inline]
    pub(crate) fn not_before(self, floor: Stamp) -> Stamp {
        self.max(floor.tagged(self.tag()))
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

    /// All banks, one bit each.
    pub(crate) const fn all_banks(&self) -> u64 {
        if self.banks >= 64 { u64::MAX } else { (1 << self.banks) - 1 }
    }

    /// The banks of a bank group.
    pub(crate) const fn banks_of_group(&self) -> usize {
        1 << self.bank_bits
    }

    /// The banks of a rank that have the number of a bank in their groups.
    pub(crate) fn same_banks(&self, bank: usize) -> u64 {
        let (first, number) = (self.first_bank(self.rank(bank)), bank & ((1 << self.bank_bits) - 1));
        (0..1usize << self.group_bits)
            .fold(0, |mask, group| mask | 1 << (first | group << self.bank_bits | number))
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
    reach: Reach,
    rule: u8,
    delay: u32,
}

impl Push {
    /// Makes a command at a place wait for one issued in `clock`.
    #[inline]
    fn apply(self, times: &mut [[Stamp; PLACES]; ENTRIES], place: usize, clock: u64) {
        let time = &mut times[self.to as usize % ENTRIES][place % PLACES];
        *time = (*time).max(Stamp::new(clock + self.delay as u64, self.rule));
    }
}

/// What each command makes wait.
#[derive(Clone, Debug, Default)]
struct Pushes {
    /// At the command's own bank, bank group or rank.
    here: Vec<Push>,
    /// At each of the banks of one number, of a command to these.
    same_banks: Vec<Push>,
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
    after: Vec<Pushes>,
    windows: Vec<Window>,
    /// The delay of each rule.
    delays: Vec<u64>,
    /// By command and place, so that those of all groups lie side by side.
    times: Box<[[Stamp; PLACES]; ENTRIES]>,
}

impl Ready {
    /// The rows of the memory's standard, as far as they concern `used` commands; the number of a rule is its place in the
    /// standard's table.
    pub(crate) fn new(memory: &Memory, used: &[Command]) -> Ready {
        let mut ready = Ready {
            shape: Shape::of(memory),
            after: vec![Pushes::default(); SLOTS],
            windows: Vec::new(),
            delays: vec![0; memory.standard().rules().len()],
            times: vec![[Stamp::default(); PLACES]; ENTRIES].try_into().expect("it has that many entries"),
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
        let first: Vec<(Command, Level)> =
            used.iter().filter_map(|&command| Some((command, level_in(from, command)?))).collect();
        for (target, to_level) in used.iter().filter_map(|&command| Some((command, level_in(to, command)?))) {
            let push = |command: Command, reach| {
                // Rules count from the clock in which a command is received, the controller from its first.
                let lead = standard.lead(command).cast_signed() - standard.lead(target).cast_signed();
                let delay = u32::try_from(clocks + lead).ok().filter(|&delay| delay > 0)?;
                Some(Push { to: target.slot() as u8, reach, rule: number, delay })
            };
            if nth > 1 {
                if let Some(push) = first.first().and_then(|&(command, _)| push(command, Reach::Rank)) {
                    self.add_window(&first, nth, push);
                }
                continue;
            }
            for &(command, from_level) in &first {
                let pushes = &mut self.after[command.slot()];
                let elsewhere = (scope == Scope::Same(1)).then_some(Reach::OtherRanks);
                for reach in std::iter::once(reach(from_level.min(to_level), scope)).chain(elsewhere) {
                    if let Some(push) = push(command, reach) {
                        pushes.add(command, push);
                    }
                }
            }
        }
    }

    fn add_window(&mut self, from: &[(Command, Level)], nth: u8, push: Push) {
        let (ranks, depth) = (self.shape.ranks, nth as usize);
        // Before the first commands of the run nothing is that long ago.
        let last = vec![vec![u64::MAX; depth]; ranks];
        for (command, _) in from {
            self.after[command.slot()].windows.push(self.windows.len());
        }
        self.windows.push(Window { push, last, next: vec![0; ranks] });
    }

    #[inline]
    fn at(&self, command: Command, reach: Reach, place: usize) -> Stamp {
        self.times[command.slot() % ENTRIES][(FIRST[reach as usize] + place) % PLACES]
    }

    /// When a command to a bank may be issued.
    #[inline]
    pub(crate) fn bank(&self, command: Command, bank: usize) -> Stamp {
        let group = self.at(command, Reach::Group, self.shape.group(bank));
        self.of_bank(command, bank).max(group).max(self.rank(command, self.shape.rank(bank)))
    }

    /// When the bank itself allows a command.
    #[inline]
    pub(crate) fn of_bank(&self, command: Command, bank: usize) -> Stamp {
        self.at(command, Reach::Bank, bank)
    }

    /// By bank group of the channel, when it allows a command to its banks.
    #[inline]
    pub(crate) fn of_groups(&self, command: Command) -> &[Stamp; GROUPS] {
        let groups = self.times[command.slot() % ENTRIES][FIRST[Reach::Group as usize]..].first_chunk();
        groups.unwrap_or(&[Stamp::NEVER; GROUPS])
    }

    /// The delay of the rule that demands a ready time.
    pub(crate) fn delay(&self, stamp: Stamp) -> u64 {
        self.delays.get(stamp.tag() as usize).copied().unwrap_or(0)
    }

    /// When the rank allows a command to it or to its banks.
    #[inline]
    pub(crate) fn rank(&self, command: Command, rank: usize) -> Stamp {
        self.at(command, Reach::Rank, rank)
    }

    /// When a command to several banks may be issued.
    pub(crate) fn banks(&self, command: Command, banks: u64) -> Stamp {
        bits(banks).map(|bank| self.bank(command, bank)).max().unwrap_or_default()
    }

    /// The command is issued; one to a rank, or to the banks of one number, names any of them.
    #[expect(
        clippy::inline_always,
        reason = "measured: where the command is known, its loops have constant lengths"
    )]
    #[inline(always)]
    pub(crate) fn issue(&mut self, command: Command, bank: usize, clock: u64) {
        let rank = self.shape.rank(bank);
        let places = [bank, FIRST[1] + self.shape.group(bank), FIRST[2] + rank, PLACES - 1];
        let pushes = &self.after[command.slot()];
        for push in &pushes.here {
            push.apply(&mut self.times, places[push.reach as usize], clock);
        }
        for push in &pushes.same_banks {
            bits(self.shape.same_banks(bank)).for_each(|bank| push.apply(&mut self.times, bank, clock));
        }
        for &window in &pushes.windows {
            self.windows[window].slide(rank, clock, &mut self.times);
        }
        for other in 0..self.shape.ranks {
            if other != rank {
                for push in &pushes.other_ranks {
                    push.apply(&mut self.times, FIRST[2] + other, clock);
                }
            }
        }
    }
}

/// How much of a channel a command concerns as one of a set; `None` if it is none of it.
///
/// What concerns the banks of one number in all groups is listed as a command to the rank, or as what it does to its banks.
fn level_in(set: EventSet, command: Command) -> Option<Level> {
    if set.contains(command.kind()) {
        Some(if command.level() == Level::Group { Level::Rank } else { command.level() })
    } else {
        set.contains(command.kind_at_banks()).then_some(Level::Bank)
    }
}

/// Where a row reaches whose commands concern `level` and more.
fn reach(level: Level, scope: Scope) -> Reach {
    let level = match scope {
        Scope::Other(_) => return Reach::OtherRanks,
        Scope::Same(4) => level,
        Scope::Same(3) => level.min(Level::Group),
        Scope::Same(_) => Level::Rank,
    };
    match level {
        Level::Bank => Reach::Bank,
        Level::Group => Reach::Group,
        Level::Rank | Level::Channel => Reach::Rank,
    }
}

impl Pushes {
    /// Adds a push; of two on the same command the longer one is always the later, the first of equal ones is kept.
    fn add(&mut self, command: Command, push: Push) {
        let pushes = match push.reach {
            Reach::OtherRanks => &mut self.other_ranks,
            Reach::Bank if command.level() == Level::Group => &mut self.same_banks,
            _ => &mut self.here,
        };
        match pushes.iter_mut().find(|there| there.to == push.to && there.reach == push.reach) {
            Some(there) if there.delay < push.delay => *there = push,
            Some(_) => {}
            None => pushes.push(push),
        }
    }
}

impl Window {
    /// Enters a command; the next one waits for the oldest that is still remembered.
    fn slide(&mut self, rank: usize, clock: u64, times: &mut [[Stamp; PLACES]; ENTRIES]) {
        let (last, next) = (&mut self.last[rank], &mut self.next[rank]);
        last[*next] = clock;
        *next = if *next + 1 == last.len() { 0 } else { *next + 1 };
        let oldest = last[*next];
        if oldest != u64::MAX {
            self.push.apply(times, FIRST[2] + rank, oldest);
        }
    }
}
