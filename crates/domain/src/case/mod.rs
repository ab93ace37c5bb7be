//! Cases: the closed-loop engine. One engine runs every kind of work; what differs is a procedure file.
//!
//! A case moves by transitions that its procedure names. Policy decides who may take one; the
//! procedure says what has to come with it; `model` moves the case and sets its clocks. The same
//! report or step sent twice, by its client-made id, is done once.

mod action;
mod advance;
mod alarm;
mod audit;
mod catalogue;
mod dispatch;
mod event;
mod fault;
mod file;
mod joint;
mod link;
mod load;
mod masked;
mod merge;
mod model;
mod near;
mod photo;
mod procedure;
mod public;
mod query;
mod reckon;
mod relief;
mod remark;
mod reopen;
mod report;
mod review;
mod ruling;
mod shape;
mod store;
mod task;
mod withhold;
mod work;

pub use action::{add_note, advance, read_contact};
pub use alarm::Moved;
pub use audit::{Audit, audit};
pub use catalogue::{Catalogue, MajorClass, MinorClass};
pub use event::{
    ALARM, ASKED, Event, EventDetail, GRANTED, LET_GO, MERGE, NOTE, OVERDUE, PAUSE_ENDED, RECOUNTED, REFUSED,
    REMARK, RESUMED, SUPERVISION, Supervised, TAKE_IN, Told, UNMERGE, WITHHELD,
};
pub(crate) use fault::instead;
pub use fault::{ProcedureFault, Severity};
pub use link::{follow, follow_token, reported};
pub use merge::{merge, unmerge};
pub use model::{
    Case, CasePhoto, Contact, Handling, Parts, Report, Source, Status, StepInput, StoredPhoto, is_number,
    number,
};
pub use near::{Nearby, PublishedNearby, published_nearby, reported_nearby};
pub use photo::{PhotoFolder, clean_photo, store_photo};
pub use procedure::{
    Alarm, Asks, Clock, Effect, End, Ground, Label, Need, Procedure, Procedures, Relief, ReliefKind, Stage,
    Start, Transition, words,
};
pub use public::{
    Published, Span, Standing, Step, Wanted, published, published_among, published_one, published_steps,
    published_steps_since, standing, standing_after,
};
pub use query::{
    AreaCount, BREAKING_HOURS, Between, Brief, CLOSED_DAYS, Count, Counts, Day, Filter, Lens, Move, Queue,
    Record, Related, SILENT, Silent, Tally, Wall, Watched, counts, find_by_number, in_order, list,
    list_counts, moved_since, photo, proof_of_reading, record, tally, wall, watchable, watched,
};
pub use reckon::REACHED;
pub use relief::{Asked, ReliefDecision, ReliefRequest, ask_relief, decide_relief, end_pause};
pub use remark::{Remark, Whereabouts, answerable, holds, is_over, load_visible, office, remark, visible};
pub(crate) use remark::{forget_words, whereabouts};
pub use reopen::Reopening;
pub(crate) use report::{Behalf, report_for};
pub use report::{check_report, kinds, report};
pub use ruling::{Ruling, list_ruling};
pub(crate) use store::handling;
pub use task::{Done, forget_photos, forget_reporters, recount, tick};
pub use withhold::withhold;
pub use work::Work;
