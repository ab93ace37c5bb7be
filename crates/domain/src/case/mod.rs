//! Cases: the closed-loop engine. One engine runs every kind of work; what differs is a procedure file.
//!
//! A case moves by transitions that its procedure names. Policy decides who may take one; the
//! procedure says what has to come with it; `model` moves the case and sets its clocks. The same
//! report or step sent twice, by its client-made id, is done once.

mod action;
mod audit;
mod calendar;
mod catalogue;
mod dispatch;
mod fault;
mod file;
mod link;
mod load;
mod masked;
mod model;
mod photo;
mod procedure;
mod public;
mod query;
mod review;
mod ruling;
mod shape;
mod store;
mod task;
mod withhold;

pub use action::{add_note, advance, check_report, read_contact, report};
pub use audit::{Audit, audit};
pub use calendar::{Calendar, Limit, LimitKind};
pub use catalogue::{Catalogue, MajorClass, MinorClass};
pub(crate) use fault::instead;
pub use fault::{ProcedureFault, Severity};
pub use link::{follow, follow_token, reported};
pub use model::{
    Case, CasePhoto, Contact, Event, EventDetail, OVERDUE, Parts, Report, Source, Status, StepInput,
    StoredPhoto, Told, WITHHELD, number,
};
pub use photo::{PhotoFolder, store_photo};
pub use procedure::{
    Asks, Clock, Effect, End, Ground, Label, Need, Procedure, Procedures, Stage, Start, Transition, words,
};
pub use public::{
    Published, Span, Standing, Step, Wanted, published, published_among, published_one, published_steps,
    published_steps_since, standing, standing_after,
};
pub use query::{
    AreaCount, BREAKING_HOURS, Between, CLOSED_DAYS, Count, Counts, Day, Filter, Lens, Move, Queue, Record,
    SILENT, Silent, Tally, Wall, Watched, counts, find_by_number, in_order, list, list_counts, moved_since,
    photo, record, tally, wall, watchable, watched,
};
pub use ruling::{Ruling, list_ruling};
pub use task::{Done, forget_photos, forget_reporters, tick};
pub use withhold::withhold;
