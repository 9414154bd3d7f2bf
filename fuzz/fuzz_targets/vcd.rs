//! Any bytes as a VCD: the reader keeps its promises to observers, and what it understood survives being written.
#![no_main]

use busproof_core::{Change, Observer, Time};
use busproof_wave::{Pick, ReadOptions, VcdOptions, Window, open_bytes, write_log_to};
use libfuzzer_sys::fuzz_target;

/// Insists on what every observer may rely on.
#[derive(Default)]
struct Strict(Option<Time>);

impl Observer for Strict {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        assert!(self.0 < Some(t) && !changes.is_empty());
        assert!(changes.is_sorted_by(|a, b| a.signal < b.signal));
        self.0 = Some(t);
    }

    fn finish(&mut self, t: Time) {
        assert!(self.0 <= Some(t));
    }
}

/// Enough of a header that most inputs reach the body.
const HEADER: &[u8] =
    b"$timescale 1ps $end $var wire 1 ! a $end $var wire 4 \" v $end $var real 64 # r $end \
    $var string 1 $ s $end $var wire 70 % w $end $enddefinitions $end\n";

fn read(bytes: &[u8]) {
    let open = || open_bytes("fuzz", bytes, &ReadOptions::default());
    let Ok(reader) = open() else { return };
    let mut picks = reader.selectable();
    let wide = reader.signals().iter().position(|s| s.width > 64);
    picks.extend(wide.map(|signal| Pick { signal, wire: Some(66) }));
    let streamed = reader.stream(&picks, Window::ALL, &mut Strict::default());
    let Ok(reader) = open() else { unreachable!("it was opened before") };
    match (streamed, reader.read(&picks, Window::ALL)) {
        (Ok(streamed), Ok(read)) => {
            assert_eq!(streamed, read.summary);
            write_log_to(Vec::new(), &read.log, &VcdOptions::default()).expect("a log can be written");
        }
        (streamed, read) => assert_eq!(streamed.is_err(), read.is_err()),
    }
}

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((b'h', header)) => read(&[b"$date $end ", header].concat()),
        Some((_, body)) => read(&[HEADER, body].concat()),
        None => {}
    }
});
