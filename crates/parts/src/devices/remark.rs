//! What a device has refused or found odd.

use busproof_core::bus::{Diagnostic, Severity};
use busproof_core::time::Time;

/// A remark that a device can make, for `busproof explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The code of its diagnostics.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a line.
    pub summary: &'static str,
    /// What the device does, why, and what to change.
    pub explanation: &'static str,
}

/// The remarks since they were last taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Remarks(Vec<Diagnostic>);

impl Remarks {
    /// Makes the remark that `kind` explains.
    pub(super) fn push(&mut self, kind: &'static Explained, from: Time, to: Time, text: String) {
        self.0.push(Diagnostic { code: kind.code, severity: kind.severity, from, to, text });
    }

    pub(super) fn take(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.0)
    }
}
