//! Figures of the loop by the API and as a table file.

use std::io::Cursor;

use calamine::Reader as _;
use serde_json::json;
use store::{Db, both};

use crate::support::{Town, lamp, pick};

const NOVEMBER: &str = "from=2026-11-01&to=2026-11-30";

both!(a_figure_opens_the_cases_that_it_counts, |db: Db| {
    let town = Town::new(db);
    let reported = town.user("resident").report(&lamp(1));
    let commander = town.user("commander");
    let ask = |path: &str| commander.get(path).of(200);
    let found = ask(&format!("/api/v1/evaluations?area=1509&{NOVEMBER}"));
    assert_eq!((&found["from"], &found["to"]), (&json!("2026-11-01"), &json!("2026-11-30")));
    assert_eq!(found["total"]["figures"]["reported"], 1);
    assert_eq!(
        found["total"]["rates"]["registration"],
        json!({ "numerator": "registered", "denominator": "reported", "percent": 0.0 })
    );
    assert_eq!(found["total"]["rates"]["handling"]["percent"], json!(null), "of nothing there is no share");
    assert_eq!(
        (&found["rows"][0]["key"], &found["rows"][0]["figures"]["reported"]),
        (&json!("150902"), &json!(1))
    );
    let cases = ask(&format!("/api/v1/evaluations/cases?area=1509&{NOVEMBER}&figure=reported"));
    assert_eq!(pick(&cases["items"], "id"), [reported["id"].as_str().unwrap_or_default()]);
    let compared = ask(&format!("/api/v1/evaluations?area=1509&{NOVEMBER}&compare=yes"));
    assert_eq!(
        (&compared["before"]["from"], &compared["before"]["to"]),
        (&json!("2026-10-01"), &json!("2026-10-31"))
    );
    assert_eq!(compared["year_before"]["from"], "2025-11-01");
    assert_eq!(found["before"], json!(null), "only when it is asked for");
    let none = ask(&format!("/api/v1/evaluations/cases?area=1509&{NOVEMBER}&figure=registered"));
    assert_eq!(none["items"], json!([]));
});

both!(a_question_that_is_not_right_is_told_by_field, |db: Db| {
    let town = Town::new(db);
    let commander = town.user("commander");
    for (query, field) in [
        ("area=1509&from=yesterday&to=2026-11-30", "from"),
        ("area=1509&from=2026-11-30&to=2026-11-01", "to"),
        ("area=1509&from=2001-01-01&to=2026-11-01", "to"),
        ("area=1509&from=2026-11-01", "to"),
        ("area=1509&from=2026-11-01&to=2026-11-30&by=person", "by"),
    ] {
        assert_eq!(commander.get(&format!("/api/v1/evaluations?{query}")).fields(422), [field], "{query}");
    }
    let cases = format!("/api/v1/evaluations/cases?area=1509&{NOVEMBER}");
    assert_eq!(commander.get(&format!("{cases}&figure=tea")).fields(422), ["figure"]);
    assert_eq!(commander.get(&format!("{cases}&figure=due&organization=x")).fields(422), ["organization"]);
    assert_eq!(commander.get(&format!("{cases}&figure=due&cursor=x")).fields(422), ["cursor"]);
    commander.get(&format!("/api/v1/evaluations?area=999999&{NOVEMBER}")).of(404);
    town.user("resident").get(&format!("/api/v1/evaluations?area=1509&{NOVEMBER}")).of(403);
    town.anonymous().get(&format!("/api/v1/evaluations?area=1509&{NOVEMBER}")).of(401);
});

both!(the_table_file_says_the_same_to_a_spreadsheet, |db: Db| {
    let town = Town::new(db);
    town.user("resident").report(&lamp(1));
    let file = town.user("commander").get(&format!("/evaluation.csv?area=1509&{NOVEMBER}"));
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").contains("evaluation-1509-2026-11-01-2026-11-30.csv"));
    let text = file.text();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("\u{feff}Code,Name,Reported,"), "{}", lines[0]);
    assert!(lines[1].starts_with("1509,"), "the whole comes first: {}", lines[1]);
    assert!(lines[2].starts_with("150902,集宁区,1,0,"), "{}", lines[2]);
    assert!(lines[2].contains(",2026-11-01,2026-11-30,2026-"), "no row loses its period: {}", lines[2]);

    let file = town.user("commander").get(&format!("/evaluation.xlsx?area=1509&{NOVEMBER}"));
    assert!(file.header("content-type").ends_with("spreadsheetml.sheet"));
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(file.bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let (head, county) = (sheet.rows().next().unwrap(), sheet.rows().nth(2).unwrap());
    let of = |name: &str| &county[head.iter().position(|it| *it == *name).unwrap()];
    assert_eq!(*of("Reported"), calamine::Data::Float(1.0), "a number is a number");
    assert_eq!(*of("Registered"), calamine::Data::Float(0.0));
    assert_eq!(*of("Handled"), calamine::Data::Float(0.0));
    assert_eq!(of("Satisfied").to_string(), "", "of nothing there is no share");
});

both!(the_work_of_posts_is_shown_to_those_above_and_ones_own_to_oneself, |db: Db| {
    let town = Town::new(db);
    let (commander, acceptor) = (town.user("commander"), town.user("acceptor"));
    acceptor.report(&lamp(1));
    let found = commander.get(&format!("/api/v1/evaluations/work?area=1509&{NOVEMBER}&posts=desk")).of(200);
    let office = &found["rows"][0];
    assert_eq!((&office["role"], &office["figures"]["filed"]), (&json!("acceptor"), &json!(1)), "{found}");
    assert_eq!(office["rates"]["on_time_filing"]["percent"], 100.0);
    assert_eq!(office["rates"]["right_dispatch"]["percent"], json!(null));
    let organization = office["organization"].as_str().unwrap_or_default();
    let of = |what: &str| {
        format!("/api/v1/evaluations/work/{what}?organization={organization}&role=acceptor&{NOVEMBER}")
    };
    assert_eq!(acceptor.get(&of("people")).of(200)["rows"][0]["figures"]["filed"], 1);
    town.user("resident").get(&of("people")).of(404);
    town.user("dispatcher").get(&of("people")).of(404);
    let cases = commander.get(&format!("{}&figure=filed", of("cases"))).of(200);
    assert_eq!(cases["items"].as_array().map(Vec::len), Some(1));
    acceptor.get(&format!("/api/v1/evaluations/work?area=1509&{NOVEMBER}&posts=desk")).of(403);
    for (query, field) in [("posts=tea", "posts"), ("posts=desk&from=x", "from")] {
        let path = format!("/api/v1/evaluations/work?area=1509&to=2026-11-30&{query}");
        let path = if query.contains("from") { path } else { format!("{path}&from=2026-11-01") };
        assert_eq!(commander.get(&path).fields(422), [field], "{query}");
    }
    for page in ["post", "collector"] {
        assert_eq!(
            commander.get(&format!("/evaluation?area=1509&{NOVEMBER}&by={page}")).status,
            200,
            "{page}"
        );
    }
});
