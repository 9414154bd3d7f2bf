//! Mode registers: what a memory is told about its bursts and latencies.
//!
//! ```text
//!  MR0 of DDR4   A12      A11..A9  A8         A7  A6..A4   A3     A2       A1 A0
//!                CL[4]    WR[2:0]  DLL reset  -   CL[3:1]  order  CL[0]    burst length
//! ```
//! Every field is a row: its register, its bits, and what each of its codes means. Fields that do not show on the command and data
//! pins (termination, drive strength, training) are not here; their bits are 0.

use super::Standard;
use super::Standard::{Ddr3, Ddr4, Ddr5, Lpddr4, Lpddr5};

/// What a field of a mode register sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// Beats of a burst; [`ON_THE_FLY`] where each command says it.
    BurstLength,
    /// 0: sequential; 1: interleaved.
    BurstOrder,
    /// CL, in clocks.
    CasLatency,
    /// CWL, in clocks.
    CasWriteLatency,
    /// AL: 0 for none, else CL minus this many clocks.
    AdditiveLatency,
    /// WR: from the end of write data to an auto precharge, in clocks.
    WriteRecovery,
    /// 1: the DLL starts anew.
    DllReset,
    /// 1: the DLL is on.
    Dll,
    /// 1: the outputs are off (Qoff).
    OutputsOff,
    /// 1: the memory tells on DQ what CK is when DQS rises.
    WriteLevelling,
    /// The read preamble, in clocks.
    ReadPreamble,
    /// The write preamble, in clocks.
    WritePreamble,
    /// 1: DM masks written bytes.
    DataMask,
    /// The least distance of column commands within a bank group, in clocks.
    CcdLong,
}

use Setting::{
    AdditiveLatency, BurstLength, BurstOrder, CasLatency, CasWriteLatency, CcdLong, DataMask, Dll, DllReset,
    OutputsOff, ReadPreamble, WriteLevelling, WritePreamble, WriteRecovery,
};

/// The burst length of a memory to which each command says it.
pub const ON_THE_FLY: u8 = 0;

/// A code that means nothing.
const RESERVED: u8 = u8::MAX;

/// How many settings there are.
const SETTINGS: usize = CcdLong as usize + 1;

/// A field of a mode register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it sets.
    pub setting: Setting,
    /// The number of its register.
    pub register: u8,
    /// Its bits in the register, the least significant of the code first.
    pub bits: &'static [u8],
    /// What each code means, from 0 on; those beyond are reserved.
    pub values: &'static [u8],
    /// Who says so.
    pub source: &'static str,
}

impl Field {
    /// The code in the register's opcode.
    fn code(&self, opcode: u32) -> usize {
        (0..).zip(self.bits).fold(0, |code, (i, bit)| code | ((opcode >> bit & 1) as usize) << i)
    }

    /// The code in its place.
    fn placed(&self, code: usize) -> u32 {
        (0..).zip(self.bits).fold(0, |opcode, (i, bit)| opcode | ((code >> i & 1) as u32) << bit)
    }

    /// The code of a value; of the next greater one for write recovery, which may be longer.
    fn code_of(&self, value: u8) -> Option<usize> {
        let exact = self.values.iter().position(|&of_code| of_code == value && value != RESERVED);
        let longer = || {
            let fit = |code: &usize| (value..RESERVED).contains(&self.values[*code]);
            (0..self.values.len()).filter(fit).min_by_key(|&code| self.values[code])
        };
        exact.or_else(|| if self.setting == WriteRecovery { longer() } else { None })
    }
}

macro_rules! fields {
    ($($setting:ident MR $register:literal $bits:tt = $values:tt $source:ident;)*) => {
        &[$(Field { setting: $setting, register: $register, bits: &$bits, values: &$values, source: $source }),*]
    };
}

const MICRON: &str = "Micron DDR3 Verilog model, ddr3.v, load mode";
const LITEDRAM: &str = "litedram init.py";
const UNVERIFIED: &str = "JESD79 (unverified)";
const OFF_ON: [u8; 2] = [0, 1];
const ON_OFF: [u8; 2] = [1, 0];

const DDR3: &[Field] = fields! {
    BurstLength     MR 0 [0, 1]         = [8, ON_THE_FLY, 4]                                         MICRON;
    BurstOrder      MR 0 [3]            = OFF_ON                                                     MICRON;
    CasLatency      MR 0 [4, 5, 6, 2]   = [RESERVED, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]              MICRON;
    DllReset        MR 0 [8]            = OFF_ON                                                     MICRON;
    WriteRecovery   MR 0 [9, 10, 11]    = [16, 5, 6, 7, 8, 10, 12, 14]                               MICRON;
    Dll             MR 1 [0]            = ON_OFF                                                     MICRON;
    AdditiveLatency MR 1 [3, 4]         = [0, 1, 2]                                                  MICRON;
    WriteLevelling  MR 1 [7]            = OFF_ON                                                     MICRON;
    OutputsOff      MR 1 [12]           = OFF_ON                                                     UNVERIFIED;
    CasWriteLatency MR 2 [3, 4, 5]      = [5, 6, 7, 8, 9, 10]                                        LITEDRAM;
};

const DDR4: &[Field] = fields! {
    BurstLength     MR 0 [0, 1]         = [8, ON_THE_FLY, 4]                                         LITEDRAM;
    BurstOrder      MR 0 [3]            = OFF_ON                                                     UNVERIFIED;
    CasLatency      MR 0 [2, 4, 5, 6, 12] = [9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 23, 17, 19, 21, 25, 26, 27, 28, 29, 30, 31, 32] LITEDRAM;
    DllReset        MR 0 [8]            = OFF_ON                                                     LITEDRAM;
    WriteRecovery   MR 0 [9, 10, 11, 13] = [10, 12, 14, 16, 18, 20, 24, 22, 26, 28]                  LITEDRAM;
    Dll             MR 1 [0]            = OFF_ON                                                     LITEDRAM;
    AdditiveLatency MR 1 [3, 4]         = [0, 1, 2]                                                  UNVERIFIED;
    WriteLevelling  MR 1 [7]            = OFF_ON                                                     UNVERIFIED;
    OutputsOff      MR 1 [12]           = OFF_ON                                                     UNVERIFIED;
    CasWriteLatency MR 2 [3, 4, 5]      = [9, 10, 11, 12, 14, 16, 18, 20]                            LITEDRAM;
    ReadPreamble    MR 4 [11]           = [1, 2]                                                     UNVERIFIED;
    WritePreamble   MR 4 [12]           = [1, 2]                                                     UNVERIFIED;
    DataMask        MR 5 [10]           = OFF_ON                                                     LITEDRAM;
    CcdLong         MR 6 [10, 11, 12]   = [4, 5, 6, 7, 8]                                            LITEDRAM;
};

const DDR5: &[Field] = fields! {
    BurstLength     MR 0 [0, 1]         = [16, ON_THE_FLY, 32]                                       UNVERIFIED;
    CasLatency      MR 0 [2, 3, 4, 5, 6] = [22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 64, 66] UNVERIFIED;
    DataMask        MR 5 [5]            = OFF_ON                                                     UNVERIFIED;
    ReadPreamble    MR 8 [0, 1, 2]      = [1, RESERVED, 2, 3, 4]                                     UNVERIFIED;
    WritePreamble   MR 8 [3, 4]         = [RESERVED, 2, 3, 4]                                        UNVERIFIED;
};

/// What mode registers say, as far as it shows on the pins.
///
/// ```
/// use busproof_core::bus::ddr::modes::{Modes, Setting};
/// use busproof_core::bus::ddr::Standard;
///
/// let mut modes = Modes::new(Standard::Ddr4);
/// modes.put(Setting::CasLatency, 17)?;
/// assert_eq!(modes.opcode(0), 1 << 6 | 1 << 5 | 1 << 2, "CL 17 is code 01101 on A12 A6 A5 A4 A2");
/// modes.load(2, 0b011 << 3)?;
/// assert_eq!(modes.write_latency(), 12);
/// # Ok::<(), busproof_core::bus::ddr::modes::ModeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modes {
    standard: Standard,
    values: [u8; SETTINGS],
}

/// Why a mode register cannot be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModeError {
    /// A code that means nothing.
    #[error("MR{register} has a reserved code for {setting:?}: {code}")]
    Reserved {
        /// The register.
        register: u8,
        /// What the field sets.
        setting: Setting,
        /// Its code.
        code: u8,
    },
    /// A value without a code.
    #[error("{} has no code for {setting:?} {value}", .standard.name())]
    NoCode {
        /// The standard.
        standard: Standard,
        /// What is to be set.
        setting: Setting,
        /// To what.
        value: u8,
    },
}

impl Modes {
    /// Every field at the first of its codes that means something.
    pub fn new(standard: Standard) -> Modes {
        let mut values = [0; SETTINGS];
        for field in Modes::fields(standard) {
            let first = field.values.iter().find(|&&value| value != RESERVED);
            values[field.setting as usize] = first.copied().unwrap_or(0);
        }
        Modes { standard, values }
    }

    /// The fields of a standard's registers; none where they are not modelled (LPDDR4, LPDDR5).
    pub const fn fields(standard: Standard) -> &'static [Field] {
        match standard {
            Ddr3 => DDR3,
            Ddr4 => DDR4,
            Ddr5 => DDR5,
            Lpddr4 | Lpddr5 => &[],
        }
    }

    /// The registers to be written after power-up, in this order (litedram `init.py`; DDR5 unverified).
    pub const fn registers(standard: Standard) -> &'static [u8] {
        match standard {
            Ddr3 => &[2, 3, 1, 0],
            Ddr4 => &[3, 6, 5, 4, 2, 1, 0],
            Ddr5 => &[0, 5, 8],
            Lpddr4 | Lpddr5 => &[],
        }
    }

    /// The standard.
    pub const fn standard(&self) -> Standard {
        self.standard
    }

    /// What is set; 0 for what the standard does not have.
    pub const fn get(&self, setting: Setting) -> u8 {
        self.values[setting as usize]
    }

    /// Sets one thing. Write recovery is rounded up to what has a code.
    pub fn put(&mut self, setting: Setting, value: u8) -> Result<(), ModeError> {
        let field = Modes::fields(self.standard).iter().find(|field| field.setting == setting);
        let code = field.and_then(|field| Some(field.values[field.code_of(value)?]));
        let standard = self.standard;
        self.values[setting as usize] = code.ok_or(ModeError::NoCode { standard, setting, value })?;
        Ok(())
    }

    /// Takes over what is written to a register. A field with a reserved code stays what it was; the first such is told.
    pub fn load(&mut self, register: u8, opcode: u32) -> Result<(), ModeError> {
        let mut result = Ok(());
        for field in Modes::fields(self.standard).iter().filter(|field| field.register == register) {
            let (code, setting) = (field.code(opcode), field.setting);
            match field.values.get(code).filter(|&&value| value != RESERVED) {
                Some(&value) => self.values[setting as usize] = value,
                None => result = result.and(Err(ModeError::Reserved { register, setting, code: code as u8 })),
            }
        }
        result
    }

    /// What is to be written to a register.
    pub fn opcode(&self, register: u8) -> u32 {
        let fields = Modes::fields(self.standard).iter().filter(|field| field.register == register);
        fields.fold(0, |opcode, field| {
            opcode | field.code_of(self.get(field.setting)).map_or(0, |code| field.placed(code))
        })
    }

    /// Clocks of additive latency.
    pub const fn additive_latency(&self) -> u64 {
        match self.get(AdditiveLatency) {
            0 => 0,
            less => self.get(CasLatency).saturating_sub(less) as u64,
        }
    }

    /// From RD to its first data, in clocks: RL = AL + CL.
    pub const fn read_latency(&self) -> u64 {
        self.additive_latency() + self.get(CasLatency) as u64
    }

    /// From WR to its first data, in clocks: WL = AL + CWL; CL - 2 for DDR5.
    pub const fn write_latency(&self) -> u64 {
        match self.standard {
            Ddr5 => (self.get(CasLatency) as u64).saturating_sub(2),
            _ => self.additive_latency() + self.get(CasWriteLatency) as u64,
        }
    }

    /// The beats of a burst; with `alternate` of the other length, where each command says it: half as many.
    pub const fn beats(&self, alternate: bool) -> u32 {
        let usual = if matches!(self.standard, Ddr5) { 16 } else { 8 };
        match self.get(BurstLength) {
            ON_THE_FLY if alternate => usual / 2,
            ON_THE_FLY => usual,
            beats => beats as u32,
        }
    }

    /// The read preamble in clocks.
    pub fn read_preamble(&self) -> u64 {
        u64::from(self.get(ReadPreamble)).max(1)
    }

    /// The write preamble in clocks.
    pub fn write_preamble(&self) -> u64 {
        u64::from(self.get(WritePreamble)).max(1)
    }

    /// True if DM masks what is written: always on DDR3, by mode register elsewhere.
    pub const fn masks(&self) -> bool {
        matches!(self.standard, Ddr3) || self.get(DataMask) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rows of facts about mode registers, as bits of the address.
    #[test]
    fn codes_are_those_of_the_data_sheets() {
        let opcode = |standard, setting, value, register| {
            let mut modes = Modes::new(standard);
            modes.put(setting, value).unwrap();
            modes.opcode(register)
        };
        let a = |bits: &[u32]| bits.iter().fold(0, |all, bit| all | 1 << bit);
        // DDR3: the code A6 A5 A4 A2 is 0010 for CL 5, 0001 for CL 12, 0101 for CL 14.
        assert_eq!(opcode(Ddr3, CasLatency, 5, 0), a(&[4]));
        assert_eq!(opcode(Ddr3, CasLatency, 12, 0), a(&[2]));
        assert_eq!(opcode(Ddr3, CasLatency, 14, 0), a(&[5, 2]));
        assert_eq!(opcode(Ddr3, WriteRecovery, 12, 0) & 7 << 9, a(&[11, 10]));
        assert_eq!(opcode(Ddr3, CasWriteLatency, 8, 2), a(&[4, 3]));
        assert_eq!(opcode(Ddr3, Dll, 1, 1), 0, "A0 low: on");
        // DDR4: the code A12 A6 A5 A4 A2 is 8 for CL 18, 13 for CL 17, 16 for CL 25.
        assert_eq!(opcode(Ddr4, CasLatency, 18, 0), a(&[6]));
        assert_eq!(opcode(Ddr4, CasLatency, 17, 0), a(&[6, 5, 2]));
        assert_eq!(opcode(Ddr4, CasLatency, 25, 0), a(&[12]));
        assert_eq!(opcode(Ddr4, WriteRecovery, 26, 0), a(&[13]));
        assert_eq!(opcode(Ddr4, CasWriteLatency, 16, 2), a(&[5, 3]));
        assert_eq!(opcode(Ddr4, Dll, 1, 1), a(&[0]), "A0 high: on");
        assert_eq!(opcode(Ddr4, CcdLong, 7, 6), a(&[11, 10]));
    }

    #[test]
    fn latencies_are_sums() {
        let mut modes = Modes::new(Ddr3);
        modes.put(CasLatency, 11).unwrap();
        modes.put(CasWriteLatency, 8).unwrap();
        assert_eq!((modes.read_latency(), modes.write_latency()), (11, 8));
        modes.put(AdditiveLatency, 1).unwrap();
        assert_eq!((modes.read_latency(), modes.write_latency()), (21, 18), "AL = CL - 1 = 10");
        let mut modes = Modes::new(Ddr5);
        modes.put(CasLatency, 40).unwrap();
        assert_eq!(modes.write_latency(), 38);
    }

    #[test]
    fn write_recovery_may_be_longer_and_nothing_else() {
        let mut modes = Modes::new(Ddr3);
        modes.put(WriteRecovery, 9).unwrap();
        assert_eq!(modes.get(WriteRecovery), 10);
        assert!(modes.put(WriteRecovery, 17).is_err());
        assert_eq!(modes.put(CasLatency, 4).unwrap_err().to_string(), "ddr3 has no code for CasLatency 4");
    }

    #[test]
    fn a_reserved_code_changes_nothing() {
        let mut modes = Modes::new(Ddr3);
        modes.put(CasLatency, 9).unwrap();
        let told = modes.load(0, 0b11).unwrap_err();
        assert_eq!(told.to_string(), "MR0 has a reserved code for BurstLength: 3");
        assert_eq!((modes.get(CasLatency), modes.get(BurstLength)), (9, 8));
    }

    proptest! {
        /// Registers written from modes give back the modes.
        #[test]
        fn registers_carry_modes(which in 0..3usize, picks in prop::collection::vec(any::<prop::sample::Index>(), SETTINGS)) {
            let standard = [Ddr3, Ddr4, Ddr5][which];
            let mut modes = Modes::new(standard);
            for (field, pick) in Modes::fields(standard).iter().zip(&picks) {
                let values: Vec<u8> = field.values.iter().copied().filter(|&value| value != RESERVED).collect();
                modes.put(field.setting, *pick.get(&values)).unwrap();
            }
            let mut back = Modes::new(standard);
            for &register in Modes::registers(standard) {
                prop_assert_eq!(back.load(register, modes.opcode(register)), Ok(()));
            }
            prop_assert_eq!(back, modes);
        }

        /// Whatever is written to a register, it is told or taken over.
        #[test]
        fn no_opcode_is_lost(which in 0..3usize, register in 0..9u8, opcode in 0..1u32 << 14) {
            let standard = [Ddr3, Ddr4, Ddr5][which];
            let mut modes = Modes::new(standard);
            let bits = Modes::fields(standard).iter().filter(|f| f.register == register).flat_map(|f| f.bits);
            let mask = bits.fold(0, |all, bit| all | 1u32 << bit);
            if modes.load(register, opcode).is_ok() {
                prop_assert_eq!(modes.opcode(register), opcode & mask);
            }
        }
    }
}
