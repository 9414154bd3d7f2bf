//! `busproof explain`: what a code means.

mod memory;
#[cfg(test)]
mod pages;
mod piece;

use std::io::{self, Write};
use std::sync::Arc;

use busproof_core::bus::ddr::pins::remarks::REMARKS;
use busproof_core::bus::{BUSES, BusInfo, CodeInfo, ddr};
use busproof_core::cdc;
use busproof_core::timing::{EventKind, EventSet, Kind, Param, ParamInfo, Quantity, Rule, Term};
use busproof_dram::judge::BreachKind;
use busproof_parts::{Explained, Hint, Limit, Part, catalog, remarks};
use busproof_vectors::report::CODES;

use crate::args::ExplainArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::{Ink, Out};
use crate::units::hanging;

use piece::Piece;

/// Something that can be explained.
#[derive(Clone, Copy)]
enum Entry {
    Rule(&'static BusInfo, &'static Rule),
    Code(&'static BusInfo, &'static CodeInfo),
    Limit(&'static BusInfo, &'static ParamInfo),
    /// A rule of DDR memory.
    Memory(&'static Rule),
    /// A number of DDR memory that no rule is called by.
    MemoryLimit(&'static ParamInfo),
    /// What the state of a memory forbids.
    State(BreachKind),
    Remark(&'static Explained),
    /// What a memory remarks.
    OfMemory(&'static CodeInfo),
    Complaint(&'static CodeInfo),
    Term(&'static Topic),
}

/// A term of reports.
struct Topic {
    name: &'static str,
    summary: &'static str,
    text: &'static str,
}

const TOPICS: &[Topic] = &[
    Topic {
        name: "cannot-tell",
        summary: "the doubt of sampling spans the limit",
        text: "In a recording an edge lies somewhere between two samples, so an interval measured as m is really \
               between m - g and m + g, where g is the sampling period. If the limit lies within, nobody can say \
               whether the rule was kept. The report says at which rate to record to know. This fails a check only \
               under `--strict`.",
    },
    Topic {
        name: "not-visible",
        summary: "the waveform does not show what a rule is about",
        text: "A recording of two levels does not show high impedance, so that rules about releasing a line cannot \
               be judged; a recording at one end of long wires does not show the other end. This fails a check only \
               under `--strict`.",
    },
    Topic {
        name: "never-exercised",
        summary: "what a rule speaks of did not occur",
        text: "A rule about programming a flash says nothing about a waveform in which nothing is programmed. Such \
               rules are listed, because a check that decided nothing is no pass.",
    },
    Topic {
        name: "margin",
        summary: "the distance between what was measured and the limit",
        text: "Positive where the rule is kept, negative where it is broken. The worst, the value that one \
               measurement in a hundred does not exceed, and the median tell a rare glitch from a bus that is always \
               close to the edge.",
    },
    Topic {
        name: "exit-status",
        summary: "what the program's exit status says",
        text: "0: all checks held, or items were found. 1: a check failed. 2: the command line or an input file \
               cannot be used. 3: nothing was checked: no item, or no rule was decided and no check \
               of the protocol put to the test. 4: a time budget ended before \
               a verdict. 101: a bug in busproof. Over several files the first of 2, 1, 4, 3, 0 that occurred.",
    },
];

/// Explains a code, or lists all.
pub(crate) fn run(args: &ExplainArgs, out: &mut Out) -> Result<Exit, CliError> {
    match &args.code {
        None => list(out)?,
        Some(code) => print(&find(code)?, out)?,
    }
    Ok(Exit::Held)
}

/// What has rules and codes: the buses, and crossings.
fn sources() -> impl Iterator<Item = &'static BusInfo> {
    BUSES.iter().chain([&cdc::INFO])
}

fn entries() -> impl Iterator<Item = Entry> {
    let rules = sources().flat_map(|bus| bus.rules.iter().map(move |rule| Entry::Rule(bus, rule)));
    let codes = sources().flat_map(|bus| bus.codes.iter().map(move |code| Entry::Code(bus, code)));
    // The numbers of memories are listed with what each standard asks.
    let limits = sources()
        .filter(|bus| bus.name != ddr::INFO.name)
        .flat_map(|bus| unruled(bus).map(move |info| Entry::Limit(bus, info)));
    let memory = memory::rules().map(Entry::Memory).chain(memory::params().map(Entry::MemoryLimit));
    let memory = memory.chain(BreachKind::ALL.iter().copied().map(Entry::State));
    let memory = memory.chain(REMARKS.iter().map(Entry::OfMemory));
    let rest = CODES.iter().map(Entry::Complaint).chain(TOPICS.iter().map(Entry::Term));
    rules.chain(codes).chain(limits).chain(remarks().map(Entry::Remark)).chain(memory).chain(rest)
}

/// Parameters that parts state and that no rule is called by or made of.
fn unruled(bus: &'static BusInfo) -> impl Iterator<Item = &'static ParamInfo> {
    let is_ruled = |i: usize, info: &ParamInfo| {
        bus.rules.iter().any(|rule| rule.name == info.name || uses(rule, Param(i as u16)))
    };
    let unruled = bus.params.iter().enumerate().filter(move |(i, info)| !is_ruled(*i, info));
    unruled.map(|(_, info)| info)
}

/// Exact spelling first: data sheets tell names by case. Several buses may have a name in common.
fn find(code: &str) -> Result<Vec<Entry>, CliError> {
    let all = |is_meant: &dyn Fn(&str) -> bool| entries().filter(|entry| is_meant(entry.name())).collect();
    let exact: Vec<Entry> = all(&|name| name == code);
    let found = if exact.is_empty() { all(&|name| name.eq_ignore_ascii_case(code)) } else { exact };
    if found.is_empty() {
        let hint = Hint::nearest(code, entries().map(Entry::name));
        return Err(CliError::UnknownCode { code: code.into(), hint });
    }
    Ok(found)
}

/// Explains each, told apart by what it belongs to.
fn print(entries: &[Entry], out: &mut Out) -> io::Result<()> {
    for entry in entries {
        if entries.len() > 1 {
            writeln!(out, "{}", entry.section())?;
        }
        entry.print(out)?;
    }
    Ok(())
}

fn list(out: &mut Out) -> io::Result<()> {
    let entries: Vec<Entry> = entries().collect();
    for section in entries.chunk_by(|a, b| a.section() == b.section()) {
        writeln!(out, "{}", out.paint().ink(Ink::Frame, &section[0].section()))?;
        let wide = section.iter().map(|entry| entry.name().len()).max().unwrap_or(0);
        for entry in section {
            writeln!(out, "{}", hanging(&format!("  {:<wide$}  ", entry.name()), entry.summary()))?;
        }
    }
    Ok(())
}

impl Entry {
    fn name(self) -> &'static str {
        match self {
            Entry::Rule(_, rule) | Entry::Memory(rule) => rule.name,
            Entry::Code(_, code) | Entry::Complaint(code) | Entry::OfMemory(code) => code.code,
            Entry::Limit(_, info) | Entry::MemoryLimit(info) => info.name,
            Entry::State(kind) => kind.code(),
            Entry::Remark(remark) => remark.code,
            Entry::Term(topic) => topic.name,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Entry::Rule(_, rule) | Entry::Memory(rule) => rule.summary,
            Entry::Code(_, code) | Entry::Complaint(code) | Entry::OfMemory(code) => code.summary,
            Entry::Limit(_, info) | Entry::MemoryLimit(info) => info.summary,
            Entry::State(kind) => kind.summary(),
            Entry::Remark(remark) => remark.summary,
            Entry::Term(topic) => topic.summary,
        }
    }

    fn section(self) -> String {
        match self {
            Entry::Rule(bus, _) => format!("timing rules of {}", bus.name),
            Entry::Code(bus, _) => format!("what is odd on {}", bus.name),
            Entry::Limit(bus, _) => format!("limits of {} that no rule judges", bus.name),
            Entry::Memory(_) => "timing rules of ddr".into(),
            Entry::MemoryLimit(_) => "limits of ddr that no rule is called by".into(),
            Entry::State(_) => "what the state of ddr forbids".into(),
            Entry::Remark(_) | Entry::OfMemory(_) => "what devices remark".into(),
            Entry::Complaint(_) => "what is wrong with a vector's run".into(),
            Entry::Term(_) => "terms of reports".into(),
        }
    }

    fn print(self, out: &mut Out) -> io::Result<()> {
        let name = out.paint().ink(Ink::Frame, self.name());
        let head = hanging(&format!("{}: ", self.name()), self.summary());
        writeln!(out, "{}\n", head.replacen(self.name(), &name, 1))?;
        write!(out, "{}", piece::text(&self.pieces()))
    }

    /// What there is to say, behind the name and the summary.
    fn pieces(self) -> Vec<Piece> {
        match self {
            Entry::Rule(bus, rule) => about_rule(bus, rule),
            Entry::Code(_, code) | Entry::Complaint(code) | Entry::OfMemory(code) => {
                vec![Piece::Paragraph(code.explanation)]
            }
            Entry::Limit(bus, info) => vec![
                Piece::Paragraph("No rule judges it by itself."),
                limits(bus, |limit| limit.info.name == info.name),
            ],
            Entry::Memory(rule) => memory::about_rule(rule),
            Entry::MemoryLimit(info) => memory::about_param(info),
            Entry::State(kind) => vec![Piece::Paragraph(kind.explanation())],
            Entry::Remark(remark) => vec![Piece::Paragraph(remark.explanation)],
            Entry::Term(topic) => vec![Piece::Paragraph(topic.text)],
        }
    }
}

fn about_rule(bus: &BusInfo, rule: &'static Rule) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if let Kind::Between { from, to, nth, .. } = rule.kind {
        let which = if nth > 1 { format!(" ({nth} events back)") } else { String::new() };
        pieces.push(Piece::row("from", names(bus, from) + &which));
        pieces.push(Piece::row("to", names(bus, to)));
    }
    pieces.push(Piece::row("limit", limit(bus, rule)));
    pieces.push(Piece::row("source", rule.source));
    pieces.push(Piece::row("cause", rule.cause));
    pieces.push(limits(bus, |limit| uses(rule, limit.param)));
    pieces
}

/// True if the parameter is in the limit of the rule.
fn uses(rule: &Rule, wanted: Param) -> bool {
    let terms = rule.bound().map_or(&[] as &[Term], |bound| bound.terms());
    terms.iter().any(|term| matches!(term, Term::Scaled { param, .. } if *param == wanted))
}

/// The names of events, as a sentence has them.
fn names(bus: &BusInfo, set: EventSet) -> String {
    let named = bus.events.iter().enumerate().filter(|(i, _)| set.contains(EventKind(*i as u8)));
    named.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

/// The limit as a sum of parameters.
fn limit(bus: &BusInfo, rule: &Rule) -> String {
    let Some(bound) = rule.bound() else { return "a budget".into() };
    let side = match bound {
        busproof_core::timing::Bound::Min(_) => "at least",
        busproof_core::timing::Bound::Max(_) => "at most",
    };
    let terms: Vec<String> = bound.terms().iter().map(|term| spelled(bus, *term)).collect();
    format!("{side} {}", terms.join(" + "))
}

fn spelled(bus: &BusInfo, term: Term) -> String {
    match term {
        Term::Fixed(1) => "1 fs: not at the same instant".into(),
        Term::Fixed(n) => n.to_string(),
        Term::Scaled { num, den, param } => {
            let factor = match (num, den) {
                (1, 1) => String::new(),
                (num, 1) => format!("{num} x "),
                (num, den) => format!("{num}/{den} x "),
            };
            // The value of a frequency is its period.
            let is_period =
                bus.params.get(usize::from(param.0)).is_some_and(|p| p.quantity == Quantity::Frequency);
            factor + if is_period { "1 / " } else { "" } + name(bus, usize::from(param.0))
        }
    }
}

/// The parameter's name, or in words what it is that options give.
fn name(bus: &BusInfo, param: usize) -> &'static str {
    let stated = bus.params.get(param).map(ddr::pins::rules::short);
    let derived = || param.checked_sub(bus.params.len()).and_then(|i| bus.derived.get(i).copied());
    stated.or_else(derived).unwrap_or("what the bus asks for")
}

/// What the known parts say of the limits that are meant.
fn limits(bus: &BusInfo, is_meant: impl Fn(&Limit) -> bool) -> Piece {
    let parts = catalog::list().iter().filter(|part| part.bus() == bus.name);
    let all = parts.flat_map(|part| part.limits().iter().map(move |limit| (part, limit)));
    let row =
        |(part, limit): (&Arc<Part>, &Limit)| [part.name().into(), limit.text.clone(), limit.cite.clone()];
    Piece::Limits(all.filter(|(_, limit)| is_meant(limit)).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_once() {
        let mut names: Vec<(&str, String)> = entries().map(|entry| (entry.name(), entry.section())).collect();
        let count = names.len();
        assert!(names.iter().all(|(name, _)| find(name).is_ok()));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    /// Nothing of DDR memory is left unexplained.
    #[test]
    fn every_rule_of_a_memory_is_explained() {
        for rule in busproof_core::bus::ddr::Standard::ALL.iter().flat_map(|standard| standard.rules()) {
            assert!(
                find(rule.name)
                    .is_ok_and(|found| found.iter().any(|entry| matches!(entry, Entry::Memory(_))))
            );
        }
        for kind in BreachKind::ALL {
            assert!(find(kind.code()).is_ok() && kind.explanation().len() > kind.summary().len());
        }
    }

    #[test]
    fn upper_and_lower_case_are_one_unless_both_are_known() {
        assert_eq!(find("tclh").map(|found| found[0].name()).unwrap_or_default(), "tCLH");
        let error = find("tCLHH").err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains("did you mean `tCLH`"), "{error}");
    }
}
