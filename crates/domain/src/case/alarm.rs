//! When the clock of a case's stage has something to say; pure.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    model::Case,
    procedure::{Alarm, Procedure, Stage},
};
use crate::calendar::{Calendar, Countdown, Limit, Pause, WHOLE};

/// Deadlines before and after, and by what they were moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stage: Option<(Timestamp, Timestamp)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub whole: Option<(Timestamp, Timestamp)>,
    /// By when it is to be closed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub check: Option<(Timestamp, Timestamp)>,
    /// The year whose calendar was entered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub year: Option<i16>,
}

impl Case {
    /// The limit of its stage as it runs; none where no clock does.
    pub(super) fn countdown(&self) -> Option<Countdown> {
        self.stage_limit.map(|limit| self.running(self.stage_since, limit, self.stage_extensions))
    }

    /// The limit of the whole as it runs.
    pub(super) fn whole(&self) -> Option<Countdown> {
        self.limit_of_handling()
            .zip(self.due_since)
            .map(|(limit, since)| self.running(since, limit, self.extensions))
    }

    /// An extension is one more limit from the deadline on: together they are one longer limit.
    fn running(&self, since: Timestamp, limit: Limit, extensions: i64) -> Countdown {
        let limit = Limit { amount: limit.amount * (1 + extensions), ..limit };
        Countdown { since, limit, pause: self.pause.filter(|it| it.until > since) }
    }

    /// The case with a relief that was granted, and how that moves its deadlines. `until` ends a pause.
    pub(super) fn relieved(
        &self,
        calendar: &Calendar,
        stage: &Stage,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> (Case, Moved) {
        let mut next = self.clone();
        match until {
            Some(until) => (next.pause, next.resumed_at) = (Some(Pause { from: now, until }), None),
            None => {
                (next.extensions, next.stage_extensions) = (self.extensions + 1, self.stage_extensions + 1);
            }
        }
        next.asked = None;
        next.count_deadlines(calendar);
        // What lies ahead again is told again when it comes.
        let is_past = |level: &i64| next.level_at(calendar, *level).is_some_and(|at| at < now);
        let told = stage.levels().into_iter().filter(|level| *level <= self.escalated);
        next.escalated = told.take_while(is_past).last().unwrap_or(0);
        next.set_alarm(calendar, stage);
        let moved = self.moved_to(&next);
        (next, moved)
    }

    /// The case whose pause is over before its day, and how that moves its deadlines.
    pub(super) fn resumed(&self, calendar: &Calendar, stage: &Stage, now: Timestamp) -> (Case, Moved) {
        let pause = self.pause.map(|it| Pause { until: now, ..it });
        let mut next = Case { pause, resumed_at: Some(now), ..self.clone() };
        next.count_deadlines(calendar);
        next.set_alarm(calendar, stage);
        let moved = self.moved_to(&next);
        (next, moved)
    }

    /// Both deadlines by its limits and its pause as they are now; what has none gets none.
    fn count_deadlines(&mut self, calendar: &Calendar) {
        self.stage_due = self.countdown().map(|it| calendar.due(&it)).or(self.stage_due);
        self.due = self.due.and(self.whole()).map(|it| calendar.due(&it)).or(self.due);
    }

    fn moved_to(&self, next: &Case) -> Moved {
        let pair =
            |from: Option<Timestamp>, to: Option<Timestamp>| from.zip(to).filter(|(from, to)| from != to);
        Moved {
            stage: pair(self.stage_due, next.stage_due),
            whole: pair(self.due, next.due),
            check: pair(self.close_due, next.close_due),
            year: None,
        }
    }

    /// The first year that one of its deadlines reaches into and whose holidays are not known.
    pub(super) fn unknown_year(&self, calendar: &Calendar) -> Option<i16> {
        let counted = [self.countdown(), self.whole()].into_iter().flatten();
        counted.filter_map(|it| calendar.unknown_year(&it)).min()
    }

    /// The case with what is still due counted by `calendar`, and what that moved.
    pub(super) fn recounted(
        &self,
        calendar: &Calendar,
        (procedure, stage): (&Procedure, &Stage),
        now: Timestamp,
    ) -> (Case, Moved) {
        let count = |due: Option<Timestamp>, it: Option<Countdown>| {
            // What was late stays late: a day that is taken away afterwards undoes no deadline.
            due.filter(|due| *due > now).zip(it).map(|(_, it)| calendar.due(&it)).or(due)
        };
        let mut next = self.clone();
        next.stage_due = count(self.stage_due, self.countdown());
        next.due = count(self.due, self.whole());
        next.follow_deadlines(procedure, calendar);
        if self.close_due.is_some_and(|due| due <= now) {
            next.close_due = self.close_due;
        }
        next.set_alarm(calendar, stage);
        let moved = self.moved_to(&next);
        (next, moved)
    }

    /// Sets when the clock has next something to say.
    pub(super) fn set_alarm(&mut self, calendar: &Calendar, stage: &Stage) {
        let next = stage.levels().into_iter().find(|level| *level > self.escalated);
        let level = next.and_then(|level| self.level_at(calendar, level));
        let resumption = self.pause.filter(|_| self.resumed_at.is_none()).map(|it| it.until);
        let moments = level.into_iter().chain(resumption).chain(self.due_untold());
        self.next_alarm = moments.min().filter(|_| stage.end.is_none());
    }

    /// The deadline of the whole, unless it was told that this one, or a later one, is over.
    fn due_untold(&self) -> Option<Timestamp> {
        self.due_unhandled().filter(|due| self.due_told.is_none_or(|told| told < *due))
    }

    /// The deadline of the whole that has passed by `now` and was not told yet: a stage that was given new time, as by a
    /// rework, hides it from nobody.
    pub(super) fn passed_whole(&self, now: Timestamp) -> Option<Timestamp> {
        self.due_untold().filter(|due| *due < now)
    }

    /// The last level that has passed by `now` and was not told yet. Of several that were missed only the last is
    /// said, to all who would have been told at one of them: that half of the time has run is no news, and untrue,
    /// once all of it has.
    pub(super) fn passed(&self, calendar: &Calendar, stage: &Stage, now: Timestamp) -> Option<i64> {
        let is_past = |level: &i64| self.level_at(calendar, *level).is_some_and(|at| at < now);
        stage.levels().into_iter().filter(|level| *level > self.escalated).take_while(is_past).last()
    }

    fn level_at(&self, calendar: &Calendar, level: i64) -> Option<Timestamp> {
        match level {
            WHOLE => self.stage_due,
            level => self.countdown().map(|it| calendar.part(&it, level)),
        }
    }
}

impl Stage {
    /// The alarms after the level `told`, up to `level` and with it.
    pub(super) fn alarms_between(&self, told: i64, level: i64) -> impl Iterator<Item = &Alarm> {
        self.alarms.iter().filter(move |it| told < it.percent && it.percent <= level)
    }
}
