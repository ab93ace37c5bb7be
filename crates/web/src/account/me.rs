//! What is one's own.

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{Ctx, Fault, Message, Refusal, Window, account, area, journal, organization, withholding};
use kernel::{Id, JournalEntry, Session, limits};
use serde::Deserialize;

use crate::{
    app::Shared,
    journal::view::{Reading, proof_file},
    locale::Translator,
    sent::{PageForm, PagePath, PageQuery, lead_on},
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

/// Readings on one page.
const READINGS: usize = 20;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/me", get(me))
        .route("/me/readings/{entry}", get(proof))
        .route("/me/password", post(change_password))
        .route("/me/sessions/{id}/revoke", post(revoke))
        .route("/me/sessions/revoke-others", post(revoke_others))
}

#[derive(Template)]
#[template(path = "account/me.html")]
struct MePage {
    shell: Shell,
    name: String,
    posts: Vec<Post>,
    devices: Vec<Device>,
    readings: Vec<Reading>,
    /// What is withheld of them by law and until when, and what was.
    withheld: Vec<String>,
    /// Cursor of the readings before these.
    earlier: Option<String>,
    faults: FormFaults,
    password_changed: bool,
    password_chars_min: usize,
}

struct Post {
    role: String,
    organization: String,
    area: String,
    area_code: String,
}

/// A session by the words that its owner knows the device by.
struct Device {
    name: String,
    session: account::SessionRow,
}

#[derive(Deserialize)]
struct MeQuery {
    cursor: Option<String>,
    changed: Option<String>,
}

#[derive(Deserialize)]
struct Passwords {
    #[serde(default)]
    old_password: String,
    #[serde(default)]
    new_password: String,
}

async fn me(visitor: Visitor, PageQuery(query): PageQuery<MeQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let window = Window::parse(Some(READINGS as i64), query.cursor.as_deref())?;
            let page =
                MePage { password_changed: query.changed.is_some(), ..MePage::load(ctx, shell, &window)? };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

impl MePage {
    fn load(ctx: &Ctx, mut shell: Shell, window: &Window) -> Result<Self, Refusal> {
        let me = ctx.person()?;
        shell.here = "/me".into();
        let readings = journal::readings(ctx, me.person, window)?;
        Ok(Self {
            name: me.name.clone(),
            posts: posts(ctx, &shell.t)?,
            devices: account::sessions(ctx)?.into_iter().map(|it| device(&shell.t, it)).collect(),
            readings: readings.items.iter().map(|it| Reading::new(&shell.t, it, "/me")).collect(),
            withheld: if window.after.is_none() { withheld(ctx, &shell.t)? } else { Vec::new() },
            earlier: readings.next.map(|it| it.encode()),
            faults: FormFaults::default(),
            password_changed: false,
            password_chars_min: limits::PASSWORD_CHARS_MIN,
            shell,
        })
    }
}

fn withheld(ctx: &Ctx, t: &Translator) -> Result<Vec<String>, Refusal> {
    let (running, ended) = withholding::of_person(ctx, ctx.person()?.person)?;
    let until = |it: &withholding::Withheld| {
        t.with2("readings-withheld", ("count", &it.entries), ("time", &t.moment(it.until, ctx.now)))
    };
    let was = |it: &withholding::Ended| {
        let day = |at: Option<kernel::Timestamp>| at.map(|at| t.date(at, ctx.now)).unwrap_or_default();
        let message = Message::new("readings-ended")
            .with("begin", day(it.withholding.decided_at))
            .with("end", day(it.withholding.ends_at))
            .with("count", it.entries)
            .with("body", it.organization_name.as_deref().unwrap_or_default())
            .with("decider", it.decider_name.as_deref().unwrap_or_default())
            .with("basis", &it.withholding.basis);
        t.message(&message)
    };
    Ok(running.iter().map(until).chain(ended.iter().map(was)).collect())
}

fn posts(ctx: &Ctx, t: &Translator) -> Result<Vec<Post>, Refusal> {
    let post = |it: &policy::Appointment| {
        // A post outlives the tree in which it was given: an area that ended still has its code.
        let area = match area::get(ctx, it.area.code(), None) {
            Ok(area) => area.name,
            Err(Refusal::NotFound) => it.area.code().to_owned(),
            Err(refusal) => return Err(refusal),
        };
        let organization = organization::get(ctx, it.organization)?.name;
        let role = t.say(&format!("role-{}", it.role.as_str()));
        Ok(Post { role, organization, area, area_code: it.area.code().to_owned() })
    };
    ctx.actor.appointments.iter().map(post).collect()
}

/// Browsers name themselves by many names, of which the first here that is found is the right one.
const BROWSERS: [(&str, &str); 7] = [
    ("MicroMessenger/", "WeChat"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
];

fn device(t: &Translator, session: account::SessionRow) -> Device {
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| session.device.contains(mark)).map(|(_, name)| *name)
    };
    let known: Vec<&str> = [find(&BROWSERS), find(&SYSTEMS)].into_iter().flatten().collect();
    let name = match (known.is_empty(), session.device.is_empty()) {
        (false, _) => known.join(" · "),
        (true, false) => session.device.clone(),
        (true, true) => t.say("device-unknown"),
    };
    Device { name, session }
}

/// A proof that a reading of one's record stands in the public log.
async fn proof(visitor: Visitor, PagePath(entry): PagePath<Id<JournalEntry>>) -> Response {
    visitor
        .page(move |ctx, _| {
            Ok(proof_file(entry, journal::proof_of_reading(ctx, ctx.person()?.person, entry)?))
        })
        .await
}

async fn change_password(visitor: Visitor, PageForm(form): PageForm<Passwords>) -> Response {
    let app = visitor.app.clone();
    let address = visitor.address;
    let permit = app.hashing.clone().acquire_owned().await;
    visitor
        .page(move |ctx, shell| {
            let _permit = permit;
            // A guess at the old password counts like a failed sign-in.
            app.guard.sign_in(address, &ctx.person()?.account.to_string())?;
            match account::change_password(ctx, &form.old_password, &form.new_password) {
                Ok(()) => Ok(lead_on("/me?changed=password", "/me")),
                Err(Refusal::Invalid(faults)) => me_again(ctx, shell, &faults),
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

/// The page again with what is wrong. A password is never sent back.
fn me_again(ctx: &Ctx, shell: Shell, faults: &[Fault]) -> Result<Response, Refusal> {
    let faults = FormFaults::new(&shell.t, faults);
    let page = MePage { faults, ..MePage::load(ctx, shell, &Window::first(READINGS))? };
    shell::html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn revoke(visitor: Visitor, PagePath(id): PagePath<String>) -> Response {
    visitor
        .page(move |ctx, _| {
            ctx.person()?;
            let session: Id<Session> = id.parse().map_err(|_| Refusal::NotFound)?;
            account::revoke(ctx, session)?;
            Ok(lead_on("/me", "/me"))
        })
        .await
}

async fn revoke_others(visitor: Visitor) -> Response {
    visitor
        .page(|ctx, _| {
            account::revoke_all_others(ctx)?;
            Ok(lead_on("/me", "/me"))
        })
        .await
}
