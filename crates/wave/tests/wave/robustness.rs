//! Nothing in a file makes the reader panic or hang.

use busproof_core::{Change, Observer, Time};
use busproof_wave::{ReadError, Summary, Window};
use proptest::prelude::*;

use crate::common::{PLAIN, open, session};

/// Insists on what every observer may rely on.
#[derive(Default)]
struct Strict {
    last: Option<Time>,
    finished: bool,
}

impl Observer for Strict {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        assert!(self.last < Some(t), "instants come once and in order");
        assert!(!changes.is_empty() && changes.is_sorted_by(|a, b| a.signal < b.signal));
        self.last = Some(t);
    }

    fn finish(&mut self, t: Time) {
        assert!(self.last <= Some(t) && !self.finished);
        self.finished = true;
    }
}

/// Reads everything under strict observation.
fn stream(bytes: Vec<u8>) -> Result<Summary, ReadError> {
    let reader = open(bytes)?;
    let all = reader.selectable();
    let mut strict = Strict::default();
    let result = reader.stream(&all, Window::ALL, &mut strict);
    assert_eq!(result.is_ok(), strict.finished);
    result
}

/// Pieces from which VCDs are made, good and bad.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "#0",
            "#5",
            "#5",
            "#7",
            "#",
            "#99999999999999999999",
            "0!",
            "1!",
            "x!",
            "z\"",
            "b10 \"",
            "bxz01 \"",
            "b",
            "r1.5 #",
            "s text $",
            "$dumpvars",
            "$end",
            "$comment",
            "pD 6 0 !",
            "p",
            "\n",
            "\r",
            "$var",
            "\0",
            "é",
            "-!",
            "b1",
            "!",
        ])
        .prop_map(String::from),
        "[ -~]{0,6}",
    ]
}

/// `file` with a few bytes replaced, taken out or put in.
fn mutated(file: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..8);
    edits.prop_map(move |edits| {
        let mut file = file.clone();
        for (at, byte, what) in edits {
            let at = at.index(file.len());
            match what {
                0 => file[at] = byte,
                1 => drop(file.remove(at)),
                _ => file.insert(at, byte),
            }
        }
        file
    })
}

const TABLE: &str = "Time [s],a,b\n-0.000001,0,1\n0.0,1,x\n1.5e-6,0,0\n";

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = stream(bytes);
    }

    #[test]
    fn arbitrary_text(text in "[$#01xz!a-f ,;.\n\t-]{0,200}") {
        let _ = stream(text.into_bytes());
    }

    #[test]
    fn bodies_of_odd_words(words in proptest::collection::vec(words(), 0..40)) {
        let header = "$timescale 1 fs $end $var wire 1 ! a $end $var wire 4 \" v $end $var real 64 # r $end \
            $var string 1 $ s $end $enddefinitions $end\n";
        let _ = stream(format!("{header}{}", words.join(" ")).into_bytes());
    }

    #[test]
    fn headers_of_odd_words(words in proptest::collection::vec(
        prop_oneof![
            proptest::sample::select(vec![
                "$var", "wire", "1", "4", "!", "a", "[3:0]", "$end", "$scope", "module", "$upscope", "$enddefinitions",
                "$timescale", "1ns", "$comment", "$attrbegin", "[", "]", "[1]", ":", "[9:", "18446744073709551615",
                "[-2147483648:2147483647]", "1us",
            ]).prop_map(String::from),
            "[ -~]{0,5}",
        ], 0..60)) {
        let _ = stream(format!("$date $end {}", words.join(" ")).into_bytes());
    }

    #[test]
    fn mutated_vcd(file in mutated(PLAIN.into())) {
        let _ = stream(file);
    }

    #[test]
    fn mutated_csv(file in mutated(TABLE.into())) {
        let _ = stream(file);
    }

    #[test]
    fn mutated_sessions(file in mutated(session(&[0, 1, 1, 3, 2, 2, 0]))) {
        let _ = stream(file);
    }

    #[test]
    fn odd_descriptions_of_sessions(lines in proptest::collection::vec(
        ("(capturefile|unitsize|total probes|samplerate|probe[0-9]{1,10}|x)", "( ?= ?|)", "[ -~]{0,12}"), 0..8)) {
        let lines: String = lines.iter().map(|(key, eq, value)| format!("{key}{eq}{value}\n")).collect();
        let metadata = format!("[device 1]\ncapturefile=logic-1\n{lines}");
        let members: [(&str, &[u8]); 3] = [("version", b"2"), ("metadata", metadata.as_bytes()), ("logic-1", &[0, 1, 2])];
        let _ = stream(crate::common::zipped(&members));
    }
}
