use kernel::{Area, AreaPath, Case, Id, Organization, Responsibility as ResponsibilityName, Timestamp};
use serde::Serialize;

use crate::calendar::Limit;

/// One row of the list. In force from `from` up to but not including `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responsibility {
    pub id: Id<ResponsibilityName>,
    /// Of the list that it came with; grows by one with each import and each decision.
    pub version: i64,
    /// Code of a minor or a major class.
    pub class: String,
    pub area: Id<Area>,
    pub area_path: AreaPath,
    pub organization: Id<Organization>,
    /// Time for the handling, from filing on; without one that of the class.
    pub limit: Option<Limit>,
    /// What has to be true before it may be closed.
    pub closing_condition: String,
    /// What has to be shown for that.
    pub evidence: String,
    pub legal_basis: String,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
}

/// A body that the list names for a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub row: Responsibility,
    pub name: String,
    /// The case can be sent there: the body is in force, handles and works in the area.
    pub can_handle: bool,
}

/// What a ruling makes of the list.
#[derive(Clone, Debug)]
pub struct Decision {
    pub class: String,
    /// Code of the area in which it holds from now on.
    pub area: String,
    pub organization: Id<Organization>,
    pub legal_basis: String,
    /// The case that it was ruled on.
    pub case: Id<Case>,
}

/// How a list is imported.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Code of the area that the list is about: rows outside are refused, and those in force outside stay.
    pub within: Option<String>,
}

/// What an import changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    pub version: i64,
    pub added: u64,
    pub ended: u64,
    pub unchanged: u64,
}
