use std::fmt;

use kernel::limits;

use crate::Refusal;

/// Why a file was not imported. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{} row(s) at fault", .0.len())]
    Faults(Vec<SheetFault>),
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

/// What is wrong with a file of a year's days, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFault {
    /// Counted from 1; none where the fault lies in no line.
    pub line: Option<usize>,
    pub reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("the file has {0} bytes, and at most {max} are read", max = limits::CALENDAR_BYTES_MAX)]
    TooManyBytes(usize),
    #[error("the file has more than {max} rows", max = limits::CALENDAR_ROWS_MAX)]
    TooManyRows,
    #[error("the file is not UTF-8 from byte {0} on: save it as CSV UTF-8")]
    NotUtf8(usize),
    #[error("nothing in the file is of the year {0}")]
    NoneOfYear(i16),
    #[error("by this file nobody would work on any day of {0}")]
    NoWorkday(i16),
    #[error("the header has no column `{0}`; its columns are first,last,kind,name,periods")]
    MissingColumn(&'static str),
    #[error("the header has the column `{0}`, which is none of first, last, kind, name, periods")]
    UnknownColumn(String),
    #[error("the row has {found} columns, and the header {expected}")]
    Columns { found: usize, expected: usize },
    #[error("the row cannot be read: {0}")]
    Row(String),
    #[error("`{0}` is not a day such as 2027-01-31")]
    Date(String),
    #[error("it ends before it begins")]
    EndBeforeStart,
    #[error("`{0}` does not lie in the year {1}")]
    OtherYear(String, i16),
    #[error("`{0}` is no kind of day: holiday, workday or hours")]
    Kind(String),
    #[error("work periods are one or more in order, such as 08:30-12:00 14:30-18:00, and not `{0}`")]
    Periods(String),
    #[error("only hours have work periods")]
    PeriodsOfDay,
    #[error("{0} stands in the file already, on line {1}")]
    DayTwice(String, usize),
    #[error("these hours lie over those of line {0}")]
    HoursTwice(usize),
    #[error("the name is longer than {max} characters or has a control character", max = limits::LINE_CHARS_MAX)]
    Name,
    #[error("not an iCalendar file: {0}")]
    Calendar(String),
    #[error("the event has no DTSTART that is a whole day, such as DTSTART;VALUE=DATE:20270101")]
    NoDay,
    #[error("the event comes again (RRULE): only single days and spans of days are read")]
    Recurs,
    #[error("`{0}` says neither that people are off nor that they work")]
    NeitherOffNorWork(String),
}

impl fmt::Display for SheetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.reason),
            None => self.reason.fmt(f),
        }
    }
}
