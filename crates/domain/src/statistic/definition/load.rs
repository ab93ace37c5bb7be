//! Reading the definitions, and telling all that is wrong with them.

mod data_set;

use std::collections::BTreeSet;

use kernel::Tier;
use serde::Deserialize;

use super::{
    Counted, Definitions, Disaggregation, Element, Indicator, Named, OverAreas, OverTime, ValueType,
};
use crate::{
    area::Kind,
    case::{Label, instead},
    statistic::{
        expression::{Expression, Ratio},
        period::{Period, PeriodKind},
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefinitionsFile {
    unit: Vec<Named>,
    group: Vec<Named>,
    #[serde(default)]
    disaggregation: Vec<Disaggregation>,
    element: Vec<ElementFile>,
    indicator: Vec<IndicatorFile>,
    #[serde(default)]
    data_set: Vec<data_set::DataSetFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ElementFile {
    code: String,
    label: Label,
    unit: String,
    #[serde(default = "count")]
    value_type: ValueType,
    #[serde(default = "sum_of_areas")]
    over_areas: OverAreas,
    #[serde(default = "sum_of_time")]
    over_time: OverTime,
    period: PeriodKind,
    persons: bool,
    disaggregation: Option<String>,
    counted: Option<Counted>,
    reported_by: Option<ReportedBy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportedBy {
    tier: String,
    kind: Option<String>,
}

impl ReportedBy {
    fn read(self, place: &str, faults: &mut Vec<String>) -> Option<(Tier, Option<Kind>)> {
        let (tier, kind) = (Tier::parse(&self.tier), self.kind.as_deref().map(Kind::parse));
        if tier.is_none() {
            let (all, word) = (Tier::ALL.map(Tier::as_str), &self.tier);
            faults.push(format!("{place}, reported_by: there is no tier {word:?}; {}", instead(word, &all)));
        }
        if kind == Some(None) {
            let (all, word) = (["urban", "rural", "other"], self.kind.unwrap_or_default());
            faults.push(format!("{place}, reported_by: there is no kind {word:?}; {}", instead(&word, &all)));
        }
        Some((tier?, kind.flatten()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndicatorFile {
    code: String,
    group: String,
    label: Label,
    definition: Label,
    numerator: String,
    denominator: Option<String>,
    factor: Option<String>,
    #[serde(default)]
    decimals: u32,
    unit: String,
    period: Option<String>,
}

fn count() -> ValueType {
    ValueType::Count
}

fn sum_of_areas() -> OverAreas {
    OverAreas::Sum
}

fn sum_of_time() -> OverTime {
    OverTime::Sum
}

/// Digits that a figure is shown with behind its point, at most.
const DECIMALS_MAX: u32 = 6;
/// Definitions of one kind: a page lists all indicators.
const DEFINITIONS_MAX: usize = 1_000;

impl Definitions {
    /// Reads the TOML of `data/statistic.toml`. The error lists all that is wrong, each with its place and a remedy.
    pub fn load(text: &str) -> Result<Self, String> {
        let file: DefinitionsFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut faults = Vec::new();
        let DefinitionsFile { unit, group, disaggregation, element, indicator, data_set } = file;
        codes("unit", unit.iter().map(|it| it.code.as_str()), &mut faults);
        codes("group", group.iter().map(|it| it.code.as_str()), &mut faults);
        codes("disaggregation", disaggregation.iter().map(|it| it.code.as_str()), &mut faults);
        for it in &disaggregation {
            let place = format!("disaggregation {}, option", it.code);
            codes(&place, it.option.iter().map(|it| it.code.as_str()), &mut faults);
        }
        codes("element", element.iter().map(|it| it.code.as_str()), &mut faults);
        codes("indicator", indicator.iter().map(|it| it.code.as_str()), &mut faults);
        codes("data_set", data_set.iter().map(|it| it.code.as_str()), &mut faults);
        for (kind, all) in [("unit", &unit), ("group", &group)] {
            all.iter().for_each(|it| spoken(&format!("{kind} {}", it.code), &it.label, &mut faults));
        }
        for it in &disaggregation {
            spoken(&format!("disaggregation {}", it.code), &it.label, &mut faults);
            let option = |of: &Named| format!("disaggregation {}, option {}", it.code, of.code);
            it.option.iter().for_each(|of| spoken(&option(of), &of.label, &mut faults));
        }
        let mut found = Self {
            units: unit,
            groups: group,
            disaggregations: disaggregation,
            elements: Vec::new(),
            indicators: Vec::new(),
            data_sets: Vec::new(),
        };
        for it in element {
            let read = found.element_of(it, &mut faults);
            found.elements.push(read);
        }
        for it in indicator {
            let read = found.indicator_of(it, &mut faults);
            found.indicators.extend(read);
        }
        for it in data_set {
            let read = found.data_set_of(it, &mut faults);
            found.data_sets.extend(read);
        }
        match faults.is_empty() {
            true => Ok(found),
            false => Err(faults.join("\n")),
        }
    }

    fn element_of(&self, it: ElementFile, faults: &mut Vec<String>) -> Element {
        let place = format!("element {}", it.code);
        spoken(&place, &it.label, faults);
        known(&place, "unit", &it.unit, &self.units, faults);
        if let Some(code) = &it.disaggregation {
            let all: Vec<&str> = self.disaggregations.iter().map(|it| it.code.as_str()).collect();
            if !all.contains(&code.as_str()) {
                faults.push(format!("{place}: there is no disaggregation {code:?}; {}", instead(code, &all)));
            }
        }
        if it.counted.is_some() && (it.over_time, it.period) != (OverTime::Last, PeriodKind::Year) {
            faults.push(format!(
                "{place}: what is counted from the city's tables is what is the case at the time: write \
                 over_time = \"last\" and period = \"year\""
            ));
        }
        if let Some(counted) = it.counted {
            self.has_what_is_counted(&place, counted, it.disaggregation.as_deref(), faults);
        }
        if it.persons && (it.value_type, it.over_areas) != (ValueType::Count, OverAreas::Sum) {
            faults.push(format!(
                "{place}: persons are counted and added up: leave value_type and over_areas out"
            ));
        }
        let reported_by = it.reported_by.and_then(|by| by.read(&place, faults));
        Element {
            code: it.code,
            label: it.label,
            unit: it.unit,
            value_type: it.value_type,
            over_areas: it.over_areas,
            over_time: it.over_time,
            period: it.period,
            persons: it.persons,
            disaggregation: it.disaggregation,
            counted: it.counted,
            reported_by,
        }
    }

    /// What the city's tables tell apart has to have its options, or nothing could be entered.
    fn has_what_is_counted(
        &self,
        place: &str,
        counted: Counted,
        code: Option<&str>,
        faults: &mut Vec<String>,
    ) {
        let wanted = counted.options();
        let found = self.disaggregations.iter().find(|it| Some(it.code.as_str()) == code);
        let has = |option: &str| found.is_some_and(|it| it.option.iter().any(|it| it.code == option));
        match (wanted.is_empty(), code) {
            (true, Some(_)) => {
                faults
                    .push(format!("{place}: what is counted here has no options: leave disaggregation out"));
            }
            (false, None) => {
                let all = wanted.join(", ");
                faults.push(format!(
                    "{place}: what is counted here has the options {all}: write a disaggregation with them"
                ));
            }
            _ => {
                for option in wanted.iter().filter(|it| found.is_some() && !has(it)) {
                    let code = code.unwrap_or_default();
                    faults.push(format!(
                        "{place}: disaggregation {code} has no option {option:?}, which is counted: add it"
                    ));
                }
            }
        }
    }

    fn indicator_of(&self, it: IndicatorFile, faults: &mut Vec<String>) -> Option<Indicator> {
        let place = format!("indicator {}", it.code);
        known(&place, "unit", &it.unit, &self.units, faults);
        known(&place, "group", &it.group, &self.groups, faults);
        let before = faults.len();
        spoken(&place, &it.label, faults);
        spoken(&format!("{place}, definition"), &it.definition, faults);
        let numerator = self.expression(&place, "numerator", &it.numerator, faults);
        let denominator =
            it.denominator.as_deref().map(|text| self.expression(&place, "denominator", text, faults));
        let factor = Ratio::parse(it.factor.as_deref().unwrap_or("1"));
        if factor.is_none() {
            faults.push(format!("{place}: factor is a number such as \"100\" or \"0.5\""));
        }
        if it.decimals > DECIMALS_MAX {
            faults.push(format!("{place}: decimals is at most {DECIMALS_MAX}, not {}", it.decimals));
        }
        let period = it.period.as_deref().map(Period::parse);
        if period == Some(None) {
            faults.push(format!(
                "{place}: period is a year, quarter, month or day such as 2020, 2020Q1, 202001 or 20200131"
            ));
        }
        let (period, denominator) = (period.flatten(), denominator.flatten());
        for (code, _) in numerator.iter().chain(&denominator).flat_map(Expression::elements) {
            let Some(element) = self.element(code) else { continue };
            match period {
                Some(period) if period.range(element.period).is_none() => faults.push(format!(
                    "{place}: element {code} is reported for longer periods than {period}: write one of them"
                )),
                None if element.over_time == OverTime::Sum => faults.push(format!(
                    "{place}: element {code} adds up over time, so the indicator needs a period such as 2020"
                )),
                _ => {}
            }
        }
        if faults.len() > before {
            return None;
        }
        let written = match &it.denominator {
            None => it.numerator.clone(),
            Some(denominator) => format!("({}) / ({denominator})", it.numerator),
        };
        Some(Indicator {
            code: it.code,
            group: it.group,
            label: it.label,
            definition: it.definition,
            numerator: numerator?,
            denominator,
            factor: factor?,
            decimals: it.decimals,
            unit: it.unit,
            period,
            written,
        })
    }

    fn expression(
        &self,
        place: &str,
        part: &str,
        text: &str,
        faults: &mut Vec<String>,
    ) -> Option<Expression> {
        let place = format!("{place}, {part}");
        let read = Expression::parse(text).map_err(|fault| faults.push(format!("{place}: {fault}"))).ok()?;
        for (code, option) in read.elements() {
            let Some(element) = self.element(code) else {
                let all: Vec<&str> = self.elements.iter().map(|it| it.code.as_str()).collect();
                faults.push(format!("{place}: there is no element {code:?}; {}", instead(code, &all)));
                continue;
            };
            let options: Vec<&str> = self.options(element).iter().map(|it| it.code.as_str()).collect();
            match option {
                Some(option) if options.is_empty() => {
                    faults.push(format!(
                        "{place}: {code} has no options: write #{{{code}}} without {option:?}"
                    ));
                }
                Some(option) if !options.contains(&option) => {
                    faults.push(format!(
                        "{place}: {code} has no option {option:?}; {}",
                        instead(option, &options)
                    ));
                }
                _ => {}
            }
        }
        Some(read)
    }
}

/// Codes are words of their own that stand in expressions, files and addresses.
fn codes<'a>(kind: &str, all: impl Iterator<Item = &'a str>, faults: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for code in all {
        let is_word = !code.is_empty()
            && code.len() <= 60
            && code.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
        if !is_word {
            faults.push(format!("{kind} {code:?}: a code is 1 to 60 letters, digits and _"));
        }
        if !seen.insert(code) {
            faults.push(format!("{kind} {code}: stands there twice; give the second one a code of its own"));
        }
    }
    if seen.len() > DEFINITIONS_MAX {
        faults.push(format!("{kind}: there are more than {DEFINITIONS_MAX}"));
    }
}

/// What people read is there in both languages.
fn spoken(place: &str, label: &Label, faults: &mut Vec<String>) {
    for language in ["zh-Hans", "en"] {
        if label.get(language).is_none_or(|it| it.trim().is_empty()) {
            faults.push(format!("{place}: has no label in {language}; write {language} = \"…\""));
        }
    }
}

fn known(place: &str, field: &str, code: &str, all: &[Named], faults: &mut Vec<String>) {
    let all: Vec<&str> = all.iter().map(|it| it.code.as_str()).collect();
    if !all.contains(&code) {
        faults.push(format!("{place}: there is no {field} {code:?}; {}", instead(code, &all)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../../../data/statistic.toml");

    #[test]
    fn the_definitions_that_ship_are_sound_and_make_every_figure_of_the_report() {
        let found = Definitions::load(FILE).unwrap();
        let printed = include_str!("../../../../../data/report/figures.csv");
        for row in csv::Reader::from_reader(printed.as_bytes()).records() {
            let row = row.unwrap();
            let indicator = found.indicator(&row[0]).unwrap_or_else(|| panic!("no indicator {}", &row[0]));
            assert_eq!(
                (&indicator.group, &indicator.unit),
                (&row[1].to_owned(), &row[5].to_owned()),
                "{}",
                &row[0]
            );
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_a_remedy() {
        for (from, to, told) in [
            (
                "numerator = \"#{GRIDS}\"",
                "numerator = \"#{GRID}\"",
                "indicator grids, numerator: there is no element \"GRID\"; did you mean \"GRIDS\"?",
            ),
            (
                "numerator = \"#{GRIDS.urban}\"",
                "numerator = \"#{GRIDS.town}\"",
                "GRIDS has no option \"town\"",
            ),
            (
                "numerator = \"#{GRIDS.urban}\"",
                "numerator = \"#{TEAMS.x} +\"",
                "indicator grids_urban, numerator: at its end",
            ),
            ("numerator = \"#{TEAMS}\"", "numerator = \"#{TEAMS.x}\"", "TEAMS has no options"),
            ("code = \"grids_urban\"", "code = \"grids\"", "indicator grids: stands there twice"),
            ("period = \"2020\"", "period = \"2020-01\"", "period is a year, quarter"),
            ("counted = \"grids\"", "counted = \"grid\"", "unknown variant"),
            (
                "counted = \"grids\"\nover_time = \"last\"",
                "counted = \"grids\"\nover_time = \"sum\"",
                "at the time",
            ),
            ("unit = \"teams\"", "unit = \"team\"", "did you mean \"teams\"?"),
            (
                "  { code = \"grid_hygienist\"",
                "  { code = \"hygienist\"",
                "GRID_ROLE has no option \"grid_hygienist\", which",
            ),
            (
                "persons = false\ndisaggregation = \"GRID_ROLE\"",
                "persons = false",
                "has the options grid_leader",
            ),
            (
                "counted = \"residents\"",
                "counted = \"residents\"\ndisaggregation = \"GIFT\"",
                "leave disaggregation out",
            ),
            (
                "period = \"month\"\npersons = true",
                "period = \"month\"\npersons = true\nvalue_type = \"money\"",
                "leave value_type",
            ),
        ] {
            assert!(FILE.contains(from), "{from}");
            let fault = Definitions::load(&FILE.replacen(from, to, 1)).unwrap_err();
            assert!(fault.contains(told), "{told} is not in\n{fault}");
        }
        let two = FILE.replacen("#{TEAMS}", "#{TEEMS}", 1).replacen("#{CHECKPOINTS}", "1 +", 1);
        assert_eq!(Definitions::load(&two).unwrap_err().lines().count(), 2, "all faults at once");
    }
}
