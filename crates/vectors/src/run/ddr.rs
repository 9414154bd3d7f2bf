//! DDR memories: commands are judged as they are written, requests are served by a controller whose commands are judged.

mod pins;

use std::ops::Range as Bytes;
use std::path::Path;
use std::sync::Arc;

use busproof_core::bus::ddr::Command;
use busproof_core::bus::ddr::rules::{PARAMS, T_BURST, T_RAS, T_RL, T_RP, T_WL, T_WR};
use busproof_core::bus::{Diagnostic, Severity};
use busproof_core::timing::{Kind, Param, Rule};
use busproof_dram::judge::{Breach, Judge, Judged, Line};
use busproof_dram::{Access, Controller, Issued, Observer, Request, Rows, Served};
use busproof_parts::memory::{self, Memory};

use super::bind::Unusable;
use super::judge::View;
use super::verdict::{Complaint, Seen};
use crate::compact::ddr::{Delay, Item, ItemKind, Order};
use crate::format::At;
use crate::format::compare::Range;
use crate::format::ddr::{Bench, Check, Distance, Figure, Found, Is, Work};
use crate::suggest;

/// What came of it.
pub(super) struct Outcome {
    /// As every bus has it.
    pub(super) seen: Seen,
    /// What is not as the check of the memory says.
    pub(super) complaints: Vec<Complaint>,
}

/// Does what is to be done, judges it, and compares it with the check; files are relative to `folder`.
pub(super) fn run(bench: &Bench, folder: &Path) -> Result<Outcome, Unusable> {
    let memory = part(&bench.part, folder)?;
    let memory = bench.ranks.and_then(|ranks| memory.with_ranks(ranks)).map_or(memory, Arc::new);
    let mut traffic = match &bench.work {
        Work::Commands(items) => Traffic { lines: lines(&memory, items)?, ..Traffic::default() },
        Work::Requests(items) => serve(bench, &memory, items)?,
    };
    for (number, line) in (1..).zip(&mut traffic.lines) {
        line.number = number;
    }
    let judge = Judge::new(&memory);
    let judged = judge.judge(&traffic.lines);
    let mut complaints = complaints(&bench.check, &bench.work, &traffic, &memory)?;
    if let Some(wanted) = &bench.check.read_back {
        complaints.extend(pins::read_back(wanted, &memory, &traffic.lines)?);
    }
    Ok(Outcome { seen: seen(&judge, judged, bench.check.expectations()), complaints })
}

fn part(name: &At<String>, folder: &Path) -> Result<Arc<Memory>, Unusable> {
    let is_path = Path::new(&name.value).extension().is_some_and(|ending| ending == "toml");
    let text = if is_path { folder.join(&name.value).display().to_string() } else { name.value.clone() };
    memory::open(&text).map_err(|error| Unusable::new(&name.span, error.to_string()))
}

/// What happened on the command bus, and what became of requests.
#[derive(Default)]
struct Traffic {
    lines: Vec<Line>,
    /// From arrival to the end of the data, of each read, in clocks.
    latencies: Vec<u64>,
    /// What requests waited for, in clocks.
    waits: Vec<(&'static str, u64)>,
    rows: Rows,
}

// Commands, as they are written.

/// The commands with their clocks: each follows the one before as its delay says, or as soon as the command bus is free.
fn lines(memory: &Memory, items: &[Item]) -> Result<Vec<Line>, Unusable> {
    let standard = memory.standard();
    let mut lines: Vec<Line> = Vec::new();
    let mut wait: Option<i64> = None;
    for Item { span, kind } in items {
        match kind {
            ItemKind::Delay(delay) => *wait.get_or_insert(0) += clocks(memory, delay, span)?,
            ItemKind::Command(order) => {
                let lead = standard.lead(order.command).cast_signed();
                let begin = match (lines.last(), wait.take()) {
                    (None, wait) => wait.unwrap_or(0),
                    (Some(last), None) => (last.clock + standard.length(last.command)).cast_signed(),
                    (Some(last), Some(wait)) => {
                        (last.clock + standard.lead(last.command)).cast_signed() + wait - lead
                    }
                };
                let least = lines.last().map_or(0, |line| line.clock);
                let clock = u64::try_from(begin).ok().filter(|&clock| clock >= least);
                let early =
                    || Unusable::new(span, "this command would come before the one above; wait for longer");
                lines.push(line(order, clock.ok_or_else(early)?));
            }
            ItemKind::Read(_) | ItemKind::Write(_) => {}
        }
    }
    Ok(lines)
}

fn line(order: &Order, clock: u64) -> Line {
    let Order { command, rank, bank_group, bank, row, column } = *order;
    Line { clock, command, channel: 0, rank, bank_group, bank, row, column, number: 0 }
}

/// A delay in clocks, by a rule of the memory's standard or a number of its part.
fn clocks(memory: &Memory, delay: &Delay, span: &Bytes<usize>) -> Result<i64, Unusable> {
    let Some(name) = &delay.name else { return Ok(delay.clocks) };
    let params = memory.params_in_clocks();
    let rules = memory.standard().rules();
    let by_rule = rules.iter().find(|rule| rule.name == name).map(|rule| params.sum(terms(rule)));
    let number = || PARAMS.iter().position(|info| info.name == name);
    let by_number = || number().map(|index| params.get(Param(index as u16)).map(|param| param.value));
    match by_rule.or_else(by_number) {
        Some(Some(clocks)) => Ok(clocks.saturating_add(delay.clocks)),
        Some(None) => {
            let message =
                format!("`{}` states no number for `{name}`; write clocks, such as `17 nCK`", memory.name());
            Err(Unusable::new(span, message))
        }
        None => {
            let known = rules.iter().map(|rule| rule.name).chain(PARAMS.iter().map(|info| info.name));
            let hint = suggest::nearest(name, known)
                .map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            Err(Unusable::new(span, format!("`{name}` is no rule of {}{hint}", memory.standard().name())))
        }
    }
}

/// The summands of a rule's limit, or of the period of a budget.
fn terms(rule: &Rule) -> &'static [busproof_core::timing::Term] {
    match rule.kind {
        Kind::Budget { period, .. } => period,
        _ => rule.bound().map_or(&[], |bound| bound.terms()),
    }
}

// Requests, served by a controller.

fn serve(bench: &Bench, memory: &Arc<Memory>, items: &[Item]) -> Result<Traffic, Unusable> {
    let place = bench.map.as_ref().unwrap_or(&bench.span);
    let controller = Controller::new(memory, &bench.controller)
        .map_err(|error| Unusable::new(place, error.to_string()))?;
    let Arrivals { mut requests, end } = arrivals(memory, items)?;
    // A run ends when its last request is accepted: one more keeps it going until all others are served.
    let patience = patience(memory, requests.len() as u64 + 1);
    let is_said = end.is_some();
    let end = end.unwrap_or_else(|| requests.last().map_or(0, |request| request.at) + patience);
    requests.push(Request { at: end, ..Request::read(0) });
    let mut witness = Witness::default();
    let stats = controller.run_observed(requests, &mut witness);
    let Witness { mut traffic } = witness;
    if !is_said {
        // Refreshes behind the last data are of no interest.
        let last = traffic.lines.iter().rposition(|line| line.command.is_column()).map_or(0, |last| last + 1);
        traffic.lines.truncate(last);
    }
    traffic.latencies.sort_unstable();
    traffic.rows = stats.rows;
    Ok(traffic)
}

/// Requests, and how long to go on behind the last, if the vector says so.
struct Arrivals {
    requests: Vec<Request>,
    end: Option<u64>,
}

fn arrivals(memory: &Memory, items: &[Item]) -> Result<Arrivals, Unusable> {
    let mut requests = Vec::new();
    let (mut at, mut end) = (0u64, None);
    for Item { span, kind } in items {
        match kind {
            ItemKind::Delay(delay) => {
                let wait = u64::try_from(clocks(memory, delay, span)?);
                at +=
                    wait.map_err(|_| Unusable::new(span, "time does not go back; write a positive delay"))?;
                end = Some(at);
                continue;
            }
            ItemKind::Read(address) => requests.push(Request { at, ..Request::read(*address) }),
            ItemKind::Write(address) => {
                requests.push(Request { at, access: Access::Write, ..Request::read(*address) });
            }
            ItemKind::Command(_) => {}
        }
        end = None;
    }
    Ok(Arrivals { requests, end })
}

/// More clocks than so many requests can take, each of them of a bank whose row must be changed.
fn patience(memory: &Memory, requests: u64) -> u64 {
    let of_one: u64 =
        [T_RAS, T_RP, T_RL, T_WL, T_BURST, T_WR].iter().filter_map(|param| memory.clocks(*param)).sum();
    of_one * requests
}

/// Writes down what a controller does.
#[derive(Default)]
struct Witness {
    traffic: Traffic,
}

impl Observer for Witness {
    fn command(&mut self, issued: Issued) {
        let Issued { clock, command, channel, rank, bank_group, bank, row, column } = issued;
        let has_row = command == Command::Act || command.is_column();
        let column = command.is_column().then_some(column);
        let row = has_row.then_some(row);
        self.traffic.lines.push(Line {
            clock,
            command,
            channel,
            rank,
            bank_group,
            bank,
            row,
            column,
            number: 0,
        });
    }

    fn served(&mut self, request: Served<'_>) {
        if request.access == Access::Read {
            self.traffic.latencies.push(request.finished - request.arrived);
        }
        for (cause, clocks) in request.waits.iter() {
            let waits = &mut self.traffic.waits;
            match waits.iter_mut().find(|(name, _)| *name == cause.name()) {
                Some((_, sum)) => *sum += clocks,
                None => waits.push((cause.name(), clocks)),
            }
        }
    }
}

// What came of it.

fn seen(judge: &Judge, judged: Judged, compared: u64) -> Seen {
    let Judged { findings, breaches, report, commands } = judged;
    let diagnostics: Vec<Diagnostic> = breaches.iter().map(|breach| diagnostic(judge, breach)).collect();
    let view = View {
        items: commands,
        diagnostics: diagnostics.clone(),
        notes: Vec::new(),
        findings: findings.into_iter().map(|broken| broken.finding).collect(),
        report,
    };
    Seen { views: vec![view], places: vec![1], compared, diagnostics, ..Seen::default() }
}

fn diagnostic(judge: &Judge, breach: &Breach) -> Diagnostic {
    let Line { clock, command, rank, bank_group, bank, .. } = breach.line;
    let (from, to) = (judge.time(clock), judge.time(clock));
    let text = format!("{} ({command} to {rank} {bank_group} {bank} in clock {clock})", breach.kind);
    Diagnostic { code: breach.kind.code(), severity: Severity::Error, from, to, text }
}

/// What is not as the check says.
fn complaints(
    check: &Check,
    work: &Work,
    traffic: &Traffic,
    memory: &Memory,
) -> Result<Vec<Complaint>, Unusable> {
    if let (Work::Commands(_), Some(span)) = (work, of_requests(check)) {
        let message =
            "this is about requests to a controller, and commands are given instead; write such as `R 0x40`";
        return Err(Unusable::new(span, message));
    }
    let mut all: Vec<Complaint> = order(check, traffic).into_iter().collect();
    for distance in &check.distances {
        all.extend(apart(distance, traffic, memory)?);
    }
    all.extend(
        check.latency.iter().filter_map(|(figure, range)| latency(*figure, range, &traffic.latencies)),
    );
    for (cause, range) in &check.blame {
        let found =
            traffic.waits.iter().find(|(name, _)| *name == cause.value).map_or(0, |(_, clocks)| *clocks);
        all.extend(missed(&format!("waiting for {}", cause.value), found as f64, " nCK", range));
    }
    all.extend(check.rows.iter().filter_map(|(found, range)| rows(*found, range, traffic.rows)));
    Ok(all)
}

/// Where the check speaks of requests.
fn of_requests(check: &Check) -> Option<&Bytes<usize>> {
    let latency = check.latency.first().map(|(_, range)| &range.span);
    let blame = || check.blame.first().map(|(cause, _)| &cause.span);
    let rows = || check.rows.first().map(|(_, range)| &range.span);
    latency.or_else(blame).or_else(rows)
}

fn order(check: &Check, traffic: &Traffic) -> Option<Complaint> {
    let At { value: wanted, span } = check.commands.as_ref()?;
    let found: Vec<Command> = traffic.lines.iter().map(|line| line.command).collect();
    if *wanted == found {
        return None;
    }
    let words =
        |commands: &[Command]| commands.iter().map(|command| command.name()).collect::<Vec<_>>().join(" ");
    let same = wanted.iter().zip(&found).take_while(|(wanted, found)| wanted == found).count();
    let detail = vec![format!("expected {}", words(wanted)), format!("the first {same} are as expected")];
    let title = format!("the commands are {}", words(&found));
    Some(Complaint { detail, ..Complaint::new("commands", title).at(span) })
}

fn apart(distance: &Distance, traffic: &Traffic, memory: &Memory) -> Result<Option<Complaint>, Unusable> {
    let Distance { from, nth, to, is, limit } = distance;
    let wanted = clocks(memory, &limit.value, &limit.span)?;
    let complaint = |title| Some(Complaint::new("distance", title).at(&limit.span));
    let first = traffic.lines.iter().enumerate().filter(|(_, line)| line.command == *from).nth(*nth as usize);
    let Some((index, first)) = first else {
        return Ok(complaint(format!("there is no {from} number {nth}, counted from 0")));
    };
    let Some(second) = traffic.lines[index + 1..].iter().find(|line| line.command == *to) else {
        return Ok(complaint(format!("no {to} comes behind {from} number {nth}")));
    };
    let counts = |line: &Line| (line.clock + memory.standard().lead(line.command)).cast_signed();
    let found = counts(second) - counts(first);
    let (holds, words) = match is {
        Is::Equal => (found == wanted, "must be"),
        Is::AtLeast => (found >= wanted, "must be at least"),
        Is::AtMost => (found <= wanted, "must be at most"),
    };
    let title = || format!("{from} to {to} takes {found} nCK, {words} {wanted} ({})", limit.value);
    Ok(if holds { None } else { complaint(title()) })
}

fn latency(figure: Figure, range: &At<Range>, sorted: &[u64]) -> Option<Complaint> {
    let rank =
        |share: usize| sorted.get((sorted.len() * share).div_ceil(100).saturating_sub(1)).map(|&l| l as f64);
    let mean = || (!sorted.is_empty()).then(|| sorted.iter().sum::<u64>() as f64 / sorted.len() as f64);
    let (name, value) = match figure {
        Figure::Mean => ("the mean latency of reads", mean()),
        Figure::Min => ("the least latency of a read", rank(0)),
        Figure::P50 => ("the latency of half of the reads", rank(50)),
        Figure::P90 => ("the latency of nine reads of ten", rank(90)),
        Figure::Max => ("the greatest latency of a read", rank(100)),
    };
    match value {
        Some(value) => missed(name, value, " nCK", range),
        None => Some(
            Complaint::new("latency", format!("{name} does not exist: nothing was read")).at(&range.span),
        ),
    }
}

fn rows(found: Found, range: &At<Range>, rows: Rows) -> Option<Complaint> {
    let (name, count) = match found {
        Found::Hit => ("the number of row hits", rows.hit),
        Found::Miss => ("the number of row misses", rows.miss),
        Found::Conflict => ("the number of row conflicts", rows.conflict),
    };
    missed(name, count as f64, "", range)
}

/// A figure that is not in its range, whose ends are thousandths.
fn missed(name: &str, value: f64, unit: &str, range: &At<Range>) -> Option<Complaint> {
    let holds = range.value.contains(value * 1000.0);
    let title = || format!("{name} is {value}{unit}, must be {}", range.value.text);
    (!holds).then(|| Complaint::new("figure", title()).at(&range.span))
}
