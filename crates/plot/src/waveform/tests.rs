use busproof_core::{Level, Time};
use proptest::prelude::*;

use super::lane::{Piece, Shows, pieces};
use super::layout::{self, Layout};
use super::*;
use crate::{Diagram, Lane, Marker, State};

fn ns(t: u64) -> Time {
    Time::from_fs(t * 1_000_000)
}

/// A wire that toggles `edges` times, every nanosecond.
fn clock(edges: u64) -> Lane {
    let level = |t: u64| if t.is_multiple_of(2) { Level::Low } else { Level::High };
    Lane { name: "clk".into(), changes: (0..=edges).map(|t| (ns(t), State::Level(level(t)))).collect() }
}

fn chart(lanes: Vec<Lane>, to: u64) -> Chart {
    Chart {
        title: "a <b>".into(),
        diagram: Diagram { to: ns(to), lanes, ..Diagram::default() },
        ..Chart::default()
    }
}

fn marker(from: u64, to: u64, label: &str) -> Marker {
    Marker { from: ns(from), to: ns(to), label: label.into() }
}

fn crowds(pieces: &[Piece<'_>]) -> u64 {
    let count = |piece: &Piece<'_>| if let Shows::Crowd(count) = piece.shows { count } else { 0 };
    pieces.iter().map(count).sum()
}

#[test]
fn an_edge_is_upright_and_where_its_time_is() {
    let changes = vec![(ns(0), State::Level(Level::Low)), (ns(5), State::Level(Level::High))];
    let chart = chart(vec![Lane { name: "cs".into(), changes }], 10);
    let scale = Layout::of(&chart).scale;
    let middle = scale.left + scale.wide / 2;
    let (top, bottom) = (76, 76 + layout::LANE);
    let edge = format!("points=\"{middle},{bottom} {middle},{top} \"");
    assert!(draw(&chart).unwrap().contains(&edge), "{edge}");
}

#[test]
fn a_thousand_edges_are_drawn_one_by_one_and_a_million_as_crowds() {
    let thousand = chart(vec![clock(1_000)], 1_000);
    let seen = pieces(&thousand.diagram.lanes[0], &Layout::of(&thousand).scale).len();
    assert!((1_000..=1_001).contains(&seen), "{seen}");
    assert_eq!(Layout::of(&thousand).scale.wide, 6_000);
    let million = chart(vec![clock(1_000_000)], 1_000_000);
    let all = pieces(&million.diagram.lanes[0], &Layout::of(&million).scale);
    assert!(crowds(&all) >= 999_999 && all.len() < 4, "{all:?}");
    assert_eq!(Layout::of(&million).scale.wide, 1_600);
    let svg = draw(&million).unwrap();
    assert!(svg.len() < 20_000 && svg.contains("changes"), "{}", svg.len());
}

#[test]
fn a_pulse_too_short_to_be_seen_is_a_line_nevertheless() {
    let level = |t, level| (ns(t), State::Level(level));
    let changes = vec![level(0, Level::Low), level(500_000, Level::High), level(500_001, Level::Low)];
    let chart = chart(vec![Lane { name: "irq".into(), changes }], 1_000_000);
    let all = pieces(&chart.diagram.lanes[0], &Layout::of(&chart).scale);
    assert_eq!((crowds(&all), all.len()), (1, 3), "{all:?}");
}

#[test]
fn unknown_is_hatched_released_is_dashed_and_words_are_escaped() {
    let of =
        |state| draw(&chart(vec![Lane { name: "sda".into(), changes: vec![(ns(0), state)] }], 10)).unwrap();
    let lines = |svg: &str, y: i32| svg.matches(&format!(",{y} ")).count();
    let middle = 76 + layout::LANE / 2;
    // Dashes of 4 pixels, 4 apart, over 800.
    assert_eq!(lines(&of(State::Level(Level::Z)), middle), 200);
    assert_eq!(lines(&of(State::Level(Level::X)), middle), 0);
    assert!(of(State::Level(Level::X)).matches("#8A5A00").count() > 100);
    let label = of(State::Label("a&b\u{7}".into()));
    assert!(label.contains("a&amp;b?") && label.contains("<title>a &lt;b&gt;</title>"), "{label}");
}

#[test]
fn a_finding_has_an_arrow_between_its_edges_and_its_words() {
    let mut chart = chart(vec![clock(10)], 10);
    chart.findings = vec![marker(2, 7, "tSU;DAT 10 ns < 100 ns")];
    let layout = Layout::of(&chart);
    let (from, to) = (layout.scale.x(ns(2)), layout.scale.x(ns(7)));
    let y = layout.arrow_middle(0);
    let svg = draw(&chart).unwrap();
    assert!(svg.contains(&format!("points=\"{from},{y} {to},{y} \"")), "{svg}");
    assert!(svg.contains("tSU;DAT 10 ns &lt; 100 ns"), "{svg}");
}

#[test]
fn a_title_that_is_too_long_keeps_its_end() {
    assert_eq!(layout::fit_title("short.vcd", 14 * 9), "short.vcd");
    assert_eq!(layout::fit_title("a/long/path.vcd", 14 * 10), "..path.vcd");
    let chart = Chart { title: format!("{}end.vcd", "x".repeat(500)), ..chart(vec![clock(10)], 10) };
    let svg = draw(&chart).unwrap();
    assert!(svg.contains("xend.vcd\n</text>") && !svg.contains(&format!("\n{}", chart.title)), "{svg}");
}

#[test]
fn a_chart_without_lanes_is_refused() {
    assert_eq!(draw(&Chart::default()), Err(DrawError::Empty));
}

proptest! {
    #[test]
    fn findings_neither_overlap_nor_leave_the_picture(
        all in prop::collection::vec((0u64..1_000, 0u64..1_000, "[a-z ]{0,160}"), 0..12),
    ) {
        let mut chart = chart(vec![clock(10)], 1_000);
        chart.findings = all.iter().map(|(from, long, text)| marker(*from, from + long, text)).collect();
        let layout = Layout::of(&chart);
        let reach = |a: &layout::Arrow<'_>| (a.from.min(a.words.0), a.to.max(a.words.1));
        for (i, arrow) in layout.arrows.iter().enumerate() {
            let (from, to) = reach(arrow);
            prop_assert_eq!(&arrow.text, &all[i].2);
            prop_assert!(from >= layout.left() && to <= layout.scale.right() + layout::MARGIN);
            for other in layout.arrows[..i].iter().filter(|other| other.line == arrow.line) {
                let (a, b) = reach(other);
                prop_assert!(b < from || to < a);
            }
        }
    }

    #[test]
    fn pieces_cover_a_lane_from_end_to_end(times in prop::collection::btree_set(0u64..2_000, 0..300)) {
        let level = |i: usize| if i.is_multiple_of(2) { Level::Low } else { Level::High };
        let changes = times.iter().enumerate().map(|(i, t)| (ns(*t), State::Level(level(i)))).collect();
        let chart = chart(vec![Lane { name: "x".into(), changes }], 1_000);
        let scale = Layout::of(&chart).scale;
        let all = pieces(&chart.diagram.lanes[0], &scale);
        prop_assert_eq!(all.first().map(|p| p.from), Some(scale.left));
        prop_assert_eq!(all.last().map(|p| p.to), Some(scale.right()));
        prop_assert!(all.windows(2).all(|pair| pair[0].to == pair[1].from));
    }
}
