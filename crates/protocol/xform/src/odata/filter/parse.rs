use std::borrow::Cow;

use super::{
    FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_NODES_MAX,
    expression::{At, Expression, Function, Operator},
    lex::{Lexed, Token, syntax, tokens},
};
use crate::{form::DataType, odata::QueryFault, table::Value};

/// Operators of OData that are not evaluated here.
const OTHER_OPERATORS: [&str; 7] = ["add", "sub", "mul", "div", "mod", "has", "in"];

pub fn parse(text: &str) -> Result<Expression, QueryFault> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(syntax(0, &format!("it has more than {FILTER_BYTES_MAX} bytes")));
    }
    let end = text.chars().count();
    let mut parser = Parser { tokens: tokens(text)?, next: 0, end, depth: 0, nodes: 0 };
    let expression = parser.any_of()?;
    match parser.peek() {
        None => Ok(expression),
        Some(Token::Word(word)) if OTHER_OPERATORS.contains(word) => {
            let (at, text) = (parser.at(), text.to_owned());
            Err(QueryFault::Expression { at, text, reason: "operator".to_owned() })
        }
        Some(_) => Err(parser.unexpected("and, or, or the end")),
    }
}

struct Parser<'a> {
    tokens: Vec<Lexed<'a>>,
    next: usize,
    /// Characters of the whole.
    end: usize,
    depth: usize,
    nodes: usize,
}

impl<'a> Parser<'a> {
    fn any_of(&mut self) -> Result<Expression, QueryFault> {
        let first = self.all_of()?;
        let mut parts = vec![first];
        while self.takes_word("or") {
            parts.push(self.all_of()?);
        }
        Ok(joined(parts, Expression::Or))
    }

    fn all_of(&mut self) -> Result<Expression, QueryFault> {
        let first = self.negation()?;
        let mut parts = vec![first];
        while self.takes_word("and") {
            parts.push(self.negation()?);
        }
        Ok(joined(parts, Expression::And))
    }

    fn negation(&mut self) -> Result<Expression, QueryFault> {
        if self.takes_word("not") {
            self.enter()?;
            let inner = self.negation()?;
            self.depth -= 1;
            return Ok(Expression::Not(Box::new(inner)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expression, QueryFault> {
        let left = self.operand()?;
        let operator = match self.peek() {
            Some(Token::Word(word)) => Operator::ALL.into_iter().find(|it| it.as_str() == *word),
            _ => None,
        };
        let Some(operator) = operator else { return Ok(left) };
        self.next += 1;
        self.count()?;
        let right = self.operand()?;
        Ok(Expression::Compare(operator, Box::new([left, right])))
    }

    fn operand(&mut self) -> Result<Expression, QueryFault> {
        self.count()?;
        let at = self.at();
        let Some(lexed) = self.tokens.get(self.next) else { return Err(self.unexpected("a value")) };
        let raw = lexed.raw;
        let expression =
            match &lexed.token {
                Token::Open => {
                    self.next += 1;
                    self.enter()?;
                    let inner = self.any_of()?;
                    self.close()?;
                    self.depth -= 1;
                    return Ok(inner);
                }
                Token::Text(text) => Expression::Literal(Value::Text(Cow::Owned(text.clone()))),
                Token::Bare(text) => Expression::Literal(bare(text).ok_or_else(|| {
                    syntax(at, &format!("{text} is neither a number nor a date nor a time"))
                })?),
                Token::Word("null") => Expression::Literal(Value::Null),
                Token::Word("true") => Expression::Literal(Value::Boolean(true)),
                Token::Word("false") => Expression::Literal(Value::Boolean(false)),
                Token::Word(name) => {
                    self.next += 1;
                    return if self.peek() == Some(&Token::Open) {
                        self.call(raw, at)
                    } else {
                        Ok(Expression::Path((*name).to_owned(), At(at)))
                    };
                }
                Token::Close | Token::Comma => return Err(self.unexpected("a value")),
            };
        self.next += 1;
        Ok(expression)
    }

    fn call(&mut self, name: &str, at: usize) -> Result<Expression, QueryFault> {
        let Some(function) = Function::ALL.into_iter().find(|it| it.as_str() == name) else {
            let reason = "function".to_owned();
            return Err(QueryFault::Expression { at, text: name.to_owned(), reason });
        };
        self.next += 1;
        self.enter()?;
        let mut arguments = Vec::new();
        if self.peek() != Some(&Token::Close) {
            arguments.push(self.any_of()?);
            while self.peek() == Some(&Token::Comma) {
                self.next += 1;
                arguments.push(self.any_of()?);
            }
        }
        self.close()?;
        self.depth -= 1;
        if arguments.len() != function.arity() {
            return Err(syntax(at, &format!("{name} takes {} values", function.arity())));
        }
        Ok(Expression::Call(function, arguments, At(at)))
    }

    fn close(&mut self) -> Result<(), QueryFault> {
        if self.peek() != Some(&Token::Close) {
            return Err(self.unexpected(")"));
        }
        self.next += 1;
        Ok(())
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(&Token::Word(word));
        self.next += usize::from(found);
        found
    }

    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.next).map(|it| &it.token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |it| it.at)
    }

    fn enter(&mut self) -> Result<(), QueryFault> {
        self.depth += 1;
        if self.depth > FILTER_DEPTH_MAX {
            return Err(syntax(self.at(), &format!("it is more than {FILTER_DEPTH_MAX} deep")));
        }
        self.count()
    }

    fn count(&mut self) -> Result<(), QueryFault> {
        self.nodes += 1;
        if self.nodes > FILTER_NODES_MAX {
            return Err(syntax(self.at(), &format!("it has more than {FILTER_NODES_MAX} parts")));
        }
        Ok(())
    }

    fn unexpected(&self, wanted: &str) -> QueryFault {
        let found = self.tokens.get(self.next).map_or("the end", |it| it.raw);
        syntax(self.at(), &format!("Unexpected {found} instead of {wanted}"))
    }
}

fn joined(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => Expression::Literal(Value::Null),
    }
}

/// A number, a date, a date with a time, or a time.
fn bare(text: &str) -> Option<Value<'static>> {
    let kinds = [DataType::Int, DataType::Decimal, DataType::Date, DataType::DateTime, DataType::Time];
    let read = |it| Value::new(it, Cow::Borrowed(text));
    kinds.into_iter().map(read).find(|it| !it.is_null()).map(Value::into_owned)
}
