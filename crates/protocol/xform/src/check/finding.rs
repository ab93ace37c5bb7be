use std::fmt;

/// Characters of a value that a finding repeats.
const VALUE_CHARACTERS_MAX: usize = 200;

/// What a form's rules say of a submission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// In the order of the form.
    pub findings: Vec<Finding>,
    /// Whether there were more findings than are told.
    pub is_cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Valid,
    Invalid,
    /// Nothing is wrong as far as could be seen, and something could not be.
    Unchecked,
}

impl Judgement {
    pub fn state(&self) -> State {
        if self.findings.iter().any(|it| it.rule != Rule::Unchecked) {
            State::Invalid
        } else if self.findings.is_empty() {
            State::Valid
        } else {
            State::Unchecked
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// With the position in each repeat: `/data/grid[2]/grid_households`.
    pub path: String,
    pub rule: Rule,
    /// What was sent there, at most its first characters.
    pub value: String,
    /// What the rule asks for: the expression, the type, the calculated value.
    pub expected: String,
    /// What the form itself says to whoever breaks the rule, in its own language.
    pub message: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The value is none of the field's type.
    Type,
    Constraint,
    Required,
    /// There is an answer to a question that is not asked.
    Relevant,
    /// The value is not among the choices.
    Choice,
    /// The value is not what the form calculates.
    Calculate,
    /// The value is fixed, and is another.
    Readonly,
    /// The form has no such node.
    Unknown,
    /// A node stands more often than it may, or a repeat not as often as it has to.
    Repeat,
    /// The rule could not be evaluated.
    Unchecked,
}

impl Rule {
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Type => "type",
            Rule::Constraint => "constraint",
            Rule::Required => "required",
            Rule::Relevant => "relevant",
            Rule::Choice => "choice",
            Rule::Calculate => "calculate",
            Rule::Readonly => "readonly",
            Rule::Unknown => "unknown",
            Rule::Repeat => "repeat",
            Rule::Unchecked => "unchecked",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}: ", self.path, self.rule.as_str())?;
        match (self.value.as_str(), self.expected.as_str()) {
            (value, "") => write!(out, "{value:?}")?,
            (value, expected) => write!(out, "{value:?}, expected: {expected}")?,
        }
        match &self.message {
            Some(message) => write!(out, " ({message})"),
            None => Ok(()),
        }
    }
}

pub(super) fn shortened(value: &str) -> String {
    match value.char_indices().nth(VALUE_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
