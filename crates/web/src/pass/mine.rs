//! One's own passes, those of whom one looks after or acts for, and those of whom a desk serves: asking, showing, printing,
//! ending, appealing. Every page works without a script.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Refusal,
    pass::{self, Answer, EvidenceKind, NewAppeal},
};
use kernel::{Evidence, Id, Person};
use serde::Deserialize;

use super::view::{self, OutcomeView, PassRow, Refused, Words};
use crate::{
    area::{CommunityGroup, communities_of},
    locale::Translator,
    sent::{PageForm, PagePath, PageQuery},
    shell::{self, Shell},
    visitor::Visitor,
};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct For {
    /// For whom; oneself without.
    person: Option<Id<Person>>,
}

#[derive(Deserialize)]
pub struct AskForm {
    person: Id<Person>,
    /// Which vehicle the pass shows, where there are several.
    #[serde(default)]
    vehicle: String,
}

#[derive(Deserialize)]
pub struct RevokeForm {
    person: Id<Person>,
    index: i64,
}

#[derive(Deserialize)]
pub struct AppealForm {
    person: Id<Person>,
    #[serde(default)]
    area: String,
    words: String,
    /// There where it is ticked.
    shares_contact: Option<String>,
}

#[derive(Deserialize)]
pub struct MandateForm {
    login_name: String,
}

#[derive(Template)]
#[template(path = "pass/mine.html")]
struct MinePage {
    shell: Shell,
    number: u16,
    title: String,
    until: String,
    name: String,
    person: String,
    is_self: bool,
    /// An office shows it: it gives and prints, and ends nothing.
    is_desk: bool,
    outcome: Option<OutcomeView>,
    rule: Vec<Words>,
    passes: Vec<PassRow>,
    /// Place in the list of the newest that is valid.
    newest: Option<i64>,
    can_ask: bool,
    /// A pass is for all who live together.
    is_household: bool,
    /// Vehicles of which one is chosen for a pass: id and plate.
    vehicles: Vec<(String, String)>,
    /// Why there is no further pass, if so.
    full: Option<String>,
    /// What was stated about the person.
    stated: Vec<StatedRow>,
    others: Vec<Other>,
    agents: Vec<(String, String)>,
    appeals: Vec<AppealRow>,
    may_appeal: bool,
    /// Where an appeal can be looked at; none where that are too many to choose from.
    communities: Vec<CommunityGroup>,
    /// Code of the area of the order.
    area: String,
    lives_there: bool,
    /// Whether whoever asks may say for the person that the body which examines may know who they are.
    may_share: bool,
    refused: Refused,
    sent: Sent,
}

pub async fn show(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageQuery(query): PageQuery<For>,
) -> Response {
    let (refused, sent) = (Refused::default(), Sent::default());
    visitor.page(move |ctx, shell| page(ctx, shell, number, query.person, refused, sent)).await
}

/// What stood in a form that was refused.
#[derive(Default)]
struct Sent {
    words: String,
    area: String,
    shares_contact: bool,
    login_name: String,
}

fn page(
    ctx: &Ctx,
    shell: Shell,
    number: u16,
    person: Option<Id<Person>>,
    refused: Refused,
    sent: Sent,
) -> Result<Response, Refusal> {
    let me = ctx.person()?.person;
    let person = person.unwrap_or(me);
    let published = pass::regime(ctx, number)?;
    let regime = &published.regime;
    let overview = pass::overview(ctx, number, person)?;
    let pass::Overview { holder, outcome, held, full, stated, appeals, lives_there, vehicles } = overview;
    let names = view::area_names(ctx, &published)?;
    let t = &shell.t;
    let is_self = person == me;
    let holders = pass::holders(ctx, number)?;
    let is_desk = holders.iter().all(|it| it.person != person);
    let by_mandate = Some(EvidenceKind::Mandate);
    let may_share = holders.iter().all(|it| it.person != person || it.by != by_mandate);
    let others = if is_self { holders } else { Vec::new() };
    let other = |it: &pass::Holder| Other {
        person: it.person.to_string(),
        name: it.name.clone(),
        by: it.by.map_or(String::new(), |it| t.say(&format!("pass-by-{}", it.as_str()))),
        evidence: it.evidence.map(|it| it.to_string()).unwrap_or_default(),
    };
    let agents = if is_self { pass::mandates(ctx, number)? } else { Vec::new() };
    let rule = published.rules.iter().find(|it| it.state == pass::RuleState::InForce);
    let is_open = regime.is_open(ctx.now);
    let passes: Vec<PassRow> = held.iter().map(|it| view::pass_row(ctx, t, &published, it)).collect();
    let may_appeal = outcome.as_ref().is_some_and(|it| !it.is_granted);
    let newest = passes.iter().find(|it| it.is_valid).map(|it| it.index);
    let page = MinePage {
        number,
        title: regime.title.clone(),
        until: t.with("pass-until", "time", t.moment(regime.end, ctx.now)),
        name: if is_self { ctx.person()?.name.clone() } else { holder.name },
        person: person.to_string(),
        is_self,
        is_desk,
        may_appeal,
        communities: if may_appeal { communities_of(ctx, &regime.path)? } else { Vec::new() },
        area: regime.path.code().to_owned(),
        lives_there,
        may_share,
        outcome: outcome.as_ref().map(|it| view::outcome(ctx, t, &names, regime, it)),
        rule: rule.map(|it| view::rule_words(t, &names, regime, &it.text)).unwrap_or_default(),
        passes,
        newest,
        can_ask: is_open && full.is_none(),
        is_household: regime.bearer == pass::Bearer::Household,
        vehicles: match vehicles.len() {
            0 | 1 => Vec::new(),
            _ => vehicles.into_iter().map(|(id, plate)| (id.to_string(), plate)).collect(),
        },
        full: full.filter(|_| is_open).map(|it| t.message(&it)),
        stated: stated.iter().map(|it| stated_row(ctx, t, it, is_self)).collect(),
        others: others.iter().skip(1).map(other).collect(),
        agents: agents.into_iter().filter_map(|it| Some((it.evidence?.to_string(), it.name))).collect(),
        appeals: appeals.iter().map(|it| appeal_row(ctx, &shell, it, is_self)).collect(),
        refused,
        sent,
        shell,
    };
    shell::html(page.refused.status(), &page)
}

/// Somebody whom one may ask for.
struct Other {
    person: String,
    name: String,
    /// By what.
    by: String,
    /// The statement that lets one, and that one can end.
    evidence: String,
}

/// A statement on the page of whoever it is about.
struct StatedRow {
    said: String,
    /// When it was taken back and why, if it was.
    ended: Option<String>,
    /// Under which id the person ends it, and what the button says.
    end: Option<(String, String)>,
}

fn stated_row(ctx: &Ctx, t: &Translator, it: &pass::Stated, is_self: bool) -> StatedRow {
    let mut parts = vec![t.say(&format!("pass-stated-{}", it.kind.as_str()))];
    parts.extend(it.plate.iter().chain(&it.helper).cloned());
    parts.extend(Some(it.body.clone()).filter(|it| !it.is_empty()));
    parts.push(t.moment(it.at, ctx.now));
    let ended = it.ended.as_ref().map(|(at, reason)| {
        let time = t.moment(*at, ctx.now);
        match (it.is_declined, reason.is_empty()) {
            (true, _) => t.with("pass-stated-declined", "time", time),
            (false, true) => t.with("pass-stated-ended-by-you", "time", time),
            (false, false) => t.with2("pass-stated-ended", ("time", time), ("reason", reason)),
        }
    });
    let button = match it.kind {
        EvidenceKind::Guardian => Some("pass-guardian-dispute"),
        EvidenceKind::Vehicle => Some("pass-vehicle-end"),
        EvidenceKind::Works | EvidenceKind::Mandate => None,
    };
    let end =
        button.filter(|_| is_self && it.ended.is_none()).map(|button| (it.id.to_string(), t.say(button)));
    StatedRow { said: parts.join(" · "), ended, end }
}

/// An appeal on the page of whoever it is about.
struct AppealRow {
    said: String,
    /// The case, which is the person's own to open.
    case: Option<String>,
    /// The last word of whoever handled it.
    answer: String,
}

fn appeal_row(ctx: &Ctx, shell: &Shell, it: &pass::Appealed, is_self: bool) -> AppealRow {
    let waiting = it.stands.as_ref().map(|it| domain::case::words(&it.waiting, shell.language()));
    let time = shell.t.with("pass-appealed", "time", shell.t.moment(it.at, ctx.now));
    AppealRow {
        said: [&time[..], waiting.unwrap_or_default()].join(" · ").trim_end_matches(" · ").to_owned(),
        case: is_self.then(|| it.case.to_string()),
        answer: it.stands.as_ref().map(|it| it.answer.clone()).unwrap_or_default(),
    }
}

fn back(number: u16, person: Id<Person>) -> Response {
    Redirect::to(&format!("/passes/{number}/mine?person={person}")).into_response()
}

/// One tap: the rule answers at once, and who gets a pass is led to its code.
pub async fn ask(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageForm(sent): PageForm<AskForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let person = sent.person;
            match pass::ask(ctx, number, person, sent.vehicle.parse().ok()) {
                Ok(Answer::Given(held)) => {
                    let to = format!("/passes/{number}/mine/{}?person={person}", held.index);
                    Ok(Redirect::to(&to).into_response())
                }
                Ok(Answer::Refused(_)) => Ok(back(number, person)),
                Err(refusal @ Refusal::Invalid(_)) => {
                    let refused = Refused::new(&shell.t, "ask", refusal)?;
                    page(ctx, shell, number, Some(person), refused, Sent::default())
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

pub async fn revoke(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageForm(sent): PageForm<RevokeForm>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            pass::revoke(ctx, number, sent.person, sent.index)?;
            Ok(back(number, sent.person))
        })
        .await
}

impl AppealForm {
    fn read(&self) -> NewAppeal {
        let (area, words) = (self.area.clone(), self.words.clone());
        NewAppeal { area, words, shares_contact: self.shares_contact.is_some() }
    }
}

pub async fn appeal(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageForm(sent): PageForm<AppealForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| match pass::appeal(ctx, number, sent.person, &sent.read()) {
            // The case is the person's: whoever asks for them is shown on this page where it stands.
            Ok(case) if ctx.person()?.person == sent.person => {
                Ok(Redirect::to(&format!("/cases/{case}")).into_response())
            }
            Ok(_) => Ok(back(number, sent.person)),
            Err(refusal) => {
                let refused = Refused::new(&shell.t, "appeal", refusal)?;
                let shares_contact = sent.shares_contact.is_some();
                let written = Sent { words: sent.words, area: sent.area, shares_contact, ..Sent::default() };
                page(ctx, shell, number, Some(sent.person), refused, written)
            }
        })
        .await
}

pub async fn give_mandate(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageForm(sent): PageForm<MandateForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| match pass::give_mandate(ctx, number, &sent.login_name) {
            Ok(_) => Ok(back(number, ctx.person()?.person)),
            Err(refusal) => {
                let refused = Refused::new(&shell.t, "mandate", refusal)?;
                let written = Sent { login_name: sent.login_name, ..Sent::default() };
                page(ctx, shell, number, None, refused, written)
            }
        })
        .await
}

pub async fn end_own(
    visitor: Visitor,
    PagePath((number, evidence)): PagePath<(u16, Id<Evidence>)>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            pass::end_own(ctx, number, evidence)?;
            Ok(back(number, ctx.person()?.person))
        })
        .await
}

#[derive(Template)]
#[template(path = "pass/code.html")]
struct CodePage {
    shell: Shell,
    title: String,
    /// Several on a sheet, one on a phone.
    codes: Vec<Code>,
    is_sheet: bool,
    back: String,
    /// Where the same is printed.
    sheet: String,
}

struct Code {
    svg: String,
    /// What the code says of whoever carries it; the page shows a gate no more than that.
    bearer: String,
    until: String,
    office: String,
    scopes: String,
}

fn code_of(ctx: &Ctx, shell: &Shell, number: u16, person: Id<Person>, index: i64) -> Result<Code, Refusal> {
    let published = pass::regime(ctx, number)?;
    let code = pass::code_of(ctx, number, person, index)?;
    let t = &shell.t;
    let regime = &published.regime;
    Ok(Code {
        svg: view::svg(&code.text)?,
        bearer: match code.bearer.is_empty() {
            true => t.say(&format!("pass-bearer-{}", pass::Bearer::Nothing.as_str())),
            false => code.bearer,
        },
        until: t.with("pass-until", "time", t.moment(code.held.expires, ctx.now)),
        office: code.office,
        scopes: regime.scopes.join(" · "),
    })
}

pub async fn code(
    visitor: Visitor,
    PagePath((number, index)): PagePath<(u16, i64)>,
    PageQuery(query): PageQuery<For>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let person = query.person.unwrap_or(ctx.person()?.person);
            let code = code_of(ctx, &shell, number, person, index)?;
            let page = CodePage {
                title: pass::regime(ctx, number)?.regime.title,
                codes: vec![code],
                is_sheet: false,
                sheet: format!("/passes/{number}/sheet?person={person}"),
                back: format!("/passes/{number}/mine?person={person}"),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// For paper: the newest valid pass of each whom one may ask for, ten by ten centimetres each.
pub async fn sheet(
    visitor: Visitor,
    PagePath(number): PagePath<u16>,
    PageQuery(query): PageQuery<For>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let people: Vec<Id<Person>> = match query.person {
                Some(person) => vec![person],
                None => pass::holders(ctx, number)?.iter().map(|it| it.person).collect(),
            };
            let mut codes = Vec::new();
            for person in people {
                let (_, _, held) = pass::held(ctx, number, person)?;
                if let Some(it) = held.iter().find(|it| it.is_valid(ctx.now)) {
                    codes.push(code_of(ctx, &shell, number, person, it.index)?);
                }
            }
            let own = ctx.person()?.person;
            let page = CodePage {
                title: pass::regime(ctx, number)?.regime.title,
                codes,
                is_sheet: true,
                sheet: String::new(),
                back: format!("/passes/{number}/mine?person={}", query.person.unwrap_or(own)),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}
