//! Reading a sheet as clerks have it: a row of headings, below it a unit a row. Pure, from cells to lines.

use std::collections::{BTreeMap, HashMap};

use unicode_normalization::UnicodeNormalization;
use xform::sheet::{Sheet, SheetRow, Workbook};

use super::{CellValue, LeftOut, Line, UNITS_MAX};
use crate::{
    Message, Refusal, area,
    statistic::{definition::ValueType, source},
};

/// Rows among which the headings are looked for: above them stand titles.
const HEADING_ROWS: usize = 20;
/// Words of clerks: what heads a column of units where no row below says it, what stands before a sum, and where there is
/// nothing to say.
const WORDS: &str = include_str!("words.txt");

/// A column as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// From 0.
    pub number: usize,
    pub heading: String,
    pub meaning: Meaning,
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Unit,
    Cell {
        element: String,
        option: String,
    },
    /// It is not taken.
    Nothing,
}

impl Meaning {
    /// As it stands in addresses: `unit`, `ELEMENT` or `ELEMENT.option`.
    pub fn parse(text: &str) -> Self {
        match (text, text.split_once('.')) {
            ("unit", _) => Self::Unit,
            ("", _) => Self::Nothing,
            (_, Some((element, option))) => Self::Cell { element: element.into(), option: option.into() },
            (element, None) => Self::Cell { element: element.into(), option: String::new() },
        }
    }

    pub fn word(&self) -> String {
        match self {
            Self::Unit => "unit".to_owned(),
            Self::Nothing => String::new(),
            Self::Cell { element, option } if option.is_empty() => element.clone(),
            Self::Cell { element, option } => format!("{element}.{option}"),
        }
    }
}

/// A cell of a report with what it can be called in a heading.
pub struct Called {
    pub element: String,
    pub option: String,
    pub value_type: ValueType,
    pub names: Vec<String>,
}

/// The units that a sheet can be of, by code and by what they are called.
#[derive(Default)]
pub struct Units(HashMap<String, Vec<String>>);

impl Units {
    pub fn add(&mut self, code: &str, name: &str) {
        for it in [code, &area::spoken(name)] {
            let codes = self.0.entry(plain(it)).or_default();
            if !codes.iter().any(|it| it == code) {
                codes.push(code.to_owned());
            }
        }
    }

    fn codes(&self, text: &str) -> &[String] {
        self.0.get(&plain(&area::spoken(text.trim()))).map_or(&[], Vec::as_slice)
    }
}

/// What a sheet says.
#[derive(Debug)]
pub struct Read {
    pub columns: Vec<Column>,
    pub lines: Vec<Line>,
    pub left_out: Vec<LeftOut>,
}

/// Reads the first sheet in which a heading names a cell; `chosen` says of columns what the reader of the sheet says.
pub fn read(
    book: &Workbook,
    cells: &[Called],
    units: &Units,
    chosen: &BTreeMap<usize, Meaning>,
) -> Result<Read, Refusal> {
    let wrong = |id: &'static str| Refusal::invalid("file", Message::new(id));
    let named: HashMap<String, &Called> =
        cells.iter().flat_map(|it| it.names.iter().map(move |name| (plain(name), it))).collect();
    let best = |sheet: &&Sheet| headings(sheet, &named).map_or(0, |it| it.1);
    // Of two alike the first.
    let sheet = book.sheets.iter().rev().max_by_key(best).filter(|it| !it.rows.is_empty());
    let sheet = sheet.ok_or_else(|| wrong("fault-statistic-sheet-empty"))?;
    let (at, _) = headings(sheet, &named).ok_or_else(|| wrong("fault-statistic-sheet-headings"))?;
    let (heading, below) = (&sheet.rows[at], &sheet.rows[at + 1..]);
    let width = sheet.rows[at..].iter().map(|it| it.cells.len()).max().unwrap_or(0);
    let unit_column = unit_column(heading, below, units, width);
    let columns: Vec<Column> = (0..width)
        .map(|number| {
            let text = cell(heading, number);
            let found = || match (unit_column == Some(number), named.get(&plain(text))) {
                (true, _) => Meaning::Unit,
                (_, Some(it)) => Meaning::Cell { element: it.element.clone(), option: it.option.clone() },
                (_, None) => Meaning::Nothing,
            };
            let meaning = chosen.get(&number).cloned().unwrap_or_else(found);
            Column { number, heading: text.to_owned(), meaning }
        })
        .collect();
    let mut seen: Vec<&Meaning> = Vec::new();
    for it in columns.iter().filter(|it| it.meaning != Meaning::Nothing) {
        if seen.contains(&&it.meaning) {
            let message = Message::new("fault-statistic-sheet-twice").with("heading", &it.heading);
            return Err(Refusal::invalid("file", message));
        }
        seen.push(&it.meaning);
    }
    let mut read = Read { columns, lines: Vec::new(), left_out: Vec::new() };
    let Some(unit) = read.columns.iter().find(|it| it.meaning == Meaning::Unit).map(|it| it.number) else {
        return Ok(read);
    };
    let mut lines_of: HashMap<String, u32> = HashMap::new();
    for row in below {
        match line(row, unit, (cells, units), &mut read) {
            Some(line) => match lines_of.insert(line.area.clone(), line.number) {
                None => read.lines.push(line),
                Some(first) => {
                    let why = Message::new("fault-statistic-sheet-unit-twice").with("line", first);
                    read.left_out.push(LeftOut { line: line.number, why });
                }
            },
            None => continue,
        }
        if read.lines.len() > UNITS_MAX {
            let message = Message::new("fault-statistic-sheet-units").with("max", UNITS_MAX);
            return Err(Refusal::invalid("file", message));
        }
    }
    Ok(read)
}

/// The row whose cells name most cells of a report, and how many.
fn headings(sheet: &Sheet, named: &HashMap<String, &Called>) -> Option<(usize, usize)> {
    let count = |row: &SheetRow| row.cells.iter().filter(|it| named.contains_key(&plain(it))).count();
    let rows = sheet.rows.iter().take(HEADING_ROWS).enumerate().rev();
    rows.map(|(at, row)| (at, count(row))).max_by_key(|it| it.1).filter(|it| it.1 > 0)
}

/// The column with most cells that name a unit; codes before names, since two units may be called alike.
fn unit_column(heading: &SheetRow, below: &[SheetRow], units: &Units, width: usize) -> Option<usize> {
    let hits = |column: usize| {
        let found = below.iter().map(|row| units.codes(cell(row, column)).len());
        found.filter(|it| *it == 1).count()
    };
    let best = (0..width).rev().map(|it| (hits(it), it)).max_by_key(|it| it.0).filter(|it| it.0 > 0);
    let by_word = || {
        let is_one = |it: &usize| is_word("unit", cell(heading, *it));
        (0..width).find(is_one)
    };
    best.map(|it| it.1).or_else(by_word)
}

fn line(row: &SheetRow, unit: usize, (cells, units): (&[Called], &Units), read: &mut Read) -> Option<Line> {
    let name = cell(row, unit);
    let said = |it: &&Column| matches!(it.meaning, Meaning::Cell { .. }) && !is_nothing(cell(row, it.number));
    let is_said = read.columns.iter().any(|it| said(&it));
    if !is_said || is_word("sum", name) {
        return None;
    }
    let (columns, number) = (&read.columns, row.number);
    let mut left_out = Vec::new();
    let mut leave = |why: Message| left_out.push(LeftOut { line: number, why });
    let code = match units.codes(name) {
        [code] => Some(code.clone()),
        [] => {
            leave(Message::new("fault-statistic-no-unit").with("name", name));
            None
        }
        _ => {
            leave(Message::new("fault-statistic-units-alike").with("name", name));
            None
        }
    };
    let mut values = Vec::new();
    for column in columns.iter().filter(|_| code.is_some()).filter(said) {
        let Meaning::Cell { element, option } = &column.meaning else { continue };
        let Some(of) = cells.iter().find(|it| it.element == *element && it.option == *option) else {
            leave(Message::new("fault-statistic-cell").with("element", element));
            continue;
        };
        let text = cell(row, column.number);
        match source::number(of.value_type, text) {
            Some(value) => {
                let (element, option) = (element.clone(), option.clone());
                values.push(CellValue { element, option, value: Some(value) });
            }
            None => {
                let why = Message::new("fault-statistic-sheet-value");
                leave(why.with("heading", &column.heading).with("value", text));
            }
        }
    }
    read.left_out.append(&mut left_out);
    code.map(|area| Line { number, area, values })
}

fn cell(row: &SheetRow, column: usize) -> &str {
    row.cells.get(column).map_or("", String::as_str)
}

fn is_nothing(text: &str) -> bool {
    text.trim().is_empty() || is_word("nothing", text)
}

/// Whether a text is one of the words of a kind; signs are compared as they are.
fn is_word(kind: &str, text: &str) -> bool {
    let mut words = WORDS.lines().filter_map(|it| it.strip_prefix(kind)).flat_map(str::split_whitespace);
    words.any(|it| it == text.trim() || (!plain(it).is_empty() && plain(it) == plain(text)))
}

/// As names are compared: without the differences of widths, cases, blanks and signs.
fn plain(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|it| it.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(rows: &[&[&str]]) -> Workbook {
        let row = |(at, cells): (usize, &&[&str])| SheetRow {
            number: at as u32 + 1,
            cells: cells.iter().map(|it| (*it).to_owned()).collect(),
        };
        let sheet = Sheet { name: "表1".into(), rows: rows.iter().enumerate().map(row).collect() };
        Workbook { sheets: vec![Sheet::default(), sheet] }
    }

    fn called(element: &str, option: &str, names: &[&str]) -> Called {
        let names = names.iter().map(|it| (*it).to_owned()).collect();
        Called { element: element.into(), option: option.into(), value_type: ValueType::Count, names }
    }

    fn cells() -> Vec<Called> {
        vec![
            called("MEMBERS", "", &["MEMBERS", "党员"]),
            called("CADRES", "old", &["CADRES.old", "干部 50岁及以上"]),
            called("CADRES", "young", &["CADRES.young", "干部 不满50岁"]),
        ]
    }

    fn units() -> Units {
        let mut units = Units::default();
        for (code, name) in
            [("150902001001", "新体路社区"), ("150902001002", "东河社区"), ("150902002001", "东河社区")]
        {
            units.add(code, name);
        }
        units
    }

    fn told(read: &Read) -> Vec<(u32, &'static str)> {
        read.left_out.iter().map(|it| (it.line, it.why.id)).collect()
    }

    #[test]
    fn a_sheet_with_a_title_other_columns_and_a_sum_is_read_by_its_headings() {
        let book = book(&[
            &["集宁区基层队伍统计表"],
            &["填报日期：2026年1月"],
            &["序号", "单 位", "党员（人）", "党员", "干部（50岁及以上）", "备注"],
            &["1", "新体路 社区居委会", "x", "１２", "3", "好"],
            &["2", "150902001002", "", "7", "-", ""],
            &["3", "东河社区", "", "8", "", ""],
            &["4", "没有的社区", "", "9", "", ""],
            &["5", "", "", "", "", ""],
            &["", "合计", "", "27", "3", ""],
        ]);
        let read = read(&book, &cells(), &units(), &BTreeMap::new()).unwrap();
        let meanings: Vec<String> = read.columns.iter().map(|it| it.meaning.word()).collect();
        assert_eq!(meanings, ["", "unit", "", "MEMBERS", "CADRES.old", ""]);
        // Wide digits could be a slip, and are told instead of guessed.
        let found: Vec<_> =
            read.lines.iter().map(|it| (it.number, it.area.as_str(), it.values.len())).collect();
        assert_eq!(found, [(4, "150902001001", 1), (5, "150902001002", 1)]);
        assert_eq!(
            told(&read),
            [
                (4, "fault-statistic-sheet-value"),
                (6, "fault-statistic-units-alike"),
                (7, "fault-statistic-no-unit")
            ]
        );
    }

    #[test]
    fn who_reads_a_sheet_says_what_a_column_means() {
        let rows: &[&[&str]] =
            &[&["单位", "党员", "人数"], &["新体路社区", "", "5"], &["新体路社区", "", "6"]];
        let chosen = |meaning: &str, old: &str| {
            [(1, Meaning::parse(old)), (2, Meaning::parse(meaning))].into_iter().collect::<BTreeMap<_, _>>()
        };
        let read_by = |chosen| read(&book(rows), &cells(), &units(), &chosen);
        let found = read_by(chosen("MEMBERS", "")).unwrap();
        assert_eq!(found.lines[0].values[0].value, Some(5));
        assert_eq!(told(&found), [(3, "fault-statistic-sheet-unit-twice")]);
        assert!(
            matches!(read_by(chosen("MEMBERS", "MEMBERS")), Err(Refusal::Invalid(_))),
            "two columns for one"
        );
        let none = read_by([(0, Meaning::Nothing)].into_iter().collect()).unwrap();
        assert!(none.lines.is_empty(), "without units nothing is said of any");
        assert_eq!(told(&read_by(chosen("NOWHERE", "")).unwrap())[0], (2, "fault-statistic-cell"));
    }

    #[test]
    fn a_sheet_without_headings_is_refused() {
        for rows in [&[] as &[&[&str]], &[&["单位", "人数"], &["新体路社区", "5"]]] {
            assert!(matches!(
                read(&book(rows), &cells(), &units(), &BTreeMap::new()),
                Err(Refusal::Invalid(_))
            ));
        }
    }
}
