//! What the city's own tables hold, counted into records by the clock.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use kernel::{AreaPath, Tier};
use store::Tx;

use super::{
    action::{Entry, Origin, enter},
    definition::{Counted, Element},
    model::ImportReport,
    period::Period,
    store as rows,
};
use crate::{City, Ctx, Refusal, area};

/// Records of one element that the city's tables give, at most: one a community, body's area and option.
const RECORDS_MAX: i64 = 500_000;

/// Counts every element that the city's tables give, and corrects the records that are no longer so. One element a
/// transaction. Returns what changed.
pub fn count(city: &Arc<City>) -> Result<ImportReport, Refusal> {
    let mut report = ImportReport::default();
    for element in &city.statistic.elements {
        let Some(counted) = element.counted else { continue };
        let ctx = Ctx::system(city.clone());
        let one = ctx.write(|tx| count_one(tx, &ctx, element, counted))?;
        report.added += one.added;
        report.corrected += one.corrected;
        report.withdrawn += one.withdrawn;
        report.unchanged += one.unchanged;
    }
    Ok(report)
}

fn count_one(tx: &mut Tx<'_>, ctx: &Ctx, element: &Element, of: Counted) -> Result<ImportReport, Refusal> {
    let day = ctx.now.civil().date();
    let period = Period::of(element.period, day);
    let mut found: BTreeMap<(AreaPath, String), i64> = BTreeMap::new();
    for (path, option, value) in rows::counted(tx, of, ctx.now)? {
        *found.entry((up_to_community(path), option)).or_default() += value;
    }
    let mut places: HashMap<AreaPath, Option<area::Place>> = HashMap::new();
    let mut entries = Vec::with_capacity(found.len());
    let mut references = std::collections::HashSet::new();
    for ((path, option), value) in found {
        if !places.contains_key(&path) {
            places.insert(path.clone(), area::place(tx, path.code())?);
        }
        // What lies in an area that has ended is nobody's to answer for any more.
        let Some(Some(place)) = places.get(&path) else { continue };
        let reference = format!("{}/{period}/{option}", place.id);
        references.insert(reference.clone());
        let (element, place) = (element.code.clone(), place.clone());
        entries.push(Entry { element, place, day, option, reference, value: Some(value) });
    }
    let known = rows::of_period(tx, &element.code, &period.to_string(), RECORDS_MAX)?;
    let mut days = HashMap::new();
    for record in known {
        if !references.contains(&record.reference) && record.value.is_some() {
            let place = area::place_by_id(tx, record.area)?.ok_or(Refusal::NotFound)?;
            let (element, option, reference) = (record.element, record.option, record.reference);
            entries.push(Entry { element, place, day: record.day, option, reference, value: None });
        } else {
            days.insert(record.reference, (record.value, record.day));
        }
    }
    // What is as it was is not written again for the day alone.
    for entry in &mut entries {
        if let Some((value, day)) = days.get(&entry.reference)
            && *value == entry.value
        {
            entry.day = *day;
        }
    }
    let origin = Origin { name: "olzii", provenance: "counted from the city's own tables" };
    enter(tx, ctx, &origin, &entries)
}

/// The community that an area lies in; the area itself from there up.
fn up_to_community(path: AreaPath) -> AreaPath {
    let community = path.ancestors().find(|it| Tier::of_code(it.code()) == Some(Tier::Community));
    community.unwrap_or(path)
}
