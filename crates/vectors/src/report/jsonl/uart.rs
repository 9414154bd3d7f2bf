//! The lines of items of UART.

use busproof_core::bus::uart::{Break, Closed, Frame, Item, Packet};

/// Prints the lines of items of UART, in the same memory for each.
///
/// ```text
/// {"bus":"uart","line":"tx","kind":"frame","start_fs":0,"end_fs":86805555555,"data":"48","rate_error_ppm":-120}
/// {"bus":"uart","line":"tx","kind":"break","start_fs":0,"end_fs":200000000000}
/// ```
///
/// `rate_error_ppm` is by how much the edges of the frame are faster than the nominal rate; it is absent where there are too few.
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
                self.begin("frame", item);
                self.frame(frame);
            }
            Item::Break(Break { .. }) => self.begin("break", item),
            Item::Packet(packet) => {
                self.begin("packet", item);
                self.packet(packet);
            }
        }
        self.line.push('}');
        print(&self.line)
    }

    fn begin(&mut self, kind: &str, item: &Item) {
        self.line.clear();
        self.line.push_str(r#"{"bus":"uart","line":""#);
        self.line.push_str(item.line().name());
        self.line.push_str(r#"","kind":""#);
        self.line.push_str(kind);
        self.line.push('"');
        self.number("start_fs", item.start().as_fs());
        self.number("end_fs", item.end().as_fs());
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
    use busproof_core::{Bits, Span, Time};

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
            flags: Flags::default(),
            gap: None,
            rate: None,
            margin_mui: None,
        };
        let head = r#"{"bus":"uart","line":"rx","kind":"frame","start_fs":5,"end_fs":95,"data":"#;
        assert_eq!(line(&Item::Frame(plain.clone())), format!(r#"{head}"48"}}"#));
        let odd = Frame {
            data: Bits::with_unknown(0x101, 0x010, 9),
            flags: Flags { parity_error: true, framing_error: true, ..Flags::default() },
            rate: Some(MeasuredRate { bit: Span::from_fs(9), error_ppm: -120, bits: 9 }),
            ..plain
        };
        let rest = r#""101","unknown":"010","flags":["parity-error","framing-error"],"rate_error_ppm":-120}"#;
        assert_eq!(line(&Item::Frame(odd)), format!("{head}{rest}"));
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
