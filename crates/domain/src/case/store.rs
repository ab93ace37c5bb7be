mod alarm;
mod forget;
mod handling;
mod joined;
mod list;
mod public;
mod reported_by;
pub mod wall;

use kernel::{Area, Case as CaseName, Id, Person, Photo, Role, Timestamp};
use policy::Party;
use store::{Row, StoreError, Tx, params};

pub use alarm::{Alarmed, alarmed, due_from, set_next_alarm};
pub use forget::{forget_reporters, forget_words, forget_words_of, keep_words_until, share_contact};
pub use handling::{handling, handlings, insert_handling, mark_returned, mark_reworked};
pub use joined::{Degrees, children, handlers, handlers_of_support, merged_into, near, owner, support};
pub use list::{Conditions, OpenCount, Order, View, count_closed, count_open, list};

use super::{
    event::Event,
    model::{Case, CasePhoto, Contact, Source, Status, StoredPhoto},
    procedure::ReliefKind,
    work::Work,
};
use crate::calendar::{Limit, LimitKind, Pause};
pub use public::{published, published_changed, published_latest, published_steps, published_steps_since};
pub use reported_by::{insert_reported_by, reported_by};

/// What stands in `stage_due` where no clock runs, so that such a case sorts last.
const NEVER: i64 = i64::MAX;

const INSERT: &str = "INSERT INTO case_file (county_id, id, number, request_hash, procedure_id, procedure_version, class, \
    stage, status, source, area_id, area_path, place, longitude, latitude, description, reporter_id, contact_name, \
    contact_phone, owner_id, reported_at, registered_at, stage_since, stage_due, escalated, due, closed_at, updated_at, \
    returns, reworks, rating, solved, revision, handled_at, passed_at, stage_limit_kind, stage_limit_amount, next_alarm, \
    limit_kind, limit_amount, due_since, extensions, stage_extensions, paused_at, paused_until, resumed_at, asked_relief, \
    asked_revision, filed_limit_kind, filed_limit_amount, responsibility_id, reopens, close_due, contact_due, contacted_at, \
    parent_id, merged_into_id, next_due, due_told) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
    $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, \
    $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59)";

const UPDATE: &str = "UPDATE case_file SET class = $3, stage = $4, status = $5, owner_id = $6, registered_at = $7, \
    stage_since = $8, stage_due = $9, escalated = $10, due = $11, closed_at = $12, updated_at = $13, returns = $14, \
    reworks = $15, rating = $16, solved = $17, revision = $18, handled_at = $19, passed_at = $20, \
    stage_limit_kind = $21, stage_limit_amount = $22, next_alarm = $23, limit_kind = $24, limit_amount = $25, due_since = $26, \
    extensions = $27, stage_extensions = $28, paused_at = $29, paused_until = $30, resumed_at = $31, asked_relief = $32, \
    asked_revision = $33, filed_limit_kind = $34, filed_limit_amount = $35, responsibility_id = $36, reopens = $37, \
    reopened_at = $38, first_closed_at = $39, close_due = $40, contact_due = $41, contacted_at = $42, merged_into_id = $43, \
    next_due = $44, due_told = $45, \
    counted_revision = NULL \
    WHERE county_id = $1 AND id = $2 AND revision = $18 - 1";

macro_rules! case_columns {
    () => {
        "c.county_id, c.id, c.number, c.procedure_id, c.procedure_version, c.class, c.stage, c.status, c.source, \
         c.area_id, c.area_path, c.place, c.longitude, c.latitude, c.description, c.reporter_id, c.contact_name, \
         c.contact_phone, c.owner_id, c.reported_at, c.registered_at, c.stage_since, c.stage_due, c.escalated, c.due, \
         c.closed_at, c.updated_at, c.returns, c.reworks, c.rating, c.solved, c.revision, \
         c.handled_at, c.passed_at, c.stage_limit_kind, c.stage_limit_amount, c.next_alarm, \
         c.limit_kind, c.limit_amount, c.due_since, c.extensions, c.stage_extensions, c.paused_at, c.paused_until, \
         c.resumed_at, c.asked_relief, c.asked_revision, c.filed_limit_kind, c.filed_limit_amount, c.responsibility_id, \
         c.reopens, c.reopened_at, c.first_closed_at, c.close_due, c.contact_due, c.contacted_at, \
         c.parent_id, c.merged_into_id, c.due_told, c.contact_shared"
    };
}
use case_columns;

const BY_ID: &str = concat!("SELECT ", case_columns!(), " FROM case_file c WHERE c.id = $1");
const BY_NUMBER: &str =
    concat!("SELECT ", case_columns!(), " FROM case_file c WHERE c.number = $1 ORDER BY c.id LIMIT 20");
const REQUEST_HASH: &str = "SELECT request_hash, reporter_id FROM case_file WHERE id = $1";

const ALL: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.updated_at >= $1 AND (c.updated_at > $1 OR c.id > $2) ORDER BY c.updated_at, c.id LIMIT $3"
);

const INSERT_EVENT: &str = "INSERT INTO case_event (county_id, case_id, revision, request_id, at, transition, from_stage, \
    to_stage, actor_id, actor_role, organization_id, part, note, public, detail, work, in_time) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
const UNDO_WORK: &str =
    "UPDATE case_event SET undone_at = $4 WHERE county_id = $1 AND case_id = $2 AND revision = $3";
const EVENTS: &str = "SELECT revision, request_id, at, transition, from_stage, to_stage, actor_id, actor_role, \
    organization_id, part, note, public, detail, COALESCE(work, 0), COALESCE(in_time, TRUE) FROM case_event WHERE county_id = $1 AND case_id = $2 ORDER BY revision";

const INSERT_PHOTO: &str = "INSERT INTO case_photo (county_id, case_id, id, revision, sha256, width, height) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const PHOTOS: &str = "SELECT id, revision, width, height FROM case_photo WHERE county_id = $1 AND case_id = $2 ORDER BY revision, id";

const INSERT_WITHHELD: &str = "INSERT INTO case_withheld (county_id, case_id, at) VALUES ($1, $2, $3)";

const HAS_PHOTO: &str = "SELECT COUNT(*) FROM case_photo WHERE id = $1";

pub fn insert(tx: &mut Tx<'_>, case: &Case, request_hash: &[u8]) -> Result<(), StoreError> {
    let (longitude, latitude) = (case.position.map(|it| it.0), case.position.map(|it| it.1));
    tx.execute(
        INSERT,
        params![
            case.county,
            case.id,
            case.number.as_str(),
            request_hash,
            case.procedure.as_str(),
            case.procedure_version,
            case.class.as_str(),
            case.stage.as_str(),
            case.status.as_str(),
            case.source.as_str(),
            case.area,
            &case.path,
            case.place.as_str(),
            longitude,
            latitude,
            case.description.as_str(),
            case.reporter,
            case.contact.name.as_deref(),
            case.contact.phone.as_deref(),
            case.owner,
            case.reported_at,
            case.registered_at,
            case.stage_since,
            due(case.stage_due),
            case.escalated,
            case.due,
            case.closed_at,
            case.updated_at,
            case.returns,
            case.reworks,
            case.rating,
            case.solved,
            case.revision,
            case.handled_at,
            case.passed_at,
            case.stage_limit.map(|it| it.kind.as_str()),
            case.stage_limit.map(|it| it.amount),
            case.next_alarm,
            case.limit.map(|it| it.kind.as_str()),
            case.limit.map(|it| it.amount),
            case.due_since,
            case.extensions,
            case.stage_extensions,
            case.pause.map(|it| it.from),
            case.pause.map(|it| it.until),
            case.resumed_at,
            case.asked.map(|(kind, _)| kind.as_str()),
            case.asked.map(|(_, revision)| revision),
            case.filed_limit.map(|it| it.kind.as_str()),
            case.filed_limit.map(|it| it.amount),
            case.responsibility,
            case.reopens,
            case.close_due,
            case.contact_due,
            case.contacted_at,
            case.parent,
            case.merged_into,
            due(case.next_due()),
            case.due_told
        ],
    )
    .map(drop)
}

/// Saves a case that was one revision older when it was read.
pub fn save(tx: &mut Tx<'_>, case: &Case) -> Result<(), StoreError> {
    tx.compare_and_set(
        UPDATE,
        params![
            case.county,
            case.id,
            case.class.as_str(),
            case.stage.as_str(),
            case.status.as_str(),
            case.owner,
            case.registered_at,
            case.stage_since,
            due(case.stage_due),
            case.escalated,
            case.due,
            case.closed_at,
            case.updated_at,
            case.returns,
            case.reworks,
            case.rating,
            case.solved,
            case.revision,
            case.handled_at,
            case.passed_at,
            case.stage_limit.map(|it| it.kind.as_str()),
            case.stage_limit.map(|it| it.amount),
            case.next_alarm,
            case.limit.map(|it| it.kind.as_str()),
            case.limit.map(|it| it.amount),
            case.due_since,
            case.extensions,
            case.stage_extensions,
            case.pause.map(|it| it.from),
            case.pause.map(|it| it.until),
            case.resumed_at,
            case.asked.map(|(kind, _)| kind.as_str()),
            case.asked.map(|(_, revision)| revision),
            case.filed_limit.map(|it| it.kind.as_str()),
            case.filed_limit.map(|it| it.amount),
            case.responsibility,
            case.reopens,
            case.reopened_at,
            case.first_closed_at,
            case.close_due,
            case.contact_due,
            case.contacted_at,
            case.merged_into,
            due(case.next_due()),
            case.due_told
        ],
    )?;
    // Of a case that was opened again it may have to be taken away.
    if case.closed_at.is_none() && case.reopens == 0 {
        return Ok(());
    }
    handling::close_handlings(tx, case)
}

fn due(due: Option<Timestamp>) -> i64 {
    due.map_or(NEVER, Timestamp::micros)
}

fn due_moment(due: i64) -> Option<Timestamp> {
    (due != NEVER).then(|| Timestamp::from_micros(due))
}

pub fn load(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Option<Case>, StoreError> {
    tx.first(BY_ID, params![id])?.as_ref().map(case).transpose()
}

pub fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Vec<Case>, StoreError> {
    tx.query(BY_NUMBER, params![number])?.iter().map(case).collect()
}

/// How to tell whether a report is the one that made a case.
pub struct KnownReport {
    pub hash: Vec<u8>,
    pub reporter: Option<Id<Person>>,
}

/// The report that made the case of this id.
pub fn known_report(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Option<KnownReport>, StoreError> {
    let row = tx.first(REQUEST_HASH, params![id])?;
    row.map(|row| Ok(KnownReport { hash: row.get(0)?, reporter: row.get(1)? })).transpose()
}

pub(super) fn case(row: &Row) -> Result<Case, StoreError> {
    let word = |index: usize| row.get::<String>(index);
    let broken = |what: &str| StoreError::Broken(format!("case_file.{what}"));
    let stage_due: i64 = row.get(22)?;
    let (longitude, latitude): (Option<f64>, Option<f64>) = (row.get(12)?, row.get(13)?);
    Ok(Case {
        county: row.get(0)?,
        id: row.get(1)?,
        number: word(2)?,
        procedure: word(3)?,
        procedure_version: row.get(4)?,
        class: word(5)?,
        stage: word(6)?,
        status: Status::parse(&word(7)?).ok_or_else(|| broken("status"))?,
        source: Source::parse(&word(8)?).ok_or_else(|| broken("source"))?,
        area: row.get(9)?,
        path: row.get(10)?,
        place: word(11)?,
        position: longitude.zip(latitude),
        description: word(14)?,
        reporter: row.get(15)?,
        contact: Contact { name: row.get(16)?, phone: row.get(17)? },
        owner: row.get(18)?,
        reported_at: row.get(19)?,
        registered_at: row.get(20)?,
        stage_since: row.get(21)?,
        stage_due: due_moment(stage_due),
        escalated: row.get(23)?,
        due: row.get(24)?,
        closed_at: row.get(25)?,
        updated_at: row.get(26)?,
        returns: row.get(27)?,
        reworks: row.get(28)?,
        rating: row.get(29)?,
        solved: row.get(30)?,
        revision: row.get(31)?,
        handled_at: row.get(32)?,
        passed_at: row.get(33)?,
        stage_limit: limit(row, 34)?,
        next_alarm: row.get(36)?,
        limit: limit(row, 37)?,
        due_since: row.get(39)?,
        // Rows from before there were extensions say nothing of them.
        extensions: row.get::<Option<i64>>(40)?.unwrap_or(0),
        stage_extensions: row.get::<Option<i64>>(41)?.unwrap_or(0),
        pause: pause(row, 42)?,
        resumed_at: row.get(44)?,
        asked: asked(row, 45)?,
        filed_limit: limit(row, 47)?,
        responsibility: row.get(49)?,
        reopens: row.get(50)?,
        reopened_at: row.get(51)?,
        first_closed_at: row.get(52)?,
        close_due: row.get(53)?,
        contact_due: row.get(54)?,
        contacted_at: row.get(55)?,
        parent: row.get(56)?,
        merged_into: row.get(57)?,
        due_told: row.get(58)?,
        contact_shared: row.get(59)?,
    })
}

/// The pause in the columns `index` and the next.
fn pause(row: &Row, index: usize) -> Result<Option<Pause>, StoreError> {
    let (from, until): (Option<Timestamp>, Option<Timestamp>) = (row.get(index)?, row.get(index + 1)?);
    Ok(from.zip(until).map(|(from, until)| Pause { from, until }))
}

/// What was asked for, in the columns `index` and the next.
fn asked(row: &Row, index: usize) -> Result<Option<(ReliefKind, i64)>, StoreError> {
    let (kind, revision): (Option<String>, Option<i64>) = (row.get(index)?, row.get(index + 1)?);
    let broken = || StoreError::Broken("case_file.asked_relief".into());
    let asked =
        |(kind, revision): (String, i64)| Ok((ReliefKind::parse(&kind).ok_or_else(broken)?, revision));
    kind.zip(revision).map(asked).transpose()
}

/// The limit in the columns `index` and the next.
fn limit(row: &Row, index: usize) -> Result<Option<Limit>, StoreError> {
    let (kind, amount): (Option<String>, Option<i64>) = (row.get(index)?, row.get(index + 1)?);
    let broken = || StoreError::Broken("a limit of case_file".into());
    let limit = |(kind, amount): (String, i64)| {
        Ok(Limit { kind: LimitKind::parse(&kind).ok_or_else(broken)?, amount })
    };
    kind.zip(amount).map(limit).transpose()
}

/// All cases in the order of their last change.
pub fn all(
    tx: &mut Tx<'_>,
    after: Option<(Timestamp, Id<CaseName>)>,
    rows: i64,
) -> Result<Vec<Case>, StoreError> {
    let (at, id) = after.map_or((i64::MIN, Id::from_uuid(uuid::Uuid::nil())), |(at, id)| (at.micros(), id));
    tx.query(ALL, params![at, id, rows])?.iter().map(case).collect()
}

pub fn insert_event(
    tx: &mut Tx<'_>,
    county: Id<Area>,
    case: Id<CaseName>,
    event: &Event,
) -> Result<(), StoreError> {
    let detail = serde_json::to_string(&event.detail).unwrap_or_default();
    tx.execute(
        INSERT_EVENT,
        params![
            county,
            case,
            event.revision,
            event.request,
            event.at,
            event.transition.as_str(),
            event.from.as_str(),
            event.to.as_str(),
            event.actor,
            event.role.as_str(),
            event.organization,
            event.part.map_or("", Party::as_str),
            event.note.as_str(),
            event.public,
            detail,
            event.work.bits(),
            event.in_time
        ],
    )
    .map(drop)
}

pub fn events(tx: &mut Tx<'_>, county: Id<Area>, case: Id<CaseName>) -> Result<Vec<Event>, StoreError> {
    let event = |row: &Row| {
        let (role, part, detail): (String, String, String) = (row.get(7)?, row.get(9)?, row.get(12)?);
        Ok(Event {
            revision: row.get(0)?,
            request: row.get(1)?,
            at: row.get(2)?,
            transition: row.get(3)?,
            from: row.get(4)?,
            to: row.get(5)?,
            actor: row.get(6)?,
            role: Role::parse(&role).ok_or_else(|| StoreError::Broken("case_event.actor_role".into()))?,
            organization: row.get(8)?,
            part: Party::parse(&part),
            note: row.get(10)?,
            public: row.get(11)?,
            detail: serde_json::from_str(&detail)
                .map_err(|_| StoreError::Broken("case_event.detail".into()))?,
            work: Work::from_bits(row.get(13)?),
            in_time: row.get(14)?,
        })
    };
    tx.query(EVENTS, params![county, case])?.iter().map(event).collect()
}

pub fn insert_withheld(tx: &mut Tx<'_>, case: &Case, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(INSERT_WITHHELD, params![case.county, case.id, at]).map(drop)
}

/// What was done in the step of `revision` has proved to be wrong.
pub fn undo_work(tx: &mut Tx<'_>, case: &Case, revision: i64, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(UNDO_WORK, params![case.county, case.id, revision, at]).map(drop)
}

pub fn insert_photos(
    tx: &mut Tx<'_>,
    case: &Case,
    revision: i64,
    photos: &[StoredPhoto],
) -> Result<(), StoreError> {
    for photo in photos {
        let (width, height) = (i64::from(photo.width), i64::from(photo.height));
        tx.execute(
            INSERT_PHOTO,
            params![case.county, case.id, photo.id, revision, &photo.sha256[..], width, height],
        )?;
    }
    Ok(())
}

pub fn photos(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<CasePhoto>, StoreError> {
    let photo = |row: &Row| {
        Ok(CasePhoto { id: row.get(0)?, revision: row.get(1)?, width: row.get(2)?, height: row.get(3)? })
    };
    tx.query(PHOTOS, params![case.county, case.id])?.iter().map(photo).collect()
}

/// Whether the photo is part of any case.
pub fn has_photo(tx: &mut Tx<'_>, photo: Id<Photo>) -> Result<bool, StoreError> {
    Ok(tx.count(HAS_PHOTO, params![photo])? > 0)
}
