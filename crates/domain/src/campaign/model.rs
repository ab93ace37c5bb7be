//! Campaigns, their units and figures; pure.

use jiff::civil;
use kernel::{
    Area, AreaPath, Campaign as CampaignName, CampaignRound, Form, FormVersion, Id, Organization, Person,
    Role, Submission, Tier, Timestamp,
};
use policy::Appointment;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    area::Kind,
    form::{Judged, Review},
};

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every area of a tier, or those of one kind.
    Areas { tier: Tier, kind: Option<Kind> },
    /// Everybody who holds a post of a role: one record a person.
    Holders { role: Role },
}

impl Audience {
    /// The audiences that an office chooses from.
    pub fn all() -> Vec<Audience> {
        let areas = |tier, kind| Audience::Areas { tier, kind };
        let mut all = vec![
            areas(Tier::Community, None),
            areas(Tier::Community, Some(Kind::Rural)),
            areas(Tier::Community, Some(Kind::Urban)),
            areas(Tier::Grid, None),
            areas(Tier::Township, None),
            areas(Tier::County, None),
        ];
        let staff = Role::ALL.into_iter().filter(|it| !matches!(it, Role::Anonymous | Role::Resident));
        all.extend(staff.map(|role| Audience::Holders { role }));
        all
    }

    /// A word for forms and programs, such as `community-rural` or `holders-grid_leader`.
    pub fn word(self) -> String {
        match self {
            Audience::Areas { tier, kind: None } => tier.as_str().to_owned(),
            Audience::Areas { tier, kind: Some(kind) } => format!("{}-{}", tier.as_str(), kind.as_str()),
            Audience::Holders { role } => format!("holders-{}", role.as_str()),
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::all().into_iter().find(|it| it.word() == word)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Takes records from its start on.
    Open,
    Closed,
    /// Taken back, with a reason: nobody owes a record any more.
    Withdrawn,
}

impl State {
    pub const ALL: [State; 3] = [State::Open, State::Closed, State::Withdrawn];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Closed => "closed",
            State::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// How a person ends a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Close,
    Withdraw,
}

impl End {
    pub const ALL: [End; 2] = [End::Close, End::Withdraw];

    pub fn as_str(self) -> &'static str {
        match self {
            End::Close => "close",
            End::Withdraw => "withdraw",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    pub(super) fn state(self) -> State {
        match self {
            End::Close => State::Closed,
            End::Withdraw => State::Withdrawn,
        }
    }
}

/// When on its due day a campaign is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueBy {
    /// At midnight.
    Day,
    /// At the end of the last work period, by the calendar of the area that is asked.
    Work,
}

impl DueBy {
    pub fn as_str(self) -> &'static str {
        match self {
            DueBy::Day => "day",
            DueBy::Work => "work",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [DueBy::Day, DueBy::Work].into_iter().find(|it| it.as_str() == text)
    }
}

/// A campaign as an office sends it.
#[derive(Clone, Debug)]
pub struct New {
    /// Made by the client: the same one again is the same campaign.
    pub id: Id<CampaignName>,
    pub form_id: String,
    /// Whether the version that is handed out now is asked to the end; otherwise the newest.
    pub is_fixed: bool,
    pub title: String,
    /// What the answers are about, as 2026 or 2026年第四季度; may be empty.
    pub period: String,
    /// Code of the area that is asked.
    pub area: String,
    pub audience: Audience,
    /// None for now.
    pub starts: Option<civil::Date>,
    pub due: civil::Date,
    pub due_by: DueBy,
    /// Days after the due day for which late records are taken.
    pub grace_days: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    pub county: Id<Area>,
    pub id: Id<CampaignName>,
    pub form: Id<Form>,
    /// None for the newest.
    pub version: Option<Id<FormVersion>>,
    pub title: String,
    pub period: String,
    pub area: Id<Area>,
    pub path: AreaPath,
    pub audience: Audience,
    pub starts_at: Timestamp,
    pub due: Timestamp,
    pub closes_at: Timestamp,
    pub sent_at: Timestamp,
    pub sent_by: Option<Id<Person>>,
    /// The office that sent it; none of the city's own machine.
    pub office: Option<Appointment>,
    pub state: State,
    pub ended_at: Option<Timestamp>,
    pub ended_by: Option<Id<Person>>,
    /// Why it was withdrawn, or closed before its time.
    pub reason: String,
    /// When every unit had a valid record for the first time.
    pub completed_at: Option<Timestamp>,
    /// What the clock does next, and when.
    pub next: Option<(RoundKind, Timestamp)>,
    pub revision: i64,
}

impl Campaign {
    /// At which moment the tree is read for who owes a record.
    pub fn as_of(&self, now: Timestamp) -> Timestamp {
        now.min(self.due).min(self.ended_at.unwrap_or(now))
    }

    /// Whether it takes records: from its start until it is closed, by somebody or by its time.
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.state == State::Open && self.starts_at <= now && now < self.closes_at
    }

    /// What names one who is asked to the outside: the area's own id, and of a person nothing that names them elsewhere.
    pub fn key(&self, unit: Uuid) -> Uuid {
        match self.audience {
            Audience::Areas { .. } => unit,
            Audience::Holders { .. } => {
                let digest = Sha256::new().chain_update(self.id.uuid()).chain_update(unit).finalize();
                let mut bytes = [0; 16];
                bytes.copy_from_slice(&digest[..16]);
                uuid::Builder::from_custom_bytes(bytes).into_uuid()
            }
        }
    }

    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due <= now
    }
}

/// Why those who are silent are told, and what else the clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundKind {
    /// It has begun.
    Start,
    /// It is due soon.
    Before,
    /// It was due.
    Due,
    /// An office reminds them.
    Hand,
    /// It takes no more records; nobody is reminded.
    Close,
}

impl RoundKind {
    pub const ALL: [RoundKind; 5] =
        [RoundKind::Start, RoundKind::Before, RoundKind::Due, RoundKind::Hand, RoundKind::Close];

    pub fn as_str(self) -> &'static str {
        match self {
            RoundKind::Start => "start",
            RoundKind::Before => "before",
            RoundKind::Due => "due",
            RoundKind::Hand => "hand",
            RoundKind::Close => "close",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// One time that those who are silent are reminded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    pub county: Id<Area>,
    pub id: Id<CampaignRound>,
    pub campaign: Id<CampaignName>,
    pub kind: RoundKind,
    pub path: AreaPath,
    /// The only one that is meant.
    pub unit: Option<Uuid>,
    pub begun_at: Timestamp,
    pub begun_by: Option<Id<Person>>,
    pub role: String,
    pub organization: Option<Id<Organization>>,
    /// The unit up to which it was carried out.
    pub after: Uuid,
    /// Units that were told.
    pub units: i64,
    /// Units for which nobody holds an office that could be told.
    pub vacant: i64,
    /// Units that were told shortly before.
    pub skipped: i64,
    pub done_at: Option<Timestamp>,
}

/// How many of the units of an area have answered, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub expected: i64,
    pub arrived: i64,
    pub valid: i64,
    pub invalid: i64,
    /// A rule could not be evaluated.
    pub unchecked: i64,
    /// Arrived after the due moment.
    pub late: i64,
    /// Not invalid, and nobody has reviewed the current version.
    pub waiting: i64,
    /// Given back, and not mended since.
    pub returned: i64,
    pub accepted: i64,
}

impl Counts {
    pub fn silent(&self) -> i64 {
        self.expected - self.arrived
    }

    pub fn on_time(&self) -> i64 {
        self.arrived - self.late
    }

    pub fn of(&self, show: Show) -> i64 {
        match show {
            Show::All => self.expected,
            Show::Arrived => self.arrived,
            Show::Valid => self.valid,
            Show::Invalid => self.invalid,
            Show::Unchecked => self.unchecked,
            Show::Late => self.late,
            Show::Silent => self.silent(),
            Show::Waiting => self.waiting,
            Show::Returned => self.returned,
            Show::Accepted => self.accepted,
        }
    }

    pub fn add(&mut self, it: &Counts) {
        self.expected += it.expected;
        self.arrived += it.arrived;
        self.valid += it.valid;
        self.invalid += it.invalid;
        self.unchecked += it.unchecked;
        self.late += it.late;
        self.waiting += it.waiting;
        self.returned += it.returned;
        self.accepted += it.accepted;
    }
}

/// Which units a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    #[default]
    All,
    Arrived,
    Valid,
    Invalid,
    Unchecked,
    Late,
    Silent,
    Waiting,
    Returned,
    Accepted,
}

impl Show {
    pub const ALL: [Show; 10] = [
        Show::All,
        Show::Arrived,
        Show::Valid,
        Show::Invalid,
        Show::Unchecked,
        Show::Late,
        Show::Silent,
        Show::Waiting,
        Show::Returned,
        Show::Accepted,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Show::All => "expected",
            Show::Arrived => "arrived",
            Show::Valid => "valid",
            Show::Invalid => "invalid",
            Show::Unchecked => "unchecked",
            Show::Late => "late",
            Show::Silent => "silent",
            Show::Waiting => "waiting",
            Show::Returned => "returned",
            Show::Accepted => "accepted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// The figures of an area within another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub path: AreaPath,
    pub counts: Counts,
}

/// How a campaign stands in an area.
#[derive(Clone, Debug)]
pub struct Progress {
    pub campaign: Campaign,
    pub form_id: String,
    /// The area.
    pub path: AreaPath,
    pub counts: Counts,
    /// Of each area right below; empty where those are the units themselves.
    pub lines: Vec<Line>,
}

/// One who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Of an area, or of a person.
    pub id: Uuid,
    /// By `Campaign::key`.
    pub key: Uuid,
    pub path: AreaPath,
    /// Of the area; empty for a person, who appears by office.
    pub name: String,
    pub record: Option<Record>,
    /// When it was told last.
    pub reminded_at: Option<Timestamp>,
    pub reminders: i64,
}

/// How one who is asked has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub id: Id<Submission>,
    pub instance_id: String,
    pub state: Judged,
    pub review: Option<Review>,
    pub arrived_at: Timestamp,
    pub updated_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub is_late: bool,
}

/// What a draft answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub campaign: Id<CampaignName>,
    pub unit: Uuid,
    pub finished_at: Option<Timestamp>,
}

/// What is asked of the actor, or of a unit that they answer for.
#[derive(Clone, Debug)]
pub struct Mine {
    pub campaign: Campaign,
    pub form_id: String,
    pub unit: Unit,
}
