//! The formats, a line each.

use super::Format;
use super::cursor::Cursor;
use super::error::Problem;
use crate::map::{AddressMap, Location};
use crate::request::{Access, Request};

/// All requests of a text.
pub(super) fn requests(cursor: &mut Cursor<'_>, map: &AddressMap) -> Result<Vec<Request>, Problem> {
    if !cursor.next_line() {
        return Ok(Vec::new());
    }
    match format(cursor)? {
        Format::LoadStore => lines(cursor, load_store),
        Format::Vectors => lines(cursor, |cursor| vector(cursor, map)),
        Format::DramSim3 => lines(cursor, dramsim3),
        Format::DramSys => lines(cursor, dramsys),
        Format::Timed => lines(cursor, timed),
    }
}

/// Bytes of a short line; a longer text is no more than so many requests.
const SHORT_LINE: usize = 8;

fn lines(
    cursor: &mut Cursor<'_>,
    line: impl Fn(&mut Cursor<'_>) -> Result<Request, Problem>,
) -> Result<Vec<Request>, Problem> {
    let mut requests: Vec<Request> = Vec::with_capacity(cursor.left() / SHORT_LINE);
    let mut before = 0;
    loop {
        let start = cursor.offset();
        let request = line(cursor)?;
        if request.at < before {
            cursor.back_to(start);
            return Err(Problem::Backwards { clock: request.at, before });
        }
        before = request.at;
        requests.push(request);
        cursor.end_of_line()?;
        if !cursor.next_line() {
            return Ok(requests);
        }
    }
}

/// The format of the line at the cursor.
fn format(cursor: &Cursor<'_>) -> Result<Format, Problem> {
    let mut ahead = cursor.clone();
    let first = ahead.word();
    ahead.blanks();
    if first.eq_ignore_ascii_case(b"ld") || first.eq_ignore_ascii_case(b"st") {
        return Ok(Format::LoadStore);
    }
    if matches!(first, b"R" | b"W" | b"r" | b"w") {
        return Ok(Format::Vectors);
    }
    if ahead.peek() == Some(b':') {
        return Ok(Format::DramSys);
    }
    match ahead.word() {
        b"R" | b"W" | b"r" | b"w" => Ok(Format::Timed),
        kind if access_of(kind).is_some() => Ok(Format::DramSim3),
        _ => Err(Problem::Format(cursor.found().trim_matches('`').to_owned())),
    }
}

fn load_store(cursor: &mut Cursor<'_>) -> Result<Request, Problem> {
    let start = cursor.offset();
    let access = match cursor.word() {
        b"LD" | b"ld" => Access::Read,
        b"ST" | b"st" => Access::Write,
        _ => return Err(complaint(cursor, start, "LD or ST")),
    };
    Ok(Request { address: cursor.number("an address")?, at: 0, access })
}

fn vector(cursor: &mut Cursor<'_>, map: &AddressMap) -> Result<Request, Problem> {
    let start = cursor.offset();
    let access = match cursor.word() {
        b"R" | b"r" => Access::Read,
        b"W" | b"w" => Access::Write,
        _ => return Err(complaint(cursor, start, "R or W")),
    };
    let levels = ["channel", "rank", "bank group", "bank", "row", "column"];
    let counts = map.counts();
    let mut at = [0; 6];
    for (level, (what, count)) in levels.into_iter().zip(counts).enumerate() {
        if level > 0 && !cursor.take(b',') {
            return Err(cursor.expected("a comma and the next level of channel,rank,group,bank,row,column"));
        }
        let start = cursor.offset();
        let value = cursor.number("a number")?;
        if value >= count {
            cursor.back_to(start);
            return Err(Problem::Outside { what, value, count });
        }
        at[level] = value as u32;
    }
    let [channel, rank, group, bank, row, column] = at;
    let bank = map.bank_number(rank, group, bank);
    Ok(Request { address: map.address(Location { channel, bank, row, column }), at: 0, access })
}

fn dramsim3(cursor: &mut Cursor<'_>) -> Result<Request, Problem> {
    let address = cursor.hex("an address")?;
    let access = kind(cursor, "READ or WRITE")?;
    Ok(Request { address, at: cursor.number("a clock")?, access })
}

fn dramsys(cursor: &mut Cursor<'_>) -> Result<Request, Problem> {
    let at = cursor.number("a clock")?;
    cursor.blanks();
    if !cursor.take(b':') {
        return Err(cursor.expected("a colon"));
    }
    let access = kind(cursor, "read or write")?;
    Ok(Request { address: cursor.number("an address")?, at, access })
}

fn timed(cursor: &mut Cursor<'_>) -> Result<Request, Problem> {
    let at = cursor.number("a clock")?;
    let access = kind(cursor, "R or W")?;
    Ok(Request { address: cursor.number("an address")?, at, access })
}

fn kind(cursor: &mut Cursor<'_>, wanted: &'static str) -> Result<Access, Problem> {
    cursor.blanks();
    let start = cursor.offset();
    match access_of(cursor.word()) {
        Some(access) => Ok(access),
        None => Err(complaint(cursor, start, wanted)),
    }
}

fn access_of(word: &[u8]) -> Option<Access> {
    match word {
        // DRAMsim3 takes every word for a read that is none for a write; traces for it say these.
        b"READ" | b"read" | b"R" | b"r" | b"P_MEM_RD" | b"P_FETCH" | b"IFETCH" => Some(Access::Read),
        b"WRITE" | b"write" | b"W" | b"w" | b"P_MEM_WR" | b"BOFF" => Some(Access::Write),
        _ => None,
    }
}

fn complaint(cursor: &mut Cursor<'_>, start: usize, wanted: &'static str) -> Problem {
    cursor.back_to(start);
    cursor.blanks();
    cursor.expected(wanted)
}
