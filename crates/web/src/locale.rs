//! Words in the user's language, from `locales/<language>/*.ftl`. `zh-Hans` is first, `en` complete.

use std::{borrow::Borrow, collections::BTreeMap, fmt::Display};

use domain::Message;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use kernel::Timestamp;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "locales"]
struct Files;

/// Languages that a page can be in, the first for those who ask for none of them.
pub const LANGUAGES: [Language; 2] = [Language::ZhHans, Language::En];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    ZhHans,
    En,
}

impl Language {
    pub fn tag(self) -> &'static str {
        match self {
            Language::ZhHans => "zh-Hans",
            Language::En => "en",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        LANGUAGES.into_iter().find(|language| language.tag() == text)
    }

    /// The first language of an `Accept-Language` header that there is.
    pub fn accepted(header: &str) -> Self {
        let tags = header
            .split(',')
            .map(|part| part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let known = |tag: String| match tag.split('-').next() {
            Some("zh") => Some(Language::ZhHans),
            Some("en") => Some(Language::En),
            _ => None,
        };
        tags.take(20).find_map(known).unwrap_or(Language::ZhHans)
    }
}

pub struct Locales(BTreeMap<Language, FluentBundle<FluentResource>>);

impl Locales {
    /// Reads the embedded files. A fault in them is a fault of the build and stops the start.
    pub fn load() -> Self {
        Self(LANGUAGES.into_iter().map(|language| (language, bundle(language))).collect())
    }

    /// The message `id` with `arguments`; a message that is not there shows its id, and a test finds it.
    fn say(&self, language: Language, id: &str, arguments: &[(&str, String)]) -> String {
        let (id, attribute) = id.split_once('.').map_or((id, None), |(id, attribute)| (id, Some(attribute)));
        let Some((bundle, message)) = self.0.get(&language).and_then(|it| Some((it, it.get_message(id)?)))
        else {
            tracing::error!(id, language = language.tag(), "no such message");
            return id.to_owned();
        };
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute).map(|it| it.value()),
            None => message.value(),
        };
        let Some(pattern) = pattern else { return id.to_owned() };
        let mut fluent = FluentArgs::new();
        for (name, value) in arguments {
            // Numbers choose plural forms.
            let value =
                value.parse::<i64>().map_or_else(|_| FluentValue::from(value.clone()), FluentValue::from);
            fluent.set(*name, value);
        }
        bundle.format_pattern(pattern, Some(&fluent), &mut Vec::new()).into_owned()
    }
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![language.tag().parse().expect("a language tag")]);
    bundle.set_use_isolating(false);
    for name in Files::iter().filter(|name| name.starts_with(&format!("{}/", language.tag()))) {
        let file = Files::get(&name).expect("it was just listed");
        let text = String::from_utf8(file.data.into_owned()).expect("locales are UTF-8");
        let resource =
            FluentResource::try_new(text).unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
        bundle.add_resource(resource).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    }
    bundle
}

/// Name and value of an argument; templates pass tuples by reference.
pub trait Argument {
    fn pair(&self) -> (&str, String);
}

impl<T: Display> Argument for (&str, T) {
    fn pair(&self) -> (&str, String) {
        (self.0, self.1.to_string())
    }
}

impl<A: Argument + ?Sized> Argument for &A {
    fn pair(&self) -> (&str, String) {
        (**self).pair()
    }
}

/// Speaks one language. What templates call `t`.
#[derive(Clone)]
pub struct Translator {
    locales: std::sync::Arc<Locales>,
    pub language: Language,
}

impl Translator {
    pub fn new(locales: std::sync::Arc<Locales>, language: Language) -> Self {
        Self { locales, language }
    }

    pub fn say(&self, id: &str) -> String {
        self.locales.say(self.language, id, &[])
    }

    pub fn with(&self, id: &str, name: &str, value: impl ToString) -> String {
        self.locales.say(self.language, id, &[(name, value.to_string())])
    }

    pub fn with2(&self, id: &str, first: impl Argument, second: impl Argument) -> String {
        self.locales.say(self.language, id, &[first.pair(), second.pair()])
    }

    pub fn message(&self, message: &Message) -> String {
        let arguments: Vec<(&str, String)> =
            message.arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
        self.locales.say(self.language, message.id, &arguments)
    }

    /// A date in the language's own form, without the year in the current one.
    pub fn date(&self, at: impl Borrow<Timestamp>, now: impl Borrow<Timestamp>) -> String {
        let (it, today) = (at.borrow().civil(), now.borrow().civil());
        let id = if it.year() == today.year() { "date" } else { "date-with-year" };
        let month = self.say(&format!("month-{}", it.month()));
        let parts = [("year", it.year().to_string()), ("month", month), ("day", it.day().to_string())];
        self.locales.say(self.language, id, &parts)
    }

    /// Date and time of day.
    pub fn moment(&self, at: impl Borrow<Timestamp>, now: impl Borrow<Timestamp>) -> String {
        let it = at.borrow().civil();
        format!("{} {:02}:{:02}", self.date(at.borrow(), now.borrow()), it.hour(), it.minute())
    }

    /// A length of time in its two largest units, at least a minute.
    pub fn duration(&self, seconds: i64) -> String {
        let minutes = (seconds.abs() / 60).max(1);
        let (id, first, second) = match minutes {
            1_440.. => ("duration-days", minutes / 1_440, minutes % 1_440 / 60),
            60..1_440 => ("duration-hours", minutes / 60, minutes % 60),
            _ => ("duration-minutes", minutes, 0),
        };
        self.with2(id, ("first", &first), ("second", &second))
    }

    /// How long to wait: seconds below a minute, else the minutes that are surely enough.
    pub fn wait(&self, seconds: u64) -> String {
        match seconds {
            0..60 => self.with("duration-seconds", "first", seconds.max(1)),
            _ => self.duration(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_add(59)),
        }
    }

    /// A number with its digits grouped by threes.
    pub fn number(&self, number: impl Borrow<i64>) -> String {
        let number = *number.borrow();
        let digits = number.unsigned_abs().to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().filter_map(|it| std::str::from_utf8(it).ok()).collect();
        format!("{}{}", if number < 0 { "-" } else { "" }, groups.join(","))
    }

    /// A decimal number with the digits before its point in groups.
    pub fn decimal(&self, number: &str) -> String {
        let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
        // Of what lies between minus one and none the sign is said by the text alone.
        let whole = whole
            .parse::<i64>()
            .ok()
            .filter(|it| *it != 0)
            .map(|it| self.number(it))
            .unwrap_or_else(|| whole.to_owned());
        whole + rest
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ids(language: Language) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for name in Files::iter().filter(|name| name.starts_with(&format!("{}/", language.tag()))) {
            let text = String::from_utf8(Files::get(&name).unwrap().data.into_owned()).unwrap();
            ids.extend(
                text.lines()
                    .filter_map(|line| Some(line.split_once(" =")?.0.to_owned()))
                    .filter(|id| id.starts_with(|it: char| it.is_ascii_lowercase()) && !id.contains(' ')),
            );
        }
        ids
    }

    #[test]
    fn every_language_says_the_same_things() {
        assert_eq!(ids(Language::ZhHans), ids(Language::En));
        Locales::load();
    }

    #[test]
    fn one_day_is_no_days() {
        let t = Translator::new(std::sync::Arc::new(Locales::load()), Language::En);
        let fault = |max: i64| t.message(&Message::new("fault-pause").with("max", max));
        let hint = |max: i64| t.with("relief-ask-pause-hint", "max", max);
        assert!(!fault(1).contains("days") && fault(2).contains("at most 2 days from now"), "{}", fault(1));
        assert!(
            hint(1).contains("at most one day from now") && hint(365).contains("at most 365 days from now")
        );
    }

    #[test]
    fn a_language_is_found_in_what_browsers_send() {
        assert_eq!(Language::accepted("en-GB,en;q=0.9,zh-CN;q=0.8"), Language::En);
        assert_eq!(Language::accepted("fr, zh-CN;q=0.8, en;q=0.5"), Language::ZhHans);
        assert_eq!(Language::accepted("mn"), Language::ZhHans);
    }
}
