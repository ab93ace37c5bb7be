//! Spreadsheets: what is made of them, and what is said of those that nothing can be made of.

use rust_xlsxwriter::{Format, Formula};
use xform::sheet::{SheetFault, Workbook, convert};

use crate::support::{canonical, folder, form, workbook};

fn faults(markdown: &str) -> Vec<SheetFault> {
    convert(&workbook(markdown), "f").map(|it| it.xml).unwrap_err()
}

fn told(markdown: &str) -> Vec<(u32, String)> {
    let row = |it: &SheetFault| (it.row.unwrap_or(0), it.column.clone().unwrap_or_default());
    faults(markdown).iter().map(row).collect()
}

fn pairs(wanted: &[(u32, &str)]) -> Vec<(u32, String)> {
    wanted.iter().map(|(row, column)| (*row, (*column).to_owned())).collect()
}

#[test]
fn everything_wrong_is_told_at_once_with_its_row_and_column() {
    let wrong = "| survey |
        | | type | name | label |
        | | txt | a | A |
        | | text | b c | B |
        | | text | | C |
        | | text | d | |
        | | select_one colour | e | E |
        | | text | f | F |
        | | text | f | F |
        | | calculate | g | |
        | | end group | | |
        | | begin repeat | h | H |
        | choices |
        | | list_name | name | label |
        | | colours | red | Red |
        | | colours | red | Red |
        | | colours | | None |";
    assert_eq!(
        told(wrong),
        pairs(&[
            (3, "name"),
            (4, "name"),
            (2, "type"),
            (3, "name"),
            (4, "name"),
            (5, "label"),
            (6, "type"),
            (8, "name"),
            (9, "calculation"),
            (10, "type"),
            (11, "type"),
        ])
    );
    let lines: Vec<String> = faults(wrong).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines[2],
        "sheet survey, row 2, column type: there is no kind of question txt. Is text meant?"
    );
    assert!(lines[6].ends_with("the sheet choices has no list colour. Is colours meant?"), "{}", lines[6]);
}

#[test]
fn references_and_parameters_are_checked() {
    let survey = |rows: &str| {
        format!("| survey |\n| | type | name | label | relevant | parameters | trigger |\n{rows}")
    };
    let fault = |rows: &str| faults(&survey(rows))[0].to_string();
    let line = fault("| | text | village | V | | | |\n| | text | b | B | ${vilage} = 1 | | |");
    assert_eq!(
        line,
        "sheet survey, row 3, column relevant: there is no question vilage for ${vilage}. Is ${village} meant?"
    );
    assert!(
        fault("| | range | a | A | | start=one | |").contains("the parameter start is one, not a number")
    );
    assert!(fault("| | text | a | A | | color=red | |").contains("Known are: rows."));
    assert!(fault("| | text | a | A | | rows | |").contains("rows is no parameter"));
    assert!(fault("| | text | a | A | | | ${nobody} |").contains("there is no question nobody"));
    assert!(fault("| | background-geopoint | a | | | | |").contains("needs a trigger"));
}

#[test]
fn sheets_and_headings_are_checked() {
    let line = |markdown: &str| faults(markdown)[0].to_string();
    assert!(
        line("| questions |\n| | type |\n| other |\n| | a |")
            .contains("there is no sheet survey, only questions, other")
    );
    assert!(line("| survey |\n| | name | label |\n| | a | A |").contains("the column type is missing"));
    assert!(
        line("| survey |\n| | type | name | label | Label |\n| | text | a | A | B |")
            .contains("mean the same")
    );
    assert!(
        line("| survey |\n| | type | name | label | label |\n| | text | a | A | B |")
            .contains("stands there twice")
    );
    let spaced = "| survey |\n| | type | name | label |\n| | select_multiple l | a | A |\n\
        | choices |\n| | list_name | name | label |\n| | l | two words | Two |";
    assert!(line(spaced).contains("has a space in its name"));
}

#[test]
fn cells_of_a_spreadsheet_are_read_by_their_value() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("SURVEY").unwrap();
    for (column, heading) in ["Type", "Name", "Label", "default"].into_iter().enumerate() {
        sheet.write(0, column as u16, heading).unwrap();
    }
    let date = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(1, 0, "integer").unwrap();
    sheet.write(1, 1, "n").unwrap();
    sheet.write(1, 2, Formula::new("=\"How \" & \"many\"").set_result("How many")).unwrap();
    sheet.write(1, 3, 12.0).unwrap();
    sheet.write(3, 0, "text").unwrap();
    sheet.write(3, 1, "t").unwrap();
    sheet.write(3, 2, "\u{201c}Quoted\u{201d}  words").unwrap();
    sheet.write(3, 3, true).unwrap();
    sheet.write(4, 0, "date").unwrap();
    sheet.write(4, 1, "d").unwrap();
    sheet.write(4, 2, "Day").unwrap();
    sheet
        .write_datetime_with_format(
            4,
            3,
            rust_xlsxwriter::ExcelDateTime::parse_from_str("2026-11-20").unwrap(),
            &date,
        )
        .unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let xml = convert(&Workbook::read(&bytes).unwrap(), "cells").unwrap().xml;
    assert!(xml.contains("<n>12</n>"), "{xml}");
    assert!(xml.contains("<label>How many</label>"), "{xml}");
    assert!(xml.contains("<label>\"Quoted\" words</label>"), "{xml}");
    assert!(xml.contains("<t>TRUE</t>"), "{xml}");
    assert!(xml.contains("<d>2026-11-20 00:00:00</d>"), "{xml}");
    assert!(xml.contains("id=\"cells\""), "{xml}");
}

#[test]
fn names_in_a_repeat_are_found_from_where_they_stand() {
    let form = form(
        "| survey |
         | | type | name | label | relevant |
         | | integer | limit | Limit | |
         | | begin repeat | outer | Outer | |
         | | integer | a | A | |
         | | begin group | g | G | |
         | | integer | b | B | ${a} > ${limit} |
         | | begin repeat | inner | Inner | |
         | | integer | c | C | ${a} = 1 and ${b} = 2 |
         | | end repeat | | | |
         | | end group | | | |
         | | end repeat | | | |
         | | note | n | Sum | sum(${c}) > 0 |",
    );
    let relevant = |path: &str| {
        let field = form.field(form.field_at(path).unwrap());
        field.relevant.as_ref().unwrap().text.clone()
    };
    assert_eq!(relevant("/data/outer/g/b"), " ../../a  >  /data/limit ");
    assert_eq!(relevant("/data/outer/g/inner/c"), " ../../../a  = 1 and  ../../b  = 2");
    assert_eq!(relevant("/data/n"), "sum( /data/outer/g/inner/c ) > 0");
}

#[test]
fn every_sample_converts_and_has_no_fault() {
    let mut samples = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let converted = convert(&workbook(&text), "sample")
            .unwrap_or_else(|faults| panic!("{}: {}", path.display(), faults[0]));
        let faults = converted.form.faults().iter().filter(|it| it.severity == xform::form::Severity::Error);
        assert_eq!(faults.collect::<Vec<_>>(), Vec::<&xform::form::FormFault>::new(), "{}", path.display());
        assert_eq!(canonical(&converted.form.to_xml()), canonical(&converted.xml));
        samples += 1;
    }
    assert!(samples >= 6, "{samples} samples");
}
