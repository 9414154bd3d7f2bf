//! What the parameters of a bus's limits are called, and what part files state of them.

/// A parameter of the bus's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamInfo {
    /// As part files spell it. Two parameters of a bus share a name if one is its least and the other its greatest
    /// value.
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

/// Declares the table of a bus's parameters, and a constant with the number of each.
///
/// ```text
/// params! {
///     T_LOW "tLOW" Time Min "low period of the clock";
/// }
/// ```
macro_rules! params {
    ($($id:ident $name:literal $quantity:ident $side:ident $summary:literal;)*) => {
        /// The parameters, in order of their numbers.
        pub const PARAMS: &[$crate::timing::ParamInfo] =
            &[$($crate::timing::ParamInfo {
                name: $name,
                quantity: $crate::timing::Quantity::$quantity,
                side: $crate::timing::Side::$side,
                summary: $summary,
            }),*];
        $crate::timing::param::params!(@ids 0; $($id $summary;)*);
    };
    (@ids $n:expr; $id:ident $summary:literal; $($rest:tt)*) => {
        #[doc = concat!("Parameter: ", $summary, ".")]
        pub const $id: $crate::timing::Param = $crate::timing::Param($n);
        $crate::timing::param::params!(@ids $n + 1; $($rest)*);
    };
    (@ids $n:expr;) => {};
}

pub(crate) use params;
