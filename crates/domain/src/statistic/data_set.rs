//! What units report by data sets: entered by hand, or for many of them from one workbook, with a look at what would change.
//!
//! What came from elsewhere (a form, a file, a room) is shown beside and is not entered again: it is corrected where it came
//! from. A rule that does not hold stops nothing that is explained; the explanation stands beside the records.

mod entry;
mod progress;
mod upload;
mod workbook;

use std::collections::BTreeMap;

use jiff::civil::Date;
use policy::{Action, Resource};
use sha2::{Digest, Sha256};
use store::Tx;

use super::{
    definition::{DataSet, Definitions, Element},
    period::{Period, YEARS},
    store::{self as rows, Said},
};
use crate::{Ctx, Message, Refusal, area};

pub use entry::{Broken, Change, LeftOut, Line, Outcome, Plan, enter_report};
pub use progress::{Arrivals, Progress, ProgressPart, progress};
pub use upload::{Look, forget, look, take, upload};
pub use workbook::{Column, Meaning};

/// Units of one sheet.
pub const UNITS_MAX: usize = 2_000;

/// A unit's report of a data set and period.
#[derive(Clone, Debug)]
pub struct Report {
    pub area: area::Place,
    pub period: Period,
    /// The last day on which it is in time.
    pub due: Date,
    /// In the order of the data set.
    pub cells: Vec<ReportCell>,
    /// Of what is entered now: whoever changes it says what they saw.
    pub stamp: String,
}

#[derive(Clone, Debug)]
pub struct ReportCell {
    pub element: String,
    /// Empty for an element without a disaggregation.
    pub option: String,
    /// As it was entered; in hundredths where the element is of money.
    pub value: Option<i64>,
    /// What came from elsewhere: its sum, and the names of its sources.
    pub known: Option<(i64, Vec<String>)>,
    /// Of the period before, wherever it came from.
    pub before: Option<i64>,
}

/// What is to stand in a cell; none takes it back.
#[derive(Clone, Debug)]
pub struct CellValue {
    pub element: String,
    pub option: String,
    pub value: Option<i64>,
}

/// A data set with an area and a period that it can be of.
struct Asked<'a> {
    set: &'a DataSet,
    definitions: &'a Definitions,
    period: Period,
}

impl<'a> Asked<'a> {
    fn new(ctx: &'a Ctx, code: &str, period: Period) -> Result<Self, Refusal> {
        let definitions = &ctx.city.statistic;
        let set = definitions.data_set(code).ok_or(Refusal::NotFound)?;
        if period.kind != set.period || !YEARS.contains(&period.first.year()) {
            return Err(Refusal::invalid("period", Message::new("fault-statistic-period")));
        }
        if period.first > ctx.now.civil().date() {
            return Err(Refusal::invalid("period", Message::new("fault-statistic-future")));
        }
        Ok(Self { set, definitions, period })
    }

    fn due(&self) -> Date {
        due(self.set, self.period)
    }

    fn is_unit(&self, place: &area::Place) -> bool {
        reports(self.set, place)
    }

    /// Those in an area; more than a sheet has room for are refused.
    fn units(&self, tx: &mut Tx<'_>, place: &area::Place) -> Result<Vec<area::Area>, Refusal> {
        let found = area::of_tier(tx, &place.path, self.set.reported_by, UNITS_MAX + 1)?;
        if found.len() > UNITS_MAX {
            let message = Message::new("fault-statistic-sheet-units").with("max", UNITS_MAX);
            return Err(Refusal::invalid("area", message));
        }
        Ok(found)
    }

    /// What a unit is asked for: of an element that units of one kind report, the others are not.
    fn elements(&self, place: &area::Place) -> impl Iterator<Item = &'a Element> {
        let kind = area::kind_of_code(&place.code);
        let definitions = self.definitions;
        self.set
            .elements
            .iter()
            .filter_map(|it| definitions.element(it))
            .filter(move |it| it.reported_by.and_then(|(_, kind)| kind).is_none_or(|wanted| wanted == kind))
    }

    /// Codes of the options that an element is taken apart by; one without a name for one that is not.
    fn options(&self, element: &Element) -> Vec<&'a str> {
        match self.definitions.options(element) {
            [] => vec![""],
            all => all.iter().map(|it| it.code.as_str()).collect(),
        }
    }

    /// What is there of a unit, cell by cell.
    fn cells(&self, tx: &mut Tx<'_>, place: &area::Place) -> Result<Vec<ReportCell>, Refusal> {
        let mut cells = Vec::new();
        for element in self.elements(place) {
            let said = |tx: &mut Tx<'_>, period: Period| {
                let own = reference(place, period, "");
                rows::said(tx, &element.code, &place.path, (&period.to_string(), &own))
            };
            let now = said(tx, self.period)?;
            let then = self.period.before().map(|it| said(tx, it)).transpose()?.unwrap_or_default();
            let is_own = |it: &Said| it.is_reported && it.source == self.set.code;
            // Of what is known of an element, an option of which nothing was said has none.
            let mut sources: Vec<String> =
                now.iter().filter(|it| !is_own(it)).map(|it| it.source.clone()).collect();
            sources.dedup();
            for option in self.options(element) {
                let sum = |of: &[Said], which: &dyn Fn(&Said) -> bool| {
                    of.iter().filter(|it| it.option == option && which(it)).map(|it| it.value).reduce(add)
                };
                let elsewhere = sum(&now, &|it| !is_own(it)).unwrap_or(0);
                cells.push(ReportCell {
                    element: element.code.clone(),
                    option: option.to_owned(),
                    value: sum(&now, &is_own),
                    known: (!sources.is_empty()).then(|| (elsewhere, sources.clone())),
                    before: sum(&then, &|_| true),
                });
            }
        }
        Ok(cells)
    }
}

fn add(one: i64, other: i64) -> i64 {
    one.saturating_add(other)
}

/// Of the one record that an area has of an element, period and option, whether a form says it or a report: what is said later
/// corrects what was said before, and nothing counts twice.
pub fn reference(place: &area::Place, period: Period, option: &str) -> String {
    format!("{} {period}{}{option}", place.id, if option.is_empty() { "" } else { " " })
}

/// Whether an area is one of those that report a data set.
pub fn reports(set: &DataSet, place: &area::Place) -> bool {
    let (tier, kind) = set.reported_by;
    place.tier == tier && kind.is_none_or(|it| area::kind_of_code(&place.code) == it)
}

/// The last day on which a report of a period is in time.
pub fn due(set: &DataSet, period: Period) -> Date {
    period.last().saturating_add(jiff::Span::new().days(set.due_days))
}

/// Whether the actor may report for an area, or for units below it.
pub fn may_report(ctx: &Ctx, path: &kernel::AreaPath) -> bool {
    ctx.may(Action::StatisticReport, Resource::Area { path })
}

fn must_report(ctx: &Ctx, path: &kernel::AreaPath) -> Result<(), Refusal> {
    ctx.must(Action::StatisticReport, Resource::Area { path })
}

/// What stands in the report of a unit, for those who report for it.
pub fn report(ctx: &Ctx, code: &str, area: &str, period: Period) -> Result<Report, Refusal> {
    let asked = Asked::new(ctx, code, period)?;
    ctx.read(|tx| {
        let place = area::place(tx, area)?.ok_or(Refusal::NotFound)?;
        must_report(ctx, &place.path)?;
        if !asked.is_unit(&place) {
            return Err(Refusal::invalid("area", not_asked()));
        }
        let cells = asked.cells(tx, &place)?;
        let mut stamp = Stamp::default();
        cells.iter().filter(|it| it.is_open()).for_each(|it| stamp.add(&place, it));
        Ok(Report { due: asked.due(), period, cells, stamp: stamp.done(), area: place })
    })
}

/// What stands in the reports of all units in an area, for a sheet.
#[derive(Clone, Debug)]
pub struct AllReports {
    pub area: area::Place,
    /// Element and option of each column.
    pub cells: Vec<(String, String)>,
    pub units: Vec<(area::Place, Vec<ReportCell>)>,
}

pub fn all_reports(ctx: &Ctx, code: &str, area: &str, period: Period) -> Result<AllReports, Refusal> {
    let asked = Asked::new(ctx, code, period)?;
    ctx.read(|tx| {
        let place = area::place(tx, area)?.ok_or(Refusal::NotFound)?;
        must_report(ctx, &place.path)?;
        let found = asked.units(tx, &place)?;
        let mut units = Vec::with_capacity(found.len());
        for it in found {
            let unit = area::place(tx, &it.code)?.ok_or(Refusal::NotFound)?;
            let cells = asked.cells(tx, &unit)?;
            units.push((unit, cells));
        }
        let cells = asked.called().into_iter().map(|it| (it.element, it.option)).collect();
        Ok(AllReports { area: place, cells, units })
    })
}

fn not_asked() -> Message {
    Message::new("fault-statistic-unit")
}

/// A digest of what stood in cells before they are changed.
#[derive(Default)]
struct Stamp(BTreeMap<String, Option<i64>>);

impl Stamp {
    fn add(&mut self, place: &area::Place, cell: &ReportCell) {
        self.0.insert(format!("{} {} {}", place.id, cell.element, cell.option), cell.value);
    }

    fn done(self) -> String {
        let mut digest = Sha256::new();
        for (cell, value) in self.0 {
            digest.update(format!("{cell} {value:?}\n"));
        }
        let digest = digest.finalize();
        digest.first_chunk().map_or(0, |it| u64::from_be_bytes(*it)).to_string()
    }
}

impl ReportCell {
    /// It is entered here: nothing is known of it from elsewhere, or something was entered before that came.
    pub fn is_open(&self) -> bool {
        self.known.is_none() || self.value.is_some()
    }

    /// What it counts, wherever that came from.
    fn whole(&self) -> Option<i64> {
        self.known.as_ref().map(|it| it.0).into_iter().chain(self.value).reduce(add)
    }
}
