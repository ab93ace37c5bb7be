//! What a question offers to choose from, without a record.

use super::{JUDGE_STEPS_MAX, lookup::Lists};
use crate::{
    form::{Attachments, Choices, Control, Form, Itemset},
    xml::Document,
    xpath::{Budget, Focus, InstanceAnswer, Lookup, Names, NodeRef, Scope, World},
};

/// Values and labels of the choices of a question in the order of its list, whatever answers would leave out of it; at most
/// `most`. Of a list that is made of answers there are none.
pub fn choices(
    form: &Form,
    attachments: &Attachments,
    control: &Control,
    world: &World,
    most: usize,
) -> Vec<(String, String)> {
    match &control.choices {
        Choices::None => Vec::new(),
        Choices::Inline(choices) => {
            let label = |it: &crate::form::Text| it.literal(&form.translations, &world.language);
            choices.iter().take(most).map(|it| (it.value.clone(), label(&it.label))).collect()
        }
        Choices::Itemset(itemset) => listed(form, attachments, itemset, world, most).unwrap_or_default(),
    }
}

fn listed(
    form: &Form,
    attachments: &Attachments,
    itemset: &Itemset,
    world: &World,
    most: usize,
) -> Option<Vec<(String, String)>> {
    let of_value = itemset.value.expression.as_ref().ok()?;
    let of_label = itemset.label.as_ref().and_then(|it| it.expression.as_ref().ok());
    let id = itemset.nodeset.expression.as_ref().ok()?.leading_instance()?;
    // In front of the lists stands the record, and here there is none.
    let record = Document::new();
    let (lists, mut documents) = Lists::new(form, attachments);
    let InstanceAnswer::Document(number) = lists.instance(id) else { return None };
    documents.insert(0, &record);
    let budget = Budget::new(JUDGE_STEPS_MAX);
    let scope = Scope::new(&documents, world, &budget, Some(&lists), &Names::AsWritten);
    let document = scope.document(number);
    let mut found = Vec::new();
    for item in document.root().into_iter().flat_map(|it| document.elements(it)).take(most) {
        let focus = Focus::at(NodeRef { document: number, node: item });
        let text = |expression| scope.evaluate(expression, &focus).and_then(|it| scope.text(&it)).ok();
        let value = text(of_value)?;
        let label = of_label.and_then(text).unwrap_or_default();
        found.push((value, label));
    }
    Some(found)
}
