use std::collections::BTreeMap;

use kernel::{Area, Id, Organization, Person, Role, Timestamp};
use policy::Purpose;
use uuid::Uuid;

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
        }
    }
}

/// One time that somebody read a person's record, as that person may see it.
#[derive(Clone, Debug)]
pub struct Reading {
    pub at: Timestamp,
    pub action: String,
    pub purpose: String,
    /// The reader's office; a reader is named by office and role, as a public servant.
    pub organization: Option<Id<Organization>>,
    pub organization_name: Option<String>,
    pub role: Option<Role>,
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
