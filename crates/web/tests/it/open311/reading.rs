//! Services, discovery, lists, and how each refusal is told.

use axum::http::Method;
use store::{Db, both};

use super::{LAMP, STEPS, V2, filed, key, read, send, step};
use crate::support::{Town, pick};

both!(services_and_their_questions_are_told_in_both_formats, |db: Db| {
    let town = Town::new(db);
    let services = read(&town, "services.json");
    let lamp = services.as_array().unwrap().iter().find(|it| it["service_code"] == "c1-street-lamp").unwrap();
    assert_eq!((&lamp["service_name"], &lamp["group"]), (&"Street lamp".into(), &"Public utilities".into()));
    assert_eq!((&lamp["metadata"], &lamp["type"]), (&true.into(), &"realtime".into()));
    let definition = read(&town, "services/c1-street-lamp.json");
    assert_eq!(pick(&definition["attributes"], "code"), ["area", "fixmystreet_id"]);
    assert_eq!(definition["attributes"][0]["required"], false);
    assert_eq!(definition["attributes"][1]["automated"], "server_set");

    let xml = town.anonymous().get(&format!("{V2}/services.xml"));
    assert_eq!(xml.header("content-type"), "text/xml; charset=utf-8");
    let text = xml.text();
    let tree = roxmltree::Document::parse(&text).unwrap();
    let codes = tree.descendants().filter(|it| it.has_tag_name("service_code")).map(|it| it.text().unwrap());
    assert_eq!(codes.collect::<Vec<_>>(), pick(&services, "service_code"));
    let in_chinese = town.send(
        axum::http::Request::get(format!("{V2}/services.json"))
            .header("accept-language", "zh-CN")
            .body(axum::body::Body::empty())
            .unwrap(),
    );
    assert!(in_chinese.text().contains("路灯"), "{}", in_chinese.text());
});

both!(discovery_leads_to_two_endpoints_that_answer, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    for path in ["/open311/discovery", "/open311/v2/discovery"] {
        for (format, kind) in [("json", "application/json"), ("xml", "text/xml")] {
            let answer = nobody.get(&format!("{path}.{format}"));
            assert_eq!(
                (answer.status.as_u16(), answer.header("content-type")),
                (200, kind),
                "{path}.{format}"
            );
        }
    }
    let discovery = nobody.get("/open311/discovery.json").of(200);
    let endpoints = discovery["endpoints"].as_array().unwrap();
    assert_eq!(pick(&discovery["endpoints"], "type"), ["production", "test"]);
    assert_eq!(discovery["changeset"], "2026-11-20T09:00:00+08:00");
    for endpoint in endpoints {
        let url = endpoint["url"].as_str().unwrap();
        let path = url.split_once("//").map_or(url, |(_, rest)| &rest[rest.find('/').unwrap()..]);
        assert!(!nobody.get(&format!("{path}/services.json")).of(200).as_array().unwrap().is_empty());
    }
});

both!(a_refusal_says_status_and_words_in_the_format_that_was_asked_for, |db: Db| {
    let town = Town::new(db);
    let (nobody, key) = (town.anonymous(), key(&town));
    let with_key = |form: &str| format!("api_key={key}&{form}");
    let long = "x".repeat(4_001);
    let rows: Vec<(&str, String, String, u16, &str)> = vec![
        ("GET", "services.F?jurisdiction_id=elsewhere.example".into(), "".into(), 404, "jurisdiction_id"),
        ("GET", "services/c9-nothing.F".into(), "".into(), 404, "service_code"),
        (
            "GET",
            "requests/00000000-0000-0000-0000-000000000000.F".into(),
            "".into(),
            404,
            "service_request_id",
        ),
        ("GET", "requests/not-an-id.F".into(), "".into(), 404, "service_request_id"),
        ("GET", "tokens/nobody.F".into(), "".into(), 404, "token"),
        ("GET", "nothing.F".into(), "".into(), 404, "method"),
        ("POST", "nothing.F".into(), "".into(), 404, "method"),
        ("GET", "requests.F?start_date=2026-11-20T00:00:00".into(), "".into(), 400, "start_date"),
        (
            "GET",
            "requests.F?start_date=2026-01-01T00:00:00Z&end_date=2026-11-01T00:00:00Z".into(),
            "".into(),
            400,
            "90 days",
        ),
        ("GET", "requests.F?status=fixed".into(), "".into(), 400, "status"),
        ("GET", "requests.F?page_size=5000".into(), "".into(), 400, "page_size"),
        ("GET", "requests.F?page=5000&page_size=1000".into(), "".into(), 400, "page"),
        ("GET", "requests.F?cursor=%3F".into(), "".into(), 400, "cursor"),
        ("GET", "requests.F?service_code=%FF".into(), "".into(), 400, "service_code"),
        ("GET", "servicerequestupdates.F?start_date=yesterday".into(), "".into(), 400, "start_date"),
        ("POST", "services.F".into(), "".into(), 405, ""),
        ("POST", "requests.F".into(), LAMP.into(), 403, "api_key"),
        ("POST", "requests.F".into(), format!("api_key=wrong&{LAMP}"), 403, "api_key"),
        ("POST", "requests.F".into(), with_key("lat=41&long=113"), 400, "service_code"),
        (
            "POST",
            "requests.F".into(),
            with_key("service_code=c9-nothing&lat=41&long=113.1"),
            404,
            "service_code",
        ),
        ("POST", "requests.F".into(), with_key("service_code=c1-street-lamp"), 400, "address_string"),
        (
            "POST",
            "requests.F".into(),
            with_key("service_code=c1-street-lamp&address_id=150902001001&lat=39.9&long=116.4"),
            400,
            "lat, long: ",
        ),
        (
            "POST",
            "servicerequestupdates.F".into(),
            with_key("service_request_id=1&update_id=1&description=x&status=FOO"),
            400,
            "status",
        ),
        ("POST", "requests.F".into(), with_key("service_code=c1-street-lamp&lat=41"), 400, "long"),
        ("POST", "requests.F".into(), with_key("service_code=c1-street-lamp&lat=north&long=113"), 400, "lat"),
        (
            "POST",
            "requests.F".into(),
            with_key("service_code=c1-street-lamp&lat=41.03&long=113.11"),
            400,
            "attribute[area]",
        ),
        (
            "POST",
            "requests.F".into(),
            with_key("service_code=c1-street-lamp&address_id=999999999999"),
            400,
            "attribute[area]",
        ),
        (
            "POST",
            "requests.F".into(),
            with_key("service_code=c1-street-lamp&address_id=150902"),
            400,
            "attribute[area]",
        ),
        ("POST", "requests.F".into(), with_key(&format!("{LAMP}&phone=none")), 400, "phone"),
        (
            "POST",
            "requests.F".into(),
            with_key(&format!("{LAMP}&media_url=file:///etc/passwd")),
            400,
            "media_url",
        ),
        ("POST", "requests.F".into(), with_key(&format!("{LAMP}&description={long}")), 200, ""),
        (
            "POST",
            "requests.F".into(),
            with_key(&format!("service_code=c1-street-lamp&address_id=1&description={long}")),
            400,
            "description",
        ),
        ("POST", "requests.F".into(), with_key(&format!("x={}", "y".repeat(300_000))), 413, ""),
    ];
    for (method, path, form, status, names) in rows {
        for format in ["json", "xml"] {
            let path = path.replace(".F", &format!(".{format}"));
            let answer = match method {
                "GET" => nobody.get(&format!("{V2}/{path}")),
                _ => send(&nobody, &path, &form, &[]),
            };
            assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.text());
            let kind = if format == "json" { "application/json" } else { "text/xml" };
            assert_eq!(answer.header("content-type"), format!("{kind}; charset=utf-8"), "{method} {path}");
            let text = answer.text();
            let told = match format {
                "json" if status != 200 => answer.json()[0].clone(),
                "json" => continue,
                _ => {
                    let tree = roxmltree::Document::parse(&text).unwrap();
                    let root = tree.root_element().tag_name().name().to_owned();
                    assert_eq!(root == "errors", status != 200, "{text}");
                    continue;
                }
            };
            assert_eq!(told["code"], status.to_string(), "{method} {path}");
            assert!(told["description"].as_str().unwrap().contains(names), "{method} {path}: {text}");
        }
    }
});

both!(a_path_that_names_no_format_is_not_there, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    for path in
        ["services.html", "services", "requests.", "requests/1.html", "services/a.b/c.json", "tokens/x", "."]
    {
        let answer = nobody.get(&format!("{V2}/{path}"));
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (404, "text/plain; charset=utf-8"),
            "{path}: {}",
            answer.text()
        );
    }
    assert_eq!(
        nobody.send_text(Method::PUT, &format!("{V2}/requests.json"), "text/plain", "").status.as_u16(),
        405
    );
});

both!(pages_follow_each_other_while_new_requests_arrive, |db: Db| {
    let town = Town::new(db);
    let mut ids: Vec<String> = Vec::new();
    for _ in 0..7 {
        ids.push(filed(&town, LAMP));
        town.clock.pass_seconds(60);
    }
    let newest_first: Vec<_> = ids.iter().rev().cloned().collect();
    assert_eq!(pick(&read(&town, "requests.json"), "service_request_id"), newest_first);
    assert_eq!(
        pick(&read(&town, "requests.json?page=2&page_size=3"), "service_request_id"),
        newest_first[3..6]
    );

    let mut seen = Vec::new();
    let mut next = Some(format!("{V2}/requests.json?page_size=3&status=open&api_key=secret"));
    while let Some(path) = next {
        let answer = town.anonymous().get(&path);
        next = answer.header("link").split_once('>').map(|(it, rest)| {
            assert_eq!(rest, "; rel=\"next\"");
            it.trim_start_matches('<').to_owned()
        });
        assert!(
            next.as_ref().is_none_or(|it| it.contains("status=open") && !it.contains("secret")),
            "{next:?}"
        );
        seen.extend(pick(&answer.of(200), "service_request_id"));
        filed(&town, LAMP);
        town.clock.pass_seconds(60);
    }
    assert_eq!(seen, newest_first);
    assert_eq!(read(&town, "requests.json?page=9&page_size=3").as_array().unwrap().len(), 0);
});

both!(requests_are_found_by_id_class_time_place_and_change, |db: Db| {
    let town = Town::new(db);
    let lamp = filed(&town, LAMP);
    town.clock.pass_seconds(3_600);
    let cover = filed(&town, &LAMP.replace("c1-street-lamp", "c1-manhole-cover").replace("41.03", "41.1"));
    let ids = |query: &str| pick(&read(&town, &format!("requests.json?{query}")), "service_request_id");
    assert_eq!(
        ids(&format!("service_request_id={lamp},nobody,{lamp}&status=closed&service_code=x")),
        [lamp.as_str()]
    );
    assert_eq!(ids("service_code=c1-manhole-cover,c1-heating"), [cover.as_str()]);
    assert_eq!(ids("status=closed"), [""; 0]);
    assert_eq!(ids("start_date=2026-11-20T09:30:00%2B08:00"), [cover.as_str()]);
    assert_eq!(ids("end_date=2026-11-20T09:30:00+08:00"), [lamp.as_str()]);
    assert_eq!(ids("bbox=113,41.05,113.2,41.2"), [""; 0], "nobody has looked at it yet");
    assert_eq!(ids("jurisdiction_id=1509&status=&deviceid=x"), [cover.as_str(), lamp.as_str()]);
    assert_eq!(ids("jurisdiction_id=150900").len(), 2);
    town.clock.pass_seconds(60);
    step(&town, &lamp, STEPS[0]);
    assert_eq!(ids("lat=41.03&long=113.11&radius=500"), [lamp.as_str()]);
    assert_eq!(ids("lat=41.2&long=113.11&radius=500"), [""; 0]);
    town.clock.pass_seconds(60);
    assert_eq!(ids("updated_after=2026-11-20T10:00:30%2B08:00"), [lamp.as_str()]);
    assert_eq!(
        ids("updated_after=2026-11-20T09:00:00%2B08:00"),
        [cover.as_str(), lamp.as_str()],
        "oldest change first"
    );
    // Old ones are found by their id alone.
    town.clock.pass_seconds(100 * 86_400);
    assert_eq!(ids(""), [""; 0]);
    assert_eq!(ids(&format!("service_request_id={lamp}")), [lamp.as_str()]);
});

both!(all_that_is_published_comes_as_a_table_and_as_lines, |db: Db| {
    let town = Town::new(db);
    let lamp = filed(&town, LAMP);
    let far = filed(&town, "service_code=c1-power&address_id=150921100001&description=x");
    step(&town, &lamp, STEPS[0]);
    let table = town.anonymous().get(&format!("{V2}/requests.csv"));
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    let text = table.text();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("service_request_id,requested_datetime,") && lines.len() == 3, "{text}");
    assert!(
        lines[1].starts_with(&far) && lines[2].starts_with(&lamp) && lines[2].ends_with(",41.03,113.11"),
        "{text}"
    );
    let answer = town.anonymous().get(&format!("{V2}/requests.geojsonl?service_code=c1-street-lamp"));
    assert_eq!(answer.header("content-type"), "application/x-ndjson; charset=utf-8");
    let feature = answer.json();
    assert_eq!((&feature["id"], &feature["geometry"]["coordinates"][0]), (&lamp.into(), &113.11.into()));
    assert_eq!(town.anonymous().get(&format!("{V2}/requests.csv?status=x")).status.as_u16(), 400);
});

both!(who_asks_too_often_is_told_when_to_come_back, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    let refused = (0..1_000).map(|_| nobody.get(&format!("{V2}/services.xml"))).find(|it| it.status != 200);
    let refused = refused.expect("there is a limit");
    assert_eq!((refused.status.as_u16(), refused.header("content-type")), (429, "text/xml; charset=utf-8"));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert!(refused.text().contains("<errors><error><code>429</code>"), "{}", refused.text());
});
