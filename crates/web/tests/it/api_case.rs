//! Cases by the API: the whole loop, retries, and who sees what.

use serde_json::{Value, json};
use store::{Db, both};
use uuid::Uuid;

use crate::support::{GRID, Town, jpeg, lamp, pick, with};

fn id(case: &Value) -> String {
    case["id"].as_str().expect("an id").to_owned()
}

fn photos() -> Vec<Vec<u8>> {
    vec![jpeg(64, 48)]
}

fn exists() -> Value {
    json!({ "finding": "exists" })
}

both!(a_broken_lamp_goes_from_report_to_a_rated_closing, |db: Db| {
    let town = Town::new(db);
    let resident = town.user("resident");
    let reported = resident.report(&lamp(1));
    let case = id(&reported);
    assert_eq!(reported["stage"], "collect");

    let grid = town.user("grid_leader");
    let seen = grid.get(&format!("/api/v1/cases/{case}")).of(200);
    assert_eq!(pick(&seen["transitions"], "id"), ["verify", "refute"]);
    assert_eq!(seen["transitions"][0]["asks"]["photos"], 1);
    assert_eq!((seen["stage_label"].as_str(), seen["step"].as_i64()), (Some("Collect"), Some(1)));
    let path = format!("/api/v1/cases/{case}/transitions/verify");
    assert_eq!(grid.post(&path, &exists()).fields(422), ["photos"], "verified without a photo");
    let filed = grid.advance(&case, "verify", &exists(), &photos());
    assert_eq!((&filed["stage"], &filed["due"]), (&json!("dispatch"), &json!("2026-11-25T18:00:00+08:00")));

    let dispatcher = town.user("dispatcher");
    let send = json!({ "organization": town.lighting });
    assert_eq!(dispatcher.advance(&case, "dispatch", &send, &[])["organization_name"], "集宁区照明所");

    let handler = town.user("handler");
    let work = handler.get(&format!("/api/v1/cases?organization={}&status=open", town.lighting)).of(200);
    assert_eq!(pick(&work["items"], "id"), [case.as_str()]);
    handler.advance(&case, "feed_back", &json!({ "note": "换了灯泡" }), &photos());
    dispatcher.advance(&case, "accept", &json!({}), &[]);

    let done = town.user("grid_supervisor").advance(&case, "close", &json!({}), &photos());
    assert_eq!(done["stage"], "evaluate");
    let notices = resident.get("/api/v1/notices").of(200);
    assert_eq!(notices["items"][0]["kind"], "case-done");

    let rate = |rating| json!({ "rating": rating, "solved": true });
    let path = format!("/api/v1/cases/{case}/transitions/rate");
    assert_eq!(resident.post(&path, &rate(7)).fields(422), ["rating"]);
    let closed = resident.advance(&case, "rate", &rate(5), &[]);
    assert_eq!(
        (&closed["status"], &closed["rating"], &closed["solved"]),
        (&json!("closed"), &json!(5), &json!(true))
    );
    let steps = pick(&closed["events"], "transition");
    assert_eq!(steps, ["report", "verify", "dispatch", "feed_back", "accept", "close", "rate"]);

    let counts = town.user("commander").get("/api/v1/counts?area=1509").of(200);
    assert_eq!(counts["total"], json!({ "open": 0, "overdue": 0, "closed": 1 }));
    assert_eq!((&counts["areas"][0]["code"], &counts["areas"][0]["closed"]), (&json!("150902"), &json!(1)));
    let since = counts["closed_since"].as_str().unwrap();
    assert_eq!(since, "2026-10-22", "thirty days, today among them");
    let listed = |query: &str| {
        let page = town.user("commander").get(&format!("/api/v1/cases?area=1509&{query}")).of(200);
        pick(&page["items"], "id")
    };
    assert_eq!(listed(&format!("closed_since={since}")), [case.as_str()]);
    assert_eq!(listed("status=closed&closed_since=2026-11-20"), [case.as_str()]);
    assert_eq!(listed("closed_since=2026-11-21"), [""; 0]);
    let note = json!({ "note": "还有一句", "public": true });
    let late = resident.post(&format!("/api/v1/cases/{case}/notes"), &note);
    assert_eq!(late.of(409)["type"], "conflict");
});

both!(the_same_report_sent_twice_is_one_case, |db: Db| {
    let town = Town::new(db);
    let resident = town.user("resident");
    let first = resident.report(&lamp(1));
    assert_eq!(resident.post("/api/v1/cases", &lamp(1)).of(200), first);
    let another = with(lamp(1), "description", "换了说法");
    assert_eq!(resident.post("/api/v1/cases", &another).of(409)["type"], "conflict");
    assert_eq!(
        town.user("dispatcher").post("/api/v1/cases", &lamp(1)).of(409)["type"],
        "conflict",
        "another's id"
    );
    let mine = resident.get("/api/v1/cases?mine=true").of(200);
    assert_eq!(mine["items"].as_array().map(Vec::len), Some(1));
});

both!(who_sees_an_anonymous_report_cannot_send_it_again_and_become_its_reporter, |db: Db| {
    let town = Town::new(db);
    let first = town.anonymous().post("/api/v1/cases", &lamp(1)).of(201);
    assert_eq!(
        town.anonymous().post("/api/v1/cases", &lamp(1)).of(200),
        first,
        "the sender may, to learn the link"
    );
    let grid = town.user("grid_leader");
    let seen = grid.get(&format!("/api/v1/cases/{}", id(&first))).of(200);
    let copy = with(lamp(1), "id", seen["id"].clone());
    let again = town.anonymous().post("/api/v1/cases", &copy).of(201);
    assert_ne!(again["id"], first["id"], "it is another case");
    assert_ne!(again["follow_token"], first["follow_token"]);
});

both!(a_step_sent_twice_is_taken_once, |db: Db| {
    let town = Town::new(db);
    let case = id(&town.user("resident").report(&lamp(1)));
    let grid = town.user("grid_leader");
    let step = json!({ "finding": "exists", "request": Uuid::from_u128(77) });
    let first = grid.advance(&case, "verify", &step, &photos());
    let again = grid.advance(&case, "verify", &step, &photos());
    assert_eq!((&first["revision"], &again["revision"]), (&json!(2), &json!(2)));
    assert_eq!(again["photos"].as_array().map(Vec::len), Some(1));
    let other = grid.post_with(&format!("/api/v1/cases/{case}/transitions/verify"), &exists(), &photos());
    assert_eq!(other.of(409)["type"], "conflict", "the case has moved on");

    let note = json!({ "note": "灯杆也歪了", "public": false, "request": Uuid::from_u128(78) });
    let path = format!("/api/v1/cases/{case}/notes");
    assert_eq!(grid.post(&path, &note).of(201)["revision"], grid.post(&path, &note).of(201)["revision"]);
});

both!(what_is_not_ones_own_is_not_there, |db: Db| {
    let town = Town::new(db);
    let case = id(&town.user("resident").report(&lamp(1)));
    let (read, rate) = (format!("/api/v1/cases/{case}"), format!("/api/v1/cases/{case}/transitions/rate"));
    let nobody = format!("/api/v1/cases/{}", Uuid::from_u128(5));
    for name in ["other", "handler", "neighbour"] {
        let user = town.user(name);
        let (hidden, absent) = (user.get(&read), user.get(&nobody));
        assert_eq!(hidden.text(), absent.text(), "{name} is told that it exists");
        assert_eq!(hidden.of(404)["type"], "not-found");
        assert_eq!(
            user.post(&rate, &json!({ "rating": 1, "solved": false })).of(404)["type"],
            "not-found",
            "{name}"
        );
        assert_eq!(user.post(&format!("{read}/contact"), &json!({})).of(404)["type"], "not-found", "{name}");
    }
    assert_eq!(town.anonymous().get(&read).of(404)["type"], "not-found");
    assert_eq!(town.anonymous().get("/api/v1/cases").of(401)["type"], "sign-in");
    assert_eq!(town.user("neighbour").get("/api/v1/cases?area=150902").of(404)["type"], "not-found");
    // Those who see it may still not do what is another's to do.
    assert_eq!(
        town.user("commander").post(&rate, &json!({ "rating": 1, "solved": false })).of(409)["type"],
        "conflict"
    );
    let verify = format!("/api/v1/cases/{case}/transitions/verify");
    assert_eq!(town.user("commander").post(&verify, &exists()).of(403)["type"], "denied");
});

both!(the_secret_link_of_an_anonymous_report_follows_it_and_nothing_else, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    let reported = nobody.report(&with(lamp(1), "contact_phone", "13800000000"));
    let (case, token) = (id(&reported), reported["follow_token"].as_str().unwrap().to_owned());
    let followed = nobody.get(&format!("/api/v1/cases/{case}?follow={token}")).of(200);
    assert_eq!(followed["number"], reported["number"]);
    assert!(!followed.to_string().contains("13800000000"), "{followed}");

    let other = id(&town.user("resident").report(&lamp(2)));
    assert_eq!(nobody.get(&format!("/api/v1/cases/{other}?follow={token}")).of(404)["type"], "not-found");
    let forged = token.chars().rev().collect::<String>();
    assert_eq!(nobody.get(&format!("/api/v1/cases/{case}?follow={forged}")).of(404)["type"], "not-found");

    let contact = town.user("grid_leader").post(&format!("/api/v1/cases/{case}/contact"), &json!({})).of(200);
    assert_eq!(contact["phone"], "13800000000");
    let followed = nobody.get(&format!("/api/v1/cases/{case}?follow={token}")).of(200);
    assert_eq!(pick(&followed["contact_reads"], "role_label"), ["Grid leader"]);
    assert_eq!(pick(&followed["contact_reads"], "organization_name"), ["一网格"]);
    assert_eq!(pick(&followed["contact_reads"], "purpose"), ["case"]);
    let staff = town.user("grid_leader").get(&format!("/api/v1/cases/{case}")).of(200);
    assert_eq!(staff["contact_reads"], Value::Null, "for the reporter alone");
    let words = "read how to reach you about a report, for handling a case";
    let page = nobody.get(&format!("/follow/{token}")).text();
    assert!(page.contains("Grid leader 一网格") && page.contains(words), "{page}");
    assert!(!town.user("grid_leader").get(&format!("/cases/{case}")).text().contains("readings-title"));
    let note = json!({ "note": "还是不亮", "public": true });
    nobody.post(&format!("/api/v1/cases/{case}/notes?follow={token}"), &note).of(201);
    nobody.post(&format!("/api/v1/cases/{case}/notes"), &note).of(404);

    town.user("grid_leader").advance(&case, "verify", &exists(), &photos());
    town.user("dispatcher").advance(&case, "dispatch", &json!({ "organization": town.lighting }), &[]);
    town.user("handler").advance(&case, "feed_back", &json!({ "note": "换了灯泡" }), &photos());
    town.user("dispatcher").advance(&case, "accept", &json!({}), &[]);
    town.user("acceptor").advance(&case, "close", &json!({}), &photos());
    let rated = nobody
        .post(
            &format!("/api/v1/cases/{case}/transitions/rate?follow={token}"),
            &json!({ "rating": 2, "solved": false }),
        )
        .of(200);
    assert_eq!((&rated["status"], &rated["rating"]), (&json!("closed"), &json!(2)));
});

both!(an_internal_note_stays_inside, |db: Db| {
    let town = Town::new(db);
    let resident = town.user("resident");
    let case = id(&resident.report(&lamp(1)));
    let note = json!({ "note": "报案人常打电话", "public": false });
    town.user("acceptor").post(&format!("/api/v1/cases/{case}/notes"), &note).of(201);
    assert!(!resident.get(&format!("/api/v1/cases/{case}")).text().contains("常打电话"));
    assert!(town.user("dispatcher").get(&format!("/api/v1/cases/{case}")).text().contains("常打电话"));
    assert_eq!(resident.post(&format!("/api/v1/cases/{case}/notes"), &note).of(403)["type"], "denied");
});

both!(a_long_list_is_read_page_by_page_and_holds_each_case_once, |db: Db| {
    let town = Town::new(db);
    let resident = town.user("resident");
    let mut sent: Vec<String> = (0..7)
        .map(|number| {
            town.clock.pass_seconds(60);
            id(&resident.report(&lamp(number)))
        })
        .collect();
    sent.sort();
    for (name, query) in [
        ("acceptor", "area=150902&status=open"),
        ("acceptor", "area=150902"),
        ("acceptor", "stage=collect&class=c1-street-lamp"),
        ("resident", "mine=true"),
        ("resident", "mine=true&status=open"),
        ("resident", "status=open"),
    ] {
        let user = town.user(name);
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = user.get(&format!("/api/v1/cases?{query}&limit=3&cursor={cursor}")).of(200);
            found.extend(pick(&page["items"], "id"));
            assert!(found.len() <= 7, "{name} {query}: a case comes twice");
            match page["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        found.sort();
        assert_eq!(found, sent, "{name} {query}");
    }
});

both!(what_is_overdue_is_found_by_asking_for_it, |db: Db| {
    let town = Town::new(db);
    let case = id(&town.user("resident").report(&lamp(1)));
    let acceptor = town.user("acceptor");
    assert_eq!(acceptor.get("/api/v1/cases?overdue=true").of(200)["items"], json!([]));
    town.clock.pass_seconds(3 * 86_400);
    let late = town.user("acceptor").get("/api/v1/cases?overdue=true").of(200);
    assert_eq!(pick(&late["items"], "id"), [case]);
    assert_eq!(late["items"][0]["overdue"], true);
    assert_eq!(town.user("acceptor").get("/api/v1/cases?overdue=true&status=closed").fields(422), ["status"]);
    assert_eq!(
        town.user("acceptor").get(&format!("/api/v1/cases?area={GRID}&mine=true")).fields(422),
        ["area"]
    );
});

both!(that_the_time_of_a_step_is_over_stands_in_the_timeline_in_words, |db: Db| {
    let town = Town::new(db);
    let reported = town.anonymous().report(&lamp(1));
    let case = id(&reported);
    town.clock.pass_seconds(2 * 86_400);
    domain::case::tick(town.city()).unwrap();
    let token = reported["follow_token"].as_str().unwrap();
    let said =
        town.anonymous().get(&format!("/api/v1/cases/{case}?follow={token}")).of(200)["events"][1].clone();
    assert_eq!((&said["transition"], &said["public"]), (&json!("overdue"), &json!(true)));
    let words = "The time for this step, “Collect”, is over";
    let offices = "Grid leader · 一网格, Supervising leader · 新体路街道督办室 have been told";
    assert_eq!((&said["label"], &said["percent"]), (&json!(format!("{words}; {offices}")), &json!(100)));
    // The reporter is not told whether anybody there has looked.
    let told = json!({
        "role": "leader", "role_label": "Supervising leader", "organization_name": "新体路街道督办室", "seen": null
    });
    assert_eq!(
        with(said["told"][1].clone(), "organization", Value::Null),
        with(told, "organization", Value::Null)
    );
    let seen = || {
        town.user("leader").get(&format!("/api/v1/cases/{case}")).of(200)["events"][1]["told"][1]["seen"]
            .clone()
    };
    assert_eq!(seen(), json!(false));

    let page = town.anonymous().get(&format!("/follow/{token}")).text();
    assert!(page.contains(words) && page.contains("By the clock"), "{page}");
    let request = axum::http::Request::builder().uri(format!("/follow/{token}"));
    let page = town.send(request.body(axum::body::Body::empty()).unwrap()).text();
    assert!(page.contains("“信息收集”这一步的时限已过"), "{page}");
    assert!(page.contains("已告知：督办领导 · 新体路街道督办室"), "{page}");
    let notices = town.user("leader").get("/api/v1/notices").of(200);
    assert_eq!(pick(&notices["items"], "kind"), ["case-overdue"]);
    town.user("leader").post("/api/v1/notices/read", &json!({ "until": notices["latest"] })).of(204);
    assert_eq!(seen(), json!(true), "it arrived");
});
