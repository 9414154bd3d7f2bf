//! What files mean, and what is said of those that mean nothing.

use busproof_core::Span;
use busproof_core::bus::spi::{Active, Mode, rules};
use proptest::prelude::*;

use super::*;
use crate::compact::spi::OpKind;
use crate::time_expr::TimeExpr;

const BENCH: &str = r#"
bus.spi = { kind = "spi", clock = "16 MHz" }
device.flash.part = "w25q128jv"
"#;

fn parse(text: &str) -> VectorFile {
    VectorFile::parse("file", text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

fn one(text: &str) -> Vector {
    let file = parse(text);
    assert_eq!(file.vectors().len(), 1);
    file.vectors()[0].clone()
}

fn error(text: &str) -> String {
    VectorFile::parse("file", text).expect_err(text).to_string()
}

/// The bench above, then `text` from line 4 on.
fn error_after_bench(text: &str) -> String {
    error(&format!("{BENCH}{text}"))
}

#[test]
fn a_vector_has_defaults_for_everything_but_kind_and_clock() {
    let vector = one(&format!("{BENCH}step = [{{ do = '[0x9f r:3=ef4018]' }}]"));
    assert_eq!((vector.name.as_str(), vector.line, vector.seed), ("file", 1, 0));
    assert_eq!(vector.max_time, Span::from_ms(1_000));
    assert_eq!(vector.buses[0].clock.hertz, 16_000_000);
    assert_eq!(vector.buses[0].options.mode, Mode::Mode0);
    assert_eq!(vector.buses[0].drive, ControllerDrive::default());
    assert_eq!(vector.devices[0].bus, BusId(0));
    assert_eq!(vector.steps[0].device, Some(DeviceId(0)));
    assert_eq!(vector.steps[0].ops.len(), 6);
    assert_eq!(vector.check.exit, Exit::Done);
}

#[test]
fn a_bus_is_read_in_full() {
    let vector = one(r#"
        [bus.adc]
        kind = "spi"
        mode = 3
        word_bits = 12
        cs_active = "high"
        sample_delay = 1
        cs_setup = "tSLCH - 1 fs"
        flight = { sck = "1 ns", miso = "4 ns" }
        [bus.adc.clock]
        frequency = "3.6 MHz"
        error = "-50 ppm"
        jitter.rms = "20 ps"
        phase = "3 ns"
        high = "100 ns"
        [bus.adc.fault]
        glitch = { clock = 5, width = "2 ns" }
        drop_cs = { transfer = 1, clock = 11 }
        late_data = "3 ns"
        wrong_mode = 1
        stuck = { net = "miso", level = "low", to = "10 us" }
    "#);
    let bus = &vector.buses[0];
    assert_eq!(bus.options.mode, Mode::Mode3);
    assert_eq!(bus.options.word_bits.get(), 12);
    assert_eq!(bus.options.cs_active, Active::High);
    assert_eq!(bus.flight.lanes, [Span::ZERO, Span::from_ns(4), Span::ZERO, Span::ZERO]);
    assert_eq!((bus.clock.error_ppb, bus.clock.jitter), (-50_000, Jitter::Rms(Span::from_ps(20))));
    let setup = bus.drive.cs_setup.as_ref().map(|t| &t.value);
    assert_eq!(setup, Some(&TimeExpr::Param { name: "tSLCH".into(), offset: -1 }));
    assert_eq!(bus.fault.glitch.as_ref().map(|g| g.place.clock), Some(5));
    assert_eq!(bus.fault.drop_cs, Some(Place { transfer: 1, clock: 11 }));
    assert_eq!(bus.fault.mode, Some(Mode::Mode1));
    assert!(matches!(bus.fault.data, Some(DataShift::Late(_))));
    assert_eq!(bus.fault.stuck.map(|s| (s.wire, s.to)), Some((Wire::Lane(1), Some(Span::from_us(10)))));
}

#[test]
fn a_device_is_read_in_full() {
    let vector = one(r#"
        bus.spi = { kind = "spi", clock = "1 MHz" }
        [device.flash]
        part = "w25q128jv"
        cs = 2
        load = [{ at = 0x1000, text = "hello" }, { hex = "de ad" }, { file = "image.bin" }]
        output_delay = "6 ns"
        timing = { tCLQV = "7 ns", fC = "50 MHz" }
        [[check.memory]]
        at = 0x1000
        text = "hello"
    "#);
    let device = &vector.devices[0];
    assert_eq!(device.cs, 2);
    assert_eq!(device.load[0].content, Content::Bytes(b"hello".to_vec()));
    assert!(matches!(&device.load[2].content, Content::File(file) if file.value == "image.bin"));
    assert!(device.limits.contains(&(rules::T_CLQV, Span::from_ns(7))));
    assert!(device.limits.contains(&(rules::FC, Span::from_ns(20))));
    assert_eq!(vector.check.memory[0].0, DeviceId(0));
}

#[test]
fn a_device_can_reply_what_it_is_told() {
    let vector = one(r#"
        bus.spi = { kind = "spi", clock = "1 MHz", word_bits = 12 }
        device.echo.reply = "0xabc 0x5:2"
    "#);
    let Model::Reply(words) = &vector.devices[0].model else { panic!() };
    assert_eq!(words.iter().map(ToString::to_string).collect::<Vec<_>>(), ["abc", "005", "005"]);
}

#[test]
fn steps_may_be_written_as_keys() {
    let vector = one(&format!(
        "{BENCH}step = [{{ write = '9f 001234', read = 3, expect = 'ef 40 xx' }}, {{ delay = 'tSHSL1' }}]"
    ));
    assert_eq!(vector.steps[0].script.to_string(), "[0x9f 0x001234 r:3=ef40xx]");
    assert!(matches!(vector.steps[1].ops[0].kind, OpKind::Wait(TimeExpr::Param { .. })));
}

#[test]
fn cases_lay_their_keys_over_those_of_the_file() {
    let file = parse(&format!(
        r#"{BENCH}
        name = "cs-setup"
        step = [{{ do = "[0x9f r:3]" }}]
        [[case]]
        name = "at-the-limit"
        bus.spi.cs_setup = "tSLCH"
        [[case]]
        name = "past-it"
        bus.spi.cs_setup = "tSLCH - 1 fs"
        check.broken = ["tSLCH"]
        "#
    ));
    let names: Vec<(&str, usize)> = file.vectors().iter().map(|v| (v.name.as_str(), v.line)).collect();
    assert_eq!(names, [("cs-setup/at-the-limit", 7), ("cs-setup/past-it", 10)]);
    assert!(file.vectors().iter().all(|v| v.steps.len() == 1 && v.buses[0].clock.hertz == 16_000_000));
    assert!(file.vectors()[0].check.broken.is_empty());
    assert_eq!(file.vectors()[1].check.broken[0].value, "tSLCH");
}

#[test]
fn a_sweep_is_the_product_of_its_lists() {
    let file = parse(&format!(
        "{BENCH}step = [{{ do = '[0x9f]' }}]\n[sweep]\nbus.spi.mode = [0, 3]\nbus.spi.clock = ['1 MHz', '20 MHz']"
    ));
    let names: Vec<&str> = file.vectors().iter().map(|v| v.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "file[bus.spi.clock=1 MHz,bus.spi.mode=0]",
            "file[bus.spi.clock=1 MHz,bus.spi.mode=3]",
            "file[bus.spi.clock=20 MHz,bus.spi.mode=0]",
            "file[bus.spi.clock=20 MHz,bus.spi.mode=3]",
        ]
    );
    assert_eq!(file.vectors()[3].buses[0].options.mode, Mode::Mode3);
    assert_eq!(file.vectors()[3].buses[0].clock.hertz, 20_000_000);
}

#[test]
fn scripts_point_into_the_file() {
    let text = format!("{BENCH}[[step]]\ndo = \"[0x9f r:3=ef40]\"\n");
    let problem = VectorFile::parse("file", &text).unwrap_err();
    assert_eq!(&text[problem.span.clone()], "r:3=ef40");
    assert_eq!((problem.line, problem.column), (5, 13));
    // With an escape the text differs from what is written: the whole literal is shown.
    let text = format!("{BENCH}[[step]]\ndo = \"[0x9f\\u0020r:3=ef40]\"\n");
    let problem = VectorFile::parse("file", &text).unwrap_err();
    assert_eq!((problem.line, problem.column), (5, 6));
}

#[test]
fn errors_point_at_the_line_and_say_the_way_out() {
    for (text, want) in [
        ("[[step]]\nto = '[0x9f]'", "line 5, column 1: unknown key `to`; did you mean `do`?"),
        ("[check]\nbrokn = []", "line 5, column 1: unknown key `brokn`; did you mean `broken`?"),
        (
            "max_time = 10",
            "line 4, column 12: a time needs a unit; write `\"10 ns\"`, or another of s, ms, us, ns, ps, fs",
        ),
        ("max_time = '10 parsec'", "line 4, column 12: unknown unit `parsec`"),
        ("[check]\nslack = 10", "line 5, column 9: a least margin says of what; write `\">= 10 %\"`"),
        ("[check]\nexit = 1", "line 5, column 8: `exit` is 1; it must be 0, 3 (nothing was checked) or 4"),
        ("[[step]]\ndo = '[0x9f r:3'", "line 5, column 7: unclosed `[`; add `]`"),
        (
            "[[step]]\ndo = '[@50w]'",
            "line 5, column 8: `@50w` is an I2C address, and SPI has none; remove it",
        ),
        (
            "[[step]]\ndo = '[0x9f]'\ndevice = 'flsh'",
            "line 6, column 10: there is no device `flsh`; did you mean `flash`?",
        ),
        ("[[step]]\nread = 1\ndelay = '1 us'", "line 4, column 1: a step is one of `do`, `delay`"),
        ("[[step]]\nexpect = '00'", "line 5, column 10: nothing is read that could be expected; add `read`"),
        ("[[step]]\nwrite = '0x9f'", "line 5, column 9: words are hexadecimal digits without prefix"),
        ("[[case]]\nseed = 1", "line 4, column 1: a case has no name; write `name = \"at-the-limit\"`"),
        ("[[case]]\nname = 'A b'", "line 5, column 8: the name `A b` must consist of"),
        (
            "[[case]]\nname = 'a'\n[[case]]\nname = 'a'",
            "line 7, column 8: the name `a` is taken by an earlier case",
        ),
        ("[sweep]\nbus.spi.mode = 3", "line 5, column 16: a sweep lists the values of a key"),
        (
            "seed = -1",
            "line 4, column 8: invalid value: integer `-1`, expected a whole number that is not negative",
        ),
        ("seed = ", "line 4, column 8:"),
    ] {
        let message = error_after_bench(text);
        assert!(message.starts_with(want), "{text}\n{message}\n{want}");
    }
}

#[test]
fn errors_of_buses_and_devices_say_the_way_out() {
    for (text, want) in [
        ("", "line 1, column 1: there is no bus; write `[bus.spi]` with `kind = \"spi\"`"),
        ("[bus.spi]\nclock = '1 MHz'", "line 1, column 1: bus `spi` has no kind; write `kind = \"spi\"`"),
        ("[bus.spi]\nkind = 'spi'", "line 1, column 1: bus `spi` has no clock; write `clock = \"16 MHz\"`"),
        ("[bus.spi]\nkind = 'sip'", "line 2, column 8: unknown value `sip`; did you mean `spi`?"),
        ("[bus.spi]\nmdoe = 1", "line 2, column 1: unknown key `mdoe`; did you mean `mode`?"),
        (
            "[bus.spi]\nkind = 'spi'\nclock = 16",
            "line 3, column 9: a frequency needs a unit; write `\"16 MHz\"`",
        ),
        (
            "[bus.spi]\nkind = 'spi'\nclock.frequncy = '1 MHz'",
            "line 3, column 7: unknown key `frequncy`; did you mean",
        ),
        (
            "[bus.spi]\nkind = 'spi'\nclock = '1 MHz'\nmode = 4",
            "line 4, column 8: `mode` is 4; it must be 0 to 3",
        ),
        (
            "[bus.spi]\nkind = 'spi'\nclock = '1 MHz'\nlanes = 3",
            "line 4, column 9: `lanes` is 3; it must be 1, 2 or 4",
        ),
        (
            "[bus.spi]\nkind = 'spi'\nclock = '1 MHz'\nformat = 'ti'\nmode = 1",
            "line 5, column 8: the format fixes the mode; remove `mode`",
        ),
        (
            "bus.a = { kind = 'spi', clock = '1 MHz' }\nbus.b = { kind = 'spi', clock = '1 MHz' }\ndevice.x.part = 'y'",
            "line 3, column 8: which bus is meant is not clear; write `bus = \"a\"`",
        ),
        (
            "bus.a = { kind = 'spi', clock = '1 MHz' }\n[device.x]",
            "line 2, column 1: device `x` is nothing yet; write `part = \"w25q128jv\"`",
        ),
        (
            "bus.a = { kind = 'spi', clock = '1 MHz' }\ndevice.x.part = 'p'\ndevice.y = { part = 'p', cs = 0 }",
            "line 3, column 31: `cs = 0` is taken by device `x`; choose another line",
        ),
        (
            "bus.a = { kind = 'spi', clock = '1 MHz' }\ndevice.x = { part = 'p', timing = { tCLQW = '6 ns' } }",
            "line 2, column 37: there is no limit `tCLQW`; did you mean `tCLQV`?",
        ),
        (
            "bus.a = { kind = 'spi', clock = '1 MHz' }\ndevice.x = { part = 'p', timing = { tCLQV = '6' } }",
            "line 2, column 45: `tCLQV`: time `6` has no unit",
        ),
        (
            "bus.a = { kind = 'spi', clock = '1 MHz' }\ndevice.x.reply = 'r:3'",
            "line 2, column 19: a reply consists of numbers and texts",
        ),
    ] {
        let message = error(text);
        assert!(message.starts_with(want), "{text}\n{message}\n{want}");
    }
}

#[test]
fn a_sweep_has_an_end() {
    let list = (0..17).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let message = error_after_bench(&format!("[sweep]\nseed = [{list}]\nbus.spi.word_bits = [{list}]"));
    assert_eq!(
        message,
        "line 4, column 1: the sweep has 289 runs; at most 256 are allowed, so give fewer values"
    );
}

proptest! {
    #[test]
    fn any_file_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = VectorFile::parse("file", &text);
    }

    #[test]
    fn a_damaged_file_is_read_or_refused_within_it(cut in any::<prop::sample::Index>(), put in "[\\[\\]{}=\"'a-z0-9 \n]{0,3}") {
        let text = format!("{BENCH}[[step]]\ndo = '[0x9f r:3=ef4018]'\n[[case]]\nname = 'a'\nbus.spi.mode = 3\n");
        let at = cut.index(text.len());
        let text = format!("{}{put}{}", &text[..at], &text[at + 1..]);
        if let Err(error) = VectorFile::parse("file", &text) {
            prop_assert!(error.span.start <= text.len() && error.line >= 1 && error.column >= 1);
        }
    }
}
