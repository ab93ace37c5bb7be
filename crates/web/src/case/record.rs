//! The page of one case, for those who work on it and for a signed-in reporter.

use askama::Template;
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Ctx, Refusal, case, evaluation, organization};
use kernel::{Case as CaseName, Id, JournalEntry, Photo};
use serde::Deserialize;

use super::{
    related::{self, MergeForm, RelatedView},
    relief::Reliefs,
    step::{self, StepForm, Typed, Wrong},
    timeline::{Item, timeline},
    upload::Upload,
    view::{AreaNames, Choice, Clock, Loop, Moment, PhotoView, class_words, photos, title},
};
use crate::{
    form::{PagePath, PageQuery, lead_on},
    journal::view::{Reading, proof_file},
    locale::Translator,
    shell::{self, FormFaults, Link, Shell},
    supervision,
    visitor::Visitor,
};

/// What every page about one case shows.
pub struct CaseView {
    pub number: String,
    pub title: String,
    pub class: String,
    pub place: String,
    pub areas: Vec<(String, String)>,
    pub tags: Vec<String>,
    pub steps: Loop,
    pub clock: Clock,
    /// What the case waits for.
    pub waiting: String,
    pub is_open: bool,
    pub owner: Option<String>,
    pub due: Option<Moment>,
    /// A year in which it may be due and whose holidays are not entered, and the address of its calendar.
    pub unknown_year: Option<(i16, String)>,
    pub facts: Vec<Fact>,
    pub timeline: Vec<Item>,
    pub photos: Vec<PhotoView>,
    pub reopening: Option<ReopeningView>,
    pub related: RelatedView,
    /// Who read how to reach the reporter, if a reporter who can be reached looks at it.
    pub readings: Option<Vec<Reading>>,
}

/// How a closed case may be opened again by who looks at it, or what they can do instead.
pub struct ReopeningView {
    /// The last moment for it.
    pub until: Option<Moment>,
    pub is_open: bool,
    /// Address of the form for a new report that names this case.
    pub report_again: String,
}

/// A term and what it is.
pub struct Fact {
    pub term: String,
    pub value: String,
    pub more: Option<String>,
}

impl CaseView {
    pub fn new(ctx: &Ctx, shell: &Shell, record: &case::Record, base: &str) -> Result<Self, Refusal> {
        let (case, t) = (&record.case, &shell.t);
        let names = AreaNames::of(ctx, std::iter::once(&case.path))?;
        let stage = ctx.city.procedures.get(&case.procedure).and_then(|it| it.stage(&case.stage));
        let owner =
            case.owner.map(|owner| ctx.read(|tx| organization::name(tx, owner))).transpose()?.flatten();
        let mut tags = Vec::new();
        tags.extend((case.returns > 0).then(|| t.with("case-returns", "count", case.returns)));
        tags.extend((case.reopens > 0).then(|| t.with("case-reopens", "count", case.reopens)));
        tags.extend((case.reworks > 0).then(|| t.with("case-reworks", "count", case.reworks)));
        Ok(Self {
            number: case.number.clone(),
            title: title(&case.description),
            class: ctx
                .city
                .classes
                .get(&case.class)
                .map_or_else(String::new, |it| case::words(&it.label, shell.language()).to_owned()),
            place: names.line(&case.path),
            areas: names.parts(&case.path).map(|(code, name)| (code.to_owned(), name.to_owned())).collect(),
            tags,
            steps: Loop::new(ctx, t, record),
            clock: Clock::new(t, case, ctx.now),
            waiting: match (&record.related.main, stage) {
                (Some(main), _) => t.with("related-merged-into", "number", &main.number),
                (None, stage) => {
                    stage.map_or_else(String::new, |it| case::words(&it.waiting, shell.language()).to_owned())
                }
            },
            is_open: case.status == case::Status::Open,
            facts: facts(ctx, shell, record, owner.as_deref()),
            // Before it is sent to a body nobody has it, whoever gave it back.
            owner: owner.filter(|_| stage.is_some_and(|stage| stage.step >= 4)),
            unknown_year: record
                .unknown_year
                .map(|year| (year, format!("/areas/{}/calendar?year={year}", case.path.code()))),
            due: case.stage_due.map(|due| Moment::new(t, due, ctx.now)),
            timeline: timeline(ctx, shell, record)?,
            photos: photos(ctx, shell, record, base),
            reopening: reopening(ctx, t, record),
            related: RelatedView::new(ctx, shell, record)?,
            readings: readings(t, record, base),
        })
    }
}

fn reopening(ctx: &Ctx, t: &Translator, record: &case::Record) -> Option<ReopeningView> {
    let (case, it) = (&record.case, record.reopening.as_ref()?);
    // While it is open anyway there is nothing to report again.
    (it.is_open || case.status != case::Status::Open).then(|| ReopeningView {
        until: it.until.map(|at| Moment::new(t, at, ctx.now)),
        is_open: it.is_open,
        report_again: format!("/report?area={}&class={}&again={}", case.path.code(), case.class, case.number),
    })
}

fn readings(t: &Translator, record: &case::Record, base: &str) -> Option<Vec<Reading>> {
    let (case, found) = (&record.case, record.contact_readings.as_ref()?);
    let can_be_reached =
        case.reporter.is_some() || case.contact.name.is_some() || case.contact.phone.is_some();
    (can_be_reached || !found.is_empty()).then(|| found.iter().map(|it| Reading::new(t, it, base)).collect())
}

fn facts(ctx: &Ctx, shell: &Shell, record: &case::Record, owner: Option<&str>) -> Vec<Fact> {
    let (case, t) = (&record.case, &shell.t);
    let fact = |term: &str, value: String| Fact { term: t.say(term), value, more: None };
    let moment = |term: &str, at| fact(term, t.moment(at, ctx.now));
    let position = case.position.map(|(longitude, latitude)| format!("{longitude:.6}, {latitude:.6}"));
    let place = (!case.place.is_empty() || position.is_some()).then(|| case.place.clone());
    let mut facts = vec![fact("fact-description", case.description.clone())];
    facts.extend(place.map(|place| Fact { more: position, ..fact("fact-place", place) }));
    facts.push(fact("fact-class", class_words(ctx, shell, &case.class)));
    facts.push(fact("fact-source", t.say(&format!("source-{}", case.source.as_str()))));
    facts.push(moment("fact-reported", case.reported_at));
    facts.extend(case.registered_at.map(|at| moment("fact-registered", at)));
    facts.extend(case.due.map(|at| moment("fact-due", at)));
    facts.extend(owner.map(|owner| fact("fact-owner", owner.to_owned())));
    facts.extend(record.duty.as_ref().map(|it| fact("responsibility-basis", it.legal_basis.clone())));
    // The first closing stays visible when it was opened again.
    let first = case.first_closed_at.filter(|_| case.reopens > 0);
    facts.extend(first.map(|at| moment("fact-first-closed", at)));
    facts.extend(case.closed_at.map(|at| moment("fact-closed", at)));
    facts.extend(case.rating.map(|rating| fact("fact-rating", t.say(&format!("rating-{rating}")))));
    facts.extend(
        case.solved.map(|solved| fact("fact-solved", t.say(if solved { "solved-yes" } else { "solved-no" }))),
    );
    facts
}

/// The public address of this site, as the browser asked for it.
pub fn origin(visitor: &Visitor, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.or_else(|| visitor.uri.authority().map(|it| it.as_str())).unwrap_or_default();
    if host.is_empty() {
        return String::new();
    }
    let scheme = if visitor.app.settings.secure { "https" } else { "http" };
    format!("{scheme}://{host}")
}

#[derive(Template)]
#[template(path = "case/record.html")]
struct RecordPage {
    shell: Shell,
    id: String,
    it: CaseView,
    /// The part of the site from which this person came.
    from: Option<Link>,
    /// What just happened.
    news: Option<String>,
    forms: Vec<StepForm>,
    reliefs: Reliefs,
    note: Option<NoteForm>,
    may_read_contact: bool,
    /// Where the report's words are taken out of what is published.
    withhold: Option<String>,
    contact: Option<case::Contact>,
    /// There is something about what it counts for that this person may see or do.
    has_claims: bool,
    /// The reporter's own secret link.
    link: Option<String>,
    ruling: Option<RulingForm>,
    merge: Option<MergeForm>,
    wrongs: Vec<Wrong>,
    supervision: supervision::view::Block,
}

/// A ruling that the list of responsibilities does not follow, and the form that writes it there.
struct RulingForm {
    body: String,
    areas: Vec<Choice>,
    basis: String,
    faults: FormFaults,
}

struct NoteForm {
    action: String,
    request: String,
    text: String,
    is_public: bool,
    may_be_internal: bool,
    fault: Option<String>,
    is_open: bool,
}

#[derive(Deserialize)]
pub struct News {
    new: Option<String>,
    moved: Option<String>,
    noted: Option<String>,
    withheld: Option<String>,
    listed: Option<String>,
    supervised: Option<String>,
}

impl News {
    /// The case was just reported.
    pub fn is_new(&self) -> bool {
        self.new.is_some()
    }

    pub fn words(&self, shell: &Shell, number: &str) -> Option<String> {
        if self.new.is_some() {
            return Some(shell.t.with("news-received", "number", number));
        }
        let news = [
            (&self.moved, "news-moved"),
            (&self.noted, "news-noted"),
            (&self.withheld, "news-withheld"),
            (&self.listed, "news-listed"),
            (&self.supervised, "news-supervised"),
        ];
        news.into_iter().find(|(it, _)| it.is_some()).map(|(_, words)| shell.t.say(words))
    }
}

/// What a record page shows beyond the case itself.
#[derive(Default)]
struct Extra {
    news: Option<News>,
    typed: Option<Typed>,
    contact: Option<case::Contact>,
}

fn render(ctx: &Ctx, shell: Shell, id: Id<CaseName>, site: &str, extra: Extra) -> Result<Response, Refusal> {
    let record = case::record(ctx, id)?;
    let base = format!("/cases/{id}");
    let it = CaseView::new(ctx, &shell, &record, &base)?;
    let typed = extra.typed.as_ref();
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = RecordPage {
        news: extra.news.and_then(|news| news.words(&shell, &it.number)),
        from: shell.links.first().filter(|link| link.address != "/").cloned(),
        forms: step::forms(ctx, &shell, &record, &base, typed)?,
        reliefs: Reliefs::new(ctx, &shell, &record, typed),
        note: record.may_note.then(|| note_form(ctx, &base, &record, typed)),
        ruling: ruling_form(ctx, &shell, &record, typed)?,
        merge: MergeForm::new(ctx, &base, &record, typed),
        may_read_contact: record.may_read_contact && extra.contact.is_none() && !record.is_reporter,
        withhold: record.may_withhold.then(|| format!("{base}/withhold")),
        contact: extra.contact,
        has_claims: evaluation::claims(ctx, id)?.is_any(),
        link: record.is_reporter.then(|| format!("{site}/follow/{}", case::follow_token(&ctx.city, id))),
        wrongs: typed.map(|it| it.wrongs(&shell.t)).unwrap_or_default(),
        supervision: supervision::view::Block::new(ctx, &shell, id, record.case.is_overdue(ctx.now))?,
        id: id.to_string(),
        it,
        shell,
    };
    shell::html(status, &page)
}

fn ruling_form(
    ctx: &Ctx,
    shell: &Shell,
    record: &case::Record,
    typed: Option<&Typed>,
) -> Result<Option<RulingForm>, Refusal> {
    let Some(ruling) = &record.ruling else { return Ok(None) };
    let names = AreaNames::of(ctx, std::iter::once(&record.case.path))?;
    let typed = typed.filter(|it| it.form == RULING);
    let field = |name: &str| typed.and_then(|it| it.fields.get(name)).cloned();
    let chosen = field("area").or_else(|| ruling.areas.first().cloned()).unwrap_or_default();
    let area = |code: &String| Choice {
        value: code.clone(),
        label: names.name(code).unwrap_or(code).to_owned(),
        is_chosen: *code == chosen,
    };
    let body = ctx.read(|tx| organization::name(tx, ruling.organization))?.unwrap_or_default();
    let basis = || shell.t.with("ruling-basis", "number", &record.case.number);
    Ok(Some(RulingForm {
        body,
        areas: ruling.areas.iter().map(area).collect(),
        basis: field("legal_basis").unwrap_or_else(basis),
        faults: typed.map(|it| it.faults.clone()).unwrap_or_default(),
    }))
}

/// The page with the form that came back.
pub fn render_typed(ctx: &Ctx, shell: Shell, id: Id<CaseName>, typed: Typed) -> Result<Response, Refusal> {
    render(ctx, shell, id, "", Extra { typed: Some(typed), ..Extra::default() })
}

fn note_form(ctx: &Ctx, base: &str, record: &case::Record, typed: Option<&Typed>) -> NoteForm {
    let typed = typed.filter(|it| it.form == "notes");
    let field = |name: &str| typed.and_then(|it| it.fields.get(name)).cloned().unwrap_or_default();
    NoteForm {
        action: format!("{base}/notes"),
        request: ctx.id::<()>().to_string(),
        text: field("note"),
        is_public: field("public") == "yes",
        may_be_internal: record.may_note_internally,
        fault: typed.and_then(|it| it.faults.of("note")).map(str::to_owned),
        is_open: typed.is_some(),
    }
}

pub async fn page(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CaseName>>,
    PageQuery(news): PageQuery<News>,
    headers: HeaderMap,
) -> Response {
    let site = origin(&visitor, &headers);
    visitor
        .page(move |ctx, shell| render(ctx, shell, id, &site, Extra { news: Some(news), ..Extra::default() }))
        .await
}

/// Takes a transition of the case.
pub async fn advance(
    visitor: Visitor,
    PagePath((id, transition)): PagePath<(Id<CaseName>, String)>,
    mut upload: Upload,
) -> Response {
    visitor
        .page(move |ctx, shell| match take(ctx, id, &transition, &mut upload) {
            Ok(_) => Ok(lead_on(&format!("/cases/{id}?moved=1"), "/")),
            Err(Refusal::Invalid(faults)) if !shell.reads_json => {
                let faults = FormFaults::new(&shell.t, &faults);
                let typed = Typed { form: transition, fields: step::typed_fields(upload), faults };
                render(ctx, shell, id, "", Extra { typed: Some(typed), ..Extra::default() })
            }
            Err(refusal) => Err(refusal),
        })
        .await
}

/// Stores the photos of a step and takes it. Photos of a step that is not this actor's are not kept.
pub fn take(
    ctx: &Ctx,
    id: Id<CaseName>,
    transition: &str,
    upload: &mut Upload,
) -> Result<case::Record, Refusal> {
    let keep = upload.has_files() && case::record(ctx, id)?.transitions.iter().any(|it| it == transition);
    let photos = if keep { upload.store_photos(ctx)? } else { Vec::new() };
    case::advance(ctx, id, transition, &step::read(upload, photos))
}

pub async fn add_note(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            // Whoever has no internal notes writes to the reporter, or is one.
            let public = upload.text("public") == "yes" || !case::record(ctx, id)?.may_note_internally;
            let request = upload.text("request").parse().ok();
            match case::add_note(ctx, id, request, upload.text("note"), public) {
                Ok(_) => Ok(lead_on(&format!("/cases/{id}?noted=1"), "/")),
                Err(Refusal::Invalid(faults)) if !shell.reads_json => {
                    let faults = FormFaults::new(&shell.t, &faults);
                    let typed = Typed { form: "notes".into(), fields: upload.into_fields(), faults };
                    render(ctx, shell, id, "", Extra { typed: Some(typed), ..Extra::default() })
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

pub async fn withhold(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>) -> Response {
    visitor
        .page(move |ctx, _| {
            case::withhold(ctx, id, None)?;
            Ok(lead_on(&format!("/cases/{id}?withheld=1"), "/"))
        })
        .await
}

/// The form by which a ruling is written into the list of responsibilities.
const RULING: &str = "ruling";

pub async fn merge(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>, upload: Upload) -> Response {
    join(visitor, id, "merge", upload).await
}

pub async fn unmerge(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>, upload: Upload) -> Response {
    join(visitor, id, "unmerge", upload).await
}

/// Merges the case into another, or undoes that.
async fn join(visitor: Visitor, id: Id<CaseName>, what: &'static str, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| match related::merge(ctx, id, what, &upload) {
            Ok(_) => Ok(lead_on(&format!("/cases/{id}?moved=1"), "/")),
            Err(Refusal::Invalid(faults)) => {
                let faults = FormFaults::new(&shell.t, &faults);
                let typed = Typed { form: "merge".into(), fields: upload.into_fields(), faults };
                render(ctx, shell, id, "", Extra { typed: Some(typed), ..Extra::default() })
            }
            Err(refusal) => Err(refusal),
        })
        .await
}

pub async fn list_ruling(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            match case::list_ruling(ctx, id, upload.text("area"), upload.text("legal_basis")) {
                Ok(_) => Ok(lead_on(&format!("/cases/{id}?listed=1"), "/")),
                Err(Refusal::Invalid(faults)) => {
                    let faults = FormFaults::new(&shell.t, &faults);
                    let typed = Typed { form: RULING.into(), fields: upload.into_fields(), faults };
                    render(ctx, shell, id, "", Extra { typed: Some(typed), ..Extra::default() })
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

/// Shows how to reach the reporter, once; the reading is on record.
pub async fn show_contact(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>) -> Response {
    visitor
        .page(move |ctx, mut shell| {
            let contact = case::read_contact(ctx, id)?;
            // The page can be asked for again only under the case's own address.
            shell.here = format!("/cases/{id}");
            render(ctx, shell, id, "", Extra { contact: Some(contact), ..Extra::default() })
        })
        .await
}

pub async fn photo(visitor: Visitor, PagePath((id, photo)): PagePath<(Id<CaseName>, Id<Photo>)>) -> Response {
    visitor.page(move |ctx, _| Ok(jpeg(case::photo(ctx, id, photo)?))).await
}

/// A proof that a reading of the reporter's contact stands in the public log; for that reporter.
pub async fn proof(
    visitor: Visitor,
    PagePath((id, entry)): PagePath<(Id<CaseName>, Id<JournalEntry>)>,
) -> Response {
    visitor.page(move |ctx, _| Ok(proof_file(entry, case::proof_of_reading(ctx, id, entry)?))).await
}

/// A photo never changes, and is only for the one who asked.
pub fn jpeg(bytes: Vec<u8>) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, max-age=86400, immutable")];
    (headers, bytes).into_response()
}
