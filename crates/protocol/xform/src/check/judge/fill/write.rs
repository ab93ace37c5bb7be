use std::{collections::HashMap, fmt::Write};

use crate::{
    check::record::Record,
    form::{FieldId, FieldKind, Form},
    xml::{NodeKind, escape_attribute, escape_text},
};

const OPENROSA: &str = "http://openrosa.org/xforms";

/// Writes records: each field where the form has it.
pub struct Writer<'a> {
    pub form: &'a Form,
    pub record: &'a Record,
    /// What lies right in each of its entries.
    pub children: &'a [Vec<usize>],
    /// Instances that come behind those of a repeat, by its path.
    pub added: HashMap<&'a str, usize>,
    /// What is left out, with all below it.
    pub is_out: &'a dyn Fn(usize) -> bool,
    /// As what it is sent; none where it is only kept.
    pub identity: Option<Identity<'a>>,
}

/// As what a record is sent.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    pub instance_id: &'a str,
    /// The instance id of the version that it replaces.
    pub replaces: Option<&'a str>,
}

impl Writer<'_> {
    /// A record without answers, with one instance of each repeat that people count.
    pub fn begin(form: &Form, instance_id: &str) -> String {
        let mut out = String::new();
        blank(form, FieldId::new(0), Some(instance_id), &mut out);
        out
    }

    pub fn write(&self) -> String {
        let mut out = String::new();
        self.one(0, &mut out);
        out
    }

    fn one(&self, index: usize, out: &mut String) {
        if (self.is_out)(index) {
            return;
        }
        let entry = &self.record.entries()[index];
        let field = self.form.field(entry.field);
        let identity = self.identity.filter(|_| is_instance_id(self.form, entry.field));
        if let Some(replaced) = identity.and_then(|it| it.replaces) {
            let prefix = if field.prefix.is_empty() { String::new() } else { format!("{}:", field.prefix) };
            let _ = write!(out, "<{prefix}deprecatedID>{}</{prefix}deprecatedID>", escape_text(replaced));
        }
        open(self.form, entry.field, out, |out| {
            let document = &self.record.document;
            for attribute in
                document.attributes(entry.node).filter(|it| document.kind(*it) == NodeKind::Attribute)
            {
                let name = document.local(attribute);
                if !(index == 0 && matches!(name, "id" | "version")) {
                    put_attribute(out, name, document.value(attribute));
                }
            }
        });
        match entry.text {
            Some(_) => {
                let value = identity.map_or(self.record.value(entry), |it| it.instance_id);
                out.push_str(&escape_text(value));
            }
            None => {
                let mut below = self.children[index].iter().peekable();
                for child in &field.children {
                    let of_child = self.form.field(*child);
                    while let Some(next) = below.next_if(|it| self.record.entries()[**it].field == *child) {
                        self.one(*next, out);
                    }
                    if of_child.kind == FieldKind::Repeat && !self.added.is_empty() {
                        let path = format!("{}/{}", self.record.path(self.form, index), of_child.name);
                        for _ in 0..self.added.get(path.as_str()).copied().unwrap_or(0) {
                            blank(self.form, *child, None, out);
                        }
                    }
                }
            }
        }
        close(self.form, entry.field, out);
    }
}

/// A field that nobody answered, with all below it.
fn blank(form: &Form, id: FieldId, instance_id: Option<&str>, out: &mut String) {
    let field = form.field(id);
    open(form, id, out, |out| {
        let kept =
            field.attributes.iter().filter(|it| id.index() > 0 || !matches!(it.0.as_str(), "id" | "version"));
        kept.for_each(|(name, value)| put_attribute(out, name, value));
    });
    match instance_id.filter(|_| is_instance_id(form, id)) {
        Some(instance_id) => out.push_str(&escape_text(instance_id)),
        None => out.push_str(&escape_text(&field.default)),
    }
    for child in &field.children {
        let of_child = form.field(*child);
        // How many there are is counted once the record is there.
        if of_child.kind != FieldKind::Repeat || of_child.repeat_count.is_none() {
            blank(form, *child, instance_id, out);
        }
    }
    close(form, id, out);
}

fn is_instance_id(form: &Form, id: FieldId) -> bool {
    let field = form.field(id);
    let is_meta =
        |it: FieldId| form.field(it).name == "meta" && form.field(it).parent == Some(FieldId::new(0));
    field.name == "instanceID" && field.parent.is_some_and(is_meta)
}

fn open(form: &Form, id: FieldId, out: &mut String, attributes: impl FnOnce(&mut String)) {
    out.push('<');
    out.push_str(&name(form, id));
    if id.index() == 0 {
        put_attribute(out, "id", &form.id);
        put_attribute(out, "version", &form.version);
        for prefix in prefixes(form) {
            put_attribute(out, &format!("xmlns:{prefix}"), OPENROSA);
        }
    }
    attributes(out);
    out.push('>');
}

fn close(form: &Form, id: FieldId, out: &mut String) {
    let _ = write!(out, "</{}>", name(form, id));
}

fn name(form: &Form, id: FieldId) -> String {
    let field = form.field(id);
    if field.prefix.is_empty() { field.name.clone() } else { format!("{}:{}", field.prefix, field.name) }
}

/// Of names in the instance; what they stand for matters to `meta` alone, whose namespace this is.
fn prefixes(form: &Form) -> Vec<&str> {
    let mut found: Vec<&str> =
        form.fields.iter().map(|it| it.prefix.as_str()).filter(|it| !it.is_empty()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn put_attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"{}\"", escape_attribute(value));
}
