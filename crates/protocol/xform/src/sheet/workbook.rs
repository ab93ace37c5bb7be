use std::io::{Cursor, Read};

use calamine::{Data, Reader as _, Xlsx, XlsxError};

use super::{CELL_CHARACTERS_MAX, COLUMNS_MAX, ROWS_MAX};

/// Bytes of a spreadsheet file.
pub const WORKBOOK_BYTES_MAX: usize = 20 * 1_048_576;
/// Bytes of all that is packed into it.
pub const UNPACKED_BYTES_MAX: u64 = 200 * 1_048_576;
/// Files that are packed into it.
pub const PACKED_FILES_MAX: usize = 2000;
/// Cells of all its sheets.
pub const CELLS_MAX: usize = 1_000_000;

/// The texts of a spreadsheet. Of a formula it holds the value that was last calculated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workbook {
    pub sheets: Vec<Sheet>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub name: String,
    pub rows: Vec<SheetRow>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// Counted from 1.
    pub number: u32,
    /// From the first column on, empty where there is nothing.
    pub cells: Vec<String>,
}

/// Why a file is no spreadsheet that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkbookFault {
    #[error("the file has more than {WORKBOOK_BYTES_MAX} bytes")]
    Bytes,
    #[error("the file is no .xlsx spreadsheet: open it in a spreadsheet program and save it as .xlsx")]
    Kind,
    #[error("the file unpacks into more than {UNPACKED_BYTES_MAX} bytes or {PACKED_FILES_MAX} files")]
    Unpacked,
    #[error("the spreadsheet is locked by a password: save it without one")]
    Password,
    #[error("sheet {sheet}: there are more than {ROWS_MAX} rows or {COLUMNS_MAX} columns")]
    Size { sheet: String },
    #[error("the spreadsheet has more than {CELLS_MAX} cells")]
    Cells,
    #[error("sheet {sheet}, row {row}: a cell has more than {CELL_CHARACTERS_MAX} characters")]
    Cell { sheet: String, row: u32 },
    #[error("the spreadsheet is damaged: {0}")]
    Damaged(String),
}

impl Workbook {
    /// Reads an `.xlsx` file. What it unpacks into is counted before anything is made of it.
    pub fn read(bytes: &[u8]) -> Result<Workbook, WorkbookFault> {
        if bytes.len() > WORKBOOK_BYTES_MAX {
            return Err(WorkbookFault::Bytes);
        }
        // The compound files that old .xls are, and new ones under a password.
        if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(WorkbookFault::Kind);
        }
        count_unpacked(bytes)?;
        // The library was written for files that programs make; one that was made to break it must break nothing else.
        std::panic::catch_unwind(|| read_sheets(bytes))
            .unwrap_or_else(|_| Err(WorkbookFault::Damaged("its parts do not fit together".to_owned())))
    }

    /// The sheet of this name in any case.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|it| it.name.trim().eq_ignore_ascii_case(name))
    }
}

fn read_sheets(bytes: &[u8]) -> Result<Workbook, WorkbookFault> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => WorkbookFault::Password,
        other => WorkbookFault::Damaged(other.to_string()),
    })?;
    let mut sheets = Vec::new();
    let mut cells = 0;
    for name in book.sheet_names() {
        sheets.push(read_sheet(&mut book, &name, &mut cells)?);
    }
    Ok(Workbook { sheets })
}

fn count_unpacked(bytes: &[u8]) -> Result<(), WorkbookFault> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| WorkbookFault::Kind)?;
    if archive.len() > PACKED_FILES_MAX {
        return Err(WorkbookFault::Unpacked);
    }
    let mut left = UNPACKED_BYTES_MAX;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|error| WorkbookFault::Damaged(error.to_string()))?;
        let mut limited = file.take(left + 1);
        let count = std::io::copy(&mut limited, &mut std::io::sink())
            .map_err(|error| WorkbookFault::Damaged(error.to_string()))?;
        left = left.checked_sub(count).ok_or(WorkbookFault::Unpacked)?;
    }
    Ok(())
}

/// Cell by cell, since a sheet with one cell in its last corner would be a table of billions.
fn read_sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, count: &mut usize) -> Result<Sheet, WorkbookFault> {
    let damaged = |error: XlsxError| WorkbookFault::Damaged(error.to_string());
    let mut sheet = Sheet { name: name.to_owned(), rows: Vec::new() };
    let mut reader = match book.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        // A chart has a sheet of its own without cells.
        Err(XlsxError::NotAWorksheet(_) | XlsxError::WorksheetNotFound(_)) => return Ok(sheet),
        Err(error) => return Err(damaged(error)),
    };
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        let text = cell_text(&Data::from(cell.get_value().clone()));
        if text.is_empty() {
            continue;
        }
        if row as usize >= ROWS_MAX || column as usize >= COLUMNS_MAX {
            return Err(WorkbookFault::Size { sheet: name.to_owned() });
        }
        *count += 1;
        if *count > CELLS_MAX {
            return Err(WorkbookFault::Cells);
        }
        let number = row + 1;
        if text.chars().count() > CELL_CHARACTERS_MAX {
            return Err(WorkbookFault::Cell { sheet: name.to_owned(), row: number });
        }
        place(&mut sheet, number, column as usize, text);
    }
    sheet.rows.sort_by_key(|it| it.number);
    Ok(sheet)
}

fn place(sheet: &mut Sheet, number: u32, column: usize, text: String) {
    if sheet.rows.last().is_none_or(|it| it.number != number) {
        match sheet.rows.iter().position(|it| it.number == number) {
            Some(known) => {
                let row = sheet.rows.remove(known);
                sheet.rows.push(row);
            }
            None => sheet.rows.push(SheetRow { number, cells: Vec::new() }),
        }
    }
    if let Some(row) = sheet.rows.last_mut() {
        if row.cells.len() <= column {
            row.cells.resize(column + 1, String::new());
        }
        row.cells[column] = text;
    }
}

/// A cell as XLSForm takes it: whole numbers without a point, truth in capitals, dates as they are written.
fn cell_text(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) => text.replace('\u{a0}', " ").trim().to_owned(),
        Data::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Float(number) => number.to_string(),
        Data::DateTime(moment) if moment.is_duration() => moment.as_f64().to_string(),
        Data::DateTime(moment) => {
            let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
            let part = if milli == 0 { String::new() } else { format!(".{milli:03}000") };
            let time = format!("{hour:02}:{minute:02}:{second:02}{part}");
            if moment.as_f64() < 1.0 { time } else { format!("{year:04}-{month:02}-{day:02} {time}") }
        }
        Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
    }
}
