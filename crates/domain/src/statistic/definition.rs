//! What a city counts and which figures it makes of it, as data: `statistic.toml`, checked whole before it is used.

mod load;

use kernel::{Role, Tier};
use serde::Deserialize;

use super::{
    expression::{Expression, Ratio},
    period::{Period, PeriodKind},
};
use crate::{area::Kind, case::Label};

/// Read from `statistic.toml`.
#[derive(Debug)]
pub struct Definitions {
    pub units: Vec<Named>,
    pub groups: Vec<Group>,
    pub disaggregations: Vec<Disaggregation>,
    pub elements: Vec<Element>,
    pub indicators: Vec<Indicator>,
    pub data_sets: Vec<DataSet>,
}

/// What units of a tier report together, period by period.
#[derive(Debug)]
pub struct DataSet {
    pub code: String,
    pub label: Label,
    pub period: PeriodKind,
    /// Days behind a period's end, on the last of which a report is in time.
    pub due_days: i64,
    pub reported_by: (Tier, Option<Kind>),
    /// Codes of what is reported.
    pub elements: Vec<String>,
    pub rules: Vec<ValidationRule>,
}

/// What has to hold among the values of one report.
#[derive(Debug)]
pub struct ValidationRule {
    pub code: String,
    /// What it says, for people.
    pub label: Label,
    pub left: Expression,
    pub comparison: Comparison,
    pub right: Expression,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    AtMost,
    AtLeast,
    Equal,
}

/// A code with what people read for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub code: String,
    pub label: Label,
}

/// Under which figures stand together.
pub type Group = Named;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disaggregation {
    pub code: String,
    pub label: Label,
    pub option: Vec<Named>,
}

/// A kind of fact that is counted.
#[derive(Debug)]
pub struct Element {
    pub code: String,
    pub label: Label,
    pub unit: String,
    pub value_type: ValueType,
    pub over_areas: OverAreas,
    pub over_time: OverTime,
    /// Its records are of periods of this kind.
    pub period: PeriodKind,
    /// It counts persons: small cells are not for everybody.
    pub persons: bool,
    /// Code of its disaggregation.
    pub disaggregation: Option<String>,
    /// The city's own tables that it is counted from; none where records are brought in.
    pub counted: Option<Counted>,
    /// Which areas are expected to report it.
    pub reported_by: Option<(Tier, Option<Kind>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    Count,
    /// In yuan with two decimals.
    Money,
}

impl ValueType {
    /// Stored for one of the unit.
    pub fn scale(self) -> i64 {
        match self {
            ValueType::Count => 1,
            ValueType::Money => 100,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverAreas {
    Sum,
    /// Of the records that there are.
    Average,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverTime {
    Sum,
    /// That of the latest period for which anything is there in the city.
    Last,
}

/// Tables of the city that an element is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Grids in force, of their kinds.
    Grids,
    /// Appointments in force to the posts of a grid, by role.
    GridWorkers,
    TemporaryOrganizations,
    /// People who live in a household.
    Residents,
}

/// Who works in a grid.
const GRID_WORKERS: [Role; 4] =
    [Role::GridLeader, Role::GridAssistant, Role::GridSupervisor, Role::GridHygienist];

impl Counted {
    /// The options that its tables tell apart.
    pub fn options(self) -> Vec<&'static str> {
        match self {
            Counted::Grids => Kind::ALL.map(Kind::as_str).to_vec(),
            Counted::GridWorkers => GRID_WORKERS.map(Role::as_str).to_vec(),
            Counted::TemporaryOrganizations | Counted::Residents => Vec::new(),
        }
    }
}

/// A figure that is made of elements.
#[derive(Debug)]
pub struct Indicator {
    pub code: String,
    pub group: String,
    pub label: Label,
    /// What it says, for people.
    pub definition: Label,
    pub numerator: Expression,
    pub denominator: Option<Expression>,
    pub factor: Ratio,
    pub decimals: u32,
    pub unit: String,
    /// The period that it is of; the latest, where it is of what is the case now.
    pub period: Option<Period>,
    /// The expressions as they were written.
    pub written: String,
}

impl Indicator {
    /// An element by itself, or one option of it.
    pub fn of(element: &Element, option: Option<&str>, period: Option<Period>) -> Self {
        let code = element.code.clone();
        let is_whole = element.value_type.scale() == 1 && element.over_areas == OverAreas::Sum;
        Self {
            written: match option {
                None => format!("#{{{code}}}"),
                Some(option) => format!("#{{{code}.{option}}}"),
            },
            numerator: Expression::Element { code: code.clone(), option: option.map(str::to_owned) },
            code,
            group: String::new(),
            label: element.label.clone(),
            definition: element.label.clone(),
            denominator: None,
            factor: Ratio::whole(1),
            decimals: if is_whole { 0 } else { 2 },
            unit: element.unit.clone(),
            period,
        }
    }

    /// Code and option of every element in it.
    pub fn elements(&self) -> Vec<(&str, Option<&str>)> {
        let below = self.denominator.iter().flat_map(Expression::elements);
        self.numerator.elements().into_iter().chain(below).collect()
    }

    /// None where something is divided by zero or is not known.
    pub fn value(&self, known: &impl Fn(&str, Option<&str>) -> Option<Ratio>) -> Option<Ratio> {
        let numerator = self.numerator.value(known)?.times(self.factor)?;
        match &self.denominator {
            None => Some(numerator),
            Some(denominator) => numerator.by(denominator.value(known)?),
        }
    }
}

impl Definitions {
    pub fn element(&self, code: &str) -> Option<&Element> {
        self.elements.iter().find(|it| it.code == code)
    }

    pub fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|it| it.code == code)
    }

    pub fn data_set(&self, code: &str) -> Option<&DataSet> {
        self.data_sets.iter().find(|it| it.code == code)
    }

    pub fn unit(&self, code: &str) -> Option<&Named> {
        self.units.iter().find(|it| it.code == code)
    }

    /// Options of an element; none where it is not taken apart.
    pub fn options(&self, element: &Element) -> &[Named] {
        let code = element.disaggregation.as_deref();
        let found = self.disaggregations.iter().find(|it| Some(it.code.as_str()) == code);
        found.map_or(&[], |it| &it.option)
    }
}
