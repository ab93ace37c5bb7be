//! What is asked and how it is weighted; pure.

use xform::form::{Control, ControlKind, DataType, Field};

/// How the answers to a question are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// One of several choices.
    One,
    /// Any number of choices at once.
    Several,
    Integer,
    Decimal,
    Date,
    /// A date with a time.
    Moment,
    Time,
    Text,
    /// Places, files, orders of choices: counted, and not shown.
    Other,
}

impl Kind {
    pub const ALL: [Kind; 9] = [
        Kind::One,
        Kind::Several,
        Kind::Integer,
        Kind::Decimal,
        Kind::Date,
        Kind::Moment,
        Kind::Time,
        Kind::Text,
        Kind::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::One => "one",
            Kind::Several => "several",
            Kind::Integer => "integer",
            Kind::Decimal => "decimal",
            Kind::Date => "date",
            Kind::Moment => "moment",
            Kind::Time => "time",
            Kind::Text => "text",
            Kind::Other => "other",
        }
    }

    /// None of what only tells something and asks nothing.
    pub(super) fn of(control: &Control, field: &Field) -> Option<Kind> {
        let is_readonly = field.readonly.as_ref().is_some_and(|it| it.text.trim() == "true()");
        let kind = match (control.kind, field.data_type) {
            (ControlKind::SelectOne, _) => Kind::One,
            (ControlKind::SelectMultiple, _) => Kind::Several,
            (ControlKind::Input | ControlKind::Range, data_type) => match data_type {
                DataType::Int => Kind::Integer,
                DataType::Decimal => Kind::Decimal,
                DataType::Date => Kind::Date,
                DataType::DateTime => Kind::Moment,
                DataType::Time => Kind::Time,
                DataType::String if is_readonly && field.calculate.is_none() => return None,
                DataType::String | DataType::Barcode => Kind::Text,
                _ => Kind::Other,
            },
            _ => Kind::Other,
        };
        Some(kind)
    }

    pub fn has_choices(self) -> bool {
        matches!(self, Kind::One | Kind::Several)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    /// The value again of what the form offers no more.
    pub label: String,
    pub is_offered: bool,
}

/// A question of one or more versions of a form, as the latest that has it asks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Names it in addresses: its path, and its kind where an earlier version asked another kind under the same path.
    pub key: String,
    pub path: String,
    pub name: String,
    pub label: String,
    pub kind: Kind,
    /// As the form has it: `select_one` is told by `kind`.
    pub data_type: &'static str,
    /// The path of the nearest repeat around it: its answers are counted by instances.
    pub repeat: Option<String>,
    /// In the order of the form, and behind them those that were chosen and are offered no more.
    pub choices: Vec<Choice>,
    /// The form's own rules, as it writes them.
    pub relevant: String,
    pub constraint: String,
    pub required: String,
    /// The version that is handed out does not ask it, or asks it otherwise.
    pub is_former: bool,
}

/// What records are weighted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weighting {
    /// Each record counts once.
    #[default]
    None,
    /// Each unit counts alike, however many records it has.
    Units,
    /// Each area counts by the residents that are registered there.
    Residents,
    /// By its households.
    Households,
}

impl Weighting {
    pub const ALL: [Weighting; 4] =
        [Weighting::None, Weighting::Units, Weighting::Residents, Weighting::Households];

    pub fn as_str(self) -> &'static str {
        match self {
            Weighting::None => "none",
            Weighting::Units => "units",
            Weighting::Residents => "residents",
            Weighting::Households => "households",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}
