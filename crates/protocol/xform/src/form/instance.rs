use std::collections::HashMap;

use serde_json::Value;

use super::Form;
use crate::xml::{Document, Name, NodeId, XmlFault, XmlLimits};

/// Bytes of a file that holds a list.
pub const ATTACHMENT_BYTES_MAX: usize = 64 * 1_048_576;
/// Bytes of a file of places, which takes many times its size while it is read.
const GEOJSON_BYTES_MAX: usize = 16 * 1_048_576;
/// Cells of a list, or elements of an XML file.
const NODES_MAX: usize = 10_000_000;
const LIMITS: XmlLimits = XmlLimits { bytes: ATTACHMENT_BYTES_MAX, nodes: NODES_MAX, depth: 100 };
/// Columns of a list.
const COLUMNS_MAX: usize = 1000;

/// A list beside the answers.
#[derive(Clone, Debug)]
pub struct Instance {
    pub id: String,
    pub source: Source,
}

#[derive(Clone, Debug)]
pub enum Source {
    /// It stands in the form.
    Inline(Document),
    /// It comes as a file of this name.
    File { uri: String, name: String },
    /// `jr://instance/last-saved`: the record that was saved before, which a server does not know.
    LastSaved,
}

/// The lists of a form that come as files, read once for all submissions.
#[derive(Debug, Default)]
pub struct Attachments {
    documents: HashMap<String, Document>,
}

/// Why a file is no list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentFault {
    #[error("the file has more than {ATTACHMENT_BYTES_MAX} bytes")]
    Bytes,
    #[error("the file has more than {NODES_MAX} cells")]
    Cells,
    #[error("the file has more than {COLUMNS_MAX} columns")]
    Columns,
    #[error("the file is not in UTF-8: save it as CSV UTF-8")]
    Encoding,
    #[error("the first line has no names of columns")]
    Header,
    #[error("line {line}: {reason}")]
    Csv { line: u64, reason: String },
    #[error("{0}")]
    Xml(#[from] XmlFault),
    #[error("the file is no GeoJSON collection of features: {0}")]
    GeoJson(String),
}

impl Attachments {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a file of the form. Whether a list of the form is made of it; images and sounds are none.
    pub fn add(&mut self, form: &Form, file: &str, bytes: &[u8]) -> Result<bool, AttachmentFault> {
        let uses = |source: &Source| matches!(source, Source::File { name, .. } if name == file);
        if !form.instances.iter().any(|it| uses(&it.source)) {
            return Ok(false);
        }
        let extension = file.rsplit_once('.').map_or("", |it| it.1).to_ascii_lowercase();
        let document = match extension.as_str() {
            "xml" => Document::read(bytes, &LIMITS)?,
            "geojson" | "json" => read_geojson(bytes)?,
            _ => read_csv(bytes)?,
        };
        self.documents.insert(file.to_owned(), document);
        Ok(true)
    }

    pub(crate) fn document<'a>(&'a self, instance: &'a Instance) -> Option<&'a Document> {
        match &instance.source {
            Source::Inline(document) => Some(document),
            Source::File { name, .. } => self.documents.get(name),
            Source::LastSaved => None,
        }
    }
}

/// `root/item/COLUMN`.
fn read_csv(bytes: &[u8]) -> Result<Document, AttachmentFault> {
    let text = checked(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let fault = |error: csv::Error| AttachmentFault::Csv {
        line: error.position().map_or(0, csv::Position::line),
        reason: error.to_string(),
    };
    let mut document = Document::new();
    let root = document.append_element(NodeId::DOCUMENT, Name::local("root"));
    let mut columns: Vec<String> = Vec::new();
    let mut row = csv::StringRecord::new();
    let mut is_first = true;
    while reader.read_record(&mut row).map_err(fault)? {
        if is_first {
            is_first = false;
            columns = row.iter().map(|it| it.trim().replace(' ', "_")).collect();
            if columns.len() > COLUMNS_MAX {
                return Err(AttachmentFault::Columns);
            }
            continue;
        }
        let item = document.append_element(root, Name::local("item"));
        for (index, column) in columns.iter().enumerate().filter(|it| !it.1.is_empty()) {
            if document.len() >= NODES_MAX {
                return Err(AttachmentFault::Cells);
            }
            let cell = document.append_element(item, Name::local(column));
            if let Some(value) = row.get(index).filter(|it| !it.is_empty()) {
                document.append_text_node(cell, value);
            }
        }
    }
    if columns.iter().all(String::is_empty) {
        return Err(AttachmentFault::Header);
    }
    Ok(document)
}

/// A semicolon where the first line has more of them than commas, as some spreadsheets write.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or("");
    let count = |it: char| first.matches(it).count();
    if count(';') > count(',') { b';' } else { b',' }
}

fn checked(bytes: &[u8]) -> Result<&str, AttachmentFault> {
    if bytes.len() > ATTACHMENT_BYTES_MAX {
        return Err(AttachmentFault::Bytes);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| AttachmentFault::Encoding)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// `root/item` of each feature: its properties, `id`, and `geometry` as ODK writes places.
fn read_geojson(bytes: &[u8]) -> Result<Document, AttachmentFault> {
    let fault = |reason: &str| AttachmentFault::GeoJson(reason.to_owned());
    if bytes.len() > GEOJSON_BYTES_MAX {
        return Err(fault(&format!("it has more than {GEOJSON_BYTES_MAX} bytes")));
    }
    let value: Value = serde_json::from_str(checked(bytes)?).map_err(|error| fault(&error.to_string()))?;
    let features =
        value.get("features").and_then(Value::as_array).ok_or_else(|| fault("there are no features"))?;
    let mut document = Document::new();
    let root = document.append_element(NodeId::DOCUMENT, Name::local("root"));
    for feature in features {
        let item = document.append_element(root, Name::local("item"));
        let mut cell = |name: &str, value: &str| {
            let cell = document.append_element(item, Name::local(name));
            document.append_text_node(cell, value);
        };
        if let Some(geometry) = feature.get("geometry").filter(|it| !it.is_null()) {
            let places =
                places(geometry).ok_or_else(|| fault("a geometry that is no point, line or polygon"))?;
            cell("geometry", &places);
        }
        if let Some(id) = feature.get("id") {
            cell("id", &scalar(id));
        }
        let properties = feature.get("properties").and_then(Value::as_object);
        for (name, value) in properties.into_iter().flatten() {
            cell(name, &scalar(value));
        }
        if document.len() >= NODES_MAX {
            return Err(AttachmentFault::Cells);
        }
    }
    Ok(document)
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Latitude, longitude, altitude and accuracy of each point, with semicolons between.
fn places(geometry: &Value) -> Option<String> {
    let coordinates = geometry.get("coordinates")?;
    let place = |it: &Value| -> Option<String> {
        let numbers: Vec<f64> = it.as_array()?.iter().filter_map(Value::as_f64).collect();
        let (longitude, latitude) = (numbers.first()?, numbers.get(1)?);
        Some(format!("{latitude} {longitude} {} 0", numbers.get(2).unwrap_or(&0.0)))
    };
    let line = |it: &Value| -> Option<String> {
        let places: Option<Vec<String>> = it.as_array()?.iter().map(place).collect();
        Some(places?.join("; "))
    };
    match geometry.get("type")?.as_str()? {
        "Point" => place(coordinates),
        "LineString" => line(coordinates),
        "Polygon" => line(coordinates.as_array()?.first()?),
        _ => None,
    }
}
