use std::fmt;

/// What is wrong in a workbook, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFault {
    /// Empty where it is the workbook as a whole.
    pub sheet: String,
    /// As the spreadsheet program counts them.
    pub row: Option<u32>,
    /// The column's heading.
    pub column: Option<String>,
    pub reason: String,
    pub help: String,
}

impl SheetFault {
    pub(super) fn of_workbook(reason: impl Into<String>, help: impl Into<String>) -> Self {
        SheetFault { sheet: String::new(), row: None, column: None, reason: reason.into(), help: help.into() }
    }

    pub(super) fn new(
        sheet: &str,
        row: u32,
        column: &str,
        reason: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        SheetFault {
            sheet: sheet.to_owned(),
            row: (row > 0).then_some(row),
            column: (!column.is_empty()).then(|| column.to_owned()),
            reason: reason.into(),
            help: help.into(),
        }
    }
}

impl fmt::Display for SheetFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut place = Vec::new();
        if !self.sheet.is_empty() {
            place.push(format!("sheet {}", self.sheet));
        }
        place.extend(self.row.map(|it| format!("row {it}")));
        place.extend(self.column.as_ref().map(|it| format!("column {it}")));
        if !place.is_empty() {
            write!(out, "{}: ", place.join(", "))?;
        }
        write!(out, "{}. {}", self.reason.trim_end_matches('.'), self.help)
    }
}
