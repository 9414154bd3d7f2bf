use busproof_core::Time;
use proptest::prelude::*;

use super::*;
use crate::{Chart, Diagram, Lane, waveform};

/// A page of all there is, with that text wherever there is text from outside.
fn page(text: &str) -> Page {
    let word = || text.to_owned();
    let facts = vec![(word(), word())];
    let lanes = vec![Lane { name: word(), ..Lane::default() }];
    let diagram = Diagram { to: Time::from_fs(1_000), lanes, ..Diagram::default() };
    let svg = waveform::draw(&Chart { title: word(), diagram, ..Chart::default() }).expect("it has a lane");
    let figure = Figure { svg, caption: word() };
    let gauge = Gauge { worst: 0.25, marks: [0.5, f64::NAN] };
    let row = vec![
        Entry::Text(word()),
        Entry::Number(word()),
        Entry::Verdict(Tone::Bad, word()),
        Entry::Gauge(gauge),
    ];
    let table = Table { caption: word(), columns: vec![word(); 4], rows: vec![row] };
    let finding = Finding {
        tone: Tone::Bad,
        severity: word(),
        code: word(),
        title: word(),
        place: word(),
        facts: facts.clone(),
        figures: vec![figure.clone()],
    };
    let parts = vec![Part::Text(word()), Part::Table(table), Part::Finding(finding), Part::Figure(figure)];
    let folded = Folded { line: word(), state: Fold::Closed, parts };
    let sections = vec![Section { title: word(), parts: vec![Part::Folded(folded)] }];
    Page { title: word(), verdict: (Tone::Good, word()), summary: word(), facts, sections, maker: word() }
}

/// The tags of a file, each with the names of its attributes: what a browser makes of it.
fn tags(html: &str) -> Vec<String> {
    let body = html.split_once("</style>").expect("it has a style").1;
    let tag = |after: &str| {
        let tag = after.split_once('>').expect("every tag ends").0;
        // What stands in quotes is said, not meant.
        tag.split('"').step_by(2).collect::<String>()
    };
    body.split('<').skip(1).map(tag).collect()
}

/// The tags of a page of as many harmless letters, so that its pictures are as wide.
fn harmless(text: &str) -> Vec<String> {
    tags(&write(&page(&"x".repeat(crate::text::width(text)))))
}

#[test]
fn hostile_names_stay_text() {
    let hostile = [
        "</td><script>alert(1)</script>",
        "\" onfocus=\"alert(1)\" x=\"",
        "'><img src=x onerror=alert(1)>",
        "<!-- ]]> --> </style></title>",
        "&lt;&#60;&amp",
        "a\0\u{8}\u{1b}[2J\u{202e}\u{ffff}",
    ];
    for text in hostile {
        let html = write(&page(text));
        assert!(tags(&html) == harmless(text), "{text}");
        assert!(!html.contains("<script") && !html.contains('\u{202e}') && !html.contains('\0'), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_changes_the_structure_of_a_page(text in "\\PC{0,40}|[<>&\"'/=! a-z-]{0,40}") {
        prop_assert!(tags(&write(&page(&text))) == harmless(&text));
    }
}

#[test]
fn a_page_needs_nothing_from_elsewhere() {
    let html = write(&page("plain"));
    let html = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for word in ["http", "src=", "href=", "url(", "@import", "<script", "<link"] {
        assert!(!html.contains(word), "{word} is in {html}");
    }
}

#[test]
fn tables_have_captions_and_heads_of_rows_and_columns() {
    let html = write(&page("w"));
    for piece in [
        "<caption>w</caption>",
        "<th scope=\"col\">w</th><th class=\"number\" scope=\"col\">w</th>",
        "<tr><th scope=\"row\">w</th><td class=\"number\">w</td><td><strong class=\"badge bad\">w</strong></td>",
        "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"w\">",
        "<details><summary>w</summary>",
        "<html lang=\"en\">",
    ] {
        assert!(html.contains(piece), "{piece} is missing in {html}");
    }
}

#[test]
fn a_gauge_ends_at_its_worst_and_says_that_there_is_more() {
    let drawn = |worst, marks| {
        let entry = Entry::Gauge(Gauge { worst, marks });
        let table = Table { rows: vec![vec![entry]], ..Table::default() };
        write(&Page {
            sections: vec![Section { parts: vec![Part::Table(table)], ..Section::default() }],
            ..Page::default()
        })
    };
    let inside = drawn(0.25, [0.5, f64::NAN]);
    assert!(
        inside.contains("<rect class=\"good\" x=\"0\" y=\"2\" width=\"25\"") && !inside.contains("<path"),
        "{inside}"
    );
    assert!(inside.contains("<line x1=\"50\"") && inside.matches("<line").count() == 2, "{inside}");
    let below = drawn(-0.3, [0.0, 0.1]);
    assert!(below.contains("<rect class=\"bad\" x=\"-30\" y=\"2\" width=\"30\""), "{below}");
    let far = drawn(-7.0, [9.0, 9.0]);
    assert!(far.contains("x=\"-50\" y=\"2\" width=\"50\"") && far.contains("d=\"M-51"), "{far}");
    assert!(drawn(1.01, [1.0, 2.0]).contains("d=\"M101"));
    assert!(drawn(f64::NAN, [0.0, 0.0]).contains("width=\"0\""));
}
