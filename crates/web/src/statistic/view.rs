//! What templates of the statistics see: words ready to show.

use domain::{
    Ctx, case,
    statistic::{Figure, Indicator, State},
};
use kernel::Timestamp;

use crate::{shell::Shell, table::Cell};

/// One figure of an area.
pub struct FigureRow {
    /// The indicator's name, or that of a part of the area.
    pub label: String,
    /// What it says.
    pub definition: String,
    /// None where nothing was reported.
    pub value: Option<String>,
    pub unit: String,
    pub is_hidden: bool,
    /// For the bar beside it: 0 to 1,000 of the largest of its table.
    pub share: Option<i64>,
    pub period: Option<String>,
    pub latest_at: Option<Timestamp>,
    pub completeness: Option<(i64, i64)>,
    pub address: Option<String>,
}

impl FigureRow {
    pub fn new(ctx: &Ctx, shell: &Shell, indicator: &Indicator, figure: &Figure) -> Self {
        let definitions = &ctx.city.statistic;
        Self {
            label: words(shell, &indicator.label),
            definition: words(shell, &indicator.definition),
            value: text(indicator, figure).map(|it| shell.t.decimal(&it)),
            unit: definitions.unit(&indicator.unit).map(|it| words(shell, &it.label)).unwrap_or_default(),
            is_hidden: figure.value == State::Hidden,
            share: None,
            period: period(indicator, figure),
            latest_at: figure.latest_at,
            completeness: figure.completeness.map(|it| (it.arrived, it.expected)),
            address: None,
        }
    }
}

pub fn words(shell: &Shell, label: &case::Label) -> String {
    case::words(label, shell.language()).to_owned()
}

/// The value as it is shown; none where there is none to show.
pub fn text(indicator: &Indicator, figure: &Figure) -> Option<String> {
    match figure.value {
        State::Value(value) => Some(value.to_decimal(indicator.decimals)),
        State::None | State::Hidden => None,
    }
}

/// The period in its words: that of the indicator, or the latest that it was counted for.
pub fn period(indicator: &Indicator, figure: &Figure) -> Option<String> {
    let latest = || figure.periods.as_ref().map(|it| it.0.clone());
    indicator.period.map(|it| it.to_string()).or_else(latest)
}

/// The cells of a figure in a table file: value, unit, period, reports and when the latest came in.
pub fn cells(ctx: &Ctx, shell: &Shell, indicator: &Indicator, figure: &Figure) -> Vec<Cell> {
    let row = FigureRow::new(ctx, shell, indicator, figure);
    // Programs read digits alone.
    let value = match (text(indicator, figure), row.is_hidden) {
        (Some(value), _) => Cell::Decimal(value),
        (None, true) => Cell::Text(shell.t.say("statistic-hidden")),
        (None, false) => Cell::Text(String::new()),
    };
    let count = |it: Option<i64>| it.map_or(Cell::Text(String::new()), Cell::Count);
    vec![
        value,
        Cell::Text(row.unit),
        Cell::Text(row.period.unwrap_or_default()),
        count(row.completeness.map(|it| it.0)),
        count(row.completeness.map(|it| it.1)),
        Cell::Text(row.latest_at.map(|it| it.to_string()).unwrap_or_default()),
    ]
}

/// The messages that head these cells.
pub const HEADS: [&str; 6] = [
    "statistic-value",
    "statistic-unit",
    "statistic-period",
    "statistic-arrived",
    "statistic-expected",
    "statistic-latest",
];
