//! The description of a session: an ini file.

use crate::error::ReadErrorKind;
use crate::options::SampleRate;

/// The largest sample, in bytes: 1024 channels.
const UNIT_SIZE: usize = 128;

/// What the samples are.
#[derive(Debug)]
pub(super) struct Metadata {
    /// The base name of the members with samples.
    pub(super) capture_file: String,
    /// Bytes per sample.
    pub(super) unit_size: usize,
    pub(super) rate: Option<SampleRate>,
    pub(super) probes: Vec<Probe>,
}

/// One channel.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) name: String,
    /// Its bit in a sample.
    pub(super) bit: u32,
}

/// A failure in line `line`, which counts from 1.
fn wrong(line: usize, why: impl std::fmt::Display) -> ReadErrorKind {
    ReadErrorKind::Member { member: "metadata".into(), why: format!("line {line}: {why}") }
}

/// The number in `probe3`, from 1.
fn probe_number(key: &str) -> Option<u32> {
    key.strip_prefix("probe")?.parse().ok().filter(|&n| n >= 1)
}

impl Metadata {
    /// Reads the first `[device]` section; keys may have blanks around the equals sign, as old versions wrote them.
    pub(super) fn parse(text: &str) -> Result<Metadata, ReadErrorKind> {
        let mut draft = Draft::default();
        let mut section = String::new();
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                section = name.trim().to_ascii_lowercase();
            } else if let Some((key, value)) = line.split_once('=')
                && section == "device 1"
            {
                draft.set(key.trim(), value.trim(), i + 1)?;
            }
        }
        draft.finish()
    }
}

#[derive(Default)]
struct Draft {
    capture_file: Option<String>,
    unit_size: Option<usize>,
    total: u32,
    rate: Option<SampleRate>,
    probes: Vec<Probe>,
    analog: bool,
}

impl Draft {
    fn set(&mut self, key: &str, value: &str, line: usize) -> Result<(), ReadErrorKind> {
        match key {
            "capturefile" => self.capture_file = Some(value.into()),
            "unitsize" => self.unit_size = Some(unit_size(value, line)?),
            "total probes" => {
                let total = value.parse().ok().filter(|&n| n as usize <= 8 * UNIT_SIZE);
                self.total =
                    total.ok_or_else(|| wrong(line, format!("`{value}` is not a number of channels")))?;
            }
            "samplerate" => self.rate = rate(value, line)?,
            "total analog" => self.analog = value != "0",
            _ => {
                if let Some(number) = probe_number(key) {
                    self.probe(number, value, line)?;
                }
            }
        }
        Ok(())
    }

    fn probe(&mut self, number: u32, name: &str, line: usize) -> Result<(), ReadErrorKind> {
        let bit = number - 1;
        if bit as usize >= 8 * UNIT_SIZE || self.probes.len() >= 8 * UNIT_SIZE {
            return Err(wrong(line, format!("more than {} channels", 8 * UNIT_SIZE)));
        }
        self.probes.push(Probe { name: name.into(), bit });
        Ok(())
    }

    fn finish(mut self) -> Result<Metadata, ReadErrorKind> {
        let missing = |why: &str| ReadErrorKind::Member { member: "metadata".into(), why: why.into() };
        let Some(capture_file) = self.capture_file else {
            return Err(missing(if self.analog {
                "the session has analog channels only; record logic channels"
            } else {
                "section `[device 1]` names no `capturefile`"
            }));
        };
        if self.probes.is_empty() {
            self.probes = (0..self.total).map(|bit| Probe { name: bit.to_string(), bit }).collect();
        }
        self.probes.sort_by_key(|probe| probe.bit);
        let channels = self.probes.last().map_or(0, |p| p.bit as usize + 1);
        let unit_size = self.unit_size.unwrap_or(channels.max(self.total as usize).div_ceil(8).max(1));
        if channels > 8 * unit_size {
            let why = format!("channel `probe{channels}` lies outside of samples of `unitsize` {unit_size}");
            return Err(missing(&why));
        }
        Ok(Metadata { capture_file, unit_size, rate: self.rate, probes: self.probes })
    }
}

fn unit_size(value: &str, line: usize) -> Result<usize, ReadErrorKind> {
    let size = value.parse().ok().filter(|size| (1..=UNIT_SIZE).contains(size));
    size.ok_or_else(|| wrong(line, format!("unitsize `{value}` is not 1 to {UNIT_SIZE} bytes")))
}

/// A rate, or `None` for a zero, with which some devices say that they do not know.
fn rate(value: &str, line: usize) -> Result<Option<SampleRate>, ReadErrorKind> {
    let digits = value.trim_end_matches(|c: char| !c.is_ascii_digit());
    if !digits.is_empty() && digits.bytes().all(|b| b == b'0') {
        return Ok(None);
    }
    value.parse().map(Some).map_err(|e| wrong(line, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles_of_ini_are_read() {
        let old = "[global]\nsigrok version = 0.2.0\n[device 1]\ndriver = ols\ncapturefile = logic-1\nunitsize = 1\n\
                   total probes = 32\nsamplerate = 200 kHz\nprobe1 = TX\n trigger1 = 0\n";
        let metadata = Metadata::parse(old).unwrap();
        assert_eq!(metadata.probes, [Probe { name: "TX".into(), bit: 0 }]);
        assert_eq!((metadata.unit_size, metadata.rate.unwrap().hz()), (1, 200_000));

        let new =
            "[device 1]\ncapturefile=logic-1\ntotal probes=16\nsamplerate=1000000\nprobe3=CLK\nprobe12=CS#\n";
        let metadata = Metadata::parse(new).unwrap();
        assert_eq!(metadata.probes.iter().map(|p| p.bit).collect::<Vec<_>>(), [2, 11]);
        assert_eq!((metadata.unit_size, metadata.rate.unwrap().hz()), (2, 1_000_000));
    }

    #[test]
    fn no_rate_and_a_rate_of_zero_are_the_same() {
        let with =
            |rate: &str| Metadata::parse(&format!("[device 1]\ncapturefile=logic-1\ntotal probes=1\n{rate}"));
        assert_eq!(with("").unwrap().rate, None);
        assert_eq!(with("samplerate=0 Hz").unwrap().rate, None);
        assert_eq!(with("samplerate=1 Hz").unwrap().rate.unwrap().hz(), 1);
        let message = with("samplerate=fast").unwrap_err().to_string();
        assert!(message.contains("line 4") && message.contains("`fast`"), "{message}");
    }

    #[test]
    fn a_channel_outside_of_the_samples_is_an_error() {
        let text = "[device 1]\ncapturefile=logic-1\nunitsize=1\nprobe9=A\n";
        assert!(Metadata::parse(text).unwrap_err().to_string().contains("probe9"));
    }
}
