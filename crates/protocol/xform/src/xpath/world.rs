use std::cell::Cell;

use jiff::{Timestamp, tz::TimeZone};

use super::evaluate::{EvaluationFault, Scope};

/// What an expression cannot know by itself.
#[derive(Clone, Debug)]
pub struct World {
    pub now: Timestamp,
    /// Of the day that `today()` is, and of dates without an offset.
    pub zone: TimeZone,
    /// What `random()`, `uuid()` and `randomize()` without a seed begin with.
    pub seed: u64,
    /// Of `jr:itext`, `jr:choice-name` and names of months; empty for the form's own.
    pub language: String,
}

impl World {
    /// The world on clocks of China at a moment in microseconds since 1970; None where no calendar reaches.
    pub fn in_china(micros: i64) -> Option<World> {
        let now = Timestamp::from_microsecond(micros).ok()?;
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        Some(World { now, zone, seed: micros.unsigned_abs(), language: String::new() })
    }
}

/// What a name without a prefix means in a path.
#[derive(Clone, Debug, Default)]
pub enum Names {
    /// A node that has no prefix either, whatever its namespace: forms declare default namespaces freely. A prefix
    /// means the same prefix.
    #[default]
    AsWritten,
    /// XPath 1.0: a node in no namespace. A prefix means what is declared here.
    Declared(Vec<(String, String)>),
}

/// What functions ask of the form.
pub trait Lookup {
    /// The document of a secondary instance, numbered as in [`Scope::documents`].
    fn instance(&self, id: &str) -> InstanceAnswer;
    /// `jr:itext(id)` in a language.
    fn translated(&self, id: &str, language: &str) -> Option<String>;
    /// The label of a choice of the question at a path, in a language.
    fn choice_label(&self, scope: &Scope<'_>, path: &str, value: &str) -> Result<String, EvaluationFault>;
}

/// Whether a secondary instance is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceAnswer {
    Document(u16),
    /// It belongs to the form, but its file did not come.
    Missing,
    Unknown,
}

/// Steps that evaluations may still take, shared by all of one submission.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<u64>,
}

impl Budget {
    pub fn new(steps: u64) -> Self {
        Budget { steps: Cell::new(steps) }
    }

    pub fn left(&self) -> u64 {
        self.steps.get()
    }

    pub(super) fn spend(&self, steps: u64) -> Result<(), EvaluationFault> {
        let left = self.steps.get().checked_sub(steps);
        self.steps.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(EvaluationFault::Budget)
    }
}
