//! Says in words what was said to a register bridge over UART: `WRITE CTRL <- 00000001`, `READ ID -> 62757370`.
//!
//! `<-` stands before what was sent to the bridge, `->` before what it answered.

use std::sync::Arc;

use busproof_core::bus::uart::{Frame, Line};
use busproof_core::time::Time;

use crate::devices::Spec as Device;
use crate::devices::uart::Spec as UartDevice;
use crate::devices::uart::registers::Spec;
use crate::dialogue::Said;
use crate::part::Part;

/// Follows both lines of a UART with a register bridge at one end, and names what passes.
///
/// Which line requests come on is told from what is said: a command of the part begins a request, a code of it a reply.
///
/// ```
/// use busproof_parts::{Exchanges, catalog};
///
/// let part = catalog::find("uart-registers")?;
/// let mut exchanges = Exchanges::new(&part).expect("a register bridge");
/// # let frames: Vec<busproof_core::bus::uart::Frame> = Vec::new();
/// for frame in &frames {
///     if let Some(said) = exchanges.frame(frame) {
///         println!("{} {}", said.from, said.text);
///     }
/// }
/// # Ok::<(), busproof_parts::PartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Exchanges {
    spec: Arc<Spec>,
    messages: [Message; 2],
    /// The request that has not been answered.
    asked: Option<Request>,
}

/// What has come in on a line.
#[derive(Clone, Debug, Default)]
struct Message {
    from: Time,
    /// When its last frame ended.
    until: Time,
    has_sync: bool,
    bytes: Vec<u8>,
    /// What comes until a pause is of no known length, or damaged.
    is_lost: bool,
}

/// A request as it has to be known to understand the reply.
#[derive(Clone, Debug)]
struct Request {
    is_read: bool,
    place: String,
}

impl Exchanges {
    /// For a part that is a register bridge over UART; `None` for any other.
    pub fn new(part: &Part) -> Option<Exchanges> {
        let Some(Device::Uart(UartDevice::Registers(spec))) = part.spec() else { return None };
        Some(Exchanges { spec: spec.clone(), messages: Default::default(), asked: None })
    }

    /// Takes the next frame of either line. With the last of a request or a reply, says what it was.
    pub fn frame(&mut self, frame: &Frame) -> Option<Said> {
        let byte = frame.data.to_u64().filter(|_| frame.data.is_known()).map(|data| data as u8);
        let is_damaged = frame.flags.parity_error || frame.flags.framing_error;
        let message = self.message(frame);
        if message.is_lost {
            return None;
        }
        let Some(byte) = byte.filter(|_| !is_damaged) else {
            message.is_lost = true;
            return None;
        };
        self.take(frame.line, byte)?;
        let message = std::mem::take(&mut self.messages[frame.line as usize]);
        Some(Said { from: message.from, text: self.describe(&message.bytes) })
    }

    /// The message that a frame goes on with, or begins.
    fn message(&mut self, frame: &Frame) -> &mut Message {
        let message = &mut self.messages[frame.line as usize];
        let is_begun = message.is_lost || message.has_sync || !message.bytes.is_empty();
        if !is_begun || frame.start.since(message.until) > self.spec.time_out {
            *message = Message { from: frame.start, ..Message::default() };
        }
        message.until = frame.end;
        message
    }

    /// One more byte. `None` unless the message is complete with it.
    fn take(&mut self, line: Line, byte: u8) -> Option<()> {
        let (spec, asked) = (&self.spec, self.asked.as_ref());
        let message = &mut self.messages[line as usize];
        if let Some(sync) = spec.sync.filter(|_| !message.has_sync) {
            message.has_sync = byte == sync;
            return None;
        }
        message.bytes.push(byte);
        let Some(length) = body_length(spec, message.bytes[0], asked) else {
            message.is_lost = true;
            return None;
        };
        (message.bytes.len() >= length + spec.crc_bytes()).then_some(())
    }

    /// What a whole message is, from behind its sync byte.
    fn describe(&mut self, bytes: &[u8]) -> String {
        let spec = self.spec.clone();
        let (body, crc) = bytes.split_at(bytes.len() - spec.crc_bytes());
        let is_right = spec.crc.is_none_or(|kind| spec.bytes(u64::from(kind.of(body)), crc.len()) == crc);
        let text = if body[0] == spec.read || body[0] == spec.write {
            self.request(&spec, body)
        } else {
            self.reply(&spec, body)
        };
        if is_right { text } else { format!("{text} (wrong CRC)") }
    }

    fn request(&mut self, spec: &Spec, body: &[u8]) -> String {
        let (address, data) = body[1..].split_at(spec.address_bytes as usize);
        let place = place(spec, spec.number(address));
        let is_read = body[0] == spec.read;
        let text =
            if is_read { format!("READ {place}") } else { format!("WRITE {place} <- {}", word(spec, data)) };
        self.asked = Some(Request { is_read, place });
        text
    }

    fn reply(&mut self, spec: &Spec, body: &[u8]) -> String {
        let about = self.asked.take().map_or_else(String::new, |asked| {
            format!("{} {}", if asked.is_read { "READ" } else { "WRITE" }, asked.place)
        });
        let text = match (outcome(spec, body[0]), &body[1..]) {
            ("ok", []) => format!("{about} -> ok"),
            ("ok", data) => format!("{about} -> {}", word(spec, data)),
            (refusal, _) => format!("{about} -> {refusal}"),
        };
        text.trim_start().to_owned()
    }
}

/// How long a message is that begins so, without sync byte and CRC; `None` for what is no message of the bridge.
fn body_length(spec: &Spec, first: u8, asked: Option<&Request>) -> Option<usize> {
    if let Some(request) = spec.length(first) {
        return Some(request);
    }
    let data =
        if first == spec.codes.ok && asked.is_some_and(|asked| asked.is_read) { spec.data_bytes } else { 0 };
    (!outcome(spec, first).is_empty()).then_some(1 + data as usize)
}

/// What a code of a reply means; nothing for what is none.
fn outcome(spec: &Spec, code: u8) -> &'static str {
    let codes = spec.codes;
    let refusals = [
        (codes.bad_crc, "wrong CRC"),
        (codes.bad_command, "no such command"),
        (codes.bad_address, "no such register"),
        (codes.read_only, "read-only"),
    ];
    let refusal = refusals.into_iter().find(|(refusal, _)| *refusal == Some(code));
    if code == codes.ok { "ok" } else { refusal.map_or("", |(_, text)| text) }
}

/// A register's name, or its address.
fn place(spec: &Spec, address: u64) -> String {
    let named = spec.named.iter().find(|register| register.address == address);
    named.map_or_else(|| format!("reg 0x{address:02x}"), |register| register.name.clone())
}

/// A register's value as a number, most significant digit first whatever the order of its bytes.
fn word(spec: &Spec, data: &[u8]) -> String {
    format!("{:0digits$x}", spec.number(data), digits = 2 * data.len())
}

#[cfg(test)]
mod tests {
    use busproof_core::bits::Bits;
    use busproof_core::bus::uart::Flags;
    use busproof_core::time::Span;

    use super::*;
    use crate::catalog;

    struct Wire {
        exchanges: Exchanges,
        now: u64,
    }

    impl Wire {
        fn new() -> Wire {
            let part = catalog::find("uart-registers").unwrap();
            Wire { exchanges: Exchanges::new(&part).unwrap(), now: 0 }
        }

        /// Says bytes back to back, and returns what has been made of them.
        fn say(&mut self, line: Line, bytes: &[u8]) -> Vec<String> {
            bytes.iter().filter_map(|&byte| self.frame(line, byte, Flags::default())).collect()
        }

        fn frame(&mut self, line: Line, byte: u8, flags: Flags) -> Option<String> {
            let start = Time::ZERO + Span::from_us(self.now);
            self.now += 87;
            let frame = Frame {
                line,
                start,
                end: Time::ZERO + Span::from_us(self.now),
                data: Bits::new(byte.into(), 8),
                bit: Span::from_us(9),
                flags,
                gap: None,
                rate: None,
                margin_mui: None,
            };
            self.exchanges.frame(&frame).map(|said| said.text)
        }

        fn framed(&self, body: &[u8]) -> Vec<u8> {
            self.exchanges.spec.framed(body)
        }
    }

    #[test]
    fn requests_and_replies_are_named_whichever_line_they_come_on() {
        for (there, back) in [(Line::Tx, Line::Rx), (Line::Rx, Line::Tx)] {
            let mut wire = Wire::new();
            let mut said = |line, body: &[u8]| {
                let bytes = wire.framed(body);
                wire.say(line, &bytes)
            };
            assert_eq!(said(there, &[0x52, 0x00]), ["READ ID"]);
            assert_eq!(said(back, &[0x06, 0x62, 0x75, 0x73, 0x70]), ["READ ID -> 62757370"]);
            assert_eq!(said(there, &[0x57, 0x05, 0, 0, 1, 2]), ["WRITE reg 0x05 <- 00000102"]);
            assert_eq!(said(back, &[0x06]), ["WRITE reg 0x05 -> ok"]);
            assert_eq!(said(there, &[0x52, 0x40]), ["READ reg 0x40"]);
            assert_eq!(said(back, &[0x17]), ["READ reg 0x40 -> no such register"]);
            assert_eq!(said(back, &[0x16]), ["-> no such command"], "nobody has asked");
        }
    }

    #[test]
    fn damage_is_told_and_the_next_message_behind_a_pause_is_heard() {
        let mut wire = Wire::new();
        let good = wire.framed(&[0x52, 0x00]);
        let mut bad = good.clone();
        bad[3] ^= 1;
        assert_eq!(wire.say(Line::Tx, &bad), ["READ ID (wrong CRC)"]);
        let broken = Flags { parity_error: true, ..Flags::default() };
        assert_eq!(wire.say(Line::Tx, &good[..2]), [""; 0]);
        assert_eq!(wire.frame(Line::Tx, 0, broken), None);
        assert_eq!(wire.say(Line::Tx, &good), [""; 0], "it may be the rest of the other");
        wire.now += 6_000;
        assert_eq!(wire.say(Line::Tx, &good), ["READ ID"]);
        assert_eq!(wire.say(Line::Tx, &[0xa5, 0x99]), [""; 0]);
        wire.now += 6_000;
        assert_eq!(wire.say(Line::Tx, &[0x11, 0xa5]), [""; 0], "no sync byte, and one");
        assert_eq!(wire.say(Line::Tx, &good[1..]), ["READ ID"]);
    }

    #[test]
    fn other_parts_have_no_registers() {
        for name in ["uart-echo", "24c02"] {
            assert!(Exchanges::new(&catalog::find(name).unwrap()).is_none(), "{name}");
        }
    }
}
