//! Waveform files through the public interface.
#![expect(clippy::unwrap_used, reason = "a test that unwraps an error has failed, as it should")]
#![expect(clippy::format_collect, reason = "files for tests are small and built once")]

mod captures;
mod common;
mod csv;
mod dialects;
mod errors;
mod foreign;
mod fst;
mod oracles;
mod outputs;
mod robustness;
mod round_trip;
mod sigrok;
mod uart;
