//! Who may ask for whom.

use kernel::{Id, Organization, Person};
use policy::{Action, Purpose, Resource};
use store::Tx;

use super::{action::secret, desk::serves, helper, model::EvidenceKind, model::Regime, query, vault::Secret};
use crate::{
    Ctx, Refusal,
    journal::{self, Entry, SubjectKind},
    resident,
};

/// By what somebody asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Oneself,
    /// A guardian or an agent.
    Helper(EvidenceKind),
    /// An office: its body, where one serves the person.
    Desk(Option<Id<Organization>>),
}

/// Whom the actor may ask for, and by what.
pub(super) struct Standing {
    pub person: Id<Person>,
    pub holder: Vec<u8>,
    pub name: String,
    pub by: By,
}

impl Standing {
    pub fn desk(&self) -> Option<Id<Organization>> {
        match self.by {
            By::Desk(body) => body,
            By::Oneself | By::Helper(_) => None,
        }
    }

    /// Whether what was stated about the person is theirs to know: an agent was let in for passes alone.
    pub fn is_close(&self) -> bool {
        self.by != By::Helper(EvidenceKind::Mandate)
    }

    /// Says in the journal that somebody acted for the person, who sees it; of one's own acts and a desk's reading nothing
    /// more is said.
    pub fn record_act(&self, tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime) -> Result<(), Refusal> {
        let By::Helper(_) = self.by else { return Ok(()) };
        let entry = Entry::new(regime.county, "pass.act_for", SubjectKind::Person, self.person.uuid());
        journal::record(tx, ctx, &entry.about(self.person, Some(Purpose::Service)))
    }
}

/// How the actor stands to `person` without any office: it is they, or whom they look after, or who lets them.
fn near(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    person: Id<Person>,
) -> Result<Option<Standing>, Refusal> {
    let me = ctx.person()?.person;
    let holder = secret.holder(person);
    let by = match me == person {
        true => Some(By::Oneself),
        false => helper::helps(tx, regime, secret, &holder, me)?.map(By::Helper),
    };
    let Some(by) = by else { return Ok(None) };
    let (name, _) = resident::name_and_phone(tx, person)?.ok_or(Refusal::NotFound)?;
    Ok(Some(Standing { person, holder, name, by }))
}

/// How the actor stands to `person`: near, or at the desk that serves the person; of the last the reading is journaled. What
/// one may not is not there.
pub(super) fn standing(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    person: Id<Person>,
) -> Result<Standing, Refusal> {
    if let Some(near) = near(tx, ctx, regime, secret, person)? {
        return Ok(near);
    }
    let (_, path) = resident::home_of(tx, person)?.ok_or(Refusal::NotFound)?;
    let resource = Resource::Person { id: person, area: &path };
    ctx.must_see(Action::PersonRead { purpose: Some(Purpose::Service) }, resource)?;
    let (name, _) = resident::name_and_phone(tx, person)?.ok_or(Refusal::NotFound)?;
    let entry = Entry::new(regime.county, "person.read", SubjectKind::Person, person.uuid());
    journal::record(tx, ctx, &entry.about(person, Some(Purpose::Service)))?;
    let mut posts = ctx.actor.appointments.iter();
    let desk = posts.find(|it| serves(it.role) && path.is_within(&it.area)).map(|it| it.organization);
    Ok(Standing { person, holder: secret.holder(person), name, by: By::Desk(desk) })
}

/// Looks at what `person` has. Only a desk's looking is written down, so that nobody else waits for a writer.
pub(super) fn looking<T>(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
    mut work: impl FnMut(&mut Tx<'_>, &Regime, &Secret, &Standing) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    ctx.person()?;
    let seen = ctx.read(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let near = near(tx, ctx, &regime, &secret, person)?;
        near.map(|it| work(tx, &regime, &secret, &it)).transpose()
    })?;
    if let Some(seen) = seen {
        return Ok(seen);
    }
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let standing = standing(tx, ctx, &regime, &secret, person)?;
        work(tx, &regime, &secret, &standing)
    })
}
