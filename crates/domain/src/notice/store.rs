use kernel::{Area, Id, Notice as NoticeName, Person, Timestamp};
use policy::Appointment;
use store::{Row, StoreError, Tx, params};

use super::model::{Notice, NoticeKind, Position, Recipient};

const INSERT: &str = "INSERT INTO notice (county_id, id, person_id, organization_id, role, area_path, actor_id, case_id, \
    kind, detail, at, regime) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const OF_PERSON: &str = "SELECT id, case_id, kind, detail, at, regime FROM notice \
    WHERE person_id = $1 AND (at < $2 OR (at = $2 AND id < $3)) ORDER BY at DESC, id DESC LIMIT $4";
const OF_OFFICE: &str = "SELECT id, case_id, kind, detail, at, regime FROM notice \
    WHERE organization_id = $1 AND role = $2 AND area_path = $3 AND (actor_id IS NULL OR actor_id <> $4) \
    AND (at < $5 OR (at = $5 AND id < $6)) ORDER BY at DESC, id DESC LIMIT $7";
const NEW_OF_PERSON: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM notice \
    WHERE person_id = $1 AND (at > $2 OR (at = $2 AND id > $3)) LIMIT $4) AS found";
const NEW_OF_OFFICE: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM notice \
    WHERE organization_id = $1 AND role = $2 AND area_path = $3 AND (actor_id IS NULL OR actor_id <> $4) \
    AND (at > $5 OR (at = $5 AND id > $6)) LIMIT $7) AS found";
const SEEN: &str = "SELECT seen_at, seen_id FROM notice_seen WHERE county_id = $1 AND person_id = $2";
const SEE: &str = "INSERT INTO notice_seen (county_id, person_id, seen_at, seen_id) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (county_id, person_id) DO UPDATE SET seen_at = EXCLUDED.seen_at, seen_id = EXCLUDED.seen_id";
const IS_SEEN: &str = "SELECT CAST(CASE WHEN EXISTS (SELECT 1 FROM post p JOIN appointment a ON a.post_id = p.id \
    JOIN notice_seen s ON s.person_id = a.person_id WHERE p.organization_id = n.organization_id AND p.role = n.role \
    AND p.area_path = n.area_path AND (a.valid_to IS NULL OR a.valid_to > n.at) \
    AND (s.seen_at > n.at OR (s.seen_at = n.at AND (s.seen_id IS NULL OR s.seen_id >= n.id)))) THEN 1 ELSE 0 END AS BIGINT) \
    FROM notice n WHERE n.county_id = $1 AND n.id = $2";
const FORGET_OF_REGIME: &str = "DELETE FROM notice WHERE county_id = $1 AND regime = $2 AND regime IS NOT NULL AND person_id IS NOT NULL";
const FORGET: &str = "DELETE FROM notice WHERE at < $1";

/// Adds a notice that `actor`'s act brought about.
pub fn insert(
    tx: &mut Tx<'_>,
    county: Id<Area>,
    recipient: Recipient<'_>,
    actor: Option<Id<Person>>,
    notice: &Notice,
) -> Result<(), StoreError> {
    let (person, office) = match recipient {
        Recipient::Person(person) => (Some(person), None),
        Recipient::Office(office) => (None, Some(office)),
    };
    tx.execute(
        INSERT,
        params![
            county,
            notice.id,
            person,
            office.map(|it| it.organization),
            office.map(|it| it.role.as_str()),
            office.map(|it| it.area.as_str()),
            actor,
            notice.case,
            notice.kind.as_str(),
            notice.detail.as_str(),
            notice.at,
            notice.regime.map(i64::from)
        ],
    )
    .map(drop)
}

/// Those of a person, latest first; `after` is the last row's time (microseconds) and id.
pub fn of_person(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    after: Option<(i64, Id<NoticeName>)>,
    rows: i64,
) -> Result<Vec<Notice>, StoreError> {
    let (at, id) = after.unwrap_or(LATEST);
    tx.query(OF_PERSON, params![person, at, id, rows])?.iter().map(notice).collect()
}

/// Those of an office, latest first, but for what `holder` brought about.
pub fn of_office(
    tx: &mut Tx<'_>,
    office: &Appointment,
    holder: Id<Person>,
    after: Option<(i64, Id<NoticeName>)>,
    rows: i64,
) -> Result<Vec<Notice>, StoreError> {
    let (at, id) = after.unwrap_or(LATEST);
    let values = params![office.organization, office.role.as_str(), &office.area, holder, at, id, rows];
    tx.query(OF_OFFICE, values)?.iter().map(notice).collect()
}

/// The key before the first row of a list that starts with the latest.
const LATEST: (i64, Id<NoticeName>) = (i64::MAX, Id::from_uuid(uuid::Uuid::max()));

fn notice(row: &Row) -> Result<Notice, StoreError> {
    let kind: String = row.get(2)?;
    Ok(Notice {
        id: row.get(0)?,
        case: row.get(1)?,
        regime: row.get::<Option<i64>>(5)?.and_then(|it| u16::try_from(it).ok()),
        kind: NoticeKind::parse(&kind).ok_or_else(|| StoreError::Broken(format!("notice kind {kind}")))?,
        detail: row.get(3)?,
        at: row.get(4)?,
        read: false,
    })
}

/// How many of a person's are later than `since`, counted as far as `max`.
pub fn new_of_person(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    since: Option<Position>,
    max: i64,
) -> Result<i64, StoreError> {
    let (at, id) = since.map_or(EARLIEST, |it| (it.at.micros(), it.id));
    tx.count(NEW_OF_PERSON, params![person, at, id, max])
}

/// How many of an office's are later than `since`, counted as far as `max`.
pub fn new_of_office(
    tx: &mut Tx<'_>,
    office: &Appointment,
    holder: Id<Person>,
    since: Option<Position>,
    max: i64,
) -> Result<i64, StoreError> {
    let (at, id) = since.map_or(EARLIEST, |it| (it.at.micros(), it.id));
    let values = params![office.organization, office.role.as_str(), &office.area, holder, at, id, max];
    tx.count(NEW_OF_OFFICE, values)
}

/// Before every notice.
const EARLIEST: (i64, Id<NoticeName>) = (i64::MIN, Id::from_uuid(uuid::Uuid::nil()));

/// Until where a person has seen their notices; none for those who never looked.
pub fn seen(tx: &mut Tx<'_>, county: Id<Area>, person: Id<Person>) -> Result<Option<Position>, StoreError> {
    let position = |row: Row| {
        let all = Position::after_all_of(row.get(0)?);
        Ok(Position { id: row.get::<Option<_>>(1)?.unwrap_or(all.id), ..all })
    };
    tx.first(SEEN, params![county, person])?.map(position).transpose()
}

/// Whether anybody who holds or held the office of a notice since it came has seen it.
pub fn is_seen(tx: &mut Tx<'_>, county: Id<Area>, id: Id<NoticeName>) -> Result<Option<bool>, StoreError> {
    tx.first(IS_SEEN, params![county, id])?.map(|row| Ok(row.get::<i64>(0)? != 0)).transpose()
}

pub fn see(tx: &mut Tx<'_>, county: Id<Area>, person: Id<Person>, until: Position) -> Result<(), StoreError> {
    tx.execute(SEE, params![county, person, until.at, until.id]).map(drop)
}

pub fn forget_of_regime(tx: &mut Tx<'_>, county: Id<Area>, regime: u16) -> Result<u64, StoreError> {
    tx.execute(FORGET_OF_REGIME, params![county, i64::from(regime)])
}

pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, params![before])
}
