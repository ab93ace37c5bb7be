//! A case and its moves; pure.

use kernel::{
    Area, AreaPath, Case as CaseName, Id, Notice as NoticeName, Organization, Person, Photo,
    Responsibility as ResponsibilityName, Role, Timestamp,
};
use policy::{CaseFacts, Party, Relation};
use uuid::Uuid;

use super::{
    alarm::Moved,
    catalogue::Catalogue,
    procedure::{Clock, End, Need, Procedure, ReliefKind, Stage, Transition},
    reopen,
    work::Work,
};
use crate::{
    Faults, Message, Refusal,
    calendar::{Calendar, Limit, Pause},
    organization::Vacancy,
    responsibility::Responsibility,
};

/// One piece of work on the loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub id: Id<CaseName>,
    pub county: Id<Area>,
    /// Date of the report and eight characters, for people to say.
    pub number: String,
    pub procedure: String,
    pub procedure_version: i64,
    pub class: String,
    pub stage: String,
    pub status: Status,
    pub source: Source,
    pub area: Id<Area>,
    pub path: AreaPath,
    pub place: String,
    /// Longitude and latitude in degrees.
    pub position: Option<(f64, f64)>,
    pub description: String,
    pub reporter: Option<Id<Person>>,
    pub contact: Contact,
    /// The body that has to handle it, or was the last that had to.
    pub owner: Option<Id<Organization>>,
    /// The row of the list by which that body has it.
    pub responsibility: Option<Id<ResponsibilityName>>,
    /// The time that this row gives for the handling, in place of the class's.
    pub limit: Option<Limit>,
    pub reported_at: Timestamp,
    pub registered_at: Option<Timestamp>,
    pub stage_since: Timestamp,
    pub stage_due: Option<Timestamp>,
    /// The limit that the stage began with; cases from before it was kept have none.
    pub stage_limit: Option<Limit>,
    /// When the clock has next something to say about the stage.
    pub next_alarm: Option<Timestamp>,
    /// When the handling is due as a whole, set at registration.
    pub due: Option<Timestamp>,
    /// The limit of its class when it was filed, and from when that runs; cases from before it was kept have neither.
    pub filed_limit: Option<Limit>,
    pub due_since: Option<Timestamp>,
    /// Further limits granted for the whole, and for its present stage.
    pub extensions: i64,
    pub stage_extensions: i64,
    /// Its pause, of which a case has one: also one that is over.
    pub pause: Option<Pause>,
    /// When the clock said that the pause was over.
    pub resumed_at: Option<Timestamp>,
    /// What was asked for and is not decided, and the revision at which it was.
    pub asked: Option<(ReliefKind, i64)>,
    /// When it came back from the body that handled it; none while it is to be handled, or again.
    pub handled_at: Option<Timestamp>,
    /// When the handling passed the check.
    pub passed_at: Option<Timestamp>,
    /// When the check is due: the check's own time after `due`.
    pub close_due: Option<Timestamp>,
    /// When the requester is to be contacted, where the procedure asks for that.
    pub contact_due: Option<Timestamp>,
    /// When the requester was reached by the body that has it now.
    pub contacted_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// When the work on it ended for the first time, whatever came after.
    pub first_closed_at: Option<Timestamp>,
    /// When it was opened again for the first time.
    pub reopened_at: Option<Timestamp>,
    pub updated_at: Timestamp,
    /// Hundredths of the stage's time that had run when offices were last told of it; 0 before.
    pub escalated: i64,
    pub returns: i64,
    pub reworks: i64,
    /// How often it was opened again.
    pub reopens: i64,
    /// One to five.
    pub rating: Option<i64>,
    pub solved: Option<bool>,
    pub revision: i64,
    /// The case that it supports.
    pub parent: Option<Id<CaseName>>,
    /// The case of which it turned out to be a second report.
    pub merged_into: Option<Id<CaseName>>,
}

/// How to reach a reporter; sealed from those who handle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    pub name: Option<String>,
    pub phone: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Open,
    Closed,
    Void,
}

/// Where a report came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Public,
    GridWorker,
    /// Taken by the supervision centre, by telephone or at the desk.
    Desk,
    /// Split off another case, for a supporting body.
    Joint,
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

words!(Status { Open = "open", Closed = "closed", Void = "void" });
words!(Source { Public = "public", GridWorker = "grid_worker", Desk = "desk", Joint = "joint" });

/// What comes with a transition.
#[derive(Clone, Debug, Default)]
pub struct StepInput {
    /// Made by the client: the same one again changes nothing.
    pub request: Option<Uuid>,
    pub note: String,
    pub photos: Vec<StoredPhoto>,
    pub organization: Option<Id<Organization>>,
    /// Bodies that support that one, each by a case of its own.
    pub supporting: Vec<Id<Organization>>,
    pub class: Option<String>,
    pub ground: Option<String>,
    pub finding: Option<String>,
    pub rating: Option<i64>,
    pub solved: Option<bool>,
}

/// A photo that is safe on disk and not yet part of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPhoto {
    pub id: Id<Photo>,
    /// Of the file as stored.
    pub sha256: [u8; 32],
    pub width: u32,
    pub height: u32,
}

impl StoredPhoto {
    /// As part of a case from the step that made `revision`.
    pub(super) fn of_step(&self, revision: i64) -> CasePhoto {
        let (width, height) = (i64::from(self.width), i64::from(self.height));
        CasePhoto { id: self.id, revision, width, height }
    }
}

/// A photo that is part of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePhoto {
    pub id: Id<Photo>,
    /// Revision of the step that it came with.
    pub revision: i64,
    pub width: i64,
    pub height: i64,
}

/// One row of a case's timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub revision: i64,
    pub request: Uuid,
    pub at: Timestamp,
    /// A transition's id, or one of `NO_TRANSITION`.
    pub transition: String,
    pub from: String,
    pub to: String,
    pub actor: Option<Id<Person>>,
    pub role: Role,
    pub organization: Option<Id<Organization>>,
    pub part: Option<Party>,
    pub note: String,
    /// Whether the reporter sees the note.
    pub public: bool,
    pub detail: EventDetail,
    /// Whose work it was, for the evaluation of posts.
    pub work: Work,
    /// Taken before the stage's time was over, or without a clock.
    pub in_time: bool,
}

/// The time of the stage is over; the clock says so.
pub const OVERDUE: &str = "overdue";
/// A part of the stage's time has run; the clock says so.
pub const ALARM: &str = "alarm";
/// A year's holidays were entered, and what is due in it was counted again.
pub const RECOUNTED: &str = "recounted";
/// A pause is over; the clock says so.
pub const RESUMED: &str = "resumed";
/// A pause was ended before its day.
pub const PAUSE_ENDED: &str = "pause_ended";
/// A pause or more time was asked for, granted or refused.
pub const ASKED: &str = "asked";
pub const GRANTED: &str = "granted";
pub const REFUSED: &str = "refused";
/// The words of the report were taken out of what is published.
pub const WITHHELD: &str = "withheld";
/// Somebody asks, or decides, what the case counts for.
pub const REMARK: &str = "remark";
/// Words that stand in a timeline for what moves no case.
pub const NO_TRANSITION: [&str; 16] = [
    "report",
    "note",
    OVERDUE,
    ALARM,
    RECOUNTED,
    RESUMED,
    PAUSE_ENDED,
    ASKED,
    GRANTED,
    REFUSED,
    WITHHELD,
    REMARK,
    MERGE,
    UNMERGE,
    TAKE_IN,
    LET_GO,
];
/// So begin the words of an order of supervision and its steps, which move no case either.
pub const SUPERVISION: &str = "supervision_";
/// It was found to be a second report of another case, or after all not.
pub const MERGE: &str = "merge";
pub const UNMERGE: &str = "unmerge";
/// Said of the other case: a second report came to it, or left it.
pub const TAKE_IN: &str = "take_in";
pub const LET_GO: &str = "let_go";

impl Event {
    /// The bodies that it names.
    pub fn organizations(&self) -> impl Iterator<Item = Id<Organization>> {
        let told = self.detail.told.iter().map(|it| it.organization);
        let vacant = self.detail.vacant.iter().filter_map(|it| it.organization);
        let supervised = self.detail.supervision.iter().map(|it| it.organization);
        let supporting = self.detail.supporting.iter().copied();
        let owner = self.organization.into_iter().chain(self.detail.owner);
        owner.chain(supporting).chain(told).chain(vacant).chain(supervised)
    }

    /// Whether the clock said it, which is nobody's step.
    pub fn is_of_clock(&self) -> bool {
        [OVERDUE, ALARM, RECOUNTED, RESUMED].contains(&self.transition.as_str())
    }
}

/// What a step said beyond its note.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EventDetail {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ground: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub class: Option<String>,
    /// The body that the case was given to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<Id<Organization>>,
    /// The row of the list by which that body has to do with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub responsibility: Option<Id<ResponsibilityName>>,
    /// Bodies that support that one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub supporting: Vec<Id<Organization>>,
    /// The other case, of those that were merged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<Id<CaseName>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rating: Option<i64>,
    /// What it says of an order of supervision.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub supervision: Option<Supervised>,
    /// Hundredths of the stage's time that had run when the clock said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub percent: Option<i64>,
    /// Who was told of the time of the stage, or of a reply.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub told: Vec<Told>,
    /// What was asked for, granted or refused, and until when a pause lasts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub relief: Option<ReliefKind>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Timestamp>,
    /// Deadlines that were moved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub moved: Option<Moved>,
    /// Who would have been told, had anybody held the post.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub vacant: Vec<Vacancy>,
}

/// An order of supervision, as a timeline names it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Supervised {
    pub order: Id<kernel::Supervision>,
    pub kind: String,
    pub level: String,
    /// The body that has to reply.
    pub organization: Id<Organization>,
}

/// An office that was told, as everybody may know it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Told {
    pub role: Role,
    pub organization: Id<Organization>,
    /// What they were sent; rows from before it was kept have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notice: Option<Id<NoticeName>>,
}

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
        next.rating = input.rating.filter(|_| transition.asks.rating).or(self.rating);
        next.solved = input.solved.filter(|_| transition.asks.rating).or(self.solved);
        next.returns += i64::from(transition.effect.returns);
        next.reworks += i64::from(transition.effect.reworks);
        if transition.effect.reopens {
            next.reopens += 1;
            next.reopened_at = self.reopened_at.or(Some(rules.now));
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
        next.revision += 1;
        Ok((next, detail))
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

    /// Whether its clock stands still, and nobody handles it.
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.status == Status::Open && self.pause.is_some_and(|it| it.from <= now && now < it.until)
    }

    /// That of the row by which a body has it, or else the one that it was filed with.
    pub(super) fn limit_of_handling(&self) -> Option<Limit> {
        self.limit.or(self.filed_limit)
    }

    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.status == Status::Open && self.stage_due.is_some_and(|due| due < now)
    }

    /// What the policy asks about this case; `lead` is the body that has the one that it supports, `parts` are those that
    /// people had in it.
    pub fn facts(&self, verifying: bool, lead: Option<Id<Organization>>, parts: &Parts) -> CaseFacts {
        CaseFacts {
            id: self.id,
            area: self.path.clone(),
            owner: self.owner,
            lead,
            reporter: self.reporter,
            verifying,
            handling_organizations: parts.organizations.clone(),
            handlers: parts.of(Party::Handler),
            dispatchers: parts.of(Party::Dispatcher),
            verifiers: parts.of(Party::Verifier),
            closers: parts.closers.clone(),
        }
    }
}

/// Who had which part in a case, and which bodies it was given to.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub people: Vec<(Party, Id<Person>)>,
    pub organizations: Vec<Id<Organization>>,
    /// Who closed it before it was opened again.
    pub closers: Vec<Id<Person>>,
}

impl Parts {
    pub fn new(events: &[Event], organizations: Vec<Id<Organization>>) -> Self {
        let mut people: Vec<_> = events.iter().filter_map(|event| event.part.zip(event.actor)).collect();
        people.dedup();
        Self { people, organizations, closers: Vec::new() }
    }

    fn of(&self, party: Party) -> Vec<Id<Person>> {
        self.people.iter().filter(|(it, _)| *it == party).map(|(_, person)| *person).collect()
    }
}

/// How often a case may still go through `transition` of `stage`, as its timeline stands; `None` without a limit.
/// Each body has the owner's transitions as often as it is allowed.
pub fn times_left(case: &Case, events: &[Event], stage: &Stage, transition: &Transition) -> Option<i64> {
    if transition.effect.reopens {
        return transition.at_most.map(|most| (most - case.reopens).max(0));
    }
    let by_owner = transition.advance.relation == Relation::Owner;
    let taken = events.iter().filter(|event| {
        event.from == stage.id
            && event.transition == transition.id
            && (!by_owner || event.organization == case.owner)
    });
    transition.at_most.map(|most| (most - taken.count() as i64).max(0))
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
        let most = transition.at_most.unwrap_or_default();
        return Err(Refusal::Conflict(Message::new("conflict-at-most").with("max", most)));
    }
    let unopened = |it: &Transition| times_left(case, events, stage, it).is_some_and(|left| left > 0);
    if stage.opener(transition).is_some_and(unopened) {
        return Err(Refusal::conflict("conflict-not-open"));
    }
    reopen::check_window(rules, case, transition)
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

/// A new report as a person sends it.
#[derive(Clone, Debug)]
pub struct Report {
    /// Made by the client: the same one again makes no second case.
    pub id: Id<CaseName>,
    pub procedure: String,
    pub class: String,
    /// Code of the area, as deep as the reporter knows.
    pub area: String,
    pub place: String,
    pub position: Option<(f64, f64)>,
    pub description: String,
    pub contact: Contact,
    pub photos: Vec<StoredPhoto>,
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Whether a text has the form of a case's number, in capitals or not.
pub fn is_number(text: &str) -> bool {
    let is_letter = |it: u8| ALPHABET.contains(&it.to_ascii_uppercase());
    text.split_once('-').is_some_and(|(date, letters)| {
        (date.len(), letters.len()) == (8, 8)
            && date.bytes().all(|it| it.is_ascii_digit())
            && letters.bytes().all(is_letter)
    })
}

/// The number that people say: the date of the report, and 40 bits of the id in Crockford's alphabet.
pub fn number(id: Id<CaseName>, reported_at: Timestamp) -> String {
    let date = reported_at.civil().date();
    let bits = id.uuid().as_u128() & 0xff_ffff_ffff;
    let letters = (0..8).rev().map(|index| char::from(ALPHABET[(bits >> (index * 5)) as usize & 31]));
    format!("{:04}{:02}{:02}-{}", date.year(), date.month(), date.day(), letters.collect::<String>())
}
