//! Reads a file on a thread of its own while this one judges what was read.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use busproof_core::{Change, Observer, Time};
use busproof_wave::{Pick, ReadError, Reader, Summary, Window};

/// How many instants travel together, and how many such batches may wait: enough that neither side waits for long.
const BATCH: usize = 4_096;
const WAITING: usize = 4;

/// A file that is being read.
pub(crate) struct Feed {
    batches: Receiver<Batch>,
    reading: JoinHandle<Result<Summary, ReadError>>,
    /// What somebody has looked at already.
    held: Vec<Batch>,
}

impl Feed {
    /// Begins to read the picked signals of `reader`.
    pub(crate) fn start(reader: Reader, picks: Vec<Pick>, window: Window) -> Feed {
        let (sender, batches) = sync_channel(WAITING);
        let reading = thread::spawn(move || {
            let mut sender = Sender { to: sender, batch: Batch::default() };
            reader.stream(&picks, window, &mut sender)
        });
        Feed { batches, reading, held: Vec::new() }
    }

    /// Shows the first `instants` instants, rounded up to what travels together, to somebody who then leaves.
    pub(crate) fn peek(&mut self, instants: usize, observer: &mut impl Observer) {
        self.held.extend(self.batches.iter().take(instants.div_ceil(BATCH)));
        for batch in &self.held {
            batch.replay(observer);
        }
    }

    /// Streams all of it into `observer`, as [`Reader::stream`] does.
    pub(crate) fn stream(self, observer: &mut impl Observer) -> Result<Summary, ReadError> {
        let Feed { batches, reading, held } = self;
        for batch in held.into_iter().chain(batches) {
            batch.replay(observer);
        }
        reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// Instants in a row: each with the position behind its last change.
#[derive(Default)]
struct Batch {
    instants: Vec<(Time, usize)>,
    changes: Vec<Change>,
    end: Option<Time>,
}

impl Batch {
    fn replay(&self, observer: &mut impl Observer) {
        let mut first = 0;
        for &(t, last) in &self.instants {
            observer.instant(t, &self.changes[first..last]);
            first = last;
        }
        if let Some(t) = self.end {
            observer.finish(t);
        }
    }
}

/// The reader's end.
struct Sender {
    to: SyncSender<Batch>,
    batch: Batch,
}

impl Sender {
    fn send(&mut self) {
        let size = self.batch.changes.len();
        let fresh = Batch {
            instants: Vec::with_capacity(BATCH),
            changes: Vec::with_capacity(size + size / 4),
            end: None,
        };
        // The other end is only gone if it panicked, or if the program is about to end with an error.
        let _ = self.to.send(std::mem::replace(&mut self.batch, fresh));
    }
}

impl Observer for Sender {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        self.batch.changes.extend_from_slice(changes);
        self.batch.instants.push((t, self.batch.changes.len()));
        if self.batch.instants.len() == BATCH {
            self.send();
        }
    }

    fn finish(&mut self, t: Time) {
        self.batch.end = Some(t);
        self.send();
    }
}
