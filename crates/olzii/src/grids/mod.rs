//! `olzii plan-grids` and `olzii audit-grids`: files in, the engine, files out. No city is needed.

mod audit;
mod plan;
mod read;
mod report;
#[cfg(test)]
mod tests;
mod voice;
mod watch;
mod write;

use std::io::{stderr, stdout};

use voice::Voice;

pub use audit::AuditArguments;
pub use plan::PlanArguments;

pub fn plan(arguments: &PlanArguments) -> anyhow::Result<()> {
    plan::run(arguments, Voice::new(&mut stdout(), &mut stderr()))
}

pub fn audit(arguments: &AuditArguments) -> anyhow::Result<()> {
    audit::run(arguments, Voice::new(&mut stdout(), &mut stderr()))
}
