//! What templates of supervision see.

use std::collections::HashMap;

use domain::{
    Ctx, Refusal,
    case::{self, Case},
    organization,
    supervision::{self, Filter, Kind, Level, Order, State, Step, Viewed},
};
use kernel::{Id, Organization, Supervision};

use crate::{
    case::{
        typed::Typed,
        view::{Choice, Moment},
    },
    locale::Translator,
    shell::{FormFaults, Shell},
};

/// An order, in words.
pub struct OrderView {
    pub kind: String,
    pub level: String,
    pub requirement: String,
    /// The office that ordered it.
    pub office: String,
    /// The body that has to reply.
    pub body: String,
    pub ordered: Moment,
    pub due: Moment,
    pub state: String,
    pub is_late: bool,
    pub is_ended: bool,
    pub reply: String,
    pub replied: Option<Moment>,
    pub steps: Vec<StepView>,
}

/// The form of a step that may be taken now.
pub struct StepView {
    pub action: String,
    pub label: String,
    pub hint: String,
    /// Begins the ids of its fields.
    pub id: String,
    /// One-time id, so that the same step sent twice is taken once.
    pub request: String,
    pub is_note_required: bool,
    /// What was typed and did not do, and why.
    pub note: String,
    pub fault: Option<String>,
    pub is_open: bool,
}

/// Supervision on the page of a case.
pub struct Block {
    pub orders: Vec<OrderView>,
    pub form: Option<OrderForm>,
}

pub struct OrderForm {
    pub action: String,
    pub id: String,
    pub kinds: Vec<Choice>,
    pub levels: Vec<Choice>,
    pub requirement: String,
    pub faults: FormFaults,
}

/// The form of a new order on the page of a case.
pub const ORDER_FORM: &str = "supervision";

/// The form of a step of an order there.
pub fn step_form(step: Step, order: Id<Supervision>) -> String {
    format!("{}-{order}", step.as_str())
}

type Names = HashMap<Id<Organization>, String>;

pub fn names<'a>(ctx: &Ctx, orders: impl Iterator<Item = &'a Order>) -> Result<Names, Refusal> {
    let mut bodies: Vec<_> = orders.flat_map(|it| [it.organization, it.office.organization]).collect();
    bodies.sort_unstable();
    bodies.dedup();
    ctx.read(|tx| organization::names(tx, &bodies))
}

impl OrderView {
    pub fn new(
        ctx: &Ctx,
        shell: &Shell,
        it: &Order,
        (steps, typed): (&[Step], Option<&Typed>),
        names: &Names,
    ) -> Self {
        let t = &shell.t;
        let name = |id: Id<Organization>| names.get(&id).cloned().unwrap_or_default();
        let role = t.say(&format!("role-{}", it.office.role.as_str()));
        Self {
            kind: kind_label(t, it.kind),
            level: level_label(ctx, t, &it.level),
            requirement: it.requirement.clone(),
            office: format!("{role} · {}", name(it.office.organization)),
            body: name(it.organization),
            ordered: Moment::new(t, it.ordered_at, ctx.now),
            due: Moment::new(t, it.due, ctx.now),
            state: state_label(t, it, ctx.now),
            is_late: it.is_late(ctx.now),
            is_ended: it.ended_at.is_some(),
            reply: it.reply.clone(),
            replied: it.replied_at.map(|at| Moment::new(t, at, ctx.now)),
            steps: steps.iter().map(|step| StepView::new(ctx, t, it, *step, typed)).collect(),
        }
    }
}

impl StepView {
    fn new(ctx: &Ctx, t: &Translator, order: &Order, step: Step, typed: Option<&Typed>) -> Self {
        let (word, id) = (step.as_str(), step_form(step, order.id));
        let typed = typed.filter(|it| it.form == id);
        Self {
            action: format!("/supervisions/{}/{word}", order.id),
            label: t.say(&format!("supervision-{word}")),
            hint: t.say(&format!("supervision-{word}-hint")),
            request: ctx.id::<()>().to_string(),
            is_note_required: step != Step::Accept,
            note: typed.and_then(|it| it.fields.get("note")).cloned().unwrap_or_default(),
            fault: typed.and_then(|it| it.faults.of("note")).map(str::to_owned),
            is_open: typed.is_some(),
            id,
        }
    }
}

impl Block {
    /// Empty for those who do not work on the case.
    pub fn new(ctx: &Ctx, shell: &Shell, case: &Case, typed: Option<&Typed>) -> Result<Self, Refusal> {
        let desk = supervision::desk(ctx, case.id)?;
        let names = names(ctx, desk.orders.iter().map(|it| &it.order))?;
        let view = |it: &Viewed| OrderView::new(ctx, shell, &it.order, (&it.steps, typed), &names);
        let typed = typed.filter(|it| it.form == ORDER_FORM);
        let field = |name: &str| typed.and_then(|it| it.fields.get(name)).cloned();
        let usual = if case.is_overdue(ctx.now) { Kind::Overdue } else { Kind::Leader };
        let usual = field("kind").unwrap_or_else(|| usual.as_str().to_owned());
        let kind = |it: &Kind| Choice {
            value: it.as_str().to_owned(),
            label: kind_label(&shell.t, *it),
            is_chosen: it.as_str() == usual,
        };
        let levels = &ctx.city.supervision.levels;
        let chosen = field("level");
        let level = |(index, it): (usize, &Level)| Choice {
            value: it.id.clone(),
            label: case::words(&it.label, shell.language()).to_owned(),
            is_chosen: chosen.as_ref().map_or(index == 0, |chosen| *chosen == it.id),
        };
        Ok(Self {
            orders: desk.orders.iter().map(view).collect(),
            form: desk.may_order.then(|| OrderForm {
                action: format!("/cases/{}/supervisions", case.id),
                id: ctx.id::<()>().to_string(),
                kinds: Kind::ALL
                    .iter()
                    .filter(|it| **it != Kind::Overdue || case.is_overdue(ctx.now))
                    .map(kind)
                    .collect(),
                levels: levels.iter().enumerate().map(level).collect(),
                requirement: field("requirement").unwrap_or_default(),
                faults: typed.map(|it| it.faults.clone()).unwrap_or_default(),
            }),
        })
    }
}

impl Block {
    /// Whether a form is on the page.
    pub fn offers(&self, form: &str) -> bool {
        let mut steps = self.orders.iter().flat_map(|it| &it.steps);
        if form == ORDER_FORM { self.form.is_some() } else { steps.any(|it| it.id == form) }
    }
}

pub fn kind_label(t: &Translator, kind: Kind) -> String {
    t.say(&format!("supervision-kind-{}", kind.as_str()))
}

pub fn level_label(ctx: &Ctx, t: &Translator, level: &str) -> String {
    let known = ctx.city.supervision.get(level);
    known.map_or_else(|| level.to_owned(), |it| case::words(&it.label, t.language.tag()).to_owned())
}

fn state_label(t: &Translator, order: &Order, now: kernel::Timestamp) -> String {
    let word = match order.state {
        State::Waiting if order.is_late(now) => Filter::Late.as_str(),
        state => state.as_str(),
    };
    t.say(&format!("supervision-state-{word}"))
}
