//! Operators: sums, and comparisons of numbers, texts, nodes and dates.

use super::{
    Value,
    date::{days_of, looks_like_date},
    evaluate::{EvaluationFault, NodeRef, Scope},
    expression::Operator,
    function,
};

type Evaluated<T> = Result<T, EvaluationFault>;

impl Scope<'_> {
    pub(super) fn operate(&self, left: Value, operator: Operator, right: Value) -> Evaluated<Value> {
        use Operator::{
            Add, Divide, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Multiply, Remainder, Subtract,
            Unequal,
        };
        self.budget.spend(1)?;
        match operator {
            Add | Subtract | Multiply | Divide | Remainder => {
                let (left, right) = (self.number(&left)?, self.number(&right)?);
                Ok(Value::Number(match operator {
                    Add => left + right,
                    Subtract => left - right,
                    Multiply => left * right,
                    Divide => left / right,
                    _ => left % right,
                }))
            }
            Equal | Unequal | Less | LessOrEqual | Greater | GreaterOrEqual => {
                let (left, right) = self.as_days(left, right)?;
                self.compare(&left, operator, &right).map(Value::Boolean)
            }
        }
    }

    /// Dates are compared as days: a moment, and a text that looks like a date, whatever the other side is.
    fn as_days(&self, left: Value, right: Value) -> Evaluated<(Value, Value)> {
        let is_moment = |it: &Value| matches!(it, Value::Moment(_));
        let is_boolean = |it: &Value| matches!(it, Value::Boolean(_));
        if is_boolean(&left) || is_boolean(&right) {
            return Ok((left, right));
        }
        let dated = is_moment(&left) || is_moment(&right);
        Ok((self.one_as_days(left, dated)?, self.one_as_days(right, dated)?))
    }

    fn one_as_days(&self, value: Value, dated: bool) -> Evaluated<Value> {
        match &value {
            Value::Moment(moment) => Ok(Value::Number(moment.days())),
            Value::Number(_) | Value::Boolean(_) => Ok(value),
            // Of several nodes each is compared, as a date if it looks like one.
            Value::Nodes(nodes) if nodes.len() != 1 && !dated => Ok(value),
            Value::Nodes(_) | Value::Text(_) => {
                let text = self.text(&value)?;
                if looks_like_date(&text) {
                    return Ok(Value::Number(days_of(&text, &self.world.zone)));
                }
                // A single node is compared like its text, which is at hand now.
                Ok(if dated {
                    Value::Number(function::as_moment(self, &value)?.days())
                } else {
                    Value::Text(text)
                })
            }
        }
    }

    fn compare(&self, left: &Value, operator: Operator, right: &Value) -> Evaluated<bool> {
        let equality = matches!(operator, Operator::Equal | Operator::Unequal);
        match (left, right) {
            (Value::Boolean(_), _) | (_, Value::Boolean(_)) if equality => {
                Ok((self.boolean(left)? == self.boolean(right)?) == (operator == Operator::Equal))
            }
            (Value::Nodes(left), Value::Nodes(right)) => self.compare_sets(left, operator, right),
            (Value::Nodes(nodes), _) => {
                for node in nodes {
                    let text = Value::Text(self.node_text(*node)?);
                    if self.compare_single(&text, operator, right)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (_, Value::Nodes(nodes)) => {
                for node in nodes {
                    let text = Value::Text(self.node_text(*node)?);
                    if self.compare_single(left, operator, &text)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => self.compare_single(left, operator, right),
        }
    }

    fn compare_sets(&self, left: &[NodeRef], operator: Operator, right: &[NodeRef]) -> Evaluated<bool> {
        let texts = |nodes: &[NodeRef]| -> Evaluated<Vec<Value>> {
            nodes.iter().map(|it| self.node_text(*it).map(Value::Text)).collect()
        };
        let (left, right) = (texts(left)?, texts(right)?);
        for one in &left {
            for other in &right {
                self.budget.spend(1)?;
                if self.compare_single(one, operator, other)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn compare_single(&self, left: &Value, operator: Operator, right: &Value) -> Evaluated<bool> {
        let texts = match (left, right) {
            (Value::Text(left), Value::Text(right)) => Some((left, right)),
            _ => None,
        };
        match (operator, texts) {
            (Operator::Equal, Some((left, right))) => return Ok(left == right),
            (Operator::Unequal, Some((left, right))) => return Ok(left != right),
            _ => {}
        }
        let (left, right) = (self.number(left)?, self.number(right)?);
        Ok(match operator {
            Operator::Equal => left == right,
            Operator::Unequal => left != right,
            Operator::Less => left < right,
            Operator::LessOrEqual => left <= right,
            Operator::Greater => left > right,
            _ => left >= right,
        })
    }
}
