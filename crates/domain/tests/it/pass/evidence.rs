use domain::{
    Refusal, case,
    notice::{self, NoticeKind},
    pass::{self, Answer, Decision, EvidenceKind, RuleState, Statement},
};
use kernel::{Id, Person, Role};
use store::{Db, both, params};

use super::{Scene, against, conflict, helpers::account, vehicle, works};
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
    let new = |kind| Statement { kind, ..works(scene.outsider) };
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
    let end = |person, reason| scene.works_no_more(&regime, person, reason);
    assert!(matches!(end(scene.outsider, " "), Err(Refusal::Invalid(_))), "not without a reason");
    assert_eq!(conflict(end(scene.resident, "不在此工作")), "conflict-pass-not-stated");
    scene.ground.clock.pass_seconds(60);
    end(scene.outsider, "离职").unwrap();
    assert_eq!(scene.check(&text).unwrap_err(), "revoked");
    assert!(told(&scene, scene.outsider).contains(&NoticeKind::PassRevoked));
    scene.refused(&regime, scene.outsider);
    // Whoever it was about reads why, and the database alone does not say it.
    let stated = pass::stated(&scene.as_one(scene.outsider), regime.number, scene.outsider).unwrap();
    let [it] = &stated[..] else { panic!("{stated:?}") };
    assert_eq!((it.kind, it.body.as_str()), (EvidenceKind::Works, "乳业"));
    assert_eq!(it.ended.as_ref().map(|(_, reason)| reason.as_str()), Some("离职"));
    let readable = scene.ground.city.db.read(|tx| {
        tx.count("SELECT COUNT(*) FROM pass_evidence WHERE reason = $1", params!["离职".as_bytes().to_vec()])
    });
    assert_eq!(readable.map_err(|it: store::StoreError| it).unwrap(), 0);
    let curious = pass::stated(&scene.as_one(scene.resident), regime.number, scene.outsider);
    assert!(matches!(curious, Err(Refusal::NotFound)));
});

both!(one_plate_is_taken_back_and_the_other_stays_and_without_a_plate_all_go, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let (body, manager) = scene.employer;
    let person = scene.outsider;
    for plate in ["蒙J11111", "蒙J22222", "蒙J33333"] {
        pass::state(&scene.as_one(manager), regime.number, body, &vehicle(person, plate)).unwrap();
    }
    let end = |plate: &str| {
        pass::end_evidence(&scene.as_one(manager), regime.number, body, &vehicle(person, plate), "已卖出")
    };
    assert_eq!(conflict(end("蒙J99999")), "conflict-pass-not-stated");
    end("蒙J22222").unwrap();
    let left = || -> Vec<String> {
        let stated = pass::stated(&scene.as_one(person), regime.number, person).unwrap();
        stated.into_iter().filter(|it| it.ended.is_none()).filter_map(|it| it.plate).collect()
    };
    assert_eq!(left(), ["蒙J33333", "蒙J11111"]);
    end("").unwrap();
    assert_eq!(left(), Vec::<String>::new());
});

both!(a_pass_for_a_vehicle_goes_on_saying_what_was_signed, |db: Db| {
    let scene = Scene::new(db);
    let order =
        pass::NewRegime { bearer: pass::Bearer::Vehicle, rule: "driver: vehicle".into(), ..scene.order() };
    let proposed = pass::propose(&scene.as_one(scene.leader), &order).unwrap();
    let regime =
        pass::decide(&scene.as_one(scene.commander), proposed.number, Decision::Approve, "").unwrap();
    let (body, manager) = scene.employer;
    let state = |plate: &str| {
        let new = vehicle(scene.resident, plate);
        pass::state(&scene.as_one(manager), regime.number, body, &new).unwrap();
    };
    assert!(matches!(scene.ask(&regime, scene.resident, scene.resident).unwrap(), Answer::Refused(_)));
    state("蒙J12345");
    let held = scene.given(&regime, scene.resident);
    let text = scene.text(&regime, scene.resident, &held);
    let seen = scene.check(&text).unwrap().bearer;
    assert_eq!(
        seen,
        pass_format::Bearer::NameAndDigits(pass_format::Hint::new('蒙').unwrap(), 2_345),
        "no more than its first character and last digits"
    );
    // Another vehicle is another pass: the code that was printed stays the one that is shown.
    scene.ground.clock.pass_seconds(60);
    state("京A98765");
    assert_eq!(scene.text(&regime, scene.resident, &held), text);
    let code = pass::code_of(&scene.as_one(scene.resident), regime.number, scene.resident, held.index);
    assert_eq!(code.unwrap().bearer, "蒙*2345");
    // Of two vehicles nobody but whoever asks says which, neither the body that stated last nor the first.
    let me = || scene.as_one(scene.resident);
    let vehicles = || pass::overview(&me(), regime.number, scene.resident).unwrap().vehicles;
    let both = vehicles();
    assert_eq!(both.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["蒙J12345", "京A98765"]);
    let ask = |chosen| pass::ask(&me(), regime.number, scene.resident, chosen);
    for undecided in [None, Some(scene.ground.id())] {
        let Err(Refusal::Invalid(faults)) = ask(undecided) else { panic!("{undecided:?}") };
        assert_eq!(faults[0].field, "vehicle");
    }
    for (id, shown) in [(both[1].0, "京*8765"), (both[0].0, "蒙*2345")] {
        let Answer::Given(next) = ask(Some(id)).unwrap() else { panic!("refused") };
        let code = pass::code_of(&me(), regime.number, scene.resident, next.index);
        assert_eq!(code.unwrap().bearer, shown);
    }
    // A vehicle that is not theirs the person ends; without any they have no pass more.
    pass::end_own(&me(), regime.number, both[0].0).unwrap();
    assert!(matches!(pass::end_own(&me(), regime.number, both[0].0), Err(Refusal::NotFound)), "once");
    assert_eq!(vehicles(), [both[1].clone()]);
    scene.given(&regime, scene.resident);
    let other = pass::end_own(&scene.as_one(manager), regime.number, both[1].0);
    assert!(matches!(other, Err(Refusal::NotFound)), "{other:?}");
    pass::end_own(&me(), regime.number, both[1].0).unwrap();
    let (_, outcome, held) = pass::held(&me(), regime.number, scene.resident).unwrap();
    assert!(!outcome.unwrap().is_granted && held.iter().all(|it| !it.is_valid(scene.ground.now())));
});

both!(one_body_that_states_much_takes_no_room_from_another, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let (body, manager) = scene.employer;
    let person = scene.outsider;
    let car = |number: i64| vehicle(person, &format!("蒙J{number:05}"));
    for number in 0..20 {
        pass::state(&scene.as_one(manager), regime.number, body, &car(number)).unwrap();
    }
    let more = pass::state(&scene.as_one(manager), regime.number, body, &car(20));
    assert_eq!(conflict(more), "conflict-pass-statements");
    // The same again is the same, another kind and another body have room, and so have mandates.
    pass::state(&scene.as_one(manager), regime.number, body, &car(7)).unwrap();
    scene.works(&regime, person);
    let kind = domain::organization::OrganizationKind::Firm;
    let other = scene.ground.organization(kind, "乙公司", COUNTY, None);
    let clerk = scene.ground.staff("乙经理");
    scene.ground.appoint(scene.ground.post(other, Role::Handler, COUNTY), clerk, None);
    pass::state(&scene.as_one(clerk), regime.number, other, &car(20)).unwrap();
    let give = |number: i64| {
        let login = format!("agent-{number}");
        account(&scene, scene.ground.staff("代办人"), &login);
        pass::give_mandate(&scene.as_one(person), regime.number, &login)
    };
    for number in 0..20 {
        give(number).unwrap();
    }
    assert_eq!(conflict(give(20)), "conflict-pass-mandates");
    let end = pass::end_evidence(&scene.as_one(manager), regime.number, body, &car(3), "已卖出");
    end.unwrap();
    pass::state(&scene.as_one(manager), regime.number, body, &car(20)).unwrap();
});

both!(whoever_gets_and_ends_passes_in_turn_fills_no_list, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    for _ in 0..pass::PLACES_MAX {
        let held = scene.given(&regime, scene.resident);
        pass::revoke(&scene.as_one(scene.resident), regime.number, scene.resident, held.index).unwrap();
        scene.ground.clock.pass_seconds(60);
    }
    assert_eq!(conflict(scene.ask(&regime, scene.resident, scene.resident)), "conflict-pass-places");
    // When the first of them is over there is room for another.
    scene.ground.clock.pass_seconds(48 * 3_600 - pass::PLACES_MAX as i64 * 60);
    scene.given(&regime, scene.resident);
});

both!(what_a_withdrawn_key_signed_is_not_counted_against_its_holder, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    for _ in 0..pass::VALID_MAX {
        scene.given(&regime, scene.resident);
    }
    assert_eq!(conflict(scene.ask(&regime, scene.resident, scene.resident)), "conflict-pass-many");
    pass::withdraw_key(&scene.as_one(scene.leader), regime.number, 1, "密钥外泄").unwrap();
    assert_eq!(scene.given(&regime, scene.resident).key_number, 2);
    let held = pass::held(&scene.as_one(scene.resident), regime.number, scene.resident).unwrap().2;
    assert_eq!(held.iter().filter(|it| it.is_valid(scene.ground.now())).count(), 1);
});

both!(a_body_cannot_end_statements_about_many_alone, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let mut last = Ok(());
    for number in 0..=pass::TOUCHED_MAX {
        let person = scene.ground.staff(&format!("工人{number}"));
        scene.works(&regime, person);
        scene.ground.clock.pass_seconds(1);
        last = scene.works_no_more(&regime, person, "停工");
        assert_eq!(last.is_ok(), number < pass::TOUCHED_MAX, "{number}");
    }
    assert_eq!(conflict(last), "conflict-pass-many-ended");
    // The next day it is stopped no longer.
    scene.ground.clock.pass_seconds(86_400);
    let person = scene.ground.staff("第二天的工人");
    scene.works(&regime, person);
    scene.works_no_more(&regime, person, "停工").unwrap();
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

both!(an_appeal_is_a_case_with_a_clock_and_gives_no_pass, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let acceptor = scene.ground.officer("受理员", Role::Acceptor, COUNTY);
    let outsider = || scene.as_one(scene.outsider);
    let appeal = |area: &str, words: &str| {
        pass::appeal(&outsider(), regime.number, scene.outsider, &against(area, words))
    };
    assert_eq!(conflict(appeal(COMMUNITY, "我在这里上班")), "conflict-pass-not-refused");
    scene.refused(&regime, scene.outsider);
    assert!(matches!(appeal("", "我在这里上班"), Err(Refusal::Invalid(_))), "somebody has to know where");
    assert!(matches!(appeal(COMMUNITY, " "), Err(Refusal::Invalid(_))));
    let id = appeal(COMMUNITY, "我在这里上班").unwrap();
    assert_eq!(appeal(COMMUNITY, "我在这里上班").unwrap(), id, "one appeal against one outcome");
    assert_eq!(
        conflict(appeal(COMMUNITY, "还有一句")),
        "conflict-pass-appealed",
        "its words are not lost unseen"
    );
    let record = case::record(&scene.as_one(acceptor), id).unwrap();
    let within = record.case.stage_due.unwrap().seconds_since(scene.ground.now());
    assert_eq!(
        (record.case.procedure.as_str(), record.case.stage.as_str(), within),
        ("pass-appeal", "accept", 7_200)
    );
    assert_eq!(pass::appeals(&outsider(), regime.number, scene.outsider).unwrap()[0].case, id);
    // Whatever is done in the case, only a fact opens the gate.
    scene.refused(&regime, scene.outsider);
    // When it came to nothing there may be a second one, with its own clock.
    let input = case::StepInput {
        ground: Some("has-a-pass".into()),
        note: "查无此事".into(),
        ..case::StepInput::default()
    };
    case::advance(&scene.as_one(acceptor), id, "void", &input).unwrap();
    let second = appeal(COMMUNITY, "我在这里上班").unwrap();
    assert_ne!(second, id);
    assert_eq!(pass::appeals(&outsider(), regime.number, scene.outsider).unwrap().len(), 2);
    scene.works(&regime, scene.outsider);
    scene.given(&regime, scene.outsider);
    assert_eq!(conflict(appeal(COMMUNITY, "再说一次")), "conflict-pass-not-refused");
});
