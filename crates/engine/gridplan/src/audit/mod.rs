//! The doctor of grids: what is wrong with a plan that somebody drew, where, how much, and what would put it right.

mod finding;
mod plan;
mod shape;

pub use finding::{Ailment, Finding, Unit};
pub use plan::{AtomFinding, PlanAudit, Reassignment, audit_plan};
pub use shape::{Drawn, FaceFinding, SLIVER_WIDTH, ShapeAudit, audit_shapes};
