use store::Tx;
use uuid::Uuid;
use xform::form::Form;

use super::{model::Known, rule, store as rows};
use crate::{Ctx, Refusal};

/// What is known of a unit of that which a form asks for: the latest of each question. Nothing of a person in office.
pub fn known(tx: &mut Tx<'_>, ctx: &Ctx, form: &Form, unit: Uuid) -> Result<Vec<Known>, Refusal> {
    let mut found = Vec::new();
    for binding in rule::bindings(form, &ctx.city.statistic) {
        let key = (kernel::Id::from_uuid(unit), binding.element.code.as_str(), binding.option);
        if let Some((fact, source)) = rows::latest(tx, key)? {
            found.push(Known {
                path: form.field(binding.field).path.clone(),
                value: rule::written(binding.element.value_type, fact.value),
                source,
                answered_at: fact.answered_at,
            });
        }
    }
    Ok(found)
}
