//! I2C's entry in the table of buses.

use super::{Options, Protocol, Speed, pin, rules};
use crate::bus::{BusInfo, CodeInfo, OptionError, OptionInfo, Role};

/// I2C.
pub const INFO: BusInfo = BusInfo {
    name: "i2c",
    summary: "inter-integrated circuit bus, and SMBus: two open-drain wires shared by controllers and targets",
    roles: ROLES,
    options: OPTIONS,
    params: rules::PARAMS,
    derived: &[],
    rules: rules::RULES,
    events: rules::event::NAMES,
    codes: CODES,
    checks: rules::CHECKS,
};

const ROLES: &[Role] = &[
    Role {
        name: "scl",
        pin: pin::SCL,
        aliases: &["scl", "i2c_scl", "scl_i", "scl_in", "smbclk", "clk", "clock"],
        wires: 1,
        summary: "the clock",
    },
    Role {
        name: "sda",
        pin: pin::SDA,
        aliases: &["sda", "i2c_sda", "sda_i", "sda_in", "smbdat", "sdat", "data"],
        wires: 1,
        summary: "the data",
    },
];

const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        key: "speed",
        values: "standard, fast, fast-plus, high, ultra-fast or auto",
        default: "auto",
        summary: "the speed class; auto is guessed from the clock",
    },
    OptionInfo {
        key: "protocol",
        values: "i2c or smbus",
        default: "i2c",
        summary: "what is spoken on the bus",
    },
    OptionInfo {
        key: "pec",
        values: "on or off (or true or false, as in vectors)",
        default: "off",
        summary: "each message ends in a packet error code (SMBus)",
    },
    OptionInfo {
        key: "spike",
        values: "a time such as `50 ns`, or auto",
        default: "auto",
        summary: "spikes shorter than this are no edges; auto is the speed class's tSP",
    },
];

const CODES: &[CodeInfo] = &[
    CodeInfo {
        code: "i2c::start-in-byte",
        summary: "SDA fell while SCL was high in the middle of a byte",
        explanation: "A START in a place where none belongs. Every target must start anew at it (UM10204 section 3.1.10, \
                      note 4), and the byte is lost. Usual causes: a sender that changes SDA while SCL is high, a \
                      controller that was reset in a transfer, a glitch on SDA longer than the input filter, two \
                      controllers that arbitrate where they must not (section 3.1.8).",
    },
    CodeInfo {
        code: "i2c::stop-in-byte",
        summary: "SDA rose while SCL was high in the middle of a byte",
        explanation: "A STOP in a place where none belongs: the byte, or its acknowledge, is lost. Usual causes: a sender \
                      that changes SDA while SCL is high, an SDA that rises so slowly that it reaches High after SCL, a \
                      controller that gives up, a glitch on SDA longer than the input filter. Harmless in a bus clear: \
                      clocks sent until a stuck target lets go of SDA.",
    },
    CodeInfo {
        code: "i2c::void-message",
        summary: "a START directly followed by a STOP",
        explanation: "An illegal format (UM10204 section 3.1.10, note 5), though many devices tolerate it. Usual causes: a \
                      driver that probes the bus, a spike on SDA while SCL is high; if there is nothing else, SCL and SDA \
                      are exchanged.",
    },
    CodeInfo {
        code: "i2c::reserved-address",
        summary: "an address with a meaning of its own was called",
        explanation: "The addresses 0000 xxx and 1111 xxx are reserved (UM10204 table 3): general call, START byte, CBUS, \
                      another bus's format, High-speed master codes, 10-bit addressing, Device ID. A scan of all \
                      addresses calls them, too, and devices may answer in surprising ways; scan from 08h to 77h.",
    },
    CodeInfo {
        code: "i2c::reserved-acknowledged",
        summary: "a call that nobody may acknowledge was acknowledged",
        explanation: "No device may acknowledge a START byte, a CBUS address or a High-speed master code (UM10204 table 3 \
                      and sections 3.1.12 and 5.3). Usual causes: a device whose address is set to 0, SDA stuck low, a \
                      device that acknowledges everything.",
    },
    CodeInfo {
        code: "i2c::ultra-fast",
        summary: "something that Ultra-fast mode does not have: a read, or a ninth bit that is low",
        explanation: "Ultra-fast mode is write-only and push-pull: nobody answers, and the ninth bit is driven high (UM10204 \
                      section 4). A device of another mode on the bus fights the controller's driver.",
    },
    CodeInfo {
        code: "i2c::stretch",
        summary: "SCL was held low for much longer than in the other clocks of the transfer",
        explanation: "Either a target stretches the clock (UM10204 section 3.1.9), or the controller pauses: a digital \
                      recording does not tell who holds SCL low; an analogue one may, by the level. I2C sets no limit. \
                      SMBus does (tTIMEOUT, tLOW:SEXT, tLOW:MEXT). Controllers without support for stretching read wrong \
                      bytes from a target that does it.",
    },
    CodeInfo {
        code: "i2c::early-sampling",
        summary: "the controller goes on with its clock while a target holds SCL",
        explanation: "Behind a long low SCL is high for less than half of its usual time: the controller counted its high time \
                      from letting go of SCL, not from SCL being high (UM10204 section 3.1.9). Meanwhile it has sampled SDA \
                      with SCL low, and perhaps counted clocks that nobody saw, so what it reads is wrong and its bytes are \
                      out of step; tHIGH and fSCL break as well. Let it wait until SCL is high before it samples, at every \
                      bit; a controller that cannot needs targets that do not stretch.",
    },
    CodeInfo {
        code: "i2c::scl-stuck",
        summary: "SCL stays low up to the end of the waveform",
        explanation: "Nothing can be said while SCL is low, and no bus clear helps: the device that holds it needs a reset or \
                      a power cycle (UM10204 section 3.1.16). Usual causes: a target that waits for something while it \
                      stretches, a device without power that clamps the wires, a short, a missing pull-up, SCL mapped to \
                      a signal that is none. If SDA is low, too, the bus may have no power.",
    },
    CodeInfo {
        code: "i2c::sda-stuck",
        summary: "SDA stays low up to the end of the waveform",
        explanation: "No START or STOP is possible while SDA is low. A target that was left in the middle of a byte waits for \
                      clocks: up to nine of them free it (bus clear; UM10204 section 3.1.16), else a reset or a power cycle. \
                      Usual causes: a controller that was reset in a transfer, a glitch on SCL that put a target out of \
                      step, a device without power, a short, a missing pull-up.",
    },
    CodeInfo {
        code: "i2c::bus-clear",
        summary: "clocks while SDA stays low, up to a STOP",
        explanation: "As bytes these are 00, acknowledged: a general call and nothing meant by it, since SDA never moved and \
                      no device is called by 00 alone. It is what a controller sends to free an SDA that is stuck: clocks \
                      until the target in mid-byte lets go, and a STOP (UM10204 section 3.1.16). Ask why a target was left \
                      in the middle of a byte.",
    },
    CodeInfo {
        code: "i2c::data-after-nack",
        summary: "a byte follows one that was not acknowledged",
        explanation: "After a byte that is not acknowledged the controller sends a STOP or a repeated START (UM10204 section \
                      3.1.6): nobody listens to more, or the target has refused. Usual causes: a driver that does not look \
                      at the acknowledge, a wrong address, a target that is busy. Cameras on SCCB have a ninth bit that \
                      means nothing; this says nothing of them.",
    },
    CodeInfo {
        code: "i2c::acknowledged-last",
        summary: "the last byte of a read is acknowledged",
        explanation: "The controller does not acknowledge the last byte that it reads, so that the target lets go of SDA \
                      (UM10204 section 3.1.10). If it does, the target puts the next bit on SDA: where that is low, no STOP \
                      can follow, and the target hangs in mid-byte. Usual causes: a driver that reads one byte too few, or \
                      that sets its NACK too late.",
    },
    CodeInfo {
        code: "i2c::spike",
        summary: "pulses too short for the input filter were ignored",
        explanation: "Receivers of Fast mode and above ignore pulses shorter than tSP (50 ns, at High speed 10 ns); so does \
                      the decoder (`spike`). A Standard-mode device without a filter may see edges here. Usual causes: \
                      crosstalk between SCL and SDA, reflections, slow edges across a threshold without hysteresis.",
    },
    CodeInfo {
        code: "i2c::coincident",
        summary: "SDA and SCL changed in one sample",
        explanation: "The recording does not tell which came first. The decoder takes the legal order: SDA after SCL falls \
                      and before SCL rises, so that no START or STOP is invented; set-up and hold are then 0 with the \
                      doubt of a sample. Record faster to know.",
    },
    CodeInfo {
        code: "i2c::under-sampled",
        summary: "halves of the clock are a single sample long",
        explanation: "The recording is too slow for this clock: an edge may fall between two samples and be lost, and \
                      timing rules cannot be decided. Record at ten times the clock frequency at least; at fifty times to \
                      judge timing.",
    },
    CodeInfo {
        code: "i2c::idle-clock",
        summary: "SCL runs while the bus is free",
        explanation: "Clocks behind a STOP and without a START belong to no transfer. Usual causes: a bus clear (nine clocks \
                      to free a stuck SDA; UM10204 section 3.1.16), a START lost between two samples, SCL shared with \
                      another bus.",
    },
    CodeInfo {
        code: "i2c::arbitration-undefined",
        summary: "two controllers met in a way that arbitration does not settle",
        explanation: "While arbitration is open, one controller sends a data bit where the other sends a repeated START or a \
                      STOP, or one a repeated START where the other sends a STOP (UM10204 section 3.1.8). Neither can know \
                      who has won; ours lets go of the bus and tries again. Only a controller notices: on the wires it \
                      looks like a START or STOP in a byte. Let controllers that share a target send messages of the \
                      same shape, or decide above the bus who talks.",
    },
    CodeInfo {
        code: "i2c::pec",
        summary: "the packet error code of a message is wrong",
        explanation: "The last byte of an SMBus message with a packet error code is the CRC-8 (polynomial 07h) of all bytes \
                      before it, addresses and direction bits included, over repeated STARTs up to the STOP. A message \
                      without the code looks wrong, too: use the option `pec` where every message has one.",
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
        let auto = value.eq_ignore_ascii_case("auto");
        match key {
            "speed" if auto => self.speed = None,
            "speed" => self.speed = Some(pick(value, &Speed::ALL.map(|speed| (speed.name(), speed)))?),
            "protocol" => {
                self.protocol = pick(value, &[("i2c", Protocol::I2c), ("smbus", Protocol::SmBus)])?;
            }
            "pec" => {
                self.pec = pick(value, &[("on", true), ("off", false), ("true", true), ("false", false)])?;
            }
            "spike" if auto => self.spike = None,
            "spike" => self.spike = Some(value.parse().ok()?),
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
    use crate::time::Span;

    #[test]
    fn every_option_takes_its_default_and_refuses_nonsense() {
        for info in OPTIONS {
            let mut options = Options::default();
            assert_eq!(options.set(info.key, info.default), Ok(()), "{}", info.key);
            assert_eq!(options, Options::default(), "{}", info.key);
            let error = options.set(info.key, "nonsense").unwrap_err().to_string();
            assert!(error.contains(info.key) && error.contains(info.values), "{error}");
        }
        assert!(Options::default().set("mode", "1").unwrap_err().to_string().contains("protocol"));
    }

    #[test]
    fn values_are_taken_over() {
        let mut options = Options::default();
        for (key, value) in
            [("speed", "fast-plus"), ("protocol", "SMBus"), ("pec", "on"), ("spike", "12.5 ns")]
        {
            options.set(key, value).unwrap();
        }
        let spike = Some(Span::from_ps(12_500));
        let want = Options { speed: Some(Speed::FastPlus), protocol: Protocol::SmBus, pec: true, spike };
        assert_eq!(options, want);
        assert!(options.set("spike", "50").is_err(), "a time without a unit");
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

    #[test]
    fn every_parameter_but_the_filter_has_a_rule() {
        let uses = |i: usize| {
            let term = crate::timing::Term::of(crate::timing::Param(i as u16));
            rules::RULES.iter().any(|r| r.bound().is_some_and(|b| b.terms().contains(&term)))
        };
        let unused: Vec<&str> =
            (0..rules::PARAMS.len()).filter(|&i| !uses(i)).map(|i| rules::PARAMS[i].name).collect();
        assert_eq!(unused, ["tSP"]);
    }
}
