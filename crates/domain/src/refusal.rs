use store::{Retry, StoreError};

/// Why something was not done. The edge turns it into a page or problem details; the words stand in the locales.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not there, or not for this actor to see: the two look alike.
    #[error("not found")]
    NotFound,
    #[error("sign in first")]
    SignIn,
    /// The actor may see the thing, but not do this.
    #[error("not allowed")]
    Denied,
    /// What was sent is not as it should be; nothing was changed.
    #[error("{} field(s) at fault", .0.len())]
    Invalid(Vec<Fault>),
    /// The thing has moved on since it was read; nothing was changed.
    #[error("conflict: {}", .0.id)]
    Conflict(Message),
    #[error("too many attempts")]
    TooMany { retry_after_seconds: u64 },
    #[error("storage full")]
    Full,
    #[error("unavailable: {0}")]
    Unavailable(String),
    #[error("broken: {0}")]
    Broken(String),
    /// Another writer came first; the transaction is run again.
    #[error("another writer changed the same row")]
    Again,
}

impl Refusal {
    /// Whether it lies in the one thing that was dealt with, so that the next may do; and not in the city's storage.
    pub fn is_of_one(&self) -> bool {
        !matches!(self, Refusal::Unavailable(_) | Refusal::Full | Refusal::Again)
    }
}

/// One field that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub field: String,
    pub message: Message,
}

/// A message of the locales with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: &'static str,
    pub arguments: Vec<(&'static str, String)>,
}

impl Message {
    pub fn new(id: &'static str) -> Self {
        Self { id, arguments: Vec::new() }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.arguments.push((name, value.to_string()));
        self
    }
}

/// Collects faults, so that a form is told all of them at once.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, field: impl Into<String>, message: Message) {
        self.0.push(Fault { field: field.into(), message });
    }

    pub fn check(&self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0.clone())) }
    }
}

impl Refusal {
    /// One field at fault.
    pub fn invalid(field: impl Into<String>, message: Message) -> Self {
        Refusal::Invalid(vec![Fault { field: field.into(), message }])
    }

    pub fn conflict(id: &'static str) -> Self {
        Refusal::Conflict(Message::new(id))
    }
}

impl Retry for Refusal {
    fn retry(&self) -> bool {
        matches!(self, Refusal::Again)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Refusal::Full,
            StoreError::Unavailable(reason) => Refusal::Unavailable(reason),
            // Actions look before they insert: what is there all the same came in between.
            StoreError::Conflict | StoreError::Duplicate(_) => Refusal::Again,
            StoreError::Broken(reason) => Refusal::Broken(reason),
        }
    }
}
