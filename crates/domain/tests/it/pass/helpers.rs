use domain::{
    Refusal,
    notice::{self, NoticeKind},
    organization::OrganizationKind,
    pass::{self, Answer, EvidenceKind, Said, Statement},
};
use kernel::{Id, Organization, Person, Role};
use store::{Db, both, params};

use super::{Scene, conflict, said, works};
use crate::ground::{COMMUNITY, COUNTY, GRID, OTHER_COMMUNITY};

both!(a_guardian_and_a_desk_ask_for_others_and_nobody_else_does, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let desk = scene.ground.officer("受理员", Role::Acceptor, COUNTY);
    let far = scene.ground.officer("远处受理员", Role::Acceptor, crate::ground::OTHER_COUNTY);
    let child = scene.ground.resident("小明", GRID);
    let stranger = scene.ground.resident("路人", GRID);
    for person in [stranger, far, scene.leader, scene.commander, scene.auditor] {
        let asked = scene.ask(&regime, person, child);
        assert!(matches!(asked, Err(Refusal::NotFound)), "{asked:?}");
    }
    // The desk reads a record by it, and the person sees that.
    assert!(matches!(scene.ask(&regime, desk, child).unwrap(), Answer::Given(_)));
    let readings = domain::journal::readings(&scene.as_one(child), child, &domain::Window::first(9)).unwrap();
    assert_eq!((readings.items.len(), readings.items[0].purpose.as_str()), (1, "service"));
    // A page at the desk is one reading, however much stands on it.
    pass::overview(&scene.as_one(desk), regime.number, child).unwrap();
    let readings = domain::journal::readings(&scene.as_one(child), child, &domain::Window::first(9)).unwrap();
    assert_eq!(readings.items.len(), 2);
    // It gives and prints, and ends nothing: that would be an outcome by hand.
    let index = pass::held(&scene.as_one(desk), regime.number, child).unwrap().2[0].index;
    let ended = pass::revoke(&scene.as_one(desk), regime.number, child, index);
    assert!(matches!(ended, Err(Refusal::Denied)), "{ended:?}");
    assert_eq!(pass::find_at_desk(&scene.as_one(desk), said("小明", "13900000000")).unwrap(), child);
    assert!(matches!(
        pass::find_at_desk(&scene.as_one(desk), said("小", "13900000000")),
        Err(Refusal::Invalid(_))
    ));
    assert!(matches!(
        pass::find_at_desk(&scene.as_one(stranger), said("小明", "13900000000")),
        Err(Refusal::NotFound)
    ));

    // A guardian lives in the same household.
    let guardian = |guardian| Statement { kind: EvidenceKind::Guardian, guardian, ..works(child) };
    let (committee, clerk) = committee(&scene, COMMUNITY);
    let state = |it| pass::state(&scene.as_one(clerk), regime.number, committee, &guardian(it));
    assert!(matches!(state(None), Err(Refusal::Invalid(_))));
    assert!(matches!(state(Some(stranger)), Err(Refusal::Invalid(_))), "another household");
    move_in(&scene, scene.resident, child);
    // No other body knows who looks after whom: not the employer's, nor a committee elsewhere.
    let (body, manager) = scene.employer;
    let other = pass::state(&scene.as_one(manager), regime.number, body, &guardian(Some(scene.resident)));
    assert!(matches!(other, Err(Refusal::Denied)), "{other:?}");
    let (far_committee, far_clerk) = self::committee(&scene, OTHER_COMMUNITY);
    let far_away =
        pass::state(&scene.as_one(far_clerk), regime.number, far_committee, &guardian(Some(scene.resident)));
    assert!(matches!(far_away, Err(Refusal::Invalid(_))), "{far_away:?}");
    state(Some(scene.resident)).unwrap();
    assert!(matches!(scene.ask(&regime, scene.resident, child).unwrap(), Answer::Given(_)));
    let holders = pass::holders(&scene.as_one(scene.resident), regime.number).unwrap();
    assert_eq!(holders.iter().map(|it| it.by).collect::<Vec<_>>(), [None, Some(EvidenceKind::Guardian)]);
    assert_eq!(holders[1].name, "小明");
    // No more passes than a person can carry.
    for _ in 0..2 {
        scene.ask(&regime, scene.resident, child).unwrap();
    }
    assert_eq!(conflict(scene.ask(&regime, scene.resident, child)), "conflict-pass-many");
    let passes = pass::held(&scene.as_one(scene.resident), regime.number, child).unwrap().2;
    scene.ground.clock.pass_seconds(60);
    let text = scene.text(&regime, child, &passes[0]);
    pass::revoke(&scene.as_one(scene.resident), regime.number, child, passes[0].index).unwrap();
    assert_eq!(scene.check(&text).unwrap_err(), "revoked", "a phone was lost");
    let ended = pass::held(&scene.as_one(child), regime.number, child).unwrap().2;
    let reason = ended.iter().find(|it| it.index == passes[0].index).and_then(|it| it.revoked.clone());
    assert_eq!(reason.map(|(_, why)| why).as_deref(), Some("helper"), "not by the child's own word");
    let foreign = pass::revoke(&scene.as_one(stranger), regime.number, child, passes[1].index);
    assert!(matches!(foreign, Err(Refusal::NotFound)));
});

/// A committee with somebody at its desk.
pub fn committee(scene: &Scene, code: &str) -> (Id<Organization>, Id<Person>) {
    let ground = &scene.ground;
    let committee = ground.organization(OrganizationKind::CommunityCommittee, "社区", code, None);
    let clerk = ground.staff("社区干部");
    ground.appoint(ground.post(committee, Role::Acceptor, code), clerk, None);
    (committee, clerk)
}

/// That somebody looks after somebody.
pub fn guardian_of(ward: Id<Person>, guardian: Id<Person>) -> Statement {
    Statement { kind: EvidenceKind::Guardian, guardian: Some(guardian), ..works(ward) }
}

/// Takes somebody into the household of another.
pub fn move_in(scene: &Scene, person: Id<Person>, with: Id<Person>) {
    const MOVE_IN: &str =
        "UPDATE person SET household_id = (SELECT household_id FROM person WHERE id = $1) WHERE id = $2";
    let moved = scene.ground.city.db.write(|tx| tx.execute(MOVE_IN, params![with, person]));
    assert_eq!(moved.map_err(|it: store::StoreError| it).unwrap(), 1);
}

both!(whoever_is_said_to_be_looked_after_is_told_and_ends_it_when_it_is_not_so, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let ward = scene.ground.resident("老人", GRID);
    move_in(&scene, scene.resident, ward);
    let (committee, clerk) = committee(&scene, COMMUNITY);
    let new = Statement { kind: EvidenceKind::Guardian, guardian: Some(scene.resident), ..works(ward) };
    let state = || pass::state(&scene.as_one(clerk), regime.number, committee, &new);
    state().unwrap();
    state().unwrap();
    let told = notice::list(&scene.as_one(ward), &domain::Window::first(9)).unwrap();
    let told: Vec<NoticeKind> = told.items.iter().map(|it| it.kind).collect();
    assert_eq!(told, [NoticeKind::PassGuardian], "once, however often it is stated");
    let stated = pass::stated(&scene.as_one(ward), regime.number, ward).unwrap();
    assert_eq!((stated.len(), stated[0].helper.as_deref()), (1, Some("娜仁")));
    // Not by anybody else.
    let foreign = pass::end_own(&scene.as_one(scene.outsider), regime.number, stated[0].id);
    assert!(matches!(foreign, Err(Refusal::NotFound)));
    pass::end_own(&scene.as_one(ward), regime.number, stated[0].id).unwrap();
    let asked = scene.ask(&regime, scene.resident, ward);
    assert!(matches!(asked, Err(Refusal::NotFound)), "{asked:?}");
    assert_eq!(conflict(state()), "conflict-pass-guardian-disputed");
    // A fact that a body stated is not theirs to end.
    scene.works(&regime, ward);
    let stated = pass::stated(&scene.as_one(ward), regime.number, ward).unwrap();
    let work = stated.iter().find(|it| it.kind == EvidenceKind::Works).unwrap();
    assert!(matches!(pass::end_own(&scene.as_one(ward), regime.number, work.id), Err(Refusal::NotFound)));
});

/// An account by which somebody can be named.
pub fn account(scene: &Scene, person: Id<Person>, login_name: &str) {
    const ACCOUNT: &str = "INSERT INTO account (county_id, id, person_id, login_name, password_hash, created_at) \
        VALUES ($1, $2, $3, $4, 'none', 0)";
    let id: Id<kernel::Account> = scene.ground.id();
    let set = params![crate::ground::area(COUNTY), id, person, login_name];
    let added = scene.ground.city.db.write(|tx| tx.execute(ACCOUNT, set));
    assert_eq!(added.map_err(|it: store::StoreError| it).unwrap(), 1);
}

both!(an_agent_acts_for_whom_they_are_let_and_is_shown_by_no_name_but_the_one_that_was_said, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let agent = scene.ground.staff("代办人真名");
    account(&scene, agent, "daiban");
    // That the agent also holds an office has nothing to do with it.
    let (body, _) = committee(&scene, COMMUNITY);
    scene.ground.appoint(scene.ground.post(body, Role::Handler, COMMUNITY), agent, None);
    let giver = || scene.as_one(scene.resident);
    let unknown = pass::give_mandate(&giver(), regime.number, "nobody-here");
    assert!(matches!(unknown, Err(Refusal::Invalid(_))));
    let id = pass::give_mandate(&giver(), regime.number, " daiban ").unwrap();
    let mandates = pass::mandates(&giver(), regime.number).unwrap();
    assert_eq!(mandates[0].name, "daiban", "whoever knows a login name learns no real name by it");
    let Answer::Given(held) = scene.ask(&regime, agent, scene.resident).unwrap() else { panic!("refused") };
    // What is stated about the giver is not the agent's to read, and what the agent did the giver sees.
    assert_eq!(pass::stated(&scene.as_one(agent), regime.number, scene.resident).unwrap(), []);
    let readings = || {
        let person = scene.resident;
        domain::journal::readings(&scene.as_one(person), person, &domain::Window::first(9))
            .unwrap()
            .items
            .len()
    };
    assert_eq!(readings(), 1);
    let entry = |place: usize| {
        let found = domain::journal::readings(&giver(), scene.resident, &domain::Window::first(9)).unwrap();
        let it = &found.items[place];
        (it.action.clone(), it.role, it.organization)
    };
    assert_eq!(entry(0), ("pass.act_as_agent".to_owned(), Some(Role::Resident), None), "in no office");
    pass::revoke(&scene.as_one(agent), regime.number, scene.resident, held.index).unwrap();
    assert_eq!(readings(), 2);
    let held = pass::held(&giver(), regime.number, scene.resident).unwrap().2;
    assert_eq!(held[0].revoked.as_ref().map(|(_, why)| why.as_str()), Some("helper"));
    pass::end_own(&giver(), regime.number, id).unwrap();
    assert!(matches!(scene.ask(&regime, agent, scene.resident), Err(Refusal::NotFound)));
});

both!(an_agent_acts_for_so_many_and_the_next_is_told_so_and_no_guardian_is_kept_out, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let agent = scene.ground.resident("代办人", GRID);
    account(&scene, agent, "daiban");
    let mut last = None;
    for number in 0..50 {
        let person = scene.ground.staff(&format!("委托人{number}"));
        pass::give_mandate(&scene.as_one(person), regime.number, "daiban").unwrap();
        last = Some(person);
    }
    let asked = scene.ask(&regime, agent, last.unwrap()).unwrap();
    assert!(matches!(asked, Answer::Refused(_)), "the fiftieth too: {asked:?}");
    let one_more = scene.ground.staff("又一人");
    let given = pass::give_mandate(&scene.as_one(one_more), regime.number, "daiban");
    assert_eq!(conflict(given), "conflict-pass-helped");
    let ward = scene.ground.resident("老人", GRID);
    move_in(&scene, agent, ward);
    let (committee, clerk) = committee(&scene, COMMUNITY);
    let new = Statement { kind: EvidenceKind::Guardian, guardian: Some(agent), ..works(ward) };
    pass::state(&scene.as_one(clerk), regime.number, committee, &new).unwrap();
    let holders = pass::holders(&scene.as_one(agent), regime.number).unwrap();
    assert_eq!((holders.len(), holders[1].by), (52, Some(EvidenceKind::Guardian)));
});

both!(somebody_is_found_by_name_and_number_without_a_walk_over_all, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    for number in 0..200 {
        scene.ground.resident(&format!("居民{number}"), GRID);
    }
    let desk = scene.ground.officer("受理员", Role::Acceptor, COUNTY);
    let (body, manager) = scene.employer;
    store::testing::longest_walk();
    let at_desk = pass::find_at_desk(&scene.as_one(desk), said("居民7", "13900000000")).unwrap();
    let named =
        pass::named(&scene.as_one(manager), regime.number, body, said("居民7", "13900000000")).unwrap();
    assert_eq!(at_desk, named);
    let (steps, statement) = store::testing::longest_walk();
    assert!(steps < 50, "{steps} rows: {statement}");
});

both!(who_has_no_number_is_found_by_whom_they_live_with_at_a_desk_and_in_their_community, |db: Db| {
    let scene = Scene::new(db.clone());
    let regime = scene.regime();
    let desk = scene.ground.officer("受理员", Role::Acceptor, COUNTY);
    let far = scene.ground.officer("远处受理员", Role::Acceptor, crate::ground::OTHER_COUNTY);
    let child = scene.ground.resident("小明", GRID);
    move_in(&scene, child, scene.resident);
    const NO_PHONE: &str = "UPDATE person SET phone = NULL WHERE id = $1";
    assert_eq!(
        db.write(|tx| tx.execute(NO_PHONE, params![child])).map_err(|it: store::StoreError| it).unwrap(),
        1
    );
    let find = |by, name, phone, member| pass::find_at_desk(&scene.as_one(by), Said { name, phone, member });
    let nobody =
        |found: Result<Id<Person>, Refusal>| assert!(matches!(found, Err(Refusal::Invalid(_))), "{found:?}");
    nobody(find(desk, "小明", "13900000000", ""));
    nobody(find(desk, "小明", "", ""));
    nobody(find(desk, "小明", "13900000000", "路人"));
    nobody(find(desk, "小红", "13900000000", "娜仁"));
    nobody(find(desk, "娜仁", "13900000000", "娜仁"));
    nobody(find(far, "小明", "13900000000", "娜仁"));
    assert_eq!(find(desk, " 小明 ", "13900000000", "娜仁").unwrap(), child);
    let readings = domain::journal::readings(&scene.as_one(child), child, &domain::Window::first(9)).unwrap();
    assert_eq!(readings.items.len(), 1, "the reading is of the one who was found");
    let of_member =
        domain::journal::readings(&scene.as_one(scene.resident), scene.resident, &domain::Window::first(9));
    assert_eq!(of_member.unwrap().items.len(), 0);
    assert!(matches!(scene.ask(&regime, desk, child).unwrap(), Answer::Given(_)));

    // Their community states who looks after them; an employer is not told who lives with whom.
    let (own, clerk) = committee(&scene, COMMUNITY);
    let (other, other_clerk) = committee(&scene, OTHER_COMMUNITY);
    let (employer, manager) = scene.employer;
    let by_member = Said { name: "小明", phone: "13900000000", member: "娜仁" };
    let named = |who, body| pass::named(&scene.as_one(who), regime.number, body, by_member);
    nobody(named(manager, employer));
    nobody(named(other_clerk, other));
    let ward = named(clerk, own).unwrap();
    assert_eq!(ward, child);
    let guardian =
        pass::named(&scene.as_one(clerk), regime.number, own, said("娜仁", "13900000000")).unwrap();
    pass::state(&scene.as_one(clerk), regime.number, own, &guardian_of(ward, guardian)).unwrap();
    assert!(matches!(scene.ask(&regime, guardian, child).unwrap(), Answer::Given(_)));
    // Two of one name in one household are nobody.
    let twin = scene.ground.resident("小明", GRID);
    move_in(&scene, twin, child);
    nobody(find(desk, "小明", "13900000000", "娜仁"));
});

both!(a_household_is_found_without_a_walk_over_all, |db: Db| {
    let scene = Scene::new(db);
    for number in 0..200 {
        scene.ground.resident(&format!("居民{number}"), GRID);
    }
    let child = scene.ground.resident("小明", GRID);
    move_in(&scene, child, scene.resident);
    let desk = scene.ground.officer("受理员", Role::Acceptor, COUNTY);
    store::testing::longest_walk();
    let said = Said { name: "小明", phone: "13900000000", member: "娜仁" };
    assert_eq!(pass::find_at_desk(&scene.as_one(desk), said).unwrap(), child);
    let (steps, statement) = store::testing::longest_walk();
    assert!(steps < 50, "{steps} rows: {statement}");
});

both!(whoever_may_act_for_somebody_ends_that_themself_and_the_other_is_told, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let number = regime.number;
    let (agent, ward) = (scene.ground.staff("代办人"), scene.ground.resident("老人", GRID));
    account(&scene, agent, "daiban");
    let giver = || scene.as_one(scene.resident);
    let told = |person| {
        let page = notice::list(&scene.as_one(person), &domain::Window::first(9)).unwrap();
        page.items.iter().filter(|it| it.kind == NoticeKind::PassHelperGone).count()
    };
    let id = pass::give_mandate(&giver(), number, "daiban").unwrap();
    let holders = pass::holders(&scene.as_one(agent), number).unwrap();
    assert_eq!(holders[1].evidence, Some(id));
    assert!(matches!(pass::end_own(&scene.as_one(ward), number, id), Err(Refusal::NotFound)));
    pass::end_own(&scene.as_one(agent), number, id).unwrap();
    assert!(matches!(pass::end_own(&scene.as_one(agent), number, id), Err(Refusal::NotFound)), "once");
    assert!(matches!(scene.ask(&regime, agent, scene.resident), Err(Refusal::NotFound)));
    assert_eq!((told(scene.resident), pass::mandates(&giver(), number).unwrap().len()), (1, 0));
    let stated = pass::stated(&giver(), number, scene.resident).unwrap();
    assert!(stated[0].is_declined && stated[0].ended.is_some());
    // It may be given again: the agent had no room, and nobody said that it was not so.
    pass::give_mandate(&giver(), number, "daiban").unwrap();

    move_in(&scene, scene.resident, ward);
    let (committee, clerk) = committee(&scene, COMMUNITY);
    let new = guardian_of(ward, scene.resident);
    let state = || pass::state(&scene.as_one(clerk), number, committee, &new);
    let id = state().unwrap();
    pass::end_own(&giver(), number, id).unwrap();
    assert!(matches!(scene.ask(&regime, scene.resident, ward), Err(Refusal::NotFound)));
    assert_eq!(told(ward), 1);
    let again = state().unwrap();
    assert!(matches!(scene.ask(&regime, scene.resident, ward).unwrap(), Answer::Given(_)));
    // What the person denied stays denied, however it had ended before.
    pass::end_own(&scene.as_one(ward), number, again).unwrap();
    assert_eq!(conflict(state()), "conflict-pass-guardian-disputed");
});

both!(of_two_who_end_the_same_at_once_one_does, |db: Db| {
    let scene = std::sync::Arc::new(Scene::new(db));
    let regime = scene.regime();
    let number = regime.number;
    let agent = scene.ground.staff("代办人");
    account(&scene, agent, "daiban");
    for _ in 0..4 {
        let id = pass::give_mandate(&scene.as_one(scene.resident), number, "daiban").unwrap();
        let ending = [agent, scene.resident].map(|by| {
            let ctx = scene.as_one(by);
            std::thread::spawn(move || pass::end_own(&ctx, number, id))
        });
        let ended = ending.map(|it| it.join().unwrap());
        assert_eq!(ended.iter().filter(|it| it.is_ok()).count(), 1, "{ended:?}");
        assert!(ended.iter().any(|it| matches!(it, Err(Refusal::NotFound))), "{ended:?}");
    }
});

both!(who_is_served_or_helped_is_told_of_a_pass_in_their_name, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let (agent, desk) = (scene.ground.staff("代办人"), scene.ground.officer("窗口", Role::Acceptor, COUNTY));
    account(&scene, agent, "daiban");
    pass::give_mandate(&scene.as_one(scene.resident), regime.number, "daiban").unwrap();
    let told = || {
        let page = notice::list(&scene.as_one(scene.resident), &domain::Window::first(9)).unwrap();
        page.items.iter().filter(|it| it.kind == NoticeKind::PassGivenFor).count()
    };
    scene.ask(&regime, scene.resident, scene.resident).unwrap();
    assert_eq!(told(), 0, "what one did oneself one knows");
    scene.ask(&regime, agent, scene.resident).unwrap();
    scene.ask(&regime, desk, scene.resident).unwrap();
    assert_eq!(told(), 2);
});
