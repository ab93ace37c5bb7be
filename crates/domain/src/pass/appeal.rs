//! Against a refusal: a case with clocks, by the procedure `pass-appeal`. What it comes to is a fact that is corrected or
//! explained; no step of it gives a pass, and after a correction the rule is asked again.

use kernel::{Case as CaseName, Id, Person, Timestamp};

use super::{
    action::{must_last, secret},
    issue::standing,
    query,
    rule::Rule,
    store::{self as rows, Place},
};
use crate::{
    Ctx, Faults, Message, Refusal,
    case::{self, Contact, Report},
    resident, text,
};

const PROCEDURE: &str = "pass-appeal";
const CLASS: &str = "e9-other";

/// Appeals against the latest outcome of somebody whom the actor may ask for. Against the same outcome it is one appeal,
/// however often it is sent. `area` says where, for those who live elsewhere.
pub fn appeal(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
    area: &str,
    words: &str,
) -> Result<Id<CaseName>, Refusal> {
    ctx.person()?;
    let mut faults = Faults::default();
    let words = text::lines(&mut faults, "words", words);
    let words = text::required(&mut faults, "words", words);
    let (holder, report) = ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        must_last(&regime, ctx.now)?;
        let secret = secret(ctx, &regime)?;
        let standing = standing(tx, ctx, &regime, &secret, person)?;
        let last = rows::last_outcome(tx, Place::from(&regime), &standing.holder)?;
        let refused = last.map(|(it, _)| it).filter(|it| !it.is_granted);
        let refused = refused.ok_or_else(|| Refusal::conflict("conflict-pass-not-refused"))?;
        let named = Some(area.trim().to_owned()).filter(|it| !it.is_empty());
        let home = resident::home_of(tx, person)?.map(|(_, path)| path.code().to_owned());
        let place = named.or(home);
        if place.is_none() {
            faults.add("area", Message::new("fault-required"));
        }
        faults.check()?;
        let (_, phone) = resident::name_and_phone(tx, person)?.unwrap_or_default();
        let failed = Rule { groups: refused.failed }.to_string();
        let id = [&number.to_be_bytes()[..], &standing.holder, &refused.number.to_be_bytes()].concat();
        let report = Report {
            id: ctx.city.derived_id(PROCEDURE, &[&id]),
            procedure: PROCEDURE.to_owned(),
            class: CLASS.to_owned(),
            area: place.unwrap_or_default(),
            place: String::new(),
            position: None,
            description: format!(
                "{} {} v{}\n{failed}\n{words}",
                regime.title, regime.order_number, refused.rule_version
            ),
            contact: Contact { name: Some(standing.name), phone },
            photos: Vec::new(),
        };
        Ok((standing.holder, report))
    })?;
    let (case, _) = case::report(ctx, report)?;
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        Ok(rows::add_appeal(tx, Place::from(&regime), &holder, case.id.uuid(), ctx.now)?)
    })?;
    Ok(case.id)
}

/// The appeals of somebody whom the actor may ask for, latest first.
pub fn appeals(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
) -> Result<Vec<(Id<CaseName>, Timestamp)>, Refusal> {
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let standing = standing(tx, ctx, &regime, &secret, person)?;
        let found = rows::appeals(tx, Place::from(&regime), &standing.holder)?;
        Ok(found.into_iter().map(|(id, at)| (Id::from_uuid(id), at)).collect())
    })
}
