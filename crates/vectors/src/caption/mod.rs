//! What was said and what was found, as text beside the wires of a waveform.
//!
//! Each bus makes [`Track`]s of its items: one of whole transfers where there are such, and one of the words of each line.

pub mod crossing;
pub mod ddr;
pub mod handshake;
pub mod i2c;
pub mod spi;
pub mod uart;

use busproof_core::bus::{Diagnostic, Severity};
use busproof_core::timing::{Bound, Finding, Needs, Verdict};
use busproof_wave::{About, Caption, Track};

use crate::report::quantity;

/// A caption of a transfer shows its first words, so many at most.
const SHOWN: usize = 64;

/// The track of what was found below `scope`; none if nothing was.
pub fn findings(scope: &str, findings: &[Finding], oddities: &[Diagnostic]) -> Option<Track> {
    let broken = findings.iter().map(finding);
    let odd = oddities.iter().filter(|odd| odd.severity != Severity::Note).map(oddity);
    let captions: Vec<Caption> = broken.chain(odd).collect();
    (!captions.is_empty()).then(|| Track::new(format!("{scope}.findings"), About::Findings, captions))
}

/// Something that was found wrong, on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The rule, or the code of the oddity.
    pub code: &'static str,
    /// Where, and what to say of it.
    pub caption: Caption,
}

/// Every broken rule and every oddity, where a track makes one caption of those that begin together, in order of the
/// beginnings; what nobody can tell is left out.
pub fn found(findings: &[Finding], oddities: &[Diagnostic]) -> Vec<Found> {
    let broken = findings.iter().filter(|finding| finding.verdict == Verdict::Broken);
    let rules = broken.map(|broken| Found { code: broken.rule.name, caption: finding(broken) });
    let odd = oddities.iter().filter(|odd| odd.severity != Severity::Note);
    let mut found: Vec<Found> =
        rules.chain(odd.map(|odd| Found { code: odd.code, caption: oddity(odd) })).collect();
    found.sort_by_key(|found| (found.caption.from, found.caption.to));
    found
}

/// `tSU;DAT 10 ns < 100 ns`.
fn finding(finding: &Finding) -> Caption {
    let unit = finding.rule.unit();
    let (measured, limit) = (quantity(finding.measured, unit), quantity(finding.limit, unit));
    let name = finding.rule.name;
    let text = match (finding.verdict, finding.rule.bound()) {
        // There is no interval: whether two things happened at once is all that was asked.
        (Verdict::CannotTell, _) if finding.rule.needs == Needs::Instants => {
            format!("{name}: at once or not, cannot tell")
        }
        _ if finding.rule.needs == Needs::Instants => format!("{name}: both at once"),
        (Verdict::CannotTell, _) => format!("{name} {measured}, limit {limit}: cannot tell"),
        (_, Some(Bound::Max(_))) => format!("{name} {measured} > {limit}"),
        _ => format!("{name} {measured} < {limit}"),
    };
    Caption { from: finding.from, to: finding.to, text }
}

fn oddity(odd: &Diagnostic) -> Caption {
    Caption { from: odd.from, to: odd.to, text: format!("{}: {}", odd.code, odd.text) }
}

/// Words with blanks between, the first of them if they are many.
#[derive(Clone, Debug, Default)]
struct Words {
    text: String,
    count: usize,
}

impl Words {
    fn push(&mut self, word: &str) {
        self.count += 1;
        if self.count > SHOWN {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(word);
    }

    fn finish(self) -> String {
        match self.count.saturating_sub(SHOWN) {
            0 => self.text,
            n => format!("{} and {n} more", self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::bus::spi;
    use busproof_core::timing::Place;
    use busproof_core::{Span, Time};

    use super::*;

    fn broken(rule: &str, measured: i64, limit: i64) -> Finding {
        let rule = spi::INFO.rules.iter().find(|known| known.name == rule).expect("a rule of SPI");
        let (from, to) = (Time::ZERO, Time::from_fs(measured.unsigned_abs()));
        let (verdict, grid) = (Verdict::Broken, Span::ZERO);
        Finding { rule, verdict, from, to, measured, limit, grid, place: Place::default() }
    }

    fn text(finding: Finding) -> String {
        super::finding(&finding).text
    }

    #[test]
    fn a_broken_rule_says_on_which_side_of_its_limit_it_is() {
        assert_eq!(text(broken("tCLH", 3_000_000, 3_383_000)), "tCLH 3 ns < 3.383 ns");
        assert_eq!(text(broken("tCLQV", 7_000_000, 6_000_000)), "tCLQV 7 ns > 6 ns");
    }

    #[test]
    fn a_coincidence_has_no_length_to_tell() {
        let both = broken("MISO-stable", 0, 1);
        assert_eq!(text(both), "MISO-stable: both at once");
        let doubt = text(Finding { verdict: Verdict::CannotTell, ..both });
        assert_eq!(doubt, "MISO-stable: at once or not, cannot tell");
    }

    #[test]
    fn what_begins_together_stays_apart_and_in_order() {
        let later = Finding { from: Time::from_fs(5), to: Time::from_fs(9), ..broken("tCLQV", 7, 6) };
        let doubt = Finding { verdict: Verdict::CannotTell, ..broken("tCHDX", 0, 1) };
        let all = found(&[later, broken("tCLH", 2, 3), broken("tCLL", 1, 3), doubt], &[]);
        assert_eq!(all.iter().map(|found| found.code).collect::<Vec<_>>(), ["tCLL", "tCLH", "tCLQV"]);
    }
}
