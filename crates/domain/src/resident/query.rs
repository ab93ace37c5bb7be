use kernel::{Area, AreaPath, Household, Id, Person as PersonName, Tier};
use policy::{Action, Purpose, Resource};
use store::Tx;

use super::{
    model::{Counts, Found},
    store as rows,
};
use crate::{Ctx, Refusal};

/// How many households and residents are registered in an area and below it. Exact for those who may
/// read the people there; for others rounded to fives, and silent on small numbers.
///
/// A township or less is counted over its premises. Counties and the city are counted by county, over
/// one index each: about 0.1 s for 1.7 million people on SQLite, so a page asks for it rarely.
pub fn counts(ctx: &Ctx, area: &AreaPath) -> Result<Counts, Refusal> {
    ctx.must(Action::AreaRead, Resource::Area { path: area })?;
    let within_county = area.ancestors().any(|it| Tier::of_code(it.code()) == Some(Tier::Township));
    let (households, residents) = ctx.read(|tx| {
        Ok::<_, Refusal>(match within_county {
            true => rows::counts(tx, area)?,
            false => rows::counts_by_county(tx, area)?,
        })
    })?;
    let exact =
        ctx.city.policy.scope(&ctx.actor, Action::PersonRead { purpose: Some(Purpose::Visit) }).covers(area);
    Ok(if exact { Counts::exact(households, residents) } else { Counts::published(households, residents) })
}

/// The grid of a person's household. For rooms that decide whom to tell; it shows no record to anybody.
pub fn home_of(tx: &mut Tx<'_>, person: Id<PersonName>) -> Result<Option<(Id<Area>, AreaPath)>, Refusal> {
    Ok(rows::home_of(tx, person)?)
}

/// The county and the area in which a person lives. For rooms that decide; it shows no record to anybody.
pub fn place_of(tx: &mut Tx<'_>, person: Id<PersonName>) -> Result<Option<(Id<Area>, AreaPath)>, Refusal> {
    Ok(rows::record(tx, person)?.map(|it| (it.county, it.area_path)))
}

/// How to address and reach a person. The caller has asked the policies and journals the reading in
/// this transaction.
pub fn name_and_phone(
    tx: &mut Tx<'_>,
    person: Id<PersonName>,
) -> Result<Option<(String, Option<String>)>, Refusal> {
    Ok(rows::name_and_phone(tx, person)?)
}

/// The address of a person's home. Under the same conditions.
pub fn address_of(tx: &mut Tx<'_>, person: Id<PersonName>) -> Result<Option<String>, Refusal> {
    Ok(rows::record(tx, person)?.and_then(|it| it.address))
}

/// The household of a person. For rooms that decide; it shows no record to anybody.
pub fn household_of(tx: &mut Tx<'_>, person: Id<PersonName>) -> Result<Option<Id<Household>>, Refusal> {
    Ok(rows::household_of(tx, person)?)
}

/// The one person who lives in a subtree, or of all who are known, with exactly that name and telephone number, as they say it at a desk; none if there are
/// several. The caller has asked the policies and journals it in this transaction. It is no search: nothing is guessed, and
/// nobody else is named.
pub fn by_name_and_phone(
    tx: &mut Tx<'_>,
    area: Option<&AreaPath>,
    name: &str,
    phone: &str,
) -> Result<Option<Found>, Refusal> {
    Ok(only(rows::by_name_and_phone(tx, area, name, phone)?))
}

/// The one person of that name in a subtree who lives with somebody of the name `member` and that number, for those who have
/// none of their own: children and old people. Under the same conditions.
pub fn by_household(
    tx: &mut Tx<'_>,
    area: &AreaPath,
    name: &str,
    member: &str,
    phone: &str,
) -> Result<Option<Found>, Refusal> {
    Ok(only(rows::by_household(tx, area, name, member, phone)?))
}

/// Of two nobody can say who is meant.
fn only(mut found: Vec<Found>) -> Option<Found> {
    if found.len() == 1 { found.pop() } else { None }
}
