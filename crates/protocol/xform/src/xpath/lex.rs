use std::fmt;

use crate::xml::{continues_name, starts_name};

/// Why a text is no expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ExpressionFault {
    /// Characters from the start, counted from 1.
    pub column: usize,
    pub reason: String,
}

impl fmt::Display for ExpressionFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} (character {})", self.reason, self.column)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    Number(f64),
    Text(&'a str),
    /// A name with its prefix, if it has one. `*` as a local name is any.
    Name(&'a str, &'a str),
    /// `and`, `or`, `div`, `mod` where an operator is expected.
    Word(&'a str),
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: [&str; 19] =
    ["::", "//", "..", "!=", "<=", ">=", "(", ")", "[", "]", "@", ",", "/", "|", "+", "-", "=", "<", ">"];

/// Tokens with the byte where each begins.
pub fn tokens(text: &str) -> Result<Vec<(Token<'_>, usize)>, ExpressionFault> {
    let mut tokens: Vec<(Token<'_>, usize)> = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let (token, length) = match first {
            '0'..='9' => number(rest),
            '.' if rest[1..].starts_with(|it: char| it.is_ascii_digit()) => number(rest),
            '"' | '\'' => {
                let inner = &rest[1..];
                let end = inner.find(first).ok_or_else(|| {
                    fault(text, at, format!("the text after {first} has no closing {first}"))
                })?;
                (Token::Text(&inner[..end]), end + 2)
            }
            '*' if expects_operator(tokens.last()) => (Token::Word("*"), 1),
            '*' => (Token::Name("", "*"), 1),
            it if starts_name(it) => name(rest, expects_operator(tokens.last())),
            _ => match SIGNS.iter().find(|it| rest.starts_with(**it)) {
                Some(sign) => (Token::Sign(sign), sign.len()),
                None if first == '.' => (Token::Sign("."), 1),
                None if first == '$' => {
                    return Err(fault(text, at, "variables ($…) are not part of forms".to_owned()));
                }
                None => return Err(fault(text, at, format!("{first} is not expected in an expression"))),
            },
        };
        tokens.push((token, at));
        at += length;
    }
}

/// XPath 1.0, section 3.7: after an operand, a name is an operator and a star multiplies.
fn expects_operator(last: Option<&(Token<'_>, usize)>) -> bool {
    match last {
        None | Some((Token::Word(_), _)) => false,
        Some((Token::Sign(sign), _)) => [")", "]", ".", ".."].contains(sign),
        Some(_) => true,
    }
}

fn number(rest: &str) -> (Token<'_>, usize) {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|it| it.is_ascii_digit()).count();
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') {
        length += 1 + digits(length + 1);
    }
    // An exponent is not XPath 1.0, yet numbers that were written by a program have one.
    if let Some(b'e' | b'E') = bytes.get(length) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'-' | b'+')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    (Token::Number(rest[..length].parse().unwrap_or(f64::NAN)), length)
}

fn name(rest: &str, operator: bool) -> (Token<'_>, usize) {
    let first = name_length(rest);
    let word = &rest[..first];
    if operator {
        // `1 or2` and `4div 2` need no space: the word ends where the operator does.
        if let Some(found) = ["and", "or", "div", "mod"].into_iter().find(|it| word.starts_with(it)) {
            return (Token::Word(found), found.len());
        }
    }
    let after = &rest[first..];
    if let Some(local) = after.strip_prefix(':').filter(|it| !it.starts_with(':')) {
        if local.starts_with('*') {
            return (Token::Name(word, "*"), first + 2);
        }
        let length = name_length(local);
        if length > 0 {
            return (Token::Name(word, &local[..length]), first + 1 + length);
        }
    }
    (Token::Name("", word), first)
}

fn name_length(rest: &str) -> usize {
    let mut characters = rest.char_indices();
    match characters.next() {
        Some((_, first)) if starts_name(first) => {}
        _ => return 0,
    }
    characters.find(|(_, it)| !continues_name(*it)).map_or(rest.len(), |(index, _)| index)
}

pub fn fault(text: &str, at: usize, reason: String) -> ExpressionFault {
    ExpressionFault { column: text[..at.min(text.len())].chars().count() + 1, reason }
}
