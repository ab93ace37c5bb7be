//! Who reported a case, and what was said in it: who is let know of it, and when they are kept no longer.

use kernel::{Area, Case as CaseName, Id, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::super::model::Case;

/// A case that is open has no `closed_at`. The last condition is that of the index `case_file_reporter_kept`.
const TO_FORGET: &str = "SELECT county_id, id FROM case_file WHERE closed_at < $1 \
    AND (reporter_id IS NOT NULL OR contact_name IS NOT NULL OR contact_phone IS NOT NULL) ORDER BY closed_at, id LIMIT $2";
const FORGET_REPORTER: &str = "UPDATE case_file SET reporter_id = NULL, contact_name = NULL, contact_phone = NULL \
    WHERE county_id = $1 AND id = $2";
/// What a reporter did themselves: offices act for a body.
const FORGET_ACTS: &str =
    "UPDATE case_event SET actor_id = NULL WHERE county_id = $1 AND case_id = $2 AND organization_id IS NULL";

/// Of no report: what is left would let the words be guessed.
const NO_HASH: &[u8] = &[];

const KEEP_WORDS_UNTIL: &str = "UPDATE case_file SET words_until = $3 WHERE county_id = $1 AND id = $2";
const SHARE_CONTACT: &str = "UPDATE case_file SET contact_shared = TRUE WHERE county_id = $1 AND id = $2";
const WORDS_TO_FORGET: &str = "SELECT county_id, id, description FROM case_file \
    WHERE words_until <= $1 AND words_until IS NOT NULL AND closed_at IS NOT NULL ORDER BY words_until, id LIMIT $2";
const WORDS_OF: &str = "SELECT county_id, id, description FROM case_file \
    WHERE id = $1 AND words_until IS NOT NULL AND closed_at IS NOT NULL";
const FORGET_WORDS: &str = "UPDATE case_file SET description = $3, request_hash = $4, words_until = NULL \
    WHERE county_id = $1 AND id = $2";
const FORGET_NOTES: &str = "UPDATE case_event SET note = '' WHERE county_id = $1 AND case_id = $2";

/// Of the first so many cases that ended before. Returns of how many.
pub fn forget_reporters(tx: &mut Tx<'_>, closed_before: Timestamp, rows: i64) -> Result<u64, StoreError> {
    let cases = tx.query(TO_FORGET, params![closed_before, rows])?;
    for row in &cases {
        let (county, id): (Id<Area>, Id<CaseName>) = (row.get(0)?, row.get(1)?);
        tx.execute(FORGET_ACTS, params![county, id])?;
        tx.execute(FORGET_REPORTER, params![county, id])?;
    }
    Ok(cases.len() as u64)
}

pub fn keep_words_until(tx: &mut Tx<'_>, case: &Case, until: Timestamp) -> Result<(), StoreError> {
    tx.execute(KEEP_WORDS_UNTIL, params![case.county, case.id, until]).map(drop)
}

/// The reporter lets the body that has the case know who they are.
pub fn share_contact(tx: &mut Tx<'_>, case: &Case) -> Result<(), StoreError> {
    tx.execute(SHARE_CONTACT, params![case.county, case.id]).map(drop)
}

/// Of the first so many cases that ended and whose words are kept no longer. Returns of how many.
pub fn forget_words(tx: &mut Tx<'_>, now: Timestamp, rows: i64) -> Result<u64, StoreError> {
    let cases = tx.query(WORDS_TO_FORGET, params![now, rows])?;
    cases.iter().try_for_each(|row| forget(tx, row))?;
    Ok(cases.len() as u64)
}

/// Of one case, if it has ended and its words are kept for a time. Whether it was.
pub fn forget_words_of(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<bool, StoreError> {
    let Some(row) = tx.first(WORDS_OF, params![id])? else { return Ok(false) };
    forget(tx, &row).map(|()| true)
}

/// The first line of a report that another room made says by what it came, and of nobody anything.
fn forget(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    let (county, id, words): (Id<Area>, Id<CaseName>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let head = words.lines().next().unwrap_or_default();
    tx.execute(FORGET_NOTES, params![county, id])?;
    tx.execute(FORGET_ACTS, params![county, id])?;
    tx.execute(FORGET_REPORTER, params![county, id])?;
    tx.execute(FORGET_WORDS, params![county, id, head, NO_HASH]).map(drop)
}
