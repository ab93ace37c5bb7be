use kernel::{Case as CaseName, Id, Role, Supervision, Tier, limits};
use policy::{Action, Appointment, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    level::Level,
    model::{Kind, ORDERED, Order, State, Step},
    store as rows,
};
use crate::{
    Ctx, Faults, Message, Refusal,
    calendar::Countdown,
    case::{self, Case, EventDetail, Moved, Remark, Status, Supervised, Told},
    notice::{self, NoticeKind, Recipient},
    organization, text,
};

/// An order as a person gives it.
#[derive(Clone, Debug)]
pub struct New {
    /// Made by the client: the same one again makes no second order.
    pub id: Id<Supervision>,
    pub case: Id<CaseName>,
    pub kind: Kind,
    pub level: String,
    pub requirement: String,
}

/// Puts a case under supervision: the body answerable for where it stands has to reply in the time of the level.
/// The same order again is the same.
pub fn order(ctx: &Ctx, new: &New) -> Result<Order, Refusal> {
    ctx.person()?;
    let mut faults = Faults::default();
    let requirement = text::lines(&mut faults, "requirement", &new.requirement);
    let requirement = text::required(&mut faults, "requirement", requirement);
    let level = ctx.city.supervision.get(&new.level);
    if level.is_none() {
        faults.add("level", Message::new("fault-choice"));
    }
    ctx.write(|tx| {
        let (case, facts, _) = case::visible(tx, ctx, new.case)?;
        ctx.must(Action::SupervisionOrder, Resource::Case(&facts))?;
        // Whether the case may be seen is asked before what was sent is found wanting.
        faults.check()?;
        let level = level.ok_or(Refusal::NotFound)?;
        if let Some(known) = rows::load(tx, new.id)? {
            let same = known.case == new.case && known.requirement == requirement && known.level == new.level;
            return if same { Ok(known) } else { Err(Refusal::conflict("conflict-supervision-id")) };
        }
        if case.status != Status::Open {
            return Err(Refusal::conflict("conflict-closed"));
        }
        if new.kind == Kind::Overdue && !case.is_overdue(ctx.now) {
            return Err(Refusal::invalid("kind", Message::new("fault-not-overdue")));
        }
        let office = office_for(ctx, &case, level)?;
        check_room(&rows::of_case(tx, case.id)?, &office)?;
        let asked = case::answerable(tx, ctx, &case)?;
        let Some(first) = asked.first() else { return Err(Refusal::conflict("conflict-supervision-nobody")) };
        let order = Order {
            id: new.id,
            county: case.county,
            case: case.id,
            path: case.path.clone(),
            kind: new.kind,
            level: new.level.clone(),
            requirement: requirement.clone(),
            ordered_at: ctx.now,
            organization: first.organization,
            due: ctx.city.calendars.of(tx, &case.path)?.due(&Countdown::from(ctx.now, level.within)),
            due_since: Some(ctx.now),
            state: State::Waiting,
            escalated: false,
            reply: String::new(),
            replied_at: None,
            refusals: 0,
            ended_at: None,
            revision: 1,
            office,
        };
        rows::insert(tx, &order)?;
        let said = Said { request: Some(new.id.uuid()), note: &requirement, ..Said::of(ORDERED) };
        let case = remark(tx, ctx, &case, &order, said)?;
        tell_body(tx, ctx, &case, &order, NoticeKind::SupervisionOrdered)?;
        Ok(order)
    })
}

/// The first of the actor's offices above the case that may order this level.
fn office_for(ctx: &Ctx, case: &Case, level: &Level) -> Result<Appointment, Refusal> {
    let is_above = |it: &&Appointment| {
        matches!(it.role, Role::Leader | Role::Commander) && case.path.is_within(&it.area)
    };
    let is_high = |it: &&Appointment| Tier::of_code(it.area.code()).is_none_or(|tier| tier <= level.tier);
    let found = ctx.actor.appointments.iter().filter(is_above).find(is_high);
    found.cloned().ok_or_else(|| Refusal::invalid("level", Message::new("fault-supervision-level")))
}

/// An office has one order at a time in a case, and a case has so many in its life.
fn check_room(orders: &[Order], office: &Appointment) -> Result<(), Refusal> {
    let by_office = |it: &&Order| it.ended_at.is_none() && it.office.organization == office.organization;
    if orders.iter().any(|it| by_office(&it)) {
        return Err(Refusal::conflict("conflict-supervised"));
    }
    if orders.len() >= limits::SUPERVISIONS_PER_CASE_MAX {
        let most = limits::SUPERVISIONS_PER_CASE_MAX;
        return Err(Refusal::Conflict(Message::new("conflict-supervisions").with("max", most)));
    }
    Ok(())
}

/// Replies to an order, or decides on it. The same request again changes nothing.
pub fn advance(
    ctx: &Ctx,
    id: Id<Supervision>,
    step: Step,
    request: Option<Uuid>,
    note: &str,
) -> Result<Order, Refusal> {
    let mut faults = Faults::default();
    let mut note = text::lines(&mut faults, "note", note);
    if step != Step::Accept {
        note = text::required(&mut faults, "note", note);
    }
    ctx.write(|tx| {
        let (order, case, events) = super::query::load_visible(tx, ctx, id)?;
        if request.is_some_and(|request| events.iter().any(|event| event.request == request)) {
            return Ok(order);
        }
        let facts = order.facts(&events);
        let action = if step == Step::Reply { Action::SupervisionReply } else { Action::SupervisionDecide };
        ctx.must(action, Resource::Supervision(&facts))?;
        order.check(step)?;
        faults.check()?;
        let level = ctx.city.supervision.get(&order.level);
        let calendar = ctx.city.calendars.of(tx, &case.path)?;
        let due = level.map_or(order.due, |level| calendar.due(&Countdown::from(ctx.now, level.within)));
        let next = order.after(step, &note, due, ctx.now);
        rows::save(tx, &next)?;
        let said = Said { request, note: &note, ..Said::of(step.event()) };
        let case = remark(tx, ctx, &case, &next, said)?;
        match step {
            Step::Reply => tell_office(tx, ctx, &case, &next, NoticeKind::SupervisionReplied)?,
            Step::Refuse => tell_body(tx, ctx, &case, &next, NoticeKind::SupervisionOrdered)?,
            Step::Accept | Step::Cancel => tell_body(tx, ctx, &case, &next, NoticeKind::SupervisionEnded)?,
        }
        Ok(next)
    })
}

/// What a row of the timeline says.
pub(super) struct Said<'a> {
    pub word: &'static str,
    pub request: Option<Uuid>,
    pub note: &'a str,
    /// Offices that were told that a reply is late.
    pub told: Vec<Told>,
    /// When the reply was due, and now is.
    pub moved: Option<Moved>,
}

impl Said<'_> {
    pub fn of(word: &'static str) -> Self {
        Self { word, request: None, note: "", told: Vec::new(), moved: None }
    }
}

/// A row of the case's timeline about the order. It is for those who work on the case: the reporter's news is the work.
pub(super) fn remark(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    case: &Case,
    order: &Order,
    said: Said<'_>,
) -> Result<Case, Refusal> {
    let Said { word, request, note, told, moved } = said;
    let supervision = Some(Supervised {
        order: order.id,
        kind: order.kind.as_str().into(),
        level: order.level.clone(),
        organization: order.organization,
    });
    let detail = EventDetail { supervision, told, moved, ..EventDetail::default() };
    let office = acting_in(ctx, order);
    case::remark(tx, ctx, case, Remark { word, request, office, note, public: false, detail })
}

/// The office of the actor that the act is about.
fn acting_in<'a>(ctx: &'a Ctx, order: &Order) -> Option<&'a Appointment> {
    let posts = &ctx.actor.appointments;
    let exact = |it: &&Appointment| **it == order.office;
    let of_body = |it: &&Appointment| it.organization == order.organization;
    let above = |it: &&Appointment| {
        matches!(it.role, Role::Leader | Role::Commander) && order.office.area.is_within(&it.area)
    };
    let found = posts.iter().find(exact).or_else(|| posts.iter().find(of_body));
    found.or_else(|| posts.iter().find(above))
}

/// Tells the offices of the body that has to reply and that serve the place.
pub(super) fn tell_body(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    case: &Case,
    order: &Order,
    kind: NoticeKind,
) -> Result<(), Refusal> {
    let mut told = Vec::new();
    for role in Role::ALL.into_iter().filter(|it| works(*it)) {
        told.extend(organization::offices_of(tx, order.organization, role, ctx.now)?);
    }
    told.retain(|it| it.role == Role::Handler || case.path.is_within(&it.area));
    for office in &told {
        notice::enqueue(tx, ctx, case.county, Recipient::Office(office), kind, case.id, &case.number)?;
    }
    Ok(())
}

/// Roles that work on cases: their offices reply for their body.
pub(super) fn works(role: Role) -> bool {
    role.is_grid() || matches!(role, Role::Acceptor | Role::Dispatcher | Role::Handler)
}

pub(super) fn tell_office(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    case: &Case,
    order: &Order,
    kind: NoticeKind,
) -> Result<(), Refusal> {
    let office = Recipient::Office(&order.office);
    notice::enqueue(tx, ctx, case.county, office, kind, case.id, &case.number).map(drop)
}
