//! What the program knows of each bus beyond the table of buses: how to print its items, and which signals a picture of
//! a finding shows.

pub(crate) mod spi;
