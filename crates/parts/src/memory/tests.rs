use busproof_core::bus::ddr::pins::rules;
use busproof_core::bus::ddr::rules::{T_CK, T_FAW, T_RAS_MAX, T_RCD, T_RFC, T_RTP, T_WR, T_WTR_L};
use busproof_core::bus::ddr::{Command, Standard};

use super::{FILES, Memory, MemorySheet, find, list};

const REFERENCE: &str = include_str!("../../data/ddr/ddr4-2400u-8gb-x8-ramulator.toml");

#[test]
fn every_file_is_read_and_found_by_its_names() {
    for (file, text) in FILES {
        let memory = Memory::parse(text, file).unwrap_or_else(|error| panic!("{error}"));
        assert!(file.ends_with(&format!("/{}.toml", memory.name())), "{file}");
        for name in memory.aliases().iter().map(String::as_str).chain([memory.name()]) {
            assert_eq!(find(name).unwrap().name(), memory.name());
        }
    }
}

#[test]
fn the_reference_is_as_its_page_says() {
    let memory = find("DDR4-2400U-8Gb-x8").unwrap();
    assert_eq!(memory.standard(), Standard::Ddr4);
    assert_eq!((memory.tck(), memory.geometry().bytes()), (833_000, 8 << 30));
    let clocks = [T_RCD, T_FAW, T_RTP, T_RFC].map(|param| memory.clocks(param));
    assert_eq!(clocks, [Some(17), Some(26), Some(9), Some(433)]);
    assert_eq!(memory.params().get(T_RCD).unwrap().value, 17 * 833_000);
    assert_eq!(memory.params_in_clocks().get(T_CK).unwrap().value, 1);
}

#[test]
fn a_channel_may_have_more_ranks() {
    let memory = find("ddr4-2400t-8gb-x8").unwrap();
    let two = memory.with_ranks(2).unwrap();
    assert_eq!((two.geometry().all_banks(), two.geometry().bytes()), (32, 2 * memory.geometry().bytes()));
    assert_eq!(two.clocks(T_RCD), memory.clocks(T_RCD));
    assert!(
        memory.with_ranks(3).is_none() && memory.with_ranks(0).is_none() && memory.with_ranks(16).is_none()
    );
}

#[test]
fn times_and_counts_become_clocks() {
    let with = |value: &str| Memory::parse(&REFERENCE.replace("\"9 nCK\"", value), "x.toml");
    let clocks = |value: &str| with(value).unwrap().clocks(T_RTP);
    // 7.5 ns are 9.004 clocks, which DDR4 does not round up.
    assert_eq!(clocks("\"7.5 ns\""), Some(9));
    assert_eq!(clocks("\"4 nCK, 7.6 ns\""), Some(10));
    assert_eq!(clocks("\"12 nCK, 7.5 ns\""), Some(12));
    let error = |value: &str| with(value).unwrap_err().to_string();
    assert!(error("\"7.5\"").contains("write for example `4 nCK, 7.5 ns`"), "{}", error("\"7.5\""));
    assert!(error("\"\"").starts_with("x.toml:"), "{}", error("\"\""));
    // 70.2 us are 84273.7 clocks: the row must be closed before.
    assert_eq!(find("ddr4-2400t-8gb-x8").unwrap().clocks(T_RAS_MAX), Some(84_273));
    assert!(error("7.5").contains("must be a text"), "{}", error("7.5"));
}

#[test]
fn times_of_pins_stay_what_they_are() {
    let memory = find("ddr3-1600k-4gb-x8").unwrap();
    let limit = |name: &str| memory.params().get(rules::param(name).unwrap().0).map(|limit| limit.value);
    // Micron's column of 1600K 11-11-11; a clock is 1250 ps.
    assert_eq!([limit("tIS"), limit("tDS"), limit("tDQSQ")], [Some(170_000), Some(10_000), Some(100_000)]);
    assert_eq!([limit("tDQSS"), limit("tDSH"), limit("tQH")], [Some(337_500), Some(225_000), Some(475_000)]);
    assert_eq!([limit("tWPRE"), limit("tRPST")], [Some(1_125_000), Some(375_000)]);
    assert_eq!(memory.params_in_clocks().get(rules::param("tIS").unwrap().0), None);
    let timing = REFERENCE.split("[pins]").next().unwrap();
    let with =
        |row: &str| Memory::parse(&format!("{timing}[pins]\n{row}\n"), "x.toml").map(|m| m.pins()[0].fs);
    assert_eq!(with("tDS = { min = \"1.5 tCK\", cite = \"x\" }").unwrap(), 1_249_500);
    for (row, said) in [
        ("tDS = { min = \"-1 ps\", cite = \"x\" }", "write for example `0.27 tCK`"),
        ("tDS = { min = \"0.1234 tCK\", cite = \"x\" }", "write for example `0.27 tCK`"),
        ("tDS = { min = \"+1 tCK\", cite = \"x\" }", "write for example `0.27 tCK`"),
        ("tDS = { max = \"1 ps\", cite = \"x\" }", "`min`"),
        ("tDX = { min = \"1 ps\", cite = \"x\" }", "did you mean"),
    ] {
        let error = with(row).unwrap_err().to_string();
        assert!(error.starts_with("x.toml:") && error.contains(said), "{error}");
    }
}

#[test]
fn mistakes_are_named_with_their_place() {
    let error =
        |from: &str, to: &str| Memory::parse(&REFERENCE.replace(from, to), "x.toml").unwrap_err().to_string();
    let text = error("tRCD   =", "tRDC   =");
    assert!(text.contains("unknown timing parameter of ddr `tRDC`") && text.contains("tRCD"), "{text}");
    assert!(error("= 65536", "= 65535").contains("no power of two"));
    assert!(error("= 1024", "= 4").contains("longer than a row"));
    assert!(error("\"833 ps\"", "\"0 ps\"").contains("a clock period"));
    assert!(error("standard = \"ddr4\"", "standard = \"ddr9\"").contains("unknown standard `ddr9`"));
    assert!(error("[geometry]", "[geometri]").contains("lacks `geometry`"));
}

#[test]
fn sheets_fit_80_columns_and_show_every_number() {
    for memory in list() {
        let sheet = MemorySheet(memory).to_string();
        for line in sheet.lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", memory.name());
        }
        for number in memory.numbers() {
            assert!(sheet.contains(&number.name), "{}: {}", memory.name(), number.name);
        }
    }
}

/// What a controller needs is there, and every rule of the standard that concerns its commands has its numbers.
#[test]
fn no_limit_between_the_usual_commands_is_missing() {
    use Command::{Act, Pre, PreAll, Rd, Ref, Wr};
    let usual = |set: busproof_core::timing::EventSet| {
        [Act, Pre, PreAll, Rd, Ref, Wr].iter().any(|command| set.contains(command.kind()))
    };
    for memory in list().iter().filter(|memory| memory.geometry().ranks == 1) {
        for rule in memory.standard().rules() {
            let busproof_core::timing::Kind::Between { from, to, scope, bound, .. } = rule.kind else {
                continue;
            };
            let one_rank = matches!(scope, busproof_core::timing::Scope::Same(_));
            let least = matches!(bound, busproof_core::timing::Bound::Min(_));
            if usual(from) && usual(to) && one_rank && least {
                let limit = memory.params().sum(bound.terms());
                assert!(limit.is_some_and(|limit| limit > 0), "{}: {}", memory.name(), rule.name);
            }
        }
    }
}

/// Times of the data sheets, rounded, are the clocks of the published tables: `tWR`, `tRTP`, `tWTR_L`, `tRFC` at 350 ns.
#[test]
fn ddr4_bins_round_to_the_clocks_of_the_tables() {
    for (name, clocks) in [
        ("ddr4-1600k-8gb-x8", [12, 6, 6, 280]),
        ("ddr4-1866m-8gb-x8", [14, 7, 7, 327]),
        ("ddr4-2133p-8gb-x8", [16, 8, 8, 374]),
        ("ddr4-2400t-8gb-x8", [18, 9, 9, 421]),
        ("ddr4-2666v-8gb-x8", [20, 10, 10, 467]),
        ("ddr4-2933y-8gb-x8", [22, 11, 11, 514]),
        ("ddr4-3200aa-8gb-x8", [24, 12, 12, 560]),
    ] {
        let memory = find(name).unwrap();
        let found = [T_WR, T_RTP, T_WTR_L, T_RFC].map(|param| memory.clocks(param).unwrap());
        assert_eq!(found, clocks, "{name}");
        assert!(
            super::lint(&memory).iter().all(|doubt| matches!(doubt, crate::Lint::Unverified { .. })),
            "{name}"
        );
    }
}
