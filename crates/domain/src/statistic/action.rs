use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{AreaPath, Id, StatisticSet, Tier, Timestamp, limits};
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
    /// What tells it from every other record of the element in its county.
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

impl Origin<'_> {
    /// The city's own tables. What people read for them is in no table, since it is in their language.
    pub(super) const COUNTED: Origin<'static> = Origin { name: "", provenance: "" };
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
    // In one order by all writers, so that none waits for another that waits for it.
    let mut entries: Vec<&Entry> = entries.iter().collect();
    entries.sort_by(|one, other| (&one.element, &one.reference).cmp(&(&other.element, &other.reference)));
    for entry in entries {
        let next = record(ctx, set, origin, entry)?;
        let known = rows::in_force(tx, &next.element, &next.reference)?;
        let before = known.into_iter().find(|it| county_of(&it.path) == county_of(&next.path));
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
            ledger.add(before, -1, next.reported_at);
        }
        rows::insert(tx, &next)?;
        ledger.add(&next, 1, next.reported_at);
    }
    ledger.post(tx)?;
    Ok(report)
}

/// In which county a path lies; what lies in none is by itself. Records keep the county that they came in, and their areas
/// may since have moved.
fn county_of(path: &AreaPath) -> &str {
    path.codes().find(|it| Tier::of_code(it) == Some(Tier::County)).unwrap_or_default()
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
        area_name: entry.place.name.clone(),
        period: Period::of(element.period, entry.day).to_string(),
        day: entry.day,
        option: entry.option.clone(),
        value: entry.value,
        reported_at: ctx.now,
        set,
        set_name: origin.name.to_owned(),
    })
}

/// Differences of totals, gathered so that each row is written once, and in one order by all writers: value, records, and
/// when the latest came.
#[derive(Default)]
struct Ledger(BTreeMap<rows::Place, ([i64; 2], Timestamp)>);

impl Ledger {
    /// To the area and every one above it. A record that was withdrawn moves nothing but the moment.
    fn add(&mut self, record: &Record, sign: i64, at: Timestamp) {
        let by = record.value.map_or([0, 0], |value| [sign * value, sign]);
        for above in record.path.ancestors() {
            let part = if above == record.path { 0 } else { part_of(&record.path) };
            let (element, period, option) = (&record.element, &record.period, &record.option);
            let key = (element.clone(), above, period.clone(), option.clone(), part);
            let (difference, latest) = self.0.entry(key).or_insert(([0, 0], at));
            difference.iter_mut().zip(by).for_each(|(it, by)| *it += by);
            *latest = at.max(*latest);
        }
    }

    fn post(self, tx: &mut Tx<'_>) -> Result<(), Refusal> {
        for (place, (difference, at)) in &self.0 {
            rows::post(tx, place, *difference, *at)?;
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
    Ok(rows::anew::totals(tx)?)
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
    let mut seen: BTreeMap<(&str, Id<kernel::Area>, &str), u64> = BTreeMap::new();
    let mut entries = Vec::with_capacity(read.len().min(limits::EVENT_ROWS_MAX));
    for row in read {
        if !places.contains_key(row.area.as_str()) {
            places.insert(&row.area, area::place(tx, &row.area)?);
        }
        let Some(Some(place)) = places.get(row.area.as_str()) else {
            faults.field(row.line, source::column("area"), Reason::AreaUnknown(row.area.clone()));
            continue;
        };
        if let Some(first) = seen.insert((&row.element, place.county, &row.reference), row.line) {
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
