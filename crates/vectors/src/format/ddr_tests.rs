//! DDR memories in vector files: defaults, and what is wrong with them.

use busproof_core::bus::ddr::Command;
use busproof_dram::Options;

use super::ddr::{Bench, Figure, Is, Work};
use super::*;
use crate::compact::ddr::ItemKind;

fn bench(text: &str) -> Bench {
    let file = VectorFile::parse("file", text).unwrap_or_else(|error| panic!("{text}: {error}"));
    file.vectors()[0].memory.clone().unwrap()
}

/// Line, column and text of what is wrong with `text`.
fn error(text: &str) -> (usize, usize, String) {
    let error = VectorFile::parse("file", text).expect_err(text);
    (error.line, error.column, error.problem.to_string())
}

const BUS: &str = "bus.m = { kind = \"ddr\", part = \"p\" }\n";

#[test]
fn steps_follow_each_other_and_keep_their_places() {
    let text = format!("{BUS}step = [{{ do = \"ACT 0 1 2 18, tRCD\" }}, {{ do = \"RD 0 1 2\" }}]\n");
    let bench = bench(&text);
    assert_eq!((bench.part.value.as_str(), bench.ranks, bench.map), ("p", None, None));
    assert_eq!(bench.controller, Options { blame: true, ..Options::default() });
    let Work::Commands(items) = bench.work else { panic!("{text}") };
    let places: Vec<&str> = items.iter().map(|item| &text[item.span.clone()]).collect();
    assert_eq!(places, ["ACT 0 1 2 18", "tRCD", "RD 0 1 2"]);
    assert!(matches!(items[1].kind, ItemKind::Delay(_)));
}

#[test]
fn what_must_come_of_it_is_kept_with_its_place() {
    let text = format!(
        "{BUS}step = [{{ do = \"R 0x40\" }}]\n[check]\ncommands = \"ACT RD\"\n\
         distance = [{{ from = \"ACT\", to = \"RD\", at_least = \"tRCD\" }}]\n\
         latency.p50 = \"<= 39 nCK\"\nblame.tRCD = \"17 nCK\"\nrows.miss = 1\nread_back = 1\n"
    );
    let check = bench(&text).check;
    assert_eq!(check.commands.as_ref().unwrap().value, [Command::Act, Command::Rd]);
    let [distance] = check.distances.as_slice() else { panic!("{check:?}") };
    assert_eq!(
        (distance.from, distance.nth, distance.to, distance.is),
        (Command::Act, 0, Command::Rd, Is::AtLeast)
    );
    assert_eq!(&text[distance.limit.span.clone()], "\"tRCD\"");
    let [(Figure::P50, range)] = check.latency.as_slice() else { panic!("{check:?}") };
    assert_eq!((range.value.least, range.value.most), (None, Some(39_000)));
    assert_eq!(check.read_back.as_ref().and_then(|range| range.value.most), Some(1_000));
    assert_eq!((check.blame[0].0.value.as_str(), check.expectations()), ("tRCD", 6));
}

#[test]
fn errors_of_memories_say_where_and_a_way_out() {
    let with = |rest: &str| format!("{BUS}{rest}");
    let step = "step = [{ do = \"R 0x0\" }]\n";
    let cases = [
        ("bus.m.kind = \"ddr\"\n".to_owned(), 1, "a memory is a part; write `part = \"ddr4-2400t-8gb-x8\"`"),
        (
            with(""),
            1,
            "nothing is done to the memory; write `[[step]]` with `do = \"ACT 0 0 0 18, tRCD, RD\"`",
        ),
        (
            with("step = [{ do = \"REF, R 0x0\" }]"),
            2,
            "either commands are given to the memory, or requests to its controller; not both",
        ),
        (
            with("step = [{ do = \"REFF\" }]"),
            2,
            "`REFF` is neither a command nor a time; did you mean `REF`?",
        ),
        (
            with("step = [{ write = \"00\" }]"),
            2,
            "a step of a memory is its commands or requests; write `do = \"ACT 0 0 0 18, tRCD, RD\"`",
        ),
        (
            with(&format!("{step}bus.s = {{ kind = \"spi\", clock = \"1 MHz\" }}")),
            3,
            "a memory has a bench of its own; put the other bus into a vector of its own",
        ),
        (
            with(&format!("{step}check.commands = \"ACT RDD\"")),
            3,
            "there is no command `RDD`; did you mean `RD`?",
        ),
        (
            with(&format!("{step}check.distance = [{{ from = \"ACT\", to = \"RD\" }}]")),
            3,
            "a distance is one of `equals`, `at_least` and `at_most`; write one of them",
        ),
        (
            with(&format!("{step}check.broken = [\"tRDC\"]")),
            3,
            "there is no rule `tRDC`; did you mean `tRCD`?",
        ),
        (
            with(&format!("{step}check.blame.queues = \"1 nCK\"")),
            3,
            "there is no cause `queues`; did you mean `queue`?",
        ),
        (
            with(&format!("{step}check.latency.max = \"39\"")),
            3,
            "`39` needs a unit; write such as `<= 39 nCK`",
        ),
        (
            with(&format!("{step}device.x = {{ part = \"p\" }}")),
            3,
            "handshakes, crossings and memories have no devices; describe both ends, or the part, below `bus`",
        ),
        (
            "bus.s = { kind = \"spi\", clock = \"1 MHz\" }\ncheck.rows.hit = 1\n".to_owned(),
            2,
            "this is about a memory, and there is none; write `[bus.memory]` with `kind = \"ddr\"`",
        ),
    ];
    for (text, line, message) in &cases {
        let found = error(text);
        assert_eq!((found.0, found.2.as_str()), (*line, *message), "{text}");
    }
    let ranks = "[bus.m]\nkind = \"ddr\"\npart = \"p\"\nranks = 3\n";
    assert_eq!(error(ranks), (4, 9, "`ranks` is 3; it must be 1, 2, 4 or 8".to_owned()));
    let queue = "[bus.m]\nkind = \"ddr\"\npart = \"p\"\nread_queue = 65\n";
    assert_eq!(error(queue), (4, 14, "`read_queue` is 65; it must be 1 to 64".to_owned()));
}
