//! Figures of the loop and the cases behind them, by JSON.

use std::collections::BTreeMap;

use axum::Json;
use domain::{
    Message, Refusal, Window,
    evaluation::{self, Behind, Counted, Figure, Figures, Grouping, Period, RATES, Rate},
};
use kernel::{Id, Organization};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{claim_api, work_api};
use crate::{
    app::Shared,
    case::api::{CasePage, case_item},
    problem::{Problem, ReadErrors},
    request::QueryString,
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(evaluations))
        .routes(routes!(cases))
        .merge(work_api::routes())
        .merge(claim_api::routes())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EvaluationQuery {
    /// Code of the area.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// First day of the period.
    #[param(format = Date)]
    from: String,
    /// Last day of the period, at most 1,100 days long.
    #[param(format = Date)]
    to: String,
    /// What the rows are: `area`, the areas right below, or `organization`.
    #[param(pattern = "^(area|organization)$")]
    by: Option<String>,
    /// `yes` adds the whole of the period before and of the same days a year earlier.
    #[param(pattern = "^(yes|no)$")]
    compare: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EvaluationCaseQuery {
    /// Code of the area.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// First day of the period.
    #[param(format = Date)]
    from: String,
    /// Last day of the period, at most 1,100 days long.
    #[param(format = Date)]
    to: String,
    /// Name of the figure, such as `handled_on_time`.
    #[param(pattern = "^[a-z_]{1,40}$")]
    figure: String,
    /// Only cases of this body.
    #[param(value_type = Option<Uuid>)]
    organization: Option<Id<Organization>>,
    /// `yes` opens the adjusted figure.
    #[param(pattern = "^(yes|no)$")]
    adjusted: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct EvaluationAnswer {
    /// When it was counted.
    #[schema(format = DateTime)]
    as_of: String,
    area: String,
    #[schema(format = Date)]
    from: String,
    #[schema(format = Date)]
    to: String,
    total: EvaluationFigures,
    rows: Vec<EvaluationRow>,
    /// The period before, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<EvaluationOther>,
    /// The same days a year earlier, when they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    year_before: Option<EvaluationOther>,
}

#[derive(Serialize, ToSchema)]
struct EvaluationRow {
    /// An area's code or a body's id; empty for cases that no body had.
    key: String,
    name: String,
    #[serde(flatten)]
    figures: EvaluationFigures,
}

/// Another period.
#[derive(Serialize, ToSchema)]
struct EvaluationOther {
    #[schema(format = Date)]
    from: String,
    #[schema(format = Date)]
    to: String,
    #[serde(flatten)]
    figures: EvaluationFigures,
}

/// Counts by name, and the rates made of them; the adjusted ones without what decisions leave out, and with what granted
/// appeals exempt.
#[derive(Serialize, ToSchema)]
struct EvaluationFigures {
    figures: BTreeMap<&'static str, i64>,
    rates: BTreeMap<&'static str, RateItem>,
    adjusted_figures: BTreeMap<&'static str, i64>,
    adjusted_rates: BTreeMap<&'static str, RateItem>,
}

#[derive(Serialize, ToSchema)]
pub struct RateItem {
    /// Name of a figure.
    numerator: &'static str,
    /// Name of a figure.
    denominator: &'static str,
    /// To a tenth; none where the denominator is zero.
    percent: Option<f64>,
}

impl RateItem {
    pub fn new<F: Copy>(rate: &Rate<F>, name: impl Fn(F) -> &'static str, count: impl Fn(F) -> i64) -> Self {
        Self {
            numerator: name(rate.numerator),
            denominator: name(rate.denominator),
            percent: rate.permille(count).map(|permille| permille as f64 / 10.0),
        }
    }
}

impl From<Counted> for EvaluationFigures {
    fn from(it: Counted) -> Self {
        let figures = |of: &Figures| Figure::ALL.iter().map(|it| (it.as_str(), of.get(*it))).collect();
        let rates = |of: &Figures| {
            let item =
                |rate: &Rate<Figure>| (rate.name, RateItem::new(rate, Figure::as_str, |it| of.get(it)));
            RATES.iter().map(item).collect()
        };
        Self {
            figures: figures(&it.all),
            rates: rates(&it.all),
            adjusted_figures: figures(&it.adjusted),
            adjusted_rates: rates(&it.adjusted),
        }
    }
}

impl From<(Period, Counted)> for EvaluationOther {
    fn from((period, counted): (Period, Counted)) -> Self {
        Self { from: period.first.to_string(), to: period.last.to_string(), figures: counted.into() }
    }
}

/// How the loop ran in an area and a period: exact at this moment, each case in the period of its deadline.
#[utoipa::path(
    get, path = "/api/v1/evaluations", tag = "evaluations", params(EvaluationQuery), security(("session" = [])),
    responses((status = 200, description = "Figures and rates", body = EvaluationAnswer), ReadErrors)
)]
async fn evaluations(
    visitor: Visitor,
    QueryString(query): QueryString<EvaluationQuery>,
) -> Result<Json<EvaluationAnswer>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let by = grouping(query.by.as_deref().unwrap_or("area"))?;
        let period = Period::parse(&query.from, &query.to)?;
        let found = evaluation::evaluate(ctx, &query.area, period, by)?;
        let compared = match is_yes("compare", query.compare.as_deref())? {
            true => Some(evaluation::compare(ctx, &query.area, period)?),
            false => None,
        };
        let (before, year_before) = compared.map(|it| (it.before.into(), it.year_before.into())).unzip();
        let row =
            |it: evaluation::Row| EvaluationRow { key: it.key, name: it.name, figures: it.counted.into() };
        Ok(EvaluationAnswer {
            as_of: ctx.now.to_string(),
            area: query.area,
            from: period.first.to_string(),
            to: period.last.to_string(),
            total: found.total.into(),
            rows: found.rows.into_iter().map(row).collect(),
            before,
            year_before,
        })
    });
    Ok(Json(found.await?))
}

/// The cases that one figure counts, latest first.
#[utoipa::path(
    get, path = "/api/v1/evaluations/cases", tag = "evaluations", params(EvaluationCaseQuery), security(("session" = [])),
    responses((status = 200, description = "A page of them", body = CasePage), ReadErrors)
)]
async fn cases(
    visitor: Visitor,
    QueryString(query): QueryString<EvaluationCaseQuery>,
) -> Result<Json<CasePage>, Problem> {
    let language = visitor.language.tag();
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let period = Period::parse(&query.from, &query.to)?;
        let behind = Behind {
            area: &query.area,
            period,
            figure: figure(&query.figure)?,
            organization: query.organization,
            adjusted: is_yes("adjusted", query.adjusted.as_deref())?,
        };
        let page = evaluation::cases(ctx, &behind, &window)?;
        let items = page.items.iter().map(|it| case_item(ctx, language, it)).collect();
        Ok(CasePage { items, next: page.next.map(|it| it.encode()) })
    });
    Ok(Json(found.await?))
}

/// `yes` or `no`; no where nothing is said.
fn is_yes(name: &'static str, said: Option<&str>) -> Result<bool, Refusal> {
    match said {
        Some("yes") => Ok(true),
        None | Some("no") => Ok(false),
        Some(_) => Err(Refusal::invalid(name, Message::new("fault-choice"))),
    }
}

pub fn grouping(text: &str) -> Result<Grouping, Refusal> {
    match text {
        "area" => Ok(Grouping::Area),
        "organization" => Ok(Grouping::Organization),
        _ => Err(Refusal::invalid("by", Message::new("fault-choice"))),
    }
}

pub fn figure(text: &str) -> Result<Figure, Refusal> {
    Figure::parse(text).ok_or_else(|| Refusal::invalid("figure", Message::new("fault-choice")))
}
