//! The declarations of a VCD: everything up to `$enddefinitions`.

use crate::error::{Place, ReadError, ReadErrorKind};
use crate::reader::{Signal, SignalKind};
use crate::text::{Text, decode, excerpt};
use crate::timescale::Scale;

use super::ids::Ids;

/// The deepest nesting of scopes.
const DEPTH: usize = 1024;
/// The longest name or identifier code, in bytes.
const NAME: usize = 4096;
/// The largest number of variables.
const VARIABLES: usize = 1 << 23;
/// The widest vector, in bits.
const WIDTH: u64 = 1 << 20;
/// The memory for all full names together, in bytes.
const NAMES: usize = 1 << 29;
/// How much of a comment is kept, in bytes.
const COMMENT: usize = 4096;

/// What the variables of one identifier code have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Net {
    /// Bits, or 0 for kinds without levels.
    pub(crate) width: u32,
}

/// All declarations.
#[derive(Debug, Default)]
pub(crate) struct Header {
    pub(crate) signals: Vec<Signal>,
    pub(crate) ids: Ids,
    /// By entry of `ids`.
    pub(crate) nets: Vec<Net>,
    pub(crate) net_of_signal: Vec<u32>,
    pub(crate) scale: Option<Scale>,
    pub(crate) version: String,
    pub(crate) comments: String,
}

/// Reads up to and including `$enddefinitions $end`.
pub(crate) fn read(text: &mut Text) -> Result<Header, ReadError> {
    let mut parser = Parser {
        text,
        header: Header::default(),
        scopes: String::new(),
        lengths: Vec::new(),
        names: 0,
        place: Place { line: 1, column: 1 },
        words: Vec::new(),
    };
    parser.skip_mark();
    while parser.command()? {}
    Ok(parser.header)
}

struct Parser<'t> {
    text: &'t mut Text,
    header: Header,
    /// The open scopes, each followed by a dot.
    scopes: String,
    /// The lengths of `scopes` before each open scope.
    lengths: Vec<usize>,
    /// Bytes of names so far.
    names: usize,
    /// Where the command in hand starts.
    place: Place,
    /// The words of the command in hand.
    words: Vec<Vec<u8>>,
}

impl Parser<'_> {
    /// A byte order mark at the start says nothing.
    fn skip_mark(&mut self) {
        // The kind was told by the first bytes, so a first refill has been possible and its error comes later.
        if self.text.refill().is_ok() && self.text.rest().starts_with(b"\xef\xbb\xbf") {
            self.text.consume(3);
        }
    }

    /// Reads one command; false behind the last.
    fn command(&mut self) -> Result<bool, ReadError> {
        let length = self.peek()?;
        self.place = self.text.here();
        let keyword = self.text.rest()[..length].to_vec();
        self.text.consume(length);
        match keyword.as_slice() {
            b"$comment" => self.comment()?,
            b"$version" => self.version()?,
            b"$timescale" => self.timescale()?,
            b"$scope" => self.scope()?,
            b"$upscope" => self.upscope()?,
            b"$var" => self.variable()?,
            b"$end" => {}
            [b'$', ..] => self.skip_to_end()?,
            other => return Err(self.not_a_declaration(other)),
        }
        Ok(keyword != b"$enddefinitions")
    }

    /// The length of the next token.
    fn peek(&mut self) -> Result<usize, ReadError> {
        self.text.peek_token()?.ok_or_else(|| self.text.error(0, ReadErrorKind::HeaderCut))
    }

    fn not_a_declaration(&self, word: &[u8]) -> ReadError {
        let found = excerpt(word);
        self.syntax(format!("expected a declaration such as `$var` or `$enddefinitions`, found `{found}`"))
    }

    /// Reads the words up to `$end` into `self.words`.
    fn words(&mut self) -> Result<(), ReadError> {
        self.words.clear();
        let mut total = 0;
        loop {
            let length = self.peek()?;
            total += length + 1;
            if total > 4 * NAME {
                return Err(self.limit("the length of a declaration", 4 * NAME as u64));
            }
            let word = self.text.rest()[..length].to_vec();
            if word == b"$end" {
                self.text.consume(length);
                return Ok(());
            }
            if matches!(word.as_slice(), b"$var" | b"$scope" | b"$upscope" | b"$enddefinitions") {
                return Err(self.text.syntax(0, format!("`$end` is missing before `{}`", excerpt(&word))));
            }
            self.text.consume(length);
            self.words.push(word);
        }
    }

    fn skip_to_end(&mut self) -> Result<(), ReadError> {
        self.free_text().map(drop)
    }

    /// The words up to `$end` joined by blanks, as much of them as is worth keeping.
    fn free_text(&mut self) -> Result<String, ReadError> {
        let mut kept = Vec::new();
        loop {
            let length = self.peek()?;
            let word = &self.text.rest()[..length];
            let end = word == b"$end";
            if !end && kept.len() + length < COMMENT {
                kept.extend_from_slice(word);
                kept.push(b' ');
            }
            self.text.consume(length);
            if end {
                return Ok(decode(kept.trim_ascii_end()));
            }
        }
    }

    fn comment(&mut self) -> Result<(), ReadError> {
        let comment = self.free_text()?;
        if self.header.comments.len() < COMMENT {
            self.header.comments.push_str(&comment);
            self.header.comments.push('\n');
        }
        Ok(())
    }

    fn version(&mut self) -> Result<(), ReadError> {
        self.header.version = self.free_text()?;
        Ok(())
    }

    fn timescale(&mut self) -> Result<(), ReadError> {
        self.words()?;
        let text = decode(&self.words.concat());
        let Some(scale) = parse_scale(&text) else {
            let message =
                format!("`{text}` is not a timescale; expected 1, 10 or 100 and s, ms, us, ns, ps or fs");
            return Err(self.syntax(message));
        };
        self.header.scale = Some(scale);
        Ok(())
    }

    fn scope(&mut self) -> Result<(), ReadError> {
        self.words()?;
        let name = decode(&self.words.get(1..).unwrap_or_default().join(&b' '));
        if self.lengths.len() == DEPTH {
            return Err(self.limit("the nesting of scopes", DEPTH as u64));
        }
        self.check_name(&name)?;
        self.lengths.push(self.scopes.len());
        if !name.is_empty() {
            self.scopes.push_str(&name);
            self.scopes.push('.');
        }
        Ok(())
    }

    fn upscope(&mut self) -> Result<(), ReadError> {
        self.words()?;
        let Some(length) = self.lengths.pop() else {
            return Err(self.syntax("`$upscope` without an open `$scope`"));
        };
        self.scopes.truncate(length);
        Ok(())
    }

    fn variable(&mut self) -> Result<(), ReadError> {
        self.words()?;
        let words = std::mem::take(&mut self.words);
        let [kind, size, id, reference @ ..] = words.as_slice() else {
            return Err(self.syntax("expected `$var TYPE SIZE IDENTIFIER NAME $end`"));
        };
        let kind = signal_kind(kind);
        let width = self.width(size)?;
        let (name, range) = split_reference(reference, width);
        self.check_name(&name)?;
        let bits = if kind == SignalKind::Bits { width } else { 0 };
        let net = self.net(id, bits)?;
        let signal = Signal { name: format!("{}{name}", self.scopes), width, kind, range };
        self.push(signal, net)?;
        self.words = words;
        Ok(())
    }

    fn push(&mut self, signal: Signal, net: u32) -> Result<(), ReadError> {
        self.names += signal.name.len();
        if self.header.signals.len() == VARIABLES {
            return Err(self.limit("the number of variables", VARIABLES as u64));
        }
        if self.names > NAMES {
            return Err(self.limit("the memory for names", NAMES as u64));
        }
        self.header.signals.push(signal);
        self.header.net_of_signal.push(net);
        Ok(())
    }

    /// The size of a variable: a decimal number, or `[msb:lsb]` in extended VCD.
    fn width(&self, size: &[u8]) -> Result<u32, ReadError> {
        let text = decode(size);
        let width = match parse_index(&text) {
            Some((msb, lsb)) => Some(msb.abs_diff(lsb).saturating_add(1)),
            None => text.parse::<u64>().ok(),
        };
        match width {
            Some(width) if width <= WIDTH => Ok(width as u32),
            Some(_) => Err(self.limit("the width of a variable", WIDTH)),
            None => Err(self.syntax(format!("`{}` is not the size of a variable", excerpt(size)))),
        }
    }

    /// The net of an identifier code; all variables of one code have one width.
    fn net(&mut self, id: &[u8], width: u32) -> Result<u32, ReadError> {
        if id.len() > NAME {
            return Err(self.limit("the length of an identifier", NAME as u64));
        }
        let next = self.header.nets.len() as u32;
        let net = self.header.ids.get_or_insert(id, next);
        if net == next {
            self.header.nets.push(Net { width });
            return Ok(net);
        }
        let known = self.header.nets[net as usize].width;
        if known != width {
            let message =
                format!("identifier `{}` is declared with {known} bits and with {width}", excerpt(id));
            return Err(self.syntax(message));
        }
        Ok(net)
    }

    fn check_name(&self, name: &str) -> Result<(), ReadError> {
        if name.len() > NAME {
            return Err(self.limit("the length of a name", NAME as u64));
        }
        Ok(())
    }

    fn limit(&self, what: &'static str, limit: u64) -> ReadError {
        ReadErrorKind::Limit { what, limit }.at(self.text.name(), self.place)
    }

    fn syntax(&self, message: impl Into<String>) -> ReadError {
        ReadErrorKind::Syntax(message.into()).at(self.text.name(), self.place)
    }
}

fn signal_kind(keyword: &[u8]) -> SignalKind {
    match keyword {
        b"real" | b"realtime" | b"shortreal" | b"real_parameter" => SignalKind::Real,
        b"string" => SignalKind::Text,
        b"event" => SignalKind::Event,
        _ => SignalKind::Bits,
    }
}

/// `100ps`, blanks already removed.
fn parse_scale(text: &str) -> Option<Scale> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let factor = text[..split].parse().ok()?;
    let exponent = match &text[split..] {
        "s" => 15,
        "ms" => 12,
        "us" => 9,
        "ns" => 6,
        "ps" => 3,
        "fs" => 0,
        "as" => -3,
        "zs" => -6,
        _ => return None,
    };
    Scale::from_exponent(factor, exponent)
}

/// The name of a variable with the indices that belong to it, and its range.
///
/// `data [7:0]` is `data` with a range; `bit [3]` is one bit and `mem [3] [7:0]` one element of an array, so the single
/// index belongs to the name. A second range, as in `a [3:0][7:0]`, leaves wires that count from the last.
fn split_reference(words: &[Vec<u8>], width: u32) -> (String, Option<(i64, i64)>) {
    let joined = decode(&words.join(&b' '));
    let mut name = joined.as_str();
    let mut ranges = Vec::new();
    while let Some((head, range)) = split_range(name) {
        ranges.push(range);
        name = head;
    }
    let name = name.replace(" [", "[");
    let fits = |&(msb, lsb): &(i64, i64)| msb.abs_diff(lsb) + 1 == u64::from(width);
    match ranges.as_slice() {
        [range] if fits(range) => (name, Some(*range)),
        _ => (name, None),
    }
}

/// Splits a final `[msb:lsb]` off, unless nothing else is left.
fn split_range(name: &str) -> Option<(&str, (i64, i64))> {
    let at = name.rfind('[')?;
    let range = parse_index(&name[at..])?;
    let head = name[..at].trim_end();
    (!head.is_empty() && name[at..].contains(':')).then_some((head, range))
}

/// `[msb:lsb]` or `[index]`.
fn parse_index(text: &str) -> Option<(i64, i64)> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let (msb, lsb) = inner.split_once(':').unwrap_or((inner, inner));
    let index = |s: &str| s.trim().parse::<i32>().ok().map(i64::from);
    Some((index(msb)?, index(lsb)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str, width: u32) -> (String, Option<(i64, i64)>) {
        let words: Vec<Vec<u8>> = text.split(' ').map(|w| w.as_bytes().to_vec()).collect();
        split_reference(&words, width)
    }

    #[test]
    fn indices_are_told_from_ranges() {
        assert_eq!(reference("data [7:0]", 8), ("data".into(), Some((7, 0))));
        assert_eq!(reference("data[0:7]", 8), ("data".into(), Some((0, 7))));
        assert_eq!(reference("data [3]", 1), ("data[3]".into(), None));
        assert_eq!(reference("mem[3] [7:0]", 8), ("mem[3]".into(), Some((7, 0))));
        assert_eq!(reference("a [3:0][7:0]", 32), ("a".into(), None));
        assert_eq!(reference("a name with blanks", 1), ("a name with blanks".into(), None));
        assert_eq!(reference("[7:0]", 8), ("[7:0]".into(), None));
        assert_eq!(reference("odd [7:0]", 3), ("odd".into(), None));
    }

    #[test]
    fn timescales_down_to_zeptoseconds() {
        assert_eq!(parse_scale("1ns"), Some(Scale { fs: 1_000_000, per_fs: 1 }));
        assert_eq!(parse_scale("100ps"), Some(Scale { fs: 100_000, per_fs: 1 }));
        assert_eq!(parse_scale("1fs"), Some(Scale { fs: 1, per_fs: 1 }));
        assert_eq!(parse_scale("10as"), Some(Scale { fs: 1, per_fs: 100 }));
        assert_eq!(parse_scale("100zs"), Some(Scale { fs: 1, per_fs: 10_000 }));
        for text in ["", "ns", "1", "0ns", "1 parsec", "99999999999999999999ns", "99999s"] {
            assert_eq!(parse_scale(text), None, "{text}");
        }
    }
}
