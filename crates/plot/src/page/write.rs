//! Reports as one HTML file: how they are written.

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use super::{Entry, Figure, Finding, Fold, Folded, Gauge, Page, Part, Section, Table};
use crate::palette;
use crate::plain::plain;
use crate::sheet::Tone;

/// The file.
pub fn write(page: &Page) -> String {
    let style = format!(
        "{}@media (prefers-color-scheme: dark) {{\n{}}}\n",
        include_str!("style.css"),
        palette::dark_css()
    );
    let (tone, verdict) = &page.verdict;
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (Plain(&page.title)) ": " (Plain(verdict)) }
                style { (PreEscaped(style)) }
            }
            body {
                header {
                    h1 { (Plain(&page.title)) }
                    p.verdict { (badge(*tone, verdict)) " " (Plain(&page.summary)) }
                    (facts(&page.facts))
                }
                main { @for section in &page.sections { (self::section(section)) } }
                footer { p { (Plain(&page.maker)) } }
            }
        }
    };
    document.into_string()
}

/// Text from outside.
struct Plain<'a>(&'a str);

impl Render for Plain<'_> {
    fn render_to(&self, buffer: &mut String) {
        plain(self.0).as_str().render_to(buffer);
    }
}

/// The class of what has that tone.
fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Good => "good",
        Tone::Odd => "odd",
        Tone::Bad => "bad",
    }
}

fn badge(tone: Tone, word: &str) -> Markup {
    html! { strong.badge.(class(tone)) { (Plain(word)) } }
}

fn facts(facts: &[(String, String)]) -> Markup {
    html! {
        @if !facts.is_empty() {
            dl { @for (name, value) in facts { div { dt { (Plain(name)) } @for line in value.split('\n') { dd { (Plain(line)) } } } } }
        }
    }
}

fn section(section: &Section) -> Markup {
    html! { section { h2 { (Plain(&section.title)) } (parts(&section.parts)) } }
}

fn parts(parts: &[Part]) -> Markup {
    html! {
        @for part in parts {
            @match part {
                Part::Text(text) => p { (Plain(text)) },
                Part::Table(table) => (self::table(table)),
                Part::Finding(finding) => (self::finding(finding)),
                Part::Figure(figure) => (self::figure(figure)),
                Part::Folded(folded) => (self::folded(folded)),
            }
        }
    }
}

fn folded(Folded { line, state, parts }: &Folded) -> Markup {
    html! { details open[*state == Fold::Open] { summary { (Plain(line)) } (self::parts(parts)) } }
}

/// What is too wide for the screen scrolls, by keyboard as well.
fn wide(label: &str, content: &Markup) -> Markup {
    html! { div.wide role="group" tabindex="0" aria-label=(Plain(label)) { (content) } }
}

fn table(table: &Table) -> Markup {
    let is_number =
        |column: usize| table.rows.iter().all(|row| matches!(row.get(column), Some(Entry::Number(_))));
    let content = html! {
        table {
            caption { (Plain(&table.caption)) }
            thead {
                tr {
                    @for (i, head) in table.columns.iter().enumerate() {
                        th class=[is_number(i).then_some("number")] scope="col" { (Plain(head)) }
                    }
                }
            }
            tbody { @for row in &table.rows { tr { (cells(row)) } } }
        }
    };
    wide(&table.caption, &content)
}

fn cells(row: &[Entry]) -> Markup {
    html! {
        @for (i, entry) in row.iter().enumerate() {
            @if i == 0 { th scope="row" { (content(entry)) } }
            @else { td class=[kind(entry)] { (content(entry)) } }
        }
    }
}

/// The class of an entry.
fn kind(entry: &Entry) -> Option<&'static str> {
    match entry {
        Entry::Number(_) => Some("number"),
        Entry::Text(text) if !text.is_empty() => Some("words"),
        Entry::Text(_) | Entry::Verdict(..) | Entry::Gauge(_) => None,
    }
}

fn content(entry: &Entry) -> Markup {
    match entry {
        Entry::Text(text) | Entry::Number(text) => html! { (Plain(text)) },
        Entry::Verdict(tone, word) => badge(*tone, word),
        Entry::Gauge(gauge) => self::gauge(gauge),
    }
}

/// A bar from the limit, which is a line, to the worst, with marks on it. The scale goes from half of the limit below it
/// to all of it above; an arrow says that there is more.
fn gauge(gauge: &Gauge) -> Markup {
    const LEAST: f64 = -50.0;
    const MOST: f64 = 100.0;
    let place = |share: f64| (share * 100.0).clamp(LEAST, MOST).round();
    let worst = if gauge.worst.is_finite() { gauge.worst } else { 0.0 };
    let end = place(worst);
    let tone = if worst < 0.0 { Tone::Bad } else { Tone::Good };
    let marks = gauge.marks.iter().filter(|share| share.is_finite());
    html! {
        svg.gauge viewBox="-56 0 162 14" width="162" height="14" aria-hidden="true" {
            rect.(class(tone)) x=(end.min(0.0)) y="2" width=(end.abs()) height="10" {}
            @for mark in marks { line x1=(place(*mark)) x2=(place(*mark)) y1="4" y2="10" {} }
            @if worst * 100.0 > MOST { path d="M101 3l5 4l-5 4z" {} }
            @if worst * 100.0 < LEAST { path d="M-51 3l-5 4l5 4z" {} }
            line.limit x1="0" x2="0" y1="0" y2="14" {}
        }
    }
}

fn finding(finding: &Finding) -> Markup {
    let Finding { tone, severity, code, title, place, facts, figures } = finding;
    html! {
        article.(class(*tone)) {
            h3 { (badge(*tone, severity)) " " code { (Plain(code)) } " " (Plain(title)) }
            @if !place.is_empty() { p.place { (Plain(place)) } }
            @for figure in figures { (self::figure(figure)) }
            (self::facts(facts))
        }
    }
}

fn figure(Figure { svg, caption }: &Figure) -> Markup {
    html! { figure { (wide(caption, &PreEscaped(svg.clone()))) figcaption { (Plain(caption)) } } }
}
