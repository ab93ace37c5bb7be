//! OpenRosa: what ODK Collect and other phones load forms and send records by.

use axum::{
    extract::{FromRequest, Multipart, Request, multipart::Field},
    http::StatusCode,
    response::Response,
};
use domain::{
    Refusal,
    form::{self, Expected, Judged, NamedBytes, Receipt, Rejection, Sent},
};
use kernel::limits;
use xform::{
    check::SUBMISSION_BYTES_MAX,
    openrosa::{self, ListedForm, MediaFile, SUBMISSION_PART},
};

use super::{
    answer::{Failure, described, openrosa_response},
    asked::{Asked, encoded},
};
use crate::{
    app::Shared,
    locale::Translator,
    memory::{MEGABYTE, Share},
    request::content_type,
};

pub async fn form_list(asked: Asked) -> Response {
    asked
        .openrosa(|ctx, asked| {
            let wanted = asked.query("formID");
            let of_project = form::open(ctx)?.into_iter().filter(|it| {
                it.form.area_path.code() == asked.project() && wanted.is_none_or(|id| id == it.form.form_id)
            });
            let listed = of_project.map(|it| {
                let url = asked.form_url(&it.form.form_id);
                ListedForm {
                    form_id: it.form.form_id,
                    name: it.form.title,
                    version: it.version.version,
                    md5: it.version.md5,
                    download_url: format!("{url}.xml"),
                    manifest_url: (it.version.files > 0).then(|| format!("{url}/manifest")),
                }
            });
            Ok((StatusCode::OK, openrosa::form_list(&listed.collect::<Vec<_>>())))
        })
        .await
}

pub async fn manifest(asked: Asked) -> Response {
    asked
        .openrosa(|ctx, asked| {
            let url = asked.form_url(asked.form());
            let files = form::files(ctx, asked.form())?.into_iter().filter_map(|it| {
                let download_url = format!("{url}/attachments/{}", encoded(&it.name));
                Some(MediaFile { download_url, md5: it.md5?, name: it.name })
            });
            Ok((StatusCode::OK, openrosa::manifest(&files.collect::<Vec<_>>())))
        })
        .await
}

/// That records are taken here, and how large a request may be.
pub async fn ready(asked: Asked) -> Response {
    let words = asked.words();
    match asked.check_version() {
        Ok(()) => openrosa_response(&words, StatusCode::NO_CONTENT, String::new()),
        Err(failure) => failure.openrosa(&words),
    }
}

pub async fn submit(asked: Asked, request: Request) -> Response {
    let words = asked.words();
    if let Err(failure) = asked.check_version() {
        return failure.openrosa(&words);
    }
    if let Err(failure) = asked.admit().await {
        return failure.openrosa(&words);
    }
    let app = asked.visitor.app.clone();
    let mut share = app.photo_memory.share(asked.visitor.address);
    let sent = match read(request, &app, &mut share).await {
        Ok(sent) => sent,
        Err(failure) => return failure.openrosa(&words),
    };
    let told = words.clone();
    asked
        .openrosa(move |ctx, asked| {
            let _share = share;
            let taken = form::submit(ctx, &sent, Expected::In { area: asked.project() });
            let receipt = taken.map_err(|rejection| match Failure::from(rejection) {
                // Clients ask for other words to sign in with, and give up on what is denied.
                Failure::Refusal(Refusal::Denied) => Refusal::SignIn.into(),
                failure => failure,
            })?;
            Ok((StatusCode::CREATED, openrosa::response(&thanks(&told, &receipt), false)))
        })
        .await
}

/// For the person with the phone: that it came, and what they should look at once more.
fn thanks(words: &Translator, receipt: &Receipt) -> String {
    let taken = taken(words, receipt);
    match &receipt.asked {
        Some(asked) => format!("{taken}\n{}", words.message(asked)),
        None => taken,
    }
}

fn taken(words: &Translator, receipt: &Receipt) -> String {
    match (receipt.state, receipt.missing.is_empty()) {
        (Judged::Invalid, _) => {
            words.with("record-taken-invalid", "findings", described(words, &receipt.findings))
        }
        (_, false) => words.with("record-taken-missing", "number", receipt.missing.len()),
        (_, true) => words.say("record-taken"),
    }
}

/// The XML, and the files beside it: all in memory before anything is done, so that half a body leaves nothing.
async fn read(request: Request, app: &Shared, share: &mut Share) -> Result<Sent, Failure> {
    if content_type(request.headers()) != "multipart/form-data" {
        return Err(Failure::NoRecordPart);
    }
    let unreadable = |reason: String| Failure::Unreadable(reason);
    let mut parts =
        Multipart::from_request(request, app).await.map_err(|fault| unreadable(fault.body_text()))?;
    let (mut xml, mut files, mut left) = (None, Vec::new(), limits::SUBMISSION_REQUEST_BYTES_MAX);
    while let Some(mut part) = parts.next_field().await.map_err(|fault| unreadable(fault.body_text()))? {
        let name = part.file_name().or(part.name()).unwrap_or_default().to_owned();
        if part.name() == Some(SUBMISSION_PART) {
            if xml.is_some() {
                return Err(Failure::NoRecordPart);
            }
            xml = Some(read_part(&mut part, share, SUBMISSION_BYTES_MAX, &mut left).await?);
        } else if files.len() >= limits::FORM_FILES_MAX {
            return Err(Rejection::TooManyFiles(files.len() + 1).into());
        } else {
            let bytes = read_part(&mut part, share, limits::FORM_FILE_BYTES_MAX, &mut left).await?;
            files.push(NamedBytes { name, bytes });
        }
    }
    Ok(Sent { xml: xml.ok_or(Failure::NoRecordPart)?, files, seconds: None })
}

/// One part of a body, at most `max` bytes of it, and together with the others no more than are `left`.
pub async fn read_part(
    part: &mut Field<'_>,
    share: &mut Share,
    max: usize,
    left: &mut usize,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|fault| Failure::Unreadable(fault.body_text()))? {
        let Some(rest) = left.checked_sub(chunk.len()) else {
            return Err(Failure::TooLarge { megabytes: limits::SUBMISSION_REQUEST_BYTES_MAX / MEGABYTE });
        };
        *left = rest;
        if bytes.len() + chunk.len() > max {
            return Err(Failure::TooLarge { megabytes: max / MEGABYTE });
        }
        share.hold(chunk.len())?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
