//! What the checks see of a Rust file: its string texts, the paths it names and its `async` words, without
//! comments and without test code.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// A string literal, or the joined literals of one `concat!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub value: String,
    pub line: usize,
}

/// A path of at least two parts, or a `use` of one. Groups are expanded: `a::{b, c::d}` is `a::b` and `a::c::d`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub parts: Vec<String>,
    pub line: usize,
}

/// What one file holds outside comments, documentation and items under `#[cfg(test)]`.
#[derive(Debug, Default)]
pub struct Source {
    pub texts: Vec<Text>,
    pub references: Vec<Reference>,
    /// Lines with the word `async`.
    pub async_lines: Vec<usize>,
    /// Lines with `pub mod` or `pub(…) mod`.
    pub open_module_lines: Vec<usize>,
    /// Names in `#[cfg(test)] mod name;`: those files are test code.
    pub test_modules: Vec<String>,
}

/// Reads the text of a Rust file; the error says at which line it is no Rust.
pub fn read(text: &str) -> Result<Source, (usize, String)> {
    let tokens =
        TokenStream::from_str(text).map_err(|error| (error.span().start().line, error.to_string()))?;
    let mut source = Source::default();
    source.walk(tokens);
    Ok(source)
}

impl Source {
    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match &tokens[at] {
                TokenTree::Punct(mark) if mark.as_char() == '#' => match self.attribute(&tokens, at) {
                    Some(next) => next,
                    None => return,
                },
                TokenTree::Ident(word) if word == "use" => self.reference(&tokens, at + 1, &[], true),
                TokenTree::Ident(word) if word == "concat" && is_call(&tokens, at) => {
                    self.joined(&tokens, at)
                }
                TokenTree::Ident(word) => {
                    if word == "async" {
                        self.async_lines.push(line(&tokens[at]));
                    }
                    if word == "mod" && is_open(&tokens[..at]) {
                        self.open_module_lines.push(line(&tokens[at]));
                    }
                    self.reference(&tokens, at, &[], false)
                }
                TokenTree::Group(group) => {
                    self.walk(group.stream());
                    at + 1
                }
                TokenTree::Literal(literal) => {
                    if let Some(value) = string_value(&literal.to_string()) {
                        self.texts.push(Text { value, line: line(&tokens[at]) });
                    }
                    at + 1
                }
                TokenTree::Punct(_) => at + 1,
            };
        }
    }

    /// The position after the attribute at `at`, and after its item when that is test code.
    /// `None` when the attribute makes the rest of the file test code.
    fn attribute(&mut self, tokens: &[TokenTree], at: usize) -> Option<usize> {
        let inner = is_mark(tokens.get(at + 1), '!');
        let place = at + 1 + usize::from(inner);
        let Some(group) = as_group(tokens.get(place), Delimiter::Bracket) else { return Some(at + 1) };
        let words: Vec<TokenTree> = group.stream().into_iter().collect();
        if is_word(words.first(), "doc") {
            return Some(place + 1);
        }
        if !is_test_only(&words) {
            self.walk(group.stream());
            return Some(place + 1);
        }
        if inner {
            return None;
        }
        let ends = |token: &TokenTree| {
            is_mark(Some(token), ';') || as_group(Some(token), Delimiter::Brace).is_some()
        };
        let item = &tokens[place + 1..];
        let length = item.iter().position(ends)?;
        if let [.., TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Punct(_)] = &item[..=length]
            && word == "mod"
        {
            self.test_modules.push(name.to_string());
        }
        Some(place + 2 + length)
    }

    /// Reads a path at `at` and returns the position after it. In a `use` every end of the tree is a reference.
    fn reference(&mut self, tokens: &[TokenTree], mut at: usize, before: &[String], in_use: bool) -> usize {
        let mut parts = before.to_vec();
        let first = tokens.get(at).map_or(0, line);
        if in_use && is_separator(tokens, at) {
            at += 2;
        }
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(word)) => {
                    parts.push(word.to_string());
                    at += 1;
                }
                Some(TokenTree::Group(group)) if in_use && group.delimiter() == Delimiter::Brace => {
                    self.branches(group, &parts);
                    return at + 1;
                }
                Some(TokenTree::Punct(mark)) if in_use && mark.as_char() == '*' => at += 1,
                _ => break,
            }
            if !is_separator(tokens, at) {
                break;
            }
            at += 2;
        }
        if parts.len() > 1 || (in_use && !parts.is_empty()) {
            self.references.push(Reference { parts, line: first });
        }
        at
    }

    fn branches(&mut self, group: &Group, before: &[String]) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        for branch in tokens.split(|token| is_mark(Some(token), ',')).filter(|branch| !branch.is_empty()) {
            self.reference(branch, 0, before, true);
        }
    }

    /// `concat!("SELECT ", COLUMNS!(), " FROM t")` is one text; what is no literal stands as a space.
    fn joined(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        if let Some(TokenTree::Group(group)) = tokens.get(at + 2) {
            let part = |token| match token {
                TokenTree::Literal(literal) => string_value(&literal.to_string()).unwrap_or_default(),
                TokenTree::Punct(mark) if mark.as_char() == ',' => String::new(),
                _ => " ".to_owned(),
            };
            self.texts.push(Text {
                value: group.stream().into_iter().map(part).collect(),
                line: line(&tokens[at]),
            });
        }
        at + 3
    }
}

/// The files of the test modules that `files` declare: `(path below the root, text)` in, `path.rs` and `path/` out.
pub fn test_files(files: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in
        files.iter().filter(|(file, text)| file.ends_with(".rs") && text.contains("cfg(test)"))
    {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        let folder = match name {
            "mod.rs" | "lib.rs" | "main.rs" => folder,
            _ => file.trim_end_matches(".rs"),
        };
        for module in read(text).map(|source| source.test_modules).unwrap_or_default() {
            found.extend([format!("{folder}/{module}.rs"), format!("{folder}/{module}/")]);
        }
    }
    found
}

/// The value of a string, byte string or raw string literal as it stands in source; `None` for other literals.
fn string_value(literal: &str) -> Option<String> {
    let body = literal.trim_start_matches(['b', 'c']);
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        return raw.get(hashes + 1..raw.len().checked_sub(hashes + 1)?).map(str::to_owned);
    }
    let body = body.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::new();
    let mut characters = body.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next()? {
            'n' => value.push('\n'),
            't' => value.push('\t'),
            'r' => value.push('\r'),
            '0' => value.push('\0'),
            'x' => {
                let digits: String = characters.by_ref().take(2).collect();
                value.extend(u8::from_str_radix(&digits, 16).ok().map(char::from));
            }
            'u' => {
                let digits: String = characters.by_ref().take_while(|character| *character != '}').collect();
                let number = u32::from_str_radix(&digits.replace(['{', '_'], ""), 16).ok();
                value.extend(number.and_then(char::from_u32));
            }
            '\n' => while characters.next_if(|character| character.is_whitespace()).is_some() {},
            other => value.push(other),
        }
    }
    Some(value)
}

/// `cfg(test)`, `cfg(any(test, …))`; not `cfg(not(test))`.
fn is_test_only(attribute: &[TokenTree]) -> bool {
    let Some(condition) = as_group(attribute.get(1), Delimiter::Parenthesis) else { return false };
    let words = condition.stream().to_string();
    let mut words = words.split(|character: char| !character.is_alphanumeric() && character != '_');
    is_word(attribute.first(), "cfg")
        && words.clone().any(|word| word == "test")
        && !words.any(|word| word == "not")
}

/// True when the tokens before a `mod` end in `pub` or `pub(…)`.
fn is_open(before: &[TokenTree]) -> bool {
    match before {
        [.., open, restriction] if as_group(Some(restriction), Delimiter::Parenthesis).is_some() => {
            is_word(Some(open), "pub")
        }
        _ => is_word(before.last(), "pub"),
    }
}

fn is_call(tokens: &[TokenTree], at: usize) -> bool {
    is_mark(tokens.get(at + 1), '!') && matches!(tokens.get(at + 2), Some(TokenTree::Group(_)))
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let joined = matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.spacing() == Spacing::Joint);
    joined && is_mark(tokens.get(at), ':') && is_mark(tokens.get(at + 1), ':')
}

fn is_mark(token: Option<&TokenTree>, expected: char) -> bool {
    matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == expected)
}

fn is_word(token: Option<&TokenTree>, expected: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(word)) if word == expected)
}

fn as_group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        read(text).unwrap().texts.into_iter().map(|text| text.value).collect()
    }

    fn references(text: &str) -> Vec<String> {
        read(text).unwrap().references.into_iter().map(|reference| reference.parts.join("::")).collect()
    }

    #[test]
    fn texts_are_decoded_and_comments_documentation_and_tests_are_left_out() {
        let text = r####"
            //! not "this"
            /// nor "this"
            const A: &str = "one \
                two\n\u{8857}\x41";
            const B: &str = r#"raw "x""#; // "no"
            const C: &[u8] = b"bytes"; const D: char = 'c'; const E: u8 = 7;
            const F: &str = concat!("SELECT ", COLUMNS!(), "FROM t");
            #[cfg(test)] mod tests { const G: &str = "hidden"; }
            #[cfg(test)] const H: &str = "hidden too";
            #[cfg(not(test))] const I: &str = "seen";
        "####;
        assert_eq!(values(text), ["one two\n街A", "raw \"x\"", "bytes", "SELECT    FROM t", "seen"]);
        assert_eq!(read("#[cfg(test)] mod golden; mod rule;").unwrap().test_modules, ["golden"]);
        assert!(values("#![cfg(test)] const A: &str = \"hidden\";").is_empty());
    }

    #[test]
    fn files_of_test_modules_are_known_by_their_declaration() {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let files = [
            file("a/src/lib.rs", "#[cfg(test)] mod golden; mod b;"),
            file("a/src/b.rs", "#[cfg(test)] mod c;"),
        ];
        assert_eq!(test_files(&files), ["a/src/golden.rs", "a/src/golden/", "a/src/b/c.rs", "a/src/b/c/"]);
    }

    #[test]
    fn use_trees_are_expanded_and_paths_in_code_are_found() {
        let text = "use crate::{area::{model::Area, Tree}, case}; use std::fs as files; use store;
            fn f() { super::organization::store::load::<u8>(x); a.store; }";
        assert_eq!(
            references(text),
            [
                "crate::area::model::Area",
                "crate::area::Tree",
                "crate::case",
                "std::fs",
                "store",
                "super::organization::store::load",
            ]
        );
    }

    #[test]
    fn async_words_have_their_lines() {
        assert_eq!(read("fn a() {}\nasync fn b() {}\nfn c() { async { } }").unwrap().async_lines, [2, 3]);
        assert_eq!(read("mod a;\npub mod b;\npub(crate) mod c { }").unwrap().open_module_lines, [2, 3]);
        assert_eq!(read("fn a() {").unwrap_err().0, 1);
    }
}
