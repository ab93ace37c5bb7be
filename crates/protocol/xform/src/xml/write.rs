use super::{Document, NodeId, NodeKind};

impl Document {
    /// The document as it was built: attributes in their order, elements without content as `<a/>`.
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\"?>");
        self.write(&mut out, Form::AsBuilt);
        out
    }

    /// A form in which two documents that mean the same to a form are equal: without comments and white space
    /// between elements, attributes sorted, each text trimmed and its runs of white space made one space.
    pub fn to_canonical_xml(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Form::Canonical);
        out
    }

    fn write(&self, out: &mut String, form: Form) {
        let mut stack: Vec<Task> = vec![Task::Open(NodeId::DOCUMENT)];
        while let Some(task) = stack.pop() {
            match task {
                Task::Open(node) => self.open(node, form, out, &mut stack),
                Task::Close(node) => {
                    out.push_str("</");
                    self.push_name(node, out);
                    out.push('>');
                }
            }
        }
    }

    fn open(&self, node: NodeId, form: Form, out: &mut String, stack: &mut Vec<Task>) {
        match self.kind(node) {
            NodeKind::Document => self.stack_children(node, form, stack),
            NodeKind::Element => {
                out.push('<');
                self.push_name(node, out);
                self.push_attributes(node, form, out);
                let length = stack.len();
                stack.push(Task::Close(node));
                self.stack_children(node, form, stack);
                if stack.len() == length + 1 {
                    stack.pop();
                    out.push_str("/>");
                } else {
                    out.push('>');
                }
            }
            NodeKind::Text if form == Form::Canonical => {
                let words: Vec<_> = self.value(node).split_ascii_whitespace().collect();
                out.push_str(&escape_text(&words.join(" ")));
            }
            NodeKind::Text => out.push_str(&escape_text(self.value(node))),
            NodeKind::Comment => {
                out.push_str("<!--");
                out.push_str(self.value(node));
                out.push_str("-->");
            }
            NodeKind::Instruction => {
                out.push_str("<?");
                out.push_str(self.local(node));
                out.push(' ');
                out.push_str(self.value(node));
                out.push_str("?>");
            }
            NodeKind::Attribute | NodeKind::Namespace => {}
        }
    }

    fn stack_children(&self, node: NodeId, form: Form, stack: &mut Vec<Task>) {
        let length = stack.len();
        let kept = |it: &NodeId| match (form, self.kind(*it)) {
            (Form::AsBuilt, NodeKind::Text) => !self.value(*it).is_empty(),
            (Form::AsBuilt, _) => true,
            (Form::Canonical, NodeKind::Text) => !self.value(*it).trim_ascii().is_empty(),
            (Form::Canonical, kind) => kind == NodeKind::Element,
        };
        stack.extend(self.children(node).filter(kept).map(Task::Open));
        stack[length..].reverse();
    }

    fn push_name(&self, node: NodeId, out: &mut String) {
        let name = self.name(node);
        if !name.prefix.is_empty() {
            out.push_str(name.prefix);
            out.push(':');
        }
        out.push_str(name.local);
    }

    fn push_attributes(&self, node: NodeId, form: Form, out: &mut String) {
        let mut attributes: Vec<(String, &str)> =
            self.attributes(node).map(|it| (self.attribute_name(it), self.value(it))).collect();
        if form == Form::Canonical {
            attributes.sort();
        }
        for (name, value) in attributes {
            out.push(' ');
            out.push_str(&name);
            out.push_str("=\"");
            out.push_str(&escape_attribute(value));
            out.push('"');
        }
    }

    fn attribute_name(&self, node: NodeId) -> String {
        let name = self.name(node);
        match (self.kind(node), name.prefix, name.local) {
            (NodeKind::Namespace, _, "") => "xmlns".to_owned(),
            (NodeKind::Namespace, _, prefix) => format!("xmlns:{prefix}"),
            (_, "", local) => local.to_owned(),
            (_, prefix, local) => format!("{prefix}:{local}"),
        }
    }
}

enum Task {
    Open(NodeId),
    Close(NodeId),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    AsBuilt,
    Canonical,
}

/// Text as it stands between tags.
pub fn escape_text(text: &str) -> String {
    escape(text, |_| None)
}

/// Text as it stands between double quotes; white space that a reader would make a blank is kept.
pub fn escape_attribute(text: &str) -> String {
    escape(text, |character| match character {
        '"' => Some("&quot;"),
        '\n' => Some("&#10;"),
        '\t' => Some("&#9;"),
        _ => None,
    })
}

fn escape(text: &str, also: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            other => match also(other) {
                Some(escaped) => out.push_str(escaped),
                None => out.push(other),
            },
        }
    }
    out
}
