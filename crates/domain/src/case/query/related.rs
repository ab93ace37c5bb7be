//! Cases that one has to do with, as far as the actor may know of them.

use kernel::{Case as CaseName, Id, Organization};
use policy::{Action, Resource};
use store::Tx;

use super::super::{
    model::{Case, Status},
    near::{self, Nearby},
    store as rows,
};
use super::Dossier;
use crate::{Ctx, Refusal};

/// What is told of another case beside one.
#[derive(Clone, Debug, PartialEq)]
pub struct Brief {
    pub id: Id<CaseName>,
    pub number: String,
    pub procedure: String,
    pub stage: String,
    pub status: Status,
    pub owner: Option<Id<Organization>>,
    /// The actor may read the case itself.
    pub may_read: bool,
}

/// The cases around one.
#[derive(Clone, Debug, Default)]
pub struct Related {
    /// The one that it was merged into. Whoever reported this one is told where that stands, and nothing else of it.
    pub main: Option<Brief>,
    /// Those merged into it that the actor may read.
    pub merged: Vec<Brief>,
    /// The one that it supports, if the actor may read that.
    pub parent: Option<Brief>,
    /// Those that support it and that the actor may read; or, of those who lead, all.
    pub children: Vec<Brief>,
    /// Open ones nearby of its class, for whoever may merge it.
    pub nearby: Vec<Nearby>,
}

/// `may_merge` says whether what lies nearby is looked for.
pub fn related(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, may_merge: bool) -> Result<Related, Refusal> {
    let main = case.merged_into.map(|id| other(tx, ctx, id)).transpose()?.flatten();
    let parent = case.parent.map(|id| other(tx, ctx, id)).transpose()?.flatten();
    let mut found = Related { main, parent: parent.filter(|it| it.may_read), ..Related::default() };
    for it in rows::merged_into(tx, case.id)? {
        let it = near::sound(brief(tx, ctx, it))?;
        found.merged.extend(it.filter(|it| it.may_read));
    }
    for it in rows::children(tx, case.id)? {
        found.children.extend(near::sound(part(tx, ctx, it))?.flatten());
    }
    if may_merge {
        found.nearby = near::beside(tx, ctx, case)?;
    }
    Ok(found)
}

/// A case that supports another, if the actor may see that.
fn part(tx: &mut Tx<'_>, ctx: &Ctx, case: Case) -> Result<Option<Brief>, Refusal> {
    let dossier = Dossier::load(tx, case)?;
    let may_see = ctx.may(Action::CaseReadPart, Resource::Case(&dossier.facts(ctx)?));
    let it = of(ctx, dossier)?;
    Ok(Some(it).filter(|it| it.may_read || may_see))
}

fn other(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<CaseName>) -> Result<Option<Brief>, Refusal> {
    match rows::load(tx, id)? {
        Some(case) => brief(tx, ctx, case).map(Some),
        None => Ok(None),
    }
}

fn brief(tx: &mut Tx<'_>, ctx: &Ctx, case: Case) -> Result<Brief, Refusal> {
    of(ctx, Dossier::load(tx, case)?)
}

fn of(ctx: &Ctx, dossier: Dossier) -> Result<Brief, Refusal> {
    let may_read = ctx.may(Action::CaseRead, Resource::Case(&dossier.facts(ctx)?));
    let Case { id, number, procedure, stage, status, owner, .. } = dossier.case;
    Ok(Brief { id, number, procedure, stage, status, owner, may_read })
}
