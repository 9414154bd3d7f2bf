//! What links cost for the same payload: a synchronous one beside an asynchronous one, each figure simulated.
//!
//! ```
//! use busproof_links::{Conditions, Link, Offset, Fate, send};
//!
//! let conditions = Conditions::default();
//! let uart = send(Link::Uart, &conditions, b"Hello", Offset::NONE)?;
//! assert_eq!(uart.fate(b"Hello"), Fate::Intact);
//! assert_eq!(uart.bits, 50);
//!
//! // A sender that is 6 % fast is more than the receiver can bear.
//! let fast = send(Link::Uart, &conditions, b"Hello", Offset { ppm: 60_000, ..Offset::NONE })?;
//! assert!(matches!(fast.fate(b"Hello"), Fate::Corrupts { .. }));
//! # Ok::<(), busproof_links::LinkError>(())
//! ```
//!
//! A [`Comparison`] says what is to be measured over which links. [`compare`] measures one: times, wires, edges, energy, and how far the clocks of its ends may differ. [`uart`] finds the
//! latter for any receiver of a UART and puts the closed form beside it. [`access`] lets a host read registers over a link,
//! waiting for each reply or not.

pub mod access;
pub mod compare;
mod comparison;
mod link;
mod meter;
mod passage;
mod rig;
pub mod tolerance;
pub mod uart;

pub use comparison::{Comparison, Measured, Registers};
pub use link::{Conditions, Link, LinkError, MAX_ACCESSES, MAX_OUTSTANDING, MAX_PAYLOAD};
pub use passage::{Arrival, Fate, Offset, Passage, STILL, send};
