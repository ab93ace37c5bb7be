use std::sync::Arc;

use super::{
    EXPRESSION_BYTES_MAX, EXPRESSION_DEPTH_MAX, Uses,
    expression::{Axis, Expr, Operator, Start, Step, Test},
    function::{Function, compile_pattern},
    lex::{ExpressionFault, Token, fault, tokens},
};

/// Steps of one path.
const PATH_STEPS_MAX: usize = 200;

type Parsed<T> = Result<T, ExpressionFault>;

pub fn parse(text: &str) -> Parsed<(Expr, Uses)> {
    if text.len() > EXPRESSION_BYTES_MAX {
        return Err(fault(text, 0, format!("the expression has more than {EXPRESSION_BYTES_MAX} bytes")));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { text, tokens, at: 0, depth: 0, uses: Uses::default() };
    if parser.tokens.is_empty() {
        return Err(fault(text, 0, "the expression is empty".to_owned()));
    }
    let root = parser.expression()?;
    if parser.at < parser.tokens.len() {
        return Err(parser.unexpected("an operator"));
    }
    Ok((root, parser.uses))
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token<'a>, usize)>,
    at: usize,
    depth: usize,
    uses: Uses,
}

/// Ranks of operators from weak to strong, below `or` and `and`.
const RANKS: [&[(&str, Operator)]; 4] = [
    &[("=", Operator::Equal), ("!=", Operator::Unequal)],
    &[
        ("<", Operator::Less),
        ("<=", Operator::LessOrEqual),
        (">", Operator::Greater),
        (">=", Operator::GreaterOrEqual),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("div", Operator::Divide), ("mod", Operator::Remainder)],
];

impl<'a> Parser<'a> {
    /// Everything that nests comes through here, so that the depth is counted once.
    fn expression(&mut self) -> Parsed<Expr> {
        if self.depth == EXPRESSION_DEPTH_MAX {
            let reason = format!("the expression is nested more than {EXPRESSION_DEPTH_MAX} deep");
            return Err(fault(self.text, self.byte(), reason));
        }
        self.depth += 1;
        let mut either = vec![self.conjunction()?];
        while self.take_word("or") {
            either.push(self.conjunction()?);
        }
        self.depth -= 1;
        Ok(if either.len() == 1 { either.remove(0) } else { Expr::Or(either) })
    }

    fn conjunction(&mut self) -> Parsed<Expr> {
        let mut all = vec![self.ranked(0)?];
        while self.take_word("and") {
            all.push(self.ranked(0)?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expr::And(all) })
    }

    fn ranked(&mut self, rank: usize) -> Parsed<Expr> {
        let Some(operators) = RANKS.get(rank) else { return self.unary() };
        let first = self.ranked(rank + 1)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator(operators) {
            rest.push((operator, self.ranked(rank + 1)?));
        }
        Ok(if rest.is_empty() { first } else { Expr::Chain(Box::new(first), rest) })
    }

    fn operator(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        let found = match self.peek()? {
            Token::Sign(sign) => operators.iter().find(|it| it.0 == *sign)?.1,
            Token::Word(word) => operators.iter().find(|it| it.0 == *word)?.1,
            _ => return None,
        };
        self.at += 1;
        Some(found)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let mut signs = 0_usize;
        while self.take("-") {
            signs += 1;
        }
        let mut parts = vec![self.path()?];
        while self.take("|") {
            parts.push(self.path()?);
        }
        let inner = if parts.len() == 1 { parts.remove(0) } else { Expr::Union(parts) };
        Ok(match signs {
            0 => inner,
            even if even % 2 == 0 => Expr::Negate(Box::new(Expr::Negate(Box::new(inner)))),
            _ => Expr::Negate(Box::new(inner)),
        })
    }

    fn path(&mut self) -> Parsed<Expr> {
        if self.take("/") {
            let steps = if self.begins_step() { self.steps()? } else { Vec::new() };
            return Ok(Expr::Path(Start::Root, steps));
        }
        if self.take("//") {
            let mut steps = vec![below()];
            steps.extend(self.steps()?);
            return Ok(Expr::Path(Start::Root, steps));
        }
        let Some(primary) = self.primary()? else {
            let steps = self.steps()?;
            if steps.iter().all(|it| it.axis == Axis::Itself) {
                self.uses.past = true;
            }
            return Ok(Expr::Path(Start::Context, steps));
        };
        let predicates = self.predicates()?;
        let mut steps = Vec::new();
        if self.take("//") {
            steps.push(below());
            steps.extend(self.steps()?);
        } else if self.take("/") {
            steps = self.steps()?;
        }
        if predicates.is_empty() && steps.is_empty() {
            return Ok(primary);
        }
        Ok(Expr::Path(Start::Filter(Box::new(primary), predicates), steps))
    }

    fn primary(&mut self) -> Parsed<Option<Expr>> {
        match self.peek() {
            Some(Token::Number(number)) => {
                let number = *number;
                self.at += 1;
                Ok(Some(Expr::Number(number)))
            }
            Some(Token::Text(text)) => {
                let text: Arc<str> = (*text).into();
                self.at += 1;
                Ok(Some(Expr::Text(text)))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(Some(inner))
            }
            Some(Token::Name(prefix, local)) if self.is_sign(1, "(") && !is_node_type(prefix, local) => {
                let name = if prefix.is_empty() { (*local).to_owned() } else { format!("{prefix}:{local}") };
                self.call(&name).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn call(&mut self, name: &str) -> Parsed<Expr> {
        let begin = self.byte();
        let (function, least, most) =
            Function::find(name).map_err(|reason| fault(self.text, begin, reason))?;
        self.at += 2;
        let mut arguments = Vec::new();
        while !self.take(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
                // A comma before the bracket is let pass, as the web's engine does.
                if self.take(")") {
                    break;
                }
            }
            arguments.push(self.expression()?);
        }
        if arguments.len() < least || most.is_some_and(|it| arguments.len() > it) {
            let wanted = match most {
                Some(most) if most == least => format!("{least}"),
                Some(most) => format!("{least} to {most}"),
                None => format!("at least {least}"),
            };
            let reason = format!("{name}() takes {wanted} arguments, not {}", arguments.len());
            return Err(fault(self.text, begin, reason));
        }
        function.note(&arguments, &mut self.uses);
        let pattern = match (function, arguments.get(1)) {
            (Function::Regex, Some(Expr::Text(pattern))) => {
                Some(compile_pattern(pattern).map_err(|reason| fault(self.text, begin, reason))?)
            }
            _ => None,
        };
        Ok(Expr::Call(function, arguments, pattern.map(Arc::new)))
    }

    fn steps(&mut self) -> Parsed<Vec<Step>> {
        let mut steps = vec![self.step()?];
        loop {
            if self.take("//") {
                steps.push(below());
            } else if !self.take("/") {
                return Ok(steps);
            }
            steps.push(self.step()?);
            if steps.len() > PATH_STEPS_MAX {
                let reason = format!("a path has more than {PATH_STEPS_MAX} steps");
                return Err(fault(self.text, self.byte(), reason));
            }
        }
    }

    fn begins_step(&self) -> bool {
        matches!(self.peek(), Some(Token::Name(..) | Token::Sign("." | ".." | "@")))
    }

    fn step(&mut self) -> Parsed<Step> {
        let plain = |axis| Step { axis, test: Test::Node, predicates: Vec::new() };
        let mut step = if self.take(".") {
            plain(Axis::Itself)
        } else if self.take("..") {
            plain(Axis::Parent)
        } else if self.take("@") {
            Step { axis: Axis::Attribute, test: self.test()?, predicates: Vec::new() }
        } else {
            let axis = match self.peek() {
                Some(Token::Name("", name)) if self.is_sign(1, "::") => {
                    let axis = axis(name)
                        .ok_or_else(|| fault(self.text, self.byte(), format!("there is no axis {name}")))?;
                    self.at += 2;
                    axis
                }
                _ => Axis::Child,
            };
            Step { axis, test: self.test()?, predicates: Vec::new() }
        };
        step.predicates = self.predicates()?;
        Ok(step)
    }

    fn test(&mut self) -> Parsed<Test> {
        let Some(Token::Name(prefix, local)) = self.peek() else {
            return Err(self.unexpected("a name, a number, a text or a function"));
        };
        let (prefix, local) = (*prefix, *local);
        self.at += 1;
        if !self.is_sign(0, "(") || !is_node_type(prefix, local) {
            return Ok(Test::Name(prefix.into(), local.into()));
        }
        self.at += 1;
        let test = match local {
            "text" => Test::Text,
            "comment" => Test::Comment,
            "node" => Test::Node,
            _ => match self.peek() {
                Some(Token::Text(target)) => {
                    let target: Arc<str> = (*target).into();
                    self.at += 1;
                    Test::Instruction(Some(target))
                }
                _ => Test::Instruction(None),
            },
        };
        self.expect(")")?;
        Ok(test)
    }

    fn predicates(&mut self) -> Parsed<Vec<Expr>> {
        let mut predicates = Vec::new();
        while self.take("[") {
            // `.` in a predicate is the node that is looked at, not the one that is calculated.
            let past = self.uses.past;
            predicates.push(self.expression()?);
            self.uses.past = past;
            self.expect("]")?;
        }
        Ok(predicates)
    }

    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at).map(|it| &it.0)
    }

    fn is_sign(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some((Token::Sign(it), _)) if *it == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.is_sign(0, sign);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(it)) if *it == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(sign)) }
    }

    fn byte(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |it| it.1)
    }

    fn unexpected(&self, wanted: &str) -> ExpressionFault {
        let found = match self.tokens.get(self.at) {
            None => "the end".to_owned(),
            Some((_, begin)) => {
                let end = self.tokens.get(self.at + 1).map_or(self.text.len(), |it| it.1);
                self.text[*begin..end].trim().chars().take(40).collect()
            }
        };
        fault(self.text, self.byte(), format!("{wanted} is expected, not {found}"))
    }
}

fn below() -> Step {
    Step { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: Vec::new() }
}

fn is_node_type(prefix: &str, local: &str) -> bool {
    prefix.is_empty() && ["text", "comment", "node", "processing-instruction"].contains(&local)
}

fn axis(name: &str) -> Option<Axis> {
    Some(match name {
        "child" => Axis::Child,
        "parent" => Axis::Parent,
        "self" => Axis::Itself,
        "attribute" => Axis::Attribute,
        "descendant" => Axis::Descendant,
        "descendant-or-self" => Axis::DescendantOrSelf,
        "ancestor" => Axis::Ancestor,
        "ancestor-or-self" => Axis::AncestorOrSelf,
        "following" => Axis::Following,
        "following-sibling" => Axis::FollowingSibling,
        "preceding" => Axis::Preceding,
        "preceding-sibling" => Axis::PrecedingSibling,
        "namespace" => Axis::Namespace,
        _ => return None,
    })
}
