use kernel::{AreaPath, Id, Organization, Person, Timestamp, Withholding as WithholdingName};
use store::{Row, StoreError, Tx, params};

use super::{
    model::{State, Withholding},
    query::Withheld,
};

const INSERT: &str = "INSERT INTO withholding (county_id, id, person_id, area_path, organization_id, basis, days, proposed_at, \
    state, decided_by, decided_at, note, ends_at, told_at, revision) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const UPDATE: &str = "UPDATE withholding SET state = $3, decided_by = $4, decided_at = $5, note = $6, ends_at = $7, \
    told_at = $8, revision = $9 WHERE county_id = $1 AND id = $2 AND revision = $9 - 1";

macro_rules! columns {
    () => {
        "SELECT county_id, id, person_id, area_path, organization_id, basis, days, proposed_at, state, decided_by, \
         decided_at, note, ends_at, told_at, revision FROM withholding WHERE "
    };
}
const BY_ID: &str = concat!(columns!(), "id = $1");
const OF_BODY: &str = concat!(
    columns!(),
    "organization_id = $1 AND (proposed_at < $2 OR (proposed_at = $2 AND id < $3)) ORDER BY proposed_at DESC, id DESC LIMIT $4"
);
const IN_SUBTREE: &str = concat!(
    columns!(),
    "area_path >= $1 AND area_path < $2 AND (proposed_at < $3 OR (proposed_at = $3 AND id < $4)) \
     ORDER BY proposed_at DESC, id DESC LIMIT $5"
);
const OVER: &str =
    concat!(columns!(), "state = 'approved' AND told_at IS NULL AND ends_at <= $1 ORDER BY ends_at LIMIT $2");
const ENDED: &str = concat!(
    columns!(),
    "person_id = $1 AND state = 'approved' AND ends_at <= $2 ORDER BY ends_at DESC, id DESC LIMIT $3"
);
const HAS_OPEN: &str = "SELECT 1 FROM withholding WHERE organization_id = $2 AND person_id = $1 \
    AND (state = 'proposed' OR (state = 'approved' AND ends_at > $3)) LIMIT 1";
const ENTRIES: &str =
    "SELECT COUNT(*) FROM journal WHERE person_id = $1 AND organization_id = $2 AND at >= $3 AND at < $4";
/// An entry that two decisions withhold is shown when the later one is over.
const WITHHELD: &str = "SELECT until, COUNT(*) FROM (SELECT j.id, MAX(w.ends_at) AS until FROM withholding w \
    JOIN journal j ON j.person_id = w.person_id AND j.organization_id = w.organization_id \
    AND j.at >= w.decided_at AND j.at < w.ends_at \
    WHERE w.person_id = $1 AND w.state = 'approved' AND w.ends_at > $2 GROUP BY j.id) AS entry \
    GROUP BY until ORDER BY until";
const FORGET: &str = "DELETE FROM withholding WHERE proposed_at < $1 AND (ends_at IS NULL OR ends_at < $1)";

/// Whose decisions are listed.
pub enum View {
    /// Those that a body asked for.
    Body(Id<Organization>),
    /// Those about people of a subtree.
    Subtree(AreaPath),
}

pub fn insert(tx: &mut Tx<'_>, it: &Withholding) -> Result<(), StoreError> {
    let values = params![
        it.county,
        it.id,
        it.person,
        &it.path,
        it.organization,
        it.basis.as_str(),
        it.days,
        it.proposed_at,
        it.state.as_str(),
        it.decided_by,
        it.decided_at,
        it.note.as_str(),
        it.ends_at,
        it.told_at,
        it.revision
    ];
    tx.execute(INSERT, values).map(drop)
}

/// Saves one that was one revision older when it was read.
pub fn save(tx: &mut Tx<'_>, it: &Withholding) -> Result<(), StoreError> {
    let values = params![
        it.county,
        it.id,
        it.state.as_str(),
        it.decided_by,
        it.decided_at,
        it.note.as_str(),
        it.ends_at,
        it.told_at,
        it.revision
    ];
    tx.compare_and_set(UPDATE, values)
}

pub fn load(tx: &mut Tx<'_>, id: Id<WithholdingName>) -> Result<Option<Withholding>, StoreError> {
    tx.first(BY_ID, params![id])?.as_ref().map(withholding).transpose()
}

/// Whether a body has asked for one about a person that is not decided, or has one that is not over.
pub fn has_open(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    organization: Id<Organization>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.first(HAS_OPEN, params![person, organization, now])?.is_some())
}

/// The latest first; `after` is the moment and id of the row before.
pub fn list(
    tx: &mut Tx<'_>,
    view: &View,
    after: Option<(i64, Id<WithholdingName>)>,
    rows: i64,
) -> Result<Vec<Withholding>, StoreError> {
    let (at, id) = after.unwrap_or((i64::MAX, Id::from_uuid(uuid::Uuid::max())));
    let found = match view {
        View::Body(body) => tx.query(OF_BODY, params![*body, at, id, rows])?,
        View::Subtree(path) => tx.query(IN_SUBTREE, params![path.low(), path.high(), at, id, rows])?,
    };
    found.iter().map(withholding).collect()
}

/// Those that are over and of which the person has not been told.
pub fn over(tx: &mut Tx<'_>, now: Timestamp, rows: i64) -> Result<Vec<Withholding>, StoreError> {
    tx.query(OVER, params![now, rows])?.iter().map(withholding).collect()
}

/// Those about a person that are over, the last first.
pub fn ended(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    now: Timestamp,
    rows: i64,
) -> Result<Vec<Withholding>, StoreError> {
    tx.query(ENDED, params![person, now, rows])?.iter().map(withholding).collect()
}

/// How many entries one withholds or withheld.
pub fn entries(tx: &mut Tx<'_>, it: &Withholding) -> Result<i64, StoreError> {
    let values = params![it.person, it.organization, it.decided_at, it.ends_at];
    tx.first(ENTRIES, values)?.map_or(Ok(0), |row| row.get(0))
}

/// How many entries about a person are withheld now, by when they are shown.
pub fn withheld(tx: &mut Tx<'_>, person: Id<Person>, now: Timestamp) -> Result<Vec<Withheld>, StoreError> {
    let found = tx.query(WITHHELD, params![person, now])?;
    found.iter().map(|row| Ok(Withheld { until: row.get(0)?, entries: row.get(1)? })).collect()
}

pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, params![before])
}

fn withholding(row: &Row) -> Result<Withholding, StoreError> {
    let state: String = row.get(8)?;
    Ok(Withholding {
        county: row.get(0)?,
        id: row.get(1)?,
        person: row.get(2)?,
        path: row.get(3)?,
        organization: row.get(4)?,
        basis: row.get(5)?,
        days: row.get(6)?,
        proposed_at: row.get(7)?,
        state: State::parse(&state).ok_or_else(|| StoreError::Broken("withholding.state".into()))?,
        decided_by: row.get(9)?,
        decided_at: row.get(10)?,
        note: row.get(11)?,
        ends_at: row.get(12)?,
        told_at: row.get(13)?,
        revision: row.get(14)?,
    })
}
