//! Numbers, texts and expectations as words of a bus.
//!
//! * A number is one word of the bus if its digits have at most so many bits, or a whole number of words, most
//!   significant first: `0x001000` is three words of 8 bits. With `;bits` it is one word of that width.
//! * An expectation has one word, which then holds for each, or as many as are read. A word takes
//!   `ceil(bits / 4)` hexadecimal digits, or `bits` binary ones.

use bitvec::prelude::{BitVec, Lsb0};
use busproof_core::{BitOrder, Bits};

use super::{Number, Pattern};

/// Something that is not as long as the words of the bus are, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordProblem {
    /// Digits that are no whole number of words.
    #[error("{have} bits are no whole number of words of {word} bits; write `;{have}`, or more digits")]
    Ragged {
        /// The bits of the digits.
        have: usize,
        /// The bits of a word.
        word: u32,
    },
    /// A decimal number that exceeds a word.
    #[error("{value} does not fit into a word of {word} bits; write it in hexadecimal for several words")]
    TooGreat {
        /// The number.
        value: u64,
        /// The bits of a word.
        word: u32,
    },
    /// Text on a bus whose words are not bytes.
    #[error("text needs words of 8 bits, and these have {0}; write numbers")]
    TextWidth(u32),
    /// An expectation of another length.
    #[error("the expectation has {have} digits, but {words} words of {word} bits have {want}")]
    PatternLength {
        /// The digits written.
        have: usize,
        /// The words to read.
        words: u32,
        /// The bits of a word.
        word: u32,
        /// The digits needed.
        want: usize,
    },
    /// An expectation that no word can meet.
    #[error("the expectation has a bit set above the {0} bits of a word; no word can meet it")]
    PatternValue(u32),
}

/// The bytes of a text as words of `word` bits, which must be 8.
pub(super) fn text_words(bytes: &[u8], word: u32) -> Result<impl Iterator<Item = Bits>, WordProblem> {
    if word == 8 {
        Ok(bytes.iter().map(|&byte| Bits::new(u64::from(byte), 8)))
    } else {
        Err(WordProblem::TextWidth(word))
    }
}

/// The `number` as a word of `bits` bits, into which it fits.
pub(super) fn one_word(number: &Number, bits: u32) -> Bits {
    match number {
        Number::Hex(digits) | Number::Binary(digits) => field(digits, 0, bits as usize),
        Number::Decimal(n) => field(&Bits::new(*n, 64), 0, bits as usize),
    }
}

/// The `number` as words of `word` bits, most significant first.
pub(super) fn words_of(number: &Number, word: u32) -> Result<Vec<Bits>, WordProblem> {
    let width = word as usize;
    match number {
        Number::Decimal(value) if number.significant_bits() > width => {
            Err(WordProblem::TooGreat { value: *value, word })
        }
        Number::Hex(digits) | Number::Binary(digits) if digits.len() > width => {
            if !digits.len().is_multiple_of(width) {
                return Err(WordProblem::Ragged { have: digits.len(), word });
            }
            Ok((0..digits.len() / width).rev().map(|i| field(digits, i * width, width)).collect())
        }
        _ => Ok(vec![one_word(number, word)]),
    }
}

/// What each word must be; `words` many, or as many as the pattern has.
pub(super) fn expected(
    pattern: Option<&Pattern>,
    word: u32,
    words: Option<u32>,
) -> Result<Vec<Option<Bits>>, WordProblem> {
    let Some(pattern) = pattern else { return Ok(vec![None; words.unwrap_or(1) as usize]) };
    let written = pattern.words(word, words)?;
    let count = words.map_or(written.len(), |n| n as usize);
    Ok(written.into_iter().cycle().take(count).map(Some).collect())
}

impl Pattern {
    /// The pattern as words of `word` bits: one, or as many as asked for.
    fn words(&self, word: u32, words: Option<u32>) -> Result<Vec<Bits>, WordProblem> {
        let text;
        let (bits, digit, per_word) = match self {
            Pattern::Hex(bits) => (bits, 4, word.div_ceil(4) as usize),
            Pattern::Binary(bits) => (bits, 1, word as usize),
            Pattern::Text(_) if word != 8 => return Err(WordProblem::TextWidth(word)),
            Pattern::Text(bytes) => {
                text = Bits::from_bytes(bytes);
                (&text, 8, 1)
            }
        };
        let have = bits.len() / digit;
        let found = have / per_word;
        let wanted = words.unwrap_or(found.max(1) as u32);
        if have % per_word != 0 || (found != 1 && found != wanted as usize) {
            let want = wanted as usize * per_word;
            return Err(WordProblem::PatternLength { have, words: wanted, word, want });
        }
        let size = digit * per_word;
        (0..found).rev().map(|i| fit(&field(bits, i * size, size), word)).collect()
    }
}

/// The low `word` bits, if those above are not set.
fn fit(bits: &Bits, word: u32) -> Result<Bits, WordProblem> {
    if (word as usize..bits.len()).any(|i| bits.bit(i) == Some(true)) {
        return Err(WordProblem::PatternValue(word));
    }
    Ok(field(bits, 0, word as usize))
}

/// Bits `low` to `low + len` of `bits`; those above its end are 0.
pub(super) fn field(bits: &Bits, low: usize, len: usize) -> Bits {
    let bit = |i: usize| if i < bits.len() { bits.bit(i) } else { Some(false) };
    let value: BitVec<u64, Lsb0> = (low..low + len).map(|i| bit(i) == Some(true)).collect();
    let unknown: BitVec<u64, Lsb0> = (low..low + len).map(|i| bit(i).is_none()).collect();
    Bits::from_wire_with_unknown(&value, &unknown, BitOrder::Lsb)
}

/// Why a number is no words.
#[derive(Clone, Copy)]
pub(super) enum Unfit {
    /// It is beyond the width of a word.
    TooGreat,
    /// Its digits are no whole number of words.
    Ragged {
        /// The digits.
        have: usize,
        /// Those of a word.
        each: usize,
    },
}

/// A number as words, the first one most significant: hexadecimal digits are words of `ceil(width / 4)` digits each, or fewer of a
/// single one; other numbers are one word.
pub(super) fn number_words(value: &Number, width: u32) -> Result<Vec<Bits>, Unfit> {
    let digits = match value {
        Number::Hex(digits) => digits,
        Number::Binary(_) | Number::Decimal(_) if value.significant_bits() > width as usize => {
            return Err(Unfit::TooGreat);
        }
        Number::Binary(_) | Number::Decimal(_) => return Ok(vec![one_word(value, width)]),
    };
    let (have, each) = (digits.len() / 4, width.div_ceil(4) as usize);
    if have > each && !have.is_multiple_of(each) {
        return Err(Unfit::Ragged { have, each });
    }
    let word = |i: usize| {
        let word = field(digits, 4 * each * i, 4 * each);
        let fits = (width as usize..word.len()).all(|i| word.bit(i) == Some(false));
        if fits { Ok(field(&word, 0, width as usize)) } else { Err(Unfit::TooGreat) }
    };
    (0..have.div_ceil(each)).rev().map(word).collect()
}
