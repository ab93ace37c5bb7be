use std::{borrow::Cow, cmp::Ordering};

use jiff::civil::{Date, Time};

use super::{Bound, FILTER_STEPS_MAX, Function, Operator, STEP_BYTES};
use crate::{
    odata::QueryFault,
    table::{Clock, Row, Value},
};

pub fn holds(condition: &Bound, row: &dyn Row, clock: &Clock) -> Result<bool, QueryFault> {
    let mut evaluation = Evaluation { row, clock, steps: 0 };
    Ok(evaluation.value(condition)? == Value::Boolean(true))
}

struct Evaluation<'a> {
    row: &'a dyn Row,
    clock: &'a Clock,
    steps: u64,
}

impl<'a> Evaluation<'a> {
    /// As deep as the filter, which is bounded.
    fn value(&mut self, bound: &'a Bound) -> Result<Value<'a>, QueryFault> {
        self.step(0)?;
        Ok(match bound {
            Bound::Literal(value) => value.borrowed(),
            Bound::Property(slot, data_type) => match self.row.text(*slot) {
                None => Value::Null,
                Some(text) => {
                    self.step(text.len())?;
                    Value::new(*data_type, text)
                }
            },
            Bound::Not(inner) => match self.value(inner)? {
                Value::Boolean(value) => Value::Boolean(!value),
                _ => Value::Null,
            },
            Bound::And(parts) => self.joined(parts, false)?,
            Bound::Or(parts) => self.joined(parts, true)?,
            Bound::Compare(operator, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                Value::Boolean(compares(*operator, &left, &right, self.clock))
            }
            Bound::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.value(argument)?);
                }
                self.call(*function, values)?
            }
        })
    }

    /// The first part that decides, decides; null if none does and one is null.
    fn joined(&mut self, parts: &'a [Bound], decides: bool) -> Result<Value<'a>, QueryFault> {
        let mut joined = Value::Boolean(!decides);
        for part in parts {
            match self.value(part)? {
                Value::Boolean(value) if value == decides => return Ok(Value::Boolean(decides)),
                Value::Boolean(_) => {}
                _ => joined = Value::Null,
            }
        }
        Ok(joined)
    }

    fn call(&mut self, function: Function, values: Vec<Value<'a>>) -> Result<Value<'a>, QueryFault> {
        if function == Function::Now {
            let now = self.clock.offset.to_datetime(self.clock.now);
            return Ok(Value::DateTime(now, Some(self.clock.offset)));
        }
        for value in &values {
            if let Value::Text(text) = value {
                self.step(text.len())?;
            }
        }
        let mut values = values.into_iter();
        let first = values.next().unwrap_or(Value::Null);
        let value = match (values.next(), text_of(&first)) {
            (Some(second), Some(text)) => of_texts(function, &text, text_of(&second).as_deref()),
            (None, text) => match function {
                Function::Length => text.map(|it| Value::Integer(it.chars().count() as i64)),
                Function::ToLower => text.map(|it| Value::Text(Cow::Owned(it.to_lowercase()))),
                Function::ToUpper => text.map(|it| Value::Text(Cow::Owned(it.to_uppercase()))),
                Function::Trim => text.map(|it| Value::Text(Cow::Owned(it.trim().to_owned()))),
                _ => part_of(function, &first),
            },
            (Some(_), None) => None,
        };
        Ok(value.unwrap_or(Value::Null))
    }

    fn step(&mut self, bytes: usize) -> Result<(), QueryFault> {
        self.steps += 1 + (bytes / STEP_BYTES) as u64;
        if self.steps <= FILTER_STEPS_MAX {
            return Ok(());
        }
        let text = format!("more than {FILTER_STEPS_MAX} steps on one row");
        Err(QueryFault::Expression { at: 0, text, reason: "length".to_owned() })
    }
}

fn compares(operator: Operator, left: &Value<'_>, right: &Value<'_>, clock: &Clock) -> bool {
    let ordering = left.compare(right, clock);
    let is_equal = ordering == Some(Ordering::Equal) || left.is_null() && right.is_null();
    match operator {
        Operator::Equal => is_equal,
        Operator::NotEqual => !is_equal,
        Operator::Less => ordering == Some(Ordering::Less),
        Operator::LessOrEqual => ordering.is_some_and(Ordering::is_le),
        Operator::Greater => ordering == Some(Ordering::Greater),
        Operator::GreaterOrEqual => ordering.is_some_and(Ordering::is_ge),
    }
}

fn of_texts(function: Function, text: &str, part: Option<&str>) -> Option<Value<'static>> {
    let part = part?;
    Some(Value::Boolean(match function {
        Function::Contains => text.contains(part),
        Function::StartsWith => text.starts_with(part),
        Function::EndsWith => text.ends_with(part),
        _ => return None,
    }))
}

/// Texts, and numbers as they are written.
fn text_of<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(Cow::Owned(number.to_string())),
        Value::Decimal(number) => Some(Cow::Owned(crate::table::decimal_text(*number))),
        _ => None,
    }
}

fn part_of(function: Function, value: &Value<'_>) -> Option<Value<'static>> {
    let (date, time) = parts_of(value)?;
    let number = |it: Option<i64>| it.map(Value::Integer);
    match function {
        Function::Year => number(date.map(|it| it.year().into())),
        Function::Month => number(date.map(|it| it.month().into())),
        Function::Day => number(date.map(|it| it.day().into())),
        Function::Hour => number(time.map(|it| it.hour().into())),
        Function::Minute => number(time.map(|it| it.minute().into())),
        Function::Second => number(time.map(|it| it.second().into())),
        Function::Date => date.map(Value::Date),
        _ => None,
    }
}

/// Of a text, what it reads as.
fn parts_of(value: &Value<'_>) -> Option<(Option<Date>, Option<Time>)> {
    use crate::form::DataType;
    match value {
        Value::Date(date) => Some((Some(*date), None)),
        Value::Time(time) => Some((None, Some(*time))),
        Value::DateTime(local, _) => Some((Some(local.date()), Some(local.time()))),
        Value::Text(text) => [DataType::DateTime, DataType::Date, DataType::Time]
            .into_iter()
            .map(|it| Value::new(it, Cow::Borrowed(text)))
            .find(|it| !it.is_null())
            .and_then(|it| parts_of(&it)),
        _ => None,
    }
}
