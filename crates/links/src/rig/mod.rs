//! Benches with both ends of a link.

mod handshake;
mod i2c;
mod spi;
mod uart;

use busproof_core::bus::handshake::Protocol;

use crate::link::{Conditions, Link, LinkError};
use crate::passage::{Offset, Rig};

pub(crate) use handshake::{bundle, options as handshake_options};
pub(crate) use i2c::wires as i2c_wires;

/// A bench with both ends of `link` and nothing to do.
pub(crate) fn build(link: Link, conditions: &Conditions, offset: Offset) -> Result<Box<dyn Rig>, LinkError> {
    let handshake =
        |protocol| handshake::Rig::new(protocol, conditions.period(link), conditions.hertz(link), offset);
    Ok(match link {
        Link::Uart => Box::new(uart::Rig::new(conditions.hertz(link), offset)?),
        Link::Spi => Box::new(spi::Rig::new(conditions.hertz(link), offset)?),
        Link::I2c => Box::new(i2c::Rig::new(conditions, offset)?),
        Link::FourPhase => Box::new(handshake(Protocol::FourPhase)?),
        Link::TwoPhase => Box::new(handshake(Protocol::TwoPhase)?),
        Link::DualRail => Box::new(handshake(Protocol::DualRail)?),
        Link::ValidReady => Box::new(handshake(Protocol::ValidReady)?),
    })
}
