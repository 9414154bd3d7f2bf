//! Why edges are too slow for the bus, and which resistors would do.

use busproof_parts::Part;
use busproof_parts::advice::{Fit, Wires, assess};

use crate::format::i2c::Bus;
use crate::run::verdict::Advice;

/// What a pull-up that is too weak explains.
const SLOW: &[&str] = &["tr", "trDA", "trCL", "trCL1"];

/// What to say of the pull-up; nothing if it fits.
pub(super) fn pull_up(standard: &Part, bus: &Bus) -> Option<Advice> {
    let electrical = &bus.electrical;
    let wires = Wires { pull_up_ohm: electrical.pull_up_ohm, farad: electrical.farad, vdd: electrical.vdd };
    let found = assess(standard, &wires)?;
    (found.fit == Fit::TooSlow).then(|| Advice { codes: SLOW, lines: vec![found.to_string()] })
}
