//! Records as tables: one for a form, one for each of its repeats, with typed columns and stable row ids.
//!
//! The shapes are those of ODK Central, so that its clients read ours. Chosen otherwise:
//!
//! - **Names keep letters of every script.** Central makes `_` of all but ASCII, so that 户数 and 人口 both become `__`
//!   and one of them is lost; OData's identifiers may hold any letter.
//! - **Two names that become one get `_2`, `_3`, …**; so does an answer called `__id`. Central lets the later one
//!   overwrite the earlier.
//! - **A number is a number or nothing.** `12abc` in an integer is null here, and 12 in Central, which reads as far as it
//!   can; so is `3.7` in an integer.
//! - **A line or an area without a single place is null**, and no shape without coordinates.
//!
//! A record of another version of the form is read by the fields of the form that is given.

mod column;
mod csv;
mod geometry;
mod name;
mod rows;
mod value;

pub use column::{FormField, FormTable, FormTables, ROOT_TABLE, Source};
pub use csv::{CsvTables, SELECT_VALUES_MAX, SelectValues};
pub(crate) use geometry::Geometry;
pub(crate) use name::{Names, identifier};
pub use rows::{FormRow, RecordRows, System};
pub use value::{Clock, Value};
pub(crate) use value::{decimal_text, zoned};

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use crate::form::DataType;

/// The property that names a row.
pub const ID: &str = "__id";
/// The group of what the server says of a row.
pub const SYSTEM: &str = "__system";

/// A table: its properties, and how they are nested in a row.
#[derive(Clone, Debug)]
pub struct Table {
    /// `Submissions`, `Submissions.base.grid`, `Entities`.
    pub name: String,
    /// What the id of a record is called in a `$skiptoken`.
    pub record_key: &'static str,
    properties: Vec<Property>,
    nodes: Vec<Node>,
    by_path: HashMap<String, usize>,
    /// The property that names the row above.
    parent_slot: Option<usize>,
    /// The table of the whole records, where this is one of a repeat.
    root: Option<Arc<Table>>,
}

/// A value of each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// From the row, with `/` between: `base/households`.
    pub path: String,
    pub data_type: DataType,
}

/// What a row is made of, in its order.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Value {
        key: String,
        slot: usize,
    },
    Group {
        key: String,
        nodes: Vec<Node>,
    },
    /// Rows of another table below this row.
    Repeat {
        key: String,
        table: usize,
    },
}

/// Where a value is found: in the row, or in the record that the row is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Own(usize),
    Root(usize),
}

/// Orders rows in time: the number of the record, which ascends as they come in, and of the row in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// A number in sequence, or a UUID that ascends with time.
    pub record: u128,
    pub row: u32,
}

/// A row of a table, whatever it is kept in.
pub trait Row {
    /// The text of a property as it is kept; none where there is none.
    fn text(&self, slot: Slot) -> Option<Cow<'_, str>>;

    /// The id of the record that the row is, or is a part of.
    fn record_id(&self) -> Cow<'_, str>;

    fn place(&self) -> Place;

    /// Where the rows of a repeat below this row are, and the rows; none if there are none.
    fn repeated(&self, _table: usize) -> Option<Repeated<'_>> {
        None
    }
}

pub struct Repeated<'a> {
    pub link: String,
    pub table: &'a Table,
    pub rows: Vec<FormRow<'a>>,
}

impl Node {
    pub(crate) fn key(&self) -> &str {
        match self {
            Node::Value { key, .. } | Node::Group { key, .. } | Node::Repeat { key, .. } => key,
        }
    }
}

impl Table {
    /// A table without repeats. Paths with `/` make groups; the first property has to be [`ID`].
    pub fn flat(name: &str, record_key: &'static str, properties: &[(&str, DataType)]) -> Table {
        let properties: Vec<Property> = properties
            .iter()
            .map(|(path, data_type)| Property { path: (*path).to_owned(), data_type: *data_type })
            .collect();
        let mut nodes = Vec::new();
        for (slot, property) in properties.iter().enumerate() {
            nest(&mut nodes, &property.path, slot);
        }
        Table::new(name.to_owned(), record_key, properties, nodes, None)
    }

    fn new(
        name: String,
        record_key: &'static str,
        properties: Vec<Property>,
        nodes: Vec<Node>,
        parent_slot: Option<usize>,
    ) -> Table {
        let by_path = properties.iter().enumerate().map(|(slot, it)| (it.path.clone(), slot)).collect();
        Table { name, record_key, properties, nodes, by_path, parent_slot, root: None }
    }

    /// By number, as [`Slot`] has them.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// A property by its path in the row, or by `$root/Submissions/…` in the record.
    pub fn find(&self, path: &str) -> Option<(Slot, DataType)> {
        let Some(rest) = path.strip_prefix("$root/") else {
            let slot = *self.by_path.get(path)?;
            return Some((Slot::Own(slot), self.properties[slot].data_type));
        };
        let root = self.root.as_deref().unwrap_or(self);
        let slot = *root.by_path.get(rest.strip_prefix(root.name.as_str())?.strip_prefix('/')?)?;
        let data_type = root.properties[slot].data_type;
        Some((if self.root.is_some() { Slot::Root(slot) } else { Slot::Own(slot) }, data_type))
    }

    /// Whether its rows are parts of records, and no records themselves.
    pub fn is_of_repeat(&self) -> bool {
        self.root.is_some()
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn parent_slot(&self) -> Option<usize> {
        self.parent_slot
    }
}

/// Puts a property where its path says, making the groups on the way.
fn nest(nodes: &mut Vec<Node>, path: &str, slot: usize) {
    let Some((first, rest)) = path.split_once('/') else {
        nodes.push(Node::Value { key: path.to_owned(), slot });
        return;
    };
    let found = nodes.iter().position(|it| matches!(it, Node::Group { key, .. } if key == first));
    let at = found.unwrap_or_else(|| {
        nodes.push(Node::Group { key: first.to_owned(), nodes: Vec::new() });
        nodes.len() - 1
    });
    if let Node::Group { nodes, .. } = &mut nodes[at] {
        nest(nodes, rest, slot);
    }
}
