//! Supervision by forms alone, and reporting again what may no longer be opened again.

use axum::http::StatusCode;
use kernel::Role;

use crate::pages_case::{GRID, LANGUAGES, check_page, get, hidden, reported};
use crate::pages_shell::town::{Browser, Town};

/// The case that the list shows first.
fn first_case(browser: &mut Browser<'_>, list: &str) -> String {
    let page = browser.get(list).text;
    let id = page.split("href=\"/cases/").nth(1).and_then(|it| it.split(['"', '#']).next());
    format!("/cases/{}", id.unwrap_or_else(|| panic!("no case in {list}: {page}")))
}

/// The numbers on the chips of the list.
fn counts(page: &str) -> Vec<&str> {
    let chips = page.split("chip__count\">").skip(1);
    chips.filter_map(|it| it.split('<').next()).collect()
}

#[test]
fn a_leader_orders_a_body_replies_and_the_leader_decides() {
    let town = Town::plain();
    reported(&town);
    let mut leader = town.signed_in(Role::Leader, "en");
    let case = first_case(&mut leader, "/supervise?show=open");
    let action = format!("{case}/supervisions");
    let page = get(&mut leader, &case, "en").text;
    let id = hidden(&page, &action, "id");
    let empty = leader.post(&action, &[("id", &id), ("kind", "leader"), ("level", "key")]);
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "an order says what it requires");
    check_page(&empty, "en", "an order without a requirement");
    assert!(
        empty.text.contains("href=\"#supervision-requirement\"")
            && empty.text.contains("value=\"key\" selected")
    );
    let wrong = leader.post(&action, &[("id", &id), ("kind", "whim"), ("level", "general")]);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let order =
        [("id", id.as_str()), ("kind", "leader"), ("level", "key"), ("requirement", "Look at it today")];
    for _ in 0..2 {
        assert_eq!(leader.post(&action, &order).location(), format!("{case}?supervised=1#supervision"));
    }
    let page = get(&mut leader, &case, "en").text;
    assert!(page.contains("Look at it today") && page.contains("Key matter"));
    assert!(!page.contains(&format!("action=\"{action}\"")), "one order at a time");
    let list = get(&mut leader, "/supervisions", "en").text;
    assert_eq!(counts(&list), ["1", "0", "0", "0"]);
    assert!(list.contains(&format!("href=\"{case}#supervision\"")));

    let reply = format!("/supervisions/{id}/reply");
    let mut worker = town.signed_in(Role::GridLeader, "en");
    assert!(get(&mut worker, "/notices", "en").text.contains("under supervision"));
    for language in LANGUAGES {
        worker.post("/language", &[("language", language)]);
        let page = get(&mut worker, "/supervisions?lens=reply", language).text;
        assert!(page.contains(&format!("href=\"{case}#supervision\"")), "{page}");
        get(&mut worker, &case, language);
    }
    let page = get(&mut worker, &case, "en").text;
    let request = hidden(&page, &reply, "request");
    assert!(!page.contains(&format!("/supervisions/{id}/accept")), "who replies does not decide");
    let silent = worker.post(&reply, &[("request", &request), ("note", " ")]);
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    check_page(&silent, "en", "a reply without words");
    assert!(silent.text.contains(&format!("href=\"#reply-{id}-note\"")));
    let answer = [("request", request.as_str()), ("note", "Going there at noon")];
    assert_eq!(worker.post(&reply, &answer).location(), format!("{case}?supervised=1#supervision"));
    assert_eq!(
        worker.post(&format!("/supervisions/{id}/accept"), &[("request", &request)]).status,
        StatusCode::SEE_OTHER,
        "the same request again is the same step"
    );
    assert_eq!(
        worker.post(&format!("/supervisions/{id}/accept"), &[("request", "")]).status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        worker.post(&format!("/supervisions/{id}/nothing"), &[("request", "")]).status,
        StatusCode::NOT_FOUND
    );

    let page = get(&mut leader, &case, "en").text;
    assert!(page.contains("Going there at noon"));
    let request = hidden(&page, &format!("/supervisions/{id}/accept"), "request");
    let done = leader.post(&format!("/supervisions/{id}/accept"), &[("request", &request)]);
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(counts(&get(&mut leader, "/supervisions?show=ended", "en").text), ["0", "0", "0", "1"]);
    let page = get(&mut leader, &case, "en").text;
    assert!(page.contains("The reply was accepted") && page.contains(&format!("action=\"{action}\"")));
}

#[test]
fn a_case_that_may_no_longer_be_opened_again_is_reported_again_by_its_number() {
    let town = Town::plain();
    let mut browser = town.browser("zh-Hans");
    let path = format!("/report?area={GRID}&class=c1-street-lamp&again=20261120-ABCDEFGH");
    let page = get(&mut browser, &path, "zh-Hans").text;
    assert!(page.contains("原编号 20261120-ABCDEFGH"), "{page}");
    assert!(page.contains("value=\"c1-street-lamp\" selected"));
    let foreign = browser.get(&format!("/report?area={GRID}&again=%3Cscript%3E"));
    check_page(&foreign, "zh-Hans", "what is no number");
    assert!(!foreign.text.contains("原编号"));
}
