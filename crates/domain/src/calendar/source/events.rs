//! iCalendar: whole-day events of a feed of public holidays. Such feeds mark whether people are off (休) or work (班)
//! in `X-APPLE-SPECIAL-DAY`, or in the summary alone.

use icalendar::parser::{Component, read_calendar, unfold};
use jiff::{ToSpan, civil};

use super::{
    super::{fault::Reason, model::DayKind},
    Reader, Span,
};

/// Components in each other; a feed of events has two.
const DEPTH_MAX: usize = 8;
const SPECIAL_DAY: &str = "X-APPLE-SPECIAL-DAY";

pub fn read(reader: &mut Reader, text: &str) {
    // Reading goes down with each component.
    if let Some(line) = too_deep(text) {
        return reader.fault(line, Reason::Calendar("components stand too deep in each other".into()));
    }
    let unfolded = unfold(text);
    let calendar = match read_calendar(&unfolded) {
        Ok(calendar) => calendar,
        Err(error) => {
            let reason = error.lines().find(|line| !line.trim().is_empty()).unwrap_or("it is cut short");
            return reader.fault(1, Reason::Calendar(reason.chars().take(200).collect()));
        }
    };
    let events: Vec<_> = calendar.components.iter().filter(|it| it.name.as_str() == "VEVENT").collect();
    let lines = lines_of_events(text);
    // A feed that marks days so holds festivals on which nobody is off, too.
    let marks = events.iter().any(|it| it.find_prop(SPECIAL_DAY).is_some());
    for (index, event) in events.iter().enumerate() {
        let line = lines.get(index).copied().unwrap_or(1);
        if !reader.row(line) {
            return;
        }
        one(reader, line, event, marks);
    }
}

fn one(reader: &mut Reader, line: usize, event: &Component<'_>, marks: bool) {
    let value = |name: &str| event.find_prop(name).map(|it| it.val.as_str());
    let summary = value("SUMMARY").unwrap_or_default();
    let kind = match value(SPECIAL_DAY) {
        Some("WORK-HOLIDAY") => Some(DayKind::Holiday),
        Some("ALTERNATE-WORKDAY") => Some(DayKind::Workday),
        _ if marks => return,
        // 补班 and 调休上班 name the holiday that they make up for: what people do is said by 班.
        _ if summary.contains('班') => Some(DayKind::Workday),
        _ if summary.contains('休') || summary.contains('假') => Some(DayKind::Holiday),
        _ => None,
    };
    let Some((first, last)) = span(value("DTSTART"), value("DTEND")) else {
        return reader.fault(line, Reason::NoDay);
    };
    if first.year() > reader.year || last.year() < reader.year {
        reader.sheet.skipped += 1;
        return;
    }
    let Some(kind) = kind else {
        return reader.fault(line, Reason::NeitherOffNorWork(summary.chars().take(40).collect()));
    };
    if value("RRULE").is_some() {
        return reader.fault(line, Reason::Recurs);
    }
    let name = reader.name(line, summary);
    // A holiday over New Year belongs to two years, and to this one with the days that are its own.
    let (from, to) = (civil::date(reader.year, 1, 1), civil::date(reader.year, 12, 31));
    reader.days(line, (first.max(from), last.min(to)), kind, &name);
}

/// The end of an event is the day after its last.
fn span(start: Option<&str>, end: Option<&str>) -> Option<Span> {
    let day = |text: &str| civil::Date::strptime("%Y%m%d", text).ok();
    let first = day(start?)?;
    let last = match end {
        None => first,
        Some(end) => day(end)?.checked_sub(1.day()).ok()?,
    };
    (first <= last).then_some((first, last))
}

/// The lines on which events begin, in order.
fn lines_of_events(text: &str) -> Vec<usize> {
    let begins = |line: &str| line.trim_end().eq_ignore_ascii_case("BEGIN:VEVENT");
    text.lines().enumerate().filter(|(_, line)| begins(line)).map(|(at, _)| at + 1).collect()
}

fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, line) in text.lines().enumerate() {
        let is = |word: &str| line.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word));
        depth = if is("BEGIN:") { depth + 1 } else { depth.saturating_sub(usize::from(is("END:"))) };
        if depth > DEPTH_MAX {
            return Some(at + 1);
        }
    }
    None
}
