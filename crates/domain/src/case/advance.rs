//! What a transition makes of a case; pure.

use kernel::{Id, Organization, Timestamp};

use policy::Relation;

use super::{
    catalogue::Catalogue,
    event::{Event, EventDetail},
    model::{Case, Status, StepInput},
    procedure::{Clock, End, Need, Procedure, Stage, Transition},
    reopen,
};
use crate::{
    Faults, Message, Refusal,
    calendar::{Calendar, Countdown, Limit},
    responsibility::Responsibility,
};

/// What the rules need to know of a city.
pub struct Rules<'a> {
    pub procedure: &'a Procedure,
    pub classes: &'a Catalogue,
    pub calendar: Calendar,
    pub now: Timestamp,
    /// What the list says of the body that the case is being sent to.
    pub duty: Option<&'a Responsibility>,
}

impl Rules<'_> {
    pub(super) fn limit(&self, stage: &Stage, case: &Case) -> Option<Limit> {
        match stage.clock? {
            Clock::Fixed(limit) => Some(limit),
            Clock::Class => case.limit_of_handling().or_else(|| self.class_limit(&case.class)),
        }
    }

    fn class_limit(&self, class: &str) -> Option<Limit> {
        self.classes.get(class).map(|class| class.limit)
    }
}

/// The step of the loop at which the handling is reported as done.
pub const STEP_FED_BACK: i64 = 5;

impl Case {
    /// The case after `transition` with what came with it, and what its timeline then says.
    pub fn advance(
        &self,
        rules: &Rules<'_>,
        transition: &Transition,
        input: &StepInput,
    ) -> Result<(Case, EventDetail), Refusal> {
        let mut detail = check(rules, transition, input)?;
        let mut next = self.clone();
        if let Some(class) = detail.class.as_ref().filter(|class| **class != self.class) {
            next.class.clone_from(class);
            next.filed_limit = rules.class_limit(class).filter(|_| self.filed_limit.is_some());
            next.due = next.whole().map(|it| rules.calendar.due(&it)).or(self.due);
        }
        if transition.gives() {
            next.give(rules, input.organization);
            detail.responsibility = next.responsibility;
        }
        if transition.asks.rating {
            (next.rating, next.solved) = (input.rating.or(self.rating), input.solved.or(self.solved));
        }
        next.returns += i64::from(transition.effect.returns);
        next.reworks += i64::from(transition.effect.reworks);
        if transition.effect.reopens {
            // What was rated is not what will be done now; the timeline keeps it.
            (next.rating, next.solved) = (None, None);
            next.reopens += 1;
            next.reopened_at = self.reopened_at.or(Some(rules.now));
            // Whoever is told that it was opened again need not be told at once that its time is long over.
            next.due_told = next.due.filter(|due| *due < rules.now).or(next.due_told);
        }
        // The time in which the whole was to be handled stands when it is opened again.
        let sets_time = next.reopens == 0;
        if transition.effect.registers && sets_time {
            next.register(rules);
        }
        next.enter(rules, &transition.to)?;
        if transition.effect.sets_due && sets_time {
            (next.filed_limit, next.limit, next.extensions) = (next.stage_limit, None, 0);
            (next.due_since, next.due) = (Some(rules.now), next.stage_due);
        }
        next.mark(rules, &self.stage, transition);
        next.reckon(rules, self, transition, detail.finding.as_deref());
        next.follow_alarm(rules);
        next.revision += 1;
        Ok((next, detail))
    }

    /// What the clock says next hangs on more than the stage: on when the whole is due, and whether it is handled.
    pub(super) fn follow_alarm(&mut self, rules: &Rules<'_>) {
        if let Some(stage) = rules.procedure.stage(&self.stage) {
            self.set_alarm(&rules.calendar, stage);
        }
    }

    /// Notes when it was handled, when that passed the check and when the work first ended; whatever leads back takes
    /// away the first two.
    fn mark(&mut self, rules: &Rules<'_>, from: &str, transition: &Transition) {
        let step = |stage: &str| rules.procedure.stage(stage).map_or(0, |stage| stage.step);
        let (from, to) = (step(from), step(&self.stage));
        if to < STEP_FED_BACK {
            (self.handled_at, self.passed_at) = (None, None);
        } else if from < STEP_FED_BACK {
            self.handled_at = Some(rules.now);
        }
        if transition.passes() && to >= STEP_FED_BACK {
            self.passed_at = Some(rules.now);
        }
        if transition.advance.closes || self.status == Status::Closed {
            self.first_closed_at = self.first_closed_at.or(Some(rules.now));
        }
    }

    /// Gives it to a body, with the time that the list has for that one, counted from filing like any other.
    fn give(&mut self, rules: &Rules<'_>, owner: Option<Id<Organization>>) {
        self.owner = owner;
        self.responsibility = rules.duty.map(|it| it.id);
        let limit = rules.duty.and_then(|it| it.limit);
        if limit != self.limit {
            self.limit = limit;
            self.due = self.whole().map(|it| rules.calendar.due(&it)).or(self.due);
        }
    }

    /// Starts the clock of the whole case: at filing, whoever has or has not looked at it.
    pub(super) fn register(&mut self, rules: &Rules<'_>) {
        (self.registered_at, self.due_since) = (Some(rules.now), Some(rules.now));
        self.filed_limit = rules.class_limit(&self.class);
        self.due = self.whole().map(|it| rules.calendar.due(&it));
    }

    /// Moves to a stage and starts its clock; an end stops all clocks.
    pub(super) fn enter(&mut self, rules: &Rules<'_>, stage: &str) -> Result<(), Refusal> {
        let stage =
            rules.procedure.stage(stage).ok_or_else(|| Refusal::Broken(format!("no stage {stage}")))?;
        self.stage.clone_from(&stage.id);
        self.stage_since = rules.now;
        self.stage_limit = rules.limit(stage, self);
        self.stage_extensions = 0;
        // A step taken after a pause says as much as the clock would.
        self.resumed_at = self.resumed_at.or(self.pause.map(|_| rules.now));
        self.stage_due = self.countdown().map(|it| rules.calendar.due(&it));
        (self.escalated, self.asked) = (0, None);
        self.set_alarm(&rules.calendar, stage);
        self.updated_at = rules.now;
        match stage.end {
            None => (self.status, self.closed_at) = (Status::Open, None),
            Some(End::Closed) => (self.status, self.closed_at) = (Status::Closed, Some(rules.now)),
            Some(End::Void) => (self.status, self.closed_at) = (Status::Void, Some(rules.now)),
        }
        Ok(())
    }
}

/// How often a case may still go through `transition` of `stage`, as its timeline stands; `None` without a limit.
/// Each body has the owner's transitions as often as it is allowed, and all together as often as they are.
pub fn times_left(case: &Case, events: &[Event], stage: &Stage, transition: &Transition) -> Option<i64> {
    if transition.effect.reopens {
        return transition.at_most.map(|most| (most - case.reopens).max(0));
    }
    let by_owner = transition.advance.relation == Relation::Owner;
    let all = events.iter().filter(|it| it.from == stage.id && it.transition == transition.id);
    let own = all.clone().filter(|it| !by_owner || it.organization == case.owner);
    let left = |most: Option<i64>, taken: usize| most.map(|most| (most - taken as i64).max(0));
    let (own, all) = (left(transition.at_most, own.count()), left(transition.in_all, all.count()));
    own.into_iter().chain(all).min()
}

/// What the timeline leaves open: not what was taken as often as it may be, not what opens only after that, no
/// return after a ruling, and nothing after its window.
pub fn check_open(
    case: &Case,
    events: &[Event],
    rules: &Rules<'_>,
    stage: &Stage,
    transition: &Transition,
) -> Result<(), Refusal> {
    let binds = |event: &Event| {
        let taken = rules.procedure.stage(&event.from).and_then(|stage| stage.transition(&event.transition));
        taken.is_some_and(|taken| taken.effect.binds)
    };
    if transition.effect.returns && events.iter().any(binds) {
        return Err(Refusal::conflict("conflict-ruled"));
    }
    if times_left(case, events, stage, transition) == Some(0) {
        return Err(Refusal::Conflict(used_up(case, events, stage, transition)));
    }
    let unopened = |it: &Transition| times_left(case, events, stage, it).is_some_and(|left| left > 0);
    if stage.opener(transition).is_some_and(unopened) {
        return Err(Refusal::conflict("conflict-not-open"));
    }
    if transition.effect.returns {
        check_return(rules, case, events, transition)?;
    }
    reopen::check_window(rules, case, transition)
}

/// Why it is not taken once more: the body has had its times, or all of them together.
fn used_up(case: &Case, events: &[Event], stage: &Stage, transition: &Transition) -> Message {
    let is_one = |it: &&Event| it.from == stage.id && it.transition == transition.id;
    let own = events.iter().filter(is_one).filter(|it| it.organization == case.owner).count() as i64;
    match transition.in_all.filter(|_| transition.at_most.is_none_or(|most| own < most)) {
        Some(most) => Message::new("conflict-in-all").with("max", most),
        None => Message::new("conflict-at-most").with("max", transition.at_most.unwrap_or_default()),
    }
}

/// A body gives back what is not its to do soon after it was given it, and not once it has worked on it for long.
fn check_return(
    rules: &Rules<'_>,
    case: &Case,
    events: &[Event],
    transition: &Transition,
) -> Result<(), Refusal> {
    let given = events.iter().rev().find(|it| it.detail.owner.is_some()).map_or(case.stage_since, |it| it.at);
    let until = transition.within.map(|limit| rules.calendar.due(&Countdown::from(given, limit)));
    match until {
        Some(until) if until < rules.now => Err(Refusal::conflict("conflict-return-window")),
        _ => Ok(()),
    }
}

/// What came with a step is all that the transition asks for, and sound. All faults are told at once.
fn check(rules: &Rules<'_>, transition: &Transition, input: &StepInput) -> Result<EventDetail, Refusal> {
    let asks = &transition.asks;
    let mut faults = Faults::default();
    if asks.note == Need::Required && input.note.is_empty() {
        faults.add("note", Message::new("fault-required"));
    }
    if input.photos.len() < asks.photos {
        faults.add("photos", Message::new("fault-photos").with("min", asks.photos));
    }
    if asks.organization && input.organization.is_none() {
        faults.add("organization", Message::new("fault-required"));
    }
    let class = input.class.clone().filter(|class| asks.class != Need::No && !class.is_empty());
    match &class {
        None if asks.class == Need::Required => faults.add("class", Message::new("fault-required")),
        Some(class) if rules.classes.get(class).is_none() => {
            faults.add("class", Message::new("fault-choice"))
        }
        _ => {}
    }
    if let Some(list) = &asks.ground
        && input.ground.as_deref().and_then(|ground| rules.procedure.ground(list, ground)).is_none()
    {
        faults.add("ground", Message::new("fault-choice"));
    }
    // One possible finding is what the transition itself says.
    let finding =
        input.finding.clone().or_else(|| asks.findings.first().filter(|_| asks.findings.len() == 1).cloned());
    if !asks.findings.is_empty() && finding.as_ref().is_none_or(|finding| !asks.findings.contains(finding)) {
        faults.add("finding", Message::new("fault-choice"));
    }
    if asks.rating && !input.rating.is_some_and(|rating| (1..=5).contains(&rating)) {
        faults.add("rating", Message::new("fault-range").with("min", 1).with("max", 5));
    }
    if asks.rating && input.solved.is_none() {
        faults.add("solved", Message::new("fault-required"));
    }
    faults.check()?;
    Ok(EventDetail {
        ground: input.ground.clone().filter(|_| asks.ground.is_some()),
        finding: finding.filter(|_| !asks.findings.is_empty()),
        class,
        owner: input.organization.filter(|_| transition.gives()),
        responsibility: None,
        supporting: input.supporting.iter().filter(|_| asks.supporting.is_some()).copied().collect(),
        case: None,
        rating: input.rating.filter(|_| asks.rating),
        ..EventDetail::default()
    })
}
