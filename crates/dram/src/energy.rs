//! Energy by the IDD method.
//!
//! What a memory draws in a state flows for as long as the state lasts; a command adds what it draws beyond that. The split is
//! that of Micron's TN-41-01 and of DRAMsim3 (`src/configuration.cc`), per memory and multiplied by the memories of a rank:
//!
//! | command | charge beyond the state |
//! |---|---|
//! | ACT, with its PRE | IDD0 tRC - IDD3N tRAS - IDD2N (tRC - tRAS) |
//! | RD, WR | (IDD4R - IDD3N) tBURST, (IDD4W - IDD3N) tBURST |
//! | REF | (IDD5B - IDD2N) tRFC |
//!
//! All banks are closed while they are refreshed, so a refresh draws IDD5B in all. A row that a read or write closes by itself counts
//! as closed with that command. Input and output of data at the pins, and termination, are not counted: IDD is measured without.

use busproof_core::bus::ddr::Command;
use busproof_core::bus::ddr::rules::{T_BURST, T_RAS, T_RC, T_RFC};
use busproof_parts::memory::{Currents, Memory};

use crate::controller::Issued;

/// Where the energy of a run went, in joules.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Energy {
    /// Opening and closing rows.
    pub activate: f64,
    /// Reads.
    pub read: f64,
    /// Writes.
    pub write: f64,
    /// Refreshes.
    pub refresh: f64,
    /// Being awake, with and without an open row.
    pub standby: f64,
    /// Being in power-down.
    pub power_down: f64,
}

impl Energy {
    /// All of it.
    pub fn total(&self) -> f64 {
        self.activate + self.read + self.write + self.refresh + self.standby + self.power_down
    }

    /// Takes over that of another channel.
    pub fn add(&mut self, other: &Energy) {
        self.activate += other.activate;
        self.read += other.read;
        self.write += other.write;
        self.refresh += other.refresh;
        self.standby += other.standby;
        self.power_down += other.power_down;
    }
}

/// Meters the commands of a channel, which come in order of time.
#[derive(Clone, Debug)]
pub struct Meter {
    currents: Currents,
    /// The memories of a rank.
    memories: f64,
    /// The seconds of a clock.
    tck: f64,
    /// tBURST, tRAS, tRC and tRFC in clocks.
    burst: u64,
    ras: u64,
    rc: u64,
    rfc: u64,
    banks_of_group: u8,
    ranks: Vec<Rank>,
    activates: u64,
    reads: u64,
    writes: u64,
    refreshes: u64,
    /// A command came for which no current is known.
    is_at_a_loss: bool,
}

/// A rank and the clocks it has been in each state.
#[derive(Clone, Debug, Default)]
struct Rank {
    open: u64,
    is_asleep: bool,
    since: u64,
    /// Closed or open, awake or asleep.
    clocks: [[u64; 2]; 2],
}

impl Rank {
    /// Up to that clock nothing has changed.
    fn pass(&mut self, clock: u64) {
        let (is_open, is_asleep) = (self.open != 0, self.is_asleep);
        self.clocks[is_open as usize][is_asleep as usize] += clock.saturating_sub(self.since);
        self.since = clock;
    }
}

impl Meter {
    /// A meter of a channel; none if the memory's currents are not known.
    pub fn new(memory: &Memory) -> Option<Meter> {
        let currents = *memory.currents()?;
        let geometry = memory.geometry();
        let [burst, ras, rc, rfc] = [T_BURST, T_RAS, T_RC, T_RFC].map(|param| memory.clocks(param));
        Some(Meter {
            currents,
            memories: f64::from(geometry.channel_width / geometry.device_width.max(1)).max(1.0),
            tck: memory.tck() as f64 * 1e-15,
            burst: burst?,
            ras: ras?,
            rc: rc?,
            rfc: rfc?,
            banks_of_group: geometry.banks as u8,
            ranks: vec![Rank::default(); geometry.ranks as usize],
            activates: 0,
            reads: 0,
            writes: 0,
            refreshes: 0,
            is_at_a_loss: false,
        })
    }

    /// A command is issued. One to a rank that the channel does not have is left out.
    pub fn command(&mut self, issued: &Issued) {
        let bank = 1u64 << ((issued.bank_group * self.banks_of_group + issued.bank) % 64);
        let Some(rank) = self.ranks.get_mut(issued.rank as usize) else { return };
        rank.pass(issued.clock);
        match issued.command {
            Command::Act => {
                rank.open |= bank;
                self.activates += 1;
            }
            Command::Pre => rank.open &= !bank,
            Command::PreAll => rank.open = 0,
            Command::Rd | Command::Rda => self.reads += 1,
            Command::Wr | Command::Wra => self.writes += 1,
            Command::Ref => self.refreshes += 1,
            Command::Pde => rank.is_asleep = true,
            Command::Pdx => rank.is_asleep = false,
            _ => self.is_at_a_loss = true,
        }
        if matches!(issued.command, Command::Rda | Command::Wra) {
            rank.open &= !bank;
        }
    }

    /// The energy of the channel up to that clock; none if there was a command whose current the part does not state, such as the refresh of one bank.
    pub fn read_off(mut self, end: u64) -> Option<Energy> {
        self.ranks.iter_mut().for_each(|rank| rank.pass(end));
        let Currents { vdd, idd0, idd2p, idd2n, idd3p, idd3n, idd4r, idd4w, idd5b } = self.currents;
        let joules =
            |count: u64, ampere_clocks: f64| count as f64 * ampere_clocks * self.tck * vdd * self.memories;
        let states =
            |open: usize, asleep: usize| self.ranks.iter().map(|rank| rank.clocks[open][asleep]).sum::<u64>();
        let cycle =
            idd0 * self.rc as f64 - idd3n * self.ras as f64 - idd2n * self.rc.saturating_sub(self.ras) as f64;
        (!self.is_at_a_loss).then(|| Energy {
            activate: joules(self.activates, cycle),
            read: joules(self.reads, (idd4r - idd3n) * self.burst as f64),
            write: joules(self.writes, (idd4w - idd3n) * self.burst as f64),
            refresh: joules(self.refreshes, (idd5b - idd2n) * self.rfc as f64),
            standby: joules(states(0, 0), idd2n) + joules(states(1, 0), idd3n),
            power_down: joules(states(0, 1), idd2p) + joules(states(1, 1), idd3p),
        })
    }
}
