//! The forms of a case: made from what its procedure asks for, and read back.

use std::collections::BTreeMap;

use domain::{
    Ctx, Refusal,
    case::{self, Need, StepInput},
    organization,
};
use kernel::{Id, Organization, limits};
use policy::Relation;

use super::{
    typed::Typed,
    upload::Upload,
    view::{Choice, Group, classes},
};
use crate::{
    responsibility::Duty,
    shell::{FormFaults, Shell},
};

/// The form of one transition.
pub struct StepForm {
    /// The transition's id: begins the ids of its fields.
    pub id: String,
    pub action: String,
    pub label: String,
    /// One-time id, so that the same step sent twice is taken once.
    pub request: String,
    pub note: Option<NoteField>,
    pub photos: Option<usize>,
    pub photos_max: usize,
    pub organizations: Option<Vec<Group>>,
    /// What the list says of those among them that it names.
    pub candidates: Vec<Duty>,
    /// Bodies of which some may support the one that is chosen.
    pub supporting: Vec<Choice>,
    pub supporting_max: usize,
    /// What has to be seen before the work counts as done, where the list says so.
    pub must_be_seen: Option<Duty>,
    pub classes: Option<Vec<Group>>,
    pub grounds: Option<Vec<Choice>>,
    pub findings: Vec<Choice>,
    /// What is asked by them.
    pub finding_label: &'static str,
    pub ratings: Vec<Choice>,
    pub solved: Vec<Choice>,
    pub faults: FormFaults,
    /// With it the report's words are shown to everybody.
    pub publishes: bool,
    /// How often it may still be taken, where it has a limit.
    pub times_left: Option<i64>,
    /// It opens a closed case again.
    pub reopens: bool,
    /// It came back with faults.
    pub is_open: bool,
}

pub struct NoteField {
    pub text: String,
    pub is_required: bool,
}

/// The forms that this actor may send now, the usual one first.
pub fn forms(
    ctx: &Ctx,
    shell: &Shell,
    record: &case::Record,
    base: &str,
    typed: Option<&Typed>,
) -> Result<Vec<StepForm>, Refusal> {
    let case = &record.case;
    let Some(procedure) = ctx.city.procedures.get(&case.procedure) else { return Ok(Vec::new()) };
    let taken = record.transitions.iter().filter_map(|id| procedure.stage(&case.stage)?.transition(id));
    taken
        .map(|it| form(ctx, shell, record, procedure, it, base, typed.filter(|typed| typed.form == it.id)))
        .collect()
}

fn form(
    ctx: &Ctx,
    shell: &Shell,
    record: &case::Record,
    procedure: &case::Procedure,
    transition: &case::Transition,
    base: &str,
    typed: Option<&Typed>,
) -> Result<StepForm, Refusal> {
    let asks = &transition.asks;
    let text = |name: &str| typed.and_then(|it| it.fields.get(name)).cloned().unwrap_or_default();
    let organizations = match asks.organization {
        true => Some(bodies(ctx, shell, record, typed.map(|_| text("organization")))?),
        false => None,
    };
    let candidates = record.candidates.iter().filter(|_| asks.organization);
    let class = Some(text("class")).filter(|it| !it.is_empty()).unwrap_or_else(|| record.case.class.clone());
    let ground = |it: &case::Ground| Choice {
        value: it.id.clone(),
        label: case::words(&it.label, shell.language()).to_owned(),
        is_chosen: it.id == text("ground"),
    };
    let grounds = asks.ground.as_ref().and_then(|list| procedure.grounds.get(list));
    let said = |name: &str, value: &str| Choice {
        value: value.to_owned(),
        label: shell.t.say(&format!("{name}-{value}")),
        is_chosen: text(name) == value,
    };
    let rating = |values: &[&str], name: &str| match asks.rating {
        true => values.iter().map(|value| said(name, value)).collect(),
        false => Vec::new(),
    };
    Ok(StepForm {
        id: transition.id.clone(),
        action: format!("{base}/{}", transition.id),
        label: case::words(&transition.label, shell.language()).to_owned(),
        request: ctx.id::<()>().to_string(),
        note: (asks.note != Need::No)
            .then(|| NoteField { text: text("note"), is_required: asks.note == Need::Required }),
        // Who looks at something on site may always show it, and so may who is not content.
        photos: (asks.photos > 0 || !asks.findings.is_empty() || transition.effect.reopens)
            .then_some(asks.photos),
        photos_max: limits::PHOTOS_PER_STEP_MAX,
        organizations,
        candidates: candidates.map(|it| Duty::new(&shell.t, it)).collect(),
        supporting: supporting(ctx, record, transition, &text("supporting"))?,
        supporting_max: limits::SUPPORTING_MAX,
        must_be_seen: must_be_seen(shell, record, transition),
        classes: (asks.class != Need::No).then(|| classes(ctx, shell, &class)),
        grounds: grounds.map(|list| list.iter().map(ground).collect()),
        finding_label: if asks.findings.iter().any(|it| it == case::REACHED) {
            "field-finding-contact"
        } else {
            "field-finding"
        },
        // One possible finding is what the step itself says.
        findings: asks
            .findings
            .iter()
            .filter(|_| asks.findings.len() > 1)
            .map(|it| said("finding", it))
            .collect(),
        ratings: rating(&["1", "2", "3", "4", "5"], "rating"),
        solved: rating(&["yes", "no"], "solved"),
        faults: typed.map(|it| it.faults.clone()).unwrap_or_default(),
        publishes: transition.effect.registers && record.may_withhold,
        times_left: record.times_left.get(&transition.id).copied(),
        reopens: transition.effect.reopens,
        is_open: typed.is_some(),
    })
}

/// What the handler has to bring about and the checker to see: closing condition and evidence of the list's row.
fn must_be_seen(shell: &Shell, record: &case::Record, transition: &case::Transition) -> Option<Duty> {
    let advance = &transition.advance;
    let concerns = advance.checks || (advance.relation == Relation::Owner && !transition.effect.returns);
    let duty = record.duty.as_ref().filter(|_| concerns)?;
    let says = !duty.closing_condition.is_empty() || !duty.evidence.is_empty();
    says.then(|| Duty::of_row(&shell.t, duty, String::new()))
}

/// The bodies to which the case may be sent: first those that the list names, then by kind, nearest first. The first of
/// the list that has not had the case yet is chosen beforehand.
fn bodies(
    ctx: &Ctx,
    shell: &Shell,
    record: &case::Record,
    typed: Option<String>,
) -> Result<Vec<Group>, Refusal> {
    let had_it = |id| record.events.iter().any(|it| it.detail.owner == Some(id));
    let listed: Vec<_> = record.candidates.iter().filter(|it| it.can_handle).collect();
    let first = listed.iter().map(|it| it.row.organization).find(|id| !had_it(*id));
    let chosen = typed.unwrap_or_else(|| first.map_or_else(String::new, |id| id.to_string()));
    let choice = |id: Id<Organization>, label: String| {
        let value = id.to_string();
        Choice { is_chosen: chosen == value, value, label }
    };
    let by_list = listed.iter().map(|it| choice(it.row.organization, it.name.clone())).collect::<Vec<_>>();
    let mut groups: Vec<Group> = Vec::new();
    if !by_list.is_empty() {
        groups.push(Group { label: shell.t.say("field-organization-listed"), choices: by_list });
    }
    for body in organization::for_dispatch(ctx, &record.case.path)? {
        if listed.iter().any(|it| it.row.organization == body.id) {
            continue;
        }
        let label = shell.t.say(&format!("organization-kind-{}", body.kind.as_str()));
        let choice = choice(body.id, body.name);
        match groups.iter_mut().find(|group| group.label == label) {
            Some(group) => group.choices.push(choice),
            None => groups.push(Group { label, choices: vec![choice] }),
        }
    }
    Ok(groups)
}

/// Bodies that may support, nearest first; `chosen` are ids with spaces between.
fn supporting(
    ctx: &Ctx,
    record: &case::Record,
    transition: &case::Transition,
    chosen: &str,
) -> Result<Vec<Choice>, Refusal> {
    if transition.asks.supporting.is_none() {
        return Ok(Vec::new());
    }
    let choice = |body: organization::Organization| {
        let value = body.id.to_string();
        Choice { is_chosen: chosen.split(' ').any(|it| it == value), value, label: body.name }
    };
    Ok(organization::for_dispatch(ctx, &record.case.path)?.into_iter().map(choice).collect())
}

/// What was typed, for a form that comes back: of bodies that support, all that were chosen.
pub fn typed_fields(upload: Upload) -> BTreeMap<String, String> {
    let supporting = upload.all("supporting").join(" ");
    let mut fields = upload.into_fields();
    fields.insert("supporting".into(), supporting);
    fields
}

/// Reads what the form of a transition sent. What cannot be read counts as not given, and is asked for again.
pub fn read(upload: &Upload, photos: Vec<case::StoredPhoto>) -> StepInput {
    StepInput {
        request: upload.text("request").parse().ok(),
        note: upload.text("note").to_owned(),
        photos,
        organization: upload.text("organization").parse().ok(),
        supporting: upload.all("supporting").iter().filter_map(|it| it.parse().ok()).collect(),
        class: upload.given("class"),
        ground: upload.given("ground"),
        finding: upload.given("finding"),
        rating: upload.text("rating").parse().ok(),
        solved: match upload.text("solved") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
    }
}
