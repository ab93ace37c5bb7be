//! Published cases as requests, and their steps as updates.

use std::collections::HashMap;

use domain::{
    Ctx, Refusal,
    case::{self, Published, Step},
    organization,
};
use kernel::{Case, Id, Organization};
use open311::{Extension, HeldAttribute, Note, Request, Standing, Update};

use super::service::{AREA, moment, notice};
use crate::{case::view::AreaNames, locale::Translator};

/// The standing of a case in the protocol's words. Only a check that passed is *fixed*.
fn standing(of: case::Standing) -> Standing {
    match of {
        case::Standing::Verifying => Standing::Investigating,
        case::Standing::Waiting => Standing::Open,
        case::Standing::Returned => Standing::InternalReferral,
        case::Standing::Given => Standing::ActionScheduled,
        case::Standing::Working => Standing::InProgress,
        case::Standing::Fixed => Standing::Fixed,
        case::Standing::Ended | case::Standing::Void => Standing::NoFurtherAction,
        case::Standing::NotOurs => Standing::NotCouncilsResponsibility,
        case::Standing::Merged | case::Standing::Duplicate => Standing::Duplicate,
        case::Standing::Reopened => Standing::Reopen,
    }
}

/// Cases as requests; with `extensions` also what the standard does not have.
pub fn requests(
    ctx: &Ctx,
    words: &Translator,
    cases: &[Published],
    extensions: bool,
) -> Result<Vec<Request>, Refusal> {
    let names = AreaNames::of(ctx, cases.iter().map(|it| &it.path))?;
    let histories = if extensions { Some(History::of(ctx, cases)?) } else { None };
    let view = |case| {
        let stands = case::standing(ctx, case);
        let request = request(ctx, words, &names, case, stands);
        let extension = histories.as_ref().map(|it| extension(ctx, words, &names, it, case, stands));
        Request { extension, ..request }
    };
    Ok(cases.iter().map(view).collect())
}

/// What was done in cases, and the names of the bodies that got them.
struct History {
    steps: Vec<Step>,
    bodies: Bodies,
}

impl History {
    fn of(ctx: &Ctx, cases: &[Published]) -> Result<Self, Refusal> {
        let steps = case::published_steps(ctx, cases.iter().map(|it| it.id))?;
        Ok(Self { bodies: bodies(ctx, &steps)?, steps })
    }
}

fn request(
    ctx: &Ctx,
    words: &Translator,
    names: &AreaNames,
    case: &Published,
    stands: case::Standing,
) -> Request {
    let class = ctx.city.classes.get(&case.class);
    let language = words.language.tag();
    let address = [names.line(&case.path), case.place.clone()];
    Request {
        service_request_id: case.id.to_string(),
        status: standing(stands).status(),
        status_notes: status_notes(ctx, words, case, stands),
        service_name: class.map_or_else(String::new, |it| case::words(&it.label, language).to_owned()),
        service_code: case.class.clone(),
        description: Some(case.description.clone()),
        agency_responsible: case.owner.clone(),
        service_notice: class.map(|it| notice(words, it)),
        requested: moment(case.reported_at),
        updated: moment(case.ended_at.filter(|_| !stands.is_open()).unwrap_or(case.updated_at)),
        expected: case.due.map(moment),
        address: address.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" "),
        address_id: case.path.code().to_owned(),
        zipcode: String::new(),
        position: case.position.map(|(longitude, latitude)| (latitude, longitude)),
        media_url: None,
        extension: None,
    }
}

/// Why it stands as it does: what it waits for, in the words of its procedure.
fn status_notes(ctx: &Ctx, words: &Translator, case: &Published, stands: case::Standing) -> String {
    if let Some(main) = case.merged_into {
        return words.with("open311-merged", "request", main);
    }
    if let (case::Standing::Given, Some(owner), Some(due)) = (stands, &case.owner, case.stage_due) {
        return words.with2("open311-given", ("unit", owner), ("due", words.moment(due, ctx.now)));
    }
    // On which ground it was never filed.
    if let (false, Some(step)) = (stands.is_open(), &case.led_by) {
        return step_words(ctx, words, &Bodies::new(), step);
    }
    let stage = ctx.city.procedures.get(&case.procedure).and_then(|it| it.stage(&case.stage));
    stage.map_or_else(String::new, |it| case::words(&it.waiting, words.language.tag()).to_owned())
}

fn extension(
    ctx: &Ctx,
    words: &Translator,
    names: &AreaNames,
    history: &History,
    case: &Published,
    stands: case::Standing,
) -> Extension {
    let note = |step: &Step| Note {
        at: moment(step.at),
        description: step_words(ctx, words, &history.bodies, step),
        kind: standing(case::standing_after(ctx, step)).as_str().to_owned(),
    };
    let code = case.path.code();
    let area = HeldAttribute {
        label: words.say("open311-attribute-area"),
        name: names.name(code).unwrap_or_default().to_owned(),
        value: code.to_owned(),
        code: AREA.to_owned(),
    };
    Extension {
        attributes: vec![area],
        standing: standing(stands),
        number: case.number.clone(),
        channel: case.source.as_str().to_owned(),
        parent_service_request_id: case.merged_into.map(|it| it.to_string()),
        notes: history.steps.iter().filter(|it| it.case == case.id).map(note).collect(),
    }
}

/// Steps as updates. An update's id is the case's with the number of the step, which never changes.
pub fn updates(ctx: &Ctx, words: &Translator, steps: &[Step]) -> Result<Vec<Update>, Refusal> {
    let bodies = bodies(ctx, steps)?;
    let update = |step: &Step| {
        Ok(Update {
            update_id: update_id(step.case, step.revision),
            service_request_id: step.case.to_string(),
            standing: standing(case::standing_after(ctx, step)),
            updated: moment(step.at),
            description: step_words(ctx, words, &bodies, step),
        })
    };
    steps.iter().map(update).collect()
}

fn update_id(case: Id<Case>, revision: i64) -> String {
    format!("{case}-{revision}")
}

type Bodies = HashMap<Id<Organization>, String>;

/// Names of the bodies that the steps gave cases to.
fn bodies(ctx: &Ctx, steps: &[Step]) -> Result<Bodies, Refusal> {
    let ids: Vec<_> = steps.iter().filter_map(|it| it.detail.owner).collect();
    ctx.read(|tx| organization::names(tx, &ids))
}

/// What a step did, in the words of its procedure: its name, the ground, the body that got the case. What
/// people wrote with it is between them.
fn step_words(ctx: &Ctx, words: &Translator, bodies: &Bodies, step: &Step) -> String {
    let language = words.language.tag();
    match (step.transition.as_str(), step.detail.case) {
        (case::MERGE, Some(main)) => return words.with("open311-merged", "request", main),
        (case::MERGE | case::UNMERGE, _) => return words.say(&format!("event-{}", step.transition)),
        _ => {}
    }
    let Some(procedure) = ctx.city.procedures.get(&step.procedure) else { return String::new() };
    let Some(taken) = procedure.transition(&step.transition) else { return words.say("open311-reported") };
    let ground = taken.asks.ground.as_deref().zip(step.detail.ground.as_deref());
    let ground = ground.and_then(|(list, id)| procedure.ground(list, id));
    let body = step.detail.owner.and_then(|it| bodies.get(&it));
    let label = case::words(&taken.label, language);
    let more = ground.map(|it| case::words(&it.label, language)).or(body.map(String::as_str));
    more.map_or_else(|| label.to_owned(), |more| words.with2("open311-step", ("step", label), ("more", more)))
}
