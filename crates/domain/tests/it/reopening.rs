//! A closed case is opened again by who is not content: who learns of it, who judges it then, and what the books say.

use domain::{
    Ctx, Refusal, Window,
    case::{self, Case, Filter, Lens, Reopening, Status, StepInput},
    notice::{self, NoticeKind},
};
use kernel::{Case as CaseName, Id, Person, Role};
use store::{Db, both};

use crate::{
    cast::{Cast, found, plain, rated, to},
    ground::{COMMUNITY, COUNTY, GRID},
};

/// A lamp that was mended, checked and, if `rating` says so, rated.
fn closed(cast: &Cast, rating: Option<i64>) -> Id<CaseName> {
    let (body, handler) = cast.team;
    let id = cast.report(cast.resident, "city-event", "c1-street-lamp").id;
    cast.walk(id, &[(cast.grid_leader, "verify", found("exists")), (cast.dispatcher, "dispatch", to(body))]);
    handled_and_checked(cast, id, handler, cast.supervisor);
    if let Some(rating) = rating {
        cast.walk(id, &[(cast.resident, "rate", rated(rating, false))]);
    }
    id
}

fn handled_and_checked(cast: &Cast, id: Id<CaseName>, handler: Id<Person>, checker: Id<Person>) -> Case {
    let steps =
        [(handler, "feed_back", plain()), (cast.dispatcher, "accept", plain()), (checker, "close", plain())];
    cast.walk(id, &steps)
}

fn told(ctx: &Ctx, kind: NoticeKind) -> usize {
    let notices = notice::list(ctx, &Window::first(50)).unwrap().items;
    notices.iter().filter(|it| it.kind == kind).count()
}

fn listed(ctx: &Ctx, lens: &Lens, filter: Filter) -> Vec<Id<CaseName>> {
    let page = case::list(ctx, lens, &filter, &Window::first(10)).unwrap();
    page.items.iter().map(|it| it.id).collect()
}

fn with(status: Status) -> Filter {
    Filter { status: Some(status), ..Filter::default() }
}

fn offered(cast: &Cast, by: Id<Person>, id: Id<CaseName>) -> Option<Reopening> {
    case::record(&cast.as_one(by), id).unwrap().reopening
}

both!(a_reporter_who_is_not_content_has_it_done_again_and_somebody_else_checks_it, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    let id = closed(&cast, Some(1));
    let first = cast.ground.now();
    let until = offered(&cast, cast.resident, id).unwrap();
    assert_eq!((until.is_open, until.until.unwrap().seconds_since(first)), (true, 7 * 86_400));
    assert_eq!(offered(&cast, cast.dispatcher, id), None, "it is not for the dispatcher to open");

    cast.ground.clock.pass_seconds(3_600);
    let bare = case::advance(&cast.as_one(cast.resident), id, "reopen", &StepInput::default());
    assert!(matches!(bare, Err(Refusal::Invalid(_))), "with a reason in writing: {bare:?}");
    for stranger in [handler, cast.dispatcher, cast.supervisor] {
        cast.denied(stranger, id, "reopen", plain());
    }
    let case = cast.walk(id, &[(cast.resident, "reopen", plain())]);
    assert_eq!((case.stage.as_str(), case.status, case.reopens), ("dispatch", Status::Open, 1));
    assert_eq!((case.closed_at, case.handled_at, case.passed_at), (None, None, None));
    assert_eq!((case.rating, case.solved), (None, None), "what was rated is not what will be done now");
    assert_eq!((case.first_closed_at, case.reopened_at), (Some(first), Some(cast.ground.now())));
    let record = case::record(&cast.as_one(cast.resident), id).unwrap();
    assert!(
        record.events.iter().any(|it| it.transition == "close"),
        "the first closing stays in the timeline"
    );
    assert_eq!(
        record.photos.iter().filter(|it| it.revision == case.revision).count(),
        1,
        "shown with a photo"
    );

    for (who, kind) in [
        (cast.supervisor, NoticeKind::CaseReopened),
        (cast.leader, NoticeKind::CaseReopened),
        (handler, NoticeKind::CaseReopened),
        (cast.dispatcher, NoticeKind::CaseWaiting),
    ] {
        assert!(told(&cast.as_one(who), kind) > 0, "{kind:?}");
    }
    let leader = cast.as_one(cast.leader);
    assert_eq!(listed(&leader, &Lens::Everything, with(Status::Closed)), []);
    let reopened = Filter { reopened: true, ..with(Status::Open) };
    assert_eq!(listed(&leader, &Lens::Everything, reopened.clone()), [id]);
    assert_eq!(case::tally(&leader, &Lens::Everything).unwrap().of(&reopened), Some(1));
    let of_body = Lens::Organization(body);
    assert_eq!(listed(&cast.as_one(handler), &of_body, with(Status::Closed)), []);

    cast.walk(id, &[(cast.dispatcher, "dispatch", to(body)), (handler, "feed_back", plain())]);
    cast.walk(id, &[(cast.dispatcher, "accept", plain())]);
    cast.denied(cast.supervisor, id, "close", plain());
    cast.denied(cast.supervisor, id, "fail", plain());
    let case = cast.walk(id, &[(cast.acceptor, "close", plain()), (cast.resident, "rate", rated(5, true))]);
    assert_eq!((case.status, case.rating, case.reopens), (Status::Closed, Some(5), 1));
    assert_eq!((case.first_closed_at, case.closed_at), (Some(first), Some(cast.ground.now())));
    assert_eq!(listed(&leader, &Lens::Everything, with(Status::Closed)), [id]);
    assert_eq!(listed(&cast.as_one(handler), &of_body, with(Status::Closed)), [id]);
    let audit = case::audit(&Ctx::system(cast.ground.city.clone())).unwrap();
    assert_eq!((audit.cases, audit.faults), (1, Vec::<String>::new()));
});

both!(a_case_is_opened_again_twice_at_most_from_whichever_stage, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    let id = closed(&cast, None);
    let case = cast.walk(id, &[(cast.resident, "reopen", plain()), (cast.dispatcher, "dispatch", to(body))]);
    assert_eq!((case.reopens, case.first_closed_at.is_some()), (1, true), "before it was rated");
    handled_and_checked(&cast, id, handler, cast.acceptor);
    cast.walk(id, &[(cast.resident, "rate", rated(2, false)), (cast.resident, "reopen", plain())]);
    cast.walk(id, &[(cast.dispatcher, "dispatch", to(body))]);
    let third = cast.ground.officer("监督员二", Role::GridSupervisor, COMMUNITY);
    cast.walk(id, &[(handler, "feed_back", plain()), (cast.dispatcher, "accept", plain())]);
    for closer in [cast.supervisor, cast.acceptor] {
        cast.denied(closer, id, "close", plain());
    }
    cast.walk(id, &[(third, "close", plain())]);
    assert_eq!(cast.open_to(cast.resident, id), ["rate"], "both times are used up");
    let again = cast.take(cast.resident, id, "reopen", plain());
    assert!(matches!(&again, Err(Refusal::Conflict(it)) if it.id == "conflict-at-most"), "{again:?}");
    cast.walk(id, &[(cast.resident, "rate", rated(3, true))]);
    assert!(!offered(&cast, cast.resident, id).unwrap().is_open);
});

both!(after_the_window_a_new_report_is_made, |db: Db| {
    let cast = Cast::new(db);
    let id = closed(&cast, Some(1));
    cast.ground.clock.pass_seconds(7 * 86_400);
    assert!(offered(&cast, cast.resident, id).unwrap().is_open, "to the last moment");
    cast.ground.clock.pass_seconds(1);
    assert!(!offered(&cast, cast.resident, id).unwrap().is_open);
    assert_eq!(cast.open_to(cast.resident, id), [""; 0]);
    let late = cast.take(cast.resident, id, "reopen", plain());
    let Err(Refusal::Conflict(told)) = &late else { panic!("{late:?}") };
    let number = case::record(&cast.as_one(cast.resident), id).unwrap().case.number;
    assert_eq!((told.id, told.arguments.clone()), ("conflict-window", vec![("number", number.clone())]));
    assert!(case::is_number(&number) && !case::is_number("20261120-ABC") && !case::is_number("<script>"));
});

both!(who_reported_without_an_account_opens_it_again_by_the_secret_link, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.manager;
    let nobody = Ctx::anonymous(cast.ground.city.clone());
    let report = case::Report {
        id: nobody.id(),
        procedure: "safety-hazard".into(),
        class: "e2-fire-exit".into(),
        area: GRID.into(),
        place: "楼道".into(),
        position: None,
        description: "通道堵了".into(),
        contact: case::Contact::default(),
        photos: Vec::new(),
    };
    let id = case::report(&nobody, report).unwrap().0.id;
    cast.walk(id, &[(cast.grid_leader, "inspect", found("exists"))]);
    cast.walk(id, &[(cast.acceptor, "grade", crate::cast::ground("general"))]);
    let ordered = cast.walk(id, &[(cast.dispatcher, "order", to(body))]);
    cast.walk(id, &[(handler, "rectified", plain()), (cast.supervisor, "close", plain())]);
    let reason = StepInput { note: "还堵着".into(), ..StepInput::default() };
    assert!(matches!(case::advance(&nobody, id, "reopen", &reason), Err(Refusal::NotFound)));
    let (follower, _) = case::follow(&nobody, &case::follow_token(&cast.ground.city, id)).unwrap();
    let case = case::advance(&follower, id, "reopen", &reason).unwrap().case;
    assert_eq!((case.stage.as_str(), case.due), ("refer", ordered.due), "to enforcement, in the first time");
    let (team, officer) = cast.team;
    cast.walk(id, &[(cast.dispatcher, "refer", to(team)), (officer, "enforced", plain())]);
    cast.denied(cast.supervisor, id, "close", plain());
    let other = cast.ground.officer("监督员二", Role::GridSupervisor, COMMUNITY);
    assert_eq!(cast.walk(id, &[(other, "close", plain())]).status, Status::Closed);
});

both!(a_requester_who_calls_the_hotline_has_it_opened_again_at_the_desk, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    let id = cast.report(cast.resident, "public-request", "e9-other").id;
    cast.walk(id, &[(cast.acceptor, "accept_request", plain()), (cast.dispatcher, "dispatch", to(body))]);
    let answer = [
        (handler, "contact", found("reached")),
        (handler, "reply", plain()),
        (cast.dispatcher, "accept_reply", plain()),
    ];
    cast.walk(id, &answer);
    cast.walk(id, &[(cast.acceptor, "call_back", rated(2, false))]);
    cast.walk(id, &[(cast.acceptor, "reopen_by_desk", plain()), (cast.dispatcher, "dispatch", to(body))]);
    cast.walk(id, &answer);
    cast.denied(cast.acceptor, id, "call_back", rated(5, true));
    // Who reported it may say so themselves, as often as it comes back to them.
    let case = cast.walk(id, &[(cast.resident, "rate", rated(4, true)), (cast.resident, "reopen", plain())]);
    assert_eq!((case.reopens, case.rating), (2, None));
    cast.walk(id, &[(cast.dispatcher, "dispatch", to(body))]);
    cast.walk(id, &answer);
    assert_eq!(cast.walk(id, &[(cast.resident, "rate", rated(5, true))]).status, Status::Closed);
    let other = cast.ground.officer("受理员二", Role::Acceptor, COUNTY);
    assert_eq!(cast.open_to(other, id), [""; 0], "it was opened again as often as it may be");
});

both!(a_repair_that_did_not_hold_is_ruled_on_by_the_township, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.manager;
    let id = cast.report(cast.resident, "compound-repair", "p1-lift").id;
    cast.walk(id, &[(cast.grid_leader, "assign", to(body)), (handler, "feed_back", plain())]);
    cast.walk(id, &[(cast.supervisor, "close", plain())]);
    let case = cast.walk(id, &[(cast.resident, "reopen", plain())]);
    assert_eq!((case.stage.as_str(), case.reopens), ("township", 1));
    cast.walk(id, &[(cast.dispatcher, "supervise", to(body)), (handler, "feed_back", plain())]);
    cast.denied(cast.supervisor, id, "close", plain());
    cast.walk(id, &[(cast.acceptor, "close", plain()), (cast.resident, "rate", rated(5, true))]);
});

both!(two_who_open_it_again_at_once_do_it_once, |db: Db| {
    let cast = Cast::new(db);
    let id = closed(&cast, Some(1));
    let reporter = cast.as_one(cast.resident);
    let reason = StepInput { note: "又灭了".into(), ..StepInput::default() };
    let done: Vec<_> = std::thread::scope(|scope| {
        let tries: Vec<_> =
            (0..6).map(|_| scope.spawn(|| case::advance(&reporter, id, "reopen", &reason))).collect();
        tries.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(done.iter().filter(|it| it.is_ok()).count(), 1);
    assert!(done.iter().all(|it| matches!(it, Ok(_) | Err(Refusal::Conflict(_)))), "{done:?}");
    assert_eq!(case::record(&reporter, id).unwrap().case.reopens, 1);
});
