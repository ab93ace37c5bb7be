//! Evaluation (综合评价): how the loop ran, counted from the cases themselves at the moment of asking.
//!
//! A case belongs to the one period in which its handling was due, whenever it was reported. What is handled,
//! passed or rated after the period's end does not count in it; a later rework takes a handling back, since
//! work that failed its check was never done on time. Cases that were due before and still open at the
//! period's start stand beside, as carried over. Each figure opens its cases.

mod model;
mod query;
mod store;

pub use model::{Evaluation, Figure, Figures, Grouping, Period, RATES, Rate, Row};
pub use query::{cases, evaluate, may_evaluate};
