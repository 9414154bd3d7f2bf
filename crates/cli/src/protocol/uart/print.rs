//! UART frames for people: rows of frames that follow each other, as numbers and as text.
//!
//! ```text
//!             time  line  data                                  text
//!         12.34 us  tx    41 54 2b 47 4d 52 0d 0a               AT+GMR..
//!        912.34 us  rx    4f 4b 3f PARITY 0d 0a                 OK?..
//!         1.912 ms  rx    BREAK of 1.2 ms
//! ```
//!
//! Behind the last frame of a request to a register bridge, or of its reply, stands what it was, if the part is given.
//!
//! A row ends where the line is idle for the length of a frame, or with the packet if the options say what one is; a `+`
//! behind the line's name says that the row goes on where the one before was full.

use std::fmt::Write as _;
use std::io::{self, Write};

use busproof_core::bus::uart::{Break, Frame, Item, Line};
use busproof_core::{Bits, Time};
use busproof_parts::{Exchanges, Part};

use crate::protocol;
use crate::units::{count, instant};

/// The columns of the time, of the line's name and of the numbers: twelve bytes.
const TIME: usize = 16;
const LINE: usize = 4;
const DATA: usize = 36;
/// So many rows wait at most for one that began before them.
const WAITING: usize = 64;

/// Prints rows in order of their starts.
pub(crate) struct Printer {
    /// Rows end with packets rather than with idle time.
    packets: bool,
    headed: bool,
    /// The row of each line that may still grow.
    open: [Option<Row>; 2],
    /// Rows that are complete, but one that began earlier may not be.
    waiting: Vec<Row>,
    /// The part, and what is said to it, if that is understood.
    known: Option<(String, Exchanges)>,
    totals: Totals,
}

/// Frames that follow each other on a line.
#[derive(Debug)]
struct Row {
    line: Line,
    start: Time,
    /// A frame that starts by then belongs to it.
    until: Time,
    /// It goes on where the one before was full.
    goes_on: bool,
    data: String,
    text: String,
}

/// What was said in all.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    frames: [u64; 2],
    breaks: u64,
    packets: u64,
    parity_errors: u64,
    framing_errors: u64,
}

impl Printer {
    /// A printer of rows that end with packets, if there are `packets`; with the `part` at the other end, if it is known.
    pub(crate) fn new(packets: bool, part: Option<&Part>) -> Printer {
        let known = part.and_then(|part| Some((part.name().to_owned(), Exchanges::new(part)?)));
        let (open, waiting, totals) = ([None, None], Vec::new(), Totals::default());
        Printer { packets, headed: false, open, waiting, known, totals }
    }

    fn frame(&mut self, frame: &Frame) {
        for line in Line::ALL {
            let silent = self.open[line as usize].as_ref().is_some_and(|row| row.until <= frame.start);
            if silent && !self.packets {
                self.close(line);
            }
        }
        let first = self.totals.frames[frame.line as usize] == 0;
        let data = numbers(frame, first);
        let goes_on = self.open[frame.line as usize].as_ref().is_some_and(|row| !row.has_room(&data));
        if goes_on {
            self.close(frame.line);
        }
        let new = || Row { goes_on, ..Row::new(frame.line, frame.start) };
        self.open[frame.line as usize].get_or_insert_with(new).push(frame, &data);
        self.totals.count(frame);
        self.name(frame);
    }

    /// Says what a message was that ends with this frame.
    fn name(&mut self, frame: &Frame) {
        let Some((name, exchanges)) = &mut self.known else { return };
        if let Some(said) = exchanges.frame(frame) {
            let data = format!("{name}: {}", said.text);
            self.close(frame.line);
            self.waiting.push(Row { data, ..Row::new(frame.line, frame.start) });
        }
    }

    fn line_break(&mut self, it: &Break) {
        self.totals.breaks += 1;
        self.close(it.line);
        let data = format!("BREAK of {}", crate::units::rounded(it.end.since(it.start).as_fs(), 3));
        self.waiting.push(Row { data, ..Row::new(it.line, it.start) });
    }

    fn close(&mut self, line: Line) {
        self.waiting.extend(self.open[line as usize].take());
    }

    /// Prints the complete rows that nothing can come before, all if there are very many.
    fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.waiting.sort_by_key(|row| row.start);
        let first = self.open.iter().flatten().map(|row| row.start).min();
        let ready = match first {
            Some(first) if self.waiting.len() <= WAITING => {
                self.waiting.partition_point(|row| row.start <= first)
            }
            _ => self.waiting.len(),
        };
        for row in self.waiting.drain(..ready) {
            if !std::mem::replace(&mut self.headed, true) {
                writeln!(out, "{:>TIME$}  {:<LINE$}  {:<DATA$}  text", "time", "line", "data")?;
            }
            writeln!(out, "{}", row.printed())?;
        }
        Ok(())
    }
}

impl protocol::Printer<Item> for Printer {
    fn item(&mut self, item: &Item, out: &mut impl Write) -> io::Result<()> {
        match item {
            Item::Frame(frame) => self.frame(frame),
            Item::Break(it) => self.line_break(it),
            Item::Packet(packet) => {
                self.totals.packets += 1;
                self.close(packet.line);
            }
        }
        self.flush(out)
    }

    fn finish(&mut self, out: &mut impl Write) -> io::Result<()> {
        for line in Line::ALL {
            self.close(line);
        }
        self.flush(out)
    }

    fn totals(&self) -> String {
        self.totals.to_string()
    }
}

impl Row {
    const fn new(line: Line, start: Time) -> Row {
        Row { line, start, until: start, goes_on: false, data: String::new(), text: String::new() }
    }

    fn has_room(&self, data: &str) -> bool {
        self.data.len() + 1 + data.len() <= DATA
    }

    fn push(&mut self, frame: &Frame, data: &str) {
        if !self.data.is_empty() {
            self.data.push(' ');
        }
        self.data.push_str(data);
        self.text.push(character(&frame.data));
        self.until = frame.end.saturating_add(frame.end.since(frame.start));
    }

    fn printed(&self) -> String {
        let name = format!("{}{}", self.line.name(), if self.goes_on { " +" } else { "" });
        let (time, data, text) = (instant(self.start), &self.data, &self.text);
        format!("{time:>TIME$}  {name:<LINE$}  {data:<DATA$}  {text}").trim_end().to_owned()
    }
}

/// The digits of a frame, and what is odd about it; that its start is assumed, only of the `first` one of a line.
fn numbers(frame: &Frame, first: bool) -> String {
    let mut text = frame.data.to_string();
    let flags = frame.flags;
    let odd = [
        (flags.parity_error, "PARITY"),
        (flags.framing_error, "FRAMING"),
        (flags.noise, "NOISE"),
        (flags.assumed_start && first, "START?"),
    ];
    for (_, name) in odd.into_iter().filter(|(set, _)| *set) {
        let _ = write!(text, " {name}");
    }
    text
}

/// What is printable in ASCII as it is, a point for the rest.
fn character(data: &Bits) -> char {
    let code = data.to_u64().filter(|_| data.is_known()).and_then(|code| u8::try_from(code).ok());
    code.filter(|code| matches!(code, b' '..=b'~')).map_or('.', char::from)
}

impl Totals {
    fn count(&mut self, frame: &Frame) {
        self.frames[frame.line as usize] += 1;
        self.parity_errors += u64::from(frame.flags.parity_error);
        self.framing_errors += u64::from(frame.flags.framing_error);
    }
}

impl std::fmt::Display for Totals {
    /// `3 frames on tx, 1 frame on rx, 1 framing error`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let frames = Line::ALL.map(|line| (self.frames[line as usize], "frame", line.name()));
        let rest = [
            (self.packets, "packet"),
            (self.breaks, "break"),
            (self.parity_errors, "parity error"),
            (self.framing_errors, "framing error"),
        ];
        let frames = frames.into_iter().filter(|(n, ..)| *n > 0);
        let frames = frames.map(|(n, thing, line)| format!("{} on {line}", count(n, thing)));
        let rest = rest.into_iter().filter(|(n, _)| *n > 0).map(|(n, thing)| count(n, thing));
        f.write_str(&frames.chain(rest).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::Span;
    use busproof_core::bus::uart::{Closed, Flags, Packet};

    use super::*;
    use crate::protocol::Printer as _;

    /// The length of a frame.
    const LONG: u64 = 10_000_000;

    fn at(frames: u64) -> Time {
        Time::from_fs(frames * LONG)
    }

    fn frame(line: Line, start: u64, byte: u8) -> Frame {
        Frame {
            line,
            start: at(start),
            end: at(start + 1),
            data: Bits::new(byte.into(), 8),
            bit: Span::from_us(1),
            flags: Flags::default(),
            gap: Some(Span::ZERO),
            rate: None,
            margin_mui: None,
        }
    }

    fn said(line: Line, start: u64, text: &str) -> Vec<Item> {
        (start..).zip(text.bytes()).map(|(start, byte)| Item::Frame(frame(line, start, byte))).collect()
    }

    /// The rows of items, with times but without the head and what blanks there are too many.
    fn rows(packets: bool, items: &[Item]) -> Vec<String> {
        let (mut printer, mut out) = (Printer::new(packets, None), Vec::new());
        items.iter().try_for_each(|item| printer.item(item, &mut out)).unwrap();
        printer.finish(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
        let short = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        text.lines().skip(1).map(short).collect()
    }

    #[test]
    fn idle_time_ends_a_row_and_a_full_one_goes_on() {
        let mut items = said(Line::Tx, 0, "Hi\n");
        items.extend(said(Line::Tx, 4, "there, everybody"));
        assert_eq!(
            rows(false, &items),
            [
                "0 s tx 48 69 0a Hi.",
                "40 ns tx 74 68 65 72 65 2c 20 65 76 65 72 79 there, every",
                "160 ns tx + 62 6f 64 79 body"
            ]
        );
    }

    #[test]
    fn rows_of_two_lines_come_in_order_of_their_starts() {
        let mut items = said(Line::Tx, 0, "abcdef");
        items.extend(said(Line::Rx, 1, "xy"));
        items.sort_by_key(Item::end);
        items.extend(said(Line::Rx, 9, "z"));
        let want = ["0 s tx 61 62 63 64 65 66 abcdef", "10 ns rx 78 79 xy", "90 ns rx 7a z"];
        assert_eq!(rows(false, &items), want);
    }

    #[test]
    fn what_is_odd_stands_behind_the_frame() {
        let parity = Flags { parity_error: true, assumed_start: true, ..Flags::default() };
        let framing = Flags { framing_error: true, noise: true, assumed_start: true, ..Flags::default() };
        let odd = |start, flags| Item::Frame(Frame { flags, ..frame(Line::Rx, start, b'A') });
        let it = Break { line: Line::Rx, start: at(2), end: at(7) };
        assert_eq!(
            rows(false, &[odd(0, parity), odd(1, framing), Item::Break(it)]),
            ["0 s rx 41 PARITY START? 41 FRAMING NOISE AA", "20 ns rx BREAK of 50 ns"]
        );
    }

    #[test]
    fn packets_have_rows_of_their_own() {
        let end = |start, end| {
            let (start, end) = (at(start), at(end));
            Item::Packet(Packet { line: Line::Tx, start, end, frames: 2, closed: Closed::Length })
        };
        let mut items = said(Line::Tx, 0, "a");
        items.extend(said(Line::Tx, 9, "b"));
        items.push(end(0, 10));
        items.extend(said(Line::Tx, 10, "cd"));
        items.push(end(10, 12));
        assert_eq!(rows(true, &items), ["0 s tx 61 62 ab", "100 ns tx 63 64 cd"]);
    }

    #[test]
    fn what_a_register_bridge_is_told_stands_behind_the_frames() {
        let part = busproof_parts::catalog::find("uart-registers").unwrap();
        let (mut printer, mut out) = (Printer::new(false, Some(&part)), Vec::new());
        let request = [0xa5, 0x52, 0x00, 0x75, 0xd2];
        let items = (0..).zip(request).map(|(i, byte)| Item::Frame(frame(Line::Tx, i, byte)));
        items.for_each(|item| printer.item(&item, &mut out).unwrap());
        printer.finish(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let last = text.lines().last().unwrap();
        assert_eq!(last, "           40 ns  tx    uart-registers: READ ID", "{text}");
    }

    #[test]
    fn a_row_that_never_ends_does_not_keep_the_others_for_ever() {
        let mut printer = Printer::new(true, None);
        let mut out = Vec::new();
        let mut items = said(Line::Rx, 0, "a");
        items.extend(said(Line::Tx, 1, &"0123456789ab".repeat(WAITING + 2)));
        items.iter().try_for_each(|item| printer.item(item, &mut out)).unwrap();
        assert!(printer.waiting.len() <= WAITING && !out.is_empty());
    }

    #[test]
    fn totals_name_what_there_was() {
        let mut printer = Printer::new(false, None);
        let odd = Flags { parity_error: true, ..Flags::default() };
        printer.frame(&frame(Line::Tx, 0, 1));
        printer.frame(&Frame { flags: odd, ..frame(Line::Tx, 1, 1) });
        printer.frame(&frame(Line::Rx, 2, 1));
        assert_eq!(printer.totals(), "2 frames on tx, 1 frame on rx, 1 parity error");
    }
}
