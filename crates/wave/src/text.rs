//! A text file in chunks, with line and column for messages.

use std::io::{ErrorKind, Read};

use crate::error::{Place, ReadError, ReadErrorKind};
use crate::input::Input;

/// The size of a chunk.
const CHUNK: usize = 1 << 20;
/// The longest single token or line that is kept whole.
const LONGEST: usize = 1 << 24;

/// A window of bytes that slides over a file.
///
/// At the end of the file one line feed is appended, so that every token is followed by a blank.
pub(crate) struct Text {
    name: String,
    input: Input,
    buffer: Vec<u8>,
    /// Bytes in use; what lies behind is scratch.
    filled: usize,
    /// The first byte not consumed.
    start: usize,
    ended: bool,
    unterminated: bool,
    /// Lines and columns are known up to here.
    counted: usize,
    /// Line feeds before `counted`.
    lines: u64,
    /// Bytes of the current line before `counted`.
    column: u64,
}

impl Text {
    pub(crate) fn new(name: String, input: Input) -> Text {
        Text {
            name,
            input,
            buffer: vec![0; CHUNK],
            filled: 0,
            start: 0,
            ended: false,
            unterminated: false,
            counted: 0,
            lines: 0,
            column: 0,
        }
    }

    /// The file's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The bytes at hand that are not consumed.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.buffer[self.start..self.filled]
    }

    /// Marks the first `count` bytes of [`Text::rest`] as consumed.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start += count;
    }

    /// True if [`Text::rest`] reaches to the end of the file.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// True if the file ends without a line feed or blank; known once it has ended.
    pub(crate) fn unterminated(&self) -> bool {
        self.unterminated
    }

    /// Reads more behind [`Text::rest`]; false at the end of the file.
    pub(crate) fn refill(&mut self) -> Result<bool, ReadError> {
        if self.ended {
            return Ok(false);
        }
        self.discard();
        // One byte stays free for the final line feed.
        if self.filled + 1 >= self.buffer.len() {
            self.grow()?;
        }
        let count = self.read()?;
        if count == 0 {
            self.terminate();
        }
        Ok(true)
    }

    /// Reads until [`Text::rest`] holds a whole chunk or the end of the file.
    pub(crate) fn fill_chunk(&mut self) -> Result<(), ReadError> {
        while self.filled + 1 < CHUNK && self.refill()? {}
        Ok(())
    }

    fn read(&mut self) -> Result<usize, ReadError> {
        let end = self.buffer.len() - 1;
        loop {
            match self.input.read(&mut self.buffer[self.filled..end]) {
                Ok(count) => {
                    self.filled += count;
                    return Ok(count);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(ReadErrorKind::Io(e).of(&self.name)),
            }
        }
    }

    fn terminate(&mut self) {
        self.ended = true;
        self.unterminated = self.filled > 0 && self.buffer[self.filled - 1] > b' ';
        self.buffer[self.filled] = b'\n';
        self.filled += 1;
    }

    fn discard(&mut self) {
        self.here();
        self.counted = 0;
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
    }

    fn grow(&mut self) -> Result<(), ReadError> {
        if self.buffer.len() >= LONGEST {
            let kind =
                ReadErrorKind::Limit { what: "the length of a single value or line", limit: LONGEST as u64 };
            return Err(self.error(0, kind));
        }
        self.buffer.resize(self.buffer.len() * 2, 0);
        Ok(())
    }

    /// Where the bytes of the file end in the buffer.
    fn end(&self) -> usize {
        self.filled - usize::from(self.ended)
    }

    /// Line and column of the start of [`Text::rest`]; cheap to ask again and again.
    pub(crate) fn here(&mut self) -> Place {
        let place = self.place(0);
        (self.lines, self.column) = (place.line - 1, place.column - 1);
        self.counted = self.start.min(self.end());
        place
    }

    /// Line and column of byte `offset` of [`Text::rest`].
    pub(crate) fn place(&self, offset: usize) -> Place {
        let before = &self.buffer[self.counted..(self.start + offset).min(self.end())];
        let lines = memchr::memchr_iter(b'\n', before).count() as u64;
        let column = match memchr::memrchr(b'\n', before) {
            Some(last) => (before.len() - last) as u64,
            None => self.column + before.len() as u64 + 1,
        };
        Place { line: self.lines + lines + 1, column }
    }

    /// An error at byte `offset` of [`Text::rest`].
    pub(crate) fn error(&self, offset: usize, kind: ReadErrorKind) -> ReadError {
        kind.at(&self.name, self.place(offset))
    }

    /// A syntax error at byte `offset` of [`Text::rest`].
    pub(crate) fn syntax(&self, offset: usize, message: impl Into<String>) -> ReadError {
        self.error(offset, ReadErrorKind::Syntax(message.into()))
    }

    /// Consumes blanks; false at the end of the file.
    fn skip_blanks(&mut self) -> Result<bool, ReadError> {
        loop {
            match self.rest().iter().position(|&b| b > b' ') {
                Some(blanks) => {
                    self.consume(blanks);
                    return Ok(true);
                }
                None => self.start = self.filled,
            }
            if !self.refill()? {
                return Ok(false);
            }
        }
    }

    /// Brings the next token to the start of [`Text::rest`] and gives its length; `None` at the end of the file.
    pub(crate) fn peek_token(&mut self) -> Result<Option<usize>, ReadError> {
        if !self.skip_blanks()? {
            return Ok(None);
        }
        let mut known = 0;
        loop {
            if let Some(more) = self.rest()[known..].iter().position(|&b| b <= b' ') {
                return Ok(Some(known + more));
            }
            known = self.rest().len();
            if !self.refill()? {
                return Ok(None);
            }
        }
    }

    /// Brings the next line to the start of [`Text::rest`] and gives its length without the line feed.
    pub(crate) fn peek_line(&mut self) -> Result<Option<usize>, ReadError> {
        let mut known = 0;
        loop {
            if let Some(more) = memchr::memchr(b'\n', &self.rest()[known..]) {
                return Ok(Some(known + more));
            }
            known = self.rest().len();
            if !self.refill()? {
                return Ok(None);
            }
        }
    }
}

/// Bytes as text: UTF-8 if they are, else Latin-1, in which every byte is a character.
pub(crate) fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
    }
}

/// Bytes as text for a message: at most 40 characters, control characters escaped.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let text = decode(&bytes[..bytes.len().min(160)]);
    let mut short: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}
