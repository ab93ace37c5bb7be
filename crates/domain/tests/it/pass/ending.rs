use std::sync::Arc;

use domain::{
    Ctx, Refusal, case, journal,
    pass::{self, Answer, State},
};
use pass_format::Verifier;
use store::{Db, both};

use super::{Scene, against, conflict};
use crate::ground::{COMMUNITY, COUNTY};

fn entries(scene: &Scene, kind: &str) -> Vec<Vec<u8>> {
    let rows =
        scene.ground.city.db.read(|tx| tx.query("SELECT entry FROM log_statement ORDER BY at, id", &[]));
    let rows = rows.map_err(|it: store::StoreError| it).unwrap();
    let all = rows.iter().map(|row| row.get::<Vec<u8>>(0).unwrap());
    all.filter(|it| it.starts_with(format!("{kind}\n").as_bytes())).collect()
}

const KEPT: [&str; 7] = [
    "SELECT COUNT(*) FROM pass_evidence",
    "SELECT COUNT(*) FROM pass_outcome",
    "SELECT COUNT(*) FROM pass_issue",
    "SELECT COUNT(*) FROM pass_appeal",
    "SELECT COUNT(*) FROM pass_holder",
    "SELECT COUNT(*) FROM pass_end_count",
    "SELECT COUNT(*) FROM notice WHERE kind IN ('pass-refused', 'pass-revoked')",
];

both!(at_its_end_a_regime_ends_and_a_missed_round_loses_nothing, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    scene.refused(&regime, scene.outsider);
    scene.works(&regime, scene.outsider);
    // A pass never outlives the order.
    scene.ground.clock.pass_seconds(9 * 86_400 + 3_600);
    let held = scene.given(&regime, scene.resident);
    assert_eq!(held.expires, regime.end);
    let text = scene.text(&regime, scene.resident, &held);
    assert!(scene.check(&text).is_ok());
    let (before, _) = pass::bundle(&scene.as_one(scene.resident)).unwrap();

    // The clock was away for a day over the end: nothing is given meanwhile, whoever asks.
    scene.ground.clock.pass_seconds(2 * 86_400);
    assert_eq!(conflict(scene.ask(&regime, scene.resident, scene.resident)), "conflict-pass-over");
    let verifier = Verifier::load(&before, None).unwrap();
    let refusal = verifier.check(&text, 0, scene.seconds()).unwrap_err();
    assert_eq!(refusal.code(), "key-scope", "and no checkpoint takes what was given");
    pass::tick(&scene.ground.city).unwrap();
    for sql in KEPT {
        assert_eq!(scene.ground.count(sql), 0, "{sql}");
    }
    let over = pass::regime(&scene.as_one(scene.resident), regime.number).unwrap();
    assert_eq!((over.regime.state, over.regime.deleted_at.is_some()), (State::Deleted, true));
    assert_eq!(entries(&scene, "olzii/deletion/v1").len(), 1);
    // Again and again it is the same.
    pass::tick(&scene.ground.city).unwrap();
    assert_eq!(entries(&scene, "olzii/deletion/v1").len(), 1);
    journal::seal(&scene.ground.city).unwrap();
    assert_eq!(journal::audit(&scene.ground.city).unwrap().findings, Vec::<String>::new());
    let public = Ctx::anonymous(scene.ground.city.clone());
    let bundle = pass_format::Bundle::parse(&pass::bundle(&public).unwrap().0).unwrap();
    assert_eq!((bundle.regimes.len(), bundle.keys.len()), (0, 0), "checkpoints forget it");
    let asked = pass::held(&scene.as_one(scene.resident), regime.number, scene.resident);
    assert_eq!(conflict(asked), "conflict-pass-over");
});

both!(a_crash_between_the_keys_and_the_certificate_is_made_up_for, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let held = scene.given(&regime, scene.resident);
    scene.ground.clock.pass_seconds(10 * 86_400);
    // The process dies when the secret is destroyed and nothing is written yet.
    assert!(scene.ground.city.passes.destroy(regime.number).unwrap());
    assert_eq!(scene.ground.count(KEPT[2]), 1);
    let asked = pass::code_of(&scene.as_one(scene.resident), regime.number, scene.resident, held.index);
    assert_eq!(conflict(asked), "conflict-pass-over", "what is left is of no use to anybody");
    pass::tick(&scene.ground.city).unwrap();
    assert_eq!((scene.ground.count(KEPT[2]), entries(&scene, "olzii/deletion/v1").len()), (0, 1));
});

both!(a_secret_that_is_lost_before_the_end_stops_its_regime_and_no_other, |db: Db| {
    let scene = Scene::new(db);
    let (lost, kept) = (scene.regime(), scene.regime());
    let held = scene.given(&kept, scene.resident);
    let text = scene.text(&kept, scene.resident, &held);
    assert!(scene.ground.city.passes.destroy(lost.number).unwrap());
    assert!(matches!(scene.ask(&lost, scene.resident, scene.resident), Err(Refusal::Unavailable(_))));
    assert!(scene.check(&text).is_ok());
});

both!(whoever_asks_while_a_regime_ends_gets_a_pass_or_a_no_and_nothing_is_left, |db: Db| {
    let scene = Arc::new(Scene::new(db));
    let regime = scene.regime();
    scene.ground.clock.pass_seconds(10 * 86_400 - 1);
    // These began before the end, and are done whenever they are done.
    let before: Vec<Ctx> = (0..6).map(|_| scene.as_one(scene.resident)).collect();
    scene.ground.clock.pass_seconds(2);
    let number = regime.number;
    let asking: Vec<_> = before
        .into_iter()
        .map(|ctx| {
            let person = scene.resident;
            std::thread::spawn(move || pass::ask(&ctx, number, person, None))
        })
        .collect();
    let ending = {
        let city = scene.ground.city.clone();
        std::thread::spawn(move || pass::tick(&city))
    };
    for it in asking {
        match it.join().unwrap() {
            Ok(Answer::Given(held)) => assert!(held.expires <= regime.end),
            Err(Refusal::Conflict(_) | Refusal::Unavailable(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    ending.join().unwrap().unwrap();
    pass::tick(&scene.ground.city).unwrap();
    for sql in KEPT {
        assert_eq!(scene.ground.count(sql), 0, "{sql}");
    }
});

/// Twelve people got passes the day before.
fn the_day_after_twelve(db: Db) -> (Scene, pass::Regime) {
    let scene = Scene::new(db);
    let regime = scene.regime();
    for number in 0..12 {
        let person = scene.ground.resident(&format!("居民{number}"), crate::ground::GRID);
        scene.given(&regime, person);
    }
    scene.ground.clock.pass_seconds(86_400);
    (scene, regime)
}

both!(counts_of_a_day_are_published_and_small_ones_are_not, |db: Db| {
    let (scene, regime) = the_day_after_twelve(db);
    scene.given(&regime, scene.resident);
    pass::tick(&scene.ground.city).unwrap();
    scene.ground.clock.pass_seconds(86_400);
    pass::tick(&scene.ground.city).unwrap();
    let counts = entries(&scene, "olzii/pass-counts/v1");
    assert_eq!(counts.len(), 1, "the second day's one pass would show whose it is");
    let text = String::from_utf8_lossy(&counts[0]).into_owned();
    assert!(text.contains("2026-11-20") && text.contains("应急局的单位"), "{text}");
    assert_eq!(counts[0][counts[0].len() - 2..], [10, 0], "twelve are published as ten, none revoked");
});

both!(what_was_revoked_is_published_on_the_day_of_its_end, |db: Db| {
    let (scene, regime) = the_day_after_twelve(db);
    scene.change_rule(&regime, "worker: works_in");
    pass::tick(&scene.ground.city).unwrap();
    scene.ground.clock.pass_seconds(86_400);
    pass::tick(&scene.ground.city).unwrap();
    let counts = entries(&scene, "olzii/pass-counts/v1");
    let ends: Vec<_> = counts.iter().map(|it| it[it.len() - 2..].to_vec()).collect();
    assert_eq!(ends, [[10, 0], [0, 10]], "issued and revoked, the first day's and the second's");
});

both!(what_people_were_told_goes_with_their_regime_and_not_with_another_of_the_same_name, |db: Db| {
    let scene = Scene::new(db);
    let short = scene.regime();
    let longer = pass::NewRegime { end: short.end.plus_seconds(86_400), ..scene.order() };
    let proposed = pass::propose(&scene.as_one(scene.leader), &longer).unwrap();
    let long =
        pass::decide(&scene.as_one(scene.commander), proposed.number, pass::Decision::Approve, "").unwrap();
    assert_eq!(short.called(), long.called());
    scene.refused(&short, scene.outsider);
    scene.refused(&long, scene.outsider);
    scene.ground.clock.pass_seconds(10 * 86_400);
    pass::tick(&scene.ground.city).unwrap();
    assert_eq!(scene.ground.count("SELECT COUNT(*) FROM notice WHERE kind = 'pass-refused'"), 1);
    let offices = scene.ground.count("SELECT COUNT(*) FROM notice WHERE kind LIKE 'pass-deci%'");
    assert!(offices > 2, "an office keeps what it was told of an order: {offices}");
    scene.refused(&long, scene.outsider);
    // What a slow writer left is swept up by the same number.
    const LATE: &str = "UPDATE notice SET regime = $1 WHERE kind = 'pass-refused'";
    let late = scene.ground.city.db.write(|tx| tx.execute(LATE, store::params![i64::from(short.number)]));
    assert_eq!(late.map_err(|it: store::StoreError| it).unwrap(), 1);
    pass::tick(&scene.ground.city).unwrap();
    assert_eq!(scene.ground.count("SELECT COUNT(*) FROM notice WHERE kind = 'pass-refused'"), 0);
});

const SAID: &str = "我在乳业上班";

both!(at_the_end_nobody_is_named_in_an_appeal_that_was_answered_and_in_an_open_one_when_it_is, |db: Db| {
    let scene = Scene::new(db.clone());
    let regime = scene.regime();
    let acceptor = scene.ground.officer("受理员", kernel::Role::Acceptor, COUNTY);
    let (answered, open) = (scene.outsider, scene.ground.staff("另一人"));
    let appeal = |person| {
        scene.refused(&regime, person);
        pass::appeal(&scene.as_one(person), regime.number, person, &against(COMMUNITY, SAID)).unwrap()
    };
    let (first, second) = (appeal(answered), appeal(open));
    let note = format!("{SAID}，查无此人");
    let void = case::StepInput { ground: Some("has-a-pass".into()), note, ..case::StepInput::default() };
    case::advance(&scene.as_one(acceptor), first, "void", &void).unwrap();
    let system = || Ctx::system(scene.ground.city.clone());
    let record = |id| case::record(&system(), id).unwrap();
    assert!(record(first).case.description.contains("lives_in"));
    scene.ground.clock.pass_seconds(10 * 86_400);
    pass::tick(&scene.ground.city).unwrap();
    let over = record(first);
    assert_eq!((over.case.reporter, over.case.contact.name), (None, None));
    assert_eq!(over.case.description, format!("{} v1", regime.called()), "and what was refused is not said");
    assert!(over.events.iter().all(|it| it.note.is_empty()), "{:?}", over.events);
    assert!(over.events.iter().any(|it| it.actor == Some(acceptor)), "who held an office is on record");
    // The other has still to be answered; it goes when it is, without a year's wait.
    assert_eq!(case::forget_reporters(&system()).unwrap(), 0);
    assert!(record(second).case.reporter == Some(open) && record(second).case.description.contains(SAID));
    case::advance(&scene.as_one(acceptor), second, "void", &void).unwrap();
    assert_eq!(case::forget_reporters(&system()).unwrap(), 1);
    assert_eq!((record(second).case.reporter, record(second).case.contact.name), (None, None));
    for sql in [
        "SELECT COUNT(*) FROM case_file WHERE description LIKE '%乳业%'",
        "SELECT COUNT(*) FROM case_event WHERE note LIKE '%乳业%'",
    ] {
        assert_eq!(scene.ground.count(sql), 0, "{sql}");
    }
    assert_eq!(case::forget_reporters(&system()).unwrap(), 0, "once");
    assert_eq!(case::audit(&system()).unwrap().faults, Vec::<String>::new());
});

both!(an_appeal_that_is_over_is_readable_until_its_order_ends, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let acceptor = scene.ground.officer("受理员", kernel::Role::Acceptor, COUNTY);
    scene.refused(&regime, scene.outsider);
    let me = || scene.as_one(scene.outsider);
    let id = pass::appeal(&me(), regime.number, scene.outsider, &against(COMMUNITY, SAID)).unwrap();
    let void = case::StepInput {
        ground: Some("has-a-pass".into()),
        note: "查无此人".into(),
        ..case::StepInput::default()
    };
    case::advance(&scene.as_one(acceptor), id, "void", &void).unwrap();
    assert_eq!(case::forget_reporters(&Ctx::system(scene.ground.city.clone())).unwrap(), 0);
    assert!(case::record(&me(), id).unwrap().case.description.contains(SAID));
});
