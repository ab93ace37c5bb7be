use std::fmt;

use super::parse;
use crate::{
    odata::QueryFault,
    table::{Value, decimal_text},
};

/// What a filter says, whatever the table. Its text reads as the same again.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Literal(Value<'static>),
    /// Of a property: `base/households`, `$root/Submissions/__system/submissionDate`.
    Path(String, At),
    Not(Box<Expression>),
    /// Two or more.
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Compare(Operator, Box<[Expression; 2]>),
    Call(Function, Vec<Expression>, At),
}

/// Where it stands, in characters from 0. Two expressions are the same wherever they stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct At(pub usize);

impl PartialEq for At {
    fn eq(&self, _: &At) -> bool {
        true
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    pub const ALL: [Operator; 6] = [
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Operator::Equal => "eq",
            Operator::NotEqual => "ne",
            Operator::Less => "lt",
            Operator::LessOrEqual => "le",
            Operator::Greater => "gt",
            Operator::GreaterOrEqual => "ge",
        }
    }
}

/// OData 4.0 part 2, section 5.1.1.4. Central has those up to `second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Now,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Date,
    Contains,
    StartsWith,
    EndsWith,
    Length,
    ToLower,
    ToUpper,
    Trim,
}

impl Function {
    pub const ALL: [Function; 15] = [
        Function::Now,
        Function::Year,
        Function::Month,
        Function::Day,
        Function::Hour,
        Function::Minute,
        Function::Second,
        Function::Date,
        Function::Contains,
        Function::StartsWith,
        Function::EndsWith,
        Function::Length,
        Function::ToLower,
        Function::ToUpper,
        Function::Trim,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Function::Now => "now",
            Function::Year => "year",
            Function::Month => "month",
            Function::Day => "day",
            Function::Hour => "hour",
            Function::Minute => "minute",
            Function::Second => "second",
            Function::Date => "date",
            Function::Contains => "contains",
            Function::StartsWith => "startswith",
            Function::EndsWith => "endswith",
            Function::Length => "length",
            Function::ToLower => "tolower",
            Function::ToUpper => "toupper",
            Function::Trim => "trim",
        }
    }

    /// How many arguments it takes.
    pub fn arity(self) -> usize {
        match self {
            Function::Now => 0,
            Function::Contains | Function::StartsWith | Function::EndsWith => 2,
            _ => 1,
        }
    }

    pub(super) fn is_condition(self) -> bool {
        matches!(self, Function::Contains | Function::StartsWith | Function::EndsWith)
    }
}

impl Expression {
    pub fn parse(text: &str) -> Result<Expression, QueryFault> {
        parse::parse(text)
    }

    /// Where the first property or call in it stands.
    pub(super) fn at(&self) -> usize {
        match self {
            Expression::Literal(_) => 0,
            Expression::Path(_, at) | Expression::Call(_, _, at) => at.0,
            Expression::Not(inner) => inner.at(),
            Expression::And(parts) | Expression::Or(parts) => parts.first().map_or(0, Expression::at),
            Expression::Compare(_, sides) => sides[0].at(),
        }
    }

    fn is_operand(&self) -> bool {
        matches!(self, Expression::Literal(_) | Expression::Path(..) | Expression::Call(..))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Literal(value) => write_literal(out, value),
            Expression::Path(path, _) => out.write_str(path),
            Expression::Not(inner) => write!(out, "not {}", Bracketed(inner)),
            Expression::And(parts) => write_joined(out, parts, " and "),
            Expression::Or(parts) => write_joined(out, parts, " or "),
            Expression::Compare(operator, sides) => {
                write!(out, "{} {} {}", Bracketed(&sides[0]), operator.as_str(), Bracketed(&sides[1]))
            }
            Expression::Call(function, arguments, _) => {
                write!(out, "{}(", function.as_str())?;
                for (index, argument) in arguments.iter().enumerate() {
                    write!(out, "{}{argument}", if index > 0 { "," } else { "" })?;
                }
                out.write_str(")")
            }
        }
    }
}

/// With brackets, unless it is a single thing.
struct Bracketed<'a>(&'a Expression);

impl fmt::Display for Bracketed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_operand() { write!(out, "{}", self.0) } else { write!(out, "({})", self.0) }
    }
}

fn write_joined(out: &mut fmt::Formatter<'_>, parts: &[Expression], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        write!(out, "{}{}", if index > 0 { word } else { "" }, Bracketed(part))?;
    }
    Ok(())
}

fn write_literal(out: &mut fmt::Formatter<'_>, value: &Value<'_>) -> fmt::Result {
    match value {
        Value::Null => out.write_str("null"),
        Value::Boolean(value) => write!(out, "{value}"),
        Value::Integer(number) => write!(out, "{number}"),
        Value::Decimal(number) => {
            let text = decimal_text(*number);
            // A decimal stays one, even if it is whole.
            let is_plain = text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
            write!(out, "{text}{}", if is_plain { ".0" } else { "" })
        }
        Value::Text(text) => write!(out, "'{}'", text.replace('\'', "''")),
        Value::Date(date) => write!(out, "{date}"),
        Value::Time(time) => write!(out, "{time}"),
        Value::DateTime(local, None) => write!(out, "{local}"),
        Value::DateTime(local, Some(offset)) => {
            let seconds = offset.seconds();
            let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
            write!(out, "{local}{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
        }
    }
}
