//! The answers as tables, with words and with codes, and the codebook that tells what the codes mean. Who sent a record stands
//! in none of them.

use std::collections::BTreeMap;

use axum::response::Response;
use domain::{
    Ctx, Message, Refusal,
    analysis::{self, Answer, Answers, Figures, Kind, Question, Weighting},
    form::Record,
};
use kernel::limits;
use serde::Deserialize;

use super::asked;
use crate::{
    case::view::AreaNames,
    sent::{PagePath, PageQuery},
    shell::Shell,
    table::{self, Cell, Table},
    visitor::Visitor,
};

/// Bytes of all answers of one file, as of an archive.
const BYTES_MAX: usize = 256 * 1024 * 1024;
const HEADS: [&str; 4] = ["record", "sent", "code", "area"];
const CODEBOOK: [&str; 14] = [
    "name",
    "path",
    "label",
    "kind",
    "repeat",
    "relevant",
    "constraint",
    "required",
    "answered",
    "blank",
    "not-asked",
    "choice",
    "choice-label",
    "count",
];

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FileQuery {
    campaign: String,
    /// `codes`, or words.
    values: String,
    /// The path of a repeat, whose instances are the rows.
    repeat: String,
}

/// A row of a table: a record, or an instance of a repeat in it.
struct Line {
    record: usize,
    /// Of the instance, as the record numbers it.
    row: u32,
    /// Any question of the row.
    question: usize,
    cells: Vec<(usize, String)>,
}

/// What names a record in each of its rows.
struct Head {
    instance_id: String,
    sent_at: String,
    code: String,
}

/// All that is exported, as it was read.
struct Export {
    answers: Answers,
    records: Vec<Head>,
    lines: Vec<Line>,
    names: AreaNames,
}

impl Export {
    fn read(ctx: &Ctx, shell: &Shell, form_id: &str, campaign: &str) -> Result<Self, Refusal> {
        let choose = asked::chooser(shell.t.language);
        let of = asked::of(form_id, asked::campaign_of(campaign)?, &choose);
        let (mut records, mut lines, mut bytes): (Vec<Head>, Vec<Line>, usize) = Default::default();
        let mut paths = Vec::new();
        let answers = analysis::export(ctx, &of, &mut |record, all| {
            let number = records.len();
            paths.extend(record.unit.as_ref().map(|it| it.path.clone()));
            records.push(head(record));
            for line in rows(number, all) {
                bytes += line.cells.iter().map(|it| it.1.len()).sum::<usize>();
                lines.push(line);
            }
            match bytes > BYTES_MAX {
                true => Err(Refusal::invalid("campaign", Message::new("fault-analysis-bytes"))),
                false => Ok(()),
            }
        })?;
        let codes: std::collections::BTreeSet<&str> = paths.iter().map(kernel::AreaPath::code).collect();
        let names = AreaNames::of_codes(ctx, codes.into_iter())?;
        Ok(Self { answers, records, lines, names })
    }

    /// The repeats of the form, and none for the records themselves.
    fn tables(&self) -> Vec<Option<String>> {
        let mut all = vec![None];
        for question in &self.answers.questions {
            if question.repeat.is_some() && !all.contains(&question.repeat) {
                all.push(question.repeat.clone());
            }
        }
        all
    }

    fn questions(&self, repeat: Option<&str>) -> Vec<usize> {
        let of = |it: &usize| self.answers.questions[*it].repeat.as_deref() == repeat;
        (0..self.answers.questions.len()).filter(of).collect()
    }

    /// Cells of all tables together.
    fn cells(&self) -> usize {
        let of = |it: &Option<String>| {
            let lines = self.lines_of(it.as_deref()).count();
            lines * (HEADS.len() + self.questions(it.as_deref()).len())
        };
        self.tables().iter().map(of).sum()
    }

    fn lines_of<'a>(&'a self, repeat: Option<&'a str>) -> impl Iterator<Item = &'a Line> {
        let of = move |it: &&Line| match it.row {
            0 => repeat.is_none(),
            _ => repeat.is_some() && self.answers.questions[it.question].repeat.as_deref() == repeat,
        };
        self.lines.iter().filter(of)
    }

    fn table(&self, shell: &Shell, repeat: Option<&str>, is_coded: bool) -> Table {
        let questions = self.questions(repeat);
        let column: BTreeMap<usize, usize> = questions.iter().copied().zip(0..).collect();
        let mut head: Vec<String> =
            HEADS.iter().map(|it| shell.t.say(&format!("analysis-column-{it}"))).collect();
        head.extend(questions.iter().map(|it| {
            let question = &self.answers.questions[*it];
            if is_coded { question.key.clone() } else { question.label.clone() }
        }));
        let row = |line: &Line| {
            let record = &self.records[line.record];
            let name = self.names.name(&record.code).unwrap_or_default().to_owned();
            let first = [record.instance_id.clone(), record.sent_at.clone(), record.code.clone(), name];
            let mut row: Vec<Cell> = first.map(Cell::Text).into();
            row.resize_with(HEADS.len() + questions.len(), || Cell::Text(String::new()));
            for (question, text) in &line.cells {
                if let Some(column) = column.get(question) {
                    row[HEADS.len() + column] =
                        cell(shell, &self.answers.questions[*question], text, is_coded);
                }
            }
            row
        };
        let rows = self.lines_of(repeat).map(row).collect();
        Table { head, rows, name: "answers".into(), title: "analysis-sheet-answers" }
    }
}

fn head(record: &Record) -> Head {
    Head {
        instance_id: record.instance_id.clone(),
        sent_at: record.created_at.to_string(),
        code: record.unit.as_ref().map(|it| it.path.code().to_owned()).unwrap_or_default(),
    }
}

/// The row of a record, and those of the repeats in it.
fn rows(record: usize, all: Vec<Answer>) -> Vec<Line> {
    let mut rows: BTreeMap<u32, Line> = BTreeMap::new();
    rows.insert(0, Line { record, row: 0, question: 0, cells: Vec::new() });
    for answer in all {
        let (row, question) = (answer.row, answer.question);
        let line = rows.entry(row).or_insert_with(|| Line { record, row, question, cells: Vec::new() });
        if let Some(text) = answer.text.filter(|it| !it.trim().is_empty()) {
            line.cells.push((question, text.trim().to_owned()));
        }
    }
    rows.into_values().collect()
}

fn cell(shell: &Shell, question: &Question, text: &str, is_coded: bool) -> Cell {
    let label = |value: &str| {
        let found = question.choices.iter().find(|it| it.value == value);
        found.map_or_else(|| value.to_owned(), |it| it.label.clone())
    };
    match question.kind {
        Kind::Integer | Kind::Decimal if is_number(text) => Cell::Decimal(text.to_owned()),
        Kind::One if !is_coded => Cell::Text(label(text)),
        Kind::Several if !is_coded => {
            let all: Vec<String> = text.split_ascii_whitespace().map(label).collect();
            Cell::Text(all.join(&shell.t.say("forms-list-comma")))
        }
        _ => Cell::Text(text.to_owned()),
    }
}

/// So plainly a number that no spreadsheet takes it for anything else.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.starts_with(|it: char| it.is_ascii_digit())
        && digits.bytes().all(|it| it.is_ascii_digit() || it == b'.')
        && text.parse::<f64>().is_ok()
}

/// What each question is called, by which rules it is asked, how many answered it, and what its codes mean.
fn book_of_codes(ctx: &Ctx, shell: &Shell, answers: &Answers) -> Result<Table, Refusal> {
    let weights = analysis::weights(ctx, answers, Weighting::None)?;
    let t = &shell.t;
    let mut rows = Vec::new();
    for it in answers.summaries(&weights) {
        let question = it.question;
        let texts = [
            question.name.clone(),
            question.key.clone(),
            question.label.clone(),
            t.say(&format!("analysis-kind-{}", question.kind.as_str())),
            question.repeat.clone().unwrap_or_default(),
            question.relevant.clone(),
            question.constraint.clone(),
            question.required.clone(),
        ];
        let mut row: Vec<Cell> = texts.map(Cell::Text).into();
        row.extend([it.counts.answered, it.counts.blank, it.counts.not_asked].map(Cell::Count));
        row.resize_with(CODEBOOK.len(), || Cell::Text(String::new()));
        rows.push(row);
        let Figures::Choices(choices, _) = &it.figures else { continue };
        for counted in choices {
            let Some(choice) = counted.choice.map(|it| &question.choices[it]) else { continue };
            let mut row: Vec<Cell> = [question.name.clone(), question.key.clone()].map(Cell::Text).into();
            row.resize_with(CODEBOOK.len() - 3, || Cell::Text(String::new()));
            row.extend([choice.value.clone(), choice.label.clone()].map(Cell::Text));
            row.push(Cell::Count(counted.count));
            rows.push(row);
        }
    }
    let head = CODEBOOK.iter().map(|it| t.say(&format!("analysis-column-{it}"))).collect();
    Ok(Table { head, rows, name: "codebook".into(), title: "analysis-sheet-codebook" })
}

/// Answers with words and with codes, a sheet for the records and one for each repeat, and the codebook.
pub async fn workbook(
    visitor: Visitor,
    PagePath(form_id): PagePath<String>,
    PageQuery(query): PageQuery<FileQuery>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let export = Export::read(ctx, &shell, &form_id, &query.campaign)?;
            if export.cells() > limits::ANALYSIS_EXPORT_CELLS_MAX {
                let fault = Message::new("fault-analysis-export");
                let fault = fault.with("most", limits::ANALYSIS_EXPORT_CELLS_MAX);
                return Err(Refusal::invalid("campaign", fault));
            }
            let mut sheets = Vec::new();
            for (number, repeat) in export.tables().iter().enumerate() {
                let of = repeat.as_deref().map(|it| it.rsplit('/').next().unwrap_or_default());
                for (word, is_coded) in [("answers", false), ("codes", true)] {
                    let name = shell.t.say(&format!("analysis-sheet-{word}"));
                    let name = of.map_or(name.clone(), |it| format!("{name} {number} {it}"));
                    sheets.push((name, export.table(&shell, repeat.as_deref(), is_coded)));
                }
            }
            let codebook = book_of_codes(ctx, &shell, &export.answers)?;
            sheets.push((shell.t.say("analysis-sheet-codebook"), codebook));
            table::book(&sheets, "analysis")
        })
        .await
}

/// The records, or the instances of one repeat.
pub async fn answers(
    visitor: Visitor,
    PagePath(form_id): PagePath<String>,
    PageQuery(query): PageQuery<FileQuery>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let export = Export::read(ctx, &shell, &form_id, &query.campaign)?;
            let repeat = Some(query.repeat.as_str()).filter(|it| !it.is_empty());
            if !export.tables().iter().any(|it| it.as_deref() == repeat) {
                return Err(Refusal::NotFound);
            }
            export.table(&shell, repeat, query.values == "codes").csv()
        })
        .await
}

pub async fn codebook(
    visitor: Visitor,
    PagePath(form_id): PagePath<String>,
    PageQuery(query): PageQuery<FileQuery>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let choose = asked::chooser(shell.t.language);
            let campaign = asked::campaign_of(&query.campaign)?;
            let answers = analysis::answers(ctx, &asked::of(&form_id, campaign, &choose))?;
            book_of_codes(ctx, &shell, &answers)?.csv()
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_could_take_for_a_formula_is_no_number() {
        for good in ["0", "-5", "12.50"] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["", "-", "+5", "=1", "-1+2", "1e5", "inf", "NaN", "1.2.3", ".5", "5 "] {
            assert!(!is_number(bad), "{bad}");
        }
    }
}
