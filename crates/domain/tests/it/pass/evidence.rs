use std::sync::Arc;

use domain::{
    Refusal, case,
    notice::{self, NoticeKind},
    pass::{self, Answer, Decision, EvidenceKind, RuleState, Statement},
};
use kernel::{Id, Person, Role};
use store::{Db, both, params};

use super::{Scene, conflict};
use crate::ground::{COMMUNITY, COUNTY, GRID};

fn told(scene: &Scene, person: Id<Person>) -> Vec<NoticeKind> {
    let ctx = scene.as_one(person);
    let page = notice::list(&ctx, &domain::Window::first(50)).unwrap();
    page.items.iter().map(|it| it.kind).collect()
}

both!(a_refusal_says_what_did_not_hold_and_a_stated_fact_mends_it, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let refused = scene.refused(&regime, scene.outsider);
    let words = pass::Rule { groups: refused.failed.clone() }.to_string();
    assert_eq!((refused.rule_version, words.as_str()), (1, "resident: lives_in\nworker: works_in"));
    assert_eq!(told(&scene, scene.outsider), [NoticeKind::PassRefused], "told at once");
    // Asked again with nothing new it is the same outcome.
    assert_eq!(scene.refused(&regime, scene.outsider), refused);

    let (body, manager) = scene.employer;
    let new = |kind| Statement { kind, person: scene.outsider, guardian: None, plate: String::new() };
    let other = pass::state(&scene.as_one(scene.resident), regime.number, body, &new(EvidenceKind::Works));
    assert!(matches!(other, Err(Refusal::Denied)), "{other:?}");
    let other = pass::state(&scene.as_one(scene.leader), regime.number, body, &new(EvidenceKind::Works));
    assert!(matches!(other, Err(Refusal::Denied)), "not even who ordered states it for another body");
    let mandate = pass::state(&scene.as_one(manager), regime.number, body, &new(EvidenceKind::Mandate));
    assert!(matches!(mandate, Err(Refusal::Denied)), "nobody gives a mandate for another");
    scene.works(&regime, scene.outsider);
    let held = scene.given(&regime, scene.outsider);
    let text = scene.text(&regime, scene.outsider, &held);
    assert!(scene.check(&text).is_ok());

    // Taken back, the rule is asked again, and what was given ends.
    let late = || scene.as_one(manager);
    let end = |person, reason| {
        pass::end_evidence(&late(), regime.number, body, EvidenceKind::Works, person, reason)
    };
    assert!(matches!(end(scene.outsider, " "), Err(Refusal::Invalid(_))), "not without a reason");
    assert!(matches!(end(scene.resident, "不在此工作"), Err(Refusal::NotFound)));
    scene.ground.clock.pass_seconds(60);
    end(scene.outsider, "离职").unwrap();
    assert_eq!(scene.check(&text).unwrap_err(), "revoked");
    assert!(told(&scene, scene.outsider).contains(&NoticeKind::PassRevoked));
    scene.refused(&regime, scene.outsider);
});

both!(a_body_cannot_end_statements_about_many_alone, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let (body, manager) = scene.employer;
    let mut last = Ok(());
    for number in 0..=pass::TOUCHED_MAX {
        let person = scene.ground.staff(&format!("工人{number}"));
        scene.works(&regime, person);
        scene.ground.clock.pass_seconds(1);
        last = pass::end_evidence(
            &scene.as_one(manager),
            regime.number,
            body,
            EvidenceKind::Works,
            person,
            "停工",
        );
        assert_eq!(last.is_ok(), number < pass::TOUCHED_MAX, "{number}");
    }
    assert_eq!(conflict(last), "conflict-pass-many-ended");
});

both!(a_rule_is_changed_by_two_bodies_however_few_it_touches_and_says_how_many_before, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let mut people = Vec::new();
    for number in 0..21 {
        let person = scene.ground.resident(&format!("居民{number}"), GRID);
        let held = scene.given(&regime, person);
        people.push((person, scene.text(&regime, person, &held)));
    }
    // One that changes nothing for anybody who has asked waits as well: nobody knows who has not asked yet.
    let leader = || scene.as_one(scene.leader);
    let wide =
        pass::propose_rule(&leader(), regime.number, "resident: lives_in 1509\nworker: works_in").unwrap();
    assert_eq!((wide.affected, wide.state), (0, RuleState::Proposed));
    assert!(told(&scene, scene.commander).contains(&NoticeKind::PassDecisionWaiting));
    let own = pass::decide_rule(&leader(), regime.number, 2, Decision::Approve);
    assert!(matches!(own, Err(Refusal::Denied)), "{own:?}");
    let decided =
        pass::decide_rule(&scene.as_one(scene.auditor), regime.number, 2, Decision::Approve).unwrap();
    assert_eq!((decided.state, decided.decided_by.is_some()), (RuleState::InForce, true));
    let same = pass::propose_rule(&leader(), regime.number, "resident: lives_in 1509\n\nworker:  works_in");
    assert!(matches!(same, Err(Refusal::Invalid(_))));

    let narrow = pass::propose_rule(&leader(), regime.number, "worker: works_in").unwrap();
    assert_eq!((narrow.affected, narrow.state), (21, RuleState::Proposed));
    assert_eq!(
        conflict(pass::propose_rule(&leader(), regime.number, "driver: vehicle")),
        "conflict-pass-rule-waits"
    );
    pass::tick(&scene.ground.city).unwrap();
    assert!(scene.check(&people[0].1).is_ok(), "nothing happens until it is decided");
    let decide = |person, decision| pass::decide_rule(&scene.as_one(person), regime.number, 3, decision);
    assert!(matches!(decide(scene.leader, Decision::Approve), Err(Refusal::Denied)));
    assert_eq!(decide(scene.commander, Decision::Approve).unwrap().state, RuleState::InForce);
    assert_eq!(conflict(decide(scene.auditor, Decision::Refuse)), "conflict-pass-decided");
    pass::tick(&scene.ground.city).unwrap();
    for (person, text) in &people {
        assert_eq!(scene.check(text).unwrap_err(), "revoked");
        assert!(told(&scene, *person).contains(&NoticeKind::PassRefused));
    }
    let (_, outcome, _) = pass::held(&scene.as_one(people[0].0), regime.number, people[0].0).unwrap();
    assert_eq!(outcome.map(|it| (it.rule_version, it.is_granted, it.number)), Some((3, false, 3)));

    // Refused by the next rule too, for another reason, nobody is told again.
    pass::propose_rule(&leader(), regime.number, "driver: vehicle").unwrap();
    pass::decide_rule(&scene.as_one(scene.commander), regime.number, 4, Decision::Approve).unwrap();
    pass::tick(&scene.ground.city).unwrap();
    let (_, outcome, _) = pass::held(&scene.as_one(people[0].0), regime.number, people[0].0).unwrap();
    assert_eq!(outcome.map(|it| (it.rule_version, it.is_granted)), Some((4, false)));
    let refusals = told(&scene, people[0].0);
    assert_eq!(refusals.iter().filter(|it| **it == NoticeKind::PassRefused).count(), 1);
});

both!(who_has_the_database_alone_turns_nobody_red_and_nobody_green, |db: Db| {
    let scene = Scene::new(db.clone());
    let regime = scene.regime();
    let held = scene.given(&regime, scene.resident);
    let text = scene.text(&regime, scene.resident, &held);
    scene.refused(&regime, scene.outsider);
    let run = |sql: &'static str| {
        let changed = db.write(|tx| tx.execute(sql, &[]));
        assert!(changed.map_err(|it: store::StoreError| it).unwrap() > 0, "{sql}");
    };
    // Outcomes: those that were turned are not believed, and asking is what counts.
    run("UPDATE pass_outcome SET granted = NOT granted");
    let own = |person| pass::held(&scene.as_one(person), regime.number, person).unwrap().1;
    assert_eq!((own(scene.resident), own(scene.outsider)), (None, None));
    assert!(matches!(scene.ask(&regime, scene.resident, scene.resident).unwrap(), Answer::Given(_)));
    scene.refused(&regime, scene.outsider);
    assert_eq!(own(scene.resident).map(|it| (it.is_granted, it.number)), Some((true, 2)), "written anew");
    // A pass that is marked as revoked goes on opening.
    run("UPDATE pass_issue SET revoked_at = 1, reason = 'rule'");
    assert!(scene.check(&text).is_ok());
    // Evidence that is moved to somebody else, or made up, is left out.
    scene.works(&regime, scene.outsider);
    let holder = "SELECT holder FROM pass_issue LIMIT 1";
    let other: Vec<u8> = db
        .read(|tx| tx.first(holder, &[]))
        .map_err(|it: store::StoreError| it)
        .unwrap()
        .unwrap()
        .get(0)
        .unwrap();
    let moved = db.write(|tx| tx.execute("UPDATE pass_evidence SET holder = $1", params![&other[..]]));
    assert_eq!(moved.map_err(|it: store::StoreError| it).unwrap(), 1);
    scene.refused(&regime, scene.outsider);
    // Nobody is named in what is kept.
    for sql in [
        "SELECT COUNT(*) FROM pass_outcome WHERE holder = $1",
        "SELECT COUNT(*) FROM pass_issue WHERE holder = $1",
    ] {
        let id = scene.resident.uuid();
        let found = db.read(|tx| tx.count(sql, params![id.as_bytes().to_vec()]));
        assert_eq!(found.map_err(|it: store::StoreError| it).unwrap(), 0);
    }
});

both!(a_guardian_an_agent_and_a_desk_ask_for_others_and_nobody_else_does, |db: Db| {
    let scene = Scene::new(db.clone());
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
    assert_eq!(readings.items[0].purpose, "service");
    // It gives and prints, and ends nothing: that would be an outcome by hand.
    let index = pass::held(&scene.as_one(desk), regime.number, child).unwrap().2[0].index;
    let ended = pass::revoke(&scene.as_one(desk), regime.number, child, index);
    assert!(matches!(ended, Err(Refusal::Denied)), "{ended:?}");
    assert_eq!(pass::find_at_desk(&scene.as_one(desk), "小明", "13900000000").unwrap(), child);
    assert!(matches!(pass::find_at_desk(&scene.as_one(desk), "小", "13900000000"), Err(Refusal::Invalid(_))));
    assert!(matches!(
        pass::find_at_desk(&scene.as_one(stranger), "小明", "13900000000"),
        Err(Refusal::NotFound)
    ));

    // A guardian lives in the same household.
    let guardian =
        |guardian| Statement { kind: EvidenceKind::Guardian, person: child, guardian, plate: String::new() };
    let committee = scene.ground.organization(
        domain::organization::OrganizationKind::CommunityCommittee,
        "社区",
        COMMUNITY,
        None,
    );
    let clerk = scene.ground.staff("社区干部");
    scene.ground.appoint(scene.ground.post(committee, Role::Acceptor, COMMUNITY), clerk, None);
    let state = |it| pass::state(&scene.as_one(clerk), regime.number, committee, &guardian(it));
    assert!(matches!(state(None), Err(Refusal::Invalid(_))));
    assert!(matches!(state(Some(stranger)), Err(Refusal::Invalid(_))), "another household");
    const MOVE_IN: &str =
        "UPDATE person SET household_id = (SELECT household_id FROM person WHERE id = $1) WHERE id = $2";
    let moved = db.write(|tx| tx.execute(MOVE_IN, params![child, scene.resident]));
    assert_eq!(moved.map_err(|it: store::StoreError| it).unwrap(), 1);
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
    let foreign = pass::revoke(&scene.as_one(stranger), regime.number, child, passes[1].index);
    assert!(matches!(foreign, Err(Refusal::NotFound)));
});

both!(an_appeal_is_a_case_with_a_clock_and_gives_no_pass, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let acceptor = scene.ground.officer("受理员", Role::Acceptor, COUNTY);
    let outsider = || scene.as_one(scene.outsider);
    let appeal =
        |area: &str, words: &str| pass::appeal(&outsider(), regime.number, scene.outsider, area, words);
    assert_eq!(conflict(appeal(COMMUNITY, "我在这里上班")), "conflict-pass-not-refused");
    scene.refused(&regime, scene.outsider);
    assert!(matches!(appeal("", "我在这里上班"), Err(Refusal::Invalid(_))), "somebody has to know where");
    assert!(matches!(appeal(COMMUNITY, " "), Err(Refusal::Invalid(_))));
    let id = appeal(COMMUNITY, "我在这里上班").unwrap();
    assert_eq!(appeal(COMMUNITY, "我在这里上班").unwrap(), id, "one appeal against one outcome");
    let record = case::record(&scene.as_one(acceptor), id).unwrap();
    let within = record.case.stage_due.unwrap().seconds_since(scene.ground.now());
    assert_eq!(
        (record.case.procedure.as_str(), record.case.stage.as_str(), within),
        ("pass-appeal", "accept", 7_200)
    );
    assert_eq!(pass::appeals(&outsider(), regime.number, scene.outsider).unwrap()[0].0, id);
    // Whatever is done in the case, only a fact opens the gate.
    scene.refused(&regime, scene.outsider);
    scene.works(&regime, scene.outsider);
    scene.given(&regime, scene.outsider);
    assert_eq!(conflict(appeal(COMMUNITY, "再说一次")), "conflict-pass-not-refused");
});

both!(two_who_ask_at_once_get_two_places_and_no_place_twice, |db: Db| {
    let scene = Arc::new(Scene::new(db));
    let regime = scene.regime();
    let people: Vec<Id<Person>> =
        (0..8).map(|it| scene.ground.resident(&format!("居民{it}"), GRID)).collect();
    let ask = |person: Id<Person>| {
        let (scene, regime) = (scene.clone(), regime.clone());
        std::thread::spawn(move || scene.given(&regime, person).index)
    };
    let asked: Vec<_> = people.iter().chain(&people).map(|it| ask(*it)).collect();
    let mut places: Vec<i64> = asked.into_iter().map(|it| it.join().unwrap()).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 16);
    assert_eq!(scene.ground.count("SELECT COUNT(*) FROM pass_outcome"), 8, "one outcome each");
});
