//! Reads a file on a thread of its own while this one judges what was read.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use busproof_core::{Change, Level, Observer, SignalId, Time, Value};
use busproof_wave::{Pick, ReadError, Reader, Summary, Window};

/// How many instants travel together, and how many such batches may wait: enough that neither side waits for long.
const BATCH: usize = 4_096;
const WAITING: usize = 4;

/// A file that is being read.
pub(crate) struct Feed {
    batches: Receiver<Batch>,
    /// Where batches go to be filled again.
    used: SyncSender<Batch>,
    reading: JoinHandle<Result<Summary, ReadError>>,
    /// What somebody has looked at already.
    held: Vec<Batch>,
}

impl Feed {
    /// Begins to read the picked wires of `reader`; observers know each by the number beside it.
    pub(crate) fn start(reader: Reader, picks: Vec<(Pick, SignalId)>, window: Window) -> Feed {
        let (sender, batches) = sync_channel(WAITING);
        let (used, taker) = sync_channel(WAITING + 2);
        let reading = thread::spawn(move || {
            let (picks, numbers): (Vec<Pick>, Vec<SignalId>) = picks.into_iter().unzip();
            let mut sender = Sender { numbers, to: sender, used: taker, batch: Batch::default() };
            reader.stream(&picks, window, &mut sender)
        });
        Feed { batches, used, reading, held: Vec::new() }
    }

    /// Shows the first `instants` instants, rounded up to what travels together, to somebody who then leaves.
    pub(crate) fn peek(&mut self, instants: usize, observer: &mut impl Observer) {
        self.held.extend(self.batches.iter().take(instants.div_ceil(BATCH)));
        let mut changes = Vec::new();
        for batch in &self.held {
            batch.replay(&mut changes, observer);
        }
    }

    /// Streams all of it into `observer`, as [`Reader::stream`] does.
    pub(crate) fn stream(self, observer: &mut impl Observer) -> Result<Summary, ReadError> {
        let Feed { batches, used, reading, held } = self;
        let mut changes = Vec::new();
        for mut batch in held.into_iter().chain(batches) {
            batch.replay(&mut changes, observer);
            batch.clear();
            // After the last batch nobody wants one, and after a look at the head there may be too many.
            let _ = used.try_send(batch);
        }
        reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// Instants in a row.
#[derive(Default)]
struct Batch {
    times: Vec<Time>,
    /// The changes of all instants, one after the other.
    changes: Vec<Packed>,
    /// The values that one wire cannot have: those of groups, one after the other.
    words: Vec<Value>,
    end: Option<Time>,
}

impl Batch {
    fn replay(&self, changes: &mut Vec<Change>, observer: &mut impl Observer) {
        let mut packed = self.changes.iter();
        let mut words = self.words.iter();
        for &t in &self.times {
            changes.clear();
            for change in packed.by_ref() {
                let value = if change.is_word() { words.next().copied() } else { None };
                let value = value.unwrap_or_else(|| change.level());
                changes.push(Change { signal: change.signal(), value });
                if change.is_last() {
                    break;
                }
            }
            observer.instant(t, changes);
        }
        if let Some(t) = self.end {
            observer.finish(t);
        }
    }

    fn push(&mut self, signal: SignalId, value: Value) {
        if value.bits | value.unknown > 1 {
            self.words.push(value);
            self.changes.push(Packed::word(signal));
        } else {
            self.changes.push(Packed::new(signal, value.level()));
        }
    }

    fn clear(&mut self) {
        self.times.clear();
        self.changes.clear();
        self.words.clear();
    }
}

/// A signal that changes: its number, its level unless it is a group whose word stands elsewhere, and whether it is the
/// last of its instant. In one number, since batches travel from one core to another.
#[derive(Clone, Copy)]
struct Packed(u32);

impl Packed {
    const LAST: u32 = 1;
    const WORD: u32 = 2;

    fn new(signal: SignalId, level: Level) -> Packed {
        Packed(signal.0 << 4 | (level as u32) << 2)
    }

    fn word(signal: SignalId) -> Packed {
        Packed(signal.0 << 4 | Packed::WORD)
    }

    fn set_last(&mut self) {
        self.0 |= Packed::LAST;
    }

    fn is_last(self) -> bool {
        self.0 & Packed::LAST != 0
    }

    fn is_word(self) -> bool {
        self.0 & Packed::WORD != 0
    }

    fn signal(self) -> SignalId {
        SignalId(self.0 >> 4)
    }

    fn level(self) -> Value {
        let (bits, unknown) = (self.0 >> 2 & 1, self.0 >> 3 & 1);
        Value { bits: bits.into(), unknown: unknown.into() }
    }
}

/// The reader's end.
struct Sender {
    /// What the observer calls the picked wires.
    numbers: Vec<SignalId>,
    to: SyncSender<Batch>,
    /// Batches to be filled again.
    used: Receiver<Batch>,
    batch: Batch,
}

impl Sender {
    fn send(&mut self) {
        let next = self.used.try_recv().unwrap_or_default();
        // The other end is only gone if it panicked, or if the program is about to end with an error.
        let _ = self.to.send(std::mem::replace(&mut self.batch, next));
    }
}

impl Observer for Sender {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        for change in changes {
            self.batch.push(self.numbers[change.signal.index()], change.value);
        }
        let Some(last) = self.batch.changes.last_mut().filter(|_| !changes.is_empty()) else { return };
        last.set_last();
        self.batch.times.push(t);
        if self.batch.times.len() == BATCH {
            self.send();
        }
    }

    fn finish(&mut self, t: Time) {
        self.batch.end = Some(t);
        self.send();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what it sees.
    #[derive(Default)]
    struct Seen(Vec<(Time, Vec<Change>)>);

    impl Observer for Seen {
        fn instant(&mut self, t: Time, changes: &[Change]) {
            self.0.push((t, changes.to_vec()));
        }

        fn finish(&mut self, t: Time) {
            self.0.push((t, Vec::new()));
        }
    }

    #[test]
    fn a_batch_gives_back_what_was_put_in_by_the_names_of_the_observer() {
        let (to, sent) = sync_channel(1);
        let (_giver, used) = sync_channel(1);
        let numbers = vec![SignalId(5), SignalId(12), SignalId(0)];
        let mut sender = Sender { numbers, to, used, batch: Batch::default() };
        let change = |signal, level| Change { signal: SignalId(signal), value: Value::wire(level) };
        sender.instant(Time::from_fs(7), &[change(0, Level::X), change(1, Level::Z), change(2, Level::High)]);
        let word = Value { bits: 0x5a, unknown: 0x0f };
        sender
            .instant(Time::from_fs(9), &[Change { signal: SignalId(2), value: word }, change(1, Level::Low)]);
        sender.finish(Time::from_fs(11));
        let mut seen = Seen::default();
        sent.recv().unwrap().replay(&mut Vec::new(), &mut seen);
        let first = vec![change(5, Level::X), change(12, Level::Z), change(0, Level::High)];
        let second = vec![Change { signal: SignalId(0), value: word }, change(12, Level::Low)];
        let want = [(7, first), (9, second), (11, Vec::new())];
        assert_eq!(seen.0, want.map(|(t, changes)| (Time::from_fs(t), changes)));
    }
}
