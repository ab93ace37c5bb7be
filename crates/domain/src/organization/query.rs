use std::collections::{HashMap, HashSet};

use kernel::{Area, AreaPath, Id, Organization as OrganizationName, Person, Role, Tier, Timestamp};
use policy::{Action, Appointment as Office, Resource};
use store::Tx;

use super::{
    model::{Filter, Organization, OrganizationKind, PostInForce, Reached, Vacancy, distance},
    store as rows,
};
use crate::{Ctx, Cursor, Faults, Page, Refusal, Window, text};

/// Bodies to which one case may be sent, at most.
const DISPATCH_ROWS_MAX: i64 = 200;
/// Offices that are told of one step, at most.
const OFFICES_TOLD_MAX: usize = 20;

/// The bodies in force now that the filter lets through, and how many there are in all: along the tree
/// and by kind, or by name when a name is asked for.
pub fn list(ctx: &Ctx, filter: &Filter, window: &Window) -> Result<(Page<Organization>, i64), Refusal> {
    ctx.must(Action::OrganizationList, Resource::City)?;
    let after = window.after.as_ref().map(position).transpose()?;
    if let Some(prefix) = &filter.name_prefix {
        line("name", prefix)?;
    }
    let (found, total) = ctx.read(|tx| {
        Ok::<_, Refusal>((
            rows::list(tx, filter, ctx.now, after.as_ref(), window.rows())?,
            rows::count(tx, filter, ctx.now)?,
        ))
    })?;
    let key = |it: &Organization| {
        Cursor::new([
            it.area_path.to_string(),
            it.kind.as_str().to_owned(),
            it.name.clone(),
            it.id.to_string(),
        ])
    };
    Ok((window.page(found, key), total))
}

fn position(cursor: &Cursor) -> Result<rows::Position, Refusal> {
    let (area_path, kind, name): (AreaPath, String, String) =
        (cursor.part(0)?, cursor.part(1)?, cursor.part(2)?);
    line("cursor", &kind)?;
    line("cursor", &name)?;
    Ok(rows::Position { area_path: area_path.to_string(), kind, name, id: cursor.part(3)? })
}

/// What a client sent as one line goes to the store as it is, or not at all.
fn line(field: &str, text: &str) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    text::line(&mut faults, field, text);
    faults.check()
}

/// One body, in force or not.
pub fn get(ctx: &Ctx, id: Id<OrganizationName>) -> Result<Organization, Refusal> {
    ctx.must(Action::OrganizationList, Resource::City)?;
    ctx.read(|tx| rows::get(tx, id)?.ok_or(Refusal::NotFound))
}

/// The posts of a body and who holds them now, for those who administer it.
pub fn posts(ctx: &Ctx, id: Id<OrganizationName>) -> Result<Vec<PostInForce>, Refusal> {
    let organization = get(ctx, id)?;
    ctx.must(Action::OrganizationAdminister, Resource::Organization { id, area: &organization.area_path })?;
    ctx.read(|tx| Ok(rows::posts(tx, id, ctx.now)?))
}

/// The bodies to which a case in `area` may be sent, nearest first: departments, enforcement teams and
/// property managers in force with a post for a handler, that serve an area around the case or lie in
/// its community or township.
pub fn for_dispatch(ctx: &Ctx, area: &AreaPath) -> Result<Vec<Organization>, Refusal> {
    ctx.must(Action::OrganizationList, Resource::City)?;
    let mut found = ctx.read(|tx| {
        let mut found = rows::handling_around(tx, area, ctx.now, DISPATCH_ROWS_MAX)?;
        // The community is asked for first, so that a township full of bodies does not crowd it out.
        for tier in [Tier::Community, Tier::Township] {
            if let Some(unit) = unit(area, tier) {
                found.extend(rows::handling_within(tx, &unit, ctx.now, DISPATCH_ROWS_MAX)?);
            }
        }
        Ok::<_, Refusal>(found)
    })?;
    let mut seen = HashSet::new();
    found.retain(|it| seen.insert(it.id));
    found.sort_by_cached_key(|it| distance(it, area));
    found.truncate(DISPATCH_ROWS_MAX as usize);
    Ok(found)
}

/// Whether a case in `area` may be sent to that body: the same rule as [`for_dispatch`], for one.
pub fn can_handle(
    tx: &mut Tx<'_>,
    id: Id<OrganizationName>,
    area: &AreaPath,
    now: Timestamp,
) -> Result<bool, Refusal> {
    let Some(body) = rows::handling(tx, id, now)? else { return Ok(false) };
    // A township holds its communities.
    let near = [Tier::Township, Tier::Community].into_iter().filter_map(|tier| unit(area, tier));
    Ok(area.is_within(&body.area_path) || near.into_iter().any(|it| body.area_path.is_within(&it)))
}

/// The bodies in force to which cases can be sent, of an exact name or an id.
pub fn handling_named(
    tx: &mut Tx<'_>,
    name_or_id: &str,
    now: Timestamp,
) -> Result<Vec<Organization>, Refusal> {
    let ids = match name_or_id.parse() {
        Ok(id) => vec![id],
        Err(_) => rows::named(tx, name_or_id)?,
    };
    let mut found = Vec::new();
    for id in ids {
        found.extend(rows::handling(tx, id, now)?);
    }
    Ok(found)
}

/// The unit of `tier` among an area and those above it.
fn unit(area: &AreaPath, tier: Tier) -> Option<AreaPath> {
    area.ancestors().find(|it| Tier::of_code(it.code()) == Some(tier))
}

/// What a person is appointed to at `now`: the role, in which body, serving which area.
pub fn appointments_of(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    now: Timestamp,
) -> Result<Vec<(Role, Id<OrganizationName>, AreaPath)>, Refusal> {
    Ok(rows::appointments_of(tx, person, now)?)
}

/// Who holds a post of one of `roles` for `area` or an area above it, nearest first.
pub fn holders(
    tx: &mut Tx<'_>,
    roles: &[Role],
    area: &AreaPath,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Id<Person>>, Refusal> {
    let mut found = rows::holders(tx, roles, area, now, limit)?;
    found.sort_by_key(|(depth, _)| std::cmp::Reverse(*depth));
    let mut seen = HashSet::new();
    let nearest = found.into_iter().map(|(_, person)| person).filter(|person| seen.insert(*person));
    Ok(nearest.take(limit.max(0) as usize).collect())
}

/// The offices of each of `roles` that are nearest above `area`, or at it; at most `OFFICES_TOLD_MAX`.
/// Of each, since those nearest of all may be the very ones who may not.
pub fn nearest_offices(
    tx: &mut Tx<'_>,
    roles: &[Role],
    area: &AreaPath,
    now: Timestamp,
) -> Result<Vec<Office>, Refusal> {
    Ok(nearest(&rows::offices(tx, roles, area, now)?))
}

/// The same among the bodies other than `other`: where it alone is nearest, those above it.
pub fn nearest_offices_but(
    tx: &mut Tx<'_>,
    roles: &[Role],
    area: &AreaPath,
    other: Id<OrganizationName>,
    now: Timestamp,
) -> Result<Vec<Office>, Refusal> {
    let mut found = rows::offices(tx, roles, area, now)?;
    found.retain(|it| it.organization != other);
    Ok(nearest(&found))
}

/// The offices of `roles` in one body that serve `area`, or one above it, and that somebody holds.
pub fn offices_of_body(
    tx: &mut Tx<'_>,
    roles: &[Role],
    area: &AreaPath,
    body: Id<OrganizationName>,
    now: Timestamp,
) -> Result<Vec<Office>, Refusal> {
    let mut found = rows::offices(tx, roles, area, now)?;
    found.retain(|it| it.organization == body);
    found.truncate(OFFICES_TOLD_MAX);
    Ok(found)
}

/// Of each role those for the smallest area; at most `OFFICES_TOLD_MAX`.
fn nearest(found: &[Office]) -> Vec<Office> {
    let depth = |office: &Office| office.area.as_str().len();
    let is_nearest =
        |office: &&Office| !found.iter().any(|it| it.role == office.role && depth(it) > depth(office));
    found.iter().filter(is_nearest).take(OFFICES_TOLD_MAX).cloned().collect()
}

/// The offices of `roles` that serve this very area and that somebody holds; at most `OFFICES_TOLD_MAX`.
pub fn offices_at(
    tx: &mut Tx<'_>,
    roles: &[Role],
    area: &AreaPath,
    now: Timestamp,
) -> Result<Vec<Office>, Refusal> {
    let mut found = rows::offices(tx, roles, area, now)?;
    found.retain(|it| it.area == *area);
    found.truncate(OFFICES_TOLD_MAX);
    Ok(found)
}

/// The offices of each of `roles` nearest above `area`, or at it, that somebody holds; at most `OFFICES_TOLD_MAX`. Posts
/// that are nearer and that nobody holds are told as vacant, and so is a role that nobody holds anywhere above.
pub fn reached_around(
    tx: &mut Tx<'_>,
    roles: &[Role],
    area: &AreaPath,
    now: Timestamp,
) -> Result<Reached, Refusal> {
    let posts = rows::posts_around(tx, roles, area, now)?;
    let mut reached = Reached::default();
    for role in roles {
        let depth = |it: &rows::HeldOffice| it.office.area.as_str().len();
        let of_role = || posts.iter().filter(|it| it.office.role == *role);
        let nearest = of_role().filter(|it| it.is_held).map(depth).max();
        let held = of_role().filter(|it| it.is_held && Some(depth(it)) == nearest);
        reached.offices.extend(held.map(|it| it.office.clone()));
        let vacancy = |organization| Vacancy { role: *role, organization };
        let vacant = of_role().filter(|it| !it.is_held && Some(depth(it)) > nearest);
        let vacant: Vec<_> = vacant.map(|it| vacancy(Some(it.office.organization))).collect();
        if nearest.is_none() && vacant.is_empty() {
            reached.vacant.push(vacancy(None));
        }
        reached.vacant.extend(vacant);
    }
    reached.offices.truncate(OFFICES_TOLD_MAX);
    reached.vacant.truncate(OFFICES_TOLD_MAX);
    Ok(reached)
}

/// The offices of those who handle cases for a body, of which some may be vacant.
pub fn reached_in(
    tx: &mut Tx<'_>,
    organization: Id<OrganizationName>,
    now: Timestamp,
) -> Result<Reached, Refusal> {
    let is_held = !rows::handlers_of(tx, organization, now, 1)?.is_empty();
    let role = Role::Handler;
    Ok(match is_held {
        true => Reached { offices: handling_offices(tx, organization, now)?, ..Reached::default() },
        false => {
            let vacant = vec![Vacancy { role, organization: Some(organization) }];
            Reached { vacant, ..Reached::default() }
        }
    })
}

/// The offices of those who handle cases for a body.
pub fn handling_offices(
    tx: &mut Tx<'_>,
    organization: Id<OrganizationName>,
    now: Timestamp,
) -> Result<Vec<Office>, Refusal> {
    offices_of(tx, organization, Role::Handler, now)
}

/// The offices of a role in a body; at most `OFFICES_TOLD_MAX`.
pub fn offices_of(
    tx: &mut Tx<'_>,
    organization: Id<OrganizationName>,
    role: Role,
    now: Timestamp,
) -> Result<Vec<Office>, Refusal> {
    let mut found = rows::offices_of(tx, organization, role, now)?;
    found.truncate(OFFICES_TOLD_MAX);
    Ok(found)
}

/// Who handles cases for a body.
pub fn handlers_of(
    tx: &mut Tx<'_>,
    organization: Id<OrganizationName>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Id<Person>>, Refusal> {
    Ok(rows::handlers_of(tx, organization, now, limit)?)
}

/// The name of a body, in force or not.
pub fn name(tx: &mut Tx<'_>, id: Id<OrganizationName>) -> Result<Option<String>, Refusal> {
    Ok(rows::names(tx, &[id])?.into_iter().next().map(|(_, name)| name))
}

/// What a body is called, and the area in which it works.
#[derive(Clone, Debug)]
pub struct Seat {
    pub name: String,
    pub path: AreaPath,
}

/// The seats of those bodies that there are.
pub fn seats(
    tx: &mut Tx<'_>,
    ids: &[Id<OrganizationName>],
) -> Result<HashMap<Id<OrganizationName>, Seat>, Refusal> {
    let seat = |(id, name, path)| (id, Seat { name, path });
    Ok(rows::seats(tx, ids)?.into_iter().map(seat).collect())
}

/// What kind of body it is.
pub fn kind(tx: &mut Tx<'_>, id: Id<OrganizationName>) -> Result<Option<OrganizationKind>, Refusal> {
    Ok(rows::get(tx, id)?.map(|it| it.kind))
}

/// The names of those bodies that there are.
pub fn names(
    tx: &mut Tx<'_>,
    ids: &[Id<OrganizationName>],
) -> Result<HashMap<Id<OrganizationName>, String>, Refusal> {
    Ok(rows::names(tx, ids)?.into_iter().collect())
}

/// The county around an area; none for what stands above the counties.
pub(super) fn county(tx: &mut Tx<'_>, path: &AreaPath) -> Result<Option<Id<Area>>, Refusal> {
    match unit(path, Tier::County) {
        Some(county) => Ok(rows::area_at(tx, &county)?),
        None => Ok(None),
    }
}
