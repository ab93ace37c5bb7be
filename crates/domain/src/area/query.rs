//! Reading the tree. The territory is public: the policy's `area_read` is asked where one area is meant,
//! and lists hold nothing that it would not show.

use kernel::{Area as AreaName, AreaPath, Id, Tier, Timestamp};
use policy::{Action, Resource};
use store::Tx;

use super::{
    boundary as shape,
    model::{Area, Counts, Filter, Kind, Place, Version},
    store as rows,
};
use crate::{Ctx, Cursor, Faults, Message, Page, Refusal, Window, text};

/// Candidates whose boundaries are looked into for one point.
const CANDIDATES_MAX: usize = 64;

/// The area in force that bears `code`, inside another room's transaction.
pub fn place(tx: &mut Tx<'_>, code: &str) -> Result<Option<Place>, Refusal> {
    match in_force(tx, code)? {
        Some(area) => Ok(Some(rows::place(tx, area)?)),
        None => Ok(None),
    }
}

/// The area that bears `code`, or was the last that bore it, inside another room's transaction.
pub fn last(tx: &mut Tx<'_>, code: &str) -> Result<Option<Place>, Refusal> {
    if Tier::of_code(code).is_none() {
        return Ok(None);
    }
    match rows::by_code(tx, code)? {
        Some(area) => Ok(Some(rows::place(tx, area)?)),
        None => Ok(None),
    }
}

/// The area with this id, in force or ended, inside another room's transaction.
pub fn place_by_id(tx: &mut Tx<'_>, id: Id<AreaName>) -> Result<Option<Place>, Refusal> {
    match rows::by_id(tx, id)? {
        Some(area) => Ok(Some(rows::place(tx, area)?)),
        None => Ok(None),
    }
}

/// How many areas stand below one, inside another room's transaction.
pub fn counts_below(tx: &mut Tx<'_>, id: Id<AreaName>) -> Result<Counts, Refusal> {
    Ok(rows::counts(tx, id)?)
}

/// The areas in force right below one, by code, inside another room's transaction.
pub fn children_of(tx: &mut Tx<'_>, id: Id<AreaName>, most: usize) -> Result<Vec<Area>, Refusal> {
    Ok(rows::children(tx, id, "", most as i64)?)
}

/// The areas in force of a tier, and of a kind, in a subtree, in the order of their paths, inside another room's transaction.
pub fn of_tier(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    of: (Tier, Option<Kind>),
    most: usize,
) -> Result<Vec<Area>, Refusal> {
    Ok(rows::of_tier_within(tx, path, of, most as i64)?)
}

/// The name of the area that bears `code`, or was the last that bore it, inside another room's transaction.
pub fn name(tx: &mut Tx<'_>, code: &str) -> Result<Option<String>, Refusal> {
    Ok(rows::by_code(tx, code)?.map(|area| area.name))
}

/// The city that is served, inside another room's transaction; the first by code where a list has several.
pub fn city(tx: &mut Tx<'_>) -> Result<Option<Place>, Refusal> {
    let narrow = rows::Narrow { tier: Some(Tier::City), code_prefix: "", name: "", parent: None };
    match narrow.list(tx, "", 1)?.into_iter().next() {
        Some(city) => Ok(Some(rows::place(tx, city)?)),
        None => Ok(None),
    }
}

/// What is no code is no area's, and is not asked for: text from outside may hold what a database refuses.
pub(super) fn in_force(tx: &mut Tx<'_>, code: &str) -> Result<Option<Area>, Refusal> {
    if Tier::of_code(code).is_none() {
        return Ok(None);
    }
    Ok(rows::by_code(tx, code)?.filter(|area| area.valid_to.is_none()))
}

fn find(tx: &mut Tx<'_>, code: &str, as_of: Option<Timestamp>) -> Result<Option<Area>, Refusal> {
    match as_of {
        Some(at) if Tier::of_code(code).is_some() => Ok(rows::by_code_then(tx, code, at)?),
        Some(_) => Ok(None),
        None => in_force(tx, code),
    }
}

/// Refuses with `NotFound` what the actor may not see. The system sees the whole tree.
fn see(ctx: &Ctx, area: &Area) -> Result<(), Refusal> {
    if ctx.actor.system {
        Ok(())
    } else {
        ctx.must_see(Action::AreaRead, Resource::Area { path: &area.path })
    }
}

/// The area that bears `code` now, or bore it at `as_of`, as it was then. An area that ended, or goes on
/// under another code, is found `as_of` an earlier date; [`history`] tells what became of it.
pub fn get(ctx: &Ctx, code: &str, as_of: Option<Timestamp>) -> Result<Area, Refusal> {
    let area = ctx.read(|tx| find(tx, code, as_of))?.ok_or(Refusal::NotFound)?;
    see(ctx, &area)?;
    Ok(area)
}

/// All that a page about one area shows, read in one go: itself and those above it, root first; a page of
/// those right below; and, for now only, how many stand below it.
#[derive(Clone, Debug)]
pub struct Overview {
    pub area: Area,
    pub line: Vec<Area>,
    pub children: Page<Area>,
    pub counts: Counts,
}

/// The page about the area that [`get`] finds.
pub fn overview(
    ctx: &Ctx,
    code: &str,
    as_of: Option<Timestamp>,
    window: &Window,
) -> Result<Overview, Refusal> {
    let after = after(window)?;
    let overview = ctx.read(|tx| {
        let area = find(tx, code, as_of)?.ok_or(Refusal::NotFound)?;
        let line = line(tx, &area, as_of)?;
        let children = below(tx, &area, as_of, &after, window)?;
        let counts = if as_of.is_none() { rows::counts(tx, area.id)? } else { Counts::default() };
        Ok(Overview { area, line, children, counts })
    })?;
    see(ctx, &overview.area)?;
    Ok(overview)
}

/// The areas right below one, by code, now or at `as_of`.
pub fn children(
    ctx: &Ctx,
    code: &str,
    as_of: Option<Timestamp>,
    window: &Window,
) -> Result<Page<Area>, Refusal> {
    let after = after(window)?;
    let (parent, children) = ctx.read(|tx| {
        let parent = find(tx, code, as_of)?.ok_or(Refusal::NotFound)?;
        let children = below(tx, &parent, as_of, &after, window)?;
        Ok((parent, children))
    })?;
    see(ctx, &parent)?;
    Ok(children)
}

fn below(
    tx: &mut Tx<'_>,
    parent: &Area,
    as_of: Option<Timestamp>,
    after: &str,
    window: &Window,
) -> Result<Page<Area>, Refusal> {
    let found = match as_of {
        None => rows::children(tx, parent.id, after, window.rows())?,
        Some(at) => rows::children_then(tx, parent, at, after, window.rows())?,
    };
    Ok(window.page(found, cursor))
}

/// Cursors of lists of areas are codes.
fn cursor(area: &Area) -> Cursor {
    Cursor::new([area.code.clone()])
}

fn after(window: &Window) -> Result<String, Refusal> {
    let Some(cursor) = &window.after else { return Ok(String::new()) };
    let code: String = cursor.part(0)?;
    if Tier::of_code(&code).is_none() {
        return Err(Refusal::invalid("cursor", Message::new("fault-cursor")));
    }
    Ok(code)
}

/// The areas above one and itself, root first, as they are or were at `as_of`.
pub fn breadcrumb(ctx: &Ctx, area: &Area, as_of: Option<Timestamp>) -> Result<Vec<Area>, Refusal> {
    ctx.read(|tx| line(tx, area, as_of))
}

fn line(tx: &mut Tx<'_>, area: &Area, as_of: Option<Timestamp>) -> Result<Vec<Area>, Refusal> {
    let mut line = Vec::new();
    for code in area.path.codes().filter(|code| *code != area.code) {
        line.extend(find(tx, code, as_of)?);
    }
    line.push(area.clone());
    Ok(line)
}

/// Areas in force by code, narrowed, and how many there are in all. A parent that is unknown has none.
pub fn list(ctx: &Ctx, filter: &Filter, window: &Window) -> Result<(Page<Area>, i64), Refusal> {
    let after = after(window)?;
    let mut faults = Faults::default();
    let name = text::line(&mut faults, "name", filter.name.as_deref().unwrap_or_default());
    let code_prefix = filter.code_prefix.as_deref().unwrap_or_default();
    for (field, code) in [("code", code_prefix), ("parent", filter.parent.as_deref().unwrap_or_default())] {
        if code.len() > 18 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            faults.add(field, Message::new("fault-area-code"));
        }
    }
    faults.check()?;
    let (found, total) = ctx.read(|tx| {
        let parent = match &filter.parent {
            None => None,
            Some(code) => match in_force(tx, code)? {
                Some(parent) => Some(parent.id),
                None => return Ok((Vec::new(), 0)),
            },
        };
        let narrow = rows::Narrow { tier: filter.tier, code_prefix, name: &name, parent };
        Ok((narrow.list(tx, &after, window.rows())?, narrow.total(tx)?))
    })?;
    Ok((window.page(found, cursor), total))
}

/// At most `limit` areas in force for what somebody typed: by the beginning of the code, then of the name,
/// then by any part of the name within the actor's city.
pub fn search(ctx: &Ctx, text: &str, limit: usize) -> Result<Vec<Area>, Refusal> {
    let text = text.trim();
    let is_sound = !text.is_empty()
        && text.chars().count() <= kernel::limits::AREA_NAME_CHARS_MAX
        && !text.chars().any(char::is_control);
    if !is_sound {
        return Ok(Vec::new());
    }
    let rows_max = limit as i64;
    let (low, high) =
        own_city(ctx).map_or(("".to_owned(), "~".to_owned()), |it| (it.low().to_owned(), it.high()));
    ctx.read(|tx| {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(rows::search_code(tx, text, rows_max)?);
        }
        let mut found = rows::search_name(tx, text, rows_max)?;
        if found.len() < limit {
            for area in rows::search_within(tx, &low, &high, text, rows_max)? {
                if found.len() < limit && !found.iter().any(|it| it.id == area.id) {
                    found.push(area);
                }
            }
        }
        Ok(found)
    })
}

/// The city in which the actor holds a post.
fn own_city(ctx: &Ctx) -> Option<AreaPath> {
    let office = &ctx.actor.appointments.first()?.area;
    office.ancestors().find(|path| Tier::of_code(path.code()) == Some(Tier::City))
}

/// Every state of the areas that bear or once bore `code`, oldest first.
pub fn history(ctx: &Ctx, code: &str) -> Result<Vec<Version>, Refusal> {
    if Tier::of_code(code).is_none() {
        return Err(Refusal::NotFound);
    }
    let mut versions = ctx.read(|tx| {
        let mut ids = rows::bore(tx, code)?;
        ids.extend(rows::by_code(tx, code)?.map(|area| area.id));
        ids.sort_unstable();
        ids.dedup();
        let mut versions = Vec::new();
        for id in ids {
            versions.extend(rows::versions(tx, id)?);
        }
        Ok(versions)
    })?;
    versions.sort_by_key(|it| (it.valid_from, it.area));
    if versions.is_empty() { Err(Refusal::NotFound) } else { Ok(versions) }
}

/// How many areas stand below one now, at any depth, by tier and kind.
pub fn counts(ctx: &Ctx, area: &Area) -> Result<Counts, Refusal> {
    ctx.read(|tx| Ok(rows::counts(tx, area.id)?))
}

/// The GeoJSON geometry of an area in force, and its source; none where it is not known.
pub fn boundary(ctx: &Ctx, code: &str) -> Result<Option<(String, String)>, Refusal> {
    let area = get(ctx, code, None)?;
    ctx.read(|tx| Ok(rows::boundary(tx, area.id)?))
}

/// A GeoJSON FeatureCollection of the areas right below one whose boundaries are known, with the
/// properties `code` and `name`; where none is, of the area itself or the nearest around it that has one.
pub fn boundaries(ctx: &Ctx, parent: &str) -> Result<String, Refusal> {
    let parent = get(ctx, parent, None)?;
    let found = ctx.read(|tx| {
        let below = rows::boundaries(tx, parent.id)?;
        if !below.is_empty() {
            return Ok(below);
        }
        for code in parent.path.codes().rev() {
            let Some(area) = in_force(tx, code)? else { continue };
            if let Some(geometry) = rows::geometry(tx, area.id)? {
                return Ok(vec![(area.code, area.name, geometry)]);
            }
        }
        Ok(Vec::new())
    })?;
    let feature = |(code, name, geometry): &(String, String, String)| {
        let properties = serde_json::json!({ "code": code, "name": name });
        // The geometry was checked when it came in, and is large: it is not taken apart again.
        format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
    };
    let features: Vec<_> = found.iter().map(feature).collect();
    Ok(format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")))
}

/// The deepest area in force whose boundary holds a point in degrees, if any does.
pub fn locate(ctx: &Ctx, longitude: f64, latitude: f64) -> Result<Option<Area>, Refusal> {
    if !longitude.is_finite() || !latitude.is_finite() {
        return Ok(None);
    }
    ctx.read(|tx| {
        for id in rows::boundaries_at(tx, longitude, latitude)?.into_iter().take(CANDIDATES_MAX) {
            let geometry = rows::geometry(tx, id)?;
            if geometry.is_some_and(|it| shape::contains(&it, longitude, latitude)) {
                return Ok(rows::by_id(tx, id)?);
            }
        }
        Ok(None)
    })
}

/// Degrees by which a point may lie beside the frame of its area: phones send WGS 84, and maps of the country are shifted by
/// up to half a kilometre.
const BESIDE_DEGREES: f64 = 0.02;

/// Whether a point can lie in an area, by the frame of the nearest boundary around it that is known; nothing is against it
/// where none is.
pub fn can_hold(tx: &mut Tx<'_>, path: &AreaPath, longitude: f64, latitude: f64) -> Result<bool, Refusal> {
    for code in path.codes().rev() {
        if let Some([west, south, east, north]) = rows::frame(tx, code)? {
            let is_between =
                |at: f64, low: f64, high: f64| (low - BESIDE_DEGREES..=high + BESIDE_DEGREES).contains(&at);
            return Ok(is_between(longitude, west, east) && is_between(latitude, south, north));
        }
    }
    Ok(true)
}

/// Whether the city's boundary is known, so that what lies in no boundary lies outside it.
pub fn has_boundary(ctx: &Ctx, code: &str) -> Result<bool, Refusal> {
    ctx.read(|tx| Ok(rows::frame(tx, code)?.is_some()))
}
