//! What no single line of a procedure shows: stages that nobody comes to or can leave, loops without a limit, steps
//! that nobody may take.

use std::collections::BTreeSet;

use kernel::Role;
use policy::{Advance, Party, Relation};
use toml::Spanned;

use super::{
    fault::{FaultList, instead},
    file::{ProcedureFile, StageFile, TransitionFile},
    procedure::{Clock, End, Need, Procedure, Stage, Transition},
};
use crate::calendar::{Limit, LimitKind, WHOLE};

mod alarm;
mod relief;
mod way;

/// A transition with where it stands in the file.
#[derive(Clone, Copy)]
struct Edge<'a> {
    from: &'a Stage,
    it: &'a Transition,
    file: &'a TransitionFile,
}

fn edges<'a>(file: &'a ProcedureFile, procedure: &'a Procedure) -> Vec<Edge<'a>> {
    let stages = file.stage.iter().zip(&procedure.stages);
    let of_stage = |(stage, from): (&'a StageFile, &'a Stage)| {
        let transitions = stage.transition.iter().zip(&from.transitions);
        transitions.map(move |(file, it)| Edge { from, it, file })
    };
    stages.flat_map(of_stage).collect()
}

/// Faults and oddities that the file alone shows.
pub fn review(list: &mut FaultList<'_>, file: &ProcedureFile, procedure: &Procedure) {
    let edges = edges(file, procedure);
    names(list, file, procedure);
    way::connected(list, file, procedure, &edges);
    for edge in &edges {
        takers(list, edge);
        automatic(list, edge);
        limited(list, edge, procedure);
        reopening(list, edge, procedure);
        lawful(list, edge, procedure);
        by_others(list, edge);
    }
    supported(list, file, procedure, &edges);
    let ownerless = way::ownerless(procedure, &edges);
    owned(list, &ownerless, &edges);
    way::loops(list, &edges);
    for (stage, it) in file.stage.iter().zip(&procedure.stages) {
        attended(list, stage, it);
        alarm::review(list, stage, it, ownerless.contains(it.id.as_str()));
        relief::review(list, stage, it, &ownerless, &edges);
    }
    unchecked(list, procedure, &edges);
    unused_grounds(list, file, &edges);
}

/// Steps that `takers`, who know the policy, would let some of their roles never take.
pub fn permitted(
    list: &mut FaultList<'_>,
    file: &ProcedureFile,
    procedure: &Procedure,
    takers: &mut dyn FnMut(&Advance) -> Vec<Role>,
) {
    relief::permitted(list, file, procedure, takers);
    for edge in edges(file, procedure).iter().filter(|it| !it.it.is_automatic()) {
        let may = takers(&edge.it.advance);
        for (name, role) in
            edge.file.roles.iter().zip(&edge.it.advance.roles).filter(|(_, it)| !may.contains(it))
        {
            let reason = format!("the policy never lets {} take {:?}", role.as_str(), edge.it.id);
            list.error(name.span(), reason, advice(edge.it.advance.relation, *role));
        }
    }
}

fn advice(relation: Relation, role: Role) -> &'static str {
    match (relation, role) {
        (_, Role::Auditor | Role::Administrator) => {
            "who audits or keeps the system running has no hand in the work"
        }
        (Relation::Area, Role::Handler) => {
            "a handler works for the body that owns the case: relation = \"owner\""
        }
        (Relation::Owner, Role::Handler) => {
            "whoever handles never closes, checks or rates: leave that to others"
        }
        (Relation::Owner, _) => "the body that owns the case acts by its handlers: roles = [\"handler\"]",
        (Relation::Reporter, _) => "a reporter acts as a person: roles = [\"anonymous\", \"resident\"]",
        _ => {
            "only offices act in an area: roles = [\"acceptor\"], [\"dispatcher\"], [\"leader\"] or the grid's four"
        }
    }
}

fn names(list: &mut FaultList<'_>, file: &ProcedureFile, procedure: &Procedure) {
    let known: Vec<&str> = procedure.stages.iter().map(|stage| stage.id.as_str()).collect();
    for (index, stage) in file.stage.iter().enumerate() {
        if known[..index].contains(&stage.id.get_ref().as_str()) {
            let reason = format!("two stages have the id {:?}", stage.id.get_ref());
            list.error(stage.id.span(), reason, "a case could not tell where it stands: give it another id");
        }
    }
    let targets = file.stage.iter().flat_map(|stage| stage.transition.iter().map(|it| &it.to));
    for name in file.start.iter().map(|it| &it.stage).chain(targets) {
        if !known.contains(&name.get_ref().as_str()) {
            let reason = format!("there is no stage {:?}", name.get_ref());
            list.error(name.span(), reason, instead(name.get_ref(), &known));
        }
    }
}

fn takers(list: &mut FaultList<'_>, edge: &Edge<'_>) {
    if edge.it.advance.above_sender && edge.it.advance.relation != Relation::Area {
        let help = "offices stand above others in the tree of areas: relation = \"area\"";
        list.error(edge.file.relation.span(), "above_sender is for offices of an area", help);
    }
    let is_system = edge.it.advance.relation == Relation::System;
    if edge.file.roles.is_empty() && !is_system {
        let help = "name its roles: roles = [\"acceptor\"]";
        list.error(edge.file.id.span(), "nobody may take this transition", help);
    }
    if edge.it.is_automatic() != is_system || (edge.it.on_timeout && edge.it.by_list) {
        let reason = "the system takes a transition if, and only if, its relation is system and either on_timeout or \
                      dispatch_by_list is true";
        let help = "for the clock: relation = \"system\" and on_timeout = true; for the list of responsibilities: \
                    dispatch_by_list = true instead; for people: none of them, but roles";
        list.error(edge.file.relation.span(), reason, help);
    }
}

/// What the system takes brings nothing with it and waits for no turn; of each kind a stage has one.
fn automatic(list: &mut FaultList<'_>, edge: &Edge<'_>) {
    if !edge.it.is_automatic() {
        return;
    }
    let (at, asks) = (edge.file.id.span(), &edge.it.asks);
    if edge.it.by_list && !edge.from.transitions.iter().any(|it| it.asks.organization) {
        let help = "give the stage a transition of the dispatcher with asks = { organization = true }";
        list.error(at.clone(), "where the list names no body, or two, nobody could send the case out", help);
    }
    let asks_something = asks.note == Need::Required
        || asks.class == Need::Required
        || asks.photos > 0
        || asks.organization
        || asks.ground.is_some()
        || asks.findings.len() > 1
        || asks.rating;
    if asks_something {
        list.error(
            at.clone(),
            "the system has nothing to bring with it",
            "take `asks` out of this transition",
        );
    }
    if edge.it.at_most.is_some() || edge.it.effect.returns || edge.from.opener(edge.it).is_some() {
        let help = "what the system takes is always open: no at_most, no returns, and named by no `then`";
        list.error(at.clone(), "the system cannot be told to wait its turn", help);
    }
    let first = edge.from.transitions.iter().find(|it| it.is_automatic() && it.by_list == edge.it.by_list);
    if first.is_some_and(|first| first.id != edge.it.id) {
        list.error(
            at,
            "the system takes another transition of this stage already",
            "a stage has one of a kind",
        );
    }
}

/// A limit leaves a way out, and names what opens when it is used up.
fn limited(list: &mut FaultList<'_>, edge: &Edge<'_>, procedure: &Procedure) {
    let rules = procedure.moves().any(|(_, it)| it.effect.binds);
    let can_end =
        |it: &&Transition| it.at_most.is_some() || (rules && it.effect.returns) || it.effect.despite_support;
    if let Some(most) = &edge.file.at_most {
        if edge.from.end.is_none() && edge.from.transitions.iter().all(|it| can_end(&it)) {
            let reason = format!("when {:?} is used up nothing may be left to do here", edge.it.id);
            let help = "give the stage a transition that has no limit, best one by somebody a tier above who decides";
            list.error(most.span(), reason, help);
        }
        if edge.it.effect.returns && edge.it.then.is_none() {
            let help = "name the step by which somebody above decides whose it is: then = \"dispute\"";
            list.warn(most.span(), "after the last return nobody decides whose the case is", help);
        }
    }
    in_all(list, edge, procedure);
    let Some(then) = &edge.file.then else { return };
    if edge.it.at_most.is_none() {
        let help = "`then` opens when a limit is used up: add at_most = 1";
        list.error(
            then.span(),
            format!("{:?} has no limit, so {:?} would never open", edge.it.id, then.get_ref()),
            help,
        );
    }
    let others: Vec<&str> =
        edge.from.transitions.iter().map(|it| it.id.as_str()).filter(|id| *id != edge.it.id).collect();
    if !others.contains(&then.get_ref().as_str()) {
        let reason = format!("stage {:?} has no other transition {:?}", edge.from.id, then.get_ref());
        list.error(then.span(), reason, instead(then.get_ref(), &others));
    }
}

/// What all bodies together may do so often is what each may do a few times; and after that somebody rules.
fn in_all(list: &mut FaultList<'_>, edge: &Edge<'_>, procedure: &Procedure) {
    let of_owner = edge.it.advance.relation == Relation::Owner;
    let Some(all) = &edge.file.in_all else {
        let to = procedure.stage(&edge.it.to);
        let is_ruled =
            to.is_some_and(|stage| stage.transitions.iter().all(|it| !it.gives() || it.effect.binds));
        if edge.it.effect.returns && of_owner && !is_ruled && edge.it.at_most.is_some() {
            let help = "say how often in one case, whoever does: in_all = 2";
            let reason = format!("body after body may take {:?}, each as often as it is allowed", edge.it.id);
            list.warn(edge.file.id.span(), reason, help);
        }
        return;
    };
    if !of_owner || edge.it.at_most.is_none_or(|most| most > *all.get_ref()) {
        let help =
            "at_most = 1 for each body, in_all = 2 for all of them; without bodies at_most is for the case";
        list.error(
            all.span(),
            "`in_all` is for a step of the owner that each body may take a few times",
            help,
        );
    }
    let opens = edge.it.then.as_ref().and_then(|then| edge.from.transition(then));
    let ruled = opens.and_then(|it| procedure.stage(&it.to));
    if !ruled.is_some_and(|stage| stage.transitions.iter().any(|it| it.effect.binds)) {
        let help = "then = \"dispute\", a step to a stage where somebody rules: binds = true";
        list.error(all.span(), "when `in_all` is used up nobody decides whose the case is", help);
    }
}

/// The last step of the loop, which comes after the closing.
const EVALUATE: i64 = 7;

/// What was closed is opened again within a window and a few times only, with the reason in writing, and is then
/// worked on again.
fn reopening(list: &mut FaultList<'_>, edge: &Edge<'_>, procedure: &Procedure) {
    let (it, at) = (edge.it, edge.file.id.span());
    if !it.effect.reopens {
        if let Some(window) = edge.file.within.as_ref().filter(|_| !it.effect.returns) {
            let help =
                "add reopens = true or returns = true, or take `within` out: a stage's own time is its clock";
            let reason = "`within` is the window in which a case may be opened again, or be given back";
            list.error(window.span(), reason, help);
        }
        return;
    }
    let is_closed =
        edge.from.end == Some(End::Closed) || (edge.from.end.is_none() && edge.from.step == EVALUATE);
    if !is_closed {
        let help = "let it lead from a stage with end = \"closed\", or from one of step 7";
        list.error(at.clone(), "only what was closed can be opened again", help);
    }
    if edge.from.end.is_some() && it.within.is_none() {
        let help = "how long after the end: within = { kind = \"natural_days\", amount = 7 }";
        list.error(at.clone(), "a closed case can be opened again without a window", help);
    }
    if it.at_most.is_none() {
        let help = "say how often in one case: at_most = 2";
        list.error(at.clone(), "a closed case can be opened again without a limit", help);
    }
    if !matches!(it.advance.relation, Relation::Reporter | Relation::Area) {
        let help = "the reporter does, or an office above: relation = \"reporter\", or \"area\"";
        list.error(edge.file.relation.span(), "whoever handled a case does not open it again", help);
    }
    if it.asks.note != Need::Required {
        let help = "those who closed it have to learn why: asks = { note = \"required\" }";
        list.error(at, "whoever opens a case again says why in writing", help);
    }
    let is_work = |stage: &Stage| stage.end.is_none() && (3..=5).contains(&stage.step);
    if procedure.stage(&it.to).is_some_and(|stage| !is_work(stage)) {
        let help = "lead to where it is given to a body, or handled: to = \"dispatch\"";
        list.error(edge.file.to.span(), "a case that is opened again is worked on again", help);
    }
}

/// The two laws hold by the parts that people take: whoever sends a case to a body is its dispatcher, and no
/// handler brings it to its end.
fn lawful(list: &mut FaultList<'_>, edge: &Edge<'_>, procedure: &Procedure) {
    if edge.it.asks.organization && edge.it.part != Some(Party::Dispatcher) {
        let reason = format!("{:?} sends the case to a body, and nobody becomes its dispatcher", edge.it.id);
        let help = "whoever dispatches never checks or evaluates; that holds by: part = \"dispatcher\"";
        list.error(edge.file.id.span(), reason, help);
    }
    let ends = procedure.stage(&edge.it.to).is_some_and(|stage| stage.end.is_some());
    if edge.it.advance.relation == Relation::Owner && ends {
        let help = "whoever handles never closes: lead to a stage where somebody else checks";
        list.error(
            edge.file.to.span(),
            format!("by {:?} the body that handles would end the case", edge.it.id),
            help,
        );
    }
}

/// Supporting bodies are named with the one that leads; their own procedure sends each out where it starts and leaves the
/// reporter in peace; and a whole that is reported in part says why.
fn supported(list: &mut FaultList<'_>, file: &ProcedureFile, procedure: &Procedure, edges: &[Edge<'_>]) {
    for edge in edges {
        if let Some(name) = edge.file.asks.supporting.as_ref().filter(|_| !edge.it.asks.organization) {
            let help = "asks = { organization = true, supporting = \"support-task\" }";
            list.error(name.span(), "supporting bodies support the one that the case is sent to", help);
        }
        if edge.it.effect.despite_support && edge.it.asks.ground.is_none() {
            let help = "let a ground be chosen: asks = { ground = \"support\", note = \"required\" }";
            list.error(edge.file.id.span(), "a part that is left undone needs a ground", help);
        }
        let asks_reporter = edge.it.advance.relation == Relation::Reporter || edge.it.asks.rating;
        if procedure.support && asks_reporter {
            let help = "the whole has a reporter, its parts have none: take the transition out";
            list.error(edge.file.id.span(), "a support task never asks the reporter", help);
        }
    }
    let first = procedure.starts.first().and_then(|start| procedure.stage(&start.stage));
    if procedure.support
        && !first.is_some_and(|stage| stage.transitions.iter().any(|it| it.asks.organization))
    {
        let help = "start at a stage with a transition of asks = { organization = true }: dispatching takes it at once";
        list.error(file.id.span(), "a support task is sent to its body where it starts", help);
    }
}

/// The owner's transitions stand where there is an owner.
fn owned(list: &mut FaultList<'_>, ownerless: &BTreeSet<&str>, edges: &[Edge<'_>]) {
    let of_nobody =
        |it: &&Edge<'_>| it.it.advance.relation == Relation::Owner && ownerless.contains(it.from.id.as_str());
    for edge in edges.iter().filter(of_nobody) {
        let reason = format!("a case can come to {:?} before any body owns it", edge.from.id);
        let help = "nobody could act: lead there by a transition with asks = { organization = true }";
        list.error(edge.file.relation.span(), reason, help);
    }
}

/// Whether somebody is told of what waits here, and in good time.
fn attended(list: &mut FaultList<'_>, file: &StageFile, stage: &Stage) {
    if stage.end.is_some() {
        return;
    }
    let by_clock = stage.transitions.iter().any(|it| it.on_timeout);
    if !stage.alarms.iter().any(|it| it.percent == WHOLE) && !by_clock {
        let help = "when its time is over those above should know: escalate = [\"leader\"]";
        list.warn(file.id.span(), format!("nobody is told when stage {:?} is over its time", stage.id), help);
    }
    let of_reporter = |it: &Transition| it.advance.relation == Relation::Reporter;
    if !by_clock && !stage.transitions.is_empty() && stage.transitions.iter().all(of_reporter) {
        let help = "many never answer: add a transition with relation = \"system\" and on_timeout = true";
        list.warn(file.id.span(), format!("stage {:?} waits for the reporter alone", stage.id), help);
    }
    if let (Some(Clock::Fixed(limit)), Some(clock)) = (stage.clock, &file.clock)
        && is_over_a_year(limit)
    {
        list.warn(clock.span(), "this clock runs for more than a year", "was another kind or amount meant?");
    }
}

fn is_over_a_year(limit: Limit) -> bool {
    limit.amount
        > match limit.kind {
            LimitKind::UrgentHours => 365 * 24,
            LimitKind::WorkHours => 250 * 8,
            LimitKind::WorkDays => 250,
            LimitKind::NaturalDays => 365,
        }
}

/// Work that is closed without anybody having looked at it.
fn unchecked(list: &mut FaultList<'_>, procedure: &Procedure, edges: &[Edge<'_>]) {
    let is_handled = |it: &&Edge<'_>| it.it.advance.relation == Relation::Owner && !it.it.effect.returns;
    for edge in edges.iter().filter(is_handled) {
        let ahead = way::reach(std::iter::once(edge.it.to.as_str()), |at| {
            way::ahead(edges, at, |it| !it.it.advance.checks && !it.it.advance.evaluates)
        });
        let closed = |id: &&str| procedure.stage(id).is_some_and(|stage| stage.end == Some(End::Closed));
        if ahead.iter().any(closed) {
            let reason = format!("after {:?} the case can be closed without a check", edge.it.id);
            let help =
                "closed is not mended: let somebody else look at it first, by a step with checks = true";
            list.warn(edge.file.id.span(), reason, help);
        }
    }
}

/// That whoever handled or dispatched a case never checks it is a law of the policies; who reads the file should see it.
fn by_others(list: &mut FaultList<'_>, edge: &Edge<'_>) {
    let it = &edge.it.advance;
    let names_them = [Party::Handler, Party::Dispatcher].iter().all(|party| it.except.contains(party));
    if it.checks && it.relation == Relation::Area && !names_them {
        let reason = format!("{:?} checks, and does not say that it is for others to do", edge.it.id);
        let help = "whoever handled or dispatched the case is refused anyway: write except = [\"handler\", \"dispatcher\"]";
        list.warn(edge.file.id.span(), reason, help);
    }
}

fn unused_grounds(list: &mut FaultList<'_>, file: &ProcedureFile, edges: &[Edge<'_>]) {
    let of_reliefs = file.stage.iter().flat_map(|it| [&it.pause, &it.extension]).flatten();
    let of_reliefs = of_reliefs.map(|it| &it.get_ref().ground);
    let of_steps = edges.iter().filter_map(|it| it.file.asks.ground.as_ref());
    let asked: Vec<&String> = of_steps.chain(of_reliefs).map(Spanned::get_ref).collect();
    for name in file.grounds.keys().filter(|name| !asked.contains(&name.get_ref())) {
        let help = format!("ask for it, asks = {{ ground = {:?} }}, or take the list out", name.get_ref());
        list.warn(name.span(), format!("no transition asks for a ground of {:?}", name.get_ref()), help);
    }
}
