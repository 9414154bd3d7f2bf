//! A memory on its pins: commands played through wires to memories that store what is written.
//!
//! Commands carry no data, so writes send made-up data, and reads are compared with what was written last to their place. The data of
//! each burst differ, so a burst that arrives a beat late, at another place or not at all is seen.
//!
//! ```
//! use busproof_core::ChangeLog;
//! use busproof_dram::pins::{PinOptions, Pins};
//! use busproof_dram::{Controller, Options, Request};
//! use busproof_parts::memory;
//!
//! let part = memory::find("ddr4-2400t-8gb-x8")?;
//! let mut pins = Pins::new(&part, &PinOptions::default())?;
//! let requests = [Request::write(0x40), Request { at: 100, ..Request::read(0x40) }, Request { at: 300, ..Request::read(0) }];
//! let mut commands = Vec::new();
//! Controller::new(&part, &Options::default())?.run_with(requests, |issued| commands.push(issued));
//! for issued in &commands {
//!     pins.submit(issued)?;
//! }
//! let mut log = pins.new_log();
//! let came = pins.run(&mut log)?;
//! assert_eq!((came.reads, came.unwritten), (1, 0));
//! assert!(came.wrong.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::HashMap;

use busproof_core::bus::Diagnostic;
use busproof_core::bus::ddr::modes::{ModeError, Modes, Setting};
use busproof_core::bus::ddr::pins::{
    Beat, Channel, Controller, ControllerOptions, Device, DeviceOptions, Job, JobError, Order, PowerUp, Start,
};
use busproof_core::bus::ddr::rules::{T_AL, T_CCD_L, T_MOD, T_MRD, T_MRW, T_RFC, T_RL, T_WL, T_WR, T_XSDLL};
use busproof_core::bus::ddr::{Command, Standard};
use busproof_core::sim::{AgentId, Bench, NetTrouble, SimError};
use busproof_core::timing::Param;
use busproof_core::{ChangeLog, Observer, Span, Time};
use busproof_parts::memory::{Geometry, Memory};

use crate::controller::Issued;

/// How a memory is put on pins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PinOptions {
    /// Begin with the power-up sequence; else long after it.
    pub power_up: bool,
    /// Flight time from the controller to the memories.
    pub flight: Span,
}

/// Why a memory cannot be put on pins.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// The pins of its standard are not known.
    #[error(
        "the pins of {standard} memory are not simulated, as `{part}` is; use a part of DDR3, DDR4 or DDR5"
    )]
    Standard {
        /// The part.
        part: String,
        /// The standard.
        standard: &'static str,
    },
    /// It has more ranks than a channel has chip selects.
    #[error("`{part}` has {ranks} ranks; the pins of a channel are those of at most 4")]
    Ranks {
        /// The part.
        part: String,
        /// How many.
        ranks: u32,
    },
    /// Its latencies cannot be told to it.
    #[error("the mode registers of `{part}` cannot be set: {error}")]
    Modes {
        /// The part.
        part: String,
        /// Why not.
        error: ModeError,
    },
    /// A command that carries what is not known here.
    #[error(
        "clock {clock}: {command} goes to a register that is not said; the pins are played with the registers of the part"
    )]
    Register {
        /// The clock of the command.
        clock: u64,
        /// The command.
        command: Command,
    },
    /// A command cannot be played.
    #[error("clock {clock}: {error}")]
    Job {
        /// The clock of the command.
        clock: u64,
        /// Why not.
        error: JobError,
    },
    /// The run cannot go on.
    #[error(transparent)]
    Sim(#[from] SimError),
}

/// A channel of memories on their pins, with the controller's end.
pub struct Pins {
    bench: Bench,
    controller: AgentId<Controller>,
    ranks: Vec<AgentId<Device>>,
    standard: Standard,
    geometry: Geometry,
    /// The clock of the pins in which clock 0 of the commands is.
    offset: u64,
    end: Time,
    /// The open row of each bank, and which write was the last to each burst's place.
    rows: HashMap<Bank, u32>,
    written: HashMap<Burst, u64>,
    writes: u64,
    expected: Vec<Expected>,
}

/// Rank, bank group, bank.
type Bank = [u8; 3];

/// Where a burst is: bank, row, first column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Burst {
    bank: Bank,
    row: u32,
    column: u32,
}

/// A read, and the number of the write whose data it should give.
#[derive(Clone, Copy, Debug)]
struct Expected {
    clock: u64,
    write: Option<u64>,
}

/// A read that did not give what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The clock of its command.
    pub clock: u64,
    /// The command.
    pub order: Order,
    /// What was written.
    pub expected: Vec<Beat>,
    /// What was read.
    pub found: Vec<Beat>,
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// How many reads were compared with what was written.
    pub reads: u64,
    /// How many reads were of places that were never written; nobody knows what they give.
    pub unwritten: u64,
    /// Those that gave something else.
    pub wrong: Vec<Wrong>,
    /// What the memories found odd.
    pub remarks: Vec<Diagnostic>,
    /// What went wrong on wires.
    pub troubles: Vec<NetTrouble>,
}

impl Came {
    /// True if nothing was wrong or odd.
    pub fn holds(&self) -> bool {
        self.wrong.is_empty() && self.remarks.is_empty() && self.troubles.is_empty()
    }
}

impl Pins {
    /// A channel of `memory`, of all its ranks.
    pub fn new(memory: &Memory, options: &PinOptions) -> Result<Pins, PinError> {
        let (standard, geometry) = (memory.standard(), *memory.geometry());
        let channel = Channel { flight: options.flight, ..channel(memory)? };
        let modes = modes(memory)?;
        let times = options.power_up.then(|| power_up(memory));
        let start = times.map_or(Start::Ready(modes), Start::PowerUp);
        let tck = Span::from_fs(memory.tck());
        let mut bench = Bench::new(0);
        let nets = channel.add_nets(&mut bench, "ddr");
        let controller = ControllerOptions { power_up: times, ..ControllerOptions::new(channel, tck, modes) };
        let controller = Controller::new(controller);
        let offset = controller.ready();
        let controller = bench.add_agent("controller", controller, &nets.controller());
        let device = DeviceOptions::new(channel, geometry.bank_groups, geometry.banks, start);
        let ranks = (0..channel.ranks)
            .map(|rank| bench.add_agent(&format!("rank{rank}"), Device::new(device), &nets.rank(rank)));
        let ranks = ranks.collect();
        Ok(Pins {
            bench,
            controller,
            ranks,
            standard,
            geometry,
            offset,
            end: Time::ZERO,
            rows: HashMap::new(),
            written: HashMap::new(),
            writes: 0,
            expected: Vec::new(),
        })
    }

    /// An empty log of its wires.
    pub fn new_log(&mut self) -> ChangeLog {
        self.bench.new_log()
    }

    /// The edge of CK with which `clock` of the commands begins.
    pub fn time(&self, clock: u64) -> Time {
        self.bench.agent(self.controller).time(self.offset.saturating_add(clock))
    }

    /// A command to be played in its clock; commands come in order.
    pub fn submit(&mut self, issued: &Issued) -> Result<Order, PinError> {
        if matches!(issued.command, Command::Mrs | Command::Mrr) {
            return Err(PinError::Register { clock: issued.clock, command: issued.command });
        }
        let order = self.order(issued);
        let lead = self.standard.lead(issued.command);
        let clock = self.offset.saturating_add(issued.clock).saturating_add(lead);
        let beats = self.account(issued, clock);
        let job = Job { clock, rank: Some(issued.rank), order, beats };
        let done = self.bench.agent_mut(self.controller).submit(job);
        done.map_err(|error| PinError::Job { clock: issued.clock, error })?;
        self.end = self.time(issued.clock.saturating_add(lead));
        Ok(order)
    }

    /// A command as the pins carry it. Bursts begin with their first column.
    fn order(&self, issued: &Issued) -> Order {
        let Issued { command, bank_group, bank, row, column, .. } = *issued;
        let address = match command {
            Command::Act => row,
            _ if command.is_column() => column & !(self.geometry.burst - 1),
            _ => 0,
        };
        Order::new(command).at(bank_group, bank).with(address)
    }

    /// Keeps in mind what is written and read. Returns what a write sends.
    fn account(&mut self, issued: &Issued, clock: u64) -> Vec<Beat> {
        let Issued { command, rank, bank_group, bank, row, .. } = *issued;
        let bank = [rank, bank_group, bank];
        if command == Command::Act {
            self.rows.insert(bank, row);
        }
        let burst = |row| Burst { bank, row, column: self.order(issued).address };
        let Some(burst) = self.rows.get(&bank).filter(|_| command.is_column()).map(|&row| burst(row)) else {
            return Vec::new();
        };
        if matches!(command, Command::Rd | Command::Rda) {
            self.expected.push(Expected { clock, write: self.written.get(&burst).copied() });
            return Vec::new();
        }
        self.writes += 1;
        self.written.insert(burst, self.writes);
        self.data(self.writes)
    }

    /// The data of a write: none is like another.
    fn data(&self, write: u64) -> Vec<Beat> {
        let wires = u64::MAX >> (64 - self.geometry.channel_width.clamp(1, 64));
        let beat = |beat: u64| Beat::new(scatter(write << 8 | beat) & wires);
        (0..u64::from(self.geometry.burst)).map(beat).collect()
    }

    /// Plays what was submitted until all data are over.
    pub fn run(&mut self, observer: &mut impl Observer) -> Result<Came, PinError> {
        let limit = self.end.saturating_add(Span::from_us(10));
        self.bench.run_until(limit, observer)?;
        self.bench.finish(observer);
        let mut came = Came { troubles: self.bench.troubles().to_vec(), ..Came::default() };
        for rank in self.ranks.clone() {
            came.remarks.extend(self.bench.agent_mut(rank).take_remarks());
        }
        came.remarks.sort_by_key(|remark| remark.from);
        let readings = self.bench.agent_mut(self.controller).take_readings();
        let mut readings = readings.into_iter().peekable();
        for Expected { clock, write } in std::mem::take(&mut self.expected) {
            let Some(reading) = readings.next_if(|reading| reading.clock == clock) else { continue };
            let Some(write) = write else {
                came.unwritten += 1;
                continue;
            };
            came.reads += 1;
            let expected = self.data(write);
            if reading.beats != expected {
                let clock = clock - self.offset;
                came.wrong.push(Wrong { clock, order: reading.order, expected, found: reading.beats });
            }
        }
        Ok(came)
    }
}

/// Spreads a number over 64 bits, each number differently (`SplitMix64`).
const fn scatter(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The wires of a memory's channel.
fn channel(memory: &Memory) -> Result<Channel, PinError> {
    let (standard, geometry) = (memory.standard(), memory.geometry());
    let part = || memory.name().to_owned();
    if Modes::registers(standard).is_empty() {
        return Err(PinError::Standard { part: part(), standard: standard.name() });
    }
    if geometry.ranks > 4 {
        return Err(PinError::Ranks { part: part(), ranks: geometry.ranks });
    }
    let usual = Channel::new(standard, geometry.channel_width);
    let rows = geometry.rows.ilog2();
    let (addresses, banks, groups) = match standard {
        // A12 chooses the burst length, whatever the rows need.
        Standard::Ddr3 => (rows.clamp(13, 16), geometry.banks.ilog2(), 0),
        // Rows beyond A13 are on WE#, CAS# and RAS#; A17 is of its own.
        Standard::Ddr4 => {
            (if rows > 17 { 18 } else { 14 }, geometry.banks.ilog2(), geometry.bank_groups.ilog2())
        }
        _ => (usual.addresses, usual.banks, usual.groups),
    };
    let lane = geometry.device_width.clamp(4, 8);
    Ok(Channel { ranks: geometry.ranks, lane, addresses, banks, groups, ..usual })
}

/// The mode registers that make a memory's latencies what its part file says.
fn modes(memory: &Memory) -> Result<Modes, PinError> {
    let standard = memory.standard();
    let clocks = |param: Param| memory.clocks(param).unwrap_or(0);
    let additive = clocks(T_AL);
    let cl = clocks(T_RL).saturating_sub(additive);
    let mut settings =
        vec![(Setting::CasLatency, cl), (Setting::BurstLength, u64::from(memory.geometry().burst))];
    if standard == Standard::Ddr5 {
        settings.push((Setting::DataMask, 1));
    } else {
        let less = if additive == 0 { 0 } else { cl.saturating_sub(additive) };
        settings.extend([
            (Setting::CasWriteLatency, clocks(T_WL).saturating_sub(additive)),
            (Setting::AdditiveLatency, less),
            (Setting::WriteRecovery, clocks(T_WR)),
            (Setting::Dll, 1),
            (Setting::DllReset, 1),
        ]);
    }
    if standard == Standard::Ddr4 {
        settings.extend([(Setting::DataMask, 1), (Setting::CcdLong, clocks(T_CCD_L))]);
    }
    let mut modes = Modes::new(standard);
    for (setting, value) in settings {
        let value = u8::try_from(value).unwrap_or(u8::MAX);
        modes
            .put(setting, value)
            .map_err(|error| PinError::Modes { part: memory.name().to_owned(), error })?;
    }
    Ok(modes)
}

fn power_up(memory: &Memory) -> PowerUp {
    let clocks = |param: Param| memory.clocks(param).unwrap_or(0);
    let tck = Span::from_fs(memory.tck());
    let rfc = Span::from_fs(memory.tck().saturating_mul(clocks(T_RFC)));
    let modes = match memory.standard() {
        Standard::Ddr5 => [clocks(T_MRW), clocks(T_MRD)],
        _ => [clocks(T_MRD), clocks(T_MOD)],
    };
    PowerUp::of(memory.standard(), tck, rfc, clocks(T_XSDLL), modes)
}
