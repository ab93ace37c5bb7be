use std::{borrow::Cow, cmp::Ordering};

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};
use serde_json::Number;

use crate::{
    check::is_decimal,
    form::DataType,
    xpath::{clock_part, parse_date, parse_date_time},
};

/// Whole numbers up to which a decimal is written without a point, as JavaScript does.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// A value as filters and orders see it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    Text(Cow<'a, str>),
    Date(Date),
    Time(Time),
    /// With the offset that it was written with, if it had one.
    DateTime(DateTime, Option<Offset>),
}

/// What has to be known of the time to judge rows.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    pub now: Timestamp,
    /// Of dates, and of times that were written without one.
    pub offset: Offset,
}

impl<'a> Value<'a> {
    /// What a text is by its type; null if it is nothing of that type.
    pub fn new(data_type: DataType, text: Cow<'a, str>) -> Value<'a> {
        let read = match data_type {
            DataType::Int => integer(text.trim()),
            DataType::Decimal => decimal(text.trim()).map(Value::Decimal),
            DataType::Boolean => boolean(text.trim()).map(Value::Boolean),
            DataType::Date => parse_date(text.trim()).map(Value::Date),
            DataType::Time => clock_part(text.trim()).map(|it| Value::Time(it.0)),
            DataType::DateTime => date_time(text.trim()),
            _ => return Value::Text(text),
        };
        read.unwrap_or(Value::Null)
    }

    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Boolean(value) => Value::Boolean(value),
            Value::Integer(number) => Value::Integer(number),
            Value::Decimal(number) => Value::Decimal(number),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Date(date) => Value::Date(date),
            Value::Time(time) => Value::Time(time),
            Value::DateTime(local, offset) => Value::DateTime(local, offset),
        }
    }

    pub(crate) fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }

    pub fn is_null(&self) -> bool {
        *self == Value::Null
    }

    /// None where one cannot be compared with the other, and null with nothing.
    pub fn compare(&self, other: &Value<'_>, clock: &Clock) -> Option<Ordering> {
        use Value as V;
        match (self, other) {
            (V::Boolean(a), V::Boolean(b)) => Some(a.cmp(b)),
            (V::Integer(a), V::Integer(b)) => Some(a.cmp(b)),
            (V::Decimal(a), V::Decimal(b)) => a.partial_cmp(b),
            (V::Integer(a), V::Decimal(b)) => Some(compare_exactly(*a, *b)),
            (V::Decimal(a), V::Integer(b)) => Some(compare_exactly(*b, *a).reverse()),
            (V::Text(a), V::Text(b)) => Some(a.cmp(b)),
            (V::Date(a), V::Date(b)) => Some(a.cmp(b)),
            (V::Time(a), V::Time(b)) => Some(a.cmp(b)),
            (V::Date(_) | V::DateTime(..), V::Date(_) | V::DateTime(..)) => {
                Some(self.moment(clock)?.cmp(&other.moment(clock)?))
            }
            // Quoted or not, a value is compared as what stands on the other side.
            (V::Text(text), _) => other.alike(text)?.compare(other, clock),
            (_, V::Text(text)) => self.compare(&self.alike(text)?, clock),
            _ => None,
        }
    }

    /// Whether it has a place among all values of its kind; a time at the end of the calendar has none.
    pub(crate) fn is_comparable(&self, clock: &Clock) -> bool {
        !matches!(self, Value::Date(_) | Value::DateTime(..)) || self.moment(clock).is_some()
    }

    /// The text read as a value of this one's kind.
    fn alike<'b>(&self, text: &'b str) -> Option<Value<'b>> {
        let data_type = match self {
            Value::Boolean(_) => DataType::Boolean,
            Value::Integer(_) | Value::Decimal(_) => DataType::Decimal,
            Value::Date(_) | Value::DateTime(..) if text.contains('T') => DataType::DateTime,
            Value::Date(_) | Value::DateTime(..) => DataType::Date,
            Value::Time(_) => DataType::Time,
            Value::Null | Value::Text(_) => return None,
        };
        Some(Value::new(data_type, Cow::Borrowed(text))).filter(|it| !it.is_null())
    }

    /// A date begins at its midnight.
    fn moment(&self, clock: &Clock) -> Option<Timestamp> {
        let (local, offset) = match self {
            Value::Date(date) => (date.to_datetime(Time::midnight()), None),
            Value::DateTime(local, offset) => (*local, *offset),
            _ => return None,
        };
        offset.unwrap_or(clock.offset).to_timestamp(local).ok()
    }
}

/// Without rounding the integer, so that orders of three numbers never contradict each other.
fn compare_exactly(integer: i64, decimal: f64) -> Ordering {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if decimal >= END {
        return Ordering::Less;
    }
    if decimal < -END {
        return Ordering::Greater;
    }
    let fraction = || 0.0.partial_cmp(&decimal.fract()).unwrap_or(Ordering::Equal);
    integer.cmp(&(decimal.trunc() as i64)).then_with(fraction)
}

fn integer(text: &str) -> Option<Value<'static>> {
    if let Ok(number) = text.parse() {
        return Some(Value::Integer(number));
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    if is_whole { decimal(text).map(Value::Decimal) } else { None }
}

fn decimal(text: &str) -> Option<f64> {
    if is_decimal(text) { text.parse().ok() } else { None }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn date_time(text: &str) -> Option<Value<'static>> {
    let (local, offset) = parse_date_time(text.trim())?;
    Some(Value::DateTime(local, offset))
}

/// A time as OData wants it: JavaRosa writes `+08` where `+08:00` is meant.
pub fn zoned(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let bytes = text.as_bytes();
    match bytes {
        [.., b'+' | b'-', a, b] if text.contains('T') && a.is_ascii_digit() && b.is_ascii_digit() => {
            Cow::Owned(format!("{text}:00"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// A number of JSON as JavaScript writes it: 2 rather than 2.0.
pub fn decimal_json(number: f64) -> serde_json::Value {
    if number.fract() == 0.0 && number.abs() < WHOLE_MAX {
        return serde_json::Value::from(number as i64);
    }
    Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

pub fn decimal_text(number: f64) -> String {
    decimal_json(number).to_string()
}
