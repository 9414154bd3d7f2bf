//! What files mean, and what is said of those that mean nothing.

use busproof_core::Span;
use busproof_core::bus::spi::{Active, Mode, rules};
use busproof_core::bus::uart::{Baud, Options};
use proptest::prelude::*;

use super::spi::{ControllerDrive, DataShift, Wire};
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

fn spi(bus: &Bus) -> &spi::Bus {
    match &bus.kind {
        BusKind::Spi(bus) => bus,
        _ => panic!("{bus:?}"),
    }
}

fn spi_ops(step: &Step) -> Vec<&OpKind> {
    match &step.ops {
        Ops::Spi(_, ops) => ops.iter().map(|op| &op.kind).collect(),
        _ => panic!("{step:?}"),
    }
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
    assert_eq!(spi(&vector.buses[0]).clock.hertz, 16_000_000);
    assert_eq!(spi(&vector.buses[0]).options.mode, Mode::Mode0);
    assert_eq!(spi(&vector.buses[0]).drive, ControllerDrive::default());
    assert_eq!(vector.devices[0].bus, BusId(0));
    assert_eq!(vector.steps[0].device, Some(DeviceId(0)));
    assert_eq!(spi_ops(&vector.steps[0]).len(), 6);
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
    let bus = spi(&vector.buses[0]);
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
    let DeviceKind::Spi(spi) = &device.kind else { panic!("{device:?}") };
    assert_eq!(spi.cs, 2);
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
    assert!(matches!(spi_ops(&vector.steps[1])[0], OpKind::Wait(TimeExpr::Param { .. })));
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
    assert!(file.vectors().iter().all(|v| v.steps.len() == 1 && spi(&v.buses[0]).clock.hertz == 16_000_000));
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
            "file[bus.spi.mode=0,bus.spi.clock=1 MHz]",
            "file[bus.spi.mode=0,bus.spi.clock=20 MHz]",
            "file[bus.spi.mode=3,bus.spi.clock=1 MHz]",
            "file[bus.spi.mode=3,bus.spi.clock=20 MHz]",
        ]
    );
    assert_eq!(spi(&file.vectors()[3].buses[0]).options.mode, Mode::Mode3);
    assert_eq!(spi(&file.vectors()[3].buses[0]).clock.hertz, 20_000_000);
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
fn a_sweep_may_be_a_range() {
    let file = parse(&format!(
        "{BENCH}step = [{{ do = '[0x9f]' }}]\n[sweep]\nbus.spi.mode = '0..3'\nbus.spi.clock = '1MHz..2MHz:500kHz'"
    ));
    let names: Vec<&str> = file.vectors().iter().map(|v| v.name.as_str()).collect();
    assert_eq!((names.len(), names[4]), (12, "file[bus.spi.mode=1,bus.spi.clock=1.5 MHz]"));
    assert_eq!(spi(&file.vectors()[4].buses[0]).clock.hertz, 1_500_000);
}

#[test]
fn errors_point_at_the_line_and_say_the_way_out() {
    for (text, want) in [
        (
            "[sweep]\nbus.spi.mode = '3..0'",
            "line 5, column 16: nothing lies in `3..0`; write the lesser end first",
        ),
        ("[sweep]\nbus.spi.mode = 'x'", "line 5, column 16: a sweep lists the values of a key"),
        ("[sweep]\nbus.sip.mode = [3]", "line 5, column 16: there is no bus `sip`; did you mean `spi`?"),
        ("[sweep]\nbus.spi.mode = [3, 7]", "line 5, column 20: `mode` is 7; it must be 0 to 3"),
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
        ("[bus.spi]\nkind = 'spi'\nmdoe = 1", "line 3, column 1: unknown key `mdoe`; did you mean `mode`?"),
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

const WIRES: &str = r#"
bus.i2c = { kind = "i2c", speed = "fast" }
device.eeprom = { part = "24lc256", address = 0x50 }
"#;

fn i2c(bus: &Bus) -> &i2c::Bus {
    match &bus.kind {
        BusKind::I2c(bus) => bus,
        _ => panic!("{bus:?}"),
    }
}

#[test]
fn an_i2c_bus_has_defaults_for_everything_but_its_kind() {
    use busproof_core::bus::i2c::{OnNack, Protocol, Speed};
    let vector = one("bus.i2c.kind = 'i2c'");
    let bus = i2c(&vector.buses[0]);
    assert_eq!((bus.speed, bus.options.protocol), (Speed::Standard, Protocol::I2c));
    assert_eq!(vector.buses[0].part.as_ref().map(|part| part.value.as_str()), Some("i2c-standard"));
    let i2c::Electrical { pull_up_ohm, farad, vdd, on_ohm, .. } = bus.electrical;
    assert_eq!((pull_up_ohm, farad, vdd, on_ohm), (4_700.0, 100e-12, 3.3, 50.0));
    let [controller] = bus.controllers.as_slice() else { panic!("{bus:?}") };
    assert_eq!((controller.name.as_deref(), controller.clock.hertz), (None, 99_000));
    assert_eq!((&controller.drive, controller.on_nack), (&i2c::Drive::default(), OnNack::Continue));
}

#[test]
fn an_i2c_bus_is_read_in_full() {
    let vector = one(r#"
        [bus.sensors]
        kind = "i2c"
        speed = "fast-plus"
        protocol = "smbus"
        pull_up = "680 Ohm"
        capacitance = "220 pF"
        vdd = "1.8 V"
        on_resistance = "20 Ohm"
        clock = { frequency = "900 kHz", error = "20 ppm" }
        start_hold = "tHD;STA - 1 ns"
        time_out = "30 ms"
        on_nack = "stop"
        retries = 3
        timing = { tr-min = "5 ns" }
        [bus.sensors.fault]
        clock_glitch = { clock = 5, width = "40 ns" }
        early_sample = { transfer = 1, clock = 9 }
        stuck = [{ net = "sda", level = "low", from = "1 us", to = "2 us" }]
    "#);
    let bus = i2c(&vector.buses[0]);
    let i2c::Electrical { pull_up_ohm, farad, vdd, on_ohm, .. } = bus.electrical;
    assert_eq!((pull_up_ohm, farad, vdd, on_ohm), (680.0, 220e-12, 1.8, 20.0));
    let controller = &bus.controllers[0];
    assert_eq!((controller.clock.hertz, controller.clock.error_ppb), (900_000, 20_000));
    assert_eq!((controller.time_out, controller.retries), (Some(Span::from_ms(30)), Some(3)));
    let hold = controller.drive.start_hold.as_ref().map(|t| t.value.to_string());
    assert_eq!(hold.as_deref(), Some("tHD;STA - 1 ns"));
    let place = Place { transfer: 1, clock: 9 };
    assert!(
        matches!(&controller.faults[..], [i2c::Fault::ClockGlitch(_), i2c::Fault::EarlySample(p)] if *p == place)
    );
    assert_eq!(bus.wires[0].to, Some(Span::from_us(2)));
    assert_eq!(vector.buses[0].limits, [(busproof_core::bus::i2c::rules::T_R_MIN, Span::from_ns(5))]);
}

#[test]
fn controllers_differ_from_their_bus_where_they_say_so() {
    let vector = one(r#"
        bus.i2c = { kind = "i2c", retries = 2, clock = "50 kHz" }
        controller.left = { clock.error = "50 ppm" }
        controller.right = { retries = 0, fault.start = { clock = 3 } }
        [[step]]
        by = "right"
        at = "3 us"
        do = "[@50w]"
    "#);
    let [left, right] = i2c(&vector.buses[0]).controllers.as_slice() else { panic!() };
    // A clock is one value: without a frequency it is that of the class again.
    assert_eq!((left.clock.hertz, left.clock.error_ppb, left.retries), (99_000, 50_000, Some(2)));
    assert_eq!((right.clock.hertz, right.retries), (50_000, Some(0)));
    assert_eq!((left.faults.len(), right.faults.len()), (0, 1));
    assert_eq!(
        (vector.steps[0].by, vector.steps[0].at.as_ref().map(|at| at.value)),
        (1, Some(Span::from_us(3)))
    );
}

#[test]
fn transfers_on_i2c_may_be_written_as_keys() {
    let text = |step: &str| one(&format!("{WIRES}step = [{{ {step} }}]")).steps[0].script.to_string();
    assert_eq!(text("write = '0100', read = 2, expect = '68 xx'"), "[@50w+ 0x0100+ [@50r+ r:2=68xx]");
    assert_eq!(text("read = 1"), "[@50r+ r:1]");
    assert_eq!(text("write = '01 02'"), "[@50w+ 0x01+ 0x02+]");
    let usual = |device: &str| format!("bus.i2c.kind = 'i2c'\n{device}\nstep = [{{ read = 1 }}]");
    let vector = one(&usual("device.clock.part = 'ds3231'"));
    assert_eq!(vector.steps[0].script.to_string(), "[@68r+ r:1]", "the address that the part has");
    let nobody = error(&usual("device.target.reply = '0x11'"));
    assert!(nobody.contains("whom is this for?") && nobody.contains("`address = 0x50`"), "{nobody}");
}

#[test]
fn high_speed_at_5_volt_has_a_pull_up_that_drivers_can_hold_down() {
    let electrical = |more: &str| {
        let vector = one(&format!("bus.i2c = {{ kind = 'i2c', speed = 'high'{more} }}"));
        i2c(&vector.buses[0]).electrical
    };
    let usual = electrical("");
    assert_eq!((usual.pull_up_ohm, usual.farad), (1_000.0, 80e-12));
    let five = electrical(", vdd = '5 V'");
    // UM10204 section 7.1: (5 V - 0.4 V) / 3 mA; 80 ns / (0.8473 R) is 58.6 pF.
    assert!(five.pull_up_ohm > 4.6 / 3e-3 && five.pull_up_ohm < 1_700.0, "{five:?}");
    assert!(five.farad < 58.6e-12 && five.farad > 45e-12, "{five:?}");
    assert!(five.controls_slope && !electrical(", on_resistance = '50 Ohm'").controls_slope);
}

#[test]
fn steps_are_repeated_until_something_holds() {
    let vector =
        one(&format!("{WIRES}step = [{{ do = '[@50w]', until = 'ack', every = '1 ms', within = '5 ms' }}]"));
    let poll = Poll { until: Until::Ack, every: Span::from_ms(1), within: Span::from_ms(5) };
    assert_eq!(vector.steps[0].poll, Some(poll));
}

#[test]
fn errors_of_i2c_say_the_way_out() {
    for (text, want) in [
        ("bus.i2c.mode = 3", "line 4, column 9: unknown key `mode`"),
        ("bus.i2c.pul_up = '1 kOhm'", "line 4, column 9: unknown key `pul_up`; did you mean `pull_up`?"),
        ("bus.i2c.pull_up = 4.7", "line 4, column 19: a resistance needs a unit; write `\"4.7 kOhm\"`"),
        (
            "bus.i2c.pull_up = '4.7 kohm'",
            "line 4, column 19: unknown unit `kohm` of a resistance; did you mean `kOhm`?",
        ),
        ("bus.i2c.capacitance = '0 pF'", "line 4, column 23: `0 pF` is not a capacitance above zero"),
        ("bus.i2c.clock.high = '1 us'", "line 4, column 22: on I2C `high` is a key of the bus, beside `low`"),
        ("bus.i2c.timing = { tR = '1 us' }", "line 4, column 20: there is no limit `tR`; did you mean `tr`?"),
        ("device.eeprom.cs = 1", "line 4, column 15: unknown key `cs`"),
        (
            "[device.x]\nreply = 'r:3'",
            "line 5, column 10: a reply consists of numbers and texts, such as `0x5a 'hello'`; remove `r:3`",
        ),
        (
            "[device.x]\npart = 'p'\naddress = 1024",
            "line 6, column 11: `address` is 1024; it must be 0 to 1023",
        ),
        (
            "[device.x]\npart = 'p'\naddress = 0x80\naddress_bits = 7",
            "line 7, column 16: `address_bits` is 7; it must be 10 for an address above 0x7f",
        ),
        (
            "[[step]]\ndo = '[0x9f]'",
            "line 5, column 8: `0x9f` stands where an address must stand; write `@4fr`",
        ),
        ("[[step]]\ndo = '[@50w]'\nby = 'left'", "line 6, column 6: there is no controller `left`"),
        (
            "bus.i2c.on_resistance = '3 kOhm'",
            "line 2, column 5: nobody can pull a wire below 30 % of its supply",
        ),
        (
            "bus.i2c.fault.stuck = [{ net = 'sda', level = 'low', from = '2 us', to = '1 us' }]",
            "line 2, column 5: a wire is stuck until before it is; write a `to` later than `from`",
        ),
        (
            "[[step]]\ndo = '[@50w]'\nevery = '1 us'",
            "line 6, column 9: nothing is waited for; write `until = \"ack\"`",
        ),
        (
            "[[step]]\ndo = '[@50w]'\nuntil = 'ack'",
            "line 4, column 1: nobody waits for ever; write `within = \"5 ms\"`",
        ),
        ("[[step]]\nbus_clear = true\ndo = '[@50w]'", "line 4, column 1: a step is one of `do`"),
        ("[controller.a]\nbus = 'x'", "line 5, column 7: there is no I2C bus `x`"),
        (
            "[controller.a]\n[controller.b]\n[[step]]\ndo = '[@50w]'",
            "line 6, column 1: which controller is meant is not clear; write `by = \"a\"`",
        ),
        (
            "check.broken = ['tSUDAT']",
            "line 4, column 17: there is no rule `tSUDAT`; did you mean `tSU;DAT`?",
        ),
    ] {
        let message = error(&format!("\nbus.i2c.kind = 'i2c'\ndevice.eeprom.part = '24lc256'\n{text}"));
        assert!(message.starts_with(want), "{text}\n{message}\n{want}");
    }
    for (text, want) in [
        ("[[step]]\ndo = '[0x9f]'\nby = 'a'", "line 6, column 6: SPI has one controller"),
        (
            "[[step]]\ndo = '[0x9f]'\nuntil = 'ack'\nwithin = '1 s'",
            "line 6, column 9: SPI has no acknowledge",
        ),
    ] {
        let message = error_after_bench(text);
        assert!(message.starts_with(want), "{text}\n{message}\n{want}");
    }
}

#[test]
fn a_sweep_has_an_end() {
    let list = (0..17).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let message = error_after_bench(&format!("[sweep]\nseed = [{list}]\nbus.spi.word_bits = [{list}]"));
    assert_eq!(
        message,
        "line 5, column 8: the sweep has 289 runs; at most 256 are allowed, so give fewer values"
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

// UART.

fn uart_error(keys: &str, step: &str) -> String {
    let text = format!("bus.uart = {{ kind = \"uart\", {keys} }}\nstep = [{{ {step} }}]\n");
    VectorFile::parse("file", &text).expect_err(&text).problem.to_string()
}

#[test]
fn a_uart_has_defaults_for_everything_but_its_rate() {
    let text = "bus.uart = { kind = \"uart\", baud = 9600 }\nstep = [{ do = \"'a'\" }]\n";
    let file = VectorFile::parse("file", text).unwrap();
    let BusKind::Uart(bus) = &file.vectors()[0].buses[0].kind else { panic!("{text}") };
    let wanted = Options { baud: Baud::from_hertz(9_600), ..Options::default() };
    assert_eq!((&bus.options, bus.wires), (&wanted, uart::Wires::Two));
    assert!(bus.ends.iter().all(|end| end.baud == wanted.baud && end.faults.is_empty()));
}

#[test]
fn what_is_wrong_with_a_uart_is_said_with_a_way_out() {
    let send = "do = \"'a'\"";
    for (keys, step, wanted) in [
        ("parity = \"even\"", send, "bus `uart` has no bit rate; write `baud = 115200`"),
        ("baud = \"auto\"", send, "a rate that is to be found is none to send at"),
        ("baud = 9600, data_bits = 10", send, "`10` is no value of option `data_bits`; use 5 to 9"),
        ("baud = 9600, wires = 1, invert_tx = true", send, "set `invert_tx` and `invert_rx` alike"),
        ("baud = 9600, host = { divider = { by = 4 } }", send, "`by` is 4; it must be 1, 8 or 16"),
        ("baud = 9600, host = { auto_baud = \"yes\" }", send, "write `off`, `first`, or `break:11`"),
        ("baud = 9600, host = { fault = [{ frame = 1 }] }", send, "a fault is one thing in a frame"),
        (
            "baud = 9600, peer = { fifo = { depth = 2 }, flow = { by = \"rts\", stop_at = 3, go_at = 1 } }",
            send,
            "`stop_at`",
        ),
        ("baud = 9600", "do = \"'a'\", by = \"pere\"", "there is no end `pere`; did you mean `peer`?"),
        ("baud = 9600", "do = \"[0x01]\"", "a UART has no transfers that start and stop"),
        ("baud = 9600", "lin = { id = 3, header = false }", "neither header nor response is sent"),
        ("baud = 9600", "lin = { id = 64 }", "`id` is 64"),
        ("baud = 9600", "break = 13, do = \"'a'\"", "a step is one of"),
        ("baud = 9600", "do = \"r=55\", until = \"ack\", within = \"1 ms\"", "a UART has no acknowledge"),
    ] {
        let said = uart_error(keys, step);
        assert!(said.contains(wanted), "{keys} {step}: {said}");
    }
}
