//! How do I test a peripheral model of my own, and what does a failure look like?
//!
//! ```text
//! cargo run -p busproof-examples --bin own_agent
//! ```
//!
//! The peripheral answers each byte with the one before it, inverted, and the first byte of a transfer with 00. Its first
//! version remembers the last byte of the transfer before. One transfer never shows that; random traffic does, and shrinks
//! to the two shortest transfers that do.

use busproof_core::bus::spi::{Controller, ControllerOptions, INFO, Monitor, Options, pin};
use busproof_core::sim::{Agent, Cx};
use busproof_core::{Bits, Drive, Source, Span};
use busproof_testkit::spi::items::{Draft, Traffic, Word, draft};
use busproof_testkit::{Stage, check_round_trip};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// What happens to the last answer when a transfer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// Nothing: the bug.
    Forgetful,
    /// It is cleared.
    Fixed,
}

/// The model under test: a shift register in mode 0, most significant bit first.
struct Inverter {
    version: Version,
    selected: bool,
    clock: bool,
    input: u8,
    count: u32,
    output: u8,
    answer: u8,
}

impl Inverter {
    fn new(version: Version) -> Inverter {
        Inverter { version, selected: false, clock: false, input: 0, count: 0, output: 0, answer: 0 }
    }

    fn select(&mut self, cx: &mut Cx<'_>) {
        if self.version == Version::Fixed {
            self.answer = 0;
        }
        (self.count, self.output) = (0, self.answer);
        self.drive(cx);
    }

    fn rise(&mut self, cx: &Cx<'_>) {
        self.input = self.input << 1 | u8::from(cx.level(pin::MOSI).is_high());
        self.count += 1;
    }

    fn fall(&mut self, cx: &mut Cx<'_>) {
        self.output <<= 1;
        if self.count == 8 {
            self.answer = !self.input;
            (self.count, self.output) = (0, self.answer);
        }
        self.drive(cx);
    }

    fn drive(&self, cx: &mut Cx<'_>) {
        cx.drive(pin::MISO, Drive::Strong(self.output & 0x80 != 0));
    }
}

impl Agent for Inverter {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        let (selected, clock) = (cx.level(pin::CS0).is_low(), cx.level(pin::SCK).is_high());
        let (was_selected, was_high) = (self.selected, self.clock);
        (self.selected, self.clock) = (selected, clock);
        match (was_selected, selected) {
            (false, true) => self.select(cx),
            (true, false) => cx.drive(pin::MISO, Drive::Released),
            (true, true) if !was_high && clock => self.rise(cx),
            (true, true) if was_high && !clock => self.fall(cx),
            _ => {}
        }
    }
}

/// What the peripheral must answer: the specification, written down a second time.
fn answered(mut traffic: Traffic) -> Traffic {
    for words in &mut traffic.transfers {
        let mut answer = 0;
        for word in words {
            if let Word::Both { out, back } = word {
                *back = Bits::new(answer, 8);
                answer = !out.to_u64().unwrap_or(0);
            }
        }
    }
    traffic
}

/// One run: the traffic goes over the wires, and a monitor must hear it.
fn check(version: Version, draft: &Draft) -> Result<(), TestCaseError> {
    let bus = Options::default();
    let traffic = answered(draft.fit(&bus));
    let mut stage = Stage::new(&INFO, &["sck", "mosi", "miso", "cs"], 1);
    let host = Controller::new(ControllerOptions::new(bus.clone(), 1_000_000))?;
    let host = stage.add("host", host, Span::ZERO);
    stage.add("inverter", Inverter::new(version), Span::ZERO);
    stage.bench_mut().agent_mut(host).submit(&traffic.ops())?;
    stage.run_for(Span::from_ms(10))?;
    check_round_trip(&stage.finish(), Monitor::new(&bus, Source::Run), &traffic.expected(&bus))?;
    Ok(())
}

/// Random traffic until something is wrong, and the shortest traffic that is; the same on every machine.
fn test(version: Version) -> Result<(), String> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { failure_persistence: None, ..Config::with_cases(256) };
    let outcome = TestRunner::new_with_rng(config, rng).run(&draft(4, 4), |draft| check(version, &draft));
    outcome.map_err(|error| match error {
        TestError::Fail(reason, _) => reason.message().to_string(),
        TestError::Abort(reason) => format!("given up: {reason}"),
    })
}

fn main() -> Result<(), String> {
    println!(
        "A peripheral of our own answers each byte with the one before, inverted; the first of a transfer with 00.\n"
    );
    let Err(failure) = test(Version::Forgetful) else {
        return Err("the bug was not caught".into());
    };
    println!("First version. Random transfers find a bug, and shrink to:\n\n{failure}");
    println!("The first byte of a transfer is answered with what the transfer before left behind.\n");
    test(Version::Fixed)?;
    println!(
        "Second version, which forgets when it is selected: 256 random cases, every word as it should be."
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bug_is_caught_and_shrinks_to_two_transfers() {
        let failure = test(Version::Forgetful).unwrap_err();
        assert!(failure.contains("from item 5 of 6 on"), "{failure}");
        assert!(failure.contains("miso  "), "{failure}");
    }

    #[test]
    fn the_fix_is_one() {
        assert_eq!(test(Version::Fixed), Ok(()));
    }
}
