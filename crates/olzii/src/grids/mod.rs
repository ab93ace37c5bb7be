//! `olzii plan-grids` and `olzii audit-grids`: files in, the engine, files out. No city is needed.

mod audit;
mod plan;
mod read;
mod report;
mod watch;
mod write;

pub use audit::{AuditArguments, run as audit};
pub use plan::{PlanArguments, run as plan};
