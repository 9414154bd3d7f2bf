//! The timing of SPI, as rows.
//!
//! Names follow the data sheets of serial flashes (W25Q128JV table 9.6): C is the clock, S chip select, D data into the
//! peripheral, Q data out of it; H and L are the levels they go to, V valid, X no longer valid, Z released. `tSLCH` is
//! the time from S going low to C going high. C "high" stands for the sampling edge, also in modes where it falls.

use crate::timing::Param;

/// A parameter of the bus's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamInfo {
    /// As part files spell it.
    pub name: &'static str,
    /// What a part file states: a time, or a frequency (whose period in femtoseconds is the parameter's value).
    pub quantity: Quantity,
    /// Whether a part file gives its least or its greatest value.
    pub side: Side,
    /// What it is.
    pub summary: &'static str,
}

/// What a parameter measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A time; the value is in femtoseconds.
    Time,
    /// A frequency; the value is its period in femtoseconds.
    Frequency,
}

/// The side of a limit that a part file states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `min = `.
    Min,
    /// `max = `.
    Max,
}

macro_rules! params {
    ($($id:ident $name:literal $quantity:ident $side:ident $summary:literal;)*) => {
        /// The parameters, in order of their numbers.
        pub const PARAMS: &[ParamInfo] =
            &[$(ParamInfo { name: $name, quantity: Quantity::$quantity, side: Side::$side, summary: $summary }),*];
        params!(@ids 0; $($id $summary;)*);
    };
    (@ids $n:expr; $id:ident $summary:literal; $($rest:tt)*) => {
        #[doc = concat!("Parameter: ", $summary, ".")]
        pub const $id: Param = Param($n);
        params!(@ids $n + 1; $($rest)*);
    };
    (@ids $n:expr;) => {};
}

params! {
    FC    "fC"    Frequency Max "clock frequency, all commands but the slow read";
    FR    "fR"    Frequency Max "clock frequency of the slow read (03h)";
    FC_DTR "fC_DTR" Frequency Max "clock frequency of reads at double rate";
    T_CLH "tCLH"  Time Min "clock high time";
    T_CLL "tCLL"  Time Min "clock low time";
    T_SLCH "tSLCH" Time Min "CS active set-up to the clock";
    T_CHSH "tCHSH" Time Min "CS active hold after the clock";
    T_CHSL "tCHSL" Time Min "CS not-active hold after the clock";
    T_SHCH "tSHCH" Time Min "CS not-active set-up to the clock";
    T_SHSL "tSHSL" Time Min "CS high time, any access";
    T_SHSL1 "tSHSL1" Time Min "CS high time after a read";
    T_SHSL2 "tSHSL2" Time Min "CS high time after a program, erase or register write";
    T_DVCH "tDVCH" Time Min "data-in set-up to the clock";
    T_CHDX "tCHDX" Time Min "data-in hold after the clock";
    T_CLQV "tCLQV" Time Max "clock to output valid";
    T_CLQX "tCLQX" Time Min "output hold after the clock";
    T_SHQZ "tSHQZ" Time Max "output disable after CS";
    T_SU_MI "tSU_MI" Time Min "MISO set-up at the controller";
    T_H_MI "tH_MI" Time Min "MISO hold at the controller";
}
