//! The axis: where some round instants are, seen from the origin.

use busproof_core::{Span, Time};

use super::canvas::{self, Scale};

/// Labels stand at least so many columns apart.
const PITCH: usize = 10;

pub(super) fn draw(origin: Time, scale: &Scale) -> String {
    let step = round_up(scale.span() as u128 * PITCH as u128 / scale.columns as u128);
    let mut line = String::new();
    let mut used = 0;
    for tick in ticks(origin, scale.window(), step) {
        let label = format!("'{}", offset(origin, tick));
        let column = scale.column(Time::from_fs(tick));
        let end = column + canvas::width(&label);
        if (column <= used && used > 0) || end > scale.columns {
            continue;
        }
        line.push_str(&" ".repeat(column - used));
        line.push_str(&label);
        used = end;
    }
    line
}

/// The instants of the window that lie whole steps away from the origin.
pub(crate) fn ticks(origin: Time, (from, to): (u64, u64), step: u128) -> impl Iterator<Item = u64> {
    let (from, to, origin) = (i128::from(from), i128::from(to), i128::from(origin.as_fs()));
    let step = i128::try_from(step).unwrap_or(i128::MAX / 4).max(1);
    let first = origin + (from - origin).div_euclid(step) * step;
    let first = if first < from { first + step } else { first };
    (0..)
        .map(move |i: i128| first + i * step)
        .take_while(move |t| *t <= to)
        .filter_map(|t| u64::try_from(t).ok())
}

/// The next of 1, 2, 5, 10, 20, ... that is not below `fs`.
pub fn round_up(fs: u128) -> u128 {
    let mut decade = 1u128;
    loop {
        for digit in [1, 2, 5] {
            if digit * decade >= fs {
                return digit * decade;
            }
        }
        decade *= 10;
    }
}

/// How far a tick is from the origin, in words.
pub(crate) fn offset(origin: Time, tick: u64) -> String {
    let distance = Span::from_fs(tick.abs_diff(origin.as_fs()));
    match tick.cmp(&origin.as_fs()) {
        std::cmp::Ordering::Less => format!("-{distance}"),
        std::cmp::Ordering::Equal => "0".into(),
        std::cmp::Ordering::Greater => format!("+{distance}"),
    }
}
