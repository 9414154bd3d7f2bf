//! Part files: what is wrong with them is said with its place and a way out; what is doubtful about ours is listed.

use busproof_core::bus::i2c;
use busproof_core::bus::spi::{class, rules};
use busproof_core::timing::Side;
use busproof_parts::{Conditions, Lint, Part, PartError, PartOptions, catalog, lint};
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

/// The error of an I2C part file.
fn i2c_error(rest: &str) -> String {
    let text = format!("{}{rest}", HEAD.replace("\"spi\"", "\"i2c\""));
    let Err(PartError::File(error)) = Part::parse(&text, "mine.toml") else { panic!("no error in: {rest}") };
    format!("{}:{}: {}", error.line, error.column, error.problem)
}

#[test]
fn i2c_parts_have_their_own_names() {
    assert_eq!(
        i2c_error("[timing]\ntCLQV = { max = \"6 ns\", cite = \"t\" }"),
        "7:1: unknown timing parameter of i2c `tCLQV`"
    );
    assert_eq!(
        i2c_error("standard = \"i2c-fats\""),
        "6:12: unknown standard `i2c-fats`; did you mean `i2c-fast`?"
    );
    assert_eq!(error("standard = \"i2c-fast\""), "6:12: unknown standard `i2c-fast`");
    assert_eq!(i2c_error("model = \"spi-nor\""), "6:9: model `spi-nor` sits on bus spi, not on i2c");
    assert_eq!(i2c_error("[options]\nmodes = [0]"), "7:1: unknown key `modes` in [options]");
    assert_eq!(i2c_error("[options]\nspeed = \"turbo\""), "7:9: unknown speed class `turbo`");
    assert_eq!(
        i2c_error("[timing]\ntLOW = { max = \"1 us\", cite = \"t\" }"),
        "7:10: `tLOW` states a `max`, but the rules of the bus use its `min`"
    );
    assert_eq!(
        i2c_error("[timing]\ntf = { min = \"20 ns\", min_per = \"5.5 V\", cite = \"t\" }"),
        "7:33: `5.5 V` is not a share of the supply; write for example `VDD / 5.5 V`"
    );
    assert_eq!(
        i2c_error(
            "[timing]\ntf = { min = \"20 ns\", min_per = \"VDD / 1 V\", min_400pF = \"1 ns\", cite = \"t\" }"
        ),
        "7:23: `min` depends on the supply or on the capacitance, not on both"
    );
    assert_eq!(
        i2c_error("[electrical]\ncite = \"t\"\nVOL = \"0.4 A\""),
        "8:7: `0.4 A` is not a voltage or a share of the supply; write for example `0.4 V`"
    );
}

/// UM10204 revision 6, tables 10 and 14, in nanoseconds.
#[test]
fn standards_state_what_the_tables_say() {
    let value = |name: &str, symbol: &str, side| {
        catalog::find(name).unwrap().limit(symbol, side).map(|limit| limit.value / 1_000_000)
    };
    let symbols = ["tHD;STA", "tLOW", "tHIGH", "tSU;STA", "tHD;DAT", "tSU;DAT", "tSU;STO", "tBUF"];
    for (name, least, greatest) in [
        (
            "i2c-standard",
            [4000, 4700, 4000, 4700, 0, 250, 4000, 4700],
            [Some(1000), Some(300), Some(3450), Some(3450)],
        ),
        ("i2c-fast", [600, 1300, 600, 600, 0, 100, 600, 1300], [Some(300), Some(300), Some(900), Some(900)]),
        (
            "i2c-fast-plus",
            [260, 500, 260, 260, 0, 50, 260, 500],
            [Some(120), Some(120), Some(450), Some(450)],
        ),
        ("i2c-ultra-fast", [50, 50, 50, 50, 10, 30, 50, 80], [Some(50), Some(50), None, None]),
        ("smbus", [4000, 4700, 4000, 4700, 300, 250, 4000, 4700], [Some(1000), Some(300), None, None]),
        ("i2c-high", [600, 1300, 600, 600, 0, 100, 600, 1300], [Some(300), Some(300), Some(900), Some(900)]),
    ] {
        assert_eq!(symbols.map(|symbol| value(name, symbol, Side::Min).unwrap()), least, "{name}");
        let maxima = ["tr", "tf", "tVD;DAT", "tVD;ACK"].map(|symbol| value(name, symbol, Side::Max));
        assert_eq!(maxima, greatest, "{name}");
    }
    assert_eq!(value("smbus", "tTIMEOUT", Side::Min), Some(25_000_000));
    assert_eq!(value("smbus", "tTIMEOUT", Side::Max), Some(35_000_000));
}

#[test]
fn every_speed_class_has_its_standard() {
    for speed in i2c::Speed::ALL {
        let options = i2c::Options { speed: Some(speed), ..i2c::Options::default() };
        let part = catalog::standard(&options).unwrap();
        let PartOptions::I2c { options } = part.asks() else { panic!("{} is no I2C part", part.name()) };
        assert_eq!(options.speed, Some(speed));
        assert!(part.params().get(i2c::rules::T_LOW).is_some());
        let smbus = i2c::Options { protocol: i2c::Protocol::SmBus, ..options.clone() };
        assert_eq!(catalog::standard(&smbus).unwrap().name(), "smbus");
    }
    assert!(catalog::standard(&i2c::Options::default()).is_none());
}

#[test]
fn limits_follow_capacitance_and_supply() {
    let at = |name: &str, pf: f64, vdd: f64| {
        catalog::find(name).unwrap().params_at(&Conditions { vdd, farad: pf * 1e-12 })
    };
    let high = |pf, param| at("i2c-high", pf, 3.3).get(param).map(|p| p.value).unwrap();
    for (pf, low, period) in [
        (50.0, 160, 294_117_647),
        (100.0, 160, 294_117_647),
        (400.0, 320, 588_235_294),
        (500.0, 320, 588_235_294),
    ] {
        assert_eq!(high(pf, i2c::rules::T_LOW_HS), low * 1_000_000, "{pf} pF");
        assert_eq!(high(pf, i2c::rules::FSCLH), period, "{pf} pF");
    }
    assert_eq!(high(250.0, i2c::rules::T_LOW_HS), 240_000_000);
    assert_eq!(high(250.0, i2c::rules::FSCLH), 392_156_862, "2.55 MHz");
    assert_eq!(high(250.0, i2c::rules::T_LOW), 1_300_000_000, "Fast-mode's, before the master code");

    let fall = |vdd| at("i2c-fast", 100.0, vdd).get(i2c::rules::T_F_MIN).map(|p| p.value).unwrap();
    assert_eq!((fall(5.5), fall(3.3), fall(1.8)), (20_000_000, 12_000_000, 6_545_455));
}

#[test]
fn a_part_builds_on_its_standard() {
    let text = HEAD.replace("\"spi\"", "\"i2c\"")
        + "standard = \"i2c-fast\"\n[timing]\ntBUF = { min = \"2 us\", cite = \"table 1\" }";
    let part = Part::parse(&text, "mine.toml").unwrap();
    let get = |param| part.params().get(param).map(|p| (p.value, p.cite.clone()));
    assert_eq!(get(i2c::rules::T_BUF), Some((2_000_000_000, "D table 1".into())));
    assert_eq!(get(i2c::rules::T_LOW), Some((1_300_000_000, "UM10204 table 10".into())));
    assert_eq!(part.limits().len(), 1);
    assert_eq!(part.electrical(), catalog::find("i2c-fast").unwrap().electrical());
    let mut params = catalog::find("i2c-standard").unwrap().params();
    part.overlay(&mut params, &Conditions::default());
    assert_eq!(params.get(i2c::rules::T_LOW).map(|p| p.value), Some(4_700_000_000));
    assert_eq!(params.get(i2c::rules::T_BUF).map(|p| p.value), Some(4_700_000_000), "stricter already");
    let mut params = catalog::find("i2c-fast").unwrap().params();
    part.overlay(&mut params, &Conditions::default());
    assert_eq!(params.get(i2c::rules::T_BUF).map(|p| p.value), Some(2_000_000_000));
    assert_eq!(params.get(i2c::rules::FSCL).map(|p| p.value), Some(2_500_000_000));
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
        ("24c02", &["device write_protect"]),
        ("24lc256", &[]),
        ("24lc64", &["times tWC", "times tWC"]),
        ("bme280", &["times tBASE", "times tSAMPLE", "times tSWITCH", "device H6"]),
        ("ds1307", &["device control"]),
        ("ds3231", &["device time", "device control"]),
        ("i2c-fast", &[]),
        ("i2c-fast-plus", &["electrical IOL2"]),
        ("i2c-high", &[]),
        ("i2c-register-file", &[]),
        ("i2c-standard", &[]),
        ("i2c-ultra-fast", &[]),
        ("lm75", &[]),
        ("mcp23017", &["device addresses"]),
        ("pcf8574", &[]),
        ("pcf8574a", &[]),
        (
            "smbus",
            &["electrical VOL", "electrical IOL", "electrical VOL2", "electrical IOL2", "electrical Cb"],
        ),
        ("tca9548a", &["timing fSCL"]),
        ("tmp102", &["device addresses"]),
        ("x24c02", &["times tWC", "device write_protect"]),
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
        ("avr-usart", &[]),
        ("avr-usart-u2x", &[]),
        ("uart-echo", &[]),
        ("uart-registers", &[]),
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
    let i2c = |lines: &str| {
        let head = HEAD.replace("\"spi\"", "\"i2c\"");
        let part = Part::parse(&format!("{head}[timing]\n{lines}"), "mine.toml").unwrap();
        lint(&part).iter().filter(|doubt| matches!(doubt, Lint::Suspicious(_))).count()
    };
    assert_eq!(i2c("tr = { min = \"20 ns\", max = \"20 ns\", cite = \"t\" }"), 0);
    assert_eq!(i2c("tr = { min = \"21 ns\", max = \"20 ns\", cite = \"t\" }"), 1);
    let clock = "fSCL = { max = \"400 kHz\", cite = \"t\" }\ntHIGH = { min = \"1.2 us\", cite = \"t\" }\n";
    assert_eq!(i2c(&format!("{clock}tLOW = {{ min = \"1.3 us\", cite = \"t\" }}")), 0);
    assert_eq!(i2c(&format!("{clock}tLOW = {{ min = \"1301 ns\", cite = \"t\" }}")), 1);
    assert_eq!(i2c("\"tHD;DAT\" = { min = \"0 ns\", cite = \"t\" }"), 0);
    assert_eq!(i2c("tBUF = { min = \"0 ns\", cite = \"t\" }"), 1);
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
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0..40usize,
        patch in "[a-z0-9 =\"{}\\[\\],.#\n-]{0,20}",
    ) {
        let part = &catalog::list()[file.index(catalog::list().len())];
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
