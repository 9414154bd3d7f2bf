//! An analogue-to-digital converter of the MCP3008's kind.
//!
//! ```text
//! clock     1     2     3     4     5     6      7     8    9        17   18        26   27
//! DIN    START SGL/DIFF D2    D1    D0    x      x     x    x         x    x         x    x
//! DOUT     Z     Z     Z     Z     Z     Z    null(0)  B9   B8  ...   B0   B1  ...   B9   0 ...
//! ```
//! Any number of zeros may come before the start bit. (MCP3004/3008, DS21295D, section 5 and figures 5-1 and 5-2.)

use busproof_core::bus::Diagnostic;
use busproof_core::bus::LoadError;
use busproof_core::bus::Severity;
use busproof_core::bus::spi::{Device, Step};
use busproof_core::time::Time;

use super::remark::{Explained, Remarks};
use crate::error::PartError;
use crate::part::Section;

/// The remarks of the converter.
pub const REMARKS: &[Explained] = &[NO_START, CUT_SHORT];

const NO_START: Explained = Explained {
    code: "spi-adc::no-start",
    severity: Severity::Warning,
    summary: "no start bit in the transfer",
    explanation: "The converter waits for the first 1 on DIN after CS. DIN stayed 0, so nothing was converted and DOUT \
                  stayed released. Send 01h, then the channel in the upper half of the next byte, then 00h.",
};
const CUT_SHORT: Explained = Explained {
    code: "spi-adc::cut-short",
    severity: Severity::Note,
    summary: "CS rose before the whole result was read",
    explanation: "The result has 10 bits after a null bit; the transfer ended before B0. 17 clocks from the start bit on \
                  read all of it.",
};

/// What the converter needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Bits of a result.
    pub bits: u32,
    /// The result for each single-ended channel.
    pub channels: Vec<u16>,
}

impl Spec {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Result<Spec, PartError> {
        let bits = section.required("bits", |v| v.number(1..=16))? as u32;
        let channels = section.required("channels", |v| {
            v.list()?
                .iter()
                .map(|c| Ok(c.number(0..=(1 << bits) - 1)? as u16))
                .collect::<Result<Vec<u16>, PartError>>()
        })?;
        Ok(Spec { bits, channels })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    Channel,
    Sample,
    /// So many bits of null, result and its repetition have been sent or are being sent.
    Output(u32),
    Zeros,
}

/// The converter.
#[derive(Clone, Debug)]
pub struct Adc {
    spec: Spec,
    state: State,
    result: u16,
    selected_at: Time,
    remarks: Remarks,
}

impl Adc {
    /// A converter whose channels read as the part file says.
    pub fn new(spec: Spec) -> Adc {
        Adc { spec, state: State::Start, result: 0, selected_at: Time::ZERO, remarks: Remarks::default() }
    }

    /// Lets single-ended channel `channel` read as `value` from now on, at most full scale; channels that do not
    /// exist are ignored.
    pub fn set_channel(&mut self, channel: usize, value: u16) {
        let full_scale = ((1u32 << self.spec.bits) - 1) as u16;
        if let Some(place) = self.spec.channels.get_mut(channel) {
            *place = value.min(full_scale);
        }
    }

    /// The result for the four bits after the start bit: SGL/DIFF, D2, D1, D0.
    fn convert(&self, selection: u64) -> u16 {
        let channel = |i: u64| self.spec.channels.get(i as usize).copied().unwrap_or(0);
        let index = selection & 7;
        if selection & 8 != 0 { channel(index) } else { channel(index).saturating_sub(channel(index ^ 1)) }
    }

    /// Bit `i` of what DOUT shows: the null bit, the result from the top, and again from B1 upwards.
    fn output(&self, i: u32) -> Step {
        let bits = self.spec.bits;
        let place = match i {
            0 => return Step::output(0, 1),
            i if i <= bits => bits - i,
            i => i - bits,
        };
        Step::output(u64::from(self.result) >> place & 1, 1)
    }
}

impl Device for Adc {
    fn select(&mut self, now: Time) -> Step {
        self.selected_at = now;
        self.state = State::Start;
        Step::input(1)
    }

    fn step(&mut self, _now: Time, input: u64) -> Step {
        let (state, step) = match self.state {
            State::Start if input == 0 => (State::Start, Step::input(1)),
            State::Start => (State::Channel, Step::input(4)),
            State::Channel => {
                self.result = self.convert(input);
                (State::Sample, Step::dummy(1))
            }
            State::Sample => (State::Output(0), self.output(0)),
            State::Output(i) if i + 1 < 2 * self.spec.bits => (State::Output(i + 1), self.output(i + 1)),
            State::Output(_) | State::Zeros => (State::Zeros, Step::output(0, 8)),
        };
        self.state = state;
        step
    }

    fn deselect(&mut self, now: Time, bits: u32) {
        let all_read = match self.state {
            State::Zeros => true,
            State::Output(i) => i + u32::from(bits > 0) > self.spec.bits,
            State::Start | State::Channel | State::Sample => false,
        };
        if self.state == State::Start {
            self.remarks.push(&NO_START, self.selected_at, now, "no start bit: nothing is converted".into());
        } else if !all_read {
            let text = "CS rises before the last bit of the result".into();
            self.remarks.push(&CUT_SHORT, self.selected_at, now, text);
        }
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    /// Two bytes for each channel from address `2 * channel` on, the upper byte first.
    fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        let size = 2 * self.spec.channels.len() as u64;
        let end = address.checked_add(bytes.len() as u64).filter(|end| *end <= size);
        if end.is_none() || !address.is_multiple_of(2) || !bytes.len().is_multiple_of(2) {
            return Err(LoadError::OutOfRange { address, length: bytes.len(), size });
        }
        for (channel, pair) in (address as usize / 2..).zip(bytes.chunks(2)) {
            self.set_channel(channel, u16::from_be_bytes([pair[0], pair[1]]));
        }
        Ok(())
    }

    /// As `load` takes them.
    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        let all: Vec<u8> = self.spec.channels.iter().flat_map(|c| c.to_be_bytes()).collect();
        let size = all.len() as u64;
        let out = LoadError::OutOfRange { address, length, size };
        let start = usize::try_from(address).map_err(|_| out)?;
        let end = start.checked_add(length).ok_or(out)?;
        all.get(start..end).map(<[u8]>::to_vec).ok_or(out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use super::*;

    fn adc() -> Player<Adc> {
        Player::new(Adc::new(Spec { bits: 10, channels: vec![0, 1023, 517, 100, 300, 5, 6, 7] }))
    }

    /// The result that a driver takes from three bytes.
    fn read(player: &mut Player<Adc>, selection: u8) -> u16 {
        let miso = player.bytes(&[0x01, selection << 4, 0x00]);
        u16::from(miso[1] & 3) << 8 | u16::from(miso[2])
    }

    #[test]
    fn three_bytes_read_a_channel() {
        let mut player = adc();
        assert_eq!(read(&mut player, 0b1000), 0);
        assert_eq!(read(&mut player, 0b1001), 1023);
        assert_eq!(read(&mut player, 0b1010), 517);
        assert!(player.remarks().is_empty());
    }

    #[test]
    fn differential_inputs_are_subtracted_and_stop_at_zero() {
        let mut player = adc();
        assert_eq!(read(&mut player, 0b0010), 517 - 100);
        assert_eq!(read(&mut player, 0b0011), 0);
        assert_eq!(read(&mut player, 0b0001), 1023);
    }

    #[test]
    fn the_result_repeats_from_below_and_then_zeros_follow() {
        let mut player = adc();
        let bits = player.bits(&[1, 1, 0, 1, 0], 5 + 1 + 1 + 10 + 9 + 6);
        let tail: Vec<u8> = bits[6..].iter().map(|b| b.unwrap()).collect();
        let forward: Vec<u8> = (0..10).rev().map(|i| (517 >> i & 1) as u8).collect();
        let backward: Vec<u8> = (1..10).map(|i| (517 >> i & 1) as u8).collect();
        assert_eq!(tail[0], 0);
        assert_eq!(tail[1..11], forward);
        assert_eq!(tail[11..20], backward);
        assert_eq!(tail[20..], [0; 6]);
        assert!(bits[..6].iter().all(Option::is_none));
    }

    #[test]
    fn a_transfer_without_start_bit_or_with_part_of_the_result_is_remarked() {
        let mut player = adc();
        player.bytes(&[0, 0]);
        assert_eq!(player.codes(), ["spi-adc::no-start"]);
        player.bytes(&[1, 0x80]);
        assert_eq!(player.codes(), ["spi-adc::cut-short"]);
        player.bits(&[1, 1, 0, 1, 0], 5 + 1 + 1 + 10);
        assert!(player.codes().is_empty());
        player.bits(&[1, 1, 0, 1, 0], 5 + 1 + 1 + 9);
        assert_eq!(player.codes(), ["spi-adc::cut-short"]);
    }

    #[test]
    fn channels_can_be_set() {
        let mut player = adc();
        player.device.set_channel(3, 4000);
        assert_eq!(read(&mut player, 0b1011), 1023);
        player.device.load(2 * 4, &[0x01, 0x02]).unwrap();
        assert_eq!(read(&mut player, 0b1100), 0x102);
        assert_eq!(player.device.peek(8, 2).unwrap(), [1, 2]);
        assert!(player.device.load(15, &[0, 0]).is_err());
        assert!(player.device.load(16, &[0, 0]).is_err());
        assert!(player.device.peek(u64::MAX, 1).is_err());
    }
}
