//! The simulated devices: what the logic of a peripheral or target does, without the pins of the bus.
//!
//! Each implements the bus's `Device` contract and says as remarks what the real part would silently refuse.

pub mod adc;
pub mod i2c;
pub mod loopback;
pub mod nor;
pub mod register_file;
pub mod sram;
pub mod uart;

mod memory;
mod remark;
#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;

use busproof_core::bits::BitOrder;
use busproof_core::bus::i2c::Address;
use busproof_core::bus::spi::{CommandTable, Device, WordBits};

use crate::error::{PartError, Problem};
use crate::options::PartOptions;
use crate::part::{Numbers, Part, Pick, Section};
use crate::reader::Table;

pub use remark::Explained;

/// The remarks of all devices, for `busproof explain`.
pub fn remarks() -> impl Iterator<Item = &'static Explained> {
    let on_spi = [nor::REMARKS, sram::REMARKS, adc::REMARKS, register_file::REMARKS];
    on_spi.into_iter().chain(i2c::remarks()).chain(uart::remarks()).flatten()
}

/// A simulated device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// A serial NOR flash of the 25 series.
    Nor,
    /// A serial SRAM of the 23LC series.
    Sram,
    /// An analogue-to-digital converter of the MCP3008's kind.
    Adc,
    /// A register file as FPGA designs have them.
    RegisterFile,
    /// Echoes each word in the next.
    Loopback,
    /// A controller: its numbers count, there is nothing to simulate here.
    Host,
    /// A serial EEPROM of the 24C series.
    Eeprom,
    /// A temperature sensor of 9 bits.
    Lm75,
    /// A temperature sensor of 12 bits.
    Tmp102,
    /// A real-time clock with RAM.
    Ds1307,
    /// A real-time clock with alarms.
    Ds3231,
    /// A port without registers.
    Pcf8574,
    /// Two ports with registers.
    Mcp23017,
    /// A sensor of temperature, pressure and humidity.
    Bme280,
    /// A bus switch of the TCA9548A's kind.
    Switch,
    /// A register file behind a pointer.
    I2cRegisters,
    /// A register bridge with framed requests and replies.
    UartRegisters,
    /// Sends back what it hears.
    Echo,
}

impl Model {
    /// The models by the names that part files use.
    pub const NAMES: &[(&'static str, Model)] = &[
        ("spi-nor", Model::Nor),
        ("spi-sram", Model::Sram),
        ("spi-adc", Model::Adc),
        ("spi-register-file", Model::RegisterFile),
        ("spi-loopback", Model::Loopback),
        ("spi-host", Model::Host),
        ("i2c-eeprom", Model::Eeprom),
        ("i2c-lm75", Model::Lm75),
        ("i2c-tmp102", Model::Tmp102),
        ("i2c-ds1307", Model::Ds1307),
        ("i2c-ds3231", Model::Ds3231),
        ("i2c-pcf8574", Model::Pcf8574),
        ("i2c-mcp23017", Model::Mcp23017),
        ("i2c-bme280", Model::Bme280),
        ("i2c-switch", Model::Switch),
        ("i2c-registers", Model::I2cRegisters),
        ("uart-registers", Model::UartRegisters),
        ("uart-echo", Model::Echo),
    ];

    /// As part files spell it.
    pub fn name(self) -> &'static str {
        Model::NAMES.iter().find(|(_, model)| *model == self).map_or("", |(name, _)| name)
    }

    /// The bus that it sits on.
    pub fn bus(self) -> &'static str {
        self.name().split('-').next().unwrap_or_default()
    }

    /// The names of the times that it takes.
    pub const fn times(self) -> &'static [&'static str] {
        match self {
            Model::Nor => nor::TIMES,
            Model::Host => &["tCO"],
            Model::Eeprom => &["tWC"],
            Model::UartRegisters => &["tREPLY"],
            Model::Lm75 | Model::Tmp102 | Model::Ds3231 => &["tCONV"],
            Model::Bme280 => &["tSTARTUP", "tBASE", "tSAMPLE", "tSWITCH"],
            _ => &[],
        }
    }
}

/// What a simulated device needs to know, by model.
#[derive(Clone, Debug)]
pub enum Spec {
    /// A serial NOR flash.
    Nor(Arc<nor::Spec>),
    /// A serial SRAM.
    Sram(sram::Spec),
    /// A converter.
    Adc(adc::Spec),
    /// A register file.
    RegisterFile(Arc<register_file::Spec>),
    /// An echo.
    Loopback(loopback::Spec),
    /// A device on I2C.
    I2c(i2c::Spec),
    /// A device on UART.
    Uart(uart::Spec),
}

impl Spec {
    /// Reads `[device]` and what else the model wants.
    pub(crate) fn read(
        model: Option<Model>,
        root: &Table<'_>,
        options: &PartOptions,
        numbers: &mut Numbers,
    ) -> Result<Option<Spec>, PartError> {
        let Some(model) = model.filter(|model| *model != Model::Host) else { return Ok(None) };
        let options = match options {
            PartOptions::Spi { options, .. } => options,
            PartOptions::I2c { .. } => return i2c::Spec::read(model, root, numbers).map(Spec::I2c).map(Some),
            PartOptions::Handshake { .. } | PartOptions::Crossing { .. } => return Ok(None),
            PartOptions::Uart { .. } => {
                return uart::Spec::read(model, root, numbers).map(Spec::Uart).map(Some);
            }
        };
        if model == Model::Loopback {
            return loopback::Spec::new(options.word_bits).map(|spec| Some(Spec::Loopback(spec))).ok_or_else(
                || {
                    root.error(Problem::Conflict(
                        "a loop-back echoes words of at most 64 bits; lower `word_bits`".into(),
                    ))
                },
            );
        }
        let mut section = Section::open(&root.require("device")?, "device", numbers)?;
        let spec = match model {
            Model::Nor => Spec::Nor(Arc::new(nor::Spec::read(&mut section)?)),
            Model::Sram => Spec::Sram(sram::Spec::read(&mut section)?),
            Model::Adc => Spec::Adc(adc::Spec::read(&mut section)?),
            _ => Spec::RegisterFile(Arc::new(register_file::Spec::read(
                &mut section,
                root,
                options.bit_order,
            )?)),
        };
        section.table.finish()?;
        Ok(Some(spec))
    }

    /// The commands of a model that has them without rows in the file.
    pub(crate) fn command_table(&self) -> Option<Arc<CommandTable>> {
        match self {
            Spec::RegisterFile(spec) => Some(Arc::new(spec.command_table())),
            _ => None,
        }
    }
}

/// The register file on a bus of another bit order, if it is another.
fn ordered(spec: &Arc<register_file::Spec>, options: &DeviceOptions) -> Arc<register_file::Spec> {
    match options.bit_order {
        Some(order) if order != spec.order => Arc::new(register_file::Spec { order, ..(**spec).clone() }),
        _ => spec.clone(),
    }
}

/// How a device is to be simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceOptions {
    /// What a part leaves open follows from it: the content of SRAM at power-up, a unique identification.
    pub seed: u64,
    /// Which value of each device time counts.
    pub times: Pick,
    /// The bus's words, where they are not those that the part file states: a loop-back follows them.
    pub word_bits: Option<WordBits>,
    /// The bus's bit order, where it is not that of the part file: a register file follows it.
    pub bit_order: Option<BitOrder>,
    /// The address that the address pins of an I2C device are wired for, where it is not the usual one.
    pub address: Option<Address>,
    /// What a sensor finds, where it is not what the part file says.
    pub ambient: Ambient,
}

/// What is around a sensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ambient {
    /// The temperature in thousandths of a degree Celsius.
    pub milli_celsius: Option<i32>,
    /// The air pressure in pascal.
    pub pascal: Option<u32>,
    /// The relative humidity in thousandths of a percent.
    pub milli_percent: Option<u32>,
}

impl Part {
    /// A new device of this part, as after power-up; `None` for a part without a simulated device on SPI, and for a
    /// loop-back of words of more than 64 bits.
    pub fn spi_device(&self, options: &DeviceOptions) -> Option<Box<dyn Device>> {
        Some(match self.spec()? {
            Spec::Nor(spec) => Box::new(nor::Nor::new(spec, self.command_rows()?, self.times(), options)),
            Spec::Sram(spec) => Box::new(sram::Sram::new(*spec, self.command_rows()?, options.seed)),
            Spec::Adc(spec) => Box::new(adc::Adc::new(spec.clone())),
            Spec::RegisterFile(spec) => Box::new(register_file::RegisterFile::new(ordered(spec, options))),
            Spec::Loopback(spec) => Box::new(loopback::Loopback::new(match options.word_bits {
                Some(bits) => loopback::Spec::new(bits)?,
                None => *spec,
            })),
            Spec::I2c(_) | Spec::Uart(_) => return None,
        })
    }
}
