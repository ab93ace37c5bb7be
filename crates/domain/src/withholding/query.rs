use kernel::{Id, Person, Role, Timestamp, Withholding as WithholdingName};
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{State, Withholding},
    store::{self as rows, View},
};
use crate::{Ctx, Cursor, Page, Refusal, Window, organization};

/// Decisions that are over, of which a person is told.
const ENDED_MAX: i64 = 20;

/// How many entries a person does not see before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    pub until: Timestamp,
    pub entries: i64,
}

/// A decision that is over, as the person it was about sees it.
#[derive(Clone, Debug)]
pub struct Ended {
    pub withholding: Withholding,
    pub organization_name: Option<String>,
    pub decider_name: Option<String>,
    /// What was withheld by it and is shown now.
    pub entries: i64,
}

/// What is withheld from a person, by the day on which it is shown, and what was; for that person alone.
pub fn of_person(ctx: &Ctx, person: Id<Person>) -> Result<(Vec<Withheld>, Vec<Ended>), Refusal> {
    if ctx.person()?.person != person {
        return Err(Refusal::NotFound);
    }
    ctx.read(|tx| {
        let withheld = rows::withheld(tx, person, ctx.now)?;
        let mut ended = Vec::new();
        for withholding in rows::ended(tx, person, ctx.now, ENDED_MAX)? {
            let entries = rows::entries(tx, &withholding)?;
            if entries == 0 {
                continue;
            }
            let decider = withholding.decided_by.map(|it| organization::name(tx, it)).transpose()?;
            ended.push(Ended {
                organization_name: organization::name(tx, withholding.organization)?,
                decider_name: decider.flatten(),
                entries,
                withholding,
            });
        }
        Ok((withheld, ended))
    })
}

pub fn get(ctx: &Ctx, id: Id<WithholdingName>) -> Result<Withholding, Refusal> {
    ctx.person()?;
    ctx.read(|tx| visible(tx, ctx, id))
}

/// For the body that asked and for those who decide; to others there is none.
pub(super) fn visible(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<WithholdingName>) -> Result<Withholding, Refusal> {
    rows::load(tx, id)?.filter(|it| may_see(ctx, it)).ok_or(Refusal::NotFound)
}

fn may_see(ctx: &Ctx, it: &Withholding) -> bool {
    let person = Resource::Person { id: it.person, area: &it.path };
    (it.is_of_own_body(ctx) && ctx.may(Action::WithholdingPropose, person))
        || ctx.may(Action::WithholdingDecide { proposed_by: it.organization }, person)
}

/// Those that one's bodies asked for, and those on which one may decide, the last that was asked for first.
pub fn list(ctx: &Ctx, window: &Window) -> Result<Page<Withholding>, Refusal> {
    ctx.person()?;
    let after = window.after.as_ref().map(|it| Ok::<_, Refusal>((it.part(0)?, it.part(1)?))).transpose()?;
    let views = ctx.actor.appointments.iter().filter_map(|post| match post.role {
        Role::Leader | Role::Commander => Some(View::Body(post.organization)),
        Role::Auditor => Some(View::Subtree(post.area.clone())),
        _ => None,
    });
    let views: Vec<View> = views.collect();
    let mut found = ctx.read(|tx| {
        let mut found = Vec::new();
        for view in &views {
            found.extend(rows::list(tx, view, after, window.rows())?);
        }
        Ok::<_, Refusal>(found)
    })?;
    found.sort_by_key(|it| std::cmp::Reverse((it.proposed_at, it.id)));
    found.dedup_by_key(|it| it.id);
    let key = |it: &Withholding| Cursor::new([it.proposed_at.micros().to_string(), it.id.to_string()]);
    let mut page = window.page(found, key);
    page.items.retain(|it| may_see(ctx, it));
    Ok(page)
}

impl Withholding {
    pub(super) fn is_of_own_body(&self, ctx: &Ctx) -> bool {
        ctx.actor.appointments.iter().any(|post| post.organization == self.organization)
    }

    /// Those of `approve`, `refuse` and `lift` that the actor may take now.
    pub fn steps(&self, ctx: &Ctx) -> Vec<&'static str> {
        let person = Resource::Person { id: self.person, area: &self.path };
        let own = self.is_of_own_body(ctx);
        let decides = ctx.may(Action::WithholdingDecide { proposed_by: self.organization }, person);
        match self.state {
            State::Proposed if decides => vec!["approve", "refuse"],
            _ if own && self.is_running(ctx.now) && ctx.may(Action::WithholdingPropose, person) => {
                vec!["lift"]
            }
            _ => Vec::new(),
        }
    }
}
