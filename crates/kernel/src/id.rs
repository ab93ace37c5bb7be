use std::{fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A UUID that knows what it names: an `Id<Case>` never stands where an `Id<Person>` is meant.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

/// Kinds of things that have ids. They are only names and have no values.
macro_rules! kinds { ($($(#[$doc:meta])* $kind:ident),* $(,)?) => { $($(#[$doc])* #[derive(Debug)] pub enum $kind {})* } }

kinds! {
    /// A unit of the six-tier tree.
    Area,
    /// A body that works in an area.
    Organization,
    /// A place in an organization that a person can hold.
    Post,
    /// A person's time in a post.
    Appointment,
    /// A natural person: resident or staff.
    Person,
    /// People who live together.
    Household,
    /// A dwelling or other premises.
    Premises,
    /// What somebody signs in with.
    Account,
    /// One signed-in device.
    Session,
    /// What another system reports with.
    ApiKey,
    /// Which body has to do with what, where: a row of the list.
    Responsibility,
    /// A piece of work on the loop.
    Case,
    /// A claim about what a case counts for.
    Claim,
    /// A photo of a case.
    Photo,
    /// An order to reply about a case.
    Supervision,
    /// What is asked: a form with all its versions.
    Form,
    /// One text of a form.
    FormVersion,
    /// One record that was sent for a form.
    Submission,
    /// What a phone or program sends submissions with.
    AppUser,
    /// A gate where passes are looked at.
    Checkpoint,
    /// A phone or scanner of a checkpoint.
    CheckpointDevice,
    /// An order under which passes are given.
    Regime,
    /// What is stated so that a rule gives a pass.
    Evidence,
    /// A form that was sent to units or people, with a day by which they answer.
    Campaign,
    /// One time that those who are silent are reminded.
    CampaignRound,
    /// What brought records of statistics.
    StatisticSet,
    /// A workbook with reports of units that waits to be entered.
    StatisticUpload,
    /// One record of who did what.
    JournalEntry,
    /// Something a person is told.
    Notice,
    /// A decision that a person is not told yet who read their record.
    Withholding,
}

impl<K> Id<K> {
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;

    /// Accepts only the hyphenated form, so that one id has one spelling.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        uuid::fmt::Hyphenated::from_str(text).map(|it| Self::from_uuid(it.into_uuid()))
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("not a UUID in hyphenated form"))
    }
}
