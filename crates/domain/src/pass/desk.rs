//! Finding the one person whom a desk or a body means, by name and telephone number as they say them.

use kernel::{AreaPath, Id, Organization, Person, Role};
use policy::{Action, Purpose, Resource};
use store::Tx;

use super::query;
use crate::{
    Ctx, Message, Refusal,
    journal::{self, Entry, SubjectKind},
    organization::{self, OrganizationKind},
    resident::{self, Found},
};

/// Somebody as they, or those they live with, say who they are.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub name: &'a str,
    pub phone: &'a str,
    /// Whose number it is, of who has none: somebody of the same household. Empty of one's own.
    pub member: &'a str,
}

impl<'a> Said<'a> {
    fn trimmed(self) -> Said<'a> {
        Said { name: self.name.trim(), phone: self.phone.trim(), member: self.member.trim() }
    }

    /// Whom it fits in an area.
    fn found_in(self, tx: &mut Tx<'_>, area: &AreaPath) -> Result<Option<Found>, Refusal> {
        match self.member.is_empty() {
            true => resident::by_name_and_phone(tx, Some(area), self.name, self.phone),
            false => resident::by_household(tx, area, self.name, self.member, self.phone),
        }
    }
}

/// Whether somebody in that role sits at a desk or comes to the door.
fn serves(role: Role) -> bool {
    role == Role::Acceptor || Role::GRID.contains(&role)
}

/// The desk's search: one person, by name and telephone number exactly, in an area that the desk serves; or by the number
/// of somebody they live with. That they were found is a reading of their record.
pub fn find_at_desk(ctx: &Ctx, said: Said<'_>) -> Result<Id<Person>, Refusal> {
    ctx.person()?;
    let said = said.trimmed();
    let areas: Vec<&AreaPath> =
        ctx.actor.appointments.iter().filter(|it| serves(it.role)).map(|it| &it.area).collect();
    if areas.is_empty() {
        return Err(Refusal::NotFound);
    }
    ctx.write(|tx| {
        for area in &areas {
            let Some(found) = said.found_in(tx, area)? else { continue };
            let resource = Resource::Person { id: found.person, area: &found.path };
            let read = Action::PersonRead { purpose: Some(Purpose::Service) };
            ctx.must_see(read, resource)?;
            let post = ctx.in_the_post_that(|alone| alone.may(read, resource));
            return record(tx, &post, &found);
        }
        Err(nobody())
    })
}

/// Whom a body means that names somebody as they call themselves: the one person with that name and number, since who works
/// here may live elsewhere. A community committee finds who lives there by the number of somebody they live with as well. A
/// body learns nothing but that it was understood, and each naming is journaled as about them.
pub fn named(ctx: &Ctx, number: u16, body: Id<Organization>, said: Said<'_>) -> Result<Id<Person>, Refusal> {
    ctx.person()?;
    let said = said.trimmed();
    ctx.write(|tx| {
        query::seen(tx, number)?;
        let seat = organization::seats(tx, &[body])?.remove(&body).ok_or(Refusal::NotFound)?;
        let resource = Resource::Organization { id: body, area: &seat.path };
        ctx.must(Action::PassState, resource)?;
        let is_committee = organization::kind(tx, body)? == Some(OrganizationKind::CommunityCommittee);
        let found = match said.member.is_empty() {
            true => resident::by_name_and_phone(tx, None, said.name, said.phone)?,
            // Nobody else is told who lives with whom.
            false if is_committee => said.found_in(tx, &seat.path)?,
            false => return Err(Refusal::invalid("member", Message::new("fault-pass-member"))),
        };
        let post = ctx.in_the_post_that(|alone| alone.may(Action::PassState, resource));
        record(tx, &post, &found.ok_or_else(nobody)?)
    })
}

fn nobody() -> Refusal {
    Refusal::invalid("name", Message::new("fault-pass-nobody"))
}

fn record(tx: &mut Tx<'_>, post: &Ctx, found: &Found) -> Result<Id<Person>, Refusal> {
    let entry = Entry::new(found.county, "person.find", SubjectKind::Person, found.person.uuid());
    journal::record(tx, post, &entry.about(found.person, Some(Purpose::Service)))?;
    Ok(found.person)
}
