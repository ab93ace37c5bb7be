//! Who did what, when, on what; and who read whom.
//!
//! An entry is written in the transaction of what it records: no change without its record, and no
//! read of a person's record without one. Entries are only ever added. Their detail is canonical JSON
//! (keys in order, no spaces), so that a later hash of an entry has one value.

mod action;
mod model;
mod query;
mod store;

pub use action::record;
pub use model::{Entry, Reading, SubjectKind};
pub use query::{READINGS_OF_CONTACT_MAX, readings, readings_of_contact};
