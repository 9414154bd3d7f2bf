//! Files that appear complete or not at all.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Has `write` write a file that appears at `path` when it is complete, or not at all.
///
/// It is written under a temporary name beside `path` and then renamed. What is no regular file, such as a pipe, is
/// written directly.
pub fn write_whole<E: From<io::Error>>(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let path = fs::canonicalize(path.as_ref()).map_or(Cow::Borrowed(path.as_ref()), Cow::Owned);
    if fs::metadata(&path).is_ok_and(|m| !m.is_file()) {
        return write(&mut File::create(&path)?);
    }
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = temporary(directory)?;
    write(file.as_file_mut())?;
    file.persist(&path).map_err(|e| e.error)?;
    Ok(())
}

/// A temporary file with the permissions of an ordinary one.
#[cfg(unix)]
fn temporary(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new()
        .prefix(".busproof-")
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(directory)
}

#[cfg(not(unix))]
fn temporary(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".busproof-").tempfile_in(directory)
}
