use kernel::{ApiKey, AppUser, AreaPath, Case, Id, Organization, Person, Role};

/// The one who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// None: nobody known, whose appointments would not count.
    pub person: Option<Id<Person>>,
    /// Those that run at the moment of asking; past and coming ones are left out by the caller.
    pub appointments: Vec<Appointment>,
    /// The case whose secret link came with the request, or that the integration reported.
    pub followed_case: Option<Id<Case>>,
    /// Another system that reports for people of its own, by its key. Nothing else of the actor counts then.
    pub integration: Option<Integration>,
    /// A phone or program that sends records for forms. Nothing else of the actor counts then.
    pub app_user: Option<Id<AppUser>>,
    /// The clock, which acts for nobody.
    pub system: bool,
}

/// Another system, by one of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integration {
    pub key: Id<ApiKey>,
    /// What stays the same when its key is replaced: the id of its first.
    pub system: Id<ApiKey>,
}

/// One post of a person, as far as it matters for what they may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    pub role: Role,
    pub organization: Id<Organization>,
    pub area: AreaPath,
}

impl Actor {
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Somebody without an account who came by a case's secret link.
    pub fn follower(case: Id<Case>) -> Self {
        Self { followed_case: Some(case), ..Self::default() }
    }

    pub fn signed_in(person: Id<Person>, appointments: Vec<Appointment>) -> Self {
        Self { person: Some(person), appointments, ..Self::default() }
    }

    pub fn integration(key: Id<ApiKey>, system: Id<ApiKey>) -> Self {
        Self { integration: Some(Integration { key, system }), ..Self::default() }
    }

    pub fn app_user(id: Id<AppUser>) -> Self {
        Self { app_user: Some(id), ..Self::default() }
    }

    /// No person, but a system or an app by its key.
    pub(crate) fn is_machine(&self) -> bool {
        self.integration.is_some() || self.app_user.is_some()
    }

    pub fn system() -> Self {
        Self { system: true, ..Self::default() }
    }

    /// The posts that count: without a known person there are none, and nobody is appointed resident.
    pub(crate) fn posts(&self) -> impl Iterator<Item = &Appointment> {
        let known = self.person.is_some() && !self.is_machine() && !self.system;
        self.appointments
            .iter()
            .filter(move |it| known && !matches!(it.role, Role::Anonymous | Role::Resident))
    }

    /// What they are without any appointment.
    pub(crate) fn plain_role(&self) -> Role {
        if self.person.is_some() { Role::Resident } else { Role::Anonymous }
    }
}
