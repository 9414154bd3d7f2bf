//! Values written as text: `16 MHz`, `tSLCH - 1 fs`, `50 ppm`, `>= 10 %`, `ef 40 18`.
//!
//! Each is a text in TOML, so that it can carry its unit; a bare number is answered with the text that it should be.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use busproof_core::Span;
use busproof_core::bus::handshake::Pattern;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::compact::ddr::Delay;
use crate::time_expr::TimeExpr;

/// A value and the bytes of the file that it was written with.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Located<T>(toml::Spanned<T>);

impl<T> Located<T> {
    pub(super) fn span(&self) -> std::ops::Range<usize> {
        self.0.span()
    }

    pub(super) fn value(&self) -> &T {
        self.0.get_ref()
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A value that is written as text.
pub(super) trait Scalar: Sized {
    /// What it is, for the schema.
    const NAME: &'static str;
    /// What to write, for messages and the schema.
    const EXPECTING: &'static str;
    /// What the text looks like, as a regular expression.
    const PATTERN: &'static str;

    /// The value of `text`, or what is wrong with it.
    fn read(text: &str) -> Result<Self, String>;

    /// What is wrong with the bare number `number`.
    fn bare(number: &str) -> String;
}

struct SettingVisitor;

impl Visitor<'_> for SettingVisitor {
    type Value = SettingText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, or true or false")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SettingText, E> {
        Ok(SettingText(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<SettingText, E> {
        Ok(SettingText(value.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<SettingText, E> {
        Ok(SettingText(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<SettingText, E> {
        Ok(SettingText(number.to_string()))
    }
}

impl<'de> Deserialize<'de> for SettingText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SettingVisitor)
    }
}

impl JsonSchema for SettingText {
    fn schema_name() -> Cow<'static, str> {
        "Setting".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number", "boolean"],
            "description": "an option of the bus, as `--set` takes it",
        })
    }
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<T: Scalar> Visitor<'_> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTING)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::read(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        Err(E::custom(T::bare(&number.to_string())))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        Err(E::custom(T::bare(&number.to_string())))
    }
}

macro_rules! scalar {
    ($type:ty) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(ScalarVisitor(PhantomData))
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                <$type as Scalar>::NAME.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": <$type as Scalar>::EXPECTING,
                    "pattern": <$type as Scalar>::PATTERN,
                })
            }
        }
    };
}

/// A time without names.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpanText(pub(super) Span);

/// A time, or the name of one.
#[derive(Clone, Debug)]
pub(super) struct TimeText(pub(super) TimeExpr);

/// Clocks of a memory, or the name of a rule.
#[derive(Clone, Debug)]
pub(super) struct DelayText(pub(super) Delay);

/// A frequency in whole hertz.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrequencyText(pub(super) u64);

/// A resistance in ohm.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResistanceText(pub(super) f64);

/// A capacitance in farad.
#[derive(Clone, Copy, Debug)]
pub(super) struct CapacitanceText(pub(super) f64);

/// A voltage in volt.
#[derive(Clone, Copy, Debug)]
pub(super) struct VoltageText(pub(super) f64);

/// A temperature in thousandths of a degree Celsius.
#[derive(Clone, Copy, Debug)]
pub(super) struct TemperatureText(pub(super) i32);

/// A pressure in pascal.
#[derive(Clone, Copy, Debug)]
pub(super) struct PressureText(pub(super) u32);

/// A share in thousandths of a percent.
#[derive(Clone, Copy, Debug)]
pub(super) struct PercentText(pub(super) u32);

/// A deviation in parts per billion.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeviationText(pub(super) i64);

/// A least margin.
#[derive(Clone, Copy, Debug)]
pub(super) struct SlackText(pub(super) Slack);

/// The value of an option of the bus, as `--set` has it: a text, a number, or true or false.
#[derive(Clone, Debug)]
pub(super) struct SettingText(pub(super) String);

/// How often somebody is willing.
#[derive(Clone, Copy, Debug)]
pub(super) struct PatternText(pub(super) Pattern);

/// Bytes in hexadecimal.
#[derive(Clone, Debug)]
pub(super) struct HexText(pub(super) Vec<u8>);

/// How much room every margin must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slack {
    /// This part of the limit, in millionths.
    Share(u32),
    /// So much time.
    Span(Span),
    /// So many thousandths of a bit.
    MilliUi(u32),
}

scalar!(SpanText);
scalar!(TimeText);
scalar!(DelayText);
scalar!(FrequencyText);
scalar!(ResistanceText);
scalar!(CapacitanceText);
scalar!(VoltageText);
scalar!(TemperatureText);
scalar!(PressureText);
scalar!(PercentText);
scalar!(DeviationText);
scalar!(SlackText);
scalar!(PatternText);
scalar!(HexText);

impl Scalar for SpanText {
    const NAME: &'static str = "Time";
    const EXPECTING: &'static str = "a time with a unit, such as `12.5 ns`";
    const PATTERN: &'static str = r"^\s*[0-9._]+ *(s|ms|us|µs|ns|ps|fs)\s*$";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map(SpanText).map_err(|e: busproof_core::time::ParseTimeError| e.to_string())
    }

    fn bare(number: &str) -> String {
        format!("a time needs a unit; write `\"{number} ns\"`, or another of s, ms, us, ns, ps, fs")
    }
}

impl Scalar for TimeText {
    const NAME: &'static str = "TimeOrName";
    const EXPECTING: &'static str = "a time with a unit, such as `12.5 ns`, or a parameter of the part, such as `tSLCH` or `tSLCH - 1 fs`";
    const PATTERN: &'static str = r"^\s*([A-Za-z][A-Za-z0-9_;/]*(-[A-Za-z][A-Za-z0-9_;/]*)*( *[+-] *[0-9._]+ *(s|ms|us|µs|ns|ps|fs))?|[0-9._]+ *(s|ms|us|µs|ns|ps|fs))\s*$";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map(TimeText).map_err(|e: crate::time_expr::ParseExprError| e.to_string())
    }

    fn bare(number: &str) -> String {
        SpanText::bare(number)
    }
}

impl Scalar for DelayText {
    const NAME: &'static str = "ClocksOrName";
    const EXPECTING: &'static str =
        "a number of clocks, such as `17 nCK`, or the name of a rule, such as `tRCD` or `tRCD - 1 nCK`";
    const PATTERN: &'static str = r"^\s*([0-9]+ *nCK|t[A-Za-z0-9_]+( *[+-] *[0-9]+ *nCK)?)\s*$";

    fn read(text: &str) -> Result<Self, String> {
        crate::compact::ddr::delay(text).map(DelayText)
    }

    fn bare(number: &str) -> String {
        format!("`{number}` of what? write `\"{number} nCK\"`")
    }
}

impl Scalar for FrequencyText {
    const NAME: &'static str = "Frequency";
    const EXPECTING: &'static str = "a frequency with a unit, such as `16 MHz`";
    const PATTERN: &'static str = r"^\s*[0-9._]+ *(Hz|kHz|MHz|GHz)\s*$";

    fn read(text: &str) -> Result<Self, String> {
        const UNITS: [(&str, u32); 4] = [("Hz", 0), ("kHz", 3), ("MHz", 6), ("GHz", 9)];
        match scaled::<Self>(text, "a frequency", &UNITS)? {
            Some(hz) if hz > 0 && Span::period_of(hz).is_some() => Ok(FrequencyText(hz)),
            _ => Err(format!(
                "`{text}` is no frequency; write whole hertz from 1 Hz to 2 PHz, such as `16 MHz`"
            )),
        }
    }

    fn bare(number: &str) -> String {
        format!("a frequency needs a unit; write `\"{number} MHz\"`, or another of Hz, kHz, MHz, GHz")
    }
}

impl Scalar for DeviationText {
    const NAME: &'static str = "Deviation";
    const EXPECTING: &'static str = "a deviation such as `50 ppm` or `-0.1 %`";
    const PATTERN: &'static str = r"^\s*[+-]?[0-9._]+ *(ppm|%)\s*$";

    fn read(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let negative = trimmed.starts_with('-');
        let (number, unit) = split_unit(trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed));
        let scale = match unit {
            "ppm" => 3,
            "%" => 7,
            "" => return Err(Self::bare(number)),
            _ => return Err(format!("unknown unit `{unit}` of a deviation; write ppm or %")),
        };
        match decimal(number, scale).and_then(|n| i64::try_from(n).ok()) {
            Some(ppb) if ppb <= MAX_DEVIATION_PPB => Ok(DeviationText(if negative { -ppb } else { ppb })),
            _ => Err(format!("`{text}` is no deviation of at most 50 %; write `50 ppm` or `-0.1 %`")),
        }
    }

    fn bare(number: &str) -> String {
        format!("a deviation needs a unit; write `\"{number} ppm\"` or `\"{number} %\"`")
    }
}

/// Half of the frequency.
const MAX_DEVIATION_PPB: i64 = 500_000_000;

impl Scalar for SlackText {
    const NAME: &'static str = "Slack";
    const EXPECTING: &'static str = "a least margin, such as `>= 10 %`, `>= 2 ns` or `>= 0.1 UI`";
    const PATTERN: &'static str = r"^\s*>= *[0-9._]+ *(%|UI|s|ms|us|µs|ns|ps|fs)\s*$";

    fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no least margin; write `>= 10 %`, `>= 2 ns` or `>= 0.1 UI`");
        let amount = text.trim().strip_prefix(">=").ok_or_else(wrong)?;
        match split_unit(amount) {
            (number, "%") => decimal(number, 4)
                .and_then(|millionths| u32::try_from(millionths).ok())
                .map(|millionths| SlackText(Slack::Share(millionths)))
                .ok_or_else(wrong),
            (number, "UI") => decimal(number, 3)
                .and_then(|thousandths| u32::try_from(thousandths).ok())
                .map(|thousandths| SlackText(Slack::MilliUi(thousandths)))
                .ok_or_else(wrong),
            _ => SpanText::read(amount).map(|SpanText(span)| SlackText(Slack::Span(span))),
        }
    }

    fn bare(number: &str) -> String {
        format!("a least margin says of what; write `\">= {number} %\"` or `\">= {number} ns\"`")
    }
}

impl Scalar for PatternText {
    const NAME: &'static str = "Pattern";
    const EXPECTING: &'static str =
        "`always`, `every:3`, `random:64` (chances in 256) or `bursts:4/2` (open, then shut)";
    const PATTERN: &'static str =
        r"^(always|every:[1-9][0-9]*|random:[1-9][0-9]*|bursts:[1-9][0-9]*/[0-9]+)$";

    fn read(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.trim().split_once(':').unwrap_or((text.trim(), ""));
        let pattern = match kind {
            "always" if rest.is_empty() => Some(Pattern::Always),
            "every" => positive_number(rest).map(Pattern::Every),
            "random" => rest.parse().ok().filter(|n| *n > 0).map(Pattern::Random),
            "bursts" => rest.split_once('/').and_then(|(open, shut)| {
                Some(Pattern::Bursts { open: positive_number(open)?, shut: shut.parse().ok()? })
            }),
            _ => None,
        };
        pattern.map(PatternText).ok_or_else(|| format!("`{text}` is no pattern; write {}", Self::EXPECTING))
    }

    fn bare(number: &str) -> String {
        format!("a pattern says of what; write `\"every:{number}\"`, or another of {}", Self::EXPECTING)
    }
}

fn positive_number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|n| *n > 0)
}

impl Scalar for HexText {
    const NAME: &'static str = "HexBytes";
    const EXPECTING: &'static str = "bytes in hexadecimal, such as `ef 40 18`";
    const PATTERN: &'static str = r"^(\s*[0-9A-Fa-f]{2})*\s*$";

    fn read(text: &str) -> Result<Self, String> {
        let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        if let Some(c) = digits.iter().find(|c| !c.is_ascii_hexdigit()) {
            return Err(format!("`{c}` is no hexadecimal digit; write bytes such as `ef 40 18`"));
        }
        if !digits.len().is_multiple_of(2) {
            return Err(format!("{} digits are no whole number of bytes; write two for each", digits.len()));
        }
        let nibble = |c: char| c.to_digit(16).unwrap_or(0) as u8;
        Ok(HexText(digits.chunks(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect()))
    }

    fn bare(number: &str) -> String {
        format!("bytes are written as text; write `\"{number}\"` if these are hexadecimal digits")
    }
}

impl Scalar for ResistanceText {
    const NAME: &'static str = "Resistance";
    const EXPECTING: &'static str = "a resistance with a unit, such as `2.2 kOhm`";
    const PATTERN: &'static str = r"^\s*[0-9._]+ *(m|k|M)?(Ohm|Ω)\s*$";

    fn read(text: &str) -> Result<Self, String> {
        const UNITS: [(&str, u32); 6] =
            [("Ohm", 3), ("kOhm", 6), ("MOhm", 9), ("mOhm", 0), ("Ω", 3), ("kΩ", 6)];
        positive::<Self>(text, "a resistance", &UNITS).map(|milliohm| ResistanceText(milliohm / 1e3))
    }

    fn bare(number: &str) -> String {
        // 4.7 is kilohms, 4700 is not.
        let unit = if number.parse().is_ok_and(|value: f64| value >= 47.0) { "Ohm" } else { "kOhm" };
        format!("a resistance needs a unit; write `\"{number} {unit}\"`, or another of Ohm, kOhm, MOhm")
    }
}

impl Scalar for CapacitanceText {
    const NAME: &'static str = "Capacitance";
    const EXPECTING: &'static str = "a capacitance with a unit, such as `120 pF`";
    const PATTERN: &'static str = r"^\s*[0-9._]+ *(f|p|n|u)F\s*$";

    fn read(text: &str) -> Result<Self, String> {
        const UNITS: [(&str, u32); 4] = [("pF", 3), ("nF", 6), ("uF", 9), ("fF", 0)];
        positive::<Self>(text, "a capacitance", &UNITS).map(|femto| CapacitanceText(femto / 1e15))
    }

    fn bare(number: &str) -> String {
        format!("a capacitance needs a unit; write `\"{number} pF\"`, or another of pF, nF, uF")
    }
}

impl Scalar for VoltageText {
    const NAME: &'static str = "Voltage";
    const EXPECTING: &'static str = "a voltage with a unit, such as `3.3 V`";
    const PATTERN: &'static str = r"^\s*[0-9._]+ *(V|mV)\s*$";

    fn read(text: &str) -> Result<Self, String> {
        positive::<Self>(text, "a voltage", &[("V", 3), ("mV", 0)]).map(|milli| VoltageText(milli / 1e3))
    }

    fn bare(number: &str) -> String {
        format!("a voltage needs a unit; write `\"{number} V\"`, or another of V, mV")
    }
}

impl Scalar for TemperatureText {
    const NAME: &'static str = "Temperature";
    const EXPECTING: &'static str = "a temperature with a unit, such as `25.5 C`";
    const PATTERN: &'static str = r"^\s*-?[0-9._]+ *(°?C|mC)\s*$";

    fn read(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let (digits, sign) = trimmed.strip_prefix('-').map_or((trimmed, 1), |rest| (rest, -1));
        let milli = scaled::<Self>(digits, "a temperature", &[("C", 3), ("°C", 3), ("mC", 0)])?;
        match milli.and_then(|milli| i32::try_from(milli).ok()) {
            Some(milli) => Ok(TemperatureText(sign * milli)),
            None => Err(format!("`{text}` is no temperature; write {}", Self::EXPECTING)),
        }
    }

    fn bare(number: &str) -> String {
        format!("a temperature needs a unit; write `\"{number} C\"`")
    }
}

impl Scalar for PressureText {
    const NAME: &'static str = "Pressure";
    const EXPECTING: &'static str = "a pressure with a unit, such as `1013.25 hPa`";
    const PATTERN: &'static str = r"^\s*[0-9._]+ *(Pa|hPa|kPa)\s*$";

    fn read(text: &str) -> Result<Self, String> {
        let pascal = scaled::<Self>(text, "a pressure", &[("hPa", 2), ("Pa", 0), ("kPa", 3)])?;
        let pascal = pascal.and_then(|pascal| u32::try_from(pascal).ok()).map(PressureText);
        pascal.ok_or_else(|| format!("`{text}` is no pressure in whole pascal; write {}", Self::EXPECTING))
    }

    fn bare(number: &str) -> String {
        format!("a pressure needs a unit; write `\"{number} hPa\"`, or another of Pa, kPa")
    }
}

impl Scalar for PercentText {
    const NAME: &'static str = "Percent";
    const EXPECTING: &'static str = "a share such as `45 %`";
    const PATTERN: &'static str = r"^\s*[0-9._]+ *%\s*$";

    fn read(text: &str) -> Result<Self, String> {
        let milli = scaled::<Self>(text, "a share", &[("%", 3)])?;
        let milli = milli.and_then(|milli| u32::try_from(milli).ok()).map(PercentText);
        milli.ok_or_else(|| format!("`{text}` is no share; write {}", Self::EXPECTING))
    }

    fn bare(number: &str) -> String {
        format!("a share needs a unit; write `\"{number} %\"`")
    }
}

/// The number of `text` times the power of ten of its unit; `None` if that is no whole number below 2^64.
fn scaled<T: Scalar>(text: &str, what: &str, units: &[(&str, u32)]) -> Result<Option<u64>, String> {
    let (number, unit) = split_unit(text);
    match units.iter().find(|(known, _)| *known == unit) {
        Some((_, scale)) => Ok(decimal(number, *scale)),
        None if unit.is_empty() => Err(T::bare(number)),
        None => {
            let hint = crate::suggest::hint(unit, units.iter().map(|(known, _)| *known));
            Err(format!("unknown unit `{unit}` of {what}{hint}"))
        }
    }
}

/// The same, where nothing but a number above zero makes sense.
fn positive<T: Scalar>(text: &str, what: &str, units: &[(&str, u32)]) -> Result<f64, String> {
    match scaled::<T>(text, what, units)? {
        Some(number) if number > 0 => Ok(number as f64),
        _ => Err(format!("`{text}` is not {what} above zero; write {}", T::EXPECTING)),
    }
}

/// The number and the unit behind it.
pub(super) fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    (&text[..split], text[split..].trim())
}

/// The decimal `number` times ten to the power of `scale`, if that is whole and below 2^64.
pub(super) fn decimal(number: &str, scale: u32) -> Option<u64> {
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let fraction = fraction.trim_end_matches('0');
    if (whole.is_empty() && fraction.is_empty()) || fraction.len() > scale as usize {
        return None;
    }
    let digits = |s: &str| if s.is_empty() { Some(0) } else { s.parse::<u64>().ok() };
    let rest = digits(fraction)?.checked_mul(10u64.pow(scale - fraction.len() as u32))?;
    digits(whole)?.checked_mul(10u64.pow(scale))?.checked_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_are_exact() {
        let hz = |text: &str| FrequencyText::read(text).map(|f| f.0);
        assert_eq!(hz("16 MHz"), Ok(16_000_000));
        assert_eq!(hz("32.768kHz"), Ok(32_768));
        assert_eq!(hz("1_000 Hz"), Ok(1_000));
        assert!(hz("0.5 Hz").unwrap_err().contains("whole hertz"));
        assert!(hz("0 Hz").is_err());
        assert_eq!(hz("16 Mhz").unwrap_err(), "unknown unit `Mhz` of a frequency; did you mean `MHz`?");
        assert_eq!(
            hz("16").unwrap_err(),
            "a frequency needs a unit; write `\"16 MHz\"`, or another of Hz, kHz, MHz, GHz"
        );
    }

    #[test]
    fn electrical_values_have_units() {
        assert_eq!(ResistanceText::read("2.2 kOhm").map(|r| r.0), Ok(2200.0));
        assert_eq!(ResistanceText::read("25Ω").map(|r| r.0), Ok(25.0));
        assert_eq!(CapacitanceText::read("120 pF").map(|c| c.0), Ok(120e-12));
        assert_eq!(VoltageText::read("1.8 V").map(|v| v.0), Ok(1.8));
        assert_eq!(
            ResistanceText::read("2.2 kohm").unwrap_err(),
            "unknown unit `kohm` of a resistance; did you mean `kOhm`?"
        );
        assert!(ResistanceText::read("4.7").unwrap_err().contains("write `\"4.7 kOhm\"`"));
        assert!(ResistanceText::read("2200").unwrap_err().contains("write `\"2200 Ohm\"`"));
        assert!(VoltageText::read("0 V").unwrap_err().contains("above zero"));
    }

    #[test]
    fn weather_has_units() {
        assert_eq!(TemperatureText::read("25.5 C").map(|t| t.0), Ok(25_500));
        assert_eq!(
            TemperatureText::read("-0.0625 C").unwrap_err(),
            "`-0.0625 C` is no temperature; write a temperature with a unit, such as `25.5 C`"
        );
        assert_eq!(TemperatureText::read("-10 °C").map(|t| t.0), Ok(-10_000));
        assert_eq!(PressureText::read("1013.25 hPa").map(|p| p.0), Ok(101_325));
        assert_eq!(PercentText::read("45.5 %").map(|p| p.0), Ok(45_500));
        assert!(PercentText::read("45").unwrap_err().contains("write `\"45 %\"`"));
    }

    #[test]
    fn deviations_have_a_sign_and_a_unit() {
        let ppb = |text: &str| DeviationText::read(text).map(|d| d.0);
        assert_eq!(ppb("50 ppm"), Ok(50_000));
        assert_eq!(ppb("-0.1 %"), Ok(-1_000_000));
        assert_eq!(ppb("+0.5ppm"), Ok(500));
        assert!(ppb("51 %").unwrap_err().contains("at most 50 %"));
        assert!(ppb("3").unwrap_err().contains("needs a unit"));
    }

    #[test]
    fn slack_is_a_share_or_a_time() {
        let slack = |text: &str| SlackText::read(text).map(|s| s.0);
        assert_eq!(slack(">= 10%"), Ok(Slack::Share(100_000)));
        assert_eq!(slack(">=2 ns"), Ok(Slack::Span(Span::from_ns(2))));
        assert_eq!(slack(">= 0.1 UI"), Ok(Slack::MilliUi(100)));
        assert!(slack("10 %").unwrap_err().contains(">= 10 %"));
    }

    #[test]
    fn hex_is_whole_bytes() {
        let hex = |text: &str| HexText::read(text).map(|h| h.0);
        assert_eq!(hex("ef 4018"), Ok(vec![0xef, 0x40, 0x18]));
        assert_eq!(hex(""), Ok(vec![]));
        assert!(hex("ef4").unwrap_err().contains("3 digits"));
        assert!(hex("0x12").unwrap_err().contains("`x`"));
    }
}
