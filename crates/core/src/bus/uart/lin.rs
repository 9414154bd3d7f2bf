//! LIN: what follows a break.
//!
//! ```text
//! | break | 55 | protected identifier | response: 1 to 8 bytes, checksum |
//! ```
//!
//! How long a response is, no frame of it says; so its last byte is known for the checksum when the next break comes.

use super::Line;
use crate::bits::Bits;
use crate::bus::{Diagnostic, Severity};
use crate::time::Time;

/// The protected identifier of LIN: 6 bits and their two parity bits, P0 = ID0 ^ ID1 ^ ID2 ^ ID4 and
/// P1 = NOT(ID1 ^ ID3 ^ ID4 ^ ID5). The upper bits of `id` are ignored.
pub const fn lin_id(id: u8) -> u8 {
    let p0 = (id ^ id >> 1 ^ id >> 2 ^ id >> 4) & 1;
    let p1 = !(id >> 1 ^ id >> 3 ^ id >> 4 ^ id >> 5) & 1;
    id & 0x3f | p0 << 6 | p1 << 7
}

/// The checksum of a LIN response: the inverted sum of its bytes, carries added in. The enhanced one is taken over the
/// protected identifier, too; the classic one (`None`) is not.
pub fn lin_checksum(id: Option<u8>, data: &[u8]) -> u8 {
    !data.iter().fold(id.map_or(0, lin_id), |sum, &byte| with_carry(sum, byte))
}

/// The sum of two bytes, the carry added in.
const fn with_carry(a: u8, b: u8) -> u8 {
    let (sum, carry) = a.overflowing_add(b);
    sum.wrapping_add(carry as u8)
}

/// Where in a message a line is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Lin {
    /// Before the first break.
    #[default]
    Elsewhere,
    /// Behind a break.
    Sync,
    /// Behind the sync byte.
    Identifier,
    /// Behind the identifier.
    Response(Response),
}

/// A response as far as it has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Response {
    id: u8,
    /// The sum of all bytes but the last.
    sum: u8,
    last: u8,
    bytes: u32,
    from: Time,
    to: Time,
}

impl Response {
    fn new(id: u8, at: Time) -> Response {
        Response { id, sum: 0, last: 0, bytes: 0, from: at, to: at }
    }

    fn add(&mut self, byte: u8, from: Time, to: Time) {
        if self.bytes == 0 {
            self.from = from;
        }
        self.sum = with_carry(self.sum, self.last);
        (self.last, self.to) = (byte, to);
        self.bytes = self.bytes.saturating_add(1);
    }

    /// What is wrong with it as a whole. Diagnostic messages, 3ch and 3dh, keep the classic checksum.
    fn verdict(&self, line: Line) -> Option<Diagnostic> {
        let classic = !self.sum;
        let enhanced = !with_carry(self.sum, lin_id(self.id));
        let is_diagnostic = matches!(self.id, 0x3c | 0x3d);
        let is_right = self.last == classic || (self.last == enhanced && !is_diagnostic);
        if self.bytes < 2 || is_right {
            return None;
        }
        let right = if is_diagnostic {
            format!("{classic:02x}, since diagnostic messages keep the classic checksum")
        } else {
            format!("{enhanced:02x}, or {classic:02x} if it is a classic one")
        };
        let text = format!(
            "the checksum of the response to identifier {:02x} on {} is {:02x}: it should be {right}",
            self.id,
            line.name(),
            self.last
        );
        let (from, to) = (self.from, self.to);
        Some(Diagnostic { code: "uart::lin-checksum", severity: Severity::Error, from, to, text })
    }
}

impl Lin {
    /// A frame has come. Returns what is wrong with it.
    pub(super) fn frame(&mut self, data: &Bits, from: Time, to: Time) -> Option<Diagnostic> {
        let byte = data.to_u64().unwrap_or(0) as u8;
        let severity = Severity::Error;
        match self {
            Lin::Elsewhere => None,
            Lin::Sync => {
                *self = if byte == 0x55 { Lin::Identifier } else { Lin::Elsewhere };
                let text = format!("the byte behind a break is {data}, not the sync byte 55");
                let wrong = Diagnostic { code: "uart::lin-sync", severity, from, to, text };
                (byte != 0x55).then_some(wrong)
            }
            Lin::Identifier => {
                *self = Lin::Response(Response::new(byte & 0x3f, to));
                let right = lin_id(byte);
                let text = format!("the parity of identifier {data} is wrong: it should be {right:02x}");
                (right != byte).then_some(Diagnostic { code: "uart::lin-id", severity, from, to, text })
            }
            Lin::Response(response) => {
                response.add(byte, from, to);
                None
            }
        }
    }

    /// A break, or the end of the waveform: the message before is over. Returns what is wrong with it.
    pub(super) fn end(&mut self, line: Line, next: Lin) -> Option<Diagnostic> {
        match std::mem::replace(self, next) {
            Lin::Response(response) => response.verdict(line),
            Lin::Elsewhere | Lin::Sync | Lin::Identifier => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 00h becomes 80h and so on: examples published by a maker of LIN tools, and computed.
    #[test]
    fn identifiers_carry_their_parity() {
        let examples = [(0x00, 0x80), (0x01, 0xc1), (0x3c, 0x3c), (0x3d, 0x7d), (0x3f, 0xbf)];
        for (id, protected) in examples {
            assert_eq!(lin_id(id), protected);
            assert_eq!(lin_id(protected), protected, "the upper bits are ignored");
        }
    }

    /// With all bytes and the checksum added, carries added in, a message sums up to ffh.
    #[test]
    fn checksums_complete_the_sum() {
        for (id, data) in
            [(None, &[0x4a, 0x55, 0x93, 0xe5][..]), (Some(0x2a), &[0xff, 0xff]), (Some(0), &[0])]
        {
            let sum = data.iter().fold(id.map_or(0, lin_id), |sum, &byte| with_carry(sum, byte));
            assert_eq!(with_carry(sum, lin_checksum(id, data)), 0xff);
        }
        assert_eq!(
            lin_checksum(None, &[0x4a, 0x55, 0x93, 0xe5]),
            0xe6,
            "by hand: 4a + 55 + 93 + e5 = 217, 17 + 2 = 19"
        );
    }

    #[test]
    fn a_wrong_checksum_is_found_when_the_message_is_over() {
        let message = |id: u8, bytes: &[u8]| {
            let (mut lin, t) = (Lin::Sync, Time::ZERO);
            for byte in [0x55, lin_id(id)].iter().chain(bytes) {
                assert!(lin.frame(&Bits::new(u64::from(*byte), 8), t, t).is_none());
            }
            lin.end(Line::Tx, Lin::Sync).map(|wrong| wrong.text)
        };
        let data = [0x12, 0x00, 0xff];
        let with = |sum: u8| [&data[..], &[sum]].concat();
        assert_eq!(message(0x2a, &with(lin_checksum(Some(0x2a), &data))), None);
        assert_eq!(message(0x2a, &with(lin_checksum(None, &data))), None);
        assert_eq!(message(0x3c, &with(lin_checksum(None, &data))), None);
        let enhanced = message(0x3c, &with(lin_checksum(Some(0x3c), &data))).unwrap();
        assert!(
            enhanced.ends_with("it should be ed, since diagnostic messages keep the classic checksum"),
            "{enhanced}"
        );
        assert!(
            message(0x2a, &with(0x33)).is_some_and(|text| text.contains("is 33: it should be 83, or ed"))
        );
        assert_eq!(message(0x2a, &[]), None, "nobody answered");
    }
}
