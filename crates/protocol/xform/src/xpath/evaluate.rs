use std::cell::RefCell;

use super::{
    Budget, Lookup, Moment, Names, TEXT_BYTES_MAX, World,
    expression::{Axis, Expr, Expression, Start, Step},
    function,
    tester::Tester,
    value::{Value, number_text, text_number},
};
use crate::xml::{Document, NodeId, NodeKind};

/// A node of one of the documents that a scope holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeRef {
    /// 0 is the document of answers.
    pub document: u16,
    pub node: NodeId,
}

/// Why an expression has no value here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationFault {
    #[error("it takes more steps than are allowed")]
    Budget,
    #[error("it makes a text of more than {TEXT_BYTES_MAX} bytes")]
    Text,
    #[error("the list {0} is not there")]
    InstanceMissing(String),
    #[error("the form has no list {0}")]
    InstanceUnknown(String),
    #[error("the prefix {0} is not declared")]
    Prefix(String),
    #[error("{0}")]
    Argument(String),
}

/// Everything that one evaluation reads.
pub struct Scope<'a> {
    /// The answers first, then the secondary instances.
    pub documents: &'a [&'a Document],
    pub world: &'a World,
    pub budget: &'a Budget,
    pub lookup: Option<&'a dyn Lookup>,
    pub names: &'a Names,
    chance: RefCell<u64>,
}

/// Where an expression is evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Focus {
    pub node: NodeRef,
    pub position: usize,
    pub size: usize,
    /// What `current()` is.
    pub current: NodeRef,
}

impl Focus {
    pub fn at(node: NodeRef) -> Self {
        Focus { node, position: 1, size: 1, current: node }
    }
}

type Evaluated<T> = Result<T, EvaluationFault>;

impl<'a> Scope<'a> {
    pub fn new(
        documents: &'a [&'a Document],
        world: &'a World,
        budget: &'a Budget,
        lookup: Option<&'a dyn Lookup>,
        names: &'a Names,
    ) -> Self {
        Scope { documents, world, budget, lookup, names, chance: RefCell::new(world.seed) }
    }

    pub fn evaluate(&self, expression: &Expression, focus: &Focus) -> Evaluated<Value> {
        self.value(&expression.root, focus)
    }

    /// The next number of a sequence that the world's seed begins (SplitMix64).
    pub(super) fn chance(&self) -> u64 {
        let mut state = self.chance.borrow_mut();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn document(&self, number: u16) -> &'a Document {
        self.documents[usize::from(number).min(self.documents.len() - 1)]
    }

    pub(super) fn value(&self, expr: &Expr, focus: &Focus) -> Evaluated<Value> {
        self.budget.spend(1)?;
        match expr {
            Expr::Number(number) => Ok(Value::Number(*number)),
            Expr::Text(text) => Ok(Value::Text(text.to_string())),
            Expr::Or(parts) => self.any(parts, focus, true),
            Expr::And(parts) => self.any(parts, focus, false),
            Expr::Chain(first, rest) => {
                let mut left = self.value(first, focus)?;
                for (operator, right) in rest {
                    left = self.operate(left, *operator, self.value(right, focus)?)?;
                }
                Ok(left)
            }
            Expr::Negate(inner) => Ok(Value::Number(-self.number(&self.value(inner, focus)?)?)),
            Expr::Union(parts) => {
                let mut nodes = Vec::new();
                for part in parts {
                    nodes.extend(self.nodes(self.value(part, focus)?, "|")?);
                }
                self.in_order(&mut nodes)?;
                Ok(Value::Nodes(nodes))
            }
            Expr::Path(start, steps) => self.path(start, steps, focus).map(Value::Nodes),
            Expr::Call(function, arguments, pattern) => {
                function::call(self, *function, arguments, pattern.as_deref(), focus)
            }
        }
    }

    /// `or` until something is true, `and` until something is false.
    fn any(&self, parts: &[Expr], focus: &Focus, wanted: bool) -> Evaluated<Value> {
        for part in parts {
            if self.boolean(&self.value(part, focus)?)? == wanted {
                return Ok(Value::Boolean(wanted));
            }
        }
        Ok(Value::Boolean(!wanted))
    }

    pub(super) fn nodes(&self, value: Value, asked_by: &str) -> Evaluated<Vec<NodeRef>> {
        match value {
            Value::Nodes(nodes) => Ok(nodes),
            _ => {
                Err(EvaluationFault::Argument(format!("{asked_by} needs nodes, and this is a single value")))
            }
        }
    }

    fn path(&self, start: &Start, steps: &[Step], focus: &Focus) -> Evaluated<Vec<NodeRef>> {
        let mut nodes = match start {
            Start::Root => vec![NodeRef { document: 0, node: NodeId::DOCUMENT }],
            Start::Context => vec![focus.node],
            Start::Filter(inner, predicates) => {
                let mut nodes = self.nodes(self.value(inner, focus)?, "a path or predicate")?;
                for predicate in predicates {
                    nodes = self.filtered(nodes, predicate, focus)?;
                }
                nodes
            }
        };
        for step in steps {
            let single = nodes.len() <= 1;
            let mut found = Vec::new();
            for node in nodes {
                let mut reached = self.step(node, step)?;
                for predicate in &step.predicates {
                    reached = self.filtered(reached, predicate, focus)?;
                }
                found.append(&mut reached);
            }
            // Children of nodes in order are in order unless these lie within each other.
            if !single || step.axis.is_reverse() {
                self.in_order(&mut found)?;
            }
            nodes = found;
        }
        Ok(nodes)
    }

    fn in_order(&self, nodes: &mut Vec<NodeRef>) -> Evaluated<()> {
        self.budget.spend(nodes.len() as u64)?;
        if !nodes.is_sorted_by(|a, b| a < b) {
            nodes.sort_unstable();
            nodes.dedup();
        }
        Ok(())
    }

    fn filtered(&self, nodes: Vec<NodeRef>, predicate: &Expr, focus: &Focus) -> Evaluated<Vec<NodeRef>> {
        if let Expr::Number(wanted) = predicate {
            let wanted = if *wanted >= 1.0 && wanted.fract() == 0.0 { *wanted as usize } else { 0 };
            return Ok(nodes.get(wanted.wrapping_sub(1)).copied().into_iter().collect());
        }
        let size = nodes.len();
        let mut kept = Vec::new();
        for (index, node) in nodes.into_iter().enumerate() {
            let inner = Focus { node, position: index + 1, size, current: focus.current };
            let keep = match self.value(predicate, &inner)? {
                Value::Number(number) => number == (index + 1) as f64,
                other => self.boolean(&other)?,
            };
            if keep {
                kept.push(node);
            }
        }
        Ok(kept)
    }

    /// The nodes on an axis that pass the test, in the order of the axis.
    fn step(&self, from: NodeRef, step: &Step) -> Evaluated<Vec<NodeRef>> {
        let document = self.document(from.document);
        let test = Tester::new(self, document, step)?;
        let mut found = Vec::new();
        let mut look = |node: NodeId| -> Evaluated<()> {
            self.budget.spend(1)?;
            if test.accepts(node) {
                found.push(NodeRef { document: from.document, node });
            }
            Ok(())
        };
        let node = from.node;
        match step.axis {
            Axis::Itself => look(node)?,
            Axis::Parent => document.parent(node).map_or(Ok(()), &mut look)?,
            Axis::Child => match test.children(node) {
                Some(named) => named.iter().copied().try_for_each(&mut look)?,
                None => document.children(node).try_for_each(&mut look)?,
            },
            Axis::Attribute | Axis::Namespace => document.attributes(node).try_for_each(&mut look)?,
            Axis::Descendant => below(document, node).try_for_each(&mut look)?,
            Axis::DescendantOrSelf => {
                look(node)?;
                below(document, node).try_for_each(&mut look)?;
            }
            Axis::Ancestor => above(document, node).try_for_each(&mut look)?,
            Axis::AncestorOrSelf => {
                look(node)?;
                above(document, node).try_for_each(&mut look)?;
            }
            Axis::FollowingSibling if is_inside(document, node) => {
                std::iter::successors(document.next(node), |it| document.next(*it))
                    .try_for_each(&mut look)?;
            }
            Axis::PrecedingSibling if is_inside(document, node) => {
                std::iter::successors(document.previous(node), |it| document.previous(*it))
                    .try_for_each(&mut look)?;
            }
            Axis::FollowingSibling | Axis::PrecedingSibling => {}
            Axis::Following => {
                let inside = is_inside(document, node);
                // What follows an attribute is all that its element holds, and what comes after that.
                let owner = if inside { node } else { document.parent(node).unwrap_or(node) };
                if !inside {
                    below(document, owner).try_for_each(&mut look)?;
                }
                for ancestor in std::iter::once(owner).chain(above(document, owner)) {
                    let mut sibling = document.next(ancestor);
                    while let Some(it) = sibling {
                        look(it)?;
                        below(document, it).try_for_each(&mut look)?;
                        sibling = document.next(it);
                    }
                }
            }
            Axis::Preceding => {
                let owner =
                    if is_inside(document, node) { node } else { document.parent(node).unwrap_or(node) };
                for ancestor in std::iter::once(owner).chain(above(document, owner)) {
                    let mut sibling = document.previous(ancestor);
                    while let Some(it) = sibling {
                        let mut subtree: Vec<_> = std::iter::once(it).chain(below(document, it)).collect();
                        subtree.reverse();
                        subtree.into_iter().try_for_each(&mut look)?;
                        sibling = document.previous(it);
                    }
                }
            }
        }
        Ok(found)
    }

    pub fn text(&self, value: &Value) -> Evaluated<String> {
        Ok(match value {
            Value::Nodes(nodes) => match nodes.first() {
                Some(node) => self.node_text(*node)?,
                None => String::new(),
            },
            Value::Text(text) => text.clone(),
            Value::Number(number) => number_text(*number),
            Value::Boolean(boolean) => boolean.to_string(),
            Value::Moment(moment) => moment.text(&self.world.zone),
        })
    }

    pub(crate) fn node_text(&self, node: NodeRef) -> Evaluated<String> {
        let text = self.document(node.document).text(node.node);
        self.made(text)
    }

    /// Counts the making of a text, and refuses one that is too long.
    pub(super) fn made(&self, text: String) -> Evaluated<String> {
        self.budget.spend(text.len() as u64 / 64 + 1)?;
        if text.len() > TEXT_BYTES_MAX { Err(EvaluationFault::Text) } else { Ok(text) }
    }

    pub fn number(&self, value: &Value) -> Evaluated<f64> {
        Ok(match value {
            Value::Number(number) => *number,
            Value::Boolean(boolean) => f64::from(u8::from(*boolean)),
            Value::Moment(moment) => moment.days(),
            Value::Nodes(_) | Value::Text(_) => text_number(&self.text(value)?, &self.world.zone),
        })
    }

    pub fn boolean(&self, value: &Value) -> Evaluated<bool> {
        Ok(match value {
            Value::Nodes(nodes) => !nodes.is_empty(),
            Value::Text(text) => !text.is_empty(),
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::Boolean(boolean) => *boolean,
            Value::Moment(moment) => matches!(moment, Moment::At(_)),
        })
    }
}

impl Axis {
    fn is_reverse(self) -> bool {
        matches!(self, Axis::Ancestor | Axis::AncestorOrSelf | Axis::Preceding | Axis::PrecedingSibling)
    }
}

fn is_inside(document: &Document, node: NodeId) -> bool {
    !matches!(document.kind(node), NodeKind::Attribute | NodeKind::Namespace)
}

fn above(document: &Document, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    std::iter::successors(document.parent(node), |it| document.parent(*it))
}

/// All below a node in document order, without what is hidden.
fn below(document: &Document, top: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    let mut at = top;
    std::iter::from_fn(move || {
        let down = (!document.is_hidden(at) || at == top).then(|| document.children(at).next()).flatten();
        let mut next = down;
        let mut up = at;
        while next.is_none() && up != top {
            next = document.next(up);
            up = document.parent(up)?;
        }
        at = next?;
        Some(at)
    })
}
