//! Forms over OpenRosa and Central's REST: what phones and programs are answered, down to the numbers that they compare.

use std::thread;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use store::{Db, both};

use crate::support::{Answer, Town, User};

const PROJECT: &str = "/v1/projects/1509";
const NASTY: &str = "'=+/*-451%/%✅";

pub fn village(form_id: &str, version: &str) -> String {
    format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
  <h:head><h:title>村情表</h:title><model>
    <instance><data id="{form_id}" version="{version}"><households/><board/><meta><instanceID/></meta></data></instance>
    <instance id="groups" src="jr://file-csv/groups.csv"/>
    <bind nodeset="/data/households" type="int" required="true()" constraint=". &gt;= 0"/>
    <bind nodeset="/data/board" type="binary"/>
  </model></h:head>
  <h:body><input ref="/data/households"><label>户数</label></input>
  <upload ref="/data/board" mediatype="image/*"><label>村务公开栏</label></upload></h:body></h:html>"#
    )
}

fn record(number: u32, households: &str) -> String {
    format!(
        r#"<data id="village" version="1"><households>{households}</households><board/><meta><instanceID>uuid:{number}</instanceID></meta></data>"#
    )
}

/// A form with its list, published by the city's commander.
pub fn published(town: &Town) -> User<'_> {
    let commander = town.user("commander");
    let created = xml(
        &commander,
        Method::POST,
        &format!("{PROJECT}/forms?ignoreWarnings=True"),
        &village("village", "1"),
    );
    assert_eq!(created.of(200)["publishedAt"], Value::Null);
    let list = format!("{PROJECT}/forms/village/draft/attachments/groups.csv");
    let file = commander.send_text(Method::POST, &list, "text/csv", "name,label\n1,一组\n").of(200);
    assert_eq!((&file["exists"], file["hash"].as_str().map(str::len)), (&json!(true), Some(32)));
    commander
        .send_text(Method::POST, &format!("{PROJECT}/forms/village/draft/publish"), "text/plain", "")
        .of(200);
    commander
}

fn xml(user: &User<'_>, method: Method, path: &str, body: &str) -> Answer {
    user.send_text(method, path, "application/xml", body.to_owned())
}

/// The path of the project for a phone that was given the form.
fn phone(commander: &User<'_>) -> String {
    let user =
        commander.post(&format!("{PROJECT}/app-users"), &json!({ "displayName": "一村的手机" })).of(200);
    let assignment = format!("{PROJECT}/forms/village/assignments/2/{}", user["id"]);
    commander.send_text(Method::POST, &assignment, "text/plain", "").of(200);
    format!("/v1/key/{}/projects/1509", user["token"].as_str().unwrap())
}

fn openrosa(town: &Town, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-openrosa-version", "1.0")
        .header(header::HOST, "city.example")
        .header(header::ACCEPT_LANGUAGE, "en")
        .header(header::CONTENT_TYPE, kind);
    town.send(request.body(Body::from(body)).unwrap())
}

fn get(town: &Town, path: &str) -> Answer {
    openrosa(town, Method::GET, path, "text/plain", Vec::new())
}

pub const MULTIPART: &str = "multipart/form-data; boundary=xyz";

pub fn parts(parts: &[(&str, &str, &str)]) -> Vec<u8> {
    let part = |(name, file, text): &(&str, &str, &str)| {
        format!(
            "--xyz\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n{text}\r\n"
        )
    };
    let mut body: String = parts.iter().map(part).collect();
    body.push_str("--xyz--\r\n");
    body.into_bytes()
}

fn send(town: &Town, phone: &str, xml: &str, files: &[(&str, &str)]) -> Answer {
    let mut all = vec![("xml_submission_file", "record.xml", xml)];
    all.extend(files.iter().map(|(name, text)| (*name, *name, *text)));
    openrosa(town, Method::POST, &format!("{phone}/submission"), MULTIPART, parts(&all))
}

fn message(answer: &Answer) -> String {
    let text = answer.text();
    let document = roxmltree::Document::parse(&text).expect(&text);
    let message =
        document.descendants().find(|it| it.has_tag_name(("http://openrosa.org/http/response", "message")));
    message.and_then(|it| it.text()).unwrap_or_default().to_owned()
}

/// The number as it is printed, which clients compare.
fn code(answer: &Answer) -> String {
    let text = answer.text();
    let (_, rest) = text.split_once("\"code\":").expect(&text);
    rest.split([',', '}']).next().unwrap().to_owned()
}

both!(a_phone_loads_its_forms_and_sends_records, |db: Db| {
    let town = Town::new(db);
    let phone = phone(&published(&town));
    let list = get(&town, &format!("{phone}/formList"));
    assert_eq!((list.status.as_u16(), list.header("x-openrosa-version")), (200, "1.0"));
    assert!(list.header("content-type").contains("text/xml"));
    let text = list.text();
    let document = roxmltree::Document::parse(&text).unwrap();
    let one = |name: &str| {
        let mut found = document.descendants().filter(|it| it.tag_name().name() == name);
        let text = found.next().and_then(|it| it.text()).unwrap_or_default().to_owned();
        assert!(found.next().is_none());
        text
    };
    let path = |url: String| url.strip_prefix("http://city.example").expect(&url).to_owned();
    assert_eq!(
        (one("formID").as_str(), one("name").as_str(), one("version").as_str()),
        ("village", "村情表", "1")
    );
    let form = get(&town, &path(one("downloadUrl")));
    assert_eq!(form.text(), village("village", "1"));
    let manifest = get(&town, &path(one("manifestUrl"))).text();
    let document = roxmltree::Document::parse(&manifest).unwrap();
    let url =
        document.descendants().find(|it| it.tag_name().name() == "downloadUrl").unwrap().text().unwrap();
    assert_eq!(get(&town, &path(url.to_owned())).text(), "name,label\n1,一组\n");

    let ready = openrosa(&town, Method::HEAD, &format!("{phone}/submission"), "text/plain", Vec::new());
    assert_eq!((ready.status.as_u16(), ready.text().as_str()), (204, ""));
    assert_eq!(ready.header("x-openrosa-accept-content-length"), (32 * 1024 * 1024).to_string());
    let sent = send(&town, &phone, &record(1, "120"), &[]);
    assert_eq!((sent.status.as_u16(), message(&sent).as_str()), (201, "Received, thank you"));
    let invalid = send(&town, &phone, &record(2, "-5"), &[]);
    assert_eq!(invalid.status.as_u16(), 201);
    assert!(message(&invalid).contains("households: the answer is outside"), "{}", message(&invalid));
});

both!(what_a_client_may_get_wrong_is_told_by_number, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let phone = phone(&commander);
    assert_eq!(send(&town, &phone, &record(1, "1"), &[]).status, 201);
    assert_eq!(send(&town, &phone, &record(1, "1"), &[]).status, 201);
    assert_eq!(send(&town, &phone, &record(1, "2"), &[]).status, 409);
    for (text, status) in [
        ("<data id=\"village\" version=\"1\">".to_owned(), 400),
        (format!("<!DOCTYPE data [<!ENTITY a \"b\">]>{}", record(3, "&a;")), 400),
        (record(3, "1").replace("<instanceID>uuid:3</instanceID>", ""), 400),
        (record(3, "1").replace("village", "unknown"), 404),
        (record(3, "1").replace("version=\"1\"", "version=\"9\""), 404),
    ] {
        let answer = send(&town, &phone, &text, &[]);
        assert_eq!(answer.status.as_u16(), status, "{text}: {}", answer.text());
        assert!(!message(&answer).is_empty() && answer.header("x-openrosa-version") == "1.0");
    }
    let bare = Request::builder().uri(format!("{phone}/formList")).body(Body::empty()).unwrap();
    assert_eq!(town.send(bare).status, 400);
    let no_part = parts(&[("other", "a.txt", "x")]);
    assert_eq!(openrosa(&town, Method::POST, &format!("{phone}/submission"), MULTIPART, no_part).status, 400);
    let cut = parts(&[("xml_submission_file", "a.xml", &record(4, "1"))]);
    let cut = cut[..cut.len() - 12].to_vec();
    assert_eq!(openrosa(&town, Method::POST, &format!("{phone}/submission"), MULTIPART, cut).status, 400);
    // A token that is none, and one that nobody was given.
    let of = |token: &str| get(&town, &format!("/v1/key/{token}/projects/1509/formList")).status.as_u16();
    assert_eq!((of("short"), of(&"a".repeat(64))), (401, 403));
    // Another project does not have the form.
    let elsewhere = phone.replace("1509", "150902");
    assert_eq!(send(&town, &elsewhere, &record(5, "1"), &[]).status, 404);
    assert_eq!(get(&town, &format!("{elsewhere}/forms/village/manifest")).status, 404);

    let records = format!("{PROJECT}/forms/village/submissions");
    let again = xml(&commander, Method::POST, &records, &record(1, "1"));
    assert_eq!((again.status.as_u16(), code(&again).as_str()), (409, "409.3"));
    let edit = xml(&commander, Method::PUT, &format!("{records}/uuid%3A1"), &record(7, "1"));
    assert_eq!(code(&edit), "400.19");
    let same = xml(
        &commander,
        Method::POST,
        &format!("{PROJECT}/forms?ignoreWarnings=true"),
        &village("village", "2"),
    );
    assert_eq!(code(&same), "409.3");
    let taken = xml(
        &commander,
        Method::POST,
        &format!("{PROJECT}/forms?ignoreWarnings=true"),
        &village("a.xml", "2"),
    );
    assert_eq!(code(&taken), "400.15");
    assert_eq!(code(&commander.get(&format!("{PROJECT}/forms/none"))), "404.1");
    assert_eq!(code(&town.anonymous().get(&format!("{PROJECT}/forms"))), "401.2");
    assert_eq!(code(&commander.get("/v1/nothing/here")), "404.1");
});

both!(many_small_files_are_no_heavy_request_and_nothing_is_read_of_strangers, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let phone = phone(&commander);
    let names: Vec<String> = (0..150).map(|it| format!("{it}.txt")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|it| (it.as_str(), "x")).collect();
    assert_eq!(send(&town, &phone, &record(1, "1"), &files).status, 201);
    let unknown = format!("/v1/key/{}/projects/1509", "a".repeat(64));
    assert_eq!(send(&town, &unknown, &record(2, "1"), &files).status, 403);
    let stranger = xml(&town.anonymous(), Method::POST, &format!("{PROJECT}/forms"), &village("other", "1"));
    assert_eq!(stranger.status, 401);
    // What a sender wrote is never shown as a page of this site.
    let sent = commander.get(&format!("{PROJECT}/forms/village/submissions/uuid%3A1.xml"));
    assert_eq!((sent.status.as_u16(), sent.header("content-disposition")), (200, "attachment"));
});

both!(many_equal_posts_at_once_are_one_record, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let phone = phone(&commander);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let posts: Vec<_> = (0..24)
            .map(|number| {
                let (town, phone) = (&town, &phone);
                scope.spawn(move || send(town, phone, &record(number % 4 + 1, "7"), &[]).status.as_u16())
            })
            .collect();
        posts.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(statuses, [201; 24]);
    let listed = commander.get(&format!("{PROJECT}/forms/village/submissions")).of(200);
    assert_eq!(listed.as_array().unwrap().len(), 4);
});

both!(a_record_is_read_edited_judged_and_commented_by_those_who_asked, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let phone = phone(&commander);
    let with_file = record(1, "120").replace("<board/>", "<board>board.jpg</board>");
    assert!(message(&send(&town, &phone, &with_file, &[])).contains("One file is still to come"));
    assert_eq!(send(&town, &phone, &with_file, &[("board.jpg", "picture")]).status, 201);
    let records = format!("{PROJECT}/forms/village/submissions");
    let one = format!("{records}/uuid%3A1");
    let read = commander.get(&one).of(200);
    assert_eq!(
        (&read["instanceId"], &read["state"], &read["deviceId"]),
        (&json!("uuid:1"), &json!("valid"), &Value::Null)
    );
    assert!(read["submitterId"].as_i64().unwrap() > 0);
    assert_eq!(
        commander.get(&format!("{one}/attachments")).of(200),
        json!([{ "name": "board.jpg", "exists": true }])
    );
    let file = commander.get(&format!("{one}/attachments/board.jpg"));
    assert_eq!(
        (file.text().as_str(), file.header("content-type"), file.header("content-disposition")),
        ("picture", "image/jpeg", "attachment")
    );
    let edit = record(2, "121").replace("<instanceID>", "<deprecatedID>uuid:1</deprecatedID><instanceID>");
    let edited = xml(&commander, Method::PUT, &one, &edit).of(200);
    assert_eq!(
        (&edited["instanceId"], &edited["reviewState"], &edited["currentVersion"]["instanceId"]),
        (&json!("uuid:1"), &json!("edited"), &json!("uuid:2"))
    );
    let late = xml(&commander, Method::PUT, &one, &edit.replace("uuid:2", "uuid:3"));
    assert_eq!(code(&late), "409.9");
    let judged = commander
        .send_text(Method::PATCH, &one, "application/json", json!({ "reviewState": "approved" }).to_string())
        .of(200);
    assert_eq!(judged["reviewState"], "approved");
    let odd = commander.send_text(
        Method::PATCH,
        &one,
        "application/json",
        json!({ "reviewState": "perhaps" }).to_string(),
    );
    assert_eq!(code(&odd), "400.8");
    commander.post(&format!("{one}/comments"), &json!({ "body": "户数核对过了" })).of(200);
    assert_eq!(commander.get(&format!("{one}/comments")).of(200)[0]["body"], "户数核对过了");
    let versions = commander.get(&format!("{one}/versions")).of(200);
    assert_eq!(
        (versions[0]["current"].as_bool(), versions[1]["instanceId"].as_str()),
        (Some(true), Some("uuid:1"))
    );
    for other in ["leader", "handler"] {
        assert_eq!(town.user(other).get(&one).status, 404, "{other}");
    }
});

both!(a_form_of_any_name_is_drafted_copied_and_published_again, |db: Db| {
    let town = Town::new(db);
    let commander = town.user("commander");
    let text = village(&NASTY.replace('\'', "&apos;"), "1");
    let created =
        xml(&commander, Method::POST, &format!("{PROJECT}/forms?ignoreWarnings=True&publish=True"), &text)
            .of(200);
    assert_eq!(created["xmlFormId"], NASTY);
    let path = format!("{PROJECT}/forms/'%3D%2B%2F*-451%25%2F%25%E2%9C%85");
    assert_eq!(commander.get(&path).of(200)["xmlFormId"], NASTY);
    let post = |path: String| commander.send_text(Method::POST, &path, "text/plain", "");
    assert_eq!(code(&post(format!("{path}/draft/publish"))), "404.1");
    post(format!("{path}/draft")).of(200);
    assert_eq!(code(&post(format!("{path}/draft/publish"))), "409.6");
    post(format!("{path}/draft/publish?version=2026-11-22T19%3A28%3A52.9")).of(200);
    let read = commander.get(&path).of(200);
    assert_eq!(read["version"], "2026-11-22T19:28:52.9");
    let xml_of = commander.get(&format!("{path}.xml"));
    assert!(
        xml_of.text().contains("2026-11-22T19:28:52.9")
            && xml_of.header("content-type").starts_with("application/xml")
    );
    assert_eq!(commander.get(&format!("{path}/versions")).of(200).as_array().unwrap().len(), 2);
    let closed = commander.send_text(
        Method::PATCH,
        &path,
        "application/json",
        json!({ "state": "closed" }).to_string(),
    );
    assert_eq!(closed.of(200)["state"], "closed");
});

both!(records_are_read_as_tables_and_any_answer_is_filtered, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let phone = phone(&commander);
    for number in 1..=5 {
        send(&town, &phone, &record(number, &(number * 100).to_string()), &[]);
        town.clock.pass_seconds(60);
    }
    let service = format!("{PROJECT}/forms/village.svc");
    let of = |query: &str| commander.get(&format!("{service}/Submissions?{query}")).of(200);
    let ids = |answer: &Value| -> Vec<String> {
        let rows = answer["value"].as_array().unwrap();
        rows.iter().map(|it| it["__id"].as_str().unwrap().to_owned()).collect()
    };
    let tables = commander.get(&service);
    assert_eq!(
        (tables.header("odata-version"), &tables.json()["value"][0]["name"]),
        ("4.0", &json!("Submissions"))
    );
    let metadata = commander.get(&format!("{service}/$metadata"));
    roxmltree::Document::parse(&metadata.text()).unwrap();
    let all = of("$count=true");
    assert_eq!(
        (ids(&all).len(), &all["@odata.count"], &all["value"][0]["households"]),
        (5, &json!(5), &json!(500))
    );
    assert_eq!(all["value"][0]["__system"]["submitterName"], "一村的手机");
    assert_eq!(ids(&of("$filter=households%20gt%20250")), ["uuid:5", "uuid:4", "uuid:3"]);
    assert_eq!(ids(&of("$orderby=households%20asc&$top=2")), ["uuid:1", "uuid:2"]);
    // A record that comes meanwhile neither shifts nor repeats a page.
    let first = of("$top=2");
    send(&town, &phone, &record(6, "600"), &[]);
    let link = first["@odata.nextLink"].as_str().unwrap();
    let next = commander.get(&link[link.find("/v1/").unwrap()..]).of(200);
    assert_eq!(
        (ids(&first), ids(&next)),
        (vec!["uuid:5".into(), "uuid:4".into()], vec!["uuid:3".into(), "uuid:2".into()])
    );
    let one = commander.get(&format!("{service}/Submissions('uuid%3A3')")).of(200);
    assert_eq!(ids(&one), ["uuid:3"]);
    let csv = commander.get(&format!("{PROJECT}/forms/village/submissions.csv")).text();
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().starts_with("SubmissionDate,households,board,"), "{csv}");
    assert_eq!(lines.count(), 6);
    let filtered =
        commander.get(&format!("{PROJECT}/forms/village/submissions.csv?$filter=households%20gt%20450"));
    assert_eq!(filtered.text().lines().count(), 3);
    let archive = commander.get(&format!("{PROJECT}/forms/village/submissions.csv.zip?attachments=false"));
    assert_eq!(archive.header("content-type"), "application/zip");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive.bytes)).unwrap();
    assert_eq!(std::io::read_to_string(archive.by_index(0).unwrap()).unwrap(), csv);
    let wrong = commander.get(&format!("{PROJECT}/forms/village/submissions.csv.zip?groupPaths=maybe"));
    assert_eq!(code(&wrong), "400.8");
    for (query, wanted) in
        [("$apply=a", "501.1"), ("$filter=households%20gt", "400.18"), ("$expand=a", "501.6")]
    {
        assert_eq!(code(&commander.get(&format!("{service}/Submissions?{query}"))), wanted, "{query}");
    }
    assert_eq!(commander.get(&format!("{service}/Nothing")).status, 404);
    assert_eq!(town.user("handler").get(&format!("{service}/Submissions")).status, 404);
    let archive = format!("{PROJECT}/forms/village/submissions.csv.zip");
    assert_eq!(town.user("handler").get(&archive).status, 404);
});
