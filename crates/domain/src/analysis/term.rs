//! Whether words occur in a text, as people type them: full-width letters are half-width ones, capitals are small; pure.

use unicode_normalization::UnicodeNormalization as _;

/// Words that are looked for at once.
const TERMS_MAX: usize = 8;
/// Characters of an answer that are shown, and of those in front of a word that stands further behind.
const SHOWN_MAX: usize = 500;
const BEFORE: usize = 60;

/// Words that all have to occur. None of them is found everywhere.
#[derive(Clone, Debug, Default)]
pub struct Terms(Vec<Vec<char>>);

/// A part of a text, and whether it is a word that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub is_hit: bool,
}

/// A text taken apart (NFKD, small letters), and of each character which one of the text it comes from.
struct Folded {
    characters: Vec<char>,
    origins: Vec<usize>,
}

impl Folded {
    fn new(text: &[char]) -> Self {
        let mut folded = Self { characters: Vec::new(), origins: Vec::new() };
        for (origin, character) in text.iter().enumerate() {
            for part in std::iter::once(*character).nfkd().flat_map(char::to_lowercase) {
                folded.characters.push(part);
                folded.origins.push(origin);
            }
        }
        folded
    }
}

impl Terms {
    /// Words between spaces, those of Chinese too.
    pub fn new(text: &str) -> Self {
        let word = |it: &str| Folded::new(&it.chars().collect::<Vec<_>>()).characters;
        Self(text.split_whitespace().take(TERMS_MAX).map(word).filter(|it| !it.is_empty()).collect())
    }

    /// The text in parts with the words marked; none where one of them does not occur. A long text is cut.
    pub fn find(&self, text: &str) -> Option<Vec<Piece>> {
        let characters: Vec<char> = text.chars().collect();
        let mut hits = vec![false; characters.len()];
        if !self.0.is_empty() {
            let folded = Folded::new(&characters);
            for term in &self.0 {
                let mut is_found = false;
                for (at, _) in
                    folded.characters.windows(term.len()).enumerate().filter(|it| it.1 == &term[..])
                {
                    is_found = true;
                    let (first, last) = (folded.origins[at], folded.origins[at + term.len() - 1]);
                    hits[first..=last].fill(true);
                }
                if !is_found {
                    return None;
                }
            }
        }
        Some(pieces(&characters, &hits))
    }
}

fn pieces(characters: &[char], hits: &[bool]) -> Vec<Piece> {
    let first_hit = hits.iter().position(|it| *it).unwrap_or(0);
    let from =
        if characters.len() > SHOWN_MAX && first_hit > SHOWN_MAX - BEFORE { first_hit - BEFORE } else { 0 };
    let to = characters.len().min(from + SHOWN_MAX);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut add = |character: char, is_hit: bool| match pieces.last_mut().filter(|it| it.is_hit == is_hit) {
        Some(piece) => piece.text.push(character),
        None => pieces.push(Piece { text: character.to_string(), is_hit }),
    };
    if from > 0 {
        add('…', false);
    }
    for (character, is_hit) in characters[from..to].iter().zip(&hits[from..to]) {
        add(*character, *is_hit);
    }
    if to < characters.len() {
        add('…', false);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(terms: &str, text: &str) -> Option<String> {
        let mark = |it: Piece| if it.is_hit { format!("[{}]", it.text) } else { it.text };
        Some(Terms::new(terms).find(text)?.into_iter().map(mark).collect())
    }

    #[test]
    fn all_words_have_to_occur_and_are_marked() {
        assert_eq!(marked("路灯　不亮", "村口路灯三天不亮"), Some("村口[路灯]三天[不亮]".into()));
        assert_eq!(marked("路灯 漏水", "村口路灯三天不亮"), None);
        assert_eq!(marked("", "什么都有"), Some("什么都有".into()));
        assert_eq!(marked("  　 ", "什么都有"), Some("什么都有".into()));
        assert_eq!(marked("啊啊", "啊啊啊"), Some("[啊啊啊]".into()), "where they overlap too");
    }

    #[test]
    fn full_width_is_half_width_and_capitals_are_small() {
        assert_eq!(marked("ａｂｃ１２", "用ABC12型号"), Some("用[ABC12]型号".into()));
        assert_eq!(marked("wifi", "没有ＷｉＦｉ信号"), Some("没有[ＷｉＦｉ]信号".into()));
        assert_eq!(marked("㎡", "一百m2"), Some("一百[m2]".into()));
        assert_eq!(marked("é", "cafe\u{301}"), Some("caf[e\u{301}]".into()));
    }

    #[test]
    fn a_long_answer_is_cut_around_the_word() {
        let text = format!("{}水渠{}", "前".repeat(900), "后".repeat(900));
        let found = marked("水渠", &text).unwrap();
        assert!(found.starts_with("…前") && found.contains("[水渠]") && found.ends_with("后…"));
        assert!(found.chars().count() < SHOWN_MAX + 10);
        assert!(marked("没有", &text).is_none());
    }
}
