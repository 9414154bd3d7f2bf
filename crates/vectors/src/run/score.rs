//! The scoreboard: was read what was expected, and did arrive what was sent?

use std::ops::Range;

use busproof_core::Bits;
use busproof_core::bits::BitOrder;
use busproof_core::bus::spi::{Direction, Format, Item, Payload};

use super::bind::Bound;
use super::judge::View;
use crate::compact::spi::OpKind;
use crate::format::{BusId, DeviceId, Step};

/// Something that is other than it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// The item of the script.
    pub(super) span: Range<usize>,
    /// How many words, or transfers.
    pub(super) count: u64,
    /// What, in a line.
    pub(super) title: String,
}

/// What a word must be, if anything is expected, and what it is.
type Pair<'a> = (Option<&'a Bits>, &'a Bits);

/// What was read in `step` and is not as expected; one entry for each item of the script.
pub(super) fn unexpected(step: &Step, words: &[Bits]) -> Vec<Mismatch> {
    let wanted = step.ops.iter().filter_map(|op| match &op.kind {
        OpKind::Write { expect, .. } | OpKind::Read { expect, .. } => Some((&op.span, expect.as_ref())),
        _ => None,
    });
    let mut groups: Vec<(Range<usize>, Vec<Pair<'_>>)> = Vec::new();
    for ((span, want), got) in wanted.zip(words) {
        match groups.last_mut() {
            Some((last, pairs)) if last == span => pairs.push((want, got)),
            _ => groups.push((span.clone(), vec![(want, got)])),
        }
    }
    groups.iter().filter_map(|(span, pairs)| compare(span, pairs)).collect()
}

fn compare(span: &Range<usize>, pairs: &[Pair<'_>]) -> Option<Mismatch> {
    let wrong = |(want, got): &&Pair<'_>| want.is_some_and(|want| !matches(want, got));
    let count = pairs.iter().filter(wrong).count() as u64;
    if count == 0 {
        return None;
    }
    let show = |words: Vec<String>| {
        let more = if words.len() > 16 { format!(" ... ({} words)", words.len()) } else { String::new() };
        words.into_iter().take(16).collect::<Vec<_>>().join(" ") + &more
    };
    let want = show(
        pairs
            .iter()
            .map(|(want, got)| want.map_or("x".repeat(got.len().div_ceil(4)), Bits::to_string))
            .collect(),
    );
    let got = show(pairs.iter().map(|(_, got)| got.to_string()).collect());
    Some(Mismatch { span: span.clone(), count, title: format!("expected {want}, read {got}") })
}

/// True if `got` has every bit that `want` knows.
fn matches(want: &Bits, got: &Bits) -> bool {
    want.len() == got.len() && (0..want.len()).all(|i| want.bit(i).is_none_or(|bit| got.bit(i) == Some(bit)))
}

/// The bits of a transfer towards the device, in the order of travel; `None` where they do not matter.
type Stream = Vec<Option<bool>>;

/// A transfer as the script asks for it.
struct Sent {
    span: Range<usize>,
    /// Without and with clock ticks: whether they are words depends on who looks.
    streams: [Stream; 2],
}

/// The transfers to a device that did not arrive as they were sent.
pub(super) fn garbled(bound: &Bound<'_>, view: &View) -> Vec<Mismatch> {
    if !view.counts {
        return Vec::new();
    }
    let order = bound.vector.buses[view.bus.0].options.bit_order;
    let mut sent = sent(&bound.vector.steps, view.bus, view.device, order);
    let mut seen = seen(&view.items, order);
    if bound.vector.buses[view.bus.0].options.format == Format::Ti {
        // There is no chip select: all words are one transfer.
        (sent, seen) = (join_sent(sent), vec![seen.concat()]);
    }
    let mut wrong: Vec<Mismatch> = Vec::new();
    for (i, sent) in sent.iter().enumerate() {
        let arrived = seen.get(i);
        if !arrived.is_some_and(|seen| sent.streams.iter().any(|sent| agrees(sent, seen))) {
            let what = arrived.map_or("nothing".to_owned(), hex);
            let title = format!("sent {}, and {what} arrived", hex(&sent.streams[0]));
            wrong.push(Mismatch { span: sent.span.clone(), count: 1, title });
        }
    }
    if seen.len() > sent.len()
        && let Some(step) = bound.vector.steps.last()
    {
        let count = (seen.len() - sent.len()) as u64;
        let title = format!("{} transfers were sent, and {} arrived", sent.len(), seen.len());
        wrong.push(Mismatch { span: step.span.clone(), count, title });
    }
    wrong
}

fn agrees(sent: &Stream, seen: &Stream) -> bool {
    sent.len() == seen.len() && sent.iter().zip(seen).all(|(sent, seen)| sent.is_none() || sent == seen)
}

fn sent(steps: &[Step], bus: BusId, device: Option<DeviceId>, order: BitOrder) -> Vec<Sent> {
    let mut transfers: Vec<Sent> = Vec::new();
    let mut open = false;
    for step in steps.iter().filter(|step| step.bus == bus && step.device == device) {
        for op in &step.ops {
            match &op.kind {
                OpKind::Select => {
                    open = true;
                    transfers.push(Sent { span: op.span.clone(), streams: [Vec::new(), Vec::new()] });
                }
                OpKind::Deselect => open = false,
                kind => {
                    if let Some(transfer) = transfers.last_mut().filter(|_| open) {
                        extend(transfer, kind, order);
                    }
                }
            }
        }
    }
    transfers
}

fn join_sent(transfers: Vec<Sent>) -> Vec<Sent> {
    transfers
        .into_iter()
        .reduce(|mut all, next| {
            all.streams.iter_mut().zip(next.streams).for_each(|(all, next)| all.extend(next));
            all
        })
        .into_iter()
        .collect()
}

fn extend(transfer: &mut Sent, kind: &OpKind, order: BitOrder) {
    let [bare, ticked] = &mut transfer.streams;
    let bits: Stream = match kind {
        OpKind::Write { word, .. } => word.wire(order).collect(),
        OpKind::Read { bits, .. } => vec![None; *bits as usize],
        OpKind::Ticks { clocks, lanes } => {
            ticked.extend(vec![None; *clocks as usize * lanes.count as usize]);
            return;
        }
        OpKind::Select | OpKind::Deselect | OpKind::Wait(_) => return,
    };
    bare.extend_from_slice(&bits);
    ticked.extend(bits);
}

fn seen(items: &[Item], order: BitOrder) -> Vec<Stream> {
    let mut transfers = Vec::new();
    for item in items {
        match item {
            Item::Select { .. } => transfers.push(Vec::new()),
            Item::Deselect { .. } => {}
            Item::Word(word) | Item::Incomplete(word) => {
                if transfers.is_empty() {
                    transfers.push(Vec::new());
                }
                if let Some(stream) = transfers.last_mut() {
                    arrive(stream, &word.payload, order);
                }
            }
        }
    }
    transfers
}

fn arrive(stream: &mut Stream, payload: &Payload, order: BitOrder) {
    match payload {
        Payload::Duplex { mosi: Some(bits), .. } => stream.extend(bits.wire(order)),
        Payload::Duplex { .. } => stream.extend(vec![None; payload.len()]),
        Payload::Shared { direction: Direction::ToController, bits, .. } => {
            stream.extend(vec![None; bits.len()]);
        }
        Payload::Shared { bits, .. } => stream.extend(bits.wire(order)),
    }
}

/// The bits as hexadecimal digits, `x` where they do not matter, at most 32 of them.
fn hex(stream: &Stream) -> String {
    let digit = |bits: &[Option<bool>]| match bits
        .iter()
        .try_fold(0, |n, bit| bit.map(|bit| n << 1 | u32::from(bit)))
    {
        Some(n) => char::from_digit(n, 16).unwrap_or('?'),
        None => 'x',
    };
    let digits: String = stream.chunks(4).take(32).map(digit).collect();
    let more = if stream.len() > 128 { "..." } else { "" };
    format!("{} bits {digits}{more}", stream.len())
}
