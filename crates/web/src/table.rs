//! Tables for other programs: CSV, and XLSX with numbers as numbers.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::Refusal;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::shell::Shell;

/// Width of a column of names in a sheet, in characters.
const NAME_WIDTH: f64 = 28.0;

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
        let lines = self.rows.iter().map(|row| row.iter().map(text).collect());
        let written =
            std::iter::once(self.head.clone()).chain(lines).try_for_each(|it| writer.write_record(it));
        written.map_err(|error| broken(&error))?;
        let bytes = writer.into_inner().map_err(|error| broken(&error))?;
        Ok(self.file("text/csv; charset=utf-8", "csv", bytes))
    }

    pub fn xlsx(&self, shell: &Shell) -> Result<Response, Refusal> {
        let bytes = self.sheet(shell).map_err(|error| broken(&error))?;
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        Ok(self.file(kind, "xlsx", bytes))
    }

    fn sheet(&self, shell: &Shell) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(shell.t.say(self.title))?;
        let (bold, share) = (Format::new().set_bold(), Format::new().set_num_format("0.0%"));
        for (column, head) in (0..).zip(&self.head) {
            sheet.write_string_with_format(0, column, head, &bold)?;
        }
        for (row, cells) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
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
        book.save_to_buffer()
    }

    fn file(&self, kind: &'static str, ending: &str, bytes: Vec<u8>) -> Response {
        let disposition = format!("attachment; filename=\"{}.{ending}\"", self.name);
        ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
            .into_response()
    }
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
