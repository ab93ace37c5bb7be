use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::fault::QueryFault;
use crate::table::Place;

/// Bytes of a `$skiptoken`.
pub const TOKEN_BYTES_MAX: usize = 16_384;

/// Of this scheme.
const PREFIX: &str = "01";

/// `$skiptoken`: where the next page begins. Opaque to clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    /// The record that was given last. The rows to offer begin after it, or in it where the table is that of a repeat.
    /// None where the address names the record.
    pub record: Option<String>,
    /// The row of a repeat that was given last.
    pub row: Option<String>,
    /// Rows that were passed, with those skipped; kept where they are counted.
    pub given: u64,
    /// Where the order is not that of time.
    pub(super) mark: Option<Mark>,
}

/// What the place of the last row in an order depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub texts: Vec<Option<String>>,
    pub place: Place,
}

impl Token {
    /// `record_key` is what the id of a record is called, by its table.
    pub fn encode(&self, record_key: &str) -> String {
        let mut map = Map::new();
        if let Some(record) = &self.record {
            map.insert(record_key.to_owned(), json!(record));
        }
        if let Some(row) = &self.row {
            map.insert("repeatId".to_owned(), json!(row));
        }
        if self.given > 0 {
            map.insert("given".to_owned(), json!(self.given));
        }
        if let Some(mark) = &self.mark {
            let Place { record, row } = mark.place;
            map.insert("order".to_owned(), json!(mark.texts));
            map.insert("place".to_owned(), json!([record.to_string(), row]));
        }
        format!("{PREFIX}{}", STANDARD.encode(Value::Object(map).to_string()))
    }

    pub fn decode(text: &str, record_key: &str) -> Result<Token, QueryFault> {
        read(text, record_key).ok_or(QueryFault::Token)
    }
}

fn read(text: &str, record_key: &str) -> Option<Token> {
    if text.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
    let map: Map<String, Value> = serde_json::from_slice(&bytes).ok()?;
    let word = |key: &str| match map.get(key) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    };
    let given = map.get("given").map_or(Some(0), Value::as_u64)?;
    let mark = match (map.get("order"), map.get("place")) {
        (None, None) => None,
        (Some(Value::Array(texts)), Some(Value::Array(place))) => {
            let texts = texts.iter().map(|it| match it {
                Value::Null => Some(None),
                it => it.as_str().map(|it| Some(it.to_owned())),
            });
            let record = place.first()?.as_str()?.parse().ok()?;
            let row = u32::try_from(place.get(1)?.as_u64()?).ok()?;
            Some(Mark { texts: texts.collect::<Option<_>>()?, place: Place { record, row } })
        }
        _ => return None,
    };
    Some(Token { record: word(record_key)?, row: word("repeatId")?, given, mark })
}
