//! The tables of crossings to what they mean.

use std::ops::Range;

use busproof_core::Span;
use busproof_core::cdc::{FifoOptions, INFO, Phases, PointerCode, ReqAckOptions};

use super::handshake::{flop, frequency, span_or, stages, width};
use super::script::Source;
use super::{Problem, Result, limits, ranged, time};
use crate::compact::Script;
use crate::compact::link::{Op, Takes, lower};
use crate::format::raw::crossing::{CrossingBusTable, DomainTable, PointersKey, ThroughKey};
use crate::format::scalar::Located;
use crate::format::vector::crossing::{Bus, Domain, Through};
use crate::format::vector::{self, BusKind, Clock};

pub(super) fn bus(name: &str, span: Range<usize>, table: &CrossingBusTable) -> Result<vector::Bus> {
    let Some(through) = &table.through else {
        let what = format!("what lies between the domains of `{name}`?");
        return Err((span, Problem::Missing(what, "`through = \"fifo\"`")));
    };
    only_own_keys(table, *through.value())?;
    let destination = domain("destination", &span, table.destination.as_ref())?;
    let source = match (through.value(), &table.source) {
        (ThroughKey::Synchroniser, None) => None,
        (ThroughKey::Synchroniser, Some(source)) => {
            let problem = "levels change when steps say so, and not on a clock; remove `source`";
            return Err((source.span(), Problem::Choice(problem)));
        }
        (_, source) => Some(domain("source", &span, source.as_ref())?),
    };
    let kind = Bus {
        through: between(table, *through.value(), &destination.clock)?,
        width: width(table.width.as_ref())?,
        time_out: table.time_out.map(|t| t.0),
        source,
        destination,
    };
    Ok(vector::Bus {
        name: name.to_owned(),
        span,
        part: None,
        limits: limits(&table.timing, &INFO)?,
        kind: BusKind::Crossing(Box::new(kind)),
    })
}

/// An error at a key that belongs to another kind of crossing.
fn only_own_keys(table: &CrossingBusTable, through: ThroughKey) -> Result<()> {
    let words = matches!(through, ThroughKey::ReqAck | ThroughKey::Fifo);
    let fifo = through == ThroughKey::Fifo;
    let foreign = [
        (table.width.as_ref().map(Located::span), words),
        (table.phases.as_ref().map(Located::span), through == ThroughKey::ReqAck),
        (table.depth.as_ref().map(Located::span), fifo),
        (table.pointers.as_ref().map(Located::span), fifo),
        (table.skew.as_ref().map(Located::span), fifo),
        (table.latest.as_ref().map(Located::span), through == ThroughKey::PulseSynchroniser),
    ];
    match foreign.into_iter().find_map(|(span, own)| span.filter(|_| !own)) {
        Some(span) => Err((span, Problem::Choice("this key belongs to another kind of crossing; remove it"))),
        None => Ok(()),
    }
}

fn between(table: &CrossingBusTable, through: ThroughKey, destination: &Clock) -> Result<Through> {
    let (stages, flop) = (stages(table.stages.as_ref())?, flop(table.flop.as_ref())?);
    Ok(match through {
        ThroughKey::Synchroniser => Through::Synchroniser { stages, flop },
        ThroughKey::PulseSynchroniser => {
            let period = Span::period_of(destination.hertz).unwrap_or_default();
            let latest = span_or(table.latest.as_ref(), period * (u64::from(stages) + 4));
            Through::PulseSynchroniser { stages, flop, latest }
        }
        ThroughKey::ReqAck => Through::ReqAck(ReqAckOptions { phases: phases(table)?, stages, flop }),
        ThroughKey::Fifo => Through::Fifo(FifoOptions {
            depth: depth(table)?,
            stages,
            flop,
            code: match table.pointers.as_ref().map(Located::value) {
                None | Some(PointersKey::Gray) => PointerCode::Gray,
                Some(PointersKey::Binary) => PointerCode::Binary,
            },
            skew: span_or(table.skew.as_ref(), Span::ZERO),
        }),
    })
}

fn phases(table: &CrossingBusTable) -> Result<Phases> {
    match table.phases.as_ref().map(|phases| (*phases.value(), phases.span())) {
        None | Some((2, _)) => Ok(Phases::Two),
        Some((4, _)) => Ok(Phases::Four),
        Some((value, span)) => {
            let choices = "2 (each transition is a word) or 4 (both wires return to zero)";
            Err((span, Problem::NotAChoice { key: "phases", value, choices }))
        }
    }
}

fn depth(table: &CrossingBusTable) -> Result<u32> {
    let depth = ranged("depth", table.depth.as_ref(), 16, 2, 65_536)? as u32;
    match &table.depth {
        Some(number) if !depth.is_power_of_two() => {
            let problem =
                "gray pointers close upon themselves at powers of two only; write 8 or 16, for example";
            Err((number.span(), Problem::Choice(problem)))
        }
        _ => Ok(depth),
    }
}

fn domain(name: &'static str, bus: &Range<usize>, located: Option<&Located<DomainTable>>) -> Result<Domain> {
    let span = located.map_or(bus.clone(), Located::span);
    let table = located.map(Located::value);
    Ok(Domain {
        clock: frequency(name, &span, table.and_then(|table| table.clock.as_ref()))?,
        delay: time(table.and_then(|table| table.delay.as_ref())),
        pattern: table.and_then(|table| table.pattern).map_or_else(Default::default, |pattern| pattern.0),
    })
}

/// What a script means for a source that takes such words.
pub(super) fn ops(text: &Source<'_>, script: &Script, takes: Takes) -> Result<Vec<Op>> {
    text.lowered(lower(script, takes), Problem::Link)
}
