//! What is asked, and how many answered.

use std::sync::Arc;

use kernel::{AreaPath, FormVersion as VersionName, Id, limits};
use policy::{Action, Resource};
use store::Tx;

use super::{
    app_user,
    draft::must_publish,
    library::Prepared,
    model::{Counts, Form, FormFile, FormState, FormVersion, Listed},
    rule, store as rows,
};
use crate::{Ctx, Refusal, fact};

/// Versions of a form that are listed.
const VERSIONS_LISTED_MAX: i64 = 1_000;

/// The forms that are handed out now, by their ids.
pub fn open(ctx: &Ctx) -> Result<Vec<Listed>, Refusal> {
    let is_open = |it: &Listed| it.form.state == FormState::Open && it.form.version.is_some();
    Ok(all(ctx)?.into_iter().filter(is_open).collect())
}

/// Every form that the actor may read, by its id. Of what is not published only those know who may publish it.
pub fn all(ctx: &Ctx) -> Result<Vec<Listed>, Refusal> {
    app_user::must_be_known(ctx)?;
    let (listed, assigned) = ctx.read(|tx| {
        let assigned = ctx.actor.app_user.map(|it| rows::assigned(tx, it)).transpose()?;
        Ok::<_, Refusal>((rows::list(tx, limits::FORMS_LISTED_MAX)?, assigned))
    })?;
    let is_shown = |it: &Listed| {
        let is_assigned = assigned.as_ref().is_none_or(|forms| forms.contains(&it.form.id));
        is_assigned && must_read(ctx, &it.form).is_ok()
    };
    Ok(listed.into_iter().filter(is_shown).collect())
}

/// The area in whose name the actor publishes: that of their first post that may.
pub fn publishing_area(ctx: &Ctx) -> Option<&AreaPath> {
    let own = ctx.actor.appointments.iter().map(|it| &it.area);
    own.into_iter().find(|path| ctx.may(Action::FormPublish, Resource::Area { path }))
}

/// Codes of the areas whose forms the actor may read or publish, in order.
pub fn areas(ctx: &Ctx) -> Result<Vec<String>, Refusal> {
    let mut codes: Vec<String> = all(ctx)?.iter().map(|it| it.form.area_path.code().to_owned()).collect();
    let own = ctx.actor.appointments.iter().map(|it| &it.area);
    let published = own.filter(|path| ctx.may(Action::FormPublish, Resource::Area { path }));
    codes.extend(published.map(|path| path.code().to_owned()));
    codes.sort();
    codes.dedup();
    Ok(codes)
}

/// A form with the version that is handed out, or its draft where none was published yet.
pub fn get(ctx: &Ctx, form_id: &str) -> Result<Listed, Refusal> {
    ctx.read(|tx| {
        let form = known(tx, ctx, form_id)?;
        let shown = form.version.or(form.draft).ok_or(Refusal::NotFound)?;
        let version = rows::version_by_id(tx, shown)?;
        let version = version.ok_or_else(|| Refusal::Broken("a form without its version".into()))?;
        Ok(Listed { form, version })
    })
}

/// The draft of a form, which those see who may publish it.
pub fn draft(ctx: &Ctx, form_id: &str) -> Result<Listed, Refusal> {
    ctx.read(|tx| {
        let form = known(tx, ctx, form_id)?;
        must_publish(ctx, &form.area_path)?;
        let version = rows::version_by_id(tx, form.draft.ok_or(Refusal::NotFound)?)?;
        Ok(Listed { form, version: version.ok_or(Refusal::NotFound)? })
    })
}

/// What a form asks for that is a fact, and what of its draft, if one waits, is known or asked already; for those who may publish it.
pub fn gate(
    ctx: &Ctx,
    form_id: &str,
) -> Result<(Vec<fact::Binding>, Option<Vec<fact::AskedAgain>>), Refusal> {
    ctx.read(|tx| {
        let form = known(tx, ctx, form_id)?;
        if must_publish(ctx, &form.area_path).is_err() {
            return Ok((Vec::new(), None));
        }
        let bindings = fact::bindings(tx, form.id)?;
        let Some(draft) = form.draft else { return Ok((bindings, None)) };
        let (xml, _) = rows::text(tx, draft)?.ok_or(Refusal::NotFound)?;
        let text = xform::form::Form::read(&xml).map_err(|fault| Refusal::Broken(fault.to_string()))?;
        Ok((bindings, Some(fact::asked_again(tx, ctx, &form, &text)?)))
    })
}

/// The published versions, latest first.
pub fn versions(ctx: &Ctx, form_id: &str) -> Result<(Form, Vec<FormVersion>), Refusal> {
    ctx.read(|tx| {
        let form = known(tx, ctx, form_id)?;
        let versions = rows::versions(tx, form.id, VERSIONS_LISTED_MAX)?;
        Ok((form, versions))
    })
}

/// The version of a form that is handed out, and its very bytes.
pub fn text(ctx: &Ctx, form_id: &str) -> Result<(Form, FormVersion, Vec<u8>), Refusal> {
    ctx.read(|tx| {
        let (form, version) = current(tx, ctx, form_id)?;
        let text = rows::text(tx, version.id)?;
        let (xml, _) = text.ok_or_else(|| Refusal::Broken("a form without a text".into()))?;
        Ok((form, version, xml))
    })
}

/// The files that are there of the version that is handed out.
pub fn files(ctx: &Ctx, form_id: &str) -> Result<Vec<FormFile>, Refusal> {
    ctx.read(|tx| {
        let (_, version) = current(tx, ctx, form_id)?;
        Ok(rows::files(tx, version.id)?)
    })
}

/// All files that the version names that is handed out, or the draft where none was published yet.
pub fn named_files(ctx: &Ctx, form_id: &str) -> Result<Vec<FormFile>, Refusal> {
    ctx.read(|tx| {
        let form = known(tx, ctx, form_id)?;
        named(tx, form.version.or(form.draft).ok_or(Refusal::NotFound)?)
    })
}

/// All files that the draft names.
pub fn named_files_of_draft(ctx: &Ctx, form_id: &str) -> Result<Vec<FormFile>, Refusal> {
    ctx.read(|tx| {
        let form = known(tx, ctx, form_id)?;
        must_publish(ctx, &form.area_path)?;
        named(tx, form.draft.ok_or(Refusal::NotFound)?)
    })
}

fn named(tx: &mut Tx<'_>, version: Id<VersionName>) -> Result<Vec<FormFile>, Refusal> {
    let (xml, _) = rows::text(tx, version)?.ok_or(Refusal::NotFound)?;
    let text = xform::form::Form::read(&xml).map_err(|fault| Refusal::Broken(fault.to_string()))?;
    let mut files = rows::files(tx, version)?;
    let come: Vec<String> = files.iter().map(|it| it.name.clone()).collect();
    let missing = text.expected_files().into_iter().filter(|it| !come.contains(it));
    files.extend(missing.map(|name| FormFile { name, md5: None }));
    files.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(files)
}

pub fn file(ctx: &Ctx, form_id: &str, name: &str) -> Result<Vec<u8>, Refusal> {
    ctx.read(|tx| {
        let (_, version) = current(tx, ctx, form_id)?;
        rows::file(tx, version.id, name)?.ok_or(Refusal::NotFound)
    })
}

/// How many records of a form there are. A record counts once, as its current version is judged.
pub fn counts(ctx: &Ctx, form_id: &str) -> Result<Counts, Refusal> {
    ctx.read(|tx| {
        let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
        if !ctx.actor.system {
            ctx.must(Action::FormCount, Resource::Area { path: &form.area_path })?;
        }
        Ok(rows::counts(tx, form.id)?)
    })
}

/// The version that is handed out, ready to read records by. Forms of other versions' records differ from it in what they
/// do not ask any more, or not yet.
pub fn prepared(ctx: &Ctx, form_id: &str) -> Result<Arc<Prepared>, Refusal> {
    ctx.read(|tx| {
        let (_, version) = current(tx, ctx, form_id)?;
        ctx.city.forms.get(tx, &version)
    })
}

/// How many questions a form shows, or one of its versions, inside another room's transaction.
pub fn questions_of(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form_id: &str,
    version: Option<Id<VersionName>>,
) -> Result<i64, Refusal> {
    let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
    let version = rows::version_by_id(tx, version.or(form.version).ok_or(Refusal::NotFound)?)?;
    let prepared = ctx.city.forms.get(tx, &version.ok_or(Refusal::NotFound)?)?;
    Ok(rule::shown(&prepared.form))
}

/// Whether the actor may read all records of a form.
pub fn may_list_records(ctx: &Ctx, form: &Form) -> bool {
    ctx.may(Action::SubmissionRead, Resource::Area { path: &form.area_path })
}

/// A form that is open, and the version of it that is handed out, inside another room's transaction.
pub fn takes_records(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form_id: &str,
) -> Result<Option<(Form, FormVersion)>, Refusal> {
    match current(tx, ctx, form_id) {
        Ok((form, version)) => Ok((form.state == FormState::Open).then_some((form, version))),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// To whoever may read no form it does not matter whether this one is there.
fn known(tx: &mut Tx<'_>, ctx: &Ctx, form_id: &str) -> Result<Form, Refusal> {
    app_user::must_be_known(ctx)?;
    let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
    must_read(ctx, &form)?;
    if app_user::reaches(tx, ctx, &form)? { Ok(form) } else { Err(Refusal::NotFound) }
}

fn current(tx: &mut Tx<'_>, ctx: &Ctx, form_id: &str) -> Result<(Form, FormVersion), Refusal> {
    let form = known(tx, ctx, form_id)?;
    let version = rows::version_by_id(tx, form.version.ok_or(Refusal::NotFound)?)?;
    let version = version.ok_or_else(|| Refusal::Broken("a form without its version".into()))?;
    Ok((form, version))
}

fn must_read(ctx: &Ctx, form: &Form) -> Result<(), Refusal> {
    if ctx.actor.system {
        return Ok(());
    }
    let action = if form.version.is_some() { Action::FormRead } else { Action::FormPublish };
    ctx.must_see(action, Resource::Area { path: &form.area_path })
}
