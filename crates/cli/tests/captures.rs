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

/// Frames of UART: when the data begin, in femtoseconds, and the number; and how many parity and framing errors there are.
type Uart = (Vec<(u64, u128)>, [usize; 2]);

/// What `expected.tsv` has of a line.
fn expected_uart(folder: &std::path::Path, line: &str, period_fs: u64) -> Uart {
    let table = std::fs::read_to_string(folder.join("expected.tsv")).expect("each recording has one");
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|row| row.split('\t').collect()).collect();
    let of = |kind: &'static str| rows.iter().filter(move |row| row[2] == line && row[3] == kind);
    let sample = |row: &[&str]| row[0].parse::<u64>().expect("a sample") * period_fs;
    let frames = of("frame").map(|row| (sample(row), number(row[4]))).collect();
    (frames, [of("parity-error").count(), of("framing-error").count()])
}

/// The same of what the program decodes; sigrok has the data begin a nominal bit after the frame.
fn decoded_uart(text: &str, line: &str, bit_fs: u64) -> Uart {
    let is = |row: &&str| field(row, "line").as_deref() == Some(line) && row.contains("\"kind\":\"frame\"");
    let rows: Vec<&str> = text.lines().filter(is).collect();
    let start = |row: &str| {
        let (_, rest) = row.split_once("\"frame_start_fs\":").expect("each item has one");
        rest.split(',').next().and_then(|digits| digits.parse::<u64>().ok()).expect("a number")
    };
    let data = |row: &str| number(&field(row, "data").expect("each frame has some"));
    let frames = rows.iter().map(|row| (start(row) + bit_fs, data(row))).collect();
    let errors = ["\"parity-error\"", "\"framing-error\""];
    (frames, errors.map(|error| rows.iter().filter(|row| row.contains(error)).count()))
}

const FS: u64 = 1_000_000_000_000_000;

#[test]
fn recordings_of_uart_are_read_as_they_were_meant() {
    let Some(captures) = captures_or_message() else { return };
    let all: [(&str, u64, u64, &[&str]); 10] = [
        ("uart-7o1", 1_000_000, 115_200, &["parity=odd", "data_bits=7"]),
        ("uart-7o1-as-even", 1_000_000, 115_200, &["parity=even", "data_bits=7"]),
        ("uart-8n1-115200", 1_000_000, 115_200, &[]),
        ("uart-9n1", 500_000, 19_200, &["data_bits=9"]),
        ("uart-frame-errors", 2_000_000, 4_800, &[]),
        ("uart-glitch-0x0a", 2_000_000, 115_200, &[]),
        ("uart-glitch-0x20", 2_000_000, 115_200, &[]),
        ("uart-glitch-0x45-2", 2_000_000, 115_200, &[]),
        ("uart-gps", 200_000, 9_600, &["baud=auto"]),
        ("uart-rxtx-overlap", 2_000_000, 115_200, &["baud=auto"]),
    ];
    for (name, hertz, baud, sets) in all {
        let folder = captures.join(name);
        let baud_is = format!("baud={baud}");
        let options: Vec<&str> =
            [baud_is.as_str()].iter().chain(sets).flat_map(|set| ["--set", *set]).collect();
        let text = lines(&folder, "uart", &options);
        for line in ["tx", "rx"] {
            let (frames, errors) = decoded_uart(&text, line, FS / baud);
            let (wanted, wanted_errors) = expected_uart(&folder, line, FS / hertz);
            let data = |frames: &[(u64, u128)]| frames.iter().map(|frame| frame.1).collect::<Vec<_>>();
            assert_eq!((data(&frames), errors), (data(&wanted), wanted_errors), "{name}, {line}");
            let apart = frames.iter().zip(&wanted).map(|(is, should)| is.0.abs_diff(should.0)).max();
            assert!(apart.unwrap_or(0) <= 2 * FS / hertz, "{name}, {line}: {apart:?} fs");
        }
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

#[test]
fn rates_and_margins_are_judged_in_recordings() {
    let Some(captures) = captures_or_message() else { return };
    let run = Command::new(env!("CARGO_BIN_EXE_busproof"))
        .args(["check", "--bus", "uart", "--set", "baud=auto", "--format", "jsonl"])
        .arg(captures.join("uart-gps").join("capture.sr"))
        .output()
        .expect("the program starts");
    let text = String::from_utf8(run.stdout).expect("JSON is UTF-8");
    let summary = text.lines().last().unwrap_or_default();
    assert!(run.status.success(), "{text}");
    let decided = r#""exercised":["sampling","rate-slow","rate-fast","tSTOP"]"#;
    assert!(summary.contains(decided) && summary.contains(r#""not_visible":[]"#), "{summary}");
}
