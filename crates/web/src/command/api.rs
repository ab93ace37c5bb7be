//! Figures about cases, and what moves, as it moves.

use std::{collections::HashMap, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json,
    http::{HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use domain::{Ctx, Refusal, area, case};
use kernel::{AreaPath, Tier, Timestamp, limits};
use parking_lot::Mutex;
use policy::{Action, Resource};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{broadcast, mpsc},
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    live::Hub,
    problem::{Problem, ReadErrors},
    request::QueryString,
    visitor::{Visitor, context, run},
};

/// Seconds between two events `counts`.
const COUNTS_SECONDS: u64 = 2;
/// Seconds between two events `ping`, at which the viewer's rights are looked up again.
const PING_SECONDS: u64 = 15;
/// Events written ahead of a slow viewer.
const AHEAD_MAX: usize = 32;

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(counts)).routes(routes!(events))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CountsQuery {
    /// Code of the area whose parts are counted.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// Code of an area: only its cases, and its figures as events `counts`. All that the viewer may see when left out.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Counts {
    #[schema(format = DateTime)]
    as_of: String,
    /// Code of the area asked for.
    area: String,
    /// The day on which the last 30 began; closed cases are counted from it.
    #[schema(format = Date)]
    closed_since: String,
    /// The areas right below it, by code.
    areas: Vec<AreaCounts>,
    total: Count,
}

#[derive(Serialize, ToSchema)]
struct AreaCounts {
    code: String,
    name: String,
    #[serde(flatten)]
    count: Count,
}

#[derive(Serialize, ToSchema)]
struct Count {
    open: i64,
    /// Of the open ones, those whose stage is over its time.
    overdue: i64,
    /// Closed within the last 30 days, today among them.
    closed: i64,
}

/// A case that moved: no person, no text.
#[derive(Serialize, ToSchema)]
struct CaseEvent {
    id: Uuid,
    area_code: String,
    county_code: String,
    stage: String,
    status: &'static str,
    overdue: bool,
    longitude: Option<f64>,
    latitude: Option<f64>,
    #[schema(format = DateTime)]
    at: String,
}

/// One event of the stream.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it stands in the document only; `Event` writes it")]
struct LiveEvent {
    /// `case`, `missed`, `counts` or `ping`.
    event: String,
    /// JSON: a `CaseEvent`, a `Counts`, or an empty object.
    data: String,
}

/// Cases of an area and of those right below it.
#[utoipa::path(
    get, path = "/api/v1/counts", tag = "command", params(CountsQuery), security(("session" = [])),
    responses((status = 200, description = "The figures of this moment", body = Counts), ReadErrors)
)]
async fn counts(
    visitor: Visitor,
    QueryString(query): QueryString<CountsQuery>,
) -> Result<Json<Counts>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        count(ctx, query.area)
    });
    Ok(Json(found.await?))
}

/// What moves in the viewer's areas, as server-sent events: `case` with a `CaseEvent`; `missed` when cases moved faster
/// than the viewer read, and lists have to be asked for anew; `counts` with a `Counts`, after a move and at most every
/// two seconds; `ping` every fifteen.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "command", params(EventsQuery), security(("session" = [])),
    responses(
        (status = 200, description = "A stream without end", content_type = "text/event-stream", body = LiveEvent),
        ReadErrors
    )
)]
async fn events(visitor: Visitor, QueryString(query): QueryString<EventsQuery>) -> Result<Response, Problem> {
    let app = visitor.app.clone();
    if app.hub.viewers() >= limits::LIVE_VIEWERS_MAX {
        return Err(Problem::new(&visitor.translator(), Refusal::TooMany { retry_after_seconds: 30 }));
    }
    let viewer = Viewer { app: app.clone(), token: visitor.token.clone(), area: query.area.clone() };
    let sight = visitor.api(move |ctx| Sight::of(ctx, query.area.as_deref())).await?;
    let (sender, receiver) = mpsc::channel(AHEAD_MAX);
    tokio::spawn(viewer.tell(sight, Hub::watch(&app), sender));
    // Some proxies hold back what they are sent until there is more.
    let unheld = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(([unheld], Sse::new(ReceiverStream::new(receiver))).into_response())
}

type Slot = Arc<tokio::sync::Mutex<Option<(Timestamp, Arc<str>)>>>;

/// The last figures of each area that somebody watches, and when they were counted.
#[derive(Default)]
pub struct Figures(Mutex<HashMap<String, Slot>>);

impl Figures {
    fn slot(&self, code: &str) -> Slot {
        let mut slots = self.0.lock();
        // Only this map holds those that nobody is looking at.
        slots.retain(|known, slot| known == code || Arc::strong_count(slot) > 1);
        slots.entry(code.to_owned()).or_default().clone()
    }
}

fn count(ctx: &Ctx, area: String) -> Result<Counts, Refusal> {
    let counts = case::counts(ctx, &area)?;
    let count = |it: case::Count| Count { open: it.open, overdue: it.overdue, closed: it.closed };
    let part = |it: case::AreaCount| AreaCounts { code: it.code, name: it.name, count: count(it.count) };
    Ok(Counts {
        as_of: ctx.now.to_string(),
        area,
        closed_since: counts.closed_since.civil().date().to_string(),
        total: count(counts.total()),
        areas: counts.areas.into_iter().map(part).collect(),
    })
}

/// Where a viewer sees cases move.
struct Sight {
    scope: policy::Scope,
    within: Option<AreaPath>,
}

impl Sight {
    fn of(ctx: &Ctx, code: Option<&str>) -> Result<Self, Refusal> {
        ctx.person()?;
        let scope = ctx.city.policy.scope(&ctx.actor, Action::CaseList);
        let within = code.map(|code| area::get(ctx, code, None)).transpose()?.map(|it| it.path);
        match &within {
            Some(path) => ctx.must(Action::CaseCount, Resource::Area { path })?,
            None if scope.subtrees.is_empty() => return Err(Refusal::Denied),
            None => {}
        }
        Ok(Self { scope, within })
    }

    fn covers(&self, path: &AreaPath) -> bool {
        self.scope.covers(path) && self.within.as_ref().is_none_or(|it| path.is_within(it))
    }
}

struct Viewer {
    app: Shared,
    token: Option<String>,
    area: Option<String>,
}

type Sender = mpsc::Sender<Result<Event, Infallible>>;

impl Viewer {
    /// Until the viewer goes, or may look no longer.
    async fn tell(self, mut sight: Sight, mut moves: broadcast::Receiver<Arc<case::Move>>, sender: Sender) {
        let (mut counting, mut pinging) = (every(COUNTS_SECONDS), every(PING_SECONDS));
        // When the last move was seen that is not in the figures yet.
        let mut moved: Option<Timestamp> = None;
        loop {
            let event = tokio::select! {
                () = sender.closed() => return,
                it = moves.recv() => match it {
                    Ok(it) if sight.covers(&it.path) => {
                        moved = Some(self.app.city.clock.now());
                        event("case", &case_event(&it))
                    }
                    Ok(_) => continue,
                    // What was missed is in the figures, and in the lists.
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        moved = Some(self.app.city.clock.now());
                        Event::default().event("missed").data("{}")
                    }
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                _ = counting.tick(), if moved.is_some() && self.area.is_some() => {
                    match self.figures(moved.take()).await {
                        Ok(Some(counts)) => Event::default().event("counts").data(counts.as_ref()),
                        Ok(None) => continue,
                        Err(()) => return,
                    }
                }
                _ = pinging.tick() => {
                    match self.look(|ctx, area| Sight::of(ctx, area.as_deref())).await {
                        Ok(now) => sight = now.unwrap_or(sight),
                        Err(()) => return,
                    }
                    Event::default().event("ping").data("{}")
                }
            };
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
        }
    }

    /// The figures of the viewer's area, no older than `since`: what one viewer has counted serves all of that area,
    /// whose rights are looked up at each ping as they are for the cases that they see move.
    async fn figures(&self, since: Option<Timestamp>) -> Result<Option<Arc<str>>, ()> {
        let code = self.area.clone().unwrap_or_default();
        let slot = self.app.figures.slot(&code);
        let mut counted = slot.lock().await;
        if let Some((_, text)) = counted.as_ref().filter(|(at, _)| Some(*at) >= since) {
            return Ok(Some(text.clone()));
        }
        let at = self.app.city.clock.now();
        let Some(counts) = self.look(|ctx, area| count(ctx, area.unwrap_or_default())).await? else {
            return Ok(None);
        };
        let text: Arc<str> = serde_json::to_string(&counts).unwrap_or_default().into();
        *counted = Some((at, text.clone()));
        Ok(Some(text))
    }

    /// With the rights that the viewer has now. None when the server is too busy; an error when they may not.
    async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Ctx, Option<String>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<Option<T>, ()> {
        let (token, area) = (self.token.clone(), self.area.clone());
        let found =
            run(self.app.clone(), move |app| work(&context(app, token.as_deref(), true)?, area)).await;
        match found {
            Ok(found) => Ok(Some(found)),
            Err(Refusal::SignIn | Refusal::Denied | Refusal::NotFound) => Err(()),
            Err(_) => Ok(None),
        }
    }
}

fn every(seconds: u64) -> Interval {
    let mut interval = interval(Duration::from_secs(seconds));
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

fn event(name: &str, data: &impl Serialize) -> Event {
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}

fn case_event(it: &case::Move) -> CaseEvent {
    let county = it.path.codes().find(|code| Tier::of_code(code) == Some(Tier::County));
    CaseEvent {
        id: it.case.uuid(),
        area_code: it.path.code().to_owned(),
        county_code: county.unwrap_or(it.path.code()).to_owned(),
        stage: it.stage.clone(),
        status: it.status.as_str(),
        overdue: it.overdue,
        longitude: it.position.map(|(longitude, _)| longitude),
        latitude: it.position.map(|(_, latitude)| latitude),
        at: it.at.to_string(),
    }
}
