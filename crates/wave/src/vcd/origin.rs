//! Who wrote a VCD, and hence how exact its times are.

use busproof_core::{Source, Span};

use crate::grid;
use crate::options::{ReadOptions, SampleRate};

use super::header::Header;

/// The start of the comment with which our own files tell their source.
const MARK: &str = "busproof source: ";

/// The comment for a file of changes from `source`; [`source`] understands it.
pub(crate) fn mark(source: Source) -> String {
    match source {
        Source::Run => format!("{MARK}run"),
        Source::Simulation { grid } => format!("{MARK}simulation, grid {} fs", grid.as_fs()),
        Source::Recording { grid: Some(grid) } => format!("{MARK}recording, grid {} fs", grid.as_fs()),
        Source::Recording { grid: None } => format!("{MARK}recording, grid unknown"),
    }
}

/// The source that a comment of ours tells.
pub(crate) fn parse_mark(comments: &str) -> Option<Source> {
    let mark = comments.lines().find_map(|line| line.strip_prefix(MARK))?;
    let (kind, grid) = mark.split_once(", grid ").unwrap_or((mark, ""));
    let grid = grid.strip_suffix(" fs").and_then(|fs| fs.parse().ok()).map(Span::from_fs);
    match kind {
        "run" => Some(Source::Run),
        "simulation" => grid.map(|grid| Source::Simulation { grid }),
        "recording" => Some(Source::Recording { grid }),
        _ => None,
    }
}

/// The source of a VCD with this header and this start of its body.
pub(crate) fn source(header: &Header, body: &[u8], options: &ReadOptions) -> Source {
    if let Some(rate) = options.sample_rate {
        return Source::Recording { grid: Some(rate.period()) };
    }
    let ours = header.version.starts_with("busproof");
    if let Some(source) = parse_mark(&header.comments).filter(|_| ours) {
        return source;
    }
    if is_sigrok(header) {
        let stated = stated_rate(&header.comments).map(SampleRate::period);
        return Source::Recording { grid: stated.or_else(|| grid_of_stamps(header, body)) };
    }
    Source::Simulation { grid: Span::from_fs(header.scale.unwrap_or_default().fs) }
}

fn is_sigrok(header: &Header) -> bool {
    let version = header.version.to_ascii_lowercase();
    version.contains("sigrok")
        || version.contains("pulseview")
        || header.comments.contains("Acquisition with")
}

/// The rate in sigrok's comment `Acquisition with 8/8 channels at 16 MHz`.
fn stated_rate(comments: &str) -> Option<SampleRate> {
    let line = comments.lines().find(|line| line.contains("Acquisition with"))?;
    line.rsplit_once(" at ")?.1.trim().parse().ok()
}

fn grid_of_stamps(header: &Header, body: &[u8]) -> Option<Span> {
    let stamps: Vec<u64> = body
        .split(|&b| b <= b' ')
        .filter_map(|token| std::str::from_utf8(token.strip_prefix(b"#")?).ok()?.parse().ok())
        .take(grid::STAMPS)
        .collect();
    grid::of_stamps(&stamps, header.scale.unwrap_or_default().fs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_mark_round_trips() {
        for source in [
            Source::Run,
            Source::Simulation { grid: Span::from_ps(1) },
            Source::Recording { grid: Some(Span::from_ns(125)) },
            Source::Recording { grid: None },
        ] {
            assert_eq!(parse_mark(&format!("hello\n{}\n", mark(source))), Some(source));
        }
        assert_eq!(parse_mark("busproof source: simulation"), None);
    }

    #[test]
    fn the_rate_stands_in_sigroks_comment() {
        let rate = |text| stated_rate(text).map(SampleRate::hz);
        assert_eq!(rate("Acquisition with 8/8 channels at 16 MHz\n"), Some(16_000_000));
        assert_eq!(rate("Acquisition with 2/8 probes at 500 kHz"), Some(500_000));
        assert_eq!(rate("Acquisition with 2/8 channels"), None);
    }
}
