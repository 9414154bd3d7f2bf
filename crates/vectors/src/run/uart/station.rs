//! One end of a UART at work: steps that send, and steps that wait for what comes.

use std::collections::VecDeque;
use std::ops::Range;

use busproof_core::bus::uart::{Heard, Op, Port, Received, Ticket};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Span, Time};

use super::score::Tried;
use crate::compact::uart::OpKind;
use crate::format::Step;
use crate::run::rig::Attempt;
use crate::run::score::Mismatch;
use crate::run::timer::Timer;

/// An operation, and what the transmitter makes of it; `None` for a read.
pub(super) type Task<'a> = (&'a Range<usize>, &'a OpKind, Option<Op>);

/// Something that an end sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A frame.
    Frame(u16),
    /// A break.
    Break,
}

/// What an end can do at once.
enum Waiting {
    /// Whatever is next.
    Nothing,
    /// What it sends to be over.
    Sending(Ticket),
    /// A frame, but no longer than this.
    Reading(Time),
}

/// A step under way.
struct Job<'a> {
    step: &'a Step,
    tasks: VecDeque<Task<'a>>,
    waiting: Waiting,
    /// What was read; `None` where nothing came in time.
    read: Vec<Option<Received>>,
}

/// One end.
pub(super) struct Station<'a> {
    pub(super) port: AgentId<Port>,
    timer: AgentId<Timer>,
    /// How long a step waits for each frame.
    time_out: Span,
    jobs: VecDeque<Job<'a>>,
    /// Frames that came from the other end and were not read yet.
    unread: VecDeque<Received>,
    /// How many frames there were in all.
    heard: u64,
    /// Those that came from the other end.
    pub(super) received: Vec<u16>,
    /// What it sent, and where that is written.
    pub(super) said: Vec<(Range<usize>, Said)>,
    /// On a line that both ends share: what it sent and has not heard itself yet.
    echoes: Option<VecDeque<(Range<usize>, u16)>>,
    /// What it heard in place of what it sent.
    pub(super) collided: Vec<Mismatch>,
}

impl<'a> Station<'a> {
    /// An end on the bench; `shares` its line with the other.
    pub(super) fn new(port: AgentId<Port>, timer: AgentId<Timer>, time_out: Span, shares: bool) -> Self {
        Station {
            port,
            timer,
            time_out,
            jobs: VecDeque::new(),
            unread: VecDeque::new(),
            heard: 0,
            received: Vec::new(),
            said: Vec::new(),
            echoes: shares.then(VecDeque::new),
            collided: Vec::new(),
        }
    }

    /// Adds a step.
    pub(super) fn submit(&mut self, step: &'a Step, tasks: VecDeque<Task<'a>>) {
        self.jobs.push_back(Job { step, tasks, waiting: Waiting::Nothing, read: Vec::new() });
    }

    /// What was received and not read does not matter any more.
    pub(super) fn flush(&mut self) {
        self.unread.clear();
    }

    /// Goes on as far as it can. True if nothing is under way.
    pub(super) fn settle(&mut self, bench: &mut Bench, tried: &mut Vec<Tried<'a>>) -> bool {
        self.listen(bench);
        while let Some(mut job) = self.jobs.pop_front() {
            if !self.advance(&mut job, bench) {
                self.jobs.push_front(job);
                return false;
            }
            tried.push(Attempt { step: job.step, result: job.read, counts: true });
        }
        true
    }

    /// Takes what the receiver heard.
    fn listen(&mut self, bench: &mut Bench) {
        for heard in bench.agent_mut(self.port).receiver_mut().take_heard() {
            if let Heard::Frame(frame) = heard {
                self.heard += 1;
                self.take_in(frame);
            }
        }
    }

    /// A frame is the other end's, unless this end is sending on the same line.
    fn take_in(&mut self, frame: Received) {
        match self.echoes.as_mut().and_then(VecDeque::pop_front) {
            None => {
                self.received.push(frame.data);
                self.unread.push_back(frame);
            }
            Some((_, sent)) if sent == frame.data => {}
            Some((span, sent)) => {
                let title = format!("sent {sent:02x}, and heard {:02x} on the same line", frame.data);
                self.collided.push(Mismatch::new(&span, title));
            }
        }
    }

    /// Goes on with a step. True if it is done.
    fn advance(&mut self, job: &mut Job<'a>, bench: &mut Bench) -> bool {
        loop {
            let goes_on = match job.waiting {
                Waiting::Sending(ticket) => self.is_sent(ticket, bench),
                Waiting::Reading(until) => self.read(job, until, bench),
                Waiting::Nothing => true,
            };
            if !goes_on {
                return false;
            }
            job.waiting = match job.tasks.front() {
                None => return true,
                Some((_, _, None)) => Waiting::Reading(bench.now().saturating_add(self.time_out)),
                Some(_) => Waiting::Sending(self.send(job, bench)),
            };
        }
    }

    fn is_sent(&mut self, ticket: Ticket, bench: &mut Bench) -> bool {
        if bench.agent_mut(self.port).transmitter_mut().take(ticket).is_none() {
            return false;
        }
        for (span, sent) in self.echoes.iter_mut().flat_map(|echoes| echoes.drain(..)) {
            let title = format!("sent {sent:02x}, and heard nothing on the same line");
            self.collided.push(Mismatch::new(&span, title));
        }
        true
    }

    /// Reads what there is. False if a frame is still to be waited for.
    fn read(&mut self, job: &mut Job<'a>, until: Time, bench: &mut Bench) -> bool {
        let Some(&(span, _, None)) = job.tasks.front() else { return true };
        if let Some(frame) = self.unread.pop_front() {
            self.wait_until(Time::MAX, bench);
            job.tasks.pop_front();
            job.read.push(Some(frame));
            return true;
        }
        if bench.now() < until {
            self.wait_until(until, bench);
            return false;
        }
        self.wait_until(Time::MAX, bench);
        // Nor will come what else this item waits for.
        while job.tasks.front().is_some_and(|task| task.0 == span && task.2.is_none()) {
            job.tasks.pop_front();
            job.read.push(None);
        }
        true
    }

    /// The bench stops at the next frame, or at that time; for [`Time::MAX`] at neither.
    fn wait_until(&self, until: Time, bench: &mut Bench) {
        let awaited = if until == Time::MAX { u64::MAX } else { self.heard + 1 };
        bench.agent_mut(self.port).receiver_mut().await_frames(awaited);
        bench.agent_mut(self.timer).0 = until;
    }

    /// Sends everything up to the next read.
    fn send(&mut self, job: &mut Job<'a>, bench: &mut Bench) -> Ticket {
        let mut ops = Vec::new();
        while let Some((span, kind, Some(op))) = job.tasks.pop_front_if(|task| task.2.is_some()) {
            self.note(span, kind);
            ops.push(op);
        }
        let ticket = bench.agent_mut(self.port).transmitter_mut().submit(&ops);
        ticket.expect("what a script sends fits into the frames it was written for")
    }

    /// Notes what is going to be on the line.
    fn note(&mut self, span: &Range<usize>, kind: &OpKind) {
        let said: &[Said] = match *kind {
            OpKind::Send(data) => &[Said::Frame(data)],
            OpKind::Break(_) => &[Said::Break],
            OpKind::LinHeader(id) => &[
                Said::Break,
                Said::Frame(0x55),
                Said::Frame(u16::from(busproof_core::bus::uart::lin_id(id))),
            ],
            OpKind::Read { .. } | OpKind::Wait(_) | OpKind::Idle(_) => &[],
        };
        for &said in said {
            self.said.push((span.clone(), said));
            if let (Some(echoes), Said::Frame(data)) = (&mut self.echoes, said) {
                echoes.push_back((span.clone(), data));
            }
        }
    }
}
