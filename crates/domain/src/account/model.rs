use kernel::{Account as AccountName, Area, AreaPath, Id, Person, Session as SessionName, Timestamp};

/// An account as it is created. `password_hash` is what `hash_password` gives.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub id: Id<AccountName>,
    pub person: Id<Person>,
    pub county: Id<Area>,
    pub login_name: String,
    pub password_hash: String,
    pub created_at: Timestamp,
}

/// An account as an administrator sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRow {
    pub id: Id<AccountName>,
    pub person: Id<Person>,
    pub county: Id<Area>,
    pub county_path: AreaPath,
    pub login_name: String,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
}

/// One signed-in device, as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    pub id: Id<SessionName>,
    pub device: String,
    pub created_at: Timestamp,
    /// Exact to a few minutes.
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    /// The one that asks.
    pub current: bool,
}

/// What a password is checked against. Not for the eyes of anybody, so it has no `Debug`.
pub struct Credentials {
    pub account: Id<AccountName>,
    pub login_name: String,
    pub password_hash: String,
    pub disabled: bool,
}

/// Who holds an account.
pub struct Holder {
    pub account: Id<AccountName>,
    pub person: Id<Person>,
    pub county: Id<Area>,
    pub name: String,
    pub disabled: bool,
}

/// A session found by its token, and who holds it.
pub struct Found {
    pub session: Id<SessionName>,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub holder: Holder,
}
