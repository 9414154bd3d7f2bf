//! The colours of pictures, and what they become on a dark page.
//!
//! They are told apart by those who do not see red and green, too: Okabe and Ito's, lightened for backgrounds and darkened for
//! lines and letters. None carries a meaning that words or shapes lack.

use plotters::style::RGBColor;

pub(crate) const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
pub(crate) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(crate) const FAINT: RGBColor = RGBColor(0x9a, 0x9a, 0x9a);
pub(crate) const GRID: RGBColor = RGBColor(0xe2, 0xe2, 0xe2);
pub(crate) const WIRE: RGBColor = RGBColor(0x00, 0x5a, 0x9c);
pub(crate) const WORD: RGBColor = RGBColor(0xe4, 0xf0, 0xfa);
pub(crate) const CROWD: RGBColor = RGBColor(0xa9, 0xc6, 0xdf);
pub(crate) const UNKNOWN: RGBColor = RGBColor(0x8a, 0x5a, 0x00);
pub(crate) const WRONG: RGBColor = RGBColor(0xb3, 0x26, 0x1e);
pub(crate) const PLAIN: RGBColor = RGBColor(0x56, 0x9b, 0xd1);
pub(crate) const GOOD: RGBColor = RGBColor(0xcf, 0xe8, 0xdf);
pub(crate) const ODD: RGBColor = RGBColor(0xf5, 0xdd, 0xa8);
pub(crate) const BAD: RGBColor = RGBColor(0xef, 0xb5, 0x92);
pub(crate) const AMPLE: RGBColor = RGBColor(0x2f, 0x8f, 0x73);
pub(crate) const FAIR: RGBColor = RGBColor(0x79, 0xbd, 0xa5);
pub(crate) const THIN: RGBColor = RGBColor(0xb4, 0xdf, 0xcf);
pub(crate) const BARE: RGBColor = RGBColor(0xe6, 0xf5, 0xef);
pub(crate) const FAILS: RGBColor = RGBColor(0xfb, 0xe3, 0xd6);
pub(crate) const HATCH: RGBColor = RGBColor(0xd9, 0x8a, 0x63);

/// Every colour, and what it is where the paper is dark.
const DARK: [(RGBColor, RGBColor); 19] = [
    (PAPER, RGBColor(0x1c, 0x1f, 0x23)),
    (INK, RGBColor(0xe6, 0xe6, 0xe6)),
    (FAINT, RGBColor(0x8b, 0x90, 0x96)),
    (GRID, RGBColor(0x3a, 0x3f, 0x45)),
    (WIRE, RGBColor(0x7c, 0xb8, 0xea)),
    (WORD, RGBColor(0x20, 0x3a, 0x52)),
    (CROWD, RGBColor(0x3d, 0x62, 0x82)),
    (UNKNOWN, RGBColor(0xe0, 0xa8, 0x40)),
    (WRONG, RGBColor(0xff, 0x9d, 0x8a)),
    (PLAIN, RGBColor(0x3f, 0x7d, 0xb0)),
    (GOOD, RGBColor(0x1f, 0x4d, 0x3f)),
    (ODD, RGBColor(0x5c, 0x45, 0x10)),
    (BAD, RGBColor(0x7a, 0x38, 0x1c)),
    (AMPLE, RGBColor(0x4f, 0xc0, 0x9c)),
    (FAIR, RGBColor(0x38, 0x8c, 0x71)),
    (THIN, RGBColor(0x27, 0x5c, 0x4c)),
    (BARE, RGBColor(0x1f, 0x38, 0x31)),
    (FAILS, RGBColor(0x3d, 0x26, 0x1d)),
    (HATCH, RGBColor(0xb0, 0x62, 0x3c)),
];

/// Rules of CSS that turn pictures within a page dark.
pub(crate) fn dark_css() -> String {
    let name = |RGBColor(r, g, b): RGBColor| format!("#{r:02X}{g:02X}{b:02X}");
    let rule = |&(light, dark): &(RGBColor, RGBColor)| {
        let (light, dark) = (name(light), name(dark));
        format!("svg [fill=\"{light}\"]{{fill:{dark}}}svg [stroke=\"{light}\"]{{stroke:{dark}}}\n")
    };
    DARK.iter().map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour (WCAG 2.2).
    fn luminance(RGBColor(r, g, b): RGBColor) -> f64 {
        let linear = |byte: u8| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    /// The contrast of two colours, 1 to 21 (WCAG 2.2).
    fn contrast(one: RGBColor, other: RGBColor) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn letters_are_legible_on_whatever_they_stand_on_light_or_dark() {
        let dark = |light: RGBColor| DARK.iter().find(|pair| pair.0 == light).expect("it has one").1;
        let pairs =
            [(INK, PAPER), (WRONG, PAPER), (INK, WORD), (INK, CROWD), (INK, GOOD), (INK, ODD), (INK, BAD)];
        for (letters, ground) in pairs {
            assert!(contrast(letters, ground) >= 4.5, "{letters:?} on {ground:?}");
            let (letters, ground) = (dark(letters), dark(ground));
            assert!(contrast(letters, ground) >= 4.5, "dark: {letters:?} on {ground:?}");
        }
    }

    #[test]
    fn no_two_colours_are_the_same() {
        for (i, (light, dark)) in DARK.iter().enumerate() {
            assert!(DARK[..i].iter().all(|other| other.0 != *light && other.1 != *dark), "{light:?}");
        }
    }
}
