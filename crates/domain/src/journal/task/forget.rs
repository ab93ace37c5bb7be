//! After ten years the persons go out of an entry, and with them what would prove it. That it was there stays sealed.
//!
//! What was forgotten is the beginning of the log: how far it reaches is sealed in an entry of its own, so that nobody
//! can take the proof of a later one away and call it forgotten.

use kernel::{Timestamp, limits};

use super::is_sound;
use crate::journal::{
    action,
    model::{Entry, SubjectKind},
    store as rows,
};
use crate::{Ctx, Refusal, area};

/// Seconds after which it is forgotten whom an entry was about.
pub const RETENTION_SECONDS: i64 = 3_650 * 86_400;
/// Seconds for which every checkpoint that was kept stays; of older ones one a day is enough.
const CHECKPOINTS_SECONDS: i64 = 365 * 86_400;
/// Spans of checkpoints in a day.
const SPANS_A_DAY: i64 = 144;
/// Of entries about forgetting so many are looked at: who puts others beside them does not hide them.
const FORGETTINGS_MAX: i64 = 64;
const ACTION: &str = "journal.forget";
const THROUGH: &str = "through";

/// How far forgetting has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Entries at the beginning of the log.
    pub through: u64,
}

impl Forgotten {
    /// As this city's own entries say.
    pub fn read(ctx: &Ctx, tx: &mut store::Tx<'_>) -> Result<Self, Refusal> {
        let found = rows::forgettings(tx, FORGETTINGS_MAX)?;
        let through = |it: &rows::Sealed| -> Option<u64> {
            let detail: std::collections::BTreeMap<String, String> =
                serde_json::from_str(&it.record.detail).ok()?;
            detail.get(THROUGH)?.parse().ok()
        };
        let sound = found.iter().filter(|it| is_sound(ctx, it));
        Ok(Self { through: sound.filter_map(through).max().unwrap_or(0) })
    }
}

/// Forgets all that is past its time. Returns of how many entries.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    let through = ctx.read(|tx| Forgotten::read(ctx, tx))?.through;
    let (mut forgotten, mut from) = (0, i64::try_from(through).unwrap_or(i64::MAX));
    loop {
        // Each step has its own moment, by which the newest is told.
        let step = Ctx::system(ctx.city.clone());
        let Some((count, next)) = forget_page(&step, from)? else { break };
        (forgotten, from) = (forgotten + count, next);
    }
    let before = ctx.now.plus_seconds(-CHECKPOINTS_SECONDS);
    ctx.write(|tx| Ok(rows::thin(tx, before, SPANS_A_DAY)?))?;
    Ok(forgotten)
}

/// One page of the log, of how many entries, and where the next begins; none where no page is past its time.
fn forget_page(ctx: &Ctx, from: i64) -> Result<Option<(u64, i64)>, Refusal> {
    let before = ctx.now.plus_seconds(-RETENTION_SECONDS);
    ctx.write(|tx| {
        // So that anybody who audits later finds a checkpoint that says how old they are.
        let shown = rows::shown_before(tx, before)?;
        let page = rows::placed(tx, from, shown, limits::PAGE_ROWS_MAX as i64)?;
        let Some(next) = page.last().and_then(|it| it.index).map(|it| it + 1) else { return Ok(None) };
        // What was changed is not forgotten: it is found out as long as its salt is there. Nor does it say how far
        // forgetting has come, or it could be called forgotten before its time; what lies behind it can.
        let past: Vec<_> = page.iter().filter(|it| is_past(it, before) && is_sound(ctx, it)).collect();
        let Some(last) = past.last().and_then(|it| it.index) else { return Ok(Some((0, next))) };
        let mut count = 0;
        for it in past {
            count += u64::from(rows::forget(tx, &it.record)?);
        }
        let Some(city) = area::city(tx)? else { return Ok(None) };
        let entry = Entry::new(city.county, ACTION, SubjectKind::Area, city.id.uuid());
        action::record(tx, ctx, &entry.with("entries", count).with(THROUGH, last + 1))?;
        Ok(Some((count, next)))
    })
}

fn is_past(it: &rows::Sealed, before: Timestamp) -> bool {
    it.record.at < before
}
