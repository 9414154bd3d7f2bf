//! Is my RGMII link wired right, and how much of the data eye is left?
//!
//! ```text
//! cargo run --release -p busproof-examples --bin rgmii
//! ```
//!
//! A MAC sends a frame at 1000 Mbit/s: four data wires and CTL at both edges of a clock of 125 MHz, all changed in the same instant. The
//! wires differ by up to 500 ps (`TskewT`), and the clock is high for 45 % of its period, the least that is allowed. The board, or the
//! transmitter with internal delay (RGMII-ID), delays the clock; the receiver wants 1 ns of set-up and of hold. For each delay the program
//! says what the receiver got, how far the eye is open, and how much of it is more than the receiver wants.
//!
//! Figures are those of Microchip's KSZ9031RNX, p. 58.

use std::error::Error;

use busproof_core::eye::Eye;
use busproof_core::sim::{Agent, Bench, Clock, ClockSpec, Cx, Jitter, Stop};
use busproof_core::{Attach, Drive, Net, SignalId, Span, Time};

/// The wires: the clock, then data 0 to 3 and CTL.
const CLOCK: SignalId = SignalId(0);
const DATA: [SignalId; 5] = [SignalId(1), SignalId(2), SignalId(3), SignalId(4), SignalId(5)];
const NAMES: [&str; 6] = ["txc", "txd0", "txd1", "txd2", "txd3", "tx_ctl"];

/// How much later than the earliest each data wire is, in picoseconds: the clock is in the middle, 500 ps from both ends.
const LATE: [u64; 5] = [0, 1000, 300, 700, 500];
const MIDDLE: u64 = 500;

/// What the receiver wants on both sides of its samples.
const WANTED: Span = Span::from_ps(1000);

/// Puts a nibble on the wires with each edge of its clock: the low one with the rising edge.
struct Mac {
    clock: Clock,
    frame: Vec<u8>,
    edge: usize,
}

impl Mac {
    /// High for 45 % of 8 ns; edges stray by `jitter`.
    fn new(frame: &[u8], jitter: Jitter) -> Result<Mac, Box<dyn Error>> {
        let spec = ClockSpec { phase: Span::from_ns(8), jitter, ..ClockSpec::ideal(125_000_000) };
        let clock = Clock::new(&spec)?.with_first_half(Some(Span::from_ps(3600)));
        Ok(Mac { clock, frame: frame.to_vec(), edge: 0 })
    }
}

impl Agent for Mac {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        let drive = |high| Drive::Strong(high);
        if cx.is_start() {
            cx.drive(CLOCK, drive(false));
        } else {
            let rises = self.edge.is_multiple_of(2);
            let byte = self.frame.get(self.edge / 2).copied();
            let nibble = byte.map_or(0, |byte| if rises { byte } else { byte >> 4 });
            cx.drive(CLOCK, drive(rises));
            for (bit, pin) in DATA[..4].iter().enumerate() {
                cx.drive(*pin, drive(nibble >> bit & 1 != 0));
            }
            cx.drive(DATA[4], drive(byte.is_some()));
            self.edge += 1;
        }
        if self.edge <= 2 * self.frame.len() + 4 {
            let next = self.clock.edge(cx.rng());
            cx.set_alarm(next);
        }
    }

    fn watches(&self) -> u64 {
        0
    }
}

/// Takes a nibble with each edge of the clock, while CTL is high.
#[derive(Default)]
struct Phy {
    bytes: Vec<u8>,
    low: Option<u8>,
}

impl Agent for Phy {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if !cx.changed(CLOCK) {
            return;
        }
        let bit = |i: usize| u8::from(cx.sampled(DATA[i]).is_high());
        let nibble = (0..4).fold(0, |nibble, i| nibble | bit(i) << i);
        if cx.level(CLOCK).is_high() {
            self.low = (bit(4) != 0).then_some(nibble);
        } else if let Some(low) = self.low.take() {
            self.bytes.push(nibble << 4 | low);
        }
    }

    fn watches(&self) -> u64 {
        1 << CLOCK.0
    }
}

/// A frame: preamble, delimiter, and bytes in which neighbouring nibbles differ.
fn frame() -> Vec<u8> {
    let payload = (0..200u32).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 24) as u8);
    [0x55; 7].into_iter().chain([0xd5]).chain(payload).collect()
}

/// A link whose clock is delayed: what arrives, and the eye at the receiver's end.
fn link(delay: Span, jitter: Jitter) -> Result<(Vec<u8>, Eye), Box<dyn Error>> {
    let mut bench = Bench::new(1);
    let nets = NAMES.map(|name| bench.add_net(Net::wire(name)));
    let [clock, data @ ..] = nets;
    let far = |net, late| Some(Attach::at(net, late));
    let at_mac: Vec<_> = nets.into_iter().map(|net| Some(Attach::to(net))).collect();
    let mut at_phy = vec![far(clock, Span::from_ps(MIDDLE).saturating_add(delay))];
    at_phy.extend(data.into_iter().zip(LATE).map(|(net, late)| far(net, Span::from_ps(late))));
    bench.add_agent("mac", Mac::new(&frame(), jitter)?, &at_mac);
    let phy = bench.add_agent("phy", Phy::default(), &at_phy);
    let mut at = |pin| bench.signal_at(phy, pin).ok_or("the pin is connected");
    let mut eye = Eye::new(at(CLOCK)?, &[at(DATA[0])?, at(DATA[1])?, at(DATA[2])?, at(DATA[3])?], Span::ZERO);
    let stop = bench.run_until(Time::MAX, &mut eye)?;
    assert_eq!(stop, Stop::Quiet, "the frame has an end");
    bench.finish(&mut eye);
    Ok((bench.agent(phy).bytes.clone(), eye))
}

/// The greater less the smaller, with its sign, in nanoseconds.
fn more(open: Span, wanted: Span) -> f64 {
    (open.as_fs() as f64 - wanted.as_fs() as f64) / 1e6
}

fn main() -> Result<(), Box<dyn Error>> {
    let nanoseconds = |span: Span| span.as_fs() as f64 / 1e6;
    println!("clock delay   frame    set-up   hold     beyond 1 ns");
    for (delay, jitter) in [(0, 0), (1000, 0), (1500, 0), (1800, 0), (2000, 0), (2600, 0), (1800, 100)] {
        let kind = if jitter == 0 { Jitter::None } else { Jitter::Uniform { peak: Span::from_ps(jitter) } };
        let (bytes, eye) = link(Span::from_ps(delay), kind)?;
        let arrived = if bytes == frame() { "whole" } else { "broken" };
        let opening = eye.opening().ok_or("the clock has edges")?;
        let (setup, hold) = (opening.setup, opening.hold);
        let note = if jitter == 0 { String::new() } else { format!(", jitter of {jitter} ps") };
        println!(
            "{:>6.2} ns    {arrived:<7} {:>6.2}   {:>6.2}     {:+.2} / {:+.2} ns{note}",
            nanoseconds(Span::from_ps(delay)),
            nanoseconds(setup),
            nanoseconds(hold),
            more(setup, WANTED),
            more(hold, WANTED),
        );
    }
    Ok(())
}
