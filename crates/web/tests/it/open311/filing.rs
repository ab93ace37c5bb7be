//! Filing by key: where it lies, the same again, photos, limits.

use std::sync::atomic::Ordering;

use axum::http::Method;
use domain::{
    Ctx, Refusal, area,
    integration::{self, NewApiKey},
};
use serde_json::{Value, json};
use store::{Db, both};

use super::{LAMP, V2, filed, key, key_with, photos, read, send};
use crate::support::{Town, counted, lamp, pick};

const CITY_BOUNDARY: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1509"},
    "geometry":{"type":"Polygon","coordinates":[[[109,39.5],[115,39.5],[115,43.5],[109,43.5],[109,39.5]]]}}]}"#;

/// The code of the division that the case of a form lies in.
#[track_caller]
fn area_of(town: &Town, form: &str) -> Value {
    let case = filed(town, form);
    read(town, &format!("requests/{case}.json"))[0]["address_id"].clone()
}

both!(a_request_lies_where_its_code_its_point_or_its_address_says, |db: Db| {
    let town = Town::new(db);
    let start = "service_code=c1-street-lamp&description=x";
    for (how, code) in [
        ("attribute[area]=150902001001001", "150902001001001"),
        ("attribute%5Barea%5D%5B%5D=150902001001&lat=41&long=113.1", "150902001001"),
        ("address_id=150921100001&lat=&long=", "150921100001"),
        (
            "address_string=%E9%9B%86%E5%AE%81%E5%8C%BA%E6%B3%B0%E6%98%8C%E7%A4%BE%E5%8C%BA%E8%B7%AF%E5%8F%A3",
            "150902001001",
        ),
        (
            "lat=41.03&long=113.11&address_string=%E5%85%89%E6%98%8E%E7%A4%BE%E5%8C%BA5%E5%8F%B7",
            "150902001002",
        ),
    ] {
        let form = format!(
            "{start}&{}",
            if how.contains("lat") || how.contains("address") {
                how.to_owned()
            } else {
                format!("{how}&lat=41&long=113.1")
            }
        );
        assert_eq!(area_of(&town, &form), code, "{how}");
    }
    let refused = |how: &str| {
        let form = format!("api_key={}&{start}&{how}", key(&town));
        send(&town.anonymous(), "requests.json", &form, &[]).of(400)[0]["description"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    // The point lies in a county whose communities have no boundaries: it is not guessed.
    let told = refused("lat=41.03&long=113.11");
    assert!(told.contains("集宁区") && told.contains("attribute[area]"), "{told}");
    // The address names a community of another county than the point.
    refused("lat=41.03&long=113.11&address_string=%E5%9F%8E%E5%85%B3%E7%A4%BE%E5%8C%BA");
    refused("address_string=%E4%BA%BA%E6%B0%91%E8%B7%AF");
    // As long as nothing tells where the city ends, a point that no boundary holds may still lie in it.
    assert!(refused("lat=39.9&long=116.4").contains("attribute[area]"));
    let city = CITY_BOUNDARY.as_bytes();
    area::import_boundaries(&Ctx::system(town.city().clone()), city, "test").unwrap();
    let told = refused("lat=39.9&long=116.4");
    assert!(told.contains("乌兰察布") && !told.contains("attribute[area]"), "{told}");
    // In the city, and far from the county that was named: the nearest boundary counts.
    let told = refused("address_id=150902001001&lat=42.5&long=112");
    assert!(told.starts_with("lat, long: "), "{told}");
    assert_eq!(
        area_of(&town, &format!("{start}&address_id=150902001001&lat=41.21&long=113.31")),
        "150902001001"
    );
});

both!(the_same_request_sent_again_is_one_case, |db: Db| {
    let town = Town::new(db);
    let (nobody, mine, other) = (town.anonymous(), key(&town), key(&town));
    let file = |key: &str, form: &str, chosen: Option<&str>| {
        let headers: Vec<_> = chosen.iter().map(|it| ("Idempotency-Key", *it)).collect();
        send(&nobody, "requests.json", &format!("api_key={key}&{form}"), &headers)
    };
    let id = |answer: crate::support::Answer| answer.of(200)[0]["service_request_id"].clone();
    let first = id(file(&mine, LAMP, Some("a1")));
    assert_eq!(id(file(&mine, LAMP, Some("a1"))), first);
    assert_ne!(id(file(&mine, LAMP, Some("a2"))), first);
    assert_ne!(id(file(&other, LAMP, Some("a1"))), first, "another system chose the same");
    assert_ne!(id(file(&mine, LAMP, None)), id(file(&mine, LAMP, None)));
    let reused = file(&mine, &LAMP.replace("113.11", "113.12"), Some("a1"));
    assert!(reused.of(400)[0]["description"].as_str().unwrap().contains("Idempotency-Key"));
    let numbered = format!("{LAMP}&attribute[fixmystreet_id]=77");
    assert_eq!(id(file(&mine, &numbered, None)), id(file(&mine, &numbered, None)));
    let too_long = file(&mine, LAMP, Some(&"x".repeat(300)));
    assert_eq!(too_long.status.as_u16(), 400);
    assert_eq!(read(&town, "requests.json").as_array().unwrap().len(), 6);
});

both!(files_of_any_name_become_photos_of_the_case, |db: Db| {
    let town = Town::new(db);
    let mut form = Vec::new();
    let key = key(&town);
    let fields = [
        ("api_key", key.as_str()),
        ("service_code", "c1-street-lamp"),
        ("attribute[area]", "150902001001001"),
        ("lat", "41.03"),
        ("long", "113.11"),
        ("description", "路灯不亮"),
    ];
    for (name, value) in fields {
        form.extend(
            format!("--knot\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .into_bytes(),
        );
    }
    for name in ["media", "photo1"] {
        form.extend(
            format!("--knot\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.jpg\"\r\n\r\n")
                .into_bytes(),
        );
        form.extend(&photos()[0]);
        form.extend(b"\r\n");
    }
    form.extend(b"--knot--\r\n");
    let path = format!("{V2}/requests.json");
    let kind = "multipart/form-data; boundary=knot";
    let answer = town.anonymous().send_text(Method::POST, &path, kind, form).of(200);
    let case = answer[0]["service_request_id"].as_str().unwrap().to_owned();
    let seen = town.user("grid_leader").get(&format!("/api/v1/cases/{case}")).of(200);
    assert_eq!((seen["photos"].as_array().unwrap().len(), &seen["description"]), (2, &json!("路灯不亮")));
    assert_eq!(seen["source"], "public");
    assert_eq!(read(&town, &format!("requests/{case}.json"))[0]["media_url"], Value::Null);

    let no_photo = format!(
        "--knot\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\n{key}\r\n--knot\r\nContent-Disposition: form-data; \
        name=\"service_code\"\r\n\r\nc1-street-lamp\r\n--knot\r\nContent-Disposition: form-data; name=\"address_id\"\r\n\r\n150902001001\r\n\
        --knot\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.gif\"\r\n\r\nGIF89a\r\n--knot--\r\n"
    );
    let refused = town.anonymous().send_text(Method::POST, &path, kind, no_photo).of(400);
    assert!(refused[0]["description"].as_str().unwrap().starts_with("media: "), "{refused}");
    assert_eq!(town.anonymous().send_text(Method::POST, &path, kind, "--knot").status.as_u16(), 400);
});

both!(no_file_is_read_before_the_key_that_it_comes_by, |db: Db| {
    let town = Town::new(db);
    let key = key(&town);
    let field = |name: &str, value: &str| {
        format!("--knot\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = "--knot\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\r\n";
    let send = |path: &str, beginning: String| {
        let (body, read) = counted(beginning.into_bytes(), 20);
        let answer = town.anonymous().send_text(
            Method::POST,
            &format!("{V2}/{path}"),
            "multipart/form-data; boundary=knot",
            body,
        );
        (answer.status.as_u16(), read.load(Ordering::SeqCst))
    };
    for path in ["requests.json", "servicerequestupdates.json"] {
        for beginning in [file.to_owned(), field("api_key", "wrong") + file, field("api_key", "") + file] {
            let (status, read) = send(path, beginning.clone());
            // Each look for a field before it takes along what has come by then.
            assert!(status == 403 && read <= 4, "{path}, {beginning}: {status}, {read} MB read");
        }
        assert_eq!(send(path, field("api_key", &key) + file).1, 20, "the control: it is read by its key");
        assert_eq!(send(&format!("{path}?api_key={key}"), file.to_owned()).1, 20, "with the address");
    }
    // Nor before it is known whether that machine asks too often.
    while send("requests.json", file.to_owned()).0 != 429 {}
    assert_eq!(send("requests.json", field("api_key", &key) + file), (429, 0));
});

both!(a_key_has_its_limits_and_ends_when_it_is_revoked, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    let file = |key: &str, path: &str| send(&nobody, path, &format!("api_key={key}&{LAMP}"), &[]);
    let (narrow, daily, wide) = (key_with(&town, 2, 100), key_with(&town, 100, 2), key(&town));
    for key in [&narrow, &daily] {
        assert_eq!(
            (file(key, "requests.json").status.as_u16(), file(key, "requests.json").status.as_u16()),
            (200, 200)
        );
        let refused = file(key, "requests.xml");
        assert_eq!(
            (refused.status.as_u16(), refused.header("content-type")),
            (429, "text/xml; charset=utf-8")
        );
        assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    }
    assert_eq!(file(&wide, "requests.json").status.as_u16(), 200, "another key is not slowed");
    assert_eq!(file("", &format!("requests.json?api_key={wide}")).status.as_u16(), 200, "with the address");

    let system = Ctx::system(town.city().clone());
    let keys = integration::list(&system).unwrap();
    assert_eq!(keys.iter().map(|it| it.per_minute).collect::<Vec<_>>(), [2, 100, 60]);
    integration::revoke(&system, keys[2].id).unwrap();
    assert_eq!(file(&wide, "requests.json").status.as_u16(), 403);
    assert!(integration::revoke(&system, keys[2].id).is_err(), "it has ended already");
});

both!(who_filed_a_request_may_add_to_it_and_nobody_else, |db: Db| {
    let town = Town::new(db);
    let (nobody, mine, other) = (town.anonymous(), key(&town), key(&town));
    let filed = send(&nobody, "requests.json", &format!("api_key={mine}&{LAMP}"), &[]).of(200);
    let case = filed[0]["service_request_id"].as_str().unwrap().to_owned();
    let update = |key: &str, request: &str, text: &str| {
        let form = format!(
            "api_key={key}&service_request_id={request}&update_id=7&status=FIXED\
            &updated_datetime=2026-11-20T09:00:00%2B08:00&description={text}&first_name=-"
        );
        send(&nobody, "servicerequestupdates.json", &form, &[])
    };
    let first = update(&mine, &case, "CANARY").of(200);
    assert_eq!(update(&mine, &case, "CANARY").of(200), first, "the same again");
    let seen = town.user("grid_leader").get(&format!("/api/v1/cases/{case}")).of(200);
    assert_eq!(pick(&seen["events"], "note"), ["", "CANARY"]);
    assert_eq!(seen["stage"], "collect", "what the sender believes moves nothing");
    assert_eq!(update(&other, &case, "x").of(403)[0]["code"], "403");
    assert_eq!(update("wrong", &case, "x").status.as_u16(), 403);
    assert_eq!(update(&mine, "nobody", "x").status.as_u16(), 404);
    assert_eq!(update(&mine, &case, "").status.as_u16(), 400);
    let own = town.user("resident").report(&lamp(1));
    assert_eq!(update(&mine, own["id"].as_str().unwrap(), "x").status.as_u16(), 403);
    let again = format!("api_key={mine}&service_request_id={case}&update_id=8&description=x");
    let xml = send(&nobody, "servicerequestupdates.xml", &again, &[]).text();
    assert!(xml.contains("<service_request_updates><request_update><update_id>"), "{xml}");
    // It is for those who work on it, not for everybody.
    assert_eq!(read(&town, "servicerequestupdates.json"), json!([]));
    let shown = town.anonymous().get(&format!("{V2}/requests/{case}.json?extensions=true")).text();
    assert!(!shown.contains("CANARY"), "{shown}");
});

both!(photos_of_an_update_stand_with_its_note_in_the_case_and_are_not_published, |db: Db| {
    let town = Town::new(db);
    let key = key(&town);
    let filed = send(&town.anonymous(), "requests.json", &format!("api_key={key}&{LAMP}"), &[]).of(200);
    let case = filed[0]["service_request_id"].as_str().unwrap().to_owned();
    let update = |endpoint: &str, number: &str, photos: &[Vec<u8>]| {
        let fields = [
            ("api_key", key.as_str()),
            ("service_request_id", &case),
            ("update_id", number),
            ("status", "OPEN"),
            ("description", "又倒了一根"),
        ];
        let mut form = Vec::new();
        for (name, value) in fields {
            let head = format!("--knot\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            form.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
        }
        for (number, photo) in photos.iter().enumerate() {
            let head = "--knot\r\nContent-Disposition: form-data";
            form.extend(format!("{head}; name=\"photo{number}\"; filename=\"a.jpg\"\r\n\r\n").bytes());
            form.extend([photo, &b"\r\n"[..]].concat());
        }
        form.extend(b"--knot--\r\n");
        let path = format!("{endpoint}/servicerequestupdates.json");
        town.anonymous().send_text(Method::POST, &path, "multipart/form-data; boundary=knot", form)
    };
    let seen = || town.user("grid_leader").get(&format!("/api/v1/cases/{case}")).of(200);
    let first = update(V2, "1", &photos()).of(200);
    assert_eq!(update(V2, "1", &photos()).of(200), first, "the same again");
    update("/open311/test/v2", "2", &photos()).of(200);
    let (it, photos_of) = (seen(), |it: &Value| it["photos"].as_array().map_or(0, Vec::len));
    assert_eq!((pick(&it["events"], "note"), photos_of(&it)), (vec![String::new(), "又倒了一根".into()], 1));
    let photo = format!("/api/v1/cases/{case}/photos/{}", it["photos"][0]["id"].as_str().unwrap());
    assert_eq!(town.user("grid_leader").get(&photo).header("content-type"), "image/jpeg");
    let page = town.user("grid_leader").get(&format!("/cases/{case}")).text();
    assert!(page.contains("Note · 20 Nov"), "the photo says with what it came: {page}");
    let refused = update(V2, "3", &[b"GIF89a".to_vec()]).of(400);
    assert!(refused[0]["description"].as_str().unwrap().starts_with("media: "), "{refused}");
    assert_eq!(pick(&seen()["events"], "note").len(), 2, "and no note of it");
    for path in ["servicerequestupdates.json".to_owned(), format!("requests/{case}.json?extensions=true")] {
        let shown = town.anonymous().get(&format!("{V2}/{path}")).text();
        assert!(!shown.contains("photo") && !shown.contains("又倒了"), "{shown}");
    }
});

both!(a_new_key_of_the_same_system_goes_on_where_the_old_one_ended, |db: Db| {
    let town = Town::new(db);
    let (nobody, old) = (town.anonymous(), key(&town));
    let system = Ctx::system(town.city().clone());
    let file = |key: &str| {
        let answer =
            send(&nobody, "requests.json", &format!("api_key={key}&{LAMP}"), &[("Idempotency-Key", "a1")]);
        answer.of(200)[0]["service_request_id"].as_str().unwrap().to_owned()
    };
    let case = file(&old);
    let first = integration::list(&system).unwrap()[0].clone();
    integration::revoke(&system, first.id).unwrap();
    let replacing = |id| NewApiKey { name: String::new(), replaces: Some(id), per_minute: 60, per_day: 100 };
    let (new, issued) = integration::issue(&system, &replacing(first.id)).unwrap();
    assert_eq!((issued.name.as_str(), issued.system), ("邻市", first.system));
    assert_eq!(file(&new), case, "the same request sent again is still one case");
    let (newest, _) = integration::issue(&system, &replacing(issued.id)).unwrap();
    let update = |key: &str| {
        let form = format!("api_key={key}&service_request_id={case}&update_id=9&description=x");
        send(&nobody, "servicerequestupdates.json", &form, &[]).status.as_u16()
    };
    assert_eq!((update(&old), update(&newest), update(&key(&town))), (403, 200, 403));
    let nothing = integration::issue(&system, &replacing(system.id()));
    assert!(matches!(nothing, Err(Refusal::NotFound)), "{nothing:?}");
});

both!(the_test_endpoint_checks_and_files_nothing, |db: Db| {
    let town = Town::new(db);
    let (nobody, key) = (town.anonymous(), key(&town));
    let kind = "application/x-www-form-urlencoded";
    let file = |form: &str| {
        nobody.send_text(
            Method::POST,
            "/open311/test/v2/requests.json",
            kind,
            format!("api_key={key}&{form}"),
        )
    };
    assert!(file(LAMP).of(200)[0]["service_request_id"].is_string());
    assert_eq!(file("service_code=c1-street-lamp&address_id=150902&description=x").status.as_u16(), 400);
    assert_eq!(file(&format!("{LAMP}&phone=none")).status.as_u16(), 400);
    assert_eq!(read(&town, "requests.json"), json!([]));
});

both!(a_report_by_key_is_on_record_with_its_key_and_shows_the_links_that_came_with_it, |db: Db| {
    let town = Town::new(db);
    let case = filed(&town, &format!("{LAMP}&media_url=https://a.cn/1.jpg&first_name=San&last_name=Zhang"));
    let seen = town.user("grid_leader").get(&format!("/api/v1/cases/{case}")).of(200);
    assert!(seen["description"].as_str().unwrap().ends_with("\nhttps://a.cn/1.jpg"), "{seen}");
    let contact = town.user("acceptor").post(&format!("/api/v1/cases/{case}/contact"), &json!({})).of(200);
    assert_eq!(contact["name"], "San Zhang");
    let key = integration::list(&Ctx::system(town.city().clone())).unwrap()[0].id;
    let detail =
        town.city().db.read(|tx| tx.first(JOURNALED, &[])?.expect("a row").get::<String>(0)).unwrap();
    assert!(detail.contains(&key.to_string()), "{detail}");
    assert_eq!(pick(&read(&town, "requests.json"), "service_request_id"), [case.as_str()]);
});

const JOURNALED: &str = "SELECT detail FROM journal WHERE action = 'case.report'";
