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

    /// Drives a lane now. As long as nobody else does, it is driven whether or not the bit differs from the last: data are
    /// random, and a wrong guess costs more than a drive.
    #[inline(always)]
    pub(super) fn put(&mut self, lane: u8, bit: bool, cx: &mut Cx<'_>) {
        let drive = Drive::Strong(bit);
        if cx.drive_alone(pin::lane(lane), drive) {
            self.0[lane as usize] = drive;
        } else {
            self.drive(lane, drive, Span::ZERO, cx);
        }
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
