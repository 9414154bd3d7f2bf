//! Words on their way from a source to a destination, in handshakes and crossings alike.

use std::collections::VecDeque;
use std::ops::Range;

use busproof_core::align::distance;
use busproof_core::bus::handshake::{Sender, Ticket};
use busproof_core::sim::{Agent, AgentId, Bench};
use busproof_core::{Bits, Span, Time, Value};

use super::bind::{Bound, Unusable};
use super::score::{self, Mismatch};
use super::timer::Timer;
use crate::compact::link::{Op, OpKind};
use crate::format::{Ops, Step};

/// An agent that sends words.
pub(super) trait Source: Agent {
    /// Stands for words that were handed over.
    type Ticket: Copy;

    /// Takes words, to send them after all before.
    fn submit(&mut self, words: &[u64]) -> Self::Ticket;

    /// True once they are sent; only once.
    fn is_sent(&mut self, ticket: Self::Ticket) -> bool;
}

impl Source for Sender {
    type Ticket = Ticket;

    fn submit(&mut self, words: &[u64]) -> Ticket {
        Sender::submit(self, words)
    }

    fn is_sent(&mut self, ticket: Ticket) -> bool {
        self.take(ticket).is_some()
    }
}

/// The source at work on the steps of a vector.
pub(super) struct Feed<'a, S: Source> {
    pub(super) source: AgentId<S>,
    timer: AgentId<Timer>,
    /// How long words may take; `None`: as long as they like.
    time_out: Option<Span>,
    tasks: VecDeque<Task>,
    waiting: Waiting<S::Ticket>,
    /// What was to be sent, and where that is written.
    sent: Vec<(&'a Range<usize>, u64)>,
    /// What must arrive.
    awaited: Vec<(&'a Range<usize>, Option<&'a Bits>)>,
}

enum Task {
    Send(Vec<u64>),
    Wait(Span),
}

/// What the source is doing.
#[derive(Clone, Copy)]
enum Waiting<T> {
    /// Nothing.
    Nothing,
    /// These words are on their way, and given up then.
    Words(T, Time),
    /// Time passes.
    Until(Time),
}

impl<'a, S: Source> Feed<'a, S> {
    /// A source on the bench; `name` is what its timer is called.
    pub(super) fn new(
        bench: &mut Bench,
        name: &str,
        source: AgentId<S>,
        time_out: Option<Span>,
    ) -> Feed<'a, S> {
        let timer = bench.add_agent(&format!("{name}-timer"), Timer(Time::MAX), &[]);
        let (tasks, waiting) = (VecDeque::new(), Waiting::Nothing);
        Feed { source, timer, time_out, tasks, waiting, sent: Vec::new(), awaited: Vec::new() }
    }

    /// Adds a step.
    pub(super) fn submit(&mut self, bound: &Bound<'_>, step: &'a Step) -> Result<(), Unusable> {
        for Op { span, kind } in operations(step) {
            match kind {
                OpKind::Send(word) => {
                    self.sent.push((span, *word));
                    match self.tasks.back_mut() {
                        Some(Task::Send(words)) => words.push(*word),
                        _ => self.tasks.push_back(Task::Send(vec![*word])),
                    }
                }
                OpKind::Read { expect } => self.awaited.push((span, expect.as_ref())),
                OpKind::Wait(time) => {
                    let span = bound.bus_time(step.bus, None, time, span)?;
                    self.tasks.push_back(Task::Wait(span));
                }
            }
        }
        Ok(())
    }

    /// Goes on as far as it can. True if nothing is under way.
    pub(super) fn settle(&mut self, bench: &mut Bench) -> bool {
        while self.is_over(bench) {
            let now = bench.now();
            self.waiting = match self.tasks.pop_front() {
                None => {
                    self.set_timer(Time::MAX, bench);
                    return true;
                }
                Some(Task::Wait(span)) => Waiting::Until(now.saturating_add(span)),
                Some(Task::Send(words)) => {
                    let ticket = bench.agent_mut(self.source).submit(&words);
                    Waiting::Words(ticket, self.time_out.map_or(Time::MAX, |span| now.saturating_add(span)))
                }
            };
            let (Waiting::Words(_, until) | Waiting::Until(until)) = self.waiting else { continue };
            self.set_timer(until, bench);
        }
        false
    }

    fn set_timer(&self, until: Time, bench: &mut Bench) {
        bench.agent_mut(self.timer).0 = until;
    }

    fn is_over(&mut self, bench: &mut Bench) -> bool {
        let over = match self.waiting {
            Waiting::Nothing => true,
            Waiting::Words(ticket, until) => {
                bench.agent_mut(self.source).is_sent(ticket) || bench.now() >= until
            }
            Waiting::Until(until) => bench.now() >= until,
        };
        if over {
            self.waiting = Waiting::Nothing;
        }
        over
    }

    /// What arrived and is not as expected.
    pub(super) fn unexpected(&self, arrived: &[Bits]) -> Vec<Mismatch> {
        let pairs = self.awaited.iter().zip(arrived).map(|((span, want), got)| (*span, (*want, got)));
        let mut all = score::unexpected(pairs);
        let missing = self.awaited.get(arrived.len()..).unwrap_or_default();
        if let Some((span, _)) = missing.first() {
            let title = format!("{} fewer than expected arrived", words(missing.len()));
            all.push(Mismatch {
                span: (*span).clone(),
                count: missing.len() as u64,
                title,
                detail: Vec::new(),
            });
        }
        all
    }

    /// What was sent and did not arrive like that; `counts` says which words arrive as themselves at all.
    pub(super) fn garbled(
        &self,
        arrived: &[Bits],
        counts: impl Fn(Option<u64>, u64) -> bool,
    ) -> Option<Mismatch> {
        let mut last = None;
        let is_told = |sent: &&(&Range<usize>, u64)| {
            let counts = counts(last, sent.1);
            last = Some(sent.1);
            counts
        };
        let sent: Vec<_> = self.sent.iter().filter(is_told).copied().collect();
        let alike =
            |(sent, got): &(&(&Range<usize>, u64), &Bits)| got.is_known() && got.to_u64() == Some(sent.1);
        let before = sent.iter().zip(arrived).take_while(alike).count();
        let (wrong, got) = (&sent[before..], &arrived[before..]);
        let behind = wrong.iter().rev().zip(got.iter().rev()).take_while(alike).count();
        let (wrong, got) = (&wrong[..wrong.len() - behind], &got[..got.len() - behind]);
        let values: Vec<Option<u64>> = wrong.iter().map(|sent| Some(sent.1)).collect();
        let arrived: Vec<Option<u64>> =
            got.iter().map(|got| got.to_u64().filter(|_| got.is_known())).collect();
        let count = distance(&values, &arrived) as u64;
        let span = wrong.first().map(|sent| sent.0).or(self.sent.last().map(|sent| sent.0));
        let sent = spelt(wrong.iter().map(|sent| format!("{:02x}", sent.1)));
        let title = format!("sent {sent}, and {} arrived", spelt(got.iter().map(Bits::to_string)));
        (count > 0).then(|| Mismatch {
            span: span.cloned().unwrap_or_default(),
            count,
            title,
            detail: Vec::new(),
        })
    }
}

/// The operations of a step.
fn operations(step: &Step) -> &[Op] {
    match &step.ops {
        Ops::Link(ops) => ops,
        Ops::Spi(..) | Ops::I2c(_) | Ops::Uart(_) => &[],
    }
}

/// A value of so many wires as a word.
pub(super) fn word(value: Value, width: u32) -> Bits {
    Bits::with_unknown(value.bits, value.unknown, width)
}

fn words(count: usize) -> String {
    if count == 1 { "a word".to_owned() } else { format!("{count} words") }
}

/// At most 16 words.
fn spelt(words: impl ExactSizeIterator<Item = String>) -> String {
    let count = words.len();
    if count == 0 {
        return "nothing".to_owned();
    }
    let more = if count > 16 { format!(" ... ({count} words)") } else { String::new() };
    words.take(16).collect::<Vec<_>>().join(" ") + &more
}
