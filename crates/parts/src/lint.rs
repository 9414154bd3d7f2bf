//! What is doubtful about a part file that can be read.

use std::fmt;

use busproof_core::bus::spi::rules;
use busproof_core::timing::Param;

use crate::devices::Model;
use crate::part::Part;

/// A doubt about a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lint {
    /// No source is known for a number.
    Unverified {
        /// The section it stands in.
        section: &'static str,
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A limit that rules need is not stated, so they will not be checked.
    Missing {
        /// The parameter.
        name: &'static str,
        /// What it is.
        summary: &'static str,
    },
    /// Numbers that contradict each other.
    Suspicious(String),
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lint::Unverified { section, name, value } => {
                write!(f, "{section} {name} ({value}) has no known source")
            }
            Lint::Missing { name, summary } => {
                write!(f, "{name} ({summary}) is not stated, so its rule is not checked")
            }
            Lint::Suspicious(text) => f.write_str(text),
        }
    }
}

/// What a peripheral should state.
const PERIPHERAL: &[Param] = &[
    rules::FC,
    rules::T_CLH,
    rules::T_CLL,
    rules::T_SLCH,
    rules::T_CHSH,
    rules::T_DVCH,
    rules::T_CHDX,
    rules::T_CLQV,
    rules::T_CLQX,
    rules::T_SHQZ,
];
/// What a controller should state.
const HOST: &[Param] = &[rules::T_SU_MI, rules::T_H_MI];

/// All doubts: unverified numbers in the order of the file, missing limits, contradictions.
pub fn lint(part: &Part) -> Vec<Lint> {
    let unverified = part.numbers().iter().filter(|number| number.is_unverified());
    let mut lints: Vec<Lint> = unverified
        .map(|n| Lint::Unverified { section: n.section, name: n.name.clone(), value: n.value.clone() })
        .collect();
    lints.extend(missing(part));
    lints.extend(suspicious(part).into_iter().map(Lint::Suspicious));
    lints
}

fn missing(part: &Part) -> Vec<Lint> {
    let params = part.params();
    let expected = if part.model() == Some(Model::Host) { HOST } else { PERIPHERAL };
    let mut absent: Vec<Param> = expected.iter().copied().filter(|p| params.get(*p).is_none()).collect();
    let high = [rules::T_SHSL, rules::T_SHSL1].iter().any(|p| params.get(*p).is_some());
    if !high && part.model() != Some(Model::Host) {
        absent.push(rules::T_SHSL);
    }
    let info = |param: Param| &rules::PARAMS[param.0 as usize];
    absent.into_iter().map(|p| Lint::Missing { name: info(p).name, summary: info(p).summary }).collect()
}

fn suspicious(part: &Part) -> Vec<String> {
    let params = part.params();
    let value = |param| params.get(param).map(|p| p.value);
    let mut found = Vec::new();
    if let (Some(hold), Some(valid)) = (value(rules::T_CLQX), value(rules::T_CLQV))
        && hold > valid
    {
        found.push("tCLQX is longer than tCLQV: output would hold until after it has changed".into());
    }
    if let (Some(high), Some(low), Some(period)) =
        (value(rules::T_CLH), value(rules::T_CLL), value(rules::FC))
        && high + low > period
    {
        found.push("tCLH and tCLL together exceed the period of fC: no clock is fast enough for it".into());
    }
    if let (Some(after_read), Some(after_write)) = (value(rules::T_SHSL1), value(rules::T_SHSL2))
        && after_read > after_write
    {
        found.push("tSHSL1 (after a read) is longer than tSHSL2 (after a write)".into());
    }
    for limit in part.limits().iter().filter(|limit| limit.value == 0) {
        found.push(format!("{} is 0", limit.info.name));
    }
    for time in part.times().iter() {
        if time.typical.zip(time.max).is_some_and(|(typical, max)| typical > max) {
            found.push(format!("{}: the typical time is longer than the greatest", time.name));
        }
    }
    found
}
