//! What is done on the page of one case, each by a form of its own.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::{Ctx, Refusal, case};
use kernel::{Case as CaseName, Id, JournalEntry, Photo};

use super::{
    admission::Admitted,
    record::{RULING, answer, show_with_contact},
    related::{self, MERGE},
    step,
    typed::NOTES,
    upload::Upload,
};
use crate::{
    journal::view::proof_file,
    sent::{PagePath, lead_on},
    visitor::Visitor,
};

/// Takes a transition of the case.
pub async fn advance(
    visitor: Visitor,
    PagePath((id, transition)): PagePath<(Id<CaseName>, String)>,
    _: Admitted,
    mut upload: Upload,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let taken = take(ctx, id, &transition, &mut upload);
            answer(ctx, shell, id, (&transition, step::typed_fields(upload)), taken, "moved=1")
        })
        .await
}

/// Stores the photos of a step and takes it. Photos of a step that is not this actor's are not kept.
pub fn take(
    ctx: &Ctx,
    id: Id<CaseName>,
    transition: &str,
    upload: &mut Upload,
) -> Result<case::Record, Refusal> {
    let keep = upload.has_files() && case::record(ctx, id)?.transitions.iter().any(|it| it == transition);
    let photos = if keep { upload.store_photos(ctx)? } else { Vec::new() };
    case::advance(ctx, id, transition, &step::read(upload, photos))
}

pub async fn add_note(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            // Whoever has no internal notes writes to the reporter, or is one.
            let public = upload.text("public") == "yes" || !case::record(ctx, id)?.may_note_internally;
            let request = upload.text("request").parse().ok();
            let added = case::add_note(ctx, id, request, upload.text("note"), public, &[]);
            answer(ctx, shell, id, (NOTES, upload.into_fields()), added, "noted=1")
        })
        .await
}

pub async fn withhold(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>) -> Response {
    visitor
        .page(move |ctx, _| {
            case::withhold(ctx, id, None)?;
            Ok(lead_on(&format!("/cases/{id}?withheld=1"), "/"))
        })
        .await
}

pub async fn merge(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>, upload: Upload) -> Response {
    join(visitor, id, "merge", upload).await
}

pub async fn unmerge(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>, upload: Upload) -> Response {
    join(visitor, id, "unmerge", upload).await
}

/// Merges the case into another, or undoes that.
async fn join(visitor: Visitor, id: Id<CaseName>, what: &'static str, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            let merged = related::merge(ctx, id, what, &upload);
            answer(ctx, shell, id, (MERGE, upload.into_fields()), merged, "moved=1")
        })
        .await
}

pub async fn list_ruling(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            let listed = case::list_ruling(ctx, id, upload.text("area"), upload.text("legal_basis"));
            answer(ctx, shell, id, (RULING, upload.into_fields()), listed, "listed=1")
        })
        .await
}

/// Shows how to reach the reporter, once; the reading is on record.
pub async fn show_contact(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let contact = case::read_contact(ctx, id)?;
            show_with_contact(ctx, shell, id, contact)
        })
        .await
}

pub async fn photo(visitor: Visitor, PagePath((id, photo)): PagePath<(Id<CaseName>, Id<Photo>)>) -> Response {
    visitor.page(move |ctx, _| Ok(jpeg(case::photo(ctx, id, photo)?))).await
}

/// A proof that a reading of the reporter's contact stands in the public log; for that reporter.
pub async fn proof(
    visitor: Visitor,
    PagePath((id, entry)): PagePath<(Id<CaseName>, Id<JournalEntry>)>,
) -> Response {
    visitor.page(move |ctx, _| Ok(proof_file(entry, case::proof_of_reading(ctx, id, entry)?))).await
}

/// A photo never changes, and is only for the one who asked.
pub fn jpeg(bytes: Vec<u8>) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, max-age=86400, immutable")];
    (headers, bytes).into_response()
}
