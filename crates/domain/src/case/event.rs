//! The timeline of a case: its rows, and the words that stand in them.

use kernel::{
    Case as CaseName, Id, Notice as NoticeName, Organization, Person, Responsibility as ResponsibilityName,
    Role, Timestamp,
};
use policy::Party;
use uuid::Uuid;

use super::{alarm::Moved, procedure::ReliefKind, work::Work};
use crate::organization::Vacancy;

/// One row of a case's timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub revision: i64,
    pub request: Uuid,
    pub at: Timestamp,
    /// A transition's id, or one of `NO_TRANSITION`.
    pub transition: String,
    pub from: String,
    pub to: String,
    pub actor: Option<Id<Person>>,
    pub role: Role,
    pub organization: Option<Id<Organization>>,
    pub part: Option<Party>,
    pub note: String,
    /// Whether the reporter sees the note.
    pub public: bool,
    pub detail: EventDetail,
    /// Whose work it was, for the evaluation of posts.
    pub work: Work,
    /// Taken before the stage's time was over, or without a clock.
    pub in_time: bool,
}

/// Somebody added words, and moved nothing.
pub const NOTE: &str = "note";
/// The time of the stage, or of the whole, is over; the clock says so.
pub const OVERDUE: &str = "overdue";
/// A part of the stage's time has run; the clock says so.
pub const ALARM: &str = "alarm";
/// A year's holidays were entered, and what is due in it was counted again.
pub const RECOUNTED: &str = "recounted";
/// A pause is over; the clock says so.
pub const RESUMED: &str = "resumed";
/// A pause was ended before its day.
pub const PAUSE_ENDED: &str = "pause_ended";
/// A pause or more time was asked for, granted or refused.
pub const ASKED: &str = "asked";
pub const GRANTED: &str = "granted";
pub const REFUSED: &str = "refused";
/// The words of the report were taken out of what is published.
pub const WITHHELD: &str = "withheld";
/// Somebody asks, or decides, what the case counts for.
pub const REMARK: &str = "remark";
/// Words that stand in a timeline for what moves no case.
pub const NO_TRANSITION: [&str; 16] = [
    "report",
    NOTE,
    OVERDUE,
    ALARM,
    RECOUNTED,
    RESUMED,
    PAUSE_ENDED,
    ASKED,
    GRANTED,
    REFUSED,
    WITHHELD,
    REMARK,
    MERGE,
    UNMERGE,
    TAKE_IN,
    LET_GO,
];
/// So begin the words of an order of supervision and its steps, which move no case either.
pub const SUPERVISION: &str = "supervision_";
/// It was found to be a second report of another case, or after all not.
pub const MERGE: &str = "merge";
pub const UNMERGE: &str = "unmerge";
/// Said of the other case: a second report came to it, or left it.
pub const TAKE_IN: &str = "take_in";
pub const LET_GO: &str = "let_go";

impl Event {
    /// The bodies that it names.
    pub fn organizations(&self) -> impl Iterator<Item = Id<Organization>> {
        let told = self.detail.told.iter().map(|it| it.organization);
        let vacant = self.detail.vacant.iter().filter_map(|it| it.organization);
        let supervised = self.detail.supervision.iter().map(|it| it.organization);
        let supporting = self.detail.supporting.iter().copied();
        let owner = self.organization.into_iter().chain(self.detail.owner);
        owner.chain(supporting).chain(told).chain(vacant).chain(supervised)
    }

    /// Whether the clock said it, which is nobody's step.
    pub fn is_of_clock(&self) -> bool {
        [OVERDUE, ALARM, RECOUNTED, RESUMED].contains(&self.transition.as_str())
    }
}

/// What a step said beyond its note.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EventDetail {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ground: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub class: Option<String>,
    /// The body that the case was given to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<Id<Organization>>,
    /// Path of the area of the office that gave it to that body; rows from before it was kept have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sent_from: Option<String>,
    /// The row of the list by which that body has to do with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub responsibility: Option<Id<ResponsibilityName>>,
    /// Bodies that support that one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub supporting: Vec<Id<Organization>>,
    /// The other case, of those that were merged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<Id<CaseName>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rating: Option<i64>,
    /// What it says of an order of supervision.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub supervision: Option<Supervised>,
    /// Hundredths of the stage's time that had run when the clock said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub percent: Option<i64>,
    /// It is the time of the whole that is over.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub whole: bool,
    /// Who was told of the time of the stage, or of a reply.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub told: Vec<Told>,
    /// What was asked for, granted or refused, and until when a pause lasts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub relief: Option<ReliefKind>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Timestamp>,
    /// Deadlines that were moved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub moved: Option<Moved>,
    /// Who would have been told, had anybody held the post.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub vacant: Vec<Vacancy>,
}

/// An order of supervision, as a timeline names it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Supervised {
    pub order: Id<kernel::Supervision>,
    pub kind: String,
    pub level: String,
    /// The body that has to reply.
    pub organization: Id<Organization>,
}

/// An office that was told, as everybody may know it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Told {
    pub role: Role,
    pub organization: Id<Organization>,
    /// What they were sent; rows from before it was kept have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notice: Option<Id<NoticeName>>,
}
