//! What bad input gets: a 4xx that names the field, never a 5xx, never a half-made change.

use axum::http::Method;
use serde_json::{Value, json};
use store::{Db, both, testing::Scratch};

use crate::support::{Town, lamp, with};

both!(a_report_that_is_not_as_it_should_be_names_its_field, |db: Db| {
    let town = Town::new(db);
    let resident = town.user("resident");
    let position = |longitude, latitude| json!({ "longitude": longitude, "latitude": latitude });
    for (report, field) in [
        (with(lamp(1), "id", json!("not-an-id")), "id"),
        (with(lamp(1), "id", json!("67e5504410b1426f9247bb680e5fe0c8")), "id"),
        (with(lamp(1), "area", json!("150999")), "area"),
        (with(lamp(1), "area", json!("1509\0")), "area"),
        (with(lamp(1), "area", json!(1509)), "area"),
        (with(lamp(1), "class", json!("c9-nothing")), "class"),
        (with(lamp(1), "procedure", json!("other")), "procedure"),
        (with(lamp(1), "description", json!(" \n ")), "description"),
        (with(lamp(1), "description", json!("x".repeat(4_001))), "description"),
        (with(lamp(1), "description", json!("a\0b")), "description"),
        (with(lamp(1), "description", Value::Null), "description"),
        (with(lamp(1), "place", json!("p".repeat(201))), "place"),
        (with(lamp(1), "contact_phone", json!("call me")), "contact_phone"),
        (with(lamp(1), "contact_name", json!("n\u{7}")), "contact_name"),
        (with(lamp(1), "position", position(181.0, 0.0)), "position"),
        (with(lamp(1), "position", json!({ "longitude": 1.0 })), "position.latitude"),
        (with(lamp(1), "position", json!([1.0, 2.0])), "position"),
        (with(lamp(1), "reporter", json!("somebody")), "reporter"),
        (with(lamp(1), "status", json!("closed")), "status"),
    ] {
        let mut fields = resident.post("/api/v1/cases", &report).fields(422);
        fields.dedup();
        assert_eq!(fields, [field], "{report}");
    }
    assert_eq!(
        resident.get("/api/v1/cases?mine=true").of(200)["items"],
        json!([]),
        "nothing was made of them"
    );
});

both!(a_body_that_cannot_be_read_is_refused_as_a_whole, |db: Db| {
    let town = Town::new(db);
    let resident = town.user("resident");
    let send = |kind: &str, body: Vec<u8>| resident.send_text(Method::POST, "/api/v1/cases", kind, body);
    let json = "application/json";
    assert_eq!(send("text/plain", b"{}".to_vec()).fields(415), ["content-type"]);
    assert_eq!(send("", b"{}".to_vec()).fields(415), ["content-type"]);
    assert_eq!(send(json, b"{".to_vec()).fields(422), ["body"]);
    assert_eq!(send(json, b"{} {}".to_vec()).fields(422), ["class"]);
    assert_eq!(send(json, [lamp(1).to_string().as_bytes(), b"[]"].concat()).fields(422), ["body"]);
    assert_eq!(send(json, b"\xff\xfe".to_vec()).fields(422), ["body"]);
    assert_eq!(send(json, "[".repeat(100_000).into_bytes()).fields(422), ["body"]);
    assert_eq!(
        send(json, format!(r#"{{"place":{}1{}}}"#, "[".repeat(500), "]".repeat(500)).into_bytes())
            .fields(422),
        ["place"]
    );
    assert_eq!(send(json, br#"{"class":"a","class":"b"}"#.to_vec()).fields(422), ["class"]);
    assert_eq!(
        send(json, format!(r#"{{"description":"{}"}}"#, "x".repeat(300_000)).into_bytes()).fields(413),
        ["body"]
    );
    let form = "multipart/form-data; boundary=knot";
    assert_eq!(send("multipart/form-data", b"--knot--".to_vec()).fields(422), ["body"]);
    assert_eq!(send(form, b"no form".to_vec()).fields(422), ["body"]);
    let part = |name: &str, text: &str| {
        format!("--knot\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    assert_eq!(send(form, format!("{}--knot--\r\n", part("case", "{")).into_bytes()).fields(422), ["body"]);
    let extra = format!("{}{}--knot--\r\n", part("case", &lamp(1).to_string()), part("status", "closed"));
    assert_eq!(send(form, extra.into_bytes()).fields(422), ["status"]);
    assert_eq!(
        resident.get("/api/v1/cases?mine=true").of(200)["items"],
        json!([]),
        "nothing was made of them"
    );
});

both!(a_query_is_read_strictly, |db: Db| {
    let town = Town::new(db);
    let user = town.user("acceptor");
    for (path, field) in [
        ("/api/v1/areas?limit=0", "limit"),
        ("/api/v1/areas?limit=201", "limit"),
        ("/api/v1/areas?limit=-1", "limit"),
        ("/api/v1/areas?limit=99999999999999999999", "limit"),
        ("/api/v1/areas?limit=1&limit=2", "limit"),
        ("/api/v1/areas?limit=", "limit"),
        ("/api/v1/areas?cursor=not-ours", "cursor"),
        ("/api/v1/areas?cursor=WyJ4Il0", "cursor"),
        ("/api/v1/areas?cursor=%00", "cursor"),
        ("/api/v1/areas?code=15a", "code"),
        ("/api/v1/areas?tier=village", "tier"),
        ("/api/v1/areas?tier=7", "tier"),
        ("/api/v1/areas?name=%00", "name"),
        ("/api/v1/areas?teir=1", "teir"),
        ("/api/v1/areas/1509?as_of=2026-02-30", "as_of"),
        ("/api/v1/areas/1509/history?x=1", "x"),
        ("/api/v1/areas/1509/children?cursor=WyIuLi8iXQ", "cursor"),
        ("/api/v1/organizations?kind=club", "kind"),
        ("/api/v1/organizations?area=999999", "area"),
        ("/api/v1/organizations?name=%00", "name"),
        ("/api/v1/organizations?cursor=WyIxNTA5LyIsImEiLCJiIiwiYyJd", "cursor"),
        ("/api/v1/cases?status=done", "status"),
        ("/api/v1/cases?stage=%00", "stage"),
        ("/api/v1/cases?class=%00", "class"),
        ("/api/v1/cases?area=1", "area"),
        ("/api/v1/cases?organization=1", "organization"),
        ("/api/v1/cases?mine=maybe", "mine"),
        ("/api/v1/cases?closed_since=2026-02-30", "closed_since"),
        ("/api/v1/cases?closed_since=2026-01-31T00:00:00Z", "closed_since"),
        ("/api/v1/cases?closed_since=", "closed_since"),
        ("/api/v1/cases?closed_since=2026-01-31&status=open", "status"),
        ("/api/v1/cases?closed_since=2026-01-31&status=void", "status"),
        ("/api/v1/cases?closed_since=2026-01-31&overdue=true", "status"),
        ("/api/v1/cases?cursor=WyJ4IiwieSJd", "cursor"),
        ("/api/v1/counts", "area"),
        ("/api/v1/notices?cursor=W10", "cursor"),
        ("/api/v1/notices?all=1", "all"),
        ("/api/v1/procedures?id=1", "id"),
        ("/api/v1/sessions?id=1", "id"),
        ("/api/v1/events?cases=1", "cases"),
    ] {
        let answer = user.get(path);
        assert_eq!(answer.status.as_u16(), 422, "{path}: {}", answer.text());
        assert_eq!(answer.fields(422), [field], "{path}");
    }
});

both!(an_id_that_is_none_is_not_there, |db: Db| {
    let town = Town::new(db);
    let user = town.user("acceptor");
    for path in [
        "/api/v1/cases/1",
        "/api/v1/cases/%00",
        "/api/v1/cases/%FF",
        "/api/v1/cases/67e5504410b1426f9247bb680e5fe0c8",
        "/api/v1/cases/00000000-0000-0000-0000-000000000000/photos/x",
        "/api/v1/areas/abc",
        "/api/v1/areas/1509%00",
        "/api/v1/areas/%E2%80%AE1509",
        "/api/v1/areas/150999",
        "/api/v1/areas/1509/history/more",
        "/api/v1/organizations/x",
        "/api/v1/people/x?purpose=visit",
        "/api/v1/people/x/reads",
        "/api/v1/procedures/..%2f..%2fetc",
        "/api/v1/nothing",
        "/api/v2/areas",
    ] {
        let answer = user.get(path);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert_eq!(answer.of(404)["type"], "not-found", "{path}");
    }
    assert_eq!(user.delete("/api/v1/sessions/x").of(404)["type"], "not-found");
    let moved = user.post("/api/v1/cases/x/transitions/verify", &json!({}));
    assert_eq!(moved.of(404)["type"], "not-found");
});

both!(a_header_that_is_no_sense_does_no_harm, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    for (name, value, status) in [
        ("authorization", &b"Bearer "[..], 401),
        ("authorization", b"Bearer \xff\xfe", 200),
        ("authorization", b"Basic abc", 200),
        ("authorization", b"Bearer ........", 401),
        ("cookie", b"olzii=\xff; ;;==;", 200),
        ("accept-language", b"\xff\xff,,,;;q=", 200),
        ("user-agent", b"\xff", 200),
        ("if-none-match", b"\xff", 200),
    ] {
        let request = nobody.request(Method::GET, "/api/v1/areas/1509").header(name, value);
        let answer = town.send(request.body(axum::body::Body::empty()).unwrap());
        assert_eq!(answer.status.as_u16(), status, "{name} {value:?}: {}", answer.text());
    }
});

#[test]
fn when_the_database_is_gone_pages_and_the_api_say_when_to_come_back() {
    let scratch = Scratch::postgres();
    let town = Town::new(scratch.db.clone());
    let nobody = town.anonymous();
    assert_eq!(nobody.get("/report").status.as_u16(), 200);
    drop(scratch);
    for (method, path) in
        [(Method::GET, "/report"), (Method::POST, "/report"), (Method::GET, "/api/v1/areas")]
    {
        let answer =
            nobody.send_text(method.clone(), path, "application/x-www-form-urlencoded", "area=150902");
        assert_eq!(answer.status.as_u16(), 503, "{method} {path}: {}", answer.text());
        assert_eq!(answer.header("retry-after"), "5", "{method} {path}");
        let is_page = answer.text().contains("Wait 5 s, then reload this page");
        assert_eq!(is_page, path == "/report", "{}", answer.text());
    }
    assert_eq!(nobody.post("/api/v1/cases", &lamp(1)).of(503)["type"], "unavailable");
}
