//! What was said and what was found, as text beside the wires of a waveform.
//!
//! Each bus makes [`Track`]s of its items: one of whole transfers where there are such, and one of the words of each line.

pub mod crossing;
pub mod handshake;
pub mod i2c;
pub mod spi;
pub mod uart;

use busproof_core::bus::{Diagnostic, Severity};
use busproof_core::timing::{Bound, Finding, Verdict};
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

/// `tSU;DAT 10 ns < 100 ns`.
fn finding(finding: &Finding) -> Caption {
    let unit = finding.rule.unit();
    let (measured, limit) = (quantity(finding.measured, unit), quantity(finding.limit, unit));
    let name = finding.rule.name;
    let text = match (finding.verdict, finding.rule.bound()) {
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
