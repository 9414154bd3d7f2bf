//! DDR's entry in the table of buses.

use super::pins::{self, pin};
use super::{Options, Standard, rules};
use crate::bus::{BusInfo, CodeInfo, OptionError, OptionInfo, Role};
use crate::timing::ProtocolCheck;

/// DDR memory. Its rules here are those of the pins; a standard adds those of its commands.
pub const INFO: BusInfo = BusInfo {
    name: "ddr",
    summary: "DDR memory: commands and data on the pins of DDR3, DDR4, DDR5 and LPDDR4",
    roles: ROLES,
    options: OPTIONS,
    params: rules::PARAMS,
    derived: &[],
    rules: pins::rules::RULES,
    events: pins::rules::NAMES,
    codes: CODES,
    checks: CHECKS,
};

/// The names of a signal in designs: as data sheets call it, and with the prefixes of usual controllers.
macro_rules! aliases {
    ($($name:literal)*) => {
        &[$($name, concat!("ddr_", $name), concat!("ddr3_", $name), concat!("ddr4_", $name), concat!("ddr5_", $name),
            concat!("ddram_", $name), concat!("c0_ddr4_", $name)),*]
    };
}

/// A role that one wire plays.
macro_rules! wire {
    ($name:literal $pin:expr, [$($alias:literal)*] $summary:literal) => {
        Role { name: $name, pin: $pin, aliases: aliases!($($alias)*), wires: 1, summary: $summary }
    };
}

/// A role that a group of wires plays, or a single one.
macro_rules! group {
    ($name:literal $pin:expr, $wires:expr, [$($alias:literal)*] $summary:literal) => {
        Role { name: $name, pin: $pin, aliases: aliases!($($alias)*), wires: $wires, summary: $summary }
    };
}

/// The roles of the wires that may stand for a group.
macro_rules! wires {
    ($pin:ident $group:literal $summary:literal $($i:literal)*) => {
        &[$(Role {
            name: concat!($group, $i),
            pin: pin::$pin($i),
            aliases: &[concat!($group, $i), concat!($group, "[", $i, "]"), concat!($group, $i, "_n"), concat!($group, "_n", $i)],
            wires: 1,
            summary: $summary,
        }),*]
    };
}

const SHARED: &[Role] = &[
    wire!("ck" pin::CK, ["ck_t" "ck_p" "ck" "clk_p" "clk_t" "clk"] "the clock"),
    wire!("ck_c" pin::CK_C, ["ck_c" "ck_n" "ck#" "clk_n" "clk_c"] "its complement"),
    wire!("reset" pin::RESET, ["reset_n" "reset#" "rst_n" "reset"] "reset, active low"),
    wire!("act" pin::ACT, ["act_n" "act#" "act"] "activate, active low; DDR4"),
    wire!("ras" pin::RAS, ["ras_n" "ras#" "ras" "ras_n_a16"] "row address strobe, active low; A16 in DDR4"),
    wire!("cas" pin::CAS, ["cas_n" "cas#" "cas" "cas_n_a15"] "column address strobe, active low; A15 in DDR4"),
    wire!("we" pin::WE, ["we_n" "we#" "we" "we_n_a14"] "write enable, active low; A14 in DDR4"),
    group!("a" pin::A, pin::A_PINS, ["a" "addr" "adr" "ca"] "the addresses, or CA"),
    group!("ba" pin::BA, pin::BA_PINS, ["ba"] "the bank addresses"),
    group!("bg" pin::BG, pin::BG_PINS, ["bg"] "the bank group addresses; DDR4"),
    group!("cs" pin::CS, pin::RANKS, ["cs_n" "cs#" "csn" "cs"] "the chip selects, rank 0 first"),
    group!("cke" pin::CKE, pin::RANKS, ["cke"] "the clock enables; not in DDR5"),
    group!("odt" pin::ODT, pin::RANKS, ["odt"] "the on-die terminations"),
    group!("dq" pin::DQ, pin::DQ_PINS, ["dq"] "the data wires"),
    group!("dqs" pin::DQS, pin::DQS_PINS, ["dqs_t" "dqs_p" "dqs"] "the strobes"),
    group!("dqs_c" pin::DQS_C, pin::DQS_PINS, ["dqs_c" "dqs_n" "dqs#"] "the complements of the strobes"),
    group!("dm" pin::DM, pin::DQS_PINS, ["dm_n" "dm" "dm_dbi_n" "dm_tdqs"] "the data masks: high masks in DDR3, low in DDR4 and DDR5"),
];

/// Single wires.
const SINGLE: &[&[Role]] = &[
    wires!(a "a" "an address, or CA" 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17),
    wires!(ba "ba" "a bank address" 0 1 2),
    wires!(bg "bg" "a bank group address; DDR4" 0 1),
    wires!(cs "cs" "the chip select of a rank" 0 1 2 3),
    wires!(cke "cke" "the clock enable of a rank; not in DDR5" 0 1 2 3),
    wires!(odt "odt" "the on-die termination of a rank" 0 1 2 3),
    wires!(dq "dq" "a data wire" 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63),
    wires!(dqs "dqs" "a strobe" 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15),
    wires!(dqs_c "dqs_c" "the complement of a strobe" 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15),
    wires!(dm "dm" "a data mask" 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15),
];

const COUNT: usize = {
    let (mut count, mut i) = (SHARED.len(), 0);
    while i < SINGLE.len() {
        count += SINGLE[i].len();
        i += 1;
    }
    count
};

const ROLES: &[Role] = &{
    let mut roles = [SHARED[0]; COUNT];
    let (mut n, mut kind, mut i) = (0, 0, 0);
    while n < COUNT {
        let from: &[Role] = if kind == 0 { SHARED } else { SINGLE[kind - 1] };
        if i == from.len() {
            (kind, i) = (kind + 1, 0);
        } else {
            roles[n] = from[i];
            (n, i) = (n + 1, i + 1);
        }
    }
    roles
};

const fn option(
    key: &'static str,
    values: &'static str,
    default: &'static str,
    summary: &'static str,
) -> OptionInfo {
    OptionInfo { key, values, default, summary }
}

const LATENCY: &str = "1 to 127 clocks, or mode for what the mode registers say";

const OPTIONS: &[OptionInfo] = &[
    option("standard", "ddr3, ddr4, ddr5 or lpddr4", "ddr4", "whose commands are read"),
    option("ranks", "1 to 4", "1", "ranks of the channel"),
    option("width", "1 to 64", "8", "data wires"),
    option("lane", "4, 8 or 16", "8", "data wires of one strobe"),
    option("read_latency", LATENCY, "mode", "from a read to its first data: RL"),
    option("write_latency", LATENCY, "mode", "from a write to its first data: WL"),
    option("burst", "4, 8, 16 or 32 beats, or mode", "mode", "length of a burst"),
];

const CODES: &[CodeInfo] = &[
    CodeInfo {
        code: "ddr::no-command",
        summary: "the pins show no command of the standard",
        explanation: "The levels at a clock edge with CS active stand for nothing, or for something reserved; a memory may do \
                      anything. Usual causes: the wrong standard (`--set standard=...`), pins that are mapped to each other's \
                      signals, a missing pin, CS# that is low without a command; with DDR5, CS# low in the second cycle.",
    },
    CodeInfo {
        code: "ddr::unknown-level",
        summary: "a command pin is neither low nor high at a clock edge",
        explanation: "Whether a command was received, nobody knows. Usual causes: pins not driven before reset is over, \
                      registers without a reset value, a file in which a signal is missing.",
    },
    CodeInfo {
        code: "ddr::unknown-address",
        summary: "an address pin is neither low nor high when it is sampled",
        explanation: "The command is taken with zeros for the unknown bits. Usual causes: a request that carries an \
                      uninitialised address, or a bank address that is not driven.",
    },
    CodeInfo {
        code: "ddr::unknown-latency",
        summary: "data cannot be read: the latency is not known",
        explanation: "The mode registers were written before the waveform begins. Give the part, whose usual latencies are then \
                      taken, or `--set read_latency=11 --set write_latency=8`.",
    },
    CodeInfo {
        code: "ddr::no-strobe",
        summary: "strobes of a read or write did not come where they were due",
        explanation: "A beat belongs to the edge of DQS that is nearest to where latency and clock put it, within half a clock. \
                      Usual causes: a latency other than the one set in the memory, DQS not mapped or not recorded, a read of a \
                      memory that has not been initialised.",
    },
    CodeInfo {
        code: "ddr::unknown-data",
        summary: "data that are written are neither low nor high when DQS samples them",
        explanation: "The memory stores anything. Usual causes: DQ driven too late or let go too soon, a bus fight with a read \
                      before it, uninitialised data of the design.",
    },
];

const CHECKS: &[ProtocolCheck] = &[
    ProtocolCheck::on("ddr::no-command", &[pins::rules::event::SAMPLE]),
    ProtocolCheck::on("ddr::no-strobe", &[pins::rules::event::WDQS_RISE, pins::rules::event::RDQS_RISE]),
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
        let number = |least: u32, most: u32| value.parse().ok().filter(|n| (least..=most).contains(n));
        let clocks = || if value == "mode" { Some(None) } else { number(1, 127).map(Some) };
        match key {
            "standard" => {
                let all = [Standard::Ddr3, Standard::Ddr4, Standard::Ddr5, Standard::Lpddr4];
                self.standard = all.into_iter().find(|s| s.name().eq_ignore_ascii_case(value))?;
            }
            "ranks" => self.ranks = number(1, pin::RANKS)?,
            "width" => self.width = number(1, pin::DQ_PINS)?,
            "lane" => self.lane = number(4, 16).filter(|n| n.is_power_of_two())?,
            "read_latency" => self.read_latency = clocks()?,
            "write_latency" => self.write_latency = clocks()?,
            "burst" if value == "mode" => self.beats = None,
            "burst" => self.beats = Some(number(4, 32).filter(|n| n.is_power_of_two())?),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::SignalId;

    #[test]
    fn every_option_takes_its_default_and_refuses_nonsense() {
        for info in OPTIONS {
            let mut options = Options::default();
            assert_eq!(options.set(info.key, info.default), Ok(()), "{}", info.key);
            assert_eq!(options, Options::default(), "{}", info.key);
            let error = options.set(info.key, "nonsense").unwrap_err().to_string();
            assert!(error.contains(info.key) && error.contains(info.values), "{error}");
        }
        assert!(Options::default().set("speed", "1").unwrap_err().to_string().contains("read_latency"));
    }

    #[test]
    fn numbers_are_held_to_their_range() {
        let set = |key, value| Options::default().set(key, value).is_ok();
        for (key, fits, does_not) in [
            ("ranks", ["1", "4"], ["0", "5"]),
            ("width", ["1", "64"], ["0", "65"]),
            ("lane", ["4", "16"], ["6", "32"]),
            ("read_latency", ["1", "127"], ["0", "128"]),
            ("burst", ["4", "32"], ["2", "12"]),
        ] {
            assert!(fits.into_iter().all(|value| set(key, value)), "{key}");
            assert!(!does_not.into_iter().any(|value| set(key, value)), "{key}");
        }
    }

    #[test]
    fn roles_and_their_names_are_unique() {
        let mut pins: Vec<SignalId> = ROLES.iter().map(|role| role.pin).collect();
        pins.sort_unstable();
        pins.dedup();
        assert_eq!(pins.len(), ROLES.len());
        let mut aliases: Vec<&str> = ROLES.iter().flat_map(|role| role.aliases).copied().collect();
        let count = aliases.len();
        aliases.sort_unstable();
        aliases.dedup();
        assert_eq!(aliases.len(), count);
    }
}
