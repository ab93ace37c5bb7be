use crate::odata::QueryFault;

#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// A name, a path or a word such as `and`.
    Word(&'a str),
    /// A number, a date or a time, as it is written.
    Bare(&'a str),
    Text(String),
    Open,
    Close,
    Comma,
}

/// Tokens with the character where each begins, and what stands there.
pub struct Lexed<'a> {
    pub token: Token<'a>,
    pub at: usize,
    pub raw: &'a str,
}

pub fn tokens(text: &str) -> Result<Vec<Lexed<'_>>, QueryFault> {
    let mut tokens = Vec::new();
    let (mut byte, mut at) = (0, 0);
    while let Some(first) = text[byte..].chars().next() {
        let rest = &text[byte..];
        let (token, length) = match first {
            ' ' | '\t' => {
                byte += 1;
                at += 1;
                continue;
            }
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '\'' => quoted(rest).ok_or_else(|| syntax(at, "the text has no closing '"))?,
            '0'..='9' | '-' | '+' => {
                run(rest, Token::Bare, |it| it.is_ascii_alphanumeric() || matches!(it, '-' | '+' | ':' | '.'))
            }
            it if it.is_alphabetic() || matches!(it, '_' | '$') => {
                run(rest, Token::Word, |it| it.is_alphanumeric() || matches!(it, '_' | '-' | '/' | '.' | '$'))
            }
            other => return Err(syntax(at, &format!("Unexpected character {other}"))),
        };
        let raw = &rest[..length];
        tokens.push(Lexed { token, at, raw });
        byte += length;
        at += raw.chars().count();
    }
    Ok(tokens)
}

fn run<'a>(rest: &'a str, token: fn(&'a str) -> Token<'a>, is_part: fn(char) -> bool) -> (Token<'a>, usize) {
    let length = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
    (token(&rest[..length]), length)
}

/// A quote in a text is doubled.
fn quoted(rest: &str) -> Option<(Token<'_>, usize)> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        if character != '\'' {
            value.push(character);
        } else if characters.next_if(|it| it.1 == '\'').is_some() {
            value.push('\'');
        } else {
            return Some((Token::Text(value), index + 1));
        }
    }
    None
}

pub fn syntax(at: usize, reason: &str) -> QueryFault {
    QueryFault::Syntax { at, reason: reason.to_owned() }
}
