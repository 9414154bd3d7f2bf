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

/// True for the bytes that short codes are made of.
#[inline]
const fn is_plain(byte: u8) -> bool {
    byte > b' ' && byte < 128
}

/// A byte of a short code as a digit from 1.
#[inline]
const fn digit(byte: u8) -> u32 {
    byte as u32 - 32
}

/// The number of a short code.
fn number(code: &[u8]) -> Option<usize> {
    let short = code.len() <= SHORT && code.iter().all(|&b| is_plain(b));
    short.then(|| code.iter().fold(0, |n, &b| n * BASE + digit(b)) as usize)
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

    /// The same codes with other entries.
    pub(crate) fn map(self, entry: impl Fn(u32) -> u32) -> Ids {
        let short = self.short.into_iter().map(|old| old.checked_sub(1).map_or(0, |old| entry(old) + 1));
        let long = self.long.into_iter().map(|(code, old)| (code, entry(old)));
        Ids { short: short.collect(), long: long.collect() }
    }

    /// The code at the start of `text`, up to the first blank: its entry and its length.
    ///
    /// The same as [`Ids::get`] with the search for the end folded in.
    #[inline]
    pub(crate) fn scan(&self, text: &[u8]) -> (Option<u32>, usize) {
        let (number, length) = match *text {
            [a, end, ..] if end <= b' ' && is_plain(a) => (digit(a), 1),
            [a, b, end, ..] if end <= b' ' && is_plain(a) && is_plain(b) => (digit(a) * BASE + digit(b), 2),
            _ => return self.scan_long(text),
        };
        (self.short.get(number as usize).and_then(|entry| entry.checked_sub(1)), length)
    }

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
