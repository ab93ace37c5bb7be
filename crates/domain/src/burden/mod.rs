//! Burden (填报负担): how many forms and questions a unit or post has answered in a month, in what time, and how many of the
//! questions were asked though their answers were known.
//!
//! Each record adds its line in the transaction that keeps it. A tier above limits what units below may be asked in a month:
//! a campaign that would go beyond it is not sent. What somebody answers of their own accord counts, and is not held up.

mod action;
mod model;
mod query;
mod store;
mod task;

pub use action::{set_limit, spend};
pub use model::{LIMIT_FORMS_MAX, LIMIT_QUESTIONS_MAX, Ledger, Limit, Line, Month, Spent};
pub use query::{hold_limits, ledger, may_limit, own_area};
pub use task::forget;
