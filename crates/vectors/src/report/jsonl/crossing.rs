//! The lines of what has crossed from one clock domain to another.

use busproof_core::cdc::Item;

/// Prints the lines of items of crossings, in the same memory for each.
///
/// ```text
/// {"bus":"crossing","kind":"word","start_fs":12000000,"end_fs":41000000,"data":"5a"}
/// {"bus":"crossing","kind":"pulse","start_fs":42000000,"end_fs":68000000,"data":"1"}
/// ```
///
/// `kind` is `word`, `pulse` or `level`; `start_fs` is when it was taken in the source's domain (by request and acknowledge: when it
/// was offered; a level: when it changed), `end_fs` when the destination had it.
#[derive(Clone, Debug, Default)]
pub struct CrossingLines {
    line: String,
}

impl CrossingLines {
    /// Calls `print` with the line of an item.
    ///
    /// # Errors
    /// Those of `print`.
    pub fn each<E>(&mut self, item: &Item, mut print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let mut digits = itoa::Buffer::new();
        self.line.clear();
        self.line.push_str(r#"{"bus":"crossing","kind":""#);
        self.line.push_str(item.kind.name());
        for (name, time) in [(r#"","start_fs":"#, item.start), (r#","end_fs":"#, item.end)] {
            self.line.push_str(name);
            self.line.push_str(digits.format(time.as_fs()));
        }
        self.line.push_str(r#","data":""#);
        self.line.extend(item.data.hex_digits());
        self.line.push('"');
        if !item.data.is_known() {
            self.line.push_str(r#","unknown":""#);
            self.line.push_str(&item.data.unknown_to_hex());
            self.line.push('"');
        }
        self.line.push('}');
        print(&self.line)
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::cdc::ItemKind;
    use busproof_core::{Bits, Time};

    use super::*;

    #[test]
    fn what_has_crossed_says_what_it_is_and_how_long_it_took() {
        let (start, end) = (Time::from_fs(5), Time::from_fs(95));
        let line = |kind, data| {
            let mut text = String::new();
            let print = |line: &str| {
                text.push_str(line);
                Ok::<(), ()>(())
            };
            assert_eq!(CrossingLines::default().each(&Item { kind, start, end, data }, print), Ok(()));
            serde_json::from_str::<serde_json::Value>(&text).expect("a line is JSON");
            text
        };
        assert_eq!(
            line(ItemKind::Word, Bits::new(0x5a, 9)),
            r#"{"bus":"crossing","kind":"word","start_fs":5,"end_fs":95,"data":"05a"}"#
        );
        assert_eq!(
            line(ItemKind::Word, Bits::with_unknown(0xa0, 0x0f, 8)),
            r#"{"bus":"crossing","kind":"word","start_fs":5,"end_fs":95,"data":"a0","unknown":"0f"}"#
        );
        assert_eq!(
            line(ItemKind::Level, Bits::new(1, 1)),
            r#"{"bus":"crossing","kind":"level","start_fs":5,"end_fs":95,"data":"1"}"#
        );
    }
}
