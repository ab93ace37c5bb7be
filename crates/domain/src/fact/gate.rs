//! The gate at publishing: a form that asks for what is known, or for what another open form asks, says why.

use kernel::{Form as FormName, Id};
use store::Tx;
use xform::form::Form as XForm;

use super::{
    model::{AskedAgain, Binding as Bound},
    rule, store as rows,
};
use crate::{Ctx, Refusal, form::Form};

/// The questions of a form whose answers are known without it, or that another open form asks the same units.
pub(crate) fn asked_again(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &Form,
    definition: &XForm,
) -> Result<Vec<AskedAgain>, Refusal> {
    let mut found = Vec::new();
    for binding in rule::bindings(definition, &ctx.city.statistic) {
        let key = (form.id, binding.element.code.as_str(), binding.option);
        let known = rows::known_without(tx, key, &form.area_path)?;
        let mut others = rows::asked_by_others(tx, key)?;
        // Whoever stands beside asks other units.
        others.retain(|it| it.path.is_within(&form.area_path) || form.area_path.is_within(&it.path));
        if known.is_some() || !others.is_empty() {
            found.push(AskedAgain {
                question: definition.label(binding.field, ""),
                element: binding.element.code.clone(),
                option: binding.option.to_owned(),
                known,
                others,
            });
        }
    }
    Ok(found)
}

/// Keeps which elements the version asks for that is handed out now, in place of those of the one before. `reason` stands with
/// those that are asked again.
pub(crate) fn bind(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: Id<FormName>,
    definition: &XForm,
    (again, reason): (&[AskedAgain], &str),
) -> Result<(), Refusal> {
    let before = rows::bindings(tx, form)?;
    rows::unbind(tx, form)?;
    for binding in rule::bindings(definition, &ctx.city.statistic) {
        let (element, option) = (binding.element.code.clone(), binding.option.to_owned());
        let is_same = |it: &&Bound| it.element == element && it.option == option;
        let is_again = again.iter().any(|it| it.element == element && it.option == option);
        let since = before.iter().find(is_same).map_or(ctx.now, |it| it.since);
        let reason = if is_again { reason.to_owned() } else { String::new() };
        let question = definition.label(binding.field, "");
        rows::bind(tx, form, &Bound { question, element, option, since, reason })?;
    }
    Ok(())
}

/// What a form asks for since when, and why it asks again; in the order of elements.
pub(crate) fn bindings(tx: &mut Tx<'_>, form: Id<FormName>) -> Result<Vec<Bound>, Refusal> {
    Ok(rows::bindings(tx, form)?)
}
