//! From identifier codes to nets: an array for short codes, a hash table for the rest.

use std::collections::HashMap;

/// Codes of up to this many characters are looked up in the array.
const SHORT: usize = 3;
/// The base of the numbers that stand for short codes; no code contains the digit 0, so they are unique.
const BASE: u32 = 96;

/// A map from identifier codes to numbers.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    /// By number of the code; 0 for none, else the entry plus 1.
    short: Vec<u32>,
    long: HashMap<Box<[u8]>, u32>,
}

/// The number of a short code of bytes 33 to 127.
fn number(code: &[u8]) -> Option<usize> {
    let plain = code.len() <= SHORT && code.iter().all(|b| (33..128).contains(b));
    plain.then(|| code.iter().fold(0, |n, &b| n * BASE + u32::from(b - 32)) as usize)
}

impl Ids {
    /// The entry of `code`, which becomes `entry` if there is none yet.
    pub(crate) fn get_or_insert(&mut self, code: &[u8], entry: u32) -> u32 {
        let Some(number) = number(code) else {
            return *self.long.entry(code.into()).or_insert(entry);
        };
        if number >= self.short.len() {
            self.short.resize(number + 1, 0);
        }
        if self.short[number] == 0 {
            self.short[number] = entry + 1;
        }
        self.short[number] - 1
    }

    /// The entry of `code`.
    #[inline]
    pub(crate) fn get(&self, code: &[u8]) -> Option<u32> {
        match number(code) {
            Some(number) => self.short.get(number)?.checked_sub(1),
            None => self.long.get(code).copied(),
        }
    }

    /// The code at the start of `text`, up to the first blank: its entry and its length.
    ///
    /// The same as [`Ids::get`] with the search for the end folded in.
    #[inline]
    pub(crate) fn scan(&self, text: &[u8]) -> (Option<u32>, usize) {
        let (mut number, mut length) = (0u32, 0);
        while let Some(&byte) = text.get(length)
            && byte > b' '
        {
            if length == SHORT || byte >= 128 {
                return self.scan_long(text);
            }
            number = number * BASE + u32::from(byte - 32);
            length += 1;
        }
        (self.short.get(number as usize).and_then(|entry| entry.checked_sub(1)), length)
    }

    #[cold]
    fn scan_long(&self, text: &[u8]) -> (Option<u32>, usize) {
        let length = text.iter().position(|&b| b <= b' ').unwrap_or(text.len());
        (self.get(&text[..length]), length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_any_length_are_found_and_kept_apart() {
        let codes =
            ["!", "~", "!!", "~~~", "!!!", "!!!!", "<123", "\u{7f}", "\u{e9}", "a_very_long_identifier"];
        let mut ids = Ids::default();
        for (i, code) in codes.iter().enumerate() {
            assert_eq!(ids.get_or_insert(code.as_bytes(), i as u32), i as u32);
            assert_eq!(ids.get_or_insert(code.as_bytes(), 99), i as u32);
        }
        for (i, code) in codes.iter().enumerate() {
            assert_eq!(ids.get(code.as_bytes()), Some(i as u32));
            let line = format!("{code}\nrest");
            assert_eq!(ids.scan(line.as_bytes()), (Some(i as u32), code.len()));
        }
        assert_eq!(ids.get(b"?"), None);
        assert_eq!(ids.scan(b"\n"), (None, 0));
    }
}
