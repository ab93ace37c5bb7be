//! What happens by the clock alone: transitions at a stage's end, telling those concerned, forgetting.

mod alarm;
mod recount;

use std::sync::Arc;

use super::{
    model::StepInput,
    photo,
    procedure::Transition,
    store::{self as rows, Alarmed},
};
use crate::{City, Ctx, Refusal, calendar::WHOLE};

pub use recount::recount;

/// Cases told of in one transaction.
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
    /// Cases of whose stage the clock said something.
    pub escalated: u64,
    /// Cases with which nothing could be done; the log says which and why.
    pub stuck: u64,
}

/// Deals with every case about whose stage the clock has something to say. When it has is a row: a run that was missed
/// is made up by the next. A case with which nothing can be done holds up none of those behind it.
pub fn tick(city: &Arc<City>) -> Result<Done, Refusal> {
    let mut done = Done::default();
    let mut after = None;
    loop {
        // Each batch at its own moment, so that notices stand in the order in which they came.
        let ctx = Ctx::system(city.clone());
        let batch = ctx.read(|tx| Ok(rows::alarmed(tx, ctx.now, after, BATCH)?))?;
        let Some(last) = batch.last() else { return Ok(done) };
        after = Some((last.at, last.id));
        deal_with(&ctx, &batch, &mut done)?;
    }
}

fn deal_with(ctx: &Ctx, batch: &[Alarmed], done: &mut Done) -> Result<(), Refusal> {
    let mut told = Vec::new();
    for case in batch {
        let procedure = ctx.city.procedures.get(&case.procedure);
        let Some(stage) = procedure.and_then(|it| it.stage(&case.stage)) else {
            stuck(
                done,
                case,
                &format!("no stage {} of a procedure {} is loaded", case.stage, case.procedure),
            );
            continue;
        };
        let is_over = case.escalated < WHOLE && case.stage_due.is_some_and(|due| due < ctx.now);
        match stage.timeout().filter(|_| is_over) {
            Some(transition) => time_out(ctx, case, transition, done)?,
            None => told.push(case),
        }
    }
    tell(ctx, &told, done)
}

/// Takes what the procedure has for a stage's end. Where that is shut those concerned are told.
fn time_out(ctx: &Ctx, case: &Alarmed, transition: &Transition, done: &mut Done) -> Result<(), Refusal> {
    // At its own moment: each is a transaction of its own.
    let ctx = &Ctx::system(ctx.city.clone());
    match super::advance(ctx, case.id, &transition.id, &StepInput::default()) {
        Ok(_) => done.moved += 1,
        // Somebody came first, which `tell` sees; or the case has had all its steps, and people have to look.
        Err(Refusal::Conflict(_)) => tell(ctx, &[case], done)?,
        Err(refusal) if refusal.is_of_one() => stuck(done, case, &refusal.to_string()),
        Err(refusal) => return Err(refusal),
    }
    Ok(())
}

/// Tells of all these cases in one transaction; of each by itself where one of them is unsound.
fn tell(ctx: &Ctx, cases: &[&Alarmed], done: &mut Done) -> Result<(), Refusal> {
    let ids: Vec<_> = cases.iter().map(|it| it.id).collect();
    match (alarm::raise(ctx, &ids), cases) {
        (Ok(told), _) => done.escalated += told,
        (Err(refusal), [case]) if refusal.is_of_one() => stuck(done, case, &refusal.to_string()),
        (Err(refusal), _) if refusal.is_of_one() => {
            for case in cases {
                tell(ctx, &[case], done)?;
            }
        }
        (Err(refusal), _) => return Err(refusal),
    }
    Ok(())
}

fn stuck(done: &mut Done, case: &Alarmed, reason: &str) {
    done.stuck += 1;
    tracing::error!(case = %case.id, reason, "the clock can do nothing with a case: mend it, and the next round goes on");
}

/// Deletes who reported what ended longer ago than the retention, and the words that are kept for a shorter time. Returns of
/// how many cases.
pub fn forget_reporters(ctx: &Ctx) -> Result<u64, Refusal> {
    let before = ctx.now.plus_seconds(-REPORTER_RETENTION_SECONDS);
    let mut forgotten = 0;
    loop {
        let some = ctx.write(|tx| Ok(rows::forget_reporters(tx, before, BATCH)?))?;
        forgotten += some;
        if some < BATCH as u64 {
            return forget_words(ctx).map(|words| forgotten + words);
        }
    }
}

/// Deletes what was said in cases that ended, where the room that reported them keeps it no longer.
fn forget_words(ctx: &Ctx) -> Result<u64, Refusal> {
    let mut forgotten = 0;
    loop {
        let some = ctx.write(|tx| Ok(rows::forget_words(tx, ctx.now, BATCH)?))?;
        forgotten += some;
        if some < BATCH as u64 {
            return Ok(forgotten);
        }
    }
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
