//! How many of what a memory has.

/// The geometry of a channel; every count is a power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Bits of the data bus.
    pub channel_width: u32,
    /// Bits of one memory on it.
    pub device_width: u32,
    /// Ranks on the channel.
    pub ranks: u32,
    /// Bank groups of a rank.
    pub bank_groups: u32,
    /// Banks of a group.
    pub banks: u32,
    /// Rows of a bank.
    pub rows: u32,
    /// Columns of a row, each of the bus's width.
    pub columns: u32,
    /// Beats of a burst.
    pub burst: u32,
}

impl Geometry {
    /// The bytes that a burst moves.
    pub fn burst_bytes(&self) -> u64 {
        self.burst as u64 * self.channel_width as u64 / 8
    }

    /// Banks of all ranks.
    pub fn all_banks(&self) -> u32 {
        self.ranks * self.bank_groups * self.banks
    }

    /// The bytes of the channel.
    pub fn bytes(&self) -> u64 {
        let words = self.all_banks() as u64 * self.rows as u64 * self.columns as u64;
        words * self.channel_width as u64 / 8
    }
}
