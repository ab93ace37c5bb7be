//! SQL cut into words, with their lines: as much as the house rules need to see.

use std::{iter::Peekable, str::Chars};

/// A piece of SQL. Comments and white space are dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A name or key word in upper case.
    Word(String),
    /// `'…'`
    Text,
    /// `"…"`, as written between the quotes.
    Quoted(String),
    Number(String),
    /// `$1`
    Parameter(u32),
    Mark(char),
}

/// A piece and its line, counted from 1.
pub type Placed = (Piece, usize);

/// True for a text that is SQL rather than English: its first words have the shape of a statement.
pub fn is_sql(text: &str) -> bool {
    let words: Vec<&str> =
        text.split(|character: char| !character.is_alphanumeric() && character != '_').collect();
    let has = |expected: &str| words.contains(&expected);
    let start = text.trim_start();
    match start.split(|character: char| !character.is_ascii_alphabetic()).next() {
        Some("SELECT") => start.len() > 6 && start.as_bytes()[6].is_ascii_whitespace(),
        Some("INSERT") => has("INTO") || has("OR"),
        Some("UPDATE") => has("SET"),
        Some("DELETE") => has("FROM"),
        Some("WITH") => has("AS") && has("SELECT"),
        Some("CREATE" | "ALTER" | "DROP") => has("TABLE") || has("INDEX") || has("VIEW"),
        // Spreadsheets of forms have "select one from" and its like.
        Some("select") => {
            has("from") && !["one", "multiple", "all"].iter().any(|it| words.get(1) == Some(it))
        }
        Some("insert") => has("into") && has("values"),
        Some("update") => has("set") && has("where"),
        Some("delete") => has("from") && has("where"),
        _ => false,
    }
}

/// Cuts `text`, whose first line is `first_line`.
pub fn pieces(text: &str, first_line: usize) -> Vec<Placed> {
    let mut cutter = Cutter { characters: text.chars().peekable(), line: first_line };
    std::iter::from_fn(|| cutter.next_piece()).collect()
}

struct Cutter<'a> {
    characters: Peekable<Chars<'a>>,
    line: usize,
}

impl Cutter<'_> {
    fn next_piece(&mut self) -> Option<Placed> {
        loop {
            let line = self.line;
            let character = self.take()?;
            let piece = match character {
                character if character.is_whitespace() => continue,
                '-' if self.characters.peek() == Some(&'-') => {
                    while self.characters.peek().is_some_and(|next| *next != '\n') {
                        self.take();
                    }
                    continue;
                }
                '/' if self.characters.peek() == Some(&'*') => {
                    self.block_comment();
                    continue;
                }
                '\'' => {
                    self.quoted('\'');
                    Piece::Text
                }
                '"' => Piece::Quoted(self.quoted('"')),
                '$' => match self.word(String::new()).parse() {
                    Ok(number) => Piece::Parameter(number),
                    Err(_) => Piece::Mark('$'),
                },
                character if character.is_ascii_digit() => Piece::Number(self.word(character.to_string())),
                character if character.is_alphabetic() || character == '_' => {
                    Piece::Word(self.word(character.to_string()).to_uppercase())
                }
                mark => Piece::Mark(mark),
            };
            return Some((piece, line));
        }
    }

    fn take(&mut self) -> Option<char> {
        let character = self.characters.next();
        self.line += usize::from(character == Some('\n'));
        character
    }

    fn word(&mut self, mut word: String) -> String {
        while let Some(next) = self.characters.next_if(|next| next.is_alphanumeric() || *next == '_') {
            word.push(next);
        }
        word
    }

    /// The rest of a quoted text; a doubled quote inside stands as two texts, which no rule minds.
    fn quoted(&mut self, end: char) -> String {
        let mut text = String::new();
        while let Some(character) = self.take().filter(|character| *character != end) {
            text.push(character);
        }
        text
    }

    fn block_comment(&mut self) {
        let mut last = ' ';
        while let Some(character) = self.take() {
            if last == '*' && character == '/' {
                return;
            }
            last = character;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_is_told_from_english() {
        for text in
            ["SELECT 1", "\n  INSERT INTO t VALUES ($1)", "WITH a AS (SELECT 1) SELECT 2", "select a from b"]
        {
            assert!(is_sql(text), "{text}");
        }
        for text in [
            "SELECT",
            "DELETE, PUT",
            "WITHOUT",
            "select a case",
            "select one from file",
            "Update the set",
            "with such as these",
        ] {
            assert!(!is_sql(text), "{text}");
        }
    }

    #[test]
    fn pieces_carry_their_lines_and_comments_are_dropped() {
        let cut = pieces("select -- x\n  'a''b', \"C\" /* \n */ $12", 5);
        let word = |text: &str| Piece::Word(text.to_owned());
        let expected = [
            (word("SELECT"), 5),
            (Piece::Text, 6),
            (Piece::Text, 6),
            (Piece::Mark(','), 6),
            (Piece::Quoted("C".to_owned()), 6),
            (Piece::Parameter(12), 7),
        ];
        assert_eq!(cut, expected);
    }
}
