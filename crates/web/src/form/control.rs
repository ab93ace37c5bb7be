//! Questions as browsers ask them, and answers as records keep them.

use xform::{
    check::fill::Question,
    form::{ControlKind, DataType},
};

use crate::locale::Translator;

/// Choices that are all seen at a time; more are a list that opens.
const SEEN_CHOICES_MAX: usize = 12;
/// Sent in place of a file that was there and is not wanted.
pub const NO_FILE: &str = "no-file";
/// What China's clocks are ahead of Greenwich: dates and times are said without it, and kept with it.
const OFFSET: &str = ":00.000+08:00";

pub struct Control {
    /// Of the element, within the page.
    pub id: String,
    /// Under which its answer is sent.
    pub name: String,
    pub label: String,
    pub hint: String,
    pub value: String,
    pub is_required: bool,
    pub kind: Kind,
    pub fault: Option<String>,
}

pub enum Kind {
    /// Only read.
    Note,
    Line {
        kind: &'static str,
        mode: &'static str,
    },
    Lines,
    Number {
        min: String,
        max: String,
        step: String,
    },
    OneOf(Vec<Choice>),
    OneOfMany(Vec<Choice>),
    SomeOf(Vec<Choice>),
    /// An order of choices: a list for each place.
    Order(Vec<Vec<Choice>>),
    Agree,
    File {
        accept: String,
    },
}

pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

impl Control {
    /// `known`: what was known before it was asked, and from where.
    pub fn new(
        t: &Translator,
        it: &Question,
        number: usize,
        fault: Option<String>,
        known: Option<String>,
    ) -> Self {
        let kind = kind(it);
        let hint = match (&kind, it.hint.is_empty()) {
            (_, false) => it.hint.clone(),
            (Kind::Line { .. }, true) if it.data_type == DataType::Geopoint => t.say("forms-geopoint-hint"),
            _ => String::new(),
        };
        Self {
            id: format!("q{number}"),
            name: it.path.clone(),
            label: label(it),
            hint: [Some(hint).filter(|it| !it.is_empty()), known]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("\n"),
            value: shown(it),
            is_required: it.is_required,
            kind,
            fault,
        }
    }

    /// Attributes that tie a control to its hint and fault. All of it is ours: the id is a number.
    pub fn described(&self) -> String {
        let hint = if self.hint.is_empty() { String::new() } else { format!("{}-hint", self.id) };
        match (&self.fault, hint.is_empty()) {
            (Some(_), _) => format!(" aria-invalid=\"true\" aria-describedby=\"{hint} {}-error\"", self.id),
            (None, false) => format!(" aria-describedby=\"{hint}\""),
            (None, true) => String::new(),
        }
    }
}

/// What a question is called; a question without words by its own name.
pub fn label(it: &Question) -> String {
    match it.label.as_str() {
        "" => it.path.rsplit('/').next().unwrap_or_default().to_owned(),
        label => label.to_owned(),
    }
}

pub fn is_upload(it: &Question) -> bool {
    it.kind == ControlKind::Upload
}

fn kind(it: &Question) -> Kind {
    if it.is_readonly {
        return Kind::Note;
    }
    let chosen: Vec<&str> = it.value.split(' ').collect();
    let choices = |is_chosen: &dyn Fn(&str) -> bool| -> Vec<Choice> {
        let choice = |(value, label): &(String, String)| {
            let is_chosen = is_chosen(value);
            Choice { value: value.clone(), label: label.clone(), is_chosen }
        };
        it.choices.iter().map(choice).collect()
    };
    match it.kind {
        ControlKind::SelectOne
            if it.choices.len() > SEEN_CHOICES_MAX || it.appearance.contains("minimal") =>
        {
            Kind::OneOfMany(choices(&|value| value == it.value))
        }
        ControlKind::SelectOne => Kind::OneOf(choices(&|value| value == it.value)),
        ControlKind::SelectMultiple => Kind::SomeOf(choices(&|value| chosen.contains(&value))),
        ControlKind::Rank => {
            let place = |place: usize| choices(&|value| chosen.get(place) == Some(&value));
            Kind::Order((0..it.choices.len()).map(place).collect())
        }
        ControlKind::Range => {
            let attribute = |name: &str| {
                let found = it.attributes.iter().find(|(it, _)| it == name);
                found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
            };
            Kind::Number { min: attribute("start"), max: attribute("end"), step: attribute("step") }
        }
        ControlKind::Upload => {
            let accept = it.attributes.iter().find(|(name, _)| name == "mediatype");
            let accept = accept.map_or("", |(_, value)| value.as_str());
            Kind::File { accept: if accept == "application/*" { String::new() } else { accept.to_owned() } }
        }
        ControlKind::Trigger => Kind::Agree,
        ControlKind::Input => match it.data_type {
            DataType::Int => Kind::Line { kind: "text", mode: "numeric" },
            DataType::Decimal => Kind::Line { kind: "text", mode: "decimal" },
            DataType::Date => Kind::Line { kind: "date", mode: "" },
            DataType::Time => Kind::Line { kind: "time", mode: "" },
            DataType::DateTime => Kind::Line { kind: "datetime-local", mode: "" },
            _ if it.appearance.contains("multiline") => Kind::Lines,
            _ => Kind::Line { kind: "text", mode: "" },
        },
    }
}

/// A kept answer as a browser's control takes it.
fn shown(it: &Question) -> String {
    let length = match it.data_type {
        DataType::DateTime => "2026-11-20T09:00".len(),
        DataType::Time => "09:00".len(),
        _ => return it.value.clone(),
    };
    it.value.get(..length).unwrap_or_default().to_owned()
}

/// What a control sent as it is kept.
pub fn value(it: &Question, sent: &[&str]) -> String {
    let first = sent.first().copied().unwrap_or_default().trim();
    match (it.kind, it.data_type) {
        (ControlKind::SelectMultiple | ControlKind::Rank, _) => {
            let chosen: Vec<&str> = sent.iter().copied().filter(|it| !it.is_empty()).collect();
            chosen.join(" ")
        }
        // What was kept to the second stays so, unless it is changed.
        (_, DataType::DateTime | DataType::Time) if first == shown(it) => it.value.clone(),
        (_, DataType::DateTime | DataType::Time) if !first.is_empty() => format!("{first}{OFFSET}"),
        _ => first.replace("\r\n", "\n"),
    }
}

/// An answer as people read it.
pub fn answer(t: &Translator, it: &Question) -> String {
    let label = |value: &str| {
        let found = it.choices.iter().find(|(known, _)| known == value);
        found.map_or_else(|| value.to_owned(), |(_, label)| label.clone())
    };
    match it.kind {
        ControlKind::SelectOne => label(&it.value),
        ControlKind::SelectMultiple | ControlKind::Rank => {
            it.value.split(' ').map(label).collect::<Vec<_>>().join(&t.say("forms-list-comma"))
        }
        ControlKind::Trigger => t.say("forms-agreed"),
        _ => shown(it),
    }
}

/// A name of its own for a file that answers the question at `path`: senders call all theirs `image.jpg`, and what is taken
/// out and put in again is another file.
pub fn file_name(path: &str, sent: &str, id: uuid::Uuid) -> String {
    let end = sent.rsplit_once('.').map_or("", |(_, end)| end);
    let end: String = end.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let place: Vec<String> = path
        .split('/')
        .skip(2)
        .map(|part| part.chars().filter(|it| it.is_alphanumeric() || *it == '_').collect())
        .collect();
    let name: String = place.join("-").chars().take(100).collect();
    let id = id.simple();
    if end.is_empty() { format!("{name}-{id}") } else { format!("{name}-{id}.{end}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: ControlKind, data_type: DataType, value: &str) -> Question {
        Question {
            path: "/data/a".into(),
            kind,
            data_type,
            label: String::new(),
            hint: String::new(),
            value: value.into(),
            choices: Vec::new(),
            is_required: false,
            is_readonly: false,
            appearance: String::new(),
            attributes: Vec::new(),
        }
    }

    #[test]
    fn a_moment_is_shown_without_and_kept_with_its_offset() {
        let kept = "2026-11-20T09:05:33.120+08:00";
        let it = question(ControlKind::Input, DataType::DateTime, kept);
        assert_eq!(shown(&it), "2026-11-20T09:05");
        assert_eq!(value(&it, &["2026-11-20T09:05"]), kept);
        assert_eq!(value(&it, &["2026-11-20T09:06"]), "2026-11-20T09:06:00.000+08:00");
        assert_eq!(value(&it, &[""]), "");
    }

    #[test]
    fn several_choices_are_one_answer_and_none_is_none() {
        let it = question(ControlKind::SelectMultiple, DataType::String, "a b");
        assert_eq!((value(&it, &["b", "c"]).as_str(), value(&it, &[]).as_str()), ("b c", ""));
        assert_eq!(value(&question(ControlKind::Input, DataType::String, ""), &[" 一组 "]), "一组");
    }

    #[test]
    fn a_file_is_called_after_its_question() {
        let id = uuid::Uuid::nil();
        assert_eq!(
            file_name("/data/pen[2]/photo", "IMG 1.JPEG", id),
            format!("pen2-photo-{}.JPEG", id.simple())
        );
        assert_eq!(
            file_name("/data/photo", "../../etc/passwd", id),
            format!("photo-{}.etcpassw", id.simple())
        );
    }
}
