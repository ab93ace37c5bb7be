//! Sessions, people's records, who read them, organizations.

use axum::http::{Method, header};
use serde_json::json;
use store::{Db, both};
use uuid::Uuid;

use crate::support::{PASSWORD, Town, pick};

both!(somebody_signs_in_sees_their_devices_and_signs_out, |db: Db| {
    let town = Town::new(db);
    let body = json!({ "login_name": "dispatcher", "password": PASSWORD });
    let signed_in = town.anonymous().post("/api/v1/sessions", &body).of(201);
    assert_eq!(
        (signed_in["landing"].as_str(), signed_in["name"].as_str()),
        (Some("/board"), Some("某dispatcher"))
    );
    let mut phone = town.anonymous();
    phone.token = signed_in["token"].as_str().map(str::to_owned);
    let desk = town.user("dispatcher");

    let devices = phone.get("/api/v1/sessions").of(200);
    let devices = devices["items"].as_array().unwrap().clone();
    assert_eq!(devices.len(), 2);
    let there = devices.iter().find(|it| it["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        town.user("handler").delete(&format!("/api/v1/sessions/{there}")).of(404)["type"],
        "not-found"
    );
    phone.delete(&format!("/api/v1/sessions/{there}")).of(204);
    let gone = desk.get("/api/v1/sessions");
    assert_eq!(gone.header("www-authenticate"), "Bearer");
    assert_eq!(gone.of(401)["type"], "sign-in");
    phone.delete("/api/v1/sessions/current").of(204);
    assert_eq!(
        phone.get("/api/v1/areas").of(401)["type"],
        "sign-in",
        "a token that is over is told so everywhere"
    );
});

both!(wrong_names_and_wrong_passwords_look_alike_and_guessing_is_slowed, |db: Db| {
    let town = Town::new(db);
    let try_as = |name: &str, password: &str| {
        town.anonymous().post("/api/v1/sessions", &json!({ "login_name": name, "password": password }))
    };
    let (wrong, unknown) = (try_as("dispatcher", "a guess"), try_as("nobody-at-all", "a guess"));
    assert_eq!((wrong.status, wrong.text()), (unknown.status, unknown.text()));
    assert_eq!(wrong.status.as_u16(), 401);
    (0..5).for_each(|number| drop(try_as("dispatcher", &format!("guess {number}"))));
    let last = try_as("dispatcher", "guess 6");
    assert_ne!(last.header("retry-after"), "");
    assert_eq!(last.of(429)["type"], "too-many");
    assert_eq!(
        try_as("dispatcher", PASSWORD).status.as_u16(),
        429,
        "from this address; the account itself is open"
    );
    try_as("handler", PASSWORD).of(201);
});

both!(a_record_is_read_for_a_purpose_and_its_person_sees_by_whom, |db: Db| {
    let town = Town::new(db);
    let (resident, grid) = (town.user("resident"), town.user("grid_leader"));
    let path = format!("/api/v1/people/{}", town.people["resident"]);
    assert_eq!(resident.get(&path).of(200)["address"], "泰昌小区3号");
    assert_eq!(grid.get(&path).fields(422), ["purpose"]);
    assert_eq!(grid.get(&format!("{path}?purpose=curiosity")).fields(422), ["purpose"]);
    assert_eq!(grid.get(&format!("{path}?purpose=visit")).of(200)["phone"], "13900000000");
    for name in ["other", "dispatcher", "neighbour"] {
        assert_eq!(
            town.user(name).get(&format!("{path}?purpose=visit")).of(404)["type"],
            "not-found",
            "{name}"
        );
    }
    assert_eq!(town.anonymous().get(&path).of(401)["type"], "sign-in");

    let reads = resident.get(&format!("{path}/reads")).of(200);
    assert_eq!(pick(&reads["items"], "purpose"), ["visit"]);
    assert_eq!(pick(&reads["items"], "organization_name"), ["一网格"]);
    assert_eq!(grid.get(&format!("{path}/reads")).of(404)["type"], "not-found");
});

both!(what_a_law_withholds_is_counted_with_its_day_and_shown_after_it, |db: Db| {
    let town = Town::new(db);
    let (resident, grid) = (town.user("resident"), town.user("grid_leader"));
    let path = format!("/api/v1/people/{}", town.people["resident"]);
    let ask = |days: i64| json!({ "person": town.people["resident"], "basis": "某法第一条", "days": days });
    assert_eq!(grid.post("/api/v1/withholdings", &ask(5)).of(404)["type"], "not-found");
    assert_eq!(town.anonymous().post("/api/v1/withholdings", &ask(5)).of(401)["type"], "sign-in");
    let leader = town.user("leader");
    assert_eq!(leader.post("/api/v1/withholdings", &ask(91)).fields(422), ["days"]);
    let asked = leader.post("/api/v1/withholdings", &ask(5)).of(201);
    let address = format!("/api/v1/withholdings/{}", asked["id"].as_str().unwrap());
    assert_eq!(asked["steps"], json!([]), "who asks does not decide");
    assert_eq!(resident.get(&address).of(404)["type"], "not-found");
    assert_eq!(pick(&leader.get("/api/v1/withholdings").of(200)["items"], "state"), ["proposed"]);
    grid.get(&format!("{path}?purpose=visit")).of(200);
    let reads = resident.get(&format!("{path}/reads")).of(200);
    assert_eq!((reads["items"].as_array().map(Vec::len), &reads["withheld"]), (Some(1), &json!([])));
});

both!(organizations_are_for_the_signed_in, |db: Db| {
    let town = Town::new(db);
    assert_eq!(town.anonymous().get("/api/v1/organizations").of(401)["type"], "sign-in");
    let user = town.user("resident");
    let first = user.get("/api/v1/organizations?limit=3").of(200);
    assert_eq!((first["total"].as_i64(), first["items"].as_array().map(Vec::len)), (Some(8), Some(3)));
    let next = first["next"].as_str().unwrap();
    let second = user.get(&format!("/api/v1/organizations?limit=200&cursor={next}")).of(200);
    assert_eq!(second["items"].as_array().map(Vec::len), Some(5));
    let found = user.get("/api/v1/organizations?area=150921&kind=government_department").of(200);
    assert_eq!(pick(&found["items"], "name"), ["卓资县指挥中心"]);
    let one = user.get(&format!("/api/v1/organizations/{}", town.lighting)).of(200);
    assert_eq!((&one["kind_label"], &one["area_code"]), (&json!("Government department"), &json!("150902")));
    assert_eq!(
        user.get(&format!("/api/v1/organizations/{}", Uuid::from_u128(3))).of(404)["type"],
        "not-found"
    );
});

both!(notices_are_read_and_then_seen, |db: Db| {
    let town = Town::new(db);
    town.user("resident").report(&crate::support::lamp(1));
    let grid = town.user("grid_leader");
    assert_eq!(grid.get("/api/v1/notices").of(200)["unread"], 1);
    grid.send_text(Method::POST, "/api/v1/notices/read", "application/json", "").of(204);
    let seen = grid.get("/api/v1/notices").of(200);
    assert_eq!((seen["unread"].as_i64(), seen["items"][0]["read"].as_bool()), (Some(0), Some(true)));
});

both!(a_client_says_up_to_which_notice_its_reader_saw, |db: Db| {
    let town = Town::new(db);
    let grid = town.user("grid_leader");
    let until = |it: &serde_json::Value| json!({ "until": it });
    assert_eq!(grid.get("/api/v1/notices").of(200)["latest"], serde_json::Value::Null);
    town.user("resident").report(&crate::support::lamp(1));
    let shown = grid.get("/api/v1/notices").of(200);
    town.user("resident").report(&crate::support::lamp(2));
    grid.post("/api/v1/notices/read", &until(&shown["latest"])).of(204);
    assert_eq!(grid.get("/api/v1/notices").of(200)["unread"], 1, "it came in after the page was shown");

    town.clock.pass_seconds(-60);
    assert_eq!(grid.post("/api/v1/notices/read", &until(&shown["latest"])).fields(422), ["until"]);
    town.clock.pass_seconds(60);
    for (body, field) in [
        (json!({ "until": "" }), "until"),
        (json!({ "until": "WyJ4Il0" }), "until"),
        (json!({ "until": null }), "until"),
        (json!({ "until": 5 }), "until"),
        (json!({}), "until"),
        (json!({ "until": shown["latest"], "all": true }), "all"),
        (json!([]), "body"),
    ] {
        assert_eq!(grid.post("/api/v1/notices/read", &body).fields(422), [field], "{body}");
    }
    let as_text = grid.send_text(Method::POST, "/api/v1/notices/read", "text/plain", "all");
    assert_eq!(as_text.fields(415), ["content-type"]);
    assert_eq!(
        town.anonymous().post("/api/v1/notices/read", &json!({ "until": "" })).of(401)["type"],
        "sign-in"
    );
    assert_eq!(grid.get("/api/v1/notices").of(200)["unread"], 1);
    grid.post("/api/v1/notices/read", &serde_json::Value::Null).of(204);
    assert_eq!(grid.get("/api/v1/notices").of(200)["unread"], 0);
});

both!(a_change_that_another_site_asked_for_is_refused, |db: Db| {
    let town = Town::new(db);
    let token = town.token("resident");
    let send = |headers: &[(&str, &str)]| {
        let request = town.anonymous().request(Method::POST, "/api/v1/notices/read");
        let request =
            request.header(header::COOKIE, format!("olzii={token}")).header(header::HOST, "town.example");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        town.send(request.body(axum::body::Body::empty()).unwrap()).status.as_u16()
    };
    assert_eq!(send(&[]), 403, "a cookie rides along from anywhere");
    assert_eq!(send(&[("sec-fetch-site", "cross-site")]), 403);
    assert_eq!(send(&[("sec-fetch-site", "same-site")]), 403);
    assert_eq!(send(&[("origin", "https://evil.example")]), 403);
    assert_eq!(send(&[("origin", "null")]), 403);
    assert_eq!(send(&[("sec-fetch-site", "cross-site"), ("origin", "http://town.example")]), 403);
    assert_eq!(send(&[("sec-fetch-site", "same-origin")]), 204);
    assert_eq!(send(&[("origin", "http://town.example")]), 204);
});
