//! The page of one case, for those who work on it and for a signed-in reporter.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{Ctx, Refusal, case, evaluation, organization};
use kernel::{Case as CaseName, Id};
use serde::Deserialize;

use super::{
    case_view::CaseView,
    related::{MERGE, MergeForm},
    relief::Reliefs,
    step::{self, StepForm},
    typed::{self, Kept, NOTES, NoteForm, Typed, Wrong},
    view::{AreaNames, Choice},
};
use crate::{
    sent::{PagePath, PageQuery},
    shell::{self, FormFaults, Link, Shell},
    supervision,
    visitor::{Visitor, origin},
};

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
    kept: Option<Kept>,
    supervision: supervision::view::Block,
}

/// The form by which a ruling is written into the list of responsibilities.
pub const RULING: &str = "ruling";

/// A ruling that the list of responsibilities does not follow, and the form that writes it there.
struct RulingForm {
    body: String,
    areas: Vec<Choice>,
    basis: String,
    faults: FormFaults,
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

fn render(
    ctx: &Ctx,
    mut shell: Shell,
    id: Id<CaseName>,
    site: &str,
    extra: Extra,
) -> Result<Response, Refusal> {
    let record = case::record(ctx, id)?;
    let base = format!("/cases/{id}");
    shell.here.clone_from(&base);
    let it = CaseView::new(ctx, &shell, &record, &base)?;
    let typed = extra.typed.as_ref();
    let status = typed.map_or(StatusCode::OK, |it| it.status);
    let mut page = RecordPage {
        news: extra.news.and_then(|news| news.words(&shell, &it.number)),
        from: shell.links.first().filter(|link| link.address != "/").cloned(),
        forms: step::forms(ctx, &shell, &record, &base, typed)?,
        reliefs: Reliefs::new(ctx, &shell, &record, typed),
        note: record.may_note.then(|| NoteForm::new(ctx, &base, record.may_note_internally, typed)),
        ruling: ruling_form(ctx, &shell, &record, typed)?,
        merge: MergeForm::new(ctx, &base, &record, typed),
        may_read_contact: record.may_read_contact && extra.contact.is_none() && !record.is_reporter,
        withhold: record.may_withhold.then(|| format!("{base}/withhold")),
        contact: extra.contact,
        has_claims: evaluation::claims(ctx, id)?.is_any(),
        link: record.is_reporter.then(|| format!("{site}/follow/{}", case::follow_token(&ctx.city, id))),
        wrongs: typed.map(|it| it.wrongs(&shell.t)).unwrap_or_default(),
        kept: None,
        supervision: supervision::view::Block::new(ctx, &shell, &record.case, typed)?,
        id: id.to_string(),
        it,
        shell,
    };
    page.kept = typed.filter(|it| !page.offers(&it.form)).map(|it| Kept::new(&page.shell, it));
    shell::html(status, &page)
}

impl RecordPage {
    /// Whether a form is on it.
    fn offers(&self, form: &str) -> bool {
        match form {
            NOTES => self.note.is_some(),
            MERGE => self.merge.is_some(),
            RULING => self.ruling.as_ref().is_some_and(|it| !it.areas.is_empty()),
            _ => {
                self.forms.iter().any(|it| it.id == form)
                    || self.reliefs.offers(form)
                    || self.supervision.offers(form)
            }
        }
    }
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

/// Leads on to the page of the case with its `news`, or shows the form again with what is wrong in it.
pub fn answer<T>(
    ctx: &Ctx,
    shell: Shell,
    id: Id<CaseName>,
    sent: (&str, BTreeMap<String, String>),
    outcome: Result<T, Refusal>,
    news: &str,
) -> Result<Response, Refusal> {
    typed::answer(shell, sent, outcome, &format!("/cases/{id}?{news}"), |shell, typed| {
        render(ctx, shell, id, "", Extra { typed: Some(typed), ..Extra::default() })
    })
}

/// The page with how to reach the reporter.
pub fn show_with_contact(
    ctx: &Ctx,
    shell: Shell,
    id: Id<CaseName>,
    contact: case::Contact,
) -> Result<Response, Refusal> {
    render(ctx, shell, id, "", Extra { contact: Some(contact), ..Extra::default() })
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
