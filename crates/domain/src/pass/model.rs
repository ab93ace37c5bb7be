use std::fmt::Display;

use kernel::{Area, AreaPath, Evidence, Id, Organization, Regime as RegimeName, Timestamp};
use pass_format::{KeyId, KeyRecord, PublicKey, StatusPlace};

use super::{rule::Group, vault::hex};
use crate::{Message, Refusal};

/// Days that a regime may last.
pub const REGIME_DAYS_MAX: i64 = 90;
/// Seconds that a pass may be valid: short, so that little has to be revoked and nothing can be followed for long.
pub const PASS_SECONDS: std::ops::RangeInclusive<i64> = 3_600..=7 * 86_400;
/// People beyond whom one body cannot take facts back in a day, or withdraw a key, alone. A rule it never changes alone.
pub const TOUCHED_MAX: i64 = 20;
/// Seconds by which a new key stands in the bundle before it signs, so that every checkpoint knows it.
pub const KEY_KNOWN_SECONDS: i64 = 48 * 3_600;
/// Passes of one person, or of a household, that are valid at once: for a phone, another one, and paper.
pub const VALID_MAX: usize = 4;
/// Places in the list that one of those has at once, ended ones among them: who gets and ends passes in turn fills no list.
pub const PLACES_MAX: usize = 12;
/// Kinds of place of a regime.
pub const SCOPES_MAX: usize = pass_format::SCOPES_MAX;
/// Of a list no more than this part is given, so that a free place is soon drawn.
pub const FULL_PERCENT: i64 = 80;

/// An order under which passes are given.
#[derive(Clone, Debug, PartialEq)]
pub struct Regime {
    pub number: u16,
    pub id: Id<RegimeName>,
    /// The county or city of its area: all rows of the regime lie there.
    pub county: Id<Area>,
    pub area: Id<Area>,
    pub path: AreaPath,
    pub state: State,
    pub title: String,
    pub legal_basis: String,
    pub order_number: String,
    pub purposes: String,
    /// What a checkpoint may do.
    pub duties: String,
    /// The body that ordered it.
    pub organization: Id<Organization>,
    pub start: Timestamp,
    pub end: Timestamp,
    /// Kinds of place, from the lowest bit.
    pub scopes: Vec<String>,
    pub bearer: Bearer,
    pub pass_seconds: i64,
    /// Places in its status list.
    pub entries: i64,
    pub proposed_at: Timestamp,
    /// The body that had the second word.
    pub decided_by: Option<Id<Organization>>,
    pub decided_at: Option<Timestamp>,
    /// The ground of that.
    pub note: String,
    /// The last day of which counts were published, in days since 1970.
    pub counted_day: i64,
    /// When the certificate of its deletion was written.
    pub deleted_at: Option<Timestamp>,
    pub revision: i64,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text)
            }
        }
    };
}

words! {
    /// Where an order stands. That its time is over shows by its end, not here.
    State {
        Proposed = "proposed",
        Refused = "refused",
        InForce = "in_force",
        /// Its secret is destroyed, its data deleted, the certificate written.
        Deleted = "deleted",
    }
}

words! {
    /// What a pass says of whoever carries it.
    Bearer {
        Nothing = "nothing",
        /// The first character of a name.
        Name = "name",
        /// The first character and the last digits of a vehicle's plate.
        Vehicle = "vehicle",
        /// The number at the door of a home: one pass for all who live there.
        Household = "household",
    }
}

words! {
    RuleState {
        Proposed = "proposed",
        Refused = "refused",
        InForce = "in_force",
        Replaced = "replaced",
    }
}

words! {
    /// What can be stated for a regime.
    EvidenceKind {
        /// Works at the body that states it.
        Works = "works",
        /// Has a vehicle with this plate.
        Vehicle = "vehicle",
        /// Is looked after by a guardian of the same household.
        Guardian = "guardian",
        /// Lets an agent ask.
        Mandate = "mandate",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Refuse,
}

/// A regime as a body proposes it.
#[derive(Clone, Debug)]
pub struct NewRegime {
    pub area: String,
    pub title: String,
    pub legal_basis: String,
    pub order_number: String,
    pub purposes: String,
    pub duties: String,
    pub start: Timestamp,
    pub end: Timestamp,
    /// One a line.
    pub scopes: String,
    pub bearer: Bearer,
    pub pass_seconds: i64,
    /// How many people are likely to carry passes: it sizes the list.
    pub holders: i64,
    pub rule: String,
}

/// One version of a regime's rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleVersion {
    pub version: i64,
    pub state: RuleState,
    pub text: String,
    /// People whose outcome would change, as counted when it was proposed.
    pub affected: i64,
    pub proposed_by: Id<Organization>,
    pub proposed_at: Timestamp,
    pub decided_by: Option<Id<Organization>>,
    pub decided_at: Option<Timestamp>,
    /// When all whom it changed had been judged by it.
    pub settled_at: Option<Timestamp>,
}

/// The public side of an office's key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyState {
    pub number: i64,
    pub organization: Id<Organization>,
    pub public: Vec<u8>,
    pub issue_from: Timestamp,
    pub issue_until: Timestamp,
    pub verify_until: Timestamp,
    pub withdrawn_at: Option<Timestamp>,
    pub reason: Option<String>,
    /// The body that asks for its withdrawal, while another has not decided.
    pub asked_by: Option<Id<Organization>>,
    /// Passes that end with it.
    pub affected: Option<i64>,
}

/// The offices that work under a regime, by name.
#[derive(Clone, Debug)]
pub struct DutyOffice {
    pub organization: Id<Organization>,
    pub name: String,
}

/// What the rule in force came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub number: i64,
    pub rule_version: i64,
    pub is_granted: bool,
    /// What did not hold, class by class.
    pub failed: Vec<Group>,
    pub at: Timestamp,
}

/// Whom one may ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Holder {
    pub person: Id<kernel::Person>,
    pub name: String,
    /// By which evidence; none for oneself.
    pub by: Option<EvidenceKind>,
    pub evidence: Option<Id<Evidence>>,
}

/// A pass that was given, as its holder sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub index: i64,
    pub key_number: i64,
    pub not_before: Timestamp,
    pub expires: Timestamp,
    pub revoked: Option<(Timestamp, String)>,
    pub is_key_withdrawn: bool,
}

impl Held {
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && !self.is_key_withdrawn && self.not_before <= now && now < self.expires
    }
}

/// Refuses a further pass to whoever has `held`. What a withdrawn key signed is nobody's fault and does not count.
pub(super) fn must_have_room(held: &[Held], bearer: Bearer) -> Result<(), Message> {
    let own = || held.iter().filter(|it| !it.is_key_withdrawn);
    if own().filter(|it| it.revoked.is_none()).count() >= VALID_MAX {
        let is_household = bearer == Bearer::Household;
        let id = if is_household { "conflict-pass-household-many" } else { "conflict-pass-many" };
        return Err(Message::new(id).with("max", VALID_MAX));
    }
    if own().count() >= PLACES_MAX {
        return Err(Message::new("conflict-pass-places").with("max", PLACES_MAX));
    }
    Ok(())
}

impl Regime {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == State::InForce && self.start <= now && now < self.end
    }

    /// Its title and number, by which people are told of it.
    pub fn called(&self) -> String {
        format!("{} {}", self.title, self.order_number)
    }

    /// As checkpoints know it.
    pub fn to_format(&self, office: &str) -> pass_format::Regime {
        pass_format::Regime {
            number: self.number,
            title: self.title.clone(),
            legal_basis: self.legal_basis.clone(),
            order_number: self.order_number.clone(),
            office: office.to_owned(),
            start: seconds(self.start),
            end: seconds(self.end),
            scopes: self.scopes.clone(),
            pass_seconds_max: u64::try_from(self.pass_seconds).unwrap_or(0),
            status: Some(StatusPlace {
                uri: self.list_uri(),
                entries: u64::try_from(self.entries).unwrap_or(0),
            }),
        }
    }

    /// Where its status list is, below the city's address.
    pub fn list_uri(&self) -> String {
        format!("/pass/status/{}", self.number)
    }

    /// A bit for each kind of place.
    pub fn scope(&self) -> u16 {
        ((1_u32 << self.scopes.len().min(SCOPES_MAX)) - 1) as u16
    }
}

impl KeyState {
    pub fn to_format(&self, regime: &Regime, office: &str) -> Result<KeyRecord, Refusal> {
        let key = PublicKey::new(pass_format::Algorithm::Ed25519, &self.public).map_err(broken)?;
        Ok(KeyRecord {
            id: KeyId::new(&key.id()).map_err(broken)?,
            key,
            office: office.to_owned(),
            regimes: vec![regime.number],
            scope: regime.scope(),
            issue_from: seconds(self.issue_from),
            issue_until: seconds(self.issue_until),
            verify_until: seconds(self.verify_until),
            withdrawn_at: self.withdrawn_at.map(seconds),
        })
    }

    /// The first bytes of the SHA-256 of its public half, in hexadecimal: how passes name it.
    pub fn id(&self) -> String {
        let key = PublicKey::new(pass_format::Algorithm::Ed25519, &self.public);
        key.map(|it| hex(&it.id())).unwrap_or_default()
    }

    /// Whether it signs at `now`.
    pub fn signs(&self, now: Timestamp) -> bool {
        self.withdrawn_at.is_none() && self.issue_from <= now && now < self.issue_until
    }
}

pub fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.micros().div_euclid(1_000_000)).unwrap_or(0)
}

pub fn broken(error: impl Display) -> Refusal {
    Refusal::Broken(error.to_string())
}

pub fn unavailable(error: impl Display) -> Refusal {
    Refusal::Unavailable(format!("the secret of a regime: {error}"))
}
