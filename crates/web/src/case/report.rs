//! Reporting: what is wrong, once it is known where.

use std::collections::BTreeMap;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Ctx, Message, Refusal, area,
    case::{self, Contact, Report},
};
use kernel::limits;

use super::{
    admission::Admitted,
    place::{WhereQuery, in_address, pick},
    typed::{CONFLICT, Wrong, wrongs},
    upload::Upload,
    view::{AreaNames, Choice, Group, classes, standing_word},
};
use crate::{
    sent::lead_on,
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

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

/// The form about what is wrong, in a chosen area.
pub fn what(ctx: &Ctx, shell: Shell, area: &area::Area, query: &WhereQuery) -> Result<Response, Refusal> {
    let mut fields = BTreeMap::new();
    if !query.position().is_empty() {
        fields.insert("longitude".to_owned(), query.longitude.trim().to_owned());
        fields.insert("latitude".to_owned(), query.latitude.trim().to_owned());
    }
    if !query.procedure.is_empty() {
        fields.insert("procedure".to_owned(), query.procedure.clone());
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
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let position = in_address(field("longitude"), field("latitude"));
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
