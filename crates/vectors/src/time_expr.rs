//! Times as a vector states them: absolute, or relative to a value of the part.

use std::fmt;
use std::str::FromStr;

use busproof_core::Span;
use busproof_core::time::ParseTimeError;

/// `12.5 ns`, or `tSLCH`, or `tSLCH - 1 fs`.
///
/// Which names there are, only the part knows; [`TimeExpr::resolve`] asks for their values.
///
/// ```
/// use busproof_core::Span;
/// use busproof_vectors::TimeExpr;
/// let expr: TimeExpr = "tSLCH - 1 fs".parse()?;
/// let value = expr.resolve(|name| (name == "tSLCH").then_some(Span::from_ns(3)))?;
/// assert_eq!(value, Span::from_fs(2_999_999));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeExpr {
    /// So long.
    Span(Span),
    /// A parameter of the part, and what is added to it.
    Param {
        /// Its name.
        name: String,
        /// Femtoseconds more, or less.
        offset: i64,
    },
}

/// Why a name has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The part does not state it.
    #[error("the part states no `{0}`; write a time with a unit, or a parameter that the part states")]
    Unknown(String),
    /// Below zero or above 2^64 fs.
    #[error("`{0}` is less than 0 s or more than 5 h 7 min; choose another offset")]
    OutOfRange(String),
}

/// Why a text is neither a time nor the name of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseExprError {
    /// Not a time.
    #[error(transparent)]
    Time(#[from] ParseTimeError),
    /// Not a name.
    #[error("`{0}` is neither a time nor the name of one; write `12.5 ns`, `tSLCH` or `tSLCH - 1 fs`")]
    Name(String),
    /// The offset exceeds 63 bits.
    #[error("the offset `{0}` exceeds 2 h 33 min")]
    Offset(String),
}

impl TimeExpr {
    /// The value, given those of the parameters.
    pub fn resolve(&self, param: impl FnOnce(&str) -> Option<Span>) -> Result<Span, ResolveError> {
        match self {
            TimeExpr::Span(span) => Ok(*span),
            TimeExpr::Param { name, offset } => {
                let value = param(name).ok_or_else(|| ResolveError::Unknown(name.clone()))?;
                let sum = value.as_fs().checked_add_signed(*offset);
                sum.map(Span::from_fs).ok_or_else(|| ResolveError::OutOfRange(self.to_string()))
            }
        }
    }
}

impl FromStr for TimeExpr {
    type Err = ParseExprError;

    fn from_str(text: &str) -> Result<TimeExpr, ParseExprError> {
        let text = text.trim();
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Ok(TimeExpr::Span(text.parse()?));
        }
        let split = offset(text).unwrap_or(text.len());
        let name = text[..split].trim_end();
        if !is_name(name) {
            return Err(ParseExprError::Name(text.into()));
        }
        let offset = match text.get(split + 1..) {
            None => 0,
            Some(span) => {
                let fs = i64::try_from(span.parse::<Span>()?.as_fs());
                let fs = fs.map_err(|_| ParseExprError::Offset(span.trim().into()))?;
                if text[split..].starts_with('-') { -fs } else { fs }
            }
        };
        Ok(TimeExpr::Param { name: name.into(), offset })
    }
}

/// Where the offset begins: at the first sign that is not one within a name, as in `tLOW-Hs`.
fn offset(text: &str) -> Option<usize> {
    let is_in_name = |at: usize| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
    text.match_indices(['+', '-']).map(|(at, _)| at).find(|at| !is_in_name(*at))
}

/// A letter, then letters, digits, `_`, `;` (as in tSU;DAT), `/` or `-` (as in tLOW-Hs).
fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ';' | '/' | '-'))
}

impl fmt::Display for TimeExpr {
    /// As the text that parses to it: `12.5 ns`, `tSLCH`, `tSLCH - 1 fs`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeExpr::Span(span) => span.fmt(f),
            TimeExpr::Param { name, offset: 0 } => f.write_str(name),
            TimeExpr::Param { name, offset } => {
                let sign = if *offset < 0 { '-' } else { '+' };
                write!(f, "{name} {sign} {}", Span::from_fs(offset.unsigned_abs()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn param(name: &str, offset: i64) -> TimeExpr {
        TimeExpr::Param { name: name.into(), offset }
    }

    #[test]
    fn times_and_names_with_offsets() {
        for (text, want) in [
            ("12.5 ns", TimeExpr::Span(Span::from_ps(12_500))),
            ("tSLCH", param("tSLCH", 0)),
            ("tSU;DAT - 1 fs", param("tSU;DAT", -1)),
            ("tSHSL1 + 2 ns", param("tSHSL1", 2_000_000)),
            ("tLOW-Hs", param("tLOW-Hs", 0)),
            ("tLOW-Hs - 1 fs", param("tLOW-Hs", -1)),
        ] {
            let expr: TimeExpr = text.parse().unwrap();
            assert_eq!(expr, want);
            assert_eq!(expr.to_string(), text);
        }
        assert_eq!("tSLCH-1fs".parse(), Ok(param("tSLCH", -1)));
        assert_eq!("tLOW-Hs-1fs".parse(), Ok(param("tLOW-Hs", -1)));
    }

    #[test]
    fn errors_name_the_way_out() {
        let err = |text: &str| text.parse::<TimeExpr>().unwrap_err().to_string();
        assert_eq!(err("10"), "time `10` has no unit; write `10 ns`, or one of s, ms, us, ns, ps, fs");
        assert_eq!(err("tSLCH - 5"), "time `5` has no unit; write `5 ns`, or one of s, ms, us, ns, ps, fs");
        assert!(err("a long while").contains("neither a time nor the name of one"));
        assert!(err("tSLCH + 10000 s").contains("exceeds 2 h 33 min"));
        let gone = param("tSLCH", -4).resolve(|_| Some(Span::from_fs(3))).unwrap_err();
        assert!(gone.to_string().starts_with("`tSLCH - 4 fs` is less than 0 s"));
    }
}
