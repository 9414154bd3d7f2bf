//! What is known of a crossing before its wires are looked at, set by name as the options of a bus are.

use super::fifo::PointerCode;
use super::info::{INFO, OPTIONS};
use crate::bus::OptionError;
use crate::bus::handshake::Width;
use crate::time::Span;

/// What lies between the domains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Through {
    /// Flops in a row, for a level.
    Synchroniser,
    /// A toggle, flops and an edge detector, for pulses.
    PulseSynchroniser,
    /// Request and acknowledge, for a word now and then.
    ReqAck,
    /// A FIFO, for a word each cycle.
    #[default]
    Fifo,
}

impl Through {
    /// All of them.
    pub const ALL: [Through; 4] =
        [Through::Synchroniser, Through::PulseSynchroniser, Through::ReqAck, Through::Fifo];

    /// As options spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Through::Synchroniser => "synchroniser",
            Through::PulseSynchroniser => "pulse-synchroniser",
            Through::ReqAck => "req-ack",
            Through::Fifo => "fifo",
        }
    }
}

/// What a [`Monitor`](super::Monitor) is to know of a crossing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What lies between the domains.
    pub through: Through,
    /// How many flops each wire passes.
    pub stages: u8,
    /// Synchroniser: its output changes at most that long after an edge of its clock.
    pub clk_to_q: Span,
    /// Pulse synchroniser: a pulse that takes longer is lost; `None`: one that has not arrived after four edges of the
    /// destination's clock and one for each stage.
    pub latest: Option<Span>,
    /// FIFO: how many words it holds besides that of its output, a power of two.
    pub depth: u32,
    /// FIFO: how its pointers cross.
    pub pointers: PointerCode,
    /// How many bits a word has.
    pub width: Width,
}

impl Default for Options {
    /// A FIFO of 16 words of 8 bits, whose gray pointers pass two flops.
    fn default() -> Options {
        Options {
            through: Through::Fifo,
            stages: 2,
            clk_to_q: Span::ZERO,
            latest: None,
            depth: 16,
            pointers: PointerCode::Gray,
            width: Width::default(),
        }
    }
}

impl Options {
    /// The deepest FIFO.
    pub const MAX_DEPTH: u32 = 65_536;

    /// Sets an option by name, as `--set` and part files do.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), OptionError> {
        let unknown = || OptionError::Unknown {
            bus: INFO.name,
            key: key.into(),
            known: OPTIONS.iter().map(|option| option.key).collect(),
        };
        let info = OPTIONS.iter().find(|option| option.key == key).ok_or_else(unknown)?;
        let refused = || OptionError::Value { key: info.key, value: value.into(), values: info.values };
        self.assign(info.key, value).ok_or_else(refused)
    }

    /// `None` if the value does not fit the key.
    fn assign(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "through" => {
                let called = |through: &Through| through.name().eq_ignore_ascii_case(value);
                self.through = Through::ALL.into_iter().find(called)?;
            }
            "stages" => self.stages = value.parse().ok()?,
            "clk_to_q" => self.clk_to_q = value.parse().ok()?,
            "latest" if value.eq_ignore_ascii_case("auto") => self.latest = None,
            "latest" => self.latest = Some(value.parse().ok()?),
            "depth" => {
                let depth: u32 = value.parse().ok()?;
                let fits = depth.is_power_of_two() && (2..=Self::MAX_DEPTH).contains(&depth);
                self.depth = fits.then_some(depth)?;
            }
            "pointers" if value.eq_ignore_ascii_case("gray") => self.pointers = PointerCode::Gray,
            "pointers" if value.eq_ignore_ascii_case("binary") => self.pointers = PointerCode::Binary,
            "width" => self.width = Width::new(value.parse().ok()?)?,
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_takes_its_default_and_refuses_nonsense() {
        for info in OPTIONS {
            let mut options = Options::default();
            assert_eq!(options.set(info.key, info.default), Ok(()), "{}", info.key);
            assert_eq!(options, Options::default(), "{}", info.key);
            let error = options.set(info.key, "nonsense").unwrap_err().to_string();
            assert!(error.contains(info.key) && error.contains(info.values), "{error}");
        }
        assert!(Options::default().set("speed", "1").unwrap_err().to_string().contains("pointers"));
    }

    #[test]
    fn values_are_held_to_their_range() {
        let set = |key, value| {
            let mut options = Options::default();
            options.set(key, value).map(|()| options)
        };
        assert!(set("depth", "2").is_ok() && set("depth", "65536").is_ok());
        assert!(set("depth", "1").is_err() && set("depth", "24").is_err() && set("depth", "131072").is_err());
        assert!(set("stages", "0").is_ok() && set("stages", "256").is_err());
        assert_eq!(set("latest", "30 ns").unwrap().latest, Some(Span::from_ns(30)));
        assert_eq!(set("through", "Req-Ack").unwrap().through, Through::ReqAck);
        assert_eq!(set("pointers", "binary").unwrap().pointers, PointerCode::Binary);
    }
}
