//! Who has to do with what in an area, as a page and as a table file.

use askama::Template;
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{Ctx, Refusal, area, responsibility};
use serde::Deserialize;

use super::view::Duty;
use crate::{
    app::Shared,
    case::view::{AreaNames, Group, class_words, classes},
    sent::PageQuery,
    shell::{self, Shell},
    visitor::Visitor,
};

pub fn routes() -> Router<Shared> {
    Router::new().route("/responsibilities", get(page)).route("/responsibilities.csv", get(table_file))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ListQuery {
    area: String,
    class: String,
}

#[derive(Template)]
#[template(path = "responsibility/list.html")]
struct ListPage {
    shell: Shell,
    code: String,
    place: String,
    classes: Vec<Group>,
    rows: Vec<ClassRow>,
    /// Names of the areas in which rows stand, by code.
    names: AreaNames,
    fault: Option<String>,
    table_file: String,
}

struct ClassRow {
    class: String,
    duties: Vec<Duty>,
}

impl ListPage {
    fn area_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.names.name(code).unwrap_or(code)
    }
}

async fn page(visitor: Visitor, PageQuery(query): PageQuery<ListQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let (area, fault) = match area_asked(ctx, query.area.trim()) {
                Err(Refusal::NotFound) => (area_asked(ctx, "")?, Some(shell.t.say("fault-unknown-area"))),
                found => (found?, None),
            };
            let chosen = ctx.city.classes.get(query.class.trim()).map(|it| it.code.clone());
            let found = match &chosen {
                Some(class) => {
                    vec![(class.clone(), responsibility::responsible(ctx, &area.code, class, None)?)]
                }
                None => responsibility::of_area(ctx, &area.code, None)?,
            };
            let row = |(class, candidates): &(String, Vec<responsibility::Candidate>)| ClassRow {
                class: class_words(ctx, &shell, class),
                duties: candidates.iter().map(|it| Duty::new(&shell.t, it)).collect(),
            };
            let names = AreaNames::of(ctx, std::iter::once(&area.path))?;
            let page = ListPage {
                rows: found.iter().map(row).collect(),
                place: names.line(&area.path),
                classes: classes(ctx, &shell, chosen.as_deref().unwrap_or_default()),
                table_file: format!("/responsibilities.csv?area={}", area.code),
                names,
                code: area.code,
                fault,
                shell,
            };
            let status = if page.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            shell::html(status, &page)
        })
        .await
}

/// The area of a code; else that of the reader's own post, or the city.
fn area_asked(ctx: &Ctx, code: &str) -> Result<area::Area, Refusal> {
    if !code.is_empty() {
        return area::get(ctx, code, None);
    }
    if let Some(post) = ctx.actor.appointments.first() {
        return area::get(ctx, post.area.code(), None);
    }
    let city = ctx.read(area::city)?.ok_or(Refusal::NotFound)?;
    area::get(ctx, &city.code, None)
}

/// The rows in force in an area and below it.
async fn table_file(visitor: Visitor, PageQuery(query): PageQuery<ListQuery>) -> Response {
    visitor
        .page(move |ctx, _| {
            let area = area_asked(ctx, query.area.trim())?;
            // Spreadsheets take a file without a mark for one in another encoding.
            let mut bytes = "\u{feff}".as_bytes().to_vec();
            responsibility::export(ctx, &area.code, &mut bytes)?;
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"responsibilities-{}.csv\"", area.code),
                ),
            ];
            Ok((headers, bytes).into_response())
        })
        .await
}
