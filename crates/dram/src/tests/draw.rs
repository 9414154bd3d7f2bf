//! Random requests that meet: few rows and columns, so that hits, conflicts, forwarding and merging occur.

use proptest::prelude::*;

use crate::{Access, Request};

/// Up to `count` requests to four rows of all banks; now and then a pause.
pub(super) fn requests(count: usize) -> impl Strategy<Value = Vec<Request>> {
    let one = (0u64..4, 0u64..16, 0u64..4, any::<bool>(), prop_oneof![9 => Just(0u64), 1 => 0u64..3000]);
    prop::collection::vec(one, 1..count).prop_map(|parts| {
        let mut at = 0;
        let request = |(row, bank, column, write, pause): (u64, u64, u64, bool, u64)| {
            at += pause;
            let access = if write { Access::Write } else { Access::Read };
            Request { address: row << 17 | bank << 13 | column << 6, at, access }
        };
        parts.into_iter().map(request).collect()
    })
}
