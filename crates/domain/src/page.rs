use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kernel::limits;

use crate::{Message, Refusal};

/// A page of a list and the cursor of the next one.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
}

/// Which page is asked for.
#[derive(Clone, Debug)]
pub struct Window {
    pub limit: usize,
    pub after: Option<Cursor>,
}

/// The sort key of a page's last row. Opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Vec<String>);

const CURSOR_BYTES_MAX: usize = 1_024;

impl Cursor {
    pub fn new(parts: impl IntoIterator<Item = String>) -> Self {
        Self(parts.into_iter().collect())
    }

    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.0).unwrap_or_default())
    }

    pub fn decode(text: &str) -> Result<Self, Refusal> {
        let parts =
            (text.len() <= CURSOR_BYTES_MAX).then(|| BASE64_URL_SAFE_NO_PAD.decode(text).ok()).flatten();
        parts.and_then(|bytes| serde_json::from_slice(&bytes).ok()).map(Self).ok_or_else(bad_cursor)
    }

    /// The part at `index`, read as `T`.
    pub fn part<T: std::str::FromStr>(&self, index: usize) -> Result<T, Refusal> {
        self.0.get(index).and_then(|text| text.parse().ok()).ok_or_else(bad_cursor)
    }
}

fn bad_cursor() -> Refusal {
    Refusal::invalid("cursor", Message::new("fault-cursor"))
}

impl Window {
    /// As clients ask for it: `limit` from 1 to `PAGE_ROWS_MAX`, `cursor` as the page before gave it.
    pub fn parse(limit: Option<i64>, cursor: Option<&str>) -> Result<Self, Refusal> {
        let limit = limit.unwrap_or(limits::PAGE_ROWS_DEFAULT as i64);
        if !(1..=limits::PAGE_ROWS_MAX as i64).contains(&limit) {
            let message = Message::new("fault-range").with("min", 1).with("max", limits::PAGE_ROWS_MAX);
            return Err(Refusal::invalid("limit", message));
        }
        let after = cursor.filter(|text| !text.is_empty()).map(Cursor::decode).transpose()?;
        Ok(Self { limit: limit as usize, after })
    }

    pub fn first(limit: usize) -> Self {
        Self { limit, after: None }
    }

    /// Rows to ask the store for: one more than the page tells whether there is a next page.
    pub fn rows(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// Cuts what the store gave to the page; `key` gives the cursor of a row.
    pub fn page<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> Cursor) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next = more.then(|| items.last().map(key)).flatten();
        Page { items, next }
    }
}
