//! The commands of a run as files: CSV for `dram judge`, VCD for the eye.
//!
//! In the VCD a command is shown for its clock; then the text is empty, `valid` is low and the address unknown. The text has the
//! address, too, so that one line in a viewer says everything: `ACT r0 g1 b2 row 18`.

use std::io::{self, Write};
use std::path::Path;

use busproof_core::bus::ddr::{Command, Level as Reach};
use busproof_core::{Change, Level, Observer as _, SignalId, Time, Value};
use busproof_dram::{Issued, Meter, Observer};
use busproof_parts::memory::{Geometry, Memory};
use busproof_wave::{Lane, LaneKind, Timescale, VcdOptions, VcdWriter, WriteError, write_whole};

/// Keeps commands, if they are wanted, and meters their energy, if it is known.
pub(super) struct Keeper {
    pub(super) wanted: bool,
    pub(super) commands: Vec<Issued>,
    pub(super) meter: Option<Meter>,
}

impl Observer for Keeper {
    fn command(&mut self, issued: Issued) {
        if let Some(meter) = &mut self.meter {
            meter.command(&issued);
        }
        if self.wanted {
            self.commands.push(issued);
        }
    }
}

/// Writes the commands, which are in order of time, as CSV.
pub(super) fn write_csv(path: &Path, commands: &[Issued]) -> io::Result<()> {
    write_whole(path, |file| {
        let mut file = io::BufWriter::new(file);
        writeln!(file, "clock,command,channel,rank,bank_group,bank,row,column")?;
        commands.iter().try_for_each(|issued| line(&mut file, issued))?;
        file.flush()
    })
}

/// A command as a line; columns that do not apply are empty.
fn line(file: &mut impl Write, issued: &Issued) -> io::Result<()> {
    let Issued { clock, command, channel, rank, .. } = issued;
    write!(file, "{clock},{command},{channel},{rank}")?;
    for part in [group(issued), bank(issued), row(issued), column(issued)] {
        match part {
            Some(part) => write!(file, ",{part}")?,
            None => write!(file, ",")?,
        }
    }
    writeln!(file)
}

fn group(issued: &Issued) -> Option<u32> {
    (issued.command.level() == Reach::Bank).then_some(u32::from(issued.bank_group))
}

fn bank(issued: &Issued) -> Option<u32> {
    (issued.command.level() >= Reach::Group).then_some(u32::from(issued.bank))
}

fn row(issued: &Issued) -> Option<u32> {
    (issued.command == Command::Act || issued.command.is_column()).then_some(issued.row)
}

fn column(issued: &Issued) -> Option<u32> {
    issued.command.is_column().then_some(issued.column)
}

/// The wires of a channel beside its text, and how many each are.
fn wires(geometry: &Geometry) -> [(&'static str, u32); 6] {
    let bits = |count: u32| count.ilog2().max(1);
    [
        ("valid", 1),
        ("rank", bits(geometry.ranks)),
        ("bank_group", bits(geometry.bank_groups)),
        ("bank", bits(geometry.banks)),
        ("row", bits(geometry.rows)),
        ("column", bits(geometry.columns)),
    ]
}

/// The signals of a channel: the text, then the wires.
const SIGNALS: u32 = 7;

fn lanes(geometry: &Geometry, channel: u32) -> impl Iterator<Item = Lane> {
    let lane = move |name: &str, kind| Lane { name: format!("dram.ch{channel}.{name}"), kind };
    let wires = wires(geometry).map(|(name, width)| lane(name, LaneKind::Wires(width)));
    std::iter::once(lane("command", LaneKind::Text)).chain(wires)
}

/// What a channel shows from a clock on: a command, or none.
#[derive(Clone, Copy, Debug)]
struct Shown<'a> {
    clock: u64,
    channel: u8,
    issued: Option<&'a Issued>,
}

/// What is shown, in order of time: each command for its clock.
fn shown(channels: u32, commands: &[Issued]) -> Vec<Shown<'_>> {
    let at_first = (0..channels).map(|channel| Shown { clock: 0, channel: channel as u8, issued: None });
    let each = commands.iter().flat_map(|issued| {
        let Issued { clock, channel, .. } = *issued;
        [Shown { clock, channel, issued: Some(issued) }, Shown { clock: clock + 1, channel, issued: None }]
    });
    let mut shown: Vec<Shown<'_>> = at_first.chain(each).collect();
    // A command that follows at once takes the place of the pause.
    shown.sort_by_key(|shown| (shown.clock, shown.channel, shown.issued.is_none()));
    shown.dedup_by_key(|shown| (shown.clock, shown.channel));
    shown
}

/// Writes the commands as a VCD that ends with clock `end`.
pub(super) fn write_vcd(
    path: &Path,
    memory: &Memory,
    channels: u32,
    commands: &[Issued],
    end: u64,
) -> Result<(), WriteError> {
    let lanes: Vec<Lane> = (0..channels).flat_map(|channel| lanes(memory.geometry(), channel)).collect();
    let scale = if memory.tck().is_multiple_of(1000) { Timescale::PS } else { Timescale::FS };
    let options = VcdOptions { timescale: Some(scale), ..VcdOptions::default() };
    let time = |clock: u64| Time::from_fs(clock.saturating_mul(memory.tck()));
    let shown = shown(channels, commands);
    write_whole(path, |file| {
        let mut writer = VcdWriter::new(file, &lanes, &options)?;
        for instant in shown.chunk_by(|a, b| a.clock == b.clock) {
            let now = time(instant[0].clock);
            for shown in instant {
                let text = shown.issued.map_or_else(String::new, text);
                writer.text(SignalId(u32::from(shown.channel) * SIGNALS), now, &text);
            }
            let changes: Vec<Change> = instant.iter().flat_map(changes).collect();
            writer.instant(now, &changes);
        }
        let last = shown.last().map_or(0, |shown| shown.clock);
        writer.finish(time(last.max(end)));
        writer.close().map(drop)
    })
}

/// A command in words: `ACT r0 g1 b2 row 18`.
pub(super) fn text(issued: &Issued) -> String {
    let part = |name: &str, value: Option<u32>| value.map_or_else(String::new, |v| format!(" {name}{v}"));
    format!(
        "{} r{}{}{}{}{}",
        issued.command,
        issued.rank,
        part("g", group(issued)),
        part("b", bank(issued)),
        part("row ", row(issued)),
        part("col ", column(issued)),
    )
}

/// The wires of a channel.
fn changes(shown: &Shown<'_>) -> [Change; SIGNALS as usize - 1] {
    let wires = |part: Option<u32>| part.map_or(Value::X, |value| Value::known(u64::from(value)));
    let of = |part: fn(&Issued) -> Option<u32>| wires(shown.issued.and_then(part));
    let values = [
        Value::wire(if shown.issued.is_some() { Level::High } else { Level::Low }),
        wires(shown.issued.map(|issued| u32::from(issued.rank))),
        of(group),
        of(bank),
        of(row),
        of(column),
    ];
    let first = u32::from(shown.channel) * SIGNALS + 1;
    let mut signal = first;
    values.map(|value| {
        let change = Change { signal: SignalId(signal), value };
        signal += 1;
        change
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(clock: u64, command: Command, channel: u8) -> Issued {
        Issued { clock, command, channel, rank: 1, bank_group: 2, bank: 3, row: 18, column: 8 }
    }

    /// A command is shown for its clock, and one that follows at once takes its place.
    #[test]
    fn commands_are_shown_for_their_clocks() {
        let commands = [issued(5, Command::Act, 0), issued(5, Command::Pre, 1), issued(6, Command::Ref, 0)];
        let seen: Vec<_> = shown(2, &commands)
            .iter()
            .map(|shown| (shown.clock, shown.channel, shown.issued.map(|issued| issued.command)))
            .collect();
        let expected = [
            (0, 0, None),
            (0, 1, None),
            (5, 0, Some(Command::Act)),
            (5, 1, Some(Command::Pre)),
            (6, 0, Some(Command::Ref)),
            (6, 1, None),
            (7, 0, None),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_command_in_words_has_what_applies() {
        let words = |command| text(&issued(0, command, 0));
        assert_eq!(words(Command::Act), "ACT r1 g2 b3 row 18");
        assert_eq!(words(Command::Rda), "RDA r1 g2 b3 row 18 col 8");
        assert_eq!(words(Command::Pre), "PRE r1 g2 b3");
        assert_eq!(words(Command::RefSame), "REFsb r1 b3");
        assert_eq!(words(Command::Ref), "REF r1");
    }

    #[test]
    fn columns_that_do_not_apply_are_empty() {
        let mut text = Vec::new();
        line(&mut text, &issued(7, Command::Act, 1)).unwrap();
        line(&mut text, &issued(9, Command::PreAll, 0)).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "7,ACT,1,1,2,3,18,\n9,PREA,0,1,,,,\n");
    }
}
