//! What a checkpoint takes along, for programs: public, without a session, and telling nobody who asked.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Ctx, Refusal, pass};

use crate::{app::Shared, problem, request::PathPart, visitor::run};

const CBOR: &str = "application/cbor";
/// Its registered media type.
const STATUS_LIST: &str = "application/statuslist+cwt";
const TEXT: &str = "text/plain; charset=utf-8";
/// A cache may answer again without asking, so that a revocation is soon everywhere.
const CACHE: &str = "public, max-age=5";

/// The bundle in deterministic CBOR: keys, regimes, status lists. Its entity tag is the digest for which the log vouches.
pub async fn bundle(State(app): State<Shared>, headers: HeaderMap) -> Response {
    let known = known(&headers);
    let found = run(app, move |app| {
        let ctx = Ctx::anonymous(app.city.clone());
        // Of what a checkpoint has already the bytes are not read.
        if let Some(known) = known {
            let digest = pass::bundle_digest(&ctx)?;
            if is_known(&known, &digest) {
                return Ok((Vec::new(), digest));
            }
        }
        pass::bundle(&ctx)
    });
    answer(found.await.map(|(bytes, digest)| (bytes, digest, CBOR)), &headers)
}

fn known(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(header::IF_NONE_MATCH)?.to_str().ok()?.to_owned())
}

/// Compression on the way marks a tag as weak.
fn is_known(known: &str, digest: &str) -> bool {
    known.split(',').any(|it| it.trim().trim_start_matches("W/").trim_matches('"') == digest)
}

/// The status list of one order, as its passes name it: a Token Status List in a CWT.
pub async fn status(
    State(app): State<Shared>,
    PathPart(number): PathPart<u16>,
    headers: HeaderMap,
) -> Response {
    let found = run(app, move |app| pass::status_token(&Ctx::anonymous(app.city.clone()), number)).await;
    answer(found.map(|(bytes, digest)| (bytes, digest, STATUS_LIST)), &headers)
}

/// The proof that the bundle is the city's: a C2SP tlog-proof for `olzii/bundle/v1` and its digest.
pub async fn proof(State(app): State<Shared>, headers: HeaderMap) -> Response {
    let found = run(app, |app| pass::bundle_proof(&Ctx::anonymous(app.city.clone()))).await;
    match found {
        Ok((Some(proof), digest)) => answer(Ok((proof.into_bytes(), digest, TEXT)), &headers),
        Ok((None, _)) => {
            let words = "no checkpoint of the log covers the bundle yet: ask again\n";
            let response = (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, TEXT)], words);
            problem::with_retry_after(response.into_response(), Some(pass::PROOF_SECONDS))
        }
        Err(refusal) => answer(Err(refusal), &headers),
    }
}

fn answer(found: Result<(Vec<u8>, String, &'static str), Refusal>, headers: &HeaderMap) -> Response {
    match found {
        Ok((bytes, digest, kind)) => {
            let tag = format!("\"{digest}\"");
            let tags = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, CACHE.to_owned())];
            if known(headers).is_some_and(|it| is_known(&it, &digest)) {
                return (StatusCode::NOT_MODIFIED, tags).into_response();
            }
            (tags, [(header::CONTENT_TYPE, kind)], bytes).into_response()
        }
        Err(refusal) => {
            let (status, kind) = problem::status(&refusal);
            let response = (status, [(header::CONTENT_TYPE, TEXT)], format!("{kind}\n")).into_response();
            problem::with_retry_after(response, problem::retry_after_seconds(&refusal))
        }
    }
}
