/// Why the policies cannot be used. All are faults of the files that were compiled in.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("policy schema: {0}")]
    Schema(String),
    #[error("{file}: {reason}")]
    Syntax { file: String, reason: String },
    #[error("{file}: a policy has no @id; give it one that says what it grants")]
    Unnamed { file: String },
    #[error("two policies have the id \"{0}\"")]
    Duplicate(String),
    #[error("policies do not fit the schema:\n{0}")]
    Invalid(String),
    #[error("action \"{0}\" stands in the schema or in the code, not in both")]
    Action(String),
    #[error("policy \"{policy}\" names {entity}: policies speak of kinds, not of one place or person")]
    Particular { policy: String, entity: String },
    #[error("{action} for {role}: {reason}, which a list's scope cannot express")]
    Scope { action: &'static str, role: &'static str, reason: &'static str },
    #[error("the code's entities do not fit the policy schema: {0}")]
    Entities(String),
}

impl PolicyError {
    /// With all that the error tells of its causes.
    pub(crate) fn misfit(error: impl std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self::Entities(text)
    }
}
