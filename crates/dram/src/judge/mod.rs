//! Judges streams of commands: by the rows of the standard, and by the state of banks and ranks.
//!
//! The judge shares the rows with the controller, but evaluates them by the core's [`Checker`], command by command, and keeps track of
//! open rows and sleeping ranks by itself; so each can find the other's errors.
//!
//! ```
//! use busproof_dram::judge::{self, Judge};
//! use busproof_parts::memory;
//!
//! let part = memory::find("ddr4-2400u-8gb-x8")?;
//! let commands = judge::parse("0 ACT 0 0 0 18\n16 RD 0 0 0 5\n", "x.txt")?;
//! let verdict = Judge::new(&part).judge(&commands);
//! assert_eq!(verdict.findings[0].rule().name, "tRCD");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod commands;
mod state;

pub use commands::{Line, parse};
pub use state::{Breach, BreachKind};

use std::sync::Arc;

use busproof_core::Time;
use busproof_core::timing::{Checker, CheckerOptions, Finding, Place, Report, Rule};
use busproof_parts::memory::Memory;

use state::State;

/// Judges streams of commands for one memory.
#[derive(Clone, Debug)]
pub struct Judge {
    memory: Arc<Memory>,
}

/// What is to be said of a stream.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Broken timing rules, in order of time.
    pub findings: Vec<Broken>,
    /// Commands that the state of their bank or rank forbids, in order of time.
    pub breaches: Vec<Breach>,
    /// What became of each rule.
    pub report: Report,
    /// How many commands were judged.
    pub commands: u64,
}

/// A broken timing rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Broken {
    /// What was measured.
    pub finding: Finding,
    /// The command that breaks it; none for what is missing at the end of the stream.
    pub line: Option<Line>,
}

impl Broken {
    /// The rule.
    pub fn rule(&self) -> &'static Rule {
        self.finding.rule
    }
}

impl Judge {
    /// A judge by the memory's standard and numbers.
    pub fn new(memory: &Arc<Memory>) -> Judge {
        Judge { memory: memory.clone() }
    }

    /// The memory.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Judges a stream in order of its clocks.
    pub fn judge(&self, lines: &[Line]) -> Judged {
        let rules = self.memory.standard().rules();
        let mut checker = Checker::new(rules, &self.memory.params(), &CheckerOptions::default());
        let mut state = State::new(&self.memory);
        let mut findings = Vec::new();
        let mut breaches = Vec::new();
        let mut end = Time::ZERO;
        for line in lines {
            state.command(line, &mut breaches);
            let place = Place([line.channel, line.rank, line.bank_group, line.bank]);
            // A command that takes several clocks counts from one of the later ones.
            let lead = self.memory.standard().lead(line.command);
            end = self.time(line.clock.saturating_add(lead));
            for event in line.command.events(end, place, self.groups()) {
                let line = Some(*line);
                checker.event(event, &mut |finding| findings.push(Broken { finding, line }));
            }
        }
        let report = checker.finish(end, &mut |finding| findings.push(Broken { finding, line: None }));
        Judged { findings, breaches, report, commands: lines.len() as u64 }
    }

    fn groups(&self) -> u8 {
        self.memory.geometry().bank_groups as u8
    }

    /// The instant of a clock edge.
    pub fn time(&self, clock: u64) -> Time {
        Time::from_fs(clock.saturating_mul(self.memory.tck()))
    }

    /// The clock of an instant.
    pub fn clock(&self, time: Time) -> u64 {
        time.as_fs() / self.memory.tck()
    }
}

impl Judged {
    /// True if nothing was broken.
    pub fn holds(&self) -> bool {
        self.findings.is_empty() && self.breaches.is_empty()
    }
}
