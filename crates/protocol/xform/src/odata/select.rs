use std::collections::HashSet;

use super::fault::QueryFault;
use crate::table::{Node, Table};

/// What `$select` leaves of a row; none if it leaves all.
pub fn select(text: &str, table: &Table) -> Result<Option<Vec<Node>>, QueryFault> {
    if text.trim() == "*" {
        return Ok(None);
    }
    let mut wanted = Wanted::default();
    for property in text.split(',').map(str::trim) {
        wanted.add(table.nodes(), property)?;
    }
    Ok(Some(wanted.of(table.nodes())))
}

#[derive(Default)]
struct Wanted {
    slots: HashSet<usize>,
    tables: HashSet<usize>,
}

impl Wanted {
    /// A value, a group with all that is in it, or the link to a repeat.
    fn add(&mut self, nodes: &[Node], property: &str) -> Result<(), QueryFault> {
        let unknown = || QueryFault::Property(property.to_owned());
        let mut nodes = nodes;
        let mut names = property.split('/').peekable();
        while let Some(name) = names.next() {
            let node = nodes.iter().find(|it| it.key() == name).ok_or_else(unknown)?;
            if names.peek().is_none() {
                self.add_all(node);
                return Ok(());
            }
            nodes = match node {
                Node::Group { nodes, .. } => nodes,
                Node::Repeat { .. } => return Err(QueryFault::SelectInRepeat(property.to_owned())),
                Node::Value { .. } => return Err(unknown()),
            };
        }
        Err(unknown())
    }

    /// As deep as the form.
    fn add_all(&mut self, node: &Node) {
        match node {
            Node::Value { slot, .. } => {
                self.slots.insert(*slot);
            }
            Node::Repeat { table, .. } => {
                self.tables.insert(*table);
            }
            Node::Group { nodes, .. } => nodes.iter().for_each(|it| self.add_all(it)),
        }
    }

    fn of(&self, nodes: &[Node]) -> Vec<Node> {
        let kept = |node: &Node| match node {
            Node::Value { slot, .. } => self.slots.contains(slot).then(|| node.clone()),
            Node::Repeat { table, .. } => self.tables.contains(table).then(|| node.clone()),
            Node::Group { key, nodes } => {
                let nodes = self.of(nodes);
                (!nodes.is_empty()).then(|| Node::Group { key: key.clone(), nodes })
            }
        };
        nodes.iter().filter_map(kept).collect()
    }
}
