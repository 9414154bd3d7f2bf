//! Whether the pull-ups fit the bus, and which resistors would do.

use busproof_core::Time;
use busproof_core::bus::{Diagnostic, Severity};
use busproof_parts::Part;
use busproof_parts::advice::{Assessment, Fit, Wires, assess};

use crate::format::i2c::Bus;
use crate::run::verdict::Advice;

/// What a pull-up that is too weak explains.
const SLOW: &[&str] = &["tr", "trDA", "trCL", "trCL1"];

/// What to say of edges that are too slow; nothing if the pull-up is strong enough.
pub(super) fn too_weak(standard: &Part, bus: &Bus) -> Option<Advice> {
    let found = assessed(standard, bus).filter(|found| found.fit == Fit::TooSlow)?;
    Some(Advice { codes: SLOW, lines: vec![found.to_string()] })
}

/// A pull-up that drivers need not be able to hold down. Those on the bench can: no edge shows it.
pub(super) fn too_strong(standard: &Part, bus: &Bus, end: Time) -> Option<Diagnostic> {
    let found = assessed(standard, bus).filter(|found| found.fit == Fit::TooStrong)?;
    Some(Diagnostic {
        code: "net::pull-up",
        severity: Severity::Warning,
        from: Time::ZERO,
        to: end,
        text: found.to_string(),
    })
}

fn assessed(standard: &Part, bus: &Bus) -> Option<Assessment> {
    let electrical = &bus.electrical;
    assess(
        standard,
        &Wires { pull_up_ohm: electrical.pull_up_ohm, farad: electrical.farad, vdd: electrical.vdd },
    )
}
