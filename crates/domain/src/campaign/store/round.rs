//! Reminders, and the rounds in which they are sent.

use kernel::{AreaPath, Campaign as CampaignName, CampaignRound, Id, Timestamp};
use store::{Row, StoreError, Tx, params};
use uuid::Uuid;

use crate::campaign::{Round, RoundKind};

macro_rules! columns {
    () => {
        "county_id, id, campaign_id, kind, area_path, unit_id, begun_at, begun_by, role, organization_id, after_id, units, \
         vacant, skipped, done_at"
    };
}
const INSERT: &str = "INSERT INTO campaign_round (county_id, id, campaign_id, kind, area_path, unit_id, begun_at, begun_by, \
    role, organization_id, after_id, units, vacant, skipped, done_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
// From the unit up to which it was carried out before.
const UPDATE: &str = "UPDATE campaign_round SET after_id = $4, units = $5, vacant = $6, skipped = $7, done_at = $8 \
    WHERE county_id = $1 AND id = $2 AND after_id = $3 AND done_at IS NULL";
const BY_ID: &str = concat!("SELECT ", columns!(), " FROM campaign_round WHERE campaign_id = $1 AND id = $2");
const OPEN: &str =
    "SELECT campaign_id, id FROM campaign_round WHERE done_at IS NULL ORDER BY begun_at, id LIMIT $1";
const OF_CAMPAIGN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM campaign_round WHERE campaign_id = $1 AND area_path >= $2 AND area_path < $3 \
     ORDER BY begun_at DESC, id DESC LIMIT $4"
);
const FORGET_REMINDERS: &str = "DELETE FROM campaign_reminder WHERE at < $1";
const FORGET_ROUNDS: &str = "DELETE FROM campaign_round WHERE begun_at < $1 AND done_at IS NOT NULL";
const INSERT_REMINDER: &str = "INSERT INTO campaign_reminder (county_id, campaign_id, unit_id, number, round_id, at, offices) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

pub fn insert_round(tx: &mut Tx<'_>, it: &Round) -> Result<(), StoreError> {
    let values = params![
        it.county,
        it.id,
        it.campaign,
        it.kind.as_str(),
        &it.path,
        it.unit,
        it.begun_at,
        it.begun_by,
        it.role.as_str(),
        it.organization,
        it.after,
        it.units,
        it.vacant,
        it.skipped,
        it.done_at
    ];
    tx.execute(INSERT, values).map(drop)
}

/// Of a round that was carried out up to `before` when it was read.
pub fn save_round(tx: &mut Tx<'_>, before: Uuid, it: &Round) -> Result<(), StoreError> {
    let values = params![it.county, it.id, before, it.after, it.units, it.vacant, it.skipped, it.done_at];
    tx.compare_and_set(UPDATE, values)
}

/// Which round of which campaign.
pub type Place = (Id<CampaignName>, Id<CampaignRound>);

pub fn round(tx: &mut Tx<'_>, at: Place) -> Result<Option<Round>, StoreError> {
    tx.first(BY_ID, params![at.0, at.1])?.as_ref().map(of_row).transpose()
}

/// Those that are not carried out to their end.
pub fn open_rounds(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<Place>, StoreError> {
    tx.query(OPEN, params![rows])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Those of an area, latest first.
pub fn rounds(
    tx: &mut Tx<'_>,
    id: Id<CampaignName>,
    area: &AreaPath,
    rows: i64,
) -> Result<Vec<Round>, StoreError> {
    tx.query(OF_CAMPAIGN, params![id, area.low(), area.high(), rows])?.iter().map(of_row).collect()
}

/// Forgets who was reminded before a moment, and by which rounds. Rows deleted.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    Ok(tx.execute(FORGET_REMINDERS, params![before])? + tx.execute(FORGET_ROUNDS, params![before])?)
}

/// That a unit was told, for the `number`th time.
pub fn insert_reminder(
    tx: &mut Tx<'_>,
    round: &Round,
    (unit, number): (Uuid, i64),
    at: Timestamp,
    offices: i64,
) -> Result<(), StoreError> {
    let values = params![round.county, round.campaign, unit, number, round.id, at, offices];
    tx.execute(INSERT_REMINDER, values).map(drop)
}

fn of_row(row: &Row) -> Result<Round, StoreError> {
    let kind: String = row.get(3)?;
    Ok(Round {
        county: row.get(0)?,
        id: row.get(1)?,
        campaign: row.get(2)?,
        kind: RoundKind::parse(&kind).ok_or(StoreError::Broken("campaign_round.kind".into()))?,
        path: row.get(4)?,
        unit: row.get(5)?,
        begun_at: row.get(6)?,
        begun_by: row.get(7)?,
        role: row.get(8)?,
        organization: row.get(9)?,
        after: row.get(10)?,
        units: row.get(11)?,
        vacant: row.get(12)?,
        skipped: row.get(13)?,
        done_at: row.get(14)?,
    })
}
