//! JSON: one object a line, or one array of the same objects.

use std::io::{self, Write};

/// Writes objects one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    array: bool,
    any: bool,
    /// The beginning of each object.
    prefix: String,
}

impl Lines {
    /// One object a line.
    pub(crate) const fn one_a_line() -> Lines {
        Lines { array: false, any: false, prefix: String::new() }
    }

    /// An array with one object a line.
    pub(crate) const fn in_array() -> Lines {
        Lines { array: true, any: false, prefix: String::new() }
    }

    /// From now on objects carry the name of the file that they are about.
    pub(crate) fn about(&mut self, file: &str) {
        self.prefix = format!("{{\"file\":{},", text(file));
    }

    /// Writes one object, given as a line of JSON that is not `{}`.
    pub(crate) fn write(&mut self, object: &str, out: &mut impl Write) -> io::Result<()> {
        let (before, after) = match (self.array, self.any) {
            (false, _) => ("", "\n"),
            (true, false) => ("[\n", ""),
            (true, true) => (",\n", ""),
        };
        self.any = true;
        let rest = if self.prefix.is_empty() { object } else { &object[1..] };
        [before, &self.prefix, rest, after].iter().try_for_each(|text| out.write_all(text.as_bytes()))
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

/// As a string of JSON.
pub(crate) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
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

    #[test]
    fn objects_can_say_which_file_they_are_about() {
        let mut lines = Lines::one_a_line();
        lines.about("a \"b\".vcd");
        assert_eq!(written(lines, &[r#"{"kind":"x"}"#]), "{\"file\":\"a \\\"b\\\".vcd\",\"kind\":\"x\"}\n");
    }
}
