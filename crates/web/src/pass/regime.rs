//! Regimes as everybody may read them, with what an office may do in each.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Ctx, Refusal, checkpoint,
    pass::{self, Published, Regime, RuleState, State},
};
use kernel::Role;
use policy::{Action, Resource};

use super::{
    office::{DeskForm, StatementForm},
    view::{self, Refused, Words},
};
use crate::{
    case::view::AreaNames,
    sent::PagePath,
    shell::{self, Shell},
    visitor::Visitor,
};

#[derive(Template)]
#[template(path = "pass/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Row>,
    may_propose: bool,
    may_see_gates: bool,
    is_signed_in: bool,
}

struct Row {
    number: u16,
    title: String,
    place: String,
    until: String,
    state: String,
    is_open: bool,
}

pub async fn list(visitor: Visitor) -> Response {
    visitor
        .page(|ctx, shell| {
            let regimes = pass::list(ctx)?;
            let names = AreaNames::of(ctx, regimes.iter().map(|it| &it.path))?;
            let row = |it: &Regime| {
                let (state, is_open) = view::state(ctx, &shell.t, it);
                let until = shell.t.with("pass-until", "time", shell.t.moment(it.end, ctx.now));
                let (number, title, place) = (it.number, it.title.clone(), names.line(&it.path));
                Row { number, title, place, until, state, is_open }
            };
            let page = ListPage {
                rows: regimes.iter().map(row).collect(),
                may_propose: may_propose_somewhere(ctx),
                may_see_gates: !checkpoint::own_areas(ctx).is_empty(),
                is_signed_in: ctx.signed_in.is_some(),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

pub fn may_propose_somewhere(ctx: &Ctx) -> bool {
    ctx.actor.appointments.iter().any(|it| ctx.may(Action::PassPropose, Resource::Area { path: &it.area }))
}

#[derive(Template)]
#[template(path = "pass/regime.html")]
struct RegimePage {
    shell: Shell,
    regime: Regime,
    state: String,
    is_open: bool,
    is_signed_in: bool,
    facts: Vec<(String, String)>,
    rule: Vec<Words>,
    rule_text: String,
    version: i64,
    /// A rule that waits for another body, with how many it touches.
    waiting: Option<Waiting>,
    earlier: Vec<String>,
    keys: Vec<Key>,
    /// The actor has the second word on the order.
    may_decide: bool,
    may_order: bool,
    is_desk: bool,
    bodies: Vec<(String, String)>,
    /// Bodies that could get a key.
    offices: Vec<(String, String)>,
    touched_max: i64,
    sent: Sent,
}

struct Waiting {
    version: i64,
    words: Vec<Words>,
    said: String,
    may_decide: bool,
}

struct Key {
    number: i64,
    id: String,
    office: String,
    said: String,
    is_withdrawn: bool,
    can_rotate: bool,
    /// Its withdrawal waits for another body.
    asked: Option<String>,
    may_decide: bool,
}

pub async fn show(visitor: Visitor, PagePath(number): PagePath<u16>) -> Response {
    visitor.page(move |ctx, shell| page(ctx, shell, number, Sent::default())).await
}

/// What stood in a form that was refused.
#[derive(Default)]
pub struct Sent {
    pub refused: Refused,
    pub rule: Option<String>,
    pub note: String,
    pub statement: StatementForm,
    pub desk: DeskForm,
}

pub fn page(ctx: &Ctx, shell: Shell, number: u16, sent: Sent) -> Result<Response, Refusal> {
    let it = pass::regime(ctx, number)?;
    let regime = &it.regime;
    let names = view::area_names(ctx, &it)?;
    let t = &shell.t;
    let area = Resource::Area { path: &regime.path };
    let lasts = regime.state == State::InForce && ctx.now < regime.end;
    let second = |body| ctx.may(Action::PassApprove { proposed_by: body }, area);
    let current = it.rules.iter().find(|it| it.state == RuleState::InForce).or(it.rules.last());
    let waiting = it.rules.iter().find(|it| it.state == RuleState::Proposed && it.version > 1);
    let may_order = lasts && ctx.may(Action::PassPropose, area);
    let earlier = it.rules.iter().filter(|rule| Some(rule.version) != current.map(|it| it.version));
    let offices = match may_order {
        true => domain::organization::for_dispatch(ctx, &regime.path)?,
        false => Vec::new(),
    };
    let serves = |role| role == Role::Acceptor || Role::GRID.contains(&role);
    let (state, is_open) = view::state(ctx, t, regime);
    let bodies = match ctx.signed_in.is_some() && lasts {
        true => pass::own_bodies(ctx)?,
        false => Vec::new(),
    };
    let page = RegimePage {
        facts: facts(ctx, &shell, &it, &names),
        rule: current.map(|rule| view::rule_words(t, &names, regime, &rule.text)).unwrap_or_default(),
        rule_text: sent.rule.clone().or(current.map(|it| it.text.clone())).unwrap_or_default(),
        version: current.map_or(0, |it| it.version),
        waiting: waiting.map(|rule| Waiting {
            version: rule.version,
            words: view::rule_words(t, &names, regime, &rule.text),
            said: t.with2(
                "pass-rule-waits",
                ("office", it.office(rule.proposed_by)),
                ("count", t.number(rule.affected)),
            ),
            may_decide: lasts && second(rule.proposed_by),
        }),
        earlier: earlier
            .map(|rule| {
                let time = t.moment(rule.proposed_at, ctx.now);
                let words = t.say(&format!("pass-rule-{}", rule.state.as_str()));
                format!(
                    "{} {}: {} · {words} · {time}",
                    t.say("pass-version"),
                    rule.version,
                    rule.text.replace('\n', "; ")
                )
            })
            .collect(),
        keys: it.keys.iter().map(|key| self::key(ctx, &shell, &it, key, lasts, &second)).collect(),
        may_decide: regime.state == State::Proposed && second(regime.organization),
        may_order,
        is_desk: lasts && ctx.actor.appointments.iter().any(|it| serves(it.role)),
        bodies: bodies.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        offices: offices.into_iter().map(|it| (it.id.to_string(), it.name)).collect(),
        touched_max: pass::TOUCHED_MAX,
        sent,
        is_signed_in: ctx.signed_in.is_some(),
        state,
        is_open,
        regime: regime.clone(),
        shell,
    };
    shell::html(page.sent.refused.status(), &page)
}

fn facts(ctx: &Ctx, shell: &Shell, it: &Published, names: &AreaNames) -> Vec<(String, String)> {
    let (t, regime) = (&shell.t, &it.regime);
    let times = t.with2(
        "pass-from-to",
        ("from", t.moment(regime.start, ctx.now)),
        ("to", t.moment(regime.end, ctx.now)),
    );
    let longest = t.duration(regime.pass_seconds);
    let mut facts = vec![
        ("pass-legal-basis", regime.legal_basis.clone()),
        ("pass-order-number", regime.order_number.clone()),
        ("pass-ordered-by", it.office(regime.organization).to_owned()),
        ("pass-area", names.line(&regime.path)),
        ("pass-time", times),
        ("pass-purposes", regime.purposes.clone()),
        ("pass-scopes", regime.scopes.join("\n")),
        ("pass-bearer", t.say(&format!("pass-bearer-{}", regime.bearer.as_str()))),
        ("pass-duties", regime.duties.clone()),
        ("pass-longest", longest),
    ];
    if let Some(body) = regime.decided_by {
        let id = if regime.state == State::Refused { "pass-refused-by" } else { "pass-approved-by" };
        facts.insert(3, (id, it.office(body).to_owned()));
    }
    if !regime.note.is_empty() {
        facts.push(("pass-note", regime.note.clone()));
    }
    if let Some(at) = regime.deleted_at {
        facts.push(("pass-deleted", t.moment(at, ctx.now)));
    }
    facts.into_iter().map(|(id, value)| (t.say(id), value)).collect()
}

fn key(
    ctx: &Ctx,
    shell: &Shell,
    published: &Published,
    it: &pass::KeyState,
    lasts: bool,
    second: &dyn Fn(kernel::Id<kernel::Organization>) -> bool,
) -> Key {
    let t = &shell.t;
    let said = match it.withdrawn_at {
        Some(at) => t.with2(
            "pass-key-is-withdrawn",
            ("time", t.moment(at, ctx.now)),
            ("reason", it.reason.as_deref().unwrap_or_default()),
        ),
        None => t.with2(
            "pass-key-signs",
            ("from", t.moment(it.issue_from, ctx.now)),
            ("to", t.moment(it.issue_until, ctx.now)),
        ),
    };
    let asked = it.asked_by.map(|body| {
        let (office, count) = (published.office(body), it.affected.unwrap_or_default());
        t.with2("pass-key-asked", ("office", office), ("count", t.number(count)))
    });
    Key {
        number: it.number,
        id: it.id(),
        office: published.office(it.organization).to_owned(),
        said,
        is_withdrawn: it.withdrawn_at.is_some(),
        can_rotate: it.signs(ctx.now) && it.issue_until >= published.regime.end,
        may_decide: lasts && it.asked_by.is_some_and(second),
        asked,
    }
}
