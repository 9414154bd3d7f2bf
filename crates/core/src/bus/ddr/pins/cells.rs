//! What a memory keeps: a block of columns for each that was written, and nothing else.

use std::collections::HashMap;
use std::ops::Range;

use super::Beat;
use crate::bus::ddr::modes::{Modes, Setting};
use crate::log::Value;

/// Columns of a block: those of the longest burst but DDR5's BL32, which takes two.
const BLOCK: usize = 16;

/// A column that was never written: nobody knows what it holds.
const UNKNOWN: Value = Value::X;

/// The cells of a rank. Memory is taken for what was written only.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells(HashMap<Address, Box<[Value; BLOCK]>>);

/// A row of a bank and a block of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Address {
    bank: u8,
    row: u32,
    block: u32,
}

/// A burst's place: the bank, its open row, and the first column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) bank: u8,
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) interleaved: bool,
}

impl Place {
    pub(super) fn new(bank: u8, row: u32, column: u32, modes: &Modes) -> Place {
        Place { bank, row, column, interleaved: modes.get(Setting::BurstOrder) == 1 }
    }

    /// The column of a beat: sequential bursts count within four columns and swap greater blocks, interleaved ones swap all
    /// (Micron DDR3 Verilog model).
    fn column_of(&self, beat: u32) -> u32 {
        let swapped = self.column ^ beat;
        if self.interleaved { swapped } else { swapped & !3 | self.column.wrapping_add(beat) & 3 }
    }

    /// The block of a beat, and the column within it.
    fn cell(&self, beat: u32) -> (Address, usize) {
        let column = self.column_of(beat);
        let Place { bank, row, .. } = *self;
        let block = column / BLOCK as u32;
        (Address { bank, row, block }, column as usize % BLOCK)
    }
}

impl Cells {
    /// What a burst from there reads.
    pub(super) fn read(&self, place: Place, beats: u32) -> Vec<Beat> {
        let mut burst = Vec::with_capacity(beats as usize);
        for block in blocks(beats) {
            // The beats of a block's length share one.
            let cells = self.0.get(&place.cell(block.start).0);
            burst.extend(block.map(|beat| {
                let value = cells.map_or(UNKNOWN, |cells| cells[place.cell(beat).1]);
                Beat { data: value.bits & !value.unknown, unknown: value.unknown, mask: 0 }
            }));
        }
        burst
    }

    /// Takes a burst that was written there; masked bytes stay what they were.
    pub(super) fn write(&mut self, place: Place, beats: &[Beat]) {
        for block in blocks(beats.len() as u32) {
            let cells = self.0.entry(place.cell(block.start).0).or_insert_with(|| Box::new([UNKNOWN; BLOCK]));
            for beat in block {
                let (cell, beat) = (&mut cells[place.cell(beat).1], beats[beat as usize]);
                let (old, kept) = (*cell, bytes(beat.mask));
                let new = Value { bits: beat.data | beat.unknown, unknown: beat.unknown };
                *cell = Value {
                    bits: old.bits & kept | new.bits & !kept,
                    unknown: old.unknown & kept | new.unknown & !kept,
                };
            }
        }
    }

    /// Everything is lost.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The beats of a burst, by blocks: no order of beats leaves a block of columns before it is through.
fn blocks(beats: u32) -> impl Iterator<Item = Range<u32>> {
    let block = BLOCK as u32;
    (0..beats).step_by(BLOCK).map(move |first| first..beats.min(first + block))
}

/// The data wires of the bytes in `mask`.
fn bytes(mask: u16) -> u64 {
    if mask == 0 {
        return 0;
    }
    (0..8).filter(|byte| mask >> byte & 1 != 0).fold(0, |wires, byte| wires | 0xff << (8 * byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(column: u32, interleaved: bool) -> Place {
        Place { bank: 1, row: 2, column, interleaved }
    }

    /// The orders of Micron's Verilog model and of data sheets, for a burst of eight.
    #[test]
    fn bursts_begin_where_the_column_says() {
        let order = |column, interleaved| {
            let place = place(column, interleaved);
            (0..8).map(|beat| place.column_of(beat)).collect::<Vec<_>>()
        };
        assert_eq!(order(0, false), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(order(1, false), [1, 2, 3, 0, 5, 6, 7, 4]);
        assert_eq!(order(6, false), [6, 7, 4, 5, 2, 3, 0, 1]);
        assert_eq!(order(1, true), [1, 0, 3, 2, 5, 4, 7, 6]);
        assert_eq!(order(6, true), [6, 7, 4, 5, 2, 3, 0, 1]);
        assert_eq!(order(0x3f8, false), [0x3f8, 0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x3fd, 0x3fe, 0x3ff]);
    }

    #[test]
    fn what_was_never_written_is_unknown_and_masked_bytes_stay() {
        let mut cells = Cells::default();
        assert_eq!(cells.read(place(8, false), 1)[0].unknown, u64::MAX);
        cells.write(place(8, false), &[Beat::new(0x1122_3344)]);
        cells.write(place(8, false), &[Beat { mask: 0b0101, ..Beat::new(0xaabb_ccdd) }]);
        assert_eq!(cells.read(place(8, false), 1)[0], Beat::new(0xaa22_cc44));
        let half = Beat { data: 0, unknown: 0xff, mask: 0xfe };
        cells.write(place(8, false), &[half]);
        assert_eq!(cells.read(place(8, false), 1)[0], Beat { data: 0xaa22_cc00, unknown: 0xff, mask: 0 });
    }

    #[test]
    fn another_row_or_bank_is_another_cell() {
        let mut cells = Cells::default();
        cells.write(place(0, false), &[Beat::new(5)]);
        for other in
            [Place { row: 3, ..place(0, false) }, Place { bank: 0, ..place(0, false) }, place(16, false)]
        {
            assert_eq!(cells.read(other, 1)[0].unknown, u64::MAX);
        }
        cells.clear();
        assert_eq!(cells.read(place(0, false), 1)[0].unknown, u64::MAX);
    }
}
