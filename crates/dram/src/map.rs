//! Where an address lies.

use busproof_parts::memory::Geometry;

/// The place of an address on its channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The channel.
    pub channel: u32,
    /// The bank, numbered over the channel: rank, bank group and bank, the last one least significant.
    pub bank: u32,
    /// The row.
    pub row: u32,
    /// The burst within the row.
    pub column: u32,
}

/// Which bits of an address mean what.
///
/// Written from the most significant field to the least, in one of two ways:
///
/// * field by field, two letters each: `RoBaRaCoCh` as Ramulator has it, `rochrababgco` as DRAMsim3. The offset within a burst
///   lies below the last field. Without `Bg` the bank groups lie below the banks.
/// * bit by bit, with counts: `r16b2g2c7o6`, where `r` is row, `b` bank, `g` bank group, `k` rank, `c` column, `h`
///   channel, `o` offset within a burst and `-` ignored. Fields may be split: `r16c4b2g2c3o6`.
///
/// Bits above the written ones are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressMap {
    channel: Vec<Piece>,
    bank: Vec<Piece>,
    row: Vec<Piece>,
    column: Vec<Piece>,
    widths: Widths,
    capacity: u64,
}

/// Adjacent bits of an address that are adjacent in a field, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    shift: u32,
    mask: u64,
    up: u32,
}

/// Why a text is no address map of a memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// Not a field.
    #[error(
        "address map `{map}`: `{found}` at character {at} is no field; write fields such as `RoBaRaCoCh`, or bits such as \
         `r16b2g2c7o6`"
    )]
    Unknown {
        /// The text.
        map: String,
        /// What stands there.
        found: String,
        /// Where, from 1.
        at: usize,
    },
    /// A field of the wrong width.
    #[error("address map `{map}`: {field} has {bits} bits, but the memory needs {needed}")]
    Width {
        /// The text.
        map: String,
        /// The field.
        field: &'static str,
        /// Its bits in the map.
        bits: u32,
        /// Its bits in the memory.
        needed: u32,
    },
    /// A field twice.
    #[error("address map `{map}`: {field} stands there twice; split fields are written bit by bit")]
    Twice {
        /// The text.
        map: String,
        /// The field.
        field: &'static str,
    },
    /// More than 64 bits.
    #[error("address map `{map}` has more than 64 bits")]
    Long {
        /// The text.
        map: String,
    },
}

/// A field of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Row,
    Bank,
    Group,
    Rank,
    Column,
    Channel,
    Offset,
    Ignored,
}

use Field::{Bank, Channel, Column, Group, Ignored, Offset, Rank, Row};

impl Field {
    const ALL: [Field; 7] = [Row, Bank, Group, Rank, Column, Channel, Offset];

    const fn name(self) -> &'static str {
        match self {
            Row => "the row",
            Bank => "the bank",
            Group => "the bank group",
            Rank => "the rank",
            Column => "the column",
            Channel => "the channel",
            Offset => "the offset",
            Ignored => "what is ignored",
        }
    }

    const fn of_letter(letter: u8) -> Option<Field> {
        Some(match letter {
            b'r' => Row,
            b'b' => Bank,
            b'g' => Group,
            b'k' => Rank,
            b'c' => Column,
            b'h' => Channel,
            b'o' => Offset,
            b'-' => Ignored,
            _ => return None,
        })
    }

    fn of_token(token: &str) -> Option<Field> {
        Some(match token {
            "ro" => Row,
            "ba" => Bank,
            "bg" => Group,
            "ra" => Rank,
            "co" => Column,
            "ch" => Channel,
            _ => return None,
        })
    }
}

/// The widths of the fields in a memory, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Widths {
    geometry: Geometry,
    channels: u32,
}

impl Widths {
    const fn of(&self, field: Field) -> u32 {
        match field {
            Row => self.geometry.rows.ilog2(),
            Bank => self.geometry.banks.ilog2(),
            Group => self.geometry.bank_groups.ilog2(),
            Rank => self.geometry.ranks.ilog2(),
            Column => (self.geometry.columns / self.geometry.burst).ilog2(),
            Channel => self.channels.ilog2(),
            Offset => (self.geometry.burst * self.geometry.channel_width / 8).ilog2(),
            Ignored => 0,
        }
    }
}

impl AddressMap {
    /// Ramulator's default.
    pub const DEFAULT: &str = "RoBaRaCoCh";

    /// Reads a map for a memory and a number of channels, which is a power of two.
    pub fn parse(text: &str, geometry: &Geometry, channels: u32) -> Result<AddressMap, MapError> {
        let widths = Widths { geometry: *geometry, channels };
        let runs = if is_fields(text) { by_fields(text, &widths)? } else { by_bits(text)? };
        check(text, &runs, &widths)?;
        Ok(AddressMap::of_runs(&runs, &widths))
    }

    fn of_runs(runs: &[(Field, u32)], widths: &Widths) -> AddressMap {
        let (bank, group) = (widths.of(Bank), widths.of(Group));
        let mut map = AddressMap {
            channel: Vec::new(),
            bank: Vec::new(),
            row: Vec::new(),
            column: Vec::new(),
            widths: *widths,
            capacity: 1 << runs.iter().map(|&(_, bits)| bits).sum::<u32>().min(63),
        };
        let mut filled = [0; Ignored as usize + 1];
        let mut shift = 0;
        for &(field, bits) in runs.iter().rev() {
            let up = filled[field as usize];
            let piece = |above: u32| Piece { shift, mask: ones(bits), up: up + above };
            match field {
                Row => map.row.push(piece(0)),
                Column => map.column.push(piece(0)),
                Channel => map.channel.push(piece(0)),
                Bank => map.bank.push(piece(0)),
                Group => map.bank.push(piece(bank)),
                Rank => map.bank.push(piece(bank + group)),
                Offset | Ignored => {}
            }
            filled[field as usize] += bits;
            shift += bits;
        }
        for pieces in [&mut map.channel, &mut map.bank, &mut map.row, &mut map.column] {
            pieces.retain(|piece| piece.mask != 0);
        }
        map
    }

    /// Where the address lies.
    #[inline]
    pub fn locate(&self, address: u64) -> Location {
        Location {
            channel: gather(&self.channel, address),
            bank: gather(&self.bank, address),
            row: gather(&self.row, address),
            column: gather(&self.column, address),
        }
    }

    /// The channel of an address.
    #[inline]
    pub fn channel(&self, address: u64) -> u32 {
        gather(&self.channel, address)
    }

    /// The first address of the burst that lies there.
    pub fn address(&self, at: Location) -> u64 {
        let fields = [
            (&self.channel, at.channel),
            (&self.bank, at.bank),
            (&self.row, at.row),
            (&self.column, at.column),
        ];
        fields.into_iter().fold(0, |address, (pieces, value)| address | scatter(pieces, value))
    }

    /// How many there are of channels, ranks, bank groups, banks, rows and bursts in a row.
    pub fn counts(&self) -> [u64; 6] {
        [Channel, Rank, Group, Bank, Row, Column].map(|field| 1 << self.widths.of(field))
    }

    /// The number of a bank over the channel, of its rank, bank group and number in the group.
    pub fn bank_number(&self, rank: u32, group: u32, bank: u32) -> u32 {
        let (banks, groups) = (self.widths.of(Bank), self.widths.of(Group));
        (rank << groups | group) << banks | bank
    }

    /// The bytes that the map tells apart; higher addresses wrap around.
    pub fn capacity(&self) -> u64 {
        self.capacity
    }
}

const fn ones(bits: u32) -> u64 {
    if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
}

#[inline]
fn gather(pieces: &[Piece], address: u64) -> u32 {
    let part = |piece: &Piece| (address >> piece.shift & piece.mask) << piece.up;
    // Most fields are one run of bits, or none.
    match pieces {
        [] => 0,
        [piece] => part(piece) as u32,
        pieces => pieces.iter().fold(0, |value, piece| value | part(piece)) as u32,
    }
}

fn scatter(pieces: &[Piece], value: u32) -> u64 {
    let part = |piece: &Piece| (value as u64 >> piece.up & piece.mask) << piece.shift;
    pieces.iter().map(part).fold(0, |address, part| address | part)
}

/// True if the text is written field by field: two letters each.
fn is_fields(text: &str) -> bool {
    text.len().is_multiple_of(2)
        && text.is_ascii()
        && text.as_bytes().chunks(2).all(|pair| {
            std::str::from_utf8(pair)
                .is_ok_and(|token| Field::of_token(&token.to_ascii_lowercase()).is_some())
        })
}

/// Fields with their widths, from the most significant.
fn by_fields(text: &str, widths: &Widths) -> Result<Vec<(Field, u32)>, MapError> {
    let lower = text.to_ascii_lowercase();
    let token = |pair: &[u8]| Field::of_token(std::str::from_utf8(pair).unwrap_or_default());
    let mut fields: Vec<Field> = lower.as_bytes().chunks(2).filter_map(token).collect();
    if let Some(twice) = Field::ALL.iter().find(|field| fields.iter().filter(|f| f == field).count() > 1) {
        return Err(MapError::Twice { map: text.to_owned(), field: twice.name() });
    }
    if !fields.contains(&Group)
        && let Some(bank) = fields.iter().position(|&field| field == Bank)
    {
        fields.insert(bank + 1, Group);
    }
    fields.push(Offset);
    Ok(fields.into_iter().map(|field| (field, widths.of(field))).collect())
}

/// Runs of bits, from the most significant.
fn by_bits(text: &str) -> Result<Vec<(Field, u32)>, MapError> {
    let bytes = text.as_bytes();
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(&letter) = bytes.get(at) {
        let Some(field) = Field::of_letter(letter.to_ascii_lowercase()) else {
            let found = text.chars().nth(at).unwrap_or('?').to_string();
            return Err(MapError::Unknown { map: text.to_owned(), found, at: at + 1 });
        };
        at += 1;
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let bits = if digits == 0 { Some(1) } else { text[at..at + digits].parse::<u32>().ok() };
        let bits = bits.filter(|&bits| bits <= 64).ok_or(MapError::Long { map: text.to_owned() })?;
        runs.push((field, bits));
        at += digits;
    }
    Ok(runs)
}

fn check(text: &str, runs: &[(Field, u32)], widths: &Widths) -> Result<(), MapError> {
    let bits = |field| runs.iter().filter(|run| run.0 == field).map(|run| run.1).sum::<u32>();
    if runs.iter().map(|run| run.1).sum::<u32>() > 64 {
        return Err(MapError::Long { map: text.to_owned() });
    }
    let wrong = Field::ALL.into_iter().find(|&field| bits(field) != widths.of(field));
    wrong.map_or(Ok(()), |field| {
        let (bits, needed) = (bits(field), widths.of(field));
        Err(MapError::Width { map: text.to_owned(), field: field.name(), bits, needed })
    })
}
