//! The asynchronous FIFO: words cross in a memory, pointers to it cross in gray code.
//!
//! ```text
//!  SRC_VALID, SRC_DATA ──► mem[w] ══════════════════════► mem[r] ──► output register ──► DST_VALID, DST_DATA
//!            w ── gray ── WPTR ──────► n flops of DST_CLK ── WPTR_SYNC ──► empty: equal to gray(r)
//!  full ◄── RPTR_SYNC ── n flops of SRC_CLK ◄────── RPTR ── gray ── r
//! ```
//!
//! Pointers have one bit more than addresses; gray(n) = n ^ (n >> 1), so one wire changes at a time and a reader that
//! catches it half-way sees the old pointer or the new one, never a third. Full is "equal but for the two top bits"; both
//! flags are set at once and cleared late, never the other way. (Cummings, SNUG 2002; `axis_async_fifo.v` of
//! verilog-axis.)
//!
//! [`PointerCode::Binary`] is wrong on purpose: several wires change at once, and a mix of old and new is a third pointer.
//! One such sample does no harm here, since flags only ask whether pointers are equal and a pointer that moves leaves room for
//! a word; but wires that arrive apart ([`FifoOptions::skew`]) show the mix for longer, and words are read that were
//! never written.

use super::flop::{Chain, FlopError, FlopSpec};
use super::pin;
use super::port::{ClockPin, Output, Skewed};
use crate::log::SignalId;
use crate::sim::{Agent, Cx};
use crate::time::Span;

/// The gray code of `n`: neighbours differ in one bit.
pub const fn bin_to_gray(n: u64) -> u64 {
    n ^ n >> 1
}

/// The number whose gray code is `gray`.
pub const fn gray_to_bin(gray: u64) -> u64 {
    let mut bin = gray;
    let mut shift = 1;
    while shift < 64 {
        bin ^= bin >> shift;
        shift *= 2;
    }
    bin
}

/// How pointers cross.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PointerCode {
    /// In gray code, as it has to be.
    #[default]
    Gray,
    /// As plain numbers: wrong on purpose.
    Binary,
}

impl PointerCode {
    /// The pointer as it is on the wires.
    pub const fn encode(self, pointer: u64) -> u64 {
        match self {
            PointerCode::Gray => bin_to_gray(pointer),
            PointerCode::Binary => pointer,
        }
    }

    /// The pointer that is on the wires.
    pub const fn decode(self, wires: u64) -> u64 {
        match self {
            PointerCode::Gray => gray_to_bin(wires),
            PointerCode::Binary => wires,
        }
    }
}

/// How the FIFO is built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FifoOptions {
    /// Words it holds besides that of the output register: a power of two, 2 to 65,536.
    pub depth: u32,
    /// Flops for each wire of the pointers.
    pub stages: u8,
    /// The flops.
    pub flop: FlopSpec,
    /// How pointers cross.
    pub code: PointerCode,
    /// How much later the last wire of a pointer arrives than the first. Gray code stands less than a period of the clock
    /// that sends it (a bus-skew constraint; the common rule of vendors, wording unverified).
    pub skew: Span,
}

impl FifoOptions {
    /// The bits of a pointer: those of an address and one more.
    pub const fn pointer_bits(&self) -> u32 {
        self.depth.trailing_zeros() + 1
    }
}

/// Why a FIFO cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum FifoError {
    /// Gray code closes upon itself only at powers of two.
    #[error("a FIFO of {0} words; gray pointers need a power of two from 2 to 65536")]
    Depth(u32),
    /// Of its flops.
    #[error(transparent)]
    Flop(#[from] FlopError),
}

/// An asynchronous FIFO: an agent on the pins of [`pin`].
#[derive(Clone, Debug)]
pub struct Fifo {
    depth: u64,
    code: PointerCode,
    clk_to_q: Span,
    memory: Vec<u64>,
    write: End,
    read: End,
    /// The write end's READY.
    ready: bool,
    /// The output register is full.
    valid: bool,
    data: Output,
}

/// What is on one clock.
#[derive(Clone, Debug)]
struct End {
    clock: ClockPin,
    /// The own pointer.
    pointer: u64,
    out: Skewed,
    /// Brings the other end's pointer into this domain.
    chain: Chain,
    synced: Output,
    /// READY of the write end, VALID of the read end.
    flag: Output,
}

impl End {
    fn new(options: &FifoOptions, clock: SignalId, outputs: [SignalId; 3]) -> Result<End, FlopError> {
        let [out, synced, flag] = outputs;
        let out = Skewed::new(out, options.pointer_bits(), options.skew);
        let [synced, flag] = [synced, flag].map(Output::new);
        let chain = Chain::new(options.flop, options.stages, options.pointer_bits())?;
        Ok(End { clock: ClockPin::new(clock), pointer: 0, out, chain, synced, flag })
    }

    /// The other end's pointer, as it is coded on the wires, as one flop of this end sees it.
    fn sees(&mut self, cx: &mut Cx<'_>) -> u64 {
        let now = cx.now();
        self.chain.sees(now, cx.rng())
    }

    fn finish_edge(&mut self, coded: u64, flag: bool, delay: Span, cx: &mut Cx<'_>) {
        self.out.put(coded, delay, cx);
        self.flag.put(flag as u64, delay, cx);
        let now = cx.now();
        self.chain.clock(now, cx.rng());
        self.show(cx);
    }

    fn show(&mut self, cx: &mut Cx<'_>) {
        if let Some(last) = self.chain.stages().checked_sub(1) {
            self.synced.show(&self.chain, last, cx);
        }
    }

    fn input(&mut self, from: SignalId, cx: &mut Cx<'_>) {
        let (now, value) = (cx.now(), cx.value(from));
        if self.chain.input(now, value, cx.rng()) {
            self.show(cx);
        }
    }

    fn reset(&mut self, own: SignalId, cx: &mut Cx<'_>) {
        cx.drive_value_after(own, Span::ZERO, crate::log::Value::known(0));
        for output in [&mut self.synced, &mut self.flag] {
            output.put(0, Span::ZERO, cx);
        }
    }
}

impl Fifo {
    /// A FIFO as `options` say.
    pub fn new(options: &FifoOptions) -> Result<Fifo, FifoError> {
        if !options.depth.is_power_of_two() || !(2..=65_536).contains(&options.depth) {
            return Err(FifoError::Depth(options.depth));
        }
        Ok(Fifo {
            depth: options.depth as u64,
            code: options.code,
            clk_to_q: options.flop.clk_to_q,
            memory: vec![0; options.depth as usize],
            write: End::new(options, pin::SRC_CLK, [pin::WPTR, pin::RPTR_SYNC, pin::SRC_READY])?,
            read: End::new(options, pin::DST_CLK, [pin::RPTR, pin::WPTR_SYNC, pin::DST_VALID])?,
            ready: false,
            valid: false,
            data: Output::new(pin::DST_DATA),
        })
    }

    /// How often a flop had to guess a wire of a pointer: failures of the synchronisers.
    pub fn upsets(&self) -> u64 {
        self.write.chain.upsets() + self.read.chain.upsets()
    }

    /// A pointer, counted on; it wraps at twice the depth.
    fn next(&self, pointer: u64) -> u64 {
        (pointer + 1) & (2 * self.depth - 1)
    }

    fn write_edge(&mut self, cx: &mut Cx<'_>) {
        if self.ready && cx.sampled(pin::SRC_VALID).is_high() {
            let slot = self.write.pointer & (self.depth - 1);
            self.memory[slot as usize] = cx.sampled_value(pin::SRC_DATA).bits;
            self.write.pointer = self.next(self.write.pointer);
        }
        // Full: the write pointer is a whole round ahead.
        let round_behind = self.write.pointer ^ self.depth;
        self.ready = self.write.sees(cx) != self.code.encode(round_behind);
        let coded = self.code.encode(self.write.pointer);
        self.write.finish_edge(coded, self.ready, self.clk_to_q, cx);
    }

    fn read_edge(&mut self, cx: &mut Cx<'_>) {
        if !self.valid || cx.sampled(pin::DST_READY).is_high() {
            self.load(cx);
        }
        let coded = self.code.encode(self.read.pointer);
        self.read.finish_edge(coded, self.valid, self.clk_to_q, cx);
    }

    /// The output register takes the next word, if there is one: VALID and the pointer are flops of their own, and both
    /// look at the write pointer.
    fn load(&mut self, cx: &mut Cx<'_>) {
        let coded = self.code.encode(self.read.pointer);
        self.valid = self.read.sees(cx) != coded;
        if self.valid {
            let slot = self.read.pointer & (self.depth - 1);
            self.data.put(self.memory[slot as usize], self.clk_to_q, cx);
        }
        if self.read.sees(cx) != coded {
            self.read.pointer = self.next(self.read.pointer);
        }
    }
}

impl Agent for Fifo {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            self.write.reset(pin::WPTR, cx);
            self.read.reset(pin::RPTR, cx);
            self.data.put(0, Span::ZERO, cx);
        }
        if cx.changed(pin::RPTR) {
            self.write.input(pin::RPTR, cx);
        }
        if cx.changed(pin::WPTR) {
            self.read.input(pin::WPTR, cx);
        }
        if self.write.clock.rises(cx) {
            self.write_edge(cx);
        }
        if self.read.clock.rises(cx) {
            self.read_edge(cx);
        }
    }

    fn watches(&self) -> u64 {
        let bit = |pin: SignalId| 1 << pin.0;
        bit(pin::SRC_CLK) | bit(pin::DST_CLK) | bit(pin::WPTR) | bit(pin::RPTR)
    }
}
