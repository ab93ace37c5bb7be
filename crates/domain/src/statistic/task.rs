//! What the city's own tables hold, counted into records by the clock.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
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

/// Counts every element that the city's tables give, and corrects the records that are no longer so. Counted is beside the
/// writers; what has changed is written, one element a transaction. Returns what changed.
pub fn count(city: &Arc<City>) -> Result<ImportReport, Refusal> {
    let mut report = ImportReport::default();
    for element in &city.statistic.elements {
        let Some(counted) = element.counted else { continue };
        let ctx = Ctx::system(city.clone());
        let (entries, unchanged) = ctx.read(|tx| changes(tx, &ctx, element, counted))?;
        report.unchanged += unchanged;
        if entries.is_empty() {
            continue;
        }
        let one = ctx.write(|tx| enter(tx, &ctx, &Origin::COUNTED, &entries))?;
        report.added += one.added;
        report.corrected += one.corrected;
        report.withdrawn += one.withdrawn;
        report.unchanged += one.unchanged;
    }
    Ok(report)
}

/// What is no longer as its record says, and of how many records nothing is.
fn changes(tx: &mut Tx<'_>, ctx: &Ctx, element: &Element, of: Counted) -> Result<(Vec<Entry>, u64), Refusal> {
    let day = ctx.now.civil().date();
    let period = Period::of(element.period, day).to_string();
    let mut places = Places::default();
    let mut found: BTreeMap<(AreaPath, String), (area::Place, i64)> = BTreeMap::new();
    for (path, option, value) in rows::counted(tx, of, ctx.now)? {
        if let Some(place) = places.answering(tx, &path)? {
            found.entry((place.path.clone(), option)).or_insert((place, 0)).1 += value;
        }
    }
    let known = rows::of_period(tx, &element.code, &period, RECORDS_MAX)?;
    let values: HashMap<&str, (Option<i64>, &AreaPath)> =
        known.iter().map(|it| (it.reference.as_str(), (it.value, &it.path))).collect();
    let (mut entries, mut unchanged) = (Vec::new(), 0);
    let mut references = HashSet::with_capacity(found.len());
    for ((_, option), (place, value)) in found {
        let reference = format!("{}/{period}/{option}", place.id);
        references.insert(reference.clone());
        if values.get(reference.as_str()) == Some(&(Some(value), &place.path)) {
            unchanged += 1;
            continue;
        }
        let element = element.code.clone();
        entries.push(Entry { element, place, day, option, reference, value: Some(value) });
    }
    for record in &known {
        if references.contains(&record.reference) || record.value.is_none() {
            continue;
        }
        // An area that has ended keeps the path that it had, and its records follow what it was part of.
        let place = area::place_by_id(tx, record.area)?.ok_or(Refusal::NotFound)?;
        let place = area::Place { path: record.path.clone(), ..place };
        let (element, option, reference) =
            (record.element.clone(), record.option.clone(), record.reference.clone());
        entries.push(Entry { element, place, day: record.day, option, reference, value: None });
    }
    Ok((entries, unchanged))
}

/// The areas in force that answer for what lies at a path.
#[derive(Default)]
struct Places(HashMap<AreaPath, Option<area::Place>>);

impl Places {
    /// The community, or what is above it; where that has ended, what it was part of, so that nobody who still lives there
    /// drops out of the totals above.
    fn answering(&mut self, tx: &mut Tx<'_>, path: &AreaPath) -> Result<Option<area::Place>, Refusal> {
        let mut line: Vec<AreaPath> = path.ancestors().collect();
        if let Some(community) = line.iter().position(|it| Tier::of_code(it.code()) == Some(Tier::Community))
        {
            line.truncate(community + 1);
        }
        for path in line.into_iter().rev() {
            if !self.0.contains_key(&path) {
                // Another area may bear the code by now.
                let place = area::place(tx, path.code())?.filter(|it| it.path == path);
                self.0.insert(path.clone(), place);
            }
            if let Some(Some(place)) = self.0.get(&path) {
                return Ok(Some(place.clone()));
            }
        }
        Ok(None)
    }
}
