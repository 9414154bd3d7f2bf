//! Comparisons of links in vector files: defaults, and what is wrong with them.

use busproof_core::Span;
use busproof_links::access::Accesses;
use busproof_links::{Conditions, Link, Registers};

use super::compare::{AccessFigure, Figure};
use super::*;

fn one(text: &str) -> Vector {
    let file = VectorFile::parse("file", text).unwrap_or_else(|error| panic!("{text}: {error}"));
    file.vectors()[0].clone()
}

/// Line, column and text of what is wrong with `text`.
fn error(text: &str) -> (usize, usize, String) {
    let error = VectorFile::parse("file", text).expect_err(text);
    (error.line, error.column, error.problem.to_string())
}

#[test]
fn a_comparison_has_defaults_for_everything_but_what_is_sent() {
    let vector = one("compare.text = \"Hi\"\n");
    let compare = vector.compare.unwrap();
    assert_eq!(compare.payload.unwrap().content, Content::Bytes(b"Hi".to_vec()));
    assert_eq!((compare.conditions, compare.registers), (Conditions::default(), None));
    assert_eq!(compare.over, Link::USUAL);
    // Each link must carry the payload, unless the check says otherwise.
    let fates: Vec<_> = vector.check.links.iter().map(|check| (check.link, check.fate.value)).collect();
    assert_eq!(fates, Link::USUAL.map(|link| (link, "intact")));
}

#[test]
fn registers_have_the_times_of_the_command_line() {
    let registers = one("compare.registers.count = 7\n").compare.unwrap().registers.unwrap();
    let accesses =
        Accesses { count: 7, outstanding: 1, access_time: Span::from_us(5), work: Span::from_us(10) };
    assert_eq!(registers, Registers { accesses, outstanding: vec![1, 4, 16] });
}

#[test]
fn what_must_come_of_a_link_is_kept_with_its_place() {
    let text = "compare = { text = \"Hi\", over = [\"spi\", \"uart\"], registers = { count = 2 } }\n\
                [check.link.uart]\nlast_byte = \"<= 50 us\"\noff = { \"+5 %\" = \"corrupts\" }\n\
                outstanding.4.in_use = \">= 80 %\"\n";
    let check = one(text).check.links.into_iter().find(|check| check.link == Link::Uart).unwrap();
    let [(Figure::LastByte, range)] = check.figures.as_slice() else { panic!("{check:?}") };
    assert_eq!((range.value.least, range.value.most), (None, Some(50_000_000_000)));
    assert_eq!(&text[range.span.clone()], "\"<= 50 us\"");
    assert_eq!((check.off[0].0, check.off[0].1.value), (50_000, "corrupts"));
    let [(4, AccessFigure::InUse, range)] = check.accesses.as_slice() else { panic!("{check:?}") };
    assert_eq!(range.value.least, Some(800_000));
}

#[test]
fn errors_of_comparisons_say_where_and_a_way_out() {
    let cases = [
        ("compare = {}", 11, "there is nothing to compare; write `text = \"Hello\"`, or `registers`"),
        (
            "compare = { text = \"a\", hex = \"00\" }",
            11,
            "there is one payload; write one of `text`, `hex` and `file`",
        ),
        ("compare = { text = \"a\", over = [\"usb\"] }", 33, "unknown value `usb`; known here are `uart`"),
        ("compare = { text = \"a\", over = [] }", 32, "no link is named; write `over = "),
        ("compare = { text = \"a\", over = [\"spi\", \"spi\"] }", 40, "this link is in the list already"),
        (
            "compare = { text = \"a\", clock = \"5 Hz\" }",
            33,
            "a clock of 5 Hz is out of range; use 1 kHz to 100 MHz",
        ),
        ("compare.registers = {}", 21, "it is not said how many registers are read; write `count = 1000`"),
        ("compare.registers.count = 0", 27, "`count` is 0; it must be 1 to 1000000"),
    ];
    for (text, column, problem) in cases {
        let found = error(text);
        assert!(found.2.starts_with(problem), "{text}: {found:?}");
        assert_eq!((found.0, found.1), (1, column), "{text}: {found:?}");
    }
}

#[test]
fn a_comparison_has_neither_buses_nor_checks_of_them() {
    let below = |line: &str| error(&format!("compare.text = \"a\"\n{line}\n"));
    assert_eq!(below("bus.spi = { kind = \"spi\" }").0, 2);
    assert!(below("seed = 3").2.contains("a comparison brings its own buses"));
    assert!(below("check.items = 3").2.contains("write `[check.link.uart]`"));
    assert!(below("check.link.dualrail.wires = 3").2.contains("there is no compared link `dualrail`"));
    assert!(below("check.link.uart.wires = \"<= 5 us\"").2.contains("unknown unit `us`"));
    assert!(below("check.link.uart.off.\"2 %\" = \"intact\"").2.contains("clocks are tried at `-5 %`"));
    assert!(
        below("check.link.uart.outstanding.4.worst = \"<= 5 us\"")
            .2
            .contains("add the number to `registers`")
    );
    let unsaid = error("compare.registers.count = 3\ncheck.link.uart.wires = 1\n");
    assert!(unsaid.2.contains("this is about a payload, and there is none"), "{unsaid:?}");
    let without = error("bus.spi = { kind = \"spi\", clock = \"1 MHz\" }\ncheck.link.uart.wires = 1\n");
    assert_eq!((without.0, without.1), (2, 12));
}
