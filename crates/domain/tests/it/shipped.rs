//! The procedures that ship beside the city event, each walked from its start to an end, and what goes wrong on the way.

use domain::{
    Refusal,
    case::{self, Contact, Report, Status},
};
use kernel::Role;
use store::{Db, both};

use crate::{
    cast::{Cast, found, ground, plain, rated, to},
    ground::{COUNTY, GRID, path},
};

both!(a_request_is_answered_after_a_first_contact_and_closed_by_a_call_back, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    let case = cast.report(cast.acceptor, "public-request", "e9-other");
    assert_eq!((case.stage.as_str(), case.registered_at.is_some()), ("dispatch", true), "taken at the desk");
    let id = case.id;
    let case = cast.walk(id, &[(cast.dispatcher, "dispatch", to(body))]);
    let within = case.stage_due.unwrap().seconds_since(cast.ground.now());
    assert_eq!((case.stage.as_str(), within), ("contact", 24 * 3_600), "contacted within a day and a night");
    assert!(matches!(case::read_contact(&cast.as_one(handler), id), Err(Refusal::Denied)), "sealed");
    assert!(case::read_contact(&cast.as_one(cast.acceptor), id).unwrap().phone.is_some());
    let case = cast.walk(id, &[(handler, "contact", found("reached")), (handler, "reply", plain())]);
    assert_eq!(case.stage, "review");
    cast.walk(id, &[(cast.dispatcher, "accept_reply", plain())]);

    // The acceptor who took the request is its reporter in the books: another one calls back.
    cast.denied(handler, id, "call_back", rated(5, true));
    cast.denied(cast.dispatcher, id, "call_back", rated(5, true));
    cast.denied(cast.acceptor, id, "call_back", rated(5, true));
    let other = cast.ground.officer("受理员二", Role::Acceptor, COUNTY);
    let case = cast.walk(id, &[(other, "call_back", rated(4, true))]);
    assert_eq!((case.status, case.rating, case.solved), (Status::Closed, Some(4), Some(true)));
    // The three rates: contacted, solved, satisfied.
    let events = case::record(&cast.as_one(other), id).unwrap().events;
    let contact = events.iter().find(|it| it.transition == "contact").unwrap();
    assert_eq!(contact.detail.finding.as_deref(), Some("reached"));
    assert_eq!(events.last().unwrap().detail.rating, Some(4));
});

both!(
    a_request_that_is_not_solved_is_done_again_twice_and_one_that_nobody_answers_is_closed_as_such,
    |db: Db| {
        let cast = Cast::new(db);
        let (body, handler) = cast.team;
        let id = cast.report(cast.resident, "public-request", "e9-other").id;
        assert_eq!(cast.open_to(cast.acceptor, id), ["accept_request", "void"]);
        cast.walk(id, &[(cast.acceptor, "accept_request", plain()), (cast.dispatcher, "dispatch", to(body))]);
        cast.walk(
            id,
            &[(handler, "return", ground("not-our-duty")), (cast.dispatcher, "dispatch", to(body))],
        );
        assert_eq!(cast.open_to(handler, id), ["contact", "dispute"], "its return is used up");
        let case =
            cast.walk(id, &[(handler, "dispute", ground("not-our-duty")), (cast.leader, "rule", to(body))]);
        assert_eq!((case.stage.as_str(), case.returns), ("contact", 2));
        assert_eq!(cast.open_to(handler, id), ["contact"], "the ruling binds");
        cast.walk(id, &[(cast.acceptor, "contact_by_desk", found("unreached"))]);
        let again = [(handler, "reply", plain()), (cast.dispatcher, "accept_reply", plain())];
        for round in 1..=2 {
            cast.walk(id, &again);
            assert_eq!(cast.walk(id, &[(cast.acceptor, "redo", plain())]).reworks, round);
        }
        cast.walk(id, &again);
        assert_eq!(cast.open_to(cast.acceptor, id), ["call_back", "unanswered"]);
        assert_eq!(
            cast.open_to(cast.resident, id),
            ["rate"],
            "the requester may say it without being called"
        );
        let case = cast.walk(id, &[(cast.acceptor, "unanswered", plain())]);
        assert_eq!((case.status, case.rating, case.solved), (Status::Closed, None, None));
        assert_eq!(case.passed_at, None, "nobody said that it is solved");
        let declined = cast.report(cast.resident, "public-request", "e9-other").id;
        let case = cast.walk(declined, &[(cast.acceptor, "void", ground("before-a-court"))]);
        assert_eq!(case.status, Status::Void);
    }
);

both!(a_hazard_is_graded_ordered_and_inspected_again_by_somebody_else, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.manager;
    let id = cast.report(cast.resident, "safety-hazard", "e2-fire-exit").id;
    cast.walk(id, &[(cast.grid_leader, "inspect", found("exists"))]);
    let bare = cast.take(cast.acceptor, id, "grade", plain());
    assert!(matches!(bare, Err(Refusal::Invalid(_))), "a hazard has a grade: {bare:?}");
    let case = cast.walk(id, &[(cast.acceptor, "grade", ground("major"))]);
    assert!(case.registered_at.is_some());
    let case = cast.walk(id, &[(cast.dispatcher, "order_at_once", to(body))]);
    assert_eq!(case.stage_due.unwrap().seconds_since(cast.ground.now()), 24 * 3_600);
    cast.walk(id, &[(handler, "rectified", plain())]);
    for party in [cast.grid_leader, cast.dispatcher, handler, cast.resident] {
        cast.denied(party, id, "close", plain());
    }
    assert_eq!(cast.walk(id, &[(cast.supervisor, "close", plain())]).status, Status::Closed);
});

both!(a_hazard_that_is_not_put_right_in_time_goes_to_the_enforcement_team, |db: Db| {
    let cast = Cast::new(db);
    let ((body, handler), (team, officer)) = (cast.manager, cast.team);
    let case = cast.report(cast.grid_leader, "safety-hazard", "e2-construction");
    assert_eq!(case.stage, "grade", "found on inspection by a grid worker");
    let id = case.id;
    let case =
        cast.walk(id, &[(cast.acceptor, "grade", ground("general")), (cast.dispatcher, "order", to(body))]);
    assert_eq!(case.stage_due.unwrap().to_string(), "2026-12-04T18:00:00+08:00", "ten work days");
    cast.ground.clock.set("2026-12-04T18:00:01+08:00");
    assert_eq!(case::tick(&cast.ground.city).unwrap().moved, 1);
    let late = cast.take(handler, id, "rectified", plain());
    assert!(matches!(late, Err(Refusal::Conflict(_))), "its time is over: {late:?}");
    let enforce = [(cast.dispatcher, "refer", to(team)), (officer, "enforced", plain())];
    cast.walk(id, &enforce);
    let case = cast.walk(id, &[(cast.supervisor, "fail", plain())]);
    assert_eq!((case.stage.as_str(), case.reworks), ("refer", 1));
    cast.walk(id, &enforce);
    cast.denied(cast.grid_leader, id, "close", plain());
    assert_eq!(cast.walk(id, &[(cast.supervisor, "close", plain())]).status, Status::Closed);
});

both!(a_repair_goes_from_resident_to_manager_to_the_communitys_check_and_is_rated, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.manager;
    let id = cast.report(cast.resident, "compound-repair", "p1-lift").id;
    let case = cast.walk(id, &[(cast.grid_leader, "assign", to(body))]);
    assert_eq!((case.stage.as_str(), case.owner), ("repair", Some(body)));
    assert!(case.registered_at.is_some() && case.due.is_some());
    cast.walk(id, &[(handler, "feed_back", plain())]);
    cast.denied(cast.grid_leader, id, "close", plain());
    let case = cast.walk(id, &[(cast.supervisor, "close", plain()), (cast.resident, "rate", rated(5, true))]);
    assert_eq!((case.status, case.rating), (Status::Closed, Some(5)));
});

both!(a_manager_who_does_not_move_or_passes_it_on_has_the_township_decide, |db: Db| {
    let cast = Cast::new(db);
    let ((body, handler), (team, officer)) = (cast.manager, cast.team);
    let idle = cast.report(cast.resident, "compound-repair", "p1-lift").id;
    let refused = cast.report(cast.resident, "compound-repair", "p1-leak").id;
    for id in [idle, refused] {
        cast.walk(id, &[(cast.grid_leader, "assign", to(body))]);
    }
    let case = cast.walk(refused, &[(handler, "return", ground("owned-by-a-utility"))]);
    assert_eq!((case.stage.as_str(), case.returns), ("township", 1));
    cast.ground.clock.pass_seconds(24 * 3_600 + 1);
    case::tick(&cast.ground.city).unwrap();
    let stage = case::record(&cast.as_one(cast.dispatcher), idle).unwrap().case.stage;
    assert_eq!(stage, "township", "the clock of its class ran out");
    cast.walk(idle, &[(cast.dispatcher, "supervise", to(body))]);
    assert_eq!(cast.open_to(handler, idle), ["feed_back"], "it is not given back again");
    let case = cast.walk(idle, &[(handler, "feed_back", plain()), (cast.supervisor, "fail", plain())]);
    assert_eq!((case.stage.as_str(), case.reworks), ("supervised", 1));
    cast.walk(idle, &[(handler, "feed_back", plain()), (cast.supervisor, "close", plain())]);
    cast.walk(refused, &[(cast.dispatcher, "supervise", to(team)), (officer, "feed_back", plain())]);
    cast.denied(officer, refused, "close", plain());
    cast.ground.clock.pass_seconds(8 * 86_400);
    case::tick(&cast.ground.city).unwrap();
    let case = case::record(&cast.as_one(cast.dispatcher), idle).unwrap().case;
    assert_eq!((case.status, case.rating), (Status::Closed, None), "nobody rated it in a week");
});

both!(an_emergency_runs_through_the_night_is_checked_and_ended_by_those_above, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    cast.ground.clock.set("2026-11-21T23:30:00+08:00");
    let case = cast.report(cast.leader, "emergency-task", "c2-snow-ice");
    assert_eq!(case.stage_due.unwrap().to_string(), "2026-11-22T00:30:00+08:00", "Saturday at midnight");
    let id = case.id;
    cast.denied(cast.grid_leader, id, "assign_task", to(body));
    let case = cast.walk(id, &[(cast.commander, "assign_task", to(body))]);
    assert_eq!(case.stage_due.unwrap().seconds_since(cast.ground.now()), 12 * 3_600);
    cast.walk(id, &[(handler, "report_back", plain())]);
    let case = cast.walk(id, &[(cast.supervisor, "fail", plain())]);
    assert_eq!((case.stage.as_str(), case.reworks), ("handle", 1));
    let case = cast.walk(id, &[(handler, "report_back", plain()), (cast.supervisor, "confirm", plain())]);
    assert!(case.passed_at.is_some(), "it passed its check, and those above have not ended it");
    cast.denied(cast.commander, id, "conclude", plain());
    cast.denied(handler, id, "conclude", plain());
    let case = cast.walk(id, &[(cast.leader, "carry_on", plain()), (handler, "report_back", plain())]);
    assert_eq!((case.stage.as_str(), case.reworks, case.passed_at), ("check", 2, None));
    let case = cast.walk(id, &[(cast.grid_leader, "confirm", plain()), (cast.leader, "conclude", plain())]);
    assert_eq!((case.status, case.registered_at.is_some()), (Status::Closed, true));
});

both!(a_procedure_is_started_only_by_those_whom_it_names, |db: Db| {
    let cast = Cast::new(db);
    let ctx = cast.as_one(cast.resident);
    let report = Report {
        id: ctx.id(),
        procedure: "emergency-task".into(),
        class: "c2-snow-ice".into(),
        area: GRID.into(),
        place: String::new(),
        position: None,
        description: "下雪了".into(),
        contact: Contact::default(),
        photos: Vec::new(),
    };
    assert!(matches!(case::report(&ctx, report.clone()), Err(Refusal::Denied)));
    let unknown = Report { procedure: "no-such-procedure".into(), ..report };
    assert!(matches!(case::report(&ctx, unknown), Err(Refusal::Invalid(_))));
    let offered = |by| -> Vec<String> {
        case::kinds(&cast.as_one(by), &path(GRID)).iter().map(|it| it.id.clone()).collect()
    };
    assert_eq!(offered(cast.leader), ["emergency-task"]);
    assert_eq!(offered(cast.dispatcher), ["emergency-task"]);
    for by in [cast.resident, cast.grid_leader, cast.acceptor] {
        assert_eq!(offered(by), [""; 0]);
    }
    let elsewhere = cast.ground.officer("卓资县领导", Role::Leader, "150921");
    assert_eq!(offered(elsewhere), [""; 0], "only where they have the office");
});

both!(a_grid_worker_brings_a_request_to_the_desk_and_no_one_else_brings_it_further, |db: Db| {
    let cast = Cast::new(db);
    let case = cast.report(cast.grid_leader, "public-request", "e9-other");
    assert_eq!((case.stage.as_str(), case.source), ("accept", case::Source::GridWorker));
    assert_eq!(case.registered_at, None, "nobody has accepted it");
    cast.denied(cast.grid_leader, case.id, "accept_request", plain());
    assert_eq!(cast.walk(case.id, &[(cast.acceptor, "accept_request", plain())]).stage, "dispatch");
    let own = cast.report(cast.resident, "public-request", "e9-other");
    assert_eq!((own.stage.as_str(), own.source), ("accept", case::Source::Public));
});

both!(an_appeal_about_a_pass_is_looked_at_by_whoever_keeps_the_fact_and_checked_by_another, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    let id = cast.report(cast.resident, "pass-appeal", "e9-other").id;
    assert_eq!(cast.open_to(cast.acceptor, id), ["accept_appeal", "void"]);
    cast.denied(handler, id, "accept_appeal", plain());
    cast.walk(id, &[(cast.acceptor, "accept_appeal", plain()), (cast.dispatcher, "dispatch", to(body))]);
    let case = cast.walk(id, &[(handler, "return", ground("not-our-fact")), (cast.leader, "rule", to(body))]);
    let within = case.stage_due.unwrap().seconds_since(cast.ground.now());
    assert_eq!((case.stage.as_str(), within), ("examine", 24 * 3_600), "a day and a night, holidays too");
    assert_eq!(cast.open_to(handler, id), ["correct", "explain"], "the ruling binds");
    cast.walk(id, &[(handler, "explain", plain())]);
    cast.denied(handler, id, "close", plain());
    cast.denied(cast.dispatcher, id, "close", plain());
    let case = cast.walk(id, &[(cast.acceptor, "fail", plain()), (handler, "correct", plain())]);
    assert_eq!((case.stage.as_str(), case.reworks), ("check", 1));
    let case = cast.walk(id, &[(cast.acceptor, "close", plain()), (cast.resident, "rate", rated(5, true))]);
    assert_eq!((case.status, case.rating), (Status::Closed, Some(5)));
    let declined = cast.report(cast.resident, "pass-appeal", "e9-other").id;
    let case = cast.walk(declined, &[(cast.acceptor, "void", ground("has-a-pass"))]);
    assert_eq!(case.status, Status::Void);
});
