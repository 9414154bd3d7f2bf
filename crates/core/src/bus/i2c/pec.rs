//! The packet error code of SMBus.

/// The CRC-8 of a message after `byte`, whose code before it was `crc`; a message begins with 0.
///
/// Polynomial x^8 + x^2 + x + 1, most significant bit first. A message followed by its code has the code 0. (Linux,
/// `Documentation/i2c/smbus-protocol.rst`, says that it is a CRC-8; the polynomial is unverified in a source.)
///
/// ```
/// use busproof_core::bus::i2c::crc8;
/// assert_eq!(b"123456789".iter().fold(0, |crc, &byte| crc8(crc, byte)), 0xf4);
/// ```
pub const fn crc8(crc: u8, byte: u8) -> u8 {
    let mut rest = crc ^ byte;
    let mut bit = 0;
    while bit < 8 {
        rest = rest << 1 ^ if rest & 0x80 != 0 { 0x07 } else { 0 };
        bit += 1;
    }
    rest
}
