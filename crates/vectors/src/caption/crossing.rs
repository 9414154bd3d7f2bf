//! What crosses from one clock domain to another.

use busproof_core::Bits;
use busproof_core::cdc::{Crossed, Item};
use busproof_wave::{About, Caption, Track};

/// The track of what was said: `5a`.
pub fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
    let caption = |item: &Item| Caption { from: item.start, to: item.end, text: item.data.to_string() };
    vec![words(scope, items.iter().map(caption).collect())]
}

/// The track of what crossed, words of `width` bits.
pub fn crossed(scope: &str, items: &[Crossed], width: u32) -> Vec<Track> {
    let word = |item: &Crossed| Bits::with_unknown(item.data.bits, item.data.unknown, width).to_string();
    let caption = |item: &Crossed| Caption { from: item.start, to: item.end, text: word(item) };
    vec![words(scope, items.iter().map(caption).collect())]
}

fn words(scope: &str, captions: Vec<Caption>) -> Track {
    Track::new(format!("{scope}.words"), About::Items, captions)
}
