//! Any bytes as a table of levels.
#![no_main]

use busproof_wave::{ReadOptions, open_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let read = |bytes: &[u8]| open_bytes("fuzz", bytes, &ReadOptions::default()).and_then(|r| r.read_all());
    let _ = read(bytes);
    let _ = read(&[b"Time [s],a,b\n0,0,0\n", bytes].concat());
});
