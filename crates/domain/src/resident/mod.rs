//! Residents, the households they live in, and the premises (住所) of those households.
//!
//! The guarantee: a person's record leaves this room only in the transaction that writes the reading
//! to the journal. If the journal cannot be written, nothing is read. (`name_and_phone` gives a room what it
//! shows under a record of its own.)
//!
//! Absent on purpose: lists of people, search over people, and any field that the loop does not need.

mod action;
mod model;
mod query;
mod store;

pub use action::{get, register_all};
pub use model::{Counts, Found, Household, PUBLISHED_MIN, Person, PersonRecord, Premises, coarse};
pub use query::{
    address_of, by_household, by_name_and_phone, counts, home_of, household_of, name_and_phone, place_of,
};
