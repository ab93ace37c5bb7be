//! What is asked, and how many answered.

use kernel::limits;
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{Counts, Form, FormFile, FormState, FormVersion, Listed},
    store as rows,
};
use crate::{Ctx, Refusal};

/// The forms that are handed out now, by their ids.
pub fn open(ctx: &Ctx) -> Result<Vec<Listed>, Refusal> {
    Ok(all(ctx)?.into_iter().filter(|it| it.form.state == FormState::Open).collect())
}

/// Every form that the actor may read, by its id.
pub fn all(ctx: &Ctx) -> Result<Vec<Listed>, Refusal> {
    if ctx.signed_in.is_none() && ctx.actor.app_user.is_none() && !ctx.actor.system {
        return Err(Refusal::SignIn);
    }
    let listed = ctx.read(|tx| Ok(rows::list(tx, limits::FORMS_LISTED_MAX)?))?;
    Ok(listed.into_iter().filter(|it| must_read(ctx, &it.form).is_ok()).collect())
}

/// The version of a form that is handed out, and its very bytes.
pub fn text(ctx: &Ctx, form_id: &str) -> Result<(Form, FormVersion, Vec<u8>), Refusal> {
    ctx.read(|tx| {
        let (form, version) = current(tx, ctx, form_id)?;
        let xml =
            rows::xml(tx, version.id)?.ok_or_else(|| Refusal::Broken("a form without a text".into()))?;
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

/// To whoever may read no form it does not matter whether this one is there.
fn current(tx: &mut Tx<'_>, ctx: &Ctx, form_id: &str) -> Result<(Form, FormVersion), Refusal> {
    if ctx.signed_in.is_none() && ctx.actor.app_user.is_none() && !ctx.actor.system {
        return Err(Refusal::SignIn);
    }
    let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
    must_read(ctx, &form)?;
    let version = rows::version_by_id(tx, form.version)?;
    let version = version.ok_or_else(|| Refusal::Broken("a form without its version".into()))?;
    Ok((form, version))
}

fn must_read(ctx: &Ctx, form: &Form) -> Result<(), Refusal> {
    if ctx.actor.system {
        return Ok(());
    }
    ctx.must_see(Action::FormRead, Resource::Area { path: &form.area_path })
}
