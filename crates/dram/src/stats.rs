//! What a run amounts to.

use std::collections::BTreeMap;

use busproof_core::bus::ddr::{Command, SLOTS};

use crate::blame::Cause;

/// The figures of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Clocks until the last request was accepted.
    pub cycles: u64,
    /// Requests accepted.
    pub requests: u64,
    /// Clocks that were looked at; the rest was jumped over.
    pub steps: u64,
    /// Reads answered out of the write queue.
    pub forwarded: u64,
    /// Writes merged with one that was waiting.
    pub coalesced: u64,
    /// What the first command of each request found.
    pub rows: Rows,
    /// From arrival to the end of the data, of each read that was completed, in clocks.
    pub read_latency: Histogram,
    /// With [`Options::blame`](crate::Options::blame), what requests waited for, reads and writes together, in clocks; the worst
    /// first.
    pub blame: Vec<(Cause, u64)>,
    /// How many requests waited in the read and in the write queue, summed over all clocks. A request whose row has been opened for
    /// it waits no more.
    pub waiting: [u64; 2],
    /// When bursts were read or written.
    pub bursts: Timeline,
    /// By bank of the channel; what concerns several banks counts for the first.
    pub(crate) commands: Vec<[u64; SLOTS]>,
    /// Banks of a rank.
    pub(crate) banks_of_rank: usize,
}

/// What the first command of each request found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Its row open.
    pub hit: u64,
    /// The bank closed.
    pub miss: u64,
    /// Another row open.
    pub conflict: u64,
}

impl Stats {
    /// The latencies of the completed reads, averaged over all that were issued.
    ///
    /// A run ends when its last request is accepted, and the few reads whose data are then still under way count as 0: that is how
    /// Ramulator averages, so that figures can be compared.
    pub fn mean_read_latency(&self) -> f64 {
        let issued = self.count(Command::Rd) + self.count(Command::Rda);
        if issued == 0 { 0.0 } else { self.read_latency.sum() as f64 / issued as f64 }
    }

    /// How often the command was issued.
    pub fn count(&self, command: Command) -> u64 {
        self.commands.iter().map(|bank| bank[command.slot()]).sum()
    }

    /// The commands that were issued, and how often.
    pub fn commands(&self) -> impl Iterator<Item = (Command, u64)> + '_ {
        Command::ALL.iter().map(|&command| (command, self.count(command))).filter(|&(_, count)| count > 0)
    }

    /// How often the command was issued to the bank, numbered over the channel: rank, bank group and bank, the last one least
    /// significant.
    pub fn of_bank(&self, command: Command, bank: usize) -> u64 {
        self.commands.get(bank).map_or(0, |counts| counts[command.slot()])
    }

    /// How often the command was issued to the rank or its banks.
    pub fn of_rank(&self, command: Command, rank: usize) -> u64 {
        (0..self.banks_of_rank).map(|bank| self.of_bank(command, rank * self.banks_of_rank + bank)).sum()
    }

    /// The banks of the channel.
    pub fn banks(&self) -> usize {
        self.commands.len()
    }

    /// The ranks of the channel.
    pub fn ranks(&self) -> usize {
        self.commands.len() / self.banks_of_rank.max(1)
    }

    /// Takes over the figures of another channel, which ran at the same time; banks of one number are counted together.
    pub fn merge(&mut self, other: &Stats) {
        self.cycles = self.cycles.max(other.cycles);
        self.requests += other.requests;
        self.steps += other.steps;
        self.forwarded += other.forwarded;
        self.coalesced += other.coalesced;
        self.rows.hit += other.rows.hit;
        self.rows.miss += other.rows.miss;
        self.rows.conflict += other.rows.conflict;
        self.read_latency.merge(&other.read_latency);
        self.waiting.iter_mut().zip(other.waiting).for_each(|(mine, theirs)| *mine += theirs);
        self.bursts.merge(&other.bursts);
        for &(cause, clocks) in &other.blame {
            match self.blame.iter_mut().find(|(there, _)| *there == cause) {
                Some((_, sum)) => *sum += clocks,
                None => self.blame.push((cause, clocks)),
            }
        }
        self.blame.sort_by_key(|&(_, clocks)| std::cmp::Reverse(clocks));
        self.banks_of_rank = self.banks_of_rank.max(other.banks_of_rank);
        self.commands.resize(self.commands.len().max(other.commands.len()), [0; SLOTS]);
        for (mine, theirs) in self.commands.iter_mut().zip(&other.commands) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
    }
}

/// How often something happened over time: counts in at most 64 windows of equal length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The windows are 2 to the power of this many clocks long.
    log: u32,
    windows: Vec<u64>,
}

impl Timeline {
    /// The most windows.
    const MOST: usize = 64;

    /// Counts an event.
    #[inline]
    pub(crate) fn add(&mut self, clock: u64) {
        let window = (clock >> self.log) as usize;
        match self.windows.get_mut(window) {
            Some(count) => *count += 1,
            None => self.add_behind(clock),
        }
    }

    #[cold]
    fn add_behind(&mut self, clock: u64) {
        while (clock >> self.log) as usize >= Timeline::MOST {
            self.widen();
        }
        self.windows.resize((clock >> self.log) as usize + 1, 0);
        self.windows[(clock >> self.log) as usize] += 1;
    }

    fn widen(&mut self) {
        self.log += 1;
        self.windows = self.windows.chunks(2).map(|pair| pair.iter().sum()).collect();
    }

    fn merge(&mut self, other: &Timeline) {
        let mut other = other.clone();
        while self.log < other.log {
            self.widen();
        }
        while other.log < self.log {
            other.widen();
        }
        self.windows.resize(self.windows.len().max(other.windows.len()), 0);
        self.windows.iter_mut().zip(&other.windows).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// The clocks of a window.
    pub const fn window(&self) -> u64 {
        1 << self.log
    }

    /// The counts, from clock 0 on.
    pub fn counts(&self) -> &[u64] {
        &self.windows
    }
}

/// The values below which a histogram is an array; reads rarely take longer.
const DENSE: usize = 4096;

/// How often each value occurred; exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    dense: Vec<u64>,
    rest: BTreeMap<u64, u64>,
    count: u64,
    sum: u128,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { dense: vec![0; DENSE], rest: BTreeMap::new(), count: 0, sum: 0, max: 0 }
    }
}

impl Histogram {
    /// Counts a value.
    #[inline]
    pub fn add(&mut self, value: u64) {
        self.count += 1;
        self.sum += u128::from(value);
        self.max = self.max.max(value);
        match self.dense.get_mut(value as usize) {
            Some(count) => *count += 1,
            None => *self.rest.entry(value).or_default() += 1,
        }
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their sum.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Their mean; 0 if there is none.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 }
    }

    /// The greatest; 0 if there is none.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The least value that `percent` of all do not exceed (nearest rank); 0 if there is none.
    pub fn percentile(&self, percent: u64) -> u64 {
        let rank = (u128::from(self.count) * u128::from(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        let found = self.iter().find(|&(_, count)| {
            seen += u128::from(count);
            seen >= rank
        });
        found.map_or(0, |(value, _)| value)
    }

    /// The values that occurred and how often, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let dense = self.dense.iter().enumerate().map(|(value, &count)| (value as u64, count));
        dense.chain(self.rest.iter().map(|(&value, &count)| (value, count))).filter(|&(_, count)| count > 0)
    }

    /// Takes over the values of another.
    pub fn merge(&mut self, other: &Histogram) {
        self.dense.iter_mut().zip(&other.dense).for_each(|(mine, theirs)| *mine += theirs);
        for (&value, &count) in &other.rest {
            *self.rest.entry(value).or_default() += count;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }
}
