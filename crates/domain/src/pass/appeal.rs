//! Against a refusal: a case with clocks, by the procedure `pass-appeal`. What it comes to is a fact that is corrected or
//! explained; no step of it gives a pass, and after a correction the rule is asked again.

use kernel::{Case as CaseName, Id, Person, Timestamp};
use store::Tx;

use super::{
    action::{must_last, secret},
    model::{Outcome, Regime},
    query,
    rule::Rule,
    standing::{Standing, looking, standing},
    store::{self as rows, Place},
};
use crate::{
    Ctx, Faults, Message, Refusal,
    case::{self, Contact, Report},
    resident, text,
};

const PROCEDURE: &str = "pass-appeal";
const CLASS: &str = "e9-other";

/// Appeals against the latest outcome of somebody whom the actor may ask for. While it is looked at it is one appeal, however
/// often it is sent; when that came to nothing there may be another. `area` says where, for those who live elsewhere.
pub fn appeal(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
    area: &str,
    words: &str,
) -> Result<Id<CaseName>, Refusal> {
    ctx.person()?;
    let report = looking(ctx, number, person, |tx, regime, _, standing| {
        must_last(regime, ctx.now)?;
        let last = rows::last_outcome(tx, Place::from(regime), &standing.holder)?;
        let refused = last.map(|(it, _)| it).filter(|it| !it.is_granted);
        let refused = refused.ok_or_else(|| Refusal::conflict("conflict-pass-not-refused"))?;
        let named = Some(area.trim().to_owned()).filter(|it| !it.is_empty());
        let home = resident::home_of(tx, person)?.map(|(_, path)| path.code().to_owned());
        let mut faults = Faults::default();
        let words = text::lines(&mut faults, "words", words);
        let words = text::required(&mut faults, "words", words);
        let place = named.or(home);
        if place.is_none() {
            faults.add("area", Message::new("fault-required"));
        }
        faults.check()?;
        report(tx, ctx, regime, standing, refused, place.unwrap_or_default(), &words)
    })?;
    let (case, _) = case::report(ctx, report).map_err(|refusal| match refusal {
        // Another text under the same id: the first appeal is being looked at.
        Refusal::Conflict(it) if it.id == "conflict-id" => Refusal::conflict("conflict-pass-appealed"),
        refusal => refusal,
    })?;
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let standing = standing(tx, ctx, &regime, &secret, person)?;
        standing.record_act(tx, ctx, &regime)?;
        Ok(rows::add_appeal(tx, Place::from(&regime), &standing.holder, case.id.uuid(), ctx.now)?)
    })?;
    Ok(case.id)
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
pub fn appeals(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
) -> Result<Vec<(Id<CaseName>, Timestamp)>, Refusal> {
    looking(ctx, number, person, |tx, regime, _, standing| appeals_of(tx, regime, standing))
}

pub(super) fn appeals_of(
    tx: &mut Tx<'_>,
    regime: &Regime,
    standing: &Standing,
) -> Result<Vec<(Id<CaseName>, Timestamp)>, Refusal> {
    let found = rows::appeals(tx, Place::from(regime), &standing.holder)?;
    Ok(found.into_iter().map(|(id, at)| (Id::from_uuid(id), at)).collect())
}
