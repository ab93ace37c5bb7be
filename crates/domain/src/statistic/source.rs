//! Reading a file of events: pure, from bytes to rows with their lines.

use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;
use kernel::limits;

use super::{
    definition::{Definitions, Element, ValueType},
    fault::{Collector, Reason},
    model::{REFERENCE_CHARS_MAX, VALUE_MAX},
    period::YEARS,
};
use crate::case::instead;

/// The columns of a file, in this order.
pub const COLUMNS: [&str; 6] = ["element", "area", "date", "value", "option", "reference"];

/// One row that can be read.
#[derive(Clone, Debug)]
pub struct Row {
    pub line: u64,
    pub element: String,
    /// Code of the area.
    pub area: String,
    pub day: Date,
    pub value: Option<i64>,
    pub option: String,
    pub reference: String,
}

/// The rows that can be read; what cannot goes to `faults`.
pub fn read(bytes: &[u8], definitions: &Definitions, today: Date, faults: &mut Collector) -> Vec<Row> {
    let mut found = Vec::new();
    if bytes.len() as u64 > limits::EVENT_BYTES_MAX {
        faults.whole(Reason::TooManyBytes(bytes.len() as u64));
        return found;
    }
    // Spreadsheets begin a file with this mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    match reader.headers() {
        Ok(header) if header.iter().eq(COLUMNS) => {}
        Ok(header) => {
            let given: Vec<&str> = header.iter().collect();
            faults.line(1, Reason::Header(given.join(",")));
            return found;
        }
        Err(error) => {
            faults.whole(Reason::NotCsv(error.to_string()));
            return found;
        }
    }
    for (index, row) in reader.records().enumerate() {
        if index == limits::EVENT_ROWS_MAX {
            faults.whole(Reason::TooManyRows);
            return found;
        }
        match row {
            Ok(row) => {
                let line = row.position().map_or(0, csv::Position::line);
                found.extend(Reading { line, definitions, today, faults }.row(&row));
            }
            // It names the line itself; of bytes that are no text the next line may be read.
            Err(error) => {
                let may_go_on = matches!(
                    error.kind(),
                    csv::ErrorKind::Utf8 { .. } | csv::ErrorKind::UnequalLengths { .. }
                );
                let reason = Reason::NotCsv(error.to_string());
                match error.position() {
                    Some(at) => faults.line(at.line(), reason),
                    None => faults.whole(reason),
                }
                if !may_go_on {
                    return found;
                }
            }
        }
    }
    if reader.position().line() <= 2 && found.is_empty() {
        faults.whole(Reason::NoRows);
    }
    found
}

struct Reading<'a, 'f> {
    line: u64,
    definitions: &'a Definitions,
    today: Date,
    faults: &'f mut Collector,
}

/// Number, from 1, and name of a column.
pub fn column(name: &'static str) -> (usize, &'static str) {
    (COLUMNS.iter().position(|it| *it == name).map_or(0, |it| it + 1), name)
}

/// A value as people write it. Only digits: `+5` or `５` would be guesses.
pub fn number(kind: ValueType, text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let read: Option<i64> = match kind {
        ValueType::Count if digits(text) => text.parse().ok(),
        ValueType::Money if digits(whole) && digits(part) && part.len() <= 2 => {
            format!("{whole}{part:0<2}").parse().ok()
        }
        _ => None,
    };
    read.filter(|it| *it <= VALUE_MAX)
}

impl<'a> Reading<'a, '_> {
    fn fault(&mut self, name: &'static str, reason: Reason) {
        self.faults.field(self.line, column(name), reason);
    }

    /// None when a field cannot be read; every fault of the row is told.
    fn row(&mut self, row: &StringRecord) -> Option<Row> {
        let [code, area, day, value, option, reference] =
            [0, 1, 2, 3, 4, 5].map(|at| row.get(at).unwrap_or_default());
        let (day, reference) = (self.day(day), self.reference(reference));
        let element = self.element(code)?;
        let (option, value) = (self.option(element, option), self.value(element.value_type, value));
        Some(Row {
            line: self.line,
            element: code.to_owned(),
            area: area.to_owned(),
            day: day?,
            value: value?,
            option: option?,
            reference: reference?,
        })
    }

    fn element(&mut self, code: &str) -> Option<&'a Element> {
        let found = self.definitions.element(code);
        match found {
            None => {
                let all: Vec<&str> = self.definitions.elements.iter().map(|it| it.code.as_str()).collect();
                let reason = Reason::ElementUnknown(code.to_owned(), instead(code, &all));
                self.fault("element", reason);
                None
            }
            Some(element) if element.counted.is_some() => {
                self.fault("element", Reason::ElementCounted);
                None
            }
            found => found,
        }
    }

    fn day(&mut self, text: &str) -> Option<Date> {
        let read = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
        match read {
            Some(day) if day > self.today => {
                self.fault("date", Reason::Future(text.to_owned()));
            }
            Some(day) if YEARS.contains(&day.year()) => {}
            _ => self.fault("date", Reason::Day(text.to_owned())),
        }
        read
    }

    fn reference(&mut self, text: &str) -> Option<String> {
        let is_sound = !text.is_empty()
            && text.chars().count() <= REFERENCE_CHARS_MAX
            && !text.chars().any(char::is_control);
        if !is_sound {
            self.fault("reference", Reason::Reference);
        }
        is_sound.then(|| text.to_owned())
    }

    fn option(&mut self, element: &Element, text: &str) -> Option<String> {
        let all: Vec<&str> = self.definitions.options(element).iter().map(|it| it.code.as_str()).collect();
        let reason = match (all.is_empty(), text) {
            (true, "") => None,
            (true, _) => Some(Reason::OptionGiven),
            (false, option) if all.contains(&option) => None,
            (false, option) => Some(Reason::OptionUnknown(option.to_owned(), instead(option, &all))),
        };
        match reason {
            None => Some(text.to_owned()),
            Some(reason) => {
                self.fault("option", reason);
                None
            }
        }
    }

    /// Nothing withdraws the record.
    fn value(&mut self, kind: ValueType, text: &str) -> Option<Option<i64>> {
        if text.is_empty() {
            return Some(None);
        }
        let sound = number(kind, text);
        if sound.is_none() {
            let reason = match kind {
                ValueType::Count => Reason::Count(text.to_owned()),
                ValueType::Money => Reason::Money(text.to_owned()),
            };
            self.fault("value", reason);
        }
        sound.map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (usize, Vec<String>) {
        let definitions = Definitions::load(include_str!("../../../../data/statistic.toml")).unwrap();
        let mut faults = Collector::default();
        let today = "2026-11-20".parse().unwrap();
        let found = read(text.as_bytes(), &definitions, today, &mut faults);
        let listed = faults.check().map_or_else(|it| it.listed, |()| Vec::new());
        (found.len(), listed.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_fault_of_a_file_is_told_with_its_line_and_column() {
        let head = "element,area,date,value,option,reference\n";
        let sound =
            "TEAMS,1509,2020-02-01,3,,a\nDONATIONS,1509,2020-02-01,12.5,cash,b\nTEAMS,1509,2020-02-01,,,c\n";
        assert_eq!(told(&format!("\u{feff}{head}{sound}")), (3, vec![]));
        for (row, fault) in [
            (
                "TEEMS,1509,2020-02-01,3,,a",
                "line 2, column 1 (element): there is no element \"TEEMS\"; did you mean \"TEAMS\"?",
            ),
            ("GRIDS,1509,2020-02-01,3,urban,a", "line 2, column 1 (element): the element is counted"),
            ("TEAMS,1509,2020-02-30,3,,a", "line 2, column 3 (date): \"2020-02-30\" is no day"),
            ("TEAMS,1509,0020-02-01,3,,a", "line 2, column 3 (date): \"0020-02-01\" is no day"),
            ("TEAMS,1509,2027-02-01,3,,a", "line 2, column 3 (date): 2027-02-01 has not come yet"),
            ("TEAMS,1509,2020-02-01,3.5,,a", "line 2, column 4 (value): \"3.5\" is no whole number"),
            ("TEAMS,1509,2020-02-01,-3,,a", "line 2, column 4 (value)"),
            ("TEAMS,1509,2020-02-01,９,,a", "line 2, column 4 (value)"),
            ("TEAMS,1509,2020-02-01,9999999999999,,a", "line 2, column 4 (value)"),
            ("DONATIONS,1509,2020-02-01,1.234,cash,a", "line 2, column 4 (value): \"1.234\" is no amount"),
            (
                "DONATIONS,1509,2020-02-01,1,cheque,a",
                "line 2, column 5 (option): it has no option \"cheque\"",
            ),
            ("TEAMS,1509,2020-02-01,1,cash,a", "line 2, column 5 (option): the element has no options"),
            ("TEAMS,1509,2020-02-01,1,,", "line 2, column 6 (reference)"),
            ("TEAMS,1509", "line 2"),
        ] {
            let (_, faults) = told(&format!("{head}{row}\n"));
            assert!(faults.iter().any(|it| it.starts_with(fault)), "{row}: {faults:?}");
        }
        assert!(told("element,area\n").1[0].contains("write element,area,date,value,option,reference"));
        assert!(told(head).1[0].contains("no rows") && told("").1.len() == 1);
        let many = format!("{head}{}", "X,1509,2020-02-01,3,,a\n".repeat(3));
        assert_eq!(told(&many).1.len(), 3, "all of them at once");
    }
}
