//! Reading and writing VCD: ours, crate `vcd`, and the least that any program must do; writing FST: ours and crate `fst-writer`.

use std::hint::black_box;
use std::io::{self, Cursor, Write};
use std::sync::Arc;

use busproof_core::{Change, ChangeLog, Observer, SignalId, Source, Time, Value};
use busproof_wave::{
    FstWriter, Lane, LaneKind, ReadOptions, Timescale, VcdOptions, VcdWriter, Window, open_stream,
    write_log_to,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fst_writer::{FstFileType, FstHeaderWriter, FstInfo, FstSignalType, FstVarDirection, FstVarType};

const WIRES: u32 = 64;
const GROUPS: u32 = 8;
const INSTANTS: u64 = 200_000;

/// A log of 64 wires and 8 groups of 16, a random few of which change at each instant.
fn traffic() -> ChangeLog {
    let mut log = ChangeLog::new(Source::Run);
    for i in 0..WIRES {
        log.add_wire(format!("top.w{i}"));
    }
    for i in 0..GROUPS {
        log.add_group(format!("top.g{i}"), 16);
    }
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    for n in 0..INSTANTS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        change_some(&mut log, n, random);
    }
    log
}

fn change_some(log: &mut ChangeLog, n: u64, random: u64) {
    let t = Time::from_fs(n * 5_000_000);
    for i in 0..8 {
        let wire = SignalId((random >> (8 * i)) as u32 % WIRES);
        let now = log.column(wire).iter().next_back().map_or(0, |(_, v)| v.bits);
        log.push(wire, t, Value::known(now ^ 1)).expect("time rises");
    }
    log.push(SignalId(WIRES + (n % 8) as u32), t, Value::known(random & 0xffff)).expect("time rises");
}

/// All instants, flattened so that the benchmark does not measure the log.
fn instants(log: &ChangeLog) -> Vec<(Time, Vec<Change>)> {
    let mut all = Vec::new();
    let mut instants = log.instants();
    while let Some((t, changes)) = instants.next() {
        all.push((t, changes.to_vec()));
    }
    all
}

fn lanes() -> Vec<Lane> {
    let wire = |i| Lane { name: format!("top.w{i}"), kind: LaneKind::Wires(1) };
    let group = |i| Lane { name: format!("top.g{i}"), kind: LaneKind::Wires(16) };
    (0..WIRES).map(wire).chain((0..GROUPS).map(group)).collect()
}

fn write_ours(instants: &[(Time, Vec<Change>)]) {
    let options = VcdOptions { timescale: Some(Timescale::NS), ..VcdOptions::default() };
    let mut writer = VcdWriter::new(io::sink(), &lanes(), &options).expect("a sink takes everything");
    for (t, changes) in instants {
        writer.instant(*t, changes);
    }
    writer.close().expect("a sink takes everything");
}

fn write_crate(instants: &[(Time, Vec<Change>)]) -> io::Result<()> {
    let mut writer = vcd::Writer::new(io::BufWriter::with_capacity(1 << 20, io::sink()));
    for (t, changes) in instants {
        writer.timestamp(t.as_fs() / 1_000_000)?;
        for change in changes {
            let id = vcd::IdCode::from(change.signal.0);
            if change.signal.0 < WIRES {
                writer.change_scalar(id, change.value.bits & 1 != 0)?;
            } else {
                let digits = (0..16).rev().map(|i| vcd::Value::from(change.value.bits >> i & 1 != 0));
                writer.change_vector(id, digits)?;
            }
        }
    }
    writer.flush()
}

fn fst_ours(instants: &[(Time, Vec<Change>)]) {
    let options = VcdOptions { timescale: Some(Timescale::NS), ..VcdOptions::default() };
    let mut writer =
        FstWriter::new(Cursor::new(Vec::new()), &lanes(), &options).expect("a vector takes everything");
    for (t, changes) in instants {
        writer.instant(*t, changes);
    }
    writer.close().expect("a vector takes everything");
}

/// Crate `fst-writer` with digits that are known beforehand.
fn fst_crate(instants: &[(Time, Vec<Change>)]) -> fst_writer::Result<()> {
    let info = FstInfo {
        start_time: 0,
        timescale_exponent: -9,
        version: String::new(),
        date: String::new(),
        file_type: FstFileType::Verilog,
    };
    let mut header = FstHeaderWriter::new(Cursor::new(Vec::new()), &info)?;
    let mut var = |name: String, width| {
        let signal = FstSignalType::bit_vec(width);
        header.var(name, signal, FstVarType::Wire, FstVarDirection::Implicit, None)
    };
    let wires = (0..WIRES).map(|i| var(format!("w{i}"), 1));
    let mut ids = wires.collect::<fst_writer::Result<Vec<_>>>()?;
    for i in 0..GROUPS {
        ids.push(var(format!("g{i}"), 16)?);
    }
    let mut body = header.finish()?;
    for (t, changes) in instants {
        body.time_change(t.as_fs() / 1_000_000)?;
        for change in changes {
            let digit = |i: u32| b'0' + (change.value.bits >> i & 1) as u8;
            let id = ids[change.signal.index()];
            if change.signal.0 < WIRES {
                body.signal_change(id, &[digit(0)])?;
            } else {
                body.signal_change(id, &std::array::from_fn::<u8, 16, _>(|i| digit(15 - i as u32)))?;
            }
        }
    }
    black_box(body.finish()?);
    Ok(())
}

/// The least: known layout, two levels, no checks, no header.
fn write_bare(instants: &[(Time, Vec<Change>)]) -> io::Result<()> {
    let mut out = Vec::with_capacity(1 << 20);
    let mut digits = [0; 20];
    for (t, changes) in instants {
        out.push(b'#');
        out.extend_from_slice(decimal(t.as_fs() / 1_000_000, &mut digits));
        out.push(b'\n');
        for change in changes {
            let id = b'!' + change.signal.0 as u8;
            if change.signal.0 < WIRES {
                out.extend_from_slice(&[b'0' + (change.value.bits & 1) as u8, id, b'\n']);
            } else {
                out.push(b'b');
                out.extend((0..16).rev().map(|i| b'0' + (change.value.bits >> i & 1) as u8));
                out.extend_from_slice(&[b' ', id, b'\n']);
            }
        }
        if out.len() > 1 << 19 {
            io::sink().write_all(black_box(&out))?;
            out.clear();
        }
    }
    io::sink().write_all(black_box(&out))
}

/// The decimal digits of `n`, in a buffer filled from its end.
fn decimal(mut n: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            return &buffer[at..];
        }
    }
}

/// Counts what it sees, so that nothing is optimised away.
#[derive(Default)]
struct Counter(u64);

impl Observer for Counter {
    fn instant(&mut self, _: Time, changes: &[Change]) {
        self.0 += changes.len() as u64;
    }

    fn finish(&mut self, _: Time) {}
}

fn read_ours(file: &Arc<[u8]>) -> u64 {
    let stream = Cursor::new(Arc::clone(file));
    let reader = open_stream("bench.vcd", stream, &ReadOptions::default()).expect("our own file");
    let all = reader.selectable();
    let mut counter = Counter::default();
    reader.stream(&all, Window::ALL, &mut counter).expect("our own file");
    counter.0
}

fn read_crate(file: &[u8]) -> u64 {
    let mut parser = vcd::Parser::new(Cursor::new(file));
    parser.parse_header().expect("our own file");
    let is_change =
        |c: &vcd::Command| matches!(c, vcd::Command::ChangeScalar(..) | vcd::Command::ChangeVector(..));
    parser.filter(|c| is_change(c.as_ref().expect("our own file"))).count() as u64
}

/// The least: splits lines and adds up what is in them.
fn read_bare(file: &[u8]) -> u64 {
    let (mut sum, mut at) = (0u64, 0);
    while at < file.len() {
        let first = file[at];
        at += 1;
        let mut token = 0u64;
        while file[at] != b'\n' {
            token = token.wrapping_mul(10).wrapping_add(u64::from(file[at]));
            at += 1;
        }
        at += 1;
        sum = sum.wrapping_add(token ^ u64::from(first));
    }
    sum
}

fn writing(c: &mut Criterion) {
    let instants = instants(&traffic());
    let changes = instants.iter().map(|(_, changes)| changes.len() as u64).sum();
    let mut group = c.benchmark_group("vcd-write");
    group.sample_size(10).throughput(Throughput::Elements(changes));
    group.bench_function("ours", |b| b.iter(|| write_ours(black_box(&instants))));
    group.bench_function("crate-vcd", |b| b.iter(|| write_crate(black_box(&instants))));
    group.bench_function("bare", |b| b.iter(|| write_bare(black_box(&instants))));
    group.finish();
}

fn writing_fst(c: &mut Criterion) {
    let mut instants = instants(&traffic());
    // The crate takes a hundred times as long as VCD.
    instants.truncate(instants.len() / 10);
    let changes = instants.iter().map(|(_, changes)| changes.len() as u64).sum();
    let mut group = c.benchmark_group("fst-write");
    group.sample_size(10).throughput(Throughput::Elements(changes));
    group.bench_function("ours", |b| b.iter(|| fst_ours(black_box(&instants))));
    group.bench_function("crate-fst-writer", |b| b.iter(|| fst_crate(black_box(&instants))));
    group.finish();
}

fn reading(c: &mut Criterion) {
    let file =
        write_log_to(Vec::new(), &traffic(), &VcdOptions::default()).expect("a vector takes everything");
    let file: Arc<[u8]> = file.into();
    let mut group = c.benchmark_group("vcd-read");
    group.sample_size(10).throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("ours", |b| b.iter(|| read_ours(black_box(&file))));
    group.bench_function("crate-vcd", |b| b.iter(|| read_crate(black_box(&file))));
    group.bench_function("bare", |b| b.iter(|| read_bare(black_box(&file))));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = writing, writing_fst, reading
}
criterion_main!(benches);
