//! What is known of the rules of DDR memory: each by the name that standards share, with what each of them asks.

use busproof_core::bus::ddr::rules::PARAMS;
use busproof_core::bus::ddr::{Command, Standard, pins};
use busproof_core::timing::{Bound, EventSet, Kind, Param, ParamInfo, Rule, Scope, Term};

use super::piece::Piece;

/// The rules, each name once: that of the first standard that has it.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    let all = || Standard::ALL.iter().flat_map(|standard| standard.rules());
    all()
        .enumerate()
        .filter(move |(i, rule)| !all().take(*i).any(|earlier| earlier.name == rule.name))
        .map(|(_, r)| r)
}

/// Parameters that no rule is called by.
pub(super) fn params() -> impl Iterator<Item = &'static ParamInfo> {
    let is_pin = |info: &&ParamInfo| pins::rules::RULES.iter().any(|rule| speaks_of(rule, info));
    PARAMS.iter().filter(move |info| rules().all(|rule| rule.name != info.name) && !is_pin(info))
}

/// What each standard asks under the name of a rule.
pub(super) fn about_rule(first: &Rule) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for standard in Standard::ALL {
        for rule in standard.rules().iter().filter(|rule| rule.name == first.name) {
            let differs = rule.summary != first.summary;
            let summary = if differs { format!(": {}", rule.summary) } else { String::new() };
            pieces.push(Piece::Head(format!("{}{summary}", standard.name())));
            pieces.extend(about_row(*standard, rule));
        }
    }
    pieces.push(Piece::row("cause", first.cause));
    let numbers = "`busproof part show NAME` lists those of a part, and where they are from";
    pieces.push(Piece::row("numbers", numbers));
    pieces
}

/// Which rules of which standards speak of a parameter.
pub(super) fn about_param(info: &ParamInfo) -> Vec<Piece> {
    let about = |standard: &Standard| {
        let rules = standard.rules().iter().filter(|rule| speaks_of(rule, info));
        let names: Vec<&str> = rules.map(|rule| rule.name).collect();
        (!names.is_empty()).then(|| Piece::row(standard.name(), names.join(", ")))
    };
    Standard::ALL.iter().filter_map(about).collect()
}

fn speaks_of(rule: &Rule, info: &ParamInfo) -> bool {
    terms(rule).iter().any(|term| matches!(term, Term::Scaled { param, .. } if name(*param) == info.name))
}

fn about_row(standard: Standard, rule: &'static Rule) -> Vec<Piece> {
    let mut pieces = Vec::new();
    match rule.kind {
        Kind::Between { from, nth, to, scope, .. } => {
            let back = if nth > 1 { format!(", {nth} commands back") } else { String::new() };
            pieces.push(Piece::inner("from", commands(standard, from) + &back));
            pieces.push(Piece::inner("to", format!("{}, {}", commands(standard, to), place(scope))));
        }
        Kind::Budget { pays, parts, behind, ahead, .. } => {
            let kinds = pays.iter().filter_map(|&(kind, worth)| Some((Command::of(kind)?, worth)));
            let kinds: Vec<String> = kinds.map(|(command, worth)| payment(command, worth, parts)).collect();
            pieces.push(Piece::inner("paid by", kinds.join(", ")));
            pieces.push(Piece::inner("leeway", format!("{behind} may be postponed, {ahead} pulled in")));
        }
        Kind::Measure { .. } | Kind::Sum { .. } => {}
    }
    pieces.push(Piece::inner("limit", limit(rule)));
    pieces.push(Piece::inner("source", rule.source));
    pieces
}

fn payment(command: Command, worth: u32, parts: u32) -> String {
    if worth == parts { command.to_string() } else { format!("{command} ({worth} of {parts} parts)") }
}

/// The commands of a set that the standard has.
fn commands(standard: Standard, set: EventSet) -> String {
    let has = |command: &&Command| {
        let either = set.contains(command.kind()) || set.contains(command.kind_at_banks());
        standard.has(**command) && either
    };
    Command::ALL.iter().filter(has).map(|command| command.name()).collect::<Vec<_>>().join(", ")
}

fn place(scope: Scope) -> &'static str {
    match scope {
        Scope::Same(0 | 1) => "on the channel",
        Scope::Same(2) => "in the same rank",
        Scope::Same(3) => "in the same bank group",
        Scope::Same(_) => "in the same bank",
        Scope::Other(_) => "in another rank",
    }
}

fn terms(rule: &Rule) -> &'static [Term] {
    match rule.kind {
        Kind::Budget { period, .. } => period,
        _ => rule.bound().map_or(&[], |bound| bound.terms()),
    }
}

/// `at least tRL + tBURST + 1 nCK - tWL`.
fn limit(rule: &Rule) -> String {
    let side = match rule.bound() {
        Some(Bound::Min(_)) => "at least ",
        Some(Bound::Max(_)) => "at most ",
        None => "each ",
    };
    let sum = terms(rule).iter().enumerate().map(|(i, term)| summand(i, *term));
    side.to_owned() + &sum.collect::<String>()
}

fn summand(i: usize, term: Term) -> String {
    let (number, text) = match term {
        Term::Fixed(fs) => (fs, format!("{} fs", fs.abs())),
        Term::Scaled { num, param, .. } if param == busproof_core::bus::ddr::rules::T_CK => {
            (num, format!("{} nCK", num.abs()))
        }
        Term::Scaled { num, param, .. } => (num, name(param).to_owned()),
    };
    match (i, number < 0) {
        (0, false) => text,
        (_, false) => format!(" + {text}"),
        (_, true) => format!(" - {text}"),
    }
}

fn name(param: Param) -> &'static str {
    PARAMS.get(usize::from(param.0)).map_or("?", |info| info.name)
}
