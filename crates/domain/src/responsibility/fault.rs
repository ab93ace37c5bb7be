//! What can be wrong with a file of responsibilities.

use kernel::limits;

use crate::{calendar::Limit, sheet};

pub type ImportError = sheet::ImportError<Reason>;
pub type ImportFaults = sheet::ImportFaults<Reason>;
pub type ImportFault = sheet::ImportFault<Reason>;
pub type Collector = sheet::Collector<Reason>;

/// What can be wrong with a row or a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("the file has {bytes} bytes, and at most {max} are read", max = limits::RESPONSIBILITY_BYTES_MAX)]
    TooManyBytes { bytes: u64 },
    #[error("the file has more than {max} rows", max = limits::RESPONSIBILITY_ROWS_MAX)]
    TooManyRows,
    #[error("the file has no rows: a list that ends all responsibilities is refused")]
    NoRows,
    #[error("the file is not CSV: {0}")]
    NotCsv(String),
    #[error("the header has no column `{0}`")]
    MissingColumn(&'static str),
    #[error("the header has the column `{0}`, which a list does not have")]
    UnknownColumn(String),
    #[error("the header has the column `{0}` twice")]
    ColumnTwice(String),
    #[error("the row has {found} columns, and the header {expected}")]
    Columns { found: usize, expected: usize },
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {max} characters", max = limits::TEXT_CHARS_MAX)]
    TooLong,
    #[error("it has a control character")]
    Control,
    #[error("there is no class {0:?}")]
    ClassUnknown(String),
    #[error("no area with the code {0:?} is in force")]
    AreaUnknown(String),
    #[error("the area {code} lies outside {within}, which the list is about")]
    AreaOutside { code: String, within: String },
    #[error("no body of this name or id is in force that handles cases: {0:?}")]
    OrganizationUnknown(String),
    #[error("{count} bodies bear the name {name:?}: write the id of the one that is meant")]
    OrganizationAmbiguous { name: String, count: usize },
    #[error("{name:?} does not work in {area}, so that no case there could be sent to it")]
    OrganizationElsewhere { name: String, area: String },
    #[error("{0:?} is no way to count time; {1}")]
    LimitKind(String, String),
    #[error("{0:?} is no whole number from 1 to {max}", max = Limit::AMOUNT_MAX)]
    LimitAmount(String),
    #[error("a limit has a kind and an amount, or neither of them")]
    LimitHalf,
    #[error("the same body stands for this class in this area on line {0} already")]
    Duplicate(u64),
}
