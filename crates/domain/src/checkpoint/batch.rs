//! What devices send: by their link alone, without an account.

use std::collections::BTreeSet;

use super::{
    action::device_of,
    model::{
        BATCH_DAYS, Batch, COUNT_DAYS, COUNTS_MAX, Checkpoint, Count, DAY_HOURS, HOUR_DAYS_MAX, HOUR_SECONDS,
        LOOKS_MAX, is_outcome,
    },
    store as rows,
};
use crate::{Ctx, Faults, Message, Refusal};

/// Days after its end during which what a checkpoint counted is still taken.
const LATE_DAYS: i64 = 7;
const MICROS: i64 = 1_000_000;

/// What became of a batch.
#[derive(Clone, Debug)]
pub struct Taken {
    pub checkpoint: Checkpoint,
    /// Number of the device.
    pub number: i64,
    /// It was not counted before.
    pub is_new: bool,
}

/// Counts what a device sends, once. A batch without counts only says that the device is there, and learns how its
/// checkpoint stands.
///
/// # Errors
/// `NotFound` for a link that is not ours, was taken away, or of a checkpoint that is long over.
pub fn take(ctx: &Ctx, token: &str, batch: &Batch) -> Result<Taken, Refusal> {
    let id = device_of(&ctx.city, token)?;
    ctx.write(|tx| {
        let device = rows::device(tx, id)?.filter(|it| it.ended_at.is_none()).ok_or(Refusal::NotFound)?;
        let checkpoint = rows::by_id(tx, device.checkpoint)?.ok_or(Refusal::NotFound)?;
        if ctx.now > checkpoint.end().plus_seconds(LATE_DAYS * DAY_HOURS * HOUR_SECONDS) {
            return Err(Refusal::NotFound);
        }
        let counts = counts(ctx, &checkpoint, batch)?;
        let is_new = batch.counts.is_empty() || rows::insert_batch(tx, &device, batch.id, ctx.now)? > 0;
        if is_new {
            for count in &counts {
                rows::add(tx, &checkpoint, count)?;
            }
        }
        rows::heard(tx, &device, ctx.now)?;
        Ok(Taken { checkpoint, number: device.number, is_new })
    })
}

/// What is counted of a batch. A device whose clock is wrong loses no look by it: an hour that cannot be is taken for the
/// nearest that can.
fn counts(ctx: &Ctx, checkpoint: &Checkpoint, batch: &Batch) -> Result<Vec<Count>, Refusal> {
    let mut faults = Faults::default();
    if batch.counts.len() > COUNTS_MAX {
        faults.add("counts", Message::new("fault-range").with("min", 0).with("max", COUNTS_MAX));
    }
    let hour_of = |at: kernel::Timestamp| at.micros().div_euclid(HOUR_SECONDS * MICROS);
    let (now, opened) = (hour_of(ctx.now), hour_of(checkpoint.opened_at));
    let first = opened.max(now - HOUR_DAYS_MAX * DAY_HOURS);
    let mut seen = BTreeSet::new();
    for count in batch.counts.iter().take(COUNTS_MAX) {
        if !(1..=LOOKS_MAX).contains(&count.looks) {
            faults.add("looks", Message::new("fault-range").with("min", 1).with("max", LOOKS_MAX));
        }
        if !is_outcome(&count.outcome) || !seen.insert((count.hour, &count.outcome)) {
            faults.add("outcome", Message::new("fault-choice"));
        }
    }
    faults.check()?;
    let within = |it: &Count| Count { hour: it.hour.clamp(first, now), ..it.clone() };
    let counts: Vec<Count> = batch.counts.iter().map(within).collect();
    let last = hour_of(checkpoint.end());
    match counts.iter().any(|it| it.hour > last) {
        true => Err(Refusal::conflict("conflict-checkpoint-closed")),
        false => Ok(counts),
    }
}

/// Forgets which batches came, once no device may send their hours, and counts whose time is over. Rows changed.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    let before = |days: i64| ctx.now.plus_seconds(-days * DAY_HOURS * HOUR_SECONDS);
    ctx.write(|tx| {
        let hour = before(COUNT_DAYS).micros().div_euclid(HOUR_SECONDS * MICROS);
        Ok(rows::forget_batches(tx, before(BATCH_DAYS))? + rows::forget_counts(tx, hour)?)
    })
}
