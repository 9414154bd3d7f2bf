//! Vectors run as they say.

use std::path::Path;

use super::*;

fn run_text(text: &str) -> Vec<VectorResult> {
    let file = VectorFile::parse("test", text).unwrap_or_else(|error| panic!("{error}"));
    run_file(Path::new("test.toml"), &file, &RunOptions::default())
}

fn titles(result: &VectorResult) -> Vec<String> {
    result.failures.iter().map(|f| format!("{}:{} [{}] {}", f.line, f.column, f.code, f.title)).collect()
}

#[test]
fn a_flash_says_who_it_is() {
    let results = run_text(
        r#"
        [bus.spi]
        kind = "spi"
        clock = "16 MHz"
        [device.flash]
        part = "w25q128jv"
        [[step]]
        do = "[0x9f r:3=ef4018]"
        [check]
        items = 6
        "#,
    );
    assert_eq!(titles(&results[0]), [""; 0]);
    assert_eq!(results[0].outcome, Outcome::Passed);
}

#[test]
fn a_wrong_expectation_points_at_the_item() {
    let results = run_text(
        r#"
        bus.spi = { kind = "spi", clock = "16 MHz" }
        device.flash.part = "w25q128jv"
        [[step]]
        do = "[0x9f r:3=ef40x9]"
        "#,
    );
    assert_eq!(titles(&results[0]), ["5:21 [mismatch] expected ef 40 x9, read ef 40 18"]);
    assert_eq!(results[0].outcome, Outcome::Failed);
}

#[test]
fn what_is_allowed_may_happen_or_not() {
    let results = run_text(
        r#"
        bus.uart = { kind = "uart", baud = 1000000 }
        step = [{ do = "'UUUUUUUUUUUUUUUU'" }]
        [[case]]
        name = "nothing-happens"
        check.allowed = ["rate-fast", "uart::rate-off"]
        [[case]]
        name = "a-rule-is-broken"
        step = [{ do = "0x55" }]
        bus.uart.host.clock.error = "5.2632 %"
        check.allowed = ["rate-fast"]
        [[case]]
        name = "and-must-not-be"
        step = [{ do = "0x55" }]
        bus.uart.host.clock.error = "5.2632 %"
        check.allowed = ["uart::rate-off"]
        [[case]]
        name = "a-diagnostic-comes"
        bus.uart.host.clock.error = "5 %"
        check.allowed = ["uart::rate-off"]
        [[case]]
        name = "and-must-not"
        bus.uart.host.clock.error = "5 %"
        check.allowed = ["rate-fast"]
        "#,
    );
    let codes: Vec<Vec<&str>> =
        results.iter().map(|r| r.failures.iter().map(|f| f.code.as_str()).collect()).collect();
    assert_eq!(codes, [vec![], vec![], vec!["rate-fast"], vec![], vec!["uart::rate-off"]]);
    let unknown = VectorFile::parse(
        "test",
        "bus.uart = { kind = 'uart', baud = 9600 }\nstep = [{ do = '1' }]\ncheck.allowed = ['rate-fats']",
    );
    let message = unknown.unwrap_err().to_string();
    assert!(message.ends_with("there is no rule `rate-fats`; did you mean `rate-fast`?"), "{message}");
}

/// What is wrong with the steps of a Standard-mode bus with a target at address 50 that says 11 22.
fn wrong_on_i2c(steps: &str) -> Vec<String> {
    let results = run_text(&format!(
        "bus.i2c.kind = 'i2c'\n\
         device.target = {{ reply = '0x11 0x22', address = 0x50 }}\n{steps}"
    ));
    titles(&results[0])
}

#[test]
fn what_is_wrong_on_i2c_points_at_its_item() {
    for (steps, want) in [
        ("step = [{ do = '[@51w+ 0x00]' }]", "3:18 [mismatch] expected ACK, and nobody acknowledged"),
        ("step = [{ do = '[@50w- 0x00]' }]", "3:18 [mismatch] expected NACK, and somebody acknowledged"),
        ("step = [{ do = '[@50w+ 0x0102-]' }]", "3:24 [mismatch] expected NACK, and somebody acknowledged"),
        ("step = [{ do = '[@50r+ r:2=1123]' }]", "3:24 [mismatch] expected 11 23, read 11 22"),
        ("step = [{ write = '00', read = 1, expect = '12' }]", "3:9 [mismatch] expected 12, read 11"),
        (
            "bus.i2c.on_nack = 'stop'\nstep = [{ do = '[@51w 0x00+]' }]",
            "4:23 [mismatch] not done, since a byte before was not acknowledged",
        ),
        (
            "step = [{ do = '[@51w]', until = 'ack', every = '1 ms', within = '3.5 ms' }]",
            "3:9 [poll] not acknowledged within 3.5 ms (attempts: 4)",
        ),
        (
            "step = [{ do = '[@50r r=12]', until = 'expected', within = '300 us' }]",
            "3:9 [poll] not as expected within 300 us (attempts: 2)",
        ),
        (
            "check.lost = 1\nstep = [{ do = '[@50w+]' }]",
            "1:1 [lost] expected 1 losses of arbitration, found 0",
        ),
        (
            "step = [{ bus_clear = true }]\nbus.i2c.fault.stuck = [{ net = 'sda', level = 'low' }]",
            "3:9 [mismatch] SDA is still low after nine clocks",
        ),
    ] {
        let found = wrong_on_i2c(steps);
        assert!(found.contains(&want.to_owned()), "{steps}\n{found:#?}\n{want}");
    }
}

#[test]
fn a_pull_up_that_is_too_weak_is_named_with_those_that_would_do() {
    let results = run_text(
        "bus.i2c = { kind = 'i2c', speed = 'fast', pull_up = '4.7 kOhm', capacitance = '120 pF' }\n\
         device.target = { reply = '0x11', address = 0x50 }\n\
         step = [{ do = '[@50r+ r=11]' }]",
    );
    let rise = results[0].failures.iter().find(|failure| failure.code == "tr").expect("tr is broken");
    assert!(rise.title.contains("is 477.8"), "{}", rise.title);
    let said = rise.detail.join("\n");
    for part in ["478 ns", "300 ns", "967 Ohm to 2.95 kOhm", "2.7 kOhm"] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
}

#[test]
fn a_pull_up_that_is_too_strong_is_named_though_no_edge_shows_it() {
    let text = |ohm: &str| {
        format!(
            "bus.i2c = {{ kind = 'i2c', pull_up = '{ohm}', vdd = '5 V' }}\n\
             device.eeprom.part = '24lc256'\nstep = [{{ do = '[@50w+]' }}]"
        )
    };
    let strong = run_text(&text("1 kOhm"));
    let [failure] = strong[0].failures.as_slice() else { panic!("{strong:?}") };
    assert_eq!(failure.code, "net::pull-up");
    assert_eq!(
        failure.title,
        "a pull-up of 1 kOhm at 5 V is stronger than the 1.53 kOhm that drivers of i2c-standard must be able to hold \
         down; 1.53 kOhm to 11.8 kOhm pass, the nearest of series E12 is 1.8 kOhm"
    );
    assert_eq!(run_text(&text("1.8 kOhm"))[0].failures, []);
    let expected = text("1 kOhm") + "\ncheck.diagnostics = ['net::pull-up']";
    assert_eq!(run_text(&expected)[0].failures, []);
}

#[test]
fn a_clock_that_its_class_would_slow_down_is_refused() {
    let run = |keys: &str| {
        run_text(&format!(
            "bus.i2c = {{ kind = 'i2c', {keys} }}\ndevice.target = {{ reply = '0x11', address = 0x50 }}\n\
             step = [{{ do = '[@50r+ r=11]' }}]"
        ))
    };
    assert_eq!(
        titles(&run("clock = '400 kHz'")[0]),
        [
            "1:11 [vector-file] speed `standard` ends at 100 kHz, so a clock of 400 kHz would come out as 108 kHz; choose a \
          faster `speed`, or give `low` and `high` to break the limit"
        ]
    );
    assert_eq!(
        run("clock = '100.001 kHz', edges = 'ideal'")[0].failures[0].code,
        "fSCL",
        "that can be done, and is too fast"
    );
    let driven = "clock = '150 kHz', low = '3 us', high = '3 us'";
    assert_eq!(run(driven)[0].failures[0].code, "fSCL", "low and high time are what is asked for");
    assert_eq!(run("clock = '400 kHz', speed = 'fast'")[0].failures, []);
}

#[test]
fn a_byte_that_is_read_too_early_says_that_the_clock_was_held() {
    let results = run_text(
        "bus.i2c = { kind = 'i2c', speed = 'fast', clock = '400 kHz', fault = { early_sample = { clock = 9 } } }\n\
         device.slow = { reply = '0xa5 0x5a', address = 0x50, stretch = [{ clock = 9, hold = '20 us' }] }\n\
         step = [{ do = '[@50r+ r:2=a55a]' }]",
    );
    let failures = &results[0].failures;
    let wrong = failures.iter().find(|failure| failure.code == "mismatch").expect("a byte is read wrong");
    let why = wrong.detail.join("\n");
    assert!(why.contains("SCL is held low 2") && why.contains("before what follows byte 1"), "{why}");
    assert!(why.contains("who does not wait until SCL is high"), "{why}");
    let admitted =
        failures.iter().find(|failure| failure.code == "i2c::early-sampling").expect("it is named");
    assert!(admitted.title.contains("SCL is held low"), "{}", admitted.title);
    let high = failures.iter().find(|failure| failure.code == "tHIGH").expect("its clocks are short");
    assert!(high.detail.join(" ").contains("a target that stretches"), "{high:?}");
}

#[test]
fn what_devices_note_is_told_and_fails_nothing() {
    let results = run_text(
        "bus.i2c = { kind = 'i2c', speed = 'fast' }\ndevice.eeprom.part = '24lc256'\n\
         step = [{ write = '0100 68' }, { do = '[@50w-]' }, { delay = '6 ms' }, { write = '0100 69' }, { do = '[@50w-]' }]",
    );
    assert_eq!(results[0].failures, []);
    let [note] = results[0].notes.as_slice() else { panic!("{results:?}") };
    assert_eq!((note.code.as_str(), note.count), ("i2c-eeprom::busy", 2));
    assert!(
        note.to_string().starts_with("the write cycle takes 4.9") && note.to_string().ends_with("of 2"),
        "{note}"
    );
}

#[test]
fn a_bus_is_judged_by_whoever_on_it_asks_for_more() {
    let run = |clock: &str, limit: &str| {
        let results = run_text(&format!(
            "bus.i2c = {{ kind = 'i2c', speed = 'fast', clock = '{clock}' }}\n\
             device.target = {{ reply = '0x11', address = 0x50, timing.fSCL = '{limit}' }}\n\
             step = [{{ do = '[@50r+ r=11]' }}]",
        ));
        results[0].failures.iter().map(|failure| failure.code.clone()).collect::<Vec<_>>()
    };
    assert_eq!(run("300 kHz", "1 MHz"), [""; 0]);
    assert_eq!(run("300 kHz", "200 kHz"), ["fSCL"]);
    assert_eq!(run("190 kHz", "200 kHz"), [""; 0]);
}

#[test]
fn a_time_that_is_past_cannot_be_kept() {
    let results = run_text(
        "bus.i2c.kind = 'i2c'\nstep = [{ do = '[@50w]' }, { delay = '1 us' }, { do = '[@50w]', at = '10 us' }]",
    );
    assert_eq!(results[0].outcome, Outcome::Unusable);
    assert!(
        titles(&results[0])[0].starts_with("2:70 [vector-file] 10 us is past: what stands before ended at")
    );
}

#[test]
fn what_is_not_on_the_bench_is_said() {
    for (text, want) in [
        (
            "device.x = { reply = '0x11' }",
            "2:12 [vector-file] a reply answers to an address; write `address = 0x50`",
        ),
        (
            "device.x = { part = '24lc256', address = 0x20 }",
            "2:42 [vector-file] part `24lc256` cannot have the address 0x20; its address pins allow 0x50 to 0x57",
        ),
        (
            "device.x.part = 'lm75'\nbus.i2c.standard = 'w25q128jv'",
            "3:20 [vector-file] part `w25q128jv` sits on bus spi, not on i2c; choose another",
        ),
        (
            "device.x = { part = 'lm75', pins = { oss = 'low' } }",
            "2:38 [vector-file] the device has no pin `oss`; did you mean `os`?",
        ),
        (
            "device.x = { part = 'lm75', behind = { device = 'x' } }",
            "2:38 [vector-file] there is no such switch on this bus; name a device that has channels",
        ),
    ] {
        let results = run_text(&format!("bus.i2c.kind = 'i2c'\n{text}\nstep = [{{ do = '[@50w]' }}]"));
        assert_eq!(titles(&results[0]), [want], "{text}");
    }
}

#[test]
fn a_link_that_does_other_than_the_check_says_is_told_with_what_was_measured() {
    let results = run_text(
        "compare = { text = \"Hello\", over = [\"uart\", \"validready\"], registers = { count = 2, outstanding = [1] } }\n\
         [check.link.uart]\n\
         bits = 1.25\n\
         wires = 2\n\
         fast = \">= 5 %\"\n\
         off = { \"+3 %\" = \"corrupts\" }\n\
         outstanding.1.latency = \"<= 1 us\"\n\
         [check.link.validready]\n\
         outstanding.1.latency = \"<= 1 us\"\n",
    );
    assert_eq!(results[0].outcome, Outcome::Failed);
    let titles = titles(&results[0]);
    let [off, wires, fast, latency, one_way] = titles.as_slice() else { panic!("{titles:?}") };
    assert!(off.starts_with("6:9 [link] uart: the payload, with a clock that is +3 % off, arrives intact, "));
    assert_eq!(wires, "4:9 [link] uart: wires is 1, must be 2");
    assert!(fast.starts_with("5:8 [link] uart: fast is +4.57"), "{fast}");
    assert!(latency.starts_with("7:25 [link] uart: latency with 1 outstanding is 4"), "{latency}");
    assert_eq!(one_way, "9:25 [link] validready: carries no register accesses, so there is no latency");
}

#[test]
fn a_payload_that_is_not_there_makes_a_comparison_unusable() {
    let results = run_text("compare.file = \"no/such/file\"\n");
    assert_eq!(results[0].outcome, Outcome::Unusable);
    assert!(titles(&results[0])[0].starts_with("1:16 [vector-file] cannot read no/such/file"));
}
