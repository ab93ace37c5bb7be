//! The page of a year, and the city's own.

use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{Refusal, area, calendar};
use serde::Deserialize;

use super::view::YearPage;
use crate::{
    app::Shared,
    sent::{PagePath, PageQuery, lead_on},
    shell,
    visitor::Visitor,
};

pub fn routes() -> Router<Shared> {
    Router::new().route("/calendar", get(city)).route("/areas/{code}/calendar", get(year))
}

#[derive(Deserialize)]
struct YearQuery {
    year: Option<i16>,
}

/// Leads to the city's calendar.
async fn city(visitor: Visitor, PageQuery(query): PageQuery<YearQuery>) -> Response {
    visitor
        .page(move |ctx, _| {
            let city = ctx.read(area::city)?.ok_or(Refusal::NotFound)?;
            let year = query.year.unwrap_or(ctx.now.civil().year());
            Ok(lead_on(&format!("/areas/{}/calendar?year={year}", city.code), "/areas"))
        })
        .await
}

async fn year(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(query): PageQuery<YearQuery>,
) -> Response {
    visitor
        .page(move |ctx, mut shell| {
            for link in &mut shell.links {
                link.current = link.address == "/areas";
            }
            let year = calendar::year(ctx, &code, query.year.unwrap_or(ctx.now.civil().year()))?;
            let mut above = area::breadcrumb(ctx, &year.area, None)?;
            above.pop();
            shell::html(StatusCode::OK, &YearPage::new(shell, year, above))
        })
        .await
}
