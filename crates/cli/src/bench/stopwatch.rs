//! The fastest of many runs.

use std::time::{Duration, Instant};

/// How long a run takes at best; of several jobs that take turns, each.
///
/// Runs go on until the budget of each is spent, and there are at least three of each. `prepare` is not timed.
pub(super) fn fastest<const N: usize>(
    budget: Duration,
    mut jobs: [&mut dyn FnMut() -> Duration; N],
) -> [Duration; N] {
    let mut best = [Duration::MAX; N];
    let begun = Instant::now();
    for turn in 0.. {
        if turn >= 3 && begun.elapsed() > budget * N as u32 {
            break;
        }
        for (best, job) in best.iter_mut().zip(&mut jobs) {
            *best = (*best).min(job());
        }
    }
    best
}

/// Nanoseconds for each of so many.
pub(super) fn each(run: Duration, count: u64) -> f64 {
    run.as_secs_f64() * 1e9 / count as f64
}

/// How long `work` takes.
pub(super) fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    std::hint::black_box(work());
    begun.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_run_of_each_counts() {
        let (mut n, mut m) = (0, 0);
        let mut falling = || {
            n += 1;
            Duration::from_nanos(10 - n.min(9))
        };
        let mut steady = || {
            m += 1;
            Duration::from_nanos(5)
        };
        let best = fastest(Duration::ZERO, [&mut falling, &mut steady]);
        assert_eq!(best, [7, 5].map(Duration::from_nanos), "three turns each");
        assert_eq!((n, m), (3, 3));
    }
}
