use std::{collections::HashSet, sync::Arc};

use serde_json::{Value, json};

use super::{ID, Names, Node, Property, SYSTEM, Table};
use crate::form::{ControlKind, DataType, FieldId, FieldKind, Form, Item};

/// The table of a form's records.
pub const ROOT_TABLE: &str = "Submissions";

/// What the server says of a record, in the order of [`super::System`].
pub(super) const SYSTEM_PROPERTIES: [(&str, DataType); 12] = [
    ("submissionDate", DataType::DateTime),
    ("updatedAt", DataType::DateTime),
    ("submitterId", DataType::String),
    ("submitterName", DataType::String),
    ("attachmentsPresent", DataType::Int),
    ("attachmentsExpected", DataType::Int),
    ("status", DataType::String),
    ("reviewState", DataType::String),
    ("deviceId", DataType::String),
    ("edits", DataType::Int),
    ("formVersion", DataType::String),
    ("deletedAt", DataType::DateTime),
];

/// The tables of a form: that of its records, and one for each repeat.
#[derive(Clone, Debug)]
pub struct FormTables {
    /// Those of repeats after those that they are in.
    pub tables: Vec<FormTable>,
    /// In the order of the form.
    pub fields: Vec<FormField>,
}

#[derive(Clone, Debug)]
pub struct FormTable {
    pub table: Arc<Table>,
    /// The root, or the repeat.
    pub field: FieldId,
    /// Of the repeat, from the record; empty for the root.
    pub path: String,
    /// The table whose rows these rows are in.
    pub parent: Option<usize>,
    /// What each property is read from.
    pub(super) sources: Vec<Source>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Id,
    ParentId,
    /// By its place among the properties of the system.
    System(usize),
    Answer(FieldId),
}

/// A field as Central's `fields` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    pub field: FieldId,
    /// The table that it is a column of, or is within.
    pub table: usize,
    /// From the record, without prefixes: `/base/households`.
    pub path: String,
    pub name: String,
    /// The same with names as OData has them.
    pub cleaned_path: String,
    pub cleaned_name: String,
    /// Whether it holds a value, and is no group or repeat.
    pub is_answer: bool,
    pub data_type: DataType,
    /// `structure`, `repeat`, or the type of the bind; `unknown` if it has none.
    pub kind: String,
    pub is_binary: bool,
    pub is_select_multiple: bool,
}

impl FormTables {
    pub fn new(form: &Form) -> FormTables {
        let mut builder = Builder { form, multiple: multiple(form), tables: Vec::new(), fields: Vec::new() };
        let root = FieldId::new(0);
        builder.table(root, None, "", &[ROOT_TABLE.to_owned()]);
        let mut built = builder.tables.into_iter();
        let mut tables: Vec<FormTable> = built.by_ref().take(1).collect();
        let whole = tables[0].table.clone();
        tables.extend(built.map(|mut it| {
            let mut table = Arc::unwrap_or_clone(it.table);
            table.root = Some(whole.clone());
            it.table = Arc::new(table);
            it
        }));
        FormTables { tables, fields: builder.fields }
    }

    /// The number of a table.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.tables.iter().position(|it| it.table.name == name)
    }

    /// The table of this number.
    pub fn table(&self, number: usize) -> &Table {
        &self.tables[number].table
    }

    /// Central's `fields`, and with names as OData has them its `fields?odata=true`.
    pub fn fields_json(&self, cleaned: bool) -> Value {
        let flag = |it: bool| it.then_some(true);
        let field = |it: &FormField| {
            let (path, name) =
                if cleaned { (&it.cleaned_path, &it.cleaned_name) } else { (&it.path, &it.name) };
            json!({
                "path": path,
                "name": name,
                "type": it.kind,
                "binary": flag(it.is_binary),
                "selectMultiple": flag(it.is_select_multiple),
            })
        };
        Value::Array(self.fields.iter().map(field).collect())
    }
}

/// Fields that are asked with several choices at once.
fn multiple(form: &Form) -> HashSet<FieldId> {
    let mut found = HashSet::new();
    let mut open: Vec<&Item> = form.body.iter().collect();
    while let Some(item) = open.pop() {
        match item {
            Item::Group(group) => open.extend(&group.items),
            Item::Repeat(repeat) => open.extend(&repeat.items),
            Item::Control(control) if control.kind == ControlKind::SelectMultiple => {
                found.insert(control.field);
            }
            Item::Control(_) => {}
        }
    }
    found
}

struct Builder<'a> {
    form: &'a Form,
    multiple: HashSet<FieldId>,
    tables: Vec<FormTable>,
    fields: Vec<FormField>,
}

/// Properties of a table that is being built.
struct Columns {
    number: usize,
    properties: Vec<Property>,
    sources: Vec<Source>,
}

impl Columns {
    fn add(&mut self, path: String, data_type: DataType, source: Source) -> usize {
        self.properties.push(Property { path, data_type });
        self.sources.push(source);
        self.properties.len() - 1
    }
}

/// Where a field is: its path from the record, from its row, and the names of OData from the root.
struct Above<'a> {
    path: &'a str,
    in_row: &'a str,
    names: &'a [String],
}

impl Builder<'_> {
    /// Adds the table of a field and those below it; gives its number. As deep as the form is nested.
    fn table(&mut self, field: FieldId, parent: Option<usize>, path: &str, names: &[String]) -> usize {
        let number = self.tables.len();
        let name = names.join(".");
        // Rows of repeats below name this table, and so its name has to stand before they are made.
        let placeholder = Table::new(name.clone(), "instanceId", Vec::new(), Vec::new(), None);
        let (table, path_of) = (Arc::new(placeholder), path.to_owned());
        self.tables.push(FormTable { table, field, path: path_of, parent, sources: Vec::new() });
        let mut columns = Columns { number, properties: Vec::new(), sources: Vec::new() };
        let id = columns.add(ID.to_owned(), DataType::String, Source::Id);
        let mut own = vec![Node::Value { key: ID.to_owned(), slot: id }];
        let mut parent_slot = None;
        match parent {
            None => own.push(system(&mut columns)),
            Some(parent) => {
                let key = format!("__{}-id", self.tables[parent].table.name.replace('.', "-"));
                let slot = columns.add(key.clone(), DataType::String, Source::ParentId);
                parent_slot = Some(slot);
                own.push(Node::Value { key, slot });
            }
        }
        let taken = Names::with(&[ID, SYSTEM]);
        let above = Above { path, in_row: "", names };
        let mut nodes = self.nodes(field, &mut columns, &above, taken);
        nodes.extend(own);
        let Columns { properties, sources, .. } = columns;
        let table = Table::new(name, "instanceId", properties, nodes, parent_slot);
        self.tables[number].table = Arc::new(table);
        self.tables[number].sources = sources;
        number
    }

    fn nodes(
        &mut self,
        of: FieldId,
        columns: &mut Columns,
        above: &Above<'_>,
        mut taken: Names,
    ) -> Vec<Node> {
        let form = self.form;
        let mut nodes = Vec::new();
        for id in form.field(of).children.iter().copied() {
            let field = form.field(id);
            let key = taken.add(&field.name);
            let path = format!("{}/{}", above.path, field.name);
            let in_row = match above.in_row {
                "" => key.clone(),
                it => format!("{it}/{key}"),
            };
            let names: Vec<String> = above.names.iter().chain([&key]).cloned().collect();
            // An entity without a label is still no question.
            let is_entity = field.name == "entity" && form.field(of).name == "meta";
            let is_group = field.kind == FieldKind::Group || is_entity && field.kind == FieldKind::Question;
            self.list(id, columns.number, is_group, &path, &names);
            if field.kind == FieldKind::Repeat {
                let table = self.table(id, Some(columns.number), &path, &names);
                nodes.push(Node::Repeat { key, table });
            } else if is_group {
                let inner = Above { path: &path, in_row: &in_row, names: &names };
                let within = self.nodes(id, columns, &inner, Names::default());
                nodes.push(Node::Group { key, nodes: within });
            } else {
                let slot = columns.add(in_row, field.data_type, Source::Answer(id));
                nodes.push(Node::Value { key, slot });
            }
        }
        nodes
    }

    fn list(&mut self, id: FieldId, table: usize, is_group: bool, path: &str, names: &[String]) {
        let field = self.form.field(id);
        let kind = match field.kind {
            FieldKind::Repeat => "repeat",
            _ if is_group => "structure",
            _ => field.bind_type.as_deref().unwrap_or("unknown"),
        };
        let is_answer = field.kind == FieldKind::Question && !is_group;
        self.fields.push(FormField {
            field: id,
            table,
            path: path.to_owned(),
            name: field.name.clone(),
            cleaned_path: format!("/{}", names[1..].join("/")),
            cleaned_name: names.last().cloned().unwrap_or_default(),
            is_answer,
            data_type: field.data_type,
            kind: kind.to_owned(),
            is_binary: is_answer && (field.data_type == DataType::Binary || path == "/meta/audit"),
            is_select_multiple: self.multiple.contains(&id),
        });
    }
}

fn system(columns: &mut Columns) -> Node {
    let nodes = SYSTEM_PROPERTIES
        .iter()
        .enumerate()
        .map(|(index, (name, data_type))| {
            let slot = columns.add(format!("{SYSTEM}/{name}"), *data_type, Source::System(index));
            Node::Value { key: (*name).to_owned(), slot }
        })
        .collect();
    Node::Group { key: SYSTEM.to_owned(), nodes }
}
