//! How a table is shown: words for its rows and columns, and its bars and map.

use domain::{
    Ctx, Refusal, area,
    statistic::{Axis, Definitions, Element, Indicator, Pivot, PivotCell, Point, State},
};

use super::{
    super::{
        map::{Map, Shade},
        page::records_of,
        view::{self, FigureRow, number, option, period_words, share, words},
    },
    PATH, Question, Spread,
};
use crate::shell::Shell;

/// One of a choice: its word, its label, and whether it is chosen.
pub type Choice = (String, String, bool);

pub struct PivotRow {
    pub label: String,
    pub unit: String,
    pub address: Option<String>,
    pub cells: Vec<CellView>,
    /// When something of the row last came: for programs, and for people.
    pub latest: Option<(String, String)>,
}

pub struct CellView {
    pub value: Option<String>,
    pub is_hidden: bool,
    /// Reports that are there and that are expected, where some are missing.
    pub missing: Option<(i64, i64)>,
    /// Of its records, for those who may read them.
    pub address: Option<String>,
}

pub struct Bar {
    pub label: String,
    pub value: String,
    /// 0 to 1,000 of the largest.
    pub share: i64,
}

/// How a table is shown to its reader.
pub struct Looks<'a> {
    pub ctx: &'a Ctx,
    pub shell: &'a Shell,
    pub question: &'a Question,
    pub may_read: bool,
}

impl Looks<'_> {
    fn definitions(&self) -> &Definitions {
        &self.ctx.city.statistic
    }

    pub fn unit(&self, element: &Element) -> String {
        self.definitions().unit(&element.unit).map(|it| words(self.shell, &it.label)).unwrap_or_default()
    }

    pub fn choices<T: Copy + PartialEq>(&self, of: &[(&str, T, &str)], chosen: Option<T>) -> Vec<Choice> {
        of.iter().map(|it| (it.0.to_owned(), self.shell.t.say(it.2), chosen == Some(it.1))).collect()
    }

    pub fn label(&self, point: &Point) -> String {
        let t = &self.shell.t;
        match point {
            Point::Area { name, is_ended: true, .. } => t.with("statistic-ended", "name", name.as_str()),
            Point::Area { name, .. } => name.clone(),
            Point::Own => t.say("statistic-own"),
            Point::All => t.say("pivot-all"),
            Point::Whole => t.say("pivot-whole"),
            Point::Period(period) => period_words(self.shell, *period),
            Point::Option(code) => match self.definitions().element(&self.question.element) {
                Some(element) => option(self.ctx, self.shell, element, code),
                None => code.clone(),
            },
            Point::Element(code) => match self.definitions().element(code) {
                Some(it) => words(self.shell, &it.label),
                None => code.clone(),
            },
        }
    }

    fn address(&self, point: &Point) -> Option<String> {
        let (rest, then, area) = (self.question.rest(), self.question.area.then(), &self.question.area.area);
        match point {
            Point::Area { path, .. } => Some(format!("{PATH}?area={}{rest}{then}", path.code())),
            Point::Element(code) => Some(format!("{PATH}?area={area}&element={code}{then}")),
            _ => None,
        }
    }

    pub fn rows(&self, found: &Pivot) -> Vec<PivotRow> {
        let row = |(point, cells): (&Point, &Vec<PivotCell>)| {
            let latest = cells.iter().filter_map(|it| it.figure.latest_at).max();
            let is_coarse = cells.iter().any(|it| it.figure.is_coarse);
            let element = match point {
                Point::Element(code) => self.definitions().element(code),
                _ => None,
            };
            PivotRow {
                label: self.label(point),
                unit: element.map(|it| self.unit(it)).unwrap_or_default(),
                address: self.address(point),
                cells: cells.iter().map(|it| self.cell(it)).collect(),
                latest: latest.map(|it| view::moment(self.shell, it, is_coarse)),
            }
        };
        found.rows.iter().zip(&found.cells).map(row).collect()
    }

    fn cell(&self, it: &PivotCell) -> CellView {
        let figure = &it.figure;
        let has_records = self.may_read && figure.records > 0 && !it.is_own;
        CellView {
            value: self.value(it),
            is_hidden: figure.value == State::Hidden,
            missing: figure
                .completeness
                .filter(|it| it.arrived < it.expected)
                .map(|it| (it.arrived, it.expected)),
            address: has_records.then(|| records_of(&it.element, &it.area, it.period)),
        }
    }

    /// As it is shown, rounded or not.
    fn value(&self, it: &PivotCell) -> Option<String> {
        let indicator = self.indicator(it)?;
        FigureRow::new(self.ctx, self.shell, &indicator, &it.figure).value
    }

    pub fn indicator(&self, it: &PivotCell) -> Option<Indicator> {
        let element = self.definitions().element(&it.element)?;
        Some(Indicator::of(element, it.option.as_deref(), it.period))
    }

    /// Bars along the rows, in the first column, or along the columns where those are periods: whatever is part of a whole or
    /// follows in time, of one unit.
    pub fn bars(&self, found: &Pivot) -> Vec<Bar> {
        let along_columns = self.question.of.columns == Axis::Periods;
        if self.question.has(Axis::Elements) {
            return Vec::new();
        }
        let of: Vec<(&Point, &PivotCell)> = match (along_columns, found.cells.first()) {
            (_, None) => Vec::new(),
            (true, Some(row)) => found.columns.iter().zip(row).collect(),
            (false, Some(_)) => {
                found.rows.iter().zip(found.cells.iter().filter_map(|row| row.first())).collect()
            }
        };
        let of: Vec<_> =
            of.into_iter().filter(|(point, _)| !matches!(point, Point::Whole | Point::All)).collect();
        let largest =
            of.iter().filter_map(|(_, it)| number(&it.figure)).max_by(|one, other| one.compare(*other));
        let bar = |(point, it): &(&Point, &PivotCell)| {
            let share = share(number(&it.figure)?, largest?)?;
            Some(Bar { label: self.label(point), value: self.value(it)?, share })
        };
        of.iter().filter_map(bar).collect()
    }

    /// The areas right below, each in a shade of how much there is of it in the first row or column; where any has a boundary.
    pub fn map(&self, found: &Pivot) -> Result<Option<Map>, Refusal> {
        let of: Vec<(&Point, &PivotCell)> = match self.question.of {
            Spread { rows: Axis::Areas, columns, .. } if columns != Axis::Elements => {
                // The latest period, or all options together.
                let at = if columns == Axis::Periods { found.columns.len().saturating_sub(1) } else { 0 };
                found.rows.iter().zip(found.cells.iter().filter_map(|row| row.get(at))).collect()
            }
            Spread { columns: Axis::Areas, rows, .. } if rows != Axis::Elements => {
                let at = if rows == Axis::Periods { found.rows.len().saturating_sub(1) } else { 0 };
                found.cells.get(at).map(|row| found.columns.iter().zip(row).collect()).unwrap_or_default()
            }
            _ => return Ok(None),
        };
        let areas: Vec<_> = of.into_iter().filter(|(point, _)| matches!(point, Point::Area { .. })).collect();
        let largest =
            areas.iter().filter_map(|(_, it)| number(&it.figure)).max_by(|one, other| one.compare(*other));
        if areas.is_empty() {
            return Ok(None);
        }
        let boundaries = area::boundaries(self.ctx, &found.area.code)?;
        let shade = |code: &str| {
            let (point, it) = areas.iter().find(|(_, it)| it.area == code)?;
            let step = match (it.figure.value, number(&it.figure).zip(largest)) {
                (State::Hidden, _) => Shade::Hidden,
                (_, Some((value, largest))) => Shade::of(share(value, largest)),
                _ => Shade::Nothing,
            };
            let said = self.value(it).unwrap_or_else(|| match it.figure.value {
                State::Hidden => self.shell.t.say("statistic-hidden"),
                _ => "–".to_owned(),
            });
            Some((step, format!("{} {said}", self.label(point)), self.address(point)))
        };
        Ok(Map::of(&boundaries, &shade))
    }
}
