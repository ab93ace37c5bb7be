//! Supervision (督办): an office above orders a body to reply in writing about a case by a day, and the case leaves the
//! list only when that office, or one above it, decides so.
//!
//! An order runs on a clock of its own, whatever the case does meanwhile. Each step stands in the case's timeline,
//! in its journal and in notices, and moves the case's revision: two who decide at once cannot both be right.

mod action;
mod level;
mod model;
mod query;
mod store;
mod task;

pub use action::{New, advance, order};
pub use level::{Level, Levels};
pub use model::{Kind, LATE, ORDERED, Order, RECOUNTED, State, Step};
pub use query::{Desk, Filter, Lens, Listed, Tally, Viewed, desk, get, list, may_order_somewhere, tally};
pub use task::{recount, tick};
