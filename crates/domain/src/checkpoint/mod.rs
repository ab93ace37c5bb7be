//! Checkpoints (卡口): gates where passes of one regime are looked at, and how many looks came to what.
//!
//! A pass is verified by the device itself, offline. What comes here is how many of each outcome in an hour that is over: no
//! pass, no person, no moment. Of a gate the hours are kept by colour alone, and the reasons by the day for a whole county: a
//! revoked pass is known by a body, and must not be found at a gate. An office opens a checkpoint until a day and gives its devices a link; whoever holds that can do one
//! thing, add counts to that checkpoint. So a guard needs no account, and a lost phone opens nothing.
//!
//! Counts come in batches with an id that the device made: a batch counts once however often it is sent. They are not
//! journaled, since they are nobody's act and about nobody; opening, closing and links are.

mod action;
mod batch;
mod model;
mod query;
mod store;

pub use action::{add_device, close, device_token, end_device, open};
pub use batch::{Taken, forget, take};
pub use model::{
    ACCEPTED, BATCHES_MAX, Batch, COUNTS_MAX, Checkpoint, Count, DAYS_MAX, DEVICES_EVER_MAX, DEVICES_MAX,
    Day, Device, HOUR_DAYS_MAX, Hour, LATE_DAYS, LOOKS_MAX, Listed, New, REFUSED, SILENT_SECONDS, Tone,
    outcome, tone,
};
pub use query::{Detail, detail, list, may_open_somewhere, own_areas, reasons};
