//! The data lanes as an agent drives them.

#![expect(clippy::inline_always, reason = "measured: what every edge does costs a quarter more as calls")]

use super::pin;
use crate::level::Drive;
use crate::sim::Cx;
use crate::time::Span;

/// What is driven on each lane, as far as it was commanded: what stays the same is not driven again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Driven([Drive; 4]);

impl Driven {
    /// What the lane was last told.
    #[inline(always)]
    pub(super) fn on(self, lane: u8) -> Drive {
        self.0[lane as usize]
    }

    /// The lane has been driven by other hands.
    #[inline(always)]
    pub(super) fn note(&mut self, lane: u8, drive: Drive) {
        self.0[lane as usize] = drive;
    }

    /// Drives a lane after `delay`, unless it does so already.
    #[inline(always)]
    pub(super) fn drive(&mut self, lane: u8, drive: Drive, delay: Span, cx: &mut Cx<'_>) {
        if self.0[lane as usize] == drive {
            return;
        }
        self.0[lane as usize] = drive;
        if delay.is_zero() {
            cx.drive(pin::lane(lane), drive);
        } else {
            cx.drive_after(pin::lane(lane), delay, drive);
        }
    }
}
