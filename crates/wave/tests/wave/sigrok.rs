//! sigrok sessions.

use busproof_core::{Source, Span, Time};
use busproof_wave::{Kind, Note, ReadOptions, Window, open_bytes, open_stream};

use crate::common::{message, open, read, session, show, zipped};

const OLD: &[u8] =
    b"[global]\nsigrok version = 0.2.0\n[device 1]\ndriver = ols\ncapturefile = logic-1\nunitsize = 1\n\
    total probes = 8\nsamplerate = 200 kHz\nprobe1 = TX\nprobe3 = RX\n trigger1 = 0\n";

fn metadata(lines: &str) -> Vec<u8> {
    format!("[device 1]\ncapturefile=logic-1\n{lines}").into_bytes()
}

#[test]
fn version_2_delivers_edges_only() {
    let reader = open(session(&[3, 3, 3, 2, 2, 0, 0, 0, 3, 3])).unwrap();
    assert_eq!(reader.kind(), Kind::Sigrok);
    assert_eq!(reader.source(), Source::Recording { grid: Some(Span::from_us(1)) });
    let recorded = reader.read_all().unwrap();
    let expected =
        "0: SCL=1 SDA=1\n3000000000: SCL=0\n5000000000: SDA=0\n8000000000: SCL=1 SDA=1\n9000000000.\n";
    assert_eq!(show(&recorded.log), expected);
}

#[test]
fn version_1_has_one_member_and_blanks_in_its_description() {
    let file = zipped(&[("version", b"1"), ("metadata", OLD), ("logic-1", &[1, 4, 4, 5])]);
    let expected = "0: TX=1 RX=0\n5000000000: TX=0 RX=1\n15000000000: TX=1\n15000000000.\n";
    assert_eq!(show(&read(file).unwrap().log), expected);
}

#[test]
fn chunks_join_even_in_the_middle_of_a_sample() {
    let metadata = metadata("samplerate=1000000\nunitsize=2\nprobe1=A\nprobe12=B\n");
    let samples: Vec<u8> = (0..3000u16).flat_map(|n| (n & 0x801).to_le_bytes()).collect();
    let whole = zipped(&[("version", b"2"), ("metadata", &metadata), ("logic-1", &samples)]);
    let parts = zipped(&[
        ("version", b"2"),
        ("metadata", &metadata),
        ("logic-1-1", &samples[..333]),
        ("logic-1-2", &samples[333..334]),
        ("logic-1-3", b""),
        ("logic-1-4", &samples[334..]),
    ]);
    let whole = read(whole).unwrap();
    assert_eq!(whole.log.columns()[1].len(), 2);
    assert_eq!(show(&whole.log), show(&read(parts).unwrap().log));
}

#[test]
fn samples_of_any_size_give_the_same_edges() {
    let edges = |unit: usize| {
        let metadata = metadata(&format!("samplerate=1 MHz\nunitsize={unit}\nprobe1=A\nprobe8=B\n"));
        let mut samples = Vec::new();
        for n in 0..5000usize {
            let mut sample = vec![if n % 700 < 350 { 0x81 } else { 0x01 }; unit];
            sample[0] |= 0x02 * u8::from(n % 3 == 0);
            sample[0] ^= u8::from(n > 4321);
            samples.extend(sample);
        }
        show(
            &read(zipped(&[("version", b"2"), ("metadata", &metadata), ("logic-1-1", &samples)]))
                .unwrap()
                .log,
        )
    };
    let one = edges(1);
    assert_eq!(one.lines().count(), 17);
    for unit in [2, 3, 4, 5, 8, 16, 64, 100, 128] {
        assert_eq!(edges(unit), one, "unit size {unit}");
    }
}

#[test]
fn sample_times_do_not_drift() {
    let metadata = metadata("samplerate=3 MHz\nunitsize=1\nprobe1=A\n");
    let samples: Vec<u8> = (0..3_000_001u32).map(|n| u8::from(n == 3_000_000)).collect();
    let log =
        read(zipped(&[("version", b"2"), ("metadata", &metadata), ("logic-1-1", &samples)])).unwrap().log;
    assert_eq!(log.columns()[0].get(1).0, "1 s".parse().unwrap());
}

#[test]
fn without_a_rate_the_file_still_decodes() {
    let metadata = metadata("unitsize=1\nprobe1=A\n");
    let file = zipped(&[("version", b"2"), ("metadata", &metadata), ("logic-1-1", &[0, 1, 0])]);
    let reader = open(file.clone()).unwrap();
    assert_eq!(reader.source(), Source::Recording { grid: None });
    assert_eq!(reader.notes(), [Note::NoSampleRate]);
    assert_eq!(show(&reader.read_all().unwrap().log), "0: A=0\n1000000: A=1\n2000000: A=0\n2000000.\n");
    let options = ReadOptions { sample_rate: Some("1 MHz".parse().unwrap()) };
    let reader = open_bytes("file", file, &options).unwrap();
    assert_eq!(reader.source(), Source::Recording { grid: Some(Span::from_us(1)) });
    assert_eq!(reader.read_all().unwrap().log.end(), "2 us".parse().unwrap());
}

#[test]
fn a_recording_too_long_for_its_rate_names_the_way_out() {
    let metadata = metadata("samplerate=1 Hz\nunitsize=1\nprobe1=A\n");
    let mut samples = vec![0; 20_000];
    samples[19_000] = 1;
    let file = zipped(&[("version", b"2"), ("metadata", &metadata), ("logic-1-1", &samples)]);
    let text = message(file.clone());
    assert!(text.contains("sample 19000 at 1 Hz") && text.contains("--sample-rate"), "{text}");
    assert!(text.contains("--from") && text.contains("--to"), "{text}");
    let reader = open(file).unwrap();
    let window = Window { from: None, to: Some("100 s".parse().unwrap()) };
    assert_eq!(reader.read(&[0.into()], window).unwrap().log.end(), "100 s".parse::<Time>().unwrap());
}

#[test]
fn a_session_may_come_through_a_pipe() {
    let file = std::io::Cursor::new(session(&[0, 1]));
    let reader = open_stream("stdin", file, &ReadOptions::default()).unwrap();
    assert_eq!(show(&reader.read_all().unwrap().log), "0: SCL=0 SDA=0\n1000000000: SCL=1\n1000000000.\n");
}

#[test]
fn what_is_missing_or_odd_is_named() {
    let with = |members: &[(&str, &[u8])]| message(zipped(members));
    let good = metadata("samplerate=1 MHz\nunitsize=1\nprobe1=A\n");
    assert_eq!(with(&[("a", b"b")]), "file: member `version`: is missing, so this is no sigrok session");
    let newer = with(&[("version", b"3"), ("metadata", &good)]);
    assert_eq!(newer, "file: member `version`: session version `3` is not known; 1 and 2 are");
    let none = with(&[("version", b"2"), ("metadata", &good)]);
    assert_eq!(none, "file: member `logic-1`: is missing; the session has no logic samples");
    let gap = with(&[("version", b"2"), ("metadata", &good), ("logic-1-1", b""), ("logic-1-3", b"")]);
    assert_eq!(gap, "file: member `logic-1-2`: is missing although later ones exist");
    let analog = with(&[("version", b"2"), ("metadata", b"[device 1]\ntotal analog=1\n")]);
    assert!(analog.contains("analog channels only"), "{analog}");
}

#[test]
fn a_rest_of_a_sample_means_that_the_file_was_cut_off() {
    let metadata = metadata("samplerate=1 MHz\nunitsize=2\nprobe1=A\n");
    let file = zipped(&[("version", b"2"), ("metadata", &metadata), ("logic-1-1", &[1, 0, 0])]);
    assert!(read(file).unwrap().summary.truncated);
}

#[test]
fn an_archive_cut_off_anywhere_is_an_error() {
    let file = session(&[0, 1, 2, 3]);
    for cut in 1..file.len() {
        assert!(read(&file[..cut]).is_err(), "cut at {cut}");
    }
    assert!(message(&file[..file.len() / 2]).contains("not a complete zip archive"));
}

#[test]
fn damaged_samples_are_noticed_by_their_checksum() {
    let samples: Vec<u8> = (0..100_000u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
    let mut file = session(&samples);
    let middle = file.len() / 2;
    file[middle] ^= 0x10;
    assert!(message(file).starts_with("file: member `logic-1-1`: "));
}

#[test]
fn a_size_that_deflate_cannot_reach_is_refused() {
    let mut file = session(&[0; 4096]);
    // The directory entry of the samples is the last; its uncompressed size stands at offset 24.
    let entry = file.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    file[entry + 24..entry + 28].copy_from_slice(&u32::MAX.to_le_bytes()[..4]);
    let text = message(file);
    assert!(text.contains("claims a size that its compressed bytes cannot hold"), "{text}");
}
