//! The scoreboard of an I2C bus.
//!
//! What was read and how bytes were acknowledged is asked of the controllers, since what they believe is what counts.
//! That everything arrived as it was sent is asked of the wires.

use std::ops::Range;

use busproof_core::bus::Diagnostic;
use busproof_core::bus::i2c::{Ack, Address, Call, Completion, Direction, End, Item, Outcome};
use busproof_core::{Bits, Time};

use super::build::operations;
use crate::compact::i2c::{Op, OpKind};
use crate::run::judge::View;
use crate::run::rig::Attempt;
use crate::run::score::{self, Mismatch};

/// A step, and what became of it.
pub(super) type Tried<'a> = Attempt<'a, Completion>;

// What the controller believes.

/// The operations that have a result, each with its own, as far as they were done.
fn results<'t>(tried: &'t Tried<'_>) -> impl Iterator<Item = (&'t Op, &'t Outcome)> {
    operations(tried.step).iter().filter(|op| has_result(&op.kind)).zip(&tried.result.outcomes)
}

fn has_result(kind: &OpKind) -> bool {
    !matches!(kind, OpKind::Start | OpKind::Stop | OpKind::Clocks(_) | OpKind::Wait(_))
}

/// True if the last address of the step was acknowledged.
pub(super) fn is_acknowledged(tried: &Tried<'_>) -> bool {
    let calls = results(tried).filter(|(op, _)| matches!(op.kind, OpKind::Call { .. }));
    calls.last().is_some_and(|(_, outcome)| *outcome == Outcome::Ack(Ack::Ack))
}

/// Why a controller may have read something else than was sent: SCL was held low.
const HOLDS: [&str; 2] = ["i2c::early-sampling", "i2c::stretch"];

/// What is not as expected in the steps that count. Where SCL was held low meanwhile, that is said.
pub(super) fn mismatches(tried: &[Tried<'_>], view: &View) -> Vec<Mismatch> {
    let holds = |code| view.diagnostics.iter().chain(&view.notes).filter(move |odd| odd.code == code);
    let holds: Vec<&Diagnostic> = HOLDS.into_iter().flat_map(holds).collect();
    let mut all = Vec::new();
    for (i, this) in tried.iter().enumerate().filter(|(_, this)| this.counts) {
        let begun = i.checked_sub(1).map_or(Time::ZERO, |before| tried[before].result.at);
        let meanwhile = |hold: &&&Diagnostic| hold.to >= begun && hold.from <= this.result.at;
        let mut reasons: Vec<String> = holds.iter().filter(meanwhile).map(|hold| hold.text.clone()).collect();
        if !reasons.is_empty() {
            reasons.push("who does not wait until SCL is high reads bits that are not there yet".to_owned());
        }
        let with_reasons = |wrong: Mismatch| Mismatch { detail: reasons.clone(), ..wrong };
        all.extend(unexpected(this).into_iter().map(with_reasons));
    }
    all
}

/// What was read or acknowledged in a step and is not as expected.
pub(super) fn unexpected(tried: &Tried<'_>) -> Vec<Mismatch> {
    let mut all: Vec<Mismatch> = given_up(tried).into_iter().collect();
    let mut reads: Vec<(&Range<usize>, Option<&Bits>, Bits)> = Vec::new();
    for (op, outcome) in results(tried) {
        match (&op.kind, outcome) {
            (OpKind::Read { expect, .. }, Outcome::Byte(byte)) => {
                reads.push((&op.span, expect.as_ref(), received(*byte)));
            }
            (kind, Outcome::Ack(ack)) => count(&mut all, &op.span, refused(kind, *ack)),
            (_, Outcome::Cleared(false)) => {
                count(&mut all, &op.span, Some("SDA is still low after nine clocks"));
            }
            _ => {}
        }
    }
    all.extend(score::unexpected(reads.iter().map(|(span, want, got)| (*span, (*want, got)))));
    all.sort_by_key(|mismatch| mismatch.span.start);
    all
}

/// The bytes that a step read.
pub(super) fn read(tried: &Tried<'_>) -> Vec<Bits> {
    let bytes = tried.result.outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Byte(byte) => Some(received(*byte)),
        _ => None,
    });
    bytes.collect()
}

fn received(byte: Option<u8>) -> Bits {
    byte.map_or(Bits::with_unknown(0, 0xff, 8), |byte| Bits::new(u64::from(byte), 8))
}

/// What is wrong with an acknowledge.
fn refused(kind: &OpKind, got: Ack) -> Option<&'static str> {
    let want = match kind {
        OpKind::Call { ack, .. }
        | OpKind::StartByte { ack }
        | OpKind::MasterCode { ack, .. }
        | OpKind::Write { ack, .. } => (*ack)?,
        _ => return None,
    };
    match (want, got) {
        (Ack::Ack, Ack::Nack) => Some("expected ACK, and nobody acknowledged"),
        (Ack::Nack, Ack::Ack) => Some("expected NACK, and somebody acknowledged"),
        _ => None,
    }
}

/// One mismatch more; several of one kind at one place are counted.
fn count(all: &mut Vec<Mismatch>, span: &Range<usize>, title: Option<&'static str>) {
    let Some(title) = title else { return };
    match all.last_mut() {
        Some(last) if last.span == *span && last.title == title => last.count += 1,
        _ => all.push(Mismatch::new(span, title)),
    }
}

/// Why the controller did not do all of the step, where that was not to be expected.
fn given_up(tried: &Tried<'_>) -> Option<Mismatch> {
    let done = tried.result.outcomes.len();
    let ops = operations(tried.step);
    let left = ops.iter().filter(|op| has_result(&op.kind)).nth(done);
    let (span, title) = match tried.result.end {
        End::Done => return None,
        End::Nack => {
            let rest =
                ops.iter().filter(|op| has_result(&op.kind)).skip(done).find(|op| op.kind.expects())?;
            (&rest.span, "not done, since a byte before was not acknowledged")
        }
        End::LostArbitration => (&tried.step.span, "arbitration was lost, and there were no retries left"),
        End::TimeOut => (
            left.map_or(&tried.step.span, |op| &op.span),
            "given up: SCL stayed low, or the bus busy, for longer than the time-out",
        ),
        End::Aborted => (&tried.step.span, "aborted"),
    };
    Some(Mismatch::new(span, title))
}

// What the wires show.

/// What is said in a transfer, but for acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Restart,
    Call(Call),
    /// A byte from the controller.
    Sent(u8),
    /// A byte from a target, or one that was not valid.
    Other,
    /// A byte that was cut off.
    Cut,
}

/// A transfer as the script asks for it.
struct Sent {
    span: Range<usize>,
    words: Vec<Word>,
    /// What follows cannot be foretold.
    is_open: bool,
}

/// The transfers that did not arrive as they were sent; `items` are what was on the wires. The transfers of several
/// controllers come in any order, and one may be that of two that say the same at once.
pub(super) fn garbled(tried: &[Tried<'_>], items: &[Item], controllers: usize) -> Vec<Mismatch> {
    let sent: Vec<Sent> = tried.iter().flat_map(sent).collect();
    let seen = seen(items);
    let mut is_used = vec![false; seen.len()];
    let mut wrong = Vec::new();
    for (i, sent) in sent.iter().enumerate() {
        let found = if controllers == 1 {
            Some(i).filter(|&i| seen.get(i).is_some_and(|seen| agrees(sent, seen)))
        } else {
            let mut fitting = (0..seen.len()).filter(|&i| agrees(sent, &seen[i]));
            fitting.clone().find(|&i| !is_used[i]).or_else(|| fitting.next())
        };
        match found {
            Some(found) => is_used[found] = true,
            None => wrong.push(not_arrived(sent, seen.get(i).filter(|_| controllers == 1))),
        }
    }
    let unasked = match controllers {
        1 => seen.len().saturating_sub(sent.len()),
        _ => is_used.iter().filter(|used| !**used).count().saturating_sub(wrong.len()),
    };
    if let (1.., Some(Attempt { step, .. })) = (unasked, tried.last()) {
        let title = format!("{} transfers were sent, and {} arrived", sent.len(), seen.len());
        wrong.push(Mismatch { count: unasked as u64, ..Mismatch::new(&step.span, title) });
    }
    wrong
}

fn agrees(sent: &Sent, seen: &[Word]) -> bool {
    if sent.is_open { seen.starts_with(&sent.words) } else { sent.words == seen }
}

fn not_arrived(sent: &Sent, seen: Option<&Vec<Word>>) -> Mismatch {
    let what = seen.map_or("nothing like it".to_owned(), |seen| spelt(seen));
    Mismatch::new(&sent.span, format!("sent {}, and {what} arrived", spelt(&sent.words)))
}

/// The transfers of a step, as far as it was done.
fn sent(tried: &Tried<'_>) -> Vec<Sent> {
    let mut transfers: Vec<Sent> = Vec::new();
    let mut outcomes = tried.result.outcomes.iter();
    let mut ten = None;
    let mut open = false;
    for op in operations(tried.step) {
        let outcome = if has_result(&op.kind) { outcomes.next() } else { None };
        if has_result(&op.kind) && outcome.is_none() {
            break;
        }
        match &op.kind {
            OpKind::Start if !open => {
                (open, ten) = (true, None);
                transfers.push(Sent { span: op.span.clone(), words: Vec::new(), is_open: false });
            }
            OpKind::Stop => open = false,
            kind => {
                if let Some(transfer) = transfers.last_mut().filter(|transfer| open && !transfer.is_open) {
                    extend(transfer, kind, outcome, &mut ten);
                }
            }
        }
    }
    match tried.result.end {
        End::Done | End::Nack => {}
        // What there was of it is the beginning of what the winner said.
        End::LostArbitration => drop(transfers.pop()),
        End::TimeOut | End::Aborted => {
            if let Some(last) = transfers.last_mut() {
                last.is_open = true;
            }
        }
    }
    transfers
}

fn extend(transfer: &mut Sent, kind: &OpKind, outcome: Option<&Outcome>, ten: &mut Option<u16>) {
    let words = &mut transfer.words;
    match kind {
        OpKind::Start => words.push(Word::Restart),
        OpKind::Call { call: Call { address: Address::Ten(_), .. }, .. }
            if outcome != Some(&Outcome::Ack(Ack::Ack)) =>
        {
            // How many of its bytes were sent is not known.
            transfer.is_open = true;
        }
        OpKind::Call { call, .. } => call_words(*call, ten, words),
        OpKind::StartByte { .. } => words.push(Word::Call(raw(0x01))),
        OpKind::MasterCode { code, .. } => words.push(Word::Call(raw(0x08 | code))),
        OpKind::Write { byte, .. } => words.push(Word::Sent(*byte)),
        OpKind::Read { .. } => words.push(Word::Other),
        OpKind::Clocks(_) | OpKind::BusClear => transfer.is_open = true,
        OpKind::Stop | OpKind::Wait(_) => {}
    }
}

/// A first byte as the address that it looks like.
fn raw(byte: u8) -> Call {
    let direction = if byte & 1 == 0 { Direction::Write } else { Direction::Read };
    Call { address: Address::Seven(byte >> 1), direction }
}

/// An address; a 10-bit one is written before it is read (UM10204 section 3.1.11).
fn call_words(call: Call, ten: &mut Option<u16>, words: &mut Vec<Word>) {
    match call.address {
        Address::Seven(_) => *ten = None,
        Address::Ten(address) => {
            if call.direction == Direction::Read && *ten != Some(address) {
                words.push(Word::Call(Call { direction: Direction::Write, ..call }));
                words.push(Word::Restart);
            }
            *ten = Some(address);
        }
    }
    words.push(Word::Call(call));
}

/// The transfers on the wires. One that began before the run is nobody's.
fn seen(items: &[Item]) -> Vec<Vec<Word>> {
    let mut transfers: Vec<Vec<Word>> = Vec::new();
    let mut is_ours = true;
    for item in items {
        let word = match item {
            Item::Start { assumed, .. } => {
                is_ours = !assumed;
                transfers.extend(is_ours.then(Vec::new));
                continue;
            }
            Item::Stop { .. } | Item::Ack { .. } => continue,
            Item::RepeatedStart { .. } => Word::Restart,
            Item::Address { address, direction, .. } => {
                Word::Call(Call { address: *address, direction: *direction })
            }
            Item::Data { byte, direction: Direction::Write, .. } => {
                byte.to_u64().map_or(Word::Other, |byte| Word::Sent(byte as u8))
            }
            Item::Data { .. } => Word::Other,
            Item::Incomplete { .. } => Word::Cut,
        };
        if let Some(transfer) = transfers.last_mut().filter(|_| is_ours) {
            transfer.push(word);
        }
    }
    transfers
}

/// A transfer as a compact string would have it, at most 16 words of it.
fn spelt(words: &[Word]) -> String {
    let mut text = "[".to_owned();
    for word in words.iter().take(16) {
        if !text.ends_with('[') {
            text.push(' ');
        }
        text.push_str(&spelt_word(*word));
    }
    if words.len() > 16 { text + " ..." } else { text + "]" }
}

fn spelt_word(word: Word) -> String {
    match word {
        Word::Restart => "[".to_owned(),
        Word::Call(call) => spelt_call(call),
        Word::Sent(byte) => format!("0x{byte:02x}"),
        Word::Other => "r".to_owned(),
        Word::Cut => "(cut off)".to_owned(),
    }
}

fn spelt_call(call: Call) -> String {
    let direction = match call.direction {
        Direction::Write => 'w',
        Direction::Read => 'r',
    };
    match call.address {
        Address::Seven(address) => format!("@{address:02x}{direction}"),
        Address::Ten(address) => format!("@{address:03x}{direction}"),
    }
}
