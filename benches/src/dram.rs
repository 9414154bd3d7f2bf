//! DDR4 on its pins: traffic that keeps the data bus busy, and the same written by hand.

use std::collections::{HashMap, VecDeque};

use busproof_core::bus::ddr::Command;
use busproof_dram::Issued;
use busproof_dram::pins::{PinOptions, Pins};
use busproof_parts::memory::Memory;

/// Read and write latency of the part, in clocks: CL 17, CWL 12.
const READ: u64 = 17;
const WRITE: u64 = 12;
const BEATS: u64 = 8;

/// Commands for so many clocks: bursts of sixteen writes and of sixteen reads in turn, one to the open row of each bank, each four
/// clocks behind the one before.
pub fn busy(clocks: u64) -> Vec<Issued> {
    let at = |clock, command, bank: u64, column| Issued {
        clock,
        command,
        channel: 0,
        rank: 0,
        bank_group: (bank % 4) as u8,
        bank: (bank / 4) as u8,
        row: 5,
        column,
    };
    let mut commands: Vec<Issued> = (0..16).map(|bank| at(8 * bank, Command::Act, bank, 0)).collect();
    let (mut clock, mut column) = (200, 0);
    while clock + 168 <= clocks {
        commands.extend((0..16).map(|bank| at(clock + 4 * bank, Command::Wr, bank, column)));
        commands.extend((0..16).map(|bank| at(clock + 90 + 4 * bank, Command::Rd, bank, column)));
        (clock, column) = (clock + 168, (column + 8) % 1024);
    }
    commands
}

/// Plays the commands on the pins of the part; all reads must give what was written.
///
/// # Panics
/// If one does not, or a memory finds something odd.
pub fn play_on_pins(part: &Memory, commands: &[Issued]) {
    let mut pins = Pins::new(part, &PinOptions::default()).expect("the part has pins");
    for issued in commands {
        pins.submit(issued).expect("commands are in order");
    }
    let came = pins.run(&mut ()).expect("the wires settle");
    assert!(came.holds() && came.reads == reads(commands), "{came:?}");
}

/// How many of the commands are reads.
pub fn reads(commands: &[Issued]) -> u64 {
    commands.iter().filter(|issued| issued.command == Command::Rd).count() as u64
}

/// The wires between the ends, as plain variables.
#[derive(Clone, Copy, Default)]
struct Wires {
    selected: bool,
    command: Option<Command>,
    bank: u8,
    row: u32,
    column: u32,
    strobe: bool,
    data: u64,
}

/// A burst on its way: the half clock of its first beat, and where it goes or comes from.
struct Burst {
    first: u64,
    place: Place,
    data: Data,
}

impl Burst {
    fn beat(&self, half: u64) -> Option<usize> {
        half.checked_sub(self.first).filter(|&beat| beat < BEATS).map(|beat| beat as usize)
    }
}

/// The data of a burst: no two are alike.
fn data(number: u64) -> Data {
    std::array::from_fn(|beat| (number << 8 | beat as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Bank, row, column.
type Place = (u8, u32, u32);
type Data = [u64; BEATS as usize];

/// Both ends and what is on its way between them.
#[derive(Default)]
struct Ends {
    wires: Wires,
    rows: [u32; 16],
    cells: HashMap<Place, Data>,
    /// What was written last to each place, as the controller remembers it.
    latest: HashMap<Place, Data>,
    writes: u64,
    good: u64,
    /// Write data at the controller and at the memory, read data at the memory and at the controller.
    sent: VecDeque<Burst>,
    taken: VecDeque<Burst>,
    read: VecDeque<Burst>,
    wanted: VecDeque<Burst>,
}

/// What both ends do in each half clock: the controller puts commands and write data on the wires and takes read data, the memory
/// takes commands and write data and puts read data. No time, no preambles, no resolution, no unknown levels, no checks. Returns how many
/// reads gave what was written.
pub fn play_by_hand(commands: &[Issued], clocks: u64) -> u64 {
    let mut ends = Ends::default();
    let mut commands = commands.iter().peekable();
    for half in 0..2 * clocks + 100 {
        if half % 2 == 1 {
            let next = commands.next_if(|issued| issued.clock == half / 2);
            ends.falls(half, next);
        } else {
            ends.rises(half);
        }
        ends.data(half);
    }
    ends.good
}

impl Ends {
    /// CK falls: the controller shows the command of the next clock.
    fn falls(&mut self, half: u64, next: Option<&Issued>) {
        self.wires.selected = next.is_some();
        let Some(&Issued { command, bank_group, bank, row, column, .. }) = next else { return };
        let place = (bank_group * 4 + bank, row, column);
        self.wires =
            Wires { selected: true, command: Some(command), bank: place.0, row, column, ..self.wires };
        let first = |latency| half + 1 + 2 * latency;
        if command == Command::Wr {
            self.writes += 1;
            let data = data(self.writes);
            self.latest.insert(place, data);
            self.sent.push_back(Burst { first: first(WRITE), place, data });
        } else if command == Command::Rd {
            self.wanted.push_back(Burst { first: first(READ), place, data: [0; BEATS as usize] });
        }
    }

    /// CK rises: the memory takes the command.
    fn rises(&mut self, half: u64) {
        if !self.wires.selected {
            return;
        }
        let bank = self.wires.bank;
        let place = (bank, self.rows[bank as usize], self.wires.column);
        let burst = |latency, data| Burst { first: half + 2 * latency, place, data };
        match self.wires.command {
            Some(Command::Act) => self.rows[bank as usize] = self.wires.row,
            Some(Command::Wr) => self.taken.push_back(burst(WRITE, [0; BEATS as usize])),
            Some(Command::Rd) => {
                self.read.push_back(burst(READ, self.cells.get(&place).copied().unwrap_or_default()));
            }
            _ => {}
        }
    }

    /// A beat each way.
    fn data(&mut self, half: u64) {
        for source in [&mut self.sent, &mut self.read] {
            if let Some(beat) = source.front().and_then(|burst| burst.beat(half)) {
                self.wires.strobe = beat % 2 == 0;
                self.wires.data = source[0].data[beat];
                source.pop_front_if(|_| beat + 1 == BEATS as usize);
            }
        }
        if let Some(burst) = take(&mut self.taken, half, self.wires.data) {
            self.cells.insert(burst.place, burst.data);
        }
        if let Some(burst) = take(&mut self.wanted, half, self.wires.data) {
            self.good += u64::from(self.latest.get(&burst.place) == Some(&burst.data));
        }
    }
}

/// Takes a beat of the first burst. Returns the burst with its last one.
fn take(bursts: &mut VecDeque<Burst>, half: u64, data: u64) -> Option<Burst> {
    let burst = bursts.front_mut()?;
    let beat = burst.beat(half)?;
    burst.data[beat] = data;
    bursts.pop_front_if(|_| beat + 1 == BEATS as usize)
}
