//! What is stated, and by whom: a body in its own name, or a person about who may act for them. It can be taken back by
//! whoever stated it, and then the rule is asked again; an outcome cannot be stated.

use kernel::{Evidence, Id, Organization, Person};
use policy::{Action, Resource};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{
    action::secret,
    issue::{judge, record_by_rule, revoke_all},
    model::{EvidenceKind, Holder, Regime, TOUCHED_MAX, broken},
    query,
    rule::Facts,
    store::{self as rows, EvidenceRow, Place},
    task,
    vault::Secret,
};
use crate::{
    Ctx, Faults, Message, Refusal, account,
    journal::{self, Entry, SubjectKind},
    organization, resident, text,
};

/// Seconds in which a body ends statements about few.
const DAY_SECONDS: i64 = 86_400;
const PLATE_CHARS: std::ops::RangeInclusive<usize> = 5..=10;

/// What a body states of somebody.
#[derive(Clone, Debug)]
pub struct Statement {
    pub kind: EvidenceKind,
    pub person: Id<Person>,
    /// Of a guardian: who looks after the person.
    pub guardian: Option<Id<Person>>,
    /// Of a vehicle.
    pub plate: String,
}

#[derive(Serialize, Deserialize)]
struct Clear {
    person: Id<Person>,
    helper: Option<Id<Person>>,
    plate: Option<String>,
}

/// Binds what is sealed to its row: who has the database alone can move it to no other person and no other body.
fn about(it: &EvidenceRow) -> Vec<u8> {
    let body = it.organization.map_or([0; 16], |it| *it.uuid().as_bytes());
    let helper = it.helper.as_deref().unwrap_or_default();
    [it.id.uuid().as_bytes(), it.kind.as_str().as_bytes(), &it.holder, &body, helper].concat()
}

fn opened(secret: &Secret, it: &EvidenceRow) -> Option<Clear> {
    let clear = secret.unseal(&about(it), &it.sealed)?;
    serde_json::from_slice(&clear).ok()
}

/// What the rule is asked over.
pub(super) fn facts(
    tx: &mut Tx<'_>,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
    person: Id<Person>,
) -> Result<Facts, Refusal> {
    let mut facts = Facts { home: resident::home_of(tx, person)?.map(|(_, path)| path), ..Facts::default() };
    for it in rows::evidence_of(tx, Place::from(regime), holder)? {
        let Some(clear) = opened(secret, &it) else {
            tracing::error!(evidence = %it.id, "a statement for passes is not what was written, and is left out");
            continue;
        };
        match (it.kind, it.organization, &clear.plate) {
            (EvidenceKind::Works, Some(body), _) => {
                facts.works.extend(organization::seats(tx, &[body])?.remove(&body).map(|it| it.path));
            }
            (EvidenceKind::Vehicle, _, Some(plate)) => facts.vehicle = Some(shown(plate)),
            _ => {}
        }
    }
    Ok(facts)
}

/// What a pass shows of a plate: its first character, and the last digits in it.
fn shown(plate: &str) -> (char, u16) {
    let digits: Vec<char> = plate.chars().filter(char::is_ascii_digit).collect();
    let last: String = digits[digits.len().saturating_sub(4)..].iter().collect();
    (plate.chars().next().unwrap_or('?'), last.parse().unwrap_or(0))
}

/// States a fact in the name of the actor's body. The same again is the same.
pub fn state(
    ctx: &Ctx,
    number: u16,
    body: Id<Organization>,
    new: &Statement,
) -> Result<Id<Evidence>, Refusal> {
    ctx.person()?;
    let mut faults = Faults::default();
    let plate = text::line(&mut faults, "plate", &new.plate);
    let is_plate =
        PLATE_CHARS.contains(&plate.chars().count()) && plate.chars().any(|it| it.is_ascii_digit());
    if new.kind == EvidenceKind::Vehicle && !is_plate {
        faults.add("plate", Message::new("fault-pass-plate"));
    }
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let seat = organization::seats(tx, &[body])?.remove(&body).ok_or(Refusal::NotFound)?;
        ctx.must(Action::PassState, Resource::Organization { id: body, area: &seat.path })?;
        faults.check()?;
        super::action::must_last(&regime, ctx.now)?;
        if new.kind == EvidenceKind::Mandate {
            return Err(Refusal::Denied);
        }
        let guardian = match new.kind {
            EvidenceKind::Guardian => Some(guardian(tx, new)?),
            _ => None,
        };
        let clear = Clear {
            person: new.person,
            helper: guardian,
            plate: (new.kind == EvidenceKind::Vehicle).then(|| plate.clone()),
        };
        let id = add(tx, ctx, &regime, new.kind, Some(body), &clear)?;
        let entry = Entry::new(regime.county, "pass.state", SubjectKind::Person, new.person.uuid());
        let entry = entry.about(new.person, Some(policy::Purpose::Service)).with("kind", new.kind.as_str());
        journal::record(tx, ctx, &entry)?;
        Ok(id)
    })
}

/// A guardian lives with whom they look after.
fn guardian(tx: &mut Tx<'_>, new: &Statement) -> Result<Id<Person>, Refusal> {
    let missing = || Refusal::invalid("guardian", Message::new("fault-pass-guardian"));
    let guardian = new.guardian.filter(|it| *it != new.person).ok_or_else(missing)?;
    let (ward, own) = (resident::household_of(tx, new.person)?, resident::household_of(tx, guardian)?);
    if ward.is_some() && ward == own { Ok(guardian) } else { Err(missing()) }
}

fn add(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    kind: EvidenceKind,
    organization: Option<Id<Organization>>,
    clear: &Clear,
) -> Result<Id<Evidence>, Refusal> {
    let secret = secret(ctx, regime)?;
    let holder = secret.holder(clear.person);
    let helper = clear.helper.map(|it| secret.holder(it));
    let known = rows::evidence_of(tx, Place::from(regime), &holder)?;
    let is_same = |it: &&EvidenceRow| {
        it.kind == kind
            && it.organization == organization
            && it.helper == helper
            && opened(&secret, it).is_some_and(|it| it.plate == clear.plate)
    };
    if let Some(same) = known.iter().find(is_same) {
        return Ok(same.id);
    }
    if known.len() as i64 >= rows::EVIDENCE_MAX {
        return Err(Refusal::conflict("conflict-pass-statements"));
    }
    let mut row = EvidenceRow {
        id: ctx.id(),
        kind,
        holder: holder.clone(),
        helper,
        organization,
        sealed: Vec::new(),
        stated_at: ctx.now,
    };
    let bytes = serde_json::to_vec(clear).map_err(broken)?;
    row.sealed = secret.seal(&ctx.city.ids.secret(), &about(&row), &bytes);
    rows::add_evidence(tx, Place::from(regime), &row)?;
    // Who was refused before is judged again at once.
    if rows::last_outcome(tx, Place::from(regime), &holder)?.is_some_and(|(it, _)| !it.is_granted) {
        judge(tx, ctx, regime, &secret, &holder, clear.person)?;
    }
    Ok(row.id)
}

/// Takes back what the actor's body stated of somebody, found as a desk finds them. The rule is asked again, and by what it
/// comes to passes end. A body that would do this to many in a day is stopped: that is a matter for two.
pub fn end_evidence(
    ctx: &Ctx,
    number: u16,
    body: Id<Organization>,
    kind: EvidenceKind,
    person: Id<Person>,
    reason: &str,
) -> Result<(), Refusal> {
    ctx.person()?;
    let mut faults = Faults::default();
    let reason = text::line(&mut faults, "reason", reason);
    text::required(&mut faults, "reason", reason);
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let seat = organization::seats(tx, &[body])?.remove(&body).ok_or(Refusal::NotFound)?;
        ctx.must(Action::PassState, Resource::Organization { id: body, area: &seat.path })?;
        faults.check()?;
        let since = ctx.now.plus_seconds(-DAY_SECONDS);
        if rows::ended_by(tx, Place::from(&regime), body, since)? >= TOUCHED_MAX {
            return Err(Refusal::Conflict(Message::new("conflict-pass-many-ended").with("max", TOUCHED_MAX)));
        }
        let secret = secret(ctx, &regime)?;
        let holder = secret.holder(person);
        let found = rows::evidence_of(tx, Place::from(&regime), &holder)?;
        let it = found.iter().find(|it| it.kind == kind && it.organization == Some(body));
        let it = it.ok_or(Refusal::NotFound)?;
        rows::end_evidence(tx, Place::from(&regime), it.id, ctx.now, Some(body))?;
        let entry = Entry::new(regime.county, "pass.end_statement", SubjectKind::Person, person.uuid());
        let entry = entry.about(person, Some(policy::Purpose::Service)).with("kind", kind.as_str());
        journal::record(tx, ctx, &entry)?;
        after_change(tx, ctx, &regime, &secret, &holder, person)
    })?;
    task::publish_soon(ctx);
    Ok(())
}

/// Somebody who had an outcome is judged again; who is refused now has no pass any more.
pub(super) fn after_change(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
    person: Id<Person>,
) -> Result<(), Refusal> {
    if rows::last_outcome(tx, Place::from(regime), holder)?.is_none() {
        return Ok(());
    }
    let (outcome, _) = judge(tx, ctx, regime, secret, holder, person)?;
    if !outcome.is_granted {
        revoke_all(tx, ctx, regime, secret, holder, person)?;
    }
    Ok(())
}

/// Lets an agent, named by the login name, ask in one's own name.
pub fn give_mandate(ctx: &Ctx, number: u16, login_name: &str) -> Result<Id<Evidence>, Refusal> {
    let me = ctx.person()?.person;
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        super::action::must_last(&regime, ctx.now)?;
        let unknown = || Refusal::invalid("login_name", Message::new("fault-pass-agent"));
        let agent = account::holder(tx, login_name.trim())?.filter(|it| *it != me).ok_or_else(unknown)?;
        let clear = Clear { person: me, helper: Some(agent), plate: None };
        let id = add(tx, ctx, &regime, EvidenceKind::Mandate, None, &clear)?;
        record_by_rule(tx, ctx, &regime, "pass.give_mandate", &[])?;
        Ok(id)
    })
}

/// Takes one's own mandate back.
pub fn take_mandate_back(ctx: &Ctx, number: u16, id: Id<Evidence>) -> Result<(), Refusal> {
    let me = ctx.person()?.person;
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let holder = secret(ctx, &regime)?.holder(me);
        let found = rows::evidence_of(tx, Place::from(&regime), &holder)?;
        let own = found.iter().any(|it| it.id == id && it.kind == EvidenceKind::Mandate);
        if !own {
            return Err(Refusal::NotFound);
        }
        rows::end_evidence(tx, Place::from(&regime), id, ctx.now, None)?;
        record_by_rule(tx, ctx, &regime, "pass.take_mandate_back", &[])
    })
}

/// Agents who may ask in the actor's name.
pub fn mandates(ctx: &Ctx, number: u16) -> Result<Vec<Holder>, Refusal> {
    let me = ctx.person()?.person;
    ctx.read(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let found = rows::evidence_of(tx, Place::from(&regime), &secret.holder(me))?;
        let mut agents = Vec::new();
        for it in found.iter().filter(|it| it.kind == EvidenceKind::Mandate) {
            let Some(agent) = opened(&secret, it).and_then(|it| it.helper) else { continue };
            let name = resident::name_and_phone(tx, agent)?.map(|(name, _)| name).unwrap_or_default();
            agents.push(Holder { person: agent, name, by: Some(it.kind), evidence: Some(it.id) });
        }
        Ok(agents)
    })
}

/// Whether `helper` may ask for whoever `holder` stands for.
pub(super) fn helps(
    tx: &mut Tx<'_>,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
    helper: Id<Person>,
) -> Result<bool, Refusal> {
    let found = rows::evidence_for(tx, Place::from(regime), &secret.holder(helper))?;
    Ok(found.iter().any(|it| it.holder == holder && opened(secret, it).is_some()))
}

/// Whom `helper` may ask for.
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
    helped.sort_by_key(|it| it.by != Some(EvidenceKind::Guardian));
    Ok(helped)
}

/// Whom a body means that names somebody as they call themselves: the one person with that name and number, since who works
/// here may live elsewhere. A body learns nothing but that it was understood, and each naming is journaled as about them.
pub fn named(
    ctx: &Ctx,
    number: u16,
    body: Id<Organization>,
    name: &str,
    phone: &str,
) -> Result<Id<Person>, Refusal> {
    ctx.person()?;
    ctx.write(|tx| {
        query::seen(tx, number)?;
        let seat = organization::seats(tx, &[body])?.remove(&body).ok_or(Refusal::NotFound)?;
        ctx.must(Action::PassState, Resource::Organization { id: body, area: &seat.path })?;
        let nobody = || Refusal::invalid("name", Message::new("fault-pass-nobody"));
        let found = resident::by_name_and_phone(tx, None, name.trim(), phone.trim())?.ok_or_else(nobody)?;
        let entry = Entry::new(found.county, "person.find", SubjectKind::Person, found.person.uuid());
        journal::record(tx, ctx, &entry.about(found.person, Some(policy::Purpose::Service)))?;
        Ok(found.person)
    })
}

/// The bodies in whose name the actor may state something.
pub fn own_bodies(ctx: &Ctx) -> Result<Vec<(Id<Organization>, String)>, Refusal> {
    ctx.read(|tx| {
        let ids: Vec<Id<Organization>> = ctx.actor.appointments.iter().map(|it| it.organization).collect();
        let seats = organization::seats(tx, &ids)?;
        let may = |(id, seat): &(&Id<Organization>, &organization::Seat)| {
            ctx.may(Action::PassState, Resource::Organization { id: **id, area: &seat.path })
        };
        let mut own: Vec<_> = seats.iter().filter(may).map(|(id, seat)| (*id, seat.name.clone())).collect();
        own.sort_unstable_by(|one, other| one.1.cmp(&other.1));
        Ok(own)
    })
}
