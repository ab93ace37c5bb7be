//! What the page of a year shows.

use askama::Template;
use domain::{
    area::Area,
    calendar::{DayKind, Origin, Year, YearDay},
};
use jiff::civil;
use kernel::{Timestamp, limits};

use crate::{locale::Translator, shell::Shell};

#[derive(Template)]
#[template(path = "calendar/year.html")]
pub struct YearPage {
    shell: Shell,
    area: Area,
    /// The areas above, root first.
    above: Vec<Area>,
    year: i16,
    is_known: bool,
    before: Option<i16>,
    after: Option<i16>,
    workdays: usize,
    weekdays: Vec<Weekday>,
    months: Vec<Month>,
    spans: Vec<Span>,
    hours: Vec<Span>,
    /// Whose words it is put together from, nearest first, with where they come from.
    origins: Vec<(String, Option<String>)>,
}

/// Its short name, and the whole for those who hear it.
struct Weekday {
    short: String,
    whole: String,
}

struct Month {
    name: String,
    weeks: Vec<[Option<DayCell>; 7]>,
}

#[derive(Clone)]
struct DayCell {
    number: i8,
    /// `day`, with what it is
    class: &'static str,
    /// A letter for those who do not see the colour.
    mark: Option<String>,
    /// What it is, in words.
    words: String,
    is_today: bool,
}

/// Days of one kind, from the first to the last.
struct Span {
    kind: &'static str,
    what: String,
    days: String,
    /// Who says so.
    origin: String,
}

impl YearPage {
    pub fn new(shell: Shell, it: Year, above: Vec<Area>) -> Self {
        let t = shell.t.clone();
        let today = shell.now.civil().date();
        let in_range = |year: &i16| (limits::CALENDAR_YEAR_MIN..=limits::CALENDAR_YEAR_MAX).contains(year);
        let named = |origin: &Origin| origin.area.as_ref().map(|(_, name)| name.clone());
        let origin =
            |at: usize| it.origins.get(at).and_then(named).unwrap_or_else(|| t.say("calendar-of-file"));
        let entered = |origin: &Origin| {
            let entered = origin.entered.as_ref()?;
            let at = t.date(entered.at, shell.now);
            Some(t.with2("calendar-entered", ("source", &entered.source), ("date", &at)))
        };
        let hours = it.hours.iter().map(|hours| {
            let periods: Vec<String> = hours.hours.periods.iter().map(ToString::to_string).collect();
            let name = match hours.hours.name.as_str() {
                "" => t.say("calendar-hours-usual"),
                name => name.to_owned(),
            };
            Span {
                kind: "hours",
                what: format!("{name} · {}", periods.join(&t.say("list-comma"))),
                days: days(&t, hours.hours.first, hours.hours.last),
                origin: origin(hours.origin),
            }
        });
        Self {
            year: it.year,
            is_known: it.is_known,
            before: Some(it.year - 1).filter(in_range),
            after: Some(it.year + 1).filter(in_range),
            workdays: it.days.iter().filter(|day| day.is_workday).count(),
            weekdays: (1..=7).map(|day| weekday(&t, day)).collect(),
            months: (1..=12).map(|month| of_month(&t, &it.days, month, today)).collect(),
            spans: spans(&t, &it.days, origin),
            hours: hours.collect(),
            origins: it
                .origins
                .iter()
                .map(|it| (named(it).unwrap_or_else(|| t.say("calendar-of-file")), entered(it)))
                .collect(),
            area: it.area,
            above,
            shell,
        }
    }
}

fn weekday(t: &Translator, day: i8) -> Weekday {
    Weekday { short: t.say(&format!("weekday-short-{day}")), whole: t.say(&format!("weekday-{day}")) }
}

fn of_month(t: &Translator, days: &[YearDay], month: i8, today: civil::Date) -> Month {
    let mut weeks: Vec<[Option<DayCell>; 7]> = Vec::new();
    for day in days.iter().filter(|it| it.date.month() == month) {
        let column = day.date.weekday().to_monday_zero_offset() as usize;
        if weeks.is_empty() || column == 0 {
            weeks.push(Default::default());
        }
        if let Some(week) = weeks.last_mut() {
            week[column] = Some(cell(t, day, today));
        }
    }
    Month { name: t.say(&format!("month-{month}")), weeks }
}

fn cell(t: &Translator, day: &YearDay, today: civil::Date) -> DayCell {
    let kind = day.said.as_ref().map(|(_, said)| said.kind);
    let (class, word) = match (kind, day.is_workday) {
        (Some(DayKind::Holiday), _) => ("day day--holiday", "holiday"),
        (Some(DayKind::Workday), _) => ("day day--adjusted", "adjusted"),
        (None, true) => ("day", "workday"),
        (None, false) => ("day day--weekend", "weekend"),
    };
    let name = day.said.as_ref().map_or("", |(_, said)| said.name.as_str());
    let words = t.say(&format!("calendar-{word}"));
    DayCell {
        number: day.date.day(),
        class,
        mark: kind.map(|_| t.say(&format!("calendar-mark-{word}"))),
        words: words_of(words, name),
        is_today: day.date == today,
    }
}

/// What a day is, and its own name where that says more.
fn words_of(words: String, name: &str) -> String {
    if name.is_empty() || name == words { words } else { format!("{words} · {name}") }
}

/// Days that follow each other and are called the same are told together.
fn spans(t: &Translator, all: &[YearDay], origin: impl Fn(usize) -> String) -> Vec<Span> {
    let mut found: Vec<(civil::Date, civil::Date, usize, DayKind, String)> = Vec::new();
    for day in all {
        let Some((at, said)) = &day.said else { continue };
        match found.last_mut() {
            Some((_, last, origin, kind, name))
                if last.tomorrow().ok() == Some(day.date)
                    && (*origin, *kind, name.as_str()) == (*at, said.kind, said.name.as_str()) =>
            {
                *last = day.date;
            }
            _ => found.push((day.date, day.date, *at, said.kind, said.name.clone())),
        }
    }
    let span = |(first, last, at, kind, name): (civil::Date, civil::Date, usize, DayKind, String)| {
        let word = if kind == DayKind::Holiday { "holiday" } else { "adjusted" };
        let words = t.say(&format!("calendar-{word}"));
        Span { kind: word, what: words_of(words, &name), days: days(t, first, last), origin: origin(at) }
    };
    found.into_iter().map(span).collect()
}

fn days(t: &Translator, first: civil::Date, last: civil::Date) -> String {
    let date = |it: civil::Date| {
        let at = Timestamp::from_civil(it.at(0, 0, 0, 0));
        // The year stands in the heading.
        let weekday = weekday(t, it.weekday().to_monday_one_offset());
        t.with2("calendar-day", ("date", &t.date(at, at)), ("weekday", &weekday.whole))
    };
    match first == last {
        true => date(first),
        false => t.with2("area-from-to", ("from", &date(first)), ("to", &date(last))),
    }
}
