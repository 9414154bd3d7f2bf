//! What both ends of a link can agree on.

use busproof_core::BitOrder;
use busproof_core::bus::uart::{
    Baud, DataBits, Options, Packets, Parity, STANDARD, Sampling, StopBits, Votes,
};
use proptest::prelude::*;
use proptest::sample::select;

/// Any legal options with a rate; they shrink to 50 Bd and 5 data bits, without parity or packets.
///
/// ```
/// use busproof_testkit::uart;
/// use proptest::prelude::*;
///
/// proptest!(|(options in uart::options::any_options())| {
///     // A frame has 7 to 15 bits.
///     prop_assert!((14..=30).contains(&options.frame_halves()));
/// });
/// ```
pub fn any_options() -> impl Strategy<Value = Options> {
    let format = (data_bits(), select(Parity::ALL.to_vec()), select(StopBits::ALL.to_vec()), orders());
    let lines = (any::<bool>(), any::<bool>(), any::<bool>());
    (bauds(), format, lines, samplings(), packets()).prop_map(
        |(
            baud,
            (data_bits, parity, stop_bits, bit_order),
            (invert_tx, invert_rx, rs485),
            sampling,
            packets,
        )| {
            Options {
                baud: Some(baud),
                data_bits,
                parity,
                stop_bits,
                bit_order,
                invert_tx,
                invert_rx,
                rs485,
                sampling,
                packets,
                ..Options::default()
            }
        },
    )
}

/// The usual rates, and any other between 300 and 4,000,000 bits per second; they shrink to 50 Bd.
pub fn bauds() -> impl Strategy<Value = Baud> {
    let odd = (300_000..4_000_000_000u64).prop_filter_map("there is such a rate", Baud::from_millihertz);
    prop_oneof![select(STANDARD.to_vec()), odd]
}

/// Data bits of a frame, 5 to 9.
pub fn data_bits() -> impl Strategy<Value = DataBits> {
    (5..=9u32).prop_map(|bits| DataBits::new(bits).unwrap_or_default())
}

/// Bit orders; they shrink to least significant bit first.
pub fn orders() -> impl Strategy<Value = BitOrder> {
    select(vec![BitOrder::Lsb, BitOrder::Msb])
}

/// Receivers: ideal, or with 8 or 16 samples a bit of which one or two of three decide; they shrink to the ideal one.
pub fn samplings() -> impl Strategy<Value = Sampling> {
    let one = |sampling: Sampling| Sampling { votes: Votes::One, ..sampling };
    let real = [Sampling::X16, Sampling::X8];
    select([vec![Sampling::IDEAL], real.to_vec(), real.map(one).to_vec()].concat())
}

/// What makes frames a packet; they shrink to nothing. Gaps are 6 to 40 bits long.
pub fn packets() -> impl Strategy<Value = Packets> {
    prop_oneof![
        Just(Packets::None),
        (1..5u16).prop_map(Packets::Length),
        (0..4u16).prop_map(Packets::Delimiter),
        (6..=40u16).prop_map(Packets::Gap),
    ]
}
