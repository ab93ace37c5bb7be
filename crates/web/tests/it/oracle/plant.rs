//! Puts the fixture's city into a database, row by row: no action of the house has a hand in it.

use std::sync::Arc;

use domain::{City as House, Ctx, account, case::StoredPhoto};
use kernel::{AreaPath, Id, Timestamp};
use store::{StoreError, Tx, Value, params};
use uuid::Uuid;

use super::{
    analysis_operations, campaign_operations,
    fixture::{CITY, COUNTY, Case, City, Term, uuid},
    withholding_operations,
};

/// Kinds of ids: see `uuid`.
pub const NOTICE: u64 = 5;
pub const NOTICE_OF_OFFICE: u64 = 14;
const JOURNAL: u64 = 6;
const REACHING: u64 = 13;

const AREA: &str = "INSERT INTO area (id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, 0, NULL, NULL)";
const BODY: &str = "INSERT INTO organization (id, kind, name, area_id, area_path, valid_from, valid_to) \
    VALUES ($1, $2, $3, $4, $5, $6, NULL)";
const POST: &str =
    "INSERT INTO post (id, organization_id, role, area_id, area_path) VALUES ($1, $2, $3, $4, $5)";
const APPOINTMENT: &str =
    "INSERT INTO appointment (id, post_id, person_id, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5)";
const PREMISES: &str =
    "INSERT INTO premises (county_id, id, area_id, area_path, address) VALUES ($1, $2, $3, $4, $5)";
const HOUSEHOLD: &str = "INSERT INTO household (county_id, id, premises_id) VALUES ($1, $2, $3)";
const PERSON: &str =
    "INSERT INTO person (county_id, id, name, phone, household_id) VALUES ($1, $2, $3, $4, $5)";
const ACCOUNT: &str = "INSERT INTO account (id, person_id, county_id, login_name, password_hash, created_at, disabled_at) \
    VALUES ($1, $2, $3, $4, $5, $6, NULL)";
const CASE: &str = "INSERT INTO case_file (county_id, id, number, request_hash, procedure_id, procedure_version, class, \
    stage, status, source, area_id, area_path, place, longitude, latitude, description, reporter_id, contact_name, \
    contact_phone, owner_id, reported_at, registered_at, stage_since, stage_due, escalated, due, closed_at, updated_at, \
    returns, reworks, rating, solved, revision, next_due) VALUES ($1, $2, $3, $4, 'city-event', 1, 'c1-street-lamp', $5, $6, \
    'public', $7, $8, 'zqplace', NULL, NULL, $9, $10, $11, $12, $13, $14, $14, $14, $15, 0, $15, $16, $14, 0, 0, NULL, \
    NULL, $17, $15)";
const EVENT: &str = "INSERT INTO case_event (county_id, case_id, revision, request_id, at, transition, from_stage, \
    to_stage, actor_id, actor_role, organization_id, part, note, public, detail) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '{}')";
const PHOTO: &str = "INSERT INTO case_photo (county_id, case_id, id, revision, sha256, width, height) \
    VALUES ($1, $2, $3, 1, $4, $5, $6)";
const GIVEN: &str = "INSERT INTO case_handling (county_id, case_id, organization_id, reported_at, closed_at) \
    VALUES ($1, $2, $3, $4, $5)";
const TOLD: &str = "INSERT INTO notice (county_id, id, person_id, case_id, kind, detail, at) \
    VALUES ($1, $2, $3, $4, 'case-moved', $5, $6)";
const TOLD_OFFICE: &str = "INSERT INTO notice (county_id, id, organization_id, role, area_path, kind, detail, at) \
    VALUES ($1, $2, $3, $4, $5, 'case-waiting', $6, $7)";
const READ: &str = "INSERT INTO journal (county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, \
    subject_id, person_id, purpose, detail) VALUES ($1, $2, $3, 'person.read', $4, 'grid_leader', NULL, 'person', $5, \
    $5, 'visit', '{}')";
const REACHED: &str = "INSERT INTO journal (county_id, id, at, action, actor_id, actor_role, organization_id, \
    subject_kind, subject_id, person_id, purpose, detail) VALUES ($1, $2, $3, 'case.read_contact', NULL, 'acceptor', \
    $4, 'case', $5, $6, $7, '{}')";

const ORDER: &str = "INSERT INTO supervision (county_id, id, case_id, area_path, kind, level, requirement, ordered_at, \
    ordered_role, ordered_by, ordered_in, organization_id, due, escalated, state, reply, refusals, revision) \
    VALUES ($1, $2, $3, $4, 'leader', 'general', '请说明', $5, 'leader', $6, $7, $8, $9, 0, $10, '', 0, 1)";

const CHECKPOINT: &str = "INSERT INTO checkpoint (county_id, id, area_id, area_path, name, regime, place, \
    organization_id, opened_at, ends_at, closed_at) VALUES ($1, $2, $1, $3, 'zqgate', 12, 0, NULL, $4, $5, NULL)";
const DEVICE: &str = "INSERT INTO checkpoint_device (county_id, id, checkpoint_id, number, added_at, heard_at, ended_at) \
    VALUES ($1, $2, $3, 1, $4, NULL, NULL)";
const FORM: &str = "INSERT INTO form (id, form_id, title, county_id, area_id, area_path, version_id, state, refuses_invalid, \
    answer_days, created_at, updated_at, revision) VALUES ($1, 'oracle', '摸底表', $2, $2, $3, $1, 'open', $4, 365, $5, $5, 0)";
const FORM_VERSION: &str = "INSERT INTO form_version (id, form, version, xml, md5, files, created_at, published_at) \
    VALUES ($1, $1, '1', $2, '', 0, $3, $3)";
const SESSION: &str =
    "SELECT token_hash, account_id, device, created_at, seen_at, expires_at FROM session WHERE id = $1";
const OPEN: &str = "INSERT INTO session (token_hash, id, account_id, device, created_at, seen_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
const BOUNDARY: &str = "INSERT INTO boundary (area_id, geometry, source, west, south, east, north) \
    VALUES ($1, $2, 'fixture', 110.0, 40.0, 114.0, 43.0)";

const WIPE: [&str; 9] = [
    "DELETE FROM supervision WHERE case_id = $1",
    "DELETE FROM evaluation_claim WHERE case_id = $1",
    "DELETE FROM journal WHERE subject_id = $1",
    "DELETE FROM notice WHERE case_id = $1",
    "DELETE FROM case_handling WHERE case_id = $1",
    "DELETE FROM case_photo WHERE case_id = $1",
    "DELETE FROM case_event WHERE case_id = $1",
    "DELETE FROM case_withheld WHERE case_id = $1",
    "DELETE FROM case_file WHERE id = $1",
];

/// What a write would have to change: how many rows each table has, and how far they have come.
const STATE: &str = "SELECT \
    (SELECT COUNT(*) FROM area), (SELECT COUNT(*) FROM area_version), (SELECT COUNT(*) FROM boundary), \
    (SELECT COUNT(*) FROM organization), (SELECT COUNT(valid_to) FROM organization), (SELECT COUNT(*) FROM post), \
    (SELECT COUNT(*) FROM appointment), (SELECT COUNT(valid_to) FROM appointment), (SELECT COUNT(*) FROM premises), \
    (SELECT COUNT(*) FROM household), (SELECT COUNT(*) FROM person), (SELECT COUNT(phone) FROM person), \
    (SELECT COUNT(*) FROM account), (SELECT COUNT(DISTINCT password_hash) FROM account), \
    (SELECT COUNT(disabled_at) FROM account), (SELECT COUNT(*) FROM session), (SELECT COUNT(*) FROM case_file), \
    (SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM case_file), (SELECT COUNT(reporter_id) FROM case_file), \
    (SELECT COUNT(rating) FROM case_file), (SELECT COUNT(*) FROM case_event), (SELECT COUNT(*) FROM case_photo), \
    (SELECT COUNT(*) FROM case_handling), (SELECT COUNT(*) FROM case_withheld), (SELECT COUNT(*) FROM notice), \
    (SELECT CAST(COALESCE(SUM(seen_at), 0) AS BIGINT) FROM notice_seen), \
    (SELECT COUNT(*) FROM journal), (SELECT COUNT(*) FROM supervision), \
    (SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM supervision), (SELECT COUNT(*) FROM campaign), \
    (SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM campaign), (SELECT COUNT(*) FROM campaign_round), \
    (SELECT COUNT(*) FROM campaign_reminder), (SELECT COUNT(*) FROM withholding), \
    (SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM withholding), \
    (SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM burden_limit)";
const STATE_COLUMNS: usize = 36;

/// Of the entry that somebody read a person's record.
pub fn reading_id(person: usize) -> Uuid {
    uuid(JOURNAL, person)
}

/// Of the order about a case that is supervised.
pub fn order_id(case: usize) -> Uuid {
    uuid(15, case)
}

/// Of the device of a checkpoint.
pub fn device_id() -> Uuid {
    uuid(17, 1)
}

pub fn area_id(unit: usize) -> Uuid {
    uuid(0, unit)
}

pub fn path(city: &City, unit: usize) -> AreaPath {
    city.path(unit).parse().expect("a path")
}

/// All but accounts and sessions, which need the house's own hashes.
pub fn plant(house: &House, city: &City, photo: &StoredPhoto) {
    let now = house.clock.now();
    let done: Result<(), StoreError> = house.db.write(|tx| {
        let (county, gate, end) = (city.unit(COUNTY), uuid(16, 1), now.plus_seconds(86_400));
        tx.execute(CHECKPOINT, params![area_id(county), gate, &path(city, county), now, end])?;
        tx.execute(DEVICE, params![area_id(county), device_id(), gate, now])?;
        for unit in 0..city.units.len() {
            let it = &city.units[unit];
            let parent = it.parent.map(area_id);
            tx.execute(
                AREA,
                params![
                    area_id(unit),
                    &it.code,
                    format!("地{}", it.code),
                    it.tier,
                    "other",
                    parent,
                    &path(city, unit)
                ],
            )?;
        }
        let root = city.unit(CITY);
        let form = uuid(17, 0);
        tx.execute(FORM, params![form, area_id(root), &path(city, root), false, now])?;
        tx.execute(FORM_VERSION, params![form, analysis_operations::FORM.as_bytes(), now])?;
        campaign_operations::plant(tx, city, now)?;
        withholding_operations::plant(tx, city, now)?;
        let square = r#"{"type":"Polygon","coordinates":[[[110,40],[114,40],[114,43],[110,43],[110,40]]]}"#;
        tx.execute(BOUNDARY, params![area_id(1), square])?;
        for body in &city.bodies {
            let since = now.plus_seconds(-90 * 86_400);
            tx.execute(
                BODY,
                params![body.id, body.kind, &body.name, area_id(body.unit), &path(city, body.unit), since],
            )?;
        }
        for number in 0..city.people.len() {
            plant_person(tx, city, number, now)?;
        }
        plant_notices_of_offices(tx, city, now)?;
        city.cases.iter().try_for_each(|case| plant_case(tx, city, case, photo, now))
    });
    done.expect("the city is planted");
}

fn plant_notices_of_offices(tx: &mut Tx<'_>, city: &City, now: Timestamp) -> Result<(), StoreError> {
    for (number, office) in city.offices.iter().enumerate() {
        let county = area_id(city.county_of(office.unit).unwrap_or(0));
        let (id, body) = (uuid(NOTICE_OF_OFFICE, number), city.bodies[office.body].id);
        let at = now.plus_seconds(-3_000);
        let path = path(city, office.unit);
        tx.execute(TOLD_OFFICE, params![county, id, body, office.role, &path, &office.told, at])?;
    }
    Ok(())
}

fn plant_person(tx: &mut Tx<'_>, city: &City, number: usize, now: Timestamp) -> Result<(), StoreError> {
    let it = &city.people[number];
    let county = area_id(it.county);
    let household = it.home.map(|_| uuid(8, number));
    if let Some(home) = it.home {
        tx.execute(
            PREMISES,
            params![county, uuid(7, number), area_id(home), &path(city, home), &it.address],
        )?;
        tx.execute(HOUSEHOLD, params![county, uuid(8, number), uuid(7, number)])?;
    }
    tx.execute(PERSON, params![county, it.id, &it.name, &it.phone, household])?;
    for (order, post) in it.posts.iter().enumerate() {
        let id = uuid(9 + order as u64, number);
        tx.execute(
            POST,
            params![id, city.bodies[post.body].id, post.role, area_id(post.unit), &path(city, post.unit)],
        )?;
        let (from, to) = match post.term {
            Term::Now => (now.plus_seconds(-3_600), None),
            Term::Expired => (now.plus_seconds(-60 * 86_400), Some(now.plus_seconds(-86_400))),
            Term::Left => (now.plus_seconds(-60 * 86_400), Some(now.plus_seconds(-3_600))),
        };
        tx.execute(APPOINTMENT, params![uuid(11 + order as u64, number), id, it.id, from, to])?;
    }
    let at = now.plus_seconds(-7_200);
    let reader = city.people[0].id;
    tx.execute(READ, params![county, uuid(JOURNAL, number), at, reader, it.id]).map(drop)
}

pub fn plant_case(
    tx: &mut Tx<'_>,
    city: &City,
    case: &Case,
    photo: &StoredPhoto,
    now: Timestamp,
) -> Result<(), StoreError> {
    let county = area_id(city.county_of(case.unit).unwrap_or(0));
    let at = now.plus_seconds(-3_000);
    let status = match case.stage {
        "closed" => "closed",
        "void" => "void",
        _ => "open",
    };
    let ended = (status != "open").then_some(at);
    let due = if ended.is_some() {
        Timestamp::from_micros(i64::MAX).micros()
    } else {
        now.plus_seconds(3_600).micros()
    };
    let reporter = case.reporter.map(|it| city.people[it].id);
    let owner = case.owner.map(|it| city.bodies[it].id);
    let steps = steps(city, case);
    tx.execute(
        CASE,
        params![
            county,
            case.id,
            &case.number,
            &[0_u8; 32][..],
            case.stage,
            status,
            area_id(case.unit),
            &path(city, case.unit),
            &case.description,
            reporter,
            &case.contact_name,
            &case.contact_phone,
            owner,
            at,
            due,
            ended,
            steps.len() as i64
        ],
    )?;
    for (index, step) in steps.iter().enumerate() {
        let request = Uuid::from_u128(case.id.as_u128() ^ (index as u128 + 1) << 40);
        tx.execute(
            EVENT,
            params![
                county,
                case.id,
                index as i64 + 1,
                request,
                at,
                step.transition,
                step.from,
                case.stage,
                step.actor.map(|it| city.people[it].id),
                step.role,
                step.body.map(|it| city.bodies[it].id),
                step.part,
                step.note,
                step.public
            ],
        )?;
    }
    tx.execute(
        PHOTO,
        params![
            county,
            case.id,
            photo.id,
            &photo.sha256[..],
            i64::from(photo.width),
            i64::from(photo.height)
        ],
    )?;
    for body in &case.given {
        tx.execute(GIVEN, params![county, case.id, city.bodies[*body].id, at, ended])?;
    }
    let number = city.cases.iter().position(|it| it.id == case.id).expect("a case of the fixture");
    let reader = city.bodies[case.reader].id;
    let reached = params![county, uuid(REACHING, number), at, reader, case.id, reporter, &case.read_for];
    tx.execute(REACHED, reached)?;
    if let Some(state) = case.supervised() {
        let office = city.unit(COUNTY);
        let centre = city.bodies[city.body("command_centre", office)].id;
        let (lies, ordered_in) = (path(city, case.unit), path(city, office));
        let due = now.plus_seconds(86_400);
        let order =
            params![county, order_id(number), case.id, &lies, at, centre, &ordered_in, owner, due, state];
        tx.execute(ORDER, order)?;
    }
    if let Some(person) = case.reporter {
        tx.execute(
            TOLD,
            params![county, uuid(NOTICE, number), city.people[person].id, case.id, &case.number, at],
        )?;
    }
    Ok(())
}

struct Step<'a> {
    transition: &'a str,
    from: &'a str,
    actor: Option<usize>,
    role: &'a str,
    body: Option<usize>,
    part: &'a str,
    note: &'a str,
    public: bool,
}

fn steps<'a>(city: &City, case: &'a Case) -> Vec<Step<'a>> {
    let worker = city.person("acceptor@150902");
    let step = |transition, actor, role, part| Step {
        transition,
        from: case.stage,
        actor,
        role,
        body: None,
        part,
        note: "",
        public: true,
    };
    let note = |note, public| Step { note, public, ..step("note", Some(worker), "acceptor", "") };
    let mut steps = vec![Step { from: "", ..step("report", case.reporter, "resident", "") }];
    steps.extend(case.verifier.map(|it| step("verify", Some(it), "grid_leader", "verifier")));
    steps.extend(case.dispatcher.map(|it| step("dispatch", Some(it), "dispatcher", "dispatcher")));
    steps.extend(case.handler.map(|it| step("feed_back", Some(it), "handler", "handler")));
    let back = Step { from: "handle", body: case.owner, ..step("return", case.handler, "handler", "") };
    steps.extend(case.returned.then_some(back));
    steps.extend([note(case.internal_note.as_str(), false), note(case.public_note.as_str(), true)]);
    steps
}

/// The case as it was, whatever was done to it.
pub fn restore(house: &House, city: &City, case: &Case, photo: &StoredPhoto) {
    let now = house.clock.now();
    let done: Result<(), StoreError> = house.db.write(|tx| {
        for statement in WIPE {
            tx.execute(statement, params![case.id])?;
        }
        plant_case(tx, city, case, photo, now)
    });
    done.expect("the case is put back");
}

/// Nothing is left of a case that was made.
pub fn wipe(house: &House, case: Uuid) {
    let done: Result<(), StoreError> = house.db.write(|tx| {
        WIPE.into_iter().try_for_each(|statement| tx.execute(statement, params![case]).map(drop))
    });
    done.expect("the case is wiped out");
}

/// A session's row as it stands, to be put back.
pub fn session(house: &House, id: Uuid) -> Option<Vec<Value>> {
    let read: Result<_, StoreError> = house.db.read(|tx| {
        let Some(row) = tx.first(SESSION, params![id])? else { return Ok(None) };
        let (hash, account, device): (Vec<u8>, Uuid, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let times: [i64; 3] = [row.get(3)?, row.get(4)?, row.get(5)?];
        let [created, seen, expires] = times;
        Ok(Some(params![hash, id, account, device, created, seen, expires].to_vec()))
    });
    read.expect("the session is read")
}

pub fn put_back(house: &House, session: &[Value]) {
    let done: Result<u64, StoreError> = house.db.write(|tx| tx.execute(OPEN, session));
    done.expect("the session is put back");
}

/// The form of the city that campaigns ask for, and a campaign in each of some areas.
/// Counts that any change would move.
pub fn state(house: &House) -> Vec<i64> {
    let read: Result<Vec<i64>, StoreError> = house.db.read(|tx| {
        let row = tx.first(STATE, &[])?.ok_or(StoreError::Conflict)?;
        (0..STATE_COLUMNS).map(|column| row.get(column)).collect()
    });
    read.expect("the tables are counted")
}

/// One account a person, all with the same password, each signed in once. Tokens and sessions by person.
pub fn sign_in_all(house: &Arc<House>, city: &City) -> Vec<(String, Uuid)> {
    let hash = account::hash_password(PASSWORD, &[1; 32]);
    let ctx = Ctx::anonymous(house.clone());
    ctx.write(|tx| {
        let mut sessions = Vec::new();
        for (number, it) in city.people.iter().enumerate() {
            let values: &[Value] =
                params![it.account, it.id, area_id(it.county), login_name(number), &hash, ctx.now];
            tx.execute(ACCOUNT, values)?;
            let (token, signed_in) = account::open_session(tx, &ctx, Id::from_uuid(it.account), "phone")?;
            sessions.push((token, signed_in.session.uuid()));
        }
        Ok(sessions)
    })
    .expect("everybody is signed in")
}

pub const PASSWORD: &str = "乌兰察布的草原 2026";

pub fn login_name(number: usize) -> String {
    format!("person{number}")
}
