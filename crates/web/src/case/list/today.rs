//! The page of the day, for grid workers and acceptors.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Ctx, Refusal, Window,
    case::{self, Lens},
};
use kernel::{AreaPath, Role};

use super::{TALLY_MAX, areas_of, label, open_at, stages_for};
use crate::{
    case::view::{AreaNames, Row, rows},
    shell::{self, Shell},
    visitor::Visitor,
};

/// Cases shown of each kind.
const SECTION_ROWS: usize = 10;

#[derive(Template)]
#[template(path = "case/today.html")]
struct TodayPage {
    shell: Shell,
    about: String,
    date: String,
    sections: Vec<Section>,
}

struct Section {
    id: String,
    label: String,
    count: String,
    rows: Vec<Row>,
    /// Address of the whole list, when this is a part of it.
    all: Option<String>,
}

/// What waits for a grid worker or an acceptor, by clock.
pub async fn today(visitor: Visitor) -> Response {
    visitor
        .page(|ctx, shell| {
            ctx.person()?;
            let mut roles: Vec<Role> = Role::GRID.into();
            roles.push(Role::Acceptor);
            roles.retain(|role| ctx.actor.appointments.iter().any(|it| it.role == *role));
            let areas = areas_of(ctx, &roles);
            if areas.is_empty() {
                return Err(Refusal::Denied);
            }
            let mut sections = Vec::new();
            for stage in stages_for(ctx, &roles) {
                sections.push(section(ctx, &shell, &areas, stage)?);
            }
            let names = AreaNames::of(ctx, areas.iter())?;
            let about: Vec<String> = areas.iter().map(|path| names.line(path)).collect();
            let date = shell.t.date(ctx.now, ctx.now);
            shell::html(
                StatusCode::OK,
                &TodayPage { about: about.join(&shell.t.say("list-separator")), date, sections, shell },
            )
        })
        .await
}

fn section(ctx: &Ctx, shell: &Shell, areas: &[AreaPath], stage: &case::Stage) -> Result<Section, Refusal> {
    let mut found = Vec::new();
    for area in areas {
        let page = case::list(
            ctx,
            &Lens::Subtree(area.clone()),
            &open_at(&stage.id),
            &Window::first(TALLY_MAX + 1),
        )?;
        found.extend(page.items);
    }
    found.sort_by_key(|case| (case.stage_due.map_or(i64::MAX, |due| due.micros()), case.id));
    let count = if found.len() > TALLY_MAX { format!("{TALLY_MAX}+") } else { found.len().to_string() };
    let all = areas.first().filter(|_| found.len() > SECTION_ROWS);
    let all = all.map(|area| format!("/cases?area={}&status=open&stage={}", area.code(), stage.id));
    found.truncate(SECTION_ROWS);
    Ok(Section {
        id: stage.id.clone(),
        label: label(stage, shell),
        count,
        rows: rows(ctx, shell, &found)?,
        all,
    })
}
