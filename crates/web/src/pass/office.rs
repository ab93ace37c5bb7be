//! What offices do: order, have the second word, change rules and keys, state facts, serve at a desk.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Fault, Refusal,
    pass::{self, Bearer, Decision, EvidenceKind, NewRegime, Said, Statement},
};
use kernel::{Id, Organization, Timestamp};
use serde::Deserialize;

use super::{
    regime::{self, Sent, may_propose_somewhere},
    view::Refused,
};
use crate::{
    area::around_posts,
    sent::{PageForm, PagePath},
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct RegimeForm {
    area: String,
    title: String,
    legal_basis: String,
    order_number: String,
    purposes: String,
    duties: String,
    /// The first and the last day.
    start: String,
    end: String,
    scopes: String,
    bearer: String,
    pass_hours: String,
    holders: String,
    rule: String,
}

#[derive(Template)]
#[template(path = "pass/propose.html")]
struct ProposePage {
    shell: Shell,
    faults: FormFaults,
    form: RegimeForm,
    bearers: Vec<(&'static str, String)>,
    days_max: i64,
    areas: Vec<(String, String)>,
}

pub async fn form(visitor: Visitor) -> Response {
    visitor
        .page(|ctx, shell| {
            ctx.person()?;
            let may = may_propose_somewhere(ctx);
            let own = ctx.actor.appointments.first().filter(|_| may).ok_or(Refusal::Denied)?;
            let form = RegimeForm {
                area: own.area.code().to_owned(),
                pass_hours: "48".into(),
                rule: "resident: lives_in\nworker: works_in".into(),
                bearer: Bearer::Name.as_str().into(),
                ..RegimeForm::default()
            };
            shown(ctx, shell, form, FormFaults::default())
        })
        .await
}

fn shown(ctx: &Ctx, shell: Shell, form: RegimeForm, faults: FormFaults) -> Result<Response, Refusal> {
    let word = |it: &Bearer| (it.as_str(), shell.t.say(&format!("pass-bearer-{}", it.as_str())));
    let bearers = Bearer::ALL.iter().map(word).collect();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    shell::html(
        status,
        &ProposePage {
            areas: around_posts(ctx)?,
            faults,
            form,
            bearers,
            days_max: pass::REGIME_DAYS_MAX,
            shell,
        },
    )
}

/// The first moment of a day in the city; what is no day is long over, which the room refuses.
fn day(text: &str) -> Timestamp {
    Timestamp::parse(&format!("{}T00:00:00+08:00", text.trim())).unwrap_or(Timestamp::from_micros(0))
}

pub async fn propose(visitor: Visitor, PageForm(form): PageForm<RegimeForm>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let start = day(&form.start);
            let new = NewRegime {
                area: form.area.trim().to_owned(),
                title: form.title.clone(),
                legal_basis: form.legal_basis.clone(),
                order_number: form.order_number.clone(),
                purposes: form.purposes.clone(),
                duties: form.duties.clone(),
                // One that begins today begins now.
                start: if start.civil().date() == ctx.now.civil().date() { ctx.now } else { start },
                end: day(&form.end).plus_seconds(86_400),
                scopes: form.scopes.clone(),
                bearer: Bearer::parse(&form.bearer).ok_or(Refusal::NotFound)?,
                pass_seconds: form.pass_hours.trim().parse::<i64>().unwrap_or(0).saturating_mul(3_600),
                holders: form.holders.trim().parse().unwrap_or(0),
                rule: form.rule.clone(),
            };
            match pass::propose(ctx, &new) {
                Ok(regime) => Ok(to(regime.number)),
                Err(Refusal::Invalid(faults)) => {
                    let faults = FormFaults::new(&shell.t, &faults);
                    shown(ctx, shell, form, faults)
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

fn to(number: u16) -> Response {
    Redirect::to(&format!("/passes/{number}")).into_response()
}

/// Back to the order; a form that was refused stands there with what was written in it.
fn answer(
    ctx: &Ctx,
    shell: Shell,
    number: u16,
    done: Result<(), Refusal>,
    form: &'static str,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Err(refusal) = done else { return Ok(to(number)) };
    let refused = Refused::new(&shell.t, form, refusal)?;
    regime::page(ctx, shell, number, Sent { refused, ..sent })
}

#[derive(Deserialize)]
pub struct DecisionForm {
    decision: String,
    #[serde(default)]
    note: String,
}

impl DecisionForm {
    fn read(&self) -> Result<Decision, Refusal> {
        match self.decision.as_str() {
            "approve" => Ok(Decision::Approve),
            "refuse" => Ok(Decision::Refuse),
            _ => Err(Refusal::NotFound),
        }
    }
}

pub async fn decide(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageForm(sent): PageForm<DecisionForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let done = pass::decide(ctx, number, sent.read()?, &sent.note);
            let form = Sent { note: sent.note, ..Sent::default() };
            answer(ctx, shell, number, done.map(drop), "decide", form)
        })
        .await
}

#[derive(Deserialize)]
pub struct RuleForm {
    rule: String,
}

pub async fn propose_rule(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageForm(sent): PageForm<RuleForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let done = pass::propose_rule(ctx, number, &sent.rule);
            let form = Sent { rule: Some(sent.rule), ..Sent::default() };
            answer(ctx, shell, number, done.map(drop), "rule", form)
        })
        .await
}

pub async fn decide_rule(
    visitor: Visitor,
    PagePath((number, version)): PagePath<(u16, i64)>,
    PageForm(sent): PageForm<DecisionForm>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            ctx.person()?;
            pass::decide_rule(ctx, number, version, sent.read()?)?;
            Ok(to(number))
        })
        .await
}

#[derive(Deserialize)]
pub struct KeyForm {
    organization: Id<Organization>,
}

pub async fn add_key(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageForm(sent): PageForm<KeyForm>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            ctx.person()?;
            pass::add_key(ctx, number, sent.organization)?;
            Ok(to(number))
        })
        .await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StepForm {
    reason: String,
    decision: String,
}

/// Its successor, its withdrawal, or the second word on that.
pub async fn key(
    visitor: Visitor,
    PagePath((number, key, step)): PagePath<(u16, i64, String)>,
    PageForm(sent): PageForm<StepForm>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            ctx.person()?;
            match step.as_str() {
                "rotate" => pass::rotate_key(ctx, number, key)?,
                "withdraw" => pass::withdraw_key(ctx, number, key, &sent.reason)?,
                "decide" => {
                    let decision = DecisionForm { decision: sent.decision, note: String::new() };
                    pass::decide_withdrawal(ctx, number, key, decision.read()?)?
                }
                _ => return Err(Refusal::NotFound),
            };
            Ok(to(number))
        })
        .await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StatementForm {
    pub body: String,
    pub kind: String,
    pub name: String,
    pub phone: String,
    /// Whose number it is, of who has none.
    pub member: String,
    pub guardian_name: String,
    pub guardian_phone: String,
    pub plate: String,
    /// Taken back with a reason, in place of being stated.
    pub act: String,
    pub reason: String,
}

pub async fn state(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageForm(sent): PageForm<StatementForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let body: Id<Organization> = sent.body.parse().map_err(|_| Refusal::NotFound)?;
            let kind = EvidenceKind::parse(&sent.kind).ok_or(Refusal::NotFound)?;
            let done = stated(ctx, number, body, kind, &sent);
            answer(ctx, shell, number, done, "statement", Sent { statement: sent, ..Sent::default() })
        })
        .await
}

fn stated(
    ctx: &Ctx,
    number: u16,
    body: Id<Organization>,
    kind: EvidenceKind,
    sent: &StatementForm,
) -> Result<(), Refusal> {
    let said = Said { name: &sent.name, phone: &sent.phone, member: &sent.member };
    let person = pass::named(ctx, number, body, said)?;
    // Whoever takes back names no guardian to take all of them back.
    let is_end = sent.act == "end";
    let is_named = !is_end || !sent.guardian_name.trim().is_empty();
    let guardian = match kind {
        EvidenceKind::Guardian if is_named => {
            let said = Said { name: &sent.guardian_name, phone: &sent.guardian_phone, member: "" };
            let found = pass::named(ctx, number, body, said);
            Some(found.map_err(at_guardian)?)
        }
        _ => None,
    };
    let statement = Statement { kind, person, guardian, plate: sent.plate.clone() };
    match is_end {
        true => pass::end_evidence(ctx, number, body, &statement, &sent.reason),
        false => pass::state(ctx, number, body, &statement).map(drop),
    }
}

/// What is wrong with a name is wrong with the guardian's.
fn at_guardian(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(faults) => {
            let faults = faults.into_iter().map(|it| Fault { field: "guardian".to_owned(), ..it });
            Refusal::Invalid(faults.collect())
        }
        refusal => refusal,
    }
}

#[derive(Deserialize, Default)]
pub struct DeskForm {
    pub name: String,
    pub phone: String,
    /// Whose number it is, of who has none.
    #[serde(default)]
    pub member: String,
}

impl DeskForm {
    fn said(&self) -> Said<'_> {
        Said { name: &self.name, phone: &self.phone, member: &self.member }
    }
}

/// Somebody at the desk says name and number, and is led to their passes.
pub async fn desk(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageForm(sent): PageForm<DeskForm>,
) -> Response {
    visitor
        .page(move |ctx: &Ctx, shell| match pass::find_at_desk(ctx, sent.said()) {
            Ok(person) => Ok(Redirect::to(&format!("/passes/{number}/mine?person={person}")).into_response()),
            Err(refusal) => {
                answer(ctx, shell, number, Err(refusal), "desk", Sent { desk: sent, ..Sent::default() })
            }
        })
        .await
}
