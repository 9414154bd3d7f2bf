//! SPI.
