//! A command with what it carries.

use std::fmt;

use crate::bus::ddr::{Command, Level};

/// A command as a rank receives it: with bank and address. What a command does not carry is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// Which command.
    pub command: Command,
    /// The bank group.
    pub group: u8,
    /// The bank within its group.
    pub bank: u8,
    /// The row of an activate, the column of a read or write, the value for a mode register.
    pub address: u32,
    /// The number of a mode register.
    pub register: u8,
    /// A read or write asks for the other burst length than the usual one, where the mode registers leave that to each command
    /// ("on the fly"): BC4 instead of BL8, BL32 instead of BL16.
    pub alternate: bool,
}

impl Order {
    /// `command` with everything that it carries 0.
    pub const fn new(command: Command) -> Order {
        Order { command, group: 0, bank: 0, address: 0, register: 0, alternate: false }
    }

    /// The same for a bank.
    #[must_use]
    pub const fn at(self, group: u8, bank: u8) -> Order {
        Order { group, bank, ..self }
    }

    /// The same with a row, a column, or a value.
    #[must_use]
    pub const fn with(self, address: u32) -> Order {
        Order { address, ..self }
    }

    /// Sets mode register `register` to `value`.
    pub const fn mode(register: u8, value: u32) -> Order {
        Order { register, address: value, ..Order::new(Command::Mrs) }
    }
}

impl fmt::Display for Order {
    /// `ACT 0.2 row 1f0`, `MRS 1 = 0001`, `PREA`: bank group and bank, numbers in hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Order { command, group, bank, address, register, .. } = *self;
        write!(f, "{command}")?;
        match command {
            Command::Mrs => return write!(f, " {register} = {address:04x}"),
            Command::Mrr => return write!(f, " {register}"),
            _ if command.level() == Level::Bank => write!(f, " {group}.{bank}")?,
            _ if command.level() == Level::Group => write!(f, " *.{bank}")?,
            _ => {}
        }
        match command {
            Command::Act | Command::Act2 => write!(f, " row {address:x}"),
            _ if command.is_column() => {
                write!(f, " col {address:x}{}", if self.alternate { " alternate" } else { "" })
            }
            _ => Ok(()),
        }
    }
}
