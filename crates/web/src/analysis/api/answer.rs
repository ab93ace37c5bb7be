//! What programs are told of an analysis.

use domain::analysis::{
    Answers, Bar, ChoiceCount, Cross, CrossCell, Figures, Numbers, Point, Question, Summary, Weights, rounded,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What the valid records of a form say together.
#[derive(Serialize, ToSchema)]
pub struct FormAnalysis {
    form: String,
    title: String,
    /// Valid records that were not given back: all figures are of these.
    counted: i64,
    /// Records that do not count, by why.
    invalid: i64,
    unchecked: i64,
    returned: i64,
    /// What they said is deleted by now.
    forgotten: i64,
    /// When the first and the last that counts arrived.
    #[schema(format = DateTime)]
    first_at: Option<String>,
    #[schema(format = DateTime)]
    last_at: Option<String>,
    weights: AnalysisWeights,
    questions: Vec<AnalysisQuestion>,
    cross: Option<AnalysisCross>,
}

/// How much each record counts. `count` is never weighted, `weighted` and `share` are.
#[derive(Serialize, ToSchema)]
struct AnalysisWeights {
    /// `none`, `units`, `residents` or `households`.
    by: &'static str,
    /// Records that weigh something; the others are in no figure.
    records: i64,
    left_out: i64,
    units: i64,
    /// As many answers of equal weight would say as much: (Σw)² / Σw².
    effective: f64,
    /// What is weighted by is known in fives alone to whoever asks.
    rounded: bool,
}

#[derive(Serialize, ToSchema)]
struct AnalysisQuestion {
    key: String,
    path: String,
    label: String,
    /// `one` or `several` of its choices, `integer`, `decimal`, `date`, `moment`, `time`, `text` or `other`.
    kind: &'static str,
    /// Path of the repeat whose instances are counted; none where records are.
    repeat: Option<String>,
    /// The version that is handed out does not ask it, or asks it otherwise.
    former: bool,
    answered: i64,
    blank: i64,
    /// A rule left it out.
    not_asked: i64,
    /// Records of versions that do not have it.
    other_versions: i64,
    weighted: f64,
    /// Of a question with choices, in the order of the form; of very many, those that were chosen most.
    choices: Vec<AnalysisChoice>,
    numbers: Option<AnalysisNumbers>,
    /// Months, years or hours.
    periods: Vec<AnalysisPeriod>,
    /// Some of the latest open answers.
    texts: Vec<AnalysisText>,
}

#[derive(Serialize, ToSchema)]
struct AnalysisChoice {
    /// None of all that are not listed, together.
    value: Option<String>,
    label: String,
    /// The form offers it.
    offered: bool,
    count: i64,
    weighted: f64,
    /// Of all that answered, 0 to 1.
    share: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct AnalysisNumbers {
    n: i64,
    sum: f64,
    mean: f64,
    lower_quartile: f64,
    median: f64,
    upper_quartile: f64,
    min: f64,
    max: f64,
    bars: Vec<AnalysisBar>,
}

/// From `from` on and below `to`.
#[derive(Serialize, ToSchema)]
struct AnalysisBar {
    from: f64,
    to: f64,
    count: i64,
    weighted: f64,
}

#[derive(Serialize, ToSchema)]
struct AnalysisPeriod {
    name: String,
    count: i64,
    weighted: f64,
}

#[derive(Serialize, ToSchema)]
struct AnalysisText {
    /// Instance id of the record.
    record: String,
    text: String,
}

/// A table of one question by another, by area or by campaign.
#[derive(Serialize, ToSchema)]
struct AnalysisCross {
    rows: Vec<AnalysisPoint>,
    columns: Vec<AnalysisPoint>,
    /// Row by row.
    cells: Vec<Vec<AnalysisCell>>,
    row_totals: Vec<AnalysisCell>,
    column_totals: Vec<AnalysisCell>,
    total: AnalysisCell,
    /// They answered one of the two alone.
    left_out: i64,
    /// Several choices may stand in one answer: cells add up to more than their totals.
    overlaps: bool,
}

#[derive(Serialize, ToSchema)]
struct AnalysisPoint {
    /// `choice`, `area`, `campaign`, or `without` for records that no campaign asked for.
    kind: &'static str,
    /// The value, the code or the id.
    value: String,
    label: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AnalysisCell {
    count: i64,
    weighted: f64,
}

impl FormAnalysis {
    pub fn new(
        (form, title): (String, String),
        answers: &Answers,
        weights: &Weights,
        cross: Option<&Cross>,
    ) -> Self {
        let basis = &answers.basis;
        Self {
            form,
            title,
            counted: basis.counted,
            invalid: basis.invalid,
            unchecked: basis.unchecked,
            returned: basis.returned,
            forgotten: basis.forgotten,
            first_at: basis.first.map(|it| it.to_string()),
            last_at: basis.last.map(|it| it.to_string()),
            weights: AnalysisWeights {
                by: weights.weighting.as_str(),
                records: weights.records,
                left_out: weights.left_out,
                units: weights.units,
                effective: rounded(weights.effective),
                rounded: weights.is_coarse,
            },
            questions: answers.summaries(weights).iter().map(question).collect(),
            cross: cross.map(|it| table(answers, it)),
        }
    }
}

fn question(it: &Summary<'_>) -> AnalysisQuestion {
    let of = it.question;
    let mut found = AnalysisQuestion {
        key: of.key.clone(),
        path: of.path.clone(),
        label: of.label.clone(),
        kind: of.kind.as_str(),
        repeat: of.repeat.clone(),
        former: of.is_former,
        answered: it.counts.answered,
        blank: it.counts.blank,
        not_asked: it.counts.not_asked,
        other_versions: it.counts.other_versions,
        weighted: rounded(it.counts.weighted),
        choices: Vec::new(),
        numbers: None,
        periods: Vec::new(),
        texts: Vec::new(),
    };
    match &it.figures {
        Figures::Choices(choices, rest) => {
            found.choices = choices.iter().chain(rest).map(|it| choice(of, it)).collect();
        }
        Figures::Numbers(numbers) => found.numbers = numbers.as_ref().map(figures),
        Figures::Periods(periods) => {
            let period = |it: &domain::analysis::Period| AnalysisPeriod {
                name: it.name.clone(),
                count: it.count,
                weighted: rounded(it.weighted),
            };
            found.periods = periods.iter().map(period).collect();
        }
        Figures::Texts(texts) => {
            let text = |it: &domain::analysis::Sample| AnalysisText {
                record: it.instance_id.clone(),
                text: it.text.clone(),
            };
            found.texts = texts.iter().map(text).collect();
        }
        Figures::None => {}
    }
    found
}

fn choice(of: &Question, it: &ChoiceCount) -> AnalysisChoice {
    let known = it.choice.map(|it| &of.choices[it]);
    AnalysisChoice {
        value: known.map(|it| it.value.clone()),
        label: known.map(|it| it.label.clone()).unwrap_or_default(),
        offered: known.is_some_and(|it| it.is_offered),
        count: it.count,
        weighted: rounded(it.weighted),
        share: it.share.map(rounded),
    }
}

fn figures(it: &Numbers) -> AnalysisNumbers {
    let bar =
        |it: &Bar| AnalysisBar { from: it.from, to: it.to, count: it.count, weighted: rounded(it.weighted) };
    AnalysisNumbers {
        n: it.n,
        sum: rounded(it.sum),
        mean: rounded(it.mean),
        lower_quartile: rounded(it.lower_quartile),
        median: rounded(it.median),
        upper_quartile: rounded(it.upper_quartile),
        min: it.min,
        max: it.max,
        bars: it.bars.iter().map(bar).collect(),
    }
}

fn table(answers: &Answers, it: &Cross) -> AnalysisCross {
    let point = |of: Option<usize>, it: &Point| {
        let (kind, value, label) = match it {
            Point::Choice(choice) => {
                let known = of.map(|of| &answers.questions[of].choices[*choice]);
                let value = known.map(|it| it.value.clone()).unwrap_or_default();
                ("choice", value, known.map(|it| it.label.clone()))
            }
            Point::Area(code) => ("area", code.clone(), None),
            Point::Campaign(id) => {
                let title = answers.campaigns.iter().find(|it| it.0 == *id).map(|it| it.1.clone());
                ("campaign", id.to_string(), title)
            }
            Point::Without => ("without", String::new(), None),
        };
        AnalysisPoint { kind, value, label }
    };
    let cell = |it: &CrossCell| AnalysisCell { count: it.count, weighted: rounded(it.weighted) };
    AnalysisCross {
        rows: it.rows.iter().map(|row| point(Some(it.question), row)).collect(),
        columns: it.columns.iter().map(|column| point(it.by, column)).collect(),
        cells: it.cells.iter().map(|row| row.iter().map(cell).collect()).collect(),
        row_totals: it.row_totals.iter().map(cell).collect(),
        column_totals: it.column_totals.iter().map(cell).collect(),
        total: cell(&it.total),
        left_out: it.left_out,
        overlaps: it.overlaps,
    }
}
