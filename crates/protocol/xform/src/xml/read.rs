use std::fmt;

use quick_xml::{
    Reader,
    events::{BytesStart, Event, attributes::Attribute},
};

use super::{Document, Name, NodeId, NodeKind};

/// What one document may hold.
#[derive(Clone, Copy, Debug)]
pub struct XmlLimits {
    pub bytes: usize,
    /// Elements, attributes, texts and the rest together.
    pub nodes: usize,
    pub depth: usize,
}

/// Attributes of one element, declarations of namespaces included.
const ATTRIBUTES_MAX: usize = 256;
/// Declarations of namespaces that count at one place.
const NAMESPACES_MAX: usize = 64;
/// Bytes of one name.
const NAME_BYTES_MAX: usize = 1024;

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// Why bytes are no document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct XmlFault {
    /// Counted from 1.
    pub line: usize,
    /// Characters from the start of the line, counted from 1.
    pub column: usize,
    pub reason: XmlReason,
}

impl fmt::Display for XmlFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlReason {
    #[error("the document has more than {0} bytes")]
    Bytes(usize),
    #[error("the document has more than {0} elements, attributes and texts")]
    Nodes(usize),
    #[error("elements are nested more than {0} deep")]
    Depth(usize),
    #[error("an element has more than {ATTRIBUTES_MAX} attributes")]
    Attributes,
    #[error("more than {NAMESPACES_MAX} namespaces are declared at one place")]
    Namespaces,
    #[error("the document is not in UTF-8: save it as UTF-8")]
    Encoding,
    #[error("a document type (<!DOCTYPE …>) is not accepted: leave it out")]
    DocumentType,
    #[error("the entity &{0}; is not known: only &amp; &lt; &gt; &quot; &apos; and numbers are")]
    Entity(String),
    #[error("a character that XML does not allow (U+{0:04X})")]
    Character(u32),
    #[error("the prefix of {0} is not declared")]
    Prefix(String),
    #[error("{0} is not a name")]
    Name(String),
    #[error("<{0}> is not closed")]
    Unclosed(String),
    #[error("there is text or a second element outside of the outermost element")]
    Outside,
    #[error("there is no element")]
    Empty,
    #[error("not well-formed: {0}")]
    Syntax(String),
}

impl Document {
    /// Reads a document. Entities are never expanded but for the five that XML has, and nothing is fetched.
    pub fn read(bytes: &[u8], limits: &XmlLimits) -> Result<Document, XmlFault> {
        if bytes.len() > limits.bytes {
            return Err(XmlFault { line: 1, column: 1, reason: XmlReason::Bytes(limits.bytes) });
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| fault_at(&bytes[..error.valid_up_to()], XmlReason::Encoding))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_comments = true;
        let mut loader = Loader {
            document: Document::new(),
            open: vec![NodeId::DOCUMENT],
            limits,
            text: String::new(),
            scope: Vec::new(),
            marks: Vec::new(),
        };
        loop {
            let before = reader.buffer_position() as usize;
            let outcome = match reader.read_event() {
                Ok(Event::Eof) => loader.end(),
                Ok(event) => loader.take(event).map(|()| false),
                Err(error) => Err(XmlReason::Syntax(error.to_string())),
            };
            match outcome {
                Ok(true) => return Ok(loader.document),
                Ok(false) => {}
                Err(reason) => return Err(fault_at(&text.as_bytes()[..before.min(text.len())], reason)),
            }
        }
    }
}

fn fault_at(before: &[u8], reason: XmlReason) -> XmlFault {
    let line = before.iter().filter(|it| **it == b'\n').count() + 1;
    let start = before.iter().rposition(|it| *it == b'\n').map_or(0, |it| it + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
    XmlFault { line, column, reason }
}

struct Loader<'a> {
    document: Document,
    open: Vec<NodeId>,
    limits: &'a XmlLimits,
    /// Text since the last tag, which may come in several events.
    text: String,
    /// Prefixes and what they mean here, the nearest last; and how many there were outside of each open element.
    scope: Vec<(String, String)>,
    marks: Vec<usize>,
}

impl Loader<'_> {
    fn take(&mut self, event: Event<'_>) -> Result<(), XmlReason> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.close();
                Ok(())
            }
            Event::End(_) => {
                self.flush()?;
                self.close();
                Ok(())
            }
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(data) => self.text(&data.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = match &*reference {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    name => match reference.resolve_char_ref() {
                        Ok(Some(character)) => character,
                        _ => return Err(XmlReason::Entity(shortened(name))),
                    },
                };
                self.text(character.encode_utf8(&mut [0; 4]))
            }
            Event::Comment(comment) => self.other(NodeKind::Comment, "", &comment.xml10_content()),
            Event::PI(instruction) => {
                let content = instruction.content().trim_start().to_owned();
                self.other(NodeKind::Instruction, instruction.target(), &content)
            }
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(name))
                    if !["utf-8", "utf8", "us-ascii"].contains(&name.to_ascii_lowercase().as_str()) =>
                {
                    Err(XmlReason::Encoding)
                }
                _ => Ok(()),
            },
            Event::DocType(_) => Err(XmlReason::DocumentType),
            Event::Eof => Ok(()),
        }
    }

    fn end(&mut self) -> Result<bool, XmlReason> {
        self.flush()?;
        match self.open.as_slice() {
            [_, .., last] => Err(XmlReason::Unclosed(self.document.local(*last).to_owned())),
            _ if self.document.root().is_none() => Err(XmlReason::Empty),
            _ => Ok(true),
        }
    }

    fn parent(&self) -> NodeId {
        self.open.last().copied().unwrap_or(NodeId::DOCUMENT)
    }

    fn close(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
            self.scope.truncate(self.marks.pop().unwrap_or(0));
        }
    }

    fn room(&self) -> Result<(), XmlReason> {
        if self.document.len() >= self.limits.nodes {
            return Err(XmlReason::Nodes(self.limits.nodes));
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlReason> {
        characters(text)?;
        self.text.push_str(text);
        Ok(())
    }

    fn other(&mut self, kind: NodeKind, target: &str, value: &str) -> Result<(), XmlReason> {
        self.flush()?;
        self.room()?;
        characters(value)?;
        self.document.append_other(self.parent(), kind, target, value);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), XmlReason> {
        if self.text.is_empty() {
            return Ok(());
        }
        if self.open.len() == 1 {
            let blank = self.text.trim_ascii().is_empty();
            self.text.clear();
            return if blank { Ok(()) } else { Err(XmlReason::Outside) };
        }
        self.room()?;
        self.document.append_text_node(self.parent(), &self.text);
        self.text.clear();
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), XmlReason> {
        self.flush()?;
        if self.open.len() > self.limits.depth {
            return Err(XmlReason::Depth(self.limits.depth));
        }
        if self.open.len() == 1 && self.document.root().is_some() {
            return Err(XmlReason::Outside);
        }
        let attributes = attributes(start)?;
        self.marks.push(self.scope.len());
        for (name, value) in &attributes {
            match split(name) {
                ("xmlns", prefix) => self.scope.push((prefix.to_owned(), value.clone())),
                ("", "xmlns") => self.scope.push((String::new(), value.clone())),
                _ => {}
            }
        }
        if self.scope.len() > NAMESPACES_MAX {
            return Err(XmlReason::Namespaces);
        }
        let written = start.name();
        let name = name_of(written.as_ref())?;
        let parent = self.parent();
        let namespace = self.namespace(name)?;
        let (prefix, local) = split(name);
        self.room()?;
        let node = self.document.append_element(parent, Name { prefix, local, namespace: &namespace });
        for (name, value) in &attributes {
            self.room()?;
            match split(name) {
                ("xmlns", local) => self.document.append_namespace(node, local, value),
                ("", "xmlns") => self.document.append_namespace(node, "", value),
                ("", local) => self.document.append_attribute(node, Name::local(local), value),
                (prefix, local) => {
                    let namespace = self.namespace(name)?;
                    self.document.append_attribute(node, Name { prefix, local, namespace: &namespace }, value)
                }
            };
        }
        self.open.push(node);
        Ok(())
    }

    fn namespace(&self, name: &str) -> Result<String, XmlReason> {
        let (prefix, _) = split(name);
        match self.scope.iter().rev().find(|it| it.0 == prefix) {
            Some((_, namespace)) => Ok(namespace.clone()),
            None if prefix == "xml" => Ok(XML_NAMESPACE.to_owned()),
            None if prefix.is_empty() => Ok(String::new()),
            None => Err(XmlReason::Prefix(shortened(name))),
        }
    }
}

fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, XmlReason> {
    let mut found = Vec::new();
    for attribute in start.attributes() {
        if found.len() == ATTRIBUTES_MAX {
            return Err(XmlReason::Attributes);
        }
        let attribute: Attribute<'_> = attribute.map_err(|error| XmlReason::Syntax(error.to_string()))?;
        let name = name_of(attribute.key.as_ref())?;
        if attribute.value.contains('<') {
            return Err(XmlReason::Syntax(format!("< in the attribute {name}")));
        }
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| XmlReason::Syntax(error.to_string()))?;
        characters(&value)?;
        found.push((name.to_owned(), value.into_owned()));
    }
    Ok(found)
}

fn name_of(name: &str) -> Result<&str, XmlReason> {
    let (prefix, local) = split(name);
    let good = name.len() <= NAME_BYTES_MAX
        && is_name(local)
        && (prefix.is_empty() && !name.contains(':') || is_name(prefix));
    if good { Ok(name) } else { Err(XmlReason::Name(shortened(name))) }
}

fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Whether the text is an NCName of Namespaces in XML 1.0.
pub(crate) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_name) && characters.all(continues_name)
}

pub(crate) fn starts_name(it: char) -> bool {
    matches!(it,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

pub(crate) fn continues_name(it: char) -> bool {
    starts_name(it)
        || matches!(it, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

fn characters(text: &str) -> Result<(), XmlReason> {
    let bad = |it: &char| matches!(*it, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
    match text.chars().find(bad) {
        Some(it) => Err(XmlReason::Character(u32::from(it))),
        None => Ok(()),
    }
}
