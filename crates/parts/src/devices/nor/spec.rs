//! What a part file says of a flash.

use super::status::StatusBit;
use crate::error::PartError;
use crate::part::Section;
use crate::reader::Value;

/// What the flash needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Who makes it.
    pub manufacturer: String,
    /// What they call it.
    pub marking: String,
    /// Manufacturer, type, capacity.
    pub jedec_id: [u8; 3],
    /// What the opcodes 90h and `ABh` read.
    pub device_id: u8,
    /// Bytes.
    pub size: u64,
    /// Bytes of a page.
    pub page: u64,
    /// The least that BP2-0 protect, in bytes.
    pub protect_unit: u64,
    /// The bit that enables quad commands, if there is one.
    pub quad_enable: Option<StatusBit>,
    /// Status registers 1 to 3 as delivered.
    pub status: [u8; 3],
}

impl Spec {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Result<Spec, PartError> {
        Ok(Spec {
            manufacturer: section.text("manufacturer")?,
            marking: section.text("marking")?,
            jedec_id: section.required("jedec_id", Value::byte_array)?,
            device_id: section.required("device_id", Value::byte_array::<1>)?[0],
            size: section.required("size", |v| v.power_of_two(1 << 32))?,
            page: section.required("page", |v| v.power_of_two(1 << 16))?,
            protect_unit: section.required("protect_unit", |v| v.power_of_two(1 << 32))?,
            quad_enable: section.optional("quad_enable", read_status_bit)?,
            status: section.optional("status", Value::byte_array)?.unwrap_or_default(),
        })
    }
}

/// `SR2.1`: bit 1 of status register 2.
fn read_status_bit(value: &Value<'_>) -> Result<StatusBit, PartError> {
    let parts = value.str()?.strip_prefix("SR").and_then(|text| text.split_once('.'));
    let bit = parts.and_then(|(register, bit)| {
        Some(StatusBit { register: register.parse().ok()?, bit: bit.parse().ok()? })
    });
    bit.filter(|b| (1..=3).contains(&b.register) && b.bit < 8)
        .ok_or_else(|| value.malformed("a bit of a status register", "SR2.1"))
}
