//! What the city does: one room a subject. No HTTP, no engine's name, no clock and no chance of its own.
//!
//! A room: `model` and `rule` are pure; `action` has one public function per thing a person does;
//! `query` has lists and counts, always scoped; `store` has SQL and nothing else.

pub mod account;
pub mod analysis;
pub mod area;
pub mod burden;
pub mod calendar;
pub mod campaign;
pub mod case;
pub mod checkpoint;
mod context;
pub mod evaluation;
pub mod fact;
pub mod form;
pub mod integration;
pub mod journal;
pub mod notice;
pub mod organization;
mod page;
pub mod pass;
mod refusal;
pub mod resident;
pub mod responsibility;
mod sheet;
pub mod statistic;
pub mod supervision;
pub mod text;
mod token;
pub mod withholding;

pub use context::{City, Clock, Ctx, Ids, SignedIn};
pub use page::{Cursor, Page, Window};
pub use refusal::{Fault, Faults, Message, Refusal};
pub use sheet::{ImportError, ImportFault, ImportFaults};
