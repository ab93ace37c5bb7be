//! What is wrong in a form's rules and in what its body shows.

use crate::form::{
    body::{Choices, Control, Item, Text},
    fault::{FormFault, Severity},
    field::{Field, Rule},
    instance::Instance,
    itext::Translations,
};

pub fn of_rules(fields: &[Field]) -> Vec<FormFault> {
    let mut faults = Vec::new();
    for field in fields {
        let rules = [
            ("relevant", &field.relevant),
            ("required", &field.required),
            ("readonly", &field.readonly),
            ("constraint", &field.constraint),
            ("calculate", &field.calculate),
            ("jr:count", &field.repeat_count),
        ];
        for (name, rule) in rules {
            let Some(rule) = rule else { continue };
            faults.extend(fault_of(&field.path, name, rule));
        }
    }
    faults
}

pub fn of_body(
    items: &[Item],
    fields: &[Field],
    translations: &Translations,
    instances: &[Instance],
) -> Vec<FormFault> {
    let mut faults = Vec::new();
    let mut open: Vec<&Item> = items.iter().rev().collect();
    while let Some(item) = open.pop() {
        match item {
            Item::Group(group) => open.extend(group.items.iter().rev()),
            Item::Repeat(repeat) => open.extend(repeat.items.iter().rev()),
            Item::Control(control) => {
                let path = &fields[control.field.index()].path;
                faults.extend(control_faults(control, path, translations, instances));
            }
        }
    }
    faults
}

fn control_faults(
    control: &Control,
    path: &str,
    translations: &Translations,
    instances: &[Instance],
) -> Vec<FormFault> {
    let mut faults = Vec::new();
    let mut fault = |rule, reason: String, help: &str| {
        let severity = Severity::Error;
        faults.push(FormFault { severity, place: path.to_owned(), rule, reason, help: help.to_owned() });
    };
    for text in [&control.label, &control.hint].into_iter().flatten() {
        if let Text::Translated(id) = text
            && !translations.contains(id)
        {
            fault("label", format!("the form has no text {id}"), "Add the text to every language.");
        }
    }
    if let Choices::Itemset(itemset) = &control.choices {
        match &itemset.nodeset.expression {
            Err(error) => fault("itemset", error.to_string(), "Correct the list or its filter."),
            Ok(expression) => {
                if let Some(id) = expression.leading_instance()
                    && !instances.iter().any(|it| it.id == id)
                {
                    fault("itemset", format!("the form has no list {id}"), "Add the list, or name another.");
                }
            }
        }
    }
    faults
}

/// What is wrong with a rule, or works in one engine only.
fn fault_of(place: &str, name: &'static str, rule: &Rule) -> Option<FormFault> {
    let fault = |severity, reason: String, help: &str| FormFault {
        severity,
        place: place.to_owned(),
        rule: name,
        reason,
        help: help.to_owned(),
    };
    match &rule.expression {
        Err(error) => Some(fault(
            Severity::Error,
            format!("{error} in {}", rule.text),
            "Correct the expression; texts stand in quotes, and answers are named by their path or ${name}.",
        )),
        Ok(expression) => {
            let loose =
                expression.patterns().into_iter().find(|it| !it.starts_with('^') || !it.ends_with('$'))?;
            Some(fault(
                Severity::Warning,
                format!(
                    "the pattern {loose} may stand anywhere in the answer in browsers, and has to be all of it in ODK Collect"
                ),
                "Write ^ before and $ behind it.",
            ))
        }
    }
}
