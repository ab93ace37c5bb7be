//! Sessions, by JSON.

use axum::{Json, http::StatusCode};
use domain::account;
use kernel::{Id, Session};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    problem::{ChangeErrors, Problem, ReadErrors, WriteErrors},
    request::{JsonBody, Nothing, PathPart, QueryString},
    shell,
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, sign_in)).routes(routes!(revoke)).routes(routes!(sign_out))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    #[schema(max_length = 64)]
    login_name: String,
    #[schema(max_length = 256, format = Password)]
    password: String,
}

#[derive(Serialize, ToSchema)]
struct NewSession {
    /// Sent as `Authorization: Bearer …`. It is shown here and never again.
    token: String,
    person: Uuid,
    name: String,
    /// Path of the page on which this person starts.
    landing: &'static str,
}

#[derive(Serialize, ToSchema)]
struct SessionList {
    items: Vec<SessionItem>,
}

/// A device on which the account is signed in.
#[derive(Serialize, ToSchema)]
struct SessionItem {
    id: Uuid,
    /// What the browser called itself.
    device: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// Exact to a few minutes.
    #[schema(format = DateTime)]
    seen_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// The one that asks.
    current: bool,
}

/// Sign in.
#[utoipa::path(
    post, path = "/api/v1/sessions", tag = "sessions", request_body = SignIn,
    responses((status = 201, description = "Signed in", body = NewSession), WriteErrors)
)]
async fn sign_in(
    visitor: Visitor,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<SignIn>,
) -> Result<(StatusCode, Json<NewSession>), Problem> {
    let app = visitor.app.clone();
    if let Err(refusal) = app.guard.sign_in(visitor.address, &body.login_name) {
        return Err(Problem::new(&visitor.translator(), refusal));
    }
    let permit = app.hashing.clone().acquire_owned().await;
    let device = visitor.device.clone();
    let session = visitor.api(move |ctx| {
        let _permit = permit;
        let (token, person) = account::sign_in(ctx, &body.login_name, &body.password, &device)?;
        let landing = shell::landing(&account::resolve(&ctx.city, &token)?);
        Ok(NewSession { token, person: person.person.uuid(), name: person.name, landing })
    });
    Ok((StatusCode::CREATED, Json(session.await?)))
}

/// The devices on which the account is signed in, latest first.
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "sessions", security(("session" = [])),
    responses((status = 200, description = "All of them", body = SessionList), ReadErrors)
)]
async fn list(visitor: Visitor, _: QueryString<Nothing>) -> Result<Json<SessionList>, Problem> {
    let sessions = visitor.api(account::sessions).await?;
    let item = |it: account::SessionRow| SessionItem {
        id: it.id.uuid(),
        device: it.device,
        created_at: it.created_at.to_string(),
        seen_at: it.seen_at.to_string(),
        expires_at: it.expires_at.to_string(),
        current: it.current,
    };
    Ok(Json(SessionList { items: sessions.into_iter().map(item).collect() }))
}

/// Sign one device out.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}", tag = "sessions", security(("session" = [])),
    params(("id" = Uuid, Path, description = "As the list of sessions has it")),
    responses((status = 204, description = "It is signed out"), ChangeErrors)
)]
async fn revoke(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Session>>,
    _: QueryString<Nothing>,
) -> Result<StatusCode, Problem> {
    visitor.api(move |ctx| account::revoke(ctx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out: the session that asks is over.
#[utoipa::path(
    delete, path = "/api/v1/sessions/current", tag = "sessions", security(("session" = [])),
    responses((status = 204, description = "Signed out"), ChangeErrors)
)]
async fn sign_out(visitor: Visitor, _: QueryString<Nothing>) -> Result<StatusCode, Problem> {
    visitor.api(account::sign_out).await?;
    Ok(StatusCode::NO_CONTENT)
}
