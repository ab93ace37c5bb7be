//! A new plan from an old one: from the fewest households that change their grid to the best balance.

mod begin;
mod ladder;
mod model;

pub use ladder::replan;
pub use model::{Move, Old, Replan, ReplanOption};
