//! What a figure is made of, and whether the actor may see it: looked up once for a whole question.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use kernel::{AreaPath, Timestamp};
use store::Tx;

use super::{
    definition::{Element, Indicator, OverAreas, OverTime},
    expression::Ratio,
    model::{Completeness, Figure, State},
    period::{Period, PeriodKind},
    query::may_read_records,
    rule,
    store::{self as rows, Span, Sum},
};
use crate::{Ctx, Refusal, area, resident};

pub fn span_of(period: Period, kind: PeriodKind) -> Option<Span> {
    period.range(kind).map(|(first, last)| (first.to_string(), last.to_string()))
}

/// Every period there can be, as texts compare.
pub fn all_time() -> Span {
    ("0".into(), "9".into())
}

/// Sums of an element at a node, by option.
#[derive(Clone, Debug, Default)]
struct Cells {
    /// Value and records.
    options: BTreeMap<String, (i64, i64)>,
    latest_at: Option<Timestamp>,
}

impl Cells {
    fn of(sums: Vec<Sum>) -> Self {
        let mut cells = Self::default();
        for sum in sums {
            let option = cells.options.entry(sum.option).or_default();
            *option = (option.0 + sum.value, option.1 + sum.records);
            cells.latest_at = cells.latest_at.max(Some(sum.latest_at));
        }
        cells
    }

    fn records(&self) -> i64 {
        self.options.values().map(|it| it.1).sum()
    }

    /// An option that was taken out of the definitions counts with the others.
    fn known(&self, element: &Element, option: Option<&str>, is_coarse: bool) -> Option<Ratio> {
        if self.records() == 0 {
            return None;
        }
        let (sum, records) = match option {
            Some(option) => self.options.get(option).copied().unwrap_or_default(),
            None => self
                .options
                .values()
                .try_fold((0_i64, 0), |sum, it| Some((sum.0.checked_add(it.0)?, sum.1 + it.1)))?,
        };
        if is_coarse {
            return resident::coarse(sum).map(Ratio::whole);
        }
        let value = Ratio::new(sum.into(), element.value_type.scale().into())?;
        match element.over_areas {
            OverAreas::Sum => Some(value),
            OverAreas::Average => value.by(Ratio::whole(records)),
        }
    }
}

/// What one question has looked up, so that no row of a table asks again.
pub struct Sight<'a> {
    ctx: &'a Ctx,
    pub as_of: Option<Timestamp>,
    spans: HashMap<(String, Option<Period>), Option<Span>>,
    /// Whether a node of an element and span is shown to everybody.
    shown: HashMap<(String, Span, AreaPath), bool>,
    /// What is shown below a node.
    families: HashMap<(String, Span, AreaPath), Family>,
}

/// What is shown to everybody of the parts of an area.
#[derive(Clone, Copy, Debug)]
struct Family {
    /// What was reported of the area itself.
    own: bool,
    /// Each part, so that those are that nothing was reported of.
    all: bool,
}

impl<'a> Sight<'a> {
    pub fn new(ctx: &'a Ctx, as_of: Option<Timestamp>) -> Self {
        Self { ctx, as_of, spans: HashMap::new(), shown: HashMap::new(), families: HashMap::new() }
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
        let mut figure = Figure::none(&indicator.code);
        let mut known: HashMap<String, (Cells, bool)> = HashMap::new();
        let mut is_hidden = false;
        for (index, (code, _)) in indicator.elements().into_iter().enumerate() {
            if known.contains_key(code) {
                continue;
            }
            let Some(element) = self.ctx.city.statistic.element(code) else { continue };
            let span = self.span(tx, element, indicator.period, path)?;
            if index == 0 && !is_own && self.as_of.is_none() {
                figure.completeness = self.completeness(tx, (indicator, element), path, span.as_ref())?;
            }
            let Some(span) = span else { continue };
            let cells = match is_own {
                true => Cells::of(match self.as_of {
                    None => rows::own(tx, &element.code, path, &span)?,
                    Some(at) => rows::own_then(tx, &element.code, path, &span, at)?,
                }),
                false => self.cells(tx, element, path, &span)?,
            };
            let is_coarse = self.is_coarse(element, path);
            figure.is_coarse |= is_coarse;
            is_hidden |= is_coarse && !self.is_shown(tx, element, &span, path, (indicator.period, is_own))?;
            figure.periods = figure.periods.or(Some(span));
            figure.records += cells.records();
            figure.latest_at = figure.latest_at.max(cells.latest_at);
            known.insert(code.to_owned(), (cells, is_coarse));
        }
        let definitions = &self.ctx.city.statistic;
        let value = indicator.value(&|code, option| {
            let (cells, is_coarse) = known.get(code)?;
            cells.known(definitions.element(code)?, option, *is_coarse)
        });
        if is_hidden {
            (figure.records, figure.completeness) = (0, None);
            figure.value = State::Hidden;
        } else {
            figure.value = value.map_or(State::None, State::Value);
        }
        if figure.records == 0 {
            figure.latest_at = None;
        }
        Ok(figure)
    }

    /// Of the areas that are in force now, and the periods that have begun.
    fn completeness(
        &self,
        tx: &mut Tx<'_>,
        (indicator, element): (&Indicator, &Element),
        path: &AreaPath,
        span: Option<&Span>,
    ) -> Result<Option<Completeness>, Refusal> {
        let Some((tier, kind)) = element.reported_by else { return Ok(None) };
        let Some(place) = area::place(tx, path.code())? else { return Ok(None) };
        let below = area::counts_below(tx, place.id)?;
        let areas = match kind {
            Some(kind) => below.kind(tier, kind),
            None => below.tier(tier),
        };
        let is_one = place.tier == tier && kind.is_none_or(|kind| area::kind_of_code(&place.code) == kind);
        let asked = indicator.period.and_then(|it| span_of(it, element.period));
        let periods = match (span, element.over_time) {
            (Some((first, last)), OverTime::Sum) => {
                let today = Period::of(element.period, self.ctx.now.civil().date());
                match (Period::parse(first), Period::parse(last)) {
                    (Some(first), Some(last)) => first.steps_to(last.min(today)),
                    _ => return Ok(None),
                }
            }
            (Some(_), OverTime::Last) => 1,
            // Nothing came, of one period or of the latest there is.
            (None, _) => 1,
        };
        let expected = (areas + i64::from(is_one)) * periods;
        let arrived = match span.or(asked.as_ref()) {
            Some(span) => rows::arrived(tx, &element.code, path, span, (tier, kind))?,
            None => 0,
        };
        Ok((expected > 0).then_some(Completeness { expected, arrived }))
    }

    /// Whether the actor may see an element at a node only as everybody may.
    fn is_coarse(&self, element: &Element, path: &AreaPath) -> bool {
        element.persons && self.ctx.actor != policy::Actor::system() && !may_read_records(self.ctx, path)
    }

    /// Whether everybody may see an element that counts persons at a node: by years alone, and only where no small cell can
    /// be had of what is shown beside and above.
    fn is_shown(
        &mut self,
        tx: &mut Tx<'_>,
        element: &Element,
        span: &Span,
        path: &AreaPath,
        (period, is_own): (Option<Period>, bool),
    ) -> Result<bool, Refusal> {
        let is_year = match period {
            Some(period) => period.kind == PeriodKind::Year,
            // All years together, less those that are shown, would tell of one that is not.
            None => element.period == PeriodKind::Year && element.over_time == OverTime::Last,
        };
        if !is_year {
            return Ok(false);
        }
        let chain: Vec<AreaPath> = path.ancestors().collect();
        let Some(root) = chain.first() else { return Ok(false) };
        let key = |path: &AreaPath| (element.code.clone(), span.clone(), path.clone());
        if let Entry::Vacant(it) = self.shown.entry(key(root)) {
            let cells = Cells::of(rows::totals(tx, &element.code, root, span)?);
            let values: Vec<i64> = cells.options.values().map(|it| it.0).collect();
            it.insert(rule::is_safe(&values));
        }
        for pair in chain.windows(2) {
            if !self.shown.get(&key(&pair[0])).is_some_and(|it| *it) {
                return Ok(false);
            }
            let family = self.look_below(tx, element, span, &pair[0])?;
            // One that nothing was reported of is shown as such only beside others that are all shown.
            self.shown.entry(key(&pair[1])).or_insert(family.all);
        }
        let is_shown = self.shown.get(&key(path)).is_some_and(|it| *it);
        if !is_own || !is_shown {
            return Ok(is_shown);
        }
        Ok(self.look_below(tx, element, span, path)?.own)
    }

    /// Settles which children of a shown node are shown, and whether what stands at the node itself is.
    fn look_below(
        &mut self,
        tx: &mut Tx<'_>,
        element: &Element,
        span: &Span,
        parent: &AreaPath,
    ) -> Result<Family, Refusal> {
        let key = |path: &AreaPath| (element.code.clone(), span.clone(), path.clone());
        if let Some(known) = self.families.get(&key(parent)) {
            return Ok(*known);
        }
        let whole = Cells::of(rows::totals(tx, &element.code, parent, span)?);
        let own = Cells::of(rows::own(tx, &element.code, parent, span)?);
        let mut below: BTreeMap<AreaPath, Vec<Sum>> = BTreeMap::new();
        for (path, sum) in rows::children(tx, &element.code, parent, span)? {
            below.entry(path).or_default().push(sum);
        }
        // One number an option: of those that any record has, whether they are still defined or not.
        let options: Vec<&String> = whole.options.keys().collect();
        let vector = |cells: &Cells| -> Vec<i64> {
            options.iter().map(|it| cells.options.get(*it).map_or(0, |it| it.0)).collect()
        };
        let mut vectors = vec![vector(&own)];
        vectors.extend(below.values().map(|sums| vector(&Cells::of(sums.clone()))));
        let shown = rule::shown(&vector(&whole), &vectors);
        for (path, is_shown) in below.keys().zip(&shown[1..]) {
            self.shown.insert(key(path), *is_shown);
        }
        let family = Family { own: shown[0], all: shown.iter().all(|it| *it) };
        self.families.insert(key(parent), family);
        Ok(family)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistic::Definitions;

    #[test]
    fn an_average_is_of_the_records_that_it_is_about() {
        let file = include_str!("../../../../data/statistic.toml").replacen(
            "code = \"DONATIONS\"\n",
            "code = \"DONATIONS\"\nover_areas = \"average\"\n",
            1,
        );
        let definitions = Definitions::load(&file).unwrap();
        let element = definitions.element("DONATIONS").unwrap();
        let sum = |option: &str, value, records| Sum {
            option: option.into(),
            value,
            records,
            latest_at: Timestamp::from_micros(0),
        };
        let cells = Cells::of(vec![sum("cash", 30_000, 2), sum("kind", 10_000, 1)]);
        let known = |option| cells.known(element, option, false).map(|it| it.to_decimal(2));
        assert_eq!(
            [known(Some("cash")), known(Some("kind")), known(None)],
            [Some("150.00".to_owned()), Some("100.00".to_owned()), Some("133.33".to_owned())]
        );
        assert_eq!(known(Some("other")), None, "nothing is the average of nothing");
    }
}
