use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use domain::{City, Refusal};
use kernel::{Timestamp, limits};
use tokio::sync::Semaphore;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, trace::TraceLayer};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    account, analysis, area, asset, burden, calendar, campaign, case, checkpoint, command, evaluation, form,
    gateway::Gateways,
    guard::Guard,
    health, home, journal,
    live::Hub,
    locale::Locales,
    memory::PhotoMemory,
    notice, offline, open311, organization,
    pace::{self, Late},
    pass,
    problem::{self, Problem},
    resident, responsibility, security,
    shell::{self, Shell},
    statistic, supervision,
    visitor::Visitor,
    withholding,
};

/// Requests that work at once; more are told to come back.
const WORKING_MAX: usize = 256;
/// Passwords hashed at once: each takes 19 MiB and a core.
const HASHING_MAX: usize = 4;

/// What every handler shares.
pub struct App {
    pub city: Arc<City>,
    pub settings: Settings,
    /// Since when services and their definitions are as they are.
    pub(crate) started_at: Timestamp,
    pub(crate) locales: Arc<Locales>,
    pub(crate) guard: Guard,
    pub(crate) photo_memory: Arc<PhotoMemory>,
    pub(crate) hub: Hub,
    pub(crate) walls: command::Walls,
    pub(crate) figures: command::Figures,
    pub(crate) known: checkpoint::Known,
    pub(crate) working: Semaphore,
    pub(crate) hashing: Arc<Semaphore>,
    pub(crate) metrics: health::Metrics,
}

#[derive(Clone, Default)]
pub struct Settings {
    /// Cookies are marked Secure, and browsers are told to stay on HTTPS. Off for loopback only.
    pub secure: bool,
    /// What the demo shows on its sign-in page: login names by role, and the password.
    pub demo_logins: Option<(Vec<(String, String)>, String)>,
    /// Whose word is taken for whom a request comes from.
    pub gateways: Gateways,
    /// Scheme and host under which everybody reaches the city; without it those that a request names.
    pub public_url: Option<String>,
    /// Where the current bundle of passes comes from; none where no passes are issued.
    pub pass_bundle: Option<checkpoint::BundleSource>,
}

pub(crate) type Shared = Arc<App>;

impl App {
    pub fn new(city: Arc<City>, settings: Settings) -> Shared {
        Arc::new(Self {
            hub: Hub::default(),
            walls: command::Walls::default(),
            figures: command::Figures::default(),
            known: checkpoint::Known::new(settings.pass_bundle.clone()),
            started_at: city.clock.now(),
            city,
            settings,
            locales: Arc::new(Locales::load()),
            guard: Guard::default(),
            photo_memory: Arc::default(),
            working: Semaphore::new(WORKING_MAX),
            hashing: Arc::new(Semaphore::new(HASHING_MAX)),
            metrics: health::Metrics::default(),
        })
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Olzii",
        description = "The grassroots service network of a city: areas, organizations, cases, notices. \
            Errors are problem details (RFC 9457). Lists are paged by `limit` and `cursor`. \
            POST /api/v1/sessions gives a bearer token."
    ),
    components(schemas(problem::Problem, problem::FieldProblem)),
    modifiers(&BearerToken)
)]
struct ApiDocument;

struct BearerToken;

impl utoipa::Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        document.components.get_or_insert_default().add_security_scheme("session", scheme);
    }
}

fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(ApiDocument::openapi())
        .merge(account::api::routes())
        .merge(area::api::routes())
        .merge(calendar::api::routes())
        .merge(organization::api::routes())
        .merge(resident::api::routes())
        .merge(responsibility::api::routes())
        .merge(statistic::api::routes())
        .merge(case::api::routes())
        .merge(checkpoint::api::routes())
        .merge(command::api::routes())
        .merge(evaluation::api::routes())
        .merge(supervision::api::routes())
        .merge(campaign::api::routes())
        .merge(analysis::api::routes())
        .merge(burden::api::routes())
        .merge(notice::api::routes())
        .merge(journal::api::routes())
        .merge(withholding::api::routes())
}

/// The OpenAPI document of the API, made from its handlers.
pub fn api_document() -> utoipa::openapi::OpenApi {
    api().split_for_parts().1
}

/// Everything that the server answers to.
pub fn router(app: Shared) -> Router {
    let (api, document) = api().split_for_parts();
    let document = Arc::new(document.to_json().unwrap_or_default());
    let api = api.merge(health::document(document)).method_not_allowed_fallback(problem::no_such_method);
    let pages = Router::new()
        .merge(home::routes())
        .merge(account::routes())
        .merge(area::routes())
        .merge(calendar::routes())
        .merge(case::routes())
        .merge(checkpoint::routes())
        .merge(command::routes())
        .merge(evaluation::routes())
        .merge(supervision::routes())
        .merge(journal::routes())
        .merge(notice::routes())
        .merge(responsibility::routes())
        .merge(statistic::routes())
        .merge(offline::routes())
        .merge(form::pages())
        .merge(analysis::routes())
        .merge(pass::routes())
        .merge(campaign::routes())
        .merge(burden::routes())
        .method_not_allowed_fallback(home::no_such_method);
    Router::new()
        .merge(pages)
        .merge(open311::routes())
        .merge(form::routes())
        .route("/api/{*rest}", any(problem::no_such_route))
        .merge(api)
        .merge(asset::routes())
        .merge(health::routes())
        .fallback(home::no_such_page)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), bound_time))
        .layer(middleware::from_fn_with_state(app.clone(), security::check_origin))
        .layer(middleware::from_fn_with_state(app.clone(), security::add_headers))
        .layer(middleware::from_fn_with_state(app.clone(), health::measure))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(app)
}

/// What is logged of a request: never a token that stands in its address.
fn span(request: &Request) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = form::loggable(request.uri()))
}

/// What takes too long is told like a database that does not answer: it is what was waited for. A body that does not come
/// is told as such.
async fn bound_time(visitor: Visitor, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let reads_json = visitor.reads_json || path.starts_with("/api/") || form::is_asked(&path);
    let (parts, body) = request.into_parts();
    let work = |body| next.run(Request::from_parts(parts, body));
    let late = match pace::within(body, work).await {
        Ok(response) => return response,
        Err(late) => late,
    };
    let (translator, status) = (visitor.translator(), StatusCode::REQUEST_TIMEOUT);
    let refusal = || Refusal::Unavailable(format!("no answer within {} seconds", pace::WORK_SECONDS_MAX));
    let shell = || Shell::bare(&visitor.app, visitor.translator(), &visitor.here);
    let work = (late == Late::Work).then(refusal);
    if let Some(response) = open311::too_late(&path, work, &translator) {
        return response;
    }
    match (late, reads_json) {
        (Late::Body, true) => Problem::of_protocol(&translator, status, "slow").into_response(),
        (Late::Body, false) => shell::html(status, &shell::told(shell(), status, "slow"))
            .unwrap_or_else(|_| status.into_response()),
        (Late::Work, true) => Problem::new(&translator, refusal()).into_response(),
        (Late::Work, false) => shell::refused(shell(), &refusal()),
    }
}
