//! A workbook with the reports of many units: sent, looked at, and then entered.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::{
    extract::{FromRequest, Multipart, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Message, Refusal,
    statistic::{self, Look, Meaning, Outcome},
};
use kernel::{Id, StatisticUpload, limits};

use super::{Of, address, cell_words, current, progress_page, report::broken, set_of};
use crate::{
    sent::{PageForm, PagePath, PageQuery},
    shell::{self, Shell},
    statistic::view::{period_words, value, words},
    visitor::Visitor,
};

/// Changes that a page lists.
const CHANGES_LISTED_MAX: usize = 500;
/// Rows of a sheet that were left out, of which a page tells at most so many.
const LEFT_OUT_LISTED_MAX: usize = 200;

pub async fn send(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(of): PageQuery<Of>,
    request: Request,
) -> Response {
    let app = visitor.app.clone();
    let mut share = app.photo_memory.share(visitor.address);
    let bytes = match share.hold(limits::STATISTIC_UPLOAD_BYTES_MAX) {
        Ok(()) => file(request, &app).await,
        Err(refusal) => Err(refusal),
    };
    visitor
        .page(move |ctx, shell| {
            let _share = share;
            ctx.person()?;
            let (period, area) = (of.period(ctx, set_of(ctx, &code)?)?, of.area(ctx)?);
            match bytes.and_then(|bytes| statistic::upload(ctx, &code, (&area, period), &bytes)) {
                Ok(id) => Ok(Redirect::to(&format!("/statistics/uploads/{id}")).into_response()),
                Err(Refusal::Invalid(faults)) => progress_page(ctx, shell, &code, &of, &faults),
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

async fn file(request: Request, app: &crate::app::Shared) -> Result<Vec<u8>, Refusal> {
    let unreadable =
        |reason: String| Refusal::invalid("file", Message::new("fault-malformed").with("reason", reason));
    let parts = Multipart::from_request(request, app).await;
    let mut parts = parts.map_err(|fault| unreadable(fault.body_text()))?;
    while let Some(part) = parts.next_field().await.map_err(|fault| unreadable(fault.body_text()))? {
        if part.name() == Some("file") {
            let bytes = part.bytes().await.map_err(|fault| unreadable(fault.body_text()))?;
            return Ok(bytes.to_vec());
        }
    }
    Err(Refusal::invalid("file", Message::new("fault-statistic-no-file")))
}

#[derive(Template)]
#[template(path = "statistic/upload.html")]
struct LookPage {
    shell: Shell,
    id: String,
    title: String,
    area: String,
    period: String,
    back: String,
    columns: Vec<ColumnRow>,
    /// What a column can mean: word and label.
    meanings: Vec<(String, String)>,
    lines: usize,
    stamp: String,
    changes: Vec<ChangeRow>,
    changed: usize,
    unchanged: u64,
    left_out: Vec<(u32, String)>,
    left_out_more: usize,
    broken: Vec<(String, String)>,
    /// What is chosen for columns, as it goes along with the decision.
    chosen: Vec<(String, String)>,
    is_stale: bool,
    reason: String,
}

struct ColumnRow {
    name: String,
    heading: String,
    letter: String,
    meaning: String,
}

struct ChangeRow {
    area: String,
    what: String,
    before: String,
    after: String,
}

/// What somebody says of columns: `c3=ELEMENT.option`.
fn chosen(query: &HashMap<String, String>) -> BTreeMap<usize, Meaning> {
    let column = |(name, word): (&String, &String)| {
        Some((name.strip_prefix('c')?.parse().ok()?, Meaning::parse(word.trim())))
    };
    query.iter().filter_map(column).collect()
}

pub async fn show(
    visitor: Visitor,
    PagePath(id): PagePath<Id<StatisticUpload>>,
    PageQuery(query): PageQuery<HashMap<String, String>>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let chosen = chosen(&query);
            let look = statistic::look(ctx, id, &chosen)?;
            page(ctx, shell, id, (&look, &chosen), None)
        })
        .await
}

fn page(
    ctx: &Ctx,
    mut shell: Shell,
    id: Id<StatisticUpload>,
    (look, chosen): (&Look, &BTreeMap<usize, Meaning>),
    // Whether somebody entered something since it was shown, and the reason that was given.
    tried: Option<(bool, String)>,
) -> Result<Response, Refusal> {
    current(&mut shell);
    let set = set_of(ctx, &look.data_set)?;
    let plan = &look.plan;
    let mut meanings = vec![
        (String::new(), shell.t.say("data-set-column-nothing")),
        (Meaning::Unit.word(), shell.t.say("data-set-unit")),
    ];
    meanings.extend(look.cells.iter().map(|(element, option)| {
        let meaning = Meaning::Cell { element: element.clone(), option: option.clone() };
        (meaning.word(), cell_words(ctx, &shell, element, option))
    }));
    let columns = look.columns.iter().map(|it| ColumnRow {
        name: format!("c{}", it.number),
        heading: it.heading.clone(),
        letter: letter(it.number),
        meaning: it.meaning.word(),
    });
    let digits = |element: &str, number: Option<i64>| match (ctx.city.statistic.element(element), number) {
        (Some(of), Some(number)) => shell.t.decimal(&value(of, number)),
        _ => shell.t.say("data-set-nothing"),
    };
    let change = |it: &statistic::Change| ChangeRow {
        area: it.area.1.clone(),
        what: cell_words(ctx, &shell, &it.element, &it.option),
        before: digits(&it.element, it.before),
        after: digits(&it.element, it.after),
    };
    let told = |it: &statistic::LeftOut| (it.line, shell.t.message(&named(ctx, &shell, &it.why)));
    let status = if tried.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (is_stale, reason) = tried.unwrap_or_default();
    let page = LookPage {
        id: id.to_string(),
        title: words(&shell, &set.label),
        area: look.area.name.clone(),
        period: period_words(&shell, look.period),
        back: address(&look.data_set, "", &look.area.code, look.period),
        columns: columns.collect(),
        meanings,
        lines: look.lines,
        stamp: plan.stamp.clone(),
        changed: plan.changes.len(),
        changes: plan.changes.iter().take(CHANGES_LISTED_MAX).map(change).collect(),
        unchanged: plan.unchanged,
        left_out: plan.left_out.iter().take(LEFT_OUT_LISTED_MAX).map(told).collect(),
        left_out_more: plan.left_out.len().saturating_sub(LEFT_OUT_LISTED_MAX),
        broken: plan
            .broken
            .iter()
            .map(|it| (it.area.1.clone(), broken(ctx, &shell, &look.data_set, it)))
            .collect(),
        chosen: chosen.iter().map(|(number, it)| (format!("c{number}"), it.word())).collect(),
        is_stale,
        reason,
        shell,
    };
    shell::html(status, &page)
}

/// An element's code in a message, in words.
fn named(ctx: &Ctx, shell: &Shell, message: &Message) -> Message {
    let mut named = message.clone();
    for (name, text) in named.arguments.iter_mut().filter(|it| it.0 == "element") {
        let _ = name;
        *text = cell_words(ctx, shell, text, "");
    }
    named
}

/// Of a column, as spreadsheets have it.
fn letter(number: usize) -> String {
    let digit = char::from(b'A' + (number % 26) as u8);
    if number < 26 { digit.to_string() } else { format!("{}{digit}", letter(number / 26 - 1)) }
}

pub async fn take(
    visitor: Visitor,
    PagePath(id): PagePath<Id<StatisticUpload>>,
    PageForm(form): PageForm<HashMap<String, String>>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let chosen = chosen(&form);
            let field = |name: &str| form.get(name).cloned().unwrap_or_default();
            let (seen, reason) = (field("stamp"), field("reason"));
            let look = statistic::look(ctx, id, &chosen)?;
            match statistic::take(ctx, id, &chosen, (&seen, &reason))? {
                Outcome::Entered(it) => {
                    let number = it.added + it.corrected + it.withdrawn;
                    let back = address(&look.data_set, "", &look.area.code, look.period);
                    Ok(Redirect::to(&format!("{back}&entered={number}")).into_response())
                }
                Outcome::Look(plan) => {
                    let look = statistic::look(ctx, id, &chosen)?;
                    page(ctx, shell, id, (&look, &chosen), Some((plan.stamp != seen, reason)))
                }
            }
        })
        .await
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_called_as_spreadsheets_call_them() {
        assert_eq!(
            [0, 25, 26, 51, 52, 701, 702].map(super::letter),
            ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
        );
    }
}
