//! Reading a file of responsibilities: pure, from bytes to rows with their places in the file.

use csv::{ByteRecord, ReaderBuilder};
use kernel::limits;

use super::fault::{Collector, Reason};
use crate::{
    area,
    calendar::{Limit, LimitKind},
    case::instead,
};

/// The columns of a list, in the order in which it is written.
pub const COLUMNS: [&str; 8] = [
    "class",
    "area",
    "organization",
    "limit_kind",
    "limit_amount",
    "closing_condition",
    "evidence",
    "legal_basis",
];
/// Those that no row leaves empty.
const FILLED: [&str; 4] = ["class", "area", "organization", "legal_basis"];

/// One row as the file has it.
#[derive(Clone, Debug)]
pub struct Record {
    pub line: u64,
    pub class: String,
    /// Code of the area.
    pub area: String,
    /// Name or id of the body.
    pub organization: String,
    pub limit: Option<Limit>,
    pub closing_condition: String,
    pub evidence: String,
    pub legal_basis: String,
}

/// Where each of [`COLUMNS`] stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct Columns([usize; COLUMNS.len()]);

impl Columns {
    /// Number, from 1, and name of a column, for whoever is told of a fault in it.
    pub fn at(&self, name: &'static str) -> (usize, &'static str) {
        let index = COLUMNS.iter().position(|it| *it == name).unwrap_or_default();
        (self.0[index] + 1, name)
    }
}

/// The rows that can be read; what cannot goes to `faults`. None where reading on makes no sense.
pub fn read(bytes: &[u8], faults: &mut Collector) -> Option<(Columns, Vec<Record>)> {
    if bytes.len() as u64 > limits::RESPONSIBILITY_BYTES_MAX {
        faults.whole(Reason::TooManyBytes { bytes: bytes.len() as u64 });
        return None;
    }
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[start..]);
    let mut row = ByteRecord::new();
    let line =
        |row: &ByteRecord| area::line(bytes, start + row.position().map_or(0, |it| it.byte() as usize));
    let mut next = |row: &mut ByteRecord, faults: &mut Collector| match reader.read_byte_record(row) {
        Ok(more) => more,
        Err(error) => {
            faults.whole(Reason::NotCsv(error.to_string()));
            false
        }
    };
    if !next(&mut row, faults) {
        faults.whole(Reason::MissingColumn(COLUMNS[0]));
        return None;
    }
    let columns = header(&row, faults)?;
    let (width, mut rows, mut records) = (row.len(), 0, Vec::new());
    while next(&mut row, faults) {
        rows += 1;
        if rows > limits::RESPONSIBILITY_ROWS_MAX {
            faults.line(line(&row), Reason::TooManyRows);
            return None;
        }
        if row.len() == width {
            records.extend(record(&row, line(&row), &columns, faults));
        } else {
            faults.line(line(&row), Reason::Columns { found: row.len(), expected: width });
        }
    }
    if rows == 0 {
        faults.whole(Reason::NoRows);
    }
    Some((columns, records))
}

fn header(row: &ByteRecord, faults: &mut Collector) -> Option<Columns> {
    let mut columns = [None; COLUMNS.len()];
    let mut is_known = true;
    for (index, field) in row.iter().enumerate() {
        let name = String::from_utf8_lossy(field).trim().to_owned();
        match COLUMNS.iter().position(|it| *it == name) {
            Some(column) if columns[column].replace(index).is_none() => continue,
            Some(_) => faults.line(1, Reason::ColumnTwice(name)),
            None => faults.line(1, Reason::UnknownColumn(name)),
        }
        is_known = false;
    }
    for (name, _) in COLUMNS.iter().zip(columns).filter(|(_, index)| index.is_none()) {
        faults.line(1, Reason::MissingColumn(name));
        is_known = false;
    }
    is_known.then(|| Columns(columns.map(Option::unwrap_or_default)))
}

/// None when a field cannot be read; every fault of the row is told.
fn record(row: &ByteRecord, line: u64, columns: &Columns, faults: &mut Collector) -> Option<Record> {
    let mut is_sound = true;
    let fields = COLUMNS.map(|name| {
        let at = columns.at(name);
        field(row, at.0 - 1, FILLED.contains(&name)).unwrap_or_else(|reason| {
            faults.field(line, at, reason);
            is_sound = false;
            String::new()
        })
    });
    let [class, area, organization, kind, amount, closing_condition, evidence, legal_basis] = fields;
    let limit = limit(&kind, &amount, line, columns, faults);
    let limit = limit.filter(|_| is_sound)?;
    Some(Record { line, class, area, organization, limit, closing_condition, evidence, legal_basis })
}

fn field(row: &ByteRecord, index: usize, is_filled: bool) -> Result<String, Reason> {
    let text = std::str::from_utf8(row.get(index).unwrap_or_default()).map_err(|_| Reason::NotUtf8)?;
    let text = text.trim().replace("\r\n", "\n");
    if text.is_empty() && is_filled {
        return Err(Reason::Empty);
    }
    if text.chars().count() > limits::TEXT_CHARS_MAX {
        return Err(Reason::TooLong);
    }
    if text.chars().any(|it| it.is_control() && it != '\n') {
        return Err(Reason::Control);
    }
    Ok(text)
}

/// The limit of a row; none at all for one that cannot be read, which is never guessed.
fn limit(
    kind: &str,
    amount: &str,
    line: u64,
    columns: &Columns,
    faults: &mut Collector,
) -> Option<Option<Limit>> {
    let (at_kind, at_amount) = (columns.at("limit_kind"), columns.at("limit_amount"));
    if kind.is_empty() && amount.is_empty() {
        return Some(None);
    }
    if kind.is_empty() || amount.is_empty() {
        faults.field(line, if kind.is_empty() { at_kind } else { at_amount }, Reason::LimitHalf);
        return None;
    }
    let known = LimitKind::parse(kind);
    if known.is_none() {
        let help = instead(kind, &LimitKind::ALL.map(LimitKind::as_str));
        faults.field(line, at_kind, Reason::LimitKind(kind.to_owned(), help));
    }
    // Only digits: `+5`, `5.0` or `５` would be guesses.
    let is_number = amount.bytes().all(|byte| byte.is_ascii_digit());
    let number = amount.parse().ok().filter(|_| is_number);
    let sound = number.filter(|it| (1..=Limit::AMOUNT_MAX).contains(it));
    if sound.is_none() {
        faults.field(line, at_amount, Reason::LimitAmount(amount.to_owned()));
    }
    Limit::new(known?, sound?).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "class,area,organization,limit_kind,limit_amount,closing_condition,evidence,legal_basis\n";

    fn told(text: &str) -> Vec<String> {
        let mut faults = Collector::default();
        read(text.as_bytes(), &mut faults);
        let Err(faults) = faults.check() else { return Vec::new() };
        faults.listed.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_unreadable_limit_is_refused_with_its_place_and_never_guessed() {
        let row = |kind: &str, amount: &str| format!("{HEAD}c1,1509,住建局,{kind},{amount},,,条例\n");
        for (kind, amount) in [("", ""), ("work_days", "3"), ("urgent_hours", "2000")] {
            assert_eq!(told(&row(kind, amount)), [""; 0], "{kind} {amount}");
        }
        for (kind, amount, column) in [
            ("work_day", "3", "4 (limit_kind)"),
            ("紧急", "3", "4 (limit_kind)"),
            ("", "3", "4 (limit_kind)"),
            ("work_days", "", "5 (limit_amount)"),
            ("work_days", "0", "5 (limit_amount)"),
            ("work_days", "3.0", "5 (limit_amount)"),
            ("work_days", "+3", "5 (limit_amount)"),
            ("work_days", "三", "5 (limit_amount)"),
            ("work_days", "99999999999999999999", "5 (limit_amount)"),
        ] {
            let found = told(&row(kind, amount));
            assert!(
                found.len() == 1 && found[0].starts_with(&format!("line 2, column {column}")),
                "{kind} {amount}: {found:?}"
            );
        }
        let both = told(&row("work_day", "x"));
        assert_eq!(both.len(), 2, "all faults of a row at once: {both:?}");
        assert!(both[0].contains("did you mean \"work_days\"?"), "{both:?}");
    }

    #[test]
    fn every_fault_of_a_file_is_told_at_once() {
        let text = format!("{HEAD}c1,1509,住建局,,,,,条例\nc1,1509\n,,,,,,,\nc1,1509,住建局,,,\u{7},,条例\n");
        let found = told(&text);
        assert!(found[0].starts_with("line 3: the row has 2 columns"), "{found:?}");
        assert_eq!(found.iter().filter(|it| it.starts_with("line 4, ")).count(), 4, "{found:?}");
        assert!(found.iter().any(|it| it.starts_with("line 5, column 6 (closing_condition): it has")));
        assert!(told("").iter().any(|it| it.contains("no column `class`")));
        assert!(told(HEAD).iter().any(|it| it.contains("no rows")));
        let mixed = told("class,class,colour\n");
        assert!(
            mixed.iter().any(|it| it.contains("twice")) && mixed.iter().any(|it| it.contains("`colour`"))
        );
    }

    #[test]
    fn columns_come_in_any_order_with_a_mark_and_carriage_returns() {
        let text = "\u{feff}legal_basis,class,area,organization,limit_kind,limit_amount,evidence,closing_condition\r\n\
            条例,c1,1509,\"住建局\",work_days,3,照片,\"亮灯\r\n安全\"\r\n";
        let mut faults = Collector::default();
        let (columns, rows) = read(text.as_bytes(), &mut faults).unwrap();
        assert!(faults.check().is_ok());
        assert_eq!((columns.at("class"), rows[0].line), ((2, "class"), 2));
        assert_eq!((rows[0].closing_condition.as_str(), rows[0].evidence.as_str()), ("亮灯\n安全", "照片"));
    }
}
