use super::{
    fault::SheetFault,
    workbook::{Sheet, Workbook},
};

/// Empty columns, or rows, after which nothing more is looked for.
const EMPTY_COLUMNS_MAX: usize = 20;
const EMPTY_ROWS_MAX: u32 = 60;

/// A sheet with its headings understood.
#[derive(Debug, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

/// A heading: `label::English (en)` is the words `label` and `English (en)`.
#[derive(Debug)]
pub struct Column {
    pub heading: String,
    pub words: Vec<String>,
}

#[derive(Debug)]
pub struct Row {
    pub number: u32,
    /// The column and what stands there, in the order of the columns.
    pub cells: Vec<(usize, String)>,
}

/// A text that may have a version for each language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Localized {
    Plain(String),
    ByLanguage(Vec<(String, String)>),
}

/// How headings of one sheet are understood.
pub struct Headings {
    /// What they are called today.
    pub known: &'static [&'static str],
    /// Other spellings, and what they stand for.
    pub aliases: &'static [(&'static str, &'static [&'static str])],
}

impl Table {
    pub fn read(
        workbook: &Workbook,
        name: &str,
        headings: &Headings,
        is_clean: bool,
    ) -> Result<Option<Table>, SheetFault> {
        let Some(sheet) = workbook.sheet(name) else { return Ok(None) };
        let mut columns = columns(sheet, name, headings)?;
        let mut table = Table { columns: Vec::new(), rows: Vec::new() };
        let mut last = 1;
        for row in sheet.rows.iter().filter(|it| it.number > 1) {
            let cells: Vec<(usize, String)> = row
                .cells
                .iter()
                .enumerate()
                .filter(|it| !it.1.trim().is_empty() && columns.get(it.0).is_some_and(Option::is_some))
                .map(|(index, text)| (index, cleaned(text, is_clean)))
                .collect();
            if cells.is_empty() {
                continue;
            }
            if row.number - last > EMPTY_ROWS_MAX + 1 {
                break;
            }
            last = row.number;
            table.rows.push(Row { number: row.number, cells });
        }
        table.columns = columns
            .drain(..)
            .map(|it| it.unwrap_or(Column { heading: String::new(), words: Vec::new() }))
            .collect();
        Ok(Some(table))
    }

    pub fn has(&self, word: &str) -> bool {
        self.columns.iter().any(|it| it.words.first().is_some_and(|first| first == word))
    }

    /// What stands in the column of exactly these words.
    pub fn plain<'a>(&self, row: &'a Row, word: &str) -> Option<&'a str> {
        row.cells
            .iter()
            .find(|(index, _)| matches!(self.columns[*index].words.as_slice(), [only] if only == word))
            .map(|it| it.1.as_str())
    }

    /// The text under a heading in all languages.
    pub fn localized(&self, row: &Row, word: &str, default_language: &str) -> Option<Localized> {
        let mut found = None;
        for (index, text) in &row.cells {
            let words = &self.columns[*index].words;
            if words.first().is_some_and(|it| it == word) && words.len() <= 2 {
                add(&mut found, words.get(1), text, default_language);
            }
        }
        found
    }

    /// What stands under headings of two words or more that begin with this one, by the second word.
    pub fn group(&self, row: &Row, word: &str, default_language: &str) -> Vec<(String, Localized)> {
        let mut found: Vec<(String, Option<Localized>)> = Vec::new();
        for (index, text) in &row.cells {
            let words = &self.columns[*index].words;
            if words.len() < 2 || words[0] != word {
                continue;
            }
            let place = match found.iter().position(|it| it.0 == words[1]) {
                Some(place) => place,
                None => {
                    found.push((words[1].clone(), None));
                    found.len() - 1
                }
            };
            add(&mut found[place].1, words.get(2), text, default_language);
        }
        found.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// The heading under which a row has something that begins with this word.
    pub fn heading(&self, row: &Row, word: &str) -> String {
        let found = row.cells.iter().find(|it| self.columns[it.0].words.contains(&word.to_owned()));
        found.map_or_else(|| word.to_owned(), |it| self.columns[it.0].heading.clone())
    }
}

/// A text without a language belongs to the default one as soon as another language appears.
fn add(found: &mut Option<Localized>, language: Option<&String>, text: &str, default_language: &str) {
    let text = text.to_owned();
    *found = Some(match (found.take(), language) {
        (None, None) => Localized::Plain(text),
        (None, Some(language)) => Localized::ByLanguage(vec![(language.clone(), text)]),
        (Some(Localized::Plain(_)), None) => Localized::Plain(text),
        (Some(Localized::Plain(plain)), Some(language)) if language == default_language => {
            let _ = plain;
            Localized::ByLanguage(vec![(language.clone(), text)])
        }
        (Some(Localized::Plain(plain)), Some(language)) => {
            Localized::ByLanguage(vec![(default_language.to_owned(), plain), (language.clone(), text)])
        }
        (Some(Localized::ByLanguage(mut texts)), language) => {
            let name = language.map_or(default_language, String::as_str);
            match texts.iter_mut().find(|it| it.0 == name) {
                Some(known) if language.is_some() => known.1 = text,
                Some(_) => {}
                None => texts.push((name.to_owned(), text)),
            }
            Localized::ByLanguage(texts)
        }
    });
}

fn columns(sheet: &Sheet, name: &str, headings: &Headings) -> Result<Vec<Option<Column>>, SheetFault> {
    let empty = Vec::new();
    let first = sheet.rows.iter().find(|it| it.number == 1).map_or(&empty, |it| &it.cells);
    let mut columns: Vec<Option<Column>> = Vec::new();
    let mut missing = 0;
    let uses_double = first.iter().any(|it| it.contains("::"));
    for heading in first {
        let heading = collapsed(heading.trim());
        if heading.is_empty() {
            missing += 1;
            if missing > EMPTY_COLUMNS_MAX {
                break;
            }
            columns.push(None);
            continue;
        }
        missing = 0;
        let words = words(&heading, uses_double, headings);
        let same = columns.iter().flatten().find(|it| it.words == words);
        if let Some(same) = same {
            return Err(SheetFault::new(
                name,
                1,
                &heading,
                if same.heading == heading {
                    format!("the heading {heading} stands there twice")
                } else {
                    format!("the headings {} and {heading} mean the same", same.heading)
                },
                "Keep one of the two columns.",
            ));
        }
        columns.push(Some(Column { heading, words }));
    }
    Ok(columns)
}

fn words(heading: &str, uses_double: bool, headings: &Headings) -> Vec<String> {
    let alias = |it: &str| headings.aliases.iter().find(|alias| alias.0 == it).map(|alias| alias.1);
    let is_known = |it: &str| headings.known.contains(&it) && alias(it).is_none();
    if is_known(heading) {
        return vec![heading.to_owned()];
    }
    let plain = snake(heading);
    if is_known(&plain) {
        return vec![plain];
    }
    let mut parts: Vec<String> = if uses_double {
        heading.split("::").map(|it| it.trim().to_owned()).collect()
    } else {
        joined_jr(heading.split(':').map(|it| it.trim().to_owned()).collect())
    };
    let first = snake(&parts[0]);
    if let Some(alias) = alias(&first) {
        let rest = parts.split_off(1);
        return alias.iter().map(|it| (*it).to_owned()).chain(rest).collect();
    }
    if headings.known.contains(&first.as_str()) {
        parts[0] = first;
    }
    parts
}

/// `bind:jr:constraintMsg` is two words.
fn joined_jr(parts: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut parts = parts.into_iter();
    while let Some(part) = parts.next() {
        match (part.as_str(), parts.as_slice().first()) {
            ("jr", Some(_)) => joined.extend(parts.next().map(|it| format!("jr:{it}"))),
            _ => joined.push(part),
        }
    }
    joined
}

fn snake(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("_").to_lowercase()
}

fn collapsed(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character != ' ' || !out.ends_with(' ') {
            out.push(character);
        }
    }
    out
}

/// Quotes that a spreadsheet program made round are straight again; several spaces are one.
fn cleaned(text: &str, is_clean: bool) -> String {
    let straight = |it: char| match it {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        other => other,
    };
    let text: String = text.trim().chars().map(straight).collect();
    if is_clean { collapsed(&text) } else { text }
}

impl Localized {
    pub fn texts(&self, default_language: &str) -> Vec<(String, String)> {
        match self {
            Localized::Plain(text) => vec![(default_language.to_owned(), text.clone())],
            Localized::ByLanguage(texts) => texts.clone(),
        }
    }

    pub fn plain(&self) -> Option<&str> {
        match self {
            Localized::Plain(text) => Some(text),
            Localized::ByLanguage(_) => None,
        }
    }

    /// The text, or that of the first language.
    pub fn first(&self) -> &str {
        match self {
            Localized::Plain(text) => text,
            Localized::ByLanguage(texts) => texts.first().map_or("", |it| &it.1),
        }
    }

    pub fn each(&mut self, change: impl Fn(&str) -> String) {
        match self {
            Localized::Plain(text) => *text = change(text),
            Localized::ByLanguage(texts) => texts.iter_mut().for_each(|it| it.1 = change(&it.1)),
        }
    }
}
