use store::Tx;

use super::{
    model::{Entry, Record},
    rule::Salt,
    store as rows,
};
use crate::{Ctx, Refusal};

/// Writes `entry` in the transaction of what it records, with the commitment by which it will be sealed.
pub fn record(tx: &mut Tx<'_>, ctx: &Ctx, entry: &Entry) -> Result<(), Refusal> {
    let by_key = ctx.actor.integration.map(|it| entry.clone().with("api_key", it.key));
    let by_key = by_key.or_else(|| ctx.actor.app_user.map(|it| entry.clone().with("app_user", it)));
    let entry = by_key.as_ref().unwrap_or(entry);
    let record = Record::new(ctx, entry);
    let salt = Salt::new(&ctx.city.key, &ctx.city.ids.secret(), &record);
    let commitment = salt.open(&record).commitment();
    Ok(rows::insert(tx, &record, &salt, &commitment)?)
}
