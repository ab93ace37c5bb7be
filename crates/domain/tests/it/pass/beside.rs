//! What happens at the same time.

use std::{sync::Arc, thread};

use domain::{
    Ctx, Refusal,
    pass::{self, Answer},
};
use kernel::{Id, Person};
use store::{Db, both};

use super::{Scene, conflict, works};
use crate::ground::GRID;

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

both!(who_asks_four_times_at_once_and_more_has_four_passes, |db: Db| {
    let scene = Arc::new(Scene::new(db));
    let regime = scene.regime();
    let number = regime.number;
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let (ctx, person) = (scene.as_one(scene.resident), scene.resident);
            thread::spawn(move || pass::ask(&ctx, number, person, None))
        })
        .collect();
    let mut given = 0;
    for it in asked {
        match it.join().unwrap() {
            Ok(Answer::Given(_)) => given += 1,
            other => assert_eq!(conflict(other), "conflict-pass-many"),
        }
    }
    assert_eq!(given, pass::VALID_MAX);
    assert_eq!(scene.ground.count("SELECT COUNT(*) FROM pass_issue"), 4);
});

both!(nobody_keeps_a_pass_who_asked_while_the_fact_was_taken_back, |db: Db| {
    let scene = Arc::new(Scene::new(db));
    let regime = scene.regime();
    let number = regime.number;
    for round in 0..6 {
        let person = scene.ground.staff(&format!("工人{round}"));
        scene.works(&regime, person);
        let asking = {
            let ctx = scene.as_one(person);
            thread::spawn(move || pass::ask(&ctx, number, person, None))
        };
        let ending = {
            let (scene, regime) = (scene.clone(), regime.clone());
            thread::spawn(move || scene.works_no_more(&regime, person, "离职"))
        };
        let asked = asking.join().unwrap().unwrap();
        ending.join().unwrap().unwrap();
        let held = pass::held(&scene.as_one(person), number, person).unwrap().2;
        let now = scene.ground.now();
        assert!(held.iter().all(|it| !it.is_valid(now)), "{asked:?} {held:?}");
    }
});

both!(the_same_fact_stated_twice_at_once_stands_once, |db: Db| {
    let scene = Arc::new(Scene::new(db));
    let regime = scene.regime();
    let (number, person) = (regime.number, scene.outsider);
    let (body, manager) = scene.employer;
    let stating: Vec<_> = (0..4)
        .map(|_| {
            let ctx = scene.as_one(manager);
            thread::spawn(move || pass::state(&ctx, number, body, &works(person)).unwrap())
        })
        .collect();
    let mut ids: Vec<_> = stating.into_iter().map(|it| it.join().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(scene.ground.count("SELECT COUNT(*) FROM pass_evidence"), 1);
});

both!(a_body_that_takes_back_from_many_hands_at_once_is_stopped_all_the_same, |db: Db| {
    let scene = Arc::new(Scene::new(db));
    let regime = scene.regime();
    let people: Vec<Id<Person>> =
        (0..pass::TOUCHED_MAX + 4).map(|it| scene.ground.staff(&format!("工人{it}"))).collect();
    people.iter().for_each(|it| scene.works(&regime, *it));
    let hands: Vec<_> = people
        .chunks(6)
        .map(|people| {
            let (scene, regime, people) = (scene.clone(), regime.clone(), people.to_vec());
            thread::spawn(move || {
                people.iter().filter(|it| scene.works_no_more(&regime, **it, "停工").is_ok()).count()
            })
        })
        .collect();
    let ended: usize = hands.into_iter().map(|it| it.join().unwrap()).sum();
    assert_eq!(ended as i64, pass::TOUCHED_MAX);
});

both!(
    who_was_judged_by_the_old_rule_behind_the_walk_is_judged_again_before_the_new_one_is_settled,
    |db: Db| {
        let scene = Scene::new(db.clone());
        let regime = scene.regime();
        let early = scene.given(&regime, scene.resident);
        scene.change_rule(&regime, "worker: works_in");
        let settled = || {
            let rules = pass::regime(&scene.as_one(scene.leader), regime.number).unwrap().rules;
            rules[0].settled_at.is_some()
        };
        pass::tick(&scene.ground.city).unwrap();
        assert!(!settled(), "a writer may still be on the way");
        let held = pass::held(&scene.as_one(scene.resident), regime.number, scene.resident).unwrap().2;
        assert!(held[0].index == early.index && held[0].revoked.is_some());
        // One who began before: the outcome is by the first rule, and is there only now.
        let late = scene.ground.resident("晚到的人", GRID);
        let run = |sql: &'static str| {
            let done = db.write(|tx| tx.execute(sql, &[]));
            assert_eq!(done.map_err(|it: store::StoreError| it).unwrap(), 1, "{sql}");
        };
        run("UPDATE pass_rule SET state = 'in_force' WHERE version = 1");
        run("UPDATE pass_rule SET state = 'replaced' WHERE version = 2");
        scene.given(&regime, late);
        run("UPDATE pass_rule SET state = 'replaced' WHERE version = 1");
        run("UPDATE pass_rule SET state = 'in_force' WHERE version = 2");
        scene.ground.clock.pass_seconds(61);
        pass::tick(&scene.ground.city).unwrap();
        let held = pass::held(&scene.as_one(late), regime.number, late).unwrap().2;
        assert!(held[0].revoked.is_some(), "{held:?}");
        pass::tick(&scene.ground.city).unwrap();
        assert!(settled());
    }
);

both!(one_round_judges_so_many_and_says_that_there_are_more, |db: Db| {
    let scene = Scene::new(db.clone());
    let regime = scene.regime();
    scene.given(&regime, scene.resident);
    // Rows of holders whose outcome nobody can read stand for many.
    let mark = |number: i64| number.to_be_bytes().repeat(4);
    const MANY: &str = "INSERT INTO pass_holder (county_id, regime, holder, revision, judged_by, forget_at) \
        SELECT county_id, regime, $1, 1, 1, forget_at FROM pass_holder WHERE judged_by IS NOT NULL ORDER BY holder LIMIT 1";
    let added =
        db.write(|tx| (0..2_050).try_for_each(|it| tx.execute(MANY, store::params![mark(it)]).map(drop)));
    added.map_err(|it: store::StoreError| it).unwrap();
    scene.change_rule(&regime, "worker: works_in");
    assert!(pass::tick(&scene.ground.city).unwrap(), "the journal is sealed in between");
    assert!(!pass::tick(&scene.ground.city).unwrap());
    let ctx = Ctx::system(scene.ground.city.clone());
    let left = ctx
        .read(|tx| Ok::<_, Refusal>(tx.count("SELECT COUNT(*) FROM pass_holder WHERE judged_by < 2", &[])?));
    assert_eq!(left.unwrap(), 0);
});
