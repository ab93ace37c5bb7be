use std::{borrow::Cow, cmp::Ordering};

use super::{fault::QueryFault, token::Mark};
use crate::{
    form::DataType,
    table::{Clock, Place, Row, Slot, Table, Value},
};

/// Properties that rows are ordered by.
pub const ORDER_PROPERTIES_MAX: usize = 10;
/// Characters of a text that its order depends on, so that a `$skiptoken` can name the last one given.
pub const ORDER_CHARACTERS_MAX: usize = 100;

/// `$orderby`: null first when ascending and last when descending. Rows that are alike stand as they came in, or the
/// other way round where the first property descends.
#[derive(Clone, Debug, Default)]
pub struct Order {
    keys: Vec<Key>,
}

#[derive(Clone, Debug)]
struct Key {
    slot: Slot,
    data_type: DataType,
    is_descending: bool,
}

impl Order {
    pub fn parse(text: &str, table: &Table) -> Result<Order, QueryFault> {
        let unknown = |text: &str| QueryFault::Field { at: None, text: text.to_owned() };
        let mut keys = Vec::new();
        for part in text.split(',') {
            if keys.len() == ORDER_PROPERTIES_MAX {
                let feature = format!("$orderby with more than {ORDER_PROPERTIES_MAX} properties");
                return Err(QueryFault::Feature(feature));
            }
            let mut words = part.split_ascii_whitespace();
            let path = words.next().unwrap_or_default();
            let (slot, data_type) = table.find(path).ok_or_else(|| unknown(path))?;
            let is_descending = match words.next() {
                None => false,
                Some(word) if word.eq_ignore_ascii_case("asc") => false,
                Some(word) if word.eq_ignore_ascii_case("desc") => true,
                Some(word) => return Err(unknown(word)),
            };
            if let Some(word) = words.next() {
                return Err(unknown(word));
            }
            keys.push(Key { slot, data_type, is_descending });
        }
        Ok(Order { keys })
    }

    /// Whether rows stay as they come.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The rows in this order.
    pub fn arrange<R: Row>(&self, rows: Vec<R>, clock: &Clock) -> Vec<R> {
        if self.is_empty() {
            return rows;
        }
        let mut keyed: Vec<(Vec<Value<'static>>, Place, R)> = rows
            .into_iter()
            .map(|row| {
                let values = self.texts(&row).into_iter().zip(&self.keys).map(|(text, key)| key.value(text));
                (values.collect(), row.place(), row)
            })
            .collect();
        keyed.sort_by(|a, b| self.compare((&a.0, a.1), (&b.0, b.1), clock));
        keyed.into_iter().map(|it| it.2).collect()
    }

    /// What a row's place in the order depends on.
    pub(super) fn mark(&self, row: &dyn Row) -> Mark {
        Mark { texts: self.texts(row), place: row.place() }
    }

    /// Whether a row comes after the one that was given last.
    pub(super) fn is_after(&self, row: &dyn Row, mark: &Mark, clock: &Clock) -> bool {
        let values = |texts: &[Option<String>]| -> Vec<Value<'static>> {
            self.keys
                .iter()
                .enumerate()
                .map(|(at, key)| key.value(texts.get(at).cloned().flatten()))
                .collect()
        };
        let own = values(&self.texts(row));
        self.compare((&own, row.place()), (&values(&mark.texts), mark.place), clock) == Ordering::Greater
    }

    fn texts(&self, row: &dyn Row) -> Vec<Option<String>> {
        let text = |key: &Key| {
            let text = row.text(key.slot)?;
            Some(text.chars().take(ORDER_CHARACTERS_MAX).collect())
        };
        self.keys.iter().map(text).collect()
    }

    fn compare(&self, a: (&[Value<'_>], Place), b: (&[Value<'_>], Place), clock: &Clock) -> Ordering {
        for (index, key) in self.keys.iter().enumerate() {
            let (Some(left), Some(right)) = (a.0.get(index), b.0.get(index)) else { continue };
            let ordering = match (left.is_null(), right.is_null()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => left.compare(right, clock).unwrap_or(Ordering::Equal),
            };
            if ordering != Ordering::Equal {
                return if key.is_descending { ordering.reverse() } else { ordering };
            }
        }
        let is_descending = self.keys.first().is_some_and(|it| it.is_descending);
        let ordering = a.1.cmp(&b.1);
        if is_descending { ordering.reverse() } else { ordering }
    }
}

impl Key {
    fn value(&self, text: Option<String>) -> Value<'static> {
        text.map_or(Value::Null, |it| Value::new(self.data_type, Cow::Owned(it)))
    }
}
