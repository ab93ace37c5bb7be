use kernel::{Id, Person as PersonName};
use policy::{Action, Purpose, Resource};
use store::Tx;

use super::{
    model::{Household, Person, PersonRecord, Premises},
    store as rows,
};
use crate::{
    Ctx, Message, Refusal,
    journal::{self, Entry, SubjectKind},
};

/// Writes premises, households and people as they are given, for an import that checked them and
/// leaves one record of the whole. Rows of one county, and of one area within it, are best given
/// together: each then lands beside the one before in every index.
pub fn register_all(
    tx: &mut Tx<'_>,
    premises: &[Premises],
    households: &[Household],
    people: &[Person],
) -> Result<(), Refusal> {
    rows::insert_premises(tx, premises)?;
    rows::insert_households(tx, households)?;
    Ok(rows::insert_people(tx, people)?)
}

/// A person's record, and the record that it was read, in one transaction.
///
/// A person needs no purpose for their own record. That reading is journalled too, but not as a reading
/// *about* the person: the list of who read somebody's record is there to show others, and one's own
/// visits would bury them.
///
/// # Errors
/// `Invalid` for `purpose` when only that is missing; `NotFound` when there is no such person or the
/// actor may not read the record for that purpose, which look alike.
pub fn get(ctx: &Ctx, person: Id<PersonName>, purpose: Option<Purpose>) -> Result<PersonRecord, Refusal> {
    let me = ctx.person()?.person;
    ctx.write(|tx| {
        let record = rows::record(tx, person)?.ok_or(Refusal::NotFound)?;
        let resource = Resource::Person { id: person, area: &record.area_path };
        let entry = Entry::new(record.county, "person.read", SubjectKind::Person, person.uuid());
        let entry = if me == person {
            ctx.must_see(Action::PersonRead { purpose: None }, resource)?;
            entry
        } else {
            let purpose = purpose.ok_or_else(|| purpose_missing(ctx, resource))?;
            ctx.must_see(Action::PersonRead { purpose: Some(purpose) }, resource)?;
            entry.about(person, Some(purpose))
        };
        journal::record(tx, ctx, &entry)?;
        Ok(record)
    })
}

/// Those for whom some purpose would do are asked for one; others learn nothing.
fn purpose_missing(ctx: &Ctx, resource: Resource<'_>) -> Refusal {
    let some = Purpose::ALL.into_iter().any(|it| ctx.may(Action::PersonRead { purpose: Some(it) }, resource));
    if some { Refusal::invalid("purpose", Message::new("fault-required")) } else { Refusal::NotFound }
}
