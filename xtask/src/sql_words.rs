//! The rules on single words and expressions of a SQL text.

use crate::{
    finding::Finding,
    sql_text::{Piece, Placed},
};

pub const TYPES: [&str; 6] = ["UUID", "BIGINT", "TEXT", "BOOLEAN", "BYTEA", "DOUBLE PRECISION"];

const CLOCK: &str = "the time is a parameter: pass it as BIGINT microseconds";
const CHANCE: &str = "chance is a parameter: draw it in the binary's wiring";
const NUMBERING: &str = "ids come from Ctx: no number is drawn in the database";
const LOGIC: &str = "logic stands in Rust, not in the database";
const LOCK: &str = "pick, then compare and set, with a lease in the row: no lock in SQL";
const SIGNAL: &str = "the database sends no messages: read what is new";
const PATTERN: &str =
    "patterns differ between engines: read by range (`path >= $1 AND path < $2`) or compare in Rust";
const TREE: &str = "the tree is read by path range, not by recursion";

/// Words that are not written anywhere: `(word, rule, advice)`.
const WORDS: [(&str, &str, &str); 25] = [
    ("CURRENT_TIMESTAMP", "clock", CLOCK),
    ("CURRENT_DATE", "clock", CLOCK),
    ("CURRENT_TIME", "clock", CLOCK),
    ("LOCALTIMESTAMP", "clock", CLOCK),
    ("LOCALTIME", "clock", CLOCK),
    ("SERIAL", "numbering", NUMBERING),
    ("BIGSERIAL", "numbering", NUMBERING),
    ("SMALLSERIAL", "numbering", NUMBERING),
    ("SEQUENCE", "numbering", NUMBERING),
    ("NEXTVAL", "numbering", NUMBERING),
    ("IDENTITY", "numbering", NUMBERING),
    ("AUTOINCREMENT", "numbering", NUMBERING),
    ("ROWID", "numbering", NUMBERING),
    ("TRIGGER", "logic", LOGIC),
    ("FUNCTION", "logic", LOGIC),
    ("LISTEN", "signal", SIGNAL),
    ("NOTIFY", "signal", SIGNAL),
    ("PG_NOTIFY", "signal", SIGNAL),
    ("RECURSIVE", "tree", TREE),
    ("LIKE", "pattern", PATTERN),
    ("ILIKE", "pattern", PATTERN),
    ("SIMILAR", "pattern", PATTERN),
    ("GLOB", "pattern", PATTERN),
    ("REGEXP", "pattern", PATTERN),
    ("SKIP", "lock", LOCK),
];

/// Words that are not called; as names of columns they are free.
const CALLS: [(&str, &str, &str); 12] = [
    ("NOW", "clock", CLOCK),
    ("CLOCK_TIMESTAMP", "clock", CLOCK),
    ("STATEMENT_TIMESTAMP", "clock", CLOCK),
    ("DATE", "clock", CLOCK),
    ("DATETIME", "clock", CLOCK),
    ("STRFTIME", "clock", CLOCK),
    ("JULIANDAY", "clock", CLOCK),
    ("UNIXEPOCH", "clock", CLOCK),
    ("RANDOM", "chance", CHANCE),
    ("RANDOMBLOB", "chance", CHANCE),
    ("GEN_RANDOM_UUID", "chance", CHANCE),
    ("UUIDV7", "chance", CHANCE),
];

/// Every broken rule in one text.
pub fn check(file: &str, pieces: &[Placed]) -> Vec<Finding> {
    let text = Text { pieces };
    let mut findings = Vec::new();
    for (at, (_, line)) in pieces.iter().enumerate() {
        findings.extend(
            text.broken_at(at).into_iter().map(|(rule, advice)| Finding::new(file, *line, rule, advice)),
        );
    }
    findings
}

struct Text<'a> {
    pieces: &'a [Placed],
}

impl Text<'_> {
    fn broken_at(&self, at: usize) -> Vec<(&'static str, String)> {
        match &self.pieces[at].0 {
            Piece::Word(word) => self.word(word, at),
            Piece::Mark(mark) => self.mark(*mark, at),
            Piece::Parameter(0) => vec![("parameter", "parameters count from $1".to_owned())],
            _ => Vec::new(),
        }
    }

    fn word(&self, word: &str, at: usize) -> Vec<(&'static str, String)> {
        let called = self.is_mark(at + 1, '(');
        let named = WORDS.iter().filter(|(banned, ..)| *banned == word);
        let calls = CALLS.iter().filter(|(banned, ..)| called && *banned == word);
        let mut broken: Vec<_> =
            named.chain(calls).map(|(_, rule, advice)| (*rule, format!("{word}: {advice}"))).collect();
        if word.starts_with("PG_ADVISORY") || word.starts_with("PG_TRY_ADVISORY") {
            broken.push(("lock", format!("{word}: {LOCK}")));
        }
        if word == "FOR" && ["UPDATE", "SHARE", "NO", "KEY"].iter().any(|next| self.is_word(at + 1, next)) {
            broken.push(("lock", format!("FOR {}: {LOCK}", self.show(at + 1))));
        }
        if word == "PROCEDURE"
            && at > 0
            && ["CREATE", "REPLACE", "DROP"].iter().any(|word| self.is_word(at - 1, word))
        {
            broken.push(("logic", format!("{word}: {LOGIC}")));
        }
        if word == "COLLATE"
            && !matches!(self.pieces.get(at + 1), Some((Piece::Quoted(name), _)) if name == "C")
        {
            broken.push(("collation", "text is ordered by COLLATE \"C\" only".to_owned()));
        }
        if word == "SUM" && called && !self.is_house_sum(at) {
            let advice = "a sum is CAST(COALESCE(SUM(x), 0) AS BIGINT): engines differ in its type and in the empty sum";
            broken.push(("sum", advice.to_owned()));
        }
        if word == "CAST" && called {
            broken.extend(self.cast(at));
        }
        broken
    }

    fn mark(&self, mark: char, at: usize) -> Vec<(&'static str, String)> {
        let advice = match mark {
            ':' if self.is_mark(at + 1, ':') => "`::` is PostgreSQL's own: write CAST(x AS TYPE)",
            ':' if at > 0 && self.is_mark(at - 1, ':') => return Vec::new(),
            '?' | '@' | ':' | '$' => "parameters are $1, $2, …",
            '-' if self.is_mark(at + 1, '>') => "JSON is TEXT: take it apart in Rust",
            _ => return Vec::new(),
        };
        vec![("parameter", advice.to_owned())]
    }

    /// `SUM` at `at` stands in `CAST(COALESCE(SUM(…), 0) AS BIGINT)`; a FILTER may follow the sum.
    fn is_house_sum(&self, at: usize) -> bool {
        let before = at >= 4
            && self.is_word(at - 4, "CAST")
            && self.is_mark(at - 3, '(')
            && self.is_word(at - 2, "COALESCE")
            && self.is_mark(at - 1, '(');
        let Some(mut end) = self.closing(at + 1) else { return false };
        if self.is_word(end + 1, "FILTER") {
            let Some(filter_end) = self.closing(end + 2) else { return false };
            end = filter_end;
        }
        before
            && self.is_mark(end + 1, ',')
            && matches!(self.pieces.get(end + 2), Some((Piece::Number(number), _)) if number == "0")
            && self.is_mark(end + 3, ')')
            && self.is_word(end + 4, "AS")
            && self.is_word(end + 5, "BIGINT")
            && self.is_mark(end + 6, ')')
    }

    /// The type after the last AS of a cast is one of the shared ones.
    fn cast(&self, at: usize) -> Option<(&'static str, String)> {
        let end = self.closing(at + 1)?;
        let start = (at..end).rev().find(|place| self.is_word(*place, "AS"))?;
        let kind = (start + 1..end).map(|place| self.show(place)).collect::<Vec<_>>().join(" ");
        let shared =
            TYPES.contains(&kind.as_str()) || (kind == "INTEGER" && self.is_argument_of("SUBSTR", at));
        (!shared).then(|| ("type", format!("{kind}: the shared types are {}", TYPES.join(", "))))
    }

    /// True when the innermost bracket around `at` is that of a call of `function`. PostgreSQL's SUBSTR takes
    /// INTEGER and nothing wider, and gives back text, so that the type is never seen outside.
    fn is_argument_of(&self, function: &str, at: usize) -> bool {
        let mut depth = 0_i32;
        for place in (1..at).rev() {
            depth += i32::from(self.is_mark(place, ')')) - i32::from(self.is_mark(place, '('));
            if depth < 0 {
                return self.is_word(place - 1, function);
            }
        }
        false
    }

    /// The place of the bracket that closes the one at `open`.
    fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_i32;
        for place in open..self.pieces.len() {
            depth += i32::from(self.is_mark(place, '(')) - i32::from(self.is_mark(place, ')'));
            if depth == 0 {
                return Some(place);
            }
        }
        None
    }

    fn is_word(&self, at: usize, expected: &str) -> bool {
        matches!(self.pieces.get(at), Some((Piece::Word(word), _)) if word == expected)
    }

    fn is_mark(&self, at: usize, expected: char) -> bool {
        matches!(self.pieces.get(at), Some((Piece::Mark(mark), _)) if *mark == expected)
    }

    fn show(&self, at: usize) -> String {
        match self.pieces.get(at) {
            Some((Piece::Word(word), _)) => word.clone(),
            Some((Piece::Mark(mark), _)) => mark.to_string(),
            _ => "…".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql_text::pieces;

    fn rules(text: &str) -> Vec<&'static str> {
        check("store.rs", &pieces(text, 1)).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn each_forbidden_word_is_found() {
        for (word, rule, _) in WORDS {
            assert_eq!(rules(&format!("SELECT a FROM b WHERE {} c", word.to_lowercase())), [rule], "{word}");
        }
        for (word, rule, _) in CALLS {
            assert_eq!(rules(&format!("SELECT {word}()")), [rule], "{word}");
            assert_eq!(rules(&format!("SELECT {word} FROM a")), [""; 0], "{word} as a column");
        }
        assert_eq!(rules("SELECT pg_advisory_xact_lock($1)"), ["lock"]);
        assert_eq!(rules("SELECT a FROM b FOR UPDATE"), ["lock"]);
        assert_eq!(rules("SELECT a FROM b FOR NO KEY UPDATE SKIP LOCKED"), ["lock", "lock"]);
        assert_eq!(rules("CREATE OR REPLACE PROCEDURE a"), ["logic"]);
        assert_eq!(rules("SELECT procedure FROM a WHERE b = 'LIKE NOW()' -- LIKE"), [""; 0]);
        assert_eq!(
            rules("INSERT INTO a (b) VALUES ($1) ON CONFLICT (b) DO UPDATE SET b = $1 RETURNING b"),
            [""; 0]
        );
    }

    #[test]
    fn parameters_casts_and_collations_have_one_form() {
        for text in [
            "WHERE a = ?",
            "WHERE a = ?1",
            "WHERE a = :name",
            "WHERE a = @name",
            "WHERE a = $name",
            "WHERE a = $0",
        ] {
            assert_eq!(rules(text), ["parameter"], "{text}");
        }
        assert_eq!(rules("SELECT $1::BIGINT"), ["parameter"]);
        assert_eq!(rules("SELECT detail ->> 'a'"), ["parameter"]);
        assert_eq!(rules("SELECT CAST(a AS INTEGER)"), ["type"]);
        assert_eq!(rules("SELECT SUBSTR(a, LENGTH(b), CAST($3 AS INTEGER))"), [""; 0]);
        assert_eq!(rules("SELECT SUBSTR(a, 1), CAST($3 AS INTEGER)"), ["type"]);
        assert_eq!(rules("SELECT CAST(a AS DOUBLE PRECISION), b - 1"), [""; 0]);
        assert_eq!(rules("ORDER BY a COLLATE NOCASE"), ["collation"]);
    }

    #[test]
    fn a_sum_is_cast_and_never_null() {
        assert_eq!(
            rules("SELECT CAST(COALESCE(SUM(CASE WHEN a > (b) THEN 1 ELSE 0 END), 0) AS BIGINT)"),
            [""; 0]
        );
        assert_eq!(rules("SELECT CAST(COALESCE(SUM(a) FILTER (WHERE b), 0) AS BIGINT)"), [""; 0]);
        for text in
            ["SUM(a)", "COALESCE(SUM(a), 0)", "CAST(SUM(a) AS BIGINT)", "CAST(COALESCE(SUM(a), 1) AS BIGINT)"]
        {
            assert_eq!(rules(&format!("SELECT {text}")), ["sum"], "{text}");
        }
    }
}
