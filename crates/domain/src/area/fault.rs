use std::fmt;

use kernel::{Tier, limits};

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
pub struct ImportFaults {
    pub listed: Vec<ImportFault>,
    /// How many more there are.
    pub rest: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFault {
    /// Counted from 1; none where the fault lies in no line, but in what the file leaves out.
    pub line: Option<u64>,
    /// The object's number in a JSON file, whose lines may be endless.
    pub record: Option<u64>,
    pub reason: Reason,
}

/// What can be wrong with a row or a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("the file has {bytes} bytes, and at most {max} are read", max = limits::AREA_IMPORT_BYTES_MAX)]
    TooManyBytes { bytes: u64 },
    #[error("the file has more than {max} rows", max = limits::AREA_IMPORT_ROWS_MAX)]
    TooManyRows,
    #[error("the file has no rows")]
    NoRows,
    #[error("the header has no column `{0}`")]
    MissingColumn(&'static str),
    #[error(
        "the header has the column `{0}`, which is none of code, name, parent, previous_code, merged_into, ended"
    )]
    UnknownColumn(String),
    #[error("the header has the column `{0}` twice")]
    ColumnTwice(String),
    #[error("the row has {found} columns, and the header {expected}")]
    Columns { found: usize, expected: usize },
    #[error("byte {byte} of the file is not UTF-8")]
    NotUtf8 { byte: usize },
    #[error("not the JSON that is expected: {0}")]
    Json(String),
    #[error("the code `{0}` is not 2, 4, 6, 9, 12, 14, 15, 17 or 18 digits, so it is of no tier")]
    CodeLength(String),
    #[error("the code {code} stands in the file already, on line {line}{}", .record.map_or_else(String::new, |it| format!(", object {it}")))]
    DuplicateCode { code: String, line: u64, record: Option<u64> },
    #[error("the name is empty")]
    NameEmpty,
    #[error("the name is longer than {max} characters", max = limits::AREA_NAME_CHARS_MAX)]
    NameTooLong,
    #[error("the name has a control character")]
    NameControl,
    #[error("the code {code} is of the tier {tier}, and its parent is not given", tier = tier.as_str())]
    ParentMissing { code: String, tier: Tier },
    #[error("the parent {0} is neither in the file nor in force")]
    ParentUnknown(String),
    #[error("the parent {0} ends with this file")]
    ParentEnds(String),
    #[error("the parent {parent} is of the tier {found}, and {code} of the tier {tier} cannot stand right below it",
        found = found.as_str(), tier = tier.as_str())]
    ParentTier { code: String, tier: Tier, parent: String, found: Tier },
    #[error("the previous code {0} is not in force")]
    PreviousUnknown(String),
    #[error("the previous code {previous} is of another tier than {code}")]
    PreviousTier { code: String, previous: String },
    #[error("another row has the previous code {0} too")]
    PreviousTwice(String),
    #[error("the code {0} is another area's, or was that of one that ended")]
    CodeTaken(String),
    #[error("a row has either a previous code or an end, not both")]
    PreviousAndEnd,
    #[error("{0} is to end, but is not known")]
    EndUnknown(String),
    #[error("`{0}` is neither a date nor a moment with its zone")]
    Date(String),
    #[error("it ends after the date of the import")]
    EndLate,
    #[error("it ends before its last change, which was on {0}")]
    EndEarly(String),
    #[error("{code} ends while {child}, right below it, goes on")]
    EndWithChildren { code: String, child: String },
    #[error("the successor {0} is neither in the file nor in force")]
    SuccessorUnknown(String),
    #[error("the successor {0} is of another tier")]
    SuccessorTier(String),
    #[error("{code} was last changed on {changed}, after the date of the import")]
    DateEarly { code: String, changed: String },
    #[error("the date of the import is in the future")]
    DateLate,
    #[error("the path of {0} would be too long")]
    PathTooLong(String),
    #[error("no area with the code {0} is in force")]
    AreaUnknown(String),
    #[error("the geometry is not a Polygon or MultiPolygon of closed rings in degrees: {0}")]
    Geometry(&'static str),
    #[error("the boundary file has {bytes} bytes, and at most {max} are read", max = limits::BOUNDARY_BYTES_MAX)]
    BoundaryTooManyBytes { bytes: u64 },
}

impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.record) {
            (Some(line), Some(record)) => write!(f, "line {line}, object {record}: {}", self.reason),
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

/// Where in a file a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub byte: usize,
    /// The number of the object, for JSON.
    pub record: Option<u64>,
}

/// Collects faults while a file is checked, and finds their lines at the end.
#[derive(Clone, Debug, Default)]
pub struct Collector(Vec<(Option<Position>, Finding)>);

#[derive(Clone, Debug)]
enum Finding {
    Reason(Reason),
    /// The code, and where it stood first.
    Duplicate(String, Position),
}

impl Collector {
    pub fn add(&mut self, position: impl Into<Option<Position>>, reason: Reason) {
        self.0.push((position.into(), Finding::Reason(reason)));
    }

    pub fn add_duplicate(&mut self, position: Position, code: &str, first: Position) {
        self.0.push((Some(position), Finding::Duplicate(code.to_owned(), first)));
    }

    /// No faults, or all of them with their lines in `bytes`.
    pub fn check(mut self, bytes: &[u8]) -> Result<(), ImportFaults> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|(position, _)| *position);
        let rest = self.0.len().saturating_sub(limits::IMPORT_FAULTS_LISTED_MAX);
        self.0.truncate(limits::IMPORT_FAULTS_LISTED_MAX);
        let fault = |(position, finding): (Option<Position>, Finding)| ImportFault {
            line: position.map(|it| line(bytes, it.byte)),
            record: position.and_then(|it| it.record),
            reason: match finding {
                Finding::Reason(reason) => reason,
                Finding::Duplicate(code, first) => {
                    Reason::DuplicateCode { code, line: line(bytes, first.byte), record: first.record }
                }
            },
        };
        Err(ImportFaults { listed: self.0.into_iter().map(fault).collect(), rest })
    }
}

/// The line of the first character at or after `byte` that is no line break, counted from 1. A reader of
/// CSV may take the second half of CR LF for the next row's beginning.
pub fn line(bytes: &[u8], byte: usize) -> u64 {
    let byte = byte.min(bytes.len());
    let breaks = bytes[byte..].iter().take_while(|it| matches!(it, b'\r' | b'\n')).count();
    let start = if byte + breaks == bytes.len() { byte } else { byte + breaks };
    1 + bytes[..start].iter().filter(|it| **it == b'\n').count() as u64
}
