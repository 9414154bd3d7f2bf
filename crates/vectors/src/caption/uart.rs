//! Frames of a UART, and the messages that they make.

use std::fmt::Write as _;

use busproof_core::bus::uart::{Frame, Item, Line};
use busproof_core::{Bits, Time};
use busproof_wave::{About, Caption, Track};

use super::Words;

/// The tracks of what was said on each line: messages, `'AT\r'` or `01 ff`, which end where the line is idle for a frame; and
/// frames, `41 'A'`, with what is odd about them.
pub fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
    let mut tracks = Vec::new();
    for line in Line::ALL {
        let said: Vec<&Item> = items.iter().filter(|item| item.line() == line).collect();
        if said.is_empty() {
            continue;
        }
        let name = line.name();
        let frames = said.iter().filter_map(|item| caption(item)).collect();
        tracks.push(Track::new(format!("{scope}.{name}_messages"), About::Transfers, messages(&said)));
        tracks.push(Track::new(format!("{scope}.{name}_frames"), About::Items, frames));
    }
    tracks
}

fn caption(item: &Item) -> Option<Caption> {
    match item {
        Item::Frame(frame) => Some(Caption { from: frame.start, to: frame.end, text: told(frame) }),
        Item::Break(it) => Some(Caption { from: it.start, to: it.end, text: "BREAK".into() }),
        Item::Packet(_) => None,
    }
}

/// The data, the character where there is one, and what is odd.
fn told(frame: &Frame) -> String {
    let mut text = frame.data.to_string();
    if let Some(c) = character(&frame.data) {
        let _ = write!(text, " '{}'", c.escape_default());
    }
    let flags = frame.flags;
    for (is, what) in
        [(flags.parity_error, " PARITY"), (flags.framing_error, " FRAMING"), (flags.noise, " NOISE")]
    {
        text.push_str(if is { what } else { "" });
    }
    text
}

/// What is printable in ASCII, or ends a line.
fn character(data: &Bits) -> Option<char> {
    let code = data.to_u64().filter(|_| data.is_known()).and_then(|code| u8::try_from(code).ok())?;
    matches!(code, b' '..=b'~' | b'\r' | b'\n' | b'\t').then_some(char::from(code))
}

/// Frames that follow each other.
struct Message {
    from: Time,
    to: Time,
    /// A frame that starts by then belongs to it.
    until: Time,
    digits: Words,
    /// As text, as long as all of it is.
    text: Option<String>,
}

impl Message {
    fn new(frame: &Frame) -> Message {
        let mut message = Message {
            from: frame.start,
            to: frame.end,
            until: frame.end,
            digits: Words::default(),
            text: Some(String::new()),
        };
        message.push(frame);
        message
    }

    fn push(&mut self, frame: &Frame) {
        self.to = frame.end;
        self.until = frame.end.saturating_add(frame.end.since(frame.start));
        self.digits.push(&frame.data.to_string());
        self.text = match (self.text.take(), character(&frame.data)) {
            (Some(text), Some(c)) => Some(text + &c.escape_default().to_string()),
            _ => None,
        };
    }

    fn caption(self) -> Caption {
        let text = match self.text {
            Some(text) if self.digits.count <= super::SHOWN => format!("'{text}'"),
            _ => self.digits.finish(),
        };
        Caption { from: self.from, to: self.to, text }
    }
}

fn messages(said: &[&Item]) -> Vec<Caption> {
    let mut captions = Vec::new();
    let mut open: Option<Message> = None;
    for item in said {
        let frame = match item {
            Item::Frame(frame) => Some(frame),
            Item::Break(_) | Item::Packet(_) => None,
        };
        match (&mut open, frame) {
            (Some(message), Some(frame)) if frame.start <= message.until => message.push(frame),
            _ => captions.extend(std::mem::replace(&mut open, frame.map(Message::new)).map(Message::caption)),
        }
    }
    captions.extend(open.map(Message::caption));
    captions
}

#[cfg(test)]
mod tests {
    use busproof_core::Span;
    use busproof_core::bus::uart::Flags;

    use super::*;

    fn frame(start_us: u64, byte: u8) -> Frame {
        let at = |us: u64| Time::from_fs(us * 1_000_000_000);
        Frame {
            line: Line::Tx,
            start: at(start_us),
            end: at(start_us + 10),
            data: Bits::new(byte.into(), 8),
            bit: Span::from_us(1),
            flags: Flags::default(),
            gap: None,
            rate: None,
            margin_mui: None,
        }
    }

    #[test]
    fn messages_end_with_idle_time_and_are_text_where_they_can_be() {
        let frames = [frame(0, b'A'), frame(10, b'\r'), frame(100, b'B'), frame(115, 0xff), frame(200, 0)];
        let mut items: Vec<Item> = frames.into_iter().map(Item::Frame).collect();
        if let Some(Item::Frame(last)) = items.last_mut() {
            last.flags.parity_error = true;
        }
        let tracks = tracks("link", &items);
        let texts = |i: usize| tracks[i].captions.iter().map(|c| c.text.as_str()).collect::<Vec<_>>();
        assert_eq!(tracks[0].name, "link.tx_messages");
        assert_eq!(texts(0), ["'A\\r'", "42 ff", "00"]);
        assert_eq!(texts(1), ["41 'A'", "0d '\\r'", "42 'B'", "ff", "00 PARITY"]);
    }
}
