//! Where a case stands, for everybody: no words of whoever reported it, no person, no photo.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{Ctx, Refusal, case};
use kernel::{Case as CaseName, Id};

use super::view::{AreaNames, Moment, class_words, standing_word};
use crate::{
    sent::PagePath,
    shell::{self, Shell},
    visitor::Visitor,
};

#[derive(Template)]
#[template(path = "case/published.html")]
struct PublishedPage {
    shell: Shell,
    number: String,
    class: String,
    place: String,
    standing: String,
    is_open: bool,
    owner: Option<String>,
    reported: Moment,
    due: Option<Moment>,
    /// The case that goes on instead.
    main: Option<String>,
    /// The form for what is something else, in the same area.
    report_here: String,
    /// What was done and when, latest first.
    steps: Vec<(String, Moment)>,
}

pub async fn page(visitor: Visitor, PagePath(id): PagePath<Id<CaseName>>) -> Response {
    visitor.page(move |ctx, shell| render(ctx, shell, id)).await
}

fn render(ctx: &Ctx, shell: Shell, id: Id<CaseName>) -> Result<Response, Refusal> {
    let it = case::published_one(ctx, id)?;
    let names = AreaNames::of(ctx, std::iter::once(&it.path))?;
    let stands = case::standing(ctx, &it);
    let moment = |at| Moment::new(&shell.t, at, ctx.now);
    let procedure = ctx.city.procedures.get(&it.procedure);
    let words = |step: &case::Step| match step.transition.as_str() {
        "report" => shell.t.say("loop-1"),
        case::MERGE | case::UNMERGE => shell.t.say(&format!("event-{}", step.transition)),
        id => procedure
            .and_then(|it| it.transition(id))
            .map_or_else(|| id.to_owned(), |it| case::words(&it.label, shell.language()).to_owned()),
    };
    let mut steps: Vec<_> = case::published_steps(ctx, std::iter::once(id))?
        .iter()
        .map(|step| (words(step), moment(step.at)))
        .collect();
    steps.reverse();
    let page = PublishedPage {
        number: it.number,
        class: class_words(ctx, &shell, &it.class),
        place: names.line(&it.path),
        standing: shell.t.say(standing_word(stands)),
        is_open: stands.is_open(),
        owner: it.owner,
        reported: moment(it.reported_at),
        due: it.due.filter(|_| stands.is_open()).map(moment),
        report_here: format!("/report?area={}", it.path.code()),
        main: it.merged_into.map(|id| format!("/published/{id}")),
        steps,
        shell,
    };
    shell::html(StatusCode::OK, &page)
}
