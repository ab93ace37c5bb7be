//! Giving a pass: the rule is asked at that moment, a place in the list is drawn, and only that is kept.

use kernel::{Evidence, Id, Organization, Person, Timestamp};
use store::Tx;

use super::{
    action::{must_last, record_by_rule, secret},
    appeal::{Appealed, appeals_of},
    bundle::publish_soon,
    evidence::{self, Stated, Vehicle, stated_about},
    helper,
    judge::{judge, unsealed},
    model::{Bearer, FULL_PERCENT, Held, Holder, KeyState, Outcome, Regime, must_have_room},
    query,
    sign::{Shown, sign},
    standing::{By, Standing, acting, looking},
    store::{self as rows, Place},
    vault::Secret,
};
use crate::{
    Ctx, Message, Refusal,
    notice::{self, NoticeKind, Recipient},
    organization, resident,
};

/// Draws for a free place: of a list that is not full, all of so many are taken once in 10^9 times or less.
const DRAWS_MAX: usize = 100;
/// Why a pass was revoked, as it is kept.
const BY_HOLDER: &str = "holder";
/// A guardian or an agent said so.
const BY_HELPER: &str = "helper";
const BY_RULE: &str = "rule";

/// What asking came to.
#[derive(Clone, Debug)]
pub enum Answer {
    Given(Held),
    Refused(Outcome),
}

/// Asks for a pass for `person`: the rule in force is asked over what is stated now. A refusal is an answer, with what did
/// not hold. Where a pass shows a vehicle and several are stated, `vehicle` says which. The person is told of a pass that
/// somebody else got for them.
pub fn ask(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
    vehicle: Option<Id<Evidence>>,
) -> Result<Answer, Refusal> {
    ctx.person()?;
    // Nobody's record is read for an order that gives nothing.
    ctx.read(|tx| {
        let regime = rows::regime(tx, number)?.ok_or(Refusal::NotFound)?;
        must_be_open(&regime, ctx.now)
    })?;
    acting(ctx, number, person, |tx, regime, secret, standing| {
        must_be_open(regime, ctx.now)?;
        standing.record_act(tx, ctx, regime)?;
        let (outcome, mut facts) = judge(tx, ctx, regime, secret, &standing.holder, person)?;
        if !outcome.is_granted {
            return Ok(Answer::Refused(outcome));
        }
        let household = household(tx, regime, secret, person)?;
        let owner = rows::Owner { holder: &standing.holder, household: household.as_deref() };
        // Of two of a household who ask at once, one begins anew.
        if let Some(household) = owner.household {
            rows::move_holder(tx, Place::from(regime), household)?;
        }
        must_have_room(&counted(tx, ctx, regime, owner)?, regime.bearer).map_err(Refusal::Conflict)?;
        let key = signing_key(tx, regime, standing.desk(), ctx.now)?;
        if regime.bearer == Bearer::Vehicle {
            let all = evidence::vehicles(tx, regime, secret, &standing.holder)?;
            facts.vehicle = evidence::vehicle(&all, vehicle)?.map(Vehicle::shown);
        }
        let shown = Shown::of(tx, regime, person, &standing.name, &facts)?;
        let held = draw(tx, ctx, regime, secret, owner, &shown, key.number)?;
        // What cannot be signed is not given.
        sign(tx, regime, secret, &key, &held, &shown)?;
        let version = ("rule_version", outcome.rule_version.to_string());
        record_by_rule(tx, ctx, regime, "pass.issue", &[version])?;
        if standing.by != By::Oneself {
            let (to, kind) = (Recipient::Person(person), NoticeKind::PassGivenFor);
            notice::announce_of_regime(tx, ctx, regime.county, to, kind, number, &regime.called())?;
        }
        Ok(Answer::Given(held))
    })
}

/// The mark of the household whose pass somebody carries, where a pass is a household's and they live in one.
fn household(
    tx: &mut Tx<'_>,
    regime: &Regime,
    secret: &Secret,
    person: Id<Person>,
) -> Result<Option<Vec<u8>>, Refusal> {
    match regime.bearer {
        Bearer::Household => Ok(resident::household_of(tx, person)?.map(|it| secret.household(it))),
        Bearer::Nothing | Bearer::Name | Bearer::Vehicle => Ok(None),
    }
}

/// The passes that count together against the limits.
fn counted(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    owner: rows::Owner<'_>,
) -> Result<Vec<Held>, Refusal> {
    let place = Place::from(regime);
    Ok(match owner.household {
        Some(household) => rows::held_at_home(tx, place, household, ctx.now)?,
        None => rows::held(tx, place, owner.holder, ctx.now)?,
    })
}

fn must_be_open(regime: &Regime, now: Timestamp) -> Result<(), Refusal> {
    must_last(regime, now)?;
    if regime.is_open(now) { Ok(()) } else { Err(Refusal::conflict("conflict-pass-not-begun")) }
}

/// The key of the desk's body if it has one, else that of the body that ordered.
fn signing_key(
    tx: &mut Tx<'_>,
    regime: &Regime,
    desk: Option<Id<Organization>>,
    now: Timestamp,
) -> Result<KeyState, Refusal> {
    let keys = rows::keys(tx, regime.number)?;
    let of = |body| keys.iter().rfind(|it: &&KeyState| it.organization == body && it.signs(now));
    let key = desk.and_then(of).or_else(|| of(regime.organization));
    key.cloned().ok_or_else(|| Refusal::conflict("conflict-pass-no-key"))
}

/// Draws a place that was never given.
fn draw(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    owner: rows::Owner<'_>,
    shown: &Shown,
    key_number: i64,
) -> Result<Held, Refusal> {
    let place = Place::from(regime);
    let expires = ctx.now.plus_seconds(regime.pass_seconds).min(regime.end);
    for _ in 0..DRAWS_MAX {
        let chance = ctx.city.ids.secret();
        let chance = chance.first_chunk().map_or(0, |it| u64::from_be_bytes(*it));
        let index = (chance % regime.entries.unsigned_abs().max(1)) as i64;
        let (revoked, is_key_withdrawn) = (None, false);
        let held = Held { index, key_number, not_before: ctx.now, expires, revoked, is_key_withdrawn };
        let sealed = shown.sealed(ctx, secret, owner.holder, index)?;
        if rows::take_index(tx, place, owner, &held, &sealed)? {
            return Ok(held);
        }
    }
    let given = rows::given(tx, place)?;
    match given >= regime.entries * FULL_PERCENT / 100 {
        true => Err(Refusal::conflict("conflict-pass-full")),
        false => Err(Refusal::Unavailable("no free place in a status list was drawn".to_owned())),
    }
}

/// What somebody whom the actor may ask for has: their latest outcome and their passes that are not over.
pub fn held(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
) -> Result<(Holder, Option<Outcome>, Vec<Held>), Refusal> {
    looking(ctx, number, person, |tx, regime, secret, standing| held_by(tx, ctx, regime, secret, standing))
}

fn held_by(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    standing: &Standing,
) -> Result<(Holder, Option<Outcome>, Vec<Held>), Refusal> {
    let place = Place::from(regime);
    let last = rows::last_outcome(tx, place, &standing.holder)?;
    let own = last.filter(|(it, sealed)| {
        unsealed(secret, &standing.holder, it.number, sealed)
            .is_some_and(|clear| clear.granted == it.is_granted)
    });
    let held = rows::held(tx, place, &standing.holder, ctx.now)?;
    let holder = Holder { person: standing.person, name: standing.name.clone(), by: None, evidence: None };
    Ok((holder, own.map(|(it, _)| it), held))
}

/// All of somebody under one regime, on one page: at a desk one reading.
pub struct Overview {
    pub holder: Holder,
    pub outcome: Option<Outcome>,
    pub held: Vec<Held>,
    /// Why there is no further pass, if so.
    pub full: Option<Message>,
    pub stated: Vec<Stated>,
    pub appeals: Vec<Appealed>,
    /// Lives in the area of the order, where an appeal is then looked at.
    pub lives_there: bool,
    /// Those of which one is chosen for a pass, if there are several; whom the person only lets act for them is shown no
    /// more of one than a pass shows.
    pub vehicles: Vec<(Id<Evidence>, String)>,
}

pub fn overview(ctx: &Ctx, number: u16, person: Id<Person>) -> Result<Overview, Refusal> {
    looking(ctx, number, person, |tx, regime, secret, standing| {
        let (holder, outcome, held) = held_by(tx, ctx, regime, secret, standing)?;
        let household = household(tx, regime, secret, person)?;
        let owner = rows::Owner { holder: &standing.holder, household: household.as_deref() };
        let full = must_have_room(&counted(tx, ctx, regime, owner)?, regime.bearer).err();
        let stated = stated_about(tx, regime, secret, standing)?;
        let appeals = appeals_of(tx, ctx, regime, standing)?;
        let home = resident::home_of(tx, person)?;
        let lives_there = home.is_some_and(|(_, path)| path.is_within(&regime.path));
        let vehicles = match regime.bearer {
            Bearer::Vehicle => evidence::vehicles(tx, regime, secret, &standing.holder)?,
            Bearer::Nothing | Bearer::Name | Bearer::Household => Vec::new(),
        };
        let is_close = standing.is_close();
        let plate = |it: Vehicle| match (is_close, it.shown()) {
            (true, _) => (it.id, it.plate),
            (false, (first, digits)) => (it.id, Shown::Vehicle(first, digits).to_string()),
        };
        let vehicles = vehicles.into_iter().map(plate).collect();
        Ok(Overview { holder, outcome, held, full, stated, appeals, lives_there, vehicles })
    })
}

/// A pass as it is shown at a gate.
#[derive(Clone, Debug)]
pub struct Code {
    pub held: Held,
    /// The text of its QR code.
    pub text: String,
    /// The office that signed it.
    pub office: String,
    /// What it says of whoever carries it; empty where that is nothing.
    pub bearer: String,
}

/// The code of a pass that somebody has: each time the same, whatever was stated since.
pub fn code_of(ctx: &Ctx, number: u16, person: Id<Person>, index: i64) -> Result<Code, Refusal> {
    looking(ctx, number, person, |tx, regime, secret, standing| {
        let found = rows::held(tx, Place::from(regime), &standing.holder, ctx.now)?;
        let held = found.into_iter().find(|it| it.index == index && it.revoked.is_none());
        let held = held.ok_or(Refusal::NotFound)?;
        if held.is_key_withdrawn {
            return Err(Refusal::conflict("conflict-pass-key-gone"));
        }
        if !held.is_valid(ctx.now) {
            return Err(Refusal::NotFound);
        }
        let keys = rows::keys(tx, number)?;
        let key = keys.iter().find(|it| it.number == held.key_number).ok_or(Refusal::NotFound)?;
        let sealed = rows::sealed_bearer(tx, Place::from(regime), index)?.unwrap_or_default();
        let shown = Shown::unsealed(secret, &standing.holder, index, &sealed)?;
        let text = sign(tx, regime, secret, key, &held, &shown)?;
        let office = organization::name(tx, key.organization)?.unwrap_or_default();
        Ok(Code { held, text, office, bearer: shown.to_string() })
    })
}

/// Ends a pass, because its holder says so: a phone was lost. Whoever looks after them or acts for them may; no office
/// may, which would be an outcome by hand.
pub fn revoke(ctx: &Ctx, number: u16, person: Id<Person>, index: i64) -> Result<(), Refusal> {
    acting(ctx, number, person, |tx, regime, secret, standing| {
        let reason = match standing.by {
            By::Oneself => BY_HOLDER,
            By::Helper(_) => BY_HELPER,
            By::Desk(_) => return Err(Refusal::Denied),
        };
        standing.record_act(tx, ctx, regime)?;
        rows::move_holder(tx, Place::from(regime), &standing.holder)?;
        let found = rows::held(tx, Place::from(regime), &standing.holder, ctx.now)?;
        let held = found.iter().find(|it| it.index == index).ok_or(Refusal::NotFound)?;
        end(tx, ctx, regime, secret, std::slice::from_ref(held), reason).map(drop)
    })?;
    publish_soon(ctx);
    Ok(())
}

/// Ends all passes of a holder, by rule. Returns how many.
pub(super) fn revoke_all(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
    person: Id<Person>,
) -> Result<usize, Refusal> {
    let held = rows::held(tx, Place::from(regime), holder, ctx.now)?;
    let ended = end(tx, ctx, regime, secret, &held, BY_RULE)?;
    if ended > 0 {
        let (to, kind) = (Recipient::Person(person), NoticeKind::PassRevoked);
        notice::announce_of_regime(tx, ctx, regime.county, to, kind, regime.number, &regime.called())?;
    }
    Ok(ended)
}

fn end(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    passes: &[Held],
    reason: &str,
) -> Result<usize, Refusal> {
    let mut ended = 0;
    for it in passes.iter().filter(|it| it.revoked.is_none()) {
        let mark = secret.revocation_mark(it.index);
        let is_new = rows::revoke(tx, Place::from(regime), it.index, ctx.now, reason, &mark)?;
        ended += usize::from(is_new);
    }
    if ended > 0 {
        record_by_rule(tx, ctx, regime, "pass.revoke", &[("reason", reason.to_owned())])?;
    }
    Ok(ended)
}

/// Everybody whom the actor may ask for: themself first, then whom they look after, then who lets them.
pub fn holders(ctx: &Ctx, number: u16) -> Result<Vec<Holder>, Refusal> {
    let me = ctx.person()?.clone();
    ctx.read(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let mut holders = vec![Holder { person: me.person, name: me.name.clone(), by: None, evidence: None }];
        holders.extend(helper::helped(tx, &regime, &secret, me.person)?);
        Ok(holders)
    })
}
