//! The timing of a UART, as rows.
//!
//! Three kinds of limit meet here. Some follow from the frame format and the receiver alone and are exact
//! ([`Sampling::tolerance`](super::Sampling::tolerance)); [`limits`] sets them from the [`Options`]. Some are asked for by a
//! protocol such as LIN; [`limits`] sets these, too. The rest are times that a device or a board states, and are not judged
//! until somebody does.
//!
//! ```text
//!        |<- start ->|                          |<- stop: tSTOP ->|<- tGAP ->|
//! TX  ‾‾‾\___________X‾‾‾‾‾X_____X ... X________/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\________
//! DE  __/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\___
//!       |<>| tDE-lead                                             |<---->| tDE-tail
//! ```

use super::{Baud, Goal, Options};
use crate::timing::param::params;
use crate::timing::{
    Bound, Classes, EventKind, EventSet, Kind, Needs, Param, Params, Point, ProtocolCheck, Rule, Scope, Term,
    Unit,
};

params! {
    T_BDEL "tBDEL" Time Min "break delimiter: from the end of a break to the next start";
    T_GAP "tGAP" Time Min "idle line between two frames";
    T_RTS "tRTS" Time Max "from being told to stop to the last start that may still come";
    T_DE_LEAD "tDE-lead" Time Min "from driver enable to the start bit";
    T_DE_TAIL "tDE-tail" Time Min "from the end of the last stop bit to driver disable";
    T_TURN "tTURN" Time Min "turnaround: from a frame on one line to one on the other";
    T_GAP_MAX "tGAP" Time Max "idle line between two frames of a packet";
}

/// Parameters that [`limits`] derives from the options; their units are not those of part files.
const fn derived(n: u16) -> Param {
    Param(PARAMS.len() as u16 + n)
}

/// What [`limits`] derives from the options, in words.
pub const DERIVED: &[&str] = &[
    "no distance at all",
    "the slowest rate that the receiver takes",
    "the fastest rate that the receiver takes",
    "the stop bits agreed on, less an eighth of a bit",
    "13 bits, for LIN",
    "1 frame",
];

/// The least sample margin, in thousandths of a bit.
pub const MARGIN: Param = derived(0);
/// The slowest rate against the nominal one, in parts per million; negative.
pub const RATE_SLOW: Param = derived(1);
/// The fastest rate against the nominal one, in parts per million.
pub const RATE_FAST: Param = derived(2);
/// The shortest stop bits, in thousandths of a bit.
pub const STOP: Param = derived(3);
/// The shortest break, in thousandths of a bit.
pub const BREAK: Param = derived(4);
/// How many frames may begin after the transmitter was told to stop.
pub const FLOW_FRAMES: Param = derived(5);

/// By how much stop bits may be short, in thousandths of a bit: bits made of whole clocks differ in length, and no document
/// says by how much they may (unverified).
pub const STOP_ALLOWANCE: i64 = 125;

/// The kinds of timing event on the link; the first level of their place is the line, 0 for TX and 1 for RX.
pub mod event {
    use crate::timing::EventKind;

    /// The kinds by name, for reports; the position is the number.
    pub const NAMES: &[&str] = &[
        "START",
        "END",
        "STOP",
        "RATE",
        "MARGIN",
        "BREAK",
        "BREAK_END",
        "FLOW_OFF",
        "FLOW_ON",
        "FLOW_FRAMES",
        "DE_ON",
        "DE_OFF",
        "DE_LEAD",
        "DE_TAIL",
        "GAP",
    ];

    /// The falling edge of a start bit.
    pub const START: EventKind = EventKind(0);
    /// The end of a frame's last stop bit by the nominal rate, or the next start if that comes before.
    pub const END: EventKind = EventKind(1);
    /// At a start: how long the stop bits of the frame before were, in thousandths of its transmitter's own bit.
    pub const STOP: EventKind = EventKind(2);
    /// At the end of a frame whose edges span more than half of it: its rate error in parts per million.
    pub const RATE: EventKind = EventKind(3);
    /// At the end of a frame: its least sample margin in thousandths of a bit.
    pub const MARGIN: EventKind = EventKind(4);
    /// At the end of a break: its length in thousandths of a bit.
    pub const BREAK: EventKind = EventKind(5);
    /// The line rises after a break.
    pub const BREAK_END: EventKind = EventKind(6);
    /// RTS or CTS: the transmitter of the line is told to stop.
    pub const FLOW_OFF: EventKind = EventKind(7);
    /// RTS or CTS: it may go on.
    pub const FLOW_ON: EventKind = EventKind(8);
    /// How many frames have begun since it was told to stop: at each of them, or where it may go on if there was none.
    pub const FLOW_FRAMES: EventKind = EventKind(9);
    /// The driver of TX is enabled.
    pub const DE_ON: EventKind = EventKind(10);
    /// It is disabled.
    pub const DE_OFF: EventKind = EventKind(11);
    /// How long before the start bit the driver was enabled, in femtoseconds; negative if after it.
    pub const DE_LEAD: EventKind = EventKind(12);
    /// How long after the end of a frame it was disabled; negative if before it.
    pub const DE_TAIL: EventKind = EventKind(13);
    /// At the start of a frame of a packet that has begun: how long the line was idle before it, in femtoseconds.
    pub const GAP: EventKind = EventKind(14);
}

use event::{BREAK_END, DE_LEAD, DE_TAIL, END, FLOW_OFF, FLOW_ON, START};

/// The limits that follow from the options alone.
///
/// For margins and rates those of the receiver that [`Options::sampling`] describes, so that bytes are right whatever the
/// data and the start phase, frames back to back; for stop bits their own length, less [`STOP_ALLOWANCE`]; for LIN its break
/// and delimiter; for RS-485 a driver that is on from start to end.
pub fn limits(options: &Options) -> Params {
    let mut params = Params::new();
    let tolerance = options.sampling.tolerance(options, Goal::Bytes);
    let receiver = "worked out from the frame format and the receiver";
    params.set(MARGIN, 0, receiver);
    params.set(RATE_SLOW, tolerance.slow_ppm, receiver);
    params.set(RATE_FAST, tolerance.fast_ppm, receiver);
    let stop = options.stop_bits.halves() as i64 * 500 - STOP_ALLOWANCE;
    params.set(
        STOP,
        stop,
        "the stop bits agreed on, less an eighth of a bit for dividers that do not divide evenly",
    );
    params.set(
        FLOW_FRAMES,
        1,
        "RM0383 section 19.3.13: CTS is looked at before each frame; one may just have begun",
    );
    if options.lin {
        params.set(BREAK, 13_000, "LIN: at least 13 nominal bits");
        if let Some(bit) = options.baud.map(Baud::bit) {
            params.set(T_BDEL, bit.as_fs() as i64, "LIN: at least 1 nominal bit");
        }
    }
    if options.rs485 {
        params.set(T_DE_LEAD, 0, "the driver is on before the start bit");
        params.set(T_DE_TAIL, 0, "the driver is on until the end of the last stop bit");
    }
    params
}

const fn set(kinds: &[EventKind]) -> EventSet {
    EventSet::of(kinds)
}

const fn rule(name: &'static str, summary: &'static str, cause: &'static str, kind: Kind) -> Rule {
    Rule {
        name,
        summary,
        cause,
        kind,
        at: Point::Controller,
        classes: Classes::ANY,
        class_of_from: false,
        needs: Needs::Edges,
        source: FRAME,
    }
}

const fn between(from: EventSet, to: EventSet, reset: EventSet, scope: Scope, bound: Bound) -> Kind {
    Kind::Between { from, nth: 1, to, reset, scope, must_come: false, bound }
}

const fn measure(quantity: EventKind, unit: Unit, bound: Bound) -> Kind {
    Kind::Measure { quantity, unit, bound }
}

const FRAME: &str =
    "AVR DS40002061A, frame formats and asynchronous operational range; RM0383 section 19.3.3";
const FLOW: &str = "RM0383 section 19.3.13, hardware flow control";
const LIN: &str = "LIN: protocol and data link layer, message frame";
const RS485: &str =
    "SAM USART in RS485 mode: the driver is on one bit before the frame and through its stop bits";

/// The checks of the protocol, by the events that put them to the test: each frame has a stop bit.
pub const CHECKS: &[ProtocolCheck] = &[ProtocolCheck::on("uart::framing-error", &[event::STOP])];

/// The rules.
pub const RULES: &[Rule] = &[
    rule(
        "sampling",
        "distance of the edges from the samples of the receiver",
        "the two clocks differ by too much for the length of the frame, or edges are late, early or jittery",
        measure(event::MARGIN, Unit::MilliUi, Bound::Min(&[Term::of(MARGIN)])),
    ),
    rule(
        "rate-slow",
        "slowest rate of a frame against the nominal one",
        "the transmitter's clock or divider is too slow; look at the error of clock / (16 x divisor)",
        measure(event::RATE, Unit::Ppm, Bound::Min(&[Term::of(RATE_SLOW)])),
    ),
    rule(
        "rate-fast",
        "fastest rate of a frame against the nominal one",
        "the transmitter's clock or divider is too fast; look at the error of clock / (16 x divisor)",
        measure(event::RATE, Unit::Ppm, Bound::Max(&[Term::of(RATE_FAST)])),
    ),
    rule(
        "tSTOP",
        "length of the stop bits, in bits of the transmitter",
        "the transmitter sends fewer stop bits than agreed on, or starts its next frame early",
        measure(event::STOP, Unit::MilliUi, Bound::Min(&[Term::of(STOP)])),
    ),
    Rule {
        source: LIN,
        ..rule(
            "tBREAK",
            "length of a break",
            "the break is sent as a frame of zeros at the normal rate, which is too short",
            measure(event::BREAK, Unit::MilliUi, Bound::Min(&[Term::of(BREAK)])),
        )
    },
    Rule {
        source: LIN,
        ..rule(
            "tBDEL",
            "break delimiter",
            "the sync byte follows the break at once",
            between(
                set(&[BREAK_END]),
                set(&[START]),
                EventSet::NONE,
                Scope::Same(1),
                Bound::Min(&[Term::of(T_BDEL)]),
            ),
        )
    },
    rule(
        "tGAP",
        "idle line between two frames",
        "the transmitter sends faster than its peer can take",
        between(set(&[END]), set(&[START]), EventSet::NONE, Scope::Same(1), Bound::Min(&[Term::of(T_GAP)])),
    ),
    Rule {
        source: "no document: what makes frames a packet is an option; Modbus RTU asks for at most 1.5 characters (unverified)",
        ..rule(
            "tGAP-max",
            "idle line between two frames of a packet",
            "the transmitter is interrupted within a packet, or its FIFO runs empty",
            measure(event::GAP, Unit::Fs, Bound::Max(&[Term::of(T_GAP_MAX)])),
        )
    },
    Rule {
        source: FLOW,
        ..rule(
            "tRTS",
            "time from being told to stop to the last start",
            "the transmitter looks at its CTS pin too seldom, or empties a FIFO first",
            between(
                set(&[FLOW_OFF]),
                set(&[START]),
                set(&[FLOW_ON]),
                Scope::Same(1),
                Bound::Max(&[Term::of(T_RTS)]),
            ),
        )
    },
    Rule {
        source: FLOW,
        ..rule(
            "RTS-frames",
            "frames begun after being told to stop",
            "the transmitter ignores its CTS pin, or empties a FIFO first",
            measure(event::FLOW_FRAMES, Unit::Count, Bound::Max(&[Term::of(FLOW_FRAMES)])),
        )
    },
    Rule {
        source: RS485,
        ..rule(
            "tDE-lead",
            "driver enabled before the start bit",
            "the driver is enabled too late, so that the start bit is cut short for the others on the line",
            measure(DE_LEAD, Unit::Fs, Bound::Min(&[Term::of(T_DE_LEAD)])),
        )
    },
    Rule {
        source: RS485,
        ..rule(
            "tDE-tail",
            "driver enabled to the end of the last stop bit",
            "the driver is disabled when the transmit buffer is empty rather than when the last bit has left",
            measure(DE_TAIL, Unit::Fs, Bound::Min(&[Term::of(T_DE_TAIL)])),
        )
    },
    Rule {
        source: "half duplex: one line is silent for a while before the other answers",
        ..rule(
            "tTURN",
            "turnaround between the two lines",
            "the answer comes before the other end has let go of the line or listens again",
            between(
                set(&[END, BREAK_END]),
                set(&[START]),
                EventSet::NONE,
                Scope::Other(1),
                Bound::Min(&[Term::of(T_TURN)]),
            ),
        )
    },
];
