//! What is wrong with a procedure file, told so that whoever writes it learns how it is meant.

use std::ops::Range;

/// A fault, or something odd, at a place of a procedure file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {reason}; {help}")]
pub struct ProcedureFault {
    pub file: String,
    /// Bytes of the file that it is about.
    pub span: Range<usize>,
    /// Of the span's first character, both from 1.
    pub line: usize,
    pub column: usize,
    pub severity: Severity,
    pub reason: String,
    /// Why it matters, and what to write instead.
    pub help: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// No case can run by it.
    Error,
    /// Cases run by it, perhaps not as was meant.
    Warning,
}

/// Collects the faults of one file.
pub struct FaultList<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub faults: Vec<ProcedureFault>,
}

impl FaultList<'_> {
    pub fn error(&mut self, span: Range<usize>, reason: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Error, span, reason.into(), help.into());
    }

    pub fn warn(&mut self, span: Range<usize>, reason: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Warning, span, reason.into(), help.into());
    }

    fn add(&mut self, severity: Severity, span: Range<usize>, reason: String, help: String) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let (line, column) =
            (before.matches('\n').count() + 1, before.chars().rev().take_while(|it| *it != '\n'));
        let column = column.count() + 1;
        let file = self.file.to_owned();
        self.faults.push(ProcedureFault { file, span, line, column, severity, reason, help });
    }
}

/// The word among `known` that `word` was most likely meant to be.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |it: &&str| strsim::osa_distance(word, it);
    let found = known.into_iter().min_by_key(distance)?;
    (distance(&found) <= (word.chars().count() / 3).max(1) || found.starts_with(word)).then_some(found)
}

/// What to write in place of `word`: the nearest of `known`, or all of them.
pub fn instead(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(found) => format!("did you mean \"{found}\"? There are: {}", known.join(", ")),
        None => format!("write one of: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant_is_found_and_a_strange_one_is_left_alone() {
        let known = ["except", "escalate", "roles", "relation"];
        assert_eq!(nearest("excepts", known), Some("except"));
        assert_eq!(nearest("esclate", known), Some("escalate"));
        assert_eq!(nearest("rolse", known), Some("roles"));
        assert_eq!(nearest("mayor", known), None);
        assert_eq!(nearest("", []), None);
    }

    #[test]
    fn a_place_is_told_in_lines_and_characters() {
        let text = "一 = 1\n二 = { 三 = 4 }\n";
        let mut list = FaultList { file: "a.toml", text, faults: Vec::new() };
        let at = text.find('三').unwrap();
        list.warn(at..at + 3, "odd", "mend it");
        let fault = &list.faults[0];
        assert_eq!((fault.line, fault.column, &text[fault.span.clone()]), (2, 7, "三"));
        assert_eq!(fault.to_string(), "a.toml:2:7: odd; mend it");
        assert_eq!(fault.severity, Severity::Warning);
    }
}
