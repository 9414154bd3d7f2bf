//! The simulated devices of UART. Each implements the bus's `Device` contract: it hears frames and answers frames.

pub mod echo;
pub mod registers;

use std::sync::Arc;

use busproof_core::bus::uart::Device;

use super::{DeviceOptions, Explained, Model};
use crate::error::PartError;
use crate::part::{Numbers, Part, Section};
use crate::reader::Table;

/// The remarks of all devices on UART.
pub(super) fn remarks() -> impl Iterator<Item = &'static [Explained]> {
    [registers::REMARKS].into_iter()
}

/// What a simulated device on UART needs to know.
#[derive(Clone, Debug)]
pub enum Spec {
    /// It sends back what it hears.
    Echo,
    /// A register bridge.
    Registers(Arc<registers::Spec>),
}

impl Spec {
    /// Reads `[device]` and what else the model wants.
    pub(super) fn read(model: Model, root: &Table<'_>, numbers: &mut Numbers) -> Result<Spec, PartError> {
        if model == Model::Echo {
            return Ok(Spec::Echo);
        }
        let mut section = Section::open(&root.require("device")?, "device", numbers)?;
        let spec = registers::Spec::read(&mut section, root)?;
        section.table.finish()?;
        Ok(Spec::Registers(Arc::new(spec)))
    }
}

impl Part {
    /// A new device of this part, as after power-up; `None` for a part without a simulated device on UART.
    pub fn uart_device(&self, options: &DeviceOptions) -> Option<Box<dyn Device>> {
        let super::Spec::Uart(spec) = self.spec()? else { return None };
        Some(match spec {
            Spec::Echo => Box::new(echo::Echo),
            Spec::Registers(spec) => {
                Box::new(registers::Bridge::new(spec.clone(), self.times().get("tREPLY", options.times)))
            }
        })
    }
}
