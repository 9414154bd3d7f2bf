//! DDR memories in vectors.

use std::ops::Range as Bytes;

use busproof_core::bus::ddr::Command;
use busproof_dram::Options;

use super::At;
use super::compare::Range;
use crate::compact::ddr::{Delay, Item};

/// A memory, what is done to it, and what must come of that.
#[derive(Clone, Debug)]
pub struct Bench {
    /// Where it stands.
    pub span: Bytes<usize>,
    /// The part, or the path of its file.
    pub part: At<String>,
    /// The ranks on its channel, if not those of the part.
    pub ranks: Option<u32>,
    /// Where the address map stands, if there is one.
    pub map: Option<Bytes<usize>>,
    /// How its controller works.
    pub controller: Options,
    /// What is done.
    pub work: Work,
    /// What must come of it, besides what [`Check`](super::Check) says of every bus.
    pub check: Check,
}

/// What is done to a memory; spans are those of the file.
#[derive(Clone, Debug)]
pub enum Work {
    /// Commands, and delays between them.
    Commands(Vec<Item>),
    /// Requests to a controller, and delays between them.
    Requests(Vec<Item>),
}

/// What must come of it.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// Exactly these commands, in order.
    pub commands: Option<At<Vec<Command>>>,
    /// How far commands are apart.
    pub distances: Vec<Distance>,
    /// How long reads take, in thousandths of a clock.
    pub latency: Vec<(Figure, At<Range>)>,
    /// What requests waited for, in thousandths of a clock.
    pub blame: Vec<(At<String>, At<Range>)>,
    /// What the first command of each request found, in thousandths.
    pub rows: Vec<(Found, At<Range>)>,
    /// How many reads give what was written last on the pins of memories, in thousandths.
    pub read_back: Option<At<Range>>,
}

impl Check {
    /// How many things are expected.
    pub fn expectations(&self) -> u64 {
        let lists = [self.distances.len(), self.latency.len(), self.blame.len(), self.rows.len()];
        lists.iter().sum::<usize>() as u64
            + u64::from(self.commands.is_some())
            + u64::from(self.read_back.is_some())
    }
}

/// How far two commands are apart, from the clock in which the first counts to that in which the second does.
#[derive(Clone, Debug)]
pub struct Distance {
    /// The first command.
    pub from: Command,
    /// Which of them.
    pub nth: u64,
    /// The next of these behind it.
    pub to: Command,
    /// What the distance must be.
    pub is: Is,
    /// So many clocks.
    pub limit: At<Delay>,
}

/// What a distance must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// As long.
    Equal,
    /// As long or longer.
    AtLeast,
    /// As long or shorter.
    AtMost,
}

/// A figure of the latencies of reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// The average.
    Mean,
    /// The shortest.
    Min,
    /// What half of the reads do not exceed.
    P50,
    /// What nine of ten reads do not exceed.
    P90,
    /// The longest.
    Max,
}

/// What the first command of a request found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its row open.
    Hit,
    /// The bank closed.
    Miss,
    /// Another row open.
    Conflict,
}
