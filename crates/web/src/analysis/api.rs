//! The analysis of a form by JSON.

mod answer;

use axum::Json;
use domain::{Message, Refusal, Window, analysis, form};
use kernel::{Campaign, Id};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::answer::FormAnalysis;
use super::asked;
use crate::{
    app::Shared,
    problem::{Problem, ReadErrors},
    request::{PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(answers))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AnalysisParams {
    /// Of the records that this campaign asked for; of all of the form, when left out.
    #[param(format = Uuid)]
    campaign: Option<String>,
    /// `none`, `units`, `residents` or `households`.
    #[param(pattern = "^(none|units|residents|households)$")]
    weights: Option<String>,
    /// Key of a question with choices, for a table beside the figures of each.
    rows: Option<String>,
    /// Key of another, `area` or `campaign`; only with `rows`.
    columns: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OpenAnswerParams {
    #[param(format = Uuid)]
    campaign: Option<String>,
    /// Key of a question that is answered by a text.
    question: String,
    /// Words that all have to occur, with spaces between; full-width letters are half-width ones.
    #[param(max_length = 200)]
    text: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

/// A page of open answers.
#[derive(Serialize, ToSchema)]
struct OpenAnswerPage {
    items: Vec<OpenAnswer>,
    /// Where to look on. There may be no more behind it.
    next: Option<String>,
    /// Records that count and were looked through for this page.
    read: i64,
}

#[derive(Serialize, ToSchema)]
struct OpenAnswer {
    /// Instance id of the record.
    record: String,
    #[schema(format = DateTime)]
    sent_at: String,
    /// Code of the area that it answers for, or whose person in office does.
    area: Option<String>,
    /// The answer in parts.
    parts: Vec<OpenAnswerPart>,
}

#[derive(Serialize, ToSchema)]
struct OpenAnswerPart {
    text: String,
    /// It is one of the words.
    hit: bool,
}

fn campaign(text: Option<&str>) -> Result<Option<Id<Campaign>>, Refusal> {
    asked::campaign_of(text.unwrap_or_default())
}

/// What the valid records of a form say together, question by question. That they are read is on record.
#[utoipa::path(
    get, path = "/api/v1/forms/{form_id}/analysis", tag = "forms", security(("session" = [])),
    params(("form_id" = String, Path, description = "Id of a form"), AnalysisParams),
    responses((status = 200, description = "Counts and figures", body = FormAnalysis), ReadErrors)
)]
async fn get(
    visitor: Visitor,
    PathPart(form_id): PathPart<String>,
    QueryString(query): QueryString<AnalysisParams>,
) -> Result<Json<FormAnalysis>, Problem> {
    let language = visitor.language;
    let found = visitor.api(move |ctx| {
        let choice = |field: &str| Refusal::invalid(field, Message::new("fault-choice"));
        let weighting = asked::weighting_of(query.weights.as_deref().unwrap_or_default())?;
        if query.rows.is_some() != query.columns.is_some() {
            return Err(choice(if query.rows.is_some() { "columns" } else { "rows" }));
        }
        let choose = asked::chooser(language);
        let of = asked::of(&form_id, campaign(query.campaign.as_deref())?, &choose);
        let answers = analysis::answers(ctx, &of)?;
        let weights = analysis::weights(ctx, &answers, weighting)?;
        let cross = match (&query.rows, &query.columns) {
            (Some(rows), Some(columns)) => Some(answers.cross(rows, asked::by(columns), &weights)?),
            _ => None,
        };
        let title = form::get(ctx, &form_id)?.form.title;
        Ok(FormAnalysis::new((form_id, title), &answers, &weights, cross.as_ref()))
    });
    Ok(Json(found.await?))
}

/// Open answers to one question in which all words occur, latest first; all of them without any word.
#[utoipa::path(
    get, path = "/api/v1/forms/{form_id}/analysis/answers", tag = "forms", security(("session" = [])),
    params(("form_id" = String, Path, description = "Id of a form"), OpenAnswerParams),
    responses((status = 200, description = "A page of them", body = OpenAnswerPage), ReadErrors)
)]
async fn answers(
    visitor: Visitor,
    PathPart(form_id): PathPart<String>,
    QueryString(query): QueryString<OpenAnswerParams>,
) -> Result<Json<OpenAnswerPage>, Problem> {
    let language = visitor.language;
    let found = visitor.api(move |ctx| {
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let choose = asked::chooser(language);
        let of = asked::of(&form_id, campaign(query.campaign.as_deref())?, &choose);
        let words = query.text.as_deref().unwrap_or_default();
        let found = analysis::search(ctx, &of, &query.question, words, &window)?;
        let part = |it: &analysis::Piece| OpenAnswerPart { text: it.text.clone(), hit: it.is_hit };
        let item = |it: &analysis::Hit| OpenAnswer {
            record: it.instance_id.clone(),
            sent_at: it.at.to_string(),
            area: it.unit.as_ref().map(|it| it.code().to_owned()),
            parts: it.pieces.iter().map(part).collect(),
        };
        Ok(OpenAnswerPage {
            items: found.hits.iter().map(item).collect(),
            next: found.next.as_ref().map(domain::Cursor::encode),
            read: found.read,
        })
    });
    Ok(Json(found.await?))
}
