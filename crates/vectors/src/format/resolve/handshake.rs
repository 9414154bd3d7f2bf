//! The tables of handshakes to what they mean.

use std::ops::Range;

use busproof_core::bus::handshake::{
    DataPhase, FaultKind, INFO, Options, Protocol, ReceiverFaultKind, Width, pin,
};
use busproof_core::cdc::{FlopSpec, Metastability, Resolution};
use busproof_core::{SignalId, Span};

use super::{Problem, Result, at, clock, limits, ranged, span_or_zero, time};
use crate::format::raw::ClockTable;
use crate::format::raw::handshake::{
    DataPhaseKey, FlopTable, HandshakeBusTable, HandshakeStuckTable, MetastabilityKey, ProtocolKey,
    ReceiverFaultTable, ReceiverTable, SenderFaultTable, SenderTable, WiresKey,
};
use crate::format::scalar::{Located, SpanText, TimeText};
use crate::format::vector::handshake::{Bus, Pace, Receiver, Sender, Stuck, Wires, pins};
use crate::format::vector::{self, BusKind, Clock};

// Buses.

pub(super) fn bus(name: &str, span: Range<usize>, table: &HandshakeBusTable) -> Result<vector::Bus> {
    let options = Options {
        protocol: protocol(table.protocol.unwrap_or_default()),
        width: width(table.width.as_ref())?,
        data_phase: table.data_phase.as_ref().map_or(DataPhase::default(), |key| data_phase(*key.value())),
        stall: table.stall.map(|stall| stall.0),
    };
    fitting_phase(table, options.protocol)?;
    let wires = wires(table.wires.as_ref(), &options)?;
    let wiring = Wiring(pins(&options, wires));
    let kind = Bus {
        options,
        wires,
        clock: common_clock(name, &span, table, options.protocol)?,
        sender: sender(&table.sender, &options)?,
        receiver: receiver(&table.receiver, &options)?,
        time_out: table.time_out.map(|t| t.0),
        stuck: table.fault.stuck.iter().map(|stuck| one_stuck(stuck, &wiring)).collect::<Result<_>>()?,
    };
    Ok(vector::Bus {
        name: name.to_owned(),
        span,
        part: table.standard.as_ref().map(at),
        limits: limits(&table.timing, &INFO)?,
        kind: BusKind::Handshake(Box::new(kind)),
    })
}

fn protocol(key: ProtocolKey) -> Protocol {
    match key {
        ProtocolKey::FourPhase => Protocol::FourPhase,
        ProtocolKey::TwoPhase => Protocol::TwoPhase,
        ProtocolKey::DualRail => Protocol::DualRail,
        ProtocolKey::ValidReady => Protocol::ValidReady,
    }
}

fn data_phase(key: DataPhaseKey) -> DataPhase {
    match key {
        DataPhaseKey::Early => DataPhase::Early,
        DataPhaseKey::Broad => DataPhase::Broad,
        DataPhaseKey::Late => DataPhase::Late,
    }
}

/// The bits of a word.
pub(super) fn width(number: Option<&Located<i64>>) -> Result<Width> {
    let bits = ranged("width", number, 8, 1, Width::MAX.into())?;
    Ok(Width::new(bits as u32).unwrap_or_default())
}

fn fitting_phase(table: &HandshakeBusTable, protocol: Protocol) -> Result<()> {
    match &table.data_phase {
        Some(phase) if protocol != Protocol::FourPhase => {
            let problem = "only four phases leave it open when data are valid; remove `data_phase`";
            Err((phase.span(), Problem::Choice(problem)))
        }
        _ => Ok(()),
    }
}

fn wires(key: Option<&Located<WiresKey>>, options: &Options) -> Result<Wires> {
    let Some(key) = key.filter(|key| *key.value() == WiresKey::Single) else { return Ok(Wires::Group) };
    if options.width.get() > pin::WIRES {
        let problem = "more than 16 bits do not go on wires of their own; write `wires = \"group\"`";
        return Err((key.span(), Problem::Choice(problem)));
    }
    Ok(Wires::Single)
}

/// The clock of both ends, which valid/ready has and nobody else.
fn common_clock(
    name: &str,
    span: &Range<usize>,
    table: &HandshakeBusTable,
    protocol: Protocol,
) -> Result<Option<Clock>> {
    match (protocol, &table.clock) {
        (Protocol::ValidReady, given) => frequency(name, span, given.as_ref()).map(Some),
        (_, None) => Ok(None),
        (_, Some(_)) => {
            let problem = "only valid/ready has a clock in common; give the ends clocks of their own, such as `sender.clock`";
            Err((span.clone(), Problem::Choice(problem)))
        }
    }
}

/// A clock that must be there.
pub(super) fn frequency(name: &str, span: &Range<usize>, given: Option<&ClockTable>) -> Result<Clock> {
    let missing =
        || (span.clone(), Problem::Missing(format!("`{name}` has no clock"), "`clock = \"100 MHz\"`"));
    let table = given.ok_or_else(missing)?;
    clock(table, table.frequency.ok_or_else(missing)?.0)
}

fn one_stuck(located: &Located<HandshakeStuckTable>, bus: &Wiring) -> Result<Stuck> {
    let table = located.value();
    if table.to.is_some_and(|to| to.0 <= span_or_zero(table.from)) {
        let problem = "a wire is stuck until before it is; write a `to` later than `from`";
        return Err((located.span(), Problem::Choice(problem)));
    }
    Ok(Stuck {
        pin: bus.wire(&table.net)?,
        level: table.level.into(),
        from: span_or_zero(table.from),
        to: table.to.map(|t| t.0),
    })
}

/// The wires that a bus has.
struct Wiring(Vec<SignalId>);

impl Wiring {
    /// The single wire of that name.
    fn wire(&self, name: &Located<String>) -> Result<SignalId> {
        let own = || self.0.iter().map(|pin| &INFO.roles[pin.index()]).filter(|role| role.wires == 1);
        let found = own().find(|role| role.name == name.value());
        found.map(|role| role.pin).ok_or_else(|| {
            let hint = crate::suggest::hint(name.value(), own().map(|role| role.name));
            (name.span(), Problem::UnknownName { what: "wire", name: name.value().clone(), hint })
        })
    }
}

// Ends.

fn sender(table: &SenderTable, options: &Options) -> Result<Sender> {
    let keys = PaceKeys {
        delay: table.delay.as_ref(),
        delay_most: table.delay_most.as_ref(),
        clock: table.clock.as_ref(),
        stages: table.stages.as_ref(),
        flop: table.flop.as_ref(),
    };
    Ok(Sender {
        pace: keys.pace(options.protocol)?,
        setup: time(table.setup.as_ref()),
        pattern: table.pattern.map_or_else(Default::default, |pattern| pattern.0),
        waits_for_ready: table.waits_for_ready,
        faults: table
            .fault
            .iter()
            .map(|fault| sender_fault(fault, options.protocol))
            .collect::<Result<_>>()?,
    })
}

fn receiver(table: &ReceiverTable, options: &Options) -> Result<Receiver> {
    let keys = PaceKeys {
        delay: table.delay.as_ref(),
        delay_most: table.delay_most.as_ref(),
        clock: table.clock.as_ref(),
        stages: table.stages.as_ref(),
        flop: table.flop.as_ref(),
    };
    Ok(Receiver {
        pace: keys.pace(options.protocol)?,
        pattern: table.pattern.map_or_else(Default::default, |pattern| pattern.0),
        waits_for_valid: table.waits_for_valid,
        faults: table
            .fault
            .iter()
            .map(|fault| receiver_fault(fault, options.protocol))
            .collect::<Result<_>>()?,
    })
}

/// The keys that say when an end acts.
struct PaceKeys<'a> {
    delay: Option<&'a Located<TimeText>>,
    delay_most: Option<&'a Located<TimeText>>,
    clock: Option<&'a Located<ClockTable>>,
    stages: Option<&'a Located<i64>>,
    flop: Option<&'a Located<FlopTable>>,
}

impl PaceKeys<'_> {
    fn pace(&self, protocol: Protocol) -> Result<Pace> {
        let Some(own) = self.clock else {
            let flops = self.stages.map(Located::span).or(self.flop.map(Located::span));
            return match flops {
                None => Ok(Pace::Delays(time(self.delay), time(self.delay_most))),
                Some(span) => Err((
                    span,
                    Problem::Choice("flops have a clock; write `clock` beside them, or remove them"),
                )),
            };
        };
        if protocol == Protocol::ValidReady {
            let problem = "both ends of valid/ready are on one clock; write `clock` for the bus";
            return Err((own.span(), Problem::Choice(problem)));
        }
        if let Some(delay) = self.delay.or(self.delay_most) {
            let problem =
                "an end with a clock acts at its edges; remove the delay, or set `clk_to_q` of its `flop`";
            return Err((delay.span(), Problem::Choice(problem)));
        }
        Ok(Pace::Clocked {
            clock: Box::new(frequency("clock", &own.span(), Some(own.value()))?),
            stages: stages(self.stages)?,
            flop: flop(self.flop)?,
        })
    }
}

/// How many flops there are in a row.
pub(super) fn stages(number: Option<&Located<i64>>) -> Result<u8> {
    Ok(ranged("stages", number, 2, 0, 255)? as u8)
}

/// What flops these are.
pub(super) fn flop(located: Option<&Located<FlopTable>>) -> Result<FlopSpec> {
    let Some(located) = located else { return Ok(FlopSpec::IDEAL) };
    let table = located.value();
    let flop = FlopSpec {
        setup: span_or_zero(table.setup),
        hold: span_or_zero(table.hold),
        clk_to_q: span_or_zero(table.clk_to_q),
        metastability: metastability(located)?,
    };
    flop.check().map_err(|error| (located.span(), Problem::Flop(error.to_string())))?;
    Ok(flop)
}

fn metastability(located: &Located<FlopTable>) -> Result<Metastability> {
    const SECOND: f64 = 1e15;
    let table = located.value();
    match (table.metastability, table.tau, table.t0) {
        (MetastabilityKey::Never, None, None) => Ok(Metastability::Never),
        (MetastabilityKey::OneCycle, None, None) => Ok(Metastability::OneCycle),
        (MetastabilityKey::Resolves, Some(tau), Some(t0)) => {
            let [tau, t0] = [tau, t0].map(|time| time.0.as_fs() as f64 / SECOND);
            Ok(Metastability::Resolves(Resolution { tau, t0 }))
        }
        _ => {
            let problem = "`tau` and `t0` are those of `metastability = \"resolves\"`, which needs both";
            Err((located.span(), Problem::Choice(problem)))
        }
    }
}

// Faults.

/// The one that is written.
fn only<K>(span: Range<usize>, kinds: impl IntoIterator<Item = Option<K>>) -> Result<K> {
    let mut written = kinds.into_iter().flatten();
    if let (Some(kind), None) = (written.next(), written.next()) {
        return Ok(kind);
    }
    let problem = "a fault is one thing that happens to a word; write several, each in braces of its own";
    Err((span, Problem::Choice(problem)))
}

fn sender_fault(located: &Located<SenderFaultTable>, protocol: Protocol) -> Result<(u64, FaultKind)> {
    let table = located.value();
    let withdraw = |after: SpanText| FaultKind::Withdraw { after: after.0 };
    let late = |by: SpanText| FaultKind::DataLate { by: by.0 };
    let changed = |after: SpanText| FaultKind::DataChanges { after: after.0 };
    let kind = only(
        located.span(),
        [
            table.withdraw.map(withdraw),
            table.late_data.map(late),
            table.changed_data.map(changed),
            table.no_return.then_some(FaultKind::NoReturnToZero),
            table.illegal_code.then_some(FaultKind::IllegalCode),
        ],
    )?;
    let fits = match kind {
        FaultKind::Withdraw { .. } => true,
        FaultKind::DataLate { .. } => protocol.is_bundled(),
        FaultKind::DataChanges { .. } => protocol != Protocol::DualRail,
        FaultKind::NoReturnToZero => matches!(protocol, Protocol::FourPhase | Protocol::DualRail),
        FaultKind::IllegalCode => protocol == Protocol::DualRail,
    };
    fitting(located.span(), fits)?;
    Ok((table.word, kind))
}

fn receiver_fault(
    located: &Located<ReceiverFaultTable>,
    protocol: Protocol,
) -> Result<(u64, ReceiverFaultKind)> {
    let table = located.value();
    let double = |width: SpanText| ReceiverFaultKind::DoubleAcknowledge { width: width.0 };
    let early = |width: SpanText| ReceiverFaultKind::EarlyReturn { width: width.0 };
    let spurious = |width: SpanText| ReceiverFaultKind::SpuriousAcknowledge { width: width.0 };
    let kind = only(
        located.span(),
        [
            table.double_acknowledge.map(double),
            table.early_return.map(early),
            table.spurious_acknowledge.map(spurious),
            table.never_acknowledge.then_some(ReceiverFaultKind::NeverAcknowledge),
        ],
    )?;
    let fits = match kind {
        ReceiverFaultKind::NeverAcknowledge => true,
        ReceiverFaultKind::EarlyReturn { .. } => {
            matches!(protocol, Protocol::FourPhase | Protocol::DualRail)
        }
        _ => protocol != Protocol::ValidReady,
    };
    fitting(located.span(), fits)?;
    Ok((table.word, kind))
}

fn fitting(span: Range<usize>, fits: bool) -> Result<()> {
    let problem = "this cannot go wrong in this protocol; choose another fault, or another `protocol`";
    if fits { Ok(()) } else { Err((span, Problem::Choice(problem))) }
}

/// A time that is not the default.
pub(super) fn span_or(text: Option<&Located<SpanText>>, default: Span) -> Span {
    text.map_or(default, |text| text.value().0)
}
