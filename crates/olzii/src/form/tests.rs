//! A form maker at the command line: a spreadsheet, what its form finds in records, and what is refused.

use std::fs;

use clap::Parser;
use rust_xlsxwriter::Workbook;

use super::{FormCommand, run};
use crate::scratch::Folder;

#[derive(Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: FormCommand,
}

/// A spreadsheet whose survey has these rows.
fn spreadsheet(folder: &Folder, rows: &[&[&str]]) -> String {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").unwrap();
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write_string(row as u32, column as u16, *cell).unwrap();
        }
    }
    book.save(folder.at("wells.xlsx")).unwrap();
    folder.path("wells.xlsx")
}

fn sent(folder: &Folder, content: &str) -> String {
    let xml = format!("<data id='wells'>{content}<meta><instanceID>uuid:1</instanceID></meta></data>");
    folder.write("record.xml", xml)
}

/// What the command came to: nothing, or why it failed.
fn form(arguments: &[&str]) -> Result<(), String> {
    let line = CommandLine::try_parse_from([&["form"], arguments].concat()).unwrap();
    run(line.command).map_err(|error| format!("{error:#}"))
}

const HEAD: &[&str] = &["type", "name", "label", "required", "constraint"];
const DEPTH: &[&str] = &["integer", "depth", "How deep?", "yes", ". > 0 and . < 400"];

#[test]
fn a_spreadsheet_becomes_a_form_that_tells_good_records_from_bad_ones() {
    let folder = Folder::new();
    let (sheet, xml) = (spreadsheet(&folder, &[HEAD, DEPTH]), folder.path("wells.xml"));
    form(&["convert", &sheet, "--out", &xml]).unwrap();
    for of in [&sheet, &xml] {
        form(&["check", of, &sent(&folder, "<depth>30</depth>")]).unwrap();
        let refused = form(&["check", of, &sent(&folder, "<depth>-5</depth>")]).unwrap_err();
        assert!(refused.contains("breaks rules"), "{refused}");
        assert!(form(&["check", of, &sent(&folder, "<depth/>")]).is_err(), "an answer is required");
    }
}

#[test]
fn a_faulty_spreadsheet_a_broken_record_and_a_missing_list_are_each_refused() {
    let folder = Folder::new();
    let faulty =
        spreadsheet(&folder, &[HEAD, &["txt", "depth", "How deep?", "", ""], &["text", "", "", "", ""]]);
    let refused = form(&["convert", &faulty, "--out", &folder.path("wells.xml")]).unwrap_err();
    assert!(refused.contains("to mend"), "{refused}");
    assert!(!folder.at("wells.xml").exists(), "nothing is written of it");

    let sheet = spreadsheet(&folder, &[HEAD, &["select_one_from_file towns.csv", "town", "Where?", "", ""]]);
    assert!(form(&["check", &sheet, &folder.path("nothing.xml")]).unwrap_err().contains("nothing.xml"));
    fs::write(folder.at("cut.xml"), "<data id='wells'><town>").unwrap();
    assert!(form(&["check", &sheet, &folder.path("cut.xml")]).unwrap_err().contains("cut.xml"));
    let record = sent(&folder, "<town>a</town>");
    let refused = form(&["check", &sheet, &record]).unwrap_err();
    assert!(refused.contains("cannot be checked in full"), "{refused}");
    fs::write(folder.at("towns.csv"), "name,label\na,A\n").unwrap();
    form(&["check", &sheet, &record]).unwrap();
    assert!(form(&["check", &sheet, &sent(&folder, "<town>b</town>")]).is_err(), "b is no town");
}
