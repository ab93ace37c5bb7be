//! What the answers to each question come to; pure.

use super::{
    column::{Answers, Entry, Sample, Value},
    model::{Kind, Question},
    number::Numbers,
    weight::Weights,
};

/// Choices of one question that are shown; of more, those that were chosen most.
const CHOICES_SHOWN_MAX: usize = 60;
/// Months that are shown one by one; of more, years.
const MONTHS_MAX: i32 = 36;
const YEARS_MAX: i32 = 60;

/// A question and what was answered.
#[derive(Clone, Debug)]
pub struct Summary<'a> {
    pub question: &'a Question,
    pub counts: Counts,
    pub figures: Figures,
}

/// Records, or instances of a repeat, by what became of a question. Not weighted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    pub answered: i64,
    pub blank: i64,
    /// A rule left it out.
    pub not_asked: i64,
    /// Those of versions that do not have it; none is known of a repeat.
    pub other_versions: i64,
    /// What the answers weigh.
    pub weighted: f64,
}

impl Counts {
    pub fn asked(&self) -> i64 {
        self.answered + self.blank
    }
}

#[derive(Clone, Debug)]
pub enum Figures {
    /// What the choices beyond those that are shown come to stands behind them.
    Choices(Vec<ChoiceCount>, Option<ChoiceCount>),
    Numbers(Option<Numbers>),
    /// In the order of time.
    Periods(Vec<Period>),
    /// The latest, of as many as were answered.
    Texts(Vec<Sample>),
    None,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceCount {
    /// The number of the choice in its question; none of the rest together.
    pub choice: Option<usize>,
    pub count: i64,
    pub weighted: f64,
    /// Of all that was answered, by weight, 0 to 1; none of nothing.
    pub share: Option<f64>,
}

/// A month (`2026-11`), a year or an hour of the day.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    pub name: String,
    pub count: i64,
    pub weighted: f64,
}

impl Answers {
    /// In the order of the form.
    pub fn summaries(&self, weights: &Weights) -> Vec<Summary<'_>> {
        (0..self.questions.len()).map(|it| self.summary(it, weights)).collect()
    }

    fn summary(&self, number: usize, weights: &Weights) -> Summary<'_> {
        let question = &self.questions[number];
        // What weighs nothing is left out of everything, and told once.
        let entries: Vec<&Entry> =
            self.columns[number].iter().filter(|it| weights.at(it.record) > 0.0).collect();
        let mut counts = Counts::default();
        for entry in &entries {
            match entry.value {
                Value::NotAsked => counts.not_asked += 1,
                Value::Blank | Value::Unreadable => counts.blank += 1,
                _ => {
                    counts.answered += 1;
                    counts.weighted += weights.at(entry.record);
                }
            }
        }
        if question.repeat.is_none() {
            counts.other_versions = weights.records - entries.len() as i64;
        }
        let figures = match question.kind {
            Kind::One | Kind::Several => self.choices(question, &entries, weights, counts.weighted),
            Kind::Integer | Kind::Decimal => {
                let number = |it: &&Entry| match it.value {
                    Value::Number(number) => Some((number, weights.at(it.record))),
                    _ => None,
                };
                let numbers = entries.iter().filter_map(number).collect();
                Figures::Numbers(Numbers::of(numbers, question.kind == Kind::Integer))
            }
            Kind::Date | Kind::Moment => Figures::Periods(months(&entries, weights)),
            Kind::Time => Figures::Periods(hours(&entries, weights)),
            Kind::Text => Figures::Texts(self.samples[number].clone()),
            Kind::Other => Figures::None,
        };
        Summary { question, counts, figures }
    }

    /// The choices that an answer names.
    pub(super) fn chosen<'a>(&'a self, value: &'a Value) -> &'a [u32] {
        match value {
            Value::One(choice) => std::slice::from_ref(choice),
            Value::Several(set) => &self.sets[*set as usize],
            _ => &[],
        }
    }

    fn choices(&self, question: &Question, entries: &[&Entry], weights: &Weights, whole: f64) -> Figures {
        let mut sums = vec![(0_i64, 0.0_f64); question.choices.len()];
        for entry in entries {
            for choice in self.chosen(&entry.value) {
                let sum = &mut sums[*choice as usize];
                sum.0 += 1;
                sum.1 += weights.at(entry.record);
            }
        }
        let counted = |choice, (count, weighted): (i64, f64)| ChoiceCount {
            choice,
            count,
            weighted,
            share: (whole > 0.0).then(|| weighted / whole),
        };
        let mut all: Vec<ChoiceCount> =
            sums.iter().enumerate().map(|(choice, sum)| counted(Some(choice), *sum)).collect();
        if all.len() <= CHOICES_SHOWN_MAX {
            return Figures::Choices(all, None);
        }
        all.retain(|it| it.count > 0);
        all.sort_by_key(|it| std::cmp::Reverse(it.count));
        let rest = all.split_off(all.len().min(CHOICES_SHOWN_MAX));
        let sum = rest.iter().fold((0, 0.0), |sum, it| (sum.0 + it.count, sum.1 + it.weighted));
        let rest = (!rest.is_empty()).then(|| counted(None, sum));
        Figures::Choices(all, rest)
    }
}

/// How often and how heavy each period stands in the answers.
fn periods(entries: &[&Entry], weights: &Weights) -> std::collections::BTreeMap<i32, (i64, f64)> {
    let mut found = std::collections::BTreeMap::new();
    for entry in entries {
        if let Value::Period(period) = entry.value {
            let sum: &mut (i64, f64) = found.entry(period).or_default();
            sum.0 += 1;
            sum.1 += weights.at(entry.record);
        }
    }
    found
}

fn months(entries: &[&Entry], weights: &Weights) -> Vec<Period> {
    let found = periods(entries, weights);
    let (Some(first), Some(last)) = (found.keys().next(), found.keys().next_back()) else {
        return Vec::new();
    };
    let of = |name: String, sum: Option<&(i64, f64)>| {
        let (count, weighted) = sum.copied().unwrap_or_default();
        Period { name, count, weighted }
    };
    if last - first < MONTHS_MAX {
        let month =
            |it: i32| of(format!("{}-{:02}", it.div_euclid(12), it.rem_euclid(12) + 1), found.get(&it));
        return (*first..=*last).map(month).collect();
    }
    let mut years = std::collections::BTreeMap::new();
    for (month, (count, weighted)) in &found {
        let sum: &mut (i64, f64) = years.entry(month.div_euclid(12)).or_default();
        sum.0 += count;
        sum.1 += weighted;
    }
    let (first, last) = (first.div_euclid(12), last.div_euclid(12));
    // Somebody's slip may lie a thousand years off: then only years in which there is something.
    let all = (first..=last).filter(|it| last - first < YEARS_MAX || years.contains_key(it));
    all.map(|it| of(it.to_string(), years.get(&it))).collect()
}

fn hours(entries: &[&Entry], weights: &Weights) -> Vec<Period> {
    let found = periods(entries, weights);
    let hour = |(hour, (count, weighted)): (&i32, &(i64, f64))| Period {
        name: format!("{hour:02}:00"),
        count: *count,
        weighted: *weighted,
    };
    found.iter().map(hour).collect()
}
