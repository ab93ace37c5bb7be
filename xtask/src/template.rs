//! Finds text for people in an HTML template: it belongs to the locale files.

use crate::finding::Finding;

const RULE: &str = "text-outside-locales";
const ADVICE: &str = "move it to crates/web/locales/*/ and show it through the translator";
/// Attributes that a browser or a screen reader shows.
const SHOWN_ATTRIBUTES: [&str; 9] = [
    "title",
    "alt",
    "placeholder",
    "label",
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "hx-confirm",
    "hx-prompt",
];
/// The product's own name is the same in every language.
const NAME: &str = "Olzii";

/// True when the text has a character of the CJK scripts or their punctuation.
pub fn has_cjk(text: &str) -> bool {
    text.chars().any(|character| {
        matches!(character, '\u{2e80}'..='\u{303f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{323af}')
    })
}

/// One finding a line that shows a text of its own.
pub fn check(file: &str, text: &str) -> Vec<Finding> {
    let without_comments = blank(&blank(text, "{#", "#}"), "<!--", "-->");
    let mut lines: Vec<(usize, String)> = without_comments
        .lines()
        .enumerate()
        .filter(|(_, line)| has_cjk(line))
        .map(|(index, line)| (index + 1, line.trim().to_owned()))
        .collect();
    // A block that fills an attribute of the base page holds names of classes, not words.
    let mut markup = without_comments.clone();
    for block in ["main_class", "body_class"] {
        markup = blank(&markup, &format!("{{% block {block} %}}"), "{% endblock %}");
    }
    markup = blank(&blank(&markup, "{{", "}}"), "{%", "%}");
    for element in ["script", "style"] {
        markup = blank(&markup, &format!("<{element}"), &format!("</{element}>"));
    }
    lines.extend(shown_texts(&markup).into_iter().filter(|(_, shown)| has_word(shown)));
    lines.sort();
    lines.dedup_by_key(|(line, _)| *line);
    lines
        .into_iter()
        .map(|(line, shown)| Finding::new(file, line, RULE, format!("\"{shown}\": {ADVICE}")))
        .collect()
}

/// Replaces everything from `start` to `end` by spaces, keeping the lines.
fn blank(text: &str, start: &str, end: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(from) = rest.find(start) {
        let inside = from + start.len();
        let to = rest[inside..].find(end).map_or(rest.len(), |length| inside + length + end.len());
        out.push_str(&rest[..from]);
        out.extend(rest[from..to].chars().map(|character| if character == '\n' { '\n' } else { ' ' }));
        rest = &rest[to..];
    }
    out + rest
}

/// The texts between tags and in shown attributes, a line each, with their lines.
fn shown_texts(markup: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = markup;
    while !rest.is_empty() {
        let (text, tag) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        for (index, part) in text.split('\n').enumerate() {
            found.push((line + index, part.trim().to_owned()));
        }
        line += text.matches('\n').count();
        let (tag, after) = tag.split_at(end_of_tag(tag));
        found.extend(shown_attributes(tag).map(|value| (line, value.trim().to_owned())));
        line += tag.matches('\n').count();
        rest = after;
    }
    found
}

/// The length of the tag at the start of `text`; a `>` inside quotes does not end it.
fn end_of_tag(text: &str) -> usize {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn shown_attributes(tag: &str) -> impl Iterator<Item = &str> {
    let is_button = ["type=\"submit\"", "type=\"button\""].iter().any(|kind| tag.contains(kind));
    tag.match_indices('=').filter_map(move |(at, _)| {
        let name = tag[..at].rsplit(char::is_whitespace).next()?;
        let quote = tag[at + 1..].chars().next().filter(|quote| ['"', '\''].contains(quote))?;
        let value = tag[at + 2..].split(quote).next()?;
        (SHOWN_ATTRIBUTES.contains(&name) || (is_button && name == "value")).then_some(value)
    })
}

/// True when two Latin letters stand side by side, outside entities and the product's name.
fn has_word(text: &str) -> bool {
    let text = text.replace(NAME, "");
    let outside_entities = text.split('&').enumerate().map(|(index, part)| match part.split_once(';') {
        Some((entity, after)) if index > 0 && !entity.contains(' ') => after,
        _ => part,
    });
    outside_entities
        .flat_map(|part| part.split(|character: char| !character.is_alphabetic()))
        .any(|word| word.chars().count() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check("page.html", text).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_template_without_words_of_its_own_is_clean() {
        let text = "<!doctype html>\n{# 注释, a comment #}<!-- and another -->\n<html lang=\"{{ language }}\">
            <title>{{ t.get(\"page-title\") }} · Olzii</title><style>body { color: red }</style>
            {% if open > 3 %}<input name=\"place\" value=\"open\" placeholder=\"{{ hint }}\" pattern=\"a>b\">{% endif %}
            <p class='wide'>&nbsp;{{ count }} / 7 → &amp; ×</p><script>let words = \"here\";</script></html>";
        assert_eq!(lines(text), [0; 0]);
    }

    #[test]
    fn chinese_english_and_shown_attributes_are_found() {
        assert_eq!(lines("<p>\n  报告问题\n</p>"), [2]);
        assert_eq!(lines("<p>{{ \"报告\" }}</p>"), [1]);
        assert_eq!(lines("<p>\n{{ count }} cases</p>"), [2]);
        assert_eq!(lines("<img\nalt='A lamp'>\n<button aria-label=\"Close\">×</button>"), [1, 3]);
        assert_eq!(lines("<input type=\"submit\" value=\"Send\">"), [1]);
        assert_eq!(lines("<p>&lt;No&gt;</p>"), [1]);
    }
}
