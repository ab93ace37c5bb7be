//! One question by another, by area or by campaign; pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::{Campaign, Id, limits};

use super::{
    column::{Answers, Entry, Value},
    weight::Weights,
};
use crate::{Message, Refusal};

/// Choices of a question up to which all of them stand in a table; of more, those that were chosen.
const ALL_SHOWN_MAX: usize = 30;

/// What stands in the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By<'a> {
    /// A question by its key.
    Question(&'a str),
    /// The area of the unit, right below the area that asks.
    Area,
    Campaign,
}

/// What a row or column is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// The number of a choice in its question.
    Choice(usize),
    /// The code of an area.
    Area(String),
    Campaign(Id<Campaign>),
    /// A record that no campaign asked for has no unit.
    Without,
}

#[derive(Clone, Debug)]
pub struct Cross {
    /// The question of the rows, and of the columns if it is one.
    pub question: usize,
    pub by: Option<usize>,
    pub rows: Vec<Point>,
    pub columns: Vec<Point>,
    /// Row by row.
    pub cells: Vec<Vec<CrossCell>>,
    pub row_totals: Vec<CrossCell>,
    pub column_totals: Vec<CrossCell>,
    /// Records, or instances of a repeat, that answered both.
    pub total: CrossCell,
    /// Those that answered one of the two alone.
    pub left_out: i64,
    /// Several choices may stand in one answer, so that rows or columns add up to more than their total.
    pub overlaps: bool,
    /// It is counted by instances of a repeat.
    pub is_of_repeat: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CrossCell {
    pub count: i64,
    pub weighted: f64,
}

impl CrossCell {
    fn add(&mut self, weight: f64) {
        self.count += 1;
        self.weighted += weight;
    }

    /// Of a whole, by weight, 0 to 1; none of nothing.
    pub fn share(&self, of: &CrossCell) -> Option<f64> {
        (of.weighted > 0.0).then(|| self.weighted / of.weighted)
    }
}

/// Both answers of one record or instance: its number, and the points that it stands at in rows and columns.
type Pair = (u32, Vec<Point>, Vec<Point>);

impl Answers {
    /// A table of the question with this key by another, by area or by campaign.
    pub fn cross(&self, rows: &str, by: By<'_>, weights: &Weights) -> Result<Cross, Refusal> {
        let question = self.selected("rows", rows)?;
        let column = match by {
            By::Question(key) => Some(self.selected("columns", key)?),
            By::Area | By::Campaign => None,
        };
        if column == Some(question) {
            return Err(Refusal::invalid("columns", Message::new("fault-analysis-twice")));
        }
        let (pairs, left_out) = match column {
            Some(column) => self.pairs(question, column, weights)?,
            None => self.placed(question, by, weights),
        };
        let is_of_repeat =
            [Some(question), column].into_iter().flatten().any(|it| self.questions[it].repeat.is_some());
        let rows = self.points(Some(question), pairs.iter().map(|it| &it.1));
        let columns = self.points(column, pairs.iter().map(|it| &it.2));
        if rows.len() * columns.len() > limits::ANALYSIS_CELLS_MAX {
            let fault = Message::new("fault-analysis-cells").with("most", limits::ANALYSIS_CELLS_MAX);
            return Err(Refusal::invalid("columns", fault));
        }
        let several = |it: usize| self.questions[it].kind == super::Kind::Several;
        let mut cross = Cross {
            question,
            by: column,
            cells: vec![vec![CrossCell::default(); columns.len()]; rows.len()],
            row_totals: vec![CrossCell::default(); rows.len()],
            column_totals: vec![CrossCell::default(); columns.len()],
            total: CrossCell::default(),
            overlaps: several(question) || column.is_some_and(several),
            rows,
            columns,
            left_out,
            is_of_repeat,
        };
        cross.fill(&pairs, weights);
        Ok(cross)
    }

    fn selected(&self, field: &str, key: &str) -> Result<usize, Refusal> {
        let found = self.question(key).filter(|it| self.questions[*it].kind.has_choices());
        found.ok_or_else(|| Refusal::invalid(field, Message::new("fault-analysis-question")))
    }

    fn chosen_points(&self, value: &Value) -> Vec<Point> {
        self.chosen(value).iter().map(|it| Point::Choice(*it as usize)).collect()
    }

    /// Where each record of a question stands; and how many did not answer it.
    fn placed(&self, question: usize, by: By<'_>, weights: &Weights) -> (Vec<Pair>, i64) {
        let (mut pairs, mut left_out) = (Vec::new(), 0);
        for entry in self.columns[question].iter().filter(|it| weights.at(it.record) > 0.0) {
            let rows = self.chosen_points(&entry.value);
            if rows.is_empty() {
                left_out += 1;
                continue;
            }
            pairs.push((entry.record, rows, vec![self.place(entry.record, by)]));
        }
        (pairs, left_out)
    }

    fn place(&self, record: u32, by: By<'_>) -> Point {
        let it = self.records[record as usize];
        let place = match by {
            By::Campaign => it.campaign.map(|it| Point::Campaign(self.asked_by[it as usize])),
            _ => it
                .area
                .and_then(|it| self.areas[it as usize].codes().nth(self.below?))
                .map(|it| Point::Area(it.to_owned())),
        };
        place.unwrap_or(Point::Without)
    }

    /// Both answers of each record, or of each instance where one of the questions stands in a repeat.
    fn pairs(&self, question: usize, column: usize, weights: &Weights) -> Result<(Vec<Pair>, i64), Refusal> {
        let repeats = [question, column].map(|it| self.questions[it].repeat.as_deref());
        // The one that stands deeper is gone through, and the other looked up.
        let is_turned = repeats[0].is_none() && repeats[1].is_some();
        let (through, looked_up) = if is_turned { (column, question) } else { (question, column) };
        let is_same = repeats[0] == repeats[1];
        if !is_same && repeats.iter().all(Option::is_some) {
            return Err(Refusal::invalid("columns", Message::new("fault-analysis-repeats")));
        }
        let others: HashMap<(u32, u32), &Entry> =
            self.columns[looked_up].iter().map(|it| ((it.record, it.row), it)).collect();
        let (mut pairs, mut left_out) = (Vec::new(), 0);
        for entry in self.columns[through].iter().filter(|it| weights.at(it.record) > 0.0) {
            let row = if is_same { entry.row } else { 0 };
            let other =
                others.get(&(entry.record, row)).map(|it| self.chosen_points(&it.value)).unwrap_or_default();
            let own = self.chosen_points(&entry.value);
            match (own.is_empty(), other.is_empty()) {
                (true, true) => {}
                (false, false) if is_turned => pairs.push((entry.record, other, own)),
                (false, false) => pairs.push((entry.record, own, other)),
                _ => left_out += 1,
            }
        }
        Ok((pairs, left_out))
    }

    /// All choices of a question in their order where they are few, and else what occurs.
    fn points<'a>(&self, question: Option<usize>, met: impl Iterator<Item = &'a Vec<Point>>) -> Vec<Point> {
        let mut all: BTreeSet<Point> = met.flatten().cloned().collect();
        if let Some(question) = question {
            let choices = self.questions[question].choices.len();
            if choices <= ALL_SHOWN_MAX {
                all.extend((0..choices).map(Point::Choice));
            }
        }
        all.into_iter().collect()
    }
}

impl Cross {
    fn fill(&mut self, pairs: &[Pair], weights: &Weights) {
        let numbers = |points: &[Point]| -> BTreeMap<Point, usize> {
            points.iter().cloned().enumerate().map(|(number, it)| (it, number)).collect()
        };
        let (rows, columns) = (numbers(&self.rows), numbers(&self.columns));
        for (record, in_rows, in_columns) in pairs {
            let weight = weights.at(*record);
            self.total.add(weight);
            in_columns.iter().for_each(|it| self.column_totals[columns[it]].add(weight));
            for row in in_rows.iter().map(|it| rows[it]) {
                self.row_totals[row].add(weight);
                in_columns.iter().for_each(|it| self.cells[row][columns[it]].add(weight));
            }
        }
    }
}
