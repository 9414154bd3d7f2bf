//! Checks an FST's block lengths before a library allocates what they claim.
//!
//! Layout after `libfst`, `doc/block_format.txt`: each block is a tag, a big-endian length that counts itself,
//! and a payload.

use std::io::{Read, Seek, SeekFrom};

/// Deflate shrinks by no more than this factor, LZ4 by less.
const RATIO: u64 = 1032;
/// Headers and rounding of a compressed piece, in bytes.
const SLACK: u64 = 4096;
/// The largest number of variables.
const HANDLES: u64 = 1 << 23;
/// The largest uncompressed piece.
const PIECE: u64 = 1 << 31;
/// The length of the header block (`FST_HDR_LENGTH`).
const HEADER: u64 = 329;

/// Walks over all blocks; the error says what is wrong with which.
pub(super) fn check(file: &mut (impl Read + Seek), length: u64) -> Result<(), String> {
    let mut at = 0;
    let mut header = false;
    while at < length {
        let block = Block::read(file, at, length)?;
        block.check(file)?;
        header |= block.tag == 0;
        at = block.end();
    }
    if header { Ok(()) } else { Err("it has no header block".into()) }
}

struct Block {
    tag: u8,
    /// Of the length field.
    start: u64,
    length: u64,
}

impl Block {
    fn read(file: &mut (impl Read + Seek), at: u64, file_length: u64) -> Result<Block, String> {
        let mut head = [0; 9];
        seek(file, at)?;
        file.read_exact(&mut head).map_err(|_| format!("it is cut off in the block at byte {at}"))?;
        let [tag, length @ ..] = head;
        let block = Block { tag, start: at + 1, length: u64::from_be_bytes(length) };
        let room = file_length - block.start;
        if block.length < 8 || block.length > room {
            return Err(format!(
                "the block at byte {at} claims {} bytes, but {room} follow; it is cut off, damaged or still being \
                 written",
                block.length
            ));
        }
        Ok(block)
    }

    fn end(&self) -> u64 {
        self.start + self.length
    }

    fn check(&self, file: &mut (impl Read + Seek)) -> Result<(), String> {
        let sound = match self.tag {
            0 => self.header(file)?,
            1 | 5 | 8 => self.changes(file)?,
            2 => self.blackout(file)?,
            3 => self.geometry(file)?,
            4 | 6 => self.hierarchy(file, RATIO)?,
            7 => self.hierarchy(file, RATIO * RATIO)?,
            254 => return Err("it is gzip-compressed as a whole, which is not supported".into()),
            255 => true,
            tag => return Err(format!("the block at byte {} has the unknown tag {tag}", self.start - 1)),
        };
        if sound {
            Ok(())
        } else {
            Err(format!("the sizes in the block at byte {} cannot be", self.start - 1))
        }
    }

    /// The big-endian number `offset` bytes behind the length field's start; 0 outside of the block.
    fn number(&self, file: &mut (impl Read + Seek), offset: u64) -> Result<u64, String> {
        let mut bytes = [0; 8];
        if offset.checked_add(8).is_none_or(|end| end > self.length) {
            return Ok(0);
        }
        seek(file, self.start + offset)?;
        file.read_exact(&mut bytes).map_err(|e| e.to_string())?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn header(&self, file: &mut (impl Read + Seek)) -> Result<bool, String> {
        let counts = [5 * 8, 6 * 8, 7 * 8];
        for offset in counts {
            if self.number(file, offset)? > HANDLES {
                return Ok(false);
            }
        }
        Ok(self.length == HEADER)
    }

    fn geometry(&self, file: &mut (impl Read + Seek)) -> Result<bool, String> {
        let (plain, handles) = (self.number(file, 8)?, self.number(file, 16)?);
        // Each handle takes one byte at least.
        Ok(self.length >= 24 && fits(plain, self.length) && handles <= plain && handles <= HANDLES)
    }

    fn hierarchy(&self, file: &mut (impl Read + Seek), ratio: u64) -> Result<bool, String> {
        let plain = self.number(file, 8)?;
        Ok(self.length >= 16
            && plain <= self.length.saturating_mul(ratio).saturating_add(SLACK)
            && plain <= PIECE)
    }

    fn blackout(&self, file: &mut (impl Read + Seek)) -> Result<bool, String> {
        let count = self.varints(file, 8)?[0];
        Ok(count <= self.length / 2)
    }

    fn changes(&self, file: &mut (impl Read + Seek)) -> Result<bool, String> {
        if self.length < 32 + 32 {
            return Ok(false);
        }
        let [plain, packed, handles] = self.varints(file, 32)?;
        let frame = packed <= self.length && fits(plain, packed) && handles <= HANDLES;
        Ok(frame && self.time_table(file)?)
    }

    /// The table of times ends the block, with its lengths and the number of times last.
    fn time_table(&self, file: &mut (impl Read + Seek)) -> Result<bool, String> {
        let plain = self.number(file, self.length - 24)?;
        let packed = self.number(file, self.length - 16)?;
        let count = self.number(file, self.length - 8)?;
        if packed > self.length - 64 || !fits(plain, packed) || count > plain {
            return Ok(false);
        }
        let index = self.number(file, self.length - 24 - packed - 8)?;
        Ok(index <= self.length)
    }

    /// Three variable-length numbers at `offset`, which have at most ten bytes each.
    fn varints(&self, file: &mut (impl Read + Seek), offset: u64) -> Result<[u64; 3], String> {
        let mut bytes = Vec::new();
        seek(file, self.start + offset)?;
        file.take(30).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        let mut numbers = [0; 3];
        let mut rest = bytes.iter();
        for number in &mut numbers {
            for (i, byte) in rest.by_ref().take(10).enumerate() {
                *number |= u64::from(byte & 0x7f).checked_shl(7 * i as u32).unwrap_or(0);
                if byte & 0x80 == 0 {
                    break;
                }
            }
        }
        Ok(numbers)
    }
}

/// True if `packed` bytes can hold `plain` ones.
fn fits(plain: u64, packed: u64) -> bool {
    plain <= packed.saturating_mul(RATIO).saturating_add(SLACK) && plain <= PIECE
}

fn seek(file: &mut impl Seek, at: u64) -> Result<(), String> {
    file.seek(SeekFrom::Start(at)).map(drop).map_err(|e| e.to_string())
}
