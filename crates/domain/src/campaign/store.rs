//! SQL of campaigns. Who is expected is a question to the tables of areas, or of posts: nothing of it is kept here.

use kernel::{Area, AreaPath, Campaign as CampaignName, Form as FormName, Id, Role, Tier, Timestamp};
use policy::Appointment;
use store::{Row, StoreError, Tx, params};
use uuid::Uuid;

use super::model::{Audience, Campaign, RoundKind, State};
use crate::area::Kind;

mod round;
mod unit;

pub use round::{forget, insert_reminder, insert_round, open_rounds, round, rounds, save_round};
pub use unit::{Scope, counts, expected, is_incomplete, one, silent, units};

macro_rules! columns {
    () => {
        "c.county_id, c.id, c.form, c.form_version_id, c.title, c.period, c.area_id, c.area_path, c.tier, c.kind, c.role, \
         c.starts_at, c.due, c.closes_at, c.sent_at, c.sent_by, c.sent_role, c.sent_organization_id, c.sent_in, c.state, \
         c.ended_at, c.ended_by, c.reason, c.completed_at, c.next_round, c.next_at, c.revision"
    };
}
const INSERT: &str = "INSERT INTO campaign (county_id, id, form, form_version_id, title, period, area_id, area_path, tier, \
    kind, role, starts_at, due, closes_at, sent_at, sent_by, sent_role, sent_organization_id, sent_in, state, ended_at, \
    ended_by, reason, completed_at, next_round, next_at, revision) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, \
    $25, $26, $27)";
const UPDATE: &str = "UPDATE campaign SET state = $4, ended_at = $5, ended_by = $6, reason = $7, completed_at = $8, \
    next_round = $9, next_at = $10, revision = $3 + 1 WHERE county_id = $1 AND id = $2 AND revision = $3";
const BY_ID: &str = concat!("SELECT ", columns!(), " FROM campaign c WHERE c.id = $1");
const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    ", f.form_id FROM campaign c JOIN form f ON f.id = c.form \
     WHERE (c.due < $1 OR (c.due = $1 AND c.id < $2)) \
     AND ((c.area_path >= $4 AND c.area_path < $5) OR SUBSTR($4, 1, LENGTH(c.area_path)) = c.area_path) \
     ORDER BY c.due DESC, c.id DESC LIMIT $3"
);
const OPEN: &str = concat!(
    "SELECT ",
    columns!(),
    ", f.form_id FROM campaign c JOIN form f ON f.id = c.form \
     WHERE c.ended_at IS NULL AND c.starts_at <= $1 AND c.closes_at > $1 ORDER BY c.due, c.id LIMIT $2"
);
const OPEN_OF_FORM: &str = concat!(
    "SELECT ",
    columns!(),
    ", f.form_id FROM campaign c JOIN form f ON f.id = c.form \
     WHERE c.ended_at IS NULL AND c.starts_at <= $1 AND c.closes_at > $1 AND c.form = $3 ORDER BY c.due, c.id LIMIT $2"
);
/// Of an area, those below it and those above.
const DUE_BETWEEN: &str = concat!(
    "SELECT ",
    columns!(),
    ", f.form_id FROM campaign c JOIN form f ON f.id = c.form \
     WHERE c.due > $1 AND c.due <= $2 AND c.state <> 'withdrawn' \
     AND ((c.area_path >= $3 AND c.area_path < $4) OR SUBSTR($3, 1, LENGTH(c.area_path)) = c.area_path) \
     ORDER BY c.due, c.id LIMIT $5"
);
/// Campaigns of one month that are looked at.
const DUE_READ: i64 = 2_000;
const OPEN_TITLE: &str =
    "SELECT title FROM campaign WHERE form = $1 AND ended_at IS NULL AND closes_at > $2 ORDER BY due LIMIT 1";
const TO_MEND: &str = "SELECT s.campaign_id, s.unit_id FROM submission s JOIN campaign c ON c.id = s.campaign_id \
    WHERE s.unit_path = $1 AND (s.review IN ('hasIssues', 'rejected') \
    OR (s.state = 'invalid' AND (s.review IS NULL OR s.review = 'edited'))) \
    AND c.state <> 'withdrawn' AND (c.ended_at IS NOT NULL OR c.closes_at <= $2) ORDER BY c.due, s.id LIMIT $3";
const COUNT_OPEN: &str = "SELECT COUNT(*) FROM campaign WHERE ended_at IS NULL";
const NEXT: &str =
    "SELECT id FROM campaign WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at, id LIMIT $2";
const INCOMPLETE: &str = "SELECT id FROM campaign WHERE ended_at IS NULL AND completed_at IS NULL AND starts_at <= $1 ORDER BY id LIMIT $2";
const FORM_ID: &str = "SELECT form_id FROM form WHERE id = $1";

pub fn insert(tx: &mut Tx<'_>, it: &Campaign) -> Result<(), StoreError> {
    let (tier, kind, role) = match it.audience {
        Audience::Areas { tier, kind } => (Some(tier.number()), kind.map_or("", Kind::as_str), None),
        Audience::Holders { role } => (None, "", Some(role.as_str())),
    };
    let office = it.office.as_ref();
    let values = params![
        it.county,
        it.id,
        it.form,
        it.version,
        it.title.as_str(),
        it.period.as_str(),
        it.area,
        &it.path,
        tier,
        kind,
        role,
        it.starts_at,
        it.due,
        it.closes_at,
        it.sent_at,
        it.sent_by,
        office.map_or("", |it| it.role.as_str()),
        office.map(|it| it.organization),
        office.map_or("", |it| it.area.as_str()),
        it.state.as_str(),
        it.ended_at,
        it.ended_by,
        it.reason.as_str(),
        it.completed_at,
        it.next.map(|(kind, _)| kind.as_str()),
        it.next.map(|(_, at)| at),
        it.revision
    ];
    tx.execute(INSERT, values).map(drop)
}

/// Of a campaign that nobody has changed since it was read.
pub fn save(tx: &mut Tx<'_>, it: &Campaign) -> Result<(), StoreError> {
    let values = params![
        it.county,
        it.id,
        it.revision,
        it.state.as_str(),
        it.ended_at,
        it.ended_by,
        it.reason.as_str(),
        it.completed_at,
        it.next.map(|(kind, _)| kind.as_str()),
        it.next.map(|(_, at)| at)
    ];
    tx.compare_and_set(UPDATE, values)
}

pub fn load(tx: &mut Tx<'_>, id: Id<CampaignName>) -> Result<Option<Campaign>, StoreError> {
    tx.first(BY_ID, params![id])?.as_ref().map(campaign).transpose()
}

/// Those that ask some of an area, with the ids of their forms, latest due first, behind the one with this due moment and id.
pub fn list(
    tx: &mut Tx<'_>,
    area: &AreaPath,
    after: (Timestamp, Id<CampaignName>),
    rows: i64,
) -> Result<Vec<(Campaign, String)>, StoreError> {
    let values = params![after.0, after.1, rows, area.low(), area.high()];
    tx.query(LIST, values)?.iter().map(with_form).collect()
}

/// What the first is called that asks this form and has not ended.
pub fn open_title(tx: &mut Tx<'_>, form: Id<FormName>, now: Timestamp) -> Result<Option<String>, StoreError> {
    tx.first(OPEN_TITLE, params![form, now])?.map(|row| row.get(0)).transpose()
}

/// Campaigns that take no new records, with the unit at `path` whose record has still to be mended.
pub fn to_mend(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    now: Timestamp,
    rows: i64,
) -> Result<Vec<(Id<CampaignName>, Uuid)>, StoreError> {
    let found = tx.query(TO_MEND, params![path, now, rows])?;
    found.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Those that take records at `now`, first due first; of one form or of all.
pub fn open(
    tx: &mut Tx<'_>,
    now: Timestamp,
    form: Option<Id<FormName>>,
    rows: i64,
) -> Result<Vec<(Campaign, String)>, StoreError> {
    let found = match form {
        None => tx.query(OPEN, params![now, rows])?,
        Some(form) => tx.query(OPEN_OF_FORM, params![now, rows, form])?,
    };
    found.iter().map(with_form).collect()
}

/// Not withdrawn and due behind the first moment up to the second, that ask units in an area; with the ids of their forms.
pub fn due_between(
    tx: &mut Tx<'_>,
    (after, until): (Timestamp, Timestamp),
    area: &AreaPath,
) -> Result<Vec<(Campaign, String)>, StoreError> {
    let values = params![after, until, area.low(), area.high(), DUE_READ];
    tx.query(DUE_BETWEEN, values)?.iter().map(with_form).collect()
}

pub fn count_open(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.count(COUNT_OPEN, params![])
}

/// Those for which the clock has something to do.
pub fn next(tx: &mut Tx<'_>, now: Timestamp, rows: i64) -> Result<Vec<Id<CampaignName>>, StoreError> {
    tx.query(NEXT, params![now, rows])?.iter().map(|row| row.get(0)).collect()
}

/// Those that ask and were never complete.
pub fn never_complete(
    tx: &mut Tx<'_>,
    now: Timestamp,
    rows: i64,
) -> Result<Vec<Id<CampaignName>>, StoreError> {
    tx.query(INCOMPLETE, params![now, rows])?.iter().map(|row| row.get(0)).collect()
}

pub fn form_id(tx: &mut Tx<'_>, form: Id<FormName>) -> Result<Option<String>, StoreError> {
    tx.first(FORM_ID, params![form])?.map(|row| row.get(0)).transpose()
}

const FORM: usize = 27;

fn with_form(row: &Row) -> Result<(Campaign, String), StoreError> {
    Ok((campaign(row)?, row.get(FORM)?))
}

fn campaign(row: &Row) -> Result<Campaign, StoreError> {
    let broken = |what: &str| StoreError::Broken(format!("campaign.{what}"));
    let (tier, kind, role): (Option<i64>, String, Option<String>) = (row.get(8)?, row.get(9)?, row.get(10)?);
    let audience = match (tier.and_then(Tier::from_number), role.as_deref().and_then(Role::parse)) {
        (Some(tier), None) => Audience::Areas { tier, kind: Kind::parse(&kind) },
        (None, Some(role)) => Audience::Holders { role },
        _ => return Err(broken("tier")),
    };
    let (sent_role, sent_in): (String, String) = (row.get(16)?, row.get(18)?);
    let organization: Option<Id<kernel::Organization>> = row.get(17)?;
    let office = Role::parse(&sent_role).zip(organization).zip(sent_in.parse().ok());
    let office = office.map(|((role, organization), area)| Appointment { role, organization, area });
    let (next_round, next_at): (Option<String>, Option<Timestamp>) = (row.get(24)?, row.get(25)?);
    let state: String = row.get(19)?;
    Ok(Campaign {
        county: row.get::<Id<Area>>(0)?,
        id: row.get(1)?,
        form: row.get(2)?,
        version: row.get(3)?,
        title: row.get(4)?,
        period: row.get(5)?,
        area: row.get(6)?,
        path: row.get(7)?,
        audience,
        starts_at: row.get(11)?,
        due: row.get(12)?,
        closes_at: row.get(13)?,
        sent_at: row.get(14)?,
        sent_by: row.get(15)?,
        office,
        state: State::parse(&state).ok_or_else(|| broken("state"))?,
        ended_at: row.get(20)?,
        ended_by: row.get(21)?,
        reason: row.get(22)?,
        completed_at: row.get(23)?,
        next: next_round.and_then(|it| RoundKind::parse(&it)).zip(next_at),
        revision: row.get(26)?,
    })
}
