//! The truth tables of commands, as data sheets print them.
//!
//! A column is a pin, or several pins in a row; what stands in it is a level, or the bits of an address from the one named.
//! A command of several edges has a line for each.

use super::frame::Frame;
use super::pin;
use crate::bus::ddr::{Command, Standard};
use crate::log::SignalId;

use Command::{
    Act, Mrr, Mrs, Mwr, Mwra, Pde, Pdx, Pre, PreAll, PreSame, Rd, Rda, Ref, RefBank, RefSame, Sre, Srx, Wr,
    Wra, ZqLatch, ZqLong, ZqShort, ZqStart,
};
use Means::{Idle, Other};

/// What an address pin carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The row of an activate.
    Row,
    /// The column of a read or write.
    Column,
    /// The value for a mode register.
    Value,
    /// The bank group.
    Group,
    /// The bank.
    Bank,
    /// The number of a mode register.
    Register,
    /// High for the usual burst length, low for the other one.
    Usual,
    /// Low for the usual burst length, high for the other one.
    Alternate,
    /// High for a refresh of the finer granularity.
    Fine,
    /// High for a write of all bytes; low where some are masked.
    Whole,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    /// Low.
    L,
    /// High.
    H,
    /// Either.
    V,
    /// Bits of a field, the column's first pin carrying this one.
    Bits(Field, u8),
}

use Mark::{H, L, V};

/// A column: pins in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// The first of them.
    first: SignalId,
    count: u32,
}

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// A command of the timing rules.
    Does(Command),
    /// Nothing: NOP, DES.
    Idle,
    /// A command that no timing rule knows, or one that is reserved.
    Other(&'static str),
}

/// One edge of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    marks: &'static [Mark],
    /// The pins whose level tells the command.
    pub(super) mask: u64,
    /// Their levels.
    pub(super) levels: u64,
}

/// A command: an edge or several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) means: Means,
    pub(super) edges: &'static [Line],
}

/// The table of a standard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) columns: &'static [Column],
    pub(super) rows: &'static [Row],
}

impl Table {
    /// The table of `standard`, if its pins are known here.
    pub(super) const fn of(standard: Standard) -> Option<&'static Table> {
        match standard {
            Standard::Ddr3 => Some(&DDR3),
            Standard::Ddr4 => Some(&DDR4),
            Standard::Ddr5 => Some(&DDR5),
            Standard::Lpddr4 => Some(&LPDDR4),
            Standard::Lpddr5 => None,
        }
    }

    /// The pins that it speaks of.
    pub(super) fn pins(&self) -> impl Iterator<Item = SignalId> {
        let wires = |c: &Column| (c.first.0..c.first.0 + c.count).map(SignalId);
        self.columns.iter().flat_map(wires).filter(|pin| *pin != Frame::CKE_BEFORE)
    }

    /// Each pin of `line` that carries a field: the field, its bit, the pin.
    pub(super) fn fields(&self, line: &Line) -> impl Iterator<Item = (Field, u32, SignalId)> {
        let bits = |(column, mark): (&'static Column, &Mark)| {
            let (field, base) = match *mark {
                Mark::Bits(field, base) => (Some(field), u32::from(base)),
                L | H | V => (None, 0),
            };
            field.into_iter().flat_map(move |field| {
                (0..column.count).map(move |i| (field, base + i, SignalId(column.first.0 + i)))
            })
        };
        self.columns.iter().zip(line.marks).flat_map(bits)
    }
}

/// The line of `marks` below `columns`.
const fn line(columns: &[Column], marks: &'static [Mark]) -> Line {
    assert!(columns.len() == marks.len(), "a mark for each column");
    let (mut mask, mut levels, mut i) = (0, 0, 0);
    while i < marks.len() {
        let pins = ((1 << columns[i].count) - 1) << columns[i].first.0;
        match marks[i] {
            L => mask |= pins,
            H => {
                mask |= pins;
                levels |= pins;
            }
            V | Mark::Bits(..) => {}
        }
        i += 1;
    }
    Line { marks, mask, levels }
}

const fn does(command: Command) -> Means {
    Means::Does(command)
}

const fn wire(first: SignalId) -> Column {
    wires(first, 1)
}

const fn wires(first: SignalId, count: u32) -> Column {
    Column { first, count }
}

/// A table: its columns, and a row for each command.
macro_rules! table {
    ([$($column:expr),* $(,)?] $($means:expr => $($($mark:ident)+),+;)*) => {{
        const COLUMNS: &[Column] = &[$($column),*];
        Table { columns: COLUMNS, rows: &[$(Row { means: $means, edges: &[$(line(COLUMNS, &[$($mark),+])),+] }),*] }
    }};
}

/// Names for bits of fields.
macro_rules! marks {
    ($($field:ident: $($name:ident $bit:literal)*;)*) => {
        $($(const $name: Mark = Mark::Bits(Field::$field, $bit);)*)*
    };
}

marks! {
    Row: R0 0 R1 1 R2 2 R3 3 R4 4 R5 5 R6 6 R7 7 R8 8 R9 9 R10 10 R11 11 R12 12 R13 13 R14 14 R15 15 R16 16 R17 17;
    Column: C0 0 C2 2 C3 3 C4 4 C5 5 C6 6 C7 7 C8 8 C9 9 C10 10;
    Value: O0 0 O1 1 O2 2 O3 3 O4 4 O5 5 O6 6 O7 7 O10 10 O11 11 O12 12 O13 13;
    Group: G0 0 G1 1 G2 2;
    Bank: B0 0 B1 1 B2 2;
    Register: M0 0 M1 1 M2 2 M3 3 M4 4 M5 5 M6 6 M7 7;
    Usual: BL 0;
    Alternate: AL 0;
    Fine: FG 0;
    Whole: WH 0;
}

const BEFORE: Column = wire(Frame::CKE_BEFORE);
const CKE: Column = wire(Frame::CKE);
const CS: Column = wire(Frame::CS);

/// DDR3: Micron's Verilog model of 4 Gb; Alliance AS4C256M16D3B, truth table of commands. Power-down is entered and left with DES
/// or NOP (Nanya NT5CB128M16J p.30, CKE truth table).
const DDR3: Table = table! {
    [BEFORE, CKE, CS, wire(pin::RAS), wire(pin::CAS), wire(pin::WE), wires(pin::ba(0), 3),
        wires(pin::a(13), 3), wire(pin::a(12)), wire(pin::a(11)), wire(pin::a(10)), wires(pin::a(0), 10)]
    //               CKE  CS RAS CAS WE BA A15-13 A12 A11 A10 A9-0
    does(Mrs)     => H H  L  L   L   L  M0 O13    O12 O11 O10 O0;
    does(Ref)     => H H  L  L   L   H  V  V      V   V   V   V;
    does(Sre)     => H L  L  L   L   H  V  V      V   V   V   V;
    does(Pre)     => H H  L  L   H   L  B0 V      V   V   L   V;
    does(PreAll)  => H H  L  L   H   L  V  V      V   V   H   V;
    does(Act)     => H H  L  L   H   H  B0 R13    R12 R11 R10 R0;
    does(Wr)      => H H  L  H   L   L  B0 V      BL  C10 L   C0;
    does(Wra)     => H H  L  H   L   L  B0 V      BL  C10 H   C0;
    does(Rd)      => H H  L  H   L   H  B0 V      BL  C10 L   C0;
    does(Rda)     => H H  L  H   L   H  B0 V      BL  C10 H   C0;
    does(ZqLong)  => H H  L  H   H   L  V  V      V   V   H   V;
    does(ZqShort) => H H  L  H   H   L  V  V      V   V   L   V;
    Idle          => H H  H  V   V   V  V  V      V   V   V   V;
    Idle          => H H  L  H   H   H  V  V      V   V   V   V;
    does(Pde)     => H L  H  V   V   V  V  V      V   V   V   V;
    does(Pde)     => H L  L  H   H   H  V  V      V   V   V   V;
    does(Pdx)     => L H  H  V   V   V  V  V      V   V   V   V;
    does(Pdx)     => L H  L  H   H   H  V  V      V   V   V   V;
    does(Srx)     => L H  H  V   V   V  V  V      V   V   V   V;
    Idle          => L L  V  V   V   V  V  V      V   V   V   V;
};

/// DDR4: Alliance AS4C512M8D4 p.11, table 5. RAS#, CAS# and WE# are A16, A15 and A14 of an activate. In the modes of refresh "on the fly"
/// BG0 asks for the finer granularity (AS4C256M16D4 p.41).
const DDR4: Table = table! {
    [BEFORE, CKE, CS, wire(pin::ACT), wire(pin::RAS), wire(pin::CAS), wire(pin::WE), wire(pin::bg(0)),
        wire(pin::bg(1)), wires(pin::ba(0), 2), wire(pin::a(17)), wire(pin::a(13)), wire(pin::a(12)),
        wire(pin::a(11)), wire(pin::a(10)), wires(pin::a(0), 10)]
    //               CKE  CS ACT RAS CAS WE  BG0 BG1 BA A17 A13 A12 A11 A10 A9-0
    does(Mrs)     => H H  L  H   L   L   L   M2  V   M0 V   O13 O12 O11 O10 O0;
    does(Ref)     => H H  L  H   L   L   H   FG  V   V  V   V   V   V   V   V;
    does(Sre)     => H L  L  H   L   L   H   V   V   V  V   V   V   V   V   V;
    does(Pre)     => H H  L  H   L   H   L   G0  G1  B0 V   V   V   V   L   V;
    does(PreAll)  => H H  L  H   L   H   L   V   V   V  V   V   V   V   H   V;
    Other("RFU")  => H H  L  H   L   H   H   V   V   V  V   V   V   V   V   V;
    does(Act)     => H H  L  L   R16 R15 R14 G0  G1  B0 R17 R13 R12 R11 R10 R0;
    does(Wr)      => H H  L  H   H   L   L   G0  G1  B0 V   V   BL  V   L   C0;
    does(Wra)     => H H  L  H   H   L   L   G0  G1  B0 V   V   BL  V   H   C0;
    does(Rd)      => H H  L  H   H   L   H   G0  G1  B0 V   V   BL  V   L   C0;
    does(Rda)     => H H  L  H   H   L   H   G0  G1  B0 V   V   BL  V   H   C0;
    does(ZqLong)  => H H  L  H   H   H   L   V   V   V  V   V   V   V   H   V;
    does(ZqShort) => H H  L  H   H   H   L   V   V   V  V   V   V   V   L   V;
    Idle          => H H  H  V   V   V   V   V   V   V  V   V   V   V   V   V;
    Idle          => H H  L  H   H   H   H   V   V   V  V   V   V   V   V   V;
    does(Pde)     => H L  H  V   V   V   V   V   V   V  V   V   V   V   V   V;
    does(Pdx)     => L H  H  V   V   V   V   V   V   V  V   V   V   V   V   V;
    does(Srx)     => L H  H  V   V   V   V   V   V   V  V   V   V   V   V   V;
    does(Srx)     => L H  L  H   H   H   H   V   V   V  V   V   V   V   V   V;
    Idle          => L L  V  V   V   V   V   V   V   V  V   V   V   V   V   V;
};

/// DDR5: litedram and Antmicro's DDR5 PHY; `PREpb`, SRE, PDE and NOP as tukl-msd/DRAMPower `standards/ddr5` has them. There is no CKE: NOP
/// leaves power-down and self refresh. Chip IDs of stacked parts are not read. CS# is low in the second edge for other ranks
/// only (JESD79-5 notes 8 and 11, in a public digest). Columns come in steps: what no pin carries of one is 0.
const DDR5: Table = table! {
    [CS, wire(pin::a(0)), wire(pin::a(1)), wire(pin::a(2)), wire(pin::a(3)), wire(pin::a(4)), wire(pin::a(5)),
        wire(pin::a(6)), wire(pin::a(7)), wire(pin::a(8)), wire(pin::a(9)), wire(pin::a(10)), wire(pin::a(11)),
        wire(pin::a(12)), wire(pin::a(13))]
    //               CS CA0 1  2  3  4  5  6   7   8   9   10  11  12  13
    does(Act)     => L  L  L  R0 R1 R2 R3 B0  B1  G0  G1  G2  V   V   V,
                     H  R4 R5 R6 R7 R8 R9 R10 R11 R12 R13 R14 R15 R16 R17;
    does(Wr)      => L  H  L  H  H  L  BL B0  B1  G0  G1  G2  V   V   V,
                     H  V  C3 C4 C5 C6 C7 C8  C9  C10 V   H   WH  V   V;
    does(Wra)     => L  H  L  H  H  L  BL B0  B1  G0  G1  G2  V   V   V,
                     H  V  C3 C4 C5 C6 C7 C8  C9  C10 V   L   WH  V   V;
    does(Rd)      => L  H  L  H  H  H  BL B0  B1  G0  G1  G2  V   V   V,
                     H  C2 C3 C4 C5 C6 C7 C8  C9  C10 V   H   V   V   V;
    does(Rda)     => L  H  L  H  H  H  BL B0  B1  G0  G1  G2  V   V   V,
                     H  C2 C3 C4 C5 C6 C7 C8  C9  C10 V   L   V   V   V;
    does(Mrs)     => L  H  L  H  L  L  M0 M1  M2  M3  M4  M5  M6  M7  V,
                     H  O0 O1 O2 O3 O4 O5 O6  O7  V   V   V   V   V   V;
    does(Mrr)     => L  H  L  H  L  H  M0 M1  M2  M3  M4  M5  M6  M7  V,
                     H  L  L  V  V  V  V  V   V   V   V   V   V   V   V;
    does(PreAll)  => L  H  H  L  H  L  V  V   V   V   V   L   V   V   V;
    does(PreSame) => L  H  H  L  H  L  V  B0  B1  V   V   H   V   V   V;
    does(Pre)     => L  H  H  L  H  H  V  B0  B1  G0  G1  G2  V   V   V;
    does(Ref)     => L  H  H  L  L  H  V  V   V   V   H   L   V   V   V;
    does(RefSame) => L  H  H  L  L  H  V  B0  B1  V   H   H   V   V   V;
    Other("RFM")  => L  H  H  L  L  H  V  V   V   V   L   V   V   V   V;
    does(Sre)     => L  H  H  H  L  H  V  V   V   V   H   L   V   V   V;
    does(Pde)     => L  H  H  H  L  H  V  V   V   V   V   H   V   V   V;
    does(ZqLatch) => L  H  H  H  H  L  L  L   H   L   L   L   L   L   V;
    does(ZqStart) => L  H  H  H  H  L  H  L   H   L   L   L   L   L   V;
    Other("MPC")  => L  H  H  H  H  L  V  V   V   V   V   V   V   V   V;
    does(Pdx)     => L  H  H  H  H  H  V  V   V   V   V   V   V   V   V;
    does(Srx)     => L  H  H  H  H  H  V  V   V   V   V   V   V   V   V;
    Idle          => H  V  V  V  V  V  V  V   V   V   V   V   V   V   V;
};

/// LPDDR4: litedram's `phy/lpddr4/commands.py`; SRE and SRX also in tukl-msd/DRAMPower. Commands are made of small ones: ACT-1 and
/// ACT-2, RD-1 and CAS-2, MRW-1 and MRW-2. Power-down is on CKE alone. MPC starts calibration, too; its codes are not known here.
const LPDDR4: Table = table! {
    [BEFORE, CKE, CS, wire(pin::a(0)), wire(pin::a(1)), wire(pin::a(2)), wire(pin::a(3)), wire(pin::a(4)),
        wire(pin::a(5))]
    //               CKE  CS CA0 1   2   3   4   5
    does(Act)     => H H  H  H   L   R12 R13 R14 R15,
                     H H  L  B0  B1  B2  R16 R10 R11,
                     H H  H  H   H   R6  R7  R8  R9,
                     H H  L  R0  R1  R2  R3  R4  R5;
    does(Wr)      => H H  H  L   L   H   L   L   AL,
                     H H  L  B0  B1  B2  V   C9  L,
                     H H  H  L   H   L   L   H   C8,
                     H H  L  C2  C3  C4  C5  C6  C7;
    does(Wra)     => H H  H  L   L   H   L   L   AL,
                     H H  L  B0  B1  B2  V   C9  H,
                     H H  H  L   H   L   L   H   C8,
                     H H  L  C2  C3  C4  C5  C6  C7;
    does(Mwr)     => H H  H  L   L   H   H   L   L,
                     H H  L  B0  B1  B2  V   C9  L,
                     H H  H  L   H   L   L   H   C8,
                     H H  L  C2  C3  C4  C5  C6  C7;
    does(Mwra)    => H H  H  L   L   H   H   L   L,
                     H H  L  B0  B1  B2  V   C9  H,
                     H H  H  L   H   L   L   H   C8,
                     H H  L  C2  C3  C4  C5  C6  C7;
    does(Rd)      => H H  H  L   H   L   L   L   AL,
                     H H  L  B0  B1  B2  V   C9  L,
                     H H  H  L   H   L   L   H   C8,
                     H H  L  C2  C3  C4  C5  C6  C7;
    does(Rda)     => H H  H  L   H   L   L   L   AL,
                     H H  L  B0  B1  B2  V   C9  H,
                     H H  H  L   H   L   L   H   C8,
                     H H  L  C2  C3  C4  C5  C6  C7;
    does(Mrs)     => H H  H  L   H   H   L   L   O7,
                     H H  L  M0  M1  M2  M3  M4  M5,
                     H H  H  L   H   H   L   H   O6,
                     H H  L  O0  O1  O2  O3  O4  O5;
    does(Mrr)     => H H  H  L   H   H   H   L   V,
                     H H  L  M0  M1  M2  M3  M4  M5,
                     H H  H  L   H   L   L   H   V,
                     H H  L  V   V   V   V   V   V;
    does(Pre)     => H H  H  L   L   L   L   H   L,
                     H H  L  B0  B1  B2  V   V   V;
    does(PreAll)  => H H  H  L   L   L   L   H   H,
                     H H  L  V   V   V   V   V   V;
    does(RefBank) => H H  H  L   L   L   H   L   L,
                     H H  L  B0  B1  B2  V   V   V;
    does(Ref)     => H H  H  L   L   L   H   L   H,
                     H H  L  V   V   V   V   V   V;
    does(Sre)     => H H  H  L   L   L   H   H   V,
                     H H  L  V   V   V   V   V   V;
    does(Srx)     => H H  H  L   L   H   L   H   V,
                     H H  L  V   V   V   V   V   V;
    Other("MPC")  => H H  H  L   L   L   L   L   V,
                     H H  L  V   V   V   V   V   V;
    Idle          => H H  L  V   V   V   V   V   V;
    does(Pde)     => H L  L  V   V   V   V   V   V;
    does(Pdx)     => L H  L  V   V   V   V   V   V;
    Idle          => L L  V  V   V   V   V   V   V;
};
