//! What is to be compared: as the command line says, or a vector file with options of the command line on top.

use std::path::Path;

use busproof_core::Span;
use busproof_links::access::Accesses;
use busproof_links::{Comparison, Conditions, Link, Registers};
use busproof_vectors::VectorFile;
use busproof_vectors::format::compare::Compare;
use busproof_vectors::format::{Content, Vector};
use busproof_vectors::run::comparison;

use crate::args::CompareArgs;
use crate::error::CliError;

/// One comparison.
pub(super) struct Plan {
    /// The vector that says so, where the file has several.
    pub(super) vector: Option<String>,
    /// As messages call the payload.
    pub(super) payload_name: String,
    pub(super) comparison: Comparison,
}

/// What the command line asks for: a comparison, or those of a vector file.
pub(super) fn plans(args: &CompareArgs) -> Result<Vec<Plan>, CliError> {
    if let Some(path) = args.text.as_deref().filter(|text| is_vector_file(text)).map(Path::new) {
        return of_file(args, path);
    }
    let (payload_name, payload) = payload(args)?;
    let comparison = Comparison {
        conditions: Conditions::default(),
        over: Link::USUAL.to_vec(),
        payload,
        registers: None,
    };
    Ok(vec![Plan { vector: None, payload_name, comparison: with_options(comparison, args) }])
}

/// A payload that is called like one is sent by `--file`.
fn is_vector_file(text: &str) -> bool {
    Path::new(text).extension().is_some_and(|ending| ending == "toml")
}

fn payload(args: &CompareArgs) -> Result<(String, Option<Vec<u8>>), CliError> {
    match (&args.text, &args.file) {
        (Some(text), _) => Ok((quoted(text), Some(text.clone().into_bytes()))),
        (None, Some(path)) => {
            let failed = |source| CliError::Payload { path: path.clone(), source };
            Ok((path.display().to_string(), Some(std::fs::read(path).map_err(failed)?)))
        }
        (None, None) => Ok((String::new(), None)),
    }
}

/// The beginning of a text, in quotation marks.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 32;
    let more = if text.chars().count() > SHOWN { "..." } else { "" };
    format!("{:?}{more}", text.chars().take(SHOWN).collect::<String>())
}

/// What the options say, on top of `comparison`.
fn with_options(mut comparison: Comparison, args: &CompareArgs) -> Comparison {
    let Conditions { clock_hertz, farad, volt, pull_up_ohm } = comparison.conditions;
    comparison.conditions = Conditions {
        clock_hertz: args.clock.unwrap_or(clock_hertz),
        farad: args.capacitance.unwrap_or(farad),
        volt: args.vdd.unwrap_or(volt),
        pull_up_ohm: args.pull_up.unwrap_or(pull_up_ohm),
    };
    if !args.over.is_empty() {
        comparison.over.clone_from(&args.over);
    }
    if args.registers.is_some() || comparison.registers.is_some() {
        let registers = comparison.registers.take().unwrap_or_else(usual_registers);
        comparison.registers = Some(with_register_options(registers, args));
    }
    comparison
}

fn usual_registers() -> Registers {
    let accesses =
        Accesses { count: 1, outstanding: 1, access_time: Span::from_us(5), work: Span::from_us(10) };
    Registers { accesses, outstanding: vec![1, 4, 16] }
}

fn with_register_options(registers: Registers, args: &CompareArgs) -> Registers {
    let Registers { accesses, outstanding } = registers;
    let accesses = Accesses {
        count: args.registers.unwrap_or(accesses.count),
        outstanding: 1,
        access_time: args.access_time.unwrap_or(accesses.access_time),
        work: args.work.unwrap_or(accesses.work),
    };
    let outstanding = if args.outstanding.is_empty() { outstanding } else { args.outstanding.clone() };
    Registers { accesses, outstanding }
}

/// The comparisons of a vector file.
fn of_file(args: &CompareArgs, path: &Path) -> Result<Vec<Plan>, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| CliError::Payload { path: path.to_owned(), source })?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let at =
        |line, column, problem: String| CliError::VectorFile { path: path.to_owned(), line, column, problem };
    let file = VectorFile::parse(&stem, &text)
        .map_err(|error| at(error.line, error.column, error.problem.to_string()))?;
    let compares: Vec<(&Vector, &Compare)> =
        file.vectors().iter().filter_map(|vector| Some((vector, vector.compare.as_ref()?))).collect();
    if compares.is_empty() {
        let problem = "there is no `[compare]` here; `busproof run` runs vectors of buses".to_owned();
        return Err(at(1, 1, problem));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let is_one_of_several = compares.len() > 1;
    let plan = |(vector, compare): (&Vector, &Compare)| {
        let comparison = comparison(compare, folder).map_err(|error| {
            let (line, column) = file.position(error.span.start);
            at(line, column, error.message)
        })?;
        Ok(Plan {
            vector: is_one_of_several.then(|| vector.name.clone()),
            payload_name: payload_name(compare, folder),
            comparison: with_options(comparison, args),
        })
    };
    compares.into_iter().map(plan).collect()
}

fn payload_name(compare: &Compare, folder: &Path) -> String {
    match compare.payload.as_ref().map(|payload| &payload.content) {
        None => String::new(),
        Some(Content::File(name)) => folder.join(&name.value).display().to_string(),
        Some(Content::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.chars().any(char::is_control) => quoted(text),
            _ => {
                let digits: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
                digits.join(" ") + if bytes.len() > 8 { "..." } else { "" }
            }
        },
    }
}
