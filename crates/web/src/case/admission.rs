//! Who may send a body with photos: looked at before any of it is read.

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use domain::Refusal;

use crate::{
    app::Shared,
    problem::Problem,
    visitor::{Visitor, context, run},
};

/// Somebody who is signed in, or whose network has not sent too often without that.
pub struct Admitted;

impl FromRequestParts<Shared> for Admitted {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let is_api = parts.uri.path().starts_with("/api/");
        match admit(&visitor, is_api).await {
            Ok(()) => Ok(Self),
            Err(refusal) if is_api => Err(Problem::new(&visitor.translator(), refusal).into_response()),
            Err(refusal) => Err(visitor.page(|_, _| Err(refusal)).await),
        }
    }
}

async fn admit(visitor: &Visitor, is_api: bool) -> Result<(), Refusal> {
    if let Some(token) = visitor.token.clone() {
        let work = move |app: &Shared| Ok(context(app, Some(&token), is_api)?.signed_in.is_some());
        if run(visitor.app.clone(), work).await? {
            return Ok(());
        }
    }
    visitor.app.guard.report(visitor.address)
}
