//! SPI's entry in the table of buses.

use super::command::{Lanes, Rate};
use super::{Active, Format, Mode, Options, Wires, WordBits, pin, rules};
use crate::bits::BitOrder;
use crate::bus::{BusInfo, CodeInfo, OptionError, OptionInfo, Role};
use crate::log::SignalId;

/// SPI.
pub const INFO: BusInfo = BusInfo {
    name: "spi",
    summary: "serial peripheral interface: one to four lanes clocked by a controller",
    roles: ROLES,
    options: OPTIONS,
    params: rules::PARAMS,
    derived: &[],
    rules: rules::RULES,
    events: rules::event::NAMES,
    codes: CODES,
    checks: rules::CHECKS,
};

const fn role(
    name: &'static str,
    pin: SignalId,
    aliases: &'static [&'static str],
    summary: &'static str,
) -> Role {
    Role { name, pin, aliases, wires: 1, summary }
}

const ROLES: &[Role] = &[
    role("sck", pin::SCK, &["sck", "sclk", "clk", "spi_clk", "spi_sck", "spi_sclk", "clock"], "the clock"),
    role(
        "mosi",
        pin::MOSI,
        &["mosi", "pico", "copi", "sdi", "di", "si", "io0", "sio", "spi_mosi", "dq0"],
        "controller out, peripheral in; lane 0; the one data line of 3-wire SPI",
    ),
    role(
        "miso",
        pin::MISO,
        &["miso", "poci", "cipo", "sdo", "do", "so", "io1", "spi_miso", "dq1"],
        "controller in, peripheral out; lane 1",
    ),
    role("io2", pin::IO2, &["io2", "wp", "wp#", "wp_n", "dq2"], "lane 2"),
    role("io3", pin::IO3, &["io3", "hold", "hold#", "hold_n", "dq3"], "lane 3"),
    role(
        "cs",
        pin::CS0,
        &[
            "cs", "cs#", "cs0", "cs0#", "csn", "cs_n", "ncs", "ss", "ss#", "ss_n", "nss", "ssel", "ce#",
            "spi_cs", "spi_cs_n",
        ],
        "chip select 0",
    ),
    role("cs1", pin::cs(1), &["cs1", "cs1#", "cs1_n", "ss1"], "chip select 1"),
    role("cs2", pin::cs(2), &["cs2", "cs2#", "cs2_n", "ss2"], "chip select 2"),
    role("cs3", pin::cs(3), &["cs3", "cs3#", "cs3_n", "ss3"], "chip select 3"),
    role("cs4", pin::cs(4), &["cs4"], "chip select 4"),
    role("cs5", pin::cs(5), &["cs5"], "chip select 5"),
    role("cs6", pin::cs(6), &["cs6"], "chip select 6"),
    role("cs7", pin::cs(7), &["cs7"], "chip select 7"),
];

const fn option(
    key: &'static str,
    values: &'static str,
    default: &'static str,
    summary: &'static str,
) -> OptionInfo {
    OptionInfo { key, values, default, summary }
}

const OPTIONS: &[OptionInfo] = &[
    option("mode", "0, 1, 2 or 3", "0", "clock polarity and phase"),
    option("word_bits", "1 to 4096", "8", "bits in a word"),
    option("bit_order", "msb or lsb", "msb", "which bit of a word travels first"),
    option("cs_active", "low or high", "low", "the level of chip select that selects"),
    option("format", "motorola, ti or microwire", "motorola", "the frame format"),
    option("wires", "4 or 3", "4", "separate MOSI and MISO, or one data line"),
    option("lanes", "1, 2 or 4", "1", "data lanes of words that no command describes"),
    option("rate", "single or double", "single", "transfers per clock of words that no command describes"),
    option("sample_delay", "0 to 4", "0", "half periods by which the controller samples MISO late"),
];

const CODES: &[CodeInfo] = &[
    CodeInfo {
        code: "spi::cs-mid-word",
        summary: "chip select became inactive in the middle of a word",
        explanation: "The word is reported as incomplete, with the bits that came. A flash ignores a program, an erase \
                      or a register write that ends like this. Usual causes: chip select driven by software that does \
                      not wait for the end of the transfer, a lost clock edge (record faster), a word length other than \
                      the one set (word_bits).",
    },
    CodeInfo {
        code: "spi::clock-while-deselected",
        summary: "the clock runs while no chip select is active",
        explanation: "Normal where several peripherals share the clock and only one chip select was recorded. With one \
                      peripheral it means that chip select comes late or goes early, or that the wrong level selects \
                      (cs_active).",
    },
    CodeInfo {
        code: "spi::idle-level",
        summary: "the clock is at the wrong idle level when chip select becomes active",
        explanation: "The mode's CPOL says where SCK rests: low in modes 0 and 1, high in modes 2 and 3. A controller that \
                      sets its mode only after selecting makes an edge of its own, which shifts every bit by one. Set \
                      the mode before chip select, or decode with the right mode.",
    },
    CodeInfo {
        code: "spi::two-selects",
        summary: "more than one chip select is active",
        explanation: "Two peripherals drive MISO against each other. Usual causes: a chip select left active by a driver \
                      that returned early, pins floating before they are configured.",
    },
    CodeInfo {
        code: "spi::under-sampled",
        summary: "halves of the clock are a single sample long",
        explanation: "The recording is too slow for this clock: an edge may fall between two samples and be lost, and \
                      timing rules cannot be decided. Record at four times the clock frequency at least; ten times to \
                      judge timing.",
    },
];

impl Options {
    /// Sets an option by name, as `--set` and vector files do.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), OptionError> {
        let unknown = || OptionError::Unknown {
            bus: INFO.name,
            key: key.into(),
            known: OPTIONS.iter().map(|o| o.key).collect(),
        };
        let info = OPTIONS.iter().find(|o| o.key == key).ok_or_else(unknown)?;
        let refused = || OptionError::Value { key: info.key, value: value.into(), values: info.values };
        self.assign(info.key, value).ok_or_else(refused)
    }

    /// `None` if the value does not fit the key.
    fn assign(&mut self, key: &str, value: &str) -> Option<()> {
        let number = || value.parse::<u32>().ok();
        match key {
            "mode" => self.mode = Mode::from_number(u8::try_from(number()?).ok()?)?,
            "word_bits" => self.word_bits = WordBits::new(number()?)?,
            "bit_order" => self.bit_order = pick(value, &[("msb", BitOrder::Msb), ("lsb", BitOrder::Lsb)])?,
            "cs_active" => self.cs_active = pick(value, &[("low", Active::Low), ("high", Active::High)])?,
            "format" => {
                let all =
                    [("motorola", Format::Motorola), ("ti", Format::Ti), ("microwire", Format::Microwire)];
                self.format = pick(value, &all)?;
            }
            "wires" => self.wires = pick(value, &[("4", Wires::Four), ("3", Wires::Three)])?,
            "lanes" => {
                self.lanes = Lanes { count: pick(value, &[("1", 1), ("2", 2), ("4", 4)])?, ..self.lanes }
            }
            "rate" => {
                let rate = pick(value, &[("single", Rate::Single), ("double", Rate::Double)])?;
                self.lanes = Lanes { rate, ..self.lanes };
            }
            "sample_delay" => self.sample_delay = number().filter(|n| *n <= 4)? as u8,
            _ => return None,
        }
        Some(())
    }
}

fn pick<T: Copy>(value: &str, all: &[(&str, T)]) -> Option<T> {
    all.iter().find(|(name, _)| name.eq_ignore_ascii_case(value)).map(|(_, t)| *t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_takes_its_default_and_refuses_nonsense() {
        for info in OPTIONS {
            let mut options = Options::default();
            assert_eq!(options.set(info.key, info.default), Ok(()), "{}", info.key);
            let error = options.set(info.key, "nonsense").unwrap_err().to_string();
            assert!(error.contains(info.key) && error.contains(info.values), "{error}");
        }
        assert!(Options::default().set("speed", "1").unwrap_err().to_string().contains("word_bits"));
    }

    #[test]
    fn numbers_are_held_to_their_range() {
        let set = |key, value| Options::default().set(key, value).is_ok();
        assert!(set("mode", "3") && !set("mode", "4") && !set("mode", "256"));
        assert!(
            set("word_bits", "1")
                && set("word_bits", "4096")
                && !set("word_bits", "0")
                && !set("word_bits", "4097")
        );
        assert!(set("sample_delay", "4") && !set("sample_delay", "5"));
    }

    #[test]
    fn names_are_unique() {
        let mut aliases: Vec<&str> = ROLES.iter().flat_map(|r| r.aliases).copied().collect();
        let count = aliases.len();
        aliases.sort_unstable();
        aliases.dedup();
        assert_eq!(aliases.len(), count);
        let mut rules: Vec<&str> = rules::RULES.iter().map(|r| r.name).collect();
        rules.sort_unstable();
        rules.dedup();
        assert_eq!(rules.len(), rules::RULES.len());
    }
}
