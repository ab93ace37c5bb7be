use std::sync::Arc;

use kernel::{Case, Id, JournalEntry, Person, Timestamp};
use store::Tx;
use tlog::{Hash, LogIdentity, ProofFile, Resource, Source, Tiles};
use uuid::Uuid;

use super::{
    database::DatabaseLog,
    model::{FailureKind, LogState, Published, Reading, WitnessState},
    store as rows,
};
use crate::{City, Ctx, Cursor, Page, Refusal, Window};

/// Readings of a case's contact that its reporter is shown, at most.
pub const READINGS_OF_CONTACT_MAX: i64 = 50;
/// Seconds after which a witness that has not cosigned is called silent.
const SILENT_SECONDS: i64 = 600;
/// Seconds after which an entry that waits, or a checkpoint without a successor, is an alarm.
const LATE_SECONDS: i64 = 300;

/// Who read how to reach the reporter of a case, latest first; for that reporter alone, which the caller sees to.
pub fn readings_of_contact(tx: &mut Tx<'_>, ctx: &Ctx, case: Id<Case>) -> Result<Vec<Reading>, Refusal> {
    Ok(rows::readings_of_contact(tx, ctx.actor.person, case, READINGS_OF_CONTACT_MAX, ctx.now)?)
}

/// Who read a person's record, latest first and without what is withheld; for that person alone.
pub fn readings(ctx: &Ctx, person: Id<Person>, window: &Window) -> Result<Page<Reading>, Refusal> {
    must_be(ctx, person)?;
    let after = window
        .after
        .as_ref()
        .map(|cursor| Ok::<_, Refusal>((cursor.part(0)?, cursor.part(1)?)))
        .transpose()?;
    let found = ctx.read(|tx| Ok(rows::readings(tx, person, after, window.rows(), ctx.now)?))?;
    Ok(window.page(found, |it| Cursor::new([it.at.micros().to_string(), it.id.to_string()])))
}

fn must_be(ctx: &Ctx, person: Id<Person>) -> Result<(), Refusal> {
    if ctx.person()?.person == person { Ok(()) } else { Err(Refusal::NotFound) }
}

/// A C2SP tlog-proof of a reading of a person's record, with the entry itself and what opens it; for that person alone.
///
/// # Errors
/// `Conflict` for an entry whose place is not shown yet, and for one that is no longer what was sealed.
pub fn proof_of_reading(ctx: &Ctx, person: Id<Person>, entry: Id<JournalEntry>) -> Result<String, Refusal> {
    must_be(ctx, person)?;
    let found = ctx.read(|tx| Ok(rows::of_person(tx, person, entry, ctx.now)?))?;
    proof(ctx, &found.ok_or(Refusal::NotFound)?)
}

/// The same of a reading of how to reach a case's reporter; for that reporter alone, which the caller sees to. Who came by
/// the case's link is not told who reported it: an entry about a person is proven to that person alone.
pub fn proof_of_reading_of_contact(
    ctx: &Ctx,
    case: Id<Case>,
    entry: Id<JournalEntry>,
) -> Result<String, Refusal> {
    let found = ctx.read(|tx| Ok(rows::of_contact(tx, case, entry, ctx.now)?))?.ok_or(Refusal::NotFound)?;
    match found.record.person {
        Some(person) if ctx.actor.person != Some(person) => Err(Refusal::NotFound),
        _ => proof(ctx, &found),
    }
}

/// A C2SP tlog-proof of a public statement. None until a checkpoint that is shown covers it.
pub fn proof_of_statement(ctx: &Ctx, id: Uuid) -> Result<Option<String>, Refusal> {
    let found = ctx.read(|tx| Ok(rows::statement(tx, id)?))?;
    let rows::Stated { entry, index } = found.ok_or(Refusal::NotFound)?;
    let Some(index) = index.and_then(|it| u64::try_from(it).ok()) else { return Ok(None) };
    let store = DatabaseLog::new(&ctx.city, ctx.now);
    let Some(checkpoint) = store.get(Resource::Checkpoint)? else { return Ok(None) };
    let checkpoint = String::from_utf8(checkpoint).map_err(|error| Refusal::Broken(error.to_string()))?;
    let identity = ctx.city.log.identity();
    let size = size_of(identity, &checkpoint)?;
    if index >= size {
        return Ok(None);
    }
    let proof = tlog::inclusion_proof(&Tiles { source: &store, size }, index, size);
    let file = ProofFile { extra: None, index, proof: proof.map_err(super::task::of_nodes)?, checkpoint };
    let verified = file.verify(identity, Hash::of_entry(&entry));
    verified.map_err(|error| Refusal::Broken(format!("a statement is not what was sealed: {error}")))?;
    Ok(Some(file.to_string()))
}

/// Whether a checkpoint that is shown covers a public statement.
pub(crate) fn is_shown(ctx: &Ctx, id: Uuid) -> Result<bool, Refusal> {
    let found = ctx.read(|tx| Ok(rows::statement(tx, id)?))?;
    let size = DatabaseLog::new(&ctx.city, ctx.now).published_size()?;
    let index = found.and_then(|it| it.index).and_then(|it| u64::try_from(it).ok());
    Ok(index.is_some_and(|it| it < size))
}

fn proof(ctx: &Ctx, it: &rows::Sealed) -> Result<String, Refusal> {
    // Whom it was about is forgotten, or it was never sealed: nothing can be shown of it.
    let salt = it.salt.ok_or(Refusal::NotFound)?;
    let soon = || Refusal::conflict("conflict-unsealed");
    let index = it.index.and_then(|it| u64::try_from(it).ok()).ok_or_else(soon)?;
    let store = DatabaseLog::new(&ctx.city, ctx.now);
    let checkpoint = store.get(Resource::Checkpoint)?.ok_or_else(soon)?;
    let checkpoint = String::from_utf8(checkpoint).map_err(|error| Refusal::Broken(error.to_string()))?;
    let identity = ctx.city.log.identity();
    let size = size_of(identity, &checkpoint)?;
    if index >= size {
        return Err(soon());
    }
    let proof = tlog::inclusion_proof(&Tiles { source: &store, size }, index, size);
    let proof = proof.map_err(super::task::of_nodes)?;
    let opened = salt.open(&it.record);
    let file = ProofFile { extra: Some(opened.to_extra()), index, proof, checkpoint };
    // What proves nothing is not handed out as a proof.
    if let Err(error) = file.verify(identity, Hash::of_entry(&opened.leaf())) {
        tracing::error!(entry = %it.record.id, %error, "an entry of the journal is not what was sealed");
        return Err(Refusal::conflict("conflict-entry-changed"));
    }
    Ok(file.to_string())
}

fn size_of(identity: &LogIdentity, checkpoint: &str) -> Result<u64, Refusal> {
    let signed = identity.open(checkpoint.as_bytes());
    Ok(signed.map_err(|error| Refusal::Broken(format!("the published checkpoint: {error}")))?.checkpoint.size)
}

/// A public file of the log by its path, such as `checkpoint` or `tile/0/x001/067`, and whether it never changes. What no
/// checkpoint that is shown stands for is not shown either: it could still come to nothing.
pub fn log_file(city: &Arc<City>, path: &str) -> Result<(Vec<u8>, bool), Refusal> {
    let resource: Resource = path.parse().map_err(|_| Refusal::NotFound)?;
    let store = DatabaseLog::new(city, city.clock.now());
    if !resource.is_within(store.published_size()?) {
        return Err(Refusal::NotFound);
    }
    let bytes = store.get(resource)?.ok_or(Refusal::NotFound)?;
    Ok((bytes, resource != Resource::Checkpoint))
}

/// How it stands with the log; public.
pub fn log_state(ctx: &Ctx) -> Result<LogState, Refusal> {
    let log = &ctx.city.log;
    let (heads, waiting_since, seen) =
        ctx.read(|tx| Ok::<_, Refusal>((rows::heads(tx)?, rows::waiting_since(tx)?, rows::witnesses(tx)?)))?;
    let head = heads.into_iter().find(|it| it.origin == log.origin());
    // One that cannot be read is none: the round that fails on it says so.
    let read = |note: &str| log.identity().open(note.as_bytes()).ok().map(|it| it.checkpoint);
    let published = head.as_ref().and_then(|it| {
        let checkpoint = read(it.published.as_deref()?)?;
        let at = it.published_at?;
        Some(Published {
            size: checkpoint.size,
            root: checkpoint.root.to_string(),
            at,
            is_old: ctx.now.seconds_since(at) > LATE_SECONDS,
        })
    });
    let witness = |(name, key): (&str, &tlog::VerifierKey)| {
        let seen = seen.iter().find(|it| it.name == name);
        let cosigned = seen.and_then(|it| it.cosigned);
        WitnessState {
            name: name.to_owned(),
            verifier_key: key.to_string(),
            cosigned,
            failure: seen.and_then(|it| it.failure.as_deref()).map(FailureKind::of),
            is_silent: is_silent(ctx.now, cosigned),
        }
    };
    Ok(LogState {
        origin: log.origin().to_owned(),
        verifier_key: log.key()?.verifier().to_string(),
        size: head.as_ref().and_then(|it| read(&it.head)).map_or(0, |it| it.size),
        published,
        is_witnessed: log.policy().has_quorum(),
        late_since: waiting_since.filter(|at| ctx.now.seconds_since(*at) > LATE_SECONDS),
        failing_since: log.failing_since(),
        witnesses: log.policy().witnesses().map(witness).collect(),
    })
}

pub(super) fn is_silent(now: Timestamp, cosigned: Option<(Timestamp, u64)>) -> bool {
    cosigned.is_none_or(|(at, _)| now.seconds_since(at) > SILENT_SECONDS)
}
