//! Statistics as they are met through the server: pages, table files and JSON, and what is not shown to everybody.

use axum::http::Method;
use domain::{
    Ctx,
    statistic::{self, Origin},
};
use rust_xlsxwriter::Workbook;
use serde_json::json;
use store::{Db, both};

use crate::support::{GRID, Town, counted as counted_bytes};

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
        !page.contains("Not shown</span>")
            && page.contains("/statistics/records?area=150902&#38;element=VOLUNTEERS&#38;period=2020"),
        "{page}"
    );
    assert!(page.contains("name=\"as_of\""), "{page}");
    let page = leader.get("/statistics/volunteers?area=150902&as_of=2020-01-01").text();
    assert!(page.contains("known at the end of") && page.contains("&#38;as_of=2020-01-01"), "{page}");
    assert_eq!(nobody.get("/statistics/volunteers?area=150902&as_of=2020-01-01").status, 303);
    let records = leader.get("/statistics/records?area=150902&element=VOLUNTEERS");
    assert!(records.text().contains("2020-02-01"));
    assert_eq!(nobody.get("/statistics/records?area=150902&element=VOLUNTEERS").status, 303);
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

both!(a_table_is_chosen_on_the_page_and_taken_along_in_three_kinds_of_files, |db: Db| {
    let town = counted(db);
    let (nobody, leader) = (town.anonymous(), town.user("commander"));
    let page = nobody.get("/statistics/pivot").text();
    assert!(page.contains("<select class=\"select\" id=\"element\""), "{page}");
    let asked = "area=1509&element=TEAMS&rows=areas&columns=periods";
    let page = nobody.get(&format!("/statistics/pivot?{asked}")).text();
    assert!(page.contains("Feb 2020</th>") && page.contains("events-2020.csv"), "{page}");
    assert!(
        page.contains("/statistics/pivot?area=150902&#38;element=TEAMS&#38;rows=areas&#38;columns=periods"),
        "{page}"
    );
    assert!(!page.contains("/statistics/records?") && !page.contains("name=\"as_of\""), "{page}");
    let page = leader.get(&format!("/statistics/pivot?{asked}")).text();
    assert!(page.contains("/statistics/records?area=150902&#38;element=TEAMS&#38;period=202002"), "{page}");
    assert!(page.contains("name=\"as_of\""), "{page}");
    let then = leader.get(&format!("/statistics/pivot?{asked}&as_of=2020-01-01")).text();
    assert!(
        then.contains("known at the end of") && then.contains("columns=periods&#38;as_of=2020-01-01"),
        "{then}"
    );

    let csv = nobody.get(&format!("/statistics/pivot.csv?{asked}"));
    assert!(
        csv.text().contains("202002") && csv.text().contains("150902,") && csv.text().contains(",3"),
        "{}",
        csv.text()
    );
    assert!(nobody.get(&format!("/statistics/pivot.xlsx?{asked}")).bytes.starts_with(b"PK"));
    let address = "/api/v1/dataValueSets?area=1509&#38;element=TEAMS&#38;rows=areas&#38;columns=periods\" download=\"dataValueSets-1509.json\"";
    assert!(nobody.get(&format!("/statistics/pivot?{asked}")).text().contains(address));
    let sets = nobody.get(&format!("/api/v1/dataValueSets?{asked}")).of(200);
    let values = sets["dataValues"].as_array().expect("a list");
    let of = |code: &str| values.iter().find(|it| it["orgUnit"] == code).expect("a value");
    let city = of("1509");
    assert_eq!(
        ["dataElement", "period", "categoryOptionCombo", "value"]
            .map(|it| city[it].as_str().unwrap_or_default()),
        ["TEAMS", "202002", "default", "3"]
    );
    assert!(values.iter().all(|it| it["value"].is_string()), "what nobody reported is no value: {values:?}");

    let table = nobody.get(&format!("/api/v1/statistic-table?{asked}")).of(200);
    assert_eq!(
        (&table["rows"][0]["kind"], &table["columns"][0]["code"]),
        (&json!("whole"), &json!("202002"))
    );
    assert_eq!(
        (&table["cells"][0][0]["value"], &table["cells"][0][0]["hidden"]),
        (&json!("3"), &json!(false))
    );
    let persons = "area=150902&element=VOLUNTEERS&rows=areas&columns=periods&by=year";
    let told = |user: &crate::support::User<'_>| {
        user.get(&format!("/api/v1/dataValueSets?{persons}")).of(200).to_string()
    };
    assert!(!told(&nobody).contains("\"4\"") && told(&leader).contains("\"4\""), "{}", told(&nobody));
    for (query, field) in [
        ("area=999999&element=TEAMS&rows=areas&columns=periods", "area"),
        ("area=1509&element=NO_SUCH&rows=areas&columns=periods", "element"),
        ("area=1509&element=TEAMS&rows=areas&columns=areas", "columns"),
        ("area=1509&element=TEAMS&rows=areas&columns=periods&by=day", "by"),
        ("area=1509&element=TEAMS&rows=areas&columns=periods&period=2020-1", "period"),
    ] {
        assert_eq!(nobody.get(&format!("/api/v1/statistic-table?{query}")).fields(422), [field]);
    }
    // On the page another choice is made for what would be no table.
    let page = nobody.get("/statistics/pivot?element=TEAMS&rows=areas&columns=areas");
    assert!(page.text().contains("<option value=\"periods\" selected>"), "{}", page.text());
});

const FORM: &str = "application/x-www-form-urlencoded";

/// The stamp that a page brings along.
fn stamp(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"stamp\" value=\"").expect("a stamp");
    rest.split('"').next().expect("its end").to_owned()
}

both!(a_report_is_written_on_a_page_that_says_what_is_known_and_what_does_not_fit, |db: Db| {
    let town = Town::new(db);
    let leader = town.user("leader");
    let list = leader.get("/statistics/data-sets").text();
    let address = "/statistics/data-sets/duty/report?area=150902001&#38;period=202611";
    assert!(list.contains(address) && list.contains("due by 5 Dec"), "{list}");
    let address = address.replace("&#38;", "&");
    let page = leader.get(&address).text();
    assert!(page.contains("id=\"TEAMS\"") && page.contains("Response teams"), "{page}");
    let send = |of: &str, page: &str| {
        leader.send_text(Method::POST, &address, FORM, format!("stamp={}&{of}", stamp(page)))
    };
    // What cannot be read is told beside its field, and nothing of the rest is lost.
    let wrong = send("TEAMS=three&CHECKPOINTS=2&VOLUNTEERS=4", &page);
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("href=\"#TEAMS\"") && wrong.text().contains("value=\"three\""),
        "{}",
        wrong.text()
    );
    assert!(wrong.text().contains("value=\"2\""), "{}", wrong.text());
    let broken = send("TEAMS=5&CHECKPOINTS=2&VOLUNTEERS=4", &page);
    assert_eq!(broken.status, 422);
    assert!(broken.text().contains("at least one volunteer (4 beside 5)"), "{}", broken.text());
    let done = send("TEAMS=5&CHECKPOINTS=2&VOLUNTEERS=4&reason=%3Cb%3E", &page);
    assert_eq!(done.status, 303);
    assert_eq!(done.header("location"), format!("{address}&entered=3"));
    let page_now = leader.get(&address).text();
    assert!(page_now.contains("id=\"VOLUNTEERS\"") && page_now.contains("value=\"4\""), "{page_now}");
    // Who saw the page before does not write over it unseen.
    let stale = send("TEAMS=9&CHECKPOINTS=2&VOLUNTEERS=14", &page);
    assert_eq!(stale.status, 422);
    assert!(
        stale.text().contains("Somebody entered something") && stale.text().contains("stands there now: 5"),
        "{}",
        stale.text()
    );
    let commander = town.user("commander");
    let progress = commander.get("/statistics/data-sets/duty?area=150902&period=202611").text();
    assert!(progress.contains("complete, in time") && progress.contains("type=\"file\""), "{progress}");
    let sources =
        commander.get("/statistics/pivot?area=150902&element=TEAMS&rows=areas&columns=periods").text();
    assert!(sources.contains("People on duty, monthly") && sources.contains("&#60;b&#62;"), "{sources}");
    for (user, status) in [(town.anonymous(), 303), (town.user("resident"), 403), (town.user("handler"), 403)]
    {
        assert_eq!(user.get(&address).status, status);
        assert_eq!(user.send_text(Method::POST, &address, FORM, "stamp=&TEAMS=1").status, status);
        assert_eq!(user.get("/statistics/data-sets/duty?area=150902&period=202611").status, status);
    }
    for (address, status) in [
        ("/statistics/data-sets/none/report?area=150902001&period=202611", 404),
        ("/statistics/data-sets/duty/report?area=150999&period=202611", 404),
        ("/statistics/data-sets/duty/report?area=150902001&period=2026", 422),
        ("/statistics/data-sets/duty/report?area=150902&period=202611", 403),
        ("/statistics/uploads/00000000-0000-0000-0000-000000000000", 404),
    ] {
        assert_eq!(leader.get(address).status, status, "{address}");
    }
});

both!(a_sheet_is_downloaded_filled_in_looked_at_and_entered, |db: Db| {
    let town = Town::new(db);
    let commander = town.user("commander");
    let query = "area=150902&period=202611";
    let sheet = commander.get(&format!("/statistics/data-sets/duty/sheet.xlsx?{query}"));
    assert!(sheet.header("content-disposition").contains("duty-150902-202611.xlsx"));
    let mut book = Workbook::new();
    let out = book.add_worksheet();
    let read = xform::sheet::Workbook::read(&sheet.bytes).expect("a workbook");
    for row in &read.sheets[0].rows {
        for (column, text) in (0..).zip(&row.cells) {
            out.write_string(row.number - 1, column, text).expect("written");
        }
    }
    // The first unit's teams.
    assert_eq!(read.sheets[0].rows[0].cells[2], "Response teams");
    out.write_number(1, 2, 6).expect("written");
    let bytes = book.save_to_buffer().expect("a workbook");
    let mut body =
        b"--knot\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n".to_vec();
    body.extend(bytes);
    body.extend(b"\r\n--knot--\r\n");
    let uploads = format!("/statistics/data-sets/duty/uploads?{query}");
    let kind = "multipart/form-data; boundary=knot";
    assert_eq!(town.user("resident").send_text(Method::POST, &uploads, kind, body.clone()).status, 403);
    let sent = commander.send_text(Method::POST, &uploads, kind, body);
    assert_eq!(sent.status, 303);
    let address = sent.header("location").to_owned();
    let page = commander.get(&address).text();
    assert!(page.contains("1 to change") && page.contains("<strong>6</strong>"), "{page}");
    assert_eq!(town.user("leader").get(&address).status, 404, "it is its sender's");
    // The column is said to mean nothing, and then to mean what it does.
    assert!(commander.get(&format!("{address}?c2=")).text().contains("0 to change"));
    let done = commander.send_text(Method::POST, &address, FORM, format!("stamp={}", stamp(&page)));
    assert_eq!(done.status, 303);
    assert!(done.header("location").ends_with("&entered=1"), "{}", done.header("location"));
    assert_eq!(commander.get(&address).status, 404, "once");
    let none = commander.send_text(Method::POST, &uploads, kind, b"--knot--\r\n".to_vec());
    assert_eq!(none.status, 422);
    assert!(
        none.text().contains("Choose a file") && none.text().contains("type=\"file\""),
        "{}",
        none.text()
    );
    let (large, asked) =
        counted_bytes(b"--knot\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n".to_vec(), 60);
    assert_eq!(commander.send_text(Method::POST, &uploads, kind, large).status, 422);
    assert!(asked.load(std::sync::atomic::Ordering::SeqCst) < 20, "it is not read to its end");
});
