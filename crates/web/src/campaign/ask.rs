//! The form by which an office sends a campaign.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Refusal,
    campaign::{self, Audience, DueBy, New},
    form,
};
use jiff::ToSpan;
use serde::Deserialize;

use super::{read::Wanted as WantedCampaign, view::audience};
use crate::{
    area::around_posts,
    case::view::Choice,
    sent::{PageForm, PageQuery},
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

/// Days until the due day, and for late records, that the form begins with.
const DUE_DAYS: i64 = 14;
const GRACE_DAYS: i64 = 7;

#[derive(Template)]
#[template(path = "campaign/new.html")]
struct NewPage {
    shell: Shell,
    faults: FormFaults,
    /// Why it cannot be sent, whatever stands in its fields.
    conflict: Option<String>,
    id: String,
    forms: Vec<Choice>,
    audiences: Vec<Choice>,
    fields: BTreeMap<&'static str, String>,
    grace_days_max: i64,
    areas: Vec<(String, String)>,
}

impl NewPage {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    fn is_by_work(&self) -> bool {
        self.field("due_by") == DueBy::Work.as_str()
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Wanted {
    form: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SentForm {
    id: String,
    form: String,
    title: String,
    period: String,
    area: String,
    audience: String,
    starts: String,
    due: String,
    due_by: String,
    grace_days: String,
    is_fixed: String,
}

pub async fn new(visitor: Visitor, PageQuery(wanted): PageQuery<Wanted>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let area = campaign::sending_area(ctx).ok_or(Refusal::Denied)?;
            let due = ctx.now.civil().date().saturating_add(DUE_DAYS.days());
            let sent = SentForm {
                id: ctx.id::<()>().to_string(),
                form: wanted.form,
                area: area.code().to_owned(),
                due: due.to_string(),
                due_by: DueBy::Day.as_str().to_owned(),
                grace_days: GRACE_DAYS.to_string(),
                ..SentForm::default()
            };
            shown(ctx, shell, sent, FormFaults::default(), None)
        })
        .await
}

fn shown(
    ctx: &Ctx,
    shell: Shell,
    sent: SentForm,
    faults: FormFaults,
    conflict: Option<String>,
) -> Result<Response, Refusal> {
    let own = campaign::sending_area(ctx).ok_or(Refusal::Denied)?;
    let is_asked = |it: &form::Listed| own.is_within(&it.form.area_path) || it.form.area_path.is_within(&own);
    let forms = form::open(ctx)?.into_iter().filter(is_asked);
    let form = |it: form::Listed| Choice {
        is_chosen: it.form.form_id == sent.form,
        label: it.form.title,
        value: it.form.form_id,
    };
    let choice = |it: Audience| Choice {
        value: it.word(),
        label: audience(&shell.t, it),
        is_chosen: it.word() == sent.audience,
    };
    let status = match (&conflict, faults.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let page = NewPage {
        areas: around_posts(ctx)?,
        forms: forms.map(form).collect(),
        audiences: campaign::audiences(ctx).into_iter().map(choice).collect(),
        faults,
        conflict,
        id: sent.id,
        fields: BTreeMap::from([
            ("title", sent.title),
            ("period", sent.period),
            ("area", sent.area),
            ("starts", sent.starts),
            ("due", sent.due),
            ("due_by", sent.due_by),
            ("grace_days", sent.grace_days),
            ("is_fixed", sent.is_fixed),
        ]),
        grace_days_max: kernel::limits::CAMPAIGN_GRACE_DAYS_MAX,
        shell,
    };
    shell::html(status, &page)
}

pub async fn send(visitor: Visitor, PageForm(sent): PageForm<SentForm>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            match read(&sent).and_then(|new| campaign::send(ctx, &new)) {
                Ok(it) => Ok(Redirect::to(&format!("/campaigns/{}?news=sent", it.id)).into_response()),
                Err(Refusal::Invalid(faults)) => {
                    let faults = FormFaults::new(&shell.t, &faults);
                    shown(ctx, shell, sent, faults, None)
                }
                // What was typed stays, and is another campaign when it is sent again.
                Err(Refusal::Conflict(message)) => {
                    let sent = SentForm { id: ctx.id::<()>().to_string(), ..sent };
                    let conflict = shell.t.message(&message);
                    shown(ctx, shell, sent, FormFaults::default(), Some(conflict))
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

fn read(sent: &SentForm) -> Result<New, Refusal> {
    let wanted = WantedCampaign {
        id: sent.id.parse().ok(),
        form: sent.form.clone(),
        is_fixed: sent.is_fixed == "yes",
        title: sent.title.clone(),
        period: sent.period.clone(),
        area: sent.area.trim().to_owned(),
        audience: sent.audience.clone(),
        starts: Some(sent.starts.clone()).filter(|it| !it.trim().is_empty()),
        due: sent.due.clone(),
        due_by: Some(sent.due_by.clone()).filter(|it| !it.is_empty()),
        grace_days: sent.grace_days.trim().parse().ok(),
    };
    wanted.read()
}
