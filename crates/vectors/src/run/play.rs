//! The steps of a vector, one after the other or at once.

use std::ops::Range;

use busproof_core::sim::{SimError, Stop};
use busproof_core::{Span, Time};

use super::bind::Unusable;
use super::rig::Rig;
use super::verdict::Complaint;
use crate::format::{At, Poll, Step, Until};

/// How the steps ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Done,
    OutOfTime,
}

/// What came of the steps.
pub(super) struct Played {
    pub(super) ending: Ending,
    /// Steps that were repeated in vain.
    pub(super) complaints: Vec<Complaint>,
}

/// The steps being done.
pub(super) struct Play<'r, 'a> {
    rig: &'r mut Rig<'a>,
    limit: Time,
    complaints: Vec<Complaint>,
    /// The step that was begun last, for messages.
    last: Range<usize>,
}

/// Whether there is time left.
type Going = Result<Ending, Unusable>;

impl<'r, 'a> Play<'r, 'a> {
    /// Nothing is done yet; everything must be by `limit`.
    pub(super) fn new(rig: &'r mut Rig<'a>, limit: Time) -> Play<'r, 'a> {
        Play { rig, limit, complaints: Vec::new(), last: 0..0 }
    }

    /// Does all steps. One begins when all before it are over, or at its own time.
    pub(super) fn steps(mut self, steps: &'a [Step]) -> Result<Played, Unusable> {
        let ending = self.all(steps)?;
        Ok(Played { ending, complaints: self.complaints })
    }

    fn all(&mut self, steps: &'a [Step]) -> Going {
        for step in steps {
            let begun = match &step.at {
                Some(at) => self.reach(at)?,
                None => self.finish()?,
            };
            self.last = step.span.clone();
            if begun == Ending::OutOfTime || self.step(step)? == Ending::OutOfTime {
                return Ok(Ending::OutOfTime);
            }
        }
        if self.finish()? == Ending::OutOfTime {
            return Ok(Ending::OutOfTime);
        }
        let tail = self.rig.lines.iter().map(|line| line.tail()).max().unwrap_or_default();
        let until = self.rig.bench.now().saturating_add(tail);
        self.pass(until)?;
        self.rig.settle();
        Ok(Ending::Done)
    }

    fn step(&mut self, step: &'a Step) -> Going {
        match step.poll {
            None => self.submit(step).map(|()| Ending::Done),
            Some(poll) => self.poll(step, poll),
        }
    }

    fn submit(&mut self, step: &'a Step) -> Result<(), Unusable> {
        let Rig { bench, lines, .. } = &mut *self.rig;
        lines[step.bus.0].submit(bench, step)
    }

    /// Does the step until what it is done for holds.
    fn poll(&mut self, step: &'a Step, poll: Poll) -> Going {
        let begin = self.rig.bench.now();
        let deadline = begin.saturating_add(poll.within);
        for attempts in 1u64.. {
            self.submit(step)?;
            if self.finish()? == Ending::OutOfTime {
                return Ok(Ending::OutOfTime);
            }
            let next = self.rig.bench.now().saturating_add(poll.every);
            let line = &mut self.rig.lines[step.bus.0];
            if line.is_met(poll.until) {
                break;
            }
            if next > deadline {
                self.complaints.push(in_vain(step, poll, attempts));
                break;
            }
            line.forgive();
            if next > self.limit {
                return Ok(Ending::OutOfTime);
            }
            self.pass(next)?;
        }
        Ok(Ending::Done)
    }

    /// Waits until everything is done.
    fn finish(&mut self) -> Going {
        while !self.rig.settle() {
            if self.run(self.limit)? != Stop::Requested {
                return Ok(Ending::OutOfTime);
            }
        }
        Ok(Ending::Done)
    }

    /// Waits until it is `at`, whatever is done then.
    fn reach(&mut self, at: &At<Span>) -> Going {
        let until = Time::ZERO.saturating_add(at.value);
        if until < self.rig.bench.now() {
            let message = format!(
                "{} is past: what stands before ended at {}; give these steps a time, too, or this one a later one",
                at.value,
                self.rig.bench.now()
            );
            return Err(Unusable::new(&at.span, message));
        }
        if until > self.limit {
            return Ok(Ending::OutOfTime);
        }
        self.pass(until)?;
        Ok(Ending::Done)
    }

    /// Lets time pass, whatever is done then.
    fn pass(&mut self, until: Time) -> Result<(), Unusable> {
        while self.run(until)? == Stop::Requested {
            self.rig.settle();
        }
        Ok(())
    }

    fn run(&mut self, until: Time) -> Result<Stop, Unusable> {
        let Rig { bench, log, .. } = &mut *self.rig;
        bench.run_until(until, log).map_err(|error: SimError| Unusable::new(&self.last, error.to_string()))
    }
}

fn in_vain(step: &Step, poll: Poll, attempts: u64) -> Complaint {
    let what = match poll.until {
        Until::Ack => "not acknowledged",
        Until::Expected => "not as expected",
    };
    let title = format!("{what} within {} (attempts: {attempts})", poll.within);
    Complaint { span: Some(step.span.clone()), code: "poll".into(), title, detail: Vec::new() }
}
