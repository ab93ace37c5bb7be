//! Faults of a file that a person brings in, told with their places; each room has its own reasons.

use std::fmt::{self, Debug, Display};

use kernel::limits;

use crate::Refusal;

/// Why a file was not imported. Nothing was changed.
#[derive(Debug)]
pub enum ImportError<R> {
    Faults(ImportFaults<R>),
    Refusal(Refusal),
}

/// What is wrong with a file, in the order of its lines; at most `IMPORT_FAULTS_LISTED_MAX` are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFaults<R> {
    pub listed: Vec<ImportFault<R>>,
    /// How many more there are.
    pub rest: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFault<R> {
    /// Counted from 1; none where it is about the whole file.
    pub line: Option<u64>,
    /// Number of the column, counted from 1, and its name.
    pub column: Option<(usize, &'static str)>,
    pub reason: R,
}

impl<R: Debug + Display> std::error::Error for ImportError<R> {}

impl<R: Debug + Display> std::error::Error for ImportFaults<R> {}

impl<R> From<Refusal> for ImportError<R> {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl<R: Display> Display for ImportError<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faults(faults) => Display::fmt(faults, f),
            Self::Refusal(refusal) => Display::fmt(refusal, f),
        }
    }
}

impl<R: Display> Display for ImportFault<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some((number, name))) => {
                write!(f, "line {line}, column {number} ({name}): {}", self.reason)
            }
            (Some(line), None) => write!(f, "line {line}: {}", self.reason),
            (None, _) => Display::fmt(&self.reason, f),
        }
    }
}

impl<R: Display> Display for ImportFaults<R> {
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
#[derive(Clone, Debug)]
pub struct Collector<R>(Vec<ImportFault<R>>);

impl<R> Default for Collector<R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<R> Collector<R> {
    /// About the whole file.
    pub fn whole(&mut self, reason: R) {
        self.0.push(ImportFault { line: None, column: None, reason });
    }

    /// About a whole line.
    pub fn line(&mut self, line: u64, reason: R) {
        self.0.push(ImportFault { line: Some(line), column: None, reason });
    }

    pub fn field(&mut self, line: u64, column: (usize, &'static str), reason: R) {
        self.0.push(ImportFault { line: Some(line), column: Some(column), reason });
    }

    /// No faults, or all of them in the order of their lines and columns.
    pub fn check(mut self) -> Result<(), ImportFaults<R>> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|it| (it.line, it.column));
        let rest = self.0.len().saturating_sub(limits::IMPORT_FAULTS_LISTED_MAX);
        self.0.truncate(limits::IMPORT_FAULTS_LISTED_MAX);
        Err(ImportFaults { listed: self.0, rest })
    }
}
