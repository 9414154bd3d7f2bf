//! From samples to edges.

use busproof_core::{Observer, Value};

use crate::error::ReadErrorKind;
use crate::options::SampleRate;
use crate::settle::{Flow, Settler, Summary};

/// How many bytes are compared at once while nothing changes.
const BLOCK: usize = 64;

/// Follows samples of `unit` bytes and delivers what changes.
pub(super) struct Samples<'o, O: ?Sized> {
    settler: Settler<'o, O>,
    /// By slot: its bit in a sample.
    bits: Vec<u32>,
    unit: usize,
    rate: SampleRate,
    /// Femtoseconds per sample if that is a whole number.
    period: Option<u64>,
    /// The bits of a sample that anybody wants.
    mask: Vec<u8>,
    /// The last sample.
    last: Vec<u8>,
    /// `last` and `mask` repeated to fill a block, if samples divide it.
    block: Option<([u8; BLOCK], [u8; BLOCK])>,
    /// Samples seen.
    count: u64,
}

impl<'o, O: Observer + ?Sized> Samples<'o, O> {
    pub(super) fn new(
        bits: Vec<u32>,
        unit: usize,
        rate: SampleRate,
        settler: Settler<'o, O>,
    ) -> Samples<'o, O> {
        let mut mask = vec![0; unit];
        for &bit in &bits {
            mask[bit as usize / 8] |= 1 << (bit % 8);
        }
        let second = 1_000_000_000_000_000u64;
        let period = second.is_multiple_of(rate.hz()).then(|| second / rate.hz());
        let last = vec![0; unit];
        Samples { settler, bits, unit, rate, period, mask, last, block: None, count: 0 }
    }

    /// Follows whole samples.
    pub(super) fn scan(&mut self, samples: &[u8]) -> Result<Flow, ReadErrorKind> {
        let mut rest = samples;
        while !rest.is_empty() {
            rest = &rest[self.unchanged(rest)..];
            let Some(sample) = rest.get(..self.unit) else { break };
            if self.edge(sample)? == Flow::Enough {
                return Ok(Flow::Enough);
            }
            self.count += 1;
            rest = &rest[self.unit..];
        }
        Ok(Flow::More)
    }

    /// The length of the leading samples that equal the last one as far as anybody wants to know.
    fn unchanged(&mut self, samples: &[u8]) -> usize {
        if self.count == 0 {
            return 0;
        }
        let mut same = self.unchanged_blocks(samples);
        while let Some(sample) = samples.get(same..same + self.unit)
            && self.equals_last(sample)
        {
            same += self.unit;
        }
        self.count += (same / self.unit) as u64;
        same
    }

    fn unchanged_blocks(&self, samples: &[u8]) -> usize {
        let Some((last, mask)) = &self.block else { return 0 };
        let (blocks, _) = samples.as_chunks::<BLOCK>();
        let differs = |block: &[u8; BLOCK]| {
            let bytes = block.iter().zip(last).zip(mask);
            bytes.fold(0, |any, ((byte, last), mask)| any | (byte ^ last) & mask) != 0
        };
        BLOCK * blocks.iter().position(differs).unwrap_or(blocks.len())
    }

    fn equals_last(&self, sample: &[u8]) -> bool {
        sample.iter().zip(&self.last).zip(&self.mask).all(|((byte, last), mask)| (byte ^ last) & mask == 0)
    }

    fn edge(&mut self, sample: &[u8]) -> Result<Flow, ReadErrorKind> {
        if self.advance(self.count)? == Flow::Enough {
            return Ok(Flow::Enough);
        }
        for (slot, &bit) in self.bits.iter().enumerate() {
            let (byte, shift) = (bit as usize / 8, bit % 8);
            if self.count == 0 || (sample[byte] ^ self.last[byte]) >> shift & 1 != 0 {
                self.settler.set(slot, Value::known(u64::from(sample[byte] >> shift & 1)));
            }
        }
        self.last.copy_from_slice(sample);
        self.refresh_block();
        Ok(Flow::More)
    }

    fn refresh_block(&mut self) {
        if BLOCK.is_multiple_of(self.unit) {
            let (last, mask) = self.block.get_or_insert(([0; BLOCK], [0; BLOCK]));
            last.chunks_exact_mut(self.unit).for_each(|unit| unit.copy_from_slice(&self.last));
            mask.chunks_exact_mut(self.unit).for_each(|unit| unit.copy_from_slice(&self.mask));
        }
    }

    fn advance(&mut self, n: u64) -> Result<Flow, ReadErrorKind> {
        let fs = match self.period {
            Some(period) => n.checked_mul(period),
            None => self.rate.time_of(n).map(busproof_core::Time::as_fs),
        };
        match fs {
            Some(fs) => Ok(self.settler.advance(fs)),
            None if self.settler.is_bounded() => Ok(Flow::Enough),
            None => Err(ReadErrorKind::TimeOverflow { stamp: format!("of sample {n} at {}", self.rate) }),
        }
    }

    /// The recording ends with the last sample.
    pub(super) fn finish(mut self, flow: Flow, truncated: bool) -> Result<Summary, ReadErrorKind> {
        let flow = match (flow, self.count.checked_sub(1)) {
            (Flow::More, Some(last)) => self.advance(last)?,
            _ => flow,
        };
        Ok(Summary { truncated, ..self.settler.finish(flow)? })
    }
}
