use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::civil;
use kernel::{Area, AreaPath, Id, Timestamp};

/// A length of time in one way of counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub kind: LimitKind,
    pub amount: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// 紧急工作时: without a break.
    UrgentHours,
    /// 工作时: inside the work periods of workdays.
    WorkHours,
    /// 工作日: to the end of the last work period; the first day is not counted.
    WorkDays,
    /// 自然日
    NaturalDays,
}

impl LimitKind {
    pub const ALL: [LimitKind; 4] =
        [LimitKind::UrgentHours, LimitKind::WorkHours, LimitKind::WorkDays, LimitKind::NaturalDays];

    pub fn as_str(self) -> &'static str {
        match self {
            LimitKind::UrgentHours => "urgent_hours",
            LimitKind::WorkHours => "work_hours",
            LimitKind::WorkDays => "work_days",
            LimitKind::NaturalDays => "natural_days",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether only work time counts.
    pub fn is_work(self) -> bool {
        matches!(self, LimitKind::WorkHours | LimitKind::WorkDays)
    }
}

impl Limit {
    /// Longest limit, in its own unit.
    pub const AMOUNT_MAX: i64 = 2_000;

    pub fn new(kind: LimitKind, amount: i64) -> Option<Self> {
        (1..=Self::AMOUNT_MAX).contains(&amount).then_some(Self { kind, amount })
    }
}

/// All of a limit, in the hundredths by which its parts are told.
pub const WHOLE: i64 = 100;

/// A limit that runs: from when, and when it stands still meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Countdown {
    pub since: Timestamp,
    pub limit: Limit,
    pub pause: Option<Pause>,
}

impl Countdown {
    /// One that never stands still.
    pub fn from(since: Timestamp, limit: Limit) -> Self {
        Self { since, limit, pause: None }
    }
}

/// When a clock stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    pub from: Timestamp,
    /// The first moment at which it runs again.
    pub until: Timestamp,
}

/// What one area says of its days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AreaCalendar {
    /// Those whose holidays it has entered.
    pub years: BTreeSet<i16>,
    pub days: BTreeMap<civil::Date, Day>,
    /// Spans of days, of which none lies over another.
    pub hours: Vec<Hours>,
}

/// A day that is not what its weekday makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub kind: DayKind,
    /// What it is called: 春节.
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    Holiday,
    /// 调休: a day of the weekend on which people work.
    Workday,
}

impl DayKind {
    pub fn as_str(self) -> &'static str {
        match self {
            DayKind::Holiday => "holiday",
            DayKind::Workday => "workday",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [DayKind::Holiday, DayKind::Workday].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Work periods of each workday from the first to the last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    pub first: civil::Date,
    pub last: civil::Date,
    /// What they are called: 夏季.
    pub name: String,
    /// In order, none over another.
    pub periods: Vec<Period>,
}

/// Minutes of the day. `08:00-12:00` as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub opens: i64,
    pub closes: i64,
}

impl Period {
    /// Work periods of one day, at most.
    const MAX: usize = 6;

    pub fn new(opens: &str, closes: &str) -> Option<Self> {
        Some(Self { opens: minute(opens)?, closes: minute(closes)? })
    }

    /// Several, parted by spaces; none where they are not sound.
    pub fn parse_all(text: &str) -> Option<Vec<Period>> {
        let period =
            |part: &str| part.split_once(['-', '–', '－']).and_then(|(from, to)| Period::new(from, to));
        let periods = text.split_whitespace().map(period).collect::<Option<Vec<_>>>()?;
        Period::are_sound(&periods).then_some(periods)
    }

    /// One or more in order, each from an earlier to a later time.
    pub fn are_sound(periods: &[Period]) -> bool {
        (1..=Self::MAX).contains(&periods.len())
            && periods.iter().all(|it| it.opens < it.closes)
            && periods.windows(2).all(|pair| pair[0].closes <= pair[1].opens)
    }
}

/// `24:00` is the end of a day.
fn minute(text: &str) -> Option<i64> {
    if text == "24:00" {
        return Some(24 * 60);
    }
    let time: civil::Time = (text.len() == 5).then(|| format!("{text}:00").parse().ok()).flatten()?;
    Some(i64::from(time.hour()) * 60 + i64::from(time.minute()))
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (opens, closes) = (self.opens, self.closes);
        write!(f, "{:02}:{:02}-{:02}:{:02}", opens / 60, opens % 60, closes / 60, closes % 60)
    }
}

/// Where a year of an area comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    pub source: String,
    pub at: Timestamp,
}

/// A year that was entered for an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub area: Id<Area>,
    pub path: AreaPath,
    pub year: i16,
    pub revision: i64,
    pub at: Timestamp,
}

impl Change {
    /// The first moment of the year.
    pub fn start(&self) -> Timestamp {
        Timestamp::from_civil(civil::date(self.year, 1, 1).at(0, 0, 0, 0))
    }
}
