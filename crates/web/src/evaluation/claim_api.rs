//! What a case counts for, by JSON: the claims about it, and words on them.

use axum::{Json, http::StatusCode};
use domain::{
    Ctx, Message, Refusal,
    evaluation::{self, Claim, Claims, Fact, Kind, Ruling, Said, Word},
};
use kernel::{Case, Claim as ClaimName, Id, Organization};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::claim::fact;
use crate::{
    app::Shared,
    problem::{Problem, ReadErrors, WriteErrors},
    request::{JsonBody, PathPart},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(claims, ask)).routes(routes!(rule)).routes(routes!(revoke))
}

/// What is claimed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimBody {
    /// Made by the client: the same one again changes nothing.
    request: Option<Uuid>,
    /// `exclusion`: that the case be left out of the adjusted figures; `appeal`: that a fact be exempted.
    #[schema(pattern = "^(exclusion|appeal)$")]
    kind: String,
    /// Id of a ground of the city's list, or `late`, `returned` or `reworked`.
    #[schema(min_length = 1, max_length = 64)]
    about: String,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    note: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RulingBody {
    /// Made by the client: the same one again changes nothing.
    request: Option<Uuid>,
    granted: bool,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    note: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RevocationBody {
    /// Made by the client: the same one again changes nothing.
    request: Option<Uuid>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    note: String,
}

/// The claims about a case, and what the asker may do.
#[derive(Serialize, ToSchema)]
struct ClaimsAnswer {
    /// Latest first; none for those who do not read internal notes.
    items: Vec<ClaimItem>,
    may_propose: bool,
    /// Facts about which the asker may appeal.
    may_appeal: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct ClaimItem {
    #[schema(value_type = Uuid)]
    id: Id<ClaimName>,
    /// `exclusion` or `appeal`
    kind: &'static str,
    about: String,
    /// Granted and not taken back.
    in_force: bool,
    /// By when whose turn it is has to say something; none when all is said.
    #[schema(format = DateTime)]
    due: Option<String>,
    asked: WordItem,
    /// The supervision centre's word on an appeal.
    first: Option<RulingItem>,
    last: Option<RulingItem>,
    revoked: Option<WordItem>,
    /// The asker's word is awaited.
    may_rule: bool,
    may_revoke: bool,
}

/// By which office, when, and why; people are named by their office.
#[derive(Serialize, ToSchema)]
struct WordItem {
    role: &'static str,
    #[schema(value_type = Uuid)]
    organization: Id<Organization>,
    #[schema(format = DateTime)]
    at: String,
    note: String,
}

#[derive(Serialize, ToSchema)]
struct RulingItem {
    granted: bool,
    #[serde(flatten)]
    word: WordItem,
}

impl From<&Said> for WordItem {
    fn from(it: &Said) -> Self {
        let (role, at) = (it.role.as_str(), it.at.to_string());
        Self { role, organization: it.organization, at, note: it.note.clone() }
    }
}

impl From<&Ruling> for RulingItem {
    fn from(it: &Ruling) -> Self {
        Self { granted: it.granted, word: (&it.said).into() }
    }
}

impl From<Claims> for ClaimsAnswer {
    fn from(found: Claims) -> Self {
        let item = |it: &Claim| ClaimItem {
            id: it.id,
            kind: if it.kind == Kind::Exclusion { "exclusion" } else { "appeal" },
            about: it.about.clone(),
            in_force: it.is_in_force(),
            due: it.turn().map(|_| it.due.to_string()),
            asked: (&it.asked).into(),
            first: it.first.as_ref().map(Into::into),
            last: it.last.as_ref().map(Into::into),
            revoked: it.revoked.as_ref().map(Into::into),
            may_rule: found.may_rule.contains(&it.id),
            may_revoke: found.may_revoke == Some(it.id),
        };
        Self {
            items: found.claims.iter().map(item).collect(),
            may_propose: found.may_propose,
            may_appeal: found.may_appeal.iter().map(|it| Fact::as_str(*it)).collect(),
        }
    }
}

async fn answer(
    visitor: Visitor,
    work: impl FnOnce(&Ctx) -> Result<Claims, Refusal> + Send + 'static,
) -> Result<Json<ClaimsAnswer>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        work(ctx)
    });
    Ok(Json(found.await?.into()))
}

/// What is claimed about what a case counts for.
#[utoipa::path(
    get, path = "/api/v1/cases/{id}/claims", tag = "evaluations", security(("session" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, description = "The claims", body = ClaimsAnswer), ReadErrors)
)]
async fn claims(visitor: Visitor, PathPart(id): PathPart<Id<Case>>) -> Result<Json<ClaimsAnswer>, Problem> {
    answer(visitor, move |ctx| evaluation::claims(ctx, id)).await
}

/// Ask for a case to be left out of the adjusted figures, or, for the body that handled it, on appeal for a fact to be
/// exempted.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/claims", tag = "evaluations", security(("session" = [])),
    params(("id" = Uuid, Path)), request_body = ClaimBody,
    responses((status = 201, description = "The claims as they are now", body = ClaimsAnswer), WriteErrors)
)]
async fn ask(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    JsonBody(body): JsonBody<ClaimBody>,
) -> Result<(StatusCode, Json<ClaimsAnswer>), Problem> {
    let done = answer(visitor, move |ctx| {
        let word = Word { request: body.request, note: &body.note };
        match body.kind.as_str() {
            "exclusion" => evaluation::propose_exclusion(ctx, id, &body.about, word),
            "appeal" => evaluation::appeal(ctx, id, fact(&body.about)?, word),
            _ => Err(Refusal::invalid("kind", Message::new("fault-choice"))),
        }
    });
    Ok((StatusCode::CREATED, done.await?))
}

/// Say the next word on a claim.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/claims/{claim}/ruling", tag = "evaluations", security(("session" = [])),
    params(("id" = Uuid, Path), ("claim" = Uuid, Path)), request_body = RulingBody,
    responses((status = 200, description = "The claims as they are now", body = ClaimsAnswer), WriteErrors)
)]
async fn rule(
    visitor: Visitor,
    PathPart((id, claim)): PathPart<(Id<Case>, Id<ClaimName>)>,
    JsonBody(body): JsonBody<RulingBody>,
) -> Result<Json<ClaimsAnswer>, Problem> {
    answer(visitor, move |ctx| {
        evaluation::rule(ctx, id, claim, body.granted, Word { request: body.request, note: &body.note })
    })
    .await
}

/// Take an exclusion back: the case counts again.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/claims/{claim}/revocation", tag = "evaluations", security(("session" = [])),
    params(("id" = Uuid, Path), ("claim" = Uuid, Path)), request_body = RevocationBody,
    responses((status = 200, description = "The claims as they are now", body = ClaimsAnswer), WriteErrors)
)]
async fn revoke(
    visitor: Visitor,
    PathPart((id, claim)): PathPart<(Id<Case>, Id<ClaimName>)>,
    JsonBody(body): JsonBody<RevocationBody>,
) -> Result<Json<ClaimsAnswer>, Problem> {
    answer(visitor, move |ctx| {
        evaluation::revoke_exclusion(ctx, id, claim, Word { request: body.request, note: &body.note })
    })
    .await
}
