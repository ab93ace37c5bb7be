//! A ruling on whose a case is, and the list of responsibilities that it may change.

use kernel::{Case as CaseName, Id, Organization, Tier};
use policy::{Action, Resource};
use store::Tx;

use super::{event::Event, model::Case, procedure::Procedure, query};
use crate::{
    Ctx, Message, Refusal, organization,
    responsibility::{self, Decision, Responsibility},
};

/// A ruling that the list does not follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The body whose it is.
    pub organization: Id<Organization>,
    /// Codes of the areas around the case that the body serves and for which the actor may write it into the list, widest
    /// first.
    pub areas: Vec<String>,
}

/// The last ruling of a case, if the list names another body for its class and place, or none, or several.
pub(super) fn unlisted(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    procedure: &Procedure,
    case: &Case,
    events: &[Event],
) -> Result<Option<Ruling>, Refusal> {
    // Whom a supporting body hands its part to says nothing of whose the whole is.
    if case.parent.is_some() {
        return Ok(None);
    }
    let binds = |event: &&Event| {
        procedure.taken(&event.from, &event.transition).is_some_and(|taken| taken.effect.binds)
    };
    let Some(organization) = events.iter().rev().find(binds).and_then(|it| it.detail.owner) else {
        return Ok(None);
    };
    let listed = responsibility::candidates(tx, ctx, &case.path, &case.class, ctx.now)?;
    if listed.len() == 1 && listed[0].row.organization == organization {
        return Ok(None);
    }
    let tiers = Tier::County..=Tier::Community;
    let mut areas = Vec::new();
    for path in case.path.ancestors() {
        let is_of_tier = Tier::of_code(path.code()).is_some_and(|tier| tiers.contains(&tier));
        // A list names nobody for an area that the body does not serve.
        if is_of_tier
            && ctx.may(Action::ResponsibilityDecide, Resource::Area { path: &path })
            && organization::can_handle(tx, organization, &path, ctx.now)?
        {
            areas.push(path.code().to_owned());
        }
    }
    Ok(Some(Ruling { organization, areas }))
}

/// Writes the ruling of a case into the list of `area`: a decision on record, by whoever may decide there.
pub fn list_ruling(
    ctx: &Ctx,
    id: Id<CaseName>,
    area: &str,
    legal_basis: &str,
) -> Result<Responsibility, Refusal> {
    ctx.write(|tx| {
        let (dossier, _) = query::load_visible(tx, ctx, id)?;
        let case = &dossier.case;
        let ruling = unlisted(tx, ctx, query::procedure(ctx, case)?, case, &dossier.events)?;
        let ruling = ruling.ok_or_else(|| Refusal::conflict("conflict-no-ruling"))?;
        if ruling.areas.is_empty() {
            return Err(Refusal::Denied);
        }
        if !ruling.areas.iter().any(|it| it == area) {
            return Err(Refusal::invalid("area", Message::new("fault-choice")));
        }
        let decision = Decision {
            class: case.class.clone(),
            area: area.to_owned(),
            organization: ruling.organization,
            legal_basis: legal_basis.to_owned(),
            case: id,
        };
        responsibility::decide(tx, ctx, &decision)
    })
}
