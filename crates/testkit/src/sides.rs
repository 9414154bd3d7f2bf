//! A limit is where it should be: kept at the limit, broken one step past it.

use busproof_core::Span;

use crate::recording::Judged;

/// The limit of a timing rule, and how to step over it.
///
/// ```
/// use busproof_core::Span;
/// use busproof_testkit::Limit;
///
/// let limit = Limit::min("tSLCH", Span::from_ns(3)).also(&["tDVCH"]);
/// assert_eq!(limit.past(), Span::from_fs(2_999_999));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    rule: &'static str,
    at: Span,
    step: Span,
    side: Side,
    also: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Min,
    Max,
}

impl Limit {
    /// At least `at`.
    pub fn min(rule: &'static str, at: Span) -> Limit {
        Limit { rule, at, step: Span::from_fs(1), side: Side::Min, also: Vec::new() }
    }

    /// At most `at`.
    pub fn max(rule: &'static str, at: Span) -> Limit {
        Limit { side: Side::Max, ..Limit::min(rule, at) }
    }

    /// With a step of more than a femtosecond.
    #[must_use]
    pub fn step(self, step: Span) -> Limit {
        Limit { step, ..self }
    }

    /// Past the limit these rules are broken, too.
    #[must_use]
    pub fn also(self, rules: &[&'static str]) -> Limit {
        Limit { also: rules.to_vec(), ..self }
    }

    /// The name of the rule.
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// One step past the limit.
    pub fn past(&self) -> Span {
        match self.side {
            Side::Min => self.at.saturating_sub(self.step),
            Side::Max => self.at.saturating_add(self.step),
        }
    }
}

/// Asserts both sides of a limit: `waveform` is asked for one that measures exactly the span it is given.
///
/// * At the limit the rule is measured, its least slack is 0, and no rule is broken.
/// * One step past it the least slack is minus the step, and exactly the rule (and those named by [`Limit::also`]) is
///   broken.
///
/// ```
/// use busproof_core::bus::spi::{self, rules};
/// use busproof_core::timing::Params;
/// use busproof_core::{ChangeLog, Level, Source, Span, Time, Value};
/// use busproof_testkit::{Limit, Recording, assert_both_sides};
///
/// let mut params = Params::new();
/// params.set(rules::T_SLCH, 3_000_000, "data sheet");
/// let bus = spi::Options::default();
/// assert_both_sides(&Limit::min("tSLCH", Span::from_ns(3)), |span| {
///     let mut log = ChangeLog::new(Source::Run);
///     let (sck, cs) = (log.add_wire("sck"), log.add_wire("cs"));
///     let select = Time::from_fs(1_000);
///     let wave = [
///         (Time::ZERO, sck, Level::Low),
///         (Time::ZERO, cs, Level::High),
///         (select, cs, Level::Low),
///         (select + span, sck, Level::High),
///     ];
///     for (t, signal, level) in wave {
///         log.push(signal, t, Value::wire(level)).expect("the waveform is in order of time");
///     }
///     Recording::new(&spi::INFO, log).judge(|| spi::Monitor::new(&bus, Source::Run), &params)
/// });
/// ```
///
/// # Panics
/// If that is not so; the message tells what was measured and draws the place.
pub fn assert_both_sides(limit: &Limit, waveform: impl Fn(Span) -> Judged) {
    let at = waveform(limit.at);
    assert_slack(limit, &at, 0, "at the limit");
    assert_broken(&at, &[], limit, "at the limit");
    let past = waveform(limit.past());
    let step = i64::try_from(limit.step.as_fs()).unwrap_or(i64::MAX);
    assert_slack(limit, &past, -step, "past the limit");
    let mut expected = limit.also.clone();
    expected.push(limit.rule);
    expected.sort_unstable();
    assert_broken(&past, &expected, limit, "past the limit");
}

fn assert_slack(limit: &Limit, judged: &Judged, want: i64, where_: &str) {
    let report = judged.outcome.report.rule(limit.rule);
    let margin = report.and_then(busproof_core::timing::RuleReport::margin);
    let state = report.map(|r| r.state);
    let Some(margin) = margin else {
        panic!("{} was not measured {where_}: {state:?}\n{}", limit.rule, whole(judged));
    };
    if margin.worst != want {
        let (from, to) = margin.worst_at;
        panic!(
            "{where_} the least slack of {} is {} fs, not {want} fs, between {from} and {to}\n{}",
            limit.rule,
            margin.worst,
            judged.recording.draw(from, to)
        );
    }
}

fn assert_broken(judged: &Judged, want: &[&str], limit: &Limit, where_: &str) {
    let broken = judged.broken();
    if broken != want {
        let odd = judged.findings.iter().find(|f| !want.contains(&f.rule.name));
        let drawing = odd.map_or_else(|| whole(judged), |f| judged.recording.draw(f.from, f.to));
        let told = odd.map_or(String::new(), |f| format!("{}: {} of {}\n", f.rule.name, f.measured, f.limit));
        panic!(
            "{where_} of {} these rules are broken: {broken:?}, not {want:?}\n{told}{drawing}",
            limit.rule
        );
    }
}

fn whole(judged: &Judged) -> String {
    judged.recording.draw(busproof_core::Time::ZERO, judged.recording.end())
}
