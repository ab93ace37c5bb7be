//! CSV: `first,last,kind,name,periods`, in English or Chinese.

use csv::ReaderBuilder;
use jiff::civil;

use super::{
    super::{
        fault::Reason,
        model::{DayKind, Period},
    },
    Reader, Span,
};

/// Columns; the first and the third must be there.
const COLUMNS: [&str; 5] = ["first", "last", "kind", "name", "periods"];
/// A word of these files on each line, and how it may be written in Chinese.
const WORDS: &str = include_str!("words.txt");

enum Kind {
    Day(DayKind),
    Hours,
}

pub fn read(reader: &mut Reader, text: &str) {
    let mut rows = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut columns: Option<[Option<usize>; 5]> = None;
    let mut width = 0;
    let mut hours_lines = Vec::new();
    for row in rows.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().map_or(1, |it| it.line() as usize);
                return reader.fault(line, Reason::Row(error.to_string()));
            }
        };
        let line = row.position().map_or(1, |it| it.line() as usize);
        if row.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let Some(columns) = &columns else {
            width = row.len();
            columns = header(reader, line, &row);
            if columns.is_none() {
                return;
            }
            continue;
        };
        if !reader.row(line) {
            return;
        }
        if row.len() != width {
            reader.fault(line, Reason::Columns { found: row.len(), expected: width });
            continue;
        }
        let field = |column: usize| columns[column].and_then(|at| row.get(at)).unwrap_or_default().trim();
        let fields = [0, 1, 2, 3, 4].map(field);
        one(reader, line, fields, &mut hours_lines);
    }
    if columns.is_none() {
        reader.fault(1, Reason::MissingColumn("first"));
    }
}

/// Where each column stands.
fn header(reader: &mut Reader, line: usize, row: &csv::StringRecord) -> Option<[Option<usize>; 5]> {
    let mut columns = [None; 5];
    for (at, name) in row.iter().map(str::trim).enumerate() {
        match COLUMNS.iter().position(|column| Some(*column) == english(name)) {
            Some(column) => columns[column] = Some(at),
            None => reader.fault(line, Reason::UnknownColumn(name.to_owned())),
        }
    }
    for column in [0, 2].into_iter().filter(|column| columns[*column].is_none()) {
        reader.fault(line, Reason::MissingColumn(COLUMNS[column]));
    }
    reader.faults.is_empty().then_some(columns)
}

fn one(
    reader: &mut Reader,
    line: usize,
    [first, last, kind, name, periods]: [&str; 5],
    hours_lines: &mut Vec<usize>,
) {
    let Some(span) = span(reader, line, first, last) else { return };
    let name = reader.name(line, name);
    match (parse_kind(kind), periods) {
        (None, _) => reader.fault(line, Reason::Kind(kind.to_owned())),
        (Some(Kind::Day(kind)), "") => reader.days(line, span, kind, &name),
        (Some(Kind::Day(_)), _) => reader.fault(line, Reason::PeriodsOfDay),
        (Some(Kind::Hours), text) => match Period::parse_all(text) {
            Some(periods) => reader.hours(line, span, &name, periods, hours_lines),
            None => reader.fault(line, Reason::Periods(text.to_owned())),
        },
    }
}

fn parse_kind(text: &str) -> Option<Kind> {
    let word = english(text)?;
    DayKind::parse(word).map(Kind::Day).or((word == "hours").then_some(Kind::Hours))
}

/// The word of these files that `text` is, in either language.
fn english(text: &str) -> Option<&'static str> {
    let mut lines = WORDS.lines();
    let found = lines.find(|line| line.split_whitespace().any(|word| word == text))?;
    found.split_whitespace().next()
}

fn span(reader: &mut Reader, line: usize, first: &str, last: &str) -> Option<Span> {
    let mut date = |text: &str| {
        let date = text.parse::<civil::Date>().ok();
        match date {
            None => reader.fault(line, Reason::Date(text.to_owned())),
            Some(date) if date.year() != reader.year => {
                reader.fault(line, Reason::OtherYear(text.to_owned(), reader.year));
                return None;
            }
            Some(_) => {}
        }
        date
    };
    let first = date(first);
    let last = if last.is_empty() { first } else { date(last) };
    let span = first.zip(last)?;
    if span.1 < span.0 {
        reader.fault(line, Reason::EndBeforeStart);
        return None;
    }
    Some(span)
}
