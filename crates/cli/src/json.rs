//! JSON: one object a line, or one array of the same objects.

use std::io::{self, Write};

/// Writes objects one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines {
    array: bool,
    any: bool,
}

impl Lines {
    /// One object a line.
    pub(crate) const fn one_a_line() -> Lines {
        Lines { array: false, any: false }
    }

    /// An array with one object a line.
    pub(crate) const fn in_array() -> Lines {
        Lines { array: true, any: false }
    }

    /// Writes one object, given as a line of JSON.
    pub(crate) fn write(&mut self, object: &str, out: &mut impl Write) -> io::Result<()> {
        let (before, after) = match (self.array, self.any) {
            (false, _) => ("", "\n"),
            (true, false) => ("[\n", ""),
            (true, true) => (",\n", ""),
        };
        self.any = true;
        [before, object, after].iter().try_for_each(|text| out.write_all(text.as_bytes()))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(mut lines: Lines, objects: &[&str]) -> String {
        let mut out = Vec::new();
        objects.iter().try_for_each(|object| lines.write(object, &mut out)).unwrap();
        lines.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_array_holds_the_same_objects_as_the_lines() {
        assert_eq!(written(Lines::one_a_line(), &["{}", "1"]), "{}\n1\n");
        assert_eq!(written(Lines::in_array(), &["{}", "1"]), "[\n{},\n1\n]\n");
        assert_eq!(written(Lines::in_array(), &[]), "[]\n");
        assert_eq!(written(Lines::one_a_line(), &[]), "");
    }
}
