//! The page of the day, for grid workers and acceptors.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Ctx, Refusal, Window, area,
    case::{self, Lens},
};
use kernel::{AreaPath, Role, Tier};

use super::{areas_of, label, open_at, stages_for};
use crate::{
    campaign::{self, view::MineRow},
    case::{
        place,
        view::{AreaNames, Row, rows},
    },
    shell::{self, Shell},
    visitor::Visitor,
};

/// Cases shown of each kind.
const SECTION_ROWS: usize = 10;
/// Report forms that a phone keeps for when there is no network.
const FORMS_KEPT_MAX: usize = 12;

#[derive(Template)]
#[template(path = "case/today.html")]
struct TodayPage {
    shell: Shell,
    about: String,
    date: String,
    /// What is to be filled in by a day, and is not there or has to be mended.
    asked: Vec<MineRow>,
    sections: Vec<Section>,
    /// Addresses that a phone keeps besides those of the cases, with a space between.
    keep: String,
}

struct Section {
    id: String,
    label: String,
    count: String,
    rows: Vec<Row>,
    /// Words and addresses of the whole lists, one for each area, when this is a part of them.
    all: Vec<(String, String)>,
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
            let served = Served::of(ctx, areas)?;
            let stages = stages_for(ctx, &roles);
            let sections = stages.into_iter().map(|stage| served.section(ctx, &shell, stage));
            let sections = sections.collect::<Result<_, _>>()?;
            let about: Vec<String> = served.areas.iter().map(|(path, _)| served.names.line(path)).collect();
            let page = TodayPage {
                about: about.join(&shell.t.say("list-separator")),
                date: shell.t.date(ctx.now, ctx.now),
                asked: campaign::view::mine(ctx, &shell)?
                    .into_iter()
                    .filter(|it| it.is_silent || it.mend.is_some())
                    .collect(),
                sections,
                keep: forms_to_keep(ctx, &served.areas)?.join(" "),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// Where one reports in the grids served, and in those of the communities served.
fn forms_to_keep(ctx: &Ctx, areas: &[(AreaPath, case::Tally)]) -> Result<Vec<String>, Refusal> {
    let mut addresses = vec!["/report".to_owned()];
    for (path, _) in areas {
        let area = area::get(ctx, path.code(), None)?;
        addresses.push(place::address(&area));
        if area.tier == Tier::Community {
            let grids = area::children(ctx, &area.code, None, &Window::first(FORMS_KEPT_MAX))?.items;
            addresses.extend(grids.iter().map(place::address));
        }
    }
    addresses.truncate(FORMS_KEPT_MAX);
    Ok(addresses)
}

/// The areas that somebody serves, with what is open in each.
struct Served {
    areas: Vec<(AreaPath, case::Tally)>,
    names: AreaNames,
}

impl Served {
    fn of(ctx: &Ctx, areas: Vec<AreaPath>) -> Result<Self, Refusal> {
        let names = AreaNames::of(ctx, areas.iter())?;
        let counted = areas.into_iter().map(|path| {
            let tally = case::tally(ctx, &Lens::Subtree(path.clone()))?;
            Ok::<_, Refusal>((path, tally))
        });
        Ok(Self { areas: counted.collect::<Result<_, _>>()?, names })
    }

    fn section(&self, ctx: &Ctx, shell: &Shell, stage: &case::Stage) -> Result<Section, Refusal> {
        let mut found = Vec::new();
        let waiting = self.areas.iter().filter(|(_, tally)| tally.at(&stage.id) > 0);
        for (path, _) in waiting.clone() {
            let lens = Lens::Subtree(path.clone());
            found.extend(case::list(ctx, &lens, &open_at(&stage.id), &Window::first(SECTION_ROWS))?.items);
        }
        found.sort_by_key(|case| (case.next_due().map_or(i64::MAX, |due| due.micros()), case.id));
        found.truncate(SECTION_ROWS);
        let count: i64 = waiting.clone().map(|(_, tally)| tally.at(&stage.id)).sum();
        let whole = |(path, _): &(AreaPath, case::Tally)| {
            let words = if self.areas.len() == 1 { shell.t.say("list-all") } else { self.names.line(path) };
            (words, format!("/cases?area={}&status=open&stage={}", path.code(), stage.id))
        };
        let is_part = count > found.len() as i64;
        Ok(Section {
            id: stage.id.clone(),
            label: label(stage, shell),
            count: shell.t.number(count),
            rows: rows(ctx, shell, &found)?,
            all: waiting.filter(|_| is_part).map(whole).collect(),
        })
    }
}
