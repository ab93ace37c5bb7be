use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{AreaPath, Id, StatisticSet, Timestamp, limits};
use policy::{Action, Resource};
use store::Tx;

use super::{
    fault::{Collector, ImportError, Reason},
    model::{ImportReport, REFERENCE_CHARS_MAX, Record, VALUE_MAX},
    period::Period,
    source::{self, Row},
    store as rows,
};
use crate::{
    Ctx, Message, Refusal, area,
    journal::{self, Entry as JournalEntry, SubjectKind},
};

/// Parts in which a total of what lies below stands, so that writers of different areas seldom meet at one row.
const PARTS: i64 = 16;

/// What is brought in of one record. The same again changes nothing, another value corrects it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub element: String,
    pub place: area::Place,
    pub day: Date,
    /// Empty for an element without a disaggregation.
    pub option: String,
    /// What tells it from every other record of the element.
    pub reference: String,
    /// In hundredths where the element is of money; none withdraws it.
    pub value: Option<i64>,
}

/// Where records come from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub name: &'a str,
    pub provenance: &'a str,
}

/// Brings records in, and posts the differences to the totals of their areas and of all above them, inside the
/// transaction of whoever has them.
pub fn enter(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    origin: &Origin<'_>,
    entries: &[Entry],
) -> Result<ImportReport, Refusal> {
    let mut report = ImportReport::default();
    let mut ledger = Ledger::default();
    let set: Id<StatisticSet> = ctx.id();
    let mut elements = BTreeSet::new();
    for entry in entries {
        let next = record(ctx, set, origin, entry)?;
        let before = rows::in_force(tx, &next.element, &next.reference)?;
        if before.as_ref().is_some_and(|it| is_same(it, &next)) || (before.is_none() && next.value.is_none())
        {
            report.unchanged += 1;
            continue;
        }
        let next = Record {
            revision: before.as_ref().map_or(1, |it| it.revision + 1),
            // A clock that was put back does not put a correction before what it corrects.
            reported_at: before.as_ref().map_or(ctx.now, |it| it.reported_at.max(ctx.now)),
            ..next
        };
        match (&before, next.value) {
            (None, _) => report.added += 1,
            (Some(_), Some(_)) => report.corrected += 1,
            (Some(_), None) => report.withdrawn += 1,
        }
        if elements.is_empty() {
            rows::insert_set(tx, set, (origin.name, origin.provenance), ctx.now)?;
        }
        if elements.insert(next.element.clone()) {
            rows::insert_set_element(tx, set, &next.element, ctx.now)?;
        }
        if let Some(before) = &before {
            rows::replace(tx, before, next.reported_at)?;
            ledger.add(before, -1);
        }
        rows::insert(tx, &next)?;
        ledger.add(&next, 1);
    }
    ledger.post(tx, ctx.now)?;
    Ok(report)
}

fn is_same(one: &Record, other: &Record) -> bool {
    (one.area, &one.period, one.day, &one.option, one.value)
        == (other.area, &other.period, other.day, &other.option, other.value)
}

fn record(ctx: &Ctx, set: Id<StatisticSet>, origin: &Origin<'_>, entry: &Entry) -> Result<Record, Refusal> {
    let definitions = &ctx.city.statistic;
    let wrong = |field: &str| Refusal::invalid(field, Message::new("fault-choice"));
    let element = definitions.element(&entry.element).ok_or_else(|| wrong("element"))?;
    let options = definitions.options(element);
    let is_option = match options {
        [] => entry.option.is_empty(),
        options => options.iter().any(|it| it.code == entry.option),
    };
    if !is_option {
        return Err(wrong("option"));
    }
    if entry.value.is_some_and(|it| !(0..=VALUE_MAX).contains(&it)) {
        return Err(wrong("value"));
    }
    if entry.reference.is_empty() || entry.reference.chars().count() > REFERENCE_CHARS_MAX {
        return Err(wrong("reference"));
    }
    Ok(Record {
        county: entry.place.county,
        element: entry.element.clone(),
        reference: entry.reference.clone(),
        revision: 1,
        area: entry.place.id,
        path: entry.place.path.clone(),
        period: Period::of(element.period, entry.day).to_string(),
        day: entry.day,
        option: entry.option.clone(),
        value: entry.value,
        reported_at: ctx.now,
        set,
        set_name: origin.name.to_owned(),
    })
}

/// Differences of totals, gathered so that each row is written once, and in one order by all writers.
#[derive(Default)]
struct Ledger {
    differences: BTreeMap<rows::Place, [i64; 3]>,
    /// By how many the records of an area itself change.
    own: BTreeMap<(String, AreaPath, String), i64>,
}

impl Ledger {
    fn add(&mut self, record: &Record, sign: i64) {
        let Some(value) = record.value else { return };
        let leaf = (record.element.as_str(), &record.path, record.period.as_str());
        self.spread(leaf, &record.option, [sign * value, 0, 0]);
        self.spread(leaf, "", [0, sign, 0]);
        let own = (record.element.clone(), record.path.clone(), record.period.clone());
        *self.own.entry(own).or_default() += sign;
    }

    /// To the area and every one above it.
    fn spread(&mut self, (element, path, period): (&str, &AreaPath, &str), option: &str, by: [i64; 3]) {
        for above in path.ancestors() {
            let part = if above == *path { 0 } else { part_of(path) };
            let key = (element.to_owned(), above, option.to_owned(), period.to_owned(), part);
            let difference = self.differences.entry(key).or_default();
            difference.iter_mut().zip(by).for_each(|(it, by)| *it += by);
        }
    }

    /// Every writer of an area's records writes the row that counts them, so that of two at once one starts over and no
    /// area is counted twice or lost.
    fn post(mut self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Refusal> {
        for ((element, path, period), by) in std::mem::take(&mut self.own) {
            let before = rows::own_records(tx, &element, &path, &period)?;
            let areas = i64::from(before + by > 0) - i64::from(before > 0);
            self.spread((&element, &path, &period), "", [0, 0, areas]);
        }
        for (place, difference) in &self.differences {
            rows::post(tx, place, *difference, now)?;
        }
        Ok(())
    }
}

/// The same for the same area, from 1.
fn part_of(path: &AreaPath) -> i64 {
    let mixed = path.as_str().bytes().fold(0_i64, |mixed, byte| (mixed * 31 + i64::from(byte)) % 1_000_003);
    1 + mixed % PARTS
}

/// Makes all totals anew of the records, as after areas were moved.
pub fn recount(tx: &mut Tx<'_>) -> Result<(), Refusal> {
    let leaves = rows::leaves(tx)?;
    rows::clear(tx)?;
    let mut ledger = Ledger::default();
    let mut latest: BTreeMap<(String, AreaPath, String), Timestamp> = BTreeMap::new();
    for (element, path, option, period, value, records, at) in leaves {
        let leaf = (element.as_str(), &path, period.as_str());
        ledger.spread(leaf, &option, [value, 0, 0]);
        ledger.spread(leaf, "", [0, records, 0]);
        for above in path.ancestors() {
            let known = latest.entry((element.clone(), above, period.clone())).or_insert(at);
            *known = (*known).max(at);
        }
        *ledger.own.entry((element, path, period)).or_default() += records;
    }
    for (element, path, period) in std::mem::take(&mut ledger.own).into_keys() {
        ledger.spread((&element, &path, &period), "", [0, 0, 1]);
    }
    for (place, difference) in &ledger.differences {
        let (element, path, _, period, _) = place;
        let at = latest.get(&(element.clone(), path.clone(), period.clone())).copied();
        rows::post(tx, place, *difference, at.unwrap_or(Timestamp::from_micros(0)))?;
    }
    Ok(())
}

/// Brings in a file of events, or changes nothing and lists the file's faults.
pub fn import(ctx: &Ctx, bytes: &[u8], origin: &Origin<'_>) -> Result<ImportReport, ImportError> {
    let mut unread = Collector::default();
    let read = source::read(bytes, &ctx.city.statistic, ctx.now.civil().date(), &mut unread);
    let outcome = ctx.write(|tx| {
        let city = area::city(tx)?.ok_or(Refusal::NotFound)?;
        if ctx.actor != policy::Actor::system() {
            ctx.must(Action::StatisticImport, Resource::Area { path: &city.path })?;
        }
        let mut faults = unread.clone();
        let entries = look_up(tx, &read, &mut faults)?;
        if let Err(faults) = faults.check() {
            return Ok(Err(faults));
        }
        let report = enter(tx, ctx, origin, &entries)?;
        let entry = JournalEntry::new(city.county, "statistic.import", SubjectKind::Area, city.id.uuid())
            .with("source", origin.name)
            .with("added", report.added)
            .with("changed", report.corrected + report.withdrawn);
        if report.added + report.corrected + report.withdrawn > 0 {
            journal::record(tx, ctx, &entry)?;
        }
        Ok(Ok(report))
    })?;
    outcome.map_err(ImportError::Faults)
}

fn look_up(tx: &mut Tx<'_>, read: &[Row], faults: &mut Collector) -> Result<Vec<Entry>, Refusal> {
    let mut places: BTreeMap<&str, Option<area::Place>> = BTreeMap::new();
    let mut seen: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut entries = Vec::with_capacity(read.len().min(limits::EVENT_ROWS_MAX));
    for row in read {
        if !places.contains_key(row.area.as_str()) {
            places.insert(&row.area, area::place(tx, &row.area)?);
        }
        let Some(Some(place)) = places.get(row.area.as_str()) else {
            faults.field(row.line, source::column("area"), Reason::AreaUnknown(row.area.clone()));
            continue;
        };
        if let Some(first) = seen.insert((&row.element, &row.reference), row.line) {
            faults.field(row.line, source::column("reference"), Reason::Duplicate(first));
            continue;
        }
        entries.push(Entry {
            element: row.element.clone(),
            place: place.clone(),
            day: row.day,
            option: row.option.clone(),
            reference: row.reference.clone(),
            value: row.value,
        });
    }
    Ok(entries)
}
