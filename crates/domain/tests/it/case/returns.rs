//! Giving a case back: how often, how soon, and where it ends.

use domain::{Ctx, area, case::StepInput};
use kernel::{Organization, Role};
use store::both;

use super::*;

fn handler_of(town: &Town, body: Id<Organization>) -> Ctx {
    town.person(5, &[(Role::Handler, body, "150902")])
}

fn back() -> StepInput {
    StepInput { note: "不归我们".into(), ground: Some("not-our-duty".into()), ..StepInput::default() }
}

fn send(town: &Town, id: Id<Case>, body: Id<Organization>) {
    let send = StepInput { organization: Some(body), ..StepInput::default() };
    case::advance(&town.dispatcher(), id, "dispatch", &send).unwrap();
}

fn open_to(ctx: &Ctx, id: Id<Case>) -> Vec<String> {
    case::record(ctx, id).unwrap().transitions
}

both!(after_two_bodies_gave_it_back_the_third_can_only_have_it_ruled_on, |db: Db| {
    let town = Town::new(db);
    let system = Ctx::system(town.city.clone());
    let county = system.read(|tx| area::place(tx, "150902")).unwrap().unwrap();
    let third = found(&system, "集宁区城管局", Role::Handler, &county);
    let id = town.dispatched(1);
    for (body, next) in [(town.lighting, town.waterworks), (town.waterworks, third)] {
        let handler = handler_of(&town, body);
        assert_eq!(open_to(&handler, id), ["feed_back", "return"]);
        case::advance(&handler, id, "return", &back()).unwrap();
        send(&town, id, next);
    }
    let handler = handler_of(&town, third);
    assert_eq!(open_to(&handler, id), ["feed_back", "dispute"], "it has given nothing back itself");
    assert_eq!(conflict(case::advance(&handler, id, "return", &back())), "conflict-in-all");
    let record = case::advance(&handler, id, "dispute", &back()).unwrap();
    assert_eq!((record.case.stage.as_str(), record.case.returns), ("adjudicate", 3));
    let rule =
        StepInput { organization: Some(town.lighting), note: "归照明所".into(), ..StepInput::default() };
    let beside = town.person(18, &[(Role::Leader, centre(), "150902001")]);
    let denied = case::advance(&beside, id, "rule", &rule);
    assert!(matches!(denied, Err(Refusal::Denied)), "the tier that sent it does not rule: {denied:?}");
    let leader = town.person(8, &[(Role::Leader, centre(), "150902")]);
    case::advance(&leader, id, "rule", &rule).unwrap();
    assert_eq!(open_to(&town.handler(), id), ["feed_back"], "and the ruling binds");
});

// Given on Friday morning: one work day ends on Monday at 18:00.
both!(a_case_is_given_back_soon_after_it_was_given_and_a_rework_is_no_new_beginning, |db: Db| {
    let town = Town::new(db);
    let (id, other) = (town.dispatched(1), town.dispatched(2));
    let handler = || town.handler();
    town.clock.set("2026-11-23T18:00:00+08:00");
    assert_eq!(open_to(&handler(), id), ["feed_back", "return"]);
    case::advance(&handler(), other, "return", &back()).unwrap();
    town.clock.set("2026-11-23T18:00:01+08:00");
    assert_eq!(open_to(&handler(), id), ["feed_back"]);
    assert_eq!(conflict(case::advance(&handler(), id, "return", &back())), "conflict-return-window");
    let done =
        StepInput { note: "换了灯泡".into(), photos: town.photos(&handler()), ..StepInput::default() };
    case::advance(&handler(), id, "feed_back", &done).unwrap();
    let again = StepInput { note: "还在闪".into(), ..StepInput::default() };
    case::advance(&town.dispatcher(), id, "rework", &again).unwrap();
    assert_eq!(conflict(case::advance(&handler(), id, "return", &back())), "conflict-return-window");
    // Another body has a time of its own.
    send(&town, other, town.waterworks);
    town.clock.set("2026-11-24T17:00:00+08:00");
    case::advance(&handler_of(&town, town.waterworks), other, "return", &back()).unwrap();
});
