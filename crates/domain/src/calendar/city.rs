//! The calendars of a city: one file, and what areas have entered.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{ToSpan, civil};
use kernel::{Area, AreaPath, Id, Tier};
use parking_lot::RwLock;
use serde::Deserialize;
use store::Tx;

use super::{
    model::{AreaCalendar, Day, DayKind, Hours, Period},
    rule::Calendar,
    store as rows,
};
use crate::Refusal;

/// The calendars of a city.
#[derive(Debug)]
pub struct Calendars {
    /// As the city's file has it.
    file: Arc<AreaCalendar>,
    /// Those that areas have entered.
    read: RwLock<HashMap<Id<Area>, AsOf>>,
}

/// A calendar as of a revision.
#[derive(Clone, Debug)]
struct AsOf {
    revision: i64,
    calendar: Arc<AreaCalendar>,
}

impl Calendars {
    /// Reads the TOML of `data/calendar.toml`. The error says what is wrong.
    pub fn load(text: &str) -> Result<Self, String> {
        Ok(Self { file: Arc::new(load(text)?), read: RwLock::default() })
    }

    /// By the city's file alone.
    pub fn of_file(&self) -> Calendar {
        Calendar::new(vec![self.file.clone()], 1)
    }

    /// The calendar of an area as it stands in this transaction: whichever process entered it.
    pub fn of(&self, tx: &mut Tx<'_>, path: &AreaPath) -> Result<Calendar, Refusal> {
        Ok(self.with_areas(tx, path)?.0)
    }

    /// The same, and whose each of its parts is, nearest first; the city's file comes last and is nobody's.
    pub fn with_areas(&self, tx: &mut Tx<'_>, path: &AreaPath) -> Result<(Calendar, Vec<Id<Area>>), Refusal> {
        let mut above = rows::revisions(tx, path)?;
        above.sort_by_key(|it| std::cmp::Reverse(it.path.as_str().len()));
        let mut areas = Vec::with_capacity(above.len() + 1);
        for it in &above {
            let known = self.read.read().get(&it.area).filter(|known| known.revision == it.revision).cloned();
            areas.push(match known {
                Some(known) => known.calendar,
                None => {
                    let calendar = Arc::new(rows::calendar(tx, it.area)?);
                    let known = AsOf { revision: it.revision, calendar: calendar.clone() };
                    self.read.write().insert(it.area, known);
                    calendar
                }
            });
        }
        areas.push(self.file.clone());
        let is_city = |path: &AreaPath| {
            path.parent().is_none() || Tier::of_code(path.code()).is_some_and(|it| it <= Tier::City)
        };
        let of_city = 1 + above.iter().filter(|it| is_city(&it.path)).count();
        Ok((Calendar::new(areas, of_city), above.into_iter().map(|it| it.area).collect()))
    }
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

fn load(text: &str) -> Result<AreaCalendar, String> {
    let file: CalendarFile = toml::from_str(text).map_err(|error| error.to_string())?;
    let date = |text: &str| text.parse::<civil::Date>().map_err(|_| format!("{text:?} is not a date"));
    let period = |[opens, closes]: &[String; 2]| {
        Period::new(opens, closes).ok_or_else(|| format!("{opens:?} and {closes:?} are not times of day"))
    };
    let periods = file.periods.iter().map(period).collect::<Result<Vec<_>, String>>()?;
    if !Period::are_sound(&periods) {
        return Err("periods are one or more, in order, each from an earlier to a later time".into());
    }
    let all = Hours { first: civil::Date::MIN, last: civil::Date::MAX, name: String::new(), periods };
    let mut calendar = AreaCalendar { hours: vec![all], ..AreaCalendar::default() };
    for (year, days) in &file.year {
        calendar.years.insert(year.parse().map_err(|_| format!("{year:?} is not a year"))?);
        for range in &days.holidays {
            let (first, last) =
                (range.first().ok_or("a holiday has a day")?, range.last().ok_or("a holiday has a day")?);
            let (first, last) = (date(first)?, date(last)?);
            let days = first.series(1.day()).take_while(|day| *day <= last);
            calendar.days.extend(days.map(|day| (day, unnamed(DayKind::Holiday))));
        }
        for day in &days.workdays {
            calendar.days.insert(date(day)?, unnamed(DayKind::Workday));
        }
    }
    Ok(calendar)
}

fn unnamed(kind: DayKind) -> Day {
    Day { kind, name: String::new() }
}
