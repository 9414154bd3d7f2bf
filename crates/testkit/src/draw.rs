//! Waveforms as a few lines of text.

use std::fmt::Write as _;

use busproof_core::log::Column;
use busproof_core::{Instants, Level, Time, Value};

/// How many instants fit into 80 columns beside the names.
const INSTANTS: usize = 35;
/// Instants before the window that are drawn, too.
const LEAD: usize = 3;

/// The changes of `columns` around `[from, to]`, two characters per instant.
pub(crate) fn draw(columns: &[(&str, &Column)], from: Time, to: Time) -> String {
    let times = window(columns, from, to);
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return String::new() };
    let mut text = format!("{first} to {last}, not to scale\n");
    let width = columns.iter().map(|(name, _)| name.len()).max().unwrap_or(0).min(8);
    for (name, column) in columns {
        let _ = writeln!(text, "{name:width$.width$}  {}", line(column, &times));
    }
    text
}

/// The instants to draw: those of the window and a few before, or its first ones if they are too many.
fn window(columns: &[(&str, &Column)], from: Time, to: Time) -> Vec<Time> {
    let mut instants = Instants::new(columns.iter().map(|(_, column)| *column));
    let mut times: Vec<Time> = Vec::new();
    while let Some((t, _)) = instants.next() {
        if t < from && times.len() >= LEAD {
            times.remove(0);
        }
        times.push(t);
        if t > to || times.len() == INSTANTS {
            break;
        }
    }
    times
}

/// One signal at the given instants.
fn line(column: &Column, times: &[Time]) -> String {
    let level = |t: Time| column.value_at(t).map_or(Level::Z, Value::level);
    let before = times.first().filter(|t| t.as_fs() > 0).map(|t| Time::from_fs(t.as_fs() - 1));
    let mut was = before.or(times.first().copied()).map_or(Level::Z, level);
    let mut text = String::new();
    for now in times.iter().map(|t| level(*t)) {
        text.push(edge(was, now));
        text.push(rest(now));
        was = now;
    }
    text
}

const fn edge(was: Level, now: Level) -> char {
    match (was, now) {
        (Level::Low, Level::High) => '/',
        (Level::High, Level::Low) => '\\',
        _ if was as u8 == now as u8 => rest(now),
        _ => '|',
    }
}

const fn rest(level: Level) -> char {
    match level {
        Level::Low => '_',
        Level::High => '‾',
        Level::X => 'x',
        Level::Z => '-',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use busproof_core::{ChangeLog, Drive};

    fn log(edges: u64) -> ChangeLog {
        let mut log = ChangeLog::default();
        let (a, b) = (log.add_wire("clock"), log.add_wire("data"));
        for i in 0..edges {
            let t = Time::from_fs(i * i * 10);
            log.push(a, t, Value::wire(Level::from_bit(i % 2 == 1))).unwrap();
            let data = [Drive::Released, Drive::Strong(true), Drive::Strong(true), Drive::Unknown];
            log.push(b, t, Value::wire(data[i as usize % 4].level())).unwrap();
        }
        log
    }

    fn picture(log: &ChangeLog, from: u64, to: u64) -> String {
        let columns: Vec<_> = log.columns().iter().map(|c| (c.name(), c)).collect();
        draw(&columns, Time::from_fs(from), Time::from_fs(to))
    }

    #[test]
    fn an_instant_takes_two_columns() {
        let want = "0 s to 250 fs, not to scale\n\
                    clock  __/‾\\_/‾\\_/‾\n\
                    data   --|‾‾‾|x|-|‾\n";
        assert_eq!(picture(&log(6), 0, 1_000), want);
    }

    #[test]
    fn long_waveforms_stay_within_80_columns_and_near_the_place() {
        let text = picture(&log(500), 1_000_000, 2_000_000);
        assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
        assert!(text.starts_with("985.96 ps to"), "{text}");
    }
}
