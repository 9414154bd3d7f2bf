//! The handshake's entry in the table of buses.

use super::{DataPhase, Options, Protocol, Width, pin, rules};
use crate::bus::{BusInfo, CodeInfo, OptionError, OptionInfo, Role};
use crate::log::SignalId;

/// Handshakes.
pub const INFO: BusInfo = BusInfo {
    name: "handshake",
    summary: "handshakes: four- and two-phase bundled data, dual rail, valid/ready",
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

/// A role that a group of wires plays, or a single one.
const fn group(
    name: &'static str,
    pin: SignalId,
    aliases: &'static [&'static str],
    summary: &'static str,
) -> Role {
    Role { wires: super::Width::MAX, ..role(name, pin, aliases, summary) }
}

/// The roles of the wires that may stand for a group.
macro_rules! wires {
    ($pin:ident, $group:literal, $summary:literal, $($i:literal $name:literal)*) => {
        [$(role($name, pin::$pin($i), &[$name, concat!($group, "[", $i, "]"), concat!($group, $i)], $summary)),*]
    };
}

const DATA: [Role; 16] = wires!(data, "data", "a bit of the word", 0 "d0" 1 "d1" 2 "d2" 3 "d3" 4 "d4" 5 "d5" 6 "d6" 7 "d7"
    8 "d8" 9 "d9" 10 "d10" 11 "d11" 12 "d12" 13 "d13" 14 "d14" 15 "d15");
const TRUE: [Role; 16] = wires!(true_rail, "data_t", "a true rail", 0 "t0" 1 "t1" 2 "t2" 3 "t3" 4 "t4" 5 "t5" 6 "t6" 7 "t7"
    8 "t8" 9 "t9" 10 "t10" 11 "t11" 12 "t12" 13 "t13" 14 "t14" 15 "t15");
const FALSE: [Role; 16] = wires!(false_rail, "data_f", "a false rail", 0 "f0" 1 "f1" 2 "f2" 3 "f3" 4 "f4" 5 "f5" 6 "f6" 7 "f7"
    8 "f8" 9 "f9" 10 "f10" 11 "f11" 12 "f12" 13 "f13" 14 "f14" 15 "f15");

const SHARED: [Role; 8] = [
    role("req", pin::REQ, &["req", "request", "req_o", "req_i"], "request; four- and two-phase"),
    role("ack", pin::ACK, &["ack", "acknowledge", "ack_i", "ack_o"], "acknowledge; all but valid/ready"),
    group(
        "data",
        pin::DATA,
        &["data", "tdata", "payload", "word"],
        "the word, as a group or a single wire; all but dual rail",
    ),
    group("t", pin::TRUE, &["t", "data_t", "true", "rail_t"], "the true rails, as a group; dual rail"),
    group("f", pin::FALSE, &["f", "data_f", "false", "rail_f"], "the false rails, as a group; dual rail"),
    role("clk", pin::CLK, &["clk", "aclk", "clock"], "the clock; valid/ready"),
    role("valid", pin::VALID, &["valid", "tvalid", "vld"], "a word is offered; valid/ready"),
    role("ready", pin::READY, &["ready", "tready", "rdy"], "the word is taken; valid/ready"),
];

const ROLES: &[Role] = &{
    let mut roles = [SHARED[0]; pin::COUNT];
    let mut i = 0;
    while i < pin::COUNT {
        roles[i] = match i {
            0..8 => SHARED[i],
            8..24 => DATA[i - 8],
            24..40 => TRUE[i - 24],
            _ => FALSE[i - 40],
        };
        i += 1;
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

const OPTIONS: &[OptionInfo] = &[
    option(
        "protocol",
        "four-phase, two-phase, dual-rail or valid-ready",
        "four-phase",
        "how sender and receiver agree on a word",
    ),
    option("width", "1 to 64", "8", "bits in a word"),
    option(
        "data_phase",
        "early, broad or late",
        "early",
        "when the data of a four-phase handshake are valid",
    ),
    option(
        "stall",
        "a time such as 10 us, or never",
        "never",
        "a handshake that does not move for longer is a deadlock",
    ),
];

const CODES: &[CodeInfo] = &[
    CodeInfo {
        code: "handshake::data-changed",
        summary: "bundled data change while they have to be stable",
        explanation: "The receiver may latch the old word, the new one or a mix. The request was sent before the slowest \
                      bit had settled (lengthen the matched delay), or the sender went on before it saw the \
                      acknowledge. Which phase asks for stable data is set by data_phase. In a recording a change \
                      within one sample of the request is only a warning.",
    },
    CodeInfo {
        code: "handshake::unknown-data",
        summary: "a word is not known when it has to be valid",
        explanation: "Some bits are X or Z: not driven yet, contention, or memory that was never written.",
    },
    CodeInfo {
        code: "handshake::ack-without-request",
        summary: "the acknowledge moves though nothing is requested",
        explanation: "The receiver answers a glitch on the request, or has lost count. In two phases everything after \
                      it is out of step: the sender takes the stray acknowledge for its next word.",
    },
    CodeInfo {
        code: "handshake::request-withdrawn",
        summary: "a request is taken back before it was acknowledged",
        explanation: "The receiver may have seen it, or not: the word may be taken, lost or doubled. A request stays \
                      until its acknowledge; there is no way to cancel it.",
    },
    CodeInfo {
        code: "handshake::double-acknowledge",
        summary: "one request is acknowledged twice",
        explanation: "The acknowledge went back and came again while the request was up. A sender that counts edges \
                      believes that two words were taken. Usual cause: a glitch, or a receiver that is reset in the \
                      middle.",
    },
    CodeInfo {
        code: "handshake::early-return",
        summary: "the acknowledge returns to zero before the request has",
        explanation: "A slow sender misses the acknowledge altogether and waits for ever, or acknowledges meet the wrong \
                      request. The acknowledge has to stay until the request (or the last rail) has fallen.",
    },
    CodeInfo {
        code: "handshake::no-return-to-zero",
        summary: "the next request comes while the acknowledge has not returned to zero",
        explanation: "The sender did not wait for the fourth phase: it takes the old acknowledge for a new one, and the \
                      word may be lost. Where that is meant, the protocol is two-phase.",
    },
    CodeInfo {
        code: "handshake::rail-withdrawn",
        summary: "a rail falls before its word is acknowledged",
        explanation: "Dual rails stay up until the acknowledge. A glitch on a rail looks like this, too: dual-rail logic \
                      must be free of glitches.",
    },
    CodeInfo {
        code: "handshake::two-rails",
        summary: "a bit shows both its rails in turn without NULL between",
        explanation: "Between two NULLs each bit raises exactly one rail. The sender went from word to word without \
                      returning to NULL, or a glitch raised the wrong rail for a moment.",
    },
    CodeInfo {
        code: "handshake::illegal-code",
        summary: "both rails of a bit are up",
        explanation: "The pair 11 means nothing in dual rail. Usual causes: a stuck rail, a short, two drivers.",
    },
    CodeInfo {
        code: "handshake::early-data",
        summary: "a rail rises before the acknowledge has returned to zero",
        explanation: "The sender did not wait for the end of the handshake of the word before. The receiver takes the old \
                      acknowledge for that of the new word.",
    },
    CodeInfo {
        code: "handshake::early-acknowledge",
        summary: "a word is acknowledged before it is complete",
        explanation: "Completion detection looks at every bit; here it left one out, or the acknowledge is stuck.",
    },
    CodeInfo {
        code: "handshake::valid-withdrawn",
        summary: "VALID is taken back without a transfer",
        explanation: "Once VALID is up it stays up until the clock edge at which READY is up, too (AXI; Intel 683397, Data \
                      Exchange). The receiver may have begun to act on the word.",
    },
    CodeInfo {
        code: "handshake::payload-changed",
        summary: "the payload changes while VALID waits for READY",
        explanation: "The payload is stable from VALID until the transfer (AXI; Intel 683397, Data Exchange). Usual cause: \
                      the source counts on without looking at READY.",
    },
    CodeInfo {
        code: "handshake::waits-for-ready",
        summary: "the sender seems to offer words only after READY",
        explanation: "A source must not wait for READY before it raises VALID (AXI; Intel 683397, Data Exchange): with a \
                      sink that waits for VALID, as it may, nothing ever moves. Wires do not tell intentions: this is \
                      said when no word of eight or more was offered while READY was down, though there was occasion.",
    },
    CodeInfo {
        code: "handshake::nobody-begins",
        summary: "neither VALID nor READY is ever raised",
        explanation: "Either there was nothing to send, or the sender waits for READY and the receiver for VALID.",
    },
    CodeInfo {
        code: "handshake::deadlock",
        summary: "a handshake has begun and nothing moves any more",
        explanation: "One side waits for what the other will not do: a receiver that is full for ever, a lost edge, a stuck \
                      wire, two-phase ends that disagree on the idle level (reset both at once). The time is set by \
                      stall.",
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
        match key {
            "protocol" => {
                let names = Protocol::ALL.map(Protocol::name);
                self.protocol = Protocol::ALL[position(value, &names)?];
            }
            "width" => self.width = Width::new(value.parse().ok()?)?,
            "data_phase" => {
                let names = DataPhase::ALL.map(DataPhase::name);
                self.data_phase = DataPhase::ALL[position(value, &names)?];
            }
            "stall" if value.eq_ignore_ascii_case("never") => self.stall = None,
            "stall" => self.stall = Some(value.parse().ok()?),
            _ => return None,
        }
        Some(())
    }
}

fn position(value: &str, names: &[&str]) -> Option<usize> {
    names.iter().position(|name| name.eq_ignore_ascii_case(value))
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
        assert!(Options::default().set("speed", "1").unwrap_err().to_string().contains("data_phase"));
    }

    #[test]
    fn values_are_held_to_their_range() {
        let set = |key, value| {
            let mut options = Options::default();
            options.set(key, value).map(|()| options)
        };
        assert!(set("width", "1").is_ok() && set("width", "64").is_ok());
        assert!(set("width", "0").is_err() && set("width", "65").is_err());
        assert_eq!(set("protocol", "Dual-Rail").unwrap().protocol, Protocol::DualRail);
        assert_eq!(set("data_phase", "late").unwrap().data_phase, DataPhase::Late);
        assert_eq!(set("stall", "10 us").unwrap().stall, Some(crate::Span::from_us(10)));
    }

    #[test]
    fn names_are_unique_and_roles_stand_in_the_order_of_their_pins() {
        assert!(ROLES.iter().enumerate().all(|(i, role)| role.pin.index() == i));
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
