//! What a search has found: the shortest stimulus, as a vector and a waveform.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use busproof_wave::{WriteError, write_whole};

use super::Catch;
use super::base::{Base, BenchKind};
use super::case::{Case, Turn};
use super::judge::{play, unexpected, with_expectations};
use crate::format::VectorFile;
use crate::report::{Failure, VectorResult};
use crate::run::{Recording, RunOptions, run};

/// The shortest stimulus that was found to break something.
pub struct Found {
    /// The steps, as people write them.
    pub steps: Vec<String>,
    /// What is otherwise than in the vector: `bus.spi.clock.error = "40 ppm"`.
    pub changes: Vec<String>,
    /// How many steps the stimulus had before it was made simpler.
    pub was_steps: usize,
    /// How many changes it had.
    pub was_changes: usize,
    /// The seed of the round that found it.
    pub seed: u64,
    /// What is wrong.
    pub failures: Vec<Failure>,
    /// The vector, as a file.
    pub text: String,
    name: String,
    recording: Recording,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Found")
            .field("text", &self.text)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

/// The files that show what was found.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The vector.
    pub vector: PathBuf,
    /// Its waveform; a save file of GTKWave is beside it.
    pub waveform: PathBuf,
    /// What `busproof run` says of the vector.
    pub result: VectorResult,
    /// The line of the vector of the failure that comes first.
    pub line: Option<String>,
}

/// What was found cannot be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The vector.
    #[error("cannot write {}: {source}", path.display())]
    Vector {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The waveform.
    #[error(transparent)]
    Waveform(#[from] WriteError),
}

impl Found {
    /// What `catch`, which was caught in the round of this seed, comes to.
    pub(super) fn new(base: &Base<'_>, catch: &Catch, seed: u64) -> Option<Found> {
        let case = with_expectations(base, &catch.case).ok()?;
        let (result, recording) = play(base, &base.text(&case, BenchKind::Stated, &[]))?;
        let failures: Vec<Failure> = unexpected(base, &result).cloned().collect();
        let occurred: Vec<&str> = result.failures.iter().map(|failure| failure.code.as_str()).collect();
        let text = base.text(&case, BenchKind::Stated, &occurred);
        Some(Found {
            steps: spelt(base, &case),
            changes: case.changes.iter().map(ToString::to_string).collect(),
            was_steps: catch.was.0,
            was_changes: catch.was.1,
            seed,
            failures,
            text,
            name: base.vector.name.clone(),
            recording: recording?,
        })
    }

    /// What was found, as a vector of its own with a waveform, in `folder`; `origin` says how, in comments.
    pub fn save(&self, folder: &Path, origin: &str) -> Result<Saved, SaveError> {
        let stem = format!("fuzz-{}", plain(&self.name));
        let vector = folder.join(format!("{stem}.toml"));
        let waveform = folder.join(format!("{stem}.vcd"));
        let failed = |source| SaveError::Vector { path: vector.clone(), source };
        let comments = origin.lines().map(|line| format!("# {line}")).collect::<Vec<_>>().join("\n");
        let text = format!("{comments}\n{}", self.text);
        std::fs::create_dir_all(folder).map_err(failed)?;
        write_whole(&vector, |file| file.write_all(text.as_bytes())).map_err(failed)?;
        self.recording.write(&waveform, &format!("vector {stem}"))?;
        let file = VectorFile::parse(&stem, &text).map_err(|error| failed(io::Error::other(error)))?;
        let result = run(&vector, &file, &file.vectors()[0], &RunOptions::default());
        let at = result.failures.first().map(|failure| failure.line);
        let line = at.and_then(|line| text.lines().nth(line - 1)).map(str::to_owned);
        Ok(Saved { vector, waveform, result, line })
    }
}

/// The steps, as people write them; `peer: 'OK'` for one that says who does it.
fn spelt(base: &Base<'_>, case: &Case) -> Vec<String> {
    let tables = case.turns.iter().map(|turn| match turn {
        Turn::Own(i) => &base.steps()[*i],
        Turn::Made(table) => table,
    });
    tables.map(spell).collect()
}

fn spell(step: &Table) -> String {
    let who = ["by", "bus", "device"].into_iter().filter_map(|key| step.get(key)?.as_str());
    let who = who.filter(|who| *who != "host");
    let keys = step.iter().filter(|(key, _)| !matches!(key.as_str(), "by" | "bus" | "device" | "do"));
    let script = step.get("do").and_then(Value::as_str).map(str::to_owned);
    let all: Vec<String> =
        script.into_iter().chain(keys.map(|(key, value)| format!("{key} = {value}"))).collect();
    who.chain([all.join(", ").as_str()]).collect::<Vec<_>>().join(": ")
}

/// A name that fits into that of a file.
fn plain(name: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.chars().map(fits).collect();
    name.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}
