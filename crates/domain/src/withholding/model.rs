//! A decision to withhold and its steps; pure.

use kernel::{Area, AreaPath, Id, Organization, Person, Timestamp, Withholding as WithholdingName};

use crate::Refusal;

/// No entry is withheld for longer.
pub const DAYS_MAX: i64 = 90;
const DAY_SECONDS: i64 = 86_400;

/// That readings of a person's record by a body are not shown to the person until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withholding {
    pub id: Id<WithholdingName>,
    pub county: Id<Area>,
    pub person: Id<Person>,
    /// Where the person lives.
    pub path: AreaPath,
    /// The body that asked for it, and whose readings they are.
    pub organization: Id<Organization>,
    /// The law and the document that ask for it.
    pub basis: String,
    /// From the decision on.
    pub days: i64,
    pub proposed_at: Timestamp,
    pub state: State,
    pub decided_by: Option<Id<Organization>>,
    pub decided_at: Option<Timestamp>,
    /// Why it was refused.
    pub note: String,
    /// When what was read from the decision on is shown.
    pub ends_at: Option<Timestamp>,
    /// When the person was told that there is something to see.
    pub told_at: Option<Timestamp>,
    pub revision: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Proposed,
    Approved,
    Refused,
}

impl State {
    const ALL: [State; 3] = [State::Proposed, State::Approved, State::Refused];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Proposed => "proposed",
            State::Approved => "approved",
            State::Refused => "refused",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl Withholding {
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.state == State::Approved && self.ends_at.is_some_and(|it| now < it)
    }

    pub(super) fn decided(
        &self,
        state: State,
        by: Id<Organization>,
        note: &str,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if self.state != State::Proposed {
            return Err(Refusal::conflict("conflict-withholding-decided"));
        }
        Ok(Self {
            state,
            decided_by: Some(by),
            decided_at: Some(now),
            note: note.to_owned(),
            ends_at: (state == State::Approved).then(|| now.plus_seconds(self.days * DAY_SECONDS)),
            revision: self.revision + 1,
            ..self.clone()
        })
    }

    /// Ends it before its day.
    pub(super) fn lifted(&self, now: Timestamp) -> Result<Self, Refusal> {
        if !self.is_running(now) {
            return Err(Refusal::conflict("conflict-withholding-over"));
        }
        Ok(Self { ends_at: Some(now), revision: self.revision + 1, ..self.clone() })
    }
}
