//! What can be wrong with a file of events.

use kernel::limits;

use super::{
    model::{REFERENCE_CHARS_MAX, VALUE_MAX},
    period::YEARS,
};
use crate::sheet;

pub type ImportError = sheet::ImportError<Reason>;
pub type ImportFaults = sheet::ImportFaults<Reason>;
pub type ImportFault = sheet::ImportFault<Reason>;
pub type Collector = sheet::Collector<Reason>;

/// What can be wrong with a row or a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("the file has {0} bytes, and at most {max} are read: split it", max = limits::EVENT_BYTES_MAX)]
    TooManyBytes(u64),
    #[error("the file has more than {max} rows: split it", max = limits::EVENT_ROWS_MAX)]
    TooManyRows,
    #[error("the file has no rows")]
    NoRows,
    #[error("the file is not CSV: {0}")]
    NotCsv(String),
    #[error("the header is {0:?}; write {columns}", columns = super::source::COLUMNS.join(","))]
    Header(String),
    #[error("there is no element {0:?}; {1}")]
    ElementUnknown(String, String),
    #[error("the element is counted from the city's own tables, and no file brings it in")]
    ElementCounted,
    #[error("it has no option {0:?}; {1}")]
    OptionUnknown(String, String),
    #[error("the element has no options: leave it empty")]
    OptionGiven,
    #[error("no area with the code {0:?} is in force")]
    AreaUnknown(String),
    #[error("{0:?} is no day such as 2020-01-31, of the years {first} to {last}", first = YEARS.start(), last = YEARS.end())]
    Day(String),
    #[error("{0} has not come yet")]
    Future(String),
    #[error("{0:?} is no whole number from 0 to {VALUE_MAX}; empty withdraws the record")]
    Count(String),
    #[error("{0:?} is no amount in yuan such as 1200 or 1200.50; empty withdraws the record")]
    Money(String),
    #[error("it is empty, longer than {REFERENCE_CHARS_MAX} characters, or has a control character")]
    Reference,
    #[error("the same reference stands for this element and county on line {0} already")]
    Duplicate(u64),
}
