//! App users: the phones and programs of a project.

use axum::response::Response;
use domain::{Refusal, form};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    answer::Failure,
    asked::{Asked, AskedWith, JSON_MEGABYTES, json as read_json},
    session::number,
};

/// Central's number of the role "App User", the only one that a form is assigned by here.
const ROLE: &str = "2";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewAppUser {
    display_name: String,
}

pub async fn issue(AskedWith { asked, body, share: _ }: AskedWith<JSON_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let new: NewAppUser = read_json(&body)?;
            let (token, user) = form::issue(ctx, asked.project(), &new.display_name)?;
            described(asked.project(), &user, Some(&token))
        })
        .await
}

/// Those that were revoked have no token any more, and no others are shown theirs.
pub async fn list(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let users = form::app_users(ctx, asked.project())?;
            let listed: Result<Vec<Value>, Failure> =
                users.iter().map(|it| described(asked.project(), it, None)).collect();
            Ok(listed?.into())
        })
        .await
}

pub async fn revoke(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            form::revoke(ctx, asked.project(), numbered(asked)?)?;
            Ok(json!({ "success": true }))
        })
        .await
}

pub async fn assign(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            if !matches!(asked.part("role"), ROLE | "app-user") {
                return Err(Refusal::NotFound.into());
            }
            form::assign(ctx, asked.project(), asked.form(), numbered(asked)?)?;
            Ok(json!({ "success": true }))
        })
        .await
}

fn numbered(asked: &Asked) -> Result<i64, Failure> {
    asked.part("app_user").parse().map_err(|_| Refusal::NotFound.into())
}

fn described(project: &str, it: &form::AppUser, token: Option<&str>) -> Result<Value, Failure> {
    Ok(json!({
        "projectId": number(project)?,
        "id": it.number,
        "type": "field_key",
        "displayName": it.name,
        "createdAt": it.from.to_utc(),
        "updatedAt": null,
        "deletedAt": it.to.map(|to| to.to_utc()),
        "token": token,
    }))
}
