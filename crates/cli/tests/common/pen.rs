//! Draws an I2C bus by hand, edge by edge, with every time as it is told: no agent of ours would break the rules so.
//!
//! ```text
//!            start_hold  low   high   stop_setup
//!           |<--->|<----->|<---->|   |<->|
//! SDA ‾‾‾‾‾‾\_____ ... X‾‾‾‾‾‾‾‾‾X ... __/‾‾‾‾|<- bus_free ->\___
//! SCL ‾‾‾‾‾‾‾‾‾‾‾‾\_______/‾‾‾‾‾‾\___/‾‾‾‾‾‾‾‾‾‾
//!                      |<>| data_setup
//! ```

use std::fmt::Write as _;

/// The times of a bus, in nanoseconds.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) low: u64,
    pub(crate) high: u64,
    pub(crate) start_hold: u64,
    pub(crate) start_setup: u64,
    pub(crate) data_setup: u64,
    pub(crate) stop_setup: u64,
    pub(crate) bus_free: u64,
}

/// 98 kHz, with room to every limit of Standard mode.
pub(crate) const STANDARD: Times = Times {
    low: 5_400,
    high: 4_800,
    start_hold: 4_800,
    start_setup: 5_200,
    data_setup: 2_700,
    stop_setup: 4_800,
    bus_free: 10_000,
};

/// 385 kHz, with room to every limit of Fast mode.
pub(crate) const FAST: Times = Times {
    low: 1_600,
    high: 1_000,
    start_hold: 800,
    start_setup: 800,
    data_setup: 800,
    stop_setup: 800,
    bus_free: 2_000,
};

/// A waveform in the making: the levels of SCL and SDA at each instant of change, in nanoseconds.
pub(crate) struct Pen {
    times: Times,
    now: u64,
    scl: bool,
    sda: bool,
    rows: Vec<(u64, bool, bool)>,
}

impl Pen {
    pub(crate) fn new(times: Times) -> Pen {
        Pen { times, now: 0, scl: true, sda: true, rows: vec![(0, true, true)] }
    }

    pub(crate) fn wait(&mut self, ns: u64) -> &mut Pen {
        self.now += ns;
        self
    }

    fn put(&mut self, scl: bool, sda: bool) {
        if (self.scl, self.sda) != (scl, sda) {
            (self.scl, self.sda) = (scl, sda);
            self.rows.push((self.now, scl, sda));
        }
    }

    /// A START; a repeated one if SCL is low.
    pub(crate) fn start(&mut self) -> &mut Pen {
        if self.scl {
            self.wait(self.times.bus_free);
        } else {
            self.clock_up(true);
            self.wait(self.times.start_setup);
        }
        self.put(true, false);
        self.wait(self.times.start_hold).put(false, false);
        self
    }

    pub(crate) fn stop(&mut self) -> &mut Pen {
        self.clock_up(false);
        self.wait(self.times.stop_setup).put(true, true);
        self
    }

    /// The low half of a clock, with SDA as it shall be when SCL has risen.
    fn clock_up(&mut self, sda: bool) {
        let Times { low, data_setup, .. } = self.times;
        self.wait(low - data_setup).put(false, sda);
        self.wait(data_setup).put(true, sda);
    }

    pub(crate) fn bit(&mut self, bit: bool) -> &mut Pen {
        self.clock_up(bit);
        self.wait(self.times.high).put(false, bit);
        self
    }

    /// A byte and its ninth bit: high for NACK.
    pub(crate) fn byte(&mut self, byte: u8, ninth: bool) -> &mut Pen {
        for i in (0..8).rev() {
            self.bit(byte >> i & 1 == 1);
        }
        self.bit(ninth)
    }

    /// What another simulator dumps, in nanoseconds.
    pub(crate) fn vcd(&mut self) -> String {
        let mut text = String::from(
            "$version somebody's simulator $end\n$timescale 1 ns $end\n$scope module tb $end\n\
             $var wire 1 ! scl $end\n$var wire 1 \" sda $end\n$upscope $end\n$enddefinitions $end\n",
        );
        for (t, scl, sda) in &self.rows {
            let _ = writeln!(text, "#{t}\n{}!\n{}\"", u8::from(*scl), u8::from(*sda));
        }
        let _ = writeln!(text, "#{}", self.now + 5_000);
        text
    }

    /// What a logic analyser exports that looks every `period` nanoseconds: a row for each sample.
    pub(crate) fn csv(&mut self, period: u64) -> String {
        let mut text = format!("; Samplerate: {} MHz\nSCL,SDA\n", 1_000 / period);
        let mut row = 0;
        for t in (0..self.now + 5_000).step_by(usize::try_from(period).expect("a small number")) {
            while self.rows.get(row + 1).is_some_and(|next| next.0 <= t) {
                row += 1;
            }
            let (_, scl, sda) = self.rows[row];
            let _ = writeln!(text, "{},{}", u8::from(scl), u8::from(sda));
        }
        text
    }
}
