//! The bytes of every report: they are interfaces.

use busproof_core::bus::spi::rules::RULES;
use busproof_core::bus::spi::{Direction, Flags, Item, Payload, Word};
use busproof_core::bus::{Diagnostic, Severity};
use busproof_core::timing::{Finding, Place, Unit, Verdict};
use busproof_core::{Bits, Span, Time};
use busproof_plot::page::{Entry, Fold, Part};

use super::*;

/// The lines of an item, each of which must be JSON.
fn spi_lines(item: &Item) -> Vec<String> {
    let mut lines = Vec::new();
    let kept: Result<(), std::convert::Infallible> = jsonl::SpiLines::default().each(item, |line| {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
        lines.push(line.to_owned());
        Ok(())
    });
    kept.unwrap();
    lines
}

fn word(payload: Payload) -> Word {
    let flags = Flags::default();
    Word { start: Time::from_fs(1_000), end: Time::from_fs(9_000), cs: 1, payload, flags }
}

#[test]
fn spi_items_are_a_line_for_each_data_line() {
    let at = Time::from_fs(7);
    assert_eq!(
        spi_lines(&Item::Select { at, cs: 0 }),
        [r#"{"bus":"spi","kind":"select","start_fs":7,"end_fs":7,"cs":0}"#]
    );
    let duplex =
        Payload::Duplex { mosi: Some(Bits::new(0x9f, 8)), miso: Some(Bits::with_unknown(0, 0xf, 8)) };
    assert_eq!(
        spi_lines(&Item::Word(word(duplex))),
        [
            r#"{"bus":"spi","line":"mosi","kind":"word","start_fs":1000,"end_fs":9000,"data":"9f","cs":1}"#,
            r#"{"bus":"spi","line":"miso","kind":"word","start_fs":1000,"end_fs":9000,"data":"00","unknown":"0f","cs":1}"#,
        ]
    );
    let one_way = Payload::Duplex { mosi: Some(Bits::new(0x5, 3)), miso: None };
    assert_eq!(
        spi_lines(&Item::Incomplete(word(one_way))),
        [
            r#"{"bus":"spi","line":"mosi","kind":"incomplete","start_fs":1000,"end_fs":9000,"data":"5","bits":3,"cs":1}"#
        ]
    );
    let direction = Direction::ToController;
    let shared = word(Payload::Shared { lanes: 4, direction, bits: Bits::new(0x2a, 9) });
    let shared = Word { flags: Flags { assumed_start: false, double_rate: true }, ..shared };
    assert_eq!(
        spi_lines(&Item::Word(shared)),
        [
            r#"{"bus":"spi","line":"io","lanes":4,"kind":"word","start_fs":1000,"end_fs":9000,"data":"02a","direction":"to-controller","cs":1,"flags":["double-rate"]}"#
        ]
    );
}

#[test]
fn i2c_items_are_a_line_each() {
    use busproof_core::bus::i2c::{Ack, Address, Direction, Item};
    let (start, end) = (Time::from_fs(1), Time::from_fs(9));
    let (read, write) = (Direction::Read, Direction::Write);
    for (item, line) in [
        (
            Item::Start { at: start, assumed: true },
            r#"{"bus":"i2c","kind":"start","start_fs":1,"end_fs":1,"flags":["assumed"]}"#,
        ),
        (Item::RepeatedStart { at: end }, r#"{"bus":"i2c","kind":"repeated-start","start_fs":9,"end_fs":9}"#),
        (Item::Stop { at: end }, r#"{"bus":"i2c","kind":"stop","start_fs":9,"end_fs":9}"#),
        (
            Item::Address { start, end, address: Address::Seven(0x08), direction: write },
            r#"{"bus":"i2c","kind":"address","start_fs":1,"end_fs":9,"data":"08","bits":7,"read":false}"#,
        ),
        (
            Item::Address { start, end, address: Address::Ten(0x2a), direction: read },
            r#"{"bus":"i2c","kind":"address","start_fs":1,"end_fs":9,"data":"02a","bits":10,"read":true}"#,
        ),
        (
            Item::Data { start, end, byte: Bits::with_unknown(0xa0, 1, 8), direction: read },
            r#"{"bus":"i2c","kind":"data","start_fs":1,"end_fs":9,"data":"a0","unknown":"01","read":true}"#,
        ),
        (Item::Ack { start, end, ack: Ack::Ack }, r#"{"bus":"i2c","kind":"ack","start_fs":1,"end_fs":9}"#),
        (Item::Ack { start, end, ack: Ack::Nack }, r#"{"bus":"i2c","kind":"nack","start_fs":1,"end_fs":9}"#),
        (
            Item::Incomplete { start, end, bits: Bits::new(0b101, 3) },
            r#"{"bus":"i2c","kind":"incomplete","start_fs":1,"end_fs":9,"data":"5","bits":3}"#,
        ),
    ] {
        assert_eq!(jsonl::i2c_item(&item), line);
    }
}

#[test]
fn findings_and_diagnostics_have_their_fields_in_order() {
    let rule = RULES.iter().find(|rule| rule.name == "tSLCH").unwrap();
    let finding = Finding {
        rule,
        verdict: Verdict::Broken,
        from: Time::from_fs(10),
        to: Time::from_fs(30),
        measured: 20,
        limit: 25,
        grid: Span::ZERO,
        place: Place::default(),
    };
    assert_eq!(
        jsonl::finding(&finding, "W25Q128JV table 9.6"),
        r#"{"kind":"finding","rule":"tSLCH","verdict":"broken","from_fs":10,"to_fs":30,"measured_fs":20,"limit_fs":25,"grid_fs":0,"source":"W25Q128JV table 9.6"}"#
    );
    let diagnostic = Diagnostic {
        code: "spi::cs-mid-word",
        severity: Severity::Error,
        from: Time::from_fs(1),
        to: Time::from_fs(2),
        text: "3 bits".into(),
    };
    assert_eq!(
        jsonl::diagnostic(&diagnostic),
        r#"{"kind":"diagnostic","code":"spi::cs-mid-word","severity":"error","from_fs":1,"to_fs":2,"text":"3 bits"}"#
    );
}

fn result(name: &str, outcome: Outcome) -> VectorResult {
    VectorResult {
        name: name.into(),
        path: "vectors/spi/cs,setup.toml".into(),
        line: 7,
        outcome,
        tightest: Some(Tightest { rule: "tSLCH", slack: 2_000_000, limit: 3_000_000, unit: Unit::Fs }),
        failures: Vec::new(),
        notes: Vec::new(),
        waveform: None,
        evidence: Evidence::default(),
    }
}

fn results() -> Vec<VectorResult> {
    let failure = Failure {
        code: "tSLCH".into(),
        line: 9,
        column: 3,
        title: "CS active set-up to the clock is 2 ns, at least 3 ns <limit>".into(),
        detail: vec!["100 % of transfers".into()],
    };
    let failed = VectorResult {
        failures: vec![failure],
        tightest: Some(Tightest { rule: "tSLCH", slack: -1_000_000, limit: 3_000_000, unit: Unit::Fs }),
        notes: vec![Note { code: "spi-flash::busy".into(), title: "it is busy".into(), count: 2 }],
        waveform: Some("target/busproof/past-it.vcd".into()),
        ..result("cs-setup/past-it", Outcome::Failed)
    };
    vec![result("cs-setup/at-the-limit", Outcome::Passed), failed]
}

#[test]
fn people_read_lines_then_failures_then_totals() {
    insta::assert_snapshot!(human::report(&results()));
}

#[test]
fn github_annotations_escape_what_ends_them() {
    insta::assert_snapshot!(github::annotations(&results()));
}

#[test]
fn junit_is_the_same_bytes_for_the_same_results() {
    insta::assert_snapshot!(junit::report(&results()).unwrap());
}

#[test]
fn vectors_and_totals_are_json_lines() {
    let results = results();
    let lines: Vec<String> = results.iter().map(jsonl::vector).chain([jsonl::totals(&results)]).collect();
    insta::assert_snapshot!(lines.join("\n"));
    let document: serde_json::Value = serde_json::from_str(&jsonl::document(&results)).unwrap();
    assert_eq!(document.as_array().unwrap().len(), results.len() + 1);
    assert_eq!(document[results.len()]["failed"], 1);
}

#[test]
fn the_exit_status_is_that_of_the_gravest() {
    use Outcome::*;
    let status = |outcomes: &[Outcome]| {
        exit_status(&outcomes.iter().map(|outcome| result("x", *outcome)).collect::<Vec<_>>())
    };
    assert_eq!(status(&[]), 3);
    assert_eq!(status(&[Passed, Passed]), 0);
    assert_eq!(status(&[Passed, NothingChecked]), 3);
    assert_eq!(status(&[OutOfTime, NothingChecked]), 4);
    assert_eq!(status(&[Failed, OutOfTime]), 1);
    assert_eq!(status(&[Failed, Unusable, Passed]), 2);
}

#[test]
fn the_tightest_margin_is_rounded_down_to_four_digits() {
    let shown = |slack| Tightest { rule: "tSLCH", slack, limit: 3_000_000, unit: Unit::Fs }.to_string();
    assert_eq!(shown(1_234_567), "tSLCH 1.234 ns (41 %)");
    assert_eq!(shown(-1_234_567), "tSLCH -1.235 ns (-42 %)");
    assert_eq!(shown(-1), "tSLCH -1 fs (-1 %)");
    assert_eq!(shown(0), "tSLCH 0 s (0 %)");
    assert_eq!(shown(9_999), "tSLCH 9.999 ps (0 %)");
    assert_eq!(shown(10_001), "tSLCH 10 ps (0 %)");
    assert_eq!(shown(i64::MAX), "tSLCH 9223 s (> 1000 %)");
}

/// How far tSLCH was from its limit of 3 ns.
fn measured(worst: i64, is_expected: bool) -> Measured {
    let rule = RULES.iter().find(|rule| rule.name == "tSLCH").unwrap();
    let (p1, median, worst_at) = (worst, worst + 1_000_000, (Time::ZERO, Time::ZERO));
    Measured { rule, margin: Margin { worst, p1, median, count: 5, worst_at, limit: 3_000_000 }, is_expected }
}

fn text(entry: &Entry) -> &str {
    match entry {
        Entry::Text(text) | Entry::Number(text) | Entry::Verdict(_, text) => text,
        Entry::Gauge(_) => "",
    }
}

fn texts(row: &[Entry]) -> Vec<&str> {
    row.iter().map(text).collect()
}

#[test]
fn a_page_says_where_a_rule_came_closest_of_the_vectors_that_are_to_keep_it() {
    let mut results =
        [("a", 2_000_000, false), ("b", 900_000, false), ("c", -1, true), ("d", 1_000_000, false)].map(
            |(name, worst, is_expected)| {
                let evidence = Evidence { rules: vec![measured(worst, is_expected)], charts: Vec::new() };
                VectorResult { evidence, ..result(name, Outcome::Passed) }
            },
        );
    results[0].evidence.rules.push(Measured { rule: &RULES[0], ..measured(-1, true) });
    let page = page::page(&results).unwrap();
    let [rules, vectors] = page.sections.as_slice() else { panic!("{page:?}") };
    let [Part::Text(_), Part::Table(table)] = rules.parts.as_slice() else { panic!("{rules:?}") };
    assert_eq!(
        texts(&table.rows[0]),
        [
            "tSLCH",
            RULES.iter().find(|rule| rule.name == "tSLCH").unwrap().summary,
            "4",
            "1",
            ">= 3 ns",
            "900 ps",
            "",
            "b"
        ]
    );
    assert_eq!(texts(&table.rows[1])[..4], [RULES[0].name, RULES[0].summary, "1", "1"]);
    assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
    let [Part::Folded(folder)] = vectors.parts.as_slice() else { panic!("{vectors:?}") };
    assert_eq!((folder.line.as_str(), folder.state), ("vectors/spi: 4 vectors: 4 passed", Fold::Open));
}

#[test]
fn a_page_of_many_vectors_opens_only_what_is_wrong() {
    let passed = (0..41).map(|i| result(&format!("v{i}"), Outcome::Passed));
    let failed = VectorResult { path: "vectors/i2c/x.toml".into(), ..results().pop().unwrap() };
    let page = page::page(&passed.chain([failed]).collect::<Vec<_>>()).unwrap();
    let [wrong, vectors] = page.sections.as_slice() else { panic!("{page:?}") };
    let [Part::Finding(finding)] = wrong.parts.as_slice() else { panic!("{wrong:?}") };
    let what = "CS active set-up to the clock is 2 ns, at least 3 ns <limit>\nvectors/i2c/x.toml:9:3\n100 % of transfers";
    assert_eq!(finding.facts[0], ("tSLCH".into(), what.into()));
    assert_eq!(finding.facts[1].1, "it is busy, the first of 2");
    let states: Vec<Fold> = vectors
        .parts
        .iter()
        .map(|part| if let Part::Folded(folded) = part { folded.state } else { panic!("{part:?}") })
        .collect();
    assert_eq!(states, [Fold::Closed, Fold::Open]);
}
