//! The checker on SPI traffic, beside the same checks written out by hand.
//!
//! Fifteen rules, four events per clock period. `steady` repeats the same intervals, `jittered` hardly ever does. The
//! figures are events per second.

use std::hint::black_box;

use busproof_core::timing::{
    Bound, Checker, CheckerOptions, Class, Classes, Event, EventKind, EventSet, Kind, Needs, Params, Place,
    Point, Rule, Scope, Term,
};
use busproof_core::{Span, Time};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const SELECT: EventKind = EventKind(0);
const DESELECT: EventKind = EventKind(1);
const RISE: EventKind = EventKind(2);
const FALL: EventKind = EventKind(3);
const MOSI: EventKind = EventKind(4);
const MISO: EventKind = EventKind(5);
const RELEASE: EventKind = EventKind(6);

const READ: Class = Class(1);
const PROGRAM: Class = Class(2);
const NS: i64 = 1_000_000;

const fn row(name: &'static str, from: EventKind, to: EventKind, bound: Bound) -> Rule {
    Rule {
        name,
        summary: "",
        cause: "",
        kind: Kind::Between {
            from: EventSet::of(&[from]),
            nth: 1,
            to: EventSet::of(&[to]),
            reset: EventSet::of(&[SELECT]),
            scope: Scope::Same(1),
            must_come: false,
            bound,
        },
        at: Point::Target,
        classes: Classes::ANY,
        class_of_from: false,
        needs: Needs::Edges,
        source: "",
    }
}

const fn min(terms: &'static [Term]) -> Bound {
    Bound::Min(terms)
}

const fn max(terms: &'static [Term]) -> Bound {
    Bound::Max(terms)
}

const fn after(class: Class, rule: Rule) -> Rule {
    Rule { classes: Classes::of(&[class]), class_of_from: true, ..rule }
}

/// After the table of a 133 MHz flash memory.
static RULES: [Rule; 15] = [
    row("tC", RISE, RISE, min(&[Term::Fixed(7_500_000)])),
    row("tCLH", RISE, FALL, min(&[Term::Fixed(3_375_000)])),
    row("tCLL", FALL, RISE, min(&[Term::Fixed(3_375_000)])),
    row("tSLCH", SELECT, RISE, min(&[Term::Fixed(5 * NS)])),
    row("tCHSL", RISE, SELECT, min(&[Term::Fixed(5 * NS)])),
    row("tCHSH", RISE, DESELECT, min(&[Term::Fixed(3 * NS)])),
    row("tSHCH", DESELECT, RISE, min(&[Term::Fixed(3 * NS)])),
    after(READ, row("tSHSL1", DESELECT, SELECT, min(&[Term::Fixed(10 * NS)]))),
    after(PROGRAM, row("tSHSL2", DESELECT, SELECT, min(&[Term::Fixed(50 * NS)]))),
    row("tDVCH", MOSI, RISE, min(&[Term::Fixed(2 * NS)])),
    row("tCHDX", RISE, MOSI, min(&[Term::Fixed(3 * NS)])),
    row("tCLQV", FALL, MISO, max(&[Term::Fixed(6 * NS)])),
    row("tCLQX", FALL, MISO, min(&[Term::Fixed(1_500_000)])),
    row("tSHQZ", DESELECT, RELEASE, max(&[Term::Fixed(7 * NS)])),
    row("setup", MISO, RISE, min(&[Term::Fixed(NS)])),
];

/// Reads of 256 bytes at 50 MHz; every time is late by up to `jitter` femtoseconds.
fn traffic(jitter: u64) -> Vec<Event> {
    let mut random = 1u64;
    let mut events = Vec::new();
    let mut push = |time: u64, kind| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let time = Time::from_fs(time + (random >> 33) % (jitter + 1));
        events.push(Event { class: READ, place: Place([0; 4]), ..Event::new(time, kind) });
    };
    for transfer in 0..20u64 {
        let start = transfer * 50_000_000_000;
        push(start, SELECT);
        for bit in 0..2048 {
            let edge = start + 20_000_000 + bit * 20_000_000;
            push(edge - 10_000_000, FALL);
            push(edge - 8_000_000, MOSI);
            push(edge - 6_000_000, MISO);
            push(edge, RISE);
        }
        push(start + 45_000_000_000, DESELECT);
        push(start + 45_005_000_000, RELEASE);
    }
    events
}

fn checked(events: &[Event], mut checker: Checker) -> u64 {
    let mut findings = 0;
    for &event in events {
        checker.event(event, &mut |_| findings += 1);
    }
    findings + checker.finish(Time::MAX, &mut |_| ()).broken()
}

/// What a rule comes to, written out: broken, kept, least slack.
#[derive(Clone, Copy, Default)]
struct Plain {
    broken: u64,
    kept: u64,
    worst: i64,
}

impl Plain {
    #[inline]
    fn judge(&mut self, slack: i64) {
        self.broken += u64::from(slack < 0);
        self.kept += u64::from(slack >= 0);
        self.worst = self.worst.min(slack);
    }
}

/// A time and whether something was measured from it already.
#[derive(Clone, Copy, Default)]
struct Last(Option<Span>);

impl Last {
    #[inline]
    fn least(&mut self, now: Time, limit: i64, plain: &mut Plain) {
        if let Some(from) = self.0.take() {
            plain.judge((now.as_fs() - from.as_fs()).cast_signed() - limit);
        }
    }

    #[inline]
    fn set(&mut self, now: Time) {
        self.0 = Some(Span::from_fs(now.as_fs()));
    }
}

/// The checks of [`RULES`] without rows, places or distributions: the limit of what a table can reach.
fn by_hand(events: &[Event]) -> u64 {
    let mut rules = [Plain::default(); 15];
    let mut last = [Last::default(); 15];
    for event in events {
        let now = event.time;
        let mut least = |rule: usize, limit| last[rule].least(now, limit, &mut rules[rule]);
        match event.kind {
            RISE => {
                least(0, 7_500_000);
                least(2, 3_375_000);
                least(3, 5 * NS);
                least(6, 3 * NS);
                least(9, 2 * NS);
                least(14, NS);
                for rule in [0, 1, 4, 5, 10] {
                    last[rule].set(now);
                }
            }
            FALL => {
                least(1, 3_375_000);
                for rule in [2, 11, 12] {
                    last[rule].set(now);
                }
            }
            MOSI => {
                least(10, 3 * NS);
                last[9].set(now);
            }
            MISO => {
                if let Some(from) = last[11].0 {
                    rules[11].judge(6 * NS - (now.as_fs() - from.as_fs()).cast_signed());
                }
                last[12].least(now, 1_500_000, &mut rules[12]);
                last[14].set(now);
            }
            SELECT => {
                least(4, 5 * NS);
                least(7, 10 * NS);
                least(8, 50 * NS);
                last = [Last::default(); 15];
                last[3].set(now);
            }
            DESELECT => {
                least(5, 3 * NS);
                let ended = if event.class == READ { 7 } else { 8 };
                for rule in [6, ended, 13] {
                    last[rule].set(now);
                }
            }
            _ => {
                if let Some(from) = last[13].0 {
                    rules[13].judge(7 * NS - (now.as_fs() - from.as_fs()).cast_signed());
                }
            }
        }
    }
    black_box(rules).iter().map(|rule| rule.broken).sum()
}

fn spi(c: &mut Criterion) {
    let mut group = c.benchmark_group("timing/spi");
    for (name, jitter) in [("steady", 0), ("jittered", 400_000)] {
        let events = traffic(jitter);
        let checker = Checker::new(&RULES, &Params::new(), &CheckerOptions::default());
        assert_eq!(checked(&events, checker.clone()), 0);
        assert_eq!(by_hand(&events), 0);
        group.throughput(Throughput::Elements(events.len() as u64));
        group.bench_function(format!("{name}/checker"), |b| {
            b.iter_batched(
                || checker.clone(),
                |checker| checked(black_box(&events), checker),
                BatchSize::LargeInput,
            );
        });
        group.bench_function(format!("{name}/by hand"), |b| b.iter(|| by_hand(black_box(&events))));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = spi
}
criterion_main!(benches);
