//! XPath 1.0 as ODK's forms use it: parsed once, evaluated often, within a budget of steps.
//!
//! Where the two reference engines differ, this one follows the web's (openrosa-xpath-evaluator): `repeat[2]/x` is the
//! second, `regex()` looks anywhere in the text, `round(-1.5)` is −2, many nodes `= 7` asks whether any is.

mod compare;
mod date;
mod evaluate;
mod expression;
mod function;
mod lex;
mod locale;
mod parse;
mod tester;
mod value;
mod world;

pub use date::Moment;
pub(crate) use date::{clock_part, moment_of, parse_date, parse_date_time};
pub use evaluate::{EvaluationFault, Focus, NodeRef, Scope};
pub use expression::{Expression, Path, PathStep, Uses};
pub use lex::ExpressionFault;
pub use value::Value;
pub(crate) use value::number_text;
pub use world::{Budget, InstanceAnswer, Lookup, Names, World};

/// Bytes of one expression.
pub const EXPRESSION_BYTES_MAX: usize = 65_536;
/// Brackets, calls and predicates within each other.
pub const EXPRESSION_DEPTH_MAX: usize = 100;
/// Bytes of a text that an expression makes.
pub const TEXT_BYTES_MAX: usize = 1_048_576;
