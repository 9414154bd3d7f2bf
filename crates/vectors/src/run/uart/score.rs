//! The scoreboard of a UART.
//!
//! What was read is asked of the end that read it. That everything arrived as it was sent is asked of the receiver at the
//! other end, since its clock and its samples are what counts.

use busproof_core::align::distance;
use std::ops::Range;

use busproof_core::Bits;
use busproof_core::bus::uart::{AutoBaud, Received};

use super::build::operations;
use super::station::Said;
use crate::compact::uart::OpKind;
use crate::format::uart::{End, FlowBy, Side};
use crate::run::rig::Attempt;
use crate::run::score::{self, Mismatch};

/// A step, and the frames that were read in it.
pub(super) type Tried<'a> = Attempt<'a, Vec<Option<Received>>>;

/// What was read in a step and is not as expected.
pub(super) fn unexpected(tried: &Tried<'_>, data_bits: u32) -> Vec<Mismatch> {
    let reads = operations(tried.step).iter().filter_map(|op| match &op.kind {
        OpKind::Read { expect } => Some((&op.span, expect.as_ref())),
        _ => None,
    });
    let mut missing: Vec<Mismatch> = Vec::new();
    let mut pairs: Vec<(&Range<usize>, Option<&Bits>, Bits)> = Vec::new();
    for ((span, want), got) in reads.zip(&tried.result) {
        match got {
            Some(frame) => pairs.push((span, want, Bits::new(u64::from(frame.data), data_bits))),
            None => count_missing(&mut missing, span),
        }
    }
    let mut all = score::unexpected(pairs.iter().map(|(span, want, got)| (*span, (*want, got))));
    all.extend(missing);
    all.sort_by_key(|mismatch| mismatch.span.start);
    all
}

/// One more frame that did not come; several at one place are counted.
fn count_missing(all: &mut Vec<Mismatch>, span: &Range<usize>) {
    match all.last_mut().filter(|last| last.span == *span) {
        Some(last) => last.count += 1,
        None => all.push(Mismatch::new(span, String::new())),
    }
    if let Some(last) = all.last_mut() {
        let frames = if last.count == 1 { "a frame" } else { &format!("{} frames", last.count) };
        last.title = format!("waited for {frames} in vain");
    }
}

/// What one end `said` and the other, which is set up as `end` is, did not receive like that.
pub(super) fn garbled(
    from: Side,
    said: &[(Range<usize>, Said)],
    received: &[u16],
    end: &End,
) -> Option<Mismatch> {
    let sent = awaited(said, end);
    let got = received;
    let alike = |(sent, got): &(&(&Range<usize>, u16), &u16)| sent.1 == **got;
    let before = sent.iter().zip(got).take_while(alike).count();
    let (sent, got) = (&sent[before..], &got[before..]);
    let behind = sent.iter().rev().zip(got.iter().rev()).take_while(alike).count();
    let (wrong, got) = (&sent[..sent.len() - behind], &got[..got.len() - behind]);
    let span = wrong.first().map(|(span, _)| *span).or(said.last().map(|(span, _)| span));
    let data: Vec<u16> = wrong.iter().map(|(_, data)| *data).collect();
    let count = distance(&data, got) as u64;
    let title = format!(
        "the {} sent {}, and the {} received {}",
        from.name(),
        spelt(&data),
        from.other().name(),
        spelt(got)
    );
    (count > 0).then(|| Mismatch {
        span: span.cloned().unwrap_or_default(),
        count,
        title,
        detail: Vec::new(),
    })
}

/// The frames of what was sent that an end is to receive as data: neither those from which it takes its rate, nor those of
/// flow control.
fn awaited<'s>(said: &'s [(Range<usize>, Said)], end: &End) -> Vec<(&'s Range<usize>, u16)> {
    let mut is_sync = end.auto_baud == AutoBaud::First;
    let mut frames = Vec::new();
    for (span, said) in said {
        match *said {
            Said::Break => is_sync |= matches!(end.auto_baud, AutoBaud::Break { .. }),
            Said::Frame(_) if std::mem::take(&mut is_sync) => {}
            Said::Frame(0x11 | 0x13) if takes_control(end) => {}
            Said::Frame(data) => frames.push((span, data)),
        }
    }
    frames
}

fn takes_control(end: &End) -> bool {
    end.flow.as_ref().is_some_and(|flow| flow.by == FlowBy::XonXoff)
}

/// At most 16 frames in hexadecimal.
fn spelt(data: &[u16]) -> String {
    if data.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<String> = data.iter().take(16).map(|data| format!("{data:02x}")).collect();
    let more = if data.len() > 16 { format!(" ... ({} frames)", data.len()) } else { String::new() };
    shown.join(" ") + &more
}
