//! How figures of an analysis are shown.

use domain::{
    Ctx, Refusal,
    analysis::{
        Answers, Bar, ChoiceCount, Counts, Cross, CrossCell, Figures, Kind, Numbers, Period, Point, Question,
        Summary, Weights, rounded,
    },
};
use kernel::{Campaign, Id};

use super::asked::answers_address;
use crate::{
    case::view::AreaNames, form::view::record_address, locale::Translator, shell::Shell, table::percent,
};

pub struct QuestionView {
    /// Of its section in the page.
    pub number: usize,
    pub label: String,
    /// What is to be known of it: its kind, that it is counted by instances, that it is asked no more.
    pub notes: Vec<String>,
    pub counts: Vec<String>,
    pub bars: Vec<BarView>,
    /// Name and value: mean, median, …
    pub numbers: Vec<(String, String)>,
    /// Open answers and their records.
    pub texts: Vec<(String, String)>,
    /// Where all of them are.
    pub more: Option<String>,
}

pub struct BarView {
    pub label: String,
    /// Chosen, and offered no more.
    pub is_gone: bool,
    pub value: String,
    /// 0 to 1,000.
    pub length: i64,
}

pub struct CrossView {
    pub rows_label: String,
    pub columns_label: String,
    pub columns: Vec<String>,
    pub rows: Vec<CrossRow>,
    pub totals: CrossRow,
    pub notes: Vec<String>,
}

pub struct CrossRow {
    pub label: String,
    /// Those of the columns, and of the row in all.
    pub cells: Vec<CellView>,
}

#[derive(Default)]
pub struct CellView {
    pub count: String,
    pub of_row: String,
    pub of_column: String,
    /// What it weighs, where it is weighted.
    pub weighted: Option<String>,
}

/// How an analysis is shown to its reader.
pub struct Looks<'a> {
    pub ctx: &'a Ctx,
    pub shell: &'a Shell,
    pub form_id: &'a str,
    pub campaign: Option<Id<Campaign>>,
    pub weights: &'a Weights,
}

impl Looks<'_> {
    fn t(&self) -> &Translator {
        &self.shell.t
    }

    fn is_weighted(&self) -> bool {
        self.weights.weighting != domain::analysis::Weighting::None
    }

    pub fn question(&self, number: usize, it: &Summary<'_>) -> QuestionView {
        let t = self.t();
        let question = it.question;
        let mut view = QuestionView {
            number,
            label: question.label.clone(),
            notes: self.notes(question),
            counts: self.counts(&it.counts),
            bars: Vec::new(),
            numbers: Vec::new(),
            texts: Vec::new(),
            more: None,
        };
        match &it.figures {
            Figures::Choices(choices, rest) => {
                view.bars = choices.iter().map(|it| self.choice(question, it)).collect();
                view.bars.extend(rest.iter().map(|it| self.choice(question, it)));
            }
            Figures::Numbers(Some(numbers)) => {
                view.numbers = self.numbers(numbers);
                view.bars = self.histogram(&numbers.bars, question.kind, it.counts.weighted);
            }
            Figures::Periods(periods) => view.bars = self.periods(periods, it.counts.weighted),
            Figures::Texts(texts) => {
                let line = |it: &domain::analysis::Sample| {
                    (cut(&it.text), record_address(self.form_id, &it.instance_id))
                };
                view.texts = texts.iter().map(line).collect();
                let has_any = it.counts.answered > 0;
                view.more = has_any.then(|| answers_address(self.form_id, self.campaign, &question.key));
            }
            Figures::Numbers(None) => {}
            Figures::None => view.notes.push(t.say("analysis-counted-only")),
        }
        view
    }

    fn notes(&self, it: &Question) -> Vec<String> {
        let t = self.t();
        let mut notes = vec![t.say(&format!("analysis-kind-{}", it.kind.as_str()))];
        if it.kind == Kind::Several {
            notes.push(t.say("analysis-several"));
        }
        if it.repeat.is_some() {
            notes.push(t.say("analysis-by-instances"));
        }
        if it.is_former {
            notes.push(t.say("analysis-former"));
        }
        notes
    }

    fn counts(&self, it: &Counts) -> Vec<String> {
        let t = self.t();
        let all = [
            ("analysis-answered", it.answered, true),
            ("analysis-blank", it.blank, true),
            ("analysis-not-asked", it.not_asked, it.not_asked > 0),
            ("analysis-other-versions", it.other_versions, it.other_versions > 0),
        ];
        all.into_iter().filter(|it| it.2).map(|(id, number, _)| t.with(id, "number", number)).collect()
    }

    /// A count, and its share of the whole; where it is weighted, the share by weight.
    fn value(&self, count: i64, weighted: f64, whole: f64) -> String {
        if whole <= 0.0 {
            return count.to_string();
        }
        format!("{count} · {}", percent_of(weighted / whole))
    }

    fn choice(&self, question: &Question, it: &ChoiceCount) -> BarView {
        let share = it.share.unwrap_or(0.0);
        let choice = it.choice.map(|it| &question.choices[it]);
        BarView {
            label: choice.map_or_else(|| self.t().say("analysis-rest"), |it| it.label.clone()),
            is_gone: choice.is_some_and(|it| !it.is_offered),
            value: match it.share {
                Some(share) => format!("{} · {}", it.count, percent_of(share)),
                None => it.count.to_string(),
            },
            length: thousandths(share),
        }
    }

    fn numbers(&self, it: &Numbers) -> Vec<(String, String)> {
        let all = [
            ("sum", it.sum),
            ("mean", it.mean),
            ("median", it.median),
            ("lower", it.lower_quartile),
            ("upper", it.upper_quartile),
            ("min", it.min),
            ("max", it.max),
        ];
        let figure = |number: f64| self.t().decimal(&shown((number * 100.0).round() / 100.0));
        all.map(|(word, number)| (self.t().say(&format!("analysis-{word}")), figure(number))).into()
    }

    fn histogram(&self, bars: &[Bar], kind: Kind, whole: f64) -> Vec<BarView> {
        let largest = bars.iter().map(|it| it.weighted).fold(0.0, f64::max);
        let label = |it: &Bar| match kind {
            Kind::Integer if it.to - it.from <= 1.0 => shown(it.from),
            Kind::Integer => format!("{}–{}", shown(it.from), shown(it.to - 1.0)),
            _ => self.t().with2("analysis-from-to", ("from", shown(it.from)), ("to", shown(it.to))),
        };
        let bar = |it: &Bar| self.bar(label(it), (it.count, it.weighted), whole, largest);
        bars.iter().map(bar).collect()
    }

    fn periods(&self, periods: &[Period], whole: f64) -> Vec<BarView> {
        let largest = periods.iter().map(|it| it.weighted).fold(0.0, f64::max);
        let bar = |it: &Period| self.bar(it.name.clone(), (it.count, it.weighted), whole, largest);
        periods.iter().map(bar).collect()
    }

    fn bar(&self, label: String, (count, weighted): (i64, f64), whole: f64, largest: f64) -> BarView {
        let length = if largest > 0.0 { thousandths(weighted / largest) } else { 0 };
        BarView { label, is_gone: false, value: self.value(count, weighted, whole), length }
    }

    pub fn cross(&self, answers: &Answers, it: &Cross, columns_label: String) -> Result<CrossView, Refusal> {
        let t = self.t();
        let codes = it.rows.iter().chain(&it.columns).filter_map(|it| match it {
            Point::Area(code) => Some(code.as_str()),
            _ => None,
        });
        let names = AreaNames::of_codes(self.ctx, codes)?;
        let label = |of: Option<usize>, point: &Point| self.point(answers, &names, of, point);
        let cells = |row: &[CrossCell], whole: &CrossCell| {
            let own = row.iter().zip(&it.column_totals).map(|(cell, column)| self.cell(cell, whole, column));
            own.chain([self.cell(whole, whole, &it.total)]).collect()
        };
        let row = |((point, row), whole): ((&Point, &Vec<CrossCell>), &CrossCell)| CrossRow {
            label: label(Some(it.question), point),
            cells: cells(row, whole),
        };
        let mut notes = Vec::new();
        if it.overlaps {
            notes.push(t.say("analysis-overlaps"));
        }
        if it.is_of_repeat {
            notes.push(t.say("analysis-by-instances"));
        }
        if it.left_out > 0 {
            notes.push(t.with("analysis-cross-left-out", "number", it.left_out));
        }
        if self.is_weighted() {
            notes.push(t.say("analysis-cross-weighted"));
        }
        Ok(CrossView {
            rows_label: answers.questions[it.question].label.clone(),
            columns_label,
            columns: it.columns.iter().map(|point| label(it.by, point)).collect(),
            rows: it.rows.iter().zip(&it.cells).zip(&it.row_totals).map(row).collect(),
            totals: CrossRow { label: t.say("analysis-total"), cells: cells(&it.column_totals, &it.total) },
            notes,
        })
    }

    fn cell(&self, it: &CrossCell, row: &CrossCell, column: &CrossCell) -> CellView {
        let share = |of: &CrossCell| it.share(of).map(percent_of).unwrap_or_default();
        CellView {
            count: it.count.to_string(),
            of_row: share(row),
            of_column: share(column),
            weighted: self.is_weighted().then(|| shown_short(it.weighted)),
        }
    }

    fn point(&self, answers: &Answers, names: &AreaNames, of: Option<usize>, it: &Point) -> String {
        match it {
            Point::Choice(choice) => {
                of.map_or_else(String::new, |of| answers.questions[of].choices[*choice].label.clone())
            }
            Point::Area(code) => names.name(code).unwrap_or(code).to_owned(),
            Point::Campaign(id) => {
                let found = answers.campaigns.iter().find(|it| it.0 == *id);
                found.map_or_else(|| id.to_string(), |it| it.1.clone())
            }
            Point::Without => self.t().say("analysis-without"),
        }
    }
}

/// At most so much of an open answer stands beside its counts.
const CUT_CHARS: usize = 120;

fn cut(text: &str) -> String {
    match text.char_indices().nth(CUT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn thousandths(share: f64) -> i64 {
    (share * 1_000.0).round().clamp(0.0, 1_000.0) as i64
}

pub fn percent_of(share: f64) -> String {
    percent(thousandths(share))
}

/// At most six digits behind the point, and no dust.
pub fn shown(number: f64) -> String {
    let number = rounded(number);
    if number.abs() >= 1e15 { format!("{number:e}") } else { number.to_string() }
}

/// Weights and other sizes: one digit is enough.
pub fn shown_short(number: f64) -> String {
    format!("{number:.1}")
}
