//! Decimal numbers, exactly.

/// A decimal number such as `-0.000125` or `1.25e-07`, times 10^`power`, towards zero; `None` if it is none or huge.
pub(super) fn scaled(text: &[u8], decimal_comma: DecimalMark, power: i32) -> Option<i128> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    let (mantissa, exponent) = split_exponent(digits)?;
    let (value, decimals) = parse_mantissa(mantissa, decimal_comma)?;
    let shift = power.checked_add(exponent)?.checked_sub(decimals)?;
    let value = shifted(value, shift)?;
    Some(if negative { -value } else { value })
}

/// How many decimals a number has, its exponent included.
pub(super) fn decimals(text: &[u8], mark: DecimalMark) -> Option<i32> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let (mantissa, exponent) = split_exponent(digits)?;
    Some(parse_mantissa(mantissa, mark)?.1 - exponent)
}

/// What stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecimalMark {
    Point,
    /// A comma or a point, where another character separates fields.
    Comma,
}

impl DecimalMark {
    fn is(self, byte: u8) -> bool {
        byte == b'.' || byte == b',' && self == DecimalMark::Comma
    }
}

fn split_exponent(digits: &[u8]) -> Option<(&[u8], i32)> {
    let Some(at) = digits.iter().position(|b| matches!(b, b'e' | b'E')) else { return Some((digits, 0)) };
    let exponent: i32 = std::str::from_utf8(&digits[at + 1..]).ok()?.parse().ok()?;
    (exponent.abs() <= 40).then_some((&digits[..at], exponent))
}

/// The digits as a whole number, and how many of them are decimals; digits beyond 34 are dropped.
fn parse_mantissa(text: &[u8], mark: DecimalMark) -> Option<(i128, i32)> {
    const ENOUGH: i128 = 10i128.pow(34);
    let (mut value, mut decimals, mut seen, mut point) = (0i128, 0, false, false);
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                if value < ENOUGH {
                    value = value * 10 + i128::from(byte - b'0');
                    decimals += i32::from(point);
                } else if !point {
                    return None;
                }
            }
            b if mark.is(b) && !point => point = true,
            _ => return None,
        }
    }
    seen.then_some((value, decimals))
}

fn shifted(value: i128, shift: i32) -> Option<i128> {
    let factor = 10i128.checked_pow(shift.unsigned_abs());
    match factor {
        Some(factor) if shift >= 0 => value.checked_mul(factor),
        Some(factor) => Some(value / factor),
        None if shift < 0 || value == 0 => Some(0),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fs(text: &str) -> Option<i128> {
        scaled(text.as_bytes(), DecimalMark::Point, 15)
    }

    #[test]
    fn times_are_exact() {
        assert_eq!(fs("0.000000125"), Some(125_000_000));
        assert_eq!(fs("-0.1"), Some(-100_000_000_000_000));
        assert_eq!(fs("1.25e-07"), Some(125_000_000));
        assert_eq!(fs("0.30000000000000004"), Some(300_000_000_000_000));
        assert_eq!(fs("5"), Some(5_000_000_000_000_000));
        assert_eq!(scaled(b"1,5", DecimalMark::Comma, 6), Some(1_500_000));
        assert_eq!(scaled(b"1,5", DecimalMark::Point, 6), None);
        assert_eq!(decimals(b"-0.125", DecimalMark::Point), Some(3));
        assert_eq!(decimals(b"1.5e-7", DecimalMark::Point), Some(8));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let long = "9".repeat(60);
        for text in ["", "-", ".", "1.2.3", "1e", "1e999", "abc", "0x10", "--1", long.as_str()] {
            assert_eq!(fs(text), None, "{text}");
        }
        assert_eq!(fs(&format!("0.{long}")), Some(999_999_999_999_999));
    }
}
