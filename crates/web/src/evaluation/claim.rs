//! What a case counts for: the claims about it, and the forms of those who may say a word.

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{
    Ctx, Message, Refusal,
    case::{self, Case},
    evaluation::{self, Claim, Claims, Fact, Kind, Ruling, Said},
    organization,
};
use kernel::{Case as CaseName, Claim as ClaimName, Id, limits};
use serde::Deserialize;

use crate::{
    app::Shared,
    case::view::{Choice, Moment, title},
    form::{PageForm, PagePath, lead_on},
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/cases/{id}/evaluation", get(page).post(ask))
        .route("/cases/{id}/evaluation/{claim}", post(rule))
        .route("/cases/{id}/evaluation/{claim}/revocation", post(revoke))
}

#[derive(Template)]
#[template(path = "evaluation/claims.html")]
struct ClaimsPage {
    shell: Shell,
    number: String,
    title: String,
    back: String,
    action: String,
    claims: Vec<ClaimView>,
    grounds: Vec<Choice>,
    facts: Vec<Choice>,
    note: String,
    note_chars_max: usize,
    faults: FormFaults,
}

/// One claim and each word on it.
struct ClaimView {
    title: String,
    /// How it stands.
    standing: String,
    is_in_force: bool,
    words: Vec<Word>,
    due: Option<Moment>,
    /// Where the actor's word goes, and where it is taken back.
    rule: Option<String>,
    revoke: Option<String>,
}

struct Word {
    what: String,
    who: String,
    at: Moment,
    note: String,
}

async fn page(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>) -> Response {
    visitor.page(move |ctx, shell| show(ctx, shell, id, &ClaimForm::default(), FormFaults::default())).await
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct ClaimForm {
    kind: String,
    about: String,
    granted: String,
    note: String,
}

fn show(
    ctx: &Ctx,
    mut shell: Shell,
    id: Id<CaseName>,
    form: &ClaimForm,
    faults: FormFaults,
) -> Result<Response, Refusal> {
    let case = case::record(ctx, id)?.case;
    shell.here = format!("/cases/{id}/evaluation");
    let found = evaluation::claims(ctx, id)?;
    if !found.is_any() {
        return Err(Refusal::NotFound);
    }
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let choice = |value: &str, label: String| Choice {
        value: value.to_owned(),
        label,
        is_chosen: form.about == value,
    };
    let language = shell.language();
    let ground = |it: &case::Ground| choice(&it.id, case::words(&it.label, language).to_owned());
    let fact = |it: &Fact| choice(it.as_str(), shell.t.say(&format!("fact-exempt-{}", it.as_str())));
    let page = ClaimsPage {
        number: case.number.clone(),
        title: title(&case.description),
        back: format!("/cases/{id}"),
        action: format!("/cases/{id}/evaluation"),
        claims: found
            .claims
            .iter()
            .map(|it| view(ctx, &shell, &case, &found, it))
            .collect::<Result<_, _>>()?,
        grounds: ctx.city.evaluation.grounds.iter().filter(|_| found.may_propose).map(ground).collect(),
        facts: found.may_appeal.iter().map(fact).collect(),
        note: form.note.clone(),
        note_chars_max: limits::TEXT_CHARS_MAX,
        faults,
        shell,
    };
    shell::html(status, &page)
}

fn view(ctx: &Ctx, shell: &Shell, case: &Case, found: &Claims, it: &Claim) -> Result<ClaimView, Refusal> {
    let t = &shell.t;
    let about = match (it.kind, ctx.city.evaluation.ground(&it.about)) {
        (Kind::Exclusion, Some(ground)) => case::words(&ground.label, shell.language()).to_owned(),
        (Kind::Exclusion, None) => it.about.clone(),
        (Kind::Appeal, _) => t.say(&format!("fact-exempt-{}", it.about)),
    };
    let kind = if it.kind == Kind::Exclusion { "exclusion" } else { "appeal" };
    let bodies: Vec<_> = said(it).map(|(_, said)| said.organization).collect();
    let names = ctx.read(|tx| organization::names(tx, &bodies))?;
    let word = |(what, said): (&str, &Said)| Word {
        what: t.say(&format!("finding-{kind}_{what}")),
        who: {
            let role = t.say(&format!("role-{}", said.role.as_str()));
            names.get(&said.organization).map_or(role.clone(), |body| format!("{role} · {body}"))
        },
        at: Moment::new(t, said.at, ctx.now),
        note: said.note.clone(),
    };
    let address = format!("/cases/{}/evaluation/{}", case.id, it.id);
    let standing = match (it.turn(), it.is_in_force(), &it.revoked) {
        (Some(_), ..) => "claim-waits",
        (None, true, _) => "claim-in-force",
        (None, false, Some(_)) => "claim-revoked",
        (None, false, None) => "claim-refused",
    };
    Ok(ClaimView {
        title: t.with(&format!("claim-{kind}"), "about", about.as_str()),
        standing: t.say(standing),
        is_in_force: it.is_in_force(),
        words: said(it).map(word).collect(),
        due: it.turn().map(|_| Moment::new(t, it.due, ctx.now)),
        rule: found.may_rule.contains(&it.id).then(|| address.clone()),
        revoke: (found.may_revoke == Some(it.id)).then(|| format!("{address}/revocation")),
    })
}

/// Each word on a claim with what it was, in order.
fn said(it: &Claim) -> impl Iterator<Item = (&'static str, &Said)> {
    let ruling = |granted: &'static str, it: &'_ Option<Ruling>| {
        it.as_ref().map(|it| if it.granted { granted } else { "refused" })
    };
    let first = ruling("supported", &it.first).zip(it.first.as_ref().map(|it| &it.said));
    let last = ruling("granted", &it.last).zip(it.last.as_ref().map(|it| &it.said));
    let revoked = it.revoked.as_ref().map(|it| ("revoked", it));
    std::iter::once(("asked", &it.asked)).chain(first).chain(last).chain(revoked)
}

async fn ask(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CaseName>>,
    PageForm(form): PageForm<ClaimForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let done = match form.kind.as_str() {
                "appeal" => fact(&form.about).and_then(|fact| evaluation::appeal(ctx, id, fact, &form.note)),
                _ => evaluation::propose_exclusion(ctx, id, &form.about, &form.note),
            };
            after(ctx, shell, id, &form, done)
        })
        .await
}

pub fn fact(text: &str) -> Result<Fact, Refusal> {
    Fact::parse(text).ok_or_else(|| Refusal::invalid("about", Message::new("fault-choice")))
}

async fn rule(
    visitor: Visitor,
    PagePath((id, claim)): PagePath<(Id<CaseName>, Id<ClaimName>)>,
    PageForm(form): PageForm<ClaimForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let done = match form.granted.as_str() {
                "yes" | "no" => evaluation::rule(ctx, id, claim, form.granted == "yes", &form.note),
                _ => Err(Refusal::invalid("granted", Message::new("fault-required"))),
            };
            after(ctx, shell, id, &form, done)
        })
        .await
}

async fn revoke(
    visitor: Visitor,
    PagePath((id, claim)): PagePath<(Id<CaseName>, Id<ClaimName>)>,
    PageForm(form): PageForm<ClaimForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let done = evaluation::revoke_exclusion(ctx, id, claim, &form.note);
            after(ctx, shell, id, &form, done)
        })
        .await
}

/// Leads back to the claims, or shows what is wrong with what was sent.
fn after(
    ctx: &Ctx,
    shell: Shell,
    id: Id<CaseName>,
    form: &ClaimForm,
    done: Result<Claims, Refusal>,
) -> Result<Response, Refusal> {
    match done {
        Ok(_) => Ok(lead_on(&format!("/cases/{id}/evaluation"), "/")),
        Err(Refusal::Invalid(faults)) => {
            let faults = FormFaults::new(&shell.t, &faults);
            show(ctx, shell, id, form, faults)
        }
        Err(refusal) => Err(refusal),
    }
}
