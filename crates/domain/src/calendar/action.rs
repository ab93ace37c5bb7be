use kernel::limits;
use policy::{Action, Resource};
use serde::Serialize;

use super::{
    fault::{ImportError, Reason, SheetFault},
    model::{Day, DayKind},
    source, store as rows,
};
use crate::{
    Ctx, Message, Refusal, area,
    journal::{self, Entry, SubjectKind},
};

/// What a file brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    pub holidays: usize,
    pub workdays: usize,
    pub hours: usize,
    /// Events of other years, which a feed may hold.
    pub skipped: usize,
}

/// Enters a year of an area from a file of CSV or iCalendar: all of it, in place of what was there, or nothing.
///
/// # Errors
/// All rows at fault, with their lines; `Invalid` for an area that is not there or a year out of range.
pub fn enter(ctx: &Ctx, code: &str, year: i16, name: &str, bytes: &[u8]) -> Result<Imported, ImportError> {
    if !(limits::CALENDAR_YEAR_MIN..=limits::CALENDAR_YEAR_MAX).contains(&year) {
        let message = Message::new("fault-range");
        let message = message.with("min", limits::CALENDAR_YEAR_MIN).with("max", limits::CALENDAR_YEAR_MAX);
        return Err(Refusal::invalid("year", message).into());
    }
    let sheet = source::read(bytes, year).map_err(ImportError::Faults)?;
    let has_workday =
        (1..=12).flat_map(|month| days_of(year, month)).any(|date| match sheet.days.get(&date) {
            Some(day) => day.kind == DayKind::Workday,
            None => !is_weekend(date),
        });
    if !has_workday {
        return Err(ImportError::Faults(vec![SheetFault { line: None, reason: Reason::NoWorkday(year) }]));
    }
    let imported = ctx.write(|tx| {
        let unknown = || Refusal::invalid("area", Message::new("fault-area"));
        let place = area::place(tx, code)?.ok_or_else(unknown)?;
        if !ctx.actor.system {
            ctx.must(Action::AreaImport, Resource::Area { path: &place.path })?;
        }
        rows::clear(tx, place.id, year)?;
        for (date, day) in &sheet.days {
            rows::insert_day(tx, place.id, *date, day)?;
        }
        for hours in &sheet.hours {
            rows::insert_hours(tx, place.id, hours)?;
        }
        let revision = rows::enter(tx, place.id, year, name, ctx.now)?;
        let entry = Entry::new(place.county, "calendar.enter", SubjectKind::Area, place.id.uuid());
        let entry = entry.with("year", year).with("source", name).with("revision", revision);
        journal::record(tx, ctx, &entry)?;
        let of_kind = |kind| sheet.days.values().filter(|day: &&Day| day.kind == kind).count();
        Ok::<_, Refusal>(Imported {
            holidays: of_kind(DayKind::Holiday),
            workdays: of_kind(DayKind::Workday),
            hours: sheet.hours.len(),
            skipped: sheet.skipped,
        })
    })?;
    Ok(imported)
}

/// The days of a month.
pub(super) fn days_of(year: i16, month: i8) -> impl Iterator<Item = jiff::civil::Date> {
    let first = jiff::civil::date(year, month, 1);
    (1..=first.days_in_month()).map(move |day| jiff::civil::date(year, month, day))
}

fn is_weekend(date: jiff::civil::Date) -> bool {
    matches!(date.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday)
}
