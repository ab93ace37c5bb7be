//! Filling in a form on our own pages: a draft is its author's alone, follows the version that it was begun with, and is
//! sent like any other record.

use kernel::{Id, Submission as SubmissionName, Timestamp, limits};
use policy::{Action, Resource};
use store::Tx;
use xform::{
    check::fill::{Changes, Filling, Identity},
    xpath::World,
};

use super::{
    fault::Rejection,
    library::Prepared,
    model::{Draft, Form, FormState, FormVersion, Judged, Listed, NamedBytes, Own, Receipt, Sent},
    record::{SECONDS_PER_DAY, journal_read},
    rule, store as rows,
    submit::{Expected, may_change, submit},
};
use crate::{Ctx, Message, Refusal, campaign, fact};

/// Drafts that one person may have.
const DRAFTS_MAX: i64 = 100;
/// Sent records that are listed.
const OWN_LISTED_MAX: i64 = 200;
/// Seconds by which the clocks of a phone and the server may differ.
const CLOCKS_APART: i64 = 300;
/// Days after which a draft that nobody went on with is forgotten.
const DRAFT_DAYS: i64 = 90;
/// Longer than this nobody is at one page: they went away meanwhile.
const PAGE_SECONDS_MAX: i64 = 600;
/// Bytes of the files of one draft.
const FILES_BYTES_MAX: usize = limits::SUBMISSION_REQUEST_BYTES_MAX;

/// A draft and what is asked of it now.
#[derive(Debug)]
pub struct Filled {
    pub draft: Draft,
    pub filling: Filling,
    /// Languages of the form, by their own names.
    pub languages: Vec<String>,
    /// What was known of the unit before: the questions are asked with it.
    pub known: Vec<fact::Known>,
}

/// The forms that are asked of the actor: open ones of the areas that their posts lie in.
pub fn asked(ctx: &Ctx) -> Result<Vec<Listed>, Refusal> {
    ctx.person()?;
    let open = super::query::open(ctx)?;
    let is_asked = |it: &Listed| {
        let path = &it.form.area_path;
        let is_mine = ctx.actor.appointments.iter().any(|post| post.area.is_within(path));
        is_mine && ctx.may(Action::FormSubmit, Resource::Area { path })
    };
    Ok(open.into_iter().filter(is_asked).collect())
}

/// What the actor has begun, latest first.
pub fn drafts(ctx: &Ctx) -> Result<Vec<Draft>, Refusal> {
    let me = ctx.person()?.person;
    ctx.read(|tx| Ok(rows::drafts(tx, me, DRAFTS_MAX)?))
}

/// What the actor has sent, latest first.
pub fn own(ctx: &Ctx) -> Result<Vec<Own>, Refusal> {
    let me = ctx.person()?.person;
    ctx.read(|tx| {
        let mut own = rows::own(tx, me, OWN_LISTED_MAX)?;
        // What waits to be mended may be another's by now.
        for it in own.iter_mut().filter(|it| it.is_to_mend) {
            let form = rows::by_form_id(tx, &it.form_id)?.ok_or(Refusal::NotFound)?;
            let known = rows::by_instance(tx, form.county, form.id, &it.instance_id)?;
            it.is_to_mend = match known {
                Some(known) => may_change(tx, ctx, &form, known.submission)?,
                None => false,
            };
        }
        Ok(own)
    })
}

/// Begins a record of a form that is open.
pub fn begin(ctx: &Ctx, form_id: &str) -> Result<Id<SubmissionName>, Refusal> {
    let (form, version) = ctx.read(|tx| {
        let form = answerable(tx, ctx, form_id)?;
        if form.state != FormState::Open {
            return Err(Refusal::conflict("conflict-form-closed"));
        }
        let version = rows::version_by_id(tx, form.version.ok_or(Refusal::NotFound)?)?;
        Ok((form, version.ok_or(Refusal::NotFound)?))
    })?;
    begin_with(ctx, &form, &version, None)
}

/// Begins what a campaign asks of a unit, in the version that it says, or goes on with what the actor began of it.
pub fn begin_asked(
    ctx: &Ctx,
    form: &Form,
    version: Option<Id<kernel::FormVersion>>,
    asked: (Id<kernel::Campaign>, uuid::Uuid),
) -> Result<Id<SubmissionName>, Refusal> {
    let me = ctx.person()?.person;
    let (begun, version) = ctx.read(|tx| {
        let version = rows::version_by_id(tx, version.or(form.version).ok_or(Refusal::NotFound)?)?;
        Ok((rows::draft_for(tx, me, asked)?, version.ok_or(Refusal::NotFound)?))
    })?;
    match begun {
        Some(draft) => Ok(draft.id),
        None if !form.state.takes_records() => Err(Refusal::conflict("conflict-form-closed")),
        None => begin_with(ctx, form, &version, Some(asked)),
    }
}

fn begin_with(
    ctx: &Ctx,
    form: &Form,
    version: &FormVersion,
    asked: Option<(Id<kernel::Campaign>, uuid::Uuid)>,
) -> Result<Id<SubmissionName>, Refusal> {
    let id: Id<SubmissionName> = ctx.id();
    let instance_id = instance_id(id);
    let prepared = ctx.read(|tx| ctx.city.forms.get(tx, version))?;
    let world = world(ctx, "")?;
    let identity = Identity { instance_id: &instance_id, replaces: None };
    let filling =
        Filling::begin(&prepared.form, &prepared.attachments, &world, identity).map_err(unreadable)?;
    let known = match asked {
        Some((_, unit)) => ctx.read(|tx| fact::known(tx, ctx, &prepared.form, unit))?,
        None => Vec::new(),
    };
    let filling = if known.is_empty() {
        filling
    } else {
        let answers = known.into_iter().map(|it| (it.path, it.value)).collect();
        filled(&prepared, &world, identity, filling.xml(), &Changes { answers, ..Changes::default() })?
    };
    let draft = new(ctx, form, version.id, id, instance_id.clone())?;
    insert(ctx, &Draft { xml: filling.xml().to_owned(), asked, ..draft })
}

/// Begins an edit of a record that the actor sent, or may edit for another.
pub fn mend(ctx: &Ctx, form_id: &str, instance_id: &str) -> Result<Id<SubmissionName>, Refusal> {
    let (form, version, record, xml) = ctx.write(|tx| {
        let form = answerable(tx, ctx, form_id)?;
        if !form.state.takes_records() {
            return Err(Refusal::conflict("conflict-form-closed"));
        }
        let known = rows::by_instance(tx, form.county, form.id, instance_id)?.ok_or(Refusal::NotFound)?;
        if !may_change(tx, ctx, &form, known.submission)? {
            return Err(Refusal::NotFound);
        }
        if let Some(known) = rows::unit(tx, form.county, known.submission)?
            && let Err(Rejection::Campaign { message, .. }) = campaign::check_edit(tx, ctx, &known)?
        {
            return Err(Refusal::Conflict(message));
        }
        let record = rows::record(tx, (form.county, known.submission), form.id)?.ok_or(Refusal::NotFound)?;
        journal_read(tx, ctx, &form, record.id.uuid())?;
        let xml = rows::version_xml(tx, &record, record.current.number)?.ok_or(Refusal::NotFound)?;
        let version = rows::version(tx, form.id, &record.current.form_version)?.ok_or(Refusal::NotFound)?;
        Ok((form, version, record, xml))
    })?;
    let id: Id<SubmissionName> = ctx.id();
    let draft = new(ctx, &form, version.id, id, self::instance_id(id))?;
    let xml = String::from_utf8(xml).map_err(|_| Refusal::Broken("a record that is no text".into()))?;
    insert(ctx, &Draft { xml, replaces: Some(record.current.instance_id), ..draft })
}

fn new(
    ctx: &Ctx,
    form: &Form,
    version: Id<kernel::FormVersion>,
    id: Id<SubmissionName>,
    instance_id: String,
) -> Result<Draft, Refusal> {
    Ok(Draft {
        county: form.county,
        id,
        person: ctx.person()?.person,
        form: form.id,
        version,
        form_id: form.form_id.clone(),
        title: form.title.clone(),
        instance_id,
        replaces: None,
        xml: String::new(),
        revision: 0,
        updated_at: ctx.now,
        spent_seconds: 0,
        asked: None,
    })
}

fn insert(ctx: &Ctx, draft: &Draft) -> Result<Id<SubmissionName>, Refusal> {
    ctx.write(|tx| {
        // Pressed twice at once, both go on with the same.
        if let Some(asked) = draft.asked
            && let Some(begun) = rows::draft_for(tx, draft.person, asked)?
        {
            return Ok(begun.id);
        }
        if rows::drafts(tx, draft.person, DRAFTS_MAX)?.len() as i64 >= DRAFTS_MAX {
            return Err(Refusal::Conflict(Message::new("conflict-drafts").with("max", DRAFTS_MAX)));
        }
        rows::insert_draft(tx, draft, forget_at(ctx))?;
        Ok(draft.id)
    })
}

/// The languages in which a draft of the actor's can be filled in, by their own names.
pub fn draft_languages(ctx: &Ctx, id: Id<SubmissionName>) -> Result<Vec<String>, Refusal> {
    let (_, version) = find(ctx, id)?;
    Ok(languages(&ctx.read(|tx| ctx.city.forms.get(tx, &version))?.form))
}

/// A draft of the actor's, in one of its form's languages.
pub fn open_draft(ctx: &Ctx, id: Id<SubmissionName>, language: &str) -> Result<Filled, Refusal> {
    let (draft, version) = find(ctx, id)?;
    let prepared = ctx.read(|tx| ctx.city.forms.get(tx, &version))?;
    let world = world(ctx, language)?;
    let filling = filled(&prepared, &world, identity(&draft), &draft.xml, &Changes::default())?;
    let known = known(ctx, &prepared, &draft)?;
    Ok(Filled { filling, languages: languages(&prepared.form), draft, known })
}

fn known(ctx: &Ctx, prepared: &Prepared, draft: &Draft) -> Result<Vec<fact::Known>, Refusal> {
    let Some((_, unit)) = draft.asked else { return Ok(Vec::new()) };
    ctx.read(|tx| fact::known(tx, ctx, &prepared.form, unit))
}

/// Keeps what was done on a page. `revision` is the one that the page was shown of: what was kept since is not overwritten.
pub fn save(
    ctx: &Ctx,
    id: Id<SubmissionName>,
    revision: i64,
    language: &str,
    changes: &Changes,
    files: &[NamedBytes],
) -> Result<Filled, Refusal> {
    let (draft, version) = find(ctx, id)?;
    if draft.revision != revision {
        return Err(Refusal::conflict("conflict-draft"));
    }
    let prepared = ctx.read(|tx| ctx.city.forms.get(tx, &version))?;
    let world = world(ctx, language)?;
    let filling = filled(&prepared, &world, identity(&draft), &draft.xml, changes)?;
    let spent_seconds = draft.spent_seconds + at_page(&draft, ctx.now);
    let draft = Draft { updated_at: ctx.now, spent_seconds, ..draft };
    let named = named_files(&prepared, filling.xml())?;
    ctx.write(|tx| {
        let mut bytes: usize = files.iter().map(|it| it.bytes.len()).sum();
        for file in rows::draft_files(tx, &draft)? {
            if named.contains(&file.name) {
                bytes += file.bytes.len();
            } else {
                rows::delete_draft_file(tx, &draft, &file.name)?;
            }
        }
        if bytes > FILES_BYTES_MAX {
            let message = Message::new("fault-body-size").with("max", FILES_BYTES_MAX / 1024);
            return Err(Refusal::invalid("files", message));
        }
        for file in files {
            if !rule::is_file_name(&file.name) {
                return Err(Refusal::invalid("files", Message::new("fault-file-name")));
            }
            rows::put_draft_file(tx, &draft, file, forget_at(ctx))?;
        }
        Ok(rows::update_draft(tx, &draft, filling.xml(), forget_at(ctx))?)
    })?;
    let (languages, known) = (languages(&prepared.form), known(ctx, &prepared, &draft)?);
    let draft = Draft { xml: filling.xml().to_owned(), revision: draft.revision + 1, ..draft };
    Ok(Filled { draft, filling, languages, known })
}

/// How a record is judged that came of a draft, once it was sent: who asks again has lost the answer. What was kept of the draft
/// since is not what was sent, and stays.
pub fn sent(ctx: &Ctx, id: Id<SubmissionName>) -> Result<Option<Judged>, Rejection> {
    let me = ctx.person()?.person;
    let found = ctx
        .read(|tx| Ok::<_, Refusal>((rows::sent_by(tx, me, &instance_id(id))?, rows::draft(tx, id, me)?)))?;
    let (Some((state, sent_at)), draft) = found else { return Ok(None) };
    // One that the server left over as it ended in between is done with.
    if let Some(draft) = draft {
        if draft.updated_at > sent_at {
            return Err(Rejection::ChangedSince);
        }
        ctx.write(|tx| Ok::<_, Refusal>(rows::delete_draft(tx, &draft)?))?;
    }
    Ok(Some(state))
}

fn instance_id(id: Id<SubmissionName>) -> String {
    format!("uuid:{}", id.uuid())
}

/// Sends a draft: the record is there from then on, and the draft is not. `finished_at` is when its writer had done with it,
/// where it waited for a network since.
pub fn send(ctx: &Ctx, id: Id<SubmissionName>, finished_at: Option<Timestamp>) -> Result<Receipt, Rejection> {
    let filled = open_draft(ctx, id, "")?;
    let draft = filled.draft;
    let xml = filled.filling.record().to_owned();
    let files = ctx.read(|tx| Ok::<_, Refusal>(rows::draft_files(tx, &draft)?))?;
    // A phone's clock may be wrong: what it cannot have been is not kept.
    let is_likely = |at: &Timestamp| *at <= ctx.now && *at >= draft.updated_at.plus_seconds(-CLOCKS_APART);
    let finished_at = finished_at.filter(is_likely);
    let asked = draft.asked.map(|(campaign, unit)| campaign::Asked { campaign, unit, finished_at });
    let expected = asked.as_ref().map_or(Expected::Any, Expected::Asked);
    let seconds = draft.spent_seconds + at_page(&draft, finished_at.unwrap_or(ctx.now));
    let sent = Sent { xml: xml.into_bytes(), files, seconds: Some(seconds) };
    let receipt = submit(ctx, &sent, expected)?;
    ctx.write(|tx| Ok::<_, Refusal>(rows::delete_draft(tx, &draft)?))?;
    Ok(receipt)
}

/// Seconds at the page that is done with at `until`. What is longer is a pause.
fn at_page(draft: &Draft, until: Timestamp) -> i64 {
    let seconds = until.seconds_since(draft.updated_at);
    if (0..=PAGE_SECONDS_MAX).contains(&seconds) { seconds } else { 0 }
}

pub fn discard(ctx: &Ctx, id: Id<SubmissionName>) -> Result<(), Refusal> {
    let (draft, _) = find(ctx, id)?;
    ctx.write(|tx| Ok(rows::delete_draft(tx, &draft)?))
}

fn find(ctx: &Ctx, id: Id<SubmissionName>) -> Result<(Draft, FormVersion), Refusal> {
    let me = ctx.person()?.person;
    ctx.read(|tx| {
        let draft = rows::draft(tx, id, me)?.ok_or(Refusal::NotFound)?;
        let version = rows::version_by_id(tx, draft.version)?;
        Ok((draft, version.ok_or_else(|| Refusal::Broken("a draft without its form".into()))?))
    })
}

fn answerable(tx: &mut Tx<'_>, ctx: &Ctx, form_id: &str) -> Result<Form, Refusal> {
    ctx.person()?;
    let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
    ctx.must_see(Action::FormSubmit, Resource::Area { path: &form.area_path })?;
    Ok(form)
}

/// A record as its form asks for it.
pub(super) fn filled(
    prepared: &Prepared,
    world: &World,
    identity: Identity<'_>,
    xml: &str,
    changes: &Changes,
) -> Result<Filling, Refusal> {
    Filling::change(&prepared.form, &prepared.attachments, world, identity, xml, changes).map_err(unreadable)
}

/// Files that answers name; the others of a draft are wanted no more.
fn named_files(prepared: &Prepared, xml: &str) -> Result<Vec<String>, Refusal> {
    let record = xform::check::Submission::read(xml.as_bytes()).map_err(unreadable)?;
    record.files(&prepared.form).map_err(unreadable)
}

fn identity(draft: &Draft) -> Identity<'_> {
    Identity { instance_id: &draft.instance_id, replaces: draft.replaces.as_deref() }
}

pub(super) fn languages(form: &xform::form::Form) -> Vec<String> {
    form.translations.languages.iter().map(|it| it.name.clone()).collect()
}

pub(super) fn world(ctx: &Ctx, language: &str) -> Result<World, Refusal> {
    let world = World::in_china(ctx.now.micros());
    let world = world.ok_or_else(|| Refusal::Broken("the clock is out of range".into()))?;
    Ok(World { language: language.to_owned(), ..world })
}

fn forget_at(ctx: &Ctx) -> Timestamp {
    ctx.now.plus_seconds(DRAFT_DAYS * SECONDS_PER_DAY)
}

fn unreadable(fault: xform::check::Refusal) -> Refusal {
    Refusal::Broken(format!("a draft that its form does not read: {fault}"))
}
