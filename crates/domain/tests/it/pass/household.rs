//! One pass for all who live together.

use std::thread;

use domain::{
    Refusal,
    pass::{self, Answer, Bearer, Decision, NewRegime, Regime},
};
use kernel::{Id, Person};
use store::{Db, both, params};

use super::{Scene, conflict, helpers::move_in};
use crate::ground::GRID;

/// An order whose passes are households'.
fn order(scene: &Scene) -> Regime {
    let order = NewRegime { bearer: Bearer::Household, ..scene.order() };
    let proposed = pass::propose(&scene.as_one(scene.leader), &order).unwrap();
    pass::decide(&scene.as_one(scene.commander), proposed.number, Decision::Approve, "").unwrap()
}

fn address(scene: &Scene, person: Id<Person>, address: &str) {
    const MOVE: &str = "UPDATE premises SET address = $2 WHERE id = (SELECT h.premises_id FROM household h \
        JOIN person p ON p.household_id = h.id AND p.county_id = h.county_id WHERE p.id = $1)";
    let changed = scene.ground.city.db.write(|tx| tx.execute(MOVE, params![person, address])).unwrap();
    assert_eq!(changed, 1);
}

both!(whoever_lives_together_has_one_pass_that_shows_their_door, |db: Db| {
    let scene = Scene::new(db);
    let regime = order(&scene);
    let (mother, son, neighbour) =
        (scene.resident, scene.ground.resident("巴特尔", GRID), scene.ground.resident("图雅", GRID));
    move_in(&scene, son, mother);
    // The register has no number at their door: what to do is said, and nothing is given.
    assert_eq!(conflict(scene.ask(&regime, mother, mother)), "conflict-pass-door");
    address(&scene, mother, "新体路3号楼2单元502室");
    address(&scene, neighbour, "新体路3号楼2单元501室");

    let own = scene.given(&regime, mother);
    let text = scene.text(&regime, mother, &own);
    let shown = pass_format::Bearer::NameAndDigits(pass_format::Hint::new('户').unwrap(), 502);
    assert_eq!(scene.check(&text).unwrap().bearer, shown, "and no name");
    let code = pass::code_of(&scene.as_one(mother), regime.number, mother, own.index).unwrap();
    assert_eq!(code.bearer, "户*0502");

    // They count together: four are all that a household has, whoever of it asks.
    scene.given(&regime, son);
    scene.given(&regime, mother);
    scene.given(&regime, son);
    for person in [mother, son] {
        assert_eq!(conflict(scene.ask(&regime, person, person)), "conflict-pass-household-many");
        let overview = pass::overview(&scene.as_one(person), regime.number, person).unwrap();
        assert_eq!(overview.full.map(|it| it.id), Some("conflict-pass-household-many"));
        assert_eq!(overview.held.len(), 2, "what another of them has they are not shown");
    }
    scene.given(&regime, neighbour);
    // Who got one ends it, and there is room again for each of them; nobody ends another's.
    let foreign = pass::revoke(&scene.as_one(son), regime.number, son, own.index);
    assert!(matches!(foreign, Err(Refusal::NotFound)), "{foreign:?}");
    pass::revoke(&scene.as_one(mother), regime.number, mother, own.index).unwrap();
    assert_eq!(scene.check(&text).unwrap_err(), "revoked");
    scene.given(&regime, son);
    // Who works here and lives nowhere in the register is told so; of their own name a pass of this kind says nothing.
    scene.works(&regime, scene.outsider);
    assert_eq!(conflict(scene.ask(&regime, scene.outsider, scene.outsider)), "conflict-pass-door");
});

both!(two_of_a_household_who_ask_at_once_get_no_more_than_one_would, |db: Db| {
    let scene = Scene::new(db);
    let regime = order(&scene);
    let (mother, son) = (scene.resident, scene.ground.resident("巴特尔", GRID));
    move_in(&scene, son, mother);
    address(&scene, mother, "15号");
    let given: usize = thread::scope(|scope| {
        let ask = |person| {
            let (scene, regime) = (&scene, &regime);
            scope.spawn(move || {
                (0..4).filter(|_| matches!(scene.ask(regime, person, person), Ok(Answer::Given(_)))).count()
            })
        };
        [ask(mother), ask(son)].map(|it| it.join().unwrap()).iter().sum()
    });
    assert_eq!(given, 4);
});

both!(after_a_pass_is_over_nothing_tells_whose_household_had_it, |db: Db| {
    let scene = Scene::new(db);
    let regime = order(&scene);
    address(&scene, scene.resident, "15号");
    scene.given(&regime, scene.resident);
    let bound = || {
        const BOUND: &str =
            "SELECT COUNT(*) FROM pass_issue WHERE household IS NOT NULL OR holder IS NOT NULL";
        scene.ground.city.db.read(|tx| tx.count(BOUND, params![])).unwrap()
    };
    assert_eq!(bound(), 1);
    scene.ground.clock.pass_seconds(3 * 86_400);
    pass::tick(&scene.ground.city).unwrap();
    assert_eq!(bound(), 0);
});
