//! Writing a sigrok session, version 2 (libsigrok `src/output/srzip.c`).

use std::fmt::Write as _;
use std::io::{Seek, Write};

use busproof_core::{ChangeLog, Level};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::error::WriteError;
use crate::options::SampleRate;

/// Bytes of samples per member: readers take members one at a time.
const CHUNK: usize = 4 << 20;

/// Writes `log`, which was sampled at `rate`, to `sink` and hands the sink back. Each wire of a group is a channel.
///
/// A session has two levels only: an unknown level is written as the one before it, Z as High.
pub fn write_sr_to<W: Write + Seek>(sink: W, log: &ChangeLog, rate: SampleRate) -> Result<W, WriteError> {
    let channels = channels(log);
    let mut archive = ZipWriter::new(sink);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let start = |archive: &mut ZipWriter<W>, name: &str| archive.start_file(name, options).map_err(zip_error);
    start(&mut archive, "version")?;
    archive.write_all(b"2")?;
    start(&mut archive, "metadata")?;
    archive.write_all(metadata(&channels, rate).as_bytes())?;
    let unit = unit_size(&channels);
    let mut samples = Samples::new(log, &channels, rate);
    let mut buffer = vec![0; CHUNK / unit * unit];
    for chunk in 1.. {
        let filled = samples.fill(&mut buffer, unit);
        if filled == 0 && chunk > 1 {
            break;
        }
        start(&mut archive, &format!("logic-1-{chunk}"))?;
        archive.write_all(&buffer[..filled])?;
    }
    archive.finish().map_err(zip_error)
}

fn zip_error(error: zip::result::ZipError) -> WriteError {
    WriteError::Io(std::io::Error::other(error))
}

/// A wire of a signal, and what it is called.
struct Channel {
    name: String,
    column: usize,
    wire: u32,
}

fn channels(log: &ChangeLog) -> Vec<Channel> {
    let wires = |(i, column): (usize, &busproof_core::log::Column)| {
        let (name, width) = (column.name().to_owned(), column.width());
        (0..width).map(move |wire| Channel {
            name: if width == 1 { name.clone() } else { format!("{name}[{wire}]") },
            column: i,
            wire,
        })
    };
    log.columns().iter().enumerate().flat_map(wires).collect()
}

fn unit_size(channels: &[Channel]) -> usize {
    channels.len().div_ceil(8).max(1)
}

fn metadata(channels: &[Channel], rate: SampleRate) -> String {
    let mut text = format!(
        "[global]\nsigrok version=0.5.2\n\n[device 1]\ncapturefile=logic-1\ntotal probes={}\nsamplerate={rate}\n\
         total analog=0\n",
        channels.len()
    );
    for (i, channel) in channels.iter().enumerate() {
        let name = channel.name.replace(char::is_control, "_");
        let _ = writeln!(text, "probe{}={name}", i + 1);
    }
    let _ = writeln!(text, "unitsize={}", unit_size(channels));
    text
}

/// The samples still to be written.
struct Samples<'a> {
    log: &'a ChangeLog,
    channels: &'a [Channel],
    rate: SampleRate,
    /// Of each channel, how many changes have come.
    seen: Vec<usize>,
    now: Vec<u8>,
    next: u64,
}

impl<'a> Samples<'a> {
    fn new(log: &'a ChangeLog, channels: &'a [Channel], rate: SampleRate) -> Samples<'a> {
        let now = vec![0; unit_size(channels)];
        Samples { log, channels, rate, seen: vec![0; channels.len()], now, next: 0 }
    }

    /// Fills the buffer with samples of `unit` bytes; how much of it.
    fn fill(&mut self, buffer: &mut [u8], unit: usize) -> usize {
        let mut filled = 0;
        for sample in buffer.chunks_exact_mut(unit) {
            let Some(t) = self.rate.time_of(self.next).filter(|t| *t <= self.log.end()) else { break };
            for (i, channel) in self.channels.iter().enumerate() {
                let column = &self.log.columns()[channel.column];
                while self.seen[i] < column.len() && column.get(self.seen[i]).0 <= t {
                    let level = column.get(self.seen[i]).1.at(channel.wire);
                    set(&mut self.now, i, level);
                    self.seen[i] += 1;
                }
            }
            sample.copy_from_slice(&self.now);
            filled += unit;
            self.next += 1;
        }
        filled
    }
}

fn set(sample: &mut [u8], bit: usize, level: Level) {
    let mask = 1 << (bit % 8);
    match level {
        Level::Low => sample[bit / 8] &= !mask,
        Level::High | Level::Z => sample[bit / 8] |= mask,
        Level::X => {}
    }
}
