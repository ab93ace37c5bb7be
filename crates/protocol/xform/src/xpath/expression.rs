use std::sync::Arc;

use super::{function::Function, lex::ExpressionFault, parse};

/// A parsed expression. It can be shared between threads and evaluated any number of times.
#[derive(Clone, Debug)]
pub struct Expression {
    text: Arc<str>,
    pub(super) root: Arc<Expr>,
    uses: Uses,
}

/// What the value of an expression depends on beside the answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// The moment of evaluation: `now`, `today`.
    pub clock: bool,
    /// Chance: `random`, `uuid`, `randomize` without a seed.
    pub chance: bool,
    /// What stood in the node before: `once`, and `.` in a calculation.
    pub past: bool,
    /// The language that is shown: `jr:itext`, `jr:choice-name`, names of months and days.
    pub language: bool,
    /// Geometry, which the engines compute by different formulas.
    pub geometry: bool,
    /// Files or lists beside the answers: `instance`, `pulldata`.
    pub instance: bool,
}

impl Expression {
    /// Parses an expression; the fault says what is wrong and at which character.
    pub fn parse(text: &str) -> Result<Expression, ExpressionFault> {
        let (root, uses) = parse::parse(text)?;
        Ok(Expression { text: text.into(), root: Arc::new(root), uses })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn uses(&self) -> Uses {
        self.uses
    }

    /// The value, if the expression is nothing but a text or `true()` or `false()`.
    pub fn constant(&self) -> Option<&str> {
        match &*self.root {
            Expr::Text(text) => Some(text),
            Expr::Call(Function::True, ..) => Some("true"),
            Expr::Call(Function::False, ..) => Some("false"),
            _ => None,
        }
    }

    /// Every path in it that begins at the answers, for finding out what it depends on.
    pub fn paths(&self) -> Vec<Path> {
        let mut found = Vec::new();
        self.root.collect(&Path { absolute: false, steps: Vec::new() }, &mut found);
        found
    }

    /// The patterns of `regex()` in it that are written out.
    pub fn patterns(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut open = vec![&*self.root];
        while let Some(expr) = open.pop() {
            if let Expr::Call(Function::Regex, arguments, _) = expr
                && let Some(Expr::Text(pattern)) = arguments.get(1)
            {
                found.push(&**pattern);
            }
            open.extend(expr.parts());
        }
        found
    }

    /// The id of the list that it reads first of all, as `instance('x')/root/item[…]` does.
    pub fn leading_instance(&self) -> Option<&str> {
        let mut expr = &*self.root;
        loop {
            match expr {
                Expr::Path(Start::Filter(inner, _), _) => expr = inner,
                Expr::Call(Function::Randomize, arguments, _) => expr = arguments.first()?,
                Expr::Call(Function::Instance, arguments, _) => match arguments.first()? {
                    Expr::Text(id) => return Some(id),
                    _ => return None,
                },
                _ => return None,
            }
        }
    }
}

/// A path in an expression, as far as it can be known without evaluating it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    pub absolute: bool,
    pub steps: Vec<PathStep>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathStep {
    /// A child of this prefix and local name; `*` is any.
    Child(Box<str>, Box<str>),
    Parent,
    /// Any node below.
    Below,
    /// Something that cannot be known: any node at all.
    Anything,
}

#[derive(Clone, Debug)]
pub enum Expr {
    Number(f64),
    Text(Arc<str>),
    Or(Vec<Expr>),
    And(Vec<Expr>),
    /// Operators of one rank from left to right.
    Chain(Box<Expr>, Vec<(Operator, Expr)>),
    Negate(Box<Expr>),
    Union(Vec<Expr>),
    Path(Start, Vec<Step>),
    Call(Function, Vec<Expr>, Option<Arc<fancy_regex::Regex>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, Debug)]
pub enum Start {
    Root,
    Context,
    Filter(Box<Expr>, Vec<Expr>),
}

#[derive(Clone, Debug)]
pub struct Step {
    pub axis: Axis,
    pub test: Test,
    pub predicates: Vec<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    Child,
    Parent,
    Itself,
    Attribute,
    Descendant,
    DescendantOrSelf,
    Ancestor,
    AncestorOrSelf,
    Following,
    FollowingSibling,
    Preceding,
    PrecedingSibling,
    Namespace,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Prefix and local name; `*` as the local name is any.
    Name(Arc<str>, Arc<str>),
    Node,
    Text,
    Comment,
    Instruction(Option<Arc<str>>),
}

impl Expr {
    fn parts(&self) -> Vec<&Expr> {
        match self {
            Expr::Number(_) | Expr::Text(_) => Vec::new(),
            Expr::Or(parts) | Expr::And(parts) | Expr::Union(parts) => parts.iter().collect(),
            Expr::Chain(first, rest) => {
                std::iter::once(&**first).chain(rest.iter().map(|it| &it.1)).collect()
            }
            Expr::Negate(inner) => vec![inner],
            Expr::Path(start, steps) => {
                let of_steps = steps.iter().flat_map(|it| &it.predicates);
                match start {
                    Start::Filter(inner, predicates) => {
                        std::iter::once(&**inner).chain(predicates).chain(of_steps).collect()
                    }
                    Start::Root | Start::Context => of_steps.collect(),
                }
            }
            Expr::Call(_, arguments, _) => arguments.iter().collect(),
        }
    }

    /// Paths below this expression, each beginning at `context`. The depth is the expression's, which is bounded.
    fn collect(&self, context: &Path, found: &mut Vec<Path>) {
        match self {
            Expr::Path(start, steps) => {
                let mut at = match start {
                    Start::Root => Path { absolute: true, steps: Vec::new() },
                    Start::Context => context.clone(),
                    Start::Filter(inner, predicates) => {
                        inner.collect(context, found);
                        let at = inner.node_path(context);
                        predicates.iter().for_each(|it| it.collect(&at, found));
                        at
                    }
                };
                for step in steps {
                    step.extend(&mut at);
                    step.predicates.iter().for_each(|it| it.collect(&at, found));
                }
                found.push(at);
            }
            Expr::Call(function, arguments, _) => {
                arguments.iter().for_each(|it| it.collect(context, found));
                if function.reads_context(arguments.len()) {
                    found.push(context.clone());
                }
                // `jr:choice-name` and `pulldata` name what they read in texts, which are not answers.
            }
            _ => self.parts().into_iter().for_each(|it| it.collect(context, found)),
        }
    }

    /// Where the nodes of this expression lie.
    fn node_path(&self, context: &Path) -> Path {
        match self {
            Expr::Call(Function::Current, ..) => Path { absolute: false, steps: Vec::new() },
            Expr::Call(Function::Instance, ..) => {
                Path { absolute: true, steps: vec![PathStep::Child("".into(), "".into())] }
            }
            Expr::Call(Function::Randomize, arguments, _) if !arguments.is_empty() => {
                arguments[0].node_path(context)
            }
            Expr::Path(start, steps) => {
                let mut at = match start {
                    Start::Root => Path { absolute: true, steps: Vec::new() },
                    Start::Context => context.clone(),
                    Start::Filter(inner, _) => inner.node_path(context),
                };
                steps.iter().for_each(|it| it.extend(&mut at));
                at
            }
            _ => Path { absolute: true, steps: vec![PathStep::Anything] },
        }
    }
}

impl Step {
    fn extend(&self, path: &mut Path) {
        let child = || match &self.test {
            Test::Name(prefix, local) => PathStep::Child((**prefix).into(), (**local).into()),
            _ => PathStep::Child("".into(), "*".into()),
        };
        match self.axis {
            Axis::Child => path.steps.push(child()),
            Axis::Parent => path.steps.push(PathStep::Parent),
            Axis::Itself | Axis::Attribute | Axis::Namespace => {}
            Axis::Descendant => path.steps.extend([PathStep::Below, child()]),
            Axis::DescendantOrSelf => path.steps.push(PathStep::Below),
            _ => path.steps.push(PathStep::Anything),
        }
    }
}
