//! Giving a pass: the rule is asked at that moment, a place in the list is drawn, and only that is kept.

use kernel::{AreaPath, Id, Organization, Person, Role, Timestamp};
use pass_format::{Hint, Issuer, Mark, Pass};
use policy::{Action, Purpose, Resource};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{
    action::secret,
    evidence,
    model::{
        Bearer, EvidenceKind, FULL_PERCENT, Held, Holder, KeyState, Outcome, Regime, RuleState, VALID_MAX,
        broken, seconds,
    },
    query,
    rule::{Facts, Rule},
    store::{self as rows, Place},
    task,
    vault::Secret,
};
use crate::{
    Ctx, Message, Refusal,
    journal::{self, Entry, SubjectKind},
    notice::{self, NoticeKind, Recipient},
    organization, resident,
};

/// Draws for a free place: of a list that is not full, all of so many are taken once in 10^9 times or less.
const DRAWS_MAX: usize = 100;
/// Why a pass was revoked, as it is kept.
pub const BY_HOLDER: &str = "holder";
pub const BY_RULE: &str = "rule";

/// What of somebody's evidence was judged, as it is sealed beside the outcome.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    pub person: Id<Person>,
    pub facts: SealedFacts,
    /// Beside the row's own word, which whoever has the database could change.
    pub granted: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SealedFacts {
    home: Option<String>,
    works: Vec<String>,
    vehicle: Option<(char, u16)>,
}

impl SealedFacts {
    fn of(facts: &Facts) -> Self {
        let text = |path: &AreaPath| path.as_str().to_owned();
        Self {
            home: facts.home.as_ref().map(text),
            works: facts.works.iter().map(text).collect(),
            vehicle: facts.vehicle,
        }
    }

    pub fn read(&self) -> Facts {
        Facts {
            home: self.home.as_deref().and_then(|it| it.parse().ok()),
            works: self.works.iter().filter_map(|it| it.parse().ok()).collect(),
            vehicle: self.vehicle,
        }
    }
}

fn about(holder: &[u8], number: i64) -> Vec<u8> {
    [b"outcome", holder, &number.to_be_bytes()[..]].concat()
}

pub(super) fn unsealed(secret: &Secret, holder: &[u8], number: i64, sealed: &[u8]) -> Option<Sealed> {
    let clear = secret.unseal(&about(holder, number), sealed)?;
    serde_json::from_slice(&clear).ok()
}

/// What asking came to.
#[derive(Clone, Debug)]
pub enum Answer {
    Given(Held),
    Refused(Outcome),
}

/// Whom the actor may ask for, and by what. What one may not is not there.
pub(super) struct Standing {
    pub holder: Vec<u8>,
    pub name: String,
    /// Set where an office does it: its body.
    desk: Option<Id<Organization>>,
    /// An office does it.
    is_desk: bool,
}

/// How the actor stands to `person`: it is they, or somebody who lets them or whom they look after, or they sit at the desk
/// that serves the person; of the last the reading is journaled.
pub(super) fn standing(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    person: Id<Person>,
) -> Result<Standing, Refusal> {
    let me = ctx.person()?.person;
    let (name, _) = resident::name_and_phone(tx, person)?.ok_or(Refusal::NotFound)?;
    let holder = secret.holder(person);
    if me == person || evidence::helps(tx, regime, secret, &holder, me)? {
        return Ok(Standing { holder, name, desk: None, is_desk: false });
    }
    let (_, path) = resident::home_of(tx, person)?.ok_or(Refusal::NotFound)?;
    let resource = Resource::Person { id: person, area: &path };
    ctx.must_see(Action::PersonRead { purpose: Some(Purpose::Service) }, resource)?;
    let entry = Entry::new(regime.county, "person.read", SubjectKind::Person, person.uuid());
    journal::record(tx, ctx, &entry.about(person, Some(Purpose::Service)))?;
    let desk = ctx.actor.appointments.iter().find(|it| path.is_within(&it.area)).map(|it| it.organization);
    Ok(Standing { holder, name, desk, is_desk: true })
}

/// Asks for a pass for `person`: the rule in force is asked over what is stated now. A refusal is an answer, with what did
/// not hold.
pub fn ask(ctx: &Ctx, number: u16, person: Id<Person>) -> Result<Answer, Refusal> {
    ctx.person()?;
    ctx.write(|tx| {
        let regime = rows::regime(tx, number)?.ok_or(Refusal::NotFound)?;
        must_be_open(&regime, ctx.now)?;
        let secret = secret(ctx, &regime)?;
        let standing = standing(tx, ctx, &regime, &secret, person)?;
        let (outcome, facts) = judge(tx, ctx, &regime, &secret, &standing.holder, person)?;
        if !outcome.is_granted {
            return Ok(Answer::Refused(outcome));
        }
        let place = Place::from(&regime);
        if rows::valid(tx, place, &standing.holder, ctx.now)? >= VALID_MAX {
            return Err(Refusal::Conflict(Message::new("conflict-pass-many").with("max", VALID_MAX)));
        }
        let key = signing_key(tx, &regime, standing.desk, ctx.now)?;
        let expires = ctx.now.plus_seconds(regime.pass_seconds).min(regime.end);
        let held = draw(tx, ctx, &regime, &standing.holder, key.number, expires)?;
        // What cannot be signed is not given.
        sign(tx, &regime, &secret, &key, &held, &standing.name, &facts)?;
        record_by_rule(
            tx,
            ctx,
            &regime,
            "pass.issue",
            &[("rule_version", outcome.rule_version.to_string())],
        )?;
        Ok(Answer::Given(held))
    })
}

fn must_be_open(regime: &Regime, now: Timestamp) -> Result<(), Refusal> {
    super::action::must_last(regime, now)?;
    if regime.is_open(now) { Ok(()) } else { Err(Refusal::conflict("conflict-pass-not-begun")) }
}

/// What the rule in force comes to for somebody now. It is added to their outcomes where it says something new.
pub(super) fn judge(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
    person: Id<Person>,
) -> Result<(Outcome, Facts), Refusal> {
    let facts = evidence::facts(tx, regime, secret, holder, person)?;
    let versions = rows::rules(tx, regime.number)?;
    let version = versions.iter().find(|it| it.state == RuleState::InForce);
    let version = version.ok_or_else(|| Refusal::conflict("conflict-pass-not-in-force"))?;
    let rule = Rule::parse(&version.text).map_err(|_| Refusal::Broken("a rule is not one".to_owned()))?;
    let failed = rule.judge(&facts, &regime.path).err();
    let place = Place::from(regime);
    let last = rows::last_outcome(tx, place, holder)?;
    let mut outcome = Outcome {
        number: last.as_ref().map_or(0, |(it, _)| it.number) + 1,
        rule_version: version.version,
        is_granted: failed.is_none(),
        failed: failed.unwrap_or_default(),
        at: ctx.now,
    };
    // Who knows that they are refused is not told it again.
    let mut is_news = true;
    if let Some((last, sealed)) = last {
        let same = (last.rule_version, last.is_granted) == (outcome.rule_version, outcome.is_granted);
        // One that was changed in the database is no outcome, and another is written over it.
        let is_own =
            unsealed(secret, holder, last.number, &sealed).is_some_and(|it| it.granted == last.is_granted);
        if same && last.failed == outcome.failed && is_own {
            outcome = last;
            return Ok((outcome, facts));
        }
        is_news = last.is_granted || !is_own;
    }
    let sealed = Sealed { person, facts: SealedFacts::of(&facts), granted: outcome.is_granted };
    let clear = serde_json::to_vec(&sealed).map_err(broken)?;
    let sealed = secret.seal(&ctx.city.ids.secret(), &about(holder, outcome.number), &clear);
    rows::add_outcome(tx, place, holder, &outcome, &sealed)?;
    let granted = ("granted", outcome.is_granted.to_string());
    let version = ("rule_version", outcome.rule_version.to_string());
    record_by_rule(tx, ctx, regime, "pass.judge", &[granted, version])?;
    if !outcome.is_granted && is_news {
        let to = Recipient::Person(person);
        notice::announce(tx, ctx, regime.county, to, NoticeKind::PassRefused, &regime.called())?;
    }
    Ok((outcome, facts))
}

/// The rule did it, and nobody: the journal keeps no list of who carries passes.
pub(super) fn record_by_rule(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    action: &str,
    detail: &[(&'static str, String)],
) -> Result<(), Refusal> {
    let rule = Ctx { now: ctx.now, ..Ctx::system(ctx.city.clone()) };
    super::action::record(tx, &rule, regime, action, detail)
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
    holder: &[u8],
    key_number: i64,
    expires: Timestamp,
) -> Result<Held, Refusal> {
    let place = Place::from(regime);
    for _ in 0..DRAWS_MAX {
        let chance = ctx.city.ids.secret();
        let chance = chance.first_chunk().map_or(0, |it| u64::from_be_bytes(*it));
        let index = (chance % regime.entries.unsigned_abs().max(1)) as i64;
        let held = Held { index, key_number, not_before: ctx.now, expires, revoked: None };
        if rows::take_index(tx, place, holder, &held)? {
            return Ok(held);
        }
    }
    let given = rows::given(tx, place)?;
    match given >= regime.entries * FULL_PERCENT / 100 {
        true => Err(Refusal::conflict("conflict-pass-full")),
        false => Err(Refusal::Unavailable("no free place in a status list was drawn".to_owned())),
    }
}

/// The text of a pass, made anew of what is kept: the same each time.
fn sign(
    tx: &mut Tx<'_>,
    regime: &Regime,
    secret: &Secret,
    key: &KeyState,
    held: &Held,
    name: &str,
    facts: &Facts,
) -> Result<String, Refusal> {
    let office = organization::name(tx, key.organization)?.unwrap_or_default();
    let no_vehicle = || Refusal::conflict("conflict-pass-vehicle");
    let bearer = match regime.bearer {
        Bearer::Nothing => pass_format::Bearer::Anybody,
        Bearer::Name => {
            pass_format::Bearer::Name(Hint::new(name.chars().next().unwrap_or('?')).map_err(broken)?)
        }
        Bearer::Vehicle => {
            let (first, digits) = facts.vehicle.ok_or_else(no_vehicle)?;
            pass_format::Bearer::NameAndDigits(Hint::new(first).map_err(broken)?, digits)
        }
    };
    let pass = Pass {
        not_before: seconds(held.not_before),
        expires: seconds(held.expires),
        mark: Mark::Status {
            index: held.index.unsigned_abs(),
            list: regime.number.to_string().into_boxed_str(),
        },
        regime: regime.number,
        scope: regime.scope(),
        bearer,
    };
    let signing = secret.signing_key(key.number)?;
    let issuer = Issuer::new(signing, key.to_format(regime, &office)?).map_err(broken)?;
    issuer.issue(&pass, &regime.to_format(&office)).map_err(broken)
}

/// What somebody whom the actor may ask for has: their latest outcome and their passes that are not over.
pub fn held(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
) -> Result<(Holder, Option<Outcome>, Vec<Held>), Refusal> {
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let standing = standing(tx, ctx, &regime, &secret, person)?;
        let place = Place::from(&regime);
        let last = rows::last_outcome(tx, place, &standing.holder)?;
        let own = last.filter(|(it, sealed)| {
            unsealed(&secret, &standing.holder, it.number, sealed)
                .is_some_and(|clear| clear.granted == it.is_granted)
        });
        let held = rows::held(tx, place, &standing.holder, ctx.now)?;
        let holder = Holder { person, name: standing.name, by: None, evidence: None };
        Ok((holder, own.map(|(it, _)| it), held))
    })
}

/// The text of the QR code of a pass that somebody has, with the name of the office that signed it.
pub fn text_of(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
    index: i64,
) -> Result<(Held, String, String), Refusal> {
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let standing = standing(tx, ctx, &regime, &secret, person)?;
        let found = rows::held(tx, Place::from(&regime), &standing.holder, ctx.now)?;
        let held = found.into_iter().find(|it| it.index == index && it.is_valid(ctx.now));
        let held = held.ok_or(Refusal::NotFound)?;
        let keys = rows::keys(tx, number)?;
        let key = keys.iter().find(|it| it.number == held.key_number).ok_or(Refusal::NotFound)?;
        if key.withdrawn_at.is_some() {
            return Err(Refusal::conflict("conflict-pass-key-gone"));
        }
        let facts = evidence::facts(tx, &regime, &secret, &standing.holder, person)?;
        let text = sign(tx, &regime, &secret, key, &held, &standing.name, &facts)?;
        let office = organization::name(tx, key.organization)?.unwrap_or_default();
        Ok((held, text, office))
    })
}

/// Ends a pass, because its holder says so: a phone was lost. Whoever looks after them or acts for them may; no office
/// may, which would be an outcome by hand.
pub fn revoke(ctx: &Ctx, number: u16, person: Id<Person>, index: i64) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let standing = standing(tx, ctx, &regime, &secret, person)?;
        if standing.is_desk {
            return Err(Refusal::Denied);
        }
        let found = rows::held(tx, Place::from(&regime), &standing.holder, ctx.now)?;
        let held = found.iter().find(|it| it.index == index).ok_or(Refusal::NotFound)?;
        end(tx, ctx, &regime, &secret, std::slice::from_ref(held), BY_HOLDER).map(drop)
    })?;
    task::publish_soon(ctx);
    Ok(())
}

/// Ends all passes of a holder, by rule. Returns how many.
pub fn revoke_all(
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
        let to = Recipient::Person(person);
        notice::announce(tx, ctx, regime.county, to, NoticeKind::PassRevoked, &regime.called())?;
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
        holders.extend(evidence::helped(tx, &regime, &secret, me.person)?);
        Ok(holders)
    })
}

/// The desk's search: one person, by name and telephone number exactly, in an area that the desk serves. That they were
/// found is a reading of their record.
pub fn find_at_desk(ctx: &Ctx, name: &str, phone: &str) -> Result<Id<Person>, Refusal> {
    ctx.person()?;
    let (name, phone) = (name.trim(), phone.trim());
    let serves = |role: Role| role == Role::Acceptor || Role::GRID.contains(&role);
    let areas: Vec<&AreaPath> =
        ctx.actor.appointments.iter().filter(|it| serves(it.role)).map(|it| &it.area).collect();
    if areas.is_empty() {
        return Err(Refusal::NotFound);
    }
    ctx.write(|tx| {
        for area in &areas {
            let Some(found) = resident::by_name_and_phone(tx, Some(area), name, phone)? else { continue };
            let resource = Resource::Person { id: found.person, area: &found.path };
            ctx.must_see(Action::PersonRead { purpose: Some(Purpose::Service) }, resource)?;
            let entry = Entry::new(found.county, "person.find", SubjectKind::Person, found.person.uuid());
            journal::record(tx, ctx, &entry.about(found.person, Some(Purpose::Service)))?;
            return Ok(found.person);
        }
        Err(Refusal::invalid("name", Message::new("fault-pass-nobody")))
    })
}

/// By which evidence somebody asks for others, for a page.
pub fn is_helper(kind: EvidenceKind) -> bool {
    matches!(kind, EvidenceKind::Guardian | EvidenceKind::Mandate)
}
