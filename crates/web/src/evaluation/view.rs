//! What templates of the evaluation see.

use domain::{
    Ctx,
    evaluation::{
        self, COLLECTOR_RATES, Comparison, Counted, Evaluation, Figure, Figures, POST_RATES, Period, Posts,
        RATES, Rate, WorkFigure, WorkFigures, WorkOffice,
    },
};

use crate::{shell::Shell, table::percent};

/// One row of the table: an area, a body, an office or a person, and its rates.
pub struct RateRow {
    pub name: String,
    /// More about it, such as that an area has ended.
    pub note: Option<String>,
    /// Where the row is taken apart further.
    pub address: Option<String>,
    pub cells: Vec<RateCell>,
}

/// A rate with what it is made of; numerator and denominator open their cases.
pub struct RateCell {
    pub label: String,
    /// None where there is nothing to take a share of.
    pub percent: Option<String>,
    pub numerator: Part,
    pub denominator: Part,
    /// The rate with what decisions leave out and appeals exempt, where that makes a difference.
    pub adjusted: Option<Adjusted>,
    /// How it stood in the period before, and a year before, in words.
    pub compared: Vec<String>,
}

pub struct Adjusted {
    pub percent: String,
    pub numerator: Part,
    pub denominator: Part,
}

pub struct Part {
    pub count: String,
    pub label: String,
    /// None for those who may count and not read.
    pub address: Option<String>,
}

/// What the rows of the page are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Area,
    Organization,
    Post,
    Collector,
}

impl By {
    pub const ALL: [By; 4] = [By::Area, By::Organization, By::Post, By::Collector];

    pub fn as_str(self) -> &'static str {
        match self {
            By::Area => "area",
            By::Organization => "organization",
            By::Post => "post",
            By::Collector => "collector",
        }
    }

    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|it| it.as_str() == text).unwrap_or(By::Area)
    }

    /// The posts that it means, if it means posts.
    pub fn posts(self) -> Option<Posts> {
        match self {
            By::Area | By::Organization => None,
            By::Post => Some(Posts::Desk),
            By::Collector => Some(Posts::Grid),
        }
    }

    /// The message that names a row's first column.
    pub fn head(self) -> &'static str {
        match self {
            By::Post => "evaluation-office",
            By::Collector => "evaluation-team",
            By::Area | By::Organization => "evaluation-name",
        }
    }
}

/// Whose figures, and when: what the addresses of a page keep.
pub struct Question {
    pub area: String,
    pub period: Period,
    pub by: By,
}

impl Question {
    pub fn address(&self, path: &str) -> String {
        let (first, last) = (self.period.first, self.period.last);
        format!("{path}?area={}&from={first}&to={last}&by={}", self.area, self.by.as_str())
    }

    fn cases(&self, row: Option<&evaluation::Row>, figure: Figure, adjusted: bool) -> String {
        let (area, body) = match (self.by, row) {
            (_, None) => (self.area.as_str(), String::new()),
            (By::Area, Some(row)) => (row.key.as_str(), String::new()),
            (_, Some(row)) => (self.area.as_str(), format!("&organization={}", row.key)),
        };
        let adjusted = if adjusted { "&adjusted=yes" } else { "" };
        let (from, to) = (self.period.first, self.period.last);
        format!(
            "/evaluation/cases?area={area}&from={from}&to={to}&figure={}{body}{adjusted}",
            figure.as_str()
        )
    }

    pub fn total(&self, shell: &Shell, it: &Evaluation, compared: Option<&Comparison>) -> Vec<RateCell> {
        let cell = |rate: &Rate<Figure>| {
            let address = |figure, adjusted| it.opens.then(|| self.cases(None, figure, adjusted));
            let words = compared.map(|it| {
                let of = |words: &str, counted: &Counted| {
                    let then =
                        rate.permille(|figure| counted.all.get(figure)).map_or("–".to_owned(), percent);
                    shell.t.with(words, "percent", then.as_str())
                };
                vec![
                    of("evaluation-before-was", &it.before.1),
                    of("evaluation-year-before-was", &it.year_before.1),
                ]
            });
            RateCell { compared: words.unwrap_or_default(), ..counted_cell(shell, *rate, &it.total, address) }
        };
        RATES.iter().map(cell).collect()
    }

    pub fn rows(&self, ctx: &Ctx, shell: &Shell, it: &Evaluation) -> Vec<RateRow> {
        let row = |row: &evaluation::Row| {
            // What no body had is no body's list, and what lies in no part, or in one that ended, is no area's.
            let is_own = row.key == self.area;
            let opens = it.opens && !row.key.is_empty() && (self.by != By::Area || row.in_force);
            let address = |figure, adjusted| opens.then(|| self.cases(Some(row), figure, adjusted));
            let deeper = Question { area: row.key.clone(), period: self.period, by: self.by };
            let note = (self.by == By::Area && !row.in_force)
                .then(|| shell.t.say(if is_own { "evaluation-area-own" } else { "evaluation-area-ended" }));
            RateRow {
                name: if row.key.is_empty() { shell.t.say("evaluation-no-body") } else { row.name.clone() },
                note,
                address: (row.in_force && evaluation::may_evaluate(ctx, &row.key))
                    .then(|| deeper.address("/evaluation")),
                cells: RATES.iter().map(|rate| counted_cell(shell, *rate, &row.counted, address)).collect(),
            }
        };
        it.rows.iter().map(row).collect()
    }
}

fn counted_cell(
    shell: &Shell,
    rate: Rate<Figure>,
    counted: &Counted,
    address: impl Fn(Figure, bool) -> Option<String>,
) -> RateCell {
    let part = |figures: &Figures, figure, adjusted| {
        let label = figure_label(shell, figure);
        Part::new(shell, figures.get(figure), label, address(figure, adjusted))
    };
    let of = |figures: &Figures| (figures.get(rate.numerator), figures.get(rate.denominator));
    let adjusted = (of(&counted.all) != of(&counted.adjusted)).then(|| Adjusted {
        percent: rate.permille(|it| counted.adjusted.get(it)).map_or("–".to_owned(), percent),
        numerator: part(&counted.adjusted, rate.numerator, true),
        denominator: part(&counted.adjusted, rate.denominator, true),
    });
    RateCell {
        label: rate_label(shell, rate.name),
        percent: rate.permille(|it| counted.all.get(it)).map(percent),
        numerator: part(&counted.all, rate.numerator, false),
        denominator: part(&counted.all, rate.denominator, false),
        adjusted,
        compared: Vec::new(),
    }
}

/// The rates of an office's work, or of a person's in it.
pub fn work_cells(
    shell: &Shell,
    posts: Posts,
    figures: &WorkFigures,
    address: impl Fn(WorkFigure) -> Option<String>,
) -> Vec<RateCell> {
    let part = |figure: WorkFigure| {
        Part::new(shell, figures.get(figure), work_label(shell, figure), address(figure))
    };
    let cell = |rate: &Rate<WorkFigure>| RateCell {
        label: rate_label(shell, rate.name),
        percent: rate.permille(|it| figures.get(it)).map(percent),
        numerator: part(rate.numerator),
        denominator: part(rate.denominator),
        adjusted: None,
        compared: Vec::new(),
    };
    work_rates(posts).iter().map(cell).collect()
}

pub fn work_rates(posts: Posts) -> &'static [Rate<WorkFigure>] {
    match posts {
        Posts::Desk => &POST_RATES,
        Posts::Grid => &COLLECTOR_RATES,
    }
}

/// How an office stands in an address.
pub fn office_query(office: WorkOffice) -> String {
    let role = office.role.map(|role| format!("&role={}", role.as_str())).unwrap_or_default();
    format!("organization={}{role}", office.organization)
}

/// The body, and the role of it that is meant.
pub fn office_name(shell: &Shell, body: &str, office: WorkOffice) -> String {
    match office.role {
        Some(role) => format!("{body} · {}", shell.t.say(&format!("role-{}", role.as_str()))),
        None => body.to_owned(),
    }
}

impl Part {
    fn new(shell: &Shell, count: i64, label: String, address: Option<String>) -> Self {
        Self { count: shell.t.number(count), label, address: address.filter(|_| count > 0) }
    }
}

pub fn rate_label(shell: &Shell, name: &str) -> String {
    shell.t.say(&format!("rate-{name}"))
}

pub fn figure_label(shell: &Shell, figure: Figure) -> String {
    shell.t.say(&format!("figure-{}", figure.as_str()))
}

pub fn work_label(shell: &Shell, figure: WorkFigure) -> String {
    shell.t.say(&format!("work-{}", figure.as_str()))
}
