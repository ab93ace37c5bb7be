//! The record of a unit: for which unit a record answers, and until when it can be changed.

use kernel::{Campaign as CampaignName, FormVersion, Id, Submission, limits};
use policy::{Action, AnswerFacts, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    model::{Asked, Audience, Campaign, State, Unit},
    store::{self as rows, Scope},
};
use crate::{
    Ctx, Message, Refusal,
    form::{self, Form, Rejection, Review},
};

/// What came of beginning an answer.
#[derive(Debug)]
pub enum Begun {
    /// A draft, new or gone on with.
    Draft(Id<Submission>),
    /// The unit has answered: with the record that its form and first instance id name.
    There { form_id: String, instance_id: String, title: String },
}

/// Begins what a campaign asks of a unit, or goes on with what the actor began of it.
pub fn begin(ctx: &Ctx, id: Id<CampaignName>, unit: Uuid) -> Result<Begun, Refusal> {
    ctx.person()?;
    let (campaign, unit, found) = ctx.read(|tx| {
        let campaign = rows::load(tx, id)?.ok_or(Refusal::NotFound)?;
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
    let scope = Scope { campaign, path: &campaign.path, as_of: campaign.as_of(ctx.now) };
    let unit = rows::one(tx, &scope, unit)?.ok_or(Refusal::NotFound)?;
    ctx.must_see(Action::AnswerGive, Resource::Answer(&facts_of(campaign, &unit)))?;
    Ok(unit)
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

/// Why a campaign takes no records now.
fn closed(ctx: &Ctx, campaign: &Campaign) -> Option<Message> {
    let word = match campaign.state {
        State::Open if campaign.is_running(ctx.now) => return None,
        State::Open if campaign.starts_at > ctx.now => "conflict-campaign-planned",
        State::Open | State::Closed => "conflict-campaign-closed",
        State::Withdrawn => "conflict-campaign-withdrawn",
    };
    Some(Message::new(word).with("title", &campaign.title))
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

/// The units that a campaign asks and that the actor answers for.
pub(super) fn own(tx: &mut Tx<'_>, ctx: &Ctx, campaign: &Campaign) -> Result<Vec<Unit>, Refusal> {
    let as_of = campaign.as_of(ctx.now);
    let mut units: Vec<Unit> = Vec::new();
    let mut keep = |unit: Unit| {
        let may = ctx.may(Action::AnswerGive, Resource::Answer(&facts_of(campaign, &unit)));
        if may && !units.iter().any(|it| it.id == unit.id) {
            units.push(unit);
        }
    };
    match campaign.audience {
        Audience::Areas { tier, .. } => {
            let is_unit = |path: &kernel::AreaPath| {
                kernel::Tier::of_code(path.code()) == Some(tier) && path.is_within(&campaign.path)
            };
            for path in ctx.actor.appointments.iter().map(|it| &it.area).filter(|it| is_unit(it)) {
                let scope = Scope { campaign, path, as_of };
                rows::units(tx, &scope, super::Show::All, &(String::new(), Uuid::nil()), 1)?
                    .into_iter()
                    .for_each(&mut keep);
            }
        }
        Audience::Holders { role } => {
            let holds = |it: &policy::Appointment| it.role == role && it.area.is_within(&campaign.path);
            if let Some(person) = ctx.actor.person.filter(|_| ctx.actor.appointments.iter().any(holds)) {
                let scope = Scope { campaign, path: &campaign.path, as_of };
                rows::one(tx, &scope, person.uuid())?.into_iter().for_each(&mut keep);
            }
        }
    }
    Ok(units)
}

/// What answers a campaign is changed until it is accepted, and as long as the campaign takes records.
pub fn check_edit(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    (unit, review): &(form::Unit, Option<Review>),
) -> Result<Result<(), Rejection>, Refusal> {
    let campaign = rows::load(tx, unit.campaign)?.ok_or(Refusal::NotFound)?;
    let accepted = || Message::new("conflict-campaign-accepted").with("title", &campaign.title);
    let reason = closed(ctx, &campaign).or_else(|| (*review == Some(Review::Approved)).then(accepted));
    Ok(reason.map_or(Ok(()), |message| Err(Rejection::Campaign { message, first: None })))
}
