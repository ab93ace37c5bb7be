//! Which question asks for which element, and how a value is written; pure.

use xform::form::{DataType, Field, FieldId, FieldKind, Form};

use crate::statistic::{Definitions, Element, ValueType};

/// Of the attribute `olzii:element` at a bind.
const NAMESPACE: &str = "urn:olzii:xforms";
const ATTRIBUTE: &str = "element";

/// A question and the element that it asks for.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    pub field: FieldId,
    pub element: &'a Element,
    /// Empty for an element without a disaggregation.
    pub option: &'a str,
}

/// What is wrong with a binding, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub path: String,
    pub reason: String,
    pub help: String,
    /// The form works all the same, and the answer is no fact.
    pub is_warning: bool,
}

fn bound(form: &Form) -> impl Iterator<Item = (&Field, &str)> {
    form.fields.iter().filter_map(|it| Some((it, it.bind_attribute(NAMESPACE, ATTRIBUTE)?)))
}

/// `element` or `element.option`, as it is written in a form.
fn named<'a>(definitions: &'a Definitions, text: &str) -> Option<(&'a Element, &'a str)> {
    let text = text.trim();
    if let Some(element) = definitions.element(text) {
        return definitions.options(element).is_empty().then_some((element, ""));
    }
    let (code, option) = text.rsplit_once('.')?;
    let element = definitions.element(code)?;
    let option = definitions.options(element).iter().find(|it| it.code == option)?;
    Some((element, &option.code))
}

/// The questions of a form that are bound; those that cannot be are left out.
pub fn bindings<'a>(form: &Form, definitions: &'a Definitions) -> Vec<Binding<'a>> {
    let found = bound(form).filter_map(|(field, text)| {
        let (element, option) = named(definitions, text)?;
        let field = form.field_at(&field.path)?;
        (element.counted.is_none()).then_some(Binding { field, element, option })
    });
    found.collect()
}

/// All that is wrong in the bindings of a form.
pub fn faults(form: &Form, definitions: &Definitions) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (field, text) in bound(form) {
        let fault = |reason: String, help: &str| Fault {
            path: field.path.clone(),
            reason,
            help: help.to_owned(),
            is_warning: false,
        };
        let Some((element, option)) = named(definitions, text) else {
            let help =
                "Write its code as the statistics have it, and ELEMENT.OPTION where it is taken apart.";
            let reason = format!("there is no data element {text:?}, so that the answer is no fact");
            faults.push(Fault { is_warning: true, ..fault(reason, help) });
            continue;
        };
        let mut wrong = |reason: String, help: &str| faults.push(fault(reason, help));
        if element.counted.is_some() {
            wrong(
                format!("{text} is counted from the city's own tables"),
                "Take the question out: nobody has to type it.",
            );
        }
        if seen.contains(&(&element.code, option)) {
            wrong(format!("{text} is asked twice in this form"), "Ask it once.");
        }
        seen.push((&element.code, option));
        let fits = match element.value_type {
            ValueType::Count => field.data_type == DataType::Int,
            ValueType::Money => matches!(field.data_type, DataType::Int | DataType::Decimal),
        };
        if field.kind != FieldKind::Question || !fits {
            wrong(
                format!("{text} is a number, and this question asks for none"),
                "Make it of the type integer, or decimal for money.",
            );
        }
        if is_repeated(form, field) {
            wrong(
                format!("{text} has one value a unit, and this question is asked several times"),
                "Take it out of the repeat.",
            );
        }
    }
    faults
}

fn is_repeated(form: &Form, field: &Field) -> bool {
    let mut around = field.parent;
    while let Some(id) = around {
        let group = form.field(id);
        if group.kind == FieldKind::Repeat {
            return true;
        }
        around = group.parent;
    }
    false
}

/// The value of an answer: exact, none of what is empty or no such number.
pub fn value(of: ValueType, answer: &str) -> Option<i64> {
    let answer = answer.trim();
    let places = if of == ValueType::Money { 2 } else { 0 };
    let (whole, part) = answer.split_once('.').unwrap_or((answer, ""));
    let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    let part = part.trim_end_matches('0');
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > places {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

/// A value as an answer is written.
pub fn written(of: ValueType, value: i64) -> String {
    match of {
        ValueType::Count => value.to_string(),
        ValueType::Money if value % 100 == 0 => (value / 100).to_string(),
        ValueType::Money => format!("{}.{:02}", value / 100, value % 100),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn answers_are_exact_numbers_or_none() {
        for (answer, of_money, of_count) in [
            ("312", Some(31_200), Some(312)),
            (" 7 ", Some(700), Some(7)),
            ("0.1", Some(10), None),
            ("19.99", Some(1_999), None),
            ("19.990", Some(1_999), None),
            ("5.00", Some(500), Some(5)),
            ("19.999", None, None),
            ("", None, None),
            ("-1", None, None),
            ("1e3", None, None),
            (".5", None, None),
            ("99999999999999999999", None, None),
        ] {
            assert_eq!(
                (value(ValueType::Money, answer), value(ValueType::Count, answer)),
                (of_money, of_count),
                "{answer:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(it in 0_i64..=1_000_000_000_000) {
            for of in [ValueType::Money, ValueType::Count] {
                prop_assert_eq!(value(of, &written(of, it)), Some(it));
            }
        }
    }
}
