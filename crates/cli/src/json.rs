//! JSON: one object a line, or one array of the same objects.

use std::io::{self, Write};

use serde::Serialize;

/// Writes objects one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines {
    array: bool,
    any: bool,
}

impl Lines {
    /// One object a line.
    pub(crate) const fn lines() -> Lines {
        Lines { array: false, any: false }
    }

    /// An array with one object a line.
    pub(crate) const fn array() -> Lines {
        Lines { array: true, any: false }
    }

    /// Writes one object.
    pub(crate) fn write(&mut self, object: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
        if self.array {
            out.write_all(if self.any { b",\n" } else { b"[\n" })?;
        }
        self.any = true;
        serde_json::to_writer(&mut *out, object)?;
        if self.array { Ok(()) } else { out.write_all(b"\n") }
    }

    /// Ends the array.
    pub(crate) fn finish(&mut self, out: &mut impl Write) -> io::Result<()> {
        match (self.array, self.any) {
            (false, _) => Ok(()),
            (true, true) => out.write_all(b"\n]\n"),
            (true, false) => out.write_all(b"[]\n"),
        }
    }
}
