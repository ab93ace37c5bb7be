//! Cases: the closed-loop engine. One engine runs every kind of work; what differs is a procedure file.
//!
//! A case moves by transitions that its procedure names. Policy decides who may take one; the
//! procedure says what has to come with it; `model` moves the case and sets its clocks. The same
//! report or step sent twice, by its client-made id, is done once.

mod action;
mod audit;
mod calendar;
mod catalogue;
mod link;
mod load;
mod model;
mod photo;
mod procedure;
mod query;
mod store;
mod task;

pub use action::{add_note, advance, read_contact, report};
pub use audit::{Audit, audit};
pub use calendar::{Calendar, Limit, LimitKind};
pub use catalogue::{Catalogue, MajorClass, MinorClass};
pub use link::{follow, follow_token};
pub use load::ProcedureFault;
pub use model::{
    Case, CasePhoto, Contact, Event, EventDetail, OVERDUE, Parts, Report, Source, Status, StepInput,
    StoredPhoto, Told, number,
};
pub use photo::{PhotoFolder, store_photo};
pub use procedure::{
    Asks, Clock, Effect, End, Ground, Label, Need, Procedure, Procedures, Stage, Start, Transition, words,
};
pub use query::{
    AreaCount, CLOSED_DAYS, Count, Filter, Lens, Move, Record, counts, find_by_number, list, moved_since,
    photo, record,
};
pub use task::{Done, forget_photos, tick};
