//! UART's entry in the table of buses.

use super::{Baud, DataBits, Options, Oversampling, Packets, Parity, Sampling, StopBits, Votes, pin, rules};
use crate::bits::BitOrder;
use crate::bus::{BusInfo, CodeInfo, OptionError, OptionInfo, Role};
use crate::log::SignalId;

/// UART.
pub const INFO: BusInfo = BusInfo {
    name: "uart",
    summary: "universal asynchronous receiver and transmitter: frames without a clock, RS-232, RS-485, LIN",
    roles: ROLES,
    options: OPTIONS,
    params: rules::PARAMS,
    derived: rules::DERIVED,
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
    role(
        "tx",
        pin::TX,
        &["tx", "txd", "uart_tx", "uart_txd", "tx0", "txd0", "tx_o", "sout"],
        "what this end sends",
    ),
    role(
        "rx",
        pin::RX,
        &["rx", "rxd", "uart_rx", "uart_rxd", "rx0", "rxd0", "rx_i", "sin"],
        "what this end receives",
    ),
    role(
        "rts",
        pin::RTS,
        &["rts", "rts#", "rts_n", "nrts", "uart_rts", "uart_rts_n"],
        "Low: this end can take more on rx",
    ),
    role(
        "cts",
        pin::CTS,
        &["cts", "cts#", "cts_n", "ncts", "uart_cts", "uart_cts_n"],
        "Low: the other end can take more on tx",
    ),
    role(
        "de",
        pin::DE,
        &["de", "uart_de", "txen", "tx_en", "drv_en", "rs485_de"],
        "High: the RS-485 driver of tx is on",
    ),
    role(
        "peer_de",
        pin::PEER_DE,
        &["peer_de", "de_peer", "de2"],
        "High: the other end's RS-485 driver is on, where both share the wire tx",
    ),
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
    option(
        "baud",
        "1 to 1000000000, with up to three decimals, or auto",
        "115200",
        "bits per second; auto: found from the edges",
    ),
    option("data_bits", "5 to 9", "8", "data bits of a frame"),
    option("parity", "none, odd, even, mark or space", "none", "the parity bit"),
    option("stop_bits", "1, 1.5 or 2", "1", "the stop bits"),
    option("bit_order", "lsb or msb", "lsb", "which data bit travels first"),
    option("invert_rx", "true or false", "false", "rx idles Low"),
    option("invert_tx", "true or false", "false", "tx idles Low"),
    option("rs485", "true or false", "false", "a shared line with driver enable"),
    option("lin", "true or false", "false", "sync and identifier follow a break"),
    option("oversampling", "ideal, 8 or 16", "ideal", "samples per bit of the receiver that is judged for"),
    option("votes", "1 or 3", "1", "samples that decide about a bit in that receiver"),
    option("packets", "none, delimiter:HEX, length:FRAMES or gap:BITS", "none", "what makes frames a packet"),
    option("glitch", "0 to 400", "250", "pulses shorter than so many thousandths of a bit are no edges"),
];

const CODES: &[CodeInfo] = &[
    CodeInfo {
        code: "uart::framing-error",
        summary: "the stop bit of a frame is Low, or not High for all of its length",
        explanation: "Where a stop bit should be the line is still or again Low: in its middle, or later on without a \
                      start bit following. Usual causes: another bit rate, another \
                      number of data bits or parity than the one set, clocks that differ by more than the frame \
                      tolerates (look at the measured rate), an inverted line, or a receiver that joined in the middle \
                      of a frame.",
    },
    CodeInfo {
        code: "uart::parity-error",
        summary: "the parity bit does not fit the data",
        explanation: "If every frame has it, the parity is set wrong (odd for even). If few have it, bits are damaged on the \
                      way: noise, or a sample margin close to nothing. A data bit that is X also counts.",
    },
    CodeInfo {
        code: "uart::overrun",
        summary: "a receiver lost a frame, since its FIFO was full",
        explanation: "Frames come faster than they are read. The old ones are kept and the new one is lost (RM0383 section \
                      19.3.3). Ways out: read more often, a deeper FIFO, or flow control that stops the other end with \
                      room for what is still under way. Only said where the receiver is simulated.",
    },
    CodeInfo {
        code: "uart::noise",
        summary: "the samples that decide about a bit in a receiver did not agree",
        explanation: "Two of three decided, so the bit may be right, but an edge or a pulse came close to its middle: noise, or \
                      clocks that differ by more than frames tolerate without a flag (`Goal::Samples`). Only said where the \
                      receiver is simulated.",
    },
    CodeInfo {
        code: "uart::break",
        summary: "the line is Low for a frame or longer",
        explanation: "A break is sent on purpose to attract attention (LIN, DMX, a console). A line that is not driven, \
                      unplugged or held in reset looks the same, and so does any line that idles Low because it is \
                      inverted.",
    },
    CodeInfo {
        code: "uart::false-start",
        summary: "the line fell while idle, but not for long enough to be a start bit",
        explanation: "In the middle of what would be the start bit the line is High again, so receivers go back to waiting. \
                      Usual causes: crosstalk, a driver that is being enabled, a plug being pushed in.",
    },
    CodeInfo {
        code: "uart::cut-off",
        summary: "the waveform ends within a frame",
        explanation: "The last frame is not reported, since its stop bit was not seen.",
    },
    CodeInfo {
        code: "uart::rate-found",
        summary: "the bit rate was found from the edges",
        explanation: "No rate was given (baud = auto), so the shortest pulses that occur more than once were taken for a bit, \
                      and the usual rate within 3 % of that. Give the rate to be sure: margins and errors are measured \
                      against it.",
    },
    CodeInfo {
        code: "uart::rate-unknown",
        summary: "there were too few edges to find the bit rate",
        explanation: "No rate was given (baud = auto), and there were fewer than three edges. 115200 was used.",
    },
    CodeInfo {
        code: "uart::rate-off",
        summary: "most frames are more than 3 % off the rate that was set",
        explanation: "That is more than clocks differ: the rate is probably another one, or the divider of the transmitter \
                      was computed for another clock. With baud = auto it is found from the edges.",
    },
    CodeInfo {
        code: "uart::under-sampled",
        summary: "the recording has less than four samples per bit",
        explanation: "Bits may be read wrong, glitches cannot be told from bits, and timing rules cannot be decided. Record \
                      at eight times the bit rate at least; twenty times to judge timing.",
    },
    CodeInfo {
        code: "uart::collision",
        summary: "both drivers of a shared wire are on",
        explanation: "On a half-duplex wire one end lets go before the other answers. While both drivers are on they may \
                      oppose each other, and what is sent meanwhile is garbled for everybody. Usual causes: the answer \
                      comes before the turnaround is over (tTURN), the driver is disabled late, two ends send without \
                      being asked.",
    },
    CodeInfo {
        code: "uart::lin-sync",
        summary: "the byte behind a LIN break is not the sync byte",
        explanation: "A LIN header is a break, the byte 55h, from which the others take the bit rate, and a protected \
                      identifier. Usual causes: a break too short to be one, or a wrong bit rate.",
    },
    CodeInfo {
        code: "uart::lin-checksum",
        summary: "the checksum of a LIN response is wrong",
        explanation: "The last byte before the next break is neither the inverted sum of the bytes before it (classic) nor of \
                      them and the protected identifier (enhanced), carries added in. Diagnostic messages (3ch, 3dh) have \
                      the classic one. Usual causes: a damaged byte, two responders, a response that was cut off.",
    },
    CodeInfo {
        code: "uart::lin-id",
        summary: "the parity of a LIN identifier is wrong",
        explanation: "Bit 6 is ID0 ^ ID1 ^ ID2 ^ ID4 and bit 7 the complement of ID1 ^ ID3 ^ ID4 ^ ID5. Some published \
                      descriptions leave ID4 out of the second.",
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
        const SWITCH: &[(&str, bool)] = &[("true", true), ("false", false)];
        let number = || value.parse::<u32>().ok();
        match key {
            "baud" if value.eq_ignore_ascii_case("auto") => self.baud = None,
            "baud" => self.baud = Some(value.parse::<Baud>().ok()?),
            "data_bits" => self.data_bits = DataBits::new(number()?)?,
            "parity" => self.parity = pick(value, PARITIES)?,
            "stop_bits" => self.stop_bits = pick(value, STOP_BITS)?,
            "bit_order" => self.bit_order = pick(value, &[("msb", BitOrder::Msb), ("lsb", BitOrder::Lsb)])?,
            "invert_rx" => self.invert_rx = pick(value, SWITCH)?,
            "invert_tx" => self.invert_tx = pick(value, SWITCH)?,
            "rs485" => self.rs485 = pick(value, SWITCH)?,
            "lin" => self.lin = pick(value, SWITCH)?,
            "oversampling" => {
                self.sampling = Sampling { oversampling: pick(value, OVERSAMPLING)?, ..self.sampling }
            }
            "votes" => {
                let votes = pick(value, &[("1", Votes::One), ("3", Votes::Three)])?;
                self.sampling = Sampling { votes, ..self.sampling };
            }
            "packets" => self.packets = packets(value)?,
            "glitch" => self.glitch = u16::try_from(number().filter(|n| *n <= 400)?).ok()?,
            _ => return None,
        }
        Some(())
    }
}

const PARITIES: &[(&str, Parity)] = &[
    ("none", Parity::None),
    ("odd", Parity::Odd),
    ("even", Parity::Even),
    ("mark", Parity::Mark),
    ("space", Parity::Space),
];

const STOP_BITS: &[(&str, StopBits)] = &[
    ("1", StopBits::One),
    ("1.0", StopBits::One),
    ("1.5", StopBits::OneAndHalf),
    ("2", StopBits::Two),
    ("2.0", StopBits::Two),
];

const OVERSAMPLING: &[(&str, Oversampling)] =
    &[("ideal", Oversampling::Ideal), ("8", Oversampling::X8), ("16", Oversampling::X16)];

/// `none`, or a kind with its number behind a colon.
fn packets(value: &str) -> Option<Packets> {
    let Some((kind, number)) = value.split_once(':') else {
        return value.eq_ignore_ascii_case("none").then_some(Packets::None);
    };
    let positive = || number.parse::<u16>().ok().filter(|&n| n > 0);
    match kind {
        "delimiter" => {
            let digits = number.strip_prefix("0x").unwrap_or(number);
            u16::from_str_radix(digits, 16).ok().filter(|&n| n < 512).map(Packets::Delimiter)
        }
        "length" => positive().map(Packets::Length),
        "gap" => positive().map(Packets::Gap),
        _ => None,
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
        let mut all = Options::default();
        for info in OPTIONS {
            assert_eq!(all.set(info.key, info.default), Ok(()), "{}", info.key);
            let error = Options::default().set(info.key, "nonsense").unwrap_err().to_string();
            assert!(error.contains(info.key) && error.contains(info.values), "{error}");
        }
        assert_eq!(all, Options::default());
        assert!(Options::default().set("speed", "1").unwrap_err().to_string().contains("data_bits"));
    }

    #[test]
    fn values_are_held_to_their_range() {
        let set = |key, value| Options::default().set(key, value).is_ok();
        assert!(set("data_bits", "5") && set("data_bits", "9"));
        assert!(!set("data_bits", "4") && !set("data_bits", "10"));
        assert!(set("baud", "auto") && set("baud", "134.5") && !set("baud", "0"));
        assert!(set("packets", "delimiter:0a") && set("packets", "length:8") && set("packets", "gap:39"));
        assert!(!set("packets", "length:0") && !set("packets", "delimiter:200") && !set("packets", "line:1"));
        assert!(set("glitch", "400") && !set("glitch", "401"));
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
