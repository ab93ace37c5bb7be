//! Who may do what. Authorization is data: Cedar policies over actor, appointment, action, area
//! subtree and purpose, in `policies/`.
//!
//! [`Policy::may`] answers for one thing. [`Policy::scope`] turns what an actor may see into ranges
//! of area paths and ids for lists; it is derived from the same policies by asking them, never
//! written a second time.
//!
//! An actor is asked as a plain person and once in each appointment: one permit is enough. What is
//! forbidden to the person is forbidden in each. A policy that fails to evaluate refuses.
//!
//! Invariants: no SQL, no HTTP, no input or output; no policy names a particular area, body, person
//! or case; who acts in a procedure is data, and the forbids of `advance.cedar` hold over all of it.

mod action;
mod actor;
mod error;
pub mod golden;
mod load;
mod memory;
mod policy;
mod reach;
mod resource;
mod scope;
mod vocabulary;

pub use action::{Action, Advance, Decide, Party, Purpose, Relation};
pub use actor::{Actor, Appointment};
pub use error::PolicyError;
pub use policy::Policy;
pub use resource::{AnswerFacts, CaseFacts, Resource, SupervisionFacts};
pub use scope::Scope;
