//! Reading what was sent for a form. Who asked reads it, and each reading is journaled before it is given.

use std::sync::Arc;

use kernel::{Id, Submission, Timestamp};
use policy::{Action, Resource};
use store::Tx;
use xform::check::fill::{Changes, Filling, Identity};

use super::{
    app_user, filling,
    library::Prepared,
    model::{Comment, Finding, Form, Receipt, Record, RecordFile, RecordVersion, Sender},
    store as rows, submit,
};
use crate::{
    Ctx, Cursor, Page, Refusal, Window,
    journal::{self, Entry, SubjectKind},
    resident,
};

pub(super) const SECONDS_PER_DAY: i64 = 86_400;
/// Records that are held at a time while all are read.
const PAGE_ROWS: i64 = 100;
/// Versions and comments of a record that are listed.
const LISTED_MAX: i64 = kernel::limits::SUBMISSION_EDITS_MAX + 1;

/// A record with what it says.
#[derive(Debug)]
pub struct Answered {
    pub record: Record,
    /// None once it is forgotten.
    pub xml: Option<Vec<u8>>,
    pub files: Vec<RecordFile>,
}

/// Until when an answer to `form` is kept that comes now.
pub(super) fn forget_at(ctx: &Ctx, form: &Form) -> Timestamp {
    ctx.now.plus_seconds(form.answer_days.saturating_mul(SECONDS_PER_DAY))
}

/// Records of a form without what they say but their names, latest first. That they are listed is on record.
pub fn records(ctx: &Ctx, form_id: &str, window: &Window) -> Result<Page<Record>, Refusal> {
    let after = place(window)?;
    ctx.write(|tx| {
        let form = readable(tx, ctx, form_id)?;
        journal_read(tx, ctx, &form, form.id.uuid())?;
        page(rows::records(tx, form.id, after, window.limit as i64 + 1)?, window.limit)
    })
}

/// Hands the records of a form with what they say to `work`, latest first, until it says that it has enough; or only the
/// one whose first instance id is `only`. Begins behind the record `from`, or with it. That it is read is on record first.
pub fn each_answered(
    ctx: &Ctx,
    form_id: &str,
    only: Option<&str>,
    from: Option<(&str, bool)>,
    work: &mut dyn FnMut(Answered) -> Result<bool, Refusal>,
) -> Result<(), Refusal> {
    let (form, mut after) = ctx.write(|tx| {
        let form = readable(tx, ctx, form_id)?;
        let named = only.or(from.map(|it| it.0)).map(|it| find(tx, ctx, form_id, it)).transpose()?;
        let record = named.map(|it| it.1);
        let subject = if only.is_some() { record.as_ref().map(|it| it.id.uuid()) } else { None };
        journal_read(tx, ctx, &form, subject.unwrap_or(form.id.uuid()))?;
        let is_included = only.is_some() || from.is_some_and(|it| it.1);
        let place = record.map(|it| (it.created_at, if is_included { next(it.id) } else { it.id }));
        Ok((form, place.unwrap_or_else(latest)))
    })?;
    let page = if only.is_some() { 1 } else { PAGE_ROWS };
    loop {
        let answered = ctx.read(|tx| {
            let records = rows::records(tx, form.id, after, page)?;
            records.into_iter().map(|it| with_answers(tx, it)).collect::<Result<Vec<_>, Refusal>>()
        })?;
        let is_last = only.is_some() || (answered.len() as i64) < page;
        after = answered.last().map_or(after, |it| (it.record.created_at, it.record.id));
        for it in answered {
            if !work(it)? {
                return Ok(());
            }
        }
        if is_last {
            return Ok(());
        }
    }
}

/// A version of a form by which records were sent, ready to read them, for those who may.
pub fn prepared_version(ctx: &Ctx, form_id: &str, version: &str) -> Result<Arc<Prepared>, Refusal> {
    ctx.read(|tx| {
        let form = readable(tx, ctx, form_id)?;
        let version = rows::version(tx, form.id, version)?.ok_or(Refusal::NotFound)?;
        ctx.city.forms.get(tx, &version)
    })
}

/// A record once more that was read in this request: that is on record already.
pub fn answered_again(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<Answered, Refusal> {
    ctx.read(|tx| {
        let (_, record) = find(tx, ctx, form_id, instance_id)?;
        with_answers(tx, record)
    })
}

fn with_answers(tx: &mut Tx<'_>, record: Record) -> Result<Answered, Refusal> {
    let xml = rows::version_xml(tx, &record, record.current.number)?;
    let files = rows::version_files(tx, (record.county, record.id, record.current.number))?;
    Ok(Answered { record, xml, files })
}

/// The place right behind a record's in the order of a list.
fn next(id: Id<Submission>) -> Id<Submission> {
    Id::from_uuid(uuid::Uuid::from_u128(id.uuid().as_u128().saturating_add(1)))
}

/// Before the first record of a list.
fn latest() -> (Timestamp, Id<Submission>) {
    (Timestamp::from_micros(i64::MAX), Id::from_uuid(uuid::Uuid::max()))
}

/// The record that its first instance id names.
pub fn record(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<Record, Refusal> {
    ctx.read(|tx| Ok(find(tx, ctx, form_id, instance_id)?.1))
}

/// What came of a record for whoever just sent it.
pub fn received(ctx: &Ctx, form_id: &str, receipt: &Receipt) -> Result<Record, Refusal> {
    ctx.read(|tx| {
        let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
        rows::record(tx, (form.county, receipt.submission), form.id)?.ok_or(Refusal::NotFound)
    })
}

/// Latest first.
pub fn versions(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<Vec<RecordVersion>, Refusal> {
    ctx.read(|tx| {
        let (_, record) = find(tx, ctx, form_id, instance_id)?;
        Ok(rows::versions_of(tx, &record, LISTED_MAX)?)
    })
}

/// The current version as it came, and what its form's rules say of it.
pub fn xml(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<(Vec<u8>, Vec<Finding>), Refusal> {
    ctx.write(|tx| {
        let (form, record) = find(tx, ctx, form_id, instance_id)?;
        journal_read(tx, ctx, &form, record.id.uuid())?;
        let known = rows::by_instance(tx, record.county, form.id, &record.current.instance_id)?;
        let xml = rows::version_xml(tx, &record, record.current.number)?.ok_or(Refusal::NotFound)?;
        Ok((xml, known.map(|it| it.findings).unwrap_or_default()))
    })
}

/// The current version as its form asks for it, in the language that `choose` picks of the form's; and what the form's rules
/// said of it.
pub fn reading(
    ctx: &Ctx,
    form_id: &str,
    instance_id: &str,
    choose: &dyn Fn(&[String]) -> usize,
) -> Result<(Filling, Vec<Finding>), Refusal> {
    let (xml, findings) = xml(ctx, form_id, instance_id)?;
    let prepared = ctx.read(|tx| {
        let (form, record) = find(tx, ctx, form_id, instance_id)?;
        let version = rows::version(tx, form.id, &record.current.form_version)?.ok_or(Refusal::NotFound)?;
        ctx.city.forms.get(tx, &version)
    })?;
    let xml = String::from_utf8(xml).map_err(|_| Refusal::Broken("a record that is no text".into()))?;
    let languages = filling::languages(&prepared.form);
    let language = languages.get(choose(&languages)).map_or("", String::as_str);
    let (world, identity) = (filling::world(ctx, language)?, Identity { instance_id, replaces: None });
    Ok((filling::filled(&prepared, &world, identity, &xml, &Changes::default())?, findings))
}

/// Versions of a record, latest first, each as its form asks for it and with the name of whoever sent it; at most
/// `limits::SUBMISSION_HISTORY_MAX`, and none that is forgotten. That the record is read is on record already.
pub fn history(
    ctx: &Ctx,
    form_id: &str,
    instance_id: &str,
    choose: &dyn Fn(&[String]) -> usize,
) -> Result<Vec<(RecordVersion, Option<String>, Filling)>, Refusal> {
    let (form, record, versions, names) = ctx.read(|tx| {
        let (form, record) = find(tx, ctx, form_id, instance_id)?;
        let versions = rows::versions_of(tx, &record, kernel::limits::SUBMISSION_HISTORY_MAX)?;
        let names = names_of(tx, &versions.iter().map(|it| it.sender).collect::<Vec<_>>())?;
        Ok((form, record, versions, names))
    })?;
    let mut history = Vec::with_capacity(versions.len());
    for (version, name) in versions.into_iter().zip(names) {
        let (xml, prepared) = ctx.read(|tx| {
            let xml = rows::version_xml(tx, &record, version.number)?;
            let text = rows::version(tx, form.id, &version.form_version)?.ok_or(Refusal::NotFound)?;
            Ok((xml, ctx.city.forms.get(tx, &text)?))
        })?;
        let Some(xml) = xml else { continue };
        let xml = String::from_utf8(xml).map_err(|_| Refusal::Broken("a record that is no text".into()))?;
        let languages = filling::languages(&prepared.form);
        let language = languages.get(choose(&languages)).map_or("", String::as_str);
        let (world, identity) = (filling::world(ctx, language)?, Identity { instance_id, replaces: None });
        let filled = filling::filled(&prepared, &world, identity, &xml, &Changes::default())?;
        history.push((version, name, filled));
    }
    Ok(history)
}

/// The files that the current version names.
pub fn record_files(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<Vec<RecordFile>, Refusal> {
    ctx.read(|tx| {
        let (_, it) = find(tx, ctx, form_id, instance_id)?;
        Ok(rows::version_files(tx, (it.county, it.id, it.current.number))?)
    })
}

pub fn record_file(ctx: &Ctx, form_id: &str, instance_id: &str, name: &str) -> Result<Vec<u8>, Refusal> {
    ctx.write(|tx| {
        let (form, record) = find(tx, ctx, form_id, instance_id)?;
        journal_read(tx, ctx, &form, record.id.uuid())?;
        rows::record_file(tx, &record, name)?.ok_or(Refusal::NotFound)
    })
}

/// Latest first.
pub fn comments(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<Vec<Comment>, Refusal> {
    ctx.read(|tx| {
        let (_, record) = find(tx, ctx, form_id, instance_id)?;
        Ok(rows::comments(tx, &record, LISTED_MAX)?)
    })
}

/// What senders are called, in their order; for those who may read what they sent.
pub fn sender_names(ctx: &Ctx, form_id: &str, senders: &[Sender]) -> Result<Vec<Option<String>>, Refusal> {
    ctx.read(|tx| {
        readable(tx, ctx, form_id)?;
        names_of(tx, senders)
    })
}

fn names_of(tx: &mut Tx<'_>, senders: &[Sender]) -> Result<Vec<Option<String>>, Refusal> {
    let mut names = Vec::with_capacity(senders.len());
    for sender in senders {
        names.push(match sender {
            Sender::Person(person) => resident::name_and_phone(tx, *person)?.map(|(name, _)| name),
            Sender::AppUser(id) => app_user::name_of(tx, *id)?,
            Sender::System => None,
        });
    }
    Ok(names)
}

/// Who may not read records is not told whether there are any.
pub(super) fn find(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form_id: &str,
    instance_id: &str,
) -> Result<(Form, Record), Refusal> {
    app_user::must_be_known(ctx)?;
    let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
    let known = rows::by_instance(tx, form.county, form.id, instance_id)?.ok_or(Refusal::NotFound)?;
    let record = rows::record(tx, (form.county, known.submission), form.id)?.ok_or(Refusal::NotFound)?;
    // Only the first instance id names a record.
    let is_shown = record.instance_id == instance_id && may_read(tx, ctx, &form, &record)?;
    if is_shown { Ok((form, record)) } else { Err(Refusal::NotFound) }
}

/// Who asked reads it; of what a campaign asked for also the tiers above the unit, and those who answer for it.
fn may_read(tx: &mut Tx<'_>, ctx: &Ctx, form: &Form, record: &Record) -> Result<bool, Refusal> {
    if ctx.actor.system || ctx.may(Action::SubmissionRead, Resource::Area { path: &form.area_path }) {
        return Ok(true);
    }
    let Some(unit) = &record.unit else { return Ok(false) };
    let facts = submit::facts(tx, record.county, record.id, unit)?;
    Ok(ctx.may(Action::AnswerRead, Resource::Answer(&facts)))
}

/// Whether the actor may read a record.
pub fn is_seen(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<bool, Refusal> {
    match ctx.read(|tx| find(tx, ctx, form_id, instance_id).map(drop)) {
        Ok(()) => Ok(true),
        Err(Refusal::NotFound) => Ok(false),
        Err(refusal) => Err(refusal),
    }
}

fn readable(tx: &mut Tx<'_>, ctx: &Ctx, form_id: &str) -> Result<Form, Refusal> {
    app_user::must_be_known(ctx)?;
    let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
    if !ctx.actor.system {
        ctx.must_see(Action::SubmissionRead, Resource::Area { path: &form.area_path })?;
    }
    Ok(form)
}

pub(super) fn journal_read(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &Form,
    subject: uuid::Uuid,
) -> Result<(), Refusal> {
    let kind = if subject == form.id.uuid() { SubjectKind::Form } else { SubjectKind::Submission };
    let entry = Entry::new(form.county, "submission.read", kind, subject).with("form_id", &form.form_id);
    journal::record(tx, ctx, &entry)
}

/// Behind which record a page begins.
fn place(window: &Window) -> Result<(Timestamp, Id<Submission>), Refusal> {
    let Some(after) = &window.after else { return Ok(latest()) };
    Ok((Timestamp::from_micros(after.part(0)?), after.part(1)?))
}

/// One row more than fits tells that there is a next page.
fn page(mut records: Vec<Record>, limit: usize) -> Result<Page<Record>, Refusal> {
    let is_more = records.len() > limit;
    records.truncate(limit);
    let last = records.last().filter(|_| is_more);
    let next = last.map(|it| Cursor::new([it.created_at.micros().to_string(), it.id.to_string()]));
    Ok(Page { items: records, next })
}
