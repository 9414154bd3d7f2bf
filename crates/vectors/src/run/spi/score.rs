//! The scoreboard of an SPI bus.

use std::ops::Range;

use busproof_core::Bits;
use busproof_core::bits::BitOrder;
use busproof_core::bus::spi::{Direction, Format, Item, Payload};

use super::build::operations;
use crate::compact::spi::OpKind;
use crate::format::DeviceId;
use crate::format::spi::Bus;
use crate::run::rig::Attempt;
use crate::run::score::{self, Mismatch};

/// A step, and the words that were read in it.
pub(super) type Tried<'a> = Attempt<'a, Vec<Bits>>;

/// What was read in a step and is not as expected.
pub(super) fn unexpected(tried: &Tried<'_>) -> Vec<Mismatch> {
    let wanted = operations(tried.step).1.iter().filter_map(|op| match &op.kind {
        OpKind::Write { expect, .. } | OpKind::Read { expect, .. } => Some((&op.span, expect.as_ref())),
        _ => None,
    });
    score::unexpected(wanted.zip(&tried.result).map(|((span, want), got)| (span, (want, got))))
}

/// The words that a step read while it sent none.
pub(super) fn read(tried: &Tried<'_>) -> Vec<Bits> {
    let words = operations(tried.step).1.iter().filter_map(|op| match &op.kind {
        OpKind::Write { .. } => Some(false),
        OpKind::Read { .. } => Some(true),
        _ => None,
    });
    words.zip(&tried.result).filter(|(is_read, _)| *is_read).map(|(_, word)| word.clone()).collect()
}

/// The bits of a transfer towards the device, in the order of travel; `None` where they do not matter.
type Stream = Vec<Option<bool>>;

/// A transfer as the script asks for it.
struct Sent {
    span: Range<usize>,
    /// Without and with clock ticks: whether they are words depends on who looks.
    streams: [Stream; 2],
}

/// The transfers to a device that did not arrive as they were sent; `items` are what it saw.
pub(super) fn garbled(
    attempts: &[Tried<'_>],
    bus: &Bus,
    device: Option<DeviceId>,
    items: &[Item],
) -> Vec<Mismatch> {
    let order = bus.options.bit_order;
    let mut sent = sent(attempts, device, order);
    let mut seen = seen(items, order);
    if bus.options.format == Format::Ti {
        // There is no chip select: all words are one transfer.
        (sent, seen) = (join_sent(sent), vec![seen.concat()]);
    }
    let mut wrong: Vec<Mismatch> = Vec::new();
    for (i, sent) in sent.iter().enumerate() {
        let arrived = seen.get(i);
        if !arrived.is_some_and(|seen| sent.streams.iter().any(|sent| agrees(sent, seen))) {
            let what = arrived.map_or("nothing".to_owned(), hex);
            let title = format!("sent {}, and {what} arrived", hex(&sent.streams[0]));
            wrong.push(Mismatch::new(&sent.span, title));
        }
    }
    if seen.len() > sent.len()
        && let Some(Attempt { step, .. }) = attempts.last()
    {
        let count = (seen.len() - sent.len()) as u64;
        let title = format!("{} transfers were sent, and {} arrived", sent.len(), seen.len());
        wrong.push(Mismatch { count, ..Mismatch::new(&step.span, title) });
    }
    wrong
}

fn agrees(sent: &Stream, seen: &Stream) -> bool {
    sent.len() == seen.len() && sent.iter().zip(seen).all(|(sent, seen)| sent.is_none() || sent == seen)
}

fn sent(attempts: &[Tried<'_>], device: Option<DeviceId>, order: BitOrder) -> Vec<Sent> {
    let mut transfers: Vec<Sent> = Vec::new();
    let mut open = false;
    for step in attempts.iter().map(|attempt| attempt.step).filter(|step| step.device == device) {
        for op in operations(step).1 {
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
