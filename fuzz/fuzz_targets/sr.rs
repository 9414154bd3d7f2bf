//! Any bytes as a sigrok session, and any description and samples in an archive that is whole.
#![no_main]

use std::io::{Cursor, Write};

use busproof_wave::{ReadOptions, open_bytes};
use libfuzzer_sys::fuzz_target;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn archive(metadata: &[u8], samples: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let (first, second) = samples.split_at(samples.len() / 2);
    for (name, bytes) in
        [("version", &b"2"[..]), ("metadata", metadata), ("logic-1-1", first), ("logic-1-2", second)]
    {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fuzz_target!(|bytes: &[u8]| {
    let read = |bytes: &[u8]| open_bytes("fuzz", bytes, &ReadOptions::default()).and_then(|r| r.read_all());
    let _ = read(&[b"PK\x03\x04", bytes].concat());
    if let Some(at) = bytes.iter().position(|&b| b == 0) {
        let metadata = [b"[device 1]\ncapturefile=logic-1\n", &bytes[..at]].concat();
        let file = archive(&metadata, &bytes[at..]).expect("memory takes everything");
        let _ = read(&file);
    }
});
