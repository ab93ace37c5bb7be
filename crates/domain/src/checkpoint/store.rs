use kernel::{AreaPath, Checkpoint as CheckpointName, CheckpointDevice, Id, Timestamp};
use store::{Row, StoreError, Tx, params};
use uuid::Uuid;

use super::model::{Checkpoint, Device, Hour, Listed, Tone};

macro_rules! columns {
    () => {
        "county_id, id, area_id, area_path, name, regime, place, organization_id, opened_at, ends_at, closed_at"
    };
}
macro_rules! checkpoint_columns {
    () => {
        concat!("SELECT ", columns!(), " FROM checkpoint")
    };
}
/// First those that stand and of which a device is silent, then others that stand, then those that are over.
macro_rules! rank {
    () => {
        "CAST(CASE WHEN ends_at <= $4 OR closed_at IS NOT NULL THEN 2 WHEN silent > 0 THEN 0 ELSE 1 END AS BIGINT)"
    };
}
macro_rules! device_columns {
    () => {
        "SELECT county_id, id, checkpoint_id, number, added_at, heard_at, ended_at FROM checkpoint_device"
    };
}

const INSERT: &str = "INSERT INTO checkpoint (county_id, id, area_id, area_path, name, regime, place, organization_id, \
    opened_at, ends_at, closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL)";
const BY_ID: &str = concat!(checkpoint_columns!(), " WHERE id = $1");
/// With how many devices each has, how many of these are silent, and the looks since an hour.
const WITHIN: &str = concat!(
    "SELECT ",
    columns!(),
    ", devices, silent, looks, ",
    rank!(),
    " FROM (SELECT ",
    columns!(),
    ", (SELECT COUNT(*) FROM checkpoint_device d WHERE d.county_id = c.county_id AND d.checkpoint_id = c.id \
        AND d.ended_at IS NULL) AS devices, \
       (SELECT COUNT(*) FROM checkpoint_device d WHERE d.county_id = c.county_id AND d.checkpoint_id = c.id \
        AND d.ended_at IS NULL AND COALESCE(d.heard_at, d.added_at) < $5) AS silent, \
       (SELECT CAST(COALESCE(SUM(n.looks), 0) AS BIGINT) FROM checkpoint_count n WHERE n.county_id = c.county_id \
        AND n.checkpoint_id = c.id AND n.hour > $6) AS looks \
      FROM checkpoint c \
      WHERE area_path >= $1 AND area_path < $2 AND ends_at > $3 AND (closed_at IS NULL OR closed_at > $3)) listed \
     WHERE ",
    rank!(),
    " > $7 OR (",
    rank!(),
    " = $7 AND (area_path > $8 OR (area_path = $8 AND id > $9))) ORDER BY ",
    rank!(),
    ", area_path, id LIMIT $10"
);
const CLOSE: &str = "UPDATE checkpoint SET closed_at = $3 WHERE county_id = $1 AND id = $2";
const INSERT_DEVICE: &str = "INSERT INTO checkpoint_device (county_id, id, checkpoint_id, number, added_at, heard_at, \
    ended_at) VALUES ($1, $2, $3, $4, $5, NULL, NULL)";
const DEVICE: &str = concat!(device_columns!(), " WHERE id = $1");
const DEVICES: &str =
    concat!(device_columns!(), " WHERE county_id = $1 AND checkpoint_id = $2 ORDER BY number");
const END_DEVICE: &str = "UPDATE checkpoint_device SET ended_at = $3 WHERE county_id = $1 AND id = $2";
const HEARD: &str = "UPDATE checkpoint_device SET heard_at = $3 WHERE county_id = $1 AND id = $2 \
    AND (heard_at IS NULL OR heard_at < $3)";
const INSERT_BATCH: &str = "INSERT INTO checkpoint_batch (county_id, device_id, id, received_hour, forget_at) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const BATCHES_OF_HOUR: &str = "SELECT COUNT(*) FROM checkpoint_batch \
    WHERE county_id = $1 AND device_id = $2 AND received_hour = $3";
const ADD: &str = "INSERT INTO checkpoint_count (county_id, checkpoint_id, hour, tone, looks, forget_at) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (county_id, checkpoint_id, hour, tone) \
    DO UPDATE SET looks = checkpoint_count.looks + EXCLUDED.looks";
const ADD_REASON: &str = "INSERT INTO checkpoint_reason (county_id, regime, day, outcome, county_path, looks, forget_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (county_id, regime, day, outcome) \
    DO UPDATE SET looks = checkpoint_reason.looks + EXCLUDED.looks, \
    forget_at = CASE WHEN EXCLUDED.forget_at > checkpoint_reason.forget_at THEN EXCLUDED.forget_at \
    ELSE checkpoint_reason.forget_at END";
const HOURS_SINCE: &str = "SELECT hour, \
    CAST(COALESCE(SUM(CASE WHEN tone = 'green' THEN looks ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(SUM(CASE WHEN tone = 'red' THEN looks ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(SUM(CASE WHEN tone = 'yellow' THEN looks ELSE 0 END), 0) AS BIGINT) FROM checkpoint_count \
    WHERE county_id = $1 AND checkpoint_id = $2 AND hour >= $3 GROUP BY hour ORDER BY hour DESC";
const REASONS_SINCE: &str = "SELECT day, outcome, CAST(COALESCE(SUM(looks), 0) AS BIGINT) FROM checkpoint_reason \
    WHERE county_path >= $1 AND county_path < $2 AND day >= $3 GROUP BY day, outcome";
const FORGET: [&str; 3] = [
    "DELETE FROM checkpoint_batch WHERE forget_at <= $1",
    "DELETE FROM checkpoint_count WHERE forget_at <= $1",
    "DELETE FROM checkpoint_reason WHERE forget_at <= $1",
];

pub fn insert(tx: &mut Tx<'_>, it: &Checkpoint) -> Result<(), StoreError> {
    let values = params![
        it.county,
        it.id,
        it.area,
        &it.path,
        it.name.as_str(),
        i64::from(it.regime),
        i64::from(it.place),
        it.organization,
        it.opened_at,
        it.ends_at
    ];
    tx.execute(INSERT, values).map(drop)
}

pub fn by_id(tx: &mut Tx<'_>, id: Id<CheckpointName>) -> Result<Option<Checkpoint>, StoreError> {
    tx.first(BY_ID, params![id])?.as_ref().map(checkpoint).transpose()
}

/// What is listed of an area.
pub struct Asked<'a> {
    pub path: &'a AreaPath,
    pub now: Timestamp,
    /// Those that are over stay in the list from then on.
    pub ended_after: Timestamp,
    /// A device that was not heard of since then is silent.
    pub silent_before: Timestamp,
    /// Looks after this hour are counted.
    pub since_hour: i64,
}

/// Rank, area and id of a row: the order of the list.
pub type Place = (i64, String, Uuid);

pub fn within(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    after: &Place,
    rows: i64,
) -> Result<Vec<(Listed, i64)>, StoreError> {
    let (low, high) = (asked.path.low(), asked.path.high());
    let (rank, path, id) = after;
    let values = params![
        low,
        high.as_str(),
        asked.ended_after,
        asked.now,
        asked.silent_before,
        asked.since_hour,
        *rank,
        path.as_str(),
        *id,
        rows
    ];
    tx.query(WITHIN, values)?.iter().map(listed).collect()
}

pub fn close(tx: &mut Tx<'_>, it: &Checkpoint, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(CLOSE, params![it.county, it.id, at]).map(drop)
}

pub fn insert_device(tx: &mut Tx<'_>, it: &Device) -> Result<(), StoreError> {
    tx.execute(INSERT_DEVICE, params![it.county, it.id, it.checkpoint, it.number, it.added_at]).map(drop)
}

pub fn device(tx: &mut Tx<'_>, id: Id<CheckpointDevice>) -> Result<Option<Device>, StoreError> {
    tx.first(DEVICE, params![id])?.as_ref().map(device_row).transpose()
}

pub fn devices(tx: &mut Tx<'_>, of: &Checkpoint) -> Result<Vec<Device>, StoreError> {
    tx.query(DEVICES, params![of.county, of.id])?.iter().map(device_row).collect()
}

pub fn end_device(tx: &mut Tx<'_>, it: &Device, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(END_DEVICE, params![it.county, it.id, at]).map(drop)
}

pub fn heard(tx: &mut Tx<'_>, it: &Device, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(HEARD, params![it.county, it.id, at]).map(drop)
}

/// Rows: none if it came before.
pub fn insert_batch(
    tx: &mut Tx<'_>,
    of: &Device,
    id: Uuid,
    hour: i64,
    forget_at: Timestamp,
) -> Result<u64, StoreError> {
    tx.execute(INSERT_BATCH, params![of.county, of.id, id, hour, forget_at])
}

/// Of a device, this one with them.
pub fn batches_of_hour(tx: &mut Tx<'_>, of: &Device, hour: i64) -> Result<i64, StoreError> {
    tx.first(BATCHES_OF_HOUR, params![of.county, of.id, hour])?.map_or(Ok(0), |row| row.get(0))
}

/// Looks of one colour in an hour of one gate.
pub fn add(
    tx: &mut Tx<'_>,
    to: &Checkpoint,
    (hour, tone): (i64, Tone),
    looks: i64,
    forget_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(ADD, params![to.county, to.id, hour, tone.as_str(), looks, forget_at]).map(drop)
}

/// Looks of one outcome in a day, at whichever gate of the county.
pub fn add_reason(
    tx: &mut Tx<'_>,
    of: &Checkpoint,
    county: &AreaPath,
    (day, outcome): (i64, &str),
    looks: i64,
    forget_at: Timestamp,
) -> Result<(), StoreError> {
    let values = params![of.county, i64::from(of.regime), day, outcome, county, looks, forget_at];
    tx.execute(ADD_REASON, values).map(drop)
}

pub fn hours_since(tx: &mut Tx<'_>, of: &Checkpoint, hour: i64) -> Result<Vec<Hour>, StoreError> {
    tx.query(HOURS_SINCE, params![of.county, of.id, hour])?.iter().map(hour_row).collect()
}

/// Day, outcome and looks over the counties within an area.
pub fn reasons_since(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    day: i64,
) -> Result<Vec<(i64, String, i64)>, StoreError> {
    let high = path.high();
    let found = tx.query(REASONS_SINCE, params![path.low(), high.as_str(), day])?;
    found.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// What its gate takes no more, and what it counted. Rows.
pub fn forget(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    FORGET.into_iter().map(|it| tx.execute(it, params![now])).sum()
}

fn checkpoint(row: &Row) -> Result<Checkpoint, StoreError> {
    let broken = |what: &str| StoreError::Broken(format!("a checkpoint's {what} is none"));
    Ok(Checkpoint {
        county: row.get(0)?,
        id: row.get(1)?,
        area: row.get(2)?,
        path: row.get(3)?,
        name: row.get(4)?,
        regime: row.get::<i64>(5)?.try_into().map_err(|_| broken("regime"))?,
        place: row.get::<i64>(6)?.try_into().map_err(|_| broken("kind of place"))?,
        organization: row.get(7)?,
        opened_at: row.get(8)?,
        ends_at: row.get(9)?,
        closed_at: row.get(10)?,
    })
}

fn listed(row: &Row) -> Result<(Listed, i64), StoreError> {
    let rank: i64 = row.get(14)?;
    // One that is over is heard of no more, and that is no trouble.
    let silent = if rank == 0 { row.get(12)? } else { 0 };
    let listed = Listed { checkpoint: checkpoint(row)?, devices: row.get(11)?, silent, looks: row.get(13)? };
    Ok((listed, rank))
}

fn device_row(row: &Row) -> Result<Device, StoreError> {
    Ok(Device {
        county: row.get(0)?,
        id: row.get(1)?,
        checkpoint: row.get(2)?,
        number: row.get(3)?,
        added_at: row.get(4)?,
        heard_at: row.get(5)?,
        ended_at: row.get(6)?,
    })
}

fn hour_row(row: &Row) -> Result<Hour, StoreError> {
    Ok(Hour { hour: row.get(0)?, green: row.get(1)?, red: row.get(2)?, yellow: row.get(3)? })
}
