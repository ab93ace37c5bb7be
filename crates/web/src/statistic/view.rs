//! What templates of the statistics see: words ready to show.

use domain::{
    Ctx, case,
    statistic::{Element, Figure, Indicator, Period, PeriodKind, Ratio, Source, State},
};
use jiff::civil::{Date, Time};
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
    /// It is rounded for this reader.
    pub is_rounded: bool,
    /// For the bar beside it: 0 to 1,000 of the largest of its table.
    pub share: Option<i64>,
    pub period: Option<String>,
    /// When something last came: for programs, and for people.
    pub latest: Option<(String, String)>,
    pub completeness: Option<(i64, i64)>,
    pub address: Option<String>,
}

impl FigureRow {
    pub fn new(ctx: &Ctx, shell: &Shell, indicator: &Indicator, figure: &Figure) -> Self {
        let definitions = &ctx.city.statistic;
        Self {
            label: words(shell, &indicator.label),
            definition: words(shell, &indicator.definition),
            value: text(indicator, figure).map(|it| {
                let digits = shell.t.decimal(&it);
                if is_rounded(figure) { shell.t.with("statistic-about", "value", digits) } else { digits }
            }),
            unit: definitions.unit(&indicator.unit).map(|it| words(shell, &it.label)).unwrap_or_default(),
            is_hidden: figure.value == State::Hidden,
            is_rounded: is_rounded(figure),
            share: None,
            period: period(indicator, figure),
            latest: figure.latest_at.map(|at| moment(shell, at, figure.is_coarse)),
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

/// Whether the value is not exact for this reader. None is none.
pub fn is_rounded(figure: &Figure) -> bool {
    figure.is_coarse && matches!(figure.value, State::Value(value) if value != Ratio::whole(0))
}

/// For programs and for people; by the day alone, where a moment could show who is meant.
pub fn moment(shell: &Shell, at: Timestamp, is_coarse: bool) -> (String, String) {
    match is_coarse {
        true => (at.civil().date().to_string(), shell.t.date(at, shell.now)),
        false => (at.to_string(), shell.t.moment(at, shell.now)),
    }
}

/// Name, provenance and time of a source.
pub fn source(ctx: &Ctx, shell: &Shell, it: &Source, is_coarse: bool) -> (String, String, String) {
    let (_, time) = moment(shell, it.received_at, is_coarse);
    (source_name(ctx, shell, &it.name), it.provenance.clone(), time)
}

/// The city's own tables have no name in the database, and data sets their code, since a name would be in one language.
pub fn source_name(ctx: &Ctx, shell: &Shell, name: &str) -> String {
    match (name, ctx.city.statistic.data_set(name)) {
        ("", _) => shell.t.say("statistic-source-counted"),
        (_, Some(set)) => words(shell, &set.label),
        (name, None) => name.to_owned(),
    }
}

/// A value of an element, as it is kept, in digits.
pub fn value(element: &Element, value: i64) -> String {
    let scale = Ratio::whole(element.value_type.scale());
    let decimals = Indicator::of(element, None, None).decimals;
    Ratio::whole(value).by(scale).map(|it| it.to_decimal(decimals)).unwrap_or_default()
}

/// A period in words.
pub fn period_words(shell: &Shell, period: Period) -> String {
    let (year, month) = (period.first.year(), period.first.month());
    match period.kind {
        PeriodKind::Year => shell.t.with("period-year", "year", year),
        PeriodKind::Quarter => {
            shell.t.with2("period-quarter", ("year", year), ("quarter", (month - 1) / 3 + 1))
        }
        PeriodKind::Month => {
            shell.t.with2("period-month", ("year", year), ("month", shell.t.say(&format!("month-{month}"))))
        }
        PeriodKind::Day => day_words(shell, period.first),
    }
}

/// A day in words.
pub fn day_words(shell: &Shell, day: Date) -> String {
    shell.t.date(Timestamp::from_civil(day.to_datetime(Time::midnight())), shell.now)
}

/// The value, where there is one to show.
pub fn number(figure: &Figure) -> Option<Ratio> {
    match figure.value {
        State::Value(value) => Some(value),
        State::None | State::Hidden => None,
    }
}

/// 0 to 1,000 of the largest.
pub fn share(value: Ratio, largest: Ratio) -> Option<i64> {
    value.by(largest)?.times(Ratio::whole(1_000))?.to_decimal(0).parse().ok()
}

/// What people read for an option of an element: its code, where it is no longer defined.
pub fn option(ctx: &Ctx, shell: &Shell, element: &Element, code: &str) -> String {
    let found = ctx.city.statistic.options(element).iter().find(|it| it.code == code);
    found.map_or_else(|| code.to_owned(), |it| words(shell, &it.label))
}

/// The period in its words: that of the indicator, or the latest that it was counted for.
pub fn period(indicator: &Indicator, figure: &Figure) -> Option<String> {
    let latest = || figure.periods.as_ref().map(|it| it.0.clone());
    indicator.period.map(|it| it.to_string()).or_else(latest)
}

/// The cells of a figure in a table file: value, unit, period, reports, when the latest came in and whether it is rounded.
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
        Cell::Text(row.latest.map(|it| it.0).unwrap_or_default()),
        Cell::Text(if row.is_rounded { shell.t.say("statistic-rounded-yes") } else { String::new() }),
    ]
}

/// The messages that head these cells.
pub const HEADS: [&str; 7] = [
    "statistic-value",
    "statistic-unit",
    "statistic-period",
    "statistic-arrived",
    "statistic-expected",
    "statistic-latest",
    "statistic-rounded",
];
