use kernel::{AreaPath, Case, Id, Organization, Person};

use crate::CaseFacts;

/// What an actor may see, in the terms a list's query is written in: whatever lies in one of the
/// subtrees, or belongs to one of the organizations, or is the person's own, or is that case.
/// An empty scope holds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Disjoint and sorted.
    pub subtrees: Vec<AreaPath>,
    /// Owner now, or handled it before. Sorted.
    pub organizations: Vec<Id<Organization>>,
    /// Reporter of a case; the subject, for records of persons.
    pub person: Option<Id<Person>>,
    pub case: Option<Id<Case>>,
}

impl Scope {
    pub fn contains(&self, case: &CaseFacts) -> bool {
        self.covers(&case.area)
            || case.owner.is_some_and(|it| self.organizations.contains(&it))
            || case.handling_organizations.iter().any(|it| self.organizations.contains(it))
            || (self.person.is_some() && self.person == case.reporter)
            || self.case == Some(case.id)
    }

    /// Whether a person's record is inside, by who they are and where they live.
    pub fn contains_person(&self, id: Id<Person>, area: &AreaPath) -> bool {
        self.person == Some(id) || self.covers(area)
    }

    /// Whether the area lies in one of the subtrees.
    pub fn covers(&self, area: &AreaPath) -> bool {
        self.subtrees.iter().any(|it| area.is_within(it))
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn new(
        mut subtrees: Vec<AreaPath>,
        mut organizations: Vec<Id<Organization>>,
        person: Option<Id<Person>>,
        case: Option<Id<Case>>,
    ) -> Self {
        subtrees.sort();
        // Sorted by text, a subtree follows right after the one that holds it.
        subtrees.dedup_by(|later, kept| later.is_within(kept));
        organizations.sort();
        organizations.dedup();
        Self { subtrees, organizations, person, case }
    }
}
