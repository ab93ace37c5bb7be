use kernel::{AreaPath, Case as CaseName, Id, Organization, Role, Supervision};
use policy::{Action, Resource};
use store::Tx;

use super::{
    action::works,
    model::{Order, Step},
    store::{self as rows, Conditions, View},
};
use crate::{
    Ctx, Cursor, Page, Refusal, Window,
    case::{self, Case, Event, Status},
};

/// Whose orders are listed.
#[derive(Clone, Debug)]
pub enum Lens {
    /// Those to which the actor's bodies reply.
    ToReply,
    /// Those about cases in the areas that the actor sees, or in this one of them.
    Area(Option<AreaPath>),
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The reply is not there yet.
    Waiting,
    /// Of these, those whose time is over.
    Late,
    /// The office has to decide on the reply.
    Replied,
    /// Accepted or cancelled, the last that were first.
    Ended,
}

impl Filter {
    pub const ALL: [Filter; 4] = [Filter::Waiting, Filter::Late, Filter::Replied, Filter::Ended];

    pub fn as_str(self) -> &'static str {
        match self {
            Filter::Waiting => "waiting",
            Filter::Late => "late",
            Filter::Replied => "replied",
            Filter::Ended => "ended",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// An order with its case.
#[derive(Clone, Debug)]
pub struct Listed {
    pub order: Order,
    pub case: Case,
}

/// An order with what the actor may do with it now.
#[derive(Clone, Debug)]
pub struct Viewed {
    pub order: Order,
    pub steps: Vec<Step>,
}

/// Supervision of one case, as its page shows it.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// The latest first.
    pub orders: Vec<Viewed>,
    /// Whether the actor may give another order.
    pub may_order: bool,
}

/// How many orders each filter shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub waiting: i64,
    pub late: i64,
    pub replied: i64,
    pub ended: i64,
}

impl Tally {
    pub fn of(&self, filter: Filter) -> i64 {
        match filter {
            Filter::Waiting => self.waiting,
            Filter::Late => self.late,
            Filter::Replied => self.replied,
            Filter::Ended => self.ended,
        }
    }
}

/// The order with its case and that one's timeline, if the actor may see them.
pub(super) fn load_visible(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    id: Id<Supervision>,
) -> Result<(Order, Case, Vec<Event>), Refusal> {
    let order = rows::load(tx, id)?.ok_or(Refusal::NotFound)?;
    let (case, _, events) = case::visible(tx, ctx, order.case)?;
    Ok((order, case, events))
}

pub fn get(ctx: &Ctx, id: Id<Supervision>) -> Result<(Viewed, Case), Refusal> {
    ctx.read(|tx| {
        let (order, case, events) = load_visible(tx, ctx, id)?;
        Ok((viewed(ctx, order, &events), case))
    })
}

fn viewed(ctx: &Ctx, order: Order, events: &[Event]) -> Viewed {
    let facts = order.facts(events);
    let may = |step: &Step| {
        let action = if *step == Step::Reply { Action::SupervisionReply } else { Action::SupervisionDecide };
        order.check(*step).is_ok() && ctx.may(action, Resource::Supervision(&facts))
    };
    Viewed { steps: Step::ALL.iter().copied().filter(may).collect(), order }
}

/// The orders about a case, for those who work on it; nobody else is shown any.
pub fn desk(ctx: &Ctx, case: Id<CaseName>) -> Result<Desk, Refusal> {
    ctx.read(|tx| {
        let (case, facts, events) = match case::visible(tx, ctx, case) {
            Err(Refusal::NotFound | Refusal::Denied | Refusal::SignIn) => return Ok(Desk::default()),
            found => found?,
        };
        let may_order =
            case.status == Status::Open && ctx.may(Action::SupervisionOrder, Resource::Case(&facts));
        let orders = rows::of_case(tx, case.id)?;
        // One office gives one at a time.
        let is_mine = |it: &Order| {
            it.ended_at.is_none()
                && ctx.actor.appointments.iter().any(|post| post.organization == it.office.organization)
        };
        let may_order = may_order && !orders.iter().any(is_mine);
        let orders = orders.into_iter().rev().map(|it| viewed(ctx, it, &events)).collect();
        Ok(Desk { orders, may_order })
    })
}

/// Open orders by when the reply has to be there, ended ones by when they ended.
pub fn list(ctx: &Ctx, lens: &Lens, filter: Filter, window: &Window) -> Result<Page<Listed>, Refusal> {
    let views = views(ctx, lens)?;
    let conditions = Conditions { filter, now: ctx.now };
    let key = |cursor: &Cursor| Ok::<_, Refusal>((cursor.part(0)?, cursor.part(1)?));
    let after = window.after.as_ref().map(key).transpose()?;
    ctx.read(|tx| {
        let mut found = Vec::new();
        for view in &views {
            found.extend(rows::list(tx, view, &conditions, after, window.rows())?);
        }
        match filter {
            Filter::Ended => found.sort_by_key(|it| std::cmp::Reverse(conditions.key(it))),
            _ => found.sort_by_key(|it| conditions.key(it)),
        }
        let page = window.page(found, |order| {
            let (at, id) = conditions.key(order);
            Cursor::new([at.to_string(), id.to_string()])
        });
        let mut items = Vec::with_capacity(page.items.len());
        for order in page.items {
            if let Some(case) = case::in_order(tx, &[order.case])?.pop() {
                items.push(Listed { order, case });
            }
        }
        Ok(Page { items, next: page.next })
    })
}

/// What `list` shows under each filter.
pub fn tally(ctx: &Ctx, lens: &Lens) -> Result<Tally, Refusal> {
    let views = views(ctx, lens)?;
    ctx.read(|tx| {
        let mut tally = Tally::default();
        for view in &views {
            let found = rows::count(tx, view, ctx.now)?;
            tally.waiting += found.waiting;
            tally.late += found.late;
            tally.replied += found.replied;
            tally.ended += found.ended;
        }
        Ok(tally)
    })
}

/// Bodies, or subtrees that are disjoint: no order is read through two.
fn views(ctx: &Ctx, lens: &Lens) -> Result<Vec<View>, Refusal> {
    ctx.person()?;
    let views: Vec<View> = match lens {
        Lens::ToReply => bodies(ctx).into_iter().map(View::Body).collect(),
        Lens::Area(path) => {
            let scope = ctx.city.policy.scope(&ctx.actor, Action::CaseList);
            match path {
                None => scope.subtrees.into_iter().map(View::Subtree).collect(),
                Some(path) if scope.covers(path) => vec![View::Subtree(path.clone())],
                Some(path) => {
                    scope.subtrees.into_iter().filter(|it| it.is_within(path)).map(View::Subtree).collect()
                }
            }
        }
    };
    match (views.is_empty(), lens) {
        (false, _) => Ok(views),
        (true, Lens::Area(Some(_))) => Err(Refusal::NotFound),
        // Nothing here is for the actor's offices.
        (true, _) => Err(Refusal::Denied),
    }
}

/// The bodies that the actor replies for, each once.
fn bodies(ctx: &Ctx) -> Vec<Id<Organization>> {
    let posts = ctx.actor.appointments.iter().filter(|it| works(it.role));
    let mut bodies: Vec<_> = posts.map(|it| it.organization).collect();
    bodies.sort_unstable();
    bodies.dedup();
    bodies
}

/// Whether the actor has a post from which orders are given.
pub fn may_order_somewhere(ctx: &Ctx) -> bool {
    ctx.actor.appointments.iter().any(|it| matches!(it.role, Role::Leader | Role::Commander))
}
