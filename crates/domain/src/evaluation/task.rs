//! Entering in pages what the cases count for, some time after they changed.

use std::{
    collections::{BTreeMap, btree_map},
    sync::Arc,
};

use kernel::{AreaPath, Id, Organization, Tier, Timestamp};
use store::Tx;

use super::{
    ledger::{Digest, Entry, Grain, Page},
    store::ledger::{self as rows, Key, Kind, Place},
    sum,
};
use crate::{City, Ctx, Refusal};

/// A case that has just changed is likely to change again: until it has been left alone for so long it counts by itself.
const QUIET_SECONDS: i64 = 10;
/// Cases entered in one transaction.
const BATCH: i64 = 1_000;

/// Enters the cases that changed, as many as one transaction takes; one that cannot be entered holds up none of those
/// behind it. Whether more wait.
pub fn settle(city: &Arc<City>) -> Result<bool, Refusal> {
    let ctx = Ctx::system(city.clone());
    let before = ctx.now.plus_seconds(-QUIET_SECONDS);
    let mut after = rows::first();
    loop {
        // Looked at first, so that nobody waits for a writer that has nothing to do.
        let keys = ctx.read(|tx| Ok(rows::keys_before(tx, before, after, BATCH)?))?;
        let Some(last) = keys.last() else { return Ok(false) };
        if enter(&ctx, before, after, &keys)? > 0 {
            return Ok(keys.len() as i64 == BATCH);
        }
        after = *last;
    }
}

/// Enters the cases of these keys, which come after `after`. Where one of them is at fault each half is entered by itself.
fn enter(ctx: &Ctx, before: Timestamp, after: Key, keys: &[Key]) -> Result<u64, Refusal> {
    let count = keys.len() as i64;
    let outcome = ctx.write(|tx| {
        let cases = rows::uncounted_before(tx, before, after, count)?;
        let mut pages = Pages::default();
        for case in &cases {
            for (entry, area, body) in case.entered.iter().flat_map(Page::items) {
                pages.change(tx, entry, area, |page| page.remove(*entry, area, body))?;
            }
            let entered = sum::entered(&case.facts);
            for (entry, area, body) in entered.items() {
                pages.change(tx, entry, area, |page| page.add(*entry, area, body))?;
            }
            rows::enter(tx, case, &entered)?;
        }
        pages.write(tx)?;
        Ok(cases.len() as u64)
    });
    match (outcome, keys) {
        (Err(refusal), [(_, case)]) if refusal.is_of_one() => {
            tracing::error!(%case, %refusal, "a case is not entered in the evaluation's pages: mend it, and the next round goes on");
            Ok(0)
        }
        (Err(refusal), [.., _, _]) if refusal.is_of_one() => {
            let (first, second) = keys.split_at(keys.len() / 2);
            let entered = enter(ctx, before, after, first)?;
            Ok(entered + enter(ctx, before, first.last().copied().unwrap_or(after), second)?)
        }
        (outcome, _) => outcome,
    }
}

/// The pages that a transaction changes, each read and written once.
#[derive(Default)]
struct Pages(BTreeMap<Place, Page>);

impl Pages {
    /// Changes every page on which `entry` stands.
    fn change(
        &mut self,
        tx: &mut Tx<'_>,
        entry: &Entry,
        area: &AreaPath,
        mut change: impl FnMut(&mut Page) -> Option<()>,
    ) -> Result<(), Refusal> {
        let kinds = [Some(Kind::Day), entry.is_late().then_some(Kind::Late)];
        for kind in kinds.into_iter().flatten() {
            let page = match self.0.entry(Place { kind, day: entry.day(), county: county_of(area) }) {
                btree_map::Entry::Occupied(known) => known.into_mut(),
                btree_map::Entry::Vacant(new) => {
                    let page = rows::load(tx, new.key())?;
                    new.insert(page)
                }
            };
            change(page).ok_or_else(unreadable)?;
        }
        Ok(())
    }

    fn write(&self, tx: &mut Tx<'_>) -> Result<(), Refusal> {
        self.0.iter().try_for_each(|(place, page)| Ok(rows::put(tx, place, page)?))
    }
}

fn unreadable() -> Refusal {
    Refusal::Broken("a page of the evaluation does not hold what was entered, or is full".into())
}

/// The county around an area; what stands above the counties is its own.
pub(super) fn county_of(area: &AreaPath) -> AreaPath {
    let county = area.ancestors().find(|it| Tier::of_code(it.code()) == Some(Tier::County));
    county.unwrap_or_else(|| area.clone())
}

/// An entry with its area and body.
type Item = (Entry, AreaPath, Option<Id<Organization>>);

/// Says which pages differ from what the cases count for. Slow: it reads them all.
pub fn audit(ctx: &Ctx) -> Result<Vec<String>, Refusal> {
    ctx.read(|tx| {
        let mut missing: BTreeMap<Place, Vec<Item>> = BTreeMap::new();
        let mut put = |entry: &Entry, area: &AreaPath, body| {
            for kind in [Some(Kind::Day), entry.is_late().then_some(Kind::Late)].into_iter().flatten() {
                let place = Place { kind, day: entry.day(), county: county_of(area) };
                missing.entry(place).or_default().push((*entry, area.clone(), body));
            }
        };
        for entered in rows::entered(tx)? {
            entered.items().for_each(|(entry, area, body)| put(entry, area, body));
        }
        let (mut faults, mut digests) = (Vec::new(), BTreeMap::new());
        let mut pages = BTreeMap::new();
        for (place, grain, bytes) in rows::all(tx)? {
            if grain == Grain::Each {
                pages.insert(place, Page::decode(&bytes).ok_or_else(unreadable)?);
            } else {
                digests.insert((place, grain), Digest::decode(&bytes).ok_or_else(unreadable)?);
            }
        }
        for (place, page) in &pages {
            let mut found: Vec<_> =
                page.items().map(|(entry, area, body)| (*entry, area.clone(), body)).collect();
            let mut wanted = missing.remove(place).unwrap_or_default();
            found.sort();
            wanted.sort();
            if found != wanted {
                faults.push(format!(
                    "page {place:?} holds {} entries instead of {}",
                    found.len(),
                    wanted.len()
                ));
            }
            for grain in [Grain::Bodies, Grain::Whole] {
                let wanted = Digest::new(page, &place.county, grain == Grain::Bodies);
                if digests.remove(&(place.clone(), grain)) != Some(wanted) {
                    faults.push(format!(
                        "the digest {grain:?} of page {place:?} does not hold what the page does"
                    ));
                }
            }
        }
        faults.extend(
            digests.keys().map(|(place, grain)| format!("the digest {grain:?} of {place:?} has no page")),
        );
        faults.extend(missing.keys().map(|place| format!("page {place:?} is not there")));
        Ok(faults)
    })
}
