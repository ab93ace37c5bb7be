//! `$filter`: read, checked against a table, and asked of each row.
//!
//! OData 4.0 part 2, section 5.1.1: comparisons, `and`, `or`, `not`, brackets, and the functions of [`Function`].
//! Chosen otherwise than in Central, which hands the expression to its database:
//!
//! - **Any answer may be asked about**, in the table of a repeat also those of the record (`$root/Submissions/…`).
//! - **A comparison with null is false**, as OData says, and so its `not` is true; there it is unknown, and neither holds.
//! - **A text is compared as what stands on the other side**: `households eq '120'` and `submitterId eq 5` hold. What
//!   cannot be compared is not equal, and neither less nor greater.
//! - **`not` reaches to the end of the comparison behind it**: `not a eq 1 and b eq 2` is `(not (a eq 1)) and b eq 2`, since
//!   OData binds `and` least. There it reaches to the end of the bracket.
//! - Parts of a date are those of its own offset, as it is shown.

mod evaluate;
mod expression;
mod lex;
mod parse;

pub use expression::{Expression, Function, Operator};

use super::fault::QueryFault;
use crate::{
    form::DataType,
    table::{Clock, Row, SYSTEM, Slot, Table, Value},
};

/// Bytes of a filter.
pub const FILTER_BYTES_MAX: usize = 8_192;
/// Brackets, calls and negations within each other.
pub const FILTER_DEPTH_MAX: usize = 50;
/// Parts of a filter.
pub const FILTER_NODES_MAX: usize = 500;
/// Steps that a filter may take on one row; a step is a part, or so many bytes of a text that is read.
pub const FILTER_STEPS_MAX: u64 = 1_000_000;
/// Bytes of a text that count as one step.
const STEP_BYTES: usize = 64;

/// A filter whose properties are those of a table.
#[derive(Clone, Debug)]
pub struct Filter {
    condition: Bound,
    asks_for_deleted: bool,
}

/// An expression with the places of its properties.
#[derive(Clone, Debug)]
enum Bound {
    Literal(Value<'static>),
    Property(Slot, DataType),
    Not(Box<Bound>),
    And(Vec<Bound>),
    Or(Vec<Bound>),
    Compare(Operator, Box<Bound>, Box<Bound>),
    Call(Function, Vec<Bound>),
}

impl Filter {
    pub fn parse(text: &str, table: &Table) -> Result<Filter, QueryFault> {
        let expression = Expression::parse(text)?;
        let mut binder = Binder { table, asks_for_deleted: false };
        let condition = binder.condition(&expression)?;
        Ok(Filter { condition, asks_for_deleted: binder.asks_for_deleted })
    }

    /// Whether it asks about `__system/deletedAt`. If not, deleted records are no rows.
    pub fn asks_for_deleted(&self) -> bool {
        self.asks_for_deleted
    }

    /// Whether a row is kept.
    pub fn keeps(&self, row: &dyn Row, clock: &Clock) -> Result<bool, QueryFault> {
        evaluate::holds(&self.condition, row, clock)
    }
}

struct Binder<'a> {
    table: &'a Table,
    asks_for_deleted: bool,
}

impl Binder<'_> {
    /// What is true or false.
    fn condition(&mut self, expression: &Expression) -> Result<Bound, QueryFault> {
        let bound = self.bind(expression)?;
        if bound.is_condition() {
            return Ok(bound);
        }
        let reason = format!("{expression} is neither true nor false");
        Err(QueryFault::Syntax { at: expression.at(), reason })
    }

    fn bind(&mut self, expression: &Expression) -> Result<Bound, QueryFault> {
        let mut conditions = |parts: &[Expression]| -> Result<Vec<Bound>, QueryFault> {
            parts.iter().map(|it| self.condition(it)).collect()
        };
        Ok(match expression {
            Expression::Literal(value) => Bound::Literal(value.clone()),
            Expression::Path(path, at) => {
                let unknown = || QueryFault::Field { at: Some(at.0), text: path.clone() };
                let (slot, data_type) = self.table.find(path).ok_or_else(unknown)?;
                self.asks_for_deleted |= path.ends_with(&format!("{SYSTEM}/deletedAt"));
                Bound::Property(slot, data_type)
            }
            Expression::Not(inner) => Bound::Not(Box::new(self.condition(inner)?)),
            Expression::And(parts) => Bound::And(conditions(parts)?),
            Expression::Or(parts) => Bound::Or(conditions(parts)?),
            Expression::Compare(operator, sides) => {
                let [left, right] = &**sides;
                Bound::Compare(*operator, Box::new(self.bind(left)?), Box::new(self.bind(right)?))
            }
            Expression::Call(function, arguments, _) => {
                let bound: Result<Vec<Bound>, QueryFault> =
                    arguments.iter().map(|it| self.bind(it)).collect();
                Bound::Call(*function, bound?)
            }
        })
    }
}

impl Bound {
    fn is_condition(&self) -> bool {
        match self {
            Bound::Literal(value) => matches!(value, Value::Boolean(_) | Value::Null),
            Bound::Property(_, data_type) => *data_type == DataType::Boolean,
            Bound::Not(_) | Bound::And(_) | Bound::Or(_) | Bound::Compare(..) => true,
            Bound::Call(function, _) => function.is_condition(),
        }
    }
}
