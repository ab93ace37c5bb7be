//! The list of what is supervised, and the forms of orders and replies.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{
    Ctx, Message, Refusal, Window, area,
    supervision::{self, Filter, Kind, Lens, Listed, New, Step},
};
use kernel::{Case as CaseName, Id, Supervision};
use serde::Deserialize;

use super::view::{ORDER_FORM, OrderView, names, step_form};
use crate::{
    app::Shared,
    case::{
        record::answer,
        view::{AreaNames, title},
    },
    sent::{PageForm, PagePath, PageQuery},
    shell::{self, Shell},
    visitor::Visitor,
};

/// Orders on one page.
const ROWS: i64 = 30;
/// What the page of the case says after an order or a step of one.
const NEWS: &str = "supervised=1#supervision";

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/supervisions", get(list))
        .route("/supervisions/{id}/{step}", post(advance))
        .route("/cases/{id}/supervisions", post(order))
}

#[derive(Template)]
#[template(path = "supervision/list.html")]
struct ListPage {
    shell: Shell,
    about: String,
    /// Whose orders: label, address and whether it is chosen.
    lenses: Vec<(String, String, bool)>,
    chips: Vec<Chip>,
    rows: Vec<Row>,
    next: Option<String>,
    empty: String,
}

struct Chip {
    label: String,
    count: String,
    address: String,
    is_current: bool,
}

struct Row {
    order: OrderView,
    address: String,
    title: String,
    number: String,
    place: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ListQuery {
    /// `reply` for what the actor's bodies have to reply to.
    lens: String,
    area: String,
    show: String,
    cursor: String,
}

async fn list(visitor: Visitor, PageQuery(query): PageQuery<ListQuery>) -> Response {
    visitor.page(move |ctx, shell| page(ctx, shell, &query)).await
}

/// Which list is meant: of the areas that the actor sees, or of what their bodies have to reply to. Who sees no area
/// is shown the latter.
fn lens(ctx: &Ctx, query: &ListQuery) -> Result<(Lens, &'static str), Refusal> {
    let of_area = match query.area.as_str() {
        "" => Lens::Area(None),
        code => Lens::Area(Some(area::get(ctx, code, None)?.path)),
    };
    match (query.lens.as_str(), supervision::tally(ctx, &of_area)) {
        ("reply", _) | (_, Err(Refusal::Denied)) => Ok((Lens::ToReply, "reply")),
        (_, Err(refusal)) => Err(refusal),
        (_, Ok(_)) => Ok((of_area, "area")),
    }
}

fn page(ctx: &Ctx, shell: Shell, query: &ListQuery) -> Result<Response, Refusal> {
    ctx.person()?;
    let (lens, word) = lens(ctx, query)?;
    let tally = supervision::tally(ctx, &lens)?;
    let chosen = Filter::parse(&query.show).unwrap_or(Filter::Waiting);
    let window = Window::parse(Some(ROWS), Some(&query.cursor))?;
    let found = supervision::list(ctx, &lens, chosen, &window)?;
    let area = if query.area.is_empty() { String::new() } else { format!("&area={}", query.area) };
    let address = |word: &str, filter: Filter| {
        format!(
            "/supervisions?lens={word}&show={}{}",
            filter.as_str(),
            if word == "area" { &area } else { "" }
        )
    };
    let chip = |filter: &Filter| Chip {
        label: shell.t.say(&format!("supervision-state-{}", filter.as_str())),
        count: shell.t.number(tally.of(*filter)),
        address: address(word, *filter),
        is_current: *filter == chosen,
    };
    let other = if word == "reply" { Lens::Area(None) } else { Lens::ToReply };
    let mut lenses = Vec::new();
    if supervision::tally(ctx, &other).is_ok() {
        for it in ["area", "reply"] {
            let label = shell.t.say(&format!("supervision-lens-{it}"));
            lenses.push((label, address(it, Filter::Waiting), it == word));
        }
    }
    let page = ListPage {
        about: about(ctx, &lens, &shell)?,
        lenses,
        chips: Filter::ALL.iter().map(chip).collect(),
        rows: rows(ctx, &shell, &found.items)?,
        next: found.next.map(|cursor| format!("{}&cursor={}", address(word, chosen), cursor.encode())),
        empty: shell.t.say(&format!("supervision-none-{}", chosen.as_str())),
        shell,
    };
    shell::html(StatusCode::OK, &page)
}

fn about(ctx: &Ctx, lens: &Lens, shell: &Shell) -> Result<String, Refusal> {
    match lens {
        Lens::ToReply => Ok(shell.t.say("supervision-about-reply")),
        Lens::Area(None) => Ok(shell.t.say("supervision-about-area")),
        Lens::Area(Some(path)) => Ok(AreaNames::of(ctx, std::iter::once(path))?.line(path)),
    }
}

fn rows(ctx: &Ctx, shell: &Shell, found: &[Listed]) -> Result<Vec<Row>, Refusal> {
    let bodies = names(ctx, found.iter().map(|it| &it.order))?;
    let areas = AreaNames::of(ctx, found.iter().map(|it| &it.case.path))?;
    let row = |it: &Listed| Row {
        order: OrderView::new(ctx, shell, &it.order, (&[], None), &bodies),
        address: format!("/cases/{}#supervision", it.case.id),
        title: title(&it.case.description),
        number: it.case.number.clone(),
        place: areas.line(&it.case.path),
    };
    Ok(found.iter().map(row).collect())
}

#[derive(Deserialize)]
struct OrderForm {
    id: String,
    kind: String,
    level: String,
    /// Empty for the usual words of an order about what is overdue.
    #[serde(default)]
    requirement: String,
}

async fn order(
    visitor: Visitor,
    PagePath(case): PagePath<Id<CaseName>>,
    PageForm(form): PageForm<OrderForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let kind = Kind::parse(&form.kind);
            let kind = kind.ok_or_else(|| Refusal::invalid("kind", Message::new("fault-choice")))?;
            let usual = || shell.t.say("supervision-requirement-overdue");
            let is_usual = kind == Kind::Overdue && form.requirement.trim().is_empty();
            let new = New {
                id: form.id.parse().unwrap_or_else(|_| ctx.id()),
                case,
                kind,
                level: form.level.clone(),
                requirement: if is_usual { usual() } else { form.requirement.clone() },
            };
            let fields = BTreeMap::from([
                ("kind".to_owned(), form.kind),
                ("level".to_owned(), form.level),
                ("requirement".to_owned(), form.requirement),
            ]);
            answer(ctx, shell, case, (ORDER_FORM, fields), supervision::order(ctx, &new), NEWS)
        })
        .await
}

#[derive(Deserialize)]
struct StepForm {
    request: String,
    #[serde(default)]
    note: String,
}

async fn advance(
    visitor: Visitor,
    PagePath((id, step)): PagePath<(Id<Supervision>, String)>,
    PageForm(form): PageForm<StepForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let step = Step::parse(&step).ok_or(Refusal::NotFound)?;
            let (viewed, _) = supervision::get(ctx, id)?;
            let taken = supervision::advance(ctx, id, step, form.request.parse().ok(), &form.note);
            let fields = BTreeMap::from([("note".to_owned(), form.note)]);
            answer(ctx, shell, viewed.order.case, (&step_form(step, id), fields), taken, NEWS)
        })
        .await
}
