//! Judges a stream of events.

use super::budget::Budget;
use super::event::{Class, Classes, Event, EventKind, EventSet, Place};
use super::gauge::{Gauge, doubt_in, measured};
use super::memory::{Glance, Here, Memory, Track, begins, ends, forgets};
use super::protocol::{Occurred, ProtocolCheck};
use super::report::{Hidden, Report, RuleReport, RuleState};
use super::rule::{Bound, Kind, Needs, Params, Point, Rule, Unit};
use super::tally::Tally;
use super::verdict::{Finding, Verdict};
use crate::log::Source;
use crate::time::{Span, Time};

/// What a [`Checker`] is to know of the stream of events.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckerOptions {
    /// Where the waveform is from: how exact its times are and what its levels show.
    pub source: Source,
    /// The point at which it was observed; rules about the other one are then not visible. `None`: there is one point
    /// only, and it serves for all rules.
    pub point: Option<Point>,
    /// How long a bit takes: needed to judge parts of it and rates where times are in doubt.
    pub unit_interval: Option<Span>,
    /// The checks of the protocol that the monitor makes; the report says which of them were put to the test.
    pub checks: &'static [ProtocolCheck],
    /// Kinds of event whose times are exact, however coarse those of the source are: edges of a clock whose period is a whole
    /// number of its time steps. What is measured between such is not in doubt.
    pub exact: EventSet,
}

impl From<Source> for CheckerOptions {
    /// Nothing is known but where the waveform is from.
    fn from(source: Source) -> CheckerOptions {
        CheckerOptions { source, ..CheckerOptions::default() }
    }
}

/// Judges a stream of events by a table of rules.
///
/// ```text
///   rules + params + options ──► Checker
///   events, in order of time ──►   │ ├──► findings, as they are known (a callback)
///                        finish ──►│ └──► report: per rule its state, counts and margin
/// ```
///
/// * Nothing is kept of the stream but the last events per rule and place, counts, and one distribution per rule: memory
///   is bounded by the bus.
/// * A finding comes with the event that ends the measured interval, in the order of the table where an event ends several;
///   waits that an event gives up come after what it measures.
/// * A minimum with `nth` 1 measures the closest pair: from the last `from` to the first `to` after it. A row keeps its
///   memory per group of places (see [`Scope`](super::Scope)), so a `from` that reaches several places is measured once
///   in each of them; one pair of events is one measurement, however many places it has in common.
/// * An event of a class in which a row does not hold is none of its events, with one exception: a maximum with
///   `class_of_from` measures from the last `from` of any class, and not at all if that is one of another class.
/// * A wait (`must_come`) is judged by what ends it: the `to`, or else the next `from`, a `reset` or the end of the stream
///   when that comes too late. So how often time is told never changes a finding.
/// * Sums are judged where the next one begins, each `of` bringing the doubt of one interval; budgets at each payment. What is
///   unfinished at the end is counted only if it is not kept so far.
/// * Intervals above 2^63 - 1 fs (2 h 33 min) count as that long.
#[derive(Clone, Debug)]
pub struct Checker {
    rows: Vec<Row>,
    memory: Memory,
    /// What an event of each kind does.
    steps: Vec<Steps>,
    results: Vec<RuleReport>,
    checks: &'static [ProtocolCheck],
    occurred: Occurred,
    /// The rows that are budgets, which see every event.
    budgets: Vec<u32>,
    now: Time,
}

/// What an event does, by row in the order of the table.
#[derive(Clone, Debug)]
struct Steps {
    /// Rows for which it brings a measurement to its end.
    measure: Vec<Step>,
    /// Rows whose waits it ends without being what was waited for.
    give_up: Vec<Step>,
}

/// A row for which an event counts if it is of one of `classes`.
///
/// Most events repeat what was measured before: an interval of the same length, which kept the row. Such are counted here
/// and the row is not touched.
#[derive(Clone, Copy, Debug)]
struct Step {
    classes: Classes,
    row: u32,
    glance: Option<Glance>,
    run: Run,
}

/// Repetitions of an interval that are not yet counted in the row.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    /// The length, if it was kept.
    length: Option<Span>,
    times: u64,
}

/// A rule that can be judged.
#[derive(Clone, Debug)]
struct Row {
    watch: Watch,
    judge: Judge,
}

/// What a row remembers, by its kind.
#[derive(Clone, Debug)]
enum Watch {
    Between(Track),
    Measure,
    Sum(Sum),
    Budget(Budget),
}

/// The open sum of a `Sum` row.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    since: Option<Time>,
    place: Place,
    total: i64,
    parts: u32,
}

/// Judges and counts the measurements of a row.
#[derive(Clone, Debug)]
struct Judge {
    rule: &'static Rule,
    /// Its place in the report.
    result: usize,
    gauge: Gauge,
    grid: Span,
    /// What keeps the rule is told, too.
    is_traced: bool,
    tally: Tally,
}

/// An interval with the value measured in it.
#[derive(Clone, Copy, Debug)]
struct Measured {
    from: Time,
    to: Time,
    value: i64,
    limit: i64,
    place: Place,
}

impl Checker {
    /// A checker by `rules` with the limits that follow from `params`.
    ///
    /// # Panics
    /// If a row makes no sense: `nth` is 0, a scope has no such level, or `must_come` stands with a minimum, with `nth`
    /// above 1 or with scope `Other`.
    pub fn new(
        rules: impl IntoIterator<Item = &'static Rule>,
        params: &Params,
        options: &CheckerOptions,
    ) -> Checker {
        let rules: Vec<&'static Rule> = rules.into_iter().collect();
        let (memory, tracks) = Memory::of(&rules);
        let mut results = Vec::new();
        let mut rows: Vec<Row> = Vec::new();
        for (rule, track) in rules.into_iter().zip(tracks) {
            let (result, row) = compile(rule, track, results.len(), params, options);
            results.push(result);
            rows.extend(row);
        }
        let is_budget = |row: &Row| matches!(row.watch, Watch::Budget(_));
        let budgets = (0u32..).zip(&rows).filter(|(_, row)| is_budget(row)).map(|(i, _)| i).collect();
        let steps = (0..64).map(|kind| Steps::of(&rows, EventKind(kind))).collect();
        let (checks, occurred) = (options.checks, Occurred::default());
        Checker { rows, memory, steps, results, checks, occurred, budgets, now: Time::ZERO }
    }

    /// From now on every measurement of the rules called `name` is a finding, also those that keep the rule.
    pub fn trace(&mut self, name: &str) {
        for (i, row) in (0u32..).zip(&mut self.rows).filter(|(_, row)| row.judge.rule.name == name) {
            row.judge.is_traced = true;
            // Repetitions are no longer counted only.
            let steps = self.steps.iter_mut().flat_map(|steps| &mut steps.measure);
            steps.filter(|step| step.row == i).for_each(|step| step.glance = None);
        }
    }

    /// The next event; `found` is called for each finding.
    ///
    /// Events come in order of time; one that comes late counts as simultaneous with what it is measured against.
    #[inline]
    pub fn event(&mut self, event: Event, found: &mut impl FnMut(Finding)) {
        self.occurred.note(&event);
        if !self.rows.is_empty() {
            self.judge(event, found);
        }
    }

    fn judge(&mut self, event: Event, found: &mut impl FnMut(Finding)) {
        self.now = self.now.max(event.time);
        for &row in &self.budgets {
            if let Watch::Budget(budget) = &mut self.rows[row as usize].watch {
                budget.see(&event);
            }
        }
        self.memory.turn_to(event.place);
        if let Some(steps) = self.steps.get_mut(event.kind.0 as usize) {
            for step in steps.measure.iter_mut().filter(|step| step.classes.contains(event.class)) {
                step.measure(&event, &self.memory, &mut self.rows, found);
            }
            for step in steps.give_up.iter().filter(|step| step.classes.contains(event.class)) {
                self.rows[step.row as usize].give_up(event.time, &self.memory, found);
            }
        }
        self.memory.store(&event);
    }

    /// Time has passed until `t` without an event.
    ///
    /// Nothing is judged by this: what waits is judged when it is known how long it waited.
    pub fn advance(&mut self, t: Time) {
        self.now = self.now.max(t);
    }

    /// The stream ends at `t`: judges what is still open.
    pub fn finish(mut self, t: Time, found: &mut impl FnMut(Finding)) -> Report {
        self.advance(t);
        for step in self.steps.iter_mut().flat_map(|steps| &mut steps.measure) {
            step.settle(&mut self.rows[step.row as usize]);
        }
        for mut row in self.rows {
            row.finish(self.now, &self.memory, found);
            self.results[row.judge.result].fill(row.judge.tally);
        }
        let checks = self.checks.iter().filter(|check| self.occurred.exercises(check));
        Report { rules: self.results, checks: checks.collect() }
    }
}

impl Steps {
    fn of(rows: &[Row], kind: EventKind) -> Steps {
        let steps = |classes: &dyn Fn(&Row) -> Classes| {
            let steps = rows.iter().enumerate().map(|(i, row)| Step::new(i, row, classes(row)));
            steps.filter(|step| step.classes != Classes::NONE).collect()
        };
        Steps { measure: steps(&|row| row.measures(kind)), give_up: steps(&|row| row.gives_up(kind)) }
    }
}

impl Step {
    fn new(i: usize, row: &Row, classes: Classes) -> Step {
        let glance = if let Watch::Between(track) = &row.watch { track.glance() } else { None };
        Step { classes, row: i as u32, glance, run: Run::default() }
    }

    #[inline]
    fn measure(&mut self, event: &Event, memory: &Memory, rows: &mut [Row], found: &mut impl FnMut(Finding)) {
        match self.glance.filter(|glance| glance.depth as usize <= memory.here().named()) {
            Some(glance) => {
                let Some(from) = glance.begin(memory, memory.here()) else { return };
                let length = event.time.since(from);
                if self.run.length == Some(length) {
                    self.run.times += 1;
                } else {
                    self.measure_anew(from, event, rows, found);
                }
            }
            None => rows[self.row as usize].measure(event, memory, found),
        }
    }

    #[inline(never)]
    fn measure_anew(&mut self, from: Time, event: &Event, rows: &mut [Row], found: &mut impl FnMut(Finding)) {
        let row = &mut rows[self.row as usize];
        self.settle(row);
        if row.judge.interval(from, event.time, event.place, found) == Verdict::Kept {
            self.run.length = Some(event.time.since(from));
        }
    }

    /// Counts the repetitions in the row.
    fn settle(&mut self, row: &mut Row) {
        let run = std::mem::take(&mut self.run);
        if let Some(length) = run.length {
            let slack = row.judge.gauge.slack(measured(length));
            row.judge.tally.count(slack, Verdict::Kept, run.times);
        }
    }
}

/// The empty result of a rule and, if it can be judged, its row.
fn compile(
    rule: &'static Rule,
    track: Option<Track>,
    result: usize,
    params: &Params,
    options: &CheckerOptions,
) -> (RuleReport, Option<Row>) {
    let budget = Budget::new(rule, params);
    let limit = match rule.bound() {
        Some(bound) => params.sum(bound.terms()),
        None => budget.as_ref().map(Budget::limit),
    };
    let (state, row) =
        match limit.ok_or(RuleState::NoLimit).and_then(|limit| Ok((limit, doubt(rule, options)?))) {
            Ok((limit, grid)) => {
                let source = source_of(rule, options);
                let judge = Judge::new(rule, result, Gauge::new(bound(rule), limit, grid), source);
                (RuleState::NeverExercised, Some(Row { watch: Watch::new(rule, track, budget), judge }))
            }
            Err(state) => (state, None),
        };
    (RuleReport::new(rule, state, limit, params.cite(terms(rule))), row)
}

/// The bound of a row; of a budget the latest payment.
fn bound(rule: &Rule) -> Bound {
    rule.bound().unwrap_or(Bound::Max(&[]))
}

fn terms(rule: &Rule) -> &'static [super::Term] {
    match rule.kind {
        Kind::Budget { period, .. } => period,
        _ => bound(rule).terms(),
    }
}

/// How exact the times are between which `rule` measures.
fn source_of(rule: &Rule, options: &CheckerOptions) -> Source {
    let is_exact = rule.events().intersection(options.exact) == rule.events();
    if is_exact { Source::Run } else { options.source }
}

/// The doubt in what `rule` measures, in its unit; why not, if it cannot be measured.
fn doubt(rule: &Rule, options: &CheckerOptions) -> Result<i64, RuleState> {
    let hidden = |why| Err(RuleState::NotVisible(why));
    if options.point.is_some_and(|point| point != rule.at) {
        return hidden(Hidden::OtherPoint);
    }
    if rule.needs == Needs::FourStates && matches!(options.source, Source::Recording { .. }) {
        return hidden(Hidden::TwoLevels);
    }
    match source_of(rule, options).grid() {
        None if rule.unit() == Unit::Count => Ok(0),
        None => hidden(Hidden::UnknownGrid),
        Some(grid) => doubt_in(rule.unit(), grid, options.unit_interval)
            .ok_or(RuleState::NotVisible(Hidden::UnknownUnitInterval)),
    }
}

impl Row {
    /// The classes of `kind` that bring a measurement to its end.
    fn measures(&self, kind: EventKind) -> Classes {
        let rule = self.judge.rule;
        let classes = |counts| if counts { rule.classes } else { Classes::NONE };
        match rule.kind {
            Kind::Between { .. } => ends(rule, kind),
            Kind::Measure { quantity, .. } => classes(quantity == kind),
            Kind::Sum { within, .. } if within.contains(kind) => Classes::ANY,
            Kind::Sum { of, .. } => classes(of == kind),
            Kind::Budget { pays, .. } => classes(pays.iter().any(|&(payer, _)| payer == kind)),
        }
    }

    /// The classes of `kind` that end a wait without being what was waited for.
    fn gives_up(&self, kind: EventKind) -> Classes {
        let rule = self.judge.rule;
        match rule.kind {
            Kind::Between { must_come: true, .. } => {
                let ended = begins(rule, kind).union(forgets(rule, kind));
                ended.intersection(ends(rule, kind).complement())
            }
            _ => Classes::NONE,
        }
    }

    #[inline(never)]
    fn measure(&mut self, event: &Event, memory: &Memory, found: &mut impl FnMut(Finding)) {
        let judge = &mut self.judge;
        match &mut self.watch {
            Watch::Between(track) => track.ended(memory, memory.here(), |mark| {
                let place = if track.tells_apart(memory.here()) { mark.place } else { event.place };
                judge.interval(mark.time, event.time, place, found);
            }),
            Watch::Measure => judge.measure(event, found),
            Watch::Sum(sum) => sum.event(event, judge, found),
            Watch::Budget(budget) => judge.payment(budget, event, found),
        }
    }

    #[inline(never)]
    fn give_up(&mut self, now: Time, memory: &Memory, found: &mut impl FnMut(Finding)) {
        if let Watch::Between(track) = &self.watch {
            self.judge.overdue(track, memory, memory.here(), now, found);
        }
    }

    fn finish(&mut self, now: Time, memory: &Memory, found: &mut impl FnMut(Finding)) {
        let judge = &mut self.judge;
        match &mut self.watch {
            Watch::Between(track) if judge.rule.must_come() => {
                judge.overdue(track, memory, &memory.everywhere(), now, found);
            }
            Watch::Between(_) | Watch::Measure => {}
            Watch::Sum(sum) => sum.finish(now, judge, found),
            Watch::Budget(budget) => judge.arrears(budget, now, found),
        }
    }
}

impl Watch {
    fn new(rule: &Rule, track: Option<Track>, budget: Option<Budget>) -> Watch {
        match rule.kind {
            Kind::Between { .. } => Watch::Between(track.expect("a `Between` row has a track")),
            Kind::Measure { .. } => Watch::Measure,
            Kind::Sum { .. } => Watch::Sum(Sum::default()),
            Kind::Budget { .. } => Watch::Budget(budget.expect("a budget with a limit has a period")),
        }
    }
}

impl Sum {
    /// First the value belongs to the sum so far, then a new sum may begin.
    fn event(&mut self, event: &Event, judge: &mut Judge, found: &mut impl FnMut(Finding)) {
        let Kind::Sum { of, within, .. } = judge.rule.kind else { return };
        if of == event.kind && judge.holds_for(event.class) {
            self.since.get_or_insert(event.time);
            self.place = event.place;
            self.total = self.total.saturating_add(event.value);
            self.parts = self.parts.saturating_add(1);
        }
        if within.contains(event.kind) {
            self.close(event.time, Open::Complete, judge, found);
            *self = Sum { since: Some(event.time), ..Sum::default() };
        }
    }

    fn finish(&mut self, now: Time, judge: &mut Judge, found: &mut impl FnMut(Finding)) {
        self.close(now, Open::Unfinished, judge, found);
    }

    fn close(&self, now: Time, open: Open, judge: &mut Judge, found: &mut impl FnMut(Finding)) {
        let Some(from) = self.since.filter(|_| self.parts > 0) else { return };
        let limit = judge.gauge.limit;
        let measured = Measured { from, to: now, value: self.total, limit, place: self.place };
        let slack = judge.gauge.slack(self.total);
        judge.decide(measured, slack, judge.gauge.verdict(slack, self.parts), open, found);
    }
}

/// Whether a measurement is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// It is.
    Complete,
    /// It goes on: what is kept so far may yet be broken and is not counted.
    Unfinished,
}

impl Judge {
    fn new(rule: &'static Rule, result: usize, gauge: Gauge, source: Source) -> Judge {
        let grid = source.grid().unwrap_or(Span::ZERO);
        let gauge = gauge.with_instants(rule, source);
        Judge { rule, result, gauge, grid, is_traced: false, tally: Tally::default() }
    }

    fn holds_for(&self, class: Class) -> bool {
        self.rule.classes.contains(class)
    }

    /// The interval between two events.
    fn interval(&mut self, from: Time, to: Time, place: Place, found: &mut impl FnMut(Finding)) -> Verdict {
        let (value, limit) = (measured(to.since(from)), self.gauge.limit);
        let (slack, verdict) = (self.gauge.slack(value), self.gauge.verdict_between(value));
        self.decide(Measured { from, to, value, limit, place }, slack, verdict, Open::Complete, found);
        verdict
    }

    /// The value that an event carries; a duration ends with its event.
    fn measure(&mut self, event: &Event, found: &mut impl FnMut(Finding)) {
        let (to, value) = (event.time, event.value);
        let length = if self.rule.unit() == Unit::Fs { value.max(0).unsigned_abs() } else { 0 };
        let (from, limit) = (to.saturating_sub(Span::from_fs(length)), self.gauge.limit);
        let measured = Measured { from, to, value, limit, place: event.place };
        let slack = self.gauge.slack(value);
        self.decide(measured, slack, self.gauge.verdict(slack, 1), Open::Complete, found);
    }

    fn payment(&mut self, budget: &mut Budget, event: &Event, found: &mut impl FnMut(Finding)) {
        let paid = budget.pay(event.kind, event.place, event.time);
        let (from, limit, place) = (paid.due, paid.limit, event.place);
        let measured = Measured { from, to: event.time, value: paid.lag, limit, place };
        self.decide(measured, paid.slack, self.gauge.verdict(paid.slack, 1), Open::Complete, found);
    }

    /// What is owed at the end.
    fn arrears(&mut self, budget: &Budget, now: Time, found: &mut impl FnMut(Finding)) {
        for (place, owed) in budget.owed(now) {
            // At the end one can be too late only: a next payment that would be too early is simply not made yet.
            let slack = self.gauge.slack(owed.lag);
            let measured =
                Measured { from: owed.due, to: now, value: owed.lag, limit: self.gauge.limit, place };
            self.decide(measured, slack, self.gauge.verdict(slack, 1), Open::Unfinished, found);
        }
    }

    /// The waits that end without what they waited for.
    fn overdue(
        &mut self,
        track: &Track,
        memory: &Memory,
        here: &Here,
        now: Time,
        found: &mut impl FnMut(Finding),
    ) {
        track.open(memory, here, |mark| {
            let value = measured(now.since(mark.time));
            let (from, limit, place) = (mark.time, self.gauge.limit, mark.place);
            let measured = Measured { from, to: now, value, limit, place };
            let verdict = self.gauge.verdict_between(value);
            self.decide(measured, self.gauge.slack(value), verdict, Open::Unfinished, found);
        });
    }

    fn decide(
        &mut self,
        measured: Measured,
        slack: i64,
        verdict: Verdict,
        open: Open,
        found: &mut impl FnMut(Finding),
    ) {
        let Measured { from, to, value, limit, place } = measured;
        if verdict == Verdict::Kept && open == Open::Unfinished {
            return;
        }
        if verdict != Verdict::Kept || self.is_traced {
            let (rule, grid) = (self.rule, self.grid);
            found(Finding { rule, verdict, from, to, measured: value, limit, grid, place });
        }
        self.tally.record(slack, verdict, from, to);
    }
}
