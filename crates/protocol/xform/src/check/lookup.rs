use crate::{
    form::{Attachments, Choices, Control, FieldId, Form, Item, TextForm},
    xml::{Document, NodeId},
    xpath::{EvaluationFault, Focus, InstanceAnswer, Lookup, NodeRef, Scope},
};

/// The documents that rules read beside the record, and the form's own texts.
pub struct Lists<'a> {
    form: &'a Form,
    /// The number of the document of each instance.
    numbers: Vec<Option<u16>>,
    /// The controls of fields, by their number.
    pub controls: Vec<Option<&'a Control>>,
}

impl<'a> Lists<'a> {
    /// Also gives the documents, in the order of their numbers, from 1 on.
    pub fn new(form: &'a Form, attachments: &'a Attachments) -> (Self, Vec<&'a Document>) {
        let mut documents = Vec::new();
        let mut numbers = Vec::new();
        for instance in &form.instances {
            numbers.push(attachments.document(instance).map(|it| {
                documents.push(it);
                documents.len() as u16
            }));
        }
        (Lists { form, numbers, controls: controls(form) }, documents)
    }
}

fn controls(form: &Form) -> Vec<Option<&Control>> {
    let mut found: Vec<Option<&Control>> = vec![None; form.fields.len()];
    let mut open: Vec<&Item> = form.body.iter().collect();
    while let Some(item) = open.pop() {
        match item {
            Item::Group(group) => open.extend(&group.items),
            Item::Repeat(repeat) => open.extend(&repeat.items),
            Item::Control(control) => found[control.field.index()] = Some(control),
        }
    }
    found
}

impl Lookup for Lists<'_> {
    fn instance(&self, id: &str) -> InstanceAnswer {
        match self.form.instances.iter().position(|it| it.id == id) {
            Some(index) => match self.numbers[index] {
                Some(number) => InstanceAnswer::Document(number),
                None => InstanceAnswer::Missing,
            },
            None => InstanceAnswer::Unknown,
        }
    }

    fn translated(&self, id: &str, language: &str) -> Option<String> {
        let parts = self.form.translations.text(id, language, &TextForm::Plain);
        match parts {
            Some(parts) => Some(crate::form::literal(parts)),
            None => self.form.translations.contains(id).then(String::new),
        }
    }

    fn choice_label(&self, scope: &Scope<'_>, path: &str, value: &str) -> Result<String, EvaluationFault> {
        let field = self.form.field_at(path).map(FieldId::index);
        let control = field.and_then(|it| self.controls[it]);
        let Some(control) = control else {
            return Err(EvaluationFault::Argument(format!("the form has no question {path}")));
        };
        match &control.choices {
            Choices::None => Ok(String::new()),
            Choices::Inline(choices) => Ok(choices
                .iter()
                .find(|it| it.value == value)
                .map(|it| it.label.literal(&self.form.translations, &scope.world.language))
                .unwrap_or_default()),
            Choices::Itemset(itemset) => {
                let Some(id) = itemset.nodeset.expression.as_ref().ok().and_then(|it| it.leading_instance())
                else {
                    return Err(EvaluationFault::Argument(format!("the choices of {path} are no list")));
                };
                let InstanceAnswer::Document(number) = self.instance(id) else {
                    return Err(EvaluationFault::InstanceMissing(id.to_owned()));
                };
                label_in_list(scope, number, itemset, value)
            }
        }
    }
}

/// The label of the first item that has the value, whatever a filter would say.
fn label_in_list(
    scope: &Scope<'_>,
    number: u16,
    itemset: &crate::form::Itemset,
    value: &str,
) -> Result<String, EvaluationFault> {
    let document = scope.document(number);
    let (Ok(of_value), Some(Ok(of_label))) =
        (&itemset.value.expression, itemset.label.as_ref().map(|it| it.expression.as_ref()))
    else {
        return Ok(String::new());
    };
    for item in document.root().into_iter().flat_map(|it| document.elements(it)) {
        let focus = Focus::at(NodeRef { document: number, node: item });
        let found = scope.evaluate(of_value, &focus)?;
        if scope.text(&found)? == value {
            let label = scope.evaluate(of_label, &focus)?;
            return scope.text(&label);
        }
    }
    Ok(String::new())
}

/// Text of the only text below an element, where that is all there is.
pub fn plain_text(document: &Document, element: NodeId) -> Option<&str> {
    let mut children = document.children(element);
    match (children.next(), children.next()) {
        (None, _) => Some(""),
        (Some(only), None) if document.kind(only) == crate::xml::NodeKind::Text => Some(document.value(only)),
        _ => None,
    }
}
