//! A table as DHIS2 imports it.

use domain::{
    Ctx,
    statistic::{Figure, Indicator, Pivot},
};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::view::{is_rounded, text};

/// What DHIS2 imports by `POST /api/dataValueSets`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataValueSet {
    data_values: Vec<DataValue>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DataValue {
    data_element: String,
    /// In DHIS2's words.
    period: String,
    /// Code of an area.
    org_unit: String,
    /// Code of an option; `default` of all together.
    category_option_combo: String,
    value: String,
    /// Why it is not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'static str>,
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated: Option<String>,
}

impl DataValueSet {
    /// Of each cell that has a value and a period. What was reported of an area itself is part of its value.
    pub fn of(ctx: &Ctx, found: &Pivot) -> Self {
        let mut data_values = Vec::new();
        for it in found.cells.iter().flatten().filter(|it| !it.is_own) {
            let Some(element) = ctx.city.statistic.element(&it.element) else { continue };
            let indicator = Indicator::of(element, it.option.as_deref(), it.period);
            let Some(value) = text(&indicator, &it.figure) else { continue };
            let Some(period) = it.period.map(|it| it.to_string()).or_else(|| only_period(&it.figure)) else {
                continue;
            };
            data_values.push(DataValue {
                data_element: it.element.clone(),
                period,
                org_unit: it.area.clone(),
                category_option_combo: it.option.clone().unwrap_or_else(|| "default".to_owned()),
                value,
                comment: is_rounded(&it.figure).then_some("rounded to fives"),
                last_updated: it
                    .figure
                    .latest_at
                    .filter(|_| !it.figure.is_coarse)
                    .map(|it: Timestamp| it.to_string()),
            });
        }
        Self { data_values }
    }
}

/// The period that a figure is of, where it is of one.
fn only_period(figure: &Figure) -> Option<String> {
    figure.periods.as_ref().filter(|(first, last)| first == last).map(|it| it.0.clone())
}
