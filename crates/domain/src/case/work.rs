//! Whose work a step was: what the evaluation of posts counts.

use policy::{Appointment, Party, Relation};

use super::{
    event::Event,
    model::Case,
    procedure::{Stage, Transition},
};

/// Kinds of work, of which one step may be several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work(i64);

impl Work {
    pub const FILED: Work = Work(1);
    pub const DISPATCHED: Work = Work(2);
    pub const CLOSED: Work = Work(4);
    pub const VERIFIED: Work = Work(8);
    pub const CHECKED: Work = Work(16);
    pub const REPORTED: Work = Work(32);
    /// Work that somebody owed ran over its time. The clock says so, which belongs to no body: no figure of a post has it.
    pub const OVERRAN: Work = Work(64);

    pub fn bits(self) -> i64 {
        self.0
    }

    pub fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    pub fn holds(self, kind: Work) -> bool {
        self.0 & kind.0 != 0
    }

    pub(super) fn with(self, kind: Work, applies: bool) -> Self {
        if applies { Work(self.0 | kind.0) } else { self }
    }
}

/// A report is the work of a grid worker, and filing it that of a desk where it is filed at once.
pub(super) fn of_report(case: &Case, office: Option<&Appointment>) -> Work {
    let is_grid = office.is_some_and(|it| it.role.is_grid());
    Work::default()
        .with(Work::REPORTED, is_grid)
        .with(Work::FILED, office.is_some() && case.registered_at.is_some())
}

/// What a step is for the office in which it was taken; nothing for those who act for themselves. The clock takes what a
/// body did not do in its time.
pub(super) fn of_step(stage: &Stage, taken: &Transition, office: Option<&Appointment>) -> Work {
    let is_owed = stage.transitions.iter().any(|it| it.advance.relation == Relation::Owner);
    let Some(office) = office else {
        return Work::default().with(Work::OVERRAN, taken.on_timeout && is_owed);
    };
    let sends = taken.part == Some(Party::Dispatcher) && taken.asks.organization;
    Work::default()
        .with(Work::FILED, taken.effect.registers)
        .with(Work::DISPATCHED, sends)
        .with(Work::CLOSED, taken.advance.closes)
        .with(Work::VERIFIED, stage.step == 1 && office.role.is_grid())
        .with(Work::CHECKED, taken.advance.checks && office.role.is_grid())
}

/// Revisions of the steps that this one proves to have been wrong: the last sending, when the body gives the case back;
/// the last closing, when what had passed goes back.
pub(super) fn undone<'a>(
    before: &Case,
    next: &Case,
    taken: &Transition,
    events: &'a [Event],
) -> impl Iterator<Item = i64> + 'a {
    let last = |kind: Work, applies: bool| {
        let found = events.iter().rev().find(|event| event.work.holds(kind));
        found.filter(|_| applies).map(|event| event.revision)
    };
    let reopened = taken.effect.reopens || (before.passed_at.is_some() && next.passed_at.is_none());
    [last(Work::DISPATCHED, taken.effect.returns), last(Work::CLOSED, reopened)].into_iter().flatten()
}
