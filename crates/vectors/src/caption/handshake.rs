//! Words of handshakes and crossings.

use busproof_core::Bits;
use busproof_core::bus::handshake::Item;
use busproof_core::cdc::Crossed;
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

/// The track of what crossed into another clock domain, words of `width` bits.
pub fn crossed(scope: &str, items: &[Crossed], width: u32) -> Vec<Track> {
    let word = |item: &Crossed| Bits::with_unknown(item.data.bits, item.data.unknown, width).to_string();
    let captions = items.iter().map(|item| Caption { from: item.start, to: item.end, text: word(item) });
    vec![Track::new(format!("{scope}.words"), About::Items, captions.collect())]
}
