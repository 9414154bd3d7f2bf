//! The SPI exchange as one would write it for itself alone: the limit beside which the simulation is measured.

use std::hint::black_box;

use busproof_core::Level;

use crate::{Echo, byte};

/// Half a period at 10 MHz, in femtoseconds.
const HALF_PERIOD: u64 = 50_000_000;

/// Exchanges `bytes` bytes in mode 0, edge by edge, and returns the time at the end in femtoseconds.
///
/// It does what the job needs: a controller that counts half periods in femtoseconds, a peripheral that finds edges of
/// CS and SCK and asks its device byte by byte, wires of four states, samples and comparisons at both ends. After each
/// edge all wires are in memory for others to see, so the compiler cannot merge edges or keep a wire in a register.
///
/// It does nothing that the job does not need: it has one controller, one peripheral and one mode, wires without
/// drivers, resolution, delays or contention, a fixed order of calls in place of a schedule, and no observer.
pub fn exchange_by_hand(bytes: usize) -> u64 {
    let mut wires = Wires { cs: Level::High, sck: Level::Low, mosi: Level::Z, miso: Level::Z };
    let mut host = Host { left: bytes as u64, ..Host::default() };
    let mut target = Target::new();
    host.select(&mut wires);
    target.follow(&mut wires);
    while host.left > 0 {
        host.half_period(&mut wires);
        target.follow(&mut wires);
        black_box(&mut wires);
    }
    target.device.check(bytes);
    host.now
}

#[derive(Debug)]
struct Wires {
    cs: Level,
    sck: Level,
    mosi: Level,
    miso: Level,
}

/// The controller.
#[derive(Debug, Default)]
struct Host {
    now: u64,
    /// Bytes that are not complete.
    left: u64,
    /// Bytes that are.
    done: u64,
    /// The bits that are still to be sent, the next in bit 7.
    out: u64,
    bits: u32,
    input: u64,
    unknown: u64,
}

impl Host {
    fn select(&mut self, wires: &mut Wires) {
        wires.cs = Level::Low;
        self.out = byte(0);
        self.shift(wires);
    }

    fn half_period(&mut self, wires: &mut Wires) {
        self.now += HALF_PERIOD;
        if wires.sck.is_low() {
            wires.sck = Level::High;
            self.sample(wires.miso);
        } else {
            wires.sck = Level::Low;
            if self.bits == 8 {
                self.next_byte();
            }
            self.shift(wires);
        }
    }

    fn sample(&mut self, miso: Level) {
        let (bit, unknown) = miso.planes();
        self.input = self.input << 1 | bit as u64;
        self.unknown = self.unknown << 1 | unknown as u64;
        self.bits += 1;
    }

    fn shift(&mut self, wires: &mut Wires) {
        wires.mosi = Level::from_bit(self.out & 0x80 != 0);
        self.out <<= 1;
    }

    /// Compares the byte that came in with the complement of the one before.
    fn next_byte(&mut self) {
        let wanted = if self.done == 0 { 0xff } else { !byte(self.done - 1) & 0xff };
        assert_eq!((self.input, self.unknown), (wanted, 0));
        self.done += 1;
        self.left -= 1;
        self.out = byte(self.done);
        (self.bits, self.input, self.unknown) = (0, 0, 0);
    }
}

/// The peripheral.
#[derive(Debug)]
struct Target {
    device: Echo,
    cs: Level,
    sck: Level,
    out: u64,
    bits: u32,
    input: u64,
}

impl Target {
    fn new() -> Target {
        Target { device: Echo::default(), cs: Level::High, sck: Level::Low, out: 0, bits: 0, input: 0 }
    }

    /// Finds out what has changed.
    fn follow(&mut self, wires: &mut Wires) {
        if wires.cs != self.cs {
            self.cs = wires.cs;
            self.out = 0xff;
            self.launch(wires);
        }
        if wires.sck != self.sck {
            self.sck = wires.sck;
            match wires.sck {
                Level::High => self.sample(wires.mosi),
                Level::Low => self.launch(wires),
                Level::X | Level::Z => {}
            }
        }
    }

    fn sample(&mut self, mosi: Level) {
        self.input = self.input << 1 | mosi.is_high() as u64;
        self.bits += 1;
        if self.bits == 8 {
            self.out = self.device.exchange(self.input);
            (self.bits, self.input) = (0, 0);
        }
    }

    fn launch(&mut self, wires: &mut Wires) {
        wires.miso = Level::from_bit(self.out & 0x80 != 0);
        self.out <<= 1;
    }
}
