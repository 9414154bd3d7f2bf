//! How far a run has come.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};

/// A progress bar, once the run has lasted a second, and only for people who watch.
pub(crate) struct Bar {
    since: Instant,
    bar: OnceLock<ProgressBar>,
}

impl Bar {
    pub(crate) fn new() -> Bar {
        Bar { since: Instant::now(), bar: OnceLock::new() }
    }

    pub(crate) fn show(&self, done: usize, total: usize) {
        if self.since.elapsed() < Duration::from_secs(1) {
            return;
        }
        let bar = self
            .bar
            .get_or_init(|| ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr()));
        bar.set_position(done as u64);
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
