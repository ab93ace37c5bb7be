//! Statistics as they are met through the server: pages, table files and JSON, and what is not shown to everybody.

use domain::{
    Ctx,
    statistic::{self, Origin},
};
use serde_json::json;
use store::{Db, both};

use crate::support::{GRID, Town};

const EVENTS: &str = "element,area,date,value,option,reference\n\
    TEAMS,150902001001,2020-02-01,3,,a\nVOLUNTEERS,150902001001,2020-02-01,4,,a\nVOLUNTEERS,150902,2020-02-01,60,,b\n";

fn counted(db: Db) -> Town {
    let town = Town::new(db);
    let ctx = Ctx::system(town.city().clone());
    let origin = Origin { name: "events-2020.csv", provenance: "counted by hand" };
    statistic::import(&ctx, EVENTS.as_bytes(), &origin).expect("a sound file");
    town
}

both!(everybody_reads_figures_and_those_above_read_the_records, |db: Db| {
    let town = counted(db);
    let (nobody, leader) = (town.anonymous(), town.user("commander"));
    let all = nobody.get("/api/v1/statistics?area=1509").of(200);
    let of = |name: &str| {
        let items = all["items"].as_array().expect("a list");
        items.iter().find(|it| it["indicator"] == name).expect("the figure").clone()
    };
    let teams = of("teams");
    assert_eq!(
        (&teams["value"], &teams["period"], &teams["hidden"]),
        (&json!("3"), &json!("2020"), &json!(false))
    );
    assert_eq!(teams["expression"], "#{TEAMS}");
    assert_eq!((&of("job_fairs")["value"], &of("job_fairs")["latest_at"]), (&json!(null), &json!(null)));

    // Four volunteers of a community are too few, and 60 beside them would tell.
    let parts = nobody.get("/api/v1/statistics/volunteers?area=150902").of(200);
    assert_eq!((&parts["total"]["value"], &parts["total"]["rounded"]), (&json!("65"), &json!(true)));
    assert_eq!(parts["total"]["latest_at"], json!(null), "to the day alone");
    assert_eq!(parts["total"]["latest_on"].as_str().map(str::len), Some(10));
    assert_eq!((&parts["own"]["hidden"], &parts["own"]["value"]), (&json!(true), &json!(null)));
    assert!(!parts["parts"].to_string().contains("\"value\":\"4\""), "{parts}");
    let seen = leader.get("/api/v1/statistics/volunteers?area=150902").of(200);
    assert_eq!((&seen["own"]["value"], &seen["total"]["value"]), (&json!("60"), &json!("64")));
    assert!(seen["total"]["latest_at"].is_string() && seen["total"]["rounded"] == json!(false));

    let path = "/api/v1/statistic-records?area=150902&element=VOLUNTEERS";
    assert_eq!(leader.get(path).of(200)["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(nobody.get(path).status, 401);
    assert_eq!(town.user("resident").get(path).status, 403);
    assert_eq!(leader.get(&format!("{path}&period=2020-1")).fields(422), ["period"]);
    assert_eq!(nobody.get("/api/v1/statistics?area=999999").fields(422), ["area"]);
    assert_eq!(nobody.get("/api/v1/statistics/no_such?area=1509").status, 404);

    let then = "/api/v1/statistics/volunteers?area=150902&as_of";
    assert_eq!(nobody.get(&format!("{then}=2020-01-01")).status, 401);
    assert_eq!(leader.get(&format!("{then}=2020-01-01")).of(200)["total"]["value"], json!(null));
    assert_eq!(leader.get(&format!("{then}=2199-01-01")).of(200)["own"]["value"], "60");
    assert_eq!(leader.get(&format!("{then}=2020-1-1")).fields(422), ["as_of"]);
});

both!(pages_and_table_files_say_no_more_than_the_reader_may_see, |db: Db| {
    let town = counted(db);
    let (nobody, leader) = (town.anonymous(), town.user("commander"));
    let page = nobody.get("/statistics").text();
    assert!(page.contains("Response teams") && page.contains("/statistics/teams?area=1509"), "{page}");
    let page = nobody.get("/statistics/volunteers?area=150902").text();
    assert!(page.contains("about 65") && !page.contains("name=\"as_of\""), "{page}");
    assert!(
        page.contains("Not shown</span>")
            && page.contains("events-2020.csv")
            && page.contains("counted by hand"),
        "{page}"
    );
    assert!(!page.contains("/records?"), "records are not offered to everybody");
    let page = leader.get("/statistics/volunteers?area=150902").text();
    assert!(
        !page.contains("Not shown</span>") && page.contains("/statistics/volunteers/records?area=150902"),
        "{page}"
    );
    assert!(page.contains("name=\"as_of\""), "{page}");
    let page = leader.get("/statistics/volunteers?area=150902&as_of=2020-01-01").text();
    assert!(page.contains("known at the end of") && page.contains("&#38;as_of=2020-01-01"), "{page}");
    assert_eq!(nobody.get("/statistics/volunteers?area=150902&as_of=2020-01-01").status, 303);
    let records = leader.get("/statistics/volunteers/records?area=150902&element=VOLUNTEERS");
    assert!(records.text().contains("2020-02-01"));
    assert_eq!(nobody.get("/statistics/volunteers/records?area=150902&element=VOLUNTEERS").status, 303);
    for (reader, is_shown) in [(&nobody, false), (&leader, true)] {
        let csv = reader.get("/statistics/volunteers/areas.csv?area=150902");
        assert!(csv.header("content-type").starts_with("text/csv"));
        assert_eq!(csv.text().contains(",60,"), is_shown, "{}", csv.text());
    }
    let sheet = nobody.get("/statistics.xlsx?area=1509");
    assert!(sheet.header("content-type").contains("spreadsheetml") && sheet.bytes.starts_with(b"PK"));
    assert_eq!(nobody.get("/statistics?area=999999").status, 404);
    assert!(nobody.get(&format!("/areas/{GRID}")).text().contains(&format!("/statistics?area={GRID}")));
});
