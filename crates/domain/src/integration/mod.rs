//! Other systems that report for people of their own: a neighbouring city's app, a map of civic reports.
//!
//! Each has a key, which an administrator issues and revokes; only its hash is kept. By it a system may
//! report where anybody may, and sees no more than everybody is shown. Its limits are the edge's to count.

mod action;
mod model;
mod query;
mod store;

pub use action::{issue, resolve, revoke};
pub use model::{ApiKey, NewApiKey, PER_DAY_DEFAULT, PER_MINUTE_DEFAULT};
pub use query::{list, own_id};
