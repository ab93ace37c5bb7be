//! The functions: which there are, how many arguments they take, and what they do.

mod geometry;
mod moment;
mod nodes;
mod number;
mod table;
mod text;

use super::{EvaluationFault, Focus, InstanceAnswer, NodeRef, Scope, Value, expression::Expr};

pub use moment::as_moment;
pub use table::Function;
pub use text::compile_pattern;

type Evaluated<T> = Result<T, EvaluationFault>;

/// A call whose arguments are evaluated when they are asked for.
struct Call<'a, 'b> {
    scope: &'a Scope<'b>,
    arguments: &'a [Expr],
    focus: &'a Focus,
}

impl Call<'_, '_> {
    fn has(&self, index: usize) -> bool {
        index < self.arguments.len()
    }

    fn value(&self, index: usize) -> Evaluated<Value> {
        self.scope.value(&self.arguments[index], self.focus)
    }

    fn text(&self, index: usize) -> Evaluated<String> {
        self.scope.text(&self.value(index)?)
    }

    fn number(&self, index: usize) -> Evaluated<f64> {
        self.scope.number(&self.value(index)?)
    }

    fn boolean(&self, index: usize) -> Evaluated<bool> {
        self.scope.boolean(&self.value(index)?)
    }

    fn nodes(&self, index: usize, name: &str) -> Evaluated<Vec<NodeRef>> {
        self.scope.nodes(self.value(index)?, &format!("{name}()"))
    }

    /// The text of an argument, or of the context node where there is none.
    fn text_or_context(&self) -> Evaluated<String> {
        if self.has(0) { self.text(0) } else { self.scope.node_text(self.focus.node) }
    }

    /// The texts of all arguments from `first` on, of each node of a set one.
    fn texts(&self, first: usize) -> Evaluated<Vec<String>> {
        let mut texts = Vec::new();
        for index in first..self.arguments.len() {
            match self.value(index)? {
                Value::Nodes(nodes) => {
                    for node in nodes {
                        texts.push(self.scope.node_text(node)?);
                    }
                }
                single => texts.push(self.scope.text(&single)?),
            }
        }
        Ok(texts)
    }

    /// The numbers of all arguments from `first` on, of each node of a set one.
    fn numbers(&self, first: usize) -> Evaluated<Vec<f64>> {
        let mut numbers = Vec::new();
        for index in first..self.arguments.len() {
            match self.value(index)? {
                Value::Nodes(nodes) => {
                    for node in nodes {
                        numbers.push(self.scope.number(&Value::Text(self.scope.node_text(node)?))?);
                    }
                }
                single => numbers.push(self.scope.number(&single)?),
            }
        }
        Ok(numbers)
    }
}

fn argument(reason: impl Into<String>) -> EvaluationFault {
    EvaluationFault::Argument(reason.into())
}

pub fn call(
    scope: &Scope<'_>,
    function: Function,
    arguments: &[Expr],
    pattern: Option<&fancy_regex::Regex>,
    focus: &Focus,
) -> Evaluated<Value> {
    use Function as F;
    let call = Call { scope, arguments, focus };
    let text = |it: Evaluated<String>| it.and_then(|it| scope.made(it)).map(Value::Text);
    match function {
        F::True => Ok(Value::Boolean(true)),
        F::False => Ok(Value::Boolean(false)),
        F::Boolean => call.boolean(0).map(Value::Boolean),
        F::Not => call.boolean(0).map(|it| Value::Boolean(!it)),
        F::BooleanFromString => boolean_from_string(&call).map(Value::Boolean),
        F::If => {
            if call.boolean(0)? {
                call.value(1)
            } else {
                call.value(2)
            }
        }
        F::Coalesce => {
            let first = call.text(0)?;
            text(if first.is_empty() && call.has(1) { call.text(1) } else { Ok(first) })
        }
        F::Once => {
            let before = scope.node_text(focus.node)?;
            text(if before.is_empty() { call.text(0) } else { Ok(before) })
        }
        F::Regex => text::regex(&call, pattern).map(Value::Boolean),
        F::Checklist => number::checklist(&call).map(Value::Boolean),
        F::WeightedChecklist => number::weighted_checklist(&call).map(Value::Boolean),
        F::String => text(call.text_or_context()),
        F::Concat => text(call.texts(0).map(|it| it.concat())),
        F::Join => text(call.texts(1).and_then(|it| Ok(it.join(&call.text(0)?)))),
        F::Substr => text(text::substr(&call)),
        F::Substring => text(text::substring(&call)),
        F::SubstringBefore => text(text::before(&call)),
        F::SubstringAfter => text(text::after(&call)),
        F::Translate => text(text::translate(&call)),
        F::StringLength => call.text_or_context().map(|it| Value::Number(it.encode_utf16().count() as f64)),
        F::NormalizeSpace => text(call.text_or_context().map(|it| text::normalized(&it))),
        F::Contains => Ok(Value::Boolean(call.text(0)?.contains(&call.text(1)?))),
        F::StartsWith => Ok(Value::Boolean(call.text(0)?.starts_with(&call.text(1)?))),
        F::EndsWith => Ok(Value::Boolean(call.text(0)?.ends_with(&call.text(1)?))),
        F::Uuid => text(text::uuid(&call)),
        F::Digest => text(text::digest(&call)),
        F::Base64Decode => text(call.text(0).map(|it| text::base64_decode(&it))),
        F::Number if !call.has(0) => {
            scope.number(&Value::Text(scope.node_text(focus.node)?)).map(Value::Number)
        }
        F::Number => call.number(0).map(Value::Number),
        F::Min | F::Max | F::Sum | F::Random | F::Round | F::Pow | F::Atan2 | F::Pi => {
            number::several(&call, function).map(Value::Number)
        }
        F::Int | F::Abs | F::Floor | F::Ceiling | F::Log | F::Log10 | F::Sqrt | F::Exp | F::Exp10 => {
            Ok(Value::Number(number::single(function, call.number(0)?)))
        }
        F::Sin | F::Cos | F::Tan | F::Asin | F::Acos | F::Atan => {
            Ok(Value::Number(number::single(function, call.number(0)?)))
        }
        F::Count | F::CountNonEmpty | F::Position | F::Last => {
            nodes::counted(&call, function).map(Value::Number)
        }
        F::Name | F::LocalName | F::NamespaceUri => text(nodes::name(&call, function)),
        F::Lang => nodes::lang(&call).map(Value::Boolean),
        F::Id => nodes::id(&call).map(Value::Nodes),
        F::Instance => nodes::instance(&call).map(Value::Nodes),
        F::Current => Ok(Value::Nodes(vec![focus.current])),
        F::Randomize => nodes::randomize(&call).map(Value::Nodes),
        F::IndexedRepeat => nodes::indexed_repeat(&call).map(Value::Nodes),
        F::Pulldata => text(nodes::pulldata(&call)),
        F::Today | F::Now | F::Date => moment::moment(&call, function).map(Value::Moment),
        F::FormatDate => text(moment::format(&call)),
        F::DecimalDateTime | F::DecimalTime => moment::decimal(&call, function).map(Value::Number),
        F::Selected => text::selected(&call).map(Value::Boolean),
        F::SelectedAt => text(text::selected_at(&call)),
        F::CountSelected => {
            Ok(Value::Number(call.text(0)?.split(' ').filter(|it| !it.is_empty()).count() as f64))
        }
        F::ChoiceName => text(choice_name(&call)),
        F::Itext => text(itext(&call)),
        F::Area | F::Distance => geometry::measured(&call, function).map(Value::Number),
    }
}

fn boolean_from_string(call: &Call<'_, '_>) -> Evaluated<bool> {
    let text = call.text(0)?;
    Ok(text == "1" || text == "true")
}

fn choice_name(call: &Call<'_, '_>) -> Evaluated<String> {
    let (value, path) = (call.text(0)?, call.text(1)?);
    match call.scope.lookup {
        Some(lookup) => lookup.choice_label(call.scope, path.trim(), &value),
        None => Err(argument("jr:choice-name() needs a form")),
    }
}

fn itext(call: &Call<'_, '_>) -> Evaluated<String> {
    let id = call.text(0)?;
    let found = call.scope.lookup.and_then(|it| it.translated(&id, &call.scope.world.language));
    found.ok_or_else(|| argument(format!("the form has no text {id}")))
}
