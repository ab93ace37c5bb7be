//! What goes into a statement and comes out of it, the same for both engines.

use kernel::{AreaPath, Id, Timestamp};
use uuid::Uuid;

use crate::StoreError;

/// One parameter or one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Bool(bool),
    Text(String),
    Bytes(Vec<u8>),
    Uuid(Uuid),
}

/// Places for ancestors in a statement; a path of the six tiers with a province above has seven.
const ANCESTORS: usize = 8;

impl Value {
    /// An area and its nearest ancestors for `path IN ($1, … $8)`; the last is repeated to fill the places.
    pub fn ancestors(area: &AreaPath) -> Vec<Self> {
        let all: Vec<AreaPath> = area.ancestors().collect();
        let nearest = &all[all.len().saturating_sub(ANCESTORS)..];
        (0..ANCESTORS).map(|index| (&nearest[index.min(nearest.len() - 1)]).into()).collect()
    }
}

/// One row of an answer; columns are read by position.
#[derive(Clone, Debug)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The column at `index` as `T`. A column of another type is a fault of the statement.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, StoreError> {
        let value = self.0.get(index).cloned().unwrap_or(Value::Null);
        T::from_value(value).ok_or_else(|| {
            StoreError::Broken(format!("column {index} is not a {}", std::any::type_name::<T>()))
        })
    }
}

/// What can be read from a column.
pub trait FromValue: Sized {
    fn from_value(value: Value) -> Option<Self>;
}

macro_rules! from_value {
    ($type:ty, $pattern:pat => $result:expr) => {
        impl FromValue for $type {
            fn from_value(value: Value) -> Option<Self> {
                match value {
                    $pattern => $result,
                    _ => None,
                }
            }
        }
    };
}

from_value!(i64, Value::Int(number) => Some(number));
from_value!(String, Value::Text(text) => Some(text));
from_value!(Vec<u8>, Value::Bytes(bytes) => Some(bytes));
from_value!(Timestamp, Value::Int(micros) => Some(Timestamp::from_micros(micros)));
from_value!(AreaPath, Value::Text(text) => text.parse().ok());

impl FromValue for f64 {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Real(number) => Some(number),
            Value::Int(number) => Some(number as f64),
            _ => None,
        }
    }
}
impl FromValue for bool {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bool(truth) => Some(truth),
            Value::Int(number) => Some(number != 0),
            _ => None,
        }
    }
}
impl FromValue for Uuid {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Uuid(uuid) => Some(uuid),
            Value::Bytes(bytes) => Uuid::from_slice(&bytes).ok(),
            _ => None,
        }
    }
}
impl<K> FromValue for Id<K> {
    fn from_value(value: Value) -> Option<Self> {
        Uuid::from_value(value).map(Id::from_uuid)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

macro_rules! into_value {
    ($type:ty, $value:ident => $result:expr) => {
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $result
            }
        }
    };
}

into_value!(i64, it => Value::Int(it));
into_value!(f64, it => Value::Real(it));
into_value!(bool, it => Value::Bool(it));
into_value!(&str, it => Value::Text(it.to_owned()));
into_value!(String, it => Value::Text(it));
into_value!(&String, it => Value::Text(it.clone()));
into_value!(Vec<u8>, it => Value::Bytes(it));
into_value!(&[u8], it => Value::Bytes(it.to_vec()));
into_value!(Uuid, it => Value::Uuid(it));
into_value!(Timestamp, it => Value::Int(it.micros()));
into_value!(&AreaPath, it => Value::Text(it.as_str().to_owned()));

impl<K> From<Id<K>> for Value {
    fn from(id: Id<K>) -> Self {
        Value::Uuid(id.uuid())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// The parameters of a statement, `$1` first.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}
