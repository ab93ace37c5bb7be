//! Checking a whole log from its public files, by anybody, with what they remember of it.

mod finding;
mod walk;

pub use finding::{Fault, Finding, Known, Since};
pub use walk::{Audit, FINDINGS_MAX, audit};
