//! What a link costs for a payload, and what becomes of it when the clocks of its ends differ.

use busproof_core::Span;

use crate::link::{Conditions, Link, LinkError};
use crate::passage::{Fate, Offset, Passage, send};
use crate::tolerance::{self, Bounds};

/// The clock errors at which links are tried, in parts per million.
pub const TRIED_PPM: [i64; 6] = [-50_000, -30_000, -10_000, 10_000, 30_000, 50_000];

/// Clock errors are tried with so much of the payload at most, in bytes.
pub const TRIAL_BYTES: usize = 64;

/// What a link costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Which link.
    pub link: Link,
    /// Its clock.
    pub clock_hertz: u64,
    /// What became of the payload, clocks being equal.
    pub fate: Fate,
    /// From the submission until the receiver had the first byte; `None` if it never had.
    pub first_byte: Option<Span>,
    /// The same of the last byte.
    pub last_byte: Option<Span>,
    /// Payload bits a second, from the submission to the last byte.
    pub bits_per_second: Option<f64>,
    /// The bytes of the payload.
    pub payload_bytes: usize,
    /// Bits on the wires; see [`Passage::bits`].
    pub bits: u64,
    /// Its wires.
    pub wires: u32,
    /// Edges on all of them.
    pub edges: u64,
    /// What charging and discharging the wires takes, in joule: half of C V² for each edge, since a rise and a fall together
    /// take C V² from the supply.
    pub switching_joule: f64,
    /// What pull-ups take while their wires are held Low, in joule: V² / R for as long.
    pub pull_up_joule: f64,
    /// How far the sender's clock may be off; `None` if the payload does not even arrive when clocks are equal.
    pub bounds: Option<Bounds>,
    /// What happens when it is off by [`TRIED_PPM`].
    pub trials: Vec<Trial>,
    /// How many bytes of the payload the last two were tried with.
    pub trial_bytes: usize,
}

impl Report {
    /// Bits on the wires for each bit of the payload.
    pub fn bits_per_bit(&self) -> f64 {
        self.bits as f64 / (8.0 * self.payload_bytes as f64)
    }

    /// All that the link takes from the supply, in joule.
    pub fn joule(&self) -> f64 {
        self.switching_joule + self.pull_up_joule
    }

    /// What a difference of clocks does to this link, from the trials.
    pub fn character(&self) -> Character {
        let outcomes = || self.trials.iter().map(|trial| trial.outcome);
        if outcomes().any(|outcome| matches!(outcome, Outcome::Corrupts { .. })) {
            Character::Corrupts
        } else if outcomes().any(|outcome| matches!(outcome, Outcome::Stalls { .. })) {
            Character::Stalls
        } else {
            Character::DoesNotCare
        }
    }
}

/// What a difference of clocks does to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Character {
    /// Bytes are wrong.
    Corrupts,
    /// It stops.
    Stalls,
    /// It is slower or faster, and that is all.
    DoesNotCare,
}

/// A payload with a sender's clock that is off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// By how much, in parts per million; positive: fast.
    pub ppm: i64,
    /// What became of it at the worst phase of the receiver's clock.
    pub outcome: Outcome,
}

/// What became of a payload.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It arrived.
    Intact {
        /// How much longer that took than with equal clocks, as a fraction; negative: less long.
        longer: f64,
    },
    /// Bytes were wrong, lost or invented.
    Corrupts {
        /// How many.
        wrong: usize,
        /// Of how many.
        of: usize,
        /// How many the receiver knows of.
        noticed: usize,
    },
    /// It stopped.
    Stalls {
        /// How many bytes had arrived.
        after: usize,
    },
}

/// Measures `link` with `payload`.
pub fn measure(link: Link, conditions: &Conditions, payload: &[u8]) -> Result<Report, LinkError> {
    let passage = send(link, conditions, payload, Offset::NONE)?;
    let last_byte = passage.time_to(payload.len() - 1);
    let payload_bits = payload.len() as f64 * 8.0;
    let (bounds, trials) = try_clocks(link, conditions, payload)?;
    Ok(Report {
        link,
        clock_hertz: conditions.hertz(link),
        fate: passage.fate(payload),
        first_byte: passage.time_to(0),
        last_byte,
        bits_per_second: last_byte.map(|span| payload_bits / seconds(span)),
        payload_bytes: payload.len(),
        bits: passage.bits,
        wires: passage.wires,
        edges: passage.edges,
        switching_joule: 0.5 * conditions.farad * conditions.volt.powi(2) * passage.edges as f64,
        pull_up_joule: pull_up_joule(&passage, conditions),
        bounds,
        trials,
        trial_bytes: trial(payload).len(),
    })
}

fn trial(payload: &[u8]) -> &[u8] {
    &payload[..payload.len().min(TRIAL_BYTES)]
}

fn try_clocks(
    link: Link,
    conditions: &Conditions,
    payload: &[u8],
) -> Result<(Option<Bounds>, Vec<Trial>), LinkError> {
    let payload = trial(payload);
    let bounds = match tolerance::worst(link, conditions, payload, 0)?.0 {
        Fate::Intact => Some(tolerance::bounds(link, conditions, payload)?),
        _ => None,
    };
    let usual = mean_time(link, conditions, payload, 0)?;
    let trials = TRIED_PPM.into_iter().map(|ppm| {
        let outcome = match tolerance::worst(link, conditions, payload, ppm)? {
            (Fate::Intact, _) => {
                Outcome::Intact { longer: mean_time(link, conditions, payload, ppm)? / usual - 1.0 }
            }
            (Fate::Corrupts { wrong, noticed }, _) => Outcome::Corrupts { wrong, of: payload.len(), noticed },
            (Fate::Stalls { after }, _) => Outcome::Stalls { after },
        };
        Ok(Trial { ppm, outcome })
    });
    Ok((bounds, trials.collect::<Result<_, LinkError>>()?))
}

/// The mean time to the last byte over all phases of the receiver's clock, in seconds.
fn mean_time(link: Link, conditions: &Conditions, payload: &[u8], ppm: i64) -> Result<f64, LinkError> {
    let mut sum = 0.0;
    for offset in Offset::phases(ppm) {
        let time = send(link, conditions, payload, offset)?.time_to(payload.len() - 1);
        sum += time.map_or(f64::NAN, seconds);
    }
    Ok(sum / Offset::PHASES as f64)
}

fn pull_up_joule(passage: &Passage, conditions: &Conditions) -> f64 {
    conditions.volt.powi(2) / conditions.pull_up_ohm * seconds(passage.held_low)
}

fn seconds(span: Span) -> f64 {
    span.as_fs() as f64 * 1e-15
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(link: Link) -> Report {
        measure(link, &Conditions::default(), b"Hello").unwrap()
    }

    /// At 1 MHz: ten bits a byte, the last of which is sampled at 9 to 10 sixteenths.
    #[test]
    fn a_uart_takes_ten_bits_a_byte() {
        let uart = report(Link::Uart);
        assert_eq!((uart.wires, uart.bits), (1, 50));
        let us = seconds(uart.last_byte.unwrap()) * 1e6;
        assert!((49.5..49.7).contains(&us), "{us}");
        assert_eq!(uart.character(), Character::Corrupts);
    }

    /// Edges by hand: "Hello", most significant bit first, is 01001000 01100101 01101100 01101100 01101111.
    #[test]
    fn edges_are_counted_on_every_wire() {
        let spi = report(Link::Spi);
        let bits: Vec<bool> =
            b"Hello".iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1 != 0)).collect();
        let turns = bits.windows(2).filter(|pair| pair[0] != pair[1]).count() as u64;
        // 40 clocks of two edges, chip select twice, and data, which are Low before and released behind.
        let data = spi.edges - 82;
        assert!(data == turns || data == turns + 1, "{data} {turns}");
        assert_eq!((spi.wires, spi.bits), (3, 40));
        let joule = 0.5 * 50e-12 * 3.3 * 3.3 * spi.edges as f64;
        assert!((spi.joule() / joule - 1.0).abs() < 1e-12);
    }

    /// Nine clocks for the address and each byte, and the rise of SCL before the STOP.
    #[test]
    fn i2c_carries_an_address_and_acknowledges_and_burns_in_its_pull_ups() {
        let i2c = report(Link::I2c);
        assert_eq!((i2c.wires, i2c.bits), (2, 55));
        assert!(i2c.pull_up_joule > 10.0 * i2c.switching_joule, "{i2c:?}");
        assert_eq!(i2c.fate, Fate::Intact);
    }

    #[test]
    fn four_phases_take_twice_as_long_and_twice_the_control_edges_as_two() {
        let (four, two) = (report(Link::FourPhase), report(Link::TwoPhase));
        assert_eq!((four.bits, two.bits), (60, 50));
        assert_eq!(four.edges - two.edges, 10);
        let ratio = seconds(four.last_byte.unwrap()) / seconds(two.last_byte.unwrap());
        assert!((1.7..2.1).contains(&ratio), "{ratio}");
        assert_eq!(four.character(), Character::DoesNotCare);
    }

    #[test]
    fn rails_and_shared_clocks_carry_the_payload_too() {
        for (link, wires) in [(Link::DualRail, 17), (Link::ValidReady, 11)] {
            let report = report(link);
            assert_eq!((report.fate, report.wires), (Fate::Intact, wires), "{link}");
            assert_eq!(report.character(), Character::DoesNotCare);
        }
        assert_eq!(report(Link::DualRail).bits, 5 * 18);
    }

    /// The clock travels with the data: its error is that of the time, and nothing else.
    #[test]
    fn a_slow_clock_makes_spi_slower_by_as_much() {
        for trial in report(Link::Spi).trials {
            let expected = 1.0 / (1.0 + trial.ppm as f64 * 1e-6) - 1.0;
            let Outcome::Intact { longer } = trial.outcome else { panic!("{trial:?}") };
            // The set-up of chip select is counted by no clock.
            assert!((longer - expected).abs() < 2e-3, "{trial:?}, {expected}");
        }
    }

    /// With a pull-up too weak for its wire SCL takes 60 ms to rise, where a bit takes 1 us: it has stalled.
    #[test]
    fn a_wire_that_does_not_rise_stalls() {
        let weak = Conditions { pull_up_ohm: 1e9, ..Conditions::default() };
        let report = measure(Link::I2c, &weak, b"Hi").unwrap();
        assert_eq!(report.fate, Fate::Stalls { after: 0 });
        assert_eq!((report.first_byte, report.character()), (None, Character::Stalls));
        assert_eq!(report.bounds, None);
    }

    /// One that is merely weak is slow.
    #[test]
    fn a_wire_that_rises_late_is_slow() {
        let weak = Conditions { pull_up_ohm: 1e5, ..Conditions::default() };
        let (slow, usual) = (measure(Link::I2c, &weak, b"Hi").unwrap(), report(Link::I2c));
        assert_eq!(slow.fate, Fate::Intact);
        assert!(slow.first_byte > usual.first_byte.map(|span| span * 3), "{slow:?}");
    }

    #[test]
    fn payloads_have_limits() {
        let conditions = Conditions::default();
        assert_eq!(measure(Link::Spi, &conditions, b""), Err(LinkError::Empty));
        let long = vec![0; crate::MAX_PAYLOAD + 1];
        assert_eq!(measure(Link::Spi, &conditions, &long), Err(LinkError::Long(long.len())));
    }
}
