//! Statistics: totals up the tree exact at every moment, earlier values kept, and no small count of persons given away.

use std::collections::BTreeMap;

use domain::{
    Ctx, Refusal, Window, area,
    statistic::{
        self, Entry, Figure, ImportError, ImportReport, Origin, RecordsOf, State, breakdown, count, figure,
    },
};
use kernel::Role;
use store::{Db, Row, Tx, both, params};

use crate::ground::{
    CITY, COMMUNITY, COUNTY, GRID, Ground, OTHER_COMMUNITY, OTHER_COUNTY, OTHER_GRID, TOWNSHIP,
};

mod data_set;
mod pivot;
mod public;

const HEAD: &str = "element,area,date,value,option,reference\n";
const ORIGIN: Origin<'_> = Origin { name: "events.csv", provenance: "a test" };
const LEAVES: [&str; 6] = [GRID, OTHER_GRID, COMMUNITY, OTHER_COMMUNITY, OTHER_COUNTY, CITY];

fn import(ground: &Ground, rows: &str) -> Result<ImportReport, ImportError> {
    let ctx = Ctx::system(ground.city.clone());
    statistic::import(&ctx, format!("{HEAD}{rows}").as_bytes(), &ORIGIN)
}

fn shown(ctx: &Ctx, code: &str, indicator: &str) -> String {
    text(&figure(ctx, code, indicator, None).unwrap())
}

fn text(figure: &Figure) -> String {
    match figure.value {
        State::Value(value) => value.to_decimal(2).trim_end_matches(".00").to_owned(),
        State::None => "none".into(),
        State::Hidden => "hidden".into(),
    }
}

/// Every total that says anything, its parts added up: value, records and when it last changed.
fn totals(tx: &mut Tx<'_>) -> BTreeMap<String, [i64; 3]> {
    const ALL: &str = "SELECT element, area_path, option_code, period, MIN(part) <> 0, parent_path, \
        CAST(SUM(value) AS BIGINT), CAST(SUM(records) AS BIGINT), MAX(latest_at) FROM statistic_total \
        GROUP BY element, area_path, option_code, period, part <> 0, parent_path \
        HAVING SUM(value) <> 0 OR SUM(records) <> 0 ORDER BY element";
    let row = |row: &Row| {
        let [element, path, option, period, parent] =
            [0, 1, 2, 3, 5].map(|at| row.get::<String>(at).unwrap());
        let is_below = row.get::<bool>(4).unwrap();
        let key = format!("{element} {path} in {parent} {option} {period} {is_below}");
        (key, [6, 7, 8].map(|at| row.get::<i64>(at).unwrap()))
    };
    tx.query(ALL, &[]).unwrap().iter().map(row).collect()
}

/// The totals as they are kept, and as they are after they were made anew of the records.
fn kept_and_recounted(ground: &Ground) -> [BTreeMap<String, [i64; 3]>; 2] {
    let ctx = Ctx::system(ground.city.clone());
    ctx.write(|tx| {
        let kept = totals(tx);
        statistic::recount(tx)?;
        Ok([kept, totals(tx)])
    })
    .unwrap()
}

both!(an_event_moves_every_total_above_it_and_a_correction_keeps_what_was_before, |db: Db| {
    let ground = Ground::new(db);
    let system = Ctx::system(ground.city.clone());
    let rows = format!(
        "TEAMS,{COMMUNITY},2020-02-01,3,,a\nTEAMS,{GRID},2020-03-09,2,,b\nTEAMS,{OTHER_COUNTY},2020-02-01,7,,c\n"
    );
    assert_eq!(import(&ground, &rows).unwrap(), ImportReport { added: 3, ..ImportReport::default() });
    for (code, expected) in
        [(GRID, "2"), (COMMUNITY, "5"), (TOWNSHIP, "5"), (COUNTY, "5"), (OTHER_COUNTY, "7"), (CITY, "12")]
    {
        assert_eq!(shown(&system, code, "teams"), expected, "{code}");
    }
    assert_eq!(shown(&system, OTHER_GRID, "teams"), "none");
    let again = import(&ground, &rows).unwrap();
    assert_eq!((again.added, again.unchanged), (0, 3), "the same again changes nothing");

    let before = ground.now();
    ground.clock.pass_seconds(3_600);
    // A late correction moves the event to another area and month; another event is withdrawn.
    let mended = format!("TEAMS,{OTHER_COMMUNITY},2020-05-01,4,,a\nTEAMS,{GRID},2020-03-09,,,b\n");
    let report = import(&ground, &mended).unwrap();
    assert_eq!((report.corrected, report.withdrawn), (1, 1));
    assert_eq!([COMMUNITY, OTHER_COMMUNITY, CITY].map(|it| shown(&system, it, "teams")), ["none", "4", "11"]);
    let then = figure(&system, CITY, "teams", Some(before)).unwrap();
    assert_eq!((text(&then).as_str(), then.records, then.latest_at), ("12", 3, Some(before)));
    assert_eq!(text(&figure(&system, COMMUNITY, "teams", Some(before)).unwrap()), "5");

    let leader = ground.acting(ground.officer("旗县长", Role::Leader, COUNTY));
    let of = RecordsOf { element: "TEAMS", area: COUNTY, period: None };
    let page = statistic::records(&leader, &of, &Window::first(2)).unwrap();
    let rest = statistic::records(&leader, &of, &Window { limit: 9, after: page.next }).unwrap();
    let mut all: Vec<_> = page
        .items
        .iter()
        .chain(&rest.items)
        .map(|it| (it.reference.as_str(), it.revision, it.value))
        .collect();
    all.sort_unstable();
    assert_eq!(
        all,
        [("a", 1, Some(3)), ("a", 2, Some(4)), ("b", 1, Some(2)), ("b", 2, None)],
        "nothing is lost"
    );
    let [kept, recounted] = kept_and_recounted(&ground);
    assert_eq!(kept, recounted);
});

both!(a_file_with_a_fault_changes_nothing, |db: Db| {
    let ground = Ground::new(db);
    let rows = format!(
        "TEAMS,{COMMUNITY},2020-02-01,3,,a\nTEAMS,999999,2020-02-01,3,,b\nTEAMS,{GRID},2020-02-01,3,,a\n"
    );
    let Err(ImportError::Faults(faults)) = import(&ground, &rows) else { panic!("imported") };
    let listed: Vec<_> = faults.listed.iter().map(ToString::to_string).collect();
    assert_eq!(listed[0], "line 3, column 2 (area): no area with the code \"999999\" is in force");
    assert_eq!(
        listed[1],
        "line 4, column 6 (reference): the same reference stands for this element and county on line 2 already"
    );
    assert_eq!(ground.count("SELECT COUNT(*) FROM statistic_record"), 0);
    let person = ground.acting(ground.officer("干部", Role::Leader, CITY));
    let refused =
        statistic::import(&person, format!("{HEAD}TEAMS,{GRID},2020-02-01,3,,a\n").as_bytes(), &ORIGIN);
    assert!(matches!(refused, Err(ImportError::Refusal(Refusal::Denied))), "{refused:?}");
});

both!(writers_at_once_lose_nothing, |db: Db| {
    let ground = Ground::new(db);
    const WRITERS: usize = 6;
    const EVENTS: usize = 8;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let ground = &ground;
            scope.spawn(move || {
                for event in 0..EVENTS {
                    let leaf = LEAVES[(writer + event) % 3];
                    import(ground, &format!("TEAMS,{leaf},2020-02-01,1,,{writer}-{event}\n")).unwrap();
                    if event % 4 == 3 {
                        import(ground, &format!("TEAMS,{leaf},2020-02-01,,,{writer}-{event}\n")).unwrap();
                    }
                }
            });
        }
    });
    let system = Ctx::system(ground.city.clone());
    assert_eq!(shown(&system, CITY, "teams"), (WRITERS * EVENTS * 3 / 4).to_string());
    let [kept, recounted] = kept_and_recounted(&ground);
    assert_eq!(kept, recounted);
});

both!(totals_are_those_of_the_records_whatever_comes_late_is_corrected_or_withdrawn, |db: Db| {
    let ground = Ground::new(db);
    let system = Ctx::system(ground.city.clone());
    let places = LEAVES.map(|code| system.read(|tx| area::place(tx, code)).unwrap().unwrap());
    let mut state = 20_201_127_u64;
    let mut chance = |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    // What is in force, kept apart by the test: area, option and value by reference.
    let mut model: BTreeMap<String, (usize, u64, Option<i64>)> = BTreeMap::new();
    for round in 0..40 {
        ground.clock.pass_seconds(60);
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for _ in 0..=chance(4) {
            let (reference, at, option) = (format!("r{}", chance(12)), chance(6) as usize, chance(2));
            let value = (chance(4) > 0).then(|| chance(50) as i64);
            let entry = Entry {
                element: "DONATIONS".into(),
                place: places[at].clone(),
                day: format!("2020-{:02}-15", 1 + chance(12)).parse().unwrap(),
                option: ["cash", "kind"][option as usize].into(),
                reference: reference.clone(),
                value: value.map(|it| it * 100),
            };
            // A reference is of its county: of the city itself and the other county it names other records.
            let key = format!("{reference} of {}", at.max(3));
            entries.insert(key.clone(), entry);
            model.insert(key, (at, option, value));
        }
        let entries: Vec<Entry> = entries.into_values().collect();
        let ctx = Ctx::system(ground.city.clone());
        ctx.write(|tx| statistic::enter(tx, &ctx, &ORIGIN, &entries)).unwrap();
        for (at, code) in LEAVES.iter().enumerate() {
            let path = crate::ground::path(code);
            let within = |it: usize| crate::ground::path(LEAVES[it]).is_within(&path);
            let live: Vec<i64> = model.values().filter(|it| within(it.0)).filter_map(|it| it.2).collect();
            let expected = if live.is_empty() { "none".into() } else { live.iter().sum::<i64>().to_string() };
            let found = figure(&ctx, code, "donations", None).unwrap();
            assert_eq!(
                (text(&found), found.records),
                (expected, live.len() as i64),
                "round {round}, leaf {at}"
            );
            let as_of = figure(&ctx, code, "donations", Some(ctx.now)).unwrap();
            assert_eq!(
                (as_of.value, as_of.records, as_of.latest_at),
                (found.value, found.records, found.latest_at),
                "as of now, round {round}"
            );
        }
    }
    let [kept, recounted] = kept_and_recounted(&ground);
    assert_eq!(kept, recounted);
});

both!(what_the_city_s_own_tables_hold_is_counted_and_counted_again, |db: Db| {
    let ground = Ground::new(db);
    for number in 0..11 {
        ground.resident(&format!("居民{number}"), GRID);
    }
    ground.officer("网格长", Role::GridLeader, GRID);
    let first = count(&ground.city).unwrap();
    assert!(first.added > 0 && first.corrected == 0, "{first:?}");
    let public = Ctx::anonymous(ground.city.clone());
    assert_eq!(
        ["residents_served", "grids", "grid_workers"].map(|it| shown(&public, CITY, it)),
        ["10", "2", "1"]
    );
    assert_eq!(shown(&public, COMMUNITY, "residents_served"), "10", "in fives");
    let again = count(&ground.city).unwrap();
    assert_eq!((again.added, again.corrected, again.withdrawn), (0, 0, 0));
    // Where nothing has changed no writer is kept waiting: here is one that does not end before the count does.
    ground.city.db.write(|_| count(&ground.city).map(drop)).unwrap();

    let before = ground.now();
    ground.clock.pass_seconds(86_400);
    ground.resident("新居民", OTHER_GRID);
    assert_eq!(count(&ground.city).unwrap().corrected, 1);
    let system = Ctx::system(ground.city.clone());
    assert_eq!(shown(&system, CITY, "residents_served"), "12");
    assert_eq!(text(&figure(&system, CITY, "residents_served", Some(before)).unwrap()), "11");
});

both!(shares_completeness_and_age_stand_beside_a_figure, |db: Db| {
    let ground = Ground::new(db);
    let system = Ctx::system(ground.city.clone());
    assert_eq!(shown(&system, CITY, "approval_rate"), "none", "nothing is divided by nothing");
    let rows = format!(
        "APPROVAL_ACCEPTED,{COUNTY},2020-02-01,60,,a\nAPPROVAL_ACCEPTED,{OTHER_COUNTY},2020-02-01,129,,b\n\
         APPROVAL_COMPLETED,{COUNTY},2020-02-01,42,,a\nAPPROVAL_COMPLETED,{OTHER_COUNTY},2020-02-01,129,,b\n\
         DUES_GRANTED,{COUNTY},2020-02-01,1200.5,,a\nPARTY_MEMBERS,{COMMUNITY},2020-12-31,31,,a\n\
         PARTY_MEMBERS,{GRID},2019-12-31,99,,old\n"
    );
    import(&ground, &rows).unwrap();
    // Of sums, and never the mean of 0.7 and 1.
    assert_eq!(shown(&system, CITY, "approval_rate"), "0.90");
    assert_eq!(shown(&system, CITY, "dues_granted"), "1200.50");
    let members = figure(&system, CITY, "party_members", None).unwrap();
    assert_eq!((text(&members).as_str(), members.periods), ("31", Some(("2020".into(), "2020".into()))));
    assert_eq!(members.latest_at, Some(ground.now()));
});

both!(people_of_an_area_that_has_ended_count_where_it_was, |db: Db| {
    let ground = Ground::new(db);
    for number in 0..11 {
        ground.resident(&format!("居民{number}"), GRID);
    }
    count(&ground.city).unwrap();
    let system = Ctx::system(ground.city.clone());
    assert_eq!([COMMUNITY, TOWNSHIP].map(|it| shown(&system, it, "residents_served")), ["11", "11"]);
    ground.clock.pass_seconds(3_600);
    const END: &str = "UPDATE area SET valid_to = $1 WHERE code LIKE '150902001001%'";
    ground.city.db.write(|tx| tx.execute(END, params![ground.now()]).map(drop)).unwrap();
    let report = count(&ground.city).unwrap();
    assert!(report.withdrawn > 0, "{report:?}");
    let system = Ctx::system(ground.city.clone());
    assert_eq!(
        [COMMUNITY, TOWNSHIP, CITY].map(|it| shown(&system, it, "residents_served")),
        ["none", "11", "11"]
    );
});

both!(one_reference_of_two_counties_is_two_records, |db: Db| {
    let ground = Ground::new(db);
    let system = Ctx::system(ground.city.clone());
    let both =
        format!("TEAMS,{COMMUNITY},2020-02-01,3,,2020-001\nTEAMS,{OTHER_COUNTY},2020-02-01,7,,2020-001\n");
    assert_eq!(import(&ground, &both).unwrap().added, 2);
    assert_eq!(shown(&system, CITY, "teams"), "10");
    let report = import(&ground, &format!("TEAMS,{OTHER_COUNTY},2020-02-01,8,,2020-001\n")).unwrap();
    assert_eq!((report.added, report.corrected), (0, 1));
    assert_eq!([COUNTY, OTHER_COUNTY, CITY].map(|it| shown(&system, it, "teams")), ["3", "8", "11"]);
});

both!(reports_are_counted_of_the_areas_that_are_asked_for_them_alone, |db: Db| {
    let ground = Ground::new(db);
    const COUNTS: &str = "INSERT INTO area_count (area_id, tier, kind, areas) VALUES ($1, 4, 'other', 2)";
    let above = [CITY, COUNTY, TOWNSHIP].map(crate::ground::area);
    ground
        .city
        .db
        .write(|tx| above.iter().try_for_each(|id| tx.execute(COUNTS, params![*id]).map(drop)))
        .unwrap();
    let system = Ctx::system(ground.city.clone());
    let of = |ctx: &Ctx, code: &str, at| {
        figure(ctx, code, "party_members", at).unwrap().completeness.map(|it| (it.arrived, it.expected))
    };
    assert_eq!(of(&system, CITY, None), Some((0, 2)), "who is asked is known before anybody answers");
    let rows = format!(
        "PARTY_MEMBERS,{COMMUNITY},2020-12-31,31,,a\nPARTY_MEMBERS,{COMMUNITY},2020-12-31,2,,b\nPARTY_MEMBERS,{GRID},2020-12-31,99,,c\n\
         PARTY_MEMBERS,{TOWNSHIP},2020-12-31,7,,d\nPARTY_MEMBERS,{OTHER_COMMUNITY},2019-12-31,5,,e\n"
    );
    import(&ground, &rows).unwrap();
    assert_eq!(
        [CITY, TOWNSHIP, COMMUNITY].map(|it| of(&system, it, None)),
        [Some((1, 2)), Some((1, 2)), Some((1, 1))]
    );
    assert_eq!(of(&system, OTHER_COMMUNITY, None), Some((0, 1)));
    assert_eq!(
        of(&system, CITY, Some(ground.now())),
        None,
        "who was asked at an earlier moment is not known"
    );
    let public = Ctx::anonymous(ground.city.clone());
    assert_eq!(shown(&public, COMMUNITY, "party_members"), "hidden");
    assert_eq!(of(&public, COMMUNITY, None), None, "nor whether anything came");
    assert!(breakdown(&public, COMMUNITY, "party_members", None).unwrap().sources.is_empty());
});

both!(sources_are_those_of_the_area_that_is_asked_about, |db: Db| {
    let ground = Ground::new(db);
    import(&ground, &format!("TEAMS,{COUNTY},2020-02-01,3,,a\n")).unwrap();
    ground.clock.pass_seconds(60);
    let ctx = Ctx::system(ground.city.clone());
    let other = Origin { name: "other.csv", provenance: "elsewhere" };
    let row = format!("{HEAD}TEAMS,{OTHER_COUNTY},2020-02-01,3,,b\n");
    statistic::import(&ctx, row.as_bytes(), &other).unwrap();
    let names = |code: &str, at| -> Vec<String> {
        breakdown(&ctx, code, "teams", at).unwrap().sources.into_iter().map(|it| it.name).collect()
    };
    assert_eq!(names(CITY, None), ["other.csv", "events.csv"]);
    assert_eq!(
        (names(COUNTY, None), names(OTHER_COUNTY, None)),
        (vec!["events.csv".into()], vec!["other.csv".into()])
    );
    assert!(names(GRID, None).is_empty());
});

/// A city by its list: what is moved and ended is no matter of rows alone.
const LIST: &str = "code,name,parent\n1509,乌兰察布市,15\n150902,集宁区,1509\n150921,卓资县,1509\n150902001,新体路街道,150902\n\
    150902001001,一社区,150902001\n150902001002,二社区,150902001\n150921001,卓资山镇,150921\n";

both!(what_was_reported_follows_an_area_that_moves_and_stays_with_one_that_ends, |db: Db| {
    let clock = crate::support::TestClock::at(crate::support::START);
    let city = crate::support::city(db, &clock);
    let areas = |list: &str, complete: bool| {
        let ctx = Ctx::system(city.clone());
        let source = area::Source { name: "areas.csv", bytes: list.as_bytes() };
        area::import(&ctx, source, area::Options { complete, date: ctx.now }, &mut |_, _| {}).unwrap()
    };
    areas(LIST, true);
    let system = || Ctx::system(city.clone());
    let rows = "TEAMS,150902001001,2020-02-01,3,,a\nTEAMS,150902001002,2020-02-01,4,,b\nTEAMS,150902001,2020-02-01,1,,c\n\
        TEAMS,150921,2020-02-01,5,,d\n";
    statistic::import(&system(), format!("{HEAD}{rows}").as_bytes(), &ORIGIN).unwrap();
    let teams = |codes: [&str; 4]| codes.map(|code| shown(&system(), code, "teams"));
    assert_eq!(teams(["1509", "150902", "150921", "150902001"]), ["13", "8", "5", "8"]);

    clock.pass_seconds(86_400);
    assert_eq!(areas("code,name,parent\n150902001,新体路街道,150921\n", false).moved, 1);
    assert_eq!(teams(["1509", "150902", "150921", "150902001"]), ["13", "none", "13", "8"]);
    let found = breakdown(&system(), "150921", "teams", None).unwrap();
    let parts: Vec<_> = found.parts.iter().map(|it| (it.code.as_str(), text(&it.figure))).collect();
    assert_eq!(parts, [("150902001", "8".to_owned()), ("150921001", "none".to_owned())]);

    clock.pass_seconds(86_400);
    let ended = LIST
        .replace("150902001002,二社区,150902001\n", "")
        .replace("新体路街道,150902\n", "新体路街道,150921\n");
    assert_eq!(areas(&ended, true).ended, 1);
    assert_eq!(teams(["1509", "150921", "150902001", "150902001001"]), ["13", "13", "8", "3"]);
    let found = breakdown(&system(), "150902001", "teams", None).unwrap();
    let gone = found.parts.iter().find(|it| it.code == "150902001002").expect("it is still told of");
    assert_eq!((gone.name.as_str(), gone.is_ended, text(&gone.figure)), ("二社区", true, "4".to_owned()));
    // And what the link beside it leads to is there.
    assert_eq!(shown(&system(), "150902001002", "teams"), "4");

    // The same reference corrects what came while the area was elsewhere.
    let row = format!("{HEAD}TEAMS,150902001001,2020-02-01,9,,a\n");
    assert_eq!(statistic::import(&system(), row.as_bytes(), &ORIGIN).unwrap().corrected, 1);
    assert_eq!(teams(["1509", "150902", "150921", "150902001"]), ["19", "none", "19", "14"]);
    let [kept, recounted] = system()
        .write(|tx| {
            let kept = totals(tx);
            statistic::recount(tx)?;
            Ok([kept, totals(tx)])
        })
        .unwrap();
    assert_eq!(kept, recounted);
});
