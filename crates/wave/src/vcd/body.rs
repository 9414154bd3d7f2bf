//! The value changes of a VCD, streamed in constant memory.

use busproof_core::{Level, Observer, Value};

use crate::error::{ReadError, ReadErrorKind};
use crate::reader::Pick;
use crate::settle::{Flow, Settler, Summary};
use crate::text::{Text, excerpt};
use crate::timescale::Scale;

use super::header::Net;
use super::ids::Ids;

/// The changes still to be read.
pub(crate) struct Body {
    text: Text,
    scale: Scale,
    ids: Ids,
    nets: Vec<Net>,
    net_of_signal: Vec<u32>,
}

impl Body {
    pub(crate) fn new(text: Text, scale: Scale, ids: Ids, nets: Vec<Net>, net_of_signal: Vec<u32>) -> Body {
        Body { text, scale, ids, nets, net_of_signal }
    }

    /// Delivers the changes of `selection`.
    pub(crate) fn stream<O: Observer + ?Sized>(
        self,
        selection: &[Pick],
        settler: Settler<'_, O>,
    ) -> Result<Summary, ReadError> {
        let routes = self.routes(selection);
        let mut scanner = Scanner {
            ids: self.ids.map(|net| Action::new(net, &routes[net as usize]).0),
            routes,
            scale: self.scale,
            stamp: 0,
            inside: Block::None,
            settler,
            flow: Flow::More,
        };
        let mut text = self.text;
        let truncated = scanner.run(&mut text)?;
        let summary = scanner.settler.finish(scanner.flow).map_err(|e| e.of(text.name()))?;
        Ok(Summary { truncated, ..summary })
    }

    /// For every net where its values go.
    fn routes(&self, selection: &[Pick]) -> Vec<Route> {
        let mut routes: Vec<Route> =
            self.nets.iter().map(|net| Route { width: net.width, target: Target::Nobody }).collect();
        for (slot, pick) in selection.iter().enumerate() {
            let net = self.net_of_signal[pick.signal] as usize;
            routes[net].add(Sink { slot, wire: pick.wire });
        }
        routes
    }
}

/// One slot that wants a net's values.
#[derive(Clone, Copy, Debug)]
struct Sink {
    slot: usize,
    wire: Option<u32>,
}

/// Where a net's values go.
#[derive(Debug)]
struct Route {
    /// In bits; 0 if the net carries no levels.
    width: u32,
    target: Target,
}

#[derive(Debug)]
enum Target {
    Nobody,
    /// The usual case: one slot wants the whole net.
    Whole(usize),
    Many(Vec<Sink>),
}

impl Route {
    fn add(&mut self, sink: Sink) {
        let target = std::mem::replace(&mut self.target, Target::Nobody);
        self.target = match target {
            Target::Nobody if sink.wire.is_none() => Target::Whole(sink.slot),
            Target::Nobody => Target::Many(vec![sink]),
            Target::Whole(slot) => Target::Many(vec![Sink { slot, wire: None }, sink]),
            Target::Many(mut sinks) => {
                sinks.push(sink);
                Target::Many(sinks)
            }
        };
    }
}

/// What an identifier leads to, in one word.
#[derive(Clone, Copy)]
struct Action(u32);

impl Action {
    /// With the slot of a wire.
    const WIRE: u32 = 0;
    /// With a net.
    const NET: u32 = 1;
    /// With a net that nobody wants.
    const NOBODY: u32 = 2;

    fn new(net: u32, route: &Route) -> Action {
        Action(match route.target {
            Target::Whole(slot) if route.width == 1 => (slot as u32) << 2 | Action::WIRE,
            Target::Nobody => net << 2 | Action::NOBODY,
            Target::Whole(_) | Target::Many(_) => net << 2 | Action::NET,
        })
    }

    #[inline]
    fn kind(self) -> u32 {
        self.0 & 3
    }

    /// The slot or net.
    #[inline]
    fn index(self) -> usize {
        (self.0 >> 2) as usize
    }
}

/// Why the scanner stops before the end of the bytes at hand.
enum Stop {
    /// The command starting at the offset does not end in the bytes at hand.
    Incomplete(usize),
    /// The observer wants no more.
    Enough,
    /// The command starting at the offset is wrong.
    Wrong(usize, ReadErrorKind),
}

/// What kind of `$...` block the scanner is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    None,
    /// `$dumpvars` and its like: value changes up to `$end`.
    Dump,
    /// Text to be skipped up to `$end`.
    Skip,
}

struct Scanner<'o, O: ?Sized> {
    ids: Ids,
    routes: Vec<Route>,
    scale: Scale,
    /// The last time stamp as the file counts.
    stamp: u64,
    inside: Block,
    settler: Settler<'o, O>,
    flow: Flow,
}

/// What a byte means as the first of a command; levels are their two planes.
const CLASS: [u8; 256] = classes();
const STAMP: u8 = 4;
const VECTOR: u8 = 5;
const SKIPPED: u8 = 6;
const TEXT: u8 = 7;
const KEYWORD: u8 = 8;
const PORT: u8 = 9;
const BLANK: u8 = 10;
const OTHER: u8 = 11;

const fn classes() -> [u8; 256] {
    let mut table = [OTHER; 256];
    let mut blank = 0;
    while blank <= b' ' {
        table[blank as usize] = BLANK;
        blank += 1;
    }
    let pairs: [(&[u8], u8); 10] = [
        (b"0lL", Level::Low as u8),
        (b"1hH", Level::High as u8),
        (b"zZ", Level::Z as u8),
        (b"xXuUwW-", Level::X as u8),
        (b"#", STAMP),
        (b"bB", VECTOR),
        (b"rR", SKIPPED),
        (b"sS", TEXT),
        (b"$", KEYWORD),
        (b"pP", PORT),
    ];
    let mut i = 0;
    while i < pairs.len() {
        let mut j = 0;
        while j < pairs[i].0.len() {
            table[pairs[i].0[j] as usize] = pairs[i].1;
            j += 1;
        }
        i += 1;
    }
    table
}

/// The length of the token at the start of `text`.
#[inline]
fn token(text: &[u8]) -> usize {
    text.iter().position(|&b| b <= b' ').unwrap_or(text.len())
}

impl<O: Observer + ?Sized> Scanner<'_, O> {
    /// Reads to the end; true if the file was cut off.
    fn run(&mut self, text: &mut Text) -> Result<bool, ReadError> {
        loop {
            let rest = text.rest();
            // Behind the last blank a token may be incomplete.
            let limit = rest.iter().rposition(|&b| b <= b' ').map_or(0, |at| at + 1);
            match self.scan(&rest[..limit]) {
                Ok(()) => text.consume(limit),
                Err(Stop::Enough) => {
                    self.flow = Flow::Enough;
                    return Ok(false);
                }
                Err(Stop::Incomplete(at)) if text.ended() => {
                    text.consume(at);
                    return Ok(true);
                }
                Err(Stop::Incomplete(at)) => text.consume(at),
                Err(Stop::Wrong(at, _)) if text.unterminated() && is_last_command(&rest[at..]) => {
                    return Ok(true);
                }
                Err(Stop::Wrong(at, kind)) => return Err(text.error(at, kind)),
            }
            if !text.refill()? {
                return Ok(self.inside != Block::None);
            }
        }
    }

    /// Reads all complete commands of `text`, which ends with a blank.
    fn scan(&mut self, text: &[u8]) -> Result<(), Stop> {
        let mut at = if self.inside == Block::Skip { self.skip(text, 0) } else { 0 };
        loop {
            let Some(&first) = text.get(at) else { return Ok(()) };
            // Behind every command there is a blank.
            at = 1 + match CLASS[first as usize] {
                class @ 0..4 => self.scalar(class, text, at)?,
                STAMP => self.time(text, at)?,
                VECTOR => self.vector(text, at)?,
                BLANK => at,
                class => self.rare(class, text, at)?,
            };
        }
    }

    fn rare(&mut self, class: u8, text: &[u8], at: usize) -> Result<usize, Stop> {
        match class {
            KEYWORD => {
                let end = self.keyword(text, at);
                Ok(if self.inside == Block::Skip { self.skip(text, end) } else { end })
            }
            SKIPPED => self.skipped(text, at),
            TEXT => self.string(text, at),
            PORT => self.port(text, at),
            _ => Err(unknown(text, at)),
        }
    }

    /// `0!`: a level and an identifier.
    #[inline]
    fn scalar(&mut self, class: u8, text: &[u8], at: usize) -> Result<usize, Stop> {
        let (action, length) = self.ids.scan(&text[at + 1..]);
        let Some(action) = action.map(Action) else { return Err(undeclared(text, at, at + 1)) };
        let value = Value { bits: u64::from(class & 1), unknown: u64::from(class >> 1) };
        match action.kind() {
            Action::WIRE => self.settler.set(action.index(), value),
            Action::NOBODY => {}
            _ => {
                let net = action.index();
                self.deliver(net, extend(value, 1, self.routes[net].width), &text[at..=at]);
            }
        }
        Ok(at + 1 + length)
    }

    /// `#123`.
    #[inline]
    fn time(&mut self, text: &[u8], at: usize) -> Result<usize, Stop> {
        let (mut stamp, digits) = leading_number(&text[at + 1..]);
        let end = at + 1 + digits;
        if digits == 0 || text.get(end).is_some_and(|&b| b > b' ') {
            return Err(not_a_stamp(text, at));
        }
        // Nineteen digits always fit.
        if digits > 19 {
            stamp = self.long_stamp(text, at, end)?;
        }
        self.advance(stamp, text, at)?;
        Ok(end)
    }

    #[cold]
    fn long_stamp(&self, text: &[u8], at: usize, end: usize) -> Result<u64, Stop> {
        let digits = std::str::from_utf8(&text[at + 1..end]).ok();
        digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| self.beyond(text, at))
    }

    #[inline]
    fn advance(&mut self, stamp: u64, text: &[u8], at: usize) -> Result<(), Stop> {
        let Some(fs) = self.scale.fs_of(stamp) else { return Err(self.beyond(text, at)) };
        if stamp < self.stamp {
            let time = |n| busproof_core::Time::from_fs(self.scale.fs_of(n).unwrap_or(u64::MAX));
            return Err(Stop::Wrong(
                at,
                ReadErrorKind::Backwards { last: time(self.stamp), at: time(stamp) },
            ));
        }
        self.stamp = stamp;
        match self.settler.advance(fs) {
            Flow::More => Ok(()),
            Flow::Enough => Err(Stop::Enough),
        }
    }

    /// A time stamp past the last instant that can be named: behind the window, or an error.
    #[cold]
    fn beyond(&self, text: &[u8], at: usize) -> Stop {
        if self.settler.is_bounded() { Stop::Enough } else { overflow(text, at) }
    }

    /// `b0101 "`: digits, most significant first, and an identifier.
    #[inline]
    fn vector(&mut self, text: &[u8], at: usize) -> Result<usize, Stop> {
        let (value, end) = scan_digits(text, at + 1);
        let digits = &text[at + 1..end];
        let id = next_token(text, end, at)?;
        let Some(value) = value else { return Err(not_digits(text, at)) };
        let (action, length) = self.ids.scan(&text[id..]);
        let Some(action) = action.map(Action) else { return Err(undeclared(text, at, id)) };
        self.change(action, value, digits, at)?;
        Ok(id + length)
    }

    /// Hands a value of any number of digits to whom it concerns.
    #[inline]
    fn change(&mut self, action: Action, value: Value, digits: &[u8], at: usize) -> Result<(), Stop> {
        if action.kind() == Action::WIRE {
            let value = if digits.len() == 1 { value } else { fit(value, digits, 1, at)? };
            self.settler.set(action.index(), value);
            return Ok(());
        }
        let net = action.index();
        let width = self.routes[net].width;
        let value = if digits.len() as u32 == width { value } else { fit(value, digits, width, at)? };
        match self.routes[net].target {
            Target::Nobody => {}
            Target::Whole(slot) => self.settler.set(slot, value),
            Target::Many(_) => self.deliver(net, value, digits),
        }
        Ok(())
    }

    /// Hands a value to every sink of a net; `digits` serve vectors wider than 64.
    fn deliver(&mut self, net: usize, value: Value, digits: &[u8]) {
        let route = &self.routes[net];
        let sinks = match &route.target {
            Target::Nobody => return,
            Target::Whole(slot) => &[Sink { slot: *slot, wire: None }][..],
            Target::Many(sinks) => sinks,
        };
        for sink in sinks {
            let value = match sink.wire {
                None => value,
                Some(wire) => Value::wire(digit_of(digits, wire)),
            };
            self.settler.set(sink.slot, value);
        }
    }

    /// `r1.5 !`: checked for its identifier, else passed over.
    fn skipped(&mut self, text: &[u8], at: usize) -> Result<usize, Stop> {
        let id = next_token(text, at + token(&text[at..]), at)?;
        let (entry, length) = self.ids.scan(&text[id..]);
        if entry.is_none() {
            return Err(undeclared(text, at, id));
        }
        Ok(id + length)
    }

    /// `stext !`: the text may contain blanks although it should not; then the line's last token is the identifier.
    fn string(&mut self, text: &[u8], at: usize) -> Result<usize, Stop> {
        if let Ok(end) = self.skipped(text, at) {
            return Ok(end);
        }
        let Some(length) = memchr::memchr(b'\n', &text[at..]) else { return Err(Stop::Incomplete(at)) };
        let line = text[at..at + length].trim_ascii_end();
        let id = line.iter().rposition(|&b| b <= b' ').map_or(0, |blank| blank + 1);
        match self.ids.get(&line[id..]) {
            Some(_) => Ok(at + line.len()),
            None => Err(undeclared(text, at, at + id)),
        }
    }

    /// `pDU 0 0 <1`: states, strengths of 0 and of 1, and an identifier (extended VCD).
    fn port(&mut self, text: &[u8], at: usize) -> Result<usize, Stop> {
        let states: Vec<u8> = text[at + 1..at + token(&text[at..])].iter().map(|&b| port_state(b)).collect();
        let zero = next_token(text, at + 1 + states.len(), at)?;
        let one = next_token(text, zero + token(&text[zero..]), at)?;
        let id = next_token(text, one + token(&text[one..]), at)?;
        let (action, length) = self.ids.scan(&text[id..]);
        let Some(action) = action.map(Action) else { return Err(undeclared(text, at, id)) };
        let (value, _) = scan_digits(&states, 0);
        let Some(value) = value else { return Err(not_digits(text, at)) };
        self.change(action, value, &states, at)?;
        Ok(id + length)
    }

    fn keyword(&mut self, text: &[u8], at: usize) -> usize {
        let end = at + token(&text[at..]);
        self.inside = match &text[at..end] {
            b"$end" => Block::None,
            keyword if keyword.starts_with(b"$dump") => Block::Dump,
            _ => Block::Skip,
        };
        end
    }

    /// Passes over text up to `$end`, or over all there is.
    fn skip(&mut self, text: &[u8], at: usize) -> usize {
        let mut at = at;
        while let Ok(start) = next_token(text, at, at) {
            at = start + token(&text[start..]);
            if &text[start..at] == b"$end" {
                self.inside = Block::None;
                return at;
            }
        }
        text.len()
    }
}

/// A value with another number of digits than the variable has bits.
fn fit(value: Value, digits: &[u8], width: u32, at: usize) -> Result<Value, Stop> {
    let excess = digits.len().saturating_sub(width as usize);
    // More digits than bits are harmless if they only repeat what extension would put there.
    let redundant = match digits.get(excess) {
        Some(&lead) if excess > 0 => {
            digits[..excess].iter().all(|&d| d == b'0' || d == lead && !matches!(d, b'0' | b'1'))
        }
        _ => excess == 0 && !digits.is_empty(),
    };
    if width > 0 && !redundant {
        let message = format!(
            "{} digits for a variable of {width} bits; the value does not fit its declaration",
            digits.len()
        );
        return Err(Stop::Wrong(at, ReadErrorKind::Syntax(message)));
    }
    Ok(extend(value, digits.len() as u32, width))
}

/// The start of the token behind the blanks at `at`.
#[inline]
fn next_token(text: &[u8], at: usize, command: usize) -> Result<usize, Stop> {
    let mut at = at;
    while let Some(&byte) = text.get(at) {
        if byte > b' ' {
            return Ok(at);
        }
        at += 1;
    }
    Err(Stop::Incomplete(command))
}

/// The digits from `at` up to a blank as planes, of which the low 64 remain, and the offset behind them.
///
/// No value if there is none or one is no level.
#[inline]
fn scan_digits(text: &[u8], at: usize) -> (Option<Value>, usize) {
    let mut end = at;
    let mut value = Value::known(0);
    while let Some(byte) = text[end..].first_chunk().and_then(|chunk| known_byte(*chunk)) {
        value = Value { bits: value.bits << 8 | u64::from(byte), unknown: value.unknown << 8 };
        end += 8;
    }
    let mut good = true;
    while let Some(&digit) = text.get(end)
        && digit > b' '
    {
        let class = CLASS[digit as usize];
        good &= class < 4;
        value.bits = value.bits << 1 | u64::from(class & 1);
        value.unknown = value.unknown << 1 | u64::from(class >> 1 & 1);
        end += 1;
    }
    ((good && end > at).then_some(value), end)
}

/// The decimal number at the start of `text`, modulo 2^64, and how many digits it has.
#[inline]
fn leading_number(text: &[u8]) -> (u64, usize) {
    const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let (mut number, mut length) = (0u64, 0);
    loop {
        let (eight, digits) = leading_digits(eight_bytes(&text[length..]));
        number = number.wrapping_mul(POWERS[digits]).wrapping_add(eight);
        length += digits;
        if digits < 8 {
            return (number, length);
        }
    }
}

/// The first eight bytes, with blanks behind those that are left.
#[inline]
fn eight_bytes(text: &[u8]) -> [u8; 8] {
    text.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [b' '; 8];
        bytes[..text.len()].copy_from_slice(text);
        bytes
    })
}

/// The number that the leading decimal digits of `text` make, and how many they are: all at once, without a branch.
#[inline]
fn leading_digits(text: [u8; 8]) -> (u64, usize) {
    let word = u64::from_le_bytes(text) ^ 0x3030_3030_3030_3030;
    // Digits are below 10 now. What is not has its top bit set here, and a carry from it concerns only bytes behind it.
    let others = (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
    let digits = others.trailing_zeros() / 8;
    // Zeros in front make eight digits of any number of them; each step joins neighbours.
    let ones = word.checked_shl(64 - 8 * digits).unwrap_or(0);
    let pairs = (ones.wrapping_mul(10) + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let eight = (fours.wrapping_mul(10_000) + (fours >> 32)) & 0xffff_ffff;
    (eight, digits as usize)
}

/// Eight digits that are all `0` or `1` as a byte, by one multiplication.
#[inline]
fn known_byte(digits: [u8; 8]) -> Option<u8> {
    let word = u64::from_be_bytes(digits);
    let ones = word & 0x0101_0101_0101_0101;
    // Digit 0 is in the top byte: bit 8k of `ones` moves to bit 56 + k.
    (word ^ ones == 0x3030_3030_3030_3030).then(|| (ones.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8)
}

/// A value of `digits` digits extended to `width` bits: X and Z repeat, 0 and 1 are preceded by 0.
fn extend(value: Value, digits: u32, width: u32) -> Value {
    let full = width.min(64);
    if digits >= full || digits == 0 {
        return value.masked(full);
    }
    let lead = value.at(digits - 1);
    if lead.bit().is_some() {
        return value;
    }
    let fill = !0 << digits;
    let bits = if lead == Level::X { value.bits | fill } else { value.bits };
    Value { bits, unknown: value.unknown | fill }.masked(full)
}

/// The level of `wire`, counted from the last digit, with the extension of [`extend`].
fn digit_of(digits: &[u8], wire: u32) -> Level {
    let level =
        |digit: u8| Level::from_planes(CLASS[digit as usize] & 1 != 0, CLASS[digit as usize] & 2 != 0);
    match (digits.iter().rev().nth(wire as usize), digits.first()) {
        (Some(&digit), _) => level(digit),
        (None, Some(&lead)) if level(lead).bit().is_none() => level(lead),
        _ => Level::Low,
    }
}

/// The plain digit for a state character of extended VCD; conflicts are unknown.
fn port_state(state: u8) -> u8 {
    match state {
        b'D' | b'd' | b'L' | b'l' | b'0' => b'0',
        b'U' | b'u' | b'H' | b'h' | b'1' => b'1',
        b'Z' | b'T' | b'F' | b'f' => b'z',
        b'N' | b'X' | b'?' | b'A' | b'a' | b'B' | b'b' | b'C' | b'c' => b'x',
        other => other | 0x80,
    }
}

/// True if `rest` holds one command only, so that being cut off explains what is wrong with it.
fn is_last_command(rest: &[u8]) -> bool {
    let most = match CLASS[rest.first().copied().unwrap_or_default() as usize] {
        VECTOR | SKIPPED => 2,
        PORT => 4,
        TEXT => usize::MAX,
        _ => 1,
    };
    rest.split(|&b| b <= b' ').filter(|token| !token.is_empty()).count() <= most
}

#[cold]
fn undeclared(text: &[u8], at: usize, id: usize) -> Stop {
    let id = &text[id..id + token(&text[id..])];
    let kind = if id.is_empty() {
        ReadErrorKind::Syntax(format!("value `{}` has no identifier", char::from(text[at])))
    } else {
        ReadErrorKind::Undeclared(excerpt(id))
    };
    Stop::Wrong(at, kind)
}

#[cold]
fn unknown(text: &[u8], at: usize) -> Stop {
    let found = excerpt(&text[at..at + token(&text[at..])]);
    Stop::Wrong(
        at,
        ReadErrorKind::Syntax(format!("expected a time stamp or a value change, found `{found}`")),
    )
}

#[cold]
fn not_a_stamp(text: &[u8], at: usize) -> Stop {
    let found = excerpt(&text[at..at + token(&text[at..])]);
    Stop::Wrong(
        at,
        ReadErrorKind::Syntax(format!("`{found}` is not a time stamp; expected `#` and a whole number")),
    )
}

#[cold]
fn overflow(text: &[u8], at: usize) -> Stop {
    let stamp = excerpt(&text[at..at + token(&text[at..])]);
    Stop::Wrong(at, ReadErrorKind::TimeOverflow { stamp })
}

#[cold]
fn not_digits(text: &[u8], at: usize) -> Stop {
    let digits = &text[at + 1..at + token(&text[at..])];
    let message = format!("`{}` is not a vector of levels", excerpt(digits));
    Stop::Wrong(at, ReadErrorKind::Syntax(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_digits(digits: &[u8]) -> Option<Value> {
        scan_digits(digits, 0).0
    }

    #[test]
    fn eight_digits_at_once_equal_one_by_one() {
        for byte in 0..=255u8 {
            let text = format!("{byte:08b}");
            assert_eq!(parse_digits(text.as_bytes()), Some(Value::known(byte.into())));
        }
        assert_eq!(known_byte(*b"0101010x"), None);
        assert_eq!(parse_digits(b"2"), None);
        assert_eq!(parse_digits(b"x10z"), Some(Value { bits: 0b1100, unknown: 0b1001 }));
    }

    #[test]
    fn numbers_of_any_length_end_where_their_digits_end() {
        for number in [0, 7, 10, 1_234_567, 12_345_678, 123_456_789, 9_999_999_999_999_999, u64::MAX] {
            let digits = number.to_string();
            for behind in ["", "\n", "\n1!\n#", ":", "/", "x\u{ff}", "\u{7f}999999999"] {
                let text = format!("{digits}{behind}");
                assert_eq!(leading_number(text.as_bytes()), (number, digits.len()), "{text}");
            }
        }
        assert_eq!(leading_number(b""), (0, 0));
        assert_eq!(leading_number(b"00000000000000000000000042 "), (42, 26));
        assert_eq!(leading_number(b"-1"), (0, 0));
    }

    #[test]
    fn short_values_extend_by_their_first_digit() {
        let value = |digits: &[u8], width| extend(parse_digits(digits).unwrap(), digits.len() as u32, width);
        assert_eq!(value(b"1", 4), Value::known(1));
        assert_eq!(value(b"x", 4), Value::X.masked(4));
        assert_eq!(value(b"z0", 4), Value { bits: 0, unknown: 0b1110 });
        assert_eq!(value(b"x", 64), Value::X);
        assert_eq!(digit_of(b"z01", 0), Level::High);
        assert_eq!(digit_of(b"z01", 9), Level::Z);
        assert_eq!(digit_of(b"101", 9), Level::Low);
    }
}
