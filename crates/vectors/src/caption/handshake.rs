//! Words of handshakes.

use busproof_core::bus::handshake::Item;
use busproof_wave::{About, Caption, Track};

/// The track of what was said: `5a`, `5c NOT TAKEN`.
pub fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
    vec![Track::new(format!("{scope}.words"), About::Items, items.iter().map(caption).collect())]
}

fn caption(item: &Item) -> Caption {
    let beat = item.beat();
    let mut text = beat.data.to_string();
    for (is, what) in [
        (matches!(item, Item::Incomplete(_)), " NOT TAKEN"),
        (beat.flags.unstable, " UNSTABLE"),
        (beat.flags.assumed_start, " START?"),
    ] {
        text.push_str(if is { what } else { "" });
    }
    Caption { from: beat.start, to: beat.end, text }
}
