//! The list of responsibilities: imported whole or not at all, never deleted from, and cases sent out by it.

use domain::{
    Ctx, Refusal, Window, area,
    case::{self, Status, StepInput},
    notice::{self, NoticeKind},
    responsibility::{self, ImportError, Options},
};
use kernel::{Case, Id, Role};
use store::{Db, both};

use crate::case::{COMMUNITY, Town, centre, lamp};

const HEAD: &str = "class,area,organization,limit_kind,limit_amount,closing_condition,evidence,legal_basis\n";
const LIGHTING: &str = "c1-street-lamp,150902,集宁区照明所,work_hours,4,路灯恢复照明,夜间照片,照明规定\n";
const SHARED: &str = "c1-street-lamp,150902,集宁区水务局,,,,,供水规定\n";

fn import(town: &Town, rows: &str) -> Result<responsibility::ImportReport, ImportError> {
    let ctx = Ctx::system(town.city.clone());
    responsibility::import(&ctx, format!("{HEAD}{rows}").as_bytes(), &Options::default())
}

fn faults(outcome: Result<responsibility::ImportReport, ImportError>) -> Vec<String> {
    match outcome {
        Err(ImportError::Faults(faults)) => faults.listed.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

fn responsible(town: &Town, class: &str) -> Vec<String> {
    let found = responsibility::responsible(&town.resident(), COMMUNITY, class, None).unwrap();
    found.into_iter().map(|it| it.name).collect()
}

/// A resident's report that a grid worker has verified.
fn verified(town: &Town, number: u128) -> case::Record {
    let id = case::report(&town.resident(), lamp(number)).unwrap().0.id;
    let grid = town.grid_worker();
    let seen =
        StepInput { finding: Some("exists".into()), photos: town.photos(&grid), ..StepInput::default() };
    case::advance(&grid, id, "verify", &seen).unwrap()
}

fn back() -> StepInput {
    StepInput { note: "不归我们".into(), ground: Some("not-our-duty".into()), ..StepInput::default() }
}

fn told(ctx: &Ctx, id: Id<Case>) -> Vec<NoticeKind> {
    let all = notice::list(ctx, &Window::first(50)).unwrap().items;
    all.into_iter().filter(|it| it.case == Some(id)).map(|it| it.kind).collect()
}

both!(a_verified_report_goes_at_once_to_the_one_body_that_the_list_names, |db: Db| {
    let town = Town::new(db);
    assert_eq!(import(&town, LIGHTING).unwrap().added, 1);
    let record = verified(&town, 1);
    let case = &record.case;
    assert_eq!((case.stage.as_str(), case.owner), ("handle", Some(town.lighting)));
    let steps: Vec<_> = record.events.iter().map(|it| (it.transition.as_str(), it.revision)).collect();
    assert_eq!(steps, [("report", 1), ("verify", 2), ("dispatch_by_list", 3)]);
    let sent = record.events.last().unwrap();
    assert_eq!((sent.actor, sent.organization, sent.part), (None, None, None), "nobody has a part in it");
    assert_eq!(sent.detail.responsibility, case.responsibility);
    assert!(sent.detail.responsibility.is_some() && sent.detail.owner == Some(town.lighting));
    // Four work hours from filing on a Friday at 9, not the three work days of the class.
    assert_eq!(case.due.unwrap().to_string(), "2026-11-20T15:00:00+08:00");
    assert_eq!(case.stage_due, case.due);
    assert_eq!(told(&town.handler(), case.id), [NoticeKind::CaseWaiting]);
    assert_eq!(told(&town.dispatcher(), case.id), [], "nothing waits for a dispatcher");
    assert_eq!(told(&town.resident(), case.id), [NoticeKind::CaseMoved], "two steps, one piece of news");

    let duty = case::record(&town.handler(), case.id).unwrap().duty.unwrap();
    assert_eq!((duty.closing_condition.as_str(), duty.evidence.as_str()), ("路灯恢复照明", "夜间照片"));
    let handler = town.handler();
    let done = StepInput { note: "换了".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, case.id, "feed_back", &done).unwrap();
    case::advance(&town.dispatcher(), case.id, "accept", &StepInput::default()).unwrap();
    let checker = town.checker();
    assert!(case::record(&checker, case.id).unwrap().duty.is_some());
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    assert_eq!(case::advance(&checker, case.id, "close", &passed).unwrap().case.stage, "evaluate");
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());
});

both!(a_report_that_starts_filed_is_sent_on_too_and_the_same_report_again_changes_nothing, |db: Db| {
    let town = Town::new(db);
    import(&town, LIGHTING).unwrap();
    let (case, is_new) = case::report(&town.acceptor(), lamp(1)).unwrap();
    assert_eq!((case.stage.as_str(), case.revision, is_new), ("handle", 2, true));
    let (again, is_new) = case::report(&town.acceptor(), lamp(1)).unwrap();
    assert_eq!((again, is_new), (case, false));
});

both!(what_was_returned_is_sent_by_people_alone, |db: Db| {
    let town = Town::new(db);
    import(&town, LIGHTING).unwrap();
    let id = verified(&town, 1).case.id;
    case::advance(&town.handler(), id, "return", &back()).unwrap();
    let record = case::record(&town.dispatcher(), id).unwrap();
    assert_eq!((record.case.stage.as_str(), record.transitions), ("dispatch", vec!["dispatch".to_owned()]));
    let named: Vec<_> = record.candidates.iter().map(|it| (it.name.as_str(), it.can_handle)).collect();
    assert_eq!(named, [("集宁区照明所", true)], "the dispatcher sees whom the list names");
    assert!(case::record(&town.handler(), id).unwrap().candidates.is_empty());

    // Another body: the list says nothing of it, so its time is that of the class again.
    let to = |body| StepInput { organization: Some(body), ..StepInput::default() };
    let case = case::advance(&town.dispatcher(), id, "dispatch", &to(town.waterworks)).unwrap().case;
    assert_eq!((case.responsibility, case.limit), (None, None));
    assert_eq!(case.due.unwrap().to_string(), "2026-11-25T18:00:00+08:00");
});

both!(where_the_list_names_none_or_two_a_dispatcher_decides, |db: Db| {
    let town = Town::new(db);
    let none = verified(&town, 1);
    assert_eq!(none.case.stage, "dispatch", "there is no list yet");
    import(&town, &format!("{LIGHTING}{SHARED}")).unwrap();
    let two = verified(&town, 2);
    assert_eq!((two.case.stage.as_str(), two.case.owner), ("dispatch", None));
    let dispatcher = town.dispatcher();
    assert_eq!(case::record(&dispatcher, two.case.id).unwrap().candidates.len(), 2);
    let send = StepInput { organization: Some(town.lighting), ..StepInput::default() };
    let record = case::advance(&dispatcher, two.case.id, "dispatch", &send).unwrap();
    assert_eq!(record.case.due.unwrap().to_string(), "2026-11-20T15:00:00+08:00", "by the row of that body");
    assert_eq!(record.events.last().unwrap().detail.responsibility, record.case.responsibility);
    assert!(record.case.responsibility.is_some());
    // Whoever sent it does not check it; the system that sends is nobody.
    let both_posts =
        town.person(4, &[(Role::Dispatcher, centre(), "150902"), (Role::Acceptor, centre(), "150902")]);
    let handler = town.handler();
    let done = StepInput { note: "换了".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, two.case.id, "feed_back", &done).unwrap();
    case::advance(&both_posts, two.case.id, "accept", &StepInput::default()).unwrap();
    let passed = StepInput { photos: town.photos(&both_posts), ..StepInput::default() };
    assert!(matches!(case::advance(&both_posts, two.case.id, "close", &passed), Err(Refusal::Denied)));
});

both!(a_list_is_taken_whole_or_not_at_all_and_what_it_leaves_out_ends_without_being_lost, |db: Db| {
    let town = Town::new(db);
    let report = import(&town, &format!("{LIGHTING}c2,1509,集宁区照明所,,,,,道路规定\n")).unwrap();
    assert_eq!((report.version, report.added, report.ended), (1, 2, 0));
    let id = verified(&town, 1).case.id;
    assert_eq!(responsible(&town, "c2-road-surface"), ["集宁区照明所"], "by its major class, in the city");

    let bad = faults(import(
        &town,
        "c1-lamp,150902,集宁区照明所,,,,,规定\nc1,1509029,集宁区照明所,,,,,规定\nc1,150902,无名局,day,0,,,规定\n\
         c1,150902,集宁区照明所,,,,,规定\nc1,150902,集宁区照明所,,,,,规定\nc1,150921100,集宁区照明所,,,,,规定\n",
    ));
    for (line, words) in [
        ("line 2, column 1 (class)", "no class \"c1-lamp\""),
        ("line 3, column 2 (area)", "no area"),
        ("line 4, column 4 (limit_kind)", "no way to count time"),
        ("line 4, column 5 (limit_amount)", "no whole number"),
        ("line 6", "on line 5 already"),
        ("line 7, column 3 (organization)", "does not work in 150921100"),
    ] {
        assert!(bad.iter().any(|it| it.starts_with(line) && it.contains(words)), "{line}: {bad:?}");
    }
    assert_eq!(responsible(&town, "c2-road-surface"), ["集宁区照明所"], "nothing was half imported");

    town.clock.pass_seconds(60);
    let changed = LIGHTING.replace("work_hours,4", "work_days,1");
    let report = import(&town, &changed).unwrap();
    assert_eq!((report.version, report.added, report.ended, report.unchanged), (2, 1, 2, 0));
    assert_eq!(import(&town, &changed).unwrap().version, 2, "the same again is no new version");
    assert!(responsible(&town, "c2-road-surface").is_empty());
    let duty = case::record(&town.handler(), id).unwrap().duty.unwrap();
    assert_eq!(
        (duty.version, duty.to),
        (1, Some(town.city.clock.now())),
        "the case keeps the row it was sent by"
    );
    let before = town.city.clock.now().plus_seconds(-30);
    let then = responsibility::responsible(&town.resident(), COMMUNITY, "c2-road-surface", Some(before));
    assert_eq!(then.unwrap().len(), 1, "and the list can be read as it was");

    let mut csv = Vec::new();
    assert_eq!(responsibility::export(&town.resident(), "1509", &mut csv).unwrap(), 1);
    let again = responsibility::import(&Ctx::system(town.city.clone()), &csv, &Options::default()).unwrap();
    assert_eq!((again.added, again.unchanged), (0, 1), "what is exported reads back as it is");
});

both!(a_list_of_one_area_leaves_the_others_alone, |db: Db| {
    let town = Town::new(db);
    import(&town, &format!("{LIGHTING}c2,1509,集宁区照明所,,,,,道路规定\n")).unwrap();
    let ctx = Ctx::system(town.city.clone());
    let within = |code: &str| Options { within: Some(code.into()) };
    let list = format!("{HEAD}c1-heating,150902,集宁区水务局,,,,,供热规定\nc3,1509,集宁区水务局,,,,,规定\n");
    let outside = faults(responsibility::import(&ctx, list.as_bytes(), &within("150902")));
    assert!(outside.len() == 1 && outside[0].starts_with("line 3, column 2 (area)"), "{outside:?}");
    let list = list.lines().take(2).collect::<Vec<_>>().join("\n");
    let report = responsibility::import(&ctx, list.as_bytes(), &within("150902")).unwrap();
    assert_eq!((report.added, report.ended), (1, 1));
    assert_eq!(responsible(&town, "c2-road-surface"), ["集宁区照明所"], "the city's own row stays");
    assert_eq!(responsible(&town, "c1-heating"), ["集宁区水务局"]);
    assert_eq!(faults(responsibility::import(&ctx, list.as_bytes(), &within("159999"))).len(), 1);
});

both!(two_imports_at_once_leave_one_list, |db: Db| {
    let town = Town::new(db);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| import(&town, LIGHTING).unwrap())).collect();
        let added: u64 = threads.into_iter().map(|it| it.join().unwrap().added).sum();
        assert_eq!(added, 1);
    });
    assert_eq!(responsible(&town, "c1-street-lamp"), ["集宁区照明所"]);
});

both!(a_ruling_becomes_a_row_of_the_list_by_whoever_may_decide_and_is_a_finding_to_others, |db: Db| {
    let town = Town::new(db);
    import(&town, LIGHTING).unwrap();
    let id = verified(&town, 1).case.id;
    let to = |body| StepInput { organization: Some(body), note: "归你".into(), ..StepInput::default() };
    let leader = town.person(7, &[(Role::Leader, centre(), "150902")]);
    case::advance(&town.handler(), id, "return", &back()).unwrap();
    case::advance(&town.dispatcher(), id, "dispatch", &to(town.lighting)).unwrap();
    case::advance(&town.handler(), id, "dispute", &back()).unwrap();
    assert!(
        matches!(case::list_ruling(&leader, id, "150902", "审定"), Err(Refusal::Conflict(_))),
        "not ruled yet"
    );
    let record = case::advance(&leader, id, "rule", &to(town.waterworks)).unwrap();
    let ruling = record.ruling.unwrap();
    assert_eq!(ruling.areas, ["150902", "150902001", COMMUNITY], "the leader's county and what is in it");
    let seen = case::record(&town.dispatcher(), id).unwrap().ruling.unwrap();
    assert_eq!((seen.organization, seen.areas.len()), (town.waterworks, 0), "to a dispatcher a finding");
    assert!(matches!(case::list_ruling(&town.dispatcher(), id, "150902", "审定"), Err(Refusal::Denied)));
    assert!(case::record(&town.resident(), id).unwrap().ruling.is_none());
    assert!(matches!(case::list_ruling(&leader, id, "1509", "审定"), Err(Refusal::Invalid(_))));
    assert!(matches!(case::list_ruling(&leader, id, "150902", " "), Err(Refusal::Invalid(_))));

    let row = case::list_ruling(&leader, id, "150902", "领导审定").unwrap();
    assert_eq!((row.version, row.organization), (2, town.waterworks));
    assert_eq!(row.closing_condition, "路灯恢复照明", "what has to be seen stays what it was");
    assert_eq!(responsible(&town, "c1-street-lamp"), ["集宁区水务局"]);
    assert!(case::record(&leader, id).unwrap().ruling.is_none());
    assert!(matches!(case::list_ruling(&leader, id, "150902", "再写"), Err(Refusal::Conflict(_))));
    let next = verified(&town, 2).case;
    assert_eq!(
        (next.owner, next.status),
        (Some(town.waterworks), Status::Open),
        "and the next goes there at once"
    );
});

both!(a_ruling_for_a_body_of_one_community_is_no_row_of_the_county, |db: Db| {
    let town = Town::new(db);
    import(&town, LIGHTING).unwrap();
    let id = verified(&town, 1).case.id;
    let system = Ctx::system(town.city.clone());
    let place = system.read(|tx| area::place(tx, COMMUNITY)).unwrap().unwrap();
    let near = crate::case::found(&system, "泰昌物业", Role::Handler, &place);
    let to = |body| StepInput { organization: Some(body), note: "归你".into(), ..StepInput::default() };
    let leader = town.person(7, &[(Role::Leader, centre(), "150902")]);
    case::advance(&town.handler(), id, "return", &back()).unwrap();
    case::advance(&town.dispatcher(), id, "dispatch", &to(town.lighting)).unwrap();
    case::advance(&town.handler(), id, "dispute", &back()).unwrap();
    let ruling = case::advance(&leader, id, "rule", &to(near)).unwrap().ruling.unwrap();
    assert_eq!(ruling.areas, ["150902001", COMMUNITY], "where it can be sent cases");
    assert!(matches!(case::list_ruling(&leader, id, "150902", "审定"), Err(Refusal::Invalid(_))));
    case::list_ruling(&leader, id, COMMUNITY, "领导审定").unwrap();
    assert_eq!(responsible(&town, "c1-street-lamp"), ["泰昌物业"], "the nearest area decides");
});
