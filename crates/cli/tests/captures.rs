//! Recordings of real devices, decoded by the program. They are test data beside the project: where they are absent, the
//! test says so and passes.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// The folder of recordings, if it is there.
fn captures() -> Option<PathBuf> {
    let told = std::env::var_os("BUSPROOF_CAPTURES").map(PathBuf::from);
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    [told, Some(root.join("../shared/captures"))].into_iter().flatten().find(|folder| folder.is_dir())
}

/// The words of `expected.tsv`, a text of line and number each, in order of each line.
fn expected(folder: &std::path::Path, line: &str) -> Vec<u128> {
    let table = std::fs::read_to_string(folder.join("expected.tsv")).expect("each recording has one");
    let rows = table.lines().skip(1).map(|row| row.split('\t').collect::<Vec<_>>());
    rows.filter(|row| row[2] == line).map(|row| number(row[4])).collect()
}

fn number(hex: &str) -> u128 {
    u128::from_str_radix(hex, 16).expect("a hexadecimal number")
}

/// The lines of JSON that the program prints.
fn lines(folder: &std::path::Path, bus: &str, options: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_busproof"))
        .args(["decode", "--bus", bus, "--format", "jsonl"])
        .args(options)
        .arg(folder.join("capture.sr"))
        .output()
        .expect("the program starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).expect("JSON is UTF-8")
}

/// The text of a field.
fn field(row: &str, name: &str) -> Option<String> {
    let (_, rest) = row.split_once(&format!("\"{name}\":\""))?;
    Some(rest.split('"').next().unwrap_or_default().to_owned())
}

/// The words that the program decodes on a line.
fn decoded(folder: &std::path::Path, options: &[&str], line: &str) -> Vec<u128> {
    let text = lines(folder, "spi", options);
    let is = |row: &&str| field(row, "line").as_deref() == Some(line) && row.contains("\"kind\":\"word\"");
    text.lines().filter(is).filter_map(|row| field(row, "data")).map(|hex| number(&hex)).collect()
}

/// Kinds and numbers of I2C as `expected.tsv` has them.
fn expected_i2c(folder: &std::path::Path) -> Vec<(String, Option<u128>)> {
    let table = std::fs::read_to_string(folder.join("expected.tsv")).expect("each recording has one");
    let rows = table.lines().skip(1).map(|row| row.split('\t').collect::<Vec<_>>());
    rows.map(|row| (row[3].to_owned(), (!row[4].is_empty()).then(|| number(row[4])))).collect()
}

/// The same of what the program decodes.
fn decoded_i2c(folder: &std::path::Path, options: &[&str]) -> Vec<(String, Option<u128>)> {
    let item = |row: &str| {
        let kind = field(row, "kind").expect("each line has one");
        let way = if row.contains("\"read\":true") { "read" } else { "write" };
        let kind = if row.contains("\"read\":") { format!("{kind}-{way}") } else { kind };
        (kind, field(row, "data").map(|hex| number(&hex)))
    };
    let items = lines(folder, "i2c", options).lines().map(item).collect::<Vec<_>>();
    items.into_iter().filter(|(kind, _)| kind != "incomplete").collect()
}

/// The folder, or a message if it is not there.
fn captures_or_message() -> Option<PathBuf> {
    let folder = captures();
    if folder.is_none() {
        // Past the test harness, which would keep the message of a passing test to itself.
        let message = "skipped: no recordings; BUSPROOF_CAPTURES names their folder";
        writeln!(std::io::stderr(), "{message}").expect("somebody listens");
    }
    folder
}

#[test]
fn recordings_of_i2c_are_read_as_they_were_meant() {
    let Some(captures) = captures_or_message() else { return };
    let all: [(&str, &[&str]); 5] = [
        ("i2c-bh1750", &[]),
        ("i2c-ds1307", &[]),
        ("i2c-motherboard", &["--map", "scl=0", "--map", "sda=3"]),
        ("eeprom-24lc64", &[]),
        ("eeprom-x24c02-dual", &[]),
    ];
    for (name, options) in all {
        let folder = captures.join(name);
        assert_eq!(decoded_i2c(&folder, options), expected_i2c(&folder), "{name}");
    }
}

#[test]
fn recordings_of_real_devices_are_read_as_they_were_meant() {
    let Some(captures) = captures_or_message() else { return };
    let all: [(&str, &[&str], &[&str]); 7] = [
        ("spi-9bit", &["--set", "word_bits=9"], &["mosi"]),
        ("spi-atmega32", &["--map", "cs=0", "--map", "mosi=1", "--map", "sck=2"], &["mosi"]),
        ("spi-cc1101-burst", &[], &["mosi", "miso"]),
        (
            "spi-count-lsb",
            &["--map", "cs=1", "--map", "sck=0", "--map", "mosi=2", "--set", "bit_order=lsb"],
            &["mosi"],
        ),
        ("spi-mode1-incomplete", &["--set", "mode=1"], &["mosi", "miso"]),
        ("spi-mode2", &["--set", "mode=2"], &["mosi", "miso"]),
        ("spiflash-dualio", &[], &["mosi", "miso"]),
    ];
    for (name, options, lines) in all {
        let folder = captures.join(name);
        for line in lines {
            assert!(decoded(&folder, options, line) == expected(&folder, line), "{name}, {line}");
        }
    }
}
