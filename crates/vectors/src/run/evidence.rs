//! What a report with pictures shows of a run: the rules that were measured, and what its failures look like.

use busproof_core::log::Column;
use busproof_plot::Chart;

use super::recording::Recording;
use super::verdict::{Complaint, Seen};
use crate::caption::Found;
use crate::chart::{Part, Scene};
use crate::format::Vector;
use crate::report::Measured;

/// So many pictures a vector gets at most.
const PICTURES: usize = 3;
/// More changes than these are no picture that anybody could read.
const READABLE: usize = 20_000;

/// The rules that were measured and whose margin says something of the design, each with the place where it was least.
pub(super) fn rules(vector: &Vector, seen: &Seen) -> Vec<Measured> {
    let mut all: Vec<Measured> = Vec::new();
    for (result, margin) in seen.margins() {
        let is_expected = vector.check.expects(result.rule.name);
        let measured = Measured { rule: result.rule, margin, is_expected };
        match all.iter_mut().find(|known| known.rule == result.rule) {
            Some(known) if known.margin.worst <= margin.worst => {}
            Some(known) => *known = measured,
            None => all.push(measured),
        }
    }
    all
}

/// What was complained of, with its surroundings: the first of each kind that is not to be seen in an earlier picture; all of
/// the waveform if nothing that was complained of has a place in it.
pub(super) fn charts(vector: &Vector, complaints: &[Complaint], recording: &Recording) -> Vec<Chart> {
    let mut found = recording.found();
    found.retain(|found| complaints.iter().any(|complaint| complaint.code == found.code));
    let tracks = recording.tracks();
    let bus = match vector.buses.as_slice() {
        [only] if !found.is_empty() => only.info().name,
        _ => "",
    };
    let scene = Scene { title: &vector.name, bus, log: recording.log(), tracks: &tracks, found: &found };
    let mut charts: Vec<Chart> = Vec::new();
    for (i, first) in found.iter().enumerate() {
        let is_new = found[..i].iter().all(|earlier| earlier.code != first.code);
        let is_shown = charts.iter().any(|chart| shows(chart, first));
        if is_new && !is_shown && charts.len() < PICTURES {
            charts.push(scene.chart(Part::Around(first)));
        }
    }
    let changes: usize = recording.log().columns().iter().map(Column::len).sum();
    if charts.is_empty() && changes <= READABLE {
        charts.push(scene.chart(Part::WHOLE));
    }
    charts
}

/// Whether a chart has an arrow for it.
fn shows(chart: &Chart, found: &Found) -> bool {
    chart
        .findings
        .iter()
        .any(|marker| (marker.from, &marker.label) == (found.caption.from, &found.caption.text))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::format::VectorFile;
    use crate::report::{Evidence, Outcome};
    use crate::run::{RunOptions, run_file};

    /// A flash far away from its controller, and what a step expects of it.
    fn evidence(clock: &str, expected: &str, evidence: bool) -> (Outcome, Evidence) {
        let text = format!(
            r#"
            bus.spi = {{ kind = "spi", clock = "{clock}", host = "host-generic", flight = {{ sck = "4 ns", miso = "4 ns" }} }}
            device.flash.part = "w25q128jv"
            step = [{{ do = "[0x9f r:3={expected}]" }}]
            "#
        );
        let file = VectorFile::parse("far", &text).unwrap();
        let options = RunOptions { evidence, ..RunOptions::default() };
        let result = run_file(Path::new("far.toml"), &file, &options).remove(0);
        (result.outcome, result.evidence)
    }

    #[test]
    fn a_broken_rule_is_shown_once_with_its_surroundings() {
        let (outcome, Evidence { rules, charts }) = evidence("40 MHz", "ef4018", true);
        assert_eq!(outcome, Outcome::Failed);
        let [chart] = charts.as_slice() else { panic!("{} charts", charts.len()) };
        assert!(
            chart.findings.iter().all(|finding| finding.label == "tSU_MI 0 s < 3 ns"),
            "{:?}",
            chart.findings
        );
        assert_eq!(chart.diagram.origin, chart.findings[0].from);
        let broken: Vec<&str> =
            rules.iter().filter(|rule| rule.margin.worst < 0).map(|measured| measured.rule.name).collect();
        assert_eq!(broken, ["tSU_MI"]);
    }

    #[test]
    fn where_a_complaint_has_no_place_all_is_shown() {
        let (outcome, Evidence { charts, .. }) = evidence("10 MHz", "ef4019", true);
        assert_eq!(outcome, Outcome::Failed);
        let [chart] = charts.as_slice() else { panic!("{} charts", charts.len()) };
        assert!(chart.findings.is_empty() && chart.subtitle.is_empty(), "{}", chart.subtitle);
        assert_eq!(chart.diagram.from.as_fs(), 0);
        assert!(chart.diagram.lanes.iter().any(|lane| lane.name == "transfers"));
    }

    #[test]
    fn what_passes_has_no_pictures_and_what_nobody_asked_for_is_not_made() {
        let (outcome, Evidence { rules, charts }) = evidence("10 MHz", "ef4018", true);
        assert_eq!((outcome, charts.len()), (Outcome::Passed, 0));
        assert!(rules.iter().any(|measured| measured.rule.name == "tSU_MI" && !measured.is_expected));
        assert_eq!(evidence("40 MHz", "ef4018", false), (Outcome::Failed, Evidence::default()));
    }

    #[test]
    fn what_must_or_may_be_broken_is_expected() {
        let text = r#"
            bus.spi = { kind = "spi", clock = "16 MHz" }
            device.flash.part = "w25q128jv"
            step = [{ do = "[0x9f r:3=ef4018]" }]
            check = { broken = ["tCLH"], allowed = ["tCLL"] }
        "#;
        let file = VectorFile::parse("bent", text).unwrap();
        let check = &file.vectors()[0].check;
        assert_eq!(["tCLH", "tCLL", "tSLCH"].map(|rule| check.expects(rule)), [true, true, false]);
    }
}
