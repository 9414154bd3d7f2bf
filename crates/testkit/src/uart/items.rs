//! Traffic of one line: what a transmitter does, and what must be heard of it.

use busproof_core::Bits;
use busproof_core::bus::uart::{Closed, Line, Op, Options, Packets, lin_id};
use proptest::collection::vec;
use proptest::prelude::*;

use super::Meaning;

/// Something said on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A frame with this data.
    Frame(u16),
    /// A break of that many bits, longer than any frame.
    Break(u16),
    /// A LIN header with this identifier: a break and two frames.
    LinHeader(u8),
    /// Nothing, for so many bits behind what came before.
    Idle(u16),
}

/// What is said on a line, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// All of it.
    pub said: Vec<Said>,
}

/// The gist of some traffic, before it is known how long frames are.
///
/// It shrinks on its own, whatever options it is [fitted](Draft::fit) to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    said: Vec<Said>,
}

/// Drafts of up to `len` frames, breaks, headers and pauses; they shrink to nothing.
pub fn draft(len: usize) -> impl Strategy<Value = Draft> {
    let data = prop_oneof![0..4u16, Just(0x55), Just(u16::MAX), any::<u16>()];
    let one = prop_oneof![
        8 => data.prop_map(Said::Frame),
        1 => (0..20u16).prop_map(Said::Break),
        1 => (0..=0x3fu8).prop_map(Said::LinHeader),
        2 => (0..5u16).prop_map(Said::Idle),
    ];
    vec(one, 0..=len).prop_map(|said| Draft { said })
}

impl Draft {
    /// The draft as traffic that is legal with `options`, and whose packets do not depend on how long exactly a gap is.
    ///
    /// Data have as many bits as fit; where identifiers do not, they are frames; breaks are at least two bits longer than
    /// what a receiver samples of a frame.
    pub fn fit(&self, options: &Options) -> Traffic {
        let mut said: Vec<Said> = self.said.iter().map(|one| fit(*one, options)).collect();
        if let Packets::Gap(bits) = options.packets {
            // The last packet is over before the waveform is.
            said.push(Said::Idle(long(bits)));
        }
        Traffic { said }
    }
}

fn fit(said: Said, options: &Options) -> Said {
    let mask = options.data_bits.mask();
    match (said, options.packets) {
        (Said::Frame(data), _) => Said::Frame(data & mask),
        (Said::LinHeader(id), _) if mask < 0xff => Said::Frame(u16::from(id) & mask),
        (Said::LinHeader(id), _) => Said::LinHeader(id),
        (Said::Break(more), _) => Said::Break(options.sampled_bits() as u16 + 2 + more),
        (Said::Idle(_), Packets::Gap(bits)) => Said::Idle(long(bits)),
        (Said::Idle(bits), _) => Said::Idle(bits),
    }
}

/// Longer than a gap of that many bits, whatever clock counts them.
fn long(bits: u16) -> u16 {
    bits + bits / 4 + 3
}

/// Something heard on a line, packets left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A frame without errors.
    Frame(u16),
    /// A break.
    Break,
}

impl Traffic {
    /// What a transmitter is to do.
    pub fn ops(&self, options: &Options) -> Vec<Op> {
        let bits = |n: u16| options.baud.map_or(busproof_core::Span::ZERO, |baud| baud.bits(u64::from(n), 1));
        let op = |said: &Said| match *said {
            Said::Frame(data) => Op::Send(data),
            Said::Break(bits) => Op::Break(bits),
            Said::LinHeader(id) => Op::LinHeader(id),
            Said::Idle(n) => Op::Idle(bits(n)),
        };
        self.said.iter().map(op).collect()
    }

    /// What a receiver must hear.
    pub fn heard(&self) -> Vec<Heard> {
        let heard = |said: &Said| match *said {
            Said::Frame(data) => vec![Heard::Frame(data)],
            Said::Break(_) => vec![Heard::Break],
            Said::LinHeader(id) => {
                vec![Heard::Break, Heard::Frame(0x55), Heard::Frame(u16::from(lin_id(id)))]
            }
            Said::Idle(_) => Vec::new(),
        };
        self.said.iter().flat_map(heard).collect()
    }

    /// What a monitor must hear on `line`, packets where they end.
    pub fn expected(&self, line: Line, options: &Options) -> Vec<Meaning> {
        let mut account = Account { line, options, frames: 0, heard: Vec::new() };
        for said in &self.said {
            account.say(*said);
        }
        account.close(Closed::End);
        account.heard
    }
}

/// Goes through traffic and counts the frames of packets.
struct Account<'a> {
    line: Line,
    options: &'a Options,
    /// Frames of the packet so far.
    frames: u64,
    heard: Vec<Meaning>,
}

impl Account<'_> {
    fn say(&mut self, said: Said) {
        match said {
            Said::Frame(data) => self.frame(data),
            Said::Break(_) => self.cut(),
            Said::LinHeader(id) => {
                self.cut();
                self.frame(0x55);
                self.frame(u16::from(lin_id(id)));
            }
            Said::Idle(_) if matches!(self.options.packets, Packets::Gap(_)) => self.close(Closed::Gap),
            Said::Idle(_) => {}
        }
    }

    fn frame(&mut self, data: u16) {
        let bits = Bits::new(u64::from(data), self.options.data_bits.get());
        self.heard.push(Meaning::Frame(self.line, bits, false, false));
        self.frames += 1;
        match self.options.packets {
            Packets::Delimiter(delimiter) if delimiter == data => self.close(Closed::Delimiter),
            Packets::Length(length) if self.frames == u64::from(length) => self.close(Closed::Length),
            _ => {}
        }
    }

    /// A break, which ends a packet: both are over when it is.
    fn cut(&mut self) {
        self.heard.push(Meaning::Break(self.line));
        self.close(Closed::Break);
    }

    fn close(&mut self, closed: Closed) {
        let frames = std::mem::take(&mut self.frames);
        if frames > 0 && self.options.packets != Packets::None {
            self.heard.push(Meaning::Packet(self.line, frames, closed));
        }
    }
}
