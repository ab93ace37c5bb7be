//! The pages at and about a gate: what they may do, whose they are, and the way from an office to a guard's phone.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::{Ctx, pass};
use kernel::Role;
use serde_json::Value;
use web::{Settings, checkpoint::BundleSource};

use crate::{pages_pass::ORDER, pages_shell::town::Town};

fn town() -> Town {
    town_until("2026-12-01")
}

/// With an order that is in force until that day.
fn town_until(end: &str) -> Town {
    let source: BundleSource =
        Arc::new(|city| pass::bundle(&Ctx::anonymous(city.clone())).map(|(bytes, _)| Some(bytes)));
    let town = Town::new(Settings { pass_bundle: Some(source), ..Settings::default() });
    let order = ORDER.map(|(field, value)| (field, if field == "end" { end } else { value }));
    let proposed = town.signed_in(Role::Leader, "en").post("/passes/propose", &order);
    assert_eq!(proposed.location(), "/passes/1", "{}", proposed.text);
    let mut commander = town.signed_in(Role::Commander, "en");
    assert_eq!(commander.post("/passes/1/decide", &[("decision", "approve")]).location(), "/passes/1");
    pass::publish(&town.city).unwrap();
    town
}

const ID: &str = "0199f000-0000-7000-8000-0000000000c1";

fn form<'a>(name: &'a str, kind: &'a str, last_day: &'a str) -> [(&'a str, &'a str); 5] {
    [("id", ID), ("name", name), ("kind", kind), ("area", "150902001"), ("last_day", last_day)]
}

#[test]
fn an_office_opens_a_gate_and_hands_out_links_that_only_it_can_show() {
    let town = town();
    let mut leader = town.signed_in(Role::Leader, "en");
    let list = leader.get("/checkpoints").text;
    assert!(list.contains("防汛通行 · 小区") && list.contains("No checkpoints yet"), "{list}");
    for (wrong, id) in [
        (form("", "1:0", "2026-11-30"), "#name"),
        (form("北门", "1:9", "2026-11-30"), "#kind"),
        (form("北门", "77:0", "2026-11-30"), "#kind"),
        (form("北门", "1:0", "2027-09-30"), "#ends_at"),
        (form("北门", "1:0", "2026-11-18"), "#ends_at"),
        (form("北门", "1:0", "soon"), "#ends_at"),
    ] {
        let answer = leader.post("/checkpoints", &wrong);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        assert!(answer.text.contains(id), "{id}: {}", answer.text);
    }
    let made = leader.post("/checkpoints", &form("北门", "1:0", "2026-11-30"));
    let address = format!("/checkpoints/{ID}");
    assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, address.as_str()), "{}", made.text);
    let added = leader.post(&format!("{address}/devices"), &[]);
    let device = format!("{address}/devices/1");
    assert_eq!(added.location(), device, "{}", added.text);
    let page = leader.get(&device).text;
    assert!(page.contains("http://town.example/checkpoint/#") && page.contains("<svg"), "{page}");
    assert!(!page.contains("style="), "no style that the policy forbids");
    let one = leader.get(&address).text;
    assert!(
        one.contains("Device 1")
            && one.contains("防汛通行 · 小区")
            && one.contains("not heard of yet")
            && one.contains("Take the link of device 1 away")
            && one.contains("open until"),
        "{one}"
    );

    let mut auditor = town.signed_in(Role::Auditor, "en");
    assert!(auditor.get(&address).text.contains("Device 1"));
    assert_eq!(auditor.get(&device).status, StatusCode::NOT_FOUND, "an auditor counts nothing");
    assert_eq!(auditor.post(&format!("{address}/close"), &[]).status, StatusCode::FORBIDDEN);
    let mut handler = town.signed_in(Role::Handler, "en");
    assert_eq!(handler.get("/checkpoints").status, StatusCode::FORBIDDEN);
    assert_eq!(handler.get(&address).status, StatusCode::NOT_FOUND);
    assert_eq!(town.browser("en").get(&address).status, StatusCode::SEE_OTHER, "to sign in");

    assert_eq!(leader.post(&format!("{device}/end"), &[]).location(), address);
    assert_eq!(leader.get(&device).status, StatusCode::NOT_FOUND);
    assert_eq!(leader.post(&format!("{address}/close"), &[]).location(), address);
    assert!(leader.get(&address).text.contains("ended"));
    assert_eq!(leader.post(&format!("{address}/devices"), &[]).status, StatusCode::CONFLICT);
}

#[test]
fn the_first_and_the_last_day_that_can_be_chosen_are_taken() {
    for end in ["2026-12-01", "2027-02-17"] {
        let town = town_until(end);
        let mut leader = town.signed_in(Role::Leader, "en");
        let page = leader.get("/checkpoints").text;
        let days = ["min=\"", "max=\""].map(|it| page.split(it).nth(1).unwrap().split('"').next().unwrap());
        for (number, day) in days.into_iter().enumerate() {
            let id = format!("0199f000-0000-7000-8000-0000000000d{number}");
            let mut form = form("北门", "1:0", day);
            form[0] = ("id", &id);
            let made = leader.post("/checkpoints", &form);
            assert_eq!(made.status, StatusCode::SEE_OTHER, "{day}: {}", made.text);
        }
    }
}

#[test]
fn without_an_order_in_force_no_gate_is_opened() {
    let town = Town::plain();
    let mut leader = town.signed_in(Role::Leader, "en");
    let page = leader.get("/checkpoints").text;
    assert!(page.contains("No order is in force now") && !page.contains("name=\"kind\""), "{page}");
    let answer = leader.post("/checkpoints", &form("北门", "1:0", "2026-11-30"));
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn the_app_of_a_gate_says_nothing_of_who_asks_and_may_use_the_camera() {
    let town = town();
    let stranger = town.browser("en").get("/checkpoint/");
    let leader = town.signed_in(Role::Leader, "en").get("/checkpoint/");
    assert_eq!(town.browser("en").get("/checkpoint").location(), "/checkpoint/", "as links were printed");
    assert_eq!(stranger.text, leader.text, "it is kept on phones, and is nobody's");
    let header = |name: &str| stranger.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    assert!(header("permissions-policy").contains("camera=(self)"));
    assert!(header("content-security-policy").contains("script-src 'self'"));
    let other = town.browser("en").get("/areas");
    let policy = other.headers.get("permissions-policy").unwrap().to_str().unwrap();
    assert!(policy.contains("camera=()"), "no other page looks through a camera");
    for language in ["zh-Hans", "en"] {
        let page = town.browser(language).get("/checkpoint/").text;
        let words =
            page.split("id=\"gate-words\">").nth(1).and_then(|it| it.split("</script>").next()).unwrap();
        let words: Value = serde_json::from_str(words).unwrap();
        let [zh, en] = ["zh-Hans", "en"].map(|it| words[it].as_object().unwrap());
        assert!(zh.keys().eq(en.keys()) && zh.len() > 60);
        for (key, word) in zh.iter().chain(en) {
            let word = word.as_str().unwrap();
            assert!(
                !word.is_empty() && !word.starts_with("gate-") && !word.starts_with("pass-"),
                "{key}: {word}"
            );
        }
    }
    let manifest: Value =
        serde_json::from_str(&town.browser("zh-Hans").get("/checkpoint.webmanifest").text).unwrap();
    let app = Value::from("/checkpoint/");
    assert_eq!((&manifest["scope"], &manifest["start_url"]), (&app, &app), "and not what begins alike");
}

#[test]
fn open_verification_may_speak_to_three_public_files_and_to_nothing_else() {
    let town = town();
    let page = town.browser("en").get("/pass/verify");
    let policy = page.headers.get("content-security-policy").unwrap().to_str().unwrap();
    let connect = policy.split(';').find(|it| it.trim().starts_with("connect-src")).unwrap().trim();
    assert_eq!(
        connect,
        "connect-src http://town.example/pass/bundle http://town.example/pass/bundle.tlog-proof \
         http://town.example/log/policy"
    );
    assert!(policy.contains("default-src 'none'"));
    assert!(page.text.contains("pass.js") && !page.text.contains("/app.js"), "no other script");
    assert!(!page.text.contains("<form method=\"post\" action=\"/pass"), "nothing is sent");
}
