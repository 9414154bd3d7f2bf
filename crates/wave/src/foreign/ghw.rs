//! Checks the counts in a GHW's sections before a library allocates what they claim.
//!
//! Layout after GHDL `ghw/libghw.c`: a header of 16 bytes that tells the byte order, then sections, each a mark of four
//! bytes, four zeros, and counts of 32 bits.

use std::io::Read;

use memchr::memmem;

/// How much of the file is looked at; the sections concerned stand at its start.
const PREFIX: u64 = 1 << 26;
/// The byte that tells the byte order: 1 little-endian, 2 big-endian.
const ORDER: usize = 12;
/// The sections with counts, and how many of these follow.
const SECTIONS: [(&[u8], usize); 3] = [(b"STR\0", 2), (b"TYP\0", 1), (b"HIE\0", 3)];

/// The error says which section is wrong.
pub(super) fn check(file: &mut impl Read, length: u64) -> Result<(), String> {
    let mut bytes = Vec::new();
    file.take(PREFIX).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    let big = match bytes.get(ORDER) {
        Some(1) => false,
        Some(2) => true,
        _ => return Err("its header is damaged".into()),
    };
    for (mark, counts) in SECTIONS {
        for at in memmem::find_iter(&bytes, mark) {
            let plausible =
                (0..counts).all(|i| count(&bytes, at + 8 + 4 * i, big) <= length.saturating_mul(8));
            if !plausible {
                let mark = String::from_utf8_lossy(&mark[..3]).into_owned();
                return Err(format!(
                    "section {mark} at byte {at} claims more entries than the file can hold"
                ));
            }
        }
    }
    Ok(())
}

fn count(bytes: &[u8], at: usize, big: bool) -> u64 {
    match bytes.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok()) {
        Some(b) => u64::from(if big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) }),
        None => 0,
    }
}
