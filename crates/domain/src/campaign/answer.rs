//! The record of a unit: for which unit a record answers, and until when it can be changed.

use std::collections::BTreeSet;

use kernel::{AreaPath, Campaign as CampaignName, FormVersion, Id, Submission, Tier, limits};
use policy::{Action, AnswerFacts, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    model::{Asked, Audience, Campaign, Mine, Show, State, Unit},
    store::{self as rows, Scope},
};
use crate::{
    Ctx, Message, Refusal, area,
    form::{self, Form, Judged, Rejection, Review},
};

/// Units among which the one is sought that a key names.
const SOUGHT_AT_ONCE: i64 = 1_000;
/// Records that are listed as still to be mended.
const TO_MEND_MAX: i64 = 200;

/// What came of beginning an answer.
#[derive(Debug)]
pub enum Begun {
    /// A draft, new or gone on with.
    Draft(Id<Submission>),
    /// The unit has answered: with the record that its form and first instance id name.
    There { form_id: String, instance_id: String, title: String },
}

/// Begins what a campaign asks of the unit that a key names, or goes on with what the actor began of it.
pub fn begin(ctx: &Ctx, id: Id<CampaignName>, key: Uuid) -> Result<Begun, Refusal> {
    let me = ctx.person()?.person;
    let (campaign, unit, found) = ctx.read(|tx| {
        let campaign = rows::load(tx, id)?.ok_or(Refusal::NotFound)?;
        // Nobody answers for another person.
        let unit = if key == campaign.key(me.uuid()) { me.uuid() } else { key };
        let unit = speaking_for(tx, ctx, &campaign, unit)?;
        let form_id = rows::form_id(tx, campaign.form)?.ok_or(Refusal::NotFound)?;
        let found = form::takes_records(tx, ctx, &form_id)?.map(|(form, _)| form);
        Ok((campaign, unit, (form_id, found)))
    })?;
    let (form_id, form) = found;
    if let Some(record) = unit.record {
        let (instance_id, title) = (record.instance_id, campaign.title);
        return Ok(Begun::There { form_id, instance_id, title });
    }
    if let Some(message) = closed(ctx, &campaign) {
        return Err(Refusal::Conflict(message));
    }
    let form = form.ok_or_else(|| Refusal::conflict("conflict-form-closed"))?;
    form::begin_asked(ctx, &form, campaign.version, (id, unit.id)).map(Begun::Draft)
}

/// The unit, if it is asked and the actor answers for it.
fn speaking_for(tx: &mut Tx<'_>, ctx: &Ctx, campaign: &Campaign, unit: Uuid) -> Result<Unit, Refusal> {
    let scope = Scope::new(tx, campaign, &campaign.path, ctx.now)?;
    let unit = rows::one(tx, &scope, unit)?.ok_or(Refusal::NotFound)?;
    ctx.must_see(Action::AnswerGive, Resource::Answer(&facts_of(campaign, &unit)))?;
    Ok(unit)
}

/// The unit that a key names, as it is told to the outside.
pub(super) fn unit(tx: &mut Tx<'_>, scope: &Scope<'_>, key: Uuid) -> Result<Option<Unit>, Refusal> {
    if matches!(scope.campaign.audience, Audience::Areas { .. }) {
        return Ok(rows::one(tx, scope, key)?);
    }
    let mut after = (String::new(), Uuid::nil());
    loop {
        let units = rows::units(tx, scope, Show::All, &after, SOUGHT_AT_ONCE)?;
        if let Some(unit) = units.iter().find(|it| it.key == key) {
            return Ok(Some(unit.clone()));
        }
        match units.last() {
            Some(last) if units.len() as i64 == SOUGHT_AT_ONCE => after = (last.path.to_string(), last.id),
            _ => return Ok(None),
        }
    }
}

pub(super) fn facts_of(campaign: &Campaign, unit: &Unit) -> AnswerFacts {
    let is_person = matches!(campaign.audience, Audience::Holders { .. });
    let person = is_person.then(|| Id::from_uuid(unit.id));
    AnswerFacts { unit: unit.path.clone(), person, authors: Vec::new() }
}

/// What of a record decides who may do what with it, but for who wrote it.
pub fn facts(tx: &mut Tx<'_>, unit: &form::Unit) -> Result<AnswerFacts, Refusal> {
    let campaign = rows::load(tx, unit.campaign)?;
    let is_person = campaign.is_some_and(|it| matches!(it.audience, Audience::Holders { .. }));
    let person = is_person.then(|| Id::from_uuid(unit.id));
    Ok(AnswerFacts { unit: unit.path.clone(), person, authors: Vec::new() })
}

/// Why a campaign takes no new records now.
fn closed(ctx: &Ctx, campaign: &Campaign) -> Option<Message> {
    let word = match campaign.state {
        State::Open if campaign.is_running(ctx.now) => return None,
        State::Open if campaign.starts_at > ctx.now => "conflict-campaign-planned",
        State::Open | State::Closed => "conflict-campaign-closed",
        State::Withdrawn => "conflict-campaign-withdrawn",
    };
    let reason = if campaign.reason.is_empty() { "–" } else { campaign.reason.as_str() };
    Some(Message::new(word).with("title", &campaign.title).with("reason", reason))
}

/// The record that a unit has already.
fn answered(campaign: &Campaign, instance_id: &str) -> Message {
    Message::new("conflict-campaign-answered").with("title", &campaign.title).with("record", instance_id)
}

/// The unit that a record answers for, and what its sender is told of that.
pub type Bound = (Option<form::Unit>, Option<Message>);

/// For which unit a new record of `form` answers: for the one of the draft that it comes from, or else for the only one
/// that it can be meant for. What could be meant for several, or for one that has answered, is taken and answers for none,
/// and its sender is told so.
pub fn bind(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &Form,
    version: Id<FormVersion>,
    asked: Option<&Asked>,
) -> Result<Result<Bound, Rejection>, Refusal> {
    match asked {
        Some(asked) => bind_asked(tx, ctx, form, asked),
        None => Ok(Ok(bind_found(tx, ctx, form, version)?)),
    }
}

fn bind_asked(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &Form,
    asked: &Asked,
) -> Result<Result<Bound, Rejection>, Refusal> {
    let campaign =
        rows::load(tx, asked.campaign)?.filter(|it| it.form == form.id).ok_or(Refusal::NotFound)?;
    let reject = |message: Message, first: Option<String>| Ok(Err(Rejection::Campaign { message, first }));
    if let Some(message) = closed(ctx, &campaign) {
        return reject(message, None);
    }
    let unit = match speaking_for(tx, ctx, &campaign, asked.unit) {
        Ok(unit) => unit,
        Err(Refusal::NotFound) => {
            return reject(Message::new("conflict-campaign-not-asked").with("title", &campaign.title), None);
        }
        Err(refusal) => return Err(refusal),
    };
    if let Some(record) = unit.record {
        return reject(answered(&campaign, &record.instance_id), Some(record.instance_id));
    }
    let told = Message::new("record-asked").with("title", &campaign.title);
    let (campaign, finished_at) = (campaign.id, asked.finished_at);
    Ok(Ok((Some(form::Unit { campaign, id: unit.id, path: unit.path, finished_at }), Some(told))))
}

fn bind_found(tx: &mut Tx<'_>, ctx: &Ctx, form: &Form, version: Id<FormVersion>) -> Result<Bound, Refusal> {
    if ctx.actor.person.is_none() {
        return Ok((None, None));
    }
    let mut found = Vec::new();
    for (campaign, _) in rows::open(tx, ctx.now, Some(form.id), limits::CAMPAIGNS_OPEN_MAX)? {
        if campaign.version.is_none_or(|it| it == version) {
            let units = own(tx, ctx, &campaign)?;
            found.extend(units.into_iter().map(|unit| (campaign.clone(), unit)));
        }
    }
    let mut open = found.iter().filter(|(_, unit)| unit.record.is_none());
    Ok(match (open.next(), open.next()) {
        (Some((campaign, unit)), None) => {
            let told = Message::new("record-asked").with("title", &campaign.title);
            let (id, path) = (unit.id, unit.path.clone());
            (Some(form::Unit { campaign: campaign.id, id, path, finished_at: None }), Some(told))
        }
        (Some(_), Some(_)) => (None, Some(Message::new("record-asked-several"))),
        (None, _) => {
            let first = found.first().and_then(|(it, unit)| Some((it, unit.record.as_ref()?)));
            (None, first.map(|(it, _)| Message::new("record-asked-before").with("title", &it.title)))
        }
    })
}

/// What the sender of a unit's record is told of that, when it is sent again or edited.
pub fn told(tx: &mut Tx<'_>, unit: &form::Unit) -> Result<Option<Message>, Refusal> {
    let campaign = rows::load(tx, unit.campaign)?;
    Ok(campaign.map(|it| Message::new("record-asked").with("title", &it.title)))
}

/// The areas that the actor serves, each once.
fn served(ctx: &Ctx) -> BTreeSet<&AreaPath> {
    ctx.actor.appointments.iter().map(|it| &it.area).collect()
}

/// The units that a campaign asks and that the actor answers for.
pub(super) fn own(tx: &mut Tx<'_>, ctx: &Ctx, campaign: &Campaign) -> Result<Vec<Unit>, Refusal> {
    let mut ids = Vec::new();
    match campaign.audience {
        Audience::Areas { tier, .. } => {
            for path in served(ctx).into_iter().filter(|it| Tier::of_code(it.code()) == Some(tier)) {
                ids.extend(area::place(tx, path.code())?.map(|it| it.id.uuid()));
            }
        }
        Audience::Holders { role } if ctx.actor.appointments.iter().any(|it| it.role == role) => {
            ids.extend(ctx.actor.person.map(Id::uuid));
        }
        Audience::Holders { .. } => {}
    }
    let scope = Scope::new(tx, campaign, &campaign.path, ctx.now)?;
    let mut units = Vec::new();
    for id in ids {
        units.extend(rows::one(tx, &scope, id)?);
    }
    units.retain(|it| ctx.may(Action::AnswerGive, Resource::Answer(&facts_of(campaign, it))));
    Ok(units)
}

/// What the actor has still to mend of campaigns that take no new records.
pub(super) fn to_mend(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Vec<Mine>, Refusal> {
    let mut mine = Vec::new();
    for path in served(ctx) {
        for (id, unit) in rows::to_mend(tx, path, ctx.now, TO_MEND_MAX)? {
            let campaign = rows::load(tx, id)?.ok_or(Refusal::NotFound)?;
            match speaking_for(tx, ctx, &campaign, unit) {
                Ok(unit) => {
                    let form_id = rows::form_id(tx, campaign.form)?.ok_or(Refusal::NotFound)?;
                    mine.push(Mine { campaign, form_id, unit });
                }
                Err(Refusal::NotFound) => {}
                Err(refusal) => return Err(refusal),
            }
        }
    }
    Ok(mine)
}

/// What answers a campaign is changed until it is accepted, and as long as the campaign takes records; what is invalid or was
/// given back is mended also after that, for nobody could use it as it is.
pub fn check_edit(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    (unit, state, review): &(form::Unit, Judged, Option<Review>),
) -> Result<Result<(), Rejection>, Refusal> {
    let campaign = rows::load(tx, unit.campaign)?.ok_or(Refusal::NotFound)?;
    let accepted = || Message::new("conflict-campaign-accepted").with("title", &campaign.title);
    let is_kept = Review::is_to_mend(*review, *state) && campaign.state != State::Withdrawn;
    let reason = closed(ctx, &campaign).filter(|_| !is_kept);
    let reason = reason.or_else(|| (*review == Some(Review::Approved)).then(accepted));
    Ok(reason.map_or(Ok(()), |message| Err(Rejection::Campaign { message, first: None })))
}
