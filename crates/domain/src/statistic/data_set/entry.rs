//! What lines of values would change, and entering it.

use std::collections::BTreeMap;

use store::Tx;

use super::{Asked, CellValue, Period, Stamp, add, may_report, must_report, not_asked, reference};
use crate::{
    Ctx, Faults, Message, Refusal, area,
    journal::{self, Entry as JournalEntry, SubjectKind},
    statistic::{
        action::{self, Entry, Origin},
        definition::{Comparison, ValidationRule},
        expression::Ratio,
        model::{ImportReport, VALUE_MAX},
    },
    text,
};

/// The number of a line that stands on no sheet: rows are counted from 1.
const BY_HAND: u32 = 0;

/// Values of one unit, by hand or of one row of a sheet.
#[derive(Clone, Debug)]
pub struct Line {
    /// Of the sheet.
    pub number: u32,
    /// Code of the unit.
    pub area: String,
    pub values: Vec<CellValue>,
}

/// What lines come to, before anything is done.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub changes: Vec<Change>,
    pub unchanged: u64,
    pub broken: Vec<Broken>,
    pub left_out: Vec<LeftOut>,
    pub stamp: String,
}

#[derive(Clone, Debug)]
pub struct Change {
    /// Code and name.
    pub area: (String, String),
    pub element: String,
    pub option: String,
    pub before: Option<i64>,
    pub after: Option<i64>,
}

/// A rule that does not hold in a unit's report.
#[derive(Clone, Debug)]
pub struct Broken {
    pub area: (String, String),
    pub rule: String,
    pub left: Ratio,
    pub right: Ratio,
}

/// A row of a sheet, or a cell of it, that is not taken.
#[derive(Clone, Debug)]
pub struct LeftOut {
    pub line: u32,
    pub why: Message,
}

/// What became of a report.
#[derive(Debug)]
pub enum Outcome {
    Entered(ImportReport),
    /// Nothing was done: a rule does not hold and nobody said why, or somebody entered something since.
    Look(Plan),
}

/// What lines would change, and the records that would do it.
pub(super) fn plan(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    asked: &Asked<'_>,
    lines: &[Line],
) -> Result<(Plan, Vec<Entry>), Refusal> {
    let (mut plan, mut entries, mut stamp) = (Plan::default(), Vec::new(), Stamp::default());
    for line in lines {
        let mut leave = |why: Message| plan.left_out.push(LeftOut { line: line.number, why });
        let Some(place) = area::place(tx, &line.area)? else {
            leave(Message::new("fault-statistic-no-unit").with("name", &line.area));
            continue;
        };
        if !asked.is_unit(&place) {
            leave(not_asked());
            continue;
        }
        if !may_report(ctx, &place.path) {
            leave(Message::new("fault-statistic-other-unit").with("name", &place.name));
            continue;
        }
        let cells = asked.cells(tx, &place)?;
        let mut after: BTreeMap<(&str, &str), Option<i64>> =
            cells.iter().map(|it| ((it.element.as_str(), it.option.as_str()), it.whole())).collect();
        for new in &line.values {
            let found = cells.iter().find(|it| it.element == new.element && it.option == new.option);
            let Some(cell) = found else {
                leave(Message::new("fault-statistic-cell").with("element", &new.element));
                continue;
            };
            if let Some((known, _)) = cell.known.as_ref().filter(|_| !cell.is_open()) {
                match new.value.is_none_or(|it| it == *known) {
                    true => plan.unchanged += u64::from(new.value.is_some()),
                    false => leave(Message::new("fault-statistic-known").with("element", &new.element)),
                }
                continue;
            }
            if new.value.is_some_and(|it| !(0..=VALUE_MAX).contains(&it)) {
                leave(Message::new("fault-statistic-value").with("element", &new.element));
                continue;
            }
            stamp.add(&place, cell);
            if cell.value == new.value {
                plan.unchanged += 1;
                continue;
            }
            let whole = cell.known.as_ref().map(|it| it.0).into_iter().chain(new.value).reduce(add);
            after.insert((&cell.element, &cell.option), whole);
            plan.changes.push(Change {
                area: (place.code.clone(), place.name.clone()),
                element: new.element.clone(),
                option: new.option.clone(),
                before: cell.value,
                after: new.value,
            });
            entries.push(Entry {
                element: new.element.clone(),
                place: place.clone(),
                day: asked.period.first,
                option: new.option.clone(),
                reference: reference(&place, asked.period, &new.option),
                value: new.value,
            });
        }
        plan.broken.extend(asked.broken(&place, &after));
    }
    plan.stamp = stamp.done();
    Ok((plan, entries))
}

impl Asked<'_> {
    /// The rules that do not hold. Where something is not reported yet, nothing is said of it.
    fn broken(&self, place: &area::Place, values: &BTreeMap<(&str, &str), Option<i64>>) -> Vec<Broken> {
        let known = |code: &str, option: Option<&str>| -> Option<Ratio> {
            let element = self.definitions.element(code)?;
            let of = values.iter().filter(|((of, _), _)| *of == code);
            let mut all =
                of.filter(|((_, it), _)| option.is_none_or(|wanted| wanted == *it)).map(|(_, it)| *it);
            let sum = all.try_fold(None, |sum: Option<i64>, it| Some(Some(add(sum.unwrap_or(0), it?))))??;
            Ratio::new(sum.into(), element.value_type.scale().into())
        };
        let judge = |rule: &ValidationRule| {
            let (left, right) = (rule.left.value(&known)?, rule.right.value(&known)?);
            let order = left.compare(right);
            let holds = match rule.comparison {
                Comparison::AtMost => order.is_le(),
                Comparison::AtLeast => order.is_ge(),
                Comparison::Equal => order.is_eq(),
            };
            let area = (place.code.clone(), place.name.clone());
            (!holds).then(|| Broken { area, rule: rule.code.clone(), left, right })
        };
        self.set.rules.iter().filter_map(judge).collect()
    }
}

/// Enters a unit's report by hand. `seen` is the stamp of the report as it was shown; `reason` says why a rule does not hold.
pub fn enter_report(
    ctx: &Ctx,
    code: &str,
    (area, period): (&str, Period),
    values: &[CellValue],
    (seen, reason): (&str, &str),
) -> Result<Outcome, Refusal> {
    let asked = Asked::new(ctx, code, period)?;
    let line = Line { number: BY_HAND, area: area.to_owned(), values: values.to_vec() };
    ctx.write(|tx| {
        let place = area::place(tx, area)?.ok_or(Refusal::NotFound)?;
        must_report(ctx, &place.path)?;
        enter(tx, ctx, &asked, std::slice::from_ref(&line), (&place, seen, reason))
    })
}

/// Enters what lines say of units at `place` and below, if it is what was seen.
pub(super) fn enter(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    asked: &Asked<'_>,
    lines: &[Line],
    (place, seen, reason): (&area::Place, &str, &str),
) -> Result<Outcome, Refusal> {
    let mut faults = Faults::default();
    let reason = text::line(&mut faults, "reason", reason);
    faults.check()?;
    let (plan, entries) = plan(tx, ctx, asked, lines)?;
    if plan.stamp != seen {
        return Ok(Outcome::Look(plan));
    }
    // Of a sheet a row is left out; of a report by hand all is taken or nothing.
    if let Some(fault) = plan.left_out.iter().find(|it| it.line == BY_HAND) {
        return Err(Refusal::invalid("values", fault.why.clone()));
    }
    if !plan.broken.is_empty() && reason.is_empty() {
        return Ok(Outcome::Look(plan));
    }
    let origin = Origin { name: &asked.set.code, provenance: &reason };
    let report = action::enter(tx, ctx, &origin, &entries)?;
    if !entries.is_empty() {
        let entry = JournalEntry::new(place.county, "statistic.report", SubjectKind::Area, place.id.uuid())
            .with("data_set", &asked.set.code)
            .with("period", asked.period)
            .with("changed", entries.len());
        journal::record(tx, ctx, &entry)?;
    }
    Ok(Outcome::Entered(report))
}
