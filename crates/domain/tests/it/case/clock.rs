//! What the clock does to a case, and what a year does to its reporter.

use super::*;

both!(a_stage_whose_time_is_over_is_told_above_once_and_an_unrated_case_lapses, |db: Db| {
    let town = Town::new(db);
    let ctx = Ctx::system(town.city.clone());
    let township = ctx.read(|tx| area::place(tx, "150902001")).unwrap().unwrap();
    let near = found(&ctx, "新体路街道办", Role::Leader, &township);
    let county = ctx.read(|tx| area::place(tx, "150902")).unwrap().unwrap();
    found(&ctx, "集宁区督办室", Role::Leader, &county);
    let id = town.handled(1);
    let checker = town.checker();
    case::advance(
        &checker,
        id,
        "close",
        &StepInput { photos: town.photos(&checker), ..StepInput::default() },
    )
    .unwrap();
    let waiting = town.dispatched(2);
    town.clock.set("2026-11-28T09:00:01+08:00");
    let done = case::tick(&town.city).unwrap();
    assert_eq!((done.moved, done.escalated), (1, 1));
    assert_eq!(case::tick(&town.city).unwrap(), case::Done::default(), "once");
    let lapsed = case::record(&town.checker(), id).unwrap();
    assert_eq!((lapsed.case.status, lapsed.case.rating), (Status::Closed, None));
    let late = Filter { overdue: true, ..open() };
    let dispatcher = town.dispatcher();
    let list =
        case::list(&dispatcher, &Lens::Subtree(town.community.clone()), &late, &Window::first(5)).unwrap();
    assert_eq!(list.items.iter().map(|it| it.id).collect::<Vec<_>>(), [waiting]);
    let counts = case::counts(&dispatcher, "150902001").unwrap();
    let (children, total) = (&counts.areas, counts.total());
    assert_eq!((total.open, total.overdue, total.closed), (1, 1, 1));
    assert_eq!(children.iter().map(|it| it.count.open).collect::<Vec<_>>(), [1, 0]);

    // The reporter reads that the time is over, and which office nearest above the case was told of it.
    let record = case::record(&town.resident(), waiting).unwrap();
    let said = record.events.last().unwrap();
    assert_eq!((said.transition.as_str(), said.revision, record.case.revision), ("overdue", 4, 4));
    assert_eq!((said.from.as_str(), said.to.as_str(), said.actor), ("handle", "handle", None));
    let offices: Vec<_> = said.detail.told.iter().map(|it| (it.role, it.organization)).collect();
    assert_eq!(offices, [(Role::Handler, town.lighting), (Role::Leader, near)], "of those missed too");
    let leader = town.person(70, &[(Role::Leader, near, "150902001")]);
    let told = notice::list(&leader, &Window::first(5)).unwrap().items;
    assert_eq!(
        told.iter().map(|it| (it.kind, it.case)).collect::<Vec<_>>(),
        [(notice::NoticeKind::CaseOverdue, Some(waiting))]
    );
    let kinds: Vec<_> = notice::list(&town.resident(), &Window::first(5)).unwrap().items;
    assert!(kinds.iter().all(|it| it.kind != notice::NoticeKind::CaseOverdue), "it did not move");

    // The next stage has a time of its own.
    let handler = town.handler();
    let done =
        StepInput { note: "换了灯泡".into(), photos: town.photos(&handler), ..StepInput::default() };
    assert_eq!(case::advance(&handler, waiting, "feed_back", &done).unwrap().case.escalated, 0);
    town.clock.pass_seconds(3 * 86_400);
    assert_eq!(case::tick(&town.city).unwrap().escalated, 1);
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!((audit.cases, audit.faults), (2, Vec::<String>::new()));
});

/// As if `count` rows with this word stood in the case's timeline after its first.
fn lengthen(ctx: &Ctx, id: Id<Case>, word: &'static str, count: i64) {
    const EVENT: &str = "INSERT INTO case_event (county_id, case_id, revision, request_id, at, transition, from_stage, \
        to_stage, actor_id, actor_role, organization_id, part, note, public, detail) \
        SELECT county_id, case_id, revision + $2, $3, at, $4, to_stage, to_stage, NULL, 'anonymous', NULL, '', '', \
        TRUE, '{}' FROM case_event WHERE case_id = $1 AND revision = 1";
    const CASE: &str = "UPDATE case_file SET revision = $2 WHERE id = $1";
    ctx.write(|tx| {
        for more in 1..=count {
            tx.execute(EVENT, store::params![id, more, ctx.id::<Case>(), word])?;
        }
        Ok(tx.execute(CASE, store::params![id, count + 1])?)
    })
    .unwrap();
}

both!(what_the_clock_and_people_only_say_of_a_case_takes_no_step_from_it, |db: Db| {
    let town = Town::new(db);
    let ctx = Ctx::system(town.city.clone());
    let grid = town.grid_worker();
    let found =
        StepInput { finding: Some("exists".into()), photos: town.photos(&grid), ..StepInput::default() };
    let steps = kernel::limits::CASE_STEPS_MAX as i64;
    for (number, word, is_open) in [(1, "overdue", true), (2, "note", true), (3, "asked", false)] {
        let id = case::report(&town.resident(), lamp(number)).unwrap().0.id;
        lengthen(&ctx, id, word, steps);
        let taken = case::advance(&grid, id, "verify", &found);
        assert_eq!(taken.is_ok(), is_open, "{word}: {taken:?}");
        assert!(is_open || matches!(taken, Err(Refusal::Conflict(_))));
        assert!(case::add_note(&grid, id, None, "灯杆歪了", true, &[]).is_ok(), "words are no step");
    }
});

both!(a_case_that_has_had_all_its_steps_does_not_stop_the_clock, |db: Db| {
    let mut town = Town::new(db);
    // Here a case that nobody rates goes back to its check, and would go round by the clock alone.
    let text = include_str!("../../../../../procedures/city-event.toml");
    let text = text.replace(
        "to = \"closed\"\n  relation = \"system\"",
        "to = \"check\"\n  reworks = true\n  relation = \"system\"",
    );
    let round = case::Procedures::load(&[("round.toml".to_owned(), text)]).unwrap();
    Arc::get_mut(&mut town.city).unwrap().procedures = round;
    let (full, other) = (town.handled(1), town.dispatched(2));
    let checker = town.checker();
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    case::advance(&checker, full, "close", &passed).unwrap();
    let ctx = Ctx::system(town.city.clone());
    let due = case::record(&checker, full).unwrap().case.stage_due.unwrap();
    const WAITS: &str = "UPDATE case_file SET stage = 'evaluate', stage_due = $2 WHERE id = $1";
    lengthen(&ctx, case::report(&town.resident(), lamp(3)).unwrap().0.id, "asked", 500);
    let third = lamp(3).id;
    ctx.write(|tx| Ok(tx.execute(WAITS, store::params![third, due])?)).unwrap();
    town.clock.set("2026-12-28T09:00:01+08:00");
    let done = case::tick(&town.city).unwrap();
    assert_eq!(done.moved, 1, "the one that may still move goes on");
    assert!(done.escalated >= 2, "of the others those above are told: {done:?}");
    let stage = |id| case::record(&town.acceptor(), id).unwrap().case.stage;
    assert_eq!(
        (stage(full), stage(third), stage(other)),
        ("check".into(), "evaluate".into(), "handle".into())
    );
});

both!(who_reported_is_forgotten_a_year_after_the_end_and_not_before, |db: Db| {
    let town = Town::new(db);
    let (ended, open) = (town.handled(1), town.dispatched(2));
    let checker = town.checker();
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    case::advance(&checker, ended, "close", &passed).unwrap();
    let five = StepInput { rating: Some(5), solved: Some(true), ..StepInput::default() };
    case::advance(&town.resident(), ended, "rate", &five).unwrap();
    let forget = || case::forget_reporters(&Ctx::system(town.city.clone())).unwrap();
    let reporter = |id| case::record(&Ctx::system(town.city.clone()), id).unwrap().case.reporter;
    town.clock.set("2027-11-19T09:00:00+08:00");
    assert_eq!((forget(), reporter(ended).is_some()), (0, true));
    town.clock.set("2027-11-22T09:00:00+08:00");
    assert_eq!((forget(), reporter(ended), reporter(open).is_some()), (1, None, true));
    let acts = |id| case::record(&Ctx::system(town.city.clone()), id).unwrap().events;
    assert_eq!(acts(ended)[0].actor, None, "nor does the timeline say who reported");
    assert!(acts(open)[0].actor.is_some());
    assert!(acts(ended).iter().any(|it| it.actor.is_some()), "who held an office is on record for good");
    assert_eq!(forget(), 0, "once");
});
