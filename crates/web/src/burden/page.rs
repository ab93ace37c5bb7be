use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Message, Refusal,
    burden::{self, LIMIT_FORMS_MAX, LIMIT_QUESTIONS_MAX, Ledger, Limit, Line, Month},
};
use kernel::{AreaPath, Tier};
use serde::Deserialize;

use crate::{
    case::view::AreaNames,
    locale::Translator,
    sent::{PageForm, PageQuery},
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

#[derive(Template)]
#[template(path = "burden/ledger.html")]
struct LedgerPage {
    shell: Shell,
    /// Names and addresses of the areas above, as far as they may be seen; the last is the one that is shown.
    trail: Vec<(String, String)>,
    month: String,
    before: String,
    /// None of the month that is still to come.
    after: Option<String>,
    total: Row,
    areas: Vec<Row>,
    posts: Vec<Row>,
    is_cut: bool,
    limits: Vec<String>,
    code: String,
    may_limit: bool,
    faults: FormFaults,
    typed: LimitForm,
    forms_max: i64,
    questions_max: i64,
}

/// Sums as they are shown.
#[derive(Default)]
struct Row {
    name: String,
    address: Option<String>,
    forms: i64,
    questions: i64,
    minutes: String,
    again: i64,
    /// The most that one unit there was asked, where there are several.
    most: Option<i64>,
    is_over: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct At {
    area: String,
    month: String,
}

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct LimitForm {
    area: String,
    month: String,
    forms: String,
    questions: String,
}

pub async fn show(visitor: Visitor, PageQuery(at): PageQuery<At>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let sent = LimitForm { area: at.area, month: at.month, ..LimitForm::default() };
            shown(ctx, shell, sent, FormFaults::default())
        })
        .await
}

pub async fn set_limit(visitor: Visitor, PageForm(sent): PageForm<LimitForm>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let done = number("forms", &sent.forms).and_then(|forms| {
                burden::set_limit(ctx, &sent.area, forms, number("questions", &sent.questions)?)
            });
            match done {
                Ok(_) => Ok(Redirect::to(&address(&sent.area, &sent.month)).into_response()),
                Err(Refusal::Invalid(faults)) => {
                    let faults = FormFaults::new(&shell.t, &faults);
                    shown(ctx, shell, sent, faults)
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

/// None of an empty field.
fn number(field: &'static str, text: &str) -> Result<Option<i64>, Refusal> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Refusal::invalid(field, Message::new("fault-number"))),
    }
}

fn address(code: &str, month: &str) -> String {
    format!("/burden?area={code}&month={month}")
}

fn shown(ctx: &Ctx, shell: Shell, sent: LimitForm, faults: FormFaults) -> Result<Response, Refusal> {
    ctx.person()?;
    let now = Month::of(ctx.now);
    let month = match sent.month.as_str() {
        "" => now,
        text => Month::parse(text).filter(|it| *it <= now).ok_or(Refusal::NotFound)?,
    };
    let code = Some(sent.area.as_str()).filter(|it| !it.is_empty());
    let ledger = burden::ledger(ctx, code, month)?;
    let names = AreaNames::of(ctx, ledger.areas.iter().map(|it| &it.0).chain([&ledger.path]))?;
    let at = month.to_string();
    let code = ledger.path.code().to_owned();
    let own = ledger.limits.iter().find(|it| it.path == ledger.path);
    let written = |value: Option<i64>| value.map_or_else(String::new, |it| it.to_string());
    // What was typed stays; before that what holds.
    let typed = match (faults.is_empty(), own) {
        (true, Some(it)) => LimitForm { forms: written(it.forms), questions: written(it.questions), ..sent },
        _ => sent,
    };
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = LedgerPage {
        trail: trail(ctx, &names, &ledger.path, &at),
        before: address(&code, &month.before().to_string()),
        after: (month < now).then(|| address(&code, &month.after().to_string())),
        total: row(&shell.t, String::new(), &ledger.total),
        areas: areas(&shell.t, &names, &ledger, &at),
        posts: ledger.posts.iter().map(|it| post(&shell.t, it)).collect(),
        is_cut: ledger.is_cut,
        limits: ledger.limits.iter().map(|it| limit(&shell.t, &names, it)).collect(),
        may_limit: burden::may_limit(ctx, &ledger.path),
        code,
        month: at,
        faults,
        typed,
        forms_max: LIMIT_FORMS_MAX,
        questions_max: LIMIT_QUESTIONS_MAX,
        shell,
    };
    shell::html(status, &page)
}

/// The areas above that the actor may look at, and the one that is shown.
fn trail(ctx: &Ctx, names: &AreaNames, path: &AreaPath, month: &str) -> Vec<(String, String)> {
    let own = burden::own_area(ctx);
    let may = |it: &AreaPath| own.is_none_or(|own| it.is_within(own));
    let parts = path.ancestors().filter(may);
    parts.map(|it| (name(names, it.code()), address(it.code(), month))).collect()
}

fn name(names: &AreaNames, code: &str) -> String {
    names.name(code).unwrap_or(code).to_owned()
}

fn row(t: &Translator, name: String, line: &Line) -> Row {
    let minutes = match line.timed {
        0 => "–".to_owned(),
        timed if timed < line.forms => {
            t.with2("burden-minutes-of", ("minutes", minutes(line.seconds)), ("forms", timed))
        }
        _ => minutes(line.seconds).to_string(),
    };
    Row { name, forms: line.forms, questions: line.questions, minutes, again: line.again, ..Row::default() }
}

fn minutes(seconds: i64) -> i64 {
    (seconds + 30) / 60
}

fn areas(t: &Translator, names: &AreaNames, ledger: &Ledger, month: &str) -> Vec<Row> {
    let row = |(path, line, most): &(AreaPath, Line, Line)| {
        let is_unit = line == most || *path == ledger.path;
        let leads_on = *path != ledger.path && Tier::of_code(path.code()).is_some_and(|it| it < Tier::Grid);
        Row {
            address: leads_on.then(|| address(path.code(), month)),
            most: (!is_unit).then_some(most.questions),
            is_over: ledger.limits.iter().any(|it| !it.allows(most.forms, most.questions)),
            ..row(t, name(names, path.code()), line)
        }
    };
    ledger.areas.iter().map(row).collect()
}

fn post(t: &Translator, (body, role, line): &(String, kernel::Role, Line)) -> Row {
    row(t, format!("{body} · {}", t.say(&format!("role-{}", role.as_str()))), line)
}

fn limit(t: &Translator, names: &AreaNames, it: &Limit) -> String {
    let number = |value: Option<i64>| value.map_or_else(|| "–".to_owned(), |it| it.to_string());
    let message = Message::new("burden-limit-of")
        .with("area", name(names, it.path.code()))
        .with("forms", number(it.forms))
        .with("questions", number(it.questions));
    t.message(&message)
}
