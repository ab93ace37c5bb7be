use jiff::civil;
use kernel::limits;

use super::{
    action::days_of,
    model::{Day, Entered, Hours},
    store as rows,
};
use crate::{Ctx, Message, Refusal, area};

/// A year of an area as its people work.
#[derive(Clone, Debug)]
pub struct Year {
    pub area: area::Area,
    pub year: i16,
    /// Its holidays have been entered.
    pub is_known: bool,
    pub days: Vec<YearDay>,
    /// The hours that hold, each from its first to its last day in the year.
    pub hours: Vec<YearHours>,
    /// Where it comes from, nearest area first.
    pub origins: Vec<Origin>,
}

#[derive(Clone, Debug)]
pub struct YearDay {
    pub date: civil::Date,
    pub is_workday: bool,
    /// What was said of it, and by which of `origins`.
    pub said: Option<(usize, Day)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearHours {
    pub hours: Hours,
    /// Which of `origins` said so.
    pub origin: usize,
}

/// One of the calendars that a year is put together from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// None: the city's file.
    pub area: Option<(String, String)>,
    /// What was entered for the year; none where it said nothing of it.
    pub entered: Option<Entered>,
}

/// The calendar of an area for a year.
pub fn year(ctx: &Ctx, code: &str, year: i16) -> Result<Year, Refusal> {
    if !(limits::CALENDAR_YEAR_MIN..=limits::CALENDAR_YEAR_MAX).contains(&year) {
        let message = Message::new("fault-range");
        let message = message.with("min", limits::CALENDAR_YEAR_MIN).with("max", limits::CALENDAR_YEAR_MAX);
        return Err(Refusal::invalid("year", message));
    }
    let area = area::get(ctx, code, None)?;
    ctx.read(|tx| {
        let (calendar, areas) = ctx.city.calendars.with_areas(tx, &area.path)?;
        let mut origins = Vec::with_capacity(areas.len() + 1);
        for id in areas {
            let place = area::place_by_id(tx, id)?;
            origins.push(Origin {
                area: place.map(|it| (it.code, it.name)),
                entered: rows::entered(tx, id, year)?,
            });
        }
        origins.push(Origin { area: None, entered: None });
        let dates = || (1..=12).flat_map(move |month| days_of(year, month));
        let day = |date| YearDay {
            date,
            is_workday: calendar.is_workday(date),
            said: calendar.day(date).map(|(origin, day)| (origin, day.clone())),
        };
        let mut hours: Vec<YearHours> = Vec::new();
        for date in dates() {
            let Some((origin, said)) = calendar.hours(date) else { continue };
            match hours.last_mut().filter(|it| it.origin == origin && it.hours.periods == said.periods) {
                Some(same) => same.hours.last = date,
                None => {
                    hours.push(YearHours { hours: Hours { first: date, last: date, ..said.clone() }, origin })
                }
            }
        }
        Ok(Year {
            area: area.clone(),
            year,
            is_known: calendar.is_known(year),
            days: dates().map(day).collect(),
            hours,
            origins,
        })
    })
}

/// The first year within the next `CALENDAR_AHEAD_DAYS` days whose holidays the city has not entered.
pub fn missing(ctx: &Ctx) -> Result<Option<i16>, Refusal> {
    ctx.read(|tx| {
        let calendar = match area::city(tx)? {
            Some(city) => ctx.city.calendars.of(tx, &city.path)?,
            None => ctx.city.calendars.of_file(),
        };
        let ahead = ctx.now.plus_seconds(limits::CALENDAR_AHEAD_DAYS * 86_400);
        Ok((ctx.now.civil().year()..=ahead.civil().year()).find(|year| !calendar.is_known(*year)))
    })
}
