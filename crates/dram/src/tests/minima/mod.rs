//! The least distance of two commands, rule by rule, written down from the formulas of the standards and not taken from the rows.
//!
//! One clock less breaks the rule by name; the distance itself breaks nothing, unless another rule always asks for more: such
//! rules are listed with the one that does. Distances are those of the first clocks of both commands.

mod ddr3;
mod ddr4;
mod ddr5;
mod lpddr4;
mod lpddr5;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use busproof_core::bus::ddr::Command;
use busproof_core::timing::{Bound, Kind};
use busproof_parts::memory::Memory;

use crate::judge::{Judge, Line};

/// Where the second command goes; the first goes to bank 0 of group 0 of rank 0.
#[derive(Clone, Copy, Debug)]
enum To {
    SameBank,
    /// Another bank of the same group.
    SameGroup,
    /// Another bank: of another group, if there are several.
    Elsewhere,
    OtherRank,
}

/// A rule, two commands, where the second goes, and the least number of clocks between.
type Pair = (&'static str, Command, Command, To, u64);

/// What is known of a standard.
struct Case {
    memory: Arc<Memory>,
    pairs: &'static [Pair],
    /// A rule that another one, given beside it, always exceeds, and why.
    dominated: &'static [(&'static str, &'static str, &'static str)],
}

/// A part with a second rank and numbers that its file leaves out.
fn two_ranks(text: &str, more: &[(&str, u64)]) -> Arc<Memory> {
    let mut timing = "[timing]\n".to_owned();
    for (name, clocks) in more {
        let _ = writeln!(timing, "{name} = {{ min = \"{clocks} nCK\", cite = \"for this test\" }}");
    }
    let text = text.replace("ranks         = 1", "ranks         = 2").replace("[timing]\n", &timing);
    Arc::new(Memory::parse(&text, "two ranks").unwrap())
}

fn at(clock: u64, command: Command, [rank, bank_group, bank]: [u8; 3]) -> Line {
    let number = clock as usize + 1;
    Line { clock, command, channel: 0, rank, bank_group, bank, row: None, column: None, number }
}

fn broken(judge: &Judge, lines: &[Line]) -> BTreeSet<&'static str> {
    judge.judge(lines).findings.iter().map(|finding| finding.rule().name).collect()
}

impl Case {
    fn place(&self, to: To) -> [u8; 3] {
        let several = self.memory.geometry().bank_groups > 1;
        match to {
            To::SameBank => [0, 0, 0],
            To::SameGroup => [0, 0, 1],
            To::Elsewhere => [0, u8::from(several), u8::from(!several)],
            To::OtherRank => [1, 0, 0],
        }
    }

    /// One clock early breaks the rule; on time nothing is broken.
    fn holds(&self) {
        let judge = Judge::new(&self.memory);
        for &(rule, from, to, place, clocks) in self.pairs {
            let pair = |distance| [at(0, from, [0, 0, 0]), at(distance, to, self.place(place))];
            let early = broken(&judge, &pair(clocks - 1));
            assert!(early.contains(rule), "{rule}: {from} {to} after {} clocks breaks {early:?}", clocks - 1);
            let late = broken(&judge, &pair(clocks));
            let by = self.dominated.iter().filter(|(name, ..)| *name == rule).map(|(_, by, _)| *by);
            assert_eq!(late, by.collect(), "{rule}: {from} {to} after {clocks} clocks");
        }
    }

    /// No row is left out; maxima and budgets have tests of their own.
    fn is_complete(&self, windows: &[&str]) {
        for rule in self.memory.standard().rules() {
            let minimum = matches!(rule.kind, Kind::Between { bound: Bound::Min(_), .. });
            let known = windows.contains(&rule.name) || self.pairs.iter().any(|pair| pair.0 == rule.name);
            assert!(!minimum || known, "{} is not tested", rule.name);
        }
        for (rule, by, why) in self.dominated {
            assert!(self.pairs.iter().any(|pair| pair.0 == *rule), "{rule} by {by}: {why}");
        }
    }

    /// The fifth activate waits for the first: `apart` is how far neighbours must be.
    fn window(&self, apart: u64, clocks: u64) {
        let judge = Judge::new(&self.memory);
        let geometry = self.memory.geometry();
        let bank = |i: u64| match geometry.bank_groups {
            1 => [0, 0, i as u8],
            groups => [0, (i as u32 % groups) as u8, (i as u32 / groups) as u8],
        };
        let mut lines: Vec<Line> = (0..5).map(|i| at(apart * i, Command::Act, bank(i))).collect();
        lines[4].clock = clocks - 1;
        assert!(broken(&judge, &lines).contains("tFAW"), "{lines:?}");
        lines[4].clock = clocks;
        assert_eq!(broken(&judge, &lines), BTreeSet::new());
    }

    /// The second command comes within so many clocks.
    fn at_most(&self, rule: &str, from: Command, to: Command, clocks: u64) {
        let judge = Judge::new(&self.memory);
        let pair = |clock| [at(0, from, [0, 0, 0]), at(clock, to, [0, 0, 0])];
        assert!(!broken(&judge, &pair(clocks)).contains(rule), "{rule} holds {clocks} clocks");
        assert!(broken(&judge, &pair(clocks + 1)).contains(rule), "{rule} does not hold a clock more");
    }

    /// A rank may let `periods` of `period` clocks pass without a refresh.
    fn refresh(&self, period: u64, periods: u64) {
        let judge = Judge::new(&self.memory);
        let two = |clock| [at(0, Command::Mrs, [0, 0, 0]), at(clock, Command::Ref, [0, 0, 0])];
        // Owing begins when the first command counts, as many clocks after it as the refresh does not have.
        let lead = self.memory.standard().lead(Command::Mrs);
        assert!(!broken(&judge, &two(period * periods + lead)).contains("tREFI"));
        assert!(broken(&judge, &two(period * periods + lead + 1)).contains("tREFI"));
    }
}
