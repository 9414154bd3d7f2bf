//! Diagrams as `WaveJSON`, which `WaveDrom` draws.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use busproof_core::{Level, Time};
use busproof_plot::{Diagram, Lane, State};

use crate::json::text;

/// A brick for each instant at which anything changes, so it is not to scale.
pub(super) fn of(diagram: &Diagram, title: &str) -> String {
    let instants = instants(diagram);
    let lanes: Vec<String> = diagram.lanes.iter().map(|lane| signal(lane, &instants)).collect();
    let foot = format!("a brick for each instant of change from {} to {}", diagram.from, diagram.to);
    format!(
        "{{\"signal\":[\n  {}\n],\n\"head\":{{\"text\":{}}},\n\"foot\":{{\"text\":{}}}}}",
        lanes.join(",\n  "),
        text(title),
        text(&foot)
    )
}

/// The beginning of the window, and whenever anything changes in it.
fn instants(diagram: &Diagram) -> BTreeSet<Time> {
    let changes = diagram.lanes.iter().flat_map(|lane| lane.changes.iter().map(|(t, _)| *t));
    changes.filter(|t| (diagram.from..=diagram.to).contains(t)).chain([diagram.from]).collect()
}

fn signal(lane: &Lane, instants: &BTreeSet<Time>) -> String {
    let (mut wave, mut data) = (String::new(), Vec::new());
    let mut done = 0;
    for (brick, t) in instants.iter().enumerate() {
        let until = lane.changes.partition_point(|(at, _)| at <= t);
        let state = until.checked_sub(1).map_or(&State::Blank, |last| &lane.changes[last].1);
        wave.push(if until == done && brick > 0 { '.' } else { sign(state) });
        if let (State::Label(label), true) = (state, until != done) {
            data.push(text(label));
        }
        done = until;
    }
    let mut line = format!("{{\"name\":{},\"wave\":\"{wave}\"", text(&lane.name));
    if !data.is_empty() {
        let _ = write!(line, ",\"data\":[{}]", data.join(","));
    }
    line + "}"
}

/// The sign for a state.
fn sign(state: &State) -> char {
    match state {
        State::Level(Level::Low) => '0',
        State::Level(Level::High) => '1',
        State::Level(Level::X) => 'x',
        State::Level(Level::Z) | State::Blank => 'z',
        State::Label(_) => '=',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(name: &str, changes: &[(u64, State)]) -> Lane {
        let changes = changes.iter().map(|(t, state)| (Time::from_fs(*t), state.clone())).collect();
        Lane { name: name.into(), changes }
    }

    #[test]
    fn a_brick_stands_for_each_instant_of_change() {
        let level = State::Level;
        let word = |word: &str| State::Label(word.into());
        let clk = lane("clk", &[(0, level(Level::Low)), (5, level(Level::High)), (10, level(Level::Low))]);
        let words = lane("say \"it\"", &[(5, word("9f")), (7, State::Blank), (10, word("9f"))]);
        let diagram = Diagram { to: Time::from_fs(10), lanes: vec![clk, words], ..Diagram::default() };
        let json = of(&diagram, "t");
        assert!(json.contains(r#"{"name":"clk","wave":"01.0"}"#), "{json}");
        assert!(json.contains(r#"{"name":"say \"it\"","wave":"z=z=","data":["9f","9f"]}"#), "{json}");
    }

    #[test]
    fn a_window_begins_with_what_held_before_it() {
        let irq = lane("irq", &[(0, State::Level(Level::High)), (8, State::Label("a".into()))]);
        let (from, to) = (Time::from_fs(5), Time::from_fs(7));
        let json = of(&Diagram { from, to, lanes: vec![irq], ..Diagram::default() }, "t");
        assert!(json.contains(r#""wave":"1"}"#), "{json}");
    }
}
