//! Data-sheet files with citations, and the devices they describe.
//!
//! A part file is TOML: limits of the bus's timing, the times that the device takes, its commands, and what its simulated
//! device needs to know; every number says where it is from. Files come with the program ([`catalog::find`]) or from
//! users ([`catalog::load`]).
//!
//! ```
//! use busproof_parts::{DeviceOptions, Transfer, catalog};
//!
//! let part = catalog::find("w25q128jv")?;
//! let flash = part.spi_device(&DeviceOptions::default());
//! assert!(flash.is_some());
//!
//! let transfer = Transfer::from_bytes(&[0x9f, 0, 0, 0], &[0, 0xef, 0x40, 0x18]);
//! assert_eq!(part.describe(&transfer), "9f READ JEDEC ID -> ef 40 18 (Winbond W25Q128JV)");
//! # Ok::<(), busproof_parts::PartError>(())
//! ```
//!
//! # The format
//! ```toml
//! format = 1                      # this description
//! part   = "w25q128jv"            # lower-case letters, digits and -
//! aliases = ["w25q128jviq"]       # other names (optional)
//! bus    = "spi"
//! model  = "spi-nor"              # which simulated device, if any
//! title  = "what it is"
//! source = { doc = "W25Q128JV", rev = "G", title = "...", note = "..." }
//!
//! [options]                       # what it asks of the bus: SPI's modes, word_bits, bit_order; I2C's speed, protocol; UART's own
//! modes = [0, 3]
//!
//! [timing]                        # limits, by the names of the bus's parameters; `min` and `max` may stand together
//! tCLQV = { max = "6 ns", cite = "table 9.6" }
//!
//! [times]                         # times the device takes: typ, max or both
//! tPP = { typ = "0.4 ms", typ_cite = "unverified", max = "3 ms", cite = "table 9.6" }
//!
//! # standard = "i2c-fast"         I2C: the part whose limits hold where this one states none; stands above [options]
//! # [electrical]                  I2C standards: what drivers can sink, see `Electrical`
//!
//! [device]                        # what the model needs; `cite` holds for all that have none of their own
//! cite = "section 3"
//! size = "16 MiB"
//! page = { value = "256 B", cite = "section 1" }
//!
//! [[command]]                     # see `command`
//! opcode = 0x06
//! name   = "WRITE ENABLE"
//! action = "write-enable"
//! cite   = "table 8.1"
//! ```
//! Times, frequencies and sizes carry units. `cite = "unverified"` marks a number without known source; `lint` lists them.

pub mod advice;
pub mod catalog;
pub mod command;
pub mod devices;
pub mod memory;

mod describe;
mod dialogue;
mod electrical;
mod error;
mod exchanges;
mod limits;
mod lint;
mod options;
mod part;
mod quantity;
mod reader;
mod show;

pub use describe::{Dummies, Transfer};
pub use devices::i2c::DeviceError;
pub use devices::{Ambient, DeviceOptions, Explained, Model, Spec, remarks};
pub use dialogue::{Dialogue, Said};
pub use electrical::{Electrical, LowLevel, Sink};
pub use error::{FileError, Hint, PartError, Problem};
pub use exchanges::Exchanges;
pub use limits::{Conditions, Law, Limit};
pub use lint::{Lint, lint};
pub use options::PartOptions;
pub use part::{DeviceTime, Number, Numbers, Part, Pick, Source, Times, UNVERIFIED};
pub use quantity::si;
pub use show::Sheet;
