//! A document as an arena of nodes in document order, read within limits and written the same way every time.

mod read;
mod write;

use std::collections::HashMap;

pub use read::{XmlFault, XmlLimits, XmlReason};
pub use write::{escape_attribute, escape_text};

pub(crate) use read::{continues_name, is_name, starts_name};

/// A node of one document. Ids ascend in document order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The document itself, above its outermost element.
    pub const DOCUMENT: NodeId = NodeId(0);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    Document,
    Element,
    Attribute,
    /// `xmlns` or `xmlns:prefix`; its local name is the prefix, its value the namespace.
    Namespace,
    Text,
    Comment,
    Instruction,
}

/// A name as it stands in a document: what is before the colon, what is after it, and what the prefix means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Name<'a> {
    pub prefix: &'a str,
    pub local: &'a str,
    pub namespace: &'a str,
}

impl<'a> Name<'a> {
    pub fn local(local: &'a str) -> Self {
        Name { prefix: "", local, namespace: "" }
    }
}

/// A string of a document's table of names, so that names are compared as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Symbol(u32);

/// The empty string, which is asked for more often than all others: without looking it up.
const EMPTY: Symbol = Symbol(0);

const NONE: u32 = u32::MAX;

#[derive(Clone, Debug)]
struct Node {
    kind: NodeKind,
    hidden: bool,
    prefix: Symbol,
    local: Symbol,
    namespace: Symbol,
    parent: u32,
    previous: u32,
    next: u32,
    first_child: u32,
    last_child: u32,
    first_attribute: u32,
    last_attribute: u32,
    value: Box<str>,
}

/// An XML document. Nodes are appended in document order and never removed.
#[derive(Clone, Debug)]
pub struct Document {
    nodes: Vec<Node>,
    strings: Vec<Box<str>>,
    symbols: HashMap<Box<str>, u32>,
    /// Elements by name below those that have many.
    index: HashMap<NodeId, HashMap<Symbol, Vec<NodeId>>>,
}

/// Children from which on an element's are found by name.
const INDEXED_CHILDREN_MIN: usize = 16;

impl Default for Document {
    fn default() -> Self {
        Self::new()
    }
}

impl Document {
    pub fn new() -> Self {
        let mut document = Document {
            nodes: Vec::new(),
            strings: vec!["".into()],
            symbols: HashMap::from([("".into(), EMPTY.0)]),
            index: HashMap::new(),
        };
        document.push(NodeKind::Document, NONE, [EMPTY; 3], "");
        document
    }

    /// How many nodes there are, attributes and texts included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the document itself.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }

    /// The outermost element.
    pub fn root(&self) -> Option<NodeId> {
        self.elements(NodeId::DOCUMENT).next()
    }

    pub fn kind(&self, node: NodeId) -> NodeKind {
        self.node(node).kind
    }

    pub fn name(&self, node: NodeId) -> Name<'_> {
        let it = self.node(node);
        Name {
            prefix: self.string(it.prefix),
            local: self.string(it.local),
            namespace: self.string(it.namespace),
        }
    }

    pub fn local(&self, node: NodeId) -> &str {
        self.string(self.node(node).local)
    }

    /// The value that stands in the node itself: of a text, comment, attribute or instruction.
    pub fn value(&self, node: NodeId) -> &str {
        &self.node(node).value
    }

    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        some(self.node(node).parent)
    }

    pub fn next(&self, node: NodeId) -> Option<NodeId> {
        some(self.node(node).next)
    }

    pub fn previous(&self, node: NodeId) -> Option<NodeId> {
        some(self.node(node).previous)
    }

    /// Children of every kind, without attributes.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        chain(&self.nodes, self.node(node).first_child)
    }

    pub fn elements(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children(node).filter(|it| self.kind(*it) == NodeKind::Element)
    }

    /// Attributes, and among them the declarations of namespaces.
    pub fn attributes(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        chain(&self.nodes, self.node(node).first_attribute)
    }

    /// The value of the attribute of this local name without a prefix.
    pub fn attribute(&self, node: NodeId, local: &str) -> Option<&str> {
        self.attribute_in(node, "", local)
    }

    /// The value of the attribute of this namespace and local name.
    pub fn attribute_in(&self, node: NodeId, namespace: &str, local: &str) -> Option<&str> {
        self.attributes(node)
            .filter(|it| self.kind(*it) == NodeKind::Attribute)
            .find(|it| self.local(*it) == local && self.name(*it).namespace == namespace)
            .map(|it| self.value(it))
    }

    /// The first child element of this local name, whatever its namespace.
    pub fn child(&self, node: NodeId, local: &str) -> Option<NodeId> {
        self.elements(node).find(|it| self.local(*it) == local)
    }

    /// All the text below a node, as XPath's `string()` has it.
    pub fn text(&self, node: NodeId) -> String {
        let mut text = String::new();
        self.append_text(node, &mut text);
        text
    }

    pub(crate) fn append_text(&self, node: NodeId, text: &mut String) {
        let it = self.node(node);
        match it.kind {
            NodeKind::Document | NodeKind::Element => {
                let mut at = it.first_child;
                // Without recursion: down to the first child, on to the next one, up when there is none.
                while at != NONE {
                    let child = &self.nodes[at as usize];
                    if child.kind == NodeKind::Text {
                        text.push_str(&child.value);
                    }
                    at = if child.kind == NodeKind::Element && child.first_child != NONE && !child.hidden {
                        child.first_child
                    } else {
                        self.after(at, node.0)
                    };
                }
            }
            _ => text.push_str(&it.value),
        }
    }

    /// The node after the subtree of `at` in document order, within `top`.
    fn after(&self, mut at: u32, top: u32) -> u32 {
        loop {
            let it = &self.nodes[at as usize];
            if it.next != NONE {
                return it.next;
            }
            at = it.parent;
            if at == NONE || at == top {
                return NONE;
            }
        }
    }

    /// What the prefix means at this element, by the nearest declaration above.
    pub fn resolve(&self, mut node: NodeId, prefix: &str) -> Option<&str> {
        loop {
            let found = self
                .attributes(node)
                .find(|it| self.kind(*it) == NodeKind::Namespace && self.local(*it) == prefix);
            if let Some(found) = found {
                return Some(self.value(found));
            }
            node = self.parent(node)?;
        }
    }

    pub fn append_element(&mut self, parent: NodeId, name: Name<'_>) -> NodeId {
        let symbols = [self.intern(name.prefix), self.intern(name.local), self.intern(name.namespace)];
        self.push_child(parent, NodeKind::Element, symbols, "")
    }

    pub fn append_text_node(&mut self, parent: NodeId, text: &str) -> NodeId {
        self.push_child(parent, NodeKind::Text, [EMPTY; 3], text)
    }

    pub(crate) fn append_other(
        &mut self,
        parent: NodeId,
        kind: NodeKind,
        target: &str,
        value: &str,
    ) -> NodeId {
        let symbols = [EMPTY, self.intern(target), EMPTY];
        self.push_child(parent, kind, symbols, value)
    }

    pub fn append_attribute(&mut self, element: NodeId, name: Name<'_>, value: &str) -> NodeId {
        let symbols = [self.intern(name.prefix), self.intern(name.local), self.intern(name.namespace)];
        self.push_attribute(element, NodeKind::Attribute, symbols, value)
    }

    /// Declares what a prefix means; the empty prefix is the default namespace.
    pub fn append_namespace(&mut self, element: NodeId, prefix: &str, namespace: &str) -> NodeId {
        let symbols = [EMPTY, self.intern(prefix), EMPTY];
        self.push_attribute(element, NodeKind::Namespace, symbols, namespace)
    }

    pub fn set_value(&mut self, node: NodeId, value: &str) {
        self.nodes[node.index()].value = value.into();
    }

    /// Takes a node and all below it out of sight of paths, as what is not relevant is.
    pub(crate) fn set_hidden(&mut self, node: NodeId, hidden: bool) {
        self.nodes[node.index()].hidden = hidden;
    }

    pub(crate) fn is_hidden(&self, node: NodeId) -> bool {
        self.node(node).hidden
    }

    /// Lets the children of elements that have many be found by name, until something is appended.
    pub(crate) fn index_children(&mut self) {
        let mut index: HashMap<NodeId, HashMap<Symbol, Vec<NodeId>>> = HashMap::new();
        for id in 0..self.nodes.len() as u32 {
            let node = NodeId(id);
            if self.elements(node).nth(INDEXED_CHILDREN_MIN - 1).is_some() {
                let of_node = index.entry(node).or_default();
                for child in self.elements(node) {
                    of_node.entry(self.local_symbol(child)).or_default().push(child);
                }
            }
        }
        self.index = index;
    }

    /// The children of this name in their order, where they are indexed.
    pub(crate) fn indexed(&self, parent: NodeId, local: Symbol) -> Option<&[NodeId]> {
        let of_parent = self.index.get(&parent)?;
        Some(of_parent.get(&local).map_or(&[], Vec::as_slice))
    }

    pub(crate) fn symbol(&self, text: &str) -> Option<Symbol> {
        self.symbols.get(text).copied().map(Symbol)
    }

    pub(crate) fn local_symbol(&self, node: NodeId) -> Symbol {
        self.node(node).local
    }

    pub(crate) fn prefix_symbol(&self, node: NodeId) -> Symbol {
        self.node(node).prefix
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.index()]
    }

    fn string(&self, symbol: Symbol) -> &str {
        &self.strings[symbol.0 as usize]
    }

    fn intern(&mut self, text: &str) -> Symbol {
        if text.is_empty() {
            return EMPTY;
        }
        if let Some(found) = self.symbols.get(text) {
            return Symbol(*found);
        }
        let symbol = self.strings.len() as u32;
        self.strings.push(text.into());
        self.symbols.insert(text.into(), symbol);
        Symbol(symbol)
    }

    fn push(&mut self, kind: NodeKind, parent: u32, symbols: [Symbol; 3], value: &str) -> u32 {
        let id = self.nodes.len() as u32;
        let [prefix, local, namespace] = symbols;
        self.nodes.push(Node {
            kind,
            hidden: false,
            prefix,
            local,
            namespace,
            parent,
            previous: NONE,
            next: NONE,
            first_child: NONE,
            last_child: NONE,
            first_attribute: NONE,
            last_attribute: NONE,
            value: value.into(),
        });
        id
    }

    fn push_child(&mut self, parent: NodeId, kind: NodeKind, symbols: [Symbol; 3], value: &str) -> NodeId {
        if !self.index.is_empty() {
            self.index.clear();
        }
        let id = self.push(kind, parent.0, symbols, value);
        let last = self.nodes[parent.index()].last_child;
        self.nodes[id as usize].previous = last;
        match last {
            NONE => self.nodes[parent.index()].first_child = id,
            last => self.nodes[last as usize].next = id,
        }
        self.nodes[parent.index()].last_child = id;
        NodeId(id)
    }

    fn push_attribute(
        &mut self,
        element: NodeId,
        kind: NodeKind,
        symbols: [Symbol; 3],
        value: &str,
    ) -> NodeId {
        let id = self.push(kind, element.0, symbols, value);
        match self.nodes[element.index()].last_attribute {
            NONE => self.nodes[element.index()].first_attribute = id,
            last => self.nodes[last as usize].next = id,
        }
        self.nodes[element.index()].last_attribute = id;
        NodeId(id)
    }
}

fn some(id: u32) -> Option<NodeId> {
    (id != NONE).then_some(NodeId(id))
}

fn chain(nodes: &[Node], first: u32) -> impl Iterator<Item = NodeId> + '_ {
    let mut at = first;
    std::iter::from_fn(move || {
        let id = some(at)?;
        at = nodes[id.index()].next;
        Some(id)
    })
}
