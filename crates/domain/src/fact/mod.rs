//! Facts (事实): what a unit has said of itself is known, and is not typed again.
//!
//! A question of a form is bound to a data element (`bind::olzii:element` in a spreadsheet whose settings declare `olzii="urn:olzii:xforms"`). A valid record of a unit
//! makes its answer the unit's fact of the period, and a statistical record, in the transaction that keeps it: every total
//! is right when the sender is answered. A form that is begun for the unit has the answer in it, with where it is from and
//! how old it is. Another form that asks for the same fact corrects it and does not count it twice. An edit that says
//! it no longer, or is invalid, takes back what its own record had said, and nothing of another's.
//!
//! A form that asks for what is known without it, or for what another open form asks the same units, is published with a
//! reason, which stands with the question from then on.
//!
//! What the city counts from its own tables is no question: a form that asks for it is not published.

mod action;
mod gate;
mod model;
mod query;
mod rule;
mod store;

pub use action::{Answered, answered};
pub(crate) use gate::{asked_again, bind, bindings};
pub use model::{AskedAgain, Binding, Fact, Known, KnownOf, OtherForm};
pub use query::known;
pub use rule::{Fault, faults};
