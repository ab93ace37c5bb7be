//! Signing in, and the projects of whoever did.

use axum::response::Response;
use domain::{Refusal, account, area, form};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    answer::Failure,
    asked::{Asked, AskedWith, JSON_MEGABYTES, json as read_json},
};

/// Hours that clients may count on a session; it is asked anew before each use.
const SESSION_HOURS: i64 = 24;

#[derive(Deserialize)]
struct SignIn {
    /// The login name: Central calls it so.
    email: String,
    password: String,
}

pub async fn sign_in(AskedWith { mut asked, body, share: _ }: AskedWith<JSON_MEGABYTES>) -> Response {
    let app = asked.visitor.app.clone();
    let sent = match read_json::<SignIn>(&body) {
        Ok(sent) => sent,
        Err(failure) => return asked.failed(failure),
    };
    if let Err(refusal) = app.guard.sign_in(asked.visitor.address, &sent.email) {
        return asked.failed(refusal.into());
    }
    let permit = app.hashing.clone().acquire_owned().await;
    let device = asked.visitor.device.clone();
    // An older token, which may have ended, does not count.
    asked.visitor.token = None;
    asked
        .json(move |ctx, _| {
            let _permit = permit;
            let (token, _) = account::sign_in(ctx, &sent.email, &sent.password, &device)?;
            Ok(json!({
                "token": token,
                "csrf": null,
                "createdAt": ctx.now.to_utc(),
                "expiresAt": ctx.now.plus_seconds(SESSION_HOURS * 3_600).to_utc(),
            }))
        })
        .await
}

pub async fn sign_out(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let own = asked.visitor.token.as_deref();
            if asked.part("session") != "current" && Some(asked.part("session")) != own {
                return Err(Refusal::NotFound.into());
            }
            account::sign_out(ctx)?;
            Ok(json!({ "success": true }))
        })
        .await
}

pub async fn current(asked: Asked) -> Response {
    asked
        .json(|ctx, _| {
            let me = ctx.person()?;
            Ok(json!({
                "id": form::number(me.person.uuid()),
                "type": "user",
                "displayName": me.name,
                "email": me.name,
                "createdAt": ctx.now.to_utc(),
                "updatedAt": null,
                "deletedAt": null,
                "lastLoginAt": null,
            }))
        })
        .await
}

/// The areas for which somebody may publish, and those whose forms they may read.
pub async fn projects(asked: Asked) -> Response {
    asked
        .json(|ctx, _| {
            let projects: Result<Vec<Value>, Failure> =
                form::areas(ctx)?.iter().map(|code| described(&area::get(ctx, code, None)?)).collect();
            Ok(projects?.into())
        })
        .await
}

pub async fn project(asked: Asked) -> Response {
    asked.json(|ctx, asked| described(&area::get(ctx, asked.project(), None)?)).await
}

fn described(area: &area::Area) -> Result<Value, Failure> {
    Ok(json!({
        "id": number(&area.code)?,
        "name": area.name,
        "description": null,
        "archived": null,
        "keyId": null,
        "createdAt": area.valid_from.to_utc(),
        "updatedAt": null,
        "deletedAt": null,
    }))
}

/// A project's number is its area's code.
pub fn number(code: &str) -> Result<u64, Failure> {
    code.parse().map_err(|_| Refusal::NotFound.into())
}
