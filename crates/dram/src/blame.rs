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
#[derive(Clone, Debug, PartialEq)]
pub struct Served {
    /// In bytes.
    pub address: u64,
    /// Which way the data go.
    pub access: Access,
    /// The clock of its arrival.
    pub arrived: u64,
    /// The clock in which its data end, or its WR is issued.
    pub finished: u64,
    /// What it waited for and how long, in clocks; their sum is the latency.
    pub waits: Vec<(Cause, u64)>,
}

/// The accounts of the requests under way, and the totals.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    rules: &'static [Rule],
    totals: Vec<u64>,
    accounts: Vec<Account>,
    free: Vec<u8>,
}

/// What a request has waited for so far: numbers of causes, and clocks.
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
        let waits = &mut self.accounts[account as usize];
        match waits.iter_mut().find(|(there, _)| *there as usize == cause) {
            Some((_, sum)) => *sum += clocks,
            None => waits.push((cause as u16, clocks)),
        }
    }

    /// The request is served: what it waited for.
    pub(crate) fn close(&mut self, account: u8) -> impl Iterator<Item = (Cause, u64)> + '_ {
        self.free.push(account);
        let rules = self.rules;
        self.accounts[account as usize]
            .drain(..)
            .map(move |(cause, clocks)| (named(rules, cause as usize), clocks))
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
