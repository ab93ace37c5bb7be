//! The list of responsibilities (权责清单): which body has to do with a class in an area, by when, by what law, and what
//! has to be seen before it is done.
//!
//! A row is about a minor or a major class in an area and all below it. Of those that fit a place the nearest area
//! wins, and in it the minor class before the major one; several bodies may share what then is left. A list is
//! imported whole or not at all: what it leaves out ends, nothing is deleted. A leader's ruling may become a row.

mod action;
mod fault;
mod model;
mod query;
mod rule;
mod source;
mod store;

pub use action::{decide, import};
pub use fault::{ImportError, ImportFault, ImportFaults, Reason};
pub use model::{Candidate, Decision, ImportReport, Options, Responsibility};
pub use query::{by_id, candidates, export, list, of_area, responsible};
pub use source::COLUMNS;
