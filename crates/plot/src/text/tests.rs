use super::*;
use crate::diagram::{Lane, Marker, State};
use busproof_core::{Level, Time};
use proptest::prelude::*;

fn ns(n: u64) -> Time {
    Time::from_fs(n * 1_000_000)
}

fn wire(name: &str, changes: &[(u64, Level)]) -> Lane {
    let changes = changes.iter().map(|&(t, level)| (ns(t), State::Level(level))).collect();
    Lane { name: name.into(), changes }
}

fn labels(name: &str, changes: &[(u64, &str)]) -> Lane {
    let state = |text: &str| if text.is_empty() { State::Blank } else { State::Label(text.into()) };
    Lane { name: name.into(), changes: changes.iter().map(|&(t, text)| (ns(t), state(text))).collect() }
}

fn drawn(diagram: &Diagram, width: usize, charset: Charset) -> String {
    draw(diagram, &TextOptions { width, charset }).join("\n")
}

fn set_up() -> Diagram {
    use Level::{High, Low};
    Diagram {
        from: ns(0),
        to: ns(100),
        origin: ns(20),
        lanes: vec![wire("sck", &[(0, Low), (40, High), (80, Low)]), wire("mosi", &[(0, High), (20, Low)])],
        marker: Some(Marker { from: ns(20), to: ns(40), label: "20 ns".into() }),
    }
}

#[test]
fn a_measured_interval_is_marked_under_its_edges() {
    let want = "
 sck ______________________/~~~~~~~~~~~~~~~~~~~~~\\__________
mosi ~~~~~~~~~~~\\___________________________________________
                |<-------->| 20 ns
     '-20 ns    '0         '+20 ns    '+40 ns    '+60 ns";
    assert_eq!(format!("\n{}", drawn(&set_up(), 60, Charset::Ascii)), want);
}

#[test]
fn unicode_draws_the_same_lines() {
    let want = "
 sck ▁▁▁▁▁▁▁▁▁▁▁▁▁▁╱▔▔▔▔▔▔▔▔▔▔▔▔▔╲▁▁▁▁▁▁
mosi ▔▔▔▔▔▔▔╲▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
            |<---->| 20 ns
            '0               '+50 ns";
    assert_eq!(format!("\n{}", drawn(&set_up(), 40, Charset::Unicode)), want);
}

#[test]
fn every_level_and_labels_have_their_signs() {
    use Level::{High, Low, X, Z};
    let diagram = Diagram {
        to: ns(40),
        lanes: vec![
            wire("a", &[(0, Z), (10, Low), (20, X), (30, High)]),
            wire("late", &[(20, Low)]),
            labels("word", &[(4, "9f"), (20, ""), (30, "a long label")]),
        ],
        ..Diagram::default()
    };
    let want = "
   a ----------|_________|xxxxxxxxx|~~~~~~~~~
late                     |___________________
word     <9f            >          <a long l>
     '0        '+10 ns   '+20 ns   '+30 ns";
    let text = drawn(&diagram, 45, Charset::Ascii);
    assert_eq!(format!("\n{text}"), want);
}

#[test]
fn several_changes_in_a_column_are_not_drawn_as_one() {
    let clock: Vec<_> = (0..1000).map(|i| (i, Level::from_bit(i % 2 == 1))).collect();
    let glitch = [(0, Level::Low), (500, Level::High), (501, Level::Low)];
    let diagram =
        Diagram { to: ns(1000), lanes: vec![wire("c", &clock), wire("g", &glitch)], ..Diagram::default() };
    let text = drawn(&diagram, 22, Charset::Ascii);
    assert!(text.starts_with("c ####################\ng __________#_________\n"), "{text}");
}

#[test]
fn an_interval_of_no_length_is_a_point() {
    let mut diagram = set_up();
    diagram.marker = Some(Marker { from: ns(40), to: ns(40), label: "0 s".into() });
    assert!(drawn(&diagram, 60, Charset::Ascii).contains("\n                           ^ 0 s\n"));
}

fn any_lane(end: u64) -> impl Strategy<Value = Lane> {
    let state = prop_oneof![
        Just(State::Blank),
        (0..4usize).prop_map(|i| State::Level([Level::Low, Level::High, Level::X, Level::Z][i])),
        "\\PC{0,12}".prop_map(State::Label),
    ];
    let changes = proptest::collection::vec((0..=end, state), 0..40);
    ("\\PC{0,40}", changes).prop_map(|(name, mut changes)| {
        changes.sort_by_key(|c| c.0);
        Lane { name, changes: changes.into_iter().map(|(t, s)| (Time::from_fs(t), s)).collect() }
    })
}

fn any_diagram() -> impl Strategy<Value = Diagram> {
    prop_oneof![Just(0u64), Just(7), 1..1_000_000u64, Just(u64::MAX)].prop_flat_map(|end| {
        let t = || (0..=end).prop_map(Time::from_fs);
        let marker = (t(), t(), "\\PC{0,30}").prop_map(|(from, to, label)| Marker { from, to, label });
        let lanes = proptest::collection::vec(any_lane(end), 0..4);
        (t(), t(), t(), lanes, proptest::option::of(marker))
            .prop_map(|(from, to, origin, lanes, marker)| Diagram { from, to, origin, lanes, marker })
    })
}

proptest! {
    #[test]
    fn no_line_is_too_wide(diagram in any_diagram(), width in 0..200usize, unicode in any::<bool>()) {
        let charset = if unicode { Charset::Unicode } else { Charset::Ascii };
        let lines = draw(&diagram, &TextOptions { width, charset });
        prop_assert_eq!(lines.len(), diagram.lanes.len() + 1 + usize::from(diagram.marker.is_some()));
        for line in lines {
            prop_assert!(canvas::width(&line) <= width.max(MIN_WIDTH), "{line:?}");
        }
    }
}
