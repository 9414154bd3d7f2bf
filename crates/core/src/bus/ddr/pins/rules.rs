//! The timing of pins, as rows; that of commands is in the tables of the standards.
//!
//! An event of a pin happens at `[lane, ALL, ALL, ALL]`, lane 0 for what is no strobe or data wire; so no row of commands, which
//! speak of ranks and banks, takes it for one of its own.

use crate::bus::ddr::rules::{
    PARAMS, T_CH, T_CK, T_CL, T_DH, T_DQSCK_PIN, T_DQSH, T_DQSL, T_DQSQ, T_DQSS_PIN, T_DS, T_DSH, T_DSS,
    T_IH, T_IS, T_QH, T_QSH, T_QSL, T_RPRE_PIN, T_RPST_PIN, T_WPRE_PIN, T_WPST,
};
use crate::bus::ddr::{Command, SLOTS};
use crate::timing::{
    Bound, Classes, EventKind, EventSet, Kind, Needs, Param, ParamInfo, Point, Rule, Scope, Term, Unit,
};

/// The kinds of timing event on the pins; those below are the commands.
pub mod event {
    use super::{EventKind, SLOTS};

    /// CK rises.
    pub const CK_RISE: EventKind = nth(0);
    /// CK falls.
    pub const CK_FALL: EventKind = nth(1);
    /// CK rises, and the command pins are sampled.
    pub const SAMPLE: EventKind = nth(2);
    /// CS, CKE or ODT changes.
    pub const CONTROL_CHANGE: EventKind = nth(3);
    /// A command or address pin changes.
    pub const COMMAND_CHANGE: EventKind = nth(4);
    /// DQS rises with a beat of a write.
    pub const WDQS_RISE: EventKind = nth(5);
    /// DQS falls with a beat of a write.
    pub const WDQS_FALL: EventKind = nth(6);
    /// DQ or DM changes while it is written.
    pub const D_CHANGE: EventKind = nth(7);
    /// DQS rises with a beat of a read.
    pub const RDQS_RISE: EventKind = nth(8);
    /// DQS falls with a beat of a read.
    pub const RDQS_FALL: EventKind = nth(9);
    /// A write's rising DQS; its distance from the CK edge it belongs to.
    pub const DQSS: EventKind = nth(10);
    /// A read's rising DQS; its distance from the CK edge it belongs to.
    pub const DQSCK: EventKind = nth(11);
    /// Read data change behind their DQS edge; by how much.
    pub const DQSQ: EventKind = nth(12);
    /// Read data change; how long they were held after their DQS edge.
    pub const QH: EventKind = nth(13);
    /// The first DQS edge of a write; how long the preamble was.
    pub const WPRE: EventKind = nth(14);
    /// The first DQS edge of a read; how long the preamble was.
    pub const RPRE: EventKind = nth(15);
    /// DQS is released after a write; how long the postamble was.
    pub const WPST: EventKind = nth(16);
    /// DQS is released after a read; how long the postamble was.
    pub const RPST: EventKind = nth(17);

    const fn nth(n: u8) -> EventKind {
        EventKind(SLOTS as u8 + n)
    }

    /// The names of those of the pins.
    pub(super) const PIN_NAMES: [&str; 18] = [
        "CK_RISE",
        "CK_FALL",
        "SAMPLE",
        "CONTROL_CHANGE",
        "COMMAND_CHANGE",
        "WDQS_RISE",
        "WDQS_FALL",
        "D_CHANGE",
        "RDQS_RISE",
        "RDQS_FALL",
        "DQSS",
        "DQSCK",
        "DQSQ",
        "QH",
        "WPRE",
        "RPRE",
        "WPST",
        "RPST",
    ];
}

/// The kinds of event by name, commands first; the position is the number.
pub const NAMES: &[&str] = &{
    let mut names = [""; SLOTS + event::PIN_NAMES.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = if i < SLOTS { Command::ALL[i].name() } else { event::PIN_NAMES[i - SLOTS] };
        i += 1;
    }
    names
};

use event::{
    CK_FALL, CK_RISE, COMMAND_CHANGE, CONTROL_CHANGE, D_CHANGE, DQSCK, DQSQ, DQSS, QH, RDQS_FALL, RDQS_RISE,
    RPRE, RPST, SAMPLE, WDQS_FALL, WDQS_RISE, WPRE, WPST,
};

/// The parameter of the pins that data sheets call so; some are called as one of the commands, which counts in whole clocks.
pub fn param(name: &str) -> Option<(Param, &'static ParamInfo)> {
    let all = (0..).zip(PARAMS).filter(|(i, _)| *i >= T_IS.0);
    let found = all.into_iter().find(|(_, info)| short(info) == name)?;
    Some((Param(found.0), found.1))
}

/// The names that [`param`] knows.
pub fn param_names() -> impl Iterator<Item = &'static str> {
    PARAMS.iter().skip(usize::from(T_IS.0)).map(short)
}

/// The name of a parameter of this bus as data sheets spell it.
pub fn short(info: &ParamInfo) -> &'static str {
    info.name.strip_suffix(";DQS").unwrap_or(info.name)
}

const MODEL: &str = "Micron DDR3 Verilog model; Alliance AS4C256M16D4 p.181-183, AC timing";
const JEDEC: &str =
    "JESD79-3 and JESD79-4, AC timing parameters, as Micron's model and Alliance's data sheets quote them";

/// Anywhere on the channel.
const ANYWHERE: Scope = Scope::Same(0);
/// In the lane of the same strobe.
const LANE: Scope = Scope::Same(1);

const WDQS: &[EventKind] = &[WDQS_RISE, WDQS_FALL];

/// What a row is called, what it asks, what usually breaks it.
type Words = [&'static str; 3];

const fn row([name, summary, cause]: Words, at: Point, source: &'static str, kind: Kind) -> Rule {
    let (classes, class_of_from, needs) = (Classes::ANY, false, Needs::Edges);
    Rule { name, summary, cause, kind, at, classes, class_of_from, needs, source }
}

const fn limit(param: Param) -> &'static [Term] {
    /// A term for each parameter of this bus.
    const TERMS: [Term; 128] = {
        let mut terms = [Term::Fixed(0); 128];
        let mut i = 0;
        while i < terms.len() {
            terms[i] = Term::of(Param(i as u16));
            i += 1;
        }
        terms
    };
    let (_, from) = TERMS.split_at(param.0 as usize);
    let (one, _) = from.split_at(1);
    one
}

const fn least(from: &[EventKind], to: &[EventKind], scope: Scope, param: Param) -> Kind {
    Kind::Between {
        from: EventSet::of(from),
        nth: 1,
        to: EventSet::of(to),
        reset: EventSet::NONE,
        scope,
        must_come: false,
        bound: Bound::Min(limit(param)),
    }
}

const fn at_least(quantity: EventKind, param: Param) -> Kind {
    Kind::Measure { quantity, unit: Unit::Fs, bound: Bound::Min(limit(param)) }
}

const fn at_most(quantity: EventKind, param: Param) -> Kind {
    Kind::Measure { quantity, unit: Unit::Fs, bound: Bound::Max(limit(param)) }
}

const fn needs_release(rule: Rule) -> Rule {
    Rule { needs: Needs::FourStates, ..rule }
}

use Point::{Controller, Target};

/// The rows.
pub const RULES: &[Rule] = &[
    row(
        ["tCK", "clock period", "the clock is faster than the memory's speed grade, or it jitters"],
        Target,
        JEDEC,
        least(&[CK_RISE], &[CK_RISE], ANYWHERE, T_CK),
    ),
    row(
        ["tCH", "clock high time", "the duty cycle of the clock is not half"],
        Target,
        MODEL,
        least(&[CK_RISE], &[CK_FALL], ANYWHERE, T_CH),
    ),
    row(
        ["tCL", "clock low time", "the duty cycle of the clock is not half"],
        Target,
        MODEL,
        least(&[CK_FALL], &[CK_RISE], ANYWHERE, T_CL),
    ),
    row(
        [
            "tIS",
            "command and address set-up to CK",
            "commands come out on the clock edge that samples them, or skew is not compensated",
        ],
        Target,
        MODEL,
        least(&[COMMAND_CHANGE], &[SAMPLE], ANYWHERE, T_IS),
    ),
    row(
        [
            "tIH",
            "command and address hold after CK",
            "commands change with the clock edge that samples them: send them half a clock earlier",
        ],
        Target,
        MODEL,
        least(&[SAMPLE], &[COMMAND_CHANGE], ANYWHERE, T_IH),
    ),
    row(
        [
            "tIS;CTRL",
            "CS, CKE and ODT set-up to CK",
            "control pins come out on the clock edge that samples them",
        ],
        Target,
        MODEL,
        least(&[CONTROL_CHANGE], &[CK_RISE], ANYWHERE, T_IS),
    ),
    row(
        [
            "tIH;CTRL",
            "CS, CKE and ODT hold after CK",
            "control pins change with the clock edge that samples them: send them half a clock earlier",
        ],
        Target,
        MODEL,
        least(&[CK_RISE], &[CONTROL_CHANGE], ANYWHERE, T_IH),
    ),
    row(
        ["tDS", "write data set-up to DQS", "write data are not centred on DQS: the phase of DQS is off"],
        Target,
        MODEL,
        least(&[D_CHANGE], WDQS, LANE, T_DS),
    ),
    row(
        ["tDH", "write data hold after DQS", "write data are not centred on DQS: the phase of DQS is off"],
        Target,
        MODEL,
        least(WDQS, &[D_CHANGE], LANE, T_DH),
    ),
    row(
        [
            "tDQSS",
            "write DQS to its CK edge, early or late",
            "write levelling is missing or off: DQS and CK arrive at the memory at different times",
        ],
        Target,
        MODEL,
        at_most(DQSS, T_DQSS_PIN),
    ),
    row(
        ["tDSS", "write DQS falling edge set-up to CK", "write levelling is missing or off"],
        Target,
        MODEL,
        least(&[WDQS_FALL], &[CK_RISE], LANE, T_DSS),
    ),
    row(
        ["tDSH", "write DQS falling edge hold after CK", "write levelling is missing or off"],
        Target,
        MODEL,
        least(&[CK_RISE], &[WDQS_FALL], LANE, T_DSH),
    ),
    row(
        ["tDQSH", "write DQS high time", "the duty cycle of DQS is not half"],
        Target,
        MODEL,
        least(&[WDQS_RISE], &[WDQS_FALL], LANE, T_DQSH),
    ),
    row(
        ["tDQSL", "write DQS low time", "the duty cycle of DQS is not half"],
        Target,
        MODEL,
        least(&[WDQS_FALL], &[WDQS_RISE], LANE, T_DQSL),
    ),
    row(
        [
            "tDQSCK",
            "read DQS to its CK edge, early or late",
            "the memory's DLL is off or not locked, or the read latency is set wrong",
        ],
        Target,
        MODEL,
        at_most(DQSCK, T_DQSCK_PIN),
    ),
    row(
        ["tQSH", "read DQS high time", "the duty cycle of the clock shows in DQS"],
        Target,
        MODEL,
        least(&[RDQS_RISE], &[RDQS_FALL], LANE, T_QSH),
    ),
    row(
        ["tQSL", "read DQS low time", "the duty cycle of the clock shows in DQS"],
        Target,
        MODEL,
        least(&[RDQS_FALL], &[RDQS_RISE], LANE, T_QSL),
    ),
    row(
        [
            "tDQSQ",
            "read DQS to the last data of its lane",
            "skew between the wires of a lane, or an output slower than its data sheet promises",
        ],
        Controller,
        MODEL,
        at_most(DQSQ, T_DQSQ),
    ),
    row(
        ["tQH", "read data hold after DQS", "skew between the wires of a lane, or duty cycle of the clock"],
        Controller,
        MODEL,
        at_least(QH, T_QH),
    ),
    row(
        ["tWPRE", "write preamble of DQS", "the controller drives DQS too late: the first beat may be lost"],
        Target,
        MODEL,
        at_least(WPRE, T_WPRE_PIN),
    ),
    needs_release(row(
        [
            "tWPST",
            "write postamble of DQS",
            "the controller lets go of DQS too soon: a glitch may be sampled",
        ],
        Target,
        MODEL,
        at_least(WPST, T_WPST),
    )),
    row(
        ["tRPRE", "read preamble of DQS", "the memory drives DQS too late, or its preamble is set shorter"],
        Controller,
        MODEL,
        at_least(RPRE, T_RPRE_PIN),
    ),
    needs_release(row(
        ["tRPST", "read postamble of DQS", "the memory lets go of DQS too soon"],
        Controller,
        MODEL,
        at_least(RPST, T_RPST_PIN),
    )),
];
