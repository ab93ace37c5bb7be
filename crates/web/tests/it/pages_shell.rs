//! Pages that everybody has: signing in and out, one's own account, the tree, figures, notices.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use domain::{Ctx, account, notice};
use kernel::{Id, Role};
use web::{Gateways, Settings};

use town::{AREAS, Answer, PASSWORD, Town};

pub mod town;

const LANGUAGES: [&str; 2] = ["zh-Hans", "en"];
/// Roles that see the figures of their area.
const COUNTING: [Role; 9] = [
    Role::GridLeader,
    Role::GridAssistant,
    Role::GridSupervisor,
    Role::GridHygienist,
    Role::Acceptor,
    Role::Dispatcher,
    Role::Leader,
    Role::Commander,
    Role::Auditor,
];

/// Words on a page that look like the name of a message: what is shown when the message is missing.
fn unsaid(page: &str) -> BTreeSet<String> {
    let page = page.split("<script type=\"application/json\"").next().unwrap_or_default();
    let mut seen = String::new();
    for (index, piece) in page.split('<').enumerate() {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        for attribute in ["aria-label=\"", "placeholder=\"", "alt=\""] {
            seen.extend(
                tag.split(attribute).skip(1).filter_map(|it| it.split('"').next()).flat_map(|it| [it, " "]),
            );
        }
        seen.push_str(if index == 0 { "" } else { text });
        seen.push(' ');
    }
    let words = seen.split(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.')));
    let is_name = |word: &&str| {
        word.contains('-')
            && word.bytes().all(|it| !it.is_ascii_uppercase())
            && word.split('-').all(|it| it.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    words.filter(is_name).map(str::to_owned).collect()
}

fn check_page(answer: &Answer, language: &str, what: &str) {
    assert!(
        answer.text.contains(&format!("<html lang=\"{language}\">")),
        "{what} is not in {language}: {}",
        answer.text
    );
    assert!(answer.text.contains("<h1"), "{what} has no heading");
    assert!(!answer.text.contains("\"script-"), "{what} misses a text of the scripts");
    // English words have hyphens too; both languages have the same messages, so Chinese pages tell.
    if language == "zh-Hans" {
        assert_eq!(unsaid(&answer.text), BTreeSet::new(), "{what}");
    }
}

#[test]
fn every_page_opens_for_those_it_is_for_in_both_languages() {
    let town = Town::plain();
    for role in Role::ALL {
        let mut browser = match role {
            Role::Anonymous => town.browser("en"),
            role => town.signed_in(role, "en"),
        };
        for language in LANGUAGES {
            assert_eq!(
                browser.post("/language", &[("language", language), ("return_to", "/areas")]).location(),
                "/areas"
            );
            let open = [
                "/areas",
                "/areas/1509",
                "/areas/150902001001",
                "/areas?q=150902",
                "/areas?q=nowhere",
                "/outbox",
                "/log",
                "/areas?tier=township&within=1509",
                "/areas/1509?as_of=2026-11-20",
            ];
            for path in open {
                let answer = browser.get(path);
                assert_eq!(answer.status, StatusCode::OK, "{role:?} {path}: {}", answer.text);
                check_page(&answer, language, path);
            }
            for path in ["/me", "/notices", "/command"] {
                let answer = browser.get(path);
                let expected = match role {
                    Role::Anonymous => StatusCode::SEE_OTHER,
                    role if path == "/command" && !COUNTING.contains(&role) => StatusCode::FORBIDDEN,
                    _ => StatusCode::OK,
                };
                assert_eq!(answer.status, expected, "{role:?} {path}: {}", answer.text);
                match expected {
                    StatusCode::SEE_OTHER => assert_eq!(answer.location(), format!("/sign-in?next={path}")),
                    _ => check_page(&answer, language, path),
                }
            }
            let missing = browser.get("/areas/999999");
            assert_eq!(missing.status, StatusCode::NOT_FOUND);
            check_page(&missing, language, "a missing area");
        }
    }
}

#[test]
fn a_person_signs_in_sees_their_devices_and_ends_one_that_is_lost() {
    let town = Town::plain();
    let mut desk = town.browser("en");
    let sent_away = desk.get("/notices?cursor=");
    assert_eq!(sent_away.location(), "/sign-in?next=/notices%3Fcursor%3D");

    let wrong = desk.sign_in("dispatcher", "not the password", "/notices");
    let nobody = desk.sign_in("desperado.", "not the password", "/notices");
    assert_eq!(
        (wrong.status, nobody.status),
        (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY)
    );
    assert!(wrong.text.contains("value=\"dispatcher\"") && !wrong.text.contains("not the password"));
    assert_eq!(wrong.text.replace("dispatcher", "desperado."), nobody.text, "they look alike");

    assert_eq!(desk.sign_in("dispatcher", PASSWORD, "/notices").location(), "/notices");
    let mut phone = town.browser("en");
    phone.device = "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile";
    assert_eq!(phone.sign_in("dispatcher", PASSWORD, "").location(), "/board", "to the first thing to do");

    let me = desk.get("/me").text;
    assert!(
        me.contains("Firefox · Linux") && me.contains("Chrome · Android") && me.contains("dispatcher的单位"),
        "{me}"
    );
    let lost = me
        .split("/me/sessions/")
        .filter_map(|it| it.split_once("/revoke\""))
        .map(|it| it.0)
        .next()
        .expect("another device");
    assert_eq!(desk.post(&format!("/me/sessions/{lost}/revoke"), &[]).location(), "/me");
    assert_eq!(phone.get("/me").location(), "/sign-in?next=/me");
    assert_eq!(desk.post(&format!("/me/sessions/{lost}/revoke"), &[]).status, StatusCode::NOT_FOUND);
    assert_eq!(desk.post("/me/sessions/none/revoke", &[]).status, StatusCode::NOT_FOUND);

    let token = desk.cookies.clone();
    let out = desk.post("/sign-out", &[]);
    assert!(out.cookie("olzii").contains("Max-Age=0"), "{}", out.cookie("olzii"));
    desk.cookies = token;
    assert_eq!(desk.get("/me").status, StatusCode::SEE_OTHER, "the old cookie opens nothing");
}

#[test]
fn a_new_password_signs_out_the_other_devices_and_a_bad_one_changes_nothing() {
    let town = Town::plain();
    let (mut desk, mut phone) = (town.signed_in(Role::Leader, "en"), town.signed_in(Role::Leader, "en"));
    for (old, new, field) in
        [(PASSWORD, "short", "new_password-error"), ("wrong", "a long new password", "old_password-error")]
    {
        let answer = desk.post("/me/password", &[("old_password", old), ("new_password", new)]);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains(&format!("id=\"{field}\"")) && answer.text.contains("error-summary"));
        assert!(!answer.text.contains("a long new password"));
    }
    assert_eq!(phone.get("/me").status, StatusCode::OK);
    let done =
        desk.post("/me/password", &[("old_password", PASSWORD), ("new_password", "a long new password")]);
    assert!(desk.get(done.location()).text.contains("banner--good"));
    assert_eq!(phone.get("/me").status, StatusCode::SEE_OTHER);
    assert_eq!(phone.sign_in("leader", "a long new password", "").status, StatusCode::SEE_OTHER);
}

#[test]
fn nobody_is_led_to_another_site() {
    let town = Town::plain();
    let mut browser = town.signed_in(Role::Resident, "en");
    for elsewhere in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "evil.example",
        "/a\r\nx: y",
    ] {
        let signed_in = browser.post("/language", &[("language", "en"), ("return_to", elsewhere)]);
        assert_eq!((signed_in.status, signed_in.location()), (StatusCode::SEE_OTHER, "/"), "{elsewhere:?}");
    }
    // Five tries of one name are let through at once.
    for elsewhere in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        assert_eq!(browser.sign_in("resident", PASSWORD, elsewhere).location(), "/");
    }
}

#[test]
fn whoever_sends_a_form_without_a_session_comes_back_to_the_page_that_has_it() {
    let town = Town::plain();
    let id = "019f0000-0000-7000-8000-000000000001";
    let case = format!("/cases/{id}/evaluation");
    let has = |page: &str, address: &str| (address.to_owned(), page.to_owned());
    let sent = [
        has("/notices", "/notices/read"),
        has("/me", "/me/password"),
        has("/me", "/me/sessions/revoke-others"),
        has("/supervisions", "/supervisions/1/reply"),
        has(&case, &case),
        has(&case, &format!("{case}/{id}/revocation")),
    ];
    let form = [("until", "x"), ("request", id), ("note", "x")];
    for (address, page) in &sent {
        let mut browser = town.browser("en");
        let answer = browser.post(address, &form);
        if answer.status == StatusCode::SEE_OTHER {
            assert_eq!(answer.location(), format!("/sign-in?next={page}"), "{address}");
        }
        assert_ne!(browser.get(page).status, StatusCode::METHOD_NOT_ALLOWED, "{page}");
        browser.headers.push(("referer", "http://town.example/supervisions?show=late".to_owned()));
        let answer = browser.post(address, &form);
        if answer.status == StatusCode::SEE_OTHER {
            assert_eq!(answer.location(), "/sign-in?next=/supervisions%3Fshow%3Dlate", "{address}");
        }
        let again = format!("name=\"return_to\" value=\"{page}\"");
        browser.headers.clear();
        let answer = browser.post(address, &form);
        assert!(
            answer.status == StatusCode::SEE_OTHER || answer.text.contains(&again),
            "{address}: {}",
            answer.text
        );
    }
    assert_eq!(town.browser("en").post("/me/password", &form).location(), "/sign-in?next=/me");
}

#[test]
fn cookies_are_kept_from_scripts_and_other_sites() {
    for (secure, name) in [(false, "olzii"), (true, "__Host-olzii")] {
        let town = Town::new(Settings { secure, ..Settings::default() });
        let mut browser = town.browser("en");
        let session = browser.sign_in("acceptor", PASSWORD, "").cookie(name);
        let language = browser
            .post("/language", &[("language", "zh-Hans"), ("return_to", "/")])
            .cookie("olzii_language");
        for (cookie, age) in [(&session, kernel::limits::SESSION_LIFE_SECONDS), (&language, 365 * 86_400)] {
            let parts: BTreeSet<&str> = cookie.split("; ").skip(1).collect();
            let age = format!("Max-Age={age}");
            let mut expected = BTreeSet::from(["Path=/", "HttpOnly", "SameSite=Lax", age.as_str()]);
            expected.extend(secure.then_some("Secure"));
            assert_eq!(parts, expected, "{cookie}");
        }
    }
}

#[test]
fn a_form_of_another_site_ends_no_session() {
    let town = Town::plain();
    let mut browser = town.signed_in(Role::Auditor, "en");
    for path in ["/sign-out", "/me/sessions/revoke-others", "/notices/read"] {
        assert_eq!(
            browser.send(Method::POST, path, "cross-site", "").status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    assert_eq!(browser.get("/me").status, StatusCode::OK);
}

#[test]
fn guessing_is_slowed_and_told_how_long_to_wait() {
    let town = Town::plain();
    let mut browser = town.browser("zh-Hans");
    let answers: Vec<Answer> = (0..8).map(|_| browser.sign_in("commander", "a guess", "")).collect();
    let last = answers.last().expect("eight");
    assert_eq!(
        (answers[0].status, last.status),
        (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::TOO_MANY_REQUESTS)
    );
    assert!(last.headers.contains_key("retry-after") && last.text.contains("value=\"commander\""));
    check_page(last, "zh-Hans", "too many tries");
}

#[test]
fn behind_a_gateway_one_who_guesses_slows_nobody_but_themselves() {
    let gateway = std::net::IpAddr::from([10, 0, 0, 1]);
    let gateways = Gateways { addresses: vec![gateway], ..Gateways::default() };
    let town = Town::new(Settings { gateways, ..Settings::default() });
    let try_from = |peer: std::net::IpAddr, forwarded: &str| {
        let mut browser = town.browser("en");
        browser.peer = Some(peer);
        browser.headers.push(("x-forwarded-for", forwarded.to_owned()));
        browser.sign_in("commander", "a guess", "").status
    };
    let slowed = |peer, forwarded: fn(u8) -> String| {
        (0..8).any(|it| try_from(peer, &forwarded(it)) == StatusCode::TOO_MANY_REQUESTS)
    };
    assert!(slowed(gateway, |_| "203.0.113.7".into()));
    assert_eq!(try_from(gateway, "198.51.100.7"), StatusCode::UNPROCESSABLE_ENTITY, "somebody elsewhere");
    assert!(slowed(gateway, |it| format!("192.0.2.{it}, 203.0.113.8")), "a sender who makes addresses up");
    let direct = std::net::IpAddr::from([192, 0, 2, 200]);
    assert!(slowed(direct, |it| format!("198.51.100.{it}")), "whoever is no gateway is not believed");
}

#[test]
fn a_demo_city_shows_its_logins_and_another_city_shows_none() {
    let logins = vec![
        ("leader".to_owned(), "leader".to_owned()),
        ("grid_leader".to_owned(), "grid_leader".to_owned()),
    ];
    let demo_logins = Some((logins, PASSWORD.to_owned()));
    let demo = Town::new(Settings { demo_logins, ..Settings::default() });
    let page = demo.browser("zh-Hans").get("/sign-in").text;
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is not in {page}"));
    assert!(at("演示账号") < at("网格长") && at("网格长") < at("督办领导"));
    let plain = Town::plain();
    assert!(!plain.browser("zh-Hans").get("/sign-in").text.contains("演示账号"));
}

#[test]
fn notices_wait_until_they_are_read() {
    let town = Town::plain();
    let mut browser = town.signed_in(Role::Handler, "en");
    let ctx = Ctx::system(town.city.clone());
    let token =
        browser.cookies.iter().find(|(name, _)| name == "olzii").map(|it| it.1.clone()).expect("signed in");
    let me = account::resolve(&town.city, &token).unwrap().signed_in.expect("signed in");
    let tell = |number: &str| {
        let told = ctx.write(|tx| {
            let (recipient, kind) = (notice::Recipient::Person(me.person), notice::NoticeKind::CaseWaiting);
            notice::enqueue(tx, &ctx, me.county, recipient, kind, Id::from_uuid(me.person.uuid()), number)
        });
        told.expect("told");
    };
    tell("20261120-ABC");
    let page = browser.get("/notices").text;
    assert!(
        page.contains("row--unread")
            && page.contains("20261120-ABC waits for you")
            && page.contains("Notices, 1 unread"),
        "{page}"
    );
    let until = page.split("name=\"until\" value=\"").nth(1).and_then(|it| it.split('"').next());
    let until = until.unwrap_or_else(|| panic!("the form does not say what was shown: {page}")).to_owned();
    tell("20261120-DEF");
    assert_eq!(browser.post("/notices/read", &[("until", &until)]).location(), "/notices");
    let page = browser.get("/notices").text;
    assert!(page.contains("Notices, 1 unread") && page.matches("row--unread").count() == 1, "{page}");
    assert!(page.find("20261120-DEF") < page.find("20261120-ABC"));

    for form in [&[][..], &[("until", "x")], &[("until", &until[1..])]] {
        let refused = browser.post("/notices/read", form);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        check_page(&refused, "en", "a form that does not say what was shown");
    }
    assert!(browser.get("/notices").text.contains("Notices, 1 unread"));
}

#[test]
fn an_area_that_ended_says_so_and_its_past_can_be_seen() {
    let town = Town::plain();
    let mut browser = town.browser("en");
    town::import(&town.city, &AREAS.replace("150902001002,二社区,150902001\n", ""), 3_600, true);
    let ended = browser.get("/areas/150902001002");
    assert_eq!(ended.status, StatusCode::OK);
    assert!(
        ended.text.contains("This division ended on 20 Nov") && ended.text.contains("二社区"),
        "{}",
        ended.text
    );
    assert!(!browser.get("/areas/150902001").text.contains("二社区"));
    assert!(browser.get("/areas/150902001?as_of=2026-11-20").text.contains("二社区"));
    let bad = browser.get("/areas/150902001?as_of=yesterday");
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.text.contains("value=\"yesterday\"") && bad.text.contains("as_of-error"));
    assert_eq!(browser.get("/areas/150902001?as_of=2001-01-01").status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/areas?tier=moon").status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.get("/areas?cursor=%00").status, StatusCode::UNPROCESSABLE_ENTITY);
}
