//! What the assertions need to know of a bus's items.

use std::fmt::Debug;

use busproof_core::Time;

/// An item of a bus: something with a meaning, said between two instants.
///
/// Implement it for the item of a monitor of your own to use the assertions of this crate with it.
pub trait Spoken: Debug {
    /// What was said, whenever it was: what a round trip must preserve.
    type Meaning: Debug + PartialEq;

    /// What was said.
    fn meaning(&self) -> Self::Meaning;

    /// When it began.
    fn start(&self) -> Time;

    /// When it was over.
    fn end(&self) -> Time;
}
