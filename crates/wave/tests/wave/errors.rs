//! Messages name the file, the place, and a way out.

use busproof_core::Time;
use busproof_wave::{ReadErrorKind, ReadOptions, Window, open_bytes};

use crate::common::{message, open, read, windowed};

fn body(body: &str) -> String {
    format!("$timescale 1 ns $end\n$var wire 1 ! a $end\n$var wire 4 \" v $end\n$enddefinitions $end\n{body}")
}

#[test]
fn messages_have_line_and_column() {
    for (text, want) in [
        ("#0\n0!\n  2!\n", "file:7:3: expected a time stamp or a value change, found `2!`"),
        ("#0 0! 1?\n", "file:5:7: identifier `?` was not declared by any `$var` in the header"),
        ("#0 0 !\n", "file:5:4: value `0` has no identifier"),
        ("#0 b012 \"\n", "file:5:4: `012` is not a vector of levels"),
        (
            "#0 b10101 \"\n",
            "file:5:4: 5 digits for a variable of 4 bits; the value does not fit its declaration",
        ),
        ("#x\n", "file:5:1: `#x` is not a time stamp; expected `#` and a whole number"),
    ] {
        assert_eq!(message(body(text)), want);
    }
}

#[test]
fn time_must_not_go_backwards() {
    let want =
        "file:6:1: time goes backwards from 7 ns to 3 ns; the file is damaged or joined from several runs";
    assert_eq!(message(body("#7 0!\n#3 1!\n")), want);
}

#[test]
fn times_past_five_hours_name_the_way_out() {
    for stamp in ["#18446744073710", "#99999999999999999999"] {
        let text = message(body(&format!("#0 0!\n{stamp}\n1!\n")));
        assert!(text.starts_with(&format!("file:6:1: time stamp {stamp} exceeds 2^64 fs")), "{text}");
        assert!(text.contains("--from") && text.contains("--to") && text.contains("--sample-rate"), "{text}");
    }
    assert_eq!(
        windowed(&body("#0 0!\n#99999999999999999999\n"), None, Some("5 ns")).unwrap().summary.instants,
        1
    );
}

#[test]
fn headers_are_checked() {
    for (text, want) in [
        ("$var wire 1 ! a $end\n", "file:2:1: the file ends inside its header"),
        ("$var wire 1 ! a\n$enddefinitions $end\n", "file:2:1: `$end` is missing before `$enddefinitions`"),
        ("$var wire one ! a $end", "file:1:1: `one` is not the size of a variable"),
        ("$var wire 1 $end", "file:1:1: expected `$var TYPE SIZE IDENTIFIER NAME $end`"),
        ("$upscope $end", "file:1:1: `$upscope` without an open `$scope`"),
        ("\n $timescale 1 parsec $end", "file:2:2: `1parsec` is not a timescale"),
        (
            "$var wire 1 ! a $end\n$var wire 2 ! b $end",
            "file:2:1: identifier `!` is declared with 1 bits and with 2",
        ),
        (
            "$var wire 1 ! a $end hello",
            "file:1:22: expected a declaration such as `$var` or `$enddefinitions`, found `hello`",
        ),
        ("$var wire 2000000000 ! a $end", "file:1:1: the width of a variable exceeds the limit of 1048576"),
    ] {
        let text = message(text);
        assert!(text.starts_with(want), "{text}");
    }
}

#[test]
fn hostile_sizes_are_refused_at_once() {
    let scopes = "$scope module m $end ".repeat(200_000);
    assert!(
        message(format!("{scopes}$enddefinitions $end")).contains("the nesting of scopes exceeds the limit")
    );
    let long = "n".repeat(10_000);
    assert!(message(format!("$var wire 1 ! {long} $end $enddefinitions $end")).contains("exceeds the limit"));
    let token = "1".repeat(20_000_000);
    assert!(message(body(&format!("b{token} \"\n"))).contains("exceeds the limit"));
}

#[test]
fn what_is_no_waveform_is_told() {
    assert_eq!(message(""), "file: the file is empty");
    assert!(message("\x7fELF\x02\x01").starts_with("file: not a waveform of a known kind"));
    assert!(message(*b"\x1f\x8b\x08\x00").ends_with("`gzip -d`"));
    assert!(message(*b"\xff\xfe$\0d\0").contains("UTF-16"));
    let missing = busproof_wave::open("/no/such/file.vcd", &ReadOptions::default()).unwrap_err();
    assert!(missing.to_string().starts_with("/no/such/file.vcd: "), "{missing}");
}

#[test]
fn a_window_must_lie_within_the_waveform() {
    let file = body("#0 0!\n#5 1!\n");
    let behind = windowed(&file, Some("6 ns"), None).unwrap_err();
    let want =
        "file: the waveform ends at 5 ns, before the window starts at 6 ns; choose an earlier `--from`";
    assert_eq!(behind.to_string(), want);
    let reversed = windowed(&file, Some("6 ns"), Some("5 ns")).unwrap_err();
    assert!(matches!(reversed.kind, ReadErrorKind::WindowReversed { .. }));
    let reader = open_bytes("file", file, &ReadOptions::default()).unwrap();
    let message = reader.read(&[9.into()], Window::ALL).unwrap_err().to_string();
    assert_eq!(message, "file: signal `number 9` does not exist; the file has 2 signals");
}

#[test]
fn wherever_a_file_is_cut_off_the_rest_counts() {
    let file = body("#0\n$dumpvars\n0!\nb0000 \"\n$end\n#5\n1!\nb1010 \"\n#10\n0!\nb1011 \"\n#15\n");
    let start = file.find("#0").unwrap();
    let whole = read(file.clone()).unwrap();
    for cut in 0..file.len() {
        let part = &file[..cut];
        match read(part) {
            Err(error) => assert!(cut < start - 1, "cut at {cut} of {start}: {error}"),
            Ok(recorded) => {
                assert!(recorded.summary.end <= whole.summary.end);
                let changes = recorded.summary.changes;
                assert!(changes <= whole.summary.changes);
            }
        }
    }
    let truncated = |cut: &str| read(&file[..file.find(cut).unwrap() + cut.len()]).unwrap().summary;
    assert!(truncated("b10").truncated);
    assert!(truncated("0!\nb0000 \"").truncated, "inside of $dumpvars");
    assert_eq!(truncated("#5\n1!\nb1010 ").end, Time::from_fs(5_000_000));
    assert!(!truncated("#5\n1!").truncated);
}

#[test]
fn no_message_contains_raw_control_characters() {
    let text = message(body("#0 \u{1b}[31mred\n"));
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert!(open(PLAIN_HEADERLESS).is_err());
}

const PLAIN_HEADERLESS: &str = "$comment nothing else";
