//! A host reads registers of an FPGA over a link: waiting for each reply, or with several requests under way.
//!
//! ```text
//! one at a time   host  request ........ idle ........ work | request ........ idle ........ work |
//!                 link          ==req==        ==reply==            ==req==        ==reply==
//!                 FPGA                  access                              access
//!
//! up to four      host  req req req req . work . work . work . work ...
//!                 link     ==req==req==req==req==         both ways at once, where the link can
//!                                    ==reply==reply==reply==reply==
//! ```
//!
//! A request is a 16-bit address, a reply a 16-bit word. The FPGA takes [`Accesses::access_time`] for each, one after the other, and
//! the host [`Accesses::work`] to use a reply.
//!
//! | link | how |
//! |---|---|
//! | `uart` | a line each way, two frames a message |
//! | `spi` | one at a time: address, pause, word in one transfer. More: each transfer carries an address out and brings the word asked for one transfer before, from four on two transfers before, and begins when that is ready |
//! | `i2c` | address written, repeated START, word read; the FPGA stretches the clock. Requests wait in the controller: the wires take one at a time |
//! | handshakes | a channel each way, two bytes a message |

mod busy;
mod handshake;
mod i2c;
mod registers;
mod spi;
mod uart;

use std::collections::VecDeque;

use busproof_core::bus::handshake::Protocol;
use busproof_core::sim::Bench;
use busproof_core::{Span, Time};

use crate::link::{Conditions, Link, LinkError, MAX_ACCESSES, MAX_OUTSTANDING};
use busy::Busy;
use registers::word_at;

/// What the host does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accesses {
    /// How many registers it reads.
    pub count: u32,
    /// How many requests may be under way or wait to be used; 1: it waits for each reply.
    pub outstanding: u32,
    /// How long the FPGA takes for each.
    pub access_time: Span,
    /// How long the host takes to use a reply.
    pub work: Span,
}

impl Accesses {
    fn check(&self) -> Result<(), LinkError> {
        let Accesses { count, outstanding, .. } = *self;
        if (1..=MAX_ACCESSES).contains(&count) && (1..=MAX_OUTSTANDING).contains(&outstanding) {
            Ok(())
        } else {
            Err(LinkError::Accesses { accesses: count, outstanding })
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccessReport {
    /// Over which link.
    pub link: Link,
    /// How many requests could be under way.
    pub outstanding: u32,
    /// From request to reply, on average.
    pub mean_latency: Span,
    /// The longest.
    pub worst_latency: Span,
    /// From the first request until the last reply had been used.
    pub total: Span,
    /// Accesses a second.
    pub per_second: f64,
    /// For what part of the time the link was in use: something travelled either way, or it was held for a reply.
    pub utilisation: f64,
    /// For what part of the time the host had nothing to do but wait.
    pub idle: f64,
}

/// Both ends of a link that carries requests one way and replies the other.
trait Channel {
    /// The bench.
    fn bench(&mut self) -> &mut Bench;
    /// The host asks for the word at `address`.
    fn request(&mut self, address: u16) -> Result<(), LinkError>;
    /// The host has asked for all that it wants.
    fn close(&mut self) {}
    /// Does what is due at the FPGA. Returns when there is more to be done, other than by the bench.
    fn attend(&mut self) -> Result<Time, LinkError>;
    /// Replies that have come, in order.
    fn take_replies(&mut self) -> Vec<Reply>;
    /// When it was in use.
    fn busy(&mut self) -> &mut Busy;
}

/// A word at the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reply {
    at: Time,
    /// `None` if it was not readable.
    word: Option<u16>,
}

/// Lets a host read registers over `link`, and measures.
pub fn access(link: Link, conditions: &Conditions, accesses: &Accesses) -> Result<AccessReport, LinkError> {
    conditions.check()?;
    accesses.check()?;
    let mut channel = open(link, conditions, accesses)?;
    let mut host = Host::new(link, *accesses);
    let period = conditions.period(link);
    let start = Time::ZERO + period * REST;
    channel.bench().run_until(start, &mut ())?;
    while !host.is_done(channel.bench().now()) {
        let due = channel.attend()?;
        host.take(&channel.take_replies())?;
        let now = channel.bench().now();
        match host.step(now, &mut *channel)? {
            Step::Acted => {}
            Step::Waits => {
                let patience = now + period * PATIENCE + accesses.access_time * accesses.outstanding as u64;
                let limit = due.min(host.free_at(now)).min(patience);
                channel.bench().run_until(limit, &mut ())?;
                if channel.bench().now() >= patience {
                    return Err(LinkError::NoReply { link, access: host.answered });
                }
            }
        }
    }
    Ok(host.report(start, channel.bench().now(), channel.busy()))
}

/// Periods in which the wires come to rest before the first request.
const REST: u64 = 64;
/// Periods after which a reply is not expected to come any more, beyond the time of the accesses before it.
const PATIENCE: u64 = 65_536;

fn open(link: Link, conditions: &Conditions, accesses: &Accesses) -> Result<Box<dyn Channel>, LinkError> {
    let handshake = |protocol| handshake::Wires::new(protocol, conditions, link, accesses.access_time);
    Ok(match link {
        Link::Uart => Box::new(uart::Lines::new(conditions.hertz(link), accesses.access_time)?),
        Link::Spi => Box::new(spi::Transfers::new(conditions.hertz(link), accesses)?),
        Link::I2c => Box::new(i2c::Transfers::new(conditions, accesses.access_time)?),
        Link::FourPhase => Box::new(handshake(Protocol::FourPhase)?),
        Link::TwoPhase => Box::new(handshake(Protocol::TwoPhase)?),
        Link::DualRail => Box::new(handshake(Protocol::DualRail)?),
        Link::ValidReady => return Err(LinkError::OneWay(link)),
    })
}

/// The host: asks as soon as it may, and otherwise uses what has come.
struct Host {
    link: Link,
    accesses: Accesses,
    asked: u32,
    answered: u32,
    used: u32,
    /// When each request that is under way was made.
    under_way: VecDeque<Time>,
    busy_until: Time,
    latencies: Latencies,
}

#[derive(Clone, Copy, Debug, Default)]
struct Latencies {
    sum: u128,
    worst: Span,
}

/// What the host did.
enum Step {
    Acted,
    Waits,
}

impl Host {
    fn new(link: Link, accesses: Accesses) -> Host {
        Host {
            link,
            accesses,
            asked: 0,
            answered: 0,
            used: 0,
            under_way: VecDeque::new(),
            busy_until: Time::ZERO,
            latencies: Latencies::default(),
        }
    }

    fn is_done(&self, now: Time) -> bool {
        self.used == self.accesses.count && now >= self.busy_until
    }

    /// When it has used the reply that it is at, if any.
    fn free_at(&self, now: Time) -> Time {
        if self.busy_until > now { self.busy_until } else { Time::MAX }
    }

    /// Replies come in the order of the requests.
    fn take(&mut self, replies: &[Reply]) -> Result<(), LinkError> {
        for reply in replies {
            let wrong = LinkError::NoReply { link: self.link, access: self.answered };
            let Some(asked) = self.under_way.pop_front() else { return Err(wrong) };
            if reply.word != Some(word_at(address(self.answered))) {
                return Err(wrong);
            }
            let latency = reply.at.since(asked);
            self.latencies.sum += latency.as_fs() as u128;
            self.latencies.worst = self.latencies.worst.max(latency);
            self.answered += 1;
        }
        Ok(())
    }

    fn step(&mut self, now: Time, channel: &mut dyn Channel) -> Result<Step, LinkError> {
        if now < self.busy_until {
            return Ok(Step::Waits);
        }
        // A request counts until its reply has been used: a host of one at a time asks, waits, uses, and asks again.
        let may_ask = self.asked - self.used < self.accesses.outstanding;
        if self.asked < self.accesses.count && may_ask {
            channel.request(address(self.asked))?;
            self.under_way.push_back(now);
            self.asked += 1;
            if self.asked == self.accesses.count {
                channel.close();
            }
            return Ok(Step::Acted);
        }
        if self.used == self.answered {
            return Ok(Step::Waits);
        }
        self.used += 1;
        self.busy_until = now + self.accesses.work;
        Ok(Step::Acted)
    }

    fn report(&self, start: Time, end: Time, busy: &mut Busy) -> AccessReport {
        let Accesses { count, outstanding, work, .. } = self.accesses;
        let total = end.since(start);
        let part = |span: Span| span.as_fs() as f64 / total.as_fs() as f64;
        AccessReport {
            link: self.link,
            outstanding,
            mean_latency: Span::from_fs((self.latencies.sum / count as u128) as u64),
            worst_latency: self.latencies.worst,
            total,
            per_second: count as f64 / (total.as_fs() as f64 * 1e-15),
            utilisation: part(busy.until(end)),
            idle: 1.0 - part(work * count as u64),
        }
    }
}

/// The register of an access: one after the other. The upper half of addresses is for none.
const fn address(access: u32) -> u16 {
    (access & 0x7fff) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINKS: [Link; 6] =
        [Link::Uart, Link::Spi, Link::I2c, Link::FourPhase, Link::TwoPhase, Link::DualRail];

    fn run(link: Link, outstanding: u32, work_us: u64) -> AccessReport {
        let accesses =
            Accesses { count: 50, outstanding, access_time: Span::from_us(5), work: Span::from_us(work_us) };
        access(link, &Conditions::default(), &accesses).unwrap()
    }

    #[test]
    fn every_access_is_answered_with_the_word_that_was_asked_for() {
        for link in LINKS {
            for outstanding in [1, 2, 3, 16, 100] {
                let report = run(link, outstanding, 0);
                assert!(report.worst_latency >= report.mean_latency, "{report:?}");
                assert!((0.0..=1.0).contains(&report.utilisation), "{report:?}");
                assert!((report.idle - 1.0).abs() < 1e-9, "no work to do: {report:?}");
            }
        }
    }

    /// Four frames of ten bits at 1 MHz, less the end of the stop bit that the receiver does not wait for, and 5 us.
    #[test]
    fn a_uart_that_waits_takes_request_access_and_reply() {
        let us = run(Link::Uart, 1, 0).mean_latency.as_fs() as f64 / 1e9;
        assert!((44.0..45.5).contains(&us), "{us}");
    }

    /// Both directions at once: with several under way only the longer of the two counts.
    #[test]
    fn links_that_go_both_ways_gain_from_not_waiting() {
        for link in [Link::Uart, Link::Spi, Link::FourPhase, Link::TwoPhase, Link::DualRail] {
            let (one, four) = (run(link, 1, 10), run(link, 4, 10));
            assert!(four.per_second > 1.2 * one.per_second, "{link}: {one:?} {four:?}");
            assert!(four.idle < one.idle && four.utilisation > one.utilisation, "{link}: {one:?} {four:?}");
        }
    }

    /// Wires that take one access at a time gain no more than the host's own work.
    #[test]
    fn i2c_gains_the_work_of_the_host_and_nothing_else() {
        let (one, four) = (run(Link::I2c, 1, 10), run(Link::I2c, 4, 10));
        let gain = (one.total.as_fs() - four.total.as_fs()) as f64 / 1e9 / 49.0;
        assert!((9.0..=10.5).contains(&gain), "{gain} us for each access");
        assert!(four.utilisation > 0.95 && four.mean_latency > one.mean_latency * 3, "{four:?}");
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        let accesses = Accesses { count: 1, outstanding: 1, access_time: Span::ZERO, work: Span::ZERO };
        let refused = |link, accesses| access(link, &Conditions::default(), &accesses).unwrap_err();
        assert_eq!(refused(Link::ValidReady, accesses), LinkError::OneWay(Link::ValidReady));
        for bad in [Accesses { count: 0, ..accesses }, Accesses { outstanding: 0, ..accesses }] {
            assert!(matches!(refused(Link::Uart, bad), LinkError::Accesses { .. }));
        }
        let weak = Conditions { pull_up_ohm: 1e9, ..Conditions::default() };
        let error = access(Link::I2c, &weak, &accesses).unwrap_err();
        assert_eq!(error, LinkError::NoReply { link: Link::I2c, access: 0 });
    }
}
