//! Takes pictures of findings while the waveform passes by: a few recent changes per signal are kept, and when a rule is
//! broken for the first time they are put aside, with some of what follows.

use busproof_vectors::chart::{last_part, state};
use std::cell::RefCell;
use std::collections::VecDeque;

use busproof_core::mapping::Tap;
use busproof_core::timing::{Finding, Rule};
use busproof_core::{Change, Observer, SignalId, Span, Time, Value};
use busproof_plot::{Diagram, Lane, Marker};

use super::ledger::Ledger;

/// Changes that are kept per signal.
const KEPT: usize = 48;
/// Instants that are recorded after a finding.
const AFTER: u32 = 24;

/// The recent changes of a signal.
type Past = VecDeque<(Time, Value)>;

/// The pins whose edges a finding is about, among those of a tap.
type PinsOf = fn(&Finding, &Tap) -> Vec<SignalId>;

/// A signal as it is shown.
pub(crate) struct Seen {
    /// What it is called.
    pub(crate) name: String,
    /// How many wires it has.
    pub(crate) wires: u32,
}

/// A finding and the changes around it.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    /// The finding.
    finding: Finding,
    pasts: Vec<Past>,
    /// Instants that are still to be recorded.
    open: u32,
    /// How much to show before a finding about an instant.
    reach: Span,
    /// The signals of the picture, from top to bottom.
    signals: Vec<SignalId>,
}

/// An observer that takes pictures of what the ledger notes.
pub(crate) struct Camera<'a> {
    ledger: &'a RefCell<Ledger>,
    taps: &'a [Tap],
    pins_of: PinsOf,
    reach: Span,
    pasts: Vec<Past>,
    shots: Vec<Shot>,
}

impl<'a> Camera<'a> {
    /// A camera for a waveform of so many signals; it must see each instant after the judge. What is found about an instant
    /// is shown with what came before, as far as `reach`.
    pub(crate) fn new(
        ledger: &'a RefCell<Ledger>,
        taps: &'a [Tap],
        signals: usize,
        pins_of: PinsOf,
        reach: Span,
    ) -> Camera<'a> {
        Camera { ledger, taps, pins_of, reach, pasts: vec![Past::new(); signals], shots: Vec::new() }
    }

    /// The pictures, one per broken rule.
    pub(crate) fn shots(self) -> Vec<Shot> {
        self.shots
    }

    fn shoot_fresh(&mut self) {
        let fresh = self.ledger.borrow_mut().take_fresh();
        for finding in fresh {
            self.shoot(finding);
        }
    }

    fn shoot(&mut self, finding: Finding) {
        let tap = self.taps.iter().find(|tap| tap.point == Some(finding.rule.at)).or(self.taps.first());
        let signals = tap.map(|tap| self.signals_of(&finding, tap)).unwrap_or_default();
        self.shots.push(Shot { finding, pasts: self.pasts.clone(), open: AFTER, reach: self.reach, signals });
    }

    /// The signals whose edges were measured.
    fn signals_of(&self, finding: &Finding, tap: &Tap) -> Vec<SignalId> {
        let signal = |pin: &SignalId| tap.pins.iter().find(|mapped| mapped.1 == *pin).map(|mapped| mapped.0);
        (self.pins_of)(finding, tap).iter().filter_map(signal).collect()
    }
}

impl Observer for Camera<'_> {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        for shot in self.shots.iter_mut().filter(|shot| shot.open > 0) {
            shot.open -= 1;
            for change in changes {
                shot.pasts[change.signal.index()].push_back((t, change.value));
            }
        }
        for change in changes {
            let past = &mut self.pasts[change.signal.index()];
            if past.len() == KEPT {
                past.pop_front();
            }
            past.push_back((t, change.value));
        }
        self.shoot_fresh();
    }

    fn finish(&mut self, _: Time) {
        self.shoot_fresh();
    }
}

impl Shot {
    /// True if it shows the first finding of `rule`.
    pub(crate) fn is_of(&self, rule: &Rule) -> bool {
        std::ptr::eq(self.finding.rule, rule)
    }

    /// The picture: the edges with the measured interval, and the edges next to them.
    pub(crate) fn diagram(&self, signals: &[Seen], label: String) -> Diagram {
        let Finding { from, to, .. } = self.finding;
        let (before, after) = self.margins();
        let lanes = self.signals.iter().map(|signal| Lane {
            name: last_part(&signals[signal.index()].name).to_owned(),
            changes: self.pasts[signal.index()]
                .iter()
                .map(|&(t, value)| (t, state(value, signals[signal.index()].wires)))
                .collect(),
        });
        Diagram {
            from: from.saturating_sub(before),
            to: to.saturating_add(after),
            origin: from,
            lanes: lanes.collect(),
            marker: Some(Marker { from, to, label }),
        }
    }

    /// How much to show before and after.
    fn margins(&self) -> (Span, Span) {
        let reach = self.reach.as_fs();
        if self.finding.from == self.finding.to && reach > 0 {
            return (Span::from_fs(reach.saturating_add(reach / 8)), Span::from_fs(reach / 4));
        }
        let pad = Span::from_fs(self.margin());
        (pad, pad)
    }

    /// How much to show on either side, in femtoseconds: enough to see the nearest other edge, unless that would make
    /// the interval too small to see.
    fn margin(&self) -> u64 {
        let Finding { from, to, grid, .. } = self.finding;
        let (from, to) = (from.as_fs(), to.as_fs());
        let times = || self.signals.iter().flat_map(|s| self.pasts[s.index()].iter().map(|c| c.0.as_fs()));
        let before = times().filter(|&t| t < from).map(|t| from - t).min();
        let after = times().filter(|&t| t > to).map(|t| t - to).min();
        let nearest = before.into_iter().chain(after).max().unwrap_or(0);
        let nearest = nearest.saturating_add(nearest / 3);
        if from == to {
            return nearest.max(1_000);
        }
        let length = (to - from).max(grid.as_fs());
        nearest.clamp(length - length / 4, length.saturating_mul(6))
    }
}
