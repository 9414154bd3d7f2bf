//! FST and GHW, and the guards before them.

use busproof_core::{Source, Span};
use busproof_wave::{Kind, Window};
use proptest::prelude::*;

use crate::common::{message, open, read, show};

fn varint(mut n: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (n & 0x7f) as u8;
        n >>= 7;
        if n == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn block(tag: u8, payload: &[u8]) -> Vec<u8> {
    let mut block = vec![tag];
    block.extend((payload.len() as u64 + 8).to_be_bytes());
    block.extend(payload);
    block
}

fn numbers(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// LZ4 that only copies: one token, the length in bytes of 255, the literals.
fn lz4(plain: &[u8]) -> Vec<u8> {
    let mut packed = vec![0xf0];
    let mut rest = plain.len() - 15;
    while rest >= 255 {
        packed.push(255);
        rest -= 255;
    }
    packed.push(rest as u8);
    packed.extend(plain);
    packed
}

fn header() -> Vec<u8> {
    let mut header = numbers(&[0, 40]);
    header.extend(std::f64::consts::E.to_le_bytes());
    header.extend(numbers(&[0, 1, 2, 2, 1]));
    header.push(-9i8 as u8);
    header.resize(header.len() + 128 + 119, 0);
    header.push(0);
    header.extend([0; 8]);
    header
}

fn hierarchy() -> Vec<u8> {
    let mut plain = vec![254, 0];
    plain.extend(b"top\0\0");
    plain.extend([16, 0]);
    plain.extend(b"clk\0\x01\x00");
    plain.extend([16, 0]);
    plain.extend(b"bus [7:0]\0\x08\x00");
    plain.push(255);
    let mut payload = (plain.len() as u64).to_be_bytes().to_vec();
    payload.extend(lz4(&plain));
    payload
}

/// Clock: 0 at 0, 1 at 10, 0 at 20. Bus: x at 0, a5 at 10, 3c at 40.
fn changes() -> Vec<u8> {
    let frame = b"0xxxxxxxx";
    let clock = [varint(0), varint(0), varint(1 << 2 | 1 << 1), varint(1 << 2)].concat();
    let bus =
        [varint(0), varint(1), b"xxxxxxxx".to_vec(), varint(1 << 1), vec![0xa5], varint(2 << 1), vec![0x3c]]
            .concat();
    let index = [vec![1 << 1 | 1], vec![(clock.len() as u8) << 1 | 1]].concat();
    let times = [varint(0), varint(10), varint(10), varint(20)].concat();
    [
        numbers(&[0, 40, 0]),
        varint(9),
        varint(9),
        varint(2),
        frame.to_vec(),
        varint(2),
        b"4".to_vec(),
        clock,
        bus,
        index.clone(),
        numbers(&[index.len() as u64]),
        times.clone(),
        numbers(&[times.len() as u64, times.len() as u64, 4]),
    ]
    .concat()
}

/// A small FST, put together after the description of the format.
fn fst() -> Vec<u8> {
    let geometry = [numbers(&[2, 2]), vec![1, 8]].concat();
    [block(0, &header()), block(8, &changes()), block(3, &geometry), block(6, &hierarchy())].concat()
}

const SHOWN: &str = "\
0: top.clk=0 top.bus=xxxxxxxx
10000000: top.clk=1 top.bus=10100101
20000000: top.clk=0
40000000: top.bus=00111100
40000000.
";

#[test]
fn an_fst_is_read() {
    let reader = open(fst()).unwrap();
    assert_eq!(reader.kind(), Kind::Fst);
    assert_eq!(reader.source(), Source::Simulation { grid: Span::from_ns(1) });
    assert_eq!(show(&reader.read_all().unwrap().log), SHOWN);
}

#[test]
fn single_wires_of_an_fst() {
    let reader = open(fst()).unwrap();
    let picks = ["top.bus[7]", "top.bus[0]", "top.clk"].map(|name| reader.find(name).unwrap());
    let window = Window { from: Some("15 ns".parse().unwrap()), to: Some("20 ns".parse().unwrap()) };
    let log = reader.read(&picks, window).unwrap().log;
    assert_eq!(show(&log), "15000000: top.bus[7]=1 top.bus[0]=1 top.clk=1\n20000000: top.clk=0\n20000000.\n");
}

#[test]
fn an_fst_cut_off_anywhere_is_an_error() {
    let file = fst();
    for cut in 1..file.len() {
        assert!(read(&file[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn lengths_that_cannot_be_are_refused_before_anything_is_allocated() {
    let mut file = fst();
    let geometry = 1 + 329 + 9 + changes().len();
    file[geometry + 1..geometry + 9].copy_from_slice(&u64::MAX.to_be_bytes());
    let text = message(file);
    assert!(text.starts_with("file: FST file cannot be read: the block at byte "), "{text}");
    let mut file = fst();
    file[geometry + 17..geometry + 25].copy_from_slice(&(u64::MAX >> 8).to_be_bytes());
    let text = message(file);
    assert!(text.contains("cannot be"), "{text}");
}

#[test]
fn a_damaged_ghw_is_an_error() {
    for tail in [
        &b"\x10\x00\x01\x01\x04\x04\x00"[..],
        b"\x10\x00\x01\x01\x04\x04\x00STR\0\0\0\0\0\xff\xff\xff\x7f",
        b"",
    ] {
        let text = message([b"GHDLwave\n", tail].concat());
        assert!(text.starts_with("file: GHW file cannot be read: "), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_mutation_of_an_fst_panics(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut file = fst();
        for (at, byte) in flips {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = read(file);
    }
}
