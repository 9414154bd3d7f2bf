//! Test vectors: format, parallel runner and reports.
