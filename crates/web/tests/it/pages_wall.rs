//! The wall's page: its numbers are doors, and its doors open.

use axum::http::StatusCode;
use kernel::Role;

use crate::pages_shell::town::{Browser, Town};

const GRID: &str = "150902001001";

/// What links of the page lead to, as a browser follows them.
fn addresses(page: &str, start: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1).filter_map(|it| it.split('"').next());
    links
        .filter(|it| it.starts_with(start))
        .map(|it| it.replace("&#38;", "&").replace("&amp;", "&"))
        .collect()
}

fn report(browser: &mut Browser<'_>, words: &str) {
    let form = [("area", GRID), ("class", "c1-street-lamp"), ("description", words)];
    assert_eq!(browser.post("/report", &form).status, StatusCode::SEE_OTHER);
}

#[test]
fn the_numbers_of_the_wall_open_and_lists_lead_back() {
    let town = Town::plain();
    report(&mut town.signed_in(Role::Resident, "en"), "路灯不亮");
    for (language, words) in [("zh-Hans", "指挥大屏"), ("en", "wall")] {
        let mut leader = town.signed_in(Role::Leader, language);
        let wall = leader.get("/command/wall");
        assert_eq!(wall.status, StatusCode::OK, "{}", wall.text);
        assert!(wall.text.contains(words) && wall.text.contains("data-refresh=\"5\""));
        assert_eq!(wall.text.matches("data-keys-switch").count(), 1, "its keys can be switched off");
        let doors = addresses(&wall.text, "/command/cases");
        assert!(doors.len() >= 7, "{doors:?}");
        assert!(wall.text.contains("路灯不亮"), "its clock runs");
        // A number ends at its own moment; the clock of this town stands still at it.
        let until = town.city.clock.now().plus_seconds(60).micros();
        let received = format!("/command/cases?area=150902&what=received&from=0&until={until}");
        assert!(leader.get(&received).text.contains("路灯不亮"));
        for door in doors.iter().chain(&addresses(&wall.text, "/cases?")) {
            let list = leader.get(door);
            assert_eq!(list.status, StatusCode::OK, "{door}: {}", list.text);
        }
        assert!(
            leader
                .get("/command/cases?area=150902&what=received&from=0&until=0")
                .text
                .contains("/command/wall?area=150902")
        );
    }
}

/// What the page calls the links that a script finds again by name: each name once.
fn focus_keys(page: &str) -> Vec<String> {
    let found = page.split("data-focus=\"").skip(1).filter_map(|it| it.split('"').next());
    let mut keys: Vec<String> = found.map(str::to_owned).collect();
    keys.sort();
    keys
}

#[test]
fn a_door_whose_address_moves_with_the_clock_has_a_name_that_stays() {
    let town = Town::plain();
    let mut leader = town.signed_in(Role::Leader, "en");
    let keys = focus_keys(&leader.get("/command/wall").text);
    assert_eq!(keys, ["before-1", "before-2", "before-3", "breaking", "today-1", "today-2", "today-3"]);
}

#[test]
fn the_wall_is_closed_to_others_and_a_wrong_address_leads_nowhere() {
    let town = Town::plain();
    let mut leader = town.signed_in(Role::Leader, "en");
    for (address, status) in [
        ("/command/wall?area=999999", StatusCode::NOT_FOUND),
        ("/command/wall?area=1509", StatusCode::FORBIDDEN),
        ("/command/cases?area=150902", StatusCode::NOT_FOUND),
        ("/command/cases?area=150902&what=handling&tier=moon", StatusCode::NOT_FOUND),
        ("/command/cases?area=150902&what=body&organization=1", StatusCode::NOT_FOUND),
        ("/command/cases?area=150902&what=closed&from=x&until=1", StatusCode::UNPROCESSABLE_ENTITY),
        ("/command/cases?area=1509&what=closed&from=0&until=1", StatusCode::FORBIDDEN),
    ] {
        let answer = leader.get(address);
        assert_eq!(answer.status, status, "{address}: {}", answer.text);
    }
    assert_eq!(town.signed_in(Role::Resident, "en").get("/command/wall").status, StatusCode::FORBIDDEN);
    assert_eq!(town.browser("en").get("/command/wall").location(), "/sign-in?next=/command/wall");
    let auditor = town.signed_in(Role::Auditor, "en").get("/command/wall");
    assert_eq!(auditor.status, StatusCode::OK, "{}", auditor.text);
    assert_eq!(addresses(&auditor.text, "/command/cases"), [""; 0], "who may only count is offered no list");
}
