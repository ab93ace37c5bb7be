//! A workbook with the reports of many units: it waits until somebody has seen what it would change and says so.

use std::collections::BTreeMap;

use kernel::{Id, StatisticUpload, limits};
use store::Tx;
use xform::sheet::Workbook;

use super::{
    Asked, Meaning, Outcome, Period, Plan,
    entry::{enter, plan},
    must_report,
    workbook::{self, Called, Column, Units},
};
use crate::{Ctx, Message, Refusal, area, statistic::store as rows};

/// Seconds for which a workbook waits.
const KEPT_SECONDS: i64 = 86_400;
/// Workbooks of one person that wait at once.
const WAITING_MAX: i64 = 10;

/// What a workbook would change.
#[derive(Debug)]
pub struct Look {
    pub data_set: String,
    pub area: area::Place,
    pub period: Period,
    pub columns: Vec<Column>,
    /// What a column can be of: element and option.
    pub cells: Vec<(String, String)>,
    /// Units of which something is said.
    pub lines: usize,
    pub plan: Plan,
}

/// Keeps a workbook for its sender to look at. What cannot be read is refused now.
pub fn upload(
    ctx: &Ctx,
    code: &str,
    (area, period): (&str, Period),
    bytes: &[u8],
) -> Result<Id<StatisticUpload>, Refusal> {
    let me = ctx.person()?.person;
    Asked::new(ctx, code, period)?;
    if bytes.len() > limits::STATISTIC_UPLOAD_BYTES_MAX {
        let message = Message::new("fault-statistic-upload").with("max", limits::STATISTIC_UPLOAD_BYTES_MAX);
        return Err(Refusal::invalid("file", message));
    }
    book(bytes)?;
    let upload = rows::Upload {
        id: ctx.id(),
        person: me,
        data_set: code.to_owned(),
        area: area.to_owned(),
        period: period.to_string(),
        content: bytes.to_vec(),
    };
    ctx.write(|tx| {
        let place = area::place(tx, area)?.ok_or(Refusal::NotFound)?;
        must_report(ctx, &place.path)?;
        if rows::waiting(tx, me)? >= WAITING_MAX {
            return Err(Refusal::Conflict(
                Message::new("conflict-statistic-uploads").with("max", WAITING_MAX),
            ));
        }
        rows::insert_upload(tx, &upload, ctx.now.plus_seconds(KEPT_SECONDS))?;
        Ok(upload.id)
    })
}

fn book(bytes: &[u8]) -> Result<Workbook, Refusal> {
    Workbook::read(bytes).map_err(|fault| {
        Refusal::invalid("file", Message::new("fault-statistic-workbook").with("reason", fault))
    })
}

/// A workbook that waits, as it is read with what its sender says of its columns.
struct Opened<'a> {
    asked: Asked<'a>,
    place: area::Place,
    read: workbook::Read,
    cells: Vec<(String, String)>,
}

fn open<'a>(
    tx: &mut Tx<'_>,
    ctx: &'a Ctx,
    id: Id<StatisticUpload>,
    chosen: &BTreeMap<usize, Meaning>,
) -> Result<Opened<'a>, Refusal> {
    let me = ctx.person()?.person;
    let found = rows::upload(tx, id)?.filter(|it| it.person == me).ok_or(Refusal::NotFound)?;
    let period = Period::parse(&found.period).ok_or(Refusal::NotFound)?;
    let asked = Asked::new(ctx, &found.data_set, period)?;
    let place = area::place(tx, &found.area)?.ok_or(Refusal::NotFound)?;
    must_report(ctx, &place.path)?;
    let mut units = Units::default();
    asked.units(tx, &place)?.iter().for_each(|it| units.add(&it.code, &it.name));
    let called = asked.called();
    let read = workbook::read(&book(&found.content)?, &called, &units, chosen)?;
    let cells = called.into_iter().map(|it| (it.element, it.option)).collect();
    Ok(Opened { asked, place, read, cells })
}

impl Asked<'_> {
    /// What each cell can be called in a heading: by its code, or in either language by element and option.
    pub(super) fn called(&self) -> Vec<Called> {
        let mut called = Vec::new();
        for element in self.set.elements.iter().filter_map(|it| self.definitions.element(it)) {
            let of = |option: &str, names: Vec<String>| Called {
                element: element.code.clone(),
                option: option.to_owned(),
                value_type: element.value_type,
                names,
            };
            let options = self.definitions.options(element);
            if options.is_empty() {
                let labels = element.label.values().cloned();
                called.push(of("", std::iter::once(element.code.clone()).chain(labels).collect()));
            }
            for it in options {
                let labels = element
                    .label
                    .iter()
                    .filter_map(|(language, label)| Some(format!("{label} {}", it.label.get(language)?)));
                let code = format!("{}.{}", element.code, it.code);
                called.push(of(&it.code, std::iter::once(code).chain(labels).collect()));
            }
        }
        called
    }
}

/// What a workbook that waits would change. `chosen` says of columns what they mean.
pub fn look(ctx: &Ctx, id: Id<StatisticUpload>, chosen: &BTreeMap<usize, Meaning>) -> Result<Look, Refusal> {
    ctx.read(|tx| {
        let mut it = open(tx, ctx, id, chosen)?;
        let (mut plan, _) = plan(tx, ctx, &it.asked, &it.read.lines)?;
        plan.left_out.append(&mut it.read.left_out);
        plan.left_out.sort_by_key(|it| it.line);
        Ok(Look {
            data_set: it.asked.set.code.clone(),
            period: it.asked.period,
            area: it.place,
            columns: it.read.columns,
            cells: it.cells,
            lines: it.read.lines.len(),
            plan,
        })
    })
}

/// Enters what a workbook says, if it is what was seen; then it waits no more.
pub fn take(
    ctx: &Ctx,
    id: Id<StatisticUpload>,
    chosen: &BTreeMap<usize, Meaning>,
    (seen, reason): (&str, &str),
) -> Result<Outcome, Refusal> {
    ctx.write(|tx| {
        let it = open(tx, ctx, id, chosen)?;
        let outcome = enter(tx, ctx, &it.asked, &it.read.lines, (&it.place, seen, reason))?;
        if matches!(outcome, Outcome::Entered(_)) {
            rows::delete_upload(tx, id)?;
        }
        Ok(outcome)
    })
}

/// Workbooks that waited long enough go.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    ctx.write(|tx| Ok(rows::forget_uploads(tx, ctx.now)?))
}
