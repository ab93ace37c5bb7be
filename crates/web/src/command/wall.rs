//! The wall of a command centre: one screen that is looked at all day.

use std::{collections::HashMap, sync::Arc};

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{
    Ctx, Message, Refusal, Window, area,
    case::{self, Between, Wall, Watched},
};
use kernel::{Tier, Timestamp};
use parking_lot::Mutex;
use serde::Deserialize;

use super::page::own;
use crate::{
    app::Shared,
    case::view::{AreaNames, Row, rows},
    sent::PageQuery,
    shell::{self, Shell},
    visitor::Visitor,
};

const ROWS: i64 = 30;
/// So young figures of an area are shown to the next viewer as they are: they say their moment.
const FRESH_SECONDS: i64 = 3;

pub fn routes() -> Router<Shared> {
    Router::new().route("/command/wall", get(wall)).route("/command/cases", get(cases))
}

/// The latest figures of each area that is watched, by code and by whether cases are shown.
#[derive(Default)]
pub struct Walls(Mutex<HashMap<(String, bool), Arc<Wall>>>);

impl Walls {
    fn of(&self, ctx: &Ctx, code: &str) -> Result<Arc<Wall>, Refusal> {
        let (_, opens) = case::watchable(ctx, code)?;
        let key = (code.to_owned(), opens);
        let is_fresh = |it: &Arc<Wall>| ctx.now.seconds_since(it.as_of) < FRESH_SECONDS;
        if let Some(found) = self.0.lock().get(&key).filter(|it| is_fresh(it)) {
            return Ok(found.clone());
        }
        let found = Arc::new(case::wall(ctx, code)?);
        let mut walls = self.0.lock();
        walls.retain(|_, it| is_fresh(it));
        walls.insert(key, found.clone());
        Ok(found)
    }
}

#[derive(Template)]
#[template(path = "command/wall.html")]
struct WallPage {
    shell: Shell,
    area: area::Area,
    /// All that is open, and what of it is late: these move with each event.
    open: i64,
    overdue: i64,
    as_of: Timestamp,
    breaking: Door,
    next: Vec<Row>,
    days: Vec<DayRow>,
    stages: Vec<QueueRow>,
    tiers: Vec<QueueRow>,
    silent: Vec<SilentRow>,
    breaking_hours: i64,
    silent_hours: i64,
    /// What the viewer may order in the area: procedure and its words.
    orders: Vec<(String, String)>,
}

/// A number and the list that it opens; none for those who may only count.
struct Door {
    number: String,
    address: Option<String>,
    /// What it counts, for those who hear it alone.
    label: String,
}

struct DayRow {
    label: String,
    today: Door,
    before: Door,
    /// How much more or less, with its sign.
    change: String,
}

struct QueueRow {
    label: String,
    open: Door,
    overdue: Door,
    is_late: bool,
}

struct SilentRow {
    name: String,
    waiting: Door,
    since: Timestamp,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WallQuery {
    area: String,
}

async fn wall(visitor: Visitor, PageQuery(query): PageQuery<WallQuery>) -> Response {
    let app = visitor.app.clone();
    visitor
        .page(move |ctx, shell| {
            let code = match query.area.as_str() {
                "" => own(ctx)?.code().to_owned(),
                code => code.to_owned(),
            };
            ctx.person()?;
            let area = area::get(ctx, &code, None)?;
            let found = app.walls.of(ctx, &code)?;
            shell::html(StatusCode::OK, &page(ctx, shell, area, &found)?)
        })
        .await
}

fn page(ctx: &Ctx, shell: Shell, area: area::Area, wall: &Wall) -> Result<WallPage, Refusal> {
    let doors = Doors { shell: &shell, code: &area.code, opens: wall.opens };
    let stages = stages(ctx, &doors, wall);
    let tier = |it: &case::Queue<Tier>| {
        let label = shell.t.say(&format!("tier-{}", it.of.as_str()));
        let list = |overdue| Watched::Handling { tier: it.of, overdue };
        QueueRow {
            open: doors.watched(it.open, &label, list(false)),
            overdue: doors.watched(it.overdue, &label, list(true)),
            is_late: it.overdue > 0,
            label,
        }
    };
    let silent = |it: &case::Silent| SilentRow {
        name: it.name.clone(),
        waiting: doors.watched(it.waiting, &it.name, Watched::Body(it.organization)),
        since: it.since,
    };
    let order = |it: &case::Procedure| (it.id.clone(), case::words(&it.label, shell.language()).to_owned());
    Ok(WallPage {
        orders: case::kinds(ctx, &area.path).into_iter().map(order).collect(),
        open: wall.stages.iter().map(|it| it.open).sum(),
        overdue: wall.stages.iter().map(|it| it.overdue).sum(),
        as_of: wall.as_of,
        breaking: doors.watched(
            wall.breaking,
            &shell.t.say("wall-breaking"),
            Watched::Breaking(wall.breaking_in),
        ),
        next: rows(ctx, &shell, &wall.next)?,
        days: days(&doors, wall),
        stages,
        tiers: wall.tiers.iter().map(tier).collect(),
        silent: wall.silent.iter().map(silent).collect(),
        breaking_hours: case::BREAKING_HOURS,
        silent_hours: case::SILENT.amount,
        area,
        shell,
    })
}

/// Stages at which something waits, in the order of the procedures.
fn stages(ctx: &Ctx, doors: &Doors<'_>, wall: &Wall) -> Vec<QueueRow> {
    let mut left: Vec<&case::Queue<String>> = wall.stages.iter().collect();
    let mut rows = Vec::new();
    let mut known: Vec<&case::Stage> = ctx.city.procedures.iter().flat_map(|it| &it.stages).collect();
    known.sort_by_key(|it| it.step);
    for stage in known {
        let Some(index) = left.iter().position(|it| it.of == stage.id) else { continue };
        let it = left.remove(index);
        let label = case::words(&stage.label, doors.shell.language()).to_owned();
        let list = |more: &str| format!("/cases?area={}&status=open&stage={}{more}", doors.code, stage.id);
        rows.push(QueueRow {
            open: doors.door(it.open, &label, list("")),
            overdue: doors.door(it.overdue, &label, list("&overdue=yes")),
            is_late: it.overdue > 0,
            label,
        });
    }
    rows
}

fn days(doors: &Doors<'_>, wall: &Wall) -> Vec<DayRow> {
    let row = |id: &str, count: fn(&case::Day) -> i64, list: fn(Between) -> Watched| {
        let label = doors.shell.t.say(id);
        let (now, then) = (count(&wall.today), count(&wall.before));
        let sign = if now > then { "+" } else { "" };
        DayRow {
            today: doors.watched(now, &label, list(wall.today.between)),
            before: doors.watched(then, &label, list(wall.before.between)),
            change: format!("{sign}{}", doors.shell.t.number(now - then)),
            label,
        }
    };
    vec![
        row("wall-received", |it| it.received, Watched::Received),
        row("wall-closed", |it| it.closed, Watched::Closed),
        row("wall-went-overdue", |it| it.overdue, Watched::WentOverdue),
    ]
}

struct Doors<'a> {
    shell: &'a Shell,
    code: &'a str,
    opens: bool,
}

impl Doors<'_> {
    fn door(&self, number: i64, label: &str, address: String) -> Door {
        let number = self.shell.t.number(number);
        Door { label: format!("{label} {number}"), address: self.opens.then_some(address), number }
    }

    fn watched(&self, number: i64, label: &str, what: Watched) -> Door {
        self.door(number, label, address(self.code, what))
    }
}

/// The list of a number, with the moments in it that the number was counted at.
fn address(code: &str, what: Watched) -> String {
    let between = |name: &str, it: Between| {
        format!("what={name}&from={}&until={}", it.from.micros(), it.until.micros())
    };
    let question = match what {
        Watched::Handling { tier, overdue } => {
            format!("what=handling&tier={}{}", tier.as_str(), if overdue { "&overdue=yes" } else { "" })
        }
        Watched::Body(id) => format!("what=body&organization={id}"),
        Watched::Breaking(it) => between("breaking", it),
        Watched::Received(it) => between("received", it),
        Watched::Closed(it) => between("closed", it),
        Watched::WentOverdue(it) => between("went-overdue", it),
    };
    format!("/command/cases?area={code}&{question}")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CasesQuery {
    area: String,
    what: String,
    tier: String,
    overdue: String,
    organization: String,
    from: String,
    until: String,
    cursor: String,
}

impl CasesQuery {
    /// What an address of ours asks for; another address leads nowhere.
    fn watched(&self) -> Result<Watched, Refusal> {
        let moment = |field: &'static str, text: &str| {
            let micros = text.parse().map_err(|_| Refusal::invalid(field, Message::new("fault-date")))?;
            Ok::<_, Refusal>(Timestamp::from_micros(micros))
        };
        let between = || {
            Ok::<_, Refusal>(Between {
                from: moment("from", &self.from)?,
                until: moment("until", &self.until)?,
            })
        };
        Ok(match self.what.as_str() {
            "handling" => Watched::Handling {
                tier: Tier::parse(&self.tier).ok_or(Refusal::NotFound)?,
                overdue: self.overdue == "yes",
            },
            "body" => Watched::Body(self.organization.parse().map_err(|_| Refusal::NotFound)?),
            "breaking" => Watched::Breaking(between()?),
            "received" => Watched::Received(between()?),
            "closed" => Watched::Closed(between()?),
            "went-overdue" => Watched::WentOverdue(between()?),
            _ => return Err(Refusal::NotFound),
        })
    }
}

#[derive(Template)]
#[template(path = "command/cases.html")]
struct CasesPage {
    shell: Shell,
    title: String,
    about: String,
    back: String,
    rows: Vec<Row>,
    next: Option<String>,
}

async fn cases(visitor: Visitor, PageQuery(query): PageQuery<CasesQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let what = query.watched()?;
            let window = Window::parse(Some(ROWS), Some(&query.cursor))?;
            let found = case::watched(ctx, &query.area, what, &window)?;
            let area = area::get(ctx, &query.area, None)?;
            let about = AreaNames::of(ctx, std::iter::once(&area.path))?.line(&area.path);
            let next = found.next.map(|it| format!("{}&cursor={}", address(&area.code, what), it.encode()));
            let page = CasesPage {
                title: title(ctx, &shell, what)?,
                about,
                back: format!("/command/wall?area={}", area.code),
                rows: rows(ctx, &shell, &found.items)?,
                next,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

fn title(ctx: &Ctx, shell: &Shell, what: Watched) -> Result<String, Refusal> {
    let t = &shell.t;
    let between = |id: &str, it: Between| {
        let (from, until) = (t.moment(it.from, ctx.now), t.moment(it.until, ctx.now));
        format!("{} {}", t.say(id), t.with2("wall-between", ("from", &from), ("until", &until)))
    };
    Ok(match what {
        Watched::Handling { tier, overdue } => {
            let tier = t.say(&format!("tier-{}", tier.as_str()));
            t.with(if overdue { "wall-tier-overdue-title" } else { "wall-tier-title" }, "tier", tier)
        }
        Watched::Body(id) => {
            let name = ctx.read(|tx| domain::organization::name(tx, id))?.ok_or(Refusal::NotFound)?;
            t.with("wall-body-title", "body", name)
        }
        Watched::Breaking(it) => between("wall-breaking", it),
        Watched::Received(it) => between("wall-received", it),
        Watched::Closed(it) => between("wall-closed", it),
        Watched::WentOverdue(it) => between("wall-went-overdue", it),
    })
}
