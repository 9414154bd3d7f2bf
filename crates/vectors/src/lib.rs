//! Test vectors: format, parallel runner, sweeps and reports.

pub mod caption;
pub mod chart;
pub mod compact;
pub mod embedded;
pub mod format;
pub mod fuzz;
mod param;
pub mod report;
pub mod run;
pub mod schema;
mod suggest;
pub mod sweep;
mod time_expr;

pub use format::{FormatError, FormatProblem, Vector, VectorFile};
pub use time_expr::{ParseExprError, ResolveError, TimeExpr};
