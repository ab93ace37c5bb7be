//! `${name}`: the question of that name, from where it stands.

use super::{
    element::ElementKind,
    fault::SheetFault,
    survey::{SHEET, Survey},
};
use crate::xml::{continues_name, starts_name};

const LAST_SAVED: &str = "last-saved#";

/// A reference in a text, with the bytes that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    pub name: &'a str,
    pub is_last_saved: bool,
    pub start: usize,
    pub end: usize,
}

pub fn references(text: &str) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find("${") {
        let start = at + offset;
        at = start + 2;
        let inner = &text[at..];
        let (inner, is_last_saved) = match inner.strip_prefix(LAST_SAVED) {
            Some(rest) => (rest, true),
            None => (inner, false),
        };
        let length = name_length(inner);
        if length > 0 && inner[length..].starts_with('}') {
            let skipped = if is_last_saved { LAST_SAVED.len() } else { 0 };
            let end = at + skipped + length + 1;
            found.push(Reference { name: &inner[..length], is_last_saved, start, end });
            at = end;
        }
    }
    found
}

pub fn name_length(text: &str) -> usize {
    let mut characters = text.char_indices();
    match characters.next() {
        Some((_, first)) if starts_name(first) => {}
        _ => return 0,
    }
    characters.find(|it| !continues_name(it.1)).map_or(text.len(), |it| it.0)
}

pub fn has_reference(text: &str) -> bool {
    !references(text).is_empty()
}

/// Whether the text is one reference and nothing else.
pub fn is_reference(text: &str) -> bool {
    matches!(references(text).as_slice(), [only] if only.start == 0 && only.end == text.len())
}

/// How paths are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With `current()/` before a relative path, as in a predicate over a list.
    pub uses_current: bool,
    /// From the repeat's parent on, so that a predicate can stand behind the repeat.
    pub from_parent: bool,
}

impl Survey {
    /// The text with paths in place of references.
    pub fn with_paths(&self, text: &str, context: usize, style: Style) -> Result<String, SheetFault> {
        let mut out = String::new();
        let mut last = 0;
        for reference in references(text) {
            out.push_str(&text[last..reference.start]);
            out.push_str(&self.path_of(text, &reference, context, style)?);
            last = reference.end;
        }
        out.push_str(&text[last..]);
        Ok(out)
    }

    /// What stands for one reference, with a space before and behind.
    pub fn path_of(
        &self,
        text: &str,
        reference: &Reference<'_>,
        context: usize,
        style: Style,
    ) -> Result<String, SheetFault> {
        let target = self.target(reference.name, context)?;
        if !reference.is_last_saved && is_relative(text, reference) {
            let uses_current = style.uses_current || in_list_predicate(text, reference);
            if let Some((steps, path)) = self.relative(target, context, style.from_parent) {
                let current = if uses_current { "current()/" } else { "" };
                return Ok(format!(" {current}{}{path} ", vec![".."; steps].join("/")));
            }
        }
        let last_saved = if reference.is_last_saved { "instance('__last-saved')" } else { "" };
        Ok(format!(" {last_saved}{} ", self.path(target)))
    }

    fn target(&self, name: &str, context: usize) -> Result<usize, SheetFault> {
        let named = self.elements.iter().enumerate().filter(|it| it.1.name == name);
        let found: Vec<usize> = named
            .filter(|it| {
                matches!(it.1.kind, ElementKind::Group | ElementKind::Repeat | ElementKind::Question(_))
            })
            .map(|it| it.0)
            .take(2)
            .collect();
        let row = self.elements[context].row;
        match found.as_slice() {
            [only] => Ok(*only),
            [] => {
                let near = self
                    .elements
                    .iter()
                    .map(|it| (strsim::jaro_winkler(&it.name, name), it.name.as_str()))
                    .max_by(|a, b| a.0.total_cmp(&b.0));
                let help = match near {
                    Some((likeness, near)) if likeness > 0.8 => format!("Is ${{{near}}} meant?"),
                    _ => "Write the name of a question of this sheet.".to_owned(),
                };
                Err(SheetFault::new(
                    SHEET,
                    row,
                    "",
                    format!("there is no question {name} for ${{{name}}}"),
                    help,
                ))
            }
            _ => Err(SheetFault::new(
                SHEET,
                row,
                "",
                format!("several questions are called {name}, so ${{{name}}} could be any of them"),
                "Give each a name of its own.",
            )),
        }
    }

    /// Steps up and the path down, if both lie in one repeat.
    fn relative(&self, target: usize, context: usize, from_parent: bool) -> Option<(usize, String)> {
        let repeats = |it: &usize| self.elements[*it].kind == ElementKind::Repeat;
        let (repeat_steps, repeat) = self.common(context, target, |it| repeats(&it))?;
        if from_parent {
            let nearest = |of: usize| self.above(of).find(repeats);
            let repeat_in_repeat = self.above(repeat).any(|it| repeats(&it));
            if nearest(target) == Some(repeat) && (!repeat_in_repeat || nearest(context) != Some(repeat)) {
                let top = self.elements[repeat].parent?;
                return Some((repeat_steps + 1, self.path_below(target, top)));
            }
        }
        let sections = |it: usize| {
            matches!(self.elements[it].kind, ElementKind::Group | ElementKind::Repeat | ElementKind::Hidden)
        };
        let (steps, top) = self.common(context, target, sections)?;
        Some((steps, self.path_below(target, top)))
    }

    /// The nearest element above both that passes the test, and how far above the first it is.
    fn common(&self, one: usize, other: usize, test: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
        let above_other: Vec<usize> = self.above(other).collect();
        let found = self.above(one).enumerate().find(|(_, it)| test(*it) && above_other.contains(it));
        found.map(|(index, it)| (index + 1, it))
    }

    pub fn above(&self, element: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.elements[element].parent, |it| self.elements[*it].parent)
    }

    fn path_below(&self, element: usize, top: usize) -> String {
        let mut names = vec![self.elements[element].name.as_str()];
        let above = self.above(element).take_while(|it| *it != top).filter(|it| !self.elements[*it].is_flat);
        names.extend(above.map(|it| self.elements[it].name.as_str()));
        names.reverse();
        format!("/{}", names.join("/"))
    }

    /// The path from the root.
    pub fn path(&self, element: usize) -> String {
        let mut path = String::new();
        let mut names: Vec<usize> = self.above(element).collect();
        names.reverse();
        names.push(element);
        names.retain(|it| !self.elements[*it].is_flat);
        for it in names {
            let at = if self.elements[it].kind == ElementKind::Attribute { "@" } else { "" };
            path.push_str(&format!("/{at}{}", self.elements[it].name));
        }
        path
    }
}

/// In `indexed-repeat(node, repeat, index, …)` the node and the repeats are named from the root.
fn is_relative(text: &str, reference: &Reference<'_>) -> bool {
    const CALL: &str = "indexed-repeat(";
    let Some(begin) = text[..reference.start].rfind(CALL) else { return true };
    let arguments = begin + CALL.len();
    let end = text[arguments..].find(')').map_or(text.len(), |it| arguments + it);
    if reference.start > end {
        return true;
    }
    let index = text[arguments..reference.start].matches(',').count();
    ![0, 1, 3, 5].contains(&index)
}

/// Whether the reference stands in brackets of an expression over a list.
fn in_list_predicate(text: &str, reference: &Reference<'_>) -> bool {
    let Some(instance) = text.find("instance(") else { return false };
    if instance > reference.start && !text[instance..].contains(')') {
        return false;
    }
    let before = &text[..reference.start];
    match before.rfind('[') {
        Some(open) => !before[open..].contains(']') && text[reference.end..].contains(']'),
        None => false,
    }
}

/// Kinds whose values have hyphens that subtract nothing.
const HYPHENATED: [&str; 5] = ["date", "dateTime", "geopoint", "geotrace", "geoshape"];

/// Whether a default has to be calculated: it calls, adds or names something.
pub fn is_dynamic(text: &str, type_name: &str) -> bool {
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let first = rest.chars().next().unwrap_or(' ');
        if let Some(length) = literal_length(rest) {
            at += length;
        } else if rest.starts_with(" mod ") || rest.starts_with(" div ") {
            return true;
        } else if let '*' | '+' | '-' = first {
            return !(first == '-' && HYPHENATED.contains(&type_name));
        } else if first == '|' || references(rest).first().is_some_and(|it| it.start == 0) {
            return true;
        } else {
            let mut length = name_length(rest);
            if length > 0 && rest[length..].starts_with(':') {
                let more = name_length(&rest[length + 1..]);
                length += if more > 0 { more + 1 } else { 0 };
            }
            if length > 0 && rest[length..].starts_with(['(', '[']) {
                return true;
            }
            at += length.max(first.len_utf8());
        }
    }
    false
}

/// Bytes of a date, time, number or quoted text at the beginning.
fn literal_length(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if let '"' | '\'' = first {
        return text[1..].find(first).map(|it| it + 2);
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let sign = usize::from(first == '-');
    let shape = |at: usize, pattern: &str| {
        pattern.bytes().enumerate().all(|(index, it)| match it {
            b'0' => digit(at + index),
            other => bytes.get(at + index) == Some(&other),
        })
    };
    if shape(sign, "0000-00-00") {
        let date = sign + 10;
        return Some(if shape(date, "T00:00:00") { date + 9 } else { date });
    }
    if shape(0, "00:00:00") {
        return Some(8);
    }
    let whole = (sign..bytes.len()).take_while(|it| digit(*it)).count();
    let point = sign + whole;
    let part = (point + 1..bytes.len()).take_while(|it| digit(*it)).count();
    if bytes.get(point) == Some(&b'.') && whole + part > 0 {
        return Some(point + 1 + part);
    }
    (whole > 0).then_some(point)
}
