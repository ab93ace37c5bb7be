//! Against a refusal: a case with clocks, by the procedure `pass-appeal`. What it comes to is a fact that is corrected or
//! explained; no step of it gives a pass, and after a correction the rule is asked again.

use kernel::{Case as CaseName, Id, Person, Timestamp};
use store::Tx;

use super::{
    action::must_last,
    model::{Outcome, Regime},
    rule::Rule,
    standing::{Standing, acting, looking},
    store::{self as rows, Place},
};
use crate::{
    Ctx, Faults, Message, Refusal, area,
    case::{self, Behalf, Contact, Report, Whereabouts},
    resident, text,
};

const PROCEDURE: &str = "pass-appeal";
const CLASS: &str = "e9-other";

/// An appeal as it is sent.
#[derive(Clone, Debug, Default)]
pub struct NewAppeal {
    /// Where in the area of the order it is looked at; whoever lives there need not say it.
    pub area: String,
    pub words: String,
    /// The body that examines it may know whom it is about.
    pub shares_contact: bool,
}

/// An appeal as its person, and whoever asks for them, is shown it.
#[derive(Clone, Debug, PartialEq)]
pub struct Appealed {
    pub case: Id<CaseName>,
    pub at: Timestamp,
    /// Where the case stands, which is theirs alone to open.
    pub stands: Option<Whereabouts>,
}

/// Appeals against the latest outcome of somebody whom the actor may ask for, in that person's name. While it is looked at it
/// is one appeal, however often it is sent; when that came to nothing there may be another. That the body which examines it
/// may know whom it is about is not for an agent to say, who was let in for passes alone.
pub fn appeal(ctx: &Ctx, number: u16, person: Id<Person>, new: &NewAppeal) -> Result<Id<CaseName>, Refusal> {
    let mut faults = Faults::default();
    let words = text::lines(&mut faults, "words", &new.words);
    let words = text::required(&mut faults, "words", words);
    acting(ctx, number, person, |tx, regime, _, standing| {
        must_last(regime, ctx.now)?;
        let last = rows::last_outcome(tx, Place::from(regime), &standing.holder)?;
        let refused = last.map(|(it, _)| it).filter(|it| !it.is_granted);
        let refused = refused.ok_or_else(|| Refusal::conflict("conflict-pass-not-refused"))?;
        let mut faults = faults.clone();
        let place = place(tx, regime, person, new.area.trim())?;
        if place.is_none() {
            faults.add("area", Message::new("fault-pass-appeal-area"));
        }
        faults.check()?;
        let report = report(tx, ctx, regime, standing, refused, place.unwrap_or_default(), &words)?;
        let shares_contact = new.shares_contact && standing.is_close();
        let behalf = Behalf { reporter: person, shares_contact, words_until: regime.end };
        let (case, _) = case::report_for(tx, ctx, behalf, report).map_err(|refusal| match refusal {
            // Another text under the same id: the first appeal is being looked at.
            Refusal::Conflict(it) if it.id == "conflict-id" => Refusal::conflict("conflict-pass-appealed"),
            refusal => refusal,
        })?;
        standing.record_act(tx, ctx, regime)?;
        rows::add_appeal(tx, Place::from(regime), &standing.holder, case.id.uuid(), ctx.now)?;
        Ok(case.id)
    })
}

/// Where an appeal is looked at, by its code: never outside the area of the order, whose offices know nothing of it there.
fn place(
    tx: &mut Tx<'_>,
    regime: &Regime,
    person: Id<Person>,
    named: &str,
) -> Result<Option<String>, Refusal> {
    let path = match named.is_empty() {
        true => resident::home_of(tx, person)?.map(|(_, path)| path),
        false => area::place(tx, named)?.map(|it| it.path),
    };
    Ok(path.filter(|it| it.is_within(&regime.path)).map(|it| it.code().to_owned()))
}

fn report(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    standing: &Standing,
    refused: Outcome,
    area: String,
    words: &str,
) -> Result<Report, Refusal> {
    let mut ended: u64 = 0;
    for (id, _) in rows::appeals(tx, Place::from(regime), &standing.holder)? {
        ended += u64::from(case::is_over(tx, Id::from_uuid(id))? != Some(false));
    }
    let (number, outcome) = (regime.number.to_be_bytes(), refused.number.to_be_bytes());
    let id = [&number[..], &standing.holder, &outcome, &ended.to_be_bytes()].concat();
    let (_, phone) = resident::name_and_phone(tx, standing.person)?.unwrap_or_default();
    let failed = Rule { groups: refused.failed }.to_string();
    let head = format!("{} v{}", regime.called(), refused.rule_version);
    Ok(Report {
        id: ctx.city.derived_id(PROCEDURE, &[&id]),
        procedure: PROCEDURE.to_owned(),
        class: CLASS.to_owned(),
        area,
        place: String::new(),
        position: None,
        description: format!("{head}\n{failed}\n{words}"),
        contact: Contact { name: Some(standing.name.clone()), phone },
        photos: Vec::new(),
    })
}

/// The appeals of somebody whom the actor may ask for, latest first.
pub fn appeals(ctx: &Ctx, number: u16, person: Id<Person>) -> Result<Vec<Appealed>, Refusal> {
    looking(ctx, number, person, |tx, regime, _, standing| appeals_of(tx, ctx, regime, standing))
}

/// An agent, who was let in for passes alone, is told of no answer.
pub(super) fn appeals_of(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    standing: &Standing,
) -> Result<Vec<Appealed>, Refusal> {
    let mut appeals = Vec::new();
    for (id, at) in rows::appeals(tx, Place::from(regime), &standing.holder)? {
        let case = Id::from_uuid(id);
        let mut stands = case::whereabouts(tx, ctx, case)?;
        if let Some(it) = stands.as_mut().filter(|_| !standing.is_close()) {
            it.answer.clear();
        }
        appeals.push(Appealed { case, at, stands });
    }
    Ok(appeals)
}
