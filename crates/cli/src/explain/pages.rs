//! `docs/rules`: a page for every rule, made of what `busproof explain` says.
//!
//! `TRYCMD=overwrite cargo test -p busproof-cli explain::pages` writes the pages anew.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::piece::Piece;
use super::{Entry, entries};

/// The chapters in order: what the book calls them, and what they begin with.
const CHAPTERS: &[(&str, &str)] = &[
    ("spi", "SPI"),
    ("i2c", "I2C"),
    ("uart", "UART"),
    ("handshake", "Handshakes"),
    ("crossing", "Crossings of clock domains"),
    ("ddr", "DDR memory"),
    ("devices", "What devices remark"),
    ("reports", "Reports"),
];

const NOTE: &str =
    "<!-- Made of what `busproof explain` says; crates/cli/src/explain/pages.rs writes it. -->\n\n";

/// Where the part of the summary begins that lists the rules.
const PART: &str = "# Rules";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

impl Entry {
    fn chapter(self) -> &'static str {
        match self {
            Entry::Rule(bus, _) | Entry::Code(bus, _) | Entry::Limit(bus, _) => bus.name,
            Entry::Memory(_) | Entry::MemoryLimit(_) | Entry::State(_) | Entry::OfMemory(_) => "ddr",
            Entry::Remark(_) => "devices",
            Entry::Complaint(_) | Entry::Term(_) => "reports",
        }
    }

    fn is_rule(self) -> bool {
        matches!(self, Entry::Rule(..) | Entry::Memory(_))
    }

    /// The page of a rule, below the folder of the rules.
    fn path(self) -> String {
        format!("{}/{}.md", self.chapter(), slug(self.name()))
    }
}

/// `tHD;DAT` is `thd-dat`, as the file of its vectors.
fn slug(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    name.chars().map(letter).collect()
}

/// Text as Markdown shows it, with code as code.
fn escaped(text: &str) -> String {
    let mut is_code = false;
    let mut escaped = String::new();
    for c in text.chars() {
        is_code ^= c == '`';
        if c == '|' || !is_code && matches!(c, '\\' | '*' | '<' | '[') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let text = escaped(&(first + letters.as_str()));
    if text.ends_with(['.', '?', '!']) { text } else { text + "." }
}

/// Pieces as Markdown; rows that follow each other are one list, inner ones and others apart.
fn markdown(pieces: &[Piece]) -> String {
    let row_of = |piece: &Piece| match piece {
        Piece::Row { is_inner, .. } => Some(*is_inner),
        _ => None,
    };
    let chunks = pieces.chunk_by(|a, b| row_of(a).is_some() && row_of(a) == row_of(b));
    chunks.map(|chunk| if row_of(&chunk[0]).is_some() { list(chunk) } else { block(&chunk[0]) }).collect()
}

fn list(rows: &[Piece]) -> String {
    let row = |piece: &Piece| match piece {
        // Another sign begins another list.
        Piece::Row { title, text, is_inner } => {
            format!("{} **{title}**: {}\n", if *is_inner { '*' } else { '-' }, escaped(text))
        }
        _ => String::new(),
    };
    rows.iter().map(row).chain(["\n".to_owned()]).collect()
}

fn block(piece: &Piece) -> String {
    match piece {
        Piece::Paragraph(text) => format!("{}\n\n", escaped(text)),
        Piece::Head(text) => format!("**{}**:\n\n", escaped(text)),
        Piece::Limits(rows) => limits(rows),
        Piece::Row { .. } => String::new(),
    }
}

fn limits(rows: &[[String; 3]]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let row = |[part, limit, cite]: &[String; 3]| format!("| `{part}` | {limit} | {} |\n", escaped(cite));
    let rows: String = rows.iter().map(row).collect();
    format!("## Limits in parts\n\n| part | limit | source |\n|---|---|---|\n{rows}\n")
}

/// The page of a rule, with the vectors that hold both sides of it.
fn rule_page(entry: Entry) -> String {
    let mut page = format!("{NOTE}# {}\n\n{}\n\n", entry.name(), sentence(entry.summary()));
    page.push_str(&markdown(&entry.pieces()));
    let path = format!("vectors/{}/rules/{}.toml", entry.chapter(), slug(entry.name()));
    if let Ok(vector) = fs::read_to_string(docs().join("..").join(&path)) {
        _ = write!(page, "## Both sides of the limit\n\n`{path}`:\n\n```toml\n{vector}```\n\n");
    }
    page.trim_end().to_owned() + "\n"
}

fn rule_row(rule: Entry) -> String {
    format!("| [{}]({}) | {} |\n", escaped(rule.name()), rule.path(), escaped(rule.summary()))
}

/// All that is known of an entry that has no page of its own; its headings are below that of its section.
fn told(entry: Entry) -> String {
    let body = markdown(&entry.pieces()).replace("## ", "#### ");
    format!("### {}\n\n{}\n\n{body}", entry.name(), sentence(entry.summary()))
}

/// The page of a chapter: its rules in a table, then all the rest in full.
fn chapter_page(chapter: &str, title: &str) -> String {
    let own: Vec<Entry> = entries().filter(|entry| entry.chapter() == chapter).collect();
    let mut page = format!("{NOTE}# {title}\n\n");
    for section in own.chunk_by(|a, b| a.section() == b.section()) {
        _ = writeln!(page, "## {}\n", sentence(&section[0].section()).trim_end_matches('.'));
        if section[0].is_rule() {
            page.push_str("| rule | asks for |\n|---|---|\n");
        }
        for entry in section {
            page.push_str(&if entry.is_rule() { rule_row(*entry) } else { told(*entry) });
        }
        page.push('\n');
    }
    page.replace("\n\n\n", "\n\n").trim_end().to_owned() + "\n"
}

fn index() -> String {
    let mut page = format!("{NOTE}# Rules\n\n");
    page.push_str("What `busproof explain NAME` says of each rule, diagnostic and term.\n\n");
    page.push_str("| | rules | other codes and terms |\n|---|---|---|\n");
    for (chapter, title) in CHAPTERS {
        let own = || entries().filter(|entry| entry.chapter() == *chapter);
        let rules = own().filter(|entry| entry.is_rule()).count();
        _ = writeln!(page, "| [{title}]({chapter}.md) | {rules} | {} |", own().count() - rules);
    }
    page
}

fn summary() -> String {
    let kept = fs::read_to_string(docs().join("SUMMARY.md")).expect("the book has a summary");
    let mut summary = kept.split(PART).next().unwrap_or_default().trim_end().to_owned();
    _ = write!(summary, "\n\n{PART}\n\n- [Rules](rules/README.md)\n");
    for (chapter, title) in CHAPTERS {
        _ = writeln!(summary, "  - [{title}](rules/{chapter}.md)");
        for rule in entries().filter(|entry| entry.chapter() == *chapter && entry.is_rule()) {
            _ = writeln!(summary, "    - [{}](rules/{})", escaped(rule.name()), rule.path());
        }
    }
    summary
}

/// All that is generated, by its path below `docs`.
fn all() -> BTreeMap<String, String> {
    let mut pages =
        BTreeMap::from([("SUMMARY.md".to_owned(), summary()), ("rules/README.md".to_owned(), index())]);
    for (chapter, title) in CHAPTERS {
        pages.insert(format!("rules/{chapter}.md"), chapter_page(chapter, title));
    }
    for rule in entries().filter(|entry| entry.is_rule()) {
        let before = pages.insert(format!("rules/{}", rule.path()), rule_page(rule));
        assert!(before.is_none(), "two rules share the page {}", rule.path());
    }
    pages
}

fn below(folder: &Path, prefix: &str) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    let paths = entries.map(|entry| entry.expect("a folder can be listed").path());
    let find = |path: PathBuf| {
        let name = format!("{prefix}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() { below(&path, &name) } else { BTreeSet::from([name]) }
    };
    paths.flat_map(find).collect()
}

fn write_all(pages: &BTreeMap<String, String>) {
    for old in below(&docs().join("rules"), "rules") {
        fs::remove_file(docs().join(old)).expect("a page can be removed");
    }
    for (path, text) in pages {
        let path = docs().join(path);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder is made");
        fs::write(&path, text).expect("a page is written");
    }
}

#[test]
fn pages_are_those_of_the_rules() {
    let pages = all();
    if env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        write_all(&pages);
    }
    let hint = "`TRYCMD=overwrite cargo test -p busproof-cli explain::pages` writes the pages anew";
    let names: BTreeSet<String> = pages.keys().filter(|path| *path != "SUMMARY.md").cloned().collect();
    assert_eq!(
        below(&docs().join("rules"), "rules"),
        names,
        "left: in docs, right: what there should be; {hint}"
    );
    for (path, text) in &pages {
        let kept = fs::read_to_string(docs().join(path)).expect("the page is there");
        assert!(kept == *text, "docs/{path} is not what `busproof explain` says today; {hint}");
    }
    assert!(pages.len() > 100, "only {} pages", pages.len());
}

#[test]
fn every_entry_has_a_chapter() {
    for entry in entries() {
        let has = CHAPTERS.iter().any(|(chapter, _)| *chapter == entry.chapter());
        assert!(has, "{} is in no chapter of the book", entry.name());
    }
}
