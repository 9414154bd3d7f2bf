//! A waveform to be written and read as VCD, and the least that any program must do for it.

use std::hint::black_box;
use std::io::{self, Cursor, Write};
use std::sync::Arc;

use busproof_core::{Change, ChangeLog, Observer, SignalId, Source, Time, Value};
use busproof_wave::{Lane, LaneKind, ReadOptions, Timescale, VcdOptions, VcdWriter, Window, open_stream};

/// The single wires of the waveform.
pub const WIRES: u32 = 64;
/// Its groups, of 16 wires each.
pub const GROUPS: u32 = 8;

/// A log of 64 wires and 8 groups of 16, a random few of which change at each of so many instants.
pub fn traffic(instants: u64) -> ChangeLog {
    let mut log = ChangeLog::new(Source::Run);
    for i in 0..WIRES {
        log.add_wire(format!("top.w{i}"));
    }
    for i in 0..GROUPS {
        log.add_group(format!("top.g{i}"), 16);
    }
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    for n in 0..instants {
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

/// All instants, flattened so that what is measured is not the log.
pub fn instants(log: &ChangeLog) -> Vec<(Time, Vec<Change>)> {
    let mut all = Vec::new();
    let mut instants = log.instants();
    while let Some((t, changes)) = instants.next() {
        all.push((t, changes.to_vec()));
    }
    all
}

/// The signals, as a writer takes them.
pub fn lanes() -> Vec<Lane> {
    let wire = |i| Lane { name: format!("top.w{i}"), kind: LaneKind::Wires(1) };
    let group = |i| Lane { name: format!("top.g{i}"), kind: LaneKind::Wires(16) };
    (0..WIRES).map(wire).chain((0..GROUPS).map(group)).collect()
}

/// Writes VCD to nowhere.
pub fn write_vcd(instants: &[(Time, Vec<Change>)]) {
    let options = VcdOptions { timescale: Some(Timescale::NS), ..VcdOptions::default() };
    let mut writer = VcdWriter::new(io::sink(), &lanes(), &options).expect("a sink takes everything");
    for (t, changes) in instants {
        writer.instant(*t, changes);
    }
    writer.close().expect("a sink takes everything");
}

/// The least: known layout, two levels, no checks, no header.
pub fn write_vcd_by_hand(instants: &[(Time, Vec<Change>)]) {
    let mut out = Vec::with_capacity(1 << 20);
    let mut digits = [0; 20];
    let flush = |out: &[u8]| io::sink().write_all(black_box(out)).expect("a sink takes everything");
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
            flush(&out);
            out.clear();
        }
    }
    flush(&out);
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

/// Reads all signals of a VCD file; the number of changes.
pub fn read_vcd(file: &Arc<[u8]>) -> u64 {
    let stream = Cursor::new(Arc::clone(file));
    let reader = open_stream("bench.vcd", stream, &ReadOptions::default()).expect("our own file");
    let all = reader.selectable();
    let mut counter = Counter::default();
    reader.stream(&all, Window::ALL, &mut counter).expect("our own file");
    counter.0
}

/// The least: splits lines and adds up what is in them.
pub fn read_vcd_by_hand(file: &[u8]) -> u64 {
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
