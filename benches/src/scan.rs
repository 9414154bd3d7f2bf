//! The bare scan of a VCD body: time, value and identifier of every line, and nothing done with them.

use std::hint::black_box;
use std::io::{self, Read};

/// Scans a file in chunks of 1 MiB and returns a sum over all tokens, so that none can be skipped.
pub fn scan(file: &mut impl Read) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 20];
    let (mut sum, mut token, mut first) = (0u64, 0u64, None);
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(black_box(sum));
        }
        for &byte in &buffer[..n] {
            match (byte, first) {
                (b'\n', _) => {
                    sum = sum.wrapping_add(token ^ u64::from(first.take().unwrap_or(0)));
                    token = 0;
                }
                (_, None) => first = Some(byte),
                _ => token = token.wrapping_mul(10).wrapping_add(u64::from(byte)),
            }
        }
    }
}
