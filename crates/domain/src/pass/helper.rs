//! Who may act for whom: a guardian, whom the community states and whom the person can dispute, or an agent, whom somebody
//! names themself.

use kernel::{Evidence, Id, Organization, Person};
use store::Tx;

use super::{
    action::{must_last, record_by_rule, secret},
    bundle::publish_soon,
    evidence::{Clear, Statement, about_end, add, opened},
    judge::after_change,
    model::{EvidenceKind, Holder, Regime},
    query,
    store::{self as rows, Place},
    vault::Secret,
};
use crate::{
    Ctx, Message, Refusal, account,
    notice::{self, NoticeKind, Recipient},
    organization, resident,
};

/// Why a statement ended that its helper ended.
const DECLINED: &[u8] = b"declined";

/// A guardian lives with whom they look after, in the community whose body says so, and is nobody whom the person has disputed.
/// The person is told.
pub(super) fn guardian(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    body: Id<Organization>,
    new: &Statement,
) -> Result<Id<Person>, Refusal> {
    let missing = || Refusal::invalid("guardian", Message::new("fault-pass-guardian"));
    let guardian = new.guardian.filter(|it| *it != new.person).ok_or_else(missing)?;
    let (ward, own) = (resident::household_of(tx, new.person)?, resident::household_of(tx, guardian)?);
    let (_, home) = resident::home_of(tx, new.person)?.ok_or_else(missing)?;
    let seat = organization::seats(tx, &[body])?.remove(&body).ok_or(Refusal::NotFound)?;
    if ward.is_none() || ward != own || !home.is_within(&seat.path) {
        return Err(missing());
    }
    let secret = secret(ctx, regime)?;
    let (holder, helper) = (secret.holder(new.person), secret.holder(guardian));
    let place = Place::from(regime);
    if rows::is_disputed(tx, place, &holder, &helper)? {
        return Err(Refusal::conflict("conflict-pass-guardian-disputed"));
    }
    let between = rows::evidence_between(tx, place, &helper, &holder)?;
    if between.iter().all(|it| it.kind != EvidenceKind::Guardian) {
        let (to, kind) = (Recipient::Person(new.person), NoticeKind::PassGuardian);
        notice::announce_of_regime(tx, ctx, regime.county, to, kind, regime.number, &regime.called())?;
    }
    Ok(guardian)
}

/// Lets an agent, named by the login name, ask in one's own name.
pub fn give_mandate(ctx: &Ctx, number: u16, login_name: &str) -> Result<Id<Evidence>, Refusal> {
    let me = ctx.person()?.person;
    let login_name = login_name.trim();
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        must_last(&regime, ctx.now)?;
        let unknown = || Refusal::invalid("login_name", Message::new("fault-pass-agent"));
        let agent = account::holder(tx, login_name)?.filter(|it| *it != me).ok_or_else(unknown)?;
        let login_name = Some(login_name.to_owned());
        let clear = Clear { person: me, helper: Some(agent), plate: None, login_name };
        let id = add(tx, ctx, &regime, EvidenceKind::Mandate, None, &clear)?;
        record_by_rule(tx, ctx, &regime, "pass.give_mandate", &[])?;
        Ok(id)
    })
}

/// Ends a statement that is the actor's own to end: their mandate, a guardian of them who is none, a vehicle that is not
/// theirs; or what lets them act for somebody, who is told. That ends at once, since nobody acts for somebody against the word
/// of either; the community cannot state a guardian again whom the person denied.
pub fn end_own(ctx: &Ctx, number: u16, id: Id<Evidence>) -> Result<(), Refusal> {
    let me = ctx.person()?.person;
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let (place, mark) = (Place::from(&regime), secret.holder(me));
        let about = rows::evidence_of(tx, place, &mark)?;
        if let Some(it) = about.iter().find(|it| it.id == id) {
            return end_about_oneself(tx, ctx, &regime, &secret, me, it);
        }
        let helped = rows::evidence_for(tx, place, &mark)?;
        let it = helped.iter().find(|it| it.id == id).ok_or(Refusal::NotFound)?;
        decline(tx, ctx, &regime, &secret, it)
    })?;
    publish_soon(ctx);
    Ok(())
}

fn end_about_oneself(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    me: Id<Person>,
    it: &rows::EvidenceRow,
) -> Result<(), Refusal> {
    let action = match it.kind {
        EvidenceKind::Mandate => "pass.take_mandate_back",
        EvidenceKind::Guardian => "pass.dispute_guardian",
        EvidenceKind::Vehicle => "pass.end_vehicle",
        EvidenceKind::Works => return Err(Refusal::NotFound),
    };
    let place = Place::from(regime);
    rows::move_holder(tx, place, &it.holder)?;
    if !rows::end_evidence(tx, place, it.id, ctx.now, None, None)? {
        return Err(Refusal::NotFound);
    }
    record_by_rule(tx, ctx, regime, action, &[])?;
    match it.kind {
        EvidenceKind::Vehicle => after_change(tx, ctx, regime, secret, &it.holder, me),
        _ => Ok(()),
    }
}

/// Whoever may act for somebody does so no more. That it was they who ended it shows by a reason without a body.
fn decline(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    it: &rows::EvidenceRow,
) -> Result<(), Refusal> {
    let place = Place::from(regime);
    let giver = opened(secret, it).ok_or(Refusal::NotFound)?.person;
    // In the order in which a statement moves them.
    for mark in std::iter::once(&it.holder).chain(&it.helper) {
        rows::move_holder(tx, place, mark)?;
    }
    let reason = secret.seal(&ctx.city.ids.secret(), &about_end(it), DECLINED);
    if !rows::end_evidence(tx, place, it.id, ctx.now, None, Some(&reason))? {
        return Err(Refusal::NotFound);
    }
    let (to, kind) = (Recipient::Person(giver), NoticeKind::PassHelperGone);
    notice::announce_of_regime(tx, ctx, regime.county, to, kind, regime.number, &regime.called())?;
    record_by_rule(tx, ctx, regime, "pass.decline", &[])
}

/// Agents who may ask in the actor's name, each by the login name by which they were named: whoever knows that is shown no
/// other name.
pub fn mandates(ctx: &Ctx, number: u16) -> Result<Vec<Holder>, Refusal> {
    let me = ctx.person()?.person;
    ctx.read(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let found = rows::evidence_of(tx, Place::from(&regime), &secret.holder(me))?;
        let agent = |it: &rows::EvidenceRow| {
            let clear = opened(&secret, it)?;
            let (person, name) = (clear.helper?, clear.login_name?);
            Some(Holder { person, name, by: Some(it.kind), evidence: Some(it.id) })
        };
        Ok(found.iter().filter(|it| it.kind == EvidenceKind::Mandate).filter_map(agent).collect())
    })
}

/// By what `helper` may ask for whoever `holder` stands for, if by anything.
pub(super) fn helps(
    tx: &mut Tx<'_>,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
    helper: Id<Person>,
) -> Result<Option<EvidenceKind>, Refusal> {
    let found = rows::evidence_between(tx, Place::from(regime), &secret.holder(helper), holder)?;
    Ok(found.iter().find(|it| opened(secret, it).is_some()).map(|it| it.kind))
}

/// Whom `helper` may ask for; whom they look after first.
pub(super) fn helped(
    tx: &mut Tx<'_>,
    regime: &Regime,
    secret: &Secret,
    helper: Id<Person>,
) -> Result<Vec<Holder>, Refusal> {
    let mut helped: Vec<Holder> = Vec::new();
    for it in rows::evidence_for(tx, Place::from(regime), &secret.holder(helper))? {
        let Some(clear) = opened(secret, &it) else { continue };
        if helped.iter().any(|known| known.person == clear.person) {
            continue;
        }
        let name = resident::name_and_phone(tx, clear.person)?.map(|(name, _)| name).unwrap_or_default();
        helped.push(Holder { person: clear.person, name, by: Some(it.kind), evidence: Some(it.id) });
    }
    Ok(helped)
}
