//! Payloads: numbers of any length whose bits may be unknown.

use std::fmt;

use bitvec::field::BitField;
use bitvec::prelude::{BitSlice, BitVec, Lsb0, Msb0};

/// The order in which the bits of a word travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BitOrder {
    /// Most significant bit first.
    #[default]
    Msb,
    /// Least significant bit first.
    Lsb,
}

/// A number of `len` bits, of which some may be unknown; an unknown bit has the value 0.
///
/// Up to 64 bits are held in place, more on the heap.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Bits(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Small {
        len: u8,
        value: u64,
        unknown: u64,
    },
    /// Bit 0 is the least significant.
    Large(Box<(BitVec<u64, Lsb0>, BitVec<u64, Lsb0>)>),
}

impl Bits {
    /// The low `len` bits of `value`, all known.
    ///
    /// # Panics
    /// If `len` exceeds 64.
    pub const fn new(value: u64, len: u32) -> Bits {
        Bits::with_unknown(value, 0, len)
    }

    /// The low `len` bits of `value`, unknown where `unknown` has a 1.
    ///
    /// # Panics
    /// If `len` exceeds 64.
    pub const fn with_unknown(value: u64, unknown: u64, len: u32) -> Bits {
        assert!(len <= 64, "more than 64 bits are built with `from_wire`");
        let mask = if len == 64 { u64::MAX } else { (1 << len) - 1 };
        let unknown = unknown & mask;
        Bits(Repr::Small { len: len as u8, value: value & mask & !unknown, unknown })
    }

    /// The number whose bits travelled as `value`, in `order`; all known.
    pub fn from_wire(value: &BitSlice<u64, Lsb0>, order: BitOrder) -> Bits {
        let known = BitVec::<u64, Lsb0>::repeat(false, value.len());
        Bits::from_wire_with_unknown(value, &known, order)
    }

    /// The number whose bits travelled as `value`, in `order`, unknown where `unknown` has a 1.
    ///
    /// # Panics
    /// If the two differ in length.
    pub fn from_wire_with_unknown(
        value: &BitSlice<u64, Lsb0>,
        unknown: &BitSlice<u64, Lsb0>,
        order: BitOrder,
    ) -> Bits {
        assert_eq!(value.len(), unknown.len(), "both planes have one bit per bit");
        let number = |plane: &BitSlice<u64, Lsb0>| {
            let mut bits = plane.to_bitvec();
            if order == BitOrder::Msb {
                bits.reverse();
            }
            bits
        };
        let (mut value, unknown) = (number(value), number(unknown));
        for i in unknown.iter_ones() {
            value.set(i, false);
        }
        let word = |bits: &BitVec<u64, Lsb0>| bits.iter_ones().fold(0, |n, i| n | 1 << i);
        match value.len() {
            len @ 0..=64 => Bits::with_unknown(word(&value), word(&unknown), len as u32),
            _ => Bits(Repr::Large(Box::new((value, unknown)))),
        }
    }

    /// The number whose bytes are `bytes`, first byte most significant.
    pub fn from_bytes(bytes: &[u8]) -> Bits {
        let wire: BitVec<u64, Lsb0> = BitSlice::<u8, Msb0>::from_slice(bytes).iter().by_vals().collect();
        Bits::from_wire(&wire, BitOrder::Msb)
    }

    /// The number of bits.
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Small { len, .. } => *len as usize,
            Repr::Large(planes) => planes.0.len(),
        }
    }

    /// True for a number without bits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bit `i`, counted from the least significant; `None` if it is unknown.
    ///
    /// # Panics
    /// If `i` is not below [`Bits::len`].
    pub fn bit(&self, i: usize) -> Option<bool> {
        assert!(i < self.len(), "bit {i} of {}", self.len());
        let (value, unknown) = match &self.0 {
            Repr::Small { value, unknown, .. } => (value >> i & 1 != 0, unknown >> i & 1 != 0),
            Repr::Large(planes) => (planes.0[i], planes.1[i]),
        };
        (!unknown).then_some(value)
    }

    /// The bits in the order in which they travel; `None` where unknown.
    pub fn wire(&self, order: BitOrder) -> impl Iterator<Item = Option<bool>> + '_ {
        let len = self.len();
        (0..len).map(move |i| self.bit(if order == BitOrder::Msb { len - 1 - i } else { i }))
    }

    /// The value, if there are at most 64 bits (unknown ones count as 0).
    pub fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Small { value, .. } => Some(*value),
            Repr::Large(_) => None,
        }
    }

    /// True if every bit is known.
    pub fn is_known(&self) -> bool {
        match &self.0 {
            Repr::Small { unknown, .. } => *unknown == 0,
            Repr::Large(planes) => planes.1.not_any(),
        }
    }

    /// Lower-case hexadecimal, zero-padded to `ceil(len / 4)` digits; unknown bits print as 0.
    pub fn to_hex(&self) -> String {
        self.hex_digits().collect()
    }

    /// The digits of [`Bits::to_hex`].
    pub fn hex_digits(&self) -> impl Iterator<Item = char> + '_ {
        self.digits(|i| self.value_word(i))
    }

    /// As [`Bits::to_hex`], with a 1 for each unknown bit instead of the value.
    pub fn unknown_to_hex(&self) -> String {
        self.digits(|i| self.unknown_word(i)).collect()
    }

    /// The hexadecimal digits of a plane, given as words of 64 bits, the least significant first.
    fn digits(&self, word: impl Fn(usize) -> u64) -> impl Iterator<Item = char> {
        let digit = move |d: usize| (word(d / 16) >> (d % 16 * 4) & 0xf) as usize;
        (0..self.len().div_ceil(4)).rev().map(move |d| char::from(b"0123456789abcdef"[digit(d)]))
    }

    fn value_word(&self, i: usize) -> u64 {
        match &self.0 {
            Repr::Small { value, .. } => *value,
            Repr::Large(planes) => word(&planes.0, i),
        }
    }

    fn unknown_word(&self, i: usize) -> u64 {
        match &self.0 {
            Repr::Small { unknown, .. } => *unknown,
            Repr::Large(planes) => word(&planes.1, i),
        }
    }
}

/// Bits `64 * i` and up.
fn word(plane: &BitSlice<u64, Lsb0>, i: usize) -> u64 {
    plane.chunks(64).nth(i).map_or(0, BitField::load_le)
}

impl fmt::Display for Bits {
    /// Hexadecimal as [`Bits::to_hex`], with `x` for each digit that has an unknown bit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mask = self.unknown_to_hex();
        let text: String =
            self.to_hex().chars().zip(mask.chars()).map(|(v, u)| if u == '0' { v } else { 'x' }).collect();
        f.pad(&text)
    }
}

impl fmt::Debug for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}'h{self}", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hex_is_padded_and_marks_unknown_digits() {
        assert_eq!(Bits::new(0x2a, 9).to_hex(), "02a");
        assert_eq!(Bits::with_unknown(0xef, 0x10, 8).to_string(), "xf");
        assert_eq!(Bits::with_unknown(0xef, 0x10, 8).to_hex(), "ef");
        assert_eq!(Bits::with_unknown(0xff, 0x10, 8).to_hex(), "ef");
        assert_eq!(Bits::with_unknown(0xff, 0x10, 8).unknown_to_hex(), "10");
        assert_eq!(Bits::from_bytes(&[0xef, 0x40, 0x18]).to_hex(), "ef4018");
        assert_eq!(Bits::new(u64::MAX, 64).to_hex(), "f".repeat(16));
    }

    proptest! {
        #[test]
        fn any_length_round_trips_over_the_wire(
            bits in proptest::collection::vec(any::<(bool, bool)>(), 0..300),
            lsb in any::<bool>(),
        ) {
            let order = if lsb { BitOrder::Lsb } else { BitOrder::Msb };
            let value: BitVec<u64, Lsb0> = bits.iter().map(|b| b.0).collect();
            let unknown: BitVec<u64, Lsb0> = bits.iter().map(|b| b.1).collect();
            let number = Bits::from_wire_with_unknown(&value, &unknown, order);
            let wire: Vec<Option<bool>> = number.wire(order).collect();
            let want: Vec<Option<bool>> = bits.iter().map(|&(v, u)| (!u).then_some(v)).collect();
            prop_assert_eq!(wire, want);
            let digit = |d: usize| {
                let bits = (4 * d..(4 * d + 4).min(bits.len())).rev();
                bits.fold(0, |n, i| n << 1 | u32::from(number.bit(i) == Some(true)))
            };
            let hex: String =
                (0..bits.len().div_ceil(4)).rev().map(|d| char::from_digit(digit(d), 16).unwrap()).collect();
            prop_assert_eq!(number.to_hex(), hex);
            let unknown = number.unknown_to_hex();
            prop_assert_eq!(unknown.chars().any(|digit| digit != '0'), !number.is_known());
        }
    }
}
