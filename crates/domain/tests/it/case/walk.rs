//! The loop walked from end to end: what is sent twice, given back, ruled on, and done by the wrong people.

use super::*;

both!(a_broken_lamp_goes_from_report_to_a_rated_closing, |db: Db| {
    let town = Town::new(db);
    let (case, new) = case::report(&town.resident(), lamp(1)).unwrap();
    assert!(new && case.stage == "collect" && case.status == Status::Open);
    let id = case.id;

    let grid = town.grid_worker();
    assert_eq!(case::record(&grid, id).unwrap().transitions, ["verify", "refute"]);
    let bare = StepInput { finding: Some("exists".into()), ..StepInput::default() };
    assert_eq!(fields(case::advance(&grid, id, "verify", &bare).unwrap_err()), ["photos"]);
    let seen =
        StepInput { finding: Some("exists".into()), photos: town.photos(&grid), ..StepInput::default() };
    let case = case::advance(&grid, id, "verify", &seen).unwrap().case;
    assert_eq!(case.stage, "dispatch");
    assert_eq!(
        case.due.unwrap().to_string(),
        "2026-11-25T18:00:00+08:00",
        "three work days from Friday morning"
    );
    assert_eq!(case.stage_due.unwrap().to_string(), "2026-11-20T11:00:00+08:00");

    let nobody = StepInput { organization: Some(team()), ..StepInput::default() };
    assert_eq!(
        fields(case::advance(&town.dispatcher(), id, "dispatch", &nobody).unwrap_err()),
        ["organization"]
    );
    let send = StepInput { organization: Some(town.lighting), ..StepInput::default() };
    assert_eq!(
        case::advance(&town.dispatcher(), id, "dispatch", &send).unwrap().case.owner,
        Some(town.lighting)
    );

    let handler = town.handler();
    let work = case::list(&handler, &Lens::Organization(town.lighting), &open(), &Window::first(10)).unwrap();
    assert_eq!(work.items.iter().map(|it| it.id).collect::<Vec<_>>(), [id]);
    let done =
        StepInput { note: "换了灯泡".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, id, "feed_back", &done).unwrap();
    case::advance(&town.dispatcher(), id, "accept", &StepInput::default()).unwrap();

    let checker = town.checker();
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    assert_eq!(case::advance(&checker, id, "close", &passed).unwrap().case.stage, "evaluate");

    let resident = town.resident();
    let kinds: Vec<_> =
        notice::list(&resident, &Window::first(20)).unwrap().items.iter().map(|it| it.kind).collect();
    assert_eq!(kinds.first(), Some(&notice::NoticeKind::CaseDone));
    let seven = StepInput { rating: Some(7), solved: Some(true), ..StepInput::default() };
    assert_eq!(fields(case::advance(&resident, id, "rate", &seven).unwrap_err()), ["rating"]);
    let five = StepInput { rating: Some(5), solved: Some(true), ..StepInput::default() };
    let case = case::advance(&resident, id, "rate", &five).unwrap().case;
    assert_eq!((case.status, case.rating, case.solved), (Status::Closed, Some(5), Some(true)));

    let record = case::record(&resident, id).unwrap();
    let steps: Vec<_> = record.events.iter().map(|event| event.transition.as_str()).collect();
    assert_eq!(steps, ["report", "verify", "dispatch", "feed_back", "accept", "close", "rate"]);
    assert_eq!(record.photos.len(), 3);
    assert!(case::photo(&resident, id, record.photos[0].id).unwrap().starts_with(&[0xff, 0xd8]));
    assert_eq!(record.transitions, ["reopen"], "for a week");
    assert!(matches!(case::add_note(&resident, id, None, "还有一句", true, &[]), Err(Refusal::Conflict(_))));
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!((audit.cases, audit.photos, audit.faults), (1, 3, Vec::<String>::new()));
});

both!(the_same_step_sent_twice_is_taken_once, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let handler = town.handler();
    let back = StepInput {
        request: Some(Uuid::from_u128(77)),
        note: "不归我们".into(),
        ground: Some("not-our-duty".into()),
        ..StepInput::default()
    };
    let first = case::advance(&handler, id, "return", &back).unwrap().case;
    let again = case::advance(&handler, id, "return", &back).unwrap().case;
    assert_eq!((first.revision, first.returns), (again.revision, again.returns));
    assert_eq!(first.stage, "dispatch");
    let late = StepInput { request: None, ..back };
    assert!(
        matches!(case::advance(&handler, id, "return", &late), Err(Refusal::Conflict(_))),
        "the case has moved on"
    );
});

both!(a_body_returns_a_case_once_and_then_a_leader_rules_once_and_for_all, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let (handler, dispatcher) = (town.handler(), town.dispatcher());
    let leader = town.person(7, &[(Role::Leader, centre(), "150902")]);
    let back =
        StepInput {
            note: "不归我们".into(), ground: Some("not-our-duty".into()), ..StepInput::default()
        };
    let to = |organization| StepInput {
        organization: Some(organization),
        note: "归你".into(),
        ..StepInput::default()
    };
    let offered = case::record(&handler, id).unwrap();
    assert_eq!(offered.transitions, ["feed_back", "return"]);
    assert_eq!(offered.times_left.into_iter().collect::<Vec<_>>(), [("return".to_owned(), 1)]);
    assert_eq!(conflict(case::advance(&handler, id, "dispute", &back)), "conflict-not-open");
    case::advance(&handler, id, "return", &back).unwrap();

    // Another body has its own return; the first has none left when it comes back.
    case::advance(&dispatcher, id, "dispatch", &to(town.waterworks)).unwrap();
    let other = town.person(55, &[(Role::Handler, town.waterworks, "150902")]);
    assert_eq!(case::record(&other, id).unwrap().transitions, ["feed_back", "return"]);
    case::advance(&other, id, "return", &back).unwrap();
    case::advance(&dispatcher, id, "dispatch", &to(town.lighting)).unwrap();
    assert_eq!(case::record(&handler, id).unwrap().transitions, ["feed_back", "dispute"]);
    assert_eq!(conflict(case::advance(&handler, id, "return", &back)), "conflict-at-most");
    let raised = case::advance(&handler, id, "dispute", &back).unwrap().case;
    assert_eq!((raised.stage.as_str(), raised.returns), ("adjudicate", 3));
    assert_eq!(
        raised.stage_due.unwrap().to_string(),
        "2026-11-23T09:00:00+08:00",
        "eight work hours of seven a day"
    );

    assert!(matches!(case::advance(&dispatcher, id, "rule", &to(town.lighting)), Err(Refusal::Denied)));
    assert_eq!(
        fields(case::advance(&leader, id, "rule", &StepInput::default()).unwrap_err()),
        ["note", "organization"]
    );
    case::advance(&leader, id, "rule", &to(town.lighting)).unwrap();
    assert_eq!(case::record(&handler, id).unwrap().transitions, ["feed_back"]);
    for step in ["return", "dispute"] {
        assert_eq!(conflict(case::advance(&handler, id, step, &back)), "conflict-ruled");
    }
    let done = StepInput { note: "修好了".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, id, "feed_back", &done).unwrap();
    case::advance(&dispatcher, id, "accept", &StepInput::default()).unwrap();
    // The leader sent it to the body, and so is its dispatcher: the law holds for a ruling too.
    let leader = town.person(7, &[(Role::GridSupervisor, team(), COMMUNITY)]);
    let passed = StepInput { photos: town.photos(&leader), ..StepInput::default() };
    assert!(matches!(case::advance(&leader, id, "close", &passed), Err(Refusal::Denied)));
    let checker = town.checker();
    assert_eq!(case::advance(&checker, id, "close", &passed).unwrap().case.stage, "evaluate");
});

both!(what_a_procedure_allows_twice_is_not_done_a_third_time, |db: Db| {
    let town = Town::new(db);
    let id = case::report(&town.resident(), lamp(1)).unwrap().0.id;
    let (grid, acceptor) = (town.grid_worker(), town.acceptor());
    let absent = StepInput { note: "没有".into(), ..StepInput::default() };
    for left in [2, 1] {
        case::advance(&grid, id, "refute", &absent).unwrap();
        assert_eq!(case::record(&acceptor, id).unwrap().times_left.get("ask_again"), Some(&left));
        case::advance(&acceptor, id, "ask_again", &absent).unwrap();
    }
    case::advance(&grid, id, "refute", &absent).unwrap();
    assert_eq!(case::record(&acceptor, id).unwrap().transitions, ["register", "void"]);
    assert_eq!(conflict(case::advance(&acceptor, id, "ask_again", &absent)), "conflict-at-most");
});

both!(whoever_handled_or_dispatched_a_case_never_closes_it, |db: Db| {
    let town = Town::new(db);
    let id = town.handled(1);
    // The handler, the dispatcher and the reporter each hold a checker's post besides.
    let post = (Role::GridSupervisor, team(), COMMUNITY);
    let handler = town.person(5, &[(Role::Handler, town.lighting, "150902"), post]);
    let dispatcher = town.person(4, &[(Role::Dispatcher, centre(), "150902001"), post]);
    let reporter = town.person(1, &[post]);
    let colleague = town.person(50, &[(Role::Handler, town.lighting, "150902"), post]);
    for ctx in [handler, dispatcher, reporter, colleague] {
        let passed = StepInput { photos: town.photos(&ctx), ..StepInput::default() };
        for transition in ["close", "fail"] {
            let refused = case::advance(&ctx, id, transition, &passed);
            assert!(
                matches!(refused, Err(Refusal::Denied)),
                "{:?} {transition}: {refused:?}",
                ctx.actor.person
            );
        }
    }
    let checker = town.checker();
    let failed =
        StepInput { note: "还是不亮".into(), photos: town.photos(&checker), ..StepInput::default() };
    let case = case::advance(&checker, id, "fail", &failed).unwrap().case;
    assert_eq!((case.stage.as_str(), case.reworks, case.owner), ("handle", 1, Some(town.lighting)));
});
