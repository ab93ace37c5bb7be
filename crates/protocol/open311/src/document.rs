use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Xml,
    Json,
}

impl Format {
    /// By the extension of a path.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "xml" => Some(Format::Xml),
            "json" => Some(Format::Json),
            _ => None,
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Xml => "text/xml; charset=utf-8",
            Format::Json => "application/json; charset=utf-8",
        }
    }

    /// As discovery names it, and is itself sent: without a character set.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Xml => "text/xml",
            Format::Json => "application/json",
        }
    }
}

/// One answer, ready to be written in either format.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub(crate) root: &'static str,
    pub(crate) body: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Empty,
    Text(String),
    Flag(bool),
    Integer(i64),
    Decimal(f64),
    /// Children of different names.
    Fields(Vec<(&'static str, Node)>),
    /// Children of one name.
    List(&'static str, Vec<Node>),
}

impl Node {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        match text.into() {
            text if text.is_empty() => Node::Empty,
            text => Node::Text(text),
        }
    }

    pub(crate) fn optional(text: Option<&str>) -> Self {
        Node::text(text.unwrap_or_default())
    }
}

impl Document {
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Xml => self.xml(),
            Format::Json => self.json(),
        }
    }

    /// With a declaration; no attributes, no namespace.
    pub fn xml(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        let declaration = Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None));
        // Nothing fails when a vector is written to.
        let written =
            writer.write_event(declaration).and_then(|()| element(&mut writer, self.root, &self.body));
        debug_assert!(written.is_ok());
        String::from_utf8(writer.into_inner()).unwrap_or_default()
    }

    pub fn json(&self) -> String {
        self.body.json()
    }
}

impl Node {
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, node: &Node) -> std::io::Result<()> {
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    match node {
        Node::Empty => {}
        Node::Text(text) => writer.write_event(Event::Text(BytesText::new(&printable(text))))?,
        Node::Flag(flag) => writer.write_event(Event::Text(BytesText::new(&flag.to_string())))?,
        Node::Integer(number) => writer.write_event(Event::Text(BytesText::new(&number.to_string())))?,
        Node::Decimal(number) => writer.write_event(Event::Text(BytesText::new(&number.to_string())))?,
        Node::Fields(fields) => fields.iter().try_for_each(|(name, node)| element(writer, name, node))?,
        Node::List(name, items) => items.iter().try_for_each(|item| element(writer, name, item))?,
    }
    writer.write_event(Event::End(BytesEnd::new(name)))
}

/// What XML 1.0 cannot say, in no spelling, is replaced. A carriage return would be read as a line feed.
fn printable(text: &str) -> String {
    let can_be_said = |it: char| {
        matches!(it, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..) && it != '\u{fffe}' && it != '\u{ffff}'
    };
    text.chars().map(|it| if can_be_said(it) { it } else { '\u{fffd}' }).collect()
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Empty => serializer.serialize_none(),
            Node::Text(text) => serializer.serialize_str(&printable(text)),
            Node::Flag(flag) => serializer.serialize_bool(*flag),
            Node::Integer(number) => serializer.serialize_i64(*number),
            Node::Decimal(number) => serializer.serialize_f64(*number),
            Node::Fields(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                fields.iter().try_for_each(|(name, node)| map.serialize_entry(name, node))?;
                map.end()
            }
            Node::List(_, items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
        }
    }
}
