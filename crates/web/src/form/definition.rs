//! Forms, their drafts and versions.

use axum::response::Response;
use domain::{
    Ctx,
    form::{self, Definition, Form, FormState, FormVersion, Terms},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    answer::Failure,
    asked::{Asked, AskedWith, FILE_MEGABYTES, JSON_MEGABYTES, json as read_json},
    media, odata,
    session::number,
};

/// Names a spreadsheet that does not name itself; percent-encoded.
const FALLBACK_HEADER: &str = "x-xlsform-formid-fallback";
const FALLBACK: &str = "form";
/// Of the query: why a form asks again for what is known. Central has no such thing.
const REASON: &str = "reason";

pub async fn list(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let of_project =
                form::all(ctx)?.into_iter().filter(|it| it.form.area_path.code() == asked.project());
            let forms: Result<Vec<Value>, Failure> =
                of_project.map(|it| described(&it.form, &it.version)).collect();
            Ok(forms?.into())
        })
        .await
}

/// The form, or by `….xml` its very text, or by `….svc` its tables.
pub async fn one(asked: Asked) -> Response {
    if let Some(form_id) = asked.form().strip_suffix(".svc").map(str::to_owned) {
        return asked.answer(move |ctx, asked| odata::service(ctx, asked, &form_id)).await;
    }
    let Some(form_id) = asked.form().strip_suffix(".xml").map(str::to_owned) else {
        return asked.json(|ctx, asked| shown(ctx, asked.form())).await;
    };
    asked
        .answer(move |ctx, _| {
            let (_, _, xml) = form::text(ctx, &form_id)?;
            Ok(media::xml(xml))
        })
        .await
}

#[derive(Deserialize)]
struct Change {
    state: Option<String>,
}

pub async fn set_state(AskedWith { asked, body, share: _ }: AskedWith<JSON_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let change: Change = read_json(&body)?;
            if let Some(state) = change.state {
                let state = FormState::parse(&state).ok_or_else(|| Failure::Value {
                    field: "state".into(),
                    value: state.chars().take(100).collect(),
                })?;
                form::set_state(ctx, asked.form(), state)?;
            }
            shown(ctx, asked.form())
        })
        .await
}

pub async fn versions(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let (form, versions) = form::versions(ctx, asked.form())?;
            let versions: Result<Vec<Value>, Failure> =
                versions.iter().map(|it| described(&form, it)).collect();
            Ok(versions?.into())
        })
        .await
}

/// A new form, as a draft; published at once if that is asked.
pub async fn create(AskedWith { asked, body, share: _ }: AskedWith<FILE_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let definition = read(asked, &body)?;
            let publishes = asked.flag("publish", false)?;
            form::create(ctx, asked.project(), &definition, Terms::default())?;
            if publishes {
                form::publish_draft(
                    ctx,
                    definition.form_id(),
                    None,
                    asked.query(REASON).unwrap_or_default(),
                )?;
            }
            shown(ctx, definition.form_id())
        })
        .await
}

/// A new draft; without a body a copy of what is published.
pub async fn set_draft(AskedWith { asked, body, share: _ }: AskedWith<FILE_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let definition = if body.is_empty() { None } else { Some(read(asked, &body)?) };
            form::set_draft(ctx, asked.form(), definition.as_ref())?;
            Ok(json!({ "success": true }))
        })
        .await
}

pub async fn draft(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let draft = form::draft(ctx, asked.form())?;
            described(&draft.form, &draft.version)
        })
        .await
}

pub async fn publish(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let reason = asked.query(REASON).unwrap_or_default();
            form::publish_draft(ctx, asked.form(), asked.query("version"), reason)?;
            Ok(json!({ "success": true }))
        })
        .await
}

/// What may work differently than it is meant is told first, unless the client knows of it.
fn read(asked: &Asked, body: &[u8]) -> Result<Definition, Failure> {
    if body.is_empty() {
        return Err(Failure::Unreadable("no form was sent".into()));
    }
    let fallback = asked.headers.get(FALLBACK_HEADER).map(|it| decoded(it.as_bytes()));
    let definition = Definition::read(body, fallback.as_deref().unwrap_or(FALLBACK))?;
    if !definition.warnings.is_empty() && !asked.flag("ignoreWarnings", false)? {
        return Err(Failure::Warnings(definition.warnings));
    }
    Ok(definition)
}

/// Of a percent-encoded header.
fn decoded(bytes: &[u8]) -> String {
    // A plus sign stands for itself here.
    let kept: Vec<u8> =
        bytes.iter().flat_map(|it| if *it == b'+' { b"%2B".to_vec() } else { vec![*it] }).collect();
    let pair = [b"it=", &kept[..]].concat();
    form_urlencoded::parse(&pair).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn shown(ctx: &Ctx, form_id: &str) -> Result<Value, Failure> {
    let it = form::get(ctx, form_id)?;
    described(&it.form, &it.version)
}

fn described(form: &Form, version: &FormVersion) -> Result<Value, Failure> {
    let updated_at = (form.updated_at != form.created_at).then(|| form.updated_at.to_utc());
    Ok(json!({
        "projectId": number(form.area_path.code())?,
        "xmlFormId": form.form_id,
        "name": form.title,
        "version": version.version,
        "hash": version.md5,
        "state": form.state.as_str(),
        "enketoId": null,
        "enketoOnceId": null,
        "keyId": null,
        "createdAt": form.created_at.to_utc(),
        "updatedAt": updated_at,
        "publishedAt": version.published_at.map(|it| it.to_utc()),
        "webformsEnabled": false,
    }))
}
