//! Whether an answer is among what a control offers.

use std::collections::HashSet;

use super::{Judge, Kind, plain_text};
use crate::{
    form::{Choices, Control, ControlKind, FieldId, Itemset, Rule},
    xpath::{EvaluationFault, Expression, Focus, PathStep, Scope, Value, number_text},
};

impl Judge<'_> {
    pub(super) fn check_control(&mut self, control: &Control, index: usize, value: &str) {
        match control.kind {
            ControlKind::Range => self.check_range(control, index, value),
            ControlKind::SelectOne => self.check_choices(control, index, value, &[value]),
            ControlKind::SelectMultiple | ControlKind::Rank => {
                let chosen: Vec<&str> = value.split(' ').filter(|it| !it.is_empty()).collect();
                let once: HashSet<&str> = chosen.iter().copied().collect();
                if once.len() < chosen.len() {
                    self.find(index, Kind::Choice, value, "each choice once", None);
                }
                self.check_choices(control, index, value, &chosen);
            }
            ControlKind::Input => {
                if let Some(query) = control.attribute("query") {
                    let itemset =
                        Itemset { nodeset: Rule::new(query), value: Rule::new("name"), label: None };
                    self.check_itemset(&itemset, None, index, value, &[value]);
                }
            }
            ControlKind::Upload | ControlKind::Trigger => {}
        }
    }

    fn check_choices(&mut self, control: &Control, index: usize, value: &str, chosen: &[&str]) {
        match &control.choices {
            Choices::None => {}
            Choices::Inline(choices) => {
                let missing = chosen.iter().find(|it| !choices.iter().any(|choice| choice.value == **it));
                if let Some(missing) = missing {
                    self.find(
                        index,
                        Kind::Choice,
                        value,
                        &format!("one of the choices, not {missing}"),
                        None,
                    );
                }
            }
            Choices::Itemset(itemset) => {
                self.check_itemset(itemset, Some(control.field), index, value, chosen)
            }
        }
    }

    fn check_itemset(
        &mut self,
        itemset: &Itemset,
        field: Option<FieldId>,
        index: usize,
        value: &str,
        chosen: &[&str],
    ) {
        let missing = |offered: &HashSet<String>| chosen.iter().find(|it| !offered.contains(**it)).copied();
        let known = field.and_then(|it| self.fixed_choices.get(&it)).map(missing);
        let missing = match known {
            Some(known) => known,
            None => match self.offered(itemset, index) {
                Err(fault) => return self.unchecked(index, "choices", value, &fault),
                Ok(offered) => {
                    let found = missing(&offered);
                    if let (Some(field), Ok(expression)) = (field, &itemset.nodeset.expression)
                        && is_fixed(expression)
                    {
                        self.fixed_choices.insert(field, offered);
                    }
                    found
                }
            },
        };
        if let Some(missing) = missing {
            let wanted = format!("a choice of {}, not {missing}", itemset.nodeset.text.trim());
            self.find(index, Kind::Choice, value, &wanted, None);
        }
    }

    /// The values of the choices that are offered here.
    fn offered(&mut self, itemset: &Itemset, index: usize) -> Result<HashSet<String>, String> {
        let (nodeset, of_value) = match (&itemset.nodeset.expression, &itemset.value.expression) {
            (Ok(nodeset), Ok(of_value)) => (nodeset, of_value),
            (Err(fault), _) | (_, Err(fault)) => return Err(fault.to_string()),
        };
        let name = itemset.value.text.trim();
        let is_name = crate::xml::is_name(name);
        let world = self.world;
        let values = |scope: &Scope<'_>, value: Value| -> Result<HashSet<String>, EvaluationFault> {
            let Value::Nodes(items) = value else { return Ok(HashSet::new()) };
            let mut values = HashSet::with_capacity(items.len());
            for item in items {
                let document = scope.document(item.document);
                let simple = is_name.then(|| document.child(item.node, name)).flatten();
                match simple.and_then(|it| plain_text(document, it)) {
                    Some(text) => values.insert(text.to_owned()),
                    None => {
                        let value = scope.evaluate(of_value, &Focus::at(item))?;
                        values.insert(scope.text(&value)?)
                    }
                };
            }
            Ok(values)
        };
        self.evaluate(index, nodeset, world, values).map_err(|it| it.to_string())
    }

    fn check_range(&mut self, control: &Control, index: usize, value: &str) {
        let number = |name: &str| control.attribute(name).and_then(|it| it.trim().parse::<f64>().ok());
        let (Some(start), Some(end), Ok(sent)) = (number("start"), number("end"), value.parse::<f64>())
        else {
            return;
        };
        let inside = sent >= start.min(end) && sent <= start.max(end);
        let on_step = number("step").is_none_or(|step| {
            let steps = (sent - start) / step;
            step == 0.0 || (steps - steps.round()).abs() < 1e-6
        });
        if !inside || !on_step {
            let step = control.attribute("step").map_or(String::new(), |it| format!(" in steps of {it}"));
            let wanted = format!("{} to {}{step}", number_text(start), number_text(end));
            self.find(index, Kind::Constraint, value, &wanted, None);
        }
    }
}

/// Whether no answer changes what a list offers.
fn is_fixed(expression: &Expression) -> bool {
    let uses = expression.uses();
    !uses.clock
        && !uses.past
        && expression.paths().iter().all(|path| match path.steps.first() {
            Some(PathStep::Child(_, local)) => path.absolute && local.is_empty(),
            _ => false,
        })
}
