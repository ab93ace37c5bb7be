//! Records as programs read, send and judge them.

use axum::response::Response;
use domain::{
    Window,
    form::{self, Comment, Expected, NamedBytes, Record, RecordVersion, Review, Sender, Sent},
};
use kernel::limits;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    answer::Failure,
    asked::{Asked, AskedWith, FILE_MEGABYTES, JSON_MEGABYTES, json as read_json},
    media,
};

/// Records of a form that one answer lists: the API knows no pages here, and a form of the whole city has fewer.
const LISTED_MAX: usize = 100_000;

pub async fn list(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let mut records = Vec::new();
            let mut window = Window { limit: limits::PAGE_ROWS_MAX, after: None };
            while records.len() < LISTED_MAX {
                let page = form::records(ctx, asked.form(), &window)?;
                records.extend(page.items.iter().map(described));
                match page.next {
                    Some(next) => window.after = Some(next),
                    None => break,
                }
            }
            Ok(records.into())
        })
        .await
}

pub async fn one(asked: Asked) -> Response {
    if let Some(instance) = asked.part("instance").strip_suffix(".xml").map(str::to_owned) {
        return asked
            .answer(move |ctx, asked| {
                let (xml, _) = form::record_xml(ctx, asked.form(), &instance)?;
                Ok(media::xml(xml))
            })
            .await;
    }
    asked.json(|ctx, asked| Ok(described(&form::record(ctx, asked.form(), asked.part("instance"))?))).await
}

pub async fn create(AskedWith { asked, body, share }: AskedWith<FILE_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let _share = share;
            let sent = Sent { xml: body.to_vec(), ..Sent::default() };
            let form_id = asked.form();
            let receipt = form::submit(ctx, &sent, Expected::New { form_id })?;
            Ok(described(&form::received(ctx, form_id, &receipt)?))
        })
        .await
}

/// The record is known by its first instance id, whatever the edit's own is.
pub async fn edit(AskedWith { asked, body, share }: AskedWith<FILE_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let _share = share;
            let sent = Sent { xml: body.to_vec(), ..Sent::default() };
            let (form_id, instance_id) = (asked.form(), asked.part("instance"));
            let receipt = form::submit(ctx, &sent, Expected::EditOf { form_id, instance_id })?;
            Ok(described(&form::received(ctx, form_id, &receipt)?))
        })
        .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewReview {
    review_state: Option<String>,
}

pub async fn review(AskedWith { asked, body, share: _ }: AskedWith<JSON_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let new: NewReview = read_json(&body)?;
            let parsed = |text: String| {
                let value = text.chars().take(100).collect();
                Review::parse(&text).ok_or(Failure::Value { field: "reviewState".into(), value })
            };
            let review = new.review_state.map(parsed).transpose()?;
            Ok(described(&form::set_review(ctx, asked.form(), asked.part("instance"), review)?))
        })
        .await
}

pub async fn versions(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let versions = form::record_versions(ctx, asked.form(), asked.part("instance"))?;
            let listed = versions.iter().enumerate().map(|(index, it)| version(it, index == 0));
            Ok(listed.collect::<Vec<_>>().into())
        })
        .await
}

#[derive(Deserialize)]
struct NewComment {
    body: String,
}

pub async fn comment(AskedWith { asked, body, share: _ }: AskedWith<JSON_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let new: NewComment = read_json(&body)?;
            Ok(commented(&form::add_comment(ctx, asked.form(), asked.part("instance"), &new.body)?))
        })
        .await
}

pub async fn comments(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let comments = form::comments(ctx, asked.form(), asked.part("instance"))?;
            Ok(comments.iter().map(commented).collect::<Vec<_>>().into())
        })
        .await
}

pub async fn files(asked: Asked) -> Response {
    asked
        .json(|ctx, asked| {
            let files = form::record_files(ctx, asked.form(), asked.part("instance"))?;
            let listed = files.iter().map(|it| json!({ "name": it.name, "exists": it.sha256.is_some() }));
            Ok(listed.collect::<Vec<_>>().into())
        })
        .await
}

pub async fn file(asked: Asked) -> Response {
    asked
        .answer(|ctx, asked| {
            let name = asked.part("name");
            Ok(media::bytes(name, form::record_file(ctx, asked.form(), asked.part("instance"), name)?))
        })
        .await
}

pub async fn put_file(AskedWith { asked, body, share }: AskedWith<FILE_MEGABYTES>) -> Response {
    asked
        .json(move |ctx, asked| {
            let _share = share;
            let file = NamedBytes { name: asked.part("name").to_owned(), bytes: body.to_vec() };
            form::add_record_file(ctx, asked.form(), asked.part("instance"), &file)?;
            Ok(json!({ "success": true }))
        })
        .await
}

fn described(it: &Record) -> Value {
    let updated_at = (it.updated_at != it.created_at).then(|| it.updated_at.to_utc());
    json!({
        "instanceId": it.instance_id,
        "submitterId": sender_number(it.sender),
        "deviceId": null,
        "userAgent": null,
        "createdAt": it.created_at.to_utc(),
        "updatedAt": updated_at,
        "deletedAt": null,
        "reviewState": it.review.map(Review::as_str),
        // What the form's own rules say of it, which Central does not look at.
        "state": it.current.state.as_str(),
        "currentVersion": version(&it.current, true),
    })
}

fn version(it: &RecordVersion, is_current: bool) -> Value {
    json!({
        "instanceId": it.instance_id,
        "instanceName": it.instance_name,
        "submitterId": sender_number(it.sender),
        "deviceId": null,
        "userAgent": null,
        "createdAt": it.sent_at.to_utc(),
        "current": is_current,
    })
}

fn commented(it: &Comment) -> Value {
    json!({
        "body": it.body,
        "actorId": it.by.map_or(0, |it| form::number(it.uuid())),
        "createdAt": it.at.to_utc(),
    })
}

/// By which clients that know numbers alone name who sent something.
pub fn sender_number(sender: Sender) -> i64 {
    match sender {
        Sender::Person(id) => form::number(id.uuid()),
        Sender::AppUser(id) => form::number(id.uuid()),
        Sender::System => 0,
    }
}
