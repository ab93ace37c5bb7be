use kernel::{ApiKey as ApiKeyName, Id, Timestamp};

/// Reports a minute and a day of a key for which nobody said a number.
pub const PER_MINUTE_DEFAULT: i64 = 60;
pub const PER_DAY_DEFAULT: i64 = 5_000;
/// The most that can be said.
pub(super) const PER_MINUTE_MAX: i64 = 10_000;
pub(super) const PER_DAY_MAX: i64 = 10_000_000;

/// A key as an administrator sees it; the key itself is with its holder alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    pub id: Id<ApiKeyName>,
    /// Id of the first key of the system that holds it.
    pub system: Id<ApiKeyName>,
    /// Name of that system.
    pub name: String,
    /// Reports that it may make in a minute, and in a day.
    pub per_minute: i64,
    pub per_day: i64,
    pub from: Timestamp,
    /// When it was revoked.
    pub to: Option<Timestamp>,
}

impl ApiKey {
    /// For the same system as `old`: what that reported, this may add to.
    pub(super) fn of_the_system_of(self, old: ApiKey) -> Self {
        let name = if self.name.is_empty() { old.name } else { self.name };
        Self { system: old.system, name, ..self }
    }
}

/// A key as it is asked for.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Of the system that will hold it; empty for the name that the replaced key has.
    pub name: String,
    /// The key instead of which the same system will use it.
    pub replaces: Option<Id<ApiKeyName>>,
    pub per_minute: i64,
    pub per_day: i64,
}
