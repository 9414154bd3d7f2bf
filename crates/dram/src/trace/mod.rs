//! Traces of requests as files.
//!
//! | format | a line | |
//! |---|---|---|
//! | Ramulator 2, load and store | `LD 0x1240`, `ST 64` | |
//! | Ramulator 2, vectors | `R 0,0,1,2,4660,5` | channel, rank, bank group, bank, row, burst within the row |
//! | DRAMsim3 | `0x1240 READ 200` | the clock of its arrival behind |
//! | DRAMSys | `200: read 0x1240` | |
//! | ours | `200 R 0x1240` | the clock, R or W, the address |
//!
//! Numbers are decimal, or hexadecimal after `0x`; DRAMsim3's addresses are always hexadecimal. Blank lines and what follows
//! `#` are skipped. The format is told by the first line. Compressed files are told by their first bytes.

mod cursor;
mod error;
mod formats;

pub use error::{Problem, TraceError};

use std::io::Read as _;
use std::path::Path;

use crate::map::AddressMap;
use crate::request::Request;
use cursor::Cursor;

/// A format of traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Ramulator 2: `LD 0x1240`.
    LoadStore,
    /// Ramulator 2: `R 0,0,1,2,4660,5`.
    Vectors,
    /// DRAMsim3: `0x1240 READ 200`.
    DramSim3,
    /// DRAMSys: `200: read 0x1240`.
    DramSys,
    /// Ours: `200 R 0x1240`.
    Timed,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 5] =
        [Format::LoadStore, Format::Vectors, Format::DramSim3, Format::DramSys, Format::Timed];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Format::LoadStore => "Ramulator 2, load and store",
            Format::Vectors => "Ramulator 2, vectors",
            Format::DramSim3 => "DRAMsim3",
            Format::DramSys => "DRAMSys",
            Format::Timed => "clock, R or W, address",
        }
    }
}

/// Reads a trace; `origin` names it in messages, and `map` gives the address of a vector.
///
/// ```
/// use busproof_dram::{AddressMap, Request, trace};
/// use busproof_parts::memory;
///
/// let part = memory::find("ddr4-2400u-8gb-x8")?;
/// let map = AddressMap::parse(AddressMap::DEFAULT, part.geometry(), 1)?;
/// let requests = trace::parse(b"LD 0x40\nST 0x80\n", "x.trace", &map)?;
/// assert_eq!(requests, [Request::read(0x40), Request::write(0x80)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse(text: &[u8], origin: &str, map: &AddressMap) -> Result<Vec<Request>, TraceError> {
    let mut cursor = Cursor::new(text);
    let parsed = formats::requests(&mut cursor, map);
    parsed.map_err(|problem| TraceError::at(origin, text, cursor.offset(), problem))
}

/// The bytes of a trace file, unpacked if it is compressed with gzip.
pub fn load(path: &Path) -> Result<Vec<u8>, TraceError> {
    let unreadable = |source| TraceError::Unreadable { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).map_err(unreadable)?;
    Ok(text)
}
