//! What is known of a rank by its commands: how it is set up, which rows are open.

use crate::bus::ddr::modes::{Modes, Setting};
use crate::bus::ddr::pins::{Decoder, Order, Preamble};
use crate::bus::ddr::{Command, Level, Standard};
use crate::time::Time;

/// Banks of a rank at most: eight groups of four, or eight without groups.
const BANKS: usize = 64;

/// A rank.
#[derive(Clone, Debug)]
pub(super) struct Rank {
    pub(super) decoder: Decoder,
    pub(super) modes: Modes,
    /// When the command under way began.
    pub(super) began: Time,
    /// The register with CL has been written.
    pub(super) reads_set: bool,
    /// The register with CWL has been written.
    pub(super) writes_set: bool,
    /// The open row of each bank.
    rows: [Option<u32>; BANKS],
}

impl Rank {
    pub(super) fn new(standard: Standard) -> Rank {
        Rank {
            decoder: Decoder::new(standard),
            modes: Modes::new(standard),
            began: Time::ZERO,
            reads_set: false,
            writes_set: false,
            rows: [None; BANKS],
        }
    }

    /// RESET# is low.
    pub(super) fn reset(&mut self) {
        *self = Rank { began: self.began, ..Rank::new(self.modes.standard()) };
    }

    /// What the strobe does before a burst.
    pub(super) fn preamble(&self, writes: bool) -> Preamble {
        let clocks = if writes { self.modes.write_preamble() } else { self.modes.read_preamble() };
        match clocks {
            1 => Preamble::shortest(self.modes.standard()),
            2 => Preamble::Two,
            3 => Preamble::Three,
            _ => Preamble::Four,
        }
    }

    /// The beats of a read or write. LPDDR4, whose mode registers are not read, has 16, or 32 where the command says so.
    pub(super) const fn beats(&self, order: &Order) -> u32 {
        match self.modes.standard() {
            Standard::Lpddr4 if order.alternate => 32,
            Standard::Lpddr4 => 16,
            _ => self.modes.beats(order.alternate),
        }
    }

    /// The row that a command goes to.
    pub(super) fn row(&self, order: &Order) -> Option<u32> {
        if order.command.is_column() { self.rows[bank(order)] } else { None }
    }

    /// What a command changes.
    pub(super) fn happen(&mut self, order: &Order) {
        match order.command {
            Command::Mrs => self.set(order),
            Command::Act => self.rows[bank(order)] = Some(order.address),
            Command::Pre | Command::PreAll | Command::PreSame => self.close(order),
            command if command.closes() => self.rows[bank(order)] = None,
            _ => {}
        }
    }

    /// A field with a reserved code stays as it was: the monitor can do no better.
    fn set(&mut self, order: &Order) {
        let _ = self.modes.load(order.register, order.address);
        let standard = self.modes.standard();
        let holds = |setting| {
            let is_it = |field: &&crate::bus::ddr::modes::Field| field.setting == setting;
            Modes::fields(standard).iter().find(is_it).is_some_and(|field| field.register == order.register)
        };
        self.reads_set |= holds(Setting::CasLatency);
        let write = if standard == Standard::Ddr5 { Setting::CasLatency } else { Setting::CasWriteLatency };
        self.writes_set |= holds(write);
    }

    fn close(&mut self, order: &Order) {
        let closes = |i: usize| match order.command.level() {
            Level::Bank => i == bank(order),
            Level::Group => i % 8 == usize::from(order.bank & 7),
            Level::Rank | Level::Channel => true,
        };
        for (i, row) in self.rows.iter_mut().enumerate() {
            if closes(i) {
                *row = None;
            }
        }
    }
}

/// The number of a bank: eight places for each group.
fn bank(order: &Order) -> usize {
    usize::from(order.group & 7) << 3 | usize::from(order.bank & 7)
}
