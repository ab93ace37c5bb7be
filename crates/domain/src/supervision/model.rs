//! An order of supervision and its steps; pure.

use kernel::{Area, AreaPath, Case as CaseName, Id, Organization, Supervision, Timestamp};
use policy::{Appointment, SupervisionFacts};

use crate::{Refusal, case::Event};

/// An order (督办单) to a body to reply about a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub id: Id<Supervision>,
    pub county: Id<Area>,
    pub case: Id<CaseName>,
    /// Where the case lies.
    pub path: AreaPath,
    pub kind: Kind,
    /// Id of one of the city's levels.
    pub level: String,
    /// What has to be done or explained.
    pub requirement: String,
    pub ordered_at: Timestamp,
    /// The office that ordered it.
    pub office: Appointment,
    /// The body that has to reply.
    pub organization: Id<Organization>,
    /// When the reply has to be there.
    pub due: Timestamp,
    /// From when that time runs; of an order from before it was kept it is not known once a reply was refused.
    pub due_since: Option<Timestamp>,
    pub state: State,
    /// Whether those above were told that the reply is late.
    pub escalated: bool,
    /// The latest reply; empty until there is one.
    pub reply: String,
    pub replied_at: Option<Timestamp>,
    /// How often another reply was asked for.
    pub refusals: i64,
    pub ended_at: Option<Timestamp>,
    pub revision: i64,
}

/// Why a case is supervised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its time is over.
    Overdue,
    /// A leader asks for it.
    Leader,
    /// It matters beyond itself.
    Important,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The body has to reply.
    Waiting,
    /// The office has to decide on the reply.
    Replied,
    Accepted,
    Cancelled,
}

/// What can be done with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Reply,
    /// The reply does not do: another one, within the same time again.
    Refuse,
    Accept,
    /// The order is taken back, with a ground.
    Cancel,
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

words!(Kind { Overdue = "overdue", Leader = "leader", Important = "important" });
words!(State { Waiting = "waiting", Replied = "replied", Accepted = "accepted", Cancelled = "cancelled" });
words!(Step { Reply = "reply", Refuse = "refuse", Accept = "accept", Cancel = "cancel" });

/// Words of a case's timeline.
pub const ORDERED: &str = "supervision_order";
pub const LATE: &str = "supervision_late";
pub const RECOUNTED: &str = "supervision_recounted";

/// Times that another reply may be asked for: then the office accepts, cancels, or leaves it to those above.
pub const REFUSALS_MAX: i64 = 3;

impl Step {
    /// Its word in a case's timeline.
    pub fn event(self) -> &'static str {
        match self {
            Step::Reply => "supervision_reply",
            Step::Refuse => "supervision_refuse",
            Step::Accept => "supervision_accept",
            Step::Cancel => "supervision_cancel",
        }
    }
}

impl Order {
    /// What the policy asks about it; `events` is the timeline of its case.
    pub fn facts(&self, events: &[Event]) -> SupervisionFacts {
        let is_reply = |event: &&Event| {
            event.transition == Step::Reply.event()
                && event.detail.supervision.as_ref().is_some_and(|it| it.order == self.id)
        };
        SupervisionFacts {
            area: self.office.area.clone(),
            ordered_by: self.office.organization,
            organization: self.organization,
            repliers: events.iter().filter(is_reply).filter_map(|event| event.actor).collect(),
        }
    }

    /// Whether the step is open as the order stands, whoever asks.
    pub fn check(&self, step: Step) -> Result<(), Refusal> {
        match (self.state, step) {
            (State::Replied, Step::Refuse) if self.refusals >= REFUSALS_MAX => {
                Err(Refusal::conflict("conflict-supervision-refusals"))
            }
            (State::Waiting, Step::Reply | Step::Cancel)
            | (State::Replied, Step::Refuse | Step::Accept | Step::Cancel) => Ok(()),
            (State::Waiting, Step::Refuse | Step::Accept) => {
                Err(Refusal::conflict("conflict-supervision-no-reply"))
            }
            (State::Replied, Step::Reply) => Err(Refusal::conflict("conflict-supervision-replied")),
            (State::Accepted | State::Cancelled, _) => Err(Refusal::conflict("conflict-supervision-ended")),
        }
    }

    /// The order after a step that is open; `due` is when another reply has to be there.
    pub fn after(&self, step: Step, note: &str, due: Timestamp, now: Timestamp) -> Order {
        let next = Order { revision: self.revision + 1, ..self.clone() };
        match step {
            Step::Reply => Order { state: State::Replied, reply: note.into(), replied_at: Some(now), ..next },
            Step::Refuse => {
                let (refusals, due_since) = (self.refusals + 1, Some(now));
                Order { state: State::Waiting, refusals, due, due_since, escalated: false, ..next }
            }
            Step::Accept => Order { state: State::Accepted, ended_at: Some(now), ..next },
            Step::Cancel => Order { state: State::Cancelled, ended_at: Some(now), ..next },
        }
    }

    pub fn is_late(&self, now: Timestamp) -> bool {
        self.state == State::Waiting && self.due < now
    }
}
