//! Time as offices count it: work periods, holidays and adjusted workdays, and when a limit ends by them.
//!
//! The city's file is the calendar that is always there. An area may enter more for a year: holidays, adjusted workdays
//! and the hours of a season, all of the year at once. Of each day the nearest area upward is heard that says anything
//! of it. A year whose holidays nobody has entered is never taken for one without any: deadlines in it are provisional,
//! the city's offices are told weeks before, and when it is entered what is due in it is counted again (`case`).

mod action;
mod city;
mod fault;
mod model;
mod query;
mod rule;
mod source;
mod store;
mod task;
#[cfg(test)]
mod tests;

pub use action::{Imported, enter};
pub use city::Calendars;
pub use fault::{ImportError, Reason, SheetFault};
pub use model::{
    AreaCalendar, Change, Countdown, Day, DayKind, Entered, Hours, Limit, LimitKind, Pause, Period, WHOLE,
};
pub use query::{Origin, Year, YearDay, YearHours, missing, year};
pub use rule::Calendar;
pub use task::{recount_each, settled, unsettled, warn};
