use store::Tx;
use uuid::Uuid;

use super::{
    model::{Entry, Record},
    rule::{Salt, statement_mark},
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

/// Says `entry` in the public log, in the transaction of what it tells. Nothing in it may be about a person. Returns the
/// statement's id, by which [`super::proof_of_statement`] finds its proof.
pub fn state(tx: &mut Tx<'_>, ctx: &Ctx, entry: Vec<u8>) -> Result<Uuid, Refusal> {
    let id = ctx.city.ids.next(ctx.now);
    let mark = statement_mark(&ctx.city.key, id, &entry).to_vec();
    rows::state(tx, &rows::Statement { id, at: ctx.now, entry, mark })?;
    Ok(id)
}
