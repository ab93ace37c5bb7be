//! What is stated, and by whom: a body in its own name, or a person about who may act for them. It can be taken back by
//! whoever stated it, and then the rule is asked again; an outcome cannot be stated.

use kernel::{Evidence, Id, Organization, Person, Timestamp};
use policy::{Action, Resource};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{
    action::{must_last, secret},
    bundle::publish_soon,
    helper,
    judge::{after_change, judge},
    model::{EvidenceKind, Regime, TOUCHED_MAX, broken},
    query,
    rule::Facts,
    standing::{Standing, looking},
    store::{self as rows, EvidenceRow, Place},
    vault::Secret,
};
use crate::{
    Ctx, Faults, Message, Refusal,
    journal::{self, Entry, SubjectKind},
    organization::{self, OrganizationKind},
    resident, text,
};

const PLATE_CHARS: std::ops::RangeInclusive<usize> = 5..=10;

/// What a body states of somebody, or which of its statements it takes back.
#[derive(Clone, Debug)]
pub struct Statement {
    pub kind: EvidenceKind,
    pub person: Id<Person>,
    /// Of a guardian: who looks after the person. None takes all of them back.
    pub guardian: Option<Id<Person>>,
    /// Of a vehicle. An empty one takes all of them back.
    pub plate: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Clear {
    pub person: Id<Person>,
    pub helper: Option<Id<Person>>,
    pub plate: Option<String>,
    /// By which login name an agent was named: a name of theirs that is known already.
    pub login_name: Option<String>,
}

/// Something that was stated about somebody, as they see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    pub id: Id<Evidence>,
    pub kind: EvidenceKind,
    /// The body that stated it; empty of what one stated oneself.
    pub body: String,
    pub at: Timestamp,
    pub plate: Option<String>,
    /// The name of a guardian, or the login name of an agent.
    pub helper: Option<String>,
    /// When it was taken back, and why; without a reason by whom it is about.
    pub ended: Option<(Timestamp, String)>,
    /// It was ended by whom it let act for the person.
    pub is_declined: bool,
}

/// Binds what is sealed to its row: who has the database alone can move it to no other person and no other body.
fn about(it: &EvidenceRow) -> Vec<u8> {
    let body = it.organization.map_or([0; 16], |it| *it.uuid().as_bytes());
    let helper = it.helper.as_deref().unwrap_or_default();
    [it.id.uuid().as_bytes(), it.kind.as_str().as_bytes(), &it.holder, &body, helper].concat()
}

/// Binds the reason for which a statement was taken back to its row.
pub(super) fn about_end(it: &EvidenceRow) -> Vec<u8> {
    [&b"end"[..], &about(it)].concat()
}

pub(super) fn opened(secret: &Secret, it: &EvidenceRow) -> Option<Clear> {
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
            // One is enough for the rule; which of several a pass shows is chosen when it is asked for.
            (EvidenceKind::Vehicle, _, Some(plate)) => {
                facts.vehicle.get_or_insert_with(|| shown(plate));
            }
            _ => {}
        }
    }
    Ok(facts)
}

/// A vehicle that somebody may have on a pass.
pub(super) struct Vehicle {
    /// Of the first statement of it.
    pub id: Id<Evidence>,
    pub plate: String,
}

impl Vehicle {
    /// As a pass shows it.
    pub fn shown(&self) -> (char, u16) {
        shown(&self.plate)
    }
}

/// The vehicles that are stated of somebody, in the order in which they were, each once.
pub(super) fn vehicles(
    tx: &mut Tx<'_>,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
) -> Result<Vec<Vehicle>, Refusal> {
    let mut vehicles: Vec<Vehicle> = Vec::new();
    for it in rows::evidence_of(tx, Place::from(regime), holder)? {
        let plate = opened(secret, &it).and_then(|it| it.plate);
        let Some(plate) = plate.filter(|_| it.kind == EvidenceKind::Vehicle) else { continue };
        if vehicles.iter().all(|known| known.plate != plate) {
            vehicles.push(Vehicle { id: it.id, plate });
        }
    }
    Ok(vehicles)
}

/// The vehicle that a pass is to show: the one that was chosen, or the only one. None where there is none.
pub(super) fn vehicle(
    vehicles: &[Vehicle],
    chosen: Option<Id<Evidence>>,
) -> Result<Option<&Vehicle>, Refusal> {
    let found = match (chosen, vehicles) {
        (_, []) => return Ok(None),
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(id), _) => vehicles.iter().find(|it| it.id == id),
    };
    found.map(Some).ok_or_else(|| Refusal::invalid("vehicle", Message::new("fault-pass-vehicle")))
}

/// What a pass shows of a plate: its first character, and the last digits in it.
fn shown(plate: &str) -> (char, u16) {
    let digits: Vec<char> = plate.chars().filter(char::is_ascii_digit).collect();
    let last: String = digits[digits.len().saturating_sub(4)..].iter().collect();
    (plate.chars().next().unwrap_or('?'), last.parse().unwrap_or(0))
}

/// The regime, and the actor in the post in `body` that may state, or take back, something of that kind.
fn must_state(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    number: u16,
    body: Id<Organization>,
    kind: EvidenceKind,
) -> Result<(Regime, Ctx), Refusal> {
    let regime = query::seen(tx, number)?;
    let seat = organization::seats(tx, &[body])?.remove(&body).ok_or(Refusal::NotFound)?;
    let resource = Resource::Organization { id: body, area: &seat.path };
    let action = match kind {
        EvidenceKind::Works | EvidenceKind::Vehicle => Action::PassState,
        EvidenceKind::Guardian => {
            let by_committee = organization::kind(tx, body)? == Some(OrganizationKind::CommunityCommittee);
            Action::PassStateGuardian { by_committee }
        }
        // A mandate is given by nobody for another.
        EvidenceKind::Mandate => return Err(Refusal::Denied),
    };
    ctx.must(action, resource)?;
    Ok((regime, ctx.in_the_post_that(|alone| alone.may(action, resource))))
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
        let (regime, post) = must_state(tx, ctx, number, body, new.kind)?;
        faults.check()?;
        must_last(&regime, ctx.now)?;
        let guardian = match new.kind {
            EvidenceKind::Guardian => Some(helper::guardian(tx, ctx, &regime, body, new)?),
            _ => None,
        };
        let clear = Clear {
            person: new.person,
            helper: guardian,
            plate: (new.kind == EvidenceKind::Vehicle).then(|| plate.clone()),
            login_name: None,
        };
        let id = add(tx, ctx, &regime, new.kind, Some(body), &clear)?;
        let entry = Entry::new(regime.county, "pass.state", SubjectKind::Person, new.person.uuid());
        journal::record(tx, &post, &entry.about(new.person, Some(policy::Purpose::Service)))?;
        Ok(id)
    })
}

pub(super) fn add(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    kind: EvidenceKind,
    organization: Option<Id<Organization>>,
    clear: &Clear,
) -> Result<Id<Evidence>, Refusal> {
    let secret = secret(ctx, regime)?;
    let place = Place::from(regime);
    let holder = secret.holder(clear.person);
    let helper = clear.helper.map(|it| secret.holder(it));
    for it in std::iter::once(&holder).chain(&helper) {
        rows::move_holder(tx, place, it)?;
    }
    let known = rows::evidence_of(tx, place, &holder)?;
    let is_same = |it: &&EvidenceRow| {
        it.kind == kind
            && it.organization == organization
            && it.helper == helper
            && opened(&secret, it).is_some_and(|it| it.plate == clear.plate)
    };
    if let Some(same) = known.iter().find(is_same) {
        return Ok(same.id);
    }
    must_be_few(&known, kind, organization)?;
    if let Some(helper) = &helper
        && rows::helped(tx, place, helper, kind)? >= rows::HELPED_MAX
    {
        let message = Message::new("conflict-pass-helped").with("max", rows::HELPED_MAX);
        return Err(Refusal::Conflict(message));
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
    rows::add_evidence(tx, place, &row)?;
    // Who was refused before is judged again at once.
    if rows::last_outcome(tx, place, &holder)?.is_some_and(|(it, _)| !it.is_granted) {
        judge(tx, ctx, regime, &secret, &holder, clear.person)?;
    }
    Ok(row.id)
}

/// One body, or somebody with mandates, takes no room from another.
fn must_be_few(
    known: &[EvidenceRow],
    kind: EvidenceKind,
    organization: Option<Id<Organization>>,
) -> Result<(), Refusal> {
    let own = known.iter().filter(|it| it.kind == kind && it.organization == organization).count() as i64;
    let is_own_full = own >= rows::STATED_MAX;
    let id = match kind {
        EvidenceKind::Mandate if is_own_full => "conflict-pass-mandates",
        _ if is_own_full => "conflict-pass-statements",
        _ if known.len() as i64 >= rows::EVIDENCE_MAX => "conflict-pass-statements-all",
        _ => return Ok(()),
    };
    let max = if is_own_full { rows::STATED_MAX } else { rows::EVIDENCE_MAX };
    Err(Refusal::Conflict(Message::new(id).with("max", max)))
}

/// Takes back all that the actor's body stated of somebody and that `which` fits. The rule is asked again, and by what it
/// comes to passes end. A body that would do this to many in a day is stopped: that is a matter for two.
pub fn end_evidence(
    ctx: &Ctx,
    number: u16,
    body: Id<Organization>,
    which: &Statement,
    reason: &str,
) -> Result<(), Refusal> {
    ctx.person()?;
    let mut faults = Faults::default();
    let reason = text::line(&mut faults, "reason", reason);
    let reason = text::required(&mut faults, "reason", reason);
    let plate = text::line(&mut faults, "plate", &which.plate);
    ctx.write(|tx| {
        let (regime, post) = must_state(tx, ctx, number, body, which.kind)?;
        faults.check()?;
        must_last(&regime, ctx.now)?;
        let (secret, place) = (secret(ctx, &regime)?, Place::from(&regime));
        let holder = secret.holder(which.person);
        rows::move_holder(tx, place, &holder)?;
        let guardian = which.guardian.map(|it| secret.holder(it));
        let fits = |it: &EvidenceRow| {
            it.kind == which.kind
                && it.organization == Some(body)
                && (guardian.is_none() || it.helper == guardian)
                && (which.kind != EvidenceKind::Vehicle
                    || plate.is_empty()
                    || opened(&secret, it).is_some_and(|it| it.plate.as_deref() == Some(plate.as_str())))
        };
        let mut found = rows::evidence_of(tx, place, &holder)?;
        found.retain(fits);
        if found.is_empty() {
            return Err(Refusal::Conflict(Message::new("conflict-pass-not-stated")));
        }
        if !rows::count_end(tx, place, body, ctx.now.day(), TOUCHED_MAX)? {
            return Err(Refusal::Conflict(Message::new("conflict-pass-many-ended").with("max", TOUCHED_MAX)));
        }
        for it in &found {
            let sealed = secret.seal(&ctx.city.ids.secret(), &about_end(it), reason.as_bytes());
            rows::end_evidence(tx, place, it.id, ctx.now, Some(body), Some(&sealed))?;
        }
        let entry = Entry::new(regime.county, "pass.end_statement", SubjectKind::Person, which.person.uuid());
        journal::record(tx, &post, &entry.about(which.person, Some(policy::Purpose::Service)))?;
        after_change(tx, ctx, &regime, &secret, &holder, which.person)
    })?;
    publish_soon(ctx);
    Ok(())
}

/// All that was stated about somebody, latest first, with what was taken back and why; for them, whoever looks after them, and
/// the desk that serves them. Whom they only let act for them is told nothing of it.
pub fn stated(ctx: &Ctx, number: u16, person: Id<Person>) -> Result<Vec<Stated>, Refusal> {
    looking(ctx, number, person, stated_about)
}

pub(super) fn stated_about(
    tx: &mut Tx<'_>,
    regime: &Regime,
    secret: &Secret,
    standing: &Standing,
) -> Result<Vec<Stated>, Refusal> {
    if !standing.is_close() {
        return Ok(Vec::new());
    }
    let told = rows::told(tx, Place::from(regime), &standing.holder)?;
    let bodies: Vec<_> = told.iter().filter_map(|it| it.row.organization).collect();
    let names = organization::names(tx, &bodies)?;
    let mut stated = Vec::with_capacity(told.len());
    for rows::Told { row, ended, reason } in told {
        let Some(clear) = opened(secret, &row) else { continue };
        let guardian = match (row.kind, clear.helper) {
            (EvidenceKind::Guardian, Some(it)) => resident::name_and_phone(tx, it)?.map(|(name, _)| name),
            _ => None,
        };
        let is_declined = matches!(ended, Some((_, None))) && reason.is_some();
        let why = reason.and_then(|it| secret.unseal(&about_end(&row), &it));
        let why = why.and_then(|it| String::from_utf8(it).ok()).unwrap_or_default();
        stated.push(Stated {
            id: row.id,
            kind: row.kind,
            body: row.organization.and_then(|it| names.get(&it).cloned()).unwrap_or_default(),
            at: row.stated_at,
            plate: clear.plate,
            helper: guardian.or(clear.login_name),
            ended: ended.map(|(at, _)| (at, why)),
            is_declined,
        });
    }
    Ok(stated)
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
