//! Files made up for tests, and waveforms as text that can be compared at a glance.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use busproof_core::{ChangeLog, Value};
use busproof_wave::{ReadError, ReadOptions, Reader, Recorded, Window, open_bytes};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Opens bytes under the name `file`.
pub(crate) fn open(bytes: impl Into<Vec<u8>>) -> Result<Reader, ReadError> {
    open_bytes("file", bytes, &ReadOptions::default())
}

/// Reads everything that can be selected.
pub(crate) fn read(bytes: impl Into<Vec<u8>>) -> Result<Recorded, ReadError> {
    open(bytes)?.read_all()
}

/// The message of the error that `bytes` give.
pub(crate) fn message(bytes: impl Into<Vec<u8>>) -> String {
    read(bytes).expect_err("the file is broken").to_string()
}

/// The digits of a value of `width` wires.
fn digits(value: Value, width: u32) -> String {
    (0..width).rev().map(|i| value.at(i).to_char()).collect()
}

/// One line per instant and one for the end: `0: top.a=1 top.b=0x`, times in femtoseconds.
pub(crate) fn show(log: &ChangeLog) -> String {
    let mut text = String::new();
    let mut instants = log.instants();
    while let Some((t, changes)) = instants.next() {
        write!(text, "{}:", t.as_fs()).unwrap();
        for change in changes {
            let column = log.column(change.signal);
            write!(text, " {}={}", column.name(), digits(change.value, column.width())).unwrap();
        }
        text.push('\n');
    }
    writeln!(text, "{}.", log.end().as_fs()).unwrap();
    text
}

/// Everything in `bytes`, as [`show`] has it, with times in units of `unit` femtoseconds.
pub(crate) fn shown(bytes: impl Into<Vec<u8>>) -> String {
    show(&read(bytes).unwrap().log)
}

/// Same log: names, widths, changes, source and end.
pub(crate) fn assert_same(a: &ChangeLog, b: &ChangeLog) {
    let names = |log: &ChangeLog| -> Vec<(String, u32)> {
        log.columns().iter().map(|c| (c.name().to_string(), c.width())).collect()
    };
    assert_eq!(names(a), names(b));
    assert_eq!(show(a), show(b));
    assert_eq!(a.source(), b.source());
}

/// A zip archive of `members`.
pub(crate) fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A session of version 2 at 1 MHz with two channels and one member of samples.
pub(crate) fn session(samples: &[u8]) -> Vec<u8> {
    let metadata = b"[global]\nsigrok version=0.5.2\n\n[device 1]\ncapturefile=logic-1\ntotal probes=8\n\
        samplerate=1 MHz\ntotal analog=0\nprobe1=SCL\nprobe2=SDA\nunitsize=1\n";
    zipped(&[("version", b"2"), ("metadata", metadata), ("logic-1-1", samples)])
}

/// A small VCD with wires, a vector, all four states and two scopes.
pub(crate) const PLAIN: &str = "\
$date today $end
$version some simulator $end
$timescale 1 ns $end
$scope module top $end
$var wire 1 ! clk $end
$var reg 4 \" bus [3:0] $end
$scope module sub $end
$var wire 1 # d $end
$upscope $end
$upscope $end
$enddefinitions $end
#0
$dumpvars
0!
bx \"
z#
$end
#5
1!
b101 \"
#10
0!
1#
#12
";

/// What [`PLAIN`] says.
pub(crate) const PLAIN_SHOWN: &str = "\
0: top.clk=0 top.bus=xxxx top.sub.d=z
5000000: top.clk=1 top.bus=0101
10000000: top.clk=0 top.sub.d=1
12000000.
";

/// A selection of everything, streamed through a window.
pub(crate) fn windowed(bytes: &str, from: Option<&str>, to: Option<&str>) -> Result<Recorded, ReadError> {
    let time = |text: &str| text.parse().unwrap();
    let reader = open(bytes)?;
    let all = reader.selectable();
    reader.read(&all, Window { from: from.map(time), to: to.map(time) })
}
