//! What other rooms write into a case's timeline without moving it, and whom they find answerable for it.

use kernel::{Case as CaseName, Id, Role};
use policy::{Action, Appointment, CaseFacts, Party, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    action::{entry, event, waiting},
    event::{Event, EventDetail},
    model::{Case, Status},
    procedure::Label,
    query, store as rows,
};
use crate::{Ctx, Refusal, journal, organization};

/// A row for those who work on the case.
pub struct Remark<'a> {
    /// It begins with `SUPERVISION`, or is `REMARK`.
    pub word: &'static str,
    pub request: Option<Uuid>,
    /// The office that it comes from.
    pub office: Option<&'a Appointment>,
    pub note: &'a str,
    /// Whether the reporter reads it.
    pub public: bool,
    pub detail: EventDetail,
}

/// Adds the row, and its journal entry. Returns the case as it then is.
pub fn remark(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, remark: Remark<'_>) -> Result<Case, Refusal> {
    let next = Case { revision: case.revision + 1, updated_at: ctx.now, ..case.clone() };
    rows::save(tx, &next)?;
    let event = event(ctx, remark.word, &case.stage, &next, remark.office);
    let (request, note) = (remark.request.unwrap_or(event.request), remark.note.to_owned());
    let event = Event { request, note, public: remark.public, detail: remark.detail, ..event };
    rows::insert_event(tx, case.county, case.id, &event)?;
    journal::record(tx, ctx, &entry(&next, &event))?;
    Ok(next)
}

/// Whether the timeline has a row of this request: what is sent again changes nothing.
pub fn holds(tx: &mut Tx<'_>, case: &Case, request: Option<Uuid>) -> Result<bool, Refusal> {
    let Some(request) = request else { return Ok(false) };
    Ok(rows::events(tx, case.county, case.id)?.iter().any(|event| event.request == request))
}

/// A case that the actor may see, and what decides who may do what with it.
pub fn load_visible(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<CaseName>) -> Result<(Case, CaseFacts), Refusal> {
    let (dossier, facts) = query::load_visible(tx, ctx, id)?;
    Ok((dossier.case, facts))
}

/// The office of one of `roles`, for the case's area or in its owner, in which the actor acts.
pub fn office<'a>(ctx: &'a Ctx, roles: &[Role], case: &Case) -> Option<&'a Appointment> {
    let of_owner = |it: &Appointment| it.role == Role::Handler && Some(it.organization) == case.owner;
    let fits =
        |it: &&Appointment| roles.contains(&it.role) && (case.path.is_within(&it.area) || of_owner(it));
    ctx.actor.appointments.iter().find(fits)
}

/// A case with its facts and timeline, for those who see what its reporter does not.
pub fn visible(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    id: Id<CaseName>,
) -> Result<(Case, CaseFacts, Vec<Event>), Refusal> {
    let (dossier, facts) = query::load_visible(tx, ctx, id)?;
    if !ctx.actor.system {
        ctx.must(Action::CaseNoteInternal, Resource::Case(&facts))?;
    }
    Ok((dossier.case, facts, dossier.events))
}

/// The offices of the one body that has to do something where the case stands: its owner's, or those nearest above
/// whose turn it is. None of a case that waits for its reporter alone and never had an owner.
pub fn answerable(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case) -> Result<Vec<Appointment>, Refusal> {
    let stage = query::procedure(ctx, case)?.stage(&case.stage);
    let mut offices = match (stage.and_then(|it| it.next_of_office()), case.owner) {
        (Some(next), _) => waiting(tx, ctx, case, next)?,
        (None, Some(owner)) => organization::handling_offices(tx, owner, ctx.now)?,
        (None, None) => Vec::new(),
    };
    offices.sort_by_key(|it| (std::cmp::Reverse(it.area.as_str().len()), it.organization));
    let body = offices.first().map(|it| it.organization);
    offices.retain(|it| Some(it.organization) == body);
    Ok(offices)
}

/// Where a case stands, for those whom another room lets know of it without showing them the case.
#[derive(Clone, Debug, PartialEq)]
pub struct Whereabouts {
    /// What it waits for, as its reporter reads it.
    pub waiting: Label,
    /// The last word of a body that handled it, meant for its reporter; empty while there is none.
    pub answer: String,
}

/// None where there is no such case.
pub(crate) fn whereabouts(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    id: Id<CaseName>,
) -> Result<Option<Whereabouts>, Refusal> {
    let Some(case) = rows::load(tx, id)? else { return Ok(None) };
    let stage = query::procedure(ctx, &case)?.stage(&case.stage);
    let events = rows::events(tx, case.county, case.id)?;
    let says = |it: &&Event| it.public && it.part == Some(Party::Handler) && !it.note.is_empty();
    Ok(Some(Whereabouts {
        waiting: stage.map(|it| it.waiting.clone()).unwrap_or_default(),
        answer: events.iter().rev().find(says).map(|it| it.note.clone()).unwrap_or_default(),
    }))
}

/// Deletes who reported a case and what was said in it, if it has ended and its words are kept for a time: the room that
/// reported it keeps them no longer. Of one that is open it is done when it ends. Whether it was done.
pub(crate) fn forget_words(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<bool, Refusal> {
    Ok(rows::forget_words_of(tx, id)?)
}

/// Whether a case has come to an end; none where there is no such case. For rooms that decide: it shows nothing to anybody.
pub fn is_over(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Option<bool>, Refusal> {
    Ok(rows::load(tx, id)?.map(|it| it.status != Status::Open))
}
