//! Statistics: totals up the tree exact at every moment, earlier values kept, and no small count of persons given away.

use std::collections::BTreeMap;

use domain::{
    Ctx, Refusal, Window, area,
    statistic::{
        self, Breakdown, Entry, Figure, ImportError, ImportReport, Origin, RecordsOf, SMALL, State,
        breakdown, count, figure,
    },
};
use kernel::Role;
use store::{Db, Row, Tx, both};

use crate::ground::{
    CITY, COMMUNITY, COUNTY, GRID, Ground, OTHER_COMMUNITY, OTHER_COUNTY, OTHER_GRID, TOWNSHIP,
};

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

/// Every row of the totals that says anything.
fn totals(tx: &mut Tx<'_>) -> BTreeMap<String, [i64; 3]> {
    const ALL: &str = "SELECT element, area_path, option_code, period, part, value, records, areas FROM statistic_total \
        WHERE value <> 0 OR records <> 0 OR areas <> 0 ORDER BY element";
    let row = |row: &Row| {
        let [element, path, option, period] = [0, 1, 2, 3].map(|at| row.get::<String>(at).unwrap());
        let key = format!("{element} {path} {option} {period} {}", row.get::<i64>(4).unwrap());
        (key, [5, 6, 7].map(|at| row.get::<i64>(at).unwrap()))
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

both!(writers_at_once_lose_nothing_and_count_no_area_twice, |db: Db| {
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
            entries.insert(reference.clone(), entry);
            model.insert(reference, (at, option, value));
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
                (as_of.value, as_of.records),
                (found.value, found.records),
                "as of now, round {round}"
            );
        }
    }
    let [kept, recounted] = kept_and_recounted(&ground);
    assert_eq!(kept, recounted);
});

/// Figures of an area and its parts as numbers; a hidden one is none.
fn numbers(found: &Breakdown) -> (i64, BTreeMap<String, Option<i64>>) {
    let number = |it: &Figure| match it.value {
        State::Value(value) => Some(value.to_decimal(0).parse().unwrap()),
        State::None => Some(0),
        State::Hidden => None,
    };
    let mut parts: BTreeMap<String, Option<i64>> =
        found.parts.iter().map(|it| (it.code.clone(), number(&it.figure))).collect();
    if let Some(own) = &found.own {
        parts.insert("own".into(), number(own));
    }
    (number(&found.total).unwrap(), parts)
}

both!(small_counts_of_persons_are_for_those_who_answer_for_the_area, |db: Db| {
    let ground = Ground::new(db);
    let rows = format!(
        "VOLUNTEERS,{GRID},2020-02-01,3,,a\nVOLUNTEERS,{OTHER_GRID},2020-02-01,40,,b\nVOLUNTEERS,{COMMUNITY},2020-03-01,2,,c\n\
         VOLUNTEERS,{OTHER_COMMUNITY},2020-02-01,70,,d\nVOLUNTEERS,{OTHER_COUNTY},2020-02-01,55,,e\nTEAMS,{GRID},2020-02-01,1,,f\n"
    );
    import(&ground, &rows).unwrap();
    let public = Ctx::anonymous(ground.city.clone());
    let (whole, counties) = numbers(&breakdown(&public, CITY, "volunteers", None).unwrap());
    assert_eq!((whole, counties[COUNTY], counties[OTHER_COUNTY]), (170, Some(115), Some(55)));
    let (whole, parts) = numbers(&breakdown(&public, COMMUNITY, "volunteers", None).unwrap());
    // 3 and 2 together are small too, so that the 40 beside them stand for nothing either.
    assert_eq!((whole, parts[GRID], parts[OTHER_GRID], parts["own"]), (45, None, None, None));
    assert_eq!(shown(&public, GRID, "volunteers"), "hidden", "asked for by itself");
    assert_eq!(shown(&public, GRID, "teams"), "1", "teams are no persons");
    let hidden = figure(&public, GRID, "volunteers", None).unwrap();
    assert_eq!(hidden.records, 0, "nor how many records there are");

    let leader = ground.acting(ground.officer("乡镇长", Role::Leader, TOWNSHIP));
    let (_, parts) = numbers(&breakdown(&leader, COMMUNITY, "volunteers", None).unwrap());
    assert_eq!((parts[GRID], parts[OTHER_GRID], parts["own"]), (Some(3), Some(40), Some(2)));
    let elsewhere = ground.acting(ground.officer("外县长", Role::Leader, OTHER_COUNTY));
    assert_eq!(shown(&elsewhere, GRID, "volunteers"), "hidden");

    let of = RecordsOf { element: "VOLUNTEERS", area: COMMUNITY, period: None };
    assert_eq!(statistic::records(&leader, &of, &Window::first(9)).unwrap().items.len(), 3);
    for ctx in [&public, &elsewhere] {
        let refused = statistic::records(ctx, &of, &Window::first(9));
        assert!(matches!(refused, Err(Refusal::SignIn | Refusal::Denied)), "{refused:?}");
        // Two moments that follow each other would tell of one person.
        assert!(figure(ctx, COMMUNITY, "volunteers", Some(ground.now())).is_err());
    }
});

both!(nobody_gets_a_small_count_by_subtraction, |db: Db| {
    let ground = Ground::new(db);
    let public = Ctx::anonymous(ground.city.clone());
    let mut state = 7_u64;
    for round in 0..25 {
        let mut rows = String::new();
        for (at, leaf) in LEAVES.iter().enumerate() {
            for option in ["under_35", "from_35"] {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let value = [0, 3, 9, 10, 25, 70][(state >> 40) as usize % 6];
                rows.push_str(&format!("RESERVE_SIGNUPS,{leaf},2020-05-01,{value},{option},{at}{option}\n"));
            }
        }
        import(&ground, &rows).unwrap();
        for indicator in ["reserve_signups", "reserve_under_35"] {
            for code in [CITY, COUNTY, TOWNSHIP, COMMUNITY] {
                let found = breakdown(&public, code, indicator, None).unwrap();
                if found.total.value == State::Hidden {
                    let all_hidden = found.parts.iter().all(|it| it.figure.value == State::Hidden);
                    assert!(all_hidden, "round {round}: below what is hidden nothing is shown");
                    continue;
                }
                let (whole, parts) = numbers(&found);
                let rest = whole - parts.values().flatten().sum::<i64>();
                assert!(
                    rest == 0 || rest >= SMALL,
                    "round {round}, {indicator} of {code}: {rest} are left of {parts:?}"
                );
                assert!(
                    parts.values().flatten().all(|it| *it == 0 || *it >= SMALL),
                    "round {round}: {parts:?}"
                );
            }
        }
    }
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
        ["11", "2", "1"]
    );
    assert_eq!(shown(&public, COMMUNITY, "residents_served"), "11");
    let again = count(&ground.city).unwrap();
    assert_eq!((again.added, again.corrected, again.withdrawn), (0, 0, 0));

    let before = ground.now();
    ground.clock.pass_seconds(86_400);
    ground.resident("新居民", OTHER_GRID);
    assert_eq!(count(&ground.city).unwrap().corrected, 1);
    assert_eq!(shown(&public, CITY, "residents_served"), "12");
    let system = Ctx::system(ground.city.clone());
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
