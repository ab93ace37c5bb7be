//! Data sets with the rules for what is reported in them.

use kernel::Tier;
use serde::Deserialize;

use super::{ReportedBy, codes, instead, spoken};
use crate::{
    case::Label,
    statistic::{
        Comparison, DataSet, Definitions, Element, PeriodKind, ValidationRule, expression::Expression,
    },
};

/// Days after a period's end in which it can still be in time.
const DUE_DAYS_MAX: i64 = 366;
/// What a page and a sheet have room for.
const ELEMENTS_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSetFile {
    pub code: String,
    label: Label,
    period: PeriodKind,
    due_days: i64,
    reported_by: ReportedBy,
    element: Vec<String>,
    #[serde(default)]
    rule: Vec<RuleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    code: String,
    label: Label,
    left: String,
    comparison: Comparison,
    right: String,
}

impl Definitions {
    pub(super) fn data_set_of(&self, it: DataSetFile, faults: &mut Vec<String>) -> Option<DataSet> {
        let place = format!("data_set {}", it.code);
        let before = faults.len();
        spoken(&place, &it.label, faults);
        if !(0..=DUE_DAYS_MAX).contains(&it.due_days) {
            faults.push(format!("{place}: due_days is 0 to {DUE_DAYS_MAX}, not {}", it.due_days));
        }
        if it.element.is_empty() || it.element.len() > ELEMENTS_MAX {
            faults.push(format!("{place}: it has 1 to {ELEMENTS_MAX} elements, not {}", it.element.len()));
        }
        let reported_by = it.reported_by.read(&place, faults);
        codes(&format!("{place}, element"), it.element.iter().map(String::as_str), faults);
        for code in &it.element {
            match self.element(code) {
                Some(element) => reportable(&place, element, it.period, reported_by.map(|it| it.0), faults),
                None => {
                    let all: Vec<&str> = self.elements.iter().map(|it| it.code.as_str()).collect();
                    faults.push(format!("{place}: there is no element {code:?}; {}", instead(code, &all)));
                }
            }
        }
        codes(&format!("{place}, rule"), it.rule.iter().map(|it| it.code.as_str()), faults);
        let mut rules = Vec::with_capacity(it.rule.len());
        for rule in it.rule {
            let place = format!("{place}, rule {}", rule.code);
            spoken(&place, &rule.label, faults);
            let left = self.side(&place, "left", (&rule.left, &it.element), faults);
            let right = self.side(&place, "right", (&rule.right, &it.element), faults);
            let (Some(left), Some(right)) = (left, right) else { continue };
            let RuleFile { code, label, comparison, .. } = rule;
            rules.push(ValidationRule { code, label, left, comparison, right });
        }
        if faults.len() > before {
            return None;
        }
        Some(DataSet {
            code: it.code,
            label: it.label,
            period: it.period,
            due_days: it.due_days,
            reported_by: reported_by?,
            elements: it.element,
            rules,
        })
    }

    /// One side of a rule, which speaks of what stands in the same report.
    fn side(
        &self,
        place: &str,
        part: &str,
        (text, of): (&str, &[String]),
        faults: &mut Vec<String>,
    ) -> Option<Expression> {
        let read = self.expression(place, part, text, faults)?;
        for (code, _) in read.elements() {
            if !of.iter().any(|it| it == code) {
                faults.push(format!(
                    "{place}, {part}: {code} is not in this data set: add it, or leave it out"
                ));
            }
        }
        Some(read)
    }
}

fn reportable(
    place: &str,
    element: &Element,
    period: PeriodKind,
    tier: Option<Tier>,
    faults: &mut Vec<String>,
) {
    let code = &element.code;
    if element.counted.is_some() {
        faults.push(format!("{place}: {code} is counted from the city's own tables: nobody reports it"));
    }
    if element.period != period {
        faults.push(format!("{place}: {code} is not reported for the data set's kind of period"));
    }
    if let (Some((own, _)), Some(tier)) = (element.reported_by, tier)
        && own != tier
    {
        faults.push(format!("{place}: {code} is reported by another tier: {}", own.as_str()));
    }
}
