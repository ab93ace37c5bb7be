//! Campaigns (填报任务): a form that an office sends to the units of one tier, or to the holders of one role, in a subtree,
//! with a due moment; who has answered, how, and who is silent.
//!
//! Who is expected is derived whenever it is asked: the units that stood at the moment that counts, which is now until
//! the due moment is reached, and that moment from then on. A unit that is closed before it owes nothing and one that is
//! founded before it owes a record; what happens to the tree later changes where a unit stands, and not whether it owed: what
//! an area was then stands in its versions.
//! Nothing is copied, so no list can be stale, and no counter is shared by writers: figures are added up from the tree
//! and the records by one statement.
//!
//! A record that answers is one of the room `form`, with the unit in its row: one unit has one record in a campaign, by a
//! unique index. It is judged, edited, reviewed and mended there; whose review counts is the only thing that differs.

mod action;
mod answer;
mod limit;
mod model;
mod query;
mod remind;
mod rule;
mod store;
mod task;

pub use action::{end, send};
pub use answer::{Begun, Bound, begin, bind, check_edit, facts, told};
pub use model::{
    Asked, Audience, Campaign, Counts, DueBy, End, Line, Mine, New, Progress, Record, Round, RoundKind, Show,
    State, Unit,
};
pub use query::{
    audiences, get, is_seen, list, may, may_read, may_see, mine, must_not_ask, progress, record_line, rounds,
    sees_any, sending_area, units, units_of_csv,
};
pub use remind::{remind, tell_returned};
pub use task::{forget, tick};
