//! What the office that asks does to a form after it was published.

use kernel::{Form as FormName, Id};
use store::Tx;

use super::{
    draft,
    model::{Form, FormState},
    store as rows,
};
use crate::{
    Ctx, Refusal, campaign,
    journal::{self, Entry, SubjectKind},
};

/// Opens or closes a form. One that is closed keeps what was sent; one that a campaign asks stays open for it.
pub fn set_state(ctx: &Ctx, form_id: &str, state: FormState) -> Result<Form, Refusal> {
    ctx.write(|tx| {
        let form = rows::by_form_id(tx, form_id)?.ok_or(Refusal::NotFound)?;
        draft::must_publish(ctx, &form.area_path)?;
        if form.state == state {
            return Ok(form);
        }
        if state != FormState::Open {
            campaign::must_not_ask(tx, ctx, form.id)?;
        }
        let form = draft::update(tx, ctx, Form { state, ..form })?;
        let entry = Entry::new(form.county, "form.set_state", SubjectKind::Form, form.id.uuid())
            .with("state", state.as_str());
        journal::record(tx, ctx, &entry)?;
        Ok(form)
    })
}

/// What is asked of a form holds only as long as nobody changes it: one of two who do at once looks again.
pub fn hold(tx: &mut Tx<'_>, form: Id<FormName>) -> Result<(), Refusal> {
    Ok(rows::hold(tx, form)?)
}
