//! The rows of the log: entries that wait, tiles, heads, checkpoints, witnesses.

use kernel::{Id, JournalEntry, Timestamp};
use store::{Row, StoreError, Tx, params};
use uuid::Uuid;

use super::{Sealed, sealed};
use crate::journal::rule::{Commitment, Salt};

const WAITING: &str = "SELECT county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, \
    subject_id, person_id, purpose, detail, salt, commitment, log_index FROM journal \
    WHERE log_index IS NULL AND (at, id) > ($1, $2) ORDER BY at, id LIMIT $3";

const WAITING_SINCE: &str = "SELECT at FROM journal WHERE log_index IS NULL ORDER BY at LIMIT 1";

/// None is left without a place that was given one, and none gets two.
const PLACE: &str = "UPDATE journal SET log_index = $3 \
    WHERE county_id = $1 AND id = $2 AND log_index IS NULL AND commitment = $4";

const ADOPT: &str = "UPDATE journal SET salt = $3, commitment = $4 \
    WHERE county_id = $1 AND id = $2 AND log_index IS NULL AND commitment IS NULL";

const FIRST_PLACED: &str =
    "SELECT log_index FROM journal WHERE log_index IS NOT NULL ORDER BY log_index LIMIT 1";

const PLACED: &str = "SELECT county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, \
    subject_id, person_id, purpose, detail, salt, commitment, log_index FROM journal \
    WHERE log_index IS NOT NULL AND log_index >= $1 AND log_index < $2 ORDER BY log_index, id LIMIT $3";

const TILE: &str = "SELECT width, bytes FROM log_tile WHERE level = $1 AND number = $2";

const PUT_TILE: &str = "INSERT INTO log_tile (level, number, width, bytes) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (level, number) DO UPDATE SET width = EXCLUDED.width, bytes = EXCLUDED.bytes";

const HEADS: &str = "SELECT origin, head, published, published_at FROM log_head ORDER BY origin";

const FOUND: &str = "INSERT INTO log_head (origin, head, published, published_size, published_at) VALUES ($1, $2, NULL, 0, NULL)";

const MOVE_HEAD: &str = "UPDATE log_head SET head = $3 WHERE origin = $1 AND head = $2";

/// The log goes on under another name, of which nothing is shown yet.
const SUCCEED: &str = "UPDATE log_head SET origin = $3, head = $4, published = NULL, published_size = 0, \
    published_at = NULL WHERE origin = $1 AND head = $2";

/// What witnesses said of the former log.
const FORGET_WITNESSES: &str = "DELETE FROM log_witness WHERE asked_at <= $1";

/// An older one never takes the place of a newer one, whichever process is late.
const PUBLISH: &str = "UPDATE log_head SET published = $2, published_size = $3, published_at = $4 \
    WHERE origin = $1 AND published_size <= $3";

const REMEMBER: &str = "INSERT INTO log_checkpoint (span, at, size, checkpoint) VALUES ($1, $2, $3, $4) \
    ON CONFLICT DO NOTHING";

const REMEMBERED: &str = "SELECT at, checkpoint FROM log_checkpoint ORDER BY span";

const SHOWN_BEFORE: &str = "SELECT COALESCE(MAX(size), 0) FROM log_checkpoint WHERE at <= $1";

/// All but the first of each so many spans.
const THIN: &str = "DELETE FROM log_checkpoint WHERE at < $1 AND EXISTS (SELECT 1 FROM log_checkpoint earlier \
    WHERE earlier.span >= (log_checkpoint.span / $2) * $2 AND earlier.span < log_checkpoint.span)";

const WITNESSES: &str =
    "SELECT name, cosigned_at, cosigned_size, failure, warned_at FROM log_witness ORDER BY name";

const COSIGNED: &str = "INSERT INTO log_witness (name, cosigned_at, cosigned_size, asked_at, failure) \
    VALUES ($1, $2, $3, $2, $4) ON CONFLICT (name) DO UPDATE SET cosigned_at = EXCLUDED.cosigned_at, \
    cosigned_size = EXCLUDED.cosigned_size, asked_at = EXCLUDED.asked_at, failure = EXCLUDED.failure, warned_at = NULL";

const WARN: &str = "INSERT INTO log_witness (name, asked_at, warned_at) VALUES ($1, $2, $2) \
    ON CONFLICT (name) DO UPDATE SET warned_at = EXCLUDED.warned_at";

const NOT_COSIGNED: &str = "INSERT INTO log_witness (name, cosigned_at, cosigned_size, asked_at, failure) \
    VALUES ($1, NULL, NULL, $2, $3) \
    ON CONFLICT (name) DO UPDATE SET asked_at = EXCLUDED.asked_at, failure = EXCLUDED.failure";

const STATE: &str =
    "INSERT INTO log_statement (id, at, entry, mark, log_index) VALUES ($1, $2, $3, $4, NULL)";

const STATEMENTS: &str = "SELECT id, at, entry, mark FROM log_statement WHERE log_index IS NULL AND (at, id) > ($1, $2) \
    ORDER BY at, id LIMIT $3";

const PLACE_STATEMENT: &str =
    "UPDATE log_statement SET log_index = $2 WHERE id = $1 AND log_index IS NULL AND entry = $3";

const STATEMENT: &str = "SELECT entry, log_index FROM log_statement WHERE id = $1";

const PLACED_STATEMENTS: &str = "SELECT entry, log_index FROM log_statement WHERE log_index IS NOT NULL \
    AND log_index >= $1 AND log_index < $2 ORDER BY log_index, id LIMIT $3";

/// Where the list of what waits goes on.
pub type After = (Timestamp, Id<JournalEntry>);

/// Entries that have no place in the log, oldest first.
pub fn waiting(tx: &mut Tx<'_>, after: Option<After>, rows: i64) -> Result<Vec<Sealed>, StoreError> {
    let (at, id) = after.map_or((i64::MIN, Uuid::nil()), |(at, id)| (at.micros(), id.uuid()));
    tx.query(WAITING, params![at, id, rows])?.iter().map(sealed).collect()
}

pub fn waiting_since(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    tx.first(WAITING_SINCE, &[])?.map(|row| row.get(0)).transpose()
}

/// Whether the entry was still waiting, with the commitment that it was seen with.
pub fn place(tx: &mut Tx<'_>, it: &Sealed, index: i64) -> Result<bool, StoreError> {
    let changed =
        tx.execute(PLACE, params![it.record.county, it.record.id, index, it.commitment.as_deref()])?;
    Ok(changed == 1)
}

/// Something public that waits for its place.
pub struct Statement {
    pub id: Uuid,
    pub at: Timestamp,
    pub entry: Vec<u8>,
    pub mark: Vec<u8>,
}

pub fn state(tx: &mut Tx<'_>, it: &Statement) -> Result<(), StoreError> {
    tx.execute(STATE, params![it.id, it.at, &it.entry[..], &it.mark[..]]).map(drop)
}

/// Public statements that have no place in the log, oldest first.
pub fn statements(
    tx: &mut Tx<'_>,
    after: Option<(Timestamp, Uuid)>,
    rows: i64,
) -> Result<Vec<Statement>, StoreError> {
    let (at, id) = after.map_or((i64::MIN, Uuid::nil()), |(at, id)| (at.micros(), id));
    let statement =
        |row: &Row| Ok(Statement { id: row.get(0)?, at: row.get(1)?, entry: row.get(2)?, mark: row.get(3)? });
    tx.query(STATEMENTS, params![at, id, rows])?.iter().map(statement).collect()
}

/// Whether the statement was still waiting, as it was seen.
pub fn place_statement(tx: &mut Tx<'_>, it: &Statement, index: i64) -> Result<bool, StoreError> {
    Ok(tx.execute(PLACE_STATEMENT, params![it.id, index, &it.entry[..]])? == 1)
}

/// A statement with its place, once it has one.
pub struct Stated {
    pub entry: Vec<u8>,
    pub index: Option<i64>,
}

pub fn statement(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Stated>, StoreError> {
    let row = tx.first(STATEMENT, params![id])?;
    row.map(|row| Ok(Stated { entry: row.get(0)?, index: row.get(1)? })).transpose()
}

/// Statements with places from `start` to before `end`, in their order.
pub fn placed_statements(
    tx: &mut Tx<'_>,
    start: i64,
    end: i64,
    rows: i64,
) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
    tx.query(PLACED_STATEMENTS, params![start, end, rows])?
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .collect()
}

/// Gives an entry from before there was a log what it will be sealed by.
pub fn adopt(tx: &mut Tx<'_>, it: &Sealed, salt: &Salt, commitment: &Commitment) -> Result<(), StoreError> {
    let set = params![it.record.county, it.record.id, salt.bytes(), &commitment[..]];
    tx.execute(ADOPT, set).map(drop)
}

pub fn is_any_placed(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(tx.first(FIRST_PLACED, &[])?.is_some())
}

/// The entries with places from `start` to before `end`, in their order.
pub fn placed(tx: &mut Tx<'_>, start: i64, end: i64, rows: i64) -> Result<Vec<Sealed>, StoreError> {
    tx.query(PLACED, params![start, end, rows])?.iter().map(sealed).collect()
}

/// Width and bytes.
pub fn tile(tx: &mut Tx<'_>, level: i64, number: i64) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    tx.first(TILE, params![level, number])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

pub fn put_tile(
    tx: &mut Tx<'_>,
    level: i64,
    number: i64,
    width: i64,
    bytes: &[u8],
) -> Result<(), StoreError> {
    tx.execute(PUT_TILE, params![level, number, width, bytes]).map(drop)
}

/// The row of a log.
pub struct Head {
    pub origin: String,
    pub head: String,
    pub published: Option<String>,
    pub published_at: Option<Timestamp>,
}

/// A database has one log, unless somebody put another beside it.
pub fn heads(tx: &mut Tx<'_>) -> Result<Vec<Head>, StoreError> {
    let head = |row: &Row| {
        Ok(Head { origin: row.get(0)?, head: row.get(1)?, published: row.get(2)?, published_at: row.get(3)? })
    };
    tx.query(HEADS, &[])?.iter().map(head).collect()
}

pub fn found(tx: &mut Tx<'_>, origin: &str, head: &str) -> Result<(), StoreError> {
    tx.execute(FOUND, params![origin, head]).map(drop)
}

/// Whether it was `held` that stood there.
pub fn move_head(tx: &mut Tx<'_>, origin: &str, held: &str, head: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(MOVE_HEAD, params![origin, held, head])? == 1)
}

/// Whether it was `head` of `former` that stood there.
pub fn succeed(
    tx: &mut Tx<'_>,
    former: &str,
    held: &str,
    origin: &str,
    head: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    tx.execute(FORGET_WITNESSES, params![now])?;
    Ok(tx.execute(SUCCEED, params![former, held, origin, head])? == 1)
}

pub fn publish(
    tx: &mut Tx<'_>,
    origin: &str,
    checkpoint: &str,
    size: i64,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(PUBLISH, params![origin, checkpoint, size, at]).map(drop)
}

/// Keeps a checkpoint if it is the first of its span.
pub fn remember(
    tx: &mut Tx<'_>,
    span: i64,
    at: Timestamp,
    size: i64,
    checkpoint: &str,
) -> Result<(), StoreError> {
    tx.execute(REMEMBER, params![span, at, size, checkpoint]).map(drop)
}

/// Checkpoints that were shown, and when, oldest first.
pub fn remembered(tx: &mut Tx<'_>) -> Result<Vec<(Timestamp, String)>, StoreError> {
    tx.query(REMEMBERED, &[])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// How many entries had been signed for, and shown, at a time.
pub fn shown_before(tx: &mut Tx<'_>, at: Timestamp) -> Result<i64, StoreError> {
    tx.count(SHOWN_BEFORE, params![at])
}

/// Keeps one checkpoint in so many spans of those from before `before`.
pub fn thin(tx: &mut Tx<'_>, before: Timestamp, spans: i64) -> Result<u64, StoreError> {
    tx.execute(THIN, params![before, spans])
}

/// What is known of a witness.
pub struct Seen {
    pub name: String,
    pub cosigned: Option<(Timestamp, u64)>,
    pub failure: Option<String>,
    /// When offices were told that it is silent; none since it cosigned.
    pub warned: Option<Timestamp>,
}

pub fn witnesses(tx: &mut Tx<'_>) -> Result<Vec<Seen>, StoreError> {
    let seen = |row: &Row| {
        let (at, size): (Option<Timestamp>, Option<i64>) = (row.get(1)?, row.get(2)?);
        let size = size.and_then(|it| u64::try_from(it).ok());
        Ok(Seen { name: row.get(0)?, cosigned: at.zip(size), failure: row.get(3)?, warned: row.get(4)? })
    };
    tx.query(WITNESSES, &[])?.iter().map(seen).collect()
}

pub fn cosigned(
    tx: &mut Tx<'_>,
    name: &str,
    at: Timestamp,
    size: i64,
    failure: Option<&str>,
) -> Result<(), StoreError> {
    tx.execute(COSIGNED, params![name, at, size, failure]).map(drop)
}

pub fn not_cosigned(tx: &mut Tx<'_>, name: &str, asked: Timestamp, failure: &str) -> Result<(), StoreError> {
    tx.execute(NOT_COSIGNED, params![name, asked, failure]).map(drop)
}

pub fn warn(tx: &mut Tx<'_>, name: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(WARN, params![name, at]).map(drop)
}
