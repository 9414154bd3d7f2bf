//! UART: frames without a clock, each timed by the fall of its start bit.
//!
//! ```text
//! 8E1, 0x53, least significant bit first; each bit lasts 1 / baud
//!
//!       idle  start  1     1     0     0     1     0     1     0   parity stop   idle or the next start
//! TX   ‾‾‾‾‾‾\_____/‾‾‾‾‾‾‾‾‾‾‾\___________/‾‾‾‾‾\_____/‾‾‾‾‾\___________/‾‾‾‾‾‾‾‾‾‾
//!            |  ^     ^     ^     ^     ^     ^     ^     ^     ^     ^     ^
//!            |  the receiver samples about the middle of each bit, counted from this edge by its own clock
//!
//! break: low for a whole frame or longer   ‾‾\______________________________________/‾‾‾
//! RTS  ‾‾\______/‾‾‾‾   low: the receiver of RX can take more (RS-232 names, logic levels)
//! DE   __/‾‾‾‾‾‾‾‾‾\_   RS-485: the driver of TX is enabled
//! ```
//!
//! * Idle and stop are High (mark), start is Low (space); then 5 to 9 data bits, a parity bit if any, and 1, 1.5 or 2
//!   stop bits (AVR data sheet DS40002061A, "Frame Formats"; STM32F411 reference manual RM0383, section 19.3).
//! * Even parity is the XOR of the data bits, odd its complement; mark and space are constant.
//! * A stop bit sampled Low is a framing error. A frame whose every bit is Low, the stop bit included, is a break
//!   (RM0383 section 19.3.3). Only the first stop bit is looked at, as receivers do.
//! * The two ends have two clocks. How far these may differ is exact arithmetic: see [`Sampling::tolerance`].
//!
//! TX and RX are named as one end has them; both are monitored alike. RTS says that this end can take more on RX, CTS
//! that the other end can take more on TX; both are active Low. DE is active High and enables the driver of TX. Where both ends
//! share one wire, that is TX, and the other end's enable (`PEER_DE`) tells its frames from ours: they count as frames on RX.
//!
//! Not modelled: infrared pulses (SIR); the multi-processor address bit (use 9 data bits); the dithering of fractional prescalers,
//! whose sampling ticks are taken as even; voltages of RS-232.

mod baud;
mod decode;
mod device;
mod filter;
mod guess;
mod info;
mod item;
mod layout;
mod lin;
mod merge;
mod port;
mod receiver;
pub mod rules;
mod sampling;
mod shared;
mod terminal;
#[cfg(test)]
mod tests;
mod transmitter;

pub use baud::{Baud, BaudClock, BaudError, Divider, STANDARD};
pub use decode::Monitor;
pub use device::Device;
pub use guess::{Guess, RateGuess};
pub use info::INFO;
pub use item::{Break, Closed, Flags, Frame, Item, Line, MeasuredRate, Packet};
pub use lin::{lin_checksum, lin_id};
pub use port::Port;
pub use receiver::{AutoBaud, Fifo, FlowControl, Heard, ReadOut, Received, Receiver, ReceiverOptions};
pub use sampling::{Goal, Oversampling, Sampling, Tolerance, Votes};
pub use terminal::Terminal;
pub use transmitter::{
    Completion, Enable, Fault, FaultKind, Op, OpError, Ticket, Transmitter, TransmitterOptions,
};

use crate::bits::BitOrder;
use crate::time::Span;

/// The pins of the bus, as its monitor and its agents number them.
///
/// To an agent TX is its own output and RX its own input, so two ends are wired crosswise.
pub mod pin {
    use crate::log::SignalId;

    /// What this end sends.
    pub const TX: SignalId = SignalId(0);
    /// What this end receives.
    pub const RX: SignalId = SignalId(1);
    /// Low: this end can take more on RX.
    pub const RTS: SignalId = SignalId(2);
    /// Low: the other end can take more on TX.
    pub const CTS: SignalId = SignalId(3);
    /// High: the RS-485 driver of TX is enabled.
    pub const DE: SignalId = SignalId(4);
    /// The number of pins of an agent.
    pub const COUNT: usize = 5;
    /// To a monitor of a wire that both ends share, seen as TX: High: the other end's RS-485 driver is on.
    pub const PEER_DE: SignalId = SignalId(5);
}

/// What both ends of the link have agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bits per second; `None`: the monitor finds it from the edges. Agents need it.
    pub baud: Option<Baud>,
    /// Data bits of a frame.
    pub data_bits: DataBits,
    /// The parity bit.
    pub parity: Parity,
    /// The stop bits.
    pub stop_bits: StopBits,
    /// Which data bit travels first; usually the least significant.
    pub bit_order: BitOrder,
    /// TX idles Low and starts High.
    pub invert_tx: bool,
    /// RX idles Low and starts High.
    pub invert_rx: bool,
    /// Transmitters share a line and let go of it between frames: RS-485.
    pub rs485: bool,
    /// A break is followed by the sync byte 55h and a protected identifier: LIN.
    pub lin: bool,
    /// What makes frames a packet.
    pub packets: Packets,
    /// The receiver for which margins and rate errors are judged.
    pub sampling: Sampling,
    /// Pulses shorter than this are no edges; thousandths of a bit, 0 to 400.
    pub glitch: u16,
}

impl Default for Options {
    /// 115200 8N1, least significant bit first, an ideal receiver, pulses below a quarter of a bit filtered.
    fn default() -> Options {
        Options {
            baud: Baud::from_hertz(115_200),
            data_bits: DataBits::default(),
            parity: Parity::None,
            stop_bits: StopBits::One,
            bit_order: BitOrder::Lsb,
            invert_tx: false,
            invert_rx: false,
            rs485: false,
            lin: false,
            packets: Packets::None,
            sampling: Sampling::IDEAL,
            glitch: Options::GLITCH,
        }
    }
}

impl Options {
    /// The usual filter, in thousandths of a bit.
    ///
    /// A real bit is never that short, and at most one edge is left within the three points about the middle of a bit, so
    /// that their majority is the level in the middle.
    pub const GLITCH: u16 = 250;

    /// These options as the other end of the link has them: its TX is our RX.
    #[must_use]
    pub fn crossed(&self) -> Options {
        Options { invert_tx: self.invert_rx, invert_rx: self.invert_tx, ..self.clone() }
    }

    /// The bits of a frame up to and with the first stop bit: those that a receiver samples.
    pub const fn sampled_bits(&self) -> u32 {
        2 + self.data_bits.get() + self.parity.bits()
    }

    /// The length of a frame in half bits, with all of its stop bits.
    pub const fn frame_halves(&self) -> u32 {
        2 * (1 + self.data_bits.get() + self.parity.bits()) + self.stop_bits.halves()
    }

    /// The length of a frame at `baud`.
    pub const fn frame_time(&self, baud: Baud) -> Span {
        baud.bits(self.frame_halves() as u64, 2)
    }
}

/// The number of data bits: 5 to 9, 8 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataBits(u8);

impl DataBits {
    /// `None` unless `bits` is 5 to 9.
    pub const fn new(bits: u32) -> Option<DataBits> {
        if bits >= 5 && bits <= 9 { Some(DataBits(bits as u8)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0 as u32
    }

    /// The largest number that fits.
    pub const fn mask(self) -> u16 {
        (1 << self.0) - 1
    }
}

impl Default for DataBits {
    fn default() -> DataBits {
        DataBits(8)
    }
}

/// The parity bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Parity {
    /// There is none.
    #[default]
    None,
    /// The number of ones, parity bit included, is odd.
    Odd,
    /// It is even.
    Even,
    /// Always 1.
    Mark,
    /// Always 0.
    Space,
}

impl Parity {
    /// All five.
    pub const ALL: [Parity; 5] = [Parity::None, Parity::Odd, Parity::Even, Parity::Mark, Parity::Space];

    /// How many bits it takes: 0 or 1.
    pub const fn bits(self) -> u32 {
        !matches!(self, Parity::None) as u32
    }

    /// The parity bit of `data`; `None` without parity.
    pub const fn bit(self, data: u16) -> Option<bool> {
        let odd = !data.count_ones().is_multiple_of(2);
        match self {
            Parity::None => None,
            Parity::Odd => Some(!odd),
            Parity::Even => Some(odd),
            Parity::Mark => Some(true),
            Parity::Space => Some(false),
        }
    }
}

/// The stop bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StopBits {
    /// One.
    #[default]
    One,
    /// One and a half: the classic companion of 5 data bits.
    OneAndHalf,
    /// Two.
    Two,
}

impl StopBits {
    /// All three.
    pub const ALL: [StopBits; 3] = [StopBits::One, StopBits::OneAndHalf, StopBits::Two];

    /// In half bits: 2, 3 or 4.
    pub const fn halves(self) -> u32 {
        match self {
            StopBits::One => 2,
            StopBits::OneAndHalf => 3,
            StopBits::Two => 4,
        }
    }
}

/// What makes frames of a line a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Packets {
    /// Nothing.
    #[default]
    None,
    /// A frame with this data ends it.
    Delimiter(u16),
    /// So many frames.
    Length(u16),
    /// So many bit times of idle line behind it; a Modbus RTU gap of 3.5 characters is 38 or 39 bits.
    Gap(u16),
}
