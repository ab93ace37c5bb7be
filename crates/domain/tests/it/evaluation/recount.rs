//! The figures as one who reads the timelines with a calendar in hand would count them.

use std::collections::BTreeMap;

use domain::{
    calendar::{Calendar, Countdown, Limit, LimitKind},
    case::{self, Event, Record},
    evaluation::{Figures, Period, WorkFigures},
};
use kernel::{Id, Organization, Person, Role, Timestamp};

/// A reader of timelines: a period, and when it is read.
pub struct Reader<'a> {
    pub calendar: &'a Calendar,
    pub period: Period,
    pub now: Timestamp,
}

impl Reader<'_> {
    /// Whether a moment lies in the period and is not still to come.
    fn counts(&self, at: Timestamp) -> bool {
        self.period.start() <= at && at < self.period.end() && at <= self.now
    }

    fn by_end(&self, at: Option<Timestamp>) -> bool {
        at.is_some_and(|at| at < self.period.end())
    }

    pub fn figures<'r>(&self, records: impl Iterator<Item = &'r Record>) -> Figures {
        let mut it = Figures::default();
        for record in records {
            self.add(&mut it, record);
        }
        it
    }

    /// What a body answers for: of the cases that it has, or had last, all but what another did; and which it was given
    /// and gave back, whoever has them now. None is what nobody had.
    pub fn figures_of<'r>(
        &self,
        records: impl Iterator<Item = &'r Record>,
        body: Option<Id<Organization>>,
    ) -> Figures {
        let mut all = Figures::default();
        for record in records {
            let (mut it, story) = (Figures::default(), Story::new(self.calendar, record));
            if record.case.owner == body {
                self.add(&mut it, record);
            }
            (it.dispatched, it.dispatched_right, it.returned) = (0, 0, 0);
            let Some(body) = body else {
                all += it;
                continue;
            };
            it.reworked = it.reworked.min(i64::from(story.sent_back_to(body)));
            if record.case.due.is_some_and(|due| self.counts(due)) && story.was_given(body) {
                let returned = i64::from(story.gave_back(body));
                (it.dispatched, it.dispatched_right, it.returned) = (1, 1 - returned, returned);
            }
            all += it;
        }
        all
    }

    fn add(&self, it: &mut Figures, record: &Record) {
        let (case, story) = (&record.case, Story::new(self.calendar, record));
        if self.counts(case.reported_at) {
            it.reported += 1;
            it.registered += i64::from(self.by_end(story.filed));
            it.repeated += i64::from(story.has(&[case::MERGE]));
        }
        if let Some((due, reached)) = story.contact
            && self.counts(due)
        {
            it.to_contact += 1;
            it.contacted += i64::from(reached.is_some_and(|at| at <= due));
        }
        let Some(due) = case.due else { return };
        let close_due = self.calendar.due(&Countdown::from(due, story.check_limit));
        if self.counts(close_due) {
            it.due_to_close += 1;
            it.closed += i64::from(self.by_end(story.passed));
            let in_time = story.passed.is_some_and(|at| at <= close_due);
            it.closed_on_time += i64::from(self.by_end(story.passed) && in_time);
        }
        if self.counts(due) {
            let done = story.handled.filter(|_| self.by_end(story.handled));
            let rated = story.rated.filter(|(at, _)| self.by_end(Some(*at)));
            it.due += 1;
            it.dispatched += i64::from(story.has(&["dispatch"]));
            it.dispatched_right += i64::from(story.has(&["dispatch"]) && !story.has(&["return"]));
            it.handled += i64::from(done.is_some());
            it.handled_on_time += i64::from(done.is_some_and(|at| at <= due));
            it.unhandled += i64::from(done.is_none());
            it.ended += i64::from(self.by_end(story.ended));
            it.reopened += i64::from(self.by_end(story.first("reopen")));
            it.returned += i64::from(story.has(&["return"]));
            it.reworked += i64::from(done.is_some() && story.has(&REWORKS));
            it.rated += i64::from(rated.is_some());
            it.solved += i64::from(rated.is_some() && case.solved == Some(true));
            it.satisfied += i64::from(rated.is_some_and(|(_, event)| event.detail.rating >= Some(3)));
        } else if due < self.period.start() && due <= self.now {
            let start = self.period.start();
            if story.handled.is_none_or(|at| at >= start) {
                let handled = self.by_end(story.handled);
                it.carried += 1;
                it.carried_handled += i64::from(handled);
                it.carried_open += i64::from(!handled);
            }
        }
    }
}

/// What a timeline tells.
struct Story<'a> {
    events: &'a [Event],
    filed: Option<Timestamp>,
    /// The last feedback, or passed check, that no way back to the handler undid.
    handled: Option<Timestamp>,
    passed: Option<Timestamp>,
    /// The word of the reporter, and when the case was closed, while it is.
    rated: Option<(Timestamp, &'a Event)>,
    /// When the work first ended: closed by somebody, or at its end.
    ended: Option<Timestamp>,
    /// By when the requester was to be contacted by the last body, and when they were reached.
    contact: Option<(Timestamp, Option<Timestamp>)>,
    check_limit: Limit,
}

impl<'a> Story<'a> {
    fn new(calendar: &Calendar, record: &'a Record) -> Self {
        let events = &record.events[..];
        let goes_back = |event: &Event| ["dispatch", "contact", "handle"].contains(&event.to.as_str());
        let standing = |transitions: &[&str]| {
            let is_one = |event: &Event| transitions.contains(&event.transition.as_str());
            let last = events.iter().rposition(is_one)?;
            (!events[last + 1..].iter().any(goes_back)).then(|| events[last].at)
        };
        let request = record.case.procedure == "public-request";
        let mut contact = None;
        for event in events {
            if event.to == "contact" {
                contact =
                    Some((calendar.due(&Countdown::from(event.at, limit(LimitKind::UrgentHours, 24))), None));
            }
            if let (Some((_, reached)), Some("reached")) = (&mut contact, event.detail.finding.as_deref()) {
                *reached = Some(event.at);
            }
        }
        Self {
            events,
            filed: events.iter().find(|event| event.to == "dispatch").map(|event| event.at),
            handled: standing(&["feed_back", "reply"]),
            passed: standing(if request { &["call_back"] } else { &["close"] }),
            rated: rated(events),
            ended: events.iter().find(|it| CLOSINGS.contains(&&*it.transition)).map(|event| event.at),
            contact,
            check_limit: if request { limit(LimitKind::WorkDays, 3) } else { limit(LimitKind::WorkHours, 8) },
        }
    }

    fn first(&self, transition: &str) -> Option<Timestamp> {
        self.events.iter().find(|event| event.transition == transition).map(|event| event.at)
    }

    fn was_given(&self, body: Id<Organization>) -> bool {
        self.events.iter().any(|event| event.detail.owner == Some(body))
    }

    fn gave_back(&self, body: Id<Organization>) -> bool {
        let gives_back = |it: &Event| ["return", "dispute"].contains(&it.transition.as_str());
        self.events.iter().any(|event| gives_back(event) && event.organization == Some(body))
    }

    /// Whether its own work was.
    fn sent_back_to(&self, body: Id<Organization>) -> bool {
        let mut owner = None;
        self.events.iter().any(|event| {
            owner = event.detail.owner.or(owner);
            REWORKS.contains(&event.transition.as_str()) && owner == Some(body)
        })
    }

    fn has(&self, transitions: &[&str]) -> bool {
        self.events.iter().any(|event| transitions.contains(&event.transition.as_str()))
    }
}

/// Steps by which work is sent back.
const REWORKS: [&str; 3] = ["rework", "fail", "redo"];
/// Steps by which the work on a case ends.
const CLOSINGS: [&str; 4] = ["close", "call_back", "unanswered", "rate"];

/// The last rating of a case that is closed: it counts from the closing on, and until the case is opened again.
fn rated(events: &[Event]) -> Option<(Timestamp, &Event)> {
    let closed = events.iter().rposition(|event| event.to == "closed" && event.from != "closed")?;
    let reopened = events[closed..].iter().any(|event| event.transition == "reopen");
    let last = events[..=closed].iter().rfind(|event| event.detail.rating.is_some());
    last.filter(|_| !reopened).map(|event| (events[closed].at, event))
}

fn limit(kind: LimitKind, amount: i64) -> Limit {
    Limit::new(kind, amount).expect("a limit")
}

/// The role is none for grid workers, whose body is one office.
pub type Whose = (Id<Organization>, Option<Role>, Option<Id<Person>>);

impl Reader<'_> {
    /// The work of each office, and of each person in it.
    pub fn work<'r>(&self, records: impl Iterator<Item = &'r Record>) -> BTreeMap<String, WorkFigures> {
        let mut all: BTreeMap<String, WorkFigures> = BTreeMap::new();
        for record in records {
            for (index, event) in record.events.iter().enumerate().filter(|(_, it)| self.counts(it.at)) {
                let (Some(body), Some(person)) = (event.organization, event.actor) else { continue };
                let role = (!event.role.is_grid()).then_some(event.role);
                for whose in [(body, role, None), (body, role, Some(person))] {
                    self.add_step(all.entry(key(whose)).or_default(), record, index);
                }
            }
        }
        all.retain(|_, figures| *figures != WorkFigures::default());
        all
    }

    fn add_step(&self, it: &mut WorkFigures, record: &Record, index: usize) {
        let (event, later) = (&record.events[index], &record.events[index + 1..]);
        let in_time = self.in_time(record, index);
        let undone = |ways: &[&str], until: &[&str]| {
            let next =
                later.iter().find(|it| ways.contains(&&*it.transition) || until.contains(&&*it.transition));
            next.is_some_and(|it| ways.contains(&&*it.transition) && self.by_end(Some(it.at)))
        };
        let grid = event.role.is_grid();
        match event.transition.as_str() {
            "verify" | "register" | "accept_request" => {
                it.filed += 1;
                it.filed_on_time += i64::from(in_time);
                it.done += 1;
            }
            "dispatch" => {
                let wrong = undone(&["return"], &["dispatch"]);
                it.dispatched += 1;
                it.dispatched_right += i64::from(!wrong);
                it.errors += i64::from(wrong);
                it.done += 1;
            }
            "close" | "call_back" | "unanswered" => {
                let wrong = undone(&["reopen"], &["close", "call_back", "unanswered"]);
                it.closed += 1;
                it.errors += i64::from(wrong);
                it.done += 1;
            }
            _ => {}
        }
        if grid && ["verify", "refute"].contains(&event.transition.as_str()) {
            it.verify_received += 1;
            it.verified += 1;
            it.verified_on_time += i64::from(in_time);
        }
        if grid && ["close", "fail"].contains(&event.transition.as_str()) {
            it.check_received += 1;
            it.checked += 1;
            it.checked_on_time += i64::from(in_time);
        }
        if grid && event.transition == "report" {
            let filed = record.events.iter().find(|event| event.to == "dispatch").map(|event| event.at);
            it.reports += 1;
            it.valid_reports += i64::from(self.by_end(filed));
        }
    }

    /// Whether a step was taken before the time of the stage that it left was over.
    fn in_time(&self, record: &Record, index: usize) -> bool {
        let event = &record.events[index];
        let Some(came) = record.events[..index].iter().rfind(|it| it.from != it.to) else { return true };
        let limit = match event.from.as_str() {
            "collect" => limit(LimitKind::UrgentHours, 24),
            "register" | "accept" | "dispatch" => limit(LimitKind::WorkHours, 2),
            "check" => limit(LimitKind::WorkHours, 8),
            "call_back" => limit(LimitKind::WorkDays, 3),
            _ => return true,
        };
        event.at <= self.calendar.due(&Countdown::from(came.at, limit))
    }
}

/// For maps and messages.
pub fn key((body, role, person): Whose) -> String {
    let person = person.map(|it| it.to_string()).unwrap_or_default();
    format!("{body} {} {person}", role.map_or("grid", Role::as_str))
}
