//! Sending out by the list, joint handling and second reports, as they are met through the server.

use axum::http::Method;
use domain::{Ctx, responsibility};
use serde_json::{Value, json};
use store::{Db, both};

use crate::support::{GRID, Town, jpeg, lamp, pick, with};

const LIST: &str = "class,area,organization,limit_kind,limit_amount,closing_condition,evidence,legal_basis\n\
    c1-street-lamp,150902,集宁区照明所,work_hours,4,路灯恢复照明,夜间照片,照明规定\n";
const WORDS: &str = "CANARY-WORDS 路灯不亮";

fn listed(db: Db) -> Town {
    let town = Town::new(db);
    let ctx = Ctx::system(town.city().clone());
    responsibility::import(&ctx, LIST.as_bytes(), &responsibility::Options::default()).expect("a sound list");
    town
}

fn id(case: &Value) -> String {
    case["id"].as_str().expect("an id").to_owned()
}

/// A lamp of the resident that a grid worker has looked at.
fn verified(town: &Town, number: u128) -> String {
    let case = id(&town.user("resident").report(&with(lamp(number), "description", WORDS)));
    town.user("grid_leader").advance(&case, "verify", &json!({ "finding": "exists" }), &[jpeg(64, 48)]);
    case
}

both!(who_is_responsible_is_told_to_everybody_and_a_case_goes_there_at_once, |db: Db| {
    let town = listed(db);
    let nobody = town.anonymous();
    let path = "/api/v1/responsibilities/responsible";
    let found = nobody.get(&format!("{path}?area={GRID}&class=c1-street-lamp")).of(200);
    let row = &found["items"][0];
    assert_eq!((&row["organization_name"], &row["area_code"]), (&json!("集宁区照明所"), &json!("150902")));
    assert_eq!(row["limit"], json!({ "kind": "work_hours", "amount": 4 }));
    assert_eq!((&row["can_handle"], &row["legal_basis"]), (&json!(true), &json!("照明规定")));
    assert_eq!(nobody.get(&format!("{path}?area={GRID}&class=no-such")).fields(422), ["class"]);
    assert_eq!(nobody.get(&format!("{path}?area=999999&class=c1-street-lamp")).fields(422), ["area"]);
    let none = nobody.get(&format!("{path}?area={GRID}&class=c1-street-lamp&as_of=2020-01-01"));
    assert_eq!(none.fields(422), ["area"], "there was no such area then");
    let rows = nobody.get("/api/v1/responsibilities?area=1509").of(200);
    assert_eq!(rows["items"].as_array().map(Vec::len), Some(1));
    let page = nobody.get(&format!("/responsibilities?area={GRID}&class=c1-street-lamp")).text();
    assert!(
        page.contains("集宁区照明所") && page.contains("路灯恢复照明") && page.contains("照明规定"),
        "{page}"
    );
    let all = nobody.get(&format!("/responsibilities?area={GRID}"));
    assert!(all.status.is_success() && all.text().contains("集宁区照明所"));
    assert_eq!(nobody.get("/responsibilities?area=999999").status, 422);
    let csv = nobody.get("/responsibilities.csv?area=150902");
    assert!(csv.header("content-type").starts_with("text/csv") && csv.text().contains("照明规定"));

    let case = verified(&town, 1);
    let record = town.user("handler").get(&format!("/api/v1/cases/{case}")).of(200);
    assert_eq!((&record["stage"], &record["organization_name"]), (&json!("handle"), &json!("集宁区照明所")));
    assert_eq!(record["responsibility"]["evidence"], "夜间照片");
    let sent = record["events"].as_array().and_then(|it| it.last()).expect("an event");
    assert_eq!((&sent["transition"], &sent["responsibility"]), (&json!("dispatch_by_list"), &row["id"]));
    let open311 = nobody.get(&format!("/open311/v2/requests/{case}.json?extensions=true")).of(200);
    assert_eq!(open311[0]["agency_responsible"], "集宁区照明所");
    assert_eq!(open311[0]["extended_attributes"]["status"], "action_scheduled", "{open311}");
    let page = town.user("handler").get(&format!("/cases/{case}")).text();
    assert!(page.contains("must-see") && page.contains("夜间照片"), "what has to be seen stands at the form");
});

both!(a_second_report_is_offered_the_first_and_merged_it_leads_on_without_the_others_words, |db: Db| {
    let town = Town::new(db);
    let main = verified(&town, 1);
    let nobody = town.anonymous();
    let near = nobody.get(&format!(
        "/api/v1/cases/nearby?class=c1-street-lamp&area={GRID}&longitude=113.11&latitude=41.0302"
    ));
    let near = near.of(200);
    assert_eq!((pick(&near["items"], "id"), &near["items"][0]["metres"]), (vec![main.clone()], &json!(22)));
    assert!(!near.to_string().contains("CANARY"));

    // The form comes back with what lies near, and is taken when it is sent all the same.
    let form = |despite: &str| {
        format!(
            "id=00000000-0000-7000-8000-000000000009&area={GRID}&class=c1-street-lamp&description=again\
             &longitude=113.11&latitude=41.0302{despite}"
        )
    };
    let kind = "application/x-www-form-urlencoded";
    let offered = nobody.send_text(Method::POST, "/report", kind, form(""));
    assert_eq!(offered.status, 409);
    let page = offered.text();
    assert!(page.contains(&format!("/published/{main}")) && page.contains("again"), "{page}");
    assert!(!page.contains("CANARY"), "nobody is shown what another wrote");
    let link = format!("<a href=\"/published/{main}\" target=\"_blank\" rel=\"noopener\">");
    assert!(page.contains(&link), "what is filled in stays where it is while one looks: {page}");
    assert!(page.contains("choose them again"), "without scripts the photos are not: {page}");
    let taken = nobody.send_text(Method::POST, "/report", kind, form("&despite=yes"));
    assert_eq!(taken.status, 303);
    let link = taken.header("location").split('?').next().expect("a path").to_owned();
    let again = nobody.send_text(Method::POST, "/report", kind, form(""));
    assert_eq!(again.status, 409, "what is sent again without having seen it is offered again");

    let acceptor = town.user("acceptor");
    let open = acceptor.get("/api/v1/cases?area=150902&status=open").of(200);
    let second = pick(&open["items"], "id").into_iter().find(|it| *it != main).expect("the second");
    let seen = acceptor.get(&format!("/api/v1/cases/{second}")).of(200);
    assert_eq!((&seen["may_merge"], &seen["nearby"][0]["id"]), (&json!(true), &json!(main)));
    assert!(acceptor.get(&format!("/cases/{second}")).text().contains("name=\"into\""));
    let path = format!("/api/v1/cases/{second}/merge");
    let body = json!({ "into": main, "reason": "同一盏灯" });
    assert_eq!(town.user("handler").post(&path, &body).status, 404);
    assert_eq!(acceptor.post(&path, &json!({ "into": main, "reason": "" })).fields(422), ["reason"]);
    let merged = acceptor.post(&path, &body).of(200);
    assert_eq!((&merged["status"], &merged["merged_into"]["id"]), (&json!("void"), &json!(main)));

    let page = nobody.get(&link).text();
    assert!(page.contains(&format!("/published/{main}")) && page.contains("Merged"), "{page}");
    assert!(!page.contains("CANARY"), "the secret link leads to a standing, not to words");
    let standing = nobody.get(&format!("/published/{main}")).text();
    assert!(standing.contains(&format!("href=\"/report?area={GRID}\"")), "{standing}");
    assert!(
        standing.contains("Waiting to be sent out")
            && !standing.contains("CANARY")
            && !standing.contains("泰昌路口")
    );
    let request = nobody.get(&format!("/open311/v2/requests/{second}.json?extensions=true")).of(200);
    assert_eq!(request[0]["status"], "closed");
    assert!(request[0]["status_notes"].as_str().is_some_and(|it| it.contains(&main)), "{request}");
    let updates = nobody.get("/open311/v2/servicerequestupdates.json").of(200);
    assert!(!updates.to_string().contains("take_in"), "{updates}");

    let undone = acceptor.post(&format!("/api/v1/cases/{second}/unmerge"), &json!({ "reason": "不是" }));
    assert_eq!(undone.of(200)["status"], "open");
    let request = nobody.get(&format!("/open311/v2/requests/{second}.json")).of(200);
    assert_eq!(request[0]["status"], "open");
});

both!(a_dispatch_names_who_supports_and_each_sees_what_is_theirs, |db: Db| {
    let town = Town::new(db);
    let case = verified(&town, 1);
    let waterworks = town.user("dispatcher").get("/api/v1/organizations?name=集宁区水务局").of(200);
    let waterworks = waterworks["items"][0]["id"].clone();
    let form = town.user("dispatcher").get(&format!("/cases/{case}")).text();
    assert!(form.contains("name=\"supporting\""), "{form}");
    let send = json!({ "organization": town.lighting, "supporting": [waterworks], "note": "先断水" });
    let record = town.user("dispatcher").advance(&case, "dispatch", &send, &[]);
    let child = record["support"][0]["id"].as_str().expect("a child").to_owned();
    assert_eq!(record["support"][0]["may_read"], true);

    let lead = town.user("handler");
    let seen = lead.get(&format!("/api/v1/cases/{case}")).of(200);
    assert_eq!(
        (&seen["support"][0]["organization"], &seen["support"][0]["may_read"]),
        (&waterworks, &json!(false))
    );
    assert_eq!(pick(&seen["transitions"], "id"), ["feed_back_alone", "return"]);
    assert_eq!(lead.get(&format!("/api/v1/cases/{child}")).status, 404);
    let page = lead.get(&format!("/cases/{case}")).text();
    assert!(page.contains("集宁区水务局") && !page.contains(&format!("/cases/{child}")), "{page}");
    let part = town.user("stranger").get(&format!("/api/v1/cases/{child}")).of(200);
    assert_eq!(
        (&part["source"], &part["supports"], &part["stage"]),
        (&json!("joint"), &Value::Null, &json!("handle"))
    );
    assert_eq!(town.user("stranger").get(&format!("/api/v1/cases/{case}")).status, 404);
    let reporter = town.user("resident").get(&format!("/api/v1/cases/{case}")).of(200);
    assert_eq!(reporter["support"], json!([]), "a reporter has one case");
    assert_eq!(town.anonymous().get(&format!("/open311/v2/requests/{child}.json")).status, 404);
});
