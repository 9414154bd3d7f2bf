//! Text to [`Script`].

use std::ops::Range;

use bitvec::prelude::{BitVec, Lsb0};
use busproof_core::bus::spi::{Lanes, Rate};
use busproof_core::{BitOrder, Bits};

use super::error::{Problem, SyntaxError};
use super::{
    Ack, Address, AddressWidth, Direction, Group, Item, MAX_BITS, MAX_WORDS, Node, Number, Pattern, Read,
    Script, Text, Write,
};

use crate::time_expr::TimeExpr;

type Result<T> = std::result::Result<T, SyntaxError>;

/// Parses the whole of `text`.
pub(super) fn script(text: &str) -> Result<Script> {
    let mut parser = Parser { text, pos: 0, open: None, group: None, words: 0 };
    parser.skip_blanks();
    parser.eat('>');
    let nodes = parser.nodes()?;
    match parser.open {
        Some(at) => Err(parser.error(at..at + 1, Problem::UnclosedStart)),
        None if nodes.is_empty() => Err(parser.error(0..text.len(), Problem::Empty)),
        None => Ok(Script { nodes }),
    }
}

/// A cursor over the text, and what is open at it.
struct Parser<'a> {
    text: &'a str,
    pos: usize,
    /// Where the `[` stands that is open.
    open: Option<usize>,
    /// Where the lanes begin that are open.
    group: Option<usize>,
    /// How many words, text bytes and ticks there are so far.
    words: u64,
}

/// The suffixes of a number or a read.
#[derive(Default)]
struct Suffix {
    count: Option<u32>,
    bits: Option<u32>,
    expect: Option<Pattern>,
    ack: Option<Ack>,
}

// The cursor.
impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.pos..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, want: char) -> bool {
        let found = self.peek() == Some(want);
        if found {
            self.pos += want.len_utf8();
        }
        found
    }

    fn eat_prefix(&mut self, prefix: &str) -> bool {
        let found = self.text[self.pos..].get(..prefix.len()).is_some_and(|s| s.eq_ignore_ascii_case(prefix));
        if found {
            self.pos += prefix.len();
        }
        found
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &str {
        let start = self.pos;
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
        &self.text[start..self.pos]
    }

    fn skip_blanks(&mut self) {
        self.take_while(|c| c.is_whitespace() || c == ',');
    }

    fn error(&self, span: Range<usize>, problem: Problem) -> SyntaxError {
        SyntaxError::new(self.text, span, problem)
    }

    /// The `problem` from `start` to the cursor.
    fn error_from(&self, start: usize, problem: Problem) -> SyntaxError {
        self.error(start..self.pos, problem)
    }

    /// The `problem` with the character at the cursor.
    fn error_here(&self, problem: Problem) -> SyntaxError {
        self.error(self.pos..self.pos + self.peek().map_or(0, char::len_utf8), problem)
    }

    fn expected(&self, what: &'static str) -> SyntaxError {
        let found = self.peek().map_or("the end".to_owned(), |c| format!("`{c}`"));
        self.error_here(Problem::Expected { what, found })
    }

    /// Counts `n` more words.
    fn count_words(&mut self, start: usize, n: u64) -> Result<()> {
        self.words = self.words.saturating_add(n);
        if self.words > MAX_WORDS { Err(self.error_from(start, Problem::TooLong)) } else { Ok(()) }
    }
}

// Items.
impl Parser<'_> {
    /// Items up to the end of the text or of the open lanes.
    fn nodes(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => return Ok(nodes),
                Some(')') if self.group.is_some() => return Ok(nodes),
                Some(c) => nodes.push(self.node(c)?),
            }
        }
    }

    fn node(&mut self, first: char) -> Result<Node> {
        let start = self.pos;
        let item = self.item(first)?;
        if !matches!(item, Item::Start | Item::RepeatedStart | Item::Stop) {
            self.boundary()?;
        }
        Ok(Node { span: start..self.pos, item })
    }

    fn item(&mut self, first: char) -> Result<Item> {
        match first {
            '[' | '{' => self.start(),
            ']' | '}' => self.stop(),
            '@' => self.address().map(Item::Address),
            '0'..='9' => self.write().map(Item::Write),
            '\'' | '"' => self.text_item().map(Item::Text),
            'r' => self.read().map(Item::Read),
            'd' => self.delay("us").map(Item::Delay),
            'D' => self.delay("ms").map(Item::Delay),
            '^' => self.ticks().map(Item::Ticks),
            'x' => self.lanes().map(Item::Lanes),
            _ => Err(self.unknown(first)),
        }
    }

    fn unknown(&self, first: char) -> SyntaxError {
        let rest = &self.text[self.pos..];
        let word: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let problem = match first {
            '=' | ':' | ';' | '+' | '-' | '.' => Problem::Detached(first),
            ')' => Problem::StrayParenthesis,
            'R' => Problem::Instead { found: "R".into(), instead: "r".into() },
            'a'..='f' | 'A'..='F' if word.chars().all(|c| c.is_ascii_hexdigit()) => {
                let instead = format!("0x{}", word.to_ascii_lowercase());
                return self
                    .error(self.pos..self.pos + word.len(), Problem::Instead { found: word, instead });
            }
            _ => Problem::UnknownItem(first),
        };
        self.error_here(problem)
    }

    /// What follows an item must not run into it.
    fn boundary(&self) -> Result<()> {
        match self.peek() {
            None | Some(',' | '[' | ']' | '{' | '}' | ')') => Ok(()),
            Some(c) if c.is_whitespace() => Ok(()),
            Some(c) => Err(self.error_here(Problem::NoBlank(c))),
        }
    }

    fn not_inside_group(&self, c: char) -> Result<()> {
        if self.group.is_some() { Err(self.error_here(Problem::InsideGroup(c))) } else { Ok(()) }
    }

    fn start(&mut self) -> Result<Item> {
        self.not_inside_group('[')?;
        let at = self.pos;
        self.bump();
        Ok(if self.open.is_some() {
            Item::RepeatedStart
        } else {
            self.open = Some(at);
            Item::Start
        })
    }

    fn stop(&mut self) -> Result<Item> {
        self.not_inside_group(']')?;
        if self.open.take().is_none() {
            return Err(self.error_here(Problem::StrayStop));
        }
        self.bump();
        Ok(Item::Stop)
    }

    fn address(&mut self) -> Result<Address> {
        let start = self.pos;
        self.bump();
        self.eat_prefix("0x");
        let digits = self.take_while(|c| c.is_ascii_hexdigit()).to_owned();
        if digits.is_empty() {
            return Err(self.expected("a hexadecimal address such as `@50w`"));
        }
        let (value, width) = address_value(&digits).map_err(|problem| self.error_from(start, problem))?;
        let direction = match self.peek() {
            Some('w') => Direction::Write,
            Some('r') => Direction::Read,
            _ => return Err(self.expected("`w` or `r` after the address")),
        };
        self.bump();
        Ok(Address { value, width, direction, ack: self.ack() })
    }

    fn write(&mut self) -> Result<Write> {
        let start = self.pos;
        let value = self.number()?;
        let suffix = self.suffix()?;
        if let Some(bits) = suffix.bits
            && value.significant_bits() > bits as usize
        {
            return Err(self.error_from(start, Problem::DoesNotFit(bits)));
        }
        let repeat = suffix.count.unwrap_or(1);
        let words = value.width().map_or(1, |bits| bits.div_ceil(8).max(1)) as u64;
        self.count_words(start, words * repeat as u64)?;
        Ok(Write { value, bits: suffix.bits, repeat, expect: suffix.expect, ack: suffix.ack })
    }

    fn text_item(&mut self) -> Result<Text> {
        let start = self.pos;
        let bytes = self.quoted()?;
        self.count_words(start, bytes.len() as u64)?;
        Ok(Text { bytes, ack: self.ack() })
    }

    fn read(&mut self) -> Result<Read> {
        let start = self.pos;
        self.bump();
        let Suffix { count, bits, expect, ack } = self.suffix()?;
        self.count_words(start, count.unwrap_or(1) as u64)?;
        Ok(Read { count, bits, expect, ack })
    }

    fn ticks(&mut self) -> Result<u32> {
        let start = self.pos;
        self.bump();
        let n = if self.eat(':') { self.decimal("a number of clock ticks", MAX_WORDS)? } else { 1 };
        self.count_words(start, n as u64)?;
        Ok(n)
    }

    /// `unit` is what Bus Pirate means by a bare number.
    fn delay(&mut self, unit: &str) -> Result<TimeExpr> {
        let start = self.pos;
        self.bump();
        if !self.eat(':') {
            return Err(self.expected("`:` and a time, such as `d:10us`"));
        }
        let is_time = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '/' | ';' | '+' | '-');
        let time = self.take_while(is_time).to_owned();
        let found = self.text[start..self.pos].to_owned();
        let problem = match time.parse() {
            _ if time.is_empty() => return Err(self.expected("a time such as 10us, or the name of one")),
            _ if time.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_')) => {
                Problem::NoUnit { found, instead: format!("d:{time}{unit}") }
            }
            _ if found.starts_with('D') => Problem::Instead { found, instead: format!("d:{time}") },
            Ok(time) => return Ok(time),
            Err(error) => Problem::Time(error),
        };
        Err(self.error_from(start, problem))
    }

    fn lanes(&mut self) -> Result<Group> {
        let start = self.pos;
        if self.group.is_some() {
            return Err(self.error_here(Problem::InsideGroup('x')));
        }
        self.bump();
        let digits = self.take_while(|c| c.is_ascii_digit()).to_owned();
        let rate = if self.eat('d') { Rate::Double } else { Rate::Single };
        if !self.eat('(') {
            return Err(self.expected("lanes, such as `x4(r:2)`"));
        }
        let count = match digits.as_str() {
            "1" => 1,
            "2" => 2,
            "4" => 4,
            _ => return Err(self.error_from(start, Problem::LaneCount(digits))),
        };
        self.group = Some(self.pos - 1);
        let nodes = self.nodes()?;
        self.end_group(start, &nodes)?;
        Ok(Group { lanes: Lanes { count, rate }, nodes })
    }

    fn end_group(&mut self, start: usize, nodes: &[Node]) -> Result<()> {
        let Some(at) = self.group.take() else { return Ok(()) };
        if !self.eat(')') {
            return Err(self.error(at..at + 1, Problem::UnclosedGroup));
        }
        if nodes.is_empty() { Err(self.error_from(start, Problem::EmptyGroup)) } else { Ok(()) }
    }
}

// Parts of items.
impl Parser<'_> {
    fn ack(&mut self) -> Option<Ack> {
        match self.peek() {
            Some('+') => self.bump().map(|_| Ack::Ack),
            Some('-') => self.bump().map(|_| Ack::Nack),
            _ => None,
        }
    }

    fn suffix(&mut self) -> Result<Suffix> {
        let mut suffix = Suffix::default();
        loop {
            let (sign, limit, what, slot) = match self.peek() {
                Some(':') => (':', MAX_WORDS, "a number of words", &mut suffix.count),
                Some(';') => (';', MAX_BITS as u64, "a number of bits", &mut suffix.bits),
                Some('.') => return Err(self.bits_written_with_a_point()),
                _ => break,
            };
            if slot.is_some() {
                return Err(self.error_here(Problem::Twice(sign)));
            }
            self.bump();
            *slot = Some(self.decimal(what, limit)?);
        }
        if self.eat('=') {
            suffix.expect = Some(self.pattern()?);
        }
        suffix.ack = self.ack();
        Ok(suffix)
    }

    fn bits_written_with_a_point(&self) -> SyntaxError {
        let digits: String = self.text[self.pos + 1..].chars().take_while(char::is_ascii_digit).collect();
        let span = self.pos..self.pos + 1 + digits.len();
        self.error(span, Problem::Instead { found: format!(".{digits}"), instead: format!(";{digits}") })
    }

    /// A decimal number from 1 to `max`.
    fn decimal(&mut self, what: &'static str, max: u64) -> Result<u32> {
        let start = self.pos;
        let digits = self.take_while(|c| c.is_ascii_digit()).to_owned();
        if digits.is_empty() {
            return Err(self.expected(what));
        }
        match digits.parse::<u32>() {
            Ok(n) if n >= 1 && n as u64 <= max => Ok(n),
            _ => Err(self.error_from(start, Problem::OutOfRange(digits, max))),
        }
    }

    fn number(&mut self) -> Result<Number> {
        if self.eat_prefix("0x") {
            let bits = self.digits(4, "hexadecimal digits", Unknown::Refused, MAX_BITS as usize)?;
            return Ok(Number::Hex(bits));
        }
        if self.eat_prefix("0b") {
            let bits = self.digits(1, "binary digits", Unknown::Refused, MAX_BITS as usize)?;
            return Ok(Number::Binary(bits));
        }
        self.decimal_number().map(Number::Decimal)
    }

    fn decimal_number(&mut self) -> Result<u64> {
        let start = self.pos;
        let digits = self.take_while(|c| c.is_ascii_digit() || c == '_').replace('_', "");
        if self.peek().is_some_and(|c| c.is_ascii_hexdigit()) {
            let found = self.text[start..].chars().take_while(char::is_ascii_hexdigit).collect::<String>();
            let instead = format!("0x{}", found.to_ascii_lowercase());
            return Err(self.error(start..start + found.len(), Problem::Instead { found, instead }));
        }
        digits.parse().map_err(|_| self.error_from(start, Problem::OutOfRange(digits, u64::MAX)))
    }

    fn pattern(&mut self) -> Result<Pattern> {
        let limit = MAX_WORDS as usize * 8;
        if matches!(self.peek(), Some('\'' | '"')) {
            return self.quoted().map(Pattern::Text);
        }
        if self.eat_prefix("0b") {
            let bits = self.digits(1, "binary digits or `x`", Unknown::Allowed, limit)?;
            return Ok(Pattern::Binary(bits));
        }
        self.eat_prefix("0x");
        let bits = self.digits(4, "hexadecimal digits or `x`", Unknown::Allowed, limit)?;
        Ok(Pattern::Hex(bits))
    }

    /// Digits of `width` bits each, first one most significant.
    fn digits(&mut self, width: u32, what: &'static str, x: Unknown, limit: usize) -> Result<Bits> {
        let start = self.pos;
        let mut value = BitVec::<u64, Lsb0>::new();
        let mut unknown = BitVec::<u64, Lsb0>::new();
        while let Some(c) = self.peek() {
            let digit = match (c, x) {
                ('_', _) => None,
                ('x' | 'X', Unknown::Allowed) => Some((0, true)),
                _ => match c.to_digit(1 << width) {
                    Some(d) => Some((d, false)),
                    None => break,
                },
            };
            self.bump();
            let Some((digit, is_unknown)) = digit else { continue };
            value.extend((0..width).rev().map(|i| digit >> i & 1 != 0));
            unknown.extend((0..width).map(|_| is_unknown));
        }
        match value.len() {
            0 => Err(self.expected(what)),
            len if len > limit => Err(self.error_from(start, Problem::TooWide(len))),
            _ => Ok(Bits::from_wire_with_unknown(&value, &unknown, BitOrder::Msb)),
        }
    }

    /// A text between quotes, with its escapes resolved.
    fn quoted(&mut self) -> Result<Vec<u8>> {
        let start = self.pos;
        let quote = self.bump().unwrap_or('\'');
        let mut bytes = Vec::new();
        loop {
            match self.bump() {
                None => return Err(self.error_from(start, Problem::UnclosedText(quote))),
                Some('\\') => bytes.push(self.escape()?),
                Some(c) if c == quote => break,
                Some(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if bytes.is_empty() { Err(self.error_from(start, Problem::EmptyText)) } else { Ok(bytes) }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<u8> {
        let start = self.pos;
        match self.bump() {
            Some('n') => Ok(b'\n'),
            Some('r') => Ok(b'\r'),
            Some('t') => Ok(b'\t'),
            Some('0') => Ok(0),
            Some('x') => self.hex_escape(start),
            Some(c @ ('\\' | '\'' | '"')) => Ok(c as u8),
            other => {
                let found = other.map(String::from).unwrap_or_default();
                Err(self.error_from(start, Problem::UnknownEscape(found)))
            }
        }
    }

    fn hex_escape(&mut self, start: usize) -> Result<u8> {
        let digits = self.text[self.pos..].get(..2).unwrap_or_default();
        match u8::from_str_radix(digits, 16) {
            Ok(byte) if digits.chars().all(|c| c.is_ascii_hexdigit()) => {
                self.pos += 2;
                Ok(byte)
            }
            _ => Err(self.error_from(start, Problem::UnknownEscape("x".into()))),
        }
    }
}

/// Whether a digit may be an `x`.
#[derive(Clone, Copy)]
enum Unknown {
    Allowed,
    Refused,
}

/// The address of these hexadecimal digits: up to two for 7 bits, three for 10.
fn address_value(digits: &str) -> std::result::Result<(u16, AddressWidth), Problem> {
    let too_long = || Problem::AddressOver10(digits.into());
    let value = u16::from_str_radix(digits, 16).map_err(|_| too_long())?;
    match digits.len() {
        1 | 2 if value > 0x7f => Err(Problem::AddressOver7(value)),
        1 | 2 => Ok((value, AddressWidth::Seven)),
        3 if value <= 0x3ff => Ok((value, AddressWidth::Ten)),
        _ => Err(too_long()),
    }
}

impl Number {
    /// The number of bits that its digits stand for; a decimal number has no width of its own.
    pub fn width(&self) -> Option<usize> {
        match self {
            Number::Hex(bits) | Number::Binary(bits) => Some(bits.len()),
            Number::Decimal(_) => None,
        }
    }

    /// The number of bits without leading zeros.
    pub fn significant_bits(&self) -> usize {
        match self {
            Number::Hex(bits) | Number::Binary(bits) => {
                (0..bits.len()).rev().find(|&i| bits.bit(i) == Some(true)).map_or(0, |i| i + 1)
            }
            Number::Decimal(n) => (u64::BITS - n.leading_zeros()) as usize,
        }
    }
}
