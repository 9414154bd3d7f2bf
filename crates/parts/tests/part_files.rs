//! Part files: what is wrong with them is said with its place and a way out; what is doubtful about ours is listed.

use busproof_core::bus::spi::{class, rules};
use busproof_parts::{Lint, Part, PartError, catalog, lint};
use proptest::prelude::*;

const HEAD: &str = r#"format = 1
part = "mine"
bus = "spi"
title = "a part"
source = { doc = "D" }
"#;

/// The error of a file that begins with `HEAD`, without the name of the file.
fn error(rest: &str) -> String {
    let text = format!("{HEAD}{rest}");
    let Err(PartError::File(error)) = Part::parse(&text, "mine.toml") else { panic!("no error in: {rest}") };
    assert_eq!(error.origin, "mine.toml");
    format!("{}:{}: {}", error.line, error.column, error.problem)
}

#[test]
fn a_part_needs_little() {
    let part = Part::parse(HEAD, "mine.toml").unwrap();
    assert_eq!((part.name(), part.bus(), part.title()), ("mine", "spi", "a part"));
    assert!(part.spi_device(&busproof_parts::DeviceOptions::default()).is_none());
    assert!(part.commands().is_none() && part.model().is_none());
}

#[test]
fn misspelt_keys_and_names_are_answered_with_the_nearest() {
    assert_eq!(error("titel = 1"), "6:1: unknown key `titel` in the part file; did you mean `title`?");
    assert_eq!(
        error("[timing]\ntCLQW = { max = \"6 ns\", cite = \"t\" }"),
        "7:1: unknown timing parameter of spi `tCLQW`; did you mean `tCLQV` or `tCLQX`?"
    );
    assert_eq!(
        error("[timing]\ntCLQV = { max = \"6 ns\", sight = \"t\" }"),
        "7:1: `tCLQV` has no source; add `cite = \"document, table\"`, or `cite = \"unverified\"` if you know none"
    );
    assert_eq!(
        error("[timing]\ntCLQV = { max = \"6 ns\", cite = \"t\", cites = \"t\" }"),
        "7:37: unknown key `cites` in `tCLQV`; did you mean `cite`?"
    );
    assert_eq!(error("model = \"spi-nro\""), "6:9: unknown model `spi-nro`; did you mean `spi-nor`?");
    assert_eq!(
        error("model = \"spi-nor\"\n[times]\ntPE = { max = \"1 ms\", cite = \"t\" }"),
        "8:1: unknown device time of this model `tPE`; did you mean `tCE`, `tPP` or `tSE`?"
    );
    assert_eq!(
        error("[[command]]\nopcode = 3\nname = \"R\"\naction = \"raed\"\ncite = \"t\""),
        "9:10: unknown action `raed`; did you mean `read`?"
    );
    assert_eq!(
        error("[[command]]\nopcode = 3\nname = \"R\"\nclass = \"fast\"\ncite = \"t\""),
        "9:9: unknown class `fast`"
    );
    assert_eq!(
        error("[[command]]\nopcode = 3\nname = \"R\"\ntime = \"tX\"\ncite = \"t\""),
        "9:8: unknown device time `tX`"
    );
}

#[test]
fn numbers_need_units() {
    assert_eq!(
        error("[timing]\ntCLQV = { max = 6, cite = \"t\" }"),
        "7:17: time `6` has no unit; write `\"6 ns\"`"
    );
    assert_eq!(
        error("[timing]\ntCLQV = { max = \"6.5\", cite = \"t\" }"),
        "7:17: time `6.5` has no unit; write `\"6.5 ns\"`"
    );
    assert_eq!(
        error("[timing]\nfC = { max = 133, cite = \"t\" }"),
        "7:14: frequency `133` has no unit; write `\"133 MHz\"`"
    );
    assert_eq!(
        error("[timing]\ntCLQV = { max = \"6 bananas\", cite = \"t\" }"),
        "7:17: unknown unit `bananas` in time `6 bananas`; use one of s, ms, us, ns, ps, fs"
    );
    assert_eq!(
        error("[timing]\nfC = { max = \"133 ns\", cite = \"t\" }"),
        "7:14: `133 ns` is not a frequency; write for example `133 MHz`"
    );
    assert_eq!(
        error(
            "model = \"spi-sram\"\n[device]\nsize = 4096\npage = \"32 B\"\ndefault_mode = \"byte\"\ncite = \"t\""
        ),
        "8:8: size `4096` has no unit; write `\"4096 KiB\"`"
    );
}

#[test]
fn sources_and_sides_are_checked() {
    assert_eq!(
        error("[timing]\ntCLQV = { min = \"6 ns\", cite = \"t\" }"),
        "7:11: `tCLQV` states a `min`, but the rules of the bus use its `max`"
    );
    assert_eq!(error("[timing]\ntCLQV = { cite = \"t\" }"), "7:9: `tCLQV` lacks `max`");
    assert_eq!(error("[timing]\ntCLQV = \"6 ns\""), "7:9: `tCLQV` must be a table, not a text");
    assert_eq!(
        error("model = \"spi-adc\"\n[device]\nbits = 10\nchannels = []"),
        "8:1: `bits` has no source; add `cite = \"document, table\"`, or `cite = \"unverified\"` if you know none"
    );
    assert_eq!(
        error("[[command]]\nopcode = 3\nname = \"R\""),
        "6:1: `command 03` has no source; add `cite = \"document, table\"`, or `cite = \"unverified\"` if you know none"
    );
}

#[test]
fn commands_are_checked() {
    let with = |phases: &str| {
        error(&format!("[[command]]\nopcode = 3\nname = \"R\"\nphases = \"{phases}\"\ncite = \"t\""))
    };
    let example = "write for example `address 24 x4, mode 8 x4, dummy 4, read x4`";
    let said = |phase: &str, reason: &str| format!("9:10: phase `{phase}`: {reason}; {example}");
    assert_eq!(
        with("adress, read"),
        said("adress", "a phase is an `address`, `mode`, `dummy`, `read`, `write` or `exchange`")
    );
    assert_eq!(with("address, dummy, read"), said("dummy", "the number of bits or clocks is missing"));
    assert_eq!(with("address 23 x4, read"), said("address 23 x4", "the bits do not divide among the lanes"));
    assert_eq!(with("read x3"), said("read x3", "there are 1, 2 or 4 lanes"));
    assert_eq!(with("read, write"), said("read", "only the last phase can last until CS becomes inactive"));
    assert_eq!(with("address 65"), said("address 65", "a phase has 1 to 64 bits or clocks"));
    assert_eq!(
        with("read dtr x4"),
        said("read dtr x4", "what follows is a number, `x2` or `x4`, and `dtr`, in this order")
    );
    assert_eq!(with("address 4x"), said("address 4x", "the number of bits or clocks is not a number"));
    let twice = "[[command]]\nopcode = 3\nname = \"R\"\ncite = \"t\"\n";
    assert!(error(&twice.repeat(2)).ends_with("opcode 0x03 is stated twice"));
    assert_eq!(
        error("[[command]]\nopcode = 0x103\nname = \"R\""),
        "7:10: `opcode` is 259, which is outside of 0 to 255"
    );
}

#[test]
fn files_of_another_kind_are_refused() {
    let error = |text: &str| Part::parse(text, "mine.toml").unwrap_err().to_string();
    assert_eq!(error("format = 2"), "mine.toml:1:10: format 2 is not known; this program reads `format = 1`");
    assert_eq!(error(""), "mine.toml:1:1: the part file lacks `format`");
    assert!(error("format = = 1").starts_with("mine.toml:1:10: "), "{}", error("format = = 1"));
    assert_eq!(
        error("format = 1\npart = \"My Part\""),
        "mine.toml:2:8: `My Part` is not a name of lower-case letters, digits and `-`; write for example `w25q128jv`"
    );
    let file = Part::parse("format = 2", "mine.toml").unwrap_err();
    assert_eq!(file.file().unwrap().span, 9..10);
}

#[test]
fn models_check_what_they_need() {
    assert_eq!(error("model = \"spi-adc\""), "1:1: the part file lacks `device`");
    let flash = catalog::source_text("m25p80").unwrap();
    let without_commands = &flash[..flash.find("[[command]]").unwrap()];
    assert!(Part::parse(without_commands, "f").unwrap_err().to_string().contains("lacks `command`"));
    let odd = flash.replace("\"1 MiB\"", "\"1000 KiB\"");
    assert!(Part::parse(&odd, "f").unwrap_err().to_string().contains("`1000 KiB` is not a power of two"));

    let registers = catalog::source_text("spi-register-file").unwrap();
    let refused = |from: &str, to: &str| {
        assert!(registers.contains(from), "{from}");
        Part::parse(&registers.replace(from, to), "f").unwrap_err().to_string()
    };
    assert!(
        refused("write        = 0x02", "write = 0x03").contains("`read` and `write` are the same command")
    );
    assert!(refused("\"none\"", "\"whith-header\"").contains("did you mean `with-header`?"));
    assert!(
        refused("data_bits    = 32", "data_bits = 65")
            .contains("`data_bits` is 65, which is outside of 1 to 64")
    );
    assert!(refused("access  = \"ro\"", "access = \"wo\"").contains("unknown access `wo`"));
    let long = catalog::source_text("spi-loopback").unwrap().replace("word_bits = 8", "word_bits = 65");
    assert!(Part::parse(&long, "f").unwrap_err().to_string().contains("at most 64 bits"));
}

#[test]
fn limits_reach_the_rules_with_value_and_source() {
    let params = catalog::find("w25q128jv").unwrap().params();
    let get = |param| params.get(param).map(|p| (p.value, p.cite.as_str()));
    assert_eq!(get(rules::T_CLQV), Some((6_000_000, "W25Q128JV table 9.6")));
    assert_eq!(get(rules::FC), Some((7_518_796, "W25Q128JV table 9.6")), "the period, rounded down");
    assert_eq!(get(rules::FR), Some((20_000_000, "W25Q128JV table 9.6")));
    assert_eq!(get(rules::T_SU_MI), None);
    let host = catalog::find("host-generic").unwrap().params();
    assert_eq!(host.get(rules::T_SU_MI).map(|p| p.value), Some(3_000_000));
}

#[test]
fn commands_have_the_class_that_their_limits_need() {
    let table = catalog::find("w25q128jv-dtr").unwrap().commands().unwrap();
    let class = |opcode| table.find(opcode).unwrap().class;
    for (opcodes, wanted) in [
        (&[0x0b, 0x3b, 0xbb, 0x6b, 0xeb, 0x9f, 0x05, 0x5a, 0x06][..], class::READ),
        (&[0x03], class::SLOW_READ),
        (&[0x02, 0x32, 0x20, 0x52, 0xd8, 0xc7, 0x60, 0x01, 0x31, 0x11], class::WRITE),
        (&[0x0d, 0xbd, 0xed], class::DOUBLE_RATE),
    ] {
        for opcode in opcodes {
            assert_eq!(class(*opcode), wanted, "{opcode:02x}");
        }
    }
    assert_eq!(table.find(0x38).unwrap().switches_lanes, Some(4));
    assert_eq!(table.find(0xff).unwrap().switches_lanes, Some(1));
    assert!(table.find(0xee).is_none());
    let registers = catalog::find("spi-register-file").unwrap().commands().unwrap();
    assert_eq!(registers.find(0x0210).unwrap().class, class::WRITE);
}

/// The unverified numbers and other doubts of each part file: a new one must be added here knowingly.
#[test]
fn doubts_about_our_own_files() {
    let micron = [
        "times tW",
        "times tRST",
        "device device_id",
        "device protect_unit",
        "command FAST READ",
        "command DUAL OUTPUT FAST READ",
        "command DUAL I/O FAST READ",
        "command QUAD OUTPUT FAST READ",
        "command QUAD I/O FAST READ",
        "command READ FLAG STATUS",
    ];
    let expected: &[(&str, &[&str])] = &[
        ("23lc1024", &["timing tSHQZ", "missing tCLQX"]),
        ("host-generic", &["timing tSU_MI", "timing tH_MI", "times tCO"]),
        ("m25p80", &["device protect_unit", "missing tCLQX"]),
        ("mcp3008", &["timing tCLH", "timing tCLL", "missing tCHSH", "missing tCLQX"]),
        ("mt25ql256", &[&micron[..], &["command 4-BYTE FAST READ"]].concat()),
        ("n25q128a", &micron),
        ("spi-loopback", &[]),
        ("spi-register-file", &[]),
        ("spi-register-file-crc", &[]),
        ("w25q128jv", &["device status"]),
        (
            "w25q128jv-dtr",
            &[
                "timing fC_DTR",
                "device status",
                "command RELEASE POWER-DOWN / DEVICE ID",
                "command FAST READ",
                "command FAST READ QUAD I/O",
                "command DTR FAST READ",
                "command DTR FAST READ DUAL I/O",
                "command DTR FAST READ QUAD I/O",
                "command ENTER QPI",
                "command EXIT QPI",
            ],
        ),
    ];
    assert_eq!(expected.len(), catalog::list().len());
    for (part, (name, doubts)) in catalog::list().iter().zip(expected) {
        assert_eq!(part.name(), *name);
        let found: Vec<String> = lint(part).iter().map(short).collect();
        assert_eq!(found, *doubts, "{name}");
    }
}

fn short(doubt: &Lint) -> String {
    match doubt {
        Lint::Unverified { section, name, .. } => format!("{section} {name}"),
        Lint::Missing { name, .. } => format!("missing {name}"),
        Lint::Suspicious(text) => text.clone(),
    }
}

#[test]
fn contradictions_are_suspicious() {
    let timing = |lines: &str| {
        let part = Part::parse(&format!("{HEAD}[timing]\n{lines}"), "mine.toml").unwrap();
        let suspicious = |doubt: &Lint| matches!(doubt, Lint::Suspicious(_));
        lint(&part).iter().filter(|doubt| suspicious(doubt)).map(Lint::to_string).collect::<Vec<String>>()
    };
    let cited =
        |name: &str, side: &str, value: &str| format!("{name} = {{ {side} = \"{value}\", cite = \"t\" }}\n");
    assert!(timing(&(cited("tCLQV", "max", "6 ns") + &cited("tCLQX", "min", "6 ns"))).is_empty());
    assert_eq!(timing(&(cited("tCLQV", "max", "6 ns") + &cited("tCLQX", "min", "7 ns"))).len(), 1);
    let clock = cited("fC", "max", "100 MHz") + &cited("tCLH", "min", "5 ns");
    assert!(timing(&(clock.clone() + &cited("tCLL", "min", "5 ns"))).is_empty());
    assert_eq!(timing(&(clock + &cited("tCLL", "min", "5001 ps"))).len(), 1);
    assert_eq!(timing(&(cited("tSHSL1", "min", "50 ns") + &cited("tSHSL2", "min", "10 ns"))).len(), 1);
    assert_eq!(timing(&cited("tDVCH", "min", "0 ns")), ["tDVCH is 0"]);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let _ = Part::parse(&text, "f");
        let _ = Part::parse(&format!("{HEAD}{text}"), "f");
    }

    /// Our own files with a piece replaced, which gets deeper than random text.
    #[test]
    fn no_damaged_file_panics(
        file in 0..11usize,
        at in any::<prop::sample::Index>(),
        length in 0..40usize,
        patch in "[a-z0-9 =\"{}\\[\\],.#\n-]{0,20}",
    ) {
        let part = &catalog::list()[file % catalog::list().len()];
        let text: Vec<char> = catalog::source_text(part.name()).unwrap().chars().collect();
        let start = at.index(text.len());
        let end = (start + length).min(text.len());
        let damaged: String = text[..start].iter().copied().chain(patch.chars()).chain(text[end..].iter().copied()).collect();
        if let Ok(part) = Part::parse(&damaged, "f") {
            let _ = (lint(&part), part.params(), busproof_parts::Sheet(&part).to_string());
            let _ = part.spi_device(&busproof_parts::DeviceOptions::default());
        }
    }
}
