//! When a limit ends: the four ways in which offices count time.
//!
//! Work periods and days come from a file; a year that it does not name counts Monday to Friday and
//! is told by [`Calendar::is_known`], so that the notice of its holidays is not forgotten.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil};
use kernel::Timestamp;
use serde::Deserialize;

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
}

impl Limit {
    /// Longest limit, in its own unit.
    pub const AMOUNT_MAX: i64 = 2_000;

    pub fn new(kind: LimitKind, amount: i64) -> Option<Self> {
        (1..=Self::AMOUNT_MAX).contains(&amount).then_some(Self { kind, amount })
    }
}

/// Work periods, holidays and adjusted workdays (调休).
#[derive(Debug)]
pub struct Calendar {
    /// Minutes of the day, from and to, in order.
    periods: Vec<(i64, i64)>,
    years: BTreeSet<i16>,
    holidays: BTreeSet<civil::Date>,
    workdays: BTreeSet<civil::Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    periods: Vec<[String; 2]>,
    year: BTreeMap<String, YearFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    /// Single days, or the first and the last day of a holiday.
    holidays: Vec<Vec<String>>,
    workdays: Vec<String>,
}

impl Calendar {
    /// Reads the TOML of `data/calendar.toml`. The error says what is wrong.
    pub fn load(text: &str) -> Result<Self, String> {
        let file: CalendarFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let date = |text: &str| text.parse::<civil::Date>().map_err(|_| format!("{text:?} is not a date"));
        let minute = |text: &str| -> Result<i64, String> {
            let time: civil::Time =
                format!("{text}:00").parse().map_err(|_| format!("{text:?} is not a time"))?;
            Ok(i64::from(time.hour()) * 60 + i64::from(time.minute()))
        };
        let periods = file
            .periods
            .iter()
            .map(|[from, to]| Ok((minute(from)?, minute(to)?)))
            .collect::<Result<Vec<_>, String>>()?;
        let ordered = periods.iter().all(|(from, to)| from < to)
            && periods.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        if periods.is_empty() || !ordered {
            return Err("periods are one or more, in order, each from an earlier to a later time".into());
        }
        let mut calendar =
            Self { periods, years: BTreeSet::new(), holidays: BTreeSet::new(), workdays: BTreeSet::new() };
        for (year, days) in &file.year {
            calendar.years.insert(year.parse().map_err(|_| format!("{year:?} is not a year"))?);
            for range in &days.holidays {
                let (first, last) =
                    (range.first().ok_or("a holiday has a day")?, range.last().ok_or("a holiday has a day")?);
                let (first, last) = (date(first)?, date(last)?);
                calendar.holidays.extend(first.series(1.day()).take_while(|day| *day <= last));
            }
            for day in &days.workdays {
                calendar.workdays.insert(date(day)?);
            }
        }
        Ok(calendar)
    }

    /// Whether the holidays of `at`'s year have been entered.
    pub fn is_known(&self, at: Timestamp) -> bool {
        self.years.contains(&at.civil().year())
    }

    pub fn is_workday(&self, day: civil::Date) -> bool {
        let weekend = matches!(day.weekday(), civil::Weekday::Saturday | civil::Weekday::Sunday);
        self.workdays.contains(&day) || !(weekend || self.holidays.contains(&day))
    }

    /// When `limit` ends that starts at `start`.
    pub fn due(&self, start: Timestamp, limit: Limit) -> Timestamp {
        match limit.kind {
            LimitKind::UrgentHours => start.plus_seconds(limit.amount * 3_600),
            LimitKind::NaturalDays => start.plus_seconds(limit.amount * 86_400),
            LimitKind::WorkHours => self.after_work_seconds(start, limit.amount * 3_600),
            LimitKind::WorkDays => self.after_work_days(start, limit.amount),
        }
    }

    fn after_work_days(&self, start: Timestamp, days: i64) -> Timestamp {
        let end = self.periods.last().map_or(0, |(_, to)| *to);
        let following = start.civil().date().series(1.day()).skip(1).filter(|day| self.is_workday(*day));
        following.take(days as usize).last().map_or(start, |day| moment(day, end * 60))
    }

    fn after_work_seconds(&self, start: Timestamp, seconds: i64) -> Timestamp {
        let mut left = seconds;
        let from = start.civil();
        for day in from.date().series(1.day()) {
            if !self.is_workday(day) {
                continue;
            }
            for (opens, closes) in &self.periods {
                let (mut opens, closes) = (moment(day, opens * 60), moment(day, closes * 60));
                if opens < start {
                    opens = start;
                }
                let length = closes.seconds_since(opens);
                if length <= 0 {
                    continue;
                }
                if left <= length {
                    return opens.plus_seconds(left);
                }
                left -= length;
            }
        }
        Timestamp::from_micros(i64::MAX)
    }
}

/// `second` seconds into `day` in the city.
fn moment(day: civil::Date, second: i64) -> Timestamp {
    Timestamp::from_civil(day.to_datetime(civil::Time::midnight())).plus_seconds(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::load(include_str!("../../../../data/calendar.toml")).unwrap()
    }

    /// Vectors of the closed-loop reference, section 4.
    #[test]
    fn limits_end_when_an_office_would_say_so() {
        use LimitKind::{UrgentHours, WorkDays, WorkHours};
        let cases = [
            ("2026-02-13T16:30:00+08:00", WorkHours, 4, "2026-02-14T10:30:00+08:00"),
            ("2026-02-14T17:00:00+08:00", WorkHours, 4, "2026-02-24T11:00:00+08:00"),
            ("2026-02-14T17:00:00+08:00", UrgentHours, 4, "2026-02-14T21:00:00+08:00"),
            ("2026-11-20T11:30:00+08:00", WorkHours, 4, "2026-11-20T17:30:00+08:00"),
            ("2026-11-20T12:30:00+08:00", WorkHours, 2, "2026-11-20T16:00:00+08:00"),
            ("2026-11-20T19:00:00+08:00", WorkHours, 2, "2026-11-23T10:00:00+08:00"),
            ("2026-09-30T17:00:00+08:00", WorkHours, 4, "2026-10-08T11:00:00+08:00"),
            ("2026-02-13T16:30:00+08:00", WorkDays, 2, "2026-02-24T18:00:00+08:00"),
            ("2026-02-14T09:00:00+08:00", WorkDays, 5, "2026-02-28T18:00:00+08:00"),
            ("2026-09-30T17:00:00+08:00", WorkDays, 3, "2026-10-10T18:00:00+08:00"),
        ];
        for (start, kind, amount, due) in cases {
            let limit = Limit::new(kind, amount).unwrap();
            assert_eq!(
                calendar().due(Timestamp::parse(start).unwrap(), limit).to_string(),
                due,
                "{start} {kind:?} {amount}"
            );
        }
    }

    #[test]
    fn the_year_2026_has_248_workdays() {
        let days = civil::date(2026, 1, 1).series(1.day()).take(365);
        assert_eq!(days.filter(|day| calendar().is_workday(*day)).count(), 248);
        assert!(!calendar().is_known(Timestamp::parse("2031-01-01").unwrap()));
    }

    #[test]
    fn a_calendar_with_a_fault_is_refused_with_its_reason() {
        for text in [
            "periods = []\n[year]",
            "periods = [[\"12:00\", \"08:00\"]]\n[year]",
            "periods = [[\"25:00\", \"26:00\"]]\n[year]",
        ] {
            assert!(Calendar::load(text).is_err(), "{text}");
        }
        assert!(Calendar::load("periods = [[\"08:00\", \"12:00\"]]\n[year.2026]\nholidays = [[\"2026-02-30\"]]\nworkdays = []").unwrap_err().contains("2026-02-30"));
    }
}
