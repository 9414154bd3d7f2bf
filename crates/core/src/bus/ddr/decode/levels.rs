//! The levels of all pins, whether they are wired up one by one or as groups.

use crate::bus::ddr::Standard;
use crate::bus::ddr::pins::{Frame, pin};
use crate::level::Level;
use crate::log::{Change, SignalId, Value};

/// What the pins show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Levels {
    /// The pins up to CK's complement, pin `i` in bit `i`.
    pub(super) command: Value,
    /// Data.
    pub(super) dq: Value,
    /// Strobes, or the inverse of their complements where only those are there.
    pub(super) dqs: Value,
    /// Masks.
    pub(super) dm: Value,
    /// Pins of `command` that have been mentioned.
    known: u64,
    /// Data wires and strobes have been mentioned.
    data: [bool; 2],
    /// Strobes whose true wire has been mentioned.
    true_strobes: u64,
    /// Masks that have been mentioned.
    masks: u64,
}

/// The pins of one group within a plane: where they begin, how many there are.
struct Group(u32, u32);

impl Group {
    const fn of(pin: SignalId) -> Option<Group> {
        match pin {
            pin::A => Some(Group(pin::a(0).0, pin::A_PINS)),
            pin::BA => Some(Group(pin::ba(0).0, pin::BA_PINS)),
            pin::BG => Some(Group(pin::bg(0).0, pin::BG_PINS)),
            pin::CS => Some(Group(pin::cs(0).0, pin::RANKS)),
            pin::CKE => Some(Group(pin::cke(0).0, pin::RANKS)),
            pin::ODT => Some(Group(pin::odt(0).0, pin::RANKS)),
            _ => None,
        }
    }

    const fn mask(&self) -> u64 {
        ((1 << self.1) - 1) << self.0
    }
}

impl Levels {
    /// Nothing is known, and what is not wired up does not matter: addresses low, CKE, CS#, ACT# and RESET# high.
    pub(super) fn new(standard: Standard) -> Levels {
        let idle = [pin::ACT, pin::RAS, pin::CAS, pin::WE, pin::RESET];
        let ranks = (0..pin::RANKS).flat_map(|rank| [pin::cs(rank), pin::cke(rank)]);
        let mut high = idle.into_iter().chain(ranks).fold(0, |high, pin| high | 1 << pin.0);
        if standard == Standard::Lpddr4 {
            high &= !Group(pin::cs(0).0, pin::RANKS).mask();
        }
        Levels {
            command: Value::known(high),
            dq: Value { bits: 0, unknown: u64::MAX },
            dqs: Value { bits: 0, unknown: u64::MAX },
            dm: Value { bits: 0, unknown: u64::MAX },
            known: 0,
            data: [false; 2],
            true_strobes: 0,
            masks: 0,
        }
    }

    /// Takes what changes.
    pub(super) fn take(&mut self, changes: &[Change]) {
        for change in changes {
            self.set(change.signal, change.value);
        }
    }

    fn set(&mut self, signal: SignalId, value: Value) {
        const DQ: u32 = pin::dq(0).0;
        const DQS: u32 = pin::dqs(0).0;
        const DQS_C: u32 = pin::dqs_c(0).0;
        const DM: u32 = pin::dm(0).0;
        match signal {
            pin::DQ => (self.dq, self.data[0]) = (value, true),
            pin::DQS => self.strobes(u64::MAX, value),
            pin::DQS_C => self.complements(u64::MAX, value),
            pin::DM => (self.dm, self.masks) = (value, u64::MAX),
            SignalId(n @ 0..=41) => {
                self.known |= 1 << n;
                self.command = self.command.with(n, value.level());
            }
            SignalId(n) if (DQ..DQS).contains(&n) => {
                self.data[0] = true;
                self.dq = self.dq.with(n - DQ, value.level());
            }
            SignalId(n) if (DQS..DQS_C).contains(&n) => self.strobes(1 << (n - DQS), shifted(value, n - DQS)),
            SignalId(n) if (DQS_C..DM).contains(&n) => {
                self.complements(1 << (n - DQS_C), shifted(value, n - DQS_C));
            }
            SignalId(n) if (DM..DM + pin::DQS_PINS).contains(&n) => {
                self.masks |= 1 << (n - DM);
                self.dm = self.dm.with(n - DM, value.level());
            }
            group => self.group(group, value),
        }
    }

    /// A group of command pins.
    fn group(&mut self, signal: SignalId, value: Value) {
        let Some(group) = Group::of(signal) else { return };
        let mask = group.mask();
        self.known |= mask;
        self.command = merged(self.command, mask, shifted(value, group.0));
    }

    fn strobes(&mut self, mask: u64, value: Value) {
        self.data[1] = true;
        self.true_strobes |= mask;
        self.dqs = merged(self.dqs, mask, value);
    }

    /// The complements serve where the true wires are not there.
    fn complements(&mut self, mask: u64, value: Value) {
        self.data[1] = true;
        let inverse = Value { bits: value.bits ^ !value.unknown, ..value };
        self.dqs = merged(self.dqs, mask & !self.true_strobes, inverse);
    }

    /// True if the pin has been mentioned, by itself or with its group.
    pub(super) const fn has(&self, pin: SignalId) -> bool {
        self.known >> pin.0 & 1 != 0
    }

    /// True if there are data wires and strobes.
    pub(super) const fn has_data(&self) -> bool {
        self.data[0] && self.data[1]
    }

    /// The clock: its true wire, or the inverse of its complement where only that is there.
    pub(super) fn clock(&self) -> Option<bool> {
        if self.has(pin::CK) {
            self.command.at(pin::CK.0).bit()
        } else if self.has(pin::CK_C) {
            self.command.at(pin::CK_C.0).bit().map(|high| !high)
        } else {
            None
        }
    }

    /// True while RESET# is low.
    pub(super) fn is_reset(&self) -> bool {
        self.command.at(pin::RESET.0) == Level::Low
    }

    /// The command pins as `rank` sees them.
    pub(super) fn frame(&self, standard: Standard, rank: u32) -> Frame {
        let at = |pin: SignalId| self.command.at(pin.0);
        let mut frame = Frame::new(self.command);
        if standard == Standard::Ddr4 {
            for (pin, shared) in [(pin::RAS, pin::a(16)), (pin::CAS, pin::a(15)), (pin::WE, pin::a(14))] {
                if !self.has(pin) && self.has(shared) {
                    frame = frame.with(pin, at(shared));
                }
            }
        }
        frame.with(Frame::CS, at(pin::cs(rank))).with(Frame::CKE, at(pin::cke(rank)))
    }

    /// The bytes that a write leaves as they are: DM high in DDR3 and LPDDR4, low in DDR4 and DDR5.
    pub(super) fn masked(&self, standard: Standard) -> u16 {
        let active_low = matches!(standard, Standard::Ddr4 | Standard::Ddr5);
        let bits = if active_low { !self.dm.bits } else { self.dm.bits };
        (bits & !self.dm.unknown & self.masks) as u16
    }
}

/// `old` with the wires of `mask` as in `new`.
const fn merged(old: Value, mask: u64, new: Value) -> Value {
    Value { bits: old.bits & !mask | new.bits & mask, unknown: old.unknown & !mask | new.unknown & mask }
}

/// Wire 0 becomes wire `by`.
const fn shifted(value: Value, by: u32) -> Value {
    Value { bits: value.bits << by, unknown: value.unknown << by }
}

/// The wires that differ.
pub(super) const fn differences(a: Value, b: Value) -> u64 {
    (a.bits ^ b.bits) | (a.unknown ^ b.unknown)
}
