//! Reads words and numbers off a text, fast.

use super::error::Problem;

/// A place in a text.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) const fn new(text: &'t [u8]) -> Cursor<'t> {
        Cursor { text, at: 0 }
    }

    /// Where the cursor stands; after an error, where the problem is.
    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    /// The same text from an offset on.
    pub(crate) const fn back_to(&mut self, offset: usize) {
        self.at = offset;
    }

    /// The bytes that are left.
    pub(crate) const fn left(&self) -> usize {
        self.text.len() - self.at
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    pub(crate) fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    /// To the first word of the next line that has any; false at the end of the text.
    #[inline]
    pub(crate) fn next_line(&mut self) -> bool {
        loop {
            self.blanks();
            match self.peek() {
                None => return false,
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(_) => return true,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    }

    /// The letters and digits that come next, after blanks.
    #[inline]
    pub(crate) fn word(&mut self) -> &'t [u8] {
        self.blanks();
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// Takes `byte` if it comes next.
    #[inline]
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// A number, decimal or after `0x` hexadecimal.
    #[inline]
    pub(crate) fn number(&mut self, wanted: &'static str) -> Result<u64, Problem> {
        self.blanks();
        if self.text[self.at..].starts_with(b"0x") || self.text[self.at..].starts_with(b"0X") {
            return self.hex(wanted);
        }
        let start = self.at;
        let mut value: u64 = 0;
        while let Some(digit) = self.peek().and_then(decimal) {
            let next = value.checked_mul(10).and_then(|tens| tens.checked_add(digit));
            value = next.ok_or_else(|| self.huge(start))?;
            self.at += 1;
        }
        self.ends(start, wanted)?;
        Ok(value)
    }

    /// A hexadecimal number, with or without `0x`.
    #[inline]
    pub(crate) fn hex(&mut self, wanted: &'static str) -> Result<u64, Problem> {
        self.blanks();
        let rest = &self.text[self.at..];
        let word = self.at;
        self.at += if rest.starts_with(b"0x") || rest.starts_with(b"0X") { 2 } else { 0 };
        let start = self.at;
        let mut value: u64 = 0;
        while let Some(digit) = self.peek().and_then(hexadecimal) {
            if value >> 60 != 0 {
                return Err(self.huge(word));
            }
            value = value << 4 | digit;
            self.at += 1;
        }
        if self.at == start {
            self.at = word;
        }
        self.ends(word, wanted)?;
        Ok(value)
    }

    /// A number must have digits, and end where they end.
    #[inline]
    fn ends(&mut self, start: usize, wanted: &'static str) -> Result<(), Problem> {
        let more =
            self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
        if self.at > start && !more {
            return Ok(());
        }
        self.at = start;
        Err(self.expected(wanted))
    }

    /// The line must end here.
    #[inline]
    pub(crate) fn end_of_line(&mut self) -> Result<(), Problem> {
        self.blanks();
        match self.peek() {
            None | Some(b'#') => Ok(()),
            Some(b'\n') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.expected("the end of the line")),
        }
    }

    /// Something else was expected here.
    #[cold]
    pub(crate) fn expected(&self, wanted: &'static str) -> Problem {
        Problem::Expected { wanted, found: self.found() }
    }

    /// What stands here, up to the next blank, for messages.
    pub(crate) fn found(&self) -> String {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        match String::from_utf8_lossy(&rest[..end.min(32)]) {
            _ if rest.is_empty() => "the end of the file".to_owned(),
            word if word.is_empty() => "the end of the line".to_owned(),
            word => format!("`{word}`"),
        }
    }

    #[cold]
    fn huge(&mut self, start: usize) -> Problem {
        self.at = start;
        let found = self.found();
        Problem::Huge(found.trim_matches('`').to_owned())
    }
}

#[inline]
fn decimal(byte: u8) -> Option<u64> {
    byte.is_ascii_digit().then(|| (byte - b'0') as u64)
}

#[inline]
fn hexadecimal(byte: u8) -> Option<u64> {
    match byte {
        b'0'..=b'9' => Some((byte - b'0') as u64),
        b'a'..=b'f' => Some((byte - b'a') as u64 + 10),
        b'A'..=b'F' => Some((byte - b'A') as u64 + 10),
        _ => None,
    }
}
