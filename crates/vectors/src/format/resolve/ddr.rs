//! DDR memories, what is done to them, and what must come of that.

use busproof_core::bus::ddr::{Command, Standard};
use busproof_dram::{Options, Refresh};

use super::script::Source;
use super::{Problem, Result, at, ranged};
use crate::compact::ddr::{self, Item, ItemKind, Mistake};
use crate::format::range::{Kind, RangeText};
use crate::format::raw::ddr::{DdrBusTable, DistanceTable};
use crate::format::raw::{BusTable, CheckTable, StepTable, VectorTable};
use crate::format::scalar::Located;
use crate::format::vector::At;
use crate::format::vector::compare::Range;
use crate::format::vector::ddr::{Bench, Check, Distance, Figure, Found, Is, Work};
use crate::suggest;

/// The memory of the vector, if it has one; it is alone on the bench then.
pub(super) fn bench(source: &str, vector: &VectorTable) -> Result<Option<Bench>> {
    let memories = vector.bus.values().filter_map(|bus| match bus.value() {
        BusTable::Ddr(table) => Some((bus, table)),
        _ => None,
    });
    let memories: Vec<_> = memories.collect();
    let Some(&(located, table)) = memories.first() else { return without_memory(&vector.check) };
    if let Some(other) = vector.bus.values().find(|bus| !std::ptr::eq(*bus, located)) {
        let problem = "a memory has a bench of its own; put the other bus into a vector of its own";
        return Err((other.span(), Problem::Choice(problem)));
    }
    let part = table.part.as_ref().ok_or_else(|| {
        let problem = Problem::Missing("a memory is a part".into(), "`part = \"ddr4-2400t-8gb-x8\"`");
        (located.span(), problem)
    })?;
    Ok(Some(Bench {
        span: located.span(),
        part: at(part),
        ranks: table.ranks.as_ref().map(ranks).transpose()?,
        map: table.address_map.as_ref().map(Located::span),
        controller: controller(table)?,
        work: work(source, located, &vector.step)?,
        check: check(&vector.check)?,
    }))
}

/// Nothing may be expected of a memory that is not there.
fn without_memory(check: &CheckTable) -> Result<Option<Bench>> {
    let spans = check.commands.iter().map(Located::span);
    let spans = spans.chain(check.distance.iter().map(Located::span));
    let spans = spans.chain(check.read_back.iter().map(Located::span));
    let spans = spans.chain(check.blame.keys().map(toml::Spanned::span));
    let figures = latency(check).into_iter().map(|(_, range)| range.span);
    let rows = rows(check).into_iter().map(|(_, range)| range.span);
    match spans.chain(figures).chain(rows).next() {
        None => Ok(None),
        Some(span) => {
            let problem =
                "this is about a memory, and there is none; write `[bus.memory]` with `kind = \"ddr\"`";
            Err((span, Problem::Choice(problem)))
        }
    }
}

fn ranks(number: &Located<i64>) -> Result<u32> {
    match *number.value() {
        value @ (1 | 2 | 4 | 8) => Ok(value as u32),
        value => Err((number.span(), Problem::NotAChoice { key: "ranks", value, choices: "1, 2, 4 or 8" })),
    }
}

fn controller(table: &DdrBusTable) -> Result<Options> {
    let usual = Options::default();
    let map = table.address_map.as_ref().map(|map| map.value().clone());
    Ok(Options {
        address_map: map.unwrap_or(usual.address_map),
        // Within the ranges, numbers fit.
        read_queue: ranged("read_queue", table.read_queue.as_ref(), 32, 1, 64)? as u32,
        write_queue: ranged("write_queue", table.write_queue.as_ref(), 32, 1, 64)? as u32,
        scheduler: table.scheduler.map_or(usual.scheduler, Into::into),
        page: table.page.map_or(usual.page, Into::into),
        refresh: Refresh { reach: table.refresh.map_or(usual.refresh.reach, Into::into), ..usual.refresh },
        blame: true,
        ..usual
    })
}

fn work(source: &str, bus: &Located<BusTable>, steps: &[Located<StepTable>]) -> Result<Work> {
    let mut items: Vec<Item> = Vec::new();
    for step in steps {
        items.extend(step_items(source, step)?);
    }
    let is_command = |item: &&Item| matches!(item.kind, ItemKind::Command(_));
    let is_request = |item: &&Item| matches!(item.kind, ItemKind::Read(_) | ItemKind::Write(_));
    match (items.iter().find(is_command), items.iter().find(is_request)) {
        (Some(_), Some(request)) => {
            let problem = "either commands are given to the memory, or requests to its controller; not both";
            Err((request.span.clone(), Problem::Choice(problem)))
        }
        (Some(_), None) => Ok(Work::Commands(items)),
        (None, Some(_)) => Ok(Work::Requests(items)),
        (None, None) => {
            let what = "nothing is done to the memory".to_owned();
            Err((bus.span(), Problem::Missing(what, "`[[step]]` with `do = \"ACT 0 0 0 18, tRCD, RD\"`")))
        }
    }
}

/// The items of a step, with the places of the file.
fn step_items(source: &str, step: &Located<StepTable>) -> Result<Vec<Item>> {
    let table = step.value();
    let StepTable {
        compact: Some(text), delay: None, write: None, read: None, until: None, at: None, ..
    } = table
    else {
        let problem =
            "a step of a memory is its commands or requests; write `do = \"ACT 0 0 0 18, tRCD, RD\"`";
        return Err((step.span(), Problem::Choice(problem)));
    };
    let place = Source::of(source, text);
    match ddr::parse(text.value()) {
        Ok(items) => {
            Ok(items.into_iter().map(|item| Item { span: place.place(&item.span), ..item }).collect())
        }
        Err(Mistake { span, message }) => Err((place.place(&span), Problem::Memory(message))),
    }
}

fn check(table: &CheckTable) -> Result<Check> {
    Ok(Check {
        commands: table.commands.as_ref().map(commands).transpose()?,
        distances: table.distance.iter().map(distance).collect::<Result<_>>()?,
        latency: latency(table),
        blame: table.blame.iter().map(|(name, range)| blame(name, range)).collect::<Result<_>>()?,
        rows: rows(table),
        read_back: range(table.read_back.as_ref()),
    })
}

fn commands(text: &Located<String>) -> Result<At<Vec<Command>>> {
    let words = text.value().split_ascii_whitespace();
    let value = words.map(|word| known_command(word, text)).collect::<Result<_>>()?;
    Ok(At { value, span: text.span() })
}

fn known_command<T>(word: &str, place: &Located<T>) -> Result<Command> {
    ddr::command(word).ok_or_else(|| {
        let names = Command::ALL.iter().map(|command| command.name());
        let hint = suggest::hint(word, names);
        (place.span(), Problem::UnknownName { what: "command", name: word.to_owned(), hint })
    })
}

fn distance(located: &Located<DistanceTable>) -> Result<Distance> {
    let table = located.value();
    let missing = || {
        let what = "a distance is that from a command to another".to_owned();
        (located.span(), Problem::Missing(what, "`{ from = \"ACT\", to = \"RD\", equals = \"tRCD\" }`"))
    };
    let (Some(from), Some(to)) = (&table.from, &table.to) else { return Err(missing()) };
    let (is, limit) = match (&table.equals, &table.at_least, &table.at_most) {
        (Some(limit), None, None) => (Is::Equal, limit),
        (None, Some(limit), None) => (Is::AtLeast, limit),
        (None, None, Some(limit)) => (Is::AtMost, limit),
        _ => {
            let problem = "a distance is one of `equals`, `at_least` and `at_most`; write one of them";
            return Err((located.span(), Problem::Choice(problem)));
        }
    };
    Ok(Distance {
        from: known_command(from.value(), from)?,
        nth: table.nth,
        to: known_command(to.value(), to)?,
        is,
        limit: At { value: limit.value().0.clone(), span: limit.span() },
    })
}

fn range<K: Kind>(text: Option<&Located<RangeText<K>>>) -> Option<At<Range>> {
    text.map(|text| At { value: text.value().0.clone(), span: text.span() })
}

fn latency(check: &CheckTable) -> Vec<(Figure, At<Range>)> {
    let table = &check.latency;
    let all = [
        (Figure::Mean, &table.mean),
        (Figure::Min, &table.min),
        (Figure::P50, &table.p50),
        (Figure::P90, &table.p90),
        (Figure::Max, &table.max),
    ];
    all.into_iter().filter_map(|(figure, text)| Some((figure, range(text.as_ref())?))).collect()
}

fn rows(check: &CheckTable) -> Vec<(Found, At<Range>)> {
    let table = &check.rows;
    let all = [(Found::Hit, &table.hit), (Found::Miss, &table.miss), (Found::Conflict, &table.conflict)];
    all.into_iter().filter_map(|(found, text)| Some((found, range(text.as_ref())?))).collect()
}

fn blame<K: Kind>(
    name: &toml::Spanned<String>,
    text: &Located<RangeText<K>>,
) -> Result<(At<String>, At<Range>)> {
    let rules = Standard::ALL.iter().flat_map(|standard| standard.rules()).map(|rule| rule.name);
    let known = rules.chain(["queue", "refresh", "data"]);
    if known.clone().all(|known| known != name.get_ref()) {
        let hint = suggest::hint(name.get_ref(), known);
        return Err((
            name.span(),
            Problem::UnknownName { what: "cause", name: name.get_ref().clone(), hint },
        ));
    }
    let value = At { value: text.value().0.clone(), span: text.span() };
    Ok((At { value: name.get_ref().clone(), span: name.span() }, value))
}
