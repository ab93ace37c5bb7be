//! What a phone needs of the server: to be told in JSON what came of a form, for the right person, and to be installed.

use axum::http::{StatusCode, header};
use kernel::Role;
use serde_json::Value;

use crate::pages_shell::town::{Answer, Browser, Town};

const GRID: &str = "150902001001";
const ID: &str = "0199f000-0000-7000-8000-000000000001";

/// The browser of somebody whose script sends forms, and the account that its pages tell.
fn phone(town: &Town, role: Role) -> (Browser<'_>, String) {
    let mut browser = town.signed_in(role, "en");
    let page = browser.get("/outbox").text;
    let account =
        page.split("data-account=\"").nth(1).and_then(|it| it.split('"').next()).unwrap_or_default();
    browser.headers = vec![("accept", "application/json".to_owned()), ("olzii-account", account.to_owned())];
    (browser, account.to_owned())
}

fn report(browser: &mut Browser<'_>, id: &str, words: &str) -> Answer {
    let form = [("id", id), ("area", GRID), ("class", "c1-street-lamp"), ("description", words)];
    browser.post("/report", &form)
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
}

fn kind(answer: &Answer) -> &str {
    answer.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default()
}

#[test]
fn a_script_is_told_what_came_of_a_form_and_the_same_form_again_is_the_same() {
    let town = Town::plain();
    let (mut phone, _) = phone(&town, Role::GridLeader);
    for _ in 0..2 {
        let taken = report(&mut phone, ID, "路灯不亮");
        assert_eq!((taken.status, kind(&taken)), (StatusCode::OK, "application/json"), "{}", taken.text);
        assert_eq!(json(&taken)["location"], format!("/cases/{ID}?new=1"));
    }
    let other = report(&mut phone, ID, "另外一件事");
    assert_eq!((other.status, kind(&other)), (StatusCode::CONFLICT, "application/problem+json"));
    assert!(
        json(&other)["detail"].as_str().is_some_and(|it| it.contains("another report")),
        "{}",
        other.text
    );
    let empty = report(&mut phone, "0199f000-0000-7000-8000-000000000002", " ");
    assert_eq!((empty.status, kind(&empty)), (StatusCode::UNPROCESSABLE_ENTITY, "application/problem+json"));
    assert_eq!(json(&empty)["errors"][0]["field"], "description");

    // A resident's report waits for somebody who looks.
    let other = "0199f000-0000-7000-8000-000000000003";
    let (mut resident, _) = self::phone(&town, Role::Resident);
    assert_eq!(report(&mut resident, other, "井盖没了").status, StatusCode::OK);
    let verify = format!("/cases/{other}/verify");
    let request = ("request", "0199f000-0000-7000-8000-0000000000aa");
    let missing = phone.post(&verify, &[request]);
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", missing.text);
    assert!(json(&missing)["errors"].as_array().is_some_and(|it| !it.is_empty()), "{}", missing.text);
    let note = [request, ("note", "看过了")];
    for _ in 0..2 {
        let noted = phone.post(&format!("/cases/{ID}/notes"), &note);
        assert_eq!(json(&noted)["location"], format!("/cases/{ID}?noted=1"));
    }
    assert_eq!(
        phone.post("/cases/0199f000-0000-7000-8000-0000000000ff/verify", &[request]).status,
        StatusCode::NOT_FOUND
    );
    phone.headers.clear();
    assert_eq!(phone.get(&format!("/cases/{ID}")).text.matches("看过了").count(), 1);
    assert_eq!(report(&mut phone, ID, "路灯不亮").status, StatusCode::SEE_OTHER, "a person is led on");
}

#[test]
fn what_was_kept_for_one_person_is_not_taken_under_anothers_session() {
    let town = Town::plain();
    let (mut first, _) = phone(&town, Role::GridLeader);
    let (mut second, account) = phone(&town, Role::GridSupervisor);
    let headers = first.headers.clone();
    first.headers[1].1 = account;
    let refused = report(&mut first, ID, "路灯不亮");
    assert_eq!((refused.status, kind(&refused)), (StatusCode::UNAUTHORIZED, "application/problem+json"));
    second.headers.clear();
    assert_eq!(second.get(&format!("/cases/{ID}")).status, StatusCode::NOT_FOUND, "nothing was made");

    // A page that sends its own form is told who is signed in, and not led round.
    let own = second.get("/outbox").text;
    let own = own.split("data-account=\"").nth(1).and_then(|it| it.split('"').next()).unwrap_or_default();
    second.headers = vec![("accept", "text/html".to_owned()), headers[1].clone()];
    let told = report(&mut second, ID, "路灯不亮");
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    assert!(!own.is_empty() && told.text.contains(&format!("data-account=\"{own}\"")), "{}", told.text);
    second.cookies.retain(|(name, _)| name != "olzii");
    let told = report(&mut second, ID, "路灯不亮");
    assert!(
        told.status == StatusCode::UNAUTHORIZED && told.text.contains("data-account=\"\""),
        "{}",
        told.text
    );

    first.headers = headers;
    first.cookies.retain(|(name, _)| name != "olzii");
    assert_eq!(report(&mut first, ID, "路灯不亮").status, StatusCode::UNAUTHORIZED, "nor without a session");
}

#[test]
fn the_site_can_be_put_on_a_home_screen_and_its_worker_is_always_asked_for_anew() {
    let town = Town::plain();
    for (language, name) in [("zh-Hans", "Olzii 网格服务"), ("en", "Olzii grid service")] {
        let manifest = town.browser(language).get("/manifest.webmanifest");
        assert_eq!(kind(&manifest), "application/manifest+json");
        let manifest = json(&manifest);
        assert_eq!((&manifest["name"], &manifest["lang"]), (&name.into(), &language.into()));
        for icon in manifest["icons"].as_array().into_iter().flatten() {
            let picture = town.browser(language).get(icon["src"].as_str().unwrap_or_default());
            assert_eq!((picture.status, kind(&picture)), (StatusCode::OK, "image/png"));
        }
    }
    let worker = town.browser("en").get("/service-worker.js");
    assert!(worker.text.starts_with("const ASSETS = \"/static/"), "{}", &worker.text[..60]);
    assert_eq!(worker.headers[header::CACHE_CONTROL], "no-cache");
    assert!(
        worker.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .is_ok_and(|it| it.contains("script-src 'self'"))
    );
}

#[test]
fn todays_list_tells_what_to_keep_and_signing_out_takes_photos_away() {
    let town = Town::plain();
    report(&mut phone(&town, Role::Resident).0, ID, "路灯不亮");
    let mut phone = town.signed_in(Role::GridLeader, "en");
    let today = phone.get("/today").text;
    assert!(today.contains(&format!("data-keep-pages=\"/report /report?within={GRID}\"")), "{today}");
    assert!(today.contains("data-revision=\"1\""), "{today}");
    let form = phone.get(&format!("/report?area={GRID}")).text;
    assert!(form.contains("data-outbox="), "{form}");
    assert!(!form.contains("data-keep-pages"), "no page but the list says which are kept: {form}");
    let stranger = town.browser("en").get(&format!("/report?area={GRID}")).text;
    assert!(!stranger.contains("data-outbox=\""), "what nobody signed in for is not kept");
    let out = phone.post("/sign-out", &[]);
    assert_eq!(out.headers["clear-site-data"], "\"cache\"");
}
