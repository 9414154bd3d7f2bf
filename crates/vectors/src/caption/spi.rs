//! Words of SPI, and the transfers between select and deselect.

use busproof_core::bus::spi::{Direction, Item, Payload, Word};
use busproof_core::{Bits, Time};
use busproof_wave::{About, Caption, Track};

use super::Words;

/// The tracks of what was said: `mosi 9f 00 | miso ff ef` for a transfer, if there was a chip select; the words of each
/// line, an incomplete one as `1d;5`.
pub fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
    let mut tracks = Vec::new();
    let transfers = transfers(items);
    if !transfers.is_empty() {
        tracks.push(Track::new(format!("{scope}.transfers"), About::Transfers, transfers));
    }
    let mut lines: Vec<(&'static str, Vec<Caption>)> = Vec::new();
    for (word, suffix) in items.iter().filter_map(word) {
        for (line, bits) in parts(&word.payload) {
            let caption = Caption { from: word.start, to: word.end, text: format!("{bits}{suffix}") };
            match lines.iter_mut().find(|(known, _)| *known == line.name()) {
                Some((_, captions)) => captions.push(caption),
                None => lines.push((line.name(), vec![caption])),
            }
        }
    }
    let track = |(line, captions)| Track::new(format!("{scope}.{line}_words"), About::Items, captions);
    tracks.extend(lines.into_iter().map(track));
    tracks
}

/// A word, and what marks it as incomplete.
fn word(item: &Item) -> Option<(&Word, String)> {
    match item {
        Item::Word(word) => Some((word, String::new())),
        Item::Incomplete(word) => Some((word, format!(";{}", word.payload.len()))),
        Item::Select { .. } | Item::Deselect { .. } => None,
    }
}

/// What a part of a word travelled on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// From the controller.
    Mosi,
    /// To the controller.
    Miso,
    /// So many lanes, in one direction at a time.
    Shared(u8, Direction),
}

impl Line {
    fn name(self) -> &'static str {
        match self {
            Line::Mosi => "mosi",
            Line::Miso => "miso",
            Line::Shared(..) => "io",
        }
    }
}

impl std::fmt::Display for Line {
    /// `mosi`, `io x4 <`: from the controller, `io x4 >`: to it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Line::Mosi | Line::Miso => f.write_str(self.name()),
            Line::Shared(lanes, Direction::Unknown) => write!(f, "io x{lanes} "),
            Line::Shared(lanes, Direction::ToPeripheral) => write!(f, "io x{lanes} <"),
            Line::Shared(lanes, Direction::ToController) => write!(f, "io x{lanes} >"),
        }
    }
}

/// What travelled on which line.
pub fn parts(payload: &Payload) -> Vec<(Line, &Bits)> {
    match payload {
        Payload::Duplex { mosi, miso } => [(Line::Mosi, mosi), (Line::Miso, miso)]
            .into_iter()
            .filter_map(|(line, bits)| Some((line, bits.as_ref()?)))
            .collect(),
        Payload::Shared { lanes, direction, bits } => vec![(Line::Shared(*lanes, *direction), bits)],
    }
}

/// A transfer in the making.
struct Transfer {
    from: Time,
    to: Time,
    cs: u8,
    /// The words of each line, in the order in which the lines first carried one.
    lines: Vec<(String, Words)>,
}

impl Transfer {
    fn new(at: Time, cs: u8) -> Transfer {
        Transfer { from: at, to: at, cs, lines: Vec::new() }
    }

    fn word(&mut self, word: &Word, suffix: &str) {
        self.to = self.to.max(word.end);
        for (line, bits) in parts(&word.payload) {
            let name = line.to_string();
            let at = self.lines.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                self.lines.push((name, Words::default()));
                self.lines.len() - 1
            });
            self.lines[at].1.push(&format!("{bits}{suffix}"));
        }
    }

    fn caption(self) -> Caption {
        let lines =
            self.lines.into_iter().map(|(name, words)| format!("{} {}", name.trim_end(), words.finish()));
        let said = lines.collect::<Vec<_>>().join(" | ");
        let said = if said.is_empty() { "nothing".to_owned() } else { said };
        let before = if self.cs == 0 { String::new() } else { format!("cs{} ", self.cs) };
        Caption { from: self.from, to: self.to, text: before + &said }
    }
}

/// What was said between select and deselect; nothing if there is no chip select.
fn transfers(items: &[Item]) -> Vec<Caption> {
    let mut captions = Vec::new();
    let mut open: Option<Transfer> = None;
    for item in items {
        match item {
            Item::Select { at, cs } => {
                captions.extend(open.replace(Transfer::new(*at, *cs)).map(Transfer::caption));
            }
            Item::Deselect { at, .. } => {
                captions.extend(open.take().map(|transfer| Transfer { to: *at, ..transfer }.caption()));
            }
            Item::Word(_) | Item::Incomplete(_) => {
                if let (Some(transfer), Some((word, suffix))) = (&mut open, word(item)) {
                    transfer.word(word, &suffix);
                }
            }
        }
    }
    captions.extend(open.map(Transfer::caption));
    captions
}

#[cfg(test)]
mod tests {
    use busproof_core::bus::spi::Flags;

    use super::*;

    fn at(ns: u64) -> Time {
        Time::from_fs(ns * 1_000_000)
    }

    fn duplex(start: u64, mosi: u64, miso: u64) -> Word {
        let payload = Payload::Duplex { mosi: Some(Bits::new(mosi, 8)), miso: Some(Bits::new(miso, 8)) };
        Word { start: at(start), end: at(start + 8), cs: 0, payload, flags: Flags::default() }
    }

    #[test]
    fn a_transfer_is_told_line_by_line() {
        let cut = Payload::Duplex { mosi: Some(Bits::new(0b10, 2)), miso: None };
        let items = [
            Item::Select { at: at(1), cs: 0 },
            Item::Word(duplex(2, 0x9f, 0xff)),
            Item::Word(duplex(10, 0, 0xef)),
            Item::Incomplete(Word { payload: cut, ..duplex(20, 0, 0) }),
            Item::Deselect { at: at(30), cs: 0 },
            Item::Select { at: at(40), cs: 1 },
            Item::Deselect { at: at(50), cs: 1 },
        ];
        let tracks = tracks("spi", &items);
        let told: Vec<(&str, Vec<&str>)> = tracks
            .iter()
            .map(|t| (t.name.as_str(), t.captions.iter().map(|c| c.text.as_str()).collect()))
            .collect();
        assert_eq!(
            told,
            [
                ("spi.transfers", vec!["mosi 9f 00 2;2 | miso ff ef", "cs1 nothing"]),
                ("spi.mosi_words", vec!["9f", "00", "2;2"]),
                ("spi.miso_words", vec!["ff", "ef"]),
            ]
        );
        assert_eq!((tracks[0].captions[0].from, tracks[0].captions[0].to), (at(1), at(30)));
    }
}
