//! Every relative link, anchor and picture of the pages leads somewhere, and the book has every page.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{files, read, root};

/// What a page links to, and what can be linked to on it.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    /// Pictures, with the text for those who do not see them.
    pictures: Vec<(String, String)>,
    anchors: BTreeSet<String>,
}

impl Page {
    fn read(path: &Path) -> Page {
        let text = read(path);
        let mut page = Page::default();
        let mut heading: Option<String> = None;
        let mut picture: Option<(String, String)> = None;
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => page.links.push(dest_url.into_string()),
                Event::Start(Tag::Image { dest_url, .. }) => {
                    picture = Some((dest_url.into_string(), String::new()));
                }
                Event::End(TagEnd::Image) => page.pictures.extend(picture.take()),
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    page.anchors.extend(heading.take().map(|text| anchor(&text)));
                }
                Event::Text(text) | Event::Code(text) => {
                    let words = picture.as_mut().map(|(_, words)| words).or(heading.as_mut());
                    if let Some(words) = words {
                        words.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        page
    }
}

/// How a heading is linked to, in the book and where repositories are shown.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

/// Every page: those at the top, those of the book, the rules among them, and that of the vectors.
fn all_pages() -> Vec<PathBuf> {
    let tops = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "vectors/README.md"];
    tops.iter().map(|page| root().join(page)).chain(files(&root().join("docs"), ".md")).collect()
}

fn is_relative(link: &str) -> bool {
    !link.contains("://") && !link.starts_with("mailto:")
}

/// What is wrong with a link of a page.
fn broken(page: &Path, link: &str) -> Option<String> {
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() { page.to_path_buf() } else { page.parent()?.join(path) };
    if !target.exists() {
        return Some(format!("{}: {link} does not exist", page.display()));
    }
    let is_there = fragment.is_empty() || Page::read(&target).anchors.contains(fragment);
    (!is_there).then(|| format!("{}: {link}: no such heading", page.display()))
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for path in all_pages() {
        for link in Page::read(&path).links.iter().filter(|link| is_relative(link)) {
            wrong.extend(broken(&path, link));
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 30, "only {count} links");
}

/// A link out of the book works where the repository is shown and not in the book.
#[test]
fn pages_of_the_book_link_to_nothing_outside_of_it() {
    let book = root().join("docs");
    for path in files(&book, ".md") {
        for link in Page::read(&path).links.iter().filter(|link| is_relative(link)) {
            let target =
                path.parent().expect("it has a folder").join(link.split('#').next().unwrap_or_default());
            let inside = target.canonicalize().is_ok_and(|target| target.starts_with(&book));
            assert!(inside || link.starts_with('#'), "{}: {link} is not in the book", path.display());
        }
    }
}

#[test]
fn every_picture_is_shown_with_words_for_those_who_do_not_see_it() {
    let mut shown = BTreeSet::new();
    for path in all_pages() {
        for (picture, words) in Page::read(&path).pictures {
            assert!(words.len() > 20, "{}: {picture} has no text", path.display());
            let target = path.parent().expect("it has a folder").join(&picture);
            shown.insert(
                target.canonicalize().unwrap_or_else(|e| panic!("{}: {picture}: {e}", path.display())),
            );
        }
    }
    let kept: BTreeSet<PathBuf> = files(&root().join("docs/pictures"), "").into_iter().collect();
    assert_eq!(shown, kept, "left: shown on pages, right: in docs/pictures");
}

#[test]
fn the_book_has_every_page() {
    let book = root().join("docs");
    let summary = book.join("SUMMARY.md");
    let listed: BTreeSet<PathBuf> = Page::read(&summary).links.iter().map(|link| book.join(link)).collect();
    let pages: BTreeSet<PathBuf> = files(&book, ".md").into_iter().filter(|page| *page != summary).collect();
    assert_eq!(listed, pages, "left: listed in docs/SUMMARY.md, right: in docs");
}
