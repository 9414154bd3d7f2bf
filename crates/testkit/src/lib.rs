//! Property-test strategies and assertions for everyone who tests a protocol model: ours, or one of their own.
//!
//! ```text
//!   strategies                        a stage                            assertions
//!   items, options, electrical,  ──►  nets of a bus, agents on them, ──► assert_round_trip   what was said is heard
//!   clocks, faults, waves             faults; a run, a recording         assert_both_sides   a limit is where it should be
//!                                                                        assert_robust       a monitor takes anything
//! ```
//!
//! Everything but [`spi`], [`i2c`], [`uart`], [`handshake`] and [`crossing`] works with any bus of the core's table, or a monitor of your
//! own. Strategies shrink to the short and the simple: fewer transfers of fewer words of fewer bits, ideal clocks, no flight
//! time, mode 0. When an assertion fails it says what was expected, what was seen, and draws the waveform around the place.
//!
//! ```
//! use busproof_core::bus::spi::{Controller, ControllerOptions, INFO, Monitor, Options, Peripheral, PeripheralOptions};
//! use busproof_core::{Source, Span};
//! use busproof_testkit::{Stage, assert_round_trip, spi};
//! use proptest::prelude::*;
//!
//! proptest!(ProptestConfig::with_cases(10), |(draft in spi::items::draft(3, 4))| {
//!     let bus = Options::default();
//!     let traffic = draft.fit(&bus);
//!     let mut stage = Stage::new(&INFO, &["sck", "mosi", "miso", "cs"], 1);
//!     let host = stage.add("host", Controller::new(ControllerOptions::new(bus.clone(), 1_000_000))?, Span::ZERO);
//!     let script = Box::new(traffic.script(&bus));
//!     stage.add("flash", Peripheral::new(PeripheralOptions::new(bus.clone()), script), Span::ZERO);
//!     stage.bench_mut().agent_mut(host).submit(&traffic.ops())?;
//!     stage.run_for(Span::from_ms(10))?;
//!     let expected = traffic.expected(&bus);
//!     assert_round_trip(&stage.finish(), Monitor::new(&bus, Source::Run), &expected);
//! });
//! ```

mod analyser;
pub mod clocks;
pub mod crossing;
mod draw;
pub mod electrical;
pub mod faults;
pub mod handshake;
pub mod i2c;
mod recording;
mod robust;
mod round_trip;
mod sides;
pub mod spi;
mod spoken;
mod stage;
pub mod uart;
pub mod waves;

pub use analyser::{Analyser, analysers};
pub use recording::{Judged, Recording, Seen};
pub use robust::{assert_bounded, assert_robust};
pub use round_trip::{Mismatch, assert_round_trip, check_round_trip};
pub use sides::{Limit, assert_both_sides};
pub use spoken::Spoken;
pub use stage::Stage;
