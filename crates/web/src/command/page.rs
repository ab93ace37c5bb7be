//! The live map of the actor's own area, and the counts beside it.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{Ctx, Refusal, area, case};
use kernel::AreaPath;
use policy::{Action, Resource};

use super::wall;
use crate::{
    app::Shared,
    shell::{self, Shell},
    visitor::Visitor,
};

pub fn routes() -> Router<Shared> {
    Router::new().route("/command", get(command)).merge(wall::routes())
}

#[derive(Template)]
#[template(path = "command/command.html")]
struct CommandPage {
    shell: Shell,
    area: area::Area,
    counts: case::Counts,
    closed_days: i64,
}

async fn command(visitor: Visitor) -> Response {
    visitor
        .page(|ctx, shell| {
            let area = area::get(ctx, own(ctx)?.code(), None)?;
            let counts = case::counts(ctx, &area.code)?;
            let page = CommandPage { shell, area, counts, closed_days: case::CLOSED_DAYS };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// The widest area whose figures the actor may see.
pub fn own(ctx: &Ctx) -> Result<AreaPath, Refusal> {
    ctx.person()?;
    let areas = ctx.actor.appointments.iter().map(|it| &it.area);
    let counted = areas.filter(|path| ctx.may(Action::CaseCount, Resource::Area { path }));
    counted.min_by_key(|path| path.codes().count()).cloned().ok_or(Refusal::Denied)
}
