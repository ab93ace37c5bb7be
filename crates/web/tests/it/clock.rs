//! Time as people and machines meet it: the calendar of a year, a pause, more time.

use axum::http::Method;
use domain::{Ctx, calendar};
use serde_json::{Value, json};
use store::{Db, both};

use crate::support::{Town, User, jpeg, lamp};

const FORM: &str = "application/x-www-form-urlencoded";

fn chinese(town: &Town, path: &str) -> String {
    let request = axum::http::Request::builder().uri(path);
    town.send(request.body(axum::body::Body::empty()).unwrap()).text()
}

/// A case that its handler has.
fn dispatched(town: &Town, number: u128) -> String {
    let case = town.user("resident").report(&lamp(number))["id"].as_str().unwrap().to_owned();
    town.user("grid_leader").advance(&case, "verify", &json!({ "finding": "exists" }), &[jpeg(64, 48)]);
    town.user("dispatcher").advance(&case, "dispatch", &json!({ "organization": town.lighting }), &[]);
    case
}

fn record(user: &User<'_>, case: &str) -> Value {
    user.get(&format!("/api/v1/cases/{case}")).of(200)
}

both!(the_calendar_of_a_year_is_public_and_says_whether_it_is_known, |db: Db| {
    let town = Town::new(db);
    let anonymous = town.anonymous();
    let year = anonymous.get("/api/v1/areas/150902/calendar?year=2026").of(200);
    assert_eq!(
        (&year["known"], &year["workdays"], &year["area"]),
        (&json!(true), &json!(248), &json!("150902"))
    );
    let page = chinese(&town, "/areas/150902/calendar?year=2026");
    assert!(page.contains("集宁区 2026 年工作日历") && page.contains("全年 248 个工作日"), "{page}");
    assert!(page.contains("调休上班") && page.contains("08:00-12:00"), "{page}");
    assert!(!page.contains("还没有录入"), "{page}");
    let unknown = anonymous.get("/areas/150902/calendar?year=2027").text();
    assert!(unknown.contains("The holidays of 2027 are not entered yet"), "{unknown}");
    let board = town.user("dispatcher").get("/board").text();
    assert!(
        board.contains("The holidays of 2027 are not entered yet") && board.contains("/calendar?year=2027")
    );
    assert_eq!(anonymous.get("/calendar?year=2027").header("location"), "/areas/1509/calendar?year=2027");

    let ctx = Ctx::system(town.city().clone());
    let text = "first,last,kind,name,periods\n2027-01-01,2027-01-03,休,元旦,\n\
        2027-05-01,2027-09-30,作息,夏季,08:30-12:00 14:30-18:00\n";
    calendar::enter(&ctx, "1509", 2027, "2027.csv", text.as_bytes()).unwrap();
    let year = anonymous.get("/api/v1/areas/150902/calendar?year=2027").of(200);
    let first = json!({ "date": "2027-01-01", "kind": "holiday", "name": "元旦", "origin": "1509" });
    assert_eq!((&year["known"], &year["days"][0]), (&json!(true), &first));
    assert_eq!(year["hours"].as_array().unwrap().len(), 3);
    let page = chinese(&town, "/areas/150902/calendar?year=2027");
    assert!(page.contains("夏季 · 08:30-12:00、14:30-18:00") && page.contains("2027.csv，"), "{page}");
    assert!(!town.user("dispatcher").get("/board").text().contains("The holidays of"), "told no longer");
    assert_eq!(anonymous.get("/api/v1/areas/150902/calendar?year=1999").fields(422), ["year"]);
    assert_eq!(anonymous.get("/areas/999999/calendar").status, 404);
});

both!(a_pause_is_asked_for_and_granted_by_the_forms_of_the_page, |db: Db| {
    let town = Town::new(db);
    let case = dispatched(&town, 1);
    let (handler, leader) = (town.user("handler"), town.user("leader"));
    let page = handler.get(&format!("/cases/{case}")).text();
    assert!(page.contains("Ask for a pause") && page.contains("Ask for more time"), "{page}");
    assert!(!town.user("dispatcher").get(&format!("/cases/{case}")).text().contains("Ask for a pause"));
    let path = format!("/cases/{case}/relief");
    let refused = handler.send_text(Method::POST, &path, FORM, "kind=pause&ground=&until=&note=");
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("pause-until-error") && refused.text().contains("pause-ground-error"));
    let asked = "kind=pause&ground=waits-for-parts&until=2026-12-01&note=%E7%AD%89%E7%81%AF%E5%A4%B4";
    assert_eq!(handler.send_text(Method::POST, &path, FORM, asked).status, 303);
    assert_eq!(record(&leader, &case)["may_decide"], json!(true));
    let page = leader.get(&format!("/cases/{case}")).text();
    assert!(page.contains("A pause until 1 Dec is asked for") && page.contains("Waits for parts"), "{page}");
    let decide = format!("{path}/decision");
    assert_eq!(leader.send_text(Method::POST, &decide, FORM, "note=").status, 422);
    assert_eq!(leader.send_text(Method::POST, &decide, FORM, "decision=grant&note=").status, 303);
    let paused = record(&handler, &case);
    assert_eq!(paused["paused_until"], "2026-12-01T00:00:00+08:00");
    assert_eq!(paused["transitions"], json!([]));
    let page = town.user("resident").get(&format!("/cases/{case}")).text();
    let told = ["Paused until 1 Dec", "Nobody handles it until 1 Dec"];
    assert!(told.iter().all(|it| page.contains(it)), "the reporter sees it: {page}");
    let list = handler.get("/work").text();
    assert!(list.contains("Paused until 1 Dec"), "{list}");
    let done = json!({ "note": "换了灯泡" });
    let path = format!("/api/v1/cases/{case}/transitions/feed_back");
    assert_eq!(handler.post_with(&path, &done, &[jpeg(64, 48)]).status, 409);
});

both!(more_time_is_asked_for_and_granted_by_the_api_and_by_somebody_else, |db: Db| {
    let town = Town::new(db);
    let case = dispatched(&town, 1);
    let (handler, dispatcher) = (town.user("handler"), town.user("dispatcher"));
    assert_eq!(record(&handler, &case)["may_ask"], json!(["pause", "extension"]));
    let path = format!("/api/v1/cases/{case}/relief");
    let ask = json!({ "kind": "extension", "ground": "several-bodies", "note": "要和水务局一起修" });
    assert_eq!(
        handler.post(&path, &json!({ "kind": "more", "ground": "x", "note": "y" })).fields(422),
        ["kind"]
    );
    let asked = handler.post(&path, &ask).of(201);
    assert_eq!(asked["asked"]["kind"], "extension");
    let decision = format!("{path}/decision");
    assert_eq!(handler.post(&decision, &json!({ "granted": true })).status, 403);
    assert_eq!(dispatcher.post(&decision, &json!({ "granted": false })).fields(422), ["note"]);
    let granted = dispatcher.post(&decision, &json!({ "granted": true })).of(200);
    assert_eq!(
        (&granted["extensions"], &granted["stage_due"]),
        (&json!(1), &json!("2026-11-30T18:00:00+08:00"))
    );
    let event = granted["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&event["transition"], &event["relief"]), (&json!("granted"), &json!("extension")));
    assert_eq!(event["moved"]["stage"]["from"], "2026-11-25T18:00:00+08:00");
    let label = "More time was granted: this step is now due by 30 Nov 18:00, before by 25 Nov 18:00";
    assert!(event["label"].as_str().unwrap().starts_with(label), "{event}");
});
