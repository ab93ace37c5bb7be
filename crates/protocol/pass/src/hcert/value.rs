use std::fmt;

use minicbor::{Decoder, data::Type};
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

/// Arrays, maps and tags within each other.
const DEPTH_MAX: u8 = 16;

/// CBOR as it stands, in whatever form it was written. Serialized it is JSON: bytes in hexadecimal, tags left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// −2^64 to 2^64 − 1.
    Integer(i128),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    /// In the order of the bytes; no key twice.
    Map(Vec<(Value, Value)>),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error("the CBOR is not readable: {0}")]
    Cbor(String),
    #[error("the CBOR is nested more than {DEPTH_MAX} deep")]
    Depth,
    #[error("a key stands in a map twice")]
    TwoKeys,
    #[error("the CBOR has {0} bytes too many")]
    Trailing(usize),
}

impl From<minicbor::decode::Error> for ValueError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Cbor(error.to_string())
    }
}

impl Value {
    /// Each value takes a byte of `bytes` at least, and no length is believed: memory is bounded by them.
    pub fn parse(bytes: &[u8]) -> Result<Self, ValueError> {
        let mut decoder = Decoder::new(bytes);
        let value = Self::read(&mut decoder, DEPTH_MAX)?;
        match bytes.len() - decoder.position() {
            0 => Ok(value),
            rest => Err(ValueError::Trailing(rest)),
        }
    }

    fn read(decoder: &mut Decoder<'_>, depth: u8) -> Result<Self, ValueError> {
        let below = depth.checked_sub(1).ok_or(ValueError::Depth);
        Ok(match decoder.datatype()? {
            Type::Null => decoder.null().map(|()| Self::Null)?,
            Type::Undefined => decoder.undefined().map(|()| Self::Null)?,
            Type::Bool => Self::Bool(decoder.bool()?),
            Type::U8
            | Type::U16
            | Type::U32
            | Type::U64
            | Type::I8
            | Type::I16
            | Type::I32
            | Type::I64
            | Type::Int => Self::Integer(decoder.int()?.into()),
            Type::F16 | Type::F32 | Type::F64 => Self::Float(decoder.f64()?),
            Type::String => Self::Text(decoder.str()?.to_owned()),
            Type::StringIndef => Self::Text(decoder.str_iter()?.collect::<Result<_, _>>()?),
            Type::Bytes => Self::Bytes(decoder.bytes()?.to_vec()),
            Type::BytesIndef => Self::Bytes(decoder.bytes_iter()?.collect::<Result<Vec<_>, _>>()?.concat()),
            Type::Array | Type::ArrayIndef => {
                let below = below?;
                let length = decoder.array()?;
                let mut items = Vec::new();
                while goes_on(decoder, length, items.len())? {
                    items.push(Self::read(decoder, below)?);
                }
                Self::Array(items)
            }
            Type::Map | Type::MapIndef => {
                let below = below?;
                let length = decoder.map()?;
                let mut pairs: Vec<(Self, Self)> = Vec::new();
                while goes_on(decoder, length, pairs.len())? {
                    let key = Self::read(decoder, below)?;
                    pairs.push((key, Self::read(decoder, below)?));
                }
                if has_two_keys(&pairs) {
                    return Err(ValueError::TwoKeys);
                }
                Self::Map(pairs)
            }
            Type::Tag => {
                decoder.tag()?;
                Self::read(decoder, below?)?
            }
            other => return Err(ValueError::Cbor(format!("{other} has no place here"))),
        })
    }

    /// The value under a number.
    pub fn at(&self, key: i128) -> Option<&Self> {
        self.pairs().iter().find(|(it, _)| *it == Self::Integer(key)).map(|(_, value)| value)
    }

    /// The value under a text.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let is_it = |it: &Self| matches!(it, Self::Text(text) if text == name);
        self.pairs().iter().find(|(it, _)| is_it(it)).map(|(_, value)| value)
    }

    fn pairs(&self) -> &[(Self, Self)] {
        match self {
            Self::Map(pairs) => pairs,
            _ => &[],
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whole seconds, written as a number of either kind.
    pub fn as_seconds(&self) -> Option<i64> {
        match self {
            Self::Integer(seconds) => i64::try_from(*seconds).ok(),
            Self::Float(seconds) if seconds.abs() < 1e15 => Some(seconds.floor() as i64),
            _ => None,
        }
    }
}

fn goes_on(decoder: &mut Decoder<'_>, length: Option<u64>, read: usize) -> Result<bool, ValueError> {
    match length {
        Some(length) => Ok((read as u64) < length),
        None if decoder.datatype()? == Type::Break => {
            decoder.skip().map(|()| false).map_err(ValueError::from)
        }
        None => Ok(true),
    }
}

/// Sorted by what is written for them, so that many keys cost little.
fn has_two_keys(pairs: &[(Value, Value)]) -> bool {
    let mut keys: Vec<String> = pairs.iter().map(|(key, _)| format!("{key:?}")).collect();
    keys.sort_unstable();
    keys.windows(2).any(|it| it[0] == it[1])
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(it) => serializer.serialize_bool(*it),
            Self::Integer(it) => match (u64::try_from(*it), i64::try_from(*it)) {
                (Ok(it), _) => serializer.serialize_u64(it),
                (_, Ok(it)) => serializer.serialize_i64(it),
                _ => serializer.serialize_f64(*it as f64),
            },
            Self::Float(it) => serializer.serialize_f64(*it),
            Self::Text(it) => serializer.serialize_str(it),
            Self::Bytes(it) => serializer.serialize_str(&crate::key::hex(it)),
            Self::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|it| list.serialize_element(it))?;
                list.end()
            }
            Self::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                pairs.iter().try_for_each(|(key, value)| map.serialize_entry(&key.to_string(), value))?;
                map.end()
            }
        }
    }
}

/// As a key of JSON.
impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(it) => out.write_str(it),
            Self::Integer(it) => write!(out, "{it}"),
            Self::Bytes(it) => out.write_str(&crate::key::hex(it)),
            other => write!(out, "{other:?}"),
        }
    }
}
