//! Adds up pages, and the cases that are not entered in them as they stand.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use kernel::{AreaPath, Id, Organization, Tier};
use store::Tx;

use super::{
    count::{Bounds, Facts, Whose},
    ledger::{Entry, Grain, Page},
    model::Counted,
    store::ledger as rows,
    task::county_of,
};
use crate::Refusal;

/// The figures of each part of `area`: the areas right below it, and itself for what lies in none of them.
pub fn by_area(
    tx: &mut Tx<'_>,
    bounds: &Bounds,
    area: &AreaPath,
) -> Result<BTreeMap<AreaPath, Counted>, Refusal> {
    let key = |page: &Page| {
        let part = |it: &AreaPath| it.is_within(area).then(|| part_of(area, it));
        let parts: Vec<_> = page.areas.iter().map(part).collect();
        Keys::OfAreas(parts)
    };
    let grain = if is_above_counties(area) { Grain::Whole } else { Grain::Each };
    Ok(sums(tx, bounds, area, grain, key)?.0.into_iter().collect())
}

/// Figures by body; none is the body of what nobody had.
pub type OfBodies = BTreeMap<Option<Id<Organization>>, Counted>;

/// The figures of each body that has to handle, or was the last that had to, and of what it was ever given; and those of
/// the area, in which a case that several had counts once.
pub fn by_body(tx: &mut Tx<'_>, bounds: &Bounds, area: &AreaPath) -> Result<(OfBodies, Counted), Refusal> {
    let key = |page: &Page| {
        let inside = page.areas.iter().map(|it| it.is_within(area)).collect();
        Keys::OfBodies(inside, page.bodies.clone())
    };
    let grain = if holds_whole_pages(area) { Grain::Bodies } else { Grain::Each };
    let (of_bodies, whole) = sums(tx, bounds, area, grain, key)?;
    Ok((of_bodies.into_iter().collect(), whole))
}

/// The figures of an area.
pub fn whole_of(tx: &mut Tx<'_>, bounds: &Bounds, area: &AreaPath) -> Result<Counted, Refusal> {
    let key =
        |page: &Page| Keys::OfAreas(page.areas.iter().map(|it| it.is_within(area).then_some(())).collect());
    let grain = if holds_whole_pages(area) { Grain::Whole } else { Grain::Each };
    Ok(sums(tx, bounds, area, grain, key)?.0.remove(&()).unwrap_or_default())
}

/// Whether its parts have pages of their own.
fn is_above_counties(area: &AreaPath) -> bool {
    Tier::of_code(area.code()).is_some_and(|it| it < Tier::County)
}

/// Whether all that stands on a page lies in it, if any does.
fn holds_whole_pages(area: &AreaPath) -> bool {
    is_above_counties(area) || county_of(area) == *area
}

/// The area right below `parent` that `area` lies in; `parent` itself for what lies in none.
fn part_of(parent: &AreaPath, area: &AreaPath) -> AreaPath {
    let rest = &area.as_str()[parent.as_str().len()..];
    match rest.split_once('/') {
        Some((code, _)) => parent.child(code).unwrap_or_else(|_| parent.clone()),
        None => parent.clone(),
    }
}

/// To which group the entries of a page belong.
enum Keys<Key> {
    /// By the place of its area; none for what lies outside.
    OfAreas(Vec<Option<Key>>),
    /// By the place of its body, if its area lies inside.
    OfBodies(Vec<bool>, Vec<Key>),
}

/// The figures of each group; and those of the area where the groups are bodies. Where `grain` says so they are added up
/// from digests, as far as days lie in the period as a whole.
fn sums<Key: Eq + Hash + Clone>(
    tx: &mut Tx<'_>,
    bounds: &Bounds,
    area: &AreaPath,
    grain: Grain,
    keys: impl Fn(&Page) -> Keys<Key>,
) -> Result<(HashMap<Key, Counted>, Counted), Refusal> {
    let mut sums = Sums { bounds, numbers: HashMap::new(), counted: Vec::new(), whole: Counted::default() };
    // A city's pages are those of its counties; a community's stand on its county's.
    let around = if is_above_counties(area) { area.clone() } else { county_of(area) };
    let of = |grain| rows::Wanted { grain, area: &around };
    let whole_days_end =
        if grain == Grain::Each { bounds.first } else { bounds.whole_days_end().max(bounds.first) };
    let (whole, rest) = (of(grain), of(Grain::Each));
    let mut pages = rows::of_days(tx, &whole, bounds.first, whole_days_end - 1)?;
    pages.extend(rows::of_days(tx, &rest, whole_days_end, bounds.last)?);
    for digest in pages {
        sums.add(&digest.page, keys(&digest.page), Counted::add, |entry| i64::from(digest.counts[entry]));
    }
    // Of a period that has not begun, days that are not over may come before it.
    let late = if bounds.start < bounds.end { &whole } else { &rest };
    for digest in rows::of_late(tx, late, bounds.first)? {
        sums.add(&digest.page, keys(&digest.page), Counted::add_carried, |entry| {
            i64::from(digest.counts[entry])
        });
    }
    for case in rows::uncounted(tx)? {
        let now = entered(&case.facts);
        for (page, n) in case.entered.iter().map(|it| (it, -1)).chain([(&now, 1)]) {
            sums.add(page, keys(page), Counted::add, |_| n);
            sums.add(page, keys(page), Counted::add_carried, |_| n);
        }
    }
    let of_keys = sums.numbers.into_iter().map(|(key, number)| (key, sums.counted[number]));
    Ok((of_keys.collect(), sums.whole))
}

/// A case by itself as a page.
pub fn entered(facts: &Facts) -> Page {
    let mut page = Page::default();
    for entry in facts.entries() {
        // One area and the bodies of one case are always few enough.
        let _ = page.add(entry, &facts.path, facts.owner);
    }
    for (entry, body) in facts.given() {
        let _ = page.add(entry, &facts.path, Some(body));
    }
    page
}

struct Sums<'a, Key> {
    bounds: &'a Bounds,
    /// Where the sums of each group stand in `counted`.
    numbers: HashMap<Key, usize>,
    counted: Vec<Counted>,
    whole: Counted,
}

/// Counts an entry so many times.
type Add = fn(&mut Counted, &Entry, &Bounds, Whose, i64);

impl<Key: Eq + Hash + Clone> Sums<'_, Key> {
    /// Adds the entries of a page, each as often as is said of its place.
    fn add(&mut self, page: &Page, keys: Keys<Key>, add: Add, times: impl Fn(usize) -> i64) {
        match keys {
            Keys::OfAreas(keys) => {
                let numbers: Vec<_> = keys.into_iter().map(|key| Some(self.number(key?))).collect();
                for (place, (entry, area, _)) in page.entries.iter().enumerate() {
                    if let Some(number) = numbers[usize::from(*area)] {
                        add(&mut self.counted[number], entry, self.bounds, Whose::Area, times(place));
                    }
                }
            }
            Keys::OfBodies(inside, keys) => {
                let numbers: Vec<_> = keys.into_iter().map(|key| self.number(key)).collect();
                for (place, (entry, area, body)) in page.entries.iter().enumerate() {
                    if inside[usize::from(*area)] {
                        let n = times(place);
                        add(&mut self.whole, entry, self.bounds, Whose::Area, n);
                        let counted = &mut self.counted[numbers[usize::from(*body)]];
                        add(counted, entry, self.bounds, Whose::Body, n);
                    }
                }
            }
        }
    }

    fn number(&mut self, key: Key) -> usize {
        *self.numbers.entry(key).or_insert_with(|| {
            self.counted.push(Counted::default());
            self.counted.len() - 1
        })
    }
}
