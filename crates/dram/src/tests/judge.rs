use std::collections::BTreeSet;
use std::sync::Arc;

use busproof_core::bus::ddr::{Command, Level};
use busproof_core::timing::{Bound, EventSet, Kind, Scope};
use busproof_parts::memory::{self, Memory};
use proptest::prelude::*;

use super::draw::{requests, setup};
use crate::judge::{self, BreachKind, Judge, Line};
use crate::{Controller, Issued, Options, Request};

fn part() -> Arc<Memory> {
    memory::find("ddr4-2400u-8gb-x8-ramulator").unwrap()
}

fn line(number: usize, issued: &Issued) -> Line {
    let Issued { clock, command, channel, rank, bank_group, bank, row, column } = *issued;
    let has_row = command == Command::Act || command.is_column();
    let column = command.is_column().then_some(column);
    Line { clock, command, channel, rank, bank_group, bank, row: has_row.then_some(row), column, number }
}

fn stream(part: &Arc<Memory>, options: &Options, requests: &[Request]) -> Vec<Line> {
    let mut lines = Vec::new();
    let controller = Controller::new(part, options).unwrap();
    controller.run_with(requests.iter().copied(), |issued| lines.push(line(lines.len() + 1, &issued)));
    lines
}

/// How much of a channel a command concerns as one of a set, if it is one of it.
fn level_in(set: EventSet, line: &Line) -> Option<Level> {
    match line.command.level() {
        level if set.contains(line.command.kind()) => Some(level.max(Level::Rank)),
        _ => set.contains(line.command.kind_at_banks()).then_some(Level::Bank),
    }
}

/// True if two commands, seen at these levels, are related in the scope of a rule: all pairs, no memory.
fn related(a: (&Line, Level), b: (&Line, Level), scope: Scope) -> bool {
    let level = a.1.min(b.1);
    let all_groups = [a, b].iter().any(|(line, _)| line.command.level() == Level::Group);
    let [(a, _), (b, _)] = [a, b];
    let group = a.bank_group == b.bank_group;
    match scope {
        Scope::Other(2) => a.rank != b.rank,
        Scope::Same(4) if level == Level::Bank => {
            a.rank == b.rank && a.bank == b.bank && (group || all_groups)
        }
        Scope::Same(3) if level == Level::Bank => a.rank == b.rank && group,
        Scope::Same(2..) => a.rank == b.rank,
        _ => true,
    }
}

/// The rules that a stream breaks, found by looking at all pairs of commands.
fn by_brute_force(memory: &Memory, lines: &[Line]) -> BTreeSet<&'static str> {
    let params = memory.params_in_clocks();
    // The clock in which a command counts.
    let counts = |line: &Line| (line.clock + memory.standard().lead(line.command)).cast_signed();
    let mut broken = BTreeSet::new();
    for rule in memory.standard().rules() {
        let Kind::Between { from, nth, to, scope, reset, bound, .. } = rule.kind else { continue };
        let Some(limit) = params.sum(bound.terms()) else { continue };
        for (index, end) in lines.iter().enumerate() {
            let Some(level) = level_in(to, end) else { continue };
            let is_one = |set: EventSet, line: &&Line| {
                level_in(set, line).is_some_and(|other| related((line, other), (end, level), scope))
            };
            let earlier = lines[..index].iter().rev().take_while(|line| !is_one(reset, line));
            let mut begins = earlier.filter(|line| is_one(from, line));
            let length = |begin: &Line| counts(end) - counts(begin);
            let is_broken = match bound {
                Bound::Min(_) if nth == 1 => begins.any(|begin| length(begin) < limit),
                Bound::Min(_) => begins.nth(nth as usize - 1).is_some_and(|begin| length(begin) < limit),
                Bound::Max(_) => begins.next().is_some_and(|begin| length(begin) > limit),
            };
            if is_broken {
                broken.insert(rule.name);
            }
        }
    }
    broken
}

fn by_judge(memory: &Arc<Memory>, lines: &[Line]) -> BTreeSet<&'static str> {
    let judged = Judge::new(memory).judge(lines);
    judged.findings.iter().map(|finding| finding.rule().name).filter(|name| *name != "tREFI").collect()
}

proptest! {
    #[test]
    fn what_the_controller_issues_is_legal((part, options) in setup(), requests in requests(300)) {
        let judged = Judge::new(&part).judge(&stream(&part, &options, &requests));
        prop_assert!(judged.holds(), "{} {:?} {:?}", part.name(), judged.findings, judged.breaches);
    }

    /// One command, moved earlier: judged as by a checker that looks at all pairs.
    ///
    /// Commands that meet on the command bus may count in another order than they begin; then the sets may differ, but neither
    /// is empty.
    #[test]
    fn a_command_moved_earlier_breaks_what_it_breaks(
        (part, options) in setup(), requests in requests(60), which in any::<prop::sample::Index>(), by in 1u64..60,
    ) {
        let mut lines = stream(&part, &options, &requests);
        prop_assume!(!lines.is_empty());
        let which = which.index(lines.len());
        let mut moved = lines.remove(which);
        moved.clock = moved.clock.saturating_sub(by);
        let at = lines.iter().position(|line| line.clock > moved.clock).unwrap_or(lines.len());
        lines.insert(at, moved);
        let (judged, expected) = (by_judge(&part, &lines), by_brute_force(&part, &lines));
        if expected.iter().any(|name| name.starts_with("tCMD")) {
            prop_assert!(judged.iter().any(|name| name.starts_with("tCMD")), "{:?}", judged);
        } else {
            prop_assert_eq!(judged, expected);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}|([0-9ACTRDPEF, x\n-]{0,16}){3}") {
        let _ = judge::parse(&text, "t");
    }
}

/// Moved by one clock, a command that came as early as possible is too early.
#[test]
fn one_clock_is_noticed() {
    let lines = stream(
        &part(),
        &Options::default(),
        &[Request::read(0), Request { at: 100, ..Request::read(1 << 17) }],
    );
    let read = lines.iter().position(|line| line.command == Command::Rd).unwrap();
    let mut early = lines.clone();
    early[read].clock -= 1;
    assert_eq!(by_judge(&part(), &lines), BTreeSet::new());
    assert_eq!(by_judge(&part(), &early), BTreeSet::from(["tRCD"]));
}

#[test]
fn every_format_says_the_same() {
    let ours =
        "clock,command,rank,bank_group,bank,row,column\n5,ACT,0,1,2,18,\n22,RD,0,1,2,18,8\n40,PREA,0,,,,\n";
    let recorder = "clock,command,Channel,Rank,BankGroup,Bank,Row,Column,type,source\n5,ACT,0,0,1,2,18,-1,0,0\n\
                    22,RD,0,0,1,2,18,8,0,0\n40,PREA,0,0,-1,-1,-1,-1,0,0\n";
    let traced = "5, ACT, 0, 0, 1, 2, 18, -1\n22, RD, 0, 0, 1, 2, 18, 8\n40, PREA, 0, 0, -1, -1, -1, -1\n";
    let plain =
        "# clock, command, rank, group, bank, row or column\n5 ACT 0 1 2 18\n22 RD 0 1 2 8\n40 PREA 0\n";
    let dramsim3 = "5                  activate               0   0   1   2     0x12      0x0\n\
                    22                 read                   0   0   1   2     0x12      0x8\n";
    let expected = judge::parse(traced, "t").unwrap();
    let plainly = |lines: Vec<Line>| -> Vec<_> {
        let key = |line: Line| (line.clock, line.command, line.rank, line.bank_group, line.bank, line.column);
        lines.into_iter().map(key).collect()
    };
    for text in [ours, recorder, plain] {
        assert_eq!(plainly(judge::parse(text, "t").unwrap()), plainly(expected.clone()), "{text}");
    }
    assert_eq!(plainly(judge::parse(dramsim3, "t").unwrap()), plainly(expected[..2].to_vec()));
    assert!(Judge::new(&part()).judge(&expected).breaches.is_empty());
}

#[test]
fn mistakes_are_named_with_line_and_column() {
    for (text, message) in [
        (
            "5 ACT 0 0 0 1\n4 RD 0 0 0 1",
            "t:2:1: clock 4 lies before 5, that of the request above; sort the trace by time",
        ),
        (
            "5 FOO",
            "t:1:3: no command is called `FOO`; there are ACT, ACT2, PRE, PREA, PREsb, RD, RDA, WR, WRA, MWR, MWRA, REF, REF2x, \
             REF4x, REFpb, REFsb, PDE, PDX, SRE, SRX, MRS, MRR, ZQCL, ZQCS, ZQST, ZQLAT",
        ),
        ("x ACT", "t:1:1: expected a clock, found `x`"),
        ("5 ACT 0 0 zero 1", "t:1:11: expected a number below 2^32, found `zero`"),
        ("5", "t:1:2: expected a command, found the end of the line"),
    ] {
        assert_eq!(judge::parse(text, "t").unwrap_err().to_string(), message);
    }
}

#[test]
fn what_the_state_forbids() {
    let kinds = |text: &str| breaches(&part(), text);
    assert_eq!(kinds("0 RD 0 0 0 8"), [BreachKind::ClosedBank]);
    assert_eq!(kinds("0 ACT 0 0 0 1\n100 ACT 0 0 0 2"), [BreachKind::OpenBank]);
    assert_eq!(kinds("0 ACT 0 0 0 1\n100 REF 0"), [BreachKind::BanksNotIdle]);
    assert_eq!(kinds("0 ACT 0 0 0 1\n50 RDA 0 0 0 8\n100 REF 0"), []);
    assert_eq!(
        kinds("0 PDE 0\n50 ACT 0 0 0 1\n90 PDX 0\n95 PDX 0"),
        [BreachKind::Asleep, BreachKind::NotAsleep]
    );
    assert_eq!(kinds("0 PRE 0 0 0\n0 PRE 0 0 1"), [BreachKind::SameClock]);
    assert_eq!(kinds("0 ACT 0 4 0 1"), [BreachKind::NoSuchPlace]);
    assert_eq!(kinds("0 ACT 0 0 0 1 0\n"), []);
    assert_eq!(kinds("0, ACT, 0, 0, 0, 0, 7, -1\n50, RD, 0, 0, 0, 0, 8, 0"), [BreachKind::OtherRow]);
}

fn breaches(memory: &Arc<Memory>, text: &str) -> Vec<BreachKind> {
    let lines = judge::parse(text, "t").unwrap();
    Judge::new(memory).judge(&lines).breaches.iter().map(|breach| breach.kind).collect()
}

#[test]
fn what_only_some_standards_have() {
    let by = |name: &str, text: &str| breaches(&memory::find(name).unwrap(), text);
    let (ddr4, ddr5, lpddr4) = ("ddr4-2400t-8gb-x8", "ddr5-4800an-16gb-x8", "lpddr4-3200-8gb-x16");
    assert_eq!(by(ddr4, "0 REFpb 0 0 1"), [BreachKind::NoSuchCommand]);
    assert_eq!(by(lpddr4, "0 REFpb 0 0 1"), []);
    assert_eq!(by("ddr3-1600k-4gb-x8", "0 REF2x 0"), [BreachKind::NoSuchCommand]);
    // A refresh of the same bank needs that bank idle in all groups, and no other.
    assert_eq!(by(ddr5, "0 ACT 0 1 2 7\n200 REFsb 0 0 2"), [BreachKind::BanksNotIdle]);
    assert_eq!(by(ddr5, "0 ACT 0 1 2 7\n200 REFsb 0 0 3"), []);
    assert_eq!(by(ddr5, "0 ACT 0 1 2 7\n200 PREsb 0 0 2\n400 REF 0"), []);
    assert_eq!(by(lpddr4, "0 ACT 0 0 2 7\n200 REFpb 0 0 2"), [BreachKind::BanksNotIdle]);
    assert_eq!(
        by(lpddr4, "0 ACT 0 0 2 7\n200 REFpb 0 0 3\n500 MWRA 0 0 2 8\n900 MWR 0 0 2 8"),
        [BreachKind::ClosedBank]
    );
    // Modes are set with rows open in DDR5, not in DDR4.
    assert_eq!(by(ddr4, "0 ACT 0 0 2 7\n200 MRS 0"), [BreachKind::BanksNotIdle]);
    assert_eq!(by(ddr5, "0 ACT 0 0 2 7\n200 MRS 0"), []);
}

/// Two halves or four quarters before a whole refresh.
#[test]
fn refreshes_of_fine_granularity_add_up() {
    let kinds = |text: &str| breaches(&part(), text);
    assert_eq!(kinds("0 REF2x 0\n500 REF2x 0\n1000 REF 0"), []);
    assert_eq!(kinds("0 REF2x 0\n500 REF 0"), [BreachKind::RefreshParts]);
    assert_eq!(kinds("0 REF4x 0\n500 REF4x 0\n1000 REF2x 0"), [BreachKind::RefreshParts]);
    assert_eq!(kinds("0 REF4x 0\n500 REF4x 0\n1000 REF4x 0\n1500 REF4x 0\n2000 REF 0\n2500 REF2x 0"), []);
}

/// Nine refreshes may be missing, not ten.
#[test]
fn refreshes_may_be_postponed_so_far() {
    let broken = |clock: u64| {
        let lines = judge::parse(&format!("0 ACT 0 0 0 1\n60 PREA 0\n{clock} REF 0"), "t").unwrap();
        !Judge::new(&part()).judge(&lines).findings.iter().all(|finding| finding.rule().name != "tREFI")
    };
    assert!(!broken(9 * 9364));
    assert!(broken(9 * 9364 + 1));
}
