//! Why requests wait.
//!
//! The time between a request's arrival (or the last command issued for it) and the next command issued for it is blamed on the rule
//! that allows that command last, from the command on from which the rule counts. Before and behind, others are served: the
//! request waits in its queue, or for a refresh that is due or under way.
//!
//! ```text
//!  arrival                 PRE                       ACT              RD               data
//!     ├─ queue ─┬─ tRAS ────┼─ tRP ─┬─ refresh ─┬─────┼─ tRCD ─────────┼─ data ──────────┤
//! ```
//! So the parts of a request add up to its latency, whatever happened.

use std::fmt;

use busproof_core::timing::Rule;

use crate::request::Access;

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// A timing rule.
    Rule(&'static Rule),
    /// A refresh that is due or under way.
    Refresh,
    /// Its turn: other requests are served.
    Queue,
    /// Its data, from the read on.
    Data,
}

impl Cause {
    /// The name of the rule, or `refresh`, `queue`, `data`.
    pub const fn name(&self) -> &'static str {
        match self {
            Cause::Rule(rule) => rule.name,
            Cause::Refresh => "refresh",
            Cause::Queue => "queue",
            Cause::Data => "data",
        }
    }

    /// What it is, in a few words.
    pub const fn summary(&self) -> &'static str {
        match self {
            Cause::Rule(rule) => rule.summary,
            Cause::Refresh => "a refresh is due or under way",
            Cause::Queue => "other requests are served",
            Cause::Data => "read latency and burst",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A request that has been served: a read with its data, a write whose WR is issued.
#[derive(Clone, Copy, Debug)]
pub struct Served<'a> {
    /// In bytes.
    pub address: u64,
    /// Which way the data go.
    pub access: Access,
    /// The clock of its arrival.
    pub arrived: u64,
    /// The clock in which its data end, or its WR is issued.
    pub finished: u64,
    /// What it waited for.
    pub waits: Waits<'a>,
}

/// What a request waited for and how long.
#[derive(Clone, Copy, Debug)]
pub struct Waits<'a> {
    rules: &'static [Rule],
    account: &'a [(u16, u64)],
}

impl Waits<'_> {
    /// Each cause once, with its clocks, in the order in which the request first met them; their sum is the latency.
    pub fn iter(&self) -> impl Iterator<Item = (Cause, u64)> + '_ {
        let account = self.account.iter().enumerate();
        let firsts = account
            .filter(|&(index, entry)| self.account[..index].iter().all(|earlier| earlier.0 != entry.0));
        firsts.map(|(index, &(cause, _))| {
            let same = self.account[index..].iter().filter(|entry| entry.0 == cause);
            (named(self.rules, cause as usize), same.map(|entry| entry.1).sum())
        })
    }
}

/// The accounts of the requests under way, and the totals.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    rules: &'static [Rule],
    totals: Vec<u64>,
    accounts: Vec<Account>,
    free: Vec<u8>,
}

/// What a request has waited for so far: numbers of causes, and clocks; a cause may occur several times.
type Account = Vec<(u16, u64)>;

impl Ledger {
    /// Accounts for up to 256 requests at a time, by the rules of a standard.
    pub(crate) fn new(rules: &'static [Rule]) -> Ledger {
        let accounts = vec![Account::new(); 256];
        Ledger { rules, totals: vec![0; rules.len() + 3], accounts, free: (0..=u8::MAX).collect() }
    }

    /// An account for a new request. There are more than requests in a channel.
    pub(crate) fn open(&mut self) -> u8 {
        self.free.pop().unwrap_or_default()
    }

    /// The request waited for a rule, by its number.
    pub(crate) fn charge_rule(&mut self, account: u8, rule: usize, clocks: u64) {
        self.charge(account, rule, clocks);
    }

    pub(crate) fn charge_refresh(&mut self, account: u8, clocks: u64) {
        self.charge(account, self.rules.len(), clocks);
    }

    pub(crate) fn charge_queue(&mut self, account: u8, clocks: u64) {
        self.charge(account, self.rules.len() + 1, clocks);
    }

    pub(crate) fn charge_data(&mut self, account: u8, clocks: u64) {
        self.charge(account, self.rules.len() + 2, clocks);
    }

    fn charge(&mut self, account: u8, cause: usize, clocks: u64) {
        if clocks == 0 {
            return;
        }
        self.totals[cause] += clocks;
        self.accounts[account as usize].push((cause as u16, clocks));
    }

    /// What a request waited for so far.
    pub(crate) fn waits(&self, account: u8) -> Waits<'_> {
        Waits { rules: self.rules, account: &self.accounts[account as usize] }
    }

    /// The request is served.
    pub(crate) fn close(&mut self, account: u8) {
        self.accounts[account as usize].clear();
        self.free.push(account);
    }

    /// All causes with their clocks over all requests, the worst first.
    pub(crate) fn totals(&self) -> Vec<(Cause, u64)> {
        let waited = self.totals.iter().enumerate().filter(|&(_, &clocks)| clocks > 0);
        let mut totals: Vec<(Cause, u64)> =
            waited.map(|(cause, &clocks)| (named(self.rules, cause), clocks)).collect();
        totals.sort_by_key(|&(_, clocks)| std::cmp::Reverse(clocks));
        totals
    }
}

fn named(rules: &'static [Rule], cause: usize) -> Cause {
    match rules.get(cause) {
        Some(rule) => Cause::Rule(rule),
        None => [Cause::Refresh, Cause::Queue, Cause::Data][(cause - rules.len()).min(2)],
    }
}
