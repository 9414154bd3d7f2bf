//! Steps to what controllers are to do.

use std::ops::Range;

use busproof_core::Span;
use busproof_core::bus::i2c::Address;
use busproof_parts::catalog;

use super::script::Source;
use super::{Problem, Result, crossing, find, find_bus, find_device, i2c, named, ranged, spi, uart};
use crate::compact::Script;
use crate::compact::i2c::{Op, OpKind};
use crate::compact::link::Takes;
use crate::format::raw::{StepTable, UntilKey};
use crate::format::scalar::Located;
use crate::format::vector::{
    At, Bus, BusId, BusKind, Device, DeviceId, DeviceKind, Model, Ops, Poll, Step, Until,
};

/// The shape of a step, for messages.
const STEP_SHAPE: &str =
    "a step is one of `do`, `delay`, and a transfer with `write` or `read`; split it into several";

/// What steps and checks refer to.
pub(super) struct Bench<'a> {
    pub(super) source: &'a str,
    pub(super) buses: &'a [Bus],
    pub(super) devices: &'a [Device],
}

impl Bench<'_> {
    pub(super) fn step(&self, located: &Located<StepTable>) -> Result<Step> {
        let table = located.value();
        let (bus, device) = self.target(table, &located.span())?;
        let on = &self.buses[bus.0];
        let (script, ops) = match special(located, on)? {
            Some(ops) => (Script::default(), ops),
            None => self.script(located, on, device)?,
        };
        Ok(Step {
            span: located.span(),
            bus,
            device,
            by: by(table, on, &located.span(), device.is_some())?,
            at: begin(table, on)?,
            script,
            ops,
            poll: poll(located, on)?,
        })
    }

    /// What the step says, and what that means on the bus.
    fn script(
        &self,
        located: &Located<StepTable>,
        bus: &Bus,
        device: Option<DeviceId>,
    ) -> Result<(Script, Ops)> {
        let device = device.map(|device| &self.devices[device.0]);
        let made = made_text(located, bus, device)?;
        let text = match &located.value().compact {
            Some(compact) => Source::of(self.source, compact),
            None => Source::made(&made, located.span()),
        };
        let script = text.script()?;
        let cs = match device.map(|device| &device.kind) {
            Some(DeviceKind::Spi(device)) => device.cs,
            Some(DeviceKind::I2c(_) | DeviceKind::Uart(_)) | None => 0,
        };
        let ops = match &bus.kind {
            BusKind::Spi(bus) => Ops::Spi(cs, spi::ops(&text, &script, bus)?),
            BusKind::I2c(_) => Ops::I2c(i2c::ops(&text, &script)?),
            BusKind::Uart(bus) => Ops::Uart(uart::ops(&text, &script, bus)?),
            BusKind::Handshake(bus) => {
                Ops::Link(crossing::ops(&text, &script, Takes::Words(bus.options.width.get()))?)
            }
            BusKind::Crossing(bus) => Ops::Link(crossing::ops(&text, &script, bus.takes())?),
        };
        Ok((script, ops))
    }

    /// The bus and the device that a step is for.
    fn target(&self, table: &StepTable, span: &Range<usize>) -> Result<(BusId, Option<DeviceId>)> {
        if table.device.is_some() {
            let device = find_device(self.devices, table.device.as_ref(), span)?;
            let bus = self.devices[device.0].bus;
            return match &table.bus {
                Some(name) if *name.value() != self.buses[bus.0].name => {
                    Err((name.span(), Problem::Choice("the device is on another bus; remove `bus`")))
                }
                _ => Ok((bus, Some(device))),
            };
        }
        let bus = find_bus(self.buses, table.bus.as_ref(), span)?;
        let here: Vec<usize> = (0..self.devices.len()).filter(|&i| self.devices[i].bus == bus).collect();
        match here.as_slice() {
            [one] => Ok((bus, Some(DeviceId(*one)))),
            [first, ..] if needs_device(table, &self.buses[bus.0]) => {
                let example = self.devices[*first].name.clone();
                Err((span.clone(), Problem::Ambiguous { what: "device", key: "device", example }))
            }
            _ => Ok((bus, None)),
        }
    }
}

/// True if the step says not by itself whom it is for: the brackets of SPI have no address.
fn needs_device(table: &StepTable, bus: &Bus) -> bool {
    match bus.kind {
        BusKind::Spi(_) => table.delay.is_none(),
        BusKind::I2c(_) => table.delay.is_none() && table.compact.is_none() && !table.bus_clear,
        BusKind::Uart(_) | BusKind::Handshake(_) | BusKind::Crossing(_) => false,
    }
}

// Who does it, when, and how often.

/// What SPI, with its one controller, cannot do.
const ONE_CONTROLLER: &str = "SPI has one controller, which does one step after the other; remove this key";

/// The number of the controller.
fn by(table: &StepTable, bus: &Bus, span: &Range<usize>, has_device: bool) -> Result<usize> {
    match (&bus.kind, &table.by) {
        (BusKind::Spi(_) | BusKind::Handshake(_) | BusKind::Crossing(_), None) => Ok(0),
        (BusKind::Spi(_), Some(by)) => Err((by.span(), Problem::Choice(ONE_CONTROLLER))),
        (BusKind::I2c(bus), by) => {
            let names = bus.controllers.iter().map(|c| c.name.as_deref().unwrap_or_default());
            find("controller", "by", names, named(by.as_ref()), span)
        }
        (BusKind::Uart(_), by) => uart::side(by.as_ref(), has_device),
        (BusKind::Handshake(_) | BusKind::Crossing(_), Some(by)) => {
            let problem = "words go from the one end to the other, and no one else speaks; remove `by`";
            Err((by.span(), Problem::Choice(problem)))
        }
    }
}

/// When it begins.
fn begin(table: &StepTable, bus: &Bus) -> Result<Option<At<Span>>> {
    match (&bus.kind, &table.at) {
        (BusKind::Spi(_), Some(at)) => Err((at.span(), Problem::Choice(ONE_CONTROLLER))),
        (_, at) => Ok(at.as_ref().map(|at| At { value: at.value().0, span: at.span() })),
    }
}

/// When it is done again.
fn poll(located: &Located<StepTable>, bus: &Bus) -> Result<Option<Poll>> {
    let table = located.value();
    let Some(until) = &table.until else {
        return match table.every.as_ref().or(table.within.as_ref()) {
            None => Ok(None),
            Some(time) => {
                Err((time.span(), Problem::Missing("nothing is waited for".into(), "`until = \"ack\"`")))
            }
        };
    };
    let no_acknowledge = match bus.kind {
        BusKind::Spi(_) => Some("SPI has no acknowledge; write `until = \"expected\"` and what is expected"),
        BusKind::I2c(_) => None,
        BusKind::Uart(_) => {
            Some("a UART has no acknowledge; write `until = \"expected\"` and what is expected")
        }
        BusKind::Handshake(_) | BusKind::Crossing(_) => {
            let problem =
                "words that were sent are under way, and sending them again would send more; remove `until`";
            return Err((until.span(), Problem::Choice(problem)));
        }
    };
    if let (UntilKey::Ack, Some(problem)) = (until.value(), no_acknowledge) {
        return Err((until.span(), Problem::Choice(problem)));
    }
    if let Some(at) = &table.at {
        return Err((at.span(), Problem::Choice("a step that is repeated begins when it can; remove `at`")));
    }
    let endless =
        || (located.span(), Problem::Missing("nobody waits for ever".into(), "`within = \"5 ms\"`"));
    Ok(Some(Poll {
        until: match until.value() {
            UntilKey::Ack => Until::Ack,
            UntilKey::Expected => Until::Expected,
        },
        every: table.every.as_ref().map_or(Span::ZERO, |every| every.value().0),
        within: table.within.as_ref().ok_or_else(endless)?.value().0,
    }))
}

// Steps that are not compact strings.

/// The operations of a step that only one protocol has; `None` for all others.
fn special(located: &Located<StepTable>, bus: &Bus) -> Result<Option<Ops>> {
    let table = located.value();
    let others = [table.compact.is_some(), table.delay.is_some(), is_transfer(table)];
    let own = [table.bus_clear, table.low.is_some(), table.lin.is_some()];
    match own.into_iter().filter(|said| *said).count() {
        0 => return Ok(None),
        1 if !others.contains(&true) => {}
        _ => return Err((located.span(), Problem::Choice(STEP_SHAPE))),
    }
    match (&bus.kind, &table.low, &table.lin) {
        (BusKind::I2c(_), None, None) => {
            Ok(Some(Ops::I2c(vec![Op { span: located.span(), kind: OpKind::BusClear }])))
        }
        (BusKind::Uart(_), Some(bits), None) => Ok(Some(Ops::Uart(uart::low(bits)?))),
        (BusKind::Uart(bus), None, Some(lin)) => {
            Ok(Some(Ops::Uart(uart::lin(lin, bus.options.data_bits.get())?)))
        }
        _ => Err((located.span(), Problem::Choice(OTHER_PROTOCOL))),
    }
}

/// What a step says on a bus that does not have it.
const OTHER_PROTOCOL: &str =
    "`bus_clear` is for I2C, `break` and `lin` are for UART; name a bus of that kind, or write `do`";

fn is_transfer(table: &StepTable) -> bool {
    table.write.is_some() || table.read.is_some() || table.expect.is_some()
}

/// The compact string of a step that is not written as one; empty for one that is.
fn made_text(located: &Located<StepTable>, bus: &Bus, device: Option<&Device>) -> Result<String> {
    let table = located.value();
    match (&table.compact, &table.delay, is_transfer(table)) {
        (Some(_), None, false) => Ok(String::new()),
        (None, Some(delay), false) => Ok(format!("d:{}", delay.value().0.to_string().replace(' ', ""))),
        (None, None, true) => transfer_text(located, bus, device),
        _ => Err((located.span(), Problem::Choice(STEP_SHAPE))),
    }
}

fn transfer_text(located: &Located<StepTable>, bus: &Bus, device: Option<&Device>) -> Result<String> {
    let table = located.value();
    let read = read_text(table)?;
    let written = table.write.as_ref().map(digits).transpose()?;
    match device.map(|device| &device.kind) {
        Some(DeviceKind::I2c(i2c)) => {
            let stated = i2c.address.as_ref().map(|address| address.value);
            let address = stated.or_else(|| device.and_then(usual_address)).ok_or_else(|| {
                let what = "whom is this for? its device has no address here".to_owned();
                (located.span(), Problem::Missing(what, "`address = 0x50` for the device, or `do`"))
            })?;
            Ok(addressed(address, written.as_deref(), read.as_deref()))
        }
        Some(DeviceKind::Spi(_) | DeviceKind::Uart(_)) | None => {
            let words = written.iter().flatten().map(|word| format!("0x{word}"));
            let words = words.chain(read).collect::<Vec<_>>().join(" ");
            let has_brackets = matches!(bus.kind, BusKind::Spi(_) | BusKind::I2c(_));
            Ok(if has_brackets { format!("[{words}]") } else { words })
        }
    }
}

/// The address that a part of the library has if nobody says another. That of a part file is not known before a run.
fn usual_address(device: &Device) -> Option<Address> {
    match &device.model {
        Model::Part(name) => catalog::find(&name.value).ok()?.i2c_addresses().first().copied(),
        Model::Reply(_) => None,
    }
}

/// An I2C transfer to write, to read, or to do one after the other; every byte must be acknowledged.
fn addressed(address: Address, written: Option<&[&str]>, read: Option<&str>) -> String {
    let address = match address {
        Address::Seven(value) => format!("@{value:02x}"),
        Address::Ten(value) => format!("@{value:03x}"),
    };
    let write = written.map(|words| {
        let words: Vec<String> = words.iter().map(|word| format!("0x{word}+")).collect();
        format!("[{address}w+ {}", words.join(" "))
    });
    let read = read.map(|read| format!("[{address}r+ {read}"));
    write.into_iter().chain(read).collect::<String>() + "]"
}

/// The item that reads, if anything is read.
fn read_text(table: &StepTable) -> Result<Option<String>> {
    let count = ranged("read", table.read.as_ref(), 0, 1, i64::from(u32::MAX))?;
    match (&table.read, &table.expect) {
        (None, None) => Ok(None),
        (Some(_), None) => Ok(Some(format!("r:{count}"))),
        (None, Some(expect)) => {
            Err((expect.span(), Problem::Choice("nothing is read that could be expected; add `read`")))
        }
        (Some(_), Some(expect)) => Ok(Some(format!("r:{count}=0x{}", digits(expect)?.concat()))),
    }
}

/// Groups of hexadecimal digits, or of `x`.
pub(super) fn digits(located: &Located<String>) -> Result<Vec<&str>> {
    const SHAPE: &str =
        "words are hexadecimal digits without prefix, such as `9f 00`; for all else write `do`";
    let words: Vec<&str> = located.value().split_whitespace().collect();
    let good = |c: char| c.is_ascii_hexdigit() || c == 'x';
    if words.is_empty() || !words.iter().all(|word| word.chars().all(good) && !word.starts_with("0x")) {
        return Err((located.span(), Problem::Choice(SHAPE)));
    }
    Ok(words)
}
