//! Where bytes come from, and what kind of file they are.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::{ReadError, ReadErrorKind};
use crate::options::ReadOptions;
use crate::reader::{Kind, Reader};

/// How many bytes decide the kind.
const PREFIX: usize = 4096;

/// Opens a waveform file, or the standard input if `path` is `-`.
pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Reader, ReadError> {
    let path = path.as_ref();
    let name = path.display().to_string();
    if path.as_os_str() == "-" {
        return open_stream("stdin", io::stdin(), options);
    }
    let file = File::open(path).map_err(|e| ReadErrorKind::Io(e).of(&name))?;
    let regular = file.metadata().is_ok_and(|m| m.is_file());
    if regular { open_input(name, Input::File(file), options) } else { open_stream(&name, file, options) }
}

/// Opens a waveform in memory; `name` serves in messages only.
pub fn open_bytes(name: &str, bytes: impl Into<Vec<u8>>, options: &ReadOptions) -> Result<Reader, ReadError> {
    open_input(name.into(), Input::Bytes(Cursor::new(bytes.into())), options)
}

/// Opens a waveform that arrives through a pipe; `name` serves in messages only.
///
/// Formats that need random access (.sr, FST, GHW) are kept in an unnamed temporary file.
pub fn open_stream(
    name: &str,
    stream: impl Read + Send + 'static,
    options: &ReadOptions,
) -> Result<Reader, ReadError> {
    let stream: Box<dyn Read + Send> = Box::new(stream);
    open_input(name.into(), Input::Stream(Cursor::new(Vec::new()).chain(stream)), options)
}

fn open_input(name: String, mut input: Input, options: &ReadOptions) -> Result<Reader, ReadError> {
    let prefix = input.peek(PREFIX).map_err(|e| ReadErrorKind::Io(e).of(&name))?;
    let kind = detect(&prefix).map_err(|e| e.of(&name))?;
    Reader::new(name, kind, input, options)
}

/// Tells the kind of a file by its first bytes.
fn detect(prefix: &[u8]) -> Result<Kind, ReadErrorKind> {
    match prefix {
        [] => Err(ReadErrorKind::Empty),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Ok(Kind::Sigrok),
        [0, 0, 0, 0, 0, 0, 0, 1, 0x49, ..] | [254, 0, 0, ..] => Ok(Kind::Fst),
        [b'G', b'H', b'D', b'L', b'w', ..] => Ok(Kind::Ghw),
        [0x1f, 0x8b, ..] => Err(ReadErrorKind::Compressed { program: "gzip" }),
        [b'B', b'Z', b'h', ..] => Err(ReadErrorKind::Compressed { program: "bzip2" }),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Err(ReadErrorKind::Compressed { program: "zstd" }),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Err(ReadErrorKind::Compressed { program: "xz" }),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(ReadErrorKind::Utf16),
        text => detect_text(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)),
    }
}

fn detect_text(text: &[u8]) -> Result<Kind, ReadErrorKind> {
    let is_blank = |b: &u8| b.is_ascii_whitespace();
    let control = text.iter().filter(|&b| *b < b' ' && !is_blank(b)).count();
    match text.iter().find(|b| !is_blank(b)) {
        None => Err(ReadErrorKind::Empty),
        Some(b'$') => Ok(Kind::Vcd),
        Some(_) if control == 0 && text.iter().any(|b| b",;\t01".contains(b)) => Ok(Kind::Csv),
        Some(_) => Err(ReadErrorKind::UnknownKind),
    }
}

/// The bytes of a file, wherever they are.
pub(crate) enum Input {
    File(File),
    Bytes(Cursor<Vec<u8>>),
    /// What was looked at already, then the rest.
    Stream(Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>),
}

/// Random access to a file.
pub(crate) trait Seekable: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Seekable for T {}

impl Input {
    /// The first bytes, which stay to be read.
    fn peek(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut prefix = Vec::new();
        self.by_ref().take(length as u64).read_to_end(&mut prefix)?;
        match self {
            Input::File(file) => {
                file.seek(SeekFrom::Start(0))?;
            }
            Input::Bytes(bytes) => bytes.set_position(0),
            Input::Stream(chain) => chain.get_mut().0.get_mut().extend_from_slice(&prefix),
        }
        if let Input::Stream(chain) = self {
            chain.get_mut().0.set_position(0);
            self.restart_chain();
        }
        Ok(prefix)
    }

    /// A chain that has reached its second half does not return to the first by itself.
    fn restart_chain(&mut self) {
        let taken = std::mem::replace(self, Input::Bytes(Cursor::default()));
        *self = match taken {
            Input::Stream(chain) => {
                let (first, second) = chain.into_inner();
                Input::Stream(first.chain(second))
            }
            other => other,
        };
    }

    /// The same bytes with random access, and their number.
    pub(crate) fn into_seekable(self) -> io::Result<(Box<dyn Seekable>, u64)> {
        let mut seekable: Box<dyn Seekable> = match self {
            Input::File(file) => Box::new(BufReader::with_capacity(1 << 16, file)),
            Input::Bytes(bytes) => Box::new(bytes),
            Input::Stream(mut stream) => {
                let mut file = tempfile::tempfile()?;
                io::copy(&mut stream, &mut file)?;
                Box::new(BufReader::with_capacity(1 << 16, file))
            }
        };
        let length = seekable.seek(SeekFrom::End(0))?;
        seekable.seek(SeekFrom::Start(0))?;
        Ok((seekable, length))
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Input::File(file) => file.read(buffer),
            Input::Bytes(bytes) => bytes.read(buffer),
            Input::Stream(stream) => stream.read(buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_follows_from_the_content() {
        let kind = |text: &[u8]| detect(text).unwrap();
        assert_eq!(kind(b" \n$date"), Kind::Vcd);
        assert_eq!(kind(b"\xef\xbb\xbf$date"), Kind::Vcd);
        assert_eq!(kind(b"PK\x03\x04"), Kind::Sigrok);
        assert_eq!(kind(b"\0\0\0\0\0\0\0\x01\x49"), Kind::Fst);
        assert_eq!(kind(b"GHDLwave\n"), Kind::Ghw);
        assert_eq!(kind(b"Time [s],Channel 0\n"), Kind::Csv);
        assert!(matches!(detect(b"\x1f\x8b"), Err(ReadErrorKind::Compressed { program: "gzip" })));
        assert!(matches!(detect(b"\x7fELF\x01\x02"), Err(ReadErrorKind::UnknownKind)));
        assert!(matches!(detect(b" \n"), Err(ReadErrorKind::Empty)));
    }

    #[test]
    fn a_stream_is_read_from_its_first_byte_after_peeking() {
        let stream: Box<dyn Read + Send> = Box::new(Cursor::new(b"abcdef".to_vec()));
        let mut input = Input::Stream(Cursor::new(Vec::new()).chain(stream));
        assert_eq!(input.peek(4).unwrap(), b"abcd");
        let mut all = Vec::new();
        input.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"abcdef");
    }
}
