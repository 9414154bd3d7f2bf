//! The standard output and error: buffered, coloured on terminals, quiet when nobody listens any more.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};

use busproof_plot::text::{Charset, width};

use crate::args::Color;
use crate::error::CliError;
use crate::exit::Exit;
use crate::units::wrap;

/// The greatest width of what is printed for people.
pub(crate) const COLUMNS: usize = 80;

/// Where results and messages go.
pub(crate) struct Out {
    writer: BufWriter<Pipe>,
    paint: Paint,
    message_paint: Paint,
    charset: Charset,
}

/// The standard output. When its reader has gone, so has the purpose of the program: it ends without a word.
struct Pipe(Stdout);

impl Pipe {
    fn pass<T>(result: io::Result<T>) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(Exit::Held as i32),
            other => other,
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Pipe::pass(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Pipe::pass(self.0.flush())
    }
}

impl Out {
    /// Standard output and error, with colour as wished; pictures are ASCII if wished or if the locale is not UTF-8.
    pub(crate) fn new(color: Color, ascii: bool) -> Out {
        let stdout = io::stdout();
        let paint = Paint::new(color, stdout.is_terminal());
        let charset = if ascii || !speaks_utf8() { Charset::Ascii } else { Charset::Unicode };
        Out {
            writer: BufWriter::with_capacity(1 << 16, Pipe(stdout)),
            paint,
            message_paint: Paint::new(color, io::stderr().is_terminal()),
            charset,
        }
    }

    /// How to colour results.
    pub(crate) fn paint(&self) -> Paint {
        self.paint
    }

    /// What to draw with.
    pub(crate) fn charset(&self) -> Charset {
        self.charset
    }

    /// Says why a command failed.
    pub(crate) fn error(&mut self, error: &CliError) -> Exit {
        self.message("error", Ink::Bad, &error.to_string());
        Exit::Unusable
    }

    /// A message about something odd.
    pub(crate) fn warn(&mut self, text: &str) {
        self.message("warning", Ink::Odd, text);
    }

    /// A message that is good to know.
    pub(crate) fn note(&mut self, text: &str) {
        self.message("note", Ink::Note, text);
    }

    fn message(&mut self, kind: &str, ink: Ink, text: &str) {
        // Results printed so far belong before the message; if that fails there is nobody left to tell.
        let _ = self.writer.flush();
        let kind = format!("{kind}:");
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        eprintln!(
            "{}",
            wrapped(&format!("{kind} {first}")).replacen(&kind, &self.message_paint.ink(ink, &kind), 1)
        );
        lines.for_each(|line| eprintln!("{}", wrapped(line)));
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A line of a report; what is longer than [`COLUMNS`] is broken at blanks and goes on further in.
pub(crate) fn folded(line: &str) -> String {
    if width(line) <= COLUMNS {
        return line.to_owned();
    }
    let indent = line.len() - line.trim_start().len();
    let hang = indent + 4;
    let lines = wrap(line, COLUMNS - hang);
    format!("{:indent$}{}", "", lines.join(&format!("\n{:hang$}", "")))
}

/// A line that is broken at blanks, unless it is laid out with blanks of its own.
fn wrapped(line: &str) -> String {
    if line.starts_with(' ') { line.to_owned() } else { wrap(line, COLUMNS - 2).join("\n  ") }
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint(bool);

/// The colour of some text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ink {
    /// Failures.
    Bad,
    /// Warnings.
    Odd,
    /// Notes.
    Note,
    /// Passes.
    Good,
    /// Frames and headings.
    Frame,
}

impl Paint {
    /// Without colour.
    pub(crate) const PLAIN: Paint = Paint(false);

    fn new(color: Color, terminal: bool) -> Paint {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Paint(match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && !set("NO_COLOR"),
        })
    }

    /// `text` in colour, if colours are on.
    pub(crate) fn ink(self, ink: Ink, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Bad => "1;31",
            Ink::Odd => "1;33",
            Ink::Note => "1;36",
            Ink::Good => "1;32",
            Ink::Frame => "1;34",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// True if the locale's characters are UTF-8: the first of the variables that is set decides.
fn speaks_utf8() -> bool {
    if cfg!(windows) {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    locale.is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_lines_are_folded() {
        let short = "  ok      spi/jedec-id                               tightest fC 1 ns";
        assert_eq!(folded(short), short);
        let long = format!("  {}", "word ".repeat(30));
        let lines = folded(&long);
        assert!(lines.lines().all(|line| line.len() <= COLUMNS), "{lines}");
        assert!(lines.starts_with("  word") && lines.contains("\n      word"), "{lines}");
        assert_eq!(lines.split_whitespace().count(), 30);
    }
}
