use std::collections::BTreeMap;

use kernel::{Area, Id, JournalEntry, Organization, Person, Role, Timestamp};
use policy::Purpose;
use uuid::Uuid;

use crate::Ctx;

/// What is recorded of one act. The actor and the time come from the context.
#[derive(Clone, Debug)]
pub struct Entry {
    pub county: Id<Area>,
    /// A word of the policy's actions or a procedure's transition, such as `case.close`.
    pub action: String,
    pub subject_kind: SubjectKind,
    pub subject: Uuid,
    /// The person whose record was read or changed.
    pub person: Option<Id<Person>>,
    pub purpose: Option<Purpose>,
    /// More of it, by name; ids and codes, no free text about a person.
    pub detail: BTreeMap<&'static str, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    Area,
    Organization,
    Person,
    Account,
    ApiKey,
    Case,
    Form,
    Submission,
    AppUser,
    Checkpoint,
    Regime,
    Campaign,
    Withholding,
}

impl SubjectKind {
    pub fn as_str(self) -> &'static str {
        match self {
            SubjectKind::Area => "area",
            SubjectKind::Organization => "organization",
            SubjectKind::Person => "person",
            SubjectKind::Account => "account",
            SubjectKind::ApiKey => "api_key",
            SubjectKind::Case => "case",
            SubjectKind::Form => "form",
            SubjectKind::Submission => "submission",
            SubjectKind::AppUser => "app_user",
            SubjectKind::Checkpoint => "checkpoint",
            SubjectKind::Regime => "regime",
            SubjectKind::Campaign => "campaign",
            SubjectKind::Withholding => "withholding",
        }
    }
}

/// An entry as it stands in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub county: Id<Area>,
    pub id: Id<JournalEntry>,
    pub at: Timestamp,
    pub action: String,
    pub actor: Option<Id<Person>>,
    pub role: String,
    pub organization: Option<Id<Organization>>,
    pub subject_kind: String,
    pub subject: Uuid,
    pub person: Option<Id<Person>>,
    pub purpose: String,
    pub detail: String,
}

/// One time that somebody read a person's record, as that person may see it.
#[derive(Clone, Debug)]
pub struct Reading {
    pub id: Id<JournalEntry>,
    pub at: Timestamp,
    pub action: String,
    pub purpose: String,
    /// The reader's office; a reader is named by office and role, as a public servant.
    pub organization: Option<Id<Organization>>,
    pub organization_name: Option<String>,
    pub role: Option<Role>,
    /// It has its place in the log, and its salt is kept: a proof of it can be had.
    pub is_sealed: bool,
}

/// How it stands with the log, as everybody may know it.
#[derive(Clone, Debug)]
pub struct LogState {
    pub origin: String,
    /// The key that signs, as those who check write it.
    pub verifier_key: String,
    /// Entries that are signed for.
    pub size: u64,
    pub published: Option<Published>,
    /// The policy asks for witnesses.
    pub is_witnessed: bool,
    /// When the oldest entry was written that has no place yet, if that is longer ago than it takes.
    pub late_since: Option<Timestamp>,
    /// Since when sealing fails.
    pub failing_since: Option<Timestamp>,
    pub witnesses: Vec<WitnessState>,
}

/// The checkpoint that is shown to everybody.
#[derive(Clone, Debug)]
pub struct Published {
    pub size: u64,
    pub root: String,
    pub at: Timestamp,
    /// No newer one came when it should have: nothing is sealed, or witnesses are missing.
    pub is_old: bool,
}

#[derive(Clone, Debug)]
pub struct WitnessState {
    /// As the policy calls it.
    pub name: String,
    pub verifier_key: String,
    /// When it cosigned last by the city's clock, and how many entries.
    pub cosigned: Option<(Timestamp, u64)>,
    /// What was wrong when it was asked last.
    pub failure: Option<FailureKind>,
    /// It has not cosigned for longer than it may.
    pub is_silent: bool,
}

/// What was wrong with a witness. Its words, which may hold anything, are for who runs the city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// No answer, or none that can be read.
    Unreached,
    /// It says no.
    Refused,
    /// It cosigned more than there is.
    Ahead,
    /// It cosigns, at another time than ours.
    Clock,
}

impl FailureKind {
    const ALL: [FailureKind; 4] =
        [FailureKind::Unreached, FailureKind::Refused, FailureKind::Ahead, FailureKind::Clock];

    pub fn as_str(self) -> &'static str {
        match self {
            FailureKind::Unreached => "unreached",
            FailureKind::Refused => "refused",
            FailureKind::Ahead => "ahead",
            FailureKind::Clock => "clock",
        }
    }

    /// Of a failure as it is kept: the kind, and the words.
    pub(super) fn of(kept: &str) -> Self {
        let kind = kept.split_once(": ").map_or(kept, |(kind, _)| kind);
        Self::ALL.into_iter().find(|it| it.as_str() == kind).unwrap_or(FailureKind::Unreached)
    }
}

impl Record {
    /// What is recorded of `entry` under an id of its own.
    pub fn new(ctx: &Ctx, entry: &Entry) -> Self {
        let (role, organization) = ctx.office();
        Self {
            county: entry.county,
            id: ctx.id(),
            at: ctx.now,
            action: entry.action.clone(),
            actor: ctx.actor.person,
            role: role.as_str().to_owned(),
            organization,
            subject_kind: entry.subject_kind.as_str().to_owned(),
            subject: entry.subject,
            person: entry.person,
            purpose: entry.purpose.map_or("", |purpose| purpose.as_str()).to_owned(),
            detail: entry.canonical_detail(),
        }
    }
}

impl Entry {
    pub fn new(
        county: Id<Area>,
        action: impl Into<String>,
        subject_kind: SubjectKind,
        subject: Uuid,
    ) -> Self {
        let (person, purpose, detail) = (None, None, BTreeMap::new());
        Self { county, action: action.into(), subject_kind, subject, person, purpose, detail }
    }

    /// Without a purpose for a person's own record alone.
    pub fn about(mut self, person: Id<Person>, purpose: Option<Purpose>) -> Self {
        (self.person, self.purpose) = (Some(person), purpose);
        self
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.detail.insert(name, value.to_string());
        self
    }

    /// JSON with its keys in order.
    pub fn canonical_detail(&self) -> String {
        serde_json::to_string(&self.detail).unwrap_or_default()
    }
}
