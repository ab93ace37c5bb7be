//! Who did what, when, on what; and who read whom; sealed so that nobody can change it unseen.
//!
//! An entry is written in the transaction of what it records: no change without its record, and no
//! read of a person's record without one. Entries are only ever added. Their detail is canonical JSON
//! (keys in order, no spaces), so that a hash of an entry has one value.
//!
//! With each entry stand its salt and a commitment to it. Within the minute a task gives the commitments places in a
//! transparency log, signs for the whole, has witnesses cosign, and shows the result to everybody. Nothing in the log
//! names a person or can be guessed back to one: whoever has an entry and its opening can show that it is in the log,
//! and nobody else learns anything. Sealing is apart from writing, so that no step waits for it; the price is that an
//! entry which is taken out of the database before it has its place leaves no trace in the log. One that was put in or
//! changed there before is noticed, since its salt holds a mark of the city's key.
//!
//! Beside the commitments the log holds what everybody has to be able to check, in words: [`state`] adds it in the
//! transaction of what it tells, and the same task gives it a place.

mod action;
mod audit;
mod database;
mod log;
mod model;
mod query;
mod rule;
mod store;
mod task;

pub use action::{record, state};
pub use audit::{JournalAudit, audit};
pub use database::DatabaseLog;
pub use log::{CityLog, Courier, Letter, LogError, NoCourier, ProcessMemory, Reply, SignedMemory, is_newer};
pub use model::{Entry, FailureKind, LogState, Published, Reading, SubjectKind, WitnessState};
pub(crate) use query::is_shown;
pub use query::{
    READINGS_OF_CONTACT_MAX, log_file, log_state, proof_of_reading, proof_of_reading_of_contact,
    proof_of_statement, readings, readings_of_contact,
};
pub use rule::{ExtraError, Opened, succession_in, succession_note};
pub use task::{Repair, Round, Succession, SuccessionError, alarm, forget, repair, seal, succeed, warn};
