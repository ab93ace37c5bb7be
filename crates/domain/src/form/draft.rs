//! Preparing a version of a form: a draft is replaced as often as one likes, and is published for good.

use policy::{Action, Resource};
use store::Tx;

use super::{
    definition::{Definition, ITEMSETS, md5},
    fault::{PublishError, PublishFault},
    model::{Form, FormFile, FormState, FormVersion, Terms},
    rule, store as rows,
};
use crate::{
    Ctx, Faults, Message, Refusal, area, fact,
    journal::{self, Entry, SubjectKind},
    text,
};

/// Begins a form in the name of the area with the code `area`. Nobody is shown its draft who could not publish it.
pub fn create(ctx: &Ctx, area: &str, definition: &Definition, terms: Terms) -> Result<Form, Refusal> {
    ctx.write(|tx| {
        let place = area::place(tx, area)?.ok_or(Refusal::NotFound)?;
        must_publish(ctx, &place.path)?;
        if rows::by_form_id(tx, definition.form_id())?.is_some() {
            return Err(Refusal::conflict("conflict-form-exists"));
        }
        insert(tx, ctx, &place, definition, None, terms).map(|(form, _)| form)
    })
}

/// Replaces the draft: by a new text, or by the published one with its files.
pub fn set_draft(ctx: &Ctx, form_id: &str, definition: Option<&Definition>) -> Result<Form, PublishError> {
    ctx.write(|tx| {
        let form = publishable(tx, ctx, form_id)?;
        let copied;
        let definition = match definition {
            Some(it) if it.form_id() == form_id => it,
            Some(_) => return Err(Refusal::invalid("form_id", Message::new("fault-form-id"))),
            None => {
                let published = form.version.ok_or_else(|| Refusal::conflict("conflict-form-unpublished"))?;
                copied = match stored(tx, published)? {
                    Ok(it) => it,
                    Err(error) => return Ok(Err(error)),
                };
                &copied
            }
        };
        if let Err(error) = keeps_types(tx, ctx, &form, definition)? {
            return Ok(Err(error));
        }
        let carried = form.version;
        replace(tx, ctx, form, definition, carried).map(|(form, _)| Ok(form))
    })?
}

/// Adds a file to the draft, or replaces one.
pub fn add_draft_file(ctx: &Ctx, form_id: &str, name: &str, bytes: &[u8]) -> Result<FormFile, PublishError> {
    ctx.write(|tx| {
        let form = publishable(tx, ctx, form_id)?;
        let draft = form.draft.ok_or(Refusal::NotFound)?;
        let definition = match stored(tx, draft)? {
            Ok(it) => it,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(fault) = definition.fault_of_file(name, bytes) {
            return Ok(Err(PublishError::Faults(vec![fault])));
        }
        let file = put_file(tx, draft, name, bytes)?;
        let version = rows::version_by_id(tx, draft)?.ok_or(Refusal::NotFound)?;
        let form = update(tx, ctx, form)?;
        record(tx, ctx, "form.draft_file", &form, &version)?;
        Ok(Ok(file))
    })?
}

/// Publishes the draft: from now on it is handed out and takes records. `version` is written into it first; `reason` says why
/// it asks again for what is known, and may be empty where it does not.
pub fn publish_draft(
    ctx: &Ctx,
    form_id: &str,
    version: Option<&str>,
    reason: &str,
) -> Result<Form, PublishError> {
    let outcome = ctx.write(|tx| {
        let form = publishable(tx, ctx, form_id)?;
        let draft = form.draft.ok_or(Refusal::NotFound)?;
        let stored = stored(tx, draft)?;
        let definition = match version {
            Some(version) => stored.and_then(|it| it.with_version(version)),
            None => stored,
        };
        match definition {
            Ok(definition) => hand_out(tx, ctx, form, draft, (&definition, reason)),
            Err(error) => Ok(Err(error)),
        }
    })?;
    outcome.map(|(form, _)| form)
}

pub(super) fn must_publish(ctx: &Ctx, path: &kernel::AreaPath) -> Result<(), Refusal> {
    if ctx.actor.system {
        return Ok(());
    }
    ctx.must(Action::FormPublish, Resource::Area { path })
}

fn publishable(tx: &mut Tx<'_>, ctx: &Ctx, form_id: &str) -> Result<Form, Refusal> {
    let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
    must_publish(ctx, &form.area_path)?;
    Ok(form)
}

fn stored(
    tx: &mut Tx<'_>,
    version: kernel::Id<kernel::FormVersion>,
) -> Result<Result<Definition, PublishError>, Refusal> {
    let (xml, source) = rows::text(tx, version)?
        .ok_or_else(|| Refusal::Broken(format!("version {version} of a form is gone")))?;
    Ok(Definition::of_stored(xml, source))
}

/// A new form with its first draft.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    place: &area::Place,
    definition: &Definition,
    organization: Option<kernel::Id<kernel::Organization>>,
    terms: Terms,
) -> Result<(Form, FormVersion), Refusal> {
    let form = Form {
        id: ctx.id(),
        form_id: definition.form_id().to_owned(),
        title: definition.title(),
        county: place.county,
        area: place.id,
        area_path: place.path.clone(),
        organization,
        version: None,
        draft: None,
        state: FormState::Open,
        refuses_invalid: terms.refuses_invalid,
        answer_days: terms.answer_days,
        created_at: ctx.now,
        updated_at: ctx.now,
        revision: 0,
    };
    rows::insert(tx, &form)?;
    replace(tx, ctx, form, definition, None)
}

/// Puts a text in place of the draft, with the files of `carried` that it still names.
pub(super) fn replace(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: Form,
    definition: &Definition,
    carried: Option<kernel::Id<kernel::FormVersion>>,
) -> Result<(Form, FormVersion), Refusal> {
    if let Some(before) = form.draft {
        rows::delete_version(tx, before)?;
    }
    let version = FormVersion {
        id: ctx.id(),
        form: form.id,
        version: definition.version().to_owned(),
        md5: definition.md5(),
        files: 0,
        created_at: ctx.now,
        published_at: None,
    };
    rows::insert_version(tx, &version, (&definition.xml, definition.source.as_deref()), ctx.actor.person)?;
    if let Some(carried) = carried {
        let expected = definition.expected_files();
        let is_kept = |name: &str| expected.iter().any(|it| it == name) || name == ITEMSETS;
        for file in rows::files(tx, carried)?.into_iter().filter(|it| is_kept(&it.name)) {
            rows::carry_file(tx, (carried, version.id), &file.name)?;
        }
    }
    if let Some(bytes) = &definition.itemsets {
        put_file(tx, version.id, ITEMSETS, bytes)?;
    }
    let form = update(tx, ctx, Form { draft: Some(version.id), ..form })?;
    record(tx, ctx, "form.draft", &form, &version)?;
    Ok((form, version))
}

pub(super) fn put_file(
    tx: &mut Tx<'_>,
    version: kernel::Id<kernel::FormVersion>,
    name: &str,
    bytes: &[u8],
) -> Result<FormFile, Refusal> {
    let md5 = md5(bytes);
    rows::put_file(tx, version, (name, &md5), bytes)?;
    Ok(FormFile { name: name.to_owned(), md5: Some(md5) })
}

/// Publishes the draft as `definition`, under a version that the form did not have.
pub(super) fn hand_out(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: Form,
    draft: kernel::Id<kernel::FormVersion>,
    (definition, reason): (&Definition, &str),
) -> Result<Result<(Form, FormVersion), PublishError>, Refusal> {
    let mut faults = Faults::default();
    let reason = text::line(&mut faults, "reason", reason);
    faults.check()?;
    if rows::version(tx, form.id, definition.version())?.is_some() {
        return Err(Refusal::conflict("conflict-form-version"));
    }
    if let Err(error) = keeps_types(tx, ctx, &form, definition)? {
        return Ok(Err(error));
    }
    let (faults, _) = rule::wrong_elements(&definition.form, &ctx.city.statistic);
    if !faults.is_empty() {
        return Ok(Err(PublishError::Faults(faults)));
    }
    let again = fact::asked_again(tx, ctx, &form, &definition.form)?;
    if !again.is_empty() && reason.is_empty() {
        return Ok(Err(PublishError::AskedAgain { form_id: form.form_id, again }));
    }
    fact::bind(tx, ctx, form.id, &definition.form, (&again, &reason))?;
    let version = FormVersion {
        id: draft,
        form: form.id,
        version: definition.version().to_owned(),
        md5: definition.md5(),
        files: rows::count_files(tx, draft)?,
        created_at: ctx.now,
        published_at: Some(ctx.now),
    };
    rows::publish_version(tx, &version, &definition.xml)?;
    let form = Form { title: definition.title(), version: Some(draft), draft: None, ..form };
    let form = update(tx, ctx, form)?;
    let entry = entry("form.publish", &form, &version);
    let entry = if again.is_empty() { entry } else { entry.with("reason", &reason) };
    journal::record(tx, ctx, &entry)?;
    Ok(Ok((form, version)))
}

/// A question keeps its type from the published version to the next.
pub(super) fn keeps_types(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &Form,
    definition: &Definition,
) -> Result<Result<(), PublishError>, Refusal> {
    let Some(published) = form.version else { return Ok(Ok(())) };
    let before = rows::version_by_id(tx, published)?
        .ok_or_else(|| Refusal::Broken("a form without its version".into()))?;
    let changed: Vec<PublishFault> =
        rule::changed_types(&ctx.city.forms.get(tx, &before)?.form, &definition.form);
    Ok(if changed.is_empty() { Ok(()) } else { Err(PublishError::Types(changed)) })
}

/// Writes the form as it is now.
pub(super) fn update(tx: &mut Tx<'_>, ctx: &Ctx, form: Form) -> Result<Form, Refusal> {
    let form = Form { updated_at: ctx.now, ..form };
    rows::update(tx, &form)?;
    Ok(Form { revision: form.revision + 1, ..form })
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &str,
    form: &Form,
    version: &FormVersion,
) -> Result<(), Refusal> {
    journal::record(tx, ctx, &entry(action, form, version))
}

fn entry(action: &str, form: &Form, version: &FormVersion) -> Entry {
    Entry::new(form.county, action, SubjectKind::Form, form.id.uuid())
        .with("form_id", &form.form_id)
        .with("version", &version.version)
        .with("files", version.files)
        .with("md5", &version.md5)
}
