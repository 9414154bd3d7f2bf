//! What is doubtful about a memory's numbers.

use busproof_core::bus::ddr::rules::{T_FAW, T_RAS, T_RC, T_REFI, T_RFC, T_RP, T_RRD, T_RRD_L, T_RRD_S};

use super::Memory;
use crate::lint::Lint;

/// All doubts: unverified numbers in the order of the file, then contradictions.
pub fn lint(memory: &Memory) -> Vec<Lint> {
    let unverified = memory.numbers().iter().filter(|number| number.is_unverified());
    let mut lints: Vec<Lint> = unverified
        .map(|n| Lint::Unverified { section: n.section, name: n.name.clone(), value: n.value.clone() })
        .collect();
    lints.extend(contradictions(memory).into_iter().map(Lint::Suspicious));
    lints
}

fn contradictions(memory: &Memory) -> Vec<String> {
    let clocks = |param| memory.clocks(param);
    let mut found = Vec::new();
    if let (Some(ras), Some(rp), Some(rc)) = (clocks(T_RAS), clocks(T_RP), clocks(T_RC))
        && rc < ras + rp
    {
        found.push(format!("tRC is {rc} clocks, less than tRAS and tRP together, which are {}", ras + rp));
    }
    if let (Some(rfc), Some(refi)) = (clocks(T_RFC), clocks(T_REFI))
        && rfc >= refi
    {
        found.push("tRFC is as long as tREFI: the memory does nothing but refresh".to_owned());
    }
    if let (Some(short), Some(long)) = (clocks(T_RRD_S), clocks(T_RRD_L))
        && short > long
    {
        found.push("tRRD_S is longer than tRRD_L".to_owned());
    }
    if let (Some(faw), Some(rrd)) = (clocks(T_FAW), clocks(T_RRD_S).or(clocks(T_RRD)))
        && faw < 4 * rrd
    {
        found.push(
            "tFAW is shorter than four times the shortest tRRD, so that it never holds anything up"
                .to_owned(),
        );
    }
    found
}
