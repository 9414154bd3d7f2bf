//! The rows.

use super::event::{Classes, EventKind, EventSet};

/// A named parameter of a bus: its number in the bus's table of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Param(pub u16);

/// One summand of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// A fixed amount, in the row's unit.
    Fixed(i64),
    /// `num / den` times a parameter, rounded down.
    Scaled {
        /// Numerator; may be negative.
        num: i64,
        /// Denominator; positive.
        den: i64,
        /// The parameter.
        param: Param,
    },
}

impl Term {
    /// The parameter itself.
    pub const fn of(param: Param) -> Term {
        Term::Scaled { num: 1, den: 1, param }
    }
}

/// The value of a parameter and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamValue {
    /// In the parameter's unit: femtoseconds for times.
    pub value: i64,
    /// The citation: document and table.
    pub cite: String,
}

/// The values of a bus's parameters, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<Option<ParamValue>>);

impl Params {
    /// No parameter known.
    pub fn new() -> Params {
        Params::default()
    }

    /// Sets a parameter, replacing what it was.
    pub fn set(&mut self, param: Param, value: i64, cite: impl Into<String>) {
        let i = param.0 as usize;
        if self.0.len() <= i {
            self.0.resize(i + 1, None);
        }
        self.0[i] = Some(ParamValue { value, cite: cite.into() });
    }

    /// The parameter, if it is known.
    pub fn get(&self, param: Param) -> Option<&ParamValue> {
        self.0.get(param.0 as usize)?.as_ref()
    }

    /// The sum of `terms`; `None` if a parameter is unknown, a denominator is 0 or the sum exceeds 64 bits.
    pub fn sum(&self, terms: &[Term]) -> Option<i64> {
        let sum = terms.iter().try_fold(0i128, |sum, &term| sum.checked_add(self.term(term)?))?;
        i64::try_from(sum).ok()
    }

    fn term(&self, term: Term) -> Option<i128> {
        match term {
            Term::Fixed(n) => Some(n as i128),
            Term::Scaled { num, den, param } => {
                let product = self.get(param)?.value as i128 * num as i128;
                product.checked_div_euclid(den as i128)
            }
        }
    }

    /// The citations of the parameters in `terms`, each once, joined by `; `.
    pub fn cite(&self, terms: &[Term]) -> String {
        let mut cites: Vec<&str> = Vec::new();
        for term in terms {
            if let Term::Scaled { param, .. } = term
                && let Some(value) = self.get(*param)
                && !cites.contains(&value.cite.as_str())
            {
                cites.push(&value.cite);
            }
        }
        cites.join("; ")
    }
}

/// A limit and its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least this much; broken iff less.
    Min(&'static [Term]),
    /// At most this much; broken iff more.
    Max(&'static [Term]),
}

impl Bound {
    /// The summands of the limit.
    pub const fn terms(&self) -> &'static [Term] {
        match self {
            Bound::Min(terms) | Bound::Max(terms) => terms,
        }
    }
}

/// Which earlier events a later one is measured against, by [`Place`](super::Place).
///
/// An event that reaches several places is related by any of them; where a place has `ALL` in a level that differs, there
/// is always another one to differ from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Events whose places agree in the first `n` levels. `Same(0)`: anywhere on the bus.
    Same(u8),
    /// Events whose places agree in the first `n - 1` levels and differ in level `n` (1 to 4).
    Other(u8),
}

/// The unit of what a row measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Femtoseconds.
    Fs,
    /// Thousandths of a unit interval (a bit time).
    MilliUi,
    /// Parts per million.
    Ppm,
    /// A count.
    Count,
}

/// How a row measures. Four kinds cover all buses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The time from the `nth` last event of `from` (1: the last) to an event of `to`.
    ///
    /// A `Min` with `nth` 1 measures each `from` at most once in each place it reaches, from the last `from` to the first
    /// `to` after it: that is the closest pair, so nothing is lost. With a larger `nth` every `to` is measured, and so it
    /// is by a `Max`. An event in several sets is first measured as `to`, then makes forget as `reset`, then is stored as
    /// `from`.
    ///
    /// With `must_come` a `from` waits for its `to`. A wait that is given up, because another `from` or a `reset` comes or
    /// the waveform ends, is judged by its length so far, and counts only if that is not kept: what is unfinished in time
    /// proves nothing.
    Between {
        /// Where the interval begins.
        from: EventSet,
        /// How many events of `from` back: 4 for tFAW, where the fifth activate is measured against the first.
        nth: u8,
        /// Where the interval ends.
        to: EventSet,
        /// Events after which the earlier `from` of the same place (in the levels of the scope) no longer count.
        reset: EventSet,
        /// Which `from` a `to` is measured against.
        scope: Scope,
        /// For a `Max` with `nth` 1 and scope `Same`: the absence of `to` breaks it, too.
        must_come: bool,
        /// The limit, in femtoseconds.
        bound: Bound,
    },
    /// The value that the monitor measured and put into the event.
    Measure {
        /// The event that carries it.
        quantity: EventKind,
        /// Its unit.
        unit: Unit,
        /// The limit, in that unit.
        bound: Bound,
    },
    /// The sum of the values of `of` between two events of `within`: cumulative clock stretching.
    ///
    /// Anywhere on the bus. An event in both is first added, then begins a new sum. A sum of nothing is not measured; one
    /// that is unfinished at the end counts only if it is too much already.
    Sum {
        /// The event that carries a duration.
        of: EventKind,
        /// What begins a new sum.
        within: EventSet,
        /// The limit, in femtoseconds.
        max: &'static [Term],
    },
    /// A payment is owed once per `period` and may lag or lead by a number of periods: refresh.
    ///
    /// Owing begins with the first event of the stream that names a payer or pays, separately for each payer that events name. The
    /// k-th payment belongs to the k-th period: it may come as late as `behind` periods after its end and as early as
    /// `ahead` periods before its beginning.
    ///
    /// ```text
    ///   first event ┬──── period 1 ────┬──── period 2 ────┬──── period 3 ────┬
    ///               │                  ◄───── ahead = 1 ──┤ payment 3        ├── behind = 2 ──── ... ►
    /// ```
    /// An event that pays a part only belongs to that part of a period: a refresh of one of eight banks pays an eighth.
    Budget {
        /// What pays, and how many parts.
        pays: &'static [(EventKind, u32)],
        /// The parts of a whole payment; positive.
        parts: u32,
        /// Who pays: places that agree in the first so many levels are one payer.
        depth: u8,
        /// Events after which their payer owes nothing more until it wakes: self refresh.
        rest: EventSet,
        /// Events that wake it; what was owed then stands.
        wake: EventSet,
        /// How long one payment lasts, in femtoseconds.
        period: &'static [Term],
        /// How many periods may be owed.
        behind: u32,
        /// How many may be paid in advance.
        ahead: u32,
    },
}

/// The pin at which a row is to be measured, where flight time makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// At the pins of the controller, transmitter or sender.
    Controller,
    /// At the pins of the peripheral, target, receiver or device.
    Target,
}

/// What a waveform must show before a row can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Edges between Low and High: any recording will do.
    Edges,
    /// High impedance or unknown: not in a recording of two levels.
    FourStates,
    /// That two changes happened in the very same instant: not in a sampled recording, where the answer to a
    /// coincidence is "cannot tell". Elsewhere equal times are an interval of exactly 0, whatever the grid; and everywhere
    /// different times are enough for a minimum of 1 fs.
    Instants,
}

/// A timing rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// As data sheets call it: `tSLCH`.
    pub name: &'static str,
    /// What it asks, in a few words: "CS active set-up to the clock".
    pub summary: &'static str,
    /// What usually breaks it, in a sentence; for messages and `explain`.
    pub cause: &'static str,
    /// How it measures, and the limit.
    pub kind: Kind,
    /// Where it is measured.
    pub at: Point,
    /// In which classes of access it holds: the class of the event that ends the interval, or of the one that begins
    /// it where `class_of_from` says so; of a sum, the class of what is summed.
    ///
    /// An event of another class is none of the row's events, with one exception: a maximum never measures from an event
    /// before the last `from`, of whatever class, so one of another class acts as a `reset`.
    pub classes: Classes,
    /// The class is that of the event that begins the interval.
    pub class_of_from: bool,
    /// What the waveform must show.
    pub needs: Needs,
    /// Who defines it: document and figure or section.
    pub source: &'static str,
}

impl Rule {
    /// The bound of the row; `None` for a budget, which has two.
    pub const fn bound(&self) -> Option<Bound> {
        match self.kind {
            Kind::Between { bound, .. } | Kind::Measure { bound, .. } => Some(bound),
            Kind::Sum { max, .. } => Some(Bound::Max(max)),
            Kind::Budget { .. } => None,
        }
    }

    /// The kinds of event between which the row measures, or whose values.
    pub const fn events(&self) -> EventSet {
        match self.kind {
            Kind::Between { from, to, .. } => from.union(to),
            Kind::Measure { quantity, .. } => EventSet::NONE.with(quantity),
            Kind::Sum { of, within, .. } => within.with(of),
            Kind::Budget { pays, .. } => {
                let (mut set, mut i) = (EventSet::NONE, 0);
                while i < pays.len() {
                    set = set.with(pays[i].0);
                    i += 1;
                }
                set
            }
        }
    }

    /// True if the absence of what ends the interval breaks the row.
    pub const fn must_come(&self) -> bool {
        matches!(self.kind, Kind::Between { must_come: true, .. })
    }

    /// The unit of what the row measures.
    pub const fn unit(&self) -> Unit {
        match self.kind {
            Kind::Measure { unit, .. } => unit,
            _ => Unit::Fs,
        }
    }
}
