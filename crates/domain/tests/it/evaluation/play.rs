//! Weeks of a town, drawn by chance.

use domain::{
    Ctx,
    case::{self, Record, StepInput},
};
use kernel::{Case, Id, Role};

use super::settle;
use crate::case::{COMMUNITY, Town, centre, lamp, team};

/// Chance that is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Takes some step that the case's stage offers. A closed case is mostly left alone.
fn step(town: &Town, id: Id<Case>, dice: &mut Dice) {
    let now = case::record(&Ctx::system(town.city.clone()), id).unwrap().case;
    if now.merged_into.is_some() {
        return;
    }
    let note = || StepInput { note: "说明".into(), ..StepInput::default() };
    let worker = if dice.below(2) == 0 {
        town.grid_worker()
    } else {
        town.person(12, &[(Role::GridAssistant, team(), COMMUNITY)])
    };
    let handler = match now.owner {
        Some(owner) => town.person(5, &[(Role::Handler, owner, "150902")]),
        None => town.handler(),
    };
    // Nobody checks again, or calls again, what they closed before it was opened again.
    let checker = town.person(30 + now.reopens as u128, &[(Role::GridSupervisor, team(), COMMUNITY)]);
    let caller = town.person(60 + now.reopens as u128, &[(Role::Acceptor, centre(), "150902")]);
    let reporter = if now.source == case::Source::Public { town.resident() } else { town.grid_worker() };
    let (acceptor, dispatcher) = (town.acceptor(), town.dispatcher());
    let photos = |ctx: &Ctx, input: StepInput| StepInput { photos: town.photos(ctx), ..input };
    let found = |what: &str| StepInput { finding: Some(what.into()), ..note() };
    let rating = StepInput {
        rating: Some(1 + dice.below(5) as i64),
        solved: Some(dice.below(2) == 0),
        ..StepInput::default()
    };
    let sent_back = StepInput { ground: Some("not-our-duty".into()), ..note() };
    let is_request = now.procedure == "public-request";
    let (ctx, transition, input) = match now.stage.as_str() {
        "collect" if dice.below(4) == 0 => (worker, "refute", found("absent")),
        "collect" => (worker.clone(), "verify", photos(&worker, found("exists"))),
        "register" if dice.below(4) == 0 => {
            (acceptor, "void", StepInput { ground: Some("does-not-exist".into()), ..note() })
        }
        "register" => (acceptor, "register", StepInput::default()),
        "accept" => (acceptor, "accept_request", StepInput::default()),
        "dispatch" => {
            let body = if dice.below(3) == 0 { town.waterworks } else { town.lighting };
            (dispatcher, "dispatch", StepInput { organization: Some(body), ..StepInput::default() })
        }
        "contact" | "handle"
            if dice.below(4) == 0 && (now.stage == "contact") == is_request && may_return(&handler, id) =>
        {
            (handler, "return", sent_back)
        }
        "contact" => (handler, "contact", found(if dice.below(3) == 0 { "unreached" } else { "reached" })),
        "handle" if is_request => (handler, "reply", note()),
        "handle" => (handler.clone(), "feed_back", photos(&handler, note())),
        "feedback" if dice.below(5) == 0 => (dispatcher, "rework", note()),
        "feedback" => (dispatcher, "accept", StepInput::default()),
        "review" => (dispatcher, "accept_reply", StepInput::default()),
        "check" if dice.below(4) == 0 => (checker.clone(), "fail", photos(&checker, note())),
        "check" => (checker.clone(), "close", photos(&checker, StepInput::default())),
        "call_back" if now.reworks == 0 && dice.below(4) == 0 => (caller, "redo", note()),
        "call_back" if dice.below(4) == 0 => (caller, "unanswered", found("unreached")),
        "call_back" => (caller, "call_back", rating),
        "evaluate" | "closed" if dice.below(3) == 0 && now.reopens < 2 && is_recent(town, &now) => {
            (reporter, "reopen", note())
        }
        "evaluate" => (reporter, "rate", rating),
        _ => return,
    };
    case::advance(&ctx, id, transition, &input).unwrap();
}

/// Whether the body may still give it back; after a ruling, or once it did, it may not.
fn may_return(handler: &Ctx, id: Id<Case>) -> bool {
    case::record(handler, id).unwrap().transitions.iter().any(|it| it == "return")
}

/// Every eighth report is found to be a second one of the last before it that is open.
fn merge_some(town: &Town, ids: &[Id<Case>]) {
    let all = Ctx::system(town.city.clone());
    let Some((last, before)) = ids.split_last().filter(|_| ids.len().is_multiple_of(8)) else { return };
    let of = |id: &Id<Case>| case::record(&all, *id).unwrap().case;
    let second = of(last);
    let is_like = |it: &case::Case| {
        it.status == case::Status::Open && it.handled_at.is_none() && it.class == second.class
    };
    if let Some(main) = before.iter().rev().map(of).find(is_like) {
        case::merge(&town.acceptor(), *last, main.id, None, "同一件事").unwrap();
    }
}

/// Whether it may still be opened again.
fn is_recent(town: &Town, case: &case::Case) -> bool {
    town.city.clock.now().seconds_since(case.stage_since) < 7 * 86_400
}

/// Some ninety days of cases that come and move; after each move `look` is called.
pub fn history(town: &Town, mut look: impl FnMut(usize, &[Id<Case>])) {
    let (mut dice, mut ids) = (Dice(20_261_126), Vec::new());
    for turn in 0..448 {
        town.clock.pass_seconds(600 + dice.below(12 * 3_600) as i64);
        if ids.is_empty() || dice.below(6) == 0 {
            let class =
                ["c1-street-lamp", "c1-water-supply", "c2-road-surface", "e9-other"][dice.below(4) as usize];
            let procedure = if class == "e9-other" { "public-request" } else { "city-event" };
            let report = case::Report { class: class.into(), procedure: procedure.into(), ..lamp(turn + 1) };
            let by = if dice.below(3) == 0 { town.grid_worker() } else { town.resident() };
            ids.push(case::report(&by, report).unwrap().0.id);
            merge_some(town, &ids);
        } else {
            // Of two moves one is of the latest case, so that some come to their ends in time.
            let latest = dice.below(2) == 0;
            let index = if latest { ids.len() - 1 } else { dice.below(ids.len() as u64) as usize };
            step(town, ids[index], &mut dice);
        }
        // Some are entered in pages at once, others after many moves.
        if dice.below(9) == 0 {
            settle(town);
        }
        look(turn as usize, &ids);
    }
}

pub fn records(town: &Town, ids: &[Id<Case>]) -> Vec<Record> {
    let all = Ctx::system(town.city.clone());
    ids.iter().map(|id| case::record(&all, *id).unwrap()).collect()
}

/// Periods that its history reaches into, and one that it lies in.
pub const PERIODS: [(&str, &str); 6] = [
    ("2026-11-20", "2026-11-30"),
    ("2026-12-01", "2026-12-31"),
    ("2026-12-10", "2026-12-10"),
    ("2027-01-01", "2027-01-31"),
    ("2027-02-01", "2027-02-28"),
    ("2026-01-01", "2027-12-31"),
];
