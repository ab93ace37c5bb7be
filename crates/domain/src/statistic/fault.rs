//! What is wrong with a file of events, told with its place.

use std::fmt;

use kernel::limits;

use super::model::{REFERENCE_CHARS_MAX, VALUE_MAX};
use crate::Refusal;

/// Why a file was not imported. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Faults(ImportFaults),
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

/// What is wrong with a file, in the order of its lines; at most `IMPORT_FAULTS_LISTED_MAX` are listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} fault(s)", .listed.len() + .rest)]
pub struct ImportFaults {
    pub listed: Vec<ImportFault>,
    /// How many more there are.
    pub rest: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFault {
    /// Counted from 1; none where it is about the whole file.
    pub line: Option<u64>,
    pub column: Option<&'static str>,
    pub reason: Reason,
}

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
    #[error("{0:?} is no day such as 2020-01-31")]
    Day(String),
    #[error("{0} has not come yet")]
    Future(String),
    #[error("{0:?} is no whole number from 0 to {VALUE_MAX}; empty withdraws the record")]
    Count(String),
    #[error("{0:?} is no amount in yuan such as 1200 or 1200.50; empty withdraws the record")]
    Money(String),
    #[error("it is empty, longer than {REFERENCE_CHARS_MAX} characters, or has a control character")]
    Reference,
    #[error("the same reference stands for this element on line {0} already")]
    Duplicate(u64),
}

impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(name)) => write!(f, "line {line}, {name}: {}", self.reason),
            (Some(line), None) => write!(f, "line {line}: {}", self.reason),
            (None, _) => self.reason.fmt(f),
        }
    }
}

/// Collects faults while a file is read and looked up.
#[derive(Clone, Debug, Default)]
pub struct Collector(Vec<ImportFault>);

impl Collector {
    /// About the whole file, or a whole line.
    pub fn whole(&mut self, line: Option<u64>, reason: Reason) {
        self.0.push(ImportFault { line, column: None, reason });
    }

    pub fn field(&mut self, line: u64, column: &'static str, reason: Reason) {
        self.0.push(ImportFault { line: Some(line), column: Some(column), reason });
    }

    /// No faults, or all of them in the order of their lines.
    pub fn check(mut self) -> Result<(), ImportFaults> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|it| it.line);
        let rest = self.0.len().saturating_sub(limits::IMPORT_FAULTS_LISTED_MAX);
        self.0.truncate(limits::IMPORT_FAULTS_LISTED_MAX);
        Err(ImportFaults { listed: self.0, rest })
    }
}
