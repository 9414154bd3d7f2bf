//! sigrok sessions: a zip archive with a description and raw samples.
//!
//! ```text
//! version      2
//! metadata     [device 1] capturefile=logic-1, samplerate=16 MHz, unitsize=1, probe1=CLK ...
//! logic-1-1    samples of unitsize bytes; bit k, least significant first, is probe k+1
//! logic-1-2    ...
//! ```
//! Layout after libsigrok `src/output/srzip.c` and `src/session_file.c`; sample n is at n / samplerate.

mod metadata;
mod samples;
mod write;

pub use write::write_sr_to;

use std::io::{self, Read};

use busproof_core::{Observer, Source};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{ReadError, ReadErrorKind};
use crate::input::{Input, Seekable};
use crate::options::{ReadOptions, SampleRate};
use crate::reader::{Head, Note, Pick, Signal, SignalKind};
use crate::settle::{Flow, Settler, Summary};

use metadata::Metadata;
use samples::Samples;

/// The largest description that is read, in bytes.
const METADATA: u64 = 1 << 20;
/// Deflate shrinks by no more than this factor (RFC 1951: 258 bytes in 2 bits).
const DEFLATE: u64 = 1032;
/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 20;

type Archive = ZipArchive<Box<dyn Seekable>>;

/// The samples still to be read.
pub(crate) struct Body {
    archive: Archive,
    members: Vec<String>,
    unit_size: usize,
    rate: SampleRate,
    /// By signal: its bit in a sample.
    bits: Vec<u32>,
}

/// Reads the directory and the description.
pub(crate) fn open(name: &str, input: Input, options: &ReadOptions) -> Result<(Head, Body), ReadError> {
    open_archive(input, options).map_err(|e| e.of(name))
}

fn open_archive(input: Input, options: &ReadOptions) -> Result<(Head, Body), ReadErrorKind> {
    let (seekable, length) = input.into_seekable()?;
    let mut archive = ZipArchive::new(seekable).map_err(|e| archive_error(&e))?;
    check_sizes(&mut archive, length)?;
    check_version(&mut archive)?;
    let metadata = Metadata::parse(&text_member(&mut archive, "metadata")?)?;
    let members = members(&archive, &metadata.capture_file)?;
    let stated = options.sample_rate.or(metadata.rate);
    let grid = stated.map(SampleRate::period);
    let notes = if stated.is_none() { vec![Note::NoSampleRate] } else { Vec::new() };
    let signals = metadata.probes.iter().map(|p| signal(&p.name)).collect();
    let head = Head { signals, source: Source::Recording { grid }, notes };
    let rate = stated.unwrap_or(SampleRate::NOMINAL);
    let bits = metadata.probes.iter().map(|p| p.bit).collect();
    Ok((head, Body { archive, members, unit_size: metadata.unit_size, rate, bits }))
}

fn signal(name: &str) -> Signal {
    Signal { name: name.into(), width: 1, kind: SignalKind::Bits, range: None }
}

fn archive_error(error: &ZipError) -> ReadErrorKind {
    ReadErrorKind::Archive(error.to_string())
}

fn member_error(member: &str, why: impl std::fmt::Display) -> ReadErrorKind {
    ReadErrorKind::Member { member: member.into(), why: why.to_string() }
}

/// Refuses archives whose members overlap or claim more than deflate can pack: they are made to exhaust time.
fn check_sizes(archive: &mut Archive, length: u64) -> Result<(), ReadErrorKind> {
    let mut packed = 0u64;
    for i in 0..archive.len() {
        let entry = archive.by_index_data(i).map_err(|e| archive_error(&e))?;
        packed = packed.saturating_add(entry.compressed_size());
        let most = entry.compressed_size().saturating_mul(DEFLATE).saturating_add(DEFLATE);
        if entry.size() > most {
            let member = entry.name().map(String::from).unwrap_or_default();
            return Err(member_error(&member, "claims a size that its compressed bytes cannot hold"));
        }
    }
    if packed > length {
        return Err(ReadErrorKind::Archive("its members overlap".into()));
    }
    Ok(())
}

fn check_version(archive: &mut Archive) -> Result<(), ReadErrorKind> {
    let version = text_member(archive, "version")?;
    match version.trim() {
        "1" | "2" => Ok(()),
        other => {
            let other: String = other.chars().take(20).collect();
            Err(member_error("version", format!("session version `{other}` is not known; 1 and 2 are")))
        }
    }
}

/// A small member as text.
fn text_member(archive: &mut Archive, name: &str) -> Result<String, ReadErrorKind> {
    let member = archive.by_name(name).map_err(|e| match e {
        ZipError::FileNotFound => member_error(name, "is missing, so this is no sigrok session"),
        e => member_error(name, e),
    })?;
    let mut bytes = Vec::new();
    member.take(METADATA + 1).read_to_end(&mut bytes).map_err(|e| member_error(name, e))?;
    if bytes.len() as u64 > METADATA {
        return Err(ReadErrorKind::Limit { what: "the description of a session", limit: METADATA });
    }
    Ok(crate::text::decode(&bytes))
}

/// The names of the members with samples, in order: `logic-1` alone or `logic-1-1`, `logic-1-2` and so on.
fn members(archive: &Archive, base: &str) -> Result<Vec<String>, ReadErrorKind> {
    if archive.index_for_name(base).is_some() {
        return Ok(vec![base.into()]);
    }
    let chunk = |i: usize| format!("{base}-{i}");
    let found = |i: &usize| archive.index_for_name(&chunk(*i)).is_some();
    let names: Vec<String> = (1..=archive.len()).take_while(found).map(chunk).collect();
    let prefix = format!("{base}-");
    let all = archive.file_names_raw().filter(|name| name.starts_with(prefix.as_bytes())).count();
    if names.is_empty() && all == 0 {
        return Err(member_error(base, "is missing; the session has no logic samples"));
    }
    if names.len() < all {
        return Err(member_error(&chunk(names.len() + 1), "is missing although later ones exist"));
    }
    Ok(names)
}

impl Body {
    /// Delivers the edges of `selection`.
    pub(crate) fn stream<O: Observer + ?Sized>(
        mut self,
        name: &str,
        selection: &[Pick],
        settler: Settler<'_, O>,
    ) -> Result<Summary, ReadError> {
        let bits = selection.iter().map(|pick| self.bits[pick.signal]).collect();
        let mut samples = Samples::new(bits, self.unit_size, self.rate, settler);
        let mut buffer = vec![0; CHUNK];
        let mut filled = 0;
        for member in std::mem::take(&mut self.members) {
            let flow =
                self.member(&member, &mut samples, &mut buffer, &mut filled).map_err(|e| e.of(name))?;
            if flow == Flow::Enough {
                return samples.finish(Flow::Enough, false).map_err(|e| e.of(name));
            }
        }
        // A rest shorter than a sample means that the recording was cut off.
        samples.finish(Flow::More, filled > 0).map_err(|e| e.of(name))
    }

    /// Reads one member; a sample may begin in one and end in the next, so `buffer` keeps `filled` bytes between.
    fn member<O: Observer + ?Sized>(
        &mut self,
        member: &str,
        samples: &mut Samples<'_, O>,
        buffer: &mut [u8],
        filled: &mut usize,
    ) -> Result<Flow, ReadErrorKind> {
        let file = self.archive.by_name(member).map_err(|e| member_error(member, e))?;
        let size = file.size();
        let mut file = file.take(size.saturating_add(1));
        let mut total = 0;
        loop {
            let count = read(&mut file, &mut buffer[*filled..]).map_err(|e| member_error(member, e))?;
            total += count as u64;
            if total > size {
                return Err(member_error(member, "holds more than its directory entry says"));
            }
            if count == 0 {
                return Ok(Flow::More);
            }
            *filled += count;
            let whole = *filled - *filled % self.unit_size;
            if samples.scan(&buffer[..whole])? == Flow::Enough {
                return Ok(Flow::Enough);
            }
            buffer.copy_within(whole..*filled, 0);
            *filled -= whole;
        }
    }
}

fn read(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
