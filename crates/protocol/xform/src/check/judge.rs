use std::collections::{BTreeMap, HashSet};

use jiff::tz::TimeZone;

use super::{
    FINDINGS_MAX, JUDGE_STEPS_MAX,
    finding::{Finding, Judgement, Rule as Kind, shortened},
    lexical,
    lookup::{Lists, plain_text},
    record::{Entry, Record},
};
use crate::{
    form::{Attachments, DataType, Field, FieldId, FieldKind, Form, Rule},
    xml::{Document, NodeId},
    xpath::{
        Budget, EvaluationFault, Expression, Focus, Moment, Names, NodeRef, Scope, Value, World, number_text,
        parse_date_time,
    },
};

mod calculation;
mod choice;
pub mod fill;

pub fn judge(form: &Form, attachments: &Attachments, world: &World, record: Record) -> Judgement {
    let own_world = own_world(form, &record, world);
    let budget = Budget::new(JUDGE_STEPS_MAX);
    let mut judge = Judge { own_world, ..Judge::new(form, attachments, world, &budget, record) };
    judge.settle();
    judge.check();
    judge.judgement()
}

struct Judge<'a> {
    form: &'a Form,
    world: &'a World,
    /// The world when the record was made, as far as the record tells.
    own_world: Option<World>,
    lists: Lists<'a>,
    documents: Vec<&'a Document>,
    budget: &'a Budget,
    record: Record,
    relevant: Vec<bool>,
    /// Choices that no answer changes, by the field that asks for them.
    fixed_choices: BTreeMap<FieldId, HashSet<String>>,
    findings: Vec<(usize, Finding)>,
    is_cut: bool,
    is_exhausted: bool,
    /// It is not judged yet: what follows from other answers is put there, and what is not asked is no fault.
    is_filled_in: bool,
    /// What lies right in each entry, where that is asked for.
    children: Vec<Vec<usize>>,
}

/// A repeat whose instances the form counts, in one place where it can stand.
struct Counted<'a> {
    field: &'a Field,
    expression: &'a Expression,
    parent: usize,
    instances: Vec<usize>,
}

impl Counted<'_> {
    /// The node at which the count is evaluated.
    fn at(&self) -> usize {
        self.instances.first().copied().unwrap_or(self.parent)
    }
}

/// When the person was done, by the record's own time stamps: `today()` was the day of filling in.
fn own_world(form: &Form, record: &Record, world: &World) -> Option<World> {
    let stamp = |parameter: &str| {
        let field = form.fields.iter().position(|it| {
            it.preload.as_ref().is_some_and(|it| it.kind == "timestamp" && it.parameter == parameter)
        })?;
        let entry = record.entries_of(FieldId::new(field)).first()?;
        let (local, offset) = parse_date_time(record.value(&record.entries()[*entry]))?;
        let offset = offset?;
        let now = offset.to_timestamp(local).ok()?;
        Some(World { now, zone: TimeZone::fixed(offset), ..world.clone() })
    };
    stamp("end").or_else(|| stamp("start"))
}

impl<'a> Judge<'a> {
    fn new(
        form: &'a Form,
        attachments: &'a Attachments,
        world: &'a World,
        budget: &'a Budget,
        mut record: Record,
    ) -> Judge<'a> {
        record.document.index_children();
        let (lists, documents) = Lists::new(form, attachments);
        Judge {
            form,
            world,
            own_world: None,
            lists,
            documents,
            budget,
            relevant: vec![true; record.entries().len()],
            fixed_choices: BTreeMap::new(),
            findings: Vec::new(),
            is_cut: record.is_cut,
            is_exhausted: false,
            is_filled_in: false,
            children: Vec::new(),
            record,
        }
    }
}

impl<'a> Judge<'a> {
    /// Relevance and calculations, each after what it depends on.
    fn settle(&mut self) {
        let form = self.form;
        for id in form.order() {
            let field = form.field(*id);
            for index in self.record.entries_of(*id).to_vec() {
                let relevant = self.is_relevant(field, index);
                self.relevant[index] = relevant;
                let entry = self.record.entries()[index];
                if !relevant {
                    self.record.document.set_hidden(entry.node, true);
                    let value = self.record.value(&entry).to_owned();
                    if !value.is_empty() && !self.is_filled_in {
                        let rule = field.relevant.as_ref().map_or("the group around it", |it| &it.text);
                        self.find(index, Kind::Relevant, &value, &format!("no answer unless {rule}"), None);
                    }
                } else if let Some(rule) = &field.calculate
                    && entry.text.is_some()
                {
                    if self.is_filled_in {
                        self.fill_calculated(field, rule, index, &entry);
                    } else {
                        self.calculate(field, rule, index, &entry);
                    }
                }
            }
        }
    }

    fn is_relevant(&mut self, field: &Field, index: usize) -> bool {
        let entry = self.record.entries()[index];
        if entry.parent.is_some_and(|it| !self.relevant[it]) {
            return false;
        }
        match &field.relevant {
            None => true,
            Some(rule) => self.holds(index, "relevant", rule).unwrap_or(entry.came),
        }
    }

    fn check(&mut self) {
        let form = self.form;
        for index in 0..self.record.entries().len() {
            let entry = self.record.entries()[index];
            let field = form.field(entry.field);
            if self.relevant[index] && entry.text.is_some() {
                self.check_question(field, index, &entry);
            }
        }
        for counted in self.counted() {
            self.check_count(&counted);
        }
    }

    fn check_question(&mut self, field: &Field, index: usize, entry: &Entry) {
        let value = self.record.value(entry).to_owned();
        if value.is_empty() {
            if let Some(rule) = &field.required
                && self.holds(index, "required", rule) == Some(true)
            {
                let message = self.message(field.required_message.as_deref());
                self.find(index, Kind::Required, "", "an answer", message);
            }
            return;
        }
        if let Some(wanted) = lexical::misfit(field.data_type, &value) {
            self.find(index, Kind::Type, &value, wanted, None);
            return;
        }
        if let Some(control) = self.lists.controls[entry.field.index()] {
            self.check_control(control, index, &value);
        }
        if let Some(rule) = &field.constraint {
            self.check_constraint(field, rule, index, &value);
        }
        let is_free = field.calculate.is_some()
            || field.preload.is_some()
            || field.is_set_by_action
            || value == field.default
            || self.form.fields[field.parent.map_or(0, FieldId::index)].name == "meta";
        if let Some(rule) = &field.readonly
            && !is_free
            && self.holds(index, "readonly", rule) == Some(true)
        {
            let wanted = if field.default.is_empty() { "no answer" } else { &field.default };
            self.find(index, Kind::Readonly, &value, wanted, None);
        }
    }

    fn check_constraint(&mut self, field: &Field, rule: &Rule, index: usize, value: &str) {
        if self.holds(index, "constraint", rule) != Some(false) {
            return;
        }
        // What was right on the day of filling in stays right when it is sent later.
        let uses_clock = rule.expression.as_ref().is_ok_and(|it| it.uses().clock);
        if uses_clock
            && let (Some(world), Ok(expression)) = (self.own_world.clone(), &rule.expression)
            && self.evaluate(index, expression, &world, |scope, it| scope.boolean(&it)) == Ok(true)
        {
            return;
        }
        let message = self.message(field.constraint_message.as_deref());
        self.find(index, Kind::Constraint, value, &rule.text, message);
    }

    /// The repeats whose instances the form counts, wherever they are asked.
    fn counted(&self) -> Vec<Counted<'a>> {
        let (form, entries) = (self.form, self.record.entries());
        let mut counted = Vec::new();
        for (id, field) in form.fields.iter().enumerate() {
            let rule = field.repeat_count.as_ref().filter(|_| field.kind == FieldKind::Repeat);
            let Some(Ok(expression)) = rule.map(|it| &it.expression) else { continue };
            let mut of_parents: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for index in self.record.entries_of(FieldId::new(id)) {
                of_parents.entry(entries[*index].parent.unwrap_or(0)).or_default().push(*index);
            }
            let parents = field.parent.map(|it| self.record.entries_of(it)).unwrap_or_default();
            for parent in parents.iter().copied().filter(|it| self.relevant[*it]) {
                let instances = of_parents.remove(&parent).unwrap_or_default();
                if instances.first().is_none_or(|it| self.relevant[*it]) {
                    counted.push(Counted { field, expression, parent, instances });
                }
            }
        }
        counted
    }

    /// How many instances there should be.
    fn wanted(&self, counted: &Counted<'_>) -> Result<f64, EvaluationFault> {
        let number =
            self.evaluate(counted.at(), counted.expression, self.world, |scope, it| scope.number(&it))?;
        Ok(if number.is_nan() { 0.0 } else { number.trunc().max(0.0) })
    }

    fn check_count(&mut self, counted: &Counted<'_>) {
        let count = counted.instances.len();
        // Without an instance there is no node of which to say whether it is relevant.
        if count == 0 && counted.field.relevant.is_some() {
            return;
        }
        match self.wanted(counted) {
            Err(fault) => self.unchecked(counted.at(), "jr:count", &count.to_string(), &fault.to_string()),
            Ok(wanted) if wanted == count as f64 => {}
            Ok(wanted) => {
                let wanted = format!("{} instances of {}", number_text(wanted), counted.field.path);
                self.find(counted.at(), Kind::Repeat, &count.to_string(), &wanted, None);
            }
        }
    }

    /// What a rule says of a node; None if it cannot be evaluated, which is told.
    fn holds(&mut self, index: usize, name: &str, rule: &Rule) -> Option<bool> {
        if rule.is_constant("true") {
            return Some(true);
        }
        let outcome = match &rule.expression {
            Err(fault) => Err(fault.to_string()),
            Ok(expression) => self
                .evaluate(index, expression, self.world, |scope, it| scope.boolean(&it))
                .map_err(|it| it.to_string()),
        };
        match outcome {
            Ok(holds) => Some(holds),
            Err(reason) => {
                let value = self.record.value(&self.record.entries()[index]).to_owned();
                self.unchecked(index, name, &value, &reason);
                None
            }
        }
    }

    fn evaluate<T>(
        &self,
        index: usize,
        expression: &Expression,
        world: &World,
        then: impl FnOnce(&Scope<'_>, Value) -> Result<T, EvaluationFault>,
    ) -> Result<T, EvaluationFault> {
        let mut documents = Vec::with_capacity(self.documents.len() + 1);
        documents.push(&self.record.document);
        documents.extend_from_slice(&self.documents);
        let scope = Scope::new(&documents, world, self.budget, Some(&self.lists), &Names::AsWritten);
        let node = NodeRef { document: 0, node: self.record.entries()[index].node };
        let value = scope.evaluate(expression, &Focus::at(node))?;
        then(&scope, value)
    }

    fn unchecked(&mut self, index: usize, name: &str, value: &str, reason: &str) {
        if self.budget.left() == 0 {
            if !self.is_exhausted {
                self.is_exhausted = true;
                let reason = format!("the rules take more than {JUDGE_STEPS_MAX} steps");
                self.find(index, Kind::Unchecked, value, &reason, None);
            }
            return;
        }
        self.find(index, Kind::Unchecked, value, &format!("{name} cannot be checked: {reason}"), None);
    }

    fn message(&self, message: Option<&str>) -> Option<String> {
        let message = message?;
        let id = message.trim().strip_prefix("jr:itext(").and_then(|it| it.strip_suffix(')'));
        let Some(id) = id else { return Some(message.to_owned()) };
        let id = id.trim().trim_matches(['\'', '"']);
        let parts = self.form.translations.text(id, &self.world.language, &crate::form::TextForm::Plain)?;
        Some(crate::form::literal(parts))
    }

    fn find(&mut self, index: usize, rule: Kind, value: &str, expected: &str, message: Option<String>) {
        if self.findings.len() == FINDINGS_MAX {
            self.is_cut = true;
            return;
        }
        let path = self.record.path(self.form, index);
        let (value, expected) = (shortened(value), shortened(expected));
        self.findings.push((index, Finding { path, rule, value, expected, message }));
    }

    fn judgement(mut self) -> Judgement {
        self.findings.sort_by_key(|it| it.0);
        let mut findings = std::mem::take(&mut self.record.findings);
        findings.extend(self.findings.into_iter().map(|it| it.1));
        self.is_cut |= findings.len() > FINDINGS_MAX;
        findings.truncate(FINDINGS_MAX);
        Judgement { findings, is_cut: self.is_cut }
    }
}

/// The text of a node's single text, replaced by what is calculated.
fn replace(document: &mut Document, text: Option<NodeId>, value: &str) {
    if let Some(text) = text {
        document.set_value(text, value);
    }
}

/// A calculated value as a field of this type keeps it.
fn kept(scope: &Scope<'_>, value: &Value, data_type: DataType) -> Result<String, EvaluationFault> {
    let zone = &scope.world.zone;
    match (data_type, value) {
        (DataType::Int | DataType::Decimal, _) => {
            let number = scope.number(value)?;
            let whole = data_type == DataType::Int;
            Ok(if number.is_nan() {
                String::new()
            } else {
                number_text(if whole { number.trunc() } else { number })
            })
        }
        (DataType::Date, Value::Number(days)) => Ok(day(&Moment::of_days(*days).text(zone))),
        (DataType::DateTime, Value::Number(days)) => Ok(Moment::of_days(*days).text(zone)),
        (DataType::Date, _) => scope.text(value).map(|it| day(&it)),
        _ => scope.text(value),
    }
}

fn day(text: &str) -> String {
    text.split('T').next().unwrap_or_default().to_owned()
}
