//! The report of one unit, by hand.

use std::collections::HashMap;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Faults, Message, Refusal,
    statistic::{self, CellValue, Outcome, Period, Plan, Report, ReportCell, ValueType},
};

use super::{Of, address, cell_words, current, set_of};
use crate::{
    sent::{PageForm, PagePath, PageQuery},
    shell::{self, FormFaults, Shell},
    statistic::view::{day_words, option, period_words, source_name, value, words},
    visitor::Visitor,
};

#[derive(Template)]
#[template(path = "statistic/report.html")]
struct ReportPage {
    shell: Shell,
    title: String,
    area: String,
    period: String,
    due: String,
    action: String,
    stamp: String,
    groups: Vec<(Option<String>, Vec<Field>)>,
    faults: FormFaults,
    /// Rules that do not hold, in words.
    broken: Vec<String>,
    /// Somebody entered something since the page was shown.
    is_stale: bool,
    reason: String,
    entered: Option<u64>,
    /// All is known from elsewhere.
    is_known: bool,
}

struct Field {
    name: String,
    label: String,
    unit: String,
    value: String,
    is_money: bool,
    /// What came from elsewhere: the value and where from.
    known: Option<(String, String)>,
    is_open: bool,
    before: Option<String>,
    /// What stands there now, where that is not what was sent.
    now: Option<String>,
}

/// What was sent, and what came of it.
#[derive(Default)]
struct Tried {
    values: HashMap<String, String>,
    reason: String,
    faults: FormFaults,
    plan: Option<Plan>,
    is_stale: bool,
}

pub async fn show(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(of): PageQuery<Of>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let period = of.period(ctx, set_of(ctx, &code)?)?;
            let report = statistic::report(ctx, &code, &of.area(ctx)?, period)?;
            page(ctx, shell, (&code, &report), Tried::default(), of.entered)
        })
        .await
}

fn page(
    ctx: &Ctx,
    mut shell: Shell,
    (code, report): (&str, &Report),
    tried: Tried,
    entered: Option<u64>,
) -> Result<Response, Refusal> {
    current(&mut shell);
    let set = set_of(ctx, code)?;
    let mut groups: Vec<(Option<String>, Vec<Field>)> = Vec::new();
    for code in &set.elements {
        let cells = report.cells.iter().filter(|it| it.element == *code);
        let fields: Vec<Field> = cells.map(|it| field(ctx, &shell, it, &tried)).collect();
        let element = ctx.city.statistic.element(code).filter(|_| !fields.is_empty());
        // What is not taken apart needs no heading beside its label.
        let heading = |it: &statistic::Element| it.disaggregation.as_ref().map(|_| words(&shell, &it.label));
        groups.extend(element.map(|it| (heading(it), fields)));
    }
    let plan = tried.plan.as_ref();
    let broken =
        plan.map_or_else(Vec::new, |it| it.broken.iter().map(|it| broken(ctx, &shell, code, it)).collect());
    let is_refused = plan.is_some() || !tried.faults.is_empty();
    let page = ReportPage {
        title: words(&shell, &set.label),
        area: report.area.name.clone(),
        period: period_words(&shell, report.period),
        due: day_words(&shell, report.due),
        action: address(code, "/report", &report.area.code, report.period),
        stamp: report.stamp.clone(),
        is_known: !report.cells.iter().any(ReportCell::is_open),
        groups,
        is_stale: tried.is_stale,
        faults: tried.faults,
        broken,
        reason: tried.reason,
        entered,
        shell,
    };
    shell::html(if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// A rule that does not hold, with both its sides.
pub fn broken(ctx: &Ctx, shell: &Shell, code: &str, it: &statistic::Broken) -> String {
    let set = ctx.city.statistic.data_set(code);
    let rule = set.and_then(|set| set.rules.iter().find(|rule| rule.code == it.rule));
    let label = rule.map(|rule| words(shell, &rule.label)).unwrap_or_default();
    let side = |it: statistic::Ratio| {
        shell.t.decimal(it.to_decimal(2).trim_end_matches(['0']).trim_end_matches('.'))
    };
    let sides = shell.t.with2("data-set-sides", ("left", side(it.left)), ("right", side(it.right)));
    shell.t.with2("data-set-broken", ("rule", label), ("sides", sides))
}

fn field(ctx: &Ctx, shell: &Shell, it: &ReportCell, tried: &Tried) -> Field {
    let definitions = &ctx.city.statistic;
    let element = definitions.element(&it.element);
    let digits = |number: i64| element.map(|of| value(of, number)).unwrap_or_default();
    let name = name(&it.element, &it.option);
    let now = it.value.map(digits);
    let sent = tried.values.get(&name).map(|it| it.trim().to_owned());
    let is_other =
        tried.is_stale && sent.as_deref().unwrap_or_default() != now.as_deref().unwrap_or_default();
    let known = it.known.as_ref().map(|(number, sources)| {
        let sources: Vec<String> = sources.iter().map(|it| source_name(ctx, shell, it)).collect();
        (shell.t.decimal(&digits(*number)), sources.join(" · "))
    });
    let label = match (element, it.option.as_str()) {
        (Some(of), "") => words(shell, &of.label),
        (Some(of), code) => option(ctx, shell, of, code),
        (None, _) => it.element.clone(),
    };
    let unit = element.and_then(|of| definitions.unit(&of.unit));
    Field {
        label,
        unit: unit.map(|it| words(shell, &it.label)).unwrap_or_default(),
        is_money: element.is_some_and(|it| it.value_type == ValueType::Money),
        known,
        is_open: it.is_open(),
        before: it.before.map(|it| shell.t.decimal(&digits(it))),
        value: sent.or_else(|| now.clone()).unwrap_or_default(),
        now: is_other.then(|| now.unwrap_or_else(|| shell.t.say("data-set-nothing"))),
        name,
    }
}

/// Of the field of a cell.
fn name(element: &str, option: &str) -> String {
    if option.is_empty() { element.to_owned() } else { format!("{element}.{option}") }
}

pub async fn enter(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(of): PageQuery<Of>,
    PageForm(values): PageForm<HashMap<String, String>>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let period = of.period(ctx, set_of(ctx, &code)?)?;
            let area = of.area(ctx)?;
            let report = statistic::report(ctx, &code, &area, period)?;
            let reason = values.get("reason").cloned().unwrap_or_default();
            let seen = values.get("stamp").cloned().unwrap_or_default();
            let sent = match read(ctx, &shell, &report, &values) {
                Ok(sent) => sent,
                Err(faults) => {
                    let faults = FormFaults::new(&shell.t, &faults);
                    return page(
                        ctx,
                        shell,
                        (&code, &report),
                        Tried { values, reason, faults, ..Tried::default() },
                        None,
                    );
                }
            };
            match statistic::enter_report(ctx, &code, (&area, period), &sent, (&seen, &reason)) {
                Err(Refusal::Invalid(faults)) => {
                    let faults = FormFaults::new(&shell.t, &faults);
                    let tried = Tried { values, reason, faults, ..Tried::default() };
                    page(ctx, shell, (&code, &report), tried, None)
                }
                Err(refusal) => Err(refusal),
                Ok(Outcome::Entered(changed)) => Ok(done(&code, &area, period, changed)),
                Ok(Outcome::Look(plan)) => {
                    let is_stale = plan.stamp != seen;
                    let report = statistic::report(ctx, &code, &area, period)?;
                    let tried = Tried { values, reason, is_stale, plan: Some(plan), ..Tried::default() };
                    page(ctx, shell, (&code, &report), tried, None)
                }
            }
        })
        .await
}

fn done(code: &str, area: &str, period: Period, changed: statistic::ImportReport) -> Response {
    let number = changed.added + changed.corrected + changed.withdrawn;
    let address = address(code, "/report", area, period);
    Redirect::to(&format!("{address}&entered={number}")).into_response()
}

/// The values of all fields; an empty one takes back what stood there.
fn read(
    ctx: &Ctx,
    shell: &Shell,
    report: &Report,
    values: &HashMap<String, String>,
) -> Result<Vec<CellValue>, Vec<domain::Fault>> {
    let (mut sent, mut faults) = (Vec::new(), Faults::default());
    for cell in report.cells.iter().filter(|it| it.is_open()) {
        let Some(element) = ctx.city.statistic.element(&cell.element) else { continue };
        let name = name(&cell.element, &cell.option);
        let text = values.get(&name).map_or("", |it| it.trim());
        let value = if text.is_empty() { None } else { statistic::number(element.value_type, text) };
        if value.is_none() && !text.is_empty() {
            let id = match element.value_type {
                ValueType::Count => "fault-statistic-count",
                ValueType::Money => "fault-statistic-money",
            };
            let label = cell_words(ctx, shell, &cell.element, &cell.option);
            faults.add(name, Message::new(id).with("label", label));
            continue;
        }
        sent.push(CellValue { element: cell.element.clone(), option: cell.option.clone(), value });
    }
    match faults.check() {
        Err(Refusal::Invalid(faults)) => Err(faults),
        _ => Ok(sent),
    }
}
