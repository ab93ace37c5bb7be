use kernel::{
    Appointment as AppointmentName, Area, AreaPath, Id, Organization as OrganizationName, Person,
    Post as PostName, Role, Timestamp,
};
use policy::Appointment as Office;
use store::{Row, StoreError, Tx, Value, params};

use super::model::{Appointment, Filter, Organization, OrganizationKind, Post, PostInForce};

/// Roles that one statement takes.
const ROLES: usize = 4;
/// Names that one statement looks up.
const NAMES: usize = 16;

const INSERT: &str = "INSERT INTO organization (id, kind, name, area_id, area_path, valid_from, valid_to) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const INSERT_POST: &str =
    "INSERT INTO post (id, organization_id, role, area_id, area_path) VALUES ($1, $2, $3, $4, $5)";
const INSERT_APPOINTMENT: &str =
    "INSERT INTO appointment (id, post_id, person_id, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5)";

// What has not begun yet ends where it would have begun: it never was in force.
const END: &str = "UPDATE organization SET valid_to = CASE WHEN valid_from > $2 THEN valid_from ELSE $2 END \
    WHERE id = $1 AND (valid_to IS NULL OR valid_to > $2)";
const END_APPOINTMENT: &str = "UPDATE appointment SET valid_to = CASE WHEN valid_from > $2 THEN valid_from ELSE $2 END \
    WHERE id = $1 AND (valid_to IS NULL OR valid_to > $2)";

const GET: &str =
    "SELECT id, kind, name, area_id, area_path, valid_from, valid_to FROM organization WHERE id = $1";
const POST: &str = "SELECT id, organization_id, role, area_id, area_path FROM post WHERE id = $1";
const POST_OF: &str = "SELECT post_id FROM appointment WHERE id = $1";
const PERSON: &str = "SELECT COUNT(*) FROM person WHERE id = $1";
const AREA_PATH: &str = "SELECT path FROM area WHERE id = $1 AND valid_to IS NULL";
const AREA_AT: &str = "SELECT id FROM area WHERE path = $1";

const POSTS: &str = "SELECT p.id, p.organization_id, p.role, p.area_id, p.area_path, \
    a.id, a.person_id, a.valid_from, a.valid_to \
    FROM post p LEFT JOIN appointment a ON a.post_id = p.id AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2) \
    WHERE p.organization_id = $1 ORDER BY p.role, p.area_path, p.id, a.valid_from, a.id LIMIT 500";

const LIST: &str = "SELECT id, kind, name, area_id, area_path, valid_from, valid_to FROM organization \
    WHERE area_path >= $1 AND area_path < $2 AND (kind = $3 OR $3 = '') \
    AND valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4) \
    AND (area_path, kind, name, id) > ($5, $6, $7, $8) \
    ORDER BY area_path, kind, name, id LIMIT $9";
const LIST_BY_NAME: &str = "SELECT id, kind, name, area_id, area_path, valid_from, valid_to FROM organization \
    WHERE name >= $1 AND name < $2 AND (name, id) > ($3, $4) \
    AND area_path >= $5 AND area_path < $6 AND (kind = $7 OR $7 = '') \
    AND valid_from <= $8 AND (valid_to IS NULL OR valid_to > $8) \
    ORDER BY name, id LIMIT $9";
const COUNT: &str = "SELECT COUNT(*) FROM organization \
    WHERE area_path >= $1 AND area_path < $2 AND (kind = $3 OR $3 = '') \
    AND valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4)";
const COUNT_BY_NAME: &str = "SELECT COUNT(*) FROM organization \
    WHERE name >= $1 AND name < $2 AND area_path >= $3 AND area_path < $4 AND (kind = $5 OR $5 = '') \
    AND valid_from <= $6 AND (valid_to IS NULL OR valid_to > $6)";

const HANDLING_AROUND: &str = "SELECT o.id, o.kind, o.name, o.area_id, o.area_path, o.valid_from, o.valid_to \
    FROM organization o WHERE o.area_path IN ($1, $2, $3, $4, $5, $6, $7, $8) AND o.kind IN ($9, $10, $11) \
    AND o.valid_from <= $12 AND (o.valid_to IS NULL OR o.valid_to > $12) \
    AND EXISTS (SELECT 1 FROM post p WHERE p.organization_id = o.id AND p.role = 'handler') \
    ORDER BY LENGTH(o.area_path) DESC, o.name, o.id LIMIT $13";
const HANDLING_WITHIN: &str = "SELECT o.id, o.kind, o.name, o.area_id, o.area_path, o.valid_from, o.valid_to \
    FROM organization o WHERE o.area_path >= $1 AND o.area_path < $2 AND o.kind IN ($3, $4, $5) \
    AND o.valid_from <= $6 AND (o.valid_to IS NULL OR o.valid_to > $6) \
    AND EXISTS (SELECT 1 FROM post p WHERE p.organization_id = o.id AND p.role = 'handler') \
    ORDER BY o.area_path, o.name, o.id LIMIT $7";

const HANDLING: &str = "SELECT o.id, o.kind, o.name, o.area_id, o.area_path, o.valid_from, o.valid_to \
    FROM organization o WHERE o.id = $1 AND o.kind IN ($2, $3, $4) \
    AND o.valid_from <= $5 AND (o.valid_to IS NULL OR o.valid_to > $5) \
    AND EXISTS (SELECT 1 FROM post p WHERE p.organization_id = o.id AND p.role = 'handler')";

const NAMED: &str = "SELECT id FROM organization WHERE name = $1 ORDER BY id LIMIT 50";
const APPOINTMENTS_OF: &str = "SELECT p.role, p.organization_id, p.area_path \
    FROM appointment a JOIN post p ON p.id = a.post_id JOIN organization o ON o.id = p.organization_id \
    WHERE a.person_id = $1 AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2) \
    AND o.valid_from <= $2 AND (o.valid_to IS NULL OR o.valid_to > $2) ORDER BY a.valid_from, a.id";
const HOLDERS: &str = "SELECT CAST(LENGTH(p.area_path) AS BIGINT), a.person_id \
    FROM post p JOIN appointment a ON a.post_id = p.id JOIN organization o ON o.id = p.organization_id \
    WHERE p.area_path IN ($1, $2, $3, $4, $5, $6, $7, $8) AND p.role IN ($9, $10, $11, $12) \
    AND a.valid_from <= $13 AND (a.valid_to IS NULL OR a.valid_to > $13) \
    AND o.valid_from <= $13 AND (o.valid_to IS NULL OR o.valid_to > $13) \
    ORDER BY LENGTH(p.area_path) DESC, a.valid_from, a.id LIMIT $14";
const HANDLERS_OF: &str = "SELECT DISTINCT a.person_id \
    FROM post p JOIN appointment a ON a.post_id = p.id JOIN organization o ON o.id = p.organization_id \
    WHERE p.organization_id = $1 AND p.role = 'handler' \
    AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2) \
    AND o.valid_from <= $2 AND (o.valid_to IS NULL OR o.valid_to > $2) ORDER BY a.person_id LIMIT $3";
const OFFICES: &str = "SELECT DISTINCT p.role, p.organization_id, p.area_path \
    FROM post p JOIN organization o ON o.id = p.organization_id \
    WHERE p.area_path IN ($1, $2, $3, $4, $5, $6, $7, $8) AND p.role IN ($9, $10, $11, $12) \
    AND o.valid_from <= $13 AND (o.valid_to IS NULL OR o.valid_to > $13) \
    AND EXISTS (SELECT 1 FROM appointment a WHERE a.post_id = p.id AND a.valid_from <= $13 \
    AND (a.valid_to IS NULL OR a.valid_to > $13))";
/// The same with those that nobody holds.
const POSTS_AROUND: &str = "SELECT p.role, p.organization_id, p.area_path, \
    CAST(MAX(CASE WHEN EXISTS (SELECT 1 FROM appointment a WHERE a.post_id = p.id AND a.valid_from <= $13 \
    AND (a.valid_to IS NULL OR a.valid_to > $13)) THEN 1 ELSE 0 END) AS BIGINT) \
    FROM post p JOIN organization o ON o.id = p.organization_id \
    WHERE p.area_path IN ($1, $2, $3, $4, $5, $6, $7, $8) AND p.role IN ($9, $10, $11, $12) \
    AND o.valid_from <= $13 AND (o.valid_to IS NULL OR o.valid_to > $13) \
    GROUP BY p.role, p.organization_id, p.area_path ORDER BY p.area_path, p.role, p.organization_id";
const OFFICES_OF: &str = "SELECT DISTINCT p.role, p.organization_id, p.area_path \
    FROM post p JOIN organization o ON o.id = p.organization_id \
    WHERE p.organization_id = $1 AND p.role = $2 \
    AND o.valid_from <= $3 AND (o.valid_to IS NULL OR o.valid_to > $3)";
const SEATS_OF: &str = "SELECT id, name, area_path FROM organization \
    WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
const NAMES_OF: &str = "SELECT id, name FROM organization \
    WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

/// The last row of a page, in the order of `LIST`; `LIST_BY_NAME` needs only name and id.
pub struct Position {
    pub area_path: String,
    pub kind: String,
    pub name: String,
    pub id: Id<OrganizationName>,
}

pub fn insert(tx: &mut Tx<'_>, it: &Organization) -> Result<(), StoreError> {
    let values = params![it.id, it.kind.as_str(), &it.name, it.area, &it.area_path, it.from, it.to];
    tx.execute(INSERT, values).map(drop)
}

pub fn insert_post(tx: &mut Tx<'_>, it: &Post) -> Result<(), StoreError> {
    tx.execute(INSERT_POST, params![it.id, it.organization, it.role.as_str(), it.area, &it.area_path])
        .map(drop)
}

pub fn insert_appointment(tx: &mut Tx<'_>, it: &Appointment) -> Result<(), StoreError> {
    tx.execute(INSERT_APPOINTMENT, params![it.id, it.post, it.person, it.from, it.to]).map(drop)
}

pub fn end(tx: &mut Tx<'_>, id: Id<OrganizationName>, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(END, params![id, at])
}

pub fn end_appointment(tx: &mut Tx<'_>, id: Id<AppointmentName>, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(END_APPOINTMENT, params![id, at])
}

pub fn get(tx: &mut Tx<'_>, id: Id<OrganizationName>) -> Result<Option<Organization>, StoreError> {
    tx.first(GET, params![id])?.as_ref().map(organization).transpose()
}

pub fn post(tx: &mut Tx<'_>, id: Id<PostName>) -> Result<Option<Post>, StoreError> {
    tx.first(POST, params![id])?.as_ref().map(read_post).transpose()
}

pub fn post_of(tx: &mut Tx<'_>, id: Id<AppointmentName>) -> Result<Option<Id<PostName>>, StoreError> {
    tx.first(POST_OF, params![id])?.map(|row| row.get(0)).transpose()
}

pub fn posts(
    tx: &mut Tx<'_>,
    id: Id<OrganizationName>,
    now: Timestamp,
) -> Result<Vec<PostInForce>, StoreError> {
    let read = |row: &Row| {
        let post = read_post(row)?;
        let appointment = match row.get::<Option<Id<AppointmentName>>>(5)? {
            Some(id) => Some(Appointment {
                id,
                post: post.id,
                person: row.get(6)?,
                from: row.get(7)?,
                to: row.get(8)?,
            }),
            None => None,
        };
        Ok(PostInForce { post, appointment })
    };
    tx.query(POSTS, params![id, now])?.iter().map(read).collect()
}

pub fn person_exists(tx: &mut Tx<'_>, id: Id<Person>) -> Result<bool, StoreError> {
    Ok(tx.count(PERSON, params![id])? > 0)
}

pub fn area_path(tx: &mut Tx<'_>, id: Id<Area>) -> Result<Option<AreaPath>, StoreError> {
    tx.first(AREA_PATH, params![id])?.map(|row| row.get(0)).transpose()
}

pub fn area_at(tx: &mut Tx<'_>, path: &AreaPath) -> Result<Option<Id<Area>>, StoreError> {
    tx.first(AREA_AT, params![path])?.map(|row| row.get(0)).transpose()
}

pub fn list(
    tx: &mut Tx<'_>,
    filter: &Filter,
    now: Timestamp,
    after: Option<&Position>,
    rows: i64,
) -> Result<Vec<Organization>, StoreError> {
    let (low, high) = range(filter.area.as_ref());
    let kind = filter.kind.map_or("", |kind| kind.as_str());
    let (name, id) = after.map_or(("", Id::from_uuid(uuid::Uuid::nil())), |it| (it.name.as_str(), it.id));
    let found = match &filter.name_prefix {
        Some(prefix) => {
            let values = params![prefix, after_prefix(prefix), name, id, low, high, kind, now, rows];
            tx.query(LIST_BY_NAME, values)?
        }
        None => {
            let (path, after_kind) = after.map_or(("", ""), |it| (it.area_path.as_str(), it.kind.as_str()));
            tx.query(LIST, params![low, high, kind, now, path, after_kind, name, id, rows])?
        }
    };
    found.iter().map(organization).collect()
}

pub fn count(tx: &mut Tx<'_>, filter: &Filter, now: Timestamp) -> Result<i64, StoreError> {
    let (low, high) = range(filter.area.as_ref());
    let kind = filter.kind.map_or("", |kind| kind.as_str());
    match &filter.name_prefix {
        Some(prefix) => tx.count(COUNT_BY_NAME, params![prefix, after_prefix(prefix), low, high, kind, now]),
        None => tx.count(COUNT, params![low, high, kind, now]),
    }
}

/// Bodies of a handling kind that serve `area` or an area above it.
pub fn handling_around(
    tx: &mut Tx<'_>,
    area: &AreaPath,
    now: Timestamp,
    rows: i64,
) -> Result<Vec<Organization>, StoreError> {
    let mut values = Value::ancestors(area);
    values.extend(OrganizationKind::HANDLING.map(|it| it.as_str().into()));
    values.extend([now.into(), rows.into()]);
    tx.query(HANDLING_AROUND, &values)?.iter().map(organization).collect()
}

/// Bodies of a handling kind in a subtree.
pub fn handling_within(
    tx: &mut Tx<'_>,
    unit: &AreaPath,
    now: Timestamp,
    rows: i64,
) -> Result<Vec<Organization>, StoreError> {
    let [one, two, three] = OrganizationKind::HANDLING.map(OrganizationKind::as_str);
    let values = params![unit.low(), unit.high(), one, two, three, now, rows];
    tx.query(HANDLING_WITHIN, values)?.iter().map(organization).collect()
}

/// The body, if it is of a handling kind, in force and has a post for a handler.
pub fn handling(
    tx: &mut Tx<'_>,
    id: Id<OrganizationName>,
    now: Timestamp,
) -> Result<Option<Organization>, StoreError> {
    let [one, two, three] = OrganizationKind::HANDLING.map(OrganizationKind::as_str);
    tx.first(HANDLING, params![id, one, two, three, now])?.as_ref().map(organization).transpose()
}

/// Ids of the bodies that bear a name, in force or not.
pub fn named(tx: &mut Tx<'_>, name: &str) -> Result<Vec<Id<OrganizationName>>, StoreError> {
    tx.query(NAMED, params![name])?.iter().map(|row| row.get(0)).collect()
}

pub fn appointments_of(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    now: Timestamp,
) -> Result<Vec<(Role, Id<OrganizationName>, AreaPath)>, StoreError> {
    let read = |row: &Row| Ok((role(row, 0)?, row.get(1)?, row.get(2)?));
    tx.query(APPOINTMENTS_OF, params![person, now])?.iter().map(read).collect()
}

/// With the length of the path at which each holds a post.
pub fn holders(
    tx: &mut Tx<'_>,
    roles: &[Role],
    area: &AreaPath,
    now: Timestamp,
    rows: i64,
) -> Result<Vec<(i64, Id<Person>)>, StoreError> {
    let mut found = Vec::new();
    for roles in roles.chunks(ROLES) {
        let mut values = near(roles, area, now);
        values.push(rows.into());
        for row in tx.query(HOLDERS, &values)? {
            found.push((row.get(0)?, row.get(1)?));
        }
    }
    Ok(found)
}

pub fn handlers_of(
    tx: &mut Tx<'_>,
    organization: Id<OrganizationName>,
    now: Timestamp,
    rows: i64,
) -> Result<Vec<Id<Person>>, StoreError> {
    tx.query(HANDLERS_OF, params![organization, now, rows])?.iter().map(|row| row.get(0)).collect()
}

/// Offices of `roles` that somebody holds, for `area` or one of those above it.
pub fn offices(
    tx: &mut Tx<'_>,
    roles: &[Role],
    area: &AreaPath,
    now: Timestamp,
) -> Result<Vec<Office>, StoreError> {
    let mut found = Vec::new();
    for roles in roles.chunks(ROLES) {
        for row in tx.query(OFFICES, &near(roles, area, now))? {
            found.push(office(&row)?);
        }
    }
    Ok(found)
}

/// An office, and whether anybody holds it.
pub struct HeldOffice {
    pub office: Office,
    pub is_held: bool,
}

/// Offices of `roles` for `area` or one of those above it.
pub fn posts_around(
    tx: &mut Tx<'_>,
    roles: &[Role],
    area: &AreaPath,
    now: Timestamp,
) -> Result<Vec<HeldOffice>, StoreError> {
    let mut found = Vec::new();
    for roles in roles.chunks(ROLES) {
        for row in tx.query(POSTS_AROUND, &near(roles, area, now))? {
            found.push(HeldOffice { office: office(&row)?, is_held: row.get::<i64>(3)? != 0 });
        }
    }
    Ok(found)
}

/// The offices of one role in a body.
pub fn offices_of(
    tx: &mut Tx<'_>,
    organization: Id<OrganizationName>,
    role: Role,
    now: Timestamp,
) -> Result<Vec<Office>, StoreError> {
    tx.query(OFFICES_OF, params![organization, role.as_str(), now])?.iter().map(office).collect()
}

fn office(row: &Row) -> Result<Office, StoreError> {
    let role: String = row.get(0)?;
    let role = Role::parse(&role).ok_or_else(|| StoreError::Broken(format!("post role {role}")))?;
    Ok(Office { role, organization: row.get(1)?, area: row.get(2)? })
}

/// Name and area of those bodies that there are.
pub fn seats(
    tx: &mut Tx<'_>,
    ids: &[Id<OrganizationName>],
) -> Result<Vec<(Id<OrganizationName>, String, AreaPath)>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(NAMES) {
        let values: Vec<Value> = (0..NAMES).map(|index| ids[index.min(ids.len() - 1)].into()).collect();
        for row in tx.query(SEATS_OF, &values)? {
            found.push((row.get(0)?, row.get(1)?, row.get(2)?));
        }
    }
    Ok(found)
}

pub fn names(
    tx: &mut Tx<'_>,
    ids: &[Id<OrganizationName>],
) -> Result<Vec<(Id<OrganizationName>, String)>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(NAMES) {
        let values: Vec<Value> = (0..NAMES).map(|index| ids[index.min(ids.len() - 1)].into()).collect();
        for row in tx.query(NAMES_OF, &values)? {
            found.push((row.get(0)?, row.get(1)?));
        }
    }
    Ok(found)
}

/// An area and those above it, the roles of one statement (repeated to fill its places), and the time.
fn near(roles: &[Role], area: &AreaPath, now: Timestamp) -> Vec<Value> {
    let mut values = Value::ancestors(area);
    values.extend((0..ROLES).map(|index| roles[index.min(roles.len() - 1)].as_str().into()));
    values.push(now.into());
    values
}

/// A subtree, or all paths: they begin with a letter or digit, which stand before `~`.
fn range(area: Option<&AreaPath>) -> (String, String) {
    area.map_or((String::new(), "~".into()), |it| (it.low().to_owned(), it.high()))
}

/// What stands after all names that begin with `prefix`: no name holds the last code point.
fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

fn organization(row: &Row) -> Result<Organization, StoreError> {
    let kind: String = row.get(1)?;
    Ok(Organization {
        id: row.get(0)?,
        kind: OrganizationKind::parse(&kind)
            .ok_or_else(|| StoreError::Broken(format!("organization kind {kind}")))?,
        name: row.get(2)?,
        area: row.get(3)?,
        area_path: row.get(4)?,
        from: row.get(5)?,
        to: row.get(6)?,
    })
}

fn read_post(row: &Row) -> Result<Post, StoreError> {
    Ok(Post {
        id: row.get(0)?,
        organization: row.get(1)?,
        role: role(row, 2)?,
        area: row.get(3)?,
        area_path: row.get(4)?,
    })
}

fn role(row: &Row, column: usize) -> Result<Role, StoreError> {
    let text: String = row.get(column)?;
    Role::parse(&text).ok_or_else(|| StoreError::Broken(format!("role {text}")))
}
