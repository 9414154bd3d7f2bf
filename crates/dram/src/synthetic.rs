//! Traces made by rule: the same on every machine, so that figures can be compared.
//!
//! Random ones come from `SplitMix64` (Steele, Lea and Flood 2014), with a seed of their own each.

use crate::request::{Access, Request};

/// The bytes of a burst, to which all addresses are aligned.
const LINE: u64 = 64;
/// The bytes over which random addresses are spread.
const SPAN: u64 = 4 << 30;

/// `SplitMix64`.
#[derive(Clone, Debug)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn address(&mut self) -> u64 {
        self.next() % (SPAN / LINE) * LINE
    }
}

/// How the requests of a [`Trace`] follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Reads of one line after the other.
    Stream,
    /// Reads anywhere in 4 GiB.
    Random,
    /// 70 % reads and 30 % writes anywhere in 4 GiB.
    Mixed,
    /// Reads anywhere in 4 GiB, one each 200 clocks.
    Sparse,
    /// Reads of one bank, each of another row, where rows are the most significant bits of an address and 17 bits lie below.
    Conflict,
}

impl Pattern {
    /// Every pattern.
    pub const ALL: [Pattern; 5] =
        [Pattern::Stream, Pattern::Random, Pattern::Mixed, Pattern::Sparse, Pattern::Conflict];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Pattern::Stream => "stream",
            Pattern::Random => "random",
            Pattern::Mixed => "mixed",
            Pattern::Sparse => "sparse",
            Pattern::Conflict => "conflict",
        }
    }

    const fn seed(self) -> u64 {
        match self {
            Pattern::Stream | Pattern::Conflict => 0,
            Pattern::Random => 1,
            Pattern::Mixed => 2,
            Pattern::Sparse => 3,
        }
    }
}

/// The requests of a pattern.
///
/// ```
/// use busproof_dram::synthetic::{Pattern, Trace};
///
/// let addresses: Vec<u64> = Trace::new(Pattern::Conflict, 3).map(|request| request.address).collect();
/// assert_eq!(addresses, [0, 0x20000, 0x40000]);
/// ```
#[derive(Clone, Debug)]
pub struct Trace {
    pattern: Pattern,
    index: u64,
    count: u64,
    random: SplitMix64,
}

impl Trace {
    /// So many requests of a pattern.
    pub const fn new(pattern: Pattern, count: u64) -> Trace {
        Trace { pattern, index: 0, count, random: SplitMix64(pattern.seed()) }
    }

    fn request(&mut self, index: u64) -> Request {
        match self.pattern {
            Pattern::Stream => Request::read(index * LINE),
            Pattern::Random => Request::read(self.random.address()),
            Pattern::Mixed => self.mixed(),
            Pattern::Sparse => Request { at: 200 * index, ..Request::read(self.random.address()) },
            Pattern::Conflict => Request::read(index * (1 << 17) % SPAN),
        }
    }

    fn mixed(&mut self) -> Request {
        let address = self.random.address();
        let access = if self.random.next() % 100 >= 70 { Access::Write } else { Access::Read };
        Request { address, at: 0, access }
    }
}

impl Iterator for Trace {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        let index = self.index;
        if index >= self.count {
            return None;
        }
        self.index += 1;
        Some(self.request(index))
    }
}
