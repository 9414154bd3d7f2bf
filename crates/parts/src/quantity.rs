//! Quantities as part files spell them, other than times: frequencies, sizes, strings of bytes.

/// The femtoseconds of a second.
const SECOND: u64 = 1_000_000_000_000_000;

/// The period in femtoseconds of a frequency such as `133 MHz` or `66.5 MHz`, rounded down.
///
/// Down, because the limit stands for the shortest period that a clock of exactly that frequency may show: one whose
/// edges fall on whole femtoseconds alternates between the two nearest periods.
pub(crate) fn period(text: &str) -> Option<u64> {
    let hertz = decimal(text, &[("GHz", 1_000_000_000), ("MHz", 1_000_000), ("kHz", 1_000), ("Hz", 1)])?;
    (hertz > 0 && hertz <= SECOND).then(|| SECOND / hertz)
}

/// The bytes of a size such as `16 MiB`.
pub(crate) fn size(text: &str) -> Option<u64> {
    decimal(text, &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)])
}

/// A decimal number times its unit, if the product is whole and fits.
fn decimal(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, scale) =
        units.iter().find_map(|&(unit, scale)| Some((text.trim().strip_suffix(unit)?, scale)))?;
    let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    let digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let ten = 10u64.pow(fraction.len() as u32);
    let part = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()?.checked_mul(scale)? };
    if part % ten != 0 {
        return None;
    }
    whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(part / ten)
}

/// A positive electrical quantity in its base unit, such as `4.7 kOhm`, `3 mA` or `0.4 V`, with a prefix from p to M.
pub fn si(text: &str, unit: &str) -> Option<f64> {
    let number = text.trim().strip_suffix(unit)?;
    let prefixes = [("p", 1e-12), ("n", 1e-9), ("u", 1e-6), ("m", 1e-3), ("k", 1e3), ("M", 1e6)];
    let (number, scale): (&str, f64) = prefixes
        .iter()
        .find_map(|&(prefix, scale)| Some((number.strip_suffix(prefix)?, scale)))
        .unwrap_or((number, 1.0));
    let value = number.trim().parse::<f64>().ok()?;
    // Division by a whole power of ten is exact where multiplication by its inverse is not.
    let value = if scale < 1.0 { value / (1.0 / scale).round() } else { value * scale };
    (value.is_finite() && value >= 0.0).then_some(value)
}

/// Bytes in hexadecimal, two digits each, with or without blanks between: `ef 40 18`.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| Some(c.to_digit(16)? as u8))
        .collect::<Option<_>>()?;
    let whole = !digits.is_empty() && digits.len().is_multiple_of(2);
    whole.then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_frequency_becomes_the_shortest_period_it_may_show() {
        assert_eq!(period("133 MHz"), Some(7_518_796));
        assert_eq!(period("66.5MHz"), Some(15_037_593));
        assert_eq!(period("1 Hz"), Some(SECOND));
        assert_eq!(period("0 Hz"), None);
        assert_eq!(period("133"), None);
        assert_eq!(period("1.5 Hz"), None);
        assert_eq!(period("-1 Hz"), None);
    }

    #[test]
    fn sizes_and_bytes() {
        assert_eq!(size("16 MiB"), Some(16 << 20));
        assert_eq!(size("256 B"), Some(256));
        assert_eq!(size("16"), None);
        assert_eq!(bytes("ef 40 18"), Some(vec![0xef, 0x40, 0x18]));
        assert_eq!(bytes("ef4"), None);
        assert_eq!(bytes(""), None);
    }

    #[test]
    fn electrical_quantities() {
        assert_eq!(si("4.7 kOhm", "Ohm"), Some(4700.0));
        assert_eq!(si("120pF", "F"), Some(120e-12));
        assert_eq!(si("0.4 V", "V"), Some(0.4));
        assert_eq!(si("3 mA", "A"), Some(0.003));
        assert_eq!(si("3 mA", "V"), None);
        assert_eq!(si("inf V", "V"), None);
        assert_eq!(si("-1 V", "V"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,24}") {
            let _ = (period(&text), size(&text), bytes(&text), si(&text, "V"));
        }
    }
}
