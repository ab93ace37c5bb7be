//! For those who watch the server: is it up, does it take writes, how is it doing.

use std::sync::Arc;

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::Refusal;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use crate::{app::Shared, visitor::run};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answer {
    method: String,
    route: String,
    status: u16,
}

pub struct Metrics {
    registry: Registry,
    answers: Family<Answer, Counter>,
    seconds: Histogram,
    /// Requests told to come back because too many worked already.
    pub shed: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("olzii");
        let (answers, shed) = (Family::default(), Counter::default());
        let seconds = Histogram::new(exponential_buckets(0.000_5, 2.0, 16));
        registry.register("http_answers", "Answers by method, route and status", answers.clone());
        registry.register("http_seconds", "Seconds from request to answer", seconds.clone());
        registry.register("http_shed", "Requests refused because too many were at work", shed.clone());
        Self { registry, answers, seconds, shed }
    }
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
}

/// The OpenAPI document.
pub fn document(document: Arc<String>) -> Router<Shared> {
    let answer = move || {
        let document = document.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], document.as_str().to_owned()) }
    };
    Router::new().route("/api/v1/openapi.json", get(answer))
}

/// Ready means that a write would be durable now.
async fn ready(State(app): State<Shared>) -> Response {
    let check = run(app, |app| app.city.db.check().map_err(Refusal::from)).await;
    match check {
        Ok(()) => "ready\n".into_response(),
        Err(refusal) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {refusal}\n")).into_response(),
    }
}

async fn metrics(State(app): State<Shared>) -> Response {
    let mut text = String::new();
    match encode(&mut text, &app.metrics.registry) {
        Ok(()) => {
            ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
                .into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[allow(clippy::disallowed_methods, reason = "how long an answer took is not part of any answer")]
pub async fn measure(
    State(app): State<Shared>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let started = std::time::Instant::now();
    let method = request.method().to_string();
    let response = next.run(request).await;
    let route = route.map_or_else(|| "none".to_owned(), |it| it.as_str().to_owned());
    app.metrics.answers.get_or_create(&Answer { method, route, status: response.status().as_u16() }).inc();
    app.metrics.seconds.observe(started.elapsed().as_secs_f64());
    response
}
