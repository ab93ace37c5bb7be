//! What a case counts for: the claims about it, and the forms of those who may say a word.

use std::collections::BTreeMap;

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
    case::{
        typed::{self, Kept, Typed, Wrong},
        view::{Choice, Moment, title},
    },
    sent::{PageForm, PagePath, PageQuery},
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
    /// What just happened.
    news: Option<String>,
    claims: Vec<ClaimView>,
    propose: Option<WordForm>,
    appeal: Option<WordForm>,
    note_chars_max: usize,
    wrongs: Vec<Wrong>,
    kept: Option<Kept>,
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
    rule: Option<WordForm>,
    revoke: Option<WordForm>,
}

/// The form of one word on a claim.
struct WordForm {
    /// Begins the ids of its fields.
    id: String,
    action: String,
    /// One-time id, so that the same word sent twice is said once.
    request: String,
    /// Grounds, facts, or whether it is granted.
    choices: Vec<Choice>,
    note: String,
    faults: FormFaults,
    is_open: bool,
}

struct Word {
    what: String,
    who: String,
    at: Moment,
    note: String,
}

/// The forms, and with the id of their claim those of one.
const PROPOSE: &str = "propose";
const APPEAL: &str = "appeal";
const RULE: &str = "rule";
const REVOKE: &str = "revoke";

#[derive(Deserialize, Default)]
struct News {
    said: Option<String>,
}

async fn page(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CaseName>>,
    PageQuery(news): PageQuery<News>,
) -> Response {
    visitor.page(move |ctx, shell| show(ctx, shell, id, news.said.is_some(), None)).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ClaimForm {
    request: String,
    kind: String,
    about: String,
    granted: String,
    note: String,
}

impl ClaimForm {
    fn word(&self) -> evaluation::Word<'_> {
        evaluation::Word { request: self.request.parse().ok(), note: &self.note }
    }

    fn fields(&self) -> BTreeMap<String, String> {
        let fields = [("about", &self.about), ("granted", &self.granted), ("note", &self.note)];
        fields.map(|(name, text)| (name.to_owned(), text.clone())).into()
    }
}

fn show(
    ctx: &Ctx,
    mut shell: Shell,
    id: Id<CaseName>,
    is_said: bool,
    typed: Option<&Typed>,
) -> Result<Response, Refusal> {
    let case = case::record(ctx, id)?.case;
    let action = format!("/cases/{id}/evaluation");
    shell.here.clone_from(&action);
    let found = evaluation::claims(ctx, id)?;
    if !found.is_any() {
        return Err(Refusal::NotFound);
    }
    let language = shell.language();
    let grounds = || {
        let grounds = ctx.city.evaluation.grounds.iter();
        grounds.map(|it| (it.id.as_str(), case::words(&it.label, language).to_owned())).collect()
    };
    let word = |fact: &Fact| shell.t.say(&format!("fact-exempt-{}", fact.as_str()));
    let facts = || found.may_appeal.iter().map(|it| (it.as_str(), word(it))).collect();
    let page = ClaimsPage {
        number: case.number.clone(),
        title: title(&case.description),
        back: format!("/cases/{id}"),
        news: is_said.then(|| shell.t.say("claim-said")),
        claims: found
            .claims
            .iter()
            .map(|it| view(ctx, &shell, &case, &found, it, typed))
            .collect::<Result<_, _>>()?,
        propose: found.may_propose.then(|| WordForm::new(ctx, PROPOSE.into(), &action, grounds(), typed)),
        appeal: (!found.may_appeal.is_empty())
            .then(|| WordForm::new(ctx, APPEAL.into(), &action, facts(), typed)),
        note_chars_max: limits::TEXT_CHARS_MAX,
        wrongs: typed.map(|it| it.wrongs(&shell.t)).unwrap_or_default(),
        kept: None,
        shell,
    };
    let kept = typed.filter(|it| !page.offers(&it.form)).map(|it| Kept::new(&page.shell, it));
    shell::html(typed.map_or(StatusCode::OK, |it| it.status), &ClaimsPage { kept, ..page })
}

impl ClaimsPage {
    /// Whether a form is on it.
    fn offers(&self, form: &str) -> bool {
        let on_claims = self.claims.iter().flat_map(|it| [&it.rule, &it.revoke]);
        on_claims.chain([&self.propose, &self.appeal]).flatten().any(|it| it.id == form)
    }
}

impl WordForm {
    fn new(ctx: &Ctx, id: String, action: &str, choices: Vec<(&str, String)>, typed: Option<&Typed>) -> Self {
        let typed = typed.filter(|it| it.form == id);
        let field = |name: &str| typed.and_then(|it| it.fields.get(name)).cloned().unwrap_or_default();
        let chosen = [field("about"), field("granted")].concat();
        let choice = |(value, label): (&str, String)| Choice {
            value: value.to_owned(),
            label,
            is_chosen: value == chosen,
        };
        Self {
            action: action.to_owned(),
            request: ctx.id::<()>().to_string(),
            choices: choices.into_iter().map(choice).collect(),
            note: field("note"),
            faults: typed.map(|it| it.faults.clone()).unwrap_or_default(),
            is_open: typed.is_some(),
            id,
        }
    }
}

fn view(
    ctx: &Ctx,
    shell: &Shell,
    case: &Case,
    found: &Claims,
    it: &Claim,
    typed: Option<&Typed>,
) -> Result<ClaimView, Refusal> {
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
        rule: found.may_rule.contains(&it.id).then(|| {
            let choices = vec![("yes", t.say("claim-grant")), ("no", t.say("claim-refuse"))];
            WordForm::new(ctx, format!("{RULE}-{}", it.id), &address, choices, typed)
        }),
        revoke: (found.may_revoke == Some(it.id)).then(|| {
            let address = format!("{address}/revocation");
            WordForm::new(ctx, format!("{REVOKE}-{}", it.id), &address, Vec::new(), typed)
        }),
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
        .page(move |ctx, shell| match form.kind.as_str() {
            "appeal" => {
                let done = fact(&form.about).and_then(|fact| evaluation::appeal(ctx, id, fact, form.word()));
                after(ctx, shell, id, (APPEAL, form.fields()), done)
            }
            _ => {
                let done = evaluation::propose_exclusion(ctx, id, &form.about, form.word());
                after(ctx, shell, id, (PROPOSE, form.fields()), done)
            }
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
                "yes" | "no" => evaluation::rule(ctx, id, claim, form.granted == "yes", form.word()),
                _ => Err(Refusal::invalid("granted", Message::new("fault-required"))),
            };
            after(ctx, shell, id, (&format!("{RULE}-{claim}"), form.fields()), done)
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
            let done = evaluation::revoke_exclusion(ctx, id, claim, form.word());
            after(ctx, shell, id, (&format!("{REVOKE}-{claim}"), form.fields()), done)
        })
        .await
}

/// Leads back to the claims, or shows what is wrong with what was sent.
fn after(
    ctx: &Ctx,
    shell: Shell,
    id: Id<CaseName>,
    sent: (&str, BTreeMap<String, String>),
    done: Result<Claims, Refusal>,
) -> Result<Response, Refusal> {
    let next = format!("/cases/{id}/evaluation?said=1");
    typed::answer(shell, sent, done, &next, |shell, typed| show(ctx, shell, id, false, Some(&typed)))
}
