use super::field::{FieldId, Rule};

/// What the body shows, in its order.
#[derive(Clone, Debug)]
pub enum Item {
    Control(Box<Control>),
    Group(Group),
    Repeat(Repeat),
}

#[derive(Clone, Debug)]
pub struct Group {
    /// None for a group that only arranges.
    pub field: Option<FieldId>,
    pub label: Option<Text>,
    pub hint: Option<Text>,
    pub appearance: String,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug)]
pub struct Repeat {
    pub field: FieldId,
    pub appearance: String,
    /// `jr:noAddRemove`: people neither add nor remove instances.
    pub is_fixed: bool,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug)]
pub struct Control {
    pub kind: ControlKind,
    pub field: FieldId,
    pub label: Option<Text>,
    pub hint: Option<Text>,
    pub appearance: String,
    pub choices: Choices,
    /// Its other attributes: `mediatype`, `start`, `end`, `step`, `rows`, `query`, …
    pub attributes: Vec<(String, String)>,
}

impl Control {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlKind {
    Input,
    SelectOne,
    SelectMultiple,
    Rank,
    Range,
    Upload,
    Trigger,
}

/// What a person reads.
#[derive(Clone, Debug)]
pub enum Text {
    /// The same in every language.
    Plain(Vec<TextPart>),
    /// The id of a text of the translations.
    Translated(String),
}

#[derive(Clone, Debug)]
pub enum TextPart {
    Literal(String),
    /// `<output value="…"/>`: what an expression gives here.
    Output(Rule),
}

#[derive(Clone, Debug)]
pub enum Choices {
    None,
    Inline(Vec<Choice>),
    Itemset(Itemset),
}

#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: Text,
}

/// Choices from a list: the items, and where in an item its value and label are.
#[derive(Clone, Debug)]
pub struct Itemset {
    pub nodeset: Rule,
    pub value: Rule,
    pub label: Option<Rule>,
}
