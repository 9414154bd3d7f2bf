//! The `busproof` program.
fn main() {}
