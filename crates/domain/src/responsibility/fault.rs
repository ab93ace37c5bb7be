//! What is wrong with a file of responsibilities, told with its place.

use std::fmt;

use kernel::limits;

use crate::{Refusal, calendar::Limit};

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
pub struct ImportFaults {
    pub listed: Vec<ImportFault>,
    /// How many more there are.
    pub rest: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFault {
    /// Counted from 1; none where it is about the whole file.
    pub line: Option<u64>,
    /// Number of the column, counted from 1, and its name.
    pub column: Option<(usize, &'static str)>,
    pub reason: Reason,
}

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

impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some((number, name))) => {
                write!(f, "line {line}, column {number} ({name}): {}", self.reason)
            }
            (Some(line), None) => write!(f, "line {line}: {}", self.reason),
            (None, _) => self.reason.fmt(f),
        }
    }
}

impl fmt::Display for ImportFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.listed.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{fault}")?;
        }
        match self.rest {
            0 => Ok(()),
            rest => write!(f, "\nand {rest} more"),
        }
    }
}

/// Collects faults while a file is read and looked up.
#[derive(Clone, Debug, Default)]
pub struct Collector(Vec<ImportFault>);

impl Collector {
    /// About the whole file.
    pub fn whole(&mut self, reason: Reason) {
        self.0.push(ImportFault { line: None, column: None, reason });
    }

    /// About a whole line.
    pub fn line(&mut self, line: u64, reason: Reason) {
        self.0.push(ImportFault { line: Some(line), column: None, reason });
    }

    pub fn field(&mut self, line: u64, column: (usize, &'static str), reason: Reason) {
        self.0.push(ImportFault { line: Some(line), column: Some(column), reason });
    }

    /// No faults, or all of them in the order of their lines and columns.
    pub fn check(mut self) -> Result<(), ImportFaults> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|it| (it.line, it.column));
        let rest = self.0.len().saturating_sub(limits::IMPORT_FAULTS_LISTED_MAX);
        self.0.truncate(limits::IMPORT_FAULTS_LISTED_MAX);
        Err(ImportFaults { listed: self.0, rest })
    }
}
