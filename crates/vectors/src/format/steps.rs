//! Evenly spaced values: `-8 %..8 %:0.25 %`, `10MHz..60MHz:500kHz`, `0..3`.

use super::scalar::{decimal, split_unit};
use crate::suggest;

/// A unit, and the power of ten that it is of the least unit of its family.
type Unit = (&'static str, u32);

/// What can be added to each other.
const FAMILIES: [&[Unit]; 13] = [
    &[("s", 15), ("ms", 12), ("us", 9), ("µs", 9), ("ns", 6), ("ps", 3), ("fs", 0)],
    &[("GHz", 9), ("MHz", 6), ("kHz", 3), ("Hz", 0)],
    &[("%", 7), ("ppm", 3)],
    &[("MOhm", 9), ("kOhm", 6), ("Ohm", 3), ("mOhm", 0)],
    &[("uF", 9), ("nF", 6), ("pF", 3), ("fF", 0)],
    &[("V", 3), ("mV", 0)],
    &[("Gbit/s", 9), ("Mbit/s", 6), ("kbit/s", 3), ("bit/s", 0)],
    &[("C", 3), ("°C", 3), ("mC", 0)],
    &[("kPa", 3), ("hPa", 2), ("Pa", 0)],
    &[("UI", 3)],
    &[("nCK", 0)],
    &[("J", 15), ("mJ", 12), ("uJ", 9), ("nJ", 6), ("pJ", 3), ("fJ", 0)],
    &[("", 6)],
];

/// What a range looks like, for messages.
const SHAPE: &str = "a range is written FROM..TO:STEP, such as `-8%..8%:0.25%`";

/// Values from one to another, at even steps. They are exact: computed as whole numbers of the family's least unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Steps {
    from: i64,
    step: i64,
    count: usize,
    unit: Unit,
    family: &'static [Unit],
}

impl Steps {
    /// `None` if `text` is not meant as a range: it has no `..` behind a number.
    pub(super) fn read(text: &str) -> Option<Result<Steps, String>> {
        let (from, rest) = text.split_once("..")?;
        let begins_a_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.');
        from.trim().starts_with(begins_a_number).then(|| Steps::between(text, from, rest))
    }

    fn between(text: &str, from: &str, rest: &str) -> Result<Steps, String> {
        let (to, step) = rest.split_once(':').map_or((rest, None), |(to, step)| (to, Some(step)));
        let ends = [Number::read(from)?, Number::read(to)?];
        let step = step.map(Number::read).transpose()?;
        // Where one has no unit, it has that of the others.
        let named = ends.iter().rev().chain(&step).find(|number| !number.unit.is_empty());
        let family = Family::of(named.map_or("", |number| number.unit))?;
        let [from, to] = [family.value(&ends[0])?, family.value(&ends[1])?];
        let step = match &step {
            Some(step) => family.value(step)?,
            // Of whole numbers, all.
            None if named.is_none() && ends.iter().all(Number::is_whole) => family.one(),
            None => return Err(format!("`{}` has no step; {SHAPE}", text.trim())),
        };
        if step <= 0 {
            return Err(format!("the step of `{}` must be above 0; {SHAPE}", text.trim()));
        }
        if from > to {
            return Err(format!("nothing lies in `{}`; write the lesser end first", text.trim()));
        }
        let count = usize::try_from((i128::from(to) - i128::from(from)) / i128::from(step) + 1);
        let count = count.map_err(|_| format!("`{}` has too many steps", text.trim()))?;
        Ok(Steps { from, step, count, unit: family.unit, family: family.units })
    }

    /// How many values there are: at least one.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The value at `index`, in the unit of the range, or in a smaller one if it is less than a thousandth of that.
    pub(super) fn text(&self, index: usize) -> String {
        let value = i128::from(self.from) + i128::from(self.step) * index as i128;
        let (unit, scale) = self.unit_of(value);
        let one = 10u128.pow(scale);
        let (whole, rest) = (value.unsigned_abs() / one, value.unsigned_abs() % one);
        let digits = scale as usize;
        let fraction = if rest == 0 { String::new() } else { format!(".{rest:0digits$}") };
        let sign = if value < 0 { "-" } else { "" };
        let number = format!("{sign}{whole}{}", fraction.trim_end_matches('0'));
        if unit.is_empty() { number } else { format!("{number} {unit}") }
    }

    fn unit_of(&self, value: i128) -> Unit {
        let size = value.unsigned_abs();
        if size == 0 || size * 1_000 >= 10u128.pow(self.unit.1) {
            return self.unit;
        }
        let fits = |unit: &&Unit| unit.1 < self.unit.1 && 10u128.pow(unit.1) <= size;
        *self.family.iter().filter(fits).max_by_key(|unit| unit.1).unwrap_or(&self.unit)
    }
}

/// A family, and the unit of it in which values are written.
struct Family {
    units: &'static [Unit],
    unit: Unit,
}

impl Family {
    /// That of `name`.
    fn of(name: &str) -> Result<Family, String> {
        let find = |units: &'static [Unit]| {
            let unit = *units.iter().find(|(known, _)| *known == name)?;
            Some(Family { units, unit })
        };
        FAMILIES.into_iter().find_map(find).ok_or_else(|| {
            let known = FAMILIES.iter().flat_map(|units| units.iter()).map(|(known, _)| *known);
            format!("unknown unit `{name}` in a range{}", suggest::hint(name, known))
        })
    }

    /// The value of `number` in the family's least unit.
    fn value(&self, number: &Number<'_>) -> Result<i64, String> {
        let name = if number.unit.is_empty() { self.unit.0 } else { number.unit };
        let Some((_, scale)) = self.units.iter().find(|(known, _)| *known == name) else {
            return Err(format!("`{}` and `{name}` do not go together; {SHAPE}", self.unit.0));
        };
        let value = decimal(number.digits, *scale).and_then(|value| i64::try_from(value).ok());
        let value = value.ok_or_else(|| format!("`{}` is no number of a range; {SHAPE}", number.text))?;
        Ok(if number.is_negative { -value } else { value })
    }

    fn one(&self) -> i64 {
        10i64.pow(self.unit.1)
    }
}

/// A number with a sign, and perhaps a unit.
struct Number<'a> {
    text: &'a str,
    is_negative: bool,
    digits: &'a str,
    unit: &'a str,
}

impl<'a> Number<'a> {
    fn read(text: &'a str) -> Result<Number<'a>, String> {
        let text = text.trim();
        let (digits, unit) = split_unit(text.strip_prefix(['+', '-']).unwrap_or(text));
        if digits.is_empty() {
            return Err(format!("`{text}` is no number of a range; {SHAPE}"));
        }
        Ok(Number { text, is_negative: text.starts_with('-'), digits, unit })
    }

    fn is_whole(&self) -> bool {
        !self.digits.contains('.')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let steps = Steps::read(text).unwrap().unwrap();
        (0..steps.len()).map(|i| steps.text(i)).collect()
    }

    #[test]
    fn values_are_exact_and_in_the_unit_of_the_end() {
        assert_eq!(texts("-0.5%..0.5%:0.25%"), ["-0.5 %", "-0.25 %", "0 %", "0.25 %", "0.5 %"]);
        assert_eq!(texts("9.5 MHz .. 10.5 MHz : 500 kHz"), ["9.5 MHz", "10 MHz", "10.5 MHz"]);
        assert_eq!(texts("500ps..2ns:750ps"), ["0.5 ns", "1.25 ns", "2 ns"]);
        assert_eq!(texts("0..3"), ["0", "1", "2", "3"]);
        assert_eq!(texts("0..1:0.5"), ["0", "0.5", "1"]);
        assert_eq!(texts("0..1 s:0.7"), ["0 s", "0.7 s"], "the last may lie before the end");
        assert_eq!(texts("3 V..3 V:1 V"), ["3 V"]);
        assert_eq!(texts("1 Hz..1 GHz:999_999 Hz")[..3], ["1 Hz", "0.001 GHz", "0.001999999 GHz"]);
        assert_eq!(texts("0%..0.002%:5ppm")[..3], ["0 %", "5 ppm", "0.001 %"]);
    }

    #[test]
    fn what_is_no_range_is_left_to_others() {
        for text in ["tSLCH", "8", "../payload.bin", "a..b", ""] {
            assert_eq!(Steps::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_that_is_wrong_says_the_way_out() {
        for (text, want) in [
            ("8%..-8%:1%", "nothing lies in `8%..-8%:1%`; write the lesser end first"),
            ("-8%..8%", "`-8%..8%` has no step; a range is written FROM..TO:STEP"),
            ("0..8:0", "the step of `0..8:0` must be above 0"),
            ("0..8:-1", "the step of `0..8:-1` must be above 0"),
            ("1ns..2MHz:1ns", "`MHz` and `ns` do not go together"),
            ("1..2parsec:1", "unknown unit `parsec` in a range"),
            ("1ns..2sn:1ns", "unknown unit `sn` in a range; did you mean `s`?"),
            ("1ns..:1ns", "`` is no number of a range"),
            ("0.5fs..2fs:1fs", "`0.5fs` is no number of a range"),
            ("0s..99999s:1fs", "`99999s` is no number of a range"),
            ("1..2..3:1", "`2..3` is no number of a range"),
        ] {
            let message = Steps::read(text).unwrap().unwrap_err();
            assert!(message.starts_with(want), "{text}: {message}");
        }
    }

    proptest! {
        /// Every value is written so that it reads as itself.
        #[test]
        fn values_read_back(from in -1_000_000i64..1_000_000, step in 1i64..10_000, count in 1usize..50) {
            let to = from + step * (count as i64 - 1);
            let all = texts(&format!("{from} ps..{to} ps:{step} ps"));
            prop_assert_eq!(all.len(), count);
            for (text, i) in all.iter().zip(0..) {
                prop_assert_eq!(text, &format!("{} ps", from + step * i));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9.:%nsMHz ]{0,20}") {
            if let Some(Ok(steps)) = Steps::read(&text) {
                prop_assert!(!steps.text(steps.len() - 1).is_empty());
            }
        }
    }
}
