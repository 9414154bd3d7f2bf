//! The peripheral: moves the bits that its [`Device`] asks for and offers.
//!
//! ```text
//! SCK  ___/‾‾‾‾‾\_____/‾‾        tCLQX: the old bit holds at least that long after the shift edge
//! MISO  bit 7  |  ><xx>< bit 6   tCLQV: the new bit is valid at most that long after it
//!              |<->| tCLQX       between the two the line is X, unless the bit stays the same
//!              |<----->| tCLQV
//! ```

#![expect(clippy::inline_always, reason = "measured: what every edge does costs a quarter more as calls")]

use super::command::{Lanes, Rate};
use super::device::{Device, Io, Step};
use super::lanes::Driven;
use super::{Active, Format, Options, Wires, pin};
use crate::bits::BitOrder;
use crate::level::Drive;
use crate::log::SignalId;
use crate::sim::{Agent, Cx, Shift, ShiftPins};
use crate::time::{Span, Time};

/// How a peripheral sits on the bus.
#[derive(Clone, Debug)]
pub struct PeripheralOptions {
    /// What both ends agree on.
    pub bus: Options,
    /// Its chip select line. If that pin is not connected, it is always selected.
    pub cs: u8,
    /// When its outputs change.
    pub output: OutputTiming,
    /// What is wrong with it on purpose.
    pub fault: Option<PeripheralFault>,
}

impl PeripheralOptions {
    /// A peripheral on chip select 0 whose outputs change at once.
    pub fn new(bus: Options) -> PeripheralOptions {
        PeripheralOptions { bus, cs: 0, output: OutputTiming::default(), fault: None }
    }
}

/// When outputs change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputTiming {
    /// From the shift edge to the end of the old bit (tCLQX).
    pub hold: Span,
    /// From the shift edge to the new bit (tCLQV); at least `hold`.
    pub valid: Span,
    /// From CS inactive to high impedance (tSHQZ).
    pub disable: Span,
}

/// What can be wrong with a peripheral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeripheralFault {
    /// It changes its output on the sampling edge instead of the shift edge.
    ShiftsOnSamplingEdge,
}

/// An SPI peripheral: an agent on the pins of [`pin`] around a [`Device`].
pub struct Peripheral {
    options: PeripheralOptions,
    device: Box<dyn Device>,
    cs: SignalId,
    samples_on_rise: bool,
    ti: bool,
    /// Outputs change on the sampling edge: Microwire, or the fault.
    shifts_on_sample: bool,
    clock_high: bool,
    selected: bool,
    step: Step,
    /// The bits of the step that are left.
    left: u32,
    /// The output of the step, next bit most significant.
    out: u64,
    input: u64,
    /// A double-rate step was loaded at a first edge: it begins at the second.
    waits: bool,
    /// TI: bits of the present word so far.
    frame: u32,
    driven: Driven,
    /// Some lane is driven.
    drives: bool,
    /// Words on one lane travel as drawn in books: nothing is late, early or different.
    punctual: bool,
    /// It is selected for a step that exchanges a bit at each clock, and nothing about it is unusual.
    plain: bool,
}

impl Peripheral {
    /// A peripheral with the given logic.
    pub fn new(options: PeripheralOptions, device: Box<dyn Device>) -> Peripheral {
        let mode = options.bus.mode();
        let fault = options.fault == Some(PeripheralFault::ShiftsOnSamplingEdge);
        let OutputTiming { hold, valid, .. } = options.output;
        let usual = options.bus.format == Format::Motorola && options.bus.wires == Wires::Four && !fault;
        let punctual = usual && hold.is_zero() && valid.is_zero();
        Peripheral {
            cs: pin::cs(options.cs),
            ti: options.bus.format == Format::Ti,
            samples_on_rise: mode.samples_on_rise(),
            shifts_on_sample: fault || options.bus.format == Format::Microwire,
            clock_high: mode.idles_high(),
            options,
            device,
            selected: false,
            step: Step::dummy(1),
            left: 1,
            out: 0,
            input: 0,
            waits: false,
            frame: 0,
            driven: Driven::default(),
            drives: false,
            punctual,
            plain: false,
        }
    }

    /// The logic.
    pub fn device(&self) -> &dyn Device {
        &*self.device
    }

    /// The logic, to preset it or take its remarks.
    pub fn device_mut(&mut self) -> &mut dyn Device {
        &mut *self.device
    }

    /// True while chip select is active, or where none is connected.
    fn sees_select(&self, cx: &Cx<'_>) -> bool {
        if !cx.is_connected(self.cs) {
            return true;
        }
        match self.options.bus.cs_active() {
            Active::Low => cx.level(self.cs).is_low(),
            Active::High => cx.level(self.cs).is_high(),
        }
    }

    #[inline(never)]
    fn follow_select(&mut self, cx: &mut Cx<'_>) {
        let selected = self.sees_select(cx);
        if selected != self.selected {
            if selected { self.select(cx) } else { self.deselect(cx) }
        }
    }

    #[inline(never)]
    fn select(&mut self, cx: &mut Cx<'_>) {
        self.selected = true;
        self.frame = 0;
        let step = self.device.select(cx.now());
        self.load(step);
        self.waits = false;
        if !self.options.bus.shifts_first() {
            self.launch(cx);
        }
    }

    #[inline(never)]
    fn deselect(&mut self, cx: &mut Cx<'_>) {
        self.selected = false;
        self.plain = false;
        self.device.deselect(cx.now(), self.step.bits - self.left);
        for lane in 0..4 {
            self.driven.drive(lane, Drive::Released, self.options.output.disable, cx);
        }
    }

    fn load(&mut self, step: Step) {
        debug_assert!((1..=64).contains(&step.bits), "a step has 1 to 64 bits");
        self.step = step;
        self.plain = self.punctual && step.lanes == Lanes::SINGLE && matches!(step.io, Io::Exchange(_));
        self.left = step.bits;
        self.input = 0;
        self.out = match step.io {
            Io::Out(value) | Io::Exchange(value) => self.first_to_top(value, step.bits),
            Io::In | Io::Dummy => 0,
        };
    }

    /// The first bit to travel becomes the most significant of 64.
    fn first_to_top(&self, value: u64, bits: u32) -> u64 {
        match self.options.bus.bit_order {
            BitOrder::Msb => value << (64 - bits),
            BitOrder::Lsb => value.reverse_bits(),
        }
    }

    #[inline(always)]
    fn edge(&mut self, high: bool, cx: &mut Cx<'_>) {
        let samples = high == self.samples_on_rise;
        if self.ti {
            return self.edge_ti(samples, cx);
        }
        if !self.selected {
            return;
        }
        if self.step.lanes.rate == Rate::Double {
            self.edge_double(samples, cx);
        } else if samples {
            self.sample(cx);
            if self.shifts_on_sample {
                self.launch(cx);
            }
        } else if !self.shifts_on_sample {
            self.launch(cx);
        }
    }

    /// Leaves a plain step to the bench.
    fn hand_over(&mut self, cx: &mut Cx<'_>) {
        let word = Shift {
            out: self.out,
            left: self.left,
            bits: self.input,
            unknown: 0,
            shown: None,
            is_high: self.clock_high,
            samples_on: self.samples_on_rise,
        };
        let pins = ShiftPins { clock: pin::SCK, input: pin::MOSI, output: pin::MISO };
        self.drives = true;
        self.plain = cx.load(word, pins, None);
    }

    /// Takes back the lines that it left to the bench. Returns the word.
    fn take_back(&mut self, cx: &mut Cx<'_>) -> Option<Shift> {
        let (word, _) = cx.unload()?;
        if let Some(bit) = word.shown {
            self.driven.note(1, Drive::Strong(bit));
        }
        self.clock_high = word.is_high;
        Some(word)
    }

    /// The last bit of a plain step has come in: goes on with the next, if that is another.
    #[inline(always)]
    fn next_plain(&mut self, cx: &mut Cx<'_>) -> bool {
        let now = cx.now();
        let Some(word) = cx.complete_word() else { return false };
        self.input = word.bits & !word.unknown;
        self.left = 0;
        self.advance(now);
        if self.plain {
            word.reload(self.out, self.left);
        } else {
            self.take_back(cx);
        }
        true
    }

    /// At double rate each edge ends one transfer and begins the next.
    #[inline(never)]
    fn edge_double(&mut self, samples: bool, cx: &mut Cx<'_>) {
        if !std::mem::take(&mut self.waits) {
            self.sample(cx);
        }
        if self.step.lanes.rate == Rate::Double || !samples {
            self.launch(cx);
        }
    }

    /// TI: the frame pulse, sampled with the clock, begins a word.
    #[inline(never)]
    fn edge_ti(&mut self, samples: bool, cx: &mut Cx<'_>) {
        if !samples {
            if self.selected {
                self.launch(cx);
            }
            return;
        }
        let pulse = cx.level(self.cs).is_high();
        if self.selected {
            self.frame += 1;
            self.sample(cx);
            if self.frame >= self.options.bus.word_bits.get() {
                self.frame = 0;
                if !pulse {
                    self.deselect(cx);
                }
            }
        } else if pulse {
            self.select(cx);
        }
    }

    /// One bit of each lane has travelled.
    #[inline(always)]
    fn sample(&mut self, cx: &Cx<'_>) {
        let lanes = self.step.lanes.count;
        let mut moved = lanes as u32;
        match self.step.io {
            Io::In | Io::Exchange(_) if lanes == 1 => self.take(cx.sampled(pin::MOSI).is_high()),
            Io::In => (0..lanes).rev().for_each(|i| self.take(cx.sampled(pin::lane(i)).is_high())),
            Io::Dummy => moved = 1,
            _ => {}
        }
        self.left = self.left.saturating_sub(moved);
        if self.left == 0 {
            self.advance(cx.now());
        }
    }

    #[inline(always)]
    fn take(&mut self, high: bool) {
        self.input = self.input << 1 | high as u64;
    }

    #[inline(never)]
    fn advance(&mut self, now: Time) {
        let bits = self.step.bits;
        let input = match self.options.bus.bit_order {
            BitOrder::Msb => self.input,
            BitOrder::Lsb => self.input.reverse_bits() >> (64 - bits),
        };
        let was_single = self.step.lanes.rate == Rate::Single;
        let next = self.device.step(now, input);
        self.load(next);
        self.waits = was_single && next.lanes.rate == Rate::Double;
    }

    /// Puts the next bits on the lanes, or lets go of them.
    #[inline(always)]
    fn launch(&mut self, cx: &mut Cx<'_>) {
        let count = self.step.lanes.count;
        match self.step.io {
            Io::Out(_) | Io::Exchange(_) => {
                self.drives = true;
                let bits = self.out >> (64 - count);
                self.out <<= count;
                if count == 1 {
                    let lane = if self.options.bus.wires == Wires::Three { 0 } else { 1 };
                    self.output(lane, bits & 1 != 0, cx);
                } else {
                    (0..count).for_each(|i| self.output(i, bits >> i & 1 != 0, cx));
                }
            }
            Io::In | Io::Dummy if !self.drives => {}
            Io::In | Io::Dummy => {
                self.drives = false;
                (0..4)
                    .for_each(|lane| self.driven.drive(lane, Drive::Released, self.options.output.valid, cx));
            }
        }
    }

    /// A new bit on a lane: the old one holds for a while, then nobody knows, then it is valid.
    #[inline(always)]
    fn output(&mut self, lane: u8, bit: bool, cx: &mut Cx<'_>) {
        let drive = Drive::Strong(bit);
        let OutputTiming { hold, valid, .. } = self.options.output;
        if self.driven.on(lane) == drive {
            return;
        }
        if hold < valid {
            self.driven.drive(lane, Drive::Unknown, hold, cx);
        }
        self.driven.drive(lane, drive, valid, cx);
    }
}

impl Agent for Peripheral {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if !self.next_plain(cx) {
            self.wake_with_care(cx);
        }
    }

    fn watches(&self) -> u64 {
        1 << pin::SCK.0 | 1 << self.cs.0
    }
}

impl Peripheral {
    #[inline(never)]
    fn wake_with_care(&mut self, cx: &mut Cx<'_>) {
        if let Some(word) = self.take_back(cx) {
            (self.out, self.left) = (word.out, word.left);
            self.input = word.bits & !word.unknown;
        }
        if (cx.changed(self.cs) || cx.is_start()) && !self.ti {
            self.follow_select(cx);
        }
        if let Some(high) = cx.level(pin::SCK).bit()
            && high != self.clock_high
        {
            self.clock_high = high;
            self.edge(high, cx);
        }
        if self.plain {
            self.hand_over(cx);
        }
    }
}
