use kernel::{
    Appointment as AppointmentName, Area, AreaPath, Id, Organization as OrganizationName, Person,
    Post as PostName, Role, Timestamp,
};
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{Appointment, NewOrganization, Organization, Post},
    query, store as rows,
};
use crate::{
    Ctx, Faults, Message, Refusal,
    journal::{self, Entry, SubjectKind},
    text,
};

/// Founds a body in an area that the actor administers.
///
/// # Errors
/// `Invalid` for its name, its area or an end that is not after its beginning.
pub fn found(ctx: &Ctx, new: &NewOrganization) -> Result<Organization, Refusal> {
    let mut faults = Faults::default();
    let name = text::line(&mut faults, "name", &new.name);
    let name = text::required(&mut faults, "name", name);
    check_span(&mut faults, new.from, new.to);
    faults.check()?;
    ctx.write(|tx| {
        let area_path = area_path(tx, new.area)?;
        let organization = Organization {
            id: ctx.id(),
            kind: new.kind,
            name: name.clone(),
            area: new.area,
            area_path,
            from: new.from,
            to: new.to,
        };
        ctx.must(Action::OrganizationAdminister, resource(&organization, &organization.area_path))?;
        rows::insert(tx, &organization)?;
        record(tx, ctx, &organization, "organization.found", &[])?;
        Ok(organization)
    })
}

/// Writes bodies as they are given, for an import that checked them and leaves one record of the whole.
pub fn found_all(tx: &mut Tx<'_>, organizations: &[Organization]) -> Result<(), Refusal> {
    organizations.iter().try_for_each(|it| Ok(rows::insert(tx, it)?))
}

/// A new post in a body, serving an area. Both must be the actor's to administer: a post gives rights
/// in its own area, not in the body's.
pub fn create_post(
    ctx: &Ctx,
    organization: Id<OrganizationName>,
    role: Role,
    area: Id<Area>,
) -> Result<Post, Refusal> {
    if matches!(role, Role::Anonymous | Role::Resident) {
        return Err(Refusal::invalid("role", Message::new("fault-choice")));
    }
    ctx.write(|tx| {
        let organization = administered(tx, ctx, organization)?;
        let area_path = area_path(tx, area)?;
        ctx.must(Action::OrganizationAdminister, resource(&organization, &area_path))?;
        let post = Post { id: ctx.id(), organization: organization.id, role, area, area_path };
        rows::insert_post(tx, &post)?;
        let detail = [("post", post.id.to_string()), ("role", role.as_str().to_owned())];
        record(tx, ctx, &organization, "organization.create_post", &detail)?;
        Ok(post)
    })
}

/// Like [`found_all`], for posts.
pub fn create_posts(tx: &mut Tx<'_>, posts: &[Post]) -> Result<(), Refusal> {
    posts.iter().try_for_each(|it| Ok(rows::insert_post(tx, it)?))
}

/// Gives a post to a person from `from` up to but not including `to`.
pub fn appoint(
    ctx: &Ctx,
    post: Id<PostName>,
    person: Id<Person>,
    from: Timestamp,
    to: Option<Timestamp>,
) -> Result<Id<AppointmentName>, Refusal> {
    let mut faults = Faults::default();
    check_span(&mut faults, from, to);
    faults.check()?;
    ctx.write(|tx| {
        let (organization, post) = administered_post(tx, ctx, post)?;
        if !rows::person_exists(tx, person)? {
            return Err(Refusal::invalid("person", Message::new("fault-unknown")));
        }
        let appointment = Appointment { id: ctx.id(), post: post.id, person, from, to };
        rows::insert_appointment(tx, &appointment)?;
        // The person stands in the appointment's row; the journal names what was done to which post.
        let detail = [
            ("appointment", appointment.id.to_string()),
            ("post", post.id.to_string()),
            ("role", post.role.as_str().to_owned()),
        ];
        record(tx, ctx, &organization, "organization.appoint", &detail)?;
        Ok(appointment.id)
    })
}

/// Like [`found_all`], for appointments.
pub fn appoint_all(tx: &mut Tx<'_>, appointments: &[Appointment]) -> Result<(), Refusal> {
    appointments.iter().try_for_each(|it| Ok(rows::insert_appointment(tx, it)?))
}

/// Ends an appointment now: from the next request on, its rights are gone.
pub fn end_appointment(ctx: &Ctx, appointment: Id<AppointmentName>) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let post = rows::post_of(tx, appointment)?.ok_or(Refusal::NotFound)?;
        let (organization, post) = administered_post(tx, ctx, post)?;
        if rows::end_appointment(tx, appointment, ctx.now)? == 0 {
            return Err(Refusal::conflict("conflict-ended"));
        }
        let detail = [("appointment", appointment.to_string()), ("post", post.id.to_string())];
        record(tx, ctx, &organization, "organization.end_appointment", &detail)
    })
}

/// Ends a body now, and with it the rights of everybody who holds a post in it.
pub fn end_organization(ctx: &Ctx, organization: Id<OrganizationName>) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let organization = administered(tx, ctx, organization)?;
        // A post may serve an area above its body's; who ends it must administer that area too.
        for post in rows::posts(tx, organization.id, ctx.now)? {
            ctx.must(Action::OrganizationAdminister, resource(&organization, &post.post.area_path))?;
        }
        if rows::end(tx, organization.id, ctx.now)? == 0 {
            return Err(Refusal::conflict("conflict-ended"));
        }
        record(tx, ctx, &organization, "organization.end", &[])
    })
}

fn check_span(faults: &mut Faults, from: Timestamp, to: Option<Timestamp>) {
    if to.is_some_and(|to| to <= from) {
        faults.add("to", Message::new("fault-end-before-start"));
    }
}

fn resource<'a>(organization: &Organization, area: &'a AreaPath) -> Resource<'a> {
    Resource::Organization { id: organization.id, area }
}

/// The body, if the actor may administer it. Bodies are no secret to the signed-in, so others are denied.
fn administered(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<OrganizationName>) -> Result<Organization, Refusal> {
    ctx.must(Action::OrganizationList, Resource::City)?;
    let organization = rows::get(tx, id)?.ok_or(Refusal::NotFound)?;
    ctx.must(Action::OrganizationAdminister, resource(&organization, &organization.area_path))?;
    Ok(organization)
}

fn administered_post(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    post: Id<PostName>,
) -> Result<(Organization, Post), Refusal> {
    ctx.must(Action::OrganizationList, Resource::City)?;
    let post = rows::post(tx, post)?.ok_or(Refusal::NotFound)?;
    let organization = administered(tx, ctx, post.organization)?;
    ctx.must(Action::OrganizationAdminister, resource(&organization, &post.area_path))?;
    Ok((organization, post))
}

fn area_path(tx: &mut Tx<'_>, area: Id<Area>) -> Result<AreaPath, Refusal> {
    rows::area_path(tx, area)?.ok_or_else(|| Refusal::invalid("area", Message::new("fault-unknown")))
}

fn record(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    organization: &Organization,
    action: &str,
    detail: &[(&'static str, String)],
) -> Result<(), Refusal> {
    let county = query::county(tx, &organization.area_path)?.unwrap_or(organization.area);
    let entry = Entry::new(county, action, SubjectKind::Organization, organization.id.uuid());
    let entry = detail.iter().fold(entry, |entry, (name, value)| entry.with(name, value));
    journal::record(tx, ctx, &entry)
}
