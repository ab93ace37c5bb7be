//! Signing in, staying signed in, and every way in which that ends.

use std::sync::{Arc, LazyLock};

use domain::{
    City, Ctx, Refusal,
    account::{self, NewAccount},
    organization,
};
use kernel::{Account, Id, Person, Role, limits};
use policy::{Action, Purpose, Resource};
use sha2::{Digest, Sha256};
use store::both;

use crate::ground::{self, CITY, COUNTY, GRID, Ground, OTHER_COUNTY};

const PASSWORD: &str = "blue heron lamp";
/// Hashed once: it costs 20 ms each time.
static HASH: LazyLock<String> = LazyLock::new(|| account::hash_password(PASSWORD, &[5; 32]));

fn enrol(ground: &Ground, person: Id<Person>, login_name: &str) -> Id<Account> {
    let account = NewAccount {
        id: ground.id(),
        person,
        county: ground::area(COUNTY),
        login_name: login_name.into(),
        password_hash: HASH.clone(),
        created_at: ground.now(),
    };
    ground.city.db.write(|tx| account::create(tx, &account)).expect("enrolled");
    account.id
}

fn sign_in(ground: &Ground, login_name: &str) -> String {
    account::sign_in(&Ctx::anonymous(ground.city.clone()), login_name, PASSWORD, "手机").expect("signed in").0
}

fn is_out(city: &Arc<City>, token: &str) -> bool {
    matches!(account::resolve(city, token), Err(Refusal::SignIn))
}

both!(signing_in_gives_a_token_that_is_kept_only_as_a_hash, |db: store::Db| {
    let ground = Ground::new(db);
    let person = ground.resident("王芳", GRID);
    let account = enrol(&ground, person, "wang.fang");
    let ctx = Ctx::anonymous(ground.city.clone());
    let (token, signed_in) = account::sign_in(&ctx, "wang.fang", PASSWORD, "浏览器\n 甲").unwrap();
    assert_eq!((signed_in.person, signed_in.account, signed_in.name.as_str()), (person, account, "王芳"));

    let row =
        ground.city.db.read(|tx| tx.first("SELECT token_hash, device FROM session", &[])).unwrap().unwrap();
    let kept: Vec<u8> = row.get(0).unwrap();
    let secret = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, &token).unwrap();
    assert_eq!(secret.len(), 32);
    assert_eq!(kept, Sha256::digest(&secret).to_vec());
    assert_eq!(row.get::<String>(1).unwrap(), "浏览器 甲");

    let resolved = account::resolve(&ground.city, &token).unwrap();
    assert_eq!(resolved.actor.person, Some(person));
    assert_eq!(resolved.signed_in.as_ref().unwrap().session, signed_in.session);
    assert_eq!(ground.count("SELECT COUNT(*) FROM journal WHERE action = 'account.sign_in'"), 1);

    assert_ne!(sign_in(&ground, "wang.fang"), token, "each sign-in has a token of its own");
    account::sign_out(&resolved).unwrap();
    assert!(is_out(&ground.city, &token));
    for text in ["", "x", &token[1..], &token.to_uppercase(), "%00"] {
        assert!(is_out(&ground.city, text), "{text}");
    }
});

both!(an_unknown_name_a_wrong_password_and_a_disabled_account_look_alike, |db: store::Db| {
    let ground = Ground::new(db);
    enrol(&ground, ground.resident("王芳", GRID), "wang.fang");
    let gone = enrol(&ground, ground.resident("李娜", GRID), "li.na");
    account::disable(&ground.acting(ground.officer("管理员", Role::Administrator, CITY)), gone).unwrap();
    let ctx = Ctx::anonymous(ground.city.clone());
    let cases = [
        ("wang.fang", "wrong"),
        ("nobody", PASSWORD),
        ("li.na", PASSWORD),
        ("Wang.Fang", PASSWORD),
        ("\0", PASSWORD),
        ("", ""),
    ];
    // The least of some rounds is the work itself, whatever else the machine does meanwhile.
    let round = || cases.map(|(name, password)| processor_time(|| refused(&ctx, name, password)));
    let rounds = [(); 4].map(|()| round());
    let work: Vec<u64> =
        (0..cases.len()).map(|case| rounds.iter().map(|it| it[case]).min().unwrap_or(0)).collect();
    let (least, most) = (work.iter().min().unwrap(), work.iter().max().unwrap());
    assert!(least * 2 > *most, "the work tells which it was: {work:?} ns");
    assert_eq!(ground.count("SELECT COUNT(*) FROM session"), 0);
});

fn refused(ctx: &Ctx, login_name: &str, password: &str) {
    let outcome = account::sign_in(ctx, login_name, password, "");
    assert!(matches!(outcome, Err(Refusal::SignIn)), "{login_name}: {:?}", outcome.err());
}

/// Nanoseconds that this thread spent on a processor, as Linux counts them: waiting is not work.
fn processor_time(work: impl FnOnce()) -> u64 {
    let spent = || -> u64 {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
        text.split(' ').next().and_then(|it| it.parse().ok()).expect("nanoseconds")
    };
    let before = spent();
    work();
    spent() - before
}

both!(a_post_that_ends_takes_its_rights_away_at_the_next_request, |db: store::Db| {
    let ground = Ground::new(db);
    let resident = ground.resident("娜仁", GRID);
    let body = ground.organization(organization::OrganizationKind::GridTeam, "网格队", GRID, None);
    let worker = ground.staff("网格长");
    let appointment = ground.appoint(ground.post(body, Role::GridLeader, GRID), worker, None);
    enrol(&ground, worker, "worker");
    let administrator = ground.acting(ground.officer("管理员", Role::Administrator, COUNTY));
    let token = sign_in(&ground, "worker");
    let may = || {
        let ctx = account::resolve(&ground.city, &token).unwrap();
        let area = ground::path(GRID);
        ctx.may(
            Action::PersonRead { purpose: Some(Purpose::Visit) },
            Resource::Person { id: resident, area: &area },
        )
    };
    assert!(may());
    organization::end_appointment(&administrator, appointment).unwrap();
    assert!(!may(), "signed in still, a grid worker no more");
});

both!(a_session_ends_when_unused_and_at_the_end_of_its_life, |db: store::Db| {
    let ground = Ground::new(db);
    enrol(&ground, ground.resident("王芳", GRID), "wang.fang");
    let unused = sign_in(&ground, "wang.fang");
    let used = sign_in(&ground, "wang.fang");
    ground.clock.pass_seconds(limits::SESSION_IDLE_SECONDS - 1);
    account::resolve(&ground.city, &used).unwrap();
    ground.clock.pass_seconds(1);
    assert!(is_out(&ground.city, &unused));
    let mine = account::resolve(&ground.city, &used).unwrap();
    assert_eq!(account::sessions(&mine).unwrap().len(), 1, "a session that has ended is not listed");

    let step = limits::SESSION_IDLE_SECONDS - 60;
    let mut age = limits::SESSION_IDLE_SECONDS;
    while age + step < limits::SESSION_LIFE_SECONDS {
        ground.clock.pass_seconds(step);
        age += step;
        account::resolve(&ground.city, &used).expect("used all the time");
    }
    ground.clock.pass_seconds(limits::SESSION_LIFE_SECONDS - age - 1);
    account::resolve(&ground.city, &used).expect("its last second");
    ground.clock.pass_seconds(1);
    assert!(is_out(&ground.city, &used));

    let clock = || Ctx::system(ground.city.clone());
    assert_eq!(account::expire(&clock()).unwrap(), 0, "kept for a day");
    ground.clock.pass_seconds(86_401);
    assert_eq!(account::expire(&clock()).unwrap(), 2);
    assert_eq!(ground.count("SELECT COUNT(*) FROM session"), 0);
});

both!(a_disabled_account_is_out_at_once_and_only_its_administrator_disables_it, |db: store::Db| {
    let ground = Ground::new(db);
    let person = ground.officer("处置员", Role::Handler, COUNTY);
    let account = enrol(&ground, person, "handler");
    let token = sign_in(&ground, "handler");
    for (name, code) in [("别县管理员", OTHER_COUNTY), ("网格管理员", GRID)] {
        let ctx = ground.acting(ground.officer(name, Role::Administrator, code));
        assert!(matches!(account::disable(&ctx, account), Err(Refusal::NotFound)), "{name}");
        assert!(matches!(account::find(&ctx, "handler"), Err(Refusal::NotFound)), "{name}");
    }
    let administrator = ground.acting(ground.officer("管理员", Role::Administrator, COUNTY));
    assert!(matches!(account::disable(&administrator, ground.id()), Err(Refusal::NotFound)));
    assert_eq!(account::find(&administrator, "handler").unwrap().id, account);
    assert!(!is_out(&ground.city, &token));
    account::disable(&administrator, account).unwrap();
    assert!(is_out(&ground.city, &token));
    assert!(account::find(&administrator, "handler").unwrap().disabled_at.is_some());
    assert_eq!(ground.count("SELECT COUNT(*) FROM journal WHERE action = 'account.disable'"), 1);
});

both!(a_person_lists_and_ends_their_own_sessions_alone, |db: store::Db| {
    let ground = Ground::new(db);
    enrol(&ground, ground.resident("王芳", GRID), "wang.fang");
    enrol(&ground, ground.resident("李娜", GRID), "li.na");
    let tokens = [(); 4].map(|()| sign_in(&ground, "wang.fang"));
    let other = sign_in(&ground, "li.na");
    let me = account::resolve(&ground.city, &tokens[0]).unwrap();
    let listed = account::sessions(&me).unwrap();
    assert_eq!(listed.len(), 4);
    let current = me.signed_in.as_ref().unwrap().session;
    assert!(listed.iter().all(|it| it.current == (it.id == current) && it.device == "手机"));

    let theirs = account::resolve(&ground.city, &other).unwrap().signed_in.unwrap().session;
    assert!(matches!(account::revoke(&me, theirs), Err(Refusal::NotFound)));
    let lost = account::resolve(&ground.city, &tokens[1]).unwrap().signed_in.unwrap().session;
    account::revoke(&me, lost).unwrap();
    assert!(is_out(&ground.city, &tokens[1]) && !is_out(&ground.city, &tokens[2]));
    assert_eq!(account::revoke_all_others(&me).unwrap(), 2);
    assert!(is_out(&ground.city, &tokens[2]) && is_out(&ground.city, &tokens[3]));
    assert!(!is_out(&ground.city, &tokens[0]) && !is_out(&ground.city, &other));
    assert!(matches!(account::sessions(&Ctx::anonymous(ground.city.clone())), Err(Refusal::SignIn)));
});

both!(a_new_password_ends_the_other_sessions_and_the_old_password, |db: store::Db| {
    let ground = Ground::new(db);
    enrol(&ground, ground.resident("王芳", GRID), "wang.fang");
    let (here, elsewhere) = (sign_in(&ground, "wang.fang"), sign_in(&ground, "wang.fang"));
    let me = account::resolve(&ground.city, &here).unwrap();
    let field = |outcome| match outcome {
        Err(Refusal::Invalid(faults)) => faults[0].field.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(field(account::change_password(&me, "not it", "seven green doors")), "old_password");
    for weak in ["short", "Password123", "wang.fang1", &"x".repeat(257)] {
        assert_eq!(field(account::change_password(&me, PASSWORD, weak)), "new_password", "{weak}");
    }
    assert!(!is_out(&ground.city, &elsewhere));
    account::change_password(&me, PASSWORD, "seven green doors").unwrap();
    assert!(is_out(&ground.city, &elsewhere) && !is_out(&ground.city, &here));
    let ctx = Ctx::anonymous(ground.city.clone());
    refused(&ctx, "wang.fang", PASSWORD);
    account::sign_in(&ctx, "wang.fang", "seven green doors", "").unwrap();
    assert_eq!(ground.count("SELECT COUNT(*) FROM journal WHERE action = 'account.change_password'"), 1);
});

both!(a_login_name_is_taken_once_and_is_plain, |db: store::Db| {
    let ground = Ground::new(db);
    let person = ground.resident("王芳", GRID);
    enrol(&ground, person, "wang.fang");
    for login_name in ["wang.fang", "王芳", "a b", ""] {
        let account = NewAccount {
            id: ground.id(),
            person,
            county: ground::area(COUNTY),
            login_name: login_name.into(),
            password_hash: HASH.clone(),
            created_at: ground.now(),
        };
        let outcome = ground.city.db.write(|tx| account::create_all(tx, std::slice::from_ref(&account)));
        assert!(
            matches!(&outcome, Err(Refusal::Invalid(faults)) if faults[0].field == "login_name"),
            "{outcome:?}"
        );
    }
    assert_eq!(ground.count("SELECT COUNT(*) FROM account"), 1);
});

both!(eight_devices_that_sign_in_at_once_get_eight_sessions, |db: store::Db| {
    let ground = Ground::new(db);
    enrol(&ground, ground.resident("王芳", GRID), "wang.fang");
    let tokens: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| sign_in(&ground, "wang.fang"))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(tokens.len(), 8);
    assert!(tokens.iter().all(|it| !is_out(&ground.city, it)));
    assert_eq!(ground.count("SELECT COUNT(*) FROM session"), 8);
    assert_eq!(ground.count("SELECT COUNT(*) FROM journal WHERE action = 'account.sign_in'"), 8);
});

#[test]
fn a_database_that_takes_no_writes_still_knows_who_is_signed_in() {
    let scratch = store::testing::Scratch::sqlite();
    let ground = Ground::new(scratch.db.clone());
    enrol(&ground, ground.resident("王芳", GRID), "wang.fang");
    let token = sign_in(&ground, "wang.fang");
    let refuse = "CREATE TRIGGER stuck BEFORE UPDATE ON session BEGIN SELECT RAISE(ABORT, 'planted'); END";
    ground.city.db.write(|tx| tx.execute(refuse, &[])).unwrap();
    ground.clock.pass_seconds(3_600);
    assert!(!is_out(&ground.city, &token));
}
