//! What happens by the clock alone: transitions at a stage's end, telling those above, forgetting.

use std::sync::Arc;

use kernel::{Case as CaseName, Id};

use super::{
    action::{entry, event},
    model::{Case, Event, EventDetail, OVERDUE, StepInput, Told},
    photo, query, store as rows,
};
use crate::{
    City, Ctx, Refusal, journal,
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// Cases looked at in one transaction.
const BATCH: i64 = 100;
/// Seconds after which a photo that no case has belongs to a form that was refused or never ended.
const NEW_PHOTO_SECONDS: i64 = 86_400;
/// New photos looked at in one round, so that a flood of them holds up nothing else.
const NEW_PHOTOS_MAX: usize = 10_000;
/// As the register of what is kept says.
const REPORTER_RETENTION_SECONDS: i64 = 365 * 86_400;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub moved: u64,
    pub escalated: u64,
}

/// Deals with every case whose stage is over. Deadlines are rows: a run that was missed is made up by the next.
pub fn tick(city: &Arc<City>) -> Result<Done, Refusal> {
    let mut done = Done::default();
    loop {
        let ctx = Ctx::system(city.clone());
        let late = ctx.read(|tx| Ok(rows::late(tx, ctx.now, BATCH)?))?;
        if late.is_empty() {
            break;
        }
        for case in &late {
            // Each at its own moment, so that notices stand in the order in which they came.
            deal_with(&Ctx::system(city.clone()), case, &mut done)?;
        }
    }
    Ok(done)
}

/// Deletes who reported what ended longer ago than the retention. Returns of how many cases.
pub fn forget_reporters(ctx: &Ctx) -> Result<u64, Refusal> {
    let before = ctx.now.plus_seconds(-REPORTER_RETENTION_SECONDS);
    ctx.write(|tx| Ok(rows::forget_reporters(tx, before)?))
}

fn deal_with(ctx: &Ctx, case: &Case, done: &mut Done) -> Result<(), Refusal> {
    let stage = query::procedure(ctx, case)?.stage(&case.stage);
    if let Some(transition) = stage.and_then(|it| it.transitions.iter().find(|it| it.on_timeout)) {
        match super::advance(ctx, case.id, &transition.id, &StepInput::default()) {
            Ok(_) => {
                done.moved += 1;
                return Ok(());
            }
            // Somebody came first, which `escalate` sees; or the case has had all its steps, and people have to look.
            Err(Refusal::Conflict(_)) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    done.escalated += u64::from(escalate(ctx, case.id)?);
    Ok(())
}

/// Says in the timeline that the stage's time is over and tells the offices nearest above the case, once
/// per stage. Whether it did: the case may have moved on since it was found late.
fn escalate(ctx: &Ctx, id: Id<CaseName>) -> Result<bool, Refusal> {
    ctx.write(|tx| {
        let late = rows::load(tx, id)?.filter(|case| case.is_overdue(ctx.now) && !case.escalated);
        let Some(case) = late else { return Ok(false) };
        let roles = query::procedure(ctx, &case)?.stage(&case.stage).map_or(&[][..], |stage| &stage.escalate);
        let offices = organization::nearest_offices(tx, roles, &case.path, ctx.now)?;
        let next = Case { escalated: true, revision: case.revision + 1, updated_at: ctx.now, ..case.clone() };
        rows::save(tx, &next)?;
        let told = offices.iter().map(|it| Told { role: it.role, organization: it.organization }).collect();
        let detail = EventDetail { told, ..EventDetail::default() };
        let event = Event { detail, ..event(ctx, OVERDUE, &case.stage, &next, None) };
        rows::insert_event(tx, case.county, case.id, &event)?;
        journal::record(tx, ctx, &entry(&next, &event))?;
        for office in &offices {
            let office = Recipient::Office(office);
            notice::enqueue(tx, ctx, case.county, office, NoticeKind::CaseOverdue, case.id, &case.number)?;
        }
        Ok(true)
    })
}

/// Deletes photos of forms that came to nothing. One whose case is there is kept: the machine stopped
/// between the two. Returns how many were deleted.
pub fn forget_photos(ctx: &Ctx) -> Result<u64, Refusal> {
    let unavailable = |error: std::io::Error| Refusal::Unavailable(format!("photo folder: {error}"));
    let before = ctx.now.plus_seconds(-NEW_PHOTO_SECONDS);
    let old = ctx.city.photos.new_before(before, NEW_PHOTOS_MAX).map_err(unavailable)?;
    let mut deleted = 0;
    for photo in old {
        if ctx.read(|tx| Ok(rows::has_photo(tx, photo)?))? {
            photo::keep(ctx, std::iter::once(photo));
        } else {
            ctx.city.photos.delete_new(photo).map_err(unavailable)?;
            deleted += 1;
        }
    }
    Ok(deleted)
}
