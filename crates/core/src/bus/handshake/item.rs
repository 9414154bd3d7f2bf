//! What can be said in a handshake.

use crate::bits::Bits;
use crate::time::Time;

/// One thing said on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A word that was acknowledged.
    Beat(Beat),
    /// A word that was offered and never acknowledged: it was withdrawn, or the waveform ended.
    Incomplete(Beat),
}

impl Item {
    /// The word.
    pub fn beat(&self) -> &Beat {
        match self {
            Item::Beat(beat) | Item::Incomplete(beat) => beat,
        }
    }

    /// When it began.
    pub fn start(&self) -> Time {
        self.beat().start
    }

    /// When it was over.
    pub fn end(&self) -> Time {
        self.beat().end
    }
}

/// A word and its handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// When it was offered: the request; the first rail; the first clock edge that sees VALID.
    pub start: Time,
    /// When the receiver had it: the acknowledge (the falling one where data are late); the clock edge of the transfer.
    /// When it was withdrawn, or the end of the waveform, if it was never acknowledged.
    pub end: Time,
    /// The word as it was when it had to be valid; of a word that never got so far, as it was last.
    pub data: Bits,
    /// What is odd about it.
    pub flags: Flags,
}

/// What is odd about a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// The waveform began inside the handshake.
    pub assumed_start: bool,
    /// The data changed while they had to be stable.
    pub unstable: bool,
}

impl Flags {
    /// The names of those that are set, as JSON has them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = [(self.assumed_start, "assumed-start"), (self.unstable, "unstable")];
        all.into_iter().filter_map(|(set, name)| set.then_some(name))
    }
}
