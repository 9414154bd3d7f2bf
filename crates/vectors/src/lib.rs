//! Test vectors: format, parallel runner and reports.

pub mod compact;
