//! SPI items for people: rows of words, or one line per transfer that says what a part was told.

use std::io::{self, Write};

use busproof_core::Time;
use busproof_core::bus::spi::{Item, Options, Word};
use busproof_parts::{Dummies, Part, Transfer};
use busproof_vectors::caption::spi::parts;

use super::Spi;
use crate::out::COLUMNS;
use crate::protocol;
use crate::units::{count, hanging, instant};

/// The columns of the time, and of the line's name.
const TIME: usize = 16;
const LINE: usize = 9;
/// What is left for words, between brackets.
const WORDS: usize = COLUMNS - TIME - 2 - LINE - 3;
/// Longer transfers are described by their first words.
const KEPT: usize = 1 << 14;

/// Prints rows of words, or transfers.
pub(crate) struct Printer {
    view: View,
    headed: bool,
    transfers: u64,
    words: u64,
}

enum View {
    Rows(Row),
    Transfers(Box<Described>),
}

impl Printer {
    /// A printer for a bus; it names the transfers if the part is known.
    pub(crate) fn new(spi: &Spi) -> Printer {
        let view = match Described::new(spi) {
            Some(described) => View::Transfers(Box::new(described)),
            None => View::Rows(Row::default()),
        };
        Printer { view, headed: false, transfers: 0, words: 0 }
    }

    fn head(&mut self, out: &mut impl Write) -> io::Result<()> {
        if std::mem::replace(&mut self.headed, true) {
            return Ok(());
        }
        match self.view {
            View::Rows(_) => {
                writeln!(out, "{:>TIME$}  {:<LINE$}words between [ select and deselect ]", "time", "line")
            }
            View::Transfers(_) => writeln!(out, "{:>TIME$}  transfer", "time"),
        }
    }
}

impl protocol::Printer<Item> for Printer {
    fn item(&mut self, item: &Item, out: &mut impl Write) -> io::Result<()> {
        match item {
            Item::Word(_) => self.words += 1,
            Item::Select { .. } => self.transfers += 1,
            Item::Deselect { .. } | Item::Incomplete(_) => {}
        }
        self.head(out)?;
        match &mut self.view {
            View::Rows(row) => row.item(item, out),
            View::Transfers(described) => described.item(item, out),
        }
    }

    fn finish(&mut self, out: &mut impl Write) -> io::Result<()> {
        match &mut self.view {
            View::Rows(row) => row.flush(out),
            View::Transfers(described) => described.flush(out),
        }
    }

    fn totals(&self) -> String {
        let transfers = match self.transfers {
            0 => "no transfer began with chip select".to_owned(),
            n => count(n, "transfer"),
        };
        format!("{}, {transfers}", count(self.words, "word"))
    }
}

/// A row of words, as they travelled on one line or on two at once.
#[derive(Debug, Default)]
struct Row {
    at: Option<Time>,
    cs: u8,
    lines: Vec<Line>,
    /// It begins with chip select.
    opened: bool,
    columns: usize,
}

#[derive(Debug)]
struct Line {
    name: String,
    words: String,
}

impl Row {
    fn item(&mut self, item: &Item, out: &mut impl Write) -> io::Result<()> {
        match item {
            Item::Select { at, cs } => {
                self.flush(out)?;
                (self.at, self.cs, self.opened) = (Some(*at), *cs, true);
                Ok(())
            }
            Item::Deselect { at, cs } => self.close(*at, *cs, out),
            Item::Word(word) => self.word(word, "", out),
            Item::Incomplete(word) => self.word(word, &format!(";{}", word.payload.len()), out),
        }
    }

    fn word(&mut self, word: &Word, suffix: &str, out: &mut impl Write) -> io::Result<()> {
        let parts = parts(&word.payload);
        let texts: Vec<String> = parts.iter().map(|(_, bits)| format!("{bits}{suffix}")).collect();
        let wide = 1 + texts.first().map_or(0, String::len);
        let same = self.lines.len() == parts.len()
            && self.lines.iter().zip(&parts).all(|(line, (name, _))| line.name == name.to_string());
        if !self.lines.is_empty() && (!same || self.columns + wide > WORDS || self.cs != word.cs) {
            self.flush(out)?;
        }
        if self.lines.is_empty() {
            self.at = self.at.or(Some(word.start));
            self.cs = word.cs;
            self.lines =
                parts.iter().map(|(name, _)| Line { name: name.to_string(), words: String::new() }).collect();
        }
        for (line, text) in self.lines.iter_mut().zip(&texts) {
            line.words.push(' ');
            line.words.push_str(text);
        }
        self.columns += wide;
        Ok(())
    }

    fn close(&mut self, at: Time, cs: u8, out: &mut impl Write) -> io::Result<()> {
        if self.lines.is_empty() {
            self.at = self.at.or(Some(at));
            self.cs = cs;
            self.lines.push(Line { name: "cs".into(), words: String::new() });
        }
        self.print(" ]", out)
    }

    fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.lines.is_empty() { Ok(()) } else { self.print("", out) }
    }

    fn print(&mut self, end: &str, out: &mut impl Write) -> io::Result<()> {
        let open = if self.opened { "[" } else { " " };
        let mut time = self.at.map(instant).unwrap_or_default();
        for line in self.lines.drain(..) {
            let name = if self.cs == 0 { line.name } else { format!("cs{} {}", self.cs, line.name) };
            writeln!(out, "{time:>TIME$}  {name:<LINE$}{open}{}{end}", line.words)?;
            time.clear();
        }
        (self.at, self.opened, self.columns) = (None, false, 0);
        Ok(())
    }
}

/// A transfer that is described as a whole.
#[derive(Debug)]
struct Described {
    part: std::sync::Arc<Part>,
    options: Options,
    at: Option<Time>,
    cs: u8,
    words: Vec<Word>,
    dropped: u64,
    /// The bits of a last word that was cut off.
    cut: usize,
}

impl Described {
    fn new(spi: &Spi) -> Option<Described> {
        let part = spi.part.clone()?;
        Some(Described {
            part,
            options: spi.options.clone(),
            at: None,
            cs: 0,
            words: Vec::new(),
            dropped: 0,
            cut: 0,
        })
    }

    fn item(&mut self, item: &Item, out: &mut impl Write) -> io::Result<()> {
        match item {
            Item::Select { at, cs } => {
                self.flush(out)?;
                (self.at, self.cs) = (Some(*at), *cs);
            }
            Item::Deselect { .. } => self.flush(out)?,
            Item::Word(word) | Item::Incomplete(word) => {
                if let Item::Incomplete(word) = item {
                    self.cut = word.payload.len();
                }
                self.at = self.at.or(Some(word.start));
                if self.words.len() < KEPT {
                    self.words.push(word.clone());
                } else {
                    self.dropped += 1;
                }
            }
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        let Some(at) = self.at.take() else { return Ok(()) };
        let head = format!("{:>TIME$}  ", instant(at));
        writeln!(out, "{}", hanging(&head, &self.text()))?;
        self.words.clear();
        (self.dropped, self.cut) = (0, 0);
        Ok(())
    }

    fn text(&self) -> String {
        if self.words.first().is_some_and(|word| word.flags.assumed_start) {
            return format!("{} words of a transfer that began before the waveform", self.words.len());
        }
        let dummies = if self.options.commands.is_some() { Dummies::LeftOut } else { Dummies::Included };
        let transfer = Transfer::from_words(&self.words, self.options.bit_order, dummies);
        let before = if self.cs == 0 { String::new() } else { format!("cs{} ", self.cs) };
        let after = match self.dropped {
            0 => String::new(),
            n => format!(" and {n} more words"),
        };
        let cut = match self.cut {
            0 => String::new(),
            1 => " (cut off 1 bit into a word)".to_owned(),
            n => format!(" (cut off {n} bits into a word)"),
        };
        before + &self.part.describe(&transfer) + &after + &cut
    }
}
