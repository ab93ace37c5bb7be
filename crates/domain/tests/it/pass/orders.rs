use std::sync::Arc;

use domain::{
    Ctx, Refusal, journal,
    notice::{self, NoticeKind},
    pass::{self, Decision, State},
};
use kernel::Role;
use pass_format::{Bundle, Verifier};
use store::{Db, both, params};
use tlog::{Hash, ProofFile};

use super::{Scene, conflict};
use crate::ground::{COUNTY, TOWNSHIP};

fn statements(scene: &Scene) -> Vec<String> {
    let rows =
        scene.ground.city.db.read(|tx| tx.query("SELECT entry FROM log_statement ORDER BY at, id", &[]));
    let rows = rows.map_err(|it: store::StoreError| it).unwrap();
    let line = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).lines().next().unwrap_or_default().to_owned();
    rows.iter().map(|row| line(row.get(0).unwrap())).collect()
}

both!(no_order_is_in_force_until_another_body_approves_it, |db: Db| {
    let scene = Scene::new(db);
    let (leader, commander) = (scene.as_one(scene.leader), scene.as_one(scene.commander));
    let proposed = pass::propose(&leader, &scene.order()).unwrap();
    assert_eq!(conflict(scene.ask(&proposed, scene.resident, scene.resident)), "conflict-pass-not-in-force");
    pass::tick(&scene.ground.city).unwrap();
    assert!(matches!(pass::bundle(&leader), Err(Refusal::NotFound)), "no order, no bundle");

    let own = pass::decide(&leader, proposed.number, Decision::Approve, "");
    assert!(matches!(own, Err(Refusal::Denied)), "{own:?}");
    // Not by another post of the same body either, nor with a post in both.
    let colleague = scene.ground.staff("同事");
    let post = scene.ground.post(proposed.organization, Role::Commander, COUNTY);
    scene.ground.appoint(post, colleague, None);
    let own = pass::decide(&scene.as_one(colleague), proposed.number, Decision::Approve, "");
    assert!(matches!(own, Err(Refusal::Denied)));
    let other = scene.ground.organization(
        domain::organization::OrganizationKind::CommandCentre,
        "指挥部二",
        COUNTY,
        None,
    );
    scene.ground.appoint(scene.ground.post(other, Role::Commander, COUNTY), colleague, None);
    let both = pass::decide(&scene.as_one(colleague), proposed.number, Decision::Approve, "");
    assert!(matches!(both, Err(Refusal::Denied)), "whoever sits in both bodies is not another one");
    let resident = pass::decide(&scene.as_one(scene.resident), proposed.number, Decision::Approve, "");
    assert!(matches!(resident, Err(Refusal::Denied)));
    let groundless = pass::decide(&commander, proposed.number, Decision::Refuse, " ");
    assert!(matches!(groundless, Err(Refusal::Invalid(_))));

    let regime = pass::decide(&commander, proposed.number, Decision::Approve, "").unwrap();
    assert_eq!((regime.state, regime.decided_by.is_some()), (State::InForce, true));
    let again = pass::decide(&scene.as_one(scene.auditor), proposed.number, Decision::Refuse, "太宽");
    assert_eq!(conflict(again), "conflict-pass-decided");
    scene.given(&regime, scene.resident);
    assert_eq!(statements(&scene)[..2], ["olzii/regime/v1", "olzii/key/v1"]);
});

both!(an_order_without_an_early_end_is_not_taken, |db: Db| {
    let scene = Scene::new(db);
    let leader = scene.as_one(scene.leader);
    let good = scene.order();
    let now = scene.ground.now();
    let fields = |new: &pass::NewRegime| match pass::propose(&leader, new) {
        Err(Refusal::Invalid(faults)) => faults.into_iter().map(|it| it.field).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(fields(&pass::NewRegime { end: now.plus_seconds(91 * 86_400), ..good.clone() }), ["end"]);
    assert_eq!(fields(&pass::NewRegime { end: now, ..good.clone() }), ["end"]);
    assert_eq!(fields(&pass::NewRegime { legal_basis: " ".into(), ..good.clone() }), ["legal_basis"]);
    assert_eq!(fields(&pass::NewRegime { order_number: String::new(), ..good.clone() }), ["order_number"]);
    assert_eq!(fields(&pass::NewRegime { scopes: "门\n".repeat(17), ..good.clone() }), ["scopes"]);
    assert_eq!(fields(&pass::NewRegime { rule: "resident: is_liked".into(), ..good.clone() }), ["rule"]);
    let nowhere = "resident: lives_in 159999";
    assert_eq!(fields(&pass::NewRegime { rule: nowhere.into(), ..good.clone() }), ["rule"]);
    assert_eq!(fields(&pass::NewRegime { pass_seconds: 30 * 86_400, ..good.clone() }), ["pass_hours"]);
    assert_eq!(fields(&pass::NewRegime { holders: 50_000_000, ..good.clone() }), ["holders"]);
    assert_eq!(fields(&pass::NewRegime { holders: 0, ..good.clone() }), ["holders"]);
    assert_eq!(fields(&pass::NewRegime { holders: -7, ..good.clone() }), ["holders"]);
    // What is no day is read as one that is long over.
    assert_eq!(
        fields(&pass::NewRegime { start: kernel::Timestamp::from_micros(0), ..good.clone() }),
        ["end", "start"]
    );
    assert_eq!(fields(&pass::NewRegime { start: now.plus_seconds(-2 * 86_400), ..good.clone() }), ["start"]);
    let resident = pass::propose(&scene.as_one(scene.resident), &good);
    assert!(matches!(resident, Err(Refusal::Denied)));
    let township = scene.ground.officer("街道", Role::Leader, TOWNSHIP);
    assert!(matches!(pass::propose(&scene.as_one(township), &good), Err(Refusal::Denied)));
});

both!(two_officers_who_decide_at_once_make_one_decision, |db: Db| {
    let scene = Arc::new(Scene::new(db));
    let proposed = pass::propose(&scene.as_one(scene.leader), &scene.order()).unwrap();
    let decide = |person, decision| {
        let (scene, number) = (scene.clone(), proposed.number);
        std::thread::spawn(move || pass::decide(&scene.as_one(person), number, decision, "有理由"))
    };
    let all = [
        decide(scene.commander, Decision::Approve),
        decide(scene.auditor, Decision::Refuse),
        decide(scene.commander, Decision::Approve),
        decide(scene.auditor, Decision::Approve),
    ];
    let outcomes = all.map(|it| it.join().unwrap());
    assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1, "{outcomes:?}");
    let is_late = |it: &Result<_, Refusal>| matches!(it, Err(Refusal::Conflict(it)) if it.id == "conflict-pass-decided");
    assert_eq!(outcomes.iter().filter(|it| is_late(it)).count(), 3, "{outcomes:?}");
    let state = pass::regime(&scene.as_one(scene.leader), proposed.number).unwrap();
    assert_eq!(state.keys.len(), usize::from(state.regime.state == State::InForce));
});

both!(a_checkpoint_has_all_it_needs_and_can_see_that_it_is_the_citys, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let held = scene.given(&regime, scene.resident);
    let text = scene.text(&regime, scene.resident, &held);
    assert!(text.len() <= 221, "it fits a code of version 8: {}", text.len());
    let accepted = scene.check(&text).unwrap();
    assert_eq!(accepted.bearer, pass_format::Bearer::Name(pass_format::Hint::new('娜').unwrap()));

    // Before the log is sealed there is a bundle and no proof.
    let public = Ctx::anonymous(scene.ground.city.clone());
    assert_eq!(pass::bundle_proof(&public).unwrap().0, None);
    journal::seal(&scene.ground.city).unwrap();
    let (bytes, digest) = pass::bundle(&public).unwrap();
    let (proof, of) = pass::bundle_proof(&public).unwrap();
    assert_eq!(digest, of);
    let proof: ProofFile = ProofFile::parse(proof.unwrap().as_bytes()).unwrap();
    let leaf = Hash::of_entry(&pass_format::log_entry(&bytes));
    proof.verify(scene.ground.city.log.identity(), leaf).unwrap();
    assert_eq!(journal::audit(&scene.ground.city).unwrap().findings, Vec::<String>::new());

    // Nothing changed: no new bundle, until an hour is over.
    assert_eq!(pass::publish(&scene.ground.city).unwrap(), None);
    scene.ground.clock.pass_seconds(3_600);
    pass::publish(&scene.ground.city).unwrap().unwrap();
    // The proven one is handed out until the next is proven.
    assert_eq!(pass::bundle(&public).unwrap().1, digest);
    journal::seal(&scene.ground.city).unwrap();
    let (next, _) = pass::bundle(&public).unwrap();
    let old = Verifier::load(&bytes, None).unwrap();
    assert!(Verifier::load(&next, Some(&old)).is_ok(), "its number is higher");
    assert!(Bundle::parse(&next).unwrap().number > Bundle::parse(&bytes).unwrap().number);
});

both!(a_statement_that_somebody_put_into_the_database_is_not_sealed, |db: Db| {
    let scene = Scene::new(db);
    scene.regime();
    const FORGE: &str = "UPDATE log_statement SET entry = mark WHERE id = (SELECT id FROM log_statement ORDER BY at, id LIMIT 1)";
    let forged = scene.ground.city.db.write(|tx| tx.execute(FORGE, &[]));
    assert_eq!(forged.map_err(|it: store::StoreError| it).unwrap(), 1);
    assert_eq!(journal::seal(&scene.ground.city).unwrap().refused, 1);
    // What was sealed and is changed afterwards is found.
    const CHANGE: &str = "UPDATE log_statement SET entry = mark WHERE log_index IS NOT NULL";
    let changed = scene.ground.city.db.write(|tx| tx.execute(CHANGE, &[]));
    assert_eq!(changed.map_err(|it: store::StoreError| it).unwrap(), 1);
    let findings = journal::audit(&scene.ground.city).unwrap().findings.join("\n");
    assert!(
        findings.contains("the public statement in the database is not the one that was sealed"),
        "{findings}"
    );
});

both!(a_body_has_few_proposals_waiting_and_what_is_in_force_stands_first, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let propose = || pass::propose(&scene.as_one(scene.leader), &scene.order());
    let waiting: Vec<_> = (0..5).map(|_| propose().unwrap()).collect();
    assert_eq!(conflict(propose()), "conflict-pass-proposals");
    let listed = pass::list(&scene.as_one(scene.resident)).unwrap();
    assert_eq!(listed[0].number, regime.number);
    assert_eq!(listed[1].number, waiting[4].number);
    pass::decide(&scene.as_one(scene.commander), waiting[0].number, Decision::Refuse, "重复").unwrap();
    propose().unwrap();
});

both!(a_new_key_is_known_two_days_before_it_signs_and_a_withdrawn_one_ends_what_it_signed, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    let leader = || scene.as_one(scene.leader);
    let first = scene.given(&regime, scene.resident);
    let new = pass::rotate_key(&leader(), regime.number, 1).unwrap();
    assert_eq!(new.issue_from.seconds_since(scene.ground.now()), 48 * 3_600);
    assert_eq!(conflict(pass::rotate_key(&leader(), regime.number, 1)), "conflict-pass-key-rotated");
    assert_eq!(scene.given(&regime, scene.resident).key_number, 1);
    scene.ground.clock.pass_seconds(47 * 3_600);
    let text = scene.text(&regime, scene.resident, &first);
    scene.ground.clock.pass_seconds(3_600 - 1);
    assert!(scene.check(&text).is_ok());
    scene.ground.clock.pass_seconds(1);
    let second = scene.given(&regime, scene.resident);
    assert_eq!(second.key_number, 2);
    let text = scene.text(&regime, scene.resident, &second);
    assert!(scene.check(&text).is_ok());

    let withdrawn = pass::withdraw_key(&leader(), regime.number, 2, "密钥外泄").unwrap();
    assert_eq!(
        (withdrawn.affected, withdrawn.withdrawn_at.is_some()),
        (Some(1), true),
        "few: one body is enough"
    );
    assert_eq!(scene.check(&text).unwrap_err(), "key-withdrawn");
    assert_eq!(
        conflict(pass::code_of(&scene.as_one(scene.resident), regime.number, scene.resident, second.index)),
        "conflict-pass-key-gone"
    );
    // One tap, and there is a pass by the next key.
    let third = scene.given(&regime, scene.resident);
    assert_eq!(third.key_number, 3);
    assert!(scene.check(&scene.text(&regime, scene.resident, &third)).is_ok());
    assert_eq!(
        conflict(pass::withdraw_key(&leader(), regime.number, 2, "又一次")),
        "conflict-pass-key-withdrawn"
    );
});

both!(a_successor_that_is_withdrawn_before_it_begins_leaves_the_office_its_key, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    pass::rotate_key(&scene.as_one(scene.leader), regime.number, 1).unwrap();
    pass::withdraw_key(&scene.as_one(scene.leader), regime.number, 2, "做错了").unwrap();
    scene.ground.clock.pass_seconds(49 * 3_600);
    let held = scene.given(&regime, scene.resident);
    assert_eq!(held.key_number, 1, "it signs to the end after all");
    assert!(scene.check(&scene.text(&regime, scene.resident, &held)).is_ok());
    // And it can be given another successor.
    let next = pass::rotate_key(&scene.as_one(scene.leader), regime.number, 1).unwrap();
    assert_eq!((next.number, next.issue_until), (3, regime.end));
    let keys = statements(&scene).iter().filter(|it| it.starts_with("olzii/key")).count();
    assert_eq!(keys, 5, "made, made, withdrawn, to the end again, made");
});

both!(a_name_for_which_a_code_has_no_room_is_shown_by_the_mark_of_a_missing_character, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    // A surname of the second plane, four bytes long.
    let person = scene.ground.resident("\u{20BB7}野", crate::ground::GRID);
    let held = scene.given(&regime, person);
    let pass = scene.check(&scene.text(&regime, person, &held)).unwrap();
    assert!(format!("{:?}", pass.bearer).contains("〓*"), "{:?}", pass.bearer);
});

both!(withdrawing_a_key_by_which_many_have_passes_takes_two_bodies, |db: Db| {
    let scene = Scene::new(db);
    let regime = scene.regime();
    for number in 0..21 {
        let person = scene.ground.resident(&format!("居民{number}"), crate::ground::GRID);
        scene.given(&regime, person);
    }
    let asked = pass::withdraw_key(&scene.as_one(scene.leader), regime.number, 1, "怀疑外泄").unwrap();
    assert_eq!((asked.affected, asked.withdrawn_at), (Some(21), None));
    let own = pass::decide_withdrawal(&scene.as_one(scene.leader), regime.number, 1, Decision::Approve);
    assert!(matches!(own, Err(Refusal::Denied)));
    let decided =
        pass::decide_withdrawal(&scene.as_one(scene.auditor), regime.number, 1, Decision::Approve).unwrap();
    assert!(decided.withdrawn_at.is_some());
    let again = pass::decide_withdrawal(&scene.as_one(scene.auditor), regime.number, 1, Decision::Refuse);
    assert_eq!(conflict(again), "conflict-pass-decided");
});

both!(a_key_that_leaks_is_withdrawn_though_there_is_no_room_for_another, |db: Db| {
    let scene = Scene::new(db.clone());
    let regime = scene.regime();
    const MORE: &str = "INSERT INTO pass_key (regime, number, organization_id, public_key, made_at, issue_from, issue_until, \
        verify_until, withdrawn_at) SELECT regime, $1, organization_id, public_key, made_at, issue_from, issue_until, verify_until, \
        made_at FROM pass_key WHERE number = 1";
    let add = |from: i64, to: i64| {
        let added = db.write(|tx| (from..=to).try_for_each(|it| tx.execute(MORE, params![it]).map(drop)));
        added.map_err(|it: store::StoreError| it).unwrap();
    };
    add(2, 48);
    // Some are left for those that leak.
    assert_eq!(
        conflict(pass::rotate_key(&scene.as_one(scene.leader), regime.number, 1)),
        "conflict-pass-keys"
    );
    let (body, _) = scene.employer;
    assert_eq!(
        conflict(pass::add_key(&scene.as_one(scene.leader), regime.number, body)),
        "conflict-pass-keys"
    );
    add(49, 64);
    // An office that would be left without a key is not for one body to make.
    let asked = pass::withdraw_key(&scene.as_one(scene.leader), regime.number, 1, "密钥外泄").unwrap();
    assert_eq!((asked.affected, asked.withdrawn_at), (Some(0), None));
    let withdrawn =
        pass::decide_withdrawal(&scene.as_one(scene.auditor), regime.number, 1, Decision::Approve).unwrap();
    assert!(withdrawn.withdrawn_at.is_some());
    assert_eq!(conflict(scene.ask(&regime, scene.resident, scene.resident)), "conflict-pass-no-key");
});

both!(an_order_that_no_checkpoint_could_read_is_left_out_and_the_others_go_on, |db: Db| {
    let scene = Scene::new(db.clone());
    let (bad, good) = (scene.regime(), scene.regime());
    let held = scene.given(&good, scene.resident);
    let text = scene.text(&good, scene.resident, &held);
    let (body, _) = scene.employer;
    pass::add_key(&scene.as_one(scene.leader), bad.number, body).unwrap();
    const RENAME: &str = "UPDATE organization SET name = $1 WHERE id = $2";
    let name = "某某".repeat(60);
    let renamed = db.write(|tx| tx.execute(RENAME, params![name.as_str(), body]));
    assert_eq!(renamed.map_err(|it: store::StoreError| it).unwrap(), 1);
    scene.ground.clock.pass_seconds(60);
    assert!(scene.check(&text).is_ok());
    let (bytes, _) = pass::bundle(&Ctx::anonymous(scene.ground.city.clone())).unwrap();
    let regimes: Vec<u16> = Bundle::parse(&bytes).unwrap().regimes.iter().map(|it| it.number).collect();
    assert_eq!(regimes, [good.number]);
    // A key under such a name is not made.
    let other = pass::add_key(&scene.as_one(scene.leader), good.number, body);
    assert_eq!(conflict(other), "conflict-pass-office-long");
    // Nor one more than all checkpoints can hold.
    const MANY: &str = "INSERT INTO pass_key (regime, number, organization_id, public_key, made_at, issue_from, issue_until, \
        verify_until) SELECT regime, $1, organization_id, public_key, made_at, issue_from, issue_until, verify_until \
        FROM pass_key WHERE regime = $2 AND number = 1";
    let number = i64::from(bad.number);
    let added =
        db.write(|tx| (3..260_i64).try_for_each(|it| tx.execute(MANY, params![it, number]).map(drop)));
    added.map_err(|it: store::StoreError| it).unwrap();
    let other = pass::rotate_key(&scene.as_one(scene.leader), good.number, 1);
    assert_eq!(conflict(other), "conflict-pass-keys-city");
});

both!(whoever_has_the_second_word_is_told_and_so_is_the_proposer_however_far_apart_they_are, |db: Db| {
    let scene = Scene::new(db);
    let city = scene.ground.officer("市领导", Role::Leader, crate::ground::CITY);
    let told = |person, kind: NoticeKind| {
        let page = notice::list(&scene.as_one(person), &domain::Window::first(50)).unwrap();
        page.items.iter().filter(|it| it.kind == kind).count()
    };
    // The county's leader proposes: of leaders the one above is told, since the nearest may not decide.
    pass::propose(&scene.as_one(scene.leader), &scene.order()).unwrap();
    assert_eq!(told(city, NoticeKind::PassDecisionWaiting), 1);
    assert_eq!(told(scene.commander, NoticeKind::PassDecisionWaiting), 1);
    assert_eq!(told(scene.leader, NoticeKind::PassDecisionWaiting), 0);
    // The city proposes: it is told of the decision, though the county's leader is nearer.
    let proposed = pass::propose(&scene.as_one(city), &scene.order()).unwrap();
    pass::decide(&scene.as_one(scene.leader), proposed.number, Decision::Approve, "").unwrap();
    assert_eq!((told(city, NoticeKind::PassDecided), told(scene.leader, NoticeKind::PassDecided)), (1, 0));
});

/// What is written about a person's pass, word by word: an outcome is added and never changed, and a place is taken, ended or
/// unbound.
#[test]
fn no_statement_sets_an_outcome() {
    let texts = [
        include_str!("../../../src/pass/store.rs"),
        include_str!("../../../src/pass/store/issue.rs"),
        include_str!("../../../src/pass/store/order.rs"),
    ];
    let changes = |table: &str| -> Vec<String> {
        let start = format!("UPDATE {table} SET ");
        let all = texts.iter().flat_map(|it| it.split(&start).skip(1));
        all.map(|it| it.split(" \\").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(changes("pass_outcome"), Vec::<String>::new());
    assert_eq!(
        changes("pass_issue"),
        ["revoked_at = $4, reason = $5, mark = $6", "holder = NULL, household = NULL, sealed = NULL"]
    );
    assert_eq!(changes("pass_evidence"), ["ended_at = $3, ended_by = $4, reason = $5"]);
}
