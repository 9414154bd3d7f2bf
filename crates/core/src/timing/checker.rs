//! Judges a stream of events.

use super::budget::Budget;
use super::event::{Class, Event, EventSet, Place};
use super::gauge::{Gauge, doubt_in, measured};
use super::groups::{Birth, Groups, Reach};
use super::report::{Hidden, Report, RuleReport, RuleState};
use super::rule::{Bound, Kind, Needs, Params, Point, Rule, Unit};
use super::tally::Tally;
use super::track::{Mark, Roles, Track};
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
/// * A finding comes with the event that ends the measured interval, in the order of the table where an event ends several.
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
    /// What to do about an event of each kind.
    steps: Vec<Vec<Step>>,
    groups: Groups,
    results: Vec<RuleReport>,
    /// There are budgets, which begin with the first event of any kind.
    budgets_wait: bool,
    /// The number of the last event, from 1.
    seq: u64,
    now: Time,
}

/// A row and what an event is to it.
#[derive(Clone, Copy, Debug)]
struct Step {
    row: usize,
    roles: Roles,
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
    Between { track: Track, must_come: bool },
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
        let mut results = Vec::new();
        let mut rows: Vec<Row> = Vec::new();
        for rule in rules {
            let (result, row) = compile(rule, results.len(), params, options);
            results.push(result);
            rows.extend(row);
        }
        let depth = rows.iter().filter_map(Row::track).map(Track::depth).max().unwrap_or(0);
        let budgets_wait = rows.iter().any(|row| matches!(row.watch, Watch::Budget(_)));
        let steps = (0..64).map(|kind| steps(&rows, super::EventKind(kind))).collect();
        Checker { rows, steps, groups: Groups::new(depth), results, budgets_wait, seq: 0, now: Time::ZERO }
    }

    /// The next event; `found` is called for each finding.
    ///
    /// Events come in order of time; one that comes late counts as simultaneous with what it is measured against.
    pub fn event(&mut self, event: Event, found: &mut impl FnMut(Finding)) {
        self.seq += 1;
        self.now = self.now.max(event.time);
        let reach = self.groups.reach(event.place);
        if let Some(births) = self.groups.births() {
            self.rows.iter_mut().for_each(|row| row.grow(&births));
        }
        if self.budgets_wait {
            self.start_budgets(event.time);
        }
        for step in self.steps.get(event.kind.0 as usize).map_or(&[][..], Vec::as_slice) {
            self.rows[step.row].event(
                &event,
                step.roles,
                At { groups: &self.groups, reach, seq: self.seq },
                found,
            );
        }
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
        for mut row in self.rows {
            row.finish(self.now, &self.groups, found);
            self.results[row.judge.result].fill(row.judge.tally);
        }
        Report { rules: self.results }
    }

    #[cold]
    fn start_budgets(&mut self, now: Time) {
        self.budgets_wait = false;
        for row in &mut self.rows {
            if let Watch::Budget(budget) = &mut row.watch {
                budget.start(now);
            }
        }
    }
}

/// Where an event is, and which one it is.
#[derive(Clone, Copy)]
struct At<'a> {
    groups: &'a Groups,
    reach: Reach,
    seq: u64,
}

/// The steps of an event of `kind`.
fn steps(rows: &[Row], kind: super::EventKind) -> Vec<Step> {
    let steps = rows.iter().enumerate().map(|(i, row)| Step { row: i, roles: row.roles(kind) });
    steps.filter(|step| step.roles.to || step.roles.from || step.roles.reset).collect()
}

/// The empty result of a rule and, if it can be judged, its row.
fn compile(
    rule: &'static Rule,
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
                let judge = Judge::new(rule, result, Gauge::new(bound(rule), limit, grid), options.source);
                (RuleState::NeverExercised, Some(Row { watch: Watch::new(rule, budget), judge }))
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

/// The doubt in what `rule` measures, in its unit; why not, if it cannot be measured.
fn doubt(rule: &Rule, options: &CheckerOptions) -> Result<i64, RuleState> {
    let hidden = |why| Err(RuleState::NotVisible(why));
    if options.point.is_some_and(|point| point != rule.at) {
        return hidden(Hidden::OtherPoint);
    }
    if rule.needs == Needs::FourStates && matches!(options.source, Source::Recording { .. }) {
        return hidden(Hidden::TwoLevels);
    }
    match options.source.grid() {
        None if rule.unit() == Unit::Count => Ok(0),
        None => hidden(Hidden::UnknownGrid),
        Some(grid) => doubt_in(rule.unit(), grid, options.unit_interval)
            .ok_or(RuleState::NotVisible(Hidden::UnknownUnitInterval)),
    }
}

impl Row {
    fn track(&self) -> Option<&Track> {
        match &self.watch {
            Watch::Between { track, .. } => Some(track),
            _ => None,
        }
    }

    fn grow(&mut self, births: &[Birth]) {
        if let Watch::Between { track, .. } = &mut self.watch {
            track.grow(births);
        }
    }

    fn roles(&self, kind: super::EventKind) -> Roles {
        let to = |set: EventSet| set.contains(kind);
        match self.judge.rule.kind {
            Kind::Between { .. } => self.track().map_or(Roles::default(), |track| track.roles(kind)),
            Kind::Measure { quantity, .. } => Roles { to: quantity == kind, ..Roles::default() },
            Kind::Sum { of, within, .. } => Roles { to: of == kind, reset: to(within), from: false },
            Kind::Budget { event, .. } => Roles { to: event == kind, ..Roles::default() },
        }
    }

    #[inline]
    fn event(&mut self, event: &Event, roles: Roles, at: At<'_>, found: &mut impl FnMut(Finding)) {
        let judge = &mut self.judge;
        match &mut self.watch {
            Watch::Between { track, must_come } => {
                let roles = track.narrow(roles, event.class);
                between(track, *must_come, judge, event, roles, at, found);
            }
            Watch::Measure => judge.measure(event, found),
            Watch::Sum(sum) => sum.event(event, roles, judge, found),
            Watch::Budget(budget) => judge.payment(budget, event, found),
        }
    }

    fn finish(&mut self, now: Time, groups: &Groups, found: &mut impl FnMut(Finding)) {
        let judge = &mut self.judge;
        match &mut self.watch {
            Watch::Between { track, must_come: true } => judge.overdue(track, groups, Reach::ALL, now, found),
            Watch::Between { .. } | Watch::Measure => {}
            Watch::Sum(sum) => sum.finish(now, judge, found),
            Watch::Budget(budget) => judge.arrears(budget, now, found),
        }
    }
}

/// An event of a `Between` row: ends intervals, makes the row forget, begins one, in this order.
#[inline]
fn between(
    track: &mut Track,
    must_come: bool,
    judge: &mut Judge,
    event: &Event,
    roles: Roles,
    at: At<'_>,
    found: &mut impl FnMut(Finding),
) {
    if roles.to {
        let several = at.reach.named < track.depth();
        track.end(at.groups, at.reach, at.seq, |mark| {
            let place = if several { mark.place } else { event.place };
            judge.interval(mark.time, event.time, place, found);
        });
    }
    if must_come && (roles.reset || roles.from) {
        judge.overdue(track, at.groups, at.reach, event.time, found);
    }
    if roles.reset {
        track.clear(at.groups, at.reach);
    }
    if roles.from {
        track.begin(at.groups, at.reach, Mark::of(event, at.seq));
    }
}

impl Watch {
    fn new(rule: &'static Rule, budget: Option<Budget>) -> Watch {
        match rule.kind {
            Kind::Between { must_come, .. } => {
                let track = Track::new(rule).expect("a `Between` row has a track");
                Watch::Between { track, must_come }
            }
            Kind::Measure { .. } => Watch::Measure,
            Kind::Sum { .. } => Watch::Sum(Sum::default()),
            Kind::Budget { .. } => Watch::Budget(budget.expect("a budget with a limit has a period")),
        }
    }
}

impl Sum {
    /// First the value belongs to the sum so far, then a new sum may begin.
    fn event(&mut self, event: &Event, roles: Roles, judge: &mut Judge, found: &mut impl FnMut(Finding)) {
        if roles.to && judge.holds_for(event.class) {
            self.since.get_or_insert(event.time);
            self.place = event.place;
            self.total = self.total.saturating_add(event.value);
            self.parts = self.parts.saturating_add(1);
        }
        if roles.reset {
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
        Judge { rule, result, gauge: gauge.with_instants(rule, source), grid, tally: Tally::default() }
    }

    fn holds_for(&self, class: Class) -> bool {
        self.rule.classes.contains(class)
    }

    /// The interval between two events.
    #[inline]
    fn interval(&mut self, from: Time, to: Time, place: Place, found: &mut impl FnMut(Finding)) {
        let value = measured(to.since(from));
        if !self.tally.repeats(self.gauge.slack(value)) {
            self.interval_anew(Measured { from, to, value, limit: self.gauge.limit, place }, found);
        }
    }

    #[inline(never)]
    fn interval_anew(&mut self, measured: Measured, found: &mut impl FnMut(Finding)) {
        let verdict = self.gauge.verdict_between(measured.value);
        self.decide(measured, self.gauge.slack(measured.value), verdict, Open::Complete, found);
    }

    /// The value that an event carries; a duration ends with its event.
    fn measure(&mut self, event: &Event, found: &mut impl FnMut(Finding)) {
        if !self.holds_for(event.class) {
            return;
        }
        let (to, value) = (event.time, event.value);
        let length = if self.rule.unit() == Unit::Fs { value.max(0).unsigned_abs() } else { 0 };
        let (from, limit) = (to.saturating_sub(Span::from_fs(length)), self.gauge.limit);
        let measured = Measured { from, to, value, limit, place: event.place };
        let slack = self.gauge.slack(value);
        if !self.tally.repeats(slack) {
            self.decide(measured, slack, self.gauge.verdict(slack, 1), Open::Complete, found);
        }
    }

    fn payment(&mut self, budget: &mut Budget, event: &Event, found: &mut impl FnMut(Finding)) {
        if !self.holds_for(event.class) {
            return;
        }
        let paid = budget.pay(event.place, event.time);
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
    #[inline(never)]
    fn overdue(
        &mut self,
        track: &Track,
        groups: &Groups,
        reach: Reach,
        now: Time,
        found: &mut impl FnMut(Finding),
    ) {
        track.open(groups, reach, |mark| {
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
        if verdict != Verdict::Kept {
            let (rule, grid) = (self.rule, self.grid);
            found(Finding { rule, verdict, from, to, measured: value, limit, grid, place });
        } else if open == Open::Unfinished {
            return;
        }
        self.tally.record(slack, verdict, from, to);
    }
}
