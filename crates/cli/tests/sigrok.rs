//! sigrok as an independent decoder of our own waveforms: what its decoders say is what ours say.
//!
//! The waveforms go to it as a session and as a VCD of single wires. Where `sigrok-cli` is not installed there is nothing to
//! compare; `.ci/run` says so.
#![expect(clippy::unwrap_used, reason = "a test that unwraps an error has failed, as it should")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A transfer, and how sigrok is asked for its words.
struct Case {
    xfer: &'static [&'static str],
    /// The rate at which an analyser looks: some samples for each bit.
    rate: &'static str,
    signals: &'static [&'static str],
    decode: &'static [&'static str],
    decoder: &'static str,
    rows: &'static str,
    /// One of our items as sigrok's decoder puts it.
    told: fn(&Value) -> Option<String>,
}

const SPI: Case = Case {
    xfer: &["spi", "[0x9f r:3=ef4018]", "--part", "w25q128jv", "--clock", "1MHz"],
    rate: "20MHz",
    signals: &["sck", "mosi", "miso", "cs"],
    decode: &["--bus", "spi"],
    decoder: "spi:clk=sck:mosi=mosi:miso=miso:cs=cs",
    rows: "spi=mosi-data",
    told: |item| (item["line"] == "mosi" && item["kind"] == "word").then(|| upper(&item["data"])),
};

const I2C: Case = Case {
    xfer: &[
        "i2c",
        "[@50w+ 0x01+ 0x02+ [@50r+ r:3]",
        "--part",
        "24lc256@0x50",
        "--load",
        "24lc256=5aa53c@0x102",
    ],
    rate: "10MHz",
    signals: &["scl", "sda"],
    decode: &["--bus", "i2c"],
    decoder: "i2c:scl=scl:sda=sda",
    rows: "i2c=start:repeat-start:stop:ack:nack:address-read:address-write:data-read:data-write",
    told: i2c,
};

const UART: Case = Case {
    xfer: &["uart", "'hello' r='hello'", "--part", "uart-echo"],
    rate: "2MHz",
    signals: &["tx", "rx"],
    decode: &["--bus", "uart", "--set", "baud=115200"],
    decoder: "uart:rx=tx:baudrate=115200",
    rows: "uart=rx-data",
    told: |item| (item["line"] == "tx" && item["kind"] == "frame").then(|| upper(&item["data"])),
};

fn upper(data: &Value) -> String {
    data.as_str().unwrap().to_uppercase()
}

fn i2c(item: &Value) -> Option<String> {
    let way = if item["read"] == true { "read" } else { "write" };
    Some(match item["kind"].as_str()? {
        "start" => "Start".into(),
        "repeated-start" => "Start repeat".into(),
        "stop" => "Stop".into(),
        "ack" => "ACK".into(),
        "nack" => "NACK".into(),
        "address" => format!("Address {way}: {}", upper(&item["data"])),
        "data" => format!("Data {way}: {}", upper(&item["data"])),
        _ => return None,
    })
}

fn ours(folder: &Path, arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_busproof")).current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What sigrok says of a file, line by line; `None` where it is not installed.
fn theirs(folder: &Path, case: &Case, input: &[&str]) -> Option<Vec<String>> {
    let mut command = Command::new("sigrok-cli");
    command.current_dir(folder).args(input).args(["-P", case.decoder, "-A", case.rows]);
    let output = command.output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let said = text.lines().filter_map(|line| Some(line.split_once(": ")?.1.to_owned()));
    // The direction bit of I2C has no row of its own, so it comes with the address, which tells it, too.
    Some(said.filter(|said| !matches!(said.as_str(), "Read" | "Write")).collect())
}

fn assert_agreed(case: &Case) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ours(folder, &[&["xfer"], case.xfer, &["--out", "run.vcd"]].concat());
    let signals: Vec<&str> = case.signals.iter().flat_map(|signal| ["--signal", signal]).collect();
    let seen = ["--resample", case.rate, "--bits-only"];
    for (file, input) in [("seen.sr", &["-i", "seen.sr"][..]), ("seen.vcd", &["-i", "seen.vcd", "-I", "vcd"])]
    {
        ours(folder, &[&["convert", "run.vcd", file][..], &signals, &seen].concat());
        let Some(theirs) = theirs(folder, case, input) else { return };
        let lines = ours(folder, &[&["decode", "run.vcd", "--format", "jsonl"], case.decode].concat());
        let items = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let ours: Vec<String> = items.filter_map(|item| (case.told)(&item)).collect();
        assert!(ours.len() > 3, "{lines}");
        assert_eq!(theirs, ours, "{file}");
    }
}

#[test]
fn sigrok_reads_our_spi() {
    assert_agreed(&SPI);
}

#[test]
fn sigrok_reads_our_i2c() {
    assert_agreed(&I2C);
}

#[test]
fn sigrok_reads_our_uart() {
    assert_agreed(&UART);
}
