//! The lines of items of UART.

use busproof_core::Time;
use busproof_core::bus::uart::{Break, Closed, Frame, Item, Packet};

/// Prints the lines of items of UART, in the same memory for each.
///
/// ```text
/// {"bus":"uart","line":"tx","kind":"frame","start_fs":8680555555,"end_fs":78124999995,"data":"48","frame_start_fs":0,"frame_end_fs":86805555555,"rate_error_ppm":-120}
/// {"bus":"uart","line":"tx","kind":"break","start_fs":0,"end_fs":200000000000}
/// ```
///
/// A frame's `start_fs` and `end_fs` span its data bits, as a word's do on the other buses and a frame's in sigrok's exports;
/// `frame_start_fs` is the edge of its start bit, `frame_end_fs` the end of its last stop bit. `rate_error_ppm` is by how much the edges of the frame are faster than the nominal rate; it is absent where there are too few.
#[derive(Clone, Debug, Default)]
pub struct UartLines {
    line: String,
}

impl UartLines {
    /// Calls `print` with the line of an item.
    ///
    /// # Errors
    /// Those of `print`.
    pub fn each<E>(&mut self, item: &Item, mut print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        match item {
            Item::Frame(frame) => {
                self.begin("frame", item, frame.data_start(), frame.data_end());
                self.frame(frame);
            }
            Item::Break(Break { start, end, .. }) => self.begin("break", item, *start, *end),
            Item::Packet(packet) => {
                self.begin("packet", item, packet.start, packet.end);
                self.packet(packet);
            }
        }
        self.line.push('}');
        print(&self.line)
    }

    fn begin(&mut self, kind: &str, item: &Item, start: Time, end: Time) {
        self.line.clear();
        self.line.push_str(r#"{"bus":"uart","line":""#);
        self.line.push_str(item.line().name());
        self.line.push_str(r#"","kind":""#);
        self.line.push_str(kind);
        self.line.push('"');
        self.number("start_fs", start.as_fs());
        self.number("end_fs", end.as_fs());
    }

    fn number(&mut self, name: &str, value: impl itoa::Integer) {
        self.line.push_str(",\"");
        self.line.push_str(name);
        self.line.push_str("\":");
        self.line.push_str(itoa::Buffer::new().format(value));
    }

    fn frame(&mut self, frame: &Frame) {
        self.line.push_str(r#","data":""#);
        self.line.extend(frame.data.hex_digits());
        self.line.push('"');
        if !frame.data.is_known() {
            self.line.push_str(r#","unknown":""#);
            self.line.push_str(&frame.data.unknown_to_hex());
            self.line.push('"');
        }
        self.number("frame_start_fs", frame.start.as_fs());
        self.number("frame_end_fs", frame.end.as_fs());
        self.flags(frame);
        if let Some(rate) = frame.rate {
            self.number("rate_error_ppm", rate.error_ppm);
        }
    }

    fn flags(&mut self, frame: &Frame) {
        let mut before = r#","flags":[""#;
        for name in frame.flags.names() {
            self.line.push_str(before);
            self.line.push_str(name);
            before = r#"",""#;
        }
        if before == r#"",""# {
            self.line.push_str("\"]");
        }
    }

    fn packet(&mut self, packet: &Packet) {
        self.number("frames", packet.frames);
        self.line.push_str(r#","closed":""#);
        self.line.push_str(match packet.closed {
            Closed::Delimiter => "delimiter",
            Closed::Length => "length",
            Closed::Gap => "gap",
            Closed::Break => "break",
            Closed::End => "end",
        });
        self.line.push('"');
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::bus::uart::{Flags, Line, MeasuredRate};
    use busproof_core::{Bits, Span};

    use super::*;

    fn line(item: &Item) -> String {
        let mut text = String::new();
        let print = |line: &str| {
            text.push_str(line);
            Ok::<(), ()>(())
        };
        assert_eq!(UartLines::default().each(item, print), Ok(()));
        serde_json::from_str::<serde_json::Value>(&text).expect("a line is JSON");
        text
    }

    const AT: (Time, Time) = (Time::from_fs(5), Time::from_fs(95));

    #[test]
    fn a_frame_says_what_is_odd_about_it() {
        let (start, end) = AT;
        let plain = Frame {
            line: Line::Rx,
            start,
            end,
            data: Bits::new(0x48, 8),
            bit: Span::from_fs(9),
            flags: Flags::default(),
            gap: None,
            rate: None,
            margin_mui: None,
        };
        let head = r#"{"bus":"uart","line":"rx","kind":"frame","start_fs":14,"end_fs":86,"data":"#;
        let whole = r#""frame_start_fs":5,"frame_end_fs":95"#;
        assert_eq!(line(&Item::Frame(plain.clone())), format!(r#"{head}"48",{whole}}}"#));
        let odd = Frame {
            data: Bits::with_unknown(0x101, 0x010, 9),
            flags: Flags { parity_error: true, framing_error: true, ..Flags::default() },
            rate: Some(MeasuredRate { bit: Span::from_fs(9), error_ppm: -120, bits: 9 }),
            ..plain
        };
        let head = head.replace("86", "95");
        let rest = r#""flags":["parity-error","framing-error"],"rate_error_ppm":-120}"#;
        assert_eq!(line(&Item::Frame(odd)), format!(r#"{head}"101","unknown":"010",{whole},{rest}"#));
    }

    #[test]
    fn breaks_and_packets_have_lines_too() {
        let (start, end) = AT;
        assert_eq!(
            line(&Item::Break(Break { line: Line::Tx, start, end })),
            r#"{"bus":"uart","line":"tx","kind":"break","start_fs":5,"end_fs":95}"#
        );
        let packet = Packet { line: Line::Tx, start, end, frames: 12, closed: Closed::Gap };
        assert_eq!(
            line(&Item::Packet(packet)),
            r#"{"bus":"uart","line":"tx","kind":"packet","start_fs":5,"end_fs":95,"frames":12,"closed":"gap"}"#
        );
    }
}
