//! What is said of crossings in one place, as of a bus.

use super::{CODES, pin, rules};
use crate::bus::{BusInfo, Role};
use crate::log::SignalId;

/// Crossings: rules, codes, and the pins of those that carry words. They are no bus, so the table of buses does not list
/// them.
pub const INFO: BusInfo = BusInfo {
    name: "crossings",
    summary: "clock-domain crossings: synchronisers, request and acknowledge, FIFO",
    roles: &ROLES,
    options: &[],
    params: rules::PARAMS,
    derived: &[],
    rules: rules::RULES,
    events: rules::event::NAMES,
    codes: CODES,
    checks: rules::CHECKS,
};

const SUMMARIES: [&str; pin::COUNT] = [
    "the clock of the source",
    "the source offers a word",
    "the crossing takes it",
    "the word, as a group or a single wire",
    "the clock of the destination",
    "the crossing offers a word",
    "the destination takes it",
    "the word, as a group or a single wire",
    "request, as it crosses",
    "acknowledge, as it crosses",
    "the request as the destination sees it",
    "the acknowledge as the source sees it",
    "the write pointer, as it crosses",
    "the read pointer, as it crosses",
    "the write pointer as the destination sees it",
    "the read pointer as the source sees it",
];

const ALIASES: [[&str; 1]; pin::COUNT] = {
    let mut aliases = [[""]; pin::COUNT];
    let mut i = 0;
    while i < pin::COUNT {
        aliases[i] = [pin::NAMES[i]];
        i += 1;
    }
    aliases
};

const ROLES: [Role; pin::COUNT] = {
    let first = Role { name: "", pin: SignalId(0), aliases: &[], wires: 1, summary: "" };
    let mut roles = [first; pin::COUNT];
    let mut i = 0;
    while i < pin::COUNT {
        let pin = SignalId(i as u32);
        let is_group = matches!(pin, pin::SRC_DATA | pin::DST_DATA) || i >= pin::WPTR.index();
        let wires = if is_group { 64 } else { 1 };
        roles[i] = Role { name: pin::NAMES[i], pin, aliases: &ALIASES[i], wires, summary: SUMMARIES[i] };
        i += 1;
    }
    roles
};
