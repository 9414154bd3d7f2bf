//! Words of DDR memories.

use busproof_core::Bits;
use busproof_core::bus::ddr::Item;
use busproof_core::bus::ddr::pins::Beat;
use busproof_wave::{About, Caption, Track};

/// Two tracks: commands, `ACT 0.2 row 1f0`; and data, `11 22 33 44 55 66 77 88`.
pub fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
    let commands = items.iter().filter_map(|item| match item {
        Item::Command(said) => {
            let to = said.end.saturating_add(said.clock);
            Some(Caption { from: said.start, to, text: said.order.to_string() })
        }
        Item::Burst(_) => None,
    });
    let data = items.iter().filter_map(|item| match item {
        Item::Burst(burst) => {
            let beats: Vec<String> = burst.beats.iter().map(|one| beat(one, burst.width)).collect();
            Some(Caption { from: burst.start, to: burst.end, text: beats.join(" ") })
        }
        Item::Command(_) => None,
    });
    vec![
        Track::new(format!("{scope}.commands"), About::Items, commands.collect()),
        Track::new(format!("{scope}.data"), About::Items, data.collect()),
    ]
}

/// A beat of `width` wires: its digits in hexadecimal, `x` for those with unknown bits, `--` for a byte that is masked.
pub fn beat(beat: &Beat, width: u32) -> String {
    let digits = Bits::with_unknown(beat.data, beat.unknown, width.min(64)).to_string();
    if beat.mask == 0 {
        return digits;
    }
    let count = digits.len();
    let masked = |i: usize| beat.mask >> ((count - 1 - i) / 2).min(15) & 1 != 0;
    digits.char_indices().map(|(i, digit)| if masked(i) { '-' } else { digit }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_shows_what_is_masked_and_what_is_unknown() {
        assert_eq!(beat(&Beat::new(0xab), 8), "ab");
        assert_eq!(beat(&Beat { mask: 1, ..Beat::new(0xabcd) }, 16), "ab--");
        assert_eq!(beat(&Beat { unknown: 0xf0, ..Beat::new(0x5) }, 8), "x5");
        assert_eq!(beat(&Beat { mask: 1, ..Beat::new(0xa) }, 4), "-");
    }
}
