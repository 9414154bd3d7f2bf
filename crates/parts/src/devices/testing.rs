//! Plays transfers to a device step by step, as the peripheral agent would, bit by bit.

use busproof_core::bus::Diagnostic;
use busproof_core::bus::spi::{Device, Io, Rate, Step};
use busproof_core::time::{Span, Time};

/// A device with a clock of 10 ns.
pub(crate) struct Player<D> {
    pub(crate) device: D,
    pub(crate) now: Time,
}

/// A transfer in progress.
pub(crate) struct Transfer<'a, D: Device> {
    player: &'a mut Player<D>,
    step: Step,
    done: u32,
    input: u64,
}

impl<D: Device> Player<D> {
    pub(crate) fn new(device: D) -> Player<D> {
        Player { device, now: Time::from_fs(1) }
    }

    pub(crate) fn wait(&mut self, span: Span) {
        self.now += span;
    }

    pub(crate) fn select(&mut self) -> Transfer<'_, D> {
        self.wait(Span::from_ns(100));
        let step = self.device.select(self.now);
        Transfer { player: self, step, done: 0, input: 0 }
    }

    /// Bytes on one lane; what came back, 0 where the output was released.
    pub(crate) fn bytes(&mut self, mosi: &[u8]) -> Vec<u8> {
        let mut transfer = self.select();
        let miso = mosi.iter().map(|byte| transfer.byte(*byte)).collect();
        transfer.end();
        miso
    }

    /// `mosi`, then zeros, until `count` bits have passed; `None` where the output was released.
    pub(crate) fn bits(&mut self, mosi: &[u8], count: usize) -> Vec<Option<u8>> {
        let mut transfer = self.select();
        let out = (0..count).map(|i| transfer.bit(mosi.get(i).copied().unwrap_or(0))).collect();
        transfer.end();
        out
    }

    pub(crate) fn remarks(&mut self) -> Vec<Diagnostic> {
        self.device.take_remarks()
    }

    pub(crate) fn codes(&mut self) -> Vec<&'static str> {
        self.remarks().into_iter().map(|remark| remark.code).collect()
    }
}

impl<D: Device> Transfer<'_, D> {
    /// The step that the device is in, as lanes and double rate.
    pub(crate) fn lanes(&self) -> (u8, bool) {
        (self.step.lanes.count, self.step.lanes.rate == Rate::Double)
    }

    /// One clock on one lane.
    pub(crate) fn bit(&mut self, mosi: u8) -> Option<u8> {
        assert_eq!(self.step.lanes.count, 1, "the device is on several lanes: {:?}", self.step);
        let left = self.step.bits - self.done - 1;
        let out = match self.step.io {
            Io::Out(value) | Io::Exchange(value) => Some((value >> left & 1) as u8),
            Io::In | Io::Dummy => None,
        };
        if matches!(self.step.io, Io::In | Io::Exchange(_)) {
            self.input = self.input << 1 | u64::from(mosi & 1);
        }
        self.advance(1);
        out
    }

    /// A byte on one lane, 0 for what was released.
    pub(crate) fn byte(&mut self, mosi: u8) -> u8 {
        (0..8).rev().fold(0, |miso, i| miso << 1 | self.bit(mosi >> i & 1).unwrap_or(0))
    }

    /// Sends `bits` bits in one direction on whatever lanes the device listens on.
    pub(crate) fn send(&mut self, value: u64, bits: u32) {
        let mut left = bits;
        while left > 0 {
            assert_eq!(self.step.io, Io::In, "the device does not listen");
            let count = u32::from(self.step.lanes.count);
            left -= count;
            self.input = self.input << count | (value >> left & ((1 << count) - 1));
            self.advance(count);
        }
    }

    /// Lets dummy clocks pass.
    pub(crate) fn dummy(&mut self, clocks: u32) {
        for _ in 0..clocks {
            assert_eq!(self.step.io, Io::Dummy, "no dummy clock is due");
            self.advance(1);
        }
    }

    /// Receives `count` bytes on whatever lanes the device drives.
    pub(crate) fn receive(&mut self, count: usize) -> Vec<u8> {
        (0..count)
            .map(|_| {
                let Io::Out(value) = self.step.io else {
                    panic!("the device does not drive: {:?}", self.step)
                };
                assert_eq!((self.step.bits, self.done), (8, 0), "no byte begins here");
                self.advance(8);
                value as u8
            })
            .collect()
    }

    fn advance(&mut self, bits: u32) {
        self.player.wait(Span::from_ns(10));
        self.done += bits;
        if self.done >= self.step.bits {
            let input = std::mem::take(&mut self.input);
            self.step = self.player.device.step(self.player.now, input);
            self.done = 0;
            assert!((1..=64).contains(&self.step.bits), "a step has 1 to 64 bits: {:?}", self.step);
        }
    }

    /// CS rises.
    pub(crate) fn end(self) {
        self.player.wait(Span::from_ns(5));
        self.player.device.deselect(self.player.now, self.done);
    }
}
