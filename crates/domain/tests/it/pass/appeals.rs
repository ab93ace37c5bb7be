//! Appeals: whose they are, who is shown what of them, and that one is never lost or made twice.

use std::{sync::Arc, thread};

use domain::{
    Refusal, Window,
    case::{self, StepInput},
    journal,
    notice::{self, NoticeKind},
    organization::OrganizationKind,
    pass::{self, NewRegime, Regime},
};
use kernel::{Case, Id, Organization, Person, Role};
use store::{Db, both};

use super::{
    Scene, against, conflict,
    helpers::{account, committee, guardian_of, move_in},
    said, works,
};
use crate::ground::{COMMUNITY, COUNTY, GRID};

/// A regime whose rule gives nothing to who only lives here.
fn for_workers(scene: &Scene) -> Regime {
    let new = NewRegime { rule: "worker: works_in".into(), ..scene.order() };
    let proposed = pass::propose(&scene.as_one(scene.leader), &new).unwrap();
    pass::decide(&scene.as_one(scene.commander), proposed.number, pass::Decision::Approve, "").unwrap()
}

fn appeal(scene: &Scene, regime: &Regime, by: Id<Person>, person: Id<Person>) -> Result<Id<Case>, Refusal> {
    pass::appeal(&scene.as_one(by), regime.number, person, &against("", "我每天在这里上班"))
}

fn read_about(scene: &Scene, person: Id<Person>) -> Vec<String> {
    let page = journal::readings(&scene.as_one(person), person, &Window::first(50)).unwrap();
    page.items.into_iter().map(|it| it.action).collect()
}

both!(an_appeal_that_somebody_else_sends_is_the_persons_own, |db: Db| {
    let scene = Scene::new(db);
    let regime = for_workers(&scene);
    let acceptor = scene.ground.officer("受理员", Role::Acceptor, COUNTY);
    let agent = scene.ground.staff("代办人");
    account(&scene, agent, "daiban");
    let person = scene.resident;
    pass::give_mandate(&scene.as_one(person), regime.number, "daiban").unwrap();
    scene.ask(&regime, agent, person).unwrap();
    let id = appeal(&scene, &regime, agent, person).unwrap();
    // The person opens it, is told of it, and sees who reads how to reach them.
    let record = case::record(&scene.as_one(person), id).unwrap();
    assert!(record.is_reporter && record.case.reporter == Some(person));
    assert_eq!(record.events[0].actor, Some(agent), "who sent it stands in the timeline");
    let told = notice::list(&scene.as_one(person), &Window::first(9)).unwrap();
    assert!(told.items.iter().any(|it| (it.kind, it.case) == (NoticeKind::CaseMoved, Some(id))));
    let contact = case::read_contact(&scene.as_one(acceptor), id).unwrap();
    assert_eq!(contact.phone.as_deref(), Some("13900000000"));
    assert!(read_about(&scene, person).contains(&"case.read_contact".to_owned()));
    assert!(read_about(&scene, agent).is_empty(), "it was not about the agent");
    // The agent, let in for passes alone, reads no number, and sees here that it is looked at.
    assert!(matches!(case::record(&scene.as_one(agent), id), Err(Refusal::NotFound)));
    assert!(matches!(case::read_contact(&scene.as_one(agent), id), Err(Refusal::NotFound)));
    let seen = pass::appeals(&scene.as_one(agent), regime.number, person).unwrap();
    let stands = seen[0].stands.clone().unwrap();
    assert_eq!((seen[0].case, stands.waiting["zh-Hans"].as_str()), (id, "等待受理申诉"));
    // Sent once more by the person in the same words, it is the same appeal.
    assert_eq!(appeal(&scene, &regime, person, person).unwrap(), id);
    assert_eq!(pass::appeals(&scene.as_one(person), regime.number, person).unwrap().len(), 1);
});

both!(a_guardian_reads_the_answer_and_an_agent_does_not, |db: Db| {
    let scene = Scene::new(db);
    let regime = for_workers(&scene);
    let (ward, agent) = (scene.ground.resident("老人", GRID), scene.ground.staff("代办人"));
    move_in(&scene, scene.resident, ward);
    let (committee, clerk) = committee(&scene, COMMUNITY);
    let new = guardian_of(ward, scene.resident);
    pass::state(&scene.as_one(clerk), regime.number, committee, &new).unwrap();
    account(&scene, agent, "daiban");
    pass::give_mandate(&scene.as_one(ward), regime.number, "daiban").unwrap();
    scene.ask(&regime, scene.resident, ward).unwrap();
    let id = appeal(&scene, &regime, scene.resident, ward).unwrap();
    answer(&scene, id, scene.ground.officer("受理员", Role::Acceptor, COUNTY));
    let seen = |by| pass::appeals(&scene.as_one(by), regime.number, ward).unwrap()[0].stands.clone().unwrap();
    assert_eq!((seen(scene.resident).answer.as_str(), seen(agent).answer.as_str()), ("查无此人", ""));
    assert_eq!(seen(scene.resident).waiting, seen(agent).waiting);
});

/// A body to which cases are sent, with who handles them.
fn examiner(scene: &Scene, name: &str) -> (Id<Organization>, Id<Person>) {
    let ground = &scene.ground;
    let kind = OrganizationKind::GovernmentDepartment;
    let (body, handler) = (ground.organization(kind, name, COUNTY, None), ground.staff("处置员"));
    ground.appoint(ground.post(body, Role::Handler, COUNTY), handler, None);
    (body, handler)
}

/// The body that keeps the fact says why it stands.
fn answer(scene: &Scene, id: Id<Case>, acceptor: Id<Person>) {
    let dispatcher = scene.ground.officer("派遣员", Role::Dispatcher, COUNTY);
    let (body, handler) = examiner(scene, "人社局");
    let note = StepInput { note: "查无此人".into(), ..StepInput::default() };
    let to = StepInput { organization: Some(body), ..StepInput::default() };
    let step = |who, word: &str, input: &StepInput| {
        case::advance(&scene.as_one(who), id, word, input).unwrap();
    };
    step(acceptor, "accept_appeal", &StepInput::default());
    step(dispatcher, "dispatch", &to);
    step(handler, "explain", &note);
}

both!(who_sends_an_appeal_at_a_desk_does_not_check_what_came_of_it, |db: Db| {
    let scene = Scene::new(db);
    let regime = for_workers(&scene);
    let desk = scene.ground.officer("窗口", Role::Acceptor, COUNTY);
    let other = scene.ground.officer("复核", Role::Acceptor, COUNTY);
    scene.ask(&regime, desk, scene.resident).unwrap();
    let id = appeal(&scene, &regime, desk, scene.resident).unwrap();
    assert_eq!(case::record(&scene.as_one(scene.resident), id).unwrap().case.reporter, Some(scene.resident));
    answer(&scene, id, desk);
    let close = |who| case::advance(&scene.as_one(who), id, "close", &StepInput::default());
    assert!(matches!(close(desk), Err(Refusal::Denied)), "nobody checks what they sent");
    close(other).unwrap();
    let rated = StepInput { rating: Some(4), solved: Some(true), ..StepInput::default() };
    case::advance(&scene.as_one(scene.resident), id, "rate", &rated).unwrap();
});

both!(an_appeal_and_its_case_are_written_together_however_many_send_it_at_once, |db: Db| {
    let scene = Arc::new(Scene::new(db));
    let regime = for_workers(&scene);
    let agent = scene.ground.staff("代办人");
    account(&scene, agent, "daiban");
    pass::give_mandate(&scene.as_one(scene.resident), regime.number, "daiban").unwrap();
    scene.refused(&regime, scene.resident);
    // Nothing is left of one that cannot be filed, so that it can be sent again.
    let nowhere = pass::appeal(
        &scene.as_one(agent),
        regime.number,
        scene.resident,
        &against("150902001", "在这里上班"),
    );
    assert!(matches!(nowhere, Err(Refusal::Invalid(_))), "{nowhere:?}");
    let sending: Vec<_> = [agent, scene.resident, agent, scene.resident]
        .into_iter()
        .map(|by| {
            let (scene, regime) = (scene.clone(), regime.clone());
            thread::spawn(move || appeal(&scene, &regime, by, scene.resident).unwrap())
        })
        .collect();
    let mut ids: Vec<_> = sending.into_iter().map(|it| it.join().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let counted = |sql| scene.ground.count(sql);
    assert_eq!(
        (counted("SELECT COUNT(*) FROM case_file"), counted("SELECT COUNT(*) FROM pass_appeal")),
        (1, 1)
    );
    let again = pass::appeal(&scene.as_one(agent), regime.number, scene.resident, &against("", "别的话"));
    assert_eq!(conflict(again), "conflict-pass-appealed");
});

both!(what_a_desk_is_refused_is_a_reading_too, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let desk = scene.ground.officer("窗口", Role::Acceptor, COUNTY);
    for number in 1..=pass::VALID_MAX {
        scene.ask(&regime, desk, scene.resident).unwrap();
        assert_eq!(read_about(&scene, scene.resident), vec!["person.read"; number]);
    }
    assert_eq!(conflict(scene.ask(&regime, desk, scene.resident)), "conflict-pass-many");
    assert_eq!(read_about(&scene, scene.resident).len(), pass::VALID_MAX + 1);
    assert_eq!(conflict(appeal(&scene, &regime, desk, scene.resident)), "conflict-pass-not-refused");
    assert_eq!(read_about(&scene, scene.resident).len(), pass::VALID_MAX + 2);
    // What is no order any more tells nothing of anybody.
    scene.ground.clock.pass_seconds(10 * 86_400);
    assert_eq!(conflict(scene.ask(&regime, desk, scene.resident)), "conflict-pass-over");
    assert_eq!(read_about(&scene, scene.resident).len(), pass::VALID_MAX + 2);
});

both!(a_reading_names_the_post_that_opened_it_of_whoever_has_several, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let ground = &scene.ground;
    let clerk = ground.officer("兼职", Role::Handler, COUNTY);
    ground.clock.pass_seconds(1);
    let (committee, _) = committee(&scene, COMMUNITY);
    ground.appoint(ground.post(committee, Role::Acceptor, COMMUNITY), clerk, None);
    let name = |action: &str| {
        let page =
            journal::readings(&scene.as_one(scene.resident), scene.resident, &Window::first(9)).unwrap();
        let found = page.items.into_iter().find(|it| it.action == action);
        found.and_then(|it| it.organization_name)
    };
    scene.ask(&regime, clerk, scene.resident).unwrap();
    assert_eq!(name("person.read").as_deref(), Some("社区"));
    let naren = said("娜仁", "13900000000");
    pass::find_at_desk(&scene.as_one(clerk), naren).unwrap();
    assert_eq!(name("person.find").as_deref(), Some("社区"));
    pass::state(&scene.as_one(clerk), regime.number, committee, &works(scene.resident)).unwrap();
    assert_eq!(name("pass.state").as_deref(), Some("社区"));
    let which = works(scene.resident);
    pass::end_evidence(&scene.as_one(clerk), regime.number, committee, &which, "离职").unwrap();
    assert_eq!(name("pass.end_statement").as_deref(), Some("社区"));
    let employer = scene.employer.0;
    ground.appoint(ground.post(employer, Role::Handler, COUNTY), clerk, None);
    ground.clock.pass_seconds(1);
    pass::named(&scene.as_one(clerk), regime.number, employer, naren).unwrap();
    assert_eq!(name("person.find").as_deref(), Some("乳业"), "in whose name it was asked");
});

both!(an_appeal_is_looked_at_where_the_order_is_and_never_where_its_person_lives_outside, |db: Db| {
    let scene = Scene::new(db);
    let township = NewRegime { area: "150902002".into(), ..scene.order() };
    let proposed = pass::propose(&scene.as_one(scene.leader), &township).unwrap();
    let number = proposed.number;
    pass::decide(&scene.as_one(scene.commander), number, pass::Decision::Approve, "").unwrap();
    // The resident lives in the other township.
    scene.refused(&proposed, scene.resident);
    let me = || scene.as_one(scene.resident);
    assert!(!pass::overview(&me(), number, scene.resident).unwrap().lives_there);
    for area in ["", COMMUNITY, "150921", "150902002", "nowhere", "9"] {
        let sent = pass::appeal(&me(), number, scene.resident, &against(area, "我在那里上班"));
        let Err(Refusal::Invalid(faults)) = sent else { panic!("{area}: {sent:?}") };
        assert_eq!(faults[0].field, "area", "{area}");
    }
    assert_eq!(scene.ground.count("SELECT COUNT(*) FROM case_file"), 0);
    let within = for_workers(&scene);
    scene.refused(&within, scene.resident);
    assert!(pass::overview(&me(), within.number, scene.resident).unwrap().lives_there);
    let elsewhere = crate::ground::OTHER_COMMUNITY;
    let id = pass::appeal(&me(), within.number, scene.resident, &against(elsewhere, "我在那里上班")).unwrap();
    assert_eq!(case::record(&me(), id).unwrap().case.path, crate::ground::path(elsewhere));
});

both!(the_body_that_examines_learns_whom_it_is_about_by_the_persons_word_alone, |db: Db| {
    let scene = Scene::new(db);
    let regime = for_workers(&scene);
    let acceptor = scene.ground.officer("受理员", Role::Acceptor, COUNTY);
    let dispatcher = scene.ground.officer("派遣员", Role::Dispatcher, COUNTY);
    let agent = scene.ground.staff("代办人");
    account(&scene, agent, "daiban");
    let (body, manager) = examiner(&scene, "人社局");
    let send = |id| {
        let to = StepInput { organization: Some(body), ..StepInput::default() };
        case::advance(&scene.as_one(acceptor), id, "accept_appeal", &StepInput::default()).unwrap();
        case::advance(&scene.as_one(dispatcher), id, "dispatch", &to).unwrap();
    };
    let shared = pass::NewAppeal { shares_contact: true, ..against("", "我在人社局上班") };
    // An agent cannot say that for the person.
    let quiet = scene.ground.resident("其其格", GRID);
    pass::give_mandate(&scene.as_one(quiet), regime.number, "daiban").unwrap();
    scene.ask(&regime, agent, quiet).unwrap();
    let unseen = pass::appeal(&scene.as_one(agent), regime.number, quiet, &shared).unwrap();
    send(unseen);
    let read = |id| case::read_contact(&scene.as_one(manager), id);
    assert!(matches!(read(unseen), Err(Refusal::Denied)));
    assert!(!case::record(&scene.as_one(manager), unseen).unwrap().may_read_contact);
    // Sent again by the person in the same words, and with their word on it, it is open to the body.
    assert_eq!(pass::appeal(&scene.as_one(quiet), regime.number, quiet, &shared).unwrap(), unseen);
    assert_eq!(read(unseen).unwrap().name.as_deref(), Some("其其格"));

    scene.refused(&regime, scene.resident);
    let id = pass::appeal(&scene.as_one(scene.resident), regime.number, scene.resident, &shared).unwrap();
    assert!(matches!(read(id), Err(Refusal::NotFound)), "it is not theirs yet");
    send(id);
    let contact = read(id).unwrap();
    assert_eq!((contact.name.as_deref(), contact.phone.as_deref()), (Some("娜仁"), Some("13900000000")));
    let page = journal::readings(&scene.as_one(scene.resident), scene.resident, &Window::first(9)).unwrap();
    assert_eq!(page.items[0].organization, Some(body), "the person sees that the body looked");
    // By that it states the fact; and who only had the case once sees nothing more.
    let named = pass::named(&scene.as_one(manager), regime.number, body, said("娜仁", "13900000000"));
    assert_eq!(named.unwrap(), scene.resident);
    pass::state(&scene.as_one(manager), regime.number, body, &works(scene.resident)).unwrap();
    scene.given(&regime, scene.resident);
    let back =
        StepInput { ground: Some("not-our-fact".into()), note: "已更正".into(), ..StepInput::default() };
    case::advance(&scene.as_one(manager), unseen, "return", &back).unwrap();
    let (other, clerk) = examiner(&scene, "交通局");
    let on = StepInput { organization: Some(other), note: "归交通局".into(), ..StepInput::default() };
    case::advance(&scene.as_one(scene.leader), unseen, "rule", &on).unwrap();
    assert!(matches!(read(unseen), Err(Refusal::Denied)), "it has the case no more");
    assert_eq!(case::read_contact(&scene.as_one(clerk), unseen).unwrap().name.as_deref(), Some("其其格"));
});
