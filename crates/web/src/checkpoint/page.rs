//! The office's pages: its checkpoints, what they count, their devices and the links of these.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{
    Ctx, Message, Refusal, Window, area,
    checkpoint::{self, Checkpoint, Detail, Device, New},
};
use fast_qr::{QRBuilder, convert::svg::SvgBuilder};
use kernel::{Checkpoint as CheckpointName, Id, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use super::app::APP;
use crate::{
    app::{App, Shared},
    area::around_posts,
    case::view::AreaNames,
    locale::Translator,
    sent::{PageForm, PagePath, PageQuery},
    shell::{self, FormFaults, Shell},
    visitor::{Visitor, origin},
};

const HOUR_MICROS: i64 = 3600 * 1_000_000;
const DAY_SECONDS: i64 = 24 * 3600;
/// Checkpoints on a page of the list.
const LIST_ROWS: i64 = 50;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/checkpoints", get(list).post(open))
        .route("/checkpoints/{id}", get(one))
        .route("/checkpoints/{id}/close", post(close))
        .route("/checkpoints/{id}/devices", post(add_device))
        .route("/checkpoints/{id}/devices/{number}", get(device))
        .route("/checkpoints/{id}/devices/{number}/end", post(end_device))
}

/// A kind of place of a regime that runs.
struct Kind {
    /// `regime:bit`.
    value: String,
    words: String,
    is_chosen: bool,
}

struct Row {
    address: String,
    name: String,
    place: String,
    state: String,
    is_open: bool,
    silent: i64,
    about: String,
}

/// Why looks of a day came to no green, over whole counties.
struct DayRow {
    day: String,
    reasons: String,
}

#[derive(Template)]
#[template(path = "checkpoint/list.html")]
struct ListPage {
    shell: Shell,
    place: String,
    rows: Vec<Row>,
    reasons: Vec<DayRow>,
    next: Option<String>,
    kinds: Vec<Kind>,
    may_open: bool,
    form: OpenForm,
    faults: FormFaults,
    /// First and last day that can be chosen.
    days: (String, String),
    areas: Vec<(String, String)>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OpenForm {
    id: String,
    area: String,
    name: String,
    kind: String,
    last_day: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Behind {
    cursor: String,
}

async fn list(visitor: Visitor, State(app): State<Shared>, PageQuery(behind): PageQuery<Behind>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let window = Window::parse(Some(LIST_ROWS), Some(&behind.cursor))?;
            listed(ctx, &app, shell, &window, OpenForm::default(), &[])
        })
        .await
}

fn listed(
    ctx: &Ctx,
    app: &App,
    shell: Shell,
    window: &Window,
    form: OpenForm,
    faults: &[domain::Fault],
) -> Result<Response, Refusal> {
    ctx.person()?;
    let own = checkpoint::own_areas(ctx);
    let first = own.first().ok_or(Refusal::Denied)?;
    let found = checkpoint::list(ctx, &own, window)?;
    let names = AreaNames::of(ctx, found.items.iter().map(|it| &it.checkpoint.path).chain(&own))?;
    let t = &shell.t;
    let reasons = checkpoint::reasons(ctx, &own)?;
    let places: Vec<_> = own.iter().map(|it| names.line(it)).collect();
    let row = |it: &checkpoint::Listed| Row {
        address: format!("/checkpoints/{}", it.checkpoint.id),
        name: it.checkpoint.name.clone(),
        place: names.line(&it.checkpoint.path),
        state: state(t, &it.checkpoint, ctx.now),
        is_open: it.checkpoint.is_open(ctx.now),
        silent: it.silent,
        about: t.with2("checkpoint-about", ("devices", it.devices), ("looks", it.looks)),
    };
    let rows = found.items.iter().map(row).collect();
    let may_open = checkpoint::may_open_somewhere(ctx);
    let (kinds, end) = if may_open { kinds(app, &form.kind, ctx.now) } else { (Vec::new(), ctx.now) };
    // Through its last day it stands for so many days at most, and no longer than the order.
    let last = ctx.now.plus_seconds((checkpoint::DAYS_MAX - 1) * DAY_SECONDS).min(end.plus_seconds(-1));
    let page = ListPage {
        place: places.join(&t.say("event-semicolon")),
        rows,
        reasons: reasons.iter().map(|day| day_row(ctx, t, day)).collect(),
        next: found.next.map(|it| format!("/checkpoints?cursor={}", it.encode())),
        kinds,
        may_open,
        faults: FormFaults::new(t, faults),
        areas: if may_open { around_posts(ctx)? } else { Vec::new() },
        days: (day_of(ctx.now), day_of(last)),
        form: OpenForm {
            id: if form.id.is_empty() { ctx.id::<CheckpointName>().to_string() } else { form.id },
            area: if form.area.is_empty() { first.code().to_owned() } else { form.area },
            ..form
        },
        shell,
    };
    let status = if page.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    shell::html(status, &page)
}

fn day_row(ctx: &Ctx, t: &Translator, it: &checkpoint::Day) -> DayRow {
    let reason = |(code, looks): &(String, Option<i64>)| {
        let word = match code.as_str() {
            checkpoint::REFUSED => t.say("checkpoint-outcome-refused"),
            code => t.say(&format!("pass-{code}")),
        };
        format!("{word} {}", looks.map_or_else(|| t.say("area-few"), |looks| t.number(looks)))
    };
    let reasons: Vec<_> = it.reasons.iter().map(reason).collect();
    DayRow { day: t.date(Timestamp::of_day(it.day), ctx.now), reasons: reasons.join(" · ") }
}

fn day_of(at: Timestamp) -> String {
    at.civil().date().to_string()
}

fn state(t: &Translator, it: &Checkpoint, now: Timestamp) -> String {
    let word = if it.is_open(now) { "checkpoint-open-until" } else { "checkpoint-ended-at" };
    t.with(word, "time", t.moment(it.end(), now))
}

fn moment(seconds: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(seconds).unwrap_or(i64::MAX / 1_000_000).saturating_mul(1_000_000))
}

/// The kinds of place of the regimes that run now, as the bundle has them, and when the last of these ends.
fn kinds(app: &App, chosen: &str, now: Timestamp) -> (Vec<Kind>, Timestamp) {
    let Some(verifier) = app.known.verifier(&app.city) else { return (Vec::new(), now) };
    let (mut kinds, mut end) = (Vec::new(), now);
    for regime in verifier.regimes().filter(|it| moment(it.end) > now) {
        end = end.max(moment(regime.end));
        for (bit, name) in regime.scopes.iter().enumerate() {
            let value = format!("{}:{bit}", regime.number);
            let words = format!("{} · {name}", regime.title);
            kinds.push(Kind { is_chosen: value == chosen, value, words });
        }
    }
    (kinds, end)
}

/// Number, kind of place and end of a regime that the form names.
fn chosen(app: &App, kind: &str) -> Option<(u16, u8, Timestamp)> {
    let (number, bit) = kind.split_once(':')?;
    let (number, bit): (u16, u8) = (number.parse().ok()?, bit.parse().ok()?);
    let verifier = app.known.verifier(&app.city)?;
    let regime = verifier.regimes().find(|it| it.number == number)?;
    (usize::from(bit) < regime.scopes.len()).then(|| (number, bit, moment(regime.end)))
}

async fn open(visitor: Visitor, State(app): State<Shared>, PageForm(form): PageForm<OpenForm>) -> Response {
    visitor
        .page(move |ctx, shell| match opened(ctx, &app, &form) {
            Ok(checkpoint) => Ok(Redirect::to(&format!("/checkpoints/{}", checkpoint.id)).into_response()),
            Err(Refusal::Invalid(faults)) => {
                listed(ctx, &app, shell, &Window::first(LIST_ROWS as usize), form, &faults)
            }
            Err(refusal) => Err(refusal),
        })
        .await
}

fn opened(ctx: &Ctx, app: &App, form: &OpenForm) -> Result<Checkpoint, Refusal> {
    ctx.person()?;
    let at_fault = |field: &str, message: &'static str| Refusal::invalid(field, Message::new(message));
    let id: Uuid = form.id.parse().map_err(|_| at_fault("id", "fault-choice"))?;
    let (regime, place, regime_ends_at) =
        chosen(app, &form.kind).ok_or_else(|| at_fault("kind", "fault-choice"))?;
    // Through that day, or until the regime ends on it.
    let day = Timestamp::parse(&form.last_day).filter(|_| form.last_day.len() == "2026-01-31".len());
    let night = day.ok_or_else(|| at_fault("ends_at", "fault-date"))?.plus_seconds(DAY_SECONDS);
    let is_last = regime_ends_at < night && night.seconds_since(regime_ends_at) < DAY_SECONDS;
    let ends_at = if is_last { regime_ends_at } else { night };
    let (area, name) = (form.area.clone(), form.name.clone());
    checkpoint::open(ctx, &New { id: Id::from_uuid(id), area, name, regime, place, ends_at })
}

struct DeviceRow {
    number: i64,
    address: String,
    heard: String,
    is_silent: bool,
    is_ended: bool,
}

struct HourRow {
    time: String,
    green: i64,
    red: i64,
    yellow: i64,
}

#[derive(Template)]
#[template(path = "checkpoint/one.html")]
struct OnePage {
    shell: Shell,
    address: String,
    name: String,
    about: String,
    state: String,
    is_open: bool,
    may_administer: bool,
    devices: Vec<DeviceRow>,
    hours: Vec<HourRow>,
}

async fn one(visitor: Visitor, State(app): State<Shared>, PagePath(id): PagePath<Uuid>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let found = checkpoint::detail(ctx, Id::from_uuid(id))?;
            let it = &found.checkpoint;
            let code = it.path.code();
            let area = area::get(ctx, code, None).map_or_else(|_| code.to_owned(), |area| area.name);
            let t = &shell.t;
            let page = OnePage {
                address: format!("/checkpoints/{}", it.id),
                name: it.name.clone(),
                about: format!("{area} · {}", kind_words(&app, t, it)),
                state: state(t, it, ctx.now),
                is_open: it.is_open(ctx.now),
                may_administer: found.may_administer,
                devices: found.devices.iter().map(|device| device_row(ctx, t, it, device)).collect(),
                hours: found.hours.iter().map(|hour| hour_row(ctx, t, hour)).collect(),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// As its regime calls it; by numbers once the regime is gone.
fn kind_words(app: &App, t: &Translator, it: &Checkpoint) -> String {
    let verifier = app.known.verifier(&app.city);
    let regime =
        verifier.as_ref().and_then(|known| known.regimes().find(|regime| regime.number == it.regime));
    let words = regime.and_then(|regime| {
        regime.scopes.get(usize::from(it.place)).map(|scope| format!("{} · {scope}", regime.title))
    });
    words.unwrap_or_else(|| t.with2("checkpoint-kind", ("regime", it.regime), ("place", it.place + 1)))
}

fn device_row(ctx: &Ctx, t: &Translator, of: &Checkpoint, it: &Device) -> DeviceRow {
    let heard = match (it.ended_at, it.heard_at) {
        (Some(at), _) => t.with("checkpoint-device-ended", "time", t.moment(at, ctx.now)),
        (None, Some(at)) => t.with("checkpoint-device-heard", "time", t.moment(at, ctx.now)),
        (None, None) => t.say("checkpoint-device-never"),
    };
    DeviceRow {
        number: it.number,
        address: format!("/checkpoints/{}/devices/{}", of.id, it.number),
        heard,
        is_silent: it.is_silent(of, ctx.now),
        is_ended: it.ended_at.is_some(),
    }
}

fn hour_row(ctx: &Ctx, t: &Translator, it: &checkpoint::Hour) -> HourRow {
    HourRow {
        time: t.moment(Timestamp::from_micros(it.hour.saturating_mul(HOUR_MICROS)), ctx.now),
        green: it.green,
        red: it.red,
        yellow: it.yellow,
    }
}

async fn close(visitor: Visitor, PagePath(id): PagePath<Uuid>) -> Response {
    visitor
        .page(move |ctx, _| {
            checkpoint::close(ctx, Id::from_uuid(id))?;
            Ok(Redirect::to(&format!("/checkpoints/{id}")).into_response())
        })
        .await
}

async fn add_device(visitor: Visitor, PagePath(id): PagePath<Uuid>) -> Response {
    visitor
        .page(move |ctx, _| {
            let device = checkpoint::add_device(ctx, Id::from_uuid(id))?;
            Ok(Redirect::to(&format!("/checkpoints/{id}/devices/{}", device.number)).into_response())
        })
        .await
}

async fn end_device(visitor: Visitor, PagePath((id, number)): PagePath<(Uuid, i64)>) -> Response {
    visitor
        .page(move |ctx, _| {
            checkpoint::end_device(ctx, Id::from_uuid(id), number)?;
            Ok(Redirect::to(&format!("/checkpoints/{id}")).into_response())
        })
        .await
}

#[derive(Template)]
#[template(path = "checkpoint/device.html")]
struct DevicePage {
    shell: Shell,
    back: String,
    name: String,
    number: i64,
    link: String,
    /// Drawn, without anything that a content security policy forbids.
    picture: String,
}

/// The link of a device, to be scanned by it. Who may open the checkpoint may hand it out.
async fn device(
    visitor: Visitor,
    headers: HeaderMap,
    PagePath((id, number)): PagePath<(Uuid, i64)>,
) -> Response {
    let site = origin(&visitor, &headers);
    visitor
        .page(move |ctx, shell| {
            let Detail { checkpoint, devices, may_administer, .. } =
                checkpoint::detail(ctx, Id::from_uuid(id))?;
            let device = devices.into_iter().find(|it| it.number == number && it.ended_at.is_none());
            let device = device.filter(|_| may_administer).ok_or(Refusal::NotFound)?;
            let link = format!("{site}{APP}#{}", checkpoint::device_token(&ctx.city, device.id));
            let code = QRBuilder::new(link.as_str()).build();
            let code = code.map_err(|error| Refusal::Broken(format!("a link fits no QR code: {error:?}")))?;
            let page = DevicePage {
                back: format!("/checkpoints/{id}"),
                name: checkpoint.name,
                number,
                picture: SvgBuilder::default().to_str(&code),
                link,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}
