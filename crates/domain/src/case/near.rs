//! What was reported near something, and lately.

use geo::{Distance, Haversine, Point};
use kernel::{AreaPath, Tier};
use policy::{Action, Resource};
use store::Tx;

use super::{
    link,
    model::{Case, Report, Status},
    public::{self, Published},
    query::Dossier,
    store::{self as rows, Degrees},
};
use crate::{Ctx, Refusal, area};

/// What lies further apart is not taken for the same thing, nor what was reported longer ago.
const METRES_MAX: f64 = 50.0;
const DAYS_MAX: i64 = 7;
/// Cases looked at around one place.
const LOOKED_AT_MAX: i64 = 50;
/// Cases shown beside one.
const SHOWN_MAX: usize = 5;
/// Metres of one degree of latitude, a little less than anywhere on Earth, so that the box is never too small.
const METRES_OF_DEGREE: f64 = 110_000.0;

/// An open case of the same class near another.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearby {
    pub case: Case,
    pub metres: f64,
}

/// The same, as everybody may know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedNearby {
    pub case: Published,
    pub metres: f64,
}

/// Open cases near one that the actor may read, nearest first.
pub(super) fn beside(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case) -> Result<Vec<Nearby>, Refusal> {
    let Some(position) = case.position else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for it in around(tx, ctx, &case.class, &case.path, position)? {
        if it.case.id == case.id || found.len() == SHOWN_MAX {
            continue;
        }
        let facts = sound(Dossier::load(tx, it.case.clone()).and_then(|it| it.facts(ctx)))?;
        if facts.is_some_and(|facts| ctx.may(Action::CaseRead, Resource::Case(&facts))) {
            found.push(it);
        }
    }
    Ok(found)
}

/// What is published of open cases near a report that is about to be made, nearest first: those that were filed, since of
/// others no place is shown to anybody. The report itself, sent again, is not among them.
pub fn reported_nearby(ctx: &Ctx, report: &Report) -> Result<Vec<PublishedNearby>, Refusal> {
    let Some(position) = report.position else { return Ok(Vec::new()) };
    let own = [report.id, link::id_of_anonymous(&ctx.city, report.id)];
    let mut found = published_nearby(ctx, &report.class, &report.area, position)?;
    found.retain(|it| !own.contains(&it.case.id));
    Ok(found)
}

/// What is published of open cases of a class near a place in the area of a code.
pub fn published_nearby(
    ctx: &Ctx,
    class: &str,
    code: &str,
    position: (f64, f64),
) -> Result<Vec<PublishedNearby>, Refusal> {
    ctx.must(Action::CaseReadPublic, Resource::City)?;
    if ctx.city.classes.get(class).is_none() {
        return Ok(Vec::new());
    }
    let found = ctx.read(|tx| match area::place(tx, code)? {
        Some(place) => around(tx, ctx, class, &place.path, position),
        None => Ok(Vec::new()),
    })?;
    let mut shown = Vec::new();
    for Nearby { case, metres } in found {
        match public::published_one(ctx, case.id) {
            // Of what lies in a dwelling no position is published, and none is given away here.
            Ok(case) if case.registered_at.is_some() && case.position.is_some() => {
                shown.push(PublishedNearby { case, metres });
            }
            Ok(_) | Err(Refusal::NotFound) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    shown.truncate(SHOWN_MAX);
    Ok(shown)
}

/// Metres within which a person may find two reports to be of one thing: those who report name the place as they see it.
const MERGED_METRES_MAX: f64 = 500.0;

/// Whether two cases may be of one thing, as far as places tell: where one is not known, people decide.
pub(super) fn may_be_one(case: &Case, main: &Case) -> bool {
    let both = case.position.zip(main.position);
    both.is_none_or(|(here, there)| {
        Haversine.distance(Point::from(here), Point::from(there)) <= MERGED_METRES_MAX
    })
}

/// Open cases of a class within `METRES_MAX` of a place, in its county, nearest first.
fn around(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    class: &str,
    path: &AreaPath,
    position: (f64, f64),
) -> Result<Vec<Nearby>, Refusal> {
    let county = path.ancestors().find(|it| Tier::of_code(it.code()) == Some(Tier::County));
    let county = county.as_ref().unwrap_or(path);
    let since = ctx.now.plus_seconds(-DAYS_MAX * 86_400);
    let rows = rows::near(tx, class, county, &degrees_around(position), since, LOOKED_AT_MAX)?;
    let here = Point::from(position);
    let near = |row| {
        let case = sound(rows::case(row).map_err(Refusal::from)).ok()??;
        let metres = Haversine.distance(here, Point::from(case.position?));
        // What was mended is not what is reported now.
        let is_alike = case.status == Status::Open && case.handled_at.is_none();
        (metres <= METRES_MAX && is_alike).then_some(Nearby { case, metres })
    };
    let mut found: Vec<Nearby> = rows.iter().filter_map(near).collect();
    found.sort_by(|one, other| one.metres.total_cmp(&other.metres).then(one.case.id.cmp(&other.case.id)));
    Ok(found)
}

/// What was read of a case beside another one: a broken neighbour is no reason to keep somebody from their own case.
pub(super) fn sound<T>(read: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match read {
        Err(Refusal::Broken(reason)) => {
            tracing::error!(
                reason,
                "a case beside another one cannot be read and is not shown there: mend it"
            );
            Ok(None)
        }
        read => read.map(Some),
    }
}

/// A box that holds everything within `METRES_MAX` of a place.
fn degrees_around((longitude, latitude): (f64, f64)) -> Degrees {
    let high = METRES_MAX / METRES_OF_DEGREE;
    // Meridians run together towards the poles; a box there is as wide as one at 89 degrees.
    let wide = high / latitude.to_radians().cos().max(0.017);
    Degrees { west: longitude - wide, south: latitude - high, east: longitude + wide, north: latitude + high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_holds_the_circle_and_little_more() {
        for latitude in [-60.0, 0.0, 41.0, 53.0, 75.0] {
            let (here, degrees) = ((113.1, latitude), degrees_around((113.1, latitude)));
            for (longitude, latitude) in [
                (degrees.west, here.1),
                (degrees.east, here.1),
                (here.0, degrees.south),
                (here.0, degrees.north),
            ] {
                let metres = Haversine.distance(Point::from(here), Point::new(longitude, latitude));
                assert!((METRES_MAX..METRES_MAX * 1.1).contains(&metres), "{latitude}: {metres} m");
            }
        }
    }
}
