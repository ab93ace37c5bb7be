//! Files that belong to a form.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::form::{self, FormFile};
use kernel::Timestamp;
use serde_json::{Value, json};

use super::asked::{Asked, AskedWith, FILE_MEGABYTES};

pub async fn list(asked: Asked) -> Response {
    asked.json(|ctx, asked| Ok(described(&form::named_files(ctx, asked.form())?))).await
}

pub async fn list_of_draft(asked: Asked) -> Response {
    asked.json(|ctx, asked| Ok(described(&form::named_files_of_draft(ctx, asked.form())?))).await
}

pub async fn put(AskedWith { asked, body, share: _ }: AskedWith<FILE_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let file = form::add_draft_file(ctx, asked.form(), asked.part("name"), &body)?;
            Ok(one(&file, Some(ctx.now)))
        })
        .await
}

pub async fn download(asked: Asked) -> Response {
    asked
        .answer(|ctx, asked| {
            let name = asked.part("name");
            Ok(bytes(name, form::file(ctx, asked.form(), name)?))
        })
        .await
}

/// Bytes that somebody sent: they are never shown as a page of this site.
pub fn bytes(name: &str, bytes: Vec<u8>) -> Response {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    let kind = match end.as_str() {
        "csv" => "text/csv; charset=utf-8",
        "geojson" => "application/geo+json",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    response
}

fn described(files: &[FormFile]) -> Value {
    files.iter().map(|it| one(it, None)).collect::<Vec<_>>().into()
}

fn one(file: &FormFile, updated_at: Option<Timestamp>) -> Value {
    json!({
        "name": file.name,
        "type": "file",
        "hash": file.md5,
        "exists": file.md5.is_some(),
        "blobExists": file.md5.is_some(),
        "datasetExists": false,
        "updatedAt": updated_at.map(Timestamp::to_utc),
    })
}

/// The text of a form or a record: a file, since a browser would show what a sender wrote as a page of this site.
pub fn xml(bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let kind = HeaderValue::from_static("application/xml; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    response
}
