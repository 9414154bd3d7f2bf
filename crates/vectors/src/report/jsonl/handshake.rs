//! The lines of items of handshakes.

use busproof_core::bus::handshake::{Beat, Item};

/// Prints the lines of items of handshakes, in the same memory for each.
///
/// ```text
/// {"bus":"handshake","kind":"beat","start_fs":12000000,"end_fs":17000000,"data":"5a"}
/// {"bus":"handshake","kind":"incomplete","start_fs":42000000,"end_fs":50000000,"data":"5b","flags":["unstable"]}
/// ```
///
/// `start_fs` is when the word was offered, `end_fs` when the receiver had it; of an `incomplete` one, which nobody
/// took, when it was withdrawn or the waveform ended.
#[derive(Clone, Debug, Default)]
pub struct HandshakeLines {
    line: String,
}

impl HandshakeLines {
    /// Calls `print` with the line of an item.
    ///
    /// # Errors
    /// Those of `print`.
    pub fn each<E>(&mut self, item: &Item, mut print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let kind = match item {
            Item::Beat(_) => "beat",
            Item::Incomplete(_) => "incomplete",
        };
        self.line.clear();
        self.line.push_str(r#"{"bus":"handshake","kind":""#);
        self.line.push_str(kind);
        self.line.push('"');
        self.beat(item.beat());
        self.line.push('}');
        print(&self.line)
    }

    fn beat(&mut self, beat: &Beat) {
        let mut digits = itoa::Buffer::new();
        for (name, time) in [(r#","start_fs":"#, beat.start), (r#","end_fs":"#, beat.end)] {
            self.line.push_str(name);
            self.line.push_str(digits.format(time.as_fs()));
        }
        self.line.push_str(r#","data":""#);
        self.line.extend(beat.data.hex_digits());
        self.line.push('"');
        if !beat.data.is_known() {
            self.line.push_str(r#","unknown":""#);
            self.line.push_str(&beat.data.unknown_to_hex());
            self.line.push('"');
        }
        let flags: Vec<&str> = beat.flags.names().collect();
        if !flags.is_empty() {
            self.line.push_str(r#","flags":[""#);
            self.line.push_str(&flags.join(r#"",""#));
            self.line.push_str(r#""]"#);
        }
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::bus::handshake::Flags;
    use busproof_core::{Bits, Time};

    use super::*;

    fn line(item: &Item) -> String {
        let mut text = String::new();
        let print = |line: &str| {
            text.push_str(line);
            Ok::<(), ()>(())
        };
        assert_eq!(HandshakeLines::default().each(item, print), Ok(()));
        serde_json::from_str::<serde_json::Value>(&text).expect("a line is JSON");
        text
    }

    #[test]
    fn a_word_says_whether_it_was_taken_and_what_is_odd_about_it() {
        let (start, end) = (Time::from_fs(5), Time::from_fs(95));
        let beat = Beat { start, end, data: Bits::new(0x5a, 9), flags: Flags::default() };
        assert_eq!(
            line(&Item::Beat(beat.clone())),
            r#"{"bus":"handshake","kind":"beat","start_fs":5,"end_fs":95,"data":"05a"}"#
        );
        let flags = Flags { assumed_start: true, unstable: true };
        let data = Bits::with_unknown(0xa0, 0x0f, 8);
        assert_eq!(
            line(&Item::Incomplete(Beat { data, flags, ..beat })),
            r#"{"bus":"handshake","kind":"incomplete","start_fs":5,"end_fs":95,"data":"a0","unknown":"0f","flags":["assumed-start","unstable"]}"#
        );
    }
}
