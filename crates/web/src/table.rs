//! Tables for other programs: CSV, and XLSX with numbers as numbers.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::Refusal;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::shell::Shell;

/// Width of a column of names in a sheet, in characters.
const NAME_WIDTH: f64 = 28.0;
/// Characters of a cell and of the name of a sheet, as workbooks have them.
const CELL_CHARS_MAX: usize = 32_000;
const SHEET_NAME_CHARS_MAX: usize = 31;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// One cell.
pub enum Cell {
    Text(String),
    Count(i64),
    /// Digits with or without a point.
    Decimal(String),
    /// In tenths of a percent; none of nothing.
    Share(Option<i64>),
}

/// A head and rows as long as it.
pub struct Table {
    pub head: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// Of the file, without its ending.
    pub name: String,
    /// The message that names its sheet.
    pub title: &'static str,
}

impl Table {
    pub fn csv(&self) -> Result<Response, Refusal> {
        // Spreadsheets take a file for UTF-8 by this mark alone.
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        let text = |cell: &Cell| match cell {
            Cell::Text(text) => inert(text),
            Cell::Count(count) => count.to_string(),
            Cell::Decimal(digits) => digits.clone(),
            Cell::Share(permille) => permille.map_or_else(String::new, percent),
        };
        let lines = self.rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>());
        let written = std::iter::once(self.head.iter().map(|it| inert(it)).collect())
            .chain(lines)
            .try_for_each(|it| writer.write_record(it));
        written.map_err(|error| broken(&error))?;
        let bytes = writer.into_inner().map_err(|error| broken(&error))?;
        Ok(self.file("text/csv; charset=utf-8", "csv", bytes))
    }

    pub fn xlsx(&self, shell: &Shell) -> Result<Response, Refusal> {
        let sheet = (shell.t.say(self.title), self);
        let bytes = workbook(std::iter::once(sheet)).map_err(|error| broken(&error))?;
        Ok(self.file(XLSX, "xlsx", bytes))
    }

    fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (bold, share) = (Format::new().set_bold(), Format::new().set_num_format("0.0%"));
        for (column, head) in (0..).zip(&self.head) {
            sheet.write_string_with_format(0, column, shortened(head), &bold)?;
        }
        for (row, cells) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, shortened(text))?,
                    Cell::Count(count) => sheet.write_number(row, column, *count as f64)?,
                    Cell::Decimal(digits) => match digits.parse::<f64>() {
                        Ok(number) => sheet.write_number(row, column, number)?,
                        Err(_) => sheet.write_string(row, column, digits)?,
                    },
                    Cell::Share(Some(permille)) => {
                        sheet.write_number_with_format(row, column, *permille as f64 / 1_000.0, &share)?
                    }
                    Cell::Share(None) => sheet,
                };
            }
        }
        sheet.set_column_width(1, NAME_WIDTH)?;
        sheet.set_freeze_panes(1, 2)?;
        Ok(())
    }

    fn file(&self, kind: &'static str, ending: &str, bytes: Vec<u8>) -> Response {
        file(&self.name, kind, ending, bytes)
    }
}

/// Several tables as the sheets of one workbook, each under its name.
pub fn book(sheets: &[(String, Table)], name: &str) -> Result<Response, Refusal> {
    let sheets = sheets.iter().map(|(name, table)| (name.clone(), table));
    let bytes = workbook(sheets).map_err(|error| broken(&error))?;
    Ok(file(name, XLSX, "xlsx", bytes))
}

fn workbook<'a>(sheets: impl Iterator<Item = (String, &'a Table)>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    for (name, table) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(&name))?;
        table.write(sheet)?;
    }
    book.save_to_buffer()
}

fn file(name: &str, kind: &'static str, ending: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}

/// At most what a cell of a workbook holds.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(CELL_CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}

/// Without what no sheet may be called by.
fn sheet_name(name: &str) -> String {
    let kept = name.chars().map(|it| if "[]:*?/\\'".contains(it) { '_' } else { it });
    kept.take(SHEET_NAME_CHARS_MAX).collect()
}

fn broken(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Broken(format!("a table was not written: {error}"))
}

/// A text that no spreadsheet takes for a formula.
pub fn inert(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// `667` as `66.7%`.
pub fn percent(permille: i64) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_workbook_holds_is_cut_and_no_name_of_a_sheet_is_refused() {
        let table = |text: &str| Table {
            head: vec![text.to_owned()],
            rows: vec![vec![Cell::Text(text.to_owned())]],
            name: "a".into(),
            title: "a",
        };
        let sheets =
            [("a/b[c]:*?\\'".to_owned(), table(&"长".repeat(40_000))), ("名".repeat(50), table("=1+1"))];
        assert_eq!(book(&sheets, "a").unwrap().status(), 200);
        assert_eq!(inert("=1+1"), "'=1+1");
    }
}
