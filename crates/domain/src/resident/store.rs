use kernel::{Area, AreaPath, Household as HouseholdName, Id, Person as PersonName};
use store::{Row, StoreError, Tx, Value, params};

use super::model::{Found, Household, Person, PersonRecord, Premises};

/// Rows that one statement of a bulk takes.
const ROWS: usize = 8;

const PREMISES: &str =
    "INSERT INTO premises (county_id, id, area_id, area_path, address) VALUES ($1, $2, $3, $4, $5)";
const PREMISES_8: &str = "INSERT INTO premises (county_id, id, area_id, area_path, address) VALUES \
    ($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10), ($11, $12, $13, $14, $15), ($16, $17, $18, $19, $20), \
    ($21, $22, $23, $24, $25), ($26, $27, $28, $29, $30), ($31, $32, $33, $34, $35), ($36, $37, $38, $39, $40)";
const HOUSEHOLD: &str = "INSERT INTO household (county_id, id, premises_id) VALUES ($1, $2, $3)";
const HOUSEHOLD_8: &str = "INSERT INTO household (county_id, id, premises_id) VALUES \
    ($1, $2, $3), ($4, $5, $6), ($7, $8, $9), ($10, $11, $12), \
    ($13, $14, $15), ($16, $17, $18), ($19, $20, $21), ($22, $23, $24)";
const PERSON: &str =
    "INSERT INTO person (county_id, id, name, phone, household_id) VALUES ($1, $2, $3, $4, $5)";
const PERSON_8: &str = "INSERT INTO person (county_id, id, name, phone, household_id) VALUES \
    ($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10), ($11, $12, $13, $14, $15), ($16, $17, $18, $19, $20), \
    ($21, $22, $23, $24, $25), ($26, $27, $28, $29, $30), ($31, $32, $33, $34, $35), ($36, $37, $38, $39, $40)";

const RECORD: &str = "SELECT p.id, p.county_id, p.name, p.phone, m.address, COALESCE(m.area_id, c.id), COALESCE(m.area_path, c.path) \
    FROM person p JOIN area c ON c.id = p.county_id \
    LEFT JOIN household h ON h.county_id = p.county_id AND h.id = p.household_id \
    LEFT JOIN premises m ON m.county_id = h.county_id AND m.id = h.premises_id \
    WHERE p.id = $1";
const HOME_OF: &str = "SELECT m.area_id, m.area_path FROM person p \
    JOIN household h ON h.county_id = p.county_id AND h.id = p.household_id \
    JOIN premises m ON m.county_id = h.county_id AND m.id = h.premises_id \
    WHERE p.id = $1";
const NAME_AND_PHONE: &str = "SELECT name, phone FROM person WHERE id = $1";
const HOUSEHOLD_OF: &str = "SELECT household_id FROM person WHERE id = $1";
/// From the person to the place: SQLite would begin with all premises of the subtree.
const BY_NAME_AND_PHONE: &str = "SELECT p.id, p.county_id, m.area_path FROM person p \
    CROSS JOIN household h CROSS JOIN premises m \
    WHERE h.county_id = p.county_id AND h.id = p.household_id AND m.county_id = h.county_id AND m.id = h.premises_id \
    AND m.area_path >= $1 AND m.area_path < $2 AND p.name = $3 AND p.phone = $4 AND p.phone IS NOT NULL LIMIT 2";
const BY_NAME_AND_PHONE_ANYWHERE: &str = "SELECT p.id, p.county_id, c.path FROM person p \
    CROSS JOIN area c WHERE c.id = p.county_id AND p.name = $1 AND p.phone = $2 AND p.phone IS NOT NULL LIMIT 2";
/// From whoever has the number to those they live with.
const BY_HOUSEHOLD: &str = "SELECT DISTINCT p.id, p.county_id, m.area_path FROM person k CROSS JOIN person p \
    CROSS JOIN household h CROSS JOIN premises m \
    WHERE k.name = $3 AND k.phone = $4 AND k.phone IS NOT NULL \
    AND p.county_id = k.county_id AND p.household_id = k.household_id AND p.id <> k.id AND p.name = $5 \
    AND h.county_id = p.county_id AND h.id = p.household_id AND m.county_id = h.county_id AND m.id = h.premises_id \
    AND m.area_path >= $1 AND m.area_path < $2 LIMIT 2";

const HOUSEHOLDS: &str = "SELECT COUNT(*) FROM premises m \
    JOIN household h ON h.county_id = m.county_id AND h.premises_id = m.id \
    WHERE m.area_path >= $1 AND m.area_path < $2";
const RESIDENTS: &str = "SELECT COUNT(*) FROM premises m \
    JOIN household h ON h.county_id = m.county_id AND h.premises_id = m.id \
    JOIN person p ON p.county_id = h.county_id AND p.household_id = h.id \
    WHERE m.area_path >= $1 AND m.area_path < $2";
const HOUSEHOLDS_BY_COUNTY: &str = "SELECT COUNT(*) FROM household WHERE county_id IN \
    (SELECT id FROM area WHERE path >= $1 AND path < $2 AND tier <= 2)";
const RESIDENTS_BY_COUNTY: &str = "SELECT COUNT(*) FROM person WHERE county_id IN \
    (SELECT id FROM area WHERE path >= $1 AND path < $2 AND tier <= 2) AND household_id IS NOT NULL";

pub fn insert_premises(tx: &mut Tx<'_>, all: &[Premises]) -> Result<(), StoreError> {
    let row = |it: &Premises| params![it.county, it.id, it.area, &it.area_path, &it.address].to_vec();
    insert_all(tx, PREMISES_8, PREMISES, all, row)
}

pub fn insert_households(tx: &mut Tx<'_>, all: &[Household]) -> Result<(), StoreError> {
    insert_all(tx, HOUSEHOLD_8, HOUSEHOLD, all, |it| params![it.county, it.id, it.premises].to_vec())
}

pub fn insert_people(tx: &mut Tx<'_>, all: &[Person]) -> Result<(), StoreError> {
    let row = |it: &Person| params![it.county, it.id, &it.name, it.phone.as_ref(), it.household].to_vec();
    insert_all(tx, PERSON_8, PERSON, all, row)
}

/// Eight rows to a statement, which spares a server most of the round trips, and the rest one by one.
fn insert_all<T>(
    tx: &mut Tx<'_>,
    eight: &'static str,
    one: &'static str,
    all: &[T],
    row: impl Fn(&T) -> Vec<Value>,
) -> Result<(), StoreError> {
    let chunks = all.chunks_exact(ROWS);
    let rest = chunks.remainder();
    for chunk in chunks {
        let values: Vec<Value> = chunk.iter().flat_map(&row).collect();
        tx.execute(eight, &values)?;
    }
    rest.iter().try_for_each(|it| tx.execute(one, &row(it)).map(drop))
}

pub fn record(tx: &mut Tx<'_>, person: Id<PersonName>) -> Result<Option<PersonRecord>, StoreError> {
    let Some(row) = tx.first(RECORD, params![person])? else { return Ok(None) };
    Ok(Some(PersonRecord {
        id: row.get(0)?,
        county: row.get(1)?,
        name: row.get(2)?,
        phone: row.get(3)?,
        address: row.get(4)?,
        area: row.get(5)?,
        area_path: row.get(6)?,
    }))
}

pub fn home_of(tx: &mut Tx<'_>, person: Id<PersonName>) -> Result<Option<(Id<Area>, AreaPath)>, StoreError> {
    let row = tx.first(HOME_OF, params![person])?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

pub fn name_and_phone(
    tx: &mut Tx<'_>,
    person: Id<PersonName>,
) -> Result<Option<(String, Option<String>)>, StoreError> {
    let row = tx.first(NAME_AND_PHONE, params![person])?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

pub fn household_of(
    tx: &mut Tx<'_>,
    person: Id<PersonName>,
) -> Result<Option<Id<HouseholdName>>, StoreError> {
    let row = tx.first(HOUSEHOLD_OF, params![person])?;
    Ok(row.map(|row| row.get(0)).transpose()?.flatten())
}

/// Those who live in a subtree, or of all, with that name and number; two at most, to tell one from several.
pub fn by_name_and_phone(
    tx: &mut Tx<'_>,
    area: Option<&AreaPath>,
    name: &str,
    phone: &str,
) -> Result<Vec<Found>, StoreError> {
    let found = match area {
        Some(area) => tx.query(BY_NAME_AND_PHONE, params![area.low(), area.high(), name, phone])?,
        None => tx.query(BY_NAME_AND_PHONE_ANYWHERE, params![name, phone])?,
    };
    found.iter().map(read_found).collect()
}

fn read_found(row: &Row) -> Result<Found, StoreError> {
    Ok(Found { person: row.get(0)?, county: row.get(1)?, path: row.get(2)? })
}

/// Those of that name who live in a subtree with somebody else of the name `member` and that number; two at most.
pub fn by_household(
    tx: &mut Tx<'_>,
    area: &AreaPath,
    name: &str,
    member: &str,
    phone: &str,
) -> Result<Vec<Found>, StoreError> {
    let found = tx.query(BY_HOUSEHOLD, params![area.low(), area.high(), member, phone, name])?;
    found.iter().map(read_found).collect()
}

/// Households and residents of the premises in a subtree.
pub fn counts(tx: &mut Tx<'_>, area: &AreaPath) -> Result<(i64, i64), StoreError> {
    let subtree = params![area.low(), area.high()];
    Ok((tx.count(HOUSEHOLDS, subtree)?, tx.count(RESIDENTS, subtree)?))
}

/// The same for whole counties.
pub fn counts_by_county(tx: &mut Tx<'_>, area: &AreaPath) -> Result<(i64, i64), StoreError> {
    let subtree = params![area.low(), area.high()];
    Ok((tx.count(HOUSEHOLDS_BY_COUNTY, subtree)?, tx.count(RESIDENTS_BY_COUNTY, subtree)?))
}
