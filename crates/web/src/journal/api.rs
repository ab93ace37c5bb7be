//! Who read one's record, and how it stands with the log, by JSON.

use axum::{Json, response::Response};
use domain::{Window, journal, withholding};
use kernel::{Id, JournalEntry, Person};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    locale::Translator,
    problem::{ChangeErrors, Problem, PublicErrors, ReadErrors},
    request::{Nothing, PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(reads)).routes(routes!(proof)).routes(routes!(log))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ReadPage {
    items: Vec<Read>,
    /// How many entries are withheld by law, and when they are shown.
    withheld: Vec<WithheldItem>,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct WithheldItem {
    #[schema(format = DateTime)]
    until: String,
    entries: i64,
}

/// One time that somebody read the record. A reader is named by office and role.
#[derive(Serialize, ToSchema)]
pub struct Read {
    id: Uuid,
    #[schema(format = DateTime)]
    at: String,
    /// A word for programs, such as `person.read`.
    action: String,
    purpose: String,
    organization: Option<Uuid>,
    organization_name: Option<String>,
    role: Option<&'static str>,
    /// In the language asked for.
    role_label: Option<String>,
    /// A proof of it can be had.
    sealed: bool,
}

impl Read {
    pub(crate) fn new(t: &Translator, it: &journal::Reading) -> Self {
        Self {
            id: it.id.uuid(),
            at: it.at.to_string(),
            action: it.action.clone(),
            purpose: it.purpose.clone(),
            organization: it.organization.map(Id::uuid),
            organization_name: it.organization_name.clone(),
            role: it.role.map(|role| role.as_str()),
            role_label: it.role.map(|role| t.say(&format!("role-{}", role.as_str()))),
            sealed: it.is_sealed,
        }
    }
}

/// Who read a person's record, latest first; for that person alone.
#[utoipa::path(
    get, path = "/api/v1/people/{id}/reads", tag = "people", security(("session" = [])),
    params(("id" = Uuid, Path), ReadsQuery),
    responses((status = 200, description = "A page of readings", body = ReadPage), ReadErrors)
)]
async fn reads(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Person>>,
    QueryString(query): QueryString<ReadsQuery>,
) -> Result<Json<ReadPage>, Problem> {
    let t = visitor.translator();
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let page = journal::readings(ctx, id, &Window::parse(query.limit, query.cursor.as_deref())?)?;
        Ok((page, withholding::of_person(ctx, id)?.0))
    });
    let (page, withheld) = found.await?;
    let withheld = withheld.iter();
    Ok(Json(ReadPage {
        items: page.items.iter().map(|it| Read::new(&t, it)).collect(),
        withheld: withheld
            .map(|it| WithheldItem { until: it.until.to_string(), entries: it.entries })
            .collect(),
        next: page.next.map(|it| it.encode()),
    }))
}

/// A proof that a reading stands in the public log, with the entry itself: a C2SP tlog-proof, for `olzii verify`.
#[utoipa::path(
    get, path = "/api/v1/people/{id}/reads/{entry}/proof", tag = "people", security(("session" = [])),
    params(("id" = Uuid, Path), ("entry" = Uuid, Path, description = "As the list of readings has it")),
    responses(
        (status = 200, description = "A .tlog-proof file", body = String, content_type = "text/plain"),
        ChangeErrors
    )
)]
async fn proof(
    visitor: Visitor,
    PathPart((id, entry)): PathPart<(Id<Person>, Id<JournalEntry>)>,
    _: QueryString<Nothing>,
) -> Result<Response, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        journal::proof_of_reading(ctx, id, entry)
    });
    Ok(super::view::proof_file(entry, found.await?))
}

/// The log in which the journal is sealed.
#[derive(Serialize, ToSchema)]
struct LogItem {
    origin: String,
    /// The key that signs: a C2SP vkey.
    verifier_key: String,
    /// Entries that are signed for.
    size: u64,
    published: Option<PublishedItem>,
    /// When the oldest entry was written that has no place yet, if that is longer ago than it takes.
    #[schema(format = DateTime)]
    late_since: Option<String>,
    /// Since when nothing can be sealed.
    #[schema(format = DateTime)]
    failing_since: Option<String>,
    witnesses: Vec<WitnessItem>,
}

/// The checkpoint at `/log/checkpoint`.
#[derive(Serialize, ToSchema)]
struct PublishedItem {
    size: u64,
    /// In base64.
    root: String,
    #[schema(format = DateTime)]
    at: String,
    /// No newer one came when it should have.
    old: bool,
}

#[derive(Serialize, ToSchema)]
struct WitnessItem {
    name: String,
    verifier_key: String,
    #[schema(format = DateTime)]
    cosigned_at: Option<String>,
    cosigned_size: Option<u64>,
    /// It has not cosigned for longer than it may.
    silent: bool,
}

/// How it stands with the log of the journal.
#[utoipa::path(
    get, path = "/api/v1/log", tag = "log",
    responses((status = 200, description = "Its key, size, checkpoint and witnesses", body = LogItem), PublicErrors)
)]
async fn log(visitor: Visitor, _: QueryString<Nothing>) -> Result<Json<LogItem>, Problem> {
    let it = visitor.api(journal::log_state).await?;
    let witness = |it: journal::WitnessState| WitnessItem {
        name: it.name,
        verifier_key: it.verifier_key,
        cosigned_at: it.cosigned.map(|(at, _)| at.to_string()),
        cosigned_size: it.cosigned.map(|(_, size)| size),
        silent: it.is_silent,
    };
    Ok(Json(LogItem {
        origin: it.origin,
        verifier_key: it.verifier_key,
        size: it.size,
        published: it.published.map(|it| PublishedItem {
            size: it.size,
            root: it.root,
            at: it.at.to_string(),
            old: it.is_old,
        }),
        late_since: it.late_since.map(|it| it.to_string()),
        failing_since: it.failing_since.map(|it| it.to_string()),
        witnesses: it.witnesses.into_iter().map(witness).collect(),
    }))
}
