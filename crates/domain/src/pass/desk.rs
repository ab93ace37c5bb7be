//! Finding the one person whom a desk or a body means, by name and telephone number as they say them.

use kernel::{AreaPath, Id, Organization, Person, Role};
use policy::{Action, Purpose, Resource};

use super::query;
use crate::{
    Ctx, Message, Refusal,
    journal::{self, Entry, SubjectKind},
    organization, resident,
};

/// Whether somebody in that role sits at a desk or comes to the door.
pub(super) fn serves(role: Role) -> bool {
    role == Role::Acceptor || Role::GRID.contains(&role)
}

/// The desk's search: one person, by name and telephone number exactly, in an area that the desk serves. That they were
/// found is a reading of their record.
pub fn find_at_desk(ctx: &Ctx, name: &str, phone: &str) -> Result<Id<Person>, Refusal> {
    ctx.person()?;
    let (name, phone) = (name.trim(), phone.trim());
    let areas: Vec<&AreaPath> =
        ctx.actor.appointments.iter().filter(|it| serves(it.role)).map(|it| &it.area).collect();
    if areas.is_empty() {
        return Err(Refusal::NotFound);
    }
    ctx.write(|tx| {
        for area in &areas {
            let Some(found) = resident::by_name_and_phone(tx, Some(area), name, phone)? else { continue };
            let resource = Resource::Person { id: found.person, area: &found.path };
            ctx.must_see(Action::PersonRead { purpose: Some(Purpose::Service) }, resource)?;
            let entry = Entry::new(found.county, "person.find", SubjectKind::Person, found.person.uuid());
            journal::record(tx, ctx, &entry.about(found.person, Some(Purpose::Service)))?;
            return Ok(found.person);
        }
        Err(Refusal::invalid("name", Message::new("fault-pass-nobody")))
    })
}

/// Whom a body means that names somebody as they call themselves: the one person with that name and number, since who works
/// here may live elsewhere. A body learns nothing but that it was understood, and each naming is journaled as about them.
pub fn named(
    ctx: &Ctx,
    number: u16,
    body: Id<Organization>,
    name: &str,
    phone: &str,
) -> Result<Id<Person>, Refusal> {
    ctx.person()?;
    ctx.write(|tx| {
        query::seen(tx, number)?;
        let seat = organization::seats(tx, &[body])?.remove(&body).ok_or(Refusal::NotFound)?;
        ctx.must(Action::PassState, Resource::Organization { id: body, area: &seat.path })?;
        let nobody = || Refusal::invalid("name", Message::new("fault-pass-nobody"));
        let found = resident::by_name_and_phone(tx, None, name.trim(), phone.trim())?.ok_or_else(nobody)?;
        let entry = Entry::new(found.county, "person.find", SubjectKind::Person, found.person.uuid());
        journal::record(tx, ctx, &entry.about(found.person, Some(Purpose::Service)))?;
        Ok(found.person)
    })
}
