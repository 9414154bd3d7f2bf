//! `busproof dram judge`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use busproof_core::timing::{Bound, Report, RuleReport, RuleState, Unit};
use busproof_dram::judge::{self, Breach, Broken, Judge, Judged, Line};
use busproof_dram::trace;
use busproof_parts::memory;

use super::JudgeArgs;
use crate::args::ItemFormat;
use crate::error::CliError;
use crate::exit::Exit;
use crate::json::{self, Lines};
use crate::out::{Out, folded};
use crate::table::Table;
use crate::units::{count, exact, times};

/// Judges a stream of commands and prints the verdict.
pub(super) fn run(args: &JudgeArgs, out: &mut Out) -> Result<Exit, CliError> {
    let judge = Judge::new(&memory::open(&args.part)?);
    let text = String::from_utf8_lossy(&trace::load(&args.commands)?).into_owned();
    let file = args.commands.display().to_string();
    let lines = judge::parse(&text, &file)?;
    let judged = judge.judge(&lines);
    let case = Case { file, judge: &judge, lines: &lines, judged: &judged };
    match args.format {
        ItemFormat::Human => case.human(out)?,
        ItemFormat::Jsonl => case.objects(Lines::one_a_line(), out)?,
        ItemFormat::Json => case.objects(Lines::in_array(), out)?,
    }
    Ok(case.exit())
}

/// A stream and what is to be said of it.
struct Case<'c> {
    file: String,
    judge: &'c Judge,
    lines: &'c [Line],
    judged: &'c Judged,
}

impl Case<'_> {
    fn exit(&self) -> Exit {
        let exercised = self.judged.report.rules.iter().any(|rule| rule.state == RuleState::Exercised);
        match (self.judged.holds(), exercised) {
            (false, _) => Exit::Failed,
            (true, false) => Exit::Nothing,
            (true, true) => Exit::Held,
        }
    }

    /// The line of the command that breaks a rule; of what is missing at the end, the last one.
    fn line_at(&self, broken: &Broken) -> usize {
        broken.line.as_ref().or(self.lines.last()).map_or(0, |line| line.number)
    }

    fn human(&self, out: &mut Out) -> io::Result<()> {
        let part = self.judge.memory().name();
        writeln!(
            out,
            "{}",
            folded(&format!("{}: {} by {part}", self.file, count(self.judged.commands, "command")))
        )?;
        for findings in by(&self.judged.findings, |broken| broken.rule().name).values() {
            self.broken(findings, out)?;
        }
        for breaches in by(&self.judged.breaches, |breach| breach.kind.code()).values() {
            self.breached(breaches, out)?;
        }
        self.margins(out)?;
        self.not_judged(out)?;
        let verdict = match self.exit() {
            Exit::Failed => "FAILED",
            Exit::Nothing => "nothing was judged",
            _ => "ok",
        };
        writeln!(out, "{verdict}")
    }

    /// The worst finding of a rule, and how many there are.
    fn broken(&self, findings: &[&Broken], out: &mut Out) -> io::Result<()> {
        let distance = |broken: &&&Broken| broken.finding.measured.abs_diff(broken.finding.limit);
        // The first of the worst.
        let Some(broken) = findings.iter().rev().max_by_key(distance) else { return Ok(()) };
        let (worst, rule) = (broken.finding, broken.rule());
        let (measured, limit) = (self.clocks(worst.measured), self.clocks(worst.limit));
        let bound = if matches!(rule.bound(), Some(Bound::Min(_))) { "at least" } else { "at most" };
        let (file, line) = (&self.file, self.line_at(broken));
        let [channel, rank, group, bank] = worst.place.0;
        let often =
            if findings.len() == 1 { String::new() } else { format!(", the worst of {}", findings.len()) };
        let place = format!("channel {channel}, rank {rank}, bank group {group}, bank {bank}");
        let mut say = |text: String| writeln!(out, "{}", folded(&text));
        say(format!(
            "  {file}:{line}: [{}] {}: {measured} clocks, must be {bound} {limit}{often}",
            rule.name, rule.summary
        ))?;
        let (from, to) = (self.judge.clock(worst.from), self.judge.clock(worst.to));
        say(format!("    from clock {from} to {to}; {}", place.replace("255", "any")))?;
        let report = self.judged.report.rules.iter().find(|report| report.rule.name == rule.name);
        if let Some(report) = report.filter(|report| !report.cite.is_empty()) {
            say(format!("    limit: {}", report.cite))?;
        }
        say(format!("    rule: {}", rule.source))?;
        say(format!("    usual cause: {}", rule.cause))
    }

    fn breached(&self, breaches: &[&Breach], out: &mut Out) -> io::Result<()> {
        let Some(first) = breaches.first() else { return Ok(()) };
        let Line { number, command, rank, bank_group, bank, clock, .. } = first.line;
        let often = times(breaches.len() as u64);
        let text = format!("  {}:{number}: [{}] {}, {often}", self.file, first.kind.code(), first.kind);
        writeln!(out, "{}", folded(&text))?;
        writeln!(
            out,
            "    first in clock {clock}: {command} to rank {rank}, bank group {bank_group}, bank {bank}"
        )
    }

    fn margins(&self, out: &mut Out) -> io::Result<()> {
        let mut table =
            Table::new(&["rule", "limit", "worst", "median", "count", "worst at"], &[1, 2, 3, 4, 5]);
        for (report, margin) in measured(&self.judged.report) {
            let clock = self.judge.clock(margin.worst_at.1).to_string();
            let clocks = |fs| self.clocks(fs);
            let row = [clocks(margin.limit), clocks(margin.worst), clocks(margin.median)];
            let rest = [margin.count.to_string(), clock];
            table.row(std::iter::once(report.rule.name.to_owned()).chain(row).chain(rest));
        }
        if table.is_empty() {
            return Ok(());
        }
        writeln!(out, "  margins, in clocks")?;
        table.lines(2).iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn not_judged(&self, out: &mut Out) -> io::Result<()> {
        for (state, text) in [
            (RuleState::NeverExercised, "never exercised"),
            (RuleState::NoLimit, "without a number in the part file"),
        ] {
            let rules = self.judged.report.rules.iter().filter(|report| report.state == state);
            let names: Vec<&str> = rules.map(|report| report.rule.name).collect();
            if !names.is_empty() {
                writeln!(out, "{}", folded(&format!("  {text}: {}", names.join(", "))))?;
            }
        }
        Ok(())
    }

    /// A time as a number of clocks.
    fn clocks(&self, fs: i64) -> String {
        let tck = self.judge.memory().tck() as i64;
        if fs % tck == 0 { (fs / tck).to_string() } else { exact(fs, Unit::Fs) }
    }

    fn objects(&self, mut lines: Lines, out: &mut Out) -> io::Result<()> {
        for finding in &self.judged.findings {
            lines.write(&self.finding(finding), out)?;
        }
        for breach in &self.judged.breaches {
            lines.write(&self.breach(breach), out)?;
        }
        for (report, margin) in measured(&self.judged.report) {
            let object = format!(
                "{{\"kind\":\"margin\",\"rule\":{},\"worst_fs\":{},\"p1_fs\":{},\"median_fs\":{},\"count\":{},\
                 \"worst_at_fs\":{},\"limit_fs\":{}}}",
                json::text(report.rule.name),
                margin.worst,
                margin.p1,
                margin.median,
                margin.count,
                margin.worst_at.1.as_fs(),
                margin.limit
            );
            lines.write(&object, out)?;
        }
        lines.write(&self.summary(), out)?;
        lines.finish(out)
    }

    fn finding(&self, broken: &Broken) -> String {
        let finding = broken.finding;
        let [channel, rank, group, bank] = finding.place.0;
        format!(
            "{{\"kind\":\"finding\",\"rule\":{},\"verdict\":\"broken\",\"from_fs\":{},\"to_fs\":{},\"measured_fs\":{},\
             \"limit_fs\":{},\"grid_fs\":0,\"source\":{},\"line\":{},\"clock\":{},\"channel\":{channel},\"rank\":{rank},\
             \"bank_group\":{group},\"bank\":{bank}}}",
            json::text(finding.rule.name),
            finding.from.as_fs(),
            finding.to.as_fs(),
            finding.measured,
            finding.limit,
            json::text(finding.rule.source),
            self.line_at(broken),
            self.judge.clock(finding.to),
        )
    }

    fn breach(&self, breach: &Breach) -> String {
        let Line { clock, number, command, rank, bank_group, bank, .. } = breach.line;
        let at = self.judge.time(clock).as_fs();
        format!(
            "{{\"kind\":\"diagnostic\",\"code\":\"{}\",\"severity\":\"error\",\"from_fs\":{at},\"to_fs\":{at},\"text\":{},\
             \"line\":{number},\"clock\":{clock},\"command\":\"{command}\",\"rank\":{rank},\"bank_group\":{bank_group},\
             \"bank\":{bank}}}",
            breach.kind.code(),
            json::text(breach.kind.summary()),
        )
    }

    fn summary(&self) -> String {
        let names = |state| {
            let rules = self.judged.report.rules.iter().filter(|report| report.state == state);
            rules.map(|report| json::text(report.rule.name)).collect::<Vec<_>>().join(",")
        };
        format!(
            "{{\"kind\":\"summary\",\"items\":{},\"broken\":{},\"cannot_tell\":0,\"exercised\":[{}],\"never_exercised\":[{}],\
             \"no_limit\":[{}]}}",
            self.judged.commands,
            self.judged.findings.len() + self.judged.breaches.len(),
            names(RuleState::Exercised),
            names(RuleState::NeverExercised),
            names(RuleState::NoLimit),
        )
    }
}

/// The rules that were measured.
fn measured(report: &Report) -> impl Iterator<Item = (&RuleReport, busproof_core::timing::Margin)> {
    report.rules.iter().filter_map(|rule| Some((rule, rule.margin()?)))
}

/// Groups by a name, in order of the names.
fn by<'t, T>(all: &'t [T], name: impl Fn(&T) -> &'static str) -> BTreeMap<&'static str, Vec<&'t T>> {
    let mut groups: BTreeMap<&'static str, Vec<&'t T>> = BTreeMap::new();
    for one in all {
        groups.entry(name(one)).or_default().push(one);
    }
    groups
}
