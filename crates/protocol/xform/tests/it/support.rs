//! Sheets as tables of text, and what tests need of a form.

use std::path::PathBuf;

use xform::{
    check::{Finding, Judgement, Submission},
    form::{Attachments, Form},
    sheet::{Sheet, SheetRow, Workbook},
    xml::{Document, XmlLimits},
    xpath::World,
};

pub const LIMITS: XmlLimits = XmlLimits { bytes: 10_000_000, nodes: 1_000_000, depth: 100 };

/// 2026-11-26T12:00:00+08:00.
pub const NOW: i64 = 1_795_665_600_000_000;

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/forms")
}

pub fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn world() -> World {
    World::in_china(NOW).unwrap()
}

/// A workbook from Markdown: a line `| survey |` begins a sheet, its further lines have an empty first cell.
pub fn workbook(text: &str) -> Workbook {
    let mut sheets: Vec<Sheet> = Vec::new();
    for line in text.lines().map(str::trim).filter(|it| it.starts_with('|')) {
        let line = line.strip_prefix('|').unwrap().trim_end().strip_suffix('|').unwrap_or(line);
        let cells: Vec<String> = line.split('|').map(|it| it.trim().replace("\\p", "|")).collect();
        if !cells[0].is_empty() {
            sheets.push(Sheet { name: cells[0].clone(), rows: Vec::new() });
        }
        let sheet = sheets.last_mut().unwrap();
        if cells[1..].iter().any(|it| !it.is_empty()) || cells[0].is_empty() {
            let number = sheet.rows.len() as u32 + 1;
            sheet.rows.push(SheetRow { number, cells: cells[1..].to_vec() });
        }
    }
    Workbook { sheets }
}

/// The same as the bytes of an `.xlsx` file.
pub fn spreadsheet(text: &str) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for sheet in workbook(text).sheets {
        let page = book.add_worksheet().set_name(&sheet.name).unwrap();
        for row in &sheet.rows {
            for (column, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                page.write_string(row.number - 1, column as u16, cell).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

pub fn canonical(xml: &str) -> String {
    Document::read(xml.as_bytes(), &LIMITS).unwrap().to_canonical_xml()
}

/// The form of a survey's rows.
pub fn form(markdown: &str) -> Form {
    match xform::sheet::convert(&workbook(markdown), "test") {
        Ok(converted) => converted.form,
        Err(faults) => panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// What is found in a record of this content.
pub fn judge(form: &Form, content: &str) -> Judgement {
    judge_with(form, &Attachments::new(), content)
}

pub fn judge_with(form: &Form, attachments: &Attachments, content: &str) -> Judgement {
    let meta = if content.contains("<meta>") { "" } else { "<meta><instanceID>uuid:1</instanceID></meta>" };
    let xml = format!("<data id=\"{}\">{content}{meta}</data>", form.id);
    Submission::read(xml.as_bytes()).unwrap().judge(form, attachments, &world()).unwrap()
}

/// Paths and rules of what was found.
pub fn found(judgement: &Judgement) -> Vec<(String, &'static str)> {
    judgement.findings.iter().map(|it: &Finding| (it.path.clone(), it.rule.as_str())).collect()
}

pub fn pairs(wanted: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    wanted.iter().map(|(path, rule)| ((*path).to_owned(), *rule)).collect()
}
