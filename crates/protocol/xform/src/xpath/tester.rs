use super::{
    Names,
    evaluate::{EvaluationFault, Scope},
    expression::{Axis, Step, Test},
};
use crate::xml::{Document, NodeId, NodeKind, Symbol};

type Evaluated<T> = Result<T, EvaluationFault>;

/// A node test with the names looked up in the document, so that each node costs a comparison of numbers.
pub struct Tester<'a> {
    document: &'a Document,
    axis: Axis,
    test: NameTest<'a>,
}

enum NameTest<'a> {
    Any,
    Kind(NodeKind),
    Instruction(&'a str),
    /// What this document does not name at all.
    Nothing,
    Local(Symbol, Option<Symbol>),
    Prefix(Option<Symbol>),
    Namespace(Option<&'a str>, String),
}

impl<'a> Tester<'a> {
    pub fn new(scope: &Scope<'a>, document: &'a Document, step: &'a Step) -> Evaluated<Self> {
        let test = match &step.test {
            Test::Node => NameTest::Any,
            Test::Text => NameTest::Kind(NodeKind::Text),
            Test::Comment => NameTest::Kind(NodeKind::Comment),
            Test::Instruction(None) => NameTest::Kind(NodeKind::Instruction),
            Test::Instruction(Some(target)) => NameTest::Instruction(target),
            Test::Name(prefix, local) => match scope.names {
                Names::AsWritten => match (&**prefix, &**local) {
                    ("", "*") => NameTest::Prefix(None),
                    (prefix, "*") => match document.symbol(prefix) {
                        Some(prefix) => NameTest::Prefix(Some(prefix)),
                        None => NameTest::Nothing,
                    },
                    (prefix, local) => match (document.symbol(local), document.symbol(prefix)) {
                        (Some(local), Some(prefix)) => NameTest::Local(local, Some(prefix)),
                        _ => NameTest::Nothing,
                    },
                },
                Names::Declared(declared) => {
                    let namespace = match &**prefix {
                        "" => String::new(),
                        "xml" => "http://www.w3.org/XML/1998/namespace".to_owned(),
                        prefix => declared
                            .iter()
                            .find(|it| it.0 == prefix)
                            .map(|it| it.1.clone())
                            .ok_or_else(|| EvaluationFault::Prefix(prefix.to_owned()))?,
                    };
                    match (&**prefix, &**local) {
                        ("", "*") => NameTest::Prefix(None),
                        (_, "*") => NameTest::Namespace(None, namespace),
                        (_, local) => NameTest::Namespace(Some(local), namespace),
                    }
                }
            },
        };
        Ok(Tester { document, axis: step.axis, test })
    }

    /// The children that have the name, where the document has them at hand.
    pub fn children(&self, parent: NodeId) -> Option<&'a [NodeId]> {
        match &self.test {
            NameTest::Local(local, _) => self.document.indexed(parent, *local),
            _ => None,
        }
    }

    pub fn accepts(&self, node: NodeId) -> bool {
        let document = self.document;
        let kind = document.kind(node);
        if document.is_hidden(node) || kind == NodeKind::Text && document.value(node).is_empty() {
            return false;
        }
        let principal = match self.axis {
            Axis::Attribute => NodeKind::Attribute,
            Axis::Namespace => NodeKind::Namespace,
            _ => NodeKind::Element,
        };
        // A declaration of a namespace is no attribute, and the other way round.
        if matches!(self.axis, Axis::Attribute | Axis::Namespace) && kind != principal {
            return false;
        }
        match &self.test {
            NameTest::Any => true,
            NameTest::Kind(wanted) => kind == *wanted,
            NameTest::Instruction(target) => kind == NodeKind::Instruction && document.local(node) == *target,
            NameTest::Nothing => false,
            _ if kind != principal => false,
            NameTest::Local(local, prefix) => {
                document.local_symbol(node) == *local
                    && prefix.is_none_or(|it| document.prefix_symbol(node) == it)
            }
            NameTest::Prefix(prefix) => prefix.is_none_or(|it| document.prefix_symbol(node) == it),
            NameTest::Namespace(local, namespace) => {
                local.is_none_or(|it| document.local(node) == it)
                    && document.name(node).namespace == namespace.as_str()
            }
        }
    }
}
