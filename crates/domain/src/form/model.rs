//! Forms, their versions and records; pure.

use kernel::{
    AppUser, Area, AreaPath, Campaign, Form as FormName, FormVersion as VersionName, Id, Organization,
    Person, Submission, Timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether a form takes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormState {
    /// Listed, and takes records.
    Open,
    /// No longer listed; records that were begun are still taken.
    Closing,
    Closed,
}

impl FormState {
    pub const ALL: [FormState; 3] = [FormState::Open, FormState::Closing, FormState::Closed];

    pub fn as_str(self) -> &'static str {
        match self {
            FormState::Open => "open",
            FormState::Closing => "closing",
            FormState::Closed => "closed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    pub fn takes_records(self) -> bool {
        self != FormState::Closed
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub id: Id<FormName>,
    /// What its records name it by; one form of a city has it.
    pub form_id: String,
    pub title: String,
    pub county: Id<Area>,
    /// The area whose office asks.
    pub area: Id<Area>,
    pub area_path: AreaPath,
    pub organization: Option<Id<Organization>>,
    /// The version that is handed out; none before the first was published.
    pub version: Option<Id<VersionName>>,
    /// The version that is being prepared.
    pub draft: Option<Id<VersionName>>,
    pub state: FormState,
    /// A record that breaks its rules is refused, and not kept as invalid.
    pub refuses_invalid: bool,
    /// Days that an answer is kept after it was sent.
    pub answer_days: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub revision: i64,
}

/// One text of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormVersion {
    pub id: Id<VersionName>,
    pub form: Id<FormName>,
    /// As the form itself says it; may be empty.
    pub version: String,
    /// Of the bytes that clients load, in hexadecimal.
    pub md5: String,
    /// Files that it brings along.
    pub files: i64,
    pub created_at: Timestamp,
    /// None of a draft.
    pub published_at: Option<Timestamp>,
}

/// A form as it is listed, with the version that is handed out; with its draft where none was published yet.
#[derive(Clone, Debug)]
pub struct Listed {
    pub form: Form,
    pub version: FormVersion,
}

/// A file that a form names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFile {
    pub name: String,
    /// In hexadecimal; none of a file that has not come.
    pub md5: Option<String>,
}

/// A file as it is sent.
#[derive(Clone, Debug)]
pub struct NamedBytes {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A form as it is sent to be published.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Code of the area whose office asks.
    pub area: String,
    pub organization: Option<Id<Organization>>,
    /// Its end is cut off to name a form that does not name itself.
    pub file_name: String,
    /// A spreadsheet or an XForm.
    pub bytes: Vec<u8>,
    pub files: Vec<NamedBytes>,
    pub terms: Terms,
    /// Why it asks again for what is known or asked already; may be empty where it does not.
    pub reason: String,
}

/// On what terms answers are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub refuses_invalid: bool,
    /// Days that an answer is kept after it was sent.
    pub answer_days: i64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { refuses_invalid: false, answer_days: kernel::limits::ANSWER_DAYS_DEFAULT }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Published {
    pub form: Form,
    pub version: FormVersion,
    /// Whether this version was not there before.
    pub is_new: bool,
    /// What works, and is perhaps not meant.
    pub warnings: Vec<super::PublishFault>,
    /// Files that it names and that have not come.
    pub missing: Vec<String>,
}

/// A record as it is sent: its XML, and some or all of its files.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    pub xml: Vec<u8>,
    pub files: Vec<NamedBytes>,
    /// For which somebody filled it in, where that is known.
    pub seconds: Option<i64>,
}

/// What a form's rules say of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    Valid,
    Invalid,
    /// A rule could not be evaluated, and no other is broken: neither valid nor invalid.
    Unchecked,
}

impl Judged {
    pub const ALL: [Judged; 3] = [Judged::Valid, Judged::Invalid, Judged::Unchecked];

    pub fn as_str(self) -> &'static str {
        match self {
            Judged::Valid => "valid",
            Judged::Invalid => "invalid",
            Judged::Unchecked => "unchecked",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// A question whose rule a record breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// With the position in each repeat.
    pub path: String,
    pub rule: String,
    pub value: String,
    pub expected: String,
    /// What the form itself says to whoever breaks the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// That a record is on disk, and how it is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub submission: Id<Submission>,
    /// Of the version of the record; 1 is the first.
    pub number: i64,
    pub state: Judged,
    pub findings: Vec<Finding>,
    /// Files that it names and that have not come.
    pub missing: Vec<String>,
    /// Whether it was not there before.
    pub is_new: bool,
    /// For which campaign it counts, or why for none that asks for it.
    pub asked: Option<crate::Message>,
}

/// Records of a form by how they are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub valid: i64,
    pub invalid: i64,
    pub unchecked: i64,
}

/// What a reviewer found, in the words of ODK Central.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// Its sender changed it since.
    Edited,
    HasIssues,
    Rejected,
    Approved,
}

impl Review {
    pub const ALL: [Review; 4] = [Review::Edited, Review::HasIssues, Review::Rejected, Review::Approved];

    pub fn as_str(self) -> &'static str {
        match self {
            Review::Edited => "edited",
            Review::HasIssues => "hasIssues",
            Review::Rejected => "rejected",
            Review::Approved => "approved",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Whether a record that is so reviewed and judged waits for somebody to mend it.
    pub fn is_to_mend(review: Option<Review>, state: Judged) -> bool {
        match review {
            Some(Review::HasIssues | Review::Rejected) => true,
            Some(Review::Approved) => false,
            Some(Review::Edited) | None => state == Judged::Invalid,
        }
    }
}

/// Who sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    Person(Id<Person>),
    AppUser(Id<AppUser>),
    /// The city's own machine.
    System,
}

/// A record as it is listed: what names it, and its current version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub county: Id<Area>,
    pub id: Id<Submission>,
    /// The first one, which names it for ever.
    pub instance_id: String,
    pub review: Option<Review>,
    pub sender: Sender,
    pub created_at: Timestamp,
    /// When it was last edited or judged.
    pub updated_at: Timestamp,
    pub current: RecordVersion,
    /// Of a record that a campaign asked for.
    pub unit: Option<Unit>,
}

/// The unit, or the person in office, that a record answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub campaign: Id<Campaign>,
    /// Of an area, or of a person.
    pub id: Uuid,
    /// Where it lies, or where the person works.
    pub path: AreaPath,
    /// When its writer had finished it, as their phone says; it arrived when it was created.
    pub finished_at: Option<Timestamp>,
}

/// One version of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordVersion {
    pub number: i64,
    pub instance_id: String,
    pub instance_name: Option<String>,
    pub state: Judged,
    pub sender: Sender,
    pub sent_at: Timestamp,
    /// Of the form.
    pub form_version: String,
}

/// A file that a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFile {
    pub name: String,
    /// None of a file that has not come.
    pub sha256: Option<Vec<u8>>,
}

/// What somebody said of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub body: String,
    pub at: Timestamp,
    pub by: Option<Id<Person>>,
}

/// A record that is being filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub county: Id<Area>,
    pub id: Id<Submission>,
    pub person: Id<Person>,
    pub form: Id<FormName>,
    pub version: Id<VersionName>,
    pub form_id: String,
    /// Of the form.
    pub title: String,
    /// Under which it will be sent, however often that is tried.
    pub instance_id: String,
    /// The instance id of the version that it edits.
    pub replaces: Option<String>,
    pub xml: String,
    pub revision: i64,
    pub updated_at: Timestamp,
    /// Between its pages, without pauses.
    pub spent_seconds: i64,
    /// The campaign that asks for it, and the unit.
    pub asked: Option<(Id<Campaign>, Uuid)>,
}

/// A record as its author sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    pub form_id: String,
    pub title: String,
    pub instance_id: String,
    pub state: Judged,
    pub review: Option<Review>,
    /// What was said of it last.
    pub comment: Option<String>,
    /// Whether it has to be mended, and is theirs to mend.
    pub is_to_mend: bool,
    pub sent_at: Timestamp,
    pub updated_at: Timestamp,
}
