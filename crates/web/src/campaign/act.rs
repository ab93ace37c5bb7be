//! What is done about a campaign: a unit begins, an office reminds, and ends it.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Refusal,
    campaign::{self, Begun, End, Round},
};
use kernel::{Campaign as CampaignName, Id};
use serde::Deserialize;
use uuid::Uuid;

use super::{at::At, progress};
use crate::{
    form::{fill, view::record_address},
    sent::{PageForm, PagePath},
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

#[derive(Deserialize)]
pub struct BeginForm {
    unit: Uuid,
}

#[derive(Template)]
#[template(path = "campaign/there.html")]
struct TherePage {
    shell: Shell,
    title: String,
    record: String,
}

/// Begins what is asked; a second record is not begun, and the first is shown instead.
pub async fn begin(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CampaignName>>,
    PageForm(sent): PageForm<BeginForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| match campaign::begin(ctx, id, sent.unit)? {
            Begun::Draft(draft) => Ok(Redirect::to(&fill::address(draft)).into_response()),
            Begun::There { form_id, instance_id, title } => {
                let record = record_address(&form_id, &instance_id);
                shell::html(StatusCode::CONFLICT, &TherePage { shell, title, record })
            }
        })
        .await
}

#[derive(Deserialize)]
pub struct RemindForm {
    area: String,
    #[serde(default)]
    unit: String,
    /// Code of the area whose list of those who are silent it was sent from.
    #[serde(default)]
    list: String,
}

pub async fn remind(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CampaignName>>,
    PageForm(sent): PageForm<RemindForm>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            let unit = match sent.unit.trim() {
                "" => None,
                text => Some(text.parse().map_err(|_| Refusal::NotFound)?),
            };
            let round = campaign::remind(ctx, id, sent.area.trim(), unit)?;
            let from = match sent.list.trim() {
                "" => format!("/campaigns/{id}?area={}", sent.area.trim()),
                code => format!("/campaigns/{id}/units?area={code}&show=silent"),
            };
            let Round { units, skipped, vacant, .. } = round;
            let to = format!("{from}&news=reminded&told={units}&skipped={skipped}&vacant={vacant}");
            Ok(crate::sent::lead_on(&to, "/campaigns"))
        })
        .await
}

#[derive(Deserialize)]
pub struct EndForm {
    how: String,
    #[serde(default)]
    reason: String,
}

pub async fn end(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CampaignName>>,
    PageForm(sent): PageForm<EndForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let how = End::parse(&sent.how).ok_or(Refusal::NotFound)?;
            match campaign::end(ctx, id, how, &sent.reason) {
                Ok(_) => Ok(Redirect::to(&format!("/campaigns/{id}?news=ended")).into_response()),
                Err(Refusal::Invalid(faults)) => {
                    let it = campaign::progress(ctx, id, None)?;
                    let faults = FormFaults::new(&shell.t, &faults);
                    progress::shown(ctx, shell, &it, &At::default(), (faults, sent.reason))
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}
