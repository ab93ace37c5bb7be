//! What a figure is made of, and whether the actor may see it: looked up once for a whole question.

use std::collections::{BTreeMap, HashMap};

use kernel::{AreaPath, Timestamp};
use store::Tx;

use super::{
    definition::{Element, Indicator, OverAreas, OverTime},
    expression::Ratio,
    period::{Period, PeriodKind},
    query::{Completeness, Figure, State, may_read_records},
    rule,
    store::{self as rows, Span, Sum},
};
use crate::{Ctx, Refusal, area};

pub fn span_of(period: Period, kind: PeriodKind) -> Option<Span> {
    period.range(kind).map(|(first, last)| (first.to_string(), last.to_string()))
}

/// Every period there can be, as texts compare.
pub fn all_time() -> Span {
    ("0".into(), "9".into())
}

/// Sums of an element at a node: those of its options, and the counts.
#[derive(Clone, Debug, Default)]
struct Cells {
    options: BTreeMap<String, i64>,
    records: i64,
    areas: i64,
    latest_at: Option<Timestamp>,
}

impl Cells {
    fn of(sums: Vec<Sum>) -> Self {
        let mut cells = Self::default();
        for sum in sums {
            *cells.options.entry(sum.option).or_default() += sum.value;
            cells.records += sum.records;
            cells.areas += sum.areas;
            cells.latest_at = cells.latest_at.max(Some(sum.latest_at));
        }
        cells
    }

    fn known(&self, element: &Element, option: Option<&str>) -> Option<Ratio> {
        if self.records == 0 {
            return None;
        }
        let sum = match option {
            Some(option) => self.options.get(option).copied().unwrap_or(0),
            None => self.options.values().try_fold(0_i64, |sum, it| sum.checked_add(*it))?,
        };
        let value = Ratio::new(sum.into(), element.value_type.scale().into())?;
        match element.over_areas {
            OverAreas::Sum => Some(value),
            OverAreas::Average => value.by(Ratio::whole(self.records)),
        }
    }
}

/// What one question has looked up, so that no row of a table asks again.
pub struct Sight<'a> {
    ctx: &'a Ctx,
    as_of: Option<Timestamp>,
    spans: HashMap<(String, Option<Period>), Option<Span>>,
    /// Whether a node of an element and span is shown to everybody.
    shown: HashMap<(String, Span, AreaPath), bool>,
    /// Whether what was reported of a node itself is.
    shown_own: HashMap<(String, Span, AreaPath), bool>,
}

impl<'a> Sight<'a> {
    pub fn new(ctx: &'a Ctx, as_of: Option<Timestamp>) -> Self {
        Self { ctx, as_of, spans: HashMap::new(), shown: HashMap::new(), shown_own: HashMap::new() }
    }

    /// The periods that count: those of what is asked, or the latest in which anything is there in the whole tree, so that
    /// parts add up to their whole.
    pub fn span(
        &mut self,
        tx: &mut Tx<'_>,
        element: &Element,
        period: Option<Period>,
        path: &AreaPath,
    ) -> Result<Option<Span>, Refusal> {
        let key = (element.code.clone(), period);
        if let Some(known) = self.spans.get(&key) {
            return Ok(known.clone());
        }
        let asked = match period {
            Some(period) => span_of(period, element.period),
            None => Some(all_time()),
        };
        let span = match (asked, element.over_time) {
            (Some(span), OverTime::Last) => {
                let root = path.ancestors().next().ok_or(Refusal::NotFound)?;
                let found = rows::latest(tx, &element.code, &root, &span, self.as_of)?;
                found.map(|it| (it.clone(), it))
            }
            (asked, OverTime::Sum) => asked,
            (None, _) => None,
        };
        self.spans.insert(key, span.clone());
        Ok(span)
    }

    fn cells(
        &self,
        tx: &mut Tx<'_>,
        element: &Element,
        path: &AreaPath,
        span: &Span,
    ) -> Result<Cells, Refusal> {
        Ok(Cells::of(match self.as_of {
            None => rows::totals(tx, &element.code, path, span)?,
            Some(at) => rows::totals_then(tx, &element.code, path, span, at)?,
        }))
    }

    pub fn figure(
        &mut self,
        tx: &mut Tx<'_>,
        indicator: &Indicator,
        path: &AreaPath,
    ) -> Result<Figure, Refusal> {
        self.made(tx, indicator, path, false)
    }

    /// Of what was reported of the area itself; none where that is nothing.
    pub fn own_figure(
        &mut self,
        tx: &mut Tx<'_>,
        indicator: &Indicator,
        path: &AreaPath,
    ) -> Result<Option<Figure>, Refusal> {
        let found = self.made(tx, indicator, path, true)?;
        Ok((found.records > 0 || found.value == State::Hidden).then_some(found))
    }

    fn made(
        &mut self,
        tx: &mut Tx<'_>,
        indicator: &Indicator,
        path: &AreaPath,
        is_own: bool,
    ) -> Result<Figure, Refusal> {
        let mut figure = Figure {
            code: indicator.code.clone(),
            value: State::None,
            records: 0,
            latest_at: None,
            periods: None,
            completeness: None,
        };
        let mut known: HashMap<String, Cells> = HashMap::new();
        let mut is_hidden = false;
        for (code, _) in indicator.elements() {
            if known.contains_key(code) {
                continue;
            }
            let Some(element) = self.ctx.city.statistic.element(code) else { continue };
            let Some(span) = self.span(tx, element, indicator.period, path)? else { continue };
            let cells = match is_own {
                true => Cells::of(rows::own(tx, &element.code, path, &span)?),
                false => self.cells(tx, element, path, &span)?,
            };
            // Nothing at all is said of an area itself that reports nothing.
            let is_asked = !is_own || cells.records > 0;
            is_hidden |= is_asked && !self.is_shown(tx, element, &span, path, (indicator.period, is_own))?;
            if figure.periods.is_none() {
                figure.completeness = self.completeness(tx, element, path, &cells, is_own)?;
                figure.periods = Some(span);
            }
            figure.records += cells.records;
            figure.latest_at = figure.latest_at.max(cells.latest_at);
            known.insert(code.to_owned(), cells);
        }
        let definitions = &self.ctx.city.statistic;
        let value = indicator.value(&|code, option| {
            definitions.element(code).and_then(|element| known.get(code)?.known(element, option))
        });
        if is_hidden {
            (figure.records, figure.latest_at) = (0, None);
            figure.value = State::Hidden;
        } else {
            figure.value = value.map_or(State::None, State::Value);
        }
        Ok(figure)
    }

    fn completeness(
        &self,
        tx: &mut Tx<'_>,
        element: &Element,
        path: &AreaPath,
        cells: &Cells,
        is_own: bool,
    ) -> Result<Option<Completeness>, Refusal> {
        let Some((tier, kind)) = element.reported_by.filter(|_| !is_own) else { return Ok(None) };
        let Some(place) = area::place(tx, path.code())? else { return Ok(None) };
        let below = area::counts_below(tx, place.id)?;
        let expected = match kind {
            Some(kind) => below.kind(tier, kind),
            None => below.tier(tier),
        };
        let is_one = place.tier == tier && kind.is_none_or(|kind| area::kind_of_code(&place.code) == kind);
        let expected = expected + i64::from(is_one);
        Ok((expected > 0).then_some(Completeness { expected, arrived: cells.areas }))
    }

    /// Whether the actor may see an element at a node. To everybody persons are shown by years alone, and only where no
    /// small cell can be had of what is shown beside and above.
    fn is_shown(
        &mut self,
        tx: &mut Tx<'_>,
        element: &Element,
        span: &Span,
        path: &AreaPath,
        (period, is_own): (Option<Period>, bool),
    ) -> Result<bool, Refusal> {
        if !element.persons || self.ctx.actor == policy::Actor::system() || may_read_records(self.ctx, path) {
            return Ok(true);
        }
        let is_year = match period {
            Some(period) => period.kind == PeriodKind::Year,
            None => element.period == PeriodKind::Year,
        };
        if !is_year {
            return Ok(false);
        }
        let chain: Vec<AreaPath> = path.ancestors().collect();
        let Some(root) = chain.first() else { return Ok(false) };
        let key = |path: &AreaPath| (element.code.clone(), span.clone(), path.clone());
        if !self.shown.contains_key(&key(root)) {
            let cells = Cells::of(rows::totals(tx, &element.code, root, span)?);
            self.shown.insert(key(root), rule::is_safe(&self.vector(element, &cells)));
        }
        for pair in chain.windows(2) {
            if !self.shown.get(&key(&pair[0])).is_some_and(|it| *it) {
                return Ok(false);
            }
            self.look_below(tx, element, span, &pair[0])?;
            // A child that nothing was reported of is nothing, which is not small.
            self.shown.entry(key(&pair[1])).or_insert(true);
        }
        let is_shown = self.shown.get(&key(path)).is_some_and(|it| *it);
        if !is_own || !is_shown {
            return Ok(is_shown);
        }
        self.look_below(tx, element, span, path)?;
        Ok(self.shown_own.get(&key(path)).is_some_and(|it| *it))
    }

    /// Settles which children of a shown node are shown, and whether what stands at the node itself is.
    fn look_below(
        &mut self,
        tx: &mut Tx<'_>,
        element: &Element,
        span: &Span,
        parent: &AreaPath,
    ) -> Result<(), Refusal> {
        let key = |path: &AreaPath| (element.code.clone(), span.clone(), path.clone());
        if self.shown_own.contains_key(&key(parent)) {
            return Ok(());
        }
        let whole = Cells::of(rows::totals(tx, &element.code, parent, span)?);
        let own = Cells::of(rows::own(tx, &element.code, parent, span)?);
        let mut below: BTreeMap<AreaPath, Vec<Sum>> = BTreeMap::new();
        for (path, sum) in rows::children(tx, &element.code, parent, span)? {
            below.entry(path).or_default().push(sum);
        }
        let mut vectors = vec![self.vector(element, &own)];
        vectors.extend(below.values().map(|sums| self.vector(element, &Cells::of(sums.clone()))));
        let shown = rule::shown(&self.vector(element, &whole), &vectors);
        self.shown_own.insert(key(parent), shown[0]);
        for (path, is_shown) in below.keys().zip(&shown[1..]) {
            self.shown.insert(key(path), *is_shown);
        }
        Ok(())
    }

    /// One number an option, in the order of the definitions.
    fn vector(&self, element: &Element, cells: &Cells) -> Vec<i64> {
        let of = |option: &str| cells.options.get(option).copied().unwrap_or(0);
        match self.ctx.city.statistic.options(element) {
            [] => vec![of("")],
            options => options.iter().map(|it| of(&it.code)).collect(),
        }
    }
}
