//! Joint handling (主办、协办): the body that has a case leads, and others support it, each by a case of its own.

use kernel::{Case as CaseName, Id, Organization, limits};
use policy::{Action, Relation, Resource};
use sha2::{Digest, Sha256};
use store::Tx;

use super::{
    action::{event, office_for, rules, tell, write},
    advance::STEP_FED_BACK,
    dispatch,
    event::Event,
    model::{Case, Contact, Report, Source, Status, StepInput},
    procedure::{Procedure, Transition},
    query::Dossier,
    report::{FIRST_STEP_AFTER_FILING, new_case},
    store as rows,
};
use crate::{Ctx, Message, Refusal, area, organization};

/// Bodies that one case is ever split off for.
const CHILDREN_MAX: usize = 20;

/// How the case of a supporting body stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    pub id: Id<CaseName>,
    pub status: Status,
    pub owner: Option<Id<Organization>>,
}

/// Makes a case for each supporting body that a dispatch names, in its transaction.
pub(super) fn split(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    lead: &mut Dossier,
    taken: &Transition,
    input: &StepInput,
) -> Result<(), Refusal> {
    let Some(name) = taken.asks.supporting.as_ref().filter(|_| !input.supporting.is_empty()) else {
        return Ok(());
    };
    let support = ctx.city.procedures.get(name);
    let support = support.ok_or_else(|| Refusal::Broken(format!("no procedure {name} is loaded")))?;
    check(tx, ctx, lead, &input.supporting)?;
    for body in &input.supporting {
        let child = child(tx, ctx, &lead.case, support, *body, &input.note)?;
        lead.support.push(Support { id: child.id, status: child.status, owner: child.owner });
    }
    Ok(())
}

fn check(tx: &mut Tx<'_>, ctx: &Ctx, lead: &Dossier, bodies: &[Id<Organization>]) -> Result<(), Refusal> {
    let refuse = |message| Err(Refusal::invalid("supporting", message));
    if bodies.len() > limits::SUPPORTING_MAX || lead.support.len() + bodies.len() > CHILDREN_MAX {
        return refuse(Message::new("fault-supporting-many").with("max", limits::SUPPORTING_MAX));
    }
    for (index, body) in bodies.iter().enumerate() {
        if lead.case.owner == Some(*body) {
            return refuse(Message::new("fault-supporting-lead"));
        }
        let has_it = |it: &Support| it.status == Status::Open && it.owner == Some(*body);
        if bodies[..index].contains(body) || lead.support.iter().any(has_it) {
            return refuse(Message::new("fault-supporting-twice"));
        }
        if !organization::can_handle(tx, *body, &lead.case.path, ctx.now)? {
            return refuse(Message::new("fault-choice"));
        }
    }
    Ok(())
}

/// A case of its own for one body, with its own clock and without anybody who reported it: reported and sent out by
/// whoever dispatched the whole, who therefore checks neither.
fn child(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    lead: &Case,
    procedure: &Procedure,
    body: Id<Organization>,
    note: &str,
) -> Result<Case, Refusal> {
    let broken = |what: &str| Refusal::Broken(format!("procedure {}: {what}", procedure.id));
    let start = procedure.starts.first().ok_or_else(|| broken("no start"))?;
    let stage = procedure.stage(&start.stage).ok_or_else(|| broken("no stage to start at"))?;
    let send = stage.transitions.iter().find(|it| it.asks.organization);
    let send = send.ok_or_else(|| broken("nothing sends it to a body where it starts"))?;
    let report = Report {
        id: ctx.id(),
        procedure: procedure.id.clone(),
        class: lead.class.clone(),
        area: lead.path.code().to_owned(),
        place: lead.place.clone(),
        position: lead.position,
        description: lead.description.clone(),
        contact: Contact::default(),
        photos: Vec::new(),
    };
    let place = area::place_by_id(tx, lead.area)?.ok_or_else(|| broken("the case lies nowhere"))?;
    let id = report.id;
    let mut case = Case {
        reporter: None,
        parent: Some(lead.id),
        ..new_case(ctx, &report, place, procedure, Source::Joint)
    };
    let rules = rules(tx, ctx, procedure, &case.path)?;
    case.enter(&rules, &start.stage)?;
    if stage.step >= FIRST_STEP_AFTER_FILING {
        case.register(&rules);
    }
    rows::insert(tx, &case, &Sha256::digest(id.uuid().as_bytes()))?;
    let office = ctx.actor.appointments.iter().find(|it| case.path.is_within(&it.area));
    let event = Event { request: id.uuid(), ..event(ctx, "report", "", &case, office) };
    write(tx, ctx, &case, &event)?;
    let mut dossier = Dossier::new(case, event, &[]);
    dossier.lead = lead.owner;
    let facts = dossier.facts(ctx)?;
    ctx.must(Action::CaseAdvance(&send.advance), Resource::Case(&facts))?;
    let input = StepInput { organization: Some(body), note: note.to_owned(), ..StepInput::default() };
    dispatch::take(tx, ctx, &mut dossier, send, &input, office_for(ctx, &send.advance, &facts))?;
    tell(tx, ctx, procedure, &dossier.case)?;
    Ok(dossier.case)
}

/// The lead does not report the whole done while a part of it is open, unless by the step that is for that and says why.
pub(super) fn check_whole(
    dossier: &Dossier,
    procedure: &Procedure,
    taken: &Transition,
) -> Result<(), Refusal> {
    let step = procedure.stage(&taken.to).map_or(0, |it| it.step);
    let is_done = taken.advance.relation == Relation::Owner && !taken.effect.returns && step >= STEP_FED_BACK;
    match (dossier.has_open_support(), taken.effect.despite_support) {
        (true, false) if is_done => Err(Refusal::conflict("conflict-support-open")),
        (false, true) => Err(Refusal::conflict("conflict-no-support-open")),
        _ => Ok(()),
    }
}
