//! Text that people send: trimmed, bounded, without control characters.

use kernel::limits;

use crate::{Faults, Message};

/// One line, at most `LINE_CHARS_MAX` characters.
pub fn line(faults: &mut Faults, field: &str, text: &str) -> String {
    bounded(faults, field, text, limits::LINE_CHARS_MAX, false)
}

/// Several lines, at most `TEXT_CHARS_MAX` characters.
pub fn lines(faults: &mut Faults, field: &str, text: &str) -> String {
    bounded(faults, field, text, limits::TEXT_CHARS_MAX, true)
}

pub fn required(faults: &mut Faults, field: &str, text: String) -> String {
    if text.is_empty() {
        faults.add(field, Message::new("fault-required"));
    }
    text
}

fn bounded(faults: &mut Faults, field: &str, text: &str, chars_max: usize, breaks: bool) -> String {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().count() > chars_max {
        faults.add(field, Message::new("fault-too-long").with("max", chars_max));
        return String::new();
    }
    if text.chars().any(|it| it.is_control() && !(breaks && matches!(it, '\n' | '\t'))) {
        faults.add(field, Message::new("fault-control-character"));
        return String::new();
    }
    text
}

/// A mainland or international telephone number, kept as digits with an optional leading `+`.
pub fn phone(faults: &mut Faults, field: &str, text: &str) -> Option<String> {
    let kept: String = text.trim().chars().filter(|it| !matches!(it, ' ' | '-' | '(' | ')')).collect();
    if kept.is_empty() {
        return None;
    }
    let digits = kept.strip_prefix('+').unwrap_or(&kept);
    if !(5..=15).contains(&digits.len()) || !digits.bytes().all(|it| it.is_ascii_digit()) {
        faults.add(field, Message::new("fault-phone"));
        return None;
    }
    Some(kept)
}
