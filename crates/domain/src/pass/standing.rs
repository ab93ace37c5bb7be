//! Who may ask for whom.

use kernel::{Id, Organization, Person};
use policy::{Action, Actor, Purpose, Resource};
use store::Tx;

use super::{
    action::secret,
    helper,
    model::{EvidenceKind, Regime},
    query,
    vault::Secret,
};
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

    /// Says in the journal that somebody acted for the person, who sees it, as what they did and in no post that they may
    /// have; of one's own acts and a desk's reading nothing more is said.
    pub fn record_act(&self, tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime) -> Result<(), Refusal> {
        let By::Helper(kind) = self.by else { return Ok(()) };
        let action =
            if kind == EvidenceKind::Guardian { "pass.act_as_guardian" } else { "pass.act_as_agent" };
        let actor = Actor { appointments: Vec::new(), ..ctx.actor.clone() };
        let entry = Entry::new(regime.county, action, SubjectKind::Person, self.person.uuid());
        let entry = entry.about(self.person, Some(Purpose::Service));
        journal::record(tx, &Ctx { actor, ..ctx.clone() }, &entry)
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

/// How the actor stands to `person` at the desk that serves them. The reading is journaled for good before anything is done
/// by it: what a desk is refused tells of the person as well. What one may not is not there.
fn at_desk(ctx: &Ctx, number: u16, person: Id<Person>) -> Result<Standing, Refusal> {
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let holder = secret(ctx, &regime)?.holder(person);
        let (_, path) = resident::home_of(tx, person)?.ok_or(Refusal::NotFound)?;
        let resource = Resource::Person { id: person, area: &path };
        let read = Action::PersonRead { purpose: Some(Purpose::Service) };
        ctx.must_see(read, resource)?;
        let (name, _) = resident::name_and_phone(tx, person)?.ok_or(Refusal::NotFound)?;
        let entry = Entry::new(regime.county, "person.read", SubjectKind::Person, person.uuid());
        let post = ctx.in_the_post_that(|alone| alone.may(read, resource));
        journal::record(tx, &post, &entry.about(person, Some(Purpose::Service)))?;
        let desk = post.actor.appointments.first().map(|it| it.organization);
        Ok(Standing { person, holder, name, by: By::Desk(desk) })
    })
}

/// Does something for `person` in one transaction, beside which only a desk's reading stands.
pub(super) fn acting<T>(
    ctx: &Ctx,
    number: u16,
    person: Id<Person>,
    mut work: impl FnMut(&mut Tx<'_>, &Regime, &Secret, &Standing) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    ctx.person()?;
    let done = ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        let near = near(tx, ctx, &regime, &secret, person)?;
        near.map(|it| work(tx, &regime, &secret, &it)).transpose()
    })?;
    if let Some(done) = done {
        return Ok(done);
    }
    let desk = at_desk(ctx, number, person)?;
    ctx.write(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        work(tx, &regime, &secret, &desk)
    })
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
    let desk = at_desk(ctx, number, person)?;
    ctx.read(|tx| {
        let regime = query::seen(tx, number)?;
        let secret = secret(ctx, &regime)?;
        work(tx, &regime, &secret, &desk)
    })
}
