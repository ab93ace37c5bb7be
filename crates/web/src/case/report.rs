//! Reporting: first where, then what.

use std::collections::BTreeMap;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Ctx, Message, Refusal, Window, area,
    case::{self, Contact, Report},
    resident,
};
use kernel::{Role, Tier, limits};
use serde::Deserialize;

use super::{
    admission::Admitted,
    typed::{CONFLICT, Wrong, wrongs},
    upload::Upload,
    view::{AreaNames, Choice, Group, classes, standing_word},
};
use crate::{
    form::{PageQuery, lead_on},
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

/// Areas found by one search.
const FOUND_MAX: usize = 30;

#[derive(Template)]
#[template(path = "case/where.html")]
struct WherePage {
    shell: Shell,
    /// The area that is being looked into and those above it: name and address.
    line: Vec<Place>,
    /// Those right below, or those found.
    places: Vec<Place>,
    /// Where this person lives or works.
    mine: Vec<Place>,
    q: String,
    is_search: bool,
    /// What could not be found.
    fault: Option<String>,
    longitude: String,
    latitude: String,
}

/// An area to choose or to look into.
struct Place {
    name: String,
    /// What tells it from others of its name.
    above: String,
    address: String,
    /// Choosing it leads to the form.
    is_end: bool,
}

#[derive(Template)]
#[template(path = "case/report.html")]
struct ReportPage {
    shell: Shell,
    id: String,
    area: String,
    place_line: String,
    fields: BTreeMap<String, String>,
    classes: Vec<Group>,
    /// Kinds of work to choose from, where the actor's office may start others than those of the classes.
    kinds: Vec<Choice>,
    is_signed_in: bool,
    photos_max: usize,
    photo_megabytes_max: usize,
    text_chars_max: usize,
    line_chars_max: usize,
    faults: FormFaults,
    wrongs: Vec<Wrong>,
    /// What is being handled near the place, so that the report may not be needed.
    nearby: Vec<NearbyLine>,
}

/// A case near the place: how far, where it stands, and where that can be followed.
struct NearbyLine {
    words: String,
    address: String,
}

impl ReportPage {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    fn has_position(&self) -> bool {
        !self.field("longitude").is_empty() || self.faults.of("position").is_some()
    }
}

#[derive(Deserialize, Default)]
pub struct WhereQuery {
    #[serde(default)]
    area: String,
    #[serde(default)]
    within: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    longitude: String,
    #[serde(default)]
    latitude: String,
    /// Class and number of a case that is reported again.
    #[serde(default)]
    class: String,
    #[serde(default)]
    again: String,
}

impl WhereQuery {
    /// Longitude and latitude as they go on in addresses; nothing where they are no numbers.
    fn position(&self) -> String {
        match (self.longitude.trim().parse::<f64>(), self.latitude.trim().parse::<f64>()) {
            (Ok(longitude), Ok(latitude)) if longitude.is_finite() && latitude.is_finite() => {
                format!("&longitude={longitude}&latitude={latitude}")
            }
            _ => String::new(),
        }
    }
}

pub async fn form(visitor: Visitor, PageQuery(query): PageQuery<WhereQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            if !query.area.is_empty() {
                return match area::get(ctx, &query.area, None) {
                    Ok(area) => what(ctx, shell, &area, &query),
                    Err(Refusal::NotFound) => pick(ctx, shell, &query, Some("fault-unknown-area")),
                    Err(refusal) => Err(refusal),
                };
            }
            let is_located = query.within.is_empty() && query.q.is_empty() && !query.position().is_empty();
            match is_located {
                true => locate(ctx, shell, query),
                false => pick(ctx, shell, &query, None),
            }
        })
        .await
}

/// Looks into the area around a position, as deep as boundaries are known.
fn locate(ctx: &Ctx, shell: Shell, query: WhereQuery) -> Result<Response, Refusal> {
    let degrees = |text: &str| text.trim().parse().unwrap_or(f64::NAN);
    match area::locate(ctx, degrees(&query.longitude), degrees(&query.latitude))? {
        Some(area) => pick(ctx, shell, &WhereQuery { within: area.code, ..query }, None),
        None => pick(ctx, shell, &query, Some("where-outside")),
    }
}

/// The page on which the area is chosen, level by level or by a search.
fn pick(ctx: &Ctx, shell: Shell, query: &WhereQuery, fault: Option<&str>) -> Result<Response, Refusal> {
    let position = query.position();
    let q: String = query.q.trim().chars().take(limits::AREA_NAME_CHARS_MAX).collect();
    let is_search = !q.is_empty();
    let mut fault = fault.map(|id| shell.t.say(id));
    let within = match inside(ctx, &query.within) {
        Err(Refusal::NotFound) => {
            fault = Some(shell.t.say("fault-unknown-area"));
            inside(ctx, "")?
        }
        found => found?,
    };
    let Some(within) = within else { return Err(Refusal::NotFound) };
    let found = match is_search {
        true => area::search(ctx, &q, FOUND_MAX)?,
        false => area::children(ctx, &within.code, None, &Window::first(limits::PAGE_ROWS_MAX))?.items,
    };
    if found.is_empty() && !is_search {
        return what(ctx, shell, &within, query);
    }
    let names = AreaNames::of(ctx, found.iter().map(|it| &it.path))?;
    let place = |it: &area::Area| Place { above: above(&names, it, is_search), ..place(it, &position) };
    let line = area::breadcrumb(ctx, &within, None)?;
    let page = WherePage {
        line: line.iter().map(|it| self::place(it, &position)).collect(),
        places: found.iter().map(place).collect(),
        mine: if is_search || !query.within.is_empty() { Vec::new() } else { mine(ctx, &shell, &position)? },
        q,
        is_search,
        fault,
        longitude: query.longitude.trim().chars().take(24).collect(),
        latitude: query.latitude.trim().chars().take(24).collect(),
        shell,
    };
    let status = if page.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    shell::html(status, &page)
}

/// The area that is looked into; without a code the whole city.
fn inside(ctx: &Ctx, code: &str) -> Result<Option<area::Area>, Refusal> {
    if !code.is_empty() {
        return area::get(ctx, code, None).map(Some);
    }
    let filter = area::Filter { tier: Some(Tier::City), ..area::Filter::default() };
    Ok(area::list(ctx, &filter, &Window::first(1))?.0.items.into_iter().next())
}

/// A grid is chosen, anything above it is looked into.
fn place(area: &area::Area, position: &str) -> Place {
    Place {
        name: area.name.clone(),
        above: String::new(),
        address: format!("{}{position}", address(area)),
        is_end: is_end(area),
    }
}

/// Where an area is chosen, or looked into.
pub fn address(area: &area::Area) -> String {
    format!("/report?{}={}", if is_end(area) { "area" } else { "within" }, area.code)
}

fn is_end(area: &area::Area) -> bool {
    area.tier >= Tier::Grid
}

fn above(names: &AreaNames, area: &area::Area, is_search: bool) -> String {
    match area.path.parent().filter(|_| is_search) {
        Some(parent) => names.line(&parent),
        None => String::new(),
    }
}

/// The grid in which a resident lives, or the areas of a person's posts.
fn mine(ctx: &Ctx, shell: &Shell, position: &str) -> Result<Vec<Place>, Refusal> {
    let Some(person) = ctx.signed_in.as_ref().map(|it| it.person) else { return Ok(Vec::new()) };
    let home = ctx.read(|tx| resident::home_of(tx, person))?.map(|(_, path)| path);
    let posts = ctx.actor.appointments.iter().filter(|it| it.role.is_grid() || it.role == Role::Acceptor);
    let mut paths: Vec<_> = posts.map(|it| (it.area.clone(), "where-my-area")).collect();
    paths.extend(home.map(|path| (path, "where-my-home")));
    let names = AreaNames::of(ctx, paths.iter().map(|(path, _)| path))?;
    let mut mine: Vec<Place> = Vec::new();
    for (path, label) in &paths {
        if let Ok(area) = area::get(ctx, path.code(), None)
            && !mine.iter().any(|it| it.address == place(&area, position).address)
        {
            mine.push(Place { name: shell.t.say(label), above: names.line(path), ..place(&area, position) });
        }
    }
    Ok(mine)
}

/// The form about what is wrong, in a chosen area.
fn what(ctx: &Ctx, shell: Shell, area: &area::Area, query: &WhereQuery) -> Result<Response, Refusal> {
    let mut fields = BTreeMap::new();
    if !query.position().is_empty() {
        fields.insert("longitude".to_owned(), query.longitude.trim().to_owned());
        fields.insert("latitude".to_owned(), query.latitude.trim().to_owned());
    }
    if case::is_number(&query.again) {
        fields.insert("description".to_owned(), shell.t.with("report-again", "number", &query.again) + "\n");
        fields.insert("class".to_owned(), query.class.clone());
    }
    shell::html(StatusCode::OK, &report_page(ctx, shell, area, fields)?)
}

fn report_page(
    ctx: &Ctx,
    shell: Shell,
    area: &area::Area,
    fields: BTreeMap<String, String>,
) -> Result<ReportPage, Refusal> {
    let names = AreaNames::of(ctx, std::iter::once(&area.path))?;
    let chosen = fields.get("class").cloned().unwrap_or_default();
    Ok(ReportPage {
        id: ctx.id::<kernel::Case>().to_string(),
        area: area.code.clone(),
        place_line: names.line(&area.path),
        classes: classes(ctx, &shell, &chosen),
        kinds: kinds(ctx, &shell, area, fields.get("procedure").map_or("", String::as_str)),
        is_signed_in: ctx.signed_in.is_some(),
        photos_max: limits::PHOTOS_PER_STEP_MAX,
        photo_megabytes_max: limits::PHOTO_BYTES_MAX / (1024 * 1024),
        text_chars_max: limits::TEXT_CHARS_MAX,
        line_chars_max: limits::LINE_CHARS_MAX,
        faults: FormFaults::default(),
        wrongs: Vec::new(),
        nearby: Vec::new(),
        fields,
        shell,
    })
}

/// The page of a form that was sent. It can be asked for again by its place: what was typed stays out of addresses.
fn sent_page(ctx: &Ctx, shell: Shell, area: &area::Area, upload: Upload) -> Result<ReportPage, Refusal> {
    let fields = upload.into_fields();
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let (longitude, latitude) = (field("longitude"), field("latitude"));
    let position = WhereQuery { longitude, latitude, ..WhereQuery::default() }.position();
    let here = format!("/report?area={}{position}", area.code);
    report_page(ctx, Shell { here, ..shell }, area, fields)
}

/// None, where there is nothing to choose.
fn kinds(ctx: &Ctx, shell: &Shell, area: &area::Area, chosen: &str) -> Vec<Choice> {
    let choice = |it: &case::Procedure| Choice {
        value: it.id.clone(),
        label: case::words(&it.label, shell.language()).to_owned(),
        is_chosen: it.id == chosen,
    };
    let mut kinds: Vec<Choice> = case::kinds(ctx, &area.path).into_iter().map(choice).collect();
    if !kinds.is_empty() {
        let is_chosen = kinds.iter().all(|it| !it.is_chosen);
        let usual = Choice { value: String::new(), label: shell.t.say("report-kind-usual"), is_chosen };
        kinds.insert(0, usual);
    }
    kinds
}

/// Takes a report, and leads to where it can be followed.
pub async fn report(visitor: Visitor, _: Admitted, mut upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            // What a phone kept without network comes when nobody looks at an offer: whoever opens the case sees what is near.
            if !shell.reads_json
                && let Some(offered) = offer(ctx, &shell, &upload)?
            {
                return again_with(ctx, shell, upload, offered);
            }
            match take(ctx, &mut upload) {
                Ok(case) if ctx.signed_in.is_some() => Ok(lead_on(&format!("/cases/{}?new=1", case.id), "/")),
                Ok(case) => Ok(lead_on(
                    &format!("/follow/{}?new=1", case::follow_token(&ctx.city, case.id)),
                    "/follow",
                )),
                Err(refusal) if shell.reads_json => Err(refusal),
                Err(Refusal::Invalid(faults)) => {
                    again(ctx, shell, upload, &faults, StatusCode::UNPROCESSABLE_ENTITY)
                }
                Err(Refusal::Conflict(message)) => {
                    let fault = domain::Fault { field: CONFLICT.into(), message };
                    again(ctx, shell, upload, &[fault], StatusCode::CONFLICT)
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

/// What is open and of the same class near the place of a report, unless its sender has seen that and reports all the same.
fn offer(ctx: &Ctx, shell: &Shell, upload: &Upload) -> Result<Option<Vec<NearbyLine>>, Refusal> {
    let Ok(Some(position)) = position(upload) else { return Ok(None) };
    if upload.text("despite") == "yes" {
        return Ok(None);
    }
    let report = report_of(ctx, upload, Some(position), Vec::new());
    let line = |it: &case::PublishedNearby| {
        let standing = shell.t.say(standing_word(case::standing(ctx, &it.case)));
        let metres = ("metres", it.metres.round() as i64);
        NearbyLine {
            words: shell.t.with2("report-nearby", metres, ("standing", &standing)),
            address: format!("/published/{}", it.case.id),
        }
    };
    let lines: Vec<_> = case::reported_nearby(ctx, &report)?.iter().map(line).collect();
    Ok(Some(lines).filter(|it| !it.is_empty()))
}

/// The form again, with what lies nearby above it.
fn again_with(ctx: &Ctx, shell: Shell, upload: Upload, nearby: Vec<NearbyLine>) -> Result<Response, Refusal> {
    let area = area::get(ctx, upload.text("area"), None)?;
    let id = upload.given("id");
    let mut page = sent_page(ctx, shell, &area, upload)?;
    page.id = id.unwrap_or(page.id);
    page.nearby = nearby;
    shell::html(StatusCode::CONFLICT, &page)
}

fn take(ctx: &Ctx, upload: &mut Upload) -> Result<case::Case, Refusal> {
    let mut faults = Vec::new();
    // Faults of the position and of the photos are told together.
    let position = or_faults(position(upload), &mut faults)?;
    let photos = or_faults(upload.store_photos(ctx), &mut faults)?;
    let report = report_of(ctx, upload, position, photos);
    if faults.is_empty() {
        case::report(ctx, report).map(|(case, _)| case)
    } else {
        Err(Refusal::Invalid(faults))
    }
}

fn report_of(
    ctx: &Ctx,
    upload: &Upload,
    position: Option<(f64, f64)>,
    photos: Vec<case::StoredPhoto>,
) -> Report {
    let usual = ctx.city.procedures.of_class(&ctx.city.classes, upload.text("class"));
    // The house decides whether this actor may start it.
    let procedure = upload.given("procedure").unwrap_or_else(|| usual.to_owned());
    Report {
        id: upload.text("id").parse().unwrap_or_else(|_| ctx.id()),
        procedure,
        class: upload.text("class").into(),
        area: upload.text("area").into(),
        place: upload.text("place").into(),
        position,
        description: upload.text("description").into(),
        contact: Contact { name: upload.given("contact_name"), phone: upload.given("contact_phone") },
        photos,
    }
}

/// What was read, or nothing in its place and one more fault to tell.
fn or_faults<T: Default>(read: Result<T, Refusal>, faults: &mut Vec<domain::Fault>) -> Result<T, Refusal> {
    match read {
        Err(Refusal::Invalid(more)) => {
            faults.extend(more);
            Ok(T::default())
        }
        read => read,
    }
}

/// Both degrees or none. A comma is a decimal point to some.
fn position(upload: &Upload) -> Result<Option<(f64, f64)>, Refusal> {
    let degrees = |name: &str| upload.text(name).trim().replace(',', ".");
    let (longitude, latitude) = (degrees("longitude"), degrees("latitude"));
    if longitude.is_empty() && latitude.is_empty() {
        return Ok(None);
    }
    match (longitude.parse(), latitude.parse()) {
        (Ok(longitude), Ok(latitude)) => Ok(Some((longitude, latitude))),
        _ => Err(Refusal::invalid("position", Message::new("fault-position"))),
    }
}

/// The form again with what was typed. Under a new id if the old one belongs to another report.
fn again(
    ctx: &Ctx,
    shell: Shell,
    upload: Upload,
    faults: &[domain::Fault],
    status: StatusCode,
) -> Result<Response, Refusal> {
    let area = match area::get(ctx, upload.text("area"), None) {
        Ok(area) => area,
        Err(Refusal::NotFound) => {
            return pick(ctx, shell, &WhereQuery::default(), Some("fault-area"));
        }
        Err(refusal) => return Err(refusal),
    };
    let id = Some(upload.text("id").to_owned()).filter(|it| status != StatusCode::CONFLICT && !it.is_empty());
    let faults = FormFaults::new(&shell.t, faults);
    let mut page = sent_page(ctx, shell, &area, upload)?;
    page.id = id.unwrap_or(page.id);
    page.wrongs = wrongs(&page.shell.t, &faults, "");
    page.faults = faults;
    shell::html(status, &page)
}
