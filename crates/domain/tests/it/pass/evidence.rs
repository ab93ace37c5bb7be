use domain::pass;
use store::{Db, both};

use super::Scene;

both!(a_refusal_says_what_did_not_hold_and_a_stated_fact_mends_it, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let refused = scene.refused(&regime, scene.outsider);
    let words = pass::Rule { groups: refused.failed.clone() }.to_string();
    assert_eq!((refused.rule_version, words.as_str()), (1, "resident: lives_in\nworker: works_in"));
    scene.works(&regime, scene.outsider);
    scene.given(&regime, scene.outsider);
});
