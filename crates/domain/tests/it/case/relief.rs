//! Pauses and extensions: asked for by the body, decided by somebody else, counted by the clock.

use domain::{
    Ctx, Refusal, Window,
    case::{self, ReliefDecision, ReliefKind, ReliefRequest, Status, StepInput},
    notice::{self, NoticeKind},
};
use kernel::{Case, Id, Role};
use store::{Db, both};

use super::{Town, centre, fields};

fn extension() -> ReliefRequest {
    let ground = "several-bodies".into();
    ReliefRequest {
        request: None,
        kind: ReliefKind::Extension,
        ground,
        until: None,
        note: "要和水务局一起修".into(),
    }
}

fn pause(until: &str) -> ReliefRequest {
    let until = Some(until.parse().unwrap());
    ReliefRequest { kind: ReliefKind::Pause, ground: "waits-for-parts".into(), until, ..extension() }
}

fn decision(granted: bool) -> ReliefDecision {
    ReliefDecision { request: None, granted, note: "同意".into() }
}

fn leader(town: &Town) -> Ctx {
    town.person(71, &[(Role::Leader, centre(), "150902")])
}

fn due(town: &Town, id: Id<Case>) -> (String, String) {
    let case = case::record(&town.acceptor(), id).unwrap().case;
    (case.stage_due.unwrap().to_string(), case.due.unwrap().to_string())
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> &'static str {
    match outcome {
        Err(Refusal::Conflict(message)) => message.id,
        other => panic!("{other:?}"),
    }
}

both!(an_extension_adds_the_same_limit_from_the_deadline_on_and_can_be_granted_twice, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let (handler, dispatcher) = (|| town.handler(), || town.dispatcher());
    assert_eq!(due(&town, id).0, "2026-11-25T18:00:00+08:00", "three work days");
    assert_eq!(case::record(&handler(), id).unwrap().reliefs, [ReliefKind::Pause, ReliefKind::Extension]);
    assert!(matches!(case::ask_relief(&dispatcher(), id, &extension()), Err(Refusal::Denied)));
    assert_eq!(conflict(case::decide_relief(&dispatcher(), id, &decision(true))), "conflict-relief-none");

    // A refusal is not counted, and says why.
    case::ask_relief(&handler(), id, &extension()).unwrap();
    assert_eq!(conflict(case::ask_relief(&handler(), id, &extension())), "conflict-relief-asked");
    let nothing = ReliefDecision { note: String::new(), ..decision(false) };
    assert_eq!(fields(case::decide_relief(&dispatcher(), id, &nothing).unwrap_err()), ["note"]);
    assert!(matches!(case::decide_relief(&handler(), id, &decision(true)), Err(Refusal::Denied)));
    case::decide_relief(&dispatcher(), id, &decision(false)).unwrap();
    assert_eq!(due(&town, id).0, "2026-11-25T18:00:00+08:00");

    for (at, expected) in [
        ("2026-11-25T17:00:00+08:00", "2026-11-30T18:00:00+08:00"),
        ("2026-11-30T17:00:00+08:00", "2026-12-03T18:00:00+08:00"),
    ] {
        town.clock.set(at);
        case::tick(&town.city).unwrap();
        case::ask_relief(&handler(), id, &extension()).unwrap();
        // What is granted after the deadline counts from the deadline all the same.
        town.clock.pass_seconds(4_000);
        let record = case::decide_relief(&dispatcher(), id, &decision(true)).unwrap();
        assert_eq!(
            record.events.last().unwrap().detail.moved.unwrap().stage.unwrap().1.to_string(),
            expected
        );
        assert_eq!(due(&town, id), (expected.into(), expected.into()), "the whole moves along");
    }
    assert_eq!(conflict(case::ask_relief(&handler(), id, &extension())), "conflict-extended");
    // What lies ahead again is told again: eight tenths of nine days.
    let case = case::record(&handler(), id).unwrap().case;
    assert_eq!((case.extensions, case.escalated), (2, 0));
    town.clock.set("2026-12-03T18:00:01+08:00");
    case::tick(&town.city).unwrap();
    assert_eq!(case::record(&handler(), id).unwrap().case.escalated, 100);
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());
});

both!(a_paused_case_stands_still_is_shown_as_paused_and_goes_on_by_itself, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let (handler, leader) = (|| town.handler(), || leader(&town));
    for (until, field) in [("2026-11-20", "until"), ("2027-11-21", "until")] {
        assert_eq!(fields(case::ask_relief(&handler(), id, &pause(until)).unwrap_err()), [field], "{until}");
    }
    let strange = ReliefRequest { ground: "no-mood".into(), until: None, ..pause("2026-12-01") };
    assert_eq!(fields(case::ask_relief(&handler(), id, &strange).unwrap_err()), ["ground", "until"]);

    town.clock.set("2026-11-23T10:00:00+08:00");
    case::ask_relief(&handler(), id, &pause("2026-12-01")).unwrap();
    let asked = case::record(&leader(), id).unwrap();
    assert!(asked.may_decide && asked.asked.is_some());
    assert!(!case::record(&town.dispatcher(), id).unwrap().may_decide, "the leader's to decide");
    case::decide_relief(&leader(), id, &decision(true)).unwrap();
    // Of three work days none had passed: Monday, on which it was paused, does not count.
    assert_eq!(due(&town, id).0, "2026-12-03T18:00:00+08:00");

    let record = case::record(&town.resident(), id).unwrap();
    assert!(record.case.is_paused(Ctx::system(town.city.clone()).now) && record.transitions.is_empty());
    let done =
        StepInput { note: "换了灯泡".into(), photos: town.photos(&handler()), ..StepInput::default() };
    assert_eq!(conflict(case::advance(&handler(), id, "feed_back", &done)), "conflict-paused");
    assert_eq!(conflict(case::ask_relief(&handler(), id, &extension())), "conflict-paused");
    assert!(case::add_note(&handler(), id, None, "配件下周到", true, &[]).is_ok());
    town.clock.set("2026-11-30T23:59:59+08:00");
    assert_eq!(case::tick(&town.city).unwrap(), case::Done::default());

    town.clock.set("2026-12-01T00:00:01+08:00");
    assert_eq!(case::tick(&town.city).unwrap().escalated, 1);
    assert_eq!(case::tick(&town.city).unwrap(), case::Done::default(), "once");
    let record = case::record(&handler(), id).unwrap();
    assert_eq!(record.events.last().unwrap().transition, case::RESUMED);
    assert_eq!(record.transitions, ["feed_back"]);
    let kinds: Vec<_> = notice::list(&handler(), &Window::first(2)).unwrap().items;
    let kinds: Vec<_> = kinds.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [NoticeKind::CaseWaiting, NoticeKind::CaseReliefDecided]);
    assert_eq!(conflict(case::ask_relief(&handler(), id, &pause("2026-12-02"))), "conflict-paused-once");
    case::advance(&handler(), id, "feed_back", &done).unwrap();
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());
});

both!(a_pause_ends_before_its_day_where_the_reason_for_it_is_gone, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let (handler, leader) = (|| town.handler(), || leader(&town));
    assert_eq!(conflict(case::end_pause(&handler(), id, None, "配件到了")), "conflict-not-paused");
    town.clock.set("2026-11-23T10:00:00+08:00");
    case::ask_relief(&handler(), id, &pause("2026-12-01")).unwrap();
    case::decide_relief(&leader(), id, &decision(true)).unwrap();
    town.clock.set("2026-11-24T10:00:00+08:00");
    assert!(case::record(&handler(), id).unwrap().may_end_pause);
    assert!(!case::record(&town.resident(), id).unwrap().may_end_pause);
    assert!(matches!(case::end_pause(&town.dispatcher(), id, None, "快点"), Err(Refusal::Denied)));
    assert_eq!(fields(case::end_pause(&handler(), id, None, " ").unwrap_err()), ["note"]);
    let request = Some(uuid::Uuid::from_u128(7));
    let record = case::end_pause(&handler(), id, request, "配件到了").unwrap();
    // It stood still for one day, Monday ten to Tuesday ten, and not for eight.
    let moved = record.events.last().unwrap().detail.moved.unwrap().stage.unwrap();
    assert_eq!(
        (moved.0.to_string(), moved.1.to_string()),
        ("2026-12-03T18:00:00+08:00".into(), due(&town, id).0)
    );
    assert_eq!(due(&town, id).0, "2026-11-27T18:00:00+08:00", "Monday and Tuesday do not count");
    assert_eq!(record.transitions, ["feed_back"], "given on Friday it is given back until Monday");
    let again = case::end_pause(&handler(), id, request, "配件到了").unwrap();
    assert_eq!(again.case.revision, record.case.revision, "the same request again changes nothing");
    assert_eq!(case::tick(&town.city).unwrap(), case::Done::default(), "the clock has nothing to add");
    town.clock.set("2026-12-01T00:00:01+08:00");
    case::tick(&town.city).unwrap();
    let events = case::record(&handler(), id).unwrap().events;
    assert!(
        events.iter().all(|it| it.transition != case::RESUMED),
        "nor on the day on which it would have ended"
    );
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());
});

both!(nothing_is_asked_for_after_the_deadline_or_where_the_case_has_moved_on, |db: Db| {
    let town = Town::new(db);
    let (late, moved) = (town.dispatched(1), town.dispatched(2));
    let handler = || town.handler();
    case::ask_relief(&handler(), moved, &extension()).unwrap();
    let done =
        StepInput { note: "换了灯泡".into(), photos: town.photos(&handler()), ..StepInput::default() };
    case::advance(&handler(), moved, "feed_back", &done).unwrap();
    let dispatcher = town.dispatcher();
    assert_eq!(conflict(case::decide_relief(&dispatcher, moved, &decision(true))), "conflict-relief-none");
    assert_eq!(conflict(case::ask_relief(&handler(), moved, &extension())), "conflict-stage");
    town.clock.set("2026-11-25T18:00:01+08:00");
    assert_eq!(conflict(case::ask_relief(&handler(), late, &extension())), "conflict-relief-late");
    assert_eq!(case::record(&handler(), late).unwrap().reliefs, []);
    // The same request again changes nothing.
    town.clock.set("2026-11-20T10:00:00+08:00");
    let request = Some(uuid::Uuid::from_u128(7));
    let first = case::ask_relief(&handler(), late, &ReliefRequest { request, ..extension() }).unwrap();
    let again = case::ask_relief(&handler(), late, &ReliefRequest { request, ..extension() }).unwrap();
    assert_eq!((first.case.revision, first.case.status), (again.case.revision, Status::Open));
});
