use std::{borrow::Cow, cmp::Ordering};

use super::{fault::QueryFault, token::Mark};
use crate::{
    form::DataType,
    table::{Clock, Place, Row, Slot, Table, Value, decimal_text},
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

    /// What a row's place in the order depends on.
    pub(super) fn mark(&self, row: &dyn Row) -> Mark {
        Mark { texts: self.texts(row), place: row.place() }
    }

    /// Where a row stands.
    pub(super) fn rank(&self, mark: &Mark, clock: &Clock) -> Rank {
        let value = |(at, key): (usize, &Key)| {
            let text = mark.texts.get(at)?.clone()?;
            // A whole number of too many digits for one is kept as a decimal.
            let data_type = if key.data_type == DataType::Int && text.parse::<i64>().is_err() {
                DataType::Decimal
            } else {
                key.data_type
            };
            Some(Value::new(data_type, Cow::Owned(text))).filter(|it| it.is_comparable(clock))
        };
        let values = self.keys.iter().enumerate().map(|it| value(it).unwrap_or(Value::Null));
        Rank { values: values.collect(), place: mark.place }
    }

    fn texts(&self, row: &dyn Row) -> Vec<Option<String>> {
        let text = |key: &Key| match Value::new(key.data_type, row.text(key.slot)?) {
            Value::Null => None,
            Value::Integer(number) => Some(number.to_string()),
            // However many digits were sent.
            Value::Decimal(number) => Some(decimal_text(number)),
            Value::Text(text) => Some(text.chars().take(ORDER_CHARACTERS_MAX).collect()),
            Value::Boolean(_) | Value::Date(_) | Value::Time(_) | Value::DateTime(..) => {
                row.text(key.slot).map(|it| it.trim().to_owned())
            }
        };
        self.keys.iter().map(text).collect()
    }

    pub(super) fn compare(&self, a: &Rank, b: &Rank, clock: &Clock) -> Ordering {
        for ((left, right), key) in a.values.iter().zip(&b.values).zip(&self.keys) {
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
        let ordering = a.place.cmp(&b.place);
        if is_descending { ordering.reverse() } else { ordering }
    }
}

/// What is compared of a row.
#[derive(Clone, Debug)]
pub struct Rank {
    values: Vec<Value<'static>>,
    place: Place,
}
