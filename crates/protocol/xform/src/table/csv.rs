//! Tables as CSV, column by column as ODK Central exports them.
//!
//! A cell is what was sent. One that a spreadsheet would take for a formula is not altered, as Central does not either:
//! CSV is read by programs too, where `-5` and `=` are data and an apostrophe before them is an error; and no mark is
//! honoured by every spreadsheet. Who wants to open answers there asks for a workbook, whose cells have types.
//!
//! Lines end in `\n`, and no byte order mark stands in front: so has Central. Chosen otherwise:
//!
//! - **A question with several choices is split into [`SELECT_VALUES_MAX`] columns at most**; there is no end there.
//! - **Fields that only an older version of the form has are left out**; there they may be asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use csv::{Terminator, Writer, WriterBuilder};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{FormField, FormRow, FormTables, RecordRows};
use crate::form::{DataType, FieldId};

/// Values of one question that get a column of their own.
pub const SELECT_VALUES_MAX: usize = 1_000;
/// Bytes of the form's id and of a repeat's name in the name of a file, which has 255 at most.
const NAME_BYTES_MAX: usize = 100;

const BEFORE: [&str; 1] = ["SubmissionDate"];
const BEHIND: [&str; 10] = [
    "KEY",
    "SubmitterID",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "Status",
    "ReviewState",
    "DeviceID",
    "Edits",
    "FormVersion",
];
const BEHIND_REPEAT: [&str; 2] = ["PARENT_KEY", "KEY"];
/// A place is four columns, whatever was measured.
const PLACE: [&str; 4] = ["Latitude", "Longitude", "Altitude", "Accuracy"];

/// The tables of a form as CSV, by the numbers of [`FormTables`].
#[derive(Clone, Debug)]
pub struct CsvTables {
    tables: Vec<Vec<Column>>,
    /// Names of repeats, the root's empty.
    names: Vec<String>,
}

#[derive(Clone, Debug)]
struct Column {
    header: String,
    field: FieldId,
    is_place: bool,
    /// Values that have a column each behind this one, where 1 stands for those chosen and 0 for the others.
    values: Vec<String>,
}

/// Which values were chosen of questions with several choices.
#[derive(Clone, Debug, Default)]
pub struct SelectValues(BTreeMap<FieldId, BTreeSet<String>>);

impl SelectValues {
    /// Adds those of a record.
    pub fn add(&mut self, rows: &RecordRows<'_>) {
        let tables = rows.tables();
        for field in tables.fields.iter().filter(|it| it.is_select_multiple) {
            for row in rows.rows(field.table) {
                let Some(answer) = rows.answer(row.entry(), field.field) else { continue };
                let found = self.0.entry(field.field).or_default();
                for value in answer.split_ascii_whitespace() {
                    if found.len() < SELECT_VALUES_MAX && !found.contains(value) {
                        found.insert(value.to_owned());
                    }
                }
            }
        }
    }
}

impl CsvTables {
    /// `group_paths` puts the names of groups before those of questions; `split` gives each chosen value a column.
    pub fn new(tables: &FormTables, group_paths: bool, split: Option<&SelectValues>) -> CsvTables {
        let mut columns = vec![Vec::new(); tables.tables.len()];
        for field in tables.fields.iter().filter(|it| it.is_answer) {
            let values = split.filter(|_| field.is_select_multiple).and_then(|it| it.0.get(&field.field));
            columns[field.table].push(Column {
                header: header(tables, field, group_paths),
                field: field.field,
                is_place: field.data_type == DataType::Geopoint,
                values: values.into_iter().flatten().cloned().collect(),
            });
        }
        let name = |it: &super::FormTable| it.path.rsplit('/').next().unwrap_or_default().to_owned();
        CsvTables { tables: columns, names: tables.tables.iter().map(name).collect() }
    }

    /// The first line of a table.
    pub fn write_header<W: io::Write>(&self, out: W, table: usize) -> io::Result<()> {
        let mut cells: Vec<String> = Vec::new();
        if table == 0 {
            cells.extend(BEFORE.map(str::to_owned));
        }
        for column in &self.tables[table] {
            if column.is_place {
                cells.extend(PLACE.iter().map(|it| format!("{}-{it}", column.header)));
            } else {
                cells.push(column.header.clone());
            }
            cells.extend(column.values.iter().map(|it| format!("{}/{it}", column.header)));
        }
        let behind: &[&str] = if table == 0 { &BEHIND } else { &BEHIND_REPEAT };
        cells.extend(behind.iter().map(|it| (*it).to_owned()));
        let mut writer = writer(out);
        writer.write_record(&cells)?;
        writer.flush()
    }

    /// The lines that a record has in a table.
    pub fn write_rows<W: io::Write>(&self, out: W, rows: &RecordRows<'_>, table: usize) -> io::Result<()> {
        let mut writer = writer(out);
        for row in rows.rows(table) {
            self.write_row(&mut writer, &row, table)?;
        }
        writer.flush()
    }

    fn write_row<W: io::Write>(
        &self,
        writer: &mut Writer<W>,
        row: &FormRow<'_>,
        table: usize,
    ) -> io::Result<()> {
        let (rows, entry) = (row.record(), row.entry());
        let system = &rows.system;
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        if table == 0 {
            writer.write_field(&system.submission_date)?;
        }
        for column in &self.tables[table] {
            column.write(writer, rows.answer(entry, column.field).as_deref())?;
        }
        if table > 0 {
            writer.write_field(rows.key(rows.row_above(entry)))?;
            writer.write_field(rows.key(entry))?;
        } else {
            let status = match system.status.as_deref() {
                Some("notDecrypted") => "not decrypted".to_owned(),
                Some("missingEncryptedFormData") => "missing encrypted form data".to_owned(),
                other => other.unwrap_or_default().to_owned(),
            };
            for cell in [
                rows.instance_id.clone(),
                text(&system.submitter_id),
                text(&system.submitter_name),
                system.attachments_present.to_string(),
                system.attachments_expected.to_string(),
                status,
                text(&system.review_state),
                text(&system.device_id),
                system.edits.to_string(),
                system.form_version.clone(),
            ] {
                writer.write_field(cell)?;
            }
        }
        writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// An archive (ZIP) of tables that are written already, in their order.
    pub fn archive(&self, form_id: &str, tables: &[Vec<u8>]) -> io::Result<Vec<u8>> {
        let mut archive = ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, table) in self.file_names(form_id).into_iter().zip(tables) {
            archive.start_file(name, SimpleFileOptions::default())?;
            archive.write_all(table)?;
        }
        Ok(archive.finish()?.into_inner())
    }

    /// Names of the files in an archive of all tables, in their order. Repeats of one name are numbered.
    pub fn file_names(&self, form_id: &str) -> Vec<String> {
        let form = file_name(form_id);
        let repeats: Vec<String> = self.names.iter().skip(1).map(|it| file_name(it)).collect();
        let mut names = vec![format!("{form}.csv")];
        for (index, name) in repeats.iter().enumerate() {
            let same = |them: &[String]| them.iter().filter(|it| *it == name).count();
            let number =
                if same(&repeats) > 1 { format!("~{}", same(&repeats[..=index])) } else { String::new() };
            names.push(format!("{form}-{name}{number}.csv"));
        }
        names
    }
}

impl Column {
    fn write<W: io::Write>(&self, writer: &mut Writer<W>, answer: Option<&str>) -> io::Result<()> {
        let answer = answer.unwrap_or_default();
        if self.is_place {
            let mut parts = answer.split_ascii_whitespace();
            for _ in PLACE {
                writer.write_field(parts.next().unwrap_or_default())?;
            }
            return Ok(());
        }
        writer.write_field(answer)?;
        for value in &self.values {
            let is_chosen = answer.split_ascii_whitespace().any(|it| it == value);
            writer.write_field(if is_chosen { "1" } else { "0" })?;
        }
        Ok(())
    }
}

fn writer<W: io::Write>(out: W) -> Writer<W> {
    WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out)
}

fn header(tables: &FormTables, field: &FormField, group_paths: bool) -> String {
    if !group_paths {
        return field.name.clone();
    }
    let above = tables.tables[field.table].path.len() + 1;
    field.path.get(above..).unwrap_or(&field.name).replace('/', "-")
}

/// The beginning of a name, without what a file's name cannot have on some system.
fn file_name(name: &str) -> String {
    let is_kept = |it: &char| !it.is_control() && !"/?<>\\:*|\"".contains(*it);
    let mut kept = String::new();
    for character in name.chars().filter(is_kept) {
        if kept.len() + character.len_utf8() > NAME_BYTES_MAX {
            break;
        }
        kept.push(character);
    }
    kept
}
