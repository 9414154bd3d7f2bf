//! What a measured figure may be: `<= 50 us`, `>= 9 us, <= 10 us`, or the very value.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::scalar::{decimal, split_unit};
use crate::suggest;

/// What a figure may be, both ends included, in the least unit of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// As it is written.
    pub text: String,
    /// The least; `None`: however small.
    pub least: Option<i64>,
    /// The most; `None`: however great.
    pub most: Option<i64>,
}

impl Range {
    /// True if `value` may be.
    pub fn contains(&self, value: f64) -> bool {
        let above = self.least.is_none_or(|least| value >= least as f64);
        above && self.most.is_none_or(|most| value <= most as f64)
    }
}

/// A kind of figure: what its units are.
pub(super) trait Kind {
    /// Its name in the schema.
    const NAME: &'static str;
    /// What to write.
    const EXAMPLE: &'static str;
    /// Its units, each with the power of ten that it is of the least one; without a name, a bare number will do.
    const UNITS: &'static [(&'static str, u32)];
}

/// Declares kinds of figures.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $example:literal $units:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Default)]
            pub(super) struct $kind;

            impl Kind for $kind {
                const NAME: &'static str = $name;
                const EXAMPLE: &'static str = $example;
                const UNITS: &'static [(&'static str, u32)] = &$units;
            }
        )*
    };
}

kinds! {
    /// Femtoseconds.
    Duration "TimeRange" "<= 50 us" [("s", 15), ("ms", 12), ("us", 9), ("µs", 9), ("ns", 6), ("ps", 3), ("fs", 0)];
    /// Bits per second.
    Rate "RateRange" ">= 800 kbit/s" [("bit/s", 0), ("kbit/s", 3), ("Mbit/s", 6), ("Gbit/s", 9)];
    /// Femtojoule.
    Energy "EnergyRange" "<= 10 nJ" [("J", 15), ("mJ", 12), ("uJ", 9), ("µJ", 9), ("nJ", 6), ("pJ", 3), ("fJ", 0)];
    /// Parts per billion.
    Deviation "DeviationRange" "<= -5.2 %" [("%", 7), ("ppm", 3)];
    /// Millionths.
    Share "ShareRange" ">= 80 %" [("%", 4)];
    /// Thousandths of a clock.
    Clocks "ClocksRange" "<= 39 nCK" [("nCK", 3)];
    /// Thousandths.
    Number "NumberRange" "<= 1.5" [("", 3)];
}

/// A range of one kind of figure, as it is written.
#[derive(Clone, Debug)]
pub(super) struct RangeText<K>(pub(super) Range, PhantomData<K>);

impl<K: Kind> RangeText<K> {
    fn read(text: &str) -> Result<Self, String> {
        let mut range = Range { text: text.trim().to_owned(), least: None, most: None };
        for part in text.split(',').map(str::trim) {
            let (is_least, is_most, number) = match (part.strip_prefix(">="), part.strip_prefix("<=")) {
                (Some(number), _) => (true, false, number),
                (_, Some(number)) => (false, true, number),
                _ => (true, true, part),
            };
            let value = value::<K>(number.trim())?;
            let is_said_twice = (is_least && range.least.is_some()) || (is_most && range.most.is_some());
            if is_said_twice {
                return Err(format!("`{text}` says one end twice; write `>= ...`, `<= ...`, or both once"));
            }
            range.least = if is_least { Some(value) } else { range.least };
            range.most = if is_most { Some(value) } else { range.most };
        }
        match (range.least, range.most) {
            (Some(least), Some(most)) if least > most => {
                Err(format!("nothing is within `{text}`; its least is above its most"))
            }
            _ => Ok(RangeText(range, PhantomData)),
        }
    }
}

/// A number with a sign and one of the units, in the least unit.
fn value<K: Kind>(text: &str) -> Result<i64, String> {
    let is_negative = text.starts_with('-');
    let (number, unit) = split_unit(text.strip_prefix(['+', '-']).unwrap_or(text));
    let Some((_, scale)) = K::UNITS.iter().find(|(known, _)| *known == unit) else {
        let known = K::UNITS.iter().map(|(known, _)| *known);
        return Err(match unit {
            "" => format!("`{text}` needs a unit; write such as `{}`", K::EXAMPLE),
            _ => format!("unknown unit `{unit}` in `{text}`{}", suggest::hint(unit, known)),
        });
    };
    let value = decimal(number, *scale).and_then(|value| i64::try_from(value).ok());
    let value = value.ok_or_else(|| format!("`{text}` is no such number; write such as `{}`", K::EXAMPLE))?;
    Ok(if is_negative { -value } else { value })
}

struct RangeVisitor<K>(PhantomData<K>);

impl<K: Kind> Visitor<'_> for RangeVisitor<K> {
    type Value = RangeText<K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a range such as `{}`", K::EXAMPLE)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RangeText<K>, E> {
        RangeText::read(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<RangeText<K>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<RangeText<K>, E> {
        self.visit_str(&number.to_string())
    }
}

impl<'de, K: Kind> Deserialize<'de> for RangeText<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RangeVisitor(PhantomData))
    }
}

impl<K: Kind> JsonSchema for RangeText<K> {
    fn schema_name() -> Cow<'static, str> {
        K::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let units: Vec<&str> = K::UNITS.iter().map(|(unit, _)| *unit).collect();
        let one = format!(r"(>=|<=)? *[+-]?[0-9._]+ *({})", units.join("|"));
        let description = format!("a range such as `{}`, both ends in one, or the very value", K::EXAMPLE);
        let bare = if units.contains(&"") { json_schema!({ "type": "number" }) } else { json_schema!(false) };
        json_schema!({
            "description": description,
            "anyOf": [{ "type": "string", "pattern": format!(r"^\s*{one}\s*(,\s*{one}\s*)?$") }, bare],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends<K: Kind>(text: &str) -> Result<(Option<i64>, Option<i64>), String> {
        RangeText::<K>::read(text).map(|RangeText(range, _)| (range.least, range.most))
    }

    #[test]
    fn a_range_has_one_end_or_both_or_is_a_value() {
        assert_eq!(ends::<Duration>("<= 49.6 us"), Ok((None, Some(49_600_000_000))));
        assert_eq!(ends::<Duration>(">= 1ns, <= 2 ns"), Ok((Some(1_000_000), Some(2_000_000))));
        assert_eq!(ends::<Number>("32"), Ok((Some(32_000), Some(32_000))));
        assert_eq!(ends::<Deviation>("<= -5.26 %"), Ok((None, Some(-52_600_000))));
        assert_eq!(ends::<Rate>(">= 1.5 Mbit/s"), Ok((Some(1_500_000), None)));
    }

    #[test]
    fn what_is_no_range_is_refused_with_a_way_out() {
        let error = |text| ends::<Duration>(text).unwrap_err();
        assert!(error("<= 50").contains("needs a unit; write such as `<= 50 us`"));
        assert!(error("<= 5 sec").contains("unknown unit `sec`"));
        assert!(error("<= 5 us, <= 6 us").contains("says one end twice"));
        assert!(error(">= 7 us, <= 6 us").contains("its least is above its most"));
        assert!(error("<= us").contains("is no such number"));
        assert!(error("").contains("needs a unit"));
    }

    #[test]
    fn both_ends_are_within() {
        let RangeText(range, _) = RangeText::<Number>::read(">= 1, <= 2").unwrap();
        assert!(range.contains(1_000.0) && range.contains(2_000.0));
        assert!(!range.contains(999.9) && !range.contains(2_000.1));
    }
}
