//! Reading a year's days from CSV or iCalendar: pure, from bytes to days with their lines.

mod delimited;
mod events;

use std::collections::BTreeMap;

use jiff::{ToSpan, civil};
use kernel::limits;

use super::{
    fault::{Reason, SheetFault},
    model::{Day, DayKind, Hours, Period},
};

/// What a file says of the days of one year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub days: BTreeMap<civil::Date, Day>,
    pub hours: Vec<Hours>,
    /// Rows of other years, which feeds of several years hold.
    pub skipped: usize,
}

/// Reads the file, told by its content. All that cannot be read is told, each with its line.
pub fn read(bytes: &[u8], year: i16) -> Result<Sheet, Vec<SheetFault>> {
    let stop = |reason| Err(vec![SheetFault { line: None, reason }]);
    if bytes.len() > limits::CALENDAR_BYTES_MAX {
        return stop(Reason::TooManyBytes(bytes.len()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return stop(Reason::NotUtf8(error.valid_up_to())),
    };
    let mut reader =
        Reader { year, sheet: Sheet::default(), lines: BTreeMap::new(), faults: Vec::new(), rows: 0 };
    match text.trim_start().get(..15).is_some_and(|it| it.eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
        true => events::read(&mut reader, text),
        false => delimited::read(&mut reader, text),
    }
    let Reader { sheet, mut faults, .. } = reader;
    if faults.is_empty() && sheet.days.is_empty() && sheet.hours.is_empty() {
        return stop(Reason::NoneOfYear(year));
    }
    faults.sort_by_key(|fault| fault.line);
    if faults.is_empty() { Ok(sheet) } else { Err(faults) }
}

/// Collects days, each once.
struct Reader {
    year: i16,
    sheet: Sheet,
    /// Where each day stands, and where each span of hours.
    lines: BTreeMap<civil::Date, usize>,
    faults: Vec<SheetFault>,
    rows: usize,
}

/// First and last day.
type Span = (civil::Date, civil::Date);

impl Reader {
    fn fault(&mut self, line: usize, reason: Reason) {
        self.faults.push(SheetFault { line: Some(line), reason });
    }

    /// Whether one more row is read.
    fn row(&mut self, line: usize) -> bool {
        self.rows += 1;
        if self.rows == limits::CALENDAR_ROWS_MAX + 1 {
            self.fault(line, Reason::TooManyRows);
        }
        self.rows <= limits::CALENDAR_ROWS_MAX
    }

    fn days(&mut self, line: usize, (first, last): Span, kind: DayKind, name: &str) {
        for date in first.series(1.day()).take_while(|date| *date <= last) {
            if let Some(before) = self.lines.insert(date, line) {
                return self.fault(line, Reason::DayTwice(date.to_string(), before));
            }
            self.sheet.days.insert(date, Day { kind, name: name.to_owned() });
        }
    }

    fn hours(
        &mut self,
        line: usize,
        (first, last): Span,
        name: &str,
        periods: Vec<Period>,
        lines: &mut Vec<usize>,
    ) {
        let over = self.sheet.hours.iter().position(|it| it.first <= last && first <= it.last);
        if let Some(at) = over {
            return self.fault(line, Reason::HoursTwice(lines[at]));
        }
        lines.push(line);
        self.sheet.hours.push(Hours { first, last, name: name.to_owned(), periods });
    }

    /// A name that can be shown, or a fault.
    fn name(&mut self, line: usize, text: &str) -> String {
        let name = text.trim();
        if name.chars().count() > limits::LINE_CHARS_MAX || name.chars().any(char::is_control) {
            self.fault(line, Reason::Name);
        }
        name.to_owned()
    }
}
