//! The form by which an office sends a campaign.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Message, Refusal,
    campaign::{self, Audience, DueBy, New},
    form,
};
use jiff::{ToSpan, civil};
use serde::Deserialize;

use super::view::audience;
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
            shown(ctx, shell, sent, FormFaults::default())
        })
        .await
}

fn shown(ctx: &Ctx, shell: Shell, sent: SentForm, faults: FormFaults) -> Result<Response, Refusal> {
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
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = NewPage {
        areas: around_posts(ctx)?,
        forms: forms.map(form).collect(),
        audiences: Audience::all().into_iter().map(choice).collect(),
        faults,
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
                    shown(ctx, shell, sent, faults)
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

fn read(sent: &SentForm) -> Result<New, Refusal> {
    let mut faults = domain::Faults::default();
    let audience = Audience::parse(&sent.audience);
    if audience.is_none() {
        faults.add("audience", Message::new("fault-choice"));
    }
    let mut date = |field: &str, text: &str| -> Option<civil::Date> {
        let date = text.trim().parse().ok();
        if date.is_none() {
            faults.add(field, Message::new("fault-date"));
        }
        date
    };
    let due = date("due", &sent.due);
    let starts = if sent.starts.trim().is_empty() { None } else { date("starts", &sent.starts) };
    let grace_days = sent.grace_days.trim().parse().ok();
    if grace_days.is_none() {
        let message = Message::new("fault-range").with("min", 0);
        faults.add("grace_days", message.with("max", kernel::limits::CAMPAIGN_GRACE_DAYS_MAX));
    }
    faults.check()?;
    let whole = audience.zip(due).zip(grace_days).ok_or(Refusal::NotFound)?;
    let ((audience, due), grace_days) = whole;
    Ok(New {
        id: sent.id.parse().map_err(|_| Refusal::NotFound)?,
        form_id: sent.form.clone(),
        is_fixed: sent.is_fixed == "yes",
        title: sent.title.clone(),
        period: sent.period.clone(),
        area: sent.area.trim().to_owned(),
        audience,
        starts,
        due,
        due_by: DueBy::parse(&sent.due_by).unwrap_or(DueBy::Day),
        grace_days,
    })
}
