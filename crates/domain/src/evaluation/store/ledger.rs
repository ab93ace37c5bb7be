//! Pages, and the cases that are not entered in them as they stand.

use std::collections::HashMap;

use kernel::{Area, AreaPath, Case as CaseName, Id, Timestamp};
use store::{Row, StoreError, Tx, Value, params};

use crate::{
    case::Handling,
    evaluation::{
        count::{Facts, Given},
        ledger::{Digest, Grain, Page},
    },
};

macro_rules! facts {
    () => {
        "SELECT id, county_id, revision, counted, area_path, owner_id, status, reported_at, registered_at, due, close_due, \
         contact_due, handled_at, passed_at, closed_at, contacted_at, returns, reworks, rating, solved, excluded_at, \
         COALESCE(exempt, 0), first_closed_at, reopened_at, merged_into_id, parent_id FROM case_file WHERE counted_revision IS NULL"
    };
}

// Ordered so that the index is read that holds these alone.
const UNCOUNTED: &str = concat!(facts!(), " ORDER BY updated_at, id");
// $1 before when they changed last, $2 and $3 the key before, $4 rows.
macro_rules! before {
    () => {
        " AND updated_at < $1 AND (updated_at > $2 OR (updated_at = $2 AND id > $3)) ORDER BY updated_at, id LIMIT $4"
    };
}
const UNCOUNTED_BEFORE: &str = concat!(facts!(), before!());
const KEYS_BEFORE: &str =
    concat!("SELECT updated_at, id FROM case_file WHERE counted_revision IS NULL", before!());
// To which bodies they were given. The cases come first: there are few of them.
macro_rules! given {
    ($cases:expr) => {
        concat!(
            "SELECT h.case_id, h.organization_id, h.returned_at, h.reworked_at FROM (SELECT county_id, id FROM case_file \
             WHERE counted_revision IS NULL",
            $cases,
            ") c CROSS JOIN case_handling h WHERE h.county_id = c.county_id AND h.case_id = c.id"
        )
    };
}
// All of them: without a limit SQLite drops the order of what stands inside, and with it the index that holds these alone.
const GIVEN: &str = given!(" ORDER BY updated_at, id LIMIT 9223372036854775807");
const GIVEN_BEFORE: &str = given!(before!());
const ENTER: &str = "UPDATE case_file SET counted = $3, counted_revision = $4 \
    WHERE county_id = $1 AND id = $2 AND revision = $4 AND counted_revision IS NULL";
const ENTERED: &str = "SELECT counted FROM case_file WHERE counted IS NOT NULL";

const OF_DAYS: &str = "SELECT entries FROM evaluation_page \
    WHERE kind = $1 AND day >= $2 AND day <= $3 AND county_path >= $4 AND county_path < $5";
const OF_LATE: &str = "SELECT entries FROM evaluation_page \
    WHERE kind = $1 AND day < $2 AND last_day >= $2 AND county_path >= $3 AND county_path < $4";
const ONE: &str = "SELECT entries FROM evaluation_page WHERE kind = $1 AND day = $2 AND county_path = $3";
const PUT: &str = "INSERT INTO evaluation_page (kind, day, county_path, last_day, entries) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (kind, day, county_path) DO UPDATE SET last_day = $4, entries = $5";
const ALL: &str = "SELECT kind, day, county_path, entries FROM evaluation_page";

/// What a page holds: all that counts on a day, or the handlings due on it that were late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Day,
    Late,
}

impl Kind {
    /// How a page stands by itself and in each of its digests.
    const NAMES: [(Kind, Grain, &'static str); 6] = [
        (Kind::Day, Grain::Each, "day"),
        (Kind::Day, Grain::Bodies, "day-bodies"),
        (Kind::Day, Grain::Whole, "day-whole"),
        (Kind::Late, Grain::Each, "late"),
        (Kind::Late, Grain::Bodies, "late-bodies"),
        (Kind::Late, Grain::Whole, "late-whole"),
    ];

    fn of(self, grain: Grain) -> &'static str {
        let found = Self::NAMES.iter().find(|(kind, of, _)| (*kind, *of) == (self, grain));
        found.map_or("", |(.., name)| name)
    }
}

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub kind: Kind,
    pub day: i32,
    pub county: AreaPath,
}

/// A case that is not entered as it stands.
pub struct Uncounted {
    pub id: Id<CaseName>,
    pub county: Id<Area>,
    pub revision: i64,
    /// What it is entered as.
    pub entered: Option<Page>,
    pub facts: Facts,
}

pub fn uncounted(tx: &mut Tx<'_>) -> Result<Vec<Uncounted>, StoreError> {
    read_all(tx, UNCOUNTED, GIVEN, params![])
}

/// Where a case stands in the order of its last change: microseconds and id.
pub type Key = (i64, Id<CaseName>);

/// The key before that of every case.
pub fn first() -> Key {
    (i64::MIN, Id::from_uuid(uuid::Uuid::nil()))
}

/// Those that have not changed since `before`, longest ago first; their keys alone.
pub fn keys_before(
    tx: &mut Tx<'_>,
    before: Timestamp,
    (at, id): Key,
    rows: i64,
) -> Result<Vec<Key>, StoreError> {
    let key = |row: &Row| Ok((row.get(0)?, row.get(1)?));
    tx.query(KEYS_BEFORE, params![before, at, id, rows])?.iter().map(key).collect()
}

/// The same cases as a whole.
pub fn uncounted_before(
    tx: &mut Tx<'_>,
    before: Timestamp,
    (at, id): Key,
    rows: i64,
) -> Result<Vec<Uncounted>, StoreError> {
    read_all(tx, UNCOUNTED_BEFORE, GIVEN_BEFORE, params![before, at, id, rows])
}

fn read_all(
    tx: &mut Tx<'_>,
    cases: &'static str,
    given: &'static str,
    values: &[Value],
) -> Result<Vec<Uncounted>, StoreError> {
    let mut found: Vec<Uncounted> = tx.query(cases, values)?.iter().map(read).collect::<Result<_, _>>()?;
    let mut bodies: HashMap<Id<CaseName>, Vec<Given>> = HashMap::new();
    for row in tx.query(given, values)? {
        let (returned, reworked): (Option<Timestamp>, Option<Timestamp>) = (row.get(2)?, row.get(3)?);
        let did = Handling { returned: returned.is_some(), reworked: reworked.is_some() };
        bodies.entry(row.get(0)?).or_default().push(Given { organization: row.get(1)?, did });
    }
    for case in &mut found {
        case.facts.given = bodies.remove(&case.id).unwrap_or_default();
    }
    Ok(found)
}

/// All but to which bodies it was given.
fn read(row: &Row) -> Result<Uncounted, StoreError> {
    let status: String = row.get(6)?;
    let entered: Option<Vec<u8>> = row.get(3)?;
    Ok(Uncounted {
        id: row.get(0)?,
        county: row.get(1)?,
        revision: row.get(2)?,
        entered: entered.map(|bytes| page(&bytes)).transpose()?,
        facts: Facts {
            path: row.get(4)?,
            owner: row.get(5)?,
            is_open: status == "open",
            is_void: status == "void",
            reported_at: row.get(7)?,
            registered_at: row.get(8)?,
            due: row.get(9)?,
            close_due: row.get(10)?,
            contact_due: row.get(11)?,
            handled_at: row.get(12)?,
            passed_at: row.get(13)?,
            closed_at: row.get(14)?,
            contacted_at: row.get(15)?,
            returns: row.get(16)?,
            reworks: row.get(17)?,
            given: Vec::new(),
            rating: row.get(18)?,
            solved: row.get(19)?,
            is_excluded: row.get::<Option<i64>>(20)?.is_some(),
            exempt: row.get(21)?,
            first_closed_at: row.get(22)?,
            reopened_at: row.get(23)?,
            is_repeated: row.get::<Option<Id<CaseName>>>(24)?.is_some(),
            is_part: row.get::<Option<Id<CaseName>>>(25)?.is_some(),
        },
    })
}

/// The case is entered as `entered` at its revision.
pub fn enter(tx: &mut Tx<'_>, case: &Uncounted, entered: &Page) -> Result<(), StoreError> {
    tx.compare_and_set(ENTER, params![case.county, case.id, entered.encode(), case.revision])
}

/// What each case is entered as.
pub fn entered(tx: &mut Tx<'_>) -> Result<Vec<Page>, StoreError> {
    tx.query(ENTERED, params![])?.iter().map(entries).collect()
}

/// What pages of a kind hold of the counties in an area, which is a county or holds some.
pub struct Wanted<'a> {
    pub grain: Grain,
    pub area: &'a AreaPath,
}

/// Pages of the days from `first` to `last`.
pub fn of_days(tx: &mut Tx<'_>, it: &Wanted<'_>, first: i32, last: i32) -> Result<Vec<Digest>, StoreError> {
    let kind = Kind::Day.of(it.grain);
    let values = params![kind, i64::from(first), i64::from(last), it.area.low(), it.area.high()];
    read_pages(tx, OF_DAYS, values, it.grain)
}

/// Pages of late handlings that were due before `first` and not all handled then.
pub fn of_late(tx: &mut Tx<'_>, it: &Wanted<'_>, first: i32) -> Result<Vec<Digest>, StoreError> {
    let values = params![Kind::Late.of(it.grain), i64::from(first), it.area.low(), it.area.high()];
    read_pages(tx, OF_LATE, values, it.grain)
}

fn read_pages(
    tx: &mut Tx<'_>,
    sql: &'static str,
    values: &[Value],
    grain: Grain,
) -> Result<Vec<Digest>, StoreError> {
    tx.query(sql, values)?.iter().map(|row| digest(&row.get::<Vec<u8>>(0)?, grain)).collect()
}

fn entries(row: &Row) -> Result<Page, StoreError> {
    page(&row.get::<Vec<u8>>(0)?)
}

fn page(bytes: &[u8]) -> Result<Page, StoreError> {
    Page::decode(bytes).ok_or_else(unreadable)
}

/// Where each entry stands by itself it counts once.
fn digest(bytes: &[u8], grain: Grain) -> Result<Digest, StoreError> {
    if grain == Grain::Each {
        let page = page(bytes)?;
        return Ok(Digest { counts: vec![1; page.entries.len()], page });
    }
    Digest::decode(bytes).ok_or_else(unreadable)
}

fn unreadable() -> StoreError {
    StoreError::Broken("a page of the evaluation cannot be read".into())
}

/// A page, empty when it is not there.
pub fn load(tx: &mut Tx<'_>, place: &Place) -> Result<Page, StoreError> {
    let kind = place.kind.of(Grain::Each);
    let row = tx.first(ONE, params![kind, i64::from(place.day), &place.county])?;
    row.as_ref().map_or(Ok(Page::default()), entries)
}

/// Writes a page with its digests.
pub fn put(tx: &mut Tx<'_>, place: &Place, it: &Page) -> Result<(), StoreError> {
    let last = it.entries.iter().map(|(entry, ..)| entry.done).max().unwrap_or(i32::MIN);
    let mut put = |grain, bytes: Vec<u8>| {
        let values =
            params![place.kind.of(grain), i64::from(place.day), &place.county, i64::from(last), bytes];
        tx.execute(PUT, values).map(drop)
    };
    put(Grain::Each, it.encode())?;
    put(Grain::Bodies, Digest::new(it, &place.county, true).encode())?;
    put(Grain::Whole, Digest::new(it, &place.county, false).encode())
}

/// What stands of every page: itself, as its entries, and its digests, as they are written.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<(Place, Grain, Vec<u8>)>, StoreError> {
    let read = |row: &Row| {
        let (name, day): (String, i64) = (row.get(0)?, row.get(1)?);
        let found = Kind::NAMES.into_iter().find(|(.., it)| *it == name);
        let (kind, grain, _) = found.ok_or_else(unreadable)?;
        Ok((Place { kind, day: day as i32, county: row.get(2)? }, grain, row.get(3)?))
    };
    tx.query(ALL, params![])?.iter().map(read).collect()
}
