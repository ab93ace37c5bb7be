//! What templates of the evaluation see.

use domain::{
    Ctx,
    evaluation::{self, Evaluation, Figure, Figures, Period, RATES, Rate},
};

use crate::shell::Shell;

/// One row of the table: an area or a body, and its rates.
pub struct RateRow {
    pub name: String,
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
}

pub struct Part {
    pub count: String,
    pub label: String,
    /// None for those who may count and not read.
    pub address: Option<String>,
}

/// Whose figures, and when: what the addresses of a page keep.
pub struct Question {
    pub area: String,
    pub period: Period,
    pub by: &'static str,
}

impl Question {
    pub fn address(&self, path: &str) -> String {
        format!("{path}?area={}&from={}&to={}&by={}", self.area, self.period.first, self.period.last, self.by)
    }

    fn cases(&self, row: Option<&evaluation::Row>, figure: Figure) -> String {
        let (area, body) = match (self.by, row) {
            (_, None) => (self.area.as_str(), String::new()),
            ("area", Some(row)) => (row.key.as_str(), String::new()),
            (_, Some(row)) => (self.area.as_str(), format!("&organization={}", row.key)),
        };
        let (from, to) = (self.period.first, self.period.last);
        format!("/evaluation/cases?area={area}&from={from}&to={to}&figure={}{body}", figure.as_str())
    }

    pub fn total(&self, shell: &Shell, evaluation: &Evaluation) -> Vec<RateCell> {
        let part = |figure| {
            let address = evaluation.opens.then(|| self.cases(None, figure));
            Part::new(shell, &evaluation.total, figure, address)
        };
        RATES.iter().map(|rate| RateCell::new(shell, *rate, &evaluation.total, part)).collect()
    }

    pub fn rows(&self, ctx: &Ctx, shell: &Shell, evaluation: &Evaluation) -> Vec<RateRow> {
        let row = |row: &evaluation::Row| {
            // What no body had is no body's list.
            let opens = evaluation.opens && !row.key.is_empty();
            let part =
                |figure| Part::new(shell, &row.figures, figure, opens.then(|| self.cases(Some(row), figure)));
            let deeper = Question { area: row.key.clone(), period: self.period, by: self.by };
            RateRow {
                name: if row.key.is_empty() { shell.t.say("evaluation-no-body") } else { row.name.clone() },
                address: (self.by == "area" && evaluation::may_evaluate(ctx, &row.key))
                    .then(|| deeper.address("/evaluation")),
                cells: RATES.iter().map(|rate| RateCell::new(shell, *rate, &row.figures, part)).collect(),
            }
        };
        evaluation.rows.iter().map(row).collect()
    }
}

impl RateCell {
    fn new(shell: &Shell, rate: Rate, figures: &Figures, part: impl Fn(Figure) -> Part) -> Self {
        Self {
            label: shell.t.say(&format!("rate-{}", rate.name)),
            percent: rate.permille(figures).map(percent),
            numerator: part(rate.numerator),
            denominator: part(rate.denominator),
        }
    }
}

impl Part {
    fn new(shell: &Shell, figures: &Figures, figure: Figure, address: Option<String>) -> Self {
        let count = figures.get(figure);
        Self {
            count: shell.t.number(count),
            label: figure_label(shell, figure),
            address: address.filter(|_| count > 0),
        }
    }
}

pub fn figure_label(shell: &Shell, figure: Figure) -> String {
    shell.t.say(&format!("figure-{}", figure.as_str()))
}

/// `667` as `66.7%`.
pub fn percent(permille: i64) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}
