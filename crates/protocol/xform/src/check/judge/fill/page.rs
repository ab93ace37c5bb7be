use super::{Judge, Page, Part, Question, Repeat};
use crate::{
    form::{
        Choices, Control, FieldId, FieldKind, Group, Item, Itemset, Repeat as RepeatItem, Text, TextForm,
        TextPart,
    },
    xpath::{Focus, Value},
};

/// Questions without a group that are asked at a time.
const LOOSE_QUESTIONS_MAX: usize = 10;
/// Choices of one question that are shown.
const CHOICES_MAX: usize = 5_000;

impl Judge<'_> {
    /// A page for each group and repeat of the body, and for the questions between them.
    pub(super) fn pages(&mut self) -> Vec<Page> {
        // What a rule cannot tell was found when it was checked, and is not told again.
        let found = self.findings.len();
        let (form, mut pages, mut loose) = (self.form, Vec::new(), Page::default());
        for item in &form.body {
            if let Item::Control(_) = item {
                let questions = loose.parts.iter().filter(|it| matches!(it, Part::Question(_))).count();
                if questions >= LOOSE_QUESTIONS_MAX {
                    pages.push(std::mem::take(&mut loose));
                }
                self.item(item, 0, 0, &mut loose.parts);
                continue;
            }
            pages.push(std::mem::take(&mut loose));
            let mut page = Page::default();
            match item {
                Item::Group(group) => {
                    page.title = self.text(self.at(group.field, 0).unwrap_or(0), group.label.as_ref());
                    self.group(group, 0, 0, &mut page.parts);
                }
                other => self.item(other, 0, 0, &mut page.parts),
            }
            pages.push(page);
        }
        pages.push(loose);
        self.findings.truncate(found);
        pages.retain(|page| page.parts.iter().any(|it| !matches!(it, Part::Heading { .. })));
        pages
    }

    fn item(&mut self, item: &Item, around: usize, depth: usize, out: &mut Vec<Part>) {
        match item {
            Item::Control(control) => out.extend(self.question(control, around)),
            Item::Group(group) => {
                let title = self.text(self.at(group.field, around).unwrap_or(around), group.label.as_ref());
                let length = out.len();
                if !title.is_empty() {
                    out.push(Part::Heading { title, depth });
                }
                let filled = out.len();
                self.group(group, around, depth + 1, out);
                if out.len() == filled {
                    out.truncate(length);
                }
            }
            Item::Repeat(repeat) => self.repeat(repeat, "", around, depth, out),
        }
    }

    fn group(&mut self, group: &Group, around: usize, depth: usize, out: &mut Vec<Part>) {
        // A group of the same node is how a repeat gets its label, which is there even without an instance.
        let is_label = group.field.is_none_or(|it| self.form.field(it).kind == FieldKind::Repeat);
        let inside = if is_label { Some(around) } else { self.at(group.field, around) };
        let Some(inside) = inside.filter(|it| self.relevant[*it]) else { return };
        for item in &group.items {
            match item {
                Item::Repeat(repeat) => {
                    let title = self.text(inside, group.label.as_ref());
                    self.repeat(repeat, &title, inside, depth, out);
                }
                item => self.item(item, inside, depth, out),
            }
        }
    }

    fn repeat(&mut self, repeat: &RepeatItem, title: &str, around: usize, depth: usize, out: &mut Vec<Part>) {
        let field = self.form.field(repeat.field);
        let instances = self.below(repeat.field, around);
        // A repeat that is not asked has no instance that is.
        let is_asked = instances.is_empty() || instances.iter().any(|it| self.relevant[*it]);
        let Some(parent) =
            field.parent.and_then(|it| self.at(Some(it), around)).filter(|it| is_asked && self.relevant[*it])
        else {
            return;
        };
        for (position, index) in instances.iter().enumerate() {
            out.push(Part::Heading { title: format!("{title} {}", position + 1).trim().to_owned(), depth });
            for item in &repeat.items {
                self.item(item, *index, depth + 1, out);
            }
        }
        out.push(Part::Repeat(Repeat {
            path: format!("{}/{}", self.record.path(self.form, parent), field.name),
            title: title.to_owned(),
            instances: instances.len(),
            is_free: !repeat.is_fixed && field.repeat_count.is_none(),
        }));
    }

    fn question(&mut self, control: &Control, around: usize) -> Option<Part> {
        let index = self.at(Some(control.field), around).filter(|it| self.relevant[*it])?;
        let entry = self.record.entries()[index];
        let field = self.form.field(control.field);
        let is_required =
            field.required.as_ref().is_some_and(|it| self.holds(index, "required", it) == Some(true));
        let is_readonly =
            field.readonly.as_ref().is_some_and(|it| self.holds(index, "readonly", it) == Some(true));
        Some(Part::Question(Box::new(Question {
            path: self.record.path(self.form, index),
            kind: control.kind,
            data_type: field.data_type,
            label: self.text(index, control.label.as_ref()),
            hint: self.text(index, control.hint.as_ref()),
            value: self.record.value(&entry).to_owned(),
            choices: self.choices(control, index),
            is_required,
            is_readonly: is_readonly || field.calculate.is_some(),
            appearance: control.appearance.clone(),
            attributes: control.attributes.clone(),
        })))
    }

    fn choices(&self, control: &Control, index: usize) -> Vec<(String, String)> {
        match &control.choices {
            Choices::None => Vec::new(),
            Choices::Inline(choices) => {
                choices.iter().map(|it| (it.value.clone(), self.text(index, Some(&it.label)))).collect()
            }
            Choices::Itemset(itemset) => self.listed(itemset, index),
        }
    }

    fn listed(&self, itemset: &Itemset, index: usize) -> Vec<(String, String)> {
        let (Ok(nodeset), Ok(of_value)) = (&itemset.nodeset.expression, &itemset.value.expression) else {
            return Vec::new();
        };
        let of_label = itemset.label.as_ref().and_then(|it| it.expression.as_ref().ok());
        let listed = self.evaluate(index, nodeset, self.world, |scope, value| {
            let Value::Nodes(items) = value else { return Ok(Vec::new()) };
            let mut listed = Vec::new();
            for item in items.into_iter().take(CHOICES_MAX) {
                let value = scope.text(&scope.evaluate(of_value, &Focus::at(item))?)?;
                let label = match of_label {
                    Some(of_label) => scope.text(&scope.evaluate(of_label, &Focus::at(item))?)?,
                    None => value.clone(),
                };
                listed.push((value, label));
            }
            Ok(listed)
        });
        listed.unwrap_or_default()
    }

    /// What people read, in their language, with what expressions put into it.
    fn text(&self, index: usize, text: Option<&Text>) -> String {
        let parts = match text {
            None => return String::new(),
            Some(Text::Plain(parts)) => parts.as_slice(),
            Some(Text::Translated(id)) => {
                self.form.translations.text(id, &self.world.language, &TextForm::Plain).unwrap_or_default()
            }
        };
        let mut out = String::new();
        for part in parts {
            match part {
                TextPart::Literal(literal) => out.push_str(literal),
                TextPart::Output(rule) => {
                    let Ok(expression) = &rule.expression else { continue };
                    let value = self.evaluate(index, expression, self.world, |scope, it| scope.text(&it));
                    out.push_str(&value.unwrap_or_default());
                }
            }
        }
        out.trim().to_owned()
    }

    /// The entry of a field in the instance of the repeats that `around` stands in.
    fn at(&self, field: Option<FieldId>, around: usize) -> Option<usize> {
        self.below(field?, around).first().copied()
    }

    /// The entries of a field that lie in the one at `around`, or in the nearest one around it that can hold them.
    fn below(&self, field: FieldId, around: usize) -> Vec<usize> {
        let entries = self.record.entries();
        let way: Vec<FieldId> =
            std::iter::successors(Some(field), |it| self.form.field(*it).parent).collect();
        let mut up = Some(around);
        while let Some(index) = up {
            if let Some(place) = way.iter().position(|it| *it == entries[index].field) {
                let mut found = vec![index];
                for wanted in way[..place].iter().rev() {
                    let below = found.iter().flat_map(|it| &self.children[*it]);
                    found = below.copied().filter(|it| entries[*it].field == *wanted).collect();
                }
                return found;
            }
            up = entries[index].parent;
        }
        Vec::new()
    }
}
