//! Reading and writing VCD: ours, crate `vcd`, and the least that any program must do; writing FST: ours and crate `fst-writer`.

use std::hint::black_box;
use std::io::{self, Cursor};
use std::sync::Arc;

use busproof_benches::wave::{
    GROUPS, WIRES, instants, lanes, read_vcd, read_vcd_by_hand, traffic, write_vcd, write_vcd_by_hand,
};
use busproof_core::{Change, Observer as _, Time};
use busproof_wave::{FstWriter, Timescale, VcdOptions, write_log_to};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fst_writer::{FstFileType, FstHeaderWriter, FstInfo, FstSignalType, FstVarDirection, FstVarType};

const INSTANTS: u64 = 200_000;

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

fn read_crate(file: &[u8]) -> u64 {
    let mut parser = vcd::Parser::new(Cursor::new(file));
    parser.parse_header().expect("our own file");
    let is_change =
        |c: &vcd::Command| matches!(c, vcd::Command::ChangeScalar(..) | vcd::Command::ChangeVector(..));
    parser.filter(|c| is_change(c.as_ref().expect("our own file"))).count() as u64
}

fn writing(c: &mut Criterion) {
    let instants = instants(&traffic(INSTANTS));
    let changes = instants.iter().map(|(_, changes)| changes.len() as u64).sum();
    let mut group = c.benchmark_group("vcd-write");
    group.sample_size(10).throughput(Throughput::Elements(changes));
    group.bench_function("ours", |b| b.iter(|| write_vcd(black_box(&instants))));
    group.bench_function("crate-vcd", |b| b.iter(|| write_crate(black_box(&instants))));
    group.bench_function("bare", |b| b.iter(|| write_vcd_by_hand(black_box(&instants))));
    group.finish();
}

fn writing_fst(c: &mut Criterion) {
    let mut instants = instants(&traffic(INSTANTS));
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
    let file = write_log_to(Vec::new(), &traffic(INSTANTS), &VcdOptions::default())
        .expect("a vector takes everything");
    let file: Arc<[u8]> = file.into();
    let mut group = c.benchmark_group("vcd-read");
    group.sample_size(10).throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("ours", |b| b.iter(|| read_vcd(black_box(&file))));
    group.bench_function("crate-vcd", |b| b.iter(|| read_crate(black_box(&file))));
    group.bench_function("bare", |b| b.iter(|| read_vcd_by_hand(black_box(&file))));
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
