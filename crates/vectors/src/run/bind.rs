//! What a vector leaves to the parts: which they are, and what the names of times stand for.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use busproof_core::Span;
use busproof_core::bus::spi::CommandTable;
use busproof_core::bus::uart;
use busproof_core::timing::{Param, ParamInfo, Params, Quantity, Side};
use busproof_parts::{Conditions, Part, Pick, catalog};

use crate::format::{At, Bus, BusId, BusKind, Device, DeviceId, Model, Vector};
use crate::param;
use crate::time_expr::{ResolveError, TimeExpr};

/// Something that a vector names and that is not there or cannot be used, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unusable {
    /// The bytes of the vector file.
    pub(super) span: Range<usize>,
    /// Why, with a way out.
    pub(super) message: String,
}

impl Unusable {
    pub(super) fn new(span: &Range<usize>, why: impl Into<String>) -> Unusable {
        Unusable { span: span.clone(), message: why.into() }
    }
}

/// A vector and its parts.
pub(super) struct Bound<'a> {
    pub(super) vector: &'a Vector,
    /// The parts that state the limits of a bus, by bus.
    hosts: Vec<Option<Arc<Part>>>,
    /// The devices' parts.
    parts: Vec<Option<Arc<Part>>>,
}

impl<'a> Bound<'a> {
    /// Finds the parts; paths are relative to `folder`.
    pub(super) fn new(vector: &'a Vector, folder: &Path) -> Result<Bound<'a>, Unusable> {
        let hosts =
            vector.buses.iter().map(|bus| bus.part.as_ref().map(|name| on(bus, name, folder)).transpose());
        let parts = vector.devices.iter().map(|device| match &device.model {
            Model::Part(name) => part(name, folder).map(Some),
            Model::Reply(_) => Ok(None),
        });
        Ok(Bound { vector, hosts: hosts.collect::<Result<_, _>>()?, parts: parts.collect::<Result<_, _>>()? })
    }

    /// The part of a device; `None` for one that replies what it is told.
    pub(super) fn part(&self, device: DeviceId) -> Option<&Part> {
        self.parts[device.0].as_deref()
    }

    /// The commands of a device.
    pub(super) fn commands(&self, device: DeviceId) -> Option<Arc<CommandTable>> {
        self.part(device)?.commands()
    }

    /// The limits that a device is judged by.
    pub(super) fn params(&self, device: DeviceId) -> Params {
        let stated = self.part(device).map(Part::params).unwrap_or_default();
        with_limits(stated, &self.vector.devices[device.0].limits)
    }

    /// The limits that a controller is judged by.
    pub(super) fn host_params(&self, bus: BusId) -> Params {
        let stated = self.hosts[bus.0].as_deref().map(Part::params).unwrap_or_default();
        with_limits(stated, &self.vector.buses[bus.0].limits)
    }

    /// The limits that an I2C bus is judged by: those of its standard, or of whichever device on it asks for more.
    pub(super) fn shared_params(&self, bus: BusId, conditions: &Conditions) -> Params {
        let part = self.hosts[bus.0].as_deref();
        let params = part.map(|part| part.params_at(conditions)).unwrap_or_default();
        self.tightened(bus, params, conditions)
    }

    /// The limits that a UART is judged by: what follows from its options, those of its standard, or of the device on it.
    pub(super) fn uart_params(&self, bus: BusId, options: &uart::Options) -> Params {
        let mut params = uart::rules::limits(options);
        let conditions = Conditions::default();
        if let Some(standard) = self.standard(bus) {
            standard.overlay(&mut params, &conditions);
        }
        self.tightened(bus, params, &conditions)
    }

    /// The limits, or of whichever device on the bus asks for more, or those that the vector states.
    fn tightened(&self, bus: BusId, mut params: Params, conditions: &Conditions) -> Params {
        for (id, device) in self.devices_on(bus) {
            for limit in self.part(id).map(Part::limits).unwrap_or_default() {
                if device.limits.iter().all(|(own, _)| *own != limit.param) {
                    let cite = self.part(id).and_then(|part| part.limit(limit.info.name, limit.info.side));
                    let cite = cite.map_or_else(|| limit.cite.clone(), |whole| whole.cite);
                    tighten(&mut params, limit.param, limit.info, limit.value_at(conditions), cite);
                }
            }
            for (param, span) in &device.limits {
                let info = &self.vector.buses[bus.0].info().params[usize::from(param.0)];
                let value = span.as_fs().try_into().unwrap_or(i64::MAX);
                tighten(&mut params, *param, info, value, "the vector file".to_owned());
            }
        }
        with_limits(params, &self.vector.buses[bus.0].limits)
    }

    /// The part that states the limits of a bus.
    pub(super) fn standard(&self, bus: BusId) -> Option<&Part> {
        self.hosts[bus.0].as_deref()
    }

    /// What the controller's outputs take after a clock edge, as its part says.
    pub(super) fn host_output_delay(&self, bus: BusId) -> Span {
        self.hosts[bus.0].as_deref().and_then(|part| stated_time(part, "tCO")).unwrap_or_default()
    }

    /// The devices on a bus.
    pub(super) fn devices_on(&self, bus: BusId) -> impl Iterator<Item = (DeviceId, &'a Device)> {
        let devices = self.vector.devices.iter().enumerate().map(|(i, device)| (DeviceId(i), device));
        devices.filter(move |(_, device)| device.bus == bus)
    }

    /// A time of a device: a name is one of its own.
    pub(super) fn device_time(&self, device: DeviceId, time: &At<TimeExpr>) -> Result<Span, Unusable> {
        let value = time.value.resolve(|name| self.value(device, name));
        value.map_err(|error| Unusable::new(&time.span, error.to_string()))
    }

    /// A parameter of a device.
    pub(super) fn value(&self, device: DeviceId, name: &str) -> Option<Span> {
        let bus = &self.vector.buses[self.vector.devices[device.0].bus.0];
        let param = param::find(bus.info().params, name);
        let limit = param.and_then(|param| self.params(device).get(param).map(|value| value.value));
        match limit {
            Some(fs) => u64::try_from(fs).ok().map(Span::from_fs),
            None => stated_time(self.part(device)?, name),
        }
    }

    /// A parameter of the standard that a bus keeps; on SPI each device has its own.
    fn bus_value(&self, bus: BusId, name: &str) -> Option<Span> {
        let param = param::find(self.vector.buses[bus.0].info().params, name)?;
        let params = match &self.vector.buses[bus.0].kind {
            BusKind::Spi(_) => return None,
            BusKind::I2c(i2c) => self.shared_params(bus, &i2c.electrical.conditions()),
            BusKind::Uart(uart) => self.uart_params(bus, &uart.options),
            BusKind::Handshake(_) | BusKind::Crossing(_) => self.host_params(bus),
        };
        let value = params.get(param)?.value;
        u64::try_from(value).ok().map(Span::from_fs)
    }

    /// A time of a bus: a name is one of `device`, or of whichever devices are on it, if they agree.
    pub(super) fn bus_time(
        &self,
        bus: BusId,
        device: Option<DeviceId>,
        time: &TimeExpr,
        span: &Range<usize>,
    ) -> Result<Span, Unusable> {
        let mut several = false;
        let value = time.resolve(|name| {
            let own =
                device.and_then(|device| self.value(device, name)).or_else(|| self.bus_value(bus, name));
            if device.is_some() || own.is_some() {
                return own;
            }
            let mut values: Vec<Span> =
                self.devices_on(bus).filter_map(|(device, _)| self.value(device, name)).collect();
            values.dedup();
            several = values.len() > 1;
            values.first().copied()
        });
        match value {
            Ok(_) if several => {
                let message = format!(
                    "the parts on this bus state different values of `{time}`; write a time with a unit"
                );
                Err(Unusable::new(span, message))
            }
            Ok(value) => Ok(value),
            Err(error @ (ResolveError::Unknown(_) | ResolveError::OutOfRange(_))) => {
                Err(Unusable::new(span, error.to_string()))
            }
        }
    }
}

/// Sets a limit, unless there is one already that asks for more.
fn tighten(params: &mut Params, param: Param, info: &ParamInfo, value: i64, cite: String) {
    let asks_more = |old: i64| match (info.quantity, info.side) {
        // The value of a frequency is its period.
        (Quantity::Time, Side::Min) | (Quantity::Frequency, Side::Max) => old >= value,
        (Quantity::Time, Side::Max) | (Quantity::Frequency, Side::Min) => old <= value,
    };
    if !params.get(param).is_some_and(|old| asks_more(old.value)) {
        params.set(param, value, cite);
    }
}

/// The limits of the part, or what the vector states instead.
fn with_limits(mut params: Params, limits: &[(Param, Span)]) -> Params {
    for (param, limit) in limits {
        params.set(*param, limit.as_fs().try_into().unwrap_or(i64::MAX), "the vector file");
    }
    params
}

/// The time that a part says something takes.
fn stated_time(part: &Part, name: &str) -> Option<Span> {
    part.times().iter().any(|time| time.name == name).then(|| part.times().get(name, Pick::Max))
}

/// The part whose limits a bus keeps.
fn on(bus: &Bus, name: &At<String>, folder: &Path) -> Result<Arc<Part>, Unusable> {
    let part = part(name, folder)?;
    let (its, wanted) = (part.bus(), bus.info().name);
    if its == wanted {
        return Ok(part);
    }
    let message = format!("part `{}` sits on bus {its}, not on {wanted}; choose another", name.value);
    Err(Unusable::new(&name.span, message))
}

pub(super) fn part(name: &At<String>, folder: &Path) -> Result<Arc<Part>, Unusable> {
    let path = Path::new(&name.value);
    let is_path = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    let part = if is_path { catalog::load(&folder.join(path)) } else { catalog::find(&name.value) };
    part.map_err(|error| Unusable::new(&name.span, error.to_string()))
}
