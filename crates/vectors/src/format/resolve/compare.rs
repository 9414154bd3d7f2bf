//! Comparisons of links, and what must come of them.

use std::ops::Range as Bytes;

use busproof_core::Span;
use busproof_links::access::Accesses;
use busproof_links::compare::TRIED_PPM;
use busproof_links::{Conditions, Link, MAX_ACCESSES, MAX_OUTSTANDING, Registers};
use toml::Spanned;

use super::{Problem, Result, at, ranged};
use crate::format::range::{Kind, RangeText};
use crate::format::raw::compare::{AccessCheckTable, CompareTable, FateKey, LinkCheckTable, RegistersTable};
use crate::format::raw::{CheckTable, VectorTable};
use crate::format::scalar::{DeviationText, Located, Scalar as _};
use crate::format::vector::compare::{AccessFigure, Compare, FateWord, Figure, LinkCheck, Range};
use crate::format::vector::{At, Content, Memory};
use crate::suggest;

/// What `vector` compares, and what must come of each link.
pub(super) fn compare(vector: &VectorTable) -> Result<(Option<Compare>, Vec<LinkCheck>)> {
    let Some(located) = &vector.compare else {
        return match vector.check.link.keys().next() {
            None => Ok((None, Vec::new())),
            Some(name) => Err((
                name.span(),
                Problem::Choice(
                    "`check.link` is about the links of `[compare]`, and there is none; write one",
                ),
            )),
        };
    };
    let compare = comparison(located)?;
    let checks = checks(&vector.check, &compare)?;
    Ok((Some(compare), checks))
}

fn comparison(located: &Located<CompareTable>) -> Result<Compare> {
    let table = located.value();
    let payload = payload(located)?;
    let registers = table.registers.as_ref().map(registers).transpose()?;
    if payload.is_none() && registers.is_none() {
        let problem =
            Problem::Missing("there is nothing to compare".into(), "`text = \"Hello\"`, or `registers`");
        return Err((located.span(), problem));
    }
    Ok(Compare {
        span: located.span(),
        conditions: conditions(table)?,
        over: over(table)?,
        payload,
        registers,
    })
}

fn payload(located: &Located<CompareTable>) -> Result<Option<Memory>> {
    let table = located.value();
    let content = match (&table.text, &table.hex, &table.file) {
        (None, None, None) => return Ok(None),
        (Some(text), None, None) => Content::Bytes(text.clone().into_bytes()),
        (None, Some(hex), None) => Content::Bytes(hex.0.clone()),
        (None, None, Some(file)) => Content::File(at(file)),
        _ => {
            let problem = "there is one payload; write one of `text`, `hex` and `file`";
            return Err((located.span(), Problem::Choice(problem)));
        }
    };
    Ok(Some(Memory { span: located.span(), address: 0, content }))
}

fn conditions(table: &CompareTable) -> Result<Conditions> {
    let usual = Conditions::default();
    let conditions = Conditions {
        clock_hertz: table.clock.as_ref().map_or(usual.clock_hertz, |clock| clock.value().0),
        farad: table.capacitance.map_or(usual.farad, |capacitance| capacitance.0),
        volt: table.vdd.map_or(usual.volt, |vdd| vdd.0),
        pull_up_ohm: table.pull_up.map_or(usual.pull_up_ohm, |pull_up| pull_up.0),
    };
    let place = table.clock.as_ref().map_or(0..0, Located::span);
    conditions.check().map(|()| conditions).map_err(|error| (place, Problem::Conditions(error.to_string())))
}

fn over(table: &CompareTable) -> Result<Vec<Link>> {
    let Some(over) = &table.over else { return Ok(Link::USUAL.to_vec()) };
    let mut links: Vec<Link> = Vec::new();
    for key in over.value() {
        let link = Link::from(*key.value());
        if links.contains(&link) {
            return Err((key.span(), Problem::Choice("this link is in the list already; remove one")));
        }
        links.push(link);
    }
    if links.is_empty() {
        return Err((over.span(), Problem::Choice("no link is named; write `over = [\"uart\", \"spi\"]`")));
    }
    Ok(links)
}

fn registers(located: &Located<RegistersTable>) -> Result<Registers> {
    let table = located.value();
    if table.count.is_none() {
        let problem = Problem::Missing("it is not said how many registers are read".into(), "`count = 1000`");
        return Err((located.span(), problem));
    }
    // Within the ranges, numbers fit.
    let count = ranged("count", table.count.as_ref(), 1, 1, MAX_ACCESSES.into())? as u32;
    let outstanding = match &table.outstanding {
        None => vec![1, 4, 16],
        Some(numbers) => numbers.iter().map(outstanding).collect::<Result<_>>()?,
    };
    if outstanding.is_empty() {
        return Err((
            located.span(),
            Problem::Choice("`outstanding` is empty; write `outstanding = [1, 4, 16]`"),
        ));
    }
    let access_time = table.access_time.map_or(Span::from_us(5), |time| time.0);
    let work = table.work.map_or(Span::from_us(10), |time| time.0);
    Ok(Registers { accesses: Accesses { count, outstanding: 1, access_time, work }, outstanding })
}

fn outstanding(number: &Located<i64>) -> Result<u32> {
    ranged("outstanding", Some(number), 1, 1, MAX_OUTSTANDING.into()).map(|number| number as u32)
}

fn checks(table: &CheckTable, compare: &Compare) -> Result<Vec<LinkCheck>> {
    let mut checks = Vec::new();
    for (name, table) in &table.link {
        let link = named(name, compare)?;
        checks.push(link_check(link, name.span(), table, compare)?);
    }
    for &link in &compare.over {
        if checks.iter().all(|check| check.link != link) {
            let fate = At { value: FateKey::Intact.word(), span: compare.span.clone() };
            let (off, figures, accesses) = Default::default();
            checks.push(LinkCheck { link, fate, off, figures, accesses });
        }
    }
    Ok(checks)
}

fn named(name: &Spanned<String>, compare: &Compare) -> Result<Link> {
    let found = compare.over.iter().find(|link| link.name() == name.get_ref());
    found.copied().ok_or_else(|| {
        let hint = suggest::hint(name.get_ref(), compare.over.iter().map(|link| link.name()));
        (name.span(), Problem::UnknownName { what: "compared link", name: name.get_ref().clone(), hint })
    })
}

fn link_check(
    link: Link,
    place: Bytes<usize>,
    table: &LinkCheckTable,
    compare: &Compare,
) -> Result<LinkCheck> {
    let fate = match &table.fate {
        Some(fate) => At { value: fate.value().word(), span: fate.span() },
        None => At { value: FateKey::Intact.word(), span: place },
    };
    let off = table.off.iter().map(|(name, fate)| off(name, *fate)).collect::<Result<Vec<_>>>()?;
    let figures = figures(table);
    let spans = table.fate.iter().map(Located::span).chain(off.iter().map(|(_, fate)| fate.span.clone()));
    let mut spans = spans.chain(figures.iter().map(|(_, range)| range.span.clone()));
    if let (None, Some(span)) = (&compare.payload, spans.next()) {
        let problem =
            "this is about a payload, and there is none; write `text = \"Hello\"` below `[compare]`";
        return Err((span, Problem::Choice(problem)));
    }
    let mut accesses = Vec::new();
    for (number, table) in &table.outstanding {
        let outstanding = number_of(number, compare)?;
        accesses
            .extend(access_figures(table).into_iter().map(|(figure, range)| (outstanding, figure, range)));
    }
    Ok(LinkCheck { link, fate, off, figures, accesses })
}

fn off(name: &Spanned<String>, fate: FateKey) -> Result<(i64, At<FateWord>)> {
    let tried = DeviationText::read(name.get_ref()).ok().map(|deviation| deviation.0 / 1_000);
    match tried.filter(|ppm| TRIED_PPM.contains(ppm)) {
        Some(ppm) => Ok((ppm, At { value: fate.word(), span: name.span() })),
        None => Err((
            name.span(),
            Problem::Choice(
                "clocks are tried at `-5 %`, `-3 %`, `-1 %`, `+1 %`, `+3 %` and `+5 %`; write one of them",
            ),
        )),
    }
}

fn range<K: Kind>(text: Option<&Located<RangeText<K>>>) -> Option<At<Range>> {
    text.map(|text| At { value: text.value().0.clone(), span: text.span() })
}

fn figures(table: &LinkCheckTable) -> Vec<(Figure, At<Range>)> {
    let all = [
        (Figure::FirstByte, range(table.first_byte.as_ref())),
        (Figure::LastByte, range(table.last_byte.as_ref())),
        (Figure::Throughput, range(table.throughput.as_ref())),
        (Figure::Bits, range(table.bits.as_ref())),
        (Figure::Wires, range(table.wires.as_ref())),
        (Figure::Edges, range(table.edges.as_ref())),
        (Figure::Energy, range(table.energy.as_ref())),
        (Figure::Slow, range(table.slow.as_ref())),
        (Figure::Fast, range(table.fast.as_ref())),
    ];
    all.into_iter().filter_map(|(figure, range)| Some((figure, range?))).collect()
}

fn access_figures(table: &AccessCheckTable) -> Vec<(AccessFigure, At<Range>)> {
    let all = [
        (AccessFigure::Latency, range(table.latency.as_ref())),
        (AccessFigure::Worst, range(table.worst.as_ref())),
        (AccessFigure::PerSecond, range(table.per_second.as_ref())),
        (AccessFigure::InUse, range(table.in_use.as_ref())),
        (AccessFigure::HostWaits, range(table.host_waits.as_ref())),
    ];
    all.into_iter().filter_map(|(figure, range)| Some((figure, range?))).collect()
}

/// One of the numbers of outstanding accesses that are tried.
fn number_of(name: &Spanned<String>, compare: &Compare) -> Result<u32> {
    let tried = compare.registers.as_ref().map_or(&[][..], |registers| &registers.outstanding);
    let found = name.get_ref().parse().ok().filter(|number| tried.contains(number));
    found.ok_or_else(|| {
        let problem = "registers are not read with so many outstanding; add the number to `registers` below `[compare]`";
        (name.span(), Problem::Choice(problem))
    })
}
