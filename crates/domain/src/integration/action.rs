use std::sync::Arc;

use kernel::{ApiKey as ApiKeyName, Id};
use policy::{Action, Actor, Resource};
use store::Tx;

use super::{
    model::{ApiKey, NewApiKey, PER_DAY_MAX, PER_MINUTE_MAX},
    store as rows,
};
use crate::{
    City, Ctx, Faults, Message, Refusal, area,
    journal::{self, Entry, SubjectKind},
    text, token,
};

/// Issues a key. Returns it as its holder sends it, which is shown nowhere else and never again.
///
/// # Errors
/// `NotFound` if it replaces a key that there never was; one that was revoked may be replaced.
pub fn issue(ctx: &Ctx, new: &NewApiKey) -> Result<(String, ApiKey), Refusal> {
    let mut faults = Faults::default();
    let name = text::line(&mut faults, "name", &new.name);
    let name = if new.replaces.is_none() { text::required(&mut faults, "name", name) } else { name };
    for (field, number, max) in
        [("per_minute", new.per_minute, PER_MINUTE_MAX), ("per_day", new.per_day, PER_DAY_MAX)]
    {
        if !(1..=max).contains(&number) {
            faults.add(field, Message::new("fault-range").with("min", 1).with("max", max));
        }
    }
    faults.check()?;
    let secret = token::encode(ctx.city.ids.secret());
    let hash = token::stored(&secret).ok_or_else(|| Refusal::Broken("a new key is none".into()))?;
    let (per_minute, per_day) = (new.per_minute, new.per_day);
    let id = ctx.id();
    let first = ApiKey { id, system: id, name, per_minute, per_day, from: ctx.now, to: None };
    let key = ctx.write(|tx| {
        let city = administered(tx, ctx)?;
        let key = match new.replaces {
            Some(old) => first.clone().of_the_system_of(rows::by_id(tx, old)?.ok_or(Refusal::NotFound)?),
            None => first.clone(),
        };
        rows::insert(tx, &hash, &key)?;
        record(tx, ctx, "api_key.issue", &city, key.id)?;
        Ok(key)
    })?;
    Ok((secret, key))
}

/// Takes a key away: from now on nothing is reported by it.
pub fn revoke(ctx: &Ctx, id: Id<ApiKeyName>) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let city = administered(tx, ctx)?;
        if rows::revoke(tx, id, ctx.now)? == 0 {
            return Err(Refusal::NotFound);
        }
        record(tx, ctx, "api_key.revoke", &city, id)
    })
}

/// The system that sends `key`, with its limits.
///
/// # Errors
/// `Denied` for a key that is unknown or revoked.
pub fn resolve(city: &Arc<City>, key: &str) -> Result<(Ctx, ApiKey), Refusal> {
    let hash = token::stored(key).ok_or(Refusal::Denied)?;
    let ctx = Ctx::anonymous(city.clone());
    let found = ctx.read(|tx| Ok(rows::find(tx, &hash)?))?;
    let found = found.filter(|it| it.to.is_none_or(|to| ctx.now < to)).ok_or(Refusal::Denied)?;
    Ok((Ctx { actor: Actor::integration(found.id, found.system), ..ctx }, found))
}

/// The city whose keys the actor administers; the machine's own administrator is the system.
pub(super) fn administered(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<area::Place, Refusal> {
    let city = area::city(tx)?.ok_or_else(|| Refusal::conflict("conflict-no-city"))?;
    if !ctx.actor.system {
        ctx.must(Action::ApiKeyAdminister, Resource::Area { path: &city.path })?;
    }
    Ok(city)
}

fn record(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &str,
    city: &area::Place,
    key: Id<ApiKeyName>,
) -> Result<(), Refusal> {
    journal::record(tx, ctx, &Entry::new(city.county, action, SubjectKind::ApiKey, key.uuid()))
}
