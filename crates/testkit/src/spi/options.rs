//! Options that both ends can agree on.

use busproof_core::BitOrder;
use busproof_core::bus::spi::{Active, Format, Lanes, Mode, Options, Rate, Wires, WordBits};
use proptest::prelude::*;
use proptest::sample::select;

/// Any legal options without a command table; they shrink to mode 0, 1-bit words, most significant bit first.
///
/// Legal means that the agents can do it: double rate only in modes 0 and 2, with an even number of transfers per word;
/// several lanes on a 4-wire bus of Motorola format; late sampling where the controller has a line of its own to sample.
///
/// ```
/// use busproof_core::bus::spi::{Rate, Wires};
/// use busproof_testkit::spi;
/// use proptest::prelude::*;
///
/// proptest!(|(options in spi::options::any_options(300))| {
///     let per_lane = options.word_bits.get() / u32::from(options.lanes.count);
///     prop_assert!(options.lanes.rate == Rate::Single || per_lane % 2 == 0);
///     prop_assert!(options.lanes.count == 1 || options.wires == Wires::Four);
/// });
/// ```
pub fn any_options(max_bits: u32) -> impl Strategy<Value = Options> {
    let shape = (modes(), formats(), lanes(), select(vec![Wires::Four, Wires::Three]));
    let rest = (word_bits(max_bits), orders(), actives(), 0..=4u8);
    (shape, rest).prop_map(|((mode, format, lanes, wires), (bits, bit_order, cs_active, sample_delay))| {
        legal(
            Options { mode, bit_order, cs_active, format, wires, lanes, sample_delay, ..Options::default() },
            bits,
        )
    })
}

/// The nearest legal options, with words of about `bits` bits.
fn legal(options: Options, bits: u32) -> Options {
    let wide = options.format == Format::Motorola && options.wires == Wires::Four;
    let count = if wide { options.lanes.count } else { 1 };
    let doubles = options.format == Format::Motorola && !options.shifts_first();
    let rate = if doubles { options.lanes.rate } else { Rate::Single };
    let unit = u32::from(count) * if rate == Rate::Double { 2 } else { 1 };
    let shared = count > 1 || options.wires == Wires::Three;
    let sample_delay = if shared { 0 } else { options.sample_delay };
    let word_bits = WordBits::new(bits.next_multiple_of(unit)).unwrap_or_default();
    Options { lanes: Lanes { count, rate }, sample_delay, word_bits, ..options }
}

/// The four modes; they shrink to mode 0.
pub fn modes() -> impl Strategy<Value = Mode> {
    select(Mode::ALL.to_vec())
}

/// The frame formats; they shrink to Motorola's.
pub fn formats() -> impl Strategy<Value = Format> {
    prop_oneof![6 => Just(Format::Motorola), 1 => Just(Format::Ti), 1 => Just(Format::Microwire)]
}

/// One, two or four lanes, at single or double rate; they shrink to one lane at single rate.
pub fn lanes() -> impl Strategy<Value = Lanes> {
    (
        prop_oneof![3 => Just(1), 1 => Just(2), 1 => Just(4)],
        prop_oneof![3 => Just(Rate::Single), 1 => Just(Rate::Double)],
    )
        .prop_map(|(count, rate)| Lanes { count, rate })
}

/// Word lengths of 1 to `max` bits, those around whole bytes and 64 bits more often.
pub fn word_bits(max: u32) -> impl Strategy<Value = u32> {
    let max = max.clamp(1, WordBits::MAX);
    prop_oneof![4 => 1..=max.min(9), 2 => Just(max.min(8)), 1 => max.min(63)..=max.min(65), 1 => 1..=max]
}

/// Bit orders; they shrink to most significant bit first.
pub fn orders() -> impl Strategy<Value = BitOrder> {
    select(vec![BitOrder::Msb, BitOrder::Lsb])
}

/// Levels that select; they shrink to low.
pub fn actives() -> impl Strategy<Value = Active> {
    select(vec![Active::Low, Active::High])
}
