//! Words that every floor shares: typed ids, time, the area tree's paths, roles, limits.
//!
//! Invariants: no input or output, no clock, no randomness, no async.

mod id;
pub mod limits;
mod path;
mod role;
mod tier;
mod time;

pub use id::{
    Account, ApiKey, AppUser, Appointment, Area, Campaign, CampaignRound, Case, Checkpoint, CheckpointDevice,
    Claim, Evidence, Form, FormVersion, Household, Id, JournalEntry, Notice, Organization, Person, Photo,
    Post, Premises, Regime, Responsibility, Session, StatisticSet, StatisticUpload, Submission, Supervision,
    Withholding,
};
pub use path::{AreaPath, PathError};
pub use role::Role;
pub use tier::Tier;
pub use time::Timestamp;
