use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use kernel::{Account, Area, AreaPath, Id, Organization, Person, Role, Session, Timestamp};
use policy::{Action, Actor, Appointment, Policy, Resource};
use sha2::Sha256;
use store::{Db, Tx};
use uuid::Uuid;

use crate::{Refusal, calendar, case, evaluation, form, journal, pass, statistic, supervision};

/// Everything that is the same for every request of a running city.
pub struct City {
    pub db: Db,
    pub policy: Policy,
    pub procedures: case::Procedures,
    pub classes: case::Catalogue,
    pub calendars: calendar::Calendars,
    pub supervision: supervision::Levels,
    pub evaluation: evaluation::Rules,
    pub statistic: statistic::Definitions,
    pub photos: case::PhotoFolder,
    pub forms: form::Library,
    pub log: journal::CityLog,
    pub passes: pass::KeyFolder,
    pub clock: Box<dyn Clock>,
    pub ids: Box<dyn Ids>,
    /// Signs the secret links of cases; 32 bytes that only this city knows.
    pub key: [u8; 32],
}

impl City {
    /// An id that stands for `parts` in this city, a version 8 UUID: the same again for the same, and nobody without the
    /// city's key can tell one from the other.
    pub(crate) fn derived_id<K>(&self, purpose: &str, parts: &[&[u8]]) -> Id<K> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length is taken");
        mac.update(purpose.as_bytes());
        parts.iter().for_each(|part| mac.update(part));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Id::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// Where time comes from.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Where ids and secrets come from.
pub trait Ids: Send + Sync {
    /// A version 7 UUID of `now`.
    fn next(&self, now: Timestamp) -> Uuid;
    /// 32 bytes that nobody can guess.
    fn secret(&self) -> [u8; 32];
}

/// Who asks, when, in which city. Every action takes one.
#[derive(Clone)]
pub struct Ctx {
    pub city: Arc<City>,
    pub actor: Actor,
    pub signed_in: Option<SignedIn>,
    pub now: Timestamp,
}

/// What is known of a signed-in actor beyond their rights.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub person: Id<Person>,
    pub county: Id<Area>,
    pub name: String,
    pub account: Id<Account>,
    pub session: Id<Session>,
}

impl Ctx {
    /// An actor that has not signed in.
    pub fn anonymous(city: Arc<City>) -> Self {
        let now = city.clock.now();
        Self { city, actor: Actor::anonymous(), signed_in: None, now }
    }

    /// The clock, which acts for nobody.
    pub fn system(city: Arc<City>) -> Self {
        Self { actor: Actor::system(), ..Self::anonymous(city) }
    }

    pub fn id<K>(&self) -> Id<K> {
        Id::from_uuid(self.city.ids.next(self.now))
    }

    pub fn may(&self, action: Action<'_>, resource: Resource<'_>) -> bool {
        self.city.policy.may(&self.actor, action, resource)
    }

    /// Refuses with `NotFound`, for things that must not show that they exist.
    pub fn must_see(&self, action: Action<'_>, resource: Resource<'_>) -> Result<(), Refusal> {
        if self.may(action, resource) { Ok(()) } else { Err(Refusal::NotFound) }
    }

    /// Refuses with `SignIn` or `Denied`, for things that the actor may know of.
    pub fn must(&self, action: Action<'_>, resource: Resource<'_>) -> Result<(), Refusal> {
        match (self.may(action, resource), &self.signed_in) {
            (true, _) => Ok(()),
            (false, None) => Err(Refusal::SignIn),
            (false, Some(_)) => Err(Refusal::Denied),
        }
    }

    /// The signed-in person, or a request to sign in.
    pub fn person(&self) -> Result<&SignedIn, Refusal> {
        self.signed_in.as_ref().ok_or(Refusal::SignIn)
    }

    /// The role and body that the actor acts for; in their first appointment where the act does not tell.
    pub fn office(&self) -> (Role, Option<Id<Organization>>) {
        match (self.actor.appointments.first(), &self.signed_in) {
            (Some(it), _) => (it.role, Some(it.organization)),
            (None, Some(_)) => (Role::Resident, None),
            (None, None) => (Role::Anonymous, None),
        }
    }

    /// The body of the actor's office that acts in one of `roles` for `path`; never `other`.
    pub fn acting(
        &self,
        roles: &[Role],
        path: &AreaPath,
        other: Option<Id<Organization>>,
    ) -> Option<Id<Organization>> {
        let acts = |it: &&Appointment| {
            roles.contains(&it.role) && path.is_within(&it.area) && Some(it.organization) != other
        };
        self.actor.appointments.iter().find(acts).map(|it| it.organization)
    }

    /// The actor in the first of their posts in which alone they may do it, which is the one to be named; as they are where no
    /// post alone does.
    pub fn in_the_post_that(&self, may: impl Fn(&Ctx) -> bool) -> Ctx {
        if self.actor.appointments.len() < 2 {
            return self.clone();
        }
        let mut posts = self.actor.appointments.iter().map(|post| Ctx {
            actor: Actor { appointments: vec![post.clone()], ..self.actor.clone() },
            ..self.clone()
        });
        posts.find(may).unwrap_or_else(|| self.clone())
    }

    pub fn write<T>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.city.db.write(work).map_err(settled)
    }

    pub fn read<T>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.city.db.read(work).map_err(settled)
    }
}

/// A conflict that outlasted every attempt means that the database is too busy.
fn settled(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Again => Refusal::Unavailable("too many writers at the same row".into()),
        refusal => refusal,
    }
}
