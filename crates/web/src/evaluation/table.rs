//! The figures as a table for other programs.

use domain::{
    Ctx, area,
    evaluation::{self, Counted, Evaluation, Figure, OfficeWork, Period, Posts, RATES, Rate, WorkFigure},
};

use super::view::{figure_label, office_name, rate_label, work_label, work_rates};
use crate::{
    shell::Shell,
    table::{Cell, Table},
};

/// The whole first, then its parts: each figure as it is, then the rates, then what decisions make of these.
pub fn of_cases(ctx: &Ctx, shell: &Shell, area: &area::Area, period: Period, found: &Evaluation) -> Table {
    let mut head = vec![shell.t.say("evaluation-key"), shell.t.say("evaluation-name")];
    head.extend(Figure::ALL.iter().map(|figure| figure_label(shell, *figure)));
    head.extend(RATES.iter().map(|rate| rate_label(shell, rate.name)));
    let adjusted = |rate: &Rate<Figure>| {
        shell.t.with("evaluation-adjusted-rate", "rate", rate_label(shell, rate.name).as_str())
    };
    head.extend(RATES.iter().map(adjusted));
    let whole = (area.code.as_str(), area.name.as_str(), &found.total);
    let parts = found.rows.iter().map(|row| (row.key.as_str(), row.name.as_str(), &row.counted));
    let row = |(key, name, counted): (&str, &str, &Counted)| {
        let mut row = vec![Cell::Text(key.to_owned()), Cell::Text(name.to_owned())];
        row.extend(Figure::ALL.iter().map(|figure| Cell::Count(counted.all.get(*figure))));
        row.extend(RATES.iter().map(|rate| Cell::Share(rate.permille(|it| counted.all.get(it)))));
        row.extend(RATES.iter().map(|rate| Cell::Share(rate.permille(|it| counted.adjusted.get(it)))));
        row
    };
    let rows = std::iter::once(whole).chain(parts).map(row).collect();
    let table = Table { head, rows, name: name(area, period), title: "evaluation-title" };
    dated(table, ctx, shell, period)
}

/// The work of offices.
pub fn of_work(
    ctx: &Ctx,
    shell: &Shell,
    area: &area::Area,
    period: Period,
    (posts, offices): (Posts, &[OfficeWork]),
) -> Table {
    let mut head = vec![shell.t.say("evaluation-key"), shell.t.say("evaluation-name")];
    head.extend(WorkFigure::ALL.iter().map(|figure| work_label(shell, *figure)));
    head.extend(work_rates(posts).iter().map(|rate| rate_label(shell, rate.name)));
    let row = |it: &evaluation::OfficeWork| {
        let name = office_name(shell, &it.name, it.office);
        let mut row = vec![Cell::Text(it.office.organization.to_string()), Cell::Text(name)];
        row.extend(WorkFigure::ALL.iter().map(|figure| Cell::Count(it.figures.get(*figure))));
        let share = |rate: &Rate<WorkFigure>| Cell::Share(rate.permille(|figure| it.figures.get(figure)));
        row.extend(work_rates(posts).iter().map(share));
        row
    };
    let rows = offices.iter().map(row).collect();
    let table = Table { head, rows, name: name(area, period), title: "evaluation-title" };
    dated(table, ctx, shell, period)
}

/// With the period and the moment of counting in each row, so that no row loses them.
fn dated(mut table: Table, ctx: &Ctx, shell: &Shell, period: Period) -> Table {
    let heads = ["evaluation-from", "evaluation-to", "evaluation-as-of"];
    table.head.extend(heads.map(|it| shell.t.say(it)));
    for row in &mut table.rows {
        let moments = [period.first.to_string(), period.last.to_string(), ctx.now.to_string()];
        row.extend(moments.map(Cell::Text));
    }
    table
}

fn name(area: &area::Area, period: Period) -> String {
    format!("evaluation-{}-{}-{}", area.code, period.first, period.last)
}
