//! A case and its moves; pure.

use kernel::{
    Area, AreaPath, Case as CaseName, Id, Organization, Person, Photo, Responsibility as ResponsibilityName,
    Timestamp,
};
use policy::{CaseFacts, Party};
use uuid::Uuid;

use super::{event::Event, procedure::ReliefKind};
use crate::calendar::{Limit, Pause};

/// One piece of work on the loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub id: Id<CaseName>,
    pub county: Id<Area>,
    /// Date of the report and eight characters, for people to say.
    pub number: String,
    pub procedure: String,
    pub procedure_version: i64,
    pub class: String,
    pub stage: String,
    pub status: Status,
    pub source: Source,
    pub area: Id<Area>,
    pub path: AreaPath,
    pub place: String,
    /// Longitude and latitude in degrees.
    pub position: Option<(f64, f64)>,
    pub description: String,
    pub reporter: Option<Id<Person>>,
    pub contact: Contact,
    /// The reporter lets the body that has it know who they are.
    pub contact_shared: bool,
    /// The body that has to handle it, or was the last that had to.
    pub owner: Option<Id<Organization>>,
    /// The row of the list by which that body has it.
    pub responsibility: Option<Id<ResponsibilityName>>,
    /// The time that this row gives for the handling, in place of the class's.
    pub limit: Option<Limit>,
    pub reported_at: Timestamp,
    pub registered_at: Option<Timestamp>,
    pub stage_since: Timestamp,
    pub stage_due: Option<Timestamp>,
    /// The limit that the stage began with; cases from before it was kept have none.
    pub stage_limit: Option<Limit>,
    /// When the clock has next something to say about the stage.
    pub next_alarm: Option<Timestamp>,
    /// When the handling is due as a whole, set at registration.
    pub due: Option<Timestamp>,
    /// The limit of its class when it was filed, and from when that runs; cases from before it was kept have neither.
    pub filed_limit: Option<Limit>,
    pub due_since: Option<Timestamp>,
    /// Further limits granted for the whole, and for its present stage.
    pub extensions: i64,
    pub stage_extensions: i64,
    /// Its pause, of which a case has one: also one that is over.
    pub pause: Option<Pause>,
    /// When the clock said that the pause was over.
    pub resumed_at: Option<Timestamp>,
    /// What was asked for and is not decided, and the revision at which it was.
    pub asked: Option<(ReliefKind, i64)>,
    /// When it came back from the body that handled it; none while it is to be handled, or again.
    pub handled_at: Option<Timestamp>,
    /// When the handling passed the check.
    pub passed_at: Option<Timestamp>,
    /// When the check is due: the check's own time after `due`.
    pub close_due: Option<Timestamp>,
    /// When the requester is to be contacted, where the procedure asks for that.
    pub contact_due: Option<Timestamp>,
    /// When the requester was reached by the body that has it now.
    pub contacted_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// When the work on it ended for the first time, whatever came after.
    pub first_closed_at: Option<Timestamp>,
    /// When it was opened again for the first time.
    pub reopened_at: Option<Timestamp>,
    pub updated_at: Timestamp,
    /// The deadline of the whole of which offices were told that it is over.
    pub due_told: Option<Timestamp>,
    /// Hundredths of the stage's time that had run when offices were last told of it; 0 before.
    pub escalated: i64,
    pub returns: i64,
    pub reworks: i64,
    /// How often it was opened again.
    pub reopens: i64,
    /// One to five.
    pub rating: Option<i64>,
    pub solved: Option<bool>,
    pub revision: i64,
    /// The case that it supports.
    pub parent: Option<Id<CaseName>>,
    /// The case of which it turned out to be a second report.
    pub merged_into: Option<Id<CaseName>>,
}

/// How to reach a reporter; sealed from those who handle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    pub name: Option<String>,
    pub phone: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Open,
    Closed,
    Void,
}

/// Where a report came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Public,
    GridWorker,
    /// Taken by the supervision centre, by telephone or at the desk.
    Desk,
    /// Split off another case, for a supporting body.
    Joint,
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word),* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text)
            }
        }
    };
}

words!(Status { Open = "open", Closed = "closed", Void = "void" });
words!(Source { Public = "public", GridWorker = "grid_worker", Desk = "desk", Joint = "joint" });

/// What comes with a transition.
#[derive(Clone, Debug, Default)]
pub struct StepInput {
    /// Made by the client: the same one again changes nothing.
    pub request: Option<Uuid>,
    pub note: String,
    pub photos: Vec<StoredPhoto>,
    pub organization: Option<Id<Organization>>,
    /// Bodies that support that one, each by a case of its own.
    pub supporting: Vec<Id<Organization>>,
    pub class: Option<String>,
    pub ground: Option<String>,
    pub finding: Option<String>,
    pub rating: Option<i64>,
    pub solved: Option<bool>,
}

/// A photo that is safe on disk and not yet part of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPhoto {
    pub id: Id<Photo>,
    /// Of the file as stored.
    pub sha256: [u8; 32],
    pub width: u32,
    pub height: u32,
}

impl StoredPhoto {
    /// As part of a case from the step that made `revision`.
    pub(super) fn of_step(&self, revision: i64) -> CasePhoto {
        let (width, height) = (i64::from(self.width), i64::from(self.height));
        CasePhoto { id: self.id, revision, width, height }
    }
}

/// A photo that is part of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePhoto {
    pub id: Id<Photo>,
    /// Revision of the step that it came with.
    pub revision: i64,
    pub width: i64,
    pub height: i64,
}
impl Case {
    /// Whether its clock stands still, and nobody handles it.
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.status == Status::Open && self.pause.is_some_and(|it| it.from <= now && now < it.until)
    }

    /// That of the row by which a body has it, or else the one that it was filed with.
    pub(super) fn limit_of_handling(&self) -> Option<Limit> {
        self.limit.or(self.filed_limit)
    }

    /// The time of the stage is over, or that of the whole before it was handled.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.status == Status::Open && self.next_due().is_some_and(|due| due < now)
    }

    pub(super) fn is_stage_over(&self, now: Timestamp) -> bool {
        self.status == Status::Open && self.stage_due.is_some_and(|due| due < now)
    }

    /// The earlier of its deadlines: that of its stage, and while it is not handled that of the whole.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.stage_due.into_iter().chain(self.due_unhandled()).min()
    }

    /// When the whole is due, while it is not handled.
    pub(super) fn due_unhandled(&self) -> Option<Timestamp> {
        self.due.filter(|_| self.handled_at.is_none())
    }

    /// What the policy asks about this case; `lead` is the body that has the one that it supports, `parts` are those that
    /// people had in it.
    pub fn facts(&self, verifying: bool, lead: Option<Id<Organization>>, parts: &Parts) -> CaseFacts {
        CaseFacts {
            id: self.id,
            area: self.path.clone(),
            owner: self.owner,
            lead,
            reporter: self.reporter,
            verifying,
            contact_shared: self.contact_shared,
            handling_organizations: parts.organizations.clone(),
            handlers: parts.of(Party::Handler),
            dispatchers: parts.of(Party::Dispatcher),
            verifiers: parts.of(Party::Verifier),
            closers: parts.closers.clone(),
            sent_from: parts.sent_from.clone(),
        }
    }
}

/// What a body did with a case that it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handling {
    /// It gave it back.
    pub returned: bool,
    /// Its work was sent back.
    pub reworked: bool,
}

/// Who had which part in a case, and which bodies it was given to.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub people: Vec<(Party, Id<Person>)>,
    pub organizations: Vec<Id<Organization>>,
    /// Who closed it before it was opened again, or sent it in its reporter's name.
    pub closers: Vec<Id<Person>>,
    /// The area of the office that last gave it to a body.
    pub sent_from: Option<AreaPath>,
}

impl Parts {
    pub fn new(events: &[Event], organizations: Vec<Id<Organization>>) -> Self {
        let mut people: Vec<_> = events.iter().filter_map(|event| event.part.zip(event.actor)).collect();
        people.dedup();
        let given = events.iter().rev().find(|it| it.detail.owner.is_some());
        let sent_from = given.and_then(|it| it.detail.sent_from.as_ref()?.parse().ok());
        Self { people, organizations, closers: Vec::new(), sent_from }
    }

    fn of(&self, party: Party) -> Vec<Id<Person>> {
        self.people.iter().filter(|(it, _)| *it == party).map(|(_, person)| *person).collect()
    }
}
/// A new report as a person sends it.
#[derive(Clone, Debug)]
pub struct Report {
    /// Made by the client: the same one again makes no second case.
    pub id: Id<CaseName>,
    pub procedure: String,
    pub class: String,
    /// Code of the area, as deep as the reporter knows.
    pub area: String,
    pub place: String,
    pub position: Option<(f64, f64)>,
    pub description: String,
    pub contact: Contact,
    pub photos: Vec<StoredPhoto>,
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Whether a text has the form of a case's number, in capitals or not.
pub fn is_number(text: &str) -> bool {
    let is_letter = |it: u8| ALPHABET.contains(&it.to_ascii_uppercase());
    text.split_once('-').is_some_and(|(date, letters)| {
        (date.len(), letters.len()) == (8, 8)
            && date.bytes().all(|it| it.is_ascii_digit())
            && letters.bytes().all(is_letter)
    })
}

/// The number that people say: the date of the report, and 40 bits of the id in Crockford's alphabet.
pub fn number(id: Id<CaseName>, reported_at: Timestamp) -> String {
    let date = reported_at.civil().date();
    let bits = id.uuid().as_u128() & 0xff_ffff_ffff;
    let letters = (0..8).rev().map(|index| char::from(ALPHABET[(bits >> (index * 5)) as usize & 31]));
    format!("{:04}{:02}{:02}-{}", date.year(), date.month(), date.day(), letters.collect::<String>())
}
