//! Sweeps meet what is known otherwise: the closed form of a UART's tolerance, and the sum of the delays of a flash's board.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use busproof_core::bus::spi::rules::{T_CLQV, T_SU_MI};
use busproof_core::bus::uart::{Goal, Options, Sampling, Tolerance};
use busproof_parts::catalog;
use busproof_vectors::format::{Sweep, Vary};
use busproof_vectors::run::RunOptions;
use busproof_vectors::sweep::{Extreme, Limit, Point, SweepError, Verdict, limits, points};

fn example(name: &str) -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/vectors").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    (path, text)
}

fn vary(all: &[&str]) -> Vec<Vary> {
    all.iter().map(|text| text.parse().unwrap()).collect()
}

fn only<'i>(text: &'i str, parameters: &[&str]) -> Sweep<'i> {
    Sweep::read("example", text, &vary(parameters), None).unwrap().remove(0)
}

fn find(text: &str, parameters: &[&str], which: (usize, Extreme)) -> Vec<Limit> {
    let sweep = only(text, parameters);
    limits(Path::new("example.toml"), &sweep, which, &RunOptions::default(), &|_, _| ()).unwrap()
}

const RECEIVERS: [(&str, Sampling); 3] =
    [("ideal", Sampling::IDEAL), ("8", Sampling::X8), ("16", Sampling::X16)];

/// How far the rate of 8N1 may be off.
fn closed_form(sampling: Sampling) -> Tolerance {
    sampling.tolerance(&Options::default(), Goal::Bytes)
}

#[test]
fn the_shmoo_of_a_uart_has_the_boundary_of_the_closed_form() {
    let (path, text) = example("uart-rate.toml");
    let sweep = only(&text, &["bus.uart.host.clock.error=-8%..8%:0.25%", "bus.uart.oversampling=ideal,8,16"]);
    let points = points(&path, &sweep, &RunOptions::default(), &|_, _| ()).unwrap();
    assert_eq!(points.len(), 65 * 3);
    for point in &points {
        let ppm = -80_000 + 2_500 * point.at[0] as i64;
        let (name, sampling) = RECEIVERS[point.at[1]];
        let Tolerance { slow_ppm, fast_ppm } = closed_form(sampling);
        let want = if (slow_ppm..=fast_ppm).contains(&ppm) { Verdict::Pass } else { Verdict::Fail };
        assert_eq!(point.verdict(), want, "{ppm} ppm, {name}: {:?}", point.result.failures);
    }
}

#[test]
fn both_limits_of_a_uart_are_found_to_ten_parts_per_million() {
    let (_, text) = example("uart-rate.toml");
    let error = |limit: &Option<Point>, index: usize| limit.as_ref().unwrap().at[index] as i64 * 10;
    let oversampling = "bus.uart.oversampling=ideal,8,16";
    let fast =
        find(&text, &["bus.uart.host.clock.error=0ppm..80000ppm:10ppm", oversampling], (0, Extreme::Max));
    let slow =
        find(&text, &["bus.uart.host.clock.error=-80000ppm..0ppm:10ppm", oversampling], (0, Extreme::Min));
    for ((fast, slow), (name, sampling)) in fast.iter().zip(&slow).zip(RECEIVERS) {
        let Tolerance { slow_ppm, fast_ppm } = closed_form(sampling);
        assert!((error(&fast.passes, 0)..error(&fast.fails, 0)).contains(&fast_ppm), "{name}: {fast:?}");
        let (passes, fails) = (error(&slow.passes, 0) - 80_000, error(&slow.fails, 0) - 80_000);
        assert!(fails < slow_ppm && slow_ppm <= passes, "{name}: {slow:?}");
        assert!(fast.runs <= 15 && slow.runs <= 15, "8001 values are bisected: {} {}", fast.runs, slow.runs);
    }
}

/// Without the rules, only what the receivers hear decides: the bits that arrive. Frames back to back walk over the phases of
/// the receiver's clock, though not over all of them, so its limits lie up to a tenth of a percent beyond the closed form's.
#[test]
fn receivers_alone_have_the_limits_of_the_closed_form() {
    let (_, text) = example("uart-rate.toml");
    let allowed = "allowed = [\"rate-fast\", \"rate-slow\", \"sampling\", \"uart::framing-error\", ";
    let text = text.replace("allowed = [", allowed);
    let limits = find(
        &text,
        &["bus.uart.host.clock.error=0ppm..80000ppm:100ppm", "bus.uart.oversampling=ideal,8,16"],
        (0, Extreme::Max),
    );
    for (limit, (name, sampling)) in limits.iter().zip(RECEIVERS) {
        let fails = limit.fails.as_ref().unwrap();
        assert_eq!(fails.codes(), ["mismatch"], "{name}");
        let beyond = fails.at[0] as i64 * 100 - closed_form(sampling).fast_ppm;
        assert!((0..=1_000).contains(&beyond), "{name}: {beyond} ppm beyond the closed form");
    }
}

#[test]
fn the_highest_clock_of_a_flash_is_that_of_the_sum_of_the_delays() {
    let (_, text) = example("flash-read.toml");
    let param = |part: &str, param| catalog::open(part).unwrap().params().get(param).unwrap().value;
    let fixed = 4_000_000 + param("w25q128jv", T_CLQV) + param("host-generic", T_SU_MI);
    let limits = find(
        &text,
        &["bus.spi.clock=10MHz..60MHz:10kHz", "bus.spi.flight.miso=0ns..8ns:1ns"],
        (0, Extreme::Max),
    );
    assert_eq!(limits.len(), 9);
    for (limit, miso_ns) in limits.iter().zip(0..) {
        // Half a period for the clock to arrive, the flash to answer, the answer to come back, and to be there in time.
        let half_fs = fixed + miso_ns * 1_000_000;
        let hertz = 1_000_000_000_000_000 / (2 * half_fs);
        let hertz_at = |point: &Option<Point>| 10_000_000 + 10_000 * point.as_ref().unwrap().at[0] as i64;
        let (passes, fails) = (hertz_at(&limit.passes), hertz_at(&limit.fails));
        assert!((passes..fails).contains(&hertz), "{miso_ns} ns: {hertz} Hz, found {passes} to {fails} Hz");
        assert_eq!(limit.fails.as_ref().unwrap().codes(), ["tSU_MI"]);
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (path, text) = example("flash-read.toml");
    let sweep = only(&text, &["bus.spi.clock=20MHz..36MHz:4MHz", "bus.spi.mode=0,3"]);
    let run = |jobs| {
        let options = RunOptions { jobs: NonZeroUsize::new(jobs), ..RunOptions::default() };
        points(&path, &sweep, &options, &|_, _| ()).unwrap()
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn what_a_file_sweeps_is_what_its_vectors_run() {
    let text = "bus.spi = { kind = 'spi', clock = '20 MHz' }\ndevice.flash.part = 'w25q128jv'\n\
        step = [{ do = '[0x9f r:3=ef4018]' }]\n[sweep]\nbus.spi.mode = [0, 3]\nbus.spi.clock = '20 MHz..40 MHz:10 MHz'";
    let sweep = Sweep::read("file", text, &[], None).unwrap().remove(0);
    let paths: Vec<String> = sweep.parameters().into_iter().map(|parameter| parameter.path).collect();
    assert_eq!(paths, ["bus.spi.mode", "bus.spi.clock"], "in the order of the file");
    let swept = points(Path::new("file.toml"), &sweep, &RunOptions::default(), &|_, _| ()).unwrap();
    let swept: Vec<String> = swept.into_iter().map(|point| point.result.name).collect();
    let file = busproof_vectors::VectorFile::parse("file", text).unwrap();
    let run: Vec<String> = file.vectors().iter().map(|vector| vector.name.clone()).collect();
    assert_eq!((swept.len(), &swept), (6, &run));
}

#[test]
fn a_path_leads_into_lists_by_number() {
    let (path, text) = example("flash-read.toml");
    let sweep = only(&text, &["step.0.do=[0x9f r:3=ef4018],[0x9f r:3=ef4019]"]);
    let points = points(&path, &sweep, &RunOptions::default(), &|_, _| ()).unwrap();
    let verdicts: Vec<Verdict> = points.iter().map(Point::verdict).collect();
    assert_eq!(verdicts, [Verdict::Pass, Verdict::Fail]);
}

#[test]
fn what_cannot_be_swept_is_refused_with_a_way_out() {
    let (path, text) = example("flash-read.toml");
    let error = |parameters: &[&str]| {
        let sweep = only(&text, parameters);
        let error = points(&path, &sweep, &RunOptions::default(), &|_, _| ()).unwrap_err();
        (matches!(error, SweepError::Parameter { .. }), error.to_string())
    };
    for (parameter, want) in [
        ("bus.spi.clok=1MHz", "`bus.spi.clok`: unknown key `clok`; did you mean `clock`?"),
        ("bsu.spi.clock=1MHz", "`bsu.spi.clock`: unknown key `bsu`; did you mean `bus`?"),
        ("bus.sip.clock=1MHz", "`bus.sip.clock`: there is no bus `sip`; did you mean `spi`?"),
        ("device.falsh.part=x", "`device.falsh.part`: there is no device `falsh`; did you mean `flash`?"),
        ("bus.spi.clock=1..3", "`bus.spi.clock`: a frequency needs a unit; write `\"1 MHz\"`"),
        (
            "bus.spi.clock.error=1%",
            "`bus.spi.clock.error`: what stands there is a value, so it has no key `error`",
        ),
        ("step.1.delay=1us", "`step.1.delay`: a list of 1 has no entry `1`; they are counted from 0"),
        ("bus.spi.mode=0..4", "`bus.spi.mode`: `mode` is 4; it must be 0 to 3"),
    ] {
        let (is_parameter, message) = error(&[parameter]);
        assert!(is_parameter && message.starts_with(want), "{parameter}: {message}");
    }
    let (_, message) = error(&["bus.spi.clock=1MHz..101MHz:1MHz", "seed=1..100"]);
    assert!(message.starts_with("the sweep has 10100 points; at most 10000 are run"), "{message}");
}

#[test]
fn values_that_no_bench_can_be_built_with_are_points_of_their_own() {
    let text = "bus.i2c = { kind = 'i2c', clock = '100 kHz' }\n\
        device.eeprom = { part = '24lc256', address = 0x50 }\nstep = [{ do = '[@50w+ 0+ 0+]' }]";
    let sweep = only(text, &["bus.i2c.clock=90kHz..110kHz:20kHz"]);
    let points = points(Path::new("file.toml"), &sweep, &RunOptions::default(), &|_, _| ()).unwrap();
    let verdicts: Vec<Verdict> = points.iter().map(Point::verdict).collect();
    assert_eq!(verdicts, [Verdict::Pass, Verdict::Unusable], "{points:?}");
}
