use busproof_parts::memory::{self, Geometry};
use proptest::prelude::*;

use crate::{AddressMap, Location, MapError};

fn geometry() -> Geometry {
    *memory::find("ddr4-2400u-8gb-x8-ramulator").unwrap().geometry()
}

fn map(text: &str) -> AddressMap {
    AddressMap::parse(text, &geometry(), 1).unwrap()
}

/// The layout of the reference: offset 6, column 7, bank group 2, bank 2, row 16; banks are numbered group first.
#[test]
fn ramulators_default() {
    let at = map(AddressMap::DEFAULT).locate(0x1234 << 17 | 2 << 15 | 1 << 13 | 0x55 << 6 | 0x3f);
    assert_eq!(at, Location { channel: 0, bank: 1 << 2 | 2, row: 0x1234, column: 0x55 });
    assert_eq!(map("RoBaRaCoCh"), map("rochrababgco"));
    assert_eq!(map("RoBaRaCoCh"), map("r16b2g2c7o6"));
    assert_eq!(map("RoBaRaCoCh").capacity(), 8 << 30);
}

#[test]
fn split_fields() {
    let at = map("r16c4b2g2c3o6").locate(0b101 << 13 | 0b110 << 6);
    assert_eq!((at.row, at.bank, at.column), (0, 0, 0b101_110));
}

#[test]
fn channels_are_told_apart() {
    let map = AddressMap::parse("RoBaRaCoCh", &geometry(), 4).unwrap();
    assert_eq!(map.locate(3 << 6 | 1 << 8), Location { channel: 3, bank: 0, row: 0, column: 1 });
}

#[test]
fn what_does_not_fit_is_refused() {
    let error = |text: &str| AddressMap::parse(text, &geometry(), 1).unwrap_err();
    assert_eq!(
        error("RoBaRaXoCh").to_string(),
        "address map `RoBaRaXoCh`: `a` at character 4 is no field; write fields such as `RoBaRaCoCh`, or bits such as \
         `r16b2g2c7o6`"
    );
    assert!(matches!(error("RoRoBaCo"), MapError::Twice { field: "the row", .. }));
    assert!(matches!(error("RoCo"), MapError::Width { field: "the bank", bits: 0, needed: 2, .. }));
    assert!(matches!(error("r15b2g2c7o6"), MapError::Width { field: "the row", bits: 15, needed: 16, .. }));
    assert!(matches!(error("r60b2g2c7o6"), MapError::Long { .. }));
    assert!(matches!(error("r99999999999"), MapError::Long { .. }));
    assert!(matches!(error("ü"), MapError::Unknown { .. }));
}

proptest! {
    /// Every burst of the channel has a place of its own.
    #[test]
    fn a_map_loses_nothing(a in 0u64..8 << 24, b in 0u64..8 << 24) {
        for text in [AddressMap::DEFAULT, "RaBgBaRoCo", "rochrababgco", "r8c4b1g2r8b1c3o6"] {
            let map = map(text);
            prop_assert_eq!(map.locate(a << 6) == map.locate(b << 6), a == b);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,12}|[rbgkcho0-9-]{0,12}") {
        let _ = AddressMap::parse(&text, &geometry(), 2);
    }
}
