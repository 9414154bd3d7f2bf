//! Any text as a vector file: it is read or refused with a place, and never anything else.
#![no_main]

use busproof_vectors::VectorFile;
use libfuzzer_sys::fuzz_target;

/// Enough of a file that most inputs reach the parts that matter.
const HEAD: &str = "[bus.spi]\nclock = \"16 MHz\"\n[device.flash]\npart = \"w25q128jv\"\nbus = \"spi\"\n";

fn read(text: &str) {
    match VectorFile::parse("fuzz", text) {
        Ok(file) => assert!(!file.vectors().is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fuzz_target!(|text: &str| {
    match text.strip_prefix('h') {
        Some(rest) => read(rest),
        None => read(&format!("{HEAD}{text}")),
    }
});
