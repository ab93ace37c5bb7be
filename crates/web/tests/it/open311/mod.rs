//! Open311 as other systems use it: what they read, what they file, and what they are not told.
//!
//! These operations are not in the OpenAPI document, so the authorization oracle does not know them; what
//! each role gets by them is tried here.

mod filing;
mod public_view;
mod reading;

use axum::http::{Method, header};
use domain::{Ctx, integration};
use serde_json::{Value, json};

use crate::support::{Answer, Town, User, jpeg};

pub const V2: &str = "/open311/v2";
/// A report that tells its community by code.
pub const LAMP: &str = "service_code=c1-street-lamp&lat=41.03&long=113.11&attribute[area]=150902001001001\
    &description=%E8%B7%AF%E7%81%AF%E4%B8%8D%E4%BA%AE";

pub fn key_with(town: &Town, per_minute: i64, per_day: i64) -> String {
    let new = integration::NewApiKey { name: "邻市".into(), replaces: None, per_minute, per_day };
    integration::issue(&Ctx::system(town.city().clone()), &new).expect("a key").0
}

pub fn key(town: &Town) -> String {
    key_with(town, 60, 1_000)
}

/// Sends a form to a path below the endpoint, with headers.
pub fn send(user: &User<'_>, path: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let mut request = user.request(Method::POST, &format!("{V2}/{path}")).header(header::CONTENT_TYPE, kind);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    user.town.send(request.body(form.to_owned().into()).expect("a request"))
}

/// Files a request by a new key; its id.
#[track_caller]
pub fn filed(town: &Town, form: &str) -> String {
    let answer = send(&town.anonymous(), "requests.json", &format!("api_key={}&{form}", key(town)), &[]);
    answer.of(200)[0]["service_request_id"].as_str().expect("an id").to_owned()
}

#[track_caller]
pub fn read(town: &Town, path: &str) -> Value {
    town.anonymous().get(&format!("{V2}/{path}")).of(200)
}

pub fn photos() -> Vec<Vec<u8>> {
    vec![jpeg(64, 48)]
}

/// The steps by which a case is filed, and on to a check that passed.
pub const STEPS: [(&str, &str); 5] = [
    ("grid_leader", "verify"),
    ("dispatcher", "dispatch"),
    ("handler", "feed_back"),
    ("dispatcher", "accept"),
    ("grid_supervisor", "close"),
];

/// Takes one of the steps above.
pub fn step(town: &Town, case: &str, (login_name, transition): (&str, &str)) {
    let body = match transition {
        "verify" => json!({ "finding": "exists", "note": "CANARY-NOTE" }),
        "dispatch" => json!({ "organization": town.lighting, "note": "CANARY-NOTE" }),
        "feed_back" => json!({ "note": "CANARY-NOTE" }),
        _ => json!({}),
    };
    let photos = if matches!(transition, "dispatch" | "accept") { Vec::new() } else { photos() };
    town.user(login_name).advance(case, transition, &body, &photos);
}
