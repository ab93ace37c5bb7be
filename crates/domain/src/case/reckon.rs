//! By when a case is to be passed and its requester contacted: what the evaluation counts by beside the handling.

use super::{
    advance::Rules,
    model::Case,
    procedure::{Clock, Procedure, Stage, Transition},
};
use crate::calendar::{Calendar, Countdown};

/// The finding of a call that was answered: a contact with the requester.
pub const REACHED: &str = "reached";
const STEP_HANDLE: i64 = 4;
const STEP_CHECK: i64 = 6;

impl Case {
    /// After the report.
    pub(super) fn reckon_start(&mut self, rules: &Rules<'_>) {
        self.follow_deadlines(rules.procedure, &rules.calendar);
        self.follow_alarm(rules);
    }

    /// After `taken` led here from where `before` stood.
    pub(super) fn reckon(
        &mut self,
        rules: &Rules<'_>,
        before: &Case,
        taken: &Transition,
        finding: Option<&str>,
    ) {
        let contacts = |stage: &str| rules.procedure.stage(stage).is_some_and(Stage::contacts);
        if contacts(&before.stage) && taken.contacts() && finding == Some(REACHED) {
            self.contacted_at = Some(rules.now);
        }
        if contacts(&self.stage) {
            // Each body that is given a request has its own time to contact its requester.
            self.contacted_at = None;
        }
        self.follow_deadlines(rules.procedure, &rules.calendar);
    }

    /// What hangs on the deadlines, wherever these are moved to.
    pub(super) fn follow_deadlines(&mut self, procedure: &Procedure, calendar: &Calendar) {
        // The check's own time after the handling's deadline, so that it is known from filing on.
        let limit = procedure.check().and_then(|stage| match stage.clock? {
            Clock::Fixed(limit) => Some(limit),
            Clock::Class => self.limit_of_handling(),
        });
        let after = |due| limit.map_or(due, |limit| calendar.due(&Countdown::from(due, limit)));
        self.close_due = self.due.map(after);
        if self.contacted_at.is_none() && procedure.stage(&self.stage).is_some_and(Stage::contacts) {
            self.contact_due = self.stage_due;
        }
    }
}

impl Procedure {
    /// The stage at which the work is checked.
    fn check(&self) -> Option<&Stage> {
        let is_checked = |stage: &&Stage| stage.transitions.iter().any(Transition::passes);
        self.stages.iter().filter(|stage| stage.step >= STEP_CHECK).find(is_checked)
    }
}

impl Stage {
    /// Whether a requester is spoken to here before the work begins.
    fn contacts(&self) -> bool {
        self.step == STEP_HANDLE && self.transitions.iter().any(Transition::contacts)
    }
}

impl Transition {
    fn contacts(&self) -> bool {
        self.asks.findings.iter().any(|it| it == REACHED)
    }
}
