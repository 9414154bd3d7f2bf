//! A report for people: each broken rule with a picture, margins, what was not decided, a summary.

use std::fmt::Write as _;
use std::io::{self, Write};

use busproof_core::bus::Severity;
use busproof_core::timing::{Finding, Hidden, Needs, RuleReport, Unit, Verdict};
use busproof_plot::text::{TextOptions, draw};

use super::Checked;
use super::verdict::{Ending, Fate, side, sign};
use crate::odd::Oddity;
use crate::out::{COLUMNS, Ink, Out, Paint};
use crate::table::Table;
use crate::units::{about, count, exact, hanging, instant, rounded, times, wrap};

/// The frame before what belongs to a finding.
const FRAME: &str = "   | ";

/// Prints the report of a file.
pub(super) fn print(checked: &Checked, out: &mut Out) -> io::Result<()> {
    for rule in checked.rules(|fate| fate == Fate::Broken) {
        broken(checked, rule, out)?;
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        for odd in checked.ledger.odd.of(severity) {
            oddity(checked, odd, out)?;
        }
    }
    for remark in &checked.remarks {
        writeln!(
            out,
            "{}",
            hanging("note: ", remark).replacen("note", &out.paint().ink(Ink::Note, "note"), 1)
        )?;
    }
    if !checked.remarks.is_empty() {
        writeln!(out)?;
    }
    margins(checked, out)?;
    not_decided(checked, out)?;
    let line = summary(checked, out.paint());
    writeln!(out, "{}", wrap(&line, COLUMNS - 2).join("\n  "))
}

/// A broken rule: its first finding with a picture, and how often.
fn broken(checked: &Checked, rule: &RuleReport, out: &mut Out) -> io::Result<()> {
    let Some(finding) = checked.ledger.of(rule.rule).and_then(|notes| notes.broken) else { return Ok(()) };
    let paint = out.paint();
    let code = format!("error[{}]", rule.rule.name);
    let head = hanging(&format!("{code}: "), &headline(&finding));
    writeln!(out, "{}", head.replacen(&code, &paint.ink(Ink::Bad, &code), 1))?;
    let arrow = paint.ink(Ink::Frame, "  -->");
    writeln!(out, "{arrow} {}, {}", checked.file, interval(&finding))?;
    picture(checked, &finding, out)?;
    facts(&facts_of(rule, &finding), out)?;
    writeln!(out)
}

fn picture(checked: &Checked, finding: &Finding, out: &mut Out) -> io::Result<()> {
    let Some(shot) = checked.shots.iter().find(|shot| shot.is_of(finding.rule)) else { return Ok(()) };
    let label = match finding.rule.needs {
        Needs::Instants => "both at once".to_owned(),
        Needs::Edges | Needs::FourStates => exact(finding.measured, finding.rule.unit()),
    };
    let diagram = shot.diagram(&checked.signals, label);
    let options = TextOptions { width: COLUMNS - FRAME.len(), charset: out.charset() };
    let bar = out.paint().ink(Ink::Frame, FRAME.trim_end());
    writeln!(out, "{bar}")?;
    for line in draw(&diagram, &options) {
        writeln!(out, "{bar} {line}")?;
    }
    writeln!(out, "{bar}")
}

/// What is to be said of a broken rule beyond its headline: names and values.
pub(super) fn facts_of(rule: &RuleReport, finding: &Finding) -> Vec<(&'static str, String)> {
    let unit = rule.rule.unit();
    let mut facts = Vec::new();
    if !rule.cite.is_empty() {
        facts.push(("limit", format!("{}, {}", exact(finding.limit, unit), rule.cite)));
    }
    facts.push(("rule", rule.rule.source.to_owned()));
    let mut seen = format!("broken {}, measured {}", times(rule.broken()), times(rule.measured()));
    if rule.cannot_tell() > 0 {
        seen.push_str(", cannot be told ");
        seen.push_str(&times(rule.cannot_tell()));
    }
    if let Some(margin) = rule.margin().filter(|_| rule.broken() > 1 && rule.rule.needs != Needs::Instants) {
        let by = about(margin.worst.saturating_neg(), unit, 3);
        let _ = write!(seen, "; worst by {by} at {}", instant(margin.worst_at.0));
    }
    facts.push(("seen", seen));
    facts.push(("cause", rule.rule.cause.to_owned()));
    facts.push(("help", format!("busproof explain {}", rule.rule.name)));
    facts
}

pub(crate) fn facts(facts: &[(&'static str, String)], out: &mut Out) -> io::Result<()> {
    let sign = out.paint().ink(Ink::Frame, "   =");
    for (name, text) in facts {
        let line = hanging(&format!("   = {:<7}", format!("{name}:")), text);
        writeln!(out, "{sign}{}", &line[4..])?;
    }
    Ok(())
}

/// What is wrong, in a line: `clock high time: 2.5 ns, must be at least 3.383 ns`.
pub(super) fn headline(finding: &Finding) -> String {
    let rule = finding.rule;
    if rule.needs == Needs::Instants {
        return format!("not kept: {}", rule.summary);
    }
    let limit = exact(finding.limit, rule.unit());
    let must = if finding.verdict == Verdict::Broken { "must be" } else { "limit" };
    format!("{}: {}, {must} {} {limit}", rule.summary, measured(finding), side(rule.bound()))
}

/// What was measured, with its doubt: `20 ns +- 10 ns`.
fn measured(finding: &Finding) -> String {
    let value = exact(finding.measured, finding.rule.unit());
    if finding.grid.is_zero() || finding.rule.unit() != Unit::Fs {
        return value;
    }
    format!("{value} +- {}", rounded(finding.grid.as_fs(), 3))
}

/// Where a finding is.
pub(super) fn interval(finding: &Finding) -> String {
    if finding.from == finding.to {
        return format!("at {}", finding.from);
    }
    format!("from {} to {}", finding.from, finding.to)
}

/// An oddity of the bus.
fn oddity(checked: &Checked, odd: &Oddity, out: &mut Out) -> io::Result<()> {
    let Oddity { first, count } = odd;
    let ink = match first.severity {
        Severity::Error => Ink::Bad,
        Severity::Warning => Ink::Odd,
        Severity::Note => Ink::Note,
    };
    let code = format!("{}[{}]", first.severity, first.code);
    let head = hanging(&format!("{code}: "), &first.text);
    writeln!(out, "{}", head.replacen(&code, &out.paint().ink(ink, &code), 1))?;
    let arrow = out.paint().ink(Ink::Frame, "  -->");
    writeln!(out, "{arrow} {}, at {}", checked.file, first.from)?;
    let seen = ("seen", times(*count));
    facts(&[seen, ("help", format!("busproof explain {}", first.code))], out)?;
    writeln!(out)
}

/// Distances to the limits, of rules that were measured.
fn margins(checked: &Checked, out: &mut Out) -> io::Result<()> {
    let Some(table) = margin_table(checked) else { return Ok(()) };
    let heading = out.paint().ink(Ink::Frame, "margins");
    writeln!(out, "{heading}: distance to the limit; negative where it is missed or in doubt")?;
    table.lines(INDENT).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    writeln!(out)
}

const RIGHT: &[usize] = &[1, 2, 3, 4, 5, 6];
const INDENT: usize = 2;

/// How many digits distances and instants have; fewer where a line would be too long.
const DIGITS: [(u32, u32); 3] = [(3, 6), (3, 3), (1, 3)];

fn margin_table(checked: &Checked) -> Option<Table> {
    let fits = |table: &Table| table.width(INDENT) <= COLUMNS;
    let mut tables = DIGITS.map(|digits| margin_rows(checked, digits)).into_iter();
    let last = tables.next_back().filter(|table| !table.is_empty())?;
    Some(tables.find(fits).unwrap_or(last))
}

fn margin_rows(checked: &Checked, digits: (u32, u32)) -> Table {
    let mut table = Table::new(&["rule", "limit", "worst", "1 in 100", "median", "count", "worst at"], RIGHT);
    for rule in checked.rules(|fate| matches!(fate, Fate::Broken | Fate::Unsure | Fate::Kept)) {
        if let Some(row) = margin_row(rule, digits) {
            table.row(row);
        }
    }
    table
}

/// A coincidence has no distance.
fn margin_row(rule: &RuleReport, (digits, instant_digits): (u32, u32)) -> Option<[String; 7]> {
    let margin = rule.margin().filter(|_| rule.rule.needs != Needs::Instants)?;
    let unit = rule.rule.unit();
    Some([
        rule.rule.name.to_owned(),
        format!("{} {}", sign(rule.rule.bound()), about(margin.limit, unit, 3)),
        about(margin.worst, unit, digits),
        about(margin.p1, unit, digits),
        about(margin.median, unit, digits),
        margin.count.to_string(),
        rounded(margin.worst_at.0.as_fs(), instant_digits),
    ])
}

/// What cannot be told, is not visible, did not occur or has no limit.
fn not_decided(checked: &Checked, out: &mut Out) -> io::Result<()> {
    let mut lines = Vec::new();
    for rule in checked.rules(|fate| fate == Fate::Unsure) {
        lines.push(hanging(&format!("  {:<11}  ", rule.rule.name), &undecided(checked, rule)));
    }
    lines.extend(not_visible(checked));
    let more = &checked.more_limits;
    let limits =
        if more.is_empty() { "no limit given".to_owned() } else { format!("no limit given ({more})") };
    for (fate, why) in [(Fate::NeverExercised, "never exercised"), (Fate::NoLimit, limits.as_str())] {
        let names: Vec<&str> = checked.rules(|f| f == fate).map(|rule| rule.rule.name).collect();
        if !names.is_empty() {
            let head = format!("  {:<11}  ", count(names.len() as u64, "rule"));
            let listed = if fate == Fate::NoLimit { some_of(&names) } else { names.join(" ") };
            lines.push(hanging(&head, &format!("{why}: {listed}")));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", out.paint().ink(Ink::Frame, "not decided"))?;
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    writeln!(out)
}

/// The names, or the first of very many, which the summary in JSON has all.
fn some_of(names: &[&str]) -> String {
    const MANY: usize = 12;
    const SHOWN: usize = 4;
    if names.len() <= MANY {
        return names.join(" ");
    }
    let more = names.len() - SHOWN;
    format!("{} and {more} more (`--format jsonl` lists all)", names[..SHOWN].join(" "))
}

/// What the waveform does not show, reason by reason.
fn not_visible(checked: &Checked) -> Vec<String> {
    let mut reasons: Vec<(Hidden, Vec<&str>)> = Vec::new();
    for rule in checked.rules(|_| true) {
        let Fate::NotVisible(why) = Fate::of(rule) else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(rule.rule.name),
            None => reasons.push((why, vec![rule.rule.name])),
        }
    }
    let line = |(why, names): &(Hidden, Vec<&str>)| match names.as_slice() {
        [name] => hanging(&format!("  {name:<11}  "), &format!("not visible: {why}")),
        names => {
            let head = format!("  {:<11}  ", count(names.len() as u64, "rule"));
            hanging(&head, &format!("not visible, since {why}: {}", names.join(" ")))
        }
    };
    reasons.iter().map(line).collect()
}

/// Why a rule was not decided, in a line.
pub(super) fn undecided(checked: &Checked, rule: &RuleReport) -> String {
    match Fate::of(rule) {
        Fate::Unsure => unsure(checked, rule),
        Fate::NotVisible(why) => format!("not visible: {why}"),
        Fate::NeverExercised => format!("never exercised ({})", rule.rule.summary),
        Fate::NoLimit => "no limit given".into(),
        Fate::Broken | Fate::Kept => String::new(),
    }
}

fn unsure(checked: &Checked, rule: &RuleReport) -> String {
    let counts = format!("cannot tell, {} of {}", rule.cannot_tell(), rule.measured());
    let unsure = checked.ledger.of(rule.rule).and_then(|notes| notes.unsure);
    let what = match (unsure, rule.rule.needs) {
        (None, _) => String::new(),
        (Some(_), Needs::Instants) => ": both in one sample".to_owned(),
        (Some(finding), Needs::Edges | Needs::FourStates) => {
            let limit = exact(finding.limit, rule.rule.unit());
            format!(": {} against {} {limit}", measured(&finding), side(rule.rule.bound()))
        }
    };
    let way = checked.way_to_know(rule);
    counts + &what + &way.map_or(String::new(), |way| format!("; {way}"))
}

/// Checks without limits that held, where no rule says more.
fn protocol(checked: &Checked) -> Option<String> {
    let is_held = |code: &str| checked.ledger.odd.iter().all(|odd| odd.first.code != code);
    let held = checked.outcome.report.checks.iter().filter(|check| is_held(check.code)).count() as u64;
    let rules_say_more = checked.rules(|fate| matches!(fate, Fate::Kept | Fate::Broken)).next().is_some();
    (held > 0 && !rules_say_more).then(|| format!("{} held", count(held, "protocol check")))
}

/// The last line: the verdict, and what it rests on.
pub(super) fn summary(checked: &Checked, paint: Paint) -> String {
    let (outcome, report) = (&checked.outcome, &checked.outcome.report);
    let verdict = match checked.ending() {
        Ending::Failed => paint.ink(Ink::Bad, "failed"),
        Ending::FailedStrictly => paint.ink(Ink::Bad, "failed (--strict)"),
        Ending::Nothing => paint.ink(Ink::Odd, "nothing checked"),
        Ending::Passed => paint.ink(Ink::Good, "passed"),
    };
    if checked.ending() == Ending::Nothing {
        let why = match outcome.items {
            0 => "nothing was said on the bus; does `--map` name the right signals?",
            _ => "no rule could be decided",
        };
        return format!("{}: {verdict} in {}: {why}", checked.file, instant(outcome.end));
    }
    let mut parts = Vec::new();
    if report.broken() > 0 {
        let rules = count(checked.count(Fate::Broken), "rule");
        parts.push(format!("{rules} broken ({})", times(report.broken())));
    }
    parts.push(format!("{} kept", checked.count(Fate::Kept)));
    parts.extend(protocol(checked));
    let unsure = checked.count(Fate::Unsure);
    if unsure > 0 {
        parts.push(format!("{unsure} in doubt"));
    }
    for (number, what) in [(outcome.errors, "error"), (outcome.warnings, "warning")] {
        if number > 0 {
            parts.push(count(number, what));
        }
    }
    let items = count(outcome.items, "item");
    format!("{}: {verdict}: {}; {items} in {}", checked.file, parts.join(", "), instant(outcome.end))
}
