//! Finding signals by what users write: `--map sck=CLK`.

use busproof_core::bus::Role;
use busproof_parts::Hint;
use busproof_plot::text::width;
use busproof_vectors::chart::last_part;
use busproof_wave::{Pick, Reader, Signal, SignalKind};

use crate::error::CliError;
use crate::out::COLUMNS;

/// How many signals a message lists.
const LISTED: usize = 40;

/// What `pattern` names, a wire or as many as the role takes: a full name, a name without its scopes, or a pattern with
/// `*` and `?`; the first way that fits anything counts, exact spelling before another case.
pub(crate) fn find(reader: &Reader, role: &Role, pattern: &str) -> Result<Pick, CliError> {
    if let Some(pick) = reader.find(pattern) {
        return fitting(reader, role, pick);
    }
    let found = called(reader, pattern);
    match found.as_deref() {
        Some(&[signal]) => fitting(reader, role, signal.into()),
        None if let Some(pick) = bit(reader, pattern) => Ok(pick),
        Some(several) => Err(ambiguous(reader, role.name, pattern, several)),
        None => Err(CliError::UnknownSignal {
            file: reader.name().into(),
            role: role.name,
            pattern: pattern.into(),
            hint: nearest(reader, pattern),
            signals: list(reader),
        }),
    }
}

/// All that `pattern` names: signals, or one wire of a bus.
pub(crate) fn all(reader: &Reader, pattern: &str) -> Result<Vec<Pick>, CliError> {
    if let Some(pick) = reader.find(pattern) {
        return Ok(vec![pick]);
    }
    let found = called(reader, pattern).map(|found| found.into_iter().map(Pick::from).collect());
    found.or_else(|| bit(reader, pattern).map(|pick| vec![pick])).ok_or_else(|| CliError::NoSignal {
        file: reader.name().into(),
        pattern: pattern.into(),
        hint: nearest(reader, pattern),
        signals: list(reader),
    })
}

/// The signals that the first way finds which finds any.
fn called(reader: &Reader, pattern: &str) -> Option<Vec<usize>> {
    ways().find_map(|fits| {
        let all = reader.signals().iter().enumerate();
        let found: Vec<usize> =
            all.filter(|(_, s)| is_usable(s) && fits(s, pattern)).map(|(i, _)| i).collect();
        (!found.is_empty()).then_some(found)
    })
}

/// One wire of the only bus that is called so: `data[3]`.
fn bit(reader: &Reader, pattern: &str) -> Option<Pick> {
    let (name, index) = pattern.strip_suffix(']')?.rsplit_once('[')?;
    let &[signal] = called(reader, name)?.as_slice() else { return None };
    let wire = reader.signals()[signal].wire_at(index.trim().parse().ok()?)?;
    Some(Pick { signal, wire: Some(wire) })
}

fn ways() -> impl Iterator<Item = fn(&Signal, &str) -> bool> {
    let ways: [fn(&Signal, &str) -> bool; 7] = [
        |signal, pattern| signal.name.eq_ignore_ascii_case(pattern),
        |signal, pattern| last_part(&signal.name) == pattern,
        |signal, pattern| last_part(&signal.name).eq_ignore_ascii_case(pattern),
        |signal, pattern| is_pattern(pattern) && matches(pattern, &signal.name),
        |signal, pattern| {
            is_pattern(pattern) && matches(&pattern.to_lowercase(), &signal.name.to_lowercase())
        },
        |signal, pattern| is_pattern(pattern) && matches(pattern, last_part(&signal.name)),
        |signal, pattern| {
            is_pattern(pattern) && matches(&pattern.to_lowercase(), &last_part(&signal.name).to_lowercase())
        },
    ];
    ways.into_iter()
}

fn is_usable(signal: &Signal) -> bool {
    signal.kind == SignalKind::Bits
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// True if `*` (any characters) and `?` (any one) in `pattern` can stand for what makes it `text`.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where to go on if the present attempt fails: behind the last `*`, with one more character given to it.
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match retry {
                Some((star, given)) => {
                    retry = Some((star, given + 1));
                    (p, t) = (star, given + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// The pick, unless it has more wires than the role takes.
fn fitting(reader: &Reader, role: &Role, pick: Pick) -> Result<Pick, CliError> {
    let signal = &reader.signals()[pick.signal];
    if pick.wire.is_some() || signal.width <= role.wires {
        return Ok(pick);
    }
    let first = signal.range.map_or(0, |(_, last)| last);
    Err(CliError::Wide {
        file: reader.name().into(),
        role: role.name,
        takes: role.wires,
        signal: signal.name.clone(),
        width: signal.width,
        example: format!("{}={}[{first}]", role.name, signal.name),
    })
}

fn ambiguous(reader: &Reader, role: &'static str, pattern: &str, found: &[usize]) -> CliError {
    let some: Vec<String> =
        found.iter().take(4).map(|&i| format!("`{}`", reader.signals()[i].name)).collect();
    let more = if found.len() > some.len() { ", ..." } else { "" };
    CliError::Ambiguous {
        file: reader.name().into(),
        role,
        pattern: pattern.into(),
        count: found.len(),
        some: some.join(", ") + more,
    }
}

/// The nearest names; whole ones first, then those without scopes.
fn nearest(reader: &Reader, pattern: &str) -> Hint {
    let names = || reader.signals().iter().filter(|s| is_usable(s)).map(|s| s.name.as_str());
    let whole = Hint::nearest(pattern, names());
    if whole.0.is_empty() { Hint::nearest(pattern, names().map(last_part)) } else { whole }
}

/// The signals of a file, for messages.
pub(crate) fn list(reader: &Reader) -> String {
    let usable = || reader.signals().iter().filter(|s| is_usable(s));
    let count = usable().count();
    if count == 0 {
        return "the file has no signals with levels".into();
    }
    let mut lines = vec!["the file has these signals:".to_owned(), " ".to_owned()];
    for signal in usable().take(LISTED) {
        let name = spelled(signal);
        let full = lines.last().is_some_and(|line| width(line) + 2 + width(&name) > COLUMNS);
        if full {
            lines.push(" ".to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(&name);
        }
    }
    if count > LISTED {
        lines.push(format!("  ... and {} more", count - LISTED));
    }
    lines.join("\n")
}

/// Full names of single wires, for examples.
pub(crate) fn examples(reader: &Reader) -> impl Iterator<Item = &str> {
    reader.signals().iter().filter(|s| is_usable(s) && s.width == 1).map(|s| s.name.as_str())
}

fn spelled(signal: &Signal) -> String {
    match signal.range {
        Some((first, last)) if signal.width > 1 => format!("{}[{first}:{last}]", signal.name),
        _ => signal.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use busproof_core::bus::{BusInfo, handshake, spi};
    use busproof_wave::{ReadOptions, open_bytes};

    fn reader() -> Reader {
        let text = "$timescale 1 ns $end $scope module tb $end $var wire 1 ! clk $end
            $var wire 8 \" bus [7:0] $end $scope module dut $end $var wire 1 # MOSI $end $var wire 1 $ mosi $end
            $upscope $end $upscope $end $enddefinitions $end";
        open_bytes("a.vcd", text, &ReadOptions::default()).unwrap()
    }

    fn role(bus: &BusInfo, name: &str) -> Role {
        *bus.roles.iter().find(|role| role.name == name).unwrap()
    }

    fn signal(pattern: &str) -> Result<usize, String> {
        find(&reader(), &role(&spi::INFO, "sck"), pattern)
            .map(|pick| pick.signal)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_found_whole_without_scopes_in_any_case_and_by_pattern() {
        assert_eq!(signal("tb.clk"), Ok(0));
        assert_eq!(signal("TB.CLK"), Ok(0));
        assert_eq!(signal("clk"), Ok(0));
        assert_eq!(signal("Clk"), Ok(0));
        assert_eq!(signal("*.c?k"), Ok(0));
        assert_eq!((signal("c?k"), signal("C*")), (Ok(0), Ok(0)));
        assert_eq!(signal("MOS?"), Ok(2));
        assert_eq!(signal("MOSI"), Ok(2));
        assert_eq!(
            signal("*.DUT.mosi"),
            Err(signal("tb.*.Mosi").unwrap_err().replace("tb.*.Mosi", "*.DUT.mosi"))
        );
        assert_eq!(find(&reader(), &role(&spi::INFO, "sck"), "tb.bus[3]").unwrap().wire, Some(3));
    }

    #[test]
    fn a_role_of_groups_takes_a_group() {
        let data = role(&handshake::INFO, "data");
        let found = |pattern| find(&reader(), &data, pattern).map(|pick| (pick.signal, pick.wire)).ok();
        assert_eq!(
            (found("bus"), found("bus[2]"), found("clk")),
            (Some((1, None)), Some((1, Some(2))), Some((0, None)))
        );
    }

    #[test]
    fn what_is_not_one_wire_is_refused_with_a_way_out() {
        assert!(signal("bus").unwrap_err().ends_with("map for example `sck=tb.bus[0]`"));
        assert!(signal("Mosi").unwrap_err().contains("fits 2 signals: `tb.dut.MOSI`, `tb.dut.mosi`;"));
        let unknown = signal("clkk").unwrap_err();
        assert!(
            unknown.starts_with("a.vcd: no signal `clkk` for role sck; did you mean `clk`?\n"),
            "{unknown}"
        );
        assert!(unknown.ends_with("  tb.clk tb.bus[7:0] tb.dut.MOSI tb.dut.mosi"), "{unknown}");
    }

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*b*c", "aXbYbc", true),
            ("a*b", "abc", false),
            ("?", "", false),
            ("**a", "ba", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
