//! How many units have reported, and which have not.

use std::collections::{BTreeMap, HashMap};

use kernel::{AreaPath, Timestamp};
use policy::{Action, Resource};

use super::{Asked, Period, due};
use crate::{
    Ctx, Refusal, area,
    statistic::{query, store as rows},
};

/// Units of a whole city.
const UNITS_MAX: usize = 100_000;

/// Units of an area, and what of their reports is there.
#[derive(Clone, Debug)]
pub struct Progress {
    pub area: area::Place,
    /// The areas above, root first: code and name.
    pub above: Vec<(String, String)>,
    pub period: Period,
    pub due: jiff::civil::Date,
    pub is_over: bool,
    pub whole: Arrivals,
    pub parts: Vec<ProgressPart>,
}

/// An area right below, or the unit itself.
#[derive(Clone, Debug)]
pub struct ProgressPart {
    pub code: String,
    pub name: String,
    /// It reports itself.
    pub is_unit: bool,
    pub arrivals: Arrivals,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    pub expected: i64,
    /// All that is asked for is there.
    pub complete: i64,
    /// It was by the last day for it, whatever was corrected since.
    pub in_time: i64,
    /// Something is there.
    pub begun: i64,
}

impl Arrivals {
    fn add(&mut self, other: Arrivals) {
        self.expected += other.expected;
        self.complete += other.complete;
        self.in_time += other.in_time;
        self.begun += other.begun;
    }

    pub fn silent(&self) -> i64 {
        self.expected - self.complete - self.begun
    }
}

/// Who has reported a data set of a period in an area and right below it, for those who may read records there.
pub fn progress(ctx: &Ctx, code: &str, area: &str, period: Period) -> Result<Progress, Refusal> {
    let asked = Asked::new(ctx, code, period)?;
    let (due, words) = (due(asked.set, period), period.to_string());
    let due_end = end_of(due);
    ctx.read(|tx| {
        let place = area::place(tx, area)?.ok_or(Refusal::NotFound)?;
        ctx.must(Action::StatisticReadRecords, Resource::Area { path: &place.path })?;
        let mut reported: HashMap<&str, HashMap<AreaPath, Timestamp>> = HashMap::new();
        for element in &asked.set.elements {
            let found = rows::reported(tx, element, &place.path, &words)?;
            reported.insert(element, found.into_iter().collect());
        }
        let units = area::of_tier(tx, &place.path, asked.set.reported_by, UNITS_MAX)?;
        let mut parts: BTreeMap<AreaPath, Arrivals> = BTreeMap::new();
        for unit in units {
            let below = below(&place.path, &unit.path);
            let unit = area::Place {
                id: unit.id,
                code: unit.code,
                name: unit.name,
                tier: unit.tier,
                path: unit.path,
                county: place.county,
            };
            let came: Vec<Option<&Timestamp>> =
                asked.elements(&unit).map(|it| reported.get(it.code.as_str())?.get(&unit.path)).collect();
            let is_complete = came.iter().all(Option::is_some) && !came.is_empty();
            let is_in_time = is_complete && came.iter().flatten().all(|it| **it <= due_end);
            let one = Arrivals {
                expected: i64::from(!came.is_empty()),
                complete: i64::from(is_complete),
                in_time: i64::from(is_in_time),
                begun: i64::from(!is_complete && came.iter().any(Option::is_some)),
            };
            parts.entry(below).or_default().add(one);
        }
        let mut whole = Arrivals::default();
        let mut named = Vec::with_capacity(parts.len());
        for (path, arrivals) in parts {
            whole.add(arrivals);
            let name = area::place(tx, path.code())?.ok_or(Refusal::NotFound)?;
            let is_unit = asked.is_unit(&name);
            named.push(ProgressPart { code: name.code, name: name.name, is_unit, arrivals });
        }
        let (above, is_over) = (query::above(tx, &place)?, ctx.now > due_end);
        Ok(Progress { area: place, above, period, due, is_over, whole, parts: named })
    })
}

/// The area right below `path` in which `unit` lies; the unit itself where there is none.
fn below(path: &AreaPath, unit: &AreaPath) -> AreaPath {
    let mut line = unit.ancestors().skip_while(|it| it != path);
    line.next();
    line.next().unwrap_or_else(|| unit.clone())
}

/// The last moment of a day.
fn end_of(day: jiff::civil::Date) -> Timestamp {
    let first = Timestamp::from_civil(day.to_datetime(jiff::civil::Time::midnight()));
    Timestamp::from_micros(first.plus_seconds(86_400).micros() - 1)
}
