//! `busproof new`: a test vector to begin with.

use std::io::Write as _;
use std::path::PathBuf;

use busproof_vectors::schema::schema;

use crate::args::NewArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;

/// Reads the identification of a flash: what most people try first.
const STARTER: &str = r#"# A test vector: who sits on which bus, what the controller does, what must hold.
# The format is described in vectors/README.md; `busproof new --schema` helps editors.
about = "Read the identification of a serial flash"

[bus.spi]
kind  = "spi"
clock = "16 MHz"

[device.flash]
part = "w25q128jv"

# [ and ] select and deselect; 0x9f is sent; three bytes are read and must be ef 40 18.
[[step]]
do = "[0x9f r:3=ef4018]"
"#;

/// Prints or writes a vector, or prints the schema.
pub(crate) fn run(args: &NewArgs, out: &mut Out) -> Result<Exit, CliError> {
    match &args.name {
        _ if args.schema => writeln!(out, "{:#}", schema())?,
        None => write!(out, "{STARTER}")?,
        Some(name) => {
            let path = write(name)?;
            out.note(&format!("wrote {}", path.display()));
        }
    }
    Ok(Exit::Held)
}

/// Writes the vector under a temporary name first, so that nobody sees half of it.
fn write(name: &str) -> Result<PathBuf, CliError> {
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if stem.is_empty() || !stem.chars().all(fits) {
        return Err(CliError::VectorName(name.into()));
    }
    let path = PathBuf::from(format!("{stem}.toml"));
    let failed = |source| CliError::Write { path: path.clone(), source };
    let mut file = tempfile::NamedTempFile::new_in(".").map_err(failed)?;
    file.write_all(STARTER.as_bytes()).map_err(failed)?;
    file.persist_noclobber(&path).map_err(|e| match e.error.kind() {
        std::io::ErrorKind::AlreadyExists => CliError::Exists(path.clone()),
        _ => failed(e.error),
    })?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use busproof_vectors::VectorFile;

    #[test]
    fn the_starter_is_a_vector() {
        let file = VectorFile::parse("starter", STARTER).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(file.vectors().len(), 1);
    }
}
