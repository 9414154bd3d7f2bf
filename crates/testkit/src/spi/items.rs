//! Traffic: what both ends say, as operations, as a script, and as what must be heard.

use bitvec::prelude::{BitVec, Lsb0};
use busproof_core::bus::spi::{Device, Direction, Format, Io, Lanes, Op, Options, Payload, Step, Wires};
use busproof_core::{BitOrder, Bits, Time};
use proptest::collection::vec;
use proptest::prelude::*;

use super::Meaning;

/// The gist of some traffic, before it is known how long words are and on how many lanes they travel.
///
/// It shrinks on its own, whatever options it is [fitted](Draft::fit) to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Transfers of words: a seed of the bits in each direction.
    transfers: Vec<Vec<(u64, u64)>>,
}

/// Drafts of 1 to `transfers` transfers of 1 to `words` words; they shrink to one word of zeros.
pub fn draft(transfers: usize, words: usize) -> impl Strategy<Value = Draft> {
    vec(vec((bits(), bits()), 1..=words), 1..=transfers).prop_map(|transfers| Draft { transfers })
}

/// Seeds of words, the telling ones more often.
fn bits() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        Just(u64::MAX),
        any::<u8>().prop_map(|b| u64::from(b) * 0x0101_0101_0101_0101),
        any::<u64>()
    ]
}

/// What is said on the bus, transfer by transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// The transfers, each of at least one word.
    pub transfers: Vec<Vec<Word>>,
    /// How the words travel.
    pub lanes: Lanes,
}

/// A word, and who says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Both ends at once.
    Both {
        /// Controller to peripheral.
        out: Bits,
        /// Peripheral to controller.
        back: Bits,
    },
    /// The controller, on shared lanes.
    Out(Bits),
    /// The peripheral, on shared lanes.
    Back(Bits),
}

impl Draft {
    /// The draft as traffic that is legal with `options` and no command table.
    ///
    /// On shared lanes the first half of a transfer's words, rounded up, goes out and the rest comes back.
    pub fn fit(&self, options: &Options) -> Traffic {
        let shared = options.lanes.count > 1 || options.wires == Wires::Three;
        let word = |i: usize, of: usize, &(out, back): &(u64, u64)| match shared {
            false => Word::Both { out: expand(out, options), back: expand(back, options) },
            true if i < of.div_ceil(2) => Word::Out(expand(out, options)),
            true => Word::Back(expand(back, options)),
        };
        let fit = |words: &Vec<(u64, u64)>| {
            words.iter().enumerate().map(|(i, w)| word(i, words.len(), w)).collect()
        };
        Traffic { transfers: self.transfers.iter().map(fit).collect(), lanes: options.lanes }
    }
}

/// As many bits as a word has, other ones in each 64; the bits of seed 0 are all 0.
fn expand(seed: u64, options: &Options) -> Bits {
    let bit = |i: u32| seed.rotate_left(i / 64 * 7) >> (i % 64) & 1 != 0;
    let wire: BitVec<u64, Lsb0> = (0..options.word_bits.get()).map(bit).collect();
    Bits::from_wire(&wire, options.bit_order)
}

impl Traffic {
    /// One transfer of duplex words of up to 64 bits on one lane: pairs of what goes out and what comes back.
    pub fn duplex(bits: u32, words: &[(u64, u64)]) -> Traffic {
        let word =
            |&(out, back): &(u64, u64)| Word::Both { out: Bits::new(out, bits), back: Bits::new(back, bits) };
        Traffic { transfers: vec![words.iter().map(word).collect()], lanes: Lanes::SINGLE }
    }

    /// What a controller is to do, on chip select 0.
    pub fn ops(&self) -> Vec<Op> {
        let mut ops = Vec::new();
        for words in &self.transfers {
            ops.push(Op::Select(0));
            ops.extend(words.iter().map(|word| match word {
                Word::Both { out, .. } | Word::Out(out) => Op::Write(out.clone(), self.lanes),
                Word::Back(back) => Op::Read(back.len() as u32, self.lanes),
            }));
            ops.push(Op::Deselect);
        }
        ops
    }

    /// A device that says the peripheral's part.
    pub fn script(&self, options: &Options) -> Script {
        let words = self.transfers.iter().flatten();
        let steps = words.flat_map(|word| match word {
            Word::Both { back, .. } => pieces(back, options, self.lanes, Io::Exchange),
            Word::Out(out) => pieces(out, options, self.lanes, |_| Io::In),
            Word::Back(back) => pieces(back, options, self.lanes, Io::Out),
        });
        Script::new(steps.collect())
    }

    /// What the monitor must hear. In the TI format the chip select line frames words, not transfers.
    pub fn expected(&self, options: &Options) -> Vec<Meaning> {
        let framed = options.format != Format::Ti;
        let mut all = Vec::new();
        for words in &self.transfers {
            all.extend(framed.then_some(Meaning::Select(0)));
            all.extend(words.iter().map(|word| Meaning::Word(self.payload(word))));
            all.extend(framed.then_some(Meaning::Deselect(0)));
        }
        all
    }

    /// What the controller must report to have received.
    pub fn received(&self) -> Vec<Bits> {
        let word = |word: &Word| match word {
            Word::Both { back, .. } | Word::Back(back) => back.clone(),
            Word::Out(_) => Bits::new(0, 0),
        };
        self.transfers.iter().flatten().map(word).collect()
    }

    fn payload(&self, word: &Word) -> Payload {
        match word {
            Word::Both { out, back } => Payload::Duplex { mosi: Some(out.clone()), miso: Some(back.clone()) },
            Word::Out(bits) | Word::Back(bits) => {
                Payload::Shared { lanes: self.lanes.count, direction: Direction::Unknown, bits: bits.clone() }
            }
        }
    }
}

/// The steps of a word, at most 64 bits each.
fn pieces(word: &Bits, options: &Options, lanes: Lanes, io: impl Fn(u64) -> Io) -> Vec<Step> {
    let wire: Vec<bool> = word.wire(options.bit_order).map(|bit| bit == Some(true)).collect();
    let shift = |n: u64, bit: &bool| n << 1 | u64::from(*bit);
    let value = |piece: &[bool]| match options.bit_order {
        BitOrder::Msb => piece.iter().fold(0, shift),
        BitOrder::Lsb => piece.iter().rev().fold(0, shift),
    };
    wire.chunks(64).map(|piece| Step { bits: piece.len() as u32, lanes, io: io(value(piece)) }).collect()
}

/// A device that goes through a list of steps, whatever it hears, and then listens.
///
/// Steps that were begun and cut off are done again in the next transfer.
///
/// ```
/// use busproof_core::Time;
/// use busproof_core::bus::spi::{Device, Step};
/// use busproof_testkit::spi::items::Script;
///
/// let mut script = Script::new(vec![Step::input(8), Step::output(0xef, 8)]);
/// assert_eq!(script.select(Time::ZERO), Step::input(8));
/// assert_eq!(script.step(Time::ZERO, 0x9f), Step::output(0xef, 8));
/// assert_eq!(script.heard(), [0x9f]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    steps: Vec<Step>,
    again: Again,
    at: usize,
    heard: Vec<u64>,
    cut: Vec<u32>,
}

/// What a script does when it is selected again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    GoOn,
    StartOver,
}

impl Script {
    /// A device that goes through `steps` once, over all transfers.
    pub fn new(steps: Vec<Step>) -> Script {
        Script { steps, again: Again::GoOn, at: 0, heard: Vec::new(), cut: Vec::new() }
    }

    /// A device that goes through `steps` in each transfer.
    pub fn each_time(steps: Vec<Step>) -> Script {
        Script { again: Again::StartOver, ..Script::new(steps) }
    }

    /// What came in during each complete step.
    pub fn heard(&self) -> &[u64] {
        &self.heard
    }

    /// How far into a step each transfer ended.
    pub fn cut(&self) -> &[u32] {
        &self.cut
    }

    fn step_now(&self) -> Step {
        self.steps.get(self.at).copied().unwrap_or(Step::input(8))
    }
}

impl Device for Script {
    fn select(&mut self, _: Time) -> Step {
        if self.again == Again::StartOver {
            self.at = 0;
        }
        self.step_now()
    }

    fn step(&mut self, _: Time, input: u64) -> Step {
        self.heard.push(input);
        self.at += 1;
        self.step_now()
    }

    fn deselect(&mut self, _: Time, bits: u32) {
        self.cut.push(bits);
    }
}
