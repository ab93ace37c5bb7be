//! A small city is built, and counted by query; twice, and compared.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::{City, Clock, Ctx, account, case, organization};
use kernel::{Role, Timestamp};
use store::{StoreError, Tx, testing::Scratch};

use super::{
    Logins, Options, SeededIds, build,
    figures::Figures,
    live::{Day, Turn},
    territory::SHOWN_COMMUNITY,
};

/// Friday 2026-11-20 15:00 in the city.
const NOW: &str = "2026-11-20T15:00:00+08:00";
const SEED: u64 = 5;
const SCALE: f64 = 0.001;
/// Rows that a statement of a turn may step over without an index; the city has over nine thousand areas.
const WALK_MAX: i32 = 1_000;

#[derive(Clone)]
struct TestClock(Arc<AtomicI64>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A built city and the folder that goes with it.
struct Built {
    city: Arc<City>,
    logins: Logins,
    clock: TestClock,
    scratch: Scratch,
    photos: std::path::PathBuf,
}

impl Drop for Built {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.photos));
    }
}

fn built() -> Built {
    let scratch = Scratch::sqlite();
    let store::Location::Folder(folder) = &scratch.location else { panic!("a folder") };
    let photos = folder.join("photos");
    let clock = TestClock(Arc::new(AtomicI64::new(now().micros())));
    let files = crate::data::PROCEDURES.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let procedures = case::Procedures::load(&files).unwrap();
    let city = Arc::new(City {
        db: scratch.db.clone(),
        policy: policy::Policy::new().unwrap(),
        procedures,
        classes: case::Catalogue::load(include_str!("../../../../data/classes.toml")).unwrap(),
        calendars: domain::calendar::Calendars::load(include_str!("../../../../data/calendar.toml")).unwrap(),
        supervision: domain::supervision::Levels::load(include_str!("../../../../data/supervision.toml"))
            .unwrap(),
        statistic: domain::statistic::Definitions::load(include_str!("../../../../data/statistic.toml"))
            .expect("sound"),
        evaluation: domain::evaluation::Rules::load(include_str!("../../../../data/evaluation.toml"))
            .unwrap(),
        photos: case::PhotoFolder::open(&photos).unwrap(),
        forms: domain::form::Library::default(),
        passes: domain::pass::KeyFolder::new(&photos.with_extension("passes"), &[9; 32]),
        log: domain::journal::CityLog::alone("test.example/journal", [4; 32]).unwrap(),
        clock: Box::new(clock.clone()),
        ids: Box::new(SeededIds::new(SEED)),
        key: [3; 32],
    });
    let logins = build(&city, Options { seed: SEED, scale: SCALE, now: now() }, &mut |_, _, _| {}).unwrap();
    Built { city, logins, clock, scratch, photos }
}

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

impl Built {
    fn count(&self, sql: &'static str) -> usize {
        self.scratch.db.read(|tx: &mut Tx<'_>| tx.count(sql, &[])).map_err(|error: StoreError| error).unwrap()
            as usize
    }

    fn sign_in(&self, login: &str) -> Ctx {
        let ctx = Ctx::anonymous(self.city.clone());
        let (token, _) = account::sign_in(&ctx, login, &self.logins.password, "test").expect(login);
        account::resolve(&self.city, &token).unwrap()
    }
}

#[test]
fn the_built_city_gives_the_report_s_figures_back() {
    let built = built();
    it_has_the_report_s_figures(&built);
    all_that_the_report_printed_is_counted_from_records(&built);
    its_named_logins_find_work_that_waits_for_them(&built);
    its_cases_stand_at_every_stage(&built);
    let again = build(&built.city, Options { seed: SEED, scale: SCALE, now: now() }, &mut |_, _, _| {});
    assert!(again.unwrap_err().to_string().contains("already"), "a second city is not built into the first");
}

fn all_that_the_report_printed_is_counted_from_records(built: &Built) {
    let compared = crate::report::compare(&built.city, SCALE).unwrap();
    assert_eq!(compared.len(), 41);
    let differ: Vec<_> = compared.iter().filter(|it| !it.agrees).collect();
    assert!(differ.is_empty(), "{differ:?}");
    let scaled: Vec<_> = compared.iter().filter(|it| it.wanted.is_some()).collect();
    assert_eq!(scaled.len(), 1, "residents alone are fewer in a small demo: {scaled:?}");
    // One event less, and the command would tell.
    let events = "SELECT COUNT(*) FROM statistic_record WHERE element = 'TEAMS' AND value > 0";
    assert!(built.count(events) > 1_000, "many events, and never the figure as one row");
    let withdrawn =
        "element,area,date,value,option,reference\nTEAMS,150902001001,2020-03-01,,,demo-150902001001-\n";
    let origin = domain::statistic::Origin { name: "test.csv", provenance: "test" };
    let ctx = Ctx::system(built.city.clone());
    domain::statistic::import(&ctx, withdrawn.as_bytes(), &origin).unwrap();
    let compared = crate::report::compare(&built.city, SCALE).unwrap();
    let differ: Vec<_> = compared.iter().filter(|it| !it.agrees).map(|it| it.printed.id.as_str()).collect();
    assert_eq!(differ, ["teams"]);
}

fn it_has_the_report_s_figures(built: &Built) {
    let figures = Figures::read().unwrap();
    assert_eq!(built.count("SELECT COUNT(*) FROM area WHERE tier = 5"), figures.grids);
    assert_eq!(
        built.count("SELECT COUNT(*) FROM area WHERE tier = 5 AND kind = 'urban'"),
        figures.grids_urban
    );
    assert_eq!(
        built.count("SELECT COUNT(*) FROM area WHERE tier = 5 AND kind = 'rural'"),
        figures.grids_rural
    );
    assert_eq!(built.count("SELECT COUNT(*) FROM area WHERE tier < 5"), 1_639);
    let workers = "SELECT COUNT(DISTINCT a.person_id) FROM appointment a JOIN post p ON p.id = a.post_id \
        WHERE p.role IN ('grid_leader', 'grid_assistant', 'grid_supervisor', 'grid_hygienist')";
    assert_eq!(built.count(workers), figures.grid_workers);
    let temporary = "SELECT COUNT(*) FROM organization WHERE kind = 'temporary_party_organization'";
    assert_eq!(built.count(temporary), figures.temporary_organizations);
    let endless =
        "SELECT COUNT(*) FROM organization WHERE kind = 'temporary_party_organization' AND valid_to IS NULL";
    assert_eq!(built.count(endless), 0);
    let residents = "SELECT COUNT(*) FROM person p JOIN household h ON h.county_id = p.county_id AND h.id = p.household_id \
        JOIN premises m ON m.county_id = h.county_id AND m.id = h.premises_id \
        JOIN area a ON a.id = m.area_id AND a.path = m.area_path AND a.tier = 5";
    assert_eq!(built.count(residents), (figures.residents as f64 * SCALE).round() as usize);
}

#[test]
fn the_same_seed_builds_the_same_rows() {
    let (first, second) = (built(), built());
    assert_eq!(first.logins, second.logins);
    let (first, second) = (rows(&first), rows(&second));
    for (table, rows) in &first {
        assert!(!rows.is_empty(), "{table} is empty");
        let apart = rows.iter().zip(&second[table]).find(|(one, other)| one != other);
        assert_eq!(apart, None, "{table}");
        assert_eq!(rows.len(), second[table].len(), "{table}");
    }
}

/// Every row of every table that a build fills, in the order of its key.
fn rows(built: &Built) -> BTreeMap<&'static str, Vec<String>> {
    let tables = [
        ("area", "SELECT * FROM area ORDER BY id"),
        ("boundary", "SELECT * FROM boundary ORDER BY area_id"),
        ("organization", "SELECT * FROM organization ORDER BY id"),
        ("post", "SELECT * FROM post ORDER BY id"),
        ("appointment", "SELECT * FROM appointment ORDER BY id"),
        ("premises", "SELECT * FROM premises ORDER BY county_id, id"),
        ("household", "SELECT * FROM household ORDER BY county_id, id"),
        ("person", "SELECT * FROM person ORDER BY county_id, id"),
        ("account", "SELECT * FROM account ORDER BY id"),
        ("case_file", "SELECT * FROM case_file ORDER BY county_id, id"),
        ("case_event", "SELECT * FROM case_event ORDER BY county_id, case_id, revision"),
        ("supervision", "SELECT * FROM supervision ORDER BY county_id, id"),
        ("case_photo", "SELECT * FROM case_photo ORDER BY county_id, case_id, id"),
        ("case_handling", "SELECT * FROM case_handling ORDER BY county_id, case_id, organization_id"),
        ("journal", "SELECT * FROM journal ORDER BY county_id, id"),
        ("notice", "SELECT * FROM notice ORDER BY county_id, id"),
        ("pass_issue", "SELECT * FROM pass_issue ORDER BY county_id, regime, list_index"),
        ("pass_outcome", "SELECT * FROM pass_outcome ORDER BY county_id, regime, holder, number"),
    ];
    let read = |sql| {
        built
            .scratch
            .db
            .read(|tx: &mut Tx<'_>| tx.query(sql, &[]))
            .map_err(|error: StoreError| error)
            .unwrap()
    };
    tables
        .into_iter()
        .map(|(table, sql)| (table, read(sql).iter().map(|row| format!("{row:?}")).collect()))
        .collect()
}

fn its_named_logins_find_work_that_waits_for_them(built: &Built) {
    for (key, login) in &built.logins.logins {
        let ctx = built.sign_in(login);
        let role = ctx.actor.appointments.first().map_or(Role::Resident, |it| it.role);
        assert!(key.starts_with(role.as_str()), "{key}: {role:?}");
    }
    let post = |login: &str| built.sign_in(login).actor.appointments[0].clone();
    let (near, city) = (post("leader"), post("city-leader"));
    assert!(near.area.is_within(&city.area) && near.area != city.area, "the city's stands above");
    let (one, other) = (post("acceptor"), post("acceptor2"));
    assert_eq!((&one.area, one.organization), (&other.area, other.organization), "two at one desk");
    let waits = |login: &str, stage: &str, transition: &str| {
        let ctx = built.sign_in(login);
        let filter = case::Filter {
            status: Some(case::Status::Open),
            stage: Some(stage.into()),
            ..Default::default()
        };
        // A reporter's own list is told by time, so it is not narrowed to the open ones there.
        let filter = if login == "resident" { case::Filter { status: None, ..filter } } else { filter };
        let lens = if login == "resident" { case::Lens::Mine } else { case::Lens::Everything };
        let page = case::list(&ctx, &lens, &filter, &domain::Window::first(200)).unwrap();
        let here = page.items.iter().filter(|it| it.path.codes().any(|code| code == SHOWN_COMMUNITY));
        let mut open = here.map(|it| case::record(&ctx, it.id).unwrap().transitions);
        assert!(open.any(|it| it.contains(&transition.to_owned())), "{login} cannot {transition} anything");
    };
    waits("grid", "collect", "verify");
    waits("acceptor", "register", "register");
    waits("dispatcher", "dispatch", "dispatch");
    waits("handler", "handle", "feed_back");
    waits("dispatcher", "feedback", "accept");
    waits("checker", "check", "close");
    waits("resident", "evaluate", "rate");
    let ctx = built.sign_in("dispatcher");
    let path = built.sign_in("grid").actor.appointments[0].area.clone();
    let bodies = organization::for_dispatch(&ctx, &path).unwrap();
    assert!(
        bodies.iter().any(|it| it.name == "集宁区住房和城乡建设局"),
        "the body of `handler` can be chosen"
    );
}

/// And some are late, returned, reworked, rated and void.
fn its_cases_stand_at_every_stage(built: &Built) {
    let some = |sql: &'static str| assert!(built.count(sql) > 0, "{sql}");
    some("SELECT COUNT(*) FROM case_file WHERE status = 'closed' AND rating IS NOT NULL");
    some("SELECT COUNT(*) FROM case_file WHERE status = 'void'");
    some("SELECT COUNT(*) FROM case_file WHERE returns > 0");
    some("SELECT COUNT(*) FROM case_file WHERE reworks > 0");
    some("SELECT COUNT(*) FROM case_file WHERE reopens > 0");
    assert_eq!(built.count("SELECT COUNT(DISTINCT procedure_id) FROM case_file"), 7);
    some("SELECT COUNT(*) FROM pass_outcome WHERE NOT granted");
    some("SELECT COUNT(*) FROM pass_evidence");
    assert_eq!(built.count("SELECT COUNT(*) FROM pass_regime WHERE state = 'proposed'"), 1);
    some("SELECT COUNT(*) FROM case_file WHERE merged_into_id IS NOT NULL");
    some("SELECT COUNT(*) FROM case_file WHERE procedure_id = 'support-task' AND parent_id IS NOT NULL");
    some("SELECT COUNT(*) FROM case_file WHERE procedure_id = 'emergency-task' AND status = 'closed'");
    some("SELECT COUNT(*) FROM supervision WHERE state = 'waiting'");
    some("SELECT COUNT(*) FROM supervision WHERE state = 'replied'");
    let late = built.scratch.db.read(|tx: &mut Tx<'_>| {
        tx.count(
            "SELECT COUNT(*) FROM case_file WHERE status = 'open' AND next_due < $1",
            store::params![now()],
        )
    });
    assert!(late.map_err(|error: StoreError| error).unwrap() > 0);
    let coming = built.scratch.db.read(|tx: &mut Tx<'_>| {
        tx.count("SELECT COUNT(*) FROM case_event WHERE at > $1", store::params![now()])
    });
    assert_eq!(coming.map_err(|error: StoreError| error).unwrap(), 0, "nothing has happened after now");
}

#[test]
fn a_played_day_brings_reports_and_moves_cases_without_touching_the_shown_community() {
    let built = built();
    let shown = "SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM case_file WHERE area_path >= '1509/150902/150902001/150902001001/' \
        AND area_path < '1509/150902/150902001/1509020010010'";
    let (before, cases) = (built.count(shown), built.count("SELECT COUNT(*) FROM case_file"));
    let looked = built.count("SELECT CAST(COALESCE(SUM(looks), 0) AS BIGINT) FROM checkpoint_count");
    assert!(looked > 1_000, "gates counted before the day began");
    let mut day = Day::new(built.city.clone(), SEED).unwrap();
    let mut turns = Vec::new();
    store::testing::longest_walk();
    for _ in 0..80 {
        built.clock.0.fetch_add(1_000_000, Ordering::SeqCst);
        turns.push(day.turn().unwrap());
        let (rows, statement) = store::testing::longest_walk();
        assert!(rows < WALK_MAX, "{rows} rows were walked over by {statement}");
    }
    let reported = turns.iter().filter(|it| **it == Turn::Reported).count();
    let looks = "SELECT CAST(COALESCE(SUM(looks), 0) AS BIGINT) FROM checkpoint_count";
    assert!(turns.contains(&Turn::Looked) && built.count(looks) > looked, "{turns:?}");
    assert!(reported > 0 && turns.iter().filter(|it| **it == Turn::Moved).count() > 40, "{turns:?}");
    assert_eq!(built.count("SELECT COUNT(*) FROM case_file"), cases + reported);
    assert_eq!(built.count(shown), before);
}
