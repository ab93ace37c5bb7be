use kernel::Id;
use pass_format::{Sign1, StatusToken};
use store::Tx;

use super::{
    model::{DutyOffice, KeyState, Regime, RuleVersion, State, broken},
    store::{self as rows, BundleRow},
    vault::hex,
};
use crate::{Ctx, Refusal, journal, organization};

/// Orders in one list: a city has some dozens in its life.
const REGIMES_LISTED: i64 = 200;
/// Bundles among which the newest that is shown in the log is looked for.
const BUNDLES_LOOKED_AT: i64 = 100;
/// Seconds after which it is worth asking again for a proof.
pub const PROOF_SECONDS: u64 = 20;

/// A regime as everybody may know it: orders are public, and so is what was proposed and refused.
#[derive(Clone, Debug)]
pub struct Published {
    pub regime: Regime,
    pub rules: Vec<RuleVersion>,
    pub keys: Vec<KeyState>,
    pub offices: Vec<DutyOffice>,
}

impl Published {
    pub fn office(&self, body: Id<kernel::Organization>) -> &str {
        self.offices.iter().find(|it| it.organization == body).map_or("", |it| &it.name)
    }
}

pub(super) fn seen(tx: &mut Tx<'_>, number: u16) -> Result<Regime, Refusal> {
    let found = rows::regime(tx, number)?;
    found.filter(|it| it.state == State::InForce || it.state == State::Deleted).ok_or(Refusal::NotFound)
}

/// A regime that is in force, for whoever opens a checkpoint of it.
pub(crate) fn in_force(tx: &mut Tx<'_>, number: u16) -> Result<Option<Regime>, Refusal> {
    Ok(rows::regime(tx, number)?.filter(|it| it.state == State::InForce))
}

/// All regimes: those in force, then the others, newest first.
pub fn list(ctx: &Ctx) -> Result<Vec<Regime>, Refusal> {
    ctx.read(|tx| Ok(rows::regimes(tx, REGIMES_LISTED)?))
}

pub fn regime(ctx: &Ctx, number: u16) -> Result<Published, Refusal> {
    ctx.read(|tx| {
        let regime = rows::regime(tx, number)?.ok_or(Refusal::NotFound)?;
        let (rules, keys) = (rows::rules(tx, number)?, rows::keys(tx, number)?);
        let mut bodies = rows::bodies(&regime, &keys);
        bodies.extend(rules.iter().flat_map(|it| std::iter::once(it.proposed_by).chain(it.decided_by)));
        bodies.extend(keys.iter().filter_map(|it| it.asked_by));
        bodies.sort_unstable();
        bodies.dedup();
        let names = organization::names(tx, &bodies)?;
        let offices = names.into_iter().map(|(organization, name)| DutyOffice { organization, name });
        Ok(Published { offices: offices.collect(), regime, rules, keys })
    })
}

/// The bundle for checkpoints with its SHA-256 in hexadecimal: the newest for which the log that is shown vouches, so that
/// proof and bundle belong together; before there is one, the newest. Public.
pub fn bundle(ctx: &Ctx) -> Result<(Vec<u8>, String), Refusal> {
    let row = current(ctx)?;
    let bytes = ctx.read(|tx| Ok(rows::bundle_bytes(tx, row.number)?))?.ok_or(Refusal::NotFound)?;
    Ok((bytes, hex(&row.digest)))
}

/// The token of an order's status list as it stands in that bundle, for verifiers of others, with the bundle's digest. Public.
pub fn status_token(ctx: &Ctx, number: u16) -> Result<(Vec<u8>, String), Refusal> {
    let (bytes, digest) = bundle(ctx)?;
    let bundle = pass_format::Bundle::parse(&bytes).map_err(broken)?;
    let place = bundle.regimes.into_iter().find(|it| it.number == number).and_then(|it| it.status);
    let uri = place.ok_or(Refusal::NotFound)?.uri;
    let is_of = |token: &Vec<u8>| {
        let message = Sign1::parse(token).ok()?;
        Some(StatusToken::from_claims(message.payload).ok()?.subject == uri)
    };
    let token = bundle.lists.into_iter().find(|it| is_of(it) == Some(true));
    Ok((token.ok_or(Refusal::NotFound)?, digest))
}

/// The digest of that bundle alone, for those who may have it already.
pub fn bundle_digest(ctx: &Ctx) -> Result<String, Refusal> {
    Ok(hex(&current(ctx)?.digest))
}

fn current(ctx: &Ctx) -> Result<BundleRow, Refusal> {
    let mut rows = ctx.read(|tx| Ok::<_, Refusal>(rows::bundles(tx, BUNDLES_LOOKED_AT)?))?;
    for (place, row) in rows.iter().enumerate() {
        if journal::is_shown(ctx, row.statement)? {
            return Ok(rows.swap_remove(place));
        }
    }
    rows.into_iter().next().ok_or(Refusal::NotFound)
}

/// The proof that the bundle with that digest stands in the city's log: a C2SP tlog-proof. None until a checkpoint that is
/// shown covers it.
pub fn bundle_proof(ctx: &Ctx) -> Result<(Option<String>, String), Refusal> {
    let row = current(ctx)?;
    Ok((journal::proof_of_statement(ctx, row.statement)?, hex(&row.digest)))
}
