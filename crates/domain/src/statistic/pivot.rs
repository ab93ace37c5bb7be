//! A table of data elements by two of what they can be looked at by: areas, periods, options and the elements themselves.

use kernel::{AreaPath, Timestamp};
use policy::Resource;
use store::Tx;

use super::{
    definition::{Element, Indicator},
    model::{Figure, Source, State},
    period::{Period, PeriodKind},
    query::{self, seen},
    sight::Sight,
    store as rows,
};
use crate::{Ctx, Message, Refusal, area};

/// Periods of an axis.
pub const PERIODS_MAX: usize = 62;
/// Periods of an axis of which nothing is said: the latest.
const PERIODS_DEFAULT: usize = 12;
/// Cells of a table.
pub const CELLS_MAX: usize = 6_000;

/// What stands in the rows, or in the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    Areas,
    Periods,
    Options,
    Elements,
}

#[derive(Clone, Copy, Debug)]
pub struct PivotOf<'a> {
    /// Code of an area, in force or ended.
    pub area: &'a str,
    /// Code of an element; unheeded where all of them are an axis.
    pub element: &'a str,
    pub rows: Axis,
    pub columns: Axis,
    /// All there is of what adds up over time, and the latest of what does not, where it is none.
    pub period: Option<Period>,
    /// How long the periods of an axis are; as long as those of the element, where it is none.
    pub by: Option<PeriodKind>,
}

/// One row or column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// The area with all below it.
    Whole,
    /// All options together.
    All,
    /// What was reported of the area itself.
    Own,
    Area {
        path: AreaPath,
        name: String,
        is_ended: bool,
    },
    Period(Period),
    /// Code of an option.
    Option(String),
    /// Code of an element.
    Element(String),
}

#[derive(Clone, Debug)]
pub struct Pivot {
    pub area: area::Place,
    /// The areas above, root first: code and name.
    pub above: Vec<(String, String)>,
    pub rows: Vec<Point>,
    pub columns: Vec<Point>,
    /// Row by row.
    pub cells: Vec<Vec<PivotCell>>,
    /// The sources that brought the latest records of the area and below, by element.
    pub sources: Vec<Source>,
}

#[derive(Clone, Debug)]
pub struct PivotCell {
    pub area: String,
    pub element: String,
    pub period: Option<Period>,
    /// Code of an option; none of all together.
    pub option: Option<String>,
    pub is_own: bool,
    pub figure: Figure,
}

/// A table; as it was known at `as_of`, for those who may see records.
pub fn pivot(ctx: &Ctx, of: &PivotOf<'_>, as_of: Option<Timestamp>) -> Result<Pivot, Refusal> {
    let asked = Asked::new(ctx, of)?;
    ctx.read(|tx| {
        let place = seen(tx, ctx, of.area, as_of)?;
        let mut sight = Sight::new(ctx, as_of);
        let mut axis = |axis| asked.points(tx, ctx, &mut sight, &place, axis);
        let (rows, columns) = (axis(of.rows)?, axis(of.columns)?);
        if rows.len() * columns.len() > CELLS_MAX {
            let fault = Message::new("fault-pivot-cells").with("most", CELLS_MAX.to_string());
            return Err(Refusal::invalid("columns", fault));
        }
        let cells = rows.iter().map(|row| {
            columns.iter().map(|column| asked.cell(tx, &mut sight, &place, [row, column])).collect()
        });
        let cells: Vec<Vec<PivotCell>> = cells.collect::<Result<_, Refusal>>()?;
        let (rows, columns, cells) = kept(rows, columns, cells);
        let mut sources = Vec::new();
        for element in &asked.elements {
            let indicator = Indicator::of(element, None, of.period);
            let whole = sight.figure(tx, &indicator, &place.path)?;
            if whole.value != State::Hidden {
                query::add_sources(tx, (ctx, &mut sight), &indicator, &place.path, &mut sources)?;
            }
        }
        let above = query::above(tx, &place)?;
        Ok(Pivot { area: place, above, rows, columns, cells, sources })
    })
}

/// Without what is no part of the tree, or no part of it now, and of which nothing is there.
fn kept(
    rows: Vec<Point>,
    columns: Vec<Point>,
    cells: Vec<Vec<PivotCell>>,
) -> (Vec<Point>, Vec<Point>, Vec<Vec<PivotCell>>) {
    let in_column = |at: usize| cells.iter().map(move |row| &row[at]).collect::<Vec<_>>();
    let is_column: Vec<bool> =
        columns.iter().enumerate().map(|(at, it)| is_kept(it, &in_column(at))).collect();
    let is_row: Vec<bool> =
        rows.iter().zip(&cells).map(|(it, row)| is_kept(it, &row.iter().collect::<Vec<_>>())).collect();
    let cells = only(cells, &is_row).into_iter().map(|row| only(row, &is_column)).collect();
    (only(rows, &is_row), only(columns, &is_column), cells)
}

fn only<T>(all: Vec<T>, is_kept: &[bool]) -> Vec<T> {
    all.into_iter().zip(is_kept).filter(|(_, is_kept)| **is_kept).map(|(it, _)| it).collect()
}

fn is_kept(point: &Point, cells: &[&PivotCell]) -> bool {
    match point {
        Point::Own => cells.iter().any(|it| it.figure.records > 0 || it.figure.value == State::Hidden),
        // That an ended area stands in the list would say that anybody was reported of it.
        Point::Area { is_ended: true, .. } => {
            cells.iter().any(|it| matches!(it.figure.value, State::Value(_)))
        }
        _ => true,
    }
}

/// What was asked for, looked up.
struct Asked<'a> {
    of: PivotOf<'a>,
    /// One, or all where they are an axis.
    elements: Vec<&'a Element>,
    by: PeriodKind,
}

impl<'a> Asked<'a> {
    fn new(ctx: &'a Ctx, of: &PivotOf<'a>) -> Result<Self, Refusal> {
        let has = |axis| [of.rows, of.columns].contains(&axis);
        let wrong = |field: &str, id| Refusal::invalid(field, Message::new(id));
        if of.rows == of.columns {
            return Err(wrong("columns", "fault-pivot-twice"));
        }
        if has(Axis::Elements) && has(Axis::Options) {
            return Err(wrong("columns", "fault-pivot-options"));
        }
        let definitions = &ctx.city.statistic;
        let elements: Vec<&Element> = match has(Axis::Elements) {
            true => definitions.elements.iter().collect(),
            false => {
                vec![definitions.element(of.element).ok_or_else(|| wrong("element", "fault-choice"))?]
            }
        };
        let longest = || elements.iter().map(|it| it.period).min().unwrap_or(PeriodKind::Year);
        let by = of.by.unwrap_or_else(longest);
        let is_finer = |kind| elements.iter().all(|it| kind > it.period);
        if has(Axis::Periods) && (is_finer(by) || of.period.is_some_and(|it| by < it.kind)) {
            return Err(wrong("by", "fault-statistic-period"));
        }
        if of.period.is_some_and(|it| is_finer(it.kind)) {
            return Err(wrong("period", "fault-statistic-period"));
        }
        Ok(Self { of: *of, elements, by })
    }

    fn points(
        &self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        sight: &mut Sight<'_>,
        place: &area::Place,
        axis: Axis,
    ) -> Result<Vec<Point>, Refusal> {
        Ok(match axis {
            Axis::Elements => self.elements.iter().map(|it| Point::Element(it.code.clone())).collect(),
            Axis::Options => {
                let options = self.elements.iter().flat_map(|it| ctx.city.statistic.options(it));
                let options = options.map(|it| Point::Option(it.code.clone()));
                std::iter::once(Point::All).chain(options).collect()
            }
            Axis::Periods => self.periods(tx, ctx, place)?.into_iter().map(Point::Period).collect(),
            Axis::Areas => {
                let of: Vec<_> = self.elements.iter().map(|it| (it.code.as_str(), self.of.period)).collect();
                let below = query::below(tx, (ctx, sight), &of, place)?.into_iter();
                let below = below.map(|(path, (name, is_ended))| Point::Area { path, name, is_ended });
                std::iter::once(Point::Whole).chain(below).chain([Point::Own]).collect()
            }
        })
    }

    fn periods(&self, tx: &mut Tx<'_>, ctx: &Ctx, place: &area::Place) -> Result<Vec<Period>, Refusal> {
        let (first, last, most) = match self.of.period.and_then(|it| it.range(self.by)) {
            Some((first, last)) => (first, last, PERIODS_MAX),
            None => {
                let root = place.path.ancestors().next().ok_or(Refusal::NotFound)?;
                let resource = Resource::Area { path: &place.path };
                let is_public = !ctx.may(policy::Action::StatisticReadRecords, resource);
                let mut known: Option<(Period, Period)> = None;
                for element in &self.elements {
                    let Some((mut first, mut last)) = rows::periods(tx, &element.code, &root)? else {
                        continue;
                    };
                    if element.persons && is_public {
                        // In which months anybody was there is not for everybody.
                        first = Period::of(PeriodKind::Year, first.first);
                        last = Period::of(PeriodKind::Year, last.first);
                    }
                    let (first, last) = (Period::of(self.by, first.first), Period::of(self.by, last.last()));
                    known = Some(known.map_or((first, last), |it| (it.0.min(first), it.1.max(last))));
                }
                let Some((first, last)) = known else { return Ok(Vec::new()) };
                (first, last, usize::MAX)
            }
        };
        let count = usize::try_from(first.steps_to(last)).unwrap_or(usize::MAX);
        if count > most {
            let fault = Message::new("fault-pivot-periods").with("most", PERIODS_MAX.to_string());
            return Err(Refusal::invalid("by", fault));
        }
        let mut periods: Vec<Period> = std::iter::successors(Some(last), Period::before)
            .take(count.min(match self.of.period {
                Some(_) => PERIODS_MAX,
                None => PERIODS_DEFAULT,
            }))
            .collect();
        periods.reverse();
        Ok(periods)
    }

    fn cell(
        &self,
        tx: &mut Tx<'_>,
        sight: &mut Sight<'_>,
        place: &area::Place,
        points: [&Point; 2],
    ) -> Result<PivotCell, Refusal> {
        let (mut path, mut is_own, mut period) = (&place.path, false, self.of.period);
        let (mut option, mut element) = (None, self.elements.first().copied());
        for point in points {
            match point {
                Point::Whole | Point::All => {}
                Point::Own => is_own = true,
                Point::Area { path: below, .. } => path = below,
                Point::Period(it) => period = Some(*it),
                Point::Option(code) => option = Some(code.as_str()),
                Point::Element(code) => element = self.elements.iter().find(|it| it.code == *code).copied(),
            }
        }
        let element = element.ok_or(Refusal::NotFound)?;
        let indicator = Indicator::of(element, option, period);
        let figure = match is_own {
            false => sight.figure(tx, &indicator, path)?,
            true => match sight.own_figure(tx, &indicator, path)? {
                Some(figure) => figure,
                None => Figure::none(&element.code),
            },
        };
        Ok(PivotCell {
            area: path.code().to_owned(),
            element: element.code.clone(),
            period,
            option: option.map(str::to_owned),
            is_own,
            figure,
        })
    }
}
